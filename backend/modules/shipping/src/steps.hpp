#pragma once
#include <string_view>

namespace stoa::shipping {

// A numbered step was reached: where tests kill the process (set_step_hook).
void step(std::string_view name);

}  // namespace stoa::shipping
