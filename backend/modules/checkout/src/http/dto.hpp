#pragma once
#include <optional>
#include <string>
#include <vector>

#include "stoa/cart/dto.hpp"
#include "stoa/customers/customers.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/payments/payments.hpp"
#include "stoa/shipping/shipping.hpp"

namespace stoa::checkout {

struct ContactInput {
    std::string email;
    std::optional<std::string> phone;
    std::optional<bool> accepts_marketing;
};
inline void describe(json::Struct<ContactInput>& d) {
    d.name("CheckoutContactInput");
    d.field<&ContactInput::email>("email").not_blank().max_length(320).pattern("[^\\s@<>,;]+@[^\\s@<>,;]+\\.[^\\s@<>,;]{2,}");
    d.field<&ContactInput::phone>("phone").trim().max_length(32);
    d.field<&ContactInput::accepts_marketing>("accepts_marketing");
}
struct AddressInput {
    customers::AddressDto shipping;
    std::optional<customers::AddressDto> billing;
};
inline void describe(json::Struct<AddressInput>& d) {
    d.name("CheckoutAddressInput");
    d.field<&AddressInput::shipping>("shipping");
    d.field<&AddressInput::billing>("billing", "Absent: the same.");
}
struct ShippingInput {
    std::string option_id;
    std::optional<std::string> service_point_id;
};
inline void describe(json::Struct<ShippingInput>& d) {
    d.name("CheckoutShippingInput");
    d.field<&ShippingInput::option_id>("option_id").not_blank().max_length(120);
    d.field<&ShippingInput::service_point_id>("service_point_id").max_length(60);
}
struct ServicePointQuery {
    std::string option_id;
    std::optional<std::string> postal_code;
};
inline void describe(json::Struct<ServicePointQuery>& d) {
    d.name("ServicePointQuery");
    d.field<&ServicePointQuery::option_id>("option_id").max_length(120);
    d.field<&ServicePointQuery::postal_code>("postal_code", "Instead of the delivery address's.").max_length(16);
}

struct ContactDto {
    std::string email;
    std::optional<std::string> phone;
    bool accepts_marketing = false;
};
inline void describe(json::Struct<ContactDto>& d) {
    d.name("CheckoutContact");
    d.field<&ContactDto::email>("email");
    d.field<&ContactDto::phone>("phone");
    d.field<&ContactDto::accepts_marketing>("accepts_marketing");
}
struct ChosenShippingDto {
    std::string option_id, name;
    std::optional<std::string> carrier;
    Money price;
    std::optional<shipping::ServicePointDto> service_point;
    std::optional<shipping::PromiseDto> promise;
};
inline void describe(json::Struct<ChosenShippingDto>& d) {
    d.name("CheckoutShipping");
    d.field<&ChosenShippingDto::option_id>("option_id");
    d.field<&ChosenShippingDto::name>("name");
    d.field<&ChosenShippingDto::carrier>("carrier");
    d.field<&ChosenShippingDto::price>("price");
    d.field<&ChosenShippingDto::service_point>("service_point");
    d.field<&ChosenShippingDto::promise>("promise");
}
struct StepsDto {
    bool contact = false, address = false, shipping = false;
};
inline void describe(json::Struct<StepsDto>& d) {
    d.name("CheckoutSteps").doc("Which steps are done.");
    d.field<&StepsDto::contact>("contact");
    d.field<&StepsDto::address>("address");
    d.field<&StepsDto::shipping>("shipping", "Also when there is nothing to deliver (cart.needs_delivery).");
}

using CheckoutId = Id<"chk">;

struct CheckoutCreditDto {
    payments::CreditId id;
    payments::Method kind = payments::Method::gift_card;
    std::string hint;
    Money available, amount;
    std::optional<Timestamp> expires_at;
};
inline void describe(json::Struct<CheckoutCreditDto>& d) {
    d.name("CheckoutCredit");
    d.field<&CheckoutCreditDto::id>("id");
    d.field<&CheckoutCreditDto::kind>("kind", "gift_card or store_credit.");
    d.field<&CheckoutCreditDto::hint>("hint", "The last four characters of a gift card's code.");
    d.field<&CheckoutCreditDto::available>("available", "What is on it.");
    d.field<&CheckoutCreditDto::amount>("amount", "What it pays of this purchase.");
    d.field<&CheckoutCreditDto::expires_at>("expires_at");
}
struct GiftCardInput {
    std::string code;
};
inline void describe(json::Struct<GiftCardInput>& d) {
    d.name("GiftCardInput");
    d.field<&GiftCardInput::code>("code", "As printed; spaces, dashes and small letters do not matter.").not_blank().max_length(40);
}
struct StoreCreditInput {
    bool use = true;
};
inline void describe(json::Struct<StoreCreditInput>& d) {
    d.name("StoreCreditInput");
    d.field<&StoreCreditInput::use>("use");
}

struct CheckoutDto {
    CheckoutId id;
    cart::CartDto cart;
    std::optional<ContactDto> contact;
    std::optional<customers::AddressDto> shipping_address, billing_address;
    std::optional<ChosenShippingDto> shipping;
    cart::TotalsDto totals;
    std::vector<CheckoutCreditDto> credits;
    Money due;
    std::optional<Timestamp> hold_expires_at;
    StepsDto steps;
    bool guest = true;
};
inline void describe(json::Struct<CheckoutDto>& d) {
    d.name("Checkout");
    d.field<&CheckoutDto::id>("id");
    d.field<&CheckoutDto::cart>("cart");
    d.field<&CheckoutDto::contact>("contact");
    d.field<&CheckoutDto::shipping_address>("shipping_address");
    d.field<&CheckoutDto::billing_address>("billing_address");
    d.field<&CheckoutDto::shipping>("shipping");
    d.field<&CheckoutDto::totals>("totals");
    d.field<&CheckoutDto::credits>("credits", "Gift cards and store credit that pay a part.");
    d.field<&CheckoutDto::due>("due", "What is left to pay by another method.");
    d.field<&CheckoutDto::hold_expires_at>("hold_expires_at", "Until then the goods are kept for this shopper.");
    d.field<&CheckoutDto::steps>("steps");
    d.field<&CheckoutDto::guest>("guest");
}

struct OptionListDto {
    std::vector<shipping::OptionDto> items;
};
inline void describe(json::Struct<OptionListDto>& d) {
    d.name("ShippingOptionList");
    d.field<&OptionListDto::items>("items");
}
struct ServicePointListDto {
    std::vector<shipping::ServicePointDto> items;
};
inline void describe(json::Struct<ServicePointListDto>& d) {
    d.name("ServicePointList");
    d.field<&ServicePointListDto::items>("items");
}

struct StoredCardDto {
    payments::StoredMethodId id;
    std::string brand, last4, expiry_month, expiry_year;
    bool merchant_may_charge = false;
};
inline void describe(json::Struct<StoredCardDto>& d) {
    d.name("StoredCard");
    d.field<&StoredCardDto::id>("id");
    d.field<&StoredCardDto::brand>("brand");
    d.field<&StoredCardDto::last4>("last4");
    d.field<&StoredCardDto::expiry_month>("expiry_month");
    d.field<&StoredCardDto::expiry_year>("expiry_year");
    d.field<&StoredCardDto::merchant_may_charge>("merchant_may_charge",
                                                 "Its owner allows the shop to charge it for what became due on an order.");
}
struct PaymentMethodDto {
    payments::Method method = payments::Method::card;
    std::string label;
    std::optional<std::string> description;
    std::optional<StoredCardDto> stored;
};
inline void describe(json::Struct<PaymentMethodDto>& d) {
    d.name("PaymentMethod");
    d.field<&PaymentMethodDto::method>("method");
    d.field<&PaymentMethodDto::label>("label");
    d.field<&PaymentMethodDto::description>("description");
    d.field<&PaymentMethodDto::stored>("stored");
}
struct PaymentMethodListDto {
    std::vector<PaymentMethodDto> items;
    std::optional<Money> store_credit;
};
inline void describe(json::Struct<PaymentMethodListDto>& d) {
    d.name("PaymentMethodList");
    d.field<&PaymentMethodListDto::items>("items", "For what gift cards and store credit leave to pay.");
    d.field<&PaymentMethodListDto::store_credit>("store_credit", "The customer's, in this currency; absent without any.");
}
struct StoredCardListDto {
    std::vector<StoredCardDto> items;
};
inline void describe(json::Struct<StoredCardListDto>& d) {
    d.name("StoredCardList");
    d.field<&StoredCardListDto::items>("items");
}

struct CardConsentInput {
    bool merchant_may_charge = false;
};
inline void describe(json::Struct<CardConsentInput>& d) {
    d.name("CardConsentInput");
    d.field<&CardConsentInput::merchant_may_charge>("merchant_may_charge");
}

struct CardInput {
    std::string number, expiry_month, expiry_year, cvv, holder;
};
inline void describe(json::Struct<CardInput>& d) {
    d.name("CardInput").doc("Never stored or logged.");
    d.field<&CardInput::number>("number", "Digits, spaces allowed.").not_blank().max_length(30).pattern("[0-9 ]{12,30}");
    d.field<&CardInput::expiry_month>("expiry_month", "01 to 12.").pattern("0[1-9]|1[0-2]");
    d.field<&CardInput::expiry_year>("expiry_year", "Four digits.").pattern("20[0-9]{2}");
    d.field<&CardInput::cvv>("cvv").pattern("[0-9]{3,4}");
    d.field<&CardInput::holder>("holder", "Name on the card.").not_blank().max_length(80);
}
struct PaymentInput {
    payments::Method method = payments::Method::card;
    std::optional<CardInput> card;
    std::optional<bool> save_card;
    std::optional<payments::StoredMethodId> stored_card_id;
    std::optional<std::string> iban, account_holder;
};
inline void describe(json::Struct<PaymentInput>& d) {
    d.name("PaymentInput");
    d.field<&PaymentInput::method>("method");
    d.field<&PaymentInput::card>("card", "With method card.");
    d.field<&PaymentInput::save_card>("save_card", "Keep it for the next order; accounts only.");
    d.field<&PaymentInput::stored_card_id>("stored_card_id", "With method stored_card.");
    d.field<&PaymentInput::iban>("iban", "With method sepa.").trim().max_length(42);
    d.field<&PaymentInput::account_holder>("account_holder", "With method sepa.").trim().max_length(80);
}
struct CompleteInput {
    Money expected_total;
    bool terms_accepted = false;
    PaymentInput payment;
    std::optional<Money> expected_due;
};
inline void describe(json::Struct<CompleteInput>& d) {
    d.name("CompleteCheckoutInput");
    d.field<&CompleteInput::expected_total>("expected_total", "The total the shopper saw; anything else is refused with the new one.");
    d.field<&CompleteInput::terms_accepted>("terms_accepted");
    d.field<&CompleteInput::payment>("payment", "Of what is due; not looked at when nothing is.");
    d.field<&CompleteInput::expected_due>("expected_due", "What the shopper saw as left to pay beside gift cards; without it: the total.");
}

enum class CompletionStatus { completed, redirect, declined, processing };
inline json::EnumNames<CompletionStatus> enum_names(CompletionStatus) {
    static constexpr std::pair<CompletionStatus, std::string_view> names[] = {{CompletionStatus::completed, "completed"},
                                                                              {CompletionStatus::redirect, "redirect"},
                                                                              {CompletionStatus::declined, "declined"},
                                                                              {CompletionStatus::processing, "processing"}};
    return names;
}
struct DeclineDto {
    std::string code, message;
    bool retry_allowed = true;
};
inline void describe(json::Struct<DeclineDto>& d) {
    d.name("PaymentDecline");
    d.field<&DeclineDto::code>("code", "payments.declined_...");
    d.field<&DeclineDto::message>("message");
    d.field<&DeclineDto::retry_allowed>("retry_allowed");
}
struct CompletionDto {
    CompletionStatus status = CompletionStatus::processing;
    std::string order_number, order_token;
    std::optional<payments::AttemptId> attempt_id;
    std::optional<std::string> redirect_url;
    std::optional<DeclineDto> decline;
};
inline void describe(json::Struct<CompletionDto>& d) {
    d.name("Completion");
    d.field<&CompletionDto::status>("status");
    d.field<&CompletionDto::order_number>("order_number");
    d.field<&CompletionDto::order_token>("order_token", "Opens the order without an account.");
    d.field<&CompletionDto::attempt_id>("attempt_id", "Absent when there was nothing to pay.");
    d.field<&CompletionDto::redirect_url>("redirect_url", "Send the shopper there.");
    d.field<&CompletionDto::decline>("decline");
}

}  // namespace stoa::checkout
