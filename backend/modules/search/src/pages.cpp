#include "pages.hpp"

#include <algorithm>
#include <cstring>

#include "page_cache.hpp"
#include "promise.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/text/text.hpp"

namespace stoa::search {
namespace {

constexpr std::size_t kFirstReviews = 5;
constexpr std::size_t kRelated = 8;

constexpr std::array<std::string_view, kLocaleCount> kYes{"Yes", "Ja", "Ja", "Oui"};
constexpr std::array<std::string_view, kLocaleCount> kNo{"No", "Nein", "Nee", "Non"};

const catalog::PageText& text_of(const catalog::PageTexts& texts, std::size_t locale) {
    static const catalog::PageText kEmpty;
    for (const auto wanted : {catalog::kLocales[locale], catalog::kLocales[0]}) {
        if (const auto found = texts.find(std::string(wanted)); found != texts.end()) return found->second;
    }
    return texts.empty() ? kEmpty : texts.begin()->second;
}

std::map<std::string, std::string> alternates(const catalog::PageTexts& texts) {
    std::map<std::string, std::string> out;
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) out.emplace(catalog::kLocales[locale], text_of(texts, locale).slug);
    return out;
}

CrumbDto crumb(const CategoryInfo& category, std::size_t locale) {
    const auto& text = text_of(category.record.texts, locale);
    return {text.slug, text.name};
}

SeoDto seo_of(const catalog::PageText& text) {
    return {text.seo_title.empty() ? text.name : text.seo_title,
            text.seo_description.empty() ? text::markdown_to_text(text.description, 155) : text.seo_description};
}

CategoryNodeDto node_of(const Snapshot& snapshot, std::uint32_t index, std::size_t locale, const StructureCounts& counts) {
    const auto& category = snapshot.structure->categories[index];
    const auto& text = text_of(category.record.texts, locale);
    CategoryNodeDto node;
    node.id = category.record.id;
    node.slug = text.slug;
    node.name = text.name;
    node.product_count = counts.categories[index];
    if (category.image) node.image = image_of(*category.image, locale);
    for (const auto child : category.children) {
        if (snapshot.structure->categories[child].visible) node.children.items.push_back(node_of(snapshot, child, locale, counts));
    }
    return node;
}

std::string variant_name(const VariantEntry& variant, const Structure& structure, std::size_t locale) {
    std::string out;
    for (const auto& [attribute, value] : variant.options) {
        if (!out.empty()) out += ", ";
        out += structure.attributes[attribute].values[value].labels[locale].text();
    }
    return out;
}

}  // namespace

std::string milli_text(std::int64_t milli, std::size_t locale) {
    std::string out = milli < 0 ? "-" : "";
    const auto positive = milli < 0 ? -milli : milli;
    out += std::to_string(positive / 1000);
    if (auto rest = positive % 1000; rest != 0) {
        std::string digits = std::to_string(1000 + rest).substr(1);
        while (digits.back() == '0') digits.pop_back();
        out += (locale == 0 ? "." : ",") + digits;
    }
    return out;
}

namespace {

__extension__ using Wide = unsigned __int128;
std::uint64_t fold_product(std::uint64_t a, std::uint64_t b) {
    const auto product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

// Not a secret and not a defence: two versions of one page must differ, as often as hashing 20 kB a request allows.
std::string content_tag(std::string_view content) {
    constexpr std::uint64_t kOne = 0x9E3779B97F4A7C15, kTwo = 0xC2B2AE3D27D4EB4F, kThree = 0x165667B19E3779F9, kFour = 0xD6E8FEB86659FD93;
    std::uint64_t a = kOne ^ content.size();
    std::uint64_t b = kThree + content.size();
    while (!content.empty()) {
        std::uint64_t words[2] = {0, 0};
        const auto taken = std::min(content.size(), sizeof words);
        std::memcpy(words, content.data(), taken);
        content.remove_prefix(taken);
        a = fold_product(a ^ words[0], words[1] ^ kTwo) + kOne;
        b = fold_product(b ^ words[1], words[0] ^ kFour) + kThree;
    }
    a = fold_product(a ^ kFour, b | 1);
    b = fold_product(b ^ kTwo, a | 1);
    std::string raw(16, '\0');
    std::memcpy(raw.data(), &a, 8);
    std::memcpy(raw.data() + 8, &b, 8);
    return '"' + crypto::base64url(raw) + '"';
}

Document make_document(std::string json, std::string id) {
    Document out;
    out.etag = content_tag(json);
    out.json = std::make_shared<const std::string>(std::move(json));
    out.id = std::move(id);
    return out;
}

std::shared_ptr<PageCache> make_page_cache(std::size_t max_bytes) { return std::make_shared<PageCache>(max_bytes); }
std::shared_ptr<PageCache> make_page_cache(const std::shared_ptr<PageCache>& like) {
    return std::make_shared<PageCache>(2 * like->pages.max_bytes);
}

StructureCounts counts_of(const Snapshot& snapshot, const Roaring& sellable) {
    StructureCounts out;
    for (const auto& set : snapshot.sets.by_category) out.categories.push_back(static_cast<std::int64_t>(set->and_cardinality(sellable)));
    for (const auto& set : snapshot.sets.by_collection)
        out.collections.push_back(static_cast<std::int64_t>(set->and_cardinality(sellable)));
    return out;
}

namespace {

Document category_tree(const Snapshot& snapshot, std::size_t locale, const StructureCounts& counts) {
    const auto& structure = *snapshot.structure;
    CategoryTreeDto tree;
    for (std::uint32_t i = 0; i < structure.categories.size(); ++i) {
        const auto& category = structure.categories[i];
        if (category.visible && !category.record.parent) tree.items.items.push_back(node_of(snapshot, i, locale, counts));
    }
    return make_document(json::render(tree), {});
}

Document category_page(const Snapshot& snapshot, std::uint32_t index, std::size_t locale, const StructureCounts& counts) {
    const auto& structure = *snapshot.structure;
    const auto& category = structure.categories[index];
    if (!category.visible) return {};
    const auto& text = text_of(category.record.texts, locale);
    CategoryPageDto page;
    page.id = category.record.id;
    page.slug = text.slug;
    page.name = text.name;
    if (!text.description.empty()) page.description = text::markdown_to_html(text.description);
    if (category.image) page.image = image_of(*category.image, locale);
    page.seo = seo_of(text);
    for (const auto above : category.path) page.breadcrumbs.push_back(crumb(structure.categories[above], locale));
    page.children = node_of(snapshot, index, locale, counts).children;
    page.alternates = alternates(category.record.texts);
    return make_document(json::render(page), category.record.id.to_string());
}

CollectionItemDto collection_item(const Snapshot& snapshot, std::uint32_t index, std::size_t locale, const StructureCounts& counts) {
    const auto& collection = snapshot.structure->collections[index];
    const auto& text = text_of(collection.record.texts, locale);
    CollectionItemDto item;
    item.id = collection.record.id;
    item.slug = text.slug;
    item.name = text.name;
    item.product_count = counts.collections[index];
    if (collection.image) item.image = image_of(*collection.image, locale);
    return item;
}

Document collection_page(const Snapshot& snapshot, std::uint32_t index, std::size_t locale, const StructureCounts& counts) {
    const auto& collection = snapshot.structure->collections[index];
    if (!collection.record.published) return {};
    const auto& text = text_of(collection.record.texts, locale);
    auto item = collection_item(snapshot, index, locale, counts);
    CollectionPageDto page;
    page.id = item.id;
    page.slug = std::move(item.slug);
    page.name = std::move(item.name);
    if (!text.description.empty()) page.description = text::markdown_to_html(text.description);
    page.image = std::move(item.image);
    page.seo = seo_of(text);
    page.alternates = alternates(collection.record.texts);
    return make_document(json::render(page), collection.record.id.to_string());
}

Document collection_list(const Snapshot& snapshot, std::size_t locale, const StructureCounts& counts) {
    const auto& collections = snapshot.structure->collections;
    CollectionsDto list;
    for (std::uint32_t i = 0; i < collections.size(); ++i) {
        if (collections[i].record.published) list.items.push_back(collection_item(snapshot, i, locale, counts));
    }
    return make_document(json::render(list), {});
}

}  // namespace

Document render_category_tree(const Snapshot& snapshot, std::size_t locale, const Roaring& sellable) {
    return category_tree(snapshot, locale, counts_of(snapshot, sellable));
}
Document render_category(const Snapshot& snapshot, std::uint32_t index, std::size_t locale, const Roaring& sellable) {
    return category_page(snapshot, index, locale, counts_of(snapshot, sellable));
}
Document render_collections(const Snapshot& snapshot, std::size_t locale, const Roaring& sellable) {
    return collection_list(snapshot, locale, counts_of(snapshot, sellable));
}
Document render_collection(const Snapshot& snapshot, std::uint32_t index, std::size_t locale, const Roaring& sellable) {
    return collection_page(snapshot, index, locale, counts_of(snapshot, sellable));
}

void render_structure_pages(Snapshot& snapshot, const std::vector<TouchedPages>* touched) {
    const auto& structure = *snapshot.structure;
    if (!touched) {
        const auto slots = kLocaleCount * structure.currencies.size();
        snapshot.category_tree.assign(slots, {});
        snapshot.collection_list.assign(slots, {});
        snapshot.category_pages.resize(slots);
        snapshot.collection_pages.resize(slots);
        for (auto& pages : snapshot.category_pages) pages.write().assign(structure.categories.size(), {});
        for (auto& pages : snapshot.collection_pages) pages.write().assign(structure.collections.size(), {});
    }
    for (std::size_t currency = 0; currency < structure.currencies.size(); ++currency) {
        const auto& counts = snapshot.counts[currency];
        const auto none = [](const std::vector<bool>& list) { return std::ranges::none_of(list, std::identity()); };
        const auto* of_currency = touched ? &(*touched)[currency] : nullptr;
        const bool categories = !of_currency || !none(of_currency->categories);
        const bool collections = !of_currency || !none(of_currency->collections);
        for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
            const auto slot = snapshot.slot(locale, currency);
            if (categories) snapshot.category_tree[slot] = category_tree(snapshot, locale, counts);
            if (collections) snapshot.collection_list[slot] = collection_list(snapshot, locale, counts);
            for (std::uint32_t i = 0; categories && i < structure.categories.size(); ++i) {
                if (!of_currency || of_currency->categories[i])
                    snapshot.category_pages[slot].write()[i] = category_page(snapshot, i, locale, counts);
            }
            for (std::uint32_t i = 0; collections && i < structure.collections.size(); ++i) {
                if (!of_currency || of_currency->collections[i])
                    snapshot.collection_pages[slot].write()[i] = collection_page(snapshot, i, locale, counts);
            }
        }
    }
}

std::optional<Ordinal> product_by_slug(const Snapshot& snapshot, std::size_t locale, std::string_view slug) {
    const std::string wanted(slug);
    for (std::size_t i = 0; i < kLocaleCount; ++i) {
        const auto& slugs = *snapshot.by_slug[(locale + i) % kLocaleCount];
        if (const auto found = slugs.find(wanted); found != slugs.end()) return found->second;
    }
    for (std::size_t i = 0; i < kLocaleCount; ++i) {
        const auto old = snapshot.old_slugs->find("product/" + std::string(catalog::kLocales[(locale + i) % kLocaleCount]) + "/" + wanted);
        if (old == snapshot.old_slugs->end()) continue;
        const auto found = snapshot.ordinal_of->find(old->second);
        if (found != snapshot.ordinal_of->end() && snapshot.entries[found->second]) return found->second;
    }
    return std::nullopt;
}

std::vector<Ordinal> related_products(const Snapshot& snapshot, Ordinal ordinal, const View& view, std::size_t limit) {
    constexpr std::size_t kMostCandidates = 2000;
    const auto& entry = *snapshot.entries[ordinal];
    if (!entry.category) return {};
    const auto& path = snapshot.structure->categories[*entry.category].path;
    // The narrowest category around it that has enough others.
    Roaring candidates;
    for (auto at = path.rbegin(); at != path.rend(); ++at) {
        candidates = *snapshot.sets.by_category[*at] & *view.sellable();
        if (candidates.cardinality() > limit) break;
    }
    std::vector<std::pair<std::int64_t, Ordinal>> ranked;
    std::size_t looked = 0;
    for (const auto other : candidates) {
        if (other == ordinal) continue;
        if (++looked > kMostCandidates) break;
        const auto& candidate = *snapshot.entries[other];
        std::int64_t score = candidate.category == entry.category ? 4 : 0;
        auto a = entry.facet_values.begin();
        auto b = candidate.facet_values.begin();
        while (a != entry.facet_values.end() && b != candidate.facet_values.end()) {
            if (*a < *b)
                ++a;
            else if (*b < *a)
                ++b;
            else {
                score += 2;
                ++a;
                ++b;
            }
        }
        if (view.available().contains(other)) score += 3;
        ranked.emplace_back(score, other);
    }
    const auto better = [&](const auto& x, const auto& y) {
        if (x.first != y.first) return x.first > y.first;
        const auto& p = *snapshot.entries[x.second];
        const auto& q = *snapshot.entries[y.second];
        return p.popularity != q.popularity ? p.popularity > q.popularity : p.id < q.id;
    };
    const auto count = std::min(limit, ranked.size());
    std::ranges::partial_sort(ranked, ranked.begin() + static_cast<std::ptrdiff_t>(count), better);
    std::vector<Ordinal> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(ranked[i].second);
    return out;
}

std::optional<ProductPageDto> product_page(const Snapshot& snapshot, Ordinal ordinal, std::size_t locale, std::size_t currency,
                                           Timestamp at, const BuyerView* buyer) {
    const auto& structure = *snapshot.structure;
    const auto& entry = *snapshot.entries[ordinal];
    const View view(snapshot, currency, buyer);
    if (!entry.published_at(at) || !view.sellable().contains(ordinal)) return std::nullopt;
    const auto& text = *entry.texts[locale];
    ProductPageDto page;
    page.id = entry.id;
    page.slug = text.slug;
    page.name = text.name;
    if (!text.subtitle.empty()) page.subtitle = text.subtitle;
    page.description_html = text.description_html;
    if (!entry.brand.empty()) page.brand = entry.brand;
    if (entry.category) {
        page.category = crumb(structure.categories[*entry.category], locale);
        for (const auto above : structure.categories[*entry.category].path)
            page.breadcrumbs.push_back(crumb(structure.categories[above], locale));
    }
    for (std::size_t i = 0; i < kLocaleCount; ++i) page.alternates.emplace(catalog::kLocales[i], entry.texts[i]->slug);
    for (const auto& media : entry.media) {
        const auto image = image_of(*media.asset, locale);
        MediaDto item{MediaKind::image, image.id,      image.src,        image.alt,         image.width, image.height,
                      image.focal_x,    image.focal_y, image.background, image.placeholder, {}};
        if (!media.options.empty()) item.options = media.options;
        page.media.push_back(std::move(item));
    }
    for (const auto attribute : entry.options) {
        const auto& info = structure.attributes[attribute];
        OptionDto option{info.record.code, info.names[locale].text(), {}};
        for (std::uint32_t value = 0; value < info.record.values.size(); ++value) {
            const bool used = std::ranges::any_of(entry.variants, [&](const VariantEntry& variant) {
                return view.price(variant) && std::ranges::find(variant.options, std::pair(attribute, value)) != variant.options.end();
            });
            if (!used) continue;
            OptionValueDto shown{info.record.values[value].code, info.values[value].labels[locale].text(), {}};
            if (!info.record.values[value].colour.empty()) shown.colour = info.record.values[value].colour;
            option.values.push_back(std::move(shown));
        }
        page.options.push_back(std::move(option));
    }
    const auto promise = delivery_promise(date_of(at), entry.handling_days);
    std::int64_t stock = 0;
    bool reduced = false;
    for (const auto& variant : entry.variants) {
        const auto* price = view.price(variant);
        if (!price) continue;
        VariantDto shown;
        shown.id = variant.id;
        shown.sku = variant.sku;
        shown.name = variant_name(variant, structure, locale);
        for (const auto& [attribute, value] : variant.options) {
            shown.options.emplace(structure.attributes[attribute].record.code, structure.attributes[attribute].record.values[value].code);
        }
        shown.price = price_dto(*price);
        reduced = reduced || shown.price.regular;
        if (variant.available > 0) {
            shown.stock.state = variant.available <= kLowStock ? StockState::low_stock : StockState::in_stock;
            if (variant.available <= kLowStock) shown.stock.quantity = variant.available;
            if (!entry.is_gift_card) shown.promise = PromiseDto{promise.from, promise.to};
            stock += variant.available;
        }
        if (!variant.barcode.empty()) shown.barcode = variant.barcode;
        if (variant.weight_grams > 0) shown.weight_grams = variant.weight_grams;
        if (variant.image) shown.image_id = variant.image->id;
        page.variants.push_back(std::move(shown));
    }
    page.available = stock > 0;
    page.is_gift_card = entry.is_gift_card;
    if (entry.newest_key <= at && at - entry.newest_key <= std::chrono::days(kNewDays)) page.badges.push_back(Badge::fresh);
    if (reduced) page.badges.push_back(Badge::sale);
    if (stock == 0)
        page.badges.push_back(Badge::sold_out);
    else if (stock <= kLowStock)
        page.badges.push_back(Badge::low_stock);
    for (const auto& setting : entry.settings) {
        const auto& info = structure.attributes[setting.attribute];
        if (!info.record.visible) continue;
        AttributeDto shown{info.record.code, info.names[locale].text(), {}};
        for (const auto value : setting.values) shown.value += (shown.value.empty() ? "" : ", ") + info.values[value].labels[locale].text();
        if (setting.number_milli) {
            shown.value = milli_text(*setting.number_milli, locale);
            if (!info.record.unit.empty()) shown.value += " " + info.record.unit;
        }
        if (!setting.text[locale].empty()) shown.value = setting.text[locale];
        if (setting.flag) shown.value = *setting.flag ? kYes[locale] : kNo[locale];
        if (!shown.value.empty()) page.attributes.push_back(std::move(shown));
    }
    if (!entry.reviews.empty()) {
        const auto count = static_cast<std::int64_t>(entry.reviews.size());
        page.rating = RatingDto{mul_div(entry.rating_sum, 10, count, Rounding::half_up), count};
    }
    for (std::size_t i = 0; i < std::min(kFirstReviews, entry.reviews.size()); ++i)
        page.reviews.push_back(catalog::review_dto(entry.reviews[i]));
    for (const auto other : related_products(snapshot, ordinal, view, kRelated)) page.related.push_back({view.card(other, locale, at)});
    for (const auto& id : entry.bought_together) {
        const auto other = snapshot.ordinal_of->find(id.uuid());
        if (other != snapshot.ordinal_of->end() && view.sellable().contains(other->second))
            page.bought_together.push_back({view.card(other->second, locale, at)});
    }
    page.seo = {text.seo_title, text.seo_description};
    page.updated_at = entry.updated_at;
    return page;
}

}  // namespace stoa::search
