// What a buyer may have instead of goods that come back: another variant of the product, which costs the same today. Today's prices are
// compared, not what was paid: whoever bought before a sale or a rise may still change the size.
#include <algorithm>

#include "shop.hpp"
#include "sql/exchanges.hpp"

namespace stoa::app {

orders::FindSwaps find_swaps(Shop& shop) {
    return [&shop](db::Session& session, std::span<const catalog::ProductId> products, std::span<const catalog::VariantId> bought,
                   Currency currency, std::string_view country, std::string_view locale) {
        std::vector<orders::Swap> out;
        std::vector<catalog::VariantId> ids(bought.begin(), bought.end());
        std::vector<catalog::ProductId> wanted;
        for (const auto id : products) {
            if (std::ranges::find(wanted, id) == wanted.end()) wanted.push_back(id);
        }
        for (const auto row : session.query(sql::variants_of_products, wanted)) {
            const auto id = row.get<catalog::VariantId>("id");
            if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
        }
        if (ids.size() == bought.size()) return out;  // nothing has variants
        companies::BuyerContext buyer;
        buyer.currency = currency;
        buyer.country = country;
        buyer.locale = locale;
        buyer.at = shop.clock.now();
        const auto goods = shop.catalog->variants(session, ids, locale, buyer.at);
        const auto prices = shop.pricing->prices(session, ids, buyer);
        const auto available = shop.inventory->available(session, ids);
        for (std::size_t i = 0; i < bought.size(); ++i) {
            const auto was = prices.find(bought[i]);
            if (was == prices.end()) continue;
            for (const auto& other : goods) {
                if (other.product_id != products[i] || other.id == bought[i] || !other.sellable) continue;
                const auto price = prices.find(other.id);
                if (price == prices.end() || price->second.unit() != was->second.unit()) continue;
                const auto left = available.find(other.id);
                out.push_back({bought[i], other.id, other.sku, other.options_text, left == available.end() ? 0 : left->second});
            }
        }
        return out;
    };
}

}  // namespace stoa::app
