#pragma once
// An index of the stand-in: mapping, analysis, documents; and searches over them.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "stoa/json/value.hpp"

namespace stoa::sandbox::opensearch {

// An answer that is an error.
struct Error {
    Error(int s, std::string t, std::string r) : status(s), type(std::move(t)), reason(std::move(r)) {}
    int status;
    std::string type, reason;
    std::string more;  // further members of the error: ,"index":"…"
    std::optional<std::pair<std::string, std::string>> cause;
    // Errors of a running search come inside a search_phase_execution_exception.
    bool in_search = false;
};
[[noreturn]] void refuse(std::string type, std::string reason, int status = 400);
[[noreturn]] void limit(std::string what);  // OpenSearch could do it
[[noreturn]] void malformed_query(std::string reason, std::string unknown = {});
[[nodiscard]] std::string render_error(const Error& error);
// {"type":…,"reason":…}
[[nodiscard]] std::string render_cause(const Error& error);

struct Field {
    std::string type = "object";
    std::string analyzer;
    bool is_indexed = true, has_doc_values = true, is_enabled = true;
    std::optional<std::string> dynamic;  // inherited otherwise
    std::map<std::string, Field> properties;
};

struct Analysis {
    struct Filter {
        std::string kind;      // lowercase, asciifolding, snowball
        std::string language;  // of snowball
    };
    std::map<std::string, std::vector<Filter>> analyzers;
    [[nodiscard]] std::vector<std::string> analyze(const std::string& analyzer, std::string_view text) const;
};

struct Values {
    std::vector<std::string> terms;          // keyword, boolean, ids
    std::vector<std::int64_t> numbers;       // long, integer
    std::map<std::string, int> frequencies;  // text
    int length = 0;                          // text, in words
};
using Fields = std::unordered_map<std::string, Values>;
struct Document {
    std::string id;
    std::int64_t version = 1, seq_no = 0;
    json::Value source;
    Fields fields;
    std::map<std::string, std::vector<Fields>> nested;  // by path
};
using DocumentPtr = std::shared_ptr<const Document>;

class Index {
public:
    // `settings` and `mappings` as they stand in a request; both may be null.
    Index(std::string name, const std::vector<const json::Value*>& settings, const std::vector<const json::Value*>& mappings);

    const std::string name;
    std::map<std::string, std::string> settings;  // "index.number_of_replicas" → "1"

    void change_settings(const json::Value& body, bool is_new);

    struct Condition {
        std::optional<std::int64_t> version;
        std::string version_type = "internal";
        std::optional<std::int64_t> if_seq_no, if_primary_term;
        bool only_create = false;
    };
    struct Written {
        std::string result;  // created, updated, deleted, not_found
        std::int64_t version = 0, seq_no = 0;
    };
    // Throws Error.
    Written put(const std::string& id, json::Value source, const Condition& condition);
    Written remove(const std::string& id, const Condition& condition);
    [[nodiscard]] DocumentPtr get(const std::string& id) const;  // at once, without a refresh
    void refresh();

    [[nodiscard]] const Field* field(std::string_view path) const;
    // The nested object a field lies in; empty: none.
    [[nodiscard]] std::string nested_path(std::string_view path) const;
    [[nodiscard]] const Analysis& analysis() const { return analysis_; }
    [[nodiscard]] const std::map<std::string, DocumentPtr>& documents() const { return searchable_; }

private:
    struct Template {
        std::string path_match;
        json::Value mapping;
    };
    void read_mapping(const json::Value& mapping);
    [[nodiscard]] Field read_field(const std::string& path, const json::Value& description);
    void read_analysis(const json::Value& analysis);
    void parse(const json::Value& value, const std::string& path, Field& field, const std::string& dynamic, Document& document,
               Fields& fields);
    void parse_value(const json::Value& value, const std::string& path, const Field& field, const std::string& id, Values& out);
    std::int64_t next_version(const std::string& id, const Condition& condition) const;

    Field root_;
    std::vector<Template> templates_;
    std::size_t field_count_ = 0;
    Analysis analysis_;
    std::map<std::string, DocumentPtr> live_, searchable_;
    std::map<std::string, std::int64_t> gone_;  // versions of deleted documents
    std::set<std::string> pending_;
    std::int64_t next_seq_no_ = 0;
};

// The body of an answer to a search over one index. Throws Error.
[[nodiscard]] std::string search(const Index& index, const json::Value& body);

}  // namespace stoa::sandbox::opensearch
