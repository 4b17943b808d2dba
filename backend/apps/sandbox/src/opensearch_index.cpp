#include "opensearch_index.hpp"

#include <fmt/format.h>
#include <libstemmer.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "stoa/text/text.hpp"

namespace stoa::sandbox::opensearch {
namespace {

using json::Value;

// OpenSearch's names; those that libstemmer has as well. Others it knows are refused as a limit of this stand-in.
constexpr std::array<std::pair<std::string_view, const char*>, 4> kStemmers{
    {{"English", "english"}, {"German", "german"}, {"Dutch", "dutch"}, {"French", "french"}}};
constexpr std::array<std::string_view, 25> kLanguages{
    "Arabic",    "Armenian", "Basque",     "Catalan",   "Danish",  "Dutch",   "English", "Estonian",   "Finnish",
    "French",    "German",   "German2",    "Hungarian", "Irish",   "Italian", "Kp",      "Lithuanian", "Lovins",
    "Norwegian", "Porter",   "Portuguese", "Romanian",  "Russian", "Spanish", "Swedish"};
constexpr std::string_view kWordPattern = R"([^\p{L}\p{N}]+)";  // the only pattern that is implemented
constexpr std::size_t kTotalFields = 1000;                      // index.mapping.total_fields.limit
constexpr std::size_t kLongestTerm = 32766;                     // of Lucene

std::string stemmed(const std::string& word, const std::string& language) {
    for (const auto& [name, algorithm] : kStemmers) {
        if (name != language) continue;
        thread_local std::map<std::string, std::unique_ptr<sb_stemmer, void (*)(sb_stemmer*)>> stemmers;
        auto found = stemmers.find(language);
        if (found == stemmers.end())
            found = stemmers
                        .emplace(language,
                                 std::unique_ptr<sb_stemmer, void (*)(sb_stemmer*)>(sb_stemmer_new(algorithm, "UTF_8"), sb_stemmer_delete))
                        .first;
        const auto* result =
            sb_stemmer_stem(found->second.get(), reinterpret_cast<const sb_symbol*>(word.data()), static_cast<int>(word.size()));
        if (!result) return word;
        return {reinterpret_cast<const char*>(result), static_cast<std::size_t>(sb_stemmer_length(found->second.get()))};
    }
    return word;
}

std::string scalar(const Value& value) {
    if (value.kind() == Value::Kind::boolean) return value.as_bool() ? "true" : "false";
    return value.text();
}

bool is_dynamic_setting(std::string_view name) {
    return name == "index.number_of_replicas" || name == "index.refresh_interval" || name == "index.max_result_window";
}
bool is_known_setting(std::string_view name) {
    return is_dynamic_setting(name) || name == "index.number_of_shards" || name == "index.codec" || name.starts_with("index.mapping.");
}

// Flat or nested, with or without the leading "index.".
void flatten(const Value& value, const std::string& path, std::map<std::string, const Value*>& out) {
    if (value.is_object() && path != "index.analysis") {
        for (const auto& [name, member] : value.members()) flatten(member, path.empty() ? name : path + "." + name, out);
        return;
    }
    out.emplace(path, &value);
}

}  // namespace

void refuse(std::string type, std::string reason, int status) { throw Error(status, std::move(type), std::move(reason)); }
void limit(std::string what) { throw Error(501, "stand_in_limit", "This stand-in does not know: " + what); }
void malformed_query(std::string reason, std::string unknown) {
    Error error(400, "parsing_exception", std::move(reason));
    error.more = R"(,"line":1,"col":1)";
    if (!unknown.empty()) error.cause.emplace("named_object_not_found_exception", "[1:1] unknown field [" + unknown + "]");
    throw error;
}

std::string render_cause(const Error& error) {
    auto out = fmt::format(R"({{"type":{},"reason":{}{})", json::quote(error.type), json::quote(error.reason), error.more);
    if (error.cause)
        out += fmt::format(R"(,"caused_by":{{"type":{},"reason":{}}})", json::quote(error.cause->first), json::quote(error.cause->second));
    return out + "}";
}

std::string render_error(const Error& error) {
    const auto plain = render_cause(error);
    if (error.in_search)
        return fmt::format(R"({{"error":{{"root_cause":[{}],"type":"search_phase_execution_exception","reason":"all shards failed",)"
                           R"("phase":"query","grouped":true,"failed_shards":[{{"shard":0,"reason":{}}}]}},"status":{}}})",
                           plain, plain, error.status);
    return fmt::format(R"({{"error":{{"root_cause":[{}],{},"status":{}}})", plain, plain.substr(1), error.status);
}

// ---- analysis -------------------------------------------------------------------------------------------------------
std::vector<std::string> Analysis::analyze(const std::string& analyzer, std::string_view text) const {
    const auto& filters = analyzers.at(analyzer);
    std::vector<std::string> out;
    std::string word;
    const auto finish = [&] {
        if (word.empty()) return;
        for (const auto& filter : filters) {
            if (filter.kind == "lowercase")
                word = text::lower(word);
            else if (filter.kind == "asciifolding")
                word = text::fold(word);
            else
                word = stemmed(word, filter.language);
        }
        if (!word.empty()) out.push_back(std::move(word));
        word.clear();
    };
    for (std::size_t position = 0; position < text.size();) {
        const char32_t c = text::next_code_point(text, position);
        if (text::is_word_character(c))
            text::append_utf8(word, c);
        else
            finish();
    }
    finish();
    return out;
}

void Index::read_analysis(const Value& analysis) {
    std::map<std::string, std::string> tokenizers;
    std::map<std::string, Analysis::Filter> filters{{"lowercase", {"lowercase", {}}}, {"asciifolding", {"asciifolding", {}}}};
    for (const auto& [kind, entries] : analysis.members()) {
        if (kind != "tokenizer" && kind != "filter" && kind != "analyzer") limit("analysis." + kind);
        if (!entries.is_object()) refuse("illegal_argument_exception", "analysis." + kind + " is not an object");
    }
    if (const auto* entries = analysis.find("tokenizer")) {
        for (const auto& [own, entry] : entries->members()) {
            if (entry.text_or("type") != "pattern") limit("tokenizer of type [" + entry.text_or("type") + "]");
            if (entry.text_or("pattern") != kWordPattern) limit("pattern " + entry.text_or("pattern"));
            tokenizers.emplace(own, entry.text_or("type"));
        }
    }
    if (const auto* entries = analysis.find("filter")) {
        for (const auto& [own, entry] : entries->members()) {
            if (entry.text_or("type") != "snowball") limit("token filter of type [" + entry.text_or("type") + "]");
            const auto language = entry.text_or("language", "English");
            if (std::ranges::find(kLanguages, language) == kLanguages.end())
                refuse("illegal_argument_exception", "Invalid stemmer class specified: " + language);
            if (std::ranges::find(kStemmers, language, [](const auto& known) { return known.first; }) == kStemmers.end())
                limit("snowball in " + language);
            filters.emplace(own, Analysis::Filter{"snowball", language});
        }
    }
    if (const auto* entries = analysis.find("analyzer")) {
        for (const auto& [own, entry] : entries->members()) {
            if (const auto type = entry.text_or("type", "custom"); type != "custom") limit("analyzer of type [" + type + "]");
            const auto tokenizer = entry.text_or("tokenizer");
            if (!tokenizers.contains(tokenizer)) {
                if (tokenizer == "standard" || tokenizer == "whitespace" || tokenizer == "keyword") limit("tokenizer [" + tokenizer + "]");
                refuse("illegal_argument_exception",
                       fmt::format("Custom Analyzer [{}] failed to find tokenizer under name [{}]", own, tokenizer));
            }
            auto& chain = analysis_.analyzers[own];
            if (const auto* list = entry.find("filter")) {
                for (const auto& filter : list->items()) {
                    const auto found = filters.find(filter.text());
                    if (found == filters.end())
                        refuse("illegal_argument_exception",
                               fmt::format("Custom Analyzer [{}] failed to find filter under name [{}]", own, filter.text()));
                    chain.push_back(found->second);
                }
            }
        }
    }
}

// ---- settings and mappings --------------------------------------------------------------------------------------------
Index::Index(std::string index_name, const std::vector<const Value*>& all_settings, const std::vector<const Value*>& mappings)
    : name(std::move(index_name)) {
    settings = {{"index.number_of_shards", "1"}, {"index.number_of_replicas", "1"}, {"index.refresh_interval", "1s"}};
    for (const auto* part : all_settings) {
        if (part) change_settings(*part, true);
    }
    for (const auto* part : mappings) {
        if (part) read_mapping(*part);
    }
}

void Index::change_settings(const Value& body, bool is_new) {
    if (!body.is_object()) refuse("parse_exception", "settings are not an object");
    std::map<std::string, const Value*> flat;
    for (const auto& [key, value] : body.members())
        flatten(value, key == "index" || key.starts_with("index.") ? key : "index." + key, flat);
    for (const auto& [key, value] : flat) {
        if (key == "index.analysis") {
            if (!is_new)
                refuse("illegal_argument_exception",
                       fmt::format("Can't update non dynamic settings [[index.analysis]] for open indices [[{}]]", name));
            read_analysis(*value);
            continue;
        }
        if (!is_known_setting(key))
            refuse("illegal_argument_exception",
                   "unknown setting [" + key +
                       "] please check that any required plugins are installed, or check the breaking changes "
                       "documentation for removed settings");
        if (!is_new && !is_dynamic_setting(key))
            refuse("illegal_argument_exception",
                   fmt::format("Can't update non dynamic settings [[{}]] for open indices [[{}]]", key, name));
        const auto text = scalar(*value);
        if (key.find("number_of_") != std::string::npos) {
            char* end = nullptr;
            const auto number = std::strtol(text.c_str(), &end, 10);
            const long least = key.ends_with("shards") ? 1 : 0;
            if (text.empty() || *end != '\0')
                refuse("illegal_argument_exception", fmt::format("Failed to parse value [{}] for setting [{}]", text, key));
            if (number < least)
                refuse("illegal_argument_exception",
                       fmt::format("Failed to parse value [{}] for setting [{}] must be >= {}", text, key, least));
        }
        settings[key] = text;
    }
}

Field Index::read_field(const std::string& path, const Value& description) {
    if (!description.is_object())
        refuse("mapper_parsing_exception", "Expected map for property [fields] on field [" + path + "] but got a " + scalar(description));
    Field out;
    const auto* properties = description.find("properties");
    out.type = description.text_or("type", "object");
    if (++field_count_ > kTotalFields)
        refuse("illegal_argument_exception", fmt::format("Limit of total fields [{}] has been exceeded", kTotalFields));
    static const std::map<std::string, std::set<std::string>> kKnown{{"object", {"dynamic", "enabled", "properties", "type"}},
                                                                     {"nested", {"dynamic", "properties", "type"}},
                                                                     {"keyword", {"doc_values", "index", "type"}},
                                                                     {"text", {"analyzer", "index", "type"}},
                                                                     {"long", {"doc_values", "index", "type"}},
                                                                     {"integer", {"doc_values", "index", "type"}},
                                                                     {"boolean", {"doc_values", "index", "type"}}};
    static const std::set<std::string> kOthers{
        "date", "double", "float",     "scaled_float", "flat_object", "completion", "search_as_you_type", "short",
        "byte", "ip",     "geo_point", "join",         "binary",      "alias",      "wildcard",           "unsigned_long"};
    const auto known = kKnown.find(out.type);
    if (known == kKnown.end()) {
        if (kOthers.contains(out.type)) limit("field type [" + out.type + "]");
        refuse("mapper_parsing_exception",
               "Failed to parse mapping [_doc]: No handler for type [" + out.type + "] declared on field [" + path + "]");
    }
    for (const auto& [key, value] : description.members()) {
        if (!known->second.contains(key)) {
            static const std::set<std::string> kParameters{"ignore_above", "norms",  "index_options", "fields",          "copy_to",
                                                           "null_value",   "store",  "fielddata",     "search_analyzer", "similarity",
                                                           "normalizer",   "coerce", "meta"};
            if (kParameters.contains(key)) limit("mapping parameter [" + key + "]");
            refuse("mapper_parsing_exception",
                   "Failed to parse mapping [_doc]: unknown parameter [" + key + "] on mapper [" + path + "] of type [" + out.type + "]");
        }
    }
    out.analyzer = description.text_or("analyzer");
    if (out.type == "text") {
        if (out.analyzer.empty()) limit("the standard analyzer");
        if (!analysis_.analyzers.contains(out.analyzer))
            refuse("mapper_parsing_exception",
                   "Failed to parse mapping [_doc]: analyzer [" + out.analyzer + "] has not been configured in mappings");
    }
    out.is_indexed = description.bool_or("index", true);
    out.has_doc_values = description.bool_or("doc_values", true);
    out.is_enabled = description.bool_or("enabled", true);
    if (const auto* dynamic = description.find("dynamic")) out.dynamic = scalar(*dynamic);
    if (properties) {
        for (const auto& [key, value] : properties->members())
            out.properties.emplace(key, read_field(path.empty() ? key : path + "." + key, value));
    }
    return out;
}

void Index::read_mapping(const Value& mapping) {
    if (!mapping.is_object()) refuse("mapper_parsing_exception", "Failed to parse mapping");
    for (const auto& [key, value] : mapping.members()) {
        if (key == "dynamic") {
            root_.dynamic = scalar(value);
        } else if (key == "properties") {
            for (const auto& [path, field] : value.members()) root_.properties.insert_or_assign(path, read_field(path, field));
        } else if (key == "dynamic_templates") {
            for (const auto& entry : value.items()) {
                if (!entry.is_object() || entry.members().size() != 1)
                    refuse("mapper_parsing_exception", "A dynamic template must be defined with a name");
                const auto& rule = entry.members()[0].second;
                for (const auto& [part, ignored] : rule.members()) {
                    if (part != "path_match" && part != "mapping") limit("dynamic template with [" + part + "]");
                }
                const auto* to = rule.find("mapping");
                if (!to) refuse("mapper_parsing_exception", "template must have mapping set");
                templates_.push_back({rule.text_or("path_match"), *to});
            }
        } else if (key == "_meta" || key == "_source" || key == "_routing") {
            limit("mapping of [" + key + "]");
        } else {
            refuse("mapper_parsing_exception",
                   "Root mapping definition has unsupported parameters:  [" + key + " : " + json::to_text(value) + "]");
        }
    }
}

const Field* Index::field(std::string_view path) const {
    const Field* at = &root_;
    while (true) {
        const auto dot = path.find('.');
        const auto found = at->properties.find(std::string(path.substr(0, dot)));
        if (found == at->properties.end()) return nullptr;
        at = &found->second;
        if (dot == std::string_view::npos) return at;
        path.remove_prefix(dot + 1);
    }
}

std::string Index::nested_path(std::string_view path) const {
    std::string out;
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
        const auto* above = field(path.substr(0, dot));
        if (above && above->type == "nested") out = path.substr(0, dot);
    }
    return out;
}

// ---- documents ------------------------------------------------------------------------------------------------------
void Index::parse_value(const Value& value, const std::string& path, const Field& field, const std::string& id, Values& out) {
    const auto failed = [&](std::string_view why) {
        Error error(400, "mapper_parsing_exception",
                    fmt::format("failed to parse field [{}] of type [{}] in document with id '{}'. Preview of field's value: '{}'", path,
                                field.type, id, value.is_object() ? json::to_text(value) : scalar(value)));
        error.cause.emplace("illegal_argument_exception", why);
        throw error;
    };
    if (value.is_object()) failed("Can't get text on a START_OBJECT at 1:1");
    if (field.type == "keyword") {
        auto text = scalar(value);
        if (text.size() > kLongestTerm)
            refuse("illegal_argument_exception", "Document contains at least one immense term in field=\"" + path + "\"");
        out.terms.push_back(std::move(text));
    } else if (field.type == "boolean") {
        const auto text = scalar(value);
        if (text != "true" && text != "false") failed("Failed to parse value [" + text + "] as only [true] or [false] are allowed.");
        out.terms.push_back(text);
    } else if (field.type == "text") {
        for (auto& word : analysis_.analyze(field.analyzer, scalar(value))) {
            ++out.frequencies[std::move(word)];
            ++out.length;
        }
    } else {  // long, integer: what has decimals is cut, as `coerce` does
        const auto text = scalar(value);
        char* end = nullptr;
        const double number = std::strtod(text.c_str(), &end);
        if (value.kind() == Value::Kind::boolean || text.empty() || *end != '\0') failed("For input string: \"" + text + "\"");
        const auto whole = value.as_int(true).value_or(static_cast<std::int64_t>(number));
        const double highest = field.type == "integer" ? 2147483647.0 : 9223372036854775807.0;
        if (!std::isfinite(number) || number > highest || number < -highest - 1)
            failed("Value [" + text + "] is out of range for " + field.type);
        out.numbers.push_back(whole);
    }
}

void Index::parse(const Value& value, const std::string& path, Field& field, const std::string& dynamic, Document& document,
                  Fields& fields) {
    if (!field.is_enabled || value.is_null()) return;
    if (value.is_array()) {
        for (const auto& item : value.items()) parse(item, path, field, dynamic, document, fields);
        return;
    }
    if (field.type != "object" && field.type != "nested") {
        parse_value(value, path, field, document.id, fields[path]);
        return;
    }
    if (!value.is_object())
        refuse("mapper_parsing_exception",
               "object mapping for [" + path + "] tried to parse field [" + path + "] as object, but found a concrete value");
    Fields own;
    auto& into = field.type == "nested" ? own : fields;
    const auto& here = field.dynamic.value_or(dynamic);
    for (const auto& [key, member] : value.members()) {
        const auto below = path.empty() ? key : path + "." + key;
        auto found = field.properties.find(key);
        if (found == field.properties.end()) {
            if (member.is_null()) continue;
            if (here == "strict")
                refuse("strict_dynamic_mapping_exception", "mapping set to strict, dynamic introduction of [" + key + "] within [" +
                                                               (path.empty() ? "_doc" : path) + "] is not allowed");
            if (here == "false") continue;
            const auto& sample = member.is_array() && !member.items().empty() ? member.items()[0] : member;
            std::optional<Field> made;
            for (const auto& rule : templates_) {
                const auto star = rule.path_match.find('*');
                const auto front = rule.path_match.substr(0, star);
                const auto back = star == std::string::npos ? std::string() : rule.path_match.substr(star + 1);
                const bool fits = star == std::string::npos
                                      ? below == front
                                      : below.size() >= front.size() + back.size() && below.starts_with(front) && below.ends_with(back);
                if (fits && !made) made = read_field(below, rule.mapping);
            }
            if (!made) {
                const std::string guessed = sample.kind() == Value::Kind::boolean ? "boolean"
                                            : sample.as_int()                     ? "long"
                                            : sample.is_object()                  ? "object"
                                                                                  : "";
                if (guessed.empty()) limit("a dynamic field [" + below + "] of " + json::to_text(sample));
                made = read_field(below, Value::object({{"type", Value::string(guessed)}}));
            }
            found = field.properties.emplace(key, std::move(*made)).first;
        }
        parse(member, below, found->second, here, document, into);
    }
    if (field.type == "nested") document.nested[path].push_back(std::move(own));
}

std::int64_t Index::next_version(const std::string& id, const Condition& condition) const {
    const auto known = live_.find(id);
    const auto gone = gone_.find(id);
    const auto conflict = [&](std::string reason) {
        Error error(409, "version_conflict_engine_exception", "[" + id + "]: version conflict, " + reason);
        error.more = fmt::format(R"(,"index":{},"shard":"0","index_uuid":"stand-in")", json::quote(name));
        throw error;
    };
    if (condition.only_create && known != live_.end())
        conflict(fmt::format("document already exists (current version [{}])", known->second->version));
    if (condition.if_seq_no.has_value() != condition.if_primary_term.has_value())
        refuse("action_request_validation_exception", "Validation Failed: 1: ifSeqNo is set, but primary term is [0];");
    if (condition.if_seq_no) {
        if (known == live_.end())
            conflict(fmt::format("required seqNo [{}], primary term [{}]. but no document was found", *condition.if_seq_no,
                                 *condition.if_primary_term));
        if (known->second->seq_no != *condition.if_seq_no || *condition.if_primary_term != 1)
            conflict(fmt::format("required seqNo [{}], primary term [{}]. current document has seqNo [{}] and primary term [1]",
                                 *condition.if_seq_no, *condition.if_primary_term, known->second->seq_no));
    }
    const auto current = known != live_.end() ? known->second->version : gone != gone_.end() ? gone->second : 0;
    const bool exists = known != live_.end() || gone != gone_.end();
    if (condition.version_type == "internal") {
        if (condition.version)
            refuse(
                "action_request_validation_exception",
                "Validation Failed: 1: internal versioning can not be used for optimistic concurrency control. Please use `if_seq_no` and "
                "`if_primary_term` instead;");
        return current + 1;
    }
    if (condition.version_type != "external" && condition.version_type != "external_gte")
        refuse("illegal_argument_exception", "No version type match [" + condition.version_type + "]");
    if (!condition.version || *condition.version < 0)
        refuse("action_request_validation_exception", fmt::format("Validation Failed: 1: illegal version value [{}] for version type [{}];",
                                                                  condition.version.value_or(-3), condition.version_type));
    if (exists && condition.version_type == "external" && current >= *condition.version)
        conflict(fmt::format("current version [{}] is higher or equal to the one provided [{}]", current, *condition.version));
    if (exists && current > *condition.version)
        conflict(fmt::format("current version [{}] is higher than the one provided [{}]", current, *condition.version));
    return *condition.version;
}

Index::Written Index::put(const std::string& id, Value source, const Condition& condition) {
    if (id.empty() || id.size() > 512)
        refuse("illegal_argument_exception", "if _id is specified it must not be empty and at most 512 bytes long");
    if (!source.is_object()) refuse("mapper_parsing_exception", "failed to parse");
    const auto version = next_version(id, condition);
    auto document = std::make_shared<Document>();
    document->id = id;
    document->version = version;
    // As in OpenSearch, what a refused document has added to the mapping is not kept.
    const auto before = root_;
    const auto count = field_count_;
    try {
        parse(source, {}, root_, root_.dynamic.value_or("true"), *document, document->fields);
    } catch (...) {
        root_ = before;
        field_count_ = count;
        throw;
    }
    document->source = std::move(source);
    document->seq_no = next_seq_no_++;
    const bool is_new = !live_.contains(id);
    Written out{is_new ? "created" : "updated", version, document->seq_no};
    live_[id] = std::move(document);
    gone_.erase(id);
    pending_.insert(id);
    return out;
}

Index::Written Index::remove(const std::string& id, const Condition& condition) {
    const auto version = next_version(id, condition);
    const bool was_there = live_.erase(id) > 0;
    gone_[id] = version;
    pending_.insert(id);
    return {was_there ? "deleted" : "not_found", version, next_seq_no_++};
}

DocumentPtr Index::get(const std::string& id) const {
    const auto found = live_.find(id);
    return found == live_.end() ? nullptr : found->second;
}

void Index::refresh() {
    for (const auto& id : pending_) {
        if (const auto found = live_.find(id); found != live_.end())
            searchable_[id] = found->second;
        else
            searchable_.erase(id);
    }
    pending_.clear();
}

}  // namespace stoa::sandbox::opensearch
