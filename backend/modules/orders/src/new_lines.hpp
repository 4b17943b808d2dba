#pragma once
#include <span>

#include "stoa/db/db.hpp"
#include "stoa/orders/orders.hpp"

namespace stoa::orders {

// Writes lines that an order has not had, with these ids, from place `first` on.
[[nodiscard]] db::Call insert_lines(OrderId order, std::span<const NewLine> lines, std::span<const Uuid> ids, int first);

}  // namespace stoa::orders
