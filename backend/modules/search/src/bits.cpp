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

// The words that two sets both have.
struct Common {
    Common(const Bits& a, const Bits& b)
        : first(std::max(a.begin(), b.begin())), size(std::max(first, std::min(a.end(), b.end())) - first) {
        if (size == 0) first = a.begin();
    }
    // Null for none of an empty set; not to be read then.
    [[nodiscard]] const Word* of(const Bits& set) const { return size == 0 ? nullptr : set.words().data() + (first - set.begin()); }
    std::size_t first, size;
};

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
    reach(set.minimum() / kWord, set.maximum() / kWord + 1);
    for (const auto ordinal : ordinals_of(set)) add(ordinal);
}

Bits Bits::like(const Bits& other) {
    Bits out;
    out.begin_ = other.begin_;
    out.words_.assign(other.words_.size(), 0);
    return out;
}

void Bits::reach(std::size_t first, std::size_t last) {
    if (words_.empty()) {
        begin_ = first;
        words_.assign(last - first, 0);
        return;
    }
    if (first < begin_) {
        words_.insert(words_.begin(), begin_ - first, 0);
        begin_ = first;
    }
    if (last > end()) words_.resize(last - begin_, 0);
}

void Bits::trim() {
    const auto used = [](Word word) { return word != 0; };
    const auto first = std::ranges::find_if(words_, used);
    const auto last = std::find_if(words_.rbegin(), std::make_reverse_iterator(first), used).base();
    if (first == words_.begin() && last == words_.end()) return;
    begin_ += static_cast<std::size_t>(first - words_.begin());
    words_ = std::vector<Word>(first, last);
}

std::size_t Bits::count() const { return count_of(words_.data(), words_.data(), words_.size()); }
std::size_t Bits::count_and(const Bits& other) const {
    const Common common(*this, other);
    return count_of(common.of(*this), common.of(other), common.size);
}
Bits& Bits::operator&=(const Bits& other) {
    const Common common(*this, other);
    if (common.size < words_.size()) {
        words_ = common.size == 0 ? std::vector<Word>() : std::vector<Word>(common.of(*this), common.of(*this) + common.size);
        begin_ = common.first;
    }
    const auto* others = common.of(other);
    for (std::size_t i = 0; i < common.size; ++i) words_[i] &= others[i];
    return *this;
}

Bits& Bits::operator|=(const Bits& other) {
    if (other.words_.empty()) return *this;
    reach(other.begin_, other.end());
    add_inside(other);
    return *this;
}

void Bits::add_inside(const Bits& other) {
    const Common common(*this, other);
    auto* own = words_.data() + (common.first - begin_);
    const auto* others = common.of(other);
    for (std::size_t i = 0; i < common.size; ++i) own[i] |= others[i];
}

void Bits::add_common(const Bits& a, const Bits& b) {
    const Common common(a, b);
    if (common.size == 0) return;
    reach(common.first, common.first + common.size);
    auto* own = words_.data() + (common.first - begin_);
    const auto* of_a = common.of(a);
    const auto* of_b = common.of(b);
    for (std::size_t i = 0; i < common.size; ++i) own[i] |= of_a[i] & of_b[i];
}

void Bits::take_out(const Bits& other) {
    const Common common(*this, other);
    auto* own = words_.data() + (common.first - begin_);
    const auto* others = common.of(other);
    for (std::size_t i = 0; i < common.size; ++i) own[i] &= ~others[i];
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
    Bits kept;
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

void Set::add_inside(Bits& bits) const {
    if (bits_) {
        bits.add_inside(*bits_);
        return;
    }
    const auto first = std::ranges::lower_bound(*list_, bits.begin() * Bits::kWord);
    for (auto at = first; at != list_->end() && *at < bits.end() * Bits::kWord; ++at) bits.add(*at);
}

void Set::take_from(Bits& bits) const {
    if (bits_)
        bits.take_out(*bits_);
    else
        for (const auto ordinal : *list_) bits.remove(ordinal);
}

}  // namespace stoa::search
