// Markdown becomes HTML from a fixed list of tags: whatever the source says, no other tag, no attribute that runs script.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "http/text.hpp"
#include "stoa/text/text.hpp"

namespace {

constexpr std::array<std::string_view, 24> kTags{"h2", "h3",  "h4", "h5", "p",  "strong",     "em",    "code",
                                                 "a",  "img", "ul", "ol", "li", "table",      "thead", "tbody",
                                                 "tr", "th",  "td", "hr", "br", "blockquote", "pre",   "div"};
constexpr std::array<std::string_view, 7> kAttributes{"href", "src", "alt", "rel", "loading", "class", "title"};

// The output of our own writer: every "<" starts a tag, every attribute value is in double quotes.
void check(std::string_view html) {
    while (true) {
        const auto start = html.find('<');
        if (html.substr(0, start).find('>') != std::string_view::npos) std::abort();
        if (start == std::string_view::npos) return;
        html.remove_prefix(start + 1);
        const bool closing = html.starts_with('/');
        if (closing) html.remove_prefix(1);
        const auto name_end = html.find_first_of(" />");
        if (name_end == std::string_view::npos) std::abort();
        if (std::ranges::find(kTags, html.substr(0, name_end)) == kTags.end()) std::abort();
        html.remove_prefix(name_end);
        while (html.starts_with(' ')) {
            html.remove_prefix(1);
            if (html.starts_with('/')) break;
            const auto equals = html.find_first_of("=> ");
            if (equals == std::string_view::npos) std::abort();
            const auto attribute = html.substr(0, equals);
            if (std::ranges::find(kAttributes, attribute) == kAttributes.end()) std::abort();
            if (html[equals] != '=') {
                html.remove_prefix(equals);
                continue;
            }
            html.remove_prefix(equals + 1);
            if (!html.starts_with('"')) std::abort();
            const auto quote = html.find('"', 1);
            if (quote == std::string_view::npos) std::abort();
            const std::string value = stoa::http::lower(html.substr(1, quote - 1));
            if (attribute == "href" || attribute == "src") {
                const bool fine = value.starts_with("https://") || value.starts_with("http://") || value.starts_with("mailto:") ||
                                  value.starts_with("tel:") || (value.starts_with('/') && !value.starts_with("//")) ||
                                  value.starts_with('#');
                if (!fine || value.find('<') != std::string::npos) std::abort();
            }
            html.remove_prefix(quote + 1);
        }
        if (html.starts_with('/')) html.remove_prefix(1);
        if (!html.starts_with('>')) std::abort();
        html.remove_prefix(1);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto html = stoa::text::markdown_to_html(text);
    if (!stoa::http::is_utf8(html)) std::abort();
    check(html);
    const auto plain = stoa::text::markdown_to_text(text, 160);
    if (!stoa::http::is_utf8(plain)) std::abort();
    if (!stoa::http::is_utf8(stoa::text::fold(text)) || !stoa::http::is_utf8(stoa::text::lower(text))) std::abort();
    for (const std::string_view locale : {"en", "de"}) {
        const auto slug = stoa::text::slugify(text, locale);
        if (slug.empty() || slug.size() > 80 * 4 || slug.front() == '-' || slug.find('/') != std::string::npos) std::abort();
    }
    return 0;
}
