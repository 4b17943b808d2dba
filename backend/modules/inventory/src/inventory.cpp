#include <algorithm>
#include <map>
#include <stdexcept>
#include <unordered_set>

#include "announce.hpp"
#include "levels.hpp"
#include "sql/inventory.hpp"
#include "stoa/inventory/make.hpp"

namespace stoa::inventory {
namespace {

using catalog::VariantId;

// Of a hold or of what is freed, by stock row: there, and beyond.
struct Units {
    std::int64_t there = 0, pledged = 0;
};
using UnitsPerStock = std::map<Uuid, Units>;
struct UnitColumns {
    std::vector<Uuid> ids;
    std::vector<std::int64_t> there, pledged;
};
UnitColumns both_columns(const UnitsPerStock& rows) {
    UnitColumns out;
    for (const auto& [id, units] : rows) {
        out.ids.push_back(id);
        out.there.push_back(units.there);
        out.pledged.push_back(units.pledged);
    }
    return out;
}
Units units_of(const db::Row& row) { return {row.get<std::int64_t>("quantity"), row.get<std::int64_t>("pledged")}; }

// `wanted` units from rows of which each has so many: one that has them all, or from each what it has.
void spread(const std::vector<const Level*>& rows, std::int64_t wanted, const std::function<std::int64_t(const Level&)>& has,
            const std::function<void(const Level&, std::int64_t)>& take) {
    if (wanted == 0) return;
    const auto whole = std::ranges::find_if(rows, [&](const Level* level) { return has(*level) >= wanted; });
    if (whole != rows.end()) return take(**whole, wanted);
    for (const auto* level : rows) {
        const auto part = std::min(wanted, std::max<std::int64_t>(0, has(*level)));
        if (part > 0) take(*level, part);
        wanted -= part;
    }
}

class PgInventory final : public Inventory {
public:
    explicit PgInventory(const Clock& clock) : clock_(clock) {}

    db::Read<std::unordered_map<VariantId, Supply>> read_supply(std::span<const VariantId> variants,
                                                                std::span<const Uuid> owners) override {
        return {.calls = {db::call(sql::supply, std::vector<VariantId>(variants.begin(), variants.end()), clock_.now(),
                                   std::vector<Uuid>(owners.begin(), owners.end()))},
                .finish = [](std::span<const db::Rows> rows) {
                    std::unordered_map<VariantId, Supply> out;
                    for (const auto row : rows[0]) {
                        out.emplace(row.get<VariantId>("variant_id"),
                                    Supply{row.get<std::int64_t>("available"), row.get<std::int64_t>("ahead"),
                                           row.get<std::optional<Date>>("expected_on")});
                    }
                    return out;
                }};
    }

    std::vector<Shortage> hold(db::Tx& tx, const Uuid& owner, std::span<const Wanted> lines, Timestamp expires_at,
                               Backorders backorders) override {
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
        Levels levels(answers[0]);
        UnitsPerStock freed;
        PerStock own;
        std::vector<Uuid> gone_owners, gone_stock;
        for (const auto row : answers[1]) {
            const auto stock = row.get<Uuid>("stock_id");
            const auto units = units_of(row);
            freed[stock].there += units.there;
            freed[stock].pledged += units.pledged;
            gone_owners.push_back(row.get<Uuid>("owner"));
            gone_stock.push_back(stock);
            if (gone_owners.back() == owner) own[stock] += units.there;
        }
        for (const auto& [stock, units] : freed) {
            auto& level = levels.at(stock);
            level.held -= units.there;
            level.pledged -= units.pledged;
        }

        UnitsPerStock taken;
        std::vector<Shortage> shortages;
        for (const auto& [variant, quantity] : wanted) {
            const auto rows = levels.selling(variant);
            std::int64_t total = 0, mine = 0, room = 0;
            for (const auto* level : rows) {
                total += std::max<std::int64_t>(0, level->free());
                if (const auto kept = own.find(level->id); kept != own.end()) mine += kept->second;
                if (backorders == Backorders::allowed) room += level->room();
            }
            // What is free beside one's own is for those who wait.
            const auto spare = std::min(total, mine + std::max<std::int64_t>(0, total - mine - levels.owed(variant)));
            if (spare + room < quantity) {
                shortages.push_back({variant, quantity, spare + room});
                continue;
            }
            const auto there = std::min(quantity, spare);
            spread(
                rows, there, [](const Level& level) { return level.free(); },
                [&](const Level& level, std::int64_t part) { taken[level.id].there += part; });
            spread(
                rows, quantity - there, [](const Level& level) { return level.room(); },
                [&](const Level& level, std::int64_t part) { taken[level.id].pledged += part; });
        }
        if (!shortages.empty()) return shortages;

        UnitsPerStock released, kept;
        for (const auto& [stock, units] : taken) released[stock];
        for (const auto& [stock, units] : freed) released[stock] = units;
        for (const auto& [stock, units] : released) kept[stock];
        for (const auto& [stock, units] : taken) {
            kept[stock] = units;
            auto& level = levels.at(stock);
            level.held += units.there;
            level.pledged += units.pledged;
        }
        const auto holds = both_columns(taken), back = both_columns(released), more = both_columns(kept);
        const db::Call writes[] = {db::call(sql::delete_holds, gone_owners, gone_stock),
                                   db::call(sql::take_stock, back.ids, back.there, more.there, back.pledged, more.pledged, now),
                                   db::call(sql::insert_holds, owner, holds.ids, holds.there, holds.pledged, expires_at, now)};
        const auto done = tx.pipeline(writes);
        if (done[1].affected() != static_cast<std::int64_t>(back.ids.size()))
            throw std::logic_error("inventory: locked stock changed before it was taken");
        levels.finish(tx, now);
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
            of[row.get<VariantId>("variant_id")] += units_of(row).there + units_of(row).pledged;
        std::vector<Wanted> out;
        for (const auto& [variant, quantity] : of) out.push_back({variant, quantity});
        return out;
    }

    bool allocate(db::Tx& tx, const Uuid& owner, const Uuid& order, std::span<const Wanted> lines) override {
        const Timestamp now = clock_.now();
        const db::Call calls[] = {db::call(sql::lock_stock_of_owner, owner), db::call(sql::owner_holds, owner)};
        const auto answers = tx.pipeline(calls);
        Levels levels(answers[0]);
        std::map<VariantId, std::int64_t> wanted;
        for (const auto& line : lines) wanted[line.variant] += line.quantity;
        // An expired hold that nobody took over still counts, since its units are still out of the free stock. One that lost
        // a part to another buyer does not: allocation is all or nothing.
        UnitsPerStock held;
        std::vector<Uuid> owners;
        for (const auto row : answers[1]) {
            const auto units = units_of(row);
            held[row.get<Uuid>("stock_id")] = units;
            wanted[row.get<VariantId>("variant_id")] -= units.there + units.pledged;
            owners.push_back(owner);
        }
        for (const auto& [variant, left] : wanted) {
            if (left != 0) return false;
        }
        bool waits = false;
        for (const auto& [stock, units] : held) {
            auto& level = levels.at(stock);
            level.held -= units.there;
            level.allocated += units.there;
            level.pledged -= units.pledged;
            level.owed += units.pledged;
            waits = waits || units.pledged > 0;
        }
        const auto rows = both_columns(held);
        std::vector<db::Call> writes{db::call(sql::delete_holds, owners, rows.ids),
                                     db::call(sql::allocate_stock, rows.ids, rows.there, rows.pledged, now),
                                     db::call(sql::insert_allocations, order, rows.ids, rows.there, now)};
        if (waits) writes.push_back(db::call(sql::insert_waiting, order, rows.ids, rows.pledged, now));
        (void)tx.pipeline(writes);
        // It may have come while the shopper paid.
        levels.finish(tx, now);
        return true;
    }

    void deallocate(db::Tx& tx, const Uuid& order) override {
        const Timestamp now = clock_.now();
        Levels levels(tx.query(sql::lock_stock_of_order, order));
        PerStock open;
        for (const auto row : tx.query(sql::allocations_of_order, order)) {
            const auto left = row.get<std::int64_t>("quantity") - row.get<std::int64_t>("shipped");
            if (left > 0) open[row.get<Uuid>("stock_id")] += left;
        }
        const bool waited = levels.owes() && forget_waiting(tx, levels, order, std::nullopt, now);
        if (open.empty() && !waited) return;
        if (!open.empty()) {
            const auto rows = columns(open);
            tx.exec(sql::delete_open_allocations, order);
            tx.exec(sql::trim_allocations, order);
            tx.exec(sql::unallocate_stock, rows.ids, rows.quantities, now);
            for (const auto& [stock, units] : open) levels.at(stock).allocated -= units;
        }
        levels.finish(tx, now);
    }

    void unallocate(db::Tx& tx, const Uuid& order, std::span<const Wanted> lines) override {
        const Timestamp now = clock_.now();
        Levels levels(tx.query(sql::lock_stock_of_order, order));
        std::map<VariantId, std::int64_t> wanted;
        for (const auto& line : lines) wanted[line.variant] += line.quantity;
        // What is not there yet goes first: what is there can be sent.
        const bool waited = levels.owes() && forget_waiting(tx, levels, order, std::ref(wanted), now);
        PerStock freed;
        for (const auto row : tx.query(sql::allocations_of_order, order)) {
            auto it = wanted.find(row.get<VariantId>("variant_id"));
            if (it == wanted.end() || it->second == 0) continue;
            const auto part = std::min(it->second, row.get<std::int64_t>("quantity") - row.get<std::int64_t>("shipped"));
            if (part <= 0) continue;
            freed[row.get<Uuid>("stock_id")] += part;
            it->second -= part;
        }
        if (freed.empty() && !waited) return;
        if (!freed.empty()) {
            const auto rows = columns(freed);
            const db::Call writes[] = {db::call(sql::lower_allocations, order, rows.ids, rows.quantities),
                                       db::call(sql::unallocate_stock, rows.ids, rows.quantities, now)};
            // What is used up goes first: an allocation has at least one unit.
            const auto gone = tx.exec(sql::delete_used_up_allocations, order, rows.ids, rows.quantities);
            const auto done = tx.pipeline(writes);
            if (gone + done[0].affected() != static_cast<std::int64_t>(rows.ids.size()))
                throw std::logic_error("inventory: an allocation changed while it was locked");
            for (const auto& [stock, units] : freed) levels.at(stock).allocated -= units;
        }
        levels.finish(tx, now);
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
            places[row.get<Uuid>("id")] = {row.get<WarehouseId>("warehouse_id"), row.get<VariantId>("variant_id"),
                                           row.get<std::int64_t>("free"), 0, 0};
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
            StockLevel level;
            level.on_hand = row.get<std::int64_t>("on_hand");
            level.held = row.get<std::int64_t>("held");
            level.allocated = row.get<std::int64_t>("allocated");
            level.owed = row.get<std::int64_t>("owed") + row.get<std::int64_t>("pledged");
            level.terms = {row.get<std::string_view>("backorder_policy") == "backorder",
                           row.get<std::optional<std::int64_t>>("backorder_limit"), row.get<std::optional<Date>>("expected_on")};
            out.emplace(row.get<VariantId>("variant_id"), level);
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
        Levels levels(tx.query(sql::lock_stock_in, variants));
        PerStock sums;
        std::map<std::string_view, Columns> movements;
        std::vector<VariantId> changed;
        for (const auto& change : changes) {
            auto& all = levels.all();
            const auto row = std::ranges::find_if(all, [&](const Level& level) {
                return level.sells && level.warehouse == change.warehouse && level.variant == change.variant;
            });
            if (row == all.end()) throw std::logic_error("inventory: no such active warehouse");
            if (change.delta == 0) continue;
            sums[row->id] += change.delta;
            row->on_hand += change.delta;
            movements[change.reason].ids.push_back(row->id);
            movements[change.reason].quantities.push_back(change.delta);
            if (std::ranges::find(changed, change.variant) == changed.end()) changed.push_back(change.variant);
        }
        if (sums.empty()) return;
        const auto totals = columns(sums);
        tx.exec(sql::add_on_hand, totals.ids, totals.quantities, now);
        for (const auto& [reason, moved] : movements)
            tx.exec(sql::insert_movements, moved.ids, moved.quantities, reason, std::optional(reference), now);
        levels.finish(tx, now, changed);
    }

    TermsSet set_backorders(db::Tx& tx, const std::optional<WarehouseId>& warehouse, VariantId variant,
                            const BackorderTerms& terms) override {
        const Timestamp now = clock_.now();
        if (!warehouse) tx.exec(sql::ensure_stock, Uuid::v7(), variant, now);
        Levels levels(tx.query(sql::lock_stock_of_variant, variant));
        auto* row = row_in(levels, warehouse);
        if (!row) return TermsSet::no_row;
        if (terms.limit && *terms.limit < row->owed + row->pledged) return TermsSet::below_owed;
        row->sells_ahead = terms.sells_ahead;
        row->limit = terms.limit;
        tx.exec(sql::set_backorders, row->id, terms.sells_ahead ? "backorder" : "deny", terms.limit, terms.expected_on, now);
        levels.finish(tx, now, std::span(&variant, 1));
        return TermsSet::done;
    }

    std::vector<WaitingUnits> waiting(db::Session& session, std::span<const Uuid> orders) override {
        std::vector<WaitingUnits> out;
        for (const auto row : session.query(sql::waiting_of_orders, std::vector<Uuid>(orders.begin(), orders.end()))) {
            out.push_back({row.get<Uuid>("order_id"), row.get<VariantId>("variant_id"), row.get<std::int64_t>("quantity"),
                           row.get<std::optional<Date>>("expected_on")});
        }
        return out;
    }

    StockAudit audit(db::Session& session) override {
        const auto row = session.query(sql::audit).front();
        return {row.get<std::int64_t>("held"), row.get<std::int64_t>("allocated"), row.get<std::int64_t>("owed"),
                row.get<std::int64_t>("on_hand"), row.get<std::int64_t>("passed_over")};
    }

    std::vector<Uuid> waiting_orders(db::Session& session, int limit) override {
        std::vector<Uuid> out;
        for (const auto row : session.query(sql::waiting_orders, limit)) out.push_back(row.get<Uuid>("order_id"));
        return out;
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

    // The order waits no longer for these, or for anything. False: it did not wait for any of them.
    static bool forget_waiting(db::Tx& tx, Levels& levels, const Uuid& order,
                               std::optional<std::reference_wrapper<std::map<VariantId, std::int64_t>>> wanted, Timestamp now) {
        std::vector<std::int64_t> ids, units;
        PerStock less;
        for (const auto row : tx.query(sql::waiting_of_order, order)) {
            auto part = row.get<std::int64_t>("quantity");
            if (wanted) {
                const auto it = wanted->get().find(row.get<VariantId>("variant_id"));
                if (it == wanted->get().end()) continue;
                part = std::min(part, it->second);
                it->second -= part;
            }
            if (part == 0) continue;
            ids.push_back(row.get<std::int64_t>("id"));
            units.push_back(part);
            less[row.get<Uuid>("stock_id")] += part;
            levels.at(row.get<Uuid>("stock_id")).owed -= part;
        }
        if (ids.empty()) return false;
        const auto rows = columns(less);
        const db::Call writes[] = {db::call(sql::drop_waiting, ids, units), db::call(sql::lower_waiting, ids, units),
                                   db::call(sql::lower_owed, rows.ids, rows.quantities, now)};
        const auto done = tx.pipeline(writes);
        if (done[0].affected() + done[1].affected() != static_cast<std::int64_t>(ids.size()))
            throw std::logic_error("inventory: what an order waits for changed while it was locked");
        return true;
    }

    bool take_holds(db::Tx& tx, const Uuid& owner, bool only_expired) {
        const Timestamp now = clock_.now();
        Levels levels(tx.query(sql::lock_stock_of_owner, owner));
        UnitsPerStock freed;
        std::vector<Uuid> owners, stock;
        for (const auto row : tx.query(sql::holds_to_free, std::vector<VariantId>{}, owner, now)) {
            freed[row.get<Uuid>("stock_id")] = units_of(row);
            owners.push_back(owner);
            stock.push_back(row.get<Uuid>("stock_id"));
        }
        if (only_expired && !freed.empty() && !is_expired(tx, owner, now)) return false;
        if (freed.empty()) return false;
        for (const auto& [id, units] : freed) {
            auto& level = levels.at(id);
            level.held -= units.there;
            level.pledged -= units.pledged;
        }
        const auto rows = both_columns(freed);
        const db::Call writes[] = {db::call(sql::delete_holds, owners, stock),
                                   db::call(sql::free_stock, rows.ids, rows.there, rows.pledged, now)};
        (void)tx.pipeline(writes);
        levels.finish(tx, now);
        return true;
    }

    // Under the lock of the stock rows: a checkout may have extended its hold since the sweeper looked.
    static bool is_expired(db::Tx& tx, const Uuid& owner, Timestamp now) { return tx.query(sql::live_holds, owner, now).empty(); }

    // Of the given warehouse, or of the first by priority; of equals the one with the smaller id, as ensure_stock has it. Null: the variant
    // has no row there, or it is not active.
    static Level* row_in(Levels& levels, const std::optional<WarehouseId>& warehouse) {
        Level* chosen = nullptr;
        for (auto& level : levels.all()) {
            if (!level.sells) continue;
            if (warehouse ? level.warehouse == *warehouse
                          : !chosen || std::pair(level.priority, level.warehouse) < std::pair(chosen->priority, chosen->warehouse))
                chosen = &level;
        }
        return chosen;
    }

    // In the given warehouse, or in the first one. False: the variant has no row in that one, or it is not active.
    template <class Delta>
    bool change(db::Tx& tx, VariantId variant, std::string_view reason, const Delta& delta_of,
                const std::optional<WarehouseId>& warehouse = {}) {
        const Timestamp now = clock_.now();
        if (!warehouse) tx.exec(sql::ensure_stock, Uuid::v7(), variant, now);
        Levels levels(tx.query(sql::lock_stock_of_variant, variant));
        auto* row = row_in(levels, warehouse);
        if (!row && warehouse) return false;
        if (!row) throw std::logic_error("inventory: no warehouse exists");
        const std::int64_t delta = delta_of(*row);
        if (delta == 0) return true;
        row->on_hand += delta;
        tx.exec(sql::set_on_hand, row->id, row->on_hand, now);
        tx.exec(sql::insert_movements, std::vector<Uuid>{row->id}, std::vector<std::int64_t>{delta}, reason, std::nullopt, now);
        levels.finish(tx, now, std::span(&variant, 1));
        return true;
    }

    const Clock& clock_;
};

}  // namespace

std::unique_ptr<Inventory> make_inventory(const Clock& clock) { return std::make_unique<PgInventory>(clock); }

}  // namespace stoa::inventory
