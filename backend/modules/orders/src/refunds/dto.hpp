#pragma once
#include "refunds/refunds.hpp"

namespace stoa::orders {

inline constexpr const char* kAsStoreCredit =
    "The customer gets store credit instead of money; a guest gets a gift card, by mail to the order's address.";
inline constexpr const char* kGiftCardTo = "Where store credit goes as a gift card; absent where it goes to the buyer's account.";

struct RefundLineInput {
    OrderLineId line_id;
    std::int64_t quantity = 1;
};
inline void describe(json::Struct<RefundLineInput>& d) {
    d.name("RefundLine");
    d.field<&RefundLineInput::line_id>("line_id");
    d.field<&RefundLineInput::quantity>("quantity").min(1).max(100000);
}
struct RefundPartInput {
    payments::AttemptId payment_id;
    Money amount;
};
inline void describe(json::Struct<RefundPartInput>& d) {
    d.name("RefundPart");
    d.field<&RefundPartInput::payment_id>("payment_id");
    d.field<&RefundPartInput::amount>("amount");
}
struct RefundPreviewInput {
    std::vector<RefundLineInput> lines;
    std::optional<Money> shipping, adjustment;
    std::optional<std::vector<RefundPartInput>> parts;
    std::optional<bool> as_store_credit, still_sent;
};
inline void describe(json::Struct<RefundPreviewInput>& d) {
    d.name("RefundPreviewInput");
    d.field<&RefundPreviewInput::lines>("lines", "Units that are refunded for what they cost.").max_length(1000).optional();
    d.field<&RefundPreviewInput::shipping>("shipping", "Of the delivery.");
    d.field<&RefundPreviewInput::adjustment>("adjustment", "More (goodwill) or, negative, less (a deduction) than lines and delivery.");
    d.field<&RefundPreviewInput::parts>("parts", "Which payment gets how much back; without it the shop decides.").max_length(20);
    d.field<&RefundPreviewInput::as_store_credit>("as_store_credit", kAsStoreCredit);
    d.field<&RefundPreviewInput::still_sent>("still_sent", "Units that have not left are sent all the same. Without it they stay here.");
}
struct RefundInput {
    Money expected_total;
    std::int64_t version = 0;
    std::vector<RefundLineInput> lines;
    std::optional<Money> shipping, adjustment;
    std::optional<std::vector<RefundPartInput>> parts;
    std::string reason;
    std::optional<bool> as_store_credit, still_sent;
};
inline void describe(json::Struct<RefundInput>& d) {
    d.name("RefundInput");
    d.field<&RefundInput::expected_total>("expected_total", "What the preview said.");
    d.field<&RefundInput::version>("version", "Of the order, as it was looked at.").min(1);
    d.field<&RefundInput::lines>("lines", "Units that are refunded for what they cost.").max_length(1000).optional();
    d.field<&RefundInput::shipping>("shipping", "Of the delivery.");
    d.field<&RefundInput::adjustment>("adjustment", "More (goodwill) or, negative, less (a deduction) than lines and delivery.");
    d.field<&RefundInput::parts>("parts", "Which payment gets how much back; without it the shop decides.").max_length(20);
    d.field<&RefundInput::reason>("reason").not_blank().max_length(500);
    d.field<&RefundInput::as_store_credit>("as_store_credit", kAsStoreCredit);
    d.field<&RefundInput::still_sent>("still_sent", "Units that have not left are sent all the same. Without it they stay here.");
}
struct PayOutInput {
    Money expected_total;
    std::int64_t version = 0;
    std::optional<std::vector<RefundPartInput>> parts;
    std::optional<bool> as_store_credit;
};
inline void describe(json::Struct<PayOutInput>& d) {
    d.name("PayOutInput");
    d.field<&PayOutInput::expected_total>("expected_total", "What is owed to the buyer and not on its way.");
    d.field<&PayOutInput::version>("version", "Of the order, as it was looked at.").min(1);
    d.field<&PayOutInput::parts>("parts", "Which payment gets how much back; without it the shop decides.").max_length(20);
    d.field<&PayOutInput::as_store_credit>("as_store_credit", kAsStoreCredit);
}

struct RefundedLineDto {
    OrderLineId line_id;
    std::int64_t quantity = 0;
    Money amount, tax;
    std::int64_t unsent = 0;
};
inline void describe(json::Struct<RefundedLineDto>& d) {
    d.name("RefundedLine");
    d.field<&RefundedLineDto::line_id>("line_id");
    d.field<&RefundedLineDto::quantity>("quantity");
    d.field<&RefundedLineDto::amount>("amount", "Tax included.");
    d.field<&RefundedLineDto::tax>("tax");
    d.field<&RefundedLineDto::unsent>("unsent", "Of the quantity: what had not left and is not sent any more.");
}
struct PlannedPartDto {
    payments::AttemptId payment_id;
    std::string label;
    Money amount;
};
inline void describe(json::Struct<PlannedPartDto>& d) {
    d.name("PlannedRefundPart");
    d.field<&PlannedPartDto::payment_id>("payment_id");
    d.field<&PlannedPartDto::label>("label");
    d.field<&PlannedPartDto::amount>("amount");
}
struct RefundPreviewDto {
    std::int64_t version = 0;
    Money total, tax, shipping, adjustment, settles;
    std::vector<RefundedLineDto> lines;
    std::vector<PlannedPartDto> parts;
    Money as_credit;
    std::optional<std::string> gift_card_to;
    bool within_limit = true;
};
inline void describe(json::Struct<RefundPreviewDto>& d) {
    d.name("RefundPreview");
    d.field<&RefundPreviewDto::version>("version", "Of the order; the refund names it.");
    d.field<&RefundPreviewDto::total>("total", "Tax included.");
    d.field<&RefundPreviewDto::tax>("tax");
    d.field<&RefundPreviewDto::shipping>("shipping");
    d.field<&RefundPreviewDto::adjustment>("adjustment");
    d.field<&RefundPreviewDto::settles>("settles", "The part for which no money moves: the buyer owes that much less.");
    d.field<&RefundPreviewDto::lines>("lines");
    d.field<&RefundPreviewDto::parts>("parts", "What goes back to which payment, what was owed before included.");
    d.field<&RefundPreviewDto::as_credit>("as_credit", "What becomes store credit instead.");
    d.field<&RefundPreviewDto::gift_card_to>("gift_card_to", kGiftCardTo);
    d.field<&RefundPreviewDto::within_limit>("within_limit", "Whether whoever asks may grant it.");
}

struct OrderRefundPartDto {
    payments::AttemptId payment_id;
    Money amount;
    std::string state, provider_code;
};
inline void describe(json::Struct<OrderRefundPartDto>& d) {
    d.name("OrderRefundPart");
    d.field<&OrderRefundPartDto::payment_id>("payment_id");
    d.field<&OrderRefundPartDto::amount>("amount");
    d.field<&OrderRefundPartDto::state>("state", "sent, done or failed.");
    d.field<&OrderRefundPartDto::provider_code>("provider_code", "Of a refusal.");
}
struct OrderRefundDto {
    OrderRefundId id;
    std::string state, reason, staff;
    Money amount, tax, shipping, adjustment, as_credit;
    std::optional<payments::CreditId> gift_card_id;
    Timestamp created_at;
    std::vector<RefundedLineDto> lines;
    std::vector<OrderRefundPartDto> parts;
};
inline void describe(json::Struct<OrderRefundDto>& d) {
    d.name("OrderRefund");
    d.field<&OrderRefundDto::id>("id");
    d.field<&OrderRefundDto::state>("state", "pending, done, or failed: then what the provider refused is still owed to the buyer.");
    d.field<&OrderRefundDto::reason>("reason");
    d.field<&OrderRefundDto::staff>("staff");
    d.field<&OrderRefundDto::amount>("amount", "Granted, tax included; zero when it only paid out what was owed.");
    d.field<&OrderRefundDto::tax>("tax");
    d.field<&OrderRefundDto::shipping>("shipping");
    d.field<&OrderRefundDto::adjustment>("adjustment");
    d.field<&OrderRefundDto::as_credit>("as_credit", "What became store credit.");
    d.field<&OrderRefundDto::gift_card_id>("gift_card_id", "The gift card that it became, where the order has no account.");
    d.field<&OrderRefundDto::created_at>("created_at");
    d.field<&OrderRefundDto::lines>("lines");
    d.field<&OrderRefundDto::parts>("parts");
}
struct MoneyLineDto {
    OrderLineId line_id;
    std::string sku, name, options_text;
    std::int64_t quantity = 0, shipped = 0, refunded = 0;
    Money worth, left;
};
inline void describe(json::Struct<MoneyLineDto>& d) {
    d.name("OrderMoneyLine");
    d.field<&MoneyLineDto::line_id>("line_id");
    d.field<&MoneyLineDto::sku>("sku");
    d.field<&MoneyLineDto::name>("name");
    d.field<&MoneyLineDto::options_text>("options_text");
    d.field<&MoneyLineDto::quantity>("quantity");
    d.field<&MoneyLineDto::shipped>("shipped", "Units that left the house.");
    d.field<&MoneyLineDto::refunded>("refunded", "Units that were refunded.");
    d.field<&MoneyLineDto::worth>("worth", "After discounts, tax included.");
    d.field<&MoneyLineDto::left>("left", "Of it not refunded yet.");
}
struct MoneySourceDto {
    payments::AttemptId payment_id;
    payments::Method method = payments::Method::card;
    std::string label;
    Money captured, refunded, pending, left;
    bool rest_only = false;
};
inline void describe(json::Struct<MoneySourceDto>& d) {
    d.name("OrderMoneySource");
    d.field<&MoneySourceDto::payment_id>("payment_id");
    d.field<&MoneySourceDto::method>("method");
    d.field<&MoneySourceDto::label>("label");
    d.field<&MoneySourceDto::captured>("captured");
    d.field<&MoneySourceDto::refunded>("refunded");
    d.field<&MoneySourceDto::pending>("pending", "On its way back.");
    d.field<&MoneySourceDto::left>("left");
    d.field<&MoneySourceDto::rest_only>("rest_only", "The provider has made its one partial refund: all of the rest, or nothing.");
}
struct OrderMoneyDto {
    OrderId order_id;
    std::string number;
    std::int64_t version = 0;
    State state = State::confirmed;
    PaymentState payment_state = PaymentState::pending;
    Money total, tax, captured, refunded, pending, granted, refundable, owed, payable, due, as_credit, written_off, shipping, shipping_left;
    std::optional<std::string> gift_card_to;
    std::vector<MoneyLineDto> lines;
    std::vector<MoneySourceDto> payments;
    std::vector<OrderRefundDto> refunds;
};
inline void describe(json::Struct<OrderMoneyDto>& d) {
    d.name("OrderMoney");
    d.field<&OrderMoneyDto::order_id>("order_id");
    d.field<&OrderMoneyDto::number>("number");
    d.field<&OrderMoneyDto::version>("version", "Refunds and changes name it; another one means that somebody was faster.");
    d.field<&OrderMoneyDto::state>("state");
    d.field<&OrderMoneyDto::payment_state>("payment_state");
    d.field<&OrderMoneyDto::total>("total");
    d.field<&OrderMoneyDto::tax>("tax");
    d.field<&OrderMoneyDto::captured>("captured");
    d.field<&OrderMoneyDto::refunded>("refunded", "Money that went back.");
    d.field<&OrderMoneyDto::pending>("pending", "Money on its way back.");
    d.field<&OrderMoneyDto::granted>("granted", "All refunds together, whether or not their money has moved.");
    d.field<&OrderMoneyDto::refundable>("refundable", "What can still be granted.");
    d.field<&OrderMoneyDto::owed>("owed", "What the buyer still has to pay; negative: what is to be given back.");
    d.field<&OrderMoneyDto::payable>("payable", "Of what is to be given back, what is not on its way.");
    d.field<&OrderMoneyDto::due>("due", "What is to be collected from the buyer: by a payment link or a saved card.");
    d.field<&OrderMoneyDto::as_credit>("as_credit", "What the buyer got back as store credit.");
    d.field<&OrderMoneyDto::gift_card_to>("gift_card_to", kGiftCardTo);
    d.field<&OrderMoneyDto::written_off>("written_off", "Of what the buyer owed, what the shop accepted as loss.");
    d.field<&OrderMoneyDto::shipping>("shipping", "The delivery, tax included.");
    d.field<&OrderMoneyDto::shipping_left>("shipping_left", "Of it not refunded yet.");
    d.field<&OrderMoneyDto::lines>("lines");
    d.field<&OrderMoneyDto::payments>("payments", "In the order in which they are paid back.");
    d.field<&OrderMoneyDto::refunds>("refunds");
}

[[nodiscard]] OrderMoneyDto to_money_dto(db::Session& session, const SoldOrder& order);

}  // namespace stoa::orders
