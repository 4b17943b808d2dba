#include <gtest/gtest.h>

#include "stoa/http/router.hpp"

namespace stoa::http {
namespace {

Response nothing(const Request&) { return no_content(); }

Routes shop() {
    Routes routes;
    routes.get("/", "root").handle(nothing);
    routes.get("/catalog/products/{slug}", "get_product").handle(nothing);
    routes.get("/catalog/products/{id}/reviews", "list_reviews").handle(nothing);
    routes.post("/catalog/products/{id}/reviews", "add_review").handle(nothing);
    routes.get("/catalog/products/new", "new_products").handle(nothing);
    routes.del("/catalog/products/{slug}", "delete_product").handle(nothing);
    routes.get("/media/{rest*}", "media").handle(nothing);
    routes.freeze();
    return routes;
}

std::string operation(const Routes& routes, Method method, std::string_view path) {
    const auto match = routes.match(method, path);
    return match.route ? match.route->operation_id : "";
}

TEST(Router, FixedSegmentGoesBeforeParameter) {
    const Routes routes = shop();
    EXPECT_EQ(operation(routes, Method::get, "/catalog/products/new"), "new_products");
    EXPECT_EQ(operation(routes, Method::get, "/catalog/products/newer"), "get_product");
    EXPECT_EQ(operation(routes, Method::get, "/catalog/products/new/reviews"), "list_reviews") << "backtracks from the fixed segment";
    EXPECT_EQ(operation(routes, Method::del, "/catalog/products/new"), "delete_product") << "the fixed segment has no DELETE";
    EXPECT_EQ(operation(routes, Method::get, "/"), "root");
}

TEST(Router, ParametersAreNamedByTheirOwnRouteAndDecoded) {
    const Routes routes = shop();
    const auto product = routes.match(Method::get, "/catalog/products/a%2Fb%20c");
    ASSERT_TRUE(product.route);
    ASSERT_EQ(product.params.size(), 1U);
    EXPECT_EQ(product.params[0], (std::pair<std::string, std::string>("slug", "a/b c")));
    const auto reviews = routes.match(Method::get, "/catalog/products/prod_1/reviews");
    ASSERT_TRUE(reviews.route);
    EXPECT_EQ(reviews.params[0], (std::pair<std::string, std::string>("id", "prod_1")));
}

TEST(Router, RestTakesSeveralSegmentsButNotNone) {
    const Routes routes = shop();
    const auto media = routes.match(Method::get, "/media/abc/320/x.jpg");
    ASSERT_TRUE(media.route);
    EXPECT_EQ(media.params[0].second, "abc/320/x.jpg");
    EXPECT_FALSE(routes.match(Method::get, "/media/").route);
    EXPECT_FALSE(routes.match(Method::get, "/media").route);
}

TEST(Router, OtherMethodSaysWhatIsAllowed) {
    const Routes routes = shop();
    const auto match = routes.match(Method::put, "/catalog/products/prod_1/reviews");
    EXPECT_FALSE(match.route);
    EXPECT_TRUE(match.path_exists);
    EXPECT_EQ(match.allow, "GET, HEAD, POST");
    EXPECT_EQ(operation(routes, Method::head, "/catalog/products/x"), "get_product");
}

TEST(Router, UnknownPathsExistNowhere) {
    const Routes routes = shop();
    for (const std::string_view path :
         {"/catalog/products/", "/catalog/products/x/", "/catalog//products/x", "/nothing", "", "*", "/catalog/products/%zz"}) {
        const auto match = routes.match(Method::get, path);
        EXPECT_FALSE(match.route) << path;
        EXPECT_FALSE(match.path_exists) << path;
    }
}

TEST(Router, FreezeRefusesWhatCannotWork) {
    const auto refused = [](const std::function<void(Routes&)>& declare) {
        Routes routes;
        declare(routes);
        EXPECT_THROW(routes.freeze(), std::logic_error);
    };
    refused([](Routes& r) {
        r.get("/a", "one").handle(nothing);
        r.get("/a", "two").handle(nothing);
    });
    refused([](Routes& r) {
        r.get("/a", "one").handle(nothing);
        r.get("/b", "one").handle(nothing);
    });
    refused([](Routes& r) {
        r.get("/a/{x}", "one").handle(nothing);
        r.del("/a/{y}", "two").handle(nothing);
    });
    refused([](Routes& r) { r.get("/a/{x}/{x}", "one").handle(nothing); });
    refused([](Routes& r) { r.get("/a/{x*}/b", "one").handle(nothing); });
    refused([](Routes& r) { r.get("/a/b{x}", "one").handle(nothing); });
    refused([](Routes& r) { r.get("/a//b", "one").handle(nothing); });
    refused([](Routes& r) { r.get("a", "one").handle(nothing); });
    refused([](Routes& r) { r.get("/a", "one"); });
    Routes fine = shop();
    EXPECT_THROW(fine.get("/late", "late"), std::logic_error);
    EXPECT_THROW((void)Routes().match(Method::get, "/"), std::logic_error);
}

}  // namespace
}  // namespace stoa::http
