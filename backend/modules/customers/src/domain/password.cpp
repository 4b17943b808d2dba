#include "domain/password.hpp"

#include <algorithm>
#include <array>

#include "codes.hpp"

namespace stoa::customers {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return out;
}

std::string letters_and_digits(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
    }
    return out;
}

// What people choose first when ten characters are asked for; compared without case, punctuation and trailing digits.
constexpr std::array<std::string_view, 62> kCommon{
    "password", "passwort",  "wachtwoord", "motdepasse",    "passw0rd",   "pa55word",   "iloveyou",   "ichliebedich", "ikhouvanjou",
    "jetaime",  "qwerty",    "qwertz",     "azerty",        "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl",    "zxcvbnm",
    "yxcvbnm",  "qazwsxedc", "admin",      "administrator", "letmein",    "welcome",    "willkommen", "welkom",       "bienvenue",
    "bonjour",  "hallo",     "halloleute", "sunshine",      "princess",   "football",   "fussball",   "voetbal",      "baseball",
    "superman", "batman",    "starwars",   "pokemon",       "dragon",     "monkey",     "schatz",     "schatzi",      "liebling",
    "doudou",   "chouchou",  "mynameis",   "changeme",      "trustno",    "whatever",   "computer",   "internet",     "samsung",
    "michael",  "michelle",  "charlie",    "abcdefghij",    "abc",        "test",       "testtest",   "default"};

bool is_repetition(std::string_view text) {
    for (std::size_t period = 1; period <= text.size() / 2; ++period) {
        bool repeats = true;
        for (std::size_t i = period; i < text.size() && repeats; ++i) repeats = text[i] == text[i - period];
        if (repeats) return true;
    }
    return false;
}

bool is_sequence(std::string_view text) {
    for (const std::string_view row :
         {"01234567890123456789", "09876543210987654321", "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba"}) {
        if (row.find(text) != std::string_view::npos) return true;
    }
    return false;
}

bool is_common(std::string_view password) {
    const auto text = lower(password);
    if (is_repetition(text) || is_sequence(text)) return true;
    auto core = letters_and_digits(text);
    if (core.empty()) return false;
    if (is_sequence(core) || is_repetition(core)) return true;
    std::string_view word = core;
    while (!word.empty() && word.back() >= '0' && word.back() <= '9') word.remove_suffix(1);
    while (!word.empty() && word.front() >= '0' && word.front() <= '9') word.remove_prefix(1);
    if (word.empty()) return core.size() <= 10 && (core.starts_with("19") || core.starts_with("20") || core.starts_with("12345"));
    // "Password2024!" is the word and what the calendar adds to it.
    return std::find(kCommon.begin(), kCommon.end(), word) != kCommon.end() || is_repetition(word);
}

Error weak(std::string_view pointer, std::string code, std::string message) {
    Error error;
    error.kind = ErrorKind::invalid;
    error.code = codes::kWeakPassword;
    error.message = "This password is too easy to guess.";
    error.fields.push_back({std::string(pointer), std::move(code), std::move(message)});
    return error;
}

}  // namespace

std::optional<Error> check_password(std::string_view password, std::string_view email, std::string_view pointer) {
    const auto characters =
        std::count_if(password.begin(), password.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    if (characters < 10) return weak(pointer, "too_short", "Use at least 10 characters.");
    if (is_common(password)) return weak(pointer, "too_common", "This password is among the first that others would try.");
    const auto name = lower(email.substr(0, email.find('@')));
    if (name.size() >= 3 && lower(password).find(name) != std::string::npos) {
        return weak(pointer, "contains_email", "The password must not contain your e-mail address.");
    }
    return std::nullopt;
}

}  // namespace stoa::customers
