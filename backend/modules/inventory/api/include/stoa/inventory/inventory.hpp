#pragma once
// Stock. One conditional statement decides and takes; rows are always locked in id order; expiry is judged at read time.
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "stoa/catalog/ids.hpp"
#include "stoa/db/db.hpp"
#include "stoa/db/read.hpp"

namespace stoa::inventory {

using WarehouseId = Id<"whs">;
using HoldId = Id<"hld">;

struct Wanted {
    catalog::VariantId variant;
    std::int64_t quantity = 1;
};
struct Shortage {
    catalog::VariantId variant;
    std::int64_t wanted = 0;
    std::int64_t available = 0;
};

struct StockLevel {
    std::int64_t on_hand = 0;
    std::int64_t held = 0;       // promised to checkouts; expired holds count until they are swept
    std::int64_t allocated = 0;  // promised to orders
};

struct Warehouse {
    WarehouseId id;
    std::string code, name, country;
    int priority = 0;
    // Of one parcel from there, minor units of the shop's default currency.
    std::int64_t parcel_cost = 0, parcel_cost_abroad = 0;
};
// Of an order's goods that have not left: where they can come from.
struct Source {
    WarehouseId warehouse;
    catalog::VariantId variant;
    std::int64_t allocated = 0;  // promised to this order there
    std::int64_t free = 0;       // beyond that, promised to nobody
};
struct Sourced {
    WarehouseId warehouse;
    catalog::VariantId variant;
    std::int64_t quantity = 0;
};

// Units of a parcel that came back to the warehouse that sent it.
struct TakenBack {
    catalog::VariantId variant;
    std::int64_t quantity = 0;
    std::int64_t restocked = 0;  // of them; the others are written off
};

struct Adjustment {
    WarehouseId warehouse;
    catalog::VariantId variant;
    std::int64_t delta = 0;
    std::string_view reason;
};

class Inventory {
public:
    virtual ~Inventory() = default;
    // Sellable now, over all warehouses; expired holds and those of `owners` count as free: what a shopper has reserved is there for
    // that shopper. Unknown variants have 0.
    [[nodiscard]] virtual db::Read<std::unordered_map<catalog::VariantId, std::int64_t>> read_available(
        std::span<const catalog::VariantId> variants, std::span<const Uuid> owners = {}) = 0;
    [[nodiscard]] std::unordered_map<catalog::VariantId, std::int64_t> available(db::Session& session,
                                                                                 std::span<const catalog::VariantId> variants,
                                                                                 std::span<const Uuid> owners = {}) {
        return db::read_one(session, read_available(variants, owners));
    }
    // Likewise for every variant that has stock rows (the read model's first load).
    [[nodiscard]] virtual std::unordered_map<catalog::VariantId, std::int64_t> available_all(db::Session& session) = 0;
    // All lines or none, for `owner` (a cart). Replaces the owner's earlier hold. Returns the shortages (empty: held).
    [[nodiscard]] virtual std::vector<Shortage> hold(db::Tx& tx, const Uuid& owner, std::span<const Wanted> lines,
                                                     Timestamp expires_at) = 0;
    // False when the hold is gone (expired and swept, or never taken).
    virtual bool extend(db::Tx& tx, const Uuid& owner, Timestamp expires_at) = 0;
    virtual void release(db::Tx& tx, const Uuid& owner) = 0;
    // What is out of the free stock for `owner`, also when it has expired and was not swept yet; by variant.
    [[nodiscard]] virtual std::vector<Wanted> held(db::Session& session, const Uuid& owner) = 0;
    // Turns the owner's hold into an allocation for an order. False, and nothing changed, when the hold does not cover exactly
    // these lines any more (it expired and another buyer took a part).
    [[nodiscard]] virtual bool allocate(db::Tx& tx, const Uuid& owner, const Uuid& order, std::span<const Wanted> lines) = 0;
    virtual void deallocate(db::Tx& tx, const Uuid& order) = 0;  // order cancelled
    // The order changed: these units, none of which was shipped, are free again, as far as they are allocated (what was written off on its
    // way back may not be). What it takes beside them: hold() and allocate().
    virtual void unallocate(db::Tx& tx, const Uuid& order, std::span<const Wanted> lines) = 0;
    [[nodiscard]] virtual std::unordered_map<catalog::VariantId, std::int64_t> shipped(db::Session& session, const Uuid& order) = 0;
    virtual void ship(db::Tx& tx, const Uuid& order, std::span<const Wanted> lines) = 0;  // allocation → movement out
    // Active ones, by priority.
    [[nodiscard]] virtual std::vector<Warehouse> warehouses(db::Session& session) = 0;
    [[nodiscard]] virtual std::vector<Source> sources(db::Session& session, const Uuid& order) = 0;
    // Moves the order's allocation between warehouses so that each has at least `wanted` of what has not left: a promise is kept from
    // another shelf. False, and nothing changed, when a warehouse has too little.
    [[nodiscard]] virtual bool source(db::Tx& tx, const Uuid& order, std::span<const Sourced> wanted) = 0;
    // The inverse of ship_from(): what is restocked is allocated to the order again, what is written off is not its any more.
    virtual void take_back(db::Tx& tx, const Uuid& order, WarehouseId warehouse, std::span<const TakenBack> lines) = 0;
    // Allocation → movement out of that warehouse.
    virtual void ship_from(db::Tx& tx, const Uuid& order, WarehouseId warehouse, std::span<const Wanted> lines) = 0;
    // What the warehouse that set_on_hand writes to holds; variants without a stock row are left out.
    [[nodiscard]] virtual std::unordered_map<catalog::VariantId, StockLevel> levels(db::Session& session,
                                                                                    std::span<const catalog::VariantId> variants) = 0;
    // In the warehouse that is named. False, and nothing changed: the variant has no row there, or the warehouse is not active.
    [[nodiscard]] virtual bool set_on_hand_in(db::Tx& tx, WarehouseId warehouse, catalog::VariantId variant, std::int64_t quantity,
                                              std::string_view reason) = 0;
    [[nodiscard]] virtual bool adjust_in(db::Tx& tx, WarehouseId warehouse, catalog::VariantId variant, std::int64_t delta,
                                         std::string_view reason) = 0;
    // In the first active warehouse by priority. Sets or changes on-hand with a reason ("count", "received", "import", "return",
    // "damaged").
    virtual void set_on_hand(db::Tx& tx, catalog::VariantId variant, std::int64_t quantity, std::string_view reason) = 0;
    virtual void adjust(db::Tx& tx, catalog::VariantId variant, std::int64_t delta, std::string_view reason) = 0;
    // In warehouses that somebody named, active ones, and all at once. `reference`: what they belong to, a return for instance.
    virtual void adjust(db::Tx& tx, std::span<const Adjustment> changes, const Uuid& reference) = 0;
    // From where an order's goods left, by variant: the active warehouse that sent most of them. Without those that none has sent.
    [[nodiscard]] virtual std::unordered_map<catalog::VariantId, WarehouseId> shipped_from(db::Session& session, const Uuid& order) = 0;
    // Frees expired holds; returns how many owners. Also emits stock events for what became available.
    virtual int sweep(db::Tx& tx, int limit) = 0;
};

}  // namespace stoa::inventory
