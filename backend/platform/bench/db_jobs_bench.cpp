// Figures, not tests: statements per second one by one and pipelined, pool overhead, events and jobs per second.
// Needs STOA_TEST_DATABASE_URL and STOA_TEST_REDIS_URL (eval "$(tools/testdb)").
#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "stoa/jobs/jobs.hpp"
#include "stoa/log/log.hpp"
#include "stoa/testing/testing.hpp"

namespace {

using namespace stoa;
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

double seconds_of(const std::function<void()>& body) {
    const auto start = Steady::now();
    body();
    return std::chrono::duration<double>(Steady::now() - start).count();
}

void report(std::string_view what, double count, double seconds) {
    fmt::print("{:<66} {:>10.0f} /s {:>9.1f} us each\n", what, count / seconds, seconds / count * 1e6);
}

constexpr db::Query kOne{"bench.one", "select id, name, amount from bench.item where id = $1::bigint"};
constexpr db::Query kWrite{"bench.write", "update bench.item set amount = amount + 1 where id = $1::bigint"};

void statements(db::Database& database) {
    constexpr int kCount = 6000;
    for (const int width : {1, 4, 16}) {
        const double one_by_one = seconds_of([&] {
            for (int i = 0; i < kCount; i += width) {
                database.read([&](db::Session& s) {
                    for (int k = 0; k < width; ++k) (void)s.query(kOne, i % 1000 + k);
                });
            }
        });
        report(fmt::format("reads, {} to a loan of the connection, one by one", width), kCount, one_by_one);
        const double pipelined = seconds_of([&] {
            for (int i = 0; i < kCount; i += width) {
                database.read([&](db::Session& s) {
                    std::vector<db::Call> calls;
                    for (int k = 0; k < width; ++k) calls.push_back(db::call(kOne, i % 1000 + k));
                    (void)s.pipeline(calls);
                });
            }
        });
        report(fmt::format("reads, {} to a pipeline", width), kCount, pipelined);
    }
    const double transactions = seconds_of([&] {
        for (int i = 0; i < 2000; ++i) database.in_tx([&](db::Tx& tx) { tx.exec(kWrite, i % 1000); });
    });
    report("transactions with one update (BEGIN rides along)", 2000, transactions);
}

void events_and_jobs(db::Database& database, redis::Redis& redis) {
    constexpr int kCount = 4000;
    std::atomic<int> next{0};
    const auto append = [&] {
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                while (true) {
                    const int i = next++;
                    if (i >= kCount) return;
                    database.in_tx([&](db::Tx& tx) { events::append(tx, {"bench.happened", fmt::format("s:{}", i), R"({"n": 1})"}); });
                }
            });
        }
        for (auto& thread : threads) thread.join();
    };
    report("events appended, a transaction each, 4 threads", kCount, seconds_of(append));

    std::atomic<int> done{0};
    SystemClock clock;
    const std::vector<events::Subscription> subscriptions{{"bench.effect",
                                                           {"*"},
                                                           [&](db::Tx& tx, const events::Event& event) {
                                                               tx.exec(kWrite, event.position % 1000);
                                                               tx.after_commit([&] { ++done; });
                                                           },
                                                           {}}};
    {
        events::Relay relay(database, subscriptions);
        report("events relayed, each to one job", kCount, seconds_of([&] {
                   while (relay.run_once() > 0) {
                   }
               }));
    }
    jobs::Worker worker(database, redis, clock, {}, subscriptions, {});
    report("jobs with an effect in their transaction, 4 threads", kCount, seconds_of([&] {
               worker.start();
               while (done < kCount) std::this_thread::sleep_for(1ms);
           }));

    // One at a time, as a shopper causes them: how long until the effect is committed.
    std::vector<double> latencies;
    for (int i = 0; i < 200; ++i) {
        const int before = done;
        latencies.push_back(seconds_of([&] {
            database.in_tx([&](db::Tx& tx) { events::append(tx, {"bench.happened", "single", "{}"}); });
            while (done == before) std::this_thread::sleep_for(100us);
        }));
    }
    std::sort(latencies.begin(), latencies.end());
    fmt::print("event to committed effect, one at a time: median {:.1f} ms, 95 of 100 within {:.1f} ms, longest {:.1f} ms\n",
               latencies[100] * 1e3, latencies[190] * 1e3, latencies.back() * 1e3);
}

}  // namespace

int main() {
    log::set_level("error");
    testing::TestDatabase own;
    own.database().in_tx([](db::Tx& tx) {
        tx.run_text(
            "create schema bench; create table bench.item (id bigint primary key, name text not null, amount bigint not null default 0);"
            "insert into bench.item (id, name) select n, 'item ' || n from generate_series(0, 1100) n");
    });
    statements(own.database());
    redis::Redis redis(testing::test_redis_url());
    events_and_jobs(own.database(), redis);
    return 0;
}
