#include <gtest/gtest.h>

#include "private_redis.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::redis {
namespace {

using namespace std::chrono_literals;

TEST(Redis, KeepsValuesForALifetime) {
    Redis redis(testing::test_redis_url());
    const std::string odd("bytes \0 \r\n {}", 14);
    EXPECT_TRUE(redis.set("probe:a", odd, 60s));
    EXPECT_EQ(redis.get("probe:a"), odd);
    EXPECT_FALSE(redis.set_if_absent("probe:a", "other", 60s));
    EXPECT_EQ(redis.get("probe:a"), odd);
    EXPECT_TRUE(redis.erase("probe:a"));
    EXPECT_FALSE(redis.erase("probe:a"));
    EXPECT_EQ(redis.get("probe:a"), std::nullopt);
    EXPECT_TRUE(redis.set_if_absent("probe:a", "mine", 60s));
    EXPECT_TRUE(redis.erase("probe:a"));
}

TEST(Redis, StreamsReachEachConsumerOfAGroupOnce) {
    testing::PrivateRedis server;
    Redis redis(server.url());
    ASSERT_TRUE(redis.ensure_group("s", "g"));
    ASSERT_TRUE(redis.ensure_group("s", "g"));
    ASSERT_TRUE(redis.stream_add("s", {{"job", "1"}, {"odd", std::string("a\0b", 3)}}));
    ASSERT_TRUE(redis.stream_add("s", {{"job", "2"}}));
    const auto first = redis.stream_read_group("s", "g", "one", 1, 10ms);
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(first[0].fields, (std::vector<std::pair<std::string, std::string>>{{"job", "1"}, {"odd", std::string("a\0b", 3)}}));
    const auto second = redis.stream_read_group("s", "g", "two", 10, 10ms);
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ(second[0].fields[0].second, "2");
    EXPECT_TRUE(redis.stream_ack("s", "g", {first[0].id, second[0].id}));
    EXPECT_TRUE(redis.stream_read_group("s", "g", "one", 10, 10ms).empty());
    EXPECT_TRUE(redis.stream_drop_consumer("s", "g", "one"));
}

TEST(Redis, AReaderThatBlocksIsWokenAndOutlivesTheTimeout) {
    testing::PrivateRedis server;
    Redis redis(server.url(), 100ms);
    ASSERT_TRUE(redis.ensure_group("s", "g"));
    std::thread writer([&] {
        std::this_thread::sleep_for(300ms);
        redis.stream_add("s", {{"job", "1"}});
    });
    const auto entries = redis.stream_read_group("s", "g", "one", 10, 5s);
    writer.join();
    EXPECT_EQ(entries.size(), 1u) << "the time-out of ordinary commands must not end a blocking read";
}

TEST(Redis, AGroupThatWasFlushedAwayIsMadeAgain) {
    testing::PrivateRedis server;
    Redis redis(server.url());
    ASSERT_TRUE(redis.ensure_group("s", "g"));
    server.flush_all();
    EXPECT_TRUE(redis.stream_read_group("s", "g", "one", 10, 10ms).empty());
    ASSERT_TRUE(redis.stream_add("s", {{"job", "1"}}));
    EXPECT_EQ(redis.stream_read_group("s", "g", "one", 10, 10ms).size(), 1u);
}

TEST(Redis, AnOutageIsAnEmptyAnswerAndEndsByItself) {
    testing::PrivateRedis server;
    Redis redis(server.url());
    ASSERT_TRUE(redis.set("a", "1", 60s));
    server.stop();
    EXPECT_FALSE(redis.ping());
    EXPECT_FALSE(redis.set("a", "1", 60s));
    EXPECT_EQ(redis.get("a"), std::nullopt);
    EXPECT_FALSE(redis.stream_add("s", {{"job", "1"}}));
    EXPECT_FALSE(redis.ensure_group("s", "g"));
    EXPECT_TRUE(redis.stream_read_group("s", "g", "one", 1, 1s).empty());
    EXPECT_FALSE(redis.publish("c", "m"));
    server.start();
    bool back = false;
    for (int i = 0; i < 300 && !back; ++i) {
        back = redis.set("a", "2", 60s);
        if (!back) std::this_thread::sleep_for(20ms);
    }
    EXPECT_TRUE(back);
    EXPECT_EQ(redis.get("a"), "2");
}

TEST(Redis, ARestartBetweenTwoCommandsIsNotSeen) {
    testing::PrivateRedis server;
    Redis redis(server.url());
    ASSERT_TRUE(redis.ping());
    server.stop();
    server.start();
    EXPECT_TRUE(redis.set("a", "1", 60s)) << "the stale connection must be replaced";
}

TEST(Redis, AFrozenServerCostsOneTimeout) {
    testing::PrivateRedis server;
    Redis redis(server.url(), 100ms);
    ASSERT_TRUE(redis.ping());
    server.freeze();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(redis.get("a"), std::nullopt);
    server.thaw();
    bool back = false;
    for (int i = 0; i < 300 && !back; ++i) {
        back = redis.ping();
        if (!back) std::this_thread::sleep_for(20ms);
    }
    EXPECT_TRUE(back);
}

TEST(Redis, ATokenBucketAllowsItsCapacityThenSaysWhenToComeBack) {
    testing::PrivateRedis server;
    Redis redis(server.url());
    const Redis::Limit limit{5, 0.1};
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(redis.take("b", limit).allowed);
    const auto refused = redis.take("b", limit);
    EXPECT_FALSE(refused.allowed);
    EXPECT_GE(refused.retry_after_seconds, 9);
    EXPECT_LE(refused.retry_after_seconds, 10);
    EXPECT_TRUE(redis.take("other", limit, 5).allowed);
    EXPECT_FALSE(redis.take("other", limit, 1).allowed);
    // Redis forgets the script with a restart.
    server.stop();
    server.start();
    EXPECT_TRUE(redis.take("b", limit).allowed);
}

TEST(Redis, WithoutRedisABucketInTheProcessDecides) {
    Redis redis(fmt::format("redis://127.0.0.1:{}/0", testing::free_port()));
    const Redis::Limit limit{3, 0.5};
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(redis.take("b", limit).allowed);
    const auto refused = redis.take("b", limit);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.retry_after_seconds, 2);
    EXPECT_TRUE(redis.take("another", limit).allowed);
}

TEST(Redis, ThreadsShareTheBucketExactly) {
    testing::PrivateRedis server;
    Redis redis(server.url(), 2s);
    std::atomic<int> allowed{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i) allowed += redis.take("b", {100, 0.0}).allowed ? 1 : 0;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(allowed.load(), 100);
}

TEST(Redis, RefusesAUrlItCannotRead) {
    for (const auto* url : {"", "localhost:6379", "http://localhost", "redis://localhost:x", "redis://localhost/x"}) {
        EXPECT_THROW(Redis{url}, std::invalid_argument) << url;
    }
}

}  // namespace
}  // namespace stoa::redis
