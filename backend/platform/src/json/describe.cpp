#include "stoa/json/describe.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <regex>
#include <unordered_map>

namespace stoa::json {
namespace {

// Code points of valid UTF-8 (the parser has checked it).
std::size_t count_code_points(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return count;
}

bool matches(const std::string& pattern, const std::string& value) {
    static std::mutex mutex;
    static std::unordered_map<std::string, std::regex> compiled;
    const std::regex* expression = nullptr;
    {
        const std::lock_guard lock(mutex);
        auto it = compiled.find(pattern);
        if (it == compiled.end()) it = compiled.emplace(pattern, std::regex(pattern, std::regex::ECMAScript | std::regex::optimize)).first;
        expression = &it->second;
    }
    return std::regex_match(value, *expression);
}

void trim(std::string& value) {
    static constexpr std::string_view kSpace = " \t\r\n\f\v";
    const auto first = value.find_first_not_of(kSpace);
    if (first == std::string::npos) {
        value.clear();
        return;
    }
    value.erase(value.find_last_not_of(kSpace) + 1);
    value.erase(0, first);
}

TypeInfo simple(std::string type, std::string format = {}) {
    TypeInfo info;
    info.type = std::move(type);
    info.format = std::move(format);
    return info;
}

struct MoneyShape {
    std::int64_t amount = 0;
    std::string currency;
};
void describe(Struct<MoneyShape>& d) {
    d.name("Money").doc("An amount in the currency's minor units (cents for EUR, whole yen for JPY, thousandths for BHD).");
    d.field<&MoneyShape::amount>("amount", "Minor units.");
    d.field<&MoneyShape::currency>("currency", "ISO 4217.").pattern("[A-Z]{3}");
}

}  // namespace

void ParseContext::error(std::string_view code, std::string_view message) {
    if (errors.size() < 50) errors.push_back({pointer, std::string(code), std::string(message)});
}

const FieldInfo* StructInfo::find(std::string_view field) const {
    for (const auto& candidate : fields) {
        if (candidate.name == field) return &candidate;
    }
    return nullptr;
}

void parse_struct(const StructInfo& info, void* object, const Value& value, ParseContext& context) {
    if (!value.is_object()) {
        context.error("wrong_type", "Expected an object.");
        return;
    }
    const auto length = context.pointer.size();
    const auto enter = [&](std::string_view name) {
        context.pointer += '/';
        for (const char c : name) {  // RFC 6901 escapes
            if (c == '~')
                context.pointer += "~0";
            else if (c == '/')
                context.pointer += "~1";
            else
                context.pointer += c;
        }
    };
    for (const auto& [name, member] : value.members()) {
        if (info.find(name)) continue;
        enter(name.substr(0, 100));
        context.error("unknown_field", "This member is not known here.");
        context.pointer.resize(length);
    }
    for (const auto& field : info.fields) {
        const Value* member = value.find(field.name);
        if (!member) {
            if (field.required) {
                enter(field.name);
                context.error("required", "This field is required.");
                context.pointer.resize(length);
            }
            continue;
        }
        enter(field.name);
        field.parse(object, *member, field, context);
        context.pointer.resize(length);
    }
}

void write_struct(const StructInfo& info, const void* object, Writer& out) {
    out.begin_object();
    for (const auto& field : info.fields) {
        if (!field.present(object)) continue;
        out.key(field.name);
        field.write(object, out);
    }
    out.end_object();
}

void check_string(std::string& value, const Constraints& constraints, ParseContext& context) {
    if (constraints.trim) trim(value);
    // Control characters are no text: PostgreSQL refuses the first, terminals and mail programs act upon the others.
    const auto is_control = [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
    };
    if (std::ranges::any_of(value, is_control)) {
        context.error("invalid_text", "The text contains a character that is not allowed.");
        return;
    }
    if (constraints.not_blank && value.empty()) {
        context.error("blank", "This field may not be empty.");
        return;
    }
    const std::size_t length = count_code_points(value);
    if (constraints.min_length && length < *constraints.min_length)
        context.error("too_short", "At least " + std::to_string(*constraints.min_length) + " characters.");
    // Every text has a bound, also where none was declared.
    // One that is matched by a pattern is short: libstdc++'s matcher recurses per character.
    const std::size_t max_length =
        std::min<std::size_t>(constraints.max_length.value_or(10000), constraints.pattern.empty() ? 1000000 : 1000);
    if (length > max_length) {
        context.error("too_long", "At most " + std::to_string(max_length) + " characters.");
        return;
    }
    if (!constraints.pattern.empty() && !matches(constraints.pattern, value)) context.error("wrong_format", "The format is not right.");
}

void check_number(std::int64_t value, const Constraints& constraints, ParseContext& context) {
    if (constraints.min && value < *constraints.min) context.error("too_small", "At least " + std::to_string(*constraints.min) + ".");
    if (constraints.max && value > *constraints.max) context.error("too_large", "At most " + std::to_string(*constraints.max) + ".");
}

void check_size(std::size_t size, const Constraints& constraints, ParseContext& context) {
    if (constraints.min_length && size < *constraints.min_length)
        context.error("too_few", "At least " + std::to_string(*constraints.min_length) + " entries.");
    const std::size_t max_size = constraints.max_length.value_or(10000);
    if (size > max_size) context.error("too_many", "At most " + std::to_string(max_size) + " entries.");
}

Error to_error(ParseContext&& context) {
    Error error;
    error.kind = ErrorKind::invalid;
    error.code = "http.invalid_fields";
    error.message = "Some fields are not acceptable.";
    error.fields = std::move(context.errors);
    return error;
}

// ---- codecs ------------------------------------------------------------------------------------------------------------
const TypeInfo& Codec<bool>::type() {
    static const TypeInfo info = simple("boolean");
    return info;
}
void Codec<bool>::parse(bool& out, const Value& value, const Constraints&, ParseContext& context) {
    if (value.kind() != Value::Kind::boolean) return context.error("wrong_type", "Expected true or false.");
    out = value.as_bool();
}

const TypeInfo& Codec<std::int64_t>::type() {
    static const TypeInfo info = simple("integer", "int64");
    return info;
}
void Codec<std::int64_t>::parse(std::int64_t& out, const Value& value, const Constraints& constraints, ParseContext& context) {
    const auto number = value.as_int();
    if (!number) return context.error("wrong_type", "Expected a whole number.");
    out = *number;
    check_number(out, constraints, context);
}

const TypeInfo& Codec<int>::type() {
    static const TypeInfo info = simple("integer", "int32");
    return info;
}
void Codec<int>::parse(int& out, const Value& value, const Constraints& constraints, ParseContext& context) {
    const auto number = value.as_int();
    if (!number) return context.error("wrong_type", "Expected a whole number.");
    if (*number > std::numeric_limits<int>::max()) return context.error("too_large", "The number is too large.");
    if (*number < std::numeric_limits<int>::min()) return context.error("too_small", "The number is too small.");
    out = static_cast<int>(*number);
    check_number(out, constraints, context);
}

const TypeInfo& Codec<std::string>::type() {
    static const TypeInfo info = simple("string");
    return info;
}
void Codec<std::string>::parse(std::string& out, const Value& value, const Constraints& constraints, ParseContext& context) {
    if (!value.is_string()) return context.error("wrong_type", "Expected a text.");
    out = value.text();
    check_string(out, constraints, context);
}

const TypeInfo& Codec<Money>::type() {
    static const TypeInfo info = [] {
        TypeInfo t = simple("object");
        t.structure = &info_of<MoneyShape>();
        return t;
    }();
    return info;
}
void Codec<Money>::parse(Money& out, const Value& value, const Constraints& constraints, ParseContext& context) {
    MoneyShape shape;
    const auto before = context.errors.size();
    parse_struct(info_of<MoneyShape>(), &shape, value, context);
    if (context.errors.size() != before) return;
    const auto currency = Currency::parse(shape.currency);
    if (!currency) return context.error("unknown_currency", "This currency is not known.");
    check_number(shape.amount, constraints, context);
    out = Money(shape.amount, *currency);
}
void Codec<Money>::write(const Money& value, Writer& out) {
    out.begin_object();
    out.key("amount");
    out.integer(value.minor());
    out.key("currency");
    out.string(value.currency().code());
    out.end_object();
}

const TypeInfo& Codec<Timestamp>::type() {
    static const TypeInfo info = simple("string", "date-time");
    return info;
}
void Codec<Timestamp>::parse(Timestamp& out, const Value& value, const Constraints&, ParseContext& context) {
    if (value.is_string()) {
        if (auto parsed = parse_timestamp(value.text())) {
            out = *parsed;
            return;
        }
    }
    context.error("wrong_format", "Expected an instant such as 2026-11-22T10:00:00Z.");
}
void Codec<Timestamp>::write(const Timestamp& value, Writer& out) { out.string(to_rfc3339(value)); }

const TypeInfo& Codec<Date>::type() {
    static const TypeInfo info = simple("string", "date");
    return info;
}
void Codec<Date>::parse(Date& out, const Value& value, const Constraints&, ParseContext& context) {
    if (value.is_string()) {
        if (auto parsed = parse_iso_date(value.text())) {
            out = *parsed;
            return;
        }
    }
    context.error("wrong_format", "Expected a date such as 2026-11-22.");
}
void Codec<Date>::write(const Date& value, Writer& out) { out.string(to_iso_date(value)); }

const TypeInfo& Codec<Raw>::type() {
    static const TypeInfo info;
    return info;
}
void Codec<Raw>::parse(Raw& out, const Value& value, const Constraints&, ParseContext&) { out.text = to_text(value); }

}  // namespace stoa::json
