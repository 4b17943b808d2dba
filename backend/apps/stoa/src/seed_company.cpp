// A company of the demo: prices of its own for chairs, a product that nobody else sees, and its own part numbers.
#include <stdexcept>

#include "seed.hpp"
#include "stoa/catalog/part_numbers.hpp"
#include "stoa/companies/buyer_context.hpp"

namespace stoa::app {
namespace {

constexpr std::string_view kSource = "isar-chair";
constexpr std::string_view kHandle = "isar-chair-hotel";
constexpr std::int64_t kPerCent = 80;  // of the public's price
constexpr std::int64_t kTenPerCent = 75;

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error("demo company: " + result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::vector<catalog::Variant> variants_of(catalog::Reader& reader, db::Tx& tx, catalog::ProductId id) {
    return reader.products(tx, std::vector{id}).products.at(0).variants;
}

// The same chair as everybody buys, under a name and with an audience of its own.
catalog::ProductId hotel_chair(const SeedDeps& deps, db::Tx& tx, catalog::ProductId source, const Uuid& company) {
    if (const auto known = deps.reader.product_by_handle(tx, kHandle)) return *known;
    auto product = deps.reader.products(tx, std::vector{source}).products.at(0);
    product.id = {};
    product.handle = kHandle;
    product.popularity = 0;
    static const std::map<std::string, std::pair<std::string, std::string>> kNames{
        {"en", {"Isar chair, hotel edition", "isar-chair-hotel"}},
        {"de", {"Stuhl Isar, Hotelausführung", "stuhl-isar-hotel"}},
        {"nl", {"Stoel Isar, hoteluitvoering", "stoel-isar-hotel"}},
        {"fr", {"Chaise Isar, édition hôtel", "chaise-isar-hotel"}}};
    for (auto& [locale, text] : product.texts) {
        const auto& [name, slug] = kNames.at(locale);
        text.name = name;
        text.slug = slug;
        text.seo_title.clear();
        text.seo_description.clear();
    }
    for (auto& variant : product.variants) {
        variant.id = {};
        variant.sku += "-HOTEL";
        variant.barcode.clear();
    }
    const auto id = must(deps.catalog.upsert_product(tx, product));
    must(deps.catalog.set_audience(tx, id, {{}, {company}}));
    for (const auto& variant : variants_of(deps.reader, tx, id)) deps.inventory.set_on_hand(tx, variant.id, 40, "seed");
    return id;
}

}  // namespace

Uuid demo_company() { return companies::CompanyId::derived("demo-hotel").uuid(); }

void seed_demo_company(const SeedDeps& deps) {
    const auto company = demo_company();
    const auto numbers = catalog::make_part_numbers();
    deps.database.in_tx([&](db::Tx& tx) {
        const auto now = deps.clock.now();
        const auto retail = deps.prices.find_list(tx, "eur-retail");
        const auto source = deps.reader.product_by_handle(tx, kSource);
        if (!retail || !source) return;  // another catalogue than the demo's
        const auto chair = hotel_chair(deps, tx, *source, company);

        pricing::PriceListSpec spec;
        spec.code = "eur-hotel";
        spec.name = "Hotel am Fluss";
        spec.currency = Currency::of("EUR");
        spec.company = companies::CompanyId(company);
        const auto list = deps.prices.save_list(tx, spec, now);
        std::vector<pricing::PriceEntry> own, everybody;
        const auto add = [&](const catalog::VariantId& variant, std::int64_t retail_minor) {
            // Whole euros, as everywhere in the demo.
            const auto whole = [&](std::int64_t per_cent) { return mul_div(retail_minor, per_cent, 10'000, Rounding::half_up) * 100; };
            own.push_back({variant, {{1, whole(kPerCent)}, {10, whole(kTenPerCent)}}, {}, {}});
        };
        std::map<std::string, std::int64_t> of_source;  // by the options' words
        const auto words = [](const catalog::Variant& variant) {
            std::string out;
            for (const auto& [option, value] : variant.options) out += option + "=" + value + ";";
            return out;
        };
        for (const auto* handle : {"isar-chair", "enns-chair", "lenne-chair", "aare-chair"}) {
            const auto product = deps.reader.product_by_handle(tx, handle);
            if (!product) continue;
            const auto variants = variants_of(deps.reader, tx, *product);
            std::vector<catalog::VariantId> ids;
            std::map<Uuid, std::string> named;
            for (const auto& variant : variants) {
                ids.push_back(variant.id);
                named[variant.id.uuid()] = words(variant);
            }
            for (const auto& entry : deps.prices.entries(tx, *retail, ids)) {
                if (entry.valid_from || entry.tiers.empty()) continue;
                add(entry.variant, entry.tiers.front().second);
                if (*product == *source) of_source[named[entry.variant.uuid()]] = entry.tiers.front().second;
            }
        }
        for (const auto& variant : variants_of(deps.reader, tx, chair)) {
            const auto known = of_source.find(words(variant));
            if (known == of_source.end()) continue;
            everybody.push_back({variant.id, {{1, known->second}}, {}, {}});  // only its audience keeps it from the others
            add(variant.id, known->second);
        }
        deps.prices.set_prices(tx, *retail, everybody, now);
        deps.prices.set_prices(tx, list, own, now);

        std::vector<catalog::PartNumber> called;
        const auto call = [&](catalog::ProductId product, int first) {
            for (const auto& variant : variants_of(deps.reader, tx, product)) {
                catalog::PartNumber number;
                number.company = company;
                number.number = "HAF-" + std::to_string(first++);
                number.variant = variant.id;
                called.push_back(std::move(number));
            }
        };
        call(*source, 1001);
        call(chair, 2001);
        (void)numbers->put_all(tx, called, now);
    });
}

}  // namespace stoa::app
