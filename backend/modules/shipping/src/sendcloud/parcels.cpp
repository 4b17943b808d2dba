#include "sendcloud/parcels.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sendcloud/wire.hpp"
#include "stoa/json/value.hpp"
#include "stoa/log/log.hpp"

namespace stoa::shipping::sendcloud {
namespace {

std::vector<ShipmentProblem> problems_of(const json::Value& value) {
    std::vector<ShipmentProblem> out;
    const auto* errors = value.find("errors");
    if (!errors || !errors->is_array()) return out;
    for (const auto& error : errors->items()) {
        ShipmentProblem problem;
        if (const auto* pointer = error.at("source", "pointer"); pointer && pointer->is_string()) problem.field = pointer->text();
        problem.code = error.text_or("code", "unknown");
        problem.message = error.text_or("detail", "The carrier gave no reason.");
        out.push_back(std::move(problem));
    }
    return out;
}

// Nullopt when it is no shipment.
std::optional<Told> told_from(const json::Value& value) {
    const auto* parcels = value.find("parcels");
    Told out;
    out.id = value.text_or("id");
    if (out.id.empty() || !parcels || !parcels->is_array() || parcels->items().empty()) return std::nullopt;
    out.reference = value.text_or("external_reference_id");
    if (const auto* carrier = value.at("carrier", "code"); carrier && carrier->is_string()) out.carrier = carrier->text();
    out.problems = problems_of(value);
    for (const auto& item : parcels->items()) {
        Told::Parcel parcel;
        parcel.id = item.int_or("id");
        if (const auto* status = item.find("status")) {
            parcel.status_code = status->text_or("code");
            parcel.status_text = status->text_or("message");
        }
        parcel.tracking_number = item.text_or("tracking_number");
        parcel.tracking_url = item.text_or("tracking_url");
        parcel.updated_at = parse_timestamp(item.text_or("updated_at"));
        if (parcel.status_code == "ANNOUNCEMENT_FAILED") out.failed = true;
        out.parcels.push_back(std::move(parcel));
    }
    if (out.failed && out.problems.empty()) out.problems.push_back({"", "parcel_announcement_error", "The carrier refused the parcel."});
    return out;
}

std::string body_of(const Request& request) {
    const auto& shipment = request.shipment;
    const auto& to = shipment.to;
    json::Writer out;
    out.begin_object();
    out.member("external_reference_id", shipment.reference);
    out.member("order_number", shipment.order_number);
    out.key("from_address");
    out.begin_object();
    out.member("sender_address_id", request.sender_address_id);
    out.end_object();
    address(out, "to_address", to);
    if (!shipment.service_point_id.empty()) {
        out.key("to_service_point");
        out.begin_object();
        out.member("id", shipment.service_point_id);
        out.end_object();
    }
    out.key("ship_with");
    out.begin_object();
    out.member("type", "shipping_option_code");
    out.key("properties");
    out.begin_object();
    out.member("shipping_option_code", request.option_code);
    out.end_object();
    out.end_object();
    price(out, "total_order_price", shipment.value);
    if (!request.customs.empty()) {
        customs_information(out, shipment.reference, to.company && !to.company->empty() ? "commercial_b2b" : "commercial_b2c", request.at);
    }
    out.key("parcels");
    out.begin_array();
    for (const auto& parcel : shipment.parcels) {
        out.begin_object();
        out.key("weight");
        out.begin_object();
        out.member("value", kilograms(parcel.weight_grams));
        out.member("unit", "kg");
        out.end_object();
        if (!request.customs.empty()) {
            out.key("parcel_items");
            out.begin_array();
            for (std::size_t i = 0; i < shipment.lines.size(); ++i) {
                const auto& line = shipment.lines[i];
                if (line.parcel != parcel.position) continue;
                parcel_item(out, line, request.customs[i].hs_code, request.customs[i].origin_country,
                            [&] { price(out, "price", Money(line.unit_value, shipment.value.currency())); });
            }
            out.end_array();
        }
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

}  // namespace

Announced Parcels::announce(const Request& request) {
    auto asked = call(config_, "POST", "/shipments/announce");
    asked.body = body_of(request);
    asked.timeout *= 3;  // a carrier is asked in turn
    const auto answer = client_.send(asked);
    if (!answer) {
        log::warning("sendcloud: no answer to an announcement", {{"reason", answer.error().message}});
        return {answer.error().failure == http_client::Failure::not_sent ? Outcome::busy : Outcome::unknown, {}};
    }
    const auto value = json::parse(answer->body, kLimits);
    // 409: the reference is taken, and the shipment that has it comes with the answer.
    if (answer->status == 201 || answer->status == 200 || answer->status == 409) {
        const auto* data = value ? value->find("data") : nullptr;
        if (auto told = data ? told_from(*data) : std::nullopt; told && told->parcels.size() == request.shipment.parcels.size())
            return {Outcome::made, std::move(*told)};
        return {};
    }
    if (answer->status == 429) return {Outcome::busy, {}};
    log::warning("sendcloud: an announcement was not accepted", {{"status", answer->status}});
    if (answer->status < 400 || answer->status >= 500) return {};
    Announced out{Outcome::refused, {}};
    if (value) out.told.problems = problems_of(*value);
    if (out.told.problems.empty())
        out.told.problems.push_back({"", "refused", fmt::format("The carrier platform answered {}.", answer->status)});
    return out;
}

LookedUp Parcels::by_reference(std::string_view reference) {
    const auto answer = client_.send(call(config_, "GET", "/shipments?external_reference_id=" + http_client::percent_encode(reference)));
    if (!answer || answer->status != 200) return {};
    const auto value = json::parse(answer->body, kLimits);
    const auto* data = value ? value->find("data") : nullptr;
    if (!data || !data->is_array()) return {};
    LookedUp out{Found::nothing, {}};
    for (const auto& item : data->items()) {
        auto told = told_from(item);
        if (!told || told->reference != reference) continue;
        out.found = Found::there;
        out.shipments.push_back(std::move(*told));
    }
    return out;
}

LookedUp Parcels::by_ids(const std::vector<std::string>& provider_ids) {
    std::string query;
    for (const auto& id : provider_ids) query += (query.empty() ? "" : ",") + http_client::percent_encode(id);
    const auto answer = client_.send(call(config_, "GET", "/shipments?page_size=100&shipment_uuids=" + query));
    if (!answer || answer->status != 200) return {};
    const auto value = json::parse(answer->body, kLimits);
    const auto* data = value ? value->find("data") : nullptr;
    if (!data || !data->is_array()) return {};
    LookedUp out{data->items().empty() ? Found::nothing : Found::there, {}};
    for (const auto& item : data->items()) {
        if (auto told = told_from(item)) out.shipments.push_back(std::move(*told));
    }
    return out;
}

Cancelled Parcels::cancel(std::string_view provider_id) {
    const auto answer = client_.send(call(config_, "POST", "/shipments/" + http_client::percent_encode(provider_id) + "/cancel"));
    if (!answer) return Cancelled::unknown;
    if (answer->status == 200) return Cancelled::done;
    if (answer->status == 202) return Cancelled::queued;
    if (answer->status == 409) return Cancelled::too_late;
    log::warning("sendcloud: a cancellation was not accepted", {{"status", answer->status}});
    return Cancelled::unknown;
}

std::optional<std::string> Parcels::label(std::int64_t parcel, LabelFormat format) {
    const std::string mime = format == LabelFormat::pdf ? "application/pdf" : "application/zpl";
    // ZPL is drawn for a resolution; 203 dpi is what label printers mostly have.
    auto asked = call(config_, "GET", fmt::format("/parcels/{}/documents/label{}", parcel, format == LabelFormat::pdf ? "" : "?dpi=203"));
    asked.headers[1].second = mime;
    const auto answer = client_.send(asked);
    if (!answer || answer->status != 200 || answer->body.empty() || !answer->header("content-type").starts_with(mime)) {
        log::warning("sendcloud: no label", {{"status", answer ? answer->status : 0}});
        return std::nullopt;
    }
    return answer->body;
}

std::optional<std::vector<Sender>> Parcels::senders() {
    const auto answer = client_.send(call(config_, "GET", "/addresses/sender-addresses"));
    if (!answer || answer->status != 200) return std::nullopt;
    const auto value = json::parse(answer->body, kLimits);
    const auto* data = value ? value->find("data") : nullptr;
    if (!data || !data->is_array()) return std::nullopt;
    std::vector<Sender> out;
    for (const auto& item : data->items()) {
        Sender sender{item.int_or("id"), item.text_or("country_code"), {}};
        auto& place = sender.address;
        place.company = item.text_or("company_name");
        place.name = item.text_or("name", *place.company);
        place.line1 = item.text_or("address_line_1");
        if (const auto house = item.text_or("house_number"); !house.empty()) place.line1 += " " + house;
        place.line2 = item.text_or("address_line_2");
        place.postal_code = item.text_or("postal_code");
        place.city = item.text_or("city");
        place.state = item.text_or("state_province_code");
        place.country = sender.country;
        place.email = item.text_or("email");
        place.phone = item.text_or("phone_number");
        out.push_back(std::move(sender));
    }
    return out;
}

std::optional<std::vector<Offer>> Parcels::offers(const Shipment& shipment) {
    json::Writer body;
    body.begin_object();
    body.member("from_country_code", shipment.from_country);
    body.member("to_country_code", shipment.to.country);
    body.member("to_postal_code", shipment.to.postal_code);
    body.key("parcels");
    body.begin_array();
    for (const auto& parcel : shipment.parcels) {
        body.begin_object();
        body.key("weight");
        body.begin_object();
        body.member("value", kilograms(parcel.weight_grams));
        body.member("unit", "kg");
        body.end_object();
        body.end_object();
    }
    body.end_array();
    body.member("calculate_quotes", true);
    body.end_object();
    auto asked = call(config_, "POST", "/shipping-options");
    asked.body = body.take();
    const auto answer = client_.send(asked);
    if (!answer || answer->status == 429 || answer->status >= 500) return std::nullopt;
    if (answer->status != 200) return std::vector<Offer>{};
    const auto value = json::parse(answer->body, kLimits);
    const auto* data = value ? value->find("data") : nullptr;
    if (!data || !data->is_array()) return std::nullopt;
    std::vector<Offer> out;
    for (const auto& option : data->items()) {
        const auto* functions = option.find("functionalities");
        if (functions && functions->bool_or("returns")) continue;
        const auto quote = quoted(option);
        if (!quote) continue;
        Offer offer;
        offer.code = option.text_or("code");
        offer.price = quote->minor();
        offer.letter = functions && functions->text_or("form_factor") == "letter";
        offer.multicollo = functions && functions->bool_or("multicollo");
        const auto* point = option.at("requirements", "is_service_point_required");
        offer.service_point = point && point->as_bool();
        out.push_back(std::move(offer));
    }
    return out;
}

}  // namespace stoa::shipping::sendcloud
