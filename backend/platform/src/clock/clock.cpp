#include "stoa/clock/clock.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace stoa {
namespace {

using namespace std::chrono;

bool digits(std::string_view text, std::size_t at, std::size_t count, int& out) {
    if (at + count > text.size()) return false;
    out = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        out = out * 10 + (text[i] - '0');
    }
    return true;
}

}  // namespace

// PostgreSQL has no year 0, and nothing here is of an earlier one.
constexpr Timestamp kFirst = sys_days(year(1) / 1 / 1);

Timestamp SystemClock::now() const { return floor<microseconds>(system_clock::now()); }

std::string to_rfc3339(Timestamp value) {
    const auto day = floor<days>(value);
    const Date date(day);
    const auto rest = value - day;
    const auto h = duration_cast<hours>(rest);
    const auto m = duration_cast<minutes>(rest - h);
    const auto s = duration_cast<seconds>(rest - h - m);
    const auto us = duration_cast<microseconds>(rest - h - m - s);
    std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                  static_cast<unsigned>(date.day()), h.count(), m.count(), s.count());
    if (us.count() != 0) out += fmt::format(".{:06}", us.count());
    return out + 'Z';
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
    if (!digits(text, 0, 4, y) || text.size() < 19 || text[4] != '-' || !digits(text, 5, 2, mo) || text[7] != '-' || !digits(text, 8, 2, d))
        return std::nullopt;
    if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return std::nullopt;
    if (!digits(text, 11, 2, h) || text[13] != ':' || !digits(text, 14, 2, mi) || text[16] != ':' || !digits(text, 17, 2, s))
        return std::nullopt;
    const Date date(year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d)));
    if (!date.ok() || h > 23 || mi > 59 || s > 60) return std::nullopt;
    std::size_t at = 19;
    std::int64_t micros = 0;
    if (at < text.size() && text[at] == '.') {
        ++at;
        int count = 0;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
            if (count < 6) {
                micros = micros * 10 + (text[at] - '0');
                ++count;
            }
            ++at;
        }
        if (count == 0) return std::nullopt;
        for (; count < 6; ++count) micros *= 10;
    }
    minutes offset{0};
    if (at >= text.size()) return std::nullopt;  // a time without a zone is not an instant
    if (text[at] == 'Z' || text[at] == 'z') {
        if (at + 1 != text.size()) return std::nullopt;
    } else {
        if (text[at] != '+' && text[at] != '-') return std::nullopt;
        const int sign = text[at] == '-' ? -1 : 1;
        int oh = 0, om = 0;
        if (!digits(text, at + 1, 2, oh)) return std::nullopt;
        std::size_t end = at + 3;
        if (end < text.size()) {
            if (text[end] == ':') ++end;
            if (!digits(text, end, 2, om)) return std::nullopt;
            end += 2;
        }
        if (end != text.size() || oh > 23 || om > 59) return std::nullopt;
        offset = minutes(sign * (oh * 60 + om));
    }
    const auto out = Timestamp(sys_days(date)) + hours(h) + minutes(mi) + seconds(s) + microseconds(micros) - offset;
    if (out < kFirst) return std::nullopt;
    return out;
}

std::string to_iso_date(Date value) {
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(value.year()), static_cast<unsigned>(value.month()),
                       static_cast<unsigned>(value.day()));
}

std::optional<Date> parse_iso_date(std::string_view text) {
    int y = 0, m = 0, d = 0;
    if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !digits(text, 0, 4, y) || !digits(text, 5, 2, m) || !digits(text, 8, 2, d))
        return std::nullopt;
    const Date date(year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d)));
    if (!date.ok() || date.year() < year(1)) return std::nullopt;
    return date;
}

std::string to_http_date(Timestamp value) {
    static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day_point = floor<days>(value);
    const Date date(day_point);
    const auto rest = duration_cast<seconds>(value - day_point).count();
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday(day_point).c_encoding()],
                       static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                       rest / 3600, rest / 60 % 60, rest % 60);
}

}  // namespace stoa
