#pragma once
#include <array>
#include <mutex>
#include <unordered_map>

#include "buyer_view.hpp"
#include "cursor.hpp"

namespace stoa::search {

// Answers rendered since the snapshot was published. When it is full it starts again empty: an answer costs some tens of
// microseconds, so no better policy pays.
template <class Key, class Answer>
class Rendered {
public:
    explicit Rendered(std::size_t max) : max_bytes(max) {}

    std::optional<Answer> find(const Key& key) {
        const std::lock_guard lock(mutex_);
        const auto found = answers_.find(key);
        if (found == answers_.end()) return std::nullopt;
        return found->second;
    }
    void put(const Key& key, const Answer& answer, std::size_t size) {
        std::unordered_map<Key, Answer> old;  // destroyed outside the lock
        const std::lock_guard lock(mutex_);
        if (bytes_ + size > max_bytes) {
            old.swap(answers_);
            bytes_ = 0;
        }
        if (answers_.emplace(key, answer).second) bytes_ += size;
    }
    // True from the second time on that a key is seen: what is asked once, as most combinations of filters are, is not kept.
    bool seen_before(std::string_view key) {
        const auto hash = fnv1a(key);
        const std::lock_guard lock(mutex_);
        auto& place = seen_[hash % seen_.size()];
        return std::exchange(place, hash) == hash;
    }

    const std::size_t max_bytes;

private:
    std::mutex mutex_;
    std::unordered_map<Key, Answer> answers_;
    std::array<std::uint64_t, 4096> seen_{};
    std::size_t bytes_ = 0;
};

struct Answered {
    Document document;
    std::int64_t total = 0;
};

struct PageCache {
    explicit PageCache(std::size_t max) : pages(max / 2), answers(max / 2), buyers(kMostBuyers) {}
    Rendered<std::uint64_t, Document> pages;  // of products
    Rendered<std::string, Answered> answers;  // lists and suggestions
    // Buyers with prices or products of their own. One holds some bytes a product.
    static constexpr std::size_t kMostBuyers = 32;
    Rendered<std::string, BuyerViewPtr> buyers;
};

}  // namespace stoa::search
