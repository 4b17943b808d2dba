#include "stoa/payments/privacy.hpp"

#include "sql/credits.hpp"
#include "sql/payments.hpp"

namespace stoa::payments {

void forget_customer(db::Tx& tx, const Uuid& customer, std::string_view email, Timestamp now) {
    tx.exec(sql::forget_cards_of_customer, customer, now);
    if (!email.empty()) tx.exec(sql::forget_credit_address, email, now);
}

void forget_addresses(db::Tx& tx, const std::vector<CreditId>& cards, Timestamp now) {
    if (!cards.empty()) tx.exec(sql::forget_credit_addresses, cards, now);
}

}  // namespace stoa::payments
