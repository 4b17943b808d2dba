// Which ways of shipping there are for a parcel, and what they cost.
#include <fmt/format.h>

#include <algorithm>

#include "sendcloud.hpp"
#include "sendcloud_check.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/money/money.hpp"

namespace stoa::sandbox {
namespace {

using json::Value;
using sendcloud::Check;
using sendcloud::errors;
using sendcloud::Option;
using Kind = Value::Kind;

// The provider's functionalities; choices separated by '|', an empty text for anything.
struct Function {
    const char* name;
    Kind kind;
    const char* choices;
};
constexpr Function kFunctions[] = {
    {"age_check", Kind::number, "16|18"},
    {"b2b", Kind::boolean, ""},
    {"b2c", Kind::boolean, ""},
    {"boxable", Kind::boolean, ""},
    {"bulky_goods", Kind::boolean, ""},
    {"carrier_billing_type", Kind::string, "country|zonal"},
    {"cash_on_delivery", Kind::number, ""},
    {"dangerous_goods", Kind::boolean, ""},
    {"delivery_attempts", Kind::number, ""},
    {"delivery_before", Kind::string, ""},
    {"delivery_deadline", Kind::string, "best_effort|sameday|nextday|within_24h|within_48h|within_72h"},
    {"direct_contract_only", Kind::boolean, ""},
    {"eco_delivery", Kind::boolean, ""},
    {"ers", Kind::boolean, ""},
    {"first_mile", Kind::string, "pickup|dropoff|pickup_dropoff|fulfilment"},
    {"flex_delivery", Kind::boolean, ""},
    {"form_factor", Kind::string, "letter|parcel|mailbox|pallet|long"},
    {"fragile_goods", Kind::boolean, ""},
    {"fresh_goods", Kind::boolean, ""},
    {"harmonized_label", Kind::boolean, ""},
    {"id_check", Kind::boolean, ""},
    {"incoterm", Kind::string, "dap|ddp|ddu|dap_np|dap_dp"},
    {"insurance", Kind::number, ""},
    {"labelless", Kind::boolean, ""},
    {"last_mile", Kind::string, "home_delivery|service_point|mailbox|pobox|locker|locker_or_service_point"},
    {"manually", Kind::boolean, ""},
    {"multicollo", Kind::boolean, ""},
    {"neighbor_delivery", Kind::boolean, ""},
    {"non_conveyable", Kind::boolean, ""},
    {"personalized_delivery", Kind::boolean, ""},
    {"pick_up", Kind::boolean, ""},
    {"premium", Kind::boolean, ""},
    {"priority", Kind::string, "economical|standard|priority|express"},
    {"registered_delivery", Kind::boolean, ""},
    {"returns", Kind::boolean, ""},
    {"segment", Kind::boolean, ""},
    {"service_area", Kind::string, "domestic|domestic_remote|international"},
    {"signature", Kind::boolean, ""},
    {"size", Kind::string, "xs|s|m|l|xl|xxl"},
    {"sorted", Kind::boolean, ""},
    {"surcharge", Kind::boolean, ""},
    {"tracked", Kind::boolean, ""},
    {"tyres", Kind::boolean, ""},
    {"weekend_delivery", Kind::string, "saturday|sunday|weekends"},
};

bool is_choice(std::string_view choices, std::string_view text) {
    while (!choices.empty()) {
        const auto end = std::min(choices.find('|'), choices.size());
        if (choices.substr(0, end) == text) return true;
        choices.remove_prefix(std::min(end + 1, choices.size()));
    }
    return false;
}

// Null for what the option says nothing about.
Value function_of(const Option& option, std::string_view name, std::string_view from, std::string_view to) {
    if (name == "signature") return Value::boolean(option.signature);
    if (name == "multicollo") return Value::boolean(option.multicollo);
    if (name == "returns") return Value::boolean(option.returns);
    if (name == "tracked") return Value::boolean(!option.letter);
    if (name == "b2b" || name == "b2c") return Value::boolean(true);
    if (name == "dangerous_goods" || name == "labelless") return Value::boolean(false);
    if (name == "last_mile") return Value::string(option.service_point ? "service_point" : option.letter ? "mailbox" : "home_delivery");
    if (name == "form_factor") return Value::string(option.letter ? "letter" : "parcel");
    if (name == "first_mile") return Value::string(option.letter ? "dropoff" : "pickup_dropoff");
    if (name == "priority") return Value::string("standard");
    if (name == "delivery_deadline") return Value::string("best_effort");
    if (name == "service_area" && !from.empty() && !to.empty()) return Value::string(from == to ? "domestic" : "international");
    return {};
}

std::string product_of(const Option& option) {
    const std::string code = option.code;
    return code.substr(0, code.find('/'));
}

struct Wanted {
    std::string from, to, carrier, code, product;
    std::optional<std::int64_t> contract;
    bool to_a_point = false;
    bool quotes = false;
    std::vector<std::pair<std::string, Value>> functions;
    std::vector<std::pair<std::string, std::int64_t>> lead_time;
    struct Parcel {
        std::int64_t grams = 0;
        std::optional<std::array<std::int64_t, 3>> sides;
    };
    std::vector<Parcel> parcels;
};

void check_functions(Check& check, const Value& given, Wanted& out) {
    for (const auto& [name, value] : given.members()) {
        const std::string at = "/functionalities/" + name;
        const auto* known = std::ranges::find(kFunctions, name, &Function::name);
        if (known == std::end(kFunctions))
            check.fail("unknown_field", "Unknown field.", at);
        else if (value.is_null())
            continue;
        else if (value.kind() != known->kind || (value.is_number() && !value.as_int()))
            check.fail("invalid", "Not a valid value.", at);
        else if (*known->choices != '\0' && !is_choice(known->choices, value.text()))
            check.fail("invalid_choice", "\"" + value.text() + "\" is not a valid choice.", at);
        else
            out.functions.emplace_back(name, value);
    }
}

void check_parcels(Check& check, const Value& parcels, Wanted& out) {
    if (parcels.items().size() > 50) check.fail("invalid", "Ensure this field has no more than 50 elements.", "/parcels");
    for (std::size_t i = 0; i < parcels.items().size() && i < 50; ++i) {
        const auto& parcel = parcels.items()[i];
        const std::string at = "/parcels/[" + std::to_string(i) + "]";
        check.only(parcel, at, {"weight", "dimensions", "additional_insured_price", "total_insured_price"});
        out.parcels.push_back({check.weight(parcel, at, false).value_or(0), check.dimensions(parcel, at, false)});
        // The provider's schema says number, its example {value, currency}: both are taken.
        for (const auto* name : {"additional_insured_price", "total_insured_price"}) {
            const auto* insured = parcel.find(name);
            if (insured && !insured->is_number()) check.price(parcel, at, name, false);
        }
    }
}

Wanted check_options(Check& check, const Value& body) {
    Wanted out;
    check.only(
        body, "",
        {"from_country_code", "to_country_code", "from_postal_code", "to_postal_code", "to_service_point_id", "parcels", "functionalities",
         "carrier_code", "contract_id", "shipping_product_code", "shipping_option_code", "lead_time", "calculate_quotes"});
    out.from = check.text(body, "", "from_country_code", false);
    out.to = check.text(body, "", "to_country_code", false);
    for (const auto& [name, country] : {std::pair("/from_country_code", out.from), {"/to_country_code", out.to}}) {
        if (!country.empty() && !sendcloud::country_of(country))
            check.fail("invalid_choice", "\"" + country + "\" is not a valid choice.", name);
    }
    for (const auto* name : {"from_postal_code", "to_postal_code"}) (void)check.text(body, "", name, false, 12);
    if (const auto* id = check.member(body, "", "to_service_point_id", Kind::number, false)) {
        out.to_a_point = true;
        if (!sendcloud::place_of(id->text(), "")) check.fail("invalid", "Service point does not exist.", "/to_service_point_id");
    }
    out.carrier = check.text(body, "", "carrier_code", false);
    out.product = check.text(body, "", "shipping_product_code", false);
    out.code = check.text(body, "", "shipping_option_code", false);
    if (const auto* contract = check.member(body, "", "contract_id", Kind::number, false)) {
        out.contract = contract->as_int().value_or(0);
        if (std::none_of(std::begin(sendcloud::kOptions), std::end(sendcloud::kOptions),
                         [&](const Option& option) { return option.contract == out.contract; }))
            check.fail("invalid", "Invalid contract.", "/contract_id");
    }
    if (const auto* functions = check.member(body, "", "functionalities", Kind::object, false)) check_functions(check, *functions, out);
    if (const auto* lead = check.member(body, "", "lead_time", Kind::object, false)) {
        check.only(*lead, "/lead_time", {"gt", "gte", "eq", "lt", "lte"});
        for (const auto* relation : {"gt", "gte", "eq", "lt", "lte"}) {
            const auto* hours = check.member(*lead, "/lead_time", relation, Kind::number, false);
            if (hours && hours->as_int())
                out.lead_time.emplace_back(relation, *hours->as_int());
            else if (hours)
                check.fail("invalid", "A valid integer is required.", std::string("/lead_time/") + relation);
        }
    }
    const auto* quotes = check.member(body, "", "calculate_quotes", Kind::boolean, false);
    out.quotes = quotes && quotes->as_bool();
    const auto* parcels = check.member(body, "", "parcels", Kind::array, false);
    if (parcels) check_parcels(check, *parcels, out);
    if (parcels ? parcels->items().empty() : out.quotes) check.fail("invalid", "At least one parcel must be provided.", "/parcels");
    return out;
}

bool agrees(std::string_view relation, std::int64_t have, std::int64_t wanted) {
    if (relation == "gt") return have > wanted;
    if (relation == "gte") return have >= wanted;
    if (relation == "lt") return have < wanted;
    if (relation == "lte") return have <= wanted;
    return have == wanted;
}

bool is_offered(const Option& option, const Wanted& wanted) {
    if (!wanted.to.empty() && !sendcloud::goes_to(option, wanted.to)) return false;
    if (!wanted.carrier.empty() && wanted.carrier != option.carrier) return false;
    if (!wanted.code.empty() && wanted.code != option.code) return false;
    if (!wanted.product.empty() && wanted.product != product_of(option)) return false;
    if (wanted.contract && *wanted.contract != option.contract) return false;
    if (wanted.to_a_point && !option.service_point) return false;
    if (wanted.parcels.size() > 1 && !option.multicollo) return false;
    for (const auto& parcel : wanted.parcels) {
        if (parcel.grams > option.max_grams || (parcel.sides && !sendcloud::fits(option, *parcel.sides))) return false;
    }
    for (const auto& [relation, hours] : wanted.lead_time) {
        if (!agrees(relation, option.lead_hours, hours)) return false;
    }
    for (const auto& [name, value] : wanted.functions) {
        const auto have = function_of(option, name, wanted.from, wanted.to);
        if (value.kind() == Kind::boolean ? have.as_bool() != value.as_bool() : have.kind() != value.kind() || have.text() != value.text())
            return false;
    }
    return true;
}

std::string kilograms(std::int64_t grams) { return fmt::format("{}.{:03}", grams / 1000, grams % 1000); }
std::string centimetres(std::int64_t millimetres) { return fmt::format("{}.{}0", millimetres / 10, millimetres % 10); }

// What the scales or the volume say, whichever is more.
struct Billed {
    std::int64_t grams = 0;
    bool volumetric = false;
    std::string calculation;
};
Billed billed(const Option& option, const Wanted::Parcel& parcel) {
    if (!parcel.sides || option.volume_per_kg == 0) return {parcel.grams, false, ""};
    const auto& side = *parcel.sides;
    const std::int64_t volume = side[0] * side[1] * side[2] / option.volume_per_kg;  // mm³ / (cm³/kg) = g
    if (volume <= parcel.grams) return {parcel.grams, false, ""};
    return {volume, true,
            fmt::format("({} x {} x {}) / {}", centimetres(side[0]), centimetres(side[1]), centimetres(side[2]), option.volume_per_kg)};
}

void write_weights(json::Writer& out, const Option& option) {
    out.key("weight");
    out.raw(fmt::format(R"({{"min":{{"value":"0.001","unit":"kg"}},"max":{{"value":"{}","unit":"kg"}}}})", kilograms(option.max_grams)));
}

void write_quotes(json::Writer& out, const Option& option, const std::vector<Billed>& weights) {
    std::int64_t label = 0;
    for (const auto& weight : weights) label += option.base_cents + option.per_kg_cents * ((weight.grams + 999) / 1000);
    const std::int64_t fuel = label * 6 / 100;
    const auto euros = [](std::int64_t cents) { return Money(cents, Currency::of("EUR")).to_decimal(); };
    out.begin_array();
    out.begin_object();
    write_weights(out, option);
    out.member("lead_time", option.lead_hours);
    out.key("price");
    out.raw(fmt::format(
        R"({{"breakdown":[{{"type":"price_without_insurance","label":"Label","price":{{"value":"{}","currency":"EUR"}}}},{{"type":"fuel","label":"Fuel surcharge","price":{{"value":"{}","currency":"EUR"}}}}],"total":{{"value":"{}","currency":"EUR"}}}})",
        euros(label), euros(fuel), euros(label + fuel)));
    out.end_object();
    out.end_array();
}

void write_option(json::Writer& out, const Option& option, const Wanted& wanted) {
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
    out.member("code", product_of(option));
    out.member("name", option.product);
    out.end_object();
    out.key("functionalities");
    out.begin_object();
    for (const auto& function : kFunctions) {
        out.key(function.name);
        json::write_value(out, function_of(option, function.name, wanted.from, wanted.to));
    }
    out.end_object();
    out.key("contract");
    out.begin_object();
    out.member("id", option.contract);
    out.member("client_id", "");
    out.member("carrier_code", option.carrier);
    out.member("name", option.carrier_name);
    out.end_object();
    write_weights(out, option);
    out.key("max_dimensions");
    out.begin_object();
    out.member("length", centimetres(option.max_mm[0]));
    out.member("width", centimetres(option.max_mm[1]));
    out.member("height", centimetres(option.max_mm[2]));
    out.member("unit", "cm");
    out.end_object();
    out.key("parcel_billed_weights");
    out.begin_array();
    std::vector<Billed> weights;
    for (const auto& parcel : wanted.parcels) {
        const auto& weight = weights.emplace_back(billed(option, parcel));
        out.begin_object();
        out.member("value", kilograms(weight.grams));
        out.member("unit", "kg");
        out.member("volumetric", weight.volumetric);
        out.key("calculation");
        if (weight.volumetric)
            out.string(weight.calculation);
        else
            out.null();
        out.member("parcel_number", static_cast<std::int64_t>(weights.size()));
        out.end_object();
    }
    out.end_array();
    out.key("requirements");
    out.begin_object();
    out.key("fields");
    out.begin_array();
    if (option.service_point) out.string("to_email");
    out.end_array();
    out.member("export_documents", sendcloud::needs_customs(wanted.from, wanted.to));
    out.member("is_service_point_required", option.service_point);
    out.end_object();
    out.member("charging_type", "label_creation");
    out.key("quotes");
    if (wanted.quotes && !wanted.from.empty() && !wanted.to.empty())
        write_quotes(out, option, weights);
    else
        out.null();
    out.end_object();
}

}  // namespace

http::Response Sendcloud::options(const http::Request& request) const {
    const auto body = json::parse(request.body);
    if (!body || !body->is_object()) return errors(400, {{"invalid", "JSON parse error.", ""}});
    Check check;
    const auto wanted = check_options(check, *body);
    if (!check.problems.empty()) return errors(400, check.problems);
    json::Writer out;
    out.begin_object();
    out.key("data");
    out.begin_array();
    for (const auto& option : sendcloud::kOptions) {
        if (is_offered(option, wanted)) write_option(out, option, wanted);
    }
    out.end_array();
    out.key("message");
    out.null();
    out.end_object();
    return http::json_text(200, out.take());
}

}  // namespace stoa::sandbox
