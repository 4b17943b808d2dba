// /readyz: one reason after the other.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <optional>

#include "private_redis.hpp"
#include "shop.hpp"
#include "stoa/log/log.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::app {
namespace {

using stoa::testing::PrivateRedis;
using stoa::testing::TestDatabase;

class Readiness : public ::testing::Test {
protected:
    Readiness() {
        log::set_level(log::Level::error);
        ShopOptions options;
        options.search_feed = false;
        options.database_connections = 4;
        shop = std::make_unique<Shop>(load_config([&](std::string_view name) -> std::optional<std::string> {
                                          if (name == "STOA_DATABASE_URL") return own.url();
                                          if (name == "STOA_REDIS_URL") return redis.url();
                                          if (name == "STOA_MEDIA_DIR") return "/tmp";
                                          return std::nullopt;
                                      }),
                                      options);
    }
    ~Readiness() override { log::set_level(log::Level::info); }
    void load() {
        shop->search->load();
        (void)shop->content->refresh();
    }
    http::Response ask(std::string path = "/readyz") {
        auto request = stoa::testing::request(http::Method::get, std::move(path));
        return http::dispatch(shop->routes(), request, {});
    }
    void expect_not_ready(std::string_view reason) {
        const auto response = ask();
        EXPECT_EQ(response.status, 503);
        const auto body = json::parse(response.content());
        ASSERT_TRUE(body);
        EXPECT_EQ(body->text_or("code"), "http.not_ready");
        EXPECT_EQ(body->text_or("detail"), "Not ready: " + std::string(reason) + ".");
        EXPECT_EQ(response.header_value("retry-after"), "1");
        EXPECT_EQ(ask("/healthz").status, 200) << "alive is not ready";
    }

    TestDatabase own;
    PrivateRedis redis;
    std::unique_ptr<Shop> shop;
};

TEST_F(Readiness, everything_there) {
    load();
    const auto response = ask();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content(), R"({"status":"ready"})");
    EXPECT_NE(ask("/metrics").content().find("\nstoa_redis_up 1\n"), std::string::npos);
}

TEST_F(Readiness, a_read_model_that_is_not_loaded) {
    expect_not_ready("read model");
    shop->search->load();
    expect_not_ready("content");
    (void)shop->content->refresh();
    EXPECT_EQ(ask().status, 200);
}

TEST_F(Readiness, a_schema_older_than_the_program) {
    load();
    // One of the middle: a module's range may lie below another's, so the highest number says nothing.
    const auto migrations = db::all_migrations();
    const int missing = migrations[migrations.size() / 2].number, newest = migrations.back().number;
    const auto renumber = [&](int from, int to) {
        own.database().in_tx(
            [&](db::Tx& tx) { tx.run_text(fmt::format("update platform.migration set number = {} where number = {}", to, from)); });
    };
    renumber(missing, newest + 1);
    expect_not_ready(fmt::format("migration {} is missing; run stoa migrate", missing));
    renumber(newest + 1, missing);
    EXPECT_EQ(ask().status, 200);
    // A newer one is what a rolling deployment looks like from the old program.
    own.database().in_tx([&](db::Tx& tx) {
        tx.run_text(
            fmt::format("create temporary table newer on commit drop as select * from platform.migration where number = {};"
                        "update newer set number = {}; insert into platform.migration select * from newer",
                        newest, newest + 1));
    });
    EXPECT_EQ(ask().status, 200);
}

TEST_F(Readiness, a_database_that_is_away) {
    load();
    const auto slash = own.url().rfind('/');
    const auto name = own.url().substr(slash + 1);
    db::Database other(own.url().substr(0, slash) + "/postgres", {.max_connections = 1});
    const auto allow = [&](bool yes) {
        other.read([&](db::Session& session) {
            session.run_text(fmt::format("alter database {} with allow_connections {}", name, yes));
            if (!yes)
                session.run_text(fmt::format("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '{}'", name));
        });
    };
    allow(false);
    expect_not_ready("database");
    allow(true);
    EXPECT_EQ(ask().status, 200);
}

TEST_F(Readiness, without_redis_it_serves_and_says_so) {
    load();
    redis.stop();
    // Also when nobody asks whether it is ready.
    EXPECT_NE(ask("/metrics").content().find("\nstoa_redis_up 0\n"), std::string::npos);
    const auto response = ask();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content(), R"({"status":"degraded","missing":["redis"]})");
    redis.start();
    // The client waits a moment before it tries a Redis again that was away.
    std::string text;
    for (int i = 0; i < 300 && text != R"({"status":"ready"})"; ++i) {
        text = std::string(ask().content());
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    EXPECT_EQ(text, R"({"status":"ready"})");
}

}  // namespace
}  // namespace stoa::app
