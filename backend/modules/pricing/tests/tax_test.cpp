#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "tax_table.hpp"

namespace stoa::pricing {
namespace {

TEST(Tax, DecidesEveryCaseOfTheTable) {
    std::ifstream file(std::string(STOA_SOURCE_DIR) + "/backend/modules/pricing/tests/cases/vat.txt");
    TaxRules rules{shipped_tax_table(), {}};
    int cases = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        std::istringstream words(line);
        std::string day, shop, to, tax_class, buyer, percent, treatment;
        ASSERT_TRUE(words >> day >> shop >> to >> tax_class >> buyer >> percent >> treatment) << line;
        rules.entity.country = shop;
        for (const auto* hour : {"T00:00:00Z", "T23:59:59Z"}) {
            const auto rate = decide_tax(rules, {to, buyer == "business"}, tax_class, parse_timestamp(day + hour).value());
            EXPECT_EQ(rate_label(rate), percent + " %") << line;
            EXPECT_EQ(json::to_name(rate.treatment), treatment) << line;
            EXPECT_EQ(rate.reason.empty(), shop == to) << line << ": a sale that is not at home says why";
        }
        ++cases;
    }
    EXPECT_GE(cases, 60);
}

TEST(Tax, ShipsEveryRateOfTheTable) {
    std::ifstream file(std::string(STOA_SOURCE_DIR) + "/backend/modules/pricing/tests/cases/rates.txt");
    const auto table = shipped_tax_table();
    std::set<std::string> today;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        std::istringstream words(line);
        std::string day, country, standard;
        ASSERT_TRUE(words >> day >> country >> standard) << line;
        const auto at = parse_timestamp(day + "T12:00:00Z").value();
        if (day == "2026-11-22") today.insert(country);
        const auto check = [&](const std::string& tax_class, const std::string& percent, Treatment treatment) {
            const auto rate = table.rate(country, tax_class, at);
            ASSERT_TRUE(rate) << line;
            EXPECT_EQ(rate_label(*rate), percent + " %") << tax_class << ": " << line;
            EXPECT_EQ(rate->treatment, treatment) << tax_class << ": " << line;
        };
        check("standard", standard, Treatment::standard);
        for (const auto* tax_class : {"reduced", "book", "food"}) {
            std::string percent;
            ASSERT_TRUE(words >> percent) << line;
            if (percent == "s") {
                check(tax_class, standard, Treatment::standard);
            } else if (percent == "z") {
                check(tax_class, "0", Treatment::zero);
            } else {
                check(tax_class, percent, Treatment::reduced);
            }
        }
    }
    EXPECT_EQ(today.size(), 30U) << "27 member states, Great Britain, Switzerland and Norway";
}

TEST(Tax, ShippedDataCoversAllCountriesAndNeverExceedsTheStandardRate) {
    const auto table = shipped_tax_table();
    const auto day = parse_timestamp("2026-11-22T00:00:00Z").value();
    int members = 0;
    for (char a = 'A'; a <= 'Z'; ++a) {
        for (char b = 'A'; b <= 'Z'; ++b) {
            const std::string country{a, b};
            if (!table.in_eu(country, day)) continue;
            ++members;
            const auto standard = table.rate(country, "standard", day);
            ASSERT_TRUE(standard) << country;
            for (const auto* tax_class : {"reduced", "book", "food"}) {
                const auto rate = table.rate(country, tax_class, day);
                ASSERT_TRUE(rate) << country;
                EXPECT_LE(rate->basis_points, standard->basis_points) << country << " " << tax_class;
            }
        }
    }
    EXPECT_EQ(members, 27);
    for (const auto* country : {"GB", "CH", "NO"}) EXPECT_TRUE(table.rate(country, "standard", day)) << country;
    EXPECT_FALSE(table.rate("US", "standard", day));
}

TEST(Tax, MissingMemberStateIsABug) {
    const TaxRules rules{TaxTable({}, {{"DE", Date{std::chrono::year{1958}, std::chrono::month{1}, std::chrono::day{1}}, std::nullopt}}),
                         {}};
    EXPECT_THROW((void)decide_tax(rules, {"DE"}, "standard", parse_timestamp("2026-01-01T00:00:00Z").value()), std::logic_error);
}

TEST(Tax, SplitsGrossAndNet) {
    const auto eur = Currency::of("EUR");
    EXPECT_EQ(tax_from_gross(Money(11900, eur), 1900, Rounding::half_up).tax, Money(1900, eur));
    EXPECT_EQ(tax_from_gross(Money(999, eur), 1900, Rounding::half_up).tax, Money(160, eur));  // 159.5042
    EXPECT_EQ(tax_from_gross(Money(999, eur), 1900, Rounding::half_up).net, Money(839, eur));
    EXPECT_EQ(tax_on_net(Money(50, eur), 1900, Rounding::half_up).tax, Money(10, eur));  // 9.5
    EXPECT_EQ(tax_on_net(Money(50, eur), 1700, Rounding::half_up).tax, Money(9, eur));   // 8.5
    EXPECT_EQ(tax_on_net(Money(50, eur), 1700, Rounding::half_even).tax, Money(8, eur));
    EXPECT_EQ(tax_from_gross(Money(1, eur), 0, Rounding::half_up).tax, Money(0, eur));
}

}  // namespace
}  // namespace stoa::pricing
