#include "stoa/pricing/desk.hpp"

#include <fmt/format.h>

#include "sql/desk.hpp"
#include "stoa/events/events.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::pricing {
namespace {

void rates_changed(db::Tx& tx, TaxBook& book, std::string_view country) {
    events::append(
        tx, events::NewEvent{"tax.changed", "tax:main", fmt::format(R"({{"what":{}}})", json::quote("rate:" + std::string(country)))});
    tx.after_commit([&book] { book.reload(); });
}

}  // namespace

bool remove_price(db::Tx& tx, PriceId price, Timestamp at) {
    const auto rows = tx.query(sql::remove_price, price, at);
    if (rows.empty()) return false;
    const auto variant = rows.front().get<catalog::VariantId>("variant_id");
    events::append(tx, events::NewEvent{"price.changed", "price:" + variant.uuid().to_string(),
                                        fmt::format(R"({{"variant_id":"{}"}})", variant.to_string())});
    return true;
}

void end_rate(db::Tx& tx, TaxBook& book, std::string_view country, std::string_view tax_class, Date valid_from,
              const std::optional<Date>& until) {
    if (tx.query(sql::end_tax_rate, country, tax_class, valid_from, until).empty()) return;
    rates_changed(tx, book, country);
}

bool remove_rate(db::Tx& tx, TaxBook& book, std::string_view country, std::string_view tax_class, Date valid_from, Date today) {
    if (tx.query(sql::remove_tax_rate, country, tax_class, valid_from, today).empty()) return false;
    rates_changed(tx, book, country);
    return true;
}

}  // namespace stoa::pricing
