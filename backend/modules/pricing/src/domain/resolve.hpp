#pragma once
// From the price rows that may apply to the one price a buyer pays. Pure.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "stoa/pricing/pricing.hpp"

namespace stoa::pricing {

struct PriceRow {
    catalog::VariantId variant;
    PriceListId list;
    std::string list_code;
    bool tax_included = true;
    bool export_net = false;
    std::int64_t priority = 0;
    std::int64_t specificity = 0;
    std::optional<Timestamp> valid_from;  // set: scheduled
    Timestamp recorded_at{};
    std::vector<Tier> tiers;
};
struct HistoryRow {
    PriceListId list;
    std::optional<Timestamp> starts;  // set: scheduled
    Money amount;
    Timestamp applies_from{};
    std::optional<Timestamp> applies_until;
    PriceListId reduced;  // the list with the reduction that this is a part of the past of; `list` is it or another one for the same buyers
    std::string list_code;
    std::int64_t priority = 0;
    std::int64_t specificity = 0;
};

// Rows of one variant, in any order; all of them apply at that moment. nullopt for no rows.
[[nodiscard]] std::optional<VariantPrice> resolve(std::span<const PriceRow> rows, std::span<const HistoryRow> history);

// The lowest price that was paid at any moment of [from, until) by the buyers of the list `reduced`; nullopt when none was. Within a list
// a scheduled price hides the base price while it applies, of several the later start counts; between lists the usual order decides.
[[nodiscard]] std::optional<Money> lowest_between(std::span<const HistoryRow> history, PriceListId reduced, Timestamp from,
                                                  Timestamp until);

}  // namespace stoa::pricing
