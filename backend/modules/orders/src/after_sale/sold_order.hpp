#pragma once
// An order as it stands after the sale: what it holds, what was shipped of it, and where its money is.
#include "edits/change_set.hpp"
#include "stoa/orders/after_sale.hpp"

namespace stoa::orders {

struct SoldOrder {
    OrderId id;
    std::string number, locale, country, email;
    customers::AddressDto shipping_address, billing_address;
    std::string option_id;  // of the delivery
    std::optional<customers::CustomerId> customer;
    State state = State::confirmed;
    PaymentState payment_state = PaymentState::pending;
    Timestamp placed_at;
    std::int64_t version = 0;
    OrderContent content;
    MoneyPosition position;
    struct LineNames {
        OrderLineId id;
        catalog::ProductId product;
        std::string sku, name, options_text;
        std::int64_t weight_grams = 0;
    };
    std::vector<LineNames> names;  // in the order of content.lines
    std::vector<payments::Payments::RefundRoom> rooms;

    // Store credit needs an account to be on; who has none gets it as a gift card by mail.
    [[nodiscard]] bool credit_is_mailed() const { return !customer; }
    [[nodiscard]] bool is_sold() const { return state != State::pending_payment && state != State::cancelled; }
};

[[nodiscard]] std::string subject_of(OrderId id);
[[nodiscard]] Failure not_sold();          // 409 orders.not_sold
[[nodiscard]] Failure version_conflict();  // 409 orders.version_conflict

// See MoneyPosition::lost(): what is no loss any more is taken back in the books. Under the order's lock, with its position after the
// change.
void drop_losses(db::Tx& tx, const AfterSaleDependencies& deps, OrderId id, const MoneyPosition& after);

// Of a cancelled order nothing is sold: its position owes the buyer what was paid and has not gone back.
// Seven statements, whatever the number of lines. With a Tx lock the order first.
[[nodiscard]] std::optional<SoldOrder> load_sold(db::Session& session, const AfterSaleDependencies& deps, OrderId id);
// 404 orders.not_found, 409 orders.not_sold (unpaid or cancelled), 409 orders.version_conflict.
[[nodiscard]] Result<SoldOrder> lock_sold(db::Tx& tx, const AfterSaleDependencies& deps, OrderId id,
                                          std::optional<std::int64_t> version = std::nullopt);
// The same with an order that was cancelled, whose money may still have to go back: 409 orders.not_sold before it is paid for.
[[nodiscard]] Result<SoldOrder> lock_with_money(db::Tx& tx, const AfterSaleDependencies& deps, OrderId id,
                                                std::optional<std::int64_t> version = std::nullopt);

}  // namespace stoa::orders
