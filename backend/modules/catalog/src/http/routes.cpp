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

}  // namespace

void add_catalog_routes(http::Routes& routes, db::Database& database, Catalog& catalog, http::Idempotency& idempotency, const Clock& clock,
                        ReviewGate gate) {
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
