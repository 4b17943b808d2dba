// Cron expressions in UTC: minute hour day-of-month month day-of-week.
#include <charconv>

#include "stoa/jobs/jobs.hpp"

namespace stoa::jobs {
namespace {

using namespace std::chrono;

struct Field {
    std::uint64_t bits = 0;
    bool any = false;  // began with '*'
    [[nodiscard]] bool has(unsigned value) const { return (bits >> value & 1) != 0; }
};

struct Expression {
    Field minute, hour, day, month, weekday;
};

std::optional<unsigned> number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > 9999) return std::nullopt;
    return value;
}

// A number, or a name such as "mon" or "JAN" when the field has names.
std::optional<unsigned> value_of(std::string_view text, std::span<const std::string_view> names, unsigned first) {
    if (auto found = number(text)) return found;
    if (text.size() != 3) return std::nullopt;
    std::string lower;
    for (const char c : text) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    for (unsigned i = 0; i < names.size(); ++i) {
        if (names[i] == lower) return first + i;
    }
    return std::nullopt;
}

// "*", "*/n", "a", "a-b", "a-b/n", "a/n" (from a to the end), joined by commas.
std::optional<Field> parse_field(std::string_view text, unsigned low, unsigned high, std::span<const std::string_view> names = {}) {
    Field out;
    out.any = text.starts_with('*');
    while (true) {
        const auto comma = text.find(',');
        std::string_view part = text.substr(0, comma);
        unsigned step = 1;
        bool stepped = false;
        if (const auto slash = part.find('/'); slash != std::string_view::npos) {
            const auto value = number(part.substr(slash + 1));
            if (!value || *value == 0) return std::nullopt;
            step = *value;
            stepped = true;
            part = part.substr(0, slash);
        }
        unsigned from = low;
        unsigned to = high;
        if (part != "*") {
            const auto dash = part.find('-');
            const auto begin = value_of(part.substr(0, dash), names, low);
            if (!begin) return std::nullopt;
            from = *begin;
            to = stepped ? high : from;
            if (dash != std::string_view::npos) {
                const auto end = value_of(part.substr(dash + 1), names, low);
                if (!end) return std::nullopt;
                to = *end;
            }
        }
        if (from < low || to > high || from > to) return std::nullopt;
        for (unsigned value = from; value <= to; value += step) out.bits |= std::uint64_t{1} << value;
        if (comma == std::string_view::npos) return out;
        text.remove_prefix(comma + 1);
    }
}

std::optional<Expression> parse(std::string_view text) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto begin = text.find_first_not_of(" \t");
        if (begin == std::string_view::npos) break;
        text.remove_prefix(begin);
        const auto end = std::min(text.find_first_of(" \t"), text.size());
        parts.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    if (parts.size() != 5) return std::nullopt;
    static constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                              "jul", "aug", "sep", "oct", "nov", "dec"};
    static constexpr std::array<std::string_view, 7> kDays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    const auto minute = parse_field(parts[0], 0, 59);
    const auto hour = parse_field(parts[1], 0, 23);
    const auto day = parse_field(parts[2], 1, 31);
    const auto month = parse_field(parts[3], 1, 12, kMonths);
    auto weekday = parse_field(parts[4], 0, 7, kDays);
    if (!minute || !hour || !day || !month || !weekday) return std::nullopt;
    if (weekday->has(7)) weekday->bits |= 1;  // 7 is Sunday as well
    return Expression{*minute, *hour, *day, *month, *weekday};
}

// When day of month and day of week are both restricted, one of them suffices (as in every cron).
bool day_matches(const Expression& e, year_month_day date) {
    if (!e.month.has(static_cast<unsigned>(date.month()))) return false;
    const bool by_day = e.day.has(static_cast<unsigned>(date.day()));
    const bool by_weekday = e.weekday.has(weekday(sys_days(date)).c_encoding());
    if (e.day.any || e.weekday.any) return by_day && by_weekday;
    return by_day || by_weekday;
}

// "@every 30s", also m, h, d; runs at whole multiples since 1970, the same in every process.
std::optional<Timestamp> next_interval(std::string_view text, Timestamp after) {
    if (text.size() < 2) return std::nullopt;
    const auto count = number(text.substr(0, text.size() - 1));
    if (!count || *count == 0) return std::nullopt;
    std::int64_t unit = 0;
    switch (text.back()) {
        case 's':
            unit = 1;
            break;
        case 'm':
            unit = 60;
            break;
        case 'h':
            unit = 3600;
            break;
        case 'd':
            unit = 86400;
            break;
        default:
            return std::nullopt;
    }
    const std::int64_t length = *count * unit;
    const std::int64_t now = floor<seconds>(after).time_since_epoch().count();
    return Timestamp(seconds((now / length + 1) * length));
}

}  // namespace

std::optional<Timestamp> next_run(std::string_view cron, Timestamp after) {
    constexpr std::string_view kEvery = "@every ";
    if (cron.starts_with(kEvery)) return next_interval(cron.substr(kEvery.size()), after);
    const auto expression = parse(cron);
    if (!expression) return std::nullopt;

    const auto first = floor<minutes>(after) + minutes(1);
    auto day = floor<days>(first);
    auto earliest = floor<minutes>(first - day);
    // 29 February comes back after eight years at most (2096 to 2104).
    const auto last_day = day + days(366 * 9);
    for (; day <= last_day; day += days(1), earliest = minutes(0)) {
        if (!day_matches(*expression, year_month_day(day))) continue;
        for (auto at = earliest; at < hours(24); at += minutes(1)) {
            const auto hour = static_cast<unsigned>(at / hours(1));
            if (!expression->hour.has(hour)) {
                at = hours(hour + 1) - minutes(1);
                continue;
            }
            if (expression->minute.has(static_cast<unsigned>(at / minutes(1) % 60))) return Timestamp(day + at);
        }
    }
    return std::nullopt;
}

}  // namespace stoa::jobs
