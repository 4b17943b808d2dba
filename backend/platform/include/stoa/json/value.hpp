#pragma once
// A parsed JSON document. Numbers keep their text, so money and ids never pass through a double.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stoa/result/result.hpp"

namespace stoa::json {

class Value {
public:
    enum class Kind { null, boolean, number, string, array, object };
    using Member = std::pair<std::string, Value>;

    Value() = default;
    [[nodiscard]] static Value boolean(bool value);
    [[nodiscard]] static Value number(std::string text);
    [[nodiscard]] static Value string(std::string text);
    [[nodiscard]] static Value array(std::vector<Value> items);
    [[nodiscard]] static Value object(std::vector<Member> members);

    [[nodiscard]] Kind kind() const { return kind_; }
    [[nodiscard]] bool is_null() const { return kind_ == Kind::null; }
    [[nodiscard]] bool is_object() const { return kind_ == Kind::object; }
    [[nodiscard]] bool is_array() const { return kind_ == Kind::array; }
    [[nodiscard]] bool is_string() const { return kind_ == Kind::string; }
    [[nodiscard]] bool is_number() const { return kind_ == Kind::number; }
    [[nodiscard]] bool as_bool() const { return flag_; }
    // Text of a string, or of a number exactly as written.
    [[nodiscard]] const std::string& text() const { return text_; }
    // Whole numbers only, also when written as a string of digits if `lenient`.
    [[nodiscard]] std::optional<std::int64_t> as_int(bool lenient = false) const;
    [[nodiscard]] const std::vector<Value>& items() const { return items_; }
    [[nodiscard]] const std::vector<Member>& members() const { return members_; }
    // Null pointer when absent or not an object.
    [[nodiscard]] const Value* find(std::string_view key) const;
    // Walks members: at("a","b") ; null pointer as soon as one is absent.
    template <class... Keys>
    [[nodiscard]] const Value* at(std::string_view key, Keys... rest) const {
        const Value* found = find(key);
        if constexpr (sizeof...(rest) == 0)
            return found;
        else
            return found ? found->at(rest...) : nullptr;
    }
    // Text of a string member, or `otherwise`.
    [[nodiscard]] std::string text_or(std::string_view key, std::string_view otherwise = {}) const;
    [[nodiscard]] std::int64_t int_or(std::string_view key, std::int64_t otherwise = 0) const;
    [[nodiscard]] bool bool_or(std::string_view key, bool otherwise = false) const;

private:
    Kind kind_ = Kind::null;
    bool flag_ = false;
    std::string text_;
    std::vector<Value> items_;
    std::vector<Member> members_;
};

struct ReadLimits {
    std::size_t max_bytes = 1 << 20;
    std::size_t max_depth = 32;
};

// RFC 8259, UTF-8 checked, duplicate member names refused. Error code "http.malformed_json".
[[nodiscard]] Result<Value> parse(std::string_view text, ReadLimits limits = {});

// Appends JSON to a string; commas are placed by itself.
class Writer {
public:
    Writer() { out_.reserve(512); }
    void begin_object();
    void end_object();
    void begin_array();
    void end_array();
    void key(std::string_view name);
    void null();
    void boolean(bool value);
    void integer(std::int64_t value);
    void string(std::string_view value);
    // Already rendered JSON.
    void raw(std::string_view text);
    template <class T>
    void member(std::string_view name, const T& value) {  // defined through Codec in describe.hpp
        key(name);
        write_value(*this, value);
    }
    [[nodiscard]] const std::string& text() const { return out_; }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    void separate();
    std::string out_;
    bool need_comma_ = false;
};

void write_value(Writer& out, const Value& value);
inline void write_value(Writer& out, std::string_view value) { out.string(value); }
inline void write_value(Writer& out, const std::string& value) { out.string(value); }
inline void write_value(Writer& out, const char* value) { out.string(value); }
inline void write_value(Writer& out, bool value) { out.boolean(value); }
inline void write_value(Writer& out, int value) { out.integer(value); }
inline void write_value(Writer& out, std::int64_t value) { out.integer(value); }

[[nodiscard]] std::string to_text(const Value& value);
[[nodiscard]] std::string quote(std::string_view text);

}  // namespace stoa::json
