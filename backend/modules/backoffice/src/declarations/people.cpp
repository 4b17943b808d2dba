#include "declarations/common.hpp"
#include "sql/forms.hpp"

namespace stoa::backoffice {
namespace {

using customers::CustomerId;

struct CustomerForm {
    std::vector<std::string> groups;
    std::optional<companies::CompanyId> company;
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
    d.field<&CustomerForm::verified>("verified", "Somebody followed the link in the mail to it.");
    d.field<&CustomerForm::created_at>("created_at");
    d.field<&CustomerForm::groups>("groups", "For price lists and promotions; a new one is made by naming it.").max_length(50);
    d.field<&CustomerForm::company>("company", "That they buy for: its prices, products and part numbers are theirs.");
    d.field<&CustomerForm::addresses>("addresses").optional();
}

struct GroupForm {
    std::string code, name;
    std::optional<std::int64_t> members;
};
void describe(json::Struct<GroupForm>& d) {
    d.name("CustomerGroupForm");
    d.field<&GroupForm::code>("code", "Names the group in price lists, audiences and imports.").pattern("[a-z0-9_-]{1,40}");
    d.field<&GroupForm::name>("name").not_blank().max_length(120);
    d.field<&GroupForm::members>("members", "How many customers belong to it.");
}
struct MembersInput {
    std::vector<std::string> emails;
};
void describe(json::Struct<MembersInput>& d) {
    d.name("GroupMembersInput");
    d.field<&MembersInput::emails>("emails", "Addresses of customers' accounts.").min_length(1).max_length(500);
}

// The accounts with these addresses; says which addresses have none.
Result<std::vector<CustomerId>> accounts_of(customers::Customers& customers, db::Tx& tx, const std::vector<std::string>& emails) {
    std::vector<CustomerId> out;
    Error refused;
    refused.code = "http.invalid_fields";
    refused.message = "Some fields are not acceptable.";
    for (std::size_t i = 0; i < emails.size(); ++i) {
        if (const auto found = customers.find_by_email(tx, emails[i]))
            out.push_back(found->id);
        else
            refused.fields.push_back({"/input/emails/" + std::to_string(i), "unknown", "Nobody has an account with " + emails[i] + "."});
    }
    if (!refused.fields.empty()) return fail(std::move(refused));
    return out;
}

Action members_action(customers::Customers& customers, customers::Groups& groups, bool into) {
    Action out;
    out.name = into ? "add_members" : "remove_members";
    out.label = into ? "Add members" : "Remove members";
    out.input = &json::info_of<MembersInput>();
    out.run = [&customers, &groups, into](Write& write, const std::vector<std::string>& ids,
                                          const json::Value& input) -> Result<Action::Done> {
        const auto wanted = json::from_value<MembersInput>(input);
        if (!wanted) return fail(wanted.error());
        const auto accounts = accounts_of(customers, write.tx, wanted->emails);
        if (!accounts) return fail(accounts.error());
        Action::Done done;
        for (const auto& group : ids) {
            if (!groups.group_name(write.tx, group)) return nothing_here();
            done.changed += into ? groups.add_members(write.tx, group, *accounts) : groups.remove_members(write.tx, group, *accounts);
        }
        std::vector<std::string> who;
        for (const auto& account : *accounts) who.push_back(account.to_string());
        done.audited_as = "customers";
        done.audited = json::render(who);
        return done;
    };
    return out;
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
            .column(
                {"customer",
                 "Customer",
                 FieldType::reference,
                 {.sql = "t.customer_id",
                  .prefix = "cus",
                  .resource = "customers",
                  .names = "select nullif(trim(c.first_name || ' ' || c.last_name), '') from customers_api.admin_customer c where c.id = "
                           "t.customer_id"}})
            .filter({"state", "State", FilterType::select,
                     options({"pending_payment", "confirmed", "processing", "shipped", "delivered", "completed", "cancelled"})})
            .filter({"payment_state", "Payment", FilterType::select,
                     options({"pending", "authorized", "paid", "partially_refunded", "refunded", "failed", "awaiting_invoice"})})
            .filter({"placed_at", "Placed", FilterType::date})
            .filter({"total", "Total", FilterType::number})
            .filter({"customer", "Customer", FilterType::reference, {}, "t.customer_id", "cus", "customers"})
            .newest_by("-placed_at")
            // A number or its beginning is meant as one. Many orders have the same address: where more than a page begins with the words,
            // no other is looked for, because letters that most addresses share are slow to find in the middle.
            .found_first_by({"select x.id from orders.orders x where x.number ~>=~ upper({w}) and x.number ~<~ (upper({w}) || "
                             "chr(1114111)) limit 10001",
                             1})
            .found_first_by({"(select x.id from orders.orders x where x.number ~>=~ ('S-' || {w}) and x.number ~<~ ('S-' || {w} || "
                             "chr(1114111)) limit 10001) union all (select x.id from orders.orders x where x.email_folded ~>=~ lower({w}) "
                             "and x.email_folded ~<~ (lower({w}) || chr(1114111)) limit 10001)",
                             50})
            .search("t.id = any(array((select x.id from orders.orders x where x.number ilike {q} and {w} !~* '^s-' limit 10001) union "
                    "all (select x.id from orders.orders x where x.email_folded = any(array(select a.email_folded from orders.address a "
                    "where a.email_folded ilike {q} limit 2001)) limit 10001)))")
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
        out.company = row.get<std::optional<companies::CompanyId>>("company_id");
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
        .form_with_id<CustomerForm>(find_customer,
                                    [&customers = shop.customers, &groups = shop.groups](Write& write, std::string_view id,
                                                                                         const CustomerForm& after) -> Result<std::string> {
                                        for (std::size_t i = 0; i < after.groups.size(); ++i) {
                                            if (groups.group_name(write.tx, after.groups[i])) continue;
                                            if (auto made = groups.save_group(write.tx, after.groups[i], after.groups[i]); !made)
                                                return fail_field("/groups/" + std::to_string(i), "invalid_code",
                                                                  "Use a to z, 0 to 9, hyphens and underscores, at most 40.");
                                        }
                                        const auto customer = id_of<CustomerId>(id);
                                        customers.set_groups(write.tx, customer, after.groups);
                                        customers.set_company(write.tx, customer,
                                                              after.company ? std::optional(after.company->uuid()) : std::nullopt);
                                        return customer.to_string();
                                    })
        .without_create();
    for (const auto* field : {"email", "first_name", "last_name", "phone", "locale", "verified", "created_at", "addresses"})
        customers.look(field, {.read_only = true});
    registry.add(std::move(customers));

    registry.add(Resource("customer_groups", "Customer groups", "Sales")
                     .from("customers_api.admin_group")
                     .column({"code", "Code", FieldType::text, {.sortable = true, .sql = "t.id"}})
                     .column({"name", "Name", FieldType::text, {}})
                     .column({"members", "Members", FieldType::integer, {}})
                     .search("t.id ilike {q} or t.name ilike {q}")
                     .form<GroupForm>(
                         [](db::Session& session, std::string_view id) -> std::optional<GroupForm> {
                             const auto rows = session.query(sql::find_customer_group, id);
                             if (rows.empty()) return std::nullopt;
                             const auto row = rows.front();
                             return GroupForm{row.get<std::string>("id"), row.get<std::string>("name"), row.get<std::int64_t>("members")};
                         },
                         [&groups = shop.groups](Write& write, const std::optional<GroupForm>& before,
                                                 const GroupForm& after) -> Result<std::string> {
                             if (!before && groups.group_name(write.tx, after.code))
                                 return fail_field("/code", "taken", "Another group has this code.");
                             if (auto saved = groups.save_group(write.tx, after.code, after.name); !saved) return fail(saved.error());
                             return after.code;
                         })
                     .look("code", {.fixed = true})
                     .look("members", {.read_only = true})
                     .action(members_action(shop.customers, shop.groups, true))
                     .action(members_action(shop.customers, shop.groups, false)));
}

std::vector<std::string> searched_resources() { return {"orders", "customers", "products"}; }

std::vector<Figure> todays_figures() {
    constexpr auto kSold = "from orders.orders o where o.placed_at >= {day} and o.state not in ('pending_payment', 'cancelled')";
    // Euros first, and always; other currencies where there is something in them.
    const auto by_currency = [&](const std::string& amount) {
        return "select coalesce(sum(x.amount), 0)::bigint, x.currency from (select 'EUR' as currency, 0::bigint as amount union all select "
               "o.currency::text, (" +
               amount + ")::bigint " + kSold +
               ") as x group by x.currency having x.currency = 'EUR' or sum(x.amount) <> 0 order by "
               "x.currency <> 'EUR', x.currency";
    };
    constexpr auto kVouchers = "select sum(l.total) from orders.line l where l.order_id = o.id and l.tax_treatment = 'voucher'";
    return {
        {"orders_today", "Orders today", "orders.read", "orders", std::string("select count(*), null::text ") + kSold},
        // A gift card that is sold is owed, not earned: it is revenue when somebody pays with it.
        {"revenue_today", "Revenue today", "orders.read", "orders", by_currency(std::string("o.total - coalesce((") + kVouchers + "), 0)")},
        {"gift_cards_today", "Gift cards sold today", "orders.read", "orders", by_currency(std::string("(") + kVouchers + ")")},
        {"to_ship", "To ship", "orders.read", "orders?filter[state]=confirmed",
         "select count(*), null::text from (select 1 from orders.orders o where o.state = 'confirmed' limit 10000) as counted"},
        {"in_work", "In work", "orders.read", "orders?filter[state]=processing",
         "select count(*), null::text from (select 1 from orders.orders o where o.state = 'processing' limit 10000) as counted"},
        {"returns_requested", "Returns to decide", "orders.read", "returns",
         "select count(*), null::text from (select 1 from orders.return_request r where r.state = 'requested' limit 10000) as counted"},
        {"payments_open", "Payments to look at", "orders.read", "orders?filter[payment_state]=failed",
         "select count(*), null::text from (select 1 from orders.orders o where o.payment_state = 'failed' limit 10000) as counted"},
        {"cases_open", "Payments to reconcile", "orders.read", "payment-cases",
         "select count(*), null::text from (select 1 from payments.discrepancy d where d.resolved_at is null limit 10000) as counted"},
        {"reviews_pending", "Reviews to read", "reviews.read", "reviews?filter[state]=pending",
         "select count(*), null::text from (select 1 from catalog.review r where r.state = 'pending' limit 10000) as counted"},
        {"parcels_in_trouble", "Parcels in trouble", "orders.read", "orders?filter[state]=trouble",
         "select count(*), null::text from (select 1 from shipping.shipment s where s.state in ('exception', 'returned') and "
         "s.booked_in_at is null limit 10000) as counted"},
        {"failed_jobs", "Failed jobs", "jobs.read", "jobs",
         "select count(*), null::text from (select 1 from jobs.job j where j.state = 'dead' limit 10000) as counted"},
    };
}

}  // namespace stoa::backoffice
