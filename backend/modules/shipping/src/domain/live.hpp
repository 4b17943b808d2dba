#pragma once
// How a quote of the carrier platform becomes one of the shop's deliveries.
#include <cstdint>
#include <string>
#include <string_view>

#include "stoa/money/money.hpp"

namespace stoa::shipping {

// "Home delivery with signature (PostNL)", in the shopper's language; English where there is none.
[[nodiscard]] std::string live_name(bool to_point, bool signature, std::string_view carrier, std::string_view locale);

// `per_million`: major units of `wanted` for a million of the price's currency. Rounded up to ten minor units, so that the parcel is paid.
[[nodiscard]] Money convert_price(const Money& price, std::int64_t per_million, Currency wanted);

}  // namespace stoa::shipping
