#include "stoa/pricing/desk.hpp"

#include <fmt/format.h>

#include "sql/desk.hpp"
#include "stoa/events/events.hpp"
#include "stoa/json/describe.hpp"
#include "store/price_rows.hpp"

namespace stoa::pricing {
namespace {

void rates_changed(db::Tx& tx, TaxBook& book, std::string_view country) {
    events::append(
        tx, events::NewEvent{"tax.changed", "tax:main", fmt::format(R"({{"what":{}}})", json::quote("rate:" + std::string(country)))});
    tx.after_commit([&book] { book.reload(); });
}

}  // namespace

std::vector<StoredPrice> stored_prices(db::Session& session, std::span<const PriceId> prices, Locking locking) {
    const std::vector wanted(prices.begin(), prices.end());
    if (locking == Locking::rows) (void)session.query(sql::lock_prices, wanted);
    std::vector<StoredPrice> out;
    for (const auto row : session.query(sql::stored_prices, wanted)) {
        StoredPrice price{row.get<PriceId>("id"), row.get<PriceListId>("list_id"), row.get<Currency>("currency"), {}};
        price.entry.variant = row.get<catalog::VariantId>("variant_id");
        for (const auto& tier :
             store::tiers_from(row.get<std::string_view>("tier_quantities"), row.get<std::string_view>("tier_amounts"), price.currency))
            price.entry.tiers.emplace_back(tier.min_quantity, tier.unit.minor());
        price.entry.valid_from = row.get<std::optional<Timestamp>>("valid_from");
        price.entry.valid_until = row.get<std::optional<Timestamp>>("valid_until");
        out.push_back(std::move(price));
    }
    return out;
}

std::vector<PriceId> base_prices(db::Session& session, PriceListId list, std::span<const catalog::VariantId> variants) {
    std::vector<PriceId> out;
    for (const auto row : session.query(sql::base_prices, list, std::vector(variants.begin(), variants.end())))
        out.push_back(row.get<PriceId>("id"));
    return out;
}

bool remove_price(db::Tx& tx, PriceId price, Timestamp at) {
    const auto rows = tx.query(sql::remove_price, price, at);
    if (rows.empty()) return false;
    const auto variant = rows.front().get<catalog::VariantId>("variant_id");
    events::append(tx, events::NewEvent{"price.changed", "price:" + variant.uuid().to_string(),
                                        fmt::format(R"({{"variant_id":"{}"}})", variant.to_string())});
    return true;
}

void end_rate(db::Tx& tx, TaxBook& book, std::string_view country, std::string_view tax_class, Date valid_from,
              const std::optional<Date>& until) {
    if (tx.query(sql::end_tax_rate, country, tax_class, valid_from, until).empty()) return;
    rates_changed(tx, book, country);
}

bool remove_rate(db::Tx& tx, TaxBook& book, std::string_view country, std::string_view tax_class, Date valid_from, Date today) {
    if (tx.query(sql::remove_tax_rate, country, tax_class, valid_from, today).empty()) return false;
    rates_changed(tx, book, country);
    return true;
}

}  // namespace stoa::pricing
