#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "stoa/inventory/make.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::inventory {
namespace {

using catalog::VariantId;
using std::chrono::minutes;

class InventoryTest : public ::testing::Test {
protected:
    void SetUp() override {
        testing::shared_database().truncate_all();
        // Stock refers to variants; what they belong to does not matter here.
        database.in_tx([](db::Tx& tx) { tx.run_text("alter table inventory.stock drop constraint if exists stock_variant_id_fkey"); });
    }
    VariantId stocked(std::int64_t quantity) {
        const auto id = VariantId::make();
        database.in_tx([&](db::Tx& tx) { inventory->set_on_hand(tx, id, quantity, "count"); });
        return id;
    }
    std::int64_t available(VariantId id) {
        return database.read([&](db::Session& session) { return inventory->available(session, std::span(&id, 1))[id]; });
    }
    std::vector<Shortage> hold(const Uuid& owner, const std::vector<Wanted>& lines, minutes life = minutes{15}) {
        return database.in_tx([&](db::Tx& tx) { return inventory->hold(tx, owner, lines, clock.now() + life); });
    }
    bool allocate(const Uuid& owner, const Uuid& order, const std::vector<Wanted>& lines) {
        return database.in_tx([&](db::Tx& tx) { return inventory->allocate(tx, owner, order, lines); });
    }
    std::int64_t number(std::string_view sql) {
        return database.read([&](db::Session& session) { return session.run_text(sql).front().get<std::int64_t>(0); });
    }
    void expect_sound() {
        EXPECT_EQ(number("select count(*) from inventory.stock where on_hand - held - allocated < 0"), 0);
        EXPECT_EQ(number("select count(*) from inventory.stock s where s.held <> coalesce((select sum(quantity) from inventory.hold h "
                         "where h.stock_id = s.id), 0)"),
                  0);
        EXPECT_EQ(number("select count(*) from inventory.stock s where s.pledged <> coalesce((select sum(pledged) from inventory.hold h "
                         "where h.stock_id = s.id), 0)"),
                  0);
        EXPECT_EQ(number("select count(*) from inventory.stock s where s.owed <> coalesce((select sum(quantity) from inventory.waiting q "
                         "where q.stock_id = s.id), 0)"),
                  0);
        EXPECT_EQ(number("select count(*) from (select 1 from inventory.stock s join inventory.warehouse w on w.id = s.warehouse_id and "
                         "w.is_active group by s.variant_id having sum(s.on_hand - s.held - s.allocated) > 0 and sum(s.owed) > 0) x"),
                  0)
            << "units are free while an order waits for them";
        EXPECT_EQ(number("select count(*) from inventory.stock s where s.allocated <> coalesce((select sum(quantity - shipped) from "
                         "inventory.allocation a where a.stock_id = s.id), 0)"),
                  0);
        EXPECT_EQ(number("select count(*) from inventory.stock s where s.on_hand <> coalesce((select sum(delta) from inventory.movement m "
                         "where m.stock_id = s.id), 0)"),
                  0);
    }
    db::Database& database = testing::shared_database().database();
    ManualClock clock{testing::fixed_start()};
    std::unique_ptr<Inventory> inventory = make_inventory(clock);
};

TEST_F(InventoryTest, holds_all_lines_or_none) {
    const auto chair = stocked(5), table = stocked(1);
    const auto ana = Uuid::v7(), bob = Uuid::v7();
    EXPECT_TRUE(hold(ana, {{chair, 2}, {table, 1}}).empty());
    EXPECT_EQ(available(chair), 3);
    const auto shortages = hold(bob, {{chair, 1}, {table, 1}});
    ASSERT_EQ(shortages.size(), 1U);
    EXPECT_EQ(shortages[0].variant, table);
    EXPECT_EQ(shortages[0].available, 0);
    EXPECT_EQ(available(chair), 3);  // nothing of bob's was taken
    // Asking again replaces what one holds.
    EXPECT_TRUE(hold(ana, {{chair, 5}}).empty());
    EXPECT_EQ(available(chair), 0);
    EXPECT_EQ(available(table), 1);
    database.in_tx([&](db::Tx& tx) { inventory->release(tx, ana); });
    EXPECT_EQ(available(chair), 5);
    expect_sound();
}

TEST_F(InventoryTest, a_hold_ends_by_the_clock_even_if_nobody_sweeps) {
    const auto chair = stocked(1);
    const auto ana = Uuid::v7(), bob = Uuid::v7();
    EXPECT_TRUE(hold(ana, {{chair, 1}}).empty());
    EXPECT_EQ(hold(bob, {{chair, 1}}).size(), 1U);
    clock.advance(minutes{15});
    EXPECT_EQ(available(chair), 1);
    EXPECT_TRUE(hold(bob, {{chair, 1}}).empty());
    EXPECT_FALSE(allocate(ana, Uuid::v7(), {{chair, 1}}));  // ana came too late
    EXPECT_TRUE(allocate(bob, Uuid::v7(), {{chair, 1}}));
    EXPECT_FALSE(database.in_tx([&](db::Tx& tx) { return inventory->extend(tx, ana, clock.now() + minutes{5}); }));
    expect_sound();
}

TEST_F(InventoryTest, a_hold_is_not_extended_while_somebody_decides_over_its_stock) {
    const auto chair = stocked(1);
    const auto ana = Uuid::v7();
    EXPECT_TRUE(hold(ana, {{chair, 1}}).empty());
    const auto extend = [&](db::Tx& tx) {
        tx.run_text("set local lock_timeout = '50ms'");
        return inventory->extend(tx, ana, clock.now() + minutes{30});
    };
    database.in_tx([&](db::Tx& tx) {
        tx.run_text("select id from inventory.stock for update");
        std::thread([&] { EXPECT_ANY_THROW(database.in_tx(extend)); }).join();
    });
    EXPECT_TRUE(database.in_tx(extend));
}

TEST_F(InventoryTest, an_expired_hold_that_nobody_took_can_still_be_paid) {
    const auto chair = stocked(1);
    const auto ana = Uuid::v7();
    EXPECT_TRUE(hold(ana, {{chair, 1}}).empty());
    clock.advance(minutes{20});
    EXPECT_TRUE(allocate(ana, Uuid::v7(), {{chair, 1}}));
    EXPECT_EQ(available(chair), 0);
    expect_sound();
}

TEST_F(InventoryTest, the_sweeper_frees_what_expired_and_only_that) {
    const auto chair = stocked(4);
    const auto ana = Uuid::v7(), bob = Uuid::v7();
    EXPECT_TRUE(hold(ana, {{chair, 1}}, minutes{5}).empty());
    EXPECT_TRUE(hold(bob, {{chair, 1}}, minutes{30}).empty());
    clock.advance(minutes{10});
    EXPECT_EQ(database.in_tx([&](db::Tx& tx) { return inventory->sweep(tx, 10); }), 1);
    EXPECT_EQ(database.in_tx([&](db::Tx& tx) { return inventory->sweep(tx, 10); }), 0);
    EXPECT_EQ(number("select held from inventory.stock"), 1);
    expect_sound();
}

TEST_F(InventoryTest, an_allocation_is_shipped_or_given_back) {
    const auto chair = stocked(5);
    const auto ana = Uuid::v7(), order = Uuid::v7();
    EXPECT_TRUE(hold(ana, {{chair, 3}}).empty());
    ASSERT_TRUE(allocate(ana, order, {{chair, 3}}));
    database.in_tx([&](db::Tx& tx) { inventory->ship(tx, order, std::vector<Wanted>{{chair, 2}}); });
    EXPECT_EQ(number("select on_hand from inventory.stock"), 3);
    EXPECT_THROW(database.in_tx([&](db::Tx& tx) { inventory->ship(tx, order, std::vector<Wanted>{{chair, 2}}); }), std::logic_error);
    database.in_tx([&](db::Tx& tx) { inventory->deallocate(tx, order); });
    EXPECT_EQ(available(chair), 3);
    expect_sound();
}

TEST_F(InventoryTest, one_unit_and_sixty_four_threads_make_one_holder) {
    const auto last = stocked(1);
    std::atomic<int> held{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 64; ++i) threads.emplace_back([&] { held += hold(Uuid::v7(), {{last, 1}}).empty() ? 1 : 0; });
    }
    EXPECT_EQ(held, 1);
    expect_sound();
}

TEST_F(InventoryTest, random_holds_of_many_variants_never_deadlock_a_caller_and_stay_sound) {
    std::vector<VariantId> variants;
    for (int i = 0; i < 12; ++i) variants.push_back(stocked(6));
    std::atomic<std::int64_t> sold{0};
    {
        std::vector<std::jthread> threads;
        for (unsigned thread = 0; thread < 8; ++thread) {
            threads.emplace_back([&, thread] {
                std::mt19937 random(4711 + thread);
                for (int round = 0; round < 40; ++round) {
                    const auto owner = Uuid::v7();
                    std::vector<Wanted> lines;
                    for (int i = 0; i < 3; ++i)
                        lines.push_back({variants[random() % variants.size()], 1 + static_cast<std::int64_t>(random() % 2)});
                    const auto life = random() % 4 == 0 ? minutes{-1} : minutes{15};
                    if (!hold(owner, lines, life).empty()) continue;
                    switch (random() % 3) {
                        case 0:
                            database.in_tx([&](db::Tx& tx) { inventory->release(tx, owner); });
                            break;
                        case 1:
                            if (allocate(owner, Uuid::v7(), lines)) {
                                for (const auto& line : lines) sold += line.quantity;
                            }
                            break;
                        default:
                            database.in_tx([&](db::Tx& tx) { (void)inventory->sweep(tx, 5); });
                    }
                }
            });
        }
    }
    EXPECT_EQ(number("select coalesce(sum(allocated), 0)::bigint from inventory.stock"), sold);
    expect_sound();
}

// A second warehouse with that many of each.
class SourcesTest : public InventoryTest {
protected:
    WarehouseId madrid = WarehouseId::make();
    void SetUp() override {
        InventoryTest::SetUp();
        run("insert into inventory.warehouse (id, code, name, country, priority) values ('" + madrid.uuid().to_string() +
            "', 'madrid', 'Madrid', 'ES', 1)");
    }
    void run(const std::string& sql) {
        database.in_tx([&](db::Tx& tx) { tx.run_text(sql); });
    }
    void stock_madrid(VariantId variant, std::int64_t quantity) {
        const auto stock = Uuid::v7().to_string();
        run("insert into inventory.stock (id, warehouse_id, variant_id, on_hand) values ('" + stock + "', '" + madrid.uuid().to_string() +
            "', '" + variant.uuid().to_string() + "', " + std::to_string(quantity) +
            "); insert into inventory.movement (stock_id, delta, reason) " + "values ('" + stock + "', " + std::to_string(quantity) +
            ", 'count')");
    }
    WarehouseId main_warehouse() {
        return database.read([&](db::Session& session) { return inventory->warehouses(session).front().id; });
    }
    bool source(const Uuid& order, const std::vector<Sourced>& wanted) {
        return database.in_tx([&](db::Tx& tx) { return inventory->source(tx, order, wanted); });
    }
    std::int64_t allocated_in(WarehouseId warehouse) {
        return number("select coalesce(sum(allocated), 0)::bigint from inventory.stock where warehouse_id = '" +
                      warehouse.uuid().to_string() + "'");
    }
};

TEST_F(SourcesTest, a_promise_moves_to_another_warehouse_and_leaves_from_there) {
    const auto chair = stocked(3), table = stocked(0);
    stock_madrid(chair, 5);
    stock_madrid(table, 2);
    const auto ana = Uuid::v7(), order = Uuid::v7();
    ASSERT_TRUE(hold(ana, {{chair, 3}, {table, 1}}).empty());
    ASSERT_TRUE(allocate(ana, order, {{chair, 3}, {table, 1}}));
    EXPECT_EQ(allocated_in(main_warehouse()), 3);
    EXPECT_EQ(allocated_in(madrid), 1);
    const auto before = available(chair);

    // All of it from Madrid: one parcel instead of two.
    EXPECT_TRUE(source(order, {{madrid, chair, 3}, {madrid, table, 1}}));
    EXPECT_EQ(allocated_in(main_warehouse()), 0);
    EXPECT_EQ(allocated_in(madrid), 4);
    EXPECT_EQ(available(chair), before);
    expect_sound();

    database.in_tx([&](db::Tx& tx) {
        const std::vector<Wanted> lines{{chair, 2}};
        inventory->ship_from(tx, order, madrid, lines);
    });
    EXPECT_EQ(number("select sum(-delta)::bigint from inventory.movement m join inventory.stock s on s.id = m.stock_id where m.reason = "
                     "'shipped' and s.warehouse_id = '" +
                     madrid.uuid().to_string() + "'"),
              2);
    // What has left stays where it left from; the rest may move on.
    EXPECT_TRUE(source(order, {{main_warehouse(), chair, 1}}));
    EXPECT_EQ(allocated_in(main_warehouse()), 1);
    EXPECT_EQ(allocated_in(madrid), 1);
    expect_sound();
    database.in_tx([&](db::Tx& tx) {
        const std::vector<Wanted> rest{{chair, 1}};
        EXPECT_THROW(inventory->ship_from(tx, order, madrid, rest), std::logic_error);
        inventory->ship_from(tx, order, main_warehouse(), rest);
    });
    expect_sound();
}

TEST_F(SourcesTest, what_is_not_there_or_promised_to_somebody_else_is_not_moved) {
    const auto chair = stocked(5);
    stock_madrid(chair, 2);
    const auto ana = Uuid::v7(), order = Uuid::v7(), bob = Uuid::v7();
    ASSERT_TRUE(hold(ana, {{chair, 3}}).empty());
    ASSERT_TRUE(allocate(ana, order, {{chair, 3}}));
    EXPECT_FALSE(source(order, {{madrid, chair, 3}}));
    EXPECT_TRUE(source(order, {{madrid, chair, 2}}));
    // More than the order was promised.
    EXPECT_FALSE(source(order, {{madrid, chair, 2}, {main_warehouse(), chair, 2}}));
    EXPECT_EQ(allocated_in(madrid), 2);
    EXPECT_EQ(allocated_in(main_warehouse()), 1);
    ASSERT_TRUE(hold(bob, {{chair, 4}}).empty());
    EXPECT_FALSE(source(order, {{main_warehouse(), chair, 2}}));
    expect_sound();
}

TEST_F(SourcesTest, each_warehouse_is_counted_by_itself) {
    const auto in = [&](WarehouseId warehouse, VariantId variant) {
        return number("select coalesce(sum(on_hand), 0)::bigint from inventory.stock where warehouse_id = '" +
                      warehouse.uuid().to_string() + "' and variant_id = '" + variant.uuid().to_string() + "'");
    };
    const auto chair = stocked(5);
    stock_madrid(chair, 1);
    EXPECT_TRUE(database.in_tx([&](db::Tx& tx) { return inventory->set_on_hand_in(tx, madrid, chair, 9, "count"); }));
    EXPECT_TRUE(database.in_tx([&](db::Tx& tx) { return inventory->adjust_in(tx, madrid, chair, -2, "damaged"); }));
    EXPECT_EQ(in(madrid, chair), 7);
    EXPECT_EQ(in(main_warehouse(), chair), 5);
    // What only the other warehouse has is nothing in the first, for those who write there.
    const auto lamp = VariantId::make();
    run("insert into inventory.stock (id, warehouse_id, variant_id, on_hand) values ('" + Uuid::v7().to_string() + "', '" +
        madrid.uuid().to_string() + "', '" + lamp.uuid().to_string() + "', 0)");
    EXPECT_TRUE(database.in_tx([&](db::Tx& tx) { return inventory->set_on_hand_in(tx, madrid, lamp, 4, "count"); }));
    EXPECT_TRUE(database.read([&](db::Session& session) { return inventory->levels(session, std::span(&lamp, 1)); }).empty());
    database.in_tx([&](db::Tx& tx) { inventory->set_on_hand(tx, lamp, 3, "import"); });
    EXPECT_EQ(database.read([&](db::Session& session) { return inventory->levels(session, std::span(&lamp, 1)); }).at(lamp).on_hand, 3);
    EXPECT_EQ(in(madrid, lamp), 4);
    run("update inventory.warehouse set is_active = false where id = '" + madrid.uuid().to_string() + "'");
    EXPECT_FALSE(database.in_tx([&](db::Tx& tx) { return inventory->set_on_hand_in(tx, madrid, chair, 1, "count"); }));
    EXPECT_EQ(in(madrid, chair), 7);
    expect_sound();
}

TEST_F(SourcesTest, a_warehouse_that_was_closed_sells_nothing) {
    const auto chair = stocked(2);
    stock_madrid(chair, 5);
    const auto ana = Uuid::v7(), bob = Uuid::v7();
    EXPECT_TRUE(hold(ana, {{chair, 1}}).empty());
    EXPECT_TRUE(hold(bob, {{chair, 4}}).empty());
    EXPECT_EQ(number("select held from inventory.stock where warehouse_id = '" + madrid.uuid().to_string() + "'"), 4);
    // It would come first, were it open.
    run("update inventory.warehouse set is_active = false, priority = -1 where id = '" + madrid.uuid().to_string() + "'");
    EXPECT_EQ(available(chair), 1);
    // What was held there goes back there, and no more is taken.
    const auto shortages = hold(bob, {{chair, 4}});
    ASSERT_EQ(shortages.size(), 1U);
    EXPECT_EQ(shortages[0].available, 1);
    EXPECT_TRUE(hold(bob, {{chair, 1}}).empty());
    EXPECT_EQ(number("select held from inventory.stock where warehouse_id = '" + madrid.uuid().to_string() + "'"), 0);
    expect_sound();
    const auto table = stocked(7);
    database.in_tx([&](db::Tx& tx) { inventory->set_on_hand(tx, chair, 3, "count"); });
    EXPECT_EQ(number("select sum(on_hand)::bigint from inventory.stock where warehouse_id = '" + madrid.uuid().to_string() + "'"), 5);
    EXPECT_EQ(available(chair), 1);
    EXPECT_EQ(available(table), 7);
    const std::vector<VariantId> both{chair, table};
    const auto levels = database.read([&](db::Session& session) { return inventory->levels(session, both); });
    EXPECT_EQ(levels.at(chair).on_hand, 3);
    EXPECT_EQ(levels.at(table).on_hand, 7);
    expect_sound();
}

TEST_F(InventoryTest, what_comes_back_is_booked_where_it_came) {
    const auto south = WarehouseId::make(), closed = WarehouseId::make();
    const auto main = database.in_tx([&](db::Tx& tx) {
        tx.run_text("delete from inventory.warehouse where code in ('south', 'closed')");
        tx.run_text("insert into inventory.warehouse (id, code, name, country, priority, is_active) values ('" + south.uuid().to_string() +
                    "', 'south', 'South', 'DE', 5, true), ('" + closed.uuid().to_string() + "', 'closed', 'Closed', 'DE', 6, false)");
        return inventory->warehouses(tx).front().id;
    });
    const auto chair = stocked(2), table = stocked(5);
    const auto return_id = Uuid::v7();
    const auto book = [&](const std::vector<Adjustment>& changes) {
        database.in_tx([&](db::Tx& tx) { inventory->adjust(tx, changes, return_id); });
    };
    const auto at = [&](WarehouseId warehouse, VariantId variant) {
        return number("select coalesce(sum(on_hand), 0)::bigint from inventory.stock where warehouse_id = '" +
                      warehouse.uuid().to_string() + "' and variant_id = '" + variant.uuid().to_string() + "'");
    };
    // A row that was not there is made; what is written off came in first.
    book({{south, chair, 4, "return"}, {south, chair, -1, "written_off"}, {main, table, 2, "return"}, {south, table, 0, "return"}});
    EXPECT_EQ(at(south, chair), 3);
    EXPECT_EQ(at(main, chair), 2);
    EXPECT_EQ(at(main, table), 7);
    EXPECT_EQ(number("select count(*) from inventory.movement where reference = '" + return_id.to_string() + "'"), 3);
    EXPECT_THROW(book({{main, table, 1, "return"}, {closed, chair, 1, "return"}}), std::logic_error);
    EXPECT_THROW(book({{WarehouseId::make(), chair, 1, "return"}}), std::logic_error);
    EXPECT_EQ(at(main, table), 7) << "all or nothing";
    expect_sound();

    // Three chairs are in the south only; the table leaves the main house.
    const auto ana = Uuid::v7(), order = Uuid::v7();
    ASSERT_TRUE(hold(ana, {{chair, 3}, {table, 1}}).empty());
    ASSERT_TRUE(allocate(ana, order, {{chair, 3}, {table, 1}}));
    const auto from = [&] { return database.read([&](db::Session& session) { return inventory->shipped_from(session, order); }); };
    EXPECT_TRUE(from().empty()) << "nothing has left";
    database.in_tx([&](db::Tx& tx) { inventory->ship(tx, order, std::vector<Wanted>{{chair, 3}, {table, 1}}); });
    const auto left = from();
    EXPECT_EQ(left.at(chair), south);
    EXPECT_EQ(left.at(table), main);
    // One that was closed since takes nothing back.
    database.in_tx([&](db::Tx& tx) { tx.run_text("update inventory.warehouse set is_active = false where code = 'south'"); });
    EXPECT_FALSE(from().contains(chair));
    database.in_tx([&](db::Tx& tx) {
        tx.run_text("delete from inventory.allocation");
        tx.run_text("delete from inventory.movement");
        tx.run_text("delete from inventory.stock");
        tx.run_text("delete from inventory.warehouse where code in ('south', 'closed')");
    });
}

// Two receipts name the same shelves in another order: whoever is second waits, and nothing is lost.
TEST_F(InventoryTest, receipts_at_once_add_up) {
    const auto chair = stocked(1), table = stocked(1);
    const auto main = database.read([&](db::Session& session) { return inventory->warehouses(session).front().id; });
    std::vector<std::jthread> clerks;
    for (int i = 0; i < 4; ++i) {
        clerks.emplace_back([&, i] {
            for (int round = 0; round < 25; ++round) {
                std::vector<Adjustment> changes{{main, chair, 1, "return"}, {main, table, 1, "return"}};
                if (i % 2 == 1) std::ranges::reverse(changes);
                database.in_tx([&](db::Tx& tx) { inventory->adjust(tx, changes, Uuid::v7()); });
            }
        });
    }
    clerks.clear();
    EXPECT_EQ(available(chair), 101);
    EXPECT_EQ(available(table), 101);
    expect_sound();
}

}  // namespace
}  // namespace stoa::inventory
