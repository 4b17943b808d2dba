#pragma once
#include <string_view>

namespace stoa::webhooks::codes {
inline constexpr std::string_view kNotFound = "webhooks.not_found";
inline constexpr std::string_view kTokenRequired = "webhooks.token_required";
}  // namespace stoa::webhooks::codes
