#include "domain/progress.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace stoa::shipping {
namespace {

using enum ShipmentState;

Timestamp at(int minute) { return *parse_timestamp("2026-11-22T10:00:00Z") + std::chrono::minutes(minute); }

TEST(ShipmentStates, what_is_over_stays_over_and_a_refusal_names_both_states) {
    for (const auto& [to, name] : enum_names(ShipmentState{})) {
        for (const auto end : {delivered, returned, cancelled}) EXPECT_FALSE(is_allowed(end, to)) << name;
    }
    EXPECT_TRUE(transition(planned, announcing));
    const auto refused = transition(in_transit, cancelling);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "shipping.transition_not_allowed");
    EXPECT_EQ(refused.error().message, "A shipment that is in_transit cannot become cancelling.");
    EXPECT_FALSE(is_allowed(in_transit, labelled));
}

TEST(ShipmentStates, an_unknown_status_changes_nothing) {
    EXPECT_EQ(status_by_id(4711), nullptr);
    EXPECT_EQ(status_by_code("BEAMED_UP"), nullptr);
    EXPECT_EQ(status_by_id(11)->state, delivered);
    EXPECT_EQ(status_by_code("DELIVERED")->id, 11);
    EXPECT_FALSE(status_by_id(1337)->state);
}

// Whatever the order and the number of copies in which a journey is told, it ends where it ended.
TEST(ShipmentStates, news_in_any_order_and_more_than_once_end_in_the_same_place) {
    const std::pair<ShipmentState, int> journey[] = {{labelled, 0},    {in_transit, 4},        {in_transit, 8}, {out_for_delivery, 24},
                                                     {in_transit, 26}, {out_for_delivery, 40}, {delivered, 44}};
    std::mt19937 random(7);
    for (int round = 0; round < 500; ++round) {
        std::vector<std::pair<ShipmentState, int>> news(std::begin(journey), std::end(journey));
        news.insert(news.end(), std::begin(journey), std::end(journey));
        std::ranges::shuffle(news, random);
        KnownStatus known;
        for (const auto& [state, minute] : news) {
            const auto before = known.state;
            known.state = follow(known, state, at(minute));
            if (!known.at || at(minute) > *known.at) known.at = at(minute);
            if (before == delivered) {
                EXPECT_EQ(known.state, delivered);
            }
        }
        EXPECT_EQ(known.state, delivered);
    }
}

TEST(ShipmentStates, of_two_news_about_one_moment_the_one_further_on_counts) {
    EXPECT_EQ(follow({labelled, at(1)}, in_transit, at(1)), in_transit);
    EXPECT_EQ(follow({in_transit, at(1)}, labelled, at(1)), in_transit);
    EXPECT_EQ(follow({out_for_delivery, at(1)}, in_transit, at(1)), out_for_delivery);
    EXPECT_EQ(follow({out_for_delivery, at(1)}, in_transit, at(2)), in_transit);
    EXPECT_EQ(follow({out_for_delivery, at(3)}, in_transit, at(2)), out_for_delivery);
}

TEST(ShipmentStates, a_shipment_is_as_far_as_its_slowest_parcel) {
    const auto of = [](std::vector<ShipmentState> parcels) { return combine(parcels); };
    EXPECT_EQ(of({labelled, labelled}), labelled);
    EXPECT_EQ(of({labelled, in_transit}), in_transit);
    EXPECT_EQ(of({delivered, labelled}), in_transit);
    EXPECT_EQ(of({delivered, out_for_delivery}), out_for_delivery);
    EXPECT_EQ(of({delivered, delivered}), delivered);
    EXPECT_EQ(of({delivered, exception}), exception);
    EXPECT_EQ(of({delivered, returned}), returned);
    EXPECT_EQ(of({cancelled, cancelled}), cancelled);
    EXPECT_EQ(of({cancelled, delivered}), delivered);
    EXPECT_EQ(of({cancelling, labelled}), labelled);
    EXPECT_EQ(of({cancelling, cancelling}), cancelling);
}

}  // namespace
}  // namespace stoa::shipping
