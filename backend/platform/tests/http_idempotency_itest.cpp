#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "stoa/http/idempotency.hpp"
#include "stoa/json/value.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::http {
namespace {

using namespace std::chrono_literals;

class IdempotencyTest : public ::testing::Test {
protected:
    IdempotencyTest() {
        stoa::testing::shared_database().truncate_all();
        database().in_tx([](db::Tx& tx) {
            tx.run_text("create schema if not exists idempotency_test");
            tx.run_text("create table if not exists idempotency_test.effect (id bigint generated always as identity, text text not null)");
            tx.run_text("delete from idempotency_test.effect");
        });
    }
    static db::Database& database() { return stoa::testing::shared_database().database(); }

    static Request request(std::string key, std::string body = "{}") {
        Request out;
        out.method = Method::post;
        out.path = "/api/v1/pay";
        out.headers = {{"idempotency-key", std::move(key)}};
        out.body = std::move(body);
        return out;
    }
    static std::string code_of(const Response& response) { return json::parse(response.content())->text_or("code"); }
    static Result<Response> effect(db::Tx& tx) {
        const auto rows = tx.run_text("insert into idempotency_test.effect (text) values ('done') returning id");
        return json_text(201, rows.front().get<std::string>(0))
            .header("location", "/effects/1")
            .set_cookie("stoa_cart", "secret", -1, false);
    }
    static std::int64_t count(const std::string& table) {
        return database().read([&](db::Session& s) { return s.run_text("select count(*) from " + table).front().get<std::int64_t>(0); });
    }
    static std::int64_t effects() { return count("idempotency_test.effect"); }
    static std::int64_t keys() { return count("http.idempotency"); }

    ManualClock clock_{stoa::testing::fixed_start()};
    Idempotency idempotency_{database(), clock_, "a secret"};
};

TEST_F(IdempotencyTest, RepeatsTheAnswerNotTheEffect) {
    const Response first = idempotency_.run(request("key-00000001"), "cus:1", effect);
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(first.header_value("idempotency-replayed"), "");
    const Response again = idempotency_.run(request("key-00000001"), "cus:1", effect);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header_value("idempotency-replayed"), "true");
    EXPECT_EQ(again.header_value("content-type"), "application/json");
    EXPECT_EQ(again.header_value("location"), "/effects/1");
    EXPECT_EQ(again.header_value("set-cookie"), "") << "secrets are not kept";
    EXPECT_EQ(effects(), 1);
    EXPECT_EQ(keys(), 1);
}

TEST_F(IdempotencyTest, AnotherRequestUnderTheKeyIsRefused) {
    (void)idempotency_.run(request("key-00000001"), "cus:1", effect);
    Request other_body = request("key-00000001", "{ }");
    Request other_path = request("key-00000001");
    other_path.path = "/api/v1/refund";
    Request other_method = request("key-00000001");
    other_method.method = Method::put;
    for (const Request& other : {other_body, other_path, other_method}) {
        const Response response = idempotency_.run(other, "cus:1", effect);
        EXPECT_EQ(response.status, 422);
        EXPECT_EQ(code_of(response), "http.idempotency_key_reused");
    }
    EXPECT_EQ(effects(), 1);
}

// A body may hold the number of a card: whoever reads the table cannot find it by trying.
TEST_F(IdempotencyTest, WhatIsStoredOfARequestDependsOnASecret) {
    const auto stored = [&] {
        return database().read(
            [&](db::Session& s) { return s.run_text("select min(request_hash) from http.idempotency").front().get<std::string>(0); });
    };
    (void)idempotency_.run(request("key-00000001"), "cus:1", effect);
    const auto ours = stored();
    database().in_tx([](db::Tx& tx) { tx.run_text("delete from http.idempotency"); });
    Idempotency another(database(), clock_, "another secret");
    (void)another.run(request("key-00000001"), "cus:1", effect);
    EXPECT_NE(stored(), ours);
    EXPECT_EQ(code_of(idempotency_.run(request("key-00000001"), "cus:1", effect)), "http.idempotency_key_reused");
}

// A retry that comes after the upgrade: the answer is there, only the hash of its request is not (migration 0700).
TEST_F(IdempotencyTest, AKeyWhoseHashWasBlankedReplaysItsAnswer) {
    const auto blank = [] {
        database().in_tx([](db::Tx& tx) { tx.run_text("update http.idempotency set request_hash = repeat('0', 64)"); });
    };
    const Response first = idempotency_.run(request("key-00000001"), "cus:1", effect);
    blank();
    const Response again = idempotency_.run(request("key-00000001"), "cus:1", effect);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header_value("idempotency-replayed"), "true");
    EXPECT_EQ(effects(), 1);
    EXPECT_EQ(idempotency_.run(request("key-00000001"), "cus:2", effect).header_value("idempotency-replayed"), "") << "of nobody else";

    // One that the old program had in hand when it ended is free for the retry once its lease is over, under the retry's own hash.
    {
        auto begun = idempotency_.begin(request("key-00000002"), "cus:1", 10s);
        blank();
        EXPECT_EQ(code_of(idempotency_.run(request("key-00000002"), "cus:1", effect)), "http.idempotency_in_progress");
        clock_.advance(11s);
        EXPECT_EQ(idempotency_.run(request("key-00000002"), "cus:1", effect).status, 201);
    }
    EXPECT_EQ(code_of(idempotency_.run(request("key-00000002", "{ }"), "cus:1", effect)), "http.idempotency_key_reused");
    EXPECT_EQ(effects(), 3);
}

TEST_F(IdempotencyTest, KeysOfTwoPeopleNeverMeet) {
    EXPECT_EQ(idempotency_.run(request("key-00000001"), "cus:1", effect).status, 201);
    const Response other = idempotency_.run(request("key-00000001", "{\"x\":1}"), "cus:2", effect);
    EXPECT_EQ(other.status, 201);
    EXPECT_EQ(other.header_value("idempotency-replayed"), "");
    EXPECT_EQ(effects(), 2);
}

TEST_F(IdempotencyTest, BadKeys) {
    for (const std::string& key : std::vector<std::string>{"", "short", "with space 123", "0123456\x7F", std::string(129, 'k')}) {
        const auto begun = idempotency_.begin(request(key), "cus:1");
        ASSERT_TRUE(std::holds_alternative<Response>(begun)) << key;
        EXPECT_EQ(std::get<Response>(begun).status, 400);
    }
    EXPECT_EQ(idempotency_.run(request(""), "cus:1", effect).status, 201) << "run() without a key just runs";
    EXPECT_EQ(effects(), 1);
    EXPECT_EQ(keys(), 0);
}

TEST_F(IdempotencyTest, RefusedWorkGivesTheKeyFree) {
    const Response refused = idempotency_.run(request("key-00000001"), "cus:1", [](db::Tx& tx) -> Result<Response> {
        (void)effect(tx);
        return fail(ErrorKind::conflict, "cart.empty", "The cart is empty.");
    });
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(code_of(refused), "cart.empty");
    EXPECT_EQ(effects(), 0);
    EXPECT_EQ(keys(), 0);
    EXPECT_EQ(idempotency_.run(request("key-00000001"), "cus:1", effect).status, 201);
    EXPECT_EQ(effects(), 1);
}

TEST_F(IdempotencyTest, ThrownWorkGivesTheKeyFree) {
    EXPECT_THROW((void)idempotency_.run(request("key-00000001"), "cus:1",
                                        [](db::Tx& tx) -> Result<Response> {
                                            (void)effect(tx);
                                            throw std::runtime_error("broken");
                                        }),
                 std::runtime_error);
    EXPECT_EQ(effects(), 0);
    EXPECT_EQ(keys(), 0);
}

TEST_F(IdempotencyTest, KeyThatCouldNotBeGivenFreeIsFreeWithTheNextRequest) {
    db::set_fault_hook([](std::string_view statement) {
        if (statement.ends_with("release_idempotency_key")) throw db::Unavailable("08006", "", "the database is away");
    });
    const auto refuse = [](db::Tx&) -> Result<Response> { return fail(ErrorKind::conflict, "test.refused", "no"); };
    EXPECT_EQ(idempotency_.run(request("key-00000001"), "cus:1", refuse).status, 409);
    EXPECT_EQ(keys(), 1);
    // Still away: nothing is forgotten.
    EXPECT_THROW((void)idempotency_.begin(request("key-00000002"), "cus:2"), db::Unavailable);
    db::set_fault_hook({});
    EXPECT_EQ(idempotency_.run(request("key-00000001"), "cus:1", effect).status, 201);
    EXPECT_EQ(effects(), 1);
}

TEST_F(IdempotencyTest, StoreThatIsRolledBackGivesTheKeyFree) {
    {
        auto begun = idempotency_.begin(request("key-00000001"), "cus:1");
        auto& claim = std::get<Idempotency::Claim>(begun);
        EXPECT_THROW(database().in_tx([&](db::Tx& tx) {
            claim.store(tx, no_content());
            throw std::runtime_error("after the store");
        }),
                     std::runtime_error);
        EXPECT_EQ(keys(), 1);
    }
    EXPECT_EQ(keys(), 0);
}

TEST_F(IdempotencyTest, TwinIsToldToWait) {
    auto begun = idempotency_.begin(request("key-00000001"), "cus:1");
    ASSERT_TRUE(std::holds_alternative<Idempotency::Claim>(begun));
    const Response twin = idempotency_.run(request("key-00000001"), "cus:1", effect);
    EXPECT_EQ(twin.status, 409);
    EXPECT_EQ(code_of(twin), "http.idempotency_in_progress");
    EXPECT_FALSE(twin.header_value("retry-after").empty());
    EXPECT_EQ(idempotency_.run(request("key-00000001", "{ }"), "cus:1", effect).status, 422) << "another body is wrong at any time";
    EXPECT_EQ(effects(), 0);
    database().in_tx([&](db::Tx& tx) { std::get<Idempotency::Claim>(begun).store(tx, json_text(200, "1")); });
    EXPECT_EQ(idempotency_.run(request("key-00000001"), "cus:1", effect).body, "1");
}

TEST_F(IdempotencyTest, TwoThreadsAtOnceHaveOneEffect) {
    for (int round = 0; round < 50; ++round) {
        const std::string key = "race-" + std::to_string(100000 + round);
        std::latch start(2);
        std::array<Response, 2> answers;
        std::array<std::thread, 2> threads;
        for (std::size_t i = 0; i < 2; ++i) {
            threads[i] = std::thread([&, i] {
                const Request mine = request(key);
                start.arrive_and_wait();
                answers[i] = idempotency_.run(mine, "cus:1", effect);
            });
        }
        for (std::thread& thread : threads) thread.join();
        int fresh = 0;
        for (const Response& answer : answers) {
            if (answer.status == 201 && answer.header_value("idempotency-replayed").empty())
                ++fresh;
            else
                EXPECT_TRUE(answer.status == 409 || answer.header_value("idempotency-replayed") == "true") << answer.status;
        }
        EXPECT_EQ(fresh, 1) << key;
    }
    EXPECT_EQ(effects(), 50);
}

TEST_F(IdempotencyTest, DeadProcessIsTakenOverAfterItsLeaseAndCannotStoreLate) {
    auto dead = idempotency_.begin(request("key-00000001"), "cus:1", 30s);
    auto& late = std::get<Idempotency::Claim>(dead);
    clock_.advance(29s);
    EXPECT_EQ(idempotency_.run(request("key-00000001"), "cus:1", effect).status, 409);
    clock_.advance(2s);
    EXPECT_EQ(idempotency_.run(request("key-00000001", "{ }"), "cus:1", effect).status, 422) << "only the same request takes over";
    EXPECT_EQ(idempotency_.run(request("key-00000001"), "cus:1", effect).status, 201);
    EXPECT_THROW(database().in_tx([&](db::Tx& tx) {
        (void)effect(tx);
        late.store(tx, no_content());
    }),
                 ProblemException);
    EXPECT_EQ(effects(), 1);
    late.release();
    EXPECT_EQ(keys(), 1) << "the late one cannot free what is no longer its own";
    EXPECT_EQ(idempotency_.run(request("key-00000001"), "cus:1", effect).header_value("idempotency-replayed"), "true");
}

TEST_F(IdempotencyTest, OldKeysArePurged) {
    (void)idempotency_.run(request("key-00000001"), "cus:1", effect);
    clock_.advance(24h * 6);
    (void)idempotency_.run(request("key-00000002"), "cus:1", effect);
    EXPECT_EQ(purge_idempotency(database(), clock_.now()), 0);
    clock_.advance(24h + 1s);
    EXPECT_EQ(purge_idempotency(database(), clock_.now()), 1);
    EXPECT_EQ(keys(), 1);
}

}  // namespace
}  // namespace stoa::http
