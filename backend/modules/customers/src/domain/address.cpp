#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <string>

#include <fmt/format.h>

#include "stoa/customers/countries.hpp"
#include "stoa/customers/customers.hpp"

namespace stoa::customers {
namespace {

// Patterns are for upper-case text. Sorted by code.
constexpr std::array<Country, 30> kCountries{{
    {"AT", true, "[1-9][0-9]{3}", "1010"},
    {"BE", true, "[1-9][0-9]{3}", "1000"},
    {"BG", true, "[1-9][0-9]{3}", "1000"},
    {"CH", false, "[1-9][0-9]{3}", "3011"},
    {"CY", true, "[1-9][0-9]{3}", "2008"},
    {"CZ", true, "[1-9][0-9]{2} ?[0-9]{2}", "100 00"},
    {"DE", true, "[0-9]{5}", "10115"},
    {"DK", true, "[0-9]{4}", "1566"},
    {"EE", true, "[0-9]{5}", "10111"},
    {"ES", true, "[0-5][0-9]{4}", "28039", true, true},
    {"FI", true, "[0-9]{5}", "00100"},
    {"FR", true, "[0-9]{2} ?[0-9]{3}", "75001"},
    {"GB", false, "GIR ?0AA|[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][ABD-HJLN-UW-Z]{2}|BFPO ?[0-9]{1,4}", "SW1A 1AA"},
    {"GR", true, "[1-9][0-9]{2} ?[0-9]{2}", "105 57"},
    {"HR", true, "[1-9][0-9]{4}", "10000"},
    {"HU", true, "[1-9][0-9]{3}", "1037"},
    {"IE", true, "([A-Z][0-9]{2}|D6W) ?[0-9A-Z]{4}", "D02 AF30", false},
    {"IT", true, "[0-9]{5}", "00144", true, true},
    {"LT", true, "(LT-)?[0-9]{5}", "01100"},
    {"LU", true, "(L-)?[1-9][0-9]{3}", "4750"},
    {"LV", true, "(LV-)?[0-9]{4}", "LV-1010"},
    {"MT", true, "[A-Z]{3} ?[0-9]{2,4}", "VLT 1117"},
    {"NL", true, "[1-9][0-9]{3} ?[A-Z]{2}", "1012 AB"},
    {"NO", false, "[0-9]{4}", "0150"},
    {"PL", true, "[0-9]{2}-[0-9]{3}", "00-950"},
    {"PT", true, "[1-9][0-9]{3}-[0-9]{3}", "1250-096"},
    {"RO", true, "[0-9]{6}", "060274"},
    {"SE", true, "[1-9][0-9]{2} ?[0-9]{2}", "114 55"},
    {"SI", true, "(SI-)?[1-9][0-9]{3}", "1000"},
    {"SK", true, "[089][0-9]{2} ?[0-9]{2}", "811 01"},
}};

const std::regex& pattern_of(const Country& country) {
    static const auto compiled = [] {
        std::map<std::string_view, std::regex> out;
        for (const auto& c : kCountries)
            out.emplace(c.code, std::regex(std::string(c.postal_code_pattern), std::regex::ECMAScript | std::regex::optimize));
        return out;
    }();
    return compiled.find(country.code)->second;
}

void upper(std::string& text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    }
}

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string tidy_postal_code(std::string_view country, std::string text) {
    upper(text);
    std::string bare;
    for (const char c : text) {
        if (c != ' ' && c != '-' && c != '.') bare += c;
    }
    // What people write in front of the number on letters from abroad.
    for (const auto& [code, prefix] : std::initializer_list<std::pair<std::string_view, std::string_view>>{{"DE", "D"},
                                                                                                           {"AT", "A"},
                                                                                                           {"CH", "CH"},
                                                                                                           {"FI", "FI"},
                                                                                                           {"SE", "SE"},
                                                                                                           {"DK", "DK"},
                                                                                                           {"LT", "LT"},
                                                                                                           {"LU", "L"},
                                                                                                           {"HR", "HR"},
                                                                                                           {"SI", "SI"},
                                                                                                           {"CZ", "CZ"},
                                                                                                           {"SK", "SK"},
                                                                                                           {"NO", "NO"},
                                                                                                           {"BE", "B"},
                                                                                                           {"FR", "F"},
                                                                                                           {"NL", "NL"},
                                                                                                           {"LV", "LV"}}) {
        if (country == code && bare.size() > prefix.size() && bare.starts_with(prefix) &&
            all_digits(std::string_view(bare).substr(prefix.size(), 1))) {
            bare.erase(0, prefix.size());
        }
    }
    const auto spaced = [&](std::size_t at) { return bare.substr(0, at) + " " + bare.substr(at); };
    if (country == "NL" && bare.size() == 6) return spaced(4);
    if ((country == "CZ" || country == "SK" || country == "GR" || country == "SE") && bare.size() == 5) return spaced(3);
    if (country == "GB" && bare.size() >= 5 && bare.size() <= 7 && !bare.starts_with("BFPO")) return spaced(bare.size() - 3);
    if (country == "IE" && bare.size() == 7) return spaced(3);
    if (country == "MT" && bare.size() >= 5) return spaced(3);
    if (country == "PL" && bare.size() == 5) return bare.substr(0, 2) + "-" + bare.substr(2);
    if (country == "PT" && bare.size() == 7) return bare.substr(0, 4) + "-" + bare.substr(4);
    if (country == "LV" && bare.size() == 4) return "LV-" + bare;
    return all_digits(bare) ? bare : text;
}

}  // namespace

std::span<const Country> countries() { return kCountries; }

const Country* find_country(std::string_view code) {
    const auto found = std::lower_bound(kCountries.begin(), kCountries.end(), code,
                                        [](const Country& c, std::string_view wanted) { return c.code < wanted; });
    return found != kCountries.end() && found->code == code ? &*found : nullptr;
}

void tidy_address(AddressDto& address) {
    for (auto* field : {&address.company, &address.line2, &address.state, &address.phone}) {
        if (*field && (*field)->empty()) field->reset();
    }
    address.postal_code = tidy_postal_code(address.country, std::move(address.postal_code));
    // Italian and Spanish provinces are two letters or a name; letters are written in capitals.
    if (address.state && address.state->size() == 2) upper(*address.state);
}

std::vector<FieldError> check_address(const AddressDto& address, std::string_view at) {
    std::vector<FieldError> errors;
    const auto add = [&](std::string_view field, std::string code, std::string message) {
        errors.push_back({fmt::format("{}/{}", at, field), std::move(code), std::move(message)});
    };
    const Country* country = find_country(address.country);
    if (!country) {
        add("country", "country_not_served", "We do not deliver to this country.");
        return errors;
    }
    if (address.postal_code.empty()) {
        if (country->postal_code_required)
            add("postal_code", "required", fmt::format("Please enter a postcode such as {}.", country->postal_code_example));
    } else if (address.postal_code.size() > 16 || !std::regex_match(address.postal_code, pattern_of(*country))) {
        add("postal_code", "postal_code_invalid", fmt::format("The postcode should look like {}.", country->postal_code_example));
    }
    if (country->state_required && (!address.state || address.state->empty())) add("state", "required", "Please enter the province.");
    if (address.phone) {
        const auto digits = std::count_if(address.phone->begin(), address.phone->end(), [](char c) { return c >= '0' && c <= '9'; });
        const bool clean = address.phone->find_first_not_of("+0123456789 ()-./") == std::string::npos;
        if (!address.phone->empty() && (!clean || digits < 5))
            add("phone", "phone_invalid", "The phone number should look like +49 30 1234567.");
    }
    for (const auto& [field, value] :
         std::initializer_list<std::pair<std::string_view, const std::string*>>{{"first_name", &address.first_name},
                                                                                {"last_name", &address.last_name},
                                                                                {"company", address.company ? &*address.company : nullptr},
                                                                                {"line1", &address.line1},
                                                                                {"line2", address.line2 ? &*address.line2 : nullptr},
                                                                                {"city", &address.city},
                                                                                {"state", address.state ? &*address.state : nullptr}}) {
        const bool bad =
            value && std::any_of(value->begin(), value->end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
        if (bad) add(field, "control_character", "Line breaks and control characters cannot stand here.");
    }
    return errors;
}

}  // namespace stoa::customers
