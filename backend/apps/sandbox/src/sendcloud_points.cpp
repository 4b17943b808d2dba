// Places where a parcel can be collected.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <thread>

#include "sendcloud.hpp"
#include "sendcloud_check.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::sandbox {
namespace {

using json::Value;
using sendcloud::Check;
using sendcloud::errors;
using sendcloud::kPlaces;
using sendcloud::Place;

struct Position {
    double latitude = 0, longitude = 0;
};
Position position_of(const Place& place) { return {std::strtod(place.latitude, nullptr), std::strtod(place.longitude, nullptr)}; }

// Metres between two positions on a sphere.
std::int64_t metres(Position a, Position b) {
    constexpr double kRadians = std::numbers::pi / 180, kEarth = 6371000;
    const double up = std::sin((b.latitude - a.latitude) * kRadians / 2), across = std::sin((b.longitude - a.longitude) * kRadians / 2);
    const double chord = up * up + std::cos(a.latitude * kRadians) * std::cos(b.latitude * kRadians) * across * across;
    return static_cast<std::int64_t>(std::lround(2 * kEarth * std::asin(std::min(1.0, std::sqrt(chord)))));
}

// Letters and digits, upper case.
std::string plain(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == ' ' || c == '-' || c == ',') continue;
        out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return out;
}

std::string_view carriers_type(const Place& place) {
    const std::string_view type = place.type;
    return type == "locker" ? "LOCKER" : type == "post_office" ? "POSTOFFICE" : "PARCELSHOP";
}
std::string carriers_id(const Place& place) { return "SP-" + std::to_string(place.id); }

struct Nearby {
    const Place* place = nullptr;
    std::optional<std::int64_t> distance;
};

void write_point(json::Writer& out, const Nearby& found) {
    const auto& place = *found.place;
    out.begin_object();
    out.member("id", place.id);
    out.member("name", place.name);
    out.key("carrier");
    out.begin_object();
    out.member("code", sendcloud::kCarrierWithPoints);
    out.member("name", "DHL");
    out.key("logo_url");
    out.null();
    out.key("icon_url");
    out.null();
    out.end_object();
    out.member("carrier_service_point_id", carriers_id(place));
    out.member("carrier_shop_type", carriers_type(place));
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
    out.key("contact");
    out.begin_object();
    out.member("email", fmt::format("point-{}@points.example", place.id));
    out.key("phone");
    out.null();
    out.end_object();
    out.key("distance");
    if (found.distance)
        out.integer(*found.distance);
    else
        out.null();
    out.key("opening_times");
    out.begin_object();
    for (const auto* day : {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}) {
        const std::string_view name = day;
        const bool always = std::string_view(place.type) == "locker";
        out.key(day);
        out.begin_array();
        if (always || name != "sunday") {
            out.begin_object();
            out.member("start_time", always ? "00:00" : name == "saturday" ? "10:00" : "08:30");
            out.member("end_time", always ? "23:59" : name == "saturday" ? "17:00" : "18:30");
            out.end_object();
        }
        out.end_array();
    }
    out.end_object();
    out.end_object();
}

// The decimal number of a parameter within limits; complains otherwise.
std::optional<double> number(Check& check, const http::Request& request, std::string_view name, double least, double most) {
    const std::string text(request.query_value(name).value_or(""));
    if (text.empty()) return std::nullopt;
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (*end == '\0' && std::isfinite(value) && value >= least && value <= most) return value;
    check.fail("invalid", fmt::format("A number between {} and {} is required.", least, most), std::string(name));
    return std::nullopt;
}

struct Search {
    std::string country, address, postal_code, city;  // `address`: everything in one text
    std::optional<Position> around, north_east, south_west;
    std::optional<double> radius;
    std::string carriers_id, carriers_type, type;
    std::size_t limit = 100;
};

Search check_search(Check& check, const http::Request& request, bool feature_on, const std::vector<std::string>& our_carriers) {
    static constexpr std::string_view kKnown[] = {"country_code",
                                                  "carrier_code",
                                                  "use_integration_carriers",
                                                  "address",
                                                  "address_street",
                                                  "address_house_number",
                                                  "address_postal_code",
                                                  "address_city",
                                                  "latitude",
                                                  "longitude",
                                                  "ne_latitude",
                                                  "ne_longitude",
                                                  "sw_latitude",
                                                  "sw_longitude",
                                                  "radius",
                                                  "carrier_service_point_id",
                                                  "carrier_shop_type",
                                                  "general_shop_type",
                                                  "limit"};
    const auto value = [&](std::string_view name) { return std::string(request.query_value(name).value_or("")); };
    const auto given = [&](std::initializer_list<std::string_view> names) {
        return std::count_if(names.begin(), names.end(), [&](auto name) { return !value(name).empty(); });
    };
    std::vector<std::string> carriers;
    for (const auto& [name, text] : request.query) {
        if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown))
            check.fail("unknown_field", "Unknown parameter.", name);
        if (name == "carrier_code" && !text.empty()) carriers.push_back(text);
    }
    Search out;
    out.country = value("country_code");
    if (out.country.empty())
        check.fail("required", "This field is required.", "country_code");
    else if (!sendcloud::country_of(out.country))
        check.fail("invalid_choice", "\"" + out.country + "\" is not a valid choice.", "country_code");

    // Exactly one of the two says whose points.
    const auto ours = value("use_integration_carriers");
    if (!ours.empty() && ours != "true" && ours != "false") check.fail("invalid", "Must be a valid boolean.", "use_integration_carriers");
    if ((ours == "true") == !carriers.empty())
        check.fail("validation_error", "Give either carrier_code or use_integration_carriers=true.", "carrier_code");
    if (!feature_on) check.fail("validation_error", "Service points are switched off for this integration.", "use_integration_carriers");
    if (ours == "true" && our_carriers.empty())
        check.fail("validation_error", "The integration has no carriers with service points.", "use_integration_carriers");
    for (const auto& carrier : carriers) {
        if (std::find(std::begin(sendcloud::kCarriers), std::end(sendcloud::kCarriers), carrier) == std::end(sendcloud::kCarriers))
            check.fail("invalid_choice", "\"" + carrier + "\" is not a valid choice.", "carrier_code");
        else if (carrier != sendcloud::kCarrierWithPoints)
            check.fail("validation_error", "This carrier has no service points.", "carrier_code");
    }

    // One way of saying where.
    const bool text = given({"address"}) > 0,
               parts = given({"address_street", "address_house_number", "address_postal_code", "address_city"}) > 0;
    const auto coordinates = given({"latitude", "longitude"}),
               corners = given({"ne_latitude", "ne_longitude", "sw_latitude", "sw_longitude"});
    if (text + parts + (coordinates > 0) + (corners > 0) > 1)
        check.fail("validation_error", "Give an address, its parts, coordinates or a bounding box, not several of them.", "address");
    out.address = value("address");
    out.postal_code = value("address_postal_code");
    out.city = value("address_city");
    const auto position = [&](const char* latitude, const char* longitude) -> std::optional<Position> {
        const auto north = number(check, request, latitude, -90, 90), east = number(check, request, longitude, -180, 180);
        return north && east ? std::optional<Position>({*north, *east}) : std::nullopt;
    };
    if (coordinates == 1) check.fail("validation_error", "latitude and longitude belong together.", "latitude");
    out.around = position("latitude", "longitude");
    if (corners % 4 != 0) check.fail("validation_error", "A bounding box needs all four of its coordinates.", "ne_latitude");
    out.north_east = position("ne_latitude", "ne_longitude");
    out.south_west = position("sw_latitude", "sw_longitude");
    if (out.north_east && out.south_west &&
        (out.north_east->latitude < out.south_west->latitude || out.north_east->longitude < out.south_west->longitude))
        check.fail("validation_error", "The north-east corner lies south or west of the other.", "ne_latitude");
    out.radius = number(check, request, "radius", 100, 50000);
    if (out.radius && !text && !parts && coordinates == 0)
        check.fail("validation_error", "A radius needs an address or coordinates.", "radius");

    out.carriers_id = value("carrier_service_point_id");
    out.carriers_type = value("carrier_shop_type");
    out.type = value("general_shop_type");
    if (static constexpr std::string_view kTypes[] = {"servicepoint", "locker", "post_office", "carrier_depot"};
        !out.type.empty() && std::find(std::begin(kTypes), std::end(kTypes), out.type) == std::end(kTypes))
        check.fail("invalid_choice", "\"" + out.type + "\" is not a valid choice.", "general_shop_type");
    if (const auto limit = value("limit"); !limit.empty()) {
        const auto most = Value::number(limit).as_int().value_or(0);
        if (most < 1 || most > 200) check.fail("invalid", "Ensure this value is between 1 and 200.", "limit");
        out.limit = static_cast<std::size_t>(std::max<std::int64_t>(most, 1));
    }
    return out;
}

// Where an address is: at the place whose postal code agrees longest, or in the same city.
struct Geocoded {
    std::optional<Position> position;
    const char* status = "matched";
    const char* precision = "country";
};
Geocoded geocode(const Search& search) {
    const std::string wanted = plain(search.postal_code), city = plain(search.city), text = plain(search.address);
    const Place* best = nullptr;
    std::size_t most = 0;
    Geocoded out;
    for (const auto& place : kPlaces) {
        if (search.country != place.country) continue;
        const std::string theirs = plain(place.postal_code), in = plain(place.city);
        std::size_t same = 0;
        while (same < wanted.size() && same < theirs.size() && wanted[same] == theirs[same]) ++same;
        if (!text.empty() && text.find(theirs) != std::string::npos) same = theirs.size();
        const bool same_city = (!city.empty() && city == in) || (!text.empty() && text.find(in) != std::string::npos);
        const std::size_t score = (same >= 2 ? same : 0) + (same_city ? 2 : 0);
        if (score <= most) continue;
        most = score;
        best = &place;
        out.precision = same == theirs.size() ? "postal_code" : "city";
    }
    if (!best) return out;
    // Next door, so that nobody lives in a shop.
    out.position = position_of(*best);
    out.position->latitude += 0.0015;
    return out;
}

bool fits(const Place& place, const Search& search) {
    if (search.country != place.country) return false;
    if (!search.type.empty() && search.type != place.type) return false;
    if (!search.carriers_type.empty() && search.carriers_type != carriers_type(place)) return false;
    if (!search.carriers_id.empty() && search.carriers_id != carriers_id(place)) return false;
    if (!search.north_east || !search.south_west) return true;
    const auto at = position_of(place);
    return at.latitude <= search.north_east->latitude && at.latitude >= search.south_west->latitude &&
           at.longitude <= search.north_east->longitude && at.longitude >= search.south_west->longitude;
}

const Place* place_at(const http::Request& request) {
    for (const auto& place : kPlaces) {
        if (std::to_string(place.id) == request.param("id")) return &place;
    }
    return nullptr;
}

}  // namespace

http::Response Sendcloud::points(const http::Request& request) const {
    Check check;
    Search search;
    {
        const std::lock_guard lock(mutex_);
        search = check_search(check, request, integration_.service_points, integration_.carriers);
    }
    if (!check.problems.empty()) return errors(400, check.problems);
    const auto is_called = [&](std::string_view name) { return search.city == name || search.address == name; };
    if (is_called("Slow")) std::this_thread::sleep_for(options_.slow_answer);
    if (is_called("Outage")) return errors(503, {{"service_unavailable", "The address lookup does not answer.", ""}});

    const bool has_address = !search.address.empty() || !search.postal_code.empty() || !search.city.empty();
    Geocoded geocoded;
    if (is_called("Nowhere"))
        geocoded.status = "not_found";
    else if (has_address)
        geocoded = geocode(search);
    const auto centre = search.around ? search.around : geocoded.position;
    std::vector<Nearby> found;
    for (const auto& place : kPlaces) {
        if (std::string_view(geocoded.status) == "not_found" || !fits(place, search)) continue;
        Nearby point{&place, centre ? std::optional(metres(*centre, position_of(place))) : std::nullopt};
        if (search.radius && point.distance && static_cast<double>(*point.distance) > *search.radius) continue;
        found.push_back(point);
    }
    std::stable_sort(found.begin(), found.end(), [](const Nearby& a, const Nearby& b) { return a.distance < b.distance; });
    if (found.size() > search.limit) found.resize(search.limit);
    json::Writer out;
    out.begin_object();
    out.key("data");
    out.begin_object();
    out.key("results");
    out.begin_array();
    for (const auto& point : found) write_point(out, point);
    out.end_array();
    out.key("geocoding");
    if (has_address) {
        out.begin_object();
        out.member("status", geocoded.status);
        out.key("precision");
        if (geocoded.position)
            out.string(geocoded.precision);
        else
            out.null();
        out.key("formatted_address");
        if (geocoded.position)
            out.string(search.address.empty() ? search.postal_code + (search.city.empty() ? "" : " " + search.city) : search.address);
        else
            out.null();
        out.end_object();
    } else {
        out.null();
    }
    out.end_object();
    out.end_object();
    return http::json_text(200, out.take());
}

http::Response Sendcloud::point(const http::Request& request) const {
    const auto* place = place_at(request);
    if (!place) return errors(404, {{"not_found", "Not found.", ""}});
    json::Writer out;
    out.begin_object();
    out.key("data");
    write_point(out, {place, std::nullopt});
    out.end_object();
    return http::json_text(200, out.take());
}

http::Response Sendcloud::availability(const http::Request& request) const {
    const auto* place = place_at(request);
    if (!place) return errors(404, {{"not_found", "Not found.", ""}});
    const std::lock_guard lock(mutex_);
    return http::json_text(200,
                           full_points_.contains(place->id) ? R"({"data":{"is_available":false}})" : R"({"data":{"is_available":true}})");
}

}  // namespace stoa::sandbox
