#pragma once
// Bulk reads of whole aggregates, for the read model and exports. A fixed number of statements per call.
#include <span>
#include <utility>

#include "stoa/catalog/model.hpp"
#include "stoa/db/db.hpp"

namespace stoa::catalog {

// Everything that products refer to.
struct Structure {
    std::vector<Attribute> attributes;  // by position
    std::vector<ProductType> types;
    std::vector<Category> categories;     // parents before children, by position
    std::vector<Collection> collections;  // by position; manual ones with their products
    std::vector<Asset> assets;            // of categories and collections
};

struct ProductBatch {
    std::vector<Product> products;
    std::vector<Asset> assets;    // those the products refer to
    std::vector<Review> reviews;  // approved ones, newest first per product
};

// Addresses that once were valid: (kind, locale, slug) → the entity.
struct OldSlug {
    std::string kind;  // "product", "category", "collection"
    std::string locale;
    std::string slug;
    Uuid entity;
};

class Reader {
public:
    virtual ~Reader() = default;
    [[nodiscard]] virtual Structure structure(db::Session& session) = 0;
    // One part of it, whatever its size.
    [[nodiscard]] virtual std::optional<Attribute> attribute(db::Session& session, std::string_view code) = 0;
    [[nodiscard]] virtual std::optional<Category> category(db::Session& session, CategoryId id) = 0;
    [[nodiscard]] virtual std::optional<Collection> collection(db::Session& session, CollectionId id) = 0;
    // Ids of all products that are not archived, in id order.
    [[nodiscard]] virtual std::vector<ProductId> product_ids(db::Session& session) = 0;
    // Unknown ids are left out. Keep a batch below some thousand ids.
    [[nodiscard]] virtual ProductBatch products(db::Session& session, std::span<const ProductId> ids) = 0;
    [[nodiscard]] virtual std::vector<OldSlug> old_slugs(db::Session& session) = 0;
    [[nodiscard]] virtual std::optional<ProductId> product_by_handle(db::Session& session, std::string_view handle) = 0;
    // sku → variant and product, for imports.
    [[nodiscard]] virtual std::map<std::string, std::pair<VariantId, ProductId>> variants_by_sku(db::Session& session,
                                                                                                 std::span<const std::string> skus) = 0;
};

}  // namespace stoa::catalog
