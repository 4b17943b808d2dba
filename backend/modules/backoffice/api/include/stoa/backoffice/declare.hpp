#pragma once
// The resources of this shop. Each write goes through the module that owns the row, so that its rules hold and its events are written.
#include "stoa/backoffice/make.hpp"
#include "stoa/backoffice/registry.hpp"
#include "stoa/catalog/part_numbers.hpp"
#include "stoa/catalog/reader.hpp"
#include "stoa/catalog/writer.hpp"
#include "stoa/content/content.hpp"
#include "stoa/customers/customers.hpp"
#include "stoa/customers/groups.hpp"
#include "stoa/inventory/inventory.hpp"
#include "stoa/orders/orders.hpp"
#include "stoa/pricing/pricing.hpp"
#include "stoa/promotions/promotions.hpp"
#include "stoa/search/merchandising.hpp"

namespace stoa::backoffice {

struct Declared {
    catalog::Writer& catalog;
    catalog::Reader& catalog_reader;
    inventory::Inventory& inventory;
    pricing::PriceBook& prices;
    pricing::TaxBook& tax;
    promotions::Promotions& promotions;
    search::Merchandiser& merchandiser;
    content::Writer& content;
    customers::Customers& customers;
    orders::Orders& orders;
    catalog::PartNumbers& part_numbers;
    customers::Groups& groups;
};
void declare_staff(Registry& registry);                   // staff, roles, audit log
void declare_catalog(Registry& registry, Declared shop);  // with audiences and part numbers
void declare_selling(Registry& registry, Declared shop);  // prices, tax, promotions, stock
void declare_delivery(Registry& registry);                // warehouses, deliveries, where they go
void declare_people(Registry& registry, Declared shop);   // customers, their groups, and orders
void declare_settings(Registry& registry);                // who sells
void declare_words(Registry& registry, Declared shop);    // pages, synonyms, search rules
inline void declare_shop(Registry& registry, Declared shop) {
    declare_people(registry, shop);
    declare_catalog(registry, shop);
    declare_selling(registry, shop);
    declare_delivery(registry);
    declare_words(registry, shop);
    declare_settings(registry);
    declare_staff(registry);
}
// Orders, customers and products: what Ctrl-K looks through.
[[nodiscard]] std::vector<std::string> searched_resources();
[[nodiscard]] std::vector<Figure> todays_figures();

}  // namespace stoa::backoffice
