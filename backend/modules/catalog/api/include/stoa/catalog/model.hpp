#pragma once
// The catalogue's aggregates as values. The same structs are written (writer.hpp) and read in bulk (reader.hpp).
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/catalog/ids.hpp"
#include "stoa/clock/clock.hpp"

namespace stoa::catalog {

inline constexpr std::array<std::string_view, 4> kLocales{"en", "de", "nl", "fr"};
[[nodiscard]] constexpr int locale_index(std::string_view locale) {
    for (std::size_t i = 0; i < kLocales.size(); ++i) {
        if (kLocales[i] == locale) return static_cast<int>(i);
    }
    return -1;
}

// Text by locale. Falls back to English, then to whatever is there.
using Texts = std::map<std::string, std::string>;
[[nodiscard]] inline std::string_view text_in(const Texts& texts, std::string_view locale) {
    for (const std::string_view wanted : {locale, kLocales[0]}) {
        if (const auto found = texts.find(std::string(wanted)); found != texts.end() && !found->second.empty()) return found->second;
    }
    for (const auto& [name, value] : texts) {
        if (!value.empty()) return value;
    }
    return {};
}

enum class AttributeKind { choice, number, text, flag };  // stored as enum, number, text, bool

struct AttributeValue {
    std::string code;
    Texts labels;
    std::string colour;  // CSS colour for swatches, or empty
    bool operator==(const AttributeValue&) const = default;
};

// Typed: a product's value must be one of `values`, a number in `unit`, a text per locale, or yes/no.
struct Attribute {
    std::string code;
    AttributeKind kind = AttributeKind::choice;
    std::string unit;
    Texts names;
    bool filterable = true;
    bool searchable = true;
    bool visible = true;  // listed on the product page
    int position = 0;
    std::vector<AttributeValue> values;  // in order
    bool operator==(const Attribute&) const = default;
};

struct ProductType {
    std::string code;
    Texts names;
    std::vector<std::string> attributes;  // codes, in order
    bool operator==(const ProductType&) const = default;
};

struct Asset {
    AssetId id;
    std::string sha256;  // hex; the object is stored under "<first two>/<sha256>"
    std::string name;    // last part of the address, "oak-chair.webp"
    std::string content_type;
    int width = 0;
    int height = 0;
    int focal_x = 500;
    int focal_y = 500;
    std::string background;
    std::string placeholder;
    Texts alt;
    bool operator==(const Asset&) const = default;
};

// Name, texts and address of one thing in one locale. An empty slug is made from the name.
struct PageText {
    std::string name;
    std::string subtitle;     // products only
    std::string description;  // Markdown
    std::string slug;
    std::string seo_title;
    std::string seo_description;
    std::string keywords;  // products only: words that find it and are not shown
    bool operator==(const PageText&) const = default;
};
using PageTexts = std::map<std::string, PageText>;

struct Category {
    CategoryId id;
    std::string handle;
    std::optional<CategoryId> parent;
    int position = 0;
    bool published = true;
    std::optional<AssetId> image;
    PageTexts texts;
    std::vector<CategoryId> path;  // root … this one; read only
    Timestamp updated_at{};        // read only
    bool operator==(const Category&) const = default;
};

// A rule-based collection holds every product that matches its conditions.
struct Condition {
    // "category" (handles, with everything below), "brand", "type", "attribute:<code>" (value codes, or "10..50" for numbers,
    // "1"/"0" for yes/no), "new_within_days" (one number)
    std::string field;
    std::vector<std::string> values;  // any of them
    bool negated = false;
    bool operator==(const Condition&) const = default;
};
struct Rule {
    bool any = false;  // any condition instead of all
    std::vector<Condition> conditions;
    bool operator==(const Rule&) const = default;
};

struct Collection {
    CollectionId id;
    std::string handle;
    int position = 0;
    bool published = true;
    std::optional<AssetId> image;
    std::optional<Rule> rule;         // set: rule-based
    std::vector<ProductId> products;  // otherwise: these, in this order
    PageTexts texts;
    Timestamp updated_at{};  // read only
    bool operator==(const Collection&) const = default;
};

struct ProductMedia {
    AssetId asset;
    std::map<std::string, std::string> options;  // option values this picture shows, {"colour": "oak"}
    bool operator==(const ProductMedia&) const = default;
};

struct AttributeSetting {
    std::string attribute;
    std::vector<std::string> values;           // choice
    std::optional<std::int64_t> number_milli;  // number, in thousandths of the unit
    Texts text;                                // text
    std::optional<bool> flag;                  // flag
    bool operator==(const AttributeSetting&) const = default;
};

struct Variant {
    VariantId id;
    std::string sku;
    std::string barcode;
    std::map<std::string, std::string> options;  // option attribute → value code
    std::int64_t weight_grams = 0;
    std::int64_t length_mm = 0, width_mm = 0, height_mm = 0;
    std::optional<AssetId> image;
    bool active = true;
    std::optional<Timestamp> published_from, published_until;
    bool operator==(const Variant&) const = default;
};

// Who may see a product: nobody named means everybody, otherwise buyers of one of the groups or companies.
struct Audience {
    std::vector<std::string> groups;  // customer groups, sorted
    std::vector<Uuid> companies;      // sorted
    bool operator==(const Audience&) const = default;

    [[nodiscard]] bool is_everybody() const { return groups.empty() && companies.empty(); }
    [[nodiscard]] bool admits(const std::vector<std::string>& buyer_groups, const std::optional<Uuid>& buyer_company) const {
        if (is_everybody() || (buyer_company && std::ranges::binary_search(companies, *buyer_company))) return true;
        return std::ranges::any_of(buyer_groups, [&](const auto& group) { return std::ranges::binary_search(groups, group); });
    }
};

// A product of this type is a gift card: each of its variants is an amount. It takes no stock and no parcel, no promotion makes it cheaper,
// and it bears no tax when it is sold: it can be used for anything, so what is bought with it is taxed then (a multi-purpose voucher,
// articles 30a and 30b of Directive 2006/112/EC). Whatever tax class the product names, it is this one.
inline constexpr std::string_view kGiftCardType = "gift_card";
inline constexpr std::string_view kVoucherTaxClass = "voucher";
inline constexpr std::int64_t kGiftCardsAvailable = 9999;  // always: more than a cart takes

enum class ProductStatus { draft, active, archived };

struct Product {
    ProductId id;
    std::string handle;
    std::string type;
    std::string brand;
    std::optional<CategoryId> category;  // the one its breadcrumbs show
    std::vector<CategoryId> more_categories;
    std::string tax_class = "standard";
    ProductStatus status = ProductStatus::active;
    std::optional<Timestamp> published_from, published_until;  // judged when read
    std::int64_t popularity = 0;
    int handling_days = 1;
    PageTexts texts;
    std::vector<std::string> options;  // attribute codes variants differ in, in order
    std::vector<AttributeSetting> attributes;
    std::vector<ProductMedia> media;
    std::vector<Variant> variants;         // in order
    Audience audience;                     // read only: Writer::set_audience
    Timestamp created_at{}, updated_at{};  // read only
    bool operator==(const Product&) const = default;

    [[nodiscard]] bool published_at(Timestamp at) const {
        return status == ProductStatus::active && (!published_from || *published_from <= at) && (!published_until || at < *published_until);
    }
};

enum class ReviewState { pending, approved, rejected };

struct Review {
    ReviewId id;
    ProductId product;
    std::optional<Uuid> customer;
    std::string author;
    std::string locale;
    std::int64_t rating = 5;
    std::string title;
    std::string body;
    bool verified = false;
    ReviewState state = ReviewState::pending;
    Timestamp created_at{};
    bool operator==(const Review&) const = default;
};

}  // namespace stoa::catalog
