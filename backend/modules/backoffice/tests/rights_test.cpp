#include "domain/rights.hpp"

#include <gtest/gtest.h>

namespace stoa::backoffice {
namespace {

Money eur(std::int64_t minor) { return {minor, Currency::of("EUR")}; }

TEST(Rights, ALimitHoldsOnlyWhereEveryGrantHasOne) {
    const Grant clerk{{"orders.refund"}, {{"orders.refund", {eur(20000)}}}};
    const Grant lead{{"orders.*"}, {{"orders.refund", {eur(50000), Money(40000, Currency::of("GBP"))}}}};
    const Grant head{{"orders.*"}, {}};
    const Grant reader{{"orders.read"}, {}};
    const Grant all[] = {clerk, lead};
    const auto both = merged(all);
    ASSERT_EQ(both.limits.at("orders.refund").size(), 2U);
    EXPECT_EQ(both.limits.at("orders.refund")[0], eur(50000));
    const Grant with_reader[] = {clerk, reader};  // does not grant refunds: the limit stays
    EXPECT_EQ(merged(with_reader).limits.at("orders.refund"), std::vector<Money>{eur(20000)});
    const Grant with_head[] = {clerk, head};
    EXPECT_TRUE(merged(with_head).limits.empty());
    EXPECT_EQ(merged(with_head).permissions, (std::vector<std::string>{"orders.*", "orders.refund"}));
}

TEST(Rights, NobodyHandsOutMoreThanTheyHave) {
    const Grant admin{{"*"}, {}};
    const Grant clerk{{"orders.*"}, {{"orders.refund", {eur(20000)}}}};
    EXPECT_TRUE(covers(admin, clerk));
    EXPECT_TRUE(covers(admin, admin));
    EXPECT_TRUE(covers(clerk, clerk));
    EXPECT_FALSE(covers(clerk, admin));
    EXPECT_FALSE(covers(clerk, Grant{{"orders.refund"}, {}}));
    EXPECT_FALSE(covers(clerk, Grant{{"orders.refund"}, {{"orders.refund", {eur(20001)}}}}));
    EXPECT_TRUE(covers(clerk, Grant{{"orders.refund"}, {{"orders.refund", {eur(19999)}}}}));
    EXPECT_FALSE(covers(Grant{{"orders.read"}, {}}, Grant{{"orders.*"}, {}}));
}

TEST(Rights, PermissionsHaveOneForm) {
    for (const auto* good : {"*", "orders.*", "orders.refund", "price_lists.read"}) EXPECT_TRUE(is_permission(good)) << good;
    for (const auto* bad : {"", "orders", ".read", "orders.", "Orders.read", "orders.read.all", "*.read", "orders.**", "a b.c"})
        EXPECT_FALSE(is_permission(bad)) << bad;
    EXPECT_THROW((void)limits_from(*json::parse(R"({"orders.*":[]})")), std::invalid_argument);
    EXPECT_THROW((void)limits_from(*json::parse(R"({"orders.refund":[{"amount":-1,"currency":"EUR"}]})")), std::invalid_argument);
    const auto limits = limits_from(*json::parse(R"({"orders.refund":[{"amount":20000,"currency":"EUR"}]})"));
    EXPECT_EQ(to_json(limits), R"({"orders.refund":[{"amount":20000,"currency":"EUR"}]})");
}

}  // namespace
}  // namespace stoa::backoffice
