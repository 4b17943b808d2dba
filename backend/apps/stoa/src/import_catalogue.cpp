#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <istream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "import_csv.hpp"
#include "seed.hpp"
#include "sql/import.hpp"
#include "stoa/catalog/rules.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/text/text.hpp"

namespace stoa::app {
namespace {

using catalog::AttributeKind;

// A product is refused with all its rows; `row` is the one to look at, 0 when it is not one alone.
struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
    Refused(std::int64_t row_, const std::string& reason) : std::runtime_error(reason), row(row_) {}
    std::int64_t row = 0;
};
// Leaves a transaction without its effects.
struct Undo {};

enum class Outcome { added, changed, unchanged };

template <class T>
T must(Result<T> result) {
    if (!result) {
        std::string reason = result.error().message;
        for (const auto& field : result.error().fields) {
            const auto text = field.pointer + ": " + field.message;
            if (reason.find(text) == std::string::npos) reason += " " + text;
        }
        throw Refused(reason);
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

struct Row {
    std::int64_t number;
    std::vector<std::string> cells;
};

constexpr std::string_view kKnownColumns[] = {"handle",
                                              "type",
                                              "category",
                                              "brand",
                                              "name",
                                              "subtitle",
                                              "description",
                                              "keywords",
                                              "slug",
                                              "sku",
                                              "barcode",
                                              "price",
                                              "compare_at",
                                              "tiers",
                                              "stock",
                                              "weight_g",
                                              "length_mm",
                                              "width_mm",
                                              "height_mm",
                                              "tax_class",
                                              "status",
                                              "published_from",
                                              "published_until",
                                              "handling_days",
                                              "images",
                                              "collections",
                                              "active",
                                              "backorder",
                                              "backorder_limit",
                                              "expected_on"};
constexpr std::string_view kPriceColumns[] = {"price", "compare_at", "tiers"};
constexpr std::string_view kPaper = "#f1eee7";  // what cut-out pictures stand on
constexpr std::uintmax_t kLargestPicture = 40 << 20;

// What a product looks like in the words of the file: (SKU or nothing, column) → text.
using Facts = std::map<std::pair<std::string, std::string>, std::string>;

class Header {
public:
    explicit Header(const std::vector<std::string>& names) {
        std::string problems;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto name = text::lower(trim(names[i]));
            if (name.empty()) continue;
            const auto base = name.substr(0, name.find(':'));
            const auto rest = name.find(':') == std::string::npos ? std::string() : name.substr(name.find(':') + 1);
            const bool localised = base == "name" || base == "subtitle" || base == "description" || base == "keywords" || base == "slug";
            const bool fine = (rest.empty() && std::ranges::find(kKnownColumns, base) != std::end(kKnownColumns)) ||
                              (localised && catalog::locale_index(rest) >= 0) ||
                              (is_price(base) && Currency::parse(upper(rest)).has_value()) ||
                              ((base == "option" || base == "attribute") && !rest.empty());
            if (!fine)
                problems += (problems.empty() ? "" : ", ") + name;
            else if (!columns_.emplace(name, i).second)
                throw std::runtime_error("the column '" + name + "' occurs twice");
        }
        if (!problems.empty()) throw std::runtime_error("these columns are not understood: " + problems);
        // "price" without a currency is that of EUR.
        for (const auto base : kPriceColumns) {
            const auto plain = columns_.find(std::string(base));
            if (plain == columns_.end()) continue;
            const auto index = plain->second;
            columns_.erase(plain);
            if (!columns_.emplace(std::string(base) + ":eur", index).second)
                throw std::runtime_error(fmt::format("the columns '{0}' and '{0}:eur' are the same", base));
        }
        for (const auto base : {"compare_at:", "tiers:"}) {
            for (const auto& currency : after(base)) {
                if (!has("price:" + currency))
                    throw std::runtime_error(fmt::format("the column '{0}{1}' needs the column 'price:{1}'", base, currency));
            }
        }
        for (const auto needed : {"handle", "name", "sku"}) {
            if (!columns_.contains(needed)) throw std::runtime_error(std::string("the column '") + needed + "' is missing");
        }
    }
    [[nodiscard]] std::string get(const Row& row, const std::string& column) const {
        const auto found = columns_.find(column);
        return found == columns_.end() || found->second >= row.cells.size() ? std::string() : std::string(trim(row.cells[found->second]));
    }
    [[nodiscard]] bool has(const std::string& column) const { return columns_.contains(column); }
    // What follows "option:", with the column's name.
    [[nodiscard]] std::vector<std::string> after(const std::string& prefix) const {
        std::vector<std::string> out;
        for (const auto& [name, index] : columns_) {
            if (name.starts_with(prefix)) out.push_back(name.substr(prefix.size()));
        }
        return out;
    }
    [[nodiscard]] static bool is_price(std::string_view base) { return std::ranges::find(kPriceColumns, base) != std::end(kPriceColumns); }
    static std::string_view trim(std::string_view text) {
        while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
        while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
        return text;
    }
    static std::string upper(std::string text) {
        for (auto& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        return text;
    }

private:
    std::map<std::string, std::size_t> columns_;
};

std::int64_t whole(const std::string& text, const std::string& column) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0)
        throw Refused(column + ": '" + text + "' is not a whole number");
    return value;
}

// "a | b" → the parts that are not empty.
std::vector<std::string> split(const std::string& cell) {
    std::vector<std::string> out;
    std::size_t start = 0;
    while (start <= cell.size()) {
        const auto end = std::min(cell.find('|', start), cell.size());
        const auto part = Header::trim(std::string_view(cell).substr(start, end - start));
        if (!part.empty()) out.emplace_back(part);
        start = end + 1;
    }
    return out;
}
std::string join(const std::vector<std::string>& parts) { return fmt::format("{}", fmt::join(parts, "|")); }

std::string milli_text(std::int64_t milli) {
    auto text = fmt::format("{}{}.{:03}", milli < 0 ? "-" : "", std::abs(milli) / 1000, std::abs(milli) % 1000);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
}

using Tiers = std::vector<std::pair<std::int64_t, std::int64_t>>;

// The price of one variant in one list, taken apart.
struct Stored {
    Tiers base;
    std::optional<pricing::PriceEntry> sale;  // the scheduled price that applies now
    [[nodiscard]] bool reduced() const { return sale && !base.empty() && sale->tiers.front().second < base.front().second; }
};
using StoredPrices = std::map<std::string, std::map<catalog::VariantId, Stored>>;  // by currency in small letters

std::string tiers_text(const Tiers& tiers, Currency currency) {
    std::vector<std::string> parts;
    for (std::size_t i = 1; i < tiers.size(); ++i)
        parts.push_back(fmt::format("{}={}", tiers[i].first, Money(tiers[i].second, currency).to_decimal()));
    return join(parts);
}

std::string_view picture_type(std::string_view bytes) {
    if (bytes.starts_with("\x89PNG")) return "image/png";
    if (bytes.starts_with("\xFF\xD8")) return "image/jpeg";
    if (bytes.starts_with("RIFF")) return "image/webp";
    return "image/avif";
}

class Import {
public:
    Import(const SeedDeps& deps, std::istream& csv, const ImportOptions& options, const Progress& progress)
        : deps_(deps), in_(csv), start_(csv.tellg()), options_(options), progress_(progress) {}

    ImportResult run() {
        survey();
        in_.clear();
        in_.seekg(start_);
        CsvReader reader(in_);
        std::vector<Row> product;
        std::int64_t rows = 0;
        Row row;
        (void)reader.next(row.cells);  // the header
        while (true) {
            bool more = false;
            try {
                more = reader.next(row.cells);
            } catch (const CsvError& error) {
                if (!error.fatal) continue;  // the survey has told it
            }
            row.number = reader.row();
            if (more && (is_blank(row.cells) || problems_.contains(row.number))) continue;
            if (!product.empty() && (!more || header_->get(row, "handle") != header_->get(product.front(), "handle"))) {
                one(product);
                product.clear();
            }
            if (!more) break;
            if (++rows % 1000 == 0) announce_members();
            if (rows % 1000 == 0)
                progress_(fmt::format("import: {} rows: {} new, {} changed, {} unchanged, {} rejected", rows, result_.added,
                                      result_.changed, result_.unchanged, result_.rejected.size()));
            product.push_back(row);
        }
        // Also what a run that was killed had no time to announce: this one may find every product as the file has it.
        members_changed_ = members_changed_ || header_->has("collections");
        announce_members();
        std::ranges::stable_sort(result_.rejected, {}, &ImportResult::Rejected::row);
        return result_;
    }

private:
    // Everybody who keeps the catalogue loads all of it then: once for many products, not for each.
    void announce_members() {
        if (!members_changed_ || options_.dry_run) return;
        deps_.database.in_tx([&](db::Tx& tx) { deps_.catalog.announce_bulk_change(tx); });
        members_changed_ = false;
    }

    static bool is_blank(const std::vector<std::string>& cells) { return cells.size() == 1 && cells[0].empty(); }

    // A first look at every row, before anything is written: a product is taken with all its rows or not at all, since a variant without a
    // row is taken off sale. A row that cannot be taken damages the product that it names, or the one before it when it names none.
    void survey() {
        CsvReader reader(in_);
        std::vector<std::string> header;
        if (!reader.next(header)) throw std::runtime_error("the file is empty");
        header_.emplace(header);
        struct Lost {
            std::int64_t row;
            std::string handle, before;
        };
        std::vector<Lost> lost;
        std::set<std::string> seen;
        std::string current;
        while (true) {
            Row row;
            std::string problem;
            bool more = true;
            bool fatal = false;
            try {
                more = reader.next(row.cells);
            } catch (const CsvError& error) {
                problem = error.what();
                fatal = error.fatal;
            }
            row.number = reader.row();
            if (!more) break;
            if (problem.empty() && is_blank(row.cells)) continue;
            if (problem.empty()) problem = row_problem(row.cells, header);
            const auto handle = fatal ? std::string() : header_->get(row, "handle");
            if (problem.empty() && handle.empty()) problem = "the handle is empty";
            if (!problem.empty()) {
                lost.push_back({row.number, handle, current});
                result_.rejected.push_back({row.number, problem});
                problems_.insert(row.number);
                if (fatal) break;
                continue;
            }
            if (handle == current) continue;
            if (!seen.insert(handle).second)
                damaged_.try_emplace(handle,
                                     fmt::format("'{}' comes again in row {}; rows of one product belong together", handle, row.number));
            current = handle;
        }
        for (const auto& row : lost) {
            const auto& handle = seen.contains(row.handle) ? row.handle : row.before;
            damaged_.try_emplace(handle, fmt::format("row {} of this product cannot be taken", row.row));
        }
    }

    void one(const std::vector<Row>& rows) {
        const auto refuse = [&](const std::string& reason) {
            for (const auto& row : rows) result_.rejected.push_back({row.number, reason});
        };
        if (const auto damage = damaged_.find(header_->get(rows.front(), "handle")); damage != damaged_.end())
            return refuse(damage->second);
        try {
            const auto outcome = write(rows);
            (outcome == Outcome::added ? result_.added : outcome == Outcome::changed ? result_.changed : result_.unchanged) += 1;
        } catch (const Refused& refused) {
            for (const auto& row : rows) {
                const bool elsewhere = refused.row != 0 && refused.row != row.number;
                result_.rejected.push_back(
                    {row.number, elsewhere ? fmt::format("row {}: {}", refused.row, refused.what()) : refused.what()});
            }
        } catch (const std::invalid_argument& refused) {
            refuse(refused.what());
        } catch (const db::RetryableError&) {
            throw;
        } catch (const db::Unavailable&) {
            throw;
        } catch (const db::DbError& refused) {
            // A value that only the database knows to be wrong: this product's, not the end of the run.
            refuse(fmt::format("the database refuses it: {}", refused.what()));
        }
    }

    // Everything for real, in one transaction; undone when nothing changed or nothing shall.
    Outcome write(const std::vector<Row>& rows) {
        Outcome outcome = Outcome::unchanged;
        ProductChange change;
        // What a transaction added to the structure is gone when it is undone, or repeated.
        const auto forget_own = [&] {
            if (structure_changed_) structure_.reset();
            structure_changed_ = false;
        };
        struct Finally {
            const decltype(forget_own)& run;
            ~Finally() { run(); }
        } const finally{forget_own};
        try {
            deps_.database.in_tx([&](db::Tx& tx) {
                forget_own();
                change = {header_->get(rows.front(), "handle"), false, {}};
                outcome = write_in(tx, rows, change);
                if (options_.dry_run || outcome == Outcome::unchanged) throw Undo{};
            });
        } catch (const Undo&) {
        }
        if (outcome != Outcome::unchanged && options_.on_change) options_.on_change(change);
        return outcome;
    }

    // Read once, and again after this run changed it.
    const catalog::Structure& structure(db::Tx& tx) {
        if (!structure_) structure_ = deps_.reader.structure(tx);
        return *structure_;
    }
    void forget_structure() {
        structure_.reset();
        structure_changed_ = true;
    }
    // Nobody edits it in the back office until the end of the transaction.
    static void lock(db::Tx& tx, std::string_view resource, std::string_view id) {
        tx.query(sql::import_lock, fmt::format("{}:{}", resource, id));
    }

    // ---- what it looks like ---------------------------------------------------------------------------------------------
    static std::string category_path(const catalog::Structure& structure, const catalog::CategoryId& id) {
        const auto found = std::ranges::find(structure.categories, id, &catalog::Category::id);
        if (found == structure.categories.end()) return id.to_string();
        std::string out;
        for (const auto& step : found->path) {
            const auto part = std::ranges::find(structure.categories, step, &catalog::Category::id);
            if (part == structure.categories.end()) continue;
            const auto name = part->texts.find("en");
            out += (out.empty() ? "" : " > ") + (name == part->texts.end() ? part->handle : name->second.name);
        }
        return out;
    }

    Facts facts(db::Tx& tx, const catalog::ProductBatch& batch) {
        Facts out;
        const auto& product = batch.products.at(0);
        const auto put = [&](const std::string& sku, const std::string& field, std::string value) {
            if (!value.empty()) out.emplace(std::pair(sku, field), std::move(value));
        };
        const auto moment = [](const std::optional<Timestamp>& at) { return at ? to_rfc3339(*at) : std::string(); };
        put("", "type", product.type);
        put("", "brand", product.brand);
        put("", "tax_class", product.tax_class);
        put("", "handling_days", std::to_string(product.handling_days));
        put("", "status",
            product.status == catalog::ProductStatus::active  ? "active"
            : product.status == catalog::ProductStatus::draft ? "draft"
                                                              : "archived");
        put("", "published_from", moment(product.published_from));
        put("", "published_until", moment(product.published_until));
        if (product.category) put("", "category", category_path(structure(tx), *product.category));
        for (const auto& [locale, text] : product.texts) {
            const auto suffix = locale == "en" ? std::string() : ":" + locale;
            put("", "name" + suffix, text.name);
            put("", "subtitle" + suffix, text.subtitle);
            put("", "description" + suffix, text.description);
            put("", "keywords" + suffix, text.keywords);
            put("", "slug" + suffix, text.slug);
        }
        for (const auto& setting : product.attributes) {
            std::string value = join(setting.values);
            if (setting.number_milli) value = milli_text(*setting.number_milli);
            if (setting.flag) value = *setting.flag ? "yes" : "no";
            if (const auto text = setting.text.find("en"); text != setting.text.end()) value = text->second;
            put("", "attribute:" + setting.attribute, std::move(value));
        }
        std::map<catalog::AssetId, std::string> names;
        for (const auto& asset : batch.assets) names.emplace(asset.id, asset.name);
        std::vector<std::string> pictures;
        for (const auto& media : product.media) {
            auto name = names[media.asset];
            for (const auto& [option, value] : media.options) name += " (" + option + " " + value + ")";
            pictures.push_back(std::move(name));
        }
        put("", "images", join(pictures));
        std::vector<std::string> collections;
        for (const auto row : tx.query(sql::import_collections_of, product.id)) collections.push_back(row.get<std::string>("handle"));
        put("", "collections", join(collections));

        std::vector<catalog::VariantId> ids;
        for (const auto& variant : product.variants) ids.push_back(variant.id);
        const auto levels = deps_.inventory.levels(tx, ids);
        const auto prices = stored_prices(tx, ids);
        for (const auto& variant : product.variants) {
            const auto measure = [&](const char* field, std::int64_t value) {
                if (value != 0) put(variant.sku, field, std::to_string(value));
            };
            put(variant.sku, "active", variant.active ? "yes" : "no");
            put(variant.sku, "barcode", variant.barcode);
            measure("weight_g", variant.weight_grams);
            measure("length_mm", variant.length_mm);
            measure("width_mm", variant.width_mm);
            measure("height_mm", variant.height_mm);
            for (const auto& [option, value] : variant.options) put(variant.sku, "option:" + option, value);
            if (variant.image) put(variant.sku, "images", names[*variant.image]);
            if (const auto level = levels.find(variant.id); level != levels.end()) put_stock(put, variant.sku, level->second);
            for (const auto& [code, by_variant] : prices) {
                const auto found = by_variant.find(variant.id);
                if (found == by_variant.end()) continue;
                const auto currency = *Currency::parse(Header::upper(code));
                const auto& stored = found->second;
                const auto amount = [&](const Tiers& tiers) { return Money(tiers.front().second, currency).to_decimal(); };
                if (stored.sale) put(variant.sku, "price:" + code, amount(stored.sale->tiers));
                if (!stored.base.empty()) {
                    put(variant.sku, stored.sale ? "compare_at:" + code : "price:" + code, amount(stored.base));
                    put(variant.sku, "tiers:" + code, tiers_text(stored.base, currency));
                }
            }
        }
        return out;
    }

    // The prices that the file speaks of, as they are now.
    StoredPrices stored_prices(db::Tx& tx, const std::vector<catalog::VariantId>& variants) {
        StoredPrices out;
        const auto now = deps_.clock.now();
        for (const auto& code : header_->after("price:")) {
            const auto list = deps_.prices.find_list(tx, code + "-retail");
            if (!list) continue;
            auto& by_variant = out[code];
            for (auto& entry : deps_.prices.entries(tx, *list, variants)) {
                auto& stored = by_variant[entry.variant];
                if (!entry.valid_from)
                    stored.base = std::move(entry.tiers);
                else if (*entry.valid_from <= now && (!entry.valid_until || now < *entry.valid_until))
                    stored.sale = std::move(entry);  // they come by their start: the last one counts
            }
        }
        return out;
    }

    // ---- parts of a product ---------------------------------------------------------------------------------------------
    catalog::CategoryId category(db::Tx& tx, const std::string& path) {
        std::optional<catalog::CategoryId> parent;
        std::string handle;
        std::size_t start = 0;
        while (start <= path.size()) {
            const auto end = std::min(path.find('>', start), path.size());
            const auto name = std::string(Header::trim(std::string_view(path).substr(start, end - start)));
            if (name.empty()) throw Refused("category: '" + path + "' has an empty part");
            handle += (handle.empty() ? "" : "-") + text::slugify(name);
            const auto rows = tx.query(sql::import_category, handle);
            if (rows.empty()) {
                catalog::Category record;
                record.handle = handle;
                record.parent = parent;
                record.texts["en"].name = name;
                parent = must(deps_.catalog.upsert_category(tx, record));
                forget_structure();
            } else {
                parent = rows.front().get<catalog::CategoryId>("id");
            }
            start = end + 1;
        }
        return *parent;
    }

    // Whether the type, its attributes and their values are all there. Notes the kinds.
    bool knows(const catalog::Structure& structure, const std::string& type,
               const std::map<std::string, std::map<std::string, std::string>>& values) {
        const auto known_type = std::ranges::find(structure.types, type, &catalog::ProductType::code);
        if (known_type == structure.types.end()) return false;
        for (const auto& [code, wanted] : values) {
            const auto attribute = std::ranges::find(structure.attributes, code, &catalog::Attribute::code);
            if (attribute == structure.attributes.end() || std::ranges::find(known_type->attributes, code) == known_type->attributes.end())
                return false;
            kinds_[code] = attribute->kind;
            if (attribute->kind != AttributeKind::choice) continue;
            for (const auto& [value, label] : wanted) {
                if (std::ranges::find(attribute->values, value, &catalog::AttributeValue::code) == attribute->values.end()) return false;
            }
        }
        return true;
    }

    // Attributes, values and types that the file uses for the first time.
    void ensure_vocabulary(db::Tx& tx, const std::string& type, const std::map<std::string, std::map<std::string, std::string>>& values,
                           const std::map<std::string, bool>& numeric) {
        if (knows(structure(tx), type, values)) return;
        // Written back whole: not over what somebody adds at this moment.
        lock(tx, "product_types", type);
        for (const auto& [code, wanted] : values) lock(tx, "attributes", code);
        forget_structure();
        const auto fresh = deps_.reader.structure(tx);
        catalog::ProductType record{type, {{"en", type}}, {}};
        for (const auto& known : fresh.types) {
            if (known.code == type) record = known;
        }
        bool type_changed = std::ranges::none_of(fresh.types, [&](const auto& known) { return known.code == type; });
        for (const auto& [code, wanted] : values) {
            auto found = std::ranges::find(fresh.attributes, code, &catalog::Attribute::code);
            const bool unknown = found == fresh.attributes.end();
            catalog::Attribute attribute;
            if (unknown) {
                attribute.code = code;
                attribute.kind = numeric.at(code) ? AttributeKind::number : AttributeKind::choice;
                attribute.names["en"] = code;
                attribute.position = static_cast<int>(fresh.attributes.size());
            } else {
                attribute = *found;
            }
            bool changed = unknown;
            if (attribute.kind == AttributeKind::choice) {
                for (const auto& [value, label] : wanted) {
                    if (std::ranges::find(attribute.values, value, &catalog::AttributeValue::code) != attribute.values.end()) continue;
                    attribute.values.push_back({value, {{"en", label}}, {}});
                    changed = true;
                }
            }
            if (changed) must(deps_.catalog.upsert_attribute(tx, attribute));
            if (std::ranges::find(record.attributes, code) == record.attributes.end()) {
                record.attributes.push_back(code);
                type_changed = true;
            }
            kinds_[code] = attribute.kind;
        }
        if (type_changed) must(deps_.catalog.upsert_type(tx, record));
    }

    // Drawing it reads the whole picture, so that one which breaks off is noticed here.
    static std::string placeholder_of(const std::string& path, const std::string& bytes) {
        try {
            return storage::placeholder_uri(bytes);
        } catch (const std::runtime_error& damage) {
            throw Refused("images: '" + path + "' cannot be read: " + damage.what());
        }
    }

    // The picture at a path beside the file. `known`: what the product showed before; what staff noted on such a picture stays.
    catalog::AssetId picture(db::Tx& tx, const std::string& path, const catalog::Texts& alt, const catalog::ProductBatch& known) {
        auto found = pictures_.find(path);
        if (found == pictures_.end()) {
            const std::filesystem::path relative(path);
            if (relative.is_absolute() || std::ranges::any_of(relative, [](const auto& part) { return part == ".."; }))
                throw Refused("images: '" + path + "' must be a path below the file's directory");
            const auto full = std::filesystem::path(options_.directory) / relative;
            std::error_code error;
            const auto size = std::filesystem::file_size(full, error);
            if (error) throw Refused("images: there is no file '" + path + "'");
            if (size > kLargestPicture) throw Refused("images: '" + path + "' is larger than 40 MB");
            std::ifstream in(full, std::ios::binary);
            std::ostringstream buffer;
            buffer << in.rdbuf();
            const auto bytes = buffer.str();
            const auto info = storage::probe_image(bytes);
            const auto placeholder = info ? placeholder_of(path, bytes) : std::string();
            if (!info) throw Refused("images: '" + path + "' is not a picture that the shop can show (JPEG, PNG, WebP, AVIF)");
            catalog::Asset asset;
            asset.sha256 = crypto::hex(crypto::sha256(bytes));
            asset.content_type = picture_type(bytes);
            asset.name = text::slugify(relative.stem().string()) + "." + std::string(asset.content_type.substr(6));
            asset.width = info->width;
            asset.height = info->height;
            asset.background = info->has_alpha ? std::string(kPaper) : std::string();
            asset.placeholder = placeholder;
            if (!options_.dry_run) deps_.media.put(storage::original_key(asset.sha256), bytes, asset.content_type);
            found = pictures_.emplace(path, std::move(asset)).first;
        }
        auto asset = found->second;
        for (const auto& old : known.assets) {
            if (old.sha256 == asset.sha256 && old.name == asset.name) return old.id;
        }
        asset.id = catalog::AssetId::derived(asset.sha256 + "/" + asset.name);
        asset.alt = alt;
        return must(deps_.catalog.upsert_asset(tx, asset));
    }

    // Pictures of the whole product stand on its first row alone; when every row has its own, a picture belongs to the options
    // that all its rows share, and the first of a row stands for its variant.
    void set_pictures(db::Tx& tx, const std::vector<Row>& rows, catalog::Product& product, const catalog::ProductBatch& known) {
        catalog::Texts alt;
        for (const auto& [locale, text] : product.texts) alt.emplace(locale, text.name);
        std::vector<std::vector<catalog::AssetId>> of_row;
        std::vector<catalog::AssetId> order;
        for (const auto& row : rows) {
            auto& list = of_row.emplace_back();
            for (const auto& path : split(header_->get(row, "images"))) {
                const auto id = picture(tx, path, alt, known);
                if (std::ranges::find(list, id) == list.end()) list.push_back(id);
                if (std::ranges::find(order, id) == order.end()) order.push_back(id);
            }
        }
        if (order.empty()) return;
        const bool by_row = rows.size() > 1 && std::ranges::none_of(of_row, [](const auto& list) { return list.empty(); });
        product.media.clear();
        for (const auto& id : order) {
            catalog::ProductMedia media;
            media.asset = id;
            for (const auto& option : by_row ? product.options : std::vector<std::string>{}) {
                std::set<std::string> shown;
                std::set<std::string> all;
                for (std::size_t i = 0; i < rows.size(); ++i) {
                    const auto found = product.variants[i].options.find(option);
                    const auto value = found == product.variants[i].options.end() ? std::string() : found->second;
                    all.insert(value);
                    if (std::ranges::find(of_row[i], id) != of_row[i].end()) shown.insert(value);
                }
                if (shown.size() == 1 && all.size() > 1 && !shown.begin()->empty()) media.options.emplace(option, *shown.begin());
            }
            product.media.push_back(std::move(media));
        }
        for (std::size_t i = 0; i < rows.size(); ++i) product.variants[i].image = by_row ? std::optional(of_row[i].front()) : std::nullopt;
    }

    // The product is in exactly these hand-made collections; those that do not exist are made.
    void set_collections(db::Tx& tx, const std::vector<std::string>& names, catalog::ProductId product) {
        std::vector<std::string> wanted;
        for (const auto& name : names) wanted.push_back(text::slugify(name));
        std::map<std::string, std::pair<catalog::CollectionId, bool>> known;  // by rule
        for (const auto row : tx.query(sql::import_collections, wanted))
            known.emplace(row.get<std::string>("handle"), std::pair(row.get<catalog::CollectionId>("id"), row.get<bool>("by_rule")));
        const auto put = [&](catalog::CollectionId id, bool listed) {
            lock(tx, "collections", id.to_string());
            members_changed_ = deps_.catalog.set_membership(tx, id, product, listed) || members_changed_;
        };
        for (std::size_t i = 0; i < names.size(); ++i) {
            auto found = known.find(wanted[i]);
            if (found != known.end() && found->second.second)
                throw Refused("collections: '" + names[i] + "' is filled by a rule; products cannot be put into it");
            if (found == known.end()) {
                catalog::Collection record;
                record.handle = wanted[i];
                record.position = static_cast<int>(tx.query(sql::import_collection_count).front().get<std::int64_t>("count"));
                record.texts["en"].name = names[i];
                const auto id = must(deps_.catalog.upsert_collection(tx, record));
                found = known.emplace(wanted[i], std::pair(id, false)).first;
            }
            put(found->second.first, true);
        }
        for (const auto row : tx.query(sql::import_collections_of, product)) {
            if (!known.contains(row.get<std::string>("handle"))) put(row.get<catalog::CollectionId>("id"), false);
        }
    }

    static bool yes_or_no(const Row& row, const std::string& column, const std::string& cell) {
        const auto text = text::lower(cell);
        const bool yes = text == "yes" || text == "1" || text == "true";
        if (!yes && text != "no" && text != "0" && text != "false") throw Refused(row.number, column + ": write yes or no");
        return yes;
    }

    static Tiers parse_tiers(const Row& row, const std::string& column, const std::string& cell, std::int64_t unit, Currency currency) {
        Tiers out{{1, unit}};
        for (const auto& part : split(cell)) {
            const auto equals = part.find('=');
            const auto refuse = [&](std::string_view why) { throw Refused(row.number, fmt::format("{}: '{}' {}", column, part, why)); };
            if (equals == std::string::npos) refuse("is not written as quantity=price");
            const auto quantity = whole(std::string(Header::trim(std::string_view(part).substr(0, equals))), column);
            const auto price = parse_price(Header::trim(std::string_view(part).substr(equals + 1)), currency);
            if (!price) refuse("has no price");
            if (quantity <= out.back().first) refuse("must start at a higher quantity than the one before");
            if (price->minor() >= out.back().second) refuse("must cost less than the one before");
            out.emplace_back(quantity, price->minor());
        }
        return out;
    }

    void set_prices(db::Tx& tx, const std::vector<Row>& rows,
                    const std::map<std::string, std::pair<catalog::VariantId, catalog::ProductId>>& ids) {
        const auto now = deps_.clock.now();
        std::vector<catalog::VariantId> all;
        for (const auto& row : rows) all.push_back(ids.at(header_->get(row, "sku")).first);
        auto stored = stored_prices(tx, all);
        for (const auto& code : header_->after("price:")) {
            const auto currency = *Currency::parse(Header::upper(code));
            std::vector<pricing::PriceEntry> entries;
            std::vector<catalog::VariantId> ended;
            for (const auto& row : rows) {
                const auto amount = [&](const std::string& column) -> std::optional<std::int64_t> {
                    const auto text = header_->get(row, column);
                    if (text.empty()) return std::nullopt;
                    const auto price = parse_price(text, currency);
                    if (!price) throw Refused(row.number, fmt::format("{}: '{}' is not a price", column, text));
                    return price->minor();
                };
                const auto variant = ids.at(header_->get(row, "sku")).first;
                const auto price = amount("price:" + code);
                const auto compare = amount("compare_at:" + code);
                if (!price) {
                    if (compare || !header_->get(row, "tiers:" + code).empty())
                        throw Refused(row.number, fmt::format("price:{} is needed beside compare_at and tiers", code));
                    continue;
                }
                if (compare && *compare < *price)
                    throw Refused(
                        row.number,
                        fmt::format("compare_at:{} is the higher price from before a reduction, it cannot be below the price", code));
                const auto& known = stored[code][variant];
                const bool reduced = compare && *compare > *price;
                const auto base = reduced ? *compare : *price;
                Tiers tiers{{1, base}};
                if (header_->has("tiers:" + code)) {
                    tiers = parse_tiers(row, "tiers:" + code, header_->get(row, "tiers:" + code), base, currency);
                } else {
                    for (std::size_t i = 1; i < known.base.size(); ++i) {
                        if (known.base[i].second < tiers.back().second) tiers.push_back(known.base[i]);
                    }
                }
                entries.push_back({variant, std::move(tiers), {}, {}});
                if (!header_->has("compare_at:" + code)) continue;  // reductions are somebody else's
                const Tiers sale{{1, *price}};
                if (reduced && known.sale && known.sale->tiers == sale) continue;
                if (known.sale) ended.push_back(variant);
                if (reduced) entries.push_back({variant, sale, now, {}});
            }
            if (entries.empty()) continue;
            const auto list = ensure_public_list(tx, deps_.prices, currency, now);
            if (!ended.empty()) deps_.prices.end_scheduled(tx, list, ended, now);
            deps_.prices.set_prices(tx, list, entries, now);
        }
    }

    template <class Put>
    static void put_stock(const Put& put, const std::string& sku, const inventory::StockLevel& level) {
        put(sku, "stock", std::to_string(level.on_hand));
        if (level.terms.sells_ahead) put(sku, "backorder", "yes");
        if (level.terms.limit) put(sku, "backorder_limit", std::to_string(*level.terms.limit));
        if (level.terms.expected_on) put(sku, "expected_on", to_iso_date(*level.terms.expected_on));
    }

    // Whether a variant is sold before it is there: before the count, which serves those who wait.
    void set_backorders(db::Tx& tx, const std::vector<Row>& rows,
                        const std::map<std::string, std::pair<catalog::VariantId, catalog::ProductId>>& ids) {
        for (const auto& row : rows) {
            const auto says = header_->get(row, "backorder");
            if (says.empty()) continue;
            if (says != "yes" && says != "no") throw Refused(row.number, "backorder: yes or no, not " + says);
            inventory::BackorderTerms terms;
            terms.sells_ahead = says == "yes";
            if (const auto limit = header_->get(row, "backorder_limit"); !limit.empty()) terms.limit = whole(limit, "backorder_limit");
            if (const auto day = header_->get(row, "expected_on"); !day.empty()) {
                terms.expected_on = parse_iso_date(day);
                if (!terms.expected_on) throw Refused(row.number, "expected_on: a day as 2026-12-24, not " + day);
            }
            if (deps_.inventory.set_backorders(tx, std::nullopt, ids.at(header_->get(row, "sku")).first, terms) ==
                inventory::TermsSet::below_owed)
                throw Refused(row.number, "backorder_limit: more than that are owed to buyers already");
        }
    }

    // Counts what lies in the warehouse; what checkouts and orders have been promised is part of it.
    void set_stock(db::Tx& tx, const std::vector<Row>& rows,
                   const std::map<std::string, std::pair<catalog::VariantId, catalog::ProductId>>& ids) {
        std::vector<catalog::VariantId> all;
        for (const auto& row : rows) all.push_back(ids.at(header_->get(row, "sku")).first);
        const auto levels = deps_.inventory.levels(tx, all);
        for (const auto& row : rows) {
            const auto text = header_->get(row, "stock");
            if (text.empty()) continue;
            const auto variant = ids.at(header_->get(row, "sku")).first;
            const auto wanted = whole(text, "stock");
            const auto now = levels.find(variant);
            if (now != levels.end() && now->second.on_hand == wanted) continue;
            const auto refuse = [&](std::int64_t held, std::int64_t allocated) {
                throw Refused(row.number, fmt::format("stock: {} are too few, {} are promised to orders and {} to open checkouts", wanted,
                                                      allocated, held));
            };
            if (now != levels.end() && wanted < now->second.held + now->second.allocated) refuse(now->second.held, now->second.allocated);
            try {
                deps_.inventory.set_on_hand(tx, variant, wanted, "import");
            } catch (const db::CheckViolation&) {
                // Somebody bought between the look and the write.
                throw Refused(row.number, fmt::format("stock: {} are too few, more than that are promised to buyers", wanted));
            }
        }
    }

    // ---- all of it ------------------------------------------------------------------------------------------------------
    Outcome write_in(db::Tx& tx, const std::vector<Row>& rows, ProductChange& change) {
        const auto& first = rows.front();
        const auto get = [&](const std::string& column) { return header_->get(first, column); };
        catalog::Product product;
        product.handle = get("handle");
        const auto known = deps_.reader.product_by_handle(tx, product.handle);
        if (known) lock(tx, "products", known->to_string());
        catalog::Product before;
        catalog::ProductBatch known_batch;
        Facts facts_before;
        if (known) {
            known_batch = deps_.reader.products(tx, std::vector{*known});
            before = known_batch.products.at(0);
            product = before;  // what the file does not name stays
            product.handle = before.handle;
            facts_before = facts(tx, known_batch);
        }
        change.added = !known;
        if (!known) product.type = "general";
        if (!get("type").empty()) product.type = get("type");
        if (header_->has("brand")) product.brand = get("brand");
        if (header_->has("tax_class") && !get("tax_class").empty()) product.tax_class = get("tax_class");
        if (!get("handling_days").empty()) product.handling_days = static_cast<int>(whole(get("handling_days"), "handling_days"));
        if (const auto status = get("status"); !status.empty()) {
            if (status == "active")
                product.status = catalog::ProductStatus::active;
            else if (status == "draft")
                product.status = catalog::ProductStatus::draft;
            else if (status == "archived")
                product.status = catalog::ProductStatus::archived;
            else
                throw Refused("status: use active, draft or archived");
        }
        for (const auto& [column, target] :
             {std::pair{"published_from", &product.published_from}, std::pair{"published_until", &product.published_until}}) {
            const auto text = get(column);
            if (text.empty()) continue;
            if (const auto day = parse_iso_date(text))
                *target = start_of(*day);
            else if (const auto at = parse_timestamp(text))
                *target = *at;
            else
                throw Refused(std::string(column) + ": '" + text + "' is not a day or a time");
        }
        if (const auto path = get("category"); !path.empty()) product.category = category(tx, path);
        for (const auto locale : catalog::kLocales) {
            const auto suffix = locale == "en" ? std::string() : ":" + std::string(locale);
            const auto column = [&](const std::string& name) {
                return suffix.empty() && header_->has(name + ":en") ? get(name + ":en") : get(name + suffix);
            };
            const auto name = column("name");
            if (name.empty()) continue;
            auto& text = product.texts[std::string(locale)];
            const bool renamed = text.name != name;
            text.name = name;
            if (header_->has("subtitle" + suffix)) text.subtitle = column("subtitle");
            if (header_->has("description" + suffix)) text.description = column("description");
            if (header_->has("keywords" + suffix)) text.keywords = column("keywords");
            if (const auto slug = column("slug"); !slug.empty())
                text.slug = slug;
            else if (renamed)
                text.slug.clear();
        }

        // Options and attributes.
        std::map<std::string, std::map<std::string, std::string>> vocabulary;  // attribute → value code → label
        std::map<std::string, bool> numeric;
        std::vector<std::string> options;
        for (const auto& code : header_->after("option:")) {
            if (get("option:" + code).empty()) continue;
            options.push_back(code);
            for (const auto& row : rows) {
                const auto label = header_->get(row, "option:" + code);
                if (label.empty()) throw Refused(row.number, fmt::format("every variant needs a value for option:{}", code));
                vocabulary[code][text::slugify(label)] = label;
            }
            numeric[code] = false;
        }
        std::map<std::string, std::vector<std::string>> attribute_labels;
        for (const auto& code : header_->after("attribute:")) {
            const auto cell = get("attribute:" + code);
            if (cell.empty()) continue;
            auto labels = split(cell);
            if (labels.empty()) throw Refused("attribute:" + code + ": '" + cell + "' has no value");
            std::int64_t number = 0;
            numeric[code] = labels.size() == 1 && catalog::parse_milli(labels[0], number);
            for (const auto& label : labels) vocabulary[code][text::slugify(label)] = label;
            attribute_labels[code] = std::move(labels);
        }
        ensure_vocabulary(tx, product.type, vocabulary, numeric);
        if (!options.empty() || !known) product.options = options;
        for (const auto& [code, labels] : attribute_labels) {
            catalog::AttributeSetting setting;
            setting.attribute = code;
            switch (kinds_.at(code)) {
                case AttributeKind::choice:
                    for (const auto& label : labels) setting.values.push_back(text::slugify(label));
                    break;
                case AttributeKind::number: {
                    std::int64_t number = 0;
                    if (labels.size() != 1 || !catalog::parse_milli(labels[0], number))
                        throw Refused("attribute:" + code + ": '" + labels[0] + "' is not a number");
                    setting.number_milli = number;
                    break;
                }
                case AttributeKind::text:
                    setting.text["en"] = labels[0];
                    break;
                case AttributeKind::flag:
                    setting.flag = yes_or_no(first, "attribute:" + code, labels[0]);
                    break;
            }
            const auto old = std::ranges::find(product.attributes, code, &catalog::AttributeSetting::attribute);
            if (old != product.attributes.end())
                *old = std::move(setting);
            else
                product.attributes.push_back(std::move(setting));
        }

        // Variants: those of the file, in its order.
        std::vector<catalog::Variant> variants;
        for (const auto& row : rows) {
            const auto cell = [&](const std::string& column) { return header_->get(row, column); };
            catalog::Variant variant;
            const auto sku = cell("sku");
            if (const auto old = std::ranges::find(product.variants, sku, &catalog::Variant::sku); old != product.variants.end())
                variant = *old;
            variant.sku = sku;
            if (const auto active = cell("active"); !active.empty()) variant.active = yes_or_no(row, "active", active);
            if (!cell("barcode").empty()) variant.barcode = cell("barcode");
            if (!cell("weight_g").empty()) variant.weight_grams = whole(cell("weight_g"), "weight_g");
            if (!cell("length_mm").empty()) variant.length_mm = whole(cell("length_mm"), "length_mm");
            if (!cell("width_mm").empty()) variant.width_mm = whole(cell("width_mm"), "width_mm");
            if (!cell("height_mm").empty()) variant.height_mm = whole(cell("height_mm"), "height_mm");
            if (!options.empty() || !known) {
                variant.options.clear();
                for (const auto& option : options) variant.options[option] = text::slugify(cell("option:" + option));
            }
            variants.push_back(std::move(variant));
        }
        product.variants = std::move(variants);
        if (header_->has("images")) set_pictures(tx, rows, product, known_batch);
        const auto id = must(deps_.catalog.upsert_product(tx, product));

        std::vector<std::string> skus;
        for (const auto& row : rows) skus.push_back(header_->get(row, "sku"));
        const auto ids = deps_.reader.variants_by_sku(tx, skus);
        set_prices(tx, rows, ids);
        if (header_->has("backorder")) set_backorders(tx, rows, ids);
        if (header_->has("stock")) set_stock(tx, rows, ids);
        if (const auto names = split(get("collections")); !names.empty()) set_collections(tx, names, id);

        const auto batch = deps_.reader.products(tx, std::vector{id});
        const auto facts_after = facts(tx, batch);
        for (const auto& [key, text] : facts_after) {
            const auto old = facts_before.find(key);
            if (old == facts_before.end() || old->second != text)
                change.fields.push_back({key.first, key.second, old == facts_before.end() ? std::string() : old->second, text});
        }
        for (const auto& [key, text] : facts_before) {
            if (!facts_after.contains(key)) change.fields.push_back({key.first, key.second, text, {}});
        }
        std::ranges::stable_sort(change.fields, {}, [](const FieldChange& field) { return std::pair(field.sku, field.field); });
        if (!known) return Outcome::added;
        before.updated_at = batch.products.at(0).updated_at;
        return before == batch.products.at(0) && change.fields.empty() ? Outcome::unchanged : Outcome::changed;
    }

    const SeedDeps& deps_;
    std::istream& in_;
    std::istream::pos_type start_;
    const ImportOptions& options_;
    const Progress& progress_;
    std::optional<Header> header_;
    std::map<std::string, AttributeKind> kinds_;
    std::optional<catalog::Structure> structure_;
    bool structure_changed_ = false;
    bool members_changed_ = false;
    std::map<std::string, catalog::Asset> pictures_;  // by path; without ids
    std::set<std::int64_t> problems_;                 // rows that cannot be taken
    std::map<std::string, std::string> damaged_;      // handle → why its product is refused whole
    ImportResult result_;
};

}  // namespace

ImportResult import_catalogue(const SeedDeps& deps, std::istream& csv, const ImportOptions& options, const Progress& progress) {
    return Import(deps, csv, options, progress).run();
}

}  // namespace stoa::app
