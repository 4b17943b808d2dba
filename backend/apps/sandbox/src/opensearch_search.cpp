// Queries, aggregations, sorting and suggestions of the stand-in. A query is read as a whole before it is run, so that what OpenSearch
// would refuse is refused whatever the documents are. Scores follow BM25 of Lucene (k1 1.2, b 0.75); they are like OpenSearch's, not the
// same.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <regex>
#include <variant>

#include "opensearch_index.hpp"
#include "stoa/text/text.hpp"

namespace stoa::sandbox::opensearch {
namespace {

using json::Value;

constexpr std::size_t kResultWindow = 10000;  // index.max_result_window
constexpr std::size_t kMaxClauses = 1024;     // indices.query.bool.max_clause_count
constexpr std::size_t kMaxTerms = 65536;      // index.max_terms_count
constexpr std::size_t kMaxBuckets = 65535;    // search.max_buckets
constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

// A document, or one of its nested ones.
struct View {
    const Document* document = nullptr;
    const Fields* fields = nullptr;
    [[nodiscard]] const Values* values(const std::string& path) const {
        const auto found = fields->find(path);
        return found == fields->end() ? nullptr : &found->second;
    }
};
using Score = std::optional<float>;
using Matcher = std::function<Score(const View&)>;

std::string scalar(const Value& value) {
    if (value.kind() == Value::Kind::boolean) return value.as_bool() ? "true" : "false";
    return value.text();
}
std::vector<View> all(const Index& index) {
    std::vector<View> out;
    for (const auto& [id, document] : index.documents()) out.push_back({document.get(), &document->fields});
    return out;
}
[[noreturn]] void refuse_search(std::string type, std::string reason) {
    Error error(400, std::move(type), std::move(reason));
    error.in_search = true;
    throw error;
}

// ---- queries --------------------------------------------------------------------------------------------------------
class Reader {
public:
    explicit Reader(const Index& index) : index_(index) {}

    Matcher query(const Value& value) {
        if (!value.is_object()) malformed_query("[_na] query malformed, must start with start_object");
        if (value.members().empty()) refuse("illegal_argument_exception", "query malformed, empty clause found");
        const auto& [name, body] = value.members()[0];
        if (value.members().size() > 1) malformed_query("[" + name + "] malformed query, expected [END_OBJECT] but found [FIELD_NAME]");
        if (++clauses_ > 20 * kMaxClauses) refuse_search("too_many_clauses", "maxClauseCount is set to 1024");
        if (!body.is_object()) malformed_query("[" + name + "] query malformed, no start_object after query name");
        if (name == "match_all") return known(body, name, {"boost"}), constant(boost_of(body));
        if (name == "match_none") return known(body, name, {"boost"}), [](const View&) { return Score(); };
        if (name == "bool") return boolean(body);
        if (name == "term") return term(body);
        if (name == "terms") return terms(body);
        if (name == "terms_set") return terms_set(body);
        if (name == "range") return range(body);
        if (name == "exists") return exists(body);
        if (name == "prefix") return prefix(body);
        if (name == "ids") return ids(body);
        if (name == "nested") return nested(body);
        if (name == "constant_score") return constant_score(body);
        if (name == "dis_max") return dis_max(body);
        if (name == "match") return match(body);
        if (name == "multi_match") return multi_match(body);
        if (name == "function_score") return function_score(body);
        static const std::set<std::string> kOthers{"boosting",
                                                   "fuzzy",
                                                   "wildcard",
                                                   "regexp",
                                                   "match_phrase",
                                                   "match_phrase_prefix",
                                                   "query_string",
                                                   "simple_query_string",
                                                   "match_bool_prefix",
                                                   "script",
                                                   "script_score",
                                                   "has_child",
                                                   "has_parent",
                                                   "more_like_this",
                                                   "geo_distance",
                                                   "combined_fields",
                                                   "rank_feature",
                                                   "distance_feature",
                                                   "span_term",
                                                   "intervals",
                                                   "percolate",
                                                   "wrapper",
                                                   "parent_id",
                                                   "knn",
                                                   "hybrid",
                                                   "neural"};
        if (kOthers.contains(name)) limit("query [" + name + "]");
        malformed_query("unknown query [" + name + "]", name);
    }

private:
    static void known(const Value& body, std::string_view query, std::initializer_list<std::string_view> names) {
        for (const auto& [name, value] : body.members()) {
            if (name == "_name") limit("named queries");
            if (std::ranges::find(names, name) == names.end())
                malformed_query(fmt::format("[{}] query does not support [{}]", query, name));
        }
    }
    static float number_of(const Value& value, std::string_view query) {
        char* end = nullptr;
        const auto text = scalar(value);
        const float out = std::strtof(text.c_str(), &end);
        if (text.empty() || *end != '\0') malformed_query(fmt::format("[{}] For input string: \"{}\"", query, text));
        return out;
    }
    static float boost_of(const Value& body) {
        const auto* boost = body.find("boost");
        if (!boost) return 1;
        const float out = number_of(*boost, "boost");
        if (out < 0)
            refuse("illegal_argument_exception",
                   fmt::format("negative [boost] are not allowed in [...], use a value between 0 and 1 to deboost"));
        return out;
    }
    static Matcher constant(float boost) {
        return [boost](const View&) { return Score(boost); };
    }
    // {"field": …} with exactly one member.
    static const Value::Member& only_field(const Value& body, std::string_view query) {
        const Value::Member* out = nullptr;
        for (const auto& member : body.members()) {
            if (member.first == "boost" || member.first == "_name") continue;
            if (out)
                malformed_query(
                    fmt::format("[{}] query doesn't support multiple fields, found [{}] and [{}]", query, out->first, member.first));
            out = &member;
        }
        if (!out) refuse("illegal_argument_exception", "field name is null or empty");
        return *out;
    }

    // How often a term occurs, for its weight.
    float rarity(const std::string& field, const std::string& term) {
        const auto key = field + '\0' + term;
        const auto found = rarity_.find(key);
        if (found != rarity_.end()) return found->second;
        double with = 0;
        double count = 0;
        const auto path = index_.nested_path(field);
        const auto look = [&](const Fields& fields) {
            const auto values = fields.find(field);
            if (values == fields.end()) return;
            ++count;
            if (values->second.frequencies.contains(term) || std::ranges::find(values->second.terms, term) != values->second.terms.end())
                ++with;
        };
        for (const auto& [id, document] : index_.documents()) {
            if (path.empty()) {
                look(document->fields);
            } else if (const auto nested = document->nested.find(path); nested != document->nested.end()) {
                for (const auto& fields : nested->second) look(fields);
            }
        }
        return rarity_[key] = static_cast<float>(std::log(1 + (count - with + 0.5) / (with + 0.5)));
    }
    float average_length(const std::string& field) {
        const auto found = average_.find(field);
        if (found != average_.end()) return found->second;
        double sum = 0;
        double count = 0;
        for (const auto& [id, document] : index_.documents()) {
            if (const auto values = document->fields.find(field); values != document->fields.end() && values->second.length > 0) {
                sum += values->second.length;
                ++count;
            }
        }
        return average_[field] = count > 0 ? static_cast<float>(sum / count) : 1;
    }
    // One word of a text field.
    Matcher word(const std::string& field, const std::string& text, float boost) {
        const float weight = boost * rarity(field, text) * 2.2F;
        const float average = average_length(field);
        return [=](const View& view) -> Score {
            const auto* values = view.values(field);
            if (!values) return std::nullopt;
            const auto found = values->frequencies.find(text);
            if (found == values->frequencies.end()) return std::nullopt;
            const auto often = static_cast<float>(found->second);
            return weight * often / (often + 1.2F * (0.25F + 0.75F * static_cast<float>(values->length) / average));
        };
    }
    // The term as the field's type has it.
    Matcher exact(const std::string& path, const Value& value, float boost) {
        const auto* field = index_.field(path);
        if (!field || !field->is_indexed) {
            if (field)
                refuse_search("query_shard_exception",
                              "failed to create query: Cannot search on field [" + path + "] since it is not indexed.");
            return [](const View&) { return Score(); };
        }
        if (value.is_object() || value.is_array())
            malformed_query("[term] query does not support [" + json::to_text(value).substr(0, 40) + "]");
        if (field->type == "long" || field->type == "integer") {
            const auto number = value.as_int(true);
            if (!number) refuse_search("query_shard_exception", "failed to create query: For input string: \"" + scalar(value) + "\"");
            return [path, number = *number, boost](const View& view) -> Score {
                const auto* values = view.values(path);
                return values && std::ranges::find(values->numbers, number) != values->numbers.end() ? Score(boost) : Score();
            };
        }
        const auto text = scalar(value);
        if (field->type == "text") return word(path, text, boost);
        if (field->type == "boolean" && text != "true" && text != "false")
            refuse_search("query_shard_exception",
                          "failed to create query: Can't parse boolean value [" + text + "], expected [true] or [false]");
        if (field->type == "object" || field->type == "nested") return [](const View&) { return Score(); };
        // Keywords have no norms and occur once.
        const float weight = field->type == "keyword" ? boost * rarity(path, text) : boost;
        return [path, text, weight](const View& view) -> Score {
            const auto* values = view.values(path);
            return values && std::ranges::find(values->terms, text) != values->terms.end() ? Score(weight) : Score();
        };
    }

    Matcher term(const Value& body) {
        const auto& [field, value] = only_field(body, "term");
        if (!value.is_object()) return exact(field, value, 1);
        known(value, "term", {"value", "boost", "case_insensitive"});
        const auto* wanted = value.find("value");
        if (!wanted) refuse("illegal_argument_exception", "value cannot be null");
        if (value.find("case_insensitive")) limit("case_insensitive");
        return exact(field, *wanted, boost_of(value));
    }
    Matcher terms(const Value& body) {
        const auto& [field, values] = only_field(body, "terms");
        if (values.is_object()) limit("terms lookup");
        if (!values.is_array()) malformed_query("[terms] query does not support [" + field + "]");
        if (values.items().size() > kMaxTerms)
            refuse_search("query_shard_exception", "The number of terms [" + std::to_string(values.items().size()) +
                                                       "] used in the Terms Query request has exceeded the allowed maximum of [65536].");
        std::vector<Matcher> any;
        for (const auto& value : values.items()) any.push_back(exact(field, value, 1));
        const float boost = boost_of(body);
        return [any = std::move(any), boost](const View& view) {
            return std::ranges::any_of(any, [&](const Matcher& matcher) { return matcher(view).has_value(); }) ? Score(boost) : Score();
        };
    }
    Matcher terms_set(const Value& body) {
        const auto& [field, what] = only_field(body, "terms_set");
        if (!what.is_object()) malformed_query("[terms_set] unknown token [VALUE] after [" + field + "]");
        known(what, "terms_set", {"terms", "minimum_should_match_field", "minimum_should_match_script", "boost"});
        const auto* values = what.find("terms");
        const auto counted = what.text_or("minimum_should_match_field");
        if (what.find("minimum_should_match_script")) limit("scripts");
        if (!values || !values->is_array()) refuse("illegal_argument_exception", "No terms specified");
        if (counted.empty()) refuse_search("query_shard_exception", "failed to create query: No minimum should match has been specified");
        const auto* count_field = index_.field(counted);
        if (!count_field || count_field->type != "long")
            refuse_search("query_shard_exception", "failed to create query: failed to find minimum_should_match field [" + counted + "]");
        std::vector<Matcher> any;
        for (const auto& value : values->items()) any.push_back(exact(field, value, 1));
        return [any = std::move(any), counted](const View& view) -> Score {
            const auto* needed = view.values(counted);
            if (!needed || needed->numbers.empty()) return std::nullopt;
            const auto found = std::ranges::count_if(any, [&](const Matcher& matcher) { return matcher(view).has_value(); });
            // At least one has to match, whatever the field says (CoveringQuery).
            return found >= std::max<std::int64_t>(1, needed->numbers[0]) ? Score(1.0F) : Score();
        };
    }
    Matcher range(const Value& body) {
        const auto& [path, bounds] = only_field(body, "range");
        if (!bounds.is_object()) malformed_query("[range] query malformed, no start_object after query name");
        known(bounds, "range", {"gte", "gt", "lte", "lt", "boost"});
        const auto* field = index_.field(path);
        if (!field) return [](const View&) { return Score(); };
        const float boost = boost_of(bounds);
        if (field->type != "long" && field->type != "integer") limit("range on a field of type [" + field->type + "]");
        std::int64_t low = kLowest;
        std::int64_t high = kHighest;
        for (const auto& [name, value] : bounds.members()) {
            if (name == "boost" || value.is_null()) continue;
            const auto number = value.as_int(true);
            if (!number) refuse_search("query_shard_exception", "failed to create query: For input string: \"" + scalar(value) + "\"");
            if (name == "gte") low = *number;
            if (name == "gt") low = *number == kHighest ? kHighest : *number + 1;
            if (name == "lte") high = *number;
            if (name == "lt") high = *number == kLowest ? kLowest : *number - 1;
        }
        return [where = path, low, high, boost](const View& view) -> Score {
            const auto* values = view.values(where);
            const auto fits = [&](std::int64_t number) { return number >= low && number <= high; };
            return values && std::ranges::any_of(values->numbers, fits) ? Score(boost) : Score();
        };
    }
    Matcher exists(const Value& body) {
        known(body, "exists", {"field", "boost"});
        const auto path = body.text_or("field");
        if (path.empty()) malformed_query("[exists] must be provided with a [field]");
        const auto* field = index_.field(path);
        const bool is_object = field && (field->type == "object" || field->type == "nested");
        const float boost = boost_of(body);
        return [path, is_object, boost](const View& view) -> Score {
            if (!is_object) {
                const auto* values = view.values(path);
                return values && (!values->terms.empty() || !values->numbers.empty() || values->length > 0) ? Score(boost) : Score();
            }
            return std::ranges::any_of(*view.fields, [&](const auto& entry) { return entry.first.starts_with(path + "."); }) ? Score(boost)
                                                                                                                             : Score();
        };
    }
    Matcher prefix(const Value& body) {
        const auto& [path, what] = only_field(body, "prefix");
        std::string start = scalar(what);
        float boost = 1;
        if (what.is_object()) {
            known(what, "prefix", {"value", "boost", "rewrite"});
            start = what.text_or("value");
            boost = boost_of(what);
        }
        const auto* field = index_.field(path);
        if (!field) return [](const View&) { return Score(); };
        if (field->type != "keyword" && field->type != "text")
            refuse_search("query_shard_exception",
                          "failed to create query: Can only use prefix queries on keyword, text and wildcard fields - not on [" + path +
                              "] which is of type [" + field->type + "]");
        return [where = path, start, boost](const View& view) -> Score {
            const auto* values = view.values(where);
            if (!values) return std::nullopt;
            const auto at = values->frequencies.lower_bound(start);
            if (at != values->frequencies.end() && at->first.starts_with(start)) return boost;
            return std::ranges::any_of(values->terms, [&](const auto& text) { return text.starts_with(start); }) ? Score(boost) : Score();
        };
    }
    Matcher ids(const Value& body) {
        known(body, "ids", {"values", "boost"});
        std::set<std::string> wanted;
        if (const auto* values = body.find("values")) {
            for (const auto& value : values->items()) wanted.insert(scalar(value));
        }
        const float boost = boost_of(body);
        return
            [wanted = std::move(wanted), boost](const View& view) { return wanted.contains(view.document->id) ? Score(boost) : Score(); };
    }
    Matcher nested(const Value& body) {
        known(body, "nested", {"path", "query", "score_mode", "ignore_unmapped", "boost", "inner_hits"});
        if (body.find("inner_hits")) limit("inner_hits");
        const auto path = body.text_or("path");
        const auto* inner = body.find("query");
        if (path.empty()) refuse("illegal_argument_exception", "[nested] requires 'path' field");
        if (!inner) refuse("illegal_argument_exception", "[nested] requires 'query' field");
        const auto* field = index_.field(path);
        if (!field)
            refuse_search("query_shard_exception",
                          "failed to create query: [nested] failed to find nested object under path [" + path + "]");
        if (field->type != "nested")
            refuse_search("query_shard_exception",
                          "failed to create query: [nested] nested object under path [" + path + "] is not of nested type");
        auto matcher = query(*inner);
        return [path, matcher = std::move(matcher)](const View& view) -> Score {
            const auto found = view.document->nested.find(path);
            if (found == view.document->nested.end()) return std::nullopt;
            float sum = 0;
            int count = 0;
            for (const auto& fields : found->second) {
                if (const auto score = matcher({view.document, &fields})) {
                    sum += *score;
                    ++count;
                }
            }
            return count > 0 ? Score(sum / static_cast<float>(count)) : Score();
        };
    }
    Matcher constant_score(const Value& body) {
        known(body, "constant_score", {"filter", "boost"});
        const auto* filter = body.find("filter");
        if (!filter) malformed_query("[constant_score] requires a 'filter' element");
        return [matcher = query(*filter), boost = boost_of(body)](const View& view) { return matcher(view) ? Score(boost) : Score(); };
    }
    Matcher dis_max(const Value& body) {
        known(body, "dis_max", {"queries", "tie_breaker", "boost"});
        const auto* queries = body.find("queries");
        if (!queries || !queries->is_array() || queries->items().empty())
            malformed_query("[dis_max] requires 'queries' field with at least one clause");
        std::vector<Matcher> parts;
        for (const auto& part : queries->items()) parts.push_back(query(part));
        const auto* breaker = body.find("tie_breaker");
        return best_of(std::move(parts), breaker ? number_of(*breaker, "dis_max") : 0, boost_of(body));
    }
    static Matcher best_of(std::vector<Matcher> parts, float tie_breaker, float boost) {
        return [parts = std::move(parts), tie_breaker, boost](const View& view) -> Score {
            Score best;
            float sum = 0;
            for (const auto& part : parts) {
                if (const auto score = part(view)) {
                    best = std::max(best.value_or(0), *score);
                    sum += *score;
                }
            }
            if (!best) return std::nullopt;
            return boost * (*best + tie_breaker * (sum - *best));
        };
    }
    // The words of a text in one field; `every`: all of them, otherwise one.
    Matcher words(const std::string& path, const std::string& text, bool every, float boost) {
        const auto* field = index_.field(path);
        if (!field) return [](const View&) { return Score(); };
        if (field->type != "text") return exact(path, Value::string(text), boost);
        std::vector<Matcher> parts;
        for (const auto& token : index_.analysis().analyze(field->analyzer, text)) parts.push_back(word(path, token, boost));
        return [parts = std::move(parts), every](const View& view) -> Score {
            float sum = 0;
            std::size_t found = 0;
            for (const auto& part : parts) {
                if (const auto score = part(view)) {
                    sum += *score;
                    ++found;
                }
            }
            return found > 0 && (!every || found == parts.size()) ? Score(sum) : Score();
        };
    }
    static bool wants_every(const Value& body) {
        const auto op = body.text_or("operator", "or");
        if (op != "or" && op != "and" && op != "OR" && op != "AND")
            refuse("illegal_argument_exception", "operator needs to be either OR or AND, but not [" + op + "]");
        return op == "and" || op == "AND";
    }
    Matcher match(const Value& body) {
        const auto& [field, what] = only_field(body, "match");
        if (!what.is_object()) return words(field, scalar(what), false, 1);
        known(what, "match", {"query", "operator", "boost", "fuzziness", "minimum_should_match", "analyzer"});
        for (const auto* name : {"fuzziness", "minimum_should_match", "analyzer"}) {
            if (what.find(name)) limit("match with " + std::string(name));
        }
        if (!what.find("query")) malformed_query("No text specified for text query");
        return words(field, scalar(*what.find("query")), wants_every(what), boost_of(what));
    }
    Matcher multi_match(const Value& body) {
        known(body, "multi_match",
              {"query", "fields", "type", "tie_breaker", "operator", "boost", "fuzziness", "minimum_should_match", "analyzer"});
        for (const auto* name : {"fuzziness", "minimum_should_match", "analyzer"}) {
            if (body.find(name)) limit("multi_match with " + std::string(name));
        }
        const auto* text = body.find("query");
        const auto* fields = body.find("fields");
        if (!text) malformed_query("No text specified for multi_match query");
        if (!fields || fields->items().empty()) limit("multi_match without fields");
        if (const auto type = body.text_or("type", "best_fields"); type != "best_fields") {
            static const std::set<std::string> kTypes{"most_fields", "cross_fields", "phrase", "phrase_prefix", "bool_prefix"};
            if (kTypes.contains(type)) limit("multi_match of type [" + type + "]");
            malformed_query("failed to parse [multi_match] query type [" + type + "]. unknown type.");
        }
        std::vector<Matcher> parts;
        for (const auto& entry : fields->items()) {
            const auto& name = entry.text();
            const auto hat = name.find('^');
            float boost = 1;
            if (hat != std::string::npos) boost = number_of(Value::number(name.substr(hat + 1)), "multi_match");
            if (name.find('*') != std::string::npos) limit("patterns of field names");
            parts.push_back(words(name.substr(0, hat), scalar(*text), wants_every(body), boost));
        }
        const auto* breaker = body.find("tie_breaker");
        return best_of(std::move(parts), breaker ? number_of(*breaker, "multi_match") : 0, boost_of(body));
    }
    std::vector<Matcher> clauses(const Value& body, std::string_view name) {
        std::vector<Matcher> out;
        const auto* value = body.find(name);
        if (!value) return out;
        if (value->is_array()) {
            if (value->items().size() > kMaxClauses) refuse_search("too_many_clauses", "maxClauseCount is set to 1024");
            for (const auto& item : value->items()) out.push_back(query(item));
        } else {
            out.push_back(query(*value));
        }
        return out;
    }
    Matcher boolean(const Value& body) {
        known(body, "bool", {"must", "filter", "should", "must_not", "minimum_should_match", "adjust_pure_negative", "boost"});
        auto must = clauses(body, "must");
        auto filter = clauses(body, "filter");
        auto should = clauses(body, "should");
        auto must_not = clauses(body, "must_not");
        std::size_t least = must.empty() && filter.empty() && !should.empty() ? 1 : 0;
        if (const auto* given = body.find("minimum_should_match")) {
            const auto number = given->as_int(true);
            if (!number) limit("minimum_should_match " + scalar(*given));
            least = static_cast<std::size_t>(
                std::max<std::int64_t>(0, *number < 0 ? static_cast<std::int64_t>(should.size()) + *number : *number));
        }
        const float boost = boost_of(body);
        const bool only_negative = must.empty() && filter.empty() && should.empty();
        return [=, must = std::move(must), filter = std::move(filter), should = std::move(should),
                must_not = std::move(must_not)](const View& view) -> Score {
            float sum = 0;
            for (const auto& part : filter) {
                if (!part(view)) return std::nullopt;
            }
            for (const auto& part : must_not) {
                if (part(view)) return std::nullopt;
            }
            for (const auto& part : must) {
                const auto score = part(view);
                if (!score) return std::nullopt;
                sum += *score;
            }
            std::size_t matched = 0;
            for (const auto& part : should) {
                if (const auto score = part(view)) {
                    sum += *score;
                    ++matched;
                }
            }
            if (matched < least) return std::nullopt;
            // A bool query without clauses matches everything with 1; one of prohibitions only, with 0.
            if (only_negative && must_not.empty()) return boost;
            return sum * boost;
        };
    }
    Matcher function_score(const Value& body) {
        known(body, "function_score", {"query", "functions", "score_mode", "boost_mode", "boost", "max_boost", "min_score"});
        for (const auto* name : {"max_boost", "min_score"}) {
            if (body.find(name)) limit("function_score with " + std::string(name));
        }
        struct Function {
            Matcher filter;
            std::function<float(const View&)> value;
        };
        std::vector<Function> functions;
        const auto* list = body.find("functions");
        if (!list || !list->is_array()) limit("function_score without functions");
        for (const auto& entry : list->items()) {
            Function function{constant(1), [](const View&) { return 1.0F; }};
            float weight = 1;
            bool has_one = false;
            for (const auto& [name, what] : entry.members()) {
                if (name == "filter") {
                    function.filter = query(what);
                } else if (name == "weight") {
                    weight = number_of(what, "function_score");
                    has_one = true;
                } else if (name == "field_value_factor") {
                    known(what, "field_value_factor", {"field", "missing", "factor", "modifier"});
                    if (what.find("factor") || what.find("modifier")) limit("field_value_factor with factor or modifier");
                    const auto path = what.text_or("field");
                    const auto* missing = what.find("missing");
                    const auto* field = index_.field(path);
                    if (!field && !missing)
                        refuse_search("query_shard_exception",
                                      "Unable to find a field mapper for field [" + path + "]. No 'missing' value defined.");
                    const float otherwise = missing ? number_of(*missing, "field_value_factor") : 0;
                    const bool may_miss = missing != nullptr;
                    function.value = [path, otherwise, may_miss](const View& view) {
                        const auto* values = view.values(path);
                        if (values && !values->numbers.empty()) return static_cast<float>(values->numbers[0]);
                        if (!may_miss) refuse_search("exception", "Missing value for field [" + path + "]");
                        return otherwise;
                    };
                    has_one = true;
                } else {
                    static const std::set<std::string> kOthers{"script_score", "random_score", "gauss", "linear", "exp"};
                    if (kOthers.contains(name)) limit("function [" + name + "]");
                    malformed_query("unknown function [" + name + "]", name);
                }
            }
            if (!has_one) malformed_query("an entry in functions list is missing a function.");
            if (weight != 1) function.value = [inner = function.value, weight](const View& view) { return weight * inner(view); };
            functions.push_back(std::move(function));
        }
        const auto mode = body.text_or("score_mode", "multiply");
        const auto into = body.text_or("boost_mode", "multiply");
        if (mode != "multiply" && mode != "first" && mode != "sum") limit("score_mode [" + mode + "]");
        if (into != "multiply" && into != "replace" && into != "sum") limit("boost_mode [" + into + "]");
        const auto* inner = body.find("query");
        return [matcher = inner ? query(*inner) : constant(1), functions = std::move(functions), mode, into](const View& view) -> Score {
            const auto score = matcher(view);
            if (!score) return std::nullopt;
            std::optional<float> value;
            for (const auto& function : functions) {
                if (!function.filter(view)) continue;
                const float own = function.value(view);
                if (own < 0) refuse_search("illegal_argument_exception", "function score query returned an invalid score: a negative one");
                if (!value)
                    value = own;
                else if (mode == "sum")
                    *value += own;
                else if (mode == "multiply")
                    *value *= own;
            }
            if (!value) return score;  // no function applies
            return into == "replace" ? *value : into == "sum" ? *score + *value : *score * *value;
        };
    }

    const Index& index_;
    std::size_t clauses_ = 0;
    std::unordered_map<std::string, float> rarity_;
    std::unordered_map<std::string, float> average_;
};

// ---- numbers as Java writes them ---------------------------------------------------------------------------------------
std::string java_double(double value) {
    if (value == 0) return "0.0";
    const double size = std::fabs(value);
    if (size >= 1e-3 && size < 1e7) {
        auto out = fmt::format("{}", value);
        return out.find('.') == std::string::npos ? out + ".0" : out;
    }
    const auto exponent = static_cast<int>(std::floor(std::log10(size)));
    for (int digits = 1; digits <= 17; ++digits) {
        const auto mantissa = fmt::format("{:.{}e}", value, digits);
        if (std::strtod(mantissa.c_str(), nullptr) != value) continue;
        return mantissa.substr(0, mantissa.find('e')) + "E" + std::to_string(exponent);
    }
    return fmt::format("{}", value);
}
std::string float_text(float value) {
    auto out = fmt::format("{}", value);
    return out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
}

// ---- aggregations -----------------------------------------------------------------------------------------------------
class Aggregations {
public:
    Aggregations(const Index& index, Reader& reader) : index_(index), reader_(reader) {}

    using Run = std::function<std::string(const std::vector<View>&)>;  // the members: "name":{…},…
    Run read(const Value& value, const std::string& nested = {}) {
        if (!value.is_object()) malformed_query("Found two aggregation definitions or none");
        std::vector<std::pair<std::string, Run>> parts;
        for (const auto& [name, body] : value.members()) {
            if (name.empty() || name.find_first_of("[]>") != std::string::npos)
                malformed_query("Invalid aggregation name [" + name +
                                "]. Aggregation names can contain any character except '[', ']', and '>'");
            parts.emplace_back(name, one(name, body, nested));
        }
        return [parts = std::move(parts)](const std::vector<View>& views) {
            std::string out;
            for (const auto& [name, run] : parts) out += (out.empty() ? "" : ",") + json::quote(name) + ":" + run(views);
            return out;
        };
    }

private:
    Run one(const std::string& name, const Value& body, const std::string& nested) {
        const Value* below = nullptr;
        const Value::Member* kind = nullptr;
        for (const auto& member : body.members()) {
            if (member.first == "aggs" || member.first == "aggregations")
                below = &member.second;
            else if (member.first == "meta")
                limit("meta of aggregations");
            else if (kind)
                malformed_query("Found two aggregation type definitions in [" + name + "]: [" + kind->first + "] and [" + member.first +
                                "]");
            else
                kind = &member;
        }
        if (!kind) malformed_query("Missing definition for aggregation [" + name + "]");
        const auto& what = kind->second;
        const auto only = [&](std::initializer_list<std::string_view> names) {
            for (const auto& [key, value] : what.members()) {
                if (std::ranges::find(names, key) == names.end()) malformed_query("[" + kind->first + "] unknown field [" + key + "]");
            }
        };
        if (kind->first == "min" || kind->first == "max") {
            only({"field", "missing"});
            if (below) malformed_query("Aggregator [" + name + "] of type [" + kind->first + "] cannot accept sub-aggregations");
            return edge(what.text_or("field"), kind->first == "min");
        }
        std::string path = nested;
        if (kind->first == "nested") path = what.text_or("path");
        const Run inner = below ? read(*below, path) : Run([](const std::vector<View>&) { return std::string(); });
        const auto bucket = [inner](const std::vector<View>& views, const std::string& front = {}) {
            auto out = "{" + front + "\"doc_count\":" + std::to_string(views.size());
            if (const auto more = inner(views); !more.empty()) out += "," + more;
            return out + "}";
        };
        if (kind->first == "filter")
            return [matcher = reader_.query(what), bucket](const std::vector<View>& views) { return bucket(kept(views, matcher)); };
        if (kind->first == "filters") {
            only({"filters"});
            const auto* filters = what.find("filters");
            if (!filters || !filters->is_object()) limit("filters without names");
            if (filters->members().empty()) refuse("illegal_argument_exception", "[filters] cannot be empty");
            std::vector<std::pair<std::string, Matcher>> named;
            for (const auto& [key, filter] : filters->members()) named.emplace_back(key, reader_.query(filter));
            return [named = std::move(named), bucket](const std::vector<View>& views) {
                std::string out;
                for (const auto& [key, matcher] : named)
                    out += (out.empty() ? "" : ",") + json::quote(key) + ":" + bucket(kept(views, matcher));
                return "{\"buckets\":{" + out + "}}";
            };
        }
        if (kind->first == "nested") {
            only({"path"});
            const auto* field = index_.field(path);
            const bool there = field && field->type == "nested";
            if (field && !there) refuse_search("aggregation_execution_exception", "[nested] nested path [" + path + "] is not nested");
            return [path, bucket](const std::vector<View>& views) {
                std::vector<View> out;
                for (const auto& view : views) {
                    if (const auto found = view.document->nested.find(path); found != view.document->nested.end()) {
                        for (const auto& fields : found->second) out.push_back({view.document, &fields});
                    }
                }
                return bucket(out);
            };
        }
        if (kind->first == "terms") {
            only({"field", "size", "include", "shard_size", "min_doc_count"});
            return terms(what, bucket);
        }
        static const std::set<std::string> kOthers{"avg",
                                                   "sum",
                                                   "stats",
                                                   "cardinality",
                                                   "value_count",
                                                   "histogram",
                                                   "date_histogram",
                                                   "range",
                                                   "global",
                                                   "missing",
                                                   "reverse_nested",
                                                   "composite",
                                                   "top_hits",
                                                   "significant_terms",
                                                   "percentiles",
                                                   "bucket_sort",
                                                   "adjacency_matrix",
                                                   "sampler",
                                                   "multi_terms",
                                                   "rare_terms"};
        if (kOthers.contains(kind->first)) limit("aggregation [" + kind->first + "]");
        malformed_query("Unknown aggregation type [" + kind->first + "]", kind->first);
    }

    static std::vector<View> kept(const std::vector<View>& views, const Matcher& matcher) {
        std::vector<View> out;
        for (const auto& view : views) {
            if (matcher(view)) out.push_back(view);
        }
        return out;
    }

    Run edge(const std::string& path, bool lowest) {
        const auto* field = index_.field(path);
        if (field && field->type != "long" && field->type != "integer")
            refuse_search("illegal_argument_exception", "Field [" + path + "] of type [" + field->type +
                                                            "] is not supported for aggregation [" + (lowest ? "min" : "max") + "]");
        return [path, lowest](const std::vector<View>& views) -> std::string {
            std::optional<std::int64_t> out;
            for (const auto& view : views) {
                const auto* values = view.values(path);
                for (const auto number : values ? values->numbers : std::vector<std::int64_t>{}) {
                    if (!out || (lowest ? number < *out : number > *out)) out = number;
                }
            }
            return out ? "{\"value\":" + java_double(static_cast<double>(*out)) + "}" : "{\"value\":null}";
        };
    }

    template <class Bucket>
    Run terms(const Value& what, const Bucket& bucket) {
        const auto path = what.text_or("field");
        const auto size = what.int_or("size", 10);
        if (size < 1) refuse("illegal_argument_exception", fmt::format("[size] must be greater than 0. Found [{}] in [terms]", size));
        const auto* field = index_.field(path);
        if (field && field->type == "text")
            refuse_search(
                "illegal_argument_exception",
                "Text fields are not optimised for operations that require per-document field data like aggregations and sorting, so these "
                "operations are disabled by default. Please use a keyword field instead. Alternatively, set fielddata=true on [" +
                    path + "] in order to load field data by uninverting the inverted index. Note that this can use significant memory.");
        if (field && !field->has_doc_values)
            refuse_search("illegal_argument_exception",
                          "Can't load fielddata on [" + path +
                              "] because fielddata is unsupported on fields of type [keyword]. Use doc values instead.");
        if (field && field->type != "keyword") limit("terms of a field of type [" + field->type + "]");
        std::optional<std::regex> include;
        if (const auto* given = what.find("include")) {
            if (!given->is_string()) limit("include by a list");
            // Of Lucene's syntax only what means the same in ECMAScript's; the whole term has to match in both.
            if (given->text().find_first_of("@&<>~#\"{}+?^$") != std::string::npos && given->text().find("[^ ]") == std::string::npos)
                limit("regular expression " + given->text());
            include.emplace(given->text(), std::regex::ECMAScript | std::regex::optimize);
        }
        return [path, size, include, bucket](const std::vector<View>& views) {
            std::map<std::string, std::vector<View>> found;
            for (const auto& view : views) {
                const auto* values = view.values(path);
                if (!values) continue;
                for (const auto& term : std::set<std::string>(values->terms.begin(), values->terms.end())) found[term].push_back(view);
            }
            std::vector<const std::pair<const std::string, std::vector<View>>*> ordered;
            for (const auto& entry : found) {
                if (!include || std::regex_match(entry.first, *include)) ordered.push_back(&entry);
            }
            std::ranges::stable_sort(ordered, [](const auto* a, const auto* b) { return a->second.size() > b->second.size(); });
            std::size_t others = 0;
            std::string buckets;
            for (std::size_t i = 0; i < ordered.size(); ++i) {
                if (i >= static_cast<std::size_t>(size)) {
                    others += ordered[i]->second.size();
                    continue;
                }
                if (i >= kMaxBuckets) {
                    Error error(503, "too_many_buckets_exception",
                                "Trying to create too many buckets. Must be less than or equal to: [65535]");
                    error.in_search = true;
                    throw error;
                }
                buckets += (buckets.empty() ? "" : ",") + bucket(ordered[i]->second, "\"key\":" + json::quote(ordered[i]->first) + ",");
            }
            return fmt::format(R"({{"doc_count_error_upper_bound":0,"sum_other_doc_count":{},"buckets":[{}]}})", others, buckets);
        };
    }

    const Index& index_;
    Reader& reader_;
};

// ---- sorting ----------------------------------------------------------------------------------------------------------
using SortValue = std::variant<std::int64_t, float, std::optional<std::string>>;

struct SortKey {
    std::string path;  // "_score"
    bool is_descending = false, is_text = false, takes_highest = false;
    std::string nested;
    Matcher filter;

    [[nodiscard]] SortValue of(const View& view, float score) const {
        if (path == "_score") return score;
        std::vector<View> from{view};
        if (!nested.empty()) {
            from.clear();
            if (const auto found = view.document->nested.find(nested); found != view.document->nested.end()) {
                for (const auto& fields : found->second) {
                    if (!filter || filter({view.document, &fields})) from.push_back({view.document, &fields});
                }
            }
        }
        std::optional<std::string> text;
        std::optional<std::int64_t> number;
        for (const auto& place : from) {
            const auto* values = place.values(path);
            if (!values) continue;
            for (const auto& term : values->terms) {
                if (!text || (takes_highest ? term > *text : term < *text)) text = term;
            }
            for (const auto each : values->numbers) {
                if (!number || (takes_highest ? each > *number : each < *number)) number = each;
            }
        }
        if (is_text) return text;
        return number.value_or(is_descending ? kLowest : kHighest);  // the missing come last
    }
    // Negative: a before b.
    [[nodiscard]] int compare(const SortValue& a, const SortValue& b) const {
        int out = 0;
        if (const auto* text = std::get_if<std::optional<std::string>>(&a)) {
            const auto& other = std::get<std::optional<std::string>>(b);
            if (!*text || !other) return *text ? -1 : other ? 1 : 0;
            out = (*text)->compare(*other);
        } else if (const auto* number = std::get_if<std::int64_t>(&a)) {
            const auto other = std::get<std::int64_t>(b);
            out = *number < other ? -1 : *number > other ? 1 : 0;
        } else {
            const auto score = std::get<float>(a);
            const auto other = std::get<float>(b);
            out = score < other ? -1 : score > other ? 1 : 0;
        }
        return is_descending ? -out : out;
    }
};

std::string text_of(const SortValue& value) {
    if (const auto* text = std::get_if<std::optional<std::string>>(&value)) return *text ? json::quote(**text) : "null";
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    return float_text(std::get<float>(value));
}

std::vector<SortKey> read_sort(const Index& index, Reader& reader, const Value& value) {
    std::vector<SortKey> out;
    const auto add = [&](const std::string& path, const Value* options) {
        SortKey key;
        key.path = path;
        std::string order = path == "_score" ? "desc" : "asc";
        std::string mode;
        if (options && options->is_object()) {
            for (const auto& [name, what] : options->members()) {
                if (name == "order")
                    order = what.text();
                else if (name == "mode")
                    mode = what.text();
                else if (name == "nested") {
                    for (const auto& [part, inner] : what.members()) {
                        if (part == "path")
                            key.nested = inner.text();
                        else if (part == "filter")
                            key.filter = reader.query(inner);
                        else
                            limit("nested sort with " + part);
                    }
                } else if (name == "missing" || name == "unmapped_type" || name == "numeric_type" || name == "format")
                    limit("sort with " + name);
                else
                    malformed_query("[field_sort] unknown field [" + name + "]");
            }
        } else if (options) {
            order = options->text();
        }
        if (order != "asc" && order != "desc") refuse("illegal_argument_exception", "Unknown SortOrder [" + order + "]");
        key.is_descending = order == "desc";
        if (!mode.empty() && mode != "min" && mode != "max") limit("sort mode [" + mode + "]");
        key.takes_highest = mode.empty() ? key.is_descending : mode == "max";
        if (path != "_score") {
            const auto* field = index.field(path);
            if (!field) refuse_search("query_shard_exception", "No mapping found for [" + path + "] in order to sort on");
            if (field->type == "text")
                refuse_search(
                    "illegal_argument_exception",
                    "Text fields are not optimised for operations that require per-document field data like aggregations and sorting");
            if (!field->has_doc_values)
                refuse_search("illegal_argument_exception", "Can't load fielddata on [" + path + "]. Use doc values instead.");
            key.is_text = field->type == "keyword" || field->type == "boolean";
            if (!key.nested.empty()) {
                const auto* object = index.field(key.nested);
                if (!object || object->type != "nested")
                    refuse_search("query_shard_exception", "[nested] failed to find nested object under path [" + key.nested + "]");
            }
        }
        out.push_back(std::move(key));
    };
    const auto one = [&](const Value& item) {
        if (item.is_string()) return add(item.text(), nullptr);
        if (!item.is_object())
            refuse("illegal_argument_exception",
                   "malformed sort format, within the sort array, an object, or an actual string are allowed");
        for (const auto& [path, options] : item.members()) add(path, &options);
    };
    if (value.is_array()) {
        for (const auto& item : value.items()) one(item);
    } else {
        one(value);
    }
    return out;
}

std::vector<SortValue> read_after(const std::vector<SortKey>& keys, const Value& value) {
    if (!value.is_array()) malformed_query("Unknown key for a VALUE in [search_after].");
    if (value.items().size() != keys.size())
        refuse_search("illegal_argument_exception",
                      fmt::format("search_after has {} value(s) but sort has {}.", value.items().size(), keys.size()));
    std::vector<SortValue> out;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto& item = value.items()[i];
        const auto failed = [&] {
            refuse_search("illegal_argument_exception", "Failed to parse search_after value for field [" + keys[i].path + "].");
        };
        if (keys[i].path == "_score") {
            char* end = nullptr;
            const auto text = scalar(item);
            const float score = std::strtof(text.c_str(), &end);
            if (text.empty() || *end != '\0') failed();
            out.emplace_back(score);
        } else if (keys[i].is_text) {
            if (!item.is_string() && !item.is_null()) failed();
            out.emplace_back(item.is_null() ? std::optional<std::string>() : std::optional(item.text()));
        } else {
            const auto number = item.as_int(true);
            if (!number) failed();
            out.emplace_back(*number);
        }
    }
    return out;
}

// ---- suggestions ------------------------------------------------------------------------------------------------------
// Damerau-Levenshtein over bytes.
std::size_t distance(const std::string& a, const std::string& b) {
    std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) table[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) table[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            table[i][j] = std::min({table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
        }
    }
    return table[a.size()][b.size()];
}

std::string suggest(const Index& index, const Value& value) {
    std::string out;
    for (const auto& [name, entry] : value.members()) {
        const auto* options = entry.find("term");
        const auto* text = entry.find("text");
        for (const auto& [key, ignored] : entry.members()) {
            if (key == "phrase" || key == "completion" || key == "regex" || key == "prefix") limit("suggester [" + key + "]");
            if (key != "term" && key != "text") refuse("illegal_argument_exception", "suggestion [" + key + "] not supported");
        }
        if (!options || !text) refuse("illegal_argument_exception", "the required field option is missing");
        static const std::set<std::string> kKnown{"field", "suggest_mode", "max_edits", "prefix_length", "min_word_length", "size"};
        for (const auto& [key, ignored] : options->members()) {
            if (!kKnown.contains(key)) malformed_query("suggester[term] doesn't support field [" + key + "]");
        }
        const auto path = options->text_or("field");
        const auto* field = index.field(path);
        if (!field) refuse_search("illegal_argument_exception", "no mapping found for field [" + path + "]");
        if (field->type != "text") limit("suggestions from a field of type [" + field->type + "]");
        const auto edits = options->int_or("max_edits", 2);
        if (edits < 1 || edits > 2) refuse("illegal_argument_exception", "maxEdits must be between 1 and 2");
        const auto mode = options->text_or("suggest_mode", "missing");
        if (mode != "missing" && mode != "always") limit("suggest_mode [" + mode + "]");
        const auto prefix = static_cast<std::size_t>(options->int_or("prefix_length", 1));
        const auto shortest = static_cast<std::size_t>(options->int_or("min_word_length", 4));
        const auto size = static_cast<std::size_t>(options->int_or("size", 5));
        std::map<std::string, int> uses;
        for (const auto& [id, document] : index.documents()) {
            if (const auto values = document->fields.find(path); values != document->fields.end()) {
                for (const auto& [word, count] : values->second.frequencies) ++uses[word];
            }
        }
        std::string entries;
        std::size_t offset = 0;
        for (const auto& word : index.analysis().analyze(field->analyzer, text->text())) {
            struct Candidate {
                std::string text;
                float score;
                int freq;
            };
            std::vector<Candidate> found;
            if (word.size() >= shortest && (mode == "always" || !uses.contains(word))) {
                for (const auto& [other, count] : uses) {
                    if (other == word || other.substr(0, prefix) != word.substr(0, prefix)) continue;
                    const auto steps = distance(word, other);
                    if (steps > static_cast<std::size_t>(edits)) continue;
                    found.push_back(
                        {other, 1 - static_cast<float>(steps) / static_cast<float>(std::min(word.size(), other.size())), count});
                }
            }
            std::ranges::sort(found, [](const Candidate& a, const Candidate& b) {
                if (a.score != b.score) return a.score > b.score;
                return a.freq != b.freq ? a.freq > b.freq : a.text < b.text;
            });
            if (found.size() > size) found.resize(size);
            std::string list;
            for (const auto& candidate : found)
                list += fmt::format(R"({}{{"text":{},"score":{},"freq":{}}})", list.empty() ? "" : ",", json::quote(candidate.text),
                                    float_text(candidate.score), candidate.freq);
            entries += fmt::format(R"({}{{"text":{},"offset":{},"length":{},"options":[{}]}})", entries.empty() ? "" : ",",
                                   json::quote(word), offset, word.size(), list);
            offset += word.size() + 1;
        }
        out += fmt::format("{}{}:[{}]", out.empty() ? "" : ",", json::quote(name), entries);
    }
    return out;
}

// ---- _source ----------------------------------------------------------------------------------------------------------
// The members that one of the paths leads to or through.
std::optional<Value> only(const Value& value, const std::string& path, const std::vector<std::string>& wanted) {
    if (std::ranges::any_of(wanted, [&](const auto& want) { return path == want || path.starts_with(want + "."); })) return value;
    const auto leads_on = [&](const std::string& here) {
        return std::ranges::any_of(
            wanted, [&](const auto& want) { return want == here || want.starts_with(here + ".") || here.starts_with(want + "."); });
    };
    if (!value.is_object()) return std::nullopt;
    std::vector<Value::Member> members;
    for (const auto& [name, member] : value.members()) {
        const auto below = path.empty() ? name : path + "." + name;
        if (!leads_on(below)) continue;
        if (auto kept = only(member, below, wanted)) members.emplace_back(name, std::move(*kept));
    }
    if (members.empty() && !path.empty()) return std::nullopt;
    return Value::object(std::move(members));
}

}  // namespace

std::string search(const Index& index, const Value& body) {
    static const std::set<std::string> kKnown{"query", "post_filter", "aggs",    "aggregations",     "sort",         "search_after",
                                              "size",  "from",        "_source", "track_total_hits", "track_scores", "suggest"};
    static const std::set<std::string> kOthers{
        "highlight",     "script_fields", "fields",  "docvalue_fields", "collapse",      "rescore", "explain",
        "min_score",     "pit",           "timeout", "terminate_after", "stored_fields", "version", "seq_no_primary_term",
        "indices_boost", "profile",       "slice",   "stats",           "ext",           "derived"};
    if (!body.is_object()) malformed_query("Expected [START_OBJECT] but found [VALUE]");
    for (const auto& [key, value] : body.members()) {
        if (kOthers.contains(key)) limit("search with " + key);
        if (!kKnown.contains(key))
            malformed_query("Unknown key for a " +
                            std::string(value.is_object()  ? "START_OBJECT"
                                        : value.is_array() ? "START_ARRAY"
                                                           : "VALUE_STRING") +
                            " in [" + key + "].");
    }
    Reader reader(index);
    const auto* query = body.find("query");
    const Matcher matches = query ? reader.query(*query) : [](const View&) { return Score(1.0F); };
    const auto* post = body.find("post_filter");
    const Matcher after_filter = post ? reader.query(*post) : Matcher();
    Aggregations aggregations(index, reader);
    const auto* aggs = body.find("aggs");
    if (!aggs) aggs = body.find("aggregations");
    const auto run = aggs ? aggregations.read(*aggs) : Aggregations::Run();
    const auto* sort = body.find("sort");
    const auto keys = sort ? read_sort(index, reader, *sort) : std::vector<SortKey>{};
    const auto size = body.int_or("size", 10);
    const auto from = body.int_or("from", 0);
    if (size < 0 || from < 0) refuse("illegal_argument_exception", fmt::format("[size] parameter cannot be negative, found [{}]", size));
    if (static_cast<std::size_t>(size + from) > kResultWindow)
        refuse_search("illegal_argument_exception",
                      fmt::format("Result window is too large, from + size must be less than or equal to: [10000] but was [{}]. See the "
                                  "scroll api for a more efficient way to request large data sets.",
                                  size + from));
    std::optional<std::vector<SortValue>> edge;
    if (const auto* after = body.find("search_after")) {
        if (keys.empty()) refuse_search("illegal_argument_exception", "Sort must contain at least one field.");
        if (from > 0) refuse_search("illegal_argument_exception", "`from` parameter must be set to 0 when `search_after` is used.");
        edge = read_after(keys, *after);
    }

    struct Hit {
        View view;
        float score;
        std::vector<SortValue> keys;
    };
    std::vector<View> found;
    std::vector<Hit> hits;
    for (const auto& view : all(index)) {
        const auto score = matches(view);
        if (!score) continue;
        found.push_back(view);
        if (after_filter && !after_filter(view)) continue;
        Hit hit{view, *score, {}};
        for (const auto& key : keys) hit.keys.push_back(key.of(view, *score));
        hits.push_back(std::move(hit));
    }
    const auto compare = [&](const std::vector<SortValue>& a, const std::vector<SortValue>& b) {
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (const auto order = keys[i].compare(a[i], b[i]); order != 0) return order;
        }
        return 0;
    };
    std::ranges::stable_sort(hits, [&](const Hit& a, const Hit& b) {
        if (keys.empty()) return a.score > b.score;
        return compare(a.keys, b.keys) < 0;
    });
    const auto total = hits.size();
    if (edge) std::erase_if(hits, [&](const Hit& hit) { return compare(hit.keys, *edge) <= 0; });

    bool with_source = true;
    std::vector<std::string> wanted;
    if (const auto* source = body.find("_source")) {
        if (source->is_array()) {
            for (const auto& item : source->items()) wanted.push_back(item.text());
        } else if (source->kind() == Value::Kind::boolean) {
            with_source = source->as_bool();
        } else {
            limit("_source " + json::to_text(*source));
        }
    }
    for (const auto& path : wanted) {
        if (path.find('*') != std::string::npos) limit("patterns in _source");
    }
    const bool has_scores =
        keys.empty() || body.bool_or("track_scores") || std::ranges::any_of(keys, [](const auto& key) { return key.path == "_score"; });
    std::string list;
    float best = 0;
    for (auto i = static_cast<std::size_t>(from); i < hits.size() && i < static_cast<std::size_t>(from + size); ++i) {
        const auto& hit = hits[i];
        best = std::max(best, hit.score);
        list += fmt::format(R"({}{{"_index":{},"_id":{},"_score":{})", list.empty() ? "" : ",", json::quote(index.name),
                            json::quote(hit.view.document->id), has_scores ? float_text(hit.score) : "null");
        if (with_source)
            list +=
                ",\"_source\":" + (wanted.empty() ? json::to_text(hit.view.document->source)
                                                  : json::to_text(only(hit.view.document->source, {}, wanted).value_or(Value::object({}))));
        if (!keys.empty()) {
            std::string values;
            for (const auto& value : hit.keys) values += (values.empty() ? "" : ",") + text_of(value);
            list += ",\"sort\":[" + values + "]";
        }
        list += "}";
    }
    std::string totals;
    const auto* track = body.find("track_total_hits");
    if (!track || track->kind() != Value::Kind::boolean || track->as_bool()) {
        const bool exact = track && track->kind() == Value::Kind::boolean;
        const auto most = exact ? total : static_cast<std::size_t>(track ? track->as_int().value_or(10000) : 10000);
        totals = fmt::format(R"("total":{{"value":{},"relation":"{}"}},)", std::min(total, most), total > most ? "gte" : "eq");
    }
    auto out = fmt::format(
        R"({{"took":1,"timed_out":false,"_shards":{{"total":1,"successful":1,"skipped":0,"failed":0}},"hits":{{{}"max_score":{},"hits":[{}]}})",
        totals, has_scores && !list.empty() ? float_text(best) : "null", list);
    if (run) out += ",\"aggregations\":{" + run(found) + "}";
    if (const auto* suggestions = body.find("suggest")) out += ",\"suggest\":{" + suggest(index, *suggestions) + "}";
    return out + "}";
}

}  // namespace stoa::sandbox::opensearch
