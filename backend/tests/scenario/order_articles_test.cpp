// Articles that staff put into a placed order: at today's price for its buyer, as the preview says, or nothing changes.
#include "order_desk.hpp"

namespace stoa::testing {
namespace {

class ArticleScenario : public OrderDesk {
protected:
    static std::string article(const Goods& goods, int quantity) {
        return fmt::format(R"({{"variant_id":"{}","quantity":{}}})", goods.variant.to_string(), quantity);
    }
    std::string body(const std::string& changes, std::optional<std::int64_t> total = std::nullopt) {
        std::string out = fmt::format(R"({{"version":{},{})", money().int_or("version"), changes);
        if (total) out += fmt::format(R"(,"expected_total":{{"amount":{},"currency":"EUR"}})", *total);
        return out + "}";
    }
    Answer shown(const std::string& changes) { return mia.post(path("/edits/preview"), body(changes)); }
    Answer change(const std::string& changes, std::int64_t total) {
        return mia.post(path("/edits"), body(changes, total), Uuid::v7().to_string());
    }
    std::int64_t free_units(const Goods& goods) {
        return world.shop->database.read(
            [&](db::Session& session) { return world.shop->inventory->available(session, std::vector{goods.variant})[goods.variant]; });
    }
};

TEST_F(ArticleScenario, goods_put_into_an_order_are_taken_from_stock_and_due) {
    buy();
    const auto before = money();
    const auto chair = stock_up(*world.shop, "CHAIR", 11900, 5);
    const auto changes = fmt::format(R"("articles":[{}],"lines":[{}])", article(chair, 2), units(0, 1));
    const auto preview = shown(changes);
    ASSERT_EQ(preview.status, 200) << preview.text;
    EXPECT_EQ(amount(preview.body, "difference"), 2 * 11900 - 2 * 999);
    const auto& added = preview.body.at("lines")->items().back();
    EXPECT_EQ(added.text_or("sku"), "CHAIR");
    EXPECT_TRUE(added.find("added")->as_bool());
    EXPECT_EQ(amount(added, "unit_price"), 11900);
    EXPECT_EQ(free_units(chair), 5);  // nothing happened yet

    const auto done = change(changes, amount(preview.body, "total"));
    ASSERT_EQ(done.status, 201) << done.text;
    EXPECT_EQ(amount(done.body, "total"), amount(before, "total") + 2 * 11900 - 2 * 999);
    EXPECT_EQ(amount(done.body, "total"), amount(preview.body, "total"));
    EXPECT_EQ(amount(done.body, "tax"), amount(preview.body, "tax"));
    EXPECT_EQ(amount(done.body, "owed"), 2 * 11900 - 2 * 999);
    EXPECT_EQ(done.body.text_or("payment_state"), "partially_paid");
    EXPECT_EQ(done.body.at("lines")->items().size(), 3U);
    EXPECT_EQ(free_units(chair), 3);
    EXPECT_EQ(world.count("select sum(tax)::bigint from orders.line where sku = 'CHAIR'"), 2 * 1900);  // 19 % in 119.00, twice
    EXPECT_EQ(world.count("select (select sum(net + tax)::bigint from orders.tax_line) - total from orders.orders"), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(ArticleScenario, what_was_put_in_can_be_sent_and_refunded_like_the_rest) {
    buy();
    const auto chair = stock_up(*world.shop, "CHAIR", 11900, 5);
    const auto changes = fmt::format(R"("articles":[{}],"discount":{{"amount":11900,"currency":"EUR"}})", article(chair, 1));
    const auto preview = shown(changes);
    ASSERT_EQ(preview.status, 200) << preview.text;
    const auto done = change(changes, amount(preview.body, "total"));
    ASSERT_EQ(done.status, 201) << done.text;
    EXPECT_EQ(amount(done.body, "owed"), 0);  // a present, as it were
    lines.push_back(done.body.at("lines")->items().back().text_or("line_id"));
    const auto planned = mia.post(path("/shipments"), R"({"shipments":[]})", Uuid::v7().to_string());
    ASSERT_EQ(planned.status, 201) << planned.text;
    EXPECT_NE(planned.text.find("CHAIR"), std::string::npos) << planned.text;
    refund_as_shown(wanted(units(2, 1)));
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(ArticleScenario, what_is_not_sold_to_the_buyer_is_refused_and_changes_nothing) {
    buy();
    const auto before = json::to_text(money());
    const auto rare = stock_up(*world.shop, "RARE", 100, 1);
    const auto one = article(rare, 1);
    EXPECT_EQ(shown(fmt::format(R"("articles":[{},{}])", one, one)).body.text_or("code"), "orders.article_twice");
    const Goods nothing{.product = {}, .variant = catalog::VariantId::make(), .slug = {}};
    EXPECT_EQ(shown(fmt::format(R"("articles":[{}])", article(nothing, 1))).body.text_or("code"), "orders.article_unavailable");
    EXPECT_EQ(shown(R"("articles":[{"variant_id":"var_x","quantity":1}])").status, 422);
    EXPECT_EQ(shown(fmt::format(R"("articles":[{}])", article(rare, 0))).status, 422);
    // More than there are: the preview says how many are missing, and the change is refused.
    const auto many = fmt::format(R"("articles":[{}])", article(rare, 3));
    const auto preview = shown(many);
    ASSERT_EQ(preview.status, 200) << preview.text;
    EXPECT_EQ(preview.body.at("stock")->items().back().int_or("short_by"), 2);
    EXPECT_EQ(change(many, amount(preview.body, "total")).body.text_or("code"), "orders.edit_stock");
    // Not in pounds only.
    world.shop->database.in_tx([](db::Tx& tx) { tx.run_text("delete from pricing.price"); });
    price_in(*world.shop, rare, "GBP", 90);
    EXPECT_EQ(shown(fmt::format(R"("articles":[{}])", one)).body.text_or("code"), "orders.article_unavailable");
    EXPECT_EQ(json::to_text(money()), before);
    EXPECT_EQ(world.disagreements(), "");
}

}  // namespace
}  // namespace stoa::testing
