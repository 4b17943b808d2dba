// Goods that are sold before they are there: the allowance, who gets what comes in, and that nothing is sold twice or lost on the way.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "stoa/inventory/make.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::inventory {
namespace {

using catalog::VariantId;
using std::chrono::minutes;

class BackordersTest : public ::testing::Test {
protected:
    void SetUp() override {
        testing::shared_database().truncate_all();
        run("alter table inventory.stock drop constraint if exists stock_variant_id_fkey");
    }
    void run(const std::string& sql) {
        database.in_tx([&](db::Tx& tx) { tx.run_text(sql); });
    }
    VariantId stocked(std::int64_t quantity, std::optional<std::int64_t> limit = std::nullopt, bool sells_ahead = true) {
        const auto id = VariantId::make();
        database.in_tx([&](db::Tx& tx) {
            inventory->set_on_hand(tx, id, quantity, "count");
            ASSERT_EQ(inventory->set_backorders(tx, std::nullopt, id, {sells_ahead, limit, std::nullopt}), TermsSet::done);
        });
        return id;
    }
    TermsSet set_terms(VariantId id, const BackorderTerms& terms) {
        return database.in_tx([&](db::Tx& tx) { return inventory->set_backorders(tx, std::nullopt, id, terms); });
    }
    Supply supply(VariantId id) {
        return database.read([&](db::Session& session) { return inventory->supply(session, std::span(&id, 1))[id]; });
    }
    std::vector<Shortage> hold(const Uuid& owner, const std::vector<Wanted>& lines, minutes life = minutes{15},
                               Backorders backorders = Backorders::allowed) {
        return database.in_tx([&](db::Tx& tx) { return inventory->hold(tx, owner, lines, clock.now() + life, backorders); });
    }
    bool allocate(const Uuid& owner, const Uuid& order, const std::vector<Wanted>& lines) {
        return database.in_tx([&](db::Tx& tx) { return inventory->allocate(tx, owner, order, lines); });
    }
    Uuid buy(VariantId id, std::int64_t quantity) {
        const auto owner = Uuid::v7(), order = Uuid::v7();
        EXPECT_TRUE(hold(owner, {{id, quantity}}).empty());
        EXPECT_TRUE(allocate(owner, order, {{id, quantity}}));
        return order;
    }
    void arrive(VariantId id, std::int64_t quantity) {
        database.in_tx([&](db::Tx& tx) { inventory->adjust(tx, id, quantity, "received"); });
    }
    std::int64_t waits(const Uuid& order) {
        std::int64_t sum = 0;
        for (const auto& units : database.read([&](db::Session& session) { return inventory->waiting(session, std::span(&order, 1)); }))
            sum += units.quantity;
        return sum;
    }
    std::int64_t has(const Uuid& order) {
        return number("select coalesce(sum(quantity), 0)::bigint from inventory.allocation where order_id = '" + order.to_string() + "'");
    }
    std::int64_t number(std::string_view sql) {
        return database.read([&](db::Session& session) { return session.run_text(sql).front().get<std::int64_t>(0); });
    }
    void expect_sound() {
        const auto none = [&](std::string_view what, std::string_view sql) { EXPECT_EQ(number(sql), 0) << what; };
        none("oversold", "select count(*) from inventory.stock where on_hand - held - allocated < 0");
        none("beyond the limit", "select count(*) from inventory.stock where pledged + owed > backorder_limit");
        none("holds",
             "select count(*) from inventory.stock s where (s.held, s.pledged) <> (select coalesce(sum(h.quantity), 0), "
             "coalesce(sum(h.pledged), 0) from inventory.hold h where h.stock_id = s.id)");
        none("allocations",
             "select count(*) from inventory.stock s where s.allocated <> coalesce((select sum(a.quantity - a.shipped) from "
             "inventory.allocation a where a.stock_id = s.id), 0)");
        none("waiting",
             "select count(*) from inventory.stock s where s.owed <> coalesce((select sum(q.quantity) from inventory.waiting q where "
             "q.stock_id = s.id), 0)");
        none("free while somebody waits",
             "select count(*) from (select 1 from inventory.stock s join inventory.warehouse w on w.id = s.warehouse_id and w.is_active "
             "group by s.variant_id having sum(s.on_hand - s.held - s.allocated) > 0 and sum(s.owed) > 0) both_of_them");
        EXPECT_TRUE(database.read([&](db::Session& session) { return inventory->audit(session); }).is_sound());
        none("movements",
             "select count(*) from inventory.stock s where s.on_hand <> coalesce((select sum(m.delta) from inventory.movement m where "
             "m.stock_id = s.id), 0)");
        // received = shipped + on hand; what is sold beyond that is owed.
        none("sold + free + held - owed = received",
             "select count(*) from (select s.id, s.on_hand, s.held, s.allocated, s.owed, "
             "(select coalesce(sum(m.delta), 0) from inventory.movement m where m.stock_id = s.id and m.reason <> 'shipped') as received, "
             "(select coalesce(sum(a.quantity), 0) from inventory.allocation a where a.stock_id = s.id) as allocations, "
             "(select coalesce(sum(q.quantity), 0) from inventory.waiting q where q.stock_id = s.id) as waiting from inventory.stock s) x "
             "where (x.allocations + x.waiting) + (x.on_hand - x.held - x.allocated) + x.held - x.owed <> x.received");
    }
    db::Database& database = testing::shared_database().database();
    ManualClock clock{testing::fixed_start()};
    std::unique_ptr<Inventory> inventory = make_inventory(clock);
};

TEST_F(BackordersTest, what_is_there_goes_first_and_the_rest_is_owed_up_to_the_limit) {
    const auto chair = stocked(2, 3);
    EXPECT_EQ(supply(chair).available, 2);
    EXPECT_EQ(supply(chair).ahead, 3);
    const auto ana = buy(chair, 4);
    EXPECT_EQ(has(ana), 2);
    EXPECT_EQ(waits(ana), 2);
    EXPECT_EQ(supply(chair).available, 0);
    EXPECT_EQ(supply(chair).ahead, 1);
    const auto bob = Uuid::v7();
    const auto shortages = hold(bob, {{chair, 2}});
    ASSERT_EQ(shortages.size(), 1U);
    EXPECT_EQ(shortages[0].available, 1);
    EXPECT_TRUE(hold(bob, {{chair, 1}}).empty());
    // One's own pledge is there for oneself.
    EXPECT_TRUE(hold(bob, {{chair, 1}}).empty());
    EXPECT_EQ(supply(chair).ahead, 0);
    database.in_tx([&](db::Tx& tx) { inventory->release(tx, bob); });
    EXPECT_EQ(supply(chair).ahead, 1);
    expect_sound();
}

TEST_F(BackordersTest, who_does_not_allow_it_gets_what_is_there) {
    const auto chair = stocked(1), table = stocked(1, std::nullopt, false);
    EXPECT_EQ(hold(Uuid::v7(), {{chair, 2}}, minutes{15}, Backorders::refused).size(), 1U);
    EXPECT_EQ(hold(Uuid::v7(), {{table, 2}}).size(), 1U);
    EXPECT_EQ(supply(table).ahead, 0);
    EXPECT_TRUE(hold(Uuid::v7(), {{chair, 100000}}).empty()) << "without a limit";
    expect_sound();
}

TEST_F(BackordersTest, what_comes_in_serves_those_who_wait_the_first_first) {
    const auto chair = stocked(0);
    const auto ana = buy(chair, 2), bob = buy(chair, 3), eve = buy(chair, 1);
    arrive(chair, 4);
    EXPECT_EQ(has(ana), 2);
    EXPECT_EQ(has(bob), 2);
    EXPECT_EQ(waits(bob), 1);
    EXPECT_EQ(has(eve), 0);
    EXPECT_EQ(supply(chair).available, 0) << "nobody else can buy what came in";
    EXPECT_EQ(number("select count(*) from events.event where type = 'stock.served'"), 2);
    expect_sound();
    arrive(chair, 5);
    EXPECT_EQ(waits(bob) + waits(eve), 0);
    EXPECT_EQ(supply(chair).available, 3);
    expect_sound();
}

TEST_F(BackordersTest, what_a_cancelled_order_or_a_lapsed_hold_sets_free_goes_to_those_who_wait) {
    const auto chair = stocked(3, 5);
    const auto ana = buy(chair, 2);
    const auto slow = Uuid::v7();
    EXPECT_TRUE(hold(slow, {{chair, 1}}).empty());
    const auto bob = buy(chair, 2), eve = buy(chair, 2);
    EXPECT_EQ(waits(bob) + waits(eve), 4);
    database.in_tx([&](db::Tx& tx) { inventory->deallocate(tx, ana); });
    EXPECT_EQ(has(bob), 2);
    EXPECT_EQ(supply(chair).ahead, 3);
    expect_sound();
    // Cancelling what waits frees the allowance.
    database.in_tx([&](db::Tx& tx) { inventory->unallocate(tx, eve, std::vector<Wanted>{{chair, 1}}); });
    EXPECT_EQ(waits(eve), 1);
    EXPECT_EQ(supply(chair).ahead, 4);
    // The hold is over: its unit is for eve, and a newcomer who comes before the sweeper does not get it.
    clock.advance(minutes{20});
    EXPECT_EQ(supply(chair).available, 0);
    const auto newcomer = Uuid::v7();
    EXPECT_EQ(hold(newcomer, {{chair, 1}}, minutes{15}, Backorders::refused).size(), 1U);
    EXPECT_TRUE(hold(newcomer, {{chair, 1}}).empty());
    EXPECT_EQ(waits(eve), 0);
    EXPECT_EQ(has(eve), 1);
    EXPECT_EQ(number("select pledged from inventory.stock"), 1);
    expect_sound();
    database.in_tx([&](db::Tx& tx) { inventory->deallocate(tx, eve); });
    EXPECT_EQ(supply(chair).available, 1);
    expect_sound();
}

TEST_F(BackordersTest, what_is_refunded_is_first_what_is_not_there) {
    const auto chair = stocked(2);
    const auto ana = buy(chair, 5);
    database.in_tx([&](db::Tx& tx) { inventory->unallocate(tx, ana, std::vector<Wanted>{{chair, 4}}); });
    EXPECT_EQ(waits(ana), 0);
    EXPECT_EQ(has(ana), 1);
    EXPECT_EQ(supply(chair).available, 1);
    expect_sound();
}

TEST_F(BackordersTest, what_came_while_the_shopper_paid_is_the_orders_at_once) {
    const auto chair = stocked(0);
    const auto ana = Uuid::v7(), order = Uuid::v7();
    EXPECT_TRUE(hold(ana, {{chair, 2}}).empty());
    arrive(chair, 1);
    EXPECT_TRUE(allocate(ana, order, {{chair, 2}}));
    EXPECT_EQ(has(order), 1);
    EXPECT_EQ(waits(order), 1);
    expect_sound();
}

TEST_F(BackordersTest, any_warehouse_serves_who_waits) {
    const auto south = WarehouseId::make();
    run("delete from inventory.warehouse where code = 'south'");
    run("insert into inventory.warehouse (id, code, name, country, priority) values ('" + south.uuid().to_string() +
        "', 'south', 'South', 'ES', 1)");
    const auto chair = stocked(0);
    const auto ana = buy(chair, 2);
    const std::vector<Adjustment> receipt{{south, chair, 3, "received"}};
    database.in_tx([&](db::Tx& tx) { inventory->adjust(tx, receipt, Uuid::v7()); });
    EXPECT_EQ(waits(ana), 0);
    EXPECT_EQ(has(ana), 2);
    EXPECT_EQ(supply(chair).available, 1);
    const std::vector<Wanted> both{{chair, 2}};
    database.in_tx([&](db::Tx& tx) { inventory->ship_from(tx, ana, south, both); });
    EXPECT_EQ(number("select coalesce(sum(owed), 0)::bigint from inventory.stock"), 0);
    run("delete from inventory.allocation; delete from inventory.movement; delete from inventory.stock; delete from inventory.warehouse "
        "where code = 'south'");
}

TEST_F(BackordersTest, terms_keep_what_was_sold) {
    const auto chair = stocked(0, 5);
    const auto ana = buy(chair, 3);
    EXPECT_EQ(set_terms(chair, {true, 2, std::nullopt}), TermsSet::below_owed);
    EXPECT_EQ(supply(chair).ahead, 2);
    EXPECT_EQ(set_terms(chair, {false, 3, std::nullopt}), TermsSet::done);
    EXPECT_EQ(supply(chair).ahead, 0);
    EXPECT_EQ(waits(ana), 3) << "who has bought keeps it";
    EXPECT_ANY_THROW(run("update inventory.stock set owed = owed + 1")) << "the database keeps the limit";
    EXPECT_ANY_THROW(run("update inventory.stock set owed = -1, backorder_limit = null"));
    const Date soon = date_of(clock.now() + std::chrono::days{9});
    EXPECT_EQ(set_terms(chair, {true, std::nullopt, soon}), TermsSet::done);
    EXPECT_EQ(supply(chair).expected_on, soon);
    clock.advance(std::chrono::days{20});
    EXPECT_FALSE(supply(chair).expected_on) << "a day that has passed is none";
    expect_sound();
}

TEST_F(BackordersTest, the_audit_finds_what_does_not_agree) {
    const auto chair = stocked(0);
    (void)buy(chair, 2);
    const auto audit = [&] { return database.read([&](db::Session& session) { return inventory->audit(session); }); };
    EXPECT_TRUE(audit().is_sound());
    run("update inventory.stock set owed = owed + 1");
    EXPECT_EQ(audit().owed, 1);
    run("update inventory.stock set owed = owed - 1, on_hand = 1");
    EXPECT_EQ(audit().on_hand, 1);
    EXPECT_EQ(audit().passed_over, 1);
    run("update inventory.stock set on_hand = 0, pledged = 1");
    EXPECT_EQ(audit().held, 1);
}

TEST_F(BackordersTest, two_hundred_buyers_get_no_more_than_there_is_and_may_be_owed) {
    const auto chair = stocked(20, 30);
    std::atomic<int> bought{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 200; ++i) {
            threads.emplace_back([&] {
                const auto owner = Uuid::v7();
                // On a busy machine a connection may be long in coming: then the buyer presses the button again.
                const auto patiently = [](const auto& step) {
                    for (;;) {
                        try {
                            return step();
                        } catch (const db::Unavailable&) {
                        }
                    }
                };
                if (!patiently([&] { return hold(owner, {{chair, 1}}).empty(); })) return;
                if (patiently([&] { return allocate(owner, Uuid::v7(), {{chair, 1}}); })) ++bought;
            });
        }
    }
    EXPECT_EQ(bought, 50);
    EXPECT_EQ(number("select allocated from inventory.stock"), 20);
    EXPECT_EQ(number("select owed from inventory.stock"), 30);
    expect_sound();
}

TEST_F(BackordersTest, nobody_buys_what_arrives_before_those_who_wait) {
    const auto chair = stocked(0, 40);
    std::vector<Uuid> early;
    for (int i = 0; i < 20; ++i) early.push_back(buy(chair, 1));
    std::atomic<bool> over{false};
    std::atomic<int> too_early{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                while (!over) {
                    const auto owner = Uuid::v7();
                    // Only what is there: it may not be had before the twenty have theirs.
                    if (hold(owner, {{chair, 1}}, minutes{15}, Backorders::refused).empty() &&
                        number("select coalesce(sum(owed), 0)::bigint from inventory.stock") > 0)
                        ++too_early;
                }
            });
        }
        for (int i = 0; i < 20; ++i) arrive(chair, 1);
        over = true;
    }
    EXPECT_EQ(too_early, 0);
    for (const auto& order : early) EXPECT_EQ(has(order), 1);
    expect_sound();
}

// Lives of orders in two warehouses, some of them waiting, with goods that come in, are counted, lost and sent. STOA_CHAOS=long: 100,000
// steps.
TEST_F(BackordersTest, random_lives_with_arrivals_lose_nothing) {
    const char* chaos = std::getenv("STOA_CHAOS");
    const int steps = chaos && std::string_view(chaos) == "long" ? 100000 : 1500;
    run("delete from inventory.warehouse where code = 'east'");
    const auto east = WarehouseId::make();
    run("insert into inventory.warehouse (id, code, name, country, priority) values ('" + east.uuid().to_string() +
        "', 'east', 'East', 'PL', 3)");
    const auto main = database.read([&](db::Session& session) { return inventory->warehouses(session).front().id; });
    std::mt19937 random(20);
    const auto up_to = [&](unsigned most) { return static_cast<std::int64_t>(random() % (most + 1)); };
    std::vector<VariantId> variants{stocked(3, 6), stocked(0), stocked(5, 2), stocked(4, std::nullopt, false)};
    struct Order {
        Uuid id;
        std::map<VariantId, std::int64_t> units;
    };
    std::vector<Order> orders;
    std::vector<std::pair<Uuid, std::vector<Wanted>>> holds;
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
        const auto variant = variants[random() % variants.size()];
        switch (up_to(9)) {
            case 0:
            case 1:
            case 2: {
                std::vector<Wanted> lines{{variant, 1 + up_to(2)}};
                const auto owner = Uuid::v7();
                if (hold(owner, lines, minutes{up_to(4) == 0 ? 1 : 60}).empty()) holds.emplace_back(owner, lines);
                break;
            }
            case 3:
            case 4:
                if (!holds.empty()) {
                    const auto [owner, lines] = holds.back();
                    holds.pop_back();
                    const Order order{Uuid::v7(), {{lines[0].variant, lines[0].quantity}}};
                    if (up_to(5) == 0)
                        database.in_tx([&](db::Tx& tx) { inventory->release(tx, owner); });
                    else if (allocate(owner, order.id, lines))
                        orders.push_back(order);
                }
                break;
            case 5: {
                const std::vector<Adjustment> receipt{{up_to(1) == 0 ? east : main, variant, 1 + up_to(4), "received"}};
                database.in_tx([&](db::Tx& tx) { inventory->adjust(tx, receipt, Uuid::v7()); });
                break;
            }
            case 6:
                clock.advance(minutes{up_to(10)});
                database.in_tx([&](db::Tx& tx) { (void)inventory->sweep(tx, 10); });
                break;
            case 7:
                if (!orders.empty()) {  // send what is there of one
                    const auto& order = orders[random() % orders.size()];
                    for (const auto& source : database.read([&](db::Session& session) { return inventory->sources(session, order.id); })) {
                        if (source.allocated == 0) continue;
                        const std::vector<Wanted> all{{source.variant, source.allocated}};
                        database.in_tx([&](db::Tx& tx) { inventory->ship_from(tx, order.id, source.warehouse, all); });
                    }
                }
                break;
            case 8:
                if (!orders.empty()) {  // refund one unit, or cancel
                    auto& order = orders[random() % orders.size()];
                    auto& [of, units] = *order.units.begin();
                    const auto shipped = database.read([&](db::Session& session) { return inventory->shipped(session, order.id)[of]; });
                    if (up_to(2) == 0) {
                        database.in_tx([&](db::Tx& tx) { inventory->deallocate(tx, order.id); });
                        units = shipped;
                    } else if (units > shipped) {
                        database.in_tx([&](db::Tx& tx) { inventory->unallocate(tx, order.id, std::vector<Wanted>{{of, 1}}); });
                        --units;
                    }
                }
                break;
            default:
                (void)set_terms(variant, {up_to(3) != 0, up_to(2) == 0 ? std::nullopt : std::optional(up_to(8)), std::nullopt});
        }
        expect_sound();
        if (!orders.empty()) {
            const auto& order = orders[random() % orders.size()];
            std::int64_t wanted = 0;
            for (const auto& [of, units] : order.units) wanted += units;
            EXPECT_EQ(has(order.id) + waits(order.id), wanted) << "step " << step;
        }
    }
    run("delete from inventory.hold; delete from inventory.waiting; delete from inventory.allocation; delete from inventory.movement; "
        "delete "
        "from inventory.stock; delete from inventory.warehouse where code = 'east'");
}

}  // namespace
}  // namespace stoa::inventory
