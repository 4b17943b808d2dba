// Changes of a placed order that are not about its goods: how it is sent, who is billed, where mail about it goes.
#include <gmock/gmock.h>

#include <thread>

#include "order_desk.hpp"

namespace stoa::testing {
namespace {

class ParticularsScenario : public OrderDesk {
protected:
    static constexpr std::string_view kPostnl = R"("delivery":{"option_id":"sendcloud:postnl:standard"})";
    static constexpr std::string_view kCompany =
        R"("billing_address":{"first_name":"Ana","last_name":"Ruiz","company":"Ruiz GmbH","line1":"Allee 5","postal_code":"20095","city":"Hamburg","country":"DE"})";

    Answer shown(std::string_view changes) {
        return mia.post(path("/edits/preview"), fmt::format(R"({{"version":{},{}}})", money().int_or("version"), changes));
    }
    Answer change(std::string_view changes, std::int64_t total, std::int64_t version, std::string key = {}) {
        return mia.post(path("/edits"),
                        fmt::format(R"({{"version":{},"expected_total":{{"amount":{},"currency":"EUR"}},{}}})", version, total, changes),
                        key.empty() ? Uuid::v7().to_string() : key);
    }
    json::Value change_as_shown(std::string_view changes) {
        const auto preview = shown(changes);
        EXPECT_EQ(preview.status, 200) << preview.text;
        const auto done = change(changes, amount(preview.body, "total"), preview.body.int_or("version"));
        EXPECT_EQ(done.status, 201) << done.text;
        EXPECT_EQ(amount(done.body, "total"), amount(preview.body, "total"));
        EXPECT_EQ(amount(done.body, "tax"), amount(preview.body, "tax"));
        return preview.body;
    }
    json::Value show() { return mia.get(path("")).body; }
    json::Value shipment() { return mia.get(path("")).body.find("shipments")->items().front(); }
    void plan() { ASSERT_EQ(mia.post(path("/shipments"), R"({"shipments":[]})", Uuid::v7().to_string()).status, 201); }
    void announce() {
        const auto done = mia.post("/api/v1/admin/shipments/announce",
                                   fmt::format(R"({{"shipment_ids":["{}"]}})", shipment().text_or("id")), Uuid::v7().to_string());
        ASSERT_THAT(done.text, ::testing::HasSubstr(R"("labelled":true)"));
    }
    void send_off() {
        if (show().find("shipments")->items().empty()) plan();
        announce();
        ASSERT_EQ(mia.post("/api/v1/admin/shipments/" + shipment().text_or("id") + "/hand-over", "{}", Uuid::v7().to_string()).status, 200);
        world.work();
    }
    std::int64_t mails_to(std::string_view to, std::string_view about) {
        return std::ranges::count_if(world.outside.mail->mails(),
                                     [&](const auto& mail) { return mail.to == to && mail.subject.starts_with(about); });
    }
};

TEST_F(ParticularsScenario, another_delivery_costs_what_it_is_offered_for) {
    buy();
    plan();
    const auto before = money();
    std::int64_t price = -1;
    const auto offered = mia.get(path("/delivery-options"));
    ASSERT_EQ(offered.status, 200) << offered.text;
    for (const auto& option : offered.body.find("items")->items()) {
        if (option.text_or("id") == "sendcloud:postnl:standard") price = amount(option, "price");
    }
    ASSERT_GE(price, 0) << offered.text;
    ASSERT_NE(price, amount(before, "shipping"));
    const auto preview = change_as_shown(kPostnl);
    EXPECT_EQ(amount(preview, "difference"), price - amount(before, "shipping"));
    EXPECT_EQ(amount(preview, "due"), std::max<std::int64_t>(0, price - amount(before, "shipping")));
    EXPECT_EQ(preview.at("delivery", "option_id")->text(), "sendcloud:postnl:standard");
    EXPECT_EQ(show().at("order", "shipping", "option_id")->text(), "sendcloud:postnl:standard");
    EXPECT_EQ(shipment().text_or("option_code"), "postnl:standard");
    EXPECT_EQ(amount(money(), "shipping"), price);
    // At a price that the clerk names, which is what the buyer paid: nothing is due, and the goods go to a pick-up point.
    const auto even = change_as_shown(fmt::format(
        R"("shipping":{{"amount":{},"currency":"EUR"}},"delivery":{{"option_id":"sendcloud:dhl:service_point","service_point_id":"10875358"}})",
        amount(before, "shipping")));
    EXPECT_EQ(amount(even, "due"), 0);
    EXPECT_EQ(amount(money(), "tax"), amount(before, "tax"));
    EXPECT_EQ(shipment().text_or("service_point_id"), "10875358");
    EXPECT_EQ(show().at("order", "shipping", "service_point", "id")->text(), "10875358");
    world.work();
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(ParticularsScenario, a_delivery_is_asked_for_before_anything_is_changed) {
    buy();
    const auto before = json::to_text(money());
    const auto refused = [&](std::string_view delivery, std::string_view code) {
        EXPECT_EQ(shown(delivery).body.text_or("code"), code);
        EXPECT_EQ(change(delivery, 1, money().int_or("version")).body.text_or("code"), code);
    };
    refused(R"("delivery":{"option_id":"own:rocket"})", "shipping.option_unknown");
    refused(R"("delivery":{"option_id":"sendcloud:dhl:service_point"})", "http.invalid_fields");
    refused(R"("delivery":{"option_id":"sendcloud:dhl:service_point","service_point_id":"10875349"})", "shipping.service_point_unknown");
    refused(R"("email":"nobody")", "http.invalid_fields");
    refused(
        R"("billing_address":{"first_name":"Ana","last_name":"Ruiz","line1":"Allee 5","postal_code":"1","city":"Hamburg","country":"DE"})",
        "http.invalid_fields");
    refused(R"("email":"ana@example.test")", "orders.edit_nothing");
    world.outside.fail_next("sendcloud", "down", 1);  // then it is left alone for a while
    const std::string munich =
        R"("shipping_address":{"first_name":"Ana","last_name":"Ruiz","line1":"Tal 1","postal_code":"80331","city":"Munich","country":"DE"},)";
    refused(munich + std::string(kPostnl), "shipping.unavailable");
    EXPECT_EQ(json::to_text(money()), before);
    // Who presses twice is told the same, also when the carrier has gone in between.
    world.clock.advance(std::chrono::minutes{1});
    const auto preview = shown(munich + std::string(kPostnl));
    ASSERT_EQ(preview.status, 200) << preview.text;
    const auto key = Uuid::v7().to_string();
    const auto total = amount(preview.body, "total");
    const auto first = change(munich + std::string(kPostnl), total, preview.body.int_or("version"), key);
    ASSERT_EQ(first.status, 201) << first.text;
    world.outside.fail_next("sendcloud", "down", -1);
    const auto second = change(munich + std::string(kPostnl), total, preview.body.int_or("version"), key);
    EXPECT_EQ(second.status, 201);
    EXPECT_EQ(second.text, first.text);
}

TEST_F(ParticularsScenario, goods_with_a_label_or_under_way_keep_their_delivery) {
    buy();
    plan();
    announce();
    EXPECT_EQ(shown(kPostnl).body.text_or("code"), "orders.edit_labelled");
    ASSERT_EQ(mia.post("/api/v1/admin/shipments/" + shipment().text_or("id") + "/hand-over", "{}", Uuid::v7().to_string()).status, 200);
    EXPECT_EQ(shown(kPostnl).body.text_or("code"), "orders.edit_too_late");
    EXPECT_EQ(change(kPostnl, amount(money(), "total"), money().int_or("version")).body.text_or("code"), "orders.edit_too_late");
    EXPECT_EQ(show().at("order", "shipping", "option_id")->text(), "own:standard");
}

TEST_F(ParticularsScenario, who_is_billed_may_change_after_the_goods_left_and_gets_a_new_invoice) {
    world.shop->database.in_tx([](db::Tx& tx) { orders::save_legal_entity(tx, legal_entity()); });
    buy();
    send_off();
    const auto papers = [&] { return world.count("select count(*) from orders.document"); };
    ASSERT_EQ(papers(), 1);
    const auto preview = change_as_shown(kCompany);
    EXPECT_EQ(preview.text_or("invoice"), "INV-100001");
    EXPECT_EQ(amount(preview, "difference"), 0);
    world.work();
    EXPECT_EQ(papers(), 3);
    EXPECT_EQ(world.count("select count(*) from orders.document where kind = 'invoice' and data::text like '%Ruiz GmbH%'"), 1);
    EXPECT_EQ(world.count("select count(*) from orders.document where kind = 'credit_note' and data::text like '%Ruiz GmbH%'"), 0);
    EXPECT_EQ(world.count("select sum(case kind when 'invoice' then total else -total end)::bigint from orders.document"),
              amount(money(), "total"));
    EXPECT_EQ(world.disagreements(), "");
    // The same once more is nothing; a telephone number stands on no invoice.
    EXPECT_EQ(shown(kCompany).body.text_or("code"), "orders.edit_nothing");
    auto with_phone = std::string(kCompany);
    with_phone.insert(with_phone.size() - 1, R"(,"phone":"+49 40 123456")");
    EXPECT_EQ(change_as_shown(with_phone).text_or("invoice"), "");
    world.work();
    EXPECT_EQ(papers(), 3);
}

TEST_F(ParticularsScenario, mail_goes_to_the_new_address_and_the_order_is_found_by_it) {
    buy();
    plan();
    ASSERT_EQ(mails_to("ana@example.test", "Your order"), 1);
    change_as_shown(R"("email":" Ana.Ruiz@example.test ")");
    world.work();
    EXPECT_EQ(mails_to("Ana.Ruiz@example.test", "Your order"), 1);
    EXPECT_EQ(mails_to("ana@example.test", "Your order"), 1);
    EXPECT_EQ(show().at("order", "email")->text(), "Ana.Ruiz@example.test");
    EXPECT_EQ(shipment().at("to", "email")->text(), "Ana.Ruiz@example.test");
    const auto found = mia.get("/api/v1/admin/orders?q=ana.ruiz@example.test");
    ASSERT_EQ(found.body.find("items")->items().size(), 1U) << found.text;
    EXPECT_EQ(world.count("select count(*) from orders.address where email_folded = 'ana.ruiz@example.test'"), 1);
    EXPECT_EQ(world.count("select count(*) from orders.timeline where kind = 'changed' and data -> 'changed' = '[\"email\"]'"), 1);
    send_off();
    EXPECT_EQ(mails_to("Ana.Ruiz@example.test", "Your order"), 2);  // and that it is on its way
    change_as_shown(R"("email":"ana@example.test")");
    EXPECT_EQ(show().at("order", "email")->text(), "ana@example.test");
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(ParticularsScenario, of_two_who_change_different_things_one_is_told_to_look_again) {
    buy();
    const auto version = money().int_or("version");
    const auto total = amount(money(), "total");
    std::vector<int> answers(2);
    {
        std::vector<std::jthread> desks;
        for (std::size_t i = 0; i < answers.size(); ++i)
            desks.emplace_back([&, i] {
                Shopper who(*world.shop);
                who.cookies = mia.cookies;
                const auto changes = i == 0 ? std::string(kCompany) : std::string(R"("email":"other@example.test")");
                answers[i] = who.post(path("/edits"),
                                      fmt::format(R"({{"version":{},"expected_total":{{"amount":{},"currency":"EUR"}},{}}})", version,
                                                  total, changes),
                                      Uuid::v7().to_string())
                                 .status;
            });
    }
    EXPECT_EQ(std::ranges::count(answers, 201), 1);
    EXPECT_EQ(std::ranges::count(answers, 409), 1);
}

}  // namespace
}  // namespace stoa::testing
