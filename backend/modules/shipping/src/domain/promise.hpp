#pragma once
#include "stoa/shipping/shipping.hpp"

namespace stoa::shipping {

// Orders before the cut-off leave the same working day. Weekends are no working days; the parcel travels `days` working days.
inline constexpr int kCutOffHourUtc = 13;
[[nodiscard]] PromiseDto promise(Timestamp ordered, int days_min, int days_max);
// What waits for goods leaves with the last of them; where nobody knows when they come, nothing is promised.
[[nodiscard]] std::optional<PromiseDto> promise(Timestamp ordered, const std::optional<GoodsToCome>& waits_for, int days_min, int days_max);

}  // namespace stoa::shipping
