#pragma once
#include "after_sale/due.hpp"
#include "cases/rules.hpp"
#include "edits/edits.hpp"
#include "refunds/refunds.hpp"
#include "returns/returns.hpp"

namespace stoa::orders {

class Service final : public AfterSale {
public:
    explicit Service(AfterSaleDependencies dependencies)
        : deps_(std::move(dependencies)), refunds_(deps_), returns_(deps_, refunds_), edits_(deps_, refunds_) {}

    void add_customer_routes(http::Routes& routes, customers::Customers& customers) override;  // returns/customer_routes.cpp
    void add_admin_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) override;
    std::optional<Money> due(db::Session& session, OrderId order) override;  // due.cpp
    Money unpaid(db::Session& session, OrderId order) override;
    void due_paid(db::Tx& tx, Header& order) override;
    void charged_back(db::Tx& tx, const Header& order) override;  // cases/routes.cpp
    void request_payment(db::Tx& tx, const Header& order, const Money& due) override;
    std::vector<jobs::Handler> job_handlers() override;
    std::vector<jobs::Schedule> schedules() const override;
    std::optional<RefundFacts> refund_facts(db::Session& session, OrderRefundId id) override;
    std::optional<ReturnFacts> return_facts(db::Session& session, ReturnId id) override;
    bool is_replacement(db::Session& session, OrderId id) override;

    // edits/routes.cpp, which add_edit_routes() calls.
    void add_edit_routes(http::Routes& routes, shipping::Shipping& shipping, http::StaffGate& gate, http::AuditLog& audit);

private:
    void add_refund_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit);   // refunds/routes.cpp
    void add_cancel_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit);   // edits/cancel.cpp
    void add_book_in_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit);  // after_sale/book_in.cpp
    void add_case_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit);     // cases/routes.cpp
    [[nodiscard]] Result<void> resolve_case(db::Tx& tx, const payments::Case& open, const CaseChoice& choice, std::string_view note,
                                            const http::StaffActor& staff);
    [[nodiscard]] Result<void> cancel_shipments(OrderId id, const shipping::Witness& witness);
    // Nothing of it was sent, and nothing is left of what was sold: cancelled.
    [[nodiscard]] Result<void> end_refunded(db::Tx& tx, OrderId id);
    [[nodiscard]] Result<void> cancel_order(db::Tx& tx, OrderId id, std::string_view reason, const http::StaffActor& staff);
    void add_return_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit);         // returns/desk_routes.cpp
    void add_return_policy_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit);  // returns/policy_routes.cpp

    // after_sale/complete.cpp
    [[nodiscard]] bool complete(db::Tx& tx, OrderId id);
    void complete_orders(const jobs::Job& job);

    // For looking only. 404 orders.not_found, 409 orders.not_sold.
    [[nodiscard]] Result<SoldOrder> read_sold(db::Session& session, OrderId id) const;
    // returns/dto.cpp
    [[nodiscard]] std::vector<shipping::ReturnLabel> labels_of(db::Session& session, const std::vector<StoredReturn>& returns) const;
    [[nodiscard]] static std::string scope_of(const http::StaffActor& actor) { return "staff:" + actor.id.to_string(); }

    AfterSaleDependencies deps_;
    Refunds refunds_;
    Returns returns_;
    Edits edits_;
};

// 409 orders.refund_changed with the total as it would be.
[[nodiscard]] Error refund_changed(const Money& total);

}  // namespace stoa::orders
