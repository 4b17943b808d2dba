#pragma once
// What sales teach the shop: which products are wanted now, and which are bought together. Orders of this shop and lines taken over from an
// earlier system count alike.
#include <cstdint>

#include "stoa/db/db.hpp"

namespace stoa::app {

struct SalesLearnt {
    std::int64_t baskets = 0;
    std::int64_t products = 0;  // with a popularity
    std::int64_t pairs = 0;     // bought together, counted once in each direction
};
// A sale counts half after kHalfLifeDays; one taken over, against the last day of the system it came from. Two products are bought together
// when at least kLeastTogether baskets hold both, more than chance would have it.
SalesLearnt learn_from_sales(db::Database& database);

inline constexpr int kHalfLifeDays = 30;
inline constexpr std::int64_t kLeastTogether = 5;
inline constexpr std::int64_t kSale = 1000;  // popularity of one sale today

// Synonyms of the demo shop, a few in each language.
void seed_synonyms(db::Database& database);

}  // namespace stoa::app
