#pragma once
// The countries the shop sends to, with what a postal address there must look like.
#include <span>
#include <string_view>

namespace stoa::customers {

struct Country {
    std::string_view code;  // ISO 3166-1 alpha-2
    bool eu = false;
    std::string_view postal_code_pattern;  // ECMAScript, whole text, upper case; empty: the country uses none or it is optional
    std::string_view postal_code_example;
    bool postal_code_required = true;
    bool state_required = false;  // province, as letters must carry it
};
[[nodiscard]] std::span<const Country> countries();  // by code
[[nodiscard]] const Country* find_country(std::string_view code);

}  // namespace stoa::customers
