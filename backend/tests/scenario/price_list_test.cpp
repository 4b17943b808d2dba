// A change of a whole price list reaches the listing, the cart and the storefront's kept pages.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "revalidate.hpp"
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
        (void)shop.price_book->set_prices(tx, shop.price_book->save_list(tx, sale, world.clock.now()), std::span(&entry, 1),
                                          world.clock.now());
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
        (void)shop.price_book->save_list(tx, sale, world.clock.now());
    });
    world.work();
    (void)shop.search->refresh();
    EXPECT_EQ(listed(), 9900);
    EXPECT_EQ(in_cart(), 9900);
    for (const auto& tag : {std::string("listing"), "product:" + chair.product.to_string()})
        EXPECT_EQ(world.count("select count(*) from storefront.pending_tag where mode = 'price' and tag = '" + tag + "'"), 1) << tag;
}

// A storefront that takes down what it is told, and may be interrupted while it does.
class Storefront : public http_client::Client {
public:
    std::expected<http_client::Answer, http_client::CallError> send(const http_client::Call& call) override {
        const auto body = json::parse(call.body);
        for (const auto& tag : body->find("tags")->items()) told.push_back(tag.text());
        if (meanwhile) std::exchange(meanwhile, nullptr)();
        http_client::Answer answer;
        answer.status = 204;
        return answer;
    }
    [[nodiscard]] std::int64_t times(const std::string& tag) const { return std::ranges::count(told, tag); }

    std::vector<std::string> told;
    std::function<void()> meanwhile;
};

TEST(PriceListScenario, pages_of_what_changes_all_the_time_are_refreshed_all_the_same) {
    World world;
    auto& shop = *world.shop;
    const auto chair = stock_up(shop, "CHAIR", 12900, 5);
    world.work();
    shop.database.in_tx([](db::Tx& tx) { (void)tx.run_text("delete from storefront.pending_tag"); });
    Storefront storefront;
    app::Revalidator revalidator(shop.database, storefront, world.clock, "http://storefront.test", "secret");
    const auto change = [&] {
        shop.database.in_tx([&](db::Tx& tx) {
            events::append(tx, {"price.changed", "variant:" + chair.variant.uuid().to_string(),
                                fmt::format(R"({{"variant_id":"{}"}})", chair.variant.to_string())});
        });
        world.work();
    };
    for (int second = 0; second < 30; ++second) {
        change();
        (void)revalidator.run_once();
        world.clock.advance(std::chrono::seconds{1});
    }
    EXPECT_GE(storefront.times("listing"), 2);
    EXPECT_LE(storefront.times("listing"), 4);

    // What changes while it is sent is sent again, and then no more.
    world.clock.advance(std::chrono::minutes{1});
    (void)revalidator.run_once();
    change();
    world.clock.advance(std::chrono::seconds{3});
    storefront.told.clear();
    storefront.meanwhile = change;
    EXPECT_GT(revalidator.run_once(), 0);
    world.clock.advance(std::chrono::seconds{3});
    EXPECT_GT(revalidator.run_once(), 0);
    EXPECT_EQ(storefront.times("listing"), 2);
    world.clock.advance(std::chrono::minutes{1});
    EXPECT_EQ(revalidator.run_once(), 0);
}

}  // namespace
}  // namespace stoa::testing
