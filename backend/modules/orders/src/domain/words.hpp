#pragma once
// What an order says to its buyer, per locale (en is the fallback).
#include <string>
#include <string_view>

#include "stoa/orders/states.hpp"
#include "stoa/shipping/shipments.hpp"

namespace stoa::orders {

// Text of a timeline entry; empty for entries that are for staff only.
[[nodiscard]] std::string_view timeline_text(std::string_view kind, std::string_view locale);
// Of a discount that somebody gave after the sale.
[[nodiscard]] std::string_view discount_label(std::string_view locale);

// "On its way", "Unterwegs", ...
[[nodiscard]] std::string_view shipment_label(shipping::ShipmentState state, std::string_view locale);

}  // namespace stoa::orders
