// Goods that are sold before they are there: from the product page to the parcel.
#include "order_desk.hpp"

namespace stoa::testing {
namespace {

class Backorders : public OrderDesk {
protected:
    Goods stool;
    Date expected{std::chrono::floor<std::chrono::days>(world.clock.now()) + std::chrono::days{20}};

    // Two stools are there, three more may be owed.
    void SetUp() override {
        OrderDesk::SetUp();
        stool = stock_up(*world.shop, "STOOL", 5900, 2);
        set_terms({true, 3, expected});
        (void)world.shop->search->refresh();
    }
    void set_terms(const inventory::BackorderTerms& terms) {
        world.shop->database.in_tx([&](db::Tx& tx) {
            EXPECT_EQ(world.shop->inventory->set_backorders(tx, std::nullopt, stool.variant, terms), inventory::TermsSet::done);
        });
    }
    void receive(std::int64_t units) {
        world.shop->database.in_tx([&](db::Tx& tx) { world.shop->inventory->adjust(tx, stool.variant, units, "received"); });
    }
    std::string bought(std::int64_t quantity) {
        Shopper who(*world.shop);
        who.add(stool, quantity);
        who.fill_in("ben@example.test");
        const auto paid = who.pay();
        EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
        world.work();
        return world.shop->database.read(
            [&](db::Session& session) { return world.shop->orders->find_number(session, paid.body.text_or("order_number"))->to_string(); });
    }
    json::Value shown(const std::string& id) { return mia.get("/api/v1/admin/orders/" + id).body; }
    std::int64_t waits(const std::string& id) {
        std::int64_t sum = 0;
        const auto order_now = shown(id);
        for (const auto& line : order_now.at("order", "lines")->items()) sum += line.int_or("waiting_quantity");
        return sum;
    }
    Answer plan(const std::string& id) {
        return mia.post("/api/v1/admin/orders/" + id + "/shipments", R"({"shipments":[]})", Uuid::v7().to_string());
    }
    std::int64_t send(const std::string& id) {
        const auto made = plan(id);
        EXPECT_EQ(made.status, 201) << made.text;
        if (made.status != 201) return 0;
        std::int64_t units = 0;
        for (const auto& item : made.body.find("items")->items()) {
            for (const auto& line : item.find("lines")->items()) units += line.int_or("quantity");
            const auto labelled = mia.post("/api/v1/admin/shipments/announce",
                                           fmt::format(R"({{"shipment_ids":["{}"]}})", item.text_or("id")), Uuid::v7().to_string());
            EXPECT_EQ(labelled.status, 200) << labelled.text;
            EXPECT_EQ(mia.post("/api/v1/admin/shipments/" + item.text_or("id") + "/hand-over", "", Uuid::v7().to_string()).status, 200);
        }
        world.work();
        return units;
    }
    bool listed(const std::string& query, const std::string& id) {
        const auto answer = mia.get("/api/v1/admin/orders?" + query);
        EXPECT_EQ(answer.status, 200) << answer.text;
        for (const auto& item : answer.body.find("items")->items()) {
            if (item.text_or("id") == id) return true;
        }
        return false;
    }
    json::Value page() {
        world.work();  // what happened has its place in the feed
        (void)world.shop->search->refresh();
        return shopper.get("/api/v1/catalog/products/" + stool.slug + "?locale=en&currency=EUR").body;
    }
};

TEST_F(Backorders, are_seen_bought_sent_as_far_as_there_is_something_and_finished_when_the_goods_come) {
    EXPECT_EQ(page().find("variants")->items().front().at("stock", "state")->text(), "low_stock");
    shopper.add(stool, 4);
    const auto cart = shopper.get("/api/v1/cart").body;
    const auto& line = cart.find("lines")->items().front();
    EXPECT_EQ(line.int_or("backordered_quantity"), 2);
    EXPECT_EQ(line.text_or("expected_on"), to_iso_date(expected));
    EXPECT_TRUE(line.find("issues")->items().empty());
    shopper.fill_in("ana@example.test");
    const auto checkout = shopper.get("/api/v1/checkout").body;
    const auto* promise = checkout.at("shipping", "promise");
    ASSERT_TRUE(promise) << json::to_text(checkout);
    EXPECT_GT(promise->text_or("from"), to_iso_date(expected));
    ASSERT_EQ(shopper.pay().body.text_or("status"), "completed");
    world.work();
    const auto order_id = mia.get("/api/v1/admin/orders").body.find("items")->items().front().text_or("id");
    EXPECT_EQ(waits(order_id), 2);
    EXPECT_TRUE(listed("waiting=true", order_id));
    EXPECT_EQ(world.disagreements(), "");

    const auto sold_ahead = page();
    EXPECT_EQ(sold_ahead.find("variants")->items().front().at("stock", "state")->text(), "backorder");
    EXPECT_EQ(sold_ahead.find("variants")->items().front().at("stock", "expected_on")->text(), to_iso_date(expected));
    EXPECT_GT(sold_ahead.find("variants")->items().front().at("promise", "from")->text(), to_iso_date(expected));
    EXPECT_FALSE(sold_ahead.bool_or("available")) << "nothing is there";
    EXPECT_EQ(sold_ahead.find("badges")->items().back().text(), "backorder");
    EXPECT_EQ(shopper.get("/api/v1/catalog/listing?locale=en&currency=EUR").body.find("items")->items().size(), 1U);
    EXPECT_EQ(shopper.get("/api/v1/catalog/listing?locale=en&currency=EUR&available=true").body.find("items")->items().size(), 0U);

    // What is there goes.
    EXPECT_EQ(send(order_id), 2);
    EXPECT_EQ(shown(order_id).at("order", "state")->text(), "processing");
    EXPECT_EQ(plan(order_id).body.text_or("code"), "orders.waiting_for_goods");
    const auto picking = mia.get("/api/v1/admin/picking-list?orders=" + order_id).body;
    EXPECT_TRUE(picking.find("unplanned")->items().empty()) << "it waits for goods, not for somebody";
    EXPECT_EQ(world.disagreements(), "");

    // A second order waits behind the first; the goods of the first arrive.
    const auto second = bought(1);
    receive(2);
    Shopper late(*world.shop);
    EXPECT_EQ(late.post("/api/v1/cart/lines", fmt::format(R"({{"variant_id":"{}","quantity":1}})", stool.variant.to_string())).status, 201)
        << "two more may be owed";
    EXPECT_EQ(waits(order_id), 0);
    EXPECT_EQ(waits(second), 1);
    world.work();
    EXPECT_TRUE(listed("tag=goods%20arrived", order_id));
    EXPECT_FALSE(listed("waiting=true", order_id));
    EXPECT_TRUE(listed("waiting=true", second));
    EXPECT_EQ(mia.get("/api/v1/admin/picking-list?orders=" + order_id).body.find("unplanned")->items().size(), 1U);
    const auto history = shown(order_id);
    EXPECT_EQ(std::ranges::count_if(history.find("history")->items(),
                                    [](const json::Value& entry) { return entry.text_or("kind") == "goods_arrived"; }),
              1);
    EXPECT_EQ(send(order_id), 2);
    EXPECT_FALSE(listed("tag=goods%20arrived", order_id));
    EXPECT_EQ(shown(order_id).at("order", "state")->text(), "shipped");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(Backorders, end_at_the_limit_and_come_back_with_what_is_cancelled) {
    const auto first = bought(5);
    EXPECT_EQ(page().find("variants")->items().front().at("stock", "state")->text(), "sold_out");
    Shopper late(*world.shop);
    const auto refused = late.post("/api/v1/cart/lines", fmt::format(R"({{"variant_id":"{}","quantity":1}})", stool.variant.to_string()));
    EXPECT_EQ(refused.body.text_or("code"), "cart.out_of_stock") << refused.text;
    order = first;
    lines.clear();
    const auto before = money();
    for (const auto& each : before.at("lines")->items()) lines.push_back(each.text_or("line_id"));
    // Of five one is not wanted any more: what is not there goes first.
    (void)refund_as_shown(wanted(units(0, 1)));
    world.work();
    EXPECT_EQ(waits(first), 2);
    EXPECT_EQ(page().find("variants")->items().front().at("stock", "state")->text(), "backorder");
    EXPECT_EQ(world.disagreements(), "");
    const auto left = money();
    (void)refund_as_shown(wanted(units(0, 4), amount(left, "shipping_left")));
    world.work();
    EXPECT_EQ(shown(first).at("order", "state")->text(), "cancelled");
    EXPECT_EQ(world.count("select sum(owed)::bigint from inventory.stock"), 0);
    EXPECT_EQ(world.count("select count(*) from inventory.waiting"), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(Backorders, promise_nothing_where_nobody_knows_the_day) {
    set_terms({true, std::nullopt, std::nullopt});
    (void)bought(2);
    const auto variant = page().find("variants")->items().front();
    EXPECT_EQ(variant.at("stock", "state")->text(), "backorder");
    EXPECT_FALSE(variant.find("promise"));
    shopper.add(stool, 40);
    shopper.fill_in("ana@example.test");
    const auto checkout = shopper.get("/api/v1/checkout").body;
    EXPECT_FALSE(checkout.at("shipping", "promise"));
    EXPECT_EQ(checkout.at("cart", "lines")->items().front().int_or("backordered_quantity"), 40);
    ASSERT_EQ(shopper.pay().body.text_or("status"), "completed");
    world.work();
    EXPECT_EQ(world.count("select owed from inventory.stock s where s.owed > 0"), 40);
    EXPECT_EQ(world.disagreements(), "");
}

TEST(BackordersWithReservations, become_money_when_the_first_goods_leave) {
    World world({}, 60, nullptr, {{"STOA_VENDO_PREAUTHORISE", "1"}});
    Shopper clerk(*world.shop), ana(*world.shop);
    world.desk.hire("clara", {"orders.*"});
    clerk.cookies[std::string(Desk::kCookie)] = "clara";
    const auto lamp = stock_up(*world.shop, "LAMP", 4900, 0);
    const auto& inventory = world.shop->inventory;
    world.shop->database.in_tx([&](db::Tx& tx) {
        EXPECT_EQ(inventory->set_backorders(tx, std::nullopt, lamp.variant, {true, std::nullopt, std::nullopt}), inventory::TermsSet::done);
    });
    ana.add(lamp, 2);
    ana.fill_in("ana@example.test");
    ASSERT_EQ(ana.pay().body.text_or("status"), "completed");
    world.work();
    const auto order = clerk.get("/api/v1/admin/orders").body.find("items")->items().front();
    EXPECT_EQ(order.int_or("waiting_units"), 2);
    const auto path = "/api/v1/admin/orders/" + order.text_or("id") + "/shipments";
    const auto too_early = clerk.post(path, R"({"shipments":[]})", Uuid::v7().to_string());
    EXPECT_EQ(too_early.body.text_or("code"), "orders.waiting_for_goods") << too_early.text;
    EXPECT_EQ(world.count("select sum(captured)::bigint from payments.attempt"), 0);
    const auto send = [&] {
        world.shop->database.in_tx([&](db::Tx& tx) { inventory->adjust(tx, lamp.variant, 1, "received"); });
        const auto made = clerk.post(path, R"({"shipments":[]})", Uuid::v7().to_string());
        ASSERT_EQ(made.status, 201) << made.text;
        const auto id = made.body.find("items")->items().front().text_or("id");
        (void)clerk.post("/api/v1/admin/shipments/announce", R"({"shipment_ids":[")" + id + R"("]})", Uuid::v7().to_string());
        EXPECT_EQ(clerk.post("/api/v1/admin/shipments/" + id + "/hand-over", "", Uuid::v7().to_string()).status, 200);
        world.work();
    };
    send();
    EXPECT_EQ(world.count("select count(*) from payments.attempt where captured = amount and state = 'paid'"), 1);
    EXPECT_EQ(world.count("select count(*) from orders.orders where payment_state = 'paid' and state = 'processing'"), 1);
    send();
    EXPECT_EQ(world.count("select count(*) from orders.orders where payment_state = 'paid' and state = 'shipped'"), 1);
    EXPECT_EQ(world.disagreements(), "");
}

}  // namespace
}  // namespace stoa::testing
