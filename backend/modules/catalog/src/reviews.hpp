#pragma once
#include "stoa/catalog/model.hpp"

namespace stoa::catalog {

// A verified review is shown at once unless it advertises something; every other one waits for a person.
[[nodiscard]] ReviewState first_state(bool verified, std::string_view title, std::string_view body);

}  // namespace stoa::catalog
