#include "domain/csv.hpp"

#include <algorithm>

namespace stoa::backoffice {
namespace {

char separator_of(std::string_view text) {
    const auto line = text.substr(0, text.find_first_of("\r\n"));
    char best = ',';
    for (const char c : {',', ';', '\t'}) {
        if (std::ranges::count(line, c) > std::ranges::count(line, best)) best = c;
    }
    return best;
}

bool is_number(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return !text.empty() && std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

// What a spreadsheet would take for a formula: it is written behind an apostrophe. So is what begins with apostrophes and goes on as a
// formula, for only then can the one in front be taken off again.
bool is_guarded(std::string_view cell) {
    const auto rest = cell.substr(std::min(cell.find_first_not_of('\''), cell.size()));
    return !rest.empty() && std::string_view("=+-@\t\r").find(rest.front()) != std::string_view::npos && !is_number(rest);
}

}  // namespace

std::optional<std::vector<CsvRow>> read_csv(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    const char separator = separator_of(text);
    std::vector<CsvRow> rows;
    std::size_t at = 0;
    while (at < text.size()) {
        CsvRow row;
        bool line_ended = false;
        while (!line_ended) {
            std::string cell;
            if (at < text.size() && text[at] == '"') {
                ++at;
                for (;;) {
                    if (at >= text.size()) return std::nullopt;
                    if (text[at] != '"') {
                        cell += text[at++];
                    } else if (at + 1 < text.size() && text[at + 1] == '"') {
                        cell += '"';
                        at += 2;
                    } else {
                        ++at;
                        break;
                    }
                }
                if (at < text.size() && text[at] != separator && text[at] != '\r' && text[at] != '\n') return std::nullopt;
            } else {
                while (at < text.size() && text[at] != separator && text[at] != '\r' && text[at] != '\n') cell += text[at++];
            }
            if (cell.starts_with('\'') && is_guarded(cell)) cell.erase(0, 1);
            row.push_back(std::move(cell));
            if (at >= text.size()) {
                line_ended = true;
            } else if (text[at] == separator) {
                ++at;
            } else {
                if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') ++at;
                ++at;
                line_ended = true;
            }
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string csv_line(const CsvRow& cells) {
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) out += ',';
        std::string cell = cells[i];
        if (is_guarded(cell)) cell.insert(cell.begin(), '\'');
        if (cell.find_first_of("\",;\t\r\n") == std::string::npos) {
            out += cell;
            continue;
        }
        out += '"';
        for (const char c : cell) {
            if (c == '"') out += '"';
            out += c;
        }
        out += '"';
    }
    return out + "\r\n";
}

}  // namespace stoa::backoffice
