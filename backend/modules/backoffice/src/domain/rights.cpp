#include "domain/rights.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>

#include "stoa/json/describe.hpp"

namespace stoa::backoffice {
namespace {

// True when the names of `permissions` include this one, by itself or by a star.
bool grants(const std::vector<std::string>& permissions, std::string_view wanted) {
    const auto resource = wanted.substr(0, wanted.find('.'));
    return std::ranges::any_of(permissions, [&](const std::string& have) {
        return have == "*" || have == wanted || (have.ends_with(".*") && std::string_view(have).substr(0, have.size() - 2) == resource);
    });
}

// The amounts where `permission` ends; nullopt: nowhere.
std::optional<std::vector<Money>> end_of(const Grant& grant, std::string_view permission) {
    const auto found = grant.limits.find(permission);
    if (found == grant.limits.end()) return std::nullopt;
    return found->second;
}

void take_higher(std::vector<Money>& into, const std::vector<Money>& other) {
    for (const Money& amount : other) {
        const auto same = std::ranges::find(into, amount.currency(), [](const Money& money) { return money.currency(); });
        if (same == into.end())
            into.push_back(amount);
        else if (*same < amount)
            *same = amount;
    }
}

}  // namespace

Grant merged(std::span<const Grant> roles) {
    std::set<std::string> permissions;
    std::set<std::string> limited;
    for (const Grant& role : roles) {
        permissions.insert(role.permissions.begin(), role.permissions.end());
        for (const auto& [permission, amounts] : role.limits) limited.insert(permission);
    }
    Grant out;
    out.permissions.assign(permissions.begin(), permissions.end());
    for (const std::string& permission : limited) {
        std::vector<Money> highest;
        bool endless = false, granted = false;
        for (const Grant& role : roles) {
            if (!grants(role.permissions, permission)) continue;
            granted = true;
            if (const auto end = end_of(role, permission))
                take_higher(highest, *end);
            else
                endless = true;
        }
        if (granted && !endless) out.limits[permission] = std::move(highest);
    }
    return out;
}

bool covers(const Grant& mine, const Grant& wanted) {
    for (const std::string& permission : wanted.permissions) {
        if (!grants(mine.permissions, permission)) return false;
        // "*" and "orders.*" hand out what they include; "orders.*" in mine is compared with itself above.
    }
    // Where mine ends at an amount, what is handed out must end there or before.
    for (const auto& [permission, amounts] : mine.limits) {
        if (!grants(wanted.permissions, permission)) continue;
        const auto end = end_of(wanted, permission);
        if (!end) return false;
        for (const Money& amount : *end) {
            const auto same = std::ranges::find(amounts, amount.currency(), [](const Money& money) { return money.currency(); });
            if (same == amounts.end() || *same < amount) return false;
        }
    }
    return true;
}

Limits limits_from(const json::Value& value) {
    if (!value.is_object()) throw std::invalid_argument("limits: an object is expected");
    Limits out;
    for (const auto& [permission, amounts] : value.members()) {
        if (!is_permission(permission) || permission.ends_with('*'))
            throw std::invalid_argument("limits: " + permission + " is no permission");
        json::ParseContext context;
        std::vector<Money> list;
        json::Codec<std::vector<Money>>::parse(list, amounts, {}, context);
        if (!context.ok()) throw std::invalid_argument("limits: " + permission + ": " + context.errors.front().message);
        for (const Money& amount : list) {
            if (amount.is_negative()) throw std::invalid_argument("limits: " + permission + ": an amount is not below zero");
        }
        out[permission] = std::move(list);
    }
    return out;
}

std::string to_json(const Limits& limits) {
    json::Writer out;
    out.begin_object();
    for (const auto& [permission, amounts] : limits) {
        out.key(permission);
        json::Codec<std::vector<Money>>::write(amounts, out);
    }
    out.end_object();
    return out.take();
}

bool is_permission(std::string_view text) {
    if (text == "*") return true;
    const auto word = [](std::string_view part) {
        return !part.empty() && part.size() <= 40 && part.front() >= 'a' && part.front() <= 'z' &&
               std::ranges::all_of(part, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
    };
    const auto dot = text.find('.');
    if (dot == std::string_view::npos || !word(text.substr(0, dot))) return false;
    const auto action = text.substr(dot + 1);
    return action == "*" || word(action);
}

}  // namespace stoa::backoffice
