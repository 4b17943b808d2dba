#include "domain/progress.hpp"

#include <algorithm>

namespace stoa::shipping {
namespace {

using enum ShipmentState;

constexpr Status kStatuses[] = {
    {999, "NO_LABEL", std::nullopt},
    {1000, "READY_TO_SEND", labelled},
    {1001, "ANNOUNCING", std::nullopt},
    {1002, "ANNOUNCEMENT_FAILED", std::nullopt},
    {1, "ANNOUNCED", labelled},
    {13, "ANNOUNCED_NOT_COLLECTED", labelled},
    {15, "ERROR_COLLECTING", exception},
    {22, "SHIPMENT_PICKED_UP_BY_DRIVER", in_transit},
    {3, "EN_ROUTE_TO_SORTING_CENTER", in_transit},
    {4, "DELIVERY_DELAYED", in_transit},
    {5, "SORTED", in_transit},
    {6, "NOT_SORTED", in_transit},
    {7, "BEING_SORTED", in_transit},
    {62990, "AT_SORTING_CENTRE", in_transit},
    {62989, "AT_CUSTOMS", in_transit},
    {91, "PARCEL_EN_ROUTE", in_transit},
    {92, "DRIVER_EN_ROUTE", out_for_delivery},
    {8, "DELIVERY_ATTEMPT_FAILED", in_transit},
    {12, "AWAITING_CUSTOMER_PICKUP", ready_for_pickup},
    {11, "DELIVERED", delivered},
    {93, "SHIPMENT_COLLECTED_BY_CUSTOMER", delivered},
    {80, "UNABLE_TO_DELIVER", exception},
    {62991, "REFUSED_BY_RECIPIENT", exception},
    {62992, "RETURNED_TO_SENDER", returned},
    {62993, "DELIVERY_METHOD_CHANGED", in_transit},
    {62994, "DELIVERY_DATE_CHANGED", in_transit},
    {62995, "DELIVERY_ADDRESS_CHANGED", in_transit},
    {62996, "EXCEPTION", exception},
    {62997, "ADDRESS_INVALID", exception},
    {1998, "CANCELLED_UPSTREAM", cancelled},
    {1999, "CANCELLATION_REQUESTED", cancelling},
    {2001, "SUBMITTING_CANCELLATION_REQUEST", cancelling},
    {2000, "CANCELLED", cancelled},
    {94, "PARCEL_CANCELLATION_FAILED", labelled},
    {1337, "UNKNOWN_STATUS", std::nullopt},
};

struct Transition {
    ShipmentState from;
    ShipmentState to;
};
constexpr Transition kTransitions[] = {
    {planned, announcing},
    {planned, cancelled},
    {announcing, labelled},
    {announcing, failed},
    {failed, announcing},
    {failed, cancelled},
    {labelled, in_transit},
    {labelled, out_for_delivery},
    {labelled, ready_for_pickup},
    {labelled, exception},
    {labelled, delivered},
    {labelled, returned},
    {labelled, cancelling},
    {labelled, cancelled},
    // A parcel that left although it was to be cancelled goes its way.
    {cancelling, labelled},
    {cancelling, in_transit},
    {cancelling, out_for_delivery},
    {cancelling, ready_for_pickup},
    {cancelling, exception},
    {cancelling, delivered},
    {cancelling, returned},
    {cancelling, cancelled},
    {in_transit, out_for_delivery},
    {in_transit, ready_for_pickup},
    {in_transit, exception},
    {in_transit, delivered},
    {in_transit, returned},
    // Nobody was at home, or it waited too long: it travels again.
    {out_for_delivery, in_transit},
    {out_for_delivery, ready_for_pickup},
    {out_for_delivery, exception},
    {out_for_delivery, delivered},
    {out_for_delivery, returned},
    {ready_for_pickup, in_transit},
    {ready_for_pickup, exception},
    {ready_for_pickup, delivered},
    {ready_for_pickup, returned},
    {exception, in_transit},
    {exception, out_for_delivery},
    {exception, ready_for_pickup},
    {exception, delivered},
    {exception, returned},
    {exception, cancelling},
    {exception, cancelled},
};

int distance(ShipmentState state) {
    switch (state) {
        case planned:
        case announcing:
        case failed:
            return 0;
        case labelled:
            return 1;
        case cancelling:
            return 2;
        case in_transit:
            return 3;
        case exception:
            return 4;
        case out_for_delivery:
            return 5;
        case ready_for_pickup:
            return 6;
        case cancelled:
        case returned:
        case delivered:
            return 7;
    }
    return 0;
}

}  // namespace

const Status* status_by_id(int id) {
    const auto* found = std::ranges::find(kStatuses, id, &Status::id);
    return found == std::end(kStatuses) ? nullptr : found;
}

const Status* status_by_code(std::string_view code) {
    const auto* found = std::ranges::find(kStatuses, code, &Status::code);
    return found == std::end(kStatuses) ? nullptr : found;
}

bool is_allowed(ShipmentState from, ShipmentState to) {
    return std::ranges::any_of(kTransitions, [&](const Transition& each) { return each.from == from && each.to == to; });
}

Result<void> transition(ShipmentState from, ShipmentState to) {
    if (is_allowed(from, to)) return {};
    return fail(ErrorKind::conflict, "shipping.transition_not_allowed",
                "A shipment that is " + std::string(json::to_name(from)) + " cannot become " + std::string(json::to_name(to)) + ".");
}

std::optional<ShipmentState> state_of_status(int status_id) {
    const auto* status = status_by_id(status_id);
    return status ? status->state : std::nullopt;
}

bool has_left(ShipmentState state) {
    return state == in_transit || state == out_for_delivery || state == ready_for_pickup || state == delivered || state == returned;
}

ShipmentState follow(const KnownStatus& known, ShipmentState next, Timestamp at) {
    if (known.at && at < *known.at) return known.state;
    if (known.at && at == *known.at && distance(next) <= distance(known.state)) return known.state;
    return is_allowed(known.state, next) ? next : known.state;
}

ShipmentState combine(std::span<const ShipmentState> parcels) {
    const auto any = [&](ShipmentState state) { return std::ranges::find(parcels, state) != parcels.end(); };
    const auto living = [](ShipmentState state) { return state != cancelled; };
    if (parcels.empty()) return planned;
    if (std::ranges::none_of(parcels, living)) return cancelled;
    if (any(exception)) return exception;
    std::optional<ShipmentState> slowest;
    bool on_its_way = false;
    for (const auto state : parcels) {
        if (!living(state)) continue;
        on_its_way = on_its_way || has_left(state);
        if (!slowest || distance(state) < distance(*slowest)) slowest = state;
    }
    if (*slowest == delivered && any(returned)) return returned;
    if (on_its_way && !has_left(*slowest)) return in_transit;
    return *slowest;
}

}  // namespace stoa::shipping
