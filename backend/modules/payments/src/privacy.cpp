#include "stoa/payments/privacy.hpp"

#include "sql/payments.hpp"

namespace stoa::payments {

void forget_customer(db::Tx& tx, const Uuid& customer, Timestamp now) { tx.exec(sql::forget_cards_of_customer, customer, now); }

}  // namespace stoa::payments
