#pragma once
#include <functional>
#include <memory>

#include "stoa/catalog/reader.hpp"
#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/http/router.hpp"
#include "stoa/inventory/inventory.hpp"
#include "stoa/pricing/pricing.hpp"
#include "stoa/search/search.hpp"

namespace stoa::search {

struct EngineOptions {
    std::vector<std::string> currencies{"EUR", "GBP", "CHF"};
    std::string channel = "web";
    std::string default_country = "DE";
    int batch = 1000;  // products a bulk read
    std::size_t page_cache_bytes = 64 << 20;
    std::string ranking_without;  // ideas of the ranking to leave out, to measure what they are worth
    std::string file;             // where the catalogue is kept between two starts; empty: nowhere
    bool use_feed = true;         // false: no database connection for LISTEN (tests, tools)
};
[[nodiscard]] std::unique_ptr<Engine> make_engine(db::Database& database, catalog::Reader& catalog, pricing::Pricing& pricing,
                                                  inventory::Inventory& inventory, const Clock& clock, EngineOptions options = {});

// Pages of other modules that belong in the sitemap.
using MorePages = std::function<std::vector<SitemapItemDto>()>;
// Who asks; throws ProblemException when nobody is signed in.
using BuyerOf = std::function<Buyer(const http::Request&)>;
// What the buyer calls variants, which is kept elsewhere. Without these nobody has part numbers.
struct OwnNumbers {
    std::function<Named(const Buyer&, std::string_view typed)> named;
    std::function<std::vector<PartNumberDto>(const Buyer&, const std::vector<ProductId>&)> of_products;
};
// The same reads for whoever is signed in, with their prices and products, below /api/v1/account/catalog. Never cached.
void add_buyer_routes(http::Routes& routes, const Search& search, const Clock& clock, BuyerOf buyer_of, OwnNumbers numbers = {},
                      std::vector<std::string> currencies = {"EUR", "GBP", "CHF"});
// All public catalogue reads; memory routes.
void add_search_routes(http::Routes& routes, const Search& search, const Clock& clock,
                       std::vector<std::string> currencies = {"EUR", "GBP", "CHF"}, MorePages more_pages = {});

}  // namespace stoa::search
