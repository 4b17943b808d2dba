#pragma once
// The shop's own tax data, read from its migration, for tests without a database.
#include <fstream>
#include <regex>
#include <stdexcept>
#include <string>

#include "stoa/pricing/tax.hpp"

namespace stoa::pricing {

inline TaxTable shipped_tax_table() {
    std::ifstream file(std::string(STOA_SOURCE_DIR) + "/backend/modules/pricing/sql/migrations/0241_tax_rates.sql");
    const std::regex rate(R"rx(\('([A-Z]{2})', '([a-z]+)', '([0-9-]{10})', ([0-9]+), '([a-z]+)'\))rx");
    const std::regex member(R"rx(\('([A-Z]{2})', '([0-9-]{10})', (?:null|'([0-9-]{10})')\))rx");
    std::vector<TaxRow> rows;
    std::vector<EuMembership> members;
    std::smatch match;
    for (std::string line; std::getline(file, line);) {
        if (std::regex_search(line, match, rate)) {
            rows.push_back({match[1], match[2], parse_iso_date(match[3].str()).value(), std::stoll(match[4]),
                            json::from_name<Treatment>(match[5].str()).value()});
        } else if (std::regex_search(line, match, member)) {
            members.push_back(
                {match[1], parse_iso_date(match[2].str()).value(), match[3].matched ? parse_iso_date(match[3].str()) : std::nullopt});
        }
    }
    if (rows.size() < 200 || members.size() != 28) throw std::runtime_error("the tax data was not found");
    return {std::move(rows), std::move(members)};
}

}  // namespace stoa::pricing
