#pragma once
// The shop's own tax data, read from its migrations, for tests without a database.
#include <fstream>
#include <map>
#include <regex>
#include <stdexcept>
#include <string>

#include "stoa/pricing/tax.hpp"

namespace stoa::pricing {

inline TaxTable shipped_tax_table() {
    const std::regex rate(R"rx(\('([A-Z]{2})', '([a-z]+)', '([0-9-]{10})', ([0-9]+), '([a-z]+)'\))rx");
    const std::regex member(R"rx(\('([A-Z]{2})', '([0-9-]{10})', (?:null|'([0-9-]{10})')\))rx");
    std::map<std::string, TaxRow> rows;  // a later migration corrects an earlier one
    std::vector<EuMembership> members;
    std::smatch match;
    for (const auto* name : {"0241_tax_rates.sql", "0242_food_rates.sql"}) {
        std::ifstream file(std::string(STOA_SOURCE_DIR) + "/backend/modules/pricing/sql/migrations/" + name);
        for (std::string line; std::getline(file, line);) {
            if (std::regex_search(line, match, rate)) {
                rows.insert_or_assign(match[1].str() + match[2].str() + match[3].str(),
                                      TaxRow{match[1], match[2], parse_iso_date(match[3].str()).value(), std::stoll(match[4]),
                                             json::from_name<Treatment>(match[5].str()).value()});
            } else if (std::regex_search(line, match, member)) {
                members.push_back(
                    {match[1], parse_iso_date(match[2].str()).value(), match[3].matched ? parse_iso_date(match[3].str()) : std::nullopt});
            }
        }
    }
    if (rows.size() < 200 || members.size() != 28) throw std::runtime_error("the tax data was not found");
    std::vector<TaxRow> list;
    for (auto& [key, row] : rows) list.push_back(std::move(row));
    return {std::move(list), std::move(members)};
}

}  // namespace stoa::pricing
