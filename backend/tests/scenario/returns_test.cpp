// Goods that come back: what may, who decides, where they go, and the money for them.
#include "order_desk.hpp"

namespace stoa::testing {
namespace {

class ReturnScenario : public OrderDesk {
protected:
    std::string my(std::string_view rest = "") const { return "/api/v1/account/orders/" + number + "/returns" + std::string(rest); }
    Answer ask(Shopper& who, const std::string& lines_json, std::string key = {}) {
        return who.post(my(), fmt::format(R"({{"comment":"Too bright.","lines":[{}]}})", lines_json),
                        key.empty() ? Uuid::v7().to_string() : key);
    }
    std::string back(std::size_t line, int quantity, std::string_view reason = "changed_mind") const {
        return fmt::format(R"({{"line_id":"{}","quantity":{},"reason":"{}"}})", lines[line], quantity, reason);
    }
    std::string came(std::size_t line, int received, int restocked, std::string_view condition = "opened") const {
        return fmt::format(R"({{"line_id":"{}","received":{},"restocked":{},"condition":"{}"}})", lines[line], received, restocked,
                           condition);
    }
    Answer desk(const std::string& id, std::string_view step, std::string body = "{}") {
        return mia.post("/api/v1/admin/returns/" + id + "/" + std::string(step), std::move(body), Uuid::v7().to_string());
    }
    std::string obstacle(std::size_t line) { return shopper.get(my()).body.find("returnable")->items()[line].text_or("obstacle"); }
    std::int64_t can(std::size_t line) { return shopper.get(my()).body.find("returnable")->items()[line].int_or("quantity"); }
    std::int64_t on_hand(const Goods& goods) {
        const auto variant = goods.variant;
        return world.shop->database.read(
            [&](db::Session& session) { return world.shop->inventory->levels(session, std::vector{variant}).at(variant).on_hand; });
    }
};

TEST_F(ReturnScenario, from_the_request_to_the_refund_of_what_was_received) {
    log_in(shopper, "ana@example.test");
    buy();
    EXPECT_EQ(obstacle(0), "not_shipped");
    EXPECT_EQ(ask(shopper, back(0, 1)).body.text_or("code"), "orders.return_quantity");
    deliver();
    EXPECT_EQ(on_hand(pens), 97);
    EXPECT_EQ(can(0), 3);
    const auto asked = ask(shopper, back(0, 2) + "," + back(1, 1, "damaged"), "key-1234567890");
    ASSERT_EQ(asked.status, 201) << asked.text;
    EXPECT_EQ(ask(shopper, back(0, 2) + "," + back(1, 1, "damaged"), "key-1234567890").text, asked.text);
    EXPECT_EQ(asked.body.text_or("state"), "requested");
    EXPECT_EQ(can(0), 1);
    EXPECT_EQ(obstacle(1), "returned");
    EXPECT_EQ(ask(shopper, back(0, 2)).status, 409);
    const auto id = asked.body.text_or("id");
    EXPECT_EQ(desk(id, "receive", fmt::format(R"({{"lines":[{}]}})", came(0, 1, 1))).body.text_or("code"),
              "orders.return_transition_not_allowed");
    ASSERT_EQ(desk(id, "approve", R"({"answer":"Write the number on the parcel."})").status, 200);
    EXPECT_EQ(desk(id, "reject").status, 409);
    EXPECT_EQ(desk(id, "receive", fmt::format(R"({{"lines":[{}]}})", came(0, 3, 0))).body.text_or("code"), "orders.return_receipt");
    EXPECT_EQ(desk(id, "receive", fmt::format(R"({{"lines":[{}]}})", came(0, 1, 2))).body.text_or("code"), "orders.return_receipt");
    // Both pens came, one to be sold again; the lamp did not come.
    const auto received = desk(id, "receive", fmt::format(R"({{"lines":[{}]}})", came(0, 2, 1)));
    ASSERT_EQ(received.status, 200) << received.text;
    EXPECT_EQ(received.body.text_or("state"), "received");
    EXPECT_EQ(on_hand(pens), 98);
    EXPECT_EQ(on_hand(lamp), 99);
    EXPECT_EQ(world.count("select count(*) from inventory.movement where reason = 'return' and delta = 2"), 1);
    EXPECT_EQ(world.count("select count(*) from inventory.movement where reason = 'written_off' and delta = -1"), 1);
    EXPECT_EQ(can(1), 1);  // the lamp may still come
    const std::string deduction = R"("deduction":{"amount":98,"currency":"EUR"})";
    const auto shown = desk(id, "refund", "{" + deduction + "}");
    EXPECT_FALSE(shown.body.find("done")->as_bool());
    EXPECT_EQ(amount(shown.body, "total"), 1900);
    EXPECT_EQ(world.count("select count(*) from orders.refund"), 0);
    EXPECT_EQ(desk(id, "refund", R"({"expected_total":{"amount":1998,"currency":"EUR"},)" + deduction + "}").body.text_or("code"),
              "orders.refund_changed");
    const auto done = desk(id, "refund", R"({"expected_total":{"amount":1900,"currency":"EUR"},)" + deduction + "}");
    ASSERT_EQ(done.status, 200) << done.text;
    EXPECT_TRUE(done.body.find("done")->as_bool());
    EXPECT_EQ(done.body.at("return", "state")->text(), "refunded");
    EXPECT_EQ(desk(id, "refund", R"({"expected_total":{"amount":1900,"currency":"EUR"}})").status, 409);
    world.work();
    EXPECT_EQ(refunded_at_provider(), 1900);
    EXPECT_EQ(amount(money(), "owed"), 0);
    EXPECT_EQ(can(0), 1);
    EXPECT_EQ(world.disagreements(), "");
    const auto mine = shopper.get(my()).body;
    EXPECT_EQ(mine.find("returns")->items().front().at("refunded", "amount")->as_int(), 1900);
    EXPECT_EQ(mine.find("returns")->items().front().text_or("answer"), "Write the number on the parcel.");
    std::string timeline;
    const auto seen = shopper.get("/api/v1/account/orders/" + number).body;
    for (const auto& entry : seen.find("timeline")->items()) timeline += entry.text_or("kind") + " ";
    EXPECT_NE(timeline.find("return_requested return_approved return_received refund_granted refunded"), std::string::npos) << timeline;
}

TEST_F(ReturnScenario, what_the_policy_excludes_and_what_is_late_stays_and_nobody_returns_for_others) {
    log_in(shopper, "ana@example.test");
    buy();
    deliver();
    const auto policy = mia.put("/api/v1/admin/return-policy",
                                fmt::format(R"({{"version":1,"days":20,"excluded":[{{"product_id":"{}","reason":"Made to measure"}}]}})",
                                            lamp.product.to_string()));
    ASSERT_EQ(policy.status, 200) << policy.text;
    EXPECT_EQ(obstacle(1), "excluded");
    EXPECT_EQ(ask(shopper, back(1, 1)).body.text_or("code"), "orders.return_quantity");
    EXPECT_EQ(mia.put("/api/v1/admin/return-policy", R"({"version":2,"days":13,"excluded":[]})").status, 422);
    EXPECT_EQ(
        mia.put("/api/v1/admin/return-policy", fmt::format(R"({{"version":2,"days":20,"excluded":[{{"product_id":"{}","reason":"x"}}]}})",
                                                           catalog::ProductId::make().to_string()))
            .body.text_or("code"),
        "orders.product_unknown");
    // Who looked at it before somebody changed it changes nothing.
    const auto late = mia.put("/api/v1/admin/return-policy", R"({"version":1,"days":40,"excluded":[]})");
    EXPECT_EQ(late.status, 409);
    EXPECT_EQ(late.body.text_or("code"), "orders.return_policy_changed");
    const auto kept = mia.get("/api/v1/admin/return-policy").body;
    EXPECT_EQ(kept.int_or("version"), 2) << "a refused change counts for nothing";
    EXPECT_EQ(kept.int_or("days"), 20);
    EXPECT_EQ(kept.find("excluded")->items().size(), 1U);
    Shopper eve(*world.shop);
    log_in(eve, "eve@example.test");
    EXPECT_EQ(eve.get(my()).status, 404);
    EXPECT_EQ(ask(eve, back(0, 1)).status, 404);
    const auto id = ask(shopper, back(0, 1)).body.text_or("id");
    EXPECT_EQ(eve.post("/api/v1/account/returns/" + id + "/cancel").status, 404);
    EXPECT_EQ(tom.post("/api/v1/admin/returns/" + id + "/approve").status, 403);
    EXPECT_EQ(shopper.post("/api/v1/account/returns/" + id + "/cancel").body.text_or("state"), "cancelled");
    EXPECT_EQ(shopper.post("/api/v1/account/returns/" + id + "/cancel").status, 409);
    EXPECT_EQ(can(0), 3);
    world.clock.advance(std::chrono::hours{24 * 20 + 1});
    EXPECT_EQ(obstacle(0), "too_late");
    EXPECT_EQ(ask(shopper, back(0, 1)).status, 409);
}

TEST_F(ReturnScenario, what_was_approved_and_does_not_come_is_over) {
    log_in(shopper, "ana@example.test");
    buy();
    deliver();
    const auto first = ask(shopper, back(0, 1)).body.text_or("id");
    ASSERT_EQ(desk(first, "approve").status, 200);
    EXPECT_EQ(can(0), 2);
    const auto closed = desk(first, "close", R"({"answer":"It did not come."})");
    ASSERT_EQ(closed.status, 200) << closed.text;
    EXPECT_EQ(closed.body.text_or("state"), "cancelled");
    EXPECT_EQ(closed.body.text_or("answer"), "It did not come.");
    EXPECT_EQ(can(0), 3) << "its units are the buyer's again";
    EXPECT_EQ(desk(first, "close").status, 409);
    world.work();
    const auto told = [&] {
        std::vector<sandbox::Mail> mails;
        for (auto& mail : world.outside.mail->mails()) {
            if (mail.subject.starts_with("Your return") && mail.subject.ends_with("is closed")) mails.push_back(std::move(mail));
        }
        return mails;
    };
    ASSERT_EQ(told().size(), 1U);
    EXPECT_EQ(told()[0].to, "ana@example.test");
    EXPECT_NE(told()[0].text.find("It did not come."), std::string::npos);
    EXPECT_NE(told()[0].text.find(number), std::string::npos);

    // Who thinks better of it needs no mail.
    const auto own = ask(shopper, back(0, 1)).body.text_or("id");
    ASSERT_EQ(desk(own, "approve", R"({"answer":"Write the number on it."})").status, 200);
    ASSERT_EQ(shopper.post("/api/v1/account/returns/" + own + "/cancel").status, 200);
    world.work();
    EXPECT_EQ(told().size(), 1U);

    // Or nobody says so: a month and a half later it is over, and the order can be.
    const auto second = ask(shopper, back(0, 1)).body.text_or("id");
    ASSERT_EQ(desk(second, "approve", R"({"answer":"Write the number on it."})").status, 200);
    const auto state = [&](const std::string& id) { return mia.get("/api/v1/admin/returns/" + id).body.text_or("state"); };
    const auto run = [&] {
        jobs::NewJob job;
        job.kind = "orders.close_returns";
        world.shop->database.in_tx([&](db::Tx& tx) { jobs::enqueue(tx, job); });
        world.work();
    };
    world.clock.advance(std::chrono::days{43});
    run();
    EXPECT_EQ(state(second), "approved");
    world.clock.advance(std::chrono::days{2});
    run();
    EXPECT_EQ(state(second), "cancelled");
    run();
    ASSERT_EQ(told().size(), 2U);
    EXPECT_EQ(told()[1].text.find("Write the number on it."), std::string::npos) << "that was said when it was approved";
}

TEST_F(ReturnScenario, staff_open_one_for_a_buyer_who_calls_also_when_it_is_late) {
    buy();
    const auto open = [&](Shopper& who, const std::string& more, int units_back) {
        return who.post(path("/returns"),
                        fmt::format(R"({{"comment":"By phone."{},"lines":[{}]}})", more, back(0, units_back, "defective")),
                        Uuid::v7().to_string());
    };
    EXPECT_EQ(open(mia, "", 1).body.text_or("code"), "orders.return_quantity") << "nothing has left";
    deliver();
    world.clock.advance(std::chrono::days{40});
    EXPECT_EQ(open(tom, "", 1).status, 403);
    const auto late = open(mia, "", 1);
    EXPECT_EQ(late.body.text_or("code"), "orders.return_quantity") << late.text;
    const auto opened = open(mia, R"(,"override":true)", 2);
    ASSERT_EQ(opened.status, 201) << opened.text;
    EXPECT_EQ(opened.body.text_or("state"), "requested");
    EXPECT_EQ(world.desk.entries().back().action, "open_anyway");
    EXPECT_EQ(open(mia, R"(,"override":true)", 2).status, 409) << "only one is left";
    const auto id = opened.body.text_or("id");
    ASSERT_EQ(desk(id, "approve").status, 200);
    ASSERT_EQ(desk(id, "receive", fmt::format(R"({{"lines":[{}]}})", came(0, 2, 2))).status, 200);
    EXPECT_EQ(desk(id, "refund", R"({"expected_total":{"amount":1998,"currency":"EUR"}})").status, 200);
    world.work();
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(ReturnScenario, goods_are_booked_into_the_warehouse_that_sent_them_or_that_the_clerk_names) {
    log_in(shopper, "ana@example.test");
    const auto south = inventory::WarehouseId::make(), closed = inventory::WarehouseId::make();
    pens = stock_up(*world.shop, "PEN", 999, 2);
    lamp = stock_up(*world.shop, "LAMP", 4900, 100);
    const auto main = world.shop->database.in_tx([&](db::Tx& tx) {
        (void)tx.run_text(
            fmt::format("insert into inventory.warehouse (id, code, name, country, priority, is_active) values ('{}', 'south', "
                        "'South', 'DE', 5, true), ('{}', 'closed', 'Closed', 'DE', 6, false)",
                        south.uuid().to_string(), closed.uuid().to_string()));
        // Three pens are there only.
        const inventory::Adjustment more[] = {{south, pens.variant, 50, "received"}};
        world.shop->inventory->adjust(tx, more, Uuid::v7());
        return world.shop->inventory->warehouses(tx).front().id;
    });
    buy();
    deliver();
    const auto at = [&](inventory::WarehouseId warehouse, const Goods& goods) {
        return world.count(
            fmt::format("select coalesce(sum(on_hand), 0)::bigint from inventory.stock where warehouse_id = '{}' and variant_id = '{}'",
                        warehouse.uuid().to_string(), goods.variant.uuid().to_string()));
    };
    EXPECT_EQ(at(main, pens), 2);
    EXPECT_EQ(at(south, pens), 47);
    EXPECT_EQ(at(main, lamp), 99);
    const auto first = ask(shopper, back(0, 1) + "," + back(1, 1)).body.text_or("id");
    ASSERT_EQ(desk(first, "approve").status, 200);
    // Each line goes home, and the desk is told where that is.
    const auto seen = mia.get("/api/v1/admin/returns/" + first).body.find("lines")->items();
    EXPECT_EQ(seen[0].text_or("warehouse_id"), south.to_string());
    EXPECT_EQ(seen[1].text_or("warehouse_id"), main.to_string());
    EXPECT_TRUE(shopper.get(my()).body.find("returns")->items().front().find("lines")->items().front().text_or("warehouse_id").empty());
    const auto both = fmt::format(R"("lines":[{},{}])", came(0, 1, 1), came(1, 1, 0, "damaged"));
    for (const auto& unknown : {closed, inventory::WarehouseId::make()}) {
        const auto refused = desk(first, "receive", fmt::format(R"({{"warehouse_id":"{}",{}}})", unknown.to_string(), both));
        EXPECT_EQ(refused.status, 422) << refused.text;
        EXPECT_EQ(refused.body.text_or("code"), "orders.warehouse_unknown");
    }
    EXPECT_EQ(at(south, pens), 47);
    ASSERT_EQ(desk(first, "receive", "{" + both + "}").status, 200);
    EXPECT_EQ(at(south, pens), 48);
    EXPECT_EQ(at(main, pens), 2);
    EXPECT_EQ(at(main, lamp), 99) << "it came, and was written off";
    EXPECT_EQ(world.count("select count(*) from inventory.movement where reason in ('return', 'written_off') and reference is not null"),
              3);
    // The next parcel went to the main house, although its pens had come from the other.
    const auto second = ask(shopper, back(0, 2)).body.text_or("id");
    ASSERT_EQ(desk(second, "approve").status, 200);
    const auto received = desk(second, "receive", fmt::format(R"({{"warehouse_id":"{}","lines":[{}]}})", main.to_string(), came(0, 2, 1)));
    ASSERT_EQ(received.status, 200) << received.text;
    EXPECT_EQ(received.body.find("lines")->items().front().text_or("warehouse_id"), main.to_string());
    EXPECT_EQ(at(south, pens), 48);
    EXPECT_EQ(at(main, pens), 3);
    EXPECT_EQ(world.disagreements(), "");
}

}  // namespace
}  // namespace stoa::testing
