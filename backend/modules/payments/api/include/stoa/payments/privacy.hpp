#pragma once
// What becomes of saved cards and gift cards when their owner asks to be forgotten.
#include <string_view>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/payments/payments.hpp"

namespace stoa::payments {

// The customer's saved cards are gone, and a payment under way saves none. Gift cards that were sent to the address stay worth what they
// are for whoever has their code, and no longer say whose they are. What was paid stays in the books.
void forget_customer(db::Tx& tx, const Uuid& customer, std::string_view email, Timestamp now);
// Gift cards that somebody bought for others and sent: no longer to whom. They stay worth what they are.
void forget_addresses(db::Tx& tx, const std::vector<CreditId>& cards, Timestamp now);

}  // namespace stoa::payments
