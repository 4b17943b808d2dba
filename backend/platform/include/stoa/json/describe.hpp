#pragma once
// A DTO is described once; parsing with field-level messages, rendering and its OpenAPI schema come from that.
//
//   struct AddLine { VariantId variant_id; std::int64_t quantity = 1; std::optional<std::string> note; };
//   inline void describe(json::Struct<AddLine>& d) {
//       d.name("AddCartLine");
//       d.field<&AddLine::variant_id>("variant_id", "Variant to add.");
//       d.field<&AddLine::quantity>("quantity", "Units.").min(1).max(9999);
//       d.field<&AddLine::note>("note", "Shown on the picking list.").max_length(200);
//   }
//   Result<AddLine> in = json::parse_as<AddLine>(body);      std::string out = json::render(dto);
//
// Members: bool, int, int64, std::string, std::optional<T> (absent, or null), std::vector<T>, std::map<std::string, T>,
// Money, Id<>, Timestamp, Date, json::Raw, enums with `enum_names(E)` found by ADL, and other described structs.
// A field is required on input unless it is an optional, or .optional() was said (then its initial value stays).
// Optionals without a value are left out of the output; every other field is always rendered.
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/ids/id.hpp"
#include "stoa/json/value.hpp"
#include "stoa/money/money.hpp"
#include "stoa/result/result.hpp"

namespace stoa::json {

// Rendered JSON that is passed through as it is (output only).
struct Raw {
    std::string text;
};

struct StructInfo;

// What a field's type looks like in OpenAPI 3.1 (JSON Schema 2020-12).
struct TypeInfo {
    std::string type;    // "string", "integer", "boolean", "array", "object", "" (any)
    std::string format;  // "date-time", "date", "int64"
    std::string pattern;
    std::string example;
    std::vector<std::string> values;        // enum
    const StructInfo* structure = nullptr;  // described struct
    const TypeInfo* item = nullptr;         // array item or map value
    bool is_map = false;
    bool nullable = false;
};

struct ParseContext {
    std::vector<FieldError> errors;
    std::string pointer;  // where we are
    void error(std::string_view code, std::string_view message);
    [[nodiscard]] bool ok() const { return errors.empty(); }
};

struct Constraints {
    std::optional<std::int64_t> min, max;               // numbers
    std::optional<std::size_t> min_length, max_length;  // strings (in code points), arrays (items)
    std::string pattern;                                // ECMAScript regular expression, whole text, strings
    bool trim = false;                                  // strings: white space at both ends is cut before the checks
    bool not_blank = false;
};

struct FieldInfo {
    std::string name;
    std::string doc;
    bool required = true;
    Constraints constraints;
    const TypeInfo* type = nullptr;
    void (*parse)(void* object, const Value& value, const FieldInfo& field, ParseContext& context) = nullptr;
    bool (*present)(const void* object) = nullptr;  // false: left out of the output
    void (*write)(const void* object, Writer& out) = nullptr;

    FieldInfo& min(std::int64_t value) {
        constraints.min = value;
        return *this;
    }
    FieldInfo& max(std::int64_t value) {
        constraints.max = value;
        return *this;
    }
    FieldInfo& min_length(std::size_t value) {
        constraints.min_length = value;
        return *this;
    }
    FieldInfo& max_length(std::size_t value) {
        constraints.max_length = value;
        return *this;
    }
    FieldInfo& pattern(std::string value) {
        constraints.pattern = std::move(value);
        return *this;
    }
    FieldInfo& trim() {
        constraints.trim = true;
        return *this;
    }
    FieldInfo& not_blank() {
        constraints.trim = true;
        constraints.not_blank = true;
        return *this;
    }
    FieldInfo& optional() {
        required = false;
        return *this;
    }
};

struct StructInfo {
    std::string name;
    std::string doc;
    std::vector<FieldInfo> fields;
    [[nodiscard]] const FieldInfo* find(std::string_view field) const;
};

// Non-template workers.
void parse_struct(const StructInfo& info, void* object, const Value& value, ParseContext& context);
void write_struct(const StructInfo& info, const void* object, Writer& out);
void check_string(std::string& value, const Constraints& constraints, ParseContext& context);
void check_number(std::int64_t value, const Constraints& constraints, ParseContext& context);
void check_size(std::size_t size, const Constraints& constraints, ParseContext& context);

template <class T>
struct Codec;

template <class T>
class Struct;

template <class T>
concept Described = requires(Struct<T>& d) { describe(d); };

template <class T>
concept NamedEnum = std::is_enum_v<T> && requires(T value) { enum_names(value); };

// enum_names(E) returns pairs of value and wire name.
template <class E>
using EnumNames = std::span<const std::pair<E, std::string_view>>;

template <NamedEnum E>
[[nodiscard]] std::string_view to_name(E value) {
    for (const auto& [v, name] : enum_names(E{})) {
        if (v == value) return name;
    }
    return "unknown";
}
template <NamedEnum E>
[[nodiscard]] std::optional<E> from_name(std::string_view text) {
    for (const auto& [v, name] : enum_names(E{})) {
        if (name == text) return v;
    }
    return std::nullopt;
}

template <class T>
const StructInfo& info_of();

template <class M>
struct MemberOf;
template <class S, class T>
struct MemberOf<T S::*> {
    using Object = S;
    using Type = T;
};

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <class T>
class Struct {
public:
    explicit Struct(StructInfo& info) : info_(info) {}
    Struct& name(std::string value) {
        info_.name = std::move(value);
        return *this;
    }
    Struct& doc(std::string value) {
        info_.doc = std::move(value);
        return *this;
    }

    template <auto Member>
    FieldInfo& field(std::string name, std::string doc = {}) {
        using Type = typename MemberOf<decltype(Member)>::Type;
        FieldInfo field;
        field.name = std::move(name);
        field.doc = std::move(doc);
        field.required = !kIsOptional<Type>;
        field.type = &Codec<Type>::type();
        field.parse = [](void* object, const Value& value, const FieldInfo& info, ParseContext& context) {
            Codec<Type>::parse(static_cast<T*>(object)->*Member, value, info.constraints, context);
        };
        field.present = [](const void* object) {
            if constexpr (kIsOptional<Type>)
                return (static_cast<const T*>(object)->*Member).has_value();
            else {
                (void)object;
                return true;
            }
        };
        field.write = [](const void* object, Writer& out) { Codec<Type>::write(static_cast<const T*>(object)->*Member, out); };
        info_.fields.push_back(std::move(field));
        return info_.fields.back();
    }

private:
    StructInfo& info_;
};

template <class T>
const StructInfo& info_of() {
    static const StructInfo info = [] {
        StructInfo built;
        built.fields.reserve(32);
        Struct<T> d(built);
        describe(d);
        return built;
    }();
    return info;
}

// ---- codecs -------------------------------------------------------------------------------------------------------
template <>
struct Codec<bool> {
    static const TypeInfo& type();
    static void parse(bool& out, const Value& value, const Constraints&, ParseContext& context);
    static void write(bool value, Writer& out) { out.boolean(value); }
};
template <>
struct Codec<std::int64_t> {
    static const TypeInfo& type();
    static void parse(std::int64_t& out, const Value& value, const Constraints& constraints, ParseContext& context);
    static void write(std::int64_t value, Writer& out) { out.integer(value); }
};
template <>
struct Codec<int> {
    static const TypeInfo& type();
    static void parse(int& out, const Value& value, const Constraints& constraints, ParseContext& context);
    static void write(int value, Writer& out) { out.integer(value); }
};
template <>
struct Codec<std::string> {
    static const TypeInfo& type();
    static void parse(std::string& out, const Value& value, const Constraints& constraints, ParseContext& context);
    static void write(const std::string& value, Writer& out) { out.string(value); }
};
template <>
struct Codec<Money> {
    static const TypeInfo& type();
    static void parse(Money& out, const Value& value, const Constraints& constraints, ParseContext& context);
    static void write(const Money& value, Writer& out);
};
template <>
struct Codec<Timestamp> {
    static const TypeInfo& type();
    static void parse(Timestamp& out, const Value& value, const Constraints&, ParseContext& context);
    static void write(const Timestamp& value, Writer& out);
};
template <>
struct Codec<Date> {
    static const TypeInfo& type();
    static void parse(Date& out, const Value& value, const Constraints&, ParseContext& context);
    static void write(const Date& value, Writer& out);
};
template <>
struct Codec<Raw> {
    static const TypeInfo& type();
    static void parse(Raw& out, const Value& value, const Constraints&, ParseContext&);
    static void write(const Raw& value, Writer& out) { out.raw(value.text); }
};

template <IdPrefix Prefix>
struct Codec<Id<Prefix>> {
    static const TypeInfo& type() {
        static const TypeInfo info = [] {
            TypeInfo t;
            t.type = "string";
            t.pattern = "^" + std::string(Prefix.view()) + "_[0-9a-hjkmnp-tv-z]{26}$";
            return t;
        }();
        return info;
    }
    static void parse(Id<Prefix>& out, const Value& value, const Constraints&, ParseContext& context) {
        if (value.is_string()) {
            if (auto id = Id<Prefix>::parse(value.text())) {
                out = *id;
                return;
            }
        }
        context.error("invalid_id", "Expected an id that starts with " + std::string(Prefix.view()) + "_.");
    }
    static void write(const Id<Prefix>& value, Writer& out) { out.string(value.to_string()); }
};

template <NamedEnum E>
struct Codec<E> {
    static const TypeInfo& type() {
        static const TypeInfo info = [] {
            TypeInfo t;
            t.type = "string";
            for (const auto& [value, name] : enum_names(E{})) t.values.emplace_back(name);
            return t;
        }();
        return info;
    }
    static void parse(E& out, const Value& value, const Constraints&, ParseContext& context) {
        if (value.is_string()) {
            if (auto found = from_name<E>(value.text())) {
                out = *found;
                return;
            }
        }
        std::string message = "Expected one of:";
        for (const auto& [v, name] : enum_names(E{})) message += " " + std::string(name);
        context.error("not_one_of", message + ".");
    }
    static void write(E value, Writer& out) { out.string(to_name(value)); }
};

template <class T>
struct Codec<std::optional<T>> {
    static const TypeInfo& type() {
        static const TypeInfo info = [] {
            TypeInfo t = Codec<T>::type();
            t.nullable = true;
            return t;
        }();
        return info;
    }
    static void parse(std::optional<T>& out, const Value& value, const Constraints& constraints, ParseContext& context) {
        if (value.is_null()) {
            out.reset();
            return;
        }
        Codec<T>::parse(out.emplace(), value, constraints, context);
    }
    static void write(const std::optional<T>& value, Writer& out) {
        if (value)
            Codec<T>::write(*value, out);
        else
            out.null();
    }
};

template <class T>
struct Codec<std::vector<T>> {
    static const TypeInfo& type() {
        static const TypeInfo info = [] {
            TypeInfo t;
            t.type = "array";
            t.item = &Codec<T>::type();
            return t;
        }();
        return info;
    }
    static void parse(std::vector<T>& out, const Value& value, const Constraints& constraints, ParseContext& context) {
        if (!value.is_array()) {
            context.error("wrong_type", "Expected an array.");
            return;
        }
        const auto errors_before = context.errors.size();
        check_size(value.items().size(), constraints, context);
        if (context.errors.size() != errors_before) return;
        out.clear();
        out.reserve(value.items().size());
        const auto length = context.pointer.size();
        std::size_t index = 0;
        for (const Value& item : value.items()) {
            context.pointer += "/" + std::to_string(index++);
            Codec<T>::parse(out.emplace_back(), item, Constraints{}, context);
            context.pointer.resize(length);
        }
    }
    static void write(const std::vector<T>& value, Writer& out) {
        out.begin_array();
        for (const T& item : value) Codec<T>::write(item, out);
        out.end_array();
    }
};

template <class T>
struct Codec<std::map<std::string, T>> {
    static const TypeInfo& type() {
        static const TypeInfo info = [] {
            TypeInfo t;
            t.type = "object";
            t.is_map = true;
            t.item = &Codec<T>::type();
            return t;
        }();
        return info;
    }
    static void parse(std::map<std::string, T>& out, const Value& value, const Constraints& constraints, ParseContext& context) {
        if (!value.is_object()) {
            context.error("wrong_type", "Expected an object.");
            return;
        }
        check_size(value.members().size(), constraints, context);
        out.clear();
        const auto length = context.pointer.size();
        for (const auto& [key, item] : value.members()) {
            context.pointer += "/" + key;
            Codec<T>::parse(out[key], item, Constraints{}, context);
            context.pointer.resize(length);
        }
    }
    static void write(const std::map<std::string, T>& value, Writer& out) {
        out.begin_object();
        for (const auto& [key, item] : value) {
            out.key(key);
            Codec<T>::write(item, out);
        }
        out.end_object();
    }
};

template <Described T>
struct Codec<T> {
    static const TypeInfo& type() {
        static const TypeInfo info = [] {
            TypeInfo t;
            t.type = "object";
            t.structure = &info_of<T>();
            return t;
        }();
        return info;
    }
    static void parse(T& out, const Value& value, const Constraints&, ParseContext& context) {
        parse_struct(info_of<T>(), &out, value, context);
    }
    static void write(const T& value, Writer& out) { write_struct(info_of<T>(), &value, out); }
};

// ---- entry points -------------------------------------------------------------------------------------------------
[[nodiscard]] Error to_error(ParseContext&& context);  // 422 http.invalid_fields

template <class T>
[[nodiscard]] Result<T> from_value(const Value& value) {
    T out{};
    ParseContext context;
    Codec<T>::parse(out, value, Constraints{}, context);
    if (!context.ok()) return std::unexpected(to_error(std::move(context)));
    return out;
}
template <class T>
[[nodiscard]] Result<T> parse_as(std::string_view text, ReadLimits limits = {}) {
    auto value = parse(text, limits);
    if (!value) return std::unexpected(value.error());
    return from_value<T>(*value);
}
template <class T>
void write_as(Writer& out, const T& value) {
    Codec<T>::write(value, out);
}
template <class T>
[[nodiscard]] std::string render(const T& value) {
    Writer out;
    Codec<T>::write(value, out);
    return out.take();
}

}  // namespace stoa::json
