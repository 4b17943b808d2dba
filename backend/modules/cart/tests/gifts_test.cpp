#include "gifts.hpp"

#include <gtest/gtest.h>

namespace stoa::cart {
namespace {

GiftDto to(std::string name) {
    GiftDto gift;
    gift.recipient_name = std::move(name);
    return gift;
}

TEST(Gifts, there_is_one_for_each_unit) {
    EXPECT_EQ(gifts_for({}, 2), (std::vector{GiftDto{}, GiftDto{}}));
    EXPECT_EQ(gifts_for({to("Ben"), to("Cleo")}, 3), (std::vector{to("Ben"), to("Cleo"), to("Cleo")}));
    EXPECT_EQ(gifts_for({to("Ben"), to("Cleo")}, 1), std::vector{to("Ben")});
}

TEST(Gifts, are_kept_as_they_were) {
    auto gift = to("Ben \"B\" \xC3\x9F");
    gift.recipient_email = "ben@example.test";
    gift.send_on = std::chrono::year(2026) / 12 / 24;
    const auto stored = to_stored({gift, GiftDto{}});
    ASSERT_TRUE(stored);
    EXPECT_EQ(gifts_from(*stored), (std::vector{gift, GiftDto{}}));
    EXPECT_FALSE(to_stored({}));
}

TEST(Gifts, a_day_is_today_or_within_a_year) {
    const Date today = std::chrono::year(2026) / 11 / 28;
    const auto on = [&](Date day) {
        GiftDto gift;
        gift.send_on = day;
        const auto fine = checked(gift, today);
        return fine ? std::string("fine") : fine.error().fields.front().pointer + " " + fine.error().fields.front().code;
    };
    EXPECT_EQ(on(today), "fine");
    EXPECT_EQ(on(std::chrono::year(2026) / 11 / 27), "/gift/send_on in_the_past");
    EXPECT_EQ(on(std::chrono::year(2027) / 11 / 28), "fine");
    EXPECT_EQ(on(std::chrono::year(2028) / 1 / 1), "/gift/send_on too_far");
}

TEST(Gifts, are_changed_one_for_each_unit_and_what_stays_is_not_judged_again) {
    const Date today = std::chrono::year(2026) / 11 / 28;
    auto late = to("Ben");
    late.send_on = std::chrono::year(2026) / 11 / 20;
    const std::vector before{late, to("Cleo")};
    EXPECT_EQ(*changed(before, {late, to("Dora")}, 2, today), (std::vector{late, to("Dora")}));
    EXPECT_EQ(changed(before, {late}, 2, today).error().fields.front().code, "wrong_length");
    auto other = late;
    other.recipient_name = "Eve";
    const auto refused = changed(before, {to("Cleo"), other}, 2, today);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fields.front().pointer, "/gifts/1/send_on");
}

TEST(Gifts, what_is_empty_is_not_there) {
    GiftDto gift = to("");
    gift.message = "";
    gift.recipient_email = "";
    EXPECT_EQ(*checked(gift, std::chrono::year(2026) / 1 / 1), GiftDto{});
    gift.recipient_email = "a..b@example.test";
    EXPECT_FALSE(checked(gift, std::chrono::year(2026) / 1 / 1));
}

}  // namespace
}  // namespace stoa::cart
