#include "promise.hpp"

namespace stoa::search {
namespace {

constexpr int kFastestTransit = 2;
constexpr int kSlowestTransit = 4;

bool is_weekend(std::chrono::sys_days day) {
    const std::chrono::weekday weekday(day);
    return weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
}

}  // namespace

Date add_working_days(Date day, int count) {
    auto at = std::chrono::sys_days(day);
    for (int done = 0; done < count;) {
        at += std::chrono::days(1);
        if (!is_weekend(at)) ++done;
    }
    while (is_weekend(at)) at += std::chrono::days(1);  // count 0 on a weekend: Monday
    return Date(at);
}

Promise delivery_promise(Date today, int handling_days) {
    const auto shipped = add_working_days(today, handling_days);
    return {add_working_days(shipped, kFastestTransit), add_working_days(shipped, kSlowestTransit)};
}

}  // namespace stoa::search
