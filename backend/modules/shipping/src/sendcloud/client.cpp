#include "sendcloud/client.hpp"

#include <fmt/format.h>

#include <array>

#include "stoa/json/value.hpp"
#include "stoa/log/log.hpp"

namespace stoa::shipping::sendcloud {
namespace {

constexpr std::array<std::string_view, 7> kDays{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

std::string text_at(const json::Value& value, std::string_view object, std::string_view key) {
    const auto* found = value.at(object, key);
    return found && found->is_string() ? found->text() : std::string();
}

std::string number_at(const json::Value& value, std::string_view object, std::string_view key) {
    const auto* found = value.at(object, key);
    return found && (found->is_number() || found->is_string()) ? found->text() : std::string("0");
}

ServicePointDto point_from(const json::Value& value) {
    ServicePointDto point;
    if (const auto* id = value.find("id")) point.id = id->text();
    point.carrier = text_at(value, "carrier", "code");
    point.name = value.text_or("name");
    point.street = text_at(value, "address", "street");
    if (auto number = text_at(value, "address", "house_number"); !number.empty()) point.house_number = std::move(number);
    point.postal_code = text_at(value, "address", "postal_code");
    point.city = text_at(value, "address", "city");
    point.country = text_at(value, "address", "country_code");
    point.latitude = number_at(value, "position", "latitude");
    point.longitude = number_at(value, "position", "longitude");
    if (const auto* distance = value.find("distance")) {
        if (const auto metres = distance->as_int(true)) point.distance_m = static_cast<int>(*metres);
    }
    for (std::size_t day = 0; day < kDays.size(); ++day) {
        const auto* hours = value.at("opening_times", kDays[day]);
        if (!hours || !hours->is_array()) continue;
        for (const auto& span : hours->items())
            point.opening.push_back({static_cast<int>(day) + 1, span.text_or("start_time"), span.text_or("end_time")});
    }
    return point;
}

}  // namespace

http_client::Call Client::call(std::string method, std::string path) const {
    http_client::Call out;
    out.method = std::move(method);
    out.url = config_.url + "/api/v3" + path;
    out.headers = {{"Authorization", http_client::basic_auth(config_.public_key, config_.secret_key)},
                   {"Accept", "application/json"},
                   {"Content-Type", "application/json"}};
    out.timeout = std::chrono::seconds(config_.timeout_seconds);
    out.connect_timeout = std::chrono::seconds(3);
    return out;
}

Client::Answer<json::Value> Client::ask(const http_client::Call& call, std::string_view what) {
    const auto answer = client_.send(call);
    const int status = answer ? answer->status : 0;
    if (status == 200) {
        if (auto value = json::parse(answer->body, {4 << 20, 32})) return {Reach::answered, std::move(*value)};
    }
    log::warning("sendcloud: no usable answer",
                 {{"asked", std::string(what)}, {"status", status}, {"reason", answer ? std::string() : answer.error().message}});
    const bool refused = status >= 400 && status < 500 && status != 429;
    return {refused ? Reach::refused : Reach::down, {}};
}

Client::Answer<std::vector<Quote>> Client::options(const Destination& to, std::int64_t weight_grams) {
    json::Writer body;
    body.begin_object();
    body.member("from_country_code", config_.sender_country);
    body.member("from_postal_code", config_.sender_postal_code);
    body.member("to_country_code", to.country);
    body.member("to_postal_code", std::string_view(to.postal_code).substr(0, 12));
    body.key("parcels");
    body.begin_array();
    body.begin_object();
    body.key("weight");
    body.begin_object();
    body.member("value", fmt::format("{}.{:03}", weight_grams / 1000, weight_grams % 1000));
    body.member("unit", "kg");
    body.end_object();
    body.end_object();
    body.end_array();
    body.member("calculate_quotes", true);
    body.end_object();
    auto request = call("POST", "/shipping-options");
    request.body = body.take();
    const auto answer = ask(request, "shipping options");
    if (answer.reach != Reach::answered) return {answer.reach, {}};
    const auto* data = answer.value.find("data");
    if (!data || !data->is_array()) return {};
    std::vector<Quote> out;
    for (const auto& option : data->items()) {
        const auto* quotes = option.find("quotes");
        if (!quotes || !quotes->is_array() || quotes->items().empty()) continue;  // no price, no offer
        const auto* functions = option.find("functionalities");
        if (functions && (functions->bool_or("returns") || functions->text_or("form_factor") == "letter")) continue;
        const auto& best = quotes->items().front();
        const auto* total = best.at("price", "total");
        if (!total) continue;
        Quote quote;
        quote.code = option.text_or("code");
        quote.name = text_at(option, "product", "name");
        if (quote.name.empty()) quote.name = option.text_or("name");
        quote.signature = functions && functions->bool_or("signature");
        quote.carrier_code = text_at(option, "carrier", "code");
        quote.carrier_name = text_at(option, "carrier", "name");
        const auto* required = option.at("requirements", "is_service_point_required");
        quote.needs_service_point = required && required->as_bool();
        const auto* amount = total->find("value");
        quote.price = amount ? amount->text() : "";
        quote.currency = total->text_or("currency");
        quote.lead_time_hours = static_cast<int>(best.int_or("lead_time", 48));
        out.push_back(std::move(quote));
    }
    return {Reach::answered, std::move(out)};
}

Client::Answer<std::vector<ServicePointDto>> Client::service_points(std::string_view carrier_code, const Destination& near) {
    const auto encode = [](std::string_view text) { return http_client::percent_encode(text); };
    std::string query = "/service-points?country_code=" + encode(near.country) + "&carrier_code=" + encode(carrier_code) +
                        "&address_postal_code=" + encode(near.postal_code);
    if (!near.city.empty()) query += "&address_city=" + encode(near.city);
    if (!near.line1.empty()) query += "&address_street=" + encode(near.line1);
    // Metres, the most that may be asked for: nobody fetches a parcel from farther away.
    query += "&radius=50000&limit=20";
    const auto answer = ask(call("GET", query), "service points");
    if (answer.reach != Reach::answered) return {answer.reach, {}};
    const auto* results = answer.value.at("data", "results");
    if (!results || !results->is_array()) return {};
    std::vector<ServicePointDto> out;
    for (const auto& result : results->items()) out.push_back(point_from(result));
    return {Reach::answered, std::move(out)};
}

Client::Answer<ServicePointDto> Client::service_point(std::string_view id) {
    const auto answer = ask(call("GET", "/service-points/" + http_client::percent_encode(id)), "a service point");
    if (answer.reach != Reach::answered) return {answer.reach, {}};
    const auto* data = answer.value.find("data");
    return {Reach::answered, point_from(data && data->is_object() ? *data : answer.value)};
}

}  // namespace stoa::shipping::sendcloud
