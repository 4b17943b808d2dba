#pragma once
// Who gets goods that came in: whoever waits longest. Pure.
#include <cstdint>
#include <vector>

#include "stoa/catalog/ids.hpp"
#include "stoa/ids/id.hpp"

namespace stoa::inventory {

// A stock row of an open warehouse, in the order in which they give.
struct Shelf {
    Uuid stock;
    catalog::VariantId variant;
    std::int64_t free = 0;
};
// Units of an order that wait at a stock row; the longest waiting first.
struct Waiter {
    std::int64_t id = 0;
    Uuid order, stock;
    catalog::VariantId variant;
    std::int64_t quantity = 0;
};
struct Served {
    std::int64_t waiter = 0;
    Uuid order;
    catalog::VariantId variant;
    Uuid owed_at, from;
    std::int64_t quantity = 0;
};
// Each gets what there is before the next gets anything: from where it was promised, then from a shelf that has the rest of it whole, then
// from all.
[[nodiscard]] std::vector<Served> serve(std::vector<Shelf> shelves, const std::vector<Waiter>& waiters);

}  // namespace stoa::inventory
