#pragma once
// Synonyms and rules in the form that queries need.
#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "stoa/catalog/model.hpp"
#include "stoa/search/merchandising.hpp"
#include "tokenizer.hpp"

namespace stoa::search {

inline constexpr std::size_t kLongestPhrase = 3;

// Stems of a phrase → the single words that mean the same.
using SynonymMap = std::unordered_map<std::string, std::vector<Token>>;

struct Merchandising {
    std::array<SynonymMap, catalog::kLocales.size()> synonyms;
    std::unordered_map<std::string, std::vector<Rule>> by_query;  // folded words, one space between them
    // Stems of the words → the query in by_query, for what is asked in another form. The first of several.
    std::array<std::unordered_map<std::string, std::string>, catalog::kLocales.size()> by_stems;
    std::unordered_map<Uuid, std::vector<Rule>> by_category;
    std::vector<Timestamp> boundaries;  // moments at which a rule begins or ends, sorted

    // The rules that hold now, in their order. A query's own rules only, when there is a query.
    [[nodiscard]] std::vector<const Rule*> rules_for(std::string_view locale, std::string_view query, const Uuid* category,
                                                     Timestamp at) const;
    // Grows whenever another rule begins or ends.
    [[nodiscard]] std::size_t epoch(Timestamp at) const;
};

[[nodiscard]] std::string phrase_of(std::string_view text);  // folded words, one space between them
[[nodiscard]] Merchandising make_merchandising(const std::vector<Synonyms>& synonyms, std::vector<Rule> rules);
[[nodiscard]] Merchandising load_merchandising(db::Session& session);

}  // namespace stoa::search
