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
#include "stoa/orders/fulfilment.hpp"
#include "stoa/orders/orders.hpp"
#include "stoa/payments/credits.hpp"
#include "stoa/payments/payments.hpp"
#include "stoa/shipping/shipments.hpp"

namespace stoa::orders {

struct AfterSaleDependencies {
    db::Database& database;
    const Clock& clock;
    http::Idempotency& idempotency;
    ledger::Ledger& ledger;
    inventory::Inventory& inventory;
    payments::Payments& payments;
    Orders& orders;
    Fulfilment& fulfilment;
    shipping::Shipments& shipments;
    payments::Credits& credits;
};

class AfterSale {
public:
    virtual ~AfterSale() = default;
    // My Account: what can be returned, asking for it, and thinking better of it.
    virtual void add_customer_routes(http::Routes& routes, customers::Customers& customers) = 0;
    // Permissions: orders.read, orders.edit (changes and cancellations), orders.refund (with a limit for all refunds of an order together),
    // orders.returns, orders.return_policy.
    virtual void add_admin_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) = 0;
    // What the buyer still has to pay for an order that was sold and paid in part: after a change, or when a debit came back. Zero while
    // nothing is to be collected, nullopt when the order was not sold. With a Tx lock the order first.
    [[nodiscard]] virtual std::optional<Money> due(db::Session& session, OrderId order) = 0;
    // A payment of what was due has come; the header was locked in this transaction. The payment state says what is still open.
    virtual void due_paid(db::Tx& tx, Header& order) = 0;
    // Tells the buyer by mail where to pay it (event order.payment_requested). The header was locked in this transaction.
    virtual void request_payment(db::Tx& tx, const Header& order, const Money& due) = 0;
    // orders.refund: one refund of one payment, at the provider.
    [[nodiscard]] virtual std::vector<jobs::Handler> job_handlers() = 0;
};

[[nodiscard]] std::unique_ptr<AfterSale> make_after_sale(AfterSaleDependencies dependencies);

}  // namespace stoa::orders
