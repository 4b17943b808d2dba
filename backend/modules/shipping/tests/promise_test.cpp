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

}  // namespace
}  // namespace stoa::shipping
