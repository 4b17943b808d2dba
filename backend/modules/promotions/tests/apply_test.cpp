#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "case_file.hpp"

namespace stoa::promotions {
namespace {

// Printed when a test fails; STOA_TEST_SEED runs it again.
std::uint64_t test_seed() {
    const char* given = std::getenv("STOA_TEST_SEED");
    return given ? std::stoull(given) : std::random_device{}();
}

class CaseFile : public ::testing::TestWithParam<const char*> {};

TEST_P(CaseFile, EveryCaseHolds) {
    const auto cases = read_cases(GetParam());
    ASSERT_GE(cases.size(), 10U);
    for (const auto& example : cases) {
        SCOPED_TRACE(example.name);
        ASSERT_FALSE(example.expectations.empty());
        const auto applied = example.apply();
        ASSERT_EQ(applied.line_discounts.size(), example.lines.size());
        ASSERT_EQ(applied.codes.size(), example.codes.size());
        std::vector<std::int64_t> wanted_lines(example.lines.size(), 0);
        std::int64_t wanted_shipping = 0;
        for (const auto& words : example.expectations) {
            if (words[0] == "line")
                wanted_lines[example.line(words.at(1))] = std::stoll(words.at(2));
            else if (words[0] == "shipping")
                wanted_shipping = std::stoll(words.at(1));
            else if (words[0] == "code") {
                const auto code = std::ranges::find(example.codes, words.at(1), &EnteredCode::code);
                ASSERT_NE(code, example.codes.end()) << words[1];
                const auto& result = applied.codes[static_cast<std::size_t>(code - example.codes.begin())];
                if (words.at(2) == "applied") {
                    ASSERT_TRUE(result.outcome) << words[1] << ": " << (result.refusal ? result.refusal->message : "");
                    EXPECT_FALSE(result.refusal);
                    EXPECT_EQ(applied.outcomes[*result.outcome].total(), Money(std::stoll(words.at(3)), example.currency)) << words[1];
                } else {
                    EXPECT_FALSE(result.outcome) << words[1];
                    ASSERT_TRUE(result.refusal) << words[1];
                    EXPECT_EQ(json::to_name(result.refusal->reason), words[2]) << result.refusal->message;
                    EXPECT_FALSE(result.refusal->message.empty());
                }
            } else {
                const auto promotion = example.promotion(words.at(1));
                const auto outcome = std::ranges::find(applied.outcomes, promotion, &Outcome::promotion);
                if (words.at(2) == "no")
                    EXPECT_EQ(outcome, applied.outcomes.end()) << words[1];
                else {
                    ASSERT_NE(outcome, applied.outcomes.end()) << words[1];
                    EXPECT_EQ(outcome->total(), Money(std::stoll(words[2]), example.currency)) << words[1];
                }
            }
        }
        for (std::size_t i = 0; i < example.lines.size(); ++i)
            EXPECT_EQ(applied.line_discounts[i].minor(), wanted_lines[i]) << example.line_names[i];
        EXPECT_EQ(applied.shipping_discount.minor(), wanted_shipping);
        // Every promotion and every refused code is explained.
        EXPECT_GE(applied.trace.size(), example.promotions.size());
    }
}

INSTANTIATE_TEST_SUITE_P(Promotions, CaseFile, ::testing::Values("kinds.txt", "conditions.txt", "lanes.txt"));

TEST(Codes, CanonicalForm) {
    EXPECT_EQ(canonical_code("  welcome10 "), "WELCOME10");
    EXPECT_EQ(canonical_code("a-B_9"), "A-B_9");
    for (const auto* bad : {"", "ab", "white space", "ümlaut", "a;drop table", "<b>x</b>", "0123456789012345678901234567890123456789X"}) {
        EXPECT_FALSE(canonical_code(bad)) << bad;
    }
}

// ---- properties ---------------------------------------------------------------------------------------------------------
struct RandomCart {
    std::vector<std::vector<catalog::CategoryId>> categories;
    std::vector<Line> lines;
    std::vector<std::shared_ptr<const Promotion>> promotions;
    std::optional<Money> shipping;
    BuyerContext buyer;
    BuyerFacts facts;
};

RandomCart make_random(std::mt19937_64& random, int promotions, bool one_lane) {
    const auto pick = [&](std::int64_t low, std::int64_t high) { return std::uniform_int_distribution<std::int64_t>(low, high)(random); };
    const auto eur = Currency::of("EUR");
    const std::vector<catalog::CategoryId> all{catalog::CategoryId::derived("a"), catalog::CategoryId::derived("b"),
                                               catalog::CategoryId::derived("c")};
    RandomCart out;
    out.buyer.at = kCaseTime;
    const auto count = static_cast<std::size_t>(pick(0, 6));
    out.categories.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        for (const auto& category : all) {
            if (pick(0, 1)) out.categories[i].push_back(category);
        }
        const auto quantity = pick(1, 7);
        out.lines.push_back(
            {catalog::ProductId::make(), out.categories[i], {}, quantity, Money(quantity * pick(0, 5000), eur), pick(0, 3) == 0});
    }
    if (pick(0, 2)) out.shipping = Money(pick(0, 900), eur);
    for (int i = 0; i < promotions; ++i) {
        auto promotion = std::make_shared<Promotion>();
        promotion->id = PromotionId::make();
        promotion->name = "p" + std::to_string(i);
        promotion->automatic = true;
        promotion->kind = static_cast<Kind>(pick(0, 5));
        promotion->lane = one_lane ? 0 : pick(0, 2);
        if (pick(0, 4) == 0) promotion->exclusive_group = "g";
        Rules& rules = promotion->rules;
        rules.basis_points = pick(1, 10000);
        rules.off = {{"EUR", pick(1, 9000)}};
        rules.buy_quantity = pick(1, 3);
        rules.get_quantity = pick(1, 3);
        rules.group_size = pick(2, 4);
        rules.free_quantity = pick(1, rules.group_size - 1);
        rules.tiers = {{{{"EUR", pick(0, 4000)}}, pick(1, 10000), {}}, {{{"EUR", pick(4000, 20000)}}, 0, {{"EUR", pick(1, 9000)}}}};
        if (pick(0, 1)) rules.include.categories = {all[static_cast<std::size_t>(pick(0, 2))]};
        if (pick(0, 3) == 0) rules.exclude.categories = {all[static_cast<std::size_t>(pick(0, 2))]};
        if (pick(0, 1)) rules.reward.categories = {all[static_cast<std::size_t>(pick(0, 2))]};
        rules.exclude_reduced = pick(0, 3) == 0;
        out.promotions.push_back(promotion);
    }
    return out;
}

Applied run(const RandomCart& cart, std::span<const std::shared_ptr<const Promotion>> promotions) {
    return apply({Currency::of("EUR"), cart.lines, cart.shipping, promotions, {}, cart.buyer, cart.facts});
}
Money sum(const Applied& applied) {
    Money out = applied.shipping_discount;
    for (const auto& discount : applied.line_discounts) out += discount;
    return out;
}

TEST(Properties, DiscountsAreSaneAndDoNotDependOnTheOrderOfPromotions) {
    const auto seed = test_seed();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    for (int round = 0; round < 10000; ++round) {
        auto cart = make_random(random, static_cast<int>(round % 7), round % 2 == 0);
        const auto applied = run(cart, cart.promotions);
        Money by_outcome = Money::zero(Currency::of("EUR"));
        for (std::size_t i = 0; i < cart.lines.size(); ++i) {
            ASSERT_GE(applied.line_discounts[i].minor(), 0);
            ASSERT_LE(applied.line_discounts[i], cart.lines[i].amount);
        }
        ASSERT_LE(applied.shipping_discount.minor(), cart.shipping ? cart.shipping->minor() : 0);
        for (const auto& outcome : applied.outcomes) {
            Money lines = Money::zero(Currency::of("EUR"));
            for (const auto& [line, amount] : outcome.lines) {
                ASSERT_GT(amount.minor(), 0);
                lines += amount;
            }
            ASSERT_EQ(lines, outcome.goods_discount);
            by_outcome += outcome.total();
        }
        ASSERT_EQ(by_outcome, sum(applied)) << "what promotions give is what lines and delivery lose";

        std::ranges::shuffle(cart.promotions, random);
        const auto again = run(cart, cart.promotions);
        ASSERT_EQ(again.line_discounts, applied.line_discounts);
        ASSERT_EQ(again.shipping_discount, applied.shipping_discount);
    }
}

// All sets of promotions that may stand together in one lane, by trying them.
Money brute_force(const RandomCart& cart) {
    Money best = Money::zero(Currency::of("EUR"));
    std::vector<Applied> alone;
    for (const auto& promotion : cart.promotions) alone.push_back(run(cart, std::vector{promotion}));
    for (unsigned set = 0; set < 1U << cart.promotions.size(); ++set) {
        std::vector<int> on_line(cart.lines.size(), 0);
        int on_shipping = 0;
        int in_group = 0;
        Money total = Money::zero(Currency::of("EUR"));
        for (std::size_t i = 0; i < cart.promotions.size(); ++i) {
            if ((set >> i & 1U) == 0 || alone[i].outcomes.empty()) continue;
            for (const auto& [line, amount] : alone[i].outcomes[0].lines) ++on_line[line];
            on_shipping += cart.promotions[i]->kind == Kind::free_shipping;
            in_group += !cart.promotions[i]->exclusive_group.empty();
            total += alone[i].outcomes[0].total();
        }
        const bool legal = on_shipping <= 1 && in_group <= 1 && std::ranges::all_of(on_line, [](int n) { return n <= 1; });
        if (legal && total > best) best = total;
    }
    return best;
}

TEST(Properties, InsideALaneTheBestLegalCombinationWins) {
    const auto seed = test_seed();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    for (int round = 0; round < 3000; ++round) {
        const auto cart = make_random(random, 1 + round % 8, true);
        ASSERT_EQ(sum(run(cart, cart.promotions)), brute_force(cart)) << "round " << round;
    }
}

TEST(Properties, AnotherOfferInALaneNeverMakesTheCartDearer) {
    const auto seed = test_seed();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    for (int round = 0; round < 3000; ++round) {
        const auto cart = make_random(random, 2 + round % 6, true);
        const auto fewer = std::span(cart.promotions).first(cart.promotions.size() - 1);
        ASSERT_GE(sum(run(cart, cart.promotions)), sum(run(cart, fewer)));
    }
}

}  // namespace
}  // namespace stoa::promotions
