#pragma once
// Writes whole aggregates. Every call checks its input, replaces the stored aggregate, keeps old slugs as redirects and
// appends product.changed or category.changed in the caller's transaction. Ids may be given (seeds and imports derive them);
// a nil id is made.
#include "stoa/catalog/model.hpp"
#include "stoa/db/db.hpp"
#include "stoa/result/result.hpp"

namespace stoa::catalog {

class Writer {
public:
    virtual ~Writer() = default;
    // Attribute by its code; values that are no longer listed are removed (refused while products use them:
    // catalog.attribute_value_in_use), and its kind cannot change (catalog.attribute_kind_fixed).
    [[nodiscard]] virtual Result<void> upsert_attribute(db::Tx& tx, const Attribute& attribute) = 0;
    [[nodiscard]] virtual Result<void> upsert_type(db::Tx& tx, const ProductType& type) = 0;
    // By sha256: a second asset with the same bytes and name is the same asset.
    [[nodiscard]] virtual Result<AssetId> upsert_asset(db::Tx& tx, const Asset& asset) = 0;
    // By handle. catalog.slug_taken, catalog.category_cycle, catalog.category_unknown.
    [[nodiscard]] virtual Result<CategoryId> upsert_category(db::Tx& tx, const Category& category) = 0;
    [[nodiscard]] virtual Result<CollectionId> upsert_collection(db::Tx& tx, const Collection& collection) = 0;
    // One product of a hand-made collection: at its end, or out of it. True when that changed something, which product.changed then tells;
    // readers that keep the structure see it with the next category.changed (announce_bulk_change), once for any number of products.
    virtual bool set_membership(db::Tx& tx, CollectionId collection, ProductId product, bool listed) = 0;
    // By handle; variants by SKU. Variants that are no longer listed become inactive: orders may refer to them.
    // catalog.slug_taken, catalog.sku_taken, catalog.attribute_unknown, catalog.attribute_value_unknown, catalog.invalid_product (fields
    // say which).
    [[nodiscard]] virtual Result<ProductId> upsert_product(db::Tx& tx, const Product& product) = 0;
    virtual Result<void> set_status(db::Tx& tx, ProductId product, ProductStatus status) = 0;
    // Who may see the product from now on. It stays when the product is written again. catalog.product_not_found, catalog.invalid_product.
    virtual Result<void> set_audience(db::Tx& tx, ProductId product, const Audience& audience) = 0;
    virtual Result<void> moderate_review(db::Tx& tx, ReviewId review, ReviewState state) = 0;
    // For seeds and imports: a review with its own id and time; the same id again updates it.
    virtual Result<void> put_review(db::Tx& tx, const Review& review) = 0;
    // Written outside this interface (bulk COPY): readers must load everything again.
    virtual void announce_bulk_change(db::Tx& tx) = 0;
};

}  // namespace stoa::catalog
