#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "stoa/events/events.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::events {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class EventsTest : public ::testing::Test {
protected:
    void SetUp() override { testing::shared_database().truncate_all(); }
    static db::Database& db() { return testing::shared_database().database(); }
    static std::vector<Event> after(std::int64_t position, int limit = 1000) {
        return db().read([&](db::Session& s) { return read_after(s, position, limit); });
    }
    static std::vector<std::string> jobs() {
        return db().read([](db::Session& s) {
            std::vector<std::string> out;
            const auto rows = s.query({"probe.jobs", "select kind || ':' || event_position as text from jobs.job order by id"});
            for (const auto& row : rows) out.push_back(row.get<std::string>("text"));
            return out;
        });
    }
};

Subscription subscription(std::string handler, std::vector<std::string> types) {
    return {std::move(handler), std::move(types), [](db::Tx&, const Event&) {}, {}};
}

TEST(EventTypes, Match) {
    EXPECT_TRUE(matches({"order.placed"}, "order.placed"));
    EXPECT_FALSE(matches({"order.placed"}, "order.placed_again"));
    EXPECT_TRUE(matches({"x", "order.*"}, "order.placed"));
    EXPECT_FALSE(matches({"order.*"}, "orders.placed"));
    EXPECT_TRUE(matches({"*"}, "anything"));
    EXPECT_FALSE(matches({}, "anything"));
}

TEST_F(EventsTest, VersionsCountPerStreamAndPositionsComeFromTheRelay) {
    db().in_tx([](db::Tx& tx) {
        const std::array events{NewEvent{"order.placed", "order:1", R"({"n": 1})"}, NewEvent{"stock.changed", "stock:9", "{}"},
                                NewEvent{"order.confirmed", "order:1", R"({"text": "käse \"x\" \\ {1,2}"})"}};
        append(tx, events);
    });
    db().in_tx([](db::Tx& tx) { append(tx, {"order.cancelled", "order:1", "{}"}); });
    EXPECT_TRUE(after(0).empty()) << "nothing has a position before the relay saw it";

    Relay relay(db(), {subscription("a", {"order.*"}), subscription("b", {"stock.changed", "order.cancelled"})});
    EXPECT_EQ(relay.run_once(), 4);
    EXPECT_EQ(relay.run_once(), 0);
    const auto all = after(0);
    ASSERT_EQ(all.size(), 4u);
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].position, static_cast<std::int64_t>(i + 1));
    EXPECT_EQ(all[2].type, "order.confirmed");
    EXPECT_EQ(all[2].version, 2);
    EXPECT_EQ(all[2].data, R"({"text": "käse \"x\" \\ {1,2}"})");
    EXPECT_EQ(after(2, 1).front().position, 3);
    EXPECT_THAT(jobs(), ElementsAre("a:1", "b:2", "a:3", "a:4", "b:4"));

    const auto stream = db().read([](db::Session& s) { return read_stream(s, "order:1", 1, 10); });
    ASSERT_EQ(stream.size(), 2u);
    EXPECT_EQ(stream[0].version, 2);
    EXPECT_EQ(stream[1].version, 3);
}

TEST_F(EventsTest, ASubscriptionMayWantLessForNow) {
    std::vector<std::string> wanted;
    auto narrowed = subscription("a", {"order.*"});
    narrowed.types_now = [&](db::Session&) { return wanted; };
    Relay relay(db(), {narrowed, subscription("b", {"order.placed"})});
    const auto happen = [](const std::string& type) { db().in_tx([&](db::Tx& tx) { append(tx, {type, "s", "{}"}); }); };
    happen("order.placed");
    EXPECT_EQ(relay.run_once(), 1);
    wanted = {"*"};  // no more than its own types
    happen("order.shipped");
    happen("stock.changed");
    EXPECT_EQ(relay.run_once(), 2);
    EXPECT_THAT(jobs(), ElementsAre("b:1", "a:2"));
}

TEST_F(EventsTest, ARolledBackAppendLeavesNoGap) {
    EXPECT_ANY_THROW(db().in_tx([](db::Tx& tx) {
        append(tx, {"a.b", "s", "{}"});
        throw std::runtime_error("no");
    }));
    db().in_tx([](db::Tx& tx) { append(tx, {"a.b", "s", "{}"}); });
    const auto stream = db().read([](db::Session& s) { return read_stream(s, "s", 0, 10); });
    ASSERT_EQ(stream.size(), 1u);
    EXPECT_EQ(stream[0].version, 1);
}

TEST_F(EventsTest, OneRelayLeadsAndTheNextTakesOver) {
    db().in_tx([](db::Tx& tx) { append(tx, {"a.b", "s", "{}"}); });
    auto first = std::make_unique<Relay>(db(), std::vector<Subscription>{});
    Relay second(db(), {});
    EXPECT_EQ(first->run_once(), 1);
    db().in_tx([](db::Tx& tx) { append(tx, {"a.b", "s", "{}"}); });
    EXPECT_EQ(second.run_once(), 0);
    EXPECT_FALSE(second.leads());
    first.reset();
    int taken = 0;
    for (int i = 0; i < 200 && taken == 0; ++i) {
        taken = second.run_once();
        if (taken == 0) std::this_thread::sleep_for(10ms);
    }
    EXPECT_EQ(taken, 1);
    EXPECT_EQ(after(0).back().position, 2);
}

TEST_F(EventsTest, ListenersHearOfAppendsAndOfPositions) {
    db::Listener listener(testing::shared_database().url(), {std::string(Relay::kChannel)});
    db().in_tx([](db::Tx& tx) {
        append(tx, {"a.b", "s", "{}"});
        append(tx, {"a.b", "t", "{}"});
    });
    auto heard = listener.wait(5s);
    ASSERT_EQ(heard.size(), 1u);
    EXPECT_EQ(heard[0].payload, "");
    Relay relay(db(), {});
    EXPECT_EQ(relay.run_once(), 2);
    heard = listener.wait(5s);
    ASSERT_EQ(heard.size(), 1u);
    EXPECT_EQ(heard[0].payload, "2");
}

// A transaction that began first may commit last: its event gets a position behind those that were given meanwhile.
TEST_F(EventsTest, AnEventThatCommitsLateIsNotSkipped) {
    Relay relay(db(), {subscription("a", {"*"})});
    db().in_tx([&](db::Tx& slow) {
        append(slow, {"late", "slow", "{}"});
        db().in_tx([](db::Tx& tx) { append(tx, {"early", "fast", "{}"}); });
        EXPECT_EQ(relay.run_once(), 1);
        EXPECT_EQ(after(0).back().type, "early");
    });
    EXPECT_EQ(relay.run_once(), 1);
    const auto rest = after(1);
    ASSERT_EQ(rest.size(), 1u);
    EXPECT_EQ(rest[0].type, "late");
    EXPECT_EQ(rest[0].position, 2);
}

TEST_F(EventsTest, ManyWritersSharedStreamsRollbacksAndTwoRelaysNeverLoseOrDoubleAnything) {
    constexpr int kWriters = 8;
    constexpr int kRounds = 60;
    std::atomic<int> committed{0};
    std::atomic<bool> writing{true};
    std::vector<std::thread> threads;
    for (int w = 0; w < kWriters; ++w) {
        threads.emplace_back([&, w] {
            std::mt19937 random(static_cast<unsigned>(w));
            for (int i = 0; i < kRounds; ++i) {
                const bool rolls_back = random() % 4 == 0;
                const auto count = 1 + random() % 3;
                try {
                    db().in_tx([&](db::Tx& tx) {
                        std::vector<NewEvent> events;
                        for (unsigned e = 0; e < count; ++e) {
                            events.push_back(
                                {"probe.happened", fmt::format("shared:{}", random() % 5), fmt::format(R"({{"w": {}, "i": {}}})", w, i)});
                        }
                        append(tx, events);
                        if (random() % 3 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(random() % 4));
                        if (rolls_back) throw std::runtime_error("rolled back");
                    });
                    committed += static_cast<int>(count);
                } catch (const std::runtime_error& error) {
                    if (!rolls_back) ADD_FAILURE() << error.what();
                }
            }
        });
    }
    // Two relays that both believe to lead: the lock on the counter row must be enough.
    std::vector<std::thread> relays;
    const auto relay_loop = [&](db::Database& database) {
        const std::vector<Subscription> subscriptions{subscription("first", {"*"}), subscription("second", {"probe.*"})};
        Relay relay(database, subscriptions);
        while (writing) {
            relay.run_once();
            relay.resign();  // leadership changes all the time
        }
        for (int i = 0; i < 100; ++i) relay.run_once();
    };
    for (int i = 0; i < 2; ++i) relays.emplace_back([&] { relay_loop(db()); });
    // Readers follow the positions; each must see every event exactly once, in order.
    std::vector<std::vector<std::int64_t>> seen(2);
    std::vector<std::thread> readers;
    std::atomic<bool> relaying{true};
    for (auto& list : seen) {
        readers.emplace_back([&] {
            std::int64_t position = 0;
            for (;;) {
                const bool last = !relaying;
                const auto events = after(position, 7);
                for (const auto& event : events) list.push_back(position = event.position);
                if (events.empty() && last) return;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    writing = false;
    for (auto& thread : relays) thread.join();
    {
        Relay last(db(), {subscription("first", {"*"}), subscription("second", {"probe.*"})});
        while (last.run_once() > 0) {
        }
    }
    relaying = false;
    for (auto& thread : readers) thread.join();

    const int total = committed.load();
    EXPECT_GT(total, 100);
    for (const auto& list : seen) {
        ASSERT_EQ(list.size(), static_cast<std::size_t>(total));
        for (std::size_t i = 0; i < list.size(); ++i) ASSERT_EQ(list[i], static_cast<std::int64_t>(i + 1));
    }
    std::map<std::string, std::int64_t> versions;
    for (const auto& event : after(0, 100000)) EXPECT_EQ(event.version, ++versions[event.stream]) << "stream order follows positions";
    EXPECT_EQ(jobs().size(), static_cast<std::size_t>(total) * 2);
    db().read([&](db::Session& s) {
        EXPECT_EQ(s.query({"probe.pairs", "select count(distinct (event_position, kind)) as n from jobs.job"}).front().get<int>("n"),
                  total * 2);
        EXPECT_EQ(s.query({"probe.last", "select last_position as n from events.relay"}).front().get<int>("n"), total);
    });
}

}  // namespace
}  // namespace stoa::events
