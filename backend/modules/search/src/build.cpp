#include <algorithm>
#include <atomic>
#include <future>
#include <numeric>
#include <set>
#include <thread>
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
            swatch.label = info.values[value].labels[locale].text();
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

// Those that `same` tells apart.
template <class Same>
std::vector<const Change*> moved(const std::vector<Change>& changes, Same same) {
    std::vector<const Change*> out;
    for (const auto& change : changes) {
        if (!change.before || !change.after ? change.before != change.after : !same(*change.before, *change.after)) out.push_back(&change);
    }
    return out;
}
std::vector<Ordinal> ordinals_of(const std::vector<const Change*>& changes, EntryPtr Change::* state) {
    std::vector<Ordinal> out;
    for (const auto* change : changes) {
        if (change->*state) out.push_back(change->ordinal);
    }
    return out;
}

// The orders of a snapshot, while changes are put into it. What moves is taken out as long as the entries are the old ones, and put back
// in when they are the new ones; what did not move is not looked at.
class Orders {
public:
    Orders(Snapshot& snapshot, const std::vector<Change>& changes) : snapshot_(snapshot), changes_(changes) {
        auto& sets = snapshot.sets;
        for (std::size_t currency = 0; currency < snapshot.structure->currencies.size(); ++currency) {
            take_out(sets.price_asc[currency], Kind::price_asc, currency);
            take_out(sets.price_desc[currency], Kind::price_desc, currency);
            take_out(sets.discount[currency], Kind::discount, currency);
        }
        take_out(sets.newest, Kind::newest, 0);
        take_out(sets.popular, Kind::popular, 0);
        for (std::size_t locale = 0; locale < kLocaleCount; ++locale) take_out_name(locale);
        for (std::uint32_t attribute = 0; attribute < sets.attributes.size(); ++attribute) {
            if (snapshot.structure->attributes[attribute].record.kind == catalog::AttributeKind::number) take_out_number(attribute);
        }
        take_out_id();
    }
    void put_back() {
        for (const auto& order : put_back_) order();
    }

private:
    void take_out(Shared<Order>& shared, Kind kind, std::size_t currency) {
        const auto there =
            moved(changes_, [&](const Entry& a, const Entry& b) { return order_key(a, kind, currency) == order_key(b, kind, currency); });
        if (there.empty()) return;
        auto& order = shared.write();
        order.keys.resize(snapshot_.entries.size(), kNone);
        order.list.erase_all(ordinals_of(there, &Change::before), by_key(order.keys, snapshot_.entries));
        put_back_.emplace_back([this, there, kind, currency, &order] {
            for (const auto* change : there)
                order.keys.set(change->ordinal, change->after ? order_key(*change->after, kind, currency) : kNone);
            order.list.insert_all(ordinals_of(there, &Change::after), by_key(order.keys, snapshot_.entries));
        });
    }
    void take_out_name(std::size_t locale) {
        const auto there = moved(changes_, [&](const Entry& a, const Entry& b) { return a.sort_name[locale] == b.sort_name[locale]; });
        if (there.empty()) return;
        auto& order = snapshot_.sets.by_name[locale].write();
        const auto less = [this, locale](Ordinal a, Ordinal b) {
            const auto& x = *snapshot_.entries[a];
            const auto& y = *snapshot_.entries[b];
            const auto which = x.sort_name[locale].compare(y.sort_name[locale]);
            return which != 0 ? which < 0 : x.id < y.id;
        };
        order.list.erase_all(ordinals_of(there, &Change::before), less);
        put_back_.emplace_back([there, less, &order] { order.list.insert_all(ordinals_of(there, &Change::after), less); });
    }
    static std::int64_t number_of(const EntryPtr& entry, std::uint32_t attribute) {
        auto out = kNone;
        for (const auto& [of, number] : entry->facet_numbers) {
            if (of == attribute) out = number;
        }
        return out;
    }
    void take_out_number(std::uint32_t attribute) {
        auto& of_attribute = snapshot_.sets.attributes[attribute];
        const auto there = moved(changes_, [&](const Entry& a, const Entry& b) { return a.facet_numbers == b.facet_numbers; });
        if (there.empty()) return;
        auto& numbers = of_attribute.numbers.write();
        auto& order = of_attribute.number_order.write();
        numbers.resize(snapshot_.entries.size(), kNone);
        const auto less = [&numbers](Ordinal a, Ordinal b) { return std::pair(numbers[a], a) < std::pair(numbers[b], b); };
        const auto with_number = [&numbers](const std::vector<const Change*>& of) {
            std::vector<Ordinal> out;
            for (const auto* change : of) {
                if (numbers[change->ordinal] != kNone) out.push_back(change->ordinal);
            }
            return out;
        };
        order.erase_all(with_number(there), less);
        put_back_.emplace_back([=, &numbers, &order] {
            for (const auto* change : there) numbers.set(change->ordinal, change->after ? number_of(change->after, attribute) : kNone);
            order.insert_all(with_number(there), less);
        });
    }
    void take_out_id() {
        const auto there = moved(changes_, [](const Entry&, const Entry&) { return true; });
        if (there.empty()) return;
        auto& order = snapshot_.sets.by_id.write();
        const auto less = [this](Ordinal a, Ordinal b) { return snapshot_.entries[a]->id < snapshot_.entries[b]->id; };
        order.erase_all(ordinals_of(there, &Change::before), less);
        put_back_.emplace_back([there, less, &order] { order.insert_all(ordinals_of(there, &Change::after), less); });
    }

    Snapshot& snapshot_;
    const std::vector<Change>& changes_;
    std::vector<std::function<void()>> put_back_;
};

// Every set a product is in.
void sets_of(Sets& sets, const Entry& entry, std::vector<Set*>& out) {
    out.clear();
    for (std::size_t currency = 0; currency < sets.sellable.size(); ++currency) {
        if (entry.sellable(currency)) out.push_back(&sets.sellable[currency]);
        if (entry.published && entry.lowest_price[currency] != kNone) out.push_back(&sets.priced[currency]);
        if (entry.available(currency)) out.push_back(&sets.available[currency]);
    }
    if (entry.published) out.push_back(&sets.published);
    if (!entry.audience.is_everybody()) out.push_back(&sets.limited);
    for (const auto& group : entry.audience.groups) out.push_back(&sets.for_group[group]);
    for (const auto& company : entry.audience.companies) out.push_back(&sets.for_company[company]);
    for (const auto& variant : entry.variants) {
        for (const auto& contract : variant.contracts) out.push_back(&sets.by_contract[contract.list]);
    }
    for (const auto category : entry.categories) out.push_back(&sets.by_category[category]);
    for (const auto collection : entry.collections) out.push_back(&sets.by_collection[collection]);
    for (const auto& [attribute, value] : entry.facet_values) out.push_back(&sets.attributes[attribute].values[value]);
    for (const auto& [attribute, flag] : entry.facet_flags) out.push_back(&sets.attributes[attribute].values[flag ? 1 : 0]);
    sort_unique(out);
}
void prepare(Sets& sets, std::size_t ordinals) {
    for (auto* several : {&sets.sellable, &sets.available, &sets.by_category, &sets.by_collection}) {
        for (auto& set : *several) set.prepare(ordinals);
    }
    for (auto& attribute : sets.attributes) {
        for (auto& set : attribute.values) set.prepare(ordinals);
    }
}
// A set is copied when something enters or leaves it, and not otherwise.
void update_sets(Sets& sets, const std::vector<Change>& changes) {
    std::vector<Set*> before, after, left, entered;
    for (const auto& change : changes) {
        before.clear();
        after.clear();
        if (change.before) sets_of(sets, *change.before, before);
        if (change.after) sets_of(sets, *change.after, after);
        left.clear();
        entered.clear();
        std::ranges::set_difference(before, after, std::back_inserter(left));
        std::ranges::set_difference(after, before, std::back_inserter(entered));
        for (auto* set : left) set->remove(change.ordinal);
        for (auto* set : entered) set->add(change.ordinal);
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
        if (structure.attributes[attribute].record.searchable)
            labels += structure.attributes[attribute].values[value].labels[locale].text() + " ";
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

// The products of `ordinals` in an index for each language, on so many threads.
std::array<std::shared_ptr<const TextIndex>, kLocaleCount> indexed(const Snapshot& snapshot, const Roaring& ordinals,
                                                                   std::size_t layers_below, std::size_t threads = 1) {
    std::array<std::shared_ptr<const TextIndex>, kLocaleCount> out;
    const auto index = [&](std::size_t locale) {
        TextIndex::Builder::Below below;
        for (std::size_t i = 0; i < layers_below; ++i) below.push_back(snapshot.text[locale].layers[i].index);
        TextIndex::Builder builder(static_cast<int>(locale), std::move(below), snapshot.ranking);
        for (const auto ordinal : ordinals) {
            if (const auto& entry = snapshot.entries[ordinal]) index_words(builder, ordinal, *entry, snapshot, locale);
        }
        out[locale] = builder.build();
    };
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (auto locale = next++; locale < kLocaleCount; locale = next++) index(locale);
    };
    std::vector<std::future<void>> others;
    for (std::size_t i = 1; i < std::min(threads, kLocaleCount); ++i) others.push_back(std::async(std::launch::async, work));
    work();
    for (auto& other : others) other.get();
    return out;
}

Roaring all_products(const Snapshot& snapshot) {
    Roaring out;
    for (Ordinal ordinal = 0; ordinal < snapshot.entries.size(); ++ordinal) {
        if (snapshot.entries[ordinal]) out.add(ordinal);
    }
    return out;
}

void index_everything(Snapshot& snapshot) {
    constexpr std::size_t kWorthThreads = 1000;  // products
    const auto threads = snapshot.entries.size() < kWorthThreads ? 1 : std::thread::hardware_concurrency();
    auto indexes = indexed(snapshot, all_products(snapshot), 0, threads);
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
        const auto& synonyms = snapshot.structure->merchandising.synonyms[locale];
        snapshot.text[locale] = TextLayers{
            {{std::move(indexes[locale]), nullptr}}, snapshot.ranking, std::shared_ptr<const SynonymMap>(snapshot.structure, &synonyms)};
    }
}

constexpr std::size_t kMostLayers = 8;          // more want merging
constexpr std::size_t kMostLayersEver = 24;     // when nobody merges beside, changes do
constexpr std::uint64_t kMergedAtOnce = 64;     // products that a change indexes together with its own
constexpr std::uint64_t kFewSuperseded = 500;   // less is not worth indexing everything anew
constexpr std::uint64_t kSupersededShare = 10;  // one in so many is
// The layers of all languages hold the same products.
const std::vector<TextLayer>& layers_of(const Snapshot& snapshot) { return snapshot.text[0].layers; }

void put_layers_from(Snapshot& snapshot, std::size_t first, const std::array<std::shared_ptr<const TextIndex>, kLocaleCount>& indexes) {
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
        auto& layers = snapshot.text[locale].layers;
        layers.erase(layers.begin() + static_cast<std::ptrdiff_t>(first), layers.end());
        layers.push_back({indexes[locale], nullptr});
    }
}
// So many products changed that everything is better indexed anew.
bool is_mostly_new(const Snapshot& snapshot) {
    const auto& layers = layers_of(snapshot);
    std::uint64_t changed = 0;
    for (std::size_t i = 1; i < layers.size(); ++i) changed += layers[i].current().cardinality();
    if (layers[0].superseded) changed = std::max(changed, (*layers[0].superseded)->cardinality());
    return changed > std::max<std::uint64_t>(kFewSuperseded, snapshot.entries.size() / kSupersededShare);
}

// Null when it is empty.
std::shared_ptr<const Set> prepared(Roaring set, std::size_t ordinals) {
    if (set.isEmpty()) return nullptr;
    auto out = std::make_shared<Set>(std::move(set));
    out->prepare(ordinals);
    return out;
}

void update_text(Snapshot& snapshot, const std::vector<Ordinal>& changed_words) {
    if (changed_words.empty()) return;
    Roaring changed, present;
    for (const auto ordinal : changed_words) {
        changed.add(ordinal);
        if (snapshot.entries[ordinal]) present.add(ordinal);
    }
    std::vector<std::shared_ptr<const Set>> superseded;
    std::vector<bool> is_empty;
    for (const auto& layer : layers_of(snapshot)) {
        auto next = changed & layer.index->products();
        if (layer.superseded) next |= **layer.superseded;
        is_empty.push_back(!superseded.empty() && next.cardinality() == layer.index->products().cardinality());
        superseded.push_back(prepared(std::move(next), snapshot.entries.size()));
    }
    for (auto& text : snapshot.text) {
        std::vector<TextLayer> kept;
        for (std::size_t i = 0; i < text.layers.size(); ++i) {
            if (!is_empty[i]) kept.push_back({text.layers[i].index, superseded[i]});
        }
        text.layers = std::move(kept);
    }
    if (present.isEmpty()) return;
    // Small layers on top are taken in, so that each holds more than all above it.
    std::size_t below = layers_of(snapshot).size();
    while (below > 1) {
        const auto top = layers_of(snapshot)[below - 1].current();
        const auto together = top.cardinality() + present.cardinality();
        if (top.cardinality() > 2 * present.cardinality() || together > kMergedAtOnce) break;
        present |= top;
        --below;
    }
    put_layers_from(snapshot, below, indexed(snapshot, present, below));
    if (layers_of(snapshot).size() > kMostLayersEver) {
        if (const auto merged = with_merged_text(snapshot, merge_text(snapshot))) snapshot.text = merged->text;
    }
}

// The best reviews in front of the shop: those in the reader's language first.
struct BetterPraise {
    bool operator()(const Praise& a, const Praise& b) const {
        if (a.own_language != b.own_language) return a.own_language;
        if (a.rating != b.rating) return a.rating > b.rating;
        if (a.popularity != b.popularity) return a.popularity > b.popularity;
        return a.id > b.id;
    }
};
std::optional<Praise> praise_of(Ordinal ordinal, const Entry* entry, std::size_t locale) {
    constexpr std::int64_t kGood = 4;
    constexpr std::size_t kWorthReading = 40;
    std::optional<Praise> best;
    if (!entry || !entry->published) return best;
    for (std::uint32_t i = 0; i < entry->reviews.size(); ++i) {
        const auto& review = entry->reviews[i];
        if (review.rating < kGood || review.body.size() < kWorthReading) continue;
        const bool own = review.locale == catalog::kLocales[locale];
        if (!best || (own && !best->own_language))
            best = Praise{ordinal, i, own, static_cast<int>(review.rating), entry->popularity, review.id.uuid()};
    }
    return best;
}
void choose_praise(const Snapshot& snapshot, std::size_t locale, Praises& praises) {
    std::vector<Praise> found;
    for (Ordinal ordinal = 0; ordinal < snapshot.entries.size(); ++ordinal) {
        if (const auto praise = praise_of(ordinal, snapshot.entries[ordinal].get(), locale)) found.push_back(*praise);
    }
    const auto kept = std::min(Praises::kKept, found.size());
    std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(kept), BetterPraise());
    praises.is_all = kept == found.size();
    found.erase(found.begin() + static_cast<std::ptrdiff_t>(kept), found.end());
    praises.list.assign(std::move(found));
}
// The list stays what it says: the best of all, as many as it has.
void update_praise(Snapshot& snapshot, const std::vector<Change>& changes) {
    const auto praised = [](const EntryPtr& entry) { return entry && !entry->reviews.empty(); };
    auto there = moved(changes, [](const Entry& a, const Entry& b) {
        return a.reviews == b.reviews && a.popularity == b.popularity && a.published == b.published;
    });
    std::erase_if(there, [&](const Change* change) { return !praised(change->before) && !praised(change->after); });
    if (there.empty()) return;
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
        auto& praises = snapshot.praise[locale].write();
        const auto is_kept = [&](const Praise& praise) {
            return praises.is_all || (!praises.list.empty() && !BetterPraise()(praises.list.back(), praise));
        };
        std::vector<Praise> gone, fresh;
        for (const auto* change : there) {
            const auto before = praise_of(change->ordinal, change->before.get(), locale);
            if (before && is_kept(*before)) gone.push_back(*before);
        }
        praises.list.erase_all(std::move(gone), BetterPraise());
        for (const auto* change : there) {
            const auto after = praise_of(change->ordinal, change->after.get(), locale);
            if (after && is_kept(*after)) fresh.push_back(*after);
        }
        praises.list.insert_all(std::move(fresh), BetterPraise());
        if (praises.list.size() > Praises::kKept) {
            praises.list.truncate(Praises::kKept);
            praises.is_all = false;
        }
        if (!praises.is_all && praises.list.size() < Praises::kShown) choose_praise(snapshot, locale, praises);
    }
}

void update_slugs(Snapshot& snapshot, const std::vector<Change>& changes, std::size_t locale) {
    const auto there = moved(changes, [&](const Entry& a, const Entry& b) {
        return a.texts[locale]->slug == b.texts[locale]->slug && a.translated[locale] == b.translated[locale];
    });
    if (there.empty()) return;
    auto& slugs = snapshot.by_slug[locale].write();
    for (const auto* change : there) {
        if (!change->before) continue;
        const auto& slug = change->before->texts[locale]->slug;
        const auto known = slugs.find(slug);
        if (known != slugs.end() && known->second == change->ordinal) slugs.erase(slug);
    }
    for (const auto* change : there) {
        if (!change->after) continue;
        // A borrowed slug gives way to one that is at home in this language.
        const auto& slug = change->after->texts[locale]->slug;
        if (change->after->translated[locale] || slugs.find(slug) == slugs.end()) slugs.set(slug, change->ordinal);
    }
}

void update_windows(Snapshot& snapshot, const std::vector<Change>& changes) {
    const auto there = moved(changes, [](const Entry& a, const Entry& b) { return a.next_change == b.next_change; });
    std::vector<std::pair<Timestamp, Ordinal>> before, after;
    for (const auto* change : there) {
        if (change->before && change->before->next_change != Timestamp::max())
            before.emplace_back(change->before->next_change, change->ordinal);
        if (change->after && change->after->next_change != Timestamp::max())
            after.emplace_back(change->after->next_change, change->ordinal);
    }
    if (before.empty() && after.empty()) return;
    auto& windows = snapshot.windows.write();
    windows.erase_all(std::move(before), std::less<>());
    windows.insert_all(std::move(after), std::less<>());
}

void update_variants(Snapshot& snapshot, const std::vector<Change>& changes) {
    const auto there = moved(changes, [](const Entry& a, const Entry& b) {
        return std::ranges::equal(a.variants, b.variants, {}, &VariantEntry::id, &VariantEntry::id);
    });
    if (there.empty()) return;
    auto& variants = snapshot.ordinal_of_variant.write();
    for (const auto* change : there) {
        if (!change->before) continue;
        for (const auto& variant : change->before->variants) {
            const auto known = variants.find(variant.id.uuid());
            if (known != variants.end() && known->second == change->ordinal) variants.erase(variant.id.uuid());
        }
    }
    for (const auto* change : there) {
        if (!change->after) continue;
        for (const auto& variant : change->after->variants) variants.set(variant.id.uuid(), change->ordinal);
    }
}

// Pages of categories and collections show how many products they hold.
void update_structure_pages(Snapshot& snapshot, const std::vector<Change>& changes) {
    const auto& structure = *snapshot.structure;
    std::vector<TouchedPages> touched(structure.currencies.size());
    std::vector<StructureCounts> differences(structure.currencies.size());
    bool any = false;
    for (std::size_t currency = 0; currency < touched.size(); ++currency) {
        auto& difference = differences[currency];
        difference.categories.assign(structure.categories.size(), 0);
        difference.collections.assign(structure.collections.size(), 0);
        const auto count = [&](const EntryPtr& entry, std::int64_t by) {
            if (!entry || !entry->sellable(currency)) return;
            for (const auto category : entry->categories) difference.categories[category] += by;
            for (const auto collection : entry->collections) difference.collections[collection] += by;
        };
        for (const auto& change : changes) {
            count(change.before, -1);
            count(change.after, 1);
        }
        auto& pages = touched[currency];
        pages.categories.assign(structure.categories.size(), false);
        pages.collections.assign(structure.collections.size(), false);
        for (std::size_t i = 0; i < structure.categories.size(); ++i) {
            if (difference.categories[i] == 0) continue;
            snapshot.counts[currency].categories[i] += difference.categories[i];
            for (const auto above : structure.categories[i].path) pages.categories[above] = true;
            any = true;
        }
        for (std::size_t i = 0; i < structure.collections.size(); ++i) {
            if (difference.collections[i] == 0) continue;
            snapshot.counts[currency].collections[i] += difference.collections[i];
            pages.collections[i] = true;
            any = true;
        }
    }
    if (any) render_structure_pages(snapshot, &touched);
}

enum class Build { whole, delta };  // whole: into an empty snapshot
void apply_changes(Snapshot& snapshot, const std::vector<std::pair<Ordinal, EntryPtr>>& changed, Build build) {
    auto& sets = snapshot.sets;
    sets.by_contract.resize(snapshot.contract_lists->size());
    std::vector<Change> changes;
    changes.reserve(changed.size());
    std::vector<Ordinal> words;
    for (const auto& [ordinal, entry] : changed) {
        const auto& change = changes.emplace_back(ordinal, snapshot.entries[ordinal], entry);
        if (!change.before != !entry || (change.before && entry && !same_words(*change.before, *entry))) words.push_back(ordinal);
    }
    update_sets(sets, changes);
    prepare(sets, snapshot.entries.size());
    {
        Orders orders(snapshot, changes);
        for (const auto& change : changes) snapshot.entries.set(change.ordinal, change.after);
        orders.put_back();
    }
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) update_slugs(snapshot, changes, locale);
    update_variants(snapshot, changes);
    const auto valued =
        moved(changes, [](const Entry& a, const Entry& b) { return a.facet_values == b.facet_values && a.facet_flags == b.facet_flags; });
    if (!valued.empty()) {
        std::vector<Ordinal> ordinals;
        for (const auto* change : valued) ordinals.push_back(change->ordinal);
        sets.columns.write().update(snapshot.entries, std::move(ordinals));
    }
    update_praise(snapshot, changes);
    update_windows(snapshot, changes);
    if (build == Build::whole) {
        index_everything(snapshot);
        for (const auto& sellable : sets.sellable) snapshot.counts.push_back(counts_of(snapshot, *sellable));
        render_structure_pages(snapshot);
    } else {
        update_text(snapshot, words);
        update_structure_pages(snapshot, changes);
    }
}

void note_id(Snapshot& snapshot, Ordinal ordinal, const Uuid& id) {
    std::uint64_t beginning = 0;
    for (std::size_t i = 0; i < sizeof beginning; ++i) beginning = beginning << 8 | id.bytes[i];
    auto& beginnings = snapshot.id_beginnings.write();
    beginnings.resize(ordinal + std::size_t{1});
    beginnings.set(ordinal, beginning);
}

}  // namespace

void FacetColumns::update(const Pieces<EntryPtr>& entries, std::vector<Ordinal> changed) {
    std::ranges::sort(changed);
    parts_.resize((entries.size() + kPart - 1) / kPart);
    size_ = entries.size();
    for (auto at = changed.begin(); at != changed.end();) {
        const auto number = *at / kPart;
        const auto before = parts_[number];
        auto part = std::make_shared<Part>();
        for (std::uint32_t i = 0; i < kPart; ++i) {
            const auto ordinal = static_cast<Ordinal>(number * kPart + i);
            part->offsets[i] = static_cast<std::uint32_t>(part->ids.size());
            if (at != changed.end() && *at == ordinal) {
                while (at != changed.end() && *at == ordinal) ++at;
                if (const auto& entry = entries[ordinal]) {
                    for (const auto& [attribute, value] : entry->facet_values) part->ids.push_back(base[attribute] + value);
                    for (const auto& [attribute, flag] : entry->facet_flags) part->ids.push_back(base[attribute] + (flag ? 1 : 0));
                }
            } else if (before) {
                part->ids.insert(part->ids.end(), before->ids.begin() + before->offsets[i], before->ids.begin() + before->offsets[i + 1]);
            }
        }
        part->offsets[kPart] = static_cast<std::uint32_t>(part->ids.size());
        part->ids.shrink_to_fit();
        parts_.set(number, std::move(part));
    }
}

bool wants_merging(const Snapshot& snapshot) { return layers_of(snapshot).size() > kMostLayers || is_mostly_new(snapshot); }

MergedText merge_text(const Snapshot& snapshot) {
    const auto& layers = layers_of(snapshot);
    MergedText out;
    out.is_whole = is_mostly_new(snapshot);
    Roaring current;
    auto first = layers.size();
    if (out.is_whole) {
        first = 0;
        current = all_products(snapshot);
    } else {
        // From the top down, half of them at least, and as long as a layer is not much larger than what lies on it.
        while (first > 1 &&
               (first + kMostLayers / 2 > layers.size() || layers[first - 1].index->products().cardinality() <= 2 * current.cardinality()))
            current |= layers[--first].current();
    }
    for (auto i = first; i < layers.size(); ++i) out.sources.push_back(layers[i].index);
    out.indexes = indexed(snapshot, current, first);
    return out;
}

std::shared_ptr<Snapshot> with_merged_text(const Snapshot& base, const MergedText& merged) {
    // What of the merged layers still counts; the rest has changed since, and lies in a layer above or is gone.
    Roaring current, later;
    std::vector<bool> is_source;
    for (const auto& layer : layers_of(base)) {
        is_source.push_back(std::ranges::find(merged.sources, layer.index) != merged.sources.end());
        (is_source.back() ? current : later) |= layer.current();
    }
    const auto first = static_cast<std::size_t>(std::ranges::find(is_source, true) - is_source.begin());
    if (first == is_source.size()) return nullptr;
    const auto superseded = prepared(merged.indexes[0]->products() - current, base.entries.size());
    auto out = std::make_shared<Snapshot>(base);
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
        std::vector<TextLayer> layers;
        for (std::size_t i = 0; i < is_source.size(); ++i) {
            if (i == first) layers.push_back({merged.indexes[locale], superseded});
            // Over another whole, what came later is weighed anew.
            if (!is_source[i] && !merged.is_whole) layers.push_back(out->text[locale].layers[i]);
        }
        out->text[locale].layers = std::move(layers);
    }
    if (merged.is_whole && !later.isEmpty()) {
        auto indexes = indexed(*out, later, 1);
        for (std::size_t locale = 0; locale < kLocaleCount; ++locale)
            out->text[locale].layers.push_back({std::move(indexes[locale]), nullptr});
    }
    out->pages = make_page_cache(base.pages);
    return out;
}

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
    card.available = stock > 0;
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
    if (const auto regular = price.crossed_out()) {
        out.regular = regular;
        out.lowest_30_days = price.lowest_30_days;
        out.discount_percent = mul_div(regular->minor() - out.amount.minor(), 100, regular->minor(), Rounding::down);
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
            info.names[locale] = QuotedText(catalog::text_in(record.names, catalog::kLocales[locale]));
        info.code = QuotedText(record.code);
        info.unit = QuotedText(record.unit);
        const auto add_value = [&info](const std::string& code, const std::string& colour) -> AttributeValueInfo& {
            auto& value = info.values.emplace_back();
            value.code = QuotedText(code);
            value.colour = QuotedText(colour);
            value.labels.fill(value.code);
            return value;
        };
        if (record.kind == catalog::AttributeKind::flag) {
            add_value("0", {});
            add_value("1", {});
        }
        for (std::uint32_t i = 0; i < record.values.size(); ++i) {
            info.value_index.emplace(record.values[i].code, i);
            auto& value = add_value(record.values[i].code, record.values[i].colour);
            for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
                if (const auto label = catalog::text_in(record.values[i].labels, catalog::kLocales[locale]); !label.empty())
                    value.labels[locale] = QuotedText(label);
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

namespace {

void take_terms(VariantEntry& variant, const Terms& terms, bool is_gift_card, std::size_t currencies) {
    const auto id = variant.id.uuid();
    const auto stock = terms.stock.find(id);
    variant.available = is_gift_card ? catalog::kGiftCardsAvailable : stock == terms.stock.end() ? 0 : stock->second;
    variant.prices.assign(currencies, std::nullopt);
    for (std::size_t currency = 0; currency < currencies; ++currency) {
        if (const auto price = terms.prices[currency].find(id); price != terms.prices[currency].end())
            variant.prices[currency] = price->second;
    }
    const auto contracts = terms.contracts.find(id);
    variant.contracts = contracts == terms.contracts.end() ? std::vector<ContractPrice>() : contracts->second;
}

void fill_prices(Entry& entry, std::size_t currencies, Timestamp now) {
    entry.lowest_price.assign(currencies, kNone);
    entry.discount.assign(currencies, 0);
    entry.card_price.assign(currencies, {});
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
}

void fill_cards(Entry& entry, const Structure& structure) {
    entry.card_text.fill(nullptr);
    for (std::size_t locale = 0; locale < kLocaleCount; ++locale) {
        auto text = render_card_text(entry, structure, locale);
        for (std::size_t other = 0; other < locale && !entry.card_text[locale]; ++other) {
            if (*entry.card_text[other] == text) entry.card_text[locale] = entry.card_text[other];
        }
        if (!entry.card_text[locale]) entry.card_text[locale] = std::make_shared<std::string>(std::move(text));
    }
}

}  // namespace

EntryPtr make_entry(const RawProduct& raw, const Assets& assets, const Structure& structure, Timestamp now) {
    const auto& record = raw.record;
    if (record.status != catalog::ProductStatus::active || record.texts.empty()) return nullptr;
    auto out = std::make_shared<Entry>();
    Entry& entry = *out;
    entry.id = record.id;
    entry.brand = record.brand;
    entry.is_gift_card = record.type == catalog::kGiftCardType;
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
        take_terms(kept, raw, entry.is_gift_card, currencies);
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

    fill_prices(entry, currencies, now);
    fill_cards(entry, structure);
    return out;
}

EntryPtr with_terms(const Entry& before, const Terms& terms, const Structure& structure, Timestamp now) {
    auto out = std::make_shared<Entry>(before);
    bool looks_different = false;  // a card shows which colours there are
    for (auto& variant : out->variants) {
        const bool was_available = variant.available > 0;
        take_terms(variant, terms, out->is_gift_card, structure.currencies.size());
        looks_different = looks_different || was_available != (variant.available > 0);
    }
    fill_prices(*out, structure.currencies.size(), now);
    if (looks_different) fill_cards(*out, structure);
    return out;
}

namespace {

// Leaves out those that are gone, and orders the others as a walk through the tree of categories meets them. What is below a category then
// has ordinals side by side: its set is a few words, and what a list reads of its products lies together.
void put_categories_together(std::vector<EntryPtr>& entries, const Structure& structure) {
    std::vector<std::uint32_t> walk(structure.categories.size());
    std::iota(walk.begin(), walk.end(), 0);
    std::ranges::sort(walk, {}, [&](std::uint32_t category) -> const auto& { return structure.categories[category].path; });
    std::vector<std::size_t> place(walk.size());
    for (std::size_t i = 0; i < walk.size(); ++i) place[walk[i]] = i;
    std::erase(entries, nullptr);
    std::ranges::stable_sort(entries, {}, [&](const EntryPtr& entry) { return entry->category ? place[*entry->category] : place.size(); });
}

}  // namespace

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
    sets.available.resize(parts.currencies.size());
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
    auto& columns = sets.columns.write();
    columns.base.push_back(0);
    for (const auto& attribute : sets.attributes)
        columns.base.push_back(columns.base.back() + static_cast<std::uint32_t>(attribute.values.size()));
    std::vector<std::pair<Ordinal, EntryPtr>> changes;
    auto& ordinals = out->ordinal_of.write();
    ordinals.reserve(entries.size());
    out->ordinal_of_variant.write().reserve(2 * entries.size());
    for (auto& slugs : out->by_slug) slugs.write().reserve(entries.size());
    put_categories_together(entries, parts);
    for (auto& entry : entries) {
        const auto ordinal = static_cast<Ordinal>(changes.size());
        ordinals.set(entry->id.uuid(), ordinal);
        note_id(*out, ordinal, entry->id.uuid());
        changes.emplace_back(ordinal, std::move(entry));
    }
    out->entries.resize(changes.size());
    apply_changes(*out, changes, Build::whole);
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
    for (const auto& [id, entry] : changes) {
        const auto known = out->ordinal_of->find(id.uuid());
        if (known == out->ordinal_of->end()) {
            if (!entry) continue;
            const auto ordinal = static_cast<Ordinal>(out->entries.size());
            out->ordinal_of.write().set(id.uuid(), ordinal);
            note_id(*out, ordinal, id.uuid());
            out->entries.resize(ordinal + std::size_t{1});
            by_ordinal.emplace_back(ordinal, entry);
        } else {
            by_ordinal.emplace_back(known->second, entry);
        }
    }
    // What was said last of a product counts.
    std::ranges::reverse(by_ordinal);
    std::ranges::stable_sort(by_ordinal, {}, &std::pair<Ordinal, EntryPtr>::first);
    const auto rest = std::ranges::unique(by_ordinal, {}, &std::pair<Ordinal, EntryPtr>::first);
    by_ordinal.erase(rest.begin(), rest.end());
    apply_changes(*out, by_ordinal, Build::delta);
    out->pages = make_page_cache(base.pages);
    return out;
}

}  // namespace stoa::search
