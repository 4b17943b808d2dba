#pragma once
// CSV as RFC 4180 writes it: quotes around cells with separators, quotes or line ends; "" inside quotes. The separator (comma,
// semicolon or tab) is taken from the first line. A byte-order mark is skipped. Reads as a stream.
#include <cstdint>
#include <istream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/money/money.hpp"

namespace stoa::app {

struct CsvError : std::runtime_error {
    CsvError(const std::string& message, bool fatal_) : std::runtime_error(message), fatal(fatal_) {}
    bool fatal;  // nothing more can be read
};

class CsvReader {
public:
    explicit CsvReader(std::istream& in) : in_(in) {}
    // False at the end.
    bool next(std::vector<std::string>& cells);
    // Number of the row read last; the header is 1. Line ends inside cells do not count.
    [[nodiscard]] std::int64_t row() const { return row_; }

private:
    void find_separator();
    std::istream& in_;
    std::int64_t row_ = 0;
    char separator_ = 0;
};

// Why this row cannot be one of the table below this header; empty when it can. A cell too many is often a decimal comma ("8,90"), and one
// too few a lost separator: taken as they come they would change prices. Empty cells at the end do not matter.
[[nodiscard]] std::string row_problem(const std::vector<std::string>& cells, const std::vector<std::string>& header);

// A price of more than nothing, with no more decimals than the currency has: "1.000" is a thousand somewhere.
[[nodiscard]] std::optional<Money> parse_price(std::string_view text, Currency currency);

}  // namespace stoa::app
