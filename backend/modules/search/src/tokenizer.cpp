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

// Words that say nothing about a product, sorted and folded. Words that can decide are not among them: no, without, off, can.
constexpr auto kEnglish = std::to_array<std::string_view>(
    {"a",       "about",   "after",  "all",     "also",   "am",      "an",   "and",     "any",   "are",  "as",   "at",
     "be",      "because", "been",   "before",  "being",  "between", "both", "but",     "by",    "did",  "do",   "does",
     "doing",   "during",  "each",   "few",     "find",   "for",     "from", "further", "had",   "has",  "have", "having",
     "he",      "her",     "here",   "hers",    "him",    "his",     "how",  "i",       "if",    "in",   "into", "is",
     "it",      "its",     "itself", "looking", "me",     "more",    "most", "my",      "need",  "of",   "on",   "once",
     "only",    "or",      "other",  "our",     "ours",   "please",  "she",  "should",  "show",  "so",   "some", "such",
     "than",    "that",    "the",    "their",   "theirs", "them",    "then", "there",   "these", "they", "this", "those",
     "through", "to",      "too",    "until",   "very",   "want",    "was",  "we",      "were",  "what", "when", "where",
     "which",   "while",   "who",    "whom",    "whose",  "why",     "with", "would",   "you",   "your", "yours"});
constexpr auto kGerman = std::to_array<std::string_view>(
    {"aber",   "alle",   "allem",  "allen", "aller", "alles", "als",   "also",    "am",      "an",    "andere",  "anderen", "auch",
     "auf",    "aus",    "bei",    "beim",  "bin",   "bis",   "bist",  "brauche", "da",      "damit", "dann",    "das",     "dass",
     "dein",   "deine",  "dem",    "den",   "denn",  "der",   "des",   "dich",    "die",     "dies",  "diese",   "diesem",  "diesen",
     "dieser", "dieses", "dir",    "doch",  "dort",  "du",    "durch", "ein",     "eine",    "einem", "einen",   "einer",   "eines",
     "einige", "er",     "es",     "etwas", "euch",  "euer",  "fur",   "gegen",   "gibt",    "habe",  "haben",   "hat",     "hatte",
     "hier",   "hinter", "ich",    "ihm",   "ihn",   "ihnen", "ihr",   "ihre",    "ihrem",   "ihren", "ihrer",   "im",      "in",
     "ins",    "ist",    "jede",   "jedem", "jeden", "jeder", "jedes", "jene",    "jetzt",   "kann",  "kein",    "keine",   "konnen",
     "machen", "man",    "mein",   "meine", "mich",  "mir",   "mit",   "mochte",  "muss",    "nach",  "nur",     "ob",      "oder",
     "sehr",   "sein",   "seine",  "sich",  "sie",   "sind",  "so",    "soll",    "sondern", "sowie", "suche",   "um",      "und",
     "uns",    "unser",  "unsere", "vom",   "von",   "vor",   "war",   "waren",   "warum",   "was",   "welche",  "welcher", "welches",
     "wenn",   "wer",    "werden", "wie",   "wir",   "wird",  "wo",    "zu",      "zum",     "zur",   "zwischen"});
constexpr auto kDutch = std::to_array<std::string_view>(
    {"aan",   "al",   "alle", "als",    "altijd", "andere", "ben",  "bij",   "dan",  "dat",   "de",    "der",    "deze",  "die",    "dit",
     "doch",  "doen", "door", "dus",    "een",    "eens",   "en",   "er",    "ge",   "had",   "heb",   "hebben", "heeft", "het",    "hier",
     "hij",   "hoe",  "hun",  "iemand", "iets",   "ik",     "in",   "is",    "ja",   "je",    "jij",   "jou",    "jouw",  "kan",    "maar",
     "me",    "mee",  "meer", "men",    "met",    "mij",    "mijn", "moet",  "na",   "naar",  "niets", "nog",    "nu",    "of",     "om",
     "omdat", "ons",  "onze", "ook",    "op",     "reeds",  "te",   "tegen", "toch", "toen",  "tot",   "u",      "uit",   "uw",     "van",
     "veel",  "voor", "want", "waren",  "was",    "wat",    "we",   "welke", "werd", "wezen", "wie",   "wij",    "wil",   "worden", "wordt",
     "zal",   "ze",   "zelf", "zich",   "zij",    "zijn",   "zo",   "zoek",  "zou"});
constexpr auto kFrench = std::to_array<std::string_view>(
    {"a",      "ai",      "ainsi", "alors", "as",      "au",      "aucun", "aux",   "avec",     "c",       "ce",    "cela",  "celle",
     "celui",  "ces",     "cet",   "cette", "ceux",    "cherche", "chez",  "comme", "d",        "dans",    "de",    "des",   "donc",
     "du",     "elle",    "elles", "en",    "encore",  "entre",   "es",    "est",   "et",       "etaient", "etait", "ete",   "etre",
     "eu",     "fait",    "il",    "ils",   "j",       "je",      "l",     "la",    "le",       "les",     "leur",  "leurs", "lui",
     "m",      "ma",      "mais",  "me",    "meme",    "mes",     "moi",   "mon",   "n",        "nos",     "notre", "nous",  "on",
     "ont",    "ou",      "par",   "pas",   "pendant", "peut",    "plus",  "pour",  "pourquoi", "qu",      "quand", "que",   "quel",
     "quelle", "quelles", "quels", "qui",   "s",       "sa",      "se",    "ses",   "si",       "son",     "sont",  "sur",   "t",
     "ta",     "te",      "tes",   "toi",   "ton",     "tous",    "tout",  "toute", "tres",     "tu",      "un",    "une",   "vers",
     "voici",  "vos",     "votre", "vous",  "y"});
static_assert(std::ranges::is_sorted(kEnglish) && std::ranges::is_sorted(kGerman) && std::ranges::is_sorted(kDutch) &&
              std::ranges::is_sorted(kFrench));

}  // namespace

std::vector<Token> tokenize(std::string_view text, std::size_t limit) {
    // Most letters are ASCII, where folding is lowering.
    static const auto is_plain_letter = [] {
        std::array<bool, 0x80> out{};
        for (char32_t c = 0; c < out.size(); ++c) out[c] = text::is_word_character(c);
        return out;
    }();
    std::vector<Token> out;
    std::string word;
    bool plain = true;
    const auto finish = [&] {
        if (word.empty()) return;
        Token token;
        if (plain) {
            for (auto& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            token = {word, std::move(word)};
        } else {
            token = {text::fold(word), text::lower(word)};
        }
        word.clear();
        plain = true;
        if (!token.folded.empty()) out.push_back(std::move(token));
    };
    // "women's", "sofa's", "you'll": the ending is no word of its own. It goes with the word that it follows.
    const auto skip_ending = [&](std::size_t position) {
        for (const std::string_view ending : {"s", "ll", "re", "ve"}) {
            auto after = position;
            std::size_t same = 0;
            while (same < ending.size() && after < text.size() && (text[after] | 0x20) == ending[same]) ++after, ++same;
            if (same < ending.size()) continue;
            auto next = after;
            if (next == text.size() || !text::is_word_character(text::next_code_point(text, next))) return after;
        }
        return position;
    };
    for (std::size_t position = 0; position < text.size() && out.size() < limit;) {
        if (const auto byte = static_cast<unsigned char>(text[position]); byte < 0x80) {
            ++position;
            if (byte == '\'' && !word.empty()) position = skip_ending(position);
            if (!is_plain_letter[byte])
                finish();
            else if (word.size() < kLongestWord)
                word += static_cast<char>(byte);
            continue;
        }
        const char32_t c = text::next_code_point(text, position);
        if (text::is_word_character(c)) {
            plain = false;
            if (word.size() < kLongestWord) text::append_utf8(word, c);
        } else {
            if ((c == U'\u2019' || c == U'\u02BC') && !word.empty()) position = skip_ending(position);
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

std::string stems_of(std::span<const Token> words, int locale) {
    std::string out;
    for (const auto& word : words) (out += out.empty() ? "" : " ") += stem(word, locale);
    return out;
}

bool is_article_number(std::string_view query) {
    const auto first = query.find_first_not_of(" \t"), last = query.find_last_not_of(" \t");
    if (first == std::string_view::npos) return false;
    query = query.substr(first, last - first + 1);
    if (query.find_first_of("0123456789") != std::string_view::npos) return true;
    return query.find_first_of(" \t") == std::string_view::npos && tokenize(query, 2).size() > 1;
}

std::optional<Token> with_umlauts(const Token& word) {
    std::string display;
    const std::string_view text = word.display;
    bool changed = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto vowel = text[i];
        const bool before_u = i > 0 && (text[i - 1] == 'a' || text[i - 1] == 'e' || text[i - 1] == 'q');
        if (i + 1 < text.size() && text[i + 1] == 'e' && (vowel == 'a' || vowel == 'o' || (vowel == 'u' && !before_u))) {
            display += vowel == 'a' ? "ä" : vowel == 'o' ? "ö" : "ü";
            changed = true;
            ++i;
        } else {
            display += vowel;
        }
    }
    if (!changed) return std::nullopt;
    return Token{text::fold(display), display};
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

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
    constexpr std::size_t kLongest = 2 * kLongestWord;
    const auto too_many = limit + 1;
    if (a.size() > b.size()) std::swap(a, b);
    if (b.size() - a.size() > limit || b.size() > kLongest) return too_many;
    // Rows of the table of distances between beginnings: the current one and the two above it.
    std::array<std::array<std::uint8_t, kLongest + 1>, 3> rows{};
    for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = static_cast<std::uint8_t>(j);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto& row = rows[i % 3];
        const auto& above = rows[(i + 2) % 3];
        const auto& two_above = rows[(i + 1) % 3];
        row[0] = static_cast<std::uint8_t>(i);
        auto lowest = row[0];
        for (std::size_t j = 1; j <= b.size(); ++j) {
            int best = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) best = std::min(best, two_above[j - 2] + 1);
            row[j] = static_cast<std::uint8_t>(best);
            lowest = std::min(lowest, row[j]);
        }
        if (lowest > limit) return too_many;
    }
    return std::min<std::size_t>(rows[a.size() % 3][b.size()], too_many);
}

}  // namespace stoa::search
