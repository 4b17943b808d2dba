#pragma once
#include <functional>
#include <memory>

#include "stoa/content/content.hpp"
#include "stoa/http/router.hpp"

namespace stoa::content {

[[nodiscard]] std::unique_ptr<Writer> make_writer();
[[nodiscard]] std::unique_ptr<Content> make_content(db::Database& database);

// What the home page and the store document need of other modules; wired by the composition root, answered from memory.
struct HomeFeed {
    std::function<std::vector<json::Raw>(std::string_view locale, std::string_view currency)> new_arrivals;
    std::function<std::vector<json::Raw>(std::string_view locale, std::string_view currency)> best_sellers;
    std::function<std::vector<HomeReviewDto>(std::string_view locale, std::string_view currency)> reviews;
    const json::TypeInfo* card = nullptr;  // what a card looks like in the API document
    bool is_in_memory = true;              // false: asking for cards waits for somebody outside
};
struct StoreFacts {
    std::string name;
    ContactDto contact;
    std::vector<std::string> currencies{"EUR", "GBP", "CHF"};
    std::string default_currency = "EUR";
    std::string default_country = "DE";
    std::int64_t return_days = 30;
    std::vector<CountryDto> countries;  // where the shop delivers; their names are filled in here, in each language
    std::function<std::optional<Money>(std::string_view currency, std::string_view country)> free_shipping_threshold;
};
// GET /store and /content/…; memory routes.
void add_content_routes(http::Routes& routes, const Content& content, HomeFeed feed, StoreFacts store);

// The same countries with their names in `locale`, sorted by that name. Throws std::runtime_error for a code that ICU cannot name.
[[nodiscard]] std::vector<CountryDto> named_in(std::string_view locale, std::vector<CountryDto> countries);

}  // namespace stoa::content
