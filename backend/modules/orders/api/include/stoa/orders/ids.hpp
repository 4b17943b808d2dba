#pragma once
#include "stoa/ids/id.hpp"

namespace stoa::orders {
using OrderId = Id<"ord">;
using OrderLineId = Id<"oli">;
}  // namespace stoa::orders
