#include "bits.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace stoa::search {
namespace {

using Numbers = std::set<Ordinal>;

Numbers some(std::mt19937& random, std::size_t count, Ordinal below) {
    Numbers out;
    while (out.size() < count) out.insert(static_cast<Ordinal>(random() % below));
    return out;
}
Bits bits_of(const Numbers& numbers) {
    Bits out;
    for (const auto number : numbers) out.add(number);
    return out;
}
Numbers numbers_of(const Bits& bits) {
    const auto ordinals = bits.ordinals();
    return {ordinals.begin(), ordinals.end()};
}
Numbers common(const Numbers& a, const Numbers& b) {
    Numbers out;
    std::ranges::set_intersection(a, b, std::inserter(out, out.end()));
    return out;
}

TEST(Bits, AreSetsWhateverTheirLengths) {
    std::mt19937 random(1);
    for (const Ordinal below : {1U, 63U, 64U, 65U, 1000U, 20'000U}) {
        for (const Ordinal other_below : {1U, 64U, 700U, 20'001U}) {
            const auto a = some(random, below / 3 + 1, below), b = some(random, other_below / 2 + 1, other_below);
            const auto in_a = bits_of(a), in_b = bits_of(b);
            EXPECT_EQ(in_a.count(), a.size());
            EXPECT_EQ(in_a.count_and(in_b), common(a, b).size());
            auto both = in_a;
            both &= in_b;
            EXPECT_EQ(numbers_of(both), common(a, b));
            auto any = in_a;
            any |= in_b;
            auto all = a;
            all.insert(b.begin(), b.end());
            EXPECT_EQ(numbers_of(any), all);
            Bits more(10);
            more.add(7);
            more.add_common(in_a, in_b);
            auto expected = common(a, b);
            expected.insert(7);
            EXPECT_EQ(numbers_of(more), expected);
        }
    }
}

TEST(Bits, Rank) {
    std::mt19937 random(2);
    const auto numbers = some(random, 500, 5000);
    const RankedBits ranked(bits_of(numbers));
    std::size_t before = 0;
    for (const auto number : numbers) EXPECT_EQ(ranked.rank(number), before++);
}

// A set says the same in both its forms, before and after it changes, and its copies stay what they were.
TEST(Set, KeepsBothFormsAlike) {
    std::mt19937 random(3);
    constexpr Ordinal kAll = 10'000;
    for (const std::size_t size : {0U, 10U, 39U, 200U, 6000U}) {
        auto numbers = some(random, size, kAll);
        Set set;
        for (const auto number : numbers) set.add(number);
        set.prepare(kAll);
        const auto before = numbers;
        const Set copy = set;
        for (int i = 0; i < 300; ++i) {
            const auto number = static_cast<Ordinal>(random() % (kAll + 500));
            if (random() % 3 == 0) {
                set.remove(number);
                numbers.erase(number);
            } else {
                set.add(number);
                numbers.insert(number);
            }
            if (i % 50 == 0) set.prepare(kAll + 500);
        }
        const auto check = [&](const Set& of, const Numbers& expected) {
            EXPECT_EQ(of->cardinality(), expected.size());
            Bits all;
            of.add_to(all);
            EXPECT_EQ(numbers_of(all), expected);
            const auto other = some(random, 900, kAll);
            const auto among = bits_of(other);
            EXPECT_EQ(of.count_and(among), common(expected, other).size());
            auto kept = among, left = among;
            of.keep_in(kept);
            of.take_from(left);
            EXPECT_EQ(numbers_of(kept), common(expected, other));
            EXPECT_EQ(kept.count() + left.count(), among.count());
            for (const auto number : other) EXPECT_EQ(of.contains(number), expected.contains(number));
        };
        check(set, numbers);
        check(copy, before);
    }
}

}  // namespace
}  // namespace stoa::search
