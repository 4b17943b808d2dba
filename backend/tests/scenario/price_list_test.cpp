// A change of a whole price list reaches the listing, the cart and the storefront's kept pages.
#include <gtest/gtest.h>

#include "world.hpp"

namespace stoa::testing {
namespace {

TEST(PriceListScenario, a_list_that_is_switched_on_changes_listing_cart_and_kept_pages_alike) {
    World world;
    auto& shop = *world.shop;
    const auto chair = stock_up(shop, "CHAIR", 12900, 5);
    pricing::PriceListSpec sale{.code = "sale", .name = "Sale", .currency = Currency::of("EUR")};
    sale.enabled = false;
    sale.priority = 5;
    shop.database.in_tx([&](db::Tx& tx) {
        const pricing::PriceEntry entry{chair.variant, {{1, 9900}}, std::nullopt, std::nullopt};
        (void)shop.price_book->set_prices(tx, shop.price_book->save_list(tx, sale), std::span(&entry, 1), world.clock.now());
    });
    world.work();
    (void)shop.search->refresh();
    Shopper ana(shop);
    ana.add(chair);
    const auto listed = [&] {
        const auto listing = ana.get("/api/v1/catalog/listing?locale=en&currency=EUR");
        return *listing.body.find("items")->items().at(0).at("price", "amount")->find("amount")->as_int();
    };
    const auto in_cart = [&] { return *ana.get("/api/v1/cart").body.at("totals", "subtotal", "amount")->as_int(); };
    EXPECT_EQ(listed(), 12900);
    EXPECT_EQ(in_cart(), 12900);

    shop.database.in_tx([&](db::Tx& tx) {
        (void)tx.run_text("delete from storefront.pending_tag");
        sale.enabled = true;
        (void)shop.price_book->save_list(tx, sale);
    });
    world.work();
    (void)shop.search->refresh();
    EXPECT_EQ(listed(), 9900);
    EXPECT_EQ(in_cart(), 9900);
    for (const auto& tag : {std::string("listing"), "product:" + chair.product.to_string()})
        EXPECT_EQ(world.count("select count(*) from storefront.pending_tag where mode = 'price' and tag = '" + tag + "'"), 1) << tag;
}

}  // namespace
}  // namespace stoa::testing
