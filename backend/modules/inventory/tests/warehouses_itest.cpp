#include <gtest/gtest.h>

#include "stoa/inventory/make.hpp"
#include "stoa/inventory/warehouses.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::inventory {
namespace {

class WarehousesTest : public ::testing::Test {
protected:
    void SetUp() override {
        testing::shared_database().truncate_all();
        database.in_tx([](db::Tx& tx) {
            tx.run_text("alter table inventory.stock drop constraint if exists stock_variant_id_fkey");
            tx.run_text("delete from inventory.warehouse where code <> 'main'");
            tx.run_text("update inventory.warehouse set country = 'NL', is_active = true, settled_at = null where code = 'main'");
        });
    }
    std::string country() {
        return database.read([](db::Session& session) {
            return session.run_text("select country from inventory.warehouse where code = 'main'").front().get<std::string>(0);
        });
    }
    void settle(std::string_view where) {
        database.in_tx([&](db::Tx& tx) { settle_first_warehouse(tx, where, clock.now()); });
    }
    Result<WarehouseId> save(const std::optional<WarehouseId>& id, const WarehouseSpec& spec) {
        return database.in_tx([&](db::Tx& tx) { return save_warehouse(tx, id, spec, clock.now()); });
    }
    db::Database& database = testing::shared_database().database();
    ManualClock clock{testing::fixed_start()};
    std::unique_ptr<Inventory> inventory = make_inventory(clock);
    const WarehouseId first{*Uuid::parse("00000000-0000-7000-8000-000000000001")};
};

TEST_F(WarehousesTest, the_first_is_where_the_configuration_says_until_somebody_says_otherwise) {
    settle("AT");
    EXPECT_EQ(country(), "AT");
    settle("FR");
    EXPECT_EQ(country(), "AT") << "once";
    ASSERT_TRUE(save(first, {"main", "Main", "BE"}));
    settle("FR");
    EXPECT_EQ(country(), "BE");
}

TEST_F(WarehousesTest, what_lies_in_one_that_is_switched_off_is_not_for_sale_and_said_so) {
    ASSERT_EQ(save(first, {"main", "Main", "NL", 0, false}).error().code, "inventory.last_warehouse");
    const auto north = save(std::nullopt, {"north", "North", "DE", 1});
    ASSERT_TRUE(north);
    EXPECT_EQ(save(std::nullopt, {"north", "Other", "DE"}).error().fields.at(0).code, "taken");
    const auto variant = catalog::VariantId::make();
    database.in_tx([&](db::Tx& tx) { inventory->set_on_hand(tx, variant, 50, "count"); });
    const auto available = [&] {
        return database.read([&](db::Session& session) { return inventory->available(session, std::span(&variant, 1))[variant]; });
    };
    const auto told = [&] {
        return database.read([&](db::Session& session) {
            return session
                .run_text("select count(*) from events.event where type = 'stock.changed' and stream = 'stock:" +
                          variant.uuid().to_string() + "'")
                .front()
                .get<std::int64_t>(0);
        });
    };
    const auto owner = Uuid::v7();
    database.in_tx([&](db::Tx& tx) {
        const std::vector<Wanted> one{{variant, 1}};
        ASSERT_TRUE(inventory->hold(tx, owner, one, clock.now() + std::chrono::minutes{15}).empty());
    });
    EXPECT_EQ(save(first, {"main", "Main", "NL", 0, false}).error().code, "inventory.warehouse_promised");
    clock.advance(std::chrono::minutes{16});
    EXPECT_EQ(available(), 50);
    const auto before = told();
    ASSERT_TRUE(save(first, {"main", "Main", "NL", 0, false}));
    EXPECT_EQ(available(), 0);
    EXPECT_EQ(told(), before + 1);
    ASSERT_TRUE(save(first, {"main", "Main", "NL", 0, true}));
    EXPECT_EQ(available(), 50);
}

}  // namespace
}  // namespace stoa::inventory
