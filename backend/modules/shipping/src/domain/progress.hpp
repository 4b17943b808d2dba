#pragma once
// How far a parcel is, in the platform's words and in ours.
#include <optional>
#include <span>
#include <string_view>

#include "stoa/shipping/shipments.hpp"

namespace stoa::shipping {

struct Status {
    int id;
    std::string_view code;               // of API v3
    std::optional<ShipmentState> state;  // nullopt: says nothing about how far it is
};
// PARCEL_CANCELLATION_FAILED: the one status that undoes a cancellation of a parcel that is still here.
constexpr int kCancellationFailed = 94;
// Nullptr for an id or code that is not in the list: it changes nothing.
[[nodiscard]] const Status* status_by_id(int id);
[[nodiscard]] const Status* status_by_code(std::string_view code);

// Whether goods in that state have left the warehouse.
[[nodiscard]] bool has_left(ShipmentState state);

struct KnownStatus {
    ShipmentState state = ShipmentState::labelled;
    std::optional<Timestamp> at;
};
// What becomes of a parcel when `next` is said about the moment `at`: older news never move it, nor does what the table of transitions
// forbids. Of two that carry the same moment the one further on counts.
[[nodiscard]] ShipmentState follow(const KnownStatus& known, ShipmentState next, Timestamp at);

// The shipment as a whole: as far as its slowest parcel, on its way as soon as one of them is.
[[nodiscard]] ShipmentState combine(std::span<const ShipmentState> parcels);

}  // namespace stoa::shipping
