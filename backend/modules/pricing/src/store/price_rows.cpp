#include "store/price_rows.hpp"

#include <charconv>
#include <stdexcept>

namespace stoa::pricing::store {

namespace {

// "{1,10,50}": PostgreSQL's text form of bigint[], without nulls.
std::vector<std::int64_t> bigints(std::string_view literal) {
    std::vector<std::int64_t> out;
    const char* at = literal.data() + 1;
    const char* end = literal.data() + literal.size() - 1;
    while (at < end) {
        std::int64_t value = 0;
        const auto [next, error] = std::from_chars(at, end, value);
        if (error != std::errc{}) throw std::logic_error("not a bigint array: " + std::string(literal));
        out.push_back(value);
        at = next + 1;
    }
    return out;
}

}  // namespace

std::vector<Tier> tiers_from(std::string_view quantities, std::string_view amounts, Currency currency) {
    const auto q = bigints(quantities);
    const auto a = bigints(amounts);
    if (q.empty() || q.size() != a.size()) throw std::logic_error("price tiers do not match");
    std::vector<Tier> out;
    out.reserve(q.size());
    for (std::size_t i = 0; i < q.size(); ++i) out.push_back({q[i], Money(a[i], currency)});
    return out;
}

PriceRow price_row(const db::Row& row) {
    PriceRow out;
    out.variant = row.get<catalog::VariantId>("variant_id");
    out.list = row.get<PriceListId>("list_id");
    out.list_code = row.get<std::string>("list_code");
    out.tax_included = row.get<bool>("tax_included");
    out.export_net = row.get<bool>("export_net");
    out.priority = row.get<std::int64_t>("priority");
    out.specificity = row.get<std::int64_t>("specificity");
    out.valid_from = row.get<std::optional<Timestamp>>("valid_from");
    out.recorded_at = row.get<Timestamp>("recorded_at");
    out.tiers =
        tiers_from(row.get<std::string_view>("tier_quantities"), row.get<std::string_view>("tier_amounts"), row.get<Currency>("currency"));
    return out;
}

std::unordered_map<catalog::VariantId, std::vector<HistoryRow>> history_rows(const db::Rows& rows, Currency currency) {
    std::unordered_map<catalog::VariantId, std::vector<HistoryRow>> out;
    for (const auto row : rows) {
        out[row.get<catalog::VariantId>("variant_id")].push_back(
            {row.get<PriceListId>("list_id"), row.get<std::optional<Timestamp>>("starts"), Money(row.get<std::int64_t>("amount"), currency),
             row.get<Timestamp>("applies_from"), row.get<std::optional<Timestamp>>("applies_until"),
             row.get<PriceListId>("reduced_list_id"), row.get<std::string>("list_code"), row.get<std::int64_t>("priority"),
             row.get<std::int64_t>("specificity")});
    }
    return out;
}

std::string bigint_array(const std::vector<std::pair<std::int64_t, std::int64_t>>& tiers, bool amounts) {
    std::string out = "{";
    for (const auto& [quantity, amount] : tiers) {
        if (out.size() > 1) out += ',';
        out += std::to_string(amounts ? amount : quantity);
    }
    return out + "}";
}

}  // namespace stoa::pricing::store
