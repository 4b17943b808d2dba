#pragma once
#include "stoa/clock/clock.hpp"

namespace stoa::search {

struct Promise {
    Date from;
    Date to;
};
// Shipped `handling_days` working days from `today` on, and two to four working days on the road. Saturdays and Sundays do
// not count. Shipping refines this once the method is chosen.
[[nodiscard]] Date add_working_days(Date day, int count);
[[nodiscard]] Promise delivery_promise(Date today, int handling_days);

}  // namespace stoa::search
