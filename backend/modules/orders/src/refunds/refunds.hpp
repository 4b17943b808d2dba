#pragma once
// Grants refunds, pays out what is owed to the buyer, and sends each part to its provider by the job orders.refund.
#include "after_sale/sold_order.hpp"

namespace stoa::orders {

// What becomes of refunded units that have not left. withheld: they are not sent, and their stock is free again. sent_all_the_same: the
// refund is about something else, a return for instance, or the shop gives them away.
enum class Unsent { withheld, sent_all_the_same };

struct Granted {
    OrderRefundId id;
    RefundPlan plan;
};

class Refunds {
public:
    explicit Refunds(const AfterSaleDependencies& dependencies) : deps_(dependencies) {}

    // What grant() would do, or why it would not. Changes nothing.
    [[nodiscard]] Result<RefundPlan> preview(db::Session& session, const SoldOrder& order, const RefundRequest& request,
                                             const std::optional<std::vector<Part>>& chosen, PayBack how = PayBack::to_payments,
                                             Unsent unsent = Unsent::withheld) const;
    // The order must come from lock_sold() in this transaction; it is out of date afterwards. Writes the refund, posts it to the ledger,
    // reserves each part at its payment and enqueues its job. As store credit it is there at once, for a guest as a gift card that is
    // mailed to the order's address; 409 orders.refund_no_account where there is none. What is withheld leaves the loose shipments and the
    // order's stock; 409 orders.edit_labelled where a label holds it.
    [[nodiscard]] Result<Granted> grant(db::Tx& tx, const SoldOrder& order, const RefundRequest& request,
                                        const std::optional<std::vector<Part>>& chosen, std::string_view reason,
                                        const http::StaffActor& staff, PayBack how = PayBack::to_payments,
                                        Unsent unsent = Unsent::withheld);
    // What is owed to the buyer and not on its way: after a change of the order, or when a provider refused a refund. Nothing when
    // nothing is.
    [[nodiscard]] Result<std::optional<OrderRefundId>> pay_out(db::Tx& tx, const SoldOrder& order,
                                                               const std::optional<std::vector<Part>>& chosen, std::string_view reason,
                                                               const http::StaffActor& staff, PayBack how = PayBack::to_payments);
    [[nodiscard]] jobs::Handler job_handler();

private:
    // Says of each line of the plan how many of its units are withheld.
    [[nodiscard]] Result<void> mark_unsent(db::Session& session, const SoldOrder& order, RefundPlan& plan) const;
    // Their stock and their place in shipments, after the refund was written.
    [[nodiscard]] Result<void> withhold(db::Tx& tx, const SoldOrder& order, const RefundPlan& plan);
    [[nodiscard]] Result<OrderRefundId> write(db::Tx& tx, const SoldOrder& order, const RefundPlan& plan, std::string_view reason,
                                              const http::StaffActor& staff);
    [[nodiscard]] Result<void> give_credit(db::Tx& tx, const SoldOrder& order, OrderRefundId id, const Money& amount);
    void settle_state(db::Tx& tx, const SoldOrder& order, const RefundPlan& plan);
    void run(const jobs::Job& job);
    // Under the order's lock: what the payment's refund has become.
    void settle(db::Tx& tx, OrderRefundPartId part);

    const AfterSaleDependencies& deps_;
};

}  // namespace stoa::orders
