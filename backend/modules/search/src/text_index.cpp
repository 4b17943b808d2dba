#include "text_index.hpp"

#include <algorithm>
#include <cmath>

namespace stoa::search {
namespace {

constexpr float kSaturation = 1.4F;       // BM25 k1
constexpr float kLengthInfluence = 0.4F;  // BM25 b: product texts vary in length for no good reason
constexpr float kPrefixFactor = 0.55F;
constexpr float kTypoFactor = 0.45F;
constexpr float kExactFormBonus = 1.15F;  // the word as typed, not only its stem
constexpr std::size_t kMaxWords = 12;
constexpr std::size_t kMaxExpansions = 48;
constexpr std::size_t kMaxCorrections = 3;
constexpr std::size_t kShortestCorrected = 4;

struct Expansion {
    const TextIndex* layer;
    std::uint32_t term;
    float factor;
};

}  // namespace

std::uint32_t TextIndex::Builder::term_of(const std::string& stem) {
    const auto [it, added] = terms_.try_emplace(stem, static_cast<std::uint32_t>(postings_.size()));
    if (added) postings_.emplace_back();
    return it->second;
}

void TextIndex::Builder::count(Ordinal ordinal, std::uint32_t term, float weight) {
    auto& list = postings_[term];
    if (!list.empty() && list.back().ordinal == ordinal)
        list.back().weight += weight;
    else
        list.push_back({ordinal, weight});
}

void TextIndex::Builder::add(Ordinal ordinal, const std::vector<TextField>& fields, const std::vector<std::string_view>& codes) {
    float length = 0;
    for (const auto& field : fields) {
        for (auto& token : tokenize(field.text)) {
            auto found = words_.find(token.folded);
            if (found == words_.end()) {
                Word word;
                word.term = term_of(stem(token, locale_));
                word.display = std::move(token.display);
                found = words_.emplace(std::move(token.folded), std::move(word)).first;
            }
            auto& word = found->second;
            if (word.last != ordinal) {
                word.last = ordinal;
                ++word.uses;
            }
            count(ordinal, word.term, field.weight);
            length += field.weight;
        }
    }
    for (const auto code : codes) {
        auto squeezed = squeeze(code);
        if (squeezed.empty()) continue;
        auto found = words_.find(squeezed);
        if (found == words_.end()) {
            Word word;
            word.term = term_of(squeezed);
            word.display = squeezed;
            found = words_.emplace(std::move(squeezed), std::move(word)).first;
        }
        if (found->second.last != ordinal) {
            found->second.last = ordinal;
            ++found->second.uses;
        }
        count(ordinal, found->second.term, kCodeWeight);
    }
    lengths_.emplace_back(ordinal, length);
}

std::shared_ptr<const TextIndex> TextIndex::Builder::build() {
    auto index = std::make_shared<TextIndex>();
    std::size_t total = 0;
    for (const auto& list : postings_) total += list.size();
    index->postings_.reserve(total);
    index->offsets_.reserve(postings_.size() + 1);
    for (auto& list : postings_) {
        index->offsets_.push_back(index->postings_.size());
        index->postings_.insert(index->postings_.end(), list.begin(), list.end());
        list = {};
    }
    index->offsets_.push_back(index->postings_.size());
    index->terms_ = std::move(terms_);
    index->surfaces_.reserve(words_.size());
    for (auto& [folded, word] : words_) index->surfaces_.push_back({folded, std::move(word.display), word.term, word.uses});
    std::ranges::sort(index->surfaces_, {}, &Surface::folded);
    std::ranges::sort(lengths_);
    for (const auto& [ordinal, length] : lengths_) {
        index->total_length_ += static_cast<double>(length);
        if (index->length_by_ordinal_.size() <= ordinal) index->length_by_ordinal_.resize(ordinal + 1, 0);
        index->length_by_ordinal_[ordinal] = length;
    }
    index->lengths_ = std::move(lengths_);
    return index;
}

float TextIndex::length(Ordinal ordinal) const { return ordinal < length_by_ordinal_.size() ? length_by_ordinal_[ordinal] : 0; }

std::optional<std::uint32_t> TextIndex::term(const std::string& stem) const {
    const auto found = terms_.find(stem);
    if (found == terms_.end()) return std::nullopt;
    return found->second;
}

std::optional<std::uint32_t> TextIndex::surface_term(std::string_view folded) const {
    const auto found = std::ranges::lower_bound(surfaces_, folded, {}, [](const Surface& s) { return std::string_view(s.folded); });
    if (found == surfaces_.end() || found->folded != folded) return std::nullopt;
    return found->term;
}

std::span<const TextIndex::Posting> TextIndex::postings(std::uint32_t term) const {
    return {postings_.data() + offsets_[term], offsets_[term + 1] - offsets_[term]};
}

std::span<const TextIndex::Surface> TextIndex::with_prefix(std::string_view prefix) const {
    const auto first = std::ranges::lower_bound(surfaces_, prefix, {}, [](const Surface& s) { return std::string_view(s.folded); });
    auto last = first;
    // The end of the range by a second search: words with the prefix are neighbours.
    last = std::partition_point(first, surfaces_.end(),
                                [&](const Surface& s) { return std::string_view(s.folded).substr(0, prefix.size()) <= prefix; });
    return {first, last};
}

namespace {

// The most used words among those with the prefix.
std::vector<const TextIndex::Surface*> top_with_prefix(const TextIndex& index, std::string_view prefix, std::size_t limit) {
    const auto range = index.with_prefix(prefix);
    std::vector<const TextIndex::Surface*> out;
    out.reserve(range.size());
    for (const auto& surface : range) out.push_back(&surface);
    const auto more_used = [](const auto* a, const auto* b) { return a->uses != b->uses ? a->uses > b->uses : a->folded < b->folded; };
    if (out.size() > limit) {
        std::ranges::nth_element(out, out.begin() + static_cast<std::ptrdiff_t>(limit), more_used);
        out.resize(limit);
    }
    std::ranges::sort(out, more_used);
    return out;
}

std::vector<const TextIndex*> layers_of(const TextLayers& layers) {
    std::vector<const TextIndex*> out;
    if (layers.main) out.push_back(layers.main.get());
    if (layers.delta) out.push_back(layers.delta.get());
    return out;
}

}  // namespace

TextResult search_text(const TextLayers& layers, int locale, std::string_view query, const Roaring& allowed, std::size_t ordinals) {
    TextResult result;
    const auto indexes = layers_of(layers);
    auto words = tokenize(query, kMaxWords);
    if (words.empty() || indexes.empty()) return result;
    const bool open_end = !query.empty() && query.back() != ' ';

    const auto visit = [&](const TextIndex* layer, std::uint32_t term, auto&& each) {
        for (const auto& posting : layer->postings(term)) {
            if (layer == layers.main.get() && layers.superseded.contains(posting.ordinal)) continue;
            if (allowed.contains(posting.ordinal)) each(posting);
        }
    };

    // A number as it stands on a label finds that product and nothing else.
    if (query.find_first_of("0123456789") != std::string_view::npos) {
        const auto code = squeeze(query);
        for (const auto* layer : indexes) {
            if (const auto term = layer->term(code))
                visit(layer, *term, [&](const auto& posting) {
                    if (posting.weight >= kCodeWeight) result.hits.push_back({posting.ordinal, 1'000'000});
                });
        }
        if (!result.hits.empty()) {
            std::ranges::sort(result.hits, {}, &TextHit::ordinal);
            const auto rest = std::ranges::unique(result.hits, {}, &TextHit::ordinal);
            result.hits.erase(rest.begin(), rest.end());
            return result;
        }
    }

    const bool only_stop_words = std::ranges::all_of(words, [&](const Token& word) { return is_stop_word(word.folded, locale); });
    double documents = 0;
    double length = 0;
    for (const auto* layer : indexes) {
        documents += static_cast<double>(layer->documents());
        length += layer->total_length();
    }
    const float average = documents > 0 ? static_cast<float>(length / documents) : 1;

    std::vector<float> score(ordinals, 0);
    std::vector<float> of_word(ordinals, 0);
    std::vector<std::uint8_t> matched(ordinals, 0);
    std::vector<Ordinal> touched;
    std::uint8_t used_words = 0;
    bool corrected = false;
    std::string corrected_query;

    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto& word = words[i];
        const bool last = i + 1 == words.size();
        std::string shown = word.display;
        if (!only_stop_words && is_stop_word(word.folded, locale) && !(last && open_end && words.size() == 1)) {
            corrected_query += (corrected_query.empty() ? "" : " ") + shown;
            continue;
        }
        const auto stemmed = stem(word, locale);
        std::vector<Expansion> expansions;
        const auto add = [&](const TextIndex* layer, std::uint32_t term, float factor) {
            for (auto& known : expansions) {
                if (known.layer == layer && known.term == term) {
                    known.factor = std::max(known.factor, factor);
                    return;
                }
            }
            expansions.push_back({layer, term, factor});
        };
        for (const auto* layer : indexes) {
            if (const auto term = layer->term(stemmed)) add(layer, *term, 1);
            if (const auto term = layer->surface_term(word.folded)) add(layer, *term, kExactFormBonus);
        }
        const bool found_whole = !expansions.empty();
        if ((last && open_end && word.folded.size() >= 2) || !found_whole) {
            for (const auto* layer : indexes) {
                for (const auto* surface : top_with_prefix(*layer, word.folded, kMaxExpansions)) add(layer, surface->term, kPrefixFactor);
            }
        }
        if (expansions.empty() && !word.has_digit() && word.folded.size() >= kShortestCorrected) {
            std::vector<std::pair<const TextIndex*, const TextIndex::Surface*>> near;
            for (const auto* layer : indexes) {
                for (const auto& surface : layer->surfaces()) {
                    if (surface.folded.size() + 1 < word.folded.size() || surface.folded.size() > word.folded.size() + 1) continue;
                    if (surface.folded.find_first_of("0123456789") != std::string::npos) continue;
                    if (within_one_edit(word.folded, surface.folded)) near.emplace_back(layer, &surface);
                }
            }
            std::ranges::sort(near, [](const auto& a, const auto& b) {
                return a.second->uses != b.second->uses ? a.second->uses > b.second->uses : a.second->folded < b.second->folded;
            });
            if (near.size() > kMaxCorrections) near.resize(kMaxCorrections);
            for (const auto& [layer, surface] : near) add(layer, surface->term, kTypoFactor);
            if (!near.empty()) {
                corrected = true;
                shown = near.front().second->display;
            }
        }
        corrected_query += (corrected_query.empty() ? "" : " ") + shown;
        ++used_words;

        std::vector<Ordinal> of_this;
        for (const auto& expansion : expansions) {
            const auto list = expansion.layer->postings(expansion.term);
            const auto uses = static_cast<double>(list.size());
            const auto rarity = static_cast<float>(std::log(1 + (documents - std::min(uses, documents) + 0.5) / (uses + 0.5)));
            visit(expansion.layer, expansion.term, [&](const auto& posting) {
                const float norm = 1 - kLengthInfluence + kLengthInfluence * expansion.layer->length(posting.ordinal) / average;
                const float value = expansion.factor * rarity * posting.weight * (kSaturation + 1) / (posting.weight + kSaturation * norm);
                if (of_word[posting.ordinal] == 0) of_this.push_back(posting.ordinal);
                of_word[posting.ordinal] = std::max(of_word[posting.ordinal], value);
            });
        }
        for (const auto ordinal : of_this) {
            if (matched[ordinal] == 0) touched.push_back(ordinal);
            ++matched[ordinal];
            score[ordinal] += of_word[ordinal];
            of_word[ordinal] = 0;
        }
    }
    std::uint8_t most = 0;
    for (const auto ordinal : touched) most = std::max(most, matched[ordinal]);
    // Half of the words at least: a single common word out of five is not an answer.
    if (2 * most < used_words) return result;
    for (const auto ordinal : touched) {
        if (matched[ordinal] == most) result.hits.push_back({ordinal, std::llround(static_cast<double>(score[ordinal]) * 1000)});
    }
    if (corrected && !result.hits.empty()) result.corrected = std::move(corrected_query);
    return result;
}

std::vector<std::pair<std::string, std::string>> completions(const TextLayers& layers, std::string_view folded_prefix, std::size_t limit) {
    std::vector<const TextIndex::Surface*> found;
    for (const auto* layer : layers_of(layers)) {
        for (const auto* surface : top_with_prefix(*layer, folded_prefix, limit * 2)) {
            if (!std::ranges::any_of(found, [&](const auto* known) { return known->folded == surface->folded; })) found.push_back(surface);
        }
    }
    std::ranges::stable_sort(found, [](const auto* a, const auto* b) { return a->uses > b->uses; });
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto* surface : found) {
        if (surface->folded.find_first_of("0123456789") != std::string::npos) continue;
        out.emplace_back(surface->folded, surface->display);
        if (out.size() == limit) break;
    }
    return out;
}

}  // namespace stoa::search
