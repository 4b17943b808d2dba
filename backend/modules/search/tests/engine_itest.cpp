#include <gtest/gtest.h>

#include <thread>

#include "stoa/catalog/make.hpp"
#include "stoa/events/events.hpp"
#include "stoa/inventory/make.hpp"
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
            list = prices->save_list(tx, spec);
        });
        EngineOptions options;
        options.use_feed = false;
        engine = make_engine(database(), *reader, *pricing, *inventory, clock, options);
        add_search_routes(routes, *engine, clock);
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
    EXPECT_EQ(engine->reviews(oak, "", 20)->items.size(), 1U);

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
        pricing::BuyerContext buyer;
        buyer.currency = Currency::of("EUR");
        buyer.at = clock.now();
        const auto found =
            database().read([&](db::Session& session) { return pricing->prices(session, std::vector{variants[0].id}, buyer); });
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
    clock.set(start + std::chrono::hours(1));
    EXPECT_TRUE(engine->refresh());
    EXPECT_EQ(cheapest(), 10000);

    // A second list: its priority, its switch, its own window.
    pricing::PriceListSpec spec{.code = "summer", .name = "Summer", .currency = Currency::of("EUR")};
    spec.priority = -1;
    const auto save = [&] { return database().in_tx([&](db::Tx& tx) { return prices->save_list(tx, spec); }); };
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
