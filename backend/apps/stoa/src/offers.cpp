// What articles cost that staff put into a placed order: the price that its buyer has today, for that quantity, taxed where the order goes.
// Promotions are left out: they belong to a cart, and staff give discounts by hand.
#include <algorithm>

#include "shop.hpp"
#include "stoa/cart/evaluate.hpp"

namespace stoa::app {

orders::FindOffers find_offers(Shop& shop) {
    return [&shop](db::Session& session, const orders::OfferRequest& request) {
        companies::BuyerContext buyer;
        buyer.currency = request.currency;
        buyer.country = request.country;
        buyer.locale = request.locale;
        buyer.at = shop.clock.now();
        if (request.customer) {
            if (const auto customer = shop.customers->find(session, *request.customer)) {
                buyer.customer = customer->id;
                buyer.groups = customer->groups;
                if (customer->company) buyer.company = companies::CompanyId(*customer->company);
            }
        }
        std::vector<catalog::VariantId> ids;
        for (const auto& wanted : request.goods) ids.push_back(wanted.variant);
        const auto goods = shop.catalog->variants(session, ids, request.locale, buyer.at);
        const auto prices = shop.pricing->prices(session, ids, buyer);
        const auto rules = shop.tax->current();
        std::vector<orders::Offer> out;
        for (const auto& wanted : request.goods) {
            const auto variant = std::ranges::find(goods, wanted.variant, &catalog::VariantInfo::id);
            const auto price = prices.find(wanted.variant);
            if (variant == goods.end() || !variant->sellable || price == prices.end() ||
                !variant->audience.admits(buyer.groups, buyer.company ? std::optional(buyer.company->uuid()) : std::nullopt))
                continue;
            const cart::EvaluationLine line{.key = wanted.variant.uuid(),
                                            .name = variant->product_name,
                                            .variant = variant->id,
                                            .product = variant->product_id,
                                            .quantity = wanted.quantity,
                                            .tax_class = variant->tax_class,
                                            .categories = variant->categories,
                                            .collections = variant->collections,
                                            .price = &price->second};
            const promotions::BuyerFacts facts;
            const auto priced = cart::evaluate({.lines = {&line, 1}, .buyer = buyer, .tax = *rules, .facts = facts, .shipping = {}});
            const auto& own = priced.lines.front();
            out.push_back({{*variant, wanted.quantity, own.unit, own.discount, own.total, own.net, own.tax, own.rate.basis_points,
                            std::string(json::to_name(own.rate.treatment))},
                           own.rate.reason,
                           priced.tax_included});
        }
        return out;
    };
}

}  // namespace stoa::app
