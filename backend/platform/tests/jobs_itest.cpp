#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "cutting_proxy.hpp"
#include "private_redis.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/log/log.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::jobs {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class JobsTest : public ::testing::Test {
protected:
    void SetUp() override {
        testing::shared_database().truncate_all();
        db().in_tx([](db::Tx& tx) {
            tx.run_text(
                "create schema if not exists probe; create table if not exists probe.effect (id bigint generated always as identity, what "
                "text);"
                "truncate probe.effect");
        });
    }
    static db::Database& db() { return testing::shared_database().database(); }
    static void add(const NewJob& job) {
        db().in_tx([&](db::Tx& tx) { enqueue(tx, job); });
    }
    static void effect(db::Tx& tx, std::string_view what) {
        tx.exec({"probe.effect", "insert into probe.effect (what) values ($1::text)"}, what);
    }
    static std::vector<std::string> effects() {
        return db().read([](db::Session& s) {
            std::vector<std::string> out;
            const auto rows = s.query({"probe.effects", "select what from probe.effect order by id"});
            for (const auto& row : rows) out.push_back(row.get<std::string>("what"));
            return out;
        });
    }
    static std::string states() {
        return db().read([](db::Session& s) {
            std::string out;
            const auto rows =
                s.query({"probe.states",
                         "select state, count(*) as n from jobs.job where kind not like 'platform.%' group by state order by state"});
            for (const auto& row : rows) out += fmt::format("{}={} ", row.get<std::string>("state"), row.get<int>("n"));
            return out;
        });
    }
    template <class Condition>
    static bool eventually(Condition&& condition, std::chrono::milliseconds within = 30s) {
        const auto until = std::chrono::steady_clock::now() + within;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > until) return false;
            std::this_thread::sleep_for(20ms);
        }
        return true;
    }

    redis::Redis redis_{testing::test_redis_url()};
    ManualClock clock_{testing::fixed_start()};
    SystemClock system_;
};

TEST_F(JobsTest, RunsWhatIsDueInOrderAndOnce) {
    std::vector<std::string> ran;
    Worker worker(db(), redis_, clock_, {{"note", [&](const Job& job) { ran.push_back(job.payload); }, 120s, {}}}, {}, {});
    add({"note", R"({"n": 1})"});
    add({"note", R"({"n": 2})", clock_.now() + 1h});
    add({"note", R"({"n": 3})"});
    EXPECT_EQ(worker.drain(), 2);
    EXPECT_THAT(ran, ElementsAre(R"({"n": 1})", R"({"n": 3})"));
    EXPECT_EQ(worker.drain(), 0);
    clock_.advance(1h);
    EXPECT_GE(worker.drain(), 1);
    EXPECT_EQ(ran.size(), 3u);
    EXPECT_EQ(states(), "done=3 ");
}

TEST_F(JobsTest, NothingIsEnqueuedByATransactionThatRollsBack) {
    EXPECT_ANY_THROW(db().in_tx([](db::Tx& tx) {
        enqueue(tx, {"note"});
        throw std::runtime_error("no");
    }));
    EXPECT_EQ(states(), "");
}

TEST_F(JobsTest, AUniqueKeyIsOneJobEvenWhenItIsDone) {
    int runs = 0;
    Worker worker(db(), redis_, clock_, {{"note", [&](const Job&) { ++runs; }, 120s, {}}}, {}, {});
    NewJob job{"note"};
    job.unique_key = "only-one";
    db().in_tx([&](db::Tx& tx) {
        EXPECT_TRUE(enqueue(tx, job));
        EXPECT_FALSE(enqueue(tx, job));
    });
    worker.drain();
    db().in_tx([&](db::Tx& tx) { EXPECT_FALSE(enqueue(tx, job)); });
    job.kind = "another";
    db().in_tx([&](db::Tx& tx) { EXPECT_TRUE(enqueue(tx, job)) << "keys belong to their kind"; });
    worker.drain();
    EXPECT_EQ(runs, 1);
}

TEST_F(JobsTest, AllThatDiedAreReplayedOnceEachAlsoWhenTheyDieAgainAtOnce) {
    bool broken = true;
    Worker worker(db(), redis_, clock_,
                  {{"shaky",
                    [&](const Job&) {
                        if (broken) throw std::runtime_error("boom");
                    },
                    120s,
                    {}}},
                  {}, {});
    for (int i = 0; i < 3; ++i) add({"shaky", "{}", std::nullopt, "", 1});
    worker.drain();
    EXPECT_EQ(states(), "dead=3 ");
    clock_.advance(1s);
    const auto replay_some = [&, began = clock_.now()] { return db().in_tx([&](db::Tx& tx) { return replay_dead(tx, began, 2); }); };
    EXPECT_EQ(replay_some(), 2);
    worker.drain();
    EXPECT_EQ(states(), "dead=3 ");
    EXPECT_EQ(replay_some(), 1);
    broken = false;
    worker.drain();
    EXPECT_EQ(replay_some(), 0);
    EXPECT_EQ(states(), "dead=2 done=1 ");
}

TEST_F(JobsTest, RetriesWithGrowingPausesThenDeadLetterThenReplay) {
    int runs = 0;
    bool broken = true;
    WorkerOptions options;
    options.base_backoff = 2s;
    Worker worker(db(), redis_, clock_,
                  {{"shaky",
                    [&](const Job& job) {
                        EXPECT_EQ(job.attempt, ++runs);
                        if (broken) throw std::runtime_error("boom \xff number " + std::to_string(runs));
                    },
                    120s,
                    {}}},
                  {}, {}, options);
    add({"shaky", R"({"a": 1})", std::nullopt, "", 4});
    EXPECT_EQ(worker.drain(), 1);
    // Attempt n waits between half and all of 2 s * 2^(n-1).
    for (int attempt = 1; attempt < 4; ++attempt) {
        const auto longest = 2s * (1 << (attempt - 1));
        clock_.advance(longest / 2 - 1ms);
        worker.drain();
        EXPECT_EQ(runs, attempt) << "too early";
        clock_.advance(longest / 2 + 2ms);
        worker.drain();
        EXPECT_EQ(runs, attempt + 1);
    }
    EXPECT_EQ(states(), "dead=1 ");
    auto dead = db().read([](db::Session& s) { return dead_letters(s, 10); });
    ASSERT_EQ(dead.size(), 1u);
    EXPECT_EQ(dead[0].kind, "shaky");
    EXPECT_EQ(dead[0].payload, R"({"a": 1})");
    EXPECT_EQ(dead[0].attempts, 4);
    EXPECT_EQ(dead[0].last_error, "boom ? number 4");
    EXPECT_EQ(dead[0].died_at, clock_.now());
    clock_.advance(24h);
    worker.drain();
    EXPECT_EQ(runs, 4) << "a dead job stays dead";

    broken = false;
    runs = 0;
    db().in_tx([&](db::Tx& tx) {
        EXPECT_TRUE(replay(tx, dead[0].id));
        EXPECT_FALSE(replay(tx, dead[0].id));
    });
    worker.drain();
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(states(), "done=1 ");
    EXPECT_THAT(db().read([](db::Session& s) { return dead_letters(s, 10); }), IsEmpty());
}

TEST_F(JobsTest, GivingUpIsDeadAtOnceAndPostponingCostsNoAttempt) {
    int asked = 0;
    Worker worker(db(), redis_, clock_,
                  {{"hopeless", [](const Job&) { throw GiveUp("the address does not exist"); }, 120s, {}},
                   {"later",
                    [&](const Job& job) {
                        EXPECT_EQ(job.attempt, 1);
                        if (++asked < 20) throw Postpone{60s};
                    },
                    120s,
                    {}}},
                  {}, {});
    add({"hopeless"});
    add({"later", "{}", std::nullopt, "", 2});
    for (int i = 0; i < 30; ++i) {
        worker.drain();
        clock_.advance(60s);
    }
    EXPECT_EQ(asked, 20);
    EXPECT_EQ(states(), "dead=1 done=1 ");
    const auto dead = db().read([](db::Session& s) { return dead_letters(s, 10); });
    EXPECT_EQ(dead.at(0).last_error, "the address does not exist");
    EXPECT_EQ(dead.at(0).attempts, 1);
}

TEST_F(JobsTest, AnEventReachesEverySubscriberAndItsEffectsCommitWithTheCompletion) {
    int outside = 0;
    bool broken = true;
    const std::vector<events::Subscription> subscriptions{{"probe.record",
                                                           {"order.*"},
                                                           [&](db::Tx& tx, const events::Event& event) {
                                                               effect(tx, event.type + " " + event.data);
                                                               if (broken) throw std::runtime_error("after the effect");
                                                           },
                                                           {}},
                                                          {"probe.mail", {"order.placed"}, {}, [&](const events::Event& event) {
                                                               EXPECT_EQ(event.stream, "order:1");
                                                               ++outside;
                                                           }}};
    Worker worker(db(), redis_, clock_, {}, subscriptions, {});
    db().in_tx([](db::Tx& tx) { events::append(tx, {"order.placed", "order:1", R"({"number": "S-1"})"}); });
    EXPECT_EQ(worker.drain(), 2);
    EXPECT_THAT(effects(), IsEmpty()) << "the failed attempt's effect was rolled back";
    EXPECT_EQ(outside, 1);
    broken = false;
    clock_.advance(1h);
    worker.drain();
    EXPECT_THAT(effects(), ElementsAre(R"(order.placed {"number": "S-1"})"));
    EXPECT_EQ(outside, 1);
    EXPECT_EQ(states(), "done=2 ");
}

TEST_F(JobsTest, ACommitWhoseAnswerIsLostIsNotRunTwice) {
    testing::CuttingProxy proxy(testing::shared_database().url());
    db::Database through(proxy.url());
    int runs = 0;
    std::vector<Handler> handlers(1);
    handlers[0].kind = "exact";
    handlers[0].in_tx = [&](db::Tx& tx, const Job&) {
        ++runs;
        effect(tx, "once");
        proxy.lose_next_commit_answer();
    };
    Worker worker(through, redis_, clock_, handlers, {}, {});
    add({"exact"});
    worker.drain();
    EXPECT_EQ(proxy.cuts(), 1);
    EXPECT_EQ(states(), "done=1 ") << "the recording of a failure must not undo what was committed";
    clock_.advance(2h);
    worker.drain();
    EXPECT_EQ(runs, 1);
    EXPECT_THAT(effects(), ElementsAre("once"));
}

TEST_F(JobsTest, FaultsAtEveryStatementNeverDoubleOrLoseAnEffect) {
    std::vector<Handler> handlers(1);
    handlers[0].kind = "exact";
    handlers[0].in_tx = [&](db::Tx& tx, const Job&) { effect(tx, "once"); };
    bool faulted = true;
    int fail_at = 0;
    while (faulted) {
        ++fail_at;
        ASSERT_LT(fail_at, 200);
        testing::shared_database().truncate_all();
        Worker worker(db(), redis_, clock_, handlers, {}, {});
        add({"exact"});
        int calls = 0;
        faulted = false;
        db::set_fault_hook([&](std::string_view) {
            if (++calls == fail_at) {
                faulted = true;
                throw std::runtime_error("injected");
            }
        });
        try {
            worker.drain();
        } catch (const std::exception&) {
        }
        db::set_fault_hook({});
        EXPECT_LE(effects().size(), 1u);
        clock_.advance(24h);  // retries and leases
        worker.drain();
        EXPECT_THAT(effects(), ElementsAre("once")) << "fault at call " << fail_at;
        EXPECT_EQ(states(), "done=1 ");
    }
    EXPECT_GT(fail_at, 8);
}

TEST_F(JobsTest, ALeaseThatRanOutIsTakenOverAndTheOldWorkerCannotFinish) {
    std::vector<Handler> handlers(1);
    handlers[0].kind = "slow";
    handlers[0].lease = 30s;
    handlers[0].run = [&](const Job& job) {
        if (job.attempt > 1) return;
        // While this one hangs, its lease ends and another worker runs the job to its end.
        clock_.advance(31s);
        Worker other(db(), redis_, clock_, handlers, {}, {});
        EXPECT_EQ(other.drain(), 1);
    };
    Worker worker(db(), redis_, clock_, handlers, {}, {});
    add({"slow"});
    worker.drain();
    EXPECT_EQ(states(), "done=1 ");
    db().read([](db::Session& s) {
        EXPECT_EQ(s.query({"probe.attempts", "select attempts from jobs.job where kind = 'slow'"}).front().get<int>("attempts"), 2);
    });
}

TEST_F(JobsTest, AJobThatKillsItsWorkersEndsAmongTheDead) {
    add({"poison", "{}", std::nullopt, "", 3});
    Worker worker(db(), redis_, clock_, {{"other", [](const Job&) {}, 120s, {}}}, {}, {});
    for (int i = 0; i < 3; ++i) {
        // What a worker that takes the job and dies leaves behind.
        db().in_tx([&](db::Tx& tx) {
            EXPECT_EQ(
                tx.exec({"probe.die",
                         "update jobs.job set state = 'running', attempts = attempts + 1, lease_until = $1::timestamptz, worker = 'w' "
                         "where state = 'ready' and kind = 'poison'"},
                        clock_.now() + 10s),
                1);
        });
        clock_.advance(11s);
        worker.drain();
    }
    EXPECT_EQ(states(), "dead=1 ");
    const auto dead = db().read([](db::Session& s) { return dead_letters(s, 10); });
    EXPECT_THAT(dead.at(0).last_error, HasSubstr("the worker w ended"));
}

TEST_F(JobsTest, SchedulesTickOncePerTimeAndMissedTicksRunOnce) {
    std::vector<std::string> at;
    const std::vector<Handler> handlers{{"tick", [&](const Job&) { at.push_back(to_rfc3339(clock_.now())); }, 120s, {}}};
    const std::vector<Schedule> schedules{{"every-ten", "*/10 * * * *", "tick", "{}"}};
    Worker worker(db(), redis_, clock_, handlers, {}, schedules);
    Worker twin(db(), redis_, clock_, handlers, {}, schedules);
    worker.drain();
    EXPECT_THAT(at, IsEmpty()) << "the first run is the next time, not now";
    for (int minute = 1; minute <= 25; ++minute) {
        clock_.advance(1min);
        worker.drain();
        twin.drain();
    }
    EXPECT_THAT(at, ElementsAre("2026-11-22T10:10:00Z", "2026-11-22T10:20:00Z"));
    at.clear();
    clock_.advance(5h);  // nothing ran meanwhile
    worker.drain();
    worker.drain();
    EXPECT_THAT(at, ElementsAre("2026-11-22T15:25:00Z"));
    clock_.advance(5min);
    worker.drain();
    EXPECT_EQ(at.size(), 2u);
    // A new process keeps the plan; another expression makes a new one.
    Worker changed(db(), redis_, clock_, handlers, {}, {{"every-ten", "0 * * * *", "tick", "{}"}});
    changed.drain();
    clock_.advance(10min);
    changed.drain();
    EXPECT_EQ(at.size(), 2u);
    clock_.advance(20min);
    changed.drain();
    EXPECT_EQ(at.back(), "2026-11-22T16:00:00Z");
}

TEST_F(JobsTest, OldDoneJobsArePurgedByTheBuiltInSchedule) {
    Worker worker(db(), redis_, clock_, {{"note", [](const Job&) {}, 120s, {}}, {"bad", [](const Job&) { throw GiveUp("no"); }, 120s, {}}},
                  {}, {});
    add({"note"});
    add({"bad"});
    worker.drain();
    EXPECT_EQ(states(), "dead=1 done=1 ");
    clock_.advance(24h * 6);
    worker.drain();
    EXPECT_EQ(states(), "dead=1 done=1 ");
    clock_.advance(24h * 2);
    worker.drain();
    EXPECT_EQ(states(), "dead=1 ") << "dead letters are kept";
}

TEST_F(JobsTest, RefusesHandlersThatCannotWork) {
    const auto make = [&](std::vector<Handler> h, std::vector<events::Subscription> s, std::vector<Schedule> c) {
        Worker(db(), redis_, clock_, std::move(h), std::move(s), std::move(c));
    };
    const Handler fine{"a", [](const Job&) {}, 120s, {}};
    EXPECT_THROW(make({fine, fine}, {}, {}), std::invalid_argument);
    EXPECT_THROW(make({{"a", {}, 120s, {}}}, {}, {}), std::invalid_argument);
    EXPECT_THROW(make({}, {{"s", {"*"}, {}, {}}}, {}), std::invalid_argument);
    EXPECT_THROW(make({fine}, {}, {{"s", "never", "a", "{}"}}), std::invalid_argument);
}

TEST_F(JobsTest, AStartedWorkerRunsEventsAndJobsSoonAndStops) {
    std::atomic<int> jobs{0};
    std::atomic<int> seen{0};
    WorkerOptions options;
    options.poll = 60s;  // so that only wake-ups can explain what happens
    Worker worker(db(), redis_, system_, {{"note", [&](const Job&) { ++jobs; }, 120s, {}}},
                  {{"probe.seen",
                    {"*"},
                    [&](db::Tx& tx, const events::Event& event) {
                        effect(tx, event.stream);
                        ++seen;
                    },
                    {}}},
                  {}, options);
    worker.start();
    std::this_thread::sleep_for(300ms);  // past its first look
    add({"note"});
    EXPECT_TRUE(eventually([&] { return jobs == 1; }, 10s));
    db().in_tx([](db::Tx& tx) { events::append(tx, {"a.b", "s:1", "{}"}); });
    EXPECT_TRUE(eventually([&] { return seen == 1; }, 10s));
    EXPECT_TRUE(eventually([&] { return states() == "done=2 "; }));
    EXPECT_THAT(effects(), ElementsAre("s:1"));
}

TEST_F(JobsTest, StopFinishesWhatRunsAndGivesBackTheRest) {
    std::atomic<int> begun{0};
    std::atomic<bool> go{false};
    WorkerOptions options;
    options.threads = 1;
    options.poll = 50ms;
    Worker worker(db(), redis_, system_,
                  {{"slow",
                    [&](const Job&) {
                        ++begun;
                        while (!go) std::this_thread::sleep_for(5ms);
                    },
                    120s,
                    {}}},
                  {}, {}, options);
    for (int i = 0; i < 2; ++i) add({"slow"});
    worker.start();
    ASSERT_TRUE(eventually([&] { return begun == 1 && states() == "running=2 "; }));
    std::thread opener([&] {
        std::this_thread::sleep_for(200ms);
        go = true;
    });
    EXPECT_TRUE(worker.stop());
    opener.join();
    EXPECT_EQ(begun.load(), 1);
    EXPECT_EQ(states(), "done=1 ready=1 ");
    db().read([](db::Session& s) {
        EXPECT_EQ(s.query({"probe.attempts", "select attempts from jobs.job where state = 'ready' and kind = 'slow'"})
                      .front()
                      .get<int>("attempts"),
                  0);
    });
}

TEST_F(JobsTest, ALongJobKeepsItsLease) {
    std::atomic<int> runs{0};
    WorkerOptions options;
    options.poll = 50ms;
    Worker worker(db(), redis_, system_,
                  {{"long",
                    [&](const Job&) {
                        ++runs;
                        std::this_thread::sleep_for(3500ms);
                    },
                    1s,
                    {}}},
                  {}, {}, options);
    add({"long"});
    worker.start();
    EXPECT_TRUE(eventually([&] { return states() == "done=1 "; }));
    EXPECT_EQ(runs.load(), 1);
}

TEST_F(JobsTest, NothingIsLostOrDoubledWithRedisGoneFlushedAndRestarted) {
    testing::PrivateRedis server;
    redis::Redis own(server.url());
    WorkerOptions options;
    options.poll = 100ms;
    const auto make = [&] {
        auto worker =
            std::make_unique<Worker>(db(), own, system_, std::vector<Handler>{},
                                     std::vector<events::Subscription>{
                                         {"probe.record", {"*"}, [](db::Tx& tx, const events::Event& e) { effect(tx, e.stream); }, {}}},
                                     std::vector<Schedule>{}, options);
        worker->start();
        return worker;
    };
    auto first = make();
    auto second = make();
    int appended = 0;
    const auto append = [&](int count) {
        for (int i = 0; i < count; ++i) {
            db().in_tx([&](db::Tx& tx) { events::append(tx, {"a.b", fmt::format("s:{}", ++appended), "{}"}); });
        }
    };
    append(50);
    server.flush_all();
    append(50);
    server.stop();
    append(50);
    EXPECT_TRUE(eventually([&] { return effects().size() >= 150; })) << "it must go on without Redis";
    server.start();
    append(50);
    server.flush_all();
    append(50);
    EXPECT_TRUE(eventually([&] { return states() == fmt::format("done={} ", appended); })) << states();
    first.reset();
    second.reset();
    auto all = effects();
    EXPECT_EQ(all.size(), 250u);
    std::sort(all.begin(), all.end());
    EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
}

// Whole processes that are killed while they work.
TEST_F(JobsTest, KilledWorkersLoseNothingAndDoubleNothing) {
    constexpr int kEvents = 300;
    const std::string url = testing::shared_database().url();
    const std::string redis_url = testing::test_redis_url();
    const auto spawn = [&] {
        const pid_t child = ::fork();
        if (child != 0) return child;
        // Only what this process makes itself is used here; it never returns into the test.
        log::set_level("error");
        db::Database own(url);
        redis::Redis own_redis(redis_url);
        SystemClock clock;
        WorkerOptions options;
        options.threads = 3;
        options.poll = 50ms;
        options.subscription_lease = 1s;
        Worker worker(own, own_redis, clock, {},
                      {{"probe.record",
                        {"*"},
                        [](db::Tx& tx, const events::Event& e) {
                            effect(tx, e.stream);
                            std::this_thread::sleep_for(1ms);
                        },
                        {}}},
                      {}, options);
        worker.start();
        for (;;) ::pause();
    };
    std::vector<pid_t> children{spawn(), spawn()};
    std::thread writer([&] {
        for (int i = 0; i < kEvents; ++i) {
            db().in_tx([&](db::Tx& tx) { events::append(tx, {"a.b", fmt::format("s:{}", i), "{}"}); });
            std::this_thread::sleep_for(5ms);
        }
    });
    for (int round = 0; round < 8; ++round) {
        std::this_thread::sleep_for(300ms);
        auto& victim = children[static_cast<std::size_t>(round % 2)];
        ::kill(victim, SIGKILL);
        ::waitpid(victim, nullptr, 0);
        victim = spawn();
    }
    writer.join();
    EXPECT_TRUE(eventually([&] { return states() == fmt::format("done={} ", kEvents); }, 60s)) << states();
    for (const auto child : children) {
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    auto all = effects();
    EXPECT_EQ(all.size(), static_cast<std::size_t>(kEvents));
    std::sort(all.begin(), all.end());
    EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
}

TEST_F(JobsTest, WorkersSurviveLosingTheirDatabaseConnections) {
    std::atomic<int> jobs{0};
    WorkerOptions options;
    options.poll = 50ms;
    options.subscription_lease = 1s;
    Worker worker(db(), redis_, system_, {},
                  {{"probe.record",
                    {"*"},
                    [&](db::Tx& tx, const events::Event& e) {
                        effect(tx, e.stream);
                        ++jobs;
                    },
                    {}}},
                  {}, options);
    worker.start();
    for (int i = 0; i < 100; ++i) {
        db().in_tx([&](db::Tx& tx) { events::append(tx, {"a.b", fmt::format("s:{}", i), "{}"}); });
        if (i % 20 == 10) {
            db::Database other(testing::shared_database().url(), {.max_connections = 1});
            other.read([](db::Session& s) {
                s.run_text(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> "
                    "pg_backend_pid()");
            });
        }
    }
    EXPECT_TRUE(eventually([&] { return states() == "done=100 "; }, 60s)) << states();
    EXPECT_EQ(effects().size(), 100u);
}

}  // namespace
}  // namespace stoa::jobs
