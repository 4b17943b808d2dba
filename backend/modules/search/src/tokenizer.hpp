#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::search {

struct Token {
    std::string folded;   // lower case, no accents: what is compared
    std::string display;  // lower case, accents kept: what is shown and stemmed
    [[nodiscard]] bool has_digit() const { return folded.find_first_of("0123456789") != std::string::npos; }
};

// Words of a text: runs of letters and digits, without the ending of a possessive. At most `limit` of them; a word is cut at 64 bytes.
[[nodiscard]] std::vector<Token> tokenize(std::string_view text, std::size_t limit = 4096);
// Letters and digits only, folded: "SKU-001 / A" → "sku001a".
[[nodiscard]] std::string squeeze(std::string_view text);
// Text of HTML that our own renderer wrote.
[[nodiscard]] std::string strip_tags(std::string_view html);
// Snowball stem of a lower-case word in one of the shop's languages, folded.
[[nodiscard]] std::string stem(const Token& token, int locale);
[[nodiscard]] std::string stems_of(std::span<const Token> words, int locale);  // one space between them
// Letters of a finished word, or of one with digits, that may be the beginning of another when nobody wrote it.
inline constexpr std::size_t kShortestFinished = 4, kShortestNumber = 3;
// "ISA-CHA-OAK", "4012", but not "isa": what can hardly be words.
[[nodiscard]] bool is_article_number(std::string_view query);
// With ä, ö and ü where it has ae, oe and ue; nullopt when it has none.
[[nodiscard]] std::optional<Token> with_umlauts(const Token& word);
[[nodiscard]] bool is_stop_word(std::string_view folded, int locale);
// Insertions, deletions, replacements and swaps of neighbours between two folded words, in bytes; limit + 1 when there are more.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

}  // namespace stoa::search
