#pragma once
#include <chrono>
#include <memory>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/pricing/pricing.hpp"
#include "stoa/pricing/tax.hpp"

namespace stoa::pricing {

[[nodiscard]] std::unique_ptr<Pricing> make_pricing();
[[nodiscard]] std::unique_ptr<PriceBook> make_price_book();
// Loads the rules at once; the database must be migrated. With `refresh_every` a thread reads again what other processes changed.
[[nodiscard]] std::unique_ptr<TaxBook> make_tax_book(db::Database& database, std::chrono::milliseconds refresh_every = {});

}  // namespace stoa::pricing
