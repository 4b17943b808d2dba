#include "domain/refit.hpp"

#include <algorithm>
#include <map>

namespace stoa::orders {
namespace {

using shipping::Shipment;
using shipping::ShipmentState;

Failure labelled(const Shipment& shipment, std::string_view why) {
    Error error{ErrorKind::conflict,
                "orders.edit_labelled",
                "Shipment " + name_of(shipment) + " has a label " + std::string(why) + ": cancel the label first.",
                {},
                {},
                {},
                0};
    json::Writer details;
    details.begin_object();
    details.member("shipment_id", shipment.id.to_string());
    details.member("shipment", name_of(shipment));
    details.end_object();
    error.details_json = details.take();
    return Failure(std::move(error));
}

}  // namespace

bool is_loose(const Shipment& shipment) { return shipment.state == ShipmentState::planned || shipment.state == ShipmentState::failed; }

bool is_labelled(const Shipment& shipment) {
    return !is_loose(shipment) && shipment.state != ShipmentState::cancelled && !shipment.left_at;
}

std::string name_of(const Shipment& shipment) { return shipment.order_number + "-s" + std::to_string(shipment.number); }

Result<std::vector<Refit>> refit(std::span<const Shipment> shipments, std::span<const LineUnits> after, bool reroutes) {
    std::map<OrderLineId, std::int64_t> excess;  // units in shipments beyond those of the order
    for (const auto& shipment : shipments) {
        if (shipment.state == ShipmentState::cancelled) continue;
        if (reroutes && is_labelled(shipment)) return labelled(shipment, "with the address and delivery of before");
        for (const auto& line : shipment.lines) {
            if (!came_back(shipment, line)) excess[OrderLineId(line.order_line)] += line.quantity;
        }
    }
    for (const auto& line : after) {
        if (const auto it = excess.find(line.line); it != excess.end()) it->second -= line.units;
    }
    std::erase_if(excess, [](const auto& line) { return line.second <= 0; });
    std::vector<Refit> out;
    for (auto shipment = shipments.rbegin(); shipment != shipments.rend() && !excess.empty(); ++shipment) {
        if (!is_loose(*shipment)) continue;
        std::map<OrderLineId, std::int64_t> keeps;
        bool less = false;
        for (const auto& line : shipment->lines) {
            auto quantity = line.quantity;
            if (const auto it = excess.find(OrderLineId(line.order_line)); it != excess.end()) {
                const auto part = std::min(quantity, it->second);
                quantity -= part;
                it->second -= part;
                less = less || part > 0;
            }
            keeps[OrderLineId(line.order_line)] += quantity;
        }
        if (!less) continue;
        Refit change{shipment->id, shipment->number, {}};
        for (const auto& [line, units] : keeps) {
            if (units > 0) change.keeps.push_back({line, units});
        }
        out.push_back(std::move(change));
        std::erase_if(excess, [](const auto& line) { return line.second == 0; });
    }
    if (excess.empty()) return out;
    const auto holds = [&](const Shipment& shipment) {
        return std::ranges::any_of(shipment.lines, [&](const auto& line) { return excess.contains(OrderLineId(line.order_line)); });
    };
    for (const auto& shipment : shipments) {
        if (is_labelled(shipment) && holds(shipment)) return labelled(shipment, "and holds goods that would go");
    }
    return fail(ErrorKind::conflict, "orders.edit_quantity", "More of a line has left than would remain in the order.");
}

Result<std::vector<LineUnits>> withheld(std::span<const Shipment> shipments, std::span<const RefundedUnits> refunded) {
    std::vector<LineUnits> out;
    for (const auto& line : refunded) {
        const auto stay = std::min(line.units, line.to_send - line.left);
        if (stay <= 0) continue;
        auto free = line.to_send - line.left;
        const Shipment* holder = nullptr;
        for (const auto& shipment : shipments) {
            if (!is_labelled(shipment)) continue;
            for (const auto& held : shipment.lines) {
                if (held.order_line != line.line.uuid()) continue;
                free -= held.quantity;
                holder = &shipment;
            }
        }
        if (stay > free && holder) return labelled(*holder, "and holds goods that are refunded");
        out.push_back({line.line, stay});
    }
    return out;
}

}  // namespace stoa::orders
