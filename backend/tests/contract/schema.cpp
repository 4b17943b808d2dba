#include "schema.hpp"

#include <algorithm>
#include <mutex>
#include <regex>
#include <set>
#include <stdexcept>
#include <unordered_map>

#include "stoa/clock/clock.hpp"

namespace stoa::testing {
namespace {

using json::Value;

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool matches(const std::string& pattern, const std::string& text) {
    static std::mutex mutex;
    static std::unordered_map<std::string, std::regex> known;
    const std::lock_guard lock(mutex);
    auto it = known.find(pattern);
    if (it == known.end()) it = known.emplace(pattern, std::regex(pattern, std::regex::ECMAScript)).first;
    return std::regex_search(text, it->second);
}

bool is_integer(const Value& value) { return value.is_number() && value.text().find_first_of(".eE") == std::string::npos; }

bool has_type(const Value& value, std::string_view type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "integer") return is_integer(value);
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.kind() == Value::Kind::boolean;
    if (type == "null") return value.is_null();
    throw std::runtime_error("the document names a type that is none: " + std::string(type));
}

bool same(const Value& a, const Value& b) { return json::to_text(a) == json::to_text(b); }

}  // namespace

Document::Document(std::string_view text) {
    auto parsed = json::parse(text, {64 << 20, 64});
    if (!parsed) throw std::runtime_error("the OpenAPI document is not JSON");
    root_ = std::move(*parsed);
    for (const auto& [path, methods] : root_.find("paths")->members()) {
        for (const auto& [method, node] : methods.members()) operations_.push_back({method, path, node.text_or("operationId"), &node});
    }
}

bool Document::Operation::needs_login() const {
    const auto* security = node->find("security");
    if (!security || security->items().empty()) return false;
    return std::ranges::none_of(security->items(), [](const Value& way) { return way.members().empty(); });
}

const Value& Document::resolve(const Value& schema) const {
    const auto* reference = schema.find("$ref");
    if (!reference) return schema;
    const Value* at = &root_;
    std::string_view rest = std::string_view(reference->text()).substr(2);
    while (!rest.empty()) {
        const auto end = std::min(rest.find('/'), rest.size());
        at = at->find(rest.substr(0, end));
        if (!at) throw std::runtime_error("the document refers to nothing: " + reference->text());
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return resolve(*at);
}

const Value* Document::body_schema(const Operation& operation) const {
    const auto* media = operation.node->at("requestBody", "content", "application/json");
    return media ? &resolve(*media->find("schema")) : nullptr;
}

std::vector<Document::Parameter> Document::parameters(const Operation& operation) const {
    std::vector<Parameter> out;
    const auto* list = operation.node->find("parameters");
    if (!list) return out;
    for (const auto& item : list->items()) {
        const auto& parameter = resolve(item);
        out.push_back(
            {parameter.text_or("name"), parameter.text_or("in"), parameter.bool_or("required"), &resolve(*parameter.find("schema"))});
    }
    return out;
}

std::vector<std::string> Document::check_answer(const Operation& operation, int status, std::string_view content_type,
                                                std::string_view body) const {
    const auto* responses = operation.node->find("responses");
    const auto text = std::to_string(status);
    const Value* response = responses->find(text);
    const bool problem = status >= 400;
    if (!response && problem) response = responses->find(text.substr(0, 1) + "XX");
    if (!response) return {"status " + text + " is not documented"};
    const auto* content = resolve(*response).find("content");
    if (!content) {
        if (!body.empty()) return {"a body came where none is documented"};
        return {};
    }
    const auto type = content_type.substr(0, content_type.find(';'));
    const auto* media = content->find(type);
    if (!media) return {"content type '" + std::string(content_type) + "' is not documented for " + text};
    if (type.find("json") == std::string_view::npos) return {};
    const auto value = json::parse(body, {64 << 20, 64});
    if (!value) return {"the body is not JSON"};
    return check(*media->find("schema"), *value, !problem);
}

std::vector<std::string> Document::check(const Value& schema, const Value& value, bool closed) const {
    std::vector<std::string> out;
    check(schema, value, closed, "", out);
    return out;
}

void Document::check(const Value& given, const Value& value, bool closed, const std::string& at, std::vector<std::string>& out) const {
    static const std::set<std::string, std::less<>> kKnown{"type",
                                                           "enum",
                                                           "pattern",
                                                           "minLength",
                                                           "maxLength",
                                                           "minimum",
                                                           "maximum",
                                                           "minItems",
                                                           "maxItems",
                                                           "items",
                                                           "properties",
                                                           "required",
                                                           "additionalProperties",
                                                           "anyOf",
                                                           "allOf",
                                                           "$ref",
                                                           "description",
                                                           "format",
                                                           "examples",
                                                           "contentMediaType"};
    const Value& schema = resolve(given);
    const auto wrong = [&](const std::string& what) { out.push_back((at.empty() ? "(body)" : at) + ": " + what); };
    for (const auto& [keyword, unused] : schema.members()) {
        if (!kKnown.contains(keyword)) wrong("the schema uses '" + keyword + "', which is not checked");
    }
    if (const auto* all = schema.find("allOf")) {
        for (const auto& part : all->items()) check(part, value, false, at, out);
        return;
    }
    if (const auto* any = schema.find("anyOf")) {
        std::vector<std::string> reasons;
        for (const auto& part : any->items()) {
            std::vector<std::string> found;
            check(part, value, closed, at, found);
            if (found.empty()) return;
            reasons.insert(reasons.end(), found.begin(), found.end());
        }
        wrong("fits none of anyOf");
        out.insert(out.end(), reasons.begin(), reasons.end());
        return;
    }
    if (const auto* type = schema.find("type")) {
        bool fits = false;
        if (type->is_array())
            fits = std::ranges::any_of(type->items(), [&](const Value& one) { return has_type(value, one.text()); });
        else
            fits = has_type(value, type->text());
        if (!fits) return wrong("wrong type: " + json::to_text(value).substr(0, 80) + " is not " + json::to_text(*type));
    }
    if (const auto* values = schema.find("enum")) {
        if (std::ranges::none_of(values->items(), [&](const Value& one) { return same(one, value); }))
            wrong(json::to_text(value) + " is not one of " + json::to_text(*values));
    }
    if (value.is_string()) {
        const auto length = static_cast<std::int64_t>(code_points(value.text()));
        if (const auto* least = schema.find("minLength"); least && length < *least->as_int()) wrong("too short");
        if (const auto* most = schema.find("maxLength"); most && length > *most->as_int()) wrong("too long");
        if (const auto* pattern = schema.find("pattern"); pattern && !matches(pattern->text(), value.text()))
            wrong("'" + value.text().substr(0, 80) + "' does not match " + pattern->text());
        const std::string format = schema.text_or("format");
        if (format == "date-time" && !parse_timestamp(value.text())) wrong("no date-time");
        if (format == "date" && !parse_iso_date(value.text())) wrong("no date");
    }
    if (is_integer(value)) {
        const auto number = value.as_int();
        if (!number) wrong("a number beyond 64 bits");
        if (const auto* least = schema.find("minimum"); least && number && *number < *least->as_int()) wrong("below the minimum");
        if (const auto* most = schema.find("maximum"); most && number && *number > *most->as_int()) wrong("above the maximum");
    }
    if (value.is_array()) {
        const auto size = static_cast<std::int64_t>(value.items().size());
        if (const auto* least = schema.find("minItems"); least && size < *least->as_int()) wrong("too few items");
        if (const auto* most = schema.find("maxItems"); most && size > *most->as_int()) wrong("too many items");
        if (const auto* items = schema.find("items")) {
            for (std::size_t i = 0; i < value.items().size(); ++i)
                check(*items, value.items()[i], closed, at + "/" + std::to_string(i), out);
        }
    }
    if (value.is_object()) {
        const auto* properties = schema.find("properties");
        const auto* further = schema.find("additionalProperties");
        if (const auto* required = schema.find("required")) {
            for (const auto& name : required->items()) {
                if (!value.find(name.text())) wrong("'" + name.text() + "' is missing");
            }
        }
        for (const auto& [name, member] : value.members()) {
            const auto* property = properties ? properties->find(name) : nullptr;
            if (property)
                check(*property, member, closed, at + "/" + name, out);
            else if (further && further->is_object())
                check(*further, member, closed, at + "/" + name, out);
            else if (further && further->kind() == Value::Kind::boolean && !further->as_bool())
                wrong("'" + name + "' is not allowed");
            else if (closed && properties && !further)
                wrong("'" + name + "' is not documented");
        }
    }
}

Value changed(const Value& root, const std::vector<std::string>& path, const Value* value) {
    if (path.empty()) return value ? *value : Value();
    const std::vector<std::string> rest(path.begin() + 1, path.end());
    const auto& key = path.front();
    if (root.is_array()) {
        auto items = root.items();
        const auto index = static_cast<std::size_t>(std::stoul(key));
        items.at(index) = changed(items.at(index), rest, value);
        return Value::array(std::move(items));
    }
    std::vector<Value::Member> members;
    bool found = false;
    for (const auto& [name, member] : root.members()) {
        if (name != key) {
            members.emplace_back(name, member);
            continue;
        }
        found = true;
        if (rest.empty() && !value) continue;
        members.emplace_back(name, changed(member, rest, value));
    }
    if (!found && value) members.emplace_back(key, changed(Value::object({}), rest, value));
    return Value::object(std::move(members));
}

}  // namespace stoa::testing
