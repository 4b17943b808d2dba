#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "stoa/catalog/make.hpp"
#include "stoa/events/events.hpp"
#include "stoa/inventory/make.hpp"
#include "stoa/log/log.hpp"
#include "stoa/pricing/make.hpp"
#include "stoa/search/make.hpp"
#include "stoa/search/merchandising.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::search {
namespace {

class EngineTest : public ::testing::Test {
protected:
    EngineTest() {
        database().in_tx([&](db::Tx& tx) {
            EXPECT_TRUE(writer->upsert_attribute(
                tx, {.code = "colour",
                     .names = {{"en", "Colour"}, {"de", "Farbe"}},
                     .values = {{"red", {{"en", "Red"}, {"de", "Rot"}}, "#c00"}, {"blue", {{"en", "Blue"}, {"de", "Blau"}}, "#00c"}}}));
            EXPECT_TRUE(writer->upsert_type(tx, {"chair", {{"en", "Chair"}}, {"colour"}}));
            catalog::Category record;
            record.handle = "chairs";
            record.texts["en"] = {.name = "Chairs", .slug = "chairs"};
            record.texts["de"] = {.name = "Stühle", .slug = "stuehle"};
            category = *writer->upsert_category(tx, record);
            pricing::PriceListSpec spec{.code = "eur", .name = "Euro", .currency = Currency::of("EUR")};
            list = prices->save_list(tx, spec, clock.now());
        });
        EngineOptions options;
        options.use_feed = false;
        engine = make_engine(database(), *reader, *pricing, *inventory, clock, options);
        add_search_routes(routes, *engine, clock);
        add_buyer_routes(routes, *engine, clock, [this](const http::Request&) { return buyer; });
        routes.freeze();
    }

    db::Database& database() { return own.database(); }
    catalog::Product chair(const std::string& handle, const std::string& name) const {
        catalog::Product product;
        product.handle = handle;
        product.type = "chair";
        product.category = category;
        product.texts["en"] = {.name = name, .subtitle = "", .description = "A *sturdy* seat.", .slug = ""};
        product.texts["de"] = {.name = name + " (de)", .subtitle = "", .description = "", .slug = handle + "-de"};
        product.options = {"colour"};
        product.variants = {catalog::Variant{.sku = handle + "-R", .options = {{"colour", "red"}}},
                            catalog::Variant{.sku = handle + "-B", .options = {{"colour", "blue"}}}};
        return product;
    }
    ProductId put(const catalog::Product& product, std::int64_t price = 10000, std::int64_t stock = 20) {
        return database().in_tx([&](db::Tx& tx) {
            const auto id = writer->upsert_product(tx, product);
            EXPECT_TRUE(id) << id.error().message;
            const auto stored = reader->products(tx, std::vector{*id}).products.at(0);
            for (const auto& variant : stored.variants) {
                set_price(tx, variant.id, price);
                inventory->set_on_hand(tx, variant.id, stock, "count");
            }
            return *id;
        });
    }
    void set_price(db::Tx& tx, VariantId variant, std::int64_t price) {
        prices->set_prices(tx, list, std::vector<pricing::PriceEntry>{{variant, {{1, price}}, {}, {}}}, clock.now());
    }
    // What the worker does, then one look at the feed.
    bool catch_up() {
        while (relay.run_once() > 0) {
        }
        return engine->refresh();
    }
    http::Response get(const std::string& target) {
        auto request = stoa::testing::request(http::Method::get, target);
        const auto before = db::Database::statements_on_this_thread();
        auto response = http::dispatch(routes, request, {});
        EXPECT_EQ(db::Database::statements_on_this_thread(), before) << target << " asked the database";
        return response;
    }
    json::Value body(const std::string& target, int status = 200) {
        const auto response = get(target);
        EXPECT_EQ(response.status, status) << target << " " << response.content();
        return *json::parse(response.content());
    }
    Context context(std::string locale = "en") const { return {std::move(locale), "EUR", clock.now()}; }
    std::int64_t total(const ListingRequest& request) const { return engine->listing(context(), request)->total; }

    stoa::testing::TestDatabase own;
    ManualClock clock{stoa::testing::fixed_start()};
    std::unique_ptr<catalog::Writer> writer = catalog::make_writer();
    std::unique_ptr<catalog::Reader> reader = catalog::make_reader();
    std::unique_ptr<pricing::Pricing> pricing = pricing::make_pricing();
    std::unique_ptr<pricing::PriceBook> prices = pricing::make_price_book();
    std::unique_ptr<inventory::Inventory> inventory = inventory::make_inventory(clock);
    events::Relay relay{database(), {}};
    catalog::CategoryId category;
    pricing::PriceListId list;
    Buyer buyer;  // who is signed in
    std::unique_ptr<Engine> engine;
    http::Routes routes;
};

TEST_F(EngineTest, NotReadyBeforeTheFirstLoad) {
    EXPECT_FALSE(engine->status().ready);
    EXPECT_EQ(get("/api/v1/catalog/categories").status, 503);
}

TEST_F(EngineTest, EveryKindOfChangeShowsUp) {
    const auto oak = put(chair("oak", "Oak chair"));
    engine->load();
    std::vector<Refreshed> told;
    engine->on_refreshed([&](const Refreshed& refreshed) { told.push_back(refreshed); });
    EXPECT_EQ(total({}), 1);
    (void)catch_up();  // events from before the load have no position yet; they change nothing
    told.clear();

    const auto pine = put(chair("pine", "Pine chair"), 5000);
    EXPECT_TRUE(catch_up());
    EXPECT_EQ(total({}), 2);
    EXPECT_EQ(total({.query = "pine"}), 1);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_FALSE(told[0].price_or_stock_only);
    EXPECT_EQ(told[0].products, std::vector{pine});
    EXPECT_FALSE(catch_up());

    // Price
    const auto variants =
        database().read([&](db::Session& session) { return reader->products(session, std::vector{oak}).products.at(0).variants; });
    database().in_tx([&](db::Tx& tx) { set_price(tx, variants[0].id, 3000); });
    EXPECT_TRUE(catch_up());
    EXPECT_EQ(engine->listing(context(), {.sort = "price_asc"})->hits[0].id, oak);
    EXPECT_EQ(engine->listing(context(), {})->price->min.minor(), 3000);
    EXPECT_TRUE(told.back().price_or_stock_only);

    // Stock
    database().in_tx([&](db::Tx& tx) {
        for (const auto& variant : variants) inventory->set_on_hand(tx, variant.id, 0, "count");
    });
    EXPECT_TRUE(catch_up());
    EXPECT_EQ(total({.available_only = true}), 1);

    // Review
    database().in_tx([&](db::Tx& tx) {
        catalog::Review review{.product = oak,
                               .author = "A.",
                               .locale = "en",
                               .rating = 4,
                               .title = "Good",
                               .body = "Sturdy.",
                               .verified = true,
                               .state = catalog::ReviewState::approved,
                               .created_at = clock.now()};
        EXPECT_TRUE(writer->put_review(tx, review));
    });
    EXPECT_TRUE(catch_up());
    EXPECT_EQ(engine->reviews(context(), oak, "", 20)->items.size(), 1U);

    // Text, slug and category
    auto renamed = chair("oak", "Oak throne");
    put(renamed);
    EXPECT_TRUE(catch_up());
    EXPECT_EQ(total({.query = "throne"}), 1);
    EXPECT_EQ(engine->listing(context(), {.query = "oak chair"})->hits.at(0).id, oak);  // by its category
    catalog::Category moved;
    moved.handle = "chairs";
    moved.texts["en"] = {.name = "Seats", .slug = "seats"};
    database().in_tx([&](db::Tx& tx) { EXPECT_TRUE(writer->upsert_category(tx, moved)); });
    EXPECT_TRUE(catch_up());
    EXPECT_TRUE(told.back().everything);
    EXPECT_EQ(total({.category = "seats"}), 2);
    EXPECT_EQ(total({.category = "chairs"}), 2);  // the old address

    // Gone
    database().in_tx([&](db::Tx& tx) { EXPECT_TRUE(writer->set_status(tx, pine, catalog::ProductStatus::archived)); });
    EXPECT_TRUE(catch_up());
    EXPECT_EQ(total({}), 1);
    EXPECT_TRUE(engine->cards(context(), std::vector{pine}).empty());
    EXPECT_EQ(engine->cards(context(), std::vector{pine, oak}).size(), 1U);
}

// Of a list: the handles' first words, in order.
std::string names(const json::Value& listing) {
    std::string out;
    for (const auto& item : listing.find("items")->items()) {
        const auto name = item.text_or("name");
        out += (out.empty() ? "" : " ") + name.substr(0, name.find(' '));
    }
    return out;
}
std::int64_t card_price(const json::Value& card) { return card.at("price", "amount")->int_or("amount"); }

TEST_F(EngineTest, BuyersHaveTheirOwnPrices) {
    const auto acme = Uuid::v7();
    const auto oak = put(chair("oak", "Oak chair"), 10000);
    put(chair("pine", "Pine chair"), 8000);
    const auto elm = put(chair("elm", "Elm chair"), 9000);
    const auto variants_of = [&](ProductId id) {
        return database().read([&](db::Session& session) { return reader->products(session, std::vector{id}).products.at(0).variants; });
    };
    pricing::PriceListSpec spec{.code = "acme", .name = "Acme", .currency = Currency::of("EUR"), .tax_included = false};
    spec.company = decltype(spec.company)::value_type(acme);
    const auto contract = database().in_tx([&](db::Tx& tx) {
        const auto id = prices->save_list(tx, spec, clock.now());
        std::vector<pricing::PriceEntry> entries;
        for (const auto& variant : variants_of(oak)) entries.push_back({variant.id, {{1, 5000}, {10, 4500}}, {}, {}});
        prices->set_prices(tx, id, entries, clock.now());
        return id;
    });
    engine->load();
    (void)catch_up();
    const std::string mine = "/api/v1/account/catalog", everybodys = "/api/v1/catalog";
    const std::string by_price = "/listing?sort=price_asc";

    buyer = {{}, acme};
    EXPECT_EQ(names(body(everybodys + by_price)), "Pine Elm Oak");
    EXPECT_EQ(names(body(mine + by_price)), "Oak Pine Elm");
    EXPECT_EQ(names(body(mine + "/listing?sort=price_desc")), "Elm Pine Oak");
    const auto listing = body(mine + by_price);
    EXPECT_EQ(card_price(listing.find("items")->items()[0]), 5000);
    EXPECT_EQ(card_price(listing.find("items")->items()[1]), 8000);
    EXPECT_EQ(listing.at("price", "min")->int_or("amount"), 5000);
    EXPECT_EQ(body(everybodys + by_price).at("price", "min")->int_or("amount"), 8000);
    EXPECT_EQ(names(body(mine + by_price + "&price=4000..6000")), "Oak");
    EXPECT_EQ(names(body(everybodys + by_price + "&price=4000..6000")), "");
    EXPECT_EQ(names(body(everybodys + by_price + "&price=9500..")), "Oak");
    EXPECT_EQ(names(body(mine + by_price + "&price=9500..")), "");
    const auto page = body(mine + "/products/oak-chair");
    EXPECT_EQ(page.find("variants")->items()[0].at("price", "amount")->int_or("amount"), 5000);
    EXPECT_FALSE(page.find("variants")->items()[0].find("price")->bool_or("tax_included", true));
    EXPECT_EQ(page.find("variants")->items()[0].at("price", "tiers")->items()[0].find("amount")->int_or("amount"), 4500);
    EXPECT_EQ(body(everybodys + "/products/oak-chair").find("variants")->items()[0].at("price", "amount")->int_or("amount"), 10000);
    EXPECT_EQ(body(mine + "/suggest?q=oak").find("products")->items()[0].at("price", "amount")->int_or("amount"), 5000);
    Context asked = context();
    asked.buyer = buyer;
    EXPECT_EQ(card_price(*json::parse(engine->cards(asked, std::vector{oak})[0].text)), 5000);
    // Pages of the buyer's order neither skip nor repeat.
    const auto first = body(mine + by_price + "&limit=1");
    const auto second = body(mine + by_price + "&limit=1&cursor=" + first.text_or("next_cursor"));
    EXPECT_EQ(names(first) + " " + names(second), "Oak Pine");

    // Only the public's answers may be kept by others.
    EXPECT_FALSE(get(everybodys + by_price).header_value("etag").empty());
    EXPECT_TRUE(get(everybodys + by_price).header_value("cache-control").starts_with("public"));
    for (const auto* target : {"/listing", "/suggest?q=oak", "/categories", "/categories/chairs", "/collections", "/products/oak-chair"}) {
        const auto answer = get(mine + target);
        EXPECT_EQ(answer.status, 200) << target;
        EXPECT_EQ(answer.header_value("cache-control"), "private, no-store") << target;
        EXPECT_EQ(answer.header_value("etag"), "") << target;
        EXPECT_EQ(answer.header_value("cache-tag"), "") << target;
    }

    // Another buyer has nothing of it, nor has this one when signed in for nobody.
    buyer = {{"trade"}, Uuid::v7()};
    EXPECT_EQ(names(body(mine + by_price)), "Pine Elm Oak");

    // Changes come through the feed: a price, a list that did not exist, and one that is switched off.
    buyer = {{"trade"}, acme};
    database().in_tx([&](db::Tx& tx) {
        for (const auto& variant : variants_of(oak))
            prices->set_prices(tx, contract, std::vector<pricing::PriceEntry>{{variant.id, {{1, 8500}}, {}, {}}}, clock.now());
    });
    EXPECT_TRUE(catch_up());
    EXPECT_EQ(names(body(mine + by_price)), "Pine Oak Elm");
    database().in_tx([&](db::Tx& tx) {
        pricing::PriceListSpec trade{.code = "trade", .name = "Trade", .currency = Currency::of("EUR"), .customer_group = "trade"};
        const auto id = prices->save_list(tx, trade, clock.now());
        for (const auto& variant : variants_of(elm))
            prices->set_prices(tx, id, std::vector<pricing::PriceEntry>{{variant.id, {{1, 1000}}, {}, {}}}, clock.now());
    });
    EXPECT_TRUE(catch_up());
    EXPECT_EQ(names(body(mine + by_price)), "Elm Pine Oak");
    spec.enabled = false;
    database().in_tx([&](db::Tx& tx) { prices->save_list(tx, spec, clock.now()); });
    EXPECT_TRUE(catch_up());
    EXPECT_EQ(names(body(mine + by_price)), "Elm Pine Oak");
    EXPECT_EQ(card_price(body(mine + by_price).find("items")->items()[2]), 10000);
}

TEST_F(EngineTest, ProductsAreSeenByTheirAudienceOnly) {
    const auto acme = Uuid::v7();
    const auto oak = put(chair("oak", "Oak chair"));
    const auto secret = put(chair("secret7", "Zephyr chair"), 100);
    catalog::Review review{.product = secret,
                           .author = "A.",
                           .locale = "en",
                           .rating = 5,
                           .title = "Good",
                           .body = "It stands where it was put, quietly and for years.",
                           .verified = true,
                           .state = catalog::ReviewState::approved,
                           .created_at = clock.now()};
    database().in_tx([&](db::Tx& tx) { EXPECT_TRUE(writer->put_review(tx, review)); });
    engine->load();
    (void)catch_up();
    const std::string mine = "/api/v1/account/catalog", everybodys = "/api/v1/catalog";
    const auto sees = [&](const std::string& base) {
        const bool there = body(base + "/listing").int_or("total") == 2;
        const auto count = [&](const json::Value& tree) { return tree.find("items")->items()[0].int_or("product_count"); };
        EXPECT_EQ(body(base + "/listing?q=zephyr").int_or("total"), there ? 1 : 0);
        EXPECT_EQ(names(body(base + "/listing?q=secret7-R")).find("Zephyr") != std::string::npos, there) << "by its number";
        EXPECT_EQ(body(base + "/listing").at("price", "min")->int_or("amount"), there ? 100 : 10000);
        EXPECT_EQ(body(base + "/listing").find("facets")->items()[0].find("values")->items()[0].int_or("count"), there ? 2 : 1);
        EXPECT_EQ(count(body(base + "/categories")), there ? 2 : 1);
        const auto suggested = body(base + "/suggest?q=zeph");
        EXPECT_EQ(suggested.find("products")->items().size(), there ? 1U : 0U);
        EXPECT_EQ(suggested.find("queries")->items().size(), there ? 1U : 0U) << "its words are not told either";
        EXPECT_EQ(body(base + "/suggest?q=zephir").find("queries")->items().size(), there ? 1U : 0U);
        EXPECT_EQ(get(base + "/products/zephyr-chair").status, there ? 200 : 404);
        EXPECT_EQ(get(base + "/products/" + secret.to_string() + "/reviews").status, there ? 200 : 404);
        EXPECT_EQ(body(base + "/products/oak-chair").find("related")->items().size(), there ? 1U : 0U);
        return there;
    };
    const auto limit = [&](const catalog::Audience& audience) {
        database().in_tx([&](db::Tx& tx) { EXPECT_TRUE(writer->set_audience(tx, secret, audience)); });
        EXPECT_TRUE(catch_up());
    };
    const auto site = [&] { return body(everybodys + "/sitemap").find("items")->items().size(); };
    EXPECT_TRUE(sees(everybodys));
    const auto addresses = site();
    limit({{"trade"}, {acme}});
    EXPECT_FALSE(sees(everybodys));
    EXPECT_EQ(site(), addresses - 1);
    EXPECT_TRUE(engine->praise(context(), 3).empty());
    EXPECT_EQ(engine->cards(context(), std::vector{secret, oak}).size(), 1U);
    EXPECT_EQ(engine->new_arrivals(context(), 5).size(), 1U);
    for (const auto& [who, may] : std::vector<std::pair<Buyer, bool>>{{{}, false},
                                                                      {{{"trade"}, {}}, true},
                                                                      {{{"others"}, Uuid::v7()}, false},
                                                                      {{{}, acme}, true},
                                                                      {{{"others", "trade"}, acme}, true}}) {
        buyer = who;
        EXPECT_EQ(sees(mine), may);
        Context asked = context();
        asked.buyer = who;
        EXPECT_EQ(engine->cards(asked, std::vector{secret, oak}).size(), may ? 2U : 1U);
    }
    // It is still limited after it was written again, and everybody's when it is limited no more.
    buyer = {{"trade"}, {}};
    put(chair("secret7", "Zephyr chair"), 100);
    (void)catch_up();
    EXPECT_FALSE(sees(everybodys));
    EXPECT_TRUE(sees(mine));
    limit({{"vip"}, {}});
    EXPECT_FALSE(sees(mine));
    limit({});
    EXPECT_TRUE(sees(everybodys));
}

// A start from the file of an engine before it, and what it answers.
class KeptTest : public EngineTest {
protected:
    KeptTest() : own_file(std::filesystem::temp_directory_path() / ("stoa-kept-" + Uuid::v7().to_base32())), file(own_file) {}
    ~KeptTest() override { std::filesystem::remove(own_file); }
    std::unique_ptr<Engine> start(EngineOptions options = {}) {
        options.use_feed = false;
        options.file = file;
        auto made = make_engine(database(), *reader, *pricing, *inventory, clock, options);
        made->load();
        return made;
    }
    // Everything there is to see, as bytes.
    std::string all_of(const Engine& asked) const {
        std::string out;
        for (const auto* locale : {"en", "de", "nl"}) {
            for (const auto& groups : std::vector<std::vector<std::string>>{{}, {"trade"}}) {
                Context who = context(locale);
                who.buyer.groups = groups;
                for (const auto* sort : {"popular", "newest", "price_asc", "name", "discount"})
                    out += *asked.listing_document(who, {.sort = sort})->json + "\n";
                for (const auto* query : {"chair", "stuhl", "oak-R", "sturdy"}) {
                    out += *asked.listing_document(who, {.query = query})->json + "\n";
                    out += *asked.suggest_document(who, query).json + "\n";
                }
                for (const auto* slug : {"oak-chair", "pine-chair", "elm-chair"}) {
                    const auto page = asked.product_page(who, slug);
                    out += (page ? *page->json : page.error().code) + "\n";
                }
                out += *asked.categories(who).json;
            }
        }
        return out;
    }
    void overwrite(const std::string& bytes) const { std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes; }
    [[nodiscard]] std::string bytes() const {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    const std::string own_file;
    std::string file;
};

TEST_F(KeptTest, AStartFromTheFileAnswersAsOneFromEverything) {
    const auto oak = put(chair("oak", "Oak chair"), 10000);
    put(chair("pine", "Pine chair"), 8000);
    const auto elm = put(chair("elm", "Elm chair"), 9000);
    database().in_tx([&](db::Tx& tx) {
        const auto variants = reader->products(tx, std::vector{oak}).products.at(0).variants;
        const auto trade = prices->save_list(
            tx, {.code = "trade", .name = "Trade", .currency = Currency::of("EUR"), .tax_included = false, .customer_group = "trade"},
            clock.now());
        prices->set_prices(tx, trade, std::vector<pricing::PriceEntry>{{variants[0].id, {{1, 5000}, {10, 4000}}, {}, {}}}, clock.now());
        prices->set_prices(
            tx, list, std::vector<pricing::PriceEntry>{{variants[1].id, {{1, 7000}}, clock.now() - std::chrono::hours(1), std::nullopt}},
            clock.now() - std::chrono::hours(1));
        EXPECT_TRUE(writer->set_audience(tx, elm, {{"trade"}, {}}));
        catalog::Review review{.product = oak,
                               .author = "A.",
                               .locale = "en",
                               .rating = 4,
                               .title = "Good",
                               .body = "Sturdy.",
                               .verified = true,
                               .state = catalog::ReviewState::approved,
                               .created_at = clock.now()};
        EXPECT_TRUE(writer->put_review(tx, review));
    });
    const auto first = start();
    EXPECT_FALSE(first->save()) << "no event has a position yet that the file could be found by";
    while (relay.run_once() > 0) {
    }
    (void)first->refresh();
    ASSERT_TRUE(first->save());

    // Nothing of the products is read again: what a table says behind the feed's back is not seen.
    database().in_tx([&](db::Tx& tx) { tx.run_text("update catalog.product set brand = 'unheard of'"); });
    const auto second = start();
    EXPECT_EQ(all_of(*second), all_of(*first));
    EXPECT_NE(all_of(*second).find("\"amount\":5000"), std::string::npos);
    EXPECT_EQ(second->status().position, first->status().position);
    database().in_tx([&](db::Tx& tx) { tx.run_text("update catalog.product set brand = ''"); });

    // What changed while nobody was there comes with the start.
    put(chair("pine", "Pine stool"), 1234);
    while (relay.run_once() > 0) {
    }
    const auto third = start();
    (void)first->refresh();
    EXPECT_EQ(all_of(*third), all_of(*first));
    EXPECT_EQ(third->listing(context(), {.sort = "price_asc"})->price->min.minor(), 1234);
    EXPECT_TRUE(third->save());
    // Indexed anew, as by a full load: a changed product no longer lies in a layer of its own.
    engine->load();
    EXPECT_EQ(all_of(*start()), all_of(*engine));
}

TEST_F(KeptTest, AnyDoubtAboutTheFileMeansReadingEverything) {
    log::set_level(log::Level::error);
    put(chair("oak", "Oak chair"));
    while (relay.run_once() > 0) {
    }
    {
        const auto engine_before = start();
        ASSERT_TRUE(engine_before->save());
    }
    const auto good = bytes();
    ASSERT_GT(good.size(), 200U);
    const auto is_used = [&](EngineOptions options = {}) {
        database().in_tx([&](db::Tx& tx) { tx.run_text("update catalog.product_text set name = 'Changed' where locale = 'en'"); });
        const auto made = start(std::move(options));
        EXPECT_EQ(made->listing(context(), {})->total, 1);
        return made->listing(context(), {})->hits[0].card_text.find("Changed") == std::string_view::npos;
    };
    EXPECT_TRUE(is_used());
    overwrite(good.substr(0, good.size() - 1));
    EXPECT_FALSE(is_used()) << "cut off";
    for (const auto at : {std::size_t{3}, std::size_t{16}, std::size_t{40}, good.size() / 2, good.size() - 1}) {
        auto damaged = good;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
        overwrite(damaged);
        EXPECT_FALSE(is_used()) << "a bit at " << at;
    }
    overwrite("");
    EXPECT_FALSE(is_used());
    std::filesystem::remove(file);
    EXPECT_FALSE(is_used());
    overwrite(good);
    EXPECT_TRUE(is_used());
    EngineOptions pounds;
    pounds.currencies = {"EUR", "GBP"};
    EXPECT_FALSE(is_used(pounds)) << "other currencies";
    clock.advance(std::chrono::hours(24));
    EXPECT_FALSE(is_used()) << "another day";
    clock.advance(-std::chrono::hours(24));
    EXPECT_TRUE(is_used());
    database().in_tx([&](db::Tx& tx) { tx.run_text("update events.event set version = version + 1000"); });
    EXPECT_FALSE(is_used()) << "another database with as many events";
    database().in_tx([&](db::Tx& tx) { tx.run_text("update events.event set version = version - 1000"); });
    EXPECT_TRUE(is_used());
    catalog::Category more;
    more.handle = "tables";
    more.texts["en"].name = "Tables";
    database().in_tx([&](db::Tx& tx) { EXPECT_TRUE(writer->upsert_category(tx, more)); });
    EXPECT_FALSE(is_used()) << "numbers of categories have moved";
    // A collection by hand: entries say which they are in, and today's structure says in which place.
    catalog::Collection picked;
    picked.handle = "picked";
    picked.texts["en"].name = "Picked";
    database().in_tx([&](db::Tx& tx) { EXPECT_TRUE(writer->upsert_collection(tx, picked)); });
    picked.products = database().read([&](db::Session& session) { return reader->product_ids(session); });
    const auto keep_anew = [&] {
        std::filesystem::remove(file);
        database().in_tx([&](db::Tx& tx) { tx.run_text("update catalog.product_text set name = 'Oak chair' where locale = 'en'"); });
        while (relay.run_once() > 0) {
        }
        EXPECT_TRUE(start()->save());
    };
    keep_anew();
    EXPECT_TRUE(is_used());
    database().in_tx([&](db::Tx& tx) { EXPECT_TRUE(writer->upsert_collection(tx, picked)); });
    EXPECT_FALSE(is_used()) << "a product has been put in";
    keep_anew();
    EXPECT_EQ(start()->listing(context(), {.collection = "picked"})->total, 1);
    picked.products.clear();
    database().in_tx([&](db::Tx& tx) { EXPECT_TRUE(writer->upsert_collection(tx, picked)); });  // announced by nobody yet
    EXPECT_EQ(start()->listing(context(), {.collection = "picked"})->total, 0);
    // What a killed process has left of a file is gone an hour later.
    const auto leftover = file + "." + Uuid::v7().to_string();
    std::ofstream(leftover) << "half";
    keep_anew();
    EXPECT_TRUE(std::filesystem::exists(leftover));
    std::filesystem::last_write_time(leftover, std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
    keep_anew();
    EXPECT_FALSE(std::filesystem::exists(leftover));
    // A place that cannot be written to costs a line in the log.
    file = "/proc/nowhere/kept";
    EXPECT_FALSE(start()->save());
}

TEST_F(EngineTest, WindowsOpenAndCloseWithoutAnEvent) {
    auto later = chair("later", "Later chair");
    later.published_from = clock.now() + std::chrono::hours(1);
    later.published_until = clock.now() + std::chrono::hours(2);
    put(later);
    engine->load();
    (void)catch_up();
    EXPECT_EQ(total({}), 0);
    EXPECT_FALSE(engine->product_page(context(), "later-chair"));
    clock.advance(std::chrono::hours(1));
    EXPECT_TRUE(engine->refresh());
    EXPECT_EQ(total({}), 1);
    EXPECT_TRUE(engine->product_page(context(), "later-chair"));
    clock.advance(std::chrono::hours(1));
    EXPECT_FALSE(engine->product_page(context(), "later-chair"));  // judged when read, before any refresh
    EXPECT_TRUE(engine->refresh());
    EXPECT_EQ(total({}), 0);
}

TEST_F(EngineTest, PriceWindowsAndListsAreFollowed) {
    const auto oak = put(chair("oak", "Oak chair"), 10000);
    const auto variants =
        database().read([&](db::Session& session) { return reader->products(session, std::vector{oak}).products.at(0).variants; });
    engine->load();
    (void)catch_up();
    const auto cheapest = [&]() -> std::int64_t {
        const auto found = engine->listing(context(), {});
        return found->total == 0 ? 0 : found->price->min.minor();
    };
    // What the cart would ask for: the price of this very moment.
    const auto in_cart = [&]() -> std::int64_t {
        pricing::BuyerContext everybody;
        everybody.currency = Currency::of("EUR");
        everybody.at = clock.now();
        const auto found =
            database().read([&](db::Session& session) { return pricing->prices(session, std::vector{variants[0].id}, everybody); });
        return found.empty() ? 0 : found.at(variants[0].id).unit().minor();
    };
    EXPECT_EQ(cheapest(), 10000);

    // A scheduled price begins and ends without an event.
    const auto start = clock.now() + std::chrono::hours(1);
    database().in_tx([&](db::Tx& tx) {
        std::vector<pricing::PriceEntry> sale;
        for (const auto& variant : variants) sale.push_back({variant.id, {{1, 8000}}, start, start + std::chrono::hours(1)});
        prices->set_prices(tx, list, sale, clock.now());
    });
    EXPECT_TRUE(catch_up());
    EXPECT_FALSE(engine->refresh());
    clock.set(start);
    EXPECT_TRUE(engine->refresh());
    EXPECT_EQ(cheapest(), 8000);
    EXPECT_EQ(in_cart(), 8000);
    EXPECT_FALSE(engine->refresh());
    // It ends while the database does not answer: it has still ended when it does.
    clock.set(start + std::chrono::hours(1));
    db::set_fault_hook([](std::string_view query) {
        if (query == "pricing.next_window") throw db::Unavailable("", "", "away");
    });
    EXPECT_THROW((void)engine->refresh(), db::Unavailable);
    db::set_fault_hook({});
    EXPECT_EQ(cheapest(), 8000);
    EXPECT_TRUE(engine->refresh());
    EXPECT_EQ(cheapest(), 10000);

    // A second list: its priority, its switch, its own window.
    pricing::PriceListSpec spec{.code = "summer", .name = "Summer", .currency = Currency::of("EUR")};
    spec.priority = -1;
    const auto save = [&] { return database().in_tx([&](db::Tx& tx) { return prices->save_list(tx, spec, clock.now()); }); };
    const auto summer = save();
    database().in_tx([&](db::Tx& tx) {
        std::vector<pricing::PriceEntry> entries;
        for (const auto& variant : variants) entries.push_back({variant.id, {{1, 7000}}, {}, {}});
        prices->set_prices(tx, summer, entries, clock.now());
    });
    (void)catch_up();
    EXPECT_EQ(cheapest(), 10000);
    spec.priority = 5;
    save();
    EXPECT_TRUE(catch_up());
    EXPECT_EQ(cheapest(), 7000);
    EXPECT_EQ(in_cart(), 7000);
    spec.enabled = false;
    save();
    EXPECT_TRUE(catch_up());
    EXPECT_EQ(cheapest(), 10000);
    spec.enabled = true;
    spec.valid_from = clock.now() + std::chrono::hours(2);
    spec.valid_until = clock.now() + std::chrono::hours(3);
    save();
    EXPECT_TRUE(catch_up());
    EXPECT_EQ(cheapest(), 10000);
    clock.advance(std::chrono::hours(2));
    EXPECT_TRUE(engine->refresh());
    EXPECT_EQ(cheapest(), 7000);
    clock.advance(std::chrono::hours(1));
    EXPECT_TRUE(engine->refresh());
    EXPECT_EQ(cheapest(), 10000);
    EXPECT_EQ(in_cart(), 10000);
}

TEST_F(EngineTest, RoutesAnswerFromMemory) {
    put(chair("oak", "Oak chair"));
    put(chair("pine", "Pine chair"), 5000, 3);
    auto renamed = chair("oak", "Oak seat");
    put(renamed);
    engine->load();
    const std::string base = "/api/v1/catalog";
    EXPECT_EQ(body(base + "/listing?category=stuehle&locale=de").find("total")->as_int(), 2);
    EXPECT_EQ(body(base + "/listing?q=oak&f.colour=red,blue&price=1000..20000&available=1&sort=price_asc&limit=1").find("total")->as_int(),
              1);
    EXPECT_EQ(body(base + "/suggest?q=pin").find("products")->items().size(), 1U);
    EXPECT_EQ(body(base + "/categories?locale=de").find("items")->items()[0].text_or("slug"), "stuehle");
    EXPECT_EQ(body(base + "/categories/chairs?locale=de").text_or("name"), "Stühle");
    EXPECT_EQ(body(base + "/collections").find("items")->items().size(), 0U);
    EXPECT_EQ(body(base + "/sitemap").find("items")->items().size(), 3U);
    const auto page = body(base + "/products/oak-chair");  // the old slug
    EXPECT_EQ(page.text_or("slug"), "oak-seat");
    EXPECT_EQ(body(base + "/products/oak-de").text_or("slug"), "oak-seat");  // another language's
    EXPECT_EQ(body(base + "/products/" + page.text_or("id") + "/reviews").find("items")->items().size(), 0U);
    EXPECT_EQ(page.find("variants")->items()[0].at("promise", "from")->text(),
              "2026-11-25");  // Sunday: out on Monday, two days on the road
    const auto low = body(base + "/products/pine-chair").find("variants")->items()[0];
    EXPECT_EQ(low.at("stock", "state")->text(), "low_stock");

    EXPECT_EQ(body(base + "/products/nothing", 404).text_or("code"), "catalog.product_not_found");
    EXPECT_EQ(body(base + "/listing?category=nothing", 404).text_or("code"), "catalog.category_not_found");
    for (const auto* bad : {"/listing?cursor=zzz", "/listing?limit=101", "/listing?limit=x", "/listing?sort=best", "/listing?f.taste=sweet",
                            "/listing?unknown=1", "/listing?price=10-20", "/listing?price=..", "/listing?locale=xx",
                            "/listing?currency=USD", "/listing?currency=eur", "/sitemap?cursor=AAAA", "/suggest", "/listing?f.=1"}) {
        const auto response = get(base + bad);
        EXPECT_TRUE(response.status == 422 || response.status == 400) << bad << " " << response.status << " " << response.content();
    }
    EXPECT_EQ(get(base + "/products/prod_x/reviews").status, 404);

    // A page is the same bytes until something changes, and says so.
    const auto first = get(base + "/products/pine-chair");
    std::string etag;
    for (const auto& [name, value] : first.headers) {
        if (name == "etag") etag = value;
    }
    auto request = stoa::testing::request(http::Method::get, base + "/products/pine-chair");
    request.headers.emplace_back("if-none-match", etag);
    EXPECT_EQ(http::dispatch(routes, request, {}).status, 304);
    clock.advance(std::chrono::hours(24));  // another promise
    EXPECT_EQ(http::dispatch(routes, request, {}).status, 200);
}

TEST_F(EngineTest, ReadersRunWhileTheCatalogueChanges) {
    for (int i = 0; i < 20; ++i) put(chair("c" + std::to_string(i), "Chair " + std::to_string(i)));
    engine->load();
    std::atomic<bool> stop = false;
    std::atomic<int> reads = 0;
    std::atomic<int> torn = 0;
    std::vector<std::jthread> readers;
    for (int t = 0; t < 2; ++t) {
        readers.emplace_back([&] {
            while (!stop) {
                const auto listing = engine->listing(context(), {.category = "chairs", .limit = 100});
                // The count, the facet and the cards are of one snapshot.
                if (!listing || listing->total != static_cast<std::int64_t>(listing->hits.size()) ||
                    listing->facets.at(0).values.at(0).count != listing->total)
                    ++torn;
                const auto text = render(*listing);
                if (!json::parse(text)) ++torn;
                ++reads;
            }
        });
    }
    for (int i = 20; i < 40; ++i) {
        put(chair("c" + std::to_string(i), "Chair " + std::to_string(i)));
        EXPECT_TRUE(catch_up());
    }
    stop = true;
    readers.clear();
    EXPECT_EQ(torn, 0);
    EXPECT_GT(reads, 0);
    EXPECT_EQ(total({}), 40);
}

TEST_F(EngineTest, FollowsWhatMerchantsDecideAndSalesTeach) {
    const auto oak = put(chair("oak", "Oak chair"));
    const auto pine = put(chair("pine", "Pine chair"));
    engine->load();
    (void)catch_up();
    const auto merchandiser = make_merchandiser();
    EXPECT_EQ(total({.query = "settle"}), 0);
    database().in_tx([&](db::Tx& tx) {
        EXPECT_TRUE(merchandiser->put(tx, Synonyms{Uuid::derived("s"), "en", {"settle", "oak"}}));
        Rule rule;
        rule.id = Uuid::derived("r");
        rule.query = "chair";
        rule.products = {pine, oak, pine};
        EXPECT_TRUE(merchandiser->put(tx, rule));
        rule.id = Uuid::derived("r2");
        rule.kind = RuleKind::redirect;
        rule.query = "help";
        rule.products.clear();
        rule.target = "/help";
        EXPECT_TRUE(merchandiser->put(tx, rule));
        for (const auto* bad : {"", "help", "//elsewhere.example", "/\\elsewhere.example"}) {
            rule.target = bad;
            const auto refused = merchandiser->put(tx, rule);
            ASSERT_FALSE(refused) << bad;
            EXPECT_EQ(refused.error().fields.at(0).pointer, "/target");
        }
        rule.target = "/help";
        rule.category = category;
        EXPECT_FALSE(merchandiser->put(tx, rule));
        EXPECT_FALSE(merchandiser->put(tx, Synonyms{Uuid::derived("s2"), "xx", {"a", "b"}}));
        EXPECT_FALSE(merchandiser->put(tx, Synonyms{Uuid::derived("s2"), "en", {"alone"}}));
    });
    EXPECT_TRUE(catch_up());
    EXPECT_EQ(total({.query = "settle"}), 1);
    EXPECT_EQ(engine->listing(context(), {.query = "chair"})->hits[0].id, pine);
    EXPECT_EQ(body("/api/v1/catalog/listing?q=Help").text_or("redirect"), "/help");

    database().in_tx([&](db::Tx& tx) {
        merchandiser->remove_rule(tx, Uuid::derived("r"));
        merchandiser->remove_synonyms(tx, Uuid::derived("s"));
        replace_learnt(tx, {{{pine, 2000}}, {{pine, oak, 1500}, {oak, pine, 1500}}});
    });
    EXPECT_TRUE(catch_up());
    EXPECT_EQ(total({.query = "settle"}), 0);
    EXPECT_EQ(engine->listing(context(), {.sort = "popular"})->hits[0].id, pine);
    EXPECT_EQ(body("/api/v1/catalog/products/oak-chair").find("bought_together")->items().size(), 1U);
    database().in_tx([&](db::Tx& tx) { replace_learnt(tx, {{{oak, 1}}, {}}); });
    EXPECT_TRUE(catch_up());
    EXPECT_EQ(engine->listing(context(), {.sort = "popular"})->hits[0].id, oak);
}

TEST_F(EngineTest, WritesDownWhatWasSearchedFor) {
    put(chair("oak", "Oak chair"));
    engine->load();
    for (const auto* path : {"/listing?q=oak", "/listing?q=Oak", "/listing?q=sofa", "/listing?q=oak&f.colour=red",
                             "/listing?q=oak&locale=de", "/listing?q=me%40example.com"})
        (void)body(std::string("/api/v1/catalog") + path);
    const auto logged = [&] {
        std::string out;
        database().read([&](db::Session& session) {
            for (const auto row :
                 session.run_text("select locale, query, searches, without_result, results from search.query_log order by 1, 2"))
                out += row.get<std::string>(0) + " " + row.get<std::string>(1) + " " + row.get<std::string>(2) + " " +
                       row.get<std::string>(3) + " " + row.get<std::string>(4) + "; ";
        });
        return out;
    };
    db::set_fault_hook([](std::string_view query) {
        if (query == "search.add_queries") throw db::Unavailable("", "", "away");
    });
    EXPECT_THROW(engine->keep_queries(), db::Unavailable);
    db::set_fault_hook({});
    EXPECT_EQ(logged(), "");
    engine->keep_queries();
    EXPECT_EQ(logged(), "de oak 1 0 1; en oak 2 0 1; en sofa 1 1 0; ");
    (void)body("/api/v1/catalog/listing?q=oak");
    engine->keep_queries();
    engine->keep_queries();
    EXPECT_EQ(logged(), "de oak 1 0 1; en oak 3 0 1; en sofa 1 1 0; ");
    clock.advance(std::chrono::hours(24 * 401));
    engine->keep_queries();
    EXPECT_EQ(logged(), "");
}

TEST_F(EngineTest, AnswersThatAreAskedAgainAreKeptAndTagged) {
    const auto oak = put(chair("oak", "Oak chair"));
    engine->load();
    const auto target = std::string("/api/v1/catalog/listing?q=oak");
    const auto first = get(target);
    EXPECT_EQ(first.header_value("cache-tag"), "listing");
    (void)get(target);
    const auto third = get(target);
    const auto fourth = get(target);
    ASSERT_TRUE(third.shared_body);
    EXPECT_EQ(third.shared_body, fourth.shared_body);  // the same document: the front compresses it once
    EXPECT_EQ(*first.shared_body, *third.shared_body);
    EXPECT_EQ(first.header_value("etag"), third.header_value("etag"));
    EXPECT_EQ(get("/api/v1/catalog/products/oak-chair").header_value("cache-tag"), "product:" + oak.to_string());
    EXPECT_EQ(get("/api/v1/catalog/categories/chairs").header_value("cache-tag"), "listing,category:" + category.to_string());
    const auto one = get("/api/v1/catalog/suggest?q=oa");
    EXPECT_EQ(*one.shared_body, *get("/api/v1/catalog/suggest?q=oa").shared_body);
    put(chair("oak2", "Oak stool"));
    EXPECT_TRUE(catch_up());
    EXPECT_NE(get(target).header_value("etag"), first.header_value("etag"));
}

TEST_F(EngineTest, HundredCharactersOfAnyScriptAreAQuery) {
    put(chair("oak", "Oak chair"));
    engine->load();
    std::string long_query;
    for (int i = 0; i < 100; ++i) long_query += "%E6%A4%85";  // 300 bytes
    EXPECT_EQ(get("/api/v1/catalog/listing?q=" + long_query).status, 200);
    EXPECT_EQ(get("/api/v1/catalog/suggest?q=" + long_query).status, 200);
    EXPECT_EQ(get("/api/v1/catalog/listing?q=" + long_query + "a").status, 422);
}

TEST_F(EngineTest, FollowsTheFeedByItself) {
    put(chair("oak", "Oak chair"));
    EngineOptions options;  // with LISTEN
    auto live = make_engine(database(), *reader, *pricing, *inventory, clock, options);
    live->load();
    live->start();
    put(chair("pine", "Pine chair"));
    while (relay.run_once() > 0) {
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (live->listing(context(), {})->total < 2 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_EQ(live->listing(context(), {})->total, 2);
    live->stop();
}

}  // namespace
}  // namespace stoa::search
