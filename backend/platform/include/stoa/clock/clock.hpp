#pragma once
// "Now" comes from an injected Clock; tests move time and never sleep. All instants are UTC.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa {

using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
using Date = std::chrono::year_month_day;

class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Timestamp now() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Timestamp now() const override;
};

// Thread-safe clock that stands still until it is moved.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Timestamp start) : micros_(start.time_since_epoch().count()) {}
    [[nodiscard]] Timestamp now() const override { return Timestamp(std::chrono::microseconds(micros_.load())); }
    void advance(std::chrono::microseconds by) { micros_ += by.count(); }
    void set(Timestamp value) { micros_ = value.time_since_epoch().count(); }

private:
    std::atomic<std::int64_t> micros_;
};

// RFC 3339 with Z and six decimals when there is a fraction: "2026-11-22T10:26:09Z".
[[nodiscard]] std::string to_rfc3339(Timestamp value);
// Accepts RFC 3339 and PostgreSQL's timestamptz text in any offset.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text);
[[nodiscard]] std::string to_iso_date(Date value);  // "2026-11-22"
[[nodiscard]] std::optional<Date> parse_iso_date(std::string_view text);
[[nodiscard]] inline Date date_of(Timestamp value) { return Date(std::chrono::floor<std::chrono::days>(value)); }
[[nodiscard]] inline Timestamp start_of(Date value) { return Timestamp(std::chrono::sys_days(value)); }
// IMF-fixdate for HTTP headers.
[[nodiscard]] std::string to_http_date(Timestamp value);

}  // namespace stoa
