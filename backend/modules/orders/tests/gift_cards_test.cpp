#include "gift_cards/rules.hpp"

#include <gtest/gtest.h>

#include "edits/change_set.hpp"

namespace stoa::orders {
namespace {

using enum GiftCardState;
using Places = std::vector<std::size_t>;

TEST(GiftCardRules, the_unsent_ones_go_back_first_and_the_last_before_the_first) {
    EXPECT_EQ(in_order_of_return(std::vector{issued, paid, issued, withdrawn, ordered}), (Places{4, 1, 2, 0}));
    EXPECT_EQ(in_order_of_return(std::vector{withdrawn}), Places{});
    EXPECT_EQ(in_order_of_return({}), Places{});
}

TEST(GiftCardRules, a_day_begins_at_seven) {
    using namespace std::chrono;
    const Date day = 2026y / 12 / 24;
    const Timestamp midnight = sys_days(day);
    EXPECT_TRUE(is_to_be_sent(std::nullopt, midnight));
    EXPECT_FALSE(is_to_be_sent(day, midnight));
    EXPECT_FALSE(is_to_be_sent(day, midnight + hours{7} - microseconds{1}));
    EXPECT_TRUE(is_to_be_sent(day, midnight + hours{7}));
    EXPECT_TRUE(is_to_be_sent(day, midnight + days{30}));
}

TEST(GiftCardRules, only_money_that_came_in_counts) {
    for (const auto payment :
         {PaymentState::pending, PaymentState::authorized, PaymentState::awaiting_invoice, PaymentState::failed, PaymentState::refunded})
        EXPECT_FALSE(is_paid_for(State::confirmed, payment));
    EXPECT_TRUE(is_paid_for(State::confirmed, PaymentState::paid));
    EXPECT_TRUE(is_paid_for(State::delivered, PaymentState::partially_refunded));
    EXPECT_FALSE(is_paid_for(State::cancelled, PaymentState::paid));
    EXPECT_FALSE(is_paid_for(State::pending_payment, PaymentState::paid));
}

TEST(GiftCardRules, a_discount_of_an_order_leaves_them_alone) {
    const auto euro = [](std::int64_t minor) { return Money(minor, Currency::of("EUR")); };
    OrderContent order;
    order.subtotal = order.total = euro(15000);
    order.discount = order.shipping = euro(0);
    order.tax = euro(1597);
    order.credited = order.shipping_credited = Worth::zero(Currency::of("EUR"));
    ContentLine goods;
    goods.id = OrderLineId::make();
    goods.quantity = 1;
    goods.unit_price = goods.total = euro(10000);
    goods.discount = euro(0);
    goods.net = euro(8403);
    goods.tax = euro(1597);
    goods.basis_points = 1900;
    goods.treatment = "standard";
    goods.credited = Worth::zero(Currency::of("EUR"));
    ContentLine card = goods;
    card.id = OrderLineId::make();
    card.unit_price = card.total = card.net = euro(5000);
    card.tax = euro(0);
    card.basis_points = 0;
    card.treatment = "voucher";
    order.lines = {goods, card};
    order.tax_lines = {{1900, "standard", "", euro(8403), euro(1597)}, {0, "voucher", "", euro(5000), euro(0)}};
    ChangeSet changes;
    changes.discount = euro(10000);
    const auto after = apply_changes(order, changes);
    ASSERT_TRUE(after) << after.error().code;
    EXPECT_EQ(after->lines[0].total, euro(0));
    EXPECT_EQ(after->lines[1].total, euro(5000));
    changes.discount = euro(10001);
    EXPECT_EQ(apply_changes(order, changes).error().code, "orders.edit_amount");
}

}  // namespace
}  // namespace stoa::orders
