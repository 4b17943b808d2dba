#include <algorithm>

#include "seed.hpp"
#include "stoa/text/text.hpp"

namespace stoa::app {

PublicLists save_public_lists(db::Tx& tx, pricing::PriceBook& prices, Timestamp at) {
    const auto list = [&](std::string code, std::string name, std::string_view currency) {
        pricing::PriceListSpec spec;
        spec.code = std::move(code);
        spec.name = std::move(name);
        spec.currency = Currency::of(currency);
        return prices.save_list(tx, spec, at);
    };
    return {list("eur-retail", "Retail, euro", "EUR"), list("gbp-retail", "Retail, pound", "GBP"),
            list("chf-retail", "Retail, Swiss franc", "CHF")};
}

pricing::PriceListId ensure_public_list(db::Tx& tx, pricing::PriceBook& prices, Currency currency, Timestamp at) {
    pricing::PriceListSpec spec;
    spec.code = text::lower(currency.code()) + "-retail";
    if (const auto known = prices.find_list(tx, spec.code)) return *known;
    spec.name = "Retail, " + std::string(currency.code());
    spec.currency = currency;
    return prices.save_list(tx, spec, at);
}

std::int64_t converted(std::int64_t eur_minor, std::int64_t per_hundred) {
    // minor → whole units: / 100 for the rate and / 100 for the cents
    return std::max<std::int64_t>(1, mul_div(eur_minor, per_hundred, 10'000, Rounding::half_up)) * 100;
}

}  // namespace stoa::app
