#pragma once
// The REST interface as far as it is needed: documents in bulk, searches, indexes and aliases. Wire facts:
//   bulk      https://docs.opensearch.org/latest/api-reference/document-apis/bulk/ and OpenSearch's BulkRequestParser.java
//   aliases   https://docs.opensearch.org/latest/api-reference/alias/aliases-api/
//   templates https://docs.opensearch.org/latest/im-plugin/index-templates/
//   documents https://docs.opensearch.org/latest/api-reference/document-apis/index-document/ (if_seq_no, version_type)
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/http_client/client.hpp"
#include "stoa/json/value.hpp"
#include "stoa/search/opensearch.hpp"

namespace stoa::search::opensearch {

// No answer, or one that says "not now", for as often as it was tried.
struct Unavailable : std::runtime_error {
    using std::runtime_error::runtime_error;
};
// An answer that trying again does not change.
struct Refused : std::runtime_error {
    Refused(int s, std::string t, const std::string& what) : std::runtime_error(what), status(s), type(std::move(t)) {}
    int status;
    std::string type;  // "index_not_found_exception"
};

struct Reply {
    int status = 0;
    json::Value body;
};

// One document of a bulk request. Writes carry the position in the change feed that their rows were read at: what was read earlier never
// replaces what was read later, whoever sends it (version_type external_gte).
struct Write {
    std::string id;
    std::int64_t version = 0;
    std::optional<std::string> source;  // absent: the document goes
};
struct BulkFailure {
    std::string id, type, reason;
    int status = 0;
};
struct BulkOutcome {
    std::size_t written = 0;
    std::size_t newer = 0;  // left alone, because the index has a later version
    std::vector<BulkFailure> failed;
};
enum class Visible { later, when_answered };

struct Versioned {
    json::Value source;
    std::int64_t seq_no = 0, primary_term = 0;
};

class Client {
public:
    Client(http_client::Client& http, const OpenSearchOptions& options) : http_(http), options_(options) {}

    // 4xx comes back as it is; Unavailable when there is no answer that counts.
    [[nodiscard]] Reply send(std::string_view method, std::string_view path, std::string body = {}, bool reading = false);
    // The body of a 2xx; Refused otherwise.
    json::Value ask(std::string_view method, std::string_view path, std::string body = {}, bool reading = false);

    [[nodiscard]] json::Value search(std::string_view index, std::string body);
    // Sends everything, in bodies of bounded size, and again what was refused for now.
    [[nodiscard]] BulkOutcome bulk(std::string_view index, const std::vector<Write>& writes, Visible visible);

    void put_template(std::string_view name, std::string body);
    void create_index(std::string_view index, std::string body);  // an index that is there already is fine
    void delete_index(std::string_view index);                    // one that is gone already, too
    void change_settings(std::string_view index, std::string body);
    void refresh(std::string_view index);
    // Indexes that match a pattern, and whether the alias points to them.
    [[nodiscard]] std::vector<std::pair<std::string, bool>> indexes(std::string_view pattern, std::string_view alias);
    // The alias points to `index`, and to none of `others`, from one moment to the next.
    void point_alias(std::string_view alias, std::string_view index, const std::vector<std::string>& others);

    [[nodiscard]] std::optional<Versioned> document(std::string_view index, std::string_view id);
    // False when somebody else has written it since `expected` was read (absent: when it is there).
    [[nodiscard]] bool put_document(std::string_view index, std::string_view id, std::string source,
                                    const std::optional<Versioned>& expected);
    void put_document(std::string_view index, std::string_view id, std::string source);

private:
    void bulk_body(std::string_view index, std::vector<const Write*> writes, Visible visible, BulkOutcome& outcome);
    void wait(int attempt, std::string_view retry_after);

    http_client::Client& http_;
    OpenSearchOptions options_;
};

// ---- JSON text ------------------------------------------------------------------------------------------------------
using Members = std::vector<std::pair<std::string_view, std::string>>;  // values are JSON already
[[nodiscard]] std::string object(const Members& members);
[[nodiscard]] std::string array(const std::vector<std::string>& items);
template <class Range>
[[nodiscard]] std::string strings(const Range& range) {
    std::vector<std::string> items;
    for (const auto& text : range) items.push_back(json::quote(text));
    return array(items);
}
// {"name":{…}}
[[nodiscard]] inline std::string wrap(std::string_view name, std::string body) { return object({{name, std::move(body)}}); }

}  // namespace stoa::search::opensearch
