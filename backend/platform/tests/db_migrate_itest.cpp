#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "stoa/testing/testing.hpp"

namespace stoa::db {
namespace {

using ::testing::HasSubstr;

// An empty database beside the shared one.
class MigrateTest : public ::testing::Test {
protected:
    void SetUp() override {
        const auto& url = testing::shared_database().url();
        name_ = url.substr(url.rfind('/') + 1) + "_migrate";
        testing::shared_database().database().read([&](Session& s) { s.run_text("drop database if exists " + name_ + " with (force)"); });
        testing::shared_database().database().read([&](Session& s) { s.run_text("create database " + name_ + " template template0"); });
        database_ = std::make_unique<Database>(url + "_migrate");
    }
    void TearDown() override {
        database_.reset();
        testing::shared_database().database().read([&](Session& s) { s.run_text("drop database if exists " + name_ + " with (force)"); });
    }
    bool exists(std::string_view table) {
        return database_->read([&](Session& s) {
            return s.query({"probe.exists", "select (to_regclass($1::text) is not null) as there"}, table).front().get<bool>("there");
        });
    }
    std::string failure(std::span<const Migration> migrations) {
        try {
            migrate(*database_, migrations);
        } catch (const std::exception& error) {
            return error.what();
        }
        return "";
    }

    std::string name_;
    std::unique_ptr<Database> database_;
};

constexpr std::array kTwo{
    Migration{1, "probe/0001_one", "create table one (id int); insert into one values (1)", true},
    Migration{5, "probe/0005_two", "-- no transaction\ncreate index concurrently if not exists one_id on one (id);\nselect 'a;b';", false}};

TEST_F(MigrateTest, AppliesOnceAndInOrder) {
    EXPECT_EQ(schema_version(*database_), 0);
    EXPECT_EQ(migrate(*database_, kTwo), 2);
    EXPECT_EQ(schema_version(*database_), 5);
    EXPECT_EQ(migrate(*database_, kTwo), 0);
    EXPECT_TRUE(exists("one_id"));
    // A module that was written later may have a lower number.
    const std::vector<Migration> more{kTwo[0], {3, "probe/0003_between", "create table between_them (id int)", true}, kTwo[1]};
    EXPECT_EQ(migrate(*database_, more), 1);
    EXPECT_TRUE(exists("between_them"));
    EXPECT_EQ(schema_version(*database_), 5);
}

TEST_F(MigrateTest, RefusesAChangedFileBeforeDoingAnything) {
    migrate(*database_, kTwo);
    std::vector<Migration> changed(kTwo.begin(), kTwo.end());
    changed[1].sql = "select 1";
    changed.push_back({6, "probe/0006_new", "create table six (id int)", true});
    EXPECT_THAT(failure(changed), HasSubstr("migration 5 (probe/0005_two) was changed after it had been applied"));
    EXPECT_FALSE(exists("six"));
}

TEST_F(MigrateTest, AFailedMigrationLeavesNothingOfItself) {
    const std::vector<Migration> bad{kTwo[0], {2, "probe/0002_bad", "create table half (id int); select 1 / 0", true}, kTwo[1]};
    const auto text = failure(bad);
    EXPECT_THAT(text, HasSubstr("migration 2 (probe/0002_bad) failed and was rolled back"));
    EXPECT_THAT(text, HasSubstr("division by zero"));
    EXPECT_FALSE(exists("half"));
    EXPECT_EQ(schema_version(*database_), 1) << "the one before it stays, the one after it was not begun";
    EXPECT_EQ(migrate(*database_, kTwo), 1);
}

TEST_F(MigrateTest, AFailureOutsideATransactionSaysHowFarItCame) {
    const std::vector<Migration> bad{
        {1, "probe/0001_bad", "-- no transaction\ncreate table if not exists first (id int);\nselect 1 / 0;", false}};
    EXPECT_THAT(failure(bad), HasSubstr("failed in statement 2 of 2"));
    EXPECT_TRUE(exists("first"));
    EXPECT_EQ(schema_version(*database_), 0);
}

TEST_F(MigrateTest, TwoMigratorsDoNotDisturbEachOther) {
    std::vector<std::string> texts;
    std::vector<Migration> many;
    for (int i = 1; i <= 20; ++i) texts.push_back(fmt::format("create table t{0} (id int); insert into t{0} values ({0})", i));
    for (int i = 1; i <= 20; ++i) many.push_back({i, "probe/many", texts[static_cast<std::size_t>(i - 1)], true});
    many.push_back({21, "probe/index", "-- no transaction\ncreate index concurrently t1_id on t1 (id)", false});
    std::atomic<int> applied{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            Database own(database_->url());
            applied += migrate(own, many);
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(applied.load(), 21);
    EXPECT_EQ(schema_version(*database_), 21);
}

TEST_F(MigrateTest, TheShopsOwnMigrationsApplyToAnEmptyDatabaseAndRepeat) {
    EXPECT_EQ(migrate(*database_, all_migrations()), static_cast<int>(all_migrations().size()));
    EXPECT_EQ(migrate(*database_, all_migrations()), 0);
    EXPECT_EQ(schema_version(*database_), all_migrations().back().number);
}

TEST(TestingDatabase, TruncateBringsBackWhatMigrationsPutThere) {
    testing::TestDatabase own;
    own.database().in_tx([](Tx& tx) {
        tx.run_text(
            "create schema probe; create table probe.a (id bigint generated always as identity primary key, t text);"
            "insert into probe.a (t) values ('x'), ('y')");
    });
    own.truncate_all();
    own.database().read([](Session& s) {
        EXPECT_EQ(s.query({"probe.a", "select count(*) as n from probe.a"}).front().get<int>("n"), 0);
        EXPECT_GT(s.query({"probe.m", "select count(*) as n from platform.migration"}).front().get<int>("n"), 0);
        EXPECT_EQ(s.query({"probe.i", "insert into probe.a (t) values ('z') returning id"}).front().get<int>("id"), 1);
    });
}

}  // namespace
}  // namespace stoa::db
