#pragma once
// What companies and groups of customers call the shop's variants, as CSV: company or group, part_number, sku.
#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "commands.hpp"
#include "stoa/catalog/part_numbers.hpp"
#include "stoa/catalog/reader.hpp"
#include "stoa/customers/groups.hpp"

namespace stoa::app {

struct PartNumbersResult {
    catalog::PartNumbers::Written written;
    struct Rejected {
        std::int64_t row;  // of the file, the header is row 1
        std::string reason;
    };
    std::vector<Rejected> rejected;
};
// Streams; a thousand rows are one transaction. A row that is refused keeps none of the others. Throws std::runtime_error for a file that
// cannot be understood at all.
PartNumbersResult import_part_numbers(db::Database& database, const Clock& clock, catalog::PartNumbers& numbers, catalog::Reader& reader,
                                      customers::Groups& groups, std::istream& csv, bool dry_run);
int run_part_numbers(const Config& config, const Arguments& arguments);

}  // namespace stoa::app
