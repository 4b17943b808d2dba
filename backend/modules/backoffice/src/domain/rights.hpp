#pragma once
// What several roles together allow.
#include <map>
#include <span>
#include <string>
#include <vector>

#include "stoa/http/staff.hpp"
#include "stoa/json/value.hpp"

namespace stoa::backoffice {

using Limits = std::map<std::string, std::vector<Money>, std::less<>>;

struct Grant {
    std::vector<std::string> permissions;
    Limits limits;
};
// The permissions of all; a limit holds only where every role that grants the permission has one, and then the highest counts.
[[nodiscard]] Grant merged(std::span<const Grant> roles);
// Whether somebody who has `mine` may hand `wanted` to somebody else: never more than one has.
[[nodiscard]] bool covers(const Grant& mine, const Grant& wanted);
// {"orders.refund": [{"amount": 20000, "currency": "EUR"}]}; throws std::invalid_argument for anything else.
[[nodiscard]] Limits limits_from(const json::Value& value);
[[nodiscard]] std::string to_json(const Limits& limits);
// "orders.read", "orders.*" or "*".
[[nodiscard]] bool is_permission(std::string_view text);

}  // namespace stoa::backoffice
