#include <gtest/gtest.h>

#include "returns/rules.hpp"

namespace stoa::orders {
namespace {

TEST(ReturnRules, only_listed_steps_follow_each_other) {
    int allowed = 0;
    for (const auto& [from, from_name] : enum_names(ReturnState{})) {
        for (const auto& [to, to_name] : enum_names(ReturnState{})) {
            const auto result = return_transition(from, to);
            if (result) {
                ++allowed;
                EXPECT_TRUE(result->event.starts_with("order.return_"));
                continue;
            }
            EXPECT_EQ(result.error().code, "orders.return_transition_not_allowed");
            EXPECT_NE(result.error().message.find(from_name), std::string::npos);
            EXPECT_NE(result.error().message.find(to_name), std::string::npos);
        }
    }
    EXPECT_EQ(allowed, static_cast<int>(return_transitions().size()));
    EXPECT_FALSE(return_transition(ReturnState::refunded, ReturnState::refunded));
    EXPECT_FALSE(return_transition(ReturnState::requested, ReturnState::received));
}

TEST(ReturnRules, what_left_the_house_may_come_back_once_and_in_time) {
    const auto now = *parse_timestamp("2026-11-22T10:00:00Z");
    SoldOrder order;
    ContentLine line;
    line.id = OrderLineId::make();
    line.quantity = 5;
    order.content.lines = {line};
    order.names = {{line.id, catalog::ProductId::make(), "SKU", "Pen", ""}};
    ReturnTerms terms;
    terms.until = terms.now = now;
    const auto most = [&] { return returnable(order, 0, terms); };
    const auto is = [&](std::int64_t quantity, ReturnObstacle obstacle) {
        EXPECT_EQ(most().quantity, quantity);
        EXPECT_EQ(most().obstacle, obstacle);
    };
    is(0, ReturnObstacle::not_shipped);
    order.content.lines[0].shipped = 4;
    is(4, ReturnObstacle::none);
    // One is on its way back, another came back and was refunded.
    terms.in_returns = {{line.id, 2, 1}};
    order.content.lines[0].credited_quantity = 1;
    is(2, ReturnObstacle::none);
    // Three were refunded while the buyer keeps two of them.
    order.content.lines[0].credited_quantity = 3;
    is(1, ReturnObstacle::none);
    order.content.lines[0].credited_quantity = 4;
    is(0, ReturnObstacle::returned);
    order.content.lines[0].credited_quantity = 1;
    terms.excluded = {order.names[0].product};
    is(0, ReturnObstacle::excluded);
    terms.excluded.clear();
    terms.now += std::chrono::microseconds{1};
    is(0, ReturnObstacle::too_late);
    // What came in exchange was paid for in another order.
    terms.is_replacement = true;
    is(0, ReturnObstacle::replacement);
}

}  // namespace
}  // namespace stoa::orders
