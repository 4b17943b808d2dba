#pragma once
// Problem codes of this module.
#include <string_view>

namespace stoa::cart::codes {
inline constexpr std::string_view kVariantUnknown = "cart.variant_unknown";
inline constexpr std::string_view kVariantUnavailable = "cart.variant_unavailable";
inline constexpr std::string_view kOutOfStock = "cart.out_of_stock";
inline constexpr std::string_view kQuantityLimit = "cart.quantity_limit";
inline constexpr std::string_view kLineLimit = "cart.line_limit";
inline constexpr std::string_view kLineUnknown = "cart.line_not_found";
inline constexpr std::string_view kCodeLimit = "cart.code_limit";
inline constexpr std::string_view kCodeUnknown = "promotions.code_unknown";
inline constexpr std::string_view kCodesLimited = "cart.too_many_code_attempts";
inline constexpr std::string_view kVersionConflict = "cart.version_conflict";
}  // namespace stoa::cart::codes
