#include <gtest/gtest.h>

#include <algorithm>

#include "random_order.hpp"

namespace stoa::orders {
namespace {

const Currency kEuro = Currency::of("EUR");
Money euro(std::int64_t minor) { return {minor, kEuro}; }

SoldLine line_of(std::int64_t quantity, std::int64_t value, std::int64_t tax) {
    return {OrderLineId::make(), quantity, {euro(value), euro(tax)}, 0, Worth::zero(kEuro)};
}
Source source_of(std::int64_t captured, std::int64_t refunded = 0, bool rest_only = false, std::int64_t pending = 0) {
    return {payments::AttemptId::make(), euro(captured), euro(refunded), euro(pending), rest_only};
}
// Three pens of 10.00 less 0.01, 19 % in it, delivery 5.00; paid with one card.
MoneyPosition three_pens() {
    MoneyPosition out;
    out.lines = {line_of(3, 2999, 479)};
    out.shipping = {euro(500), euro(80)};
    out.shipping_credited = out.credited = Worth::zero(kEuro);
    out.sold = {euro(3499), euro(559)};
    out.sources = {source_of(3499)};
    out.as_credit = euro(0);
    return out;
}
RefundRequest of_lines(std::vector<RefundLine> lines, std::int64_t shipping = 0, std::int64_t adjustment = 0) {
    return {std::move(lines), euro(shipping), euro(adjustment)};
}
std::string code_of(const Result<RefundPlan>& plan) { return plan ? "" : plan.error().code; }

TEST(RefundRules, units_of_a_line_share_its_discount_and_tax) {
    const auto line = line_of(3, 2999, 479);
    EXPECT_EQ(line.worth_of(0), Worth::zero(kEuro));
    EXPECT_EQ(line.worth_of(1), (Worth{euro(1000), euro(160)}));
    EXPECT_EQ(line.worth_of(2), (Worth{euro(2000), euro(320)}));
    EXPECT_EQ(line.worth_of(3), (Worth{euro(2999), euro(479)}));
}

TEST(RefundRules, every_way_to_take_an_order_apart_gives_back_exactly_its_total) {
    const auto seed = test_seed();
    SCOPED_TRACE(seed);
    Chance chance(seed);
    for (int i = 0; i < 3000; ++i) {
        const auto content = random_order(chance);
        if (content.total.is_zero()) continue;
        auto position = position_of(content, {}, Money::zero(content.currency()), false);
        // Nothing captured: what is granted is owed less, and no rule of a provider is in the way.
        while (position.creditable().value > Money::zero(position.currency())) {
            RefundRequest request{{}, Money::zero(position.currency()), Money::zero(position.currency())};
            for (const auto& line : position.lines) {
                const auto units = chance.up_to(line.left_quantity());
                if (units > 0) request.lines.push_back({line.id, units});
            }
            const auto delivery = (position.shipping - position.shipping_credited).value;
            request.shipping = Money(chance.up_to(delivery.minor()), position.currency());
            const auto plan = plan_refund(position, request);
            if (!plan) {
                ASSERT_EQ(plan.error().code, "orders.refund_nothing");
                continue;
            }
            EXPECT_EQ(plan->settles, plan->total.value);
            EXPECT_TRUE(plan->parts.empty());
            Worth sum = plan->shipping + plan->adjustment;
            for (const auto& part : plan->lines) {
                auto& line = *std::ranges::find(position.lines, part.line, &SoldLine::id);
                line.credited += part.worth;
                line.credited_quantity += part.quantity;
                ASSERT_FALSE(part.worth.tax.is_negative() || part.worth.net().is_negative());
                sum += part.worth;
            }
            ASSERT_EQ(sum, plan->total);
            position.shipping_credited += plan->shipping;
            position.credited += plan->total;
            ASSERT_FALSE(position.creditable().tax.is_negative() || position.creditable().net().is_negative());
        }
        ASSERT_EQ(position.credited, position.sold);
        for (const auto& line : position.lines) {
            if (line.credited_quantity == line.quantity) {
                ASSERT_EQ(line.credited, line.sold);
            }
        }
    }
}

TEST(RefundRules, goodwill_and_deductions_carry_their_tax_and_never_exceed_what_is_left) {
    const auto position = three_pens();
    const auto id = position.lines[0].id;
    const auto goodwill = plan_refund(position, of_lines({}, 0, 1000));
    ASSERT_TRUE(goodwill);
    EXPECT_EQ(goodwill->total, (Worth{euro(1000), euro(160)}));
    const auto damaged = plan_refund(position, of_lines({{id, 1}}, 0, -300));
    ASSERT_TRUE(damaged);
    EXPECT_EQ(damaged->total, (Worth{euro(700), euro(112)}));
    const auto everything = plan_refund(position, of_lines({{id, 3}}, 500));
    ASSERT_TRUE(everything);
    EXPECT_EQ(everything->total, position.sold);
    EXPECT_EQ(code_of(plan_refund(position, of_lines({{id, 3}}, 500, 1))), "payments.refund_too_large");
    EXPECT_EQ(code_of(plan_refund(position, of_lines({{id, 1}}, 0, -1000))), "orders.refund_nothing");
}

TEST(RefundRules, what_is_not_of_the_order_is_refused) {
    auto position = three_pens();
    const auto id = position.lines[0].id;
    EXPECT_EQ(code_of(plan_refund(position, of_lines({}))), "orders.refund_nothing");
    EXPECT_EQ(code_of(plan_refund(position, of_lines({{OrderLineId::make(), 1}}))), "orders.line_unknown");
    EXPECT_EQ(code_of(plan_refund(position, of_lines({{id, 1}, {id, 1}}))), "orders.line_unknown");
    EXPECT_EQ(code_of(plan_refund(position, of_lines({{id, 4}}))), "orders.refund_quantity");
    EXPECT_EQ(code_of(plan_refund(position, of_lines({{id, 0}}))), "orders.refund_quantity");
    EXPECT_EQ(code_of(plan_refund(position, of_lines({}, 501))), "orders.refund_shipping");
    EXPECT_EQ(code_of(plan_refund(position, of_lines({}, -1))), "orders.refund_shipping");
    auto foreign = of_lines({{id, 1}});
    foreign.adjustment = Money(1, Currency::of("CHF"));
    EXPECT_EQ(code_of(plan_refund(position, foreign)), "orders.refund_currency");
    position.lines[0].credited_quantity = 2;
    EXPECT_EQ(code_of(plan_refund(position, of_lines({{id, 2}}))), "orders.refund_quantity");
    position.uncaptured = true;
    EXPECT_EQ(code_of(plan_refund(position, of_lines({{id, 1}}))), "orders.payment_not_captured");
}

TEST(RefundRules, the_provider_takes_one_partial_refund_and_then_only_the_rest) {
    auto position = three_pens();
    const auto id = position.lines[0].id;
    const auto first = plan_refund(position, of_lines({{id, 1}}));
    ASSERT_TRUE(first);
    ASSERT_EQ(first->parts, (std::vector<Part>{{position.sources[0].id, euro(1000)}}));
    position.lines[0].credited_quantity = 1;
    position.lines[0].credited = position.credited = first->total;
    position.sources[0].pending = euro(1000);
    EXPECT_EQ(code_of(plan_refund(position, of_lines({{id, 1}}))), "orders.refund_in_progress");
    position.sources[0].pending = euro(0);
    position.sources[0].refunded = euro(1000);
    position.sources[0].rest_only = true;
    EXPECT_EQ(code_of(plan_refund(position, of_lines({{id, 1}}))), "payments.refund_rest_only");
    const auto rest = plan_refund(position, of_lines({{id, 2}}, 500));
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->parts, (std::vector<Part>{{position.sources[0].id, euro(2499)}}));
    // Somebody has given money back elsewhere: granting it now moves nothing.
    auto elsewhere = three_pens();
    elsewhere.sources[0].refunded = euro(1000);
    const auto granted = plan_refund(elsewhere, of_lines({{elsewhere.lines[0].id, 1}}));
    ASSERT_TRUE(granted);
    EXPECT_EQ(granted->settles, euro(1000));
    EXPECT_TRUE(granted->parts.empty());
}

TEST(RefundRules, nothing_goes_back_to_a_blocked_card) {
    auto position = three_pens();
    auto card = source_of(1000);
    card.is_credit = card.blocked = true;
    position.sources = {card, source_of(2499)};
    EXPECT_EQ(position.captured(), euro(3499)) << "it has paid all the same";
    EXPECT_EQ(reachable(position), euro(2499));
    const auto all = of_lines({{position.lines[0].id, 3}}, 500);
    const auto refused = plan_refund(position, all);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
    EXPECT_EQ(code_of(refused), "payments.refund_blocked");
    EXPECT_EQ(code_of(plan_refund(position, all, std::vector{Part{card.id, euro(1000)}, Part{position.sources[1].id, euro(2499)}})),
              "payments.refund_blocked");
    // What the other payment can take goes there, as store credit goes all, and cancelling leaves the rest to be decided.
    const auto some = plan_refund(position, of_lines({{position.lines[0].id, 2}}));
    ASSERT_TRUE(some);
    EXPECT_EQ(some->parts, (std::vector{Part{position.sources[1].id, euro(2000)}}));
    const auto credit = plan_refund(position, all, std::nullopt, PayBack::as_store_credit);
    ASSERT_TRUE(credit);
    EXPECT_EQ(credit->as_credit, euro(3499));
    const auto cancelled = plan_refund(position, all, std::nullopt, PayBack::as_far_as_possible);
    ASSERT_TRUE(cancelled);
    EXPECT_EQ(cancelled->total.value, euro(3499));
    EXPECT_EQ(cancelled->parts, (std::vector{Part{position.sources[1].id, euro(2499)}}));
}

TEST(RefundRules, parts_that_somebody_chose_are_held_to_the_same_rules) {
    auto position = three_pens();
    position.sources = {source_of(1500, 0, true), source_of(1999)};
    const auto& [card, other] = std::pair(position.sources[0].id, position.sources[1].id);
    const auto code = [&](std::vector<Part> parts) { return code_of(plan_refund(position, of_lines({}, 0, 1000), parts)); };
    EXPECT_EQ(code({{other, euro(1000)}}), "");
    EXPECT_EQ(code({{card, euro(1000)}}), "payments.refund_rest_only");
    EXPECT_EQ(code({{other, euro(999)}}), "orders.refund_parts");
    EXPECT_EQ(code({{other, euro(500)}, {other, euro(500)}}), "orders.refund_parts");
    EXPECT_EQ(code({{payments::AttemptId::make(), euro(1000)}}), "orders.refund_parts");
    EXPECT_EQ(code({{other, euro(0)}, {card, euro(1000)}}), "orders.refund_parts");
    EXPECT_EQ(code({{other, euro(2000)}}), "payments.refund_too_large");
    position.sources[1].pending = euro(1);
    EXPECT_EQ(code({{other, euro(1000)}}), "orders.refund_in_progress");
}

TEST(RefundRules, money_is_spread_whenever_the_rules_allow_it) {
    const auto seed = test_seed();
    SCOPED_TRACE(seed);
    Chance chance(seed);
    int impossible = 0;
    for (int i = 0; i < 20000; ++i) {
        std::vector<Source> sources;
        const auto number = chance.between(1, 4);
        for (std::int64_t k = 0; k < number; ++k) {
            const auto captured = chance.between(1, 12);
            sources.push_back(source_of(captured, chance.up_to(captured), chance.one_in(2)));
        }
        std::int64_t all = 0;
        for (const auto& source : sources) all += source.left().minor();
        const auto amount = euro(chance.up_to(all + 1));
        // Every sum that can be made, source by source.
        std::vector<bool> can(static_cast<std::size_t>(all) + 2);
        can[0] = true;
        for (const auto& source : sources) {
            auto next = can;
            const auto left = static_cast<std::size_t>(source.left().minor());
            for (std::size_t sum = 0; sum < can.size(); ++sum) {
                if (!can[sum]) continue;
                for (std::size_t part = source.rest_only ? left : 1; part <= left && sum + part < can.size(); ++part)
                    next[sum + part] = true;
            }
            can = next;
        }
        const auto parts = spread(sources, amount);
        ASSERT_EQ(parts.has_value(), can[static_cast<std::size_t>(amount.minor())]) << amount.minor() << " of " << all;
        if (!parts) {
            ++impossible;
            EXPECT_EQ(parts.error().code, amount.minor() > all ? "payments.refund_too_large" : "payments.refund_rest_only");
            continue;
        }
        EXPECT_TRUE(check_parts(sources, *parts, amount));
    }
    EXPECT_GT(impossible, 1000);
}

}  // namespace
}  // namespace stoa::orders
