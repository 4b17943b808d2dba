#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "stoa/content/make.hpp"
#include "stoa/text/text.hpp"

namespace stoa::content {
namespace {

std::string display_name(const std::string& code, const std::string& locale) {
    std::array<UChar, 128> name{};
    UErrorCode status = U_ZERO_ERROR;
    const auto region = "und_" + code;
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

std::vector<CountryDto> named_in(std::string_view locale, std::vector<CountryDto> countries) {
    for (auto& country : countries) country.name = display_name(country.code, std::string(locale));
    std::ranges::sort(countries, {}, [](const CountryDto& country) { return text::fold(country.name); });
    return countries;
}

}  // namespace stoa::content
