// The judged products come in as written, and sales teach popularity and what is bought together.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "import_relevance.hpp"
#include "sales.hpp"
#include "stoa/catalog/make.hpp"
#include "stoa/inventory/make.hpp"
#include "stoa/pricing/make.hpp"
#include "stoa/search/make.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::app {
namespace {

class SearchData : public ::testing::Test {
protected:
    std::string text(const std::string& sql) {
        std::string out;
        own.database().read([&](db::Session& session) {
            out.clear();
            for (const auto row : session.run_text(sql)) out += (out.empty() ? "" : "; ") + row.get<std::string>(0);
        });
        return out;
    }
    void run(const std::string& sql) {
        own.database().in_tx([&](db::Tx& tx) { (void)tx.run_text(sql); });
    }

    stoa::testing::TestDatabase own;
    ManualClock clock{stoa::testing::fixed_start()};
    std::unique_ptr<catalog::Writer> writer = catalog::make_writer();
    std::unique_ptr<catalog::Reader> reader = catalog::make_reader();
    std::unique_ptr<pricing::Pricing> pricing = pricing::make_pricing();
    std::unique_ptr<pricing::PriceBook> prices = pricing::make_price_book();
    std::unique_ptr<inventory::Inventory> inventory = inventory::make_inventory(clock);
};

TEST_F(SearchData, JudgedProductsAreFoundByTheirNumber) {
    if (std::system("command -v zstd >/dev/null") != 0) GTEST_SKIP() << "zstd is not installed";
    const auto directory = std::filesystem::path(::testing::TempDir()) / ("relevance-" + Uuid::v7().to_string());
    std::filesystem::create_directories(directory);
    {
        std::ofstream file(directory / "products.jsonl");
        file
            << R"({"id":"77","name":"X1","title":"Loud speaker","ean":["1"],"supplier":"Acme","short_description":"For parties","attr_t_colour":"Black\\nRed","attr_n_width":12.5,"attr_n_tiny":1e-05,"attr_b_wireless":true})"
            << '\n'
            << R"({"id":"78","title":")" << std::string(250, 'x') << R"( end","supplier":"Acme","attr_t_colour":"Blue"})" << '\n';
    }
    ASSERT_EQ(std::system(("zstd -q " + (directory / "products.jsonl").string()).c_str()), 0);
    const RelevanceDeps deps{own.database(), clock, *writer, *prices};
    const auto quiet = [](const std::string&) {};
    const auto done = import_relevance(deps, directory.string(), quiet);
    EXPECT_EQ(done.products, 2);
    EXPECT_EQ(done.added, 2);
    EXPECT_EQ(done.attributes, 4);
    EXPECT_EQ(import_relevance(deps, directory.string(), quiet).added, 0);
    EXPECT_EQ(text("select sku from catalog.variant order by sku"), "ICE-77; ICE-78");
    EXPECT_EQ(text("select max(length(name))::text from catalog.product_text"), "200");
    EXPECT_EQ(text("select texts->>'en' from catalog.product_attribute where texts is not null order by 1"), "Black, Red; Blue");
    EXPECT_EQ(text("select number_milli::text from catalog.product_attribute where number_milli is not null"), "12500");

    search::EngineOptions options;
    options.use_feed = false;
    auto engine = search::make_engine(own.database(), *reader, *pricing, *inventory, clock, options);
    engine->load();
    const auto found = engine->listing({"en", "EUR", clock.now() + std::chrono::hours(1)}, {.query = "red speaker"});
    ASSERT_TRUE(found);
    ASSERT_GE(found->total, 1);
    EXPECT_NE(std::string(found->hits[0].card_text).find(R"("slug":"77")"), std::string::npos);
    std::filesystem::remove_all(directory);
    EXPECT_THROW((void)import_relevance(deps, directory.string(), quiet), std::runtime_error);
}

TEST_F(SearchData, SalesTeachWhatIsWantedAndWhatGoesTogether) {
    run("insert into catalog.product_type (code, names) values ('thing', '{}');"
        "insert into catalog.product (id, handle, type_code) select gen_random_uuid(), 'p' || i, 'thing' from generate_series(1, 9) i;"
        "insert into catalog.variant (id, product_id, sku, position) select gen_random_uuid(), id, upper(handle), 0 from catalog.product;"
        "insert into history.source (code, content_hash, started_at, updated_at) values ('old', repeat('0', 64), now(), now());");
    int document = 0;
    int row = 0;
    const auto sell = [&](const std::vector<std::string>& skus, int days_before_the_end, const std::string& kind = "sale") {
        const auto number = std::to_string(++document);
        const auto at = "timestamptz '2011-12-09' - interval '" + std::to_string(days_before_the_end) + " days'";
        std::string sql = "insert into history.document (source_id, number, kind, country_name, at) select id, '" + number + "', '" + kind +
                          "', 'X', " + at + " from history.source;";
        for (const auto& sku : skus)
            sql += "insert into history.line select id, " + std::to_string(++row) + ", '" + number + "', '" + kind + "', '" + sku + "', '" +
                   sku + "', true, '', 1, 100, 'GBP', " + at + " from history.source;";
        run(sql);
    };
    for (int i = 0; i < 6; ++i) sell({"P1", "P2"}, i == 0 ? 0 : 30);  // always together
    for (int i = 0; i < 4; ++i) sell({"P1", "P3"}, 60);               // too few
    for (int i = 0; i < 12; ++i) sell({"P4", "P5"}, 300);
    sell({"P6"}, 0, "cancellation");
    sell({"P7"}, 1000);
    const auto learnt = learn_from_sales(own.database());
    EXPECT_EQ(learnt.baskets, 23);
    // One today and five that count half; four at a quarter.
    EXPECT_EQ(text("select s.score::text from search.popularity s join catalog.product p on p.id = s.product_id where p.handle = 'p2'"),
              "3500");
    EXPECT_EQ(text("select s.score::text from search.popularity s join catalog.product p on p.id = s.product_id where p.handle = 'p1'"),
              "4500");
    EXPECT_EQ(text("select p.handle from search.popularity s join catalog.product p on p.id = s.product_id where p.handle in ('p6', 'p7')"),
              "");
    EXPECT_EQ(text("select p.handle || o.handle from search.related r join catalog.product p on p.id = r.product_id "
                   "join catalog.product o on o.id = r.related_id order by 1"),
              "p1p2; p2p1; p4p5; p5p4");
    // 6 of 22 baskets hold both, 10 the one and 6 the other: 2.2 times what chance would have it.
    EXPECT_EQ(text("select r.score::text from search.related r join catalog.product p on p.id = r.product_id where p.handle = 'p1'"),
              "2200");
    EXPECT_EQ(learn_from_sales(own.database()).pairs, 4);  // again, and nothing doubles
}

}  // namespace
}  // namespace stoa::app
