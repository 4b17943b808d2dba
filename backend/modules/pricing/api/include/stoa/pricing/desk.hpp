#pragma once
// Prices and rates from the side of those who run the shop: taken back, ended, changed many at once.
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "stoa/pricing/pricing.hpp"
#include "stoa/pricing/tax.hpp"

namespace stoa::pricing {

// A price as it is kept.
struct StoredPrice {
    PriceId id;
    PriceListId list;
    Currency currency;
    PriceEntry entry;
};
enum class Locking { none, rows };
// Those of these that there are, by id. With Locking::rows the session is a transaction: nobody else changes them until its end.
[[nodiscard]] std::vector<StoredPrice> stored_prices(db::Session& session, std::span<const PriceId> prices, Locking locking);
// The prices of every day that these variants have in the list, by id.
[[nodiscard]] std::vector<PriceId> base_prices(db::Session& session, PriceListId list, std::span<const catalog::VariantId> variants);
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
