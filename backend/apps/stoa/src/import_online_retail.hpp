#pragma once
// Takes over the trade of a UK giftware wholesaler (the public "Online Retail" data set): its goods with both price lists, its
// customers, and every line of its books as history. Streams; each batch of rows and the note of how far it got are one
// transaction, so a second run goes on where the first was interrupted, and a third finds nothing to do.
#include <cstdint>
#include <string>
#include <vector>
#include "stoa/config/config.hpp"

#include "seed.hpp"
#include "stoa/customers/customers.hpp"

namespace stoa::app {

inline constexpr std::string_view kOnlineRetail = "online-retail";  // its history.source
inline constexpr std::string_view kTradeGroup = "trade";            // its customers; they see the wholesale list

struct OnlineRetailDeps {
    db::Database& database;
    const Clock& clock;
    catalog::Writer& catalog;
    pricing::PriceBook& prices;
    customers::Customers& customers;
};
struct OnlineRetailOptions {
    std::string directory;  // online-retail.csv.zst, products.csv.gz, price-points.csv.gz
    std::string rejects;    // CSV file for the rows that were refused; written when there are any
    std::int64_t batch_rows = 20000;
};
struct OnlineRetailResult {
    std::int64_t goods = 0;        // new ones
    std::int64_t with_breaks = 0;  // goods with a quantity break, old ones too
    std::int64_t customers = 0;    // met in this run
    std::int64_t rows_before = 0;  // taken over by earlier runs
    std::int64_t rows = 0;         // read in this run
    std::int64_t rejected = 0;     // in all runs
    std::int64_t stocked = 0;      // goods that got a stock level
};
// Throws std::runtime_error with a sentence when a file is missing or another one than an interrupted run began with.
OnlineRetailResult import_online_retail(const OnlineRetailDeps& deps, const OnlineRetailOptions& options, const Progress& progress);

struct Difference {
    std::string what;      // "by_month_sale.2011-03[0]"
    std::string expected;  // of the facts
    std::string actual;    // of the database
    bool same = false;
};
// Counts what the database holds, in whole numbers, and compares it with facts.json value by value. `facts` empty: only counts.
std::vector<Difference> verify_online_retail(db::Database& database, const std::string& facts);

// `stoa import online-retail DIRECTORY [--verify] [--rejects FILE]`
int run_online_retail(const Config& config, const std::vector<std::string>& arguments);

}  // namespace stoa::app
