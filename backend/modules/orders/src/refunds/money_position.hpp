#pragma once
// What an order is worth, what came in for it, what was granted back and what went back, and what may still go back. Pure.
//
// Granting and paying are two things. A refund *grants* an amount: it lowers what the buyer owes. What the buyer has paid beyond that
// is *paid out*, to the payments it came from; an order that was not paid yet is owed less, and no money moves.
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stoa/ledger/ledger.hpp"
#include "stoa/money/money.hpp"
#include "stoa/orders/ids.hpp"
#include "stoa/orders/states.hpp"
#include "stoa/payments/payments.hpp"
#include "stoa/result/result.hpp"

namespace stoa::orders {

// Tax is a part of value, whether the shop shows prices with it or without.
struct Worth {
    Money value, tax;
    Worth& operator+=(const Worth& other);
    Worth& operator-=(const Worth& other);
    friend Worth operator+(Worth a, const Worth& b) { return a += b; }
    friend Worth operator-(Worth a, const Worth& b) { return a -= b; }
    bool operator==(const Worth&) const = default;
    [[nodiscard]] static Worth zero(Currency currency) { return {Money::zero(currency), Money::zero(currency)}; }
    [[nodiscard]] Money net() const { return value - tax; }
};

struct SoldLine {
    OrderLineId id;
    std::int64_t quantity = 0;
    Worth sold;                          // of all its units, after discounts
    std::int64_t credited_quantity = 0;  // units that were granted back, and what for
    Worth credited;

    [[nodiscard]] std::int64_t left_quantity() const { return quantity - credited_quantity; }
    [[nodiscard]] Worth left() const { return sold - credited; }
    // Of that many of the units that are left. Whatever way a line is taken apart, the parts add up to it: every unit is worth the
    // same but for the smallest coins, which the first ones have (largest remainder). Precondition: 0 <= units <= left_quantity().
    [[nodiscard]] Worth worth_of(std::int64_t units) const;
};

// A payment that money can go back to.
struct Source {
    payments::AttemptId id;
    Money captured, refunded;
    Money pending;           // of refunds that are on their way
    bool rest_only = false;  // the provider takes one partial refund and then only the rest
    bool is_credit = false;  // a gift card or store credit
    bool blocked = false;    // a gift card that nobody can use any more: nothing goes back to it

    [[nodiscard]] Money left() const { return blocked ? Money::zero(captured.currency()) : captured - refunded - pending; }
    [[nodiscard]] bool busy() const { return !pending.is_zero(); }
};

// In which money goes back: gift cards and store credit first, to which any part can go as often as need be, then the payments as they
// were made. So what was paid by gift card does not become money, and the provider's one partial refund is spared.
void order_for_return(std::vector<Source>& sources);

struct MoneyPosition {
    Worth sold;      // the order as it is now: goods and delivery
    Worth credited;  // of it granted back, adjustments included
    std::vector<SoldLine> lines;
    Worth shipping, shipping_credited;
    std::vector<Source> sources;  // in the order in which they are paid back
    Money as_credit;              // of what was to be given back, what became store credit instead
    Money written_off;            // of what the buyer owes, what the shop has accepted as loss
    bool uncaptured = false;      // a reservation or a debit that is not money yet: its amount is fixed until it is

    [[nodiscard]] Currency currency() const { return sold.value.currency(); }
    [[nodiscard]] Money captured() const;
    [[nodiscard]] Money refunded() const;
    [[nodiscard]] Money pending() const;
    // What the buyer has got back, in money or as store credit.
    [[nodiscard]] Money gone_back() const { return refunded() + as_credit; }
    // What the buyer still has to pay; negative: what is to be given back, whether or not it is on its way.
    [[nodiscard]] Money owed() const { return worth_less_money() - lost(); }
    // The part of what was written off that the buyer would owe without it. The rest is no loss any more: the order became worth less, or
    // was paid after all.
    [[nodiscard]] Money lost() const;
    [[nodiscard]] Worth creditable() const { return sold - credited; }

private:
    [[nodiscard]] Money worth_less_money() const { return sold.value - credited.value - captured() + gone_back(); }
};

struct RefundLine {
    OrderLineId line;
    std::int64_t quantity = 0;
};
struct RefundRequest {
    std::vector<RefundLine> lines;
    Money shipping;
    Money adjustment;  // more (goodwill) or, negative, less (a deduction) than the lines and the delivery are worth
};

struct Part {
    payments::AttemptId source;
    Money amount;
    bool operator==(const Part&) const = default;
};
struct RefundPlan {
    struct Line {
        OrderLineId line;
        std::int64_t quantity = 0;
        Worth worth;
        std::int64_t unsent = 0;  // of the quantity, see Unsent
    };
    std::vector<Line> lines;
    Worth shipping;
    Worth adjustment;  // its tax also carries the last coin of rounding, so that tax and net never exceed what is left of them
    Worth total;
    Money settles;            // what is owed less: no money moves for it
    std::vector<Part> parts;  // with what earlier refunds and changes still owe the buyer
    Money as_credit;          // or all of that as store credit
};
// `as_far_as_possible`: as to_payments, but what was paid with a blocked gift card stays owed until somebody decides where it goes.
enum class PayBack { to_payments, as_store_credit, as_far_as_possible };

// Spreads over the sources in their order and within the provider's rule. 409 orders.refund_in_progress, payments.refund_rest_only,
// payments.refund_blocked; 422 payments.refund_too_large.
[[nodiscard]] Result<std::vector<Part>> spread(std::span<const Source> sources, const Money& amount);
// The same for parts that somebody chose. 422 orders.refund_parts.
[[nodiscard]] Result<void> check_parts(std::span<const Source> sources, std::span<const Part> parts, const Money& amount);

// What would happen. Nothing does: the caller writes it. With `chosen` the parts are checked instead of made.
[[nodiscard]] Result<RefundPlan> plan_refund(const MoneyPosition& position, const RefundRequest& request,
                                             const std::optional<std::vector<Part>>& chosen = std::nullopt,
                                             PayBack how = PayBack::to_payments);

// How much has to leave now: what is owed to the buyer beyond what is on its way already.
[[nodiscard]] Money payable_now(const MoneyPosition& position);

// As much as could go to the payments: less than that when a gift card that was paid with is blocked.
[[nodiscard]] Money reachable(const MoneyPosition& position);

// The other side of it: what the buyer has to pay. What goes back on an earlier refund goes back whole, so a change that makes the order
// dearer meanwhile is due beside it.
[[nodiscard]] Money due_now(const MoneyPosition& position);

// The payment state of an order that is sold, after money has moved. First what a clerk has to act upon: as long as something is to be
// collected, the state that says so stays. Then what has gone back, then that it is paid. An order that nothing came in for is what it was.
[[nodiscard]] PaymentState payment_state_of(const MoneyPosition& position, PaymentState now);
// After a change of the order, which may make something due: whatever was paid or went back before, the rest is to be collected. Where the
// payment is an invoice, a reservation or came back, its state says so already.
[[nodiscard]] PaymentState payment_state_after_change(const MoneyPosition& position, PaymentState now);

// debit sales and tax, credit receivables.
[[nodiscard]] std::vector<ledger::Entry> credit_entries(const Worth& credited, const std::string& subject);

}  // namespace stoa::orders
