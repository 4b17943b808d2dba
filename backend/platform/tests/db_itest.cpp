#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "cutting_proxy.hpp"
#include "stoa/result/result.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::db {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class DbTest : public ::testing::Test {
protected:
    void SetUp() override {
        set_fault_hook({});
        db().in_tx([](Tx& tx) {
            tx.run_text(
                "create schema if not exists probe; drop table if exists probe.child; drop table if exists probe.item;"
                "create table probe.item (id bigint primary key, name text constraint item_name_unique unique, amount bigint not null "
                "default 0"
                " constraint item_amount_floor check (amount >= 0));"
                "create table probe.child (item_id bigint not null constraint child_item references probe.item (id) on delete restrict)");
        });
    }
    void TearDown() override { set_fault_hook({}); }

    static Database& db() { return testing::shared_database().database(); }
    static std::int64_t count() {
        return db().read(
            [](Session& s) { return s.query({"probe.count", "select count(*) as n from probe.item"}).front().get<std::int64_t>("n"); });
    }
    static std::int64_t pid(Session& s) {
        return s.query({"probe.pid", "select pg_backend_pid() as pid"}).front().get<std::int64_t>("pid");
    }
    // By a connection of its own.
    static void terminate(std::int64_t backend) {
        Database other(testing::shared_database().url(), {.max_connections = 1});
        other.read([&](Session& s) { s.query({"probe.terminate", "select pg_terminate_backend($1::int, 5000)"}, backend); });
    }
};

constexpr Query kInsert{"probe.insert", "insert into probe.item (id, name) values ($1::bigint, $2::text)"};
constexpr Query kSelect{"probe.select", "select id, name, amount from probe.item where id = $1::bigint"};

TEST_F(DbTest, ValuesMakeTheRoundTrip) {
    using ThingId = Id<"thing">;
    const auto id = ThingId::make();
    const Timestamp at = *parse_timestamp("2026-11-22T10:26:09.123456Z");
    const Date day = *parse_iso_date("2024-02-29");
    const auto currency = Currency::of("JPY");
    const std::string odd = "tab\t quote' \"double\" back\\slash käse 漢字 \n";
    db().read([&](Session& s) {
        const Rows rows =
            s.query({"probe.values",
                     "select $1::uuid as id, $2::timestamptz as at, $3::date as day, $4::char(3) as currency, $5::bigint as amount, "
                     "$6::text as text, $7::bool as yes, $8::text as nothing, $9::text[] as list, $10::uuid[] as ids"},
                    id, at, day, currency, std::int64_t{-42}, odd, true, std::optional<std::string>(),
                    std::vector<std::string>{"a", odd, ""}, std::vector<ThingId>{id, id});
        const Row row = rows.front();
        EXPECT_EQ(row.get<ThingId>("id"), id);
        EXPECT_EQ(row.get<Timestamp>("at"), at);
        EXPECT_EQ(row.get<Date>("day"), day);
        EXPECT_EQ(row.money("amount"), Money(-42, currency));
        EXPECT_EQ(row.get<std::string>("text"), odd);
        EXPECT_TRUE(row.get<bool>("yes"));
        EXPECT_EQ(row.get<std::optional<std::string>>("nothing"), std::nullopt);
        EXPECT_EQ(row.get<std::vector<std::string>>("list"), (std::vector<std::string>{"a", odd, ""}));
        EXPECT_EQ(parse_array(row.text(row.index_of("ids"))).size(), 2u);
        EXPECT_THROW((void)row.get<std::string>("nothing"), std::logic_error);
        EXPECT_THROW((void)row.get<std::string>("no_such_column"), std::logic_error);
    });
}

TEST_F(DbTest, TimesAreUtcWhateverTheServerSays) {
    db().read([&](Session& s) {
        const Row row =
            s.query({"probe.zone", "select timestamptz '2026-07-01 12:00:00+02' as at, current_setting('timezone') as zone"}).front();
        EXPECT_EQ(to_rfc3339(row.get<Timestamp>("at")), "2026-07-01T10:00:00Z");
        EXPECT_EQ(row.get<std::string>("zone"), "UTC");
    });
}

TEST_F(DbTest, ATextWithNulIsRefusedInsteadOfCut) {
    try {
        db().in_tx([](Tx& tx) { tx.exec(kInsert, 1, std::string("a\0b", 3)); });
        FAIL();
    } catch (const DbError& error) {
        EXPECT_EQ(error.sqlstate, "22021");
    }
    EXPECT_EQ(count(), 0);
}

TEST_F(DbTest, CommitsWhenTheBodyReturns) {
    const int answer = db().in_tx([](Tx& tx) {
        EXPECT_EQ(tx.exec(kInsert, 1, "one"), 1);
        return 7;
    });
    EXPECT_EQ(answer, 7);
    EXPECT_EQ(count(), 1);
}

TEST_F(DbTest, RollsBackOnAnException) {
    EXPECT_THROW(db().in_tx([](Tx& tx) {
        tx.exec(kInsert, 1, "one");
        throw std::runtime_error("no");
    }),
                 std::runtime_error);
    EXPECT_EQ(count(), 0);
}

TEST_F(DbTest, RollsBackOnAResultWithoutAValue) {
    const Result<int> result = db().in_tx([](Tx& tx) -> Result<int> {
        tx.exec(kInsert, 1, "one");
        return fail(ErrorKind::conflict, "probe.no", "No.");
    });
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, "probe.no");
    EXPECT_EQ(count(), 0);
    const Result<int> good = db().in_tx([](Tx& tx) -> Result<int> { return static_cast<int>(tx.exec(kInsert, 1, "one")); });
    EXPECT_EQ(good.value(), 1);
    EXPECT_EQ(count(), 1);
}

TEST_F(DbTest, ActionsAfterTheCommitRunOnlyAfterIt) {
    std::vector<std::string> log;
    db().in_tx([&](Tx& tx) {
        tx.exec(kInsert, 1, "one");
        tx.after_commit([&] { log.push_back(std::to_string(count())); });  // sees the row, and may use the pool
        tx.after_commit([] { throw std::runtime_error("ignored: the commit happened"); });
        tx.after_commit([&] { log.emplace_back("second"); });
    });
    EXPECT_THAT(log, ::testing::ElementsAre("1", "second"));
    EXPECT_ANY_THROW(db().in_tx([&](Tx& tx) {
        tx.after_commit([&] { log.emplace_back("never"); });
        tx.exec(kInsert, 1, "again");
    }));
    EXPECT_EQ(log.size(), 2u);
}

TEST_F(DbTest, ViolationsNameTheirConstraint) {
    db().in_tx([](Tx& tx) { tx.exec(kInsert, 1, "one"); });
    try {
        db().in_tx([](Tx& tx) { tx.exec(kInsert, 2, "one"); });
        FAIL();
    } catch (const UniqueViolation& error) {
        EXPECT_EQ(error.constraint, "item_name_unique");
        EXPECT_EQ(error.sqlstate, "23505");
        EXPECT_THAT(error.what(), HasSubstr("probe.insert"));
        EXPECT_THAT(error.what(), ::testing::Not(HasSubstr("(one)"))) << "the DETAIL with its data must not be in the message";
    }
    try {
        db().in_tx([](Tx& tx) { tx.exec({"probe.lower", "update probe.item set amount = amount - $1::bigint"}, 1); });
        FAIL();
    } catch (const CheckViolation& error) {
        EXPECT_EQ(error.constraint, "item_amount_floor");
    }
    try {
        db().in_tx([](Tx& tx) { tx.exec({"probe.orphan", "insert into probe.child (item_id) values ($1::bigint)"}, 99); });
        FAIL();
    } catch (const ForeignKeyViolation& error) {
        EXPECT_EQ(error.constraint, "child_item");
    }
    EXPECT_EQ(count(), 1);
}

TEST_F(DbTest, AnErrorTheBodySwallowedIsThrownInsteadOfACommit) {
    db().in_tx([](Tx& tx) { tx.exec(kInsert, 1, "one"); });
    EXPECT_THROW(db().in_tx([](Tx& tx) {
        tx.exec(kInsert, 2, "two");
        try {
            tx.exec(kInsert, 3, "one");
        } catch (const UniqueViolation&) {
        }
    }),
                 UniqueViolation);
    EXPECT_EQ(count(), 1);
}

TEST_F(DbTest, SerializationFailuresRunTheBodyAgain) {
    db().in_tx([](Tx& tx) { tx.exec(kInsert, 1, "one"); });
    std::atomic<int> runs{0};
    const auto add = [&] {
        for (int i = 0; i < 20; ++i) {
            for (;;) {
                try {
                    db().in_tx(
                        [&](Tx& tx) {
                            ++runs;
                            const auto amount = tx.query(kSelect, 1).front().get<std::int64_t>("amount");
                            tx.exec({"probe.set", "update probe.item set amount = $2::bigint where id = $1::bigint"}, 1, amount + 1);
                        },
                        Isolation::repeatable_read);
                    break;
                } catch (const RetryableError&) {  // five times in a row: the caller's turn
                }
            }
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(add);
    for (auto& thread : threads) thread.join();
    db().read([](Session& s) { EXPECT_EQ(s.query(kSelect, 1).front().get<std::int64_t>("amount"), 80); });
    EXPECT_GT(runs.load(), 80);
}

TEST_F(DbTest, ADeadlockIsResolvedByRunningOneAgain) {
    db().in_tx([](Tx& tx) {
        tx.exec(kInsert, 1, "one");
        tx.exec(kInsert, 2, "two");
    });
    constexpr Query kBump{"probe.bump", "update probe.item set amount = amount + 1 where id = $1::bigint"};
    std::atomic<int> holding{0};
    std::atomic<int> runs{0};
    const auto both = [&](int first, int second) {
        bool waited = false;
        db().in_tx([&](Tx& tx) {
            ++runs;
            tx.exec(kBump, first);
            if (!waited) {
                waited = true;
                ++holding;
                while (holding < 2) std::this_thread::yield();
            }
            tx.exec(kBump, second);
        });
    };
    std::thread other([&] { both(2, 1); });
    both(1, 2);
    other.join();
    EXPECT_EQ(runs.load(), 3);
    db().read([](Session& s) {
        EXPECT_EQ(s.query(kSelect, 1).front().get<int>("amount"), 2);
        EXPECT_EQ(s.query(kSelect, 2).front().get<int>("amount"), 2);
    });
}

TEST_F(DbTest, ARetryableErrorIsGivenUpAfterFiveRuns) {
    int runs = 0;
    EXPECT_THROW(db().in_tx([&](Tx& tx) {
        ++runs;
        tx.run_text("do $$ begin raise exception 'again' using errcode = '40001'; end $$");
    }),
                 RetryableError);
    EXPECT_EQ(runs, 5);
}

TEST_F(DbTest, APipelineAnswersInOrder) {
    db().in_tx([](Tx& tx) {
        const std::array calls{call(kInsert, 1, "one"), call(kInsert, 2, "two"), call(kSelect, 2), call(kSelect, 1), call(kSelect, 9)};
        const auto rows = tx.pipeline(calls);
        ASSERT_EQ(rows.size(), 5u);
        EXPECT_EQ(rows[0].affected(), 1);
        EXPECT_EQ(rows[2].front().get<std::string>("name"), "two");
        EXPECT_EQ(rows[3].front().get<std::string>("name"), "one");
        EXPECT_TRUE(rows[4].empty());
        EXPECT_TRUE(tx.pipeline({}).empty());
    });
    EXPECT_EQ(count(), 2);
}

TEST_F(DbTest, APipelineLargerThanTheSocketBuffersDoesNotHang) {
    const std::string big(200000, 'x');
    db().read([&](Session& s) {
        std::vector<Call> calls;
        for (int i = 0; i < 100; ++i) calls.push_back(call({"probe.echo", "select $1::text as text"}, big));
        const auto rows = s.pipeline(calls);
        ASSERT_EQ(rows.size(), 100u);
        for (const auto& r : rows) EXPECT_EQ(r.front().text(0).size(), big.size());
    });
}

TEST_F(DbTest, AFailedPipelineAbortsTheTransactionAndLeavesTheConnectionUsable) {
    for (const auto& wrong :
         {call(kInsert, 1, "twice"), call({"probe.syntax", "selec 1"}), call({"probe.divide", "select 1 / $1::int"}, 0)}) {
        std::int64_t backend = 0;
        EXPECT_THROW(db().in_tx([&](Tx& tx) {
            backend = pid(tx);
            const std::array calls{call(kInsert, 1, "one"), wrong, call(kInsert, 2, "two")};
            tx.pipeline(calls);
        }),
                     DbError);
        EXPECT_EQ(count(), 0);
        db().read([&](Session& s) { EXPECT_EQ(pid(s), backend) << "the connection should have been kept"; });
    }
    // Outside of a transaction as well: all or nothing.
    EXPECT_THROW(db().read([&](Session& s) {
        const std::array calls{call(kInsert, 1, "one"), call(kInsert, 1, "two")};
        s.pipeline(calls);
    }),
                 UniqueViolation);
    EXPECT_EQ(count(), 0);
}

TEST_F(DbTest, AStatementWhoseResultTypeAMigrationChangedIsPreparedAgain) {
    constexpr Query kAll{"probe.all", "select * from probe.item"};
    const auto extra = [&](Session& s) { return s.query(kAll).front().get<std::optional<std::string>>("extra"); };
    db().in_tx([](Tx& tx) { tx.query(kInsert, 1, "one"); });
    db().read([&](Session& s) { EXPECT_ANY_THROW((void)extra(s)); });
    db().in_tx([](Tx& tx) { tx.run_text("alter table probe.item add column extra text default 'more'"); });
    db().read([&](Session& s) { EXPECT_EQ(extra(s), "more"); });
    db().in_tx([](Tx& tx) { tx.run_text("alter table probe.item drop column extra"); });
    db().in_tx([&](Tx& tx) { EXPECT_ANY_THROW((void)extra(tx)); });
}

TEST_F(DbTest, TwoTextsUnderOneNameAreTwoStatements) {
    db().read([](Session& s) {
        EXPECT_EQ(s.query({"probe.same", "select 1 as n"}).front().get<int>("n"), 1);
        EXPECT_EQ(s.query({"probe.same", "select 2 as n"}).front().get<int>("n"), 2);
        EXPECT_EQ(s.query({"probe.same", "select 1 as n"}).front().get<int>("n"), 1);
    });
}

TEST_F(DbTest, StatementsOfAThreadAreCounted) {
    const auto before = Database::statements_on_this_thread();
    db().in_tx([](Tx& tx) {
        tx.exec(kInsert, 1, "one");
        const std::array calls{call(kSelect, 1), call(kSelect, 2)};
        tx.pipeline(calls);
    });
    EXPECT_EQ(Database::statements_on_this_thread() - before, 3u);
    std::thread([] { EXPECT_EQ(Database::statements_on_this_thread(), 0u); }).join();
}

TEST_F(DbTest, ASlowStatementIsCancelled) {
    Database slow(testing::shared_database().url(), {.max_connections = 1, .statement_timeout = 100ms});
    try {
        slow.read([](Session& s) { s.run_text("select pg_sleep(30)"); });
        FAIL();
    } catch (const DbError& error) {
        EXPECT_EQ(error.sqlstate, "57014");
    }
    EXPECT_TRUE(slow.ping());
}

TEST_F(DbTest, AReadIsRunAgainWhenItsConnectionBreaks) {
    int runs = 0;
    std::int64_t first = 0;
    const auto second = db().read([&](Session& s) {
        const auto backend = pid(s);
        if (++runs == 1) {
            first = backend;
            terminate(backend);
        }
        return pid(s);
    });
    EXPECT_EQ(runs, 2);
    EXPECT_NE(first, second);
    // Not for ever.
    runs = 0;
    EXPECT_THROW(db().read([&](Session& s) {
        ++runs;
        terminate(pid(s));
        pid(s);
    }),
                 Unavailable);
    EXPECT_EQ(runs, 2);
}

TEST_F(DbTest, AConnectionTheServerEndedWhileIdleIsReplacedUnseen) {
    Database one(testing::shared_database().url(), {.max_connections = 1});
    const auto first = one.read([](Session& s) { return pid(s); });
    terminate(first);
    int runs = 0;
    const auto second = one.in_tx([&](Tx& tx) {
        ++runs;
        return pid(tx);
    });
    EXPECT_NE(first, second);
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(one.stats().open, 1);
}

TEST_F(DbTest, ATransactionWhoseConnectionBreaksBeforeTheCommitIsRunAgain) {
    int runs = 0;
    db().in_tx([&](Tx& tx) {
        tx.exec(kInsert, 1, "one");
        if (++runs == 1) terminate(pid(tx));
    });
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(count(), 1);
}

TEST_F(DbTest, ACommitThatBreaksOffIsReportedAsUnknownAndNotRepeated) {
    db().in_tx([](Tx& tx) {
        tx.run_text(
            "create or replace function probe.die() returns trigger language plpgsql as"
            " $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;"
            "create constraint trigger die after insert on probe.item deferrable initially deferred for each row execute function "
            "probe.die()");
    });
    int runs = 0;
    EXPECT_THROW(db().in_tx([&](Tx& tx) {
        ++runs;
        tx.exec(kInsert, 1, "one");
    }),
                 CommitUnknown);
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(count(), 0);
    EXPECT_TRUE(db().ping());
}

TEST_F(DbTest, ACommitWhoseAnswerIsLostIsUnknownAlthoughItHappened) {
    testing::CuttingProxy proxy(testing::shared_database().url());
    Database through(proxy.url());
    int runs = 0;
    int actions = 0;
    EXPECT_THROW(through.in_tx([&](Tx& tx) {
        ++runs;
        tx.exec(kInsert, 1, "one");
        tx.after_commit([&] { ++actions; });
        proxy.lose_next_commit_answer();
    }),
                 CommitUnknown);
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(actions, 0);
    EXPECT_EQ(count(), 1);
    EXPECT_TRUE(through.ping());
}

TEST_F(DbTest, ADeferredConstraintFailsTheCommitWithItsOwnError) {
    db().in_tx([](Tx& tx) { tx.run_text("alter table probe.child alter constraint child_item deferrable initially deferred"); });
    EXPECT_THROW(db().in_tx([](Tx& tx) { tx.exec({"probe.orphan", "insert into probe.child (item_id) values ($1::bigint)"}, 99); }),
                 ForeignKeyViolation);
}

TEST_F(DbTest, AnExhaustedPoolSaysSo) {
    Database small(testing::shared_database().url(), {.max_connections = 2, .acquire_timeout = 150ms});
    try {
        small.read(
            [&](Session&) { small.read([&](Session&) { small.read([](Session&) { FAIL() << "there is no third connection"; }); }); });
        FAIL();
    } catch (const Unavailable& error) {
        EXPECT_THAT(error.what(), HasSubstr("all 2 are in use"));
        EXPECT_THAT(error.what(), HasSubstr("this thread itself holds 2"));
    }
    // One that waits gets the next that becomes free.
    std::atomic<bool> inside{false};
    Database single(testing::shared_database().url(), {.max_connections = 1, .acquire_timeout = 10s});
    std::thread holder([&] {
        single.read([&](Session& s) {
            inside = true;
            s.run_text("select pg_sleep(0.2)");
        });
    });
    while (!inside) std::this_thread::yield();
    EXPECT_TRUE(single.ping());
    holder.join();
    EXPECT_EQ(single.stats().waits, 1u);
    EXPECT_EQ(single.stats().open, 1);
}

TEST_F(DbTest, AServerThatIsNotThereIsUnavailableAtOnce) {
    Database nowhere("postgresql://stoa@127.0.0.1:9/none");
    EXPECT_THROW(nowhere.in_tx([](Tx&) {}), Unavailable);
    EXPECT_FALSE(nowhere.ping());
    EXPECT_EQ(nowhere.stats().open, 0);
}

TEST_F(DbTest, CopyGoesBothWays) {
    const auto copied = db().in_tx([](Tx& tx) {
        int next = 0;
        return tx.copy_in("copy probe.item (id, name) from stdin", [&](std::string& buffer) {
            for (int i = 0; i < 100 && next < 10000; ++i, ++next) {
                const std::array<Param, 2> values{std::to_string(next), next == 7 ? Param() : Param("näme\t\\" + std::to_string(next))};
                buffer += copy_line(values);
            }
            return next < 10000;
        });
    });
    EXPECT_EQ(copied, 10000);
    std::vector<std::string> lines;
    db().in_tx([&](Tx& tx) {
        tx.copy_out("copy (select id, name from probe.item where id between 6 and 7 order by id) to stdout",
                    [&](std::string_view line) { lines.emplace_back(line); });
        EXPECT_EQ(tx.query(kSelect, 6).front().get<std::string>("name"), "näme\t\\6");
    });
    EXPECT_THAT(lines, ::testing::ElementsAre("6\tnäme\\t\\\\6", "7\t\\N"));
}

TEST_F(DbTest, ACopyThatFailsLeavesNothing) {
    EXPECT_THROW(db().in_tx([](Tx& tx) {
        tx.copy_in("copy probe.item (id) from stdin", [n = 0](std::string& buffer) mutable {
            buffer += "1\n";
            if (++n == 3) throw std::runtime_error("the source failed");
            return true;
        });
    }),
                 std::runtime_error);
    EXPECT_THROW(db().in_tx([](Tx& tx) {
        tx.copy_in("copy probe.item (id) from stdin", [](std::string& buffer) {
            buffer += "not a number\n";
            return false;
        });
    }),
                 DbError);
    EXPECT_THROW(db().in_tx([](Tx& tx) { tx.copy_in("copy probe.nothing from stdin", [](std::string&) { return false; }); }), DbError);
    EXPECT_THROW(db().in_tx([](Tx& tx) { tx.copy_out("copy probe.nothing to stdout", [](std::string_view) {}); }), DbError);
    EXPECT_EQ(count(), 0);
    EXPECT_TRUE(db().ping());
}

TEST_F(DbTest, FaultsCanBeInjectedBeforeEachStatementAndNothingRemains) {
    // Fails at call 1, then 2, ... until it succeeds; after each the table is as before.
    int calls = 0;
    for (int fail_at = 1;; ++fail_at) {
        calls = 0;
        set_fault_hook([&](std::string_view) {
            if (++calls == fail_at) throw std::runtime_error("injected");
        });
        bool succeeded = true;
        try {
            db().in_tx([](Tx& tx) {
                tx.exec(kInsert, 1, "one");
                tx.exec(kInsert, 2, "two");
            });
        } catch (const std::runtime_error&) {
            succeeded = false;
        }
        set_fault_hook({});
        EXPECT_EQ(count(), succeeded ? 2 : 0);
        if (succeeded) {
            EXPECT_EQ(fail_at, 4) << "two inserts and the commit";
            break;
        }
    }
}

TEST_F(DbTest, AnAdvisoryLockHasOneHolderAndIsFreeAgainWhenItsHolderDies) {
    auto held = db().try_lock(4711);
    ASSERT_TRUE(held);
    EXPECT_TRUE(held->still_held());
    EXPECT_FALSE(db().try_lock(4711));
    EXPECT_TRUE(db().try_lock(4712));
    const auto backend = db().read([](Session& s) {
        return s
            .query({"probe.lock_holder",
                    "select pid from pg_locks where locktype = 'advisory' and objid = 4711 and database = "
                    "(select oid from pg_database where datname = current_database())"})
            .front()
            .get<std::int64_t>("pid");
    });
    terminate(backend);
    EXPECT_FALSE(held->still_held());
    EXPECT_TRUE(db().try_lock(4711));
}

TEST_F(DbTest, AListenerHearsAndReconnects) {
    Listener listener(testing::shared_database().url(), {"probe one", "two"});
    db().read([](Session& s) { s.run_text("select pg_notify('probe one', 'hello'); select pg_notify('other', 'x')"); });
    auto heard = listener.wait(5s);
    ASSERT_EQ(heard.size(), 1u);
    EXPECT_EQ(heard[0].channel, "probe one");
    EXPECT_EQ(heard[0].payload, "hello");
    EXPECT_TRUE(listener.wait(1ms).empty());

    const auto backend = db().read([](Session& s) {
        return s
            .query({"probe.listener",
                    "select pid from pg_stat_activity where application_name = 'stoa listener' and datname = current_database()"})
            .front()
            .get<std::int64_t>("pid");
    });
    terminate(backend);
    bool told = false;
    for (int i = 0; i < 100 && !told; ++i) {
        for (const auto& note : listener.wait(100ms)) told = told || note.channel.empty();
    }
    EXPECT_TRUE(told) << "the caller must learn that something may have been missed";
    db().read([](Session& s) { s.run_text("select pg_notify('two', 'again')"); });
    heard = listener.wait(5s);
    ASSERT_EQ(heard.size(), 1u);
    EXPECT_EQ(heard[0].payload, "again");
}

TEST_F(DbTest, ManyThreadsShareThePool) {
    std::atomic<int> done{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 50; ++i) {
                db().in_tx([&](Tx& tx) { tx.exec(kInsert, t * 1000 + i, fmt::format("{} {}", t, i)); });
                db().read([&](Session& s) { done += s.query(kSelect, t * 1000 + i).size(); });
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(done.load(), 400);
    EXPECT_EQ(count(), 400);
}

}  // namespace
}  // namespace stoa::db
