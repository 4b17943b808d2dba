#include "stoa/checkout/privacy.hpp"

#include "sql/checkout.hpp"

namespace stoa::checkout {

void forget_people(db::Tx& tx, const std::vector<cart::CartId>& carts) { tx.exec(sql::forget_people, carts); }

}  // namespace stoa::checkout
