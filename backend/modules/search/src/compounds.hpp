#pragma once
// German and Dutch compounds, and what a catalogue's own words say about their parts.
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace stoa::search {

// Words that compounds end in although nothing is called by them alone: who sells a "Sitzbank" and a "Gartenbank", a seat and things for
// the garden has said what a "Bank" is. `words` are folded and as they are written; so is the answer. A part follows two known words, or
// one and something else when it is long enough not to be an ending.
using CompoundParts = std::unordered_map<std::string, std::string>;
[[nodiscard]] CompoundParts learn_parts(const std::vector<std::pair<std::string_view, std::string_view>>& words);

inline constexpr std::size_t kShortestPart = 4;
inline constexpr std::size_t kSurePart = 5;  // so long that a word which ends in it is hardly something else

}  // namespace stoa::search
