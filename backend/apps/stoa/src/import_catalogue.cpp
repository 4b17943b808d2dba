#include <fmt/format.h>

#include <algorithm>
#include <istream>
#include <set>
#include <stdexcept>

#include "import_csv.hpp"
#include "seed.hpp"
#include "stoa/catalog/rules.hpp"
#include "stoa/text/text.hpp"

namespace stoa::app {
namespace {

using catalog::AttributeKind;

struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
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

constexpr std::string_view kKnownColumns[] = {
    "handle",   "type",      "category",  "brand",  "name",           "subtitle",        "description",  "keywords",
    "slug",     "sku",       "barcode",   "price",  "compare_at",     "stock",           "weight_g",     "length_mm",
    "width_mm", "height_mm", "tax_class", "status", "published_from", "published_until", "handling_days"};

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
                              ((base == "price" || base == "compare_at") && Currency::parse(upper(rest)).has_value()) ||
                              ((base == "option" || base == "attribute") && !rest.empty());
            if (!fine)
                problems += (problems.empty() ? "" : ", ") + name;
            else if (!columns_.emplace(name, i).second)
                throw std::runtime_error("the column '" + name + "' occurs twice");
        }
        if (!problems.empty()) throw std::runtime_error("these columns are not understood: " + problems);
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

std::int64_t whole(const std::string& text, const std::string& column, std::int64_t otherwise = 0) {
    if (text.empty()) return otherwise;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0)
        throw Refused(column + ": '" + text + "' is not a whole number");
    return value;
}

class Import {
public:
    Import(const SeedDeps& deps, std::istream& csv, const ImportOptions& options, const Progress& progress)
        : deps_(deps), reader_(csv), options_(options), progress_(progress) {}

    ImportResult run() {
        std::vector<std::string> names;
        if (!reader_.next(names)) throw std::runtime_error("the file is empty");
        header_.emplace(names);
        std::vector<Row> product;
        std::set<std::string> finished;
        std::int64_t rows = 0;
        Row row;
        while (true) {
            bool more = false;
            try {
                more = reader_.next(row.cells);
            } catch (const CsvError& error) {
                result_.rejected.push_back({reader_.row(), error.what()});
                if (error.fatal) break;
                continue;
            }
            row.number = reader_.row();
            const auto handle = more ? header_->get(row, "handle") : std::string();
            if (more && row.cells.size() == 1 && row.cells[0].empty()) continue;  // a blank line
            if (!product.empty() && (!more || handle != header_->get(product.front(), "handle"))) {
                finished.insert(header_->get(product.front(), "handle"));
                one(product);
                product.clear();
            }
            if (!more) break;
            if (++rows % 1000 == 0)
                progress_(fmt::format("import: {} rows: {} new, {} changed, {} unchanged, {} rejected", rows, result_.added,
                                      result_.changed, result_.unchanged, result_.rejected.size()));
            if (handle.empty()) {
                result_.rejected.push_back({row.number, "the handle is empty"});
            } else if (finished.contains(handle)) {
                result_.rejected.push_back({row.number, "'" + handle + "' came earlier; rows of one product belong together"});
            } else {
                product.push_back(row);
            }
        }
        return result_;
    }

private:
    void one(const std::vector<Row>& rows) {
        try {
            const auto outcome = write(rows);
            (outcome == Outcome::added ? result_.added : outcome == Outcome::changed ? result_.changed : result_.unchanged) += 1;
        } catch (const Refused& refused) {
            for (const auto& row : rows) result_.rejected.push_back({row.number, refused.what()});
        } catch (const std::invalid_argument& refused) {
            for (const auto& row : rows) result_.rejected.push_back({row.number, refused.what()});
        }
    }

    // Everything for real, in one transaction; undone when nothing changed or nothing shall.
    Outcome write(const std::vector<Row>& rows) {
        Outcome outcome = Outcome::unchanged;
        try {
            deps_.database.in_tx([&](db::Tx& tx) {
                outcome = write_in(tx, rows);
                if (options_.dry_run || outcome == Outcome::unchanged) throw Undo{};
            });
        } catch (const Undo&) {
        }
        return outcome;
    }

    catalog::CategoryId category(db::Tx& tx, const std::string& path) {
        std::optional<catalog::CategoryId> parent;
        std::string handle;
        std::size_t start = 0;
        while (start <= path.size()) {
            const auto end = std::min(path.find('>', start), path.size());
            const auto name = std::string(Header::trim(std::string_view(path).substr(start, end - start)));
            if (name.empty()) throw Refused("category: '" + path + "' has an empty part");
            handle += (handle.empty() ? "" : "-") + text::slugify(name);
            const auto rows =
                tx.run(db::call(db::Query{"stoa.import_category", "select id from catalog.category where handle = $1::text"}, handle));
            if (rows.empty()) {
                catalog::Category record;
                record.handle = handle;
                record.parent = parent;
                record.texts["en"].name = name;
                parent = must(deps_.catalog.upsert_category(tx, record));
            } else {
                parent = rows.front().get<catalog::CategoryId>("id");
            }
            start = end + 1;
        }
        return *parent;
    }

    // Attributes, values and types that the file uses for the first time.
    void ensure_vocabulary(db::Tx& tx, const std::string& type, const std::map<std::string, std::map<std::string, std::string>>& values,
                           const std::map<std::string, bool>& numeric) {
        auto structure = deps_.reader.structure(tx);
        catalog::ProductType record{type, {{"en", type}}, {}};
        for (const auto& known : structure.types) {
            if (known.code == type) record = known;
        }
        bool type_changed = std::ranges::none_of(structure.types, [&](const auto& known) { return known.code == type; });
        for (const auto& [code, wanted] : values) {
            auto found = std::ranges::find(structure.attributes, code, &catalog::Attribute::code);
            const bool unknown = found == structure.attributes.end();
            catalog::Attribute attribute;
            if (unknown) {
                attribute.code = code;
                attribute.kind = numeric.at(code) ? AttributeKind::number : AttributeKind::choice;
                attribute.names["en"] = code;
                attribute.position = static_cast<int>(structure.attributes.size());
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

    Outcome write_in(db::Tx& tx, const std::vector<Row>& rows) {
        const auto& first = rows.front();
        const auto get = [&](const std::string& column) { return header_->get(first, column); };
        catalog::Product product;
        product.handle = get("handle");
        const auto known = deps_.reader.product_by_handle(tx, product.handle);
        catalog::Product before;
        if (known) {
            auto batch = deps_.reader.products(tx, std::vector{*known});
            before = batch.products.at(0);
            product = before;  // what the file does not name stays
            product.handle = before.handle;
        }
        if (header_->has("type") || !known) product.type = get("type").empty() ? "general" : get("type");
        if (header_->has("brand")) product.brand = get("brand");
        if (header_->has("tax_class") && !get("tax_class").empty()) product.tax_class = get("tax_class");
        if (header_->has("handling_days")) product.handling_days = static_cast<int>(whole(get("handling_days"), "handling_days", 1));
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
                if (label.empty()) throw Refused(fmt::format("row {}: every variant needs a value for option:{}", row.number, code));
                vocabulary[code][text::slugify(label)] = label;
            }
            numeric[code] = false;
        }
        std::map<std::string, std::vector<std::string>> attribute_labels;
        for (const auto& code : header_->after("attribute:")) {
            const auto cell = get("attribute:" + code);
            if (cell.empty()) continue;
            std::vector<std::string> labels;
            std::size_t start = 0;
            while (start <= cell.size()) {
                const auto end = std::min(cell.find('|', start), cell.size());
                const auto label = Header::trim(std::string_view(cell).substr(start, end - start));
                if (!label.empty()) labels.emplace_back(label);
                start = end + 1;
            }
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
                case AttributeKind::flag: {
                    const auto text = text::lower(labels[0]);
                    if (text != "yes" && text != "no" && text != "1" && text != "0" && text != "true" && text != "false")
                        throw Refused("attribute:" + code + ": write yes or no");
                    setting.flag = text == "yes" || text == "1" || text == "true";
                    break;
                }
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
            variant.active = true;
            if (header_->has("barcode")) variant.barcode = cell("barcode");
            if (header_->has("weight_g")) variant.weight_grams = whole(cell("weight_g"), "weight_g");
            if (header_->has("length_mm")) variant.length_mm = whole(cell("length_mm"), "length_mm");
            if (header_->has("width_mm")) variant.width_mm = whole(cell("width_mm"), "width_mm");
            if (header_->has("height_mm")) variant.height_mm = whole(cell("height_mm"), "height_mm");
            if (!options.empty() || !known) {
                variant.options.clear();
                for (const auto& option : options) variant.options[option] = text::slugify(cell("option:" + option));
            }
            variants.push_back(std::move(variant));
        }
        product.variants = std::move(variants);
        const auto id = must(deps_.catalog.upsert_product(tx, product));
        auto after = deps_.reader.products(tx, std::vector{id}).products.at(0);

        // Prices and stock.
        std::vector<std::string> skus;
        for (const auto& row : rows) skus.push_back(header_->get(row, "sku"));
        const auto ids = deps_.reader.variants_by_sku(tx, skus);
        const auto lists = save_public_lists(tx, deps_.prices);
        std::int64_t changed_prices = 0;
        const auto set_prices = [&](pricing::PriceListId list, const std::string& suffix, Currency currency) {
            if (!header_->has("price" + suffix)) return;
            std::vector<pricing::PriceEntry> entries;
            for (const auto& row : rows) {
                const auto text = header_->get(row, "price" + suffix);
                if (text.empty()) continue;
                const auto price = Money::parse_decimal(text, currency);
                if (!price || price->minor() <= 0)
                    throw Refused(fmt::format("row {}: price{}: '{}' is not a price", row.number, suffix, text));
                entries.push_back({ids.at(header_->get(row, "sku")).first, {{1, price->minor()}}, {}, {}});
            }
            if (!entries.empty()) changed_prices += deps_.prices.set_prices(tx, list, entries, deps_.clock.now());
        };
        set_prices(lists.eur, header_->has("price:eur") ? ":eur" : "", Currency::of("EUR"));
        set_prices(lists.gbp, ":gbp", Currency::of("GBP"));
        set_prices(lists.chf, ":chf", Currency::of("CHF"));
        bool stock_changed = false;
        if (header_->has("stock")) {
            std::vector<catalog::VariantId> all;
            for (const auto& row : rows) all.push_back(ids.at(header_->get(row, "sku")).first);
            const auto available = deps_.inventory.available(tx, all);
            for (const auto& row : rows) {
                const auto text = header_->get(row, "stock");
                if (text.empty()) continue;
                const auto variant = ids.at(header_->get(row, "sku")).first;
                const auto wanted = whole(text, "stock");
                const auto now = available.find(variant);
                if (now != available.end() && now->second == wanted) continue;
                deps_.inventory.set_on_hand(tx, variant, wanted, "import");
                stock_changed = stock_changed || now == available.end() || now->second != wanted;
            }
        }
        if (!known) return Outcome::added;
        before.updated_at = after.updated_at;
        return before == after && changed_prices == 0 && !stock_changed ? Outcome::unchanged : Outcome::changed;
    }

    const SeedDeps& deps_;
    CsvReader reader_;
    const ImportOptions& options_;
    const Progress& progress_;
    std::optional<Header> header_;
    std::map<std::string, AttributeKind> kinds_;
    ImportResult result_;
};

}  // namespace

ImportResult import_catalogue(const SeedDeps& deps, std::istream& csv, const ImportOptions& options, const Progress& progress) {
    return Import(deps, csv, options, progress).run();
}

}  // namespace stoa::app
