#include <gtest/gtest.h>

#include "stoa/jobs/jobs.hpp"

namespace stoa::jobs {
namespace {

std::string next(std::string_view cron, std::string_view after) {
    const auto found = next_run(cron, *parse_timestamp(after));
    return found ? to_rfc3339(*found) : "never";
}

TEST(Cron, MinutesStepsListsAndRanges) {
    EXPECT_EQ(next("* * * * *", "2026-11-22T10:00:00Z"), "2026-11-22T10:01:00Z");
    EXPECT_EQ(next("* * * * *", "2026-11-22T10:00:59.999999Z"), "2026-11-22T10:01:00Z");
    EXPECT_EQ(next("*/5 * * * *", "2026-11-22T10:04:59Z"), "2026-11-22T10:05:00Z");
    EXPECT_EQ(next("*/5 * * * *", "2026-11-22T10:05:00Z"), "2026-11-22T10:10:00Z");
    EXPECT_EQ(next("*/7 * * * *", "2026-11-22T10:56:00Z"), "2026-11-22T11:00:00Z") << "steps start over each hour";
    EXPECT_EQ(next("3,17,40-42 * * * *", "2026-11-22T10:17:00Z"), "2026-11-22T10:40:00Z");
    EXPECT_EQ(next("10-30/10 * * * *", "2026-11-22T10:30:00Z"), "2026-11-22T11:10:00Z");
    EXPECT_EQ(next("50/4 * * * *", "2026-11-22T10:51:00Z"), "2026-11-22T10:54:00Z");
    EXPECT_EQ(next("0 3 * * *", "2026-11-22T10:00:00Z"), "2026-11-23T03:00:00Z");
    EXPECT_EQ(next("0 3 * * *", "2026-11-22T02:59:59Z"), "2026-11-22T03:00:00Z");
    EXPECT_EQ(next("59 23 31 12 *", "2026-12-31T23:58:00Z"), "2026-12-31T23:59:00Z");
    EXPECT_EQ(next("0 0 1 1 *", "2026-12-31T23:59:59Z"), "2027-01-01T00:00:00Z");
}

TEST(Cron, MonthEndsAndLeapDays) {
    EXPECT_EQ(next("0 0 31 * *", "2026-01-31T00:00:00Z"), "2026-03-31T00:00:00Z") << "February has no 31st";
    EXPECT_EQ(next("0 0 30 * *", "2026-01-30T00:00:00Z"), "2026-03-30T00:00:00Z");
    EXPECT_EQ(next("0 0 29 2 *", "2026-11-22T10:00:00Z"), "2028-02-29T00:00:00Z");
    EXPECT_EQ(next("0 0 29 2 *", "2096-02-29T00:00:00Z"), "2104-02-29T00:00:00Z") << "2100 is not a leap year";
    EXPECT_EQ(next("0 0 30 2 *", "2026-11-22T10:00:00Z"), "never");
}

TEST(Cron, WeekdaysAndNames) {
    // 22 November 2026 is a Sunday.
    EXPECT_EQ(next("0 8 * * mon", "2026-11-22T10:00:00Z"), "2026-11-23T08:00:00Z");
    EXPECT_EQ(next("0 8 * * 0", "2026-11-22T10:00:00Z"), "2026-11-29T08:00:00Z");
    EXPECT_EQ(next("0 8 * * 7", "2026-11-22T10:00:00Z"), "2026-11-29T08:00:00Z");
    EXPECT_EQ(next("0 8 * * 1-5", "2026-11-27T10:00:00Z"), "2026-11-30T08:00:00Z");
    EXPECT_EQ(next("0 8 * FEB *", "2026-11-22T10:00:00Z"), "2027-02-01T08:00:00Z");
    EXPECT_EQ(next("0 0 13 * FRI", "2026-11-22T10:00:00Z"), "2026-11-27T00:00:00Z") << "either day suffices when both are given";
    EXPECT_EQ(next("0 0 13 * *", "2026-11-22T10:00:00Z"), "2026-12-13T00:00:00Z");
    EXPECT_EQ(next("0 0 */2 * mon", "2026-11-22T10:00:00Z"), "2026-11-23T00:00:00Z") << "a star with a step: both days must match";
}

TEST(Cron, UtcHasNoMissingAndNoDoubleHour) {
    // The nights on which clocks change in Europe: every hour occurs exactly once.
    for (const auto* day : {"2026-03-29", "2026-10-25"}) {
        auto at = *parse_timestamp(std::string(day) + "T00:00:00Z") - std::chrono::seconds(1);
        for (int hour = 0; hour < 24; ++hour) {
            const auto found = next_run("30 * * * *", at);
            ASSERT_TRUE(found);
            EXPECT_EQ(*found, *parse_timestamp(std::string(day) + "T00:30:00Z") + std::chrono::hours(hour));
            at = *found;
        }
    }
}

TEST(Cron, Intervals) {
    EXPECT_EQ(next("@every 30s", "2026-11-22T10:00:00Z"), "2026-11-22T10:00:30Z");
    EXPECT_EQ(next("@every 30s", "2026-11-22T10:00:29.9Z"), "2026-11-22T10:00:30Z");
    EXPECT_EQ(next("@every 15m", "2026-11-22T10:14:00Z"), "2026-11-22T10:15:00Z");
    EXPECT_EQ(next("@every 6h", "2026-11-22T10:14:00Z"), "2026-11-22T12:00:00Z");
    EXPECT_EQ(next("@every 1d", "2026-11-22T10:14:00Z"), "2026-11-23T00:00:00Z");
}

TEST(Cron, RefusesWhatItCannotRead) {
    for (const auto* text : {"",           "*",          "* * * *",    "* * * * * *",    "60 * * * *",  "* 24 * * *", "* * 0 * *",
                             "* * 32 * *", "* * * 13 *", "* * * * 8",  "5-1 * * * *",    "*/0 * * * *", "a * * * *",  "1, * * * *",
                             ",1 * * * *", "1- * * * *", "-1 * * * *", "* * * * monday", "@every",      "@every s",   "@every 0s",
                             "@every 5w",  "@daily",     "1/ * * * *", "** * * * *"}) {
        EXPECT_EQ(next(text, "2026-11-22T10:00:00Z"), "never") << text;
    }
}

}  // namespace
}  // namespace stoa::jobs
