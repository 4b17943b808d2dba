#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "stoa/mail/mail.hpp"

namespace stoa::mail {
namespace {

enum class Kind { text, variable, raw, section, inverted };

struct Node {
    Kind kind = Kind::text;
    std::string_view body;  // literal text, or the name
    std::vector<Node> children;
};

[[noreturn]] void broken(std::string_view text, std::size_t at, std::string_view what) {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(at, text.size())), '\n');
    throw std::invalid_argument(fmt::format("mustache: {} in line {}", what, line));
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (is_blank(text.front()) || text.front() == '\n' || text.front() == '\r')) text.remove_prefix(1);
    while (!text.empty() && (is_blank(text.back()) || text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    std::vector<Node> parse() {
        std::vector<Node> root;
        parse_into(root, {}, 0);
        return root;
    }

private:
    // A tag alone on its line takes the whole line with it.
    bool standalone(std::size_t begin, std::size_t end, std::size_t& line_begin, std::size_t& line_end) const {
        line_begin = begin;
        while (line_begin > 0 && is_blank(text_[line_begin - 1])) --line_begin;
        if (line_begin > 0 && text_[line_begin - 1] != '\n') return false;
        line_end = end;
        while (line_end < text_.size() && is_blank(text_[line_end])) ++line_end;
        if (line_end == text_.size()) return true;
        if (text_[line_end] == '\r' && line_end + 1 < text_.size() && text_[line_end + 1] == '\n') ++line_end;
        if (text_[line_end] != '\n') return false;
        ++line_end;
        return true;
    }

    void add_text(std::vector<Node>& out, std::size_t from, std::size_t to) const {
        if (to > from) out.push_back({Kind::text, text_.substr(from, to - from), {}});
    }

    void parse_into(std::vector<Node>& out, std::string_view open_name, std::size_t open_at) {
        while (true) {
            const auto open = text_.find("{{", at_);
            if (open == std::string_view::npos) {
                if (!open_name.empty()) broken(text_, open_at, fmt::format("section '{}' is not closed", open_name));
                add_text(out, at_, text_.size());
                at_ = text_.size();
                return;
            }
            const bool triple = open + 2 < text_.size() && text_[open + 2] == '{';
            const auto close = text_.find(triple ? "}}}" : "}}", open + 2);
            if (close == std::string_view::npos) broken(text_, open, "a tag is not closed");
            const auto end = close + (triple ? 3 : 2);
            auto inner = text_.substr(open + (triple ? 3 : 2), close - open - (triple ? 3 : 2));
            char sigil = ' ';
            if (!triple) {
                inner = trimmed(inner);
                if (!inner.empty() && std::string_view("#^/!&>=").find(inner.front()) != std::string_view::npos) {
                    sigil = inner.front();
                    inner.remove_prefix(1);
                }
            }
            inner = trimmed(inner);
            if (inner.empty() && sigil != '!') broken(text_, open, "a tag has no name");
            if (sigil == '>' || sigil == '=') broken(text_, open, "partials and delimiter changes are not supported");

            std::size_t text_end = open;
            std::size_t next = end;
            if (std::size_t from = 0, to = 0;
                (sigil == '#' || sigil == '^' || sigil == '/' || sigil == '!') && standalone(open, end, from, to)) {
                text_end = from;
                next = to;
            }
            add_text(out, at_, text_end);
            at_ = next;
            switch (sigil) {
                case '!':
                    break;
                case '/':
                    if (inner != open_name) broken(text_, open, fmt::format("'{}' closes what was not opened", inner));
                    return;
                case '#':
                case '^': {
                    if (++depth_ > 50) broken(text_, open, "sections are nested too deeply");
                    Node node{sigil == '#' ? Kind::section : Kind::inverted, inner, {}};
                    parse_into(node.children, inner, open);
                    --depth_;
                    out.push_back(std::move(node));
                    break;
                }
                case '&':
                    out.push_back({Kind::raw, inner, {}});
                    break;
                default:
                    out.push_back({triple ? Kind::raw : Kind::variable, inner, {}});
                    break;
            }
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

bool truthy(const json::Value* value) {
    if (!value) return false;
    switch (value->kind()) {
        case json::Value::Kind::null:
            return false;
        case json::Value::Kind::boolean:
            return value->as_bool();
        case json::Value::Kind::string:
            return !value->text().empty();
        case json::Value::Kind::array:
            return !value->items().empty();
        case json::Value::Kind::number:
        case json::Value::Kind::object:
            return true;
    }
    return false;
}

class Renderer {
public:
    Renderer(const json::Value& data, bool escape_html) : escape_(escape_html) { stack_.push_back(&data); }

    void render(const std::vector<Node>& nodes) {
        for (const Node& node : nodes) {
            switch (node.kind) {
                case Kind::text:
                    out += node.body;
                    break;
                case Kind::variable:
                    write(find(node.body), escape_);
                    break;
                case Kind::raw:
                    write(find(node.body), false);
                    break;
                case Kind::inverted:
                    if (!truthy(find(node.body))) render(node.children);
                    break;
                case Kind::section:
                    section(node);
                    break;
            }
        }
    }

    std::string out;

private:
    void section(const Node& node) {
        const json::Value* value = find(node.body);
        if (!truthy(value)) return;
        if (value->is_array()) {
            for (const json::Value& item : value->items()) with(&item, node.children);
        } else {
            with(value, node.children);
        }
    }

    void with(const json::Value* value, const std::vector<Node>& nodes) {
        stack_.push_back(value);
        render(nodes);
        stack_.pop_back();
    }

    // The first part of a dotted name is looked for outwards; the rest must be inside what was found.
    const json::Value* find(std::string_view name) const {
        if (name == ".") return stack_.back();
        const auto dot = name.find('.');
        const auto first = name.substr(0, dot);
        const json::Value* value = nullptr;
        for (auto frame = stack_.rbegin(); frame != stack_.rend() && !value; ++frame) value = (*frame)->find(first);
        while (value && name.find('.') != std::string_view::npos) {
            name.remove_prefix(name.find('.') + 1);
            value = value->find(name.substr(0, name.find('.')));
        }
        return value;
    }

    void write(const json::Value* value, bool escape) {
        if (!value) return;
        switch (value->kind()) {
            case json::Value::Kind::null:
            case json::Value::Kind::array:
            case json::Value::Kind::object:
                return;
            case json::Value::Kind::boolean:
                out += value->as_bool() ? "true" : "false";
                return;
            case json::Value::Kind::number:
                out += value->text();
                return;
            case json::Value::Kind::string:
                break;
        }
        if (!escape) {
            out += value->text();
            return;
        }
        for (const char c : value->text()) {
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
    }

    std::vector<const json::Value*> stack_;
    bool escape_;
};

}  // namespace

std::string mustache(std::string_view text, const json::Value& data, bool escape_html) {
    const auto nodes = Parser(text).parse();
    Renderer renderer(data, escape_html);
    renderer.render(nodes);
    return std::move(renderer.out);
}

}  // namespace stoa::mail
