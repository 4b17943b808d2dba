#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "stoa/result/result.hpp"

namespace stoa::customers {

// Nullopt when the password is good enough; otherwise account.weak_password with one field error at `pointer` that says why.
[[nodiscard]] std::optional<Error> check_password(std::string_view password, std::string_view email, std::string_view pointer);

}  // namespace stoa::customers
