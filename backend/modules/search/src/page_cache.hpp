#pragma once
#include <mutex>
#include <unordered_map>

#include "snapshot.hpp"

namespace stoa::search {

// Product pages rendered since the snapshot was published. When it is full it starts again empty: a page costs some tens of
// microseconds, so no better policy pays.
struct PageCache {
    explicit PageCache(std::size_t max) : max_bytes(max) {}

    std::optional<Document> find(std::uint64_t key) {
        const std::lock_guard lock(mutex);
        const auto found = documents.find(key);
        if (found == documents.end()) return std::nullopt;
        return found->second;
    }
    void put(std::uint64_t key, const Document& document) {
        std::unordered_map<std::uint64_t, Document> old;  // destroyed outside the lock
        const std::lock_guard lock(mutex);
        if (bytes + document.json->size() > max_bytes) {
            old.swap(documents);
            bytes = 0;
        }
        if (documents.emplace(key, document).second) bytes += document.json->size();
    }

    const std::size_t max_bytes;
    std::mutex mutex;
    std::unordered_map<std::uint64_t, Document> documents;
    std::size_t bytes = 0;
};

}  // namespace stoa::search
