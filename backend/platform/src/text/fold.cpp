#include <array>

#include "stoa/text/text.hpp"

namespace stoa::text {
namespace {

// Folded form of U+00C0 .. U+017F.
constexpr std::array<std::string_view, 0x180 - 0xC0> kLatin{
    // U+00C0
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i",
    // U+00D0
    "d", "n", "o", "o", "o", "o", "o", "x", "o", "u", "u", "u", "u", "y", "th", "ss",
    // U+00E0
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i",
    // U+00F0
    "d", "n", "o", "o", "o", "o", "o", "/", "o", "u", "u", "u", "u", "y", "th", "y",
    // U+0100
    "a", "a", "a", "a", "a", "a", "c", "c", "c", "c", "c", "c", "c", "c", "d", "d",
    // U+0110
    "d", "d", "e", "e", "e", "e", "e", "e", "e", "e", "e", "e", "g", "g", "g", "g",
    // U+0120
    "g", "g", "g", "g", "h", "h", "h", "h", "i", "i", "i", "i", "i", "i", "i", "i",
    // U+0130
    "i", "i", "ij", "ij", "j", "j", "k", "k", "k", "l", "l", "l", "l", "l", "l", "l",
    // U+0140
    "l", "l", "l", "n", "n", "n", "n", "n", "n", "n", "n", "n", "o", "o", "o", "o",
    // U+0150
    "o", "o", "oe", "oe", "r", "r", "r", "r", "r", "r", "s", "s", "s", "s", "s", "s",
    // U+0160
    "s", "s", "t", "t", "t", "t", "t", "t", "u", "u", "u", "u", "u", "u", "u", "u",
    // U+0170
    "u", "u", "u", "u", "w", "w", "y", "y", "y", "z", "z", "z", "z", "z", "z", "s"};

char32_t lower_code_point(char32_t c) {
    if (c >= U'A' && c <= U'Z') return c + 32;
    if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
    if (c == 0x178) return 0xFF;
    if (c == 0x1E9E) return 0xDF;
    if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177)) return c % 2 == 0 && c != 0x130 ? c + 1 : c;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c % 2 == 1 ? c + 1 : c;
    if (c >= 0x391 && c <= 0x3A9) return c + 32;  // Greek
    if (c >= 0x410 && c <= 0x42F) return c + 32;  // Cyrillic
    if (c >= 0x400 && c <= 0x40F) return c + 80;
    return c;
}

}  // namespace

char32_t next_code_point(std::string_view utf8, std::size_t& position) {
    if (position >= utf8.size()) return 0;
    const auto lead = static_cast<unsigned char>(utf8[position]);
    ++position;
    if (lead < 0x80) return lead == 0 ? 0xFFFD : lead;
    int more = 0;
    char32_t value = 0;
    char32_t least = 0;
    if (lead >= 0xC2 && lead <= 0xDF) {
        more = 1;
        value = lead & 0x1F;
        least = 0x80;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        more = 2;
        value = lead & 0x0F;
        least = 0x800;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        more = 3;
        value = lead & 0x07;
        least = 0x10000;
    } else
        return 0xFFFD;
    std::size_t at = position;
    for (int i = 0; i < more; ++i, ++at) {
        if (at >= utf8.size() || (static_cast<unsigned char>(utf8[at]) & 0xC0) != 0x80) return 0xFFFD;
        value = value << 6 | (static_cast<unsigned char>(utf8[at]) & 0x3F);
    }
    if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return 0xFFFD;
    position = at;
    return value;
}

void append_utf8(std::string& out, char32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0 | c >> 6);
        out += static_cast<char>(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0 | c >> 12);
        out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | c >> 18);
        out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
        out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
    }
}

bool is_word_character(char32_t c) {
    if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA;
    if (c == 0xD7 || c == 0xF7) return false;
    if (c >= 0x2000 && c <= 0x2BFF) return false;  // punctuation, arrows, symbols
    if (c >= 0x3000 && c <= 0x3003) return false;  // ideographic space and stops
    if (c == 0xFEFF || c == 0xFFFD || c >= 0xE0000) return false;
    return true;
}

std::string fold(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size());
    for (std::size_t position = 0; position < utf8.size();) {
        const char32_t c = next_code_point(utf8, position);
        if (c >= 0x300 && c <= 0x36F) continue;  // combining marks
        if (c >= 0xC0 && c < 0x180 && c != 0xD7 && c != 0xF7)
            out += kLatin[c - 0xC0];
        else if (c == 0x1E9E)
            out += "ss";
        else
            append_utf8(out, lower_code_point(c));
    }
    return out;
}

std::string lower(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size());
    for (std::size_t position = 0; position < utf8.size();) append_utf8(out, lower_code_point(next_code_point(utf8, position)));
    return out;
}

std::string slugify(std::string_view utf8, std::string_view locale) {
    constexpr std::size_t kLongest = 80;
    std::string prepared;
    prepared.reserve(utf8.size());
    for (std::size_t position = 0; position < utf8.size();) {
        const char32_t c = next_code_point(utf8, position);
        const char32_t small = lower_code_point(c);
        if (locale == "de" && (small == 0xE4 || small == 0xF6 || small == 0xFC)) {
            prepared += small == 0xE4 ? "ae" : small == 0xF6 ? "oe" : "ue";
        } else if (c == U'&') {
            prepared += ' ';
        } else {
            append_utf8(prepared, c);
        }
    }
    std::string out;
    for (const char c : fold(prepared)) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out += c;
        else if (!out.empty() && out.back() != '-')
            out += '-';
    }
    if (out.size() > kLongest) {
        const auto cut = out.rfind('-', kLongest);
        out.resize(cut == std::string::npos || cut < kLongest / 2 ? kLongest : cut);
    }
    while (!out.empty() && out.back() == '-') out.pop_back();
    return out.empty() ? "item" : out;
}

}  // namespace stoa::text
