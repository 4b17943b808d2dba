#include "sales.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "stoa/search/merchandising.hpp"

namespace stoa::app {
namespace {

constexpr std::size_t kRelatedKept = 8;
constexpr std::size_t kLargestBasket = 60;  // beyond it a basket is a delivery to a dealer and tells nothing about pairs

// Sorted by basket. Sales of more than two years ago have faded to less than a thousandth. Column 3: seconds between the sale and now, or
// the end of the system it was taken over from.
constexpr std::string_view kSales =
    "copy (select b.basket, b.product_id, b.age from ("
    "select 'o/' || o.id::text as basket, l.product_id, extract(epoch from now() - o.placed_at)::bigint as age "
    "from orders.orders o join orders.line l on l.order_id = o.id "
    "where o.state in ('confirmed', 'processing', 'shipped', 'delivered', 'completed') and o.placed_at > now() - interval '2 years' "
    "union all "
    "select 'h/' || l.source || '/' || l.document_number, v.product_id, extract(epoch from e.last - l.at)::bigint "
    "from history_api.line l join catalog.variant v on v.sku = l.sku "
    "join (select source, max(at) as last from history_api.line where kind = 'sale' group by source) e on e.source = l.source "
    "where l.kind = 'sale' and l.goods"
    ") b join catalog.product p on p.id = b.product_id order by b.basket, b.product_id) to stdout";

struct Sales {
    std::vector<Uuid> products;
    std::unordered_map<Uuid, std::uint32_t> index;
    std::vector<double> wanted;                       // by product: sales that fade
    std::vector<std::vector<std::uint32_t>> baskets;  // of those that tell about pairs, each product once
    std::int64_t count = 0;
};

Sales read_sales(db::Database& database) {
    Sales sales;
    database.in_tx([&](db::Tx& tx) {
        sales = {};
        tx.run_text("set local statement_timeout = '10min'");  // two years of sales, read once a night
        std::string current;
        std::vector<std::uint32_t> basket;
        const auto finish = [&] {
            if (basket.empty()) return;
            ++sales.count;
            if (basket.size() > 1 && basket.size() <= kLargestBasket) sales.baskets.push_back(basket);
            basket.clear();
        };
        tx.copy_out(kSales, [&](std::string_view row) {
            const auto first = row.find('\t');
            const auto second = row.find('\t', first + 1);
            const auto id = Uuid::parse(row.substr(first + 1, second - first - 1));
            std::int64_t age = 0;
            const auto text = row.substr(second + 1);
            if (!id || std::from_chars(text.data(), text.data() + text.size(), age).ec != std::errc())
                throw std::runtime_error("a line of the sales cannot be read");
            if (row.substr(0, first) != current) {
                finish();
                current = row.substr(0, first);
            }
            const auto [at, added] = sales.index.emplace(*id, static_cast<std::uint32_t>(sales.products.size()));
            if (added) {
                sales.products.push_back(*id);
                sales.wanted.push_back(0);
            }
            if (!basket.empty() && basket.back() == at->second) return;  // two variants of one product
            basket.push_back(at->second);
            const double days = static_cast<double>(std::max<std::int64_t>(0, age)) / 86400;
            sales.wanted[at->second] += std::exp2(-days / kHalfLifeDays);
        });
        finish();
    });
    return sales;
}

// Lift: how much more often two are together than if nobody chose, in thousandths.
std::vector<search::Learnt::Pair> bought_together(const Sales& sales) {
    std::vector<std::vector<std::uint32_t>> baskets_of(sales.products.size());
    for (std::uint32_t i = 0; i < sales.baskets.size(); ++i) {
        for (const auto product : sales.baskets[i]) baskets_of[product].push_back(i);
    }
    const auto all = static_cast<std::int64_t>(sales.baskets.size());
    std::vector<search::Learnt::Pair> out;
    std::vector<std::int64_t> together(sales.products.size(), 0);
    std::vector<std::uint32_t> touched;
    struct Candidate {
        std::int64_t lift, count;
        std::uint32_t other;
    };
    for (std::uint32_t product = 0; product < sales.products.size(); ++product) {
        const auto own = static_cast<std::int64_t>(baskets_of[product].size());
        if (own < kLeastTogether) continue;
        for (const auto basket : baskets_of[product]) {
            for (const auto other : sales.baskets[basket]) {
                if (other != product && together[other]++ == 0) touched.push_back(other);
            }
        }
        std::vector<Candidate> found;
        for (const auto other : touched) {
            const auto count = std::exchange(together[other], 0);
            if (count < kLeastTogether) continue;
            const auto lift = 1000 * count * all / (own * static_cast<std::int64_t>(baskets_of[other].size()));
            if (lift > 1000) found.push_back({lift, count, other});
        }
        touched.clear();
        std::ranges::sort(found, [&](const Candidate& a, const Candidate& b) {
            if (a.lift != b.lift) return a.lift > b.lift;
            if (a.count != b.count) return a.count > b.count;
            return sales.products[a.other] < sales.products[b.other];
        });
        if (found.size() > kRelatedKept) found.resize(kRelatedKept);
        for (const auto& candidate : found)
            out.push_back(
                {catalog::ProductId(sales.products[product]), catalog::ProductId(sales.products[candidate.other]), candidate.lift});
    }
    return out;
}

}  // namespace

SalesLearnt learn_from_sales(db::Database& database) {
    const auto sales = read_sales(database);
    search::Learnt learnt;
    for (std::size_t i = 0; i < sales.products.size(); ++i) {
        if (const auto score = std::llround(sales.wanted[i] * static_cast<double>(kSale)); score > 0)
            learnt.popularity.emplace_back(catalog::ProductId(sales.products[i]), score);
    }
    learnt.related = bought_together(sales);
    database.in_tx([&](db::Tx& tx) { search::replace_learnt(tx, learnt); });
    return {sales.count, static_cast<std::int64_t>(learnt.popularity.size()), static_cast<std::int64_t>(learnt.related.size())};
}

void seed_synonyms(db::Database& database) {
    static const std::vector<std::pair<std::string, std::vector<std::string>>> kGroups{
        {"en", {"sofa", "couch", "settee"}},
        {"en", {"wardrobe", "closet"}},
        {"en", {"bookcase", "bookshelf", "book shelf"}},
        {"en", {"rug", "carpet"}},
        {"en", {"lamp", "light"}},
        {"en", {"bin", "trash can", "wastebasket"}},
        {"de", {"Sofa", "Couch"}},
        {"de", {"Schrank", "Kasten"}},
        {"de", {"Sessel", "Lehnstuhl", "Fauteuil"}},
        {"de", {"Leuchte", "Lampe"}},
        {"de", {"Mülleimer", "Papierkorb", "Abfalleimer"}},
        {"nl", {"bank", "sofa"}},
        {"nl", {"kast", "kabinet"}},
        {"nl", {"fauteuil", "leunstoel"}},
        {"nl", {"vloerkleed", "tapijt", "karpet"}},
        {"fr", {"canapé", "sofa", "divan"}},
        {"fr", {"armoire", "penderie"}},
        {"fr", {"tapis", "carpette"}},
        {"fr", {"lampe", "luminaire"}},
        {"fr", {"poubelle", "corbeille"}},
    };
    const auto merchandiser = search::make_merchandiser();
    database.in_tx([&](db::Tx& tx) {
        for (const auto& [locale, words] : kGroups) {
            const auto put =
                merchandiser->put(tx, search::Synonyms{Uuid::derived("demo-synonyms:" + locale + ":" + words[0]), locale, words});
            if (!put) throw std::runtime_error(put.error().code + ": " + put.error().message);
        }
    });
}

}  // namespace stoa::app
