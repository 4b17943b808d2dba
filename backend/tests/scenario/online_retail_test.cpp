// The shop of the "Online Retail" importer sells what was imported.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "import_online_retail.hpp"
#include "stoa/catalog/make.hpp"
#include "world.hpp"

namespace stoa::testing {
namespace {

constexpr const char* kRows = R"(InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1001,22423,REGENCY CAKESTAND 3 TIER,8,2011-12-08 08:26:00,10.95,17850,United Kingdom
1002,22423,REGENCY CAKESTAND 3 TIER,4,2011-12-09 09:00:00,12.75,,United Kingdom
1002,22384,LUNCH BAG PINK POLKADOT,6,2011-12-09 09:00:00,1.65,,United Kingdom
)";
constexpr const char* kProducts = R"(sku,name,account_price,no_account_price,lines,invoices,customers,units,revenue,first_sold,last_sold
22423,REGENCY CAKESTAND 3 TIER,10.95,12.75,2,2,1,12,138.6,2010-12-01,2011-12-09
22384,LUNCH BAG PINK POLKADOT,1.65,3.29,1,1,1,6,9.9,2010-12-01,2011-12-09
)";
constexpr const char* kPoints = R"(sku,channel,unit_price,lines,qty_min,qty_p10,qty_median,qty_p90,qty_max,first_day,last_day
22423,account,10.95,100,16,16,16,32,64,2010-12-01,2011-12-09
)";

class OnlineRetailScenario : public ::testing::Test {
protected:
    OnlineRetailScenario() : root(std::filesystem::temp_directory_path() / ("stoa-retail-shop-" + Uuid::v7().to_string())) {
        std::filesystem::create_directories(root);
        write("online-retail.csv.zst", kRows);
        write("products.csv.gz", kProducts);
        write("price-points.csv.gz", kPoints);
    }
    ~OnlineRetailScenario() override { std::filesystem::remove_all(root); }
    void write(const std::string& name, const std::string& text) const {
        const auto plain = (root / "plain").string();
        std::ofstream(plain, std::ios::binary) << text;
        const auto command = (name.ends_with(".gz") ? "gzip -c " : "zstd -q -c ") + plain + " > " + (root / name).string();
        if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
    }

    std::filesystem::path root;
    World world;
    app::Shop& shop() { return *world.shop; }
};

TEST_F(OnlineRetailScenario, imported_goods_are_found_put_into_the_cart_and_bought) {
    const auto writer = catalog::make_writer();
    const auto done = app::import_online_retail({shop().database, world.clock, *writer, *shop().price_book, *shop().customers},
                                                {root.string(), (root / "rejected.csv").string()}, [](const std::string&) {});
    ASSERT_EQ(done.goods, 2);
    world.work();
    (void)shop().search->refresh();

    Shopper ana(shop());
    const auto listing = ana.get("/api/v1/catalog/listing?category=giftware&locale=en&currency=EUR");
    ASSERT_EQ(listing.status, 200) << listing.text;
    ASSERT_EQ(listing.body.find("items")->items().size(), 2U) << listing.text;
    const auto found = ana.get("/api/v1/catalog/listing?q=cakestand&locale=en&currency=EUR");
    ASSERT_EQ(found.body.find("items")->items().size(), 1U) << found.text;
    const auto& card = found.body.find("items")->items()[0];
    EXPECT_EQ(card.text_or("name"), "Regency Cakestand 3 Tier");
    const auto page = ana.get("/api/v1/catalog/products/" + card.text_or("slug") + "?locale=en&currency=EUR");
    ASSERT_EQ(page.status, 200) << page.text;

    Goods goods;
    goods.variant = catalog::VariantId::derived("online-retail:22423");
    ana.add(goods, 2);
    const auto cart = ana.get("/api/v1/cart");
    EXPECT_EQ(cart.body.find("lines")->items().size(), 1U);
    EXPECT_TRUE(cart.body.find("lines")->items()[0].find("issues")->items().empty()) << cart.text;
    ana.fill_in("ana@example.test");
    // The carrier's own offers are there as well: it refuses parcels that weigh nothing.
    const auto options = ana.get("/api/v1/checkout/shipping-options");
    ASSERT_EQ(options.status, 200) << options.text;
    EXPECT_GT(options.body.find("items")->items().size(), 0U) << options.text;
    const auto paid = ana.pay();
    ASSERT_EQ(paid.body.text_or("status"), "completed") << paid.text;
    EXPECT_EQ(world.count("select weight_grams from catalog.variant where sku = '22423'"), 450);
    EXPECT_EQ(world.disagreements(), "");
}

}  // namespace
}  // namespace stoa::testing
