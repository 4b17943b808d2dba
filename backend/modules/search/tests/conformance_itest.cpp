// What the search promises, whoever answers: the same tests over the embedded engine and over OpenSearch (its stand-in of the sandbox).
// Only the order within "relevance" may differ; what is found and what is counted may not.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "stand_in.hpp"
#include "stoa/catalog/make.hpp"
#include "stoa/events/events.hpp"
#include "stoa/inventory/make.hpp"
#include "stoa/pricing/make.hpp"
#include "stoa/search/make.hpp"
#include "stoa/search/merchandising.hpp"
#include "stoa/testing/testing.hpp"
#include "world.hpp"

namespace stoa::search {
namespace {

using testing::Random;

const Uuid kAcme = *Uuid::parse("0190a000-0000-7000-8000-00000000000a");
const Uuid kOther = *Uuid::parse("0190a000-0000-7000-8000-00000000000b");

// What both need of a database.
struct Shop {
    stoa::testing::TestDatabase own;
    ManualClock clock{testing::now() + std::chrono::hours(24 * 3)};
    std::unique_ptr<catalog::Writer> writer = catalog::make_writer();
    std::unique_ptr<catalog::Reader> reader = catalog::make_reader();
    std::unique_ptr<pricing::Pricing> pricing = pricing::make_pricing();
    std::unique_ptr<pricing::PriceBook> prices = pricing::make_price_book();
    std::unique_ptr<inventory::Inventory> inventory = inventory::make_inventory(clock);
    std::unique_ptr<Merchandiser> merchandiser = make_merchandiser();
    events::Relay relay{own.database(), {}};

    db::Database& database() { return own.database(); }
    static EngineOptions options(std::vector<std::string> currencies) {
        EngineOptions out;
        out.use_feed = false;
        out.currencies = std::move(currencies);
        return out;
    }
    std::unique_ptr<Engine> embedded(std::vector<std::string> currencies) {
        return make_engine(database(), *reader, *pricing, *inventory, clock, options(std::move(currencies)));
    }
    std::unique_ptr<Engine> over(testing::StandIn& stand_in, std::vector<std::string> currencies) {
        return make_opensearch_engine(database(), *reader, *pricing, *inventory, clock, stand_in, stand_in.options(),
                                      options(std::move(currencies)));
    }
    void relay_events() {
        while (relay.run_once() > 0) {
        }
    }
};

// ---- a small shop, with what is expected written out ---------------------------------------------------------------------
enum class Backend { embedded, opensearch };

class ConformanceTest : public ::testing::TestWithParam<Backend> {
protected:
    ConformanceTest() {
        shop.database().in_tx([&](db::Tx& tx) {
            const auto choice = [](std::string code, std::vector<std::string> values) {
                catalog::Attribute out{.code = code, .names = {{"en", code}}};
                for (auto& value : values) out.values.push_back({value, {{"en", value}}, ""});
                return out;
            };
            EXPECT_TRUE(shop.writer->upsert_attribute(tx, choice("colour", {"red", "blue", "green"})));
            EXPECT_TRUE(shop.writer->upsert_attribute(tx, choice("material", {"oak", "pine", "velvet"})));
            EXPECT_TRUE(shop.writer->upsert_attribute(
                tx, {.code = "width", .kind = catalog::AttributeKind::number, .unit = "cm", .names = {{"en", "Width"}}}));
            EXPECT_TRUE(
                shop.writer->upsert_attribute(tx, {.code = "outdoor", .kind = catalog::AttributeKind::flag, .names = {{"en", "Outdoor"}}}));
            EXPECT_TRUE(shop.writer->upsert_type(tx, {"thing", {{"en", "Thing"}}, {"colour", "material", "width", "outdoor"}}));
            const auto category = [&](std::string handle, std::optional<catalog::CategoryId> parent) {
                catalog::Category record;
                record.handle = handle;
                record.texts["en"] = {.name = handle, .slug = handle};
                record.texts["de"] = {.name = handle + " de", .slug = handle + "-de"};
                record.parent = parent;
                return *shop.writer->upsert_category(tx, record);
            };
            home = category("home", {});
            chairs = category("chairs", home);
            garden = category("garden", {});
            list = shop.prices->save_list(tx, {.code = "eur", .name = "Euro", .currency = Currency::of("EUR")}, shop.clock.now());
            pricing::PriceListSpec trade{.code = "trade", .name = "Trade", .currency = Currency::of("EUR")};
            trade.customer_group = "trade";
            trade_list = shop.prices->save_list(tx, trade, shop.clock.now());
            pricing::PriceListSpec company{.code = "acme", .name = "Acme", .currency = Currency::of("EUR")};
            company.company = decltype(company.company)::value_type(kAcme);
            acme_list = shop.prices->save_list(tx, company, shop.clock.now());
        });
        put("oak", "Oak Chair", chairs, {"red", "blue"}, "oak", 50, false, 10000, 20, 5);
        put("pine", "Pine Chair", chairs, {"blue"}, "pine", 40, false, 8000, 0, 9);
        put("bench", "Garden Bench of Oak", garden, {"green"}, "oak", 120, true, 25000, 3, 1);
        put("sofa", "Velvet Sofa", home, {"red"}, "velvet", 200, false, 90000, 2, 5);
        put("stool", "Trade Stool", chairs, {"blue"}, "pine", 35, false, 3000, 50, 2);
        shop.database().in_tx([&](db::Tx& tx) {
            EXPECT_TRUE(shop.writer->set_audience(tx, ids.at("stool"), {{"trade"}, {}}));
            set_price(tx, trade_list, "oak", 7000);
            set_price(tx, acme_list, "pine", 120000);
        });
        shop.relay_events();
        engine = GetParam() == Backend::embedded ? shop.embedded({"EUR", "CHF"}) : shop.over(stand_in, {"EUR", "CHF"});
        engine->load();
        catch_up();
    }

    ProductId put(const std::string& handle, const std::string& name, catalog::CategoryId category, const std::vector<std::string>& colours,
                  const std::string& material, int width, bool outdoor, std::int64_t price, std::int64_t stock, std::int64_t popularity) {
        return shop.database().in_tx([&](db::Tx& tx) {
            catalog::Product product;
            product.handle = handle;
            product.type = "thing";
            product.category = category;
            product.texts["en"] = {.name = name, .subtitle = "", .description = "Something to sit on.", .slug = handle};
            product.options = {"colour"};
            product.popularity = popularity;
            product.attributes = {
                {"material", {material}, {}, {}, {}}, {"width", {}, width * 1000, {}, {}}, {"outdoor", {}, {}, {}, outdoor}};
            for (const auto& colour : colours)
                product.variants.push_back({.sku = handle + "-1-" + colour, .options = {{"colour", colour}}});
            const auto id = shop.writer->upsert_product(tx, product);
            EXPECT_TRUE(id) << id.error().message;
            ids.insert_or_assign(handle, *id);
            names.insert_or_assign(id->uuid(), handle);
            variants[handle].clear();
            const auto stored = shop.reader->products(tx, std::vector{*id}).products.at(0);
            for (const auto& variant : stored.variants) {
                variants[handle].push_back(variant.id);
                shop.inventory->set_on_hand(tx, variant.id, stock, "count");
            }
            set_price(tx, list, handle, price);
            return *id;
        });
    }
    void set_price(db::Tx& tx, pricing::PriceListId in, const std::string& handle, std::int64_t price) {
        std::vector<pricing::PriceEntry> entries;
        for (const auto& variant : variants.at(handle)) entries.push_back({variant, {{1, price}}, {}, {}});
        shop.prices->set_prices(tx, in, entries, shop.clock.now());
    }
    void catch_up() {
        shop.relay_events();
        (void)engine->refresh();
    }
    [[nodiscard]] Context context(Buyer buyer = {}) const { return {"en", "EUR", shop.clock.now(), std::move(buyer)}; }
    // Handles, in order.
    std::vector<std::string> found(const ListingRequest& request, const Buyer& buyer = {}) {
        std::vector<std::string> out;
        const auto listing = engine->listing(context(buyer), request);
        EXPECT_TRUE(listing) << listing.error().message;
        if (!listing) return out;
        for (const auto& hit : listing->hits) out.push_back(names.at(hit.id.uuid()));
        if (request.cursor.empty() && listing->total <= request.limit) {
            EXPECT_EQ(listing->total, static_cast<std::int64_t>(out.size()));
        }
        return out;
    }
    std::set<std::string> among(const ListingRequest& request, const Buyer& buyer = {}) {
        const auto handles = found(request, buyer);
        return {handles.begin(), handles.end()};
    }
    // "red 2": counts of one facet.
    std::set<std::string> counts(const ListingRequest& request, const std::string& code, const Buyer& buyer = {}) {
        std::set<std::string> out;
        const auto listing = engine->listing(context(buyer), request);
        for (const auto& facet : listing->facets) {
            if (facet.code.text != code) continue;
            for (const auto& value : facet.values)
                out.insert(fmt::format("{} {}{}", value.value.text, value.count, value.selected ? " chosen" : ""));
        }
        return out;
    }
    static std::string code_of(const Result<Listing>& listing) {
        if (listing) return "fine";
        return listing.error().fields.empty() ? listing.error().code
                                              : listing.error().fields[0].pointer + " " + listing.error().fields[0].code;
    }

    using Handles = std::vector<std::string>;
    using Set = std::set<std::string>;
    Shop shop;
    testing::StandIn stand_in;
    std::map<std::string, ProductId> ids;
    std::map<std::string, std::vector<VariantId>> variants;
    std::map<Uuid, std::string> names;
    catalog::CategoryId home, chairs, garden;
    pricing::PriceListId list, trade_list, acme_list;
    std::unique_ptr<Engine> engine;
    const Buyer trader{{"trade"}, {}};
    const Buyer acme{{}, kAcme};
};

INSTANTIATE_TEST_SUITE_P(Backends, ConformanceTest, ::testing::Values(Backend::embedded, Backend::opensearch),
                         [](const auto& chosen) { return chosen.param == Backend::embedded ? "embedded" : "opensearch"; });

TEST_P(ConformanceTest, CategoriesHoldWhatIsBelowThem) {
    EXPECT_EQ(among({}), (Set{"oak", "pine", "bench", "sofa"}));
    EXPECT_EQ(among({.category = "home"}), (Set{"oak", "pine", "sofa"}));
    EXPECT_EQ(among({.category = "chairs"}), (Set{"oak", "pine"}));
    EXPECT_EQ(among({.category = "chairs-de"}), (Set{"oak", "pine"}));
    EXPECT_EQ(code_of(engine->listing(context(), {.category = "nowhere"})), "catalog.category_not_found");
}

TEST_P(ConformanceTest, AFacetsOwnSelectionDoesNotShrinkItsCounts) {
    EXPECT_EQ(counts({}, "colour"), (Set{"red 2", "blue 2", "green 1"}));
    ListingRequest red{.filters = {{"colour", {"red"}}}};
    EXPECT_EQ(among(red), (Set{"oak", "sofa"}));
    EXPECT_EQ(counts(red, "colour"), (Set{"red 2 chosen", "blue 2", "green 1"}));
    EXPECT_EQ(counts(red, "material"), (Set{"oak 1", "velvet 1"}));
    ListingRequest two{.filters = {{"colour", {"blue", "red"}}, {"material", {"oak"}}}};
    EXPECT_EQ(among(two), (Set{"oak"}));
    EXPECT_EQ(counts(two, "colour"), (Set{"red 1 chosen", "blue 1 chosen", "green 1"}));
    EXPECT_EQ(counts(two, "material"), (Set{"oak 1 chosen", "pine 1", "velvet 1"}));
    EXPECT_EQ(among({.filters = {{"outdoor", {"1"}}}}), (Set{"bench"}));
    EXPECT_EQ(among({.filters = {{"colour", {"gone"}}}}), Set{});
}

TEST_P(ConformanceTest, RangesOfNumbersAndPrices) {
    EXPECT_EQ(among({.filters = {{"width", {"40..50"}}}}), (Set{"oak", "pine"}));
    EXPECT_EQ(among({.filters = {{"width", {"120.."}}}}), (Set{"bench", "sofa"}));
    EXPECT_EQ(among({.price_min = 8000, .price_max = 10000}), (Set{"oak", "pine"}));
    EXPECT_EQ(among({.price_min = 8001}), (Set{"oak", "bench", "sofa"}));
    const auto listing = engine->listing(context(), {.price_max = 10000});
    ASSERT_TRUE(listing->price);
    EXPECT_EQ(listing->price->min.minor(), 8000);
    EXPECT_EQ(listing->price->max.minor(), 90000);  // whatever price is asked for
    const auto width = std::ranges::find_if(listing->facets, [](const FacetDto& facet) { return facet.code.text == "width"; });
    ASSERT_NE(width, listing->facets.end());
    EXPECT_EQ(width->min->milli, 40000);
    EXPECT_EQ(width->max->milli, 50000);
    EXPECT_EQ(among({.available_only = true}), (Set{"oak", "bench", "sofa"}));
}

TEST_P(ConformanceTest, Sorts) {
    EXPECT_EQ(found({.sort = "price_asc"}), (Handles{"pine", "oak", "bench", "sofa"}));
    EXPECT_EQ(found({.sort = "price_desc"}), (Handles{"sofa", "bench", "oak", "pine"}));
    EXPECT_EQ(found({.sort = "name"}), (Handles{"bench", "oak", "pine", "sofa"}));
    // Equally popular ones in the order of their ids.
    const auto popular = found({});
    EXPECT_EQ(popular.front(), "pine");
    EXPECT_EQ(popular.back(), "bench");
    EXPECT_EQ(popular[1] == "oak", ids.at("oak") < ids.at("sofa"));
    EXPECT_EQ(code_of(engine->listing(context(), {.sort = "size"})), "?sort not_one_of");
}

TEST_P(ConformanceTest, CursorsWalkBothWaysWhileTheCatalogueChanges) {
    for (const std::string sort : {"price_asc", "price_desc", "name", "popular", "newest", "discount"}) {
        ListingRequest request{.sort = sort, .limit = 1};
        const auto whole = found({.sort = sort});
        Handles forth, back;
        std::string last;
        for (int page = 0; page < 4; ++page) {
            const auto listing = engine->listing(context(), request);
            ASSERT_TRUE(listing) << listing.error().message;
            ASSERT_EQ(listing->hits.size(), 1U) << sort;
            EXPECT_EQ(listing->total, 4);
            EXPECT_EQ(listing->prev_cursor.has_value(), page > 0) << sort;
            EXPECT_EQ(listing->next_cursor.has_value(), page < 3) << sort;
            forth.push_back(names.at(listing->hits[0].id.uuid()));
            if (listing->next_cursor) request.cursor = *listing->next_cursor;
            if (listing->prev_cursor) last = *listing->prev_cursor;
        }
        EXPECT_EQ(forth, whole) << sort;
        for (int page = 0; page < 3; ++page) {
            request.cursor = last;
            const auto listing = engine->listing(context(), request);
            ASSERT_EQ(listing->hits.size(), 1U) << sort;
            back.push_back(names.at(listing->hits[0].id.uuid()));
            EXPECT_TRUE(listing->next_cursor) << sort;
            last = listing->prev_cursor.value_or("");
        }
        std::ranges::reverse(back);
        EXPECT_EQ(back, Handles(whole.begin(), whole.begin() + 3)) << sort;
        EXPECT_EQ(last, "") << sort;
    }
    // The row at the edge goes away; the next page begins where it was.
    const auto first = engine->listing(context(), {.sort = "price_asc", .limit = 2});
    shop.database().in_tx([&](db::Tx& tx) { EXPECT_TRUE(shop.writer->set_status(tx, ids.at("oak"), catalog::ProductStatus::draft)); });
    catch_up();
    EXPECT_EQ(found({.sort = "price_asc", .limit = 2, .cursor = *first->next_cursor}), (Handles{"bench", "sofa"}));

    EXPECT_EQ(code_of(engine->listing(context(), {.sort = "price_asc", .cursor = "bm9uc2Vuc2U"})), "?cursor invalid_cursor");
    EXPECT_EQ(code_of(engine->listing(context(), {.sort = "name", .cursor = *first->next_cursor})), "?cursor invalid_cursor");
}

TEST_P(ConformanceTest, NumbersOfTheBuyersOwnFindTheirProducts) {
    const auto named = [&](Handles whole, Handles beginning) {
        auto out = context(acme);
        for (const auto& handle : whole) out.named.whole.push_back({ids.at(handle), "A-1"});
        for (const auto& handle : beginning) out.named.beginning.push_back({ids.at(handle), "A-2"});
        return out;
    };
    const auto handles = [&](const Context& who, const std::string& query) {
        Set out;
        const auto listing = engine->listing(who, {.query = query});
        EXPECT_FALSE(listing->did_you_mean) << *listing->did_you_mean;
        for (const auto& hit : listing->hits) out.insert(names.at(hit.id.uuid()));
        EXPECT_EQ(listing->total, static_cast<std::int64_t>(out.size()));
        return out;
    };
    EXPECT_EQ(handles(named({"oak"}, {}), "sofa"), Set{"oak"});           // it is the number, whatever else it means
    EXPECT_EQ(handles(named({}, {"oak", "pine"}), "sofa"), Set{"sofa"});  // it only begins like one
    EXPECT_EQ(handles(named({}, {"oak", "pine"}), "zzzz"), (Set{"oak", "pine"}));
    EXPECT_EQ(handles(named({}, {"oak"}), "soffa"), Set{"oak"});  // and is not corrected then
    EXPECT_EQ(handles(named({"stool"}, {}), "zzzz"), Set{});      // not theirs to see
    const auto suggested = [&](const Context& who, const std::string& query) {
        Handles out;
        for (const auto& product : engine->suggest(who, query).products)
            out.push_back(names.at(product.id.uuid()) + (product.part_number ? " " + *product.part_number : ""));
        return out;
    };
    EXPECT_EQ(suggested(named({"bench"}, {"pine"}), "sofa"), (Handles{"bench A-1", "pine A-2", "sofa"}));
    EXPECT_EQ(suggested(named({"stool"}, {"pine"}), "soffa"), Handles{"pine A-2"});
    EXPECT_NE(engine->suggest_document(named({"bench"}, {}), "sofa").json->find("A-1"), std::string::npos);
    EXPECT_EQ(engine->suggest_document(context(acme), "sofa").json->find("A-1"), std::string::npos);
}

TEST_P(ConformanceTest, WhatHasNoPriceIsNeitherThereNorForSale) {
    // The variant that is left has no price.
    shop.database().in_tx([&](db::Tx& tx) {
        shop.inventory->set_on_hand(tx, variants.at("oak")[0], 0, "count");
        shop.inventory->set_on_hand(tx, variants.at("oak")[1], 5, "count");
        for (const auto in : {list, trade_list})
            EXPECT_EQ(shop.prices->remove_prices(tx, in, std::vector{variants.at("oak")[1]}, shop.clock.now()), 1);
    });
    catch_up();
    EXPECT_EQ(among({.available_only = true}), (Set{"bench", "sofa"}));
    EXPECT_EQ(among({.category = "chairs"}), (Set{"oak", "pine"}));
    const auto card = engine->cards(context(), std::vector{ids.at("oak")}).at(0);
    EXPECT_NE(card.text.find(R"("available":false)"), std::string::npos) << card.text;
}

TEST_P(ConformanceTest, WhatIsInStockIsWhatHasAPriceForWhoAsks) {
    // Of the oak chair the blue one is left, which has a price in francs and one for the trade; of the bench nothing.
    shop.database().in_tx([&](db::Tx& tx) {
        const auto red = variants.at("oak")[0], blue = variants.at("oak")[1];
        shop.inventory->set_on_hand(tx, red, 0, "count");
        shop.inventory->set_on_hand(tx, variants.at("bench")[0], 0, "count");
        EXPECT_EQ(shop.prices->remove_prices(tx, list, std::vector{blue}, shop.clock.now()), 1);
        const auto francs =
            shop.prices->save_list(tx, {.code = "chf", .name = "Francs", .currency = Currency::of("CHF")}, shop.clock.now());
        shop.prices->set_prices(tx, francs, std::vector<pricing::PriceEntry>{{blue, {{1, 11000}}, {}, {}}}, shop.clock.now());
        shop.prices->set_prices(tx, francs, std::vector<pricing::PriceEntry>{{variants.at("bench")[0], {{1, 11000}}, {}, {}}},
                                shop.clock.now());
    });
    catch_up();
    const auto card = [&](std::string_view handle, const Context& asked) {
        return engine->cards(asked, std::vector{ids.at(std::string(handle))}).at(0).text;
    };
    const std::string yes = R"("available":true)", no = R"("available":false)";
    const auto popular = [&](const Context& asked) {
        std::string out;
        for (const auto& each : engine->best_sellers(asked, 10)) out += each.text;
        return out.find("Oak Chair") != std::string::npos;
    };
    EXPECT_EQ(among({.available_only = true}), (Set{"sofa"}));
    const auto page = engine->product_page(context(), "oak");
    ASSERT_TRUE(page);
    EXPECT_EQ(json::parse(*page->json)->find("available")->as_bool(), false);
    EXPECT_NE(card("oak", context()).find(no), std::string::npos) << card("oak", context());
    EXPECT_FALSE(popular(context()));

    auto swiss = context();
    swiss.currency = "CHF";
    const auto listing = engine->listing(swiss, {.available_only = true});
    ASSERT_TRUE(listing);
    ASSERT_EQ(listing->hits.size(), 1U);
    EXPECT_EQ(names.at(listing->hits[0].id.uuid()), "oak");
    EXPECT_NE(card("oak", swiss).find(yes), std::string::npos);
    EXPECT_NE(card("bench", swiss).find(no), std::string::npos);
    EXPECT_TRUE(popular(swiss));

    EXPECT_EQ(among({.available_only = true}, trader), (Set{"oak", "sofa", "stool"}));
    EXPECT_NE(card("oak", context(trader)).find(yes), std::string::npos);
    EXPECT_TRUE(popular(context(trader)));
    EXPECT_EQ(among({.available_only = true}, acme), (Set{"sofa"}));
}

TEST_P(ConformanceTest, AnAudiencesProductsExistForNobodyElse) {
    EXPECT_EQ(among({.category = "chairs"}, trader), (Set{"oak", "pine", "stool"}));
    EXPECT_EQ(counts({.category = "chairs"}, "colour", trader), (Set{"red 1", "blue 3"}));
    EXPECT_EQ(among({.query = "stool"}), Set{});
    EXPECT_EQ(among({.query = "stool"}, trader), Set{"stool"});
    EXPECT_EQ(among({.query = "stool"}, acme), Set{});
    EXPECT_FALSE(engine->product_page(context(), "stool"));
    EXPECT_TRUE(engine->product_page(context(trader), "stool"));
    const std::vector<ProductId> asked{ids.at("stool"), ids.at("oak")};
    EXPECT_EQ(engine->cards(context(), asked).size(), 1U);
    EXPECT_EQ(engine->cards(context(trader), asked).size(), 2U);
    EXPECT_TRUE(engine->suggest(context(), "stoo").queries.empty());
    EXPECT_EQ(engine->suggest(context(trader), "stoo").queries, Handles{"stool"});
    EXPECT_FALSE(engine->reviews(context(), ids.at("stool"), "", 5));
    EXPECT_TRUE(engine->reviews(context(trader), ids.at("stool"), "", 5));
}

TEST_P(ConformanceTest, PricesOfTheBuyersOwnListsSortFilterAndShow) {
    EXPECT_EQ(found({.category = "home", .sort = "price_asc"}, trader), (Handles{"stool", "oak", "pine", "sofa"}));
    EXPECT_EQ(among({.price_min = 7000, .price_max = 7999}, trader), Set{"oak"});
    EXPECT_EQ(among({.price_min = 7000, .price_max = 7999}), Set{});
    // A company's price holds even where it is the higher one.
    EXPECT_EQ(found({.category = "chairs", .sort = "price_desc"}, acme), (Handles{"pine", "oak"}));
    const auto listing = engine->listing(context(acme), {.category = "chairs"});
    EXPECT_EQ(listing->price->max.minor(), 120000);
    const auto card = [&](const std::string& handle, const Buyer& buyer) {
        return engine->cards(context(buyer), std::vector{ids.at(handle)}).at(0).text;
    };
    EXPECT_NE(card("oak", trader).find(R"("amount":7000)"), std::string::npos) << card("oak", trader);
    EXPECT_NE(card("oak", {}).find(R"("amount":10000)"), std::string::npos) << card("oak", {});
    EXPECT_NE(render(*engine->listing(context(trader), {.query = "oak"})).find(R"("amount":7000)"), std::string::npos);
    const auto page = engine->product_page(context(trader), "oak");
    ASSERT_TRUE(page);
    EXPECT_NE(page->json->find(R"("amount":7000)"), std::string::npos);
}

TEST_P(ConformanceTest, WordsFindProducts) {
    EXPECT_EQ(among({.query = "chair"}), (Set{"oak", "pine"}));
    EXPECT_EQ(among({.query = "CHAIRS"}), (Set{"oak", "pine"}));
    EXPECT_EQ(among({.query = "the sofa"}), Set{"sofa"});
    EXPECT_EQ(among({.category = "garden", .query = "oak"}), Set{"bench"});
    EXPECT_EQ(counts({.query = "oak"}, "colour"), (Set{"red 1", "blue 1", "green 1"}));
    // All words first, then products that lack one.
    const auto both = found({.query = "oak bench"});
    ASSERT_FALSE(both.empty());
    EXPECT_EQ(both.front(), "bench");
    EXPECT_EQ(Set(both.begin(), both.end()), (Set{"bench", "oak"}));
    EXPECT_EQ(found({.query = "oak chair", .sort = "price_desc"}).front(), "bench");
    EXPECT_EQ(among({.query = "spaceship"}), Set{});
}

TEST_P(ConformanceTest, MistakesAreCorrectedButNotNumbers) {
    const auto listing = engine->listing(context(), {.query = "velvte"});
    EXPECT_EQ(among({.query = "velvte"}), Set{"sofa"});
    EXPECT_EQ(listing->did_you_mean, "velvet");
    EXPECT_EQ(among({.query = "oak-1-red"}), Set{"oak"});
    EXPECT_EQ(among({.query = "oak1red"}), Set{"oak"});
    // Close to a number, but not one.
    EXPECT_EQ(among({.query = "oak1rad"}), Set{});
    EXPECT_FALSE(engine->listing(context(), {.query = "oak1rad"})->did_you_mean);
    // A word of what only others may see is no correction.
    EXPECT_FALSE(engine->listing(context(), {.query = "stooll"})->did_you_mean);
}

TEST_P(ConformanceTest, SuggestionsWhileTyping) {
    const auto dto = engine->suggest(context(), "cha");
    EXPECT_EQ(Set(dto.queries.begin(), dto.queries.end()), (Set{"chair", "chairs"}));
    ASSERT_EQ(dto.products.size(), 2U);
    EXPECT_EQ(dto.products[0].slug.empty(), false);
    EXPECT_GT(dto.products[0].price.amount.minor(), 0);
    ASSERT_EQ(dto.categories.size(), 1U);
    EXPECT_EQ(dto.categories[0].slug, "chairs");
    EXPECT_EQ(engine->suggest(context(), "oak ben").queries, Handles{"oak bench"});
    EXPECT_TRUE(engine->suggest(context(), "").products.empty());
}

TEST_P(ConformanceTest, ChangesComeThroughTheFeed) {
    const auto version = engine->status().version;
    shop.database().in_tx([&](db::Tx& tx) { set_price(tx, list, "sofa", 500); });
    catch_up();
    EXPECT_EQ(found({.sort = "price_asc"}).front(), "sofa");
    EXPECT_GT(engine->status().version, version);
    shop.database().in_tx([&](db::Tx& tx) { shop.inventory->set_on_hand(tx, variants.at("pine")[0], 5, "count"); });
    catch_up();
    EXPECT_EQ(among({.category = "chairs", .available_only = true}), (Set{"oak", "pine"}));
    put("rocker", "Rocking Chair", chairs, {"green"}, "oak", 60, true, 15000, 1, 3);
    catch_up();
    EXPECT_EQ(among({.query = "rocking"}), Set{"rocker"});
    EXPECT_EQ(counts({.category = "chairs"}, "colour"), (Set{"red 1", "blue 2", "green 1"}));
    shop.database().in_tx(
        [&](db::Tx& tx) { EXPECT_TRUE(shop.writer->set_status(tx, ids.at("rocker"), catalog::ProductStatus::archived)); });
    catch_up();
    EXPECT_EQ(among({.query = "rocking"}), Set{});
    EXPECT_FALSE(engine->product_page(context(), "rocker"));
    // Structure: everything is built anew.
    shop.database().in_tx([&](db::Tx& tx) {
        catalog::Category record;
        record.handle = "benches";
        record.texts["en"] = {.name = "benches", .slug = "benches"};
        record.parent = garden;
        const auto made = shop.writer->upsert_category(tx, record);
        ASSERT_TRUE(made);
        garden = *made;
    });
    put("bench", "Garden Bench of Oak", garden, {"green"}, "oak", 120, true, 25000, 3, 1);
    catch_up();
    catch_up();
    EXPECT_EQ(among({.category = "benches"}), Set{"bench"});
    EXPECT_EQ(among({.category = "garden"}), Set{"bench"});
}

TEST_P(ConformanceTest, WhatBeginsAndEndsByItselfDoes) {
    shop.database().in_tx([&](db::Tx& tx) {
        auto product = shop.reader->products(tx, std::vector{ids.at("sofa")}).products.at(0);
        product.published_until = shop.clock.now() + std::chrono::hours(2);
        ASSERT_TRUE(shop.writer->upsert_product(tx, product));
    });
    catch_up();
    EXPECT_EQ(among({.category = "home"}), (Set{"oak", "pine", "sofa"}));
    shop.clock.advance(std::chrono::hours(3));
    catch_up();
    EXPECT_EQ(among({.category = "home"}), (Set{"oak", "pine"}));
}

TEST_P(ConformanceTest, RulesArrangeTheShopsOwnOrder) {
    shop.database().in_tx([&](db::Tx& tx) {
        Rule pin{.id = Uuid::v7(), .kind = RuleKind::pin, .query = "oak", .products = {ids.at("sofa")}};
        ASSERT_TRUE(shop.merchandiser->put(tx, pin));
        Rule bury{.id = Uuid::v7(), .kind = RuleKind::bury, .category = chairs, .products = {ids.at("pine")}};
        ASSERT_TRUE(shop.merchandiser->put(tx, bury));
        Rule redirect{.id = Uuid::v7(), .kind = RuleKind::redirect, .query = "help", .target = "/help"};
        ASSERT_TRUE(shop.merchandiser->put(tx, redirect));
        ASSERT_TRUE(shop.merchandiser->put(tx, Synonyms{Uuid::v7(), "en", {"couch", "sofa"}}));
    });
    catch_up();
    const auto oak = found({.query = "oak"});
    EXPECT_EQ(oak.front(), "sofa");
    EXPECT_EQ(Set(oak.begin(), oak.end()), (Set{"sofa", "oak", "bench"}));
    EXPECT_EQ(found({.category = "chairs"}), (Handles{"oak", "pine"}));
    EXPECT_EQ(found({.category = "chairs", .sort = "price_asc"}), (Handles{"pine", "oak"}));
    EXPECT_EQ(engine->listing(context(), {.query = "help"})->redirect, "/help");
    EXPECT_EQ(among({.query = "couch"}), Set{"sofa"});
}

TEST_P(ConformanceTest, PagesCategoriesAndTheRest) {
    const auto page = engine->product_page(context(), "oak");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->id, ids.at("oak").to_string());
    const auto body = json::parse(*page->json);
    EXPECT_EQ(body->text_or("name"), "Oak Chair");
    EXPECT_EQ(body->find("variants")->items().size(), 2U);
    EXPECT_FALSE(body->find("related")->items().empty());
    EXPECT_EQ(engine->product_page(context(), "oak")->etag, page->etag);
    EXPECT_FALSE(engine->product_page(context(), "no-such-thing"));

    using Sizes = std::map<std::string, std::int64_t>;
    const auto sizes = [&](const Buyer& buyer) {
        const auto tree = json::parse(*engine->categories(context(buyer)).json);
        Sizes out;
        for (const auto& node : tree->find("items")->items()) out[node.text_or("slug")] = node.int_or("product_count");
        return out;
    };
    EXPECT_EQ(sizes({}), (Sizes{{"home", 3}, {"garden", 1}}));
    EXPECT_EQ(sizes(trader), (Sizes{{"home", 4}, {"garden", 1}}));
    EXPECT_TRUE(engine->category(context(), "chairs"));
    EXPECT_FALSE(engine->category(context(), "nowhere"));

    EXPECT_EQ(engine->new_arrivals(context(), 2).size(), 2U);
    EXPECT_EQ(engine->best_sellers(context(), 10).size(), 3U);  // what is in stock
    std::set<std::string> slugs;
    std::string cursor;
    do {
        const auto sitemap = engine->sitemap(cursor, 2);
        ASSERT_TRUE(sitemap);
        for (const auto& item : sitemap->items) {
            if (item.kind == PageKind::product) slugs.insert(item.slugs.at("en"));
        }
        cursor = sitemap->next_cursor.value_or("");
    } while (!cursor.empty());
    EXPECT_EQ(slugs, (Set{"oak", "pine", "bench", "sofa"}));

    // Also where the first currency has no prices.
    testing::StandIn another;
    const std::vector<std::string> currencies{"GBP", "EUR"};
    const auto in_pounds = GetParam() == Backend::embedded ? shop.embedded(currencies) : shop.over(another, currencies);
    in_pounds->load();
    (void)in_pounds->refresh();
    EXPECT_EQ(std::ranges::count(in_pounds->sitemap("", 50)->items, PageKind::product, &SitemapItemDto::kind), 4);
}

TEST_P(ConformanceTest, WhatCannotBeAskedIsRefused) {
    const auto refused = [&](const ListingRequest& request) { return code_of(engine->listing(context(), request)); };
    EXPECT_EQ(refused({.filters = {{"size", {"1"}}}}), "?f.size unknown");
    EXPECT_EQ(refused({.filters = {{"colour", {}}}}), "?f.colour invalid");
    EXPECT_EQ(refused({.filters = {{"colour", {"red"}}, {"colour", {"blue"}}}}), "?f.colour duplicate");
    EXPECT_EQ(refused({.filters = {{"width", {"wide"}}}}), "?f.width invalid_range");
    EXPECT_EQ(refused({.filters = {{"outdoor", {"maybe"}}}}), "?f.outdoor not_one_of");
    EXPECT_EQ(refused({.query = std::string(500, 'a')}), "?q too_long");
    EXPECT_EQ(refused({.limit = 0}), "?limit out_of_range");
    EXPECT_EQ(refused({.collection = "nowhere"}), "catalog.collection_not_found");
}

// ---- random questions: one answer, whoever is asked ------------------------------------------------------------------------
class SameAnswersTest : public ::testing::Test {
protected:
    static constexpr int kProducts = 160;

    SameAnswersTest() {
        shop.database().in_tx([&](db::Tx& tx) {
            const auto structure = testing::world_structure();
            std::vector<std::string> codes;
            for (const auto& attribute : structure.attributes) {
                EXPECT_TRUE(shop.writer->upsert_attribute(tx, attribute));
                codes.push_back(attribute.code);
            }
            EXPECT_TRUE(shop.writer->upsert_type(tx, {"thing", {{"en", "Thing"}}, codes}));
            for (const auto& category : structure.categories) EXPECT_TRUE(shop.writer->upsert_category(tx, category));
            for (const auto& collection : structure.collections) EXPECT_TRUE(shop.writer->upsert_collection(tx, collection));
            for (const auto& currency : testing::kCurrencies)
                lists.push_back(shop.prices->save_list(
                    tx, {.code = "list-" + std::to_string(lists.size()), .name = currency, .currency = Currency::of(currency)},
                    shop.clock.now()));
            const auto contract = [&](std::string code, std::string currency, std::optional<std::string> group, std::optional<Uuid> company,
                                      std::int64_t priority) {
                pricing::PriceListSpec spec{.code = code, .name = code, .currency = Currency::of(currency), .priority = priority};
                spec.customer_group = std::move(group);
                if (company) spec.company = decltype(spec.company)::value_type(*company);
                contracts.push_back(shop.prices->save_list(tx, spec, shop.clock.now()));
            };
            contract("trade-eur", "EUR", "trade", {}, 0);
            contract("acme-eur", "EUR", {}, kAcme, 0);
            contract("acme-trade-eur", "EUR", "trade", kAcme, 0);
            contract("vip-eur", "EUR", "vip", {}, 5);
            contract("loses-eur", "EUR", "trade", {}, -1);
            contract("acme-gbp", "GBP", {}, kAcme, 0);
        });
        for (int i = 0; i < kProducts; ++i) put(i, 0);
        shop.relay_events();
        embedded = shop.embedded(testing::kCurrencies);
        opensearch = shop.over(stand_in, testing::kCurrencies);
        embedded->load();
        opensearch->load();
    }
    static const std::vector<Buyer>& buyers() {
        static const std::vector<Buyer> list{{}, {{"trade"}, {}}, {{}, kAcme}, {{"trade", "vip"}, kAcme}, {{"nobody"}, kOther}};
        return list;
    }
    void put(int index, int generation) {
        const auto raw = testing::random_product(index, generation);
        shop.database().in_tx([&](db::Tx& tx) {
            const auto id = shop.writer->upsert_product(tx, raw.record);
            ASSERT_TRUE(id) << id.error().message;
            for (std::size_t i = 0; i < lists.size(); ++i) {
                std::vector<pricing::PriceEntry> entries;
                for (const auto& [variant, price] : raw.prices[i])
                    entries.push_back({VariantId(variant), {{1, price.unit().minor()}}, {}, {}});
                shop.prices->set_prices(tx, lists[i], entries, shop.clock.now());
            }
            for (const auto& [variant, count] : raw.stock) shop.inventory->set_on_hand(tx, VariantId(variant), count, "count");
            Random random(static_cast<std::uint64_t>(index) * 31 + static_cast<std::uint64_t>(generation));
            for (const auto list : contracts) {
                std::vector<pricing::PriceEntry> entries;
                for (const auto& variant : raw.record.variants) {
                    if (random.chance(15)) entries.push_back({variant.id, {{1, 400 + 10 * random.below(350)}}, {}, {}});
                }
                shop.prices->set_prices(tx, list, entries, shop.clock.now());
            }
            static const std::vector<catalog::Audience> kAudiences{{{"trade"}, {}}, {{}, {kAcme}}, {{"vip"}, {kOther}}};
            ASSERT_TRUE(shop.writer->set_audience(
                tx, *id, random.chance(20) ? kAudiences[static_cast<std::size_t>(random.below(3))] : catalog::Audience()));
        });
    }
    static ListingRequest random_request(Random& random) {
        ListingRequest request;
        static const std::vector<std::string> kCategories{"home", "garden", "chairs", "tables", "stools"};
        static const std::vector<std::string> kWords{"oak",     "chair", "chairs", "table", "lamp",  "steel",  "velvet", "gardens",
                                                     "folding", "round", "small",  "the",   "thing", "number", "zzzz"};
        if (random.chance(40)) request.category = kCategories[static_cast<std::size_t>(random.below(5))];
        if (random.chance(15)) request.collection = "reds";
        if (random.chance(40)) {
            std::string query;
            for (int i = 1 + random.below(3); i > 0; --i)
                query += (query.empty() ? "" : " ") + kWords[static_cast<std::size_t>(random.below(15))];
            request.query = query;
        }
        const auto choice = [&](const std::string& attribute, int values) {
            std::set<std::string> chosen;
            for (int i = 1 + random.below(3); i > 0; --i) chosen.insert(attribute + "-" + std::to_string(random.below(values)));
            request.filters.push_back({attribute, {chosen.begin(), chosen.end()}});
        };
        if (random.chance(35)) choice("colour", 6);
        if (random.chance(35)) choice("material", 8);
        if (random.chance(25)) choice("style", 4);
        if (random.chance(25)) {
            const int low = random.below(150);
            request.filters.push_back({"width", {fmt::format("{}.5..{}", low, low + random.below(60))}});
        }
        if (random.chance(20)) request.filters.push_back({"outdoor", {random.chance(50) ? "1" : "0"}});
        if (random.chance(25)) request.price_min = 500 + random.below(2000);
        if (random.chance(25)) request.price_max = 1000 + random.below(2500);
        request.available_only = random.chance(30);
        static const std::vector<std::string> kSorts{"", "popular", "newest", "price_asc", "price_desc", "name", "discount"};
        request.sort = kSorts[static_cast<std::size_t>(random.below(7))];
        request.limit = 1 + random.below(40);
        return request;
    }
    // All pages, and what the first one says beside its rows.
    struct Answer {
        std::vector<std::string> rows;  // id and card
        std::string beside;
        std::vector<std::size_t> pages;
    };
    static Answer walk(const Engine& engine, const Context& context, ListingRequest request) {
        Answer out;
        for (int page = 0; page < 200; ++page) {
            const auto listing = engine.listing(context, request);
            EXPECT_TRUE(listing) << listing.error().message;
            if (!listing) break;
            if (page == 0) {
                auto rest = *listing;
                rest.hits.clear();
                rest.next_cursor.reset();
                rest.prev_cursor.reset();
                out.beside = render(rest);
            }
            EXPECT_EQ(listing->prev_cursor.has_value(), page > 0);
            for (const auto& hit : listing->hits)
                out.rows.push_back(hit.id.to_string() + " " + std::string(hit.card_text) + std::string(hit.card_price));
            out.pages.push_back(listing->hits.size());
            if (!listing->next_cursor) break;
            request.cursor = *listing->next_cursor;
        }
        return out;
    }
    void compare(Random& random, int round) {
        const auto request = random_request(random);
        const Context context{std::string(catalog::kLocales[static_cast<std::size_t>(random.below(4))]),
                              testing::kCurrencies[static_cast<std::size_t>(random.below(2))], shop.clock.now(),
                              buyers()[static_cast<std::size_t>(random.below(5))]};
        auto expected = walk(*embedded, context, request);
        auto found = walk(*opensearch, context, request);
        if (request.query && request.sort.empty()) {  // the order is each engine's own
            std::ranges::sort(expected.rows);
            std::ranges::sort(found.rows);
        }
        const auto described = fmt::format("round {}: {} {} q={} sort={} buyer groups={}", round, context.locale, context.currency,
                                           request.query.value_or("-"), request.sort, context.buyer.groups.size());
        EXPECT_EQ(found.beside, expected.beside) << described;
        EXPECT_EQ(found.rows, expected.rows) << described;
        EXPECT_EQ(found.pages, expected.pages) << described;
        not_empty += expected.rows.empty() ? 0 : 1;
    }

    Shop shop;
    testing::StandIn stand_in;
    std::vector<pricing::PriceListId> lists, contracts;
    std::unique_ptr<Engine> embedded, opensearch;
    int not_empty = 0;
};

TEST_F(SameAnswersTest, RandomQuestionsBeforeAndAfterRandomChanges) {
    const char* chosen = std::getenv("STOA_TEST_SEED");
    const std::uint64_t seed = chosen ? std::strtoull(chosen, nullptr, 10) : 20261128;
    SCOPED_TRACE("STOA_TEST_SEED=" + std::to_string(seed));
    Random random(seed);
    for (int round = 0; round < 120 && !HasFailure(); ++round) compare(random, round);
    EXPECT_GT(not_empty, 60);
    for (int generation = 1; generation <= 3 && !HasFailure(); ++generation) {
        for (int change = 0; change < 25; ++change) {
            const int index = random.below(kProducts + 10);
            if (random.chance(60)) {
                put(index, generation);
                continue;
            }
            const auto raw = testing::random_product(index % kProducts);
            const auto variant = raw.record.variants[0].id;
            shop.database().in_tx([&](db::Tx& tx) {
                if (random.chance(50))
                    shop.inventory->set_on_hand(tx, variant, random.below(3), "count");
                else
                    shop.prices->set_prices(tx, random.chance(50) ? lists[0] : contracts[static_cast<std::size_t>(random.below(6))],
                                            std::vector<pricing::PriceEntry>{{variant, {{1, 300 + random.below(4000)}}, {}, {}}},
                                            shop.clock.now());
            });
        }
        shop.relay_events();
        (void)embedded->refresh();
        (void)opensearch->refresh();
        for (int round = 0; round < 40 && !HasFailure(); ++round) compare(random, 1000 * generation + round);
    }
}

}  // namespace
}  // namespace stoa::search
