#include "stoa/json/value.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <unordered_set>

namespace stoa::json {
namespace {

namespace bj = boost::json;

// Builds Values from Boost.JSON's event parser. Numbers keep their text.
struct Builder {
    static constexpr std::size_t max_object_size = 100000;
    static constexpr std::size_t max_array_size = 1000000;
    static constexpr std::size_t max_key_size = 1024;
    static constexpr std::size_t max_string_size = 64 * 1024 * 1024;

    struct Frame {
        bool object = false;
        std::vector<Value> items;
        std::vector<Value::Member> members;
        std::string key;
    };
    std::vector<Frame> frames;
    Value root;
    std::string text;
    bool duplicate = false;

    void put(Value value) {
        if (frames.empty()) {
            root = std::move(value);
        } else if (auto& top = frames.back(); top.object) {
            top.members.emplace_back(std::move(top.key), std::move(value));
            top.key.clear();
        } else {
            top.items.push_back(std::move(value));
        }
    }

    bool on_document_begin(bj::error_code&) { return true; }
    bool on_document_end(bj::error_code&) { return true; }
    bool on_object_begin(bj::error_code&) {
        frames.push_back({true, {}, {}, {}});
        return true;
    }
    bool on_object_end(std::size_t, bj::error_code&) {
        Frame frame = std::move(frames.back());
        frames.pop_back();
        std::unordered_set<std::string_view> names;
        names.reserve(frame.members.size());
        for (const auto& member : frame.members) {
            if (!names.insert(member.first).second) duplicate = true;
        }
        put(Value::object(std::move(frame.members)));
        return true;
    }
    bool on_array_begin(bj::error_code&) {
        frames.push_back({false, {}, {}, {}});
        return true;
    }
    bool on_array_end(std::size_t, bj::error_code&) {
        Frame frame = std::move(frames.back());
        frames.pop_back();
        put(Value::array(std::move(frame.items)));
        return true;
    }
    bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) {
        text.append(part.data(), part.size());
        return true;
    }
    bool on_key(bj::string_view part, std::size_t, bj::error_code&) {
        text.append(part.data(), part.size());
        frames.back().key = std::move(text);
        text.clear();
        return true;
    }
    bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) {
        text.append(part.data(), part.size());
        return true;
    }
    bool on_string(bj::string_view part, std::size_t, bj::error_code&) {
        text.append(part.data(), part.size());
        put(Value::string(std::move(text)));
        text.clear();
        return true;
    }
    bool on_number_part(bj::string_view part, bj::error_code&) {
        text.append(part.data(), part.size());
        return true;
    }
    bool number(bj::string_view part) {
        text.append(part.data(), part.size());
        put(Value::number(std::move(text)));
        text.clear();
        return true;
    }
    bool on_int64(std::int64_t, bj::string_view part, bj::error_code&) { return number(part); }
    bool on_uint64(std::uint64_t, bj::string_view part, bj::error_code&) { return number(part); }
    bool on_double(double, bj::string_view part, bj::error_code&) { return number(part); }
    bool on_bool(bool value, bj::error_code&) {
        put(Value::boolean(value));
        return true;
    }
    bool on_null(bj::error_code&) {
        put(Value());
        return true;
    }
    bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
    bool on_comment(bj::string_view, bj::error_code&) { return true; }
};

}  // namespace

Value Value::boolean(bool value) {
    Value out;
    out.kind_ = Kind::boolean;
    out.flag_ = value;
    return out;
}
Value Value::number(std::string text) {
    Value out;
    out.kind_ = Kind::number;
    out.text_ = std::move(text);
    return out;
}
Value Value::string(std::string text) {
    Value out;
    out.kind_ = Kind::string;
    out.text_ = std::move(text);
    return out;
}
Value Value::array(std::vector<Value> items) {
    Value out;
    out.kind_ = Kind::array;
    out.items_ = std::move(items);
    return out;
}
Value Value::object(std::vector<Member> members) {
    Value out;
    out.kind_ = Kind::object;
    out.members_ = std::move(members);
    return out;
}

std::optional<std::int64_t> Value::as_int(bool lenient) const {
    if (kind_ != Kind::number && !(lenient && kind_ == Kind::string)) return std::nullopt;
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), out);
    if (error != std::errc{} || end != text_.data() + text_.size()) return std::nullopt;
    return out;
}

const Value* Value::find(std::string_view key) const {
    if (kind_ != Kind::object) return nullptr;
    for (const auto& [name, value] : members_) {
        if (name == key) return &value;
    }
    return nullptr;
}

std::string Value::text_or(std::string_view key, std::string_view otherwise) const {
    const Value* found = find(key);
    return found && found->is_string() ? found->text() : std::string(otherwise);
}

std::int64_t Value::int_or(std::string_view key, std::int64_t otherwise) const {
    const Value* found = find(key);
    return found ? found->as_int().value_or(otherwise) : otherwise;
}

bool Value::bool_or(std::string_view key, bool otherwise) const {
    const Value* found = find(key);
    return found && found->kind() == Kind::boolean ? found->as_bool() : otherwise;
}

Result<Value> parse(std::string_view text, ReadLimits limits) {
    if (text.size() > limits.max_bytes) return fail(ErrorKind::malformed, "http.malformed_json", "The JSON document is too large.");
    bj::parse_options options;
    options.max_depth = limits.max_depth;
    bj::basic_parser<Builder> parser(options);
    bj::error_code error;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
    if (error || used != text.size())
        return fail(ErrorKind::malformed, "http.malformed_json", "The body is not valid JSON (near byte " + std::to_string(used) + ").");
    if (parser.handler().duplicate)
        return fail(ErrorKind::malformed, "http.malformed_json", "A member name occurs twice in one JSON object.");
    return std::move(parser.handler().root);
}

// ---- writer ----------------------------------------------------------------------------------------------------------
void Writer::separate() {
    if (need_comma_) out_ += ',';
    need_comma_ = true;
}
void Writer::begin_object() {
    separate();
    out_ += '{';
    need_comma_ = false;
}
void Writer::end_object() {
    out_ += '}';
    need_comma_ = true;
}
void Writer::begin_array() {
    separate();
    out_ += '[';
    need_comma_ = false;
}
void Writer::end_array() {
    out_ += ']';
    need_comma_ = true;
}

namespace {
void append_quoted(std::string& out, std::string_view value) {
    out += '"';
    std::size_t start = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto c = static_cast<unsigned char>(value[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        out.append(value.data() + start, i - start);
        start = i + 1;
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default: {
                static constexpr char kHex[] = "0123456789abcdef";
                out += "\\u00";
                out += kHex[c >> 4];
                out += kHex[c & 15];
            }
        }
    }
    out.append(value.data() + start, value.size() - start);
    out += '"';
}
}  // namespace

void Writer::key(std::string_view name) {
    separate();
    append_quoted(out_, name);
    out_ += ':';
    need_comma_ = false;
}
void Writer::null() {
    separate();
    out_ += "null";
}
void Writer::boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
}
void Writer::integer(std::int64_t value) {
    separate();
    char buffer[24];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
    (void)error;
    out_.append(buffer, end);
}
void Writer::string(std::string_view value) {
    separate();
    append_quoted(out_, value);
}
void Writer::raw(std::string_view text) {
    separate();
    out_ += text;
}

void write_value(Writer& out, const Value& value) {
    switch (value.kind()) {
        case Value::Kind::null:
            out.null();
            break;
        case Value::Kind::boolean:
            out.boolean(value.as_bool());
            break;
        case Value::Kind::number:
            out.raw(value.text());
            break;
        case Value::Kind::string:
            out.string(value.text());
            break;
        case Value::Kind::array:
            out.begin_array();
            for (const auto& item : value.items()) write_value(out, item);
            out.end_array();
            break;
        case Value::Kind::object:
            out.begin_object();
            for (const auto& [name, item] : value.members()) {
                out.key(name);
                write_value(out, item);
            }
            out.end_object();
            break;
    }
}

std::string to_text(const Value& value) {
    Writer out;
    write_value(out, value);
    return out.take();
}

std::string quote(std::string_view text) {
    std::string out;
    append_quoted(out, text);
    return out;
}

}  // namespace stoa::json
