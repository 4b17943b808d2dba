#pragma once
// The customer who is here, as a buyer.
#include "stoa/companies/buyer_context.hpp"
#include "stoa/customers/customers.hpp"

namespace stoa::companies {

inline void identify(BuyerContext& buyer, const customers::CustomerInfo& customer) {
    buyer.customer = customer.id;
    buyer.groups = customer.groups;
    buyer.company.reset();
    if (customer.company) buyer.company = CompanyId(*customer.company);
}

}  // namespace stoa::companies
