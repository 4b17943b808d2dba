#include "sendcloud.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "stoa/crypto/crypto.hpp"
#include "stoa/http_client/client.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::sandbox {
namespace {

using json::Value;

struct Option {
    const char* code;
    const char* name;
    const char* carrier;
    const char* carrier_name;
    const char* product;
    bool service_point;
    bool letter;
    bool returns;
    std::int64_t base_cents;
    std::int64_t per_kg_cents;
    std::int64_t max_grams;
    int lead_hours;
    const char* destinations;   // "" = EU
};
constexpr Option kOptions[] = {
    {"sendcloud:letter", "Unstamped letter", "sendcloud", "Sendcloud", "Unstamped letter", false, true, false, 0, 0, 2000, 24, ""},
    {"postnl:standard", "PostNL Standard", "postnl", "PostNL", "PostNL home delivery", false, false, false, 495, 25, 23000, 24, "NL BE DE LU FR AT"},
    {"postnl:standard/signature", "PostNL Standard, signature", "postnl", "PostNL", "PostNL, signature on delivery", false, false, false, 645, 25, 23000, 24, "NL BE DE LU FR AT"},
    {"dhl:service_point", "DHL Service Point", "dhl", "DHL", "DHL pick-up point", true, false, false, 390, 15, 20000, 24, "NL BE DE LU FR AT ES"},
    {"correos:standard", "Correos Standard", "correos", "Correos", "Correos home delivery", false, false, false, 690, 40, 30000, 48, "ES PT"},
    {"correos:standard/signature", "Correos Standard, signature", "correos", "Correos", "Correos, signature", false, false, false, 840, 40, 30000, 48, "ES PT"},
    {"ups:return", "UPS Return", "ups", "UPS", "UPS return", false, false, true, 590, 30, 30000, 48, ""},
};

struct Place {
    int id;
    const char* name;
    const char* street;
    const char* number;
    const char* postal_code;
    const char* city;
    const char* country;
    const char* latitude;
    const char* longitude;
    const char* type;
};
constexpr Place kPlaces[] = {
    {10875349, "Boekhandel De Markt", "Markt", "12", "5611 EB", "Eindhoven", "NL", "51.43851", "5.47926", "servicepoint"},
    {10875350, "Tabakshop Strijp", "Torenallee", "22", "5617 BD", "Eindhoven", "NL", "51.44712", "5.45673", "servicepoint"},
    {10875351, "Primera Woensel", "Woenselse Markt", "4", "5612 CP", "Eindhoven", "NL", "51.45034", "5.47811", "servicepoint"},
    {10875352, "DHL Locker Station", "Neckerspoel", "10", "5611 AD", "Eindhoven", "NL", "51.44330", "5.48170", "locker"},
    {10875353, "Gamma Tongelre", "Hofstraat", "161", "5641 TD", "Eindhoven", "NL", "51.44702", "5.51024", "servicepoint"},
    {10875354, "Bloemen Geldrop", "Heuvel", "31", "5664 HJ", "Geldrop", "NL", "51.42193", "5.55930", "servicepoint"},
    {10875355, "Plus Veldhoven", "Citycentrum", "8", "5501 CA", "Veldhoven", "NL", "51.41840", "5.40290", "servicepoint"},
    {10875356, "Kiosk Amsterdam Centraal", "Stationsplein", "9", "1012 AB", "Amsterdam", "NL", "52.37890", "4.90030", "servicepoint"},
    {10875357, "Albert Heijn Jordaan", "Haarlemmerdijk", "1", "1013 KA", "Amsterdam", "NL", "52.38210", "4.88950", "servicepoint"},
    {10875358, "Packstation 101", "Alexanderplatz", "3", "10178", "Berlin", "DE", "52.52190", "13.41320", "locker"},
    {10875359, "Spätkauf Kreuzberg", "Oranienstraße", "25", "10999", "Berlin", "DE", "52.50080", "13.41890", "servicepoint"},
    {10875360, "Kiosk Prenzlauer Berg", "Kastanienallee", "88", "10435", "Berlin", "DE", "52.53930", "13.40990", "servicepoint"},
    {10875361, "Postagentur Schwabing", "Leopoldstraße", "77", "80802", "München", "DE", "48.16140", "11.58620", "post_office"},
    {10875362, "Tabac Bastille", "Rue de la Roquette", "14", "75011", "Paris", "FR", "48.85420", "2.37120", "servicepoint"},
    {10875363, "Librairie Marais", "Rue de Rivoli", "30", "75004", "Paris", "FR", "48.85640", "2.35610", "servicepoint"},
    {10875364, "Dagbladhandel Zuid", "Nationalestraat", "55", "2000", "Antwerpen", "BE", "51.21490", "4.39860", "servicepoint"},
    {10875365, "Night Shop Ixelles", "Chaussée d'Ixelles", "120", "1050", "Bruxelles", "BE", "50.83310", "4.36590", "servicepoint"},
    {10875366, "Trafik Neubau", "Neubaugasse", "18", "1070", "Wien", "AT", "48.20060", "16.34920", "servicepoint"},
    {10875367, "Papelería Sol", "Calle de Alcalá", "7", "28014", "Madrid", "ES", "40.41740", "-3.70080", "servicepoint"},
    {10875368, "Estanco Atocha", "Calle de Atocha", "98", "28012", "Madrid", "ES", "40.41120", "-3.69620", "servicepoint"},
};

struct Problem {
    std::string code, detail, pointer;
};
http::Response errors(int status, const std::vector<Problem>& problems) {
    json::Writer out;
    out.begin_object();
    out.key("errors");
    out.begin_array();
    for (const auto& problem : problems) {
        out.begin_object();
        out.member("status", std::to_string(status));
        out.member("code", problem.code);
        out.member("detail", problem.detail);
        if (!problem.pointer.empty()) {
            out.key("source");
            out.begin_object();
            out.member(problem.pointer.starts_with('/') ? "pointer" : "parameter", problem.pointer);
            out.end_object();
        }
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return http::json_text(status, out.take());
}

// "1.320" kg in grams; nullopt for anything that is no number or another unit.
std::optional<std::int64_t> grams(const Value& weight) {
    const auto* value = weight.find("value");
    const std::string unit = weight.text_or("unit");
    if (!value || !value->is_string()) return std::nullopt;
    const auto milli = Money::parse_decimal(value->text(), Currency::of("BHD"));  // three decimals
    if (!milli) return std::nullopt;
    if (unit == "kg") return milli->minor();
    if (unit == "g") return milli->minor() / 1000;
    return std::nullopt;
}

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

Sendcloud::Sendcloud(Control& control, SendcloudOptions options) : control_(control), options_(std::move(options)) {}

http::Handler Sendcloud::guarded(http::Handler handler) {
    return with_faults(control_, "sendcloud", [this, handler = std::move(handler)](const http::Request& request) {
        if (request.header("authorization") != http_client::basic_auth(options_.public_key, options_.secret_key))
            return errors(401, {{"authentication_failed", "Invalid username/password.", ""}});
        return handler(request);
    });
}

http::Response Sendcloud::options(const http::Request& request) const {
    const auto body = json::parse(request.body);
    if (!body || !body->is_object()) return errors(400, {{"invalid", "JSON parse error.", ""}});
    static constexpr std::string_view kKnown[] = {"from_country_code", "to_country_code", "from_postal_code", "to_postal_code", "to_service_point_id", "parcels", "functionalities", "carrier_code",
                                                  "contract_id", "shipping_product_code", "shipping_option_code", "lead_time", "calculate_quotes"};
    std::vector<Problem> problems;
    for (const auto& [name, value] : body->members()) {
        if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) problems.push_back({"unknown_field", "Unknown field.", "/" + name});
    }
    const std::string to = body->text_or("to_country_code");
    const bool quotes = body->bool_or("calculate_quotes");
    if (quotes && to.size() != 2) problems.push_back({"required", "This field is required.", "/to_country_code"});
    if (body->text_or("to_postal_code").size() > 12) problems.push_back({"invalid", "Ensure this field has no more than 12 characters.", "/to_postal_code"});
    const auto* parcels = body->find("parcels");
    std::int64_t weight = 0;
    std::size_t count = 0;
    if (parcels && !parcels->is_null()) {
        if (!parcels->is_array() || parcels->items().empty()) problems.push_back({"invalid", "At least one parcel must be provided.", "/parcels"});
        for (const auto& parcel : parcels->items()) {
            const auto* given = parcel.find("weight");
            const auto value = given ? grams(*given) : std::nullopt;
            if (!value || *value <= 0) problems.push_back({"invalid", "A valid weight is required.", "/parcels/[" + std::to_string(count) + "]/weight/value"});
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
        const std::string_view destinations = option.destinations;
        if (!destinations.empty() && !to.empty() && destinations.find(to) == std::string_view::npos) continue;
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
        out.key("weight");
        out.raw(fmt::format(R"({{"min":{{"value":"0.001","unit":"kg"}},"max":{{"value":"{}.{:03}","unit":"kg"}}}})", option.max_grams / 1000, option.max_grams % 1000));
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
            out.raw(fmt::format(R"({{"breakdown":[{{"type":"price_without_insurance","label":"Label","price":{{"value":"{}","currency":"EUR"}}}},{{"type":"fuel","label":"Fuel surcharge","price":{{"value":"{}","currency":"EUR"}}}}],"total":{{"value":"{}","currency":"EUR"}}}})",
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
    if (value("address_city") == "Slow") std::this_thread::sleep_for(std::chrono::seconds{20});
    const auto limit = value("limit").empty() ? 100 : Value::number(value("limit")).as_int().value_or(-1);
    if (limit < 1 || limit > 200) return errors(400, {{"invalid", "Ensure this value is between 1 and 200.", "limit"}});
    const std::string carrier = value("carrier_code");
    if (!carrier.empty() && carrier != "dhl") return errors(400, {{"validation_error", "This carrier has no service points.", "carrier_code"}});
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

void Sendcloud::add_routes(http::Routes& routes) {
    routes.get("/sendcloud", "sendcloud_root").handle([](const http::Request&) { return http::json_text(200, R"({"service":"sendcloud sandbox"})"); });
    routes.post("/sendcloud/api/v3/shipping-options", "sendcloud_options").without_origin_check().handle(guarded([this](const http::Request& r) { return options(r); }));
    routes.get("/sendcloud/api/v3/service-points", "sendcloud_points").open_query().on(http::Pool::outbound).handle(guarded([this](const http::Request& r) { return points(r); }));
    routes.get("/sendcloud/api/v3/service-points/{id}", "sendcloud_point").handle(guarded([this](const http::Request& r) { return point(r); }));
    routes.post("/sendcloud/api/v3/service-points/{id}/check-availability", "sendcloud_availability").without_origin_check().handle(guarded([this](const http::Request& r) { return availability(r); }));
}

}  // namespace stoa::sandbox
