#pragma once
// A merchant's new prices from a file of SKUs.
#include <cstdint>
#include <istream>
#include <vector>

#include "seed.hpp"

namespace stoa::app {

struct PriceImportResult {
    std::int64_t changed = 0;
    std::int64_t unchanged = 0;
    std::vector<ImportResult::Rejected> rejected;  // by row
};
// Prices of articles that are there, by SKU, into lists that are there. Thousands of rows a transaction. A dry run writes nothing.
PriceImportResult import_prices(const SeedDeps& deps, std::istream& csv, bool dry_run, const Progress& progress);

}  // namespace stoa::app
