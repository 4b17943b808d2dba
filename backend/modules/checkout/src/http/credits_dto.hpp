#pragma once
#include "http/dto.hpp"

namespace stoa::checkout {

constexpr std::int64_t kDearestCard = 100'000'000;  // minor units

struct MovementDto {
    Timestamp at;
    std::string kind;
    Money amount;
};
inline void describe(json::Struct<MovementDto>& d) {
    d.name("CreditMovement");
    d.field<&MovementDto::at>("at");
    d.field<&MovementDto::kind>("kind", "credit_put (granted, or given back as credit), capture (paid with), refund, gift_card_voided.");
    d.field<&MovementDto::amount>("amount", "Negative: spent.");
}
struct StoreCreditDto {
    Money balance, available;
    std::vector<MovementDto> movements;
};
inline void describe(json::Struct<StoreCreditDto>& d) {
    d.name("StoreCredit");
    d.field<&StoreCreditDto::balance>("balance");
    d.field<&StoreCreditDto::available>("available", "What no order has on hold.");
    d.field<&StoreCreditDto::movements>("movements", "Newest first, fifty at most.");
}
struct StoreCreditListDto {
    std::vector<StoreCreditDto> items;
};
inline void describe(json::Struct<StoreCreditListDto>& d) {
    d.name("StoreCreditList");
    d.field<&StoreCreditListDto::items>("items", "One for each currency.");
}
struct StoreCreditGrantInput {
    Money amount;
    std::string note;
};
inline void describe(json::Struct<StoreCreditGrantInput>& d) {
    d.name("StoreCreditGrantInput");
    d.field<&StoreCreditGrantInput::amount>("amount");
    d.field<&StoreCreditGrantInput::note>("note", "Why; staff see it in the log.").not_blank().max_length(500);
}

enum class GiftCardState { usable, used, expired, blocked, suspended };
inline json::EnumNames<GiftCardState> enum_names(GiftCardState) {
    static constexpr std::pair<GiftCardState, std::string_view> names[] = {{GiftCardState::usable, "usable"},
                                                                           {GiftCardState::used, "used"},
                                                                           {GiftCardState::expired, "expired"},
                                                                           {GiftCardState::blocked, "blocked"},
                                                                           {GiftCardState::suspended, "suspended"}};
    return names;
}
struct GiftCardDto {
    payments::CreditId id;
    std::string hint;
    GiftCardState state = GiftCardState::usable;
    Money issued, balance, available;
    std::string email, note, staff;
    std::optional<Timestamp> expires_at;
    Timestamp created_at;
};
inline void describe(json::Struct<GiftCardDto>& d) {
    d.name("GiftCard");
    d.field<&GiftCardDto::id>("id");
    d.field<&GiftCardDto::hint>("hint", "The last four characters of its code.");
    d.field<&GiftCardDto::state>("state", "suspended: what was paid for it was charged back, and its case is open.");
    d.field<&GiftCardDto::issued>("issued");
    d.field<&GiftCardDto::balance>("balance");
    d.field<&GiftCardDto::available>("available", "What no order has on hold.");
    d.field<&GiftCardDto::email>("email", "To whom it was mailed; may be empty.");
    d.field<&GiftCardDto::note>("note");
    d.field<&GiftCardDto::staff>("staff", "Who issued it.");
    d.field<&GiftCardDto::expires_at>("expires_at");
    d.field<&GiftCardDto::created_at>("created_at");
}
struct GiftCardDetailDto {
    GiftCardDto card;
    std::vector<MovementDto> movements;
};
inline void describe(json::Struct<GiftCardDetailDto>& d) {
    d.name("GiftCardDetail");
    d.field<&GiftCardDetailDto::card>("card");
    d.field<&GiftCardDetailDto::movements>("movements", "Newest first, fifty at most.");
}
struct GiftCardListDto {
    std::vector<GiftCardDto> items;
    std::optional<payments::CreditId> next_cursor;
};
inline void describe(json::Struct<GiftCardListDto>& d) {
    d.name("GiftCardList");
    d.field<&GiftCardListDto::items>("items");
    d.field<&GiftCardListDto::next_cursor>("next_cursor");
}
struct GiftCardQuery {
    std::optional<payments::CreditId> cursor;
    std::int64_t limit = 50;
    std::optional<std::string> q;
};
inline void describe(json::Struct<GiftCardQuery>& d) {
    d.name("GiftCardQuery");
    d.field<&GiftCardQuery::cursor>("cursor");
    d.field<&GiftCardQuery::limit>("limit").min(1).max(200).optional();
    d.field<&GiftCardQuery::q>("q", "The last four characters of a code, or an e-mail address.").max_length(320);
}
struct NewGiftCardInput {
    Money amount;
    std::optional<Timestamp> expires_at;
    std::optional<std::string> email;
    std::string locale = "en", note;
};
inline void describe(json::Struct<NewGiftCardInput>& d) {
    d.name("NewGiftCardInput");
    d.field<&NewGiftCardInput::amount>("amount");
    d.field<&NewGiftCardInput::expires_at>("expires_at", "Absent: it does not expire.");
    d.field<&NewGiftCardInput::email>("email", "The code is mailed there.")
        .max_length(320)
        .pattern("[^\\s@<>,;]+@[^\\s@<>,;]+\\.[^\\s@<>,;]{2,}");
    d.field<&NewGiftCardInput::locale>("locale", "Of the mail.").pattern("en|de|nl|fr").optional();
    d.field<&NewGiftCardInput::note>("note", "Why; for staff.").max_length(500).optional();
}
struct IssuedGiftCardDto {
    GiftCardDto card;
    std::optional<std::string> code;
};
inline void describe(json::Struct<IssuedGiftCardDto>& d) {
    d.name("IssuedGiftCard");
    d.field<&IssuedGiftCardDto::card>("card");
    d.field<&IssuedGiftCardDto::code>("code", "This once.");
}

}  // namespace stoa::checkout
