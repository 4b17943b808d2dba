#pragma once
// What happens to an order after it was sold: refunds and returns. Each refund is worked out by a pure function first,
// which the preview shows and the confirmation writes.
#include <memory>
#include <vector>

#include "stoa/http/idempotency.hpp"
#include "stoa/http/router.hpp"
#include "stoa/http/staff.hpp"
#include "stoa/inventory/inventory.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/ledger/ledger.hpp"
#include "stoa/orders/orders.hpp"
#include "stoa/payments/payments.hpp"

namespace stoa::orders {

struct AfterSaleDependencies {
    db::Database& database;
    const Clock& clock;
    http::Idempotency& idempotency;
    ledger::Ledger& ledger;
    inventory::Inventory& inventory;
    payments::Payments& payments;
    Orders& orders;
};

class AfterSale {
public:
    virtual ~AfterSale() = default;
    // My Account: what can be returned, asking for it, and thinking better of it.
    virtual void add_customer_routes(http::Routes& routes, customers::Customers& customers) = 0;
    // Permissions: orders.read, orders.refund (with a limit for all refunds of an order together), orders.returns, orders.return_policy.
    virtual void add_admin_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) = 0;
    // orders.refund: one refund of one payment, at the provider.
    [[nodiscard]] virtual std::vector<jobs::Handler> job_handlers() = 0;
};

[[nodiscard]] std::unique_ptr<AfterSale> make_after_sale(AfterSaleDependencies dependencies);

}  // namespace stoa::orders
