#pragma once
// The rows of cards that were bought, and what a refund does to them.
#include "after_sale/sold_order.hpp"
#include "gift_cards/rules.hpp"
#include "stoa/orders/gift_cards.hpp"

namespace stoa::orders {

inline constexpr std::string_view kVoucher = "voucher";  // the tax treatment of a line of gift cards

struct BoughtCard {
    Uuid id;
    OrderLineId line;
    Money amount;
    GiftCardState state = GiftCardState::ordered;
    GiftWish wish;
    std::optional<payments::CreditId> credit;
    bool forget = false;  // the buyer's account was erased meanwhile
};
// Under their locks; the order is locked.
[[nodiscard]] std::vector<BoughtCard> lock_gift_cards(db::Tx& tx, OrderId order);
// As the query of an order's lines has them.
[[nodiscard]] std::vector<OrderGiftCardDto> gift_cards_of(const std::string& json, Currency currency);
void write_gift_cards(db::Tx& tx, const NewOrder& order, const std::vector<Uuid>& lines, Timestamp now);

// Before money for them is granted back: as many cards of each of these lines as will have been refunded are taken back, the unsent ones
// first. What the cards that stay are worth. 409 orders.gift_card_used when not that many are untouched. The order is locked. Lines of
// goods are passed over.
[[nodiscard]] Result<Money> take_back_gift_cards(db::Tx& tx, const AfterSaleDependencies& deps, const SoldOrder& order,
                                                 std::span<const RefundLine> lines);
// All of them: the order is cancelled.
[[nodiscard]] Result<Money> take_back_gift_cards(db::Tx& tx, const AfterSaleDependencies& deps, const SoldOrder& order);
// The same for looking only.
[[nodiscard]] Result<Money> can_take_back_gift_cards(db::Session& session, const AfterSaleDependencies& deps, const SoldOrder& order,
                                                     std::span<const RefundLine> lines);
[[nodiscard]] Result<Money> can_take_back_gift_cards(db::Session& session, const AfterSaleDependencies& deps, const SoldOrder& order);
// What is granted of an order altogether comes out of the rest, as long as its cards are worth what they are. 422
// payments.refund_too_large.
[[nodiscard]] Result<void> spare_gift_cards(const SoldOrder& order, const Money& staying, const Money& refund);

enum class Suspended { no, yes };
// The payment for them was charged back, or that is decided: nobody pays with what is left on them meanwhile. The order is locked.
void suspend_gift_cards(db::Tx& tx, const AfterSaleDependencies& deps, OrderId order, Suspended suspended);

}  // namespace stoa::orders
