// Where goods lie, how they are sent, and to where.
#include "sql/delivery.hpp"
#include "declarations/common.hpp"
#include "stoa/inventory/warehouses.hpp"
#include "stoa/shipping/rate_book.hpp"

namespace stoa::backoffice {
namespace {

using inventory::WarehouseId;

struct WarehouseForm {
    std::string code, name, country;
    std::int64_t priority = 0, parcel_cost = 0, parcel_cost_abroad = 0;
    bool active = true;
};
void describe(json::Struct<WarehouseForm>& d) {
    d.name("WarehouseForm");
    d.field<&WarehouseForm::code>("code").pattern("[a-z0-9][a-z0-9_-]{0,39}");
    d.field<&WarehouseForm::name>("name").not_blank().max_length(120);
    d.field<&WarehouseForm::country>("country", "Two letters, NL.").pattern("[A-Z]{2}");
    d.field<&WarehouseForm::priority>("priority", "The lower sends first, where nothing else decides.").min(0).max(1000).optional();
    d.field<&WarehouseForm::parcel_cost>("parcel_cost",
                                         "What a parcel from there costs inside its country, in cents of the shop's currency.")
        .min(0)
        .max(10'000'000)
        .optional();
    d.field<&WarehouseForm::parcel_cost_abroad>("parcel_cost_abroad", "The same, to any other country.").min(0).max(10'000'000).optional();
    d.field<&WarehouseForm::active>("active", "Switched off: what lies there is not for sale.").optional();
}
std::optional<WarehouseForm> find_warehouse(db::Session& session, std::string_view id) {
    const auto rows = session.query(sql::find_warehouse, id_of<WarehouseId>(id));
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    return WarehouseForm{
        row.get<std::string>("code"),      row.get<std::string>("name"),         row.get<std::string>("country"),
        row.get<std::int64_t>("priority"), row.get<std::int64_t>("parcel_cost"), row.get<std::int64_t>("parcel_cost_abroad"),
        row.get<bool>("is_active")};
}
Result<std::string> save_warehouse(Write& write, std::string_view id, const WarehouseForm& after) {
    const auto known = id.empty() ? std::nullopt : std::optional(id_of<WarehouseId>(id));
    const auto saved = inventory::save_warehouse(write.tx, known,
                                                 {after.code, after.name, after.country, static_cast<int>(after.priority), after.active,
                                                  after.parcel_cost, after.parcel_cost_abroad},
                                                 write.now);
    if (!saved) return fail(saved.error());
    return saved->to_string();
}

struct RateForm {
    std::string zone, code;
    Texts names;
    std::optional<std::string> carrier;
    std::int64_t up_to_grams = 0;
    Money price;
    std::int64_t days_min = 1, days_max = 3;
    bool can_be_free = true, enabled = true;
};
void describe(json::Struct<RateForm>& d) {
    d.name("ShippingRateForm");
    d.field<&RateForm::zone>("zone", "Countries belong to zones: near, eu, abroad.").pattern("[a-z0-9][a-z0-9_-]{0,39}");
    d.field<&RateForm::code>("code", "standard, express, ...").pattern("[a-z0-9][a-z0-9_-]{0,39}");
    d.field<&RateForm::names>("names", "For shoppers.");
    d.field<&RateForm::carrier>("carrier").max_length(60);
    d.field<&RateForm::up_to_grams>("up_to_grams", "Of those with the same zone and code the lightest that carries the parcel counts.")
        .min(1)
        .max(100'000'000);
    d.field<&RateForm::price>("price");
    d.field<&RateForm::days_min>("days_min", "Working days until it is there, at the least.").min(0).max(365);
    d.field<&RateForm::days_max>("days_max", "At the most.").min(0).max(365);
    d.field<&RateForm::can_be_free>("can_be_free", "Above the amount of free delivery it costs nothing.").optional();
    d.field<&RateForm::enabled>("enabled").optional();
}
std::optional<RateForm> find_shipping_rate(db::Session& session, std::string_view id) {
    const auto number = inner_id("#", id);
    if (!number) return std::nullopt;
    const auto rows = session.query(sql::find_shipping_rate, db::parse_int(*number));
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    RateForm out;
    out.zone = row.get<std::string>("zone");
    out.code = row.get<std::string>("code");
    const auto names = json::parse(row.get<std::string>("names"));
    for (const auto& [locale, text] : names->members()) out.names[locale] = text.text();
    out.carrier = row.get<std::optional<std::string>>("carrier");
    out.up_to_grams = row.get<std::int64_t>("up_to_grams");
    out.price = row.money("price");
    out.days_min = row.get<std::int64_t>("days_min");
    out.days_max = row.get<std::int64_t>("days_max");
    out.can_be_free = row.get<bool>("can_be_free");
    out.enabled = row.get<bool>("enabled");
    return out;
}
Result<std::string> save_shipping_rate(Write& write, std::string_view id, const RateForm& after) {
    std::optional<std::int64_t> known;
    if (!id.empty()) {
        const auto before = find_shipping_rate(write.tx, id);
        if (!before) return nothing_here();
        if (before->price.currency() != after.price.currency())
            return fail_field("/price", "currency", "The currency stays: make another delivery for another one.");
        known = db::parse_int(*inner_id("#", id));
    }
    const auto saved =
        shipping::save_rate(write.tx, known,
                            {after.zone, after.code, after.names, after.carrier, after.up_to_grams, after.price,
                             static_cast<int>(after.days_min), static_cast<int>(after.days_max), after.can_be_free, after.enabled});
    if (!saved) return fail(saved.error());
    return std::to_string(*saved);
}

struct CountryForm {
    std::string country, zone;
};
void describe(json::Struct<CountryForm>& d) {
    d.name("ShippingCountryForm");
    d.field<&CountryForm::country>("country", "Two letters, NL.").pattern("[A-Z]{2}");
    d.field<&CountryForm::zone>("zone", "Whose deliveries it has.").pattern("[a-z0-9][a-z0-9_-]{0,39}");
}
std::optional<CountryForm> find_country(db::Session& session, std::string_view id) {
    const auto rows = session.query(sql::find_shipping_country, id);
    if (rows.empty()) return std::nullopt;
    return CountryForm{rows.front().get<std::string>("country"), rows.front().get<std::string>("zone")};
}

struct FreeForm {
    std::string zone;
    Money amount;
};
void describe(json::Struct<FreeForm>& d) {
    d.name("FreeDeliveryForm");
    d.field<&FreeForm::zone>("zone").pattern("[a-z0-9][a-z0-9_-]{0,39}");
    d.field<&FreeForm::amount>("amount", "Goods of so much or more: standard delivery costs nothing.");
}
std::optional<FreeForm> find_free(db::Session& session, std::string_view id) {
    const auto rows = session.query(sql::find_free_delivery, id);
    if (rows.empty()) return std::nullopt;
    return FreeForm{rows.front().get<std::string>("zone"), rows.front().money("amount")};
}
Result<std::string> save_free(Write& write, const std::optional<FreeForm>& before, const FreeForm& after) {
    if (after.amount.minor() <= 0) return fail_field("/amount", "positive", "More than nothing.");
    const auto id = after.zone + ":" + std::string(after.amount.currency().code());
    if (before && before->amount.currency() != after.amount.currency())
        return fail_field("/amount", "currency", "The currency stays: make another one for another currency.");
    if (!before && find_free(write.tx, id)) return fail_field("/zone", "taken", "The zone has an amount in this currency.");
    shipping::put_free_from(write.tx, after.zone, after.amount);
    return id;
}

}  // namespace

void declare_delivery(Registry& registry) {
    registry.add(Resource("warehouses", "Warehouses", "Stock")
                     .from("inventory_api.admin_warehouse", "whs")
                     .column({"code", "Code", FieldType::text, {.sortable = true}})
                     .column({"name", "Name", FieldType::text, {}})
                     .column({"country", "Country", FieldType::text, {}})
                     .column({"priority", "Priority", FieldType::integer, {}})
                     .column({"active", "Active", FieldType::boolean, {.sql = "t.is_active"}})
                     .form_with_id<WarehouseForm>(find_warehouse, save_warehouse)
                     .look("code", {.fixed = true}));
    registry.add(Resource("shipping_rates", "Deliveries", "Shipping")
                     .from("shipping_api.admin_rate", "#")
                     .column({"name", "Name", FieldType::text, {}})
                     .column({"zone", "Zone", FieldType::text, {}})
                     .column({"code", "Code", FieldType::text, {}})
                     .column({"up_to_grams", "Up to (g)", FieldType::integer, {}})
                     .column({"price", "Price", FieldType::money, {.currency = "t.currency"}})
                     .column({"days_max", "Days", FieldType::integer, {}})
                     .column({"enabled", "Enabled", FieldType::boolean, {}})
                     .filter({"zone", "Zone", FilterType::select})
                     .filter({"enabled", "Enabled", FilterType::boolean})
                     .search("t.name ilike {q} or t.code ilike {q}")
                     .form_with_id<RateForm>(find_shipping_rate, save_shipping_rate)
                     .look("zone", {.fixed = true})
                     .look("code", {.fixed = true})
                     .look("up_to_grams", {.label = "Up to (g)", .fixed = true}));
    registry.add(
        Resource("shipping_countries", "Countries delivered to", "Shipping")
            .from("shipping_api.admin_country")
            .column({"country", "Country", FieldType::text, {}})
            .column({"zone", "Zone", FieldType::text, {}})
            .filter({"zone", "Zone", FilterType::select})
            .form<CountryForm>(find_country,
                               [](Write& write, const std::optional<CountryForm>& before, const CountryForm& after) -> Result<std::string> {
                                   if (!before && find_country(write.tx, after.country))
                                       return fail_field("/country", "taken", "It is delivered to already.");
                                   if (auto put = shipping::put_country(write.tx, after.country, after.zone); !put)
                                       return fail(put.error());
                                   return after.country;
                               })
            .look("country", {.fixed = true})
            .removed_by([](Write& write, std::string_view id) -> Result<void> {
                if (!shipping::drop_country(write.tx, id)) return nothing_here();
                return {};
            }));
    registry.add(Resource("free_delivery", "Free delivery", "Shipping")
                     .from("shipping_api.admin_free_from")
                     .column({"zone", "Zone", FieldType::text, {}})
                     .column({"amount", "From", FieldType::money, {.currency = "t.currency"}})
                     .form<FreeForm>(find_free, save_free)
                     .look("zone", {.fixed = true})
                     .removed_by([](Write& write, std::string_view id) -> Result<void> {
                         const auto row = find_free(write.tx, id);
                         if (!row || !shipping::drop_free_from(write.tx, row->zone, row->amount.currency())) return nothing_here();
                         return {};
                     }));
}

}  // namespace stoa::backoffice
