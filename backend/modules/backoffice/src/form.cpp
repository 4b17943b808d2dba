#include "form.hpp"

#include <algorithm>

namespace stoa::backoffice {
namespace {

bool is_money(const json::TypeInfo& type) { return type.structure && type.structure->name == "Money"; }

FieldType type_of(const json::FieldInfo& field) {
    const auto& type = *field.type;
    if (is_money(type)) return FieldType::money;
    if (type.is_map) return type.item && type.item->type == "string" ? FieldType::translations : FieldType::json;
    if (type.type == "array") return type.item && type.item->type == "string" ? FieldType::list : FieldType::json;
    if (type.type == "boolean") return FieldType::boolean;
    if (type.type == "integer") return FieldType::integer;
    if (type.type != "string") return FieldType::json;
    if (!type.values.empty()) return FieldType::select;
    if (type.format == "date-time") return FieldType::datetime;
    if (type.format == "date") return FieldType::date;
    return field.constraints.max_length.value_or(0) > 300 ? FieldType::longtext : FieldType::text;
}

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

Failure bad_cell(std::string_view message) {
    Error error;
    error.kind = ErrorKind::invalid;
    error.code = "http.invalid_fields";
    error.message = message;
    return fail(std::move(error));
}

}  // namespace

std::string label_of(std::string_view name) {
    std::string out(name);
    std::ranges::replace(out, '_', ' ');
    if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
    return out;
}

std::vector<FormField> form_fields(const json::StructInfo& form, const std::map<std::string, FieldLook>& looks) {
    std::vector<FormField> out;
    for (const auto& field : form.fields) {
        FormField& shown = out.emplace_back();
        shown.name = field.name;
        shown.label = label_of(field.name);
        shown.help = field.doc;
        shown.required =
            field.required && (field.constraints.not_blank || field.constraints.min_length.value_or(0) > 0 ||
                               !field.constraints.pattern.empty() || (field.type->type != "string" && field.type->type != "array"));
        shown.min = field.constraints.min;
        shown.max = field.constraints.max;
        if (field.constraints.max_length) shown.max_length = static_cast<std::int64_t>(*field.constraints.max_length);
        shown.type = type_of(field);
        const auto& type = *field.type;
        if (type.type == "array" && type.item && type.item->structure && !is_money(*type.item)) shown.rows = type.item->structure;
        for (const auto& value : type.values) shown.options.push_back({value, label_of(value)});
        if (const auto look = looks.find(field.name); look != looks.end()) {
            if (!look->second.label.empty()) shown.label = look->second.label;
            if (look->second.type) shown.type = *look->second.type;
            if (!look->second.options.empty()) {
                shown.options = look->second.options;
                if (!look->second.type) shown.type = FieldType::select;
            }
            if (!look->second.resource.empty()) {
                shown.resource = look->second.resource;
                if (!look->second.type && shown.type == FieldType::text) shown.type = FieldType::reference;
            }
            shown.group = look->second.group;
            shown.read_only = look->second.read_only;
            shown.fixed = look->second.fixed;
        }
    }
    return out;
}

Result<std::optional<json::Value>> value_of_cell(const FormField& field, std::string_view cell) {
    using json::Value;
    const auto text = trimmed(cell);
    switch (field.type) {
        case FieldType::text:
        case FieldType::longtext:
            return Value::string(std::string(cell));
        case FieldType::select:
        case FieldType::date:
        case FieldType::datetime:
        case FieldType::reference:
        case FieldType::image:
            if (text.empty()) return std::optional<Value>(Value());
            return Value::string(text);
        case FieldType::integer:
            if (text.empty()) return std::optional<Value>(Value());
            if (!Value::string(text).as_int(true)) return bad_cell("Expected a whole number.");
            return Value::number(std::to_string(*Value::string(text).as_int(true)));
        case FieldType::boolean:
            for (const auto* yes : {"1", "true", "yes", "TRUE"}) {
                if (text == yes) return Value::boolean(true);
            }
            for (const auto* no : {"", "0", "false", "no", "FALSE"}) {
                if (text == no) return Value::boolean(false);
            }
            return bad_cell("Expected true or false.");
        case FieldType::money: {
            if (text.empty()) return std::optional<Value>(Value());
            const auto space = text.find(' ');
            const auto currency = space == std::string::npos ? std::nullopt : Currency::parse(text.substr(space + 1));
            const auto amount = text.substr(0, space);
            const auto money = currency ? Money::parse_decimal(amount, *currency) : std::nullopt;
            // "1.000 EUR" is a thousand somewhere: no more decimals than the currency has.
            const auto point = amount.find('.');
            const auto decimals = point == std::string::npos ? 0 : amount.size() - point - 1;
            if (!money || decimals > static_cast<std::size_t>(currency->exponent()))
                return bad_cell("Expected an amount such as 19.99 EUR.");
            return Value::object({{"amount", Value::number(std::to_string(money->minor()))},
                                  {"currency", Value::string(std::string(money->currency().code()))}});
        }
        case FieldType::list: {
            std::vector<Value> items;
            for (std::size_t at = 0; at <= text.size() && !text.empty();) {
                const auto end = std::min(text.find('|', at), text.size());
                items.push_back(Value::string(trimmed(std::string_view(text).substr(at, end - at))));
                at = end + 1;
            }
            return Value::array(std::move(items));
        }
        case FieldType::translations:
        case FieldType::json: {
            if (text.empty()) return std::optional<Value>();
            auto value = json::parse(text);
            if (!value) return bad_cell("Expected JSON.");
            return std::move(*value);
        }
    }
    return std::optional<Value>();
}

}  // namespace stoa::backoffice
