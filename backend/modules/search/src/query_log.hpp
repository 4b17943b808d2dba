#pragma once
// What shoppers search for, counted in memory until it is written down. Bounded; knows no person.
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"

namespace stoa::search {

class QueryLog {
public:
    struct Count {
        std::int64_t searches = 0, without_result = 0, results = 0;
    };
    using Counts = std::map<std::pair<std::string, std::string>, Count>;  // locale, query

    void note(std::string_view locale, std::string_view query, std::int64_t results);
    [[nodiscard]] Counts take();
    // Writes down what was counted, and forgets what is older than kKeptDays. What cannot be written is counted on.
    void keep(db::Database& database, Date today);

    static constexpr int kKeptDays = 400;
    static constexpr std::size_t kMost = 5000;  // different queries; more are not counted until the next take()

private:
    void put_back(const Counts& counts);

    std::mutex mutex_;
    Counts counts_;
};

// Folded words; empty for what may be somebody's address or number.
[[nodiscard]] std::string loggable(std::string_view query);

}  // namespace stoa::search
