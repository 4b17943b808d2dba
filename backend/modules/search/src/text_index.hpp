#pragma once
// Full text over one language: an inverted index with field weights and a BM25-like score. An index is immutable; a changed
// product is indexed again in a small second index that lies over the first (TextLayers).
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "roaring_set.hpp"

#include "tokenizer.hpp"

namespace stoa::search {

using Ordinal = std::uint32_t;

struct TextField {
    std::string_view text;
    float weight;
};
inline constexpr float kNameWeight = 6;
inline constexpr float kCategoryWeight = 3;
inline constexpr float kAttributeWeight = 2;
inline constexpr float kDescriptionWeight = 1;
inline constexpr float kCodeWeight = 8;

class TextIndex {
public:
    struct Posting {
        Ordinal ordinal;
        float weight;
    };
    // A word as it occurs; several share a term (their stem).
    struct Surface {
        std::string folded;
        std::string display;
        std::uint32_t term;
        std::uint32_t uses;  // documents
    };
    class Builder {
    public:
        explicit Builder(int locale) : locale_(locale) {}
        // `codes` are indexed whole, without separators (SKUs, bar codes).
        void add(Ordinal ordinal, const std::vector<TextField>& fields, const std::vector<std::string_view>& codes);
        [[nodiscard]] std::shared_ptr<const TextIndex> build();

    private:
        struct Word {
            std::uint32_t term;
            std::uint32_t uses = 0;
            Ordinal last = UINT32_MAX;
            std::string display;
        };
        std::uint32_t term_of(const std::string& stem);
        void count(Ordinal ordinal, std::uint32_t term, float weight);
        int locale_;
        std::unordered_map<std::string, std::uint32_t> terms_;
        std::unordered_map<std::string, Word> words_;
        std::vector<std::vector<Posting>> postings_;
        std::vector<std::pair<Ordinal, float>> lengths_;
    };

    [[nodiscard]] std::size_t documents() const { return lengths_.size(); }
    [[nodiscard]] double total_length() const { return total_length_; }
    [[nodiscard]] float length(Ordinal ordinal) const;
    [[nodiscard]] std::optional<std::uint32_t> term(const std::string& stem) const;
    [[nodiscard]] std::optional<std::uint32_t> surface_term(std::string_view folded) const;
    [[nodiscard]] std::span<const Posting> postings(std::uint32_t term) const;
    // Sorted by `folded`.
    [[nodiscard]] const std::vector<Surface>& surfaces() const { return surfaces_; }
    [[nodiscard]] std::span<const Surface> with_prefix(std::string_view prefix) const;

private:
    std::unordered_map<std::string, std::uint32_t> terms_;
    std::vector<Surface> surfaces_;
    std::vector<Posting> postings_;
    std::vector<std::size_t> offsets_;
    std::vector<std::pair<Ordinal, float>> lengths_;  // sorted by ordinal
    std::vector<float> length_by_ordinal_;
    double total_length_ = 0;
};

struct TextLayers {
    std::shared_ptr<const TextIndex> main;
    std::shared_ptr<const TextIndex> delta;  // may be null
    Roaring superseded;                      // ordinals of main that delta replaces or that are gone
};

struct TextHit {
    Ordinal ordinal;
    std::int64_t score;
};
struct TextResult {
    std::vector<TextHit> hits;             // unordered, one per product
    std::optional<std::string> corrected;  // the query with its misspelt words replaced
};
// All words must occur; when no product has them all, those with the most. `allowed` limits the products that count.
// The last word may be unfinished.
[[nodiscard]] TextResult search_text(const TextLayers& layers, int locale, std::string_view query, const Roaring& allowed,
                                     std::size_t ordinals);

// Words that may finish `prefix`, most used first; folded and display forms.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> completions(const TextLayers& layers, std::string_view folded_prefix,
                                                                           std::size_t limit);

}  // namespace stoa::search
