// Issuing and keeping documents. Reading and composing come first, the number last: its lock is held for two statements and the commit.
#include "stoa/orders/documents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>

#include "documents/compose.hpp"
#include "documents/pdf.hpp"
#include "documents/rules.hpp"
#include "documents/words.hpp"
#include "documents/xml.hpp"
#include "sql/documents.hpp"
#include "sql/orders.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/log/log.hpp"
#include "stoa/metrics/metrics.hpp"
#include "stoa/orders/orders.hpp"
#include "stoa/storage/storage.hpp"

namespace stoa::orders {
namespace {

constexpr std::string_view kEntity = "main";
constexpr std::string_view kVoucher = "voucher";  // the tax treatment of gift cards

LegalEntity entity_from(const db::Row& row) {
    LegalEntity entity;
    entity.code = row.get<std::string>("code");
    auto& party = entity.party;
    party.name = row.get<std::string>("name");
    party.contact_name = row.get<std::string>("contact_name");
    party.email = row.get<std::string>("email");
    party.phone = row.get<std::string>("phone");
    party.place = {row.get<std::string>("line1"), row.get<std::string>("line2"), row.get<std::string>("postal_code"),
                   row.get<std::string>("city"),  row.get<std::string>("state"), row.get<std::string>("country")};
    party.vat_id = row.get<std::string>("vat_id");
    party.tax_number = row.get<std::string>("tax_number");
    party.registration = row.get<std::string>("registration");
    entity.iban = row.get<std::string>("iban");
    entity.bic = row.get<std::string>("bic");
    entity.account_name = row.get<std::string>("account_name");
    entity.payment_days = row.get<std::int64_t>("payment_days");
    entity.vat_currency = row.get<std::string>("vat_currency");
    return entity;
}

DocumentInfo info_from(const db::Row& row) {
    DocumentInfo info;
    info.id = row.get<DocumentId>("id");
    info.order = row.get<OrderId>("order_id");
    info.kind = json::from_name<DocumentKind>(row.get<std::string>("kind")).value();
    info.number = row.get<std::string>("number");
    info.issued_at = row.get<Timestamp>("issued_at");
    info.total = row.money("total");
    for (const auto& format : row.get<std::vector<std::string>>("formats"))
        info.formats.push_back(json::from_name<DocumentFormat>(format).value());
    return info;
}

customers::AddressDto address_from(const std::string& text) {
    auto value = json::parse_as<customers::AddressDto>(text);
    if (!value) throw std::logic_error("orders: a stored address no longer reads: " + value.error().message);
    return std::move(*value);
}

Sold sold_from(const db::Row& head, const db::Rows& lines, const db::Rows& discounts, const db::Rows& taxes) {
    Sold sold;
    sold.number = head.get<std::string>("number");
    sold.locale = head.get<std::string>("locale");
    sold.email = head.get<std::string>("email");
    sold.phone = head.get<std::string>("phone");
    sold.vat_id = head.get<std::string>("vat_id");
    sold.currency = Currency::of(head.get<std::string>("currency"));
    sold.tax_included = head.get<bool>("tax_included");
    sold.payment_state = json::from_name<PaymentState>(head.get<std::string>("payment_state")).value();
    sold.payment_method = head.get<std::string>("payment_method");
    sold.payment_label = head.get<std::string>("payment_label");
    if (sold.payment_label.empty()) sold.payment_label = payment_method_label(sold.payment_method, sold.locale);
    sold.delivery_name = head.get<std::optional<std::string>>("delivery_name").value_or("");
    if (const auto day = head.get<std::optional<std::string>>("arrives")) sold.arrives = parse_iso_date(*day);
    sold.placed_at = head.get<Timestamp>("placed_at");
    sold.total = head.money("total");
    sold.shipping_address = address_from(head.get<std::string>("shipping_address"));
    sold.billing_address = address_from(head.get<std::string>("billing_address"));
    const auto money = [&](const db::Row& row, std::string_view column) { return Money(row.get<std::int64_t>(column), sold.currency); };
    // Gift cards are no supply: the invoice is about the rest; what is bought with them is taxed then.
    for (const auto row : lines) {
        if (row.get<std::string_view>("tax_treatment") == kVoucher) {
            sold.total -= money(row, "total");
            continue;
        }
        Sold::Line line;
        line.id = row.get<OrderLineId>("id");
        line.name = row.get<std::string>("name");
        line.options_text = row.get<std::string>("options_text");
        line.sku = row.get<std::string>("sku");
        line.quantity = row.get<std::int64_t>("quantity");
        line.unit = money(row, "unit_price");
        line.discount = money(row, "discount");
        line.total = money(row, "total");
        line.net = money(row, "net");
        line.tax = money(row, "tax");
        line.basis_points = row.get<std::int64_t>("tax_basis_points");
        line.treatment = row.get<std::string>("tax_treatment");
        sold.lines.push_back(std::move(line));
    }
    for (const auto row : discounts) sold.promotions.push_back({row.get<std::string>("label"), money(row, "amount")});
    for (const auto row : taxes) {
        if (row.get<std::string_view>("treatment") == kVoucher) continue;
        sold.taxes.push_back({row.get<std::int64_t>("basis_points"), row.get<std::string>("treatment"), row.get<std::string>("reason"),
                              money(row, "net"), money(row, "tax")});
    }
    return sold;
}

std::string_view content_type_of(DocumentFormat format) { return format == DocumentFormat::pdf ? "application/pdf" : "application/xml"; }

std::string file_name(std::string_view number, DocumentFormat format) {
    switch (format) {
        case DocumentFormat::pdf:
            return fmt::format("{}.pdf", number);
        case DocumentFormat::ubl:
            return fmt::format("{}.xml", number);
        case DocumentFormat::cii:
            return fmt::format("{}-cii.xml", number);
    }
    return {};
}

class PgDocuments final : public Documents {
public:
    PgDocuments(db::Database& database, const Clock& clock, storage::ObjectStore& store)
        : database_(database), clock_(clock), store_(store) {}

    Result<DocumentInfo> issue_invoice(db::Tx& tx, OrderId order) override { return issue(tx, order, false); }

    Result<DocumentInfo> credit(db::Tx& tx, const CreditRequest& request) override {
        if (auto known = by_reference(tx, request.reference)) return *known;
        auto invoice = invoiced(tx, request.order);
        if (!invoice) return std::unexpected(invoice.error());
        std::vector<CreditPart> lines, charges;
        for (const auto& line : request.lines) lines.push_back({invoice->place_of(line.line), line.quantity, line.amount});
        if (request.shipping && !request.shipping->is_zero()) {
            // In proportion to what is left of each rate's part; what exceeds all of it is left to the first, which refuses it.
            std::vector<std::int64_t> left;
            std::int64_t sum = 0;
            for (std::size_t i = 0; i < invoice->document.charges.size(); ++i) {
                left.push_back(invoice->left_of_charge(i).minor());
                sum += left.back();
            }
            if (request.shipping->minor() > sum || request.shipping->is_negative())
                return fail(ErrorKind::invalid, "orders.credit_exceeds_invoice",
                            fmt::format("More would be credited than invoice {} has for delivery.", invoice->document.number));
            const auto parts = request.shipping->split(left);
            for (std::size_t i = 0; i < parts.size(); ++i) {
                if (!parts[i].is_zero()) charges.push_back({i, 1, parts[i]});
            }
        }
        return credit_parts(tx, request.order, *invoice, lines, charges, request.reference, request.reason);
    }

    Result<std::optional<DocumentInfo>> credit_rest(db::Tx& tx, OrderId order, std::string_view reference,
                                                    std::string_view reason) override {
        if (auto known = by_reference(tx, reference)) return known;
        auto invoice = invoiced(tx, order);
        if (!invoice) {
            if (invoice.error().code == "orders.not_invoiced") return std::nullopt;
            return std::unexpected(invoice.error());
        }
        const auto& document = invoice->document;
        std::vector<CreditPart> lines, charges;
        for (std::size_t i = 0; i < document.lines.size(); ++i) {
            const auto quantity = invoice->before.quantities.find(i);
            const auto rest = document.lines[i].quantity - (quantity == invoice->before.quantities.end() ? 0 : quantity->second);
            if (rest > 0) lines.push_back({i, rest, invoice->left_of_line(i)});
        }
        for (std::size_t i = 0; i < document.charges.size(); ++i) {
            const Money left = invoice->left_of_charge(i);
            if (!left.is_zero()) charges.push_back({i, 1, left});
        }
        if (lines.empty() && charges.empty()) return std::nullopt;
        auto made = credit_parts(tx, order, *invoice, lines, charges, reference, reason);
        if (!made) return std::unexpected(made.error());
        return std::optional(std::move(*made));
    }

    std::vector<DocumentInfo> of_order(db::Session& session, OrderId order) override {
        std::vector<DocumentInfo> out;
        for (const auto row : session.query(sql::documents_of_order, order)) out.push_back(info_from(row));
        return out;
    }

    std::optional<DocumentInfo> find(db::Session& session, DocumentId id) override {
        const auto rows = session.query(sql::find_document, id);
        if (rows.empty()) return std::nullopt;
        return info_from(rows.front());
    }

    std::optional<StoredFile> file(db::Session& session, DocumentId id, DocumentFormat format) override {
        const auto rows = session.query(sql::find_document_file, id, json::to_name(format));
        if (rows.empty()) return std::nullopt;
        const auto row = rows.front();
        return StoredFile{file_name(row.get<std::string>("number"), format), std::string(content_type_of(format)),
                          row.get<std::string>("key"), row.get<std::string>("sha256")};
    }

    void follow(db::Tx& tx, OrderId order, std::string_view event_type) override {
        const auto rows = tx.query(sql::find_entity, kEntity);
        if (rows.empty()) return;
        const auto settled = [&](const Error& error) {
            if (error.code == "orders.vat_rate_missing") wait(tx, order, event_type == "order.shipped", error.message);
            if (error.code != "orders.document_invalid") return;
            throw jobs::GiveUp("orders: no document for order " + order.to_string() + ": " + error.log);
        };
        if (event_type == "order.cancelled") {
            const auto made = credit_rest(tx, order, "cancelled:" + order.uuid().to_string(), "");
            if (!made) settled(made.error());
            return;
        }
        if (event_type == "order.changed") {
            const auto made = replace(tx, order);
            if (!made) settled(made.error());
            return;
        }
        const bool shipped = event_type == "order.shipped";
        if (shipped || rows.front().get<std::string>("issue_on") == "confirmed") {
            const auto made = issue(tx, order, shipped);
            if (!made) settled(made.error());
        }
    }

    void credit_refund(db::Tx& tx, OrderRefundId refund) override {
        const auto rows = tx.query(sql::granted_refund, refund);
        if (rows.empty()) throw jobs::GiveUp("orders: there is no refund " + refund.to_string());
        // The order may have changed since its invoice, and the event that says so be on its way.
        const OrderId order(rows.front().get<Uuid>("order_id"));
        const auto made = replace(tx, order);
        if (!made && made.error().code == "orders.vat_rate_missing") {
            wait(tx, order, false, made.error().message);  // credited with the invoice
            return;
        }
        if (!made) throw jobs::GiveUp("orders: no credit note for refund " + refund.to_string() + ": " + made.error().code);
        credit_granted(tx, refund, rows.front());
    }

    void issue_waiting() override {
        constexpr int kPage = 200;
        std::exception_ptr first_problem;
        std::optional<OrderId> after;
        while (true) {
            const auto page = database_.read([&](db::Session& session) {
                std::vector<OrderId> out;
                for (const auto row : session.query(sql::documents_that_wait, after, kPage)) out.push_back(row.get<OrderId>("order_id"));
                return out;
            });
            for (const auto order : page) {
                try {
                    database_.in_tx([&](db::Tx& tx) { issue_one(tx, order); });
                } catch (const std::exception& problem) {
                    log::error("a waiting document could not be issued", {{"order", order.to_string()}, {"reason", problem.what()}});
                    if (!first_problem) first_problem = std::current_exception();
                }
            }
            if (std::ssize(page) < kPage) break;
            after = page.back();
        }
        if (first_problem) std::rethrow_exception(first_problem);
    }

    std::optional<std::string> waits_for(db::Session& session, OrderId order) override {
        const auto rows = session.query(sql::find_waiting_document, order);
        if (rows.empty()) return std::nullopt;
        return rows.front().get<std::string>("missing");
    }

    void render(DocumentId id, const Made& made) override {
        std::string entity;
        Document document;
        const bool found = database_.read([&](db::Session& session) {
            const auto rows = session.query(sql::document_data, id);
            if (rows.empty()) return false;
            entity = rows.front().get<std::string>("entity");
            document = document_from_json(rows.front().get<std::string>("data"));
            return true;
        });
        if (!found) throw jobs::GiveUp("orders: there is no document " + id.to_string());
        const std::string cii = to_cii(document);
        const std::array<std::pair<DocumentFormat, std::string>, 3> files{
            {{DocumentFormat::pdf, to_pdf(document, cii)}, {DocumentFormat::ubl, to_ubl(document)}, {DocumentFormat::cii, cii}}};
        std::vector<std::string> formats, keys, hashes;
        std::vector<std::int64_t> sizes;
        for (const auto& [format, bytes] : files) {
            hashes.push_back(crypto::hex(crypto::sha256(bytes)));
            formats.emplace_back(json::to_name(format));
            keys.push_back(fmt::format("documents/{}/{}-{}", entity, id.uuid().to_string(), hashes.back()));
            sizes.push_back(static_cast<std::int64_t>(bytes.size()));
            store_.put(keys.back(), bytes, content_type_of(format));
        }
        database_.in_tx([&](db::Tx& tx) {
            if (tx.exec(sql::insert_document_files, id, formats, keys, hashes, sizes, clock_.now()) == 0) return;  // another was faster
            if (const auto info = find(tx, id); info && made) made(tx, *info);
        });
    }

    void restore(std::string_view key) override {
        // documents/<entity>/<uuid>-<hash>
        constexpr std::size_t kUuid = 36;
        const auto name = key.substr(key.rfind('/') + 1);
        if (!key.starts_with("documents/") || name.size() <= kUuid) return;
        const auto id = Uuid::parse(name.substr(0, kUuid));
        if (!id) return;
        log::warning("a document's file is made again", {{"key", std::string(key)}});
        render(DocumentId(*id), nullptr);
    }

    void note_failure(db::Tx& tx, DocumentId id, std::string_view why) override {
        if (const auto info = find(tx, id)) note_on(tx, info->order, "document_failed", info->number, why);
    }

private:
    struct Invoiced {
        Uuid id;
        std::string entity;
        bool is_first = true;  // of its order
        Document document;
        Credited before;

        [[nodiscard]] std::size_t place_of(OrderLineId line) const {
            const auto found = std::ranges::find(document.lines, line.to_string(), &DocumentLine::order_line);
            return static_cast<std::size_t>(found - document.lines.begin());
        }
        // As the buyer saw it, what no credit note has given back.
        [[nodiscard]] Money left_of_line(std::size_t place) const {
            const auto done = before.lines.find(place);
            const Money& shown = document.lines[place].shown_total;
            return done == before.lines.end() ? shown : shown - done->second;
        }
        [[nodiscard]] Money left_of_charge(std::size_t place) const {
            const auto done = before.charges.find(place);
            const Money& shown = document.charges[place].shown;
            return done == before.charges.end() ? shown : shown - done->second;
        }
    };

    Result<DocumentInfo> issue(db::Tx& tx, OrderId order, bool shipped) {
        // The order's row first: who comes second finds the invoice.
        if (tx.query(sql::lock_order_for_document, order).empty())
            return fail(ErrorKind::not_found, "orders.not_found", "There is no such order.");
        const db::Call calls[] = {db::call(sql::documents_of_order, order), db::call(sql::find_entity, kEntity),
                                  db::call(sql::sold_head, order),          db::call(sql::order_lines, order),
                                  db::call(sql::order_discounts, order),    db::call(sql::sold_tax_lines, order)};
        const auto answers = tx.pipeline(calls);
        std::optional<DocumentInfo> known;
        for (const auto row : answers[0]) {
            if (auto info = info_from(row); info.kind == DocumentKind::invoice) known = std::move(info);
        }
        if (known) return std::move(*known);
        if (answers[1].empty()) return fail(ErrorKind::conflict, "orders.no_legal_entity", "The shop's legal entity is not set.");
        const auto head = answers[2].front();
        const auto state = json::from_name<State>(head.get<std::string>("state")).value();
        if (state == State::pending_payment || state == State::cancelled)
            return fail(ErrorKind::conflict, "orders.not_invoiceable", "This order is not confirmed.");
        const auto entity = entity_from(answers[1].front());
        const auto sold = sold_from(head, answers[3], answers[4], answers[5]);
        if (sold.lines.empty())
            return fail(ErrorKind::conflict, "orders.not_invoiceable", "Gift cards alone are not invoiced: what is bought with them is.");
        auto document = invoice_of(sold, entity, clock_.now(), shipped);
        if (auto accounted = account(tx, document, entity); !accounted) return std::unexpected(accounted.error());
        auto made = keep(tx, order, entity.code, std::move(document), std::nullopt, "invoice:" + order.uuid().to_string(), {}, {});
        // What was granted back before found no invoice.
        if (made) credit_all_granted(tx, order);
        return made;
    }

    // After a change of the order its invoice no longer says what is charged: the rest of it is credited, an invoice for the order as it is
    // now takes its place, and what was granted back is credited against that one. Nothing where the invoice says the same. Whoever comes
    // second finds the new invoice.
    Result<void> replace(db::Tx& tx, OrderId order) {
        auto current = invoiced(tx, order);
        if (!current) {
            if (current.error().code == "orders.not_invoiced") return {};
            return std::unexpected(current.error());
        }
        const db::Call calls[] = {db::call(sql::find_entity, kEntity), db::call(sql::sold_head, order), db::call(sql::order_lines, order),
                                  db::call(sql::order_discounts, order), db::call(sql::sold_tax_lines, order)};
        const auto answers = tx.pipeline(calls);
        const auto head = answers[1].front();
        if (answers[0].empty() || json::from_name<State>(head.get<std::string>("state")) == State::cancelled) return {};
        auto sold = sold_from(head, answers[2], answers[3], answers[4]);
        sold.paid_before = current->document.paid;
        if (sold.lines.empty()) {
            auto credited = credit_rest(tx, order, "replaced:" + current->id.to_string(), "");
            if (!credited) return std::unexpected(credited.error());
            return {};
        }
        const auto entity = entity_from(answers[0].front());
        auto document = invoice_of(sold, entity, clock_.now(), false);
        // The day on which the goods left stays what it was.
        const auto state = json::from_name<State>(head.get<std::string>("state")).value();
        if (state != State::confirmed && state != State::processing) document.delivered_on = current->document.delivered_on;
        if (says_the_same(document, current->document)) return {};
        if (auto accounted = account(tx, document, entity); !accounted) return accounted;
        const auto number = current->id.to_string();
        if (auto credited = credit_rest(tx, order, "replaced:" + number, ""); !credited) return std::unexpected(credited.error());
        if (auto made = keep(tx, order, entity.code, std::move(document), std::nullopt,
                             "invoice:" + order.uuid().to_string() + ":" + number, {}, {});
            !made)
            return std::unexpected(made.error());
        credit_all_granted(tx, order);
        return {};
    }

    // BT-6 and BT-111. What is missing is said, never guessed.
    static Result<void> account(db::Tx& tx, Document& document, const LegalEntity& entity) {
        if (!needs_vat_accounting(document, entity)) return {};
        const auto rows = tx.query(sql::vat_rate_of_day, entity.vat_currency, document.currency, document.issued_on);
        if (rows.empty())
            return fail(ErrorKind::conflict, "orders.vat_rate_missing",
                        fmt::format("There is no exchange rate between {} and {} for {}. VAT is accounted for in {}: enter the rate.",
                                    entity.vat_currency, document.currency, to_iso_date(document.issued_on), entity.vat_currency));
        const auto row = rows.front();
        account_vat(document, entity, {row.get<std::string>("rate"), row.get<Date>("day"), row.get<std::string>("source")});
        return {};
    }

    // Until somebody has entered what is missing; the timeline says it once.
    void wait(db::Tx& tx, OrderId order, bool shipped, const std::string& missing) {
        const auto rows = tx.query(sql::document_waits, order, shipped, missing, clock_.now());
        if (!rows.front().get<bool>("is_new")) return;
        note_on(tx, order, "invoice_waits", "", missing);
        log::warning("an invoice waits", {{"order", order.to_string()}, {"reason", missing}});
    }

    // For staff: the buyer's timeline has no words for it.
    void note_on(db::Tx& tx, OrderId order, std::string_view kind, std::string_view number, std::string_view why) {
        json::Writer data;
        data.begin_object();
        if (!number.empty()) data.member("document", number);
        data.member("message", why.substr(0, 300));
        data.end_object();
        tx.exec(sql::insert_timeline, order, clock_.now(), kind, data.text());
    }

    void issue_one(db::Tx& tx, OrderId order) {
        (void)tx.query(sql::lock_order_for_document, order);
        const auto rows = tx.query(sql::find_waiting_document, order);
        if (rows.empty()) return;
        const bool shipped = rows.front().get<bool>("shipped");
        const bool is_first = tx.query(sql::find_invoice_of_order, order).empty();
        Result<void> made;
        if (is_first) {
            if (auto issued = issue(tx, order, shipped); !issued) made = std::unexpected(issued.error());
        } else {
            made = replace(tx, order);
        }
        if (!made && made.error().code == "orders.vat_rate_missing") return;
        // It would not get better by waiting: somebody has to see it.
        if (!made && made.error().code == "orders.document_invalid") note_on(tx, order, "document_failed", "", made.error().log);
        tx.exec(sql::document_waits_no_more, order);
    }

    void credit_all_granted(db::Tx& tx, OrderId order) {
        std::vector<OrderRefundId> refunds;
        for (const auto row : tx.query(sql::granted_refunds_of_order, order)) refunds.push_back(row.get<OrderRefundId>("id"));
        for (const auto refund : refunds) {
            const auto rows = tx.query(sql::granted_refund, refund);
            credit_granted(tx, refund, rows.front());
        }
    }

    static bool says_the_same(const Document& a, const Document& b) {
        const auto same_line = [](const DocumentLine& x, const DocumentLine& y) {
            return x.order_line == y.order_line && x.quantity == y.quantity && x.net == y.net && x.tax == y.tax;
        };
        const auto same_charge = [](const DocumentCharge& x, const DocumentCharge& y) { return x.net == y.net && x.tax == y.tax; };
        const bool same_buyer =
            a.buyer.name == b.buyer.name && a.buyer.contact_name == b.buyer.contact_name && a.buyer.place == b.buyer.place;
        return same_buyer && a.total == b.total && a.tax_total == b.tax_total && std::ranges::equal(a.lines, b.lines, same_line) &&
               std::ranges::equal(a.charges, b.charges, same_charge);
    }

    // Against the order's invoice, once. Goodwill beyond what the invoice has left of a line or of the delivery is about neither, and no
    // part of the note.
    void credit_granted(db::Tx& tx, OrderRefundId refund, const db::Row& head) {
        const auto invoice = invoiced(tx, OrderId(head.get<Uuid>("order_id")));
        if (!invoice) return;
        std::string reference = "refund:" + refund.uuid().to_string();
        if (!invoice->is_first) reference += ":" + invoice->id.to_string();
        const auto currency = Currency::of(head.get<std::string>("currency"));
        const bool gross = head.get<bool>("tax_included");
        const auto shown = [&](std::int64_t amount, std::int64_t tax) { return gross ? amount : amount - tax; };
        // Of the lines, then of the delivery, then of the gift cards: they stand on no invoice, but bear their part of a deduction, as they
        // do in the books.
        std::vector<std::int64_t> amounts, of_gift_cards;
        CreditRequest request{OrderId(head.get<Uuid>("order_id")), reference, head.get<std::string>("reason"), {}, {}};
        for (const auto row : tx.query(sql::granted_refund_lines, refund)) {
            if (row.get<std::string_view>("tax_treatment") == kVoucher) {
                of_gift_cards.push_back(row.get<std::int64_t>("amount"));
                continue;
            }
            request.lines.push_back({OrderLineId(row.get<Uuid>("line_id")), row.get<std::int64_t>("quantity"), Money::zero(currency)});
            amounts.push_back(shown(row.get<std::int64_t>("amount"), row.get<std::int64_t>("tax")));
        }
        amounts.push_back(shown(head.get<std::int64_t>("shipping"), head.get<std::int64_t>("shipping_tax")));
        if (std::ranges::all_of(amounts, [](auto amount) { return amount == 0; })) return;
        const Money adjustment(shown(head.get<std::int64_t>("adjustment"), head.get<std::int64_t>("adjustment_tax")), currency);
        if (adjustment.is_negative()) amounts.insert(amounts.end(), of_gift_cards.begin(), of_gift_cards.end());
        const auto shares = adjustment.split(amounts);
        const auto with_share = [&](std::size_t i, const Money& left) { return std::min(Money(amounts[i], currency) + shares[i], left); };
        for (std::size_t i = 0; i < request.lines.size(); ++i) {
            const auto place = invoice->place_of(request.lines[i].line);
            request.lines[i].amount =
                with_share(i, place < invoice->document.lines.size() ? invoice->left_of_line(place) : Money::zero(currency));
        }
        Money delivery_left = Money::zero(currency);
        for (std::size_t i = 0; i < invoice->document.charges.size(); ++i) delivery_left += invoice->left_of_charge(i);
        request.shipping = with_share(request.lines.size(), delivery_left);
        const bool any = std::ranges::any_of(request.lines, [](const CreditLine& line) { return !line.amount.is_zero(); });
        if (!any && request.shipping->is_zero()) return;
        const auto made = credit(tx, request);
        if (made) return;
        throw jobs::GiveUp("orders: no credit note for refund " + refund.to_string() + ": " + made.error().code + " " + made.error().log);
    }

    // Locks the order, so that two credit notes do not give back the same thing.
    Result<Invoiced> invoiced(db::Tx& tx, OrderId order) {
        (void)tx.query(sql::lock_order_for_document, order);
        const auto rows = tx.query(sql::find_invoice_of_order, order);
        if (rows.empty()) return fail(ErrorKind::conflict, "orders.not_invoiced", "This order has no invoice yet.");
        Invoiced out;
        out.id = rows.front().get<Uuid>("id");
        out.entity = rows.front().get<std::string>("entity");
        out.is_first = rows.front().get<bool>("is_first");
        out.document = document_from_json(rows.front().get<std::string>("data"));
        const Currency currency = Currency::of(out.document.currency);
        for (const auto row : tx.query(sql::credits_of_invoice, out.id)) {
            const auto place = static_cast<std::size_t>(row.get<std::int64_t>("place"));
            const Money amount(row.get<std::int64_t>("amount"), currency);
            if (row.get<std::string>("part") == "line") {
                out.before.lines.emplace(place, amount);
                out.before.quantities.emplace(place, row.get<std::int64_t>("quantity"));
            } else {
                out.before.charges.emplace(place, amount);
            }
        }
        if (out.document.vat_accounting)
            out.before.tax = Money(tx.query(sql::credited_tax_of_invoice, out.id).front().get<std::int64_t>("tax"), currency);
        return out;
    }

    Result<DocumentInfo> credit_parts(db::Tx& tx, OrderId order, const Invoiced& invoice, const std::vector<CreditPart>& lines,
                                      const std::vector<CreditPart>& charges, std::string_view reference, std::string_view reason) {
        auto document = credit_note_of(invoice.document, invoice.before, lines, charges, reason, clock_.now());
        if (!document) return std::unexpected(document.error());
        return keep(tx, order, invoice.entity, std::move(*document), invoice.id, reference, lines, charges);
    }

    Result<DocumentInfo> keep(db::Tx& tx, OrderId order, const std::string& entity, Document document, const std::optional<Uuid>& invoice,
                              std::string_view reference, const std::vector<CreditPart>& lines, const std::vector<CreditPart>& charges) {
        // With a number that stands for the real one: nothing may fail once that is taken.
        document.number = "0";
        if (const auto violations = check(document); !violations.empty()) {
            Error error;
            error.kind = ErrorKind::conflict;
            error.code = "orders.document_invalid";
            error.message = "The document would break a rule of EN 16931.";
            error.log = to_text(violations);
            log::error("a document breaks rules", {{"order", order.to_string()}, {"rules", error.log}});
            return std::unexpected(std::move(error));
        }
        std::vector<std::string> parts;
        std::vector<std::int64_t> places, quantities, amounts;
        const auto add = [&](const char* part, const CreditPart& credited) {
            parts.emplace_back(part);
            places.push_back(static_cast<std::int64_t>(credited.place));
            quantities.push_back(credited.quantity);
            amounts.push_back(credited.amount.minor());
        };
        for (const auto& line : lines) add("line", line);
        for (const auto& charge : charges) add("charge", charge);

        DocumentInfo info;
        info.id = DocumentId::make();
        info.order = order;
        info.kind = document.kind;
        info.issued_at = clock_.now();
        info.total = document.total;
        document.number = tx.query(sql::next_document_number, entity, json::to_name(document.kind)).front().get<std::string>("number");
        info.number = document.number;
        std::vector<db::Call> calls{db::call(sql::insert_document, info.id, entity, json::to_name(document.kind), document.number, order,
                                             invoice, reference, info.issued_at, document.currency, document.total.minor(),
                                             to_json(document))};
        if (!parts.empty()) calls.push_back(db::call(sql::insert_credits, info.id, parts, places, quantities, amounts));
        (void)tx.pipeline(calls);
        jobs::enqueue(
            tx, {std::string(kRenderDocumentJob), fmt::format(R"({{"document_id":"{}"}})", info.id.to_string()), {}, info.id.to_string()});
        metrics::count("documents_issued_total", fmt::format("kind=\"{}\"", json::to_name(document.kind)));
        return info;
    }

    std::optional<DocumentInfo> by_reference(db::Session& session, std::string_view reference) {
        const auto rows = session.query(sql::find_document_by_reference, reference);
        if (rows.empty()) return std::nullopt;
        return info_from(rows.front());
    }

    db::Database& database_;
    const Clock& clock_;
    storage::ObjectStore& store_;
};

}  // namespace

void save_legal_entity(db::Tx& tx, const LegalEntityRow& entity) {
    tx.exec(sql::save_entity, entity.code, entity.name, entity.contact_name, entity.email, entity.phone, entity.line1, entity.line2,
            entity.postal_code, entity.city, entity.state, entity.country, entity.vat_id, entity.tax_number, entity.registration,
            entity.iban, entity.bic, entity.account_name, entity.payment_days, entity.issue_on, entity.vat_currency);
}

Result<VatRateId> save_vat_rate(db::Tx& tx, const VatRateRow& rate) {
    if (!Currency::parse(rate.vat_currency) || !Currency::parse(rate.currency) || rate.currency == rate.vat_currency ||
        !is_vat_rate(rate.rate))
        return fail(ErrorKind::invalid, "orders.vat_rate_invalid", "A rate is above zero, between two different currencies.");
    const auto rows = tx.query(sql::save_vat_rate, VatRateId::make(), rate.vat_currency, rate.currency, rate.day, rate.rate, rate.source,
                               static_cast<int>(rate.valid_days));
    return rows.front().get<VatRateId>("id");
}

bool delete_vat_rate(db::Tx& tx, VatRateId id) { return tx.exec(sql::delete_vat_rate, id) > 0; }

std::unique_ptr<Documents> make_documents(db::Database& database, const Clock& clock, storage::ObjectStore& store) {
    return std::make_unique<PgDocuments>(database, clock, store);
}

}  // namespace stoa::orders
