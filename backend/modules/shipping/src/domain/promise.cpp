#include "domain/promise.hpp"

#include <algorithm>

namespace stoa::shipping {
namespace {

bool is_weekend(std::chrono::sys_days day) {
    const auto weekday = std::chrono::weekday(day).iso_encoding();
    return weekday > 5;
}

std::chrono::sys_days add_working_days(std::chrono::sys_days day, int count) {
    while (is_weekend(day)) day += std::chrono::days{1};
    while (count > 0) {
        day += std::chrono::days{1};
        if (!is_weekend(day)) --count;
    }
    return day;
}

}  // namespace

PromiseDto promise(Timestamp ordered, int days_min, int days_max) {
    auto day = std::chrono::floor<std::chrono::days>(ordered);
    const bool late = ordered - day >= std::chrono::hours{kCutOffHourUtc};
    const auto leaves = add_working_days(day, late && !is_weekend(day) ? 1 : 0);
    return {Date(add_working_days(leaves, days_min)), Date(add_working_days(leaves, days_max))};
}

std::optional<PromiseDto> promise(Timestamp ordered, const std::optional<GoodsToCome>& waits_for, int days_min, int days_max) {
    if (!waits_for) return promise(ordered, days_min, days_max);
    if (!waits_for->on) return std::nullopt;
    return promise(std::max<Timestamp>(ordered, std::chrono::sys_days(*waits_for->on)), days_min, days_max);
}

}  // namespace stoa::shipping
