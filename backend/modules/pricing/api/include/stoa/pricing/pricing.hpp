#pragma once
// Prices and tax. The evaluator is pure; loading its input is a separate, bulk step.
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "stoa/catalog/ids.hpp"
#include "stoa/companies/buyer_context.hpp"
#include "stoa/db/db.hpp"
#include "stoa/money/money.hpp"

namespace stoa::pricing {

using companies::BuyerContext;

struct Tier {
    std::int64_t min_quantity = 1;
    Money unit;
};
// The price of one variant for one buyer at one time, tiers ascending (the first has min_quantity 1).
struct VariantPrice {
    catalog::VariantId variant;
    std::vector<Tier> tiers;
    std::optional<Money> regular;         // crossed out: the price without the reduction
    std::optional<Money> lowest_30_days;  // when reduced (EU Omnibus directive, article 6a of 98/6/EC)
    bool tax_included = true;
    std::string price_list;
    [[nodiscard]] const Money& unit(std::int64_t quantity = 1) const;
};

class Pricing {
public:
    virtual ~Pricing() = default;
    // Best price per variant by the buyer's price lists (company, group, channel; scheduled windows at `buyer.at`). Variants
    // without a price in the buyer's currency are left out. Fixed number of statements.
    [[nodiscard]] virtual std::unordered_map<catalog::VariantId, VariantPrice> prices(db::Session& session, std::span<const catalog::VariantId> variants, const BuyerContext& buyer) = 0;
    // Every variant with a price for a public buyer (no customer), for the read model: called per currency.
    virtual void for_each_public_price(db::Tx& tx, Currency currency, std::string_view channel, Timestamp at, const std::function<void(VariantPrice&&)>& each) = 0;
};

// ---- tax ------------------------------------------------------------------------------------------------------------
enum class Treatment { standard, reduced, zero, reverse_charge, export_, exempt };
struct TaxRate {
    std::int64_t basis_points = 0;  // 1900 = 19 %
    Treatment treatment = Treatment::standard;
    std::string reason;             // legal reason, or ""
};
// Dated rates by country and tax class, immutable; loaded once and swapped on change.
class TaxTable {
public:
    virtual ~TaxTable() = default;
    [[nodiscard]] virtual TaxRate rate(std::string_view country, std::string_view tax_class, Timestamp at) const = 0;
};

}  // namespace stoa::pricing
