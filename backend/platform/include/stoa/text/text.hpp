#pragma once
// Text helpers that several modules need: folding for search and sorting, slugs for addresses, and a small Markdown dialect
// that becomes safe HTML. All functions are pure and thread-safe; broken UTF-8 is replaced, never passed on.
#include <cstddef>
#include <string>
#include <string_view>

namespace stoa::text {

// Lower case and without accents for Latin letters ("Ärmel" → "armel", "Straße" → "strasse", "Œuvre" → "oeuvre"); other
// scripts are kept as they are.
[[nodiscard]] std::string fold(std::string_view utf8);
// Lower case only ("Ärmel" → "ärmel").
[[nodiscard]] std::string lower(std::string_view utf8);
// One code point from `utf8` at `position`, which moves on. U+FFFD for broken input; 0 at the end.
[[nodiscard]] char32_t next_code_point(std::string_view utf8, std::size_t& position);
void append_utf8(std::string& out, char32_t code_point);
// Letters and digits that words are made of (ASCII, Latin and everything above U+00BF that is not punctuation or space).
[[nodiscard]] bool is_word_character(char32_t code_point);

// "Côte d'Azur No. 5" → "cote-d-azur-no-5". German umlauts become two letters when `locale` is "de". At most 80
// characters, cut at a hyphen where possible; "item" when nothing is left.
[[nodiscard]] std::string slugify(std::string_view utf8, std::string_view locale = "en");

// & < > " ' as entities.
[[nodiscard]] std::string escape_html(std::string_view text);

// Headings (# to ####, rendered as h2 to h4), paragraphs, **strong**, *emphasis*, `code`, [links](…), ![pictures](/media/…),
// - and 1. lists, > quotes, | tables |, --- rules. Everything else, HTML included, is shown as written: the output is built
// from escaped text and a fixed list of tags, so hostile input cannot add another. Links: https, http, mailto, tel, and paths of
// this site only.
[[nodiscard]] std::string markdown_to_html(std::string_view source);
// The same text without any markup, cut at a word to at most `max_characters` (0: whole), for descriptions in <meta>.
[[nodiscard]] std::string markdown_to_text(std::string_view source, std::size_t max_characters = 0);

}  // namespace stoa::text
