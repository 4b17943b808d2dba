// Prices alone, from a file of SKUs: what a merchant changes every week, for the whole catalogue. Thousands of rows are one transaction and
// a few statements; a run that was interrupted is repeated, and what is there already writes nothing.
#include "import_prices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <istream>
#include <map>
#include <optional>
#include <set>

#include "import_csv.hpp"
#include "sql/prices.hpp"
#include "stoa/text/text.hpp"

namespace stoa::app {
namespace {

constexpr std::size_t kRowsAtOnce = 5000;
constexpr std::string_view kPublicList = "eur-retail";

using Tiers = std::vector<std::pair<std::int64_t, std::int64_t>>;

struct PriceRow {
    std::int64_t number = 0;
    std::string sku, list, price, tiers;
};
struct List {
    pricing::PriceListId id;
    Currency currency;
};
struct Undo {};  // leaves a transaction without its effects

std::string trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return std::string(text);
}

class PriceImport {
public:
    PriceImport(const SeedDeps& deps, std::istream& csv, bool dry_run, const Progress& progress)
        : deps_(deps), reader_(csv), dry_run_(dry_run), progress_(progress) {}

    PriceImportResult run() {
        read_header();
        std::vector<PriceRow> rows;
        std::int64_t read = 0;
        for (bool more = true; more;) {
            std::vector<std::string> cells;
            try {
                more = reader_.next(cells);
            } catch (const CsvError& error) {
                reject(reader_.row(), error.what());
                if (error.fatal) break;
                continue;
            }
            if (more && !(cells.size() == 1 && cells[0].empty())) {
                if (auto problem = row_problem(cells, header_); !problem.empty()) {
                    reject(reader_.row(), std::move(problem));
                    continue;
                }
                const auto cell = [&](const std::optional<std::size_t>& column) {
                    return column && *column < cells.size() ? trimmed(cells[*column]) : std::string();
                };
                rows.push_back({reader_.row(), cell(sku_), cell(list_), cell(price_), cell(tiers_)});
                ++read;
            }
            if (rows.empty() || (more && rows.size() < kRowsAtOnce)) continue;
            write(rows);
            rows.clear();
            progress_(fmt::format("import: {} prices: {} changed, {} unchanged, {} rejected", read, result_.changed, result_.unchanged,
                                  result_.rejected.size()));
        }
        // A run that ends on a damaged file has still done what it could read.
        if (!rows.empty()) write(rows);
        std::ranges::sort(result_.rejected, {}, &ImportResult::Rejected::row);
        return std::move(result_);
    }

private:
    void read_header() {
        std::vector<std::string> names;
        if (!reader_.next(names)) throw std::runtime_error("the file is empty");
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto name = text::lower(trimmed(names[i]));
            if (name.empty()) continue;
            auto* column = name == "sku"     ? &sku_
                           : name == "list"  ? &list_
                           : name == "price" ? &price_
                           : name == "tiers" ? &tiers_
                                             : nullptr;
            if (!column)
                throw std::runtime_error("the column '" + name + "' is not understood; a file of prices has sku, list, price and tiers");
            if (*column) throw std::runtime_error("the column '" + name + "' occurs twice");
            *column = i;
        }
        header_ = std::move(names);
        if (!sku_ || !price_) throw std::runtime_error("the columns sku and price are needed");
    }
    void reject(std::int64_t row, std::string reason) { result_.rejected.push_back({row, std::move(reason)}); }

    void write(const std::vector<PriceRow>& rows) {
        std::vector<ImportResult::Rejected> rejected;
        std::set<std::pair<Uuid, Uuid>> written;
        std::int64_t changed = 0;
        try {
            deps_.database.in_tx([&](db::Tx& tx) {
                // Anew when the transaction is repeated.
                rejected.clear();
                written.clear();
                changed = 0;
                write_in(tx, rows, rejected, written, changed);
                if (dry_run_) throw Undo{};
            });
        } catch (const Undo&) {
        }
        result_.changed += changed;
        result_.unchanged += static_cast<std::int64_t>(written.size()) - changed;
        result_.rejected.insert(result_.rejected.end(), rejected.begin(), rejected.end());
        written_.merge(written);
    }

    void write_in(db::Tx& tx, const std::vector<PriceRow>& rows, std::vector<ImportResult::Rejected>& rejected,
                  std::set<std::pair<Uuid, Uuid>>& written, std::int64_t& changed) const {
        std::vector<std::string> skus;
        skus.reserve(rows.size());
        for (const auto& row : rows) skus.push_back(row.sku);
        const auto variants = deps_.reader.variants_by_sku(tx, skus);
        std::map<std::string, std::optional<List>> lists;
        std::map<std::string, std::vector<std::pair<catalog::VariantId, Tiers>>> by_list;
        const auto refuse = [&](const PriceRow& row, std::string reason) { rejected.push_back({row.number, std::move(reason)}); };
        for (const auto& row : rows) {
            const auto variant = variants.find(row.sku);
            if (row.sku.empty() || variant == variants.end()) {
                refuse(row, row.sku.empty() ? "the sku is empty" : "there is no article '" + row.sku + "'");
                continue;
            }
            const auto code = row.list.empty() ? std::string(kPublicList) : row.list;
            auto known = lists.find(code);
            if (known == lists.end()) known = lists.emplace(code, find_list(tx, code)).first;
            if (!known->second) {
                refuse(row, "there is no price list '" + code + "'");
                continue;
            }
            // A row that is refused says nothing: a later one for the same article is the first.
            Tiers tiers;
            try {
                tiers = tiers_of(row, known->second->currency);
            } catch (const std::invalid_argument& error) {
                refuse(row, error.what());
                continue;
            }
            const std::pair key(known->second->id.uuid(), variant->second.first.uuid());
            if (written_.contains(key) || !written.insert(key).second) {
                refuse(row, fmt::format("'{}' has had a price in '{}' in an earlier row", row.sku, code));
                continue;
            }
            by_list[code].emplace_back(variant->second.first, std::move(tiers));
        }
        const auto now = deps_.clock.now();
        for (auto& [code, prices] : by_list) {
            const auto& list = *lists.at(code);
            std::map<catalog::VariantId, Tiers> known;
            if (!tiers_) {
                std::vector<catalog::VariantId> ids;
                for (const auto& [variant, tiers] : prices) ids.push_back(variant);
                for (auto& entry : deps_.prices.entries(tx, list.id, ids)) {
                    if (!entry.valid_from) known.emplace(entry.variant, std::move(entry.tiers));
                }
            }
            std::vector<pricing::PriceEntry> entries;
            entries.reserve(prices.size());
            for (auto& [variant, tiers] : prices) {
                // Quantity prices that the file does not speak of stay, as far as they are still a reduction.
                if (const auto before = known.find(variant); before != known.end()) {
                    for (std::size_t at = 1; at < before->second.size(); ++at) {
                        if (before->second[at].second < tiers.back().second) tiers.push_back(before->second[at]);
                    }
                }
                entries.push_back({variant, std::move(tiers), {}, {}});
            }
            if (!entries.empty()) changed += deps_.prices.set_prices(tx, list.id, entries, now);
        }
    }

    static std::optional<List> find_list(db::Tx& tx, const std::string& code) {
        const auto rows = tx.query(sql::import_price_list, code);
        if (rows.empty()) return std::nullopt;
        return List{rows.front().get<pricing::PriceListId>("id"), rows.front().get<Currency>("currency")};
    }

    // "7.90" and "10=7.50|50=6.90".
    static Tiers tiers_of(const PriceRow& row, Currency currency) {
        const auto amount = [&](std::string_view text) {
            const auto money = parse_price(trimmed(text), currency);
            if (!money) throw std::invalid_argument(fmt::format("'{}' is not a price in {}", text, currency.code()));
            return money->minor();
        };
        Tiers out{{1, amount(row.price)}};
        std::string_view rest = row.tiers;
        while (!rest.empty()) {
            const auto end = std::min(rest.find('|'), rest.size());
            const auto part = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
            if (trimmed(part).empty()) continue;
            const auto refuse = [&](std::string_view why) { throw std::invalid_argument(fmt::format("tiers: '{}' {}", part, why)); };
            const auto equals = part.find('=');
            if (equals == std::string_view::npos) refuse("is not written as quantity=price");
            const auto quantity_text = trimmed(part.substr(0, equals));
            std::int64_t quantity = 0;
            const auto [last, error] = std::from_chars(quantity_text.data(), quantity_text.data() + quantity_text.size(), quantity);
            if (error != std::errc() || last != quantity_text.data() + quantity_text.size()) refuse("has no quantity");
            if (quantity <= out.back().first) refuse("must start at a higher quantity than the one before");
            const auto price = amount(part.substr(equals + 1));
            if (price >= out.back().second) refuse("must cost less than the one before");
            out.emplace_back(quantity, price);
        }
        if (out.size() > 50) throw std::invalid_argument("tiers: more than 50");
        return out;
    }

    const SeedDeps& deps_;
    CsvReader reader_;
    bool dry_run_;
    const Progress& progress_;
    std::optional<std::size_t> sku_, list_, price_, tiers_;
    std::vector<std::string> header_;
    std::set<std::pair<Uuid, Uuid>> written_;  // list and variant
    PriceImportResult result_;
};

}  // namespace

PriceImportResult import_prices(const SeedDeps& deps, std::istream& csv, bool dry_run, const Progress& progress) {
    return PriceImport(deps, csv, dry_run, progress).run();
}

}  // namespace stoa::app
