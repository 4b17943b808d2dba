#pragma once
#include <memory>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/pricing/pricing.hpp"
#include "stoa/pricing/tax.hpp"

namespace stoa::pricing {

[[nodiscard]] std::unique_ptr<Pricing> make_pricing();
[[nodiscard]] std::unique_ptr<PriceBook> make_price_book();
// Loads the rules at once; the database must be migrated.
[[nodiscard]] std::unique_ptr<TaxBook> make_tax_book(db::Database& database);

}  // namespace stoa::pricing
