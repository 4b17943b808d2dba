#include "stoa/http/staff.hpp"

#include <gtest/gtest.h>

namespace stoa::http {
namespace {

Money eur(std::int64_t minor) { return {minor, Currency::of("EUR")}; }

StaffActor actor(std::vector<std::string> permissions) {
    StaffActor out;
    out.permissions = std::move(permissions);
    return out;
}

TEST(StaffActor, MayWhatIsNamedOrCoveredByAStar) {
    const auto clerk = actor({"catalog.*", "orders.read"});
    EXPECT_TRUE(clerk.may("orders.read"));
    EXPECT_FALSE(clerk.may("orders.refund"));
    EXPECT_TRUE(clerk.may("catalog.delete"));
    EXPECT_FALSE(clerk.may("catalogue.delete"));
    EXPECT_FALSE(clerk.may("catalog"));
    EXPECT_TRUE(actor({"*"}).may("anything.at_all"));
    EXPECT_FALSE(actor({}).may("orders.read"));
}

TEST(StaffActor, AnAmountLimitEndsAtTheAmount) {
    auto clerk = actor({"orders.refund"});
    EXPECT_TRUE(clerk.within_limit("orders.refund", eur(1'000'000)));  // no limit named
    clerk.limits["orders.refund"] = {eur(20000)};
    EXPECT_TRUE(clerk.within_limit("orders.refund", eur(20000)));
    EXPECT_TRUE(clerk.within_limit("orders.refund", eur(-20000)));
    const auto over = clerk.within_limit("orders.refund", eur(20001));
    ASSERT_FALSE(over);
    EXPECT_EQ(over.error().code, "staff.over_limit");
    EXPECT_EQ(over.error().details_json, R"({"permission":"orders.refund","limit":{"amount":20000,"currency":"EUR"}})");
    // In a currency nobody thought of, the limit is nothing rather than everything.
    const auto other = clerk.within_limit("orders.refund", Money(1, Currency::of("GBP")));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code, "staff.over_limit");
    const auto without = actor({"orders.read"}).within_limit("orders.refund", eur(1));
    ASSERT_FALSE(without);
    EXPECT_EQ(without.error().code, "staff.forbidden");
}

}  // namespace
}  // namespace stoa::http
