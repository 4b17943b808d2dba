#pragma once
// Loads the products that search judgements were made on (the public "Chorus Electronics" set), so that the running shop can be asked the
// judged queries. For measuring only: a product's address is its number in the judgements, and every price is the same.
#include <cstdint>
#include <string>
#include <vector>

#include "seed.hpp"
#include "stoa/config/config.hpp"

namespace stoa::app {

struct RelevanceDeps {
    db::Database& database;
    const Clock& clock;
    catalog::Writer& catalog;
    pricing::PriceBook& prices;
};
struct RelevanceResult {
    std::int64_t products = 0;    // in the file
    std::int64_t added = 0;       // of them new
    std::int64_t attributes = 0;  // that are kept apart; the other texts are joined into one
};
// Reads DIRECTORY/products.jsonl.zst. Throws std::runtime_error with a sentence when it cannot.
RelevanceResult import_relevance(const RelevanceDeps& deps, const std::string& directory, const Progress& progress);

// `stoa import relevance DIRECTORY`
int run_relevance(const Config& config, const std::vector<std::string>& arguments);

}  // namespace stoa::app
