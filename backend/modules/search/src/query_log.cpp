#include "query_log.hpp"

#include "merchandising.hpp"

namespace stoa::search {

std::string loggable(std::string_view query) {
    constexpr std::size_t kLongest = 60;
    constexpr int kMostDigits = 5;  // telephone, card and order numbers have more
    if (query.find('@') != std::string_view::npos) return {};
    int digits = 0;
    for (const char c : query) {
        if (c >= '0' && c <= '9' && ++digits > kMostDigits) return {};
    }
    auto out = phrase_of(query);
    return out.size() > kLongest ? std::string() : out;
}

void QueryLog::note(std::string_view locale, std::string_view query, std::int64_t results) {
    auto text = loggable(query);
    if (text.empty()) return;
    std::pair key(std::string(locale), std::move(text));
    const std::lock_guard lock(mutex_);
    auto found = counts_.find(key);
    if (found == counts_.end()) {
        if (counts_.size() >= kMost) return;
        found = counts_.emplace(std::move(key), Count{}).first;
    }
    ++found->second.searches;
    found->second.without_result += results == 0 ? 1 : 0;
    found->second.results = results;
}

QueryLog::Counts QueryLog::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(counts_, {});
}

}  // namespace stoa::search
