#pragma once
// The cart on the wire; checkout shows it too.
#include <optional>
#include <string>
#include <vector>

#include "stoa/cart/ids.hpp"
#include "stoa/cart/totals.hpp"
#include "stoa/catalog/catalog.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::cart {

enum class IssueCode { out_of_stock, insufficient_stock, unavailable, price_changed };
[[nodiscard]] json::EnumNames<IssueCode> enum_names(IssueCode);

struct IssueDto {
    IssueCode code = IssueCode::unavailable;
    std::string message;
    std::optional<Money> old_price;
};
inline void describe(json::Struct<IssueDto>& d) {
    d.name("CartLineIssue");
    d.field<&IssueDto::code>("code");
    d.field<&IssueDto::message>("message");
    d.field<&IssueDto::old_price>("old_price", "What one cost when it was last shown.");
}

// Whom one gift card is for. Without an address it goes to the buyer, without a day at once.
struct GiftDto {
    std::optional<std::string> recipient_email, recipient_name, sender_name, message;
    std::optional<Date> send_on;
    bool operator==(const GiftDto&) const = default;
};
inline void describe(json::Struct<GiftDto>& d) {
    d.name("Gift").doc("Whom a gift card is for.");
    d.field<&GiftDto::recipient_email>("recipient_email", "Where its code is mailed; absent: to the buyer.")
        .trim()
        .max_length(320)
        .pattern("[^\\s@<>,;]+@[^\\s@<>,;]+\\.[^\\s@<>,;]{2,}");
    d.field<&GiftDto::recipient_name>("recipient_name").trim().max_length(80);
    d.field<&GiftDto::sender_name>("sender_name", "Who it is from.").trim().max_length(80);
    d.field<&GiftDto::message>("message").trim().max_length(500);
    d.field<&GiftDto::send_on>("send_on", "The day on which it is mailed, within a year; absent: as soon as it is paid for.");
}

struct CartLineDto {
    LineId id;
    catalog::VariantId variant_id;
    catalog::ProductId product_id;
    std::string product_slug;
    std::string name;
    std::string options_text;
    std::string sku;
    std::optional<catalog::ImageDto> image;
    std::int64_t quantity = 1;
    Money unit_price;
    std::optional<Money> regular_unit_price;
    Money discount;
    Money total;
    std::optional<std::int64_t> available_quantity;
    std::optional<std::int64_t> backordered_quantity;
    std::optional<Date> expected_on;
    std::vector<IssueDto> issues;
    bool is_gift_card = false;
    std::vector<GiftDto> gifts;
};
inline void describe(json::Struct<CartLineDto>& d) {
    d.name("CartLine");
    d.field<&CartLineDto::id>("id");
    d.field<&CartLineDto::variant_id>("variant_id");
    d.field<&CartLineDto::product_id>("product_id");
    d.field<&CartLineDto::product_slug>("product_slug");
    d.field<&CartLineDto::name>("name");
    d.field<&CartLineDto::options_text>("options_text");
    d.field<&CartLineDto::sku>("sku");
    d.field<&CartLineDto::image>("image");
    d.field<&CartLineDto::quantity>("quantity");
    d.field<&CartLineDto::unit_price>("unit_price", "For this quantity, as displayed.");
    d.field<&CartLineDto::regular_unit_price>("regular_unit_price", "Crossed out.");
    d.field<&CartLineDto::discount>("discount", "Sum of all promotions on this line.");
    d.field<&CartLineDto::total>("total", "Unit price times quantity, less the discount.");
    d.field<&CartLineDto::available_quantity>("available_quantity", "Only when few are left or fewer than wanted.");
    d.field<&CartLineDto::backordered_quantity>("backordered_quantity", "Of them, how many are not there yet and are sent when they come.");
    d.field<&CartLineDto::expected_on>("expected_on", "When these are expected; absent: nobody knows yet.");
    d.field<&CartLineDto::issues>("issues");
    d.field<&CartLineDto::is_gift_card>("is_gift_card");
    d.field<&CartLineDto::gifts>("gifts", "Of gift cards: whom each is for.");
}

struct CodeReasonDto {
    std::string code;
    std::string message;
};
inline void describe(json::Struct<CodeReasonDto>& d) {
    d.name("CodeReason");
    d.field<&CodeReasonDto::code>("code");
    d.field<&CodeReasonDto::message>("message");
}
struct CartCodeDto {
    std::string code;
    bool applied = false;
    std::optional<std::string> label;
    std::optional<Money> amount;
    std::optional<CodeReasonDto> reason;
};
inline void describe(json::Struct<CartCodeDto>& d) {
    d.name("CartCode");
    d.field<&CartCodeDto::code>("code");
    d.field<&CartCodeDto::applied>("applied");
    d.field<&CartCodeDto::label>("label");
    d.field<&CartCodeDto::amount>("amount");
    d.field<&CartCodeDto::reason>("reason", "Why it does not apply.");
}
struct CartPromotionDto {
    std::string label;
    Money amount;
};
inline void describe(json::Struct<CartPromotionDto>& d) {
    d.name("CartPromotion");
    d.field<&CartPromotionDto::label>("label");
    d.field<&CartPromotionDto::amount>("amount");
}
struct FreeShippingDto {
    Money threshold;
    Money remaining;
    bool reached = false;
};
inline void describe(json::Struct<FreeShippingDto>& d) {
    d.name("FreeShippingProgress");
    d.field<&FreeShippingDto::threshold>("threshold");
    d.field<&FreeShippingDto::remaining>("remaining");
    d.field<&FreeShippingDto::reached>("reached");
}

struct CartDto {
    CartId id;
    std::int64_t version = 0;
    std::string currency;
    std::string locale;
    std::string country;
    std::vector<CartLineDto> lines;
    std::vector<CartCodeDto> codes;
    std::vector<CartPromotionDto> promotions;
    TotalsDto totals;
    std::int64_t item_count = 0;
    std::optional<FreeShippingDto> free_shipping;
    bool needs_delivery = true;
};
inline void describe(json::Struct<CartDto>& d) {
    d.name("Cart");
    d.field<&CartDto::id>("id");
    d.field<&CartDto::version>("version", "Grows with every change; 0 for a cart that does not exist yet.");
    d.field<&CartDto::currency>("currency");
    d.field<&CartDto::locale>("locale");
    d.field<&CartDto::country>("country", "Destination; decides tax.");
    d.field<&CartDto::lines>("lines");
    d.field<&CartDto::codes>("codes");
    d.field<&CartDto::promotions>("promotions", "Automatic promotions that apply.");
    d.field<&CartDto::totals>("totals");
    d.field<&CartDto::item_count>("item_count", "Sum of quantities.");
    d.field<&CartDto::free_shipping>("free_shipping");
    d.field<&CartDto::needs_delivery>("needs_delivery", "Not when it holds gift cards only, which are mailed.");
}

}  // namespace stoa::cart
