#include <gtest/gtest.h>

#include "domain/promise.hpp"

namespace stoa::shipping {
namespace {

std::string promised(const char* ordered, int low, int high) {
    const auto days = promise(*parse_timestamp(ordered), low, high);
    return to_iso_date(days.from) + " " + to_iso_date(days.to);
}

TEST(Promise, counts_working_days_from_the_day_the_parcel_leaves) {
    EXPECT_EQ(promised("2026-11-23T09:00:00Z", 1, 2), "2026-11-24 2026-11-25");  // Monday morning
    EXPECT_EQ(promised("2026-11-23T13:00:00Z", 1, 2), "2026-11-25 2026-11-26");  // after the cut-off
    EXPECT_EQ(promised("2026-11-27T09:00:00Z", 1, 1), "2026-11-30 2026-11-30");  // Friday morning
    EXPECT_EQ(promised("2026-11-27T14:00:00Z", 1, 1), "2026-12-01 2026-12-01");  // Friday afternoon leaves on Monday
    EXPECT_EQ(promised("2026-11-28T08:00:00Z", 1, 3), "2026-12-01 2026-12-03");  // Saturday
    EXPECT_EQ(promised("2026-11-29T23:59:59Z", 0, 0), "2026-11-30 2026-11-30");  // Sunday night
    EXPECT_EQ(promised("2026-12-31T14:00:00Z", 1, 1), "2027-01-04 2027-01-04");
}

TEST(Promise, waits_for_the_last_of_the_goods_and_is_silent_where_nobody_knows) {
    const auto ordered = *parse_timestamp("2026-11-23T09:00:00Z");
    const auto days = [&](const std::optional<GoodsToCome>& waits_for) { return promise(ordered, waits_for, 1, 2); };
    EXPECT_EQ(to_iso_date(days(std::nullopt)->from), "2026-11-24");
    const auto later = days(GoodsToCome{parse_iso_date("2026-12-18")});  // a Friday
    ASSERT_TRUE(later);
    EXPECT_EQ(to_iso_date(later->from) + " " + to_iso_date(later->to), "2026-12-21 2026-12-22");
    EXPECT_EQ(to_iso_date(days(GoodsToCome{parse_iso_date("2026-11-20")})->from), "2026-11-24") << "they were to be here by now";
    EXPECT_FALSE(days(GoodsToCome{}));
}

}  // namespace
}  // namespace stoa::shipping
