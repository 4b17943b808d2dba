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
#include "stoa/catalog/model.hpp"
#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/db/read.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::catalog {

// On the wire wherever a picture is shown.
struct ImageDto {
    AssetId id;
    std::string src;  // "/media/<sha>/{w}/<name>"
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

[[nodiscard]] inline ImageDto image_dto(const Asset& asset, std::string_view locale) {
    ImageDto out;
    out.id = asset.id;
    out.src = "/media/" + asset.sha256 + "/{w}/" + asset.name;
    out.alt = text_in(asset.alt, locale);
    out.width = asset.width;
    out.height = asset.height;
    out.focal_x = asset.focal_x;
    out.focal_y = asset.focal_y;
    if (!asset.background.empty()) out.background = asset.background;
    if (!asset.placeholder.empty()) out.placeholder = asset.placeholder;
    return out;
}

// A review on the wire.
struct ReviewDto {
    ReviewId id;
    std::int64_t rating = 5;
    std::string title;
    std::string body;
    std::string author;
    Timestamp created_at{};
    bool verified = false;
    std::string locale;
};
inline void describe(json::Struct<ReviewDto>& d) {
    d.name("Review");
    d.field<&ReviewDto::id>("id");
    d.field<&ReviewDto::rating>("rating", "1 to 5.").min(1).max(5);
    d.field<&ReviewDto::title>("title");
    d.field<&ReviewDto::body>("body", "Plain text.");
    d.field<&ReviewDto::author>("author");
    d.field<&ReviewDto::created_at>("created_at");
    d.field<&ReviewDto::verified>("verified", "The author bought the product here.");
    d.field<&ReviewDto::locale>("locale");
}
[[nodiscard]] inline ReviewDto review_dto(const Review& review) {
    return {review.id, review.rating, review.title, review.body, review.author, review.created_at, review.verified, review.locale};
}

inline json::EnumNames<ReviewState> enum_names(ReviewState) {
    static constexpr std::pair<ReviewState, std::string_view> kNames[] = {
        {ReviewState::pending, "pending"}, {ReviewState::approved, "approved"}, {ReviewState::rejected, "rejected"}};
    return kNames;
}

// All that pricing, carts, orders and parcels need to know of a variant.
struct VariantInfo {
    VariantId id;
    ProductId product_id;
    std::string sku;
    std::string product_slug;            // in the locale asked for
    std::string product_name;            // likewise, with fallback to en
    std::string options_text;            // "Oak, large"; empty for a simple product
    std::string tax_class;               // "standard", "reduced", "book"; "voucher" of a gift card
    std::vector<CategoryId> categories;  // with all ancestors
    std::vector<CollectionId> collections;
    bool sellable = false;  // product and variant published now
    Audience audience;      // who may see and buy it
    std::int64_t weight_grams = 0;
    std::int64_t length_mm = 0, width_mm = 0, height_mm = 0;
    std::optional<ImageDto> image;
    bool is_gift_card = false;
};

// now: as the transaction sees it. recent: may be as it was a moment ago (make_remembering_catalog), for what is only shown.
enum class Freshness { now, recent };

class Catalog {
public:
    virtual ~Catalog() = default;
    // Unknown ids are left out; the order is that of `ids`. As a value, so that it can travel with other reads.
    [[nodiscard]] virtual db::Read<std::vector<VariantInfo>> read_variants(std::span<const VariantId> ids, std::string_view locale,
                                                                           Timestamp at, Freshness freshness = Freshness::now) = 0;
    // The catalogue changed: nothing read before may be answered again.
    virtual void forget() {}
    [[nodiscard]] std::vector<VariantInfo> variants(db::Session& session, std::span<const VariantId> ids, std::string_view locale,
                                                    Timestamp at) {
        return db::read_one(session, read_variants(ids, locale, at));
    }
    // Also of what is not on sale at the moment, but not of what is archived. One statement.
    [[nodiscard]] virtual bool has_product(db::Session& session, ProductId id) = 0;
    // Verified purchase is the caller's business. Fails with catalog.review_exists, catalog.product_not_found. A verified review
    // without links is shown at once, any other waits for moderation.
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
    // Newest first, at most 200, in every moderation state.
    struct OwnReview {
        Review review;
        std::string product_slug;
        std::string product_name;
    };
    [[nodiscard]] virtual std::vector<OwnReview> reviews_of(db::Session& session, const Uuid& customer, std::string_view locale) = 0;
    [[nodiscard]] virtual std::optional<Review> review(db::Session& session, ReviewId id) = 0;
};

}  // namespace stoa::catalog
