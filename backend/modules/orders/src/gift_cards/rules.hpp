#pragma once
// When a card is sent, and which cards of a line go back. Pure.
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/orders/dto.hpp"

namespace stoa::orders {

// Money that the order counts on has come in.
[[nodiscard]] bool is_paid_for(State order, PaymentState payment);
// At once, or on its day from seven o'clock (UTC) on: nobody is congratulated at night.
[[nodiscard]] bool is_to_be_sent(const std::optional<Date>& send_on, Timestamp now);
// The order in which cards of a line are tried when some must go back: first those nobody has seen, then the last ones. Places in `states`.
[[nodiscard]] std::vector<std::size_t> in_order_of_return(std::span<const GiftCardState> states);

}  // namespace stoa::orders
