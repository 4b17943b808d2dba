#pragma once
// The shop's own deliveries, where it delivers to, and what customs want to know about goods, from the side of those who run the shop.
// Processes read the tables again within a minute.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/money/money.hpp"
#include "stoa/result/result.hpp"

namespace stoa::shipping {

// One way to send parcels up to a weight to a zone. Of the same code the first that carries the parcel counts.
struct RateSpec {
    std::string zone, code;
    std::map<std::string, std::string> names;  // by locale; "en" is always there
    std::optional<std::string> carrier;
    std::int64_t up_to_grams = 0;
    Money price;
    int days_min = 0, days_max = 0;
    bool can_be_free = true, enabled = true;
};
// Makes one, or changes the one with this id; its zone, code, weight and currency stay. 409 shipping.last_rate while the shop delivers to
// the zone; 422 at its field.
[[nodiscard]] Result<std::int64_t> save_rate(db::Tx& tx, const std::optional<std::int64_t>& id, const RateSpec& rate);
// The country is delivered to by the rates of that zone. 422 /zone "no_rates".
[[nodiscard]] Result<void> put_country(db::Tx& tx, std::string_view country, std::string_view zone);
[[nodiscard]] bool drop_country(db::Tx& tx, std::string_view country);
void put_free_from(db::Tx& tx, std::string_view zone, const Money& amount);
[[nodiscard]] bool drop_free_from(db::Tx& tx, std::string_view zone, Currency currency);

struct CustomsFacts {
    std::string hs_code, origin_country;
};
// nullopt: nothing is known any more.
void set_customs(db::Tx& tx, const Uuid& variant, const std::optional<CustomsFacts>& facts, Timestamp now);

}  // namespace stoa::shipping
