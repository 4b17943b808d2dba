#pragma once
#include "http/dto.hpp"

namespace stoa::checkout {

struct DueQuery {
    std::string token;
};
inline void describe(json::Struct<DueQuery>& d) {
    d.name("OrderPaymentQuery");
    d.field<&DueQuery::token>("token", "From the mail that asks for the payment.").max_length(400);
}
struct DueDto {
    std::string order_number;
    Money total, due;
    bool processing = false;
    std::vector<PaymentMethodDto> items;
};
inline void describe(json::Struct<DueDto>& d) {
    d.name("PaymentDue");
    d.field<&DueDto::order_number>("order_number");
    d.field<&DueDto::total>("total", "Of the order as it is now.");
    d.field<&DueDto::due>("due", "What is still to be paid; zero when nothing is.");
    d.field<&DueDto::processing>("processing", "A payment of it is under way.");
    d.field<&DueDto::items>("items", "How it can be paid.");
}
struct PayDueInput {
    std::string token;
    Money expected_due;
    PaymentInput payment;
};
inline void describe(json::Struct<PayDueInput>& d) {
    d.name("PayOrderInput");
    d.field<&PayDueInput::token>("token").max_length(400);
    d.field<&PayDueInput::expected_due>("expected_due", "What the buyer saw; anything else is refused with the new amount.");
    d.field<&PayDueInput::payment>("payment");
}
struct DueReturnInput {
    std::string token;
};
inline void describe(json::Struct<DueReturnInput>& d) {
    d.name("OrderPaymentReturnInput");
    d.field<&DueReturnInput::token>("token").max_length(400);
}

struct DeskDueDto {
    Money due;
    bool processing = false;
    std::vector<StoredCardDto> cards;
};
inline void describe(json::Struct<DeskDueDto>& d) {
    d.name("OrderDue");
    d.field<&DeskDueDto::due>("due", "What is to be collected from the buyer.");
    d.field<&DeskDueDto::processing>("processing", "A payment of it is under way.");
    d.field<&DeskDueDto::cards>("cards", "The customer's saved cards that may be charged for it.");
}
struct DueLinkInput {
    Money expected_due;
};
inline void describe(json::Struct<DueLinkInput>& d) {
    d.name("OrderDueLinkInput");
    d.field<&DueLinkInput::expected_due>("expected_due", "What was seen; anything else is refused.");
}
struct ChargeInput {
    Money expected_due;
    payments::StoredMethodId stored_card_id;
};
inline void describe(json::Struct<ChargeInput>& d) {
    d.name("OrderDueChargeInput");
    d.field<&ChargeInput::expected_due>("expected_due", "What was seen; anything else is refused.");
    d.field<&ChargeInput::stored_card_id>("stored_card_id");
}
struct ChargedDto {
    CompletionStatus status = CompletionStatus::processing;
    std::optional<DeclineDto> decline;
    DeskDueDto left;
};
inline void describe(json::Struct<ChargedDto>& d) {
    d.name("OrderDueCharge");
    d.field<&ChargedDto::status>("status", "completed, declined, or processing while the provider has not answered.");
    d.field<&ChargedDto::decline>("decline");
    d.field<&ChargedDto::left>("left");
}

}  // namespace stoa::checkout
