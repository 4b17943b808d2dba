#include "text_index.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace stoa::search {
namespace {

struct FieldRule {
    float weight;
    float length_influence;  // BM25F b: how much a long text of this kind dilutes its words
};
// By Field. Brands are short whatever they are; labels are lists; names and descriptions that go on say less with each word.
constexpr std::array<FieldRule, kFieldCount> kFields{{{6, 0.75F}, {3, 0.3F}, {2, 0.3F}, {2, 0}, {0.5F, 0.5F}, {1, 0.75F}}};
constexpr float kSaturation = 1.2F;  // BM25 k1
constexpr float kCodeWeight = 8;
constexpr float kCompoundFactor = 0.5F;
constexpr float kPrefixFactor = 0.55F;
constexpr int kGerman = 1;
constexpr float kSynonymFactor = 0.6F;
constexpr std::array<float, 3> kTypoFactor{1, 0.45F, 0.3F};  // by number of mistakes
constexpr std::size_t kMaxWords = 12;
constexpr std::size_t kMaxExpansions = 48;
constexpr std::size_t kMaxCorrections = 3;
constexpr std::size_t kShortestCorrected = 4;
constexpr std::size_t kTwoMistakesFrom = 8;
constexpr std::size_t kEnough = 24;  // a page: no product that lacks a word is shown beyond
constexpr std::uint32_t kCodeScore = 15U << kScoreBits;
constexpr std::size_t kFrequent = 64;       // a term that one product in so many has is kept as bits, too: as large as its postings then
constexpr std::size_t kFewestRanked = 128;  // fewer postings are looked through in no time

// The single length that all fields share, as it was before each had its own.
constexpr float kOldSaturation = 1.4F;
constexpr float kOldInfluence = 0.4F;

// ---- compounds ------------------------------------------------------------------------------------------------------
constexpr std::size_t kMostParts = 4;
constexpr std::array<std::string_view, 6> kJoints{"", "s", "es", "n", "en", "er"};

bool builds_compounds(int locale) { return locale == 1 || locale == 2; }  // German, Dutch

bool has_digit(std::string_view word) { return word.find_first_of("0123456789") != std::string_view::npos; }

// The known words a word is made of; empty when it is not. The last part is as long as possible: it says what the thing is.
template <class Known>
bool split_compound(std::string_view word, const Known& known, std::vector<std::string_view>& parts) {
    if (parts.size() == kMostParts - 1) return false;
    for (std::size_t cut = kShortestPart; cut + kShortestPart <= word.size(); ++cut) {
        const auto first = word.substr(0, cut);
        if (!known(first)) continue;
        for (const auto joint : kJoints) {
            auto rest = word.substr(cut);
            if (!rest.starts_with(joint)) continue;
            rest.remove_prefix(joint.size());
            if (rest.size() < kShortestPart) continue;
            parts.push_back(first);
            if (known(rest)) {
                parts.push_back(rest);
                return true;
            }
            if (split_compound(rest, known, parts)) return true;
            parts.pop_back();
        }
    }
    return false;
}

// ---- mistakes -------------------------------------------------------------------------------------------------------
constexpr std::size_t kMistakePrefix = 7;  // letters that are looked at: the index of mistakes stays linear in the vocabulary

std::size_t mistakes_allowed(std::string_view word) {
    return word.size() < kShortestCorrected ? 0 : word.size() < kTwoMistakesFrom ? 1 : 2;
}

std::uint32_t hash_of(std::string_view text) {
    std::uint32_t hash = 2166136261U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return hash;
}

// The beginning of a word, and what is left of it without one letter, and without two.
void without_letters(std::string_view word, std::size_t limit, std::vector<std::uint32_t>& out) {
    out.clear();
    const std::string start(word.substr(0, kMistakePrefix));
    out.push_back(hash_of(start));
    for (std::size_t i = 0; limit > 0 && i < start.size(); ++i) {
        auto one = start;
        one.erase(i, 1);
        out.push_back(hash_of(one));
        for (std::size_t j = i; limit > 1 && j < one.size(); ++j) {
            auto two = one;
            two.erase(j, 1);
            out.push_back(hash_of(two));
        }
    }
    std::ranges::sort(out);
    const auto rest = std::ranges::unique(out);
    out.erase(rest.begin(), rest.end());
}

struct Expansion {
    const TextLayer* layer;
    std::uint32_t term;
    float factor;
};

bool more_used(const TextIndex::Surface& a, const TextIndex::Surface& b) {
    return a.uses != b.uses ? a.uses > b.uses : a.folded < b.folded;
}

// The most used words with the prefix over all layers.
std::vector<const TextIndex::Surface*> with_prefix(const TextLayers& layers, std::string_view prefix, std::size_t limit) {
    std::vector<const TextIndex::Surface*> out;
    std::unordered_map<std::string_view, std::pair<std::size_t, std::uint64_t>> known;  // place in `out`, uses
    for (const auto& layer : layers.layers) {
        for (const auto* surface : layer.index->with_prefix(prefix, limit)) {
            const auto [it, is_new] = known.try_emplace(surface->folded, out.size(), 0);
            it->second.second += surface->uses;
            if (is_new) out.push_back(surface);
        }
    }
    if (layers.layers.size() == 1) return out;
    std::ranges::sort(out, [&](const auto* a, const auto* b) {
        const auto p = known.at(a->folded).second, q = known.at(b->folded).second;
        return p != q ? p > q : a->folded < b->folded;
    });
    if (out.size() > limit) out.resize(limit);
    return out;
}

}  // namespace

std::optional<Ranking> ranking_without(std::string_view names) {
    Ranking out;
    while (!names.empty()) {
        const auto comma = std::min(names.find(','), names.size());
        const auto name = names.substr(0, comma);
        names.remove_prefix(std::min(comma + 1, names.size()));
        if (name == "text_attributes")
            out.text_attributes = false;
        else if (name == "whole_words")
            out.whole_words = false;
        else if (name == "field_norms")
            out.field_norms = false;
        else if (name == "fill")
            out.fill = false;
        else if (name == "compounds")
            out.compounds = false;
        else if (name == "learnt_parts")
            out.learnt_parts = false;
        else
            return std::nullopt;
    }
    return out;
}

// ---- building -------------------------------------------------------------------------------------------------------
std::uint32_t TextIndex::Builder::term_of(const std::string& stem) {
    const auto [it, added] = terms_.try_emplace(stem, static_cast<std::uint32_t>(postings_.size()));
    if (added) postings_.emplace_back();
    return it->second;
}

TextIndex::Builder::Raw& TextIndex::Builder::count(Ordinal ordinal, std::uint32_t term) {
    auto& list = postings_[term];
    if (list.empty() || list.back().ordinal != ordinal) list.push_back({ordinal, {}, false});
    return list.back();
}

TextIndex::Builder::Word& TextIndex::Builder::word_of(Token&& token, bool whole, Ordinal ordinal) {
    auto found = words_.find(token.folded);
    if (found == words_.end()) {
        Word word;
        word.term = term_of(whole ? token.folded : stem(token, locale_));
        word.display = std::move(token.display);
        found = words_.emplace(std::move(token.folded), std::move(word)).first;
    }
    auto& word = found->second;
    if (word.last != ordinal) {
        word.last = ordinal;
        ++word.uses;
    }
    return word;
}

void TextIndex::Builder::add(Ordinal ordinal, const std::vector<FieldText>& fields, const std::vector<std::string_view>& codes) {
    Lengths lengths{};
    for (const auto& [field, text] : fields) {
        const auto at = static_cast<std::size_t>(field);
        for (auto& token : tokenize(text)) {
            auto& frequency = count(ordinal, word_of(std::move(token), false, ordinal).term).frequency[at];
            if (frequency < std::numeric_limits<std::uint8_t>::max()) ++frequency;
            if (lengths[at] < std::numeric_limits<std::uint16_t>::max()) ++lengths[at];
        }
    }
    for (const auto code : codes) {
        auto squeezed = squeeze(code);
        if (squeezed.empty()) continue;
        auto display = squeezed;
        count(ordinal, word_of({std::move(squeezed), std::move(display)}, true, ordinal).term).code = true;
    }
    lengths_.emplace_back(ordinal, lengths);
}

// Weighted frequency, normalised and saturated later.
float TextIndex::Builder::weight_of(const Raw& raw, const Lengths& lengths, const TextIndex& index) const {
    float out = raw.code ? kCodeWeight : 0;
    for (std::size_t field = 0; field < kFieldCount; ++field) {
        if (raw.frequency[field] == 0) continue;
        const auto& rule = kFields[field];
        float norm = 1;
        if (ranking_.field_norms && index.average_[field] > 0)
            norm = 1 - rule.length_influence + rule.length_influence * static_cast<float>(lengths[field] / index.average_[field]);
        out += rule.weight * static_cast<float>(raw.frequency[field]) / norm;
    }
    return out;
}

const std::string* TextIndex::Builder::written_below(std::string_view folded) const {
    for (const auto& index : below_) {
        if (const auto* known = index->written(folded)) return known;
    }
    return nullptr;
}

// A product of a compound word is found by the words it is made of, too.
void TextIndex::Builder::add_compounds(std::vector<std::vector<Posting>>& lists) {
    if (ranking_.learnt_parts) {
        std::vector<std::pair<std::string_view, std::string_view>> words;
        for (const auto& [folded, word] : words_) {
            if (!has_digit(folded)) words.emplace_back(folded, word.display);
        }
        parts_ = learn_parts(words);
    }
    const auto known = [&](std::string_view part) {
        return !has_digit(part) && (words_.contains(std::string(part)) || written_below(part) || parts_.contains(std::string(part)));
    };
    const auto written = [&](const std::string& part) {
        const auto* below = written_below(part);
        return below ? *below : parts_.at(part);
    };
    std::vector<std::pair<std::uint32_t, std::uint32_t>> made_of;  // term of a part, term of the compound
    std::vector<std::string_view> parts;
    std::vector<std::pair<std::uint32_t, std::string>> compounds;  // words_ must not grow while it is walked
    for (const auto& [folded, word] : words_) {
        if (folded.size() >= 2 * kShortestPart && !has_digit(folded)) compounds.emplace_back(word.term, folded);
    }
    for (const auto& [term, folded] : compounds) {
        parts.clear();
        if (!split_compound(std::string_view(folded), known, parts)) {
            // What it ends in says what the thing is, whatever stands before: "Bistrotisch".
            if (!ranking_.learnt_parts) continue;
            for (std::size_t cut = 3; cut + kSurePart <= folded.size() && parts.empty(); ++cut) {
                if (const auto tail = std::string_view(folded).substr(cut); known(tail)) parts.push_back(tail);
            }
        }
        for (const auto part : parts) {
            const auto own = words_.find(std::string(part));
            const auto of_part =
                own != words_.end() ? own->second.term : term_of(stem({std::string(part), written(std::string(part))}, locale_));
            if (of_part != term) made_of.emplace_back(of_part, term);
        }
    }
    std::ranges::sort(made_of);
    const auto rest = std::ranges::unique(made_of);
    made_of.erase(rest.begin(), rest.end());
    lists.resize(postings_.size());
    // From the lists as they are before any is added to: a compound does not hand on what it was given itself.
    std::vector<std::pair<std::uint32_t, std::vector<Posting>>> additions;
    for (const auto& [part, compound] : made_of) {
        if (additions.empty() || additions.back().first != part) additions.emplace_back(part, std::vector<Posting>{});
        auto& added = additions.back().second;
        for (const auto& posting : lists[compound]) added.emplace_back(posting.ordinal(), false, posting.impact * kCompoundFactor);
    }
    for (auto& [part, added] : additions) {
        auto& list = lists[part];
        list.insert(list.end(), added.begin(), added.end());
        std::ranges::stable_sort(list, {}, &Posting::ordinal);
        std::size_t kept = 0;
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (kept > 0 && list[kept - 1].ordinal() == list[i].ordinal()) {
                list[kept - 1].impact += list[i].impact;
                list[kept - 1].packed |= list[i].packed & 1;
            } else
                list[kept++] = list[i];
        }
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(kept), list.end());
    }
}

std::shared_ptr<const TextIndex> TextIndex::Builder::build() {
    auto index = std::make_shared<TextIndex>();
    const auto weight_of_all = [](const Lengths& lengths) {
        double weight = 0;
        for (std::size_t field = 0; field < kFieldCount; ++field) weight += static_cast<double>(kFields[field].weight) * lengths[field];
        return weight;
    };
    std::vector<Lengths> by_ordinal;
    double weight = 0;
    for (const auto& [ordinal, lengths] : lengths_) {
        if (by_ordinal.size() <= ordinal) by_ordinal.resize(ordinal + 1);
        by_ordinal[ordinal] = lengths;
        weight += weight_of_all(lengths);
        for (std::size_t field = 0; field < kFieldCount; ++field) index->average_[field] += lengths[field];
        index->products_.add(ordinal);
    }
    index->documents_ = static_cast<double>(lengths_.size());
    const auto settled = std::ranges::find_if(below_, [](const auto& other) { return other->documents_ > 0; });
    if (settled != below_.end()) {
        index->documents_ = (*settled)->documents_;
        index->average_ = (*settled)->average_;
        index->average_weight_ = (*settled)->average_weight_;
    } else if (!lengths_.empty()) {
        for (auto& average : index->average_) average /= index->documents_;
        if (weight > 0) index->average_weight_ = weight / index->documents_;
    }

    std::vector<std::vector<Posting>> lists(postings_.size());
    for (std::size_t term = 0; term < postings_.size(); ++term) {
        lists[term].reserve(postings_[term].size());
        for (const auto& raw : postings_[term])
            lists[term].emplace_back(raw.ordinal, raw.code, weight_of(raw, by_ordinal[raw.ordinal], *index));
        postings_[term] = {};
    }
    if (ranking_.compounds && builds_compounds(locale_)) add_compounds(lists);

    std::size_t total = 0;
    for (const auto& list : lists) total += list.size();
    index->postings_.reserve(total);
    index->offsets_.reserve(lists.size() + 1);
    for (auto& list : lists) {
        index->offsets_.push_back(index->postings_.size());
        for (auto posting : list) {
            if (ranking_.field_norms) {
                posting.impact = posting.impact * (kSaturation + 1) / (posting.impact + kSaturation);
            } else {
                const auto length = static_cast<float>(weight_of_all(by_ordinal[posting.ordinal()]) / index->average_weight_);
                const float norm = 1 - kOldInfluence + kOldInfluence * length;
                posting.impact = posting.impact * (kOldSaturation + 1) / (posting.impact + kOldSaturation * norm);
            }
            index->postings_.push_back(posting);
        }
        list = {};
    }
    index->offsets_.push_back(index->postings_.size());
    index->rarity_.resize(lists.size());
    index->best_.resize(lists.size(), 0);
    for (std::size_t term = 0; term < lists.size(); ++term) {
        for (const auto& posting : index->postings(static_cast<std::uint32_t>(term)))
            index->best_[term] = std::max(index->best_[term], posting.impact);
    }
    const auto end = by_ordinal.size();
    for (std::uint32_t term = 0; term < lists.size(); ++term) {
        const auto list = index->postings(term);
        if (list.size() < kFewestRanked || list.size() * kFrequent < end) continue;
        Bits bits(end);
        for (const auto& posting : list) {
            bits.add(posting.ordinal());
            if (posting.code()) index->frequent_labels_[term].push_back(posting.ordinal());
        }
        index->frequent_terms_.emplace(term, RankedBits(std::move(bits)));
    }
    for (const auto& [stem, term] : terms_) {
        std::optional<float> known;
        for (const auto& other : below_) {
            const auto same = known ? std::nullopt : other->term(stem);
            if (same) known = other->rarity(*same);
        }
        const auto uses = static_cast<double>(index->offsets_[term + 1] - index->offsets_[term]);
        index->rarity_[term] =
            known.value_or(static_cast<float>(std::log(1 + (index->documents_ - std::min(uses, index->documents_) + 0.5) / (uses + 0.5))));
    }
    index->terms_ = std::move(terms_);
    index->parts_ = std::move(parts_);
    index->surfaces_.reserve(words_.size());
    for (auto& [folded, word] : words_) index->surfaces_.push_back({folded, std::move(word.display), word.term, word.uses});
    std::ranges::sort(index->surfaces_, {}, &Surface::folded);
    index->rank_prefixes(0, index->surfaces_.size(), 0);
    index->index_mistakes();
    return index;
}

std::vector<Ordinal> TextIndex::labelled(std::uint32_t term) const {
    if (products_of(term) != nullptr) {
        const auto known = frequent_labels_.find(term);
        return known == frequent_labels_.end() ? std::vector<Ordinal>() : known->second;
    }
    std::vector<Ordinal> out;
    for (const auto& posting : postings(term)) {
        if (posting.code()) out.push_back(posting.ordinal());
    }
    return out;
}

// Surfaces [first, last) share their first `length` bytes.
void TextIndex::rank_prefixes(std::size_t first, std::size_t last, std::size_t length) {
    if (last - first <= kWidestWalk) return;
    if (length > 0) {
        std::vector<std::uint32_t> ranked;
        ranked.reserve(last - first);
        for (auto i = first; i < last; ++i) ranked.push_back(static_cast<std::uint32_t>(i));
        std::ranges::partial_sort(ranked, ranked.begin() + kMostFinished,
                                  [&](std::uint32_t a, std::uint32_t b) { return more_used(surfaces_[a], surfaces_[b]); });
        ranked.resize(kMostFinished);
        frequent_.emplace(surfaces_[first].folded.substr(0, length), std::move(ranked));
    }
    while (first < last && surfaces_[first].folded.size() == length) ++first;
    while (first < last) {
        auto end = first;
        while (end < last && surfaces_[end].folded[length] == surfaces_[first].folded[length]) ++end;
        rank_prefixes(first, end, length + 1);
        first = end;
    }
}

void TextIndex::index_mistakes() {
    std::vector<std::uint32_t> hashes;
    for (std::uint32_t i = 0; i < surfaces_.size(); ++i) {
        const auto& word = surfaces_[i].folded;
        if (word.size() + 1 < kShortestCorrected || has_digit(word)) continue;
        // A mistyped word of eight letters may be a word of six.
        without_letters(word, word.size() + 2 < kTwoMistakesFrom ? 1 : 2, hashes);
        for (const auto hash : hashes) mistakes_.emplace_back(hash, i);
    }
    std::ranges::sort(mistakes_);
    mistakes_.shrink_to_fit();
}

// ---- looking up -----------------------------------------------------------------------------------------------------
std::optional<std::uint32_t> TextIndex::term(const std::string& stem) const {
    const auto found = terms_.find(stem);
    if (found == terms_.end()) return std::nullopt;
    return found->second;
}

const TextIndex::Surface* TextIndex::surface(std::string_view folded) const {
    const auto found = std::ranges::lower_bound(surfaces_, folded, {}, [](const Surface& s) { return std::string_view(s.folded); });
    return found == surfaces_.end() || found->folded != folded ? nullptr : &*found;
}

const std::string* TextIndex::written(std::string_view folded) const {
    if (const auto* found = surface(folded)) return &found->display;
    const auto part = parts_.find(std::string(folded));
    return part == parts_.end() ? nullptr : &part->second;
}

std::span<const TextIndex::Posting> TextIndex::postings(std::uint32_t term) const {
    return {postings_.data() + offsets_[term], offsets_[term + 1] - offsets_[term]};
}

std::vector<const TextIndex::Surface*> TextIndex::with_prefix(std::string_view prefix, std::size_t limit) const {
    std::vector<const Surface*> out;
    limit = std::min(limit, kMostFinished);
    if (const auto ranked = frequent_.find(std::string(prefix)); ranked != frequent_.end()) {
        for (const auto at : ranked->second) {
            if (out.size() == limit) break;
            out.push_back(&surfaces_[at]);
        }
        return out;
    }
    auto at = std::ranges::lower_bound(surfaces_, prefix, {}, [](const Surface& s) { return std::string_view(s.folded); });
    for (; at != surfaces_.end() && at->folded.starts_with(prefix) && out.size() < kWidestWalk; ++at) out.push_back(&*at);
    const auto kept = std::min(limit, out.size());
    std::ranges::partial_sort(out, out.begin() + static_cast<std::ptrdiff_t>(kept),
                              [](const Surface* a, const Surface* b) { return more_used(*a, *b); });
    out.resize(kept);
    return out;
}

std::vector<std::pair<const TextIndex::Surface*, std::size_t>> TextIndex::near(std::string_view folded, std::size_t limit) const {
    std::vector<std::uint32_t> hashes, candidates;
    without_letters(folded, limit, hashes);
    for (const auto hash : hashes) {
        auto at = std::ranges::lower_bound(mistakes_, std::pair(hash, std::uint32_t{0}));
        for (; at != mistakes_.end() && at->first == hash; ++at) candidates.push_back(at->second);
    }
    std::ranges::sort(candidates);
    const auto rest = std::ranges::unique(candidates);
    candidates.erase(rest.begin(), rest.end());
    std::vector<std::pair<const Surface*, std::size_t>> out;
    for (const auto candidate : candidates) {
        const auto& surface = surfaces_[candidate];
        if (const auto distance = edit_distance(folded, surface.folded, limit); distance <= limit) out.emplace_back(&surface, distance);
    }
    std::ranges::sort(
        out, [](const auto& a, const auto& b) { return a.second != b.second ? a.second < b.second : more_used(*a.first, *b.first); });
    return out;
}

// ---- searching ------------------------------------------------------------------------------------------------------
namespace {

struct Wanted {
    std::vector<Expansion> expansions;
    std::size_t postings = 0;
};

class Query {
public:
    Query(const TextLayers& layers, int locale, Typing typing, const Bits& allowed)
        : layers_(layers), locale_(locale), typing_(typing), allowed_(allowed) {}

    std::vector<Wanted> wanted;
    std::string shown;  // the query as it was understood
    bool corrected = false;
    std::size_t budget = kPostingsBudget;  // entries of word lists that may still be read

    void read(std::string_view query) {
        const auto words = tokenize(query, kMaxWords);
        const bool open_end = (typing_ == Typing::going_on || !layers_.ranking.whole_words) && !query.empty() && query.back() != ' ';
        const bool only_stop_words = std::ranges::all_of(words, [&](const Token& word) { return is_stop_word(word.folded, locale_); });
        std::span<const Token> same;  // what the words up to `same_until` may be called instead
        std::size_t same_until = 0;
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (i >= same_until) std::tie(same, same_until) = synonyms_at(words, i);
            const bool unfinished = open_end && i + 1 == words.size();
            if (!only_stop_words && is_stop_word(words[i].folded, locale_) && !(unfinished && words.size() == 1)) {
                show(words[i].display);
                continue;
            }
            read_word(words[i], unfinished, same);
        }
    }

private:
    void show(std::string_view word) { (shown += shown.empty() ? "" : " ") += word; }

    static void add(Wanted& want, const TextLayer& layer, std::uint32_t term, float factor) {
        for (auto& known : want.expansions) {
            if (known.layer == &layer && known.term == term) {
                known.factor = std::max(known.factor, factor);
                return;
            }
        }
        want.expansions.push_back({&layer, term, factor});
        want.postings += layer.index->postings(term).size();
    }
    // A word as it is written, in every layer that has it.
    void add_word(Wanted& want, std::string_view folded, float factor) const {
        for (const auto& layer : layers_.layers) {
            if (const auto* surface = layer.index->surface(folded)) add(want, layer, surface->term, factor);
        }
    }

    // What a word that is being typed may become. How rare each is says nothing yet: they count as one word, and those that most products
    // have more than others.
    void add_unfinished(Wanted& want, const std::vector<const TextIndex::Surface*>& longer) const {
        struct Known {
            std::string_view folded;
            float uses = 0, rarity = 0;
        };
        std::vector<Known> known;
        for (const auto* surface : longer) {
            Known word{surface->folded};
            for (const auto& layer : layers_.layers) {
                const auto* own = layer.index->surface(surface->folded);
                if (!own) continue;
                word.uses += static_cast<float>(own->uses);
                if (word.rarity == 0) word.rarity = layer.index->rarity(own->term);
            }
            known.push_back(word);
        }
        float most = 1, common = std::numeric_limits<float>::max();
        for (const auto& word : known) {
            most = std::max(most, word.uses);
            if (word.rarity > 0) common = std::min(common, word.rarity);
        }
        for (const auto& word : known) {
            if (word.rarity > 0)
                add_word(want, word.folded, kPrefixFactor * std::log1p(word.uses) / std::log1p(most) * common / word.rarity);
        }
    }

    void add_whole(Wanted& want, const Token& word, float factor) const {
        const auto stemmed = stem(word, locale_);
        for (const auto& layer : layers_.layers) {
            if (const auto term = layer.index->term(stemmed)) add(want, layer, *term, factor);
        }
        add_word(want, word.folded, factor);
    }

    // The longest phrase with synonyms that begins at a word, and where it ends.
    std::pair<std::span<const Token>, std::size_t> synonyms_at(const std::vector<Token>& words, std::size_t at) const {
        if (!layers_.synonyms || layers_.synonyms->empty()) return {{}, at + 1};
        for (std::size_t length = std::min(kLongestPhrase, words.size() - at); length > 0; --length) {
            const auto phrase = stems_of(std::span(words).subspan(at, length), locale_);
            if (const auto found = layers_.synonyms->find(phrase); found != layers_.synonyms->end()) return {found->second, at + length};
        }
        return {{}, at + 1};
    }

    // What a word may be the beginning of: of one that is being typed any, of one that nobody wrote when it says enough by itself.
    void add_longer(Wanted& want, const Token& word, bool unfinished) const {
        const auto least = unfinished ? std::size_t{1} : word.has_digit() ? kShortestNumber : kShortestFinished;
        if (word.folded.size() < least || (!want.expansions.empty() && (!unfinished || word.folded.size() < 2))) return;
        const auto longer = with_prefix(layers_, word.folded, kMaxExpansions);
        if (unfinished && typing_ == Typing::going_on) {
            add_unfinished(want, longer);
            return;
        }
        for (const auto* surface : longer) add_word(want, surface->folded, kPrefixFactor);
    }

    void read_word(const Token& word, bool unfinished, std::span<const Token> same) {
        Wanted want;
        add_whole(want, word, 1);
        for (const auto& other : same) add_whole(want, other, kSynonymFactor);
        add_longer(want, word, unfinished);
        if (want.expansions.empty() && read_compound(word)) return;
        // "Kuechentisch": who has no ü writes ue.
        if (const auto spelt = want.expansions.empty() && locale_ == kGerman ? with_umlauts(word) : std::nullopt) {
            add_whole(want, *spelt, 1);
            add_longer(want, *spelt, unfinished);
            if (want.expansions.empty() && read_compound(*spelt)) return;
        }
        std::string understood = word.display;
        if (const auto limit = mistakes_allowed(word.folded); want.expansions.empty() && limit > 0 && !word.has_digit()) {
            std::vector<std::pair<const TextIndex::Surface*, std::size_t>> near;  // with the distance
            for (const auto& layer : layers_.layers) {
                for (const auto& found : layer.index->near(word.folded, limit)) {
                    if (is_stop_word(found.first->folded, locale_)) continue;
                    if (&layer == &layers_.layers.front() ||
                        std::ranges::none_of(near, [&](const auto& known) { return known.first->folded == found.first->folded; }))
                        near.push_back(found);
                }
            }
            std::ranges::stable_sort(near, [](const auto& a, const auto& b) {
                return a.second != b.second ? a.second < b.second : more_used(*a.first, *b.first);
            });
            if (near.size() > kMaxCorrections) near.resize(kMaxCorrections);
            for (const auto& [surface, distance] : near) add_word(want, surface->folded, kTypoFactor[distance]);
            // Only a word of what may be seen is shown.
            const auto shown_word = std::ranges::find_if(near, [&](const auto& candidate) { return is_seen(candidate.first->folded); });
            if (shown_word != near.end()) {
                corrected = true;
                understood = shown_word->first->display;
            }
        }
        show(understood);
        wanted.push_back(std::move(want));
    }

    bool is_seen(std::string_view folded) {
        return std::ranges::any_of(layers_.layers, [&](const TextLayer& layer) {
            const auto* surface = layer.index->surface(folded);
            if (!surface) return false;
            const auto list = layer.index->postings(surface->term);
            const auto seen = std::ranges::find_if(list.first(std::min(list.size(), budget)), [&](const auto& posting) {
                return allowed_.contains(posting.ordinal()) && layer.shows(posting.ordinal());
            });
            const auto looked_at = static_cast<std::size_t>(seen - list.begin());
            const bool found = looked_at < std::min(list.size(), budget);
            budget -= std::min(budget, looked_at + 1);
            return found;
        });
    }

    // A compound that nobody wrote: its parts are asked for, each as a word of its own.
    bool read_compound(const Token& word) {
        if (!layers_.ranking.compounds || !builds_compounds(locale_) || word.has_digit()) return false;
        std::vector<std::string_view> parts;
        // As it is written somewhere, or in another form of that word: "Tassen" where all are a "Tasse".
        const auto written = [&](std::string_view part) -> std::optional<Token> {
            Token token{std::string(part), std::string(part)};
            for (const auto& layer : layers_.layers) {
                if (const auto* known = layer.index->written(part)) return Token{token.folded, *known};
            }
            const auto stemmed = stem(token, locale_);
            if (stemmed.size() < kShortestPart - 1) return std::nullopt;
            const bool known =
                std::ranges::any_of(layers_.layers, [&](const auto& layer) { return layer.index->term(stemmed).has_value(); });
            return known ? std::optional(std::move(token)) : std::nullopt;
        };
        if (!split_compound(std::string_view(word.folded), [&](std::string_view part) { return written(part).has_value(); }, parts))
            return false;
        for (const auto part : parts) {
            Wanted want;
            add_whole(want, *written(part), 1);
            wanted.push_back(std::move(want));
        }
        show(word.display);
        return true;
    }

    const TextLayers& layers_;
    int locale_;
    Typing typing_;
    const Bits& allowed_;
};

// The products with one of these words. By layer, because each has others that do not count any more.
Bits products_of(const std::vector<Expansion>& expansions, std::size_t ordinals, std::size_t& budget) {
    Bits out(ordinals);
    std::vector<const TextLayer*> layers;
    for (const auto& expansion : expansions) {
        if (std::ranges::find(layers, expansion.layer) == layers.end()) layers.push_back(expansion.layer);
    }
    for (const auto* layer : layers) {
        Bits of_layer(ordinals);
        for (const auto& expansion : expansions) {
            if (expansion.layer != layer) continue;
            if (const auto* known = layer->index->products_of(expansion.term)) {
                of_layer |= known->bits();
                continue;
            }
            const auto list = layer->index->postings(expansion.term);
            const auto read = list.first(std::min(list.size(), budget));
            for (const auto& posting : read) of_layer.add(posting.ordinal());
            budget -= read.size();
        }
        if (layer->superseded) layer->superseded->take_from(of_layer);
        out |= of_layer;
    }
    return out;
}

// Which products have how many of the words.
class Matches {
public:
    // Takes what it reads from `budget`, three quarters of it at most: the rest is for the scores.
    Matches(const std::vector<Wanted>& wanted, const Bits& allowed, std::size_t ordinals, std::size_t& budget)
        : at_least_(wanted.size() + 1) {
        at_least_[0] = allowed;
        for (std::size_t i = 1; i < at_least_.size(); ++i) at_least_[i] = Bits(ordinals);
        std::size_t before = 0;
        const auto kept = budget / 4;
        for (const auto& want : wanted) {
            // What one word does not use is for those after it.
            auto of_word = (budget - kept) / (wanted.size() - before);
            budget -= of_word;
            const auto products = products_of(want.expansions, ordinals, of_word);
            budget += of_word;
            for (auto words = ++before; words > 0; --words) at_least_[words].add_common(at_least_[words - 1], products);
        }
    }
    // Those with so many words or more.
    [[nodiscard]] const Bits& with(std::size_t words) const { return at_least_[words]; }
    [[nodiscard]] std::uint32_t words_of(Ordinal ordinal, std::size_t least) const {
        while (least + 1 < at_least_.size() && at_least_[least + 1].contains(ordinal)) ++least;
        return static_cast<std::uint32_t>(least);
    }
    // The most words, `half` at least, that `enough` products have; `half` when no number of words is in so many.
    [[nodiscard]] std::size_t most(std::size_t half, std::size_t enough) const {
        auto words = at_least_.size() - 1;
        while (words > half && at_least_[words].count() < enough) --words;
        return words;
    }

private:
    std::vector<Bits> at_least_;
};

// How well products match. Takes the entries of word lists that it reads from `budget`.
void score(const std::vector<Wanted>& wanted, const Bits& products, const std::vector<Ordinal>& ordinals, std::vector<float>& scores,
           std::size_t& budget) {
    scores.assign(ordinals.size(), 0);
    std::vector<float> of_word(ordinals.size());
    thread_local std::vector<std::uint32_t> places;  // by ordinal; right for those of `products`
    if (!ordinals.empty() && places.size() <= ordinals.back()) places.resize(ordinals.back() + std::size_t{1});
    for (std::size_t i = 0; i < ordinals.size(); ++i) places[ordinals[i]] = static_cast<std::uint32_t>(i);

    // The rarest words first: they say most, and the budget is spent on them.
    std::vector<const Wanted*> order;
    for (const auto& want : wanted) order.push_back(&want);
    std::ranges::stable_sort(order, {}, [](const Wanted* want) { return want->postings; });
    for (const auto* want : order) {
        std::ranges::fill(of_word, 0.0F);
        for (const auto& [layer, term, weight] : want->expansions) {
            const auto& index = *layer->index;
            const auto factor = weight * index.rarity(term);
            const auto list = index.postings(term);
            const auto raise = [&](std::size_t place, const TextIndex::Posting& posting) {
                if (layer->shows(posting.ordinal())) of_word[place] = std::max(of_word[place], factor * posting.impact);
            };
            constexpr std::size_t kLookUp = 4;  // takes the time of so many entries of the list
            if (const auto* ranked = index.products_of(term); ranked && kLookUp * ordinals.size() < list.size()) {
                const auto count = std::min(budget, ordinals.size());
                for (std::size_t i = 0; i < count; ++i) {
                    if (ranked->bits().contains(ordinals[i])) raise(i, list[ranked->rank(ordinals[i])]);
                }
                budget -= count;
                continue;
            }
            const auto read = list.first(std::min(budget, list.size()));
            for (const auto& posting : read) {
                if (products.contains(posting.ordinal())) raise(places[posting.ordinal()], posting);
            }
            budget -= read.size();
        }
        for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += of_word[i];
    }
}

// A single common word out of five is not an answer.
std::size_t half_of(const std::vector<Wanted>& wanted) { return (wanted.size() + 1) / 2; }

// What else a word may stand for cannot be among the `top` best any more when so many score higher than it ever could. Looking for those
// takes an eighth of `budget` at most; whatever the word may stand for beyond that is kept.
void leave_out_the_hopeless(Wanted& want, std::size_t top, const Bits& allowed, std::size_t& budget) {
    constexpr float kRounding = 0.002F;  // scores that differ by less are put in order by something else
    std::vector<std::pair<float, const Expansion*>> order;
    for (const auto& expansion : want.expansions) {
        const auto& index = *expansion.layer->index;
        order.emplace_back(expansion.factor * index.rarity(expansion.term) * index.best(expansion.term), &expansion);
    }
    std::ranges::stable_sort(order, std::ranges::greater{}, [](const auto& entry) { return entry.first; });
    std::vector<std::pair<float, Ordinal>> best;  // the lowest in front
    const auto note = [&](float score, Ordinal ordinal) {
        const auto known = std::ranges::find(best, ordinal, &std::pair<float, Ordinal>::second);
        if (known != best.end())
            known->first = std::max(known->first, score);
        else if (best.size() < top)
            best.emplace_back(score, ordinal);
        else
            best.front() = {score, ordinal};
        std::ranges::sort(best);
    };
    std::vector<Expansion> kept;
    auto left = budget / 8;
    budget -= left;
    for (const auto& [most, expansion] : order) {
        if (best.size() == top && best.front().first > most + kRounding) break;
        kept.push_back(*expansion);
        const auto& index = *expansion->layer->index;
        const auto factor = expansion->factor * index.rarity(expansion->term);
        auto list = index.postings(expansion->term);
        list = list.first(std::min(list.size(), left));
        left -= list.size();
        for (const auto& posting : list) {
            const auto score = factor * posting.impact;
            if (best.size() == top && score <= best.front().first) continue;
            if (allowed.contains(posting.ordinal()) && expansion->layer->shows(posting.ordinal())) note(score, posting.ordinal());
        }
    }
    want.expansions = std::move(kept);
    budget += left;
}

}  // namespace

TextResult search_text(const TextLayers& layers, int locale, std::string_view query, const Bits& allowed, std::size_t ordinals,
                       Typing typing, std::size_t top) {
    TextResult result;
    if (layers.layers.empty() || allowed.none()) return result;

    // A number as it stands on a label finds that product. Alone, unless it is also a word, or words: then those follow.
    if (const auto code = squeeze(query); !code.empty()) {
        for (const auto& layer : layers.layers) {
            const auto term = layer.index->term(code);
            if (!term) continue;
            for (const auto ordinal : layer.index->labelled(*term)) {
                if (layer.shows(ordinal) && allowed.contains(ordinal)) result.hits.push_back({ordinal, kCodeScore});
            }
        }
        if (!result.hits.empty() && is_article_number(query)) return result;
    }
    const auto labelled = result.hits;

    Query asked(layers, locale, typing, allowed);
    asked.read(query);
    if (asked.wanted.empty()) return result;
    if (top > 0 && asked.wanted.size() == 1) leave_out_the_hopeless(asked.wanted.front(), top, allowed, asked.budget);

    const Matches matches(asked.wanted, allowed, ordinals, asked.budget);
    auto least = matches.most(half_of(asked.wanted), top > 0 ? top : layers.ranking.fill ? kEnough : 1);
    // Fewer rather than nothing at all: the rarest of the words leads.
    while (least > 1 && matches.with(least).none()) --least;
    const auto& found = matches.with(least);
    const auto of_found = found.ordinals();
    std::vector<float> scores;
    score(asked.wanted, found, of_found, scores, asked.budget);
    result.read = kPostingsBudget - asked.budget;
    constexpr std::uint32_t kHighest = (1U << kScoreBits) - 1;
    constexpr std::uint32_t kMostCounted = 14;  // below kCodeScore
    result.hits.reserve(of_found.size());
    for (std::size_t i = 0; i < of_found.size(); ++i) {
        if (std::ranges::find(labelled, of_found[i], &TextHit::ordinal) != labelled.end()) continue;
        const auto words = std::min(matches.words_of(of_found[i], least), kMostCounted);
        result.hits.push_back(
            {of_found[i], words << kScoreBits | static_cast<std::uint32_t>(std::clamp<long>(std::lround(scores[i] * 1000), 0, kHighest))});
    }
    if (asked.corrected && labelled.empty() && !result.hits.empty()) result.corrected = std::move(asked.shown);
    return result;
}

Bits products_with(const TextLayers& layers, int locale, std::string_view query, const Bits& allowed, std::size_t ordinals) {
    Query asked(layers, locale, Typing::finished, allowed);
    asked.read(query);
    if (asked.corrected || asked.wanted.empty()) return {};
    const Matches matches(asked.wanted, allowed, ordinals, asked.budget);
    return matches.with(matches.most(half_of(asked.wanted), 1));
}

std::vector<std::pair<std::string, std::string>> completions(const TextLayers& layers, int locale, std::string_view folded_prefix,
                                                             std::size_t limit, const Bits& among, const Bits& in_stock,
                                                             std::size_t ordinals) {
    struct Found {
        const TextIndex::Surface* surface;
        std::size_t in_stock, products;
    };
    std::vector<Found> found;
    std::size_t budget = kPostingsBudget / 8;
    for (const auto* surface : with_prefix(layers, folded_prefix, limit * 3)) {
        if (has_digit(surface->folded) || is_stop_word(surface->folded, locale)) continue;
        std::vector<Expansion> in_layers;
        for (const auto& layer : layers.layers) {
            if (const auto* own = layer.index->surface(surface->folded)) in_layers.push_back({&layer, own->term, 1});
        }
        auto products = products_of(in_layers, ordinals, budget);
        products &= among;
        if (const auto count = products.count(); count > 0) found.push_back({surface, products.count_and(in_stock), count});
    }
    std::ranges::stable_sort(
        found, [](const auto& a, const auto& b) { return std::tie(a.in_stock, a.products) > std::tie(b.in_stock, b.products); });
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& each : found) {
        if (out.size() == limit) break;
        out.emplace_back(each.surface->folded, each.surface->display);
    }
    return out;
}

}  // namespace stoa::search
