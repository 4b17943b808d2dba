// Goods that stay here: what was refunded before it left, and what owes money.
#include "order_desk.hpp"

namespace stoa::testing {
namespace {

class UnsentGoods : public OrderDesk {
protected:
    Answer plan(const std::string& more = {}) {
        return mia.post(path("/shipments"), R"({"shipments":[])" + more + "}", Uuid::v7().to_string());
    }
    std::string planned() {
        const auto made = plan();
        EXPECT_EQ(made.status, 201) << made.text;
        return made.body.find("items")->items().front().text_or("id");
    }
    json::Value shipment(const std::string& id) { return mia.get("/api/v1/admin/shipments/" + id).body; }
    std::string holds(const std::string& id) {
        std::map<std::string, std::int64_t> sum;
        const auto shown = shipment(id);
        for (const auto& each : shown.find("lines")->items()) sum[each.text_or("sku")] += each.int_or("quantity");
        std::string out;
        for (const auto& [sku, quantity] : sum) out += (out.empty() ? "" : ", ") + sku + " " + std::to_string(quantity);
        return out;
    }
    json::Value announce(const std::string& id, const std::string& more = {}) {
        const auto done =
            mia.post("/api/v1/admin/shipments/announce", fmt::format(R"({{"shipment_ids":["{}"]{}}})", id, more), Uuid::v7().to_string());
        EXPECT_EQ(done.status, 200) << done.text;
        return done.body.find("items")->items().front();
    }
    Answer hand_over(const std::string& id) { return mia.post("/api/v1/admin/shipments/" + id + "/hand-over", "", Uuid::v7().to_string()); }
    std::string state() { return mia.get(path("")).body.at("order", "state")->text(); }
    std::int64_t open_allocation() {
        return world.count("select coalesce(sum(a.quantity - a.shipped), 0)::bigint from inventory.allocation a where a.order_id = '" +
                           orders::OrderId::parse(order)->uuid().to_string() + "'");
    }
    Answer change(const std::string& what) {
        const auto shown = mia.post(path("/edits/preview"), fmt::format(R"({{"version":{},{}}})", money().int_or("version"), what));
        EXPECT_EQ(shown.status, 200) << shown.text;
        return mia.post(path("/edits"),
                        fmt::format(R"({{"version":{},"expected_total":{{"amount":{},"currency":"EUR"}},{}}})", money().int_or("version"),
                                    amount(shown.body, "total"), what),
                        Uuid::v7().to_string());
    }
};

TEST_F(UnsentGoods, what_was_refunded_before_it_left_is_not_sent_and_can_be_sold) {
    buy();
    ASSERT_EQ(open_allocation(), 4);
    const auto after = refund_as_shown(wanted(units(0, 2)));
    EXPECT_EQ(after.at("refunds")->items().back().at("lines")->items().front().int_or("unsent"), 2);
    EXPECT_EQ(open_allocation(), 2) << "two pens are free again";
    const auto id = planned();
    EXPECT_EQ(holds(id), "LAMP 1, PEN 1");
    EXPECT_TRUE(announce(id).bool_or("labelled"));
    EXPECT_EQ(hand_over(id).status, 200);
    world.work();
    EXPECT_EQ(state(), "shipped") << "nothing is left to send";
    EXPECT_EQ(open_allocation(), 0);
    EXPECT_EQ(plan().status, 409);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(UnsentGoods, a_planned_shipment_gives_back_what_is_refunded_and_a_change_keeps_to_it) {
    buy();
    const auto id = planned();
    (void)refund_as_shown(wanted(units(0, 1)));
    EXPECT_EQ(holds(id), "LAMP 1, PEN 2");
    EXPECT_EQ(open_allocation(), 3);
    // Of three pens one never goes: none below it, and two more are two more to send.
    ASSERT_EQ(change(fmt::format(R"("lines":[{{"line_id":"{}","quantity":1}}])", lines[0])).status, 201);
    EXPECT_EQ(holds(id), "LAMP 1");
    EXPECT_EQ(open_allocation(), 1);
    EXPECT_TRUE(announce(id).bool_or("labelled"));
    EXPECT_EQ(hand_over(id).status, 200);
    world.work();
    EXPECT_EQ(state(), "shipped");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(UnsentGoods, what_goes_when_the_rest_is_refunded_is_all_there_is) {
    buy();
    const auto warehouse = mia.get(path("/shipments/proposal")).body.find("parts")->items().front().text_or("warehouse_id");
    const auto made =
        mia.post(path("/shipments"), fmt::format(R"({{"shipments":[{{"warehouse_id":"{}","lines":[{}]}}]}})", warehouse, units(0, 3)),
                 Uuid::v7().to_string());
    ASSERT_EQ(made.status, 201) << made.text;
    const auto id = made.body.find("items")->items().front().text_or("id");
    ASSERT_TRUE(announce(id).bool_or("labelled"));
    ASSERT_EQ(hand_over(id).status, 200);
    EXPECT_EQ(state(), "processing") << "the lamp waits";
    (void)refund_as_shown(wanted(units(1, 1)));
    EXPECT_EQ(state(), "shipped");
    // What has left is refunded without a word about stock: a return brings it back, or nothing does.
    world.work();
    (void)refund_as_shown(wanted(units(0, 3), amount(money(), "shipping_left")));
    world.work();
    EXPECT_EQ(open_allocation(), 0);
    EXPECT_EQ(state(), "shipped");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(UnsentGoods, an_order_that_is_refunded_whole_is_cancelled) {
    buy();
    const auto id = planned();
    const auto left = money();
    (void)refund_as_shown(wanted(units(0, 3) + "," + units(1, 1), amount(left, "shipping_left")));
    EXPECT_EQ(state(), "cancelled");
    EXPECT_EQ(shipment(id).text_or("state"), "cancelled");
    EXPECT_EQ(open_allocation(), 0);
    world.work();
    EXPECT_EQ(plan().body.text_or("code"), "orders.not_to_be_shipped");
    const auto after = money();
    EXPECT_EQ(amount(after, "refunded"), amount(after, "captured"));
    EXPECT_EQ(amount(after, "payable"), 0);
    EXPECT_EQ(refunded_at_provider(), amount(after, "captured"));
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(UnsentGoods, goods_under_a_label_are_refunded_without_it_or_go_all_the_same) {
    buy();
    const auto id = planned();
    ASSERT_TRUE(announce(id).bool_or("labelled"));
    const auto refused = preview(mia, wanted(units(1, 1)));
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.body.text_or("code"), "orders.edit_labelled") << refused.text;
    EXPECT_NE(refused.text.find(number + "-s1"), std::string::npos);
    (void)refund_as_shown(wanted(units(1, 1)) + R"(,"still_sent":true)");
    EXPECT_EQ(holds(id), "LAMP 1, PEN 3");
    EXPECT_EQ(open_allocation(), 4);
    EXPECT_EQ(hand_over(id).status, 200);
    world.work();
    EXPECT_EQ(open_allocation(), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(UnsentGoods, an_order_that_owes_money_is_held_back_unless_somebody_says_so) {
    buy();
    const auto paid_for = planned();
    ASSERT_EQ(change(fmt::format(R"("lines":[{{"line_id":"{}","quantity":2}}])", lines[1])).status, 201);
    EXPECT_EQ(money().text_or("payment_state"), "partially_paid");
    const auto held = plan();
    EXPECT_EQ(held.status, 409);
    EXPECT_EQ(held.body.text_or("code"), "orders.money_due") << held.text;
    EXPECT_EQ(announce(paid_for).text_or("code"), "orders.money_due");
    EXPECT_EQ(shipment(paid_for).text_or("state"), "planned");
    const auto picking = mia.get("/api/v1/admin/picking-list?orders=" + order);
    ASSERT_EQ(picking.body.find("money_due")->items().size(), 1U) << picking.text;
    EXPECT_EQ(picking.body.find("money_due")->items().front().text(), order);

    const auto anyway = plan(R"(,"anyway":true)");
    EXPECT_EQ(anyway.status, 201) << anyway.text;
    EXPECT_TRUE(announce(paid_for, R"(,"anyway":true)").bool_or("labelled"));
    // Its payment came back by the bank, as far as the desk sees it.
    world.shop->database.in_tx([&](db::Tx& tx) {
        auto header = world.shop->orders->lock(tx, *orders::OrderId::parse(order));
        world.shop->orders->set_payment_state(tx, *header, orders::PaymentState::failed);
    });
    EXPECT_EQ(announce(anyway.body.find("items")->items().front().text_or("id")).text_or("code"), "orders.money_due");
}

TEST_F(UnsentGoods, an_order_that_has_left_does_not_wait_for_a_shipment) {
    buy();
    const auto id = planned();
    ASSERT_TRUE(announce(id).bool_or("labelled"));
    const auto before = mia.get("/api/v1/admin/picking-list?orders=" + order);
    EXPECT_TRUE(before.body.find("unplanned")->items().empty()) << before.text;
    ASSERT_EQ(hand_over(id).status, 200);
    const auto after = mia.get("/api/v1/admin/picking-list?orders=" + order);
    EXPECT_TRUE(after.body.find("unplanned")->items().empty()) << after.text;
    EXPECT_TRUE(after.body.find("items")->items().empty());
}

}  // namespace
}  // namespace stoa::testing
