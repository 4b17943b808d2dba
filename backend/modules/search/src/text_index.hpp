#pragma once
// Full text over one language: an inverted index with weighted fields and a BM25F score. An index is immutable; changed products
// are indexed again in small indexes that lie over the first (TextLayers). What a word and a length are worth is fixed by the
// first that knows them: scores, and with them cursors, stay what they are until everything is indexed anew.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bits.hpp"
#include "compounds.hpp"
#include "merchandising.hpp"
#include "ranking.hpp"

#include "tokenizer.hpp"

namespace stoa::search {

enum class Field : std::uint8_t { name, category, label, brand, text, description };
inline constexpr std::size_t kFieldCount = 6;

struct FieldText {
    Field field;
    std::string_view text;
};

class TextIndex {
public:
    struct Posting {
        std::uint32_t packed;
        float impact;  // weighted, normalised and saturated frequency
        Posting(Ordinal ordinal, bool code, float value) : packed(ordinal << 1 | (code ? 1U : 0U)), impact(value) {}
        [[nodiscard]] Ordinal ordinal() const { return packed >> 1; }
        [[nodiscard]] bool code() const { return (packed & 1) != 0; }  // the word is the whole of a SKU or bar code
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
        using Below = std::vector<std::shared_ptr<const TextIndex>>;
        // `below`: the indexes that this one will lie over, the lowest first.
        explicit Builder(int locale, Below below = {}, Ranking ranking = {})
            : locale_(locale), below_(std::move(below)), ranking_(ranking) {}
        // `codes` are indexed whole, without separators (SKUs, bar codes).
        void add(Ordinal ordinal, const std::vector<FieldText>& fields, const std::vector<std::string_view>& codes);
        [[nodiscard]] std::shared_ptr<const TextIndex> build();

    private:
        struct Raw {
            Ordinal ordinal;
            std::array<std::uint8_t, kFieldCount> frequency{};
            bool code = false;
        };
        struct Word {
            std::uint32_t term;
            std::uint32_t uses = 0;
            Ordinal last = UINT32_MAX;
            std::string display;
        };
        using Lengths = std::array<std::uint16_t, kFieldCount>;
        std::uint32_t term_of(const std::string& stem);
        Raw& count(Ordinal ordinal, std::uint32_t term);
        Word& word_of(Token&& token, bool whole, Ordinal ordinal);
        [[nodiscard]] float weight_of(const Raw& raw, const Lengths& lengths, const TextIndex& index) const;
        [[nodiscard]] const std::string* written_below(std::string_view folded) const;
        void add_compounds(std::vector<std::vector<Posting>>& lists);

        int locale_;
        Below below_;
        Ranking ranking_;
        std::unordered_map<std::string, std::uint32_t> terms_;
        std::unordered_map<std::string, Word> words_;
        std::vector<std::vector<Raw>> postings_;
        std::vector<std::pair<Ordinal, Lengths>> lengths_;
        CompoundParts parts_;
    };

    // What was indexed.
    [[nodiscard]] const Roaring& products() const { return products_; }
    [[nodiscard]] std::optional<std::uint32_t> term(const std::string& stem) const;
    [[nodiscard]] const Surface* surface(std::string_view folded) const;
    // A word, or a part that compounds taught, as it is written; null: neither.
    [[nodiscard]] const std::string* written(std::string_view folded) const;
    // By ordinal.
    [[nodiscard]] std::span<const Posting> postings(std::uint32_t term) const;
    // How much finding the term says.
    [[nodiscard]] float rarity(std::uint32_t term) const { return rarity_[term]; }
    // The products of a term that many have; null: its postings are few enough to be looked through.
    [[nodiscard]] const RankedBits* products_of(std::uint32_t term) const {
        const auto found = frequent_terms_.find(term);
        return found == frequent_terms_.end() ? nullptr : &found->second;
    }
    // The products whose SKU or bar code the term is.
    [[nodiscard]] std::vector<Ordinal> labelled(std::uint32_t term) const;
    // The highest impact of its postings.
    [[nodiscard]] float best(std::uint32_t term) const { return best_[term]; }
    // Sorted by `folded`.
    [[nodiscard]] const std::vector<Surface>& surfaces() const { return surfaces_; }
    // The most used words among those with the prefix, most used first, `limit` and kMostFinished at most. Never looks at more
    // than kWidestWalk words.
    [[nodiscard]] std::vector<const Surface*> with_prefix(std::string_view prefix, std::size_t limit) const;
    // Words without digits at most `limit` (1 or 2) mistakes away, with their distance; nearest first, then most used.
    [[nodiscard]] std::vector<std::pair<const Surface*, std::size_t>> near(std::string_view folded, std::size_t limit) const;

    static constexpr std::size_t kMostFinished = 64;
    static constexpr std::size_t kWidestWalk = 256;

private:
    void rank_prefixes(std::size_t first, std::size_t last, std::size_t length);
    void index_mistakes();

    Roaring products_;
    std::unordered_map<std::string, std::uint32_t> terms_;
    std::vector<Surface> surfaces_;
    CompoundParts parts_;
    std::vector<Posting> postings_;
    std::vector<std::size_t> offsets_;
    std::vector<float> rarity_, best_;
    std::unordered_map<std::uint32_t, RankedBits> frequent_terms_;
    std::unordered_map<std::uint32_t, std::vector<Ordinal>> frequent_labels_;  // of those, the few that are also a number
    std::array<double, kFieldCount> average_{};                                // words a document has in the field
    double average_weight_ = 1;                                                // of a whole document
    double documents_ = 0;
    std::unordered_map<std::string, std::vector<std::uint32_t>> frequent_;  // prefixes of many words → the most used of them
    // Hashes of what is left of a word's beginning when letters are missing, with the word (as SymSpell does it).
    std::vector<std::pair<std::uint32_t, std::uint32_t>> mistakes_;
};

struct TextLayer {
    std::shared_ptr<const TextIndex> index;
    std::shared_ptr<const Set> superseded;  // products that a later layer has, or that are gone, prepared; null: none

    [[nodiscard]] bool shows(Ordinal ordinal) const { return !superseded || !superseded->contains(ordinal); }
    // Those of its products that count.
    [[nodiscard]] Roaring current() const { return superseded ? index->products() - **superseded : index->products(); }
};
// Each product counts in one layer at most.
struct TextLayers {
    std::vector<TextLayer> layers;  // the first holds what was indexed at once, the others what changed since
    Ranking ranking;
    std::shared_ptr<const SynonymMap> synonyms;  // may be null
};

inline constexpr std::uint32_t kScoreBits = 28;
struct TextHit {
    Ordinal ordinal;
    std::uint32_t score;  // products with more of the words before those with fewer
    [[nodiscard]] std::uint32_t words() const { return score >> kScoreBits; }
};
struct TextResult {
    std::vector<TextHit> hits;             // one per product
    std::optional<std::string> corrected;  // the query with its misspelt words replaced
    std::size_t read = 0;                  // entries of word lists; kPostingsBudget at most
};
enum class Typing { finished, going_on };  // going_on: the last word may be the beginning of any other

// At most this many entries of word lists are read for one query, the rarest words first. What lies beyond is not found.
inline constexpr std::size_t kPostingsBudget = 1'000'000;

// Products with all words; when there are few, also those with fewer of them, half at least. `allowed` limits the products that
// count. With `top`, only the best so many are sure to be among the hits.
[[nodiscard]] TextResult search_text(const TextLayers& layers, int locale, std::string_view query, const Bits& allowed,
                                     std::size_t ordinals, Typing typing = Typing::finished, std::size_t top = 0);

// The products with as many of the words as any has, half at least; nothing when words had to be corrected.
[[nodiscard]] Bits products_with(const TextLayers& layers, int locale, std::string_view query, const Bits& allowed, std::size_t ordinals);

// Words of one of the products `among` that may finish `prefix`, those first that lead to most products in stock; folded and display forms.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> completions(const TextLayers& layers, int locale,
                                                                           std::string_view folded_prefix, std::size_t limit,
                                                                           const Bits& among, const Bits& in_stock, std::size_t ordinals);

}  // namespace stoa::search
