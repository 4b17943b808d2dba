// What only the engine over OpenSearch has to do: rebuild without a gap, share one index between processes, live with refusals and outages.
#include <gtest/gtest.h>

#include <thread>

#include "stand_in.hpp"
#include "stoa/catalog/make.hpp"
#include "stoa/events/events.hpp"
#include "stoa/inventory/make.hpp"
#include "stoa/pricing/make.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::search {
namespace {

class OpenSearchTest : public ::testing::Test {
protected:
    OpenSearchTest() {
        database().in_tx([&](db::Tx& tx) {
            EXPECT_TRUE(writer->upsert_type(tx, {"thing", {{"en", "Thing"}}, {}}));
            catalog::Category record;
            record.handle = "things";
            record.texts["en"] = {.name = "Things", .slug = "things"};
            category = *writer->upsert_category(tx, record);
            list = prices->save_list(tx, {.code = "eur", .name = "Euro", .currency = Currency::of("EUR")}, clock.now());
        });
        for (int i = 0; i < 20; ++i) put(i, "Thing number " + std::to_string(i));
        relay_events();
    }
    db::Database& database() { return own.database(); }
    ProductId put(int index, const std::string& name) {
        return database().in_tx([&](db::Tx& tx) {
            catalog::Product product;
            product.handle = "thing-" + std::to_string(index);
            product.type = "thing";
            product.category = category;
            product.texts["en"] = {.name = name, .subtitle = "", .description = "", .slug = ""};
            product.variants = {catalog::Variant{.sku = "T-" + std::to_string(index)}};
            const auto id = writer->upsert_product(tx, product);
            EXPECT_TRUE(id) << id.error().message;
            const auto variant = reader->products(tx, std::vector{*id}).products.at(0).variants.at(0).id;
            prices->set_prices(tx, list, std::vector<pricing::PriceEntry>{{variant, {{1, 1000 + index}}, {}, {}}}, clock.now());
            inventory->set_on_hand(tx, variant, 5, "count");
            return *id;
        });
    }
    void relay_events() {
        while (relay.run_once() > 0) {
        }
    }
    std::unique_ptr<Engine> make(OpenSearchOptions options) {
        EngineOptions engine;
        engine.use_feed = false;
        engine.currencies = {"EUR"};
        engine.batch = 7;
        return make_opensearch_engine(database(), *reader, *pricing, *inventory, clock, cluster, std::move(options), engine);
    }
    std::unique_ptr<Engine> make() { return make(cluster.options()); }
    void rename_category() {
        database().in_tx([&](db::Tx& tx) {
            catalog::Category record;
            record.handle = "things";
            record.texts["en"] = {.name = "Other things " + std::string(static_cast<std::size_t>(++renamed), 'x'), .slug = "things"};
            ASSERT_TRUE(writer->upsert_category(tx, record));
        });
        relay_events();
    }
    Context context() const { return {"en", "EUR", clock.now()}; }
    std::int64_t total(const Engine& engine, const ListingRequest& request = {}) const { return engine.listing(context(), request)->total; }
    void fail(std::string kind, int count, std::string path = "", int delay_ms = 0) {
        cluster.control.add_fault({"opensearch", std::move(kind), count, delay_ms, std::move(path)});
    }
    // "name documents" of the product indexes, those with the alias marked.
    std::vector<std::string> indexes() {
        std::vector<std::string> out;
        const auto answer = cluster.ask("GET", "/__sandbox/opensearch/indexes");
        for (const auto& item : answer.find("items")->items()) {
            if (item.text_or("index").find("-state") != std::string::npos) continue;
            out.push_back(std::string(item.find("aliases")->items().empty() ? "idle " : "serving ") +
                          std::to_string(item.int_or("documents")) + " replicas " + item.text_or("replicas"));
        }
        return out;
    }
    using Names = std::vector<std::string>;
    int renamed = 0;

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
    testing::StandIn cluster;
};

TEST_F(OpenSearchTest, BuildsOnceAndThenFollows) {
    auto engine = make();
    EXPECT_FALSE(engine->status().ready);
    engine->load();
    EXPECT_TRUE(engine->status().ready);
    EXPECT_EQ(engine->status().products, 20U);
    EXPECT_EQ(indexes(), Names{"serving 20 replicas 1"});
    const auto bulks = cluster.calls("POST", "/_bulk");
    EXPECT_EQ(bulks, 3);  // 7, 7 and 6
    EXPECT_FALSE(engine->refresh());
    EXPECT_EQ(cluster.calls("POST", "/_bulk"), bulks);
    put(3, "Thing with another name");
    relay_events();
    EXPECT_TRUE(engine->refresh());
    EXPECT_EQ(cluster.calls("POST", "/_bulk"), bulks + 1);
    EXPECT_EQ(total(*engine, {.query = "another"}), 1);
    // A restart finds its index.
    engine.reset();
    auto again = make();
    again->load();
    EXPECT_TRUE(again->status().ready);
    EXPECT_EQ(cluster.calls("POST", "/_bulk"), bulks + 1);
    EXPECT_EQ(total(*again), 20);
}

TEST_F(OpenSearchTest, ReadersSeeTheOldIndexUntilTheNewOneIsWhole) {
    auto engine = make();
    engine->load();
    // A thread asks all the time while everything is built anew.
    std::atomic<bool> done = false;
    std::atomic<int> asked = 0;
    std::atomic<int> wrong = 0;
    std::thread asker([&] {
        while (!done) {
            const auto listing = engine->listing(context(), {});
            if (!listing || listing->total != 20) ++wrong;
            ++asked;
        }
    });
    for (int round = 0; round < 3; ++round) {
        rename_category();
        EXPECT_TRUE(engine->refresh());
    }
    while (asked < 5) std::this_thread::yield();
    done = true;
    asker.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(indexes(), Names{"serving 20 replicas 1"});
}

TEST_F(OpenSearchTest, ARebuildThatBreaksOffLeavesTheOldIndexServing) {
    auto engine = make();
    engine->load();
    rename_category();
    fail("error_before", 1, "/_bulk");
    EXPECT_THROW((void)engine->refresh(), std::exception);
    EXPECT_EQ(total(*engine), 20);
    EXPECT_EQ(indexes(), Names{"serving 20 replicas 1"});
    EXPECT_TRUE(engine->refresh());
    EXPECT_EQ(total(*engine, {.query = "other"}), 20);
}

TEST_F(OpenSearchTest, WhatIsRefusedForNowIsSentAgain) {
    auto engine = make();
    fail("too_many", 2, "/_bulk");
    fail("down", 1, "/_bulk");
    fail("partial", 2, "/_bulk");
    fail("drop", 1, "/_bulk");
    engine->load();
    EXPECT_EQ(total(*engine), 20);
    EXPECT_EQ(indexes(), Names{"serving 20 replicas 1"});
    ASSERT_GE(cluster.pauses.size(), 6U);
    EXPECT_GE(cluster.pauses[1], cluster.options().backoff);  // the second pause is longer than the first may be
}

TEST_F(OpenSearchTest, WhatIsRefusedUntilTheEndIsTriedInTheNextRound) {
    auto options = cluster.options();
    options.attempts = 2;
    auto engine = make(options);
    engine->load();
    const auto position = engine->status().position;
    put(1, "A new name for one");
    put(2, "A new name for two");
    relay_events();
    fail("too_many", 2, "/_bulk");
    EXPECT_THROW((void)engine->refresh(), std::exception);
    EXPECT_EQ(engine->status().position, position);
    EXPECT_TRUE(engine->refresh());
    EXPECT_GT(engine->status().position, position);
    EXPECT_EQ(total(*engine, {.query = "new name"}), 2);
}

TEST_F(OpenSearchTest, ReadsAnswer503WhileTheClusterIsAwayAndRecover) {
    auto engine = make();
    engine->load();
    for (const auto* kind : {"down", "too_many", "error_before", "garbage", "drop"}) {
        fail(kind, -1, "/_search");
        try {
            (void)engine->listing(context(), {});
            ADD_FAILURE() << kind;
        } catch (const http::ProblemException& problem) {
            EXPECT_EQ(problem.error.kind, ErrorKind::unavailable) << kind;
            EXPECT_EQ(problem.error.code, "search.not_ready") << kind;
        }
        cluster.control.forget_faults();
        EXPECT_EQ(total(*engine), 20) << kind;
    }
    // One refusal is not seen: a read is tried again at once.
    fail("too_many", 1, "/_search");
    EXPECT_EQ(total(*engine), 20);
}

TEST_F(OpenSearchTest, AClusterThatLostEverythingIsFilledAgain) {
    auto engine = make();
    engine->load();
    cluster.cluster.reset();
    EXPECT_THROW((void)engine->listing(context(), {}), http::ProblemException);
    engine->stop();  // the thread is not running; the lease is gone with the rest
    auto next = make();
    next->load();
    EXPECT_EQ(total(*next), 20);
    EXPECT_EQ(total(*engine), 20);  // through the same alias
}

TEST_F(OpenSearchTest, OneProcessWritesAndAllAnswer) {
    auto first = make();
    auto second = make();
    first->load();
    second->load();
    EXPECT_EQ(indexes(), Names{"serving 20 replicas 1"});
    std::vector<Refreshed> told;
    second->on_refreshed([&](const Refreshed& refreshed) { told.push_back(refreshed); });
    const auto id = put(4, "Thing that changed");
    relay_events();
    const auto bulks = cluster.calls("POST", "/_bulk");
    EXPECT_FALSE(second->refresh());  // not written yet
    EXPECT_TRUE(first->refresh());
    EXPECT_TRUE(second->refresh());
    EXPECT_EQ(cluster.calls("POST", "/_bulk"), bulks + 1);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].products, std::vector{id});
    EXPECT_FALSE(told[0].price_or_stock_only);
    EXPECT_EQ(total(*second, {.query = "changed"}), 1);
    // A rebuild of one is seen by the other.
    rename_category();
    EXPECT_TRUE(first->refresh());
    EXPECT_TRUE(second->refresh());
    EXPECT_NE(second->categories(context()).json->find("Other things"), std::string::npos);
    // The writer goes; the other writes.
    first.reset();
    put(5, "Thing after the change of guard");
    relay_events();
    EXPECT_TRUE(second->refresh());
    EXPECT_EQ(total(*second, {.query = "guard"}), 1);
}

TEST_F(OpenSearchTest, WhatWasReadEarlierNeverReplacesWhatWasReadLater) {
    auto engine = make();
    engine->load();
    const auto id = put(6, "The later name");
    relay_events();
    EXPECT_TRUE(engine->refresh());
    // A writer that was believed dead sends what it had read before.
    std::string index;
    const auto known = cluster.ask("GET", "/opensearch/stoa-products-*/_alias");
    for (const auto& [name, what] : known.members()) index = name;
    const auto uuid = id.uuid().to_string();
    const auto late =
        cluster.ask("POST", "/opensearch/" + index + "/_bulk?refresh=true",
                    R"({"index":{"_id":")" + uuid + R"(","version":1,"version_type":"external_gte"}})" + "\n" + R"({"id":")" + uuid +
                        R"("})" + "\n" + R"({"delete":{"_id":")" + uuid + R"(","version":1,"version_type":"external_gte"}})" + "\n");
    EXPECT_TRUE(late.bool_or("errors"));
    for (const auto& item : late.find("items")->items()) EXPECT_EQ(item.members()[0].second.int_or("status"), 409);
    EXPECT_EQ(total(*engine, {.query = "later"}), 1);
}

TEST_F(OpenSearchTest, RoutesWaitOnThePoolOfTheShop) {
    auto engine = make();
    http::Routes routes;
    add_search_routes(routes, *engine, clock, {"EUR"});
    for (const auto& route : routes.all()) EXPECT_EQ(route.pool, http::Pool::shop) << route.pattern;
}

TEST_F(OpenSearchTest, OverARealConnection) {
    http::Routes routes;
    cluster.cluster.add_routes(routes);
    routes.freeze();
    http::ServerOptions server_options;
    server_options.port = 0;
    server_options.dispatch.development = true;
    http::Server server(routes, server_options);
    server.start();
    http_client::CurlClient client;
    auto options = cluster.options();
    options.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/opensearch";
    EngineOptions engine_options;
    engine_options.use_feed = false;
    engine_options.currencies = {"EUR"};
    {
        auto engine = make_opensearch_engine(database(), *reader, *pricing, *inventory, clock, client, options, engine_options);
        engine->load();
        EXPECT_EQ(total(*engine), 20);
        rename_category();
        EXPECT_TRUE(engine->refresh());
        EXPECT_EQ(total(*engine, {.query = "thing"}), 20);
        EXPECT_TRUE(engine->product_page(context(), "thing-number-3"));
    }
    server.stop();
}

TEST_F(OpenSearchTest, TheThreadFollowsByItself) {
    EngineOptions options;  // with LISTEN
    options.currencies = {"EUR"};
    auto engine = make_opensearch_engine(database(), *reader, *pricing, *inventory, clock, cluster, cluster.options(), options);
    fail("down", 2);
    engine->load();  // starts without an answer
    engine->start();
    const auto wait_for = [&](const auto& condition) {
        for (int i = 0; i < 1000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return condition();
    };
    ASSERT_TRUE(wait_for([&] { return engine->status().ready; }));
    put(7, "Thing that the thread brought");
    relay_events();
    EXPECT_TRUE(wait_for([&] { return total(*engine, {.query = "brought"}) == 1; }));
    engine->stop();
}

TEST_F(OpenSearchTest, LongListsArePagedInBoundedBodies) {
    auto options = cluster.options();
    options.bulk_bytes = 8000;
    auto engine = make(options);
    engine->load();
    EXPECT_GT(cluster.calls("POST", "/_bulk"), 3);
    EXPECT_EQ(total(*engine), 20);
}

}  // namespace
}  // namespace stoa::search
