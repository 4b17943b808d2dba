#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "stoa/ledger/ledger.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::ledger {
namespace {

const Currency kEuro = Currency::of("EUR");
Money euro(std::int64_t minor) { return {minor, kEuro}; }

class LedgerTest : public ::testing::Test {
protected:
    void SetUp() override { testing::shared_database().truncate_all(); }
    db::Database& database = testing::shared_database().database();
    ManualClock clock{testing::fixed_start()};
    std::unique_ptr<Ledger> ledger = make_ledger(clock);

    Result<bool> post(const Posting& posting) {
        return database.in_tx([&](db::Tx& tx) { return ledger->post(tx, posting); });
    }
    Money balance(std::string_view account) {
        return database.read([&](db::Session& session) { return ledger->balance(session, account, kEuro); });
    }
};

TEST_F(LedgerTest, a_posting_moves_money_once) {
    const Posting sale{"sale:1",
                       "sale",
                       {{"asset:receivables", euro(1190), "order:1", {}},
                        {"revenue:sales", euro(-1000), "order:1", {}},
                        {"liability:tax", euro(-190), "order:1", {}}}};
    EXPECT_TRUE(post(sale).value());
    EXPECT_FALSE(post(sale).value());
    EXPECT_EQ(balance("asset:receivables"), euro(1190));
    EXPECT_EQ(balance("liability:tax"), euro(-190));
    const auto subject = database.read([&](db::Session& session) { return ledger->subject(session, "order:1"); });
    EXPECT_EQ(subject.size(), 3U);
}

TEST_F(LedgerTest, an_unbalanced_posting_is_refused_here_and_by_the_database) {
    EXPECT_THROW((void)post({"bad:1", "sale", {{"a", euro(100), "", {}}, {"b", euro(-99), "", {}}}}), std::logic_error);
    EXPECT_THROW((void)post({"bad:2", "sale", {{"a", euro(100), "", {}}, {"b", Money(-100, Currency::of("CHF")), "", {}}}}),
                 std::logic_error);
    ASSERT_TRUE(post({"good", "sale", {{"a", euro(100), "", {}}, {"b", euro(-100), "", {}}}}));
    EXPECT_THROW(database.in_tx([&](db::Tx& tx) {
        tx.run_text(
            "insert into ledger.entry (posting_id, account_id, amount, currency) select p.id, a.id, 5, 'EUR' from ledger.posting p, "
            "ledger.account a where a.code = 'a'");
    }),
                 db::CheckViolation);
    EXPECT_THROW(database.in_tx([&](db::Tx& tx) { tx.run_text("update ledger.entry set amount = amount + 1"); }), db::CheckViolation);
    EXPECT_THROW(database.in_tx([&](db::Tx& tx) { tx.run_text("delete from ledger.posting"); }), db::CheckViolation);
    EXPECT_EQ(balance("a"), euro(100));
}

TEST_F(LedgerTest, a_floor_holds_against_sixteen_threads) {
    ASSERT_TRUE(post({"fund", "fund", {{"gift:1", euro(1000), "", 0}, {"revenue", euro(-1000), "", {}}}}));
    std::atomic<int> spent{0}, refused{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 16; ++i) {
            threads.emplace_back([&, i] {
                const auto result =
                    post({"spend:" + std::to_string(i), "spend", {{"gift:1", euro(-100), "", 0}, {"used", euro(100), "", {}}}});
                if (result)
                    ++spent;
                else {
                    EXPECT_EQ(result.error().code, "ledger.floor");
                    ++refused;
                }
            });
        }
    }
    EXPECT_EQ(spent, 10);
    EXPECT_EQ(refused, 6);
    EXPECT_EQ(balance("gift:1"), euro(0));
    const auto audit = database.read([&](db::Session& session) { return ledger->audit(session); });
    EXPECT_EQ(audit.unbalanced, 0);
    EXPECT_EQ(audit.drifted, 0);
    EXPECT_EQ(audit.total, 0);
}

}  // namespace
}  // namespace stoa::ledger
