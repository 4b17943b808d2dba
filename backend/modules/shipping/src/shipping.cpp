#include "stoa/shipping/make.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

#include "domain/live.hpp"
#include "domain/promise.hpp"
#include "sendcloud/client.hpp"
#include "sql/shipping.hpp"
#include "stoa/refresh/refresher.hpp"

namespace stoa::shipping {
namespace {

constexpr std::chrono::seconds kReload{60};
constexpr std::chrono::seconds kPause{30};       // after a failure the provider is left alone
constexpr std::chrono::seconds kCacheLife{600};  // at most ten minutes (sendcloud.md section 13)
constexpr std::string_view kLivePrefix = "sendcloud:";

struct Rate {
    std::string zone, code;
    std::map<std::string, std::string> names;
    std::optional<std::string> carrier;
    std::int64_t up_to_grams = 0;
    Money price;
    int days_min = 0, days_max = 0;
    bool can_be_free = true;
};

// Everything of the rate tables; immutable, swapped as a whole.
struct Tables {
    std::map<std::string, std::string, std::less<>> zone_of;
    std::vector<Rate> rates;
    std::map<std::pair<std::string, std::string>, Money> free_from;        // zone, currency
    std::map<std::pair<std::string, std::string>, std::int64_t> exchange;  // from, to: units of the second for a million of the first
    Timestamp loaded_at;
};

std::int64_t weight_of(const RateRequest& request) {
    std::int64_t total = 0;
    for (const auto& item : request.items) total += item.weight_grams * item.quantity;
    return std::max<std::int64_t>(total, 1);
}

class Rates final : public Shipping {
public:
    Rates(db::Database& database, redis::Redis& redis, const Clock& clock, http_client::Client& client, Config::Sendcloud config,
          std::chrono::milliseconds refresh_every)
        : database_(database), redis_(redis), clock_(clock), sendcloud_(client, std::move(config)), refreshed_(refresh_every.count() > 0) {
        reload();
        refresher_ = Refresher(refresh_every, "shipping: the rates cannot be read again; the known ones go on", [this] { reload(); });
    }

    std::vector<OptionDto> own_rates(const RateRequest& request) override {
        const auto tables = current();
        std::vector<OptionDto> out;
        const auto zone = tables->zone_of.find(request.to.country);
        if (zone == tables->zone_of.end()) return out;
        const std::int64_t weight = weight_of(request);
        const bool is_free = reaches_free(*tables, zone->second, request.goods_total);
        std::string last;
        for (const auto& rate : tables->rates) {
            // Rates are sorted by weight: the first that carries the parcel counts.
            if (rate.zone != zone->second || rate.price.currency() != request.goods_total.currency() || rate.up_to_grams < weight ||
                rate.code == last)
                continue;
            last = rate.code;
            OptionDto option;
            option.id = "own:" + rate.code;
            const auto name = rate.names.find(request.locale);
            option.name = name != rate.names.end() ? name->second : rate.names.at("en");
            option.carrier = rate.carrier;
            option.price = is_free && rate.can_be_free ? Money::zero(rate.price.currency()) : rate.price;
            option.promise = promise(request.at, request.waits_for, rate.days_min, rate.days_max);
            out.push_back(std::move(option));
        }
        std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.price < b.price; });
        return out;
    }

    std::vector<OptionDto> options(const RateRequest& request) override {
        auto out = own_rates(request);
        if (out.empty()) return out;
        bool reached = true;
        for (auto& option : live_options(request, reached)) out.push_back(std::move(option));
        return out;
    }

    Result<OptionDto> option(const RateRequest& request, std::string_view option_id) override {
        bool reached = true;
        auto all = option_id.starts_with(kLivePrefix) ? live_options(request, reached) : own_rates(request);
        for (auto& candidate : all) {
            if (candidate.id == option_id) return std::move(candidate);
        }
        if (!reached)
            return fail(ErrorKind::unavailable, "shipping.unavailable",
                        "The carrier cannot be asked right now. Choose another delivery or try again.");
        return fail(ErrorKind::invalid, "shipping.option_unknown", "This delivery is not offered (any more).");
    }

    Result<std::vector<ServicePointDto>> service_points(std::string_view option_id, const Destination& near) override {
        if (!option_id.starts_with(kLivePrefix))
            return fail(ErrorKind::invalid, "shipping.option_unknown", "This delivery has no pick-up points.");
        const auto carrier = carrier_of(option_id);
        const auto key = "service-points:" + std::string(carrier) + ":" + near.country + ":" + near.postal_code + ":" + near.line1;
        if (const auto cached = redis_.get(key)) {
            if (auto points = json::parse_as<std::vector<ServicePointDto>>(*cached)) return std::move(*points);
        }
        using enum sendcloud::Client::Reach;
        sendcloud::Client::Answer<std::vector<ServicePointDto>> points;
        if (!paused()) {
            points = sendcloud_.service_points(carrier, near);
            if (points.reach == down) pause();
        }
        if (points.reach == down)
            return fail(ErrorKind::unavailable, "shipping.unavailable",
                        "Pick-up points cannot be shown right now. Choose home delivery or try again.");
        // A refusal is about this address: there is nothing near it.
        redis_.set(key, json::render(points.value), kCacheLife);
        return std::move(points.value);
    }

    Result<ServicePointDto> service_point(std::string_view id, std::string_view option_id, std::string_view country) override {
        using enum sendcloud::Client::Reach;
        auto answer = sendcloud_.service_point(id);
        if (answer.reach == down) {
            pause();
            return fail(ErrorKind::unavailable, "shipping.unavailable",
                        "The pick-up point cannot be checked right now. Choose home delivery or try again.");
        }
        if (answer.reach == refused)
            return fail(ErrorKind::invalid, "shipping.service_point_unknown", "This pick-up point no longer exists. Choose another one.");
        if (answer.value.carrier != carrier_of(option_id) || answer.value.country != country)
            return fail(ErrorKind::invalid, "shipping.service_point_unknown",
                        "This pick-up point does not belong to the chosen delivery. Choose another one.");
        return std::move(answer.value);
    }

    std::optional<Money> free_from(Currency currency, std::string_view country) override {
        const auto tables = current();
        const auto zone = tables->zone_of.find(country);
        if (zone == tables->zone_of.end()) return std::nullopt;
        const auto it = tables->free_from.find({zone->second, std::string(currency.code())});
        if (it == tables->free_from.end()) return std::nullopt;
        return it->second;
    }

    bool delivers_to(std::string_view country) const override { return current()->zone_of.contains(country); }

private:
    static bool reaches_free(const Tables& tables, const std::string& zone, const Money& goods) {
        const auto it = tables.free_from.find({zone, std::string(goods.currency().code())});
        return it != tables.free_from.end() && goods >= it->second;
    }

    // "sendcloud:dhl:service_point" is one of "dhl".
    static std::string_view carrier_of(std::string_view option_id) {
        const auto code = option_id.substr(std::min(kLivePrefix.size(), option_id.size()));
        return code.substr(0, code.find(':'));
    }

    // The cheapest of our own deliveries that can be free, as it would cost below the threshold.
    static std::optional<Money> standard_price(const Tables& tables, const std::string& zone, const RateRequest& request,
                                               std::int64_t weight) {
        std::optional<Money> best;
        for (const auto& rate : tables.rates) {
            if (rate.zone != zone || !rate.can_be_free || rate.price.currency() != request.goods_total.currency() ||
                rate.up_to_grams < weight)
                continue;
            if (!best || rate.price < *best) best = rate.price;
        }
        return best;
    }

    // The quote in the cart's currency; nullopt without a rate.
    static std::optional<Money> convert(const Tables& tables, const sendcloud::Quote& quote, Currency wanted) {
        const auto quoted = Currency::parse(quote.currency);
        if (!quoted) return std::nullopt;
        const auto price = Money::parse_decimal(quote.price, *quoted);
        if (!price) return std::nullopt;
        if (*quoted == wanted) return *price;
        const auto rate = tables.exchange.find({quote.currency, std::string(wanted.code())});
        if (rate == tables.exchange.end()) return std::nullopt;
        return convert_price(*price, rate->second, wanted);
    }

    std::vector<OptionDto> live_options(const RateRequest& request, bool& reached) {
        const std::int64_t weight = weight_of(request);
        std::vector<OptionDto> out;
        auto quotes = quotes_for(request.to, weight);
        reached = quotes.has_value();
        if (!quotes) return out;
        const auto tables = current();
        const auto zone = tables->zone_of.find(request.to.country);
        const auto given_away = zone != tables->zone_of.end() && reaches_free(*tables, zone->second, request.goods_total)
                                    ? standard_price(*tables, zone->second, request, weight)
                                    : std::nullopt;
        for (const auto& quote : *quotes) {
            const auto price = convert(*tables, quote, request.goods_total.currency());
            if (!price) continue;
            OptionDto option;
            option.id = std::string(kLivePrefix) + quote.code;
            option.name = live_name(quote.needs_service_point, quote.signature, quote.carrier_name, request.locale);
            const bool is_second = std::ranges::any_of(out, [&](const OptionDto& other) { return other.name == option.name; });
            if (is_second) option.description = quote.name;
            option.carrier = quote.carrier_name;
            option.kind = quote.needs_service_point ? OptionKind::service_point : OptionKind::home;
            // What costs us no more than the standard delivery that we give away is given away too.
            option.price = given_away && *price <= *given_away ? Money::zero(price->currency()) : *price;
            const int days = std::max(1, (quote.lead_time_hours + 23) / 24);
            option.promise = promise(request.at, request.waits_for, days, days + 1);
            out.push_back(std::move(option));
        }
        return out;
    }

    std::optional<std::vector<sendcloud::Quote>> quotes_for(const Destination& to, std::int64_t weight) {
        // Weight classes of 500 g share one answer.
        const std::int64_t rounded = (weight + 499) / 500 * 500;
        const std::string key = "rates:2:" + to.country + ":" + to.postal_code + ":" + std::to_string(rounded);
        if (const auto cached = redis_.get(key)) {
            if (auto value = json::parse(*cached)) {
                std::vector<sendcloud::Quote> out;
                for (const auto& item : value->items())
                    out.push_back({item.text_or("code"), item.text_or("name"), item.text_or("carrier_code"), item.text_or("carrier_name"),
                                   item.bool_or("point"), item.bool_or("signature"), item.text_or("price"), item.text_or("currency"),
                                   static_cast<int>(item.int_or("hours", 48))});
                return out;
            }
        }
        if (paused()) return std::nullopt;
        auto quotes = sendcloud_.options(to, rounded);
        if (quotes.reach == sendcloud::Client::Reach::down) {
            pause();
            return std::nullopt;
        }
        json::Writer out;
        out.begin_array();
        for (const auto& quote : quotes.value) {
            out.begin_object();
            out.member("code", quote.code);
            out.member("name", quote.name);
            out.member("carrier_code", quote.carrier_code);
            out.member("carrier_name", quote.carrier_name);
            out.member("point", quote.needs_service_point);
            out.member("signature", quote.signature);
            out.member("price", quote.price);
            out.member("currency", quote.currency);
            out.member("hours", quote.lead_time_hours);
            out.end_object();
        }
        out.end_array();
        redis_.set(key, out.text(), kCacheLife);
        return std::move(quotes.value);
    }

    [[nodiscard]] bool paused() const { return clock_.now().time_since_epoch().count() < paused_until_.load(); }
    void pause() { paused_until_ = (clock_.now() + kPause).time_since_epoch().count(); }

    [[nodiscard]] std::shared_ptr<const Tables> current() const {
        {
            const std::lock_guard lock(mutex_);
            // Whoever asks may be an I/O thread: where somebody else keeps the tables fresh, this only copies the pointer.
            if (refreshed_ || clock_.now() - tables_->loaded_at < kReload) return tables_;
            // One thread reloads; the others go on with what there is.
            auto next = std::make_shared<Tables>(*tables_);
            next->loaded_at = clock_.now();
            tables_ = std::move(next);
        }
        try {
            reload();
        } catch (const db::DbError&) {
            // Without the database yesterday's rates are right enough; the next minute tries again.
        }
        const std::lock_guard lock(mutex_);
        return tables_;
    }

    void reload() const {
        auto next = std::make_shared<Tables>();
        next->loaded_at = clock_.now();
        database_.read([&](db::Session& session) {
            next->zone_of.clear();
            next->rates.clear();
            next->free_from.clear();
            next->exchange.clear();
            const db::Call calls[] = {db::call(sql::all_countries), db::call(sql::all_rates), db::call(sql::all_free_from),
                                      db::call(sql::all_exchange)};
            const auto answers = session.pipeline(calls);
            for (const auto row : answers[0]) next->zone_of.emplace(row.get<std::string>("country"), row.get<std::string>("zone"));
            for (const auto row : answers[1]) {
                Rate rate;
                rate.zone = row.get<std::string>("zone");
                rate.code = row.get<std::string>("code");
                if (const auto names = json::parse_as<std::map<std::string, std::string>>(row.get<std::string>("names")))
                    rate.names = *names;
                rate.names.try_emplace("en", rate.code);
                rate.carrier = row.get<std::optional<std::string>>("carrier");
                rate.up_to_grams = row.get<std::int64_t>("up_to_grams");
                rate.price = row.money("price");
                rate.days_min = row.get<int>("days_min");
                rate.days_max = row.get<int>("days_max");
                rate.can_be_free = row.get<bool>("can_be_free");
                next->rates.push_back(std::move(rate));
            }
            for (const auto row : answers[2])
                next->free_from.emplace(std::pair(row.get<std::string>("zone"), row.get<std::string>("currency")), row.money("amount"));
            for (const auto row : answers[3])
                next->exchange.emplace(std::pair(row.get<std::string>("from_currency"), row.get<std::string>("to_currency")),
                                       row.get<std::int64_t>("per_million"));
        });
        const std::lock_guard lock(mutex_);
        tables_ = std::move(next);
    }

    db::Database& database_;
    redis::Redis& redis_;
    const Clock& clock_;
    sendcloud::Client sendcloud_;
    mutable std::mutex mutex_;
    mutable std::shared_ptr<const Tables> tables_;
    std::atomic<std::int64_t> paused_until_{0};
    const bool refreshed_;
    Refresher refresher_;  // last: it uses the others
};

}  // namespace

std::unique_ptr<Shipping> make_shipping(db::Database& database, redis::Redis& redis, const Clock& clock, http_client::Client& client,
                                        Config::Sendcloud config, std::chrono::milliseconds refresh_every) {
    return std::make_unique<Rates>(database, redis, clock, client, std::move(config), refresh_every);
}

std::unique_ptr<Shipping> make_shipping(db::Database& database, redis::Redis& redis, const Clock& clock, http_client::Client& client,
                                        Config::Sendcloud config) {
    return make_shipping(database, redis, clock, client, std::move(config), std::chrono::milliseconds(0));
}

}  // namespace stoa::shipping
