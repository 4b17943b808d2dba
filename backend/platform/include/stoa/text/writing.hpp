#pragma once
// Amounts, days and countries as readers of a language write them.
#include <string>
#include <string_view>

#include "stoa/clock/clock.hpp"
#include "stoa/money/money.hpp"

namespace stoa::text {

// "1.234,50 €" (de), "€1,234.50" (en), "€ 1.234,50" (nl), "1 234,50 €" (fr); other currencies by symbol or code.
[[nodiscard]] std::string format_money(Money amount, std::string_view locale);
// "Tue 24 Nov", "Di., 24. Nov.", "di 24 nov", "mar. 24 nov."
[[nodiscard]] std::string format_day(Date day, std::string_view locale);
// "24 November 2026", "24. November 2026", "24 november 2026", "24 novembre 2026"
[[nodiscard]] std::string format_date(Date day, std::string_view locale);
// "Germany", "Deutschland", "Duitsland", "Allemagne"; the code itself for a country that is not listed.
[[nodiscard]] std::string_view format_country(std::string_view code, std::string_view locale);

}  // namespace stoa::text
