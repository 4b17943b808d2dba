// What the desk reads about an order's money: a table of what was sold, came in and went back.
#include <gtest/gtest.h>

#include "refunds/money_position.hpp"

namespace stoa::orders {
namespace {

using enum PaymentState;

struct Case {
    const char* what;
    std::int64_t total, granted, captured, refunded, on_its_way, as_credit;
    bool reserved;
    PaymentState before;
    PaymentState after_change, after_money;
    std::int64_t due, payable;
};

constexpr Case kCases[] = {
    // what                                         total grant capt  back  way cred  reserved before              change money due pay
    {"paid, nothing else", 1000, 0, 1000, 0, 0, 0, false, paid, paid, paid, 0, 0},
    {"a part was refunded", 1000, 100, 1000, 100, 0, 0, false, paid, partially_refunded, partially_refunded, 0, 0},
    {"a part is on its way", 1000, 100, 1000, 0, 100, 0, false, paid, paid, paid, 0, 0},
    {"a part became store credit", 1000, 100, 1000, 0, 0, 100, false, paid, partially_refunded, partially_refunded, 0, 0},
    {"all was refunded", 1000, 1000, 1000, 1000, 0, 0, false, partially_refunded, refunded, refunded, 0, 0},
    {"all went back, half of it as store credit", 1000, 1000, 1000, 500, 0, 500, false, partially_refunded, refunded, refunded, 0, 0},
    {"dearer than paid", 1050, 0, 1000, 0, 0, 0, false, paid, partially_paid, paid, 50, 0},
    {"dearer, after a part was refunded", 1050, 100, 1000, 100, 0, 0, false, partially_refunded, partially_paid, partially_refunded, 50, 0},
    {"dearer, after all was refunded", 1050, 1000, 1000, 1000, 0, 0, false, refunded, partially_paid, refunded, 50, 0},
    {"dearer, while a part is on its way", 1050, 100, 1000, 0, 100, 0, false, paid, partially_paid, paid, 50, 0},
    {"the same, when it has arrived", 1050, 100, 1000, 100, 0, 0, false, partially_paid, partially_paid, partially_paid, 50, 0},
    {"the same, when it was refused", 1050, 100, 1000, 0, 0, 0, false, partially_paid, paid, paid, 0, 50},
    {"dearer, and paid again", 1050, 100, 1050, 100, 0, 0, false, partially_paid, partially_refunded, partially_refunded, 0, 0},
    {"dearer, and paid in part", 1050, 0, 1020, 0, 0, 0, false, partially_paid, partially_paid, partially_paid, 30, 0},
    {"what was due is waived", 1050, 50, 1000, 0, 0, 0, false, partially_paid, paid, paid, 0, 0},
    {"cheaper than paid", 900, 0, 1000, 0, 0, 0, false, paid, paid, paid, 0, 100},
    // More went back than was granted, at the provider: a case for people, not for a mail that asks for money.
    {"refunded outside of the shop", 1000, 0, 1000, 100, 0, 0, false, partially_refunded, partially_paid, partially_refunded, 100, 0},
    {"a debit came back", 1000, 0, 0, 0, 0, 0, false, failed, failed, failed, 1000, 0},
    {"it came back beside a gift card", 1000, 0, 300, 0, 0, 0, false, failed, failed, failed, 700, 0},
    {"the same, a part refunded to the card", 1000, 100, 300, 100, 0, 0, false, failed, failed, failed, 700, 0},
    {"it came back and was paid otherwise", 1000, 0, 1000, 0, 0, 0, false, failed, paid, paid, 0, 0},
    {"to be paid by invoice", 1050, 0, 0, 0, 0, 0, false, awaiting_invoice, awaiting_invoice, awaiting_invoice, 1050, 0},
    {"by invoice beside a gift card", 1050, 0, 300, 0, 0, 0, false, awaiting_invoice, awaiting_invoice, awaiting_invoice, 750, 0},
    {"reserved beside a gift card", 1000, 0, 300, 0, 0, 0, true, authorized, authorized, authorized, 700, 0},
    {"reserved and cancelled, the card is on its way", 0, 0, 300, 0, 300, 0, true, authorized, authorized, authorized, 0, 0},
    {"reserved and cancelled, the card got it back", 0, 0, 300, 300, 0, 0, true, authorized, refunded, refunded, 0, 0},
    {"free of charge", 0, 0, 0, 0, 0, 0, false, paid, paid, paid, 0, 0},
};

MoneyPosition position_of(const Case& one) {
    const auto euro = [](std::int64_t minor) { return Money(minor, Currency::of("EUR")); };
    MoneyPosition out;
    out.sold = {euro(one.total), euro(0)};
    out.credited = {euro(one.granted), euro(0)};
    out.shipping = out.shipping_credited = {euro(0), euro(0)};
    out.as_credit = euro(one.as_credit);
    out.uncaptured = one.reserved;
    if (one.captured > 0)
        out.sources.push_back({payments::AttemptId::make(), euro(one.captured), euro(one.refunded), euro(one.on_its_way), false, false});
    return out;
}

TEST(PaymentStates, say_first_what_a_clerk_has_to_do) {
    for (const auto& one : kCases) {
        SCOPED_TRACE(one.what);
        const auto position = position_of(one);
        EXPECT_EQ(json::to_name(payment_state_after_change(position, one.before)), json::to_name(one.after_change));
        EXPECT_EQ(json::to_name(payment_state_of(position, one.before)), json::to_name(one.after_money));
        EXPECT_EQ(due_now(position).minor(), one.due);
        EXPECT_EQ(payable_now(position).minor(), one.payable);
        // Nobody owes and is owed at once.
        EXPECT_TRUE(due_now(position).is_zero() || payable_now(position).is_zero());
    }
}

}  // namespace
}  // namespace stoa::orders
