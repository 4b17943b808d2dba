#include <gtest/gtest.h>

#include <thread>

#include "stoa/http_client/client.hpp"
#include "stoa/shipping/make.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::shipping {
namespace {

using namespace std::chrono_literals;

db::Database& database() { return stoa::testing::shared_database().database(); }
const Currency kEuro = Currency::of("EUR");

class RatesTest : public ::testing::Test {
protected:
    std::unique_ptr<Shipping> shipping(std::chrono::milliseconds refresh_every) {
        return make_shipping(database(), redis_, clock_, client_, {}, refresh_every);
    }
    static constexpr std::string_view kOfGermany =
        "currency = 'EUR' and zone = (select zone from shipping.zone_country where country = 'DE')";
    static void free_from(std::int64_t cents) {
        database().in_tx([&](db::Tx& tx) {
            tx.run_text("update shipping.free_from set amount = " + std::to_string(cents) + " where " + std::string(kOfGermany));
        });
    }
    ~RatesTest() override { free_from(before_); }

    std::int64_t before_ = database().read([](db::Session& session) {
        return session.run_text("select amount from shipping.free_from where " + std::string(kOfGermany)).front().get<std::int64_t>(0);
    });
    ManualClock clock_{stoa::testing::fixed_start()};
    redis::Redis redis_{stoa::testing::test_redis_url()};
    http_client::CurlClient client_;
};

// GET /api/v1/store is answered on an I/O thread.
TEST_F(RatesTest, WithAThreadOfTheirOwnNobodyWhoAsksWaitsForTheDatabase) {
    const auto rates = shipping(24h);
    const auto before = db::Database::statements_on_this_thread();
    clock_.advance(2h);
    EXPECT_TRUE(rates->free_from(kEuro, "DE"));
    EXPECT_TRUE(rates->delivers_to("DE"));
    EXPECT_EQ(db::Database::statements_on_this_thread(), before);
}

TEST_F(RatesTest, TheThreadReadsWhatWasChanged) {
    const auto rates = shipping(5ms);
    free_from(1234);
    std::optional<Money> seen;
    for (int i = 0; i < 2000 && seen != Money(1234, kEuro); ++i) {
        std::this_thread::sleep_for(5ms);
        seen = rates->free_from(kEuro, "DE");
    }
    EXPECT_EQ(seen, Money(1234, kEuro));
}

TEST_F(RatesTest, WithoutOneWhoeverAsksAfterAMinuteReadsThem) {
    const auto rates = shipping(0ms);
    free_from(4321);
    EXPECT_NE(rates->free_from(kEuro, "DE"), Money(4321, kEuro));
    clock_.advance(61s);
    EXPECT_EQ(rates->free_from(kEuro, "DE"), Money(4321, kEuro));
}

}  // namespace
}  // namespace stoa::shipping
