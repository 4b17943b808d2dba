#include "stoa/inventory/warehouses.hpp"

#include <algorithm>

#include "announce.hpp"
#include "sql/warehouses.hpp"

namespace stoa::inventory {

Result<WarehouseId> save_warehouse(db::Tx& tx, const std::optional<WarehouseId>& wanted, const WarehouseSpec& spec, Timestamp now) {
    const auto id = wanted.value_or(WarehouseId::make());
    bool was_active = false, others_active = false, taken = false;
    for (const auto row : tx.query(sql::lock_warehouses)) {
        const bool is_this = row.get<WarehouseId>("id") == id;
        const bool active = row.get<bool>("is_active");
        was_active = was_active || (is_this && active);
        others_active = others_active || (!is_this && active);
        taken = taken || (!is_this && row.get<std::string>("code") == spec.code);
    }
    if (taken) return fail_field("/code", "taken", "Another warehouse has this code.");
    if (!spec.is_active && !others_active)
        return fail(ErrorKind::conflict, "inventory.last_warehouse",
                    "Goods have to lie somewhere: this is the last warehouse that is open.");
    if (was_active && !spec.is_active && tx.query(sql::goods_promised, id, now).front().get<bool>("found"))
        return fail(ErrorKind::conflict, "inventory.warehouse_promised",
                    "Buyers have been promised goods that lie there: send or move these first.");
    tx.exec(sql::save_warehouse, id, spec.code, spec.name, spec.country, spec.priority, spec.is_active, spec.parcel_cost,
            spec.parcel_cost_abroad, now);
    if (was_active != spec.is_active) {
        std::vector<catalog::VariantId> goods;
        for (const auto row : tx.query(sql::goods_of_warehouse, id)) goods.push_back(row.get<catalog::VariantId>("variant_id"));
        announce(tx, goods);
    }
    return id;
}

void settle_first_warehouse(db::Tx& tx, std::string_view country, Timestamp now) { tx.exec(sql::settle_first_warehouse, country, now); }

}  // namespace stoa::inventory
