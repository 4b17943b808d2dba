#include "domain/sources.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace stoa::orders {
namespace {

using catalog::VariantId;
using inventory::WarehouseId;

constexpr std::int64_t kParcel = 23000;

class Sources : public ::testing::Test {
protected:
    std::vector<Place> places;
    std::vector<Available> stock;
    std::vector<ToSend> goods;
    WarehouseId place(std::string code, std::int64_t cost) {
        Place out;
        out.warehouse.id = WarehouseId::make();
        out.warehouse.code = std::move(code);
        out.warehouse.priority = static_cast<int>(places.size());
        out.parcel_cost = cost;
        places.push_back(out);
        return out.warehouse.id;
    }
    VariantId want(std::int64_t quantity, std::int64_t grams = 1000) {
        goods.push_back({OrderLineId::make(), VariantId::make(), quantity, grams});
        return goods.back().variant;
    }
    Choice choose() { return choose_sources(goods, places, stock, kParcel); }
};

TEST_F(Sources, one_parcel_from_a_dear_warehouse_beats_two_from_cheap_ones) {
    const auto near = place("near", 400), next = place("next", 300), far = place("far", 1500);
    const auto chair = want(1), lamp = want(2);
    stock = {{near, chair, 5}, {next, lamp, 5}, {far, chair, 1}, {far, lamp, 2}};
    const auto choice = choose();
    ASSERT_EQ(choice.parts.size(), 1U);
    EXPECT_EQ(choice.parts.front().warehouse, far);
    EXPECT_EQ(choice.parcels, 1);
    EXPECT_EQ(choice.cost, 1500);
    EXPECT_TRUE(choice.missing.empty());
    ASSERT_GE(choice.considered.size(), 3U);
    EXPECT_EQ(choice.considered[0].verdict, "chosen");
    EXPECT_EQ(choice.considered[1].verdict, "more parcels");
    EXPECT_EQ(choice.considered[1].warehouses, (std::vector<WarehouseId>{near, next}));
    EXPECT_EQ(choice.considered.back().verdict, "not everything is there");
}

TEST_F(Sources, of_as_many_parcels_the_cheaper_counts_and_then_the_order_of_warehouses) {
    const auto first = place("first", 900), second = place("second", 500), third = place("third", 500);
    const auto chair = want(1);
    stock = {{first, chair, 1}, {second, chair, 1}, {third, chair, 1}};
    const auto choice = choose();
    EXPECT_EQ(choice.parts.front().warehouse, second);
    EXPECT_EQ(choice.considered[1].warehouses.front(), third);
    EXPECT_EQ(choice.considered[1].verdict, "later in the order of warehouses");
    EXPECT_EQ(choice.considered[2].warehouses.front(), first);
    EXPECT_EQ(choice.considered[2].verdict, "dearer");
}

TEST_F(Sources, a_line_is_split_only_when_nobody_has_all_of_it_and_the_rest_is_named) {
    const auto first = place("first", 100), second = place("second", 100);
    const auto chair = want(7);
    stock = {{first, chair, 4}, {second, chair, 2}};
    const auto choice = choose();
    ASSERT_EQ(choice.parts.size(), 2U);
    EXPECT_EQ(choice.parts[0].goods.front().quantity, 4);
    EXPECT_EQ(choice.parts[1].goods.front().quantity, 2);
    ASSERT_EQ(choice.missing.size(), 1U);
    EXPECT_EQ(choice.missing.front().quantity, 1);
}

TEST_F(Sources, nothing_anywhere_is_all_missing) {
    place("first", 100);
    want(3);
    const auto choice = choose();
    EXPECT_TRUE(choice.parts.empty());
    EXPECT_EQ(choice.parcels, 0);
    EXPECT_EQ(choice.missing.front().quantity, 3);
}

// The number of sets doubles with every place: the work under the order's lock has an end.
TEST_F(Sources, at_most_six_places_are_combined_and_eight_plans_are_shown) {
    std::vector<VariantId> wanted;
    for (int i = 0; i < 7; ++i) {
        wanted.push_back(want(1));
        stock.push_back({place("w" + std::to_string(i), 100), wanted.back(), 1});
    }
    const auto choice = choose();
    EXPECT_EQ(choice.parts.size(), 6U);
    for (const auto& part : choice.parts) EXPECT_EQ(part.goods.size(), 1U);
    ASSERT_EQ(choice.missing.size(), 1U);
    EXPECT_EQ(choice.missing.front().variant, wanted.back());
    ASSERT_EQ(choice.considered.size(), 8U);
    EXPECT_EQ(choice.considered.front().verdict, "chosen");
    EXPECT_EQ(choice.considered.front().warehouses.size(), 6U);
    EXPECT_EQ(choice.considered.back().missing, 3);  // after the six that lack one more, one that lacks two more
}

TEST_F(Sources, parcels_hold_what_they_may_weigh) {
    const auto only = place("only", 100);
    const auto stone = want(5, 9000), feather = want(10, 10), anvil = want(1, 60000);
    stock = {{only, stone, 5}, {only, feather, 10}, {only, anvil, 1}};
    const auto choice = choose();
    // The anvil alone, stones two by two, feathers beside the first stones.
    EXPECT_EQ(choice.parcels, 4);
    std::map<int, std::int64_t> grams;
    std::map<VariantId, std::int64_t> sent;
    for (const auto& each : choice.parts.front().goods) {
        grams[each.parcel] += each.quantity * (each.variant == stone ? 9000 : each.variant == feather ? 10 : 60000);
        sent[each.variant] += each.quantity;
    }
    EXPECT_EQ(grams.size(), 4U);
    for (const auto& [parcel, weight] : grams) EXPECT_TRUE(weight <= kParcel || weight == 60000) << parcel;
    EXPECT_EQ(sent, (std::map<VariantId, std::int64_t>{{stone, 5}, {feather, 10}, {anvil, 1}}));
}

// With goods that always fit one parcel the best choice is a smallest cover of the lines, the cheapest of those: found here by trying all.
TEST_F(Sources, agrees_with_trying_everything) {
    std::mt19937 random(11);
    for (int round = 0; round < 300; ++round) {
        places.clear();
        stock.clear();
        goods.clear();
        const int warehouses = 1 + static_cast<int>(random() % 5), lines = 1 + static_cast<int>(random() % 4);
        for (int i = 0; i < warehouses; ++i) place("w" + std::to_string(i), static_cast<std::int64_t>(100 + random() % 900));
        for (int i = 0; i < lines; ++i) want(1, 100);
        std::vector<unsigned> has(places.size());
        for (std::size_t w = 0; w < places.size(); ++w) {
            for (std::size_t l = 0; l < goods.size(); ++l) {
                if (random() % 2 == 0) continue;
                has[w] |= 1U << l;
                stock.push_back({places[w].warehouse.id, goods[l].variant, 1});
            }
        }
        std::pair<int, std::int64_t> best{1000, 0};
        const unsigned all = (1U << goods.size()) - 1;
        for (unsigned set = 1; set < (1U << places.size()); ++set) {
            unsigned covered = 0;
            std::pair<int, std::int64_t> weight{0, 0};
            for (std::size_t w = 0; w < places.size(); ++w) {
                if (!((set >> w) & 1U)) continue;
                covered |= has[w];
                ++weight.first;
                weight.second += places[w].parcel_cost;
            }
            if (covered == all) best = std::min(best, weight);
        }
        const auto choice = choose();
        if (best.first == 1000) {
            EXPECT_FALSE(choice.missing.empty());
            continue;
        }
        EXPECT_TRUE(choice.missing.empty());
        EXPECT_EQ(std::pair(choice.parcels, choice.cost), best) << "round " << round;
    }
}

}  // namespace
}  // namespace stoa::orders
