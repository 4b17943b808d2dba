#pragma once
#include "stoa/ids/id.hpp"

namespace stoa::customers {
using CustomerId = Id<"cus">;
using AddressId = Id<"adr">;
using SessionId = Id<"ses">;
}  // namespace stoa::customers
