#include "sendcloud.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "sendcloud_check.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/money/money.hpp"

namespace stoa::sandbox {
namespace {

using json::Value;
using sendcloud::Check;
using sendcloud::errors;
using sendcloud::grams;
using sendcloud::kOptions;
using sendcloud::kPlaces;
using sendcloud::Place;
using sendcloud::Problem;

void write_point(json::Writer& out, const Place& place, std::size_t index) {
    out.begin_object();
    out.member("id", place.id);
    out.member("name", place.name);
    out.key("carrier");
    out.begin_object();
    out.member("code", "dhl");
    out.member("name", "DHL");
    out.end_object();
    out.member("carrier_service_point_id", "SP-" + std::to_string(place.id));
    out.member("general_shop_type", place.type);
    out.key("address");
    out.begin_object();
    out.member("street", place.street);
    out.member("house_number", place.number);
    out.member("postal_code", place.postal_code);
    out.member("city", place.city);
    out.member("country_code", place.country);
    out.end_object();
    out.key("position");
    out.begin_object();
    out.key("latitude");
    out.raw(place.latitude);
    out.key("longitude");
    out.raw(place.longitude);
    out.end_object();
    out.member("distance", static_cast<std::int64_t>(180 + 410 * index));
    out.key("opening_times");
    out.begin_object();
    for (const auto* day : {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}) {
        out.key(day);
        out.begin_array();
        out.begin_object();
        out.member("start_time", std::string_view(day) == "saturday" ? "10:00" : "08:30");
        out.member("end_time", std::string_view(day) == "saturday" ? "17:00" : "18:30");
        out.end_object();
        out.end_array();
    }
    out.end_object();
    out.end_object();
}

}  // namespace

http::Response Sendcloud::options(const http::Request& request) const {
    const auto body = json::parse(request.body);
    if (!body || !body->is_object()) return errors(400, {{"invalid", "JSON parse error.", ""}});
    static constexpr std::string_view kKnown[] = {
        "from_country_code", "to_country_code", "from_postal_code", "to_postal_code",        "to_service_point_id",  "parcels",
        "functionalities",   "carrier_code",    "contract_id",      "shipping_product_code", "shipping_option_code", "lead_time",
        "calculate_quotes"};
    std::vector<Problem> problems;
    for (const auto& [name, value] : body->members()) {
        if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown))
            problems.push_back({"unknown_field", "Unknown field.", "/" + name});
    }
    const std::string to = body->text_or("to_country_code");
    const bool quotes = body->bool_or("calculate_quotes");
    if (quotes && to.size() != 2) problems.push_back({"required", "This field is required.", "/to_country_code"});
    if (body->text_or("to_postal_code").size() > 12)
        problems.push_back({"invalid", "Ensure this field has no more than 12 characters.", "/to_postal_code"});
    const auto* parcels = body->find("parcels");
    std::int64_t weight = 0;
    std::size_t count = 0;
    if (parcels && !parcels->is_null()) {
        if (!parcels->is_array() || parcels->items().empty())
            problems.push_back({"invalid", "At least one parcel must be provided.", "/parcels"});
        for (const auto& parcel : parcels->items()) {
            const auto* given = parcel.find("weight");
            const auto value = given ? grams(*given) : std::nullopt;
            if (!value || *value <= 0)
                problems.push_back({"invalid", "A valid weight is required.", "/parcels/[" + std::to_string(count) + "]/weight/value"});
            weight += value.value_or(0);
            ++count;
        }
    } else if (quotes) {
        problems.push_back({"required", "This field is required.", "/parcels"});
    }
    if (!problems.empty()) return errors(400, problems);
    json::Writer out;
    out.begin_object();
    out.key("data");
    out.begin_array();
    for (const auto& option : kOptions) {
        if (!to.empty() && !sendcloud::goes_to(option, to)) continue;
        if (weight > option.max_grams) continue;
        if (const auto carrier = body->text_or("carrier_code"); !carrier.empty() && carrier != option.carrier) continue;
        if (const auto code = body->text_or("shipping_option_code"); !code.empty() && code != option.code) continue;
        const std::int64_t label = option.base_cents + option.per_kg_cents * ((weight + 999) / 1000);
        const std::int64_t fuel = label * 6 / 100;
        const auto euros = [](std::int64_t cents) { return Money(cents, Currency::of("EUR")).to_decimal(); };
        out.begin_object();
        out.member("code", option.code);
        out.member("name", option.name);
        out.key("carrier");
        out.begin_object();
        out.member("code", option.carrier);
        out.member("name", option.carrier_name);
        out.end_object();
        out.key("product");
        out.begin_object();
        const std::string code = option.code;
        out.member("code", code.substr(0, code.find('/')));
        out.member("name", option.product);
        out.end_object();
        out.key("functionalities");
        out.begin_object();
        out.member("signature", code.find("signature") != std::string::npos);
        out.member("last_mile", option.service_point ? "service_point" : "home_delivery");
        out.member("form_factor", option.letter ? "letter" : "parcel");
        out.member("returns", option.returns);
        out.member("tracked", !option.letter);
        out.end_object();
        out.key("contract");
        out.begin_object();
        out.member("id", option.contract);
        out.member("client_id", "");
        out.member("carrier_code", option.carrier);
        out.member("name", option.carrier_name);
        out.end_object();
        out.key("weight");
        out.raw(fmt::format(R"({{"min":{{"value":"0.001","unit":"kg"}},"max":{{"value":"{}.{:03}","unit":"kg"}}}})",
                            option.max_grams / 1000, option.max_grams % 1000));
        out.key("requirements");
        out.begin_object();
        out.key("fields");
        out.begin_array();
        out.end_array();
        out.member("export_documents", false);
        out.member("is_service_point_required", option.service_point);
        out.end_object();
        out.member("charging_type", "label_creation");
        out.key("quotes");
        if (quotes) {
            out.begin_array();
            out.begin_object();
            out.member("lead_time", option.lead_hours);
            out.key("price");
            out.raw(fmt::format(
                R"({{"breakdown":[{{"type":"price_without_insurance","label":"Label","price":{{"value":"{}","currency":"EUR"}}}},{{"type":"fuel","label":"Fuel surcharge","price":{{"value":"{}","currency":"EUR"}}}}],"total":{{"value":"{}","currency":"EUR"}}}})",
                euros(label), euros(fuel), euros(label + fuel)));
            out.end_object();
            out.end_array();
        } else {
            out.null();
        }
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return http::json_text(200, out.take());
}

http::Response Sendcloud::points(const http::Request& request) const {
    const auto value = [&](std::string_view name) { return std::string(request.query_value(name).value_or("")); };
    if (value("country_code").size() != 2) return errors(400, {{"required", "This field is required.", "country_code"}});
    if (value("address_city") == "Slow") std::this_thread::sleep_for(options_.slow_answer);
    const auto limit = value("limit").empty() ? 100 : Value::number(value("limit")).as_int().value_or(-1);
    if (limit < 1 || limit > 200) return errors(400, {{"invalid", "Ensure this value is between 1 and 200.", "limit"}});
    const std::string carrier = value("carrier_code");
    if (!carrier.empty() && carrier != "dhl")
        return errors(400, {{"validation_error", "This carrier has no service points.", "carrier_code"}});
    // Nearest first: the more of the postal code agrees, the nearer.
    const std::string postal = value("address_postal_code");
    std::vector<const Place*> found;
    for (const auto& place : kPlaces) {
        if (value("country_code") == place.country) found.push_back(&place);
    }
    const auto agreement = [&](const Place* place) {
        std::size_t same = 0;
        const std::string_view theirs = place->postal_code;
        while (same < postal.size() && same < theirs.size() && postal[same] == theirs[same]) ++same;
        return same;
    };
    std::stable_sort(found.begin(), found.end(), [&](const Place* a, const Place* b) { return agreement(a) > agreement(b); });
    if (found.size() > static_cast<std::size_t>(limit)) found.resize(static_cast<std::size_t>(limit));
    json::Writer out;
    out.begin_object();
    out.key("data");
    out.begin_object();
    out.key("results");
    out.begin_array();
    for (std::size_t i = 0; i < found.size(); ++i) write_point(out, *found[i], i);
    out.end_array();
    out.key("geocoding");
    out.begin_object();
    out.member("status", "matched");
    out.end_object();
    out.end_object();
    out.end_object();
    return http::json_text(200, out.take());
}

http::Response Sendcloud::point(const http::Request& request) const {
    for (const auto& place : kPlaces) {
        if (std::to_string(place.id) != request.param("id")) continue;
        json::Writer out;
        out.begin_object();
        out.key("data");
        write_point(out, place, 0);
        out.end_object();
        return http::json_text(200, out.take());
    }
    return errors(404, {{"not_found", "Not found.", ""}});
}

http::Response Sendcloud::availability(const http::Request& request) const {
    for (const auto& place : kPlaces) {
        if (std::to_string(place.id) == request.param("id")) return http::json_text(200, R"({"data":{"is_available":true}})");
    }
    return errors(404, {{"not_found", "Not found.", ""}});
}

Sendcloud::Sendcloud(Control& control, SendcloudOptions options, http_client::Client* client)
    : control_(control),
      options_(std::move(options)),
      webhooks_(control, client, options_.webhook_key.empty() ? options_.secret_key : options_.webhook_key) {
    integration_.webhook_url = options_.webhook_url;
    integration_.webhook_active = !options_.webhook_url.empty();
    load();
    webhooks_.set_url(integration_.webhook_active ? integration_.webhook_url : "");
    control_.on_advance([this] { walk(); });
    thread_ = std::thread([this] {
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            wake_.wait_for(lock, std::chrono::milliseconds{100});
            if (stopping_) return;
            lock.unlock();
            walk();
            lock.lock();
        }
    });
}

Sendcloud::~Sendcloud() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

bool Sendcloud::over_the_limit(bool writes) {
    const std::lock_guard lock(mutex_);
    if (!limits_) return false;
    const auto at = std::chrono::steady_clock::now();
    auto& calls = writes ? writes_ : reads_;
    while (!calls.empty() && at - calls.front() > std::chrono::minutes{1}) calls.pop_front();
    const auto in_last_second = std::count_if(calls.begin(), calls.end(), [&](auto call) { return at - call < std::chrono::seconds{1}; });
    if (calls.size() >= (writes ? 100U : 1000U) || (writes && in_last_second >= 15)) return true;
    calls.push_back(at);
    return false;
}

http::Handler Sendcloud::guarded(http::Handler handler) {
    return with_faults(control_, "sendcloud", [this, handler = std::move(handler)](const http::Request& request) {
        if (request.header("authorization") != http_client::basic_auth(options_.public_key, options_.secret_key))
            return errors(401, {{"authentication_failed", "Invalid username/password.", ""}});
        if (over_the_limit(request.method != http::Method::get)) {
            http::Response response;
            response.status = 429;
            response.header("retry-after", "1");
            return response;
        }
        return handler(request);
    });
}

http::Response Sendcloud::senders(const http::Request& request) const {
    json::Writer out;
    const auto write = [&](const sendcloud::Sender& sender) {
        out.begin_object();
        out.member("id", sender.id);
        out.member("name", sender.name);
        out.member("company_name", sender.company);
        out.member("address_line_1", sender.street);
        out.member("house_number", sender.number);
        out.member("address_line_2", "");
        out.member("postal_code", sender.postal_code);
        out.member("city", sender.city);
        out.member("country_code", sender.country);
        out.key("state_province_code");
        out.null();
        out.member("email", sender.email);
        out.member("phone_number", sender.phone);
        out.key("tax_numbers");
        out.begin_array();
        out.end_array();
        out.end_object();
    };
    out.begin_object();
    out.key("data");
    if (const auto id = request.param("id"); !id.empty()) {
        const auto* found = std::find_if(std::begin(sendcloud::kSenders), std::end(sendcloud::kSenders),
                                         [&](const auto& sender) { return std::to_string(sender.id) == id; });
        if (found == std::end(sendcloud::kSenders)) return errors(404, {{"not_found", "Not found.", ""}});
        write(*found);
    } else {
        out.begin_array();
        for (const auto& sender : sendcloud::kSenders) write(sender);
        out.end_array();
    }
    out.end_object();
    return http::json_text(200, out.take());
}

http::Response Sendcloud::statuses(const http::Request&) const {
    json::Writer out;
    out.begin_object();
    out.key("data");
    out.begin_array();
    for (const auto& status : sendcloud::kStatuses) {
        out.begin_object();
        out.member("code", status.code);
        out.member("message", status.message);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return http::json_text(200, out.take());
}

namespace {

constexpr int kIntegration = 70;

template <class T>
std::string integration_json(const T& integration) {
    json::Writer out;
    out.begin_object();
    out.member("id", kIntegration);
    out.member("shop_name", integration.shop_name);
    out.member("shop_url", integration.shop_url);
    out.member("system", "api");
    out.key("failing_since");
    out.null();
    out.key("last_fetch");
    out.null();
    out.member("service_point_enabled", integration.service_points);
    out.key("service_point_carriers");
    out.begin_array();
    out.string("dhl");
    out.end_array();
    out.member("webhook_active", integration.webhook_active);
    out.member("webhook_url", integration.webhook_url);
    out.member("feedback_type", integration.feedback_type);
    out.end_object();
    return out.take();
}

}  // namespace

http::Response Sendcloud::integrations(const http::Request&) const {
    const std::lock_guard lock(mutex_);
    return http::json_text(200, "[" + integration_json(integration_) + "]");
}

http::Response Sendcloud::integration(const http::Request& request) const {
    if (request.param("id") != std::to_string(kIntegration)) return errors(404, {{"not_found", "Not found.", ""}});
    const std::lock_guard lock(mutex_);
    return http::json_text(200, integration_json(integration_));
}

http::Response Sendcloud::change_integration(const http::Request& request) {
    if (request.param("id") != std::to_string(kIntegration)) return errors(404, {{"not_found", "Not found.", ""}});
    const auto body = json::parse(request.body);
    if (!body || !body->is_object()) return errors(400, {{"invalid", "JSON parse error.", ""}});
    Check check;
    check.only(
        *body, "",
        {"shop_name", "shop_url", "service_point_enabled", "service_point_carriers", "webhook_active", "webhook_url", "feedback_type"});
    check.one_of(*body, "", "feedback_type", false, {"eager", "delayed", "none"});
    for (const auto* name : {"shop_name", "shop_url", "webhook_url"}) (void)check.text(*body, "", name, false, 2000);
    for (const auto* name : {"service_point_enabled", "webhook_active"}) (void)check.member(*body, "", name, Value::Kind::boolean, false);
    const std::lock_guard lock(mutex_);
    auto changed = integration_;
    changed.shop_name = body->text_or("shop_name", changed.shop_name);
    changed.shop_url = body->text_or("shop_url", changed.shop_url);
    changed.webhook_url = body->text_or("webhook_url", changed.webhook_url);
    changed.feedback_type = body->text_or("feedback_type", changed.feedback_type);
    changed.webhook_active = body->bool_or("webhook_active", changed.webhook_active);
    changed.service_points = body->bool_or("service_point_enabled", changed.service_points);
    if (changed.webhook_active && !changed.webhook_url.starts_with("http"))
        check.fail("invalid", "An active webhook needs an address.", "/webhook_url");
    if (!check.problems.empty()) return errors(400, check.problems);
    integration_ = changed;
    webhooks_.set_url(integration_.webhook_active ? integration_.webhook_url : "");
    save_integration();
    return http::no_content();
}

void Sendcloud::add_routes(http::Routes& routes) {
    const std::string v3 = "/sendcloud/api/v3";
    const auto reads = [&](const std::string& path, std::string id, http::Handler handler) {
        routes.get(v3 + path, std::move(id)).open_query().on(http::Pool::outbound).handle(guarded(std::move(handler)));
    };
    const auto writes = [&](http::Method method, const std::string& path, std::string id, http::Handler handler) {
        routes.add(method, v3 + path, std::move(id))
            .on(http::Pool::outbound)
            .without_origin_check()
            .limit_body(2 << 20)
            .within(std::chrono::seconds{90})
            .handle(guarded(std::move(handler)));
    };
    using http::Method;
    using http::Request;
    routes.get("/sendcloud", "sendcloud_root").handle([](const Request&) {
        return http::json_text(200, R"({"service":"sendcloud sandbox"})");
    });
    writes(Method::post, "/shipping-options", "sendcloud_options", [this](const Request& r) { return options(r); });
    reads("/service-points", "sendcloud_points", [this](const Request& r) { return points(r); });
    reads("/service-points/{id}", "sendcloud_point", [this](const Request& r) { return point(r); });
    writes(Method::post, "/service-points/{id}/check-availability", "sendcloud_availability",
           [this](const Request& r) { return availability(r); });
    reads("/addresses/sender-addresses", "sendcloud_senders", [this](const Request& r) { return senders(r); });
    reads("/addresses/sender-addresses/{id}", "sendcloud_sender", [this](const Request& r) { return senders(r); });
    reads("/integrations", "sendcloud_integrations", [this](const Request& r) { return integrations(r); });
    reads("/integrations/{id}", "sendcloud_integration", [this](const Request& r) { return integration(r); });
    writes(Method::patch, "/integrations/{id}", "sendcloud_change_integration", [this](const Request& r) { return change_integration(r); });
    writes(Method::post, "/shipments/announce", "sendcloud_announce", [this](const Request& r) { return create(r, true); });
    writes(Method::post, "/shipments", "sendcloud_create", [this](const Request& r) { return create(r, false); });
    reads("/shipments", "sendcloud_list", [this](const Request& r) { return list(r); });
    reads("/shipments/{id}", "sendcloud_shipment", [this](const Request& r) { return get(r); });
    writes(Method::post, "/shipments/{id}/cancel", "sendcloud_cancel", [this](const Request& r) { return cancel(r); });
    reads("/parcels/statuses", "sendcloud_statuses", [this](const Request& r) { return statuses(r); });
    reads("/parcels/tracking/{number}", "sendcloud_tracking", [this](const Request& r) { return tracking(r); });
    reads("/parcels/{id}/documents/{type}", "sendcloud_document", [this](const Request& r) { return document(r); });
    writes(Method::post, "/returns/announce-synchronously", "sendcloud_return", [this](const Request& r) { return create_return(r); });
    reads("/returns", "sendcloud_returns", [this](const Request& r) { return list_returns(r); });
    reads("/returns/{id}", "sendcloud_get_return", [this](const Request& r) { return get_return(r); });
    writes(Method::patch, "/returns/{id}/cancel", "sendcloud_cancel_return", [this](const Request& r) { return cancel_return(r); });

    routes.post("/__sandbox/sendcloud", "sendcloud_settings").without_origin_check().handle([this](const Request& r) {
        return settings(r);
    });
    routes.get("/__sandbox/sendcloud/parcels", "sendcloud_parcels").handle([this](const Request& r) { return parcels(r); });
    routes.post("/__sandbox/parcels/{id}/status", "sendcloud_force_status").without_origin_check().handle([this](const Request& r) {
        return force_status(r);
    });
    routes.get("/__sandbox/webhooks", "sendcloud_deliveries").handle([this](const Request& r) { return deliveries(r); });
    routes.post("/__sandbox/webhooks", "sendcloud_resend").without_origin_check().handle([this](const Request& r) { return resend(r); });
}

}  // namespace stoa::sandbox
