#pragma once
// What becomes of reviews when their author asks to be forgotten.
#include "stoa/db/db.hpp"

namespace stoa::catalog {

// The customer's reviews stay, without their name and without a way back to the account. Events review.forgotten in the same transaction.
void forget_reviewer(db::Tx& tx, const Uuid& customer);

}  // namespace stoa::catalog
