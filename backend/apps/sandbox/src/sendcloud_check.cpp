#include "sendcloud_check.hpp"

#include <algorithm>

#include "stoa/clock/clock.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/money/money.hpp"

namespace stoa::sandbox::sendcloud {
namespace {

using json::Value;
using Kind = Value::Kind;

bool is_decimal(std::string_view text) {
    const auto point = text.find('.');
    const auto digits = [](std::string_view part) {
        return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    if (point == std::string_view::npos) return digits(text);
    return digits(text.substr(0, point)) && digits(text.substr(point + 1));
}

constexpr std::string_view kWrongKind = "Not a valid value.";

// `text` times `factor`, rounded half up. Six decimals count; nullopt beyond six digits before the point.
std::optional<std::int64_t> scaled(std::string_view text, std::int64_t factor) {
    if (!is_decimal(text)) return std::nullopt;
    const auto point = std::min(text.find('.'), text.size());
    if (point > 6) return std::nullopt;
    std::int64_t millionths = 0;
    for (std::size_t i = 0, digits = 0; digits < point + 6; ++i) {
        if (i == point) continue;
        millionths = millionths * 10 + (i < text.size() ? text[i] - '0' : 0);
        ++digits;
    }
    // In two parts, since the product of both would not fit.
    return millionths / 1000000 * factor + (millionths % 1000000 * factor + 500000) / 1000000;
}

std::optional<std::int64_t> measure(const Value* value, bool as_number, std::int64_t one_in_thousandths) {
    if (!value || !(as_number ? value->is_number() : value->is_string())) return std::nullopt;
    const auto thousandths = scaled(value->text(), one_in_thousandths);
    return thousandths ? std::optional((*thousandths + 500) / 1000) : std::nullopt;
}

void check_items(Check& check, const Value& items, const std::string& at) {
    if (items.items().size() > 1000) check.fail("invalid", "Ensure this field has no more than 1000 elements.", at);
    for (std::size_t i = 0; i < items.items().size(); ++i) {
        const auto& item = items.items()[i];
        const std::string here = at + "/[" + std::to_string(i) + "]";
        check.only(item, here,
                   {"item_id", "description", "quantity", "weight", "price", "hs_code", "origin_country", "sku", "product_id", "mid_code",
                    "material_content", "intended_use", "dds_reference", "taric_doc_code", "manufacturer_product_id",
                    "manufacturer_product_id_std", "properties", "dangerous_goods"});
        (void)check.text(item, here, "description", true);
        if (const auto* quantity = check.member(item, here, "quantity", Kind::number, true); quantity && quantity->as_int().value_or(0) < 1)
            check.fail("min_value", "Ensure this value is greater than or equal to 1.", here + "/quantity");
        (void)check.weight(item, here, true);
        check.price(item, here, "price", true);
        (void)check.text(item, here, "hs_code", true, 12);
        if (const auto country = check.text(item, here, "origin_country", false); !country.empty() && !country_of(country))
            check.fail("invalid_choice", "\"" + country + "\" is not a valid choice.", here + "/origin_country");
    }
}

void check_customs(Check& check, const Value& customs) {
    const std::string at = "/customs_information";
    check.only(customs, at,
               {"invoice_number", "export_reason", "export_type", "invoice_date", "discount_granted", "freight_costs", "insurance_costs",
                "other_costs", "goods_description", "general_notes", "additional_declaration_statements", "importer_of_record",
                "tax_numbers", "return_data"});
    (void)check.text(customs, at, "invoice_number", true, 40);
    check.one_of(customs, at, "export_reason", true, {"gift", "documents", "commercial_goods", "commercial_sample"});
    check.one_of(customs, at, "export_type", false, {"private", "commercial_b2c", "commercial_b2b"});
    if (const auto date = check.text(customs, at, "invoice_date", false); !date.empty() && !parse_iso_date(date))
        check.fail("invalid", "Date has wrong format. Use YYYY-MM-DD.", at + "/invoice_date");
    if (const auto* statements = check.member(customs, at, "additional_declaration_statements", Kind::array, false)) {
        const auto too_long = [](const Value& statement) { return !statement.is_string() || statement.text().size() > 1024; };
        if (statements->items().size() > 100 || std::any_of(statements->items().begin(), statements->items().end(), too_long))
            check.fail("invalid", "At most 100 texts of at most 1024 characters.", at + "/additional_declaration_statements");
    }
    (void)check.text(customs, at, "goods_description", false, 255);
    (void)check.text(customs, at, "general_notes", false, 500);
    for (const auto* cost : {"discount_granted", "freight_costs", "insurance_costs", "other_costs"}) check.price(customs, at, cost, false);
    if (const auto* importer = check.member(customs, at, "importer_of_record", Kind::object, false)) {
        for (const auto* name : {"name", "address_line_1", "city", "postal_code", "country_code"})
            (void)check.text(*importer, at + "/importer_of_record", name, true);
    }
    if (const auto* numbers = check.member(customs, at, "tax_numbers", Kind::object, false)) {
        for (const auto* side : {"sender", "receiver", "importer_of_record"}) {
            const auto* list = check.member(*numbers, at + "/tax_numbers", side, Kind::array, true);
            for (std::size_t i = 0; list && i < list->items().size(); ++i) {
                for (const auto* name : {"name", "country_code", "value"})
                    (void)check.text(list->items()[i], at + "/tax_numbers/" + side + "/[" + std::to_string(i) + "]", name, true);
            }
        }
    }
}

void check_parcel(Check& check, const Value& parcel, const std::string& at, const Option* option, bool abroad) {
    check.only(parcel, at, {"weight", "dimensions", "additional_insured_price", "label_notes", "sscc", "package_type", "parcel_items"});
    if (const auto weight = check.weight(parcel, at, false); weight && option && *weight > option->max_grams)
        check.fail("validation_error", "The weight is outside of the limits of the shipping option.", at + "/weight/value");
    if (const auto size = check.dimensions(parcel, at, false); size && option && !fits(*option, *size))
        check.fail("validation_error", "The dimensions are outside of the limits of the shipping option.", at + "/dimensions");
    check.price(parcel, at, "additional_insured_price", false);
    if (const auto* insured = parcel.at("additional_insured_price", "value"); insured && insured->is_string()) {
        const auto euros = scaled(insured->text(), 100);
        if (euros && (*euros < 200 || *euros > 500000))
            check.fail("invalid", "Ensure this value is between 2 and 5000.", at + "/additional_insured_price/value");
    }
    if (const auto* notes = check.member(parcel, at, "label_notes", Kind::array, false)) {
        for (const auto& note : notes->items()) {
            if (!note.is_string() || note.text().size() > 255)
                check.fail("invalid", "Ensure this field has no more than 255 characters.", at + "/label_notes");
        }
    }
    if (const auto sscc = check.text(parcel, at, "sscc", false); !sscc.empty() && (sscc.size() != 18 || !is_decimal(sscc)))
        check.fail("invalid", "An SSCC has 18 digits.", at + "/sscc");
    check.one_of(parcel, at, "package_type", false,
                 {"package", "euro_pallet", "block_pallet", "mini_pallet", "one_way_pallet", "tube", "over_size_pallet", "bundle",
                  "half_pallet", "letterbox"});
    const auto* items = check.member(parcel, at, "parcel_items", Kind::array, abroad);
    if (items) check_items(check, *items, at + "/parcel_items");
    if (items && abroad && items->items().empty()) check.fail("required", "This field is required.", at + "/parcel_items");
}

const Place* check_service_point(Check& check, const Value& body, const Option* option) {
    const auto* point = check.member(body, "", "to_service_point", Kind::object, option && option->service_point);
    if (!point) return nullptr;
    check.only(*point, "/to_service_point", {"id", "carrier_service_point_id"});
    const auto id = check.text(*point, "/to_service_point", "id", false);
    const auto carriers = check.text(*point, "/to_service_point", "carrier_service_point_id", false);
    if (option && !option->service_point) {
        check.fail("validation_error", "The shipping option does not deliver to service points.", "/to_service_point");
        return nullptr;
    }
    if (id.empty() && carriers.empty()) {
        check.fail("required", "This field is required.", "/to_service_point/id");
        return nullptr;
    }
    const auto* place = place_of(id, carriers);
    if (!place) check.fail("invalid", "Service point does not exist.", "/to_service_point/id");
    return place;
}

}  // namespace

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

std::optional<std::int64_t> grams(const Value& weight, bool as_number) {
    static constexpr std::pair<std::string_view, std::int64_t> kMilligrams[] = {
        {"kg", 1000000}, {"g", 1000}, {"lbs", 453592}, {"oz", 28350}};
    const std::string unit = weight.text_or("unit");
    for (const auto& [name, milligrams] : kMilligrams) {
        if (unit == name) return measure(weight.find("value"), as_number, milligrams);
    }
    return std::nullopt;
}

std::optional<std::array<std::int64_t, 3>> sides(const Value& dimensions, bool as_number) {
    static constexpr std::pair<std::string_view, std::int64_t> kMicrometres[] = {{"cm", 10000},  {"mm", 1000},   {"m", 1000000},
                                                                                 {"yd", 914400}, {"ft", 304800}, {"in", 25400}};
    const std::string unit = dimensions.text_or("unit");
    for (const auto& [name, micrometres] : kMicrometres) {
        if (unit != name) continue;
        std::array<std::int64_t, 3> out{};
        std::size_t i = 0;
        for (const auto* side : {"length", "width", "height"}) {
            const auto value = measure(dimensions.find(side), as_number, micrometres);
            if (!value || *value <= 0) return std::nullopt;
            out[i++] = *value;
        }
        std::sort(out.rbegin(), out.rend());
        return out;
    }
    return std::nullopt;
}

bool fits(const Option& option, const std::array<std::int64_t, 3>& sides) {
    return std::equal(sides.begin(), sides.end(), std::begin(option.max_mm), [](std::int64_t have, int most) { return have <= most; });
}

void Check::only(const Value& object, const std::string& at, std::initializer_list<std::string_view> names) {
    for (const auto& [name, value] : object.members()) {
        if (std::find(names.begin(), names.end(), name) == names.end()) fail("unknown_field", "Unknown field.", at + "/" + name);
    }
}

const Value* Check::member(const Value& object, const std::string& at, std::string_view name, Kind kind, bool required) {
    const auto* found = object.find(name);
    const std::string pointer = at + "/" + std::string(name);
    if (!found || found->is_null()) {
        if (required) fail(found ? "null" : "required", found ? "This field may not be null." : "This field is required.", pointer);
        return nullptr;
    }
    if (found->kind() == kind) return found;
    fail(kind == Kind::array ? "not_a_list" : "invalid", kind == Kind::array ? "Expected a list of items." : std::string(kWrongKind),
         pointer);
    return nullptr;
}

std::string Check::text(const Value& object, const std::string& at, std::string_view name, bool required, std::size_t most) {
    const auto* found = member(object, at, name, Kind::string, required);
    if (!found) return {};
    const std::string pointer = at + "/" + std::string(name);
    if (required && found->text().find_first_not_of(' ') == std::string::npos) fail("invalid", "This field may not be blank.", pointer);
    if (found->text().size() > most)
        fail("invalid", "Ensure this field has no more than " + std::to_string(most) + " characters.", pointer);
    return found->text();
}

void Check::one_of(const Value& object, const std::string& at, std::string_view name, bool required,
                   std::initializer_list<std::string_view> choices) {
    const auto value = text(object, at, name, required);
    if (!value.empty() && std::find(choices.begin(), choices.end(), value) == choices.end())
        fail("invalid_choice", "\"" + value + "\" is not a valid choice.", at + "/" + std::string(name));
}

void Check::price(const Value& object, const std::string& at, std::string_view name, bool required) {
    const auto* found = member(object, at, name, Kind::object, required);
    if (!found) return;
    const std::string here = at + "/" + std::string(name);
    only(*found, here, {"value", "currency"});
    if (const auto value = text(*found, here, "value", true); !value.empty() && !is_decimal(value))
        fail("invalid", "A valid number is required.", here + "/value");
    if (const auto currency = text(*found, here, "currency", true); !currency.empty() && !Currency::parse(currency))
        fail("invalid_choice", "\"" + currency + "\" is not a valid choice.", here + "/currency");
}

std::optional<std::int64_t> Check::weight(const Value& object, const std::string& at, bool as_number) {
    const auto* found = member(object, at, "weight", Kind::object, true);
    if (!found) return std::nullopt;
    const auto before = problems.size();
    only(*found, at + "/weight", {"value", "unit"});
    one_of(*found, at + "/weight", "unit", true, {"kg", "g", "lbs", "oz"});
    (void)member(*found, at + "/weight", "value", as_number ? Kind::number : Kind::string, true);
    const auto out = grams(*found, as_number);
    if (problems.size() == before && (!out || *out <= 0)) fail("invalid", "A valid number is required.", at + "/weight/value");
    return out;
}

std::optional<std::array<std::int64_t, 3>> Check::dimensions(const Value& object, const std::string& at, bool as_number) {
    const auto* found = member(object, at, "dimensions", Kind::object, false);
    if (!found) return std::nullopt;
    const std::string here = at + "/dimensions";
    const auto before = problems.size();
    only(*found, here, {"length", "width", "height", "unit"});
    one_of(*found, here, "unit", true, {"cm", "mm", "m", "yd", "ft", "in"});
    for (const auto* side : {"length", "width", "height"}) {
        const auto* value = member(*found, here, side, as_number ? Kind::number : Kind::string, true);
        if (value && !is_decimal(value->text())) fail("invalid", "A valid number is required.", here + "/" + side);
    }
    const auto out = sides(*found, as_number);
    if (problems.size() == before && !out) fail("invalid", "A valid number is required.", here);
    return out;
}

void Check::address(const Value& object, const std::string& at, bool complete) {
    only(object, at,
         {"name", "company_name", "address_line_1", "house_number", "address_line_2", "postal_code", "city", "po_box",
          "state_province_code", "country_code", "email", "phone_number", "sender_address_id"});
    for (const auto* name : {"name", "address_line_1", "city"}) (void)text(object, at, name, complete);
    for (const auto* name : {"company_name", "address_line_2", "po_box"}) (void)text(object, at, name, false);
    (void)text(object, at, "house_number", false, 20);
    (void)text(object, at, "postal_code", complete, 12);
    const auto country = text(object, at, "country_code", complete);
    if (!country.empty() && !country_of(country))
        fail("invalid_choice", "\"" + country + "\" is not a valid choice.", at + "/country_code");
    const bool states = country == "US" || country == "CA" || country == "IT" || country == "AU";
    if (const auto state = text(object, at, "state_province_code", states);
        !state.empty() && !country.empty() && !state.starts_with(country + "-"))
        fail("invalid", "A state code looks like \"" + country + "-XX\".", at + "/state_province_code");
    if (const auto email = text(object, at, "email", false);
        !email.empty() && (email.find('@') == std::string::npos || email.find(' ') != std::string::npos))
        fail("invalid", "Enter a valid email address.", at + "/email");
    if (const auto phone = text(object, at, "phone_number", false);
        !phone.empty() && (phone.size() < 8 || phone.size() > 16 || phone[0] != '+' || !is_decimal(std::string_view(phone).substr(1))))
        fail("invalid", "The phone number entered is not valid.", at + "/phone_number");
}

CheckedShipment check_shipment(Check& check, const Value& body, std::size_t most_parcels) {
    check.only(
        body, "",
        {"from_address", "to_address", "ship_with", "parcels", "to_service_point", "label_details", "order_number", "total_order_price",
         "reference", "external_reference_id", "brand_id", "customs_information", "delivery_dates", "validation_methods"});
    CheckedShipment out;
    std::string from_country;
    if (const auto* from = check.member(body, "", "from_address", Kind::object, true)) {
        const auto* id = check.member(*from, "/from_address", "sender_address_id", Kind::number, false);
        check.address(*from, "/from_address", !id);
        from_country = from->text_or("country_code");
        if (id) {
            const auto* sender =
                std::find_if(std::begin(kSenders), std::end(kSenders), [&](const Sender& s) { return s.id == id->as_int(); });
            if (sender == std::end(kSenders))
                check.fail("invalid", "Sender address does not exist.", "/from_address/sender_address_id");
            else if (from_country.empty())
                from_country = sender->country;
        }
    }
    std::string country;
    if (const auto* to = check.member(body, "", "to_address", Kind::object, true)) {
        check.address(*to, "/to_address", true);
        if (to->find("sender_address_id")) check.fail("unknown_field", "Unknown field.", "/to_address/sender_address_id");
        country = to->text_or("country_code");
    }
    const auto* known = country_of(country);
    const bool abroad = needs_customs(from_country, country);
    if (const auto* with = check.member(body, "", "ship_with", Kind::object, true)) {
        check.only(*with, "/ship_with", {"type", "properties"});
        check.one_of(*with, "/ship_with", "type", true, {"shipping_option_code"});
        if (const auto* properties = check.member(*with, "/ship_with", "properties", Kind::object, true)) {
            check.only(*properties, "/ship_with/properties", {"shipping_option_code", "contract_id"});
            const auto code = check.text(*properties, "/ship_with/properties", "shipping_option_code", true);
            out.option = option_of(code);
            const std::string pointer = "/ship_with/properties/shipping_option_code";
            if (!code.empty() && !out.option)
                check.fail("invalid_choice", "\"" + code + "\" is not a valid choice.", pointer);
            else if (out.option && known && !goes_to(*out.option, country))
                check.fail("validation_error", "The shipping option does not deliver to this country.", pointer);
            else if (out.option && out.option->returns)
                check.fail("validation_error", "The shipping option is for returns.", pointer);
            if (const auto* contract = check.member(*properties, "/ship_with/properties", "contract_id", Kind::number, false);
                contract && out.option && contract->as_int() != out.option->contract)
                check.fail("invalid", "Invalid contract.", "/ship_with/properties/contract_id");
        }
    }
    out.place = check_service_point(check, body, out.option);
    if (out.option && out.option->service_point && body.find("to_address") && body.find("to_address")->text_or("email").empty())
        check.fail("required", "This field is required.", "/to_address/email");  // named in requirements.fields
    if (const auto* parcels = check.member(body, "", "parcels", Kind::array, true)) {
        if (parcels->items().empty()) check.fail("invalid", "At least one parcel must be provided.", "/parcels");
        if (parcels->items().size() > most_parcels)
            check.fail("invalid", "Ensure this field has no more than " + std::to_string(most_parcels) + " elements.", "/parcels");
        if (parcels->items().size() > 1 && out.option && !out.option->multicollo)
            check.fail("validation_error", "The shipping option takes one parcel.", "/parcels");
        for (std::size_t i = 0; i < parcels->items().size() && i < most_parcels; ++i)
            check_parcel(check, parcels->items()[i], "/parcels/[" + std::to_string(i) + "]", out.option, abroad);
    }
    if (const auto* label = check.member(body, "", "label_details", Kind::object, false)) {
        check.only(*label, "/label_details", {"mime_type", "dpi"});
        check.one_of(*label, "/label_details", "mime_type", false, {"application/pdf", "application/zpl", "image/png"});
        if (const auto* dpi = check.member(*label, "/label_details", "dpi", Kind::number, false)) {
            const auto value = dpi->as_int().value_or(0);
            if (value != 72 && value != 203 && value != 300 && value != 600)
                check.fail("invalid_choice", "\"" + dpi->text() + "\" is not a valid choice.", "/label_details/dpi");
        }
    }
    for (const auto* name : {"order_number", "reference", "external_reference_id"}) (void)check.text(body, "", name, false);
    check.price(body, "", "total_order_price", false);
    (void)check.member(body, "", "brand_id", Kind::number, false);
    if (const auto* dates = check.member(body, "", "delivery_dates", Kind::object, false)) {
        check.only(*dates, "/delivery_dates", {"handover_at", "deliver_at"});
        for (const auto* name : {"handover_at", "deliver_at"}) {
            if (const auto at = check.text(*dates, "/delivery_dates", name, false); !at.empty() && !parse_timestamp(at))
                check.fail("invalid", "Datetime has wrong format.", std::string("/delivery_dates/") + name);
        }
    }
    if (const auto* methods = check.member(body, "", "validation_methods", Kind::array, false)) {
        for (const auto& method : methods->items()) {
            if (method.text() != "here")
                check.fail("invalid_choice", "\"" + method.text() + "\" is not a valid choice.", "/validation_methods");
        }
    }
    if (const auto* customs = check.member(body, "", "customs_information", Kind::object, abroad)) check_customs(check, *customs);
    return out;
}

CheckedShipment check_return(Check& check, const Value& body) {
    CheckedShipment out;
    check.only(body, "",
               {"from_address", "to_address", "weight", "ship_with", "dimensions", "collo_count", "parcel_items", "send_tracking_emails",
                "brand_id", "total_insured_value", "order_number", "total_order_value", "external_reference", "customs_invoice_nr",
                "delivery_option", "customs_information", "apply_rules"});
    for (const auto* name : {"from_address", "to_address"}) {
        if (const auto* address = check.member(body, "", name, Kind::object, true)) check.address(*address, std::string("/") + name, true);
    }
    const auto weight = check.weight(body, "", true);
    const auto size = check.dimensions(body, "", true);
    if (const auto* with = check.member(body, "", "ship_with", Kind::object, true)) {
        check.only(*with, "/ship_with", {"type", "shipping_option_code", "contract"});
        // Without a type the provider expects its older product codes, which this account has none of.
        check.one_of(*with, "/ship_with", "type", true, {"shipping_option_code"});
        const auto code = check.text(*with, "/ship_with", "shipping_option_code", true);
        out.option = option_of(code);
        if (!code.empty() && (!out.option || !out.option->returns))
            check.fail("invalid_choice", "\"" + code + "\" is not a valid choice.", "/ship_with/shipping_option_code");
        if (const auto* contract = check.member(*with, "/ship_with", "contract", Kind::number, false);
            contract && out.option && contract->as_int() != out.option->contract)
            check.fail("invalid", "Invalid contract.", "/ship_with/contract");
    }
    if (const auto* count = check.member(body, "", "collo_count", Kind::number, false)) {
        const auto value = count->as_int().value_or(0);
        if (value < 1 || value > 15) check.fail("min_value", "Ensure this value is between 1 and 15.", "/collo_count");
    }
    for (const auto* name : {"order_number", "external_reference", "customs_invoice_nr"}) (void)check.text(body, "", name, false);
    check.one_of(body, "", "delivery_option", false, {"drop_off_point", "drop_off_labelless", "pickup", "in_store"});
    for (const auto* name : {"send_tracking_emails", "apply_rules"}) (void)check.member(body, "", name, Kind::boolean, false);
    (void)check.member(body, "", "brand_id", Kind::number, false);
    if (const auto* customs = check.member(body, "", "customs_information", Kind::object, false)) check_customs(check, *customs);
    const auto country = [&](const char* address) {
        const auto* found = body.find(address);
        return found ? found->text_or("country_code") : std::string();
    };
    const bool abroad = needs_customs(country("from_address"), country("to_address"));
    if (const auto* items = check.member(body, "", "parcel_items", Kind::array, abroad)) {
        if (abroad && items->items().empty()) check.fail("required", "This field is required.", "/parcel_items");
    }
    if (out.option && weight && *weight > out.option->max_grams)
        check.fail("validation_error", "The weight is outside of the limits of the shipping option.", "/weight/value");
    if (out.option && size && !fits(*out.option, *size))
        check.fail("validation_error", "The dimensions are outside of the limits of the shipping option.", "/dimensions");
    return out;
}

}  // namespace stoa::sandbox::sendcloud
