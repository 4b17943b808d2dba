// Random lives of orders: paid by gift cards and cards together, captured in parts, shipped, changed, what becomes due by it paid once
// more, refunded by line and amount over several payments or as store credit, returned, cancelled, refunded and charged back behind our
// back, with a provider that fails now and then. Some of their goods are sold before they are there, and come in later, or never. After
// each step the books balance, no unit is lost, and the rules hold. A few thousand lives; STOA_CHAOS=long: 100,000.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "random_order.hpp"

namespace stoa::orders {
namespace {

constexpr int kLives = 4000;
constexpr int kManyLives = 100000;

int lives() {
    const char* chaos = std::getenv("STOA_CHAOS");
    return chaos && std::string_view(chaos) == "long" ? kManyLives : kLives;
}

// Debits and credits by account. What the services post goes through here.
class Books {
public:
    explicit Books(Currency currency) : currency_(currency) {}
    void post(const std::vector<ledger::Entry>& entries) {
        std::int64_t sum = 0;
        for (const auto& entry : entries) {
            balances_[entry.account] += entry.amount.minor();
            sum += entry.amount.minor();
        }
        ASSERT_EQ(sum, 0) << "a posting that does not balance";
    }
    void move(std::string_view debit, std::string_view credit, const Money& amount) {
        post({{std::string(debit), amount, "", std::nullopt}, {std::string(credit), -amount, "", std::nullopt}});
    }
    [[nodiscard]] Money balance(std::string_view account) const {
        const auto it = balances_.find(std::string(account));
        return {it == balances_.end() ? 0 : it->second, currency_};
    }
    [[nodiscard]] std::int64_t total() const {
        std::int64_t sum = 0;
        for (const auto& [account, balance] : balances_) sum += balance;
        return sum;
    }

private:
    Currency currency_;
    std::map<std::string, std::int64_t> balances_;
};

// A payment at its provider, as strict as Vendo where it is a card: one partial refund, then only the whole rest. Or a gift card, which
// takes back any part.
struct Payment {
    payments::AttemptId id = payments::AttemptId::make();
    bool is_card = false;
    Money issued;  // a gift card's value
    Money amount, captured, refunded;
    int partial_refunds = 0;
    std::optional<Money> on_its_way;

    [[nodiscard]] Source source() const {
        return {id, captured, refunded, on_its_way.value_or(Money::zero(amount.currency())), is_card && partial_refunds > 0, !is_card};
    }
    void refund(const Money& part) {
        ASSERT_LE(part, captured - refunded) << "more than was captured goes back";
        if (part != captured - refunded && is_card) {
            ASSERT_EQ(partial_refunds, 0) << "a second partial refund was sent to the provider";
        }
        if (part != captured - refunded) ++partial_refunds;
        refunded += part;
    }
};

// The goods of one line. What is there and promised is the rest: sold, less what left and what waits.
struct Shelf {
    std::int64_t received = 0, on_hand = 0, waiting = 0;

    void receive(std::int64_t units) {
        received += units;
        on_hand += units;
        waiting -= std::min(units, waiting);  // who waits comes before anybody else
    }
    [[nodiscard]] std::int64_t promised(const ContentLine& line) const { return line.quantity - line.unsent - line.shipped - waiting; }
    [[nodiscard]] std::int64_t free(const ContentLine& line) const { return on_hand - promised(line); }
};

class Life {
public:
    Life(Chance& chance, std::map<std::string, int>& seen)
        : chance_(chance), seen_(seen), order_(random_order(chance)), books_(order_.currency()) {}

    void live() {
        place();
        check("placed");
        const auto steps = chance_.between(4, 14);
        for (std::int64_t i = 0; i < steps && !::testing::Test::HasFatalFailure(); ++i) {
            switch (chance_.up_to(11)) {
                case 11:
                    arrive();
                    break;
                case 0:
                case 1:
                    capture();
                    break;
                case 2:
                    ship();
                    break;
                case 3:
                    change();
                    break;
                case 4:
                case 5:
                    refund();
                    break;
                case 6:
                    give_back();
                    break;
                case 7:
                    answer();
                    break;
                case 8:
                case 9:
                    pay_due();
                    break;
                default:
                    behind_our_back();
                    break;
            }
        }
        if (!::testing::Test::HasFatalFailure()) end();
    }

private:
    static constexpr std::string_view kProvider = ledger::account::kProviderVendo;
    static constexpr std::string_view kOwed = ledger::account::kReceivables;
    static constexpr std::string_view kStoreCredit = "liability:store-credit";

    Money none() const { return Money::zero(order_.currency()); }
    [[nodiscard]] MoneyPosition position() const {
        std::vector<Source> sources;
        for (const auto& payment : payments_) sources.push_back(payment.source());
        order_for_return(sources);
        return position_of(order_, std::move(sources), as_credit_, false);
    }

    void check(std::string_view step) {
        ++seen_[std::string(step)];
        const auto now = position();
        ASSERT_EQ(books_.total(), 0) << step;
        ASSERT_EQ(books_.balance(kOwed), now.owed()) << step;
        Money at_provider = none();
        for (const auto& payment : payments_) {
            if (payment.is_card) {
                at_provider += payment.captured - payment.refunded;
                continue;
            }
            // What the shop owes for a gift card is what was not spent of it, and never turns into a claim.
            const auto balance = books_.balance(account_of(payment));
            ASSERT_EQ(-balance, payment.issued - payment.captured + payment.refunded) << step;
            ASSERT_LE(balance, none()) << step << ": more was spent than was on the card";
        }
        ASSERT_EQ(books_.balance(kProvider), at_provider) << step;
        ASSERT_EQ(-books_.balance(kStoreCredit), as_credit_) << step;
        ASSERT_LE(now.gone_back() + now.pending(), now.captured() + elsewhere_) << step << ": more goes back than came in";
        ASSERT_EQ(books_.balance(ledger::account::kSales), -(order_.worth() - order_.credited).net()) << step;
        ASSERT_EQ(books_.balance(ledger::account::kTax), -(order_.worth() - order_.credited).tax) << step;
        Money room = none();
        for (const auto& payment : payments_) {
            const auto source = payment.source();
            ASSERT_FALSE(source.left().is_negative()) << step << ": more goes back than was captured";
            room += source.left();
        }
        ASSERT_LE(payable_now(now), room) << step << ": refundable exceeds what was captured";
        for (const auto& line : order_.lines) {
            const auto& shelf = shelves_.at(line.id);
            ASSERT_GE(shelf.waiting, 0) << step;
            ASSERT_GE(shelf.promised(line), 0) << step << ": more left than was there";
            ASSERT_GE(shelf.free(line), 0) << step << ": more is promised than is there";
            ASSERT_FALSE(shelf.waiting > 0 && shelf.free(line) > 0) << step << ": free while the order waits";
            ASSERT_EQ(line.shipped + shelf.on_hand, shelf.received) << step;
            ASSERT_EQ(line.quantity - line.unsent + shelf.free(line) - shelf.waiting, shelf.received)
                << step << ": sold and free, less what is owed, is what came in";
            ASSERT_LE(line.shipped + line.unsent, line.quantity) << step << ": more goes than there is";
            ASSERT_LE(line.unsent, line.credited_quantity) << step;
        }
        const auto left = now.creditable();
        ASSERT_FALSE(left.value.is_negative() || left.tax.is_negative() || left.net().is_negative()) << step;
        for (const auto& line : now.lines) {
            ASSERT_FALSE(line.left().value.is_negative() || line.left().tax.is_negative() || line.left_quantity() < 0) << step;
            if (line.left_quantity() == 0) {
                ASSERT_EQ(line.left(), Worth::zero(order_.currency())) << step;
            }
        }
    }

    void place() {
        for (const auto& line : order_.lines) {
            auto& shelf = shelves_[line.id];
            shelf.waiting = line.quantity;
            shelf.receive(chance_.up_to(line.quantity + 2));
            if (shelf.waiting > 0) ++seen_["waits for goods"];
        }
        books_.post(edit_entries(Worth::zero(order_.currency()), order_.worth(), ""));
        // A card, and often a gift card or credit that paid a part.
        std::vector<std::int64_t> weights;
        const auto number = chance_.between(1, 3);
        for (std::int64_t i = 0; i < number; ++i) weights.push_back(chance_.between(1, 9));
        for (const auto& amount : order_.total.split(weights)) {
            if (amount.is_zero()) continue;
            Payment payment;
            payment.is_card = payments_.empty() || chance_.one_in(2);
            payment.amount = amount;
            payment.captured = payment.refunded = payment.issued = none();
            if (!payment.is_card) payment.issued = amount + Money(chance_.one_in(2) ? 0 : chance_.up_to(5000), order_.currency());
            payments_.push_back(payment);
        }
        // Gift cards pay with the order; the card's money may come later.
        for (auto& payment : payments_) {
            if (payment.is_card) continue;
            books_.move(ledger::account::kGoodwill, account_of(payment), payment.issued);
            payment.captured = payment.amount;
            books_.move(account_of(payment), kOwed, payment.amount);
            ++seen_["gift card spent"];
        }
    }

    static std::string account_of(const Payment& payment) { return "liability:gift-card:" + payment.id.uuid().to_string(); }

    // What became due by a change is paid by a card, then or never.
    void pay_due() {
        if (std::ranges::any_of(payments_, [](const Payment& payment) { return payment.captured.is_zero(); })) return;
        const auto due = position().owed();
        if (due.is_negative() || due.is_zero()) return;
        Payment payment;
        payment.is_card = true;
        payment.amount = payment.captured = due;
        payment.refunded = payment.issued = none();
        payments_.push_back(payment);
        books_.move(kProvider, kOwed, due);
        ASSERT_TRUE(position().owed().is_zero());
        check("due paid");
    }

    void capture() {
        for (auto& payment : payments_) {
            if (!payment.captured.is_zero()) continue;
            payment.captured = payment.amount;
            books_.move(kProvider, kOwed, payment.amount);
            check("captured");
            return;
        }
    }

    void ship() {
        for (auto& line : order_.lines) {
            auto& shelf = shelves_.at(line.id);
            const auto units = chance_.up_to(shelf.promised(line));
            line.shipped += units;
            shelf.on_hand -= units;
        }
        check("shipped");
    }

    void arrive() {
        for (const auto& line : order_.lines) {
            if (chance_.one_in(2)) shelves_.at(line.id).receive(chance_.up_to(3));
        }
        check("goods arrived");
    }

    // Of a line with fewer units than before, those are given up first that are not there.
    void give_up(OrderLineId line, std::int64_t units) {
        auto& waiting = shelves_.at(line).waiting;
        if (waiting == 0 || units <= 0) return;
        ++seen_["waiting units given up"];
        waiting -= std::min(waiting, units);
    }

    void change() {
        ChangeSet changes;
        for (const auto& line : order_.lines) {
            const auto least = std::max(line.shipped + line.unsent, line.credited_quantity);
            // More needs goods in the house.
            const auto most = line.quantity + (shelves_.at(line.id).free(line) > 0 ? 1 : 0);
            if (chance_.one_in(2)) changes.lines.push_back({line.id, chance_.between(least, most)});
        }
        if (chance_.one_in(4)) changes.shipping = Money(chance_.up_to(900), order_.currency());
        if (chance_.one_in(4)) changes.discount = Money(chance_.up_to(300), order_.currency());
        if (chance_.one_in(4)) changes.added.push_back({random_line(chance_, order_.currency(), order_.tax_included), "reason"});
        const auto before = order_;
        const auto preview = apply_changes(order_, changes);
        if (!preview) return check("change refused: " + preview.error().code);
        auto expected = position();
        expected.sold = preview->worth();
        // The outcome is worked out anew; it is what was shown.
        auto outcome = apply_changes(order_, changes);
        ASSERT_TRUE(outcome && *outcome == *preview);
        books_.post(edit_entries(before.worth(), outcome->worth(), ""));
        order_ = std::move(*outcome);
        for (const auto& line : before.lines) {
            const auto kept = std::ranges::find(order_.lines, line.id, &ContentLine::id);
            if (kept != order_.lines.end()) give_up(line.id, line.quantity - kept->quantity);
        }
        for (const auto& line : order_.lines) {
            if (!shelves_.contains(line.id)) shelves_[line.id].receive(line.quantity);
        }
        ASSERT_EQ(position().owed(), expected.owed());
        ASSERT_EQ(payable_now(position()), payable_now(expected));
        check("changed");
        pay_out();
    }

    void refund() {
        RefundRequest request{{}, none(), none()};
        for (const auto& line : position().lines) {
            const auto units = chance_.up_to(std::min<std::int64_t>(line.left_quantity(), 3));
            if (units > 0 && chance_.one_in(2)) request.lines.push_back({line.id, units});
        }
        if (chance_.one_in(3)) request.shipping = Money(chance_.up_to(order_.shipping.minor()), order_.currency());
        if (chance_.one_in(3)) request.adjustment = Money(chance_.between(-200, 400), order_.currency());
        grant(request, "refunded", true);
    }

    // A return: of what was shipped, for its worth or less.
    void give_back() {
        RefundRequest request{{}, none(), none()};
        for (const auto& line : order_.lines) {
            const auto units = chance_.up_to(std::min(line.shipped, line.quantity - line.credited_quantity));
            if (units > 0) request.lines.push_back({line.id, units});
        }
        if (chance_.one_in(3)) request.adjustment = Money(-chance_.up_to(100), order_.currency());
        grant(request, "returned");
    }

    void grant(const RefundRequest& request, const std::string& step, bool withholds = false) {
        grant(request, step, chance_.one_in(5) ? PayBack::as_store_credit : PayBack::to_payments, withholds);
    }
    void grant(const RefundRequest& request, const std::string& step, PayBack how, bool withholds = false) {
        const auto before = position();
        const auto plan = plan_refund(before, request, std::nullopt, how);
        if (!plan) return check(step + " refused: " + plan.error().code);
        for (const auto& part : plan->lines) {
            auto& line = *std::ranges::find(order_.lines, part.line, &ContentLine::id);
            line.credited += part.worth;
            line.credited_quantity += part.quantity;
            // What has not left stays here, as at the desk.
            const auto kept = withholds ? std::min(part.quantity, line.quantity - line.unsent - line.shipped) : 0;
            line.unsent += kept;
            give_up(line.id, kept);
            if (kept > 0) ++seen_["withheld"];
        }
        order_.shipping_credited += plan->shipping;
        order_.credited += plan->total;
        books_.post(credit_entries(plan->total, ""));
        send(plan->parts);
        if (!plan->as_credit.is_zero()) {
            ASSERT_TRUE(plan->parts.empty());
            books_.move(kOwed, kStoreCredit, plan->as_credit);
            as_credit_ += plan->as_credit;
            ++seen_["as store credit"];
        }
        // What was shown is what came of it.
        const auto after = position();
        ASSERT_EQ(before.owed() - after.owed(), plan->total.value - plan->as_credit);
        ASSERT_EQ(payable_now(after), none());
        ASSERT_LE(plan->total.value - plan->settles, after.pending() - before.pending() + plan->as_credit);
        check(step);
    }

    // What the buyer has paid beyond what the order is worth goes back as far as the provider allows it now.
    void pay_out() {
        const auto now = position();
        const auto due = payable_now(now);
        if (due.is_zero()) return;
        const auto parts = spread(now.sources, due);
        if (!parts) return check("pay-out waits: " + parts.error().code);
        send(*parts);
        ASSERT_EQ(payable_now(position()), none());
        check("paid out");
    }

    void send(const std::vector<Part>& parts) {
        for (const auto& part : parts) {
            auto& payment = *std::ranges::find(payments_, part.source, &Payment::id);
            ASSERT_FALSE(payment.on_its_way) << "a second refund while one is on its way";
            payment.on_its_way = part.amount;
        }
    }

    // The provider answers one of the refunds that are on their way.
    void answer(bool may_fail = true) {
        for (auto& payment : payments_) {
            if (!payment.on_its_way) continue;
            const auto amount = *std::exchange(payment.on_its_way, std::nullopt);
            if (may_fail && payment.is_card && chance_.one_in(4)) return check("refund failed");
            payment.refund(amount);
            books_.move(kOwed, payment.is_card ? std::string(kProvider) : account_of(payment), amount);
            check("refund done");
            return;
        }
    }

    // In the provider's back office, or by the payer's bank.
    void behind_our_back() {
        for (auto& payment : payments_) {
            const auto left = payment.source().left();
            if (!payment.is_card || left.is_zero() || payment.on_its_way || !chance_.one_in(4)) continue;
            if (payment.partial_refunds > 0) continue;
            const Money part(chance_.between(1, left.minor()), order_.currency());
            payment.refund(part);
            elsewhere_ += part;
            books_.move(kOwed, kProvider, part);
            check("refunded elsewhere");
            return;
        }
    }

    // In the end everything is given up: the order is worth nothing, and all the money is back.
    void end() {
        const auto all_answered = [&] {
            return std::ranges::none_of(payments_, [](const Payment& p) { return p.on_its_way.has_value(); });
        };
        for (int i = 0; i < 10 && !all_answered(); ++i) answer(false);
        ASSERT_TRUE(all_answered());
        RefundRequest request{{}, (order_.delivery() - order_.shipping_credited).value, none()};
        Money worth = request.shipping;
        for (const auto& line : position().lines) {
            if (line.left_quantity() > 0) request.lines.push_back({line.id, line.left_quantity()});
            worth += line.left().value;
        }
        // Earlier goodwill and deductions are made even.
        request.adjustment = position().creditable().value - worth;
        if (position().creditable().value.is_zero()) return check("ended before");
        // After store credit the provider may have more left than may go: then the rest is store credit as well.
        grant(request, "ended", plan_refund(position(), request) ? PayBack::to_payments : PayBack::as_store_credit);
        if (::testing::Test::HasFatalFailure()) return;
        ASSERT_EQ(order_.credited, order_.worth());
        for (int i = 0; i < 10 && !all_answered(); ++i) answer(false);
        for (int i = 0; i < 10 && !payable_now(position()).is_zero(); ++i) {
            pay_out();
            answer(false);
            if (const auto left = payable_now(position()); i == 8 && !left.is_zero()) {
                books_.move(kOwed, kStoreCredit, left);
                as_credit_ += left;
            }
        }
        if (const auto owed = position().owed(); owed > none()) {
            // Given as store credit, and then once more behind our back: the buyer has it twice, and the books say so.
            ASSERT_EQ(books_.balance(kOwed), owed);
            ASSERT_LE(owed, elsewhere_);
            return check("ended with a refund made twice");
        }
        ASSERT_EQ(books_.balance(kOwed), none());
        ASSERT_EQ(position().captured(), position().gone_back());
        for (const auto& payment : payments_) {
            if (payment.is_card) continue;
            ASSERT_EQ(-books_.balance(account_of(payment)), payment.issued - payment.captured + payment.refunded);
        }
        for (const auto account : {ledger::account::kSales, ledger::account::kTax}) ASSERT_EQ(books_.balance(account), none());
        // What became store credit stayed where the payments brought it.
        Money kept = none();
        for (const auto& payment : payments_) kept += payment.captured - payment.refunded;
        ASSERT_EQ(kept, as_credit_);
    }

    Chance& chance_;
    std::map<std::string, int>& seen_;
    OrderContent order_;
    Books books_;
    std::map<OrderLineId, Shelf> shelves_;
    std::vector<Payment> payments_;
    Money as_credit_ = none();
    Money elsewhere_ = none();  // went back behind our back, whatever we had given
};

TEST(OrderLives, books_balance_and_rules_hold_after_every_step) {
    const auto seed = test_seed();
    std::map<std::string, int> seen;
    const auto number = lives();
    for (int i = 0; i < number; ++i) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed << ", life " << i);
        Chance chance(seed + static_cast<std::uint32_t>(i));
        Life(chance, seen).live();
        if (::testing::Test::HasFailure()) return;
    }
    // A test that never came to a rule says nothing about it.
    for (const auto* step : {"captured",
                             "shipped",
                             "changed",
                             "refunded",
                             "returned",
                             "paid out",
                             "refund done",
                             "refund failed",
                             "refunded elsewhere",
                             "ended",
                             "waits for goods",
                             "goods arrived",
                             "waiting units given up",
                             "gift card spent",
                             "due paid",
                             "as store credit",
                             "withheld",
                             "refunded refused: payments.refund_rest_only",
                             "refunded refused: orders.refund_in_progress",
                             "pay-out waits: payments.refund_rest_only"})
        EXPECT_GT(seen[step], number / 400) << step;
    std::printf("%d lives", number);
    for (const auto& [step, count] : seen) std::printf(", %s %d", step.c_str(), count);
    std::printf("\n");
}

}  // namespace
}  // namespace stoa::orders
