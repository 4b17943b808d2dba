// CSV as merchants send it: the cells hold no more than the file, and a written cell is read again as it was.
#include <cstdlib>
#include <sstream>

#include "import_csv.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    {
        std::istringstream in(text);
        stoa::app::CsvReader reader(in);
        std::vector<std::string> cells;
        std::size_t bytes = 0, rows = 0;
        while (rows <= size + 1) {
            try {
                if (!reader.next(cells)) break;
            } catch (const stoa::app::CsvError& error) {
                if (error.fatal) break;
            }
            ++rows;
            for (const auto& cell : cells) bytes += cell.size();
        }
        if (rows > size + 1 || bytes > size * 2) std::abort();
    }
    // In quotes, anything but a NUL is a cell.
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '\0') return 0;
        quoted += c;
        if (c == '"') quoted += '"';
    }
    std::istringstream in("a,b\n" + quoted + "\",2\n");
    stoa::app::CsvReader reader(in);
    std::vector<std::string> cells;
    try {
        if (!reader.next(cells) || !reader.next(cells)) std::abort();
    } catch (const stoa::app::CsvError&) {  // too large, or no text
        return 0;
    }
    if (cells.size() != 2 || cells[0] != text || cells[1] != "2") std::abort();
    return 0;
}
