#include "stoa/cart/privacy.hpp"

#include "sql/cart.hpp"

namespace stoa::cart {

std::vector<CartId> forget_customer(db::Tx& tx, customers::CustomerId customer) {
    std::vector<CartId> carts;
    const auto forgotten = tx.query(sql::forget_carts_of_customer, customer);
    for (const auto row : forgotten) carts.push_back(row.get<CartId>("id"));
    return carts;
}

}  // namespace stoa::cart
