#pragma once
// Where a list ordered by time, newest first, goes on: behind the last row's time and id. As text "microseconds.id".
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "stoa/clock/clock.hpp"
#include "stoa/ids/id.hpp"
#include "stoa/result/result.hpp"

namespace stoa::http {

template <class Id>
struct TimeCursor {
    Timestamp at;
    Id id;

    [[nodiscard]] std::string to_text() const { return std::to_string(at.time_since_epoch().count()) + "." + id.to_string(); }

    // 400 for the parameter `cursor` when the text is none of ours.
    [[nodiscard]] static Result<TimeCursor> parse(std::string_view text) {
        // What a timestamptz can hold beyond doubt: the years 2000 to 2100.
        constexpr std::int64_t kFrom = 946684800000000, kUntil = 4102444800000000;
        const auto dot = text.find('.');
        std::int64_t micros = 0;
        if (dot != std::string_view::npos) {
            const auto [end, error] = std::from_chars(text.data(), text.data() + dot, micros);
            const auto id = Id::parse(text.substr(dot + 1));
            if (error == std::errc{} && end == text.data() + dot && id && micros > kFrom && micros < kUntil)
                return TimeCursor{Timestamp(std::chrono::microseconds(micros)), *id};
        }
        return fail_field("?cursor", "invalid_cursor", "This cursor is not one of ours.");
    }
    // In front of the newest row.
    [[nodiscard]] static TimeCursor begin() {
        return {Timestamp(std::chrono::microseconds(4102444800000000)), Id(*Uuid::parse("ffffffff-ffff-ffff-ffff-ffffffffffff"))};
    }
};

}  // namespace stoa::http
