#pragma once
#include "stoa/shipping/shipping.hpp"

namespace stoa::shipping {

// Orders before the cut-off leave the same working day. Weekends are no working days; the parcel travels `days` working days.
inline constexpr int kCutOffHourUtc = 13;
[[nodiscard]] PromiseDto promise(Timestamp ordered, int days_min, int days_max);

}  // namespace stoa::shipping
