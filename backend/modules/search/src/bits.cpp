#include "bits.hpp"

#include <algorithm>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace stoa::search {
namespace {

using Word = Bits::Word;

// ---- words in bulk: with the processor's wide registers where it has them, and one by one elsewhere -----------------------------------
std::size_t count_plainly(const Word* a, const Word* b, std::size_t size) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < size; ++i) count += static_cast<std::size_t>(std::popcount(a[i] & b[i]));
    return count;
}

#if defined(__x86_64__)
const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;

// Counts by looking each half byte up in a register (W. Mula, N. Kurz, D. Lemire: Faster Population Counts Using AVX2 Instructions, 2016).
__attribute__((target("avx2"))) std::size_t count_widely(const Word* a, const Word* b, std::size_t size) {
    const auto of_half = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const auto half = _mm256_set1_epi8(0x0F);
    constexpr std::size_t kWide = 4;
    constexpr std::size_t kFull = 31;  // of eight bits at most fit into a byte
    auto sum = _mm256_setzero_si256();
    std::size_t i = 0;
    while (i + kWide <= size) {
        auto bytes = _mm256_setzero_si256();
        for (std::size_t rounds = 0; rounds < kFull && i + kWide <= size; ++rounds, i += kWide) {
            const auto both = _mm256_and_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(a + i)),
                                               _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + i)));
            const auto low = _mm256_shuffle_epi8(of_half, _mm256_and_si256(both, half));
            const auto high = _mm256_shuffle_epi8(of_half, _mm256_and_si256(_mm256_srli_epi16(both, 4), half));
            bytes = _mm256_add_epi8(bytes, _mm256_add_epi8(low, high));
        }
        sum = _mm256_add_epi64(sum, _mm256_sad_epu8(bytes, _mm256_setzero_si256()));
    }
    Word sums[kWide];
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums), sum);
    return sums[0] + sums[1] + sums[2] + sums[3] + count_plainly(a + i, b + i, size - i);
}
#else
constexpr bool has_avx2 = false;
std::size_t count_widely(const Word* a, const Word* b, std::size_t size) { return count_plainly(a, b, size); }
#endif

std::size_t count_of(const Word* a, const Word* b, std::size_t size) {
    return has_avx2 ? count_widely(a, b, size) : count_plainly(a, b, size);
}

std::vector<Ordinal> ordinals_of(const Roaring& set) {
    std::vector<Ordinal> out(set.cardinality());
    set.toUint32Array(out.data());
    return out;
}

template <class T>
T& own(std::shared_ptr<T>& shared) {
    if (shared.use_count() > 1) shared = std::make_shared<T>(*shared);
    return *shared;
}

}  // namespace

Bits::Bits(const Roaring& set) {
    if (set.isEmpty()) return;
    words_.resize(set.maximum() / kWord + 1, 0);
    for (const auto ordinal : ordinals_of(set)) add(ordinal);
}

std::size_t Bits::count() const { return count_of(words_.data(), words_.data(), words_.size()); }
std::size_t Bits::count_and(const Bits& other) const {
    return count_of(words_.data(), other.words_.data(), std::min(words_.size(), other.words_.size()));
}
Bits& Bits::operator&=(const Bits& other) {
    const auto common = std::min(words_.size(), other.words_.size());
    for (std::size_t i = 0; i < common; ++i) words_[i] &= other.words_[i];
    std::fill(words_.begin() + static_cast<std::ptrdiff_t>(common), words_.end(), 0);
    return *this;
}

Bits& Bits::operator|=(const Bits& other) {
    if (words_.size() < other.words_.size()) words_.resize(other.words_.size(), 0);
    for (std::size_t i = 0; i < other.words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
}

void Bits::add_common(const Bits& a, const Bits& b) {
    const auto common = std::min(a.words_.size(), b.words_.size());
    if (words_.size() < common) words_.resize(common, 0);
    for (std::size_t i = 0; i < common; ++i) words_[i] |= a.words_[i] & b.words_[i];
}

std::vector<Ordinal> Bits::ordinals() const {
    std::vector<Ordinal> out;
    out.reserve(count());
    for_each([&](Ordinal ordinal) { out.push_back(ordinal); });
    return out;
}

RankedBits::RankedBits(Bits bits) : bits_(std::move(bits)) {
    before_.reserve(bits_.words().size());
    std::uint32_t before = 0;
    for (const auto word : bits_.words()) {
        before_.push_back(before);
        before += static_cast<std::uint32_t>(std::popcount(word));
    }
}

void Set::add(Ordinal ordinal) {
    own(roaring_).add(ordinal);
    if (bits_) own(bits_).add(ordinal);
    if (list_) {
        auto& list = own(list_);
        const auto place = std::ranges::lower_bound(list, ordinal);
        if (place == list.end() || *place != ordinal) list.insert(place, ordinal);
    }
}

void Set::remove(Ordinal ordinal) {
    own(roaring_).remove(ordinal);
    if (bits_) own(bits_).remove(ordinal);
    if (list_) {
        auto& list = own(list_);
        const auto place = std::ranges::lower_bound(list, ordinal);
        if (place != list.end() && *place == ordinal) list.erase(place);
    }
}

void Set::prepare(std::size_t ordinals) {
    // A list that has grown becomes bits; bits stay what they are.
    if (bits_ || (list_ && list_->size() * kSparse < 2 * ordinals)) return;
    if (roaring_->cardinality() * kSparse < ordinals) {
        if (!list_) list_ = std::make_shared<std::vector<Ordinal>>(ordinals_of(*roaring_));
        return;
    }
    bits_ = std::make_shared<Bits>(*roaring_);
    list_ = nullptr;
}

std::size_t Set::count_and(const Bits& other) const {
    if (bits_) return bits_->count_and(other);
    return static_cast<std::size_t>(std::ranges::count_if(*list_, [&](Ordinal ordinal) { return other.contains(ordinal); }));
}

void Set::keep_in(Bits& bits) const {
    if (bits_) {
        bits &= *bits_;
        return;
    }
    Bits kept(bits.words().size() * Bits::kWord);
    for (const auto ordinal : *list_) {
        if (bits.contains(ordinal)) kept.add(ordinal);
    }
    bits = std::move(kept);
}

void Set::add_to(Bits& bits) const {
    if (bits_)
        bits |= *bits_;
    else
        for (const auto ordinal : *list_) bits.add(ordinal);
}

void Set::take_from(Bits& bits) const {
    if (!bits_) {
        for (const auto ordinal : *list_) bits.remove(ordinal);
        return;
    }
    const auto& words = bits.words();
    const auto& gone = bits_->words();
    for (std::size_t i = 0; i < std::min(words.size(), gone.size()); ++i) bits.set_word(i * Bits::kWord, words[i] & ~gone[i]);
}

}  // namespace stoa::search
