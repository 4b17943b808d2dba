#pragma once
// The sandbox's own pages: one look, readable on a phone, in daylight and at night.
#include <string>
#include <string_view>

#include "stoa/clock/clock.hpp"
#include "stoa/http/message.hpp"

namespace stoa::sandbox {

// `title` is text, `body` is HTML.
[[nodiscard]] http::Response page(std::string_view title, std::string_view body, int status = 200);
[[nodiscard]] std::string people_time(Timestamp at);  // "27 Nov 2026, 18:20 UTC"

}  // namespace stoa::sandbox
