#include "seed.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "import_csv.hpp"
#include "stoa/json/value.hpp"
#include "stoa/search/make.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::app {
namespace {

// A database of its own: the shared one is emptied by others, the warehouse included.
class SeedTest : public ::testing::Test {
protected:
    SeedTest()
        : root(std::filesystem::temp_directory_path() / ("stoa-seed-" + Uuid::v7().to_string())),
          media(storage::local_store((root / "media").string())) {
        std::filesystem::create_directories(root / "media");
        std::filesystem::create_directories(root / "demo");
    }
    ~SeedTest() override { std::filesystem::remove_all(root); }

    SeedDeps deps() { return {own.database(), clock, *catalog, *reader, *content, *prices, *inventory, *media}; }
    std::int64_t count(const std::string& sql) {
        return own.database().read([&](db::Session& session) { return session.run_text(sql).front().get<std::int64_t>(0); });
    }
    void write(const std::string& path, const std::string& text) {
        std::filesystem::create_directories((root / "demo" / path).parent_path());
        std::ofstream(root / "demo" / path) << text;
    }
    ImportResult import(const std::string& csv, bool dry_run = false) {
        std::istringstream in(csv);
        return import_catalogue(deps(), in, {dry_run}, [](const std::string&) {});
    }

    stoa::testing::TestDatabase own;
    std::filesystem::path root;
    ManualClock clock{stoa::testing::fixed_start()};
    std::unique_ptr<catalog::Writer> catalog = catalog::make_writer();
    std::unique_ptr<catalog::Reader> reader = catalog::make_reader();
    std::unique_ptr<content::Writer> content = content::make_writer();
    std::unique_ptr<pricing::PriceBook> prices = pricing::make_price_book();
    std::unique_ptr<pricing::Pricing> pricing = pricing::make_pricing();
    std::unique_ptr<inventory::Inventory> inventory = inventory::make_inventory(clock);
    std::unique_ptr<storage::ObjectStore> media;
};

constexpr const char* kAttributes = R"({"attributes":[
 {"code":"colour","type":"enum","unit":null,"filterable":true,"name":{"en":"Colour","de":"Farbe"},"values":[{"code":"oak","name":{"en":"Oak","de":"Eiche"},"swatch":"#c9a06c"},{"code":"black","name":{"en":"Black"},"swatch":"#111"}]},
 {"code":"width","type":"number","unit":"cm","filterable":true,"name":{"en":"Width"},"values":[]},
 {"code":"assembly","type":"bool","unit":null,"filterable":true,"name":{"en":"Assembly"}}],
 "product_types":[{"code":"seating","name":{"en":"Seating"},"attributes":["colour","width","assembly"],"options":["colour"]}]})";
constexpr const char* kProducts =
    R"([{"handle":"isar-chair","slugs":{"en":"isar-chair","de":"stuhl-isar"},"type":"seating","categories":["chairs"],
 "name":{"en":"Isar chair","de":"Stuhl Isar"},"subtitle":{"en":"Moulded oak"},"description":{"en":"A chair."},"keywords":{"en":["seat"],"de":["Sitz"]},
 "attributes":{"colour":["oak","black"],"width":47.5,"assembly":false},"options":["colour"],"popularity":5,"published_from":"2026-03-13",
 "variants":[{"sku":"ISA-OAK","options":{"colour":"oak"},"price":14900,"compare_at":19900,"stock":7,"weight_g":4800,"length_mm":810,"width_mm":565,"height_mm":515,"barcode":"2000000010014"},
             {"sku":"ISA-BLA","options":{"colour":"black"},"price":15900,"compare_at":null,"stock":0,"weight_g":4800}],
 "media":[{"file":"isar-chair-1.webp","alt":{"en":"In oak"},"options":{"colour":"oak"},"focal":[0.5,0.52]}]}])";

TEST_F(SeedTest, ASmallDemoTwice) {
    storage::init_images("seed_itest");
    write("catalogue/attributes.json", kAttributes);
    write("catalogue/categories.json",
          R"([{"slug":"seating","parent":null,"position":1,"name":{"en":"Seating"},"slugs":{"en":"seating"},"image":"isar-chair-1.webp"},
        {"slug":"chairs","parent":"seating","position":1,"name":{"en":"Chairs","de":"Stühle"},"slugs":{"en":"chairs","de":"stuehle"}}])");
    write("catalogue/products-1.json", kProducts);
    write("catalogue/collections.json",
          R"([{"slug":"oak","slugs":{"en":"oak"},"name":{"en":"Oak"},"kind":"rule","rule":{"attribute":"colour","value":"oak"}},
        {"slug":"picks","slugs":{"en":"picks"},"name":{"en":"Picks"},"kind":"manual","products":["isar-chair"]}])");
    write(
        "catalogue/reviews.json",
        R"([{"product":"isar-chair","rating":5,"title":"Good","body":"Sturdy and light, and it looks right in our kitchen.","author":"A. B.","locale":"en","created":"2026-08-13T09:11:00Z"}])");
    write(
        "content/pages/about.json",
        R"({"slug":"about","slugs":{"en":"about","de":"ueber-uns"},"kind":"page","title":{"en":"About","de":"Über uns"},"body":{"en":"Text","de":"Text"}})");
    write("content/menus.json",
          R"({"main":[{"label":{"en":"Chairs","de":"Stühle","nl":"x","fr":"x"},"target":{"kind":"category","slug":"chairs"}}]})");
    write(
        "content/home.json",
        R"({"hero":{"title":{"en":"Hi","de":"Hallo","nl":"Hoi","fr":"Salut"},"text":{"en":"t"},"cta":{"label":{"en":"Go","de":"Los","nl":"Ga","fr":"Va"},"target":{"kind":"category","slug":"chairs"}},"image":"isar-chair-1.webp"},"rooms":[]})");

    const auto quiet = [](const std::string&) {};
    auto done = seed_demo(deps(), (root / "demo").string(), quiet);
    EXPECT_EQ(done.products, 1);
    EXPECT_EQ(done.variants, 2);
    EXPECT_EQ(done.pictures, 0);
    EXPECT_EQ(done.pictures_missing, 1);
    EXPECT_EQ(done.pages, 1);

    // A sale happens, a picture is rendered, and the demo is seeded again.
    const auto variants = own.database().read(
        [&](db::Session& session) { return reader->variants_by_sku(session, std::vector<std::string>{"ISA-OAK", "ISA-BLA"}); });
    own.database().in_tx([&](db::Tx& tx) { inventory->adjust(tx, variants.at("ISA-OAK").first, -2, "sold"); });
    std::filesystem::create_directories(root / "demo" / "media");
    std::filesystem::copy_file(std::string(STOA_SOURCE_DIR) + "/demo/media/isar-chair-1.webp",
                               root / "demo" / "media" / "isar-chair-1.webp");
    done = seed_demo(deps(), (root / "demo").string(), quiet);
    EXPECT_EQ(done.pictures, 1);
    EXPECT_EQ(count("select count(*) from catalog.product"), 1);
    EXPECT_EQ(count("select count(*) from catalog.variant"), 2);
    EXPECT_EQ(count("select count(*) from catalog.review"), 1);
    EXPECT_EQ(count("select count(*) from catalog.slug where not is_current"), 0);
    EXPECT_EQ(count("select count(*) from catalog.asset where placeholder <> '' and width > 0"), 1);
    EXPECT_EQ(count("select coalesce(sum(on_hand), 0) from inventory.stock"), 5);
    const auto available =
        own.database().read([&](db::Session& session) { return inventory->available(session, std::vector{variants.at("ISA-OAK").first}); });
    EXPECT_EQ(available.at(variants.at("ISA-OAK").first), 5);

    // The shop that comes out of it.
    search::EngineOptions options;
    options.use_feed = false;
    auto engine = search::make_engine(own.database(), *reader, *pricing, *inventory, clock, options);
    engine->load();
    search::Context context{"de", "EUR", clock.now()};
    const auto listing = engine->listing(context, {.category = "stuehle"});
    ASSERT_TRUE(listing) << listing.error().message;
    ASSERT_EQ(listing->total, 1);
    const auto card =
        json::parse_as<search::ProductCardDto>(std::string(listing->hits[0].card_text) + std::string(listing->hits[0].card_price));
    ASSERT_TRUE(card);
    EXPECT_EQ(card->name, "Stuhl Isar");
    EXPECT_EQ(card->price.amount.minor(), 14900);
    EXPECT_EQ(card->price.regular->minor(), 19900);
    EXPECT_EQ(card->image->alt, "In oak");
    const auto chf = engine->listing({"en", "CHF", clock.now()}, {.collection = "oak"});
    ASSERT_EQ(chf->total, 1);
    EXPECT_EQ(
        json::parse_as<search::ProductCardDto>(std::string(chf->hits[0].card_text) + std::string(chf->hits[0].card_price))->price.amount,
        Money(14300, Currency::of("CHF")));
    EXPECT_EQ(engine->listing(context, {.query = "Sitz"})->total, 1);  // a keyword
}

TEST_F(SeedTest, ScaleIsDeterministicAndRepeatable) {
    const auto quiet = [](const std::string&) {};
    const auto first = seed_scale(deps(), 300, true, quiet);
    EXPECT_EQ(first.products, 300);
    EXPECT_EQ(first.variants, 600);
    EXPECT_EQ(seed_scale(deps(), 300, true, quiet).products, 0);
    EXPECT_EQ(seed_scale(deps(), 320, true, quiet).products, 20);
    EXPECT_EQ(count("select count(*) from catalog.product"), 320);
    // Known values of the comparison catalogue.
    EXPECT_EQ(count("select count(*) from catalog.product_text where name = 'Amber Bamboo Apron 00001'"), 1);
    EXPECT_EQ(count("select count(*) from catalog.product where handle = 'amber-bamboo-backpack-00002'"), 1);
    EXPECT_EQ(count("select on_hand from inventory.stock s join catalog.variant v on v.id = s.variant_id where v.sku = 'SKU-00001-S'"),
              1'000'000);
    search::EngineOptions options;
    options.use_feed = false;
    auto engine = search::make_engine(own.database(), *reader, *pricing, *inventory, clock, options);
    engine->load();
    const auto listing = engine->listing({"en", "GBP", clock.now()}, {.limit = 24});
    ASSERT_TRUE(listing);
    EXPECT_EQ(listing->total, 320);
    EXPECT_EQ(listing->facets.size(), 10U);
    const auto found = engine->listing({"en", "EUR", clock.now()}, {.query = "chair"});
    EXPECT_EQ(found->total, 11);  // every thirtieth of 320
}

TEST_F(SeedTest, ImportTellsNewChangedUnchangedAndRejected) {
    const std::string csv =
        "\xEF\xBB\xBF"
        "handle;name;name:de;category;option:colour;sku;price;stock;attribute:material;description\r\n"
        "mug;Mug;Becher;Kitchen > Cups;Red;MUG-R;9.90;12;Stoneware;\"Holds \"\"coffee\"\";\nand tea\"\r\n"
        "mug;Mug;Becher;Kitchen > Cups;Blue;MUG-B;9.90;3;Stoneware;\r\n"
        "plate;Plate;;Kitchen;;PLATE;12.00;5;Stoneware|Glass;\r\n"
        "bad;Bad;;Kitchen;;BAD;free;5;;\r\n"
        ";No handle;;;;X;1.00;;;\r\n"
        "mug;Mug again;;;;MUG-X;1.00;;;\r\n";
    auto result = import(csv, true);
    EXPECT_EQ(result.added, 2);
    EXPECT_EQ(count("select count(*) from catalog.product"), 0);  // dry run
    EXPECT_EQ(count("select count(*) from catalog.category"), 0);

    result = import(csv);
    EXPECT_EQ(result.added, 2);
    EXPECT_EQ(result.changed, 0);
    ASSERT_EQ(result.rejected.size(), 3U);
    EXPECT_EQ(result.rejected[0].row, 5);
    EXPECT_NE(result.rejected[0].reason.find("'free' is not a price"), std::string::npos) << result.rejected[0].reason;
    EXPECT_EQ(result.rejected[1].row, 6);
    EXPECT_EQ(result.rejected[2].row, 7);
    EXPECT_EQ(count("select count(*) from catalog.product where handle = 'bad'"), 0);
    EXPECT_EQ(count("select count(*) from catalog.variant"), 3);
    EXPECT_EQ(count("select count(*) from catalog.category"), 2);
    EXPECT_EQ(count("select count(*) from catalog.product_text where locale = 'en' and description = E'Holds \"coffee\";\\nand tea'"), 1);
    const auto events = count("select count(*) from events.event");

    result = import(csv);
    EXPECT_EQ(result.added, 0);
    EXPECT_EQ(result.changed, 0);
    EXPECT_EQ(result.unchanged, 2);
    EXPECT_EQ(count("select count(*) from events.event"), events);

    auto dearer = csv;
    dearer.replace(dearer.find("12.00"), 5, "13.50");
    result = import(dearer, true);
    EXPECT_EQ(result.changed, 1);
    EXPECT_EQ(result.unchanged, 1);
    EXPECT_EQ(count("select count(*) from events.event"), events);
    result = import(dearer);
    EXPECT_EQ(result.changed, 1);
    EXPECT_EQ(import(dearer).unchanged, 2);
}

TEST_F(SeedTest, ImportRefusesAHeaderItDoesNotUnderstand) {
    EXPECT_THROW(import(""), std::runtime_error);
    EXPECT_THROW(import("handle,name\n"), std::runtime_error);
    EXPECT_THROW(import("handle,name,sku,colour\n"), std::runtime_error);
    EXPECT_THROW(import("handle,name,sku,name:xx\n"), std::runtime_error);
    EXPECT_THROW(import("handle,name,sku,sku\n"), std::runtime_error);
    const auto open = import("handle,name,sku,price\nmug,Mug,M,1.00\nx,\"open");
    EXPECT_EQ(open.rejected.size(), 1U);
}

TEST(Converted, WholeUnitsByTheFixedRate) {
    EXPECT_EQ(converted(14900, kGbpPerHundredEur), 13000);  // 129.63
    EXPECT_EQ(converted(14900, kChfPerHundredEur), 14300);  // 143.04
    EXPECT_EQ(converted(10, kGbpPerHundredEur), 100);
}

}  // namespace
}  // namespace stoa::app
