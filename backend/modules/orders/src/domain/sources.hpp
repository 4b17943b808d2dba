#pragma once
// From where an order is sent: as few parcels as possible, then as cheaply as possible, then by the warehouses' priority. Pure.
#include <cstdint>
#include <string>
#include <vector>

#include "stoa/catalog/ids.hpp"
#include "stoa/inventory/inventory.hpp"
#include "stoa/orders/ids.hpp"

namespace stoa::orders {

struct ToSend {
    OrderLineId line;
    catalog::VariantId variant;
    std::int64_t quantity = 1;
    std::int64_t weight_grams = 0;  // of one
};
struct Packed {
    int parcel = 1;
    OrderLineId line;
    catalog::VariantId variant;
    std::int64_t quantity = 1;
};
// First the heavy things, each into the first parcel that still takes it; what is heavier than a parcel may be goes alone.
[[nodiscard]] std::vector<Packed> pack(std::vector<ToSend> goods, std::int64_t parcel_grams);
[[nodiscard]] int parcels_of(const std::vector<Packed>& packed);

struct Place {
    inventory::Warehouse warehouse;
    std::int64_t parcel_cost = 0;  // to this order's country
};
struct Available {
    inventory::WarehouseId warehouse;
    catalog::VariantId variant;
    std::int64_t quantity = 0;
};
struct Choice {
    struct Part {
        inventory::WarehouseId warehouse;
        std::vector<Packed> goods;
        int parcels = 0;
        std::int64_t cost = 0;
    };
    std::vector<Part> parts;      // by the warehouses' priority
    std::vector<ToSend> missing;  // no warehouse has it: to follow later
    int parcels = 0;
    std::int64_t cost = 0;
    // What was weighed, best first: "main: 1 parcel, 4.95" and why the others lost.
    struct Considered {
        std::vector<inventory::WarehouseId> warehouses;
        int parcels = 0;
        std::int64_t cost = 0;
        std::int64_t missing = 0;  // units
        std::string verdict;       // "chosen", "more parcels", "dearer", "later in the order of warehouses", "not everything is there"
    };
    std::vector<Considered> considered;
};
// At most six places are combined, by priority; beyond that the rest stays out.
[[nodiscard]] Choice choose_sources(const std::vector<ToSend>& goods, const std::vector<Place>& places,
                                    const std::vector<Available>& available, std::int64_t parcel_grams);

}  // namespace stoa::orders
