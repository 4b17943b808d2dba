#pragma once
// Goods that come back: the buyer asks, the shop decides, receives, and refunds what it received.
#include "refunds/refunds.hpp"
#include "returns/rules.hpp"

namespace stoa::orders {

struct NewReturnLine {
    OrderLineId line;
    std::int64_t quantity = 1;
    ReturnReason reason = ReturnReason::other;
    std::string comment;
};
struct ReceivedLine {
    OrderLineId line;
    std::int64_t received = 0;
    ReturnCondition condition = ReturnCondition::as_new;
    std::int64_t restocked = 0;
};
struct StoredReturn {
    ReturnId id;
    std::string number, order_number;
    OrderId order;
    ReturnState state = ReturnState::requested;
    std::string comment, answer;
    std::optional<OrderRefundId> refund;
    std::optional<Money> refunded;
    Timestamp requested_at;
    std::optional<Timestamp> decided_at, received_at;
    struct Line {
        OrderLineId line;
        std::string sku, name, options_text, comment;
        std::int64_t quantity = 1, received = 0, restocked = 0;
        ReturnReason reason = ReturnReason::other;
        std::optional<ReturnCondition> condition;
    };
    std::vector<Line> lines;
};

class Returns {
public:
    Returns(const AfterSaleDependencies& dependencies, Refunds& refunds) : deps_(dependencies), refunds_(refunds) {}

    [[nodiscard]] ReturnTerms terms(db::Session& session, OrderId order) const;
    [[nodiscard]] std::vector<StoredReturn> of_order(db::Session& session, OrderId order) const;
    [[nodiscard]] std::optional<StoredReturn> find(db::Session& session, ReturnId id) const;

    // 422 orders.line_unknown, 409 orders.return_quantity with the reason in words. The order comes from lock_sold().
    [[nodiscard]] Result<StoredReturn> request(db::Tx& tx, const SoldOrder& order, std::span<const NewReturnLine> lines,
                                               std::string_view comment);
    // Locks the order, then the return. 404 orders.return_not_found; 409 orders.return_transition_not_allowed.
    [[nodiscard]] Result<StoredReturn> move(db::Tx& tx, ReturnId id, ReturnState to, std::string_view answer);
    // With what came, and where it goes: back on stock, or written off. 422 orders.return_receipt.
    [[nodiscard]] Result<StoredReturn> receive(db::Tx& tx, ReturnId id, std::span<const ReceivedLine> lines);
    // What a refund of the received units would be; `shipping` of the delivery on top, `deduction` off.
    [[nodiscard]] static RefundRequest refund_of(const StoredReturn& back, const Money& shipping, const Money& deduction);
    [[nodiscard]] Result<StoredReturn> refund(db::Tx& tx, const StoredReturn& back, const SoldOrder& order, const RefundRequest& request,
                                              const std::optional<std::vector<Part>>& parts, const http::StaffActor& staff);

private:
    Result<StoredReturn> to(db::Tx& tx, const StoredReturn& back, ReturnState next, std::string_view answer,
                            std::optional<OrderRefundId> refund = std::nullopt);
    [[nodiscard]] Result<StoredReturn> lock(db::Tx& tx, ReturnId id);

    const AfterSaleDependencies& deps_;
    Refunds& refunds_;
};

[[nodiscard]] Failure return_not_found();

}  // namespace stoa::orders
