#include "gift_cards/gift_cards.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <stdexcept>

#include "sql/gift_cards.hpp"
#include "stoa/log/log.hpp"

namespace stoa::orders {
namespace {

constexpr int kBatch = 200;

BoughtCard card_from(const db::Row& row) {
    BoughtCard card;
    card.id = row.get<Uuid>("id");
    card.line = row.get<OrderLineId>("line_id");
    card.amount = Money(row.get<std::int64_t>("amount"), row.get<Currency>("currency"));
    card.state = json::from_name<GiftCardState>(row.get<std::string>("state")).value();
    card.wish = {row.get<std::string>("email"), row.get<std::string>("recipient"), row.get<std::string>("sender"),
                 row.get<std::string>("message"), std::nullopt};
    if (const auto day = row.get<std::optional<std::string>>("send_on")) card.wish.send_on = parse_iso_date(*day);
    card.credit = row.get<std::optional<payments::CreditId>>("credit_id");
    card.forget = row.get<bool>("forget");
    return card;
}

std::string facts(const BoughtCard& card) {
    json::Writer data;
    data.begin_object();
    data.member("gift_card", card.id.to_string());
    data.member("amount", card.amount.minor());
    data.member("currency", card.amount.currency().code());
    data.end_object();
    return data.take();
}

// Its value goes from one account to another.
void move(db::Tx& tx, ledger::Ledger& ledger, const BoughtCard& card, OrderId order, std::string_view what, std::string_view from,
          std::string_view to) {
    const auto subject = subject_of(order);
    const auto posted = ledger.post(
        tx, {std::string(what) + ":" + card.id.to_string(),
             std::string(what),
             {{std::string(from), card.amount, subject, std::nullopt}, {std::string(to), -card.amount, subject, std::nullopt}}});
    if (!posted || !*posted) throw std::logic_error("orders: a gift card could not be posted");
}

bool has_gift_cards(const SoldOrder& order) {
    return std::ranges::any_of(order.content.lines, [](const ContentLine& line) { return line.treatment == kVoucher; });
}

// How many of each line of gift cards will have gone back.
std::map<OrderLineId, std::int64_t> wanted_back(const SoldOrder& order, std::span<const RefundLine> lines) {
    std::map<OrderLineId, std::int64_t> wanted;
    for (const auto& line : lines) {
        const auto of = std::ranges::find(order.content.lines, line.line, &ContentLine::id);
        if (of != order.content.lines.end() && of->treatment == kVoucher) wanted[line.line] = of->credited_quantity + line.quantity;
    }
    return wanted;
}

// Counts off the cards that go back with these lines, those nobody has seen first. `goes` says of one whether it can, and lets it go
// where that is meant. What the others are worth.
template <class Goes>
Result<Money> let_go(const SoldOrder& order, const std::vector<BoughtCard>& cards, std::span<const RefundLine> lines, Goes goes) {
    Money staying = Money::zero(order.position.currency());
    std::map<OrderLineId, std::vector<const BoughtCard*>> bought;
    for (const auto& card : cards) {
        bought[card.line].push_back(&card);
        if (card.state != GiftCardState::withdrawn) staying += card.amount;
    }
    for (const auto& [line, count] : wanted_back(order, lines)) {
        const auto& of_line = bought[line];
        std::vector<GiftCardState> states;
        for (const auto* card : of_line) states.push_back(card->state);
        auto open = std::min<std::int64_t>(count, std::ssize(of_line)) - std::ranges::count(states, GiftCardState::withdrawn);
        for (const auto i : in_order_of_return(states)) {
            if (open <= 0) break;
            if (!goes(*of_line[i])) continue;
            staying -= of_line[i]->amount;
            --open;
        }
        if (open > 0)
            return fail(ErrorKind::conflict, "orders.gift_card_used",
                        "Something was paid with a gift card of this order, or it was blocked: the money for it stays.");
    }
    return staying;
}

std::vector<RefundLine> all_that_is_left(const SoldOrder& order) {
    std::vector<RefundLine> all;
    for (const auto& line : order.content.lines) all.push_back({line.id, line.quantity - line.credited_quantity});
    return all;
}

class PgGiftCards final : public GiftCards {
public:
    explicit PgGiftCards(GiftCardDependencies dependencies) : deps_(std::move(dependencies)) {}

    void follow(db::Tx& tx, OrderId id) override {
        const auto some = tx.query(sql::has_gift_cards, id).front();
        if (!some.get<bool>("has_some")) return;
        const bool alone = some.get<bool>("nothing_else");
        auto header = deps_.orders.lock(tx, id);
        if (header->state == State::confirmed && header->payment_state == PaymentState::authorized && alone) {
            // No parcel will leave that makes money of what is reserved.
            jobs::NewJob job;
            job.kind = "checkout.capture";
            job.payload = R"({"order":")" + id.uuid().to_string() + R"("})";
            job.unique_key = id.uuid().to_string();
            jobs::enqueue(tx, job);
        }
        if (!is_paid_for(header->state, header->payment_state)) return;
        // What went back at the provider, or to the payer's bank, may have been the money for a card; a loss that the shop accepted pays
        // for none.
        if (!deps_.after_sale.unpaid(tx, id).is_zero()) return;
        auto cards = lock_gift_cards(tx, id);
        for (auto& card : cards) {
            if (card.state != GiftCardState::ordered) continue;
            move(tx, deps_.ledger, card, id, "gift-card-sold", ledger::account::kSales, ledger::account::kGiftCardsSold);
            tx.exec(sql::set_gift_card_paid, card.id, deps_.clock.now());
            card.state = GiftCardState::paid;
        }
        // Whether the money stays is not decided: what is not issued yet waits for that.
        if (!deps_.cases.is_disputed(tx, id.uuid())) issue(tx, *header, cards, alone);
    }

    std::vector<jobs::Handler> job_handlers() override {
        return {{"orders.issue_gift_cards", [this](const jobs::Job&) { issue_due(); }, std::chrono::seconds{300}}};
    }
    std::vector<jobs::Schedule> schedules() const override {
        return {{"orders.issue_gift_cards", "*/5 * * * *", "orders.issue_gift_cards", "{}"}};
    }

private:
    // Under the lock of the order and of the cards: whoever comes second finds them issued.
    void issue(db::Tx& tx, Header& header, std::vector<BoughtCard>& cards, bool alone) {
        const auto now = deps_.clock.now();
        const auto subject = subject_of(header.id);
        for (auto& card : cards) {
            if (card.state != GiftCardState::paid || !is_to_be_sent(card.wish.send_on, now)) continue;
            if (card.wish.email.empty()) card.wish.email = header.email;
            payments::NewGiftCard wanted{card.amount, std::nullopt, card.forget ? std::string() : card.wish.email,
                                         "order " + header.number};
            const SoldGiftCard sold{card.id, header, card.wish,
                                    deps_.credits.issue_sold(tx, wanted, ledger::account::kGiftCardsSold, subject)};
            tx.exec(sql::set_gift_card_issued, card.id, sold.issued.card.id, sold.issued.card.hint, now);
            card.state = GiftCardState::issued;
            deps_.mail(tx, sold);
            deps_.orders.note(tx, header.id, "gift_card_issued", facts(card));
        }
        // Nothing is left to be done for an order of nothing else: the last card was sent, or the rest was refunded or edited away.
        const bool done = std::ranges::all_of(
            cards, [](const BoughtCard& card) { return card.state == GiftCardState::issued || card.state == GiftCardState::withdrawn; });
        const bool any = std::ranges::any_of(cards, [](const BoughtCard& card) { return card.state == GiftCardState::issued; });
        if (!any || !alone || !done) return;
        for (const auto next : {State::shipped, State::delivered}) {
            if (!transition(header.state, next)) continue;
            if (const auto gone = deps_.orders.advance(tx, header, next); !gone)
                throw std::logic_error("orders: an allowed change was refused: " + gone.error().code);
            // From then on the days count after which it is completed.
            if (next == State::delivered) deps_.orders.note(tx, header.id, "delivered", "{}");
        }
    }

    void issue_due() {
        deps_.database.in_tx([&](db::Tx& tx) { tx.exec(sql::forget_unsent_gift_cards, deps_.clock.now()); });
        // One that cannot be sent does not keep the others waiting.
        std::exception_ptr first_problem;
        std::optional<OrderId> after;
        while (true) {
            std::vector<OrderId> due;
            deps_.database.read([&](db::Session& session) {
                due.clear();
                for (const auto row : session.query(sql::orders_with_gift_cards_due, deps_.clock.now(), after, kBatch))
                    due.push_back(row.get<OrderId>("order_id"));
            });
            for (const auto id : due) {
                try {
                    deps_.database.in_tx([&](db::Tx& tx) { follow(tx, id); });
                } catch (const std::exception& problem) {
                    log::error("orders: a gift card could not be issued", {{"order", id.to_string()}, {"reason", problem.what()}});
                    if (!first_problem) first_problem = std::current_exception();
                }
            }
            if (std::ssize(due) < kBatch) break;
            after = due.back();
        }
        if (first_problem) std::rethrow_exception(first_problem);
    }

    GiftCardDependencies deps_;
};

}  // namespace

std::string to_text(const std::vector<GiftWish>& gifts) {
    std::string out;
    for (const auto& gift : gifts) {
        out += "\ngift";
        for (const auto* text : {&gift.email, &gift.recipient, &gift.sender, &gift.message})
            out += " " + std::to_string(text->size()) + ":" + *text;
        if (gift.send_on) out += " " + to_iso_date(*gift.send_on);
    }
    return out;
}

std::vector<OrderGiftCardDto> gift_cards_of(const std::string& text, Currency currency) {
    const auto stored = json::parse(text);
    if (!stored) throw std::logic_error("orders: gift cards that do not read");
    const auto some = [](const json::Value& card, std::string_view name) -> std::optional<std::string> {
        auto value = card.text_or(name);
        if (value.empty()) return std::nullopt;
        return std::string(value);
    };
    std::vector<OrderGiftCardDto> out;
    for (const auto& card : stored->items()) {
        OrderGiftCardDto dto;
        dto.state = json::from_name<GiftCardState>(card.text_or("state")).value();
        dto.amount = Money(card.int_or("amount"), currency);
        if (const auto id = some(card, "credit")) dto.gift_card_id = payments::CreditId(db::parse_uuid(*id));
        dto.code_hint = some(card, "hint");
        dto.recipient_email = some(card, "email");
        dto.recipient_name = some(card, "recipient");
        if (const auto day = some(card, "send_on")) dto.send_on = parse_iso_date(*day);
        if (const auto at = card.int_or("issued_at"); at != 0) dto.issued_at = Timestamp(std::chrono::microseconds(at));
        out.push_back(std::move(dto));
    }
    return out;
}

std::vector<BoughtCard> lock_gift_cards(db::Tx& tx, OrderId order) {
    std::vector<BoughtCard> out;
    for (const auto row : tx.query(sql::lock_gift_cards, order)) out.push_back(card_from(row));
    return out;
}

void write_gift_cards(db::Tx& tx, const NewOrder& order, const std::vector<Uuid>& lines, Timestamp now) {
    std::vector<Uuid> ids, of;
    std::vector<int> positions;
    std::vector<std::int64_t> amounts;
    std::vector<std::string> emails, recipients, senders, messages;
    std::vector<std::optional<std::string>> days;
    for (std::size_t i = 0; i < order.lines.size(); ++i) {
        const auto& line = order.lines[i];
        if (line.unit_price.is_zero()) continue;  // worth nothing: there is no such card
        for (std::size_t k = 0; k < line.gifts.size(); ++k) {
            const auto& gift = line.gifts[k];
            ids.push_back(Uuid::v7());
            of.push_back(lines[i]);
            positions.push_back(static_cast<int>(k));
            amounts.push_back(line.unit_price.minor());
            emails.push_back(gift.email);
            recipients.push_back(gift.recipient);
            senders.push_back(gift.sender);
            messages.push_back(gift.message);
            days.push_back(gift.send_on ? std::optional(to_iso_date(*gift.send_on)) : std::nullopt);
        }
    }
    if (ids.empty()) return;
    tx.exec(sql::insert_gift_cards, order.id, ids, of, positions, amounts, order.total.currency(), emails, recipients, senders, messages,
            days, now);
}

Result<Money> can_take_back_gift_cards(db::Session& session, const AfterSaleDependencies& deps, const SoldOrder& order,
                                       std::span<const RefundLine> lines) {
    if (!has_gift_cards(order)) return Money::zero(order.position.currency());
    std::vector<BoughtCard> cards;
    std::vector<payments::CreditId> issued;
    for (const auto row : session.query(sql::gift_cards_of_order, order.id)) {
        cards.push_back(card_from(row));
        if (cards.back().state == GiftCardState::issued) issued.push_back(*cards.back().credit);
    }
    const auto credits = deps.credits.find(session, issued);
    return let_go(order, cards, lines, [&](const BoughtCard& card) {
        if (card.state != GiftCardState::issued) return true;
        const auto credit = std::ranges::find(credits, *card.credit, &payments::Credit::id);
        return credit != credits.end() && credit->is_untouched();
    });
}

void suspend_gift_cards(db::Tx& tx, const AfterSaleDependencies& deps, OrderId order, Suspended suspended) {
    std::vector<payments::CreditId> issued;
    for (const auto& card : lock_gift_cards(tx, order)) {
        if (card.state == GiftCardState::issued) issued.push_back(*card.credit);
    }
    if (issued.empty() || deps.credits.suspend(tx, issued, suspended == Suspended::yes) == 0) return;
    deps.orders.note(tx, order, suspended == Suspended::yes ? "gift_cards_suspended" : "gift_cards_released", "{}");
}

Result<Money> take_back_gift_cards(db::Tx& tx, const AfterSaleDependencies& deps, const SoldOrder& order,
                                   std::span<const RefundLine> lines) {
    if (!has_gift_cards(order)) return Money::zero(order.position.currency());
    const auto subject = subject_of(order.id);
    return let_go(order, lock_gift_cards(tx, order.id), lines, [&](const BoughtCard& card) {
        if (card.state == GiftCardState::issued && !deps.credits.take_back(tx, *card.credit, ledger::account::kSales, subject))
            return false;
        if (card.state == GiftCardState::paid)
            move(tx, deps.ledger, card, order.id, "gift-card-withdrawn", ledger::account::kGiftCardsSold, ledger::account::kSales);
        tx.exec(sql::set_gift_card_withdrawn, card.id, deps.clock.now());
        deps.orders.note(tx, order.id, "gift_card_taken_back", facts(card));
        return true;
    });
}

Result<void> spare_gift_cards(const SoldOrder& order, const Money& staying, const Money& refund) {
    const Money most = order.position.creditable().value - staying;
    if (refund <= most) return {};
    return fail(ErrorKind::invalid, "payments.refund_too_large",
                "At most " + std::max(most, Money::zero(most.currency())).to_decimal() +
                    " can be refunded beside the gift cards of this order: name their lines, so that they are taken back.");
}

Result<Money> can_take_back_gift_cards(db::Session& session, const AfterSaleDependencies& deps, const SoldOrder& order) {
    return can_take_back_gift_cards(session, deps, order, all_that_is_left(order));
}

Result<Money> take_back_gift_cards(db::Tx& tx, const AfterSaleDependencies& deps, const SoldOrder& order) {
    return take_back_gift_cards(tx, deps, order, all_that_is_left(order));
}

std::unique_ptr<GiftCards> make_gift_cards(GiftCardDependencies dependencies) {
    return std::make_unique<PgGiftCards>(std::move(dependencies));
}

}  // namespace stoa::orders
