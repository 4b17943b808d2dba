#include "import_csv.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "stoa/text/text.hpp"

namespace stoa::app {
namespace {
constexpr std::size_t kLongestCell = 1 << 20;

std::size_t filled(const std::vector<std::string>& cells) {
    std::size_t count = cells.size();
    while (count > 0 && cells[count - 1].empty()) --count;
    return count;
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto start = at;
        // U+FFFD stands for what is broken, and for itself.
        if (text::next_code_point(text, at) == 0xFFFD && text.substr(start, at - start) != "\xEF\xBF\xBD") return false;
    }
    return true;
}
}  // namespace

void CsvReader::find_separator() {
    if (in_.peek() == 0xEF) {
        char mark[3];
        in_.read(mark, 3);
        if (!in_ || mark[1] != '\xBB' || mark[2] != '\xBF') throw CsvError("the file is not UTF-8", true);
    }
    const auto start = in_.tellg();
    std::string line;
    std::getline(in_, line);
    in_.clear();
    in_.seekg(start);
    std::size_t best = 0;
    separator_ = ',';
    for (const char candidate : {',', ';', '\t'}) {
        std::size_t count = 0;
        bool quoted = false;
        for (const char c : line) {
            if (c == '"') quoted = !quoted;
            if (c == candidate && !quoted) ++count;
        }
        if (count > best) {
            best = count;
            separator_ = candidate;
        }
    }
}

bool CsvReader::next(std::vector<std::string>& cells) {
    cells.clear();
    if (separator_ == 0) find_separator();
    if (in_.peek() == std::istream::traits_type::eof()) return false;
    ++row_;
    std::string cell;
    bool quoted = false;
    bool was_quoted = false;
    std::string problem;
    for (int c = in_.get();; c = in_.get()) {
        if (c == std::istream::traits_type::eof()) {
            if (quoted) throw CsvError("a quoted cell is not closed before the end of the file", true);
            break;
        }
        if (cell.size() > kLongestCell) throw CsvError("a cell is longer than a megabyte; is a quote missing?", true);
        const char ch = static_cast<char>(c);
        if (quoted) {
            if (ch != '"') {
                cell += ch;
            } else if (in_.peek() == '"') {
                cell += '"';
                in_.get();
            } else {
                quoted = false;
            }
        } else if (ch == '"' && cell.empty() && !was_quoted) {
            quoted = was_quoted = true;
        } else if (ch == separator_) {
            cells.push_back(std::move(cell));
            cell.clear();
            was_quoted = false;
        } else if (ch == '\n') {
            break;
        } else if (ch != '\r') {
            if (was_quoted) problem = "text follows a closing quote";
            cell += ch;
        }
    }
    cells.push_back(std::move(cell));
    if (!problem.empty()) throw CsvError(problem, false);
    return true;
}

std::string row_problem(const std::vector<std::string>& cells, const std::vector<std::string>& header) {
    if (filled(cells) > header.size() || cells.size() < filled(header))
        return fmt::format("{} cells instead of {}", std::max(filled(cells), std::min(cells.size(), header.size())), header.size());
    if (!std::ranges::all_of(cells, is_utf8)) return "the text is not UTF-8";
    return {};
}

std::optional<Money> parse_price(std::string_view text, Currency currency) {
    const auto point = text.find('.');
    if (point != std::string_view::npos && text.size() - point - 1 > static_cast<std::size_t>(currency.exponent())) return std::nullopt;
    const auto money = Money::parse_decimal(text, currency);
    return money && money->minor() > 0 ? money : std::nullopt;
}

}  // namespace stoa::app
