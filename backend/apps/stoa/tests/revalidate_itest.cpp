// When the storefront is told that a page is no longer true: not before everybody it may ask knows what is.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "revalidate.hpp"
#include "shop.hpp"
#include "stoa/json/value.hpp"
#include "stoa/log/log.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::app {
namespace {

using stoa::testing::TestDatabase;

class Storefront : public http_client::Client {
public:
    std::expected<http_client::Answer, http_client::CallError> send(const http_client::Call& call) override {
        const auto body = json::parse(call.body);
        for (const auto& tag : body->find("tags")->items()) told.push_back(tag.text());
        http_client::Answer answer;
        answer.status = 204;
        return answer;
    }
    std::vector<std::string> told;
};

class Revalidation : public ::testing::Test {
protected:
    Revalidation() {
        log::set_level(log::Level::error);
        ShopOptions options;
        options.search_feed = false;  // it follows when a case says so
        options.database_connections = 4;
        shop = std::make_unique<Shop>(load_config([&](std::string_view name) -> std::optional<std::string> {
                                          if (name == "STOA_DATABASE_URL") return own.url();
                                          if (name == "STOA_REDIS_URL") return "redis://127.0.0.1:1/0";
                                          if (name == "STOA_MEDIA_DIR") return "/tmp";
                                          return std::nullopt;
                                      }),
                                      options);
        shop->search->load();
        revalidator = std::make_unique<Revalidator>(shop->database, storefront, clock, "http://storefront.test", "secret");
        reader = std::make_unique<CatalogueReader>(shop->database, *shop->search, clock);
        reader->report();
    }
    ~Revalidation() override { log::set_level(log::Level::info); }
    // An event, as the worker handles it.
    void change(std::string_view type = "category.changed", std::string_view data = R"({"category_id":"cat_1"})") {
        shop->database.in_tx([&](db::Tx& tx) { events::append(tx, {std::string(type), "category:all", std::string(data)}); });
        const auto subscriptions = revalidation_subscriptions(clock);
        events::Relay relay(shop->database, subscriptions);
        (void)relay.run_once();
        shop->database.in_tx([&](db::Tx& tx) {
            const auto events = events::read_after(tx, seen_, 100);
            for (const auto& event : events) subscriptions.front().in_tx(tx, event);
        });
        seen_ = last_position();
    }
    std::int64_t last_position() {
        const auto events = shop->database.read([&](db::Session& session) { return events::read_after(session, seen_, 100); });
        return events.empty() ? seen_ : events.back().position;
    }
    void follow() { (void)shop->search->refresh(); }
    // How many tags are sent after that time, with a `serve` that lives on.
    int after(std::chrono::seconds time) {
        clock.advance(time);
        reader->report();
        return revalidator->run_once();
    }
    std::int64_t count(std::string_view what) {
        return shop->database.read([&](db::Session& session) {
            return session.run_text(fmt::format("select count(*) from {}", what)).front().get<std::int64_t>(0);
        });
    }

    TestDatabase own;
    ManualClock clock{Timestamp{std::chrono::hours{500000}}};  // some day of 2027
    Storefront storefront;
    std::unique_ptr<Shop> shop;
    std::unique_ptr<Revalidator> revalidator;
    std::unique_ptr<CatalogueReader> reader;

private:
    std::int64_t seen_ = 0;
};

TEST_F(Revalidation, waits_until_the_read_model_has_the_change) {
    change();
    EXPECT_EQ(after(std::chrono::seconds{5}), 0) << "a page made now would say for an hour what was true before";
    EXPECT_EQ(after(std::chrono::seconds{10}), 0);
    follow();
    EXPECT_EQ(after(std::chrono::seconds{1}), 4);
    EXPECT_EQ(after(std::chrono::minutes{2}), 0) << "it is sent once";
}

TEST_F(Revalidation, waits_for_the_slowest_of_several_read_models) {
    change();
    follow();
    shop->database.in_tx([&](db::Tx& tx) {
        (void)tx.run_text(
            fmt::format("insert into storefront.catalogue_reader (name, position, seen_at) values ('slow', 0, to_timestamp({}))",
                        std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch()).count()));
    });
    EXPECT_EQ(after(std::chrono::seconds{5}), 0);
    EXPECT_EQ(after(std::chrono::seconds{12}), 4) << "one that was killed is not waited for";
}

TEST_F(Revalidation, gives_up_waiting_after_a_minute_and_does_not_forget) {
    change();
    EXPECT_EQ(after(std::chrono::seconds{50}), 0);
    EXPECT_EQ(after(std::chrono::seconds{15}), 4);
    EXPECT_EQ(after(std::chrono::seconds{30}), 0);
    EXPECT_EQ(after(std::chrono::seconds{31}), 4);
    follow();
    EXPECT_EQ(after(std::chrono::seconds{1}), 4);
    EXPECT_EQ(count("storefront.pending_tag"), 0);
}

TEST_F(Revalidation, sends_what_changes_all_the_time_as_far_as_it_is_seen_and_keeps_it) {
    change();
    follow();
    for (int second = 0; second < 10; ++second) {
        change();
        (void)after(std::chrono::seconds{1});
    }
    (void)after(std::chrono::seconds{1});
    EXPECT_EQ(std::ranges::count(storefront.told, "listing"), 1);
    EXPECT_EQ(count("storefront.pending_tag where tag = 'listing'"), 1);
    follow();
    EXPECT_EQ(after(std::chrono::seconds{3}), 4);
    EXPECT_EQ(count("storefront.pending_tag"), 0);
}

TEST_F(Revalidation, of_texts_waits_for_no_read_model) {
    change("content.changed", R"({"slug":"faq"})");
    EXPECT_EQ(after(std::chrono::seconds{3}), 3);
}

TEST_F(Revalidation, a_process_that_ends_is_not_waited_for) {
    CatalogueReader other(shop->database, *shop->search, clock);
    other.start();
    EXPECT_EQ(count("storefront.catalogue_reader"), 2);
    other.stop();
    EXPECT_EQ(count("storefront.catalogue_reader"), 1);
}

}  // namespace
}  // namespace stoa::app
