#pragma once
// The files of the data set: packed CSV, read as a stream through the unpacking programs.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/clock/clock.hpp"

namespace stoa::app {

// Where the text of a CSV file comes from.
class Bytes {
public:
    virtual ~Bytes() = default;
    virtual std::size_t read(char* to, std::size_t size) = 0;  // 0 at the end
};
// By the name's end: .zst and .gz are unpacked by zstd and gzip, anything else is read as it is.
[[nodiscard]] std::unique_ptr<Bytes> open_file(const std::string& path);
[[nodiscard]] std::string file_sha256(const std::string& path);  // hex

// Comma-separated, double quotes, "" inside them; rows of any number of cells.
class CsvStream {
public:
    explicit CsvStream(Bytes& bytes) : bytes_(bytes), block_(1 << 18) {}
    // False at the end. Throws std::runtime_error for a quote that is never closed.
    bool next(std::vector<std::string>& cells);

private:
    int get();
    Bytes& bytes_;
    std::vector<char> block_;
    std::size_t at_ = 0, end_ = 0;
};

enum class LineKind { sale, unpriced, write_off, cancellation, adjustment };
[[nodiscard]] std::string_view name_of(LineKind kind);

// One row of online-retail.csv, checked.
struct RetailRow {
    std::string document, code, sku, description, customer, country_name;
    LineKind kind = LineKind::sale;
    bool goods = false;
    std::int64_t quantity = 0;
    std::int64_t price_milli = 0;
    Timestamp at{};
};
// Fills `row`; otherwise says what is wrong.
[[nodiscard]] std::optional<std::string> read_row(const std::vector<std::string>& cells, RetailRow& row);
// Whole thousandths: "2.55", "-11062.06", "0.001". Nothing for more than three decimals.
[[nodiscard]] std::optional<std::int64_t> parse_milli_price(std::string_view text);
// ISO code of a country as the file names it; nothing for "Unspecified" and "European Community".
[[nodiscard]] std::optional<std::string_view> country_code(std::string_view name);
// Codes that are no goods: carriage, fees, samples, entries by hand.
inline constexpr std::array<std::string_view, 10> kNotGoods{"AMAZONFEE", "B", "BANK CHARGES", "C2", "CRUK", "D", "DOT", "M", "POST", "S"};

}  // namespace stoa::app
