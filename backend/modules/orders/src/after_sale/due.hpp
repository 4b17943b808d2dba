#pragma once
// What a buyer still has to pay for an order that was sold: after a change that made it dearer, or when a debit came back.
#include "after_sale/sold_order.hpp"

namespace stoa::orders {

// Zero while nothing is to be collected: what is only reserved, or to be paid by invoice, is not due this way.
[[nodiscard]] Money due_of(const SoldOrder& order);
// Tells the buyer, by mail, where to pay it (event order.payment_requested).
void request_payment(db::Tx& tx, Orders& orders, const Header& order, const Money& due);

}  // namespace stoa::orders
