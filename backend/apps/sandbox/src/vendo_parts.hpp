#pragma once
// What the files of the Vendo sandbox share: reading requests and writing answers.
#include <optional>
#include <string>
#include <string_view>

#include "stoa/http/message.hpp"
#include "stoa/json/value.hpp"
#include "stoa/money/money.hpp"

namespace stoa::sandbox::vendo {

inline constexpr std::string_view kThreeDSecure = "4000012892688323";  // the card whose bank asks

// Vendo counts minor units; its wire has decimals.
[[nodiscard]] std::string decimal(std::int64_t minor, const std::string& currency);
[[nodiscard]] std::string encode(std::string_view text);
[[nodiscard]] const json::Value* object(const json::Value& value, std::string_view key);  // null: absent or none
[[nodiscard]] std::string text(const json::Value* value, std::string_view key);
// The amount in minor units; nullopt when it is no number with at most the currency's decimals.
[[nodiscard]] std::optional<Money> amount_of(const json::Value& body);
[[nodiscard]] std::string replace_all(std::string text, std::string_view what, std::string_view with);
// The caller's references come back whole and unchanged; `reference` alone without a body.
void write_references(json::Writer& out, const json::Value* body, const std::string& reference);
[[nodiscard]] http::Response html(std::string body, int status = 200);
[[nodiscard]] http::Response redirect(std::string to);

}  // namespace stoa::sandbox::vendo
