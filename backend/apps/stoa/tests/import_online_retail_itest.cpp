#include "import_online_retail.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "import_online_retail_files.hpp"
#include "import_online_retail_goods.hpp"
#include "stoa/customers/make.hpp"
#include "stoa/messaging/make.hpp"
#include "stoa/pricing/make.hpp"
#include "stoa/redis/redis.hpp"
#include "stoa/search/make.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::app {
namespace {

// Rows with what makes the real file hard: an invoice of two minutes, the same SKU twice, small letters in codes, spaces and quotes
// in names, no customer, no price, a write-off, a cancellation, an adjustment below zero, thousandths, an interleaved invoice.
constexpr const char* kRows = R"(InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1001,85123A,WHITE HANGING HEART ,6,2010-12-01 08:26:00,2.55,17850,United Kingdom
1001,85123a,WHITE HANGING HEART,32,2010-12-01 08:27:00,2.55,17850,United Kingdom
1001,POST,POSTAGE,1,2010-12-01 08:27:00,18,17850,United Kingdom
1002,21228,"POCKET MIRROR ""GLAMOROUS""",3,2011-01-05 09:00:00,1.25,,EIRE
1003,21228,"POCKET MIRROR ""GLAMOROUS""",1,2011-12-09 12:00:00,0.001,12346,Channel Islands
1002,85123A,WHITE HANGING HEART,1,2011-01-05 09:00:00,5.79,,EIRE
1003,85123A,WHITE HANGING HEART,0,2011-12-09 12:00:00,2.55,12346,Channel Islands
1004,85123A,damaged,-5,2011-06-01 10:00:00,0.0,,United Kingdom
1005,85123A,,4,2011-06-01 10:00:00,0.0,,United Kingdom
C1006,85123A,WHITE HANGING HEART,-2,2011-12-09 12:50:00,2.55,17850,United Kingdom
A1007,B,Adjust bad debt,1,2011-08-12 14:51:00,-11062.06,,United Kingdom
1003,21228,"POCKET MIRROR, LARGE",40,2011-12-09 12:00:00,1.25,99999,Channel Islands
1008,85123A,WHITE HANGING HEART,2,2011-13-01 10:00:00,2.55,,Unspecified
1008,85123A,WHITE HANGING HEART,10,2011-12-08 10:00:00,2.55,,Unspecified
1008,85123A,WHITE HANGING HEART,10,2011-12-08 10:00:00,2.5555,,Unspecified
1009,85123A,short row,1
)";
constexpr const char* kProducts = R"(sku,name,account_price,no_account_price,lines,invoices,customers,units,revenue,first_sold,last_sold
21228,"POCKET MIRROR ""GLAMOROUS""",1.25,,2,2,1,4,3.751,2011-01-05,2011-12-09
85123A,WHITE HANGING HEART,2.95,5.79,4,3,1,49,128.140,2010-12-01,2011-12-08
)";
constexpr const char* kPoints = R"(sku,channel,unit_price,lines,qty_min,qty_p10,qty_median,qty_p90,qty_max,first_day,last_day
85123A,account,2.55,358,6,32,32,96,1930,2010-12-01,2011-12-08
85123A,account,2.95,1658,1,2,6,12,72,2010-12-01,2011-12-09
85123A,account,3.20,5,128,128,224,992,992,2011-09-20,2011-11-14
85123A,no-account,5.79,148,1,1,1,4,23,2011-01-13,2011-12-09
POST,account,18,100,1,1,1,3,9,2010-12-01,2011-12-09
)";
// Only what these rows say, as the real facts are written.
constexpr const char* kFacts =
    R"({"rows":11,"first":"2010-12-01 08:26:00","last":"2011-12-09 12:50:00","sale_lines":7,"sale_value_thousandths":149941,"cancel_value_thousandths":-5100,
 "cancel_units":-2,"rows_adjustment":1,"sum_value_all_thousandths":-10917219,"nongoods":{"AMAZONFEE":[0,0],"B":[0,0],"BANK CHARGES":[0,0],"C2":[0,0],"CRUK":[0,0],"D":[0,0],"DOT":[0,0],"M":[0,0],
 "POST":[1,18000],"S":[0,0]},"top_goods_by_units":[["85123A","WHITE HANGING HEART",128190,49,3,1,4],["21228","POCKET MIRROR \"GLAMOROUS\"",3751,4,2,1,2]]})";

class OnlineRetail : public ::testing::Test {
protected:
    OnlineRetail() : root(std::filesystem::temp_directory_path() / ("stoa-retail-" + Uuid::v7().to_string())) {
        std::filesystem::create_directories(root);
    }
    ~OnlineRetail() override {
        db::set_fault_hook({});
        std::filesystem::remove_all(root);
    }
    void write(const std::string& name, const std::string& text) const {
        const auto plain = (root / "plain").string();
        std::ofstream(plain, std::ios::binary) << text;
        const auto command = (name.ends_with(".gz") ? "gzip -c " : "zstd -q -c ") + plain + " > " + (root / name).string();
        ASSERT_EQ(std::system(command.c_str()), 0) << command;
    }
    void fixture() const {
        write("online-retail.csv.zst", kRows);
        write("products.csv.gz", kProducts);
        write("price-points.csv.gz", kPoints);
    }
    OnlineRetailResult import(std::int64_t batch_rows = 4) {
        return import_online_retail({own.database(), clock, *catalog, *prices, *customers},
                                    {root.string(), (root / "rejected.csv").string(), batch_rows}, [](const std::string&) {});
    }
    std::string text(const std::string& sql) {
        return own.database().read([&](db::Session& session) { return std::string(session.run_text(sql).front().get<std::string>(0)); });
    }

    stoa::testing::TestDatabase own;
    std::filesystem::path root;
    ManualClock clock{stoa::testing::fixed_start()};
    redis::Redis redis{stoa::testing::test_redis_url()};
    std::unique_ptr<catalog::Writer> catalog = catalog::make_writer();
    std::unique_ptr<catalog::Reader> reader = catalog::make_reader();
    std::unique_ptr<pricing::PriceBook> prices = pricing::make_price_book();
    std::unique_ptr<pricing::Pricing> pricing = pricing::make_pricing();
    std::unique_ptr<inventory::Inventory> inventory = inventory::make_inventory(clock);
    std::unique_ptr<messaging::Messages> messages = messaging::make_messages(
        clock, {"Shop <shop@stoa.example>", std::string(32, 'k'), "Shop", "http://localhost", "shop@stoa.example", "Somewhere 1"});
    std::unique_ptr<customers::AccountMailer> mailer = messaging::make_account_mailer(*messages);
    std::unique_ptr<customers::Customers> customers =
        customers::make_customers(own.database(), redis, clock, *mailer, {"http://localhost", 1});
};

TEST_F(OnlineRetail, KeepsEveryRowAsWhatItIs) {
    fixture();
    const auto done = import();
    EXPECT_EQ(done.rows, 16);
    EXPECT_EQ(done.rejected, 5);
    EXPECT_EQ(done.goods, 2);
    EXPECT_EQ(done.with_breaks, 1);
    EXPECT_EQ(text("select string_agg(number || ' ' || kind || ' ' || coalesce(customer_ref, '-') || ' ' || coalesce(country, '-'), ', ' "
                   "order by number) from history.document"),
              "1001 sale 17850 GB, 1002 sale - IE, 1003 sale 12346 JE, 1004 write_off - GB, 1005 unpriced - GB, 1008 sale - -, A1007 "
              "adjustment - GB, C1006 cancellation 17850 GB");
    EXPECT_EQ(text("select string_agg(code || '/' || sku, ' ' order by row_number) from history.line where document_number = '1001'"),
              "85123A/85123A 85123a/85123A POST/POST");
    EXPECT_EQ(text("select to_char(at at time zone 'UTC', 'HH24:MI') from history.document where number = '1001'"), "08:26");
    EXPECT_EQ(text("select string_agg(kind || ' ' || lines, ', ' order by kind) from (select kind, count(*) as lines from history_api.line "
                   "group by kind) k"),
              "adjustment 1, cancellation 1, sale 7, unpriced 1, write_off 1");
    EXPECT_EQ(text("select value_milli from history_api.line where kind = 'adjustment'"), "-11062060");
    EXPECT_EQ(text("select unit_price_milli from history_api.line where row_number = 5"), "1");
    EXPECT_EQ(text("select string_agg(row_number || ': ' || reason, '; ' order by row_number) from history.rejected_row"),
              "7: Quantity is not 0; 12: the rows before it of this InvoiceNo have another customer or country; 13: InvoiceDate is written "
              "YYYY-MM-DD HH:MM:SS; "
              "15: UnitPrice is a number with at most three decimals; 16: a row has 8 cells, this one has 4");
    std::ifstream rejected(root / "rejected.csv");
    std::stringstream content;
    content << rejected.rdbuf();
    EXPECT_NE(content.str().find("7,Quantity is not 0,\"1003,85123A,WHITE HANGING HEART,0,"), std::string::npos) << content.str();

    // Customers are accounts that nobody can log in to, of the group that sees the wholesale list.
    EXPECT_EQ(text("select string_agg(c.source_ref || ' ' || m.group_code || ' ' || (c.email is null and c.password_hash is null), ', ' "
                   "order by c.source_ref) from customers.customer c "
                   "join customers.group_member m on m.customer_id = c.id"),
              "online-retail:12346 trade true, online-retail:17850 trade true");

    std::int64_t same = 0, missing = 0;
    for (const auto& one : verify_online_retail(own.database(), kFacts)) {
        if (one.expected == "nothing") {
            ++missing;  // these facts do not say
            continue;
        }
        EXPECT_TRUE(one.same) << one.what << ": " << one.expected << " / " << one.actual;
        ++same;
    }
    EXPECT_EQ(same, 9 + 20 + 14);
    EXPECT_GT(missing, 0);
}

TEST_F(OnlineRetail, AFalseFactIsFound) {
    fixture();
    (void)import();
    int different = 0;
    for (const auto& one : verify_online_retail(
             own.database(), R"({"rows":11,"sale_value_thousandths":149942,"order_lines":{"p50":1,"p90":3,"max":3,"min":1}})")) {
        if (one.expected == "nothing" || one.same) continue;
        ++different;
        EXPECT_TRUE(one.what == "sale_value_thousandths" || one.what == "order_lines.min") << one.what;
    }
    EXPECT_EQ(different, 2);
}

TEST_F(OnlineRetail, SellsTheGoods) {
    fixture();
    (void)import();
    const auto variants = own.database().read(
        [&](db::Session& session) { return reader->variants_by_sku(session, std::vector<std::string>{"85123A", "21228"}); });
    const auto heart = variants.at("85123A").first, mirror = variants.at("21228").first;
    companies::BuyerContext buyer;
    buyer.currency = Currency::of("GBP");
    buyer.country = "GB";
    buyer.at = clock.now() + std::chrono::seconds(1);
    const auto price = [&] {
        return own.database().read([&](db::Session& session) { return pricing->prices(session, std::vector{heart, mirror}, buyer); });
    };
    auto seen = price();
    EXPECT_TRUE(seen.at(heart).tax_included);
    EXPECT_EQ(seen.at(heart).unit(500).minor(), 695);  // 5.79 net
    EXPECT_EQ(seen.at(mirror).unit().minor(), 150);    // 1.25 net, never sold to consumers
    buyer.groups = {std::string(kTradeGroup)};
    seen = price();
    EXPECT_FALSE(seen.at(heart).tax_included);
    EXPECT_EQ(seen.at(heart).unit(1).minor(), 295);
    EXPECT_EQ(seen.at(heart).unit(31).minor(), 295);
    EXPECT_EQ(seen.at(heart).unit(32).minor(), 255);
    EXPECT_EQ(seen.at(mirror).unit().minor(), 125);

    // The last sixty days: ten sold, two came back; and one mirror.
    const auto available =
        own.database().read([&](db::Session& session) { return inventory->available(session, std::vector{heart, mirror}); });
    EXPECT_EQ(available.at(heart), 8);
    EXPECT_EQ(available.at(mirror), 1);

    // Weights are by category; goods of an earlier run without any get one, what staff weighed stays.
    EXPECT_EQ(text("select string_agg(sku || ' ' || weight_grams, ', ' order by sku) from catalog.variant"), "21228 500, 85123A 500");
    own.database().in_tx(
        [&](db::Tx& tx) { (void)tx.run_text("update catalog.variant set weight_grams = case sku when '21228' then 0 else 77 end"); });
    (void)import();
    EXPECT_EQ(text("select string_agg(sku || ' ' || weight_grams, ', ' order by sku) from catalog.variant"), "21228 500, 85123A 77");

    search::EngineOptions options;
    options.use_feed = false;
    auto engine = search::make_engine(own.database(), *reader, *pricing, *inventory, clock, options);
    engine->load();
    const auto found = engine->listing({"en", "GBP", clock.now()}, {.query = "hanging heart"});
    ASSERT_TRUE(found);
    ASSERT_EQ(found->total, 1);
    EXPECT_NE(std::string(found->hits[0].card_text).find("White Hanging Heart"), std::string::npos);
    const auto popular = engine->listing({"en", "EUR", clock.now()}, {.category = "giftware", .sort = "popular"});
    ASSERT_EQ(popular->total, 2);
    EXPECT_NE(std::string(popular->hits[0].card_text).find("White Hanging Heart"), std::string::npos);
}

TEST_F(OnlineRetail, GoesOnWhereItWasInterruptedAndChangesNothingWhenRepeated) {
    fixture();
    // Every statement of every batch is the one that fails, once.
    int interruptions = 0;
    for (int nth = 1;; ++nth) {
        int seen = 0;
        bool inside = false;
        db::set_fault_hook([&](std::string_view name) {
            inside = inside || name == "app.history_source_for_update";
            if (inside && ++seen == nth) throw std::runtime_error("power cut");
        });
        bool interrupted = false;
        try {
            (void)import(3);
        } catch (const std::runtime_error& error) {
            ASSERT_STREQ(error.what(), "power cut");
            interrupted = true;
            ++interruptions;
        }
        db::set_fault_hook({});
        // Whatever happened, rows and the note of how far it got agree.
        EXPECT_EQ(text("select (select count(*) from history.line) + (select count(*) from history.rejected_row) = (select rows_read from "
                       "history.source)"),
                  "t");
        EXPECT_EQ(text("select (select count(*) from history.rejected_row) = (select rows_rejected from history.source)"), "t");
        if (!interrupted) break;
    }
    EXPECT_GT(interruptions, 5);
    EXPECT_EQ(text("select count(*) from history.line"), "11");
    EXPECT_EQ(text("select count(*) from customers.customer"), "2");
    const auto sold = text("select count(*) from inventory.movement");
    own.database().in_tx(
        [&](db::Tx& tx) { (void)tx.run_text("update inventory.stock set on_hand = 3 where on_hand = 8"); });  // the shop sold some

    const auto again = import();
    EXPECT_EQ(again.rows, 0);
    EXPECT_EQ(again.rows_before, 16);
    EXPECT_EQ(again.goods, 0);
    EXPECT_EQ(again.stocked, 0);
    EXPECT_EQ(again.rejected, 5);
    EXPECT_EQ(text("select count(*) from history.line"), "11");
    EXPECT_EQ(text("select sum(on_hand) from inventory.stock"), "4");
    EXPECT_EQ(text("select count(*) from inventory.movement"), sold);
    EXPECT_EQ(text("select count(*) from pricing.price_history"), "8");

    write("online-retail.csv.zst", std::string(kRows) + "1010,85123A,WHITE HANGING HEART,1,2011-12-09 12:50:00,2.55,,United Kingdom\n");
    EXPECT_THROW((void)import(), std::runtime_error);
    EXPECT_EQ(text("select count(*) from history.line"), "11");
}

TEST_F(OnlineRetail, SaysWhatIsWrongWithTheFiles) {
    EXPECT_THROW((void)import(), std::runtime_error);  // nothing there
    fixture();
    std::ofstream(root / "online-retail.csv.zst", std::ios::binary) << "this is not packed";
    EXPECT_THROW((void)import(), std::runtime_error);
    EXPECT_EQ(text("select count(*) from history.line"), "0");
}

TEST(OnlineRetailRules, Names) {
    EXPECT_EQ(display_name("WHITE HANGING HEART T-LIGHT HOLDER"), "White Hanging Heart T-Light Holder");
    EXPECT_EQ(display_name("SET/4 GARDEN ROSE DINNER CANDLE"), "Set/4 Garden Rose Dinner Candle");
    EXPECT_EQ(display_name("PAPER CHAIN KIT 50'S CHRISTMAS "), "Paper Chain Kit 50's Christmas");
    EXPECT_EQ(display_name("LUNCH BAG  BLACK SKULL."), "Lunch Bag Black Skull.");
    EXPECT_EQ(display_name("Dotcomgiftshop Gift Voucher £40.00"), "Dotcomgiftshop Gift Voucher £40.00");
    EXPECT_EQ(category_of("PAPER CHAIN KIT 50'S CHRISTMAS"), "christmas");
    EXPECT_EQ(category_of("JUMBO BAG RED RETROSPOT"), "bags");
    EXPECT_EQ(category_of("WHITE HANGING HEART T-LIGHT HOLDER"), "lighting-and-candles");
    EXPECT_EQ(category_of("BAGPIPE"), "home-decor");
    EXPECT_EQ(weight_of("JUMBO BAG RED RETROSPOT"), 250);
    EXPECT_EQ(weight_of("BAGPIPE"), 500);
}

TEST(OnlineRetailRules, Prices) {
    EXPECT_EQ(parse_milli_price("2.55"), 2550);
    EXPECT_EQ(parse_milli_price("-11062.06"), -11062060);
    EXPECT_EQ(parse_milli_price("0.001"), 1);
    EXPECT_EQ(parse_milli_price("18"), 18000);
    for (const auto wrong : {"", "-", ".5", "5.", "1.2345", "1,5", "1e3", " 1", "+1"}) EXPECT_FALSE(parse_milli_price(wrong)) << wrong;
    Goods goods;
    goods.consumer_milli = 24960;
    EXPECT_EQ(consumer_price(goods), 2995);
    goods.consumer_milli = 4130;
    EXPECT_EQ(consumer_price(goods), 495);
    goods.consumer_milli = 25490;  // with 17.5 %
    goods.consumer_points = {{25490, 32, 1, 2, *parse_iso_date("2010-12-03"), *parse_iso_date("2011-01-05")}};
    EXPECT_EQ(consumer_price(goods), 2995);
}

TEST_F(OnlineRetail, TheRealBooks) {
    const auto real = std::filesystem::path(STOA_SOURCE_DIR) / "../shared/data/online-retail";
    if (!std::filesystem::exists(real / "facts.json")) GTEST_SKIP() << "The data set is not here: ../shared/data/online-retail is absent.";
    // As the command does: counting half a million rows anew may take longer than a request may.
    db::Database patient(own.url(), {.max_connections = 2, .statement_timeout = std::chrono::minutes{5}});
    const auto done =
        import_online_retail({patient, clock, *catalog, *prices, *customers}, {real.string(), "", 20000}, [](const std::string&) {});
    EXPECT_EQ(done.rows, 541'909);
    EXPECT_EQ(done.rejected, 0);
    EXPECT_EQ(done.customers, 4'372);
    EXPECT_EQ(done.goods, 3'804);
    EXPECT_EQ(done.with_breaks, 521);
    std::ifstream file(real / "facts.json");
    std::stringstream facts;
    facts << file.rdbuf();
    std::int64_t same = 0;
    for (const auto& one : verify_online_retail(patient, facts.str())) {
        EXPECT_TRUE(one.same) << one.what << ": the facts say " << one.expected << ", the database says " << one.actual;
        ++same;
    }
    EXPECT_EQ(same, 1045);
    // Mistyped orders, cancelled within minutes, are gone from what is left.
    EXPECT_EQ(text("select sum(quantity) from history_api.line where sku = '23843' and kind in ('sale', 'cancellation')"), "0");
    EXPECT_EQ(
        text("select count(*) from (select document_number from history.line group by document_number having count(distinct at) > 1) two"),
        "43");
}

}  // namespace
}  // namespace stoa::app
