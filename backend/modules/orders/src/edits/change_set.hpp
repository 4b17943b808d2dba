#pragma once
// An order after a change, before anything is written. Pure: the preview and the confirmation call the same function.
//
// Taking units away is the inverse of refunding them: the last units go with their share of discount and tax (SoldLine::worth_of), so
// that it makes no difference to the buyer's money whether units are taken out of an order or refunded.
#include <string>

#include "refunds/money_position.hpp"

namespace stoa::orders {

struct ContentLine {
    OrderLineId id;
    Uuid variant;
    std::int64_t quantity = 0;
    std::int64_t shipped = 0;
    std::int64_t credited_quantity = 0;
    std::int64_t unsent = 0;            // of those that were refunded: they never left, and are not to
    Money unit_price, discount, total;  // as shown: with tax or without
    Money net, tax;
    std::int64_t basis_points = 0;
    std::string treatment;
    Worth credited;

    [[nodiscard]] Worth worth() const { return {net + tax, tax}; }
    bool operator==(const ContentLine&) const = default;
};
struct ContentTaxLine {
    std::int64_t basis_points = 0;
    std::string treatment, reason;
    Money net, tax;
    bool operator==(const ContentTaxLine&) const = default;
};
struct OrderContent {
    bool tax_included = true;
    std::vector<ContentLine> lines;
    std::vector<ContentTaxLine> tax_lines;
    Money subtotal, discount, shipping, tax, total;
    Worth credited, shipping_credited;
    bool operator==(const OrderContent&) const = default;

    [[nodiscard]] Currency currency() const { return total.currency(); }
    [[nodiscard]] Worth worth() const { return {total, tax}; }
    [[nodiscard]] Worth delivery() const;  // what the lines do not hold
};

[[nodiscard]] MoneyPosition position_of(const OrderContent& content, std::vector<Source> sources, const Money& as_credit, bool uncaptured);

struct LineChange {
    OrderLineId line;
    std::int64_t quantity = 0;  // 0: the line goes
};
struct AddedLine {
    ContentLine line;  // with the id that it will have
    std::string tax_reason;
};
struct ChangeSet {
    std::vector<LineChange> lines;
    std::optional<Money> shipping;  // what the buyer pays for the delivery
    std::optional<Money> discount;  // off the goods, on top of what there is
    std::vector<AddedLine> added{};
};

// 422 orders.line_unknown, orders.edit_quantity, orders.edit_amount; 409 orders.edit_empty, orders.edit_delivery_refunded,
// orders.edit_below_refunded. Units added cost what the line's units cost, without its discount.
[[nodiscard]] Result<OrderContent> apply_changes(const OrderContent& before, const ChangeSet& changes);

// debit receivables, credit sales and tax by the difference.
[[nodiscard]] std::vector<ledger::Entry> edit_entries(const Worth& before, const Worth& after, const std::string& subject);

}  // namespace stoa::orders
