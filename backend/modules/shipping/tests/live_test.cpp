#include <gtest/gtest.h>

#include "domain/live.hpp"

namespace stoa::shipping {
namespace {

TEST(Live, a_delivery_is_named_in_the_language_of_the_shopper) {
    EXPECT_EQ(live_name(false, false, "PostNL", "en"), "Home delivery (PostNL)");
    EXPECT_EQ(live_name(false, true, "PostNL", "de"), "Lieferung nach Hause mit Unterschrift (PostNL)");
    EXPECT_EQ(live_name(true, false, "DHL", "nl"), "Afhaalpunt (DHL)");
    EXPECT_EQ(live_name(true, true, "DHL", "fr"), "Point relais (DHL)");
    EXPECT_EQ(live_name(false, false, "DHL", "xx"), "Home delivery (DHL)");
}

TEST(Live, a_quote_in_another_currency_is_rounded_up_to_ten) {
    const auto eur = [](std::int64_t minor) { return Money(minor, Currency::of("EUR")); };
    EXPECT_EQ(convert_price(eur(429), 860000, Currency::of("GBP")), Money(370, Currency::of("GBP")));       // 3.6894
    EXPECT_EQ(convert_price(eur(1000), 860000, Currency::of("GBP")), Money(860, Currency::of("GBP")));      // exact
    EXPECT_EQ(convert_price(eur(1001), 860000, Currency::of("GBP")), Money(870, Currency::of("GBP")));      // 8.6086
    EXPECT_EQ(convert_price(eur(429), 160'000'000, Currency::of("JPY")), Money(690, Currency::of("JPY")));  // 686.4, no minor units
    EXPECT_EQ(convert_price(eur(429), 410000, Currency::of("BHD")), Money(1760, Currency::of("BHD")));      // 1.7589, three digits
    EXPECT_EQ(convert_price(eur(0), 860000, Currency::of("GBP")), Money(0, Currency::of("GBP")));
}

}  // namespace
}  // namespace stoa::shipping
