#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>

#include "stoa/mail/mail.hpp"

namespace stoa::mail {
namespace {

bool is_plain(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error(fmt::format("mail template {} cannot be read", path));
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

Templates::Templates(std::string directory) : directory_(std::move(directory)) {}

bool Templates::exists(std::string_view name, std::string_view locale) const {
    return is_plain(name) && is_plain(locale) && std::filesystem::exists(fmt::format("{}/{}.{}.html", directory_, name, locale));
}

Rendered Templates::render(std::string_view name, std::string_view locale, const json::Value& data) const {
    if (!is_plain(name)) throw std::runtime_error("mail template names are letters, digits, '-' and '_'");
    if (!exists(name, locale)) locale = "en";
    if (!exists(name, locale)) throw std::runtime_error(fmt::format("there is no mail template '{}' in {}", name, directory_));
    const auto stem = fmt::format("{}/{}.{}", directory_, name, locale);

    Rendered out;
    out.subject = mustache(read_file(stem + ".subject"), data, false);
    out.html = mustache(read_file(stem + ".html"), data, true);
    out.text = mustache(read_file(stem + ".text"), data, false);
    // What a person typed may stand in a subject (a first name), but never as a header of its own.
    for (char& c : out.subject) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    }
    while (!out.subject.empty() && out.subject.back() == ' ') out.subject.pop_back();
    while (!out.subject.empty() && out.subject.front() == ' ') out.subject.erase(out.subject.begin());
    return out;
}

}  // namespace stoa::mail
