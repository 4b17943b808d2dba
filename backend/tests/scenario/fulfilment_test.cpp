// From a paid order to the parcel at the door, through the order desk and against the sandbox.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "steps.hpp"
#include "stoa/crypto/crypto.hpp"

namespace stoa::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class FulfilmentScenario : public ::testing::Test {
protected:
    World world;
    Shopper clerk{*world.shop};
    void SetUp() override {
        world.desk.hire("clara", {"orders.*"});
        clerk.cookies[std::string(Desk::kCookie)] = "clara";
    }
    void TearDown() override { shipping::set_step_hook(nullptr); }
    app::Shop& shop() { return *world.shop; }

    struct Bought {
        std::string id, number, token;
    };
    Bought buy(std::vector<std::pair<Goods, std::int64_t>> goods, const std::string& postal_code = "10115",
               const std::string& country = "DE", std::string_view email = "ana@example.test") {
        Shopper who(shop());
        for (const auto& [what, quantity] : goods) who.add(what, quantity);
        who.fill_in(email, country, postal_code);
        const auto paid = who.pay();
        EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
        Bought out{"", paid.body.text_or("order_number"), paid.body.text_or("order_token")};
        const auto found = clerk.get("/api/v1/admin/orders?q=" + out.number);
        EXPECT_EQ(found.status, 200) << found.text;
        out.id = found.body.find("items")->items().front().text_or("id");
        return out;
    }
    std::vector<std::string> plan(const Bought& order, const std::string& body = R"({"shipments":[]})") {
        const auto made = clerk.post("/api/v1/admin/orders/" + order.id + "/shipments", body, Uuid::v7().to_string());
        EXPECT_EQ(made.status, 201) << made.text;
        std::vector<std::string> out;
        if (const auto* items = made.body.find("items"); items && made.status == 201) {
            for (const auto& item : items->items()) out.push_back(item.text_or("id"));
        }
        return out;
    }
    // The items of the answer.
    std::vector<json::Value> announce(const std::vector<std::string>& ids) {
        std::string list;
        for (const auto& id : ids) list += (list.empty() ? "\"" : ",\"") + id + "\"";
        const auto answer = clerk.post("/api/v1/admin/shipments/announce", R"({"shipment_ids":[)" + list + "]}", Uuid::v7().to_string());
        EXPECT_EQ(answer.status, 200) << answer.text;
        const auto* items = answer.body.find("items");
        return items ? items->items() : std::vector<json::Value>{};
    }
    std::string state_of(const Bought& order) { return clerk.get("/api/v1/admin/orders/" + order.id).body.at("order", "state")->text(); }
    json::Value shipment(const std::string& id) { return clerk.get("/api/v1/admin/shipments/" + id).body; }
    // What the sandbox would send, in the order in which it happened.
    std::vector<std::string> notifications() {
        std::vector<std::string> out;
        for (const auto& delivery : world.outside.sendcloud->webhooks().log()) out.push_back(delivery.body);
        return out;
    }
    int tell(const std::string& body, std::string signature = {}) {
        if (signature.empty()) signature = crypto::hex(crypto::hmac_sha256(shop().config.sendcloud.secret_key, body));
        Shopper platform(shop());
        return platform
            .send(http::Method::post, "/hooks/sendcloud", body, {},
                  {{"sendcloud-signature", signature}, {"origin", ""}, {"content-type", "application/json"}})
            .status;
    }
    std::int64_t made_at_the_platform() {
        http_client::Call call;
        call.url = world.outside.url() + "/__sandbox/sendcloud/parcels";
        const auto answer = world.outside.client.send(call);
        return static_cast<std::int64_t>(json::parse(answer->body, {4 << 20, 16})->find("items")->items().size());
    }
    std::int64_t on_hand(const Goods& goods) {
        return world.count("select sum(on_hand)::bigint from inventory.stock where variant_id = '" + goods.variant.uuid().to_string() +
                           "'");
    }
    void deliver() {
        world.outside.control.advance(60);
        world.outside.sendcloud->walk();
        for (const auto& body : notifications()) EXPECT_EQ(tell(body), 200);
        world.work();
    }
};

TEST_F(FulfilmentScenario, twenty_orders_are_picked_labelled_corrected_and_delivered) {
    const auto chair = stock_up(shop(), "CHAIR", 12900, 50);
    const auto lamp = stock_up(shop(), "LAMP", 4900, 50);
    std::vector<Bought> orders;
    for (int i = 0; i < 20; ++i)
        orders.push_back(buy({{chair, 1}, {lamp, 2}}, i == 7 ? "10199" : "10115", "DE", fmt::format("buyer{}@example.test", i)));
    world.work();

    std::string chosen;
    std::vector<std::string> shipments;
    for (const auto& order : orders) {
        chosen += (chosen.empty() ? "" : ",") + order.id;
        for (const auto& id : plan(order)) shipments.push_back(id);
        EXPECT_EQ(state_of(order), "processing");
    }
    ASSERT_EQ(shipments.size(), 20U);
    const auto picking = clerk.get("/api/v1/admin/picking-list?orders=" + chosen);
    ASSERT_EQ(picking.status, 200) << picking.text;
    const auto& picks = picking.body.find("items")->items();
    ASSERT_EQ(picks.size(), 2U);
    EXPECT_EQ(picks[0].text_or("sku"), "CHAIR");
    EXPECT_EQ(picks[0].int_or("quantity"), 20);
    EXPECT_EQ(picks[1].int_or("quantity"), 40);
    EXPECT_EQ(picks[1].find("orders")->items().size(), 20U);
    EXPECT_TRUE(picking.body.find("unplanned")->items().empty());

    // One address is refused by the carrier; the others have their labels.
    const auto results = announce(shipments);
    ASSERT_EQ(results.size(), 20U);
    for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i].bool_or("labelled"), i != 7) << i;
    const auto* failed = results[7].find("shipment");
    EXPECT_EQ(failed->text_or("state"), "failed");
    EXPECT_EQ(failed->find("problems")->items().front().text_or("message"), "The carrier refused the address.");
    EXPECT_EQ(failed->text_or("reference"), orders[7].number + "-s1");
    EXPECT_EQ(clerk.get("/api/v1/admin/shipments/" + shipments[7] + "/label").body.text_or("code"), "shipping.no_label");
    const auto corrected = clerk.patch(
        "/api/v1/admin/shipments/" + shipments[7],
        R"({"to":{"name":"Ana Ruiz","line1":"Torstr. 1","postal_code":"10119","city":"Berlin","country":"DE","email":"buyer7@example.test"}})");
    EXPECT_EQ(corrected.status, 200) << corrected.text;
    const auto again = announce({shipments[7]});
    EXPECT_TRUE(again.front().bool_or("labelled"));
    EXPECT_EQ(again.front().find("shipment")->text_or("reference"), orders[7].number + "-s1-2");
    EXPECT_EQ(made_at_the_platform(), 21);

    std::set<std::string> labels;
    for (const auto& id : shipments) {
        const auto pdf = clerk.get("/api/v1/admin/shipments/" + id + "/label?format=pdf");
        EXPECT_EQ(pdf.status, 200);
        EXPECT_EQ(pdf.header("content-type"), "application/pdf");
        EXPECT_THAT(pdf.text, StartsWith("%PDF"));
        labels.insert(pdf.text);
    }
    EXPECT_EQ(labels.size(), 20U);
    EXPECT_THAT(clerk.get("/api/v1/admin/shipments/" + shipments[0] + "/label?format=zpl").text, StartsWith("^XA"));
    // Kept by us: the platform may be away.
    world.outside.go_away();
    EXPECT_EQ(clerk.get("/api/v1/admin/shipments/" + shipments[0] + "/label?format=zpl").status, 200);
    EXPECT_EQ(clerk.get("/api/v1/admin/shipments/" + shipments[3] + "/label").status, 200);
    EXPECT_EQ(clerk.get("/api/v1/admin/shipments/" + shipments[3] + "/label?format=zpl").body.text_or("code"), "shipping.unavailable");
    world.outside.come_back();

    EXPECT_EQ(on_hand(chair), 50);
    EXPECT_EQ(world.disagreements(), "");
    // Everything that happens to the parcels, twice and in any order.
    world.outside.control.advance(60);
    world.outside.sendcloud->walk();
    auto news = notifications();
    ASSERT_GE(news.size(), 120U);
    const auto once = news;
    news.insert(news.end(), once.begin(), once.end());
    std::mt19937 random(3);
    std::ranges::shuffle(news, random);
    std::size_t told = 0;
    for (const auto& body : news) {
        EXPECT_EQ(tell(body), 200);
        if (++told % 40 == 0) world.work();
    }
    world.work();
    for (const auto& order : orders) EXPECT_EQ(state_of(order), "delivered") << order.number;
    EXPECT_EQ(world.count("select count(*) from shipping.inbox"), static_cast<std::int64_t>(std::set(once.begin(), once.end()).size()));
    EXPECT_EQ(on_hand(chair), 30);
    EXPECT_EQ(on_hand(lamp), 10);
    EXPECT_EQ(world.count("select count(*) from inventory.movement where reason = 'shipped'"), 40);
    EXPECT_EQ(world.count("select count(*) from events.event where type = 'order.shipped'"), 20);
    EXPECT_EQ(world.count("select count(*) from events.event where type = 'order.delivered'"), 20);
    EXPECT_EQ(world.disagreements(), "");

    // One mail each, with the carrier's page; and the order's page shows the way of the parcel.
    int mails = 0;
    for (const auto& mail : world.outside.mail->mails()) {
        if (mail.text.find("Your parcel is on its way") == std::string::npos) continue;
        ++mails;
        EXPECT_THAT(mail.text, HasSubstr("/sendcloud/track/3S"));
    }
    EXPECT_EQ(mails, 20);
    Shopper guest(shop());
    const auto page = guest.get("/api/v1/orders/" + orders[0].number + "?token=" + orders[0].token + "&locale=de");
    ASSERT_EQ(page.status, 200) << page.text;
    const auto& seen = page.body.find("shipments")->items().front();
    EXPECT_EQ(seen.text_or("state_label"), "Zugestellt");
    EXPECT_EQ(seen.find("lines")->items().size(), 2U);
    const auto& parcel = seen.find("parcels")->items().front();
    EXPECT_THAT(parcel.text_or("tracking_url"), HasSubstr(parcel.text_or("tracking_number")));
    EXPECT_GE(parcel.find("events")->items().size(), 4U);
    EXPECT_EQ(parcel.find("events")->items().back().text_or("text"), "Zugestellt");
}

TEST_F(FulfilmentScenario, a_crash_at_any_step_of_announcing_leads_to_one_shipment) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 50);
    std::int64_t made = 0;
    for (const auto* where : {"announce-begun", "announce-before-call", "announce-answered", "announce-recorded", "announce-label"}) {
        SCOPED_TRACE(where);
        const auto order = buy({{lamp, 1}});
        const auto id = plan(order).front();
        bool crashed = false;
        shipping::set_step_hook([&](std::string_view step) {
            if (step != where || crashed) return;
            crashed = true;
            throw std::runtime_error("killed");
        });
        EXPECT_EQ(announce({id}).front().bool_or("labelled"), false);
        EXPECT_TRUE(crashed);
        world.clock.advance(std::chrono::minutes{10});
        world.work();
        EXPECT_EQ(shipment(id).text_or("state"), "labelled");
        EXPECT_EQ(shipment(id).text_or("reference"), order.number + "-s1");
        EXPECT_EQ(made_at_the_platform(), ++made);
        EXPECT_EQ(clerk.get("/api/v1/admin/shipments/" + id + "/label").status, 200);
        // And once more by hand: it is what it is.
        EXPECT_TRUE(announce({id}).front().bool_or("labelled"));
        EXPECT_EQ(made_at_the_platform(), made);
    }
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(FulfilmentScenario, whatever_the_platform_does_with_a_call_there_is_one_shipment) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 50);
    std::int64_t made = 0;
    for (const auto* kind : {"down", "error_before", "error_after", "drop", "garbage"}) {
        SCOPED_TRACE(kind);
        const auto order = buy({{lamp, 1}});
        const auto id = plan(order).front();
        world.outside.fail_next("sendcloud", kind, 1, "announce");
        const auto first = announce({id}).front();
        if (!first.bool_or("labelled")) {
            EXPECT_EQ(first.text_or("code"), "shipping.unavailable");
            world.clock.advance(std::chrono::minutes{10});
            world.work();
        }
        EXPECT_EQ(shipment(id).text_or("state"), "labelled");
        EXPECT_EQ(made_at_the_platform(), ++made);
    }
    // Nobody there at all: it waits, and is announced when they are back.
    const auto order = buy({{lamp, 1}});
    const auto id = plan(order).front();
    world.outside.fail_next("sendcloud", "down", -1);
    EXPECT_EQ(announce({id}).front().text_or("code"), "shipping.unavailable");
    EXPECT_EQ(shipment(id).text_or("state"), "announcing");
    world.outside.control.forget_faults();
    world.clock.advance(std::chrono::minutes{10});
    world.work();
    EXPECT_EQ(shipment(id).text_or("state"), "labelled");
}

TEST_F(FulfilmentScenario, parts_of_an_order_travel_apart_and_it_is_shipped_with_the_last) {
    const auto chair = stock_up(shop(), "CHAIR", 12900, 5);
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    const auto order = buy({{chair, 2}, {lamp, 1}});
    const auto proposal = clerk.get("/api/v1/admin/orders/" + order.id + "/shipments/proposal");
    ASSERT_EQ(proposal.status, 200) << proposal.text;
    const auto& part = proposal.body.find("parts")->items().front();
    EXPECT_EQ(proposal.body.find("considered")->items().front().text_or("verdict"), "chosen");
    std::string chair_line;
    for (const auto& line : part.find("lines")->items()) {
        if (line.text_or("sku") == "CHAIR") chair_line = line.text_or("line_id");
    }
    const auto wish = [&](int quantity) {
        return fmt::format(R"({{"shipments":[{{"warehouse_id":"{}","lines":[{{"line_id":"{}","quantity":{}}}]}}]}})",
                           part.text_or("warehouse_id"), chair_line, quantity);
    };
    const auto too_many = clerk.post("/api/v1/admin/orders/" + order.id + "/shipments", wish(3), Uuid::v7().to_string());
    EXPECT_EQ(too_many.body.text_or("code"), "orders.too_many") << too_many.text;
    const auto first = plan(order, wish(1)).front();
    const auto rest = plan(order);
    ASSERT_EQ(rest.size(), 1U);
    const auto nothing = clerk.post("/api/v1/admin/orders/" + order.id + "/shipments", R"({"shipments":[]})", Uuid::v7().to_string());
    EXPECT_EQ(nothing.body.text_or("code"), "orders.nothing_to_ship") << nothing.text;

    EXPECT_TRUE(announce({first}).front().bool_or("labelled"));
    const auto gone = clerk.post("/api/v1/admin/shipments/" + first + "/hand-over", "", Uuid::v7().to_string());
    EXPECT_EQ(gone.body.text_or("state"), "in_transit") << gone.text;
    EXPECT_EQ(on_hand(chair), 4);
    EXPECT_EQ(state_of(order), "processing");
    EXPECT_TRUE(announce({rest.front()}).front().bool_or("labelled"));
    deliver();
    EXPECT_EQ(state_of(order), "delivered");
    EXPECT_EQ(on_hand(chair), 3);
    EXPECT_EQ(on_hand(lamp), 4);
    EXPECT_EQ(world.disagreements(), "");
    // Found by its parcel.
    const auto tracking = shipment(first).find("parcels")->items().front().text_or("tracking_number");
    const auto found = clerk.get("/api/v1/admin/orders?q=" + tracking);
    ASSERT_EQ(found.body.find("items")->items().size(), 1U) << found.text;
    EXPECT_EQ(found.body.find("items")->items().front().text_or("number"), order.number);
}

TEST_F(FulfilmentScenario, a_cancelled_shipment_gives_its_goods_back_to_the_order) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    const auto order = buy({{lamp, 2}});
    const auto id = plan(order).front();
    EXPECT_TRUE(announce({id}).front().bool_or("labelled"));
    // The answer gets lost; the job finds that it is done.
    world.outside.fail_next("sendcloud", "drop", 1, "cancel");
    const auto lost = clerk.post("/api/v1/admin/shipments/" + id + "/cancel", "", Uuid::v7().to_string());
    EXPECT_EQ(lost.body.text_or("code"), "shipping.unavailable") << lost.text;
    world.clock.advance(std::chrono::minutes{10});
    world.work();
    EXPECT_EQ(shipment(id).text_or("state"), "cancelled");
    EXPECT_EQ(on_hand(lamp), 5);
    const auto second = plan(order).front();
    EXPECT_TRUE(announce({second}).front().bool_or("labelled"));
    deliver();
    EXPECT_EQ(state_of(order), "delivered");
    const auto late = clerk.post("/api/v1/admin/shipments/" + second + "/cancel", "", Uuid::v7().to_string());
    EXPECT_EQ(late.status, 409);
    EXPECT_EQ(late.body.text_or("code"), "shipping.cannot_cancel");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(FulfilmentScenario, news_from_before_a_cancellation_do_not_undo_it) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    const auto order = buy({{lamp, 1}});
    const auto id = plan(order).front();
    EXPECT_TRUE(announce({id}).front().bool_or("labelled"));
    const auto parcel = world.count("select provider_id from shipping.parcel where provider_id is not null");
    const auto says = [&](int status, std::int64_t seconds) {
        // After what the platform said last, whose clock is its own.
        const auto last = world.count("select coalesce(extract(epoch from max(status_at)), 0)::bigint from shipping.parcel");
        const auto millis = (std::max(last, world.clock.now().time_since_epoch().count() / 1000000) + seconds) * 1000;
        const auto told = tell(
            fmt::format(R"({{"action":"parcel_status_changed","timestamp":{},"parcel":{{"id":{},"status":{{"id":{},"message":"News"}}}}}})",
                        millis, parcel, status));
        world.work();
        return told;
    };
    world.outside.fail_next("sendcloud", "error_before", 1, "cancel");
    EXPECT_EQ(clerk.post("/api/v1/admin/shipments/" + id + "/cancel", "", Uuid::v7().to_string()).body.text_or("code"),
              "shipping.unavailable");
    EXPECT_EQ(says(1000, 1), 200);
    EXPECT_EQ(shipment(id).text_or("state"), "cancelling");
    EXPECT_EQ(says(94, 2), 200);
    EXPECT_EQ(shipment(id).text_or("state"), "labelled") << "the platform says that it failed";
    EXPECT_EQ(clerk.post("/api/v1/admin/shipments/" + id + "/cancel", "", Uuid::v7().to_string()).status, 200);
    EXPECT_EQ(shipment(id).text_or("state"), "cancelled");
}

class ReturnedParcel : public FulfilmentScenario {
protected:
    // What the platform says about the newest parcel, after what it said last.
    void says(int status) {
        const auto parcel = world.count("select max(provider_id) from shipping.parcel where provider_id is not null");
        const auto last = world.count("select coalesce(extract(epoch from max(status_at)), 0)::bigint from shipping.parcel");
        const auto millis = (std::max(last, world.clock.now().time_since_epoch().count() / 1000000) + 1) * 1000;
        EXPECT_EQ(tell(fmt::format(
                      R"({{"action":"parcel_status_changed","timestamp":{},"parcel":{{"id":{},"status":{{"id":{},"message":"News"}}}}}})",
                      millis, parcel, status)),
                  200);
        world.work();
    }
    std::string send(const Bought& order) {
        const auto id = plan(order).front();
        EXPECT_TRUE(announce({id}).front().bool_or("labelled"));
        EXPECT_EQ(clerk.post("/api/v1/admin/shipments/" + id + "/hand-over", "", Uuid::v7().to_string()).status, 200);
        world.work();
        return id;
    }
    Answer book_in(const std::string& id, std::int64_t restocked, std::string key = Uuid::v7().to_string()) {
        const auto line = shipment(id).find("lines")->items().front().text_or("line_id");
        return clerk.post("/api/v1/admin/shipments/" + id + "/book-in",
                          fmt::format(R"({{"lines":[{{"line_id":"{}","restocked":{}}}]}})", line, restocked), key);
    }
    std::size_t in_trouble() { return clerk.get("/api/v1/admin/orders?trouble=true").body.find("items")->items().size(); }
    std::int64_t allocated(const Goods& goods) {
        return world.count("select sum(allocated)::bigint from inventory.stock where variant_id = '" + goods.variant.uuid().to_string() +
                           "'");
    }
    Answer refund(const Bought& order, std::int64_t units, bool delivery) {
        const auto money = clerk.get("/api/v1/admin/orders/" + order.id + "/money").body;
        const auto what = fmt::format(R"("lines":[{{"line_id":"{}","quantity":{}}}],"shipping":{{"amount":{},"currency":"EUR"}})",
                                      money.find("lines")->items().front().text_or("line_id"), units,
                                      delivery ? money.at("shipping_left", "amount")->as_int().value() : 0);
        const auto shown = clerk.post("/api/v1/admin/orders/" + order.id + "/refunds/preview", "{" + what + "}");
        EXPECT_EQ(shown.status, 200) << shown.text;
        return clerk.post("/api/v1/admin/orders/" + order.id + "/refunds",
                          fmt::format(R"({{"expected_total":{{"amount":{},"currency":"EUR"}},"version":{},{},"reason":"came back"}})",
                                      shown.body.at("total", "amount")->as_int().value(), shown.body.int_or("version"), what),
                          Uuid::v7().to_string());
    }
};

TEST_F(ReturnedParcel, is_booked_in_and_sent_again) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    const auto order = buy({{lamp, 2}});
    const auto id = send(order);
    EXPECT_EQ(on_hand(lamp), 3);
    EXPECT_EQ(book_in(id, 2).body.text_or("code"), "shipping.not_back") << "it is on its way";
    says(62992);
    EXPECT_EQ(shipment(id).text_or("state"), "returned");
    ASSERT_EQ(in_trouble(), 1U);
    EXPECT_EQ(book_in(id, 3).body.text_or("code"), "orders.book_in_lines");
    EXPECT_EQ(in_trouble(), 1U) << "nothing was done";

    // One is broken: another takes its place.
    const auto key = Uuid::v7().to_string();
    const auto booked = book_in(id, 1, key);
    ASSERT_EQ(booked.status, 200) << booked.text;
    EXPECT_FALSE(booked.body.text_or("booked_in_at").empty());
    EXPECT_EQ(book_in(id, 1, key).text, booked.text) << "repeated";
    EXPECT_EQ(book_in(id, 1).body.text_or("code"), "shipping.booked_in");
    EXPECT_EQ(in_trouble(), 0U);
    EXPECT_EQ(on_hand(lamp), 4);
    EXPECT_EQ(allocated(lamp), 2);
    EXPECT_EQ(state_of(order), "processing");
    world.work();
    EXPECT_EQ(world.disagreements(), "");

    const auto again = send(order);
    EXPECT_EQ(state_of(order), "shipped");
    EXPECT_EQ(on_hand(lamp), 2);
    says(11);
    EXPECT_EQ(shipment(again).text_or("state"), "delivered");
    EXPECT_EQ(state_of(order), "delivered");
    EXPECT_EQ(
        world.count("select sum(delta)::bigint from inventory.movement where reason in ('returned_parcel', 'written_off', 'shipped')"), -3);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(ReturnedParcel, of_which_nothing_is_left_in_stock_waits_or_is_refunded) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 2);
    const auto order = buy({{lamp, 2}});
    const auto id = send(order);
    // Refused at the door, and lost on its way back.
    says(62991);
    EXPECT_EQ(shipment(id).text_or("state"), "exception");
    ASSERT_EQ(in_trouble(), 1U);
    ASSERT_EQ(book_in(id, 0).status, 200);
    EXPECT_EQ(shipment(id).text_or("state"), "returned");
    EXPECT_EQ(on_hand(lamp), 0);
    EXPECT_EQ(state_of(order), "processing");
    const auto none = clerk.post("/api/v1/admin/orders/" + order.id + "/shipments", R"({"shipments":[]})", Uuid::v7().to_string());
    EXPECT_EQ(none.status, 409) << none.text;
    const auto done = refund(order, 2, true);
    EXPECT_EQ(done.status, 201) << done.text;
    EXPECT_EQ(state_of(order), "cancelled");
    world.work();
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(ReturnedParcel, that_was_refunded_before_it_is_booked_in_is_free_stock) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    const auto order = buy({{lamp, 2}});
    const auto id = send(order);
    says(62992);
    ASSERT_EQ(refund(order, 1, false).status, 201);
    world.work();
    ASSERT_EQ(book_in(id, 2).status, 200);
    EXPECT_EQ(on_hand(lamp), 5);
    EXPECT_EQ(allocated(lamp), 1) << "one is to be sent again, the refunded one can be sold";
    EXPECT_EQ(state_of(order), "processing");
    const auto again = send(order);
    EXPECT_EQ(shipment(again).find("lines")->items().front().int_or("quantity"), 1);
    EXPECT_EQ(state_of(order), "shipped");
    EXPECT_EQ(allocated(lamp), 0);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(FulfilmentScenario, what_has_left_and_is_stuck_is_not_cancelled) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    const auto order = buy({{lamp, 1}});
    const auto id = plan(order).front();
    EXPECT_TRUE(announce({id}).front().bool_or("labelled"));
    ASSERT_EQ(clerk.post("/api/v1/admin/shipments/" + id + "/hand-over", "", Uuid::v7().to_string()).status, 200);
    world.work();
    shop().database.in_tx([&](db::Tx& tx) { (void)tx.run_text("update shipping.shipment set state = 'exception'"); });
    const auto refused = clerk.post("/api/v1/admin/shipments/" + id + "/cancel", "", Uuid::v7().to_string());
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.body.text_or("code"), "shipping.cannot_cancel");
    EXPECT_EQ(shipment(id).text_or("state"), "exception");
}

TEST_F(FulfilmentScenario, what_was_cancelled_gets_no_label) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    const auto order = buy({{lamp, 1}});
    const auto id = plan(order).front();
    shop().database.in_tx([&](db::Tx& tx) {
        auto header = shop().orders->lock(tx, *orders::OrderId::parse(order.id));
        shop().inventory->deallocate(tx, header->id.uuid());
        EXPECT_TRUE(shop().orders->cancel(tx, *header, "staff"));
    });
    const auto refused = announce({id}).front();
    EXPECT_EQ(refused.text_or("code"), "orders.not_to_be_shipped");
    EXPECT_EQ(shipment(id).text_or("state"), "planned");
    EXPECT_EQ(made_at_the_platform(), 0);
}

TEST_F(FulfilmentScenario, heavy_orders_are_several_parcels_and_goods_abroad_have_their_papers) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 100);
    // 30 of 1.2 kg: 19 to a parcel.
    const auto heavy = buy({{lamp, 30}});
    const auto id = plan(heavy).front();
    EXPECT_TRUE(announce({id}).front().bool_or("labelled"));
    EXPECT_EQ(shipment(id).find("parcels")->items().size(), 2U);
    EXPECT_EQ(clerk.get("/api/v1/admin/shipments/" + id + "/label?parcel=2").status, 200);
    EXPECT_EQ(clerk.get("/api/v1/admin/shipments/" + id + "/label?parcel=3").body.text_or("code"), "shipping.parcel_unknown");

    const auto abroad = buy({{lamp, 1}}, "8001", "CH");
    const auto far = plan(abroad).front();
    const auto refused = announce({far}).front();
    EXPECT_FALSE(refused.bool_or("labelled"));
    EXPECT_EQ(refused.find("shipment")->find("problems")->items().front().text_or("code"), "customs_missing");
    const auto customs = clerk.put("/api/v1/admin/customs/" + lamp.variant.to_string(), R"({"hs_code":"94052140","origin_country":"NL"})");
    EXPECT_EQ(customs.status, 200) << customs.text;
    const auto labelled = announce({far}).front();
    EXPECT_TRUE(labelled.bool_or("labelled"));
    deliver();
    EXPECT_EQ(state_of(heavy), "delivered");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(FulfilmentScenario, a_parcel_that_was_not_collected_does_not_hide_that_the_other_has_left) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 100);
    const auto heavy = buy({{lamp, 30}});
    const auto id = plan(heavy).front();
    EXPECT_TRUE(announce({id}).front().bool_or("labelled"));
    int minutes = 0;
    const auto news = [&](int parcel, int status) {
        const auto at =
            std::chrono::duration_cast<std::chrono::milliseconds>((world.clock.now() + std::chrono::minutes{++minutes}).time_since_epoch());
        const auto provider_id = world.count(
            fmt::format("select provider_id from shipping.parcel where shipment_id = (select id from shipping.shipment limit 1) "
                        "and position = {}",
                        parcel));
        EXPECT_EQ(tell(fmt::format(
                      R"({{"action":"parcel_status_changed","timestamp":{},"parcel":{{"id":{},"status":{{"id":{},"message":"news"}}}}}})",
                      at.count(), provider_id, status)),
                  200);
        world.work();
    };
    constexpr int kNotCollected = 15, kOnItsWay = 3, kDelivered = 11;
    news(2, kNotCollected);
    EXPECT_EQ(shipment(id).text_or("state"), "exception");
    EXPECT_EQ(on_hand(lamp), 100);
    news(1, kOnItsWay);
    EXPECT_EQ(shipment(id).text_or("state"), "exception");
    EXPECT_FALSE(shipment(id).text_or("left_at").empty());
    EXPECT_EQ(on_hand(lamp), 70);
    EXPECT_EQ(world.count("select count(*) from events.event where type = 'shipment.left'"), 1);
    EXPECT_EQ(clerk.post("/api/v1/admin/shipments/" + id + "/cancel", "", Uuid::v7().to_string()).status, 409);
    news(1, kDelivered);
    EXPECT_EQ(on_hand(lamp), 70);
    EXPECT_EQ(world.count("select count(*) from orders.timeline where kind = 'shipment_exception'"), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(FulfilmentScenario, news_that_never_came_are_asked_for) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    const auto order = buy({{lamp, 1}});
    const auto id = plan(order).front();
    EXPECT_TRUE(announce({id}).front().bool_or("labelled"));
    world.outside.control.advance(60);
    world.outside.sendcloud->walk();
    world.work();
    EXPECT_EQ(state_of(order), "processing");
    world.clock.advance(std::chrono::hours{7});
    world.work();
    EXPECT_EQ(shipment(id).text_or("state"), "delivered");
    EXPECT_EQ(state_of(order), "delivered");
    EXPECT_EQ(on_hand(lamp), 4);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(FulfilmentScenario, a_notification_counts_only_with_its_signature) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    const auto order = buy({{lamp, 1}});
    const auto id = plan(order).front();
    EXPECT_TRUE(announce({id}).front().bool_or("labelled"));
    deliver();
    const auto body = notifications().front();
    EXPECT_EQ(tell(body, std::string(64, 'a')), 403);
    EXPECT_EQ(tell(body + " ", crypto::hex(crypto::hmac_sha256(shop().config.sendcloud.secret_key, body))), 403);
    const auto before = world.count("select count(*) from shipping.inbox");
    EXPECT_EQ(tell("not json"), 200);
    EXPECT_EQ(tell(R"({"action":"integration_updated","timestamp":1})"), 200);
    EXPECT_EQ(tell(R"({"action":"parcel_status_changed","timestamp":1525271885993,"parcel":{"id":99,"status":{"id":11,"message":"x"}}})"),
              200);
    EXPECT_EQ(world.count("select count(*) from shipping.inbox"), before + 3);
    world.clock.advance(std::chrono::minutes{20});
    world.work();
    EXPECT_EQ(world.count("select count(*) from shipping.inbox where processed_at is null"), 0);
    EXPECT_EQ(world.count("select count(*) from shipping.inbox where outcome = 'unknown parcel'"), 1);
}

TEST(FulfilmentWithReservations, what_was_reserved_becomes_money_when_the_goods_leave) {
    World world({}, 60, nullptr, {{"STOA_VENDO_PREAUTHORISE", "1"}});
    Shopper clerk(*world.shop), ana(*world.shop);
    world.desk.hire("clara", {"orders.*"});
    clerk.cookies[std::string(Desk::kCookie)] = "clara";
    const auto lamp = stock_up(*world.shop, "LAMP", 4900, 5);
    ana.add(lamp, 1);
    ana.fill_in("ana@example.test");
    const auto paid = ana.pay();
    ASSERT_EQ(paid.body.text_or("status"), "completed") << paid.text;
    const auto found = clerk.get("/api/v1/admin/orders?q=" + paid.body.text_or("order_number"));
    const auto& order = found.body.find("items")->items().front();
    EXPECT_EQ(order.text_or("payment_state"), "authorized");
    const auto made =
        clerk.post("/api/v1/admin/orders/" + order.text_or("id") + "/shipments", R"({"shipments":[]})", Uuid::v7().to_string());
    const auto id = made.body.find("items")->items().front().text_or("id");
    const auto labelled = clerk.post("/api/v1/admin/shipments/announce", R"({"shipment_ids":[")" + id + R"("]})", Uuid::v7().to_string());
    EXPECT_THAT(labelled.text, HasSubstr(R"("labelled":true)"));
    world.work();
    EXPECT_EQ(world.count("select sum(captured)::bigint from payments.attempt"), 0);
    EXPECT_EQ(clerk.post("/api/v1/admin/shipments/" + id + "/hand-over", "", Uuid::v7().to_string()).status, 200);
    world.work();
    EXPECT_EQ(world.count("select count(*) from payments.attempt where captured = amount and state = 'paid'"), 1);
    EXPECT_EQ(world.count("select count(*) from orders.orders where payment_state = 'paid' and state = 'shipped'"), 1);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(FulfilmentScenario, the_desk_opens_to_staff_with_the_right_only_and_keeps_a_record) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    const auto order = buy({{lamp, 1}});
    Shopper stranger(shop()), reader(shop());
    world.desk.hire("rita", {"orders.read"});
    reader.cookies[std::string(Desk::kCookie)] = "rita";
    const auto path = "/api/v1/admin/orders/" + order.id;
    EXPECT_EQ(stranger.get(path).status, 401);
    EXPECT_EQ(reader.get(path).status, 200);
    EXPECT_EQ(reader.post(path + "/shipments", R"({"shipments":[]})", Uuid::v7().to_string()).status, 403);
    EXPECT_EQ(reader.put(path + "/tags", R"({"tags":["x"]})").status, 403);
    EXPECT_TRUE(world.desk.entries().empty());
    EXPECT_EQ(world.count("select count(*) from shipping.shipment"), 0);

    EXPECT_EQ(clerk.put(path + "/tags", R"({"tags":["gift","urgent"]})").status, 200);
    EXPECT_EQ(clerk.put(path + "/tags", R"({"tags":["urgent"]})").body.find("tags")->items().size(), 1U);
    EXPECT_EQ(clerk.post(path + "/notes", R"({"body":"Rings twice."})", Uuid::v7().to_string()).status, 201);
    const auto detail = reader.get(path);
    EXPECT_EQ(detail.body.find("notes")->items().front().text_or("author"), "clara");
    EXPECT_EQ(detail.body.find("payments")->items().front().text_or("state"), "paid");
    EXPECT_EQ(world.desk.entries().size(), 3U);
    // Every way to find it.
    for (const auto* q : {"tag=urgent", "tag=urgent&state=confirmed", "state=confirmed", "q=ana@ex", "q=RUIZ", "q=ana%20ru", "q=lamp"})
        EXPECT_EQ(clerk.get("/api/v1/admin/orders?" + std::string(q)).body.find("items")->items().size(), 1U) << q;
    for (const auto* q : {"tag=gift", "state=shipped", "q=bob@", "q=%25%25", "q=S-9999999"})
        EXPECT_TRUE(clerk.get("/api/v1/admin/orders?" + std::string(q)).body.find("items")->items().empty()) << q;
}

TEST_F(FulfilmentScenario, a_search_finds_names_in_any_script_the_newest_numbers_and_a_rare_state_behind_a_frequent_tag) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    const auto order = buy({{lamp, 1}});
    shop().database.in_tx([&](db::Tx& tx) {
        (void)tx.run_text(R"(update orders.orders set shipping_address = shipping_address || '{"last_name":"Özil"}')");
        (void)tx.run_text(R"sql(
            with made as (
                insert into orders.orders (id, number, email, email_folded, state, payment_state, currency, locale, country, tax_included, subtotal,
                    discount, shipping, tax, total, shipping_address, billing_address, shipping_method, payment_method, placed_at, updated_at)
                select gen_random_uuid(), 'S-' || nextval('orders.number_seq'), 'bo@example.test', 'bo@example.test', 'confirmed', 'paid', o.currency,
                    o.locale, o.country, o.tax_included, o.subtotal, o.discount, o.shipping, o.tax, o.total, o.billing_address, o.billing_address,
                    o.shipping_method, o.payment_method, o.placed_at + g * interval '1 second', o.updated_at
                from orders.orders o, generate_series(1, 1100) g
                returning id, placed_at
            )
            insert into orders.tag (order_id, tag, placed_at) select m.id, 'gift', m.placed_at from made m
        )sql");
        (void)tx.run_text(
            "insert into orders.tag (order_id, tag, placed_at) select o.id, 'gift', o.placed_at from orders.orders o "
            "where o.email <> 'bo@example.test'");
        (void)tx.run_text("update orders.orders set state = 'processing' where email <> 'bo@example.test'");
    });
    const auto first = [&](const std::string& query) {
        const auto found = clerk.get("/api/v1/admin/orders?limit=1&" + query);
        EXPECT_EQ(found.status, 200) << found.text;
        const auto& items = found.body.find("items")->items();
        return items.empty() ? std::string() : items.front().text_or("number");
    };
    for (const auto* q : {"%C3%96zil", "%C3%B6zil", "%C3%96ZIL", "ana%20%C3%96zil"})
        EXPECT_EQ(first("q=" + std::string(q)), order.number) << q;
    EXPECT_EQ(first("tag=gift&state=processing"), order.number);
    const auto newest = shop().database.read([](db::Session& session) {
        return session.run_text("select number from orders.orders order by placed_at desc limit 1").front().get<std::string>("number");
    });
    EXPECT_EQ(first("q=S-1"), newest);
}

TEST_F(FulfilmentScenario, the_queue_is_read_page_by_page_without_gaps) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 50);
    std::set<std::string> bought;
    for (int i = 0; i < 7; ++i) {
        bought.insert(buy({{lamp, 1}}).number);
        if (i % 2 == 0) world.clock.advance(std::chrono::seconds{1});
    }
    for (const auto* filter : {"", "&state=confirmed", "&q=ruiz"}) {
        std::set<std::string> seen;
        std::string cursor;
        for (int page = 0; page < 5; ++page) {
            const auto answer =
                clerk.get("/api/v1/admin/orders?limit=3" + std::string(filter) + (cursor.empty() ? "" : "&cursor=" + cursor));
            ASSERT_EQ(answer.status, 200) << answer.text;
            for (const auto& item : answer.body.find("items")->items()) EXPECT_TRUE(seen.insert(item.text_or("number")).second);
            cursor = answer.body.text_or("next_cursor");
            if (cursor.empty()) break;
        }
        EXPECT_EQ(seen, bought) << filter;
    }
}

TEST_F(FulfilmentScenario, a_search_by_address_or_name_shows_all_newest_first_page_by_page) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    (void)buy({{lamp, 1}}, "10115", "DE", "zoe@example.test");
    // As many as no page holds, of several addresses; their names and numbers say nothing about when they were placed.
    shop().database.in_tx([&](db::Tx& tx) {
        (void)tx.run_text(R"sql(
            insert into orders.orders (id, number, email, email_folded, state, payment_state, currency, locale, country, tax_included, subtotal,
                discount, shipping, tax, total, shipping_address, billing_address, shipping_method, payment_method, placed_at, updated_at)
            select gen_random_uuid(), 'S-' || nextval('orders.number_seq'), 'bo' || g % 7 || '@example.test', 'bo' || g % 7 || '@example.test',
                case when g % 3 = 0 then 'shipped' else 'confirmed' end, 'paid', o.currency, o.locale, o.country, o.tax_included, o.subtotal, o.discount,
                o.shipping, o.tax, o.total, o.shipping_address || jsonb_build_object('last_name', 'Bosch' || g % 11), o.billing_address,
                o.shipping_method, o.payment_method, o.placed_at - (g * 7919 % 1300) * interval '1 second', o.updated_at
            from orders.orders o, generate_series(1, 1300) g
        )sql");
    });
    const auto wanted = [&](const std::string& where) {
        return shop().database.read([&](db::Session& session) {
            std::vector<std::string> out;
            const auto rows = session.run_text("select number from orders.orders where " + where + " order by placed_at desc, id desc");
            for (const auto row : rows) out.push_back(row.get<std::string>("number"));
            return out;
        });
    };
    const auto found = [&](const std::string& query) {
        std::vector<std::string> out;
        for (std::string cursor; out.size() < 2000;) {
            const auto answer = clerk.get("/api/v1/admin/orders?limit=100&" + query + (cursor.empty() ? "" : "&cursor=" + cursor));
            EXPECT_EQ(answer.status, 200) << answer.text;
            for (const auto& item : answer.body.find("items")->items()) out.push_back(item.text_or("number"));
            cursor = answer.body.text_or("next_cursor");
            if (cursor.empty()) break;
        }
        return out;
    };
    ASSERT_EQ(wanted("email <> 'zoe@example.test'").size(), 1300U);
    EXPECT_EQ(found("q=zoe@ex").size(), 1U);
    EXPECT_TRUE(found("q=@example").empty()) << "an address is known by its beginning";
    EXPECT_EQ(found("q=bo3@example.test"), wanted("email = 'bo3@example.test'"));
    EXPECT_EQ(found("q=Bosch"), wanted("email <> 'zoe@example.test'"));
    EXPECT_EQ(found("q=BOSCH1"), wanted("shipping_address ->> 'last_name' like 'Bosch1%'"));
    EXPECT_EQ(found("q=ana%20bosch1"), wanted("shipping_address ->> 'last_name' like 'Bosch1%'"));
    EXPECT_EQ(found("q=bosch&state=shipped"), wanted("email <> 'zoe@example.test' and state = 'shipped'"));
}

TEST_F(FulfilmentScenario, the_labels_of_a_run_are_one_file) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    const auto chair = stock_up(shop(), "CHAIR", 12900, 5);
    const auto first = buy({{lamp, 1}}), second = buy({{chair, 1}}, "10115", "DE", "bo@example.test");
    const auto path = "/api/v1/admin/shipment-labels?orders=" + first.id + "," + second.id;
    EXPECT_EQ(clerk.get(path).body.text_or("code"), "shipping.no_label");
    const auto a = plan(first).front();
    const auto b = plan(second).front();
    ASSERT_TRUE(announce({a}).front().bool_or("labelled"));
    const auto one = clerk.get(path);
    ASSERT_EQ(one.status, 200) << one.text.substr(0, 300);
    ASSERT_TRUE(announce({b}).front().bool_or("labelled"));
    const auto both = clerk.get(path);
    ASSERT_EQ(both.status, 200) << both.text.substr(0, 300);
    EXPECT_EQ(both.header("content-type"), "application/pdf");
    EXPECT_EQ(both.text.substr(0, 5), "%PDF-");
    EXPECT_GT(both.text.size(), one.text.size());
    EXPECT_EQ(Shopper(shop()).get(path).status, 401);
    // What has left needs no label any more.
    ASSERT_EQ(clerk.post("/api/v1/admin/shipments/" + a + "/hand-over", "", Uuid::v7().to_string()).status, 200);
    ASSERT_EQ(clerk.post("/api/v1/admin/shipments/" + b + "/hand-over", "", Uuid::v7().to_string()).status, 200);
    EXPECT_EQ(clerk.get(path).body.text_or("code"), "shipping.no_label");
}

TEST_F(FulfilmentScenario, who_did_it_is_written_down_with_what_they_did) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 5);
    const auto order = buy({{lamp, 1}});
    const auto id = plan(order).front();
    const auto said = [&](std::string_view action) {
        return std::ranges::count_if(world.desk.entries(), [&](const Desk::Entry& entry) {
            return entry.who == "clara" && entry.action == action && entry.resource == "shipments" && entry.id == id;
        });
    };
    // The process goes away behind the transaction that began it; the job ends what the clerk began.
    const auto dies_at = [](std::string step) {
        shipping::set_step_hook([step = std::move(step)](std::string_view at) {
            if (at == step) throw std::runtime_error("gone");
        });
    };
    dies_at("announce-begun");
    (void)announce({id});
    shipping::set_step_hook(nullptr);
    EXPECT_EQ(shipment(id).text_or("state"), "announcing");
    EXPECT_EQ(said("announce"), 1);
    world.clock.advance(std::chrono::minutes{10});
    world.work();
    EXPECT_EQ(shipment(id).text_or("state"), "labelled");
    EXPECT_TRUE(announce({id}).front().bool_or("labelled"));
    EXPECT_EQ(said("announce"), 1) << "nothing was begun the second time";

    dies_at("cancel-begun");
    EXPECT_EQ(clerk.post("/api/v1/admin/shipments/" + id + "/cancel", "", Uuid::v7().to_string()).status, 500);
    shipping::set_step_hook(nullptr);
    EXPECT_EQ(shipment(id).text_or("state"), "cancelling");
    EXPECT_EQ(said("cancel"), 1);
    world.clock.advance(std::chrono::minutes{10});
    world.work();
    EXPECT_EQ(shipment(id).text_or("state"), "cancelled");

    const auto again = plan(order).front();
    ASSERT_TRUE(announce({again}).front().bool_or("labelled"));
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(clerk.post("/api/v1/admin/shipments/" + again + "/hand-over", "", Uuid::v7().to_string()).body.text_or("state"),
                  "in_transit");
    EXPECT_EQ(std::ranges::count(world.desk.entries(), "hand_over", &Desk::Entry::action), 1);
    EXPECT_EQ(clerk.post("/api/v1/admin/shipments/" + id + "/hand-over", "", Uuid::v7().to_string()).status, 409);
    EXPECT_EQ(std::ranges::count(world.desk.entries(), "hand_over", &Desk::Entry::action), 1);
}

TEST_F(FulfilmentScenario, an_order_is_over_when_all_has_arrived_and_nothing_is_open) {
    const auto lamp = stock_up(shop(), "LAMP", 4900, 20);
    const auto quiet = buy({{lamp, 1}}), returned = buy({{lamp, 1}}), disputed = buy({{lamp, 1}}), waiting = buy({{lamp, 1}});
    for (const auto* order : {&quiet, &returned, &disputed}) {
        for (const auto& id : plan(*order)) ASSERT_TRUE(announce({id}).front().bool_or("labelled"));
    }
    deliver();
    ASSERT_EQ(state_of(quiet), "delivered");
    const auto uuid_of = [](const Bought& order) { return orders::OrderId::parse(order.id)->uuid().to_string(); };
    // One is coming back, and about a payment of another the provider says something else.
    const auto line = clerk.get("/api/v1/admin/orders/" + returned.id).body.at("order", "lines")->items().front().text_or("id");
    Shopper buyer(shop());
    const auto asked =
        buyer.post("/api/v1/orders/" + returned.number + "/returns?token=" + returned.token,
                   fmt::format(R"({{"lines":[{{"line_id":"{}","quantity":1,"reason":"other"}}]}})", line), Uuid::v7().to_string());
    ASSERT_EQ(asked.status, 201) << asked.text;
    shop().database.in_tx([&](db::Tx& tx) {
        (void)tx.run_text(
            fmt::format("insert into payments.discrepancy (unique_key, kind, detail, found_at) select 'test', 'amount', "
                        "jsonb_build_object('reference', a.reference), now() from payments.attempt a where a.payable = '{}'",
                        uuid_of(disputed)));
    });
    world.clock.advance(std::chrono::hours{24 * 30 - 2});
    world.work();
    EXPECT_EQ(state_of(quiet), "delivered") << "it may still come back";
    world.clock.advance(std::chrono::hours{4});
    world.work();
    EXPECT_EQ(state_of(quiet), "completed");
    EXPECT_EQ(state_of(returned), "delivered");
    EXPECT_EQ(state_of(disputed), "delivered");
    EXPECT_EQ(state_of(waiting), "confirmed");
    // Decided, and settled.
    ASSERT_EQ(clerk.post("/api/v1/admin/returns/" + asked.body.text_or("id") + "/reject", R"({"answer":"It was used."})").status, 200);
    shop().database.in_tx([](db::Tx& tx) { (void)tx.run_text("update payments.discrepancy set resolved_at = now()"); });
    // A worker dies at any point of it, and another goes on.
    for (int statement = 1; state_of(disputed) != "completed" || state_of(returned) != "completed"; ++statement) {
        ASSERT_LT(statement, 200);
        world.clock.advance(std::chrono::hours{1});
        int sent = 0;
        db::set_fault_hook([&](std::string_view) {
            if (++sent == statement) throw std::runtime_error("gone");
        });
        try {
            world.work();
        } catch (const std::exception&) {
        }
        db::set_fault_hook(nullptr);
    }
    world.clock.advance(std::chrono::hours{2});
    world.work();
    for (const auto* order : {&quiet, &returned, &disputed}) {
        EXPECT_EQ(world.count("select count(*) from orders.timeline where kind = 'completed' and order_id = '" + uuid_of(*order) + "'"), 1);
        EXPECT_EQ(
            world.count("select count(*) from events.event where type = 'order.completed' and stream = 'order:" + uuid_of(*order) + "'"),
            1);
    }
    EXPECT_EQ(world.disagreements(), "");
}

}  // namespace
}  // namespace stoa::testing
