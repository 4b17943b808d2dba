#include "declarations/common.hpp"
#include "sql/calendar.hpp"
#include "sql/forms.hpp"
#include "stoa/orders/documents.hpp"

namespace stoa::backoffice {
namespace {

// What stands on every invoice.
struct LegalEntityForm {
    std::string code, name, contact_name, email, phone;
    std::string line1, line2, postal_code, city, state, country;
    std::string vat_id, tax_number, registration;
    std::string iban, bic, account_name;
    std::int64_t payment_days = 14;
    std::string issue_on = "confirmed";
    std::string vat_currency = "EUR";
};
void describe(json::Struct<LegalEntityForm>& d) {
    d.name("LegalEntityForm");
    d.field<&LegalEntityForm::code>("code", "The shop sells as \"main\".").pattern("main");
    d.field<&LegalEntityForm::name>("name", "As registered.").not_blank().max_length(120);
    d.field<&LegalEntityForm::contact_name>("contact_name", "Whom buyers ask.").optional().max_length(120);
    d.field<&LegalEntityForm::email>("email").optional().max_length(254);
    d.field<&LegalEntityForm::phone>("phone").optional().max_length(40);
    d.field<&LegalEntityForm::line1>("line1").not_blank().max_length(120);
    d.field<&LegalEntityForm::line2>("line2").optional().max_length(120);
    d.field<&LegalEntityForm::postal_code>("postal_code").not_blank().max_length(20);
    d.field<&LegalEntityForm::city>("city").not_blank().max_length(120);
    d.field<&LegalEntityForm::state>("state").optional().max_length(120);
    d.field<&LegalEntityForm::country>("country", "Two letters: NL.").pattern("[A-Z]{2}");
    d.field<&LegalEntityForm::vat_id>("vat_id", "With its country: NL123456789B01.").optional().pattern("([A-Z]{2}[A-Z0-9]{2,13})?");
    d.field<&LegalEntityForm::tax_number>("tax_number", "Where there is no VAT id.").optional().max_length(40);
    d.field<&LegalEntityForm::registration>("registration", "Register and number.").optional().max_length(80);
    d.field<&LegalEntityForm::iban>("iban", "Without spaces.").optional().pattern("([A-Z]{2}[0-9]{2}[A-Z0-9]{11,30})?");
    d.field<&LegalEntityForm::bic>("bic").optional().pattern("([A-Z0-9]{8}([A-Z0-9]{3})?)?");
    d.field<&LegalEntityForm::account_name>("account_name").optional().max_length(120);
    d.field<&LegalEntityForm::payment_days>("payment_days", "Of those who pay by invoice.").optional().min(0).max(365);
    d.field<&LegalEntityForm::issue_on>("issue_on", "When an order gets its invoice.").optional().pattern("confirmed|shipped");
    d.field<&LegalEntityForm::vat_currency>("vat_currency", "In which VAT is accounted for. Invoices in another one need a rate.")
        .optional()
        .pattern("[A-Z]{3}");
}

struct VatRateForm {
    std::string vat_currency, currency, day, rate, source;
    std::int64_t valid_days = 7;
};
void describe(json::Struct<VatRateForm>& d) {
    d.name("VatRateForm");
    d.field<&VatRateForm::vat_currency>("vat_currency", "Of the legal entity: EUR.").pattern("[A-Z]{3}");
    d.field<&VatRateForm::currency>("currency", "Of the invoices: GBP.").pattern("[A-Z]{3}");
    d.field<&VatRateForm::day>("day", "On which it was published: 2026-11-27.").pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    d.field<&VatRateForm::rate>("rate", "What one unit of the VAT currency is worth in the other: 0.8612.")
        .pattern("[0-9]{1,6}([.][0-9]{1,8})?");
    d.field<&VatRateForm::source>("source", "Who published it: ECB. Invoices name it.").not_blank().max_length(80);
    d.field<&VatRateForm::valid_days>("valid_days", "From that day on, until there is a newer one.").optional().min(1).max(31);
}

std::optional<VatRateForm> find_rate(db::Session& session, std::string_view id) {
    const auto rows = session.query(sql::find_vat_rate, id_of<orders::VatRateId>(id));
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    return VatRateForm{row.get<std::string>("vat_currency"), row.get<std::string>("currency"), to_iso_date(row.get<Date>("day")),
                       row.get<std::string>("rate"),         row.get<std::string>("source"),   row.get<int>("valid_days")};
}

Result<std::string> save_rate(Write& write, const std::optional<VatRateForm>& before, const VatRateForm& after) {
    const auto day = parse_iso_date(after.day);
    if (!day) return fail_field("/day", "invalid", "This is no day.");
    for (const auto& [field, code] : {std::pair("/vat_currency", &after.vat_currency), std::pair("/currency", &after.currency)}) {
        if (!Currency::parse(*code)) return fail_field(field, "invalid", "This is no currency of ISO 4217.");
    }
    if (after.currency == after.vat_currency) return fail_field("/currency", "invalid", "It needs two currencies.");
    if (!before && !write.tx.query(sql::vat_rate_of_day, after.vat_currency, after.currency, *day).empty())
        return fail_field("/day", "taken", "There is a rate of this day.");
    const auto saved =
        orders::save_vat_rate(write.tx, {after.vat_currency, after.currency, *day, after.rate, after.source, after.valid_days});
    if (!saved) return fail_field("/rate", "invalid", "A rate is above zero.");
    return saved->to_string();
}

Result<void> drop_rate(Write& write, std::string_view id) {
    if (!orders::delete_vat_rate(write.tx, id_of<orders::VatRateId>(id))) return nothing_here();
    return {};
}

std::optional<LegalEntityForm> find_entity(db::Session& session, std::string_view id) {
    const auto rows = session.query(sql::find_legal_entity, id);
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    LegalEntityForm out;
    out.code = id;
    out.name = row.get<std::string>("name");
    out.contact_name = row.get<std::string>("contact_name");
    out.email = row.get<std::string>("email");
    out.phone = row.get<std::string>("phone");
    out.line1 = row.get<std::string>("line1");
    out.line2 = row.get<std::string>("line2");
    out.postal_code = row.get<std::string>("postal_code");
    out.city = row.get<std::string>("city");
    out.state = row.get<std::string>("state");
    out.country = row.get<std::string>("country");
    out.vat_id = row.get<std::string>("vat_id");
    out.tax_number = row.get<std::string>("tax_number");
    out.registration = row.get<std::string>("registration");
    out.iban = row.get<std::string>("iban");
    out.bic = row.get<std::string>("bic");
    out.account_name = row.get<std::string>("account_name");
    out.payment_days = row.get<std::int64_t>("payment_days");
    out.issue_on = row.get<std::string>("issue_on");
    out.vat_currency = row.get<std::string>("vat_currency");
    return out;
}

// ISO 13616: the number with its first four characters last, letters as numbers, leaves 1 when divided by 97.
bool is_iban(std::string_view iban) {
    unsigned rest = 0;
    for (std::size_t i = 0; i < iban.size(); ++i) {
        const char c = iban[(i + 4) % iban.size()];
        rest = c <= '9' ? (rest * 10 + static_cast<unsigned>(c - '0')) % 97 : (rest * 100 + static_cast<unsigned>(c - 'A') + 10) % 97;
    }
    return rest == 1;
}

Result<std::string> save_entity(Write& write, const std::optional<LegalEntityForm>& before, const LegalEntityForm& after) {
    if (!before && find_entity(write.tx, after.code)) return fail_field("/code", "taken", "It is set already.");
    if (after.vat_id.empty() && after.tax_number.empty())
        return fail_field("/vat_id", "required", "An invoice needs a VAT id or a tax number.");
    if (!Currency::parse(after.vat_currency)) return fail_field("/vat_currency", "invalid", "This is no currency of ISO 4217.");
    if (!after.iban.empty() && !is_iban(after.iban)) return fail_field("/iban", "invalid", "The check digits of this IBAN are wrong.");
    orders::LegalEntityRow row;
    row.code = after.code;
    row.name = after.name;
    row.contact_name = after.contact_name;
    row.email = after.email;
    row.phone = after.phone;
    row.line1 = after.line1;
    row.line2 = after.line2;
    row.postal_code = after.postal_code;
    row.city = after.city;
    row.state = after.state;
    row.country = after.country;
    row.vat_id = after.vat_id;
    row.tax_number = after.tax_number;
    row.registration = after.registration;
    row.iban = after.iban;
    row.bic = after.bic;
    row.account_name = after.account_name;
    row.payment_days = after.payment_days;
    row.issue_on = after.issue_on;
    row.vat_currency = after.vat_currency;
    orders::save_legal_entity(write.tx, row);
    return after.code;
}

struct CalendarForm {
    std::string time_zone;
};
void describe(json::Struct<CalendarForm>& d) {
    d.name("CalendarForm");
    d.field<&CalendarForm::time_zone>("time_zone", "Whose midnight ends a day of the figures on the home page: Europe/Amsterdam.")
        .not_blank()
        .max_length(60);
}
std::optional<CalendarForm> find_calendar(db::Session& session, std::string_view id) {
    if (id != "main") return std::nullopt;
    return CalendarForm{session.query(sql::calendar).front().get<std::string>("time_zone")};
}
Result<std::string> save_calendar(Write& write, const std::optional<CalendarForm>&, const CalendarForm& after) {
    if (!write.tx.query(sql::is_time_zone, after.time_zone).front().get<bool>("found"))
        return fail_field("/time_zone", "unknown", "There is no such time zone: Europe/Amsterdam is one.");
    write.tx.exec(sql::set_time_zone, after.time_zone);
    return "main";
}

}  // namespace

void declare_settings(Registry& registry) {
    registry.add(Resource("calendar", "Calendar", "Settings")
                     .from("backoffice.admin_calendar")
                     .column({"time_zone", "Time zone", FieldType::text, {}})
                     .form<CalendarForm>(find_calendar, save_calendar)
                     .without_create());
    registry.add(Resource("legal_entities", "Legal entity", "Settings")
                     .from("orders_api.admin_legal_entity")
                     .column({"name", "Name", FieldType::text, {}})
                     .column({"city", "City", FieldType::text, {}})
                     .column({"country", "Country", FieldType::text, {}})
                     .column({"vat_id", "VAT id", FieldType::text, {}})
                     .form<LegalEntityForm>(find_entity, save_entity)
                     .look("code", {.options = {{"main", "Main"}}, .fixed = true})
                     .look("line1", {.label = "Street", .group = "Address"})
                     .look("line2", {.label = "More of the address", .group = "Address"})
                     .look("postal_code", {.group = "Address"})
                     .look("city", {.group = "Address"})
                     .look("state", {.group = "Address"})
                     .look("country", {.group = "Address"})
                     .look("vat_id", {.label = "VAT id", .group = "Tax and register"})
                     .look("tax_number", {.group = "Tax and register"})
                     .look("registration", {.group = "Tax and register"})
                     .look("vat_currency", {.label = "VAT currency", .group = "Tax and register"})
                     .look("iban", {.label = "IBAN", .group = "Payment"})
                     .look("bic", {.label = "BIC", .group = "Payment"})
                     .look("account_name", {.group = "Payment"})
                     .look("payment_days", {.group = "Payment"})
                     .look("issue_on", {.label = "Invoice when", .options = options({"confirmed", "shipped"}), .group = "Payment"}));
    registry.add(Resource("vat_rates", "Exchange rates for VAT", "Settings")
                     .from("orders_api.admin_vat_rate", "vra")
                     .column({"day", "Day", FieldType::date, {}})
                     .column({"vat_currency", "VAT currency", FieldType::text, {}})
                     .column({"currency", "Currency", FieldType::text, {}})
                     .column({"rate", "Rate", FieldType::text, {}})
                     .column({"source", "Source", FieldType::text, {}})
                     .column({"valid_days", "Days", FieldType::integer, {}})
                     .form<VatRateForm>(find_rate, save_rate)
                     .removed_by(drop_rate)
                     .look("vat_currency", {.label = "VAT currency", .fixed = true})
                     .look("currency", {.fixed = true})
                     .look("day", {.type = FieldType::date, .fixed = true})
                     .look("valid_days", {.label = "Counts for days"}));
}

}  // namespace stoa::backoffice
