#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace stoa::db {

// The statements of a script, without the semicolons; comments stay with the statement they precede.
[[nodiscard]] std::vector<std::string> split_statements(std::string_view sql);

}  // namespace stoa::db
