#pragma once
// Where goods lie, from the side of those who run the shop.
#include <optional>
#include <string>
#include <string_view>

#include "stoa/inventory/inventory.hpp"
#include "stoa/result/result.hpp"

namespace stoa::inventory {

struct WarehouseSpec {
    std::string code, name, country;
    int priority = 0;  // the lower sends first
    bool is_active = true;
    // Of one parcel from there, minor units of the shop's default currency.
    std::int64_t parcel_cost = 0, parcel_cost_abroad = 0;
};
// Makes one, or changes the one with this id; its code stays. What lies in one that is switched off is not for sale. 409
// inventory.last_warehouse, inventory.warehouse_promised while buyers have been promised what lies there; 422 with /code "taken".
[[nodiscard]] Result<WarehouseId> save_warehouse(db::Tx& tx, const std::optional<WarehouseId>& id, const WarehouseSpec& spec,
                                                 Timestamp now);
// The warehouse that every shop begins with is in that country, unless somebody has said otherwise, or has put goods into it.
void settle_first_warehouse(db::Tx& tx, std::string_view country, Timestamp now);

}  // namespace stoa::inventory
