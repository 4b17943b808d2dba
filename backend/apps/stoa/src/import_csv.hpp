#pragma once
// CSV as RFC 4180 writes it: quotes around cells with separators, quotes or line ends; "" inside quotes. The separator (comma,
// semicolon or tab) is taken from the first line. A byte-order mark is skipped. Reads as a stream.
#include <cstdint>
#include <istream>
#include <stdexcept>
#include <string>
#include <vector>

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

}  // namespace stoa::app
