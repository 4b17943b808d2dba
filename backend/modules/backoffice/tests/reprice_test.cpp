#include "domain/reprice.hpp"

#include <gtest/gtest.h>

namespace stoa::backoffice {
namespace {

Money eur(std::int64_t minor) { return {minor, Currency::of("EUR")}; }

pricing::StoredPrice price(std::vector<std::pair<std::int64_t, std::int64_t>> tiers) {
    pricing::StoredPrice out;
    out.currency = Currency::of("EUR");
    out.entry.tiers = std::move(tiers);
    return out;
}

TEST(Reprice, ReadsPercentagesAsPeopleTypeThem) {
    EXPECT_EQ(percent_of("10"), 1000);
    EXPECT_EQ(percent_of("-12.5"), -1250);
    EXPECT_EQ(percent_of("+2,25"), 225);
    EXPECT_EQ(percent_of("-100"), -10000);
    EXPECT_EQ(percent_of("1000"), 100000);
    for (const auto* wrong : {"", "-", "x", "1.234", "1.", "-100.01", "1000.01", "99999", "1 0", "--1"})
        EXPECT_EQ(percent_of(wrong), std::nullopt) << wrong;
}

TEST(Reprice, APercentageChangesEveryTierAndRoundsHalfUp) {
    const auto after = reprice(price({{1, 999}, {10, 905}, {50, 0}}), {-1000, std::nullopt});
    ASSERT_TRUE(after);
    EXPECT_EQ(after->tiers, (std::vector<std::pair<std::int64_t, std::int64_t>>{{1, 899}, {10, 815}, {50, 0}}));  // 899.1, 814.5
    EXPECT_EQ(reprice(price({{1, 999}}), {-10000, std::nullopt})->tiers.front().second, 0);
}

TEST(Reprice, AnAmountIsInTheListsCurrencyAndOfPricesWithoutTiers) {
    EXPECT_EQ(reprice(price({{1, 999}}), {std::nullopt, eur(500)})->tiers.front().second, 500);
    const auto refused = [](const pricing::StoredPrice& of, const Repricing& how) {
        const auto after = reprice(of, how);
        return after ? std::string() : after.error().fields.at(0).code;
    };
    EXPECT_EQ(refused(price({{1, 999}, {10, 900}}), {std::nullopt, eur(500)}), "tiers");
    EXPECT_EQ(refused(price({{1, 999}}), {std::nullopt, Money(500, Currency::of("GBP"))}), "currency");
    EXPECT_EQ(refused(price({{1, 999}}), {std::nullopt, eur(-1)}), "negative");
    EXPECT_EQ(refused(price({{1, 999}}), {}), "one_of");
    EXPECT_EQ(refused(price({{1, 999}}), {100, eur(500)}), "one_of");
}

}  // namespace
}  // namespace stoa::backoffice
