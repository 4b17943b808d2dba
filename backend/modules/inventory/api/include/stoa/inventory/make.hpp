#pragma once
#include <memory>

#include "stoa/clock/clock.hpp"
#include "stoa/inventory/inventory.hpp"

namespace stoa::inventory {
// `clock` decides what has expired.
[[nodiscard]] std::unique_ptr<Inventory> make_inventory(const Clock& clock);
}  // namespace stoa::inventory
