#pragma once
// How values are written for Sendcloud.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "stoa/http_client/client.hpp"
#include "stoa/json/value.hpp"
#include "stoa/shipping/shipments.hpp"

namespace stoa::shipping::sendcloud {

inline constexpr json::ReadLimits kLimits{16 << 20, 32};

// A request with the account's keys. `path` behind "/api/v3".
inline http_client::Call call(const Config::Sendcloud& config, std::string method, std::string_view path) {
    http_client::Call out;
    out.method = std::move(method);
    out.url = config.url + "/api/v3" + std::string(path);
    out.headers = {{"Authorization", http_client::basic_auth(config.public_key, config.secret_key)},
                   {"Accept", "application/json"},
                   {"Content-Type", "application/json"}};
    out.timeout = std::chrono::seconds(config.timeout_seconds);
    out.connect_timeout = std::chrono::seconds(3);
    return out;
}

inline std::string kilograms(std::int64_t grams) { return fmt::format("{}.{:03}", grams / 1000, grams % 1000); }

inline void price(json::Writer& out, std::string_view name, const Money& amount) {
    out.key(name);
    out.begin_object();
    out.member("value", amount.to_decimal());
    out.member("currency", amount.currency().code());
    out.end_object();
}

// What customs want to know of the goods in a parcel. `amount` writes the price, whose form differs between endpoints.
template <class Item, class WritePrice>
void parcel_item(json::Writer& out, const Item& item, std::string_view hs_code, std::string_view origin_country, WritePrice amount) {
    out.begin_object();
    out.member("description", item.name);
    out.member("quantity", item.quantity);
    out.key("weight");
    out.begin_object();
    out.key("value");
    out.raw(kilograms(std::max<std::int64_t>(1, item.weight_grams)));
    out.member("unit", "kg");
    out.end_object();
    amount();
    out.member("hs_code", hs_code);
    out.member("origin_country", origin_country);
    out.member("sku", item.sku);
    out.end_object();
}
inline void customs_information(json::Writer& out, std::string_view reference, std::string_view export_type, Timestamp at) {
    out.key("customs_information");
    out.begin_object();
    out.member("invoice_number", reference.substr(0, 40));
    out.member("export_reason", "commercial_goods");
    out.member("export_type", export_type);
    out.member("invoice_date", to_iso_date(date_of(at)));
    out.end_object();
}

// What a shipping option costs; nullopt for a contract of the merchant's own, which has no quote.
inline std::optional<Money> quoted(const json::Value& option) {
    const auto* quotes = option.find("quotes");
    const auto* total = quotes && quotes->is_array() && !quotes->items().empty() ? quotes->items().front().at("price", "total") : nullptr;
    const auto currency = total ? Currency::parse(total->text_or("currency")) : std::nullopt;
    return currency ? Money::parse_decimal(total->text_or("value"), *currency) : std::nullopt;
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
