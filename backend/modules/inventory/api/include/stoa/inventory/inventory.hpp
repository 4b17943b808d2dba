#pragma once
// Stock. One conditional statement decides and takes; rows are always locked in id order; expiry is judged at read time.
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "stoa/catalog/ids.hpp"
#include "stoa/clock/clock.hpp"
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

// More than anybody may be owed: what a row without a limit can still promise.
inline constexpr std::int64_t kNoLimit = 1'000'000'000;

// What can be sold of a variant.
struct Supply {
    std::int64_t available = 0;       // there, and promised to nobody
    std::int64_t ahead = 0;           // beyond that, before it is there
    std::optional<Date> expected_on;  // of these; not in the past
    [[nodiscard]] std::int64_t orderable() const { return available + ahead; }
};
// Whether a stock row sells what is not there yet.
struct BackorderTerms {
    bool sells_ahead = false;
    std::optional<std::int64_t> limit;  // how many may be owed
    std::optional<Date> expected_on;
    bool operator==(const BackorderTerms&) const = default;
};
enum class TermsSet { done, no_row, below_owed };
// Of a hold: whether it may promise what is not there.
enum class Backorders { refused, allowed };

struct StockLevel {
    std::int64_t on_hand = 0;
    std::int64_t held = 0;       // promised to checkouts; expired holds count until they are swept
    std::int64_t allocated = 0;  // promised to orders
    std::int64_t owed = 0;       // beyond what is on hand: promised to checkouts and orders
    BackorderTerms terms;
};
// Units of an order that are not there yet.
struct WaitingUnits {
    Uuid order;
    catalog::VariantId variant;
    std::int64_t quantity = 0;
    std::optional<Date> expected_on;
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

// How many stock rows do not agree with what they are the sum of; `passed_over`: variants that are free while an order waits for them.
struct StockAudit {
    std::int64_t held = 0, allocated = 0, owed = 0, on_hand = 0, passed_over = 0;
    [[nodiscard]] bool is_sound() const { return held == 0 && allocated == 0 && owed == 0 && on_hand == 0 && passed_over == 0; }
};

class Inventory {
public:
    virtual ~Inventory() = default;
    // What can be sold, over all warehouses; expired holds and those of `owners` count as free: what a shopper has reserved is there for
    // that shopper. Unknown variants are left out.
    [[nodiscard]] virtual db::Read<std::unordered_map<catalog::VariantId, Supply>> read_supply(std::span<const catalog::VariantId> variants,
                                                                                               std::span<const Uuid> owners = {}) = 0;
    [[nodiscard]] std::unordered_map<catalog::VariantId, Supply> supply(db::Session& session, std::span<const catalog::VariantId> variants,
                                                                        std::span<const Uuid> owners = {}) {
        return db::read_one(session, read_supply(variants, owners));
    }
    // Of it what is there.
    [[nodiscard]] std::unordered_map<catalog::VariantId, std::int64_t> available(db::Session& session,
                                                                                 std::span<const catalog::VariantId> variants,
                                                                                 std::span<const Uuid> owners = {}) {
        std::unordered_map<catalog::VariantId, std::int64_t> out;
        for (const auto& [variant, each] : supply(session, variants, owners)) out.emplace(variant, each.available);
        return out;
    }
    // All lines or none, for `owner` (a cart). Replaces the owner's earlier hold. Returns the shortages (empty: held). What is there is
    // taken first; `backorders` says whether the rest may be promised where a row sells ahead.
    [[nodiscard]] virtual std::vector<Shortage> hold(db::Tx& tx, const Uuid& owner, std::span<const Wanted> lines, Timestamp expires_at,
                                                     Backorders backorders = Backorders::refused) = 0;
    // False when the hold is gone (expired and swept, or never taken).
    virtual bool extend(db::Tx& tx, const Uuid& owner, Timestamp expires_at) = 0;
    virtual void release(db::Tx& tx, const Uuid& owner) = 0;
    // What is out of the free stock for `owner`, also when it has expired and was not swept yet; by variant.
    [[nodiscard]] virtual std::vector<Wanted> held(db::Session& session, const Uuid& owner) = 0;
    // Turns the owner's hold into an allocation for an order; what is not there waits, and is the order's before anybody's once it comes.
    // False, and nothing changed, when the hold does not cover exactly these lines any more (it expired and another buyer took a part).
    [[nodiscard]] virtual bool allocate(db::Tx& tx, const Uuid& owner, const Uuid& order, std::span<const Wanted> lines) = 0;
    virtual void deallocate(db::Tx& tx, const Uuid& order) = 0;  // order cancelled
    // The order changed: these units, none of which was shipped, are free again, as far as they are allocated (what was written off on its
    // way back may not be), those first that are not there yet. What it takes beside them: hold() and allocate().
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
    // In that warehouse, or in the first one. What was sold already stays sold; a limit below that is refused.
    [[nodiscard]] virtual TermsSet set_backorders(db::Tx& tx, const std::optional<WarehouseId>& warehouse, catalog::VariantId variant,
                                                  const BackorderTerms& terms) = 0;
    // What these orders wait for.
    [[nodiscard]] virtual std::vector<WaitingUnits> waiting(db::Session& session, std::span<const Uuid> orders) = 0;
    // Who waits, the longest first.
    [[nodiscard]] virtual std::vector<Uuid> waiting_orders(db::Session& session, int limit) = 0;
    // Reads every row there is: for `stoa doctor`.
    [[nodiscard]] virtual StockAudit audit(db::Session& session) = 0;
    // In warehouses that somebody named, active ones, and all at once. `reference`: what they belong to, a return for instance.
    virtual void adjust(db::Tx& tx, std::span<const Adjustment> changes, const Uuid& reference) = 0;
    // From where an order's goods left, by variant: the active warehouse that sent most of them. Without those that none has sent.
    [[nodiscard]] virtual std::unordered_map<catalog::VariantId, WarehouseId> shipped_from(db::Session& session, const Uuid& order) = 0;
    // Frees expired holds; returns how many owners. Also emits stock events for what became available.
    virtual int sweep(db::Tx& tx, int limit) = 0;
};

}  // namespace stoa::inventory
