// Many readers while the catalogue changes under them and while PostgreSQL is away: nobody gets an error, no answer is put together from
// two states of the catalogue, and what changed afterwards is seen.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "stoa/catalog/make.hpp"
#include "stoa/events/events.hpp"
#include "stoa/inventory/make.hpp"
#include "stoa/log/log.hpp"
#include "stoa/pricing/make.hpp"
#include "stoa/search/make.hpp"
#include "stoa/testing/testing.hpp"
#include "world.hpp"

namespace stoa::search {
namespace {

using testing::Random;

constexpr int kProducts = 120;
constexpr int kReaders = 3;

class ReadersTest : public ::testing::Test {
protected:
    ReadersTest() {
        log::set_level(log::Level::error);
        database().in_tx([&](db::Tx& tx) {
            const auto structure = testing::world_structure();
            std::vector<std::string> codes;
            for (const auto& attribute : structure.attributes) {
                EXPECT_TRUE(writer->upsert_attribute(tx, attribute));
                codes.push_back(attribute.code);
            }
            EXPECT_TRUE(writer->upsert_type(tx, {"thing", {{"en", "Thing"}}, codes}));
            for (const auto& category : structure.categories) EXPECT_TRUE(writer->upsert_category(tx, category));
            list = prices->save_list(tx, {.code = "everybody", .name = "Everybody", .currency = Currency::of("EUR")}, clock.now());
            trade = prices->save_list(tx, {.code = "trade", .name = "Trade", .currency = Currency::of("EUR"), .customer_group = "trade"},
                                      clock.now());
        });
        for (int index = 0; index < kProducts; ++index) put(index, 0);
        EngineOptions options;
        options.currencies = {"EUR"};
        engine = make_engine(database(), *reader, *pricing, *inventory, clock, options);
        engine->on_refreshed([this](const Refreshed&) {
            const std::lock_guard lock(mutex);
            swapped.notify_all();
        });
        engine->load();
        engine->start();
    }
    ~ReadersTest() override {
        stop_readers();
        engine->stop();
    }
    db::Database& database() { return own.database(); }

    // Every product has exactly one flag, so that the flag's facet counts add up to the total.
    void put(int index, int generation) {
        auto raw = testing::random_product(index, generation);
        raw.record.status = catalog::ProductStatus::active;
        raw.record.published_from.reset();
        raw.record.category = catalog::CategoryId::derived("chairs");
        std::erase_if(raw.record.attributes, [](const auto& setting) { return setting.attribute == "outdoor"; });
        raw.record.attributes.push_back({"outdoor", {}, {}, {}, (index + generation) % 2 == 0});
        database().in_tx([&](db::Tx& tx) {
            const auto id = writer->upsert_product(tx, raw.record);
            ASSERT_TRUE(id) << id.error().message;
            std::vector<pricing::PriceEntry> entries, contracts;
            for (const auto& variant : raw.record.variants) {
                entries.push_back({variant.id, {{1, 500 + (index * 37 + generation * 91) % 4000}}, {}, {}});
                if ((index + generation) % 3 == 0) contracts.push_back({variant.id, {{1, 100 + (index * 11 + generation) % 300}}, {}, {}});
            }
            prices->set_prices(tx, list, entries, clock.now());
            prices->set_prices(tx, trade, contracts, clock.now());
            ASSERT_TRUE(
                writer->set_audience(tx, *id, (index + generation) % 7 == 0 ? catalog::Audience{{"trade"}, {}} : catalog::Audience()));
        });
    }
    void announce() {
        while (relay.run_once() > 0) {
        }
    }

    // What holds for any one state of the catalogue, and for no mixture of two.
    std::string fault_of(Random& random) const {
        Context context{std::string(catalog::kLocales[static_cast<std::size_t>(random.below(4))]), "EUR", clock.now()};
        if (random.chance(50)) context.buyer.groups = {"trade"};
        ListingRequest request;
        request.category = "chairs";
        request.sort = random.chance(50) ? "price_asc" : "price_desc";
        request.limit = 100;
        const auto document = engine->listing_document(context, request);
        if (!document) return "error " + document.error().code;
        const auto body = json::parse(*document->json);
        if (!body) return "an answer that is no JSON";
        const auto& items = body->find("items")->items();
        const auto total = body->int_or("total");
        if (items.size() != static_cast<std::size_t>(std::min<std::int64_t>(total, 100))) return "the page has another size than the total";
        std::int64_t flags = 0;
        for (const auto& facet : body->find("facets")->items()) {
            if (facet.text_or("code") != "outdoor") continue;
            for (const auto& value : facet.find("values")->items()) flags += value.int_or("count");
        }
        if (flags != total) return fmt::format("the facet counts {} of {}", flags, total);
        std::int64_t before = -1;
        const auto low = body->at("price", "min")->int_or("amount"), high = body->at("price", "max")->int_or("amount");
        for (const auto& item : items) {
            const auto amount = item.at("price", "amount")->int_or("amount");
            if (amount < low || amount > high) return fmt::format("{} is outside of {} to {}", amount, low, high);
            if (before >= 0 && (request.sort == "price_asc" ? amount < before : amount > before)) return "not in order";
            before = amount;
        }
        // A page of each kind from the same engine.
        if (engine->suggest_document(context, "oak").json->empty()) return "no suggestions";
        if (engine->categories(context).json->empty()) return "no categories";
        return {};
    }
    void start_readers() {
        for (int i = 0; i < kReaders; ++i) {
            readers.emplace_back([this, i] {
                Random random(static_cast<std::uint64_t>(i) + 1);
                while (!ended) {
                    std::string fault;
                    try {
                        fault = fault_of(random);
                    } catch (const std::exception& error) {
                        fault = std::string("exception: ") + error.what();
                    }
                    ++answers;
                    if (fault.empty()) continue;
                    const std::lock_guard lock(mutex);
                    faults.push_back(fault);
                    ended = true;
                }
            });
        }
    }
    void stop_readers() {
        ended = true;
        for (auto& reading : readers) reading.join();
        readers.clear();
    }
    void wait_for_answers(std::int64_t more) {
        const auto until = answers.load() + more;
        while (answers < until && !ended) std::this_thread::yield();
    }
    template <class Seen>
    bool wait_until(Seen seen) {
        std::unique_lock lock(mutex);
        return swapped.wait_for(lock, std::chrono::seconds(60), seen);
    }

    // All connections of this database end, and none can be made, as if the server were gone.
    void take_away(bool away) {
        const auto name = own.url().substr(own.url().rfind('/') + 1);
        const auto database_name = name.substr(0, name.find('?'));
        stoa::testing::shared_database().database().read([&](db::Session& session) {
            (void)session.run_text(fmt::format("alter database \"{}\" with allow_connections {}", database_name, !away));
            if (away)
                (void)session.run_text(
                    fmt::format("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}'", database_name));
        });
    }

    stoa::testing::TestDatabase own;
    ManualClock clock{testing::now()};
    std::unique_ptr<catalog::Writer> writer = catalog::make_writer();
    std::unique_ptr<catalog::Reader> reader = catalog::make_reader();
    std::unique_ptr<pricing::Pricing> pricing = pricing::make_pricing();
    std::unique_ptr<pricing::PriceBook> prices = pricing::make_price_book();
    std::unique_ptr<inventory::Inventory> inventory = inventory::make_inventory(clock);
    events::Relay relay{database(), {}};
    pricing::PriceListId list, trade;
    std::unique_ptr<Engine> engine;

    std::mutex mutex;
    std::condition_variable swapped;
    std::vector<std::string> faults;
    std::atomic<bool> ended = false;
    std::atomic<std::int64_t> answers = 0;
    std::vector<std::thread> readers;
};

TEST_F(ReadersTest, NobodyNoticesASwapOrAMissingDatabase) {
    start_readers();
    Random random(20261127);
    const auto change = [&](int generations, int first) {
        for (int generation = first; generation < first + generations && !ended; ++generation) {
            for (int i = 0; i < 15; ++i) put(random.below(kProducts), generation);
            announce();
            wait_for_answers(20);
        }
    };
    const auto sells = [&](const std::string& word) {
        const Context context{"en", "EUR", clock.now()};
        return engine->listing(context, {.query = word})->total == 1;
    };
    const auto mark = [&](const std::string& word) {
        auto raw = testing::random_product(1, 1);
        raw.record.handle = word;
        raw.record.id = ProductId::derived(word);
        raw.record.status = catalog::ProductStatus::active;
        raw.record.published_from.reset();
        raw.record.category.reset();
        raw.record.more_categories.clear();
        raw.record.texts = {{"en", {.name = word, .slug = word}}};
        for (auto& variant : raw.record.variants) {
            variant.id = VariantId::derived(word + variant.sku);
            variant.sku = word + variant.sku;
            variant.active = true;
        }
        database().in_tx([&](db::Tx& tx) {
            ASSERT_TRUE(writer->upsert_product(tx, raw.record));
            for (const auto& variant : raw.record.variants)
                prices->set_prices(tx, list, std::vector<pricing::PriceEntry>{{variant.id, {{1, 900}}, {}, {}}}, clock.now());
        });
        announce();
    };
    change(12, 1);
    mark("quokka");
    EXPECT_TRUE(wait_until([&] { return sells("quokka"); })) << "changes do not arrive";
    EXPECT_GT(engine->status().version, 2U);

    take_away(true);
    EXPECT_ANY_THROW(database().read([](db::Session& session) { (void)session.run_text("select 1"); }));
    const auto version = engine->status().version;
    wait_for_answers(400);
    EXPECT_EQ(engine->status().version, version) << "there was nobody to learn anything from";
    take_away(false);

    change(6, 100);
    mark("wombat");
    EXPECT_TRUE(wait_until([&] { return sells("wombat"); })) << "it is not fresh again";
    stop_readers();
    EXPECT_EQ(faults, std::vector<std::string>{});
    EXPECT_GT(answers, 600);
}

}  // namespace
}  // namespace stoa::search
