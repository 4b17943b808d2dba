#pragma once
// The catalogue read model: an immutable snapshot in memory of everything sellable, replaced as a whole when the catalogue,
// prices, stock or reviews change. Every call is answered from memory, never blocks on the database, and is thread-safe.
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/search/dto.hpp"

namespace stoa::search {

using catalog::CategoryId;
using catalog::CollectionId;
using catalog::ProductId;
using catalog::VariantId;

// Whose prices and articles. The public has no group and no company.
struct Buyer {
    std::vector<std::string> groups;  // customer groups
    std::optional<Uuid> company;
    [[nodiscard]] bool is_public() const { return groups.empty() && !company; }
};

// Products that the buyer's own part numbers name in what was typed.
struct Named {
    struct Product {
        ProductId id{};
        std::string number;
        bool operator==(const Product&) const = default;
    };
    std::vector<Product> whole;      // what was typed is the number: these are found, and nothing else
    std::vector<Product> beginning;  // the number begins with it, the likeliest first
    [[nodiscard]] bool nothing() const { return whole.empty() && beginning.empty(); }
};

// Who looks, and in which language and currency.
struct Context {
    std::string locale = "en";
    std::string currency = "EUR";
    Timestamp at{};  // windows and delivery promises are judged here
    Buyer buyer{};
    Named named{};
};

struct Filter {
    std::string attribute;
    std::vector<std::string> values;  // value codes; "1"/"0" for yes/no; "10..50" for numbers
};

struct ListingRequest {
    std::optional<std::string> category;    // slug
    std::optional<std::string> collection;  // slug
    std::optional<std::string> query;
    std::vector<Filter> filters;
    std::optional<std::int64_t> price_min, price_max;  // minor units
    bool available_only = false;
    std::string sort;  // empty: relevance for queries and hand-picked collections, else popular
    int limit = 24;    // 1 to 100
    std::string cursor;

    // What was typed and nothing else: not another page of it, nor a choice among what was found.
    [[nodiscard]] bool is_query_alone() const {
        return query && cursor.empty() && filters.empty() && !category && !collection && !price_min && !price_max && !available_only &&
               (sort.empty() || sort == "relevance");
    }
};

// One product of a page. The views live as long as the Listing.
struct Hit {
    ProductId id;
    std::string_view card_text;   // "{…" without the closing brace
    std::string_view card_price;  // "…}" that follows a comma
};

struct Listing {
    std::int64_t total = 0;
    std::vector<Hit> hits;
    std::vector<FacetDto> facets;
    std::optional<PriceRangeDto> price;
    std::string sort;
    std::vector<std::string> sorts;
    std::optional<std::string> next_cursor, prev_cursor, did_you_mean, redirect;
    std::shared_ptr<const void> keep, keep_prices;
};
// The wire form, joined from the cards' fragments.
[[nodiscard]] std::string render(const Listing& listing);

// A rendered answer with its strong entity tag.
struct Document {
    std::shared_ptr<const std::string> json;
    std::string etag;
    std::string id;  // outside id of the product, category or collection
};

struct HomeReview {
    ReviewDto review;
    std::string product_name;
    std::string product_slug;
};

struct Status {
    bool ready = false;
    std::uint64_t version = 0;  // of the snapshot, grows with every swap
    std::int64_t position = 0;  // last event seen
    std::size_t products = 0;
};

class Search {
public:
    virtual ~Search() = default;
    [[nodiscard]] virtual Status status() const = 0;
    // False: reads wait for somebody outside, and their routes stay away from the I/O threads.
    [[nodiscard]] virtual bool answers_from_memory() const { return true; }

    // catalog.category_not_found, catalog.collection_not_found; 422 for an unknown attribute, sort or cursor.
    [[nodiscard]] virtual Result<Listing> listing(const Context& context, const ListingRequest& request) const = 0;
    [[nodiscard]] virtual SuggestionsDto suggest(const Context& context, std::string_view query) const = 0;
    // The same, rendered; kept for whoever asks the same again.
    [[nodiscard]] virtual Result<Document> listing_document(const Context& context, const ListingRequest& request) const = 0;
    [[nodiscard]] virtual Document suggest_document(const Context& context, std::string_view query) const = 0;
    // By a slug of any language, also an old one. catalog.product_not_found.
    [[nodiscard]] virtual Result<Document> product_page(const Context& context, std::string_view slug) const = 0;
    [[nodiscard]] virtual Document categories(const Context& context) const = 0;
    [[nodiscard]] virtual Result<Document> category(const Context& context, std::string_view slug) const = 0;
    [[nodiscard]] virtual Document collections(const Context& context) const = 0;
    [[nodiscard]] virtual Result<Document> collection(const Context& context, std::string_view slug) const = 0;
    [[nodiscard]] virtual Result<ReviewPageDto> reviews(const Context& context, ProductId product, std::string_view cursor,
                                                        int limit) const = 0;
    [[nodiscard]] virtual Result<SitemapDto> sitemap(std::string_view cursor, int limit) const = 0;

    // In the order given; what this buyer cannot buy now is left out.
    [[nodiscard]] virtual std::vector<CardJson> cards(const Context& context, std::span<const ProductId> ids) const = 0;
    [[nodiscard]] virtual std::vector<CardJson> new_arrivals(const Context& context, int limit) const = 0;
    [[nodiscard]] virtual std::vector<CardJson> best_sellers(const Context& context, int limit) const = 0;
    // Good reviews with a text worth reading, in the buyer's language first, one a product.
    [[nodiscard]] virtual std::vector<HomeReview> praise(const Context& context, int limit) const = 0;
};

// What a swap made visible.
struct Refreshed {
    bool everything = false;  // structure changed: any page may differ
    std::vector<ProductId> products;
    bool price_or_stock_only = true;  // no text changed
    std::int64_t position = 0;
};

// The search that keeps itself fresh.
class Engine : public Search {
public:
    // Builds the first snapshot: from the file when there is one that fits this database, with what changed since, otherwise from
    // everything. Throws when the database cannot be read.
    virtual void load() = 0;
    // Starts the thread that follows the change feed (LISTEN, and a look every second).
    virtual void start() = 0;
    virtual void stop() = 0;
    // One round of the change feed in this thread; true when a new snapshot was published.
    virtual bool refresh() = 0;
    // Writes down what shoppers searched for since the last time; the thread does it every minute.
    virtual void keep_queries() = 0;
    // Writes the snapshot into the file; the thread does it now and then. False without a file or when it cannot be written.
    virtual bool save() = 0;
    // Called on the refreshing thread after each swap. Set before start().
    virtual void on_refreshed(std::function<void(const Refreshed&)> listener) = 0;
};

}  // namespace stoa::search
