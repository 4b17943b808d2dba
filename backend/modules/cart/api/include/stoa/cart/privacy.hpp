#pragma once
// What becomes of carts when their customer asks to be forgotten.
#include <vector>

#include "stoa/cart/ids.hpp"
#include "stoa/customers/ids.hpp"
#include "stoa/db/db.hpp"

namespace stoa::cart {

// Removes the customer's carts; those that became orders stay and belong to nobody. Returns all of them, for what was noted beside them.
[[nodiscard]] std::vector<CartId> forget_customer(db::Tx& tx, customers::CustomerId customer);

}  // namespace stoa::cart
