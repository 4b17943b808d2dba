#pragma once
// Compressed forms of documents that many answers share, so that the I/O thread never compresses. Thread-safe.
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "http/text.hpp"

namespace stoa::http {

class CompressedCache {
public:
    using Document = std::shared_ptr<const std::string>;
    explicit CompressedCache(std::size_t max_bytes = 64U << 20U) : max_bytes_(max_bytes) {}

    // The compressed form, or null. `claim` becomes true for exactly one caller, who is to call fill().
    [[nodiscard]] Document find(const Document& plain, Encoding encoding, bool& claim);
    // Compresses (slow) and remembers.
    Document fill(const Document& plain, Encoding encoding);

private:
    struct Entry {
        std::weak_ptr<const std::string> plain;
        Document form[2];
        bool claimed[2] = {false, false};
    };
    Entry& entry_for(const Document& plain);
    void make_room();

    const std::size_t max_bytes_;
    std::mutex mutex_;
    std::unordered_map<const std::string*, Entry> entries_;
    std::size_t bytes_ = 0;
};

}  // namespace stoa::http
