// In which ways a case can be resolved, as a table; and what a loss does to the money of an order.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "cases/rules.hpp"
#include "refunds/money_position.hpp"

namespace stoa::orders {
namespace {

using payments::Case;
using payments::CaseKind;

const Currency kEuro = Currency::of("EUR");
Money euro(std::int64_t minor) { return {minor, kEuro}; }

struct Given {
    CaseKind kind = CaseKind::chargeback;
    std::int64_t captured = 1000, refunded = 0;  // of the payment; none: -1
    std::int64_t reversed = 0;                   // booked as gone back
    std::int64_t listed = 0;
    std::int64_t due = 0, creditable = 1000;
    bool sold = true, under_way = false;
    payments::AttemptState state = payments::AttemptState::paid;
};
Case case_of(const Given& given) {
    Case out;
    out.kind = given.kind;
    if (given.captured >= 0)
        out.payment = Case::Payment{payments::AttemptId::make(), Uuid::v7(),           payments::Method::card, given.state, euro(1000),
                                    euro(given.captured),        euro(given.refunded), given.under_way};
    if (given.reversed > 0) out.reversal = Case::Reversal{payments::RefundId::make(), euro(given.reversed), false};
    if (given.listed > 0) out.listed = euro(given.listed);
    return out;
}
std::string ways(const Case& found, const std::optional<CaseOrder>& order) {
    std::string out;
    for (const auto& choice : case_choices(found, order)) {
        out += (out.empty() ? "" : " ") + std::string(json::to_name(choice.resolution));
        if (choice.amount) out += fmt::format("={}", choice.amount->minor());
    }
    return out;
}
std::string ways(const Given& given) {
    std::optional<CaseOrder> order;
    if (given.captured >= 0) order = CaseOrder{given.sold, false, euro(given.due), euro(given.creditable)};
    return ways(case_of(given), order);
}

TEST(CaseRules, offer_what_fits_the_kind_and_what_is_owed) {
    using enum CaseKind;
    using payments::AttemptState;
    EXPECT_EQ(ways({.refunded = 1000, .reversed = 1000, .due = 1000}), "accepted_as_loss=1000 booked_as_refund=1000 won_back=1000");
    // The bank took the whole payment, of which a part had been refunded: that part is gone twice, and owed by nobody.
    EXPECT_EQ(ways({.refunded = 1000, .reversed = 600, .listed = 1000, .due = 600}),
              "accepted_as_loss=1000 booked_as_refund=600 won_back=600");
    EXPECT_EQ(ways({.refunded = 1000, .reversed = 600, .listed = 1000, .due = 0}), "accepted_as_loss=400 won_back=600");
    // Units were refunded in the meantime: less is owed, or nothing.
    EXPECT_EQ(ways({.refunded = 1000, .reversed = 1000, .due = 400, .creditable = 300}),
              "accepted_as_loss=400 booked_as_refund=300 won_back=1000");
    EXPECT_EQ(ways({.refunded = 1000, .reversed = 1000, .due = 0}), "settled won_back=1000");
    EXPECT_EQ(ways({.refunded = 1000, .reversed = 1000, .due = 0, .creditable = 0, .sold = false}), "settled won_back=1000");
    EXPECT_EQ(ways({.kind = refund_made_elsewhere, .refunded = 250, .reversed = 250, .due = 250}),
              "accepted_as_loss=250 booked_as_refund=250 was_error=250");
    // Of a payment that nobody knows.
    EXPECT_EQ(ways({.captured = -1, .listed = 700}), "accepted_as_loss=700 was_error");
    EXPECT_EQ(ways({.kind = refund_made_elsewhere, .captured = -1}), "was_error");
    EXPECT_EQ(ways({.kind = charged_twice, .state = AttemptState::failed}), "refunded_elsewhere=1000");
    EXPECT_EQ(ways({.kind = charged_twice, .refunded = 1000, .state = AttemptState::failed}), "settled");
    EXPECT_EQ(ways({.kind = charged_twice, .under_way = true, .state = AttemptState::failed}), "");
    EXPECT_EQ(ways({.kind = payment_not_booked}), "settled refunded_elsewhere=1000");
    EXPECT_EQ(ways({.kind = payment_not_booked, .captured = 0, .state = AttemptState::failed}), "was_error");
    EXPECT_EQ(ways({.kind = payment_missing_at_provider}), "was_error not_paid=1000 accepted_as_loss=1000");
    EXPECT_EQ(ways({.kind = payment_missing_at_provider, .refunded = 300}), "was_error accepted_as_loss=700");
    EXPECT_EQ(ways({.kind = amount_differs, .listed = 990}), "was_error difference_booked=-10");
    EXPECT_EQ(ways({.kind = amount_differs, .captured = 0, .listed = 990}), "was_error settled");
    EXPECT_EQ(ways({.kind = debit_returned, .captured = 0, .due = 1000, .state = AttemptState::declined}), "accepted_as_loss=1000");
    EXPECT_EQ(ways({.kind = debit_returned, .captured = 0, .sold = false, .state = AttemptState::declined}), "settled");
    EXPECT_EQ(ways({.kind = other}), "settled was_error");
}

TEST(CaseRules, what_is_resolved_stays_so_but_a_dispute_may_be_won_later) {
    auto found = case_of({.refunded = 1000, .reversed = 1000});
    const CaseOrder order{true, false, euro(0), euro(1000)};
    found.resolved_at = Timestamp(std::chrono::days{1});
    found.resolution = payments::Resolution::booked_as_refund;
    EXPECT_EQ(ways(found, order), "");
    found.resolution = payments::Resolution::accepted_as_loss;
    EXPECT_EQ(ways(found, order), "won_back=1000");
    found.reversal->reversed = true;
    EXPECT_EQ(ways(found, order), "");
}

TEST(CaseRules, a_loss_is_owed_no_more_and_ends_with_the_debt) {
    MoneyPosition position;
    position.sold = {euro(1000), euro(0)};
    position.credited = position.shipping = position.shipping_credited = Worth::zero(kEuro);
    position.as_credit = euro(0);
    position.sources = {{payments::AttemptId::make(), euro(1000), euro(1000), euro(0)}};
    EXPECT_EQ(due_now(position), euro(1000));
    EXPECT_EQ(payment_state_of(position, PaymentState::failed), PaymentState::failed);
    position.written_off = euro(1000);
    EXPECT_EQ(position.owed(), euro(0));
    EXPECT_EQ(payment_state_of(position, PaymentState::failed), PaymentState::refunded);
    // Units are granted back after all: the loss is smaller, and no money moves.
    position.credited = {euro(400), euro(0)};
    EXPECT_EQ(position.lost(), euro(600));
    EXPECT_EQ(position.owed(), euro(0));
    EXPECT_EQ(payable_now(position), euro(0));
    // It is won back: nothing is lost, and what was granted is to be given back.
    position.sources.front().refunded = euro(0);
    EXPECT_EQ(position.lost(), euro(0));
    EXPECT_EQ(payable_now(position), euro(400));
    // A debit that came back was never money here.
    position.sources.clear();
    position.credited = Worth::zero(kEuro);
    EXPECT_EQ(payment_state_of(position, PaymentState::failed), PaymentState::refunded);
    position.written_off = euro(900);
    EXPECT_EQ(due_now(position), euro(100));
    EXPECT_EQ(payment_state_of(position, PaymentState::failed), PaymentState::failed);
}

}  // namespace
}  // namespace stoa::orders
