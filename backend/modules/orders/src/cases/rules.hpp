#pragma once
// In which ways a case about a payment can be resolved, and what each of them moves. Pure.
#include <optional>
#include <vector>

#include "stoa/payments/cases.hpp"

namespace stoa::orders {

struct CaseOrder {
    bool is_sold = false;     // else it was cancelled: nothing can be granted any more
    bool uncaptured = false;  // a payment that is not money yet: no refund can be worked out
    Money due;                // what the buyer owes
    Money creditable;         // what can still be granted back
};
struct CaseChoice {
    payments::Resolution resolution = payments::Resolution::settled;
    std::optional<Money> amount;  // that it books; below zero where a difference was to our disadvantage
    bool operator==(const CaseChoice&) const = default;
};

// Empty while a refund is under way, whose outcome decides; of a case that is resolved, what may still change.
[[nodiscard]] std::vector<CaseChoice> case_choices(const payments::Case& found, const std::optional<CaseOrder>& order);

// What the shop bears or gives away by it, and so needs the right to refund.
[[nodiscard]] Money given_away(const CaseChoice& choice);

}  // namespace stoa::orders
