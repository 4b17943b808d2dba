#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "commands.hpp"
#include "import_online_retail.hpp"
#include "import_part_numbers.hpp"
#include "import_prices.hpp"
#include "import_relevance.hpp"
#include "seed.hpp"
#include "stoa/text/text.hpp"

namespace stoa::app {
namespace {

constexpr std::size_t kLongestShown = 100;

// One line, quoted when there is something to see.
std::string shown(const std::string& text) {
    if (text.empty()) return "nothing";
    std::string out;
    std::size_t position = 0;
    for (std::size_t count = 0; position < text.size() && count < kLongestShown; ++count) {
        const auto start = position;
        (void)text::next_code_point(text, position);
        out += text[start] == '\n' || text[start] == '\r' ? " " : text.substr(start, position - start);
    }
    return "'" + out + (position < text.size() ? "…'" : "'");
}

void print_change(const ProductChange& change) {
    fmt::print("{} {}\n", change.added ? "new    " : "changed", change.handle);
    for (const auto& field : change.fields) {
        const auto name = field.sku.empty() ? field.field : field.sku + " " + field.field;
        if (change.added)
            fmt::print("    {}: {}\n", name, shown(field.after));
        else
            fmt::print("    {}: {} -> {}\n", name, shown(field.before), shown(field.after));
    }
}

}  // namespace

int run_import(const Config& config, const Arguments& arguments) {
    if (!arguments.empty() && arguments[0] == kOnlineRetail)
        return run_online_retail(config, Arguments(arguments.begin() + 1, arguments.end()));
    if (!arguments.empty() && arguments[0] == "relevance") return run_relevance(config, Arguments(arguments.begin() + 1, arguments.end()));
    if (!arguments.empty() && arguments[0] == "part-numbers")
        return run_part_numbers(config, Arguments(arguments.begin() + 1, arguments.end()));
    if (arguments.size() < 2 || (arguments[0] != "catalogue" && arguments[0] != "prices"))
        throw std::runtime_error(
            "usage: stoa import catalogue FILE.csv [--dry-run] | prices FILE.csv [--dry-run] | part-numbers FILE.csv [--dry-run] | "
            "online-retail DIRECTORY [--verify] "
            "[--rejects FILE] | relevance DIRECTORY");
    ImportOptions options;
    for (std::size_t i = 2; i < arguments.size(); ++i) {
        if (arguments[i] == "--dry-run")
            options.dry_run = true;
        else
            throw std::runtime_error("'" + arguments[i] + "' is not an option of this import");
    }
    storage::init_images("stoa");
    options.directory = std::filesystem::path(arguments[1]).parent_path().string();
    if (options.dry_run) options.on_change = print_change;
    std::ifstream file(arguments[1], std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + arguments[1]);
    db::Database database(config.database_url, {.max_connections = 2, .statement_timeout = std::chrono::minutes{2}});
    SystemClock clock;
    const auto catalog = catalog::make_writer();
    const auto reader = catalog::make_reader();
    const auto content = content::make_writer();
    const auto prices = pricing::make_price_book();
    const auto inventory = inventory::make_inventory(clock);
    const auto media = storage::local_store(config.media_dir);
    const SeedDeps deps{database, clock, *catalog, *reader, *content, *prices, *inventory, *media};
    const Progress progress = [](const std::string& line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
    };
    if (arguments[0] == "prices") {
        const auto result = import_prices(deps, file, options.dry_run, progress);
        for (const auto& rejected : result.rejected) fmt::print("row {}: {}\n", rejected.row, rejected.reason);
        fmt::print("{}: {} changed, {} unchanged prices; {} rejected rows\n", options.dry_run ? "dry run, nothing was written" : "imported",
                   result.changed, result.unchanged, result.rejected.size());
        return result.rejected.empty() ? 0 : 4;
    }
    const auto result = import_catalogue(deps, file, options, progress);
    for (const auto& rejected : result.rejected) fmt::print("row {}: {}\n", rejected.row, rejected.reason);
    fmt::print("{}: {} new, {} changed, {} unchanged products; {} rejected rows\n",
               options.dry_run ? "dry run, nothing was written" : "imported", result.added, result.changed, result.unchanged,
               result.rejected.size());
    return result.rejected.empty() ? 0 : 4;
}

}  // namespace stoa::app
