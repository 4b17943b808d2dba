#pragma once
// Changes of a placed order, at the order desk: goods, prices, addresses, delivery. Permission orders.edit; what goes back by a change
// needs the right and the limit of a refund.
#include "stoa/http/router.hpp"
#include "stoa/http/staff.hpp"
#include "stoa/orders/after_sale.hpp"
#include "stoa/shipping/shipping.hpp"

namespace stoa::orders {

// `after_sale` comes from make_after_sale(). What is named must outlive the routes.
void add_edit_routes(http::Routes& routes, AfterSale& after_sale, shipping::Shipping& shipping, http::StaffGate& gate,
                     http::AuditLog& audit);

}  // namespace stoa::orders
