#pragma once
// A stand-in for OpenSearch 2.x: its REST interface as far as the shop uses it, over documents in memory. It is strict where OpenSearch is:
// unknown queries, parameters, fields and settings are refused with the error body that OpenSearch sends, and a document is found only
// after a refresh. What OpenSearch knows and this does not is refused with 501 and the type stand_in_limit, so that it cannot be mistaken
// for an answer. One shard, no plugins but basic authentication.
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "control.hpp"
#include "opensearch_index.hpp"

namespace stoa::sandbox {

struct OpenSearchOptions {
    std::string user = "sandbox", password = "sandbox-opensearch";
    std::size_t max_content_length = 100 << 20;  // http.max_content_length
};

class OpenSearch {
public:
    OpenSearch(Control& control, OpenSearchOptions options) : control_(control), options_(std::move(options)) {}
    // Below /opensearch.
    void add_routes(http::Routes& routes);
    void reset();

private:
    using Indexes = std::map<std::string, std::shared_ptr<opensearch::Index>>;
    http::Response answer(const http::Request& request);
    http::Response handle(const http::Request& request, bool refuse_every_second);
    http::Response route(const http::Request& request, const std::vector<std::string>& path, bool refuse_every_second);
    [[nodiscard]] std::vector<opensearch::Index*> resolve(const std::string& name, bool may_be_pattern);
    [[nodiscard]] opensearch::Index& one(const std::string& name);
    http::Response put_template(const std::string& name, const json::Value& body);
    http::Response create_index(const std::string& name, const json::Value* body);
    http::Response change_settings(const std::string& name, const json::Value& body);
    http::Response change_aliases(const json::Value& body);
    http::Response bulk(const http::Request& request, const std::string& index, bool refuse_every_second);
    http::Response write(const http::Request& request, const std::string& index, const std::string& id, bool only_create);
    http::Response read(const std::string& index, const std::string& id);
    http::Response search(const http::Request& request, const std::string& index);

    Control& control_;
    OpenSearchOptions options_;
    std::mutex mutex_;
    std::map<std::string, json::Value> templates_;
    Indexes indexes_;
    std::map<std::string, std::set<std::string>> aliases_;  // alias → indexes
};

}  // namespace stoa::sandbox
