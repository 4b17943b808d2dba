#include "new_lines.hpp"

#include "sql/orders.hpp"

namespace stoa::orders {

db::Call insert_lines(OrderId order, std::span<const NewLine> lines, std::span<const Uuid> ids, int first) {
    std::vector<Uuid> variants, products;
    std::vector<int> positions;
    std::vector<std::string> skus, names, options, slugs, treatments;
    std::vector<std::optional<std::string>> images;
    std::vector<std::int64_t> quantities, units, discounts, totals, nets, taxes, rates, weights;
    for (const auto& line : lines) {
        positions.push_back(first + static_cast<int>(positions.size()));
        variants.push_back(line.variant.id.uuid());
        products.push_back(line.variant.product_id.uuid());
        skus.push_back(line.variant.sku);
        names.push_back(line.variant.product_name);
        options.push_back(line.variant.options_text);
        slugs.push_back(line.variant.product_slug);
        images.push_back(line.variant.image ? std::optional(json::render(*line.variant.image)) : std::nullopt);
        quantities.push_back(line.quantity);
        units.push_back(line.unit_price.minor());
        discounts.push_back(line.discount.minor());
        totals.push_back(line.total.minor());
        nets.push_back(line.net.minor());
        taxes.push_back(line.tax.minor());
        rates.push_back(line.tax_basis_points);
        treatments.push_back(line.tax_treatment);
        weights.push_back(line.variant.weight_grams);
    }
    return db::call(sql::insert_lines, order, std::vector<Uuid>(ids.begin(), ids.end()), positions, variants, products, skus, names,
                    options, slugs, images, quantities, units, discounts, totals, nets, taxes, rates, treatments, weights);
}

}  // namespace stoa::orders
