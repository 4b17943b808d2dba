#pragma once
// What the data set says about its goods: names, two price lists, quantity breaks.
#include <map>
#include <string>
#include <vector>

#include "import_online_retail.hpp"

namespace stoa::app {

// One line of price-points.csv: a price a SKU was sold at three times or more, in one channel.
struct PricePoint {
    std::int64_t milli = 0;
    std::int64_t lines = 0;
    std::int64_t p10 = 0, p90 = 0;  // of the quantities bought at it
    Date first, last;
};
struct Goods {
    std::string sku, name;
    std::optional<std::int64_t> account_milli, consumer_milli;  // most frequent net prices
    std::int64_t invoices = 0;
    Date first_sold, last_sold;
    std::vector<PricePoint> account_points, consumer_points;
};
[[nodiscard]] std::vector<Goods> read_goods(const std::string& directory);

// Wholesale price in pence, net, with the quantity breaks the prices show: two account prices with ten lines or more each,
// sold in overlapping periods, the lower one's tenth percentile of quantities at or above the higher one's ninetieth. Of several
// such pairs the one with the most lines is taken; the break begins at that tenth percentile. More breaks of the same higher price
// follow when they ask for more and cost less. Without a pair: the most frequent account price alone.
[[nodiscard]] std::vector<std::pair<std::int64_t, std::int64_t>> trade_tiers(const Goods& goods);
// Consumer price in pence with VAT: the price whose net, rounded to a penny, is the one in the books; of several the one that
// ends in 5 or 0. VAT is 17.5 % when the net price was last used by the fifth of January 2011, else 20 %. Goods consumers
// never bought have the wholesale price with VAT.
[[nodiscard]] std::int64_t consumer_price(const Goods& goods);
// "WHITE HANGING HEART T-LIGHT HOLDER" → "White Hanging Heart T-Light Holder"; names with small letters stay as they are.
[[nodiscard]] std::string display_name(std::string_view name);
// Handle of the category that a name belongs to, by its words.
[[nodiscard]] std::string_view category_of(std::string_view name);
// Grams of one piece with its wrapping, by its category: what parcels are rated and labelled with until somebody weighs it.
[[nodiscard]] std::int64_t weight_of(std::string_view name);

// Catalogue, prices and addresses of goods that are not there yet, in one transaction; prices of all are set again.
void save_goods(const OnlineRetailDeps& deps, const std::vector<Goods>& goods, OnlineRetailResult& result, const Progress& progress);
// Stock for goods that have none recorded: what they sold in the file's last 60 days, less what came back.
inline constexpr int kStockDays = 60;
void save_stock(const OnlineRetailDeps& deps, std::int64_t source, const std::vector<Goods>& goods, OnlineRetailResult& result);

}  // namespace stoa::app
