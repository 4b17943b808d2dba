#pragma once
#include "cases/rules.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/orders/ids.hpp"

namespace stoa::orders {

enum class CaseState { open, resolved };
inline json::EnumNames<CaseState> enum_names(CaseState) {
    static constexpr std::pair<CaseState, std::string_view> names[] = {{CaseState::open, "open"}, {CaseState::resolved, "resolved"}};
    return names;
}
struct PaymentCaseDto {
    payments::CaseId id;
    std::int64_t version = 1;
    CaseState state = CaseState::open;
    payments::CaseKind kind = payments::CaseKind::other;
    Timestamp found_at;
    std::string reference, transaction_id;
    std::optional<OrderId> order_id;
    std::optional<std::string> order_number;
    std::optional<Money> amount;
    std::optional<payments::Resolution> resolution;
    std::optional<Money> moved;
    std::optional<Timestamp> resolved_at;
    std::string note, staff;
};
inline void describe(json::Struct<PaymentCaseDto>& d) {
    d.name("PaymentCase");
    d.field<&PaymentCaseDto::id>("id");
    d.field<&PaymentCaseDto::version>("version", "Whoever resolves it names it; another one means that somebody was faster.");
    d.field<&PaymentCaseDto::state>("state");
    d.field<&PaymentCaseDto::kind>("kind", "What differs between our books and the provider's.");
    d.field<&PaymentCaseDto::found_at>("found_at");
    d.field<&PaymentCaseDto::reference>("reference", "Of the payment, as the provider's back office finds it.");
    d.field<&PaymentCaseDto::transaction_id>("transaction_id", "The provider's; empty when there is none.");
    d.field<&PaymentCaseDto::order_id>("order_id", "Absent for a payment that we do not know.");
    d.field<&PaymentCaseDto::order_number>("order_number");
    d.field<&PaymentCaseDto::amount>("amount", "What went back, or what the provider says was paid. Absent when it is not known.");
    d.field<&PaymentCaseDto::resolution>("resolution");
    d.field<&PaymentCaseDto::moved>("moved", "What resolving it booked.");
    d.field<&PaymentCaseDto::resolved_at>("resolved_at");
    d.field<&PaymentCaseDto::note>("note");
    d.field<&PaymentCaseDto::staff>("staff", "Who resolved it.");
}
struct CaseChoiceDto {
    payments::Resolution resolution = payments::Resolution::settled;
    std::optional<Money> amount;
    bool within_limit = true;
};
inline void describe(json::Struct<CaseChoiceDto>& d) {
    d.name("PaymentCaseChoice");
    d.field<&CaseChoiceDto::resolution>("resolution");
    d.field<&CaseChoiceDto::amount>("amount", "What it books; the request names it. Absent: nothing is booked.");
    d.field<&CaseChoiceDto::within_limit>("within_limit", "Whether whoever asks may choose it.");
}
struct PaymentCaseDetailDto {
    PaymentCaseDto payment_case;
    std::vector<CaseChoiceDto> choices;
    std::optional<Money> owed;
};
inline void describe(json::Struct<PaymentCaseDetailDto>& d) {
    d.name("PaymentCaseDetail");
    d.field<&PaymentCaseDetailDto::payment_case>("case");
    d.field<&PaymentCaseDetailDto::choices>("choices", "The ways in which it can be resolved now; none while a refund is under way.");
    d.field<&PaymentCaseDetailDto::owed>("owed", "What the buyer owes on the order; negative: what is owed to the buyer.");
}
struct PaymentCaseListDto {
    std::vector<PaymentCaseDto> items;
    std::optional<payments::CaseId> next_cursor;
};
inline void describe(json::Struct<PaymentCaseListDto>& d) {
    d.name("PaymentCaseList");
    d.field<&PaymentCaseListDto::items>("items", "Newest first.");
    d.field<&PaymentCaseListDto::next_cursor>("next_cursor");
}
struct PaymentCaseQuery {
    CaseState state = CaseState::open;
    std::optional<payments::CaseId> cursor;
    std::int64_t limit = 50;
};
inline void describe(json::Struct<PaymentCaseQuery>& d) {
    d.name("PaymentCaseQuery");
    d.field<&PaymentCaseQuery::state>("state").optional();
    d.field<&PaymentCaseQuery::cursor>("cursor");
    d.field<&PaymentCaseQuery::limit>("limit").min(1).max(200).optional();
}
struct ResolveCaseInput {
    std::int64_t version = 0;
    payments::Resolution resolution = payments::Resolution::settled;
    std::optional<Money> expected_amount;
    std::string note;
};
inline void describe(json::Struct<ResolveCaseInput>& d) {
    d.name("ResolvePaymentCaseInput");
    d.field<&ResolveCaseInput::version>("version", "Of the case, as it was looked at.").min(1).max(1000000);
    d.field<&ResolveCaseInput::resolution>("resolution", "One of the choices of the case.");
    d.field<&ResolveCaseInput::expected_amount>("expected_amount", "Of the choice; absent where it books nothing.");
    d.field<&ResolveCaseInput::note>("note", "Why; for staff.").not_blank().max_length(500);
}

}  // namespace stoa::orders
