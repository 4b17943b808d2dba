#include "tokenizer.hpp"

#include <libstemmer.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

#include "stoa/text/text.hpp"

namespace stoa::search {
namespace {

constexpr std::size_t kLongestWord = 64;

struct StemmerDeleter {
    void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};
using StemmerPtr = std::unique_ptr<sb_stemmer, StemmerDeleter>;

// A stemmer keeps state between calls, so every thread has its own.
sb_stemmer* stemmer_for(int locale) {
    static constexpr std::array kNames{"english", "german", "dutch", "french"};
    thread_local std::array<StemmerPtr, 4> stemmers;
    auto& stemmer = stemmers[static_cast<std::size_t>(locale)];
    if (!stemmer) stemmer.reset(sb_stemmer_new(kNames[static_cast<std::size_t>(locale)], "UTF_8"));
    if (!stemmer) throw std::runtime_error("search: libstemmer lacks a language");
    return stemmer.get();
}

// Sorted, folded.
constexpr std::array<std::string_view, 25> kEnglish{"a",    "an",  "and",  "are", "as",   "at",  "be",  "by", "for",
                                                    "from", "in",  "is",   "it",  "its",  "of",  "on",  "or", "our",
                                                    "that", "the", "this", "to",  "with", "you", "your"};
constexpr std::array<std::string_view, 31> kGerman{"als", "am",  "an",   "auf",   "aus",   "bei",   "das",   "dem", "den", "der", "des",
                                                   "die", "ein", "eine", "einem", "einen", "einer", "eines", "es",  "fur", "im",  "in",
                                                   "ist", "mit", "oder", "und",   "vom",   "von",   "zu",    "zum", "zur"};
constexpr std::array<std::string_view, 19> kDutch{"aan",  "bij", "de", "dit", "een", "en",  "het", "in",  "is",  "met",
                                                  "naar", "of",  "om", "op",  "te",  "tot", "uit", "van", "voor"};
constexpr std::array<std::string_view, 24> kFrench{"a",  "au", "aux", "avec", "ce",  "d",  "dans", "de",   "des", "du", "en",  "est",
                                                   "et", "l",  "la",  "le",   "les", "ou", "par",  "pour", "sur", "un", "une", "vos"};

}  // namespace

std::vector<Token> tokenize(std::string_view text, std::size_t limit) {
    std::vector<Token> out;
    std::string word;
    const auto finish = [&] {
        if (word.empty()) return;
        Token token{text::fold(word), text::lower(word)};
        word.clear();
        if (!token.folded.empty()) out.push_back(std::move(token));
    };
    for (std::size_t position = 0; position < text.size() && out.size() < limit;) {
        const char32_t c = text::next_code_point(text, position);
        if (text::is_word_character(c)) {
            if (word.size() < kLongestWord) text::append_utf8(word, c);
        } else {
            finish();
        }
    }
    if (out.size() < limit) finish();
    return out;
}

std::string squeeze(std::string_view text) {
    std::string out;
    for (const char c : text::fold(text)) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80) out += c;
    }
    return out;
}

std::string strip_tags(std::string_view html) {
    std::string out;
    out.reserve(html.size());
    for (std::size_t i = 0; i < html.size(); ++i) {
        if (html[i] == '<') {
            const auto end = html.find('>', i);
            if (end == std::string_view::npos) break;
            out += ' ';
            i = end;
        } else if (html[i] == '&') {
            const auto end = html.find(';', i);
            if (end == std::string_view::npos || end - i > 6) continue;
            out += html.substr(i, end - i + 1) == "&#39;" ? '\'' : ' ';
            i = end;
        } else {
            out += html[i];
        }
    }
    return out;
}

std::string stem(const Token& token, int locale) {
    if (token.has_digit() || token.folded.size() < 3) return token.folded;
    auto* stemmer = stemmer_for(locale);
    const auto* result =
        sb_stemmer_stem(stemmer, reinterpret_cast<const sb_symbol*>(token.display.data()), static_cast<int>(token.display.size()));
    if (!result) return token.folded;
    const std::string_view stemmed(reinterpret_cast<const char*>(result), static_cast<std::size_t>(sb_stemmer_length(stemmer)));
    return stemmed.empty() ? token.folded : text::fold(stemmed);
}

bool is_stop_word(std::string_view folded, int locale) {
    switch (locale) {
        case 0:
            return std::ranges::binary_search(kEnglish, folded);
        case 1:
            return std::ranges::binary_search(kGerman, folded);
        case 2:
            return std::ranges::binary_search(kDutch, folded);
        case 3:
            return std::ranges::binary_search(kFrench, folded);
        default:
            return false;
    }
}

bool within_one_edit(std::string_view a, std::string_view b) {
    if (a.size() > b.size()) std::swap(a, b);
    if (b.size() - a.size() > 1) return false;
    std::size_t i = 0;
    while (i < a.size() && a[i] == b[i]) ++i;
    if (i == a.size()) return true;
    if (a.size() == b.size()) {
        if (a.substr(i + 1) == b.substr(i + 1)) return true;
        return i + 1 < a.size() && a[i] == b[i + 1] && a[i + 1] == b[i] && a.substr(i + 2) == b.substr(i + 2);
    }
    return a.substr(i) == b.substr(i + 1);
}

}  // namespace stoa::search
