#pragma once
#include <optional>

#include "stoa/payments/cases.hpp"

namespace stoa::payments {

// Of a chargeback, what the bank took beyond what was left of the payment: it had been refunded before, and is gone twice. Owed by nobody.
[[nodiscard]] inline std::optional<Money> gone_twice(const Case& found) {
    if (!found.reversal || found.kind != CaseKind::chargeback || !found.listed) return std::nullopt;
    const Money& back = found.reversal->amount;
    if (found.listed->currency() != back.currency() || *found.listed <= back) return std::nullopt;
    return *found.listed - back;
}

}  // namespace stoa::payments
