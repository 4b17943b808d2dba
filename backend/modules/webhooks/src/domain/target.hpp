#pragma once
// Where a webhook may go, by its address alone; who is really connected to is judged again when it is sent.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::webhooks {

// Nullopt, or why this address is refused.
[[nodiscard]] std::optional<std::string> refuse_url(std::string_view url, bool development);
// Nullopt, or which of them is no event type.
[[nodiscard]] std::optional<std::string> refuse_types(const std::vector<std::string>& types);

}  // namespace stoa::webhooks
