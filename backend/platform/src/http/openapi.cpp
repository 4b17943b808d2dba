#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>

#include "http/text.hpp"
#include "stoa/http/router.hpp"

namespace stoa::http {
namespace {

using json::FieldInfo;
using json::StructInfo;
using json::TypeInfo;
using json::Value;
using Members = std::vector<Value::Member>;

Value text(std::string_view value) { return Value::string(std::string(value)); }
Value number(std::int64_t value) { return Value::number(std::to_string(value)); }
Value object(Members members) { return Value::object(std::move(members)); }
Value list(std::vector<Value> items) { return Value::array(std::move(items)); }
Value reference(const std::string& section, const std::string& name) {
    return object({{"$ref", text("#/components/" + section + "/" + name)}});
}

void print(const Value& value, int depth, std::string& out) {
    const auto line = [&](int at) { out.append("\n").append(static_cast<std::size_t>(at) * 2, ' '); };
    if (value.is_object() && !value.members().empty()) {
        out += '{';
        bool first = true;
        for (const auto& [name, member] : value.members()) {
            if (!std::exchange(first, false)) out += ',';
            line(depth + 1);
            out.append(json::quote(name)).append(": ");
            print(member, depth + 1, out);
        }
        line(depth);
        out += '}';
    } else if (value.is_array() && !value.items().empty()) {
        out += '[';
        bool first = true;
        for (const Value& item : value.items()) {
            if (!std::exchange(first, false)) out += ',';
            line(depth + 1);
            print(item, depth + 1, out);
        }
        line(depth);
        out += ']';
    } else {
        out += json::to_text(value);
    }
}

class Document {
public:
    Document(const Routes& routes, const OpenApiInfo& info) : routes_(routes), info_(info) {}

    std::string build() {
        for (const Route& route : routes_.all()) {
            if (!route.documented) continue;
            if (route.body_info) note(*route.body_info, true);
            for (const Route::Answer& answer : route.answers) {
                if (answer.type) note(*answer.type, false);
            }
            // A parameter may hold nothing but plain values, so the query's own struct is no schema.
        }
        Members root;
        root.emplace_back("openapi", text("3.1.0"));
        root.emplace_back("info", information());
        root.emplace_back(
            "servers",
            list({object({{"url", text(info_.server_url.empty() ? "/" : info_.server_url)}, {"description", text("This shop.")}})}));
        root.emplace_back("tags", tags());
        root.emplace_back("paths", paths());
        root.emplace_back("components", components());
        std::string out;
        print(object(std::move(root)), 0, out);
        out += '\n';
        return out;
    }

private:
    struct Use {
        const StructInfo* info = nullptr;
        bool input = false;
        bool output = false;
    };

    void note(const TypeInfo& type, bool input) {
        if (type.structure) note(*type.structure, input);
        if (type.item) note(*type.item, input);
    }

    void note(const StructInfo& info, bool input) {
        if (info.name.empty()) throw std::logic_error("a described struct that is part of the API has no name");
        Use& use = structs_[info.name];
        if (use.info && use.info != &info) throw std::logic_error("two described structs are called " + info.name);
        use.info = &info;
        bool& known = input ? use.input : use.output;
        if (known) return;
        known = true;
        for (const FieldInfo& field : info.fields) note(*field.type, input);
    }

    Value information() const {
        return object({{"title", text(info_.title)},
                       {"version", text(info_.version)},
                       {"description", text(info_.description)},
                       {"license", object({{"name", text(info_.license_name)}, {"identifier", text(info_.license_id)}})}});
    }

    Value tags() const {
        std::set<std::string> names;
        for (const Route& route : routes_.all()) {
            if (route.documented) names.insert(route.tags.begin(), route.tags.end());
        }
        std::vector<Value> out;
        for (const std::string& name : names)
            out.push_back(object({{"name", text(name)}, {"description", text("Operations of " + name + ".")}}));
        return list(std::move(out));
    }

    Value paths() const {
        std::map<std::string, std::vector<const Route*>> by_path;
        for (const Route& route : routes_.all()) {
            if (route.documented) by_path[public_pattern(route.pattern)].push_back(&route);
        }
        Members out;
        for (auto& [path, routes] : by_path) {
            std::ranges::sort(routes, {}, [](const Route* route) { return route->method; });
            Members operations;
            for (const Route* route : routes) operations.emplace_back(lower(method_name(route->method)), operation(*route));
            out.emplace_back(path, object(std::move(operations)));
        }
        return object(std::move(out));
    }

    static std::string public_pattern(std::string pattern) {
        std::erase(pattern, '*');
        return pattern;
    }

    static std::vector<std::string> path_parameters(const std::string& pattern) {
        std::vector<std::string> names;
        std::size_t at = 0;
        while ((at = pattern.find('{', at)) != std::string::npos) {
            const std::size_t end = pattern.find('}', at);
            names.push_back(pattern.substr(at + 1, end - at - 1));
            at = end;
        }
        return names;
    }

    Value operation(const Route& route) const {
        Members out;
        out.emplace_back("operationId", text(route.operation_id));
        if (!route.tags.empty()) {
            std::vector<Value> names;
            for (const std::string& tag : route.tags) names.push_back(text(tag));
            out.emplace_back("tags", list(std::move(names)));
        }
        out.emplace_back("summary", text(route.summary_text.empty() ? route.operation_id : route.summary_text));
        if (!route.description_text.empty()) out.emplace_back("description", text(route.description_text));
        out.emplace_back("security", security(route));
        if (auto all = parameters(route); !all.empty()) out.emplace_back("parameters", list(std::move(all)));
        if (route.body_info || route.accepts_uploads) out.emplace_back("requestBody", body(route));
        out.emplace_back("responses", responses(route));
        return object(std::move(out));
    }

    static Value security(const Route& route) {
        switch (route.access) {
            case Access::customer:
                return list({object({{"customer_session", list({})}})});
            case Access::staff:
                return list({object({{"staff_session", list({})}})});
            case Access::provider:
                return list({object({{"provider_signature", list({})}})});
            case Access::open:
                break;
        }
        if (route.pool == Pool::memory) return list({});
        return list({object({}), object({{"customer_session", list({})}})});  // with or without a session
    }

    std::vector<Value> parameters(const Route& route) const {
        std::vector<Value> out;
        for (const std::string& name : path_parameters(public_pattern(route.pattern))) {
            out.push_back(object({{"name", text(name)},
                                  {"in", text("path")},
                                  {"required", Value::boolean(true)},
                                  {"schema", object({{"type", text("string")}})}}));
        }
        bool open = route.query_open;
        if (route.query_info) {
            for (const FieldInfo& field : route.query_info->fields) {
                if (field.name == "*") {
                    open = true;
                    continue;
                }
                Members parameter{{"name", text(field.name)}, {"in", text("query")}};
                if (!field.doc.empty()) parameter.emplace_back("description", text(field.doc));
                if (field.required) parameter.emplace_back("required", Value::boolean(true));
                if (field.type->type == "array") {  // a,b,c
                    parameter.emplace_back("style", text("form"));
                    parameter.emplace_back("explode", Value::boolean(false));
                }
                parameter.emplace_back("schema", field_schema(field, false));
                out.push_back(object(std::move(parameter)));
            }
        }
        if (open) {
            out.push_back(
                object({{"name", text("filters")},
                        {"in", text("query")},
                        {"description", text("Further parameters, each under its own name, such as f.colour=oak,ash.")},
                        {"style", text("form")},
                        {"explode", Value::boolean(true)},
                        {"schema", object({{"type", text("object")}, {"additionalProperties", object({{"type", text("string")}})}})}}));
        }
        if (route.needs_idempotency_key)
            out.push_back(reference("parameters", "IdempotencyKey"));
        else if (route.accepts_idempotency_key)
            out.push_back(reference("parameters", "OptionalIdempotencyKey"));
        return out;
    }

    Value body(const Route& route) const {
        Members content;
        if (route.body_info) content.emplace_back("application/json", object({{"schema", reference("schemas", route.body_info->name)}}));
        if (route.accepts_uploads) {
            const Value file = object({{"type", text("string")}, {"contentMediaType", text("application/octet-stream")}});
            content.emplace_back("multipart/form-data",
                                 object({{"schema", object({{"type", text("object")}, {"additionalProperties", file}})}}));
        }
        return object({{"required", Value::boolean(true)}, {"content", object(std::move(content))}});
    }

    Value responses(const Route& route) const {
        // One status may come in several content types.
        std::map<int, std::vector<const Route::Answer*>> answers;
        for (const Route::Answer& answer : route.answers) answers[answer.status].push_back(&answer);
        Members out;
        for (const auto& [status, kinds] : answers) {
            const auto& doc = kinds.front()->doc;
            Members response{{"description", text(doc.empty() ? reason_phrase(status) : std::string_view(doc))}};
            Members content;
            for (const auto* answer : kinds) {
                if (answer->type)
                    content.emplace_back(answer->content_type, object({{"schema", type_schema(*answer->type)}}));
                else if (!answer->content_type.empty())
                    content.emplace_back(answer->content_type, object({{"schema", object({{"type", text("string")}})}}));
            }
            if (!content.empty()) response.emplace_back("content", object(std::move(content)));
            out.emplace_back(std::to_string(status), object(std::move(response)));
        }
        if (answers.empty()) out.emplace_back("200", object({{"description", text(reason_phrase(200))}}));
        out.emplace_back("4XX", problems(route));
        out.emplace_back("5XX", reference("responses", "Unexpected"));
        return object(std::move(out));
    }

    // The codes this route can answer with: its own and those of the front that apply to it.
    static Value problems(const Route& route) {
        std::set<std::string> codes(route.codes.begin(), route.codes.end());
        const bool safe = route.method == Method::get || route.method == Method::head;
        codes.insert({"http.bad_request", "http.bad_target", "http.headers_too_large"});
        if (route.pattern.find('{') != std::string::npos) codes.insert("http.not_found");
        if (route.query_info) codes.insert("http.invalid_fields");
        if (route.body_info)
            codes.insert({"http.invalid_fields", "http.malformed_json", "http.unsupported_media_type", "http.body_too_large"});
        if (route.accepts_uploads) codes.insert({"http.malformed_multipart", "http.body_too_large"});
        if (!safe && route.origin_check) codes.insert("http.origin_not_allowed");
        if (route.needs_idempotency_key) codes.insert("http.idempotency_key_missing");
        if (route.needs_idempotency_key || route.accepts_idempotency_key) {
            codes.insert({"http.idempotency_key_invalid", "http.idempotency_in_progress", "http.idempotency_key_reused"});
        }
        std::vector<Value> names;
        for (const std::string& code : codes) names.push_back(text(code));
        const Value narrowed =
            object({{"type", text("object")},
                    {"properties", object({{"code", object({{"type", text("string")}, {"enum", list(std::move(names))}})}})}});
        const Value schema = object({{"allOf", list({reference("schemas", "Problem"), narrowed})}});
        return object({{"description", text("The request was refused.")},
                       {"content", object({{"application/problem+json", object({{"schema", schema}})}})}});
    }

    Value type_schema(const TypeInfo& type) const {
        if (type.structure) {
            const Value ref = reference("schemas", type.structure->name);
            return type.nullable ? object({{"anyOf", list({ref, object({{"type", text("null")}})})}}) : ref;
        }
        Members out;
        if (!type.type.empty()) out.emplace_back("type", type.nullable ? list({text(type.type), text("null")}) : text(type.type));
        if (!type.format.empty()) out.emplace_back("format", text(type.format));
        if (!type.pattern.empty()) out.emplace_back("pattern", text(type.pattern));
        if (!type.values.empty()) {
            std::vector<Value> values;
            for (const std::string& value : type.values) values.push_back(text(value));
            if (type.nullable) values.emplace_back();
            out.emplace_back("enum", list(std::move(values)));
        }
        if (type.item) out.emplace_back(type.is_map ? "additionalProperties" : "items", type_schema(*type.item));
        if (!type.example.empty()) out.emplace_back("examples", list({text(type.example)}));
        return object(std::move(out));
    }

    // `nullable`: whether null is to be allowed where the type allows it (never in a query).
    Value field_schema(const FieldInfo& field, bool nullable) const {
        TypeInfo type = *field.type;
        if (!nullable) type.nullable = false;
        Members out = type_schema(type).members();
        const json::Constraints& limits = field.constraints;
        if (limits.min) out.emplace_back("minimum", number(*limits.min));
        if (limits.max) out.emplace_back("maximum", number(*limits.max));
        const bool is_array = type.type == "array";
        auto least = limits.min_length;
        if (limits.not_blank && !least) least = 1;
        if (least) out.emplace_back(is_array ? "minItems" : "minLength", number(static_cast<std::int64_t>(*least)));
        if (limits.max_length) out.emplace_back(is_array ? "maxItems" : "maxLength", number(static_cast<std::int64_t>(*limits.max_length)));
        if (!limits.pattern.empty()) out.emplace_back("pattern", text("^(?:" + limits.pattern + ")$"));
        if (nullable && !field.doc.empty()) out.emplace_back("description", text(field.doc));
        return object(std::move(out));
    }

    Value schema_of(const Use& use) const {
        Members properties;
        std::vector<Value> required;
        for (const FieldInfo& field : use.info->fields) {
            properties.emplace_back(field.name, field_schema(field, true));
            // Output always has every field that is no optional; input has to have what the parser asks for.
            const bool always_there = !field.type->nullable && (!use.input || field.required);
            if (always_there) required.push_back(text(field.name));
        }
        Members out{{"type", text("object")}};
        if (!use.info->doc.empty()) out.emplace_back("description", text(use.info->doc));
        out.emplace_back("properties", object(std::move(properties)));
        if (!required.empty()) out.emplace_back("required", list(std::move(required)));
        if (use.input) out.emplace_back("additionalProperties", Value::boolean(false));
        return object(std::move(out));
    }

    static Value problem_schema() {
        const Value string = object({{"type", text("string")}});
        const Value field =
            object({{"type", text("object")},
                    {"properties",
                     object({{"pointer", object({{"type", text("string")},
                                                 {"description", text("RFC 6901 pointer into the body, or ?name for a parameter.")}})},
                             {"code", string},
                             {"message", string}})},
                    {"required", list({text("pointer"), text("code"), text("message")})}});
        return object({{"type", text("object")},
                       {"description", text("RFC 9457 problem details. Programs look at code; detail is for people.")},
                       {"properties", object({{"type", string},
                                              {"title", string},
                                              {"status", object({{"type", text("integer")}})},
                                              {"detail", string},
                                              {"code", string},
                                              {"request_id", string},
                                              {"errors", object({{"type", text("array")}, {"items", field}})}})},
                       {"required", list({text("type"), text("title"), text("status"), text("detail"), text("code")})}});
    }

    Value components() const {
        std::map<std::string, Value> schemas;
        for (const auto& [name, use] : structs_) schemas.emplace(name, schema_of(use));
        if (!schemas.emplace("Problem", problem_schema()).second) throw std::logic_error("a described struct is called Problem");
        Members all;
        for (auto& [name, schema] : schemas) all.emplace_back(name, std::move(schema));

        const auto key = [](bool required) {
            return object(
                {{"name", text("Idempotency-Key")},
                 {"in", text("header")},
                 {"description",
                  text("Made by the caller, new for every intended effect; repeating it repeats the answer, not the effect.")},
                 {"required", Value::boolean(required)},
                 {"schema",
                  object(
                      {{"type", text("string")}, {"minLength", number(8)}, {"maxLength", number(128)}, {"pattern", text("^[!-~]+$")}})}});
        };
        Members parameters;
        Members schemes;
        bool uses[3] = {false, false, false};
        bool needs = false;
        bool accepts = false;
        for (const Route& route : routes_.all()) {
            if (!route.documented) continue;
            needs = needs || route.needs_idempotency_key;
            accepts = accepts || (route.accepts_idempotency_key && !route.needs_idempotency_key);
            uses[0] = uses[0] || route.access == Access::customer || (route.access == Access::open && route.pool != Pool::memory);
            uses[1] = uses[1] || route.access == Access::staff;
            uses[2] = uses[2] || route.access == Access::provider;
        }
        if (needs) parameters.emplace_back("IdempotencyKey", key(true));
        if (accepts) parameters.emplace_back("OptionalIdempotencyKey", key(false));
        const auto cookie = [](std::string_view name, std::string_view doc) {
            return object({{"type", text("apiKey")}, {"in", text("cookie")}, {"name", text(name)}, {"description", text(doc)}});
        };
        if (uses[0])
            schemes.emplace_back("customer_session",
                                 cookie("stoa_session", "Session of a shopper; called __Host-stoa_session over https."));
        if (uses[1])
            schemes.emplace_back("staff_session",
                                 cookie("stoa_staff", "Session of a member of staff; called __Host-stoa_staff over https."));
        if (uses[2]) {
            schemes.emplace_back("provider_signature", object({{"type", text("apiKey")},
                                                               {"in", text("header")},
                                                               {"name", text("Signature")},
                                                               {"description", text("The provider's own signature.")}}));
        }
        const Value unexpected = object(
            {{"description", text("Something broke on our side, or too much is going on (503, see Retry-After).")},
             {"headers",
              object({{"Retry-After", object({{"schema", object({{"type", text("integer")}})}, {"description", text("Seconds.")}})}})},
             {"content", object({{"application/problem+json", object({{"schema", reference("schemas", "Problem")}})}})}});
        Members out{{"schemas", object(std::move(all))}, {"responses", object({{"Unexpected", unexpected}})}};
        if (!parameters.empty()) out.emplace_back("parameters", object(std::move(parameters)));
        if (!schemes.empty()) out.emplace_back("securitySchemes", object(std::move(schemes)));
        return object(std::move(out));
    }

    const Routes& routes_;
    const OpenApiInfo& info_;
    std::map<std::string, Use> structs_;
};

}  // namespace

std::string openapi_document(const Routes& routes, const OpenApiInfo& info) { return Document(routes, info).build(); }

}  // namespace stoa::http
