#include "codes.hpp"
#include "stoa/catalog/make.hpp"

namespace stoa::catalog {
namespace {

struct NewReviewDto {
    std::int64_t rating = 5;
    std::string title;
    std::string body;
};
void describe(json::Struct<NewReviewDto>& d) {
    d.name("NewReview");
    d.field<&NewReviewDto::rating>("rating", "1 to 5.").min(1).max(5);
    d.field<&NewReviewDto::title>("title").not_blank().max_length(120);
    d.field<&NewReviewDto::body>("body", "Plain text.").not_blank().max_length(4000);
}

struct OwnReviewDto {
    ProductId product_id;
    std::string slug, name;
    ReviewState state = ReviewState::pending;
    ReviewDto review;
};
void describe(json::Struct<OwnReviewDto>& d) {
    d.name("OwnReview");
    d.field<&OwnReviewDto::product_id>("product_id");
    d.field<&OwnReviewDto::slug>("slug", "In the language asked for; empty when the product is gone.");
    d.field<&OwnReviewDto::name>("name");
    d.field<&OwnReviewDto::state>("state", "Only an approved one is shown to others.");
    d.field<&OwnReviewDto::review>("review");
}
struct OwnReviewListDto {
    std::vector<OwnReviewDto> items;
};
void describe(json::Struct<OwnReviewListDto>& d) {
    d.name("OwnReviewList");
    d.field<&OwnReviewListDto::items>("items", "Newest first, at most 200.");
}

}  // namespace

void add_catalog_routes(http::Routes& routes, db::Database& database, Catalog& catalog, http::Idempotency& idempotency, const Clock& clock,
                        ReviewGate gate) {
    routes.get("/api/v1/account/reviews", "list_own_reviews")
        .summary("What I wrote about products, in every state")
        .tag("account")
        .requires_access(http::Access::customer)
        .returns<OwnReviewListDto>()
        .fails({"account.login_required"})
        .handle([&database, &catalog, require = gate.require](const http::Request& request) {
            const auto reviewer = require(request);
            OwnReviewListDto out;
            for (auto& own :
                 database.read([&](db::Session& session) { return catalog.reviews_of(session, reviewer.customer, reviewer.locale); }))
                out.items.push_back({own.review.product, std::move(own.product_slug), std::move(own.product_name), own.review.state,
                                     review_dto(own.review)});
            return http::ok(out);
        });

    routes.post("/api/v1/catalog/products/{id}/reviews", "add_review")
        .summary("Review a product that you bought")
        .tag("catalog")
        .requires_access(http::Access::customer)
        .idempotent()
        .body<NewReviewDto>()
        .returns<ReviewDto>(201)
        .fails({"account.login_required", codes::kReviewNotABuyer, codes::kReviewExists, codes::kProductNotFound})
        .handle([&database, &catalog, &idempotency, &clock, gate = std::move(gate)](const http::Request& request) {
            const auto reviewer = gate.require(request);
            const auto product = http::id_param<ProductId>(request, "id");
            auto input = http::body_as<NewReviewDto>(request);
            if (!input) return http::problem(input.error());
            if (!database.read([&](db::Session& session) { return gate.has_bought(session, reviewer.customer, product); })) {
                return http::problem(
                    fail(ErrorKind::forbidden, std::string(codes::kReviewNotABuyer), "Only buyers of this product can review it.").error());
            }
            return idempotency.run(request, "customer:" + reviewer.customer.to_string(), [&](db::Tx& tx) -> Result<http::Response> {
                const auto id = catalog.add_review(
                    tx, {product, reviewer.customer, reviewer.author, reviewer.locale, input->rating, input->title, input->body, true});
                if (!id) return fail(id.error());
                return http::created(
                    ReviewDto{*id, input->rating, input->title, input->body, reviewer.author, clock.now(), true, reviewer.locale});
            });
        });
}

}  // namespace stoa::catalog
