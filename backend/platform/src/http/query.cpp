#include <map>

#include "stoa/http/message.hpp"

namespace stoa::http {
namespace {

bool is_whole_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    if (text.empty() || text.size() > 18) return false;
    for (const char c : text) {
        if (c < '0' || c > '9') return false;
    }
    return true;
}

// The text as the JSON value a field of this type expects; a text that does not fit stays a string, which the field refuses.
json::Value to_value(const std::string& text, const json::TypeInfo& type) {
    if (type.type == "integer" && is_whole_number(text)) return json::Value::number(text);
    if (type.type == "boolean") {
        if (text == "1" || text == "true") return json::Value::boolean(true);
        if (text == "0" || text == "false") return json::Value::boolean(false);
    }
    return json::Value::string(text);
}

json::Value to_array(const std::string& text, const json::TypeInfo& item) {
    std::vector<json::Value> items;
    std::size_t start = 0;
    while (start <= text.size()) {
        const std::size_t comma = std::min(text.find(',', start), text.size());
        if (comma > start) items.push_back(to_value(text.substr(start, comma - start), item));
        start = comma + 1;
    }
    return json::Value::array(std::move(items));
}

}  // namespace

std::optional<Error> parse_query(const Request& request, const json::StructInfo& info, void* out) {
    json::ParseContext context;
    const json::FieldInfo* rest = info.find("*");
    // Repetitions joined by a comma, in order of first appearance.
    std::vector<std::pair<std::string, std::string>> given;
    std::map<std::string, std::pair<std::size_t, int>, std::less<>> seen;
    for (const auto& [name, value] : request.query) {
        const auto found = seen.find(name);
        if (found == seen.end()) {
            seen.emplace(name, std::pair{given.size(), 1});
            given.emplace_back(name, value);
        } else {
            ++found->second.second;
            given[found->second.first].second += "," + value;
        }
    }
    std::vector<json::Value::Member> others;
    for (const auto& [name, value] : given) {
        const json::FieldInfo* field = name == "*" ? nullptr : info.find(name);
        context.pointer = "?" + name;
        if (!field) {
            if (rest)
                others.emplace_back(name, json::Value::string(value));
            else
                context.error("unknown_parameter", "This parameter is not known here.");
            continue;
        }
        const bool is_list = field->type->type == "array";
        if (!is_list && seen.find(name)->second.second > 1) {
            context.error("repeated", "Give this parameter once.");
            continue;
        }
        if (value.empty() && !field->required &&
            (is_list || field->type->type != "string" || !field->type->values.empty() || !field->type->pattern.empty()))
            continue;
        field->parse(out, is_list ? to_array(value, *field->type->item) : to_value(value, *field->type), *field, context);
    }
    for (const json::FieldInfo& field : info.fields) {
        if (!field.required || &field == rest || seen.contains(field.name)) continue;
        context.pointer = "?" + field.name;
        context.error("required", "This parameter is needed.");
    }
    if (rest && !others.empty()) {
        context.pointer = "?";
        rest->parse(out, json::Value::object(std::move(others)), *rest, context);
    }
    if (context.ok()) return std::nullopt;
    return json::to_error(std::move(context));
}

}  // namespace stoa::http
