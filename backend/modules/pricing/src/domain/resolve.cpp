#include "domain/resolve.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

namespace stoa::pricing {

namespace {

const Money& unit_of(std::span<const Tier> tiers, std::int64_t quantity) {
    const auto above = std::ranges::find_if(tiers, [&](const Tier& tier) { return tier.min_quantity > quantity; });
    return above == tiers.begin() ? tiers.front().unit : std::prev(above)->unit;
}

bool outranks(std::int64_t priority, std::int64_t specificity, const Money& unit, std::string_view list, std::int64_t other_priority,
              std::int64_t other_specificity, const Money& other_unit, std::string_view other_list) {
    if (priority != other_priority) return priority > other_priority;
    if (specificity != other_specificity) return specificity > other_specificity;
    if (unit != other_unit) return unit < other_unit;
    return list < other_list;
}

}  // namespace

const Money& VariantPrice::unit(std::int64_t quantity) const { return unit_of(tiers, quantity); }

std::optional<Money> VariantPrice::regular_above(std::int64_t quantity) const {
    if (!regular) return std::nullopt;
    const Money& base = regular_tiers.empty() ? *regular : unit_of(regular_tiers, quantity);
    return base > unit(quantity) ? std::optional(base) : std::nullopt;
}

std::optional<Money> VariantPrice::crossed_out(std::int64_t quantity) const {
    const auto base = regular_above(quantity);
    if (!base || !lowest_30_days) return std::nullopt;
    const Money reference = std::min(*base, *lowest_30_days);
    return reference > unit(quantity) ? std::optional(reference) : std::nullopt;
}

bool VariantPrice::wins_over(const VariantPrice& other) const {
    return outranks(priority, specificity, unit(), price_list, other.priority, other.specificity, other.unit(), other.price_list);
}

bool ContractList::applies_to(const std::vector<std::string>& groups, const std::optional<Uuid>& buyer_company) const {
    return (!customer_group || std::ranges::find(groups, *customer_group) != groups.end()) &&
           (!company || (buyer_company && company->uuid() == *buyer_company));
}

namespace {

// The lower of both at every quantity.
std::vector<Tier> lower_of(std::span<const Tier> a, std::span<const Tier> b) {
    std::set<std::int64_t> steps;
    for (const auto& tier : a) steps.insert(tier.min_quantity);
    for (const auto& tier : b) steps.insert(tier.min_quantity);
    std::vector<Tier> out;
    for (const auto step : steps) {
        const Money unit = std::min(unit_of(a, step), unit_of(b, step));
        if (out.empty() || out.back().unit != unit) out.push_back({step, unit});
    }
    return out;
}

struct Candidate {
    const PriceRow* base = nullptr;
    const PriceRow* scheduled = nullptr;
    [[nodiscard]] const PriceRow& any() const { return scheduled ? *scheduled : *base; }
    [[nodiscard]] bool is_reduction() const { return scheduled && base && scheduled->tiers.front().unit < base->tiers.front().unit; }
};

}  // namespace

std::optional<Money> lowest_between(std::span<const HistoryRow> history, PriceListId reduced, Timestamp from, Timestamp until) {
    std::vector<const HistoryRow*> rows;
    std::set<Timestamp> moments{from};
    for (const auto& row : history) {
        if (row.reduced != reduced || row.applies_from >= until || (row.applies_until && *row.applies_until <= from)) continue;
        rows.push_back(&row);
        if (row.applies_from > from) moments.insert(row.applies_from);
        if (row.applies_until && *row.applies_until < until) moments.insert(*row.applies_until);
    }
    std::optional<Money> lowest;
    for (const auto moment : moments) {
        std::map<PriceListId, const HistoryRow*> applied;  // by list
        for (const auto* row : rows) {
            if (row->applies_from > moment || (row->applies_until && *row->applies_until <= moment)) continue;
            const auto rank = [](const HistoryRow& r) { return std::tuple(r.starts, r.applies_from); };
            auto& known = applied[row->list];
            if (!known || rank(*known) <= rank(*row)) known = row;
        }
        const HistoryRow* paid = nullptr;
        for (const auto& [list, row] : applied) {
            if (!paid || outranks(row->priority, row->specificity, row->amount, row->list_code, paid->priority, paid->specificity,
                                  paid->amount, paid->list_code))
                paid = row;
        }
        if (paid && (!lowest || paid->amount < *lowest)) lowest = paid->amount;
    }
    return lowest;
}

std::optional<VariantPrice> resolve(std::span<const PriceRow> rows, std::span<const HistoryRow> history) {
    std::map<PriceListId, Candidate> by_list;
    for (const auto& row : rows) {
        auto& candidate = by_list[row.list];
        if (!row.valid_from)
            candidate.base = &row;
        else if (!candidate.scheduled || *candidate.scheduled->valid_from < *row.valid_from)
            candidate.scheduled = &row;
    }
    const Candidate* best = nullptr;
    const auto better = [](const Candidate& a, const Candidate& b) {
        const PriceRow& x = a.any();
        const PriceRow& y = b.any();
        return outranks(x.priority, x.specificity, x.tiers.front().unit, x.list_code, y.priority, y.specificity, y.tiers.front().unit,
                        y.list_code);
    };
    for (const auto& [list, candidate] : by_list) {
        if (!best || better(candidate, *best)) best = &candidate;
    }
    if (!best) return std::nullopt;

    const PriceRow& row = best->any();
    VariantPrice price;
    price.variant = row.variant;
    price.tiers = best->is_reduction() ? lower_of(best->scheduled->tiers, best->base->tiers) : row.tiers;
    price.tax_included = row.tax_included;
    price.export_net = row.export_net;
    price.price_list = row.list_code;
    price.priority = row.priority;
    price.specificity = row.specificity;
    price.scheduled = best->scheduled != nullptr;
    if (best->is_reduction()) {
        price.regular = best->base->tiers.front().unit;
        if (best->base->tiers.size() > 1) price.regular_tiers = best->base->tiers;
        // The reduction began when its window opened, or when it was entered if that was later.
        const Timestamp began = std::max(*best->scheduled->valid_from, best->scheduled->recorded_at);
        price.lowest_30_days = lowest_between(history, row.list, began - std::chrono::days(30), began);
    }
    for (const auto& [list, candidate] : by_list) {
        if (&candidate == best) continue;
        const PriceRow& other = candidate.any();
        const std::string_view why = other.priority != row.priority                       ? "lower priority"
                                     : other.specificity != row.specificity               ? "less specific"
                                     : other.tiers.front().unit != row.tiers.front().unit ? "higher price"
                                                                                          : "same price, later code";
        price.passed_over.push_back(fmt::format("{}: {}", other.list_code, why));
    }
    std::ranges::sort(price.passed_over);
    return price;
}

}  // namespace stoa::pricing
