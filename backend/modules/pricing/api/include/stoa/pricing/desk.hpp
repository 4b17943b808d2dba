#pragma once
// Prices and rates from the side of those who run the shop: taken back and ended.
#include <optional>
#include <string_view>

#include "stoa/pricing/pricing.hpp"
#include "stoa/pricing/tax.hpp"

namespace stoa::pricing {

// One price, base or scheduled; what it was until `at` is kept. Emits price.changed. False when there is none.
[[nodiscard]] bool remove_price(db::Tx& tx, PriceId price, Timestamp at);

// The first day without a rate; nullopt: it goes on. Goods of the class are taxed as "standard" from then on, until another rate of it
// begins. The standard rate itself never ends: it is followed by another. These emit tax.changed as TaxBook::set_rate() does.
void end_rate(db::Tx& tx, TaxBook& book, std::string_view country, std::string_view tax_class, Date valid_from,
              const std::optional<Date>& until);
// One that begins after `today`: nobody has been taxed by it. False, and nothing changed, for any other: what was used stays.
[[nodiscard]] bool remove_rate(db::Tx& tx, TaxBook& book, std::string_view country, std::string_view tax_class, Date valid_from,
                               Date today);

}  // namespace stoa::pricing
