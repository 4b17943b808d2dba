#pragma once
// From a stored cart and what was loaded for it to what the shopper sees. Pure.
#include <functional>
#include <optional>

#include "stoa/cart/carts.hpp"

namespace stoa::cart {

[[nodiscard]] bool may_see(const companies::BuyerContext& buyer, const catalog::VariantInfo& variant);

struct ViewInput {
    StoredCart stored;
    companies::BuyerContext buyer;
    std::map<catalog::VariantId, catalog::VariantInfo> variants;
    std::map<catalog::VariantId, inventory::Supply> supply;
    pricing::Prices prices;
    promotions::Loaded promotions;
    std::shared_ptr<const pricing::TaxRules> tax;
    ViewOptions options;
    std::optional<Money> free_shipping_threshold;
};
[[nodiscard]] CartView make_view(ViewInput input);

}  // namespace stoa::cart
