#include "sendcloud/returns.hpp"

#include <limits>

#include "sendcloud/wire.hpp"
#include "stoa/log/log.hpp"

namespace stoa::shipping::sendcloud {
namespace {

// More returns than these in two days are not looked through for one: it is asked about again later.
constexpr int kMostPages = 50;

std::string body_of(const ReturnRequest& request) {
    const auto& label = request.label;
    json::Writer out;
    out.begin_object();
    address(out, "from_address", label.from);
    address(out, "to_address", request.to);
    // Unlike shipments: numbers instead of texts, and the option's members side by side.
    out.key("weight");
    out.begin_object();
    out.key("value");
    out.raw(kilograms(label.weight_grams));
    out.member("unit", "kg");
    out.end_object();
    out.key("ship_with");
    out.begin_object();
    out.member("type", "shipping_option_code");
    out.member("shipping_option_code", request.option.code);
    if (request.option.contract != 0) out.member("contract", request.option.contract);
    out.end_object();
    out.member("order_number", label.order_number);
    out.member("external_reference", label.reference);
    out.member("send_tracking_emails", false);
    if (!request.customs.empty()) {
        out.key("parcel_items");
        out.begin_array();
        for (std::size_t i = 0; i < label.items.size(); ++i) {
            const auto& item = label.items[i];
            parcel_item(out, item, request.customs[i].hs_code, request.customs[i].origin_country, [&] {
                out.key("price");
                out.begin_object();
                out.key("value");
                out.raw(Money(item.unit_value, label.value.currency()).to_decimal());
                out.member("currency", label.value.currency().code());
                out.end_object();
            });
        }
        out.end_array();
        customs_information(out, label.reference, "private", request.at);
    }
    out.end_object();
    return out.take();
}

FoundReturn found_from(const json::Value& item) {
    FoundReturn out;
    out.return_id = item.int_or("id");
    if (const auto* parcel = item.find("parcel")) {
        out.parcel_id = parcel->int_or("id");
        out.tracking_number = parcel->text_or("tracking_number");
        out.tracking_url = parcel->text_or("tracking_url");
    }
    out.found = out.return_id != 0 && out.parcel_id != 0 ? Found::there : Found::unknown;
    return out;
}

}  // namespace

ReturnAnswer ReturnParcels::announce(const ReturnRequest& request) {
    auto asked = call(config_, "POST", "/returns/announce-synchronously");
    asked.body = body_of(request);
    asked.timeout *= 3;  // a carrier is asked in turn
    const auto answer = client_.send(asked);
    if (!answer) {
        log::warning("sendcloud: no answer to a return", {{"reason", answer.error().message}});
        return {answer.error().failure == http_client::Failure::not_sent ? ReturnOutcome::busy : ReturnOutcome::unknown, 0, 0, {}};
    }
    const auto value = json::parse(answer->body, kLimits);
    if (answer->status == 201 || answer->status == 200) {
        ReturnAnswer out;
        if (value) {
            out.return_id = value->int_or("return_id");
            out.parcel_id = value->int_or("parcel_id");
        }
        if (out.return_id != 0 && out.parcel_id != 0) out.outcome = ReturnOutcome::made;
        return out;
    }
    if (answer->status == 429) return {ReturnOutcome::busy, 0, 0, {}};
    log::warning("sendcloud: a return was not accepted", {{"status", answer->status}});
    if (answer->status < 400 || answer->status >= 500) return {};
    // The older error: one sentence, with the member in front. The newer list is read as well.
    ReturnAnswer out;
    out.outcome = ReturnOutcome::refused;
    if (const auto* error = value ? value->find("error") : nullptr; error && error->is_object())
        out.problems.push_back({"", error->text_or("code", "refused"), error->text_or("message", "The carrier gave no reason.")});
    if (const auto* errors = value ? value->find("errors") : nullptr; errors && errors->is_array()) {
        for (const auto& error : errors->items()) {
            const auto* pointer = error.at("source", "pointer");
            out.problems.push_back({pointer && pointer->is_string() ? pointer->text() : std::string(), error.text_or("code", "refused"),
                                    error.text_or("detail", "The carrier gave no reason.")});
        }
    }
    if (out.problems.empty()) out.problems.push_back({"", "refused", fmt::format("The carrier platform answered {}.", answer->status)});
    for (const auto& problem : out.problems) {
        if (answer->status == 409 || problem.code == "not_unique" ||
            (problem.message.find("external_reference") != std::string::npos && problem.code != "invalid"))
            out.outcome = ReturnOutcome::taken;
    }
    return out;
}

FoundReturn ReturnParcels::by_reference(std::string_view reference, Timestamp since, Timestamp now) {
    const auto day = [](Timestamp at) { return to_iso_date(date_of(at)); };
    std::string path = fmt::format("/returns?from_date={}&to_date={}&page_size=40", day(since - std::chrono::hours{24}),
                                   day(now + std::chrono::hours{24}));
    const std::string first = path;
    for (int page = 0; page < kMostPages; ++page) {
        const auto answer = client_.send(call(config_, "GET", path));
        if (!answer || answer->status != 200) return {};
        const auto value = json::parse(answer->body, kLimits);
        const auto* returns = value ? value->find("returns") : nullptr;
        if (!returns || !returns->is_array()) return {};
        for (const auto& item : returns->items()) {
            if (item.text_or("external_reference") == reference) return found_from(item);
        }
        const auto next = value->text_or("next");
        const auto cursor = next.find("cursor=");
        if (next.empty()) return {Found::nothing, 0, 0, {}, {}};
        if (cursor == std::string::npos) return {};
        // Of the link only the cursor: what we call is what is configured.
        auto text = next.substr(cursor + 7);
        path = first + "&cursor=" + text.substr(0, text.find('&'));
    }
    return {};
}

FoundReturn ReturnParcels::by_id(std::int64_t return_id) {
    const auto answer = client_.send(call(config_, "GET", fmt::format("/returns/{}", return_id)));
    if (!answer || answer->status != 200) return {};
    const auto value = json::parse(answer->body, kLimits);
    return value && value->is_object() ? found_from(*value) : FoundReturn{};
}

Cancelled ReturnParcels::cancel(std::int64_t return_id) {
    const auto answer = client_.send(call(config_, "PATCH", fmt::format("/returns/{}/cancel", return_id)));
    if (!answer) return Cancelled::unknown;
    if (answer->status == 200 || answer->status == 202) return Cancelled::queued;
    if (answer->status == 409) return Cancelled::too_late;
    log::warning("sendcloud: the cancellation of a return was not accepted", {{"status", answer->status}});
    return Cancelled::unknown;
}

std::optional<std::vector<ReturnStep>> ReturnParcels::track(std::string_view tracking_number) {
    const auto answer = client_.send(call(config_, "GET", "/parcels/tracking/" + http_client::percent_encode(tracking_number)));
    std::vector<ReturnStep> out;
    if (answer && answer->status == 404) return out;
    if (!answer || answer->status != 200) return std::nullopt;
    const auto value = json::parse(answer->body, kLimits);
    const auto* events = value ? value->find("events") : nullptr;
    if (!events || !events->is_array()) return std::nullopt;
    for (const auto& event : events->items()) {
        if (const auto at = parse_timestamp(event.text_or("event_at")))
            out.push_back({event.text_or("status_code"), event.text_or("status_description"), *at});
    }
    std::ranges::stable_sort(out, {}, &ReturnStep::at);
    return out;
}

std::optional<ReturnOption> ReturnParcels::cheapest(const ShipTo& from, const ShipTo& to, std::int64_t weight_grams) {
    json::Writer body;
    body.begin_object();
    body.member("from_country_code", from.country);
    body.member("from_postal_code", std::string_view(from.postal_code).substr(0, 12));
    body.member("to_country_code", to.country);
    body.member("to_postal_code", std::string_view(to.postal_code).substr(0, 12));
    body.key("parcels");
    body.begin_array();
    body.begin_object();
    body.key("weight");
    body.begin_object();
    body.member("value", kilograms(weight_grams));
    body.member("unit", "kg");
    body.end_object();
    body.end_object();
    body.end_array();
    body.key("functionalities");
    body.begin_object();
    body.member("returns", true);
    body.end_object();
    body.member("calculate_quotes", true);
    body.end_object();
    auto asked = call(config_, "POST", "/shipping-options");
    asked.body = body.take();
    const auto answer = client_.send(asked);
    if (!answer || answer->status == 429 || answer->status >= 500) return std::nullopt;
    ReturnOption best;
    if (answer->status != 200) return best;
    const auto value = json::parse(answer->body, kLimits);
    const auto* data = value ? value->find("data") : nullptr;
    if (!data || !data->is_array()) return std::nullopt;
    for (const auto& option : data->items()) {
        const auto* functions = option.find("functionalities");
        if (!functions || !functions->bool_or("returns")) continue;
        // Without a quote: dearer than any that has one, but better than none.
        const auto quote = quoted(option);
        const auto price = quote ? quote->minor() : std::numeric_limits<std::int64_t>::max();
        if (!best.code.empty() && price >= best.price) continue;
        best.code = option.text_or("code");
        best.price = price;
        const auto* contract = option.at("contract", "id");
        best.contract = contract && contract->is_number() ? contract->as_int().value_or(0) : 0;
        const auto* carrier = option.at("carrier", "code");
        best.carrier = carrier && carrier->is_string() ? carrier->text() : std::string();
    }
    return best;
}

}  // namespace stoa::shipping::sendcloud
