#pragma once
// CSV as RFC 4180 writes it. Reading also takes semicolons and tabs, told by the first line, and a byte-order mark.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::backoffice {

using CsvRow = std::vector<std::string>;
// An empty line is a row of one empty cell, so that rows are counted as a spreadsheet does. nullopt: a quote is not closed, or something
// stands behind a closed one.
[[nodiscard]] std::optional<std::vector<CsvRow>> read_csv(std::string_view text);
// With the line end. A cell that a spreadsheet would take for a formula gets an apostrophe in front.
[[nodiscard]] std::string csv_line(const CsvRow& cells);

}  // namespace stoa::backoffice
