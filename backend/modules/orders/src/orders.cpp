#include "stoa/orders/orders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "domain/words.hpp"
#include "gift_cards/gift_cards.hpp"
#include "new_lines.hpp"
#include "sql/after_sale.hpp"
#include "sql/orders.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/events/events.hpp"

namespace stoa::orders {
namespace {

constexpr std::string_view kViewPurpose = "order-view";

Header header_from(const db::Row& row) {
    Header header;
    header.id = row.get<OrderId>("id");
    header.number = row.get<std::string>("number");
    header.cart_id = row.get<std::optional<Uuid>>("cart_id");
    header.checkout_id = row.get<std::optional<Uuid>>("checkout_id");
    header.customer = row.get<std::optional<customers::CustomerId>>("customer_id");
    header.owner_hash = row.get<std::optional<std::string>>("owner_hash").value_or("");
    header.email = row.get<std::string>("email");
    header.locale = row.get<std::string>("locale");
    header.country = row.get<std::string>("country");
    header.fingerprint = row.get<std::string>("fingerprint");
    header.state = json::from_name<State>(row.get<std::string>("state")).value();
    header.payment_state = json::from_name<PaymentState>(row.get<std::string>("payment_state")).value();
    header.total = row.money("total");
    header.tax = row.money("tax");
    header.placed_at = row.get<Timestamp>("placed_at");
    return header;
}

std::optional<Header> first_header(const db::Rows& rows) {
    if (rows.empty()) return std::nullopt;
    return header_from(rows.front());
}

template <class T>
T from_stored_json(const std::string& text) {
    auto value = json::parse_as<T>(text);
    if (!value) throw std::logic_error("orders: a stored document no longer reads: " + value.error().message);
    return std::move(*value);
}

std::string percent(std::int64_t basis_points) {
    if (basis_points % 100 == 0) return fmt::format("{} %", basis_points / 100);
    std::string text = fmt::format("{}.{:02}", basis_points / 100, basis_points % 100);
    while (text.ends_with('0')) text.pop_back();
    return text + " %";
}

class PgOrders final : public Orders {
public:
    explicit PgOrders(Dependencies dependencies) : deps_(std::move(dependencies)) {}

    Header place(db::Tx& tx, const NewOrder& order) override {
        const Timestamp now = deps_.clock.now();
        Header header;
        header.id = order.id;
        header.number = tx.query(sql::next_number).front().get<std::string>("number");
        header.cart_id = order.cart_id;
        header.checkout_id = order.checkout_id;
        header.customer = order.customer;
        header.owner_hash = order.owner_hash;
        header.email = order.email;
        header.locale = order.locale;
        header.country = order.country;
        header.fingerprint = order.fingerprint;
        header.total = order.total;
        header.tax = order.tax;
        header.placed_at = now;

        std::vector<Uuid> ids;
        for (std::size_t i = 0; i < order.lines.size(); ++i) ids.push_back(OrderLineId::make().uuid());
        std::vector<int> discount_positions, tax_positions;
        std::vector<std::string> labels, tax_treatments, reasons;
        std::vector<std::optional<std::string>> codes;
        std::vector<std::int64_t> amounts, tax_rates, tax_nets, tax_taxes;
        for (const auto& discount : order.discounts) {
            discount_positions.push_back(static_cast<int>(discount_positions.size()));
            labels.push_back(discount.label);
            codes.push_back(discount.code);
            amounts.push_back(discount.amount.minor());
        }
        for (const auto& line : order.tax_lines) {
            tax_positions.push_back(static_cast<int>(tax_positions.size()));
            tax_rates.push_back(line.basis_points);
            tax_treatments.push_back(line.treatment);
            reasons.push_back(line.reason);
            tax_nets.push_back(line.net.minor());
            tax_taxes.push_back(line.tax.minor());
        }
        const auto& id = order.id;
        const std::optional<std::string> owner = order.owner_hash.empty() ? std::nullopt : std::optional(order.owner_hash);
        const db::Call calls[] = {
            db::call(sql::insert_order, id, header.number, order.cart_id, order.checkout_id, order.customer, owner, order.email,
                     order.phone, order.total.currency(), order.locale, order.country, order.tax_included, order.subtotal.minor(),
                     order.discount.minor(), order.shipping.minor(), order.tax.minor(), order.total.minor(),
                     json::render(order.shipping_address), json::render(order.billing_address), json::render(order.shipping_method),
                     order.payment_method, order.fingerprint, now),
            insert_lines(id, order.lines, ids, 0),
            db::call(sql::insert_discounts, id, discount_positions, labels, codes, amounts),
            db::call(sql::insert_tax_lines, id, tax_positions, tax_rates, tax_treatments, reasons, tax_nets, tax_taxes),
            db::call(sql::insert_timeline, id, now, "placed", "{}"),
        };
        (void)tx.pipeline(calls);
        write_gift_cards(tx, order, ids, now);
        emit(tx, header, "order.placed");
        return header;
    }

    std::optional<Header> lock(db::Tx& tx, OrderId id) override { return first_header(tx.query(sql::lock_order, id)); }
    std::optional<Header> lock_living_of_cart(db::Tx& tx, const Uuid& cart) override {
        return first_header(tx.query(sql::living_of_cart, cart));
    }
    std::optional<Header> living_of_cart(db::Session& session, const Uuid& cart) override {
        return first_header(session.query(sql::find_living_of_cart, cart));
    }
    std::optional<Header> header(db::Session& session, OrderId id) override { return first_header(session.query(sql::find_header, id)); }

    Ordered wanted(db::Session& session, OrderId id) override {
        Ordered out;
        for (const auto row : session.query(sql::order_lines, id)) {
            const inventory::Wanted line{row.get<catalog::VariantId>("variant_id"), row.get<std::int64_t>("quantity")};
            out.lines.push_back(line);
            if (row.get<std::string_view>("tax_treatment") != kVoucher) out.goods.push_back(line);
        }
        return out;
    }

    Result<void> confirm(db::Tx& tx, Header& order, PaymentState payment) override {
        const char* kind = payment == PaymentState::paid         ? "payment_paid"
                           : payment == PaymentState::authorized ? "payment_authorized"
                                                                 : "payment_awaiting_invoice";
        if (auto changed = change_state(tx, order, State::confirmed, payment); !changed) return changed;
        if (!order.total.is_zero()) note(tx, order.id, kind, "{}");
        note(tx, order.id, "confirmed", "{}");
        const std::string subject = subject_of(order.id);
        const Money net = order.total - order.tax;
        auto posted = deps_.ledger.post(tx, {"sale:" + order.id.uuid().to_string(),
                                             "sale",
                                             {{std::string(ledger::account::kReceivables), order.total, subject, std::nullopt},
                                              {std::string(ledger::account::kSales), -net, subject, std::nullopt},
                                              {std::string(ledger::account::kTax), -order.tax, subject, std::nullopt}}});
        if (!posted) return std::unexpected(posted.error());
        return {};
    }

    Result<void> cancel(db::Tx& tx, Header& order, std::string_view reason, std::optional<PaymentState> moved) override {
        const bool was_sold = order.state != State::pending_payment;
        const auto payment = moved ? *moved : order.payment_state == PaymentState::pending ? PaymentState::failed : order.payment_state;
        if (auto changed = change_state(tx, order, State::cancelled, payment, reason); !changed) return changed;
        json::Writer data;
        data.begin_object();
        data.member("reason", reason);
        data.end_object();
        note(tx, order.id, "cancelled", data.text());
        if (was_sold) {
            // The sale is taken back, as far as no refund did; what was captured stays on the receivable until it is refunded.
            const std::string subject = subject_of(order.id);
            const auto credited = tx.query(sql::credited_sums, order.id).front();
            const Money total = order.total - Money(credited.get<std::int64_t>("amount"), order.total.currency());
            const Money tax = order.tax - Money(credited.get<std::int64_t>("tax"), order.total.currency());
            auto posted = deps_.ledger.post(tx, {"sale-cancelled:" + order.id.uuid().to_string(),
                                                 "sale_cancelled",
                                                 {{std::string(ledger::account::kReceivables), -total, subject, std::nullopt},
                                                  {std::string(ledger::account::kSales), total - tax, subject, std::nullopt},
                                                  {std::string(ledger::account::kTax), tax, subject, std::nullopt}}});
            if (!posted) return std::unexpected(posted.error());
        }
        return {};
    }

    Result<void> advance(db::Tx& tx, Header& order, State to) override { return change_state(tx, order, to, order.payment_state); }

    void payment_failed(db::Tx& tx, Header& order, std::string_view attempt_reference) override {
        json::Writer data;
        data.begin_object();
        data.member("attempt", attempt_reference);
        data.end_object();
        note(tx, order.id, "payment_failed", data.text());
        emit(tx, order, "order.payment_failed");
    }

    void set_payment_state(db::Tx& tx, Header& order, PaymentState payment) override {
        if (order.payment_state == payment) return;
        tx.exec(sql::set_state, order.id, json::to_name(order.state), json::to_name(payment), deps_.clock.now());
        order.payment_state = payment;
        emit(tx, order, "order.payment_changed");
    }

    void set_payment(db::Tx& tx, OrderId id, std::string_view method, std::string_view label) override {
        tx.exec(sql::set_payment, id, method, label, deps_.clock.now());
    }

    void take_over(db::Tx& tx, Header& order, customers::CustomerId customer) override {
        if (tx.exec(sql::take_over, order.id, customer, deps_.clock.now()) > 0) order.customer = customer;
    }

    void note(db::Tx& tx, OrderId id, std::string_view kind, std::string_view data_json) override {
        tx.exec(sql::insert_timeline, id, deps_.clock.now(), kind, data_json);
    }

    std::vector<Claimed> claim(db::Tx& tx, const customers::CustomerInfo& customer) override {
        std::vector<Claimed> claimed;
        std::vector<OrderId> ids;
        for (const auto row : tx.query(sql::claim_guest_orders, customer.id, customer.email, deps_.clock.now())) {
            ids.push_back(row.get<OrderId>("id"));
            claimed.push_back({row.get<std::string>("number"), row.get<Timestamp>("placed_at")});
        }
        for (const auto id : ids) note(tx, id, "claimed", "{}");
        return claimed;
    }

    std::vector<OrderId> stale_pending(db::Session& session, Timestamp before, int limit) override {
        std::vector<OrderId> out;
        for (const auto row : session.query(sql::stale_pending, before, limit)) out.push_back(row.get<OrderId>("id"));
        return out;
    }

    bool has_bought(db::Session& session, customers::CustomerId customer, catalog::ProductId product) override {
        return !session.query(sql::bought_products, customer, std::optional(product)).empty();
    }

    std::optional<OrderDto> order(db::Session& session, OrderId id, std::string_view locale) override {
        const db::Call calls[] = {db::call(sql::order_row, id), db::call(sql::order_lines, id), db::call(sql::order_discounts, id),
                                  db::call(sql::order_tax_lines, id), db::call(sql::order_timeline, id)};
        const auto answers = session.pipeline(calls);
        if (answers[0].empty()) return std::nullopt;
        const auto row = answers[0].front();
        OrderDto dto;
        dto.id = id;
        dto.number = row.get<std::string>("number");
        dto.state = json::from_name<State>(row.get<std::string>("state")).value();
        dto.payment_state = json::from_name<PaymentState>(row.get<std::string>("payment_state")).value();
        dto.state_label = state_label(dto.state, locale);
        dto.placed_at = row.get<Timestamp>("placed_at");
        dto.email = row.get<std::string>("email");
        dto.currency = row.get<std::string>("currency");
        dto.locale = row.get<std::string>("locale");
        const Currency currency = Currency::of(dto.currency);
        const auto money = [&](const db::Row& from, std::string_view column) { return Money(from.get<std::int64_t>(column), currency); };
        dto.totals.subtotal = money(row, "subtotal");
        dto.totals.discount = money(row, "discount");
        dto.totals.shipping = money(row, "shipping");
        dto.totals.tax = money(row, "tax");
        dto.totals.total = money(row, "total");
        dto.totals.tax_included = row.get<bool>("tax_included");
        dto.shipping_address = from_stored_json<customers::AddressDto>(row.get<std::string>("shipping_address"));
        dto.billing_address = from_stored_json<customers::AddressDto>(row.get<std::string>("billing_address"));
        dto.shipping = from_stored_json<ShippingMethodDto>(row.get<std::string>("shipping_method"));
        dto.payment.method = row.get<std::string>("payment_method");
        dto.payment.label = row.get<std::string>("payment_label");
        if (dto.payment.label.empty()) dto.payment.label = payment_method_label(dto.payment.method, locale);
        for (const auto line : answers[1]) {
            OrderLineDto out;
            out.id = line.get<OrderLineId>("id");
            out.name = line.get<std::string>("name");
            out.options_text = line.get<std::string>("options_text");
            out.sku = line.get<std::string>("sku");
            out.quantity = line.get<std::int64_t>("quantity");
            out.unit_price = money(line, "unit_price");
            out.total = money(line, "total");
            out.discount = money(line, "discount");
            if (auto slug = line.get<std::string>("product_slug"); !slug.empty()) out.product_slug = std::move(slug);
            if (auto image = line.get<std::optional<std::string>>("image")) out.image = json::Raw{std::move(*image)};
            if (const auto cards = line.get<std::optional<std::string>>("gift_cards")) out.gift_cards = gift_cards_of(*cards, currency);
            dto.lines.push_back(std::move(out));
        }
        for (const auto discount : answers[2]) dto.discounts.push_back({discount.get<std::string>("label"), money(discount, "amount")});
        for (const auto line : answers[3]) {
            dto.totals.tax_lines.push_back({percent(line.get<std::int64_t>("basis_points")), line.get<std::string>("treatment"),
                                            money(line, "net"), money(line, "tax")});
        }
        for (const auto entry : answers[4]) {
            const auto kind = entry.get<std::string>("kind");
            if (const auto text = timeline_text(kind, locale); !text.empty())
                dto.timeline.push_back({entry.get<Timestamp>("at"), kind, std::string(text)});
        }
        for (const auto& source : deps_.timeline_sources) {
            for (auto& entry : source(session, id, locale)) dto.timeline.push_back(std::move(entry));
        }
        if (deps_.shipments) dto.shipments = shipments_of(session, id, locale);
        if (deps_.inventory && (dto.state == State::confirmed || dto.state == State::processing)) say_what_waits(session, answers[1], dto);
        std::stable_sort(dto.timeline.begin(), dto.timeline.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
        return dto;
    }

    // Of lines with the same article, the last ones wait.
    void say_what_waits(db::Session& session, const db::Rows& lines, OrderDto& order) {
        const auto id = order.id.uuid();
        for (const auto& waiting : deps_.inventory->waiting(session, std::span(&id, 1))) {
            auto left = waiting.quantity;
            for (int i = lines.size() - 1; i >= 0 && left > 0; --i) {
                if (lines[i].get<catalog::VariantId>("variant_id") != waiting.variant) continue;
                auto& line = order.lines[static_cast<std::size_t>(i)];
                const auto units = std::min(left, line.quantity - line.waiting_quantity.value_or(0));
                if (units <= 0) continue;
                line.waiting_quantity = line.waiting_quantity.value_or(0) + units;
                if (waiting.expected_on && *waiting.expected_on >= date_of(deps_.clock.now())) line.expected_on = waiting.expected_on;
                left -= units;
            }
        }
    }

    std::optional<OrderId> find_number(db::Session& session, std::string_view number) override {
        const auto rows = session.query(sql::find_by_number, number);
        if (rows.empty()) return std::nullopt;
        return rows.front().get<OrderId>("id");
    }

    std::string view_token(OrderId id) const override { return crypto::sign_token(deps_.secret_key, kViewPurpose, id.to_string()); }

    std::optional<OrderId> read_view_token(std::string_view token) const override {
        std::string payload;
        if (!crypto::verify_token(deps_.secret_key, kViewPurpose, token, payload)) return std::nullopt;
        return OrderId::parse(payload);
    }

private:
    std::vector<OrderShipmentDto> shipments_of(db::Session& session, OrderId id, std::string_view locale) {
        using enum shipping::ShipmentState;
        std::vector<OrderShipmentDto> out;
        const auto events = deps_.shipments->events_of_order(session, id.uuid());
        for (const auto& shipment : deps_.shipments->of_order(session, id.uuid())) {
            // What is on paper only is nobody's parcel yet, and what was cancelled is none any more.
            if (shipment.state == planned || shipment.state == announcing || shipment.state == failed || shipment.state == cancelled)
                continue;
            OrderShipmentDto dto;
            dto.number = shipment.number;
            dto.state = shipment.state;
            dto.state_label = shipment_label(shipment.state, locale);
            if (!shipment.carrier.empty()) dto.carrier = shipment.carrier;
            dto.shipped_at = shipment.left_at;
            dto.delivered_at = shipment.delivered_at;
            for (const auto& line : shipment.lines) {
                const OrderLineId line_id(line.order_line);
                const auto same = std::ranges::find(dto.lines, line_id, &OrderShipmentLineDto::line_id);
                if (same == dto.lines.end())
                    dto.lines.push_back({line_id, line.name, line.quantity});
                else
                    same->quantity += line.quantity;
            }
            for (const auto& parcel : shipment.parcels) {
                OrderParcelDto shown;
                shown.tracking_number = parcel.tracking_number;
                if (!parcel.tracking_url.empty()) shown.tracking_url = parcel.tracking_url;
                shown.state = parcel.state;
                shown.state_label = shipment_label(parcel.state, locale);
                for (const auto& event : events) {
                    if (event.shipment != shipment.id || event.parcel != parcel.position) continue;
                    const auto state = shipping::state_of_status(event.status_id);
                    // Two steps that read the same are one.
                    if (!state || (!shown.events.empty() && shown.events.back().state == *state)) continue;
                    shown.events.push_back({event.at, *state, std::string(shipment_label(*state, locale))});
                }
                dto.parcels.push_back(std::move(shown));
            }
            out.push_back(std::move(dto));
        }
        return out;
    }

    Result<void> change_state(db::Tx& tx, Header& order, State to, PaymentState payment, std::string_view reason = {}) {
        const auto allowed = transition(order.state, to);
        if (!allowed) return std::unexpected(allowed.error());
        tx.exec(sql::set_state, order.id, json::to_name(to), json::to_name(payment), deps_.clock.now());
        order.state = to;
        order.payment_state = payment;
        emit(tx, order, allowed->event, reason);
        return {};
    }

    void emit(db::Tx& tx, const Header& order, std::string_view type, std::string_view reason = {}) {
        json::Writer data;
        data.begin_object();
        data.member("order_id", order.id.to_string());
        data.member("number", order.number);
        data.member("state", json::to_name(order.state));
        data.member("payment_state", json::to_name(order.payment_state));
        if (!reason.empty()) data.member("reason", reason);
        data.end_object();
        events::append(tx, events::NewEvent{std::string(type), subject_of(order.id), data.take()});
    }

    Dependencies deps_;
};

}  // namespace

std::unique_ptr<Orders> make_orders(Dependencies dependencies) { return std::make_unique<PgOrders>(std::move(dependencies)); }

}  // namespace stoa::orders
