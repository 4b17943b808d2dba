#include "domain/serving.hpp"

#include <algorithm>

namespace stoa::inventory {

std::vector<Served> serve(std::vector<Shelf> shelves, const std::vector<Waiter>& waiters) {
    std::vector<Served> out;
    for (const auto& waiter : waiters) {
        auto left = waiter.quantity;
        const auto take = [&](Shelf& shelf) {
            const auto part = std::min(left, shelf.free);
            if (part <= 0) return;
            out.push_back({waiter.id, waiter.order, waiter.variant, waiter.stock, shelf.stock, part});
            shelf.free -= part;
            left -= part;
        };
        for (auto& shelf : shelves) {
            if (shelf.stock == waiter.stock) take(shelf);
        }
        const auto whole =
            std::ranges::find_if(shelves, [&](const Shelf& shelf) { return shelf.variant == waiter.variant && shelf.free >= left; });
        if (left > 0 && whole != shelves.end()) take(*whole);
        for (auto& shelf : shelves) {
            if (shelf.variant == waiter.variant) take(shelf);
        }
    }
    return out;
}

}  // namespace stoa::inventory
