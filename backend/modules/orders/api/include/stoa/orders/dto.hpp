#pragma once
// Orders on the wire.
#include <optional>
#include <string>
#include <vector>

#include "stoa/catalog/catalog.hpp"
#include "stoa/customers/customers.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/orders/ids.hpp"
#include "stoa/orders/states.hpp"
#include "stoa/payments/payments.hpp"
#include "stoa/shipping/shipments.hpp"
#include "stoa/shipping/shipping.hpp"

namespace stoa::orders {

struct OrderTaxLineDto {
    std::string rate_label;
    std::string treatment;
    Money net, tax;
};
inline void describe(json::Struct<OrderTaxLineDto>& d) {
    d.name("OrderTaxLine");
    d.field<&OrderTaxLineDto::rate_label>("rate_label");
    d.field<&OrderTaxLineDto::treatment>("treatment");
    d.field<&OrderTaxLineDto::net>("net");
    d.field<&OrderTaxLineDto::tax>("tax");
}
struct OrderTotalsDto {
    Money subtotal, discount, shipping, tax, total;
    bool tax_included = true;
    std::vector<OrderTaxLineDto> tax_lines;
};
inline void describe(json::Struct<OrderTotalsDto>& d) {
    d.name("OrderTotals");
    d.field<&OrderTotalsDto::subtotal>("subtotal");
    d.field<&OrderTotalsDto::discount>("discount");
    d.field<&OrderTotalsDto::shipping>("shipping");
    d.field<&OrderTotalsDto::tax>("tax");
    d.field<&OrderTotalsDto::total>("total");
    d.field<&OrderTotalsDto::tax_included>("tax_included");
    d.field<&OrderTotalsDto::tax_lines>("tax_lines");
}
// ordered: not paid for; paid: waits for its day; issued: mailed; withdrawn: what was paid for it went back.
enum class GiftCardState { ordered, paid, issued, withdrawn };
[[nodiscard]] json::EnumNames<GiftCardState> enum_names(GiftCardState);
// A gift card that was bought. Its code is with whom it was mailed to, and nowhere else.
struct OrderGiftCardDto {
    GiftCardState state = GiftCardState::ordered;
    Money amount;
    std::optional<payments::CreditId> gift_card_id;
    std::optional<std::string> code_hint, recipient_email, recipient_name;
    std::optional<Date> send_on;
    std::optional<Timestamp> issued_at;
};
inline void describe(json::Struct<OrderGiftCardDto>& d) {
    d.name("OrderGiftCard");
    d.field<&OrderGiftCardDto::state>("state");
    d.field<&OrderGiftCardDto::amount>("amount");
    d.field<&OrderGiftCardDto::gift_card_id>("gift_card_id", "Once it is issued.");
    d.field<&OrderGiftCardDto::code_hint>("code_hint", "The last four characters of its code.");
    d.field<&OrderGiftCardDto::recipient_email>("recipient_email", "Absent: it goes to the buyer.");
    d.field<&OrderGiftCardDto::recipient_name>("recipient_name");
    d.field<&OrderGiftCardDto::send_on>("send_on");
    d.field<&OrderGiftCardDto::issued_at>("issued_at");
}
struct OrderLineDto {
    OrderLineId id;
    std::string name, options_text, sku;
    std::int64_t quantity = 1;
    Money unit_price, total, discount;
    std::optional<std::string> product_slug;
    std::optional<json::Raw> image;
    std::vector<OrderGiftCardDto> gift_cards;
    std::optional<std::int64_t> waiting_quantity;
    std::optional<Date> expected_on;
};
inline void describe(json::Struct<OrderLineDto>& d) {
    d.name("OrderLine");
    d.field<&OrderLineDto::id>("id");
    d.field<&OrderLineDto::name>("name");
    d.field<&OrderLineDto::options_text>("options_text");
    d.field<&OrderLineDto::sku>("sku");
    d.field<&OrderLineDto::quantity>("quantity");
    d.field<&OrderLineDto::unit_price>("unit_price");
    d.field<&OrderLineDto::total>("total");
    d.field<&OrderLineDto::discount>("discount");
    d.field<&OrderLineDto::product_slug>("product_slug");
    d.field<&OrderLineDto::image>("image", "An Image, as it was when the order was placed.");
    d.field<&OrderLineDto::gift_cards>("gift_cards", "Of a line of gift cards: each of them.");
    d.field<&OrderLineDto::waiting_quantity>("waiting_quantity", "Units that are not there yet, and are sent when they come.");
    d.field<&OrderLineDto::expected_on>("expected_on", "When these are expected; absent: nobody knows yet.");
}
struct OrderDiscountDto {
    std::string label;
    Money amount;
};
inline void describe(json::Struct<OrderDiscountDto>& d) {
    d.name("OrderDiscount");
    d.field<&OrderDiscountDto::label>("label");
    d.field<&OrderDiscountDto::amount>("amount");
}
struct ShippingMethodDto {
    std::string option_id;
    std::string method_name;
    std::optional<std::string> carrier;
    std::optional<shipping::ServicePointDto> service_point;
    std::optional<shipping::PromiseDto> promise;
};
inline void describe(json::Struct<ShippingMethodDto>& d) {
    d.name("OrderShipping");
    d.field<&ShippingMethodDto::option_id>("option_id");
    d.field<&ShippingMethodDto::method_name>("method_name");
    d.field<&ShippingMethodDto::carrier>("carrier");
    d.field<&ShippingMethodDto::service_point>("service_point");
    d.field<&ShippingMethodDto::promise>("promise");
}
struct OrderPaymentDto {
    std::string method, label;
};
inline void describe(json::Struct<OrderPaymentDto>& d) {
    d.name("OrderPayment");
    d.field<&OrderPaymentDto::method>("method");
    d.field<&OrderPaymentDto::label>("label");
}
struct TimelineDto {
    Timestamp at;
    std::string kind, text;
};
inline void describe(json::Struct<TimelineDto>& d) {
    d.name("TimelineEntry");
    d.field<&TimelineDto::at>("at");
    d.field<&TimelineDto::kind>("kind");
    d.field<&TimelineDto::text>("text");
}
// Where a parcel has been, in the reader's language.
struct ParcelEventDto {
    Timestamp at;
    shipping::ShipmentState state = shipping::ShipmentState::labelled;
    std::string text;
};
inline void describe(json::Struct<ParcelEventDto>& d) {
    d.name("ParcelEvent");
    d.field<&ParcelEventDto::at>("at");
    d.field<&ParcelEventDto::state>("state");
    d.field<&ParcelEventDto::text>("text");
}
struct OrderParcelDto {
    std::string tracking_number;
    std::optional<std::string> tracking_url;
    shipping::ShipmentState state = shipping::ShipmentState::labelled;
    std::string state_label;
    std::vector<ParcelEventDto> events;
};
inline void describe(json::Struct<OrderParcelDto>& d) {
    d.name("OrderParcel");
    d.field<&OrderParcelDto::tracking_number>("tracking_number");
    d.field<&OrderParcelDto::tracking_url>("tracking_url", "The carrier's page about it.");
    d.field<&OrderParcelDto::state>("state");
    d.field<&OrderParcelDto::state_label>("state_label");
    d.field<&OrderParcelDto::events>("events", "Oldest first.");
}
struct OrderShipmentLineDto {
    OrderLineId line_id;
    std::string name;
    std::int64_t quantity = 1;
};
inline void describe(json::Struct<OrderShipmentLineDto>& d) {
    d.name("OrderShipmentLine");
    d.field<&OrderShipmentLineDto::line_id>("line_id");
    d.field<&OrderShipmentLineDto::name>("name");
    d.field<&OrderShipmentLineDto::quantity>("quantity");
}
struct OrderShipmentDto {
    int number = 1;
    shipping::ShipmentState state = shipping::ShipmentState::labelled;
    std::string state_label;
    std::optional<std::string> carrier;
    std::optional<Timestamp> shipped_at, delivered_at;
    std::vector<OrderShipmentLineDto> lines;
    std::vector<OrderParcelDto> parcels;
};
inline void describe(json::Struct<OrderShipmentDto>& d) {
    d.name("OrderShipment").doc("What travels together. Shown from the moment it has a label.");
    d.field<&OrderShipmentDto::number>("number");
    d.field<&OrderShipmentDto::state>("state");
    d.field<&OrderShipmentDto::state_label>("state_label");
    d.field<&OrderShipmentDto::carrier>("carrier");
    d.field<&OrderShipmentDto::shipped_at>("shipped_at");
    d.field<&OrderShipmentDto::delivered_at>("delivered_at");
    d.field<&OrderShipmentDto::lines>("lines");
    d.field<&OrderShipmentDto::parcels>("parcels");
}
struct OrderDto {
    OrderId id;
    std::string number;
    State state = State::pending_payment;
    PaymentState payment_state = PaymentState::pending;
    std::string state_label;
    Timestamp placed_at;
    std::string email, currency, locale;
    std::vector<OrderLineDto> lines;
    std::vector<OrderDiscountDto> discounts;
    OrderTotalsDto totals;
    customers::AddressDto shipping_address, billing_address;
    ShippingMethodDto shipping;
    OrderPaymentDto payment;
    std::vector<TimelineDto> timeline;
    std::vector<OrderShipmentDto> shipments;
    bool can_cancel = false;
    std::optional<std::string> payment_token;
};
inline void describe(json::Struct<OrderDto>& d) {
    d.name("Order");
    d.field<&OrderDto::id>("id");
    d.field<&OrderDto::number>("number");
    d.field<&OrderDto::state>("state");
    d.field<&OrderDto::payment_state>("payment_state");
    d.field<&OrderDto::state_label>("state_label");
    d.field<&OrderDto::placed_at>("placed_at");
    d.field<&OrderDto::email>("email");
    d.field<&OrderDto::currency>("currency");
    d.field<&OrderDto::locale>("locale");
    d.field<&OrderDto::lines>("lines");
    d.field<&OrderDto::discounts>("discounts");
    d.field<&OrderDto::totals>("totals");
    d.field<&OrderDto::shipping_address>("shipping_address");
    d.field<&OrderDto::billing_address>("billing_address");
    d.field<&OrderDto::shipping>("shipping");
    d.field<&OrderDto::payment>("payment");
    d.field<&OrderDto::timeline>("timeline");
    d.field<&OrderDto::shipments>("shipments");
    d.field<&OrderDto::can_cancel>("can_cancel");
    d.field<&OrderDto::payment_token>(
        "payment_token",
        "Where something may be due: what /order-payment takes to show and collect it. Only in the account of "
        "the order's owner.");
}
struct OrderSummaryDto {
    std::string number;
    Timestamp placed_at;
    State state = State::pending_payment;
    std::string state_label;
    Money total;
    std::int64_t item_count = 0;
    json::Raw images{"[]"};
};
inline void describe(json::Struct<OrderSummaryDto>& d) {
    d.name("OrderSummary");
    d.field<&OrderSummaryDto::number>("number");
    d.field<&OrderSummaryDto::placed_at>("placed_at");
    d.field<&OrderSummaryDto::state>("state");
    d.field<&OrderSummaryDto::state_label>("state_label");
    d.field<&OrderSummaryDto::total>("total");
    d.field<&OrderSummaryDto::item_count>("item_count");
    d.field<&OrderSummaryDto::images>("images", "Up to four pictures of its goods (Image).");
}
struct OrderListDto {
    std::vector<OrderSummaryDto> items;
    std::optional<std::string> next_cursor;
};
inline void describe(json::Struct<OrderListDto>& d) {
    d.name("OrderList");
    d.field<&OrderListDto::items>("items");
    d.field<&OrderListDto::next_cursor>("next_cursor");
}

}  // namespace stoa::orders
