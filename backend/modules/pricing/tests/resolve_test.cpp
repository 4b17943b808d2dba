#include <gtest/gtest.h>

#include "domain/resolve.hpp"

namespace stoa::pricing {
namespace {

const Currency kEur = Currency::of("EUR");
Timestamp at(std::string_view day) { return parse_timestamp(std::string(day) + "T00:00:00Z").value(); }
Money eur(std::int64_t minor) { return {minor, kEur}; }

PriceRow row(std::string list, std::vector<std::pair<std::int64_t, std::int64_t>> tiers, std::int64_t priority = 0,
             std::int64_t specificity = 0) {
    PriceRow out;
    out.variant = catalog::VariantId::derived("v");
    out.list = PriceListId::derived(list);
    out.list_code = std::move(list);
    out.priority = priority;
    out.specificity = specificity;
    out.recorded_at = at("2026-01-01");
    for (const auto& [quantity, amount] : tiers) out.tiers.push_back({quantity, eur(amount)});
    return out;
}
PriceRow scheduled(PriceRow base, std::string_view from) {
    base.valid_from = at(from);
    return base;
}
HistoryRow past(std::string_view list, std::int64_t amount, std::string_view from, std::optional<std::string_view> until,
                std::optional<std::string_view> starts = {}) {
    return {PriceListId::derived(list),
            starts ? std::optional(at(*starts)) : std::nullopt,
            eur(amount),
            at(from),
            until ? std::optional(at(*until)) : std::nullopt,
            PriceListId::derived(list),
            std::string(list),
            0,
            0};
}
// What the buyers of `reduced` paid by another list.
HistoryRow beside(HistoryRow row, std::string_view reduced, std::int64_t priority) {
    row.reduced = PriceListId::derived(reduced);
    row.priority = priority;
    return row;
}

TEST(Resolve, TiersByQuantity) {
    const auto price = resolve(std::vector{row("web", {{1, 1000}, {10, 900}, {100, 750}})}, {});
    ASSERT_TRUE(price);
    EXPECT_EQ(price->unit(1), eur(1000));
    EXPECT_EQ(price->unit(9), eur(1000));
    EXPECT_EQ(price->unit(10), eur(900));
    EXPECT_EQ(price->unit(99), eur(900));
    EXPECT_EQ(price->unit(100), eur(750));
    EXPECT_EQ(price->unit(9999), eur(750));
    EXPECT_FALSE(price->regular);
    EXPECT_FALSE(resolve({}, {}));
}

TEST(Resolve, PriorityThenSpecificityThenPriceThenCode) {
    auto winner = [](std::vector<PriceRow> rows) { return resolve(rows, {})->price_list; };
    EXPECT_EQ(winner({row("a", {{1, 100}}, 0, 4), row("b", {{1, 900}}, 1, 0)}), "b");
    EXPECT_EQ(winner({row("everybody", {{1, 100}}), row("company", {{1, 900}}, 0, 4), row("group", {{1, 200}}, 0, 2)}), "company");
    EXPECT_EQ(winner({row("b", {{1, 100}}), row("a", {{1, 101}})}), "b");
    EXPECT_EQ(winner({row("b", {{1, 100}}), row("a", {{1, 100}})}), "a");
    const auto price = resolve(std::vector{row("everybody", {{1, 100}}), row("company", {{1, 900}}, 0, 4)}, {});
    EXPECT_EQ(price->passed_over, std::vector<std::string>{"everybody: less specific"});
}

TEST(Resolve, OrderOfRowsDoesNotMatter) {
    std::vector<PriceRow> rows{row("b", {{1, 100}}), row("a", {{1, 100}}), row("c", {{1, 90}}, -1),
                               scheduled(row("a", {{1, 80}}), "2026-02-01"), scheduled(row("a", {{1, 70}}), "2026-03-01")};
    std::vector<std::size_t> order{0, 1, 2, 3, 4};
    do {
        std::vector<PriceRow> shuffled;
        for (const auto i : order) shuffled.push_back(rows[i]);
        const auto price = resolve(shuffled, {});
        ASSERT_EQ(price->price_list, "a");
        ASSERT_EQ(price->unit(), eur(70)) << "the later start counts";
        ASSERT_EQ(price->regular, eur(100));
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Resolve, AReductionNeverCostsMoreThanTheBaseTiers) {
    const auto price = resolve(std::vector{row("web", {{1, 1000}, {10, 800}}), scheduled(row("web", {{1, 900}}), "2026-02-01")}, {});
    EXPECT_EQ(price->unit(1), eur(900));
    EXPECT_EQ(price->unit(10), eur(800));
    EXPECT_EQ(price->regular, eur(1000));
    EXPECT_TRUE(price->scheduled);
}

TEST(Resolve, WhatIsCrossedOutGoesByTheQuantity) {
    const std::vector<HistoryRow> history{past("web", 10000, "2026-01-01", {})};
    const auto price =
        resolve(std::vector{row("web", {{1, 10000}, {5, 9000}, {10, 7500}}), scheduled(row("web", {{1, 8000}}), "2026-02-01")}, history);
    EXPECT_EQ(price->crossed_out(1), eur(10000));
    EXPECT_EQ(price->crossed_out(5), eur(9000));
    EXPECT_EQ(price->unit(10), eur(7500));
    EXPECT_EQ(price->crossed_out(10), std::nullopt) << "ten have always cost 75 each";
    EXPECT_EQ(price->regular_above(10), std::nullopt);
    EXPECT_EQ(resolve(std::vector{row("web", {{1, 100}})}, {})->crossed_out(), std::nullopt);
}

TEST(Resolve, NothingIsCrossedOutThatIsAboveTheLowestPriceOfThirtyDays) {
    const auto sold_at = [](std::int64_t amount, std::int64_t lowest) {
        const std::vector<HistoryRow> history{past("web", lowest, "2026-01-01", "2026-01-20"), past("web", 12000, "2026-01-20", {})};
        return *resolve(std::vector{row("web", {{1, 12000}, {10, 9500}}), scheduled(row("web", {{1, amount}}), "2026-02-01")}, history);
    };
    EXPECT_EQ(sold_at(9000, 10000).crossed_out(), eur(10000));
    EXPECT_EQ(sold_at(9000, 10000).crossed_out(10), eur(9500));
    EXPECT_EQ(sold_at(9000, 13000).crossed_out(), eur(12000));
    EXPECT_EQ(sold_at(9000, 9000).crossed_out(), std::nullopt);
    EXPECT_EQ(sold_at(9000, 8000).crossed_out(), std::nullopt) << "it cost less a few days ago";
    EXPECT_EQ(sold_at(9000, 8000).regular_above(), eur(12000)) << "it is reduced all the same: codes may leave it out";
}

TEST(Resolve, NothingIsCrossedOutWithoutAPriceBefore) {
    const auto price = resolve(std::vector{row("web", {{1, 12000}}), scheduled(row("web", {{1, 9000}}), "2026-02-01")}, {});
    EXPECT_EQ(price->regular_above(), eur(12000));
    EXPECT_EQ(price->crossed_out(), std::nullopt);
}

TEST(Resolve, AScheduledIncreaseIsNoReduction) {
    const auto price = resolve(std::vector{row("web", {{1, 1000}, {10, 800}}), scheduled(row("web", {{1, 1200}}), "2026-02-01")}, {});
    EXPECT_EQ(price->unit(10), eur(1200));
    EXPECT_FALSE(price->regular);
    EXPECT_FALSE(price->lowest_30_days);
}

TEST(LowestPrice, OfThirtyDaysBeforeTheReductionBegan) {
    const std::vector<HistoryRow> history{
        past("web", 900, "2026-01-01", "2026-04-15"),
        past("web", 1100, "2026-04-15", "2026-04-25"),
        past("web", 1000, "2026-04-25", {}),
        past("web", 700, "2026-05-10", {}, "2026-05-10"),
    };
    auto sale = scheduled(row("web", {{1, 700}}), "2026-05-10");
    const auto price = resolve(std::vector{row("web", {{1, 1000}}), sale}, history);
    EXPECT_EQ(price->lowest_30_days, eur(900)) << "4.10. to 4.15. still cost 900";
    EXPECT_EQ(lowest_between(history, PriceListId::derived("web"), at("2026-04-16"), at("2026-05-10")), eur(1000));
    EXPECT_EQ(lowest_between(history, PriceListId::derived("other"), at("2026-04-16"), at("2026-05-10")), std::nullopt);
    EXPECT_EQ(lowest_between(history, PriceListId::derived("web"), at("2025-01-01"), at("2025-02-01")), std::nullopt);
}

TEST(LowestPrice, AnEarlierSaleCountsAndAHiddenBasePriceDoesNot) {
    const std::vector<HistoryRow> history{
        past("web", 1000, "2026-01-01", {}), past("web", 800, "2026-04-20", "2026-04-22", "2026-04-20"),  // an earlier sale
        past("web", 1500, "2026-04-25", "2026-05-10", "2026-04-25"),  // a dearer season hid the base price
    };
    const auto list = PriceListId::derived("web");
    EXPECT_EQ(lowest_between(history, list, at("2026-04-10"), at("2026-05-10")), eur(800));
    EXPECT_EQ(lowest_between(history, list, at("2026-04-26"), at("2026-05-10")), eur(1500));
}

TEST(LowestPrice, OtherListsOfTheSameBuyersCountWhileTheyWin) {
    const auto list = PriceListId::derived("web");
    const auto from = at("2026-04-10");
    const auto until = at("2026-05-10");
    const auto ours = past("web", 1000, "2026-01-01", {});
    EXPECT_EQ(lowest_between(std::vector{ours, beside(past("spring", 800, "2026-04-12", "2026-04-20"), "web", 5)}, list, from, until),
              eur(800));
    EXPECT_EQ(lowest_between(std::vector{ours, beside(past("old", 700, "2026-01-01", {}), "web", -1)}, list, from, until), eur(1000))
        << "nobody could pay the list that never won";
    EXPECT_EQ(lowest_between(std::vector{ours, beside(past("dear", 1500, "2026-01-01", {}), "web", 5)}, list, from, until), eur(1500));
    EXPECT_EQ(lowest_between(std::vector{ours, past("elsewhere", 1, "2026-01-01", {})}, list, from, until), eur(1000));
}

TEST(LowestPrice, AReductionEnteredLateBeganWhenItWasEntered) {
    auto sale = scheduled(row("web", {{1, 700}}), "2026-03-01");
    sale.recorded_at = at("2026-05-10");
    const std::vector<HistoryRow> history{past("web", 900, "2026-02-01", "2026-03-15"), past("web", 1000, "2026-03-15", {})};
    EXPECT_EQ(resolve(std::vector{row("web", {{1, 1000}}), sale}, history)->lowest_30_days, eur(1000));
}

}  // namespace
}  // namespace stoa::pricing
