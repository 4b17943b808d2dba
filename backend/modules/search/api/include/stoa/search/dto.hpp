#pragma once
// What catalogue reads look like on the wire.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stoa/catalog/catalog.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/money/money.hpp"

namespace stoa::search {

using catalog::ImageDto;
using catalog::ReviewDto;

struct TierDto {
    std::int64_t min_quantity = 1;
    Money amount;
};
inline void describe(json::Struct<TierDto>& d) {
    d.name("PriceTier");
    d.field<&TierDto::min_quantity>("min_quantity", "From this many units on.");
    d.field<&TierDto::amount>("amount", "For one.");
}

struct PriceDto {
    Money amount;
    bool tax_included = true;
    std::optional<Money> regular;
    std::optional<Money> lowest_30_days;
    std::optional<std::int64_t> discount_percent;
    std::vector<TierDto> tiers;
};
inline void describe(json::Struct<PriceDto>& d) {
    d.name("Price");
    d.field<&PriceDto::amount>("amount", "What the buyer pays for one, as displayed.");
    d.field<&PriceDto::tax_included>("tax_included");
    d.field<&PriceDto::regular>("regular", "Crossed out.");
    d.field<&PriceDto::lowest_30_days>("lowest_30_days", "Lowest price of the 30 days before the reduction.");
    d.field<&PriceDto::discount_percent>("discount_percent", "Whole per cent, rounded down.");
    d.field<&PriceDto::tiers>("tiers", "Quantity prices beyond the first.");
}

struct RatingDto {
    std::int64_t average = 0;
    std::int64_t count = 0;
};
inline void describe(json::Struct<RatingDto>& d) {
    d.name("Rating");
    d.field<&RatingDto::average>("average", "Tenths: 46 is 4.6.");
    d.field<&RatingDto::count>("count");
}

struct SwatchDto {
    std::string value;
    std::string label;
    std::optional<std::string> colour;
    std::optional<ImageDto> image;
    bool available = false;
};
inline void describe(json::Struct<SwatchDto>& d) {
    d.name("Swatch");
    d.field<&SwatchDto::value>("value");
    d.field<&SwatchDto::label>("label");
    d.field<&SwatchDto::colour>("colour", "CSS colour.");
    d.field<&SwatchDto::image>("image", "The product in this option.");
    d.field<&SwatchDto::available>("available");
}

enum class Badge { fresh, sale, low_stock, sold_out };
inline json::EnumNames<Badge> enum_names(Badge) {
    static constexpr std::pair<Badge, std::string_view> kNames[] = {
        {Badge::fresh, "new"}, {Badge::sale, "sale"}, {Badge::low_stock, "low_stock"}, {Badge::sold_out, "sold_out"}};
    return kNames;
}

struct ProductCardDto {
    catalog::ProductId id;
    std::string slug;
    std::string name;
    std::optional<std::string> subtitle;
    std::optional<ImageDto> image;
    std::optional<ImageDto> hover_image;
    std::vector<SwatchDto> swatches;
    std::optional<RatingDto> rating;
    bool available = false;
    PriceDto price;
    bool price_from = false;
    std::vector<Badge> badges;
    catalog::VariantId default_variant_id;
};
// A card is stored in two halves, so that four languages and three currencies cost seven fragments a product and not twelve.
inline void describe_card_text(json::Struct<ProductCardDto>& d) {
    d.field<&ProductCardDto::id>("id");
    d.field<&ProductCardDto::slug>("slug");
    d.field<&ProductCardDto::name>("name");
    d.field<&ProductCardDto::subtitle>("subtitle");
    d.field<&ProductCardDto::image>("image");
    d.field<&ProductCardDto::hover_image>("hover_image");
    d.field<&ProductCardDto::swatches>("swatches", "Values of the first option that is shown as colours.");
    d.field<&ProductCardDto::rating>("rating");
}
inline void describe_card_price(json::Struct<ProductCardDto>& d) {
    d.field<&ProductCardDto::available>("available", "Something that has a price in this currency is in stock.");
    d.field<&ProductCardDto::price>("price", "The lowest of the variants' prices.");
    d.field<&ProductCardDto::price_from>("price_from", "Variants differ in price.");
    d.field<&ProductCardDto::badges>("badges");
    d.field<&ProductCardDto::default_variant_id>("default_variant_id", "The first variant that is available.");
}
inline void describe(json::Struct<ProductCardDto>& d) {
    d.name("ProductCard");
    describe_card_text(d);
    describe_card_price(d);
}

// A rendered card; looks like a ProductCard in the API document.
struct CardJson {
    std::string text;
};

struct CrumbDto {
    std::string slug;
    std::string name;
};
inline void describe(json::Struct<CrumbDto>& d) {
    d.name("Crumb");
    d.field<&CrumbDto::slug>("slug");
    d.field<&CrumbDto::name>("name");
}

struct SeoDto {
    std::string title;
    std::string description;
};
inline void describe(json::Struct<SeoDto>& d) {
    d.name("Seo");
    d.field<&SeoDto::title>("title");
    d.field<&SeoDto::description>("description");
}

struct CategoryNodeDto;
// A type of its own, because a description cannot contain itself.
struct CategoryNodes {
    std::vector<CategoryNodeDto> items;
};
struct CategoryNodeDto {
    catalog::CategoryId id;
    std::string slug;
    std::string name;
    std::int64_t product_count = 0;
    std::optional<ImageDto> image;
    CategoryNodes children;
};

}  // namespace stoa::search

namespace stoa::json {

template <>
struct Codec<search::CardJson> {
    static const TypeInfo& type() { return Codec<search::ProductCardDto>::type(); }
    static void parse(search::CardJson& out, const Value& value, const Constraints&, ParseContext&) { out.text = to_text(value); }
    static void write(const search::CardJson& value, Writer& out) { out.raw(value.text); }
};

template <>
struct Codec<search::CategoryNodes> {
    // Filled in by search::complete_descriptions(), when the node's own description exists.
    static TypeInfo& node() {
        static TypeInfo info = [] {
            TypeInfo t;
            t.type = "object";
            return t;
        }();
        return info;
    }
    static const TypeInfo& type() {
        static const TypeInfo info = [] {
            TypeInfo t;
            t.type = "array";
            t.item = &node();
            return t;
        }();
        return info;
    }
    static void parse(search::CategoryNodes& out, const Value& value, const Constraints&, ParseContext& context);
    static void write(const search::CategoryNodes& value, Writer& out);
};

}  // namespace stoa::json

namespace stoa::search {

inline void describe(json::Struct<CategoryNodeDto>& d) {
    d.name("CategoryNode");
    d.field<&CategoryNodeDto::id>("id");
    d.field<&CategoryNodeDto::slug>("slug");
    d.field<&CategoryNodeDto::name>("name");
    d.field<&CategoryNodeDto::product_count>("product_count", "Sellable products in it and below.");
    d.field<&CategoryNodeDto::image>("image");
    d.field<&CategoryNodeDto::children>("children");
}
inline void complete_descriptions() { json::Codec<CategoryNodes>::node().structure = &json::info_of<CategoryNodeDto>(); }

}  // namespace stoa::search

namespace stoa::json {

inline void Codec<search::CategoryNodes>::parse(search::CategoryNodes& out, const Value& value, const Constraints& constraints,
                                                ParseContext& context) {
    Codec<std::vector<search::CategoryNodeDto>>::parse(out.items, value, constraints, context);
}
inline void Codec<search::CategoryNodes>::write(const search::CategoryNodes& value, Writer& out) {
    out.begin_array();
    for (const auto& item : value.items) write_as(out, item);
    out.end_array();
}

}  // namespace stoa::json

namespace stoa::search {

struct CategoryTreeDto {
    CategoryNodes items;
};
inline void describe(json::Struct<CategoryTreeDto>& d) {
    d.name("CategoryTree");
    d.field<&CategoryTreeDto::items>("items");
}

struct CategoryPageDto {
    catalog::CategoryId id;
    std::string slug;
    std::string name;
    std::optional<std::string> description;
    std::optional<ImageDto> image;
    SeoDto seo;
    std::vector<CrumbDto> breadcrumbs;
    CategoryNodes children;
    std::map<std::string, std::string> alternates;
};
inline void describe(json::Struct<CategoryPageDto>& d) {
    d.name("CategoryPage");
    d.field<&CategoryPageDto::id>("id");
    d.field<&CategoryPageDto::slug>("slug", "Differs from the one asked for when that is an old one: redirect.");
    d.field<&CategoryPageDto::name>("name");
    d.field<&CategoryPageDto::description>("description", "HTML from a fixed list of tags.");
    d.field<&CategoryPageDto::image>("image");
    d.field<&CategoryPageDto::seo>("seo");
    d.field<&CategoryPageDto::breadcrumbs>("breadcrumbs", "From the root, this one included.");
    d.field<&CategoryPageDto::children>("children");
    d.field<&CategoryPageDto::alternates>("alternates", "Slug by locale.");
}

struct CollectionItemDto {
    catalog::CollectionId id;
    std::string slug;
    std::string name;
    std::int64_t product_count = 0;
    std::optional<ImageDto> image;
};
inline void describe(json::Struct<CollectionItemDto>& d) {
    d.name("CollectionItem");
    d.field<&CollectionItemDto::id>("id");
    d.field<&CollectionItemDto::slug>("slug");
    d.field<&CollectionItemDto::name>("name");
    d.field<&CollectionItemDto::product_count>("product_count");
    d.field<&CollectionItemDto::image>("image");
}
struct CollectionsDto {
    std::vector<CollectionItemDto> items;
};
inline void describe(json::Struct<CollectionsDto>& d) {
    d.name("Collections");
    d.field<&CollectionsDto::items>("items");
}
struct CollectionPageDto {
    catalog::CollectionId id;
    std::string slug;
    std::string name;
    std::optional<std::string> description;
    std::optional<ImageDto> image;
    SeoDto seo;
    std::map<std::string, std::string> alternates;
};
inline void describe(json::Struct<CollectionPageDto>& d) {
    d.name("CollectionPage");
    d.field<&CollectionPageDto::id>("id");
    d.field<&CollectionPageDto::slug>("slug");
    d.field<&CollectionPageDto::name>("name");
    d.field<&CollectionPageDto::description>("description", "HTML from a fixed list of tags.");
    d.field<&CollectionPageDto::image>("image");
    d.field<&CollectionPageDto::seo>("seo");
    d.field<&CollectionPageDto::alternates>("alternates", "Slug by locale.");
}

enum class FacetKind { values, range, flag };
inline json::EnumNames<FacetKind> enum_names(FacetKind) {
    static constexpr std::pair<FacetKind, std::string_view> kNames[] = {
        {FacetKind::values, "values"}, {FacetKind::range, "range"}, {FacetKind::flag, "bool"}};
    return kNames;
}
// Numbers of facets are decimal, with at most three places; JSON numbers as text, never a double.
struct Decimal {
    std::int64_t milli = 0;
    [[nodiscard]] std::string to_text() const;
};

// A text and how it stands in JSON. Both belong to the snapshot, which the answer keeps.
struct KnownText {
    std::string_view text, json;
};

}  // namespace stoa::search

namespace stoa::json {
template <>
struct Codec<search::KnownText> {
    static const TypeInfo& type() { return Codec<std::string>::type(); }
    // Checks only: nothing would hold the text.
    static void parse(search::KnownText&, const Value& value, const Constraints&, ParseContext& context) {
        if (!value.is_string()) context.error("wrong_type", "Expected a text.");
    }
    static void write(const search::KnownText& value, Writer& out) { out.raw(value.json); }
};
template <>
struct Codec<search::Decimal> {
    static const TypeInfo& type();
    static void parse(search::Decimal& out, const Value& value, const Constraints&, ParseContext& context);
    static void write(const search::Decimal& value, Writer& out) { out.raw(value.to_text()); }
};
}  // namespace stoa::json

namespace stoa::search {

struct FacetValueDto {
    KnownText value;
    KnownText label;
    std::int64_t count = 0;
    bool selected = false;
    std::optional<KnownText> colour;
};
inline void describe(json::Struct<FacetValueDto>& d) {
    d.name("FacetValue");
    d.field<&FacetValueDto::value>("value");
    d.field<&FacetValueDto::label>("label");
    d.field<&FacetValueDto::count>("count");
    d.field<&FacetValueDto::selected>("selected");
    d.field<&FacetValueDto::colour>("colour");
}
struct FacetDto {
    KnownText code;
    KnownText label;
    FacetKind kind = FacetKind::values;
    std::optional<KnownText> unit;
    std::vector<FacetValueDto> values;
    std::optional<Decimal> min, max, selected_min, selected_max;
};
inline void describe(json::Struct<FacetDto>& d) {
    d.name("Facet").doc("Counts are disjunctive: a facet's own selection does not shrink its own counts.");
    d.field<&FacetDto::code>("code", "Filter with f.<code>.");
    d.field<&FacetDto::label>("label");
    d.field<&FacetDto::kind>("kind");
    d.field<&FacetDto::unit>("unit");
    d.field<&FacetDto::values>("values");
    d.field<&FacetDto::min>("min");
    d.field<&FacetDto::max>("max");
    d.field<&FacetDto::selected_min>("selected_min");
    d.field<&FacetDto::selected_max>("selected_max");
}
struct PriceRangeDto {
    Money min, max;
};
inline void describe(json::Struct<PriceRangeDto>& d) {
    d.name("PriceRange");
    d.field<&PriceRangeDto::min>("min");
    d.field<&PriceRangeDto::max>("max");
}
struct ListingDto {
    std::int64_t total = 0;
    std::vector<CardJson> items;
    std::vector<FacetDto> facets;
    std::optional<PriceRangeDto> price;
    std::string sort;
    std::vector<std::string> sorts;
    std::optional<std::string> next_cursor;
    std::optional<std::string> prev_cursor;
    std::optional<std::string> did_you_mean;
    std::optional<std::string> redirect;
};
inline void describe(json::Struct<ListingDto>& d) {
    d.name("Listing");
    d.field<&ListingDto::total>("total");
    d.field<&ListingDto::items>("items");
    d.field<&ListingDto::facets>("facets");
    d.field<&ListingDto::price>("price", "Lowest and highest, whatever price filter is set.");
    d.field<&ListingDto::sort>("sort");
    d.field<&ListingDto::sorts>("sorts");
    d.field<&ListingDto::next_cursor>("next_cursor");
    d.field<&ListingDto::prev_cursor>("prev_cursor");
    d.field<&ListingDto::did_you_mean>("did_you_mean", "The query as it was understood, when a word was corrected.");
    d.field<&ListingDto::redirect>("redirect", "A path that answers the query better than a list.");
}

struct SuggestedProductDto {
    catalog::ProductId id;
    std::string slug;
    std::string name;
    std::optional<ImageDto> image;
    PriceDto price;
    std::optional<std::string> part_number;
};
inline void describe(json::Struct<SuggestedProductDto>& d) {
    d.name("SuggestedProduct");
    d.field<&SuggestedProductDto::id>("id");
    d.field<&SuggestedProductDto::slug>("slug");
    d.field<&SuggestedProductDto::name>("name");
    d.field<&SuggestedProductDto::image>("image");
    d.field<&SuggestedProductDto::price>("price");
    d.field<&SuggestedProductDto::part_number>("part_number", "The buyer's own, where it is what was typed or begins with it.");
}
// Rows of the home page for a buyer.
struct RailsDto {
    std::vector<CardJson> new_arrivals, best_sellers;
};
inline void describe(json::Struct<RailsDto>& d) {
    d.name("HomeRails");
    d.field<&RailsDto::new_arrivals>("new_arrivals");
    d.field<&RailsDto::best_sellers>("best_sellers");
}
struct PartNumberDto {
    catalog::ProductId product_id;
    catalog::VariantId variant_id;
    std::string number;
};
inline void describe(json::Struct<PartNumberDto>& d) {
    d.name("PartNumber").doc("What the buyer's company, or their group of customers, calls a variant.");
    d.field<&PartNumberDto::product_id>("product_id");
    d.field<&PartNumberDto::variant_id>("variant_id");
    d.field<&PartNumberDto::number>("number");
}
struct PartNumbersDto {
    std::vector<PartNumberDto> items;
};
inline void describe(json::Struct<PartNumbersDto>& d) {
    d.name("PartNumbers");
    d.field<&PartNumbersDto::items>("items");
}
struct SuggestionsDto {
    std::vector<std::string> queries;
    std::vector<SuggestedProductDto> products;
    std::vector<CrumbDto> categories;
};
inline void describe(json::Struct<SuggestionsDto>& d) {
    d.name("Suggestions");
    d.field<&SuggestionsDto::queries>("queries");
    d.field<&SuggestionsDto::products>("products");
    d.field<&SuggestionsDto::categories>("categories");
}

enum class MediaKind { image };
inline json::EnumNames<MediaKind> enum_names(MediaKind) {
    static constexpr std::pair<MediaKind, std::string_view> kNames[] = {{MediaKind::image, "image"}};
    return kNames;
}
// An image of the gallery.
struct MediaDto {
    MediaKind kind = MediaKind::image;
    catalog::AssetId id;
    std::string src;
    std::string alt;
    int width = 0;
    int height = 0;
    int focal_x = 500;
    int focal_y = 500;
    std::optional<std::string> background;
    std::optional<std::string> placeholder;
    std::optional<std::map<std::string, std::string>> options;
};
inline void describe(json::Struct<MediaDto>& d) {
    d.name("Media");
    d.field<&MediaDto::kind>("kind");
    d.field<&MediaDto::id>("id");
    d.field<&MediaDto::src>("src");
    d.field<&MediaDto::alt>("alt");
    d.field<&MediaDto::width>("width");
    d.field<&MediaDto::height>("height");
    d.field<&MediaDto::focal_x>("focal_x");
    d.field<&MediaDto::focal_y>("focal_y");
    d.field<&MediaDto::background>("background");
    d.field<&MediaDto::placeholder>("placeholder");
    d.field<&MediaDto::options>("options", "Option values this picture shows.");
}

struct OptionValueDto {
    std::string value;
    std::string label;
    std::optional<std::string> colour;
};
inline void describe(json::Struct<OptionValueDto>& d) {
    d.name("OptionValue");
    d.field<&OptionValueDto::value>("value");
    d.field<&OptionValueDto::label>("label");
    d.field<&OptionValueDto::colour>("colour");
}
struct OptionDto {
    std::string code;
    std::string name;
    std::vector<OptionValueDto> values;
};
inline void describe(json::Struct<OptionDto>& d) {
    d.name("ProductOption");
    d.field<&OptionDto::code>("code");
    d.field<&OptionDto::name>("name");
    d.field<&OptionDto::values>("values");
}
enum class StockState { in_stock, low_stock, sold_out, backorder };
inline json::EnumNames<StockState> enum_names(StockState) {
    static constexpr std::pair<StockState, std::string_view> kNames[] = {{StockState::in_stock, "in_stock"},
                                                                         {StockState::low_stock, "low_stock"},
                                                                         {StockState::sold_out, "sold_out"},
                                                                         {StockState::backorder, "backorder"}};
    return kNames;
}
struct StockDto {
    StockState state = StockState::sold_out;
    std::optional<std::int64_t> quantity;
};
inline void describe(json::Struct<StockDto>& d) {
    d.name("Stock");
    d.field<&StockDto::state>("state");
    d.field<&StockDto::quantity>("quantity", "Only when few are left.");
}
struct PromiseDto {
    Date from;
    Date to;
};
inline void describe(json::Struct<PromiseDto>& d) {
    d.name("DeliveryPromise");
    d.field<&PromiseDto::from>("from");
    d.field<&PromiseDto::to>("to");
}
struct VariantDto {
    catalog::VariantId id;
    std::string sku;
    std::string name;
    std::map<std::string, std::string> options;
    PriceDto price;
    StockDto stock;
    std::optional<PromiseDto> promise;
    std::optional<std::string> barcode;
    std::optional<std::int64_t> weight_grams;
    std::optional<catalog::AssetId> image_id;
};
inline void describe(json::Struct<VariantDto>& d) {
    d.name("Variant");
    d.field<&VariantDto::id>("id");
    d.field<&VariantDto::sku>("sku");
    d.field<&VariantDto::name>("name", "Its option values; empty for a product with one variant.");
    d.field<&VariantDto::options>("options", "Value by option code.");
    d.field<&VariantDto::price>("price");
    d.field<&VariantDto::stock>("stock");
    d.field<&VariantDto::promise>("promise", "When it arrives if it is ordered today.");
    d.field<&VariantDto::barcode>("barcode");
    d.field<&VariantDto::weight_grams>("weight_grams");
    d.field<&VariantDto::image_id>("image_id");
}
struct AttributeDto {
    std::string code;
    std::string name;
    std::string value;
};
inline void describe(json::Struct<AttributeDto>& d) {
    d.name("ProductAttribute");
    d.field<&AttributeDto::code>("code");
    d.field<&AttributeDto::name>("name");
    d.field<&AttributeDto::value>("value", "Ready to show, with its unit.");
}

struct ProductPageDto {
    catalog::ProductId id;
    std::string slug;
    std::string name;
    std::optional<std::string> subtitle;
    std::string description_html;
    std::optional<std::string> brand;
    std::optional<CrumbDto> category;
    std::vector<CrumbDto> breadcrumbs;
    std::map<std::string, std::string> alternates;
    std::vector<MediaDto> media;
    std::vector<OptionDto> options;
    std::vector<VariantDto> variants;
    std::vector<AttributeDto> attributes;
    std::optional<RatingDto> rating;
    std::vector<ReviewDto> reviews;
    std::vector<CardJson> related;
    std::vector<CardJson> bought_together;
    std::vector<Badge> badges;
    bool available = false;
    bool is_gift_card = false;
    SeoDto seo;
    Timestamp updated_at{};
};
inline void describe(json::Struct<ProductPageDto>& d) {
    d.name("ProductPage");
    d.field<&ProductPageDto::id>("id");
    d.field<&ProductPageDto::slug>("slug", "Differs from the one asked for when that is an old one: redirect.");
    d.field<&ProductPageDto::name>("name");
    d.field<&ProductPageDto::subtitle>("subtitle");
    d.field<&ProductPageDto::description_html>("description_html", "HTML from a fixed list of tags.");
    d.field<&ProductPageDto::brand>("brand");
    d.field<&ProductPageDto::category>("category");
    d.field<&ProductPageDto::breadcrumbs>("breadcrumbs");
    d.field<&ProductPageDto::alternates>("alternates", "Slug by locale.");
    d.field<&ProductPageDto::media>("media");
    d.field<&ProductPageDto::options>("options");
    d.field<&ProductPageDto::variants>("variants");
    d.field<&ProductPageDto::attributes>("attributes");
    d.field<&ProductPageDto::rating>("rating");
    d.field<&ProductPageDto::reviews>("reviews", "The newest five.");
    d.field<&ProductPageDto::related>("related");
    d.field<&ProductPageDto::bought_together>("bought_together");
    d.field<&ProductPageDto::badges>("badges");
    d.field<&ProductPageDto::available>("available");
    d.field<&ProductPageDto::is_gift_card>("is_gift_card", "Its variants are amounts; a line of the cart says for whom it is.");
    d.field<&ProductPageDto::seo>("seo");
    d.field<&ProductPageDto::updated_at>("updated_at");
}

struct ReviewPageDto {
    std::vector<ReviewDto> items;
    std::optional<std::string> next_cursor;
};
inline void describe(json::Struct<ReviewPageDto>& d) {
    d.name("ReviewPage");
    d.field<&ReviewPageDto::items>("items");
    d.field<&ReviewPageDto::next_cursor>("next_cursor");
}

enum class PageKind { product, category, collection, page };
inline json::EnumNames<PageKind> enum_names(PageKind) {
    static constexpr std::pair<PageKind, std::string_view> kNames[] = {
        {PageKind::product, "product"}, {PageKind::category, "category"}, {PageKind::collection, "collection"}, {PageKind::page, "page"}};
    return kNames;
}
struct SitemapItemDto {
    PageKind kind = PageKind::product;
    std::map<std::string, std::string> slugs;
    Timestamp updated_at{};
    std::optional<std::string> image;
};
inline void describe(json::Struct<SitemapItemDto>& d) {
    d.name("SitemapItem");
    d.field<&SitemapItemDto::kind>("kind");
    d.field<&SitemapItemDto::slugs>("slugs", "Slug by locale.");
    d.field<&SitemapItemDto::updated_at>("updated_at");
    d.field<&SitemapItemDto::image>("image", "Picture address with {w} to replace.");
}
struct SitemapDto {
    std::vector<SitemapItemDto> items;
    std::optional<std::string> next_cursor;
};
inline void describe(json::Struct<SitemapDto>& d) {
    d.name("Sitemap");
    d.field<&SitemapDto::items>("items");
    d.field<&SitemapDto::next_cursor>("next_cursor");
}

}  // namespace stoa::search
