#pragma once
// The immutable state that reads are answered from. Products are dense ordinals; an ordinal stays with its product until the
// next full load. A refresh copies the pieces that its changes fall into, shares everything else and is published as a whole.
#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "merchandising.hpp"
#include "shared.hpp"

#include "stoa/catalog/reader.hpp"
#include "stoa/catalog/rules.hpp"
#include "stoa/pricing/pricing.hpp"
#include "stoa/search/search.hpp"
#include "text_index.hpp"

namespace stoa::search {

inline constexpr std::size_t kLocaleCount = catalog::kLocales.size();
inline constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t kLowStock = 5;  // at most this many: "low stock", with the number shown
inline constexpr std::int64_t kNewDays = 30;

using AssetPtr = std::shared_ptr<const catalog::Asset>;

// ---- what products refer to ----------------------------------------------------------------------------------------
struct CategoryInfo {
    catalog::Category record;
    AssetPtr image;
    std::vector<std::uint32_t> path;  // indexes, root … this
    std::vector<std::uint32_t> children;
    bool visible = true;  // it and everything above is published
    std::array<std::string, kLocaleCount> folded_names;
};
struct CollectionInfo {
    catalog::Collection record;
    AssetPtr image;
};
// A text with what it is in JSON: facets are written thousands of times a second.
class QuotedText {
public:
    QuotedText() : QuotedText(std::string_view()) {}
    explicit QuotedText(std::string_view text) : text_(text), json_(json::quote(text)) {}
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] KnownText view() const { return {text_, json_}; }

private:
    std::string text_, json_;
};
struct AttributeValueInfo {
    QuotedText code, colour;
    std::array<QuotedText, kLocaleCount> labels;
};
struct AttributeInfo {
    catalog::Attribute record;
    std::unordered_map<std::string, std::uint32_t> value_index;
    QuotedText code, unit;
    std::array<QuotedText, kLocaleCount> names;
    std::vector<AttributeValueInfo> values;  // of a flag: no and yes
};
struct Structure {
    std::vector<AttributeInfo> attributes;
    std::unordered_map<std::string, std::uint32_t> attribute_index;
    std::vector<CategoryInfo> categories;
    std::unordered_map<Uuid, std::uint32_t> category_index;
    std::vector<CollectionInfo> collections;
    std::unordered_map<Uuid, std::uint32_t> collection_index;
    std::unordered_map<Uuid, std::vector<std::pair<std::uint32_t, std::int64_t>>> listed_in;  // product → (collection, place)
    // Addresses of what is visible, current ones only.
    std::array<std::unordered_map<std::string, std::uint32_t>, kLocaleCount> category_slugs, collection_slugs;
    std::vector<std::string> currencies;
    Merchandising merchandising;
};

// ---- one product ----------------------------------------------------------------------------------------------------
struct LocalText {
    std::string name, subtitle, description_html, slug, seo_title, seo_description, keywords;
    bool operator==(const LocalText&) const = default;
};
// A price that only buyers of a list have.
struct ContractPrice {
    std::uint32_t list;  // in Snapshot::contract_lists, which also says the currency
    pricing::VariantPrice price;
};
struct VariantEntry {
    VariantId id;
    std::string sku, barcode;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> options;  // (attribute, value), in the product's order
    std::int64_t weight_grams = 0;
    AssetPtr image;
    bool active = false;  // and inside its window when the entry was built
    std::int64_t available = 0;
    std::vector<std::optional<pricing::VariantPrice>> prices;  // the public's, by currency
    std::vector<ContractPrice> contracts;                      // by list
};
struct Setting {
    std::uint32_t attribute;
    std::vector<std::uint32_t> values;
    std::optional<std::int64_t> number_milli;
    std::array<std::string, kLocaleCount> text;
    std::optional<bool> flag;
};
struct MediaEntry {
    AssetPtr asset;
    std::map<std::string, std::string> options;
};
struct Entry {
    ProductId id;
    std::string brand;
    std::array<std::shared_ptr<const LocalText>, kLocaleCount> texts;  // missing ones share the fallback
    std::array<bool, kLocaleCount> translated{};
    std::optional<std::uint32_t> category;
    std::vector<std::uint32_t> categories;   // with everything above, sorted
    std::vector<std::uint32_t> collections;  // sorted
    std::vector<std::uint32_t> options;      // attributes
    std::vector<Setting> settings;
    std::vector<MediaEntry> media;
    std::vector<VariantEntry> variants;    // active ones
    std::vector<catalog::Review> reviews;  // newest first
    std::vector<ProductId> bought_together;
    std::int64_t rating_sum = 0;
    std::int64_t popularity = 0;
    int handling_days = 1;
    bool published = false;  // at the time it was built
    std::optional<Timestamp> published_from, published_until;
    Timestamp newest_key{};  // published_from, else created_at
    Timestamp updated_at{};
    Timestamp next_change = Timestamp::max();  // a window opens or closes
    bool is_gift_card = false;
    catalog::Audience audience;

    // Derived
    std::vector<std::pair<std::uint32_t, std::uint32_t>> facet_values;  // (attribute, value), distinct
    std::vector<std::pair<std::uint32_t, std::int64_t>> facet_numbers;  // (attribute, thousandths)
    std::vector<std::pair<std::uint32_t, bool>> facet_flags;
    std::array<std::shared_ptr<const std::string>, kLocaleCount> card_text;
    std::vector<std::string> card_price;     // by currency; empty: no price
    std::vector<std::int64_t> lowest_price;  // by currency; kNone
    std::vector<std::int64_t> discount;      // whole per cent
    std::array<std::string, kLocaleCount> sort_name;

    [[nodiscard]] bool published_at(Timestamp at) const {
        return (!published_from || *published_from <= at) && (!published_until || at < *published_until);
    }
    // To everybody.
    [[nodiscard]] bool sellable(std::size_t currency) const {
        return published && audience.is_everybody() && lowest_price[currency] != kNone;
    }
    // By the public's prices. A variant without a price in this currency cannot be bought in it, however much of it lies there.
    [[nodiscard]] bool available(std::size_t currency) const {
        return std::ranges::any_of(variants, [&](const VariantEntry& each) { return each.available > 0 && each.prices[currency]; });
    }
};
using EntryPtr = std::shared_ptr<const Entry>;

// ---- sets and orders ------------------------------------------------------------------------------------------------
using Ordinals = SortedList<Ordinal>;
using Numbers = Pieces<std::int64_t, 512>;  // by ordinal; kNone: has none

// Ordinals by key, ties by product id.
struct Order {
    Ordinals list;
    Numbers keys;  // empty for sorts by name
};
struct AttributeSets {
    std::vector<Set> values;        // by value; for yes/no attributes: 0 no, 1 yes
    Shared<Numbers> numbers;        // number attributes only
    Shared<Ordinals> number_order;  // those that have one, by it
};
// Facet values of all products side by side (values and flags; `base[attribute] + value`): counting a small result by walking
// its products is several times faster than intersecting its bitmap with that of each value.
class FacetColumns {
public:
    std::vector<std::uint32_t> base;  // by attribute, one more at the end
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::span<const std::uint32_t> of(Ordinal ordinal) const {
        const auto& part = *parts_[ordinal / kPart];
        const auto at = ordinal % kPart;
        return {part.ids.data() + part.offsets[at], part.ids.data() + part.offsets[at + 1]};
    }
    // Writes down what the entries of these ordinals have; those beyond the end are appended.
    void update(const Pieces<EntryPtr>& entries, std::vector<Ordinal> changed);

private:
    static constexpr std::size_t kPart = 256;
    struct Part {
        std::array<std::uint32_t, kPart + 1> offsets{};
        std::vector<std::uint32_t> ids;
    };
    Pieces<std::shared_ptr<const Part>> parts_;
    std::size_t size_ = 0;
};
struct Sets {
    Shared<FacetColumns> columns;
    std::vector<Set> sellable;                       // to everybody, by currency
    std::vector<Set> priced;                         // published and with a public price, whoever may see them; by currency
    Set published, limited;                          // limited: to an audience
    std::unordered_map<std::string, Set> for_group;  // those that a group may see although they are limited
    std::unordered_map<Uuid, Set> for_company;
    std::vector<Set> by_contract;  // with a price in a contract list
    std::vector<Set> available;    // with stock of something that has a public price; by currency
    std::vector<Set> by_category;  // with everything below
    std::vector<Set> by_collection;
    std::vector<AttributeSets> attributes;
    std::vector<Shared<Order>> price_asc, price_desc, discount;  // by currency
    Shared<Order> newest, popular;
    Shared<Ordinals> by_id;
    std::array<Shared<Order>, kLocaleCount> by_name;
};

// Rendered answers of one snapshot, bounded; see page_cache.hpp.
struct PageCache;
[[nodiscard]] std::shared_ptr<PageCache> make_page_cache(std::size_t max_bytes);
[[nodiscard]] std::shared_ptr<PageCache> make_page_cache(const std::shared_ptr<PageCache>& like);  // an empty one of the same size

// A review worth showing in front, one a product, with what decides its place.
struct Praise {
    Ordinal ordinal;
    std::uint32_t review;
    bool own_language;
    int rating;
    std::int64_t popularity;
    Uuid id;  // of the review
};
// The best ones, best first. More than are shown, so that one that goes away has a successor without looking at every product.
struct Praises {
    static constexpr std::size_t kShown = 200;
    static constexpr std::size_t kKept = 1000;
    SortedList<Praise> list;
    bool is_all = true;  // there are no others
};

// How many of some products each category (with everything below) and each collection holds.
struct StructureCounts {
    std::vector<std::int64_t> categories, collections;
};

using ContractLists = std::shared_ptr<const std::vector<pricing::ContractList>>;

struct Snapshot {
    std::uint64_t version = 0;
    std::int64_t position = 0;
    Shared<SortedList<std::pair<Timestamp, Ordinal>>> windows;  // products that change by themselves, and when
    std::shared_ptr<const Structure> structure;
    ContractLists contract_lists;                      // a list keeps its place until the next full load
    Pieces<EntryPtr> entries;                          // by ordinal; null: gone
    Shared<Pieces<std::uint64_t, 512>> id_beginnings;  // by ordinal: the first eight bytes of its product's id, in their order
    Shared<Directory<Uuid, Ordinal>> ordinal_of;       // product
    Shared<Directory<Uuid, Ordinal>> ordinal_of_variant;
    std::array<Shared<Directory<std::string, Ordinal>>, kLocaleCount> by_slug;  // current ones
    std::shared_ptr<const std::unordered_map<std::string, Uuid>> old_slugs;     // "kind/locale/slug"
    Sets sets;
    Ranking ranking;
    std::array<TextLayers, kLocaleCount> text;
    // Rendered once: by locale × currency, then by category or collection.
    std::vector<Document> category_tree, collection_list;
    std::vector<Shared<std::vector<Document>>> category_pages, collection_pages;
    std::vector<StructureCounts> counts;  // of what everybody may buy, by currency
    std::array<Shared<Praises>, kLocaleCount> praise;
    std::shared_ptr<PageCache> pages;

    [[nodiscard]] std::size_t slot(std::size_t locale, std::size_t currency) const {
        return locale * structure->currencies.size() + currency;
    }
    // When the first of `windows` is due.
    [[nodiscard]] Timestamp next_change() const { return windows->empty() ? Timestamp::max() : windows->begin()->first; }
    [[nodiscard]] const Entry* find(const Uuid& product) const {
        const auto found = ordinal_of->find(product);
        return found == ordinal_of->end() ? nullptr : entries[found->second].get();
    }
};

// ---- building -------------------------------------------------------------------------------------------------------
// What changes more often than the product itself.
struct Terms {
    std::unordered_map<Uuid, std::int64_t> stock;                         // by variant
    std::vector<std::unordered_map<Uuid, pricing::VariantPrice>> prices;  // the public's, by currency
    std::unordered_map<Uuid, std::vector<ContractPrice>> contracts;       // by variant
};
// Everything known of one product, before it becomes an Entry.
struct RawProduct : Terms {
    catalog::Product record;
    std::vector<catalog::Review> reviews;
    std::vector<ProductId> bought_together;
};
using Assets = std::unordered_map<Uuid, AssetPtr>;

[[nodiscard]] std::shared_ptr<const Structure> make_structure(catalog::Structure&& records, std::vector<std::string> currencies,
                                                              Merchandising merchandising = {});
[[nodiscard]] EntryPtr make_entry(const RawProduct& raw, const Assets& assets, const Structure& structure, Timestamp now);
// The same product at other prices and with other stock; the time is one at which it is published as it was before.
[[nodiscard]] EntryPtr with_terms(const Entry& before, const Terms& terms, const Structure& structure, Timestamp now);
// Puts the changed entries (null: gone) into a copy of `base`. Ordinals beyond base are appended. `contract_lists` begin with those of
// base; null: they are the same.
[[nodiscard]] std::shared_ptr<Snapshot> with_changes(const Snapshot& base, const std::vector<std::pair<ProductId, EntryPtr>>& changes,
                                                     ContractLists contract_lists = nullptr);
// The same with other synonyms and rules.
[[nodiscard]] std::shared_ptr<Snapshot> with_merchandising(const Snapshot& base, Merchandising merchandising);
// A snapshot of exactly these.
[[nodiscard]] std::shared_ptr<Snapshot> make_snapshot(std::shared_ptr<const Structure> structure, std::vector<EntryPtr> entries,
                                                      std::shared_ptr<const std::unordered_map<std::string, Uuid>> old_slugs,
                                                      std::size_t page_cache_bytes, Ranking ranking = {},
                                                      ContractLists contract_lists = nullptr);

[[nodiscard]] PriceDto price_dto(const pricing::VariantPrice& price);
[[nodiscard]] ImageDto image_of(const catalog::Asset& asset, std::size_t locale);
// What follows a card's text for those whose prices `price_of` tells; empty when they have none.
using PriceOf = std::function<const pricing::VariantPrice*(const VariantEntry&)>;
[[nodiscard]] std::string render_card_price(const Entry& entry, const PriceOf& price_of, Timestamp now);
// The orders of a snapshot but those by name.
inline auto by_key(const Numbers& keys, const Pieces<EntryPtr>& entries) {
    return [&keys, &entries](Ordinal a, Ordinal b) {
        const auto x = keys[a], y = keys[b];
        return x != y ? x < y : entries[a]->id < entries[b]->id;
    };
}
// The text of all products, or of those that changed, indexed anew, while the snapshot it was made from goes on changing.
struct MergedText {
    std::array<std::shared_ptr<const TextIndex>, kLocaleCount> indexes;
    std::vector<std::shared_ptr<const TextIndex>> sources;  // what they replace, in the first language
    bool is_whole = false;
};
// Whether the layers of text want merging; search gets slower with each.
[[nodiscard]] bool wants_merging(const Snapshot& snapshot);
// Takes as long as indexing what is merged; may run beside with_changes.
[[nodiscard]] MergedText merge_text(const Snapshot& snapshot);
// `base` is what merge_text was given, or what changes have made of it since. Null when nothing of it is left to be replaced.
[[nodiscard]] std::shared_ptr<Snapshot> with_merged_text(const Snapshot& base, const MergedText& merged);

// Pages of the categories and collections in `touched` and of what stands above them; all of them without.
struct TouchedPages {
    std::vector<bool> categories, collections;
};
void render_structure_pages(Snapshot& snapshot, const std::vector<TouchedPages>* touched = nullptr);  // by currency
[[nodiscard]] StructureCounts counts_of(const Snapshot& snapshot, const Roaring& sellable);
// The same for those who may buy `sellable`.
[[nodiscard]] Document render_category_tree(const Snapshot& snapshot, std::size_t locale, const Roaring& sellable);
[[nodiscard]] Document render_category(const Snapshot& snapshot, std::uint32_t category, std::size_t locale, const Roaring& sellable);
[[nodiscard]] Document render_collections(const Snapshot& snapshot, std::size_t locale, const Roaring& sellable);
[[nodiscard]] Document render_collection(const Snapshot& snapshot, std::uint32_t collection, std::size_t locale, const Roaring& sellable);
[[nodiscard]] Document make_document(std::string json, std::string id);
// Differs when the content does: 128 bits of a fast hash, in quotes.
[[nodiscard]] std::string content_tag(std::string_view content);

}  // namespace stoa::search
