#include "import_part_numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>

#include "import_csv.hpp"
#include "shop.hpp"
#include "stoa/companies/buyer_context.hpp"
#include "stoa/text/text.hpp"

namespace stoa::app {
namespace {

constexpr std::size_t kChunk = 1000;
constexpr std::size_t kMostRejected = 10'000;

// Leaves a transaction without its effects.
struct Undo {};

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

class Import {
public:
    Import(db::Database& database, const Clock& clock, catalog::PartNumbers& numbers, catalog::Reader& reader, customers::Groups& groups,
           std::istream& csv, bool dry_run)
        : database_(database), clock_(clock), numbers_(numbers), reader_(reader), groups_(groups), csv_(csv), dry_run_(dry_run) {}

    PartNumbersResult run() {
        std::vector<std::string> cells;
        if (!csv_.next(cells)) throw std::runtime_error("the file is empty");
        read_header(cells);
        for (;;) {
            try {
                if (!csv_.next(cells)) break;
            } catch (const CsvError& error) {
                if (error.fatal) throw;
                reject(csv_.row(), error.what());
                continue;
            }
            if (std::ranges::all_of(cells, [](const auto& cell) { return trimmed(cell).empty(); })) continue;
            take(cells);
            if (rows_.size() == kChunk) flush();
        }
        flush();
        return std::move(result_);
    }

private:
    struct Row {
        std::int64_t number;
        catalog::PartNumber part;
        std::string sku;
    };

    void reject(std::int64_t row, std::string reason) {
        if (result_.rejected.size() == kMostRejected) throw std::runtime_error("ten thousand rows are wrong; is this the right file?");
        result_.rejected.push_back({row, std::move(reason)});
    }

    void read_header(const std::vector<std::string>& names) {
        static const std::set<std::string> kKnown{"company", "group", "part_number", "sku"};
        std::string problems;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto name = text::lower(trimmed(names[i]));
            if (name.empty()) continue;
            if (!kKnown.contains(name))
                problems += (problems.empty() ? "" : ", ") + name;
            else if (!columns_.emplace(name, i).second)
                throw std::runtime_error("the column '" + name + "' occurs twice");
        }
        if (!problems.empty()) throw std::runtime_error("these columns are not understood: " + problems);
        for (const auto* needed : {"part_number", "sku"}) {
            if (!columns_.contains(needed)) throw std::runtime_error(std::string("the column '") + needed + "' is missing");
        }
        if (!columns_.contains("company") && !columns_.contains("group"))
            throw std::runtime_error("whose numbers are these? A column 'company' or 'group' says it");
    }

    [[nodiscard]] std::string get(const std::vector<std::string>& cells, const std::string& column) const {
        const auto found = columns_.find(column);
        return found == columns_.end() || found->second >= cells.size() ? std::string() : trimmed(cells[found->second]);
    }

    void take(const std::vector<std::string>& cells) {
        Row row;
        row.number = csv_.row();
        row.sku = get(cells, "sku");
        row.part.number = get(cells, "part_number");
        row.part.group = get(cells, "group");
        if (const auto company = get(cells, "company"); !company.empty()) {
            const auto id = companies::CompanyId::parse(company);
            if (!id) return reject(row.number, "company: '" + company + "' is not the id of a company, com_…");
            row.part.company = id->uuid();
        }
        if (row.part.group.empty() != row.part.company.has_value()) return reject(row.number, "name a company or a group, and not both");
        for (const auto& field : catalog::check(row.part)) return reject(row.number, "part_number: " + field.message);
        const auto owner = row.part.company ? row.part.company->to_string() : "group " + row.part.group;
        const auto [known, fresh] = seen_.emplace(owner + "\n" + catalog::normal_part_number(row.part.number), row.number);
        if (!fresh)
            return reject(row.number, fmt::format("part_number: '{}' is in row {} already, perhaps written another way", row.part.number,
                                                  known->second));
        rows_.push_back(std::move(row));
    }

    void flush() {
        if (rows_.empty()) return;
        std::vector<std::string> skus;
        for (const auto& row : rows_) {
            if (!row.sku.empty()) skus.push_back(row.sku);
        }
        std::vector<PartNumbersResult::Rejected> rejected;
        catalog::PartNumbers::Written written;
        try {
            database_.in_tx([&](db::Tx& tx) {
                rejected.clear();
                std::vector<catalog::PartNumber> put, end;
                const auto variants = reader_.variants_by_sku(tx, skus);
                std::map<std::string, bool> known_groups;
                for (auto& row : rows_) {
                    if (!row.part.company) {
                        const auto [known, fresh] = known_groups.emplace(row.part.group, false);
                        if (fresh) known->second = groups_.group_name(tx, row.part.group).has_value();
                        if (!known->second) {
                            rejected.push_back({row.number, "group: there is no group '" + row.part.group + "'"});
                            continue;
                        }
                    }
                    if (row.sku.empty()) {
                        end.push_back(row.part);
                        continue;
                    }
                    const auto variant = variants.find(row.sku);
                    if (variant == variants.end()) {
                        rejected.push_back({row.number, "sku: no variant has '" + row.sku + "'"});
                        continue;
                    }
                    row.part.variant = variant->second.first;
                    put.push_back(row.part);
                }
                written = numbers_.put_all(tx, put, clock_.now());
                const auto ended = numbers_.remove_all(tx, end);
                written.removed = ended.removed;
                written.unchanged += ended.unchanged;
                if (dry_run_) throw Undo{};
            });
        } catch (const Undo&) {
            // Everything was tried; nothing stays.
        }
        result_.written.added += written.added;
        result_.written.changed += written.changed;
        result_.written.unchanged += written.unchanged;
        result_.written.removed += written.removed;
        for (auto& one : rejected) reject(one.row, std::move(one.reason));
        rows_.clear();
    }

    db::Database& database_;
    const Clock& clock_;
    catalog::PartNumbers& numbers_;
    catalog::Reader& reader_;
    customers::Groups& groups_;
    CsvReader csv_;
    bool dry_run_;
    std::map<std::string, std::size_t> columns_;
    std::map<std::string, std::int64_t> seen_;
    std::vector<Row> rows_;
    PartNumbersResult result_;
};

}  // namespace

PartNumbersResult import_part_numbers(db::Database& database, const Clock& clock, catalog::PartNumbers& numbers, catalog::Reader& reader,
                                      customers::Groups& groups, std::istream& csv, bool dry_run) {
    auto result = Import(database, clock, numbers, reader, groups, csv, dry_run).run();
    std::ranges::sort(result.rejected, {}, &PartNumbersResult::Rejected::row);
    return result;
}

int run_part_numbers(const Config& config, const Arguments& arguments) {
    const bool dry_run = arguments.size() == 2 && arguments[1] == "--dry-run";
    if (arguments.empty() || arguments.size() > 2 || (arguments.size() == 2 && !dry_run))
        throw std::runtime_error("usage: stoa import part-numbers FILE.csv [--dry-run]");
    std::ifstream file(arguments[0], std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + arguments[0]);
    Shop shop(config, {.database_connections = 2, .search_feed = false});
    const auto result = import_part_numbers(shop.database, shop.clock, *shop.part_numbers, *shop.catalog_reader,
                                            customers::groups_of(*shop.customers), file, dry_run);
    for (const auto& rejected : result.rejected) fmt::print("row {}: {}\n", rejected.row, rejected.reason);
    fmt::print("{}: {} new, {} changed, {} removed, {} unchanged part numbers; {} rejected rows\n",
               dry_run ? "dry run, nothing was written" : "imported", result.written.added, result.written.changed, result.written.removed,
               result.written.unchanged, result.rejected.size());
    return result.rejected.empty() ? 0 : 4;
}

}  // namespace stoa::app
