#pragma once
#include <string_view>

#include "stoa/customers/customers.hpp"

namespace stoa::customers {

// The words a person agrees to. Change the version with the words: consents keep both.
inline constexpr std::string_view kConsentTextVersion = "2026-01";
[[nodiscard]] std::string_view consent_text(ConsentKind kind, std::string_view locale);

}  // namespace stoa::customers
