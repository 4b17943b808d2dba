// Shipments that no carrier platform knows of: handed over with a number typed by hand, or with none, and told about by the staff.
#include <gmock/gmock.h>

#include "order_desk.hpp"

namespace stoa::testing {
namespace {

class ByHand : public OrderDesk {
protected:
    json::Value show() { return mia.get(path("")).body; }
    std::string state() { return show().at("order", "state")->text(); }
    json::Value shipment() { return show().find("shipments")->items().front(); }
    Answer act(std::string_view what, std::string_view body, std::string key = {}) {
        return mia.post("/api/v1/admin/shipments/" + shipment().text_or("id") + std::string(what), std::string(body),
                        key.empty() ? Uuid::v7().to_string() : key);
    }
    void plan() { ASSERT_EQ(mia.post(path("/shipments"), R"({"shipments":[]})", Uuid::v7().to_string()).status, 201); }
    std::int64_t on_hand() { return world.count("select sum(on_hand)::bigint from inventory.stock"); }
    std::int64_t mails(std::string_view subject) {
        return std::ranges::count_if(world.outside.mail->mails(),
                                     [&](const auto& mail) { return mail.subject.find(subject) != std::string::npos; });
    }
};

TEST_F(ByHand, goods_leave_with_a_number_that_somebody_typed_and_arrive_when_somebody_says_so) {
    buy();
    plan();
    const auto before = on_hand();
    const auto key = Uuid::v7().to_string();
    const std::string how = R"({"carrier":"Bike","tracking_numbers":["B 1"],"tracking_url":"https://bike.example/B1"})";
    const auto sent = act("/send-by-hand", how, key);
    ASSERT_EQ(sent.status, 200) << sent.text;
    EXPECT_EQ(act("/send-by-hand", how, key).text, sent.text) << "pressed twice";
    EXPECT_EQ(act("/send-by-hand", "{}").body.text_or("code"), "orders.not_to_be_shipped");
    EXPECT_EQ(state(), "shipped");
    EXPECT_EQ(on_hand(), before - 4);
    EXPECT_EQ(shipment().text_or("carrier"), "Bike");
    EXPECT_EQ(shipment().find("parcels")->items().front().text_or("tracking_number"), "B 1");
    world.work();
    EXPECT_EQ(mails("is on its way"), 1);
    const auto mail = world.outside.mail->mails().back();
    EXPECT_THAT(mail.raw, ::testing::HasSubstr("bike.example"));
    // The platform has never heard of it: nobody is asked, and no label can be made or printed.
    world.clock.advance(std::chrono::hours{12});
    world.work();
    EXPECT_EQ(act("/hand-over", "").status, 200);
    const auto label = mia.post("/api/v1/admin/shipments/announce", fmt::format(R"({{"shipment_ids":["{}"]}})", shipment().text_or("id")),
                                Uuid::v7().to_string());
    EXPECT_THAT(label.text, ::testing::Not(::testing::HasSubstr(R"("labelled":true)")));
    EXPECT_EQ(act("/end-by-hand", R"({"end":"delivered"})").status, 200);
    EXPECT_EQ(state(), "delivered");
    EXPECT_EQ(act("/end-by-hand", R"({"end":"returned"})").body.text_or("code"), "shipping.transition_not_allowed");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(ByHand, what_came_back_is_booked_in_and_can_be_sent_again) {
    buy();
    plan();
    ASSERT_EQ(act("/send-by-hand", "{}").status, 200);
    const auto before = on_hand();
    ASSERT_EQ(act("/end-by-hand", R"({"end":"returned"})").status, 200);
    std::string back;
    const auto sent = shipment();
    for (const auto& line : sent.find("lines")->items())
        back += fmt::format(R"({}{{"line_id":"{}","restocked":{}}})", back.empty() ? "" : ",", line.text_or("line_id"),
                            line.int_or("quantity"));
    const auto booked = act("/book-in", "{\"lines\":[" + back + "]}");
    ASSERT_EQ(booked.status, 200) << booked.text;
    EXPECT_EQ(on_hand(), before + 4);
    EXPECT_EQ(state(), "processing");
    plan();
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(ByHand, what_is_wrong_sends_nothing) {
    buy();
    plan();
    const auto before = on_hand();
    EXPECT_EQ(act("/send-by-hand", R"({"tracking_numbers":["1","2"]})").status, 422) << "one parcel, two numbers";
    EXPECT_EQ(act("/send-by-hand", R"({"tracking_url":"javascript:alert"})").status, 422);
    EXPECT_EQ(act("/end-by-hand", R"({"end":"delivered"})").body.text_or("code"), "shipping.transition_not_allowed");
    world.shop->database.in_tx([&](db::Tx& tx) { (void)tx.run_text("update orders.orders set payment_state = 'failed'"); });
    EXPECT_EQ(act("/send-by-hand", "{}").body.text_or("code"), "orders.money_due");
    EXPECT_EQ(on_hand(), before);
    EXPECT_EQ(shipment().text_or("state"), "planned");
    EXPECT_EQ(act("/send-by-hand", R"({"anyway":true})").status, 200);
    EXPECT_EQ(on_hand(), before - 4);
    // With a label of the platform its own news count.
    lines.clear();
    shopper = Shopper(*world.shop);
    buy();
    plan();
    const auto made = mia.post("/api/v1/admin/shipments/announce", fmt::format(R"({{"shipment_ids":["{}"]}})", shipment().text_or("id")),
                               Uuid::v7().to_string());
    ASSERT_THAT(made.text, ::testing::HasSubstr(R"("labelled":true)"));
    EXPECT_EQ(act("/send-by-hand", "{}").body.text_or("code"), "shipping.already_announced");
    ASSERT_EQ(act("/hand-over", "").status, 200);
    EXPECT_EQ(act("/end-by-hand", R"({"end":"delivered"})").body.text_or("code"), "shipping.followed");
}

TEST_F(ByHand, the_label_is_made_with_another_delivery_telephone_and_address_than_the_buyer_chose) {
    buy();
    plan();
    const auto id = shipment().text_or("id");
    const auto correct = [&](const std::string& body) {
        return mia.send(http::Method::patch, "/api/v1/admin/shipments/" + id, body, Uuid::v7().to_string());
    };
    const std::string to =
        R"("to":{"name":"Ana Ruiz","line1":"Torstr. 2","postal_code":"10119","city":"Berlin","country":"DE","email":"EMAIL","phone":"+49 30 1"})";
    auto wrong = to;
    wrong.replace(wrong.find("EMAIL"), 5, "nobody");
    EXPECT_EQ(correct("{" + wrong + "}").status, 422);
    auto right = to;
    right.replace(right.find("EMAIL"), 5, "door@example.test");
    const auto corrected = correct("{" + right + R"(,"option_code":"dhl:service_point","service_point_id":"10875358"})");
    ASSERT_EQ(corrected.status, 200) << corrected.text;
    EXPECT_EQ(corrected.body.at("to", "phone")->text(), "+49 30 1");
    EXPECT_EQ(corrected.body.at("to", "email")->text(), "door@example.test");
    const auto made = mia.post("/api/v1/admin/shipments/announce", fmt::format(R"({{"shipment_ids":["{}"]}})", id), Uuid::v7().to_string());
    ASSERT_THAT(made.text, ::testing::HasSubstr(R"("labelled":true)")) << made.text;
    EXPECT_EQ(shipment().text_or("option_code"), "dhl:service_point");
    EXPECT_THAT(shipment().text_or("carrier"), ::testing::HasSubstr("dhl"));
    EXPECT_EQ(show().at("order", "shipping", "option_id")->text(), "own:standard") << "what the buyer chose stays with the order";
}

}  // namespace
}  // namespace stoa::testing
