#pragma once
// Orders and returns in a customer's export, and what becomes of them when the customer asks to be forgotten.
#include "stoa/clock/clock.hpp"
#include "stoa/customers/customers.hpp"

namespace stoa::orders {

// Call once at start; `clock` outlives `customers`. An erase parts the orders from the account: the law keeps them, with the name and
// address that invoices must carry. Telephone numbers go where nothing is to be delivered any more,
// photos of returns where the shop has decided: those of settled returns at once, the others after their decision.
void register_privacy(customers::Customers& customers, const Clock& clock);

}  // namespace stoa::orders
