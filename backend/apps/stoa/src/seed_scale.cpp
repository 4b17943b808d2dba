#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "seed.hpp"
#include "stoa/text/text.hpp"

namespace stoa::app {
namespace {

// ---- the comparison catalogue: the same words, numbers and prices on every platform ------------------------------------
constexpr std::array<std::string_view, 20> kAdjectives{"Amber",  "Bold",  "Calm",  "Crisp", "Dusky",  "Early", "Fine",
                                                       "Gentle", "Hardy", "Ivory", "Jolly", "Keen",   "Light", "Mellow",
                                                       "Noble",  "Olive", "Plain", "Quiet", "Rustic", "Silver"};
constexpr std::array<std::string_view, 20> kMaterials{"Bamboo", "Canvas", "Ceramic", "Copper",  "Cork",  "Cotton", "Enamel",
                                                      "Felt",   "Glass",  "Hemp",    "Leather", "Linen", "Marble", "Oak",
                                                      "Paper",  "Pewter", "Rattan",  "Silk",    "Steel", "Wool"};
constexpr std::array<std::string_view, 30> kNouns{"Apron",  "Backpack", "Basket", "Blanket", "Bottle",   "Bowl", "Candle", "Chair",
                                                  "Clock",  "Cushion",  "Desk",   "Frame",   "Gloves",   "Hat",  "Jacket", "Jug",
                                                  "Kettle", "Lamp",     "Mirror", "Mug",     "Notebook", "Pan",  "Plate",  "Rug",
                                                  "Scarf",  "Shelf",    "Stool",  "Teapot",  "Tray",     "Vase"};
constexpr std::array<std::string_view, 8> kCategories{"Kitchen", "Living", "Bedroom", "Bath", "Garden", "Office", "Travel", "Clothing"};
constexpr std::array<std::string_view, 8> kUses{"daily use",       "a small flat",   "the summer house", "long journeys",
                                                "a first kitchen", "quiet evenings", "guests",           "the workshop"};
constexpr std::array<std::string_view, 2> kSizes{"Small", "Large"};

// Integer hash of 32 bits, as the comparison catalogue defines it.
std::uint32_t mix(std::uint32_t x) {
    x = (x ^ (x >> 16)) * 0x45d9f3bU;
    x = (x ^ (x >> 16)) * 0x45d9f3bU;
    return x ^ (x >> 16);
}

struct Made {
    std::string title, handle, description, category, number;
    std::size_t noun, material;
    std::int64_t cents;
};
Made make(std::uint32_t i) {
    Made out;
    out.noun = i % kNouns.size();
    out.material = i / kNouns.size() % kMaterials.size();
    const auto adjective = kAdjectives[i / (kNouns.size() * kMaterials.size()) % kAdjectives.size()];
    out.number = fmt::format("{:05}", i + 1);
    out.title = fmt::format("{} {} {} {}", adjective, kMaterials[out.material], kNouns[out.noun], out.number);
    out.handle = text::slugify(out.title);
    out.category = kCategories[mix(i + 3) % kCategories.size()];
    out.cents = 500 + mix(i + 1) % 19500;
    out.description = fmt::format(
        "{} and well made, this {} {} is meant for {}. It comes in two sizes, is finished by hand, and keeps its looks for years with very "
        "little care. Item {} of our {} range.",
        adjective, text::lower(kMaterials[out.material]), text::lower(kNouns[out.noun]), kUses[mix(i + 7) % kUses.size()], out.number,
        text::lower(out.category));
    return out;
}

// ---- what our own platform shows besides: ten facets and a tree of three levels -----------------------------------------
struct Facet {
    std::string_view code;
    std::string_view name;
    std::vector<std::string_view> values;
};
const std::vector<Facet>& choice_facets() {
    static const std::vector<Facet> list{
        {"colour", "Colour", {"White", "Black", "Grey", "Red", "Blue", "Green", "Yellow", "Brown", "Sand", "Rose"}},
        {"material", "Material", {kMaterials.begin(), kMaterials.end()}},
        {"style", "Style", {"Classic", "Modern", "Rustic", "Minimal", "Industrial", "Scandinavian"}},
        {"room", "Room", {"Kitchen", "Hall", "Bedroom", "Bathroom", "Study", "Terrace"}},
        {"maker",
         "Maker",
         {"Aldgate", "Birkner", "Corvell", "Dunmore", "Estrada", "Falken", "Grovewood", "Hartmann", "Isola", "Jansen", "Kestrel",
          "Lindqvist"}},
        {"finish", "Finish", {"Matt", "Satin", "Gloss", "Raw"}},
        {"size", "Size", {kSizes.begin(), kSizes.end()}}};
    return list;
}
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kNumberFacets{
    std::pair<std::string_view, std::string_view>{"width", "Width"}, {"weight", "Weight"}};
constexpr std::string_view kFlagFacet = "dishwasher";
constexpr std::array<std::string_view, 5> kSecondLevel{"Classics", "New forms", "Gifts", "Essentials", "Workshop"};
constexpr std::array<std::string_view, 4> kThirdLevel{"Everyday", "Festive", "Compact", "Large"};

struct Places {
    std::map<std::string, Uuid> attributes;
    std::vector<std::vector<std::vector<Uuid>>> leaves;  // [top][second][third]
    std::vector<Uuid> tops;
};

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().code + ": " + result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

Places prepare(const SeedDeps& deps) {
    Places places;
    deps.database.in_tx([&](db::Tx& tx) {
        places = {};
        int position = 0;
        std::vector<std::string> codes;
        for (const auto& facet : choice_facets()) {
            catalog::Attribute attribute{
                .code = std::string(facet.code), .names = {{"en", std::string(facet.name)}}, .position = position++};
            for (const auto value : facet.values)
                attribute.values.push_back(
                    {text::slugify(value), {{"en", std::string(value)}}, facet.code == "colour" ? text::lower(value) : ""});
            must(deps.catalog.upsert_attribute(tx, attribute));
            codes.push_back(attribute.code);
        }
        for (const auto& [code, name] : kNumberFacets) {
            must(deps.catalog.upsert_attribute(tx, catalog::Attribute{.code = std::string(code),
                                                                      .kind = catalog::AttributeKind::number,
                                                                      .unit = code == "width" ? "cm" : "kg",
                                                                      .names = {{"en", std::string(name)}},
                                                                      .position = position++}));
            codes.emplace_back(code);
        }
        must(deps.catalog.upsert_attribute(tx, catalog::Attribute{.code = std::string(kFlagFacet),
                                                                  .kind = catalog::AttributeKind::flag,
                                                                  .names = {{"en", "Dishwasher safe"}},
                                                                  .position = position++}));
        codes.emplace_back(kFlagFacet);
        must(deps.catalog.upsert_type(tx, {"scale", {{"en", "Goods"}}, codes}));
        for (const auto& code : codes) places.attributes.emplace(code, Uuid::derived("attribute:" + code));

        const auto category = [&](const std::string& handle, std::string_view name, std::optional<catalog::CategoryId> parent, int place) {
            catalog::Category record;
            record.handle = handle;
            record.id = catalog::CategoryId::derived("scale:" + handle);
            record.parent = parent;
            record.position = place;
            record.texts["en"].name = std::string(name);
            record.texts["en"].slug = handle;
            return must(deps.catalog.upsert_category(tx, record));
        };
        for (std::size_t a = 0; a < kCategories.size(); ++a) {
            const auto top_handle = text::slugify(kCategories[a]);
            const auto top = category(top_handle, kCategories[a], {}, static_cast<int>(a));
            places.tops.push_back(top.uuid());
            auto& seconds = places.leaves.emplace_back();
            for (std::size_t b = 0; b < kSecondLevel.size(); ++b) {
                const auto second_handle = top_handle + "-" + text::slugify(kSecondLevel[b]);
                const auto second = category(second_handle, kSecondLevel[b], top, static_cast<int>(b));
                auto& thirds = seconds.emplace_back();
                for (std::size_t c = 0; c < kThirdLevel.size(); ++c) {
                    thirds.push_back(
                        category(second_handle + "-" + text::slugify(kThirdLevel[c]), kThirdLevel[c], second, static_cast<int>(c)).uuid());
                }
            }
        }
    });
    return places;
}

// The lines of one COPY each.
struct Lines {
    std::string products, texts, slugs, options, attributes, variants, variant_options, stock, movements;
};

template <class... Args>
void add(std::string& lines, const Args&... args) {
    const std::array<db::Param, sizeof...(Args)> values{db::to_param(args)...};
    lines += db::copy_line(values);
}

void copy(db::Tx& tx, std::string_view statement, std::string& lines) {
    bool sent = false;
    tx.copy_in(statement, [&](std::string& buffer) {
        if (sent) return false;
        buffer.append(lines);
        sent = true;
        return true;
    });
    lines.clear();
}

}  // namespace

ScaleResult seed_scale(const SeedDeps& deps, int count, bool peers, const Progress& progress) {
    constexpr int kBatch = 2500;
    const auto places = prepare(deps);
    const auto now = deps.clock.now();
    ScaleResult done;
    for (int start = 0; start < count; start += kBatch) {
        const int end = std::min(count, start + kBatch);
        deps.database.in_tx([&](db::Tx& tx) {
            std::vector<std::string> handles;
            std::vector<Made> made;
            for (int i = start; i < end; ++i) {
                made.push_back(make(static_cast<std::uint32_t>(i)));
                handles.push_back(made.back().handle);
            }
            std::set<std::string> known;
            for (const auto row : tx.run(
                     db::call(db::Query{"stoa.scale_known", "select handle from catalog.product where handle = any($1::text[])"}, handles)))
                known.insert(row.get<std::string>(0));
            const auto warehouses = tx.run_text("select id from inventory.warehouse order by priority desc, code limit 1");
            if (warehouses.empty()) throw std::runtime_error("there is no warehouse to put stock into");
            const auto warehouse = warehouses.front().get<std::string>(0);

            Lines lines;
            std::vector<pricing::PriceEntry> eur, gbp;
            for (int i = start; i < end; ++i) {
                const auto& item = made[static_cast<std::size_t>(i - start)];
                if (known.contains(item.handle)) continue;
                const auto seed = static_cast<std::uint32_t>(i);
                const auto roll = [&](std::uint32_t salt) { return mix(seed * 31 + salt); };
                const auto product = catalog::ProductId::derived("scale:" + item.handle);
                const auto top = static_cast<std::size_t>(std::ranges::find(kCategories, item.category) - kCategories.begin());
                const auto& leaf = places.leaves[top][roll(101) % kSecondLevel.size()][roll(102) % kThirdLevel.size()];
                const auto created = now - std::chrono::hours(24 * (1 + roll(103) % 720)) - std::chrono::seconds(i);
                add(lines.products, product, item.handle, std::string_view("scale"), leaf, roll(104) % 10000, created, created, created);
                add(lines.texts, product, std::string_view("en"), item.title, item.description);
                add(lines.slugs, std::string_view("product"), std::string_view("en"), item.handle, product);
                add(lines.options, product, places.attributes.at("size"), 0);
                int position = 0;
                for (const auto& facet : choice_facets()) {
                    if (facet.code == "size") continue;
                    const auto index =
                        facet.code == "material" ? item.material : roll(200 + static_cast<std::uint32_t>(position)) % facet.values.size();
                    add(lines.attributes, product, places.attributes.at(std::string(facet.code)), position++,
                        text::slugify(facet.values[index]), std::nullopt, std::nullopt);
                }
                for (const auto& [code, name] : kNumberFacets) {
                    add(lines.attributes, product, places.attributes.at(std::string(code)), position, std::nullopt,
                        500 * (1 + roll(300 + static_cast<std::uint32_t>(position)) % 240), std::nullopt);
                    ++position;
                }
                add(lines.attributes, product, places.attributes.at(std::string(kFlagFacet)), position++, std::nullopt, std::nullopt,
                    roll(400) % 3 == 0);
                for (std::size_t k = 0; k < kSizes.size(); ++k) {
                    const auto sku = fmt::format("SKU-{}-{}", item.number, kSizes[k][0]);
                    const auto variant = catalog::VariantId::derived("scale:" + sku);
                    add(lines.variants, variant, product, sku, static_cast<int>(k), 300 + roll(105) % 5000, 200 + roll(106) % 400,
                        150 + roll(107) % 300, 100 + roll(108) % 300);
                    add(lines.variant_options, variant, places.attributes.at("size"), text::slugify(kSizes[k]));
                    const std::int64_t on_hand = peers ? 1'000'000
                                                       : static_cast<std::int64_t>(roll(500 + static_cast<std::uint32_t>(k)) % 12 == 0
                                                                                       ? 0
                                                                                       : roll(510 + static_cast<std::uint32_t>(k)) % 200);
                    const auto stock = Uuid::derived("scale-stock:" + sku);
                    add(lines.stock, stock, warehouse, variant, on_hand);
                    if (on_hand > 0) add(lines.movements, stock, on_hand, std::string_view("seed"));
                    const auto cents = item.cents + static_cast<std::int64_t>(k) * 250;
                    const auto pounds = std::max<std::int64_t>(1, mul_div(cents, kGbpPerHundredEur, 100, Rounding::half_up));
                    // One in six is reduced.
                    if (!peers && roll(600) % 6 == 0) {
                        const auto sale = now - std::chrono::hours(24);
                        eur.push_back({variant, {{1, cents}}, {}, {}});
                        eur.push_back({variant, {{1, cents * 8 / 10}}, sale, {}});
                        gbp.push_back({variant, {{1, pounds}}, {}, {}});
                        gbp.push_back({variant, {{1, pounds * 8 / 10}}, sale, {}});
                    } else {
                        eur.push_back({variant, {{1, cents}}, {}, {}});
                        gbp.push_back({variant, {{1, pounds}}, {}, {}});
                    }
                    ++done.variants;
                }
                ++done.products;
            }
            if (eur.empty()) return;
            copy(tx,
                 "copy catalog.product (id, handle, type_code, category_id, popularity, published_from, created_at, updated_at) from stdin",
                 lines.products);
            copy(tx, "copy catalog.product_text (product_id, locale, name, description) from stdin", lines.texts);
            copy(tx, "copy catalog.slug (kind, locale, slug, entity_id) from stdin", lines.slugs);
            copy(tx, "copy catalog.product_option (product_id, attribute_id, position) from stdin", lines.options);
            copy(tx, "copy catalog.product_attribute (product_id, attribute_id, position, value_code, number_milli, flag) from stdin",
                 lines.attributes);
            copy(tx, "copy catalog.variant (id, product_id, sku, position, weight_grams, length_mm, width_mm, height_mm) from stdin",
                 lines.variants);
            copy(tx, "copy catalog.variant_option (variant_id, attribute_id, value_code) from stdin", lines.variant_options);
            copy(tx, "copy inventory.stock (id, warehouse_id, variant_id, on_hand) from stdin", lines.stock);
            copy(tx, "copy inventory.movement (stock_id, delta, reason) from stdin", lines.movements);
            const auto lists = save_public_lists(tx, deps.prices, now);
            deps.prices.set_prices(tx, lists.eur, eur, now - std::chrono::hours(24 * 60), pricing::Announce::nothing);
            deps.prices.set_prices(tx, lists.gbp, gbp, now - std::chrono::hours(24 * 60), pricing::Announce::nothing);
            deps.catalog.announce_bulk_change(tx);
        });
        progress(fmt::format("scale: {} of {} products", end, count));
    }
    if (done.products > 0)
        deps.database.read([](db::Session& session) {
            (void)session.run_text(
                "analyze catalog.product, catalog.product_text, catalog.product_attribute, catalog.variant, catalog.variant_option, "
                "catalog.slug");
        });
    return done;
}

}  // namespace stoa::app
