#pragma once
#include "stoa/ids/id.hpp"

namespace stoa::cart {
using CartId = Id<"cart">;
using LineId = Id<"line">;
}  // namespace stoa::cart
