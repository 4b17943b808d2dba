#pragma once
// Totals on the wire, the same in cart, checkout and order.
#include <optional>
#include <string>
#include <vector>

#include "stoa/json/describe.hpp"
#include "stoa/money/money.hpp"
#include "stoa/pricing/tax.hpp"

namespace stoa::cart {

struct TaxLineDto {
    std::string rate_label;
    pricing::Treatment treatment = pricing::Treatment::standard;
    Money net;
    Money tax;
};
inline void describe(json::Struct<TaxLineDto>& d) {
    d.name("TaxLine");
    d.field<&TaxLineDto::rate_label>("rate_label", "\"19 %\".");
    d.field<&TaxLineDto::treatment>("treatment");
    d.field<&TaxLineDto::net>("net");
    d.field<&TaxLineDto::tax>("tax");
}

// Tax included: subtotal + shipping - discount = total. Otherwise: subtotal + shipping - discount + tax = total. The sum of all
// tax lines' net and tax is the total in both cases.
struct TotalsDto {
    Money subtotal;
    Money discount;
    std::optional<Money> shipping;
    Money tax;
    Money total;
    bool tax_included = true;
    std::vector<TaxLineDto> tax_lines;
};
inline void describe(json::Struct<TotalsDto>& d) {
    d.name("Totals");
    d.field<&TotalsDto::subtotal>("subtotal", "Goods before discounts.");
    d.field<&TotalsDto::discount>("discount", "All discounts, those on shipping included; never negative.");
    d.field<&TotalsDto::shipping>("shipping", "Before discounts; absent until a delivery is chosen.");
    d.field<&TotalsDto::tax>("tax");
    d.field<&TotalsDto::total>("total");
    d.field<&TotalsDto::tax_included>("tax_included", "Whether the amounts of lines contain tax.");
    d.field<&TotalsDto::tax_lines>("tax_lines");
}

}  // namespace stoa::cart
