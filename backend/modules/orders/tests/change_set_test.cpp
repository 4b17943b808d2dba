#include <gtest/gtest.h>

#include <algorithm>

#include "random_order.hpp"

namespace stoa::orders {
namespace {

std::string broken(const OrderContent& content) {
    Worth lines = Worth::zero(content.currency());
    Money subtotal = Money::zero(content.currency()), taxed = subtotal, net = subtotal;
    for (const auto& line : content.lines) {
        if (line.quantity <= 0) return "a line without units";
        if (line.discount.is_negative()) return "a negative discount";
        if (line.total.is_negative() || line.net.is_negative() || line.tax.is_negative()) return "a negative line";
        if (line.unit_price.times(line.quantity) - line.discount != line.total) return "a line that does not add up";
        if ((content.tax_included ? line.net + line.tax : line.net) != line.total) return "a line whose tax does not add up";
        lines += line.worth();
        subtotal += line.unit_price.times(line.quantity);
    }
    for (const auto& rate : content.tax_lines) {
        net += rate.net;
        taxed += rate.tax;
    }
    if (subtotal != content.subtotal) return "the subtotal";
    if (content.subtotal + content.shipping - content.discount + (content.tax_included ? Money::zero(content.currency()) : content.tax) !=
        content.total)
        return "the total";
    if (taxed != content.tax) return "the tax lines";
    if (net + taxed != content.total) return "the net of the tax lines";
    if (content.delivery().value.is_negative() || content.delivery().tax.is_negative() || content.delivery().net().is_negative())
        return "the delivery";
    if (content.discount.is_negative()) return "the discount";
    return "";
}

TEST(ChangeSet, a_random_order_is_sound_and_stays_so_through_changes) {
    const auto seed = test_seed();
    SCOPED_TRACE(seed);
    Chance chance(seed);
    int changed = 0;
    for (int i = 0; i < 4000; ++i) {
        auto content = random_order(chance);
        ASSERT_EQ(broken(content), "");
        for (int k = 0; k < 4; ++k) {
            ChangeSet changes;
            for (const auto& line : content.lines) {
                if (chance.one_in(2)) changes.lines.push_back({line.id, chance.up_to(line.quantity + 2)});
            }
            if (chance.one_in(3)) changes.shipping = Money(chance.up_to(900), content.currency());
            if (chance.one_in(3)) changes.discount = Money(chance.up_to(400), content.currency());
            const auto after = apply_changes(content, changes);
            if (!after) continue;
            ASSERT_EQ(broken(*after), "");
            ++changed;
            content = *after;
        }
    }
    EXPECT_GT(changed, 4000);
}

TEST(ChangeSet, taking_units_out_and_refunding_them_are_worth_the_same) {
    const auto seed = test_seed();
    SCOPED_TRACE(seed);
    Chance chance(seed);
    for (int i = 0; i < 3000; ++i) {
        const auto content = random_order(chance);
        const auto& line = content.lines[0];
        const auto kept = chance.up_to(line.quantity);
        const auto after = apply_changes(content, {{{line.id, kept}}, std::nullopt, std::nullopt});
        if (!after) {
            EXPECT_EQ(after.error().code, "orders.edit_empty");
            continue;
        }
        const SoldLine sold{line.id, line.quantity, line.worth(), 0, Worth::zero(content.currency())};
        EXPECT_EQ(after->worth() - content.worth(), sold.worth_of(kept) - line.worth());
    }
}

TEST(ChangeSet, refusals_name_their_reason) {
    const auto kEuro = Currency::of("EUR");
    Chance chance(1);
    auto content = random_order(chance);
    while (content.lines.size() < 2 || content.currency() != kEuro || content.lines[0].quantity < 3 || content.lines[0].total.minor() < 100)
        content = random_order(chance);
    auto& line = content.lines[0];
    const auto code = [&](const ChangeSet& changes) {
        const auto result = apply_changes(content, changes);
        return result ? std::string() : result.error().code;
    };
    const auto euro = [&](std::int64_t minor) { return Money(minor, kEuro); };
    EXPECT_EQ(code({{{OrderLineId::make(), 1}}, {}, {}}), "orders.line_unknown");
    EXPECT_EQ(code({{{line.id, 1}, {line.id, 2}}, {}, {}}), "orders.line_unknown");
    EXPECT_EQ(code({{{line.id, -1}}, {}, {}}), "orders.edit_quantity");
    EXPECT_EQ(code({{{line.id, 100001}}, {}, {}}), "orders.edit_quantity");
    EXPECT_EQ(code({{}, euro(-1), {}}), "orders.edit_amount");
    EXPECT_EQ(code({{}, {}, content.total + euro(100)}), "orders.edit_amount");
    EXPECT_EQ(code({{}, {}, Money(1, Currency::of("CHF"))}), "orders.edit_amount");
    ChangeSet nothing_left;
    for (const auto& one : content.lines) nothing_left.lines.push_back({one.id, 0});
    EXPECT_EQ(code(nothing_left), "orders.edit_empty");
    line.shipped = 2;
    EXPECT_EQ(code({{{line.id, 1}}, {}, {}}), "orders.edit_quantity");
    EXPECT_EQ(code({{{line.id, 2}}, {}, {}}), "");
    content.shipping_credited = {euro(1), euro(0)};
    EXPECT_EQ(code({{}, euro(1), {}}), "orders.edit_delivery_refunded");
    content.credited = content.worth();
    EXPECT_EQ(code({{{line.id, 2}}, {}, {}}), "orders.edit_below_refunded");
}

}  // namespace
}  // namespace stoa::orders
