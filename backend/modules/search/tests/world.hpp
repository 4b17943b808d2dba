#pragma once
// A random but reproducible catalogue, built without a database, and fakes of what the engine asks others.
#include <random>

#include "snapshot.hpp"

namespace stoa::search::testing {

inline Timestamp now() { return *parse_timestamp("2026-11-22T10:00:00Z"); }
inline const std::vector<std::string> kCurrencies{"EUR", "GBP"};

inline catalog::Structure world_structure() {
    catalog::Structure out;
    const auto choice = [&](std::string code, int count, bool colours = false) {
        catalog::Attribute attribute{.code = code, .names = {{"en", code}, {"de", code + " (de)"}}};
        for (int i = 0; i < count; ++i)
            attribute.values.push_back({code + "-" + std::to_string(i),
                                        {{"en", code + " number " + std::to_string(i)}},
                                        colours ? "#12345" + std::to_string(i) : ""});
        out.attributes.push_back(std::move(attribute));
    };
    choice("colour", 6, true);
    choice("material", 8);
    choice("style", 4);
    out.attributes.push_back({.code = "width", .kind = catalog::AttributeKind::number, .unit = "cm", .names = {{"en", "Width"}}});
    out.attributes.push_back({.code = "outdoor", .kind = catalog::AttributeKind::flag, .names = {{"en", "Outdoor"}}});
    out.attributes.push_back({.code = "care", .kind = catalog::AttributeKind::text, .names = {{"en", "Care"}}});
    const auto category = [&](std::string handle, std::string parent) {
        catalog::Category record;
        record.id = catalog::CategoryId::derived(handle);
        record.handle = handle;
        record.texts["en"] = {.name = "The " + handle, .slug = handle};
        record.texts["de"] = {.name = "Die " + handle, .slug = handle + "-de"};
        if (!parent.empty()) {
            record.parent = catalog::CategoryId::derived(parent);
            for (const auto& known : out.categories) {
                if (known.handle == parent) record.path = known.path;
            }
        }
        record.path.push_back(record.id);
        out.categories.push_back(std::move(record));
    };
    category("home", "");
    category("garden", "");
    category("chairs", "home");
    category("tables", "home");
    category("stools", "chairs");
    category("hidden", "");
    out.categories.back().published = false;
    catalog::Collection rule;
    rule.id = catalog::CollectionId::derived("reds");
    rule.handle = "reds";
    rule.texts["en"] = {.name = "Reds", .slug = "reds"};
    rule.rule = catalog::Rule{false, {{"attribute:colour", {"colour-0"}, false}}};
    out.collections.push_back(std::move(rule));
    return out;
}

class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    int below(int limit) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(limit)); }
    bool chance(int per_cent) { return below(100) < per_cent; }

private:
    std::mt19937_64 engine_;
};

inline pricing::VariantPrice price_of(catalog::VariantId variant, std::int64_t minor, std::string_view currency,
                                      std::optional<std::int64_t> regular = {}) {
    pricing::VariantPrice price;
    price.variant = variant;
    price.tiers.push_back({1, Money(minor, Currency::of(currency))});
    if (regular) price.regular = price.lowest_30_days = Money(*regular, Currency::of(currency));
    return price;
}

// `generation` changes everything about the product but its id.
inline RawProduct random_product(int index, int generation = 0) {
    Random random(static_cast<std::uint64_t>(index) * 7919 + static_cast<std::uint64_t>(generation) * 104729 + 17);
    static const std::vector<std::string> kWords{"oak", "chair", "table", "lamp", "steel", "velvet", "garden", "folding", "round", "small"};
    static const std::vector<std::string> kCategories{"home", "garden", "chairs", "tables", "stools", "hidden"};
    RawProduct raw;
    auto& record = raw.record;
    record.id = ProductId::derived("p" + std::to_string(index));
    record.handle = "p" + std::to_string(index);
    record.type = "thing";
    record.texts["en"] = {.name = kWords[static_cast<std::size_t>(random.below(10))] + " " +
                                  kWords[static_cast<std::size_t>(random.below(10))] + " " + std::to_string(index),
                          .subtitle = "",
                          .description = "A " + kWords[static_cast<std::size_t>(random.below(10))] + " thing.",
                          .slug = "p" + std::to_string(index)};
    if (random.chance(40)) record.texts["de"] = {.name = "Ding " + std::to_string(index), .slug = "ding-" + std::to_string(index)};
    record.category = catalog::CategoryId::derived(kCategories[static_cast<std::size_t>(random.below(6))]);
    if (random.chance(20))
        record.more_categories.push_back(catalog::CategoryId::derived(kCategories[static_cast<std::size_t>(random.below(6))]));
    record.popularity = random.below(20);
    record.created_at = now() - std::chrono::hours(24 * random.below(90));
    record.updated_at = record.created_at;
    if (random.chance(5)) record.published_from = now() + std::chrono::hours(random.below(48) - 24);
    if (random.chance(3)) record.status = catalog::ProductStatus::draft;
    record.options = {"colour"};
    if (random.chance(80)) record.attributes.push_back({"material", {"material-" + std::to_string(random.below(8))}, {}, {}, {}});
    if (random.chance(50))
        record.attributes.push_back(
            {"style", {"style-" + std::to_string(random.below(2)), "style-" + std::to_string(2 + random.below(2))}, {}, {}, {}});
    if (random.chance(70)) record.attributes.push_back({"width", {}, 100 * random.below(2000), {}, {}});
    if (random.chance(60)) record.attributes.push_back({"outdoor", {}, {}, {}, random.chance(50)});
    record.attributes.push_back({"care", {}, {}, {{"en", "Wipe with care"}}, {}});
    Random later(static_cast<std::uint64_t>(index) * 977 + static_cast<std::uint64_t>(generation));  // what is sold before it is there
    const int first = random.below(6);
    const int variants = 1 + random.below(3);
    raw.prices.resize(kCurrencies.size());
    const std::int64_t base = 500 + 10 * random.below(300);
    for (int v = 0; v < variants; ++v) {
        catalog::Variant variant;
        variant.id = VariantId::derived(record.handle + "-" + std::to_string(v));
        variant.sku = "SKU-" + std::to_string(index) + "-" + std::to_string(v);
        variant.options = {{"colour", "colour-" + std::to_string((first + v) % 6)}};
        variant.active = !random.chance(5);
        raw.stock[variant.id.uuid()] = random.chance(30) ? 0 : random.below(12);
        if (later.chance(30)) {
            const Date day{std::chrono::sys_days(date_of(now())) + std::chrono::days(later.below(60) - 10)};
            raw.ahead[variant.id.uuid()] = {1 + later.below(9), later.chance(50) ? std::optional(day) : std::nullopt};
        }
        const auto minor = base + 100 * v;
        if (!random.chance(5))
            raw.prices[0].emplace(variant.id.uuid(),
                                  price_of(variant.id, minor, "EUR", random.chance(20) ? std::optional(minor + 300) : std::nullopt));
        if (random.chance(80)) raw.prices[1].emplace(variant.id.uuid(), price_of(variant.id, minor * 87 / 100, "GBP"));
        record.variants.push_back(std::move(variant));
    }
    for (int r = random.below(4); r > 0; --r) {
        catalog::Review review;
        review.id = catalog::ReviewId::make();
        review.product = record.id;
        review.author = "A";
        review.locale = "en";
        review.rating = 1 + random.below(5);
        review.title = "Fine";
        review.body = "It does what a thing of this kind should do, and more.";
        review.state = catalog::ReviewState::approved;
        review.created_at = now() - std::chrono::hours(r);
        raw.reviews.push_back(std::move(review));
    }
    return raw;
}

struct World {
    std::shared_ptr<const Structure> structure = make_structure(world_structure(), kCurrencies);
    std::vector<RawProduct> products;
    std::shared_ptr<const Snapshot> snapshot;

    explicit World(int count) {
        std::vector<EntryPtr> entries;
        for (int i = 0; i < count; ++i) {
            products.push_back(random_product(i));
            entries.push_back(make_entry(products.back(), {}, *structure, now()));
        }
        snapshot = make_snapshot(structure, std::move(entries), std::make_shared<std::unordered_map<std::string, Uuid>>(), 1 << 20);
    }
};

}  // namespace stoa::search::testing
