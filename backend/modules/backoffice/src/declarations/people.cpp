#include "declarations/common.hpp"
#include "sql/forms.hpp"

namespace stoa::backoffice {
namespace {

using customers::CustomerId;

struct CustomerForm {
    std::vector<std::string> groups;
    std::optional<std::string> email, first_name, last_name, phone, locale;
    std::optional<bool> verified;
    std::optional<Timestamp> created_at;
    std::vector<customers::AddressDto> addresses;
};
void describe(json::Struct<CustomerForm>& d) {
    d.name("CustomerForm");
    d.field<&CustomerForm::email>("email");
    d.field<&CustomerForm::first_name>("first_name");
    d.field<&CustomerForm::last_name>("last_name");
    d.field<&CustomerForm::phone>("phone");
    d.field<&CustomerForm::locale>("locale");
    d.field<&CustomerForm::verified>("verified", "The address is proven.");
    d.field<&CustomerForm::created_at>("created_at");
    d.field<&CustomerForm::groups>("groups", "For price lists and promotions; a new one is made by naming it.").max_length(50);
    d.field<&CustomerForm::addresses>("addresses").optional();
}

}  // namespace

void declare_people(Registry& registry, Declared shop) {
    registry.add(
        Resource("orders", "Orders", "Sales")
            .from("orders_api.admin_order", "ord")
            .column({"number", "Number", FieldType::text, {.sortable = true}})
            .column({"email", "E-mail", FieldType::text, {}})
            .column({"placed_at", "Placed", FieldType::datetime, {.sortable = true}})
            .column({"state", "State", FieldType::select, {}})
            .column({"payment_state", "Payment", FieldType::select, {}})
            .column({"total", "Total", FieldType::money, {.currency = "t.currency"}})
            .column({"country", "Country", FieldType::text, {}})
            .column({"customer", "Customer", FieldType::reference, {.sql = "t.customer_id", .prefix = "cus", .resource = "customers"}})
            .filter({"state", "State", FilterType::select,
                     options({"pending_payment", "confirmed", "processing", "shipped", "delivered", "completed", "cancelled"})})
            .filter({"payment_state", "Payment", FilterType::select,
                     options({"pending", "authorized", "paid", "partially_refunded", "refunded", "failed", "awaiting_invoice"})})
            .filter({"placed_at", "Placed", FilterType::date})
            .filter({"total", "Total", FilterType::number})
            .filter({"customer", "Customer", FilterType::reference, {}, "t.customer_id", "cus", "customers"})
            .search("t.id = any(array(select x.id from orders.orders x where x.number ilike {q} or x.email_folded ilike {q} limit 10001))")
            .form<orders::OrderDto>([&orders = shop.orders](db::Session& session, std::string_view id) {
                return orders.order(session, id_of<orders::OrderId>(id), "en");
            }));

    const auto find_customer = [&customers = shop.customers](db::Session& session, std::string_view id) -> std::optional<CustomerForm> {
        const auto customer = id_of<CustomerId>(id);
        const auto rows = session.query(sql::find_customer, customer);
        if (rows.empty()) return std::nullopt;
        const auto row = rows.front();
        CustomerForm out;
        out.email = row.get<std::string>("email");
        out.first_name = row.get<std::string>("first_name");
        out.last_name = row.get<std::string>("last_name");
        out.phone = row.get<std::optional<std::string>>("phone");
        out.locale = row.get<std::string>("locale");
        out.verified = row.get<bool>("verified");
        out.created_at = row.get<Timestamp>("created_at");
        out.groups = row.get<std::vector<std::string>>("groups");
        out.addresses = customers.addresses(session, customer);
        return out;
    };
    Resource customers("customers", "Customers", "Sales");
    customers.from("customers_api.admin_customer", "cus")
        .column({"email", "E-mail", FieldType::text, {}})
        .column({"name", "Name", FieldType::text, {.sql = "t.first_name || ' ' || t.last_name"}})
        .column({"locale", "Language", FieldType::text, {}})
        .column({"verified", "Verified", FieldType::boolean, {}})
        .column({"groups", "Groups", FieldType::list, {}})
        .column({"created_at", "Since", FieldType::datetime, {.sortable = true}})
        .filter({"locale", "Language", FilterType::select, options({"en", "de", "nl", "fr"})})
        .filter({"verified", "Verified", FilterType::boolean})
        .filter({"group",
                 "Group",
                 FilterType::select,
                 {},
                 "t.id in (select m.customer_id from customers.group_member m where m.group_code = {v})"})
        .filter({"created_at", "Since", FilterType::date})
        .search(
            "t.id = any(array(select x.id from customers.customer x where x.email_key ilike {q} or x.first_name || ' ' || x.last_name "
            "ilike {q} limit 10001))")
        .form<CustomerForm>(find_customer,
                            [&customers = shop.customers](Write& write, const std::optional<CustomerForm>& before,
                                                          const CustomerForm& after) -> Result<std::string> {
                                const auto found = customers.find_by_email(write.tx, before->email.value_or(""));
                                if (!found) return fail_field("/groups", "invalid", "Only an account with an address can be in a group.");
                                customers.set_groups(write.tx, found->id, after.groups);
                                return found->id.to_string();
                            })
        .without_create();
    for (const auto* field : {"email", "first_name", "last_name", "phone", "locale", "verified", "created_at", "addresses"})
        customers.look(field, {.read_only = true});
    registry.add(std::move(customers));
}

std::vector<std::string> searched_resources() { return {"orders", "customers", "products"}; }

std::vector<Figure> todays_figures() {
    constexpr auto kSold = "from orders.orders o where o.placed_at >= {day} and o.state not in ('pending_payment', 'cancelled')";
    return {
        {"orders_today", "Orders today", "orders.read", "orders", std::string("select count(*), null::text ") + kSold},
        {"revenue_today", "Revenue today", "orders.read", "orders",
         std::string("select coalesce(sum(o.total), 0)::bigint, 'EUR'::text ") + kSold + " and o.currency = 'EUR'"},
        {"to_ship", "To ship", "orders.read", "orders?filter[state]=confirmed",
         "select count(*), null::text from (select 1 from orders.orders o where o.state in ('confirmed', 'processing') limit 10000) as "
         "counted"},
        {"payments_open", "Payments to look at", "orders.read", "orders?filter[payment_state]=failed",
         "select count(*), null::text from (select 1 from orders.orders o where o.payment_state = 'failed' limit 10000) as counted"},
        {"reviews_pending", "Reviews to read", "reviews.read", "reviews?filter[state]=pending",
         "select count(*), null::text from (select 1 from catalog.review r where r.state = 'pending' limit 10000) as counted"},
        {"failed_jobs", "Failed jobs", "jobs.read", "jobs",
         "select count(*), null::text from (select 1 from jobs.job j where j.state = 'dead' limit 10000) as counted"},
    };
}

}  // namespace stoa::backoffice
