#pragma once
// What counts against the limit of whoever gives something back of an order.
#include <algorithm>

#include "refunds/money_position.hpp"

namespace stoa::orders {

// What leaves the shop by it.
[[nodiscard]] inline Money leaving_by(const RefundPlan& plan) {
    Money out = plan.as_credit;
    for (const auto& part : plan.parts) out += part.amount;
    return out;
}

// What an order has cost the shop with this: granted, or gone without a grant, by a change of the order.
[[nodiscard]] inline Money given_out(const MoneyPosition& position, const Money& granted, const Money& leaving) {
    const Money all = position.credited.value + granted;
    return leaving.is_zero() ? all : std::max(all, position.gone_back() + position.pending() + leaving);
}
[[nodiscard]] inline Money given_out(const MoneyPosition& position, const RefundPlan& plan) {
    return given_out(position, plan.total.value, leaving_by(plan));
}

}  // namespace stoa::orders
