#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include <thread>

#include "domain/target.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/http/idempotency.hpp"
#include "stoa/http/staff.hpp"
#include "stoa/http_client/public_client.hpp"
#include "stoa/testing/testing.hpp"
#include "stoa/webhooks/webhooks.hpp"

namespace stoa::webhooks {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class WebhooksTest : public ::testing::Test, public http::StaffGate, public http::AuditLog {
protected:
    void SetUp() override {
        stoa::testing::shared_database().truncate_all();
        client.answer = [this](const http_client::Call&) -> std::expected<http_client::Answer, http_client::CallError> {
            if (status == 0) return std::unexpected(http_client::CallError{http_client::Failure::not_sent, "refused"});
            http_client::Answer answer;
            answer.status = status;
            answer.body = "so be it\x01";
            return answer;
        };
        add_event_routes(routes, database, webhooks);
        add_webhook_desk_routes(routes, database, idempotency, webhooks, *this, *this);
        routes.freeze();
    }
    Created subscribe(std::vector<std::string> types) {
        return database.in_tx([&](db::Tx& tx) { return *webhooks->create(tx, "https://hooks.example.com/in", "", types); });
    }
    void happen(const std::string& type, int number) {
        database.in_tx([&](db::Tx& tx) {
            events::append(tx, events::NewEvent{type, fmt::format("thing:{}", number), fmt::format(R"({{"number":{}}})", number)});
        });
    }
    // Relays, fans out and sends whatever is due.
    int work() {
        jobs::Worker worker(database, redis, clock, webhooks->job_handlers(), webhooks->subscriptions(), {});
        return worker.drain();
    }
    std::map<std::string, int> states(const Created& of) {
        std::map<std::string, int> out;
        for (const auto row : database.read([&](db::Session& session) {
                 return session.query({"probe.delivery_states", "select state from webhooks.delivery where endpoint_id = $1::uuid"}, of.id);
             }))
            ++out[row.get<std::string>("state")];
        return out;
    }
    std::vector<Delivery> log(const Created& of) {
        return database.read([&](db::Session& session) { return webhooks->deliveries(session, of.id, {}, 100); });
    }
    Endpoint endpoint(const Created& of) {
        return *database.read([&](db::Session& session) { return webhooks->find(session, of.id); });
    }
    http::Response ask(http::Method method, const std::string& target, const std::string& body = {},
                       std::vector<std::pair<std::string, std::string>> headers = {}) {
        auto request = stoa::testing::request(method, target, body);
        for (auto& header : headers) request.headers.push_back(std::move(header));
        return http::dispatch(routes, request, {});
    }

    Result<http::StaffActor> require(const http::Request&, std::string_view permission) override {
        if (!actor.may(permission)) return std::unexpected(http::staff_forbidden(permission));
        return actor;
    }
    void record(db::Tx&, const http::StaffActor&, const http::AuditEntry& entry) override { audited.push_back(entry); }

    db::Database& database = stoa::testing::shared_database().database();
    redis::Redis redis{stoa::testing::test_redis_url()};
    ManualClock clock{SystemClock().now()};
    stoa::testing::ScriptedClient client;
    int status = 204;
    std::shared_ptr<Webhooks> webhooks = make_webhooks(database, clock, {std::shared_ptr<void>(), &client}, {.secret_key = "a key"});
    http::Idempotency idempotency{database, clock, "a secret"};
    http::Routes routes;
    http::StaffActor actor{http::StaffId::make(), "Mo", "", {"webhooks.*"}, {}, {}, {}, {}};
    std::vector<http::AuditEntry> audited;
};

TEST_F(WebhooksTest, an_event_is_pushed_to_who_wants_it_and_signed) {
    const auto orders = subscribe({"order.*"});
    subscribe({"product.changed"});
    happen("order.confirmed", 1);
    happen("order.confirmed", 2);
    work();
    work();
    ASSERT_EQ(client.calls.size(), 2U);
    const auto& call = client.calls.front();
    EXPECT_EQ(call.url, "https://hooks.example.com/in");
    EXPECT_EQ(call.method, "POST");
    EXPECT_FALSE(call.follow_redirects);
    std::map<std::string, std::string> headers(call.headers.begin(), call.headers.end());
    EXPECT_EQ(headers["webhook-id"], "evt_1");
    EXPECT_EQ(headers["webhook-signature"], signature(orders.secret, "evt_1", std::stoll(headers["webhook-timestamp"]), call.body));
    EXPECT_THAT(call.body, HasSubstr(R"("type":"order.confirmed")"));
    EXPECT_THAT(call.body, HasSubstr(R"("data":{"number": 1})"));
    ASSERT_EQ(log(orders).size(), 2U);
    EXPECT_EQ(log(orders)[0].state, "delivered");
    EXPECT_EQ(log(orders)[0].status, 204);
}

TEST_F(WebhooksTest, an_event_that_no_endpoint_wants_makes_no_job_and_a_new_endpoint_sees_what_comes_after_it) {
    const auto jobs = [&] {
        return database.read([](db::Session& session) {
            return session.query({"probe.fan_out_jobs", "select count(*) as count from jobs.job where kind = 'webhooks.fan_out'"})
                .front()
                .get<std::int64_t>("count");
        });
    };
    events::Relay relay(database, webhooks->subscriptions());
    const auto products = subscribe({"product.changed"});
    happen("order.confirmed", 1);
    EXPECT_EQ(relay.run_once(), 1);
    EXPECT_EQ(jobs(), 0);
    const auto orders = subscribe({"order.*"});
    happen("order.confirmed", 2);
    EXPECT_EQ(relay.run_once(), 1);
    EXPECT_EQ(jobs(), 1);
    auto off = endpoint(orders);
    off.enabled = false;
    database.in_tx([&](db::Tx& tx) { EXPECT_TRUE(*webhooks->update(tx, off)); });
    happen("order.confirmed", 3);
    EXPECT_EQ(relay.run_once(), 1);
    EXPECT_EQ(jobs(), 1);
    off.enabled = true;
    database.in_tx([&](db::Tx& tx) { EXPECT_TRUE(*webhooks->update(tx, off)); });
    relay.resign();
    work();
    ASSERT_EQ(client.calls.size(), 1U);
    EXPECT_THAT(client.calls[0].body, HasSubstr(R"("number": 2)"));
    EXPECT_TRUE(log(products).empty());
}

TEST_F(WebhooksTest, a_new_secret_signs_and_the_one_before_it_too_for_a_day) {
    const auto hook = subscribe({"order.*"});
    const auto signed_by = [&](const http_client::Call& call) {
        std::map<std::string, std::string> headers(call.headers.begin(), call.headers.end());
        return std::pair(headers["webhook-signature"], [headers, call](const std::string& secret) mutable {
            return signature(secret, headers["webhook-id"], std::stoll(headers["webhook-timestamp"]), call.body);
        });
    };
    const auto rotated = ask(http::Method::post, "/api/v1/admin/webhooks/" + hook.id.to_string() + "/secret");
    ASSERT_EQ(rotated.status, 200) << rotated.body;
    const auto fresh = json::parse(rotated.body)->text_or("secret");
    EXPECT_NE(fresh, hook.secret);
    ASSERT_EQ(audited.size(), 1U);
    EXPECT_EQ(audited.front().after_json.find(fresh), std::string::npos);
    happen("order.confirmed", 1);
    work();
    {
        const auto [sent, with] = signed_by(client.calls.back());
        auto of = with;
        EXPECT_EQ(sent, of(fresh) + " " + of(hook.secret));
    }
    clock.advance(std::chrono::hours(24));
    happen("order.confirmed", 2);
    work();
    const auto [sent, with] = signed_by(client.calls.back());
    auto of = with;
    EXPECT_EQ(sent, of(fresh));
    actor.permissions = {"webhooks.read"};
    EXPECT_EQ(ask(http::Method::post, "/api/v1/admin/webhooks/" + hook.id.to_string() + "/secret").status, 403);
}

TEST_F(WebhooksTest, a_ping_is_sent_at_once_and_tells_what_was_answered) {
    const auto hook = subscribe({"order.*"});
    const auto ping = [&] { return ask(http::Method::post, "/api/v1/admin/webhooks/" + hook.id.to_string() + "/ping"); };
    EXPECT_EQ(ping().body, R"({"taken":true,"status":204,"error":""})");
    ASSERT_EQ(client.calls.size(), 1U);
    std::map<std::string, std::string> headers(client.calls.front().headers.begin(), client.calls.front().headers.end());
    EXPECT_EQ(headers["webhook-signature"],
              signature(hook.secret, headers["webhook-id"], std::stoll(headers["webhook-timestamp"]), client.calls.front().body));
    EXPECT_THAT(client.calls.front().body, HasSubstr(R"("type":"webhook.ping")"));
    status = 500;
    EXPECT_EQ(ping().body, R"({"taken":false,"status":500,"error":"so be it?"})");
    status = 0;
    EXPECT_THAT(ping().body, HasSubstr(R"("error":"refused")"));
    EXPECT_TRUE(log(hook).empty());
    EXPECT_FALSE(endpoint(hook).failing_since);
    EXPECT_EQ(ask(http::Method::post, "/api/v1/admin/webhooks/" + EndpointId::make().to_string() + "/ping").status, 404);
}

// The published example of Standard Webhooks.
TEST_F(WebhooksTest, the_signature_is_the_standards) {
    EXPECT_EQ(signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    EXPECT_THROW((void)signature("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "x", 0, ""), std::invalid_argument);
}

TEST_F(WebhooksTest, what_is_not_taken_is_tried_again_and_logged) {
    const auto hook = subscribe({"*"});
    status = 500;
    happen("order.confirmed", 1);
    work();
    ASSERT_EQ(client.calls.size(), 1U);
    EXPECT_EQ(log(hook)[0].state, "pending");
    EXPECT_EQ(log(hook)[0].status, 500);
    EXPECT_EQ(log(hook)[0].error, "so be it?");
    EXPECT_TRUE(endpoint(hook).failing_since);
    clock.advance(std::chrono::seconds(10));
    status = 0;
    work();
    EXPECT_EQ(log(hook)[0].status, std::nullopt);
    EXPECT_EQ(log(hook)[0].error, "refused");
    clock.advance(std::chrono::minutes(1));
    status = 200;
    work();
    EXPECT_EQ(log(hook)[0].state, "delivered");
    EXPECT_EQ(log(hook)[0].attempts, 3);
    EXPECT_FALSE(endpoint(hook).failing_since);
    std::set<std::string> ids;
    for (const auto& call : client.calls) ids.insert(call.headers.front().second);
    EXPECT_EQ(ids.size(), 1U) << "the receiver can tell a repetition";
}

TEST_F(WebhooksTest, an_endpoint_that_fails_for_days_is_disabled_with_notice) {
    const auto hook = subscribe({"order.*"});
    const auto watcher = subscribe({"webhook.disabled"});
    status = 503;
    happen("order.confirmed", 1);
    work();
    clock.advance(std::chrono::hours(4 * 24));
    work();
    EXPECT_TRUE(endpoint(hook).enabled);
    clock.advance(std::chrono::hours(2 * 24));
    work();
    EXPECT_FALSE(endpoint(hook).enabled);
    EXPECT_EQ(endpoint(hook).disabled_reason, "failing");
    const auto calls = client.calls.size();
    happen("order.confirmed", 2);
    status = 200;
    clock.advance(std::chrono::hours(2));
    work();
    ASSERT_EQ(log(watcher).size(), 1U);
    EXPECT_EQ(log(watcher)[0].state, "delivered");
    EXPECT_LE(client.calls.size(), calls + 2) << "nothing more goes to the disabled one";
    EXPECT_EQ(log(hook).size(), 1U);
    // Enabled again, it gets what it missed by the cursor.
    auto wanted = endpoint(hook);
    wanted.enabled = true;
    EXPECT_TRUE(*database.in_tx([&](db::Tx& tx) { return webhooks->update(tx, wanted); }));
    const auto replayed = database.in_tx([&](db::Tx& tx) { return webhooks->replay(tx, endpoint(hook), 0); });
    EXPECT_EQ(replayed.queued, 2);
    EXPECT_EQ(replayed.next, std::nullopt);
    work();
    ASSERT_EQ(log(hook).size(), 2U);
    for (const auto& delivery : log(hook)) EXPECT_EQ(delivery.state, "delivered");
}

TEST_F(WebhooksTest, of_failing_endpoints_one_is_called_at_a_time) {
    const auto hook = subscribe({"order.*"});
    const auto other = subscribe({"order.*"});
    status = 503;
    happen("order.confirmed", 1);
    work();
    ASSERT_EQ(client.calls.size(), 2U);
    // Another worker of the process, while this one waits for an answer.
    bool beside = false;
    const auto usual = client.answer;
    client.answer = [&](const http_client::Call& call) {
        if (!std::exchange(beside, true)) std::thread([&] { work(); }).join();
        return usual(call);
    };
    clock.advance(std::chrono::minutes(2));
    work();
    EXPECT_EQ(client.calls.size(), 3U) << "the other is put off, not called beside it";
    clock.advance(std::chrono::minutes(3));
    status = 200;
    work();
    for (const auto& of : {hook, other}) EXPECT_EQ(states(of), (std::map<std::string, int>{{"delivered", 1}}));
}

// The queue of the worker holds refunds and mails too.
TEST_F(WebhooksTest, what_waits_for_a_failing_endpoint_takes_one_job_of_the_worker) {
    const auto hook = subscribe({"order.*"});
    const auto jobs_waiting = [&] {
        return database.read([](db::Session& session) {
            return session.query({"probe.waiting_jobs", "select count(*) as count from jobs.job where state = 'ready'"})
                .front()
                .get<std::int64_t>("count");
        });
    };
    status = 503;
    for (int i = 1; i <= 150; ++i) happen("order.confirmed", i);
    work();
    EXPECT_EQ(client.calls.size(), 2U) << "the first, and the first of the driver";
    EXPECT_EQ(jobs_waiting(), 2);
    // Those that come while it fails have no job at all.
    for (int i = 151; i <= 300; ++i) happen("order.confirmed", i);
    EXPECT_EQ(work(), 150) << "the events' own";
    EXPECT_EQ(jobs_waiting(), 2);
    for (const int minutes : {1, 10, 60}) {
        clock.advance(std::chrono::minutes(minutes));
        const auto calls = client.calls.size();
        EXPECT_LE(work(), 2) << minutes;
        EXPECT_EQ(client.calls.size(), calls + 1);
        EXPECT_EQ(jobs_waiting(), 1);
    }
    EXPECT_EQ(states(hook), (std::map<std::string, int>{{"pending", 300}}));
    std::set<std::string> tried;
    for (const auto& call : client.calls) tried.insert(call.headers.front().second);
    EXPECT_EQ(tried.size(), client.calls.size()) << "one that is never taken keeps back no other";

    // It works again: everything goes out, in portions.
    status = 200;
    clock.advance(std::chrono::minutes(5));
    work();
    EXPECT_EQ(states(hook)["delivered"], 201);
    clock.advance(std::chrono::seconds(5));
    work();
    EXPECT_EQ(states(hook), (std::map<std::string, int>{{"delivered", 300}}));
    EXPECT_EQ(jobs_waiting(), 0);
    // Nobody drives it any more, and the next time somebody does.
    happen("order.confirmed", 301);
    work();
    EXPECT_EQ(states(hook), (std::map<std::string, int>{{"delivered", 301}}));
    status = 503;
    happen("order.confirmed", 302);
    happen("order.confirmed", 303);
    work();
    status = 200;
    clock.advance(std::chrono::minutes(1));
    work();
    EXPECT_EQ(states(hook), (std::map<std::string, int>{{"delivered", 303}}));
}

TEST_F(WebhooksTest, an_event_that_an_endpoint_refuses_keeps_back_no_other) {
    const auto hook = subscribe({"order.*"});
    client.answer = [](const http_client::Call& call) -> std::expected<http_client::Answer, http_client::CallError> {
        http_client::Answer answer;
        answer.status = call.body.find("\"number\": 1}") == std::string::npos ? 200 : 400;
        return answer;
    };
    for (int i = 1; i <= 4; ++i) happen("order.confirmed", i);
    work();
    EXPECT_EQ(states(hook), (std::map<std::string, int>{{"pending", 1}, {"delivered", 3}}));
    EXPECT_FALSE(endpoint(hook).failing_since);
    // Tried for about a day, and given up.
    for (int i = 0; i < 40; ++i) {
        clock.advance(std::chrono::hours(1));
        work();
    }
    EXPECT_EQ(states(hook), (std::map<std::string, int>{{"failed", 1}, {"delivered", 3}}));
    EXPECT_EQ(log(hook).back().attempts, 30);
}

TEST_F(WebhooksTest, an_edit_of_something_else_leaves_the_state_of_an_endpoint) {
    const auto hook = subscribe({"*"});
    const auto rename = [&] {
        EXPECT_EQ(ask(http::Method::patch, "/api/v1/admin/webhooks/" + hook.id.to_string(), R"({"description":"the shelf"})").status, 200);
    };
    status = 503;
    happen("order.confirmed", 1);
    work();
    const auto since = endpoint(hook).failing_since;
    ASSERT_TRUE(since);
    rename();
    EXPECT_EQ(endpoint(hook).failing_since, since);
    status = 410;
    happen("order.confirmed", 2);
    work();
    rename();
    EXPECT_EQ(endpoint(hook).disabled_reason, "gone");
    EXPECT_EQ(ask(http::Method::patch, "/api/v1/admin/webhooks/" + EndpointId::make().to_string(), R"({"description":"x"})").status, 404);
}

TEST_F(WebhooksTest, an_endpoint_that_is_gone_is_disabled_at_once) {
    const auto hook = subscribe({"*"});
    status = 410;
    happen("order.confirmed", 1);
    work();
    EXPECT_EQ(endpoint(hook).disabled_reason, "gone");
    EXPECT_EQ(log(hook).back().state, "failed");
}

TEST_F(WebhooksTest, only_public_addresses_are_accepted) {
    for (const auto* url :
         {"http://hooks.example.com/", "ftp://hooks.example.com/", "https://", "https://localhost/", "https://127.0.0.1/", "https://127.1/",
          "https://2130706433/", "https://0x7f000001/", "https://10.1.2.3/x", "https://169.254.169.254/latest/", "https://[::1]/",
          "https://[::ffff:10.0.0.1]/", "https://[fd00::1]/", "https://user@hooks.example.com/", "https://hooks.example.com:x/",
          "https://db.internal/", "https://hooks.example.com/ x", "https://hooks.example.com\\@evil/", "https://a.example.com/#x"})
        EXPECT_TRUE(refuse_url(url, false)) << url;
    for (const auto* url :
         {"https://hooks.example.com/", "https://hooks.example.com:8443/in?x=1", "https://9.9.9.9/", "https://[2620:fe::fe]/"})
        EXPECT_FALSE(refuse_url(url, false)) << url;
    EXPECT_FALSE(refuse_url("http://127.0.0.1:9000/", true));
    for (const auto* address : {"0.0.0.0",
                                "10.0.0.1",
                                "100.64.0.1",
                                "127.0.0.1",
                                "169.254.169.254",
                                "172.16.0.1",
                                "172.31.255.255",
                                "192.168.1.1",
                                "198.18.0.1",
                                "224.0.0.1",
                                "255.255.255.255",
                                "::",
                                "::1",
                                "::ffff:8.8.8.8",
                                "fe80::1",
                                "fc00::1",
                                "ff02::1",
                                "64:ff9b::a00:1",
                                "2002:a00:1::",
                                "2001:db8::1",
                                "nonsense",
                                ""})
        EXPECT_FALSE(http_client::is_public_address(address)) << address;
    for (const auto* address : {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2620:fe::fe"})
        EXPECT_TRUE(http_client::is_public_address(address)) << address;
}

TEST_F(WebhooksTest, the_client_does_not_connect_to_this_machine) {
    // Somebody listens there, and never answers.
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(socket, 8), 0);
    ASSERT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
    http_client::Call call;
    call.method = "POST";
    call.timeout = std::chrono::milliseconds(300);
    for (const auto* host : {"127.0.0.1", "localhost"}) {
        call.url = fmt::format("http://{}:{}/", host, ntohs(address.sin_port));
        const auto open = http_client::CurlClient().send(call);
        ASSERT_FALSE(open);
        EXPECT_EQ(open.error().failure, http_client::Failure::timeout) << "any other client gets there";
        const auto guarded = http_client::PublicClient().send(call);
        ASSERT_FALSE(guarded);
        EXPECT_EQ(guarded.error().failure, http_client::Failure::not_sent) << call.url;
    }
    ::close(socket);
}

TEST_F(WebhooksTest, secrets_are_sealed) {
    const auto hook = subscribe({"*"});
    const auto row = database.read([&](db::Session& session) {
        return session.run_text("select secret || encode(token_hash, 'hex') as text from webhooks.endpoint")
            .front()
            .get<std::string>("text");
    });
    EXPECT_EQ(row.find(hook.secret.substr(6)), std::string::npos);
    EXPECT_EQ(row.find(hook.token), std::string::npos);
}

TEST_F(WebhooksTest, another_system_catches_up_by_position) {
    const auto hook = subscribe({"order.*"});
    for (int i = 1; i <= 5; ++i) happen(i % 2 ? "order.confirmed" : "product.changed", i);
    work();
    EXPECT_EQ(ask(http::Method::get, "/api/v1/events").status, 401);
    EXPECT_EQ(ask(http::Method::get, "/api/v1/events", {}, {{"authorization", "Bearer whk_wrong"}}).status, 401);
    EXPECT_EQ(ask(http::Method::get, "/api/v1/events?after=-1", {}, {{"authorization", "Bearer " + hook.token}}).status, 422);
    std::int64_t after = 0;
    std::vector<std::int64_t> seen;
    for (bool more = true; more;) {
        const auto answer =
            ask(http::Method::get, fmt::format("/api/v1/events?limit=2&after={}", after), {}, {{"authorization", "Bearer " + hook.token}});
        ASSERT_EQ(answer.status, 200) << answer.body;
        const auto body = *json::parse(answer.body);
        for (const auto& event : body.find("items")->items()) seen.push_back(event.int_or("position"));
        after = body.int_or("after");
        more = body.bool_or("more");
    }
    EXPECT_THAT(seen, ElementsAre(1, 3, 5));
}

TEST_F(WebhooksTest, a_token_ends_with_its_renewal_and_while_staff_keep_the_endpoint_disabled) {
    const auto hook = subscribe({"order.*"});
    const auto reads = [&](const std::string& token) {
        return ask(http::Method::get, "/api/v1/events", {}, {{"authorization", "Bearer " + token}}).status;
    };
    const auto path = "/api/v1/admin/webhooks/" + hook.id.to_string();
    EXPECT_EQ(reads(hook.token), 200);
    EXPECT_EQ(ask(http::Method::patch, path, R"({"enabled":false})").status, 200);
    EXPECT_EQ(reads(hook.token), 401);
    EXPECT_EQ(ask(http::Method::patch, path, R"({"enabled":true})").status, 200);
    EXPECT_EQ(reads(hook.token), 200);
    // One that was disabled because it failed catches up.
    status = 410;
    happen("order.confirmed", 1);
    work();
    EXPECT_EQ(endpoint(hook).disabled_reason, "gone");
    EXPECT_EQ(reads(hook.token), 200);

    audited.clear();
    const auto renewed = ask(http::Method::post, path + "/token");
    ASSERT_EQ(renewed.status, 200) << renewed.body;
    const auto fresh = json::parse(renewed.body)->text_or("token");
    EXPECT_EQ(reads(hook.token), 401);
    EXPECT_EQ(reads(fresh), 200);
    ASSERT_EQ(audited.size(), 1U);
    EXPECT_EQ(audited.front().action, "renew_token");
    EXPECT_EQ(audited.front().before_json + audited.front().after_json, "");
    EXPECT_EQ(ask(http::Method::post, "/api/v1/admin/webhooks/" + EndpointId::make().to_string() + "/token").status, 404);
    actor.permissions = {"webhooks.read"};
    EXPECT_EQ(ask(http::Method::post, path + "/token").status, 403);
    EXPECT_EQ(reads(fresh), 200);
}

TEST_F(WebhooksTest, staff_keep_endpoints) {
    const auto made = ask(http::Method::post, "/api/v1/admin/webhooks", R"({"url":"https://hooks.example.com/a","types":["order.*"]})");
    ASSERT_EQ(made.status, 201) << made.body;
    const auto id = json::parse(made.body)->text_or("id");
    EXPECT_EQ(ask(http::Method::post, "/api/v1/admin/webhooks", R"({"url":"https://10.0.0.1/","types":["order.*"]})").status, 422);
    EXPECT_EQ(ask(http::Method::post, "/api/v1/admin/webhooks", R"({"url":"https://hooks.example.com/","types":["Order!"]})").status, 422);
    const auto list = ask(http::Method::get, "/api/v1/admin/webhooks");
    EXPECT_THAT(list.body, HasSubstr(id));
    EXPECT_EQ(list.body.find("whsec_"), std::string::npos);
    happen("order.confirmed", 1);
    work();
    EXPECT_THAT(ask(http::Method::get, "/api/v1/admin/webhooks/" + id + "/deliveries").body, HasSubstr(R"("state":"delivered")"));
    const auto replayed =
        ask(http::Method::post, "/api/v1/admin/webhooks/" + id + "/replay", R"({"after":0})", {{"idempotency-key", "replay-0001"}});
    EXPECT_EQ(replayed.status, 202) << replayed.body;
    work();
    EXPECT_EQ(client.calls.size(), 2U);
    const auto off = ask(http::Method::patch, "/api/v1/admin/webhooks/" + id, R"({"enabled":false})");
    EXPECT_THAT(off.body, HasSubstr(R"("disabled_reason":"staff")"));
    EXPECT_EQ(ask(http::Method::del, "/api/v1/admin/webhooks/" + id).status, 204);
    EXPECT_EQ(ask(http::Method::del, "/api/v1/admin/webhooks/" + id).status, 404);
    std::vector<std::string> actions;
    for (const auto& entry : audited) {
        actions.push_back(entry.action);
        EXPECT_EQ((entry.before_json + entry.after_json).find("whsec_"), std::string::npos);
    }
    EXPECT_THAT(actions, ElementsAre("create", "replay", "update", "delete"));
    actor.permissions = {"webhooks.read"};
    EXPECT_EQ(ask(http::Method::post, "/api/v1/admin/webhooks", R"({"url":"https://hooks.example.com/a","types":["order.*"]})").status,
              403);
}

}  // namespace
}  // namespace stoa::webhooks
