#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "stoa/content/make.hpp"
#include "stoa/text/text.hpp"

namespace stoa::content {
namespace {

struct Country {
    const char* code;
    bool eu;
    const char* pattern;
    const char* example;
};

// Where the shop delivers: the European Union, the United Kingdom, Switzerland and Norway.
constexpr std::array kCountries{
    Country{"AT", true, "[0-9]{4}", "1010"},
    Country{"BE", true, "[0-9]{4}", "1000"},
    Country{"BG", true, "[0-9]{4}", "1000"},
    Country{"CH", false, "[0-9]{4}", "8001"},
    Country{"CY", true, "[0-9]{4}", "1010"},
    Country{"CZ", true, "[0-9]{3} ?[0-9]{2}", "110 00"},
    Country{"DE", true, "[0-9]{5}", "10115"},
    Country{"DK", true, "[0-9]{4}", "1050"},
    Country{"EE", true, "[0-9]{5}", "10111"},
    Country{"ES", true, "[0-9]{5}", "28001"},
    Country{"FI", true, "[0-9]{5}", "00100"},
    Country{"FR", true, "[0-9]{2} ?[0-9]{3}", "75001"},
    Country{"GB", false, "[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}", "SW1A 1AA"},
    Country{"GR", true, "[0-9]{3} ?[0-9]{2}", "104 31"},
    Country{"HR", true, "[0-9]{5}", "10000"},
    Country{"HU", true, "[0-9]{4}", "1011"},
    Country{"IE", true, "[A-Za-z][0-9]{1,2}[A-Za-z]? ?[A-Za-z0-9]{4}", "D02 AF30"},
    Country{"IT", true, "[0-9]{5}", "00118"},
    Country{"LT", true, "(LT-)?[0-9]{5}", "LT-01100"},
    Country{"LU", true, "(L-)?[0-9]{4}", "1111"},
    Country{"LV", true, "(LV-)?[0-9]{4}", "LV-1010"},
    Country{"MT", true, "[A-Za-z]{3} ?[0-9]{2,4}", "VLT 1117"},
    Country{"NL", true, "[1-9][0-9]{3} ?[A-Za-z]{2}", "1012 AB"},
    Country{"NO", false, "[0-9]{4}", "0150"},
    Country{"PL", true, "[0-9]{2}-[0-9]{3}", "00-001"},
    Country{"PT", true, "[0-9]{4}-[0-9]{3}", "1000-001"},
    Country{"RO", true, "[0-9]{6}", "010011"},
    Country{"SE", true, "[0-9]{3} ?[0-9]{2}", "111 22"},
    Country{"SI", true, "(SI-)?[0-9]{4}", "1000"},
    Country{"SK", true, "[0-9]{3} ?[0-9]{2}", "811 01"},
};

std::string display_name(const char* code, const std::string& locale) {
    std::array<UChar, 128> name{};
    UErrorCode status = U_ZERO_ERROR;
    const auto region = std::string("und_") + code;
    const auto length =
        uloc_getDisplayCountry(region.c_str(), locale.c_str(), name.data(), static_cast<std::int32_t>(name.size()), &status);
    if (U_FAILURE(status)) throw std::runtime_error("content: ICU cannot name a country");
    std::array<char, 512> utf8{};
    std::int32_t bytes = 0;
    u_strToUTF8(utf8.data(), static_cast<std::int32_t>(utf8.size()), &bytes, name.data(), length, &status);
    if (U_FAILURE(status)) throw std::runtime_error("content: ICU cannot name a country");
    return {utf8.data(), static_cast<std::size_t>(bytes)};
}

}  // namespace

std::vector<CountryDto> countries(std::string_view locale) {
    std::vector<CountryDto> out;
    for (const auto& country : kCountries)
        out.push_back({country.code, display_name(country.code, std::string(locale)), country.eu, country.pattern, country.example, false});
    std::ranges::sort(out, {}, [](const CountryDto& country) { return text::fold(country.name); });
    return out;
}

}  // namespace stoa::content
