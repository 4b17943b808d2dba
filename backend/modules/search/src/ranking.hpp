#pragma once
// Which ideas of the ranking are in use. All of them are, unless a measurement leaves some out to see what each is worth.
#include <optional>
#include <string_view>

namespace stoa::search {

struct Ranking {
    bool text_attributes = true;  // attributes of free text are searched as well
    bool whole_words = true;      // a word that occurs as it is typed stands for itself and not for longer words
    bool field_norms = true;      // long names and long descriptions are each compared with their like
    bool fill = true;             // a short answer goes on with products that lack a word
    bool compounds = true;        // "Gartenstuhl" is also a "Stuhl"
    bool learnt_parts = true;     // even where nothing is called a "Stuhl" alone
};

// Everything but the ideas named, separated by commas. Empty for a name that is not known.
[[nodiscard]] std::optional<Ranking> ranking_without(std::string_view names);

}  // namespace stoa::search
