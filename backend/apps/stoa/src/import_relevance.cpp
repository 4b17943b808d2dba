#include "import_relevance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <set>
#include <stdexcept>

#include "import_online_retail_files.hpp"
#include "stoa/json/value.hpp"
#include "stoa/text/text.hpp"

namespace stoa::app {
namespace {

constexpr std::size_t kTexts = 40;   // kinds of text that become attributes of their own: the most frequent
constexpr std::size_t kFacets = 20;  // the same for numbers and yes/no together
constexpr std::size_t kLongestText = 8000;
constexpr std::int64_t kPrice = 1000;  // the file has none
constexpr std::string_view kType = "judged";
constexpr std::string_view kOther = "t_other";

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().code + ": " + result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// The first `limit` characters.
std::string cut(std::string_view text, std::size_t limit) {
    std::string out;
    std::size_t at = 0;
    for (std::size_t i = 0; i < limit && at < text.size(); ++i) text::append_utf8(out, text::next_code_point(text, at));
    return out;
}

// "attr_n_cable_length" → "n_cable_length", which is what a code may look like.
std::string code_of(std::string_view key) {
    std::string out;
    for (const char c : key.substr(std::string_view("attr_").size())) {
        if (out.size() < 40) out += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
    }
    return out;
}
std::string name_of_code(std::string_view code) {
    std::string out(code.substr(2));
    std::ranges::replace(out, '_', ' ');
    return out.empty() ? std::string(code) : out;
}
// Some texts write a line break as a backslash and an n.
std::string plain(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 2) == "\\n") {
            out += ", ";
            ++i;
        } else {
            out += text[i] == '\n' ? ' ' : text[i];
        }
    }
    return out;
}

// "175.0" in thousandths; nothing for exponents and what is too large.
std::optional<std::int64_t> milli(std::string_view number) {
    const bool negative = number.starts_with('-');
    if (negative) number.remove_prefix(1);
    const auto point = std::min(number.find('.'), number.size());
    std::string digits(number.substr(0, point));
    auto fraction = point < number.size() ? std::string(number.substr(point + 1, 3)) : std::string();
    fraction.resize(3, '0');
    digits += fraction;
    if (point == 0 || digits.size() > 15 || digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    std::int64_t value = 0;
    for (const char c : digits) value = 10 * value + (c - '0');
    return negative ? -value : value;
}

struct Product {
    std::string id, title, supplier, description;
    std::vector<std::pair<std::string, json::Value>> attributes;
};

std::vector<Product> read_products(const std::string& path) {
    const auto bytes = open_file(path);
    std::vector<Product> out;
    std::string pending;
    std::vector<char> block(1 << 18);
    const auto take = [&](std::string_view line) {
        if (line.empty()) return;
        const auto value = json::parse(line);
        if (!value || !value->is_object()) throw std::runtime_error(fmt::format("{}: line {} is not a product", path, out.size() + 1));
        Product product{value->text_or("id"), value->text_or("title"), value->text_or("supplier"), value->text_or("short_description"), {}};
        if (product.id.empty() || product.id.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz-") != std::string::npos ||
            product.title.empty())
            throw std::runtime_error(fmt::format("{}: line {} has no id or no title", path, out.size() + 1));
        for (const auto& [key, given] : value->members()) {
            if (key.starts_with("attr_") && key.size() > 7) product.attributes.emplace_back(key, given);
        }
        out.push_back(std::move(product));
    };
    while (const auto got = bytes->read(block.data(), block.size())) {
        pending.append(block.data(), got);
        std::size_t start = 0;
        for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n', start)) {
            take(std::string_view(pending).substr(start, end - start));
            start = end + 1;
        }
        pending.erase(0, start);
    }
    take(pending);
    return out;
}

// Attribute code by key: the most frequent ones.
std::map<std::string, catalog::Attribute> choose_attributes(const std::vector<Product>& products) {
    std::map<std::string, std::int64_t> uses;
    for (const auto& product : products) {
        for (const auto& [key, value] : product.attributes) ++uses[key];
    }
    std::vector<std::pair<std::int64_t, std::string>> ranked;
    for (const auto& [key, count] : uses) ranked.emplace_back(-count, key);
    std::ranges::sort(ranked);
    std::map<std::string, catalog::Attribute> out;
    std::set<std::string> codes;
    std::size_t texts = 0, facets = 0;
    int position = 0;
    for (const auto& [count, key] : ranked) {
        const char kind = key[5];
        auto& left = kind == 't' ? texts : facets;
        if ((kind != 't' && kind != 'n' && kind != 'b') || left == (kind == 't' ? kTexts : kFacets)) continue;
        catalog::Attribute attribute;
        attribute.code = code_of(key);
        if (!codes.insert(attribute.code).second) continue;
        attribute.kind = kind == 't'   ? catalog::AttributeKind::text
                         : kind == 'n' ? catalog::AttributeKind::number
                                       : catalog::AttributeKind::flag;
        attribute.names["en"] = cut(name_of_code(attribute.code), 100);
        attribute.position = position++;
        out.emplace(key, std::move(attribute));
        ++left;
    }
    return out;
}

template <class... Args>
void add(std::string& lines, const Args&... args) {
    const std::array<db::Param, sizeof...(Args)> values{db::to_param(args)...};
    lines += db::copy_line(values);
}
void copy(db::Tx& tx, std::string_view statement, const std::string& lines) {
    bool sent = false;
    tx.copy_in(statement, [&](std::string& buffer) {
        if (sent) return false;
        buffer.append(lines);
        sent = true;
        return true;
    });
}
std::string english(std::string_view text) { return "{\"en\":" + json::quote(text) + "}"; }

}  // namespace

RelevanceResult import_relevance(const RelevanceDeps& deps, const std::string& directory, const Progress& progress) {
    const auto products = read_products(directory + "/products.jsonl.zst");
    const auto chosen = choose_attributes(products);
    progress(fmt::format("relevance: {} products read", products.size()));
    RelevanceResult result;
    result.products = static_cast<std::int64_t>(products.size());
    result.attributes = static_cast<std::int64_t>(chosen.size());
    const auto now = deps.clock.now();
    result.added = deps.database.in_tx([&](db::Tx& tx) {
        std::map<std::string, Uuid> ids;  // by attribute code
        std::vector<std::string> codes;
        const auto save = [&](const catalog::Attribute& attribute) {
            must(deps.catalog.upsert_attribute(tx, attribute));
            codes.push_back(attribute.code);
        };
        for (const auto& [key, attribute] : chosen) save(attribute);
        save({.code = std::string(kOther),
              .kind = catalog::AttributeKind::text,
              .names = {{"en", "Other facts"}},
              .filterable = false,
              .visible = false,
              .position = 1000});
        must(deps.catalog.upsert_type(tx, {std::string(kType), {{"en", "Judged goods"}}, codes}));
        for (const auto row : tx.run(db::call(
                 db::Query{"stoa.relevance_attributes", "select code, id from catalog.attribute where code = any($1::text[])"}, codes)))
            ids.emplace(row.get<std::string>("code"), row.get<Uuid>("id"));
        std::vector<std::string> handles;
        for (const auto& product : products) handles.push_back(product.id);
        std::set<std::string> known;
        for (const auto row : tx.run(
                 db::call(db::Query{"stoa.relevance_known", "select handle from catalog.product where handle = any($1::text[])"}, handles)))
            known.insert(row.get<std::string>("handle"));

        std::string rows, texts, slugs, variants, settings;
        std::vector<pricing::PriceEntry> prices;
        for (const auto& product : products) {
            if (known.contains(product.id)) continue;
            const auto id = catalog::ProductId::derived("relevance:" + product.id);
            const auto variant = catalog::VariantId::derived("relevance:" + product.id);
            add(rows, id, product.id, kType, cut(product.supplier, 120));
            add(texts, id, std::string_view("en"), cut(product.title, 200), cut(product.description, 300));
            add(slugs, std::string_view("product"), std::string_view("en"), product.id, id);
            add(variants, variant, id, "ICE-" + product.id, 0);
            prices.push_back({variant, {{1, kPrice}}, {}, {}});
            int position = 0;
            std::string other;
            for (const auto& [key, value] : product.attributes) {
                const auto found = chosen.find(key);
                if (found == chosen.end()) {
                    if (key[5] == 't' && value.is_string()) other += (other.empty() ? "" : "; ") + plain(value.text());
                    continue;
                }
                const auto& attribute = ids.at(found->second.code);
                switch (found->second.kind) {
                    case catalog::AttributeKind::text:
                        if (value.is_string())
                            add(settings, id, attribute, position++, std::nullopt, english(cut(plain(value.text()), kLongestText)),
                                std::nullopt);
                        break;
                    case catalog::AttributeKind::number:
                        if (const auto number = value.is_number() ? milli(value.text()) : std::nullopt)
                            add(settings, id, attribute, position++, *number, std::nullopt, std::nullopt);
                        break;
                    case catalog::AttributeKind::flag:
                        if (value.kind() == json::Value::Kind::boolean)
                            add(settings, id, attribute, position++, std::nullopt, std::nullopt, value.as_bool());
                        break;
                    case catalog::AttributeKind::choice:
                        break;
                }
            }
            if (!other.empty())
                add(settings, id, ids.at(std::string(kOther)), position, std::nullopt, english(cut(other, kLongestText)), std::nullopt);
        }
        if (prices.empty()) return std::int64_t{0};
        copy(tx, "copy catalog.product (id, handle, type_code, brand) from stdin", rows);
        copy(tx, "copy catalog.product_text (product_id, locale, name, subtitle) from stdin", texts);
        copy(tx, "copy catalog.slug (kind, locale, slug, entity_id) from stdin", slugs);
        copy(tx, "copy catalog.variant (id, product_id, sku, position) from stdin", variants);
        copy(tx, "copy catalog.product_attribute (product_id, attribute_id, position, number_milli, texts, flag) from stdin", settings);
        const auto lists = save_public_lists(tx, deps.prices, now);
        deps.prices.set_prices(tx, lists.eur, prices, now, pricing::Announce::nothing);
        deps.catalog.announce_bulk_change(tx);
        return static_cast<std::int64_t>(prices.size());
    });
    return result;
}

int run_relevance(const Config& config, const std::vector<std::string>& arguments) {
    if (arguments.size() != 1) throw std::runtime_error("usage: stoa import relevance DIRECTORY");
    db::Database database(config.database_url, {.max_connections = 2, .statement_timeout = std::chrono::minutes{10}});
    SystemClock clock;
    const auto catalog = catalog::make_writer();
    const auto prices = pricing::make_price_book();
    const auto print = [](const std::string& line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
    };
    const auto done = import_relevance({database, clock, *catalog, *prices}, arguments[0], print);
    print(fmt::format("relevance: {} products, {} of them new; {} attributes", done.products, done.added, done.attributes));
    return 0;
}

}  // namespace stoa::app
