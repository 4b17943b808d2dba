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
    bool use_feed = true;         // false: no database connection for LISTEN (tests, tools)
};
[[nodiscard]] std::unique_ptr<Engine> make_engine(db::Database& database, catalog::Reader& catalog, pricing::Pricing& pricing,
                                                  inventory::Inventory& inventory, const Clock& clock, EngineOptions options = {});

// Pages of other modules that belong in the sitemap.
using MorePages = std::function<std::vector<SitemapItemDto>()>;
// All public catalogue reads; memory routes.
void add_search_routes(http::Routes& routes, const Search& search, const Clock& clock,
                       std::vector<std::string> currencies = {"EUR", "GBP", "CHF"}, MorePages more_pages = {});

}  // namespace stoa::search
