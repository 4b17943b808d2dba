#pragma once
// What becomes of checkouts when their customer asks to be forgotten.
#include <vector>

#include "stoa/cart/ids.hpp"
#include "stoa/db/db.hpp"

namespace stoa::checkout {

// Contact and addresses that were given in the checkouts of these carts are gone. Orders have their own copies.
void forget_people(db::Tx& tx, const std::vector<cart::CartId>& carts);

}  // namespace stoa::checkout
