// VAT at reduced rates, from the cart to the order.
#include <gtest/gtest.h>

#include <algorithm>

#include "world.hpp"

namespace stoa::testing {
namespace {

class TaxScenario : public ::testing::Test {
protected:
    World world;
    app::Shop& shop() { return *world.shop; }
    Goods stock_up_as(std::string_view tax_class, std::string_view sku, std::int64_t price) {
        const auto goods = stock_up(shop(), sku, price, 9);
        shop().database.in_tx([&](db::Tx& tx) {
            (void)tx.run_text("update catalog.product set tax_class = '" + std::string(tax_class) + "' where handle = '" + goods.slug +
                              "'");
        });
        return goods;
    }
    // "5 %: 10000 + 500" for each rate of the totals.
    static std::vector<std::string> taxes(const json::Value& totals) {
        std::vector<std::string> out;
        for (const auto& line : totals.find("tax_lines")->items()) {
            out.push_back(line.text_or("rate_label") + ": " + std::to_string(*line.at("net", "amount")->as_int()) + " + " +
                          std::to_string(*line.at("tax", "amount")->as_int()));
        }
        std::ranges::sort(out);
        return out;
    }
    using Lines = std::vector<std::string>;
};

TEST_F(TaxScenario, each_line_has_the_rate_of_its_class_where_it_is_delivered) {
    const auto jam = stock_up_as("food", "JAM", 10500);
    const auto atlas = stock_up_as("book", "ATLAS", 10500);
    const auto lamp = stock_up_as("standard", "LAMP", 12500);
    const auto buy = [&](std::string_view country, std::string_view postal_code) {
        Shopper ana(shop());
        for (const auto& goods : {jam, atlas, lamp}) ana.add(goods);
        ana.fill_in("ana@example.test", country, postal_code);
        const auto shown = taxes(*ana.get("/api/v1/checkout").body.find("totals"));
        const auto paid = ana.pay();
        EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
        const auto order = ana.get("/api/v1/orders/" + paid.body.text_or("order_number") + "?token=" + paid.body.text_or("order_token"));
        EXPECT_EQ(taxes(*order.body.find("totals")), shown) << "the order says what the checkout showed";
        return shown;
    };
    EXPECT_EQ(buy("HR", "10000"), (Lines{"25 %: 10000 + 2500", "5 %: 20000 + 1000"}));
    EXPECT_EQ(buy("HU", "1051"), (Lines{"18 %: 8898 + 1602", "27 %: 9843 + 2657", "5 %: 10000 + 500"}));
    EXPECT_EQ(buy("DE", "10115"), (Lines{"19 %: 10504 + 1996", "7 %: 19626 + 1374"}));
    EXPECT_EQ(buy("IE", "D02 AF30"), (Lines{"0 %: 21000 + 0", "23 %: 10163 + 2337"}));
    EXPECT_EQ(world.disagreements(), "");
}

}  // namespace
}  // namespace stoa::testing
