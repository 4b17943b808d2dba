// Each operation sends a fixed number of statements, whatever the number of rows.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "stage.hpp"
#include "stoa/log/log.hpp"

namespace stoa::testing {
namespace {

class Statements : public ::testing::Test {
protected:
    static void SetUpTestSuite() { log::set_level(log::Level::error); }
    Stage stage;

    template <class Act>
    static std::uint64_t sent_by(Act act) {
        const auto before = db::Database::statements_on_this_thread();
        act();
        return db::Database::statements_on_this_thread() - before;
    }
    static std::uint64_t of_get(Shopper& who, const std::string& target) {
        Answer answer;
        const auto count = sent_by([&] { answer = who.get(target); });
        EXPECT_EQ(answer.status, 200) << target << " " << answer.text.substr(0, 300);
        return count;
    }
};

// What an operation may send. A new one gets a line here; a higher number needs a reason.
const std::map<std::string, unsigned>& ceilings() {
    static const std::map<std::string, unsigned> table{
#include "ceilings.inc"
    };
    return table;
}

TEST_F(Statements, no_operation_sends_more_than_its_ceiling) {
    std::string measured;
    for (const auto& operation : stage.document.operations()) {
        SCOPED_TRACE(operation.id);
        const auto ask = stage.ask(operation.id);
        Answer answer;
        const auto count = sent_by([&] { answer = stage.send(operation, ask); });
        EXPECT_EQ(answer.status, ask.status) << answer.text.substr(0, 300);
        measured += fmt::format("        {{\"{}\", {}}},\n", operation.id, count);
        stage.forget_limits();
        const auto ceiling = ceilings().find(operation.id);
        if (ceiling == ceilings().end())
            ADD_FAILURE() << "no ceiling; measured: " << count;
        else
            EXPECT_LE(count, ceiling->second);
    }
    if (HasFailure()) std::printf("measured:\n%s", measured.c_str());
}

TEST_F(Statements, carts_and_checkouts_of_one_line_and_of_fifty_send_the_same_number) {
    std::vector<Goods> goods;
    for (int i = 0; i < 50; ++i) goods.push_back(stock_up(*stage.world.shop, fmt::format("PIECE-{}", i), 100 + i, 1000));
    const auto fill = [&](int lines) {
        Shopper who(*stage.world.shop);
        for (int i = 0; i < lines; ++i) who.add(goods[static_cast<std::size_t>(i)]);
        return who;
    };
    auto small = fill(1), large = fill(50);
    const auto both = [&](const char* what, auto act) {
        const auto one = sent_by([&] { act(small, goods[0]); });
        const auto fifty = sent_by([&] { act(large, goods[49]); });
        EXPECT_EQ(one, fifty) << what;
        EXPECT_GT(one, 0U) << what;
    };
    const auto expect = [](const Answer& answer, int status = 200) { EXPECT_EQ(answer.status, status) << answer.text.substr(0, 300); };
    both("read the cart", [&](Shopper& who, const Goods&) { expect(who.get("/api/v1/cart")); });
    both("add to a line", [&](Shopper& who, const Goods& last) { who.add(last); });
    both("enter a code", [&](Shopper& who, const Goods&) { expect(who.post("/api/v1/cart/codes", R"({"code":"TEN"})")); });
    both("start the checkout", [&](Shopper& who, const Goods&) { expect(who.post("/api/v1/checkout")); });
    both("renew the checkout", [&](Shopper& who, const Goods&) { expect(who.post("/api/v1/checkout")); });
    both("contact", [&](Shopper& who, const Goods&) { expect(who.put("/api/v1/checkout/contact", R"({"email":"x@example.test"})")); });
    both("address", [&](Shopper& who, const Goods&) {
        expect(who.put(
            "/api/v1/checkout/address",
            R"({"shipping":{"first_name":"Ana","last_name":"Ruiz","line1":"Torstr. 1","postal_code":"10115","city":"Berlin","country":"DE"}})"));
    });
    both("delivery", [&](Shopper& who, const Goods&) { expect(who.put("/api/v1/checkout/shipping", R"({"option_id":"own:standard"})")); });
    both("read the checkout", [&](Shopper& who, const Goods&) { expect(who.get("/api/v1/checkout")); });
    std::string small_order, large_order;
    both("complete", [&](Shopper& who, const Goods&) {
        const auto paid = who.pay();
        expect(paid);
        EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
        (&who == &small ? small_order : large_order) =
            "/api/v1/orders/" + paid.body.text_or("order_number") + "?token=" + paid.body.text_or("order_token");
    });
    EXPECT_EQ(of_get(small, small_order), of_get(large, large_order));
}

TEST_F(Statements, labels_of_one_order_and_of_six_send_the_same_number) {
    const auto labelled = [&] {
        const auto made = stage.shipment(true);
        return stage.mia->get("/api/v1/admin/shipments/" + made).body.text_or("order_id");
    };
    const std::string one = "/api/v1/admin/shipment-labels?orders=" + labelled();
    std::string six = one;
    for (int i = 0; i < 5; ++i) {
        six += "," + labelled();
        stage.forget_limits();
    }
    EXPECT_EQ(of_get(*stage.mia, one), of_get(*stage.mia, six));
}

TEST_F(Statements, lists_of_one_and_of_fifty_send_the_same_number) {
    auto& one = stage.account("one@example.test");
    auto& many = stage.account("many@example.test");
    const auto address = [](Shopper& who) {
        EXPECT_EQ(
            who.post("/api/v1/account/addresses",
                     R"({"first_name":"Ana","last_name":"Ruiz","line1":"Torstr. 1","postal_code":"10115","city":"Berlin","country":"DE"})")
                .status,
            201);
    };
    const auto order = [&](Shopper& who) {
        who.add(stage.lamp);
        who.fill_in("x@example.test");
        EXPECT_EQ(who.pay_with(R"({"method":"invoice"})").body.text_or("status"), "completed");
    };
    address(one);
    for (int i = 0; i < 15; ++i) address(many);
    order(one);
    for (int i = 0; i < 50; ++i) {
        order(many);
        if (i % 5 == 4) stage.forget_limits();
    }
    one.send(http::Method::put, "/api/v1/account/wishlist/" + stage.lamp.product.to_string());
    for (int i = 0; i < 50; ++i) {
        const auto thing = stock_up(*stage.world.shop, fmt::format("WISH-{}", i), 100, 1);
        EXPECT_EQ(many.send(http::Method::put, "/api/v1/account/wishlist/" + thing.product.to_string()).status, 204);
    }
    stage.world.shop->search->load();
    for (const auto* target :
         {"/api/v1/account/orders?limit=50", "/api/v1/account/addresses", "/api/v1/account/wishlist", "/api/v1/account/sessions",
          "/api/v1/account/consents", "/api/v1/account/payment-methods", "/api/v1/account/bought", "/api/v1/account", "/api/v1/session"})
        EXPECT_EQ(of_get(one, target), of_get(many, target)) << target;
    EXPECT_EQ(many.get("/api/v1/account/orders?limit=50").body.find("items")->items().size(), 50U);
    EXPECT_EQ(many.get("/api/v1/account/wishlist").body.find("items")->items().size(), 50U);
    // The catalogue is read from memory.
    for (const auto* target : {"/api/v1/catalog/listing?limit=1", "/api/v1/catalog/listing?limit=50", "/api/v1/catalog/suggest?q=wish",
                               "/api/v1/catalog/categories", "/api/v1/store", "/api/v1/content/home"})
        EXPECT_EQ(of_get(one, target), 0U) << target;
}

}  // namespace
}  // namespace stoa::testing
