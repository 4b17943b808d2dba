#pragma once
#include "stoa/cart/dto.hpp"

namespace stoa::cart {

struct EmptyDto {};
inline void describe(json::Struct<EmptyDto>& d) { d.name("Empty").doc("No members."); }

struct AddLineDto {
    catalog::VariantId variant_id;
    std::int64_t quantity = 1;
    std::optional<GiftDto> gift;
};
inline void describe(json::Struct<AddLineDto>& d) {
    d.name("AddCartLine");
    d.field<&AddLineDto::variant_id>("variant_id");
    d.field<&AddLineDto::quantity>("quantity", "Of one gift card at most 20.").min(1).max(9999);
    d.field<&AddLineDto::gift>("gift", "Of a gift card: whom these are for.");
}

struct ChangeLineDto {
    std::optional<std::int64_t> quantity;
    std::optional<std::vector<GiftDto>> gifts;
};
inline void describe(json::Struct<ChangeLineDto>& d) {
    d.name("ChangeCartLine").doc("One of the members, or both.");
    d.field<&ChangeLineDto::quantity>("quantity", "0 removes the line.").min(0).max(9999);
    d.field<&ChangeLineDto::gifts>("gifts", "Of gift cards: whom each is for, as many as there are units then.").max_length(20);
}

struct AddCodeDto {
    std::string code;
};
inline void describe(json::Struct<AddCodeDto>& d) {
    d.name("AddCartCode");
    d.field<&AddCodeDto::code>("code", "Upper and lower case are the same.").not_blank().max_length(100);
}

struct SetContextDto {
    std::optional<std::string> currency, locale, country;
};
inline void describe(json::Struct<SetContextDto>& d) {
    d.name("SetCartContext");
    d.field<&SetContextDto::currency>("currency").pattern("[A-Z]{3}");
    d.field<&SetContextDto::locale>("locale").pattern("[a-z]{2}");
    d.field<&SetContextDto::country>("country").pattern("[A-Z]{2}");
}

// Taken when a cart is yet to be made.
struct CartDefaultsQuery {
    std::optional<std::string> currency, locale, country;
};
inline void describe(json::Struct<CartDefaultsQuery>& d) {
    d.name("CartDefaults");
    d.field<&CartDefaultsQuery::currency>("currency", "For a cart that is yet to be made.").pattern("[A-Z]{3}");
    d.field<&CartDefaultsQuery::locale>("locale").pattern("[a-z]{2}");
    d.field<&CartDefaultsQuery::country>("country").pattern("[A-Z]{2}");
}

}  // namespace stoa::cart
