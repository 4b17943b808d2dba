#pragma once
// Sets of products as answers need them. Debian compiles CRoaring without the processor's own counting of bits: to count a container's bits
// takes it microseconds, and a list with all its facets counts hundreds of them. Words of bits with that instruction take a tenth.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "roaring_set.hpp"

namespace stoa::search {

using Ordinal = std::uint32_t;

// A bit a product. Words are kept from the first to the last that matters; what is beyond either end is not in the set. Sets of different
// beginnings and lengths go together.
class Bits {
public:
    using Word = std::uint64_t;
    static constexpr std::size_t kWord = 64;

    Bits() = default;
    explicit Bits(std::size_t ordinals) : words_((ordinals + kWord - 1) / kWord, 0) {}
    explicit Bits(const Roaring& set);
    // An empty one with the ends of another.
    [[nodiscard]] static Bits like(const Bits& other);

    // Those there are, and the number of the first: ordinal 64 * begin() is its lowest bit.
    [[nodiscard]] const std::vector<Word>& words() const { return words_; }
    [[nodiscard]] std::size_t begin() const { return begin_; }
    [[nodiscard]] std::size_t end() const { return begin_ + words_.size(); }
    [[nodiscard]] bool contains(Ordinal ordinal) const {
        const auto at = ordinal / kWord - begin_;  // huge before the beginning
        return at < words_.size() && (words_[at] >> (ordinal % kWord) & 1) != 0;
    }
    [[nodiscard]] bool none() const {
        return std::ranges::all_of(words_, [](Word word) { return word == 0; });
    }
    [[nodiscard]] std::size_t count() const;
    [[nodiscard]] std::size_t count_and(const Bits& other) const;
    void add(Ordinal ordinal) {
        const auto word = ordinal / kWord;
        if (word - begin_ >= words_.size()) reach(word, word + 1);
        words_[word - begin_] |= Word{1} << (ordinal % kWord);
    }
    void remove(Ordinal ordinal) {
        const auto at = ordinal / kWord - begin_;
        if (at < words_.size()) words_[at] &= ~(Word{1} << (ordinal % kWord));
    }
    // Afterwards its ends are those that both have.
    Bits& operator&=(const Bits& other);
    Bits& operator|=(const Bits& other);
    // Adds what lies between its own ends.
    void add_inside(const Bits& other);
    // Adds what is in both.
    void add_common(const Bits& a, const Bits& b);
    void take_out(const Bits& other);
    // Leaves out the empty words at both ends.
    void trim();
    // Puts the 64 of a word of words() in at once.
    void set_word(std::size_t at, Word word) { words_[at] = word; }

    // In ascending order.
    template <class Body>
    void for_each(Body body) const {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            for (auto word = words_[i]; word != 0; word &= word - 1)
                body(static_cast<Ordinal>((begin_ + i) * kWord + static_cast<std::size_t>(std::countr_zero(word))));
        }
    }
    [[nodiscard]] std::vector<Ordinal> ordinals() const;

private:
    // Makes room for the words from `first` on that lie before `last`.
    void reach(std::size_t first, std::size_t last);

    std::size_t begin_ = 0;  // in words
    std::vector<Word> words_;
};

// Bits that tell how many of them lie before one.
class RankedBits {
public:
    explicit RankedBits(Bits bits);
    [[nodiscard]] const Bits& bits() const { return bits_; }
    // Of one that is in it.
    [[nodiscard]] std::size_t rank(Ordinal ordinal) const {
        const auto at = ordinal / Bits::kWord - bits_.begin();
        const auto word = bits_.words()[at];
        return before_[at] + static_cast<std::size_t>(std::popcount(word & ((Bits::Word{1} << (ordinal % Bits::kWord)) - 1)));
    }

private:
    Bits bits_;
    std::vector<std::uint32_t> before_;  // by word
};

// One of a snapshot's sets: what it holds, and the same in the form that questions are answered from, which is words of bits, or a list
// when there are few. Copies share both until one is changed. One thread writes, and only before its snapshot is published.
class Set {
public:
    Set() = default;
    explicit Set(Roaring set) : roaring_(std::make_shared<Roaring>(std::move(set))) {}
    const Roaring& operator*() const { return *roaring_; }
    const Roaring* operator->() const { return roaring_.get(); }
    void add(Ordinal ordinal);
    void remove(Ordinal ordinal);
    // Makes the second form, of a catalogue of so many ordinals; afterwards add() and remove() keep it.
    void prepare(std::size_t ordinals);

    // All below are for a prepared set.
    [[nodiscard]] bool contains(Ordinal ordinal) const { return bits_ ? bits_->contains(ordinal) : roaring_->contains(ordinal); }
    [[nodiscard]] std::size_t count_and(const Bits& other) const;
    // What counting those in a set of so many words costs, in words that are read.
    [[nodiscard]] std::size_t cost(std::size_t words) const { return bits_ ? std::min(words, bits_->words().size()) : 4 * list_->size(); }
    // Takes out of `bits` what is not in the set.
    void keep_in(Bits& bits) const;
    void add_to(Bits& bits) const;
    // Adds what lies between the ends of `bits`.
    void add_inside(Bits& bits) const;
    void take_from(Bits& bits) const;

private:
    static constexpr std::size_t kSparse = 256;  // one in so many is few
    std::shared_ptr<Roaring> roaring_ = std::make_shared<Roaring>();
    std::shared_ptr<Bits> bits_;                  // null: the list holds them
    std::shared_ptr<std::vector<Ordinal>> list_;  // ascending; null with bits_ and before prepare()
};

}  // namespace stoa::search
