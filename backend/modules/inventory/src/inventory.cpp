#include <algorithm>
#include <map>
#include <stdexcept>
#include <unordered_set>

#include "announce.hpp"
#include "sql/inventory.hpp"
#include "stoa/events/events.hpp"
#include "stoa/inventory/make.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::inventory {
namespace {

using catalog::VariantId;

// At or below this many free units every change is announced (shops show "only 3 left"); above it nobody sees a difference.
constexpr std::int64_t kAnnounceBelow = 10;

struct Level {
    Uuid id;
    VariantId variant;
    std::int64_t on_hand = 0;
    std::int64_t held = 0;
    std::int64_t allocated = 0;
    int priority = 0;
    bool sells = true;  // its warehouse is active

    [[nodiscard]] std::int64_t free() const { return on_hand - held - allocated; }
    static Level from_row(const db::Row& row) {
        Level level;
        level.id = row.get<Uuid>("id");
        level.variant = row.get<VariantId>("variant_id");
        level.on_hand = row.get<std::int64_t>("on_hand");
        level.held = row.get<std::int64_t>("held");
        level.allocated = row.get<std::int64_t>("allocated");
        return level;
    }
};

// Quantities per stock row, in id order.
using PerStock = std::map<Uuid, std::int64_t>;

struct Columns {
    std::vector<Uuid> ids;
    std::vector<std::int64_t> quantities;
};
Columns columns(const PerStock& rows) {
    Columns out;
    for (const auto& [id, quantity] : rows) {
        out.ids.push_back(id);
        out.quantities.push_back(quantity);
    }
    return out;
}

class PgInventory final : public Inventory {
public:
    explicit PgInventory(const Clock& clock) : clock_(clock) {}

    db::Read<std::unordered_map<VariantId, std::int64_t>> read_available(std::span<const VariantId> variants,
                                                                         std::span<const Uuid> owners) override {
        return {.calls = {db::call(sql::available, std::vector<VariantId>(variants.begin(), variants.end()), clock_.now(),
                                   std::vector<Uuid>(owners.begin(), owners.end()))},
                .finish = [](std::span<const db::Rows> rows) {
                    std::unordered_map<VariantId, std::int64_t> out;
                    for (const auto row : rows[0]) out.emplace(row.get<VariantId>("variant_id"), row.get<std::int64_t>("available"));
                    return out;
                }};
    }

    std::unordered_map<VariantId, std::int64_t> available_all(db::Session& session) override {
        std::unordered_map<VariantId, std::int64_t> out;
        for (const auto row : session.query(sql::available_all, clock_.now()))
            out.emplace(row.get<VariantId>("variant_id"), row.get<std::int64_t>("available"));
        return out;
    }

    std::vector<Shortage> hold(db::Tx& tx, const Uuid& owner, std::span<const Wanted> lines, Timestamp expires_at) override {
        std::map<VariantId, std::int64_t> wanted;
        for (const auto& line : lines) {
            if (line.quantity <= 0) throw std::invalid_argument("inventory: a hold needs a positive quantity");
            wanted[line.variant] += line.quantity;
        }
        std::vector<VariantId> variants;
        for (const auto& [variant, quantity] : wanted) variants.push_back(variant);

        // The lock comes first and protects the reads that decide.
        const Timestamp now = clock_.now();
        const db::Call calls[] = {db::call(sql::lock_for_hold, variants, owner), db::call(sql::holds_to_free, variants, owner, now)};
        const auto answers = tx.pipeline(calls);
        std::vector<Level> levels;
        for (const auto row : answers[0]) {
            auto level = Level::from_row(row);
            level.priority = row.get<int>("priority");
            level.sells = row.get<bool>("is_active");
            levels.push_back(level);
        }
        PerStock freed;
        std::vector<Uuid> gone_owners, gone_stock;
        for (const auto row : answers[1]) {
            const auto stock = row.get<Uuid>("stock_id");
            freed[stock] += row.get<std::int64_t>("quantity");
            gone_owners.push_back(row.get<Uuid>("owner"));
            gone_stock.push_back(stock);
        }

        PerStock taken;
        std::vector<Shortage> shortages;
        for (const auto& [variant, quantity] : wanted) {
            std::vector<const Level*> rows;
            for (const auto& level : levels) {
                if (level.variant == variant && level.sells) rows.push_back(&level);
            }
            std::stable_sort(rows.begin(), rows.end(), [](const Level* a, const Level* b) { return a->priority < b->priority; });
            const auto free_of = [&](const Level& level) {
                const auto it = freed.find(level.id);
                return level.free() + (it == freed.end() ? 0 : it->second);
            };
            std::int64_t left = quantity;
            std::int64_t total = 0;
            for (const auto* level : rows) total += std::max<std::int64_t>(0, free_of(*level));
            if (total < quantity) {
                shortages.push_back({variant, quantity, std::max<std::int64_t>(0, total)});
                continue;
            }
            // One warehouse that can serve the whole line beats a split.
            for (const auto* level : rows) {
                if (free_of(*level) >= left) {
                    taken[level->id] += left;
                    left = 0;
                    break;
                }
            }
            for (const auto* level : rows) {
                if (left == 0) break;
                const auto part = std::min(left, std::max<std::int64_t>(0, free_of(*level)));
                if (part == 0) continue;
                taken[level->id] += part;
                left -= part;
            }
        }
        if (!shortages.empty()) return shortages;

        PerStock touched = freed;
        for (const auto& [stock, quantity] : taken) touched.try_emplace(stock, 0);
        std::vector<Uuid> ids;
        std::vector<std::int64_t> frees, takes;
        for (const auto& [stock, quantity] : touched) {
            ids.push_back(stock);
            frees.push_back(quantity);
            const auto it = taken.find(stock);
            takes.push_back(it == taken.end() ? 0 : it->second);
        }
        const auto holds = columns(taken);
        const db::Call writes[] = {db::call(sql::delete_holds, gone_owners, gone_stock), db::call(sql::take_stock, ids, frees, takes, now),
                                   db::call(sql::insert_holds, owner, holds.ids, holds.quantities, expires_at, now)};
        const auto done = tx.pipeline(writes);
        if (done[1].affected() != static_cast<std::int64_t>(ids.size()))
            throw std::logic_error("inventory: locked stock changed before it was taken");
        announce_changes(tx, levels, [&](const Level& level) {
            const auto f = freed.find(level.id);
            const auto t = taken.find(level.id);
            return (f == freed.end() ? 0 : f->second) - (t == taken.end() ? 0 : t->second);
        });
        return {};
    }

    bool extend(db::Tx& tx, const Uuid& owner, Timestamp expires_at) override {
        // Who reads the hold as expired under this lock takes it over: then it is gone here.
        (void)tx.query(sql::lock_stock_of_owner, owner);
        return tx.exec(sql::extend_hold, owner, expires_at, clock_.now()) > 0;
    }

    void release(db::Tx& tx, const Uuid& owner) override { (void)take_holds(tx, owner, false); }

    std::vector<Wanted> held(db::Session& session, const Uuid& owner) override {
        std::map<VariantId, std::int64_t> of;
        for (const auto row : session.query(sql::owner_holds, owner))
            of[row.get<VariantId>("variant_id")] += row.get<std::int64_t>("quantity");
        std::vector<Wanted> out;
        for (const auto& [variant, quantity] : of) out.push_back({variant, quantity});
        return out;
    }

    bool allocate(db::Tx& tx, const Uuid& owner, const Uuid& order, std::span<const Wanted> lines) override {
        const Timestamp now = clock_.now();
        const db::Call calls[] = {db::call(sql::lock_stock_of_owner, owner), db::call(sql::owner_holds, owner)};
        const auto answers = tx.pipeline(calls);
        std::map<VariantId, std::int64_t> wanted;
        for (const auto& line : lines) wanted[line.variant] += line.quantity;
        // An expired hold that nobody took over still counts, since its units are still out of the free stock. One that lost
        // a part to another buyer does not: allocation is all or nothing.
        PerStock held;
        std::vector<Uuid> owners;
        for (const auto row : answers[1]) {
            const auto quantity = row.get<std::int64_t>("quantity");
            held[row.get<Uuid>("stock_id")] = quantity;
            wanted[row.get<VariantId>("variant_id")] -= quantity;
            owners.push_back(owner);
        }
        for (const auto& [variant, left] : wanted) {
            if (left != 0) return false;
        }
        const auto rows = columns(held);
        const db::Call writes[] = {db::call(sql::delete_holds, owners, rows.ids),
                                   db::call(sql::allocate_stock, rows.ids, rows.quantities, now),
                                   db::call(sql::insert_allocations, order, rows.ids, rows.quantities, now)};
        (void)tx.pipeline(writes);
        return true;
    }

    void deallocate(db::Tx& tx, const Uuid& order) override {
        const Timestamp now = clock_.now();
        std::vector<Level> levels;
        for (const auto row : tx.query(sql::lock_stock_of_order, order)) levels.push_back(Level::from_row(row));
        PerStock open;
        for (const auto row : tx.query(sql::allocations_of_order, order)) {
            const auto left = row.get<std::int64_t>("quantity") - row.get<std::int64_t>("shipped");
            if (left > 0) open[row.get<Uuid>("stock_id")] += left;
        }
        if (open.empty()) return;
        const auto rows = columns(open);
        tx.exec(sql::delete_open_allocations, order);
        tx.exec(sql::trim_allocations, order);
        tx.exec(sql::unallocate_stock, rows.ids, rows.quantities, now);
        announce_changes(tx, levels, [&](const Level& level) {
            const auto it = open.find(level.id);
            return it == open.end() ? 0 : it->second;
        });
    }

    void unallocate(db::Tx& tx, const Uuid& order, std::span<const Wanted> lines) override {
        const Timestamp now = clock_.now();
        std::vector<Level> levels;
        for (const auto row : tx.query(sql::lock_stock_of_order, order)) levels.push_back(Level::from_row(row));
        std::map<VariantId, std::int64_t> wanted;
        for (const auto& line : lines) wanted[line.variant] += line.quantity;
        PerStock freed;
        for (const auto row : tx.query(sql::allocations_of_order, order)) {
            auto it = wanted.find(row.get<VariantId>("variant_id"));
            if (it == wanted.end() || it->second == 0) continue;
            const auto part = std::min(it->second, row.get<std::int64_t>("quantity") - row.get<std::int64_t>("shipped"));
            if (part <= 0) continue;
            freed[row.get<Uuid>("stock_id")] += part;
            it->second -= part;
        }
        if (freed.empty()) return;
        const auto rows = columns(freed);
        const db::Call writes[] = {db::call(sql::lower_allocations, order, rows.ids, rows.quantities),
                                   db::call(sql::unallocate_stock, rows.ids, rows.quantities, now)};
        // What is used up goes first: an allocation has at least one unit.
        const auto gone = tx.exec(sql::delete_used_up_allocations, order, rows.ids, rows.quantities);
        const auto done = tx.pipeline(writes);
        if (gone + done[0].affected() != static_cast<std::int64_t>(rows.ids.size()))
            throw std::logic_error("inventory: an allocation changed while it was locked");
        announce_changes(tx, levels, [&](const Level& level) {
            const auto it = freed.find(level.id);
            return it == freed.end() ? 0 : it->second;
        });
    }

    std::unordered_map<VariantId, std::int64_t> shipped(db::Session& session, const Uuid& order) override {
        std::unordered_map<VariantId, std::int64_t> out;
        for (const auto row : session.query(sql::allocations_of_order, order)) {
            if (const auto units = row.get<std::int64_t>("shipped"); units > 0) out[row.get<VariantId>("variant_id")] += units;
        }
        return out;
    }

    void ship(db::Tx& tx, const Uuid& order, std::span<const Wanted> lines) override { ship_out(tx, order, std::nullopt, lines); }

    void ship_from(db::Tx& tx, const Uuid& order, WarehouseId warehouse, std::span<const Wanted> lines) override {
        ship_out(tx, order, warehouse, lines);
    }

    void take_back(db::Tx& tx, const Uuid& order, WarehouseId warehouse, std::span<const TakenBack> lines) override {
        const Timestamp now = clock_.now();
        (void)tx.query(sql::lock_stock_of_order, order);
        std::unordered_set<std::string> here;
        for (const auto row : tx.query(sql::stock_of_warehouse, warehouse, order)) here.insert(row.get<std::string>("id"));
        std::map<VariantId, TakenBack> wanted;
        for (const auto& line : lines) {
            auto& sum = wanted[line.variant];
            sum.quantity += line.quantity;
            sum.restocked += line.restocked;
        }
        std::vector<Uuid> ids, lost_ids;
        std::vector<std::int64_t> quantities, restocked, written_off, lost;
        for (const auto row : tx.query(sql::allocations_of_order, order)) {
            const auto it = wanted.find(row.get<VariantId>("variant_id"));
            if (it == wanted.end() || !here.contains(row.get<std::string>("stock_id"))) continue;
            auto& left = it->second;
            const auto part = std::min(left.quantity, row.get<std::int64_t>("shipped"));
            if (part <= 0) continue;
            const auto in = std::min(left.restocked, part);
            ids.push_back(row.get<Uuid>("stock_id"));
            quantities.push_back(part);
            restocked.push_back(in);
            written_off.push_back(part - in);
            if (part > in) {
                lost_ids.push_back(ids.back());
                lost.push_back(in - part);
            }
            left.quantity -= part;
            left.restocked -= in;
        }
        for (const auto& [variant, left] : wanted) {
            if (left.quantity > 0) throw std::logic_error("inventory: more came back than was sent of " + variant.to_string());
        }
        if (ids.empty()) return;
        const auto gone = tx.exec(sql::drop_returned_allocations, order, ids, quantities, written_off);
        const auto kept = tx.exec(sql::return_allocations, order, ids, quantities, written_off);
        if (gone + kept != static_cast<std::int64_t>(ids.size()))
            throw std::logic_error("inventory: an allocation changed while it was locked");
        tx.exec(sql::return_stock, ids, restocked, now);
        // What is written off came in first: the movements tell both.
        tx.exec(sql::insert_movements, ids, quantities, "returned_parcel", order, now);
        if (!lost.empty()) tx.exec(sql::insert_movements, lost_ids, lost, "written_off", order, now);
    }

    std::vector<Warehouse> warehouses(db::Session& session) override {
        std::vector<Warehouse> out;
        for (const auto row : session.query(sql::active_warehouses)) {
            out.push_back({row.get<WarehouseId>("id"), row.get<std::string>("code"), row.get<std::string>("name"),
                           row.get<std::string>("country"), row.get<int>("priority"), row.get<std::int64_t>("parcel_cost"),
                           row.get<std::int64_t>("parcel_cost_abroad")});
        }
        return out;
    }

    std::vector<Source> sources(db::Session& session, const Uuid& order) override {
        std::vector<Source> out;
        for (const auto row : session.query(sql::sources_of_order, order)) {
            out.push_back({row.get<WarehouseId>("warehouse_id"), row.get<VariantId>("variant_id"), row.get<std::int64_t>("allocated"),
                           row.get<std::int64_t>("free")});
        }
        return out;
    }

    bool source(db::Tx& tx, const Uuid& order, std::span<const Sourced> wanted) override {
        const Timestamp now = clock_.now();
        struct Place {
            WarehouseId warehouse;
            VariantId variant;
            std::int64_t free = 0, open = 0, wanted = 0;
        };
        std::map<Uuid, Place> places;  // by stock row
        for (const auto row : tx.query(sql::lock_sources_of_order, order)) {
            const auto level = Level::from_row(row);
            places[level.id] = {row.get<WarehouseId>("warehouse_id"), level.variant, level.free(), 0, 0};
        }
        for (const auto row : tx.query(sql::allocations_of_order, order))
            places.at(row.get<Uuid>("stock_id")).open = row.get<std::int64_t>("quantity") - row.get<std::int64_t>("shipped");
        for (const auto& want : wanted) {
            const auto place = std::find_if(places.begin(), places.end(), [&](const auto& each) {
                return each.second.warehouse == want.warehouse && each.second.variant == want.variant;
            });
            if (place == places.end()) return false;
            place->second.wanted += want.quantity;
        }
        PerStock given, taken;
        for (auto& [stock, place] : places) {
            const auto lacking = place.wanted - place.open;
            if (lacking <= 0) continue;
            if (place.free < lacking) return false;
            auto left = lacking;
            for (const auto& [other, from] : places) {
                if (left == 0) break;
                if (from.variant != place.variant || from.open - given[other] <= from.wanted) continue;
                const auto part = std::min(left, from.open - given[other] - from.wanted);
                given[other] += part;
                left -= part;
            }
            if (left > 0) return false;  // more than the order was promised
            taken[stock] = lacking;
        }
        std::erase_if(given, [](const auto& each) { return each.second == 0; });
        if (taken.empty()) return true;
        const auto from = columns(given);
        const auto to = columns(taken);
        auto deltas = columns(taken);
        for (std::size_t i = 0; i < from.ids.size(); ++i) {
            deltas.ids.push_back(from.ids[i]);
            deltas.quantities.push_back(-from.quantities[i]);
        }
        // What leaves a row as a whole is deleted before the rest is made smaller: a row of nothing is none.
        const db::Call writes[] = {db::call(sql::drop_allocations, order, from.ids, from.quantities),
                                   db::call(sql::shrink_allocations, order, from.ids, from.quantities),
                                   db::call(sql::grow_allocations, order, to.ids, to.quantities, now),
                                   db::call(sql::change_allocated, deltas.ids, deltas.quantities, now)};
        const auto done = tx.pipeline(writes);
        if (done[0].affected() + done[1].affected() != static_cast<std::int64_t>(from.ids.size()) ||
            done[3].affected() != static_cast<std::int64_t>(deltas.ids.size()))
            throw std::logic_error("inventory: locked stock changed before it was moved");
        return true;
    }

    std::unordered_map<VariantId, StockLevel> levels(db::Session& session, std::span<const VariantId> variants) override {
        std::unordered_map<VariantId, StockLevel> out;
        for (const auto row : session.query(sql::first_levels, std::vector<VariantId>(variants.begin(), variants.end()))) {
            const auto level = Level::from_row(row);
            out.emplace(level.variant, StockLevel{level.on_hand, level.held, level.allocated});
        }
        return out;
    }

    bool set_on_hand_in(db::Tx& tx, WarehouseId warehouse, VariantId variant, std::int64_t quantity, std::string_view reason) override {
        return change(tx, variant, reason, [&](const Level& level) { return quantity - level.on_hand; }, warehouse);
    }

    bool adjust_in(db::Tx& tx, WarehouseId warehouse, VariantId variant, std::int64_t delta, std::string_view reason) override {
        return change(tx, variant, reason, [&](const Level&) { return delta; }, warehouse);
    }

    void set_on_hand(db::Tx& tx, VariantId variant, std::int64_t quantity, std::string_view reason) override {
        change(tx, variant, reason, [&](const Level& level) { return quantity - level.on_hand; });
    }

    void adjust(db::Tx& tx, VariantId variant, std::int64_t delta, std::string_view reason) override {
        change(tx, variant, reason, [&](const Level&) { return delta; });
    }

    void adjust(db::Tx& tx, std::span<const Adjustment> changes, const Uuid& reference) override {
        const Timestamp now = clock_.now();
        std::vector<Uuid> ids, places, variants;
        for (const auto& change : changes) {
            ids.push_back(Uuid::v7());
            places.push_back(change.warehouse.uuid());
            variants.push_back(change.variant.uuid());
        }
        tx.exec(sql::ensure_stock_in, ids, places, variants, now);
        std::map<std::pair<WarehouseId, VariantId>, Uuid> rows;
        for (const auto row : tx.query(sql::lock_stock_in, places, variants))
            rows[{row.get<WarehouseId>("warehouse_id"), row.get<VariantId>("variant_id")}] = row.get<Uuid>("id");
        PerStock sums;
        std::map<std::string_view, Columns> movements;
        std::vector<VariantId> changed;
        for (const auto& change : changes) {
            const auto row = rows.find({change.warehouse, change.variant});
            if (row == rows.end()) throw std::logic_error("inventory: no such active warehouse");
            if (change.delta == 0) continue;
            sums[row->second] += change.delta;
            movements[change.reason].ids.push_back(row->second);
            movements[change.reason].quantities.push_back(change.delta);
            if (std::ranges::find(changed, change.variant) == changed.end()) changed.push_back(change.variant);
        }
        if (sums.empty()) return;
        const auto totals = columns(sums);
        tx.exec(sql::add_on_hand, totals.ids, totals.quantities, now);
        for (const auto& [reason, moved] : movements)
            tx.exec(sql::insert_movements, moved.ids, moved.quantities, reason, std::optional(reference), now);
        announce(tx, changed);
    }

    std::unordered_map<VariantId, WarehouseId> shipped_from(db::Session& session, const Uuid& order) override {
        std::unordered_map<VariantId, WarehouseId> out;
        for (const auto row : session.query(sql::shipped_from, order))
            out.emplace(row.get<VariantId>("variant_id"), row.get<WarehouseId>("warehouse_id"));
        return out;
    }

    int sweep(db::Tx& tx, int limit) override {
        std::vector<Uuid> owners;
        for (const auto row : tx.query(sql::expired_owners, clock_.now(), limit)) owners.push_back(row.get<Uuid>("owner"));
        if (owners.empty()) return 0;
        // The rows of all of them at once: one owner after the other would lock out of order.
        (void)tx.query(sql::lock_stock_of_owners, owners);
        int freed = 0;
        for (const auto& owner : owners) freed += take_holds(tx, owner, true) ? 1 : 0;
        return freed;
    }

private:
    void ship_out(db::Tx& tx, const Uuid& order, std::optional<WarehouseId> warehouse, std::span<const Wanted> lines) {
        const Timestamp now = clock_.now();
        (void)tx.query(sql::lock_stock_of_order, order);
        std::unordered_set<std::string> here;
        if (warehouse) {
            for (const auto row : tx.query(sql::stock_of_warehouse, *warehouse, order)) here.insert(row.get<std::string>("id"));
        }
        std::map<VariantId, std::int64_t> wanted;
        for (const auto& line : lines) wanted[line.variant] += line.quantity;
        PerStock shipped;
        for (const auto row : tx.query(sql::allocations_of_order, order)) {
            auto it = wanted.find(row.get<VariantId>("variant_id"));
            if (it == wanted.end() || it->second == 0) continue;
            if (warehouse && !here.contains(row.get<std::string>("stock_id"))) continue;
            const auto part = std::min(it->second, row.get<std::int64_t>("quantity") - row.get<std::int64_t>("shipped"));
            if (part <= 0) continue;
            shipped[row.get<Uuid>("stock_id")] += part;
            it->second -= part;
        }
        for (const auto& [variant, left] : wanted) {
            if (left > 0) throw std::logic_error("inventory: more to ship than was allocated for " + variant.to_string());
        }
        if (shipped.empty()) return;
        const auto rows = columns(shipped);
        std::vector<std::int64_t> deltas;
        for (const auto quantity : rows.quantities) deltas.push_back(-quantity);
        const db::Call writes[] = {db::call(sql::ship_allocations, order, rows.ids, rows.quantities),
                                   db::call(sql::ship_stock, rows.ids, rows.quantities, now),
                                   db::call(sql::insert_movements, rows.ids, deltas, "shipped", order, now)};
        const auto done = tx.pipeline(writes);
        if (done[0].affected() != static_cast<std::int64_t>(rows.ids.size()))
            throw std::logic_error("inventory: an allocation changed while it was locked");
    }

    // Announces variants whose free quantity moved by `delta(level)` and is, or was, low.
    template <class Delta>
    void announce_changes(db::Tx& tx, const std::vector<Level>& levels, const Delta& delta) {
        std::map<VariantId, std::pair<std::int64_t, std::int64_t>> free;  // before, after
        for (const auto& level : levels) {
            auto& [before, after] = free[level.variant];
            before += level.free();
            after += level.free() + delta(level);
        }
        std::vector<VariantId> changed;
        for (const auto& [variant, levels_of] : free) {
            if (levels_of.first != levels_of.second && std::min(levels_of.first, levels_of.second) <= kAnnounceBelow)
                changed.push_back(variant);
        }
        announce(tx, changed);
    }

    bool take_holds(db::Tx& tx, const Uuid& owner, bool only_expired) {
        const Timestamp now = clock_.now();
        std::vector<Level> levels;
        for (const auto row : tx.query(sql::lock_stock_of_owner, owner)) levels.push_back(Level::from_row(row));
        PerStock freed;
        std::vector<Uuid> owners, stock;
        for (const auto row : tx.query(sql::holds_to_free, std::vector<VariantId>{}, owner, now)) {
            freed[row.get<Uuid>("stock_id")] += row.get<std::int64_t>("quantity");
            owners.push_back(owner);
            stock.push_back(row.get<Uuid>("stock_id"));
        }
        if (only_expired && !freed.empty() && !is_expired(tx, owner, now)) return false;
        if (freed.empty()) return false;
        const auto rows = columns(freed);
        const db::Call writes[] = {db::call(sql::delete_holds, owners, stock), db::call(sql::free_stock, rows.ids, rows.quantities, now)};
        (void)tx.pipeline(writes);
        announce_changes(tx, levels, [&](const Level& level) {
            const auto it = freed.find(level.id);
            return it == freed.end() ? 0 : it->second;
        });
        return true;
    }

    // Under the lock of the stock rows: a checkout may have extended its hold since the sweeper looked.
    static bool is_expired(db::Tx& tx, const Uuid& owner, Timestamp now) { return tx.query(sql::live_holds, owner, now).empty(); }

    // In the given warehouse, or in the first one. False: the variant has no row in that one, or it is not active.
    template <class Delta>
    bool change(db::Tx& tx, VariantId variant, std::string_view reason, const Delta& delta_of,
                const std::optional<WarehouseId>& warehouse = {}) {
        const Timestamp now = clock_.now();
        if (!warehouse) tx.exec(sql::ensure_stock, Uuid::v7(), variant, now);
        std::optional<Level> chosen;
        WarehouseId place;
        for (const auto row : tx.query(sql::lock_stock_of_variant, variant)) {
            auto level = Level::from_row(row);
            level.priority = row.get<int>("priority");
            const auto its = row.get<WarehouseId>("warehouse_id");
            // The first by priority; of equals the one with the smaller id, as ensure_stock has it.
            const bool wanted =
                warehouse ? its == *warehouse : !chosen || std::pair(level.priority, its) < std::pair(chosen->priority, place);
            if (!wanted) continue;
            chosen = level;
            place = its;
        }
        if (!chosen && warehouse) return false;
        if (!chosen) throw std::logic_error("inventory: no warehouse exists");
        const auto& level = *chosen;
        const std::int64_t delta = delta_of(level);
        if (delta == 0) return true;
        tx.exec(sql::set_on_hand, level.id, level.on_hand + delta, now);
        tx.exec(sql::insert_movements, std::vector<Uuid>{level.id}, std::vector<std::int64_t>{delta}, reason, std::nullopt, now);
        announce(tx, {variant});
        return true;
    }

    const Clock& clock_;
};

}  // namespace

std::unique_ptr<Inventory> make_inventory(const Clock& clock) { return std::make_unique<PgInventory>(clock); }

}  // namespace stoa::inventory
