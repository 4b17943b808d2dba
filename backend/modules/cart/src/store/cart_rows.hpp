#pragma once
#include "stoa/cart/carts.hpp"
#include "stoa/db/db.hpp"

namespace stoa::cart::store {

// One row of cart.cart with the rows of its lines and codes.
[[nodiscard]] std::optional<StoredCart> cart_from(const db::Rows& cart, const db::Rows& lines, const db::Rows& codes);

}  // namespace stoa::cart::store
