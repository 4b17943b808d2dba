// Parts of My Account that several modules make together: the wishlist with its product cards.
#include "shop.hpp"

namespace stoa::app {
namespace {

struct WishlistQuery {
    std::optional<std::string> locale;
    std::optional<std::string> currency;
};
void describe(json::Struct<WishlistQuery>& d) {
    d.name("WishlistQuery");
    d.field<&WishlistQuery::locale>("locale").pattern("en|de|nl|fr");
    d.field<&WishlistQuery::currency>("currency").pattern("EUR|GBP|CHF");
}

struct WishlistDto {
    std::vector<json::Raw> items;
};
void describe(json::Struct<WishlistDto>& d) {
    d.name("Wishlist");
    d.field<&WishlistDto::items>("items", "Product cards, newest first.");
}

}  // namespace

void add_account_routes(http::Routes& routes, Shop& shop) {
    routes.get("/api/v1/account/wishlist", "get_wishlist")
        .summary("My wishlist")
        .tag("account")
        .requires_access(http::Access::customer)
        .query<WishlistQuery>()
        .returns<WishlistDto>()
        .fails({"account.login_required"})
        .handle([&shop](const http::Request& request) {
            const auto customer = shop.customers->require(request);
            const auto query = http::query_as<WishlistQuery>(request);
            if (!query) return http::problem(query.error());
            const auto ids = shop.database.read([&](db::Session& session) { return shop.customers->wishlist(session, customer.id); });
            std::vector<catalog::ProductId> products;
            for (const auto& id : ids) products.emplace_back(id);
            const search::Context context{query->locale.value_or(customer.locale),
                                          query->currency.value_or(shop.config.default_currency),
                                          shop.clock.now(),
                                          {customer.groups, customer.company}};
            WishlistDto dto;
            for (auto& card : shop.search->cards(context, products)) dto.items.push_back(json::Raw{json::render(card)});
            return http::ok(dto);
        });
}

}  // namespace stoa::app
