#include <gtest/gtest.h>

#include "stoa/crypto/crypto.hpp"
#include "stoa/customers/make.hpp"
#include "stoa/messaging/make.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::messaging {
namespace {

// What was written to a person is in the export and goes with the account.
TEST(MessagesPrivacy, ExportedAndForgotten) {
    auto& database = testing::shared_database().database();
    testing::shared_database().truncate_all();
    ManualClock clock(testing::fixed_start());
    redis::Redis redis(testing::test_redis_url());
    const auto messages = make_messages(clock, {"Stoa Home <shop@stoa.example>", "a secret key of at least 32 bytes!!", "Stoa Home",
                                                "http://localhost", "x@y.example", ""});
    const auto mailer = make_account_mailer(*messages);
    const auto customers = customers::make_customers(database, redis, clock, *mailer, {"http://localhost", 1000});
    register_privacy(*customers, *messages, clock);
    http::Routes routes;
    customers::add_customers_routes(routes, *customers, [](const auto&, const auto&) { return customers::SessionExtras{}; });
    routes.freeze();

    database.in_tx([&](db::Tx& tx) {
        for (const char* email : {"ada@example.net", "eve@example.net"}) {
            customers->create(
                tx, {std::nullopt, email, crypto::hash_password("three chairs and a lamp"), "Ada", "L", std::nullopt, "en", "", {}});
            messages->queue_mail(tx, {"order_confirmation", "en", email, R"({"first_name":"Ada"})", "", "order:1", "", {}});
        }
        messages->queue_mail(tx, {"order_confirmation", "en", "ADA@example.net", "{}", R"({"x":"y"})", "order:2", "", {}});
    });
    std::string cookie;
    const auto send = [&](http::Method method, const char* target, std::string body) {
        auto request = testing::request(method, target, std::move(body));
        request.headers.emplace_back("origin", "http://localhost");
        if (!cookie.empty()) request.headers.emplace_back("cookie", "stoa_session=" + cookie);
        return http::dispatch(routes, request, {"http://localhost", false});
    };
    const auto login =
        send(http::Method::post, "/api/v1/account/login", R"({"email":"ada@example.net","password":"three chairs and a lamp"})");
    ASSERT_EQ(login.status, 200);
    for (const auto& [name, value] : login.headers) {
        if (value.starts_with("stoa_session=")) cookie = value.substr(13, value.find(';') - 13);
    }
    const auto exported = json::parse(send(http::Method::get, "/api/v1/account/export", {}).content());
    ASSERT_TRUE(exported);
    ASSERT_EQ(exported->find("messages")->items().size(), 2U);
    EXPECT_EQ(exported->find("messages")->items().front().text_or("template"), "order_confirmation");

    ASSERT_EQ(send(http::Method::del, "/api/v1/account", R"({"password":"three chairs and a lamp"})").status, 204);
    const auto left = database.read([](db::Session& session) {
        const auto rows = session.run_text(
            "select count(*) filter (where recipient = ''), count(*) filter (where recipient = 'eve@example.net' and data like '%Ada%'), "
            "count(*) filter (where recipient = '' and (data <> '{}' or secrets is not null)) from messaging.message");
        return std::vector<std::string>{rows.front().get<std::string>(0), rows.front().get<std::string>(1),
                                        rows.front().get<std::string>(2)};
    });
    EXPECT_EQ(left, (std::vector<std::string>{"2", "1", "0"}));
}

}  // namespace
}  // namespace stoa::messaging
