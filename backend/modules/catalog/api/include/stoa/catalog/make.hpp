#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "stoa/catalog/catalog.hpp"
#include "stoa/catalog/reader.hpp"
#include "stoa/catalog/writer.hpp"
#include "stoa/http/idempotency.hpp"
#include "stoa/http/router.hpp"

namespace stoa::catalog {

[[nodiscard]] std::unique_ptr<Catalog> make_catalog();
// Answers recent reads of variants from memory for up to two seconds (of the `at` of the reads) or until forget(). A cart is
// evaluated about ten times on its way to an order, and what it reads of the catalogue is half of its statements. Thread-safe.
[[nodiscard]] std::unique_ptr<Catalog> make_remembering_catalog(std::unique_ptr<Catalog> inner);
[[nodiscard]] std::unique_ptr<Reader> make_reader();
[[nodiscard]] std::unique_ptr<Writer> make_writer();

// Who asks, as reviews need it. Set by the composition root, which knows accounts and orders.
struct Reviewer {
    Uuid customer;
    std::string author;  // the name shown under the review
    std::string locale;
};
struct ReviewGate {
    // Throws ProblemException 401 when nobody is logged in.
    std::function<Reviewer(const http::Request&)> require;
    std::function<bool(db::Session&, const Uuid& customer, ProductId product)> has_bought;
};
// POST /api/v1/catalog/products/{id}/reviews and GET /api/v1/account/reviews. The catalogue's public reads are declared by search, which
// answers them from memory.
void add_catalog_routes(http::Routes& routes, db::Database& database, Catalog& catalog, http::Idempotency& idempotency, const Clock& clock,
                        ReviewGate gate);

}  // namespace stoa::catalog
