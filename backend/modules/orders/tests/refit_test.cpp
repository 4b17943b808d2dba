#include "domain/refit.hpp"

#include <gtest/gtest.h>

namespace stoa::orders {
namespace {

using shipping::Shipment;
using shipping::ShipmentState;

const OrderLineId kPens = OrderLineId::make();
const OrderLineId kLamp = OrderLineId::make();

Shipment shipment(int number, ShipmentState state, std::vector<std::pair<OrderLineId, std::int64_t>> lines) {
    Shipment out;
    out.id = shipping::ShipmentId::make();
    out.order_number = "S-1";
    out.number = number;
    out.state = state;
    if (state == ShipmentState::in_transit) out.left_at = Timestamp{};
    for (const auto& [line, quantity] : lines) {
        shipping::ShipmentLine each;
        each.order_line = line.uuid();
        each.quantity = quantity;
        out.lines.push_back(each);
    }
    return out;
}
std::string code_of(const Result<std::vector<Refit>>& result) { return result ? "" : result.error().code; }

TEST(Refit, nothing_gives_back_what_still_fits) {
    const std::vector shipments{shipment(1, ShipmentState::planned, {{kPens, 3}})};
    EXPECT_EQ(refit(shipments, std::vector<LineUnits>{{kPens, 3}, {kLamp, 1}}, true)->size(), 0U);
    EXPECT_EQ(refit(shipments, std::vector<LineUnits>{{kPens, 5}}, false)->size(), 0U);
}

TEST(Refit, the_last_planned_shipment_gives_first_and_an_empty_one_is_cancelled) {
    const std::vector shipments{shipment(1, ShipmentState::planned, {{kPens, 3}, {kLamp, 1}}),
                                shipment(2, ShipmentState::failed, {{kPens, 2}}), shipment(3, ShipmentState::cancelled, {{kPens, 5}})};
    const auto changes = refit(shipments, std::vector<LineUnits>{{kPens, 2}, {kLamp, 1}}, false);
    ASSERT_EQ(changes->size(), 2U);
    EXPECT_EQ((*changes)[0], (Refit{shipments[1].id, 2, {}}));
    EXPECT_EQ((*changes)[1].shipment, shipments[0].id);
    std::int64_t pens = 0;
    for (const auto& kept : (*changes)[1].keeps) pens += kept.line == kPens ? kept.units : 0;
    EXPECT_EQ(pens, 2);
    EXPECT_EQ((*changes)[1].keeps.size(), 2U);
}

TEST(Refit, a_label_stands_in_the_way_only_of_what_it_holds) {
    const std::vector shipments{shipment(1, ShipmentState::labelled, {{kPens, 2}}), shipment(2, ShipmentState::planned, {{kPens, 2}})};
    const auto changes = refit(shipments, std::vector<LineUnits>{{kPens, 3}}, false);
    ASSERT_EQ(changes->size(), 1U);
    EXPECT_EQ(changes->front().shipment, shipments[1].id);
    const auto refused = refit(shipments, std::vector<LineUnits>{{kPens, 1}}, false);
    EXPECT_EQ(code_of(refused), "orders.edit_labelled");
    EXPECT_NE(refused.error().message.find("S-1-s1"), std::string::npos);
    EXPECT_EQ(code_of(refit(shipments, std::vector<LineUnits>{{kPens, 4}}, true)), "orders.edit_labelled");
    for (const auto state : {ShipmentState::announcing, ShipmentState::cancelling, ShipmentState::exception}) {
        const std::vector only{shipment(1, state, {{kPens, 2}})};
        EXPECT_EQ(code_of(refit(only, std::vector<LineUnits>{{kPens, 1}}, false)), "orders.edit_labelled");
    }
}

TEST(Refit, what_left_does_not_come_back_by_a_change) {
    const std::vector shipments{shipment(1, ShipmentState::in_transit, {{kPens, 2}})};
    EXPECT_EQ(code_of(refit(shipments, std::vector<LineUnits>{{kPens, 1}}, false)), "orders.edit_quantity");
    // Its address is history.
    EXPECT_EQ(refit(shipments, std::vector<LineUnits>{{kPens, 2}}, true)->size(), 0U);
}

}  // namespace
}  // namespace stoa::orders
