// Shipments, their parcels on the way, labels and returns.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <span>
#include <thread>

#include "documents.hpp"
#include "page.hpp"
#include "sendcloud.hpp"
#include "sendcloud_check.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/http/server.hpp"
#include "stoa/http_client/client.hpp"
#include "stoa/ids/id.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::sandbox {
namespace {

using json::Value;
using sendcloud::Check;
using sendcloud::errors;
using std::chrono::hours;

constexpr int kReady = 1000, kAnnouncing = 1001, kAnnouncementFailed = 1002, kDelivered = 11, kCollected = 93, kCancelled = 2000,
              kCancelAsked = 1999, kCancelFailed = 94;
constexpr hours kCancelTakes{1};
constexpr std::chrono::days kCancelWithin{42};

struct Step {
    int hours;
    int status;
};  // after the announcement
constexpr Step kToTheDoor[] = {{4, 22}, {8, 3}, {14, 5}, {20, 91}, {24, 92}, {28, kDelivered}};
constexpr Step kToAPoint[] = {{4, 22}, {8, 3}, {14, 5}, {20, 91}, {26, 12}, {50, kCollected}};

bool is_final(int status) { return status == kDelivered || status == kCollected || status == kCancelled; }

std::int64_t millis(Timestamp at) { return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count(); }

std::string text_of(const Value& body, std::string_view object, std::string_view name) {
    const auto* found = body.find(object);
    return found ? found->text_or(name) : std::string();
}

void write_status(json::Writer& out, int id) {
    const auto& status = sendcloud::status_of(id);
    out.begin_object();
    out.member("code", status.code);
    out.member("message", status.message);
    out.end_object();
}

void write_time(json::Writer& out, std::string_view name, const std::optional<Timestamp>& at) {
    out.key(name);
    if (at)
        out.string(to_rfc3339(*at));
    else
        out.null();
}

// "01-02-2026 21:45:30", as parcels of version 2 write it.
std::string old_date(Timestamp at) {
    const std::string text = to_rfc3339(at);
    return text.substr(8, 2) + "-" + text.substr(5, 2) + "-" + text.substr(0, 4) + " " + text.substr(11, 8);
}

std::string tracking_url(const std::string& public_url, const std::string& tracking) { return public_url + "/track/" + tracking; }

http::Response refused_return(int status, std::string_view code, std::string_view message, const http::Request& request) {
    json::Writer out;
    out.begin_object();
    out.key("error");
    out.begin_object();
    out.member("code", code);
    out.member("request", std::string_view(request.path).substr(std::string_view("/sendcloud/").size()));
    out.member("message", message);
    out.end_object();
    out.end_object();
    return http::json_text(status, out.take());
}

std::string reference_of(const Value& body, bool is_return) {
    return body.text_or(is_return ? "external_reference" : "external_reference_id");
}

std::optional<std::int64_t> whole(std::string_view text) {
    return text.empty() || text.size() > 18 ? std::nullopt : Value::number(std::string(text)).as_int();
}

// The commas of a list in a query, or repetitions of the parameter.
std::vector<std::string> listed(const http::Request& request, std::string_view name) {
    std::vector<std::string> out;
    for (const auto& [key, value] : request.query) {
        if (key != name) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const auto end = std::min(rest.find(','), rest.size());
            out.emplace_back(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return out;
}

}  // namespace

Timestamp Sendcloud::now() const { return SystemClock().now() + std::chrono::seconds(control_.seconds_ahead.load()); }

// ---- parcels on their way -----------------------------------------------------------------------------------------------------
void Sendcloud::plan(Parcel& parcel, const Shipment& shipment) {
    if (parcel.due) due_.erase({*parcel.due, parcel.id});
    parcel.due.reset();
    const bool to_a_point = !shipment.is_return && shipment.option->service_point;
    const auto steps = to_a_point ? std::span<const Step>(kToAPoint) : std::span<const Step>(kToTheDoor);
    if (parcel.status == kAnnouncing)
        parcel.due = parcel.created + std::chrono::seconds{1};
    else if (parcel.cancel_asked)
        parcel.due = *parcel.cancel_asked + kCancelTakes;
    else if (parcel.walking && parcel.announced && parcel.step < steps.size())
        parcel.due = *parcel.announced + hours(steps[parcel.step].hours);
    if (parcel.due) due_.insert({*parcel.due, parcel.id});
}

void Sendcloud::change(Shipment& shipment, Parcel& parcel, int status, Timestamp at) {
    // Two changes of one parcel never carry the same moment, also not in the milliseconds of a notification.
    if (!parcel.events.empty() && millis(at) <= millis(parcel.events.back().at))
        at = parcel.events.back().at + std::chrono::milliseconds{1};
    parcel.status = status;
    parcel.updated = at;
    parcel.events.push_back({status, at});
    // A return is only reported when the parcel went out through this account.
    bool reported = !shipment.is_return;
    if (const auto order = shipment.body.text_or("order_number"); !reported && !order.empty()) {
        reported = std::any_of(shipments_.begin(), shipments_.end(), [&](const auto& entry) {
            return !entry.second.is_return && entry.second.body.text_or("order_number") == order;
        });
    }
    if (reported) webhooks_.send("parcel_status_changed", parcel.id, status, millis(at), notification(shipment, parcel, millis(at), at));
}

void Sendcloud::advance(Shipment& shipment, Parcel& parcel) {
    const Timestamp at = *parcel.due;
    if (parcel.status == kAnnouncing) {
        if (text_of(shipment.body, "to_address", "postal_code").ends_with("99")) {
            parcel.walking = false;
            change(shipment, parcel, kAnnouncementFailed, at);
        } else {
            parcel.announced = at;
            change(shipment, parcel, kReady, at);
        }
    } else if (parcel.cancel_asked) {
        parcel.cancel_asked.reset();
        if (parcel.before_cancel == kReady) {
            parcel.walking = false;
            change(shipment, parcel, kCancelled, at);
        } else {
            change(shipment, parcel, kCancelFailed, at);  // the carrier has it already: it travels on
        }
    } else {
        const bool to_a_point = !shipment.is_return && shipment.option->service_point;
        change(shipment, parcel, (to_a_point ? kToAPoint : kToTheDoor)[parcel.step].status, at);
        ++parcel.step;
    }
    plan(parcel, shipment);
}

void Sendcloud::walk() {
    const std::lock_guard lock(mutex_);
    const Timestamp until = now();
    std::set<std::int64_t> changed;
    while (!due_.empty() && due_.begin()->first <= until) {
        const auto found = find_parcel(due_.begin()->second);
        advance(*found.shipment, *found.parcel);
        changed.insert(found.shipment->number);
    }
    for (const auto number : changed) save(shipments_.at(number));
}

Sendcloud::Found Sendcloud::find_parcel(std::int64_t id) const {
    const auto number = by_parcel_.find(id);
    if (number == by_parcel_.end()) return {};
    auto& shipment = shipments_.at(number->second);
    for (auto& parcel : shipment.parcels) {
        if (parcel.id == id) return {&shipment, &parcel};
    }
    return {};
}

const Sendcloud::Shipment* Sendcloud::find(std::string_view id) const {
    const auto number = by_id_.find(id);
    return number == by_id_.end() ? nullptr : &shipments_.at(number->second);
}

Sendcloud::Shipment& Sendcloud::add(Shipment shipment, std::size_t parcels) {
    shipment.number = ++next_number_;
    shipment.id = shipment.is_return ? std::to_string(12000 + shipment.number) : Uuid::v7().to_string();
    shipment.created = now();
    for (std::size_t i = 0; i < parcels; ++i) {
        Parcel parcel;
        parcel.id = ++next_parcel_;
        parcel.tracking = fmt::format("3S{:011}", parcel.id * 7919 % 100000000000);
        parcel.created = parcel.updated = shipment.created;
        shipment.parcels.push_back(std::move(parcel));
    }
    auto& stored = shipments_[shipment.number] = std::move(shipment);
    index(stored);
    return stored;
}

void Sendcloud::index(Shipment& shipment) {
    by_id_[shipment.id] = shipment.number;
    if (const auto reference = reference_of(shipment.body, shipment.is_return); !reference.empty())
        (shipment.is_return ? by_return_reference_ : by_reference_)[reference] = shipment.number;
    for (auto& parcel : shipment.parcels) {
        by_parcel_[parcel.id] = shipment.number;
        by_tracking_[parcel.tracking] = parcel.id;
        plan(parcel, shipment);
    }
}

// ---- what it says ---------------------------------------------------------------------------------------------------------------
std::string Sendcloud::label_mime(const Shipment& shipment) const {
    const auto mime = text_of(shipment.body, "label_details", "mime_type");
    return mime.empty() ? "application/pdf" : mime;
}

std::string Sendcloud::paper(const Shipment& shipment, const Parcel& parcel, std::string_view type, std::string_view mime, int dpi) const {
    const auto* to = shipment.body.find("to_address");
    Paper paper;
    paper.title = type == "label" ? shipment.option->name : "Customs declaration";
    paper.code = parcel.tracking;
    paper.lines = {to->text_or("name"),
                   to->text_or("company_name"),
                   to->text_or("address_line_1") + " " + to->text_or("house_number"),
                   to->text_or("address_line_2"),
                   to->text_or("postal_code") + " " + to->text_or("city"),
                   to->text_or("country_code")};
    if (const auto* point = shipment.body.find("to_service_point"); point && point->is_object()) {
        if (const auto* place = sendcloud::place_of(point->text_or("id"), point->text_or("carrier_service_point_id")))
            paper.lines.push_back(std::string("Service point: ") + place->name);
    }
    if (const auto order = shipment.body.text_or("order_number"); !order.empty()) paper.lines.push_back("Order " + order);
    if (type != "label") {
        if (const auto* customs = shipment.body.find("customs_information"))
            paper.lines.push_back("Invoice " + customs->text_or("invoice_number"));
    }
    std::erase_if(paper.lines, [](const std::string& line) { return line.find_first_not_of(' ') == std::string::npos; });
    return mime == "image/png" ? png_of(paper, dpi) : mime == "application/zpl" ? zpl_of(paper) : pdf_of(paper);
}

std::string Sendcloud::json_of(const Shipment& shipment, bool with_label) const {
    const auto failed = std::any_of(shipment.parcels.begin(), shipment.parcels.end(),
                                    [](const Parcel& parcel) { return parcel.status == kAnnouncementFailed; });
    json::Writer out;
    out.begin_object();
    out.member("id", shipment.id);
    out.key("carrier");
    out.begin_object();
    out.member("code", shipment.option->carrier);
    out.member("name", shipment.option->carrier_name);
    out.end_object();
    for (const auto& [name, value] : shipment.body.members()) {
        if (name == "parcels") continue;
        out.key(name);
        json::write_value(out, value);
    }
    for (const auto* name : {"external_reference_id", "order_number", "reference", "to_service_point"}) {
        if (shipment.body.find(name)) continue;
        out.key(name);
        out.null();
    }
    if (!shipment.body.find("label_details")) {
        out.key("label_details");
        out.raw(R"({"mime_type":"application/pdf","dpi":72})");
    }
    out.key("errors");
    out.begin_array();
    if (failed) out.raw(R"({"status":"500","code":"parcel_announcement_error","detail":"The carrier refused the address."})");
    out.end_array();
    out.key("parcels");
    out.begin_array();
    const auto& sent = shipment.body.find("parcels")->items();
    const auto mime = label_mime(shipment);
    const auto* label_details = shipment.body.find("label_details");
    const int dpi = label_details ? static_cast<int>(label_details->int_or("dpi", 72)) : 72;
    for (std::size_t i = 0; i < shipment.parcels.size(); ++i) {
        const auto& parcel = shipment.parcels[i];
        out.begin_object();
        out.member("id", parcel.id);
        out.key("status");
        write_status(out, parcel.status);
        out.key("documents");
        out.begin_array();
        if (parcel.announced) {
            const std::string link = options_.own_url + "/api/v3/parcels/" + std::to_string(parcel.id) + "/documents/";
            out.raw(R"({"type":"label","size":"a6","link":)" + json::quote(link + "label") + "}");
            if (shipment.body.find("customs_information"))
                out.raw(R"({"type":"customs-declaration","size":"a6","link":)" + json::quote(link + "customs-declaration") + "}");
        }
        out.end_array();
        out.member("tracking_number", parcel.announced ? parcel.tracking : "");
        out.member("tracking_url", parcel.announced ? tracking_url(options_.public_url, parcel.tracking) : "");
        write_time(out, "created_at", parcel.created);
        write_time(out, "updated_at", parcel.updated);
        write_time(out, "announced_at", parcel.announced);
        out.key("additional_carrier_data");
        out.raw(R"({"awb_tracking_number":null,"box_number":null})");
        out.key("label_file");
        if (with_label && parcel.announced)
            out.string(crypto::base64(paper(shipment, parcel, "label", mime, dpi)));
        else
            out.null();
        for (const auto& [name, value] : sent[i].members()) {
            out.key(name);
            json::write_value(out, value);
        }
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

std::string Sendcloud::notification(const Shipment& shipment, const Parcel& parcel, std::int64_t timestamp, Timestamp at) const {
    const auto& body = shipment.body;
    const auto* to = body.find("to_address");
    const auto* country = sendcloud::country_of(to->text_or("country_code"));
    const std::string panel = options_.own_url + "/api/v2";
    const std::string id = std::to_string(parcel.id);
    const auto* sent =
        shipment.is_return ? &body : &body.find("parcels")->items()[static_cast<std::size_t>(&parcel - shipment.parcels.data())];
    json::Writer out;
    const auto null = [&](std::string_view name) {
        out.key(name);
        out.null();
    };
    out.begin_object();
    out.member("action", "parcel_status_changed");
    out.member("timestamp", timestamp);
    out.member("carrier_status_change_timestamp", millis(at));
    out.key("parcel");
    out.begin_object();
    out.member("id", parcel.id);
    out.member("name", to->text_or("name"));
    out.member("company_name", to->text_or("company_name"));
    out.member("address", to->text_or("address_line_1") + (to->text_or("house_number").empty() ? "" : " " + to->text_or("house_number")));
    out.member("address_2", to->text_or("address_line_2"));
    out.key("address_divided");
    out.begin_object();
    out.member("street", to->text_or("address_line_1"));
    out.member("house_number", to->text_or("house_number"));
    out.end_object();
    out.member("city", to->text_or("city"));
    out.member("postal_code", to->text_or("postal_code"));
    out.member("telephone", to->text_or("phone_number"));
    out.member("email", to->text_or("email"));
    out.key("country");
    out.begin_object();
    out.member("iso_2", country->iso_2);
    out.member("iso_3", country->iso_3);
    out.member("name", country->name);
    out.end_object();
    out.key("to_state");
    if (const auto state = to->text_or("state_province_code"); state.size() > 3)
        out.string(std::string_view(state).substr(3));  // "US-NY" is "NY" here
    else
        out.null();
    out.member("contract", shipment.option->contract);
    out.member("date_created", old_date(parcel.created));
    out.member("date_updated", old_date(parcel.updated));
    out.key("date_announced");
    if (parcel.announced)
        out.string(old_date(*parcel.announced));
    else
        out.null();
    out.member("tracking_number", parcel.announced ? parcel.tracking : "");
    out.member("tracking_url", parcel.announced ? tracking_url(options_.public_url, parcel.tracking) : "");
    const auto weight = sendcloud::grams(*sent->find("weight"), shipment.is_return).value_or(0);
    out.member("weight", fmt::format("{}.{:03}", weight / 1000, weight % 1000));
    out.key("label");
    out.begin_object();
    out.key("normal_printer");
    out.begin_array();
    for (int i = 0; parcel.announced && i < 4; ++i) out.string(panel + "/labels/normal_printer/" + id + "?start_from=" + std::to_string(i));
    out.end_array();
    out.member("label_printer", parcel.announced ? panel + "/labels/label_printer/" + id : "");
    out.end_object();
    out.key("documents");
    out.begin_array();
    if (parcel.announced)
        out.raw(R"({"type":"label","size":"a6","link":)" + json::quote(panel + "/parcels/" + id + "/documents/label") + "}");
    out.end_array();
    out.key("status");
    out.begin_object();
    out.member("id", parcel.status);
    out.member("message", sendcloud::status_of(parcel.status).message);
    out.end_object();
    out.key("data");
    out.raw("{}");
    out.key("shipment");
    out.raw(fmt::format(R"({{"id":{},"name":{}}})", shipment.option->letter ? 8 : 8020, json::quote(shipment.option->name)));
    out.key("carrier");
    out.raw(R"({"code":)" + json::quote(shipment.option->carrier) + "}");
    out.member("order_number", body.text_or("order_number"));
    out.member("shipment_uuid", shipment.is_return ? "" : shipment.id);
    out.member("external_order_id", body.text_or("order_number"));
    out.member("external_shipment_id", reference_of(body, shipment.is_return));
    out.key("parcel_items");
    out.begin_array();
    if (const auto* items = sent->find("parcel_items"); items && items->is_array()) {
        for (const auto& item : items->items()) {
            out.begin_object();
            for (const auto* name : {"description", "sku", "hs_code", "origin_country", "product_id", "item_id"})
                out.member(name, item.text_or(name));
            out.member("quantity", item.int_or("quantity", 1));
            out.end_object();
        }
    }
    out.end_array();
    out.key("external_reference");
    if (const auto reference = reference_of(body, shipment.is_return); !reference.empty())
        out.string(reference);
    else
        out.null();
    out.member("reference", body.text_or("reference"));
    out.member("is_return", shipment.is_return);
    out.member("insured_value", 0);
    out.member("total_insured_value", 0);
    const auto* total = body.find("total_order_price");
    out.member("total_order_value", total && total->is_object() ? total->text_or("value") : "");
    out.member("total_order_value_currency", total && total->is_object() ? total->text_or("currency") : "");
    out.key("to_service_point");
    const auto* point = body.find("to_service_point");
    if (const auto* place =
            point && point->is_object() ? sendcloud::place_of(point->text_or("id"), point->text_or("carrier_service_point_id")) : nullptr)
        out.integer(place->id);
    else
        out.null();
    out.member("colli_uuid", shipment.id);
    out.member("collo_nr", static_cast<std::int64_t>(&parcel - shipment.parcels.data()));
    out.member("collo_count", static_cast<std::int64_t>(shipment.parcels.size()));
    out.member("customs_invoice_nr", text_of(body, "customs_information", "invoice_number"));
    for (const auto* name : {"customs_shipment_type", "awb_tracking_number", "box_number", "length", "width", "height", "note"}) null(name);
    out.member("shipping_method_checkout_name", "");
    out.end_object();
    out.end_object();
    return spaced(out.text());
}

// ---- requests ---------------------------------------------------------------------------------------------------------------------
http::Response Sendcloud::create(const http::Request& request, bool synchronous) {
    const auto body = json::parse(request.body, {2 << 20, 32});
    if (!body || !body->is_object()) return errors(400, {{"invalid", "JSON parse error.", ""}});
    Check check;
    const auto checked = sendcloud::check_shipment(check, *body, synchronous ? 15 : 50);
    if (!check.problems.empty()) return errors(400, check.problems);
    const std::string city = text_of(*body, "to_address", "city");
    std::string answer;
    {
        const std::lock_guard lock(mutex_);
        if (const auto reference = body->text_or("external_reference_id"); !reference.empty()) {
            if (const auto existing = by_reference_.find(reference); existing != by_reference_.end())
                return http::json_text(409, "{\"data\":" + json_of(shipments_.at(existing->second), false) + "}");
        }
        if (checked.place && full_points_.contains(checked.place->id))
            return errors(400, {{"invalid", "The service point is not available.", "/to_service_point/id"}});
        Shipment wanted;
        wanted.body = *body;
        wanted.option = checked.option;
        auto& shipment = add(std::move(wanted), body->find("parcels")->items().size());
        if (synchronous) {
            for (auto& parcel : shipment.parcels) {
                if (parcel.due) due_.erase({*parcel.due, parcel.id});
                parcel.due = parcel.created;
                advance(shipment, parcel);
            }
        }
        save(shipment);
        answer = "{\"data\":" + json_of(shipment, synchronous) + "}";
    }
    if (city == "Slow") std::this_thread::sleep_for(options_.slow_answer);
    if (city == "Drop") return http::json_text(http::kHangUp, "");
    return http::json_text(201, std::move(answer));
}

http::Response Sendcloud::get(const http::Request& request) const {
    const std::lock_guard lock(mutex_);
    const auto* shipment = find(request.param("id"));
    if (!shipment || shipment->is_return) return errors(404, {{"not_found", "Not found.", ""}});
    return http::json_text(200, "{\"data\":" + json_of(*shipment, false) + "}");
}

http::Response Sendcloud::list(const http::Request& request) const {
    static constexpr std::string_view kKnown[] = {
        "parcel_status",  "tracking_number", "external_reference_id", "order_number", "integration_id", "updated_after",
        "updated_before", "announced_after", "announced_before",      "ids",          "shipment_uuids", "cursor",
        "page_size"};
    Check check;
    for (const auto& [name, value] : request.query) {
        if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown))
            check.fail("unknown_field", "Unknown parameter.", name);
    }
    const auto value = [&](std::string_view name) { return std::string(request.query_value(name).value_or("")); };
    const auto moment = [&](std::string_view name) -> std::optional<Timestamp> {
        const auto text = value(name);
        if (text.empty()) return std::nullopt;
        const auto at = parse_timestamp(text);
        if (!at) check.fail("invalid", "Datetime has wrong format.", std::string(name));
        return at;
    };
    const auto updated_after = moment("updated_after"), updated_before = moment("updated_before"),
               announced_after = moment("announced_after"), announced_before = moment("announced_before");
    const auto ids = listed(request, "ids"), uuids = listed(request, "shipment_uuids");
    if (const auto status = value("parcel_status");
        !status.empty() && std::none_of(std::begin(sendcloud::kStatuses), std::end(sendcloud::kStatuses),
                                        [&](const sendcloud::Status& known) { return status == known.code; }))
        check.fail("invalid_choice", "\"" + status + "\" is not a valid choice.", "parcel_status");
    if (std::any_of(ids.begin(), ids.end(), [](const std::string& id) { return !whole(id); }))
        check.fail("invalid", "A valid integer is required.", "ids");
    if (ids.size() > 100) check.fail("invalid", "At most 100 ids.", "ids");
    if (uuids.size() > 100) check.fail("invalid", "At most 100 ids.", "shipment_uuids");
    const auto page_size = value("page_size").empty() ? 40 : whole(value("page_size")).value_or(0);
    if (page_size < 1 || page_size > 100) check.fail("invalid", "Ensure this value is between 1 and 100.", "page_size");
    if (!check.problems.empty()) return errors(400, check.problems);

    // A cursor says on which side of which shipment the page lies.
    bool forward = true;
    std::int64_t from = 0;
    if (const auto cursor = value("cursor"); !cursor.empty()) {
        std::string plain;
        const auto number =
            crypto::base64url_decode(cursor, plain) && plain.size() > 2 ? whole(std::string_view(plain).substr(2)) : std::nullopt;
        if (!number || !(plain.starts_with("n:") || plain.starts_with("p:"))) return errors(404, {{"not_found", "Invalid cursor.", ""}});
        forward = plain[0] == 'n';
        from = *number;
    }
    const auto fits = [&](const Shipment& shipment) {
        if (shipment.is_return) return false;
        if (const auto number = value("integration_id"); !number.empty() && number != "70") return false;
        if (const auto reference = value("external_reference_id");
            !reference.empty() && shipment.body.text_or("external_reference_id") != reference)
            return false;
        if (const auto order = value("order_number"); !order.empty() && shipment.body.text_or("order_number") != order) return false;
        if (!uuids.empty() && std::find(uuids.begin(), uuids.end(), shipment.id) == uuids.end()) return false;
        return std::any_of(shipment.parcels.begin(), shipment.parcels.end(), [&](const Parcel& parcel) {
            if (const auto status = value("parcel_status"); !status.empty() && status != sendcloud::status_of(parcel.status).code)
                return false;
            if (const auto number = value("tracking_number"); !number.empty() && number != parcel.tracking) return false;
            if (!ids.empty() && std::find(ids.begin(), ids.end(), std::to_string(parcel.id)) == ids.end()) return false;
            if (updated_after && parcel.updated <= *updated_after) return false;
            if (updated_before && parcel.updated >= *updated_before) return false;
            if (announced_after && (!parcel.announced || *parcel.announced <= *announced_after)) return false;
            if (announced_before && (!parcel.announced || *parcel.announced >= *announced_before)) return false;
            return true;
        });
    };
    const std::lock_guard lock(mutex_);
    std::vector<const Shipment*> page;
    bool more = false;
    const auto take = [&](const Shipment& shipment) {
        if (!fits(shipment)) return true;
        if (static_cast<std::int64_t>(page.size()) == page_size) {
            more = true;
            return false;
        }
        page.push_back(&shipment);
        return true;
    };
    if (forward) {
        for (auto it = shipments_.upper_bound(from); it != shipments_.end() && take(it->second); ++it) {
        }
    } else {
        for (auto it = std::make_reverse_iterator(shipments_.lower_bound(from)); it != shipments_.rend() && take(it->second); ++it) {
        }
        std::reverse(page.begin(), page.end());
    }
    std::string data;
    for (const auto* shipment : page) data += (data.empty() ? "" : ",") + json_of(*shipment, false);
    auto response = http::json_text(200, "{\"data\":[" + data + "]}");
    std::string links;
    const auto link = [&](char side, std::int64_t number, std::string_view relation) {
        std::string query;
        for (const auto& [name, text] : request.query) {
            if (name != "cursor") query += name + "=" + http_client::percent_encode(text) + "&";
        }
        links += fmt::format("{}<{}/api/v3/shipments?{}cursor={}>; rel=\"{}\"", links.empty() ? "" : ", ", options_.own_url, query,
                             crypto::base64url(std::string(1, side) + ":" + std::to_string(number)), relation);
    };
    if (!page.empty() && (forward ? more : true)) link('n', page.back()->number, "next");
    if (!page.empty() && (forward ? from > 0 : more)) link('p', page.front()->number, "prev");
    if (!links.empty()) response.header("link", links);
    return response;
}

int Sendcloud::ask_to_cancel(Shipment& shipment) {
    const Timestamp at = now();
    const bool too_late = std::any_of(shipment.parcels.begin(), shipment.parcels.end(), [&](const Parcel& parcel) {
        return is_final(parcel.status) || parcel.cancel_asked || (parcel.announced && at - *parcel.announced > kCancelWithin);
    });
    if (too_late) return 409;
    const bool at_once = std::all_of(shipment.parcels.begin(), shipment.parcels.end(), [&](const Parcel& parcel) {
        return parcel.status == kAnnouncementFailed || parcel.status == kAnnouncing ||
               (parcel.status == kReady && at - *parcel.announced < std::chrono::minutes{1});
    });
    for (auto& parcel : shipment.parcels) {
        if (at_once) {
            parcel.walking = false;
            change(shipment, parcel, kCancelled, at);
        } else {
            parcel.before_cancel = parcel.status;
            parcel.cancel_asked = at;
            change(shipment, parcel, kCancelAsked, at);
        }
        plan(parcel, shipment);
    }
    save(shipment);
    return at_once ? 200 : 202;
}

http::Response Sendcloud::cancel(const http::Request& request) {
    const std::lock_guard lock(mutex_);
    const auto* found = find(request.param("id"));
    if (!found || found->is_return) return errors(404, {{"not_found", "Not found.", ""}});
    switch (ask_to_cancel(shipments_.at(found->number))) {
        case 200:
            return http::json_text(200, R"({"data":{"status":"cancelled","message":"The shipment is cancelled."}})");
        case 202:
            return http::json_text(202, R"({"data":{"status":"queued","message":"The cancellation is queued."}})");
        default:
            return errors(409, {{"invalid", "The shipment can no longer be cancelled.", ""}});
    }
}

http::Response Sendcloud::document(const http::Request& request) const {
    static constexpr std::string_view kTypes[] = {"label", "customs-declaration", "air-waybill", "cn23", "commercial-invoice"};
    const auto type = request.param("type");
    Check check;
    for (const auto& [name, value] : request.query) {
        if (name != "dpi" && name != "paper_size") check.fail("unknown_field", "Unknown parameter.", name);
    }
    if (std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes))
        check.fail("invalid", "Not a valid document type.", "type");
    int dpi = 72;
    if (const auto wanted = request.query_value("dpi")) {
        dpi = static_cast<int>(whole(*wanted).value_or(0));
        if (dpi != 72 && dpi != 150 && dpi != 203 && dpi != 300 && dpi != 600) check.fail("invalid", "Not a valid resolution.", "dpi");
    }
    if (const auto size = request.query_value("paper_size"); size && *size != "A4" && *size != "A5" && *size != "A6")
        check.fail("invalid", "Not a valid paper size.", "paper_size");
    if (!check.problems.empty()) return errors(400, check.problems);
    const std::lock_guard lock(mutex_);
    const auto found = find_parcel(whole(request.param("id")).value_or(0));
    if (!found.parcel || !found.parcel->announced) return errors(404, {{"not_found", "Not found.", ""}});
    if (type != "label" && (type == "air-waybill" || !found.shipment->body.find("customs_information")))
        return errors(404, {{"not_found", "The document is not available.", ""}});
    const auto accept = request.header("accept");
    // What was made as ZPL stays ZPL; everything else is a PDF unless asked otherwise.
    std::string mime = label_mime(*found.shipment);
    if (mime != "application/zpl") {
        mime = "application/pdf";
        for (const auto* offered : {"application/zpl", "image/png", "application/pdf"}) {
            if (accept.find(offered) != std::string_view::npos) mime = offered;
        }
    } else if (!accept.empty() && accept.find("application/zpl") == std::string_view::npos &&
               accept.find("*/*") == std::string_view::npos) {
        return errors(404, {{"not_found", "The document is not available in this format.", ""}});
    }
    http::Response response;
    response.header("content-type", mime);
    response.body = paper(*found.shipment, *found.parcel, type, mime, dpi);
    return response;
}

http::Response Sendcloud::tracking(const http::Request& request) const {
    const std::lock_guard lock(mutex_);
    const auto id = by_tracking_.find(request.param("number"));
    const auto found = id == by_tracking_.end() ? Found{} : find_parcel(id->second);
    if (!found.parcel || !found.parcel->announced) return errors(404, {{"not_found", "Not found.", ""}});
    const auto& [shipment, parcel] = found;
    json::Writer out;
    out.begin_object();
    out.member("tracking_number", parcel->tracking);
    write_time(out, "announced_at", parcel->announced);
    write_time(out, "created_at", parcel->created);
    out.key("details");
    out.begin_object();
    out.key("brand_id");
    out.null();
    out.member("expected_delivery_date", to_iso_date(date_of(*parcel->announced + hours(shipment->option->lead_hours))));
    out.member("integration_id", 70);
    out.member("is_mail_box", shipment->option->letter);
    out.member("is_return", shipment->is_return);
    out.member("is_to_service_point", shipment->option->service_point);
    out.end_object();
    out.key("events");
    out.begin_array();
    for (const auto& event : parcel->events) {
        const auto& status = sendcloud::status_of(event.status);
        out.begin_object();
        out.member("event_at", to_rfc3339(event.at));
        out.member("event_type", event.status >= 999 && event.status <= 2001 ? "internal" : "carrier");
        out.member("status_code", status.code);
        out.member("status_description", status.message);
        out.member("status_type",
                   event.status == kAnnouncementFailed || event.status == 80 || event.status == 62996 ? "failure" : "success");
        out.member("sub_status_code", "none");
        out.end_object();
    }
    out.end_array();
    out.key("parcel_items");
    const auto* own = shipment->is_return
                          ? &shipment->body
                          : &shipment->body.find("parcels")->items()[static_cast<std::size_t>(parcel - shipment->parcels.data())];
    if (const auto* items = own->find("parcel_items"); items && items->is_array())
        json::write_value(out, *items);
    else
        out.raw("[]");
    for (const auto* name : {"from_address", "to_address", "ship_with"}) {
        out.key(name);
        json::write_value(out, *shipment->body.find(name));
    }
    out.end_object();
    return http::json_text(200, out.take());
}

http::Response Sendcloud::tracking_page(const http::Request& request) const {
    const std::lock_guard lock(mutex_);
    const auto id = by_tracking_.find(request.param("number"));
    const auto found = id == by_tracking_.end() ? Found{} : find_parcel(id->second);
    if (!found.parcel) return page("No such parcel", "<p>The carrier knows no parcel of this number.</p>", 404);
    const auto& [shipment, parcel] = found;
    std::string rows;
    for (auto it = parcel->events.rbegin(); it != parcel->events.rend(); ++it)
        rows += fmt::format("<li><strong>{}</strong><time>{}</time></li>", sendcloud::status_of(it->status).message, people_time(it->at));
    const auto* to = shipment->body.find("to_address");
    return page("Parcel " + parcel->tracking,
                "<p class=lead>" + escape_html(sendcloud::status_of(parcel->status).message) + "</p><p class=quiet>" +
                    escape_html(shipment->option->name) + " to " + escape_html(to->text_or("postal_code") + " " + to->text_or("city")) +
                    "</p><ol class=steps>" + rows + "</ol><p class=quiet>Moments are of the sandbox's clock.</p>");
}

// ---- returns ----------------------------------------------------------------------------------------------------------------------
http::Response Sendcloud::create_return(const http::Request& request, bool synchronous) {
    const auto body = json::parse(request.body, {2 << 20, 32});
    if (!body || !body->is_object()) return refused_return(400, "invalid", "JSON parse error.", request);
    Check check;
    const auto checked = sendcloud::check_return(check, *body);
    // This endpoint answers with the older error object: the first complaint, the member named in words.
    if (!check.problems.empty()) {
        const auto& first = check.problems.front();
        return refused_return(400, first.code, first.pointer.substr(1) + ": " + first.detail, request);
    }
    if (text_of(*body, "from_address", "postal_code").ends_with("99"))
        return refused_return(400, "invalid_postal_code", "The carrier does not know this postal code.", request);
    const std::lock_guard lock(mutex_);
    if (const auto reference = body->text_or("external_reference"); !reference.empty() && by_return_reference_.contains(reference))
        return refused_return(400, "not_unique", "external_reference: This value is used already.", request);
    Shipment wanted;
    wanted.is_return = true;
    wanted.body = *body;
    wanted.option = checked.option;
    auto& made = add(std::move(wanted), static_cast<std::size_t>(body->int_or("collo_count", 1)));
    json::Writer event;
    event.begin_object();
    event.member("action", "return_created");
    event.member("timestamp", millis(made.created));
    event.key("data");
    event.begin_object();
    event.key("id");
    event.raw(made.id);
    for (const auto* name : {"brand_id", "return_reason_id", "return_address_id", "refund_type"}) {
        event.key(name);
        event.null();
    }
    event.member("order_number", body->text_or("order_number"));
    event.member("paid_return", false);
    event.key("delivery_choice");
    if (const auto choice = body->text_or("delivery_option"); !choice.empty())
        event.string(choice);
    else
        event.null();
    event.key("items");
    event.begin_array();
    if (const auto* items = body->find("parcel_items"); items && items->is_array()) {
        for (const auto& item : items->items()) {
            event.begin_object();
            event.member("quantity", item.int_or("quantity", 1));
            for (const auto* name : {"item_id", "description", "sku", "hs_code", "return_reason_id"}) {
                event.key(name);
                json::write_value(event, item.find(name) ? *item.find(name) : Value());
            }
            event.end_object();
        }
    }
    event.end_array();
    event.end_object();
    event.end_object();
    webhooks_.send("return_created", made.parcels.front().id, 0, millis(made.created), spaced(event.text()));
    json::Writer out;
    out.begin_object();
    out.key("return_id");
    out.raw(made.id);
    out.member("parcel_id", made.parcels.front().id);
    out.key("multi_collo_ids");
    out.begin_array();
    for (auto& parcel : made.parcels) {
        if (synchronous) {
            if (parcel.due) due_.erase({*parcel.due, parcel.id});
            parcel.due = parcel.created;
            advance(made, parcel);
        }
        if (made.parcels.size() > 1) out.integer(parcel.id);
    }
    out.end_array();
    out.end_object();
    save(made);
    return http::json_text(201, out.take());
}

namespace {

// The words that lists of returns use for a status.
std::string_view return_status(int id) {
    static constexpr std::pair<int, std::string_view> kWords[] = {{1000, "ready-to-send"},
                                                                  {1, "announced"},
                                                                  {3, "to-sorting"},
                                                                  {4, "delayed"},
                                                                  {5, "sorted"},
                                                                  {6, "unsorted"},
                                                                  {7, "sorting"},
                                                                  {8, "delivery-failed"},
                                                                  {11, "delivered"},
                                                                  {12, "awaiting-customer-pickup"},
                                                                  {13, "announced-uncollected"},
                                                                  {15, "collect-error"},
                                                                  {80, "undeliverable"},
                                                                  {91, "shipment-on-route"},
                                                                  {92, "driver-on-route"},
                                                                  {22, "picked-up-by-driver"},
                                                                  {93, "collected-by-customer"},
                                                                  {999, "no-label"},
                                                                  {1001, "announcing"},
                                                                  {1002, "announcement-failed"},
                                                                  {1998, "cancelled-upstream"},
                                                                  {1999, "cancelling-upstream"},
                                                                  {2001, "cancelling"},
                                                                  {2000, "cancelled"},
                                                                  {62989, "at-customs"},
                                                                  {62990, "at-sorting-centre"},
                                                                  {62991, "refused-by-recipient"},
                                                                  {62992, "returned-to-sender"},
                                                                  {62993, "delivery-method-changed"},
                                                                  {62994, "delivery-date-changed"},
                                                                  {62995, "delivery-address-changed"},
                                                                  {62996, "exception"},
                                                                  {62997, "address-invalid"}};
    for (const auto& [status, word] : kWords) {
        if (status == id) return word;
    }
    return "unknown";
}

template <class S>
std::string return_json(const S& made, const std::string& public_url) {
    const auto& parcel = made.parcels.front();
    json::Writer out;
    out.begin_object();
    out.key("id");
    out.raw(made.id);
    out.member("created_at", to_rfc3339(made.created));
    out.member("order_number", made.body.text_or("order_number"));
    out.member("external_reference", made.body.text_or("external_reference"));
    out.key("parent_parcel_status");
    write_status(out, parcel.status);
    out.key("parcel");
    out.begin_object();
    out.member("id", parcel.id);
    out.member("tracking_number", parcel.tracking);
    out.member("tracking_url", tracking_url(public_url, parcel.tracking));
    out.end_object();
    out.end_object();
    return out.take();
}

}  // namespace

http::Response Sendcloud::get_return(const http::Request& request) const {
    const std::lock_guard lock(mutex_);
    const auto* found = find(request.param("id"));
    if (!found || !found->is_return) return errors(404, {{"not_found", "Not found.", ""}});
    return http::json_text(200, return_json(*found, options_.public_url));
}

http::Response Sendcloud::list_returns(const http::Request& request) const {
    const auto from = parse_iso_date(request.query_value("from_date").value_or(""));
    const auto to = parse_iso_date(request.query_value("to_date").value_or(""));
    Check check;
    if (!from) check.fail("required", "This field is required.", "from_date");
    if (!to) check.fail("required", "This field is required.", "to_date");
    for (const auto& [name, value] : request.query) {
        if (name != "from_date" && name != "to_date" && name != "parent_parcel_status" && name != "cursor" && name != "page_size")
            check.fail("unknown_field", "Unknown parameter.", name);
    }
    const auto status = std::string(request.query_value("parent_parcel_status").value_or(""));
    const auto page_size = whole(request.query_value("page_size").value_or("40")).value_or(0);
    if (page_size < 1 || page_size > 40) check.fail("invalid", "Ensure this value is between 1 and 40.", "page_size");
    if (!check.problems.empty()) return errors(400, check.problems);
    const auto cursor = whole(request.query_value("cursor").value_or("0"));
    if (!cursor || *cursor < 0) return errors(404, {{"not_found", "Invalid cursor.", ""}});
    const std::lock_guard lock(mutex_);
    std::vector<const Shipment*> fitting;
    for (const auto& [number, made] : shipments_) {
        if (!made.is_return || date_of(made.created) < *from || date_of(made.created) > *to) continue;
        if (!status.empty() && return_status(made.parcels.front().status) != status) continue;
        fitting.push_back(&made);
    }
    // A cursor counts the returns before the page.
    const auto start = std::min(static_cast<std::size_t>(*cursor), fitting.size());
    const auto end = std::min(start + static_cast<std::size_t>(page_size), fitting.size());
    const auto page = [&](std::size_t at) {
        return json::quote(fmt::format("{}/api/v3/returns?from_date={}&to_date={}{}&page_size={}&cursor={}", options_.own_url,
                                       to_iso_date(*from), to_iso_date(*to), status.empty() ? "" : "&parent_parcel_status=" + status,
                                       page_size, at));
    };
    std::string data;
    for (std::size_t i = start; i < end; ++i) data += (i > start ? "," : "") + return_json(*fitting[i], options_.public_url);
    return http::json_text(200, "{\"next\":" + (end < fitting.size() ? page(end) : "null") + ",\"previous\":" +
                                    (start > 0 ? page(start - std::min(start, static_cast<std::size_t>(page_size))) : "null") +
                                    ",\"returns\":[" + data + "]}");
}

http::Response Sendcloud::cancel_return(const http::Request& request) {
    const std::lock_guard lock(mutex_);
    const auto* found = find(request.param("id"));
    if (!found || !found->is_return) return errors(404, {{"not_found", "Not found.", ""}});
    if (ask_to_cancel(shipments_.at(found->number)) == 409)
        return http::json_text(409, R"({"errors":[{"field":"returns","code":409,"message":"The return can no longer be cancelled."}]})");
    return http::json_text(202, R"({"message":"The cancellation is queued."})");
}

// ---- control ----------------------------------------------------------------------------------------------------------------------
namespace {
http::Response refused(ErrorKind kind, std::string code, std::string message) {
    return http::problem({kind, std::move(code), std::move(message), {}, {}, {}, 0});
}
}  // namespace

http::Response Sendcloud::settings(const http::Request& request) {
    const auto body = json::parse(request.body);
    if (!body || !body->is_object()) return refused(ErrorKind::malformed, "http.malformed_json", "Expected an object.");
    using Kind = Value::Kind;
    static constexpr std::pair<std::string_view, Kind> kSettings[] = {
        {"rate_limits", Kind::boolean}, {"copies", Kind::number},      {"hold", Kind::boolean},     {"release", Kind::string},
        {"retry_factor", Kind::number}, {"webhook_url", Kind::string}, {"full_points", Kind::array}};
    for (const auto& [name, value] : body->members()) {
        const auto* known = std::find_if(std::begin(kSettings), std::end(kSettings),
                                         [&, &wanted = name](const auto& setting) { return setting.first == wanted; });
        if (known == std::end(kSettings))
            return refused(ErrorKind::invalid, "sandbox.unknown_setting", "There is no setting \"" + name + "\".");
        if (value.kind() != known->second) return refused(ErrorKind::invalid, "sandbox.bad_setting", "\"" + name + "\" has another type.");
    }
    const auto copies = body->int_or("copies", 1);
    if (copies < 1 || copies > 20) return refused(ErrorKind::invalid, "sandbox.bad_setting", "copies is between 1 and 20.");
    const auto* factor = body->find("retry_factor");
    const double scale = factor ? std::strtod(factor->text().c_str(), nullptr) : 1;
    if (scale < 0 || scale > 1000) return refused(ErrorKind::invalid, "sandbox.bad_setting", "retry_factor is between 0 and 1000.");
    const auto order = body->text_or("release");
    if (body->find("release") && order != "oldest_first" && order != "newest_first")
        return refused(ErrorKind::invalid, "sandbox.bad_setting", "release is oldest_first or newest_first.");
    const auto* url = body->find("webhook_url");
    if (url && !url->text().empty() && !url->text().starts_with("http"))
        return refused(ErrorKind::invalid, "sandbox.bad_setting", "webhook_url is an address or empty.");
    {
        const std::lock_guard lock(mutex_);
        limits_ = body->bool_or("rate_limits", limits_);
        reads_.clear();
        writes_.clear();
        if (const auto* points = body->find("full_points")) {
            full_points_.clear();
            for (const auto& point : points->items()) full_points_.insert(static_cast<int>(point.as_int().value_or(0)));
        }
        if (url) {
            integration_.webhook_url = url->text();
            integration_.webhook_active = !url->text().empty();
            webhooks_.set_url(url->text());
        }
        save_account();
    }
    if (body->find("copies")) webhooks_.set_copies(static_cast<int>(copies));
    if (factor) webhooks_.set_retry_factor(scale);
    if (const auto* hold = body->find("hold")) webhooks_.set_hold(hold->as_bool());
    if (!order.empty()) webhooks_.release(order == "newest_first");
    return http::no_content();
}

http::Response Sendcloud::force_status(const http::Request& request) {
    const auto body = json::parse(request.body);
    if (!body || !body->is_object()) return refused(ErrorKind::malformed, "http.malformed_json", "Expected an object.");
    const auto status = static_cast<int>(body->int_or("id", -1));
    if (status != 1337 && sendcloud::status_of(status).id == 1337)
        return refused(ErrorKind::invalid, "sandbox.unknown_status", "There is no such status.");
    const std::lock_guard lock(mutex_);
    const auto found = find_parcel(whole(request.param("id")).value_or(0));
    if (!found.parcel) return refused(ErrorKind::not_found, "sandbox.no_such_parcel", "There is no such parcel.");
    found.parcel->walking = false;
    found.parcel->cancel_asked.reset();
    // Whatever happens to a parcel on its way, it was announced first.
    if (!found.parcel->announced && status != 999 && status != kAnnouncing && status != kAnnouncementFailed)
        found.parcel->announced = now();
    change(*found.shipment, *found.parcel, status, now());
    plan(*found.parcel, *found.shipment);
    save(*found.shipment);
    return http::no_content();
}

http::Response Sendcloud::resend(const http::Request& request) {
    const auto body = json::parse(request.body);
    if (!body || !body->is_object()) return refused(ErrorKind::malformed, "http.malformed_json", "Expected an object.");
    const auto times = static_cast<int>(std::clamp<std::int64_t>(body->int_or("times", 1), 1, 20));
    if (webhooks_.resend(body->int_or("parcel_id"), times, body->text_or("order") == "newest_first") == 0)
        return refused(ErrorKind::not_found, "sandbox.no_such_parcel", "Nothing was sent about this parcel.");
    return http::no_content();
}

http::Response Sendcloud::deliveries(const http::Request&) const {
    json::Writer out;
    out.begin_object();
    out.key("items");
    out.begin_array();
    for (const auto& delivery : webhooks_.log()) {
        out.begin_object();
        out.member("id", delivery.id);
        out.member("action", delivery.action);
        out.member("parcel_id", delivery.parcel);
        out.member("status_id", delivery.status);
        out.member("timestamp", delivery.timestamp);
        out.member("state", delivery.state);
        out.member("tries", delivery.tries);
        out.member("answer", delivery.answer);
        out.member("last_try_at", delivery.at);
        out.member("body", delivery.body);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return http::json_text(200, out.take());
}

http::Response Sendcloud::parcels(const http::Request&) const {
    const std::lock_guard lock(mutex_);
    json::Writer out;
    out.begin_object();
    out.key("items");
    out.begin_array();
    for (const auto& [number, shipment] : shipments_) {
        for (const auto& parcel : shipment.parcels) {
            out.begin_object();
            out.member("id", parcel.id);
            out.member("shipment_id", shipment.id);
            out.member("order_number", shipment.body.text_or("order_number"));
            out.member("is_return", shipment.is_return);
            out.member("tracking_number", parcel.tracking);
            out.member("status_id", parcel.status);
            out.member("status", sendcloud::status_of(parcel.status).message);
            out.member("updated_at", to_rfc3339(parcel.updated));
            out.end_object();
        }
    }
    out.end_array();
    out.end_object();
    return http::json_text(200, out.take());
}

// ---- state on disk: one line per change, the last one of a shipment counts ------------------------------------------------------------
void Sendcloud::save(const Shipment& shipment) {
    if (options_.state_file.empty()) return;
    json::Writer out;
    out.begin_object();
    out.member("number", shipment.number);
    out.member("id", shipment.id);
    out.member("is_return", shipment.is_return);
    out.member("option", shipment.option->code);
    out.member("created", to_rfc3339(shipment.created));
    out.member("body", shipment.body);
    out.key("parcels");
    out.begin_array();
    for (const auto& parcel : shipment.parcels) {
        out.begin_object();
        out.member("id", parcel.id);
        out.member("tracking", parcel.tracking);
        out.member("status", parcel.status);
        out.member("created", to_rfc3339(parcel.created));
        out.member("updated", to_rfc3339(parcel.updated));
        write_time(out, "announced", parcel.announced);
        out.member("step", static_cast<std::int64_t>(parcel.step));
        out.member("walking", parcel.walking);
        write_time(out, "cancel_asked", parcel.cancel_asked);
        out.member("before_cancel", parcel.before_cancel);
        out.key("events");
        out.begin_array();
        for (const auto& event : parcel.events) {
            out.begin_object();
            out.member("status", event.status);
            out.member("at", to_rfc3339(event.at));
            out.end_object();
        }
        out.end_array();
        out.end_object();
    }
    out.end_array();
    out.end_object();
    std::ofstream(options_.state_file, std::ios::app) << out.text() << '\n';
}

void Sendcloud::save_account() {
    if (options_.state_file.empty()) return;
    json::Writer out;
    out.begin_object();
    out.key("integration");
    out.begin_object();
    out.member("shop_name", integration_.shop_name);
    out.member("shop_url", integration_.shop_url);
    out.member("webhook_url", integration_.webhook_url);
    out.member("webhook_active", integration_.webhook_active);
    out.member("service_points", integration_.service_points);
    out.member("feedback_type", integration_.feedback_type);
    out.key("carriers");
    out.begin_array();
    for (const auto& carrier : integration_.carriers) out.string(carrier);
    out.end_array();
    out.end_object();
    out.key("full_points");
    out.begin_array();
    for (const auto point : full_points_) out.integer(point);
    out.end_array();
    out.member("rate_limits", limits_);
    // Numbers are not used again after a reset: the shop may still know the old ones.
    out.member("last_number", next_number_);
    out.member("last_parcel", next_parcel_);
    out.end_object();
    std::ofstream(options_.state_file, std::ios::app) << out.text() << '\n';
}

void Sendcloud::load() {
    if (options_.state_file.empty()) return;
    std::ifstream file(options_.state_file);
    std::string line;
    bool unfinished = false;
    while (std::getline(file, line)) {
        unfinished = file.eof();
        const auto value = json::parse(line, {4 << 20, 40});
        if (!value) continue;  // the last line of a killed process
        if (const auto* saved = value->find("integration")) {
            integration_ = {saved->text_or("shop_name"),
                            saved->text_or("shop_url"),
                            saved->text_or("webhook_url"),
                            saved->bool_or("webhook_active"),
                            saved->bool_or("service_points"),
                            saved->text_or("feedback_type"),
                            {}};
            full_points_.clear();
            if (const auto* carriers = saved->find("carriers")) {
                for (const auto& carrier : carriers->items()) integration_.carriers.push_back(carrier.text());
            }
            if (const auto* points = value->find("full_points")) {
                for (const auto& point : points->items()) full_points_.insert(static_cast<int>(point.as_int().value_or(0)));
            }
            limits_ = value->bool_or("rate_limits");
            next_number_ = std::max(next_number_, value->int_or("last_number"));
            next_parcel_ = std::max(next_parcel_, value->int_or("last_parcel"));
            continue;
        }
        Shipment shipment;
        shipment.number = value->int_or("number");
        shipment.id = value->text_or("id");
        shipment.is_return = value->bool_or("is_return");
        shipment.option = sendcloud::option_of(value->text_or("option"));
        if (!shipment.option || !value->find("body") || !value->find("parcels")) continue;
        shipment.body = *value->find("body");
        const auto moment = [](const Value& from, std::string_view name) { return parse_timestamp(from.text_or(name)); };
        shipment.created = moment(*value, "created").value_or(Timestamp{});
        for (const auto& saved : value->find("parcels")->items()) {
            Parcel parcel;
            parcel.id = saved.int_or("id");
            parcel.tracking = saved.text_or("tracking");
            parcel.status = static_cast<int>(saved.int_or("status"));
            parcel.created = moment(saved, "created").value_or(Timestamp{});
            parcel.updated = moment(saved, "updated").value_or(Timestamp{});
            parcel.announced = moment(saved, "announced");
            parcel.step = static_cast<std::size_t>(saved.int_or("step"));
            parcel.walking = saved.bool_or("walking");
            parcel.cancel_asked = moment(saved, "cancel_asked");
            parcel.before_cancel = static_cast<int>(saved.int_or("before_cancel"));
            for (const auto& event : saved.find("events")->items())
                parcel.events.push_back({static_cast<int>(event.int_or("status")), moment(event, "at").value_or(Timestamp{})});
            next_parcel_ = std::max(next_parcel_, parcel.id);
            shipment.parcels.push_back(std::move(parcel));
        }
        next_number_ = std::max(next_number_, shipment.number);
        shipments_[shipment.number] = std::move(shipment);
    }
    for (auto& [number, shipment] : shipments_) index(shipment);
    // What a killed process left unfinished must not swallow the next line.
    if (unfinished) std::ofstream(options_.state_file, std::ios::app) << '\n';
}

void Sendcloud::reset() {
    const std::lock_guard lock(mutex_);
    shipments_.clear();
    by_id_.clear();
    by_reference_.clear();
    by_return_reference_.clear();
    by_tracking_.clear();
    by_parcel_.clear();
    due_.clear();
    reads_.clear();
    writes_.clear();
    full_points_.clear();
    limits_ = false;
    integration_ = first_integration();
    webhooks_.reset();
    webhooks_.set_url(integration_.webhook_active ? integration_.webhook_url : "");
    if (!options_.state_file.empty()) std::ofstream(options_.state_file, std::ios::trunc);
    save_account();
}

}  // namespace stoa::sandbox
