#pragma once
// What becomes of saved cards when their owner asks to be forgotten.
#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"

namespace stoa::payments {

// The customer's saved cards are gone, and a payment under way saves none. What was paid stays in the books.
void forget_customer(db::Tx& tx, const Uuid& customer, Timestamp now);

}  // namespace stoa::payments
