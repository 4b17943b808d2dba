#include <algorithm>
#include <set>
#include <tuple>

#include "snapshot.hpp"
#include "stoa/text/text.hpp"

namespace stoa::search {
namespace {

std::shared_ptr<const LocalText> local_text(const catalog::PageText& text) {
    auto out = std::make_shared<LocalText>();
    out->name = text.name;
    out->subtitle = text.subtitle;
    out->description_html = text::markdown_to_html(text.description);
    out->slug = text.slug;
    out->keywords = text.keywords;
    out->seo_title = text.seo_title.empty() ? text.name : text.seo_title;
    out->seo_description = text.seo_description.empty() ? text::markdown_to_text(text.description, 155) : text.seo_description;
    return out;
}

const catalog::PageText* best_text(const catalog::PageTexts& texts, std::size_t locale) {
    for (const auto wanted : {catalog::kLocales[locale], catalog::kLocales[0]}) {
        if (const auto found = texts.find(std::string(wanted)); found != texts.end()) return &found->second;
    }
    return texts.empty() ? nullptr : &texts.begin()->second;
}

AssetPtr asset_in(const Assets& assets, const std::optional<catalog::AssetId>& id) {
    if (!id) return nullptr;
    const auto found = assets.find(id->uuid());
    return found == assets.end() ? nullptr : found->second;
}

void note_boundary(Entry& entry, const std::optional<Timestamp>& boundary, Timestamp now) {
    if (boundary && *boundary > now) entry.next_change = std::min(entry.next_change, *boundary);
}

template <class T>
void sort_unique(std::vector<T>& list) {
    std::ranges::sort(list);
    const auto rest = std::ranges::unique(list);
    list.erase(rest.begin(), rest.end());
}

// ---- cards ----------------------------------------------------------------------------------------------------------
const json::StructInfo& card_text_info() {
    static const json::StructInfo info = [] {
        json::StructInfo built;
        built.fields.reserve(32);
        json::Struct<ProductCardDto> d(built);
        describe_card_text(d);
        return built;
    }();
    return info;
}
const json::StructInfo& card_price_info() {
    static const json::StructInfo info = [] {
        json::StructInfo built;
        built.fields.reserve(32);
        json::Struct<ProductCardDto> d(built);
        describe_card_price(d);
        return built;
    }();
    return info;
}

// The option whose values have colours, if any.
std::optional<std::uint32_t> swatch_attribute(const Entry& entry, const Structure& structure) {
    for (const auto attribute : entry.options) {
        for (const auto& value : structure.attributes[attribute].record.values) {
            if (!value.colour.empty()) return attribute;
        }
    }
    return std::nullopt;
}

std::vector<SwatchDto> swatches(const Entry& entry, const Structure& structure, std::size_t locale) {
    std::vector<SwatchDto> out;
    const auto attribute = swatch_attribute(entry, structure);
    if (!attribute) return out;
    const auto& info = structure.attributes[*attribute];
    std::vector<std::uint32_t> seen;
    for (const auto& variant : entry.variants) {
        for (const auto& [option, value] : variant.options) {
            if (option != *attribute) continue;
            const auto known = std::ranges::find(seen, value);
            if (known != seen.end()) {
                auto& swatch = out[static_cast<std::size_t>(known - seen.begin())];
                swatch.available = swatch.available || variant.available > 0;
                continue;
            }
            seen.push_back(value);
            SwatchDto swatch;
            swatch.value = info.record.values[value].code;
            swatch.label = info.labels[value][locale];
            if (!info.record.values[value].colour.empty()) swatch.colour = info.record.values[value].colour;
            if (variant.image) {
                swatch.image = image_of(*variant.image, locale);
            } else {
                for (const auto& media : entry.media) {
                    const auto shows = media.options.find(info.record.code);
                    if (shows != media.options.end() && shows->second == swatch.value) {
                        swatch.image = image_of(*media.asset, locale);
                        break;
                    }
                }
            }
            if (swatch.image) swatch.image->placeholder.reset();  // a swatch is tiny anyway
            swatch.available = variant.available > 0;
            out.push_back(std::move(swatch));
        }
    }
    return out;
}

std::string render_card_text(const Entry& entry, const Structure& structure, std::size_t locale) {
    ProductCardDto card;
    const auto& text = *entry.texts[locale];
    card.id = entry.id;
    card.slug = text.slug;
    card.name = text.name;
    if (!text.subtitle.empty()) card.subtitle = text.subtitle;
    if (!entry.media.empty()) card.image = image_of(*entry.media[0].asset, locale);
    if (entry.media.size() > 1) card.hover_image = image_of(*entry.media[1].asset, locale);
    card.swatches = swatches(entry, structure, locale);
    if (!entry.reviews.empty()) {
        const auto count = static_cast<std::int64_t>(entry.reviews.size());
        card.rating = RatingDto{mul_div(entry.rating_sum, 10, count, Rounding::half_up), count};
    }
    card.available = entry.available;
    json::Writer out;
    json::write_struct(card_text_info(), &card, out);
    auto rendered = out.take();
    rendered.pop_back();
    return rendered;
}

// ---- orders ---------------------------------------------------------------------------------------------------------
enum class Kind { price_asc, price_desc, discount, newest, popular };

std::int64_t order_key(const Entry& entry, Kind kind, std::size_t currency) {
    switch (kind) {
        case Kind::price_asc:
            return entry.lowest_price[currency];
        case Kind::price_desc:
            return entry.lowest_price[currency] == kNone ? kNone : -entry.lowest_price[currency];
        case Kind::discount:
            return -entry.discount[currency];
        case Kind::newest:
            return -entry.newest_key.time_since_epoch().count();
        case Kind::popular:
            return -entry.popularity;
    }
    return 0;
}

// What one change did to the set of products and their order.
struct Change {
    Ordinal ordinal;
    EntryPtr before, after;  // null: was not there, is not there any more
};

// Nothing is copied when no key moved.
template <class Same>
bool none_moved(const std::vector<Change>& changes, Same same) {
    return std::ranges::all_of(changes,
                               [&](const Change& change) { return change.before && change.after && same(*change.before, *change.after); });
}

void update_order(Shared<Order>& shared, Kind kind, std::size_t currency, const Pieces<EntryPtr>& entries,
                  const std::vector<bool>& is_changed, const std::vector<Change>& changes, const std::vector<Ordinal>& present) {
    if (none_moved(changes, [&](const Entry& a, const Entry& b) { return order_key(a, kind, currency) == order_key(b, kind, currency); }))
        return;
    auto& order = shared.write();
    order.keys.resize(entries.size(), kNone);
    for (const auto& change : changes) order.keys[change.ordinal] = change.after ? order_key(*change.after, kind, currency) : kNone;
    merge_changed(order.list, is_changed, present, [&](Ordinal a, Ordinal b) {
        if (order.keys[a] != order.keys[b]) return order.keys[a] < order.keys[b];
        return entries[a]->id < entries[b]->id;
    });
}

void add_to_sets(Sets& sets, Ordinal ordinal, const Entry& entry, bool add) {
    const auto apply = [&](Roaring& set) {
        if (add)
            set.add(ordinal);
        else
            set.remove(ordinal);
    };
    for (std::size_t currency = 0; currency < sets.sellable.size(); ++currency) {
        if (entry.sellable(currency)) apply(sets.sellable[currency]);
        if (entry.published && entry.lowest_price[currency] != kNone) apply(sets.priced[currency]);
    }
    if (entry.published) apply(sets.published);
    if (!entry.audience.is_everybody()) apply(sets.limited);
    for (const auto& group : entry.audience.groups) apply(sets.for_group[group]);
    for (const auto& company : entry.audience.companies) apply(sets.for_company[company]);
    for (const auto& variant : entry.variants) {
        for (const auto& contract : variant.contracts) apply(sets.by_contract[contract.list]);
    }
    if (entry.available) apply(sets.available);
    for (const auto category : entry.categories) apply(sets.by_category[category]);
    for (const auto collection : entry.collections) apply(sets.by_collection[collection]);
    for (const auto& [attribute, value] : entry.facet_values) apply(sets.attributes[attribute].values[value]);
    for (const auto& [attribute, flag] : entry.facet_flags) apply(sets.attributes[attribute].values[flag ? 1 : 0]);
    for (const auto& [attribute, number] : entry.facet_numbers) sets.attributes[attribute].numbers[ordinal] = add ? number : kNone;
}

void rebuild_columns(Snapshot& snapshot) {
    auto& columns = snapshot.sets.columns.write();
    columns.base.clear();
    std::uint32_t next = 0;
    for (const auto& attribute : snapshot.sets.attributes) {
        columns.base.push_back(next);
        next += static_cast<std::uint32_t>(attribute.values.size());
    }
    columns.base.push_back(next);
    columns.offsets.assign(1, 0);
    columns.offsets.reserve(snapshot.entries.size() + 1);
    columns.ids.clear();
    for (const auto& entry : snapshot.entries) {
        if (entry) {
            for (const auto& [attribute, value] : entry->facet_values) columns.ids.push_back(columns.base[attribute] + value);
            for (const auto& [attribute, flag] : entry->facet_flags) columns.ids.push_back(columns.base[attribute] + (flag ? 1 : 0));
        }
        columns.offsets.push_back(static_cast<std::uint32_t>(columns.ids.size()));
    }
}

bool same_words(const Entry& a, const Entry& b) {
    if (a.brand != b.brand || a.categories != b.categories || a.facet_values != b.facet_values || a.variants.size() != b.variants.size())
        return false;
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
        if (*a.texts[locale] != *b.texts[locale]) return false;
    }
    if (!std::ranges::equal(
            a.settings, b.settings, {}, [](const Setting& setting) { return std::tie(setting.attribute, setting.text); },
            [](const Setting& setting) { return std::tie(setting.attribute, setting.text); }))
        return false;
    for (std::size_t i = 0; i < a.variants.size(); ++i) {
        if (a.variants[i].sku != b.variants[i].sku || a.variants[i].barcode != b.variants[i].barcode) return false;
    }
    return true;
}

void index_words(TextIndex::Builder& builder, Ordinal ordinal, const Entry& entry, const Snapshot& snapshot, std::size_t locale) {
    const auto& structure = *snapshot.structure;
    const auto& text = *entry.texts[locale];
    std::string categories, labels, texts;
    for (const auto category : entry.categories) {
        if (const auto* found = best_text(structure.categories[category].record.texts, locale)) categories += found->name + " ";
    }
    for (const auto& [attribute, value] : entry.facet_values) {
        if (structure.attributes[attribute].record.searchable) labels += structure.attributes[attribute].labels[value][locale] + " ";
    }
    for (const auto& setting : entry.settings) {
        if (snapshot.ranking.text_attributes && structure.attributes[setting.attribute].record.searchable)
            texts += setting.text[locale] + " ";
    }
    const auto description = strip_tags(text.description_html);
    std::vector<std::string_view> codes;
    for (const auto& variant : entry.variants) {
        codes.push_back(variant.sku);
        if (!variant.barcode.empty()) codes.push_back(variant.barcode);
    }
    builder.add(ordinal,
                {{Field::name, text.name},
                 {Field::category, categories},
                 {Field::category, text.keywords},
                 {Field::label, labels},
                 {Field::brand, entry.brand},
                 {Field::text, texts},
                 {Field::description, text.subtitle},
                 {Field::description, description}},
                codes);
}

void rebuild_text(Snapshot& snapshot) {
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
        TextIndex::Builder builder(static_cast<int>(locale), nullptr, snapshot.ranking);
        for (Ordinal ordinal = 0; ordinal < snapshot.entries.size(); ++ordinal) {
            if (const auto& entry = snapshot.entries[ordinal]) index_words(builder, ordinal, *entry, snapshot, locale);
        }
        const auto& synonyms = snapshot.structure->merchandising.synonyms[locale];
        snapshot.text[locale] =
            TextLayers{builder.build(), nullptr, {}, snapshot.ranking, std::shared_ptr<const SynonymMap>(snapshot.structure, &synonyms)};
    }
}

void update_text(Snapshot& snapshot, const std::vector<Ordinal>& changed_words) {
    if (changed_words.empty()) return;
    auto superseded = snapshot.text[0].superseded;
    for (const auto ordinal : changed_words) superseded.add(ordinal);
    if (superseded.cardinality() > std::max<std::uint64_t>(500, snapshot.entries.size() / 10)) {
        rebuild_text(snapshot);
        return;
    }
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
        TextIndex::Builder builder(static_cast<int>(locale), snapshot.text[locale].main, snapshot.ranking);
        for (const auto ordinal : superseded) {
            if (const auto& entry = snapshot.entries[ordinal]) index_words(builder, ordinal, *entry, snapshot, locale);
        }
        snapshot.text[locale].delta = builder.build();
        snapshot.text[locale].superseded = superseded;
    }
}

// The best reviews in front of the shop: those in the reader's language first.
void choose_praise(Snapshot& snapshot) {
    constexpr std::size_t kKept = 200;
    constexpr std::int64_t kGood = 4;
    constexpr std::size_t kWorthReading = 40;
    struct Found {
        bool own_language;
        const Entry* entry;
        Praise praise;
        [[nodiscard]] const catalog::Review& review() const { return entry->reviews[praise.review]; }
    };
    std::array<std::vector<Found>, kLocaleCount> found;
    for (Ordinal ordinal = 0; ordinal < snapshot.entries.size(); ++ordinal) {
        const auto* entry = snapshot.entries[ordinal].get();
        if (!entry || !entry->published || entry->reviews.empty()) continue;
        std::array<std::optional<Found>, kLocaleCount> best;
        for (std::uint32_t i = 0; i < entry->reviews.size(); ++i) {
            const auto& review = entry->reviews[i];
            if (review.rating < kGood || review.body.size() < kWorthReading) continue;
            for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
                const bool own = review.locale == catalog::kLocales[locale];
                if (!best[locale] || (own && !best[locale]->own_language)) best[locale] = Found{own, entry, {ordinal, i}};
            }
        }
        for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
            if (best[locale]) found[locale].push_back(*best[locale]);
        }
    }
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
        auto& list = found[locale];
        const auto kept = std::min(kKept, list.size());
        std::ranges::partial_sort(list, list.begin() + static_cast<std::ptrdiff_t>(kept), [](const Found& a, const Found& b) {
            if (a.own_language != b.own_language) return a.own_language;
            if (a.review().rating != b.review().rating) return a.review().rating > b.review().rating;
            if (a.entry->popularity != b.entry->popularity) return a.entry->popularity > b.entry->popularity;
            return a.review().id > b.review().id;
        });
        snapshot.praise[locale].clear();
        for (std::size_t i = 0; i < kept; ++i) snapshot.praise[locale].push_back(list[i].praise);
    }
}

void update_slugs(Snapshot& snapshot, const std::vector<Change>& changes, std::size_t locale) {
    if (none_moved(changes, [&](const Entry& a, const Entry& b) {
            return a.texts[locale]->slug == b.texts[locale]->slug && a.translated[locale] == b.translated[locale];
        }))
        return;
    auto& slugs = snapshot.by_slug[locale].write();
    for (const auto& change : changes) {
        if (!change.before) continue;
        const auto known = slugs.find(change.before->texts[locale]->slug);
        if (known != slugs.end() && known->second == change.ordinal) slugs.erase(known);
    }
    for (const auto& change : changes) {
        if (!change.after) continue;
        // A borrowed slug gives way to one that is at home in this language.
        if (change.after->translated[locale])
            slugs.insert_or_assign(change.after->texts[locale]->slug, change.ordinal);
        else
            slugs.try_emplace(change.after->texts[locale]->slug, change.ordinal);
    }
}

void apply_changes(Snapshot& snapshot, const std::vector<std::pair<Ordinal, EntryPtr>>& changed) {
    auto& sets = snapshot.sets;
    const std::size_t count = snapshot.entries.size();
    const bool is_first = changed.size() == count;
    sets.by_contract.resize(snapshot.contract_lists->size());
    for (std::size_t i = 0; i < sets.attributes.size(); ++i) {
        if (snapshot.structure->attributes[i].record.kind == catalog::AttributeKind::number)
            sets.attributes[i].numbers.resize(count, kNone);
    }
    std::vector<bool> is_changed(count, false);
    std::vector<Change> changes;
    std::vector<Ordinal> present, words;
    for (const auto& [ordinal, entry] : changed) {
        const auto& change = changes.emplace_back(ordinal, snapshot.entries[ordinal], entry);
        if (change.before) add_to_sets(sets, ordinal, *change.before, false);
        if (!change.before != !entry || (change.before && entry && !same_words(*change.before, *entry))) words.push_back(ordinal);
        snapshot.entries.set(ordinal, entry);
        is_changed[ordinal] = true;
        if (entry) present.push_back(ordinal);
    }
    for (const auto ordinal : present) add_to_sets(sets, ordinal, *snapshot.entries[ordinal], true);
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) update_slugs(snapshot, changes, locale);
    for (std::size_t currency = 0; currency < snapshot.structure->currencies.size(); ++currency) {
        update_order(sets.price_asc[currency], Kind::price_asc, currency, snapshot.entries, is_changed, changes, present);
        update_order(sets.price_desc[currency], Kind::price_desc, currency, snapshot.entries, is_changed, changes, present);
        update_order(sets.discount[currency], Kind::discount, currency, snapshot.entries, is_changed, changes, present);
    }
    update_order(sets.newest, Kind::newest, 0, snapshot.entries, is_changed, changes, present);
    update_order(sets.popular, Kind::popular, 0, snapshot.entries, is_changed, changes, present);
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
        if (none_moved(changes, [&](const Entry& a, const Entry& b) { return a.sort_name[locale] == b.sort_name[locale]; })) continue;
        merge_changed(sets.by_name[locale].write().list, is_changed, present, [&](Ordinal a, Ordinal b) {
            const auto& x = *snapshot.entries[a];
            const auto& y = *snapshot.entries[b];
            if (x.sort_name[locale] != y.sort_name[locale]) return x.sort_name[locale] < y.sort_name[locale];
            return x.id < y.id;
        });
    }
    if (!none_moved(changes, [](const Entry& a, const Entry& b) { return a.facet_numbers == b.facet_numbers; })) {
        for (std::size_t i = 0; i < sets.attributes.size(); ++i) {
            auto& of_attribute = sets.attributes[i];
            if (snapshot.structure->attributes[i].record.kind != catalog::AttributeKind::number) continue;
            std::vector<Ordinal> numbered;
            for (const auto ordinal : present) {
                if (of_attribute.numbers[ordinal] != kNone) numbered.push_back(ordinal);
            }
            merge_changed(of_attribute.number_order, is_changed, numbered, [&](Ordinal a, Ordinal b) {
                return std::pair(of_attribute.numbers[a], a) < std::pair(of_attribute.numbers[b], b);
            });
        }
    }
    if (!none_moved(changes, [](const Entry&, const Entry&) { return true; }))
        merge_changed(sets.by_id.write(), is_changed, present,
                      [&](Ordinal a, Ordinal b) { return snapshot.entries[a]->id < snapshot.entries[b]->id; });
    if (is_first || !none_moved(changes, [](const Entry& a, const Entry& b) {
            return a.facet_values == b.facet_values && a.facet_flags == b.facet_flags;
        }))
        rebuild_columns(snapshot);
    const auto praised = [](const EntryPtr& entry) { return entry && !entry->reviews.empty(); };
    if (is_first || std::ranges::any_of(changes, [&](const Change& change) {
            if (!praised(change.before) && !praised(change.after)) return false;
            return !change.before || !change.after || change.before->reviews != change.after->reviews ||
                   change.before->popularity != change.after->popularity || change.before->published != change.after->published;
        }))
        choose_praise(snapshot);
    if (is_first)
        rebuild_text(snapshot);
    else
        update_text(snapshot, words);
    auto& windows = snapshot.windows.write();
    std::erase_if(windows, [&](const auto& window) { return is_changed[window.second]; });
    for (const auto ordinal : present) {
        if (const auto at = snapshot.entries[ordinal]->next_change; at != Timestamp::max()) windows.emplace_back(at, ordinal);
    }
    snapshot.next_change = Timestamp::max();
    for (const auto& [at, ordinal] : windows) snapshot.next_change = std::min(snapshot.next_change, at);
    // Pages of categories and collections show how many products they hold.
    if (is_first || !none_moved(changes, [&](const Entry& a, const Entry& b) {
            if (a.categories != b.categories || a.collections != b.collections) return false;
            for (std::size_t currency = 0; currency < sets.sellable.size(); ++currency) {
                if (a.sellable(currency) != b.sellable(currency)) return false;
            }
            return true;
        }))
        render_structure_pages(snapshot);
}

void index_variants(Snapshot& snapshot) {
    auto variants = std::make_shared<std::unordered_map<Uuid, Ordinal>>();
    variants->reserve(snapshot.entries.size() * 2);
    for (Ordinal ordinal = 0; ordinal < snapshot.entries.size(); ++ordinal) {
        if (!snapshot.entries[ordinal]) continue;
        for (const auto& variant : snapshot.entries[ordinal]->variants) variants->emplace(variant.id.uuid(), ordinal);
    }
    snapshot.ordinal_of_variant = std::move(variants);
}

}  // namespace

std::string render_card_price(const Entry& entry, const PriceOf& price_of, Timestamp now) {
    ProductCardDto card;
    const pricing::VariantPrice* lowest = nullptr;
    const VariantEntry* chosen = nullptr;
    std::int64_t stock = 0;
    for (const auto& variant : entry.variants) {
        const auto* price = price_of(variant);
        if (!price) continue;
        stock += std::max<std::int64_t>(variant.available, 0);
        if (lowest && price->unit() != lowest->unit()) card.price_from = true;
        if (!lowest || price->unit() < lowest->unit()) lowest = price;
        if (!chosen || (chosen->available <= 0 && variant.available > 0)) chosen = &variant;
    }
    if (!lowest) return {};
    card.price = price_dto(*lowest);
    card.price.tiers.clear();  // quantity prices belong to the product page
    card.default_variant_id = chosen->id;
    if (entry.newest_key <= now && now - entry.newest_key <= std::chrono::days(kNewDays)) card.badges.push_back(Badge::fresh);
    if (card.price.regular) card.badges.push_back(Badge::sale);
    if (stock == 0)
        card.badges.push_back(Badge::sold_out);
    else if (stock <= kLowStock)
        card.badges.push_back(Badge::low_stock);
    json::Writer out;
    json::write_struct(card_price_info(), &card, out);
    auto rendered = out.take();
    rendered.front() = ',';
    return rendered;
}

ImageDto image_of(const catalog::Asset& asset, std::size_t locale) { return catalog::image_dto(asset, catalog::kLocales[locale]); }

PriceDto price_dto(const pricing::VariantPrice& price) {
    PriceDto out;
    out.amount = price.unit();
    out.tax_included = price.tax_included;
    if (price.regular && *price.regular > out.amount) {
        out.regular = price.regular;
        out.lowest_30_days = price.lowest_30_days;
        out.discount_percent = mul_div(price.regular->minor() - out.amount.minor(), 100, price.regular->minor(), Rounding::down);
        if (*out.discount_percent == 0) out.discount_percent.reset();
    }
    for (const auto& tier : price.tiers) {
        if (tier.min_quantity > 1) out.tiers.push_back({tier.min_quantity, tier.unit});
    }
    return out;
}

std::shared_ptr<const Structure> make_structure(catalog::Structure&& records, std::vector<std::string> currencies,
                                                Merchandising merchandising) {
    auto out = std::make_shared<Structure>();
    out->currencies = std::move(currencies);
    out->merchandising = std::move(merchandising);
    const auto note_slugs = [](auto& slugs, const catalog::PageTexts& texts, std::uint32_t index) {
        for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
            const auto text = texts.find(std::string(catalog::kLocales[locale]));
            if (text != texts.end()) slugs[locale].emplace(text->second.slug, index);
        }
    };
    Assets assets;
    for (auto& asset : records.assets) {
        const auto id = asset.id.uuid();
        assets.emplace(id, std::make_shared<catalog::Asset>(std::move(asset)));
    }
    for (auto& record : records.attributes) {
        AttributeInfo info;
        for (std::size_t locale = 0; locale < kLocaleCount; ++locale)
            info.names[locale] = catalog::text_in(record.names, catalog::kLocales[locale]);
        for (std::uint32_t i = 0; i < record.values.size(); ++i) {
            info.value_index.emplace(record.values[i].code, i);
            auto& labels = info.labels.emplace_back();
            for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
                labels[locale] = catalog::text_in(record.values[i].labels, catalog::kLocales[locale]);
                if (labels[locale].empty()) labels[locale] = record.values[i].code;
            }
        }
        out->attribute_index.emplace(record.code, static_cast<std::uint32_t>(out->attributes.size()));
        info.record = std::move(record);
        out->attributes.push_back(std::move(info));
    }
    for (auto& record : records.categories) {
        const auto index = static_cast<std::uint32_t>(out->categories.size());
        CategoryInfo info;
        info.image = asset_in(assets, record.image);
        info.visible = record.published;
        for (const auto& id : record.path) {
            if (id == record.id) {
                info.path.push_back(index);
                continue;
            }
            const auto parent = out->category_index.at(id.uuid());
            info.path.push_back(parent);
            info.visible = info.visible && out->categories[parent].visible;
        }
        if (info.path.size() > 1) out->categories[info.path[info.path.size() - 2]].children.push_back(index);
        out->category_index.emplace(record.id.uuid(), index);
        if (info.visible) note_slugs(out->category_slugs, record.texts, index);
        for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
            if (const auto* text = best_text(record.texts, locale)) info.folded_names[locale] = text::fold(text->name);
        }
        info.record = std::move(record);
        out->categories.push_back(std::move(info));
    }
    for (auto& record : records.collections) {
        const auto index = static_cast<std::uint32_t>(out->collections.size());
        std::int64_t place = 0;
        for (const auto& product : record.products) out->listed_in[product.uuid()].emplace_back(index, place++);
        out->collection_index.emplace(record.id.uuid(), index);
        if (record.published) note_slugs(out->collection_slugs, record.texts, index);
        CollectionInfo info;
        info.image = asset_in(assets, record.image);
        info.record = std::move(record);
        out->collections.push_back(std::move(info));
    }
    return out;
}

EntryPtr make_entry(const RawProduct& raw, const Assets& assets, const Structure& structure, Timestamp now) {
    const auto& record = raw.record;
    if (record.status != catalog::ProductStatus::active || record.texts.empty()) return nullptr;
    auto out = std::make_shared<Entry>();
    Entry& entry = *out;
    entry.id = record.id;
    entry.brand = record.brand;
    entry.popularity = record.popularity;
    entry.handling_days = record.handling_days;
    entry.published_from = record.published_from;
    entry.published_until = record.published_until;
    entry.published = entry.published_at(now);
    entry.newest_key = record.published_from.value_or(record.created_at);
    entry.updated_at = record.updated_at;
    entry.bought_together = raw.bought_together;
    entry.audience = record.audience;
    note_boundary(entry, record.published_from, now);
    note_boundary(entry, record.published_until, now);
    note_boundary(entry, entry.newest_key + std::chrono::days(kNewDays) + std::chrono::microseconds(1), now);

    std::map<const catalog::PageText*, std::shared_ptr<const LocalText>> texts;
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
        const auto* text = best_text(record.texts, locale);
        auto& shared = texts[text];
        if (!shared) shared = local_text(*text);
        entry.texts[locale] = shared;
        entry.translated[locale] = record.texts.contains(std::string(catalog::kLocales[locale]));
        entry.sort_name[locale] = text::fold(shared->name);
    }

    // Categories, with everything above; hidden ones do not count.
    const auto add_category = [&](const catalog::CategoryId& id) -> std::optional<std::uint32_t> {
        const auto found = structure.category_index.find(id.uuid());
        if (found == structure.category_index.end() || !structure.categories[found->second].visible) return std::nullopt;
        const auto& path = structure.categories[found->second].path;
        entry.categories.insert(entry.categories.end(), path.begin(), path.end());
        return found->second;
    };
    if (record.category) entry.category = add_category(*record.category);
    for (const auto& id : record.more_categories) add_category(id);
    sort_unique(entry.categories);

    for (const auto& code : record.options) {
        if (const auto found = structure.attribute_index.find(code); found != structure.attribute_index.end())
            entry.options.push_back(found->second);
    }
    for (const auto& setting : record.attributes) {
        const auto found = structure.attribute_index.find(setting.attribute);
        if (found == structure.attribute_index.end()) continue;
        const auto& attribute = structure.attributes[found->second];
        Setting kept;
        kept.attribute = found->second;
        for (const auto& value : setting.values) {
            if (const auto index = attribute.value_index.find(value); index != attribute.value_index.end()) {
                kept.values.push_back(index->second);
                entry.facet_values.emplace_back(found->second, index->second);
            }
        }
        kept.number_milli = setting.number_milli;
        if (setting.number_milli && attribute.record.kind == catalog::AttributeKind::number)
            entry.facet_numbers.emplace_back(found->second, *setting.number_milli);
        for (std::size_t locale = 0; locale < kLocaleCount && !setting.text.empty(); ++locale)
            kept.text[locale] = catalog::text_in(setting.text, catalog::kLocales[locale]);
        kept.flag = setting.flag;
        if (setting.flag && attribute.record.kind == catalog::AttributeKind::flag)
            entry.facet_flags.emplace_back(found->second, *setting.flag);
        entry.settings.push_back(std::move(kept));
    }

    for (const auto& media : record.media) {
        if (auto asset = asset_in(assets, media.asset)) entry.media.push_back({std::move(asset), media.options});
    }
    const std::size_t currencies = structure.currencies.size();
    std::vector<catalog::AttributeSetting> option_facts;
    for (const auto& variant : record.variants) {
        note_boundary(entry, variant.published_from, now);
        note_boundary(entry, variant.published_until, now);
        if (!variant.active || (variant.published_from && *variant.published_from > now) ||
            (variant.published_until && *variant.published_until <= now))
            continue;
        VariantEntry kept;
        kept.id = variant.id;
        kept.sku = variant.sku;
        kept.barcode = variant.barcode;
        kept.weight_grams = variant.weight_grams;
        kept.image = asset_in(assets, variant.image);
        kept.active = true;
        if (const auto stock = raw.stock.find(variant.id.uuid()); stock != raw.stock.end()) kept.available = stock->second;
        for (const auto attribute : entry.options) {
            const auto& info = structure.attributes[attribute];
            const auto chosen = variant.options.find(info.record.code);
            if (chosen == variant.options.end()) continue;
            const auto value = info.value_index.find(chosen->second);
            if (value == info.value_index.end()) continue;
            kept.options.emplace_back(attribute, value->second);
            entry.facet_values.emplace_back(attribute, value->second);
            option_facts.push_back({info.record.code, {chosen->second}, {}, {}, {}});
        }
        kept.prices.resize(currencies);
        for (std::size_t currency = 0; currency < currencies; ++currency) {
            const auto price = raw.prices[currency].find(variant.id.uuid());
            if (price != raw.prices[currency].end()) kept.prices[currency] = price->second;
        }
        if (const auto contracts = raw.contracts.find(variant.id.uuid()); contracts != raw.contracts.end())
            kept.contracts = contracts->second;
        entry.available = entry.available || kept.available > 0;
        entry.variants.push_back(std::move(kept));
    }
    sort_unique(entry.facet_values);

    // Collections: listed by hand, or by rule.
    if (const auto listed = structure.listed_in.find(record.id.uuid()); listed != structure.listed_in.end()) {
        for (const auto& [collection, place] : listed->second) entry.collections.push_back(collection);
    }
    std::vector<std::string> handles;
    for (const auto category : entry.categories) handles.push_back(structure.categories[category].record.handle);
    const catalog::RuleFacts facts{handles, record.brand, record.type, record.attributes, option_facts, entry.newest_key, now};
    for (std::uint32_t i = 0; i < structure.collections.size(); ++i) {
        const auto& rule = structure.collections[i].record.rule;
        if (rule && catalog::matches(*rule, facts)) entry.collections.push_back(i);
    }
    sort_unique(entry.collections);

    entry.reviews = raw.reviews;
    for (const auto& review : entry.reviews) entry.rating_sum += review.rating;

    entry.lowest_price.assign(currencies, kNone);
    entry.discount.assign(currencies, 0);
    entry.card_price.resize(currencies);
    for (std::size_t currency = 0; currency < currencies; ++currency) {
        const pricing::VariantPrice* lowest = nullptr;
        for (const auto& variant : entry.variants) {
            const auto& price = variant.prices[currency];
            if (price && (!lowest || price->unit() < lowest->unit())) lowest = &*price;
        }
        if (!lowest) continue;
        entry.lowest_price[currency] = lowest->unit().minor();
        entry.discount[currency] = price_dto(*lowest).discount_percent.value_or(0);
        entry.card_price[currency] = render_card_price(
            entry, [&](const VariantEntry& variant) { return variant.prices[currency] ? &*variant.prices[currency] : nullptr; }, now);
    }
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
        auto text = render_card_text(entry, structure, locale);
        for (std::size_t other = 0; other < locale && !entry.card_text[locale]; ++other) {
            if (*entry.card_text[other] == text) entry.card_text[locale] = entry.card_text[other];
        }
        if (!entry.card_text[locale]) entry.card_text[locale] = std::make_shared<std::string>(std::move(text));
    }
    return out;
}

std::shared_ptr<Snapshot> make_snapshot(std::shared_ptr<const Structure> structure, std::vector<EntryPtr> entries,
                                        std::shared_ptr<const std::unordered_map<std::string, Uuid>> old_slugs,
                                        std::size_t page_cache_bytes, Ranking ranking, ContractLists contract_lists) {
    auto out = std::make_shared<Snapshot>();
    out->ranking = ranking;
    out->contract_lists = contract_lists ? std::move(contract_lists) : std::make_shared<const std::vector<pricing::ContractList>>();
    out->structure = std::move(structure);
    out->old_slugs = std::move(old_slugs);
    const auto& parts = *out->structure;
    auto& sets = out->sets;
    sets.sellable.resize(parts.currencies.size());
    sets.priced.resize(parts.currencies.size());
    sets.price_asc.resize(parts.currencies.size());
    sets.price_desc.resize(parts.currencies.size());
    sets.discount.resize(parts.currencies.size());
    sets.by_category.resize(parts.categories.size());
    sets.by_collection.resize(parts.collections.size());
    sets.attributes.resize(parts.attributes.size());
    for (std::size_t i = 0; i < parts.attributes.size(); ++i) {
        const auto& attribute = parts.attributes[i].record;
        sets.attributes[i].values.resize(attribute.kind == catalog::AttributeKind::flag ? 2 : attribute.values.size());
    }
    std::vector<std::pair<Ordinal, EntryPtr>> changes;
    auto& ordinals = out->ordinal_of.write();
    for (auto& entry : entries) {
        if (!entry) continue;
        const auto ordinal = static_cast<Ordinal>(changes.size());
        ordinals.emplace(entry->id.uuid(), ordinal);
        changes.emplace_back(ordinal, std::move(entry));
    }
    out->entries.resize(changes.size());
    apply_changes(*out, changes);
    index_variants(*out);
    out->pages = make_page_cache(page_cache_bytes);
    return out;
}

std::shared_ptr<Snapshot> with_merchandising(const Snapshot& base, Merchandising merchandising) {
    auto structure = std::make_shared<Structure>(*base.structure);
    structure->merchandising = std::move(merchandising);
    auto out = std::make_shared<Snapshot>(base);
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale)
        out->text[locale].synonyms = std::shared_ptr<const SynonymMap>(structure, &structure->merchandising.synonyms[locale]);
    out->structure = std::move(structure);
    out->pages = make_page_cache(base.pages);
    return out;
}

std::shared_ptr<Snapshot> with_changes(const Snapshot& base, const std::vector<std::pair<ProductId, EntryPtr>>& changes,
                                       ContractLists contract_lists) {
    auto out = std::make_shared<Snapshot>(base);
    if (contract_lists) out->contract_lists = std::move(contract_lists);
    std::vector<std::pair<Ordinal, EntryPtr>> by_ordinal;
    bool variants_changed = false;
    const auto variant_ids = [](const Entry* entry) {
        std::vector<VariantId> ids;
        if (entry) {
            for (const auto& variant : entry->variants) ids.push_back(variant.id);
        }
        return ids;
    };
    for (const auto& [id, entry] : changes) {
        const auto known = out->ordinal_of->find(id.uuid());
        if (known == out->ordinal_of->end()) {
            if (!entry) continue;
            const auto ordinal = static_cast<Ordinal>(out->entries.size());
            out->ordinal_of.write().emplace(id.uuid(), ordinal);
            out->entries.resize(ordinal + std::size_t{1});
            by_ordinal.emplace_back(ordinal, entry);
            variants_changed = true;
        } else {
            variants_changed = variants_changed || variant_ids(out->entries[known->second].get()) != variant_ids(entry.get());
            by_ordinal.emplace_back(known->second, entry);
        }
    }
    apply_changes(*out, by_ordinal);
    if (variants_changed) index_variants(*out);
    out->pages = make_page_cache(base.pages);
    return out;
}

}  // namespace stoa::search
