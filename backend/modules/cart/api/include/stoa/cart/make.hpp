#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/cart/carts.hpp"
#include "stoa/catalog/catalog.hpp"
#include "stoa/customers/customers.hpp"
#include "stoa/http/idempotency.hpp"
#include "stoa/http/router.hpp"
#include "stoa/inventory/inventory.hpp"
#include "stoa/pricing/pricing.hpp"
#include "stoa/promotions/promotions.hpp"
#include "stoa/redis/redis.hpp"

namespace stoa::cart {

struct CartOptions {
    bool secure_cookies = false;
    Currency default_currency = Currency::of("EUR");
    std::string default_locale = "en";
    std::string default_country = "DE";
    std::vector<std::string> currencies{"EUR", "GBP", "CHF"};  // what the shop sells in
    std::vector<std::string> locales{"en", "de", "nl", "fr"};
    std::function<bool(std::string_view)> delivers_to;  // destinations; null: any two letters
    std::string secret;                                 // of the shop: the secrets in guests' cookies come from it
};

struct CartDeps {
    db::Database& database;
    const Clock& clock;
    catalog::Catalog& catalog;
    inventory::Inventory& inventory;
    customers::Customers& customers;
    pricing::Pricing& pricing;
    pricing::TaxBook& tax;
    promotions::Promotions& promotions;
    // Goods amount from which delivery is free for this buyer; nullopt: never.
    std::function<std::optional<Money>(const companies::BuyerContext&)> free_shipping_threshold;
    // Goods left the cart, whose row is locked: what was reserved for them can go back to the shelf. In the same transaction.
    std::function<void(db::Tx&, const CartView&)> on_less = {};
};

// Registers nothing by itself: call carts.merge_on_login from customers.on_login.
[[nodiscard]] std::unique_ptr<Carts> make_cart(CartDeps deps, CartOptions options);
// `redis` limits the guessing of codes; without it there is no such limit.
void add_cart_routes(http::Routes& routes, Carts& carts, db::Database& database, http::Idempotency& idempotency, redis::Redis* redis,
                     const CartOptions& options);

}  // namespace stoa::cart
