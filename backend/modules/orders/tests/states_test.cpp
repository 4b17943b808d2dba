#include <gtest/gtest.h>

#include "domain/words.hpp"
#include "stoa/orders/orders.hpp"

namespace stoa::orders {
namespace {

TEST(OrderStates, only_listed_changes_are_allowed_and_refusals_name_both_states) {
    int allowed = 0;
    for (const auto& [from, from_name] : enum_names(State{})) {
        for (const auto& [to, to_name] : enum_names(State{})) {
            const auto result = transition(from, to);
            if (result) {
                ++allowed;
                EXPECT_NE(from, to);
                continue;
            }
            EXPECT_EQ(result.error().code, "orders.transition_not_allowed");
            EXPECT_NE(result.error().message.find(from_name), std::string::npos);
            EXPECT_NE(result.error().message.find(to_name), std::string::npos);
        }
    }
    EXPECT_EQ(allowed, static_cast<int>(transitions().size()));
    // What was delivered or given up does not come back.
    for (const auto& [to, name] : enum_names(State{})) {
        EXPECT_FALSE(transition(State::cancelled, to)) << name;
        EXPECT_FALSE(transition(State::completed, to)) << name;
    }
    EXPECT_FALSE(transition(State::shipped, State::cancelled));
    // What has not arrived is not over.
    EXPECT_FALSE(transition(State::shipped, State::completed));
}

TEST(OrderWords, exist_in_every_language) {
    for (const auto* locale : {"en", "de", "nl", "fr"}) {
        for (const auto& [state, name] : enum_names(State{})) EXPECT_FALSE(state_label(state, locale).empty()) << locale << name;
        for (const auto& [method, name] : payments::enum_names(payments::Method{}))
            EXPECT_FALSE(payment_method_label(name, locale).empty()) << locale << name;
        for (const auto* kind : {"placed", "confirmed", "cancelled", "payment_paid", "payment_authorized", "payment_awaiting_invoice",
                                 "payment_failed", "refunded", "refund_granted", "changed", "return_requested", "return_approved",
                                 "return_rejected", "return_cancelled", "return_received", "claimed", "completed"})
            EXPECT_FALSE(timeline_text(kind, locale).empty()) << locale << kind;
    }
    EXPECT_EQ(state_label(State::shipped, "de"), "Unterwegs");
    EXPECT_EQ(state_label(State::shipped, "xx"), "On its way");
    EXPECT_TRUE(timeline_text("late_payment", "en").empty());  // for staff
}

}  // namespace
}  // namespace stoa::orders
