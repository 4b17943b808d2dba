#pragma once
// What other modules may ask the catalogue. Thread-safe; every call uses the session it is given and sends a fixed number
// of statements whatever the number of ids.
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/catalog/ids.hpp"
#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::catalog {

// On the wire wherever a picture is shown.
struct ImageDto {
    AssetId id;
    std::string src;   // "/media/<sha>/{w}/<name>"
    std::string alt;
    int width = 0;
    int height = 0;
    int focal_x = 500;  // per mille
    int focal_y = 500;
    std::optional<std::string> background;
    std::optional<std::string> placeholder;
};
inline void describe(json::Struct<ImageDto>& d) {
    d.name("Image").doc("A picture; replace {w} in src by 80, 160, 320, 480, 640, 800, 1080 or 1600.");
    d.field<&ImageDto::id>("id");
    d.field<&ImageDto::src>("src");
    d.field<&ImageDto::alt>("alt");
    d.field<&ImageDto::width>("width", "Pixels of the original.");
    d.field<&ImageDto::height>("height", "Pixels of the original.");
    d.field<&ImageDto::focal_x>("focal_x", "Per mille from the left.");
    d.field<&ImageDto::focal_y>("focal_y", "Per mille from the top.");
    d.field<&ImageDto::background>("background", "CSS colour that suits the picture.");
    d.field<&ImageDto::placeholder>("placeholder", "Tiny data URI shown while the picture loads.");
}

// All that pricing, carts, orders and parcels need to know of a variant.
struct VariantInfo {
    VariantId id;
    ProductId product_id;
    std::string sku;
    std::string product_slug;   // in the locale asked for
    std::string product_name;   // likewise, with fallback to en
    std::string options_text;   // "Oak, large"; empty for a simple product
    std::string tax_class;      // "standard", "reduced", "book"
    std::vector<CategoryId> categories;      // with all ancestors
    std::vector<CollectionId> collections;
    bool sellable = false;      // product and variant published now
    std::int64_t weight_grams = 0;
    std::int64_t length_mm = 0, width_mm = 0, height_mm = 0;
    std::optional<ImageDto> image;
};

class Catalog {
public:
    virtual ~Catalog() = default;
    // Unknown ids are left out; the order is that of `ids`.
    [[nodiscard]] virtual std::vector<VariantInfo> variants(db::Session& session, std::span<const VariantId> ids, std::string_view locale, Timestamp at) = 0;
    // Verified purchase is the caller's business. Fails with catalog.review_exists.
    struct NewReview {
        ProductId product;
        Uuid customer;
        std::string author;
        std::string locale;
        std::int64_t rating = 5;
        std::string title;
        std::string body;
        bool verified = false;
    };
    [[nodiscard]] virtual Result<ReviewId> add_review(db::Tx& tx, const NewReview& review) = 0;
};

}  // namespace stoa::catalog
