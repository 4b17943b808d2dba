// Changes of an order against what was planned for it: shipments give goods back, labels have to be cancelled first, a whole order is
// cancelled with its labels, and a planned shipment is split by hand.
#include <thread>

#include "order_desk.hpp"

namespace stoa::testing {
namespace {

class PlannedEdits : public OrderDesk {
protected:
    Answer change(const std::string& changes) {
        const auto version = money().int_or("version");
        const auto shown = mia.post(path("/edits/preview"), fmt::format(R"({{"version":{},{}}})", version, changes));
        if (shown.status != 200) return shown;
        return mia.post(path("/edits"),
                        fmt::format(R"({{"version":{},"expected_total":{{"amount":{},"currency":"EUR"}},{}}})", version,
                                    amount(shown.body, "total"), changes),
                        Uuid::v7().to_string());
    }
    std::string line(std::size_t which, int quantity) const {
        return fmt::format(R"("lines":[{{"line_id":"{}","quantity":{}}}])", lines[which], quantity);
    }
    // The shipments of the order that live: "LAMP 1, PEN 3".
    std::vector<std::string> plan(const std::string& body = R"({"shipments":[]})") {
        const auto made = mia.post(path("/shipments"), body, Uuid::v7().to_string());
        EXPECT_EQ(made.status, 201) << made.text;
        std::vector<std::string> out;
        for (const auto& item : made.body.find("items")->items()) out.push_back(item.text_or("id"));
        return out;
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
    void announce(const std::string& id) {
        const auto done =
            mia.post("/api/v1/admin/shipments/announce", fmt::format(R"({{"shipment_ids":["{}"]}})", id), Uuid::v7().to_string());
        ASSERT_NE(done.text.find(R"("labelled":true)"), std::string::npos) << done.text;
    }
    std::string state() { return mia.get(path("")).body.at("order", "state")->text(); }
    Answer cancel(std::int64_t version) {
        return mia.post(path("/cancel"), fmt::format(R"({{"version":{},"reason":"asked by phone"}})", version), Uuid::v7().to_string());
    }
    std::int64_t allocated() {
        return world.count("select coalesce(sum(a.quantity), 0)::bigint from inventory.allocation a where a.order_id = '" +
                           orders::OrderId::parse(order)->uuid().to_string() + "'");
    }
};

TEST_F(PlannedEdits, a_planned_shipment_gives_back_what_the_order_no_longer_has) {
    buy();
    const auto ids = plan();
    ASSERT_EQ(ids.size(), 1U);
    EXPECT_EQ(holds(ids[0]), "LAMP 1, PEN 3");
    const auto shown = mia.post(path("/edits/preview"), fmt::format(R"({{"version":{},{}}})", money().int_or("version"), line(0, 1)));
    ASSERT_EQ(shown.status, 200) << shown.text;
    ASSERT_EQ(shown.body.find("shipments")->items().size(), 1U);
    EXPECT_FALSE(shown.body.find("shipments")->items()[0].bool_or("cancelled", true));
    ASSERT_EQ(change(line(0, 1)).status, 201);
    EXPECT_EQ(holds(ids[0]), "LAMP 1, PEN 1");
    // A line that goes as a whole, and more of what is left: the rest waits to be planned.
    ASSERT_EQ(change(line(1, 0)).status, 201);
    EXPECT_EQ(holds(ids[0]), "PEN 1");
    ASSERT_EQ(change(line(0, 2)).status, 201);
    EXPECT_EQ(holds(ids[0]), "PEN 1");
    EXPECT_EQ(plan().size(), 1U);
    world.work();
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PlannedEdits, a_shipment_in_which_nothing_would_be_left_is_cancelled) {
    buy();
    const auto warehouse = mia.get(path("/shipments/proposal")).body.find("parts")->items().front().text_or("warehouse_id");
    const auto ids = plan(fmt::format(
        R"({{"shipments":[{{"warehouse_id":"{0}","lines":[{{"line_id":"{1}","quantity":3}}]}},{{"warehouse_id":"{0}","lines":[{{"line_id":"{2}","quantity":1}}]}}]}})",
        warehouse, lines[0], lines[1]));
    ASSERT_EQ(ids.size(), 2U);
    ASSERT_EQ(change(line(1, 0)).status, 201);
    EXPECT_EQ(shipment(ids[0]).text_or("state"), "planned");
    EXPECT_EQ(shipment(ids[1]).text_or("state"), "cancelled");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PlannedEdits, goods_under_a_label_stay_until_the_label_is_cancelled) {
    buy();
    const auto ids = plan();
    announce(ids[0]);
    const auto before = money();
    for (const auto& what : {line(0, 1), line(1, 0)}) {
        const auto refused = change(what);
        EXPECT_EQ(refused.status, 409);
        EXPECT_EQ(refused.body.text_or("code"), "orders.edit_labelled") << refused.text;
        EXPECT_NE(refused.text.find("cancel the label first"), std::string::npos);
        EXPECT_NE(refused.text.find(number + "-s1"), std::string::npos);
    }
    EXPECT_EQ(json::to_text(money()), json::to_text(before));
    // More can be added, and the price changed: neither touches the parcel.
    EXPECT_EQ(change(R"("discount":{"amount":100,"currency":"EUR"})").status, 201);
    EXPECT_EQ(mia.post("/api/v1/admin/shipments/" + ids[0] + "/cancel", "{}", Uuid::v7().to_string()).status, 200);
    EXPECT_EQ(change(line(0, 1)).status, 201);
    world.work();
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PlannedEdits, a_new_address_reaches_the_planned_shipment_and_not_a_label) {
    buy();
    const auto ids = plan();
    const std::string moved =
        R"("shipping_address":{"first_name":"Ana","last_name":"Ruiz","line1":"Torstr. 2","postal_code":"10119","city":"Berlin","country":"DE"})";
    ASSERT_EQ(change(moved).status, 201);
    EXPECT_EQ(shipment(ids[0]).at("to", "postal_code")->text(), "10119");
    announce(ids[0]);
    EXPECT_EQ(change(moved).body.text_or("code"), "orders.edit_labelled");
}

TEST_F(PlannedEdits, cancelling_the_order_cancels_its_label_and_gives_everything_back) {
    buy();
    const auto ids = plan();
    announce(ids[0]);
    const auto before = money();
    const auto done = cancel(before.int_or("version"));
    ASSERT_EQ(done.status, 200) << done.text;
    EXPECT_EQ(state(), "cancelled");
    EXPECT_EQ(shipment(ids[0]).text_or("state"), "cancelled");
    EXPECT_EQ(allocated(), 0);
    world.work();
    EXPECT_EQ(refunded_at_provider(), amount(before, "total"));
    EXPECT_EQ(money().text_or("payment_state"), "refunded");
    EXPECT_EQ(world.disagreements(), "");
    // A second clerk comes too late.
    EXPECT_EQ(cancel(money().int_or("version")).body.text_or("code"), "orders.not_sold");
    EXPECT_EQ(cancel(before.int_or("version")).status, 409);
}

TEST_F(PlannedEdits, cancelling_the_order_gives_the_uses_of_its_code_back_once) {
    world.shop->database.in_tx([&](db::Tx& tx) {
        promotions::Promotion once;
        once.name = "ONCE";
        once.labels = {{"en", "An offer"}};
        once.rules.basis_points = 1000;
        once.rules.first_order = true;
        once.usage_limit = 2;
        once.customer_limit = 1;
        (void)world.shop->promotions->add_code(tx, world.shop->promotions->save(tx, once), "ONCE", 2);
    });
    const auto uses = [&] {
        return fmt::format("{} {} {}", world.count("select used_count from promotions.promotion where name = 'ONCE'"),
                           world.count("select used_count from promotions.code where code = 'ONCE'"),
                           world.count("select coalesce(max(used), 0)::bigint from promotions.customer_use"));
    };
    const auto with_code = [&](Shopper& who, const std::string& email) {
        who.add(pens, 1);
        const auto entered = who.post("/api/v1/cart/codes", R"({"code":"ONCE"})");
        who.fill_in(email);
        const auto paid = who.pay();
        EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
        world.work();
        return entered.body.find("codes")->items()[0].bool_or("applied");
    };
    pens = stock_up(*world.shop, "PEN", 999, 100);
    lamp = stock_up(*world.shop, "LAMP", 4900, 100);
    Shopper other(*world.shop);
    EXPECT_TRUE(with_code(other, "bob@example.test"));
    // A first order, as nobody remembers the one that came to nothing.
    EXPECT_EQ(shopper.post("/api/v1/cart/codes", R"({"code":"ONCE"})").status, 200);
    buy();
    EXPECT_EQ(uses(), "2 2 1");
    const auto version = money().int_or("version");
    const auto key = Uuid::v7().to_string();
    const auto body = fmt::format(R"({{"version":{},"reason":"asked by phone"}})", version);
    ASSERT_EQ(mia.post(path("/cancel"), body, key).status, 200);
    world.work();
    EXPECT_EQ(uses(), "1 1 1");
    EXPECT_EQ(mia.post(path("/cancel"), body, key).status, 200);
    EXPECT_EQ(cancel(version).status, 409);
    world.work();
    EXPECT_EQ(uses(), "1 1 1");
    EXPECT_EQ(world.count("select coalesce(sum(used), 0)::bigint from promotions.customer_use"), 1);
    Shopper again(*world.shop);
    EXPECT_TRUE(with_code(again, "ana@example.test"));
    EXPECT_EQ(uses(), "2 2 1");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PlannedEdits, an_order_whose_parcel_has_left_is_not_cancelled) {
    buy();
    const auto ids = plan();
    announce(ids[0]);
    ASSERT_EQ(mia.post("/api/v1/admin/shipments/" + ids[0] + "/hand-over", "{}", Uuid::v7().to_string()).status, 200);
    const auto before = money();
    const auto refused = cancel(before.int_or("version"));
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.body.text_or("code"), "orders.cancel_too_late") << refused.text;
    EXPECT_EQ(json::to_text(money()), json::to_text(before));
}

TEST_F(PlannedEdits, two_clerks_cancel_once) {
    buy();
    const auto ids = plan();
    announce(ids[0]);
    const auto version = money().int_or("version");
    Answer first, second;
    {
        std::jthread one([&] { first = cancel(version); });
        std::jthread two([&] { second = cancel(version); });
    }
    EXPECT_EQ((first.status == 200) + (second.status == 200), 1) << first.text << second.text;
    world.work();
    if (state() != "cancelled") {
        EXPECT_EQ(cancel(money().int_or("version")).status, 200);
    }
    world.work();
    EXPECT_EQ(money().text_or("payment_state"), "refunded");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(PlannedEdits, a_planned_shipment_is_split_and_nothing_is_lost) {
    buy();
    const auto ids = plan();
    const auto split = [&](const std::string& body) {
        return mia.post("/api/v1/admin/shipments/" + ids[0] + "/split", body, Uuid::v7().to_string());
    };
    const auto made = split(fmt::format(R"({{"lines":[{}]}})", units(0, 2)));
    ASSERT_EQ(made.status, 201) << made.text;
    const auto fresh = made.body.find("items")->items()[1].text_or("id");
    EXPECT_EQ(holds(ids[0]), "LAMP 1, PEN 1");
    EXPECT_EQ(holds(fresh), "PEN 2");
    EXPECT_EQ(split(R"({"lines":[]})").body.text_or("code"), "orders.split_nothing");
    EXPECT_EQ(split(fmt::format(R"({{"lines":[{},{}]}})", units(0, 1), units(1, 1))).body.text_or("code"), "orders.split_nothing");
    EXPECT_EQ(split(fmt::format(R"({{"lines":[{}]}})", units(0, 2))).body.text_or("code"), "orders.too_many");
    EXPECT_EQ(split(fmt::format(R"({{"lines":[{{"line_id":"oli_{}","quantity":1}}]}})", Uuid::v7().to_base32())).body.text_or("code"),
              "orders.line_unknown");
    EXPECT_EQ(split(fmt::format(R"({{"lines":[{}],"warehouse_id":"whs_{}"}})", units(0, 1), Uuid::v7().to_base32())).body.text_or("code"),
              "orders.warehouse_unknown");
    EXPECT_EQ(holds(ids[0]), "LAMP 1, PEN 1");
    announce(ids[0]);
    EXPECT_EQ(split(fmt::format(R"({{"lines":[{}]}})", units(0, 1))).body.text_or("code"), "orders.split_labelled");
    EXPECT_EQ(world.disagreements(), "");
}

}  // namespace
}  // namespace stoa::testing
