#pragma once
// Pages of several files in one.
#include <span>
#include <string>

#include "stoa/result/result.hpp"

namespace stoa::orders {

// The pages as they are, in the order given. 503 shipping.unavailable when one of the files is no PDF that can be read.
[[nodiscard]] Result<std::string> merge_pdf(std::span<const std::string> files);

}  // namespace stoa::orders
