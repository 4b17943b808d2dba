#pragma once
// Every problem code this module answers with.
#include <string_view>

namespace stoa::customers::codes {

inline constexpr std::string_view kLoginRequired = "account.login_required";
inline constexpr std::string_view kInvalidCredentials = "account.invalid_credentials";
inline constexpr std::string_view kTokenInvalid = "account.token_invalid";
inline constexpr std::string_view kWeakPassword = "account.weak_password";
inline constexpr std::string_view kRateLimited = "account.rate_limited";
inline constexpr std::string_view kAddressLimit = "account.address_limit";
inline constexpr std::string_view kProductNotFound = "catalog.product_not_found";  // the catalogue's word for it
inline constexpr std::string_view kInvalidGroup = "account.invalid_group";
inline constexpr std::string_view kWishlistFull = "account.wishlist_full";

}  // namespace stoa::customers::codes
