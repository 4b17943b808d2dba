#pragma once
// Questions to the index, for one buyer in one language and currency. What a listing is (which filters there are, what a facet counts, how
// a page ends) is said by listing.cpp; here the same is asked of OpenSearch. Query language:
// https://docs.opensearch.org/latest/query-dsl/ (bool, dis_max, multi_match, nested, terms_set, function_score),
// https://docs.opensearch.org/latest/aggregations/ (terms, filter, filters, nested, min, max) and
// https://docs.opensearch.org/latest/search-plugins/searching-data/paginate/ (search_after).
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../listing.hpp"
#include "client.hpp"

namespace stoa::search::opensearch {

class Questions {
public:
    // `base` holds what products refer to, and no products. All are referred to.
    Questions(Client& client, std::string_view alias, const Snapshot& base, std::size_t locale, std::size_t currency, const Buyer& buyer,
              const Named& named, Timestamp at);

    [[nodiscard]] Result<Listing> listing(const ListingRequest& request) const;
    [[nodiscard]] SuggestionsDto suggest(std::string_view query) const;
    [[nodiscard]] std::vector<CardJson> cards(std::span<const ProductId> ids) const;
    enum class Top { newest, popular };
    [[nodiscard]] std::vector<CardJson> top(Top by, int limit) const;
    // Products by how much their reviews are worth showing, best first.
    [[nodiscard]] std::vector<ProductId> praised(int limit) const;
    // By an address of this language, then of the others, then an old one; whoever may see it.
    [[nodiscard]] std::optional<ProductId> by_slug(std::string_view slug) const;
    // What is like a product, best first.
    [[nodiscard]] std::vector<ProductId> related(const Entry& entry, std::size_t limit) const;
    // Products this buyer can buy, by category and by collection (indexes of the structure).
    struct Counts {
        std::vector<std::int64_t> categories, collections;
    };
    [[nodiscard]] Counts counts() const;
    // In id order, after `after`.
    struct Address {
        ProductId id;
        std::map<std::string, std::string> slugs;
        Timestamp updated_at{};
        std::optional<std::string> picture;
    };
    [[nodiscard]] std::vector<Address> addresses(const Uuid& after, int limit) const;

private:
    struct Understood;
    [[nodiscard]] std::vector<std::string> visible() const;
    [[nodiscard]] std::string audience() const;
    [[nodiscard]] std::string own_price(const std::vector<std::string>& more = {}) const;
    [[nodiscard]] std::string own_condition(const std::vector<std::string>& more = {}) const;
    [[nodiscard]] std::string available() const;  // something that has a price for the buyer is in stock
    [[nodiscard]] std::string price_between(std::optional<std::int64_t> low, std::optional<std::int64_t> high) const;
    [[nodiscard]] std::string price_sort(std::string_view field, bool descending) const;
    [[nodiscard]] std::string word_clause(const Token& word, std::string_view boost = "1") const;
    [[nodiscard]] std::string prefix_clause(const Token& word) const;
    // Those of `named` that are within `base`, and nothing else; nothing when there is none.
    [[nodiscard]] std::optional<Understood> among(const std::vector<Named::Product>& named, const std::vector<std::string>& base) const;
    [[nodiscard]] std::optional<SuggestedProductDto> suggested(const json::Value& hit) const;
    [[nodiscard]] Understood understand(std::string_view query, const std::vector<std::string>& base, Typing typing) const;
    [[nodiscard]] std::string source() const;
    [[nodiscard]] std::pair<std::string, std::string> card_of(const json::Value& hit) const;
    [[nodiscard]] json::Value ask(std::string body) const { return client_.search(alias_, std::move(body)); }

    Client& client_;
    std::string alias_;
    const Snapshot& snapshot_;
    const Structure& structure_;
    std::size_t locale_, currency_;
    const Buyer& buyer_;
    const Named& named_;
    Timestamp at_;
    std::string language_, money_;
    bool has_own_prices_ = false;  // a contract list applies to the buyer
};

}  // namespace stoa::search::opensearch
