#pragma once
// Shipping rates, service points, labels and tracking; the Sendcloud v3 client. Live options come from the provider with a short
// time-out and a cache; when it does not answer, the shop's own rates are offered instead, never an error.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/config/config.hpp"
#include "stoa/db/db.hpp"
#include "stoa/http_client/client.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/money/money.hpp"
#include "stoa/redis/redis.hpp"
#include "stoa/result/result.hpp"

namespace stoa::shipping {

struct PromiseDto {
    Date from{};
    Date to{};
};
inline void describe(json::Struct<PromiseDto>& d) {
    d.name("ParcelPromise").doc("Days on which the parcel is expected, both included.");
    d.field<&PromiseDto::from>("from");
    d.field<&PromiseDto::to>("to");
}

enum class OptionKind { home, service_point };
inline json::EnumNames<OptionKind> enum_names(OptionKind) {
    static constexpr std::pair<OptionKind, std::string_view> names[] = {{OptionKind::home, "home"},
                                                                        {OptionKind::service_point, "service_point"}};
    return names;
}

// One way to send a parcel, priced for the buyer.
struct OptionDto {
    std::string id;  // "flat:standard" or "sendcloud:<shipping_option_code>"
    std::string name;
    std::optional<std::string> carrier;
    OptionKind kind = OptionKind::home;
    Money price;  // as displayed (tax included for consumers)
    std::optional<PromiseDto> promise;
    std::optional<std::string> description;
};
inline void describe(json::Struct<OptionDto>& d) {
    d.name("ShippingOption");
    d.field<&OptionDto::id>("id");
    d.field<&OptionDto::name>("name");
    d.field<&OptionDto::carrier>("carrier");
    d.field<&OptionDto::kind>("kind");
    d.field<&OptionDto::price>("price");
    d.field<&OptionDto::promise>("promise");
    d.field<&OptionDto::description>("description");
}

struct OpeningDto {
    int day = 1;  // 1 = Monday
    std::string from, to;
};
inline void describe(json::Struct<OpeningDto>& d) {
    d.name("OpeningHours");
    d.field<&OpeningDto::day>("day", "1 = Monday.").min(1).max(7);
    d.field<&OpeningDto::from>("from", "09:00");
    d.field<&OpeningDto::to>("to", "18:00");
}
struct ServicePointDto {
    std::string id;
    std::string carrier;
    std::string name;
    std::string street;
    std::optional<std::string> house_number;
    std::string postal_code;
    std::string city;
    std::string country;
    std::string latitude;  // decimal degrees as text
    std::string longitude;
    std::optional<int> distance_m;
    std::vector<OpeningDto> opening;
};
inline void describe(json::Struct<ServicePointDto>& d) {
    d.name("ServicePoint");
    d.field<&ServicePointDto::id>("id");
    d.field<&ServicePointDto::carrier>("carrier");
    d.field<&ServicePointDto::name>("name");
    d.field<&ServicePointDto::street>("street");
    d.field<&ServicePointDto::house_number>("house_number");
    d.field<&ServicePointDto::postal_code>("postal_code");
    d.field<&ServicePointDto::city>("city");
    d.field<&ServicePointDto::country>("country");
    d.field<&ServicePointDto::latitude>("latitude", "Decimal degrees.");
    d.field<&ServicePointDto::longitude>("longitude", "Decimal degrees.");
    d.field<&ServicePointDto::distance_m>("distance_m", "Metres from the address asked for.");
    d.field<&ServicePointDto::opening>("opening");
}

struct Destination {
    std::string country, postal_code, city, line1, state;
};
struct ParcelItem {
    std::int64_t quantity = 1;
    std::int64_t weight_grams = 0, length_mm = 0, width_mm = 0, height_mm = 0;
    Money value;
};
// When goods that are not there yet are expected; without a day nobody knows.
struct GoodsToCome {
    std::optional<Date> on;
};
struct RateRequest {
    Destination to;
    std::vector<ParcelItem> items;
    Money goods_total;  // after discounts: decides free shipping
    std::string locale;
    Timestamp at;
    std::optional<GoodsToCome> waits_for;  // absent: everything is there
};

class Shipping {
public:
    virtual ~Shipping() = default;
    // Never empty for a country the shop delivers to. May call the provider (≤ its time-out): outbound pool, no transaction.
    [[nodiscard]] virtual std::vector<OptionDto> options(const RateRequest& request) = 0;
    // The same option as options() would price it now. Fails with shipping.option_unknown when it is not offered (any more), and with
    // shipping.unavailable when the provider that prices it does not answer: an option priced earlier for the same parcel may be kept.
    [[nodiscard]] virtual Result<OptionDto> option(const RateRequest& request, std::string_view option_id) = 0;
    // Own rates only, no provider call: used where the cart shows what delivery will cost, and by tests.
    [[nodiscard]] virtual std::vector<OptionDto> own_rates(const RateRequest& request) = 0;
    [[nodiscard]] virtual Result<std::vector<ServicePointDto>> service_points(std::string_view option_id, const Destination& near) = 0;
    // Fails with shipping.service_point_unknown also when it is one of another carrier or country.
    [[nodiscard]] virtual Result<ServicePointDto> service_point(std::string_view id, std::string_view option_id,
                                                                std::string_view country) = 0;
    // Order value from which standard delivery, and whatever costs no more, is free; nullopt where there is no such offer.
    [[nodiscard]] virtual std::optional<Money> free_from(Currency currency, std::string_view country) = 0;
    [[nodiscard]] virtual bool delivers_to(std::string_view country) const = 0;
};

[[nodiscard]] std::unique_ptr<Shipping> make_shipping(db::Database& database, redis::Redis& redis, const Clock& clock,
                                                      http_client::Client& client, Config::Sendcloud config);

}  // namespace stoa::shipping
