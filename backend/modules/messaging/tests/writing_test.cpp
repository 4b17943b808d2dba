#include <gtest/gtest.h>

#include "stoa/customers/countries.hpp"
#include "stoa/json/value.hpp"
#include "stoa/messaging/order_mail.hpp"

namespace stoa::messaging {
namespace {

using namespace std::chrono_literals;

TEST(Writing, MoneyInEveryLanguage) {
    const Money euros(123456, Currency::of("EUR"));
    EXPECT_EQ(format_money(euros, "en"), "€1,234.56");
    EXPECT_EQ(format_money(euros, "de"), "1.234,56\u00a0€");
    EXPECT_EQ(format_money(euros, "nl"), "€\u00a01.234,56");
    EXPECT_EQ(format_money(euros, "fr"), "1\u202f234,56\u00a0€");
    EXPECT_EQ(format_money(euros, "xx"), "€1,234.56");
    EXPECT_EQ(format_money(Money(-500, Currency::of("GBP")), "en"), "−£5.00");
    EXPECT_EQ(format_money(Money(-500, Currency::of("GBP")), "nl"), "£\u00a0−5,00");
    EXPECT_EQ(format_money(Money(5, Currency::of("EUR")), "de"), "0,05\u00a0€");
    EXPECT_EQ(format_money(Money(100, Currency::of("CHF")), "en"), "CHF\u00a01.00");
    EXPECT_EQ(format_money(Money(100, Currency::of("CHF")), "de"), "1,00\u00a0CHF");
    EXPECT_EQ(format_money(Money(1234567, Currency::of("JPY")), "en"), "¥1,234,567");
    EXPECT_EQ(format_money(Money(1234567, Currency::of("BHD")), "de"), "1.234,567\u00a0BHD");
    EXPECT_EQ(format_money(Money(100000, Currency::of("EUR")), "en"), "€1,000.00");
    EXPECT_EQ(format_money(Money(99999, Currency::of("EUR")), "en"), "€999.99");
}

TEST(Writing, DaysInEveryLanguage) {
    const Date day = 2026y / 11 / 24;
    EXPECT_EQ(format_day(day, "en"), "Tue 24 Nov");
    EXPECT_EQ(format_day(day, "de"), "Di., 24. Nov.");
    EXPECT_EQ(format_day(day, "nl"), "di 24 nov");
    EXPECT_EQ(format_day(day, "fr"), "mar. 24 nov.");
    EXPECT_EQ(format_day(2026y / 2 / 1, "fr"), "dim. 1er févr.");
    EXPECT_EQ(format_date(day, "en"), "24 November 2026");
    EXPECT_EQ(format_date(day, "de"), "24. November 2026");
    EXPECT_EQ(format_date(day, "nl"), "24 november 2026");
    EXPECT_EQ(format_date(2026y / 8 / 1, "fr"), "1er août 2026");
}

TEST(Writing, CountriesInEveryLanguage) {
    EXPECT_EQ(format_country("DE", "en"), "Germany");
    EXPECT_EQ(format_country("DE", "de"), "Deutschland");
    EXPECT_EQ(format_country("GR", "nl"), "Griekenland");
    EXPECT_EQ(format_country("GB", "fr"), "Royaume-Uni");
    EXPECT_EQ(format_country("US", "de"), "US");
    for (const auto& country : customers::countries()) {
        for (const auto* locale : {"en", "de", "nl", "fr"}) EXPECT_NE(format_country(country.code, locale), country.code) << locale;
    }
}

TEST(OrderMail, ViewCarriesWordsNotNumbers) {
    OrderMail mail;
    mail.number = "S-100042";
    mail.order_url = "https://shop.example/de/orders/S-100042?token=t";
    mail.placed_on = 2026y / 11 / 22;
    mail.first_name = "Ada <b>";
    mail.lines.push_back({"Chair", "Oak", "SKU-1", 2, Money(25998, Currency::of("EUR")), "https://shop.example/media/x/160/chair.jpg"});
    mail.subtotal = Money(25998, Currency::of("EUR"));
    mail.discounts.push_back({"WELCOME", Money(1000, Currency::of("EUR"))});
    mail.shipping = Money(0, Currency::of("EUR"));
    mail.total = Money(24998, Currency::of("EUR"));
    mail.taxes.push_back({"19 %", Money(3991, Currency::of("EUR"))});
    mail.shipping_address = {"Ada Lovelace", "", "10115 Berlin"};
    mail.promise_from = 2026y / 11 / 24;
    mail.promise_to = 2026y / 11 / 25;
    const auto view = view_of(mail, "de");
    const auto data = json::parse(view.data_json);
    ASSERT_TRUE(data);
    EXPECT_EQ(data->text_or("placed_on"), "22. November 2026");
    EXPECT_EQ(data->find("lines")->items().front().text_or("total"), "259,98\u00a0€");
    EXPECT_EQ(data->find("discounts")->items().front().text_or("amount"), "−10,00\u00a0€");
    EXPECT_TRUE(data->bool_or("shipping_free"));
    EXPECT_EQ(data->find("shipping"), nullptr);
    EXPECT_EQ(data->find("shipping_address")->items().size(), 2U);
    EXPECT_EQ(data->at("promise", "to")->text(), "Mi., 25. Nov.");
    // What opens the order is not among the data that stays.
    EXPECT_EQ(view.data_json.find("token="), std::string::npos);
    EXPECT_NE(view.secrets_json.find("token=t"), std::string::npos);
}

}  // namespace
}  // namespace stoa::messaging
