#include "levels.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "domain/serving.hpp"
#include "sql/inventory.hpp"
#include "stoa/events/events.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::inventory {
namespace {

using catalog::VariantId;

// At or below this many free units every change is announced (shops show "only 3 left"); above it nobody sees a difference.
constexpr std::int64_t kAnnounceBelow = 10;

void append_sorted(db::Tx& tx, std::vector<events::NewEvent> events) {
    // Stream counters are locked in one order, like the stock rows.
    std::ranges::stable_sort(events, {}, &events::NewEvent::stream);
    if (!events.empty()) events::append(tx, events);
}

events::NewEvent event_of(std::string_view type, VariantId variant, const std::function<void(json::Writer&)>& more = {}) {
    json::Writer data;
    data.begin_object();
    data.member("variant_id", variant.to_string());
    if (more) more(data);
    data.end_object();
    return {std::string(type), "stock:" + variant.uuid().to_string(), data.take()};
}

}  // namespace

std::int64_t Level::room() const {
    if (!sells_ahead) return 0;
    return limit ? std::max<std::int64_t>(0, *limit - pledged - owed) : kNoLimit;
}

Level Level::from_row(const db::Row& row) {
    Level level;
    level.id = row.get<Uuid>("id");
    level.variant = row.get<VariantId>("variant_id");
    level.warehouse = row.get<WarehouseId>("warehouse_id");
    level.on_hand = row.get<std::int64_t>("on_hand");
    level.held = row.get<std::int64_t>("held");
    level.allocated = row.get<std::int64_t>("allocated");
    level.pledged = row.get<std::int64_t>("pledged");
    level.owed = row.get<std::int64_t>("owed");
    level.sells_ahead = row.get<std::string_view>("backorder_policy") == "backorder";
    level.limit = row.get<std::optional<std::int64_t>>("backorder_limit");
    level.priority = row.get<int>("priority");
    level.sells = row.get<bool>("is_active");
    return level;
}

Columns columns(const PerStock& rows) {
    Columns out;
    for (const auto& [id, quantity] : rows) {
        out.ids.push_back(id);
        out.quantities.push_back(quantity);
    }
    return out;
}

Levels::Levels(const db::Rows& locked) {
    for (const auto row : locked) now_.push_back(Level::from_row(row));
    before_ = now_;
}

Level& Levels::at(const Uuid& stock) {
    const auto found = std::ranges::find(now_, stock, &Level::id);
    if (found == now_.end()) throw std::logic_error("inventory: a stock row that is not locked");
    return *found;
}

std::vector<const Level*> Levels::selling(VariantId variant) const {
    std::vector<const Level*> out;
    for (const auto& level : now_) {
        if (level.variant == variant && level.sells) out.push_back(&level);
    }
    std::ranges::stable_sort(out, {}, [](const Level* level) { return level->priority; });
    return out;
}

std::int64_t Levels::owed(VariantId variant) const {
    std::int64_t sum = 0;
    for (const auto& level : now_) sum += level.variant == variant ? level.owed : 0;
    return sum;
}

bool Levels::owes() const {
    return std::ranges::any_of(now_, [](const Level& level) { return level.owed > 0; });
}

void Levels::finish(db::Tx& tx, Timestamp now, std::span<const VariantId> announced) {
    serve_waiting(tx, now);
    announce(tx, announced);
}

void Levels::serve_waiting(db::Tx& tx, Timestamp now) {
    std::set<VariantId> wanted;
    for (const auto& level : now_) {
        if (level.owed > 0) wanted.insert(level.variant);
    }
    std::vector<Shelf> shelves;
    std::set<VariantId> there;
    for (const auto variant : wanted) {
        for (const auto* level : selling(variant)) {
            if (level->free() <= 0) continue;
            shelves.push_back({level->id, variant, level->free()});
            there.insert(variant);
        }
    }
    if (shelves.empty()) return;
    std::vector<Waiter> waiters;
    for (const auto row : tx.query(sql::waiting_for_variants, std::vector<VariantId>(there.begin(), there.end()))) {
        waiters.push_back({row.get<std::int64_t>("id"), row.get<Uuid>("order_id"), row.get<Uuid>("stock_id"),
                           row.get<VariantId>("variant_id"), row.get<std::int64_t>("quantity")});
    }
    const auto served = serve(std::move(shelves), waiters);
    if (served.empty()) return;

    std::map<std::int64_t, std::int64_t> by_waiter;
    std::map<std::pair<Uuid, Uuid>, std::int64_t> by_order_and_row;
    std::map<std::pair<VariantId, Uuid>, std::int64_t> by_order;
    PerStock paid_off, allocated;
    for (const auto& each : served) {
        by_waiter[each.waiter] += each.quantity;
        by_order_and_row[{each.order, each.from}] += each.quantity;
        by_order[{each.variant, each.order}] += each.quantity;
        paid_off[each.owed_at] += each.quantity;
        allocated[each.from] += each.quantity;
        at(each.owed_at).owed -= each.quantity;
        at(each.from).allocated += each.quantity;
    }
    std::vector<std::int64_t> waiter_ids, waiter_units, units;
    for (const auto& [id, quantity] : by_waiter) {
        waiter_ids.push_back(id);
        waiter_units.push_back(quantity);
    }
    std::vector<Uuid> orders, rows;
    for (const auto& [key, quantity] : by_order_and_row) {
        orders.push_back(key.first);
        rows.push_back(key.second);
        units.push_back(quantity);
    }
    const auto less_owed = columns(paid_off);
    const auto more = columns(allocated);
    const db::Call writes[] = {
        db::call(sql::drop_waiting, waiter_ids, waiter_units), db::call(sql::lower_waiting, waiter_ids, waiter_units),
        db::call(sql::lower_owed, less_owed.ids, less_owed.quantities, now),
        db::call(sql::change_allocated, more.ids, more.quantities, now), db::call(sql::allocate_arrived, orders, rows, units, now)};
    const auto done = tx.pipeline(writes);
    if (done[0].affected() + done[1].affected() != static_cast<std::int64_t>(waiter_ids.size()) ||
        done[3].affected() != static_cast<std::int64_t>(more.ids.size()))
        throw std::logic_error("inventory: those who wait changed while their stock was locked");
    std::vector<events::NewEvent> events;
    for (const auto& [key, quantity] : by_order) {
        events.push_back(event_of("stock.served", key.first, [&order = key.second, units = quantity](json::Writer& data) {
            data.member("order", order.to_string());
            data.member("quantity", units);
        }));
    }
    append_sorted(tx, std::move(events));
}

void Levels::announce(db::Tx& tx, std::span<const VariantId> announced) const {
    struct Shown {
        std::int64_t free_before = 0, free_after = 0, room_before = 0, room_after = 0;
    };
    std::map<VariantId, Shown> shown;
    for (std::size_t i = 0; i < now_.size(); ++i) {
        auto& sum = shown[now_[i].variant];
        sum.free_before += before_[i].free();
        sum.free_after += now_[i].free();
        sum.room_before += before_[i].room();
        sum.room_after += now_[i].room();
    }
    std::set<VariantId> changed(announced.begin(), announced.end());
    const auto tells = [](std::int64_t before, std::int64_t after) { return before != after && std::min(before, after) <= kAnnounceBelow; };
    for (const auto& [variant, sum] : shown) {
        if (tells(sum.free_before, sum.free_after) || tells(sum.room_before, sum.room_after)) changed.insert(variant);
    }
    std::vector<events::NewEvent> events;
    for (const auto variant : changed) events.push_back(event_of("stock.changed", variant));
    append_sorted(tx, std::move(events));
}

}  // namespace stoa::inventory
