#pragma once
// What the module keeps for a time only.
#include <cstdint>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"

namespace stoa::payments {

// Forgets the provider's notifications that came before `before`, the oldest first, at most `limit`; how many. They carry addresses of
// people and machines; what they told is booked long since.
std::int64_t forget_notifications(db::Tx& tx, Timestamp before, int limit);

}  // namespace stoa::payments
