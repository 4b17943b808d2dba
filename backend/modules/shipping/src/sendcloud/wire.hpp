#pragma once
// How values are written for Sendcloud.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "stoa/json/value.hpp"
#include "stoa/shipping/shipments.hpp"

namespace stoa::shipping::sendcloud {

inline constexpr json::ReadLimits kLimits{16 << 20, 32};

inline std::string kilograms(std::int64_t grams) { return fmt::format("{}.{:03}", grams / 1000, grams % 1000); }

inline void price(json::Writer& out, std::string_view name, const Money& amount) {
    out.key(name);
    out.begin_object();
    out.member("value", amount.to_decimal());
    out.member("currency", amount.currency().code());
    out.end_object();
}

// "+49 30 123456" as E.164, or nothing: a number the platform would refuse helps nobody.
inline std::string phone_of(const std::optional<std::string>& phone) {
    if (!phone || !phone->starts_with('+')) return {};
    std::string out = "+";
    for (const char c : *phone) {
        if (c >= '0' && c <= '9') out += c;
    }
    return out.size() >= 8 && out.size() <= 16 ? out : std::string();
}

// ISO 3166-2, "IT-RM": as it is, or made of the bare code.
inline std::string state_of(const ShipTo& to) {
    if (!to.state || to.state->empty()) return {};
    if (to.state->starts_with(to.country + "-")) return *to.state;
    const bool is_code = to.state->size() <= 3 && std::ranges::all_of(*to.state, [](char c) { return c >= 'A' && c <= 'Z'; });
    return is_code ? to.country + "-" + *to.state : std::string();
}

inline void address(json::Writer& out, std::string_view name, const ShipTo& to) {
    const auto optional = [&](std::string_view member, const std::string& value) {
        if (!value.empty()) out.member(member, value);
    };
    out.key(name);
    out.begin_object();
    out.member("name", to.name);
    optional("company_name", to.company.value_or(""));
    out.member("address_line_1", to.line1);
    optional("address_line_2", to.line2.value_or(""));
    out.member("postal_code", to.postal_code);
    out.member("city", to.city);
    optional("state_province_code", state_of(to));
    out.member("country_code", to.country);
    optional("email", to.email.value_or(""));
    optional("phone_number", phone_of(to.phone));
    out.end_object();
}

// Whether goods cross the border of the Union's customs territory.
inline bool needs_customs(std::string_view from, std::string_view to) {
    static constexpr std::string_view kUnion[] = {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
                                                  "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "MC"};
    const auto inside = [](std::string_view country) { return std::ranges::find(kUnion, country) != std::end(kUnion); };
    return from != to && !(inside(from) && inside(to));
}

}  // namespace stoa::shipping::sendcloud
