// The REST layer of the stand-in. Names, parameters and error bodies follow OpenSearch 2.x:
// rest-api-spec/src/main/resources/rest-api-spec/api in its repository, RestBulkAction and BulkRequestParser for bulk bodies,
// https://docs.opensearch.org/latest/api-reference/ otherwise.
#include "opensearch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "stoa/clock/clock.hpp"
#include "stoa/http/server.hpp"
#include "stoa/http_client/client.hpp"

namespace stoa::sandbox {
namespace {

using http::Method;
using json::Value;
using opensearch::Error;
using opensearch::Index;
using opensearch::limit;
using opensearch::refuse;

constexpr std::string_view kBase = "/opensearch";
constexpr json::ReadLimits kBody{100 << 20, 64};

http::Response json_answer(int status, std::string body) {
    auto response = http::json_text(status, std::move(body));
    response.headers.clear();
    response.header("content-type", "application/json; charset=UTF-8");
    return response;
}
http::Response acknowledged() { return json_answer(200, R"({"acknowledged":true})"); }
constexpr std::string_view kShards = R"("_shards":{"total":1,"successful":1,"failed":0})";

[[noreturn]] void no_such_index(const std::string& name, bool is_write = false) {
    Error error(404, "index_not_found_exception",
                "no such index [" + name + "]" + (is_write ? " and [action.auto_create_index] is [false]" : ""));
    error.more = fmt::format(R"(,"index":{},"resource.id":{},"resource.type":"index_or_alias","index_uuid":"_na_")", json::quote(name),
                             json::quote(name));
    throw error;
}

void parameters(const http::Request& request, std::initializer_list<std::string_view> known) {
    for (const auto& [name, value] : request.query) {
        if (std::ranges::find(known, name) == known.end() && name != "pretty" && name != "human" && name != "error_trace" &&
            name != "filter_path")
            refuse("illegal_argument_exception",
                   fmt::format("request [{}] contains unrecognized parameter: [{}]", request.path.substr(kBase.size()), name));
    }
}
std::string parameter(const http::Request& request, std::string_view name) { return std::string(request.query_value(name).value_or("")); }

Value body_of(const http::Request& request) {
    if (request.body.empty()) refuse("parse_exception", "request body is required");
    const auto type = request.header("content-type");
    if (!type.starts_with("application/json") && !type.starts_with("application/x-ndjson"))
        throw Error(406, "media_type_header_exception", "Content-Type header [" + std::string(type) + "] is not supported");
    auto parsed = json::parse(request.body, kBody);
    if (!parsed) {
        Error error(400, "parse_exception", "Failed to parse content to map");
        error.cause.emplace("json_parse_exception", parsed.error().message);
        throw error;
    }
    return std::move(*parsed);
}

// https://docs.opensearch.org/latest/api-reference/index-apis/create-index/
void check_name(const std::string& name) {
    const auto invalid = [&](std::string_view why) {
        Error error(400, "invalid_index_name_exception", fmt::format("Invalid index name [{}], {}", name, why));
        error.more = fmt::format(R"(,"index":{},"index_uuid":"_na_")", json::quote(name));
        throw error;
    };
    if (std::ranges::any_of(name, [](char c) { return c >= 'A' && c <= 'Z'; })) invalid("must be lowercase");
    if (name.starts_with('_') || name.starts_with('-') || name.starts_with('+')) invalid("must not start with '_', '-', or '+'");
    if (name.find_first_of("\\/*?\"<>| ,#:") != std::string::npos)
        invalid("must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]");
    if (name.size() > 255) invalid("index name is too long");
    if (name == "." || name == "..") invalid("must not be '.' or '..'");
}

bool fits(std::string_view pattern, std::string_view name) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == name;
    const auto front = pattern.substr(0, star);
    const auto back = pattern.substr(star + 1);
    return name.size() >= front.size() + back.size() && name.starts_with(front) && name.ends_with(back);
}

Index::Condition condition_of(const Value& meta) {
    Index::Condition out;
    if (const auto* version = meta.find("version")) out.version = version->as_int(true);
    out.version_type = meta.text_or("version_type", "internal");
    if (const auto* seq_no = meta.find("if_seq_no")) out.if_seq_no = seq_no->as_int(true);
    if (const auto* term = meta.find("if_primary_term")) out.if_primary_term = term->as_int(true);
    return out;
}

std::string written_text(const std::string& index, const std::string& id, const Index::Written& written) {
    return fmt::format(R"("_index":{},"_id":{},"_version":{},"result":"{}",{},"_seq_no":{},"_primary_term":1)", json::quote(index),
                       json::quote(id), written.version, written.result, kShards, written.seq_no);
}

}  // namespace

void OpenSearch::add_routes(http::Routes& routes) {
    for (const auto method : {Method::get, Method::post, Method::put, Method::del}) {
        routes.add(method, std::string(kBase) + "/{rest*}", "opensearch_" + std::string(http::method_name(method)))
            .on(http::Pool::outbound)
            .open_query()
            .without_origin_check()
            .limit_body(options_.max_content_length + 1024)
            .within(std::chrono::seconds{90})
            .handle([this](const http::Request& request) { return answer(request); });
    }
    routes.get("/__sandbox/opensearch/indexes", "opensearch_indexes").handle([this](const http::Request&) {
        const std::lock_guard lock(mutex_);
        std::string out;
        for (const auto& [name, index] : indexes_) {
            std::string names;
            for (const auto& [alias, to] : aliases_) {
                if (to.contains(name)) names += (names.empty() ? "" : ",") + json::quote(alias);
            }
            out += fmt::format(R"({}{{"index":{},"documents":{},"aliases":[{}],"replicas":{}}})", out.empty() ? "" : ",", json::quote(name),
                               index->documents().size(), names, json::quote(index->settings.at("index.number_of_replicas")));
        }
        return http::json_text(200, R"({"items":[)" + out + "]}");
    });
}

void OpenSearch::reset() {
    const std::lock_guard lock(mutex_);
    templates_.clear();
    indexes_.clear();
    aliases_.clear();
}

// Faults come before the request is looked at, as a proxy's or an overloaded node's would.
http::Response OpenSearch::answer(const http::Request& request) {
    const auto finish = [&](http::Response response, std::string note) {
        control_.record({to_rfc3339(SystemClock().now()), "opensearch", std::string(http::method_name(request.method)),
                         request.path.substr(kBase.size()), response.status, std::move(note)});
        return response;
    };
    const auto fault = control_.next_fault("opensearch", request.path);
    if (!fault) return finish(handle(request, false), "");
    if (fault->delay_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(fault->delay_ms));
    if (fault->kind == "down") {
        Error error(503, "cluster_block_exception", "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];");
        return finish(json_answer(503, opensearch::render_error(error)), "down");
    }
    if (fault->kind == "too_many") {
        Error error(429, "rejected_execution_exception", "rejected execution of coordinating operation by the stand-in");
        return finish(json_answer(429, opensearch::render_error(error)), "too many");
    }
    if (fault->kind == "error_before") {
        Error error(500, "null_pointer_exception", "error of the stand-in");
        return finish(json_answer(500, opensearch::render_error(error)), "error before");
    }
    auto response = handle(request, fault->kind == "partial");
    if (fault->kind == "partial") return finish(std::move(response), "partial");
    if (fault->kind == "error_after") {
        Error error(500, "null_pointer_exception", "error of the stand-in");
        return finish(json_answer(500, opensearch::render_error(error)), "error after");
    }
    if (fault->kind == "drop") return finish(http::json_text(http::kHangUp, ""), "drop");
    if (fault->kind == "garbage") return finish(http::json_text(200, "<html>maintenance</html>"), "garbage");
    return finish(std::move(response), "slow");
}

http::Response OpenSearch::handle(const http::Request& request, bool refuse_every_second) {
    if (!options_.user.empty() && request.header("authorization") != http_client::basic_auth(options_.user, options_.password)) {
        http::Response response;
        response.status = 401;
        response.header("www-authenticate", "Basic realm=\"OpenSearch Security\"");
        response.header("content-type", "text/plain; charset=UTF-8");
        response.body = "Unauthorized";
        return response;
    }
    if (request.body.size() > options_.max_content_length) {
        http::Response response;
        response.status = 413;
        return response;
    }
    std::vector<std::string> path;
    const std::string rest(request.param("rest"));
    for (std::size_t start = 0; start <= rest.size();) {
        const auto slash = std::min(rest.find('/', start), rest.size());
        if (slash > start) path.push_back(rest.substr(start, slash - start));
        start = slash + 1;
    }
    try {
        const std::lock_guard lock(mutex_);
        return route(request, path, refuse_every_second);
    } catch (const Error& error) {
        return json_answer(error.status, opensearch::render_error(error));
    }
}

http::Response OpenSearch::route(const http::Request& request, const std::vector<std::string>& path, bool refuse_every_second) {
    const auto method = request.method;
    const bool is_get = method == Method::get || method == Method::head;
    const auto none = [&] {
        return json_answer(
            400, fmt::format(R"({{"error":{},"status":400}})", json::quote(fmt::format("no handler found for uri [/{}] and method [{}]",
                                                                                       request.param("rest"), http::method_name(method)))));
    };
    if (path.empty()) return none();
    if (path[0] == "_index_template" && path.size() == 2) {
        parameters(request, {"create", "cause", "cluster_manager_timeout"});
        if (method == Method::put || method == Method::post) return put_template(path[1], body_of(request));
        const auto found = templates_.find(path[1]);
        if (found == templates_.end())
            throw Error(404, "resource_not_found_exception", "index template matching [" + path[1] + "] not found");
        if (method == Method::del) {
            templates_.erase(found);
            return acknowledged();
        }
        return json_answer(200, fmt::format(R"({{"index_templates":[{{"name":{},"index_template":{}}}]}})", json::quote(path[1]),
                                            json::to_text(found->second)));
    }
    if (path[0] == "_aliases" && path.size() == 1 && method == Method::post) {
        parameters(request, {"timeout", "cluster_manager_timeout"});
        return change_aliases(body_of(request));
    }
    if (path[0] == "_bulk" && path.size() == 1 && (method == Method::post || method == Method::put))
        return bulk(request, {}, refuse_every_second);
    if (path[0].starts_with('_')) return none();

    const auto& name = path[0];
    if (path.size() == 1) {
        if (method == Method::put) {
            parameters(request, {"wait_for_active_shards", "timeout", "cluster_manager_timeout"});
            std::optional<Value> body;
            if (!request.body.empty()) body = body_of(request);
            return create_index(name, body ? &*body : nullptr);
        }
        if (method == Method::del) {
            parameters(request, {"timeout", "cluster_manager_timeout", "ignore_unavailable", "allow_no_indices", "expand_wildcards"});
            if (name.find('*') != std::string::npos) limit("deletion by a pattern");
            if (aliases_.contains(name))
                refuse("illegal_argument_exception",
                       "The provided expression [" + name + "] matches an alias, specify the corresponding concrete indices instead.");
            if (indexes_.erase(name) == 0) no_such_index(name);
            for (auto& [alias, to] : aliases_) to.erase(name);
            std::erase_if(aliases_, [](const auto& entry) { return entry.second.empty(); });
            return acknowledged();
        }
        if (is_get) {
            const auto& index = one(name);
            return json_answer(200, fmt::format(R"({{{}:{{"aliases":{{}}}}}})", json::quote(index.name)));
        }
        return none();
    }
    const auto& action = path[1];
    if (action == "_alias" && path.size() == 2 && is_get) {
        std::string out;
        for (const auto* index : resolve(name, true)) {
            std::string names;
            for (const auto& [alias, to] : aliases_) {
                if (to.contains(index->name)) names += (names.empty() ? "" : ",") + json::quote(alias) + ":{}";
            }
            out += fmt::format(R"({}{}:{{"aliases":{{{}}}}})", out.empty() ? "" : ",", json::quote(index->name), names);
        }
        return json_answer(200, "{" + out + "}");
    }
    if (action == "_settings" && path.size() == 2 && method == Method::put) return change_settings(name, body_of(request));
    if (action == "_refresh" && path.size() == 2 && (is_get || method == Method::post)) {
        for (auto* index : resolve(name, true)) index->refresh();
        return json_answer(200, "{" + std::string(kShards) + "}");
    }
    if (action == "_bulk" && path.size() == 2 && (method == Method::post || method == Method::put))
        return bulk(request, name, refuse_every_second);
    if (action == "_search" && path.size() == 2 && (is_get || method == Method::post)) return search(request, name);
    if (path.size() == 3 && (action == "_doc" || action == "_create")) {
        if (method == Method::put || method == Method::post) return write(request, name, path[2], action == "_create");
        if (is_get && action == "_doc") return read(name, path[2]);
    }
    return none();
}

std::vector<Index*> OpenSearch::resolve(const std::string& name, bool may_be_pattern) {
    std::vector<Index*> out;
    if (name.find(',') != std::string::npos) limit("lists of indexes");
    const bool is_pattern = name.find('*') != std::string::npos;
    if (is_pattern && !may_be_pattern) limit("a pattern of indexes here");
    for (const auto& [own, index] : indexes_) {
        if (fits(name, own)) out.push_back(index.get());
    }
    for (const auto& [alias, to] : aliases_) {
        if (!fits(name, alias)) continue;
        for (const auto& own : to) {
            auto* index = indexes_.at(own).get();
            if (std::ranges::find(out, index) == out.end()) out.push_back(index);
        }
    }
    if (out.empty() && !is_pattern) no_such_index(name);
    return out;
}

Index& OpenSearch::one(const std::string& name) {
    const auto found = resolve(name, false);
    if (found.size() != 1) limit("an alias of several indexes");
    return *found[0];
}

http::Response OpenSearch::put_template(const std::string& name, const Value& body) {
    static const std::set<std::string> kKnown{"index_patterns", "template", "priority", "version", "_meta", "composed_of", "data_stream"};
    for (const auto& [key, value] : body.members()) {
        if (!kKnown.contains(key)) refuse("x_content_parse_exception", "[1:1] [index_template] unknown field [" + key + "]");
        if (key == "composed_of" || key == "data_stream") limit("templates with " + key);
    }
    const auto* patterns = body.find("index_patterns");
    if (!patterns || !patterns->is_array() || patterns->items().empty()) {
        Error error(400, "action_request_validation_exception", "Validation Failed: 1: index patterns are missing;");
        throw error;
    }
    const auto priority = body.int_or("priority", 0);
    for (const auto& [other, known] : templates_) {
        if (other == name || known.int_or("priority", 0) != priority) continue;
        for (const auto& mine : patterns->items()) {
            for (const auto& theirs : known.find("index_patterns")->items()) {
                if (fits(mine.text(), theirs.text()) || fits(theirs.text(), mine.text()))
                    refuse(
                        "illegal_argument_exception",
                        fmt::format(
                            "index template [{}] has index patterns [{}] matching patterns from existing templates [{}] that have the same "
                            "priority [{}], multiple index templates may not match during index creation, please use a different priority",
                            name, mine.text(), other, priority));
            }
        }
    }
    if (const auto* what = body.find("template")) {
        for (const auto& [key, value] : what->members()) {
            if (key != "settings" && key != "mappings" && key != "aliases")
                refuse("x_content_parse_exception", "[1:1] [template] unknown field [" + key + "]");
        }
        // Tried on an index that nobody sees, as OpenSearch does.
        const Index probe("validate-template", {what->find("settings")}, {what->find("mappings")});
    }
    templates_.insert_or_assign(name, body);
    return acknowledged();
}

http::Response OpenSearch::create_index(const std::string& name, const Value* body) {
    check_name(name);
    if (aliases_.contains(name)) {
        Error error(400, "invalid_index_name_exception", "Invalid index name [" + name + "], already exists as alias");
        throw error;
    }
    if (indexes_.contains(name)) {
        Error error(400, "resource_already_exists_exception", fmt::format("index [{}/stand-in] already exists", name));
        error.more = fmt::format(R"(,"index":{},"index_uuid":"stand-in")", json::quote(name));
        throw error;
    }
    std::vector<const Value*> settings, mappings;
    const Value* best = nullptr;
    for (const auto& [other, known] : templates_) {
        const auto& patterns = known.find("index_patterns")->items();
        if (!std::ranges::any_of(patterns, [&](const Value& pattern) { return fits(pattern.text(), name); })) continue;
        if (!best || known.int_or("priority", 0) > best->int_or("priority", 0)) best = &known;
    }
    if (best) {
        settings.push_back(best->at("template", "settings"));
        mappings.push_back(best->at("template", "mappings"));
    }
    if (body) {
        for (const auto& [key, value] : body->members()) {
            if (key != "settings" && key != "mappings" && key != "aliases")
                opensearch::malformed_query("unknown key [" + key + "] for create index");
            if (key == "aliases") limit("aliases in the creation of an index");
        }
        settings.push_back(body->find("settings"));
        mappings.push_back(body->find("mappings"));
    }
    indexes_.emplace(name, std::make_shared<Index>(name, settings, mappings));
    return json_answer(200, fmt::format(R"({{"acknowledged":true,"shards_acknowledged":true,"index":{}}})", json::quote(name)));
}

http::Response OpenSearch::change_settings(const std::string& name, const Value& body) {
    for (auto* index : resolve(name, true)) {
        const auto* inner = body.find("settings");
        index->change_settings(inner ? *inner : body, false);
    }
    return acknowledged();
}

http::Response OpenSearch::change_aliases(const Value& body) {
    const auto* actions = body.find("actions");
    if (!actions || !actions->is_array() || actions->items().empty()) refuse("illegal_argument_exception", "No action specified");
    // All of them or none.
    auto changed = aliases_;
    auto left = indexes_;
    for (const auto& action : actions->items()) {
        if (!action.is_object() || action.members().size() != 1) opensearch::malformed_query("[alias_action] expected one action");
        const auto& [kind, what] = action.members()[0];
        if (kind != "add" && kind != "remove" && kind != "remove_index")
            refuse("x_content_parse_exception", "[1:1] [aliases] unknown field [" + kind + "]");
        for (const auto& [key, value] : what.members()) {
            if (key == "filter" || key == "routing" || key == "is_write_index" || key == "indices" || key == "aliases" ||
                key == "must_exist" || key == "is_hidden")
                limit("alias actions with " + key);
            if (key != "index" && key != "alias") opensearch::malformed_query("[" + kind + "] unknown field [" + key + "]");
        }
        const auto index = what.text_or("index");
        const auto alias = what.text_or("alias");
        if (index.empty()) refuse("illegal_argument_exception", "One of [index] or [indices] is required");
        if (!left.contains(index)) no_such_index(index);
        if (kind == "remove_index") {
            left.erase(index);
            for (auto& [name, to] : changed) to.erase(index);
            continue;
        }
        if (alias.empty()) refuse("illegal_argument_exception", "One of [alias] or [aliases] is required");
        if (left.contains(alias)) {
            Error error(400, "invalid_alias_name_exception",
                        "Invalid alias name [" + alias + "]: an index or data stream exists with the same name as the alias");
            error.more = fmt::format(R"(,"index":{},"index_uuid":"_na_")", json::quote(index));
            throw error;
        }
        if (kind == "add")
            changed[alias].insert(index);
        else if (!changed.contains(alias) || changed[alias].erase(index) == 0) {
            Error error(404, "aliases_not_found_exception", "aliases [" + alias + "] missing");
            error.more = fmt::format(R"(,"resource.type":"aliases","resource.id":{})", json::quote(alias));
            throw error;
        }
    }
    std::erase_if(changed, [](const auto& entry) { return entry.second.empty(); });
    aliases_ = std::move(changed);
    indexes_ = std::move(left);
    return acknowledged();
}

http::Response OpenSearch::bulk(const http::Request& request, const std::string& default_index, bool refuse_every_second) {
    parameters(request, {"refresh", "timeout", "require_alias", "routing", "pipeline", "wait_for_active_shards", "_source"});
    if (!request.header("content-type").starts_with("application/x-ndjson") &&
        !request.header("content-type").starts_with("application/json"))
        throw Error(406, "media_type_header_exception",
                    "Content-Type header [" + std::string(request.header("content-type")) + "] is not supported");
    if (request.body.empty()) refuse("parse_exception", "request body is required");
    if (request.body.back() != '\n') refuse("illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]");
    const auto refresh = parameter(request, "refresh");
    if (!refresh.empty() && refresh != "true" && refresh != "false" && refresh != "wait_for")
        refuse("illegal_argument_exception", "Unknown value for refresh: [" + refresh + "].");

    struct Action {
        std::string kind, index, id;
        Index::Condition condition;
        std::optional<Value> source;
        std::string broken;  // its source is no JSON
    };
    std::vector<Action> actions;
    // The whole body is read before anything of it is done.
    std::vector<std::string_view> lines;
    for (std::string_view rest = request.body; !rest.empty();) {
        const auto end = rest.find('\n');
        lines.push_back(rest.substr(0, end));
        rest.remove_prefix(end + 1);
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].empty()) continue;
        const auto number = i + 1;
        const auto line = json::parse(lines[i], kBody);
        if (!line)
            refuse("illegal_argument_exception",
                   fmt::format(
                       "Malformed action/metadata line [{}], expected a simple value for field [_id] but found something that is no JSON",
                       number));
        if (!line->is_object())
            refuse("illegal_argument_exception",
                   fmt::format("Malformed action/metadata line [{}], expected START_OBJECT but found [VALUE_STRING]", number));
        if (line->members().size() != 1)
            refuse("illegal_argument_exception",
                   fmt::format("Malformed action/metadata line [{}], expected FIELD_NAME but found [END_OBJECT]", number));
        const auto& [kind, meta] = line->members()[0];
        if (kind == "update") limit("bulk updates");
        if (kind != "index" && kind != "create" && kind != "delete")
            refuse("illegal_argument_exception",
                   fmt::format("Malformed action/metadata line [{}], expected field [create], [delete], [index] or [update] but found [{}]",
                               number, kind));
        for (const auto& [key, value] : meta.members()) {
            static const std::set<std::string> kKnown{"_index",          "_id",     "version",  "version_type",  "if_seq_no",
                                                      "if_primary_term", "routing", "pipeline", "require_alias", "retry_on_conflict"};
            if (!kKnown.contains(key))
                refuse("illegal_argument_exception",
                       fmt::format("Action/metadata line [{}] contains an unknown parameter [{}]", number, key));
            if (value.is_object() || value.is_array())
                refuse("illegal_argument_exception",
                       fmt::format("Malformed action/metadata line [{}], expected a simple value for field [{}] but found [START_OBJECT]",
                                   number, key));
        }
        Action action{kind, meta.text_or("_index", default_index), meta.text_or("_id"), condition_of(meta), {}, {}};
        if (action.index.empty()) refuse("action_request_validation_exception", "Validation Failed: 1: index is missing;");
        if (action.id.empty()) {
            if (kind == "delete") refuse("action_request_validation_exception", "Validation Failed: 1: id is missing;");
            limit("documents without _id");
        }
        action.condition.only_create = kind == "create";
        if (kind != "delete") {
            if (++i >= lines.size()) refuse("illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]");
            if (auto source = json::parse(lines[i], kBody))
                action.source = std::move(*source);
            else
                action.broken = source.error().message;
        }
        actions.push_back(std::move(action));
    }
    if (actions.empty()) refuse("action_request_validation_exception", "Validation Failed: 1: no requests added;");

    std::string items;
    bool errors = false;
    std::set<Index*> touched;
    for (std::size_t i = 0; i < actions.size(); ++i) {
        auto& action = actions[i];
        std::string text;
        try {
            if (refuse_every_second && i % 2 == 1)
                throw Error(429, "rejected_execution_exception", "rejected execution of coordinating operation by the stand-in");
            const auto named = resolve(action.index, false);
            if (named.size() != 1) limit("an alias of several indexes");
            auto& index = *named[0];
            if (!action.broken.empty()) {
                Error error(400, "mapper_parsing_exception", "failed to parse");
                error.cause.emplace("json_parse_exception", action.broken);
                throw error;
            }
            const auto written = action.source ? index.put(action.id, std::move(*action.source), action.condition)
                                               : index.remove(action.id, action.condition);
            touched.insert(&index);
            const int status = written.result == "created" ? 201 : written.result == "not_found" ? 404 : 200;
            text = written_text(index.name, action.id, written) + ",\"status\":" + std::to_string(status);
        } catch (const Error& error) {
            errors = true;
            text = fmt::format(R"("_index":{},"_id":{},"status":{},"error":{})", json::quote(action.index), json::quote(action.id),
                               error.status, opensearch::render_cause(error));
        }
        items += fmt::format("{}{{\"{}\":{{{}}}}}", items.empty() ? "" : ",", action.kind, text);
    }
    if (!refresh.empty() && refresh != "false") {
        for (auto* index : touched) index->refresh();
    }
    return json_answer(200, fmt::format(R"({{"took":1,"errors":{},"items":[{}]}})", errors, items));
}

http::Response OpenSearch::write(const http::Request& request, const std::string& name, const std::string& id, bool only_create) {
    parameters(request, {"if_seq_no", "if_primary_term", "version", "version_type", "refresh", "routing", "timeout", "op_type",
                         "wait_for_active_shards"});
    Index::Condition condition;
    const auto number = [&](std::string_view parameter_name) -> std::optional<std::int64_t> {
        const auto text = parameter(request, parameter_name);
        if (text.empty()) return std::nullopt;
        const auto value = Value::number(text).as_int();
        if (!value)
            refuse("illegal_argument_exception", fmt::format("Failed to parse long parameter [{}] with value [{}]", parameter_name, text));
        return value;
    };
    condition.if_seq_no = number("if_seq_no");
    condition.if_primary_term = number("if_primary_term");
    condition.version = number("version");
    if (const auto type = parameter(request, "version_type"); !type.empty()) condition.version_type = type;
    condition.only_create = only_create;
    if (!parameter(request, "op_type").empty()) limit("op_type");
    const auto found = indexes_.contains(name) || aliases_.contains(name);
    if (!found) no_such_index(name, true);
    auto& index = one(name);
    const auto written = index.put(id, body_of(request), condition);
    if (const auto refresh = parameter(request, "refresh"); refresh == "true" || refresh == "wait_for") index.refresh();
    return json_answer(written.result == "created" ? 201 : 200, "{" + written_text(index.name, id, written) + "}");
}

http::Response OpenSearch::read(const std::string& name, const std::string& id) {
    const auto& index = one(name);
    const auto document = index.get(id);
    if (!document)
        return json_answer(404, fmt::format(R"({{"_index":{},"_id":{},"found":false}})", json::quote(index.name), json::quote(id)));
    return json_answer(
        200, fmt::format(R"({{"_index":{},"_id":{},"_version":{},"_seq_no":{},"_primary_term":1,"found":true,"_source":{}}})",
                         json::quote(index.name), json::quote(id), document->version, document->seq_no, json::to_text(document->source)));
}

http::Response OpenSearch::search(const http::Request& request, const std::string& name) {
    parameters(request, {"preference", "routing", "request_cache", "allow_partial_search_results", "search_type", "ignore_unavailable",
                         "allow_no_indices"});
    const auto& index = one(name);
    const auto body = request.body.empty() ? Value::object({}) : body_of(request);
    return json_answer(200, opensearch::search(index, body));
}

}  // namespace stoa::sandbox
