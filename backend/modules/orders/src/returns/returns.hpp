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
    std::optional<catalog::VariantId> exchange;  // what the buyer would rather have
};
struct ReceivedLine {
    OrderLineId line;
    std::int64_t received = 0;
    ReturnCondition condition = ReturnCondition::as_new;
    std::int64_t restocked = 0;
};
// overridden: by staff, also when the time is over and of goods that do not come back.
enum class ReturnRules { kept, overridden };

struct StoredReturn {
    ReturnId id;
    std::string number, order_number;
    OrderId order;
    ReturnState state = ReturnState::requested;
    std::string comment, answer;
    std::optional<OrderRefundId> refund;
    std::optional<Money> refunded;
    Timestamp requested_at;
    std::optional<Timestamp> decided_at, received_at, refunded_at, replaced_at;
    std::string email;
    std::optional<OrderId> replacement;  // the order of the exchange
    std::string replacement_number;
    struct Line {
        OrderLineId line;
        std::string sku, name, options_text, comment;
        std::int64_t quantity = 1, received = 0, restocked = 0;
        ReturnReason reason = ReturnReason::other;
        std::optional<ReturnCondition> condition;
        std::optional<json::Raw> image;
        std::optional<catalog::VariantId> exchange;
        std::string exchange_sku, exchange_text;
        std::int64_t exchanged = 0;  // of the received, replaced by other goods
        std::int64_t refunded = 0;   // of the received, refunded with this return
        catalog::VariantId variant;
        std::optional<inventory::WarehouseId> warehouse;  // into which the received were booked

        [[nodiscard]] std::int64_t waiting() const { return received - exchanged - refunded; }
    };
    std::vector<Line> lines;
    struct Photo {
        ReturnPhotoId id;
        int width = 0, height = 0;
    };
    std::vector<Photo> photos;
};

class Returns {
public:
    Returns(const AfterSaleDependencies& dependencies, Refunds& refunds) : deps_(dependencies), refunds_(refunds) {}

    [[nodiscard]] ReturnTerms terms(db::Session& session, OrderId order) const;
    [[nodiscard]] std::vector<StoredReturn> of_order(db::Session& session, OrderId order) const;
    [[nodiscard]] std::optional<StoredReturn> find(db::Session& session, ReturnId id) const;

    // 422 orders.line_unknown, 409 orders.return_quantity with the reason in words. The order comes from lock_sold().
    // 422 orders.exchange_unknown, orders.return_photo_unknown.
    [[nodiscard]] Result<StoredReturn> request(db::Tx& tx, const SoldOrder& order, std::span<const NewReturnLine> lines,
                                               std::string_view comment, std::span<const ReturnPhotoId> photos,
                                               ReturnRules rules = ReturnRules::kept);
    // Goods that may be had instead of a line: the same product at the same price. Anything else is a refund and a new order.
    [[nodiscard]] std::vector<Swap> swaps(db::Session& session, const SoldOrder& order) const;
    // A picture for a return that is still being written. Kept as JPEG without what the camera wrote into it. 422
    // orders.return_photo_invalid, 409 orders.return_photos_full. Decodes: not with a transaction open.
    [[nodiscard]] Result<ReturnPhotoId> add_photo(OrderId order, std::string_view bytes);
    [[nodiscard]] std::optional<std::string> photo(db::Session& session, ReturnId id, ReturnPhotoId photo) const;  // its key
    void purge_photos();  // those that no return named within a day, and what is left of erased accounts
    // Locks the order, then the return. 404 orders.return_not_found; 409 orders.return_transition_not_allowed.
    [[nodiscard]] Result<StoredReturn> move(db::Tx& tx, ReturnId id, ReturnState to, std::string_view answer);
    // By staff, without a refund: what was received is closed, and what was approved and did not come is cancelled with its label.
    [[nodiscard]] Result<StoredReturn> close(db::Tx& tx, ReturnId id, std::string_view answer);
    // Cancels what was approved the policy's days and two weeks ago and is not on its way: one transaction each.
    void close_unsent();
    // With what came, and where it goes: back on stock, or written off. It is booked into the warehouse that is named, else into the one
    // that sent it. 422 orders.return_receipt, orders.warehouse_unknown.
    [[nodiscard]] Result<StoredReturn> receive(db::Tx& tx, ReturnId id, std::span<const ReceivedLine> lines,
                                               const std::optional<inventory::WarehouseId>& warehouse);
    // Where a receipt that names no warehouse books each line: the warehouse that sent most of these goods, else the shop's first.
    [[nodiscard]] std::vector<inventory::WarehouseId> homes(db::Session& session, const StoredReturn& back) const;
    // Asks for the carrier's label, or again after a refusal; `from`: another address than the order's. 409 orders.return_label_not_due.
    [[nodiscard]] Result<StoredReturn> ask_for_label(db::Tx& tx, ReturnId id, const std::optional<shipping::ShipTo>& from);
    // The buyer sends it as they like. Whoever has a label already keeps it.
    [[nodiscard]] Result<StoredReturn> without_label(db::Tx& tx, ReturnId id);
    // The received units whose buyer wants other goods: an order over nothing brings them, from stock. 409 orders.exchange_nothing,
    // orders.exchange_sold_out.
    [[nodiscard]] Result<StoredReturn> exchange(db::Tx& tx, ReturnId id);
    // That replacement was cancelled: its units wait again for an exchange or a refund, and a return that was over is not, whether the
    // other units were refunded or nothing was left. Nothing for any other order.
    [[nodiscard]] Result<void> replacement_cancelled(db::Tx& tx, OrderId replacement);
    // What a refund of the received units that wait for it would be; `shipping` of the delivery on top, `deduction` off.
    [[nodiscard]] static RefundRequest refund_of(const StoredReturn& back, const Money& shipping, const Money& deduction);
    [[nodiscard]] Result<StoredReturn> refund(db::Tx& tx, const StoredReturn& back, const SoldOrder& order, const RefundRequest& request,
                                              PayBack how, const http::StaffActor& staff);

private:
    enum class EndedBy { buyer, shop };
    Result<StoredReturn> to(db::Tx& tx, const StoredReturn& back, ReturnState next, std::string_view answer,
                            std::optional<OrderRefundId> refund = std::nullopt, EndedBy by = EndedBy::buyer);
    [[nodiscard]] Result<StoredReturn> lock(db::Tx& tx, ReturnId id);

    [[nodiscard]] shipping::NewReturnLabel new_label(db::Session& session, const StoredReturn& back,
                                                     const std::optional<shipping::ShipTo>& from) const;

    const AfterSaleDependencies& deps_;
    Refunds& refunds_;
};

[[nodiscard]] Failure return_not_found();
// "Replacement for order 100123 (return R-10001)", as the discount that makes the order free.
[[nodiscard]] std::string replacement_label(std::string_view order, std::string_view back, std::string_view locale);

}  // namespace stoa::orders
