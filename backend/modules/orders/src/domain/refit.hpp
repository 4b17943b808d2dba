#pragma once
// What a change of an order means for the shipments that were planned for it. Pure.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "stoa/orders/ids.hpp"
#include "stoa/result/result.hpp"
#include "stoa/shipping/shipments.hpp"

namespace stoa::orders {

struct LineUnits {
    OrderLineId line;
    std::int64_t units = 0;
    bool operator==(const LineUnits&) const = default;
};
// A shipment that holds more of a line than the order has afterwards.
struct Refit {
    shipping::ShipmentId shipment;
    int number = 0;
    std::vector<LineUnits> keeps;  // what stays in it; empty: it is cancelled
    bool operator==(const Refit&) const = default;
};

// Whether its goods can still be taken out again: nothing was said about it to the carrier platform, or it was refused there.
[[nodiscard]] bool is_loose(const shipping::Shipment& shipment);
// Whether its label has to be cancelled at the platform first.
[[nodiscard]] bool is_labelled(const shipping::Shipment& shipment);
// "S-100042-s2", as on the picking list.
[[nodiscard]] std::string name_of(const shipping::Shipment& shipment);

// `after`: the order's lines as they will be; one that is not named goes. Units leave the loose shipments, the last one first; what has a
// label stays in it. 409 orders.edit_labelled when that does not suffice, or when the address or the delivery changes under a label.
[[nodiscard]] Result<std::vector<Refit>> refit(std::span<const shipping::Shipment> shipments, std::span<const LineUnits> after,
                                               bool reroutes);

// Of units that are refunded, those that have not left and so are not sent: with loose shipments they are taken out by refit(). `left` and
// `to_send` are of whole lines, shipped units and those that are to be. 409 orders.edit_labelled when a label holds goods that would stay.
struct RefundedUnits {
    OrderLineId line;
    std::int64_t units = 0, left = 0, to_send = 0;
};
[[nodiscard]] Result<std::vector<LineUnits>> withheld(std::span<const shipping::Shipment> shipments,
                                                      std::span<const RefundedUnits> refunded);

}  // namespace stoa::orders
