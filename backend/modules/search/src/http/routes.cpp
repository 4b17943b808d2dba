#include <algorithm>
#include <charconv>

#include "stoa/search/make.hpp"

namespace stoa::search {
namespace {

// How long a shared cache may answer without asking; the storefront revalidates by tag much sooner.
constexpr int kListSeconds = 15;
constexpr int kPageSeconds = 60;
constexpr std::string_view kBase = "/api/v1/catalog";
constexpr std::string_view kBuyerBase = "/api/v1/account/catalog";

enum class LocaleName { en, de, nl, fr };
json::EnumNames<LocaleName> enum_names(LocaleName) {
    static constexpr std::pair<LocaleName, std::string_view> kNames[] = {
        {LocaleName::en, "en"}, {LocaleName::de, "de"}, {LocaleName::nl, "nl"}, {LocaleName::fr, "fr"}};
    return kNames;
}

struct PublicQuery {
    std::optional<LocaleName> locale;
    std::optional<std::string> currency;
    std::optional<std::string> country;
};
template <class T>
void describe_public(json::Struct<T>& d) {
    d.template field<&T::locale>("locale", "Language of texts and slugs; en unless given.");
    d.template field<&T::currency>("currency", "ISO 4217; EUR unless given.").pattern("[A-Z]{3}");
    d.template field<&T::country>("country", "Destination, ISO 3166-1 alpha-2; DE unless given.").pattern("[A-Z]{2}");
}
void describe(json::Struct<PublicQuery>& d) { describe_public(d); }

struct ListingQuery {
    std::optional<LocaleName> locale;
    std::optional<std::string> currency;
    std::optional<std::string> country;
    std::optional<std::string> category;
    std::optional<std::string> collection;
    std::optional<std::string> q;
    std::optional<std::string> price;
    std::optional<bool> available;
    std::optional<std::string> sort;
    std::optional<std::int64_t> limit;
    std::optional<std::string> cursor;
    std::map<std::string, std::string> rest;
};
void describe(json::Struct<ListingQuery>& d) {
    describe_public(d);
    d.field<&ListingQuery::category>("category", "Slug.").max_length(120);
    d.field<&ListingQuery::collection>("collection", "Slug.").max_length(120);
    d.field<&ListingQuery::q>("q", "What the shopper typed.").max_length(100);
    d.field<&ListingQuery::price>("price", "Minor units: 1000..50000, 1000.. or ..50000.").pattern("[0-9]{0,15}\\.\\.[0-9]{0,15}");
    d.field<&ListingQuery::available>("available", "Only what is in stock.");
    d.field<&ListingQuery::sort>("sort", "relevance, popular, newest, price_asc, price_desc, discount or name.").max_length(20);
    d.field<&ListingQuery::limit>("limit", "Cards a page; 24 unless given.").min(1).max(100);
    d.field<&ListingQuery::cursor>("cursor").max_length(1400);
    d.field<&ListingQuery::rest>("*", "Facet filters: f.<code>=value,value for values, f.<code>=10..50 for numbers, f.<code>=1 for yes.")
        .optional();
}

struct SuggestQuery {
    std::optional<LocaleName> locale;
    std::optional<std::string> currency;
    std::optional<std::string> country;
    std::string q;
};
void describe(json::Struct<SuggestQuery>& d) {
    describe_public(d);
    d.field<&SuggestQuery::q>("q", "What the shopper has typed so far.").max_length(100);
}

struct PageQuery {
    std::optional<std::int64_t> limit;
    std::optional<std::string> cursor;
};
void describe(json::Struct<PageQuery>& d) {
    d.name("CursorPage");
    d.field<&PageQuery::limit>("limit", "At most 100.").min(1).max(100);
    d.field<&PageQuery::cursor>("cursor").max_length(1400);
}
struct SitemapQuery {
    std::optional<std::int64_t> limit;
    std::optional<std::string> cursor;
};
void describe(json::Struct<SitemapQuery>& d) {
    d.field<&SitemapQuery::limit>("limit", "At most 1000.").min(1).max(1000);
    d.field<&SitemapQuery::cursor>("cursor").max_length(1400);
}

struct PartNumbersQuery {
    std::string products;
};
void describe(json::Struct<PartNumbersQuery>& d) {
    d.name("PartNumbersQuery");
    d.field<&PartNumbersQuery::products>("products", "Ids of products, separated by commas; 100 at most.").max_length(4000);
}

constexpr int kRail = 8;
constexpr std::size_t kMostProducts = 100;

class Handlers {
public:
    // Without `buyer_of` the answers are the public's.
    Handlers(const Search& search, const Clock& clock, std::vector<std::string> currencies, MorePages more_pages, BuyerOf buyer_of,
             OwnNumbers numbers)
        : search_(search),
          clock_(clock),
          currencies_(std::move(currencies)),
          more_pages_(std::move(more_pages)),
          buyer_of_(std::move(buyer_of)),
          numbers_(std::move(numbers)) {}

    http::Response listing(const http::Request& request) const {
        auto query = http::query_as<ListingQuery>(request);
        if (!query) return http::problem(query.error());
        auto context = context_of(request, *query);
        if (!context) return http::problem(context.error());
        if (query->q) name_products(*context, *query->q);
        ListingRequest asked;
        asked.category = query->category;
        asked.collection = query->collection;
        asked.query = query->q;
        asked.available_only = query->available.value_or(false);
        asked.sort = query->sort.value_or("");
        asked.limit = static_cast<int>(query->limit.value_or(24));
        asked.cursor = query->cursor.value_or("");
        if (query->price && !query->price->empty()) {
            const auto dots = query->price->find("..");
            asked.price_min = number(std::string_view(*query->price).substr(0, dots));
            asked.price_max = number(std::string_view(*query->price).substr(dots + 2));
            if (!asked.price_min && !asked.price_max)
                return http::problem(fail_field("?price", "invalid_range", "Write 1000..50000, 1000.. or ..50000.").error());
        }
        for (const auto& [name, values] : query->rest) {
            if (!name.starts_with("f.") || name.size() == 2)
                return http::problem(fail_field("?" + name, "unknown_parameter", "This parameter is not known here.").error());
            if (values.empty()) continue;
            Filter filter{name.substr(2), {}};
            for (std::size_t start = 0; start <= values.size();) {
                const auto comma = std::min(values.find(',', start), values.size());
                if (comma > start) filter.values.push_back(values.substr(start, comma - start));
                start = comma + 1;
            }
            std::ranges::sort(filter.values);
            asked.filters.push_back(std::move(filter));
        }
        return document(request, search_.listing_document(*context, asked), kListSeconds, "listing");
    }

    http::Response suggest(const http::Request& request) const {
        auto query = http::query_as<SuggestQuery>(request);
        if (!query) return http::problem(query.error());
        auto context = context_of(request, *query);
        if (!context) return http::problem(context.error());
        name_products(*context, query->q);
        return document(request, search_.suggest_document(*context, query->q), kListSeconds, "listing");
    }

    http::Response product(const http::Request& request) const {
        return with_context(request, [&](const Context& context) {
            return document(request, search_.product_page(context, request.param("slug")), kPageSeconds, "product:");
        });
    }
    http::Response categories(const http::Request& request) const {
        return with_context(
            request, [&](const Context& context) { return document(request, search_.categories(context), kPageSeconds, "menus,listing"); });
    }
    http::Response category(const http::Request& request) const {
        return with_context(request, [&](const Context& context) {
            return document(request, search_.category(context, request.param("slug")), kPageSeconds, "listing,category:");
        });
    }
    http::Response collections(const http::Request& request) const {
        return with_context(
            request, [&](const Context& context) { return document(request, search_.collections(context), kPageSeconds, "listing"); });
    }
    http::Response collection(const http::Request& request) const {
        return with_context(request, [&](const Context& context) {
            return document(request, search_.collection(context, request.param("slug")), kPageSeconds, "listing,collection:");
        });
    }

    http::Response reviews(const http::Request& request) const {
        const auto product = http::id_param<ProductId>(request, "id");
        const auto query = http::query_as<PageQuery>(request);
        if (!query) return http::problem(query.error());
        Context context;
        if (buyer_of_) context.buyer = buyer_of_(request);
        const auto page = search_.reviews(context, product, query->cursor.value_or(""), static_cast<int>(query->limit.value_or(20)));
        if (!page) return http::problem(page.error());
        return shared(request, http::ok(*page), kListSeconds, "product:" + product.to_string());
    }

    http::Response sitemap(const http::Request& request) const {
        const auto query = http::query_as<SitemapQuery>(request);
        if (!query) return http::problem(query.error());
        auto page = search_.sitemap(query->cursor.value_or(""), static_cast<int>(query->limit.value_or(1000)));
        if (!page) return http::problem(page.error());
        if (!query->cursor && more_pages_) {
            for (auto& item : more_pages_()) page->items.push_back(std::move(item));
        }
        return shared(request, http::ok(*page), kPageSeconds, "listing");
    }

    http::Response rails(const http::Request& request) const {
        return with_context(request, [&](const Context& context) {
            return http::ok(RailsDto{search_.new_arrivals(context, kRail), search_.best_sellers(context, kRail)});
        });
    }

    http::Response part_numbers(const http::Request& request) const {
        const auto buyer = buyer_of_(request);
        const auto query = http::query_as<PartNumbersQuery>(request);
        if (!query) return http::problem(query.error());
        std::vector<ProductId> products;
        for (std::size_t start = 0; start <= query->products.size();) {
            const auto comma = std::min(query->products.find(',', start), query->products.size());
            const auto id = ProductId::parse(std::string_view(query->products).substr(start, comma - start));
            if (!id) return http::problem(fail_field("?products", "invalid_id", "Write ids of products, separated by commas.").error());
            if (products.size() == kMostProducts) return http::problem(fail_field("?products", "too_many", "At most 100.").error());
            products.push_back(*id);
            start = comma + 1;
        }
        PartNumbersDto out;
        if (numbers_.of_products) out.items = numbers_.of_products(buyer, products);
        return http::ok(out);
    }

private:
    void name_products(Context& context, std::string_view typed) const {
        if (numbers_.named && !context.buyer.is_public()) context.named = numbers_.named(context.buyer, typed);
    }
    static std::optional<std::int64_t> number(std::string_view text) {
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
        return value;
    }
    template <class Query>
    Result<Context> context_of(const http::Request& request, const Query& query) const {
        Context context;
        if (buyer_of_) context.buyer = buyer_of_(request);
        if (query.locale) context.locale = json::to_name(*query.locale);
        context.currency = query.currency.value_or(currencies_.front());
        if (std::ranges::find(currencies_, context.currency) == currencies_.end())
            return fail_field("?currency", "not_one_of", "The shop does not sell in this currency.");
        context.at = clock_.now();
        return context;
    }
    template <class Body>
    http::Response with_context(const http::Request& request, Body body) const {
        const auto query = http::query_as<PublicQuery>(request);
        if (!query) return http::problem(query.error());
        const auto context = context_of(request, *query);
        if (!context) return http::problem(context.error());
        return body(*context);
    }
    // What a shared cache is told to forget it by; the names are those that the storefront revalidates.
    // A buyer's answer is nobody else's: it stays as it is, which is private and not to be stored.
    http::Response shared(const http::Request& request, http::Response response, int seconds, std::string_view tags) const {
        if (buyer_of_) return response;
        auto cached = http::cacheable(request, std::move(response), seconds);
        cached.header("cache-tag", tags);
        return cached;
    }
    // A tag that ends in a colon is followed by the document's id.
    http::Response document(const http::Request& request, const Result<Document>& found, int seconds, std::string tags) const {
        if (!found) return http::problem(found.error());
        http::Response response = http::json_text(200, {});
        response.shared_body = found->json;
        if (!buyer_of_) response.header("etag", found->etag);
        if (tags.ends_with(':')) tags += found->id;
        return shared(request, std::move(response), seconds, tags);
    }

    const Search& search_;
    const Clock& clock_;
    std::vector<std::string> currencies_;
    MorePages more_pages_;
    BuyerOf buyer_of_;
    OwnNumbers numbers_;
};

using Handle = http::Response (Handlers::*)(const http::Request&) const;

// The reads that differ between buyers.
template <class Add>
void add_reads(const Add& add) {
    add("/listing", "list_products", "Products of a category, a collection or a query, with facets", &Handlers::listing)
        .template query<ListingQuery>()
        .open_query()
        .template returns<ListingDto>()
        .fails({"catalog.category_not_found", "catalog.collection_not_found"});
    add("/suggest", "suggest", "Suggestions while typing", &Handlers::suggest)
        .template query<SuggestQuery>()
        .template returns<SuggestionsDto>();
    add("/categories", "list_categories", "The category tree", &Handlers::categories)
        .template query<PublicQuery>()
        .template returns<CategoryTreeDto>();
    add("/categories/{slug}", "get_category", "One category", &Handlers::category)
        .template query<PublicQuery>()
        .template returns<CategoryPageDto>()
        .fails({"catalog.category_not_found"});
    add("/collections", "list_collections", "All collections", &Handlers::collections)
        .template query<PublicQuery>()
        .template returns<CollectionsDto>();
    add("/collections/{slug}", "get_collection", "One collection", &Handlers::collection)
        .template query<PublicQuery>()
        .template returns<CollectionPageDto>()
        .fails({"catalog.collection_not_found"});
    add("/products/{slug}", "get_product", "Everything a product page shows", &Handlers::product)
        .template query<PublicQuery>()
        .template returns<ProductPageDto>()
        .fails({"catalog.product_not_found"});
    add("/products/{id}/reviews", "list_reviews", "Approved reviews, newest first", &Handlers::reviews)
        .template query<PageQuery>()
        .template returns<ReviewPageDto>()
        .fails({"catalog.product_not_found"});
}

}  // namespace

void add_search_routes(http::Routes& routes, const Search& search, const Clock& clock, std::vector<std::string> currencies,
                       MorePages more_pages) {
    complete_descriptions();
    const auto handlers =
        std::make_shared<const Handlers>(search, clock, std::move(currencies), std::move(more_pages), nullptr, OwnNumbers{});
    const auto add = [&](std::string_view path, std::string operation, std::string summary, Handle handle) -> http::Route& {
        return routes.get(std::string(kBase) + std::string(path), std::move(operation))
            .summary(std::move(summary))
            .tag("catalog")
            .on(search.answers_from_memory() ? http::Pool::memory : http::Pool::shop)
            .fails({"search.not_ready"})
            .handle([handlers, handle](const http::Request& request) { return ((*handlers).*handle)(request); });
    };
    add_reads(add);
    add("/sitemap", "get_sitemap", "Every public address with its translations", &Handlers::sitemap)
        .query<SitemapQuery>()
        .returns<SitemapDto>();
}

void add_buyer_routes(http::Routes& routes, const Search& search, const Clock& clock, BuyerOf buyer_of, OwnNumbers numbers,
                      std::vector<std::string> currencies) {
    complete_descriptions();
    const auto handlers =
        std::make_shared<const Handlers>(search, clock, std::move(currencies), MorePages{}, std::move(buyer_of), std::move(numbers));
    const auto add = [&](std::string_view path, const std::string& operation, const std::string& summary, Handle handle) -> http::Route& {
        return routes.get(std::string(kBuyerBase) + std::string(path), "account_" + operation)
            .summary(summary + ", for the customer who is signed in")
            .tag("account")
            .requires_access(http::Access::customer)
            .fails({"search.not_ready", "account.login_required"})
            .handle([handlers, handle](const http::Request& request) { return ((*handlers).*handle)(request); });
    };
    add_reads(add);
    add("/home", "home_rails", "New arrivals and best sellers", &Handlers::rails).query<PublicQuery>().returns<RailsDto>();
    add("/part-numbers", "part_numbers", "What their company calls the variants of products", &Handlers::part_numbers)
        .query<PartNumbersQuery>()
        .returns<PartNumbersDto>();
}

}  // namespace stoa::search
