#pragma once
// Grants refunds, pays out what is owed to the buyer, and sends each part to its provider by the job orders.refund.
#include "after_sale/sold_order.hpp"

namespace stoa::orders {

struct Granted {
    OrderRefundId id;
    RefundPlan plan;
};

class Refunds {
public:
    explicit Refunds(const AfterSaleDependencies& dependencies) : deps_(dependencies) {}

    // What grant() would do, or why it would not. Changes nothing.
    [[nodiscard]] Result<RefundPlan> preview(db::Session& session, const SoldOrder& order, const RefundRequest& request,
                                             const std::optional<std::vector<Part>>& chosen, PayBack how = PayBack::to_payments) const;
    // The order must come from lock_sold() in this transaction; it is out of date afterwards. Writes the refund, posts it to the ledger,
    // reserves each part at its payment and enqueues its job. As store credit it is there at once; 409 orders.refund_no_account for a
    // guest's order.
    [[nodiscard]] Result<Granted> grant(db::Tx& tx, const SoldOrder& order, const RefundRequest& request,
                                        const std::optional<std::vector<Part>>& chosen, std::string_view reason,
                                        const http::StaffActor& staff, PayBack how = PayBack::to_payments);
    // What is owed to the buyer and not on its way: after a change of the order, or when a provider refused a refund. Nothing when
    // nothing is.
    [[nodiscard]] Result<std::optional<OrderRefundId>> pay_out(db::Tx& tx, const SoldOrder& order,
                                                               const std::optional<std::vector<Part>>& chosen, std::string_view reason,
                                                               const http::StaffActor& staff, PayBack how = PayBack::to_payments);
    [[nodiscard]] jobs::Handler job_handler();

private:
    [[nodiscard]] Result<OrderRefundId> write(db::Tx& tx, const SoldOrder& order, const RefundPlan& plan, std::string_view reason,
                                              const http::StaffActor& staff);
    void settle_state(db::Tx& tx, const SoldOrder& order, const RefundPlan& plan);
    void run(const jobs::Job& job);
    // Under the order's lock: what the payment's refund has become.
    void settle(db::Tx& tx, OrderRefundPartId part);

    const AfterSaleDependencies& deps_;
};

}  // namespace stoa::orders
