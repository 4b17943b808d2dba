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

// The words before the first one and behind the last one are not kept, whatever is done to a set.
TEST(Bits, BeginAnywhere) {
    std::mt19937 random(4);
    const auto between = [&](std::size_t count, Ordinal low, Ordinal high) {
        Numbers out;
        while (out.size() < count) out.insert(low + static_cast<Ordinal>(random() % (high - low)));
        return out;
    };
    const std::pair<Ordinal, Ordinal> ends[] = {{0, 300}, {64, 128}, {100, 7000}, {5000, 5100}, {6900, 9000}, {9000, 9001}};
    for (const auto& [low, high] : ends) {
        for (const auto& [other_low, other_high] : ends) {
            const auto a = between((high - low) / 3 + 1, low, high), b = between((other_high - other_low) / 3 + 1, other_low, other_high);
            auto in_a = bits_of(a), in_b = bits_of(b);
            EXPECT_EQ(in_a.begin(), *a.begin() / Bits::kWord);
            EXPECT_EQ(in_a.end(), *a.rbegin() / Bits::kWord + 1);
            EXPECT_EQ(in_a.count_and(in_b), common(a, b).size());
            for (const Ordinal ordinal : {0U, 63U, 64U, 99U, 5000U, 8999U, 9000U, 20'000U})
                EXPECT_EQ(in_a.contains(ordinal), a.contains(ordinal));
            auto both = in_a;
            both &= in_b;
            EXPECT_EQ(numbers_of(both), common(a, b));
            EXPECT_LE(both.words().size(), std::min(in_a.words().size(), in_b.words().size()));
            auto any = in_a;
            any |= in_b;
            auto all = a;
            all.insert(b.begin(), b.end());
            EXPECT_EQ(numbers_of(any), all);
            auto inside = Bits::like(in_a);
            inside.add_inside(in_b);
            Numbers expected;
            for (const auto number : b) {
                if (number / Bits::kWord >= in_a.begin() && number / Bits::kWord < in_a.end()) expected.insert(number);
            }
            EXPECT_EQ(numbers_of(inside), expected);
            auto left = in_a;
            left.take_out(in_b);
            EXPECT_EQ(left.count() + both.count(), in_a.count());
            Bits more;
            more.add_common(in_a, in_b);
            EXPECT_EQ(numbers_of(more), common(a, b));
            for (const auto number : b) in_a.add(number);
            EXPECT_EQ(numbers_of(in_a), all);
            Bits wide(20'000);
            wide |= in_b;
            wide.trim();
            EXPECT_EQ(wide.words(), in_b.words());
            EXPECT_EQ(wide.begin(), in_b.begin());
            for (const auto number : b) in_a.remove(number);
            EXPECT_EQ(in_a.count() + both.count(), a.size());
        }
    }
    Bits nothing(1000);
    nothing.trim();
    EXPECT_TRUE(nothing.none());
    nothing.add(700);
    EXPECT_EQ(numbers_of(nothing), Numbers{700});
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
            Bits inside;
            inside.add(3000);
            inside.add(3100);
            inside.add(4000);
            of.add_inside(inside);
            for (Ordinal ordinal = 0; ordinal < kAll; ++ordinal) {
                const bool is_inside = ordinal / Bits::kWord >= inside.begin() && ordinal / Bits::kWord < inside.end();
                const bool was_there = ordinal == 3000 || ordinal == 3100 || ordinal == 4000;
                EXPECT_EQ(inside.contains(ordinal), was_there || (is_inside && expected.contains(ordinal))) << ordinal;
            }
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
