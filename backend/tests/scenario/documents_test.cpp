// What a purchase leaves on paper: the invoice, its mail, who may see it, and the credit note of an order that ended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "steps.hpp"
#include "stoa/http/staff.hpp"

namespace stoa::testing {
namespace {

using ::testing::HasSubstr;

class DocumentScenario : public ::testing::Test {
protected:
    DocumentScenario() {
        shop().database.in_tx([](db::Tx& tx) { orders::save_legal_entity(tx, legal_entity()); });
        lamp = stock_up(shop(), "LAMP", 4900, 30);
    }
    struct Bought {
        std::string number, token;
    };
    Bought buy(Shopper& shopper, const std::string& email) {
        shopper.add(lamp, 2);
        shopper.fill_in(email);
        const auto paid = shopper.pay();
        EXPECT_EQ(paid.body.text_or("status"), "completed") << paid.text;
        return {paid.body.text_or("order_number"), paid.body.text_or("order_token")};
    }
    static std::string list_of(const Bought& order) { return "/api/v1/orders/" + order.number + "/documents"; }
    std::vector<json::Value> documents(Shopper& shopper, const Bought& order) {
        const auto list = shopper.get(list_of(order) + "?token=" + order.token);
        EXPECT_EQ(list.status, 200) << list.text;
        EXPECT_EQ(list.header("cache-control"), "private, no-store");
        return list.body.find("items")->items();
    }
    std::vector<sandbox::Mail> mails(std::string_view subject) {
        std::vector<sandbox::Mail> out;
        for (auto& mail : world.outside.mail->mails()) {
            if (mail.subject.starts_with(subject)) out.push_back(std::move(mail));
        }
        return out;
    }
    app::Shop& shop() { return *world.shop; }

    World world;
    Goods lamp;
};

TEST_F(DocumentScenario, a_purchase_gets_one_invoice_by_mail_and_in_the_account) {
    Shopper ana(shop());
    const auto order = buy(ana, "ana@example.test");
    EXPECT_TRUE(documents(ana, order).empty()) << "it is made in the background";
    world.work();
    const auto list = documents(ana, order);
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].text_or("kind"), "invoice");
    EXPECT_EQ(list[0].text_or("number"), "INV-100001");
    EXPECT_TRUE(list[0].bool_or("ready"));
    const auto total = world.count("select total from orders.orders");
    EXPECT_EQ(list[0].find("total")->int_or("amount"), total);

    const auto at = list_of(order) + "/" + list[0].text_or("id");
    const auto pdf = ana.get(at + "/pdf?token=" + order.token);
    EXPECT_EQ(pdf.status, 200);
    EXPECT_TRUE(pdf.text.starts_with("%PDF-1.7"));
    EXPECT_EQ(pdf.header("content-type"), "application/pdf");
    EXPECT_EQ(pdf.header("cache-control"), "private, no-store");
    EXPECT_EQ(pdf.header("content-disposition"), "attachment; filename=\"INV-100001.pdf\"");
    EXPECT_THAT(ana.get(at + "/xml?token=" + order.token).text, HasSubstr("<cbc:ID>INV-100001</cbc:ID>"));
    EXPECT_THAT(ana.get(at + "/xml?syntax=cii&token=" + order.token).text, HasSubstr("rsm:CrossIndustryInvoice"));

    const auto sent = mails("Your invoice INV-100001");
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].to, "ana@example.test");
    EXPECT_THAT(sent[0].raw, HasSubstr("INV-100001.pdf"));
    EXPECT_THAT(sent[0].raw, HasSubstr("application/pdf"));
    world.work();
    EXPECT_EQ(mails("Your invoice").size(), 1U);
    EXPECT_EQ(world.disagreements(), "");
}

TEST_F(DocumentScenario, nobody_else_sees_a_document) {
    Shopper ana(shop()), eve(shop());
    const auto order = buy(ana, "ana@example.test");
    const auto other = buy(eve, "eve@example.test");
    world.work();
    const auto id = documents(ana, order).at(0).text_or("id");
    const auto others = documents(eve, other).at(0).text_or("id");
    EXPECT_EQ(eve.get(list_of(order)).status, 404);
    EXPECT_EQ(eve.get(list_of(order) + "?token=" + other.token).status, 404);
    EXPECT_EQ(eve.get(list_of(order) + "/" + id + "/pdf").status, 404);
    EXPECT_EQ(eve.get(list_of(order) + "/" + id + "/pdf?token=" + other.token).status, 404);
    // Her own order is no way to another's document.
    const auto strange = eve.get(list_of(other) + "/" + id + "/pdf?token=" + other.token);
    EXPECT_EQ(strange.status, 404);
    EXPECT_EQ(strange.body.text_or("code"), "orders.document_not_found");
    EXPECT_EQ(eve.get(list_of(other) + "/" + others + "/pdf?token=" + other.token).status, 200);
    EXPECT_EQ(eve.get("/media/documents/main/" + id).status, 404);
}

TEST_F(DocumentScenario, an_order_that_ends_gets_its_credit_note) {
    Shopper ana(shop());
    const auto order = buy(ana, "ana@example.test");
    world.work();
    shop().database.in_tx([&](db::Tx& tx) {
        auto header = shop().orders->lock(tx, *shop().orders->find_number(tx, order.number));
        return shop().orders->cancel(tx, *header, "staff");
    });
    world.work();
    const auto list = documents(ana, order);
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[1].text_or("kind"), "credit_note");
    EXPECT_EQ(list[1].find("total")->int_or("amount"), list[0].find("total")->int_or("amount"));
    EXPECT_EQ(mails("Your credit note CN-100001").size(), 1U);
}

TEST_F(DocumentScenario, a_refund_has_its_credit_note) {
    Shopper ana(shop()), mia(shop());
    world.desk.hire("mia", {"orders.*"});
    mia.cookies[std::string(Desk::kCookie)] = "mia";
    const auto order = buy(ana, "ana@example.test");
    world.work();
    const auto id =
        shop().database.read([&](db::Session& session) { return shop().orders->find_number(session, order.number)->to_string(); });
    const auto money = mia.get("/api/v1/admin/orders/" + id + "/money").body;
    const auto refund = [&](std::int64_t total, std::int64_t version, const std::string& what) {
        return mia.post("/api/v1/admin/orders/" + id + "/refunds",
                        fmt::format(R"({{"expected_total":{{"amount":{},"currency":"EUR"}},"version":{},{},"reason":"Scratched."}})", total,
                                    version, what),
                        Uuid::v7().to_string());
    };
    const auto unit = fmt::format(R"("lines":[{{"line_id":"{}","quantity":1}}])", money.find("lines")->items().front().text_or("line_id"));
    // One of two lamps of 49.00, less a euro for the scratch.
    ASSERT_EQ(refund(4800, money.int_or("version"), unit + R"(,"adjustment":{"amount":-100,"currency":"EUR"})").status, 201);
    world.work();
    const auto list = documents(ana, order);
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[1].text_or("kind"), "credit_note");
    EXPECT_EQ(list[1].find("total")->int_or("amount"), 4800);
    EXPECT_EQ(mails("Your credit note CN-100001").size(), 1U);
}

TEST_F(DocumentScenario, staff_list_documents_and_send_them_again) {
    Shopper ana(shop());
    const auto order = buy(ana, "ana@example.test");
    world.work();
    const auto id = documents(ana, order).at(0).text_or("id");

    auto& desk = world.desk;
    http::Routes routes;
    orders::add_document_desk_routes(routes, shop().database, shop().idempotency, *shop().orders, *shop().invoices, *shop().documents, desk,
                                     desk, [&](db::Tx& tx, const orders::DocumentInfo& document, const std::optional<std::string>& to) {
                                         app::send_document(shop(), tx, document, to, {});
                                     });
    routes.freeze();
    const auto ask = [&](http::Method method, const std::string& target, const std::string& body = {}, const std::string& key = {}) {
        auto request = stoa::testing::request(method, target, body);
        if (!key.empty()) request.headers.emplace_back("idempotency-key", key);
        request.headers.emplace_back("cookie", std::string(Desk::kCookie) + "=dora");
        return http::dispatch(routes, request, {});
    };
    const std::string list = "/api/v1/admin/orders/" + order.number + "/documents", send = "/api/v1/admin/documents/" + id + "/send";
    EXPECT_EQ(ask(http::Method::get, list).status, 401);
    desk.hire("dora", {"orders.read"});
    EXPECT_THAT(ask(http::Method::get, list).body, HasSubstr("INV-100001"));
    EXPECT_EQ(ask(http::Method::get, "/api/v1/admin/orders/S-1/documents").status, 404);
    EXPECT_TRUE(ask(http::Method::get, "/api/v1/admin/documents/" + id + "/pdf").body.starts_with("%PDF"));
    EXPECT_EQ(ask(http::Method::post, send, "{}", "again-0001").status, 403);
    desk.hire("dora", {"orders.read", "orders.update"});
    EXPECT_EQ(ask(http::Method::post, send, R"({"to":"nobody"})", "again-0002").status, 422);
    EXPECT_EQ(
        ask(http::Method::post, "/api/v1/admin/documents/" + orders::DocumentId::make().to_string() + "/send", "{}", "again-0003").status,
        404);
    EXPECT_TRUE(desk.entries().empty());
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(ask(http::Method::post, send, "{}", "again-0004").status, 202);
    }
    EXPECT_EQ(ask(http::Method::post, send, R"({"to":"books@example.test"})", "again-0005").status, 202);
    ASSERT_EQ(desk.entries().size(), 2U);
    EXPECT_EQ(desk.entries()[0].action, "send");
    world.work();
    const auto sent = mails("Your invoice INV-100001");
    ASSERT_EQ(sent.size(), 3U) << "at first, again once, and to the bookkeeper";
    for (const auto& mail : sent) EXPECT_EQ(mail.text.find("token=") != std::string::npos, mail.to == "ana@example.test") << mail.to;
}

TEST_F(DocumentScenario, a_document_whose_file_got_lost_is_mailed_and_shown_as_it_was) {
    Shopper ana(shop());
    const auto order = buy(ana, "ana@example.test");
    world.work();
    const auto id = documents(ana, order).at(0).text_or("id");
    const auto at = list_of(order) + "/" + id + "/pdf?token=" + order.token;
    const auto before = ana.get(at).text;
    const auto lose = [&] { std::filesystem::remove_all(shop().config.media_dir + "-private/documents"); };
    lose();
    EXPECT_EQ(ana.get(at).text, before);
    lose();
    shop().database.in_tx(
        [&](db::Tx& tx) { app::send_document(shop(), tx, *shop().invoices->find(tx, *orders::DocumentId::parse(id)), std::nullopt, {}); });
    world.work();
    const auto sent = mails("Your invoice INV-100001");
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_THAT(sent[1].raw, HasSubstr("INV-100001.pdf"));
    EXPECT_EQ(ana.get(at).text, before);
}

TEST_F(DocumentScenario, without_its_file_no_invoice_is_mailed_and_the_order_says_so) {
    Shopper ana(shop()), mia(shop());
    world.desk.hire("mia", {"orders.*"});
    mia.cookies[std::string(Desk::kCookie)] = "mia";
    // A file where the directory should be.
    const std::filesystem::path store = shop().config.media_dir + "-private/documents";
    std::filesystem::remove_all(store);
    std::filesystem::create_directories(store.parent_path());
    std::ofstream(store) << "in the way";
    const auto order = buy(ana, "ana@example.test");
    world.work();
    const auto id =
        shop().database.read([&](db::Session& session) { return shop().orders->find_number(session, order.number)->to_string(); });
    const auto history = [&] { return json::to_text(*mia.get("/api/v1/admin/orders/" + id).body.find("history")); };
    EXPECT_FALSE(documents(ana, order).at(0).bool_or("ready"));
    EXPECT_TRUE(mails("Your invoice").empty());
    for (int i = 0; i < 14; ++i) {
        world.clock.advance(std::chrono::minutes{61});
        world.work();
    }
    EXPECT_TRUE(mails("Your invoice").empty());
    EXPECT_THAT(history(), HasSubstr("document_failed"));
    EXPECT_THAT(history(), HasSubstr("INV-100001"));
    std::filesystem::remove(store);
    shop().database.in_tx([](db::Tx& tx) {
        for (const auto& dead : jobs::dead_letters(tx, 10)) EXPECT_TRUE(jobs::replay(tx, dead.id));
    });
    world.work();
    ASSERT_EQ(mails("Your invoice INV-100001").size(), 1U);
    EXPECT_THAT(mails("Your invoice")[0].raw, HasSubstr("INV-100001.pdf"));
    EXPECT_THAT(history(), HasSubstr(R"("kind":"invoice_mail_sent","data":{"subject":"Your invoice INV-100001)"));
}

TEST_F(DocumentScenario, staff_see_how_far_each_mail_is) {
    Shopper ana(shop()), mia(shop());
    world.desk.hire("mia", {"orders.*"});
    mia.cookies[std::string(Desk::kCookie)] = "mia";
    const auto order = buy(ana, "later.ana@example.test");
    world.work();
    const auto id =
        shop().database.read([&](db::Session& session) { return shop().orders->find_number(session, order.number)->to_string(); });
    const auto history = [&] { return json::to_text(*mia.get("/api/v1/admin/orders/" + id).body.find("history")); };
    EXPECT_THAT(history(), HasSubstr("invoice_mail_queued"));
    EXPECT_THAT(history(), HasSubstr(R"("problem":)"));
    for (int i = 0; i < 14; ++i) {
        world.clock.advance(std::chrono::minutes{61});
        world.work();
    }
    EXPECT_THAT(history(), HasSubstr("invoice_mail_failed"));
}

}  // namespace
}  // namespace stoa::testing
