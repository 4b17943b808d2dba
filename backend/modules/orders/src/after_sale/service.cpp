#include "after_sale/service.hpp"

namespace stoa::orders {

void Service::add_admin_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) {
    add_refund_routes(routes, gate, audit);
    add_return_routes(routes, gate, audit);
    add_edit_routes(routes, gate, audit);
    add_cancel_routes(routes, gate, audit);
}

std::vector<jobs::Handler> Service::job_handlers() { return {refunds_.job_handler()}; }

Result<SoldOrder> Service::read_sold(db::Session& session, OrderId id) const {
    auto order = load_sold(session, deps_, id);
    if (!order) return fail(ErrorKind::not_found, "orders.not_found", "There is no such order.");
    if (!order->is_sold()) return not_sold();
    return std::move(*order);
}

std::unique_ptr<AfterSale> make_after_sale(AfterSaleDependencies dependencies) { return std::make_unique<Service>(dependencies); }

}  // namespace stoa::orders
