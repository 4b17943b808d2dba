#include <algorithm>
#include <optional>
#include <vector>

#include "stoa/text/text.hpp"

namespace stoa::text {
namespace {

constexpr int kMaxDepth = 8;
// How far ahead a closing mark is looked for: keeps the work linear whatever the input.
constexpr std::size_t kLookAhead = 1000;

std::string_view trim(std::string_view s) {
    while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
    while (!s.empty() && (s.back() == ' ' || s.back() == '\t' || s.back() == '\r')) s.remove_suffix(1);
    return s;
}

// Control characters out, line ends unified, broken UTF-8 replaced.
std::string clean(std::string_view source) {
    std::string out;
    out.reserve(source.size());
    for (std::size_t position = 0; position < source.size();) {
        const char32_t c = next_code_point(source, position);
        if (c == '\r') continue;
        if (c == '\t')
            out += ' ';
        else if (c == '\n' ||
                 (c >= 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA0) && !(c >= 0x202A && c <= 0x202E) && !(c >= 0x2066 && c <= 0x2069)))
            append_utf8(out, c);
    }
    return out;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    if (text.size() < prefix.size()) return false;
    for (std::size_t i = 0; i < prefix.size(); ++i) {
        const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
        if (c != prefix[i]) return false;
    }
    return true;
}

bool has_odd_characters(std::string_view href) {
    for (const char c : href) {
        if (static_cast<unsigned char>(c) <= 0x20 || c == '\\' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`') return true;
    }
    return false;
}

enum class LinkKind { refused, own, foreign };
LinkKind link_kind(std::string_view href) {
    if (href.empty() || href.size() > 2000 || has_odd_characters(href)) return LinkKind::refused;
    if (href.front() == '#') return LinkKind::own;
    if (href.front() == '/') return href.size() > 1 && href[1] == '/' ? LinkKind::refused : LinkKind::own;
    if (starts_with_ignoring_case(href, "mailto:") || starts_with_ignoring_case(href, "tel:")) return LinkKind::own;
    if (starts_with_ignoring_case(href, "https://") || starts_with_ignoring_case(href, "http://")) return LinkKind::foreign;
    return LinkKind::refused;
}

struct Bracketed {
    std::string_view label;
    std::string_view target;
    std::size_t end;  // behind the closing parenthesis
};
// "[label](target)" at `at`, which holds '['.
std::optional<Bracketed> bracketed(std::string_view line, std::size_t at) {
    line = line.substr(0, std::min(line.size(), at + 3 * kLookAhead));
    int depth = 0;
    std::size_t close = std::string_view::npos;
    for (std::size_t i = at; i < std::min(line.size(), at + kLookAhead); ++i) {
        if (line[i] == '\\') {
            ++i;
            continue;
        }
        if (line[i] == '[') ++depth;
        if (line[i] == ']' && --depth == 0) {
            close = i;
            break;
        }
    }
    if (close == std::string_view::npos || close + 1 >= line.size() || line[close + 1] != '(') return std::nullopt;
    const auto end = line.find(')', close + 2);
    if (end == std::string_view::npos) return std::nullopt;
    return Bracketed{line.substr(at + 1, close - at - 1), trim(line.substr(close + 2, end - close - 2)), end + 1};
}

// Output is HTML, or plain text without markup.
class Inline {
public:
    explicit Inline(bool html, bool links = true) : html_(html), links_(links) {}

    void run(std::string_view line, std::string& out, int depth) const {
        if (depth > kMaxDepth) {
            put(out, line);
            return;
        }
        for (std::size_t i = 0; i < line.size();) {
            const char c = line[i];
            if (c == '\\' && i + 1 < line.size() && std::string_view("\\`*_[]()#+-.!|>").find(line[i + 1]) != std::string_view::npos) {
                put(out, line.substr(i + 1, 1));
                i += 2;
            } else if (c == '`') {
                const auto end = line.substr(0, std::min(line.size(), i + kLookAhead)).find('`', i + 1);
                if (end == std::string_view::npos) {
                    put(out, line.substr(i++, 1));
                } else {
                    tag(out, "<code>");
                    put(out, line.substr(i + 1, end - i - 1));
                    tag(out, "</code>");
                    i = end + 1;
                }
            } else if (c == '*') {
                const bool strong = i + 1 < line.size() && line[i + 1] == '*';
                const std::string_view mark = strong ? "**" : "*";
                const auto start = i + mark.size();
                const auto end = closing(line, start, mark);
                if (end == std::string_view::npos) {
                    put(out, mark);
                } else {
                    tag(out, strong ? "<strong>" : "<em>");
                    run(line.substr(start, end - start), out, depth + 1);
                    tag(out, strong ? "</strong>" : "</em>");
                }
                i = end == std::string_view::npos ? start : end + mark.size();
            } else if (c == '!' && i + 1 < line.size() && line[i + 1] == '[') {
                const auto found = bracketed(line, i + 1);
                if (!found || has_odd_characters(found->target) || !found->target.starts_with("/media/") ||
                    found->target.find("..") != std::string_view::npos) {
                    put(out, line.substr(i++, 1));
                    continue;
                }
                if (html_)
                    out += "<img src=\"" + escape_html(found->target) + "\" alt=\"" + escape_html(found->label) + "\" loading=\"lazy\">";
                else
                    put(out, found->label);
                i = found->end;
            } else if (c == '[') {
                const auto found = bracketed(line, i);
                const auto kind = found && links_ ? link_kind(found->target) : LinkKind::refused;  // links do not nest
                if (!found) {
                    put(out, line.substr(i++, 1));
                } else if (kind == LinkKind::refused) {
                    run(found->label, out, depth + 1);
                    i = found->end;
                } else {
                    tag(out, "<a href=\"" + escape_html(found->target) + "\"" +
                                 (kind == LinkKind::foreign ? " rel=\"noopener nofollow\"" : "") + ">");
                    Inline(html_, false).run(found->label, out, depth + 1);
                    tag(out, "</a>");
                    i = found->end;
                }
            } else {
                std::size_t end = i + 1;
                while (end < line.size() && line[end] != '\\' && line[end] != '`' && line[end] != '*' && line[end] != '!' &&
                       line[end] != '[')
                    ++end;
                put(out, line.substr(i, end - i));
                i = end;
            }
        }
    }

private:
    static std::size_t closing(std::string_view line, std::size_t start, std::string_view mark) {
        if (start >= line.size() || line[start] == ' ') return std::string_view::npos;
        for (std::size_t i = start + 1; i + mark.size() <= line.size() && i < start + kLookAhead; ++i) {
            if (line[i] == '\\') {
                ++i;
                continue;
            }
            if (line.substr(i, mark.size()) != mark) continue;
            if (mark.size() == 1 && i + 1 < line.size() && line[i + 1] == '*') {
                ++i;
                continue;
            }
            return i;
        }
        return std::string_view::npos;
    }
    void put(std::string& out, std::string_view text) const {
        if (html_)
            out += escape_html(text);
        else
            out += text;
    }
    void tag(std::string& out, std::string_view text) const {
        if (html_) out += text;
    }
    bool html_;
    bool links_;
};

class Blocks {
public:
    explicit Blocks(bool html) : html_(html), inline_(html) {}

    void run(const std::vector<std::string_view>& lines, std::string& out, int depth) const {
        for (std::size_t i = 0; i < lines.size();) {
            const auto line = trim(lines[i]);
            if (line.empty()) {
                ++i;
            } else if (const auto level = heading(line)) {
                const auto name = level <= 2 ? "h2" : level == 3 ? "h3" : "h4";
                tag(out, "<" + std::string(name) + ">");
                inline_.run(trim(line.substr(line.find(' '))), out, 0);
                tag(out, "</" + std::string(name) + ">\n");
                gap(out);
                ++i;
            } else if (is_rule(line)) {
                tag(out, "<hr>\n");
                ++i;
            } else if (line.front() == '>' && depth < kMaxDepth) {
                std::vector<std::string_view> inner;
                for (; i < lines.size() && trim(lines[i]).starts_with('>'); ++i) inner.push_back(trim(trim(lines[i]).substr(1)));
                tag(out, "<blockquote>\n");
                run(inner, out, depth + 1);
                tag(out, "</blockquote>\n");
            } else if (bullet(line)) {
                list(lines, i, out, false);
            } else if (numbered(line)) {
                list(lines, i, out, true);
            } else if (line.front() == '|' && i + 1 < lines.size() && is_table_rule(trim(lines[i + 1]))) {
                table(lines, i, out);
            } else {
                paragraph(lines, i, out);
            }
        }
    }

private:
    static int heading(std::string_view line) {
        int level = 0;
        while (static_cast<std::size_t>(level) < line.size() && line[static_cast<std::size_t>(level)] == '#') ++level;
        return level >= 1 && level <= 4 && static_cast<std::size_t>(level) < line.size() && line[static_cast<std::size_t>(level)] == ' '
                   ? level
                   : 0;
    }
    static bool is_rule(std::string_view line) { return line.size() >= 3 && line.find_first_not_of('-') == std::string_view::npos; }
    static bool bullet(std::string_view line) {
        return line.size() > 2 && (line[0] == '-' || line[0] == '*' || line[0] == '+') && line[1] == ' ';
    }
    static std::size_t numbered(std::string_view line) {
        std::size_t digits = 0;
        while (digits < line.size() && line[digits] >= '0' && line[digits] <= '9') ++digits;
        return digits > 0 && digits < 4 && digits + 1 < line.size() && line[digits] == '.' && line[digits + 1] == ' ' ? digits + 2 : 0;
    }
    static bool is_table_rule(std::string_view line) {
        return line.size() >= 3 && line.front() == '|' && line.find("---") != std::string_view::npos &&
               line.find_first_not_of("|-: ") == std::string_view::npos;
    }
    static std::vector<std::string_view> cells(std::string_view line) {
        std::vector<std::string_view> out;
        if (line.starts_with('|')) line.remove_prefix(1);
        if (line.ends_with('|')) line.remove_suffix(1);
        std::size_t start = 0;
        for (std::size_t i = 0; i <= line.size(); ++i) {
            if (i == line.size() || (line[i] == '|' && (i == 0 || line[i - 1] != '\\'))) {
                out.push_back(trim(line.substr(start, i - start)));
                start = i + 1;
            }
        }
        return out;
    }
    void list(const std::vector<std::string_view>& lines, std::size_t& i, std::string& out, bool ordered) const {
        tag(out, ordered ? "<ol>\n" : "<ul>\n");
        while (i < lines.size()) {
            const auto line = trim(lines[i]);
            const std::size_t skip = ordered ? numbered(line) : bullet(line) ? 2 : 0;
            if (skip == 0) break;
            std::string item(trim(line.substr(skip)));
            ++i;
            while (i < lines.size() && lines[i].starts_with("  ") && !trim(lines[i]).empty() && !bullet(trim(lines[i])) &&
                   !numbered(trim(lines[i]))) {
                item += ' ';
                item += trim(lines[i++]);
            }
            tag(out, "<li>");
            inline_.run(item, out, 0);
            tag(out, "</li>\n");
            gap(out);
        }
        tag(out, ordered ? "</ol>\n" : "</ul>\n");
    }
    void table(const std::vector<std::string_view>& lines, std::size_t& i, std::string& out) const {
        const auto row = [&](std::string_view line, std::string_view cell) {
            tag(out, "<tr>");
            for (const auto text : cells(line)) {
                tag(out, "<" + std::string(cell) + ">");
                inline_.run(text, out, 0);
                tag(out, "</" + std::string(cell) + ">");
                if (!html_) out += ' ';
            }
            tag(out, "</tr>\n");
        };
        tag(out, "<table>\n<thead>\n");
        row(trim(lines[i]), "th");
        tag(out, "</thead>\n<tbody>\n");
        for (i += 2; i < lines.size() && trim(lines[i]).starts_with('|'); ++i) row(trim(lines[i]), "td");
        tag(out, "</tbody>\n</table>\n");
    }
    void paragraph(const std::vector<std::string_view>& lines, std::size_t& i, std::string& out) const {
        std::string text;
        const std::size_t first = i;
        for (; i < lines.size(); ++i) {
            const auto line = trim(lines[i]);
            if (line.empty()) break;
            if (i > first &&
                (heading(line) || is_rule(line) || line.front() == '>' || bullet(line) || numbered(line) || line.front() == '|'))
                break;
            if (!text.empty()) text += ' ';
            text += line;
        }
        tag(out, "<p>");
        inline_.run(text, out, 0);
        tag(out, "</p>\n");
        gap(out);
    }
    void tag(std::string& out, std::string_view text) const {
        if (html_) out += text;
    }
    void gap(std::string& out) const {
        if (!html_) out += ' ';
    }
    bool html_;
    Inline inline_;
};

std::string render(std::string_view source, bool html) {
    const std::string text = clean(source);
    std::vector<std::string_view> lines;
    for (std::size_t start = 0; start <= text.size();) {
        auto end = text.find('\n', start);
        if (end == std::string::npos) end = text.size();
        lines.push_back(std::string_view(text).substr(start, end - start));
        start = end + 1;
    }
    std::string out;
    out.reserve(text.size() + text.size() / 4);
    Blocks(html).run(lines, out, 0);
    return out;
}

}  // namespace

std::string escape_html(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string markdown_to_html(std::string_view source) { return render(source, true); }

std::string markdown_to_text(std::string_view source, std::size_t max_characters) {
    const std::string raw = render(source, false);
    std::string out;
    for (const char c : raw) {
        if (c == '\n' || c == ' ') {
            if (!out.empty() && out.back() != ' ') out += ' ';
        } else {
            out += c;
        }
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    if (max_characters == 0) return out;
    std::size_t position = 0;
    std::size_t count = 0;
    std::size_t last_space = 0;
    while (position < out.size() && count < max_characters) {
        if (out[position] == ' ') last_space = position;
        (void)next_code_point(out, position);
        ++count;
    }
    if (position < out.size()) {
        out.resize(last_space > 0 ? last_space : position);
        while (!out.empty() && (out.back() == ' ' || out.back() == ',' || out.back() == ';')) out.pop_back();
        out += "…";
    }
    return out;
}

}  // namespace stoa::text
