// Redis is emptied, killed and started again; every connection to PostgreSQL is ended, and no new one is let in for a while. In the middle
// of load: nothing is lost, nothing happens twice, and the shop comes back by itself.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <filesystem>
#include <mutex>
#include <thread>

#include "process.hpp"
#include "sold.hpp"
#include "stoa/log/log.hpp"

namespace stoa::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// A Redis of our own, since others use the one of the test run.
class OwnRedis {
public:
    OwnRedis() : directory_(fmt::format("/tmp/stoa-chaos-redis-{}", ::getpid())) {
        std::filesystem::create_directories(directory_);
        // A free port, asked of the kernel.
        const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
            ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::runtime_error("no free port");
        port_ = ntohs(address.sin_port);
        ::close(socket);
        start();
    }
    ~OwnRedis() {
        stop();
        std::filesystem::remove_all(directory_);
    }
    void start() {
        process_ = Process({"/usr/bin/redis-server", "--port", std::to_string(port_), "--bind", "127.0.0.1", "--save", "", "--appendonly",
                            "no", "--dir", directory_},
                           true);
        for (int i = 0; i < 200 && redis_command(url(), "PING") != "+PONG"; ++i) std::this_thread::sleep_for(milliseconds{25});
    }
    void stop() { process_.kill(); }
    [[nodiscard]] std::string url() const { return fmt::format("redis://127.0.0.1:{}/0", port_); }

private:
    std::string directory_;
    int port_ = 0;
    Process process_;
};

class Outages : public ::testing::Test {
protected:
    static void SetUpTestSuite() { log::set_level(log::Level::error); }

    OwnRedis redis;
    World world{redis.url()};
    Goods lamp = stock_up(*world.shop, "LAMP", 4900, 1000000);
    std::atomic<bool> stop{false};
    std::atomic<int> bought{0}, refused{0};
    std::mutex mutex;
    std::string strange;

    // Like a browser that repeats what was not answered.
    Answer insist(Shopper& who, http::Method method, const std::string& target, const std::string& body, const std::string& key = {}) {
        Answer answer;
        for (int tries = 0; tries < 400; ++tries) {
            answer = who.send(method, target, body, key);
            const bool again =
                answer.status == 503 || (answer.status == 409 && answer.body.text_or("code") == "http.idempotency_in_progress");
            if (!again) break;
            ++refused;
            // A claim whose release was lost ends with its lease.
            if (answer.status == 409) world.clock.advance(seconds{5});
            std::this_thread::sleep_for(milliseconds{25});
        }
        return answer;
    }
    void complain(const std::string& text) {
        const std::lock_guard lock(mutex);
        if (strange.empty()) strange = text;
    }
    void shop_until_stopped(int thread) {
        for (int number = 0; !stop; ++number) {
            Shopper who(*world.shop);
            const auto email = fmt::format("t{}n{}@example.test", thread, number);
            using http::Method;
            auto answer = insist(who, Method::post, "/api/v1/cart/lines",
                                 fmt::format(R"({{"variant_id":"{}","quantity":1}})", lamp.variant.to_string()));
            if (answer.status != 201) return complain("add: " + answer.text);
            if (answer = insist(who, Method::post, "/api/v1/checkout", "{}"); answer.status != 200)
                return complain("start: " + answer.text);
            if (answer = insist(who, Method::put, "/api/v1/checkout/contact", fmt::format(R"({{"email":"{}"}})", email));
                answer.status != 200)
                return complain("contact: " + answer.text);
            answer = insist(
                who, Method::put, "/api/v1/checkout/address",
                R"({"shipping":{"first_name":"Ana","last_name":"Ruiz","line1":"Torstr. 1","postal_code":"10115","city":"Berlin","country":"DE"}})");
            if (answer.status != 200) return complain("address: " + answer.text);
            if (answer = insist(who, Method::put, "/api/v1/checkout/shipping", R"({"option_id":"own:standard"})"); answer.status != 200)
                return complain("shipping: " + answer.text);
            const auto total = answer.body.at("totals", "total", "amount")->text();
            const auto key = Uuid::v7().to_string();
            const auto body = fmt::format(
                R"({{"expected_total":{{"amount":{},"currency":"EUR"}},"terms_accepted":true,"payment":{{"method":"card","card":{{"number":"4111111111111111","expiry_month":"05","expiry_year":"2031","cvv":"123","holder":"ANA RUIZ"}}}}}})",
                total);
            answer = insist(who, Method::post, "/api/v1/checkout/complete", body, key);
            if (answer.status != 200) return complain("complete: " + answer.text);
            auto state = answer.body.text_or("status");
            const auto attempt = answer.body.text_or("attempt_id");
            // The answer of the provider could not be booked: the sweeper does it.
            for (int i = 0; i < 200 && state == "processing"; ++i) {
                std::this_thread::sleep_for(milliseconds{50});
                world.clock.advance(seconds{2});
                state = insist(who, Method::get, "/api/v1/checkout/payments/" + attempt, "").body.text_or("status");
            }
            if (state != "completed") return complain("ended as " + state + ": " + answer.text);
            ++bought;
        }
    }
    // Every connection of the shop, but not ours.
    int end_connections() {
        return static_cast<int>(world.database.database().read([](db::Session& session) {
            return session
                .run_text(
                    "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> "
                    "pg_backend_pid()")
                .front()
                .get<std::int64_t>(0);
        }));
    }

    void expect_nothing_lost_or_twice(Mails mails) {
        EXPECT_EQ(strange, "");
        for (int i = 0; i < 3; ++i) {
            world.clock.advance(minutes{10});
            world.work();
        }
        expect_sold(world, bought, mails);
        std::printf("%d bought, %d times told to wait\n", bought.load(), refused.load());
    }

    template <class Trouble>
    void under_load(Mails mails, Trouble trouble) {
        jobs::WorkerOptions options;
        options.poll = milliseconds{100};
        jobs::Worker worker(world.shop->database, world.shop->redis, world.shop->clock, world.shop->job_handlers(),
                            world.shop->subscriptions(), world.shop->schedules(), options);
        worker.start();
        int after = 0;
        {
            std::vector<std::jthread> buyers;
            for (int i = 0; i < 6; ++i) buyers.emplace_back([this, i] { shop_until_stopped(i); });
            wait_for(bought + 6);
            trouble();
            // Back by itself: purchases go on without anybody's help.
            after = bought;
            wait_for(after + 6);
            stop = true;
        }
        EXPECT_GE(bought, after + 6) << "the shop did not come back";
        EXPECT_TRUE(worker.stop());
        EXPECT_EQ(world.shop->not_ready(), "");
        expect_nothing_lost_or_twice(mails);
    }
    void wait_for(int purchases) {
        for (int i = 0; i < 600 && bought < purchases; ++i) std::this_thread::sleep_for(milliseconds{50});
    }
};

TEST_F(Outages, redis_emptied_and_restarted) {
    under_load(Mails::once, [&] {
        for (int i = 0; i < 5; ++i) {
            EXPECT_EQ(redis_command(redis.url(), "FLUSHALL"), "+OK");
            std::this_thread::sleep_for(milliseconds{150});
        }
        redis.stop();
        EXPECT_EQ(redis_command(redis.url(), "PING"), "");
        // Without Redis the shop sells.
        const int before = bought;
        wait_for(before + 4);
        EXPECT_GE(bought, before + 4);
        redis.start();
        EXPECT_EQ(redis_command(redis.url(), "PING"), "+PONG");
        std::this_thread::sleep_for(milliseconds{300});
        redis.stop();
        redis.start();
    });
}

TEST_F(Outages, postgresql_connections_end_and_no_new_one_is_let_in_for_a_while) {
    under_load(Mails::repeated_if_unsure, [&] {
        int ended = 0;
        for (int i = 0; i < 8; ++i) {
            ended += end_connections();
            std::this_thread::sleep_for(milliseconds{120});
        }
        EXPECT_GT(ended, 8);
        // As when the server restarts. The switch must be thrown from another database.
        db::PoolOptions options;
        options.max_connections = 1;
        const auto url = world.database.url();
        const auto slash = url.rfind('/');
        db::Database other(url.substr(0, slash) + "/postgres", options);
        const auto name = url.substr(slash + 1);
        other.read([&](db::Session& session) {
            session.run_text(fmt::format("alter database {} with allow_connections false", name));
            session.run_text(fmt::format("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '{}'", name));
        });
        std::this_thread::sleep_for(milliseconds{1500});
        Shopper who(*world.shop);
        const auto away = who.post("/api/v1/cart/lines", fmt::format(R"({{"variant_id":"{}","quantity":1}})", lamp.variant.to_string()));
        EXPECT_EQ(away.status, 503) << away.text;
        EXPECT_EQ(away.body.text_or("code"), "http.unavailable");
        EXPECT_EQ(away.header("retry-after"), "2");
        EXPECT_EQ(who.get("/readyz").status, 503);
        other.read([&](db::Session& session) { session.run_text(fmt::format("alter database {} with allow_connections true", name)); });
    });
}

}  // namespace
}  // namespace stoa::testing
