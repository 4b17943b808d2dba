#pragma once
#include <string_view>

namespace stoa::content::codes {

inline constexpr std::string_view kPageNotFound = "content.page_not_found";
inline constexpr std::string_view kMenuNotFound = "content.menu_not_found";
inline constexpr std::string_view kHomeMissing = "content.home_not_found";
inline constexpr std::string_view kSlugTaken = "content.slug_taken";
inline constexpr std::string_view kInvalidPage = "content.invalid_page";
inline constexpr std::string_view kInvalidBlock = "content.invalid_block";
inline constexpr std::string_view kNotReady = "content.not_ready";

}  // namespace stoa::content::codes
