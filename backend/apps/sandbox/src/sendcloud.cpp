#include "sendcloud.hpp"

#include <algorithm>

#include "sendcloud_check.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::sandbox {
namespace {

using json::Value;
using sendcloud::Check;
using sendcloud::errors;

}  // namespace

Sendcloud::Sendcloud(Control& control, SendcloudOptions options, http_client::Client* client)
    : control_(control),
      options_(std::move(options)),
      webhooks_(control, client, options_.webhook_key.empty() ? options_.secret_key : options_.webhook_key,
                options_.state_file.empty() ? "" : options_.state_file + ".webhooks") {
    integration_ = first_integration();
    load();
    webhooks_.set_url(integration_.webhook_active ? integration_.webhook_url : "");
    listener_ = control_.on_advance([this] { walk(); });
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
    control_.forget(listener_);
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

Sendcloud::Integration Sendcloud::first_integration() const {
    Integration out;
    out.webhook_url = options_.webhook_url;
    out.webhook_active = !options_.webhook_url.empty();
    return out;
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
    out.key("last_updated_at");
    out.null();
    out.member("service_point_enabled", integration.service_points);
    out.key("service_point_carriers");
    out.begin_array();
    for (const auto& carrier : integration.carriers) out.string(carrier);
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
    const auto* carriers = check.member(*body, "", "service_point_carriers", Value::Kind::array, false);
    if (carriers) {
        for (const auto& carrier : carriers->items()) {
            if (carrier.text() != sendcloud::kCarrierWithPoints)
                check.fail("invalid_choice", "\"" + carrier.text() + "\" is not a valid choice.", "/service_point_carriers");
        }
    }
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
    if (carriers) {
        changed.carriers.clear();
        for (const auto& carrier : carriers->items()) changed.carriers.push_back(carrier.text());
    }
    integration_ = changed;
    webhooks_.set_url(integration_.webhook_active ? integration_.webhook_url : "");
    save_account();
    const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(now().time_since_epoch()).count();
    webhooks_.send("integration_updated", 0, 0, at,
                   spaced(R"({"action":"integration_updated","timestamp":)" + std::to_string(at) + R"(,"integration":)" +
                          integration_json(integration_) + "}"));
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
    writes(Method::post, "/returns/announce-synchronously", "sendcloud_return",
           [this](const Request& r) { return create_return(r, true); });
    writes(Method::post, "/returns", "sendcloud_create_return", [this](const Request& r) { return create_return(r, false); });
    reads("/returns", "sendcloud_returns", [this](const Request& r) { return list_returns(r); });
    reads("/returns/{id}", "sendcloud_get_return", [this](const Request& r) { return get_return(r); });
    writes(Method::patch, "/returns/{id}/cancel", "sendcloud_cancel_return", [this](const Request& r) { return cancel_return(r); });

    routes.get("/sendcloud/track/{number}", "sendcloud_track").handle([this](const Request& r) { return tracking_page(r); });
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
