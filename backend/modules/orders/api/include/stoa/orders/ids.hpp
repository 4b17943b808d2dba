#pragma once
#include "stoa/ids/id.hpp"

namespace stoa::orders {
using OrderId = Id<"ord">;
using OrderLineId = Id<"oli">;
using OrderRefundId = Id<"orf">;
using OrderRefundPartId = Id<"orp">;
using OrderEditId = Id<"oed">;
using ReturnId = Id<"ret">;
using ReturnPhotoId = Id<"rph">;
}  // namespace stoa::orders
