// The largest cart that there can be, bought.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>

#include "world.hpp"

namespace stoa::testing {
namespace {

TEST(LargeCart, five_thousand_lines_are_one_order) {
    constexpr int kLines = 5000;
    World world;
    auto& shop = *world.shop;
    const auto lamp = stock_up(shop, "LAMP", 100, 10);
    Shopper ana(shop);
    ana.add(lamp);
    // Goods by the thousand, as an import would leave them.
    shop.database.in_tx([&](db::Tx& tx) {
        tx.run_text(fmt::format(
            "create temporary table bulk on commit drop as select gen_random_uuid() as variant, gen_random_uuid() as stock, n from "
            "generate_series(1, {}) n;"
            "insert into catalog.variant (id, product_id, sku, weight_grams) select b.variant, '{}', 'BULK-' || b.n, 50 from bulk b;"
            "insert into pricing.price (id, list_id, variant_id, tier_quantities, tier_amounts, recorded_at) "
            "select gen_random_uuid(), p.list_id, b.variant, '{{1}}', '{{100}}', p.recorded_at from bulk b cross join pricing.price p "
            "where "
            "p.variant_id = '{}';"
            "insert into inventory.stock (id, warehouse_id, variant_id, on_hand, updated_at) "
            "select b.stock, s.warehouse_id, b.variant, 2, s.updated_at from bulk b cross join inventory.stock s where s.variant_id = '{}';"
            "insert into inventory.movement (stock_id, delta, reason, at) select b.stock, 2, 'count', now() from bulk b;"
            "insert into cart.line (id, cart_id, variant_id, quantity) select gen_random_uuid(), c.id, b.variant, 2 from bulk b cross join "
            "cart.cart c;",
            kLines - 1, lamp.product.uuid().to_string(), lamp.variant.uuid().to_string(), lamp.variant.uuid().to_string()));
    });
    const auto full = ana.post(
        "/api/v1/cart/lines", fmt::format(R"({{"variant_id":"{}","quantity":1}})", stock_up(shop, "ONE-MORE", 100, 1).variant.to_string()));
    EXPECT_EQ(full.body.text_or("code"), "cart.line_limit") << full.text.substr(0, 300);

    const auto begin = std::chrono::steady_clock::now();
    const auto took = [&](const char* step) {
        std::printf("%s: %lld ms since the start\n", step,
                    static_cast<long long>(
                        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count()));
    };
    ana.fill_in("ana@example.test");
    took("checkout filled in");
    const auto paid = ana.pay();
    took("paid");
    ASSERT_EQ(paid.status, 200) << paid.text.substr(0, 500);
    EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text.substr(0, 500);
    EXPECT_EQ(world.count("select count(*) from orders.line"), kLines);
    EXPECT_EQ(world.count("select total - shipping from orders.orders"), 100 + (kLines - 1) * 2 * 100);
    EXPECT_EQ(world.count("select count(*) from inventory.stock where allocated > 0"), kLines);
    EXPECT_EQ(world.count("select count(*) from inventory.hold"), 0);
    EXPECT_EQ(world.outside.charges().size(), 1U);
    const auto order = ana.get("/api/v1/orders/" + paid.body.text_or("order_number") + "?token=" + paid.body.text_or("order_token"));
    EXPECT_EQ(order.body.find("lines")->items().size(), static_cast<std::size_t>(kLines));
    world.work();
    const auto mails = world.outside.mail->mails();
    ASSERT_EQ(mails.size(), 1U);
    EXPECT_NE(mails[0].text.find(fmt::format("and {} more articles", kLines - 100)), std::string::npos) << mails[0].text.substr(0, 2000);
    EXPECT_EQ(world.disagreements(), "");
}

}  // namespace
}  // namespace stoa::testing
