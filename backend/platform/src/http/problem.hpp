#pragma once
// Problems of the front itself, whose status has no ErrorKind (405, 408, 431, ...).
#include <string_view>

#include "stoa/http/message.hpp"

namespace stoa::http {

[[nodiscard]] Response problem_with(int status, std::string_view code, std::string_view message, int retry_after_seconds = 0);

}  // namespace stoa::http
