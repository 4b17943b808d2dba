#pragma once
#include <unordered_map>
#include <vector>

#include "domain/resolve.hpp"
#include "stoa/db/db.hpp"

namespace stoa::pricing::store {

[[nodiscard]] PriceRow price_row(const db::Row& row);
[[nodiscard]] std::vector<Tier> tiers_from(std::string_view quantities, std::string_view amounts, Currency currency);
[[nodiscard]] std::unordered_map<catalog::VariantId, std::vector<HistoryRow>> history_rows(const db::Rows& rows, Currency currency);
// '{1,10}' from the chosen member of every tier.
[[nodiscard]] std::string bigint_array(const std::vector<std::pair<std::int64_t, std::int64_t>>& tiers, bool amounts);

}  // namespace stoa::pricing::store
