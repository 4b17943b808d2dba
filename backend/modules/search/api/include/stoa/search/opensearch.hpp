#pragma once
// The same search over OpenSearch, for catalogues that do not fit into one process: products lie in an index, and a process keeps what they
// refer to (categories, collections, attributes, rules). Its reads wait for the network: they do not belong on the memory pool.
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "stoa/http_client/client.hpp"
#include "stoa/search/make.hpp"

namespace stoa::search {

struct OpenSearchOptions {
    std::string url;                   // "https://search.internal:9200"
    std::string user, password;        // empty: none is sent
    std::string prefix = "stoa";       // of the names of indexes and of the alias
    int replicas = 1;                  // copies of each shard while it serves
    int shards = 1;                    // of an index; for the next rebuild
    std::size_t bulk_bytes = 5 << 20;  // a bulk body; a single larger document still goes alone
    std::size_t bulk_documents = 500;
    int attempts = 6;                        // of a write that is refused for now (429, 503) or gets no answer
    std::chrono::milliseconds backoff{200};  // before the second attempt; doubled for each further one, 10 seconds at most
    std::chrono::milliseconds read_timeout{3000};
    std::chrono::milliseconds write_timeout{60000};
    std::function<void(std::chrono::milliseconds)> sleep;  // empty: this thread sleeps
};

// As make_engine(); EngineOptions::file and ranking_without mean nothing here.
[[nodiscard]] std::unique_ptr<Engine> make_opensearch_engine(db::Database& database, catalog::Reader& catalog, pricing::Pricing& pricing,
                                                             inventory::Inventory& inventory, const Clock& clock,
                                                             http_client::Client& client, OpenSearchOptions opensearch,
                                                             EngineOptions options = {});

}  // namespace stoa::search
