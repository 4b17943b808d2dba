#include "stoa/shipping/rate_book.hpp"

#include "sql/rate_book.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::shipping {

Result<std::int64_t> save_rate(db::Tx& tx, const std::optional<std::int64_t>& id, const RateSpec& rate) {
    if (const auto english = rate.names.find("en"); english == rate.names.end() || english->second.empty())
        return fail_field("/names", "required", "It has an English name: where another is missing, that is shown.");
    if (rate.price.is_negative()) return fail_field("/price", "negative", "A price is not below nothing.");
    if (rate.days_max < rate.days_min) return fail_field("/days_max", "order", "Not less than the fewest days.");
    (void)tx.query(sql::lock_zone, rate.zone);
    const auto number = id ? std::optional(static_cast<int>(*id)) : std::nullopt;
    if (tx.query(sql::rate_taken, rate.zone, rate.code, rate.price.currency(), rate.up_to_grams, number).front().get<bool>("found"))
        return fail_field("/up_to_grams", "taken", "The zone has this delivery up to this weight already.");
    if (!rate.enabled && !tx.query(sql::other_rate_of_zone, rate.zone, number).front().get<bool>("found") &&
        tx.query(sql::zone_is_served, rate.zone).front().get<bool>("found"))
        return fail(ErrorKind::conflict, "shipping.last_rate",
                    "It is the last delivery of this zone: take the countries out of the zone before it is switched off.");
    const auto names = json::render(rate.names);
    if (!id)
        return tx
            .query(sql::insert_rate, rate.zone, rate.code, names, rate.carrier, rate.up_to_grams, rate.price.currency(), rate.price.minor(),
                   rate.days_min, rate.days_max, rate.can_be_free, rate.enabled)
            .front()
            .get<std::int64_t>("id");
    if (tx.query(sql::update_rate, *number, names, rate.carrier, rate.price.minor(), rate.days_min, rate.days_max, rate.can_be_free,
                 rate.enabled)
            .empty())
        return fail(ErrorKind::not_found, "http.not_found", "There is nothing here.");
    return *id;
}

Result<void> put_country(db::Tx& tx, std::string_view country, std::string_view zone) {
    (void)tx.query(sql::lock_zone, zone);
    if (!tx.query(sql::other_rate_of_zone, zone, std::optional<int>()).front().get<bool>("found"))
        return fail_field("/zone", "no_rates", "This zone has no delivery that is switched on: make one first.");
    tx.exec(sql::put_country, country, zone);
    return {};
}

bool drop_country(db::Tx& tx, std::string_view country) { return !tx.query(sql::drop_country, country).empty(); }

void put_free_from(db::Tx& tx, std::string_view zone, const Money& amount) {
    tx.exec(sql::put_free_from, zone, amount.currency(), amount.minor());
}

bool drop_free_from(db::Tx& tx, std::string_view zone, Currency currency) { return !tx.query(sql::drop_free_from, zone, currency).empty(); }

void set_customs(db::Tx& tx, const Uuid& variant, const std::optional<CustomsFacts>& facts, Timestamp now) {
    if (facts)
        tx.exec(sql::set_customs, variant, facts->hs_code, facts->origin_country, now);
    else
        tx.exec(sql::drop_customs, variant);
}

}  // namespace stoa::shipping
