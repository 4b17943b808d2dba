// What a buyer with prices, products and part numbers of their own sees, and nobody else.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "import_part_numbers.hpp"
#include "steps.hpp"
#include "stoa/companies/buyer_context.hpp"
#include "stoa/crypto/crypto.hpp"

namespace stoa::testing {
namespace {

constexpr std::string_view kOwn = "/api/v1/account/catalog";

class OwnCatalogue : public ::testing::Test {
protected:
    void SetUp() override {
        chair = stock_up(shop(), "CHAIR", 12900, 50);
        secret = stock_up(shop(), "SECRET", 9900, 50);
        shop().database.in_tx([&](db::Tx& tx) {
            (void)shop().catalog_writer->set_audience(tx, secret.product, {{}, {company}});
            pricing::PriceListSpec list;
            list.code = "eur-hotel";
            list.name = "Hotel";
            list.currency = Currency::of("EUR");
            list.company = companies::CompanyId(company);
            const std::vector<pricing::PriceEntry> prices{{chair.variant, {{1, 10000}}, {}, {}}};
            shop().price_book->set_prices(tx, shop().price_book->save_list(tx, list, world.clock.now()), prices, world.clock.now());
            const auto id = account(tx, "buyer@example.test");
            shop().customers->set_company(tx, id, company);
            (void)account(tx, "other@example.test");
        });
        buyer = signed_in("buyer@example.test");
        other = signed_in("other@example.test");
        shop().search->load();
    }
    customers::CustomerId account(db::Tx& tx, const std::string& email) {
        static const auto hash = crypto::hash_password("a long enough secret");
        customers::NewCustomer person;
        person.email = email;
        person.password_hash = hash;
        return shop().customers->create(tx, person);
    }
    Shopper signed_in(const std::string& email) {
        Shopper out(shop());
        const auto answer = out.post("/api/v1/account/login", fmt::format(R"({{"email":"{}","password":"a long enough secret"}})", email));
        EXPECT_EQ(answer.status, 200) << answer.text;
        return out;
    }
    app::PartNumbersResult imported(const std::string& csv, bool dry_run = false) {
        std::istringstream in(csv);
        return app::import_part_numbers(shop().database, world.clock, *shop().part_numbers, *shop().catalog_reader,
                                        customers::groups_of(*shop().customers), in, dry_run);
    }
    static std::int64_t total(Shopper& who, std::string_view base, const std::string& query) {
        const auto answer = who.get(std::string(base) + "/listing?q=" + query);
        EXPECT_EQ(answer.status, 200) << answer.text;
        return answer.body.int_or("total");
    }

    World world;
    app::Shop& shop() { return *world.shop; }
    const Uuid company = Uuid::v7();
    Goods chair, secret;
    Shopper buyer{shop()}, other{shop()}, guest{shop()};
};

TEST_F(OwnCatalogue, the_mark_of_a_buyer_comes_and_goes_with_what_they_may_see) {
    EXPECT_EQ(buyer.cookies["stoa_buyer"].size(), 16U);
    EXPECT_FALSE(other.cookies.contains("stoa_buyer"));
    EXPECT_EQ(buyer.get("/api/v1/session").body.text_or("buyer"), buyer.cookies["stoa_buyer"]);
    EXPECT_EQ(other.get("/api/v1/session").body.find("buyer"), nullptr);
    const auto before = buyer.cookies["stoa_buyer"];
    const auto join = [&](std::string_view email, const std::vector<std::string>& groups) {
        shop().database.in_tx(
            [&](db::Tx& tx) { shop().customers->set_groups(tx, shop().customers->find_by_email(tx, email)->id, groups); });
    };
    join("buyer@example.test", {"trade"});
    join("other@example.test", {"trade"});
    (void)buyer.get("/api/v1/session");
    (void)other.get("/api/v1/session");
    EXPECT_NE(buyer.cookies["stoa_buyer"], before);
    EXPECT_EQ(other.cookies["stoa_buyer"].size(), 16U);
    EXPECT_NE(other.cookies["stoa_buyer"], buyer.cookies["stoa_buyer"]);
    join("other@example.test", {});
    (void)other.get("/api/v1/session");
    EXPECT_EQ(other.cookies["stoa_buyer"], "");
    EXPECT_EQ(buyer.post("/api/v1/account/logout").status, 204);
    EXPECT_EQ(buyer.cookies["stoa_buyer"], "");
}

TEST_F(OwnCatalogue, a_product_for_others_cannot_be_wished_for) {
    const auto wish = [&](Shopper& who, const Goods& goods) {
        return who.put("/api/v1/account/wishlist/" + goods.product.to_string(), "{}");
    };
    EXPECT_EQ(wish(buyer, secret).status, 204);
    EXPECT_EQ(wish(other, chair).status, 204);
    const auto refused = wish(other, secret);
    EXPECT_EQ(refused.status, 404);
    EXPECT_EQ(refused.body.text_or("code"), "catalog.product_not_found");
    const auto unknown = other.put("/api/v1/account/wishlist/" + catalog::ProductId::make().to_string(), "{}");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.body.text_or("detail"), refused.body.text_or("detail"));
}

TEST_F(OwnCatalogue, rows_of_the_home_page_are_at_the_buyers_prices) {
    const auto rails = buyer.get(std::string(kOwn) + "/home?locale=en&currency=EUR");
    ASSERT_EQ(rails.status, 200) << rails.text;
    EXPECT_EQ(rails.body.find("new_arrivals")->items().size(), 2U);
    EXPECT_NE(rails.text.find("\"amount\":10000"), std::string::npos);
    EXPECT_EQ(other.get(std::string(kOwn) + "/home").body.find("new_arrivals")->items().size(), 1U);
    EXPECT_EQ(guest.get(std::string(kOwn) + "/home").status, 401);
    EXPECT_EQ(buyer.get(std::string(kOwn) + "/home").header("cache-control").find("public"), std::string::npos);
}

TEST_F(OwnCatalogue, part_numbers_find_products_for_their_owner_alone) {
    const auto id = companies::CompanyId(company).to_string();
    const auto dry = imported("company,part_number,sku\n" + id + ",HAF-1001,CHAIR\n", true);
    EXPECT_EQ(dry.written.added, 1);
    EXPECT_EQ(total(buyer, kOwn, "HAF-1001"), 0);
    const auto done = imported("company;part_number;sku\n" + id + ";HAF-1001;CHAIR\n" + id + ";haf 2001;SECRET\n" + id +
                               ";haf1001;SECRET\n" + id + ";HAF-3;NONE\n" + "com_wrong;HAF-4;CHAIR\n;HAF-5;CHAIR\n");
    EXPECT_EQ(done.written.added, 2);
    ASSERT_EQ(done.rejected.size(), 4U);
    EXPECT_EQ(done.rejected[0].row, 4);
    EXPECT_EQ(imported("company,part_number,sku\n" + id + ",HAF-1001,CHAIR\n").written.unchanged, 1);
    EXPECT_THROW(imported("company,sku\n"), std::runtime_error);
    EXPECT_THROW(imported("company,part_number,sku,colour\n"), std::runtime_error);
    EXPECT_EQ(imported("group,part_number,sku\nno-such-group,X1,CHAIR\n").rejected.size(), 1U);

    EXPECT_EQ(total(buyer, kOwn, "haf.1001"), 1);
    EXPECT_EQ(total(buyer, kOwn, "HAF2001"), 1);
    EXPECT_EQ(total(other, kOwn, "HAF1001"), 0);
    EXPECT_EQ(total(guest, "/api/v1/catalog", "HAF1001"), 0);
    const auto offered = buyer.get(std::string(kOwn) + "/suggest?q=haf");
    ASSERT_EQ(offered.body.find("products")->items().size(), 2U) << offered.text;
    EXPECT_EQ(offered.body.find("products")->items()[0].text_or("part_number"), "HAF-1001");
    EXPECT_TRUE(other.get(std::string(kOwn) + "/suggest?q=haf").body.find("products")->items().empty());

    const auto numbers = std::string(kOwn) + "/part-numbers?products=" + chair.product.to_string() + "," + secret.product.to_string();
    EXPECT_EQ(buyer.get(numbers).body.find("items")->items().size(), 2U);
    EXPECT_TRUE(other.get(numbers).body.find("items")->items().empty());
    EXPECT_EQ(buyer.get(std::string(kOwn) + "/part-numbers?products=nonsense").status, 422);

    // Without a SKU the number ends.
    EXPECT_EQ(imported("company,part_number,sku\n" + id + ",HAF1001,\n").written.removed, 1);
    EXPECT_EQ(total(buyer, kOwn, "HAF-1001"), 0);
}

}  // namespace
}  // namespace stoa::testing
