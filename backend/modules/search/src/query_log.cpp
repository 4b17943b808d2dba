#include "query_log.hpp"

#include <vector>

#include "merchandising.hpp"
#include "sql/search.hpp"

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

void QueryLog::put_back(const Counts& counts) {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, count] : counts) {
        auto& now = counts_.try_emplace(key, Count{0, 0, count.results}).first->second;  // what was counted since is the newer result
        now.searches += count.searches;
        now.without_result += count.without_result;
    }
}

void QueryLog::keep(db::Database& database, Date today) {
    const auto counts = take();
    std::vector<std::string> locales, texts;
    std::vector<std::int64_t> searches, without_result, results;
    for (const auto& [key, count] : counts) {
        locales.push_back(key.first);
        texts.push_back(key.second);
        searches.push_back(count.searches);
        without_result.push_back(count.without_result);
        results.push_back(count.results);
    }
    try {
        database.in_tx([&](db::Tx& tx) {
            if (!locales.empty()) tx.exec(sql::add_queries, today, locales, texts, searches, without_result, results);
            tx.exec(sql::forget_queries, Date(std::chrono::sys_days(today) - std::chrono::days(kKeptDays)));
        });
    } catch (const db::CommitUnknown&) {
        throw;  // they may be there: counted too few times rather than twice
    } catch (...) {
        put_back(counts);
        throw;
    }
}

}  // namespace stoa::search
