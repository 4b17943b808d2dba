#include "domain/sources.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace stoa::orders {
namespace {

constexpr std::size_t kMostPlaces = 6;  // the number of plans doubles with each
constexpr std::size_t kShown = 8;

using Stock = std::map<std::pair<inventory::WarehouseId, catalog::VariantId>, std::int64_t>;

struct Plan {
    unsigned set = 0;
    std::vector<std::vector<ToSend>> per_place;
    std::vector<ToSend> missing;
    std::int64_t missing_units = 0;
    std::vector<Choice::Part> parts;
    int parcels = 0;
    std::int64_t cost = 0;

    void drop_goods() {
        per_place.clear();
        missing.clear();
        for (auto& part : parts) part.goods.clear();
    }
    // Less is better.
    [[nodiscard]] auto key() const { return std::tuple(missing_units, parcels, cost, parts.size(), set); }
};

// Within one set of warehouses: whoever has all of a line gives it, the cheapest first; only else is the line split.
Plan plan_with(unsigned set, const std::vector<ToSend>& goods, const std::vector<Place>& places, Stock stock, std::int64_t parcel_grams) {
    Plan plan;
    plan.set = set;
    plan.per_place.resize(places.size());
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < places.size(); ++i) {
        if ((set >> i) & 1U) order.push_back(i);
    }
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return places[i].parcel_cost; });
    const auto left_in = [&](std::size_t i, const ToSend& line) -> std::int64_t& { return stock[{places[i].warehouse.id, line.variant}]; };
    const auto give = [&](std::size_t i, const ToSend& line, std::int64_t quantity) {
        if (quantity <= 0) return;
        left_in(i, line) -= quantity;
        auto part = line;
        part.quantity = quantity;
        plan.per_place[i].push_back(part);
    };
    // Lines that only one of the set can serve come first: they open the parcels that others may join.
    std::vector<const ToSend*> lines;
    for (const auto& line : goods) lines.push_back(&line);
    std::ranges::stable_sort(lines, {}, [&](const ToSend* line) {
        return std::ranges::count_if(order, [&](std::size_t i) { return left_in(i, *line) >= line->quantity; });
    });
    for (const auto* line : lines) {
        const auto has_all = [&](std::size_t i) { return left_in(i, *line) >= line->quantity; };
        const auto joins = std::ranges::find_if(order, [&](std::size_t i) { return has_all(i) && !plan.per_place[i].empty(); });
        const auto whole = joins != order.end() ? joins : std::ranges::find_if(order, has_all);
        if (whole != order.end()) {
            give(*whole, *line, line->quantity);
            continue;
        }
        auto left = line->quantity;
        for (const auto i : order) {
            const auto part = std::min(left, std::max<std::int64_t>(0, left_in(i, *line)));
            give(i, *line, part);
            left -= part;
        }
        if (left > 0) {
            auto rest = *line;
            rest.quantity = left;
            plan.missing.push_back(rest);
            plan.missing_units += left;
        }
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (plan.per_place[i].empty()) continue;
        Choice::Part part;
        part.warehouse = places[i].warehouse.id;
        part.goods = pack(plan.per_place[i], parcel_grams);
        part.parcels = parcels_of(part.goods);
        part.cost = part.parcels * places[i].parcel_cost;
        plan.parcels += part.parcels;
        plan.cost += part.cost;
        plan.parts.push_back(std::move(part));
    }
    return plan;
}

}  // namespace

std::vector<Packed> pack(std::vector<ToSend> goods, std::int64_t parcel_grams) {
    std::ranges::stable_sort(goods, std::greater{}, &ToSend::weight_grams);
    std::vector<std::int64_t> room;
    std::vector<Packed> out;
    for (const auto& line : goods) {
        const auto weight = std::max<std::int64_t>(1, line.weight_grams);
        auto left = line.quantity;
        for (std::size_t i = 0; i < room.size() && left > 0; ++i) {
            const auto fits = std::min(left, room[i] / weight);
            if (fits <= 0) continue;
            room[i] -= fits * weight;
            left -= fits;
            out.push_back({static_cast<int>(i) + 1, line.line, line.variant, fits});
        }
        while (left > 0) {
            const auto fits = std::min(left, std::max<std::int64_t>(1, parcel_grams / weight));
            room.push_back(std::max<std::int64_t>(0, parcel_grams - fits * weight));
            left -= fits;
            out.push_back({static_cast<int>(room.size()), line.line, line.variant, fits});
        }
    }
    std::ranges::stable_sort(out, {}, &Packed::parcel);
    return out;
}

int parcels_of(const std::vector<Packed>& packed) {
    int most = 0;
    for (const auto& each : packed) most = std::max(most, each.parcel);
    return most;
}

Choice choose_sources(const std::vector<ToSend>& goods, const std::vector<Place>& all_places, const std::vector<Available>& available,
                      std::int64_t parcel_grams) {
    Stock stock;
    for (const auto& each : available) stock[{each.warehouse, each.variant}] += each.quantity;
    std::vector<Place> places;
    for (const auto& place : all_places) {
        const auto has_some = std::ranges::any_of(goods, [&](const ToSend& line) {
            return stock.contains({place.warehouse.id, line.variant}) && stock[{place.warehouse.id, line.variant}] > 0;
        });
        if (has_some && places.size() < kMostPlaces) places.push_back(place);
    }
    std::vector<Plan> plans;  // the best ones, best first; all but one without their goods
    for (unsigned set = 1; set < (1U << places.size()); ++set) {
        auto plan = plan_with(set, goods, places, stock, parcel_grams);
        // A set of which a member gives nothing is the smaller set.
        if (plan.parts.size() != static_cast<std::size_t>(__builtin_popcount(set))) continue;
        const auto at = std::ranges::upper_bound(plans, plan.key(), {}, &Plan::key);
        if (at == plans.begin()) {
            if (!plans.empty()) plans.front().drop_goods();
        } else {
            plan.drop_goods();
        }
        plans.insert(at, std::move(plan));
        if (plans.size() > kShown) plans.pop_back();
    }
    Choice out;
    if (plans.empty()) {
        out.missing = goods;
        return out;
    }
    const auto& best = plans.front();
    for (std::size_t i = 0; i < plans.size(); ++i) {
        const auto& plan = plans[i];
        Choice::Considered considered;
        for (const auto& part : plan.parts) considered.warehouses.push_back(part.warehouse);
        considered.parcels = plan.parcels;
        considered.cost = plan.cost;
        considered.missing = plan.missing_units;
        considered.verdict = i == 0                                    ? "chosen"
                             : plan.missing_units > best.missing_units ? "not everything is there"
                             : plan.parcels > best.parcels             ? "more parcels"
                             : plan.cost > best.cost                   ? "dearer"
                                                                       : "later in the order of warehouses";
        out.considered.push_back(std::move(considered));
    }
    out.parts = best.parts;
    out.missing = best.missing;
    out.parcels = best.parcels;
    out.cost = best.cost;
    return out;
}

}  // namespace stoa::orders
