// Goods that come back with the carrier's label: photos, the label made once, what the carrier tells, exchanges, and the mails about it.
#include <gmock/gmock.h>

#include <fstream>

#include "order_desk.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/shipping/shipments.hpp"

namespace stoa::testing {
namespace {

using ::testing::HasSubstr;

// One red pixel.
constexpr std::string_view kPixel =
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082";

std::string bytes_of(std::string_view hex) {
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    return out;
}

class ReturnLabelScenario : public OrderDesk {
protected:
    std::string token;

    std::string by_link(std::string_view rest = "") const {
        const std::string path = "/api/v1/orders/" + number + std::string(rest);
        return token.empty() ? path : path + "?token=" + token;
    }
    void bought_by_a_guest(std::string_view postal_code = "10115") {
        pens = stock_up(*world.shop, "PEN", 999, 100);
        lamp = stock_up(*world.shop, "LAMP", 4900, 100);
        shopper.add(pens, 3);
        shopper.add(lamp);
        shopper.fill_in("ana@example.test", "DE", postal_code);
        const auto paid = shopper.pay();
        ASSERT_EQ(paid.body.text_or("status"), "completed") << paid.text;
        world.work();
        number = paid.body.text_or("order_number");
        token = paid.body.text_or("order_token");
        order =
            world.shop->database.read([&](db::Session& session) { return world.shop->orders->find_number(session, number)->to_string(); });
        const auto bought = money();
        for (const auto& line : bought.at("lines")->items()) lines.push_back(line.text_or("line_id"));
        deliver();
    }
    std::string back(std::size_t line, int quantity, std::string_view more = "") const {
        return fmt::format(R"({{"line_id":"{}","quantity":{},"reason":"damaged"{}}})", lines[line], quantity, more);
    }
    Answer ask(const std::string& lines_json, const std::string& photos_json = "[]") {
        return shopper.post(by_link("/returns"), fmt::format(R"({{"lines":[{}],"photos":{}}})", lines_json, photos_json),
                            Uuid::v7().to_string());
    }
    Answer desk(const std::string& id, std::string_view step, std::string body = "{}") {
        return mia.post("/api/v1/admin/returns/" + id + "/" + std::string(step), std::move(body), Uuid::v7().to_string());
    }
    json::Value seen(const std::string& id) { return mia.get("/api/v1/admin/returns/" + id).body; }
    std::string label_state(const std::string& id) { return seen(id).at("label", "state")->text(); }
    std::int64_t returns_at_the_platform() {
        http_client::Call call;
        call.url = world.outside.url() + "/__sandbox/sendcloud/parcels";
        const auto answer = world.outside.client.send(call);
        return static_cast<std::int64_t>(json::parse(answer->body, {4 << 20, 16})->find("items")->items().size());
    }
    int carrier_says(std::int64_t parcel, int status, std::string_view message, std::int64_t seconds) {
        const auto millis = (world.clock.now().time_since_epoch().count() / 1000) + seconds * 1000;
        const auto body = fmt::format(
            R"({{"action":"parcel_status_changed","timestamp":{},"parcel":{{"id":{},"tracking_number":"3S123","tracking_url":"https://c.example/3S123","status":{{"id":{},"message":"{}"}}}}}})",
            millis, parcel, status, message);
        Shopper platform(*world.shop);
        const auto signature = crypto::hex(crypto::hmac_sha256(world.shop->config.sendcloud.secret_key, body));
        return platform
            .send(http::Method::post, "/hooks/sendcloud", body, {},
                  {{"sendcloud-signature", signature}, {"origin", ""}, {"content-type", "application/json"}})
            .status;
    }
    // The statuses of returns there, each once for each return: "2000 1000 ".
    std::string statuses_at_the_platform() {
        http_client::Call call;
        call.url = world.outside.url() + "/__sandbox/sendcloud/parcels";
        const auto answer = world.outside.client.send(call);
        std::string out;
        const auto told = json::parse(answer->body, {4 << 20, 16});
        for (const auto& item : told->find("items")->items())
            if (item.bool_or("is_return")) out += std::to_string(item.int_or("status_id")) + " ";
        return out;
    }
    // What the job of a cancellation would do now.
    void run_label_job(const std::string& id) {
        const auto labels = world.shop->database.read(
            [&](db::Session& session) { return world.shop->return_labels->of_returns(session, {orders::ReturnId::parse(id)->uuid()}); });
        try {
            world.shop->return_labels->go_on(labels.at(0).id);
        } catch (const jobs::Postpone&) {
            ++postponed;
        }
    }
    // Between two steps of the one who announces; once.
    void when(std::string step, std::function<void()> act) {
        shipping::set_step_hook([step = std::move(step), act = std::move(act)](std::string_view at) {
            if (at != step) return;
            const auto once = act;
            shipping::set_step_hook(nullptr);
            once();
        });
    }
    // For the platform as well, where it is to list what was made since: there parcels travel by its clock.
    void let_time_pass(bool there_too = false) {
        for (const auto minutes : {11, 11, 60 * 7}) {
            world.clock.advance(std::chrono::minutes{minutes});
            if (there_too) world.outside.control.seconds_ahead += std::chrono::seconds(std::chrono::minutes{minutes}).count();
            world.work();
        }
    }
    int postponed = 0;
    void TearDown() override { shipping::set_step_hook(nullptr); }
    std::int64_t parcel_of_label() { return world.count("select parcel_id from shipping.return_label where parcel_id is not null"); }
    std::int64_t mails(std::string_view name) {
        return world.count("select count(*) from messaging.message where state = 'sent' and template = '" + std::string(name) + "'");
    }
    http::Response upload(const std::string& bytes, const std::string& target, std::string_view field = "photo") {
        const std::string path = ::testing::TempDir() + Uuid::v7().to_string();
        std::ofstream(path, std::ios::binary) << bytes;
        auto request = testing::request(http::Method::post, target, "");
        request.headers.emplace_back("origin", "http://localhost:8000");
        request.uploads.push_back({std::string(field), "scratch.png", "image/png", path, bytes.size()});
        return http::dispatch(world.shop->routes(), request, {"http://localhost:8000", true});
    }
};

TEST_F(ReturnLabelScenario, a_guest_returns_with_a_label_that_is_made_once_and_followed) {
    bought_by_a_guest();
    const auto asked = ask(back(0, 2));
    ASSERT_EQ(asked.status, 201) << asked.text;
    const auto id = asked.body.text_or("id");
    EXPECT_EQ(shopper.get(by_link("/returns/" + id + "/label")).body.text_or("code"), "orders.return_label_missing");
    ASSERT_EQ(desk(id, "approve", R"({"answer":"Pack it well.","label":true})").status, 200);
    EXPECT_EQ(label_state(id), "announcing");
    // Two clicks, one label.
    EXPECT_EQ(desk(id, "label").status, 202);
    EXPECT_EQ(mails("return_approved"), 0);
    world.work();
    EXPECT_EQ(label_state(id), "labelled");
    EXPECT_EQ(desk(id, "label").status, 202);
    world.work();
    EXPECT_EQ(returns_at_the_platform(), 1);
    EXPECT_EQ(mails("return_approved"), 1);
    const auto label = shopper.get(by_link("/returns/" + id + "/label"));
    EXPECT_EQ(label.status, 200);
    EXPECT_EQ(label.text.substr(0, 5), "%PDF-");
    EXPECT_EQ(label.header("content-type"), "application/pdf");
    Shopper eve(*world.shop);
    EXPECT_EQ(eve.get("/api/v1/orders/" + number + "/returns/" + id + "/label").status, 404);
    EXPECT_EQ(eve.get("/api/v1/orders/" + number + "/returns/" + id + "/label?token=nothing").status, 404);
    bool attached = false;
    for (const auto& mail : world.outside.mail->mails())
        attached = attached || mail.raw.find(asked.body.text_or("number") + ".pdf") != std::string::npos;
    EXPECT_TRUE(attached);

    const auto parcel = parcel_of_label();
    EXPECT_EQ(carrier_says(parcel, 11, "Delivered", 200), 200);
    EXPECT_EQ(carrier_says(parcel, 22, "Picked up", 100), 200);  // late, and therefore only history
    EXPECT_EQ(carrier_says(parcel, 11, "Delivered", 200), 200);  // twice
    world.work();
    EXPECT_EQ(label_state(id), "delivered");
    EXPECT_EQ(seen(id).at("label", "tracking_number")->text(), "3S123");
    EXPECT_EQ(world.count("select count(*) from shipping.return_event where status_id in (11, 22)"), 2);
    std::string moments;
    const auto mine = shopper.get(by_link("/returns")).body;
    for (const auto& moment : mine.find("returns")->items().front().find("timeline")->items()) moments += moment.text_or("kind") + " ";
    EXPECT_EQ(moments, "requested approved label_ready handed_over arrived ");
    // What staff alone may know is not told.
    const auto* from = mine.find("returns")->items().front().at("label", "from");
    EXPECT_TRUE(!from || from->kind() == json::Value::Kind::null);

    const auto receipt = fmt::format(R"({{"lines":[{{"line_id":"{}","received":2,"restocked":1,"condition":"opened"}}]}})", lines[0]);
    ASSERT_EQ(desk(id, "receive", receipt).status, 200);
    const auto shown = desk(id, "refund");
    ASSERT_EQ(amount(shown.body, "total"), 1998) << shown.text;
    ASSERT_EQ(desk(id, "refund", R"({"expected_total":{"amount":1998,"currency":"EUR"}})").status, 200);
    world.work();
    EXPECT_EQ(mails("return_received"), 1);
    EXPECT_EQ(mails("refund_issued"), 1);
    EXPECT_EQ(refunded_at_provider(), 1998);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(ReturnLabelScenario, a_refused_label_is_corrected_and_a_lost_answer_found_again) {
    bought_by_a_guest("10199");
    const auto id = ask(back(0, 1)).body.text_or("id");
    ASSERT_EQ(desk(id, "approve", R"({"label":true})").status, 200);
    world.work();
    EXPECT_EQ(label_state(id), "failed");
    EXPECT_EQ(seen(id).at("label", "problems")->items().front().text_or("code"), "invalid_postal_code");
    EXPECT_EQ(mails("return_approved"), 0);
    const std::string from =
        R"({"from":{"name":"Ana Ruiz","line1":"Gran Via 10","postal_code":"10115","city":"Berlin","country":"DE","email":"ana@example.test"}})";
    EXPECT_EQ(desk(id, "label", R"({"from":{"name":""}})").status, 422);
    EXPECT_EQ(tom.post("/api/v1/admin/returns/" + id + "/label", from).status, 403);
    // The platform makes it, and its answer is lost: the job asks before it asks again.
    world.outside.fail_next("sendcloud", "error_after", 1, "/returns/announce-synchronously");
    ASSERT_EQ(desk(id, "label", from).status, 202);
    world.work();
    world.clock.advance(std::chrono::minutes{5});
    world.work();
    EXPECT_EQ(label_state(id), "labelled");
    EXPECT_EQ(returns_at_the_platform(), 1);
    EXPECT_EQ(world.count("select count(*) from shipping.return_label where reference = return_number || '-2' and attempt = 2"), 1);
    EXPECT_EQ(mails("return_approved"), 1);
    // Kept after all: nobody is to send it.
    EXPECT_EQ(shopper.post(by_link("/returns/" + id + "/cancel")).body.text_or("state"), "cancelled");
    world.work();
    EXPECT_EQ(shopper.get(by_link("/returns/" + id + "/label")).status, 404);
    EXPECT_EQ(desk(id, "label").body.text_or("code"), "orders.return_label_not_due");
}

TEST_F(ReturnLabelScenario, without_a_label_the_mail_goes_at_once_and_a_refusal_is_told) {
    bought_by_a_guest();
    const auto first = ask(back(0, 1)).body.text_or("id"), second = ask(back(1, 1)).body.text_or("id");
    ASSERT_EQ(desk(first, "approve").status, 200);
    ASSERT_EQ(desk(second, "reject", R"({"answer":"It was used."})").status, 200);
    world.work();
    EXPECT_EQ(mails("return_approved"), 1);
    EXPECT_EQ(mails("return_rejected"), 1);
    EXPECT_EQ(returns_at_the_platform(), 0);
    const auto found = mia.get("/api/v1/admin/returns?q=r-1");
    EXPECT_EQ(found.body.find("items")->items().size(), 2U) << found.text;
    EXPECT_EQ(mia.get("/api/v1/admin/returns?q=ANA@").body.find("items")->items().size(), 2U);
    EXPECT_EQ(mia.get("/api/v1/admin/returns?q=%25").body.find("items")->items().size(), 0U);
    EXPECT_EQ(mia.get("/api/v1/admin/returns?state=approved&q=" + number).body.find("items")->items().size(), 1U);
}

TEST_F(ReturnLabelScenario, photos_are_pictures_and_belong_to_their_return) {
    bought_by_a_guest();
    const auto target = by_link("/return-photos");
    EXPECT_EQ(upload("<svg onload=alert(1)>", target).status, 422);
    EXPECT_EQ(upload(bytes_of(kPixel), target, "file").status, 422);
    EXPECT_EQ(upload(bytes_of(kPixel), "/api/v1/orders/" + number + "/return-photos?token=x").status, 404);
    const auto kept = upload(bytes_of(kPixel), target);
    ASSERT_EQ(kept.status, 201) << kept.content();
    const auto photo = json::parse(std::string(kept.content()))->find("ids")->items().front().text();
    EXPECT_EQ(ask(back(0, 1), fmt::format(R"(["{}"])", orders::ReturnPhotoId::make().to_string())).body.text_or("code"),
              "orders.return_photo_unknown");
    const auto id = ask(back(0, 1), fmt::format(R"(["{}"])", photo)).body.text_or("id");
    // Each photo goes with one return.
    EXPECT_EQ(ask(back(0, 1), fmt::format(R"(["{}"])", photo)).body.text_or("code"), "orders.return_photo_unknown");
    const auto picture = shopper.get(by_link("/returns/" + id + "/photos/" + photo));
    EXPECT_EQ(picture.status, 200);
    EXPECT_EQ(picture.text.substr(0, 3), "\xFF\xD8\xFF");
    EXPECT_EQ(picture.header("cache-control"), "private, no-store");
    Shopper eve(*world.shop);
    EXPECT_EQ(eve.get("/api/v1/orders/" + number + "/returns/" + id + "/photos/" + photo).status, 404);
    EXPECT_EQ(eve.get("/api/v1/admin/returns/" + id + "/photos/" + photo).status, 401);
    EXPECT_EQ(mia.get("/api/v1/admin/returns/" + id + "/photos/" + photo).status, 200);
    // What nobody sent in is gone after a day, what was sent in stays.
    ASSERT_EQ(upload(bytes_of(kPixel), target).status, 201);
    world.clock.advance(std::chrono::hours{26});
    world.work();
    EXPECT_EQ(world.count("select count(*) from orders.return_photo"), 1);
}

TEST_F(ReturnLabelScenario, a_replacement_is_not_repriced_and_where_it_is_cancelled_the_return_is_open_again) {
    const auto clip = stock_up(*world.shop, "CLIP", 999, 2);
    bought_by_a_guest();
    world.shop->database.in_tx([&](db::Tx& tx) {
        (void)tx.run_text(fmt::format("update catalog.variant set product_id = '{}', position = 9 where id = '{}'",
                                      pens.product.uuid().to_string(), clip.variant.uuid().to_string()));
    });
    const auto id = ask(back(0, 2, R"(,"exchange_variant_id":")" + clip.variant.to_string() + R"(")")).body.text_or("id");
    ASSERT_EQ(desk(id, "approve").status, 200);
    ASSERT_EQ(
        desk(id, "receive", fmt::format(R"({{"lines":[{{"line_id":"{}","received":2,"restocked":2,"condition":"as_new"}}]}})", lines[0]))
            .status,
        200);
    const auto exchanged = desk(id, "exchange");
    ASSERT_EQ(exchanged.status, 200) << exchanged.text;
    EXPECT_EQ(exchanged.body.text_or("state"), "closed");
    const auto replacement = "/api/v1/admin/orders/" + exchanged.body.text_or("replacement_id");
    const auto version = mia.get(replacement + "/money").body.int_or("version");
    const auto priced =
        mia.post(replacement + "/edits/preview", fmt::format(R"({{"version":{},"shipping":{{"amount":500,"currency":"EUR"}}}})", version));
    EXPECT_EQ(priced.status, 409) << priced.text;
    EXPECT_EQ(priced.body.text_or("code"), "orders.edit_replacement");
    ASSERT_EQ(
        mia.post(replacement + "/cancel", fmt::format(R"({{"version":{},"reason":"It broke."}})", version), Uuid::v7().to_string()).status,
        200);
    EXPECT_EQ(seen(id).text_or("state"), "received");
    EXPECT_EQ(world.count("select sum(exchanged)::bigint from orders.return_line"), 0);
    // Another one, or the money.
    const auto again = desk(id, "exchange");
    ASSERT_EQ(again.status, 200) << again.text;
    const auto second = "/api/v1/admin/orders/" + again.body.text_or("replacement_id");
    EXPECT_NE(second, replacement);
    ASSERT_EQ(mia.post(second + "/cancel",
                       fmt::format(R"({{"version":{},"reason":"So did this."}})", mia.get(second + "/money").body.int_or("version")),
                       Uuid::v7().to_string())
                  .status,
              200);
    EXPECT_EQ(amount(desk(id, "refund").body, "total"), 2 * 999);
    EXPECT_EQ(desk(id, "refund", R"({"expected_total":{"amount":1998,"currency":"EUR"}})").status, 200);
    world.work();
    EXPECT_EQ(refunded_at_provider(), 2 * 999);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(ReturnLabelScenario, where_the_rest_was_refunded_a_cancelled_replacement_opens_the_return_too) {
    const auto clip = stock_up(*world.shop, "CLIP", 999, 5);
    bought_by_a_guest();
    world.shop->database.in_tx([&](db::Tx& tx) {
        (void)tx.run_text(fmt::format("update catalog.variant set product_id = '{}', position = 9 where id = '{}'",
                                      pens.product.uuid().to_string(), clip.variant.uuid().to_string()));
    });
    const auto instead = R"(,"exchange_variant_id":")" + clip.variant.to_string() + "\"";
    const auto id = ask(back(0, 3, instead) + "," + back(1, 1)).body.text_or("id");
    ASSERT_EQ(desk(id, "approve").status, 200);
    const auto receipt = fmt::format(
        R"({{"lines":[{{"line_id":"{}","received":3,"restocked":3,"condition":"as_new"}},{{"line_id":"{}","received":1,"restocked":0,"condition":"damaged"}}]}})",
        lines[0], lines[1]);
    ASSERT_EQ(desk(id, "receive", receipt).status, 200);
    const auto exchanged = desk(id, "exchange");
    ASSERT_EQ(exchanged.status, 200) << exchanged.text;
    ASSERT_EQ(desk(id, "refund", R"({"expected_total":{"amount":4900,"currency":"EUR"}})").status, 200);
    EXPECT_EQ(seen(id).text_or("state"), "refunded");
    world.work();
    const auto replacement = "/api/v1/admin/orders/" + exchanged.body.text_or("replacement_id");
    ASSERT_EQ(mia.post(replacement + "/cancel",
                       fmt::format(R"({{"version":{},"reason":"It broke."}})", mia.get(replacement + "/money").body.int_or("version")),
                       Uuid::v7().to_string())
                  .status,
              200);
    EXPECT_EQ(seen(id).text_or("state"), "received");
    // Its goods do not come in twice, and the lamp is not paid back twice.
    const auto units = world.count("select sum(on_hand)::bigint from inventory.stock");
    EXPECT_EQ(desk(id, "receive", receipt).body.text_or("code"), "orders.return_transition_not_allowed");
    EXPECT_EQ(world.count("select sum(on_hand)::bigint from inventory.stock"), units);
    // With the delivery it is the rest: the provider has made its one partial refund.
    const auto delivery = amount(money(), "shipping_left");
    const auto rest = fmt::format(R"("shipping":{{"amount":{},"currency":"EUR"}})", delivery);
    const auto looked = desk(id, "refund", "{" + rest + "}");
    ASSERT_EQ(looked.status, 200) << looked.text;
    EXPECT_EQ(amount(looked.body, "total"), 3 * 999 + delivery);
    const auto done =
        desk(id, "refund", fmt::format(R"({{{},"expected_total":{{"amount":{},"currency":"EUR"}}}})", rest, 3 * 999 + delivery));
    ASSERT_EQ(done.status, 200) << done.text;
    EXPECT_EQ(done.body.at("return", "state")->text(), "refunded");
    EXPECT_EQ(amount(money(), "granted"), amount(money(), "total"));
    world.work();
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(ReturnLabelScenario, an_erased_account_takes_the_photos_of_its_returns_along) {
    log_in(shopper, "ana@example.test");
    buy();
    deliver();
    const auto with_photo = [&] {
        const auto kept = upload(bytes_of(kPixel), by_link("/return-photos"));
        EXPECT_EQ(kept.status, 201) << kept.content();
        const auto photo = json::parse(std::string(kept.content()))->find("ids")->items().front().text();
        const auto made = ask(back(0, 1), fmt::format(R"(["{}"])", photo));
        EXPECT_EQ(made.status, 201) << made.text;
        return std::pair(made.body.text_or("id"), photo);
    };
    const auto keys = [&] {
        return world.shop->database.read([](db::Session& session) {
            std::vector<std::string> out;
            const auto rows = session.run_text("select key from orders.return_photo order by created_at, id");
            for (const auto row : rows) out.push_back(row.get<std::string>("key"));
            return out;
        });
    };
    token = world.shop->orders->view_token(*orders::OrderId::parse(order));
    const auto [settled, first] = with_photo();
    const auto [open, second] = with_photo();
    ASSERT_EQ(desk(settled, "reject", R"({"answer":"Worn."})").status, 200);
    const auto before = keys();
    ASSERT_EQ(before.size(), 2U);
    world.work();
    EXPECT_EQ(keys(), before) << "who has an account keeps them";
    ASSERT_EQ(shopper.send(http::Method::del, "/api/v1/account", R"({"password":"correct horse battery"})").status, 204);
    EXPECT_TRUE(world.shop->documents->get(before[0])) << "files go when the rest is certain";
    world.work();
    // The open return is decided on its photo.
    EXPECT_EQ(keys(), std::vector{before[1]});
    EXPECT_FALSE(world.shop->documents->get(before[0]));
    EXPECT_TRUE(world.shop->documents->get(before[1]));
    EXPECT_EQ(mia.get("/api/v1/admin/returns/" + settled + "/photos/" + first).status, 404);
    EXPECT_EQ(mia.get("/api/v1/admin/returns/" + open + "/photos/" + second).status, 200);
    ASSERT_EQ(desk(open, "reject", R"({"answer":"Worn."})").status, 200);
    // As a run leaves it that dies before the file, or behind it: the next one ends it.
    for (const bool file_is_gone : {false, true}) {
        if (file_is_gone) world.shop->documents->erase(before[1]);
        (void)world.shop->database.in_tx(
            [](db::Tx& tx) { return tx.run_text("update orders.return_photo set dropped = true").affected(); });
        EXPECT_EQ(mia.get("/api/v1/admin/returns/" + open + "/photos/" + second).status, 404);
        if (file_is_gone) continue;
        EXPECT_TRUE(world.shop->documents->get(before[1]));
    }
    world.clock.advance(std::chrono::hours{1});
    world.work();
    EXPECT_TRUE(keys().empty());
    EXPECT_FALSE(world.shop->documents->get(before[1]));
}

TEST_F(ReturnLabelScenario, news_of_a_return_that_nobody_told_are_asked_for) {
    bought_by_a_guest();
    const auto id = ask(back(0, 1)).body.text_or("id");
    ASSERT_EQ(desk(id, "approve", R"({"label":true})").status, 200);
    world.work();
    ASSERT_EQ(label_state(id), "labelled");
    // The carrier scans it on its way and at the warehouse; no notification comes.
    const auto scan = [&](int status) {
        http_client::Call call;
        call.method = "POST";
        call.url = world.outside.url() + fmt::format("/__sandbox/parcels/{}/status", parcel_of_label());
        call.headers = {{"Content-Type", "application/json"}};
        call.body = fmt::format(R"({{"id":{}}})", status);
        const auto answer = world.outside.client.send(call);
        ASSERT_TRUE(answer && answer->status < 300) << (answer ? answer->body : "no answer");
    };
    scan(3);
    world.clock.advance(std::chrono::hours{5});
    world.work();
    EXPECT_EQ(label_state(id), "labelled") << "it was heard of not long ago";
    world.outside.fail_next("sendcloud", "error_before", 1, "/tracking");
    world.clock.advance(std::chrono::hours{2});
    world.work();
    EXPECT_EQ(label_state(id), "labelled") << "no answer";
    world.clock.advance(std::chrono::minutes{40});
    world.work();
    EXPECT_EQ(label_state(id), "in_transit");
    scan(11);
    world.clock.advance(std::chrono::hours{7});
    world.work();
    EXPECT_EQ(label_state(id), "delivered");
    const auto events = world.count("select count(*) from shipping.return_event");
    world.clock.advance(std::chrono::hours{7});
    world.work();
    EXPECT_EQ(world.count("select count(*) from shipping.return_event"), events);
}

TEST_F(ReturnLabelScenario, a_cancelled_label_is_asked_about_and_one_that_nobody_will_use_is_not) {
    bought_by_a_guest();
    const auto at_platform = [&](const std::string& parcel, int status) {
        (void)world.outside.tell("/__sandbox/parcels/" + parcel + "/status", fmt::format(R"({{"id":{}}})", status));
    };
    const auto parcel_of = [&](const std::string& id) {
        return std::to_string(world.count(fmt::format("select parcel_id from shipping.return_label where return_id = '{}'",
                                                      orders::ReturnId::parse(id)->uuid().to_string())));
    };
    const auto asked = [&](const std::string& id) {
        return world.count(fmt::format("select extract(epoch from heard_at)::bigint from shipping.return_label where return_id = '{}'",
                                       orders::ReturnId::parse(id)->uuid().to_string()));
    };
    const auto kept = ask(back(0, 1)).body.text_or("id"), unused = ask(back(1, 1)).body.text_or("id");
    for (const auto& id : {kept, unused}) ASSERT_EQ(desk(id, "approve", R"({"label":true})").status, 200);
    world.work();
    // The answer that had the tracking number was lost, and so is every notification.
    world.shop->database.in_tx(
        [](db::Tx& tx) { (void)tx.run_text("update shipping.return_label set tracking_number = '', tracking_url = ''"); });
    ASSERT_EQ(shopper.post(by_link("/returns/" + kept + "/cancel")).status, 200);
    world.work();
    ASSERT_EQ(label_state(kept), "cancelling");
    at_platform(parcel_of(kept), 2000);
    world.clock.advance(std::chrono::hours{7});
    world.work();
    EXPECT_EQ(label_state(kept), "cancelled");
    EXPECT_FALSE(seen(kept).at("label", "tracking_number")->text().empty());
    EXPECT_EQ(label_state(unused), "labelled");
    const auto heard = asked(kept), silent = asked(unused);
    world.clock.advance(std::chrono::hours{7});
    world.work();
    EXPECT_EQ(asked(kept), heard) << "it is over";
    EXPECT_GT(asked(unused), silent);
    // Three months later nobody sends anything with it.
    world.clock.advance(std::chrono::hours{24 * 90});
    const auto last = asked(unused);
    world.work();
    EXPECT_EQ(asked(unused), last);
}

TEST_F(ReturnLabelScenario, a_label_that_is_called_off_while_it_is_made_is_not_left_at_the_carrier) {
    bought_by_a_guest();
    std::string cancelled;
    for (const bool dies : {false, true}) {
        for (const auto* step : {"return-announce-begun", "return-announce-answered", "return-announce-recorded"}) {
            for (const bool job_is_quick : {true, false}) {
                SCOPED_TRACE(fmt::format("{} {} {}", step, dies ? "dies" : "lives", job_is_quick ? "quick" : "late"));
                const auto asked = ask(back(0, 1));
                ASSERT_EQ(asked.status, 201) << asked.text;
                const auto id = asked.body.text_or("id");
                ASSERT_EQ(desk(id, "approve", R"({"label":true})").status, 200);
                when(step, [&] {
                    ASSERT_EQ(shopper.post(by_link("/returns/" + id + "/cancel")).status, 200);
                    if (job_is_quick) run_label_job(id);
                    if (dies) throw std::runtime_error("gone");
                });
                world.work();
                let_time_pass(true);
                EXPECT_EQ(label_state(id), "cancelled");
                // Nothing was made where the announcing process went away before its call.
                if (!dies || step != std::string_view("return-announce-begun")) cancelled += "2000 ";
                EXPECT_EQ(statuses_at_the_platform(), cancelled);
                EXPECT_EQ(shopper.get(by_link("/returns/" + id + "/label")).status, 404);
            }
        }
    }
    EXPECT_GT(postponed, 0) << "a list without the return proves nothing while the call is under way";
    EXPECT_EQ(mails("return_approved"), 0);
    EXPECT_EQ(world.count("select count(*) from shipping.return_label where state <> 'cancelled'"), 0);
    EXPECT_EQ(world.count("select count(*) from jobs.job where kind = 'shipping.return_label' and state <> 'done'"), 0);
}

TEST_F(ReturnLabelScenario, a_call_that_arrives_after_everybody_gave_it_up_is_taken_back) {
    bought_by_a_guest();
    const auto kept = ask(back(0, 1)).body.text_or("id");
    ASSERT_EQ(desk(kept, "approve", R"({"label":true})").status, 200);
    when("return-announce-begun", [&] {
        ASSERT_EQ(shopper.post(by_link("/returns/" + kept + "/cancel")).status, 200);
        world.clock.advance(std::chrono::minutes{11});
        run_label_job(kept);
        ASSERT_EQ(label_state(kept), "cancelled");
    });
    world.work();
    let_time_pass();
    EXPECT_EQ(label_state(kept), "cancelled");
    EXPECT_EQ(statuses_at_the_platform(), "2000 ");

    // The same, and meanwhile another one was asked for.
    const auto sent = ask(back(0, 1)).body.text_or("id");
    ASSERT_EQ(desk(sent, "approve", R"({"label":true})").status, 200);
    const auto again = [&] {
        world.shop->database.in_tx([&](db::Tx& tx) { world.shop->return_labels->cancel(tx, orders::ReturnId::parse(sent)->uuid()); });
        world.clock.advance(std::chrono::minutes{11});
        run_label_job(sent);
        ASSERT_EQ(label_state(sent), "cancelled");
        ASSERT_EQ(desk(sent, "label").status, 202);
    };
    when("return-announce-begun", again);
    world.work();
    let_time_pass();
    EXPECT_EQ(label_state(sent), "labelled");
    EXPECT_EQ(statuses_at_the_platform(), "2000 2000 1000 ");
    EXPECT_EQ(world.count("select attempt from shipping.return_label where state = 'labelled'"), 2);
}

TEST_F(ReturnLabelScenario, a_cancellation_whose_answer_was_lost_is_not_too_late) {
    bought_by_a_guest();
    const auto id = ask(back(0, 1)).body.text_or("id");
    ASSERT_EQ(desk(id, "approve", R"({"label":true})").status, 200);
    world.work();
    ASSERT_EQ(label_state(id), "labelled");
    // It arrives, nobody hears so, and the second call is refused.
    world.outside.fail_next("sendcloud", "error_after", 1, "/cancel");
    ASSERT_EQ(shopper.post(by_link("/returns/" + id + "/cancel")).status, 200);
    world.work();
    EXPECT_EQ(label_state(id), "cancelling");
    world.clock.advance(std::chrono::minutes{5});
    world.work();
    EXPECT_EQ(label_state(id), "cancelled");
    EXPECT_EQ(statuses_at_the_platform(), "2000 ");

    // Nobody can call back what the carrier has.
    const auto gone = ask(back(0, 1)).body.text_or("id");
    ASSERT_EQ(desk(gone, "approve", R"({"label":true})").status, 200);
    world.work();
    (void)world.outside.tell(fmt::format("/__sandbox/parcels/{}/status", world.count("select max(parcel_id) from shipping.return_label")),
                             R"({"id":11})");
    ASSERT_EQ(shopper.post(by_link("/returns/" + gone + "/cancel")).status, 200);
    world.work();
    EXPECT_EQ(label_state(gone), "delivered");
}

TEST_F(ReturnLabelScenario, a_file_that_comes_after_the_cancellation_is_not_sent) {
    bought_by_a_guest();
    const auto id = ask(back(0, 1)).body.text_or("id");
    ASSERT_EQ(desk(id, "approve", R"({"label":true})").status, 200);
    when("return-label-fetched", [&] { ASSERT_EQ(shopper.post(by_link("/returns/" + id + "/cancel")).status, 200); });
    world.work();
    let_time_pass();
    EXPECT_EQ(label_state(id), "cancelled");
    EXPECT_EQ(mails("return_approved"), 0);
    EXPECT_EQ(world.count("select count(*) from shipping.return_label where file_key <> ''"), 0);
}

TEST_F(ReturnLabelScenario, an_exchange_sends_other_goods_for_nothing) {
    const auto clip = stock_up(*world.shop, "CLIP", 999, 2);
    const auto dear = stock_up(*world.shop, "DEAR", 1999, 5);
    bought_by_a_guest();
    for (const auto& other : {clip, dear})
        world.shop->database.in_tx([&](db::Tx& tx) {
            (void)tx.run_text(fmt::format("update catalog.variant set product_id = '{}', position = 9 where id = '{}'",
                                          pens.product.uuid().to_string(), other.variant.uuid().to_string()));
        });
    const auto offered = shopper.get(by_link("/returns")).body;
    const auto& exchanges = offered.find("returnable")->items().front().find("exchanges")->items();
    ASSERT_EQ(exchanges.size(), 1U) << "the dearer one is a refund and a new order";
    EXPECT_EQ(exchanges.front().text_or("sku"), "CLIP");
    const auto instead = [](const Goods& goods) { return R"(,"exchange_variant_id":")" + goods.variant.to_string() + "\""; };
    EXPECT_EQ(ask(back(0, 1, instead(dear))).body.text_or("code"), "orders.exchange_unknown");
    EXPECT_EQ(ask(back(1, 1, instead(clip))).body.text_or("code"), "orders.exchange_unknown");
    const auto id = ask(back(0, 2, instead(clip)) + "," + back(1, 1)).body.text_or("id");
    ASSERT_EQ(desk(id, "approve").status, 200);
    EXPECT_EQ(desk(id, "exchange").body.text_or("code"), "orders.exchange_nothing");
    ASSERT_EQ(
        desk(
            id, "receive",
            fmt::format(
                R"({{"lines":[{{"line_id":"{}","received":2,"restocked":2,"condition":"as_new"}},{{"line_id":"{}","received":1,"restocked":0,"condition":"damaged"}}]}})",
                lines[0], lines[1]))
            .status,
        200);
    const auto sales = world.count("select count(*) from ledger.entry");
    const auto sent = desk(id, "exchange");
    ASSERT_EQ(sent.status, 200) << sent.text;
    EXPECT_EQ(sent.body.text_or("state"), "received") << "the lamp's money is still due";
    EXPECT_EQ(desk(id, "exchange").body.text_or("code"), "orders.exchange_nothing");
    EXPECT_EQ(world.count("select count(*) from orders.orders where replaces_return_id is not null and state = 'confirmed' and total = 0"),
              1);
    EXPECT_EQ(world.count("select count(*) from ledger.entry"), sales) << "nothing was sold for money";
    const auto replacement = sent.body.text_or("replacement_id");
    const auto placed = mia.get("/api/v1/admin/orders/" + replacement);
    EXPECT_EQ(placed.body.at("order", "lines")->items().front().text_or("sku"), "CLIP");
    EXPECT_EQ(placed.body.at("order", "totals", "total", "amount")->as_int(), 0);
    // The desk finds the way back.
    EXPECT_EQ(placed.body.at("replaces", "return_id")->text(), id);
    EXPECT_EQ(placed.body.at("replaces", "order_number")->text(), number);
    EXPECT_EQ(mia.get(path("")).body.at("replaces", "return_id"), nullptr);
    // Only the lamp is refunded.
    const auto shown = desk(id, "refund");
    EXPECT_EQ(amount(shown.body, "total"), 4900) << shown.text;
    EXPECT_EQ(desk(id, "refund", R"({"expected_total":{"amount":4900,"currency":"EUR"}})").status, 200);
    world.work();
    EXPECT_EQ(refunded_at_provider(), 4900);
    // The goods are promised: somebody else's exchange finds none.
    const auto again = ask(back(0, 1, instead(clip)));
    EXPECT_EQ(again.status, 201) << again.text;
    const auto second = again.body.text_or("id");
    ASSERT_EQ(desk(second, "approve").status, 200);
    ASSERT_EQ(desk(second, "receive",
                   fmt::format(R"({{"lines":[{{"line_id":"{}","received":1,"restocked":1,"condition":"as_new"}}]}})", lines[0]))
                  .status,
              200);
    EXPECT_EQ(desk(second, "exchange").body.text_or("code"), "orders.exchange_sold_out");
    EXPECT_EQ(world.count("select count(*) from orders.orders"), 2) << "a refused exchange leaves no order";
    // Money instead; the provider gives only the rest back by now, and the desk is told so before anything moves.
    EXPECT_EQ(desk(second, "refund").body.text_or("code"), "payments.refund_rest_only");
    EXPECT_EQ(world.count("select count(*) from orders.document d join orders.orders o on o.id = d.order_id where o.total = 0"), 0);
    EXPECT_EQ(world.disagreements(), "");
}

}  // namespace
}  // namespace stoa::testing
