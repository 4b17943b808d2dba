#include "import_online_retail_files.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "stoa/crypto/crypto.hpp"

extern char** environ;

namespace stoa::app {
namespace {

class FileBytes final : public Bytes {
public:
    explicit FileBytes(const std::string& path) : file_(path, std::ios::binary) {
        if (!file_) throw std::runtime_error("cannot read " + path);
    }
    std::size_t read(char* to, std::size_t size) override {
        file_.read(to, static_cast<std::streamsize>(size));
        return static_cast<std::size_t>(file_.gcount());
    }

private:
    std::ifstream file_;
};

// The output of a program; its failure is an error at the end, and leaving early ends it.
class ProgramBytes final : public Bytes {
public:
    ProgramBytes(const char* program, const std::string& path) : what_(std::string(program) + " -dc " + path) {
        int pipe[2];
        if (::pipe2(pipe, O_CLOEXEC) != 0) throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, pipe[1], 1);
        std::string name = program, unpack = "-dc", end = "--", file = path;
        char* arguments[] = {name.data(), unpack.data(), end.data(), file.data(), nullptr};
        const int failed = ::posix_spawnp(&pid_, program, &actions, nullptr, arguments, environ);
        posix_spawn_file_actions_destroy(&actions);
        ::close(pipe[1]);
        from_ = pipe[0];
        if (failed != 0) {
            ::close(from_);
            throw std::runtime_error(std::string(program) + " cannot be started (" + std::strerror(failed) +
                                     "); install the package of that name");
        }
    }
    ~ProgramBytes() override {
        if (from_ >= 0) ::close(from_);
        if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    }
    ProgramBytes(const ProgramBytes&) = delete;
    ProgramBytes& operator=(const ProgramBytes&) = delete;

    std::size_t read(char* to, std::size_t size) override {
        if (pid_ < 0) return 0;
        while (true) {
            const auto got = ::read(from_, to, size);
            if (got > 0) return static_cast<std::size_t>(got);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) throw std::runtime_error(what_ + ": " + std::strerror(errno));
            break;
        }
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error(what_ + " failed; is the file whole?");
        return 0;
    }

private:
    std::string what_;
    pid_t pid_ = -1;
    int from_ = -1;
};

bool digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!digits(text) || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// "2010-12-01 08:26:00". The file does not name a zone: what it says is kept, as if it were UTC.
std::optional<Timestamp> parse_time(std::string_view text) {
    if (text.size() != 19 || text[10] != ' ' || text[13] != ':' || text[16] != ':') return std::nullopt;
    const auto day = parse_iso_date(text.substr(0, 10));
    const auto hour = number(text.substr(11, 2)), minute = number(text.substr(14, 2)), second = number(text.substr(17, 2));
    if (!day || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    return start_of(*day) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

constexpr std::pair<std::string_view, std::string_view> kCountries[] = {
    {"Australia", "AU"},
    {"Austria", "AT"},
    {"Bahrain", "BH"},
    {"Belgium", "BE"},
    {"Brazil", "BR"},
    {"Canada", "CA"},
    {"Channel Islands", "JE"},  // Jersey or Guernsey: both are outside the VAT area
    {"Cyprus", "CY"},
    {"Czech Republic", "CZ"},
    {"Denmark", "DK"},
    {"EIRE", "IE"},
    {"Finland", "FI"},
    {"France", "FR"},
    {"Germany", "DE"},
    {"Greece", "GR"},
    {"Hong Kong", "HK"},
    {"Iceland", "IS"},
    {"Israel", "IL"},
    {"Italy", "IT"},
    {"Japan", "JP"},
    {"Lebanon", "LB"},
    {"Lithuania", "LT"},
    {"Malta", "MT"},
    {"Netherlands", "NL"},
    {"Norway", "NO"},
    {"Poland", "PL"},
    {"Portugal", "PT"},
    {"RSA", "ZA"},
    {"Saudi Arabia", "SA"},
    {"Singapore", "SG"},
    {"Spain", "ES"},
    {"Sweden", "SE"},
    {"Switzerland", "CH"},
    {"USA", "US"},
    {"United Arab Emirates", "AE"},
    {"United Kingdom", "GB"}};

}  // namespace

std::unique_ptr<Bytes> open_file(const std::string& path) {
    if (!std::ifstream(path)) throw std::runtime_error("cannot read " + path);
    if (path.ends_with(".zst")) return std::make_unique<ProgramBytes>("zstd", path);
    if (path.ends_with(".gz")) return std::make_unique<ProgramBytes>("gzip", path);
    return std::make_unique<FileBytes>(path);
}

std::string file_sha256(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::string out;
    for (const char c : crypto::sha256(bytes)) {
        constexpr std::string_view kHex = "0123456789abcdef";
        out += kHex[static_cast<unsigned char>(c) >> 4];
        out += kHex[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

int CsvStream::get() {
    if (at_ == end_) {
        end_ = bytes_.read(block_.data(), block_.size());
        at_ = 0;
        if (end_ == 0) return -1;
    }
    return static_cast<unsigned char>(block_[at_++]);
}

bool CsvStream::next(std::vector<std::string>& cells) {
    std::size_t used = 0;
    const auto begin_cell = [&]() -> std::string& {
        if (used == cells.size()) cells.emplace_back();
        cells[used].clear();
        return cells[used++];
    };
    int c = get();
    if (c < 0) {
        cells.clear();
        return false;
    }
    std::string* cell = &begin_cell();
    bool quoted = false;
    while (true) {
        if (c < 0) {
            if (quoted) throw std::runtime_error("a quoted cell is not closed before the end of the file");
            break;
        }
        if (quoted) {
            if (c != '"') {
                cell->push_back(static_cast<char>(c));
            } else {
                c = get();
                if (c != '"') {
                    quoted = false;
                    continue;
                }
                cell->push_back('"');
            }
        } else if (c == '"' && cell->empty()) {
            quoted = true;
        } else if (c == ',') {
            cell = &begin_cell();
        } else if (c == '\n') {
            break;
        } else if (c != '\r') {
            cell->push_back(static_cast<char>(c));
        }
        c = get();
    }
    cells.resize(used);
    return true;
}

std::string_view name_of(LineKind kind) {
    switch (kind) {
        case LineKind::sale:
            return "sale";
        case LineKind::unpriced:
            return "unpriced";
        case LineKind::write_off:
            return "write_off";
        case LineKind::cancellation:
            return "cancellation";
        case LineKind::adjustment:
            return "adjustment";
    }
    throw std::logic_error("line kind");
}

std::optional<std::int64_t> parse_milli_price(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const auto dot = text.find('.');
    const auto whole = text.substr(0, dot);
    const auto fraction = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
    if (!digits(whole) || whole.size() > 12 || fraction.size() > 3) return std::nullopt;
    if (dot != std::string_view::npos && !digits(fraction)) return std::nullopt;
    std::int64_t value = 0;
    for (const char c : whole) value = value * 10 + (c - '0');
    for (std::size_t i = 0; i < 3; ++i) value = value * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
    return negative ? -value : value;
}

std::optional<std::string_view> country_code(std::string_view name) {
    const auto found = std::ranges::find(kCountries, name, &std::pair<std::string_view, std::string_view>::first);
    if (found == std::end(kCountries)) return std::nullopt;
    return found->second;
}

std::optional<std::string> read_row(const std::vector<std::string>& cells, RetailRow& row) {
    if (cells.size() != 8) return "a row has 8 cells, this one has " + std::to_string(cells.size());
    row.document = cells[0];
    const bool credit = row.document.starts_with('C');
    const bool adjustment = row.document.starts_with('A');
    if (row.document.size() > 40 || !digits(std::string_view(row.document).substr(credit || adjustment ? 1 : 0)))
        return "InvoiceNo is a number, with C or A in front of it for cancellations and adjustments";
    row.code = cells[1];
    if (row.code.empty() || row.code.size() > 64) return "StockCode has 1 to 64 characters";
    row.sku = row.code;
    for (auto& c : row.sku) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    row.goods = std::ranges::find(kNotGoods, row.sku) == kNotGoods.end();
    row.description = cells[2];
    if (characters(row.description) > 300) return "Description has at most 300 characters";
    std::string_view quantity = cells[3];
    const auto [end, error] = std::from_chars(quantity.data(), quantity.data() + quantity.size(), row.quantity);
    if (quantity.empty() || error != std::errc() || end != quantity.data() + quantity.size()) return "Quantity is a whole number";
    if (row.quantity == 0) return "Quantity is not 0";
    if (row.quantity > 1'000'000'000 || row.quantity < -1'000'000'000) return "Quantity is below a thousand million";
    const auto at = parse_time(cells[4]);
    if (!at) return "InvoiceDate is written YYYY-MM-DD HH:MM:SS";
    row.at = *at;
    const auto price = parse_milli_price(cells[5]);
    if (!price) return "UnitPrice is a number with at most three decimals";
    row.price_milli = *price;
    row.customer = cells[6];
    if (!row.customer.empty() && (!digits(row.customer) || row.customer.size() > 20)) return "CustomerID is a number or empty";
    row.country_name = cells[7];
    if (row.country_name.empty() || characters(row.country_name) > 80) return "Country has 1 to 80 characters";
    if (adjustment) {
        row.kind = LineKind::adjustment;
    } else if (row.price_milli < 0) {
        return "UnitPrice is negative on something that is no adjustment";
    } else if (credit) {
        if (row.quantity > 0) return "Quantity is positive in a cancellation";
        row.kind = LineKind::cancellation;
    } else if (row.quantity < 0) {
        if (row.price_milli != 0) return "Quantity is negative with a price, and the row is no cancellation";
        row.kind = LineKind::write_off;
    } else {
        row.kind = row.price_milli == 0 ? LineKind::unpriced : LineKind::sale;
    }
    return std::nullopt;
}

}  // namespace stoa::app
