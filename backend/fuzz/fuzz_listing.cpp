// The catalogue's addresses: cursors that were made up are refused, and a listing asks the search for nothing it does not allow.
#include <cstdlib>

#include "cursor.hpp"
#include "http/dispatch.hpp"
#include "stoa/log/log.hpp"
#include "stoa/search/make.hpp"

namespace {

using namespace stoa;

class Checking final : public search::Search {
public:
    [[nodiscard]] search::Status status() const override { return {}; }
    [[nodiscard]] Result<search::Listing> listing(const search::Context&, const search::ListingRequest& request) const override {
        if (request.limit < 1 || request.limit > 100) std::abort();
        if (request.query && request.query->size() > 400) std::abort();
        for (const auto& filter : request.filters) {
            if (filter.attribute.empty()) std::abort();
            for (const auto& value : filter.values) {
                if (value.empty() || value.find(',') != std::string::npos) std::abort();
            }
        }
        return search::Listing{};
    }
    [[nodiscard]] search::SuggestionsDto suggest(const search::Context&, std::string_view) const override { return {}; }
    [[nodiscard]] Result<search::Document> listing_document(const search::Context& context,
                                                            const search::ListingRequest& request) const override {
        (void)listing(context, request);
        return nothing();
    }
    [[nodiscard]] search::Document suggest_document(const search::Context&, std::string_view) const override {
        static const auto text = std::make_shared<const std::string>("{}");
        return {text, "etag", {}};
    }
    [[nodiscard]] Result<search::Document> product_page(const search::Context&, std::string_view) const override { return nothing(); }
    [[nodiscard]] search::Document categories(const search::Context&) const override { return {}; }
    [[nodiscard]] Result<search::Document> category(const search::Context&, std::string_view) const override { return nothing(); }
    [[nodiscard]] search::Document collections(const search::Context&) const override { return {}; }
    [[nodiscard]] Result<search::Document> collection(const search::Context&, std::string_view) const override { return nothing(); }
    [[nodiscard]] Result<search::ReviewPageDto> reviews(const search::Context&, search::ProductId, std::string_view,
                                                        int limit) const override {
        if (limit < 1 || limit > 100) std::abort();
        return search::ReviewPageDto{};
    }
    [[nodiscard]] Result<search::SitemapDto> sitemap(std::string_view, int limit) const override {
        if (limit < 1 || limit > 1000) std::abort();
        return search::SitemapDto{};
    }
    [[nodiscard]] std::vector<search::CardJson> cards(const search::Context&, std::span<const search::ProductId>) const override {
        return {};
    }
    [[nodiscard]] std::vector<search::CardJson> new_arrivals(const search::Context&, int) const override { return {}; }
    [[nodiscard]] std::vector<search::CardJson> best_sellers(const search::Context&, int) const override { return {}; }
    [[nodiscard]] std::vector<search::HomeReview> praise(const search::Context&, int) const override { return {}; }

private:
    static std::unexpected<Error> nothing() {
        Error error;
        error.kind = ErrorKind::not_found;
        error.code = "catalog.product_not_found";
        return std::unexpected(error);
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto cursor = search::decode_cursor(text); cursor && search::encode(*cursor) != text) std::abort();
    log::set_level(log::Level::error);
    static const Checking checking;
    static const SystemClock clock;
    static const http::Routes routes = [] {
        http::Routes table;
        search::add_search_routes(table, checking, clock);
        table.freeze();
        return table;
    }();
    for (const std::string_view path : {"listing?", "suggest?", "sitemap?", "products/"}) {
        http::Request request;
        if (!http::set_target(request, "/api/v1/catalog/" + std::string(path) + std::string(text))) continue;
        const auto response = http::dispatch(routes, request, {});
        if (response.status >= 500) std::abort();
    }
    return 0;
}
