// The parts that snapshots share: a copy stays what it was whatever is done to the other one.
#include "shared.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

namespace stoa::search {
namespace {

TEST(Pieces, ACopyKeepsItsElements) {
    Pieces<int, 4> list;
    list.resize(1000, -1);
    for (std::size_t i = 0; i < 1000; ++i) list.set(i, static_cast<int>(i));
    const auto before = list;
    list.set(7, 70);
    list.resize(1003, -1);
    EXPECT_EQ(before[7], 7);
    EXPECT_EQ(before.size(), 1000U);
    EXPECT_EQ(list[7], 70);
    EXPECT_EQ(list[1002], -1);
    EXPECT_EQ(list[999], 999);
    int sum = 0;
    for (const auto value : before) sum += value;
    EXPECT_EQ(sum, 999 * 500);
}

TEST(SortedList, EqualsASetThroughRandomChanges) {
    std::mt19937 random(3);
    SortedList<std::uint64_t> list;
    std::set<std::uint64_t> expected;
    std::vector<std::pair<SortedList<std::uint64_t>, std::set<std::uint64_t>>> kept;
    const auto check = [](const SortedList<std::uint64_t>& found, const std::set<std::uint64_t>& wanted) {
        ASSERT_EQ(found.size(), wanted.size());
        ASSERT_TRUE(std::equal(found.begin(), found.end(), wanted.begin(), wanted.end()));
        ASSERT_TRUE(
            std::equal(std::make_reverse_iterator(found.end()), std::make_reverse_iterator(found.begin()), wanted.rbegin(), wanted.rend()));
    };
    for (int round = 0; round < 300; ++round) {
        const bool grows = round % 100 < 70;
        const std::size_t count = random() % 10 == 0 ? 3000 : random() % 200;
        std::set<std::uint64_t> chosen;
        if (grows) {
            while (chosen.size() < count) {
                const auto value = random() % 1'000'000;
                if (!expected.contains(value)) chosen.insert(value);
            }
            list.insert_all({chosen.begin(), chosen.end()}, std::less<>());
            expected.insert(chosen.begin(), chosen.end());
        } else {
            for (const auto value : expected) {
                if (chosen.size() < count && random() % 3 == 0) chosen.insert(value);
            }
            list.erase_all({chosen.begin(), chosen.end()}, std::less<>());
            for (const auto value : chosen) expected.erase(value);
        }
        check(list, expected);
        const auto edge = random() % 1'000'000;
        const auto place = list.partition_point([&](std::uint64_t value) { return value < edge; });
        const auto wanted = expected.lower_bound(edge);
        ASSERT_EQ(place == list.end(), wanted == expected.end());
        if (wanted != expected.end()) {
            ASSERT_EQ(*place, *wanted);
        }
        ASSERT_EQ(list.between(list.begin(), place), static_cast<std::size_t>(std::distance(expected.begin(), wanted)));
        if (round % 50 == 0) kept.emplace_back(list, expected);
    }
    for (const auto& [found, wanted] : kept) check(found, wanted);
    list.truncate(1000);
    expected.erase(std::next(expected.begin(), 1000), expected.end());
    check(list, expected);
    list.erase_all({list.begin(), list.end()}, std::less<>());
    EXPECT_TRUE(list.empty());
    EXPECT_TRUE(list.begin() == list.end());
}

TEST(Directory, EqualsAMapAndACopyKeepsItsEntries) {
    std::mt19937 random(5);
    Directory<std::string, int> directory;
    std::map<std::string, int> expected;
    directory.reserve(100);
    for (int round = 0; round < 20000; ++round) {
        const auto key = "key" + std::to_string(random() % 5000);
        if (random() % 4 == 0) {
            directory.erase(key);
            expected.erase(key);
        } else {
            directory.set(key, round);
            expected.insert_or_assign(key, round);
        }
    }
    const auto before = directory;
    for (int i = 0; i < 5000; ++i) directory.set("key" + std::to_string(i), -1);
    ASSERT_EQ(before.size(), expected.size());
    for (int i = 0; i < 5000; ++i) {
        const auto key = "key" + std::to_string(i);
        const auto found = before.find(key);
        ASSERT_EQ(found != before.end(), expected.contains(key)) << key;
        if (found != before.end()) {
            ASSERT_EQ(found->second, expected.at(key)) << key;
        }
        ASSERT_EQ(directory.find(key)->second, -1);
    }
}

}  // namespace
}  // namespace stoa::search
