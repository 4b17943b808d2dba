#include "import_online_retail_goods.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include "import_online_retail_files.hpp"
#include "sql/history.hpp"
#include "stoa/text/text.hpp"

namespace stoa::app {
namespace {

constexpr std::int64_t kLinesOfABreak = 10;
constexpr std::string_view kType = "giftware";

struct Shelf {
    std::string_view handle, name;
    std::int64_t grams;                   // of one piece with its wrapping; the books say nothing of weights
    std::vector<std::string_view> words;  // any of them in a name puts it here; the first shelf that fits
};
const std::vector<Shelf>& shelves() {
    static const std::vector<Shelf> list{
        {"christmas", "Christmas", 150, {"CHRISTMAS", "XMAS", "ADVENT", "SANTA", "REINDEER", "SNOWMAN", "SNOWFLAKE", "BAUBLE"}},
        {"bags", "Bags", 250, {"BAG", "BAGS", "SHOPPER", "PURSE", "RUCKSACK", "BACKPACK", "WALLET", "HANDBAG"}},
        {"lighting-and-candles",
         "Lighting & Candles",
         400,
         {"T-LIGHT", "T-LIGHTS", "LIGHT", "LIGHTS", "CANDLE", "CANDLES", "CANDLEHOLDER", "LAMP", "LANTERN", "INCENSE"}},
        {"kitchen-and-table", "Kitchen & Table", 450, {"MUG",       "CUP",     "TEACUP",  "TEAPOT",   "PLATE",  "BOWL",    "CAKE",
                                                       "CAKESTAND", "JAR",     "JUG",     "TIN",      "TINS",   "KITCHEN", "BOTTLE",
                                                       "COFFEE",    "TEA",     "TRAY",    "APRON",    "BAKING", "SPOON",   "SPOONS",
                                                       "CUTLERY",   "NAPKINS", "COASTER", "COASTERS", "POT",    "TOWEL",   "LUNCH",
                                                       "GLASS",     "EGG",     "POPCORN", "DISH",     "SUGAR",  "BREAD"}},
        {"cards-and-wrap",
         "Cards & Wrap",
         120,
         {"CARD", "CARDS", "WRAP", "RIBBON", "RIBBONS", "TAPE", "PAPER", "STICKERS", "STICKER", "TAG", "TAGS", "ENVELOPE", "ENVELOPES",
          "NOTEBOOK", "PENCIL", "PENCILS", "PEN", "BOOK", "JOURNAL"}},
        {"party-and-play",
         "Party & Play",
         300,
         {"PARTY", "BUNTING", "BALLOON", "BALLOONS", "GAME", "GAMES", "TOY", "DOLL", "PUZZLE", "CHILDREN", "CHILDRENS", "KIDS", "PLAYHOUSE",
          "GLIDERS", "JIGSAW", "PAINT", "SKIPPING"}},
        {"jewellery",
         "Jewellery & Accessories",
         80,
         {"NECKLACE", "BRACELET", "EARRINGS", "RING", "HAIR", "BROOCH", "CHARM", "UMBRELLA", "SCARF", "BANGLE", "PENDANT", "KEY-CHAIN",
          "KEYRING", "EARRING"}},
        {"garden", "Garden", 600, {"GARDEN", "PLANT", "BIRD", "WATERING", "SEED", "SEEDS", "HERB", "PARASOL", "PICNIC", "OUTDOOR"}},
        {"storage",
         "Storage & Organising",
         900,
         {"BOX", "BOXES", "BASKET", "DRAWER", "CABINET", "HOOK", "HOOKS", "HANGER", "RACK", "SHELF", "STORAGE", "CHEST", "STAND"}},
        {"home-decor", "Home & Decoration", 500, {}}};
    return list;
}

bool letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::optional<std::int64_t> optional_price(const std::string& text, const std::string& sku) {
    if (text.empty()) return std::nullopt;
    const auto milli = parse_milli_price(text);
    if (!milli || *milli <= 0) throw std::runtime_error(sku + ": '" + text + "' is not a price");
    return milli;
}
std::int64_t whole(const std::string& text, const std::string& sku) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        throw std::runtime_error(sku + ": '" + text + "' is not a whole number");
    return value;
}
Date day(const std::string& text, const std::string& sku) {
    const auto out = parse_iso_date(text);
    if (!out) throw std::runtime_error(sku + ": '" + text + "' is not a day");
    return *out;
}

std::int64_t pence(std::int64_t milli) { return std::max<std::int64_t>(1, mul_div(milli, 1, 10, Rounding::half_up)); }

// Reads a table whose header must be `columns`.
void table(const std::string& path, const std::vector<std::string>& columns,
           const std::function<void(const std::vector<std::string>&)>& row) {
    const auto bytes = open_file(path);
    CsvStream csv(*bytes);
    std::vector<std::string> cells;
    if (!csv.next(cells) || cells != columns) throw std::runtime_error(path + ": the columns are not the expected ones");
    while (csv.next(cells)) {
        if (cells.size() != columns.size()) throw std::runtime_error(path + ": a row has " + std::to_string(cells.size()) + " cells");
        row(cells);
    }
}

// The lines of one COPY.
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

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().code + ": " + result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

catalog::CategoryId category_id(std::string_view handle) { return catalog::CategoryId::derived("online-retail:" + std::string(handle)); }
catalog::VariantId variant_id(const std::string& sku) { return catalog::VariantId::derived("online-retail:" + sku); }
std::string handle_of(const Goods& goods) { return text::slugify(text::lower(goods.name)) + "-" + text::slugify(goods.sku); }

void save_shelves(db::Tx& tx, const OnlineRetailDeps& deps) {
    must(deps.catalog.upsert_type(tx, {std::string(kType), {{"en", "Giftware"}}, {}}));
    catalog::Category root;
    root.handle = "giftware";
    root.id = category_id(root.handle);
    root.texts["en"].name = "Giftware";
    root.texts["en"].slug = root.handle;
    const auto parent = must(deps.catalog.upsert_category(tx, root));
    int position = 0;
    for (const auto& shelf : shelves()) {
        catalog::Category record;
        record.handle = "giftware-" + std::string(shelf.handle);
        record.id = category_id(record.handle);
        record.parent = parent;
        record.position = position++;
        record.texts["en"].name = std::string(shelf.name);
        record.texts["en"].slug = record.handle;
        must(deps.catalog.upsert_category(tx, record));
    }
}

}  // namespace

std::vector<Goods> read_goods(const std::string& directory) {
    std::vector<Goods> out;
    std::map<std::string, std::size_t> place;
    table(directory + "/products.csv.gz",
          {"sku", "name", "account_price", "no_account_price", "lines", "invoices", "customers", "units", "revenue", "first_sold",
           "last_sold"},
          [&](const std::vector<std::string>& cells) {
              Goods goods;
              goods.sku = cells[0];
              goods.name = cells[1];
              if (goods.sku.empty() || goods.sku.size() > 60 || goods.name.empty())
                  throw std::runtime_error("products.csv: a row without a SKU or a name");
              goods.account_milli = optional_price(cells[2], goods.sku);
              goods.consumer_milli = optional_price(cells[3], goods.sku);
              goods.invoices = whole(cells[5], goods.sku);
              goods.first_sold = day(cells[9], goods.sku);
              goods.last_sold = day(cells[10], goods.sku);
              if (!goods.account_milli && !goods.consumer_milli) throw std::runtime_error(goods.sku + ": neither price list has a price");
              if (!place.emplace(goods.sku, out.size()).second) throw std::runtime_error(goods.sku + " occurs twice");
              out.push_back(std::move(goods));
          });
    table(directory + "/price-points.csv.gz",
          {"sku", "channel", "unit_price", "lines", "qty_min", "qty_p10", "qty_median", "qty_p90", "qty_max", "first_day", "last_day"},
          [&](const std::vector<std::string>& cells) {
              const auto& sku = cells[0];
              const auto found = place.find(sku);
              if (found == place.end()) return;  // carriage and fees have price points too
              const auto milli = optional_price(cells[2], sku);
              const PricePoint point{milli.value_or(0),    whole(cells[3], sku), whole(cells[5], sku),
                                     whole(cells[7], sku), day(cells[9], sku),   day(cells[10], sku)};
              auto& goods = out[found->second];
              if (cells[1] == "account")
                  goods.account_points.push_back(point);
              else if (cells[1] == "no-account")
                  goods.consumer_points.push_back(point);
              else
                  throw std::runtime_error(sku + ": the channel '" + cells[1] + "' is unknown");
          });
    return out;
}

std::vector<std::pair<std::int64_t, std::int64_t>> trade_tiers(const Goods& goods) {
    const auto breaks = [](const PricePoint& high, const PricePoint& low) {
        return high.lines >= kLinesOfABreak && low.lines >= kLinesOfABreak && low.milli < high.milli && low.first <= high.last &&
               high.first <= low.last && low.p10 >= high.p90;
    };
    const PricePoint* high = nullptr;
    const PricePoint* low = nullptr;
    for (const auto& a : goods.account_points) {
        for (const auto& b : goods.account_points) {
            if (breaks(a, b) && (!high || a.lines + b.lines > high->lines + low->lines)) high = &a, low = &b;
        }
    }
    if (!high) return {{1, goods.account_milli ? pence(*goods.account_milli) : pence(*goods.consumer_milli)}};
    std::vector<std::pair<std::int64_t, std::int64_t>> tiers{{1, pence(high->milli)}};
    // A break needs a quantity above one and a price that is lower in pence too.
    const auto append = [&](const PricePoint& point) {
        if (point.p10 > tiers.back().first && pence(point.milli) < tiers.back().second) tiers.emplace_back(point.p10, pence(point.milli));
    };
    append(*low);
    std::vector<const PricePoint*> more;
    for (const auto& point : goods.account_points) {
        if (&point != low && breaks(*high, point)) more.push_back(&point);
    }
    std::ranges::sort(more, {}, [](const PricePoint* point) { return std::pair(point->p10, -point->lines); });
    for (const auto* point : more) append(*point);
    return tiers;
}

std::int64_t consumer_price(const Goods& goods) {
    std::int64_t rate = 2000;
    if (goods.consumer_milli) {
        const auto changed = Date(std::chrono::year(2011), std::chrono::month(1), std::chrono::day(5));
        for (const auto& point : goods.consumer_points) {
            if (point.milli == *goods.consumer_milli && point.last <= changed) rate = 1750;
        }
    }
    const auto net = goods.consumer_milli ? *goods.consumer_milli : *goods.account_milli;
    const auto nearest = std::max<std::int64_t>(1, mul_div(net, 10000 + rate, 100000, Rounding::half_up));
    const auto fits = [&](std::int64_t gross) { return gross > 0 && mul_div(gross, 10000, 10000 + rate, Rounding::half_up) == pence(net); };
    for (const std::int64_t off : {0, -1, 1}) {
        if ((nearest + off) % 5 == 0 && fits(nearest + off)) return nearest + off;
    }
    return nearest;
}

std::string display_name(std::string_view name) {
    if (std::ranges::any_of(name, [](char c) { return c >= 'a' && c <= 'z'; })) return std::string(name);
    std::string out;
    char before = ' ';
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        if (c == ' ' && before == ' ') continue;  // the file has double spaces
        const bool inside = letter(before) || before == '\'';
        out += inside && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        before = c;
    }
    while (!out.empty() && (out.back() == ' ' || out.back() == ',')) out.pop_back();
    return out.empty() ? std::string(name) : out;
}

std::string_view category_of(std::string_view name) {
    std::set<std::string, std::less<>> words;
    std::string word;
    for (std::size_t i = 0; i <= name.size(); ++i) {
        const char c = i < name.size() ? name[i] : ' ';
        if (letter(c) || c == '-')
            word += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        else if (!word.empty())
            words.insert(std::exchange(word, {}));
    }
    for (const auto& shelf : shelves()) {
        if (std::ranges::any_of(shelf.words, [&](std::string_view wanted) { return words.contains(wanted); })) return shelf.handle;
    }
    return shelves().back().handle;
}

std::int64_t weight_of(std::string_view name) {
    const auto handle = category_of(name);
    return std::ranges::find(shelves(), handle, &Shelf::handle)->grams;
}

void save_goods(const OnlineRetailDeps& deps, const std::vector<Goods>& goods, OnlineRetailResult& result, const Progress& progress) {
    const auto now = deps.clock.now();
    for (const auto& one : goods) result.with_breaks += trade_tiers(one).size() > 1 ? 1 : 0;
    result.goods = deps.database.in_tx([&](db::Tx& tx) {
        std::int64_t added = 0;
        save_shelves(tx, deps);
        std::vector<std::string> handles;
        for (const auto& one : goods) handles.push_back(handle_of(one));
        std::set<std::string> known;
        for (const auto row : tx.query(sql::history_known_products, handles)) known.insert(row.get<std::string>("handle"));

        std::string products, texts, slugs, variants;
        std::vector<pricing::PriceEntry> trade, gbp, eur, chf;
        for (std::size_t i = 0; i < goods.size(); ++i) {
            const auto& one = goods[i];
            const auto variant = variant_id(one.sku);
            trade.push_back({variant, trade_tiers(one), {}, {}});
            const auto pounds = consumer_price(one);
            gbp.push_back({variant, {{1, pounds}}, {}, {}});
            eur.push_back({variant, {{1, std::max<std::int64_t>(1, mul_div(pounds, 100, kGbpPerHundredEur, Rounding::half_up))}}, {}, {}});
            chf.push_back({variant,
                           {{1, std::max<std::int64_t>(1, mul_div(pounds, kChfPerHundredEur, kGbpPerHundredEur, Rounding::half_up))}},
                           {},
                           {}});
            if (known.contains(handles[i])) continue;
            const auto product = catalog::ProductId::derived("online-retail:" + one.sku);
            const auto since = start_of(one.first_sold);
            add(products, product, handles[i], kType, category_id("giftware-" + std::string(category_of(one.name))), one.invoices, since,
                since, now);
            add(texts, product, std::string_view("en"), display_name(one.name), one.name + ' ' + one.sku);
            add(slugs, std::string_view("product"), std::string_view("en"), handles[i], product);
            add(variants, variant, product, one.sku, 0, weight_of(one.name));
            ++added;
        }
        if (added > 0) {
            copy(tx,
                 "copy catalog.product (id, handle, type_code, category_id, popularity, published_from, created_at, updated_at) from stdin",
                 products);
            copy(tx, "copy catalog.product_text (product_id, locale, name, keywords) from stdin", texts);
            copy(tx, "copy catalog.slug (kind, locale, slug, entity_id) from stdin", slugs);
            copy(tx, "copy catalog.variant (id, product_id, sku, position, weight_grams) from stdin", variants);
        }
        // Goods of an earlier run that had no weight yet; one that staff entered stays.
        std::vector<catalog::VariantId> ids;
        std::vector<std::int64_t> weights;
        for (const auto& one : goods) {
            ids.push_back(variant_id(one.sku));
            weights.push_back(weight_of(one.name));
        }
        const auto weighed = tx.exec(sql::history_weigh, ids, weights);
        const auto list = [&](std::string code, std::string name, std::string_view currency) {
            pricing::PriceListSpec spec;
            spec.code = std::move(code);
            spec.name = std::move(name);
            spec.currency = Currency::of(currency);
            return spec;
        };
        auto wholesale = list("online-retail-trade", "Wholesale, net, pound", "GBP");
        wholesale.tax_included = false;
        wholesale.customer_group = std::string(kTradeGroup);
        std::int64_t changed = 0;
        changed += deps.prices.set_prices(tx, deps.prices.save_list(tx, wholesale, now), trade, now, pricing::Announce::nothing);
        changed += deps.prices.set_prices(tx, deps.prices.save_list(tx, list("online-retail-gbp", "Consumers, pound", "GBP"), now), gbp,
                                          now, pricing::Announce::nothing);
        changed += deps.prices.set_prices(tx, deps.prices.save_list(tx, list("online-retail-eur", "Consumers, euro", "EUR"), now), eur, now,
                                          pricing::Announce::nothing);
        changed += deps.prices.set_prices(tx, deps.prices.save_list(tx, list("online-retail-chf", "Consumers, Swiss franc", "CHF"), now),
                                          chf, now, pricing::Announce::nothing);
        if (added > 0 || weighed > 0 || changed > 0) deps.catalog.announce_bulk_change(tx);
        return added;
    });
    progress(fmt::format("goods: {} in the file, {} new; {} with a quantity break", goods.size(), result.goods, result.with_breaks));
}

void save_stock(const OnlineRetailDeps& deps, std::int64_t source, const std::vector<Goods>& goods, OnlineRetailResult& result) {
    std::vector<std::string> skus;
    for (const auto& one : goods) skus.push_back(one.sku);
    result.stocked = deps.database.in_tx([&](db::Tx& tx) {
        const auto levels = tx.query(sql::history_unstocked, source, skus, kStockDays);
        if (levels.empty()) return std::int64_t{0};
        const auto warehouses = tx.query(sql::history_first_warehouse);
        if (warehouses.empty()) throw std::runtime_error("there is no warehouse to put stock into");
        const auto warehouse = warehouses.front().get<Uuid>("id");
        std::string stock, movements;
        for (const auto row : levels) {
            const auto variant = row.get<catalog::VariantId>("variant_id");
            const auto on_hand = row.get<std::int64_t>("on_hand");
            const auto id = Uuid::derived("online-retail-stock:" + variant.uuid().to_string());
            add(stock, id, warehouse, variant, on_hand);
            if (on_hand > 0) add(movements, id, on_hand, std::string_view("import"));
        }
        copy(tx, "copy inventory.stock (id, warehouse_id, variant_id, on_hand) from stdin", stock);
        if (!movements.empty()) copy(tx, "copy inventory.movement (stock_id, delta, reason) from stdin", movements);
        deps.catalog.announce_bulk_change(tx);
        return static_cast<std::int64_t>(levels.size());
    });
}

}  // namespace stoa::app
