#include <algorithm>

#include "codes.hpp"
#include "declarations/common.hpp"
#include "declarations/repricing.hpp"
#include "sql/forms.hpp"
#include "stoa/pricing/desk.hpp"
#include "stoa/promotions/desk.hpp"

namespace stoa::backoffice {
namespace {

using inventory::WarehouseId;
using pricing::PriceListId;
using promotions::Kind;
using promotions::PromotionId;
using StockId = Id<"stk">;
using TaxKind = pricing::Treatment;

struct PriceListForm {
    std::string code, name, currency;
    bool tax_included = true, export_net = false, enabled = true;
    std::int64_t priority = 0;
    std::optional<std::string> channel, customer_group;
    std::optional<companies::CompanyId> company;
    std::optional<Timestamp> valid_from, valid_until;
};
void describe(json::Struct<PriceListForm>& d) {
    d.name("PriceListForm");
    d.field<&PriceListForm::code>("code").pattern("[a-z0-9][a-z0-9_.-]{0,59}");
    d.field<&PriceListForm::name>("name").not_blank().max_length(120);
    d.field<&PriceListForm::currency>("currency").pattern("[A-Z]{3}");
    d.field<&PriceListForm::tax_included>("tax_included").optional();
    d.field<&PriceListForm::export_net>("export_net", "Exports: the shop country's VAT is taken out of a gross price.").optional();
    d.field<&PriceListForm::enabled>("enabled").optional();
    d.field<&PriceListForm::priority>("priority", "The higher wins.").optional();
    d.field<&PriceListForm::channel>("channel", "Empty: every channel.").max_length(40);
    d.field<&PriceListForm::customer_group>("customer_group", "Empty: everybody.").max_length(60);
    d.field<&PriceListForm::company>("company");
    d.field<&PriceListForm::valid_from>("valid_from");
    d.field<&PriceListForm::valid_until>("valid_until");
}

struct TierRow {
    std::int64_t min_quantity = 1;
    Money unit;
};
void describe(json::Struct<TierRow>& d) {
    d.name("PriceTierForm");
    d.field<&TierRow::min_quantity>("min_quantity", "From how many on.").min(1).max(1'000'000);
    d.field<&TierRow::unit>("unit", "Of one, in the currency of the list.");
}
struct PriceForm {
    PriceListId list;
    catalog::VariantId variant;
    std::optional<std::string> sku, product;
    std::vector<TierRow> tiers;
    std::optional<Timestamp> valid_from, valid_until;
};
void describe(json::Struct<PriceForm>& d) {
    d.name("PriceForm");
    d.field<&PriceForm::list>("list");
    d.field<&PriceForm::variant>("variant");
    d.field<&PriceForm::sku>("sku");
    d.field<&PriceForm::product>("product");
    d.field<&PriceForm::valid_from>("valid_from",
                                    "Empty: the price of every day. A scheduled one below it is a reduction; the higher price is shown "
                                    "crossed out if it was asked in the 30 days before.");
    d.field<&PriceForm::valid_until>("valid_until", "Of a scheduled price.");
    d.field<&PriceForm::tiers>("tiers", "The first is for one, the others for more.").min_length(1).max_length(50);
}
std::optional<PriceForm> find_price(db::Session& session, std::string_view id) {
    const auto rows = session.query(sql::find_price, id_of<pricing::PriceId>(id));
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    PriceForm out;
    out.list = row.get<PriceListId>("list_id");
    out.variant = row.get<catalog::VariantId>("variant_id");
    out.sku = row.get<std::optional<std::string>>("sku");
    out.product = row.get<std::optional<std::string>>("product");
    const auto currency = row.get<Currency>("currency");
    const auto quantities = row.get<std::vector<std::string>>("tier_quantities"),
               amounts = row.get<std::vector<std::string>>("tier_amounts");
    for (std::size_t i = 0; i < quantities.size(); ++i)
        out.tiers.push_back({db::parse_int(quantities[i]), Money(db::parse_int(amounts[i]), currency)});
    out.valid_from = row.get<std::optional<Timestamp>>("valid_from");
    out.valid_until = row.get<std::optional<Timestamp>>("valid_until");
    return out;
}
Result<std::string> save_price(pricing::PriceBook& prices, Write& write, const std::optional<PriceForm>& before, const PriceForm& after) {
    const auto lists = write.tx.query(sql::list_currency, after.list);
    if (lists.empty()) return fail_field("/list", "unknown", "There is no such price list.");
    if (!write.tx.query(sql::variant_exists, after.variant).front().get<bool>("found"))
        return fail_field("/variant", "unknown", "There is no such variant.");
    const auto currency = lists.front().get<Currency>("currency");
    pricing::PriceEntry entry;
    entry.variant = after.variant;
    entry.valid_from = after.valid_from;
    entry.valid_until = after.valid_until;
    if (after.valid_until && !after.valid_from) return fail_field("/valid_from", "required", "A price that ends has a beginning.");
    if (after.valid_until && *after.valid_until <= *after.valid_from)
        return fail_field("/valid_until", "window", "It ends before it begins.");
    for (std::size_t i = 0; i < after.tiers.size(); ++i) {
        const auto& tier = after.tiers[i];
        const auto at = "/tiers/" + std::to_string(i);
        if (tier.unit.currency() != currency)
            return fail_field(at + "/unit", "currency", "The list is in " + std::string(currency.code()) + ".");
        if (tier.unit.minor() < 0) return fail_field(at + "/unit", "negative", "A price is not below nothing.");
        if (i == 0 ? tier.min_quantity != 1 : tier.min_quantity <= after.tiers[i - 1].min_quantity)
            return fail_field(at + "/min_quantity", "order", "The first tier begins at 1, each other one above the one before.");
        entry.tiers.emplace_back(tier.min_quantity, tier.unit.minor());
    }
    const auto find = [&] { return write.tx.query(sql::price_of, after.list, after.variant, after.valid_from); };
    if (!before && !find().empty()) return fail_field("/variant", "taken", "The list has a price for this variant and this beginning.");
    prices.set_prices(write.tx, after.list, std::span(&entry, 1), write.now);
    return find().front().get<pricing::PriceId>("id").to_string();
}

struct TaxRateForm {
    std::string country, tax_class;
    std::string valid_from;  // a day
    std::int64_t basis_points = 0;
    TaxKind treatment = TaxKind::standard;
    std::optional<std::string> valid_until;  // a day
};
void describe(json::Struct<TaxRateForm>& d) {
    d.name("TaxRateForm");
    d.field<&TaxRateForm::country>("country").pattern("[A-Z]{2}");
    d.field<&TaxRateForm::tax_class>("tax_class").pattern("[a-z_]{1,40}");
    d.field<&TaxRateForm::valid_from>("valid_from", "A day, 2026-01-01.").pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    d.field<&TaxRateForm::basis_points>("basis_points", "1900 is 19 %.").min(0).max(10000);
    d.field<&TaxRateForm::treatment>("treatment");
    d.field<&TaxRateForm::valid_until>("valid_until",
                                       "The first day without it: goods of the class are taxed as standard from then on, unless another "
                                       "rate begins.")
        .pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}");
}

struct PromotionForm {
    std::string name;
    Texts labels;
    Kind kind = Kind::percent;
    bool automatic = false, enabled = true;
    std::int64_t lane = 0;
    std::optional<std::string> exclusive_group;
    std::optional<Timestamp> starts_at, ends_at;
    std::optional<std::int64_t> usage_limit, customer_limit;
    promotions::Rules rules;
    std::vector<std::string> codes;
    std::optional<std::int64_t> used;
    std::optional<bool> archived;
};
void describe(json::Struct<PromotionForm>& d) {
    d.name("PromotionForm");
    d.field<&PromotionForm::name>("name", "For staff.").not_blank().max_length(120);
    d.field<&PromotionForm::labels>("labels", "For shoppers.").optional();
    d.field<&PromotionForm::kind>("kind");
    d.field<&PromotionForm::automatic>("automatic", "Without a code.").optional();
    d.field<&PromotionForm::enabled>("enabled").optional();
    d.field<&PromotionForm::lane>("lane", "Lanes apply in ascending order, each to what the earlier left.").optional();
    d.field<&PromotionForm::exclusive_group>("exclusive_group", "Of one group only one promotion applies.").max_length(60);
    d.field<&PromotionForm::starts_at>("starts_at");
    d.field<&PromotionForm::ends_at>("ends_at");
    d.field<&PromotionForm::usage_limit>("usage_limit", "Over all buyers.").min(1);
    d.field<&PromotionForm::customer_limit>("customer_limit", "For one buyer.").min(1);
    d.field<&PromotionForm::rules>("rules");
    d.field<&PromotionForm::codes>("codes", "The first twenty. New ones are added; each is switched off among the promotion codes.")
        .optional()
        .max_length(100);
    d.field<&PromotionForm::used>("used");
    d.field<&PromotionForm::archived>("archived");
}
struct NewCodes {
    std::string prefix;
    std::int64_t count = 10;
    std::optional<std::int64_t> usage_limit;
};
void describe(json::Struct<NewCodes>& d) {
    d.name("NewPromotionCodes");
    d.field<&NewCodes::prefix>("prefix").pattern("[A-Z0-9]{1,20}");
    d.field<&NewCodes::count>("count").min(1).max(1000);
    d.field<&NewCodes::usage_limit>("usage_limit", "Of each code.").min(1);
}

std::optional<PromotionForm> find_promotion(db::Session& session, std::string_view id) {
    const auto rows = session.query(sql::find_promotion, id_of<PromotionId>(id));
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    PromotionForm out;
    out.name = row.get<std::string>("name");
    const auto labels = json::parse(row.get<std::string>("labels"));
    for (const auto& [locale, text] : labels->members()) out.labels[locale] = text.text();
    out.kind = *json::from_name<Kind>(row.get<std::string>("kind"));
    out.automatic = row.get<bool>("automatic");
    out.enabled = row.get<bool>("enabled");
    out.lane = row.get<std::int64_t>("lane");
    if (auto group = row.get<std::string>("exclusive_group"); !group.empty()) out.exclusive_group = std::move(group);
    out.starts_at = row.get<std::optional<Timestamp>>("starts_at");
    out.ends_at = row.get<std::optional<Timestamp>>("ends_at");
    out.usage_limit = row.get<std::optional<std::int64_t>>("usage_limit");
    out.customer_limit = row.get<std::optional<std::int64_t>>("customer_limit");
    auto rules = json::parse_as<promotions::Rules>(row.get<std::string>("rules"));
    if (!rules) throw std::runtime_error("backoffice: rules of a promotion are not readable: " + rules.error().message);
    out.rules = std::move(*rules);
    out.codes = row.get<std::vector<std::string>>("codes");
    out.used = row.get<std::int64_t>("used_count");
    out.archived = row.get<bool>("archived");
    return out;
}

enum class BackorderPolicy { deny, backorder };
json::EnumNames<BackorderPolicy> enum_names(BackorderPolicy) {
    static constexpr std::pair<BackorderPolicy, std::string_view> kNames[] = {{BackorderPolicy::deny, "deny"},
                                                                              {BackorderPolicy::backorder, "backorder"}};
    return kNames;
}

struct CodeForm {
    PromotionId promotion;
    std::string code;
    bool enabled = true;
    std::optional<Timestamp> expires_at;
    std::optional<std::int64_t> usage_limit, used;
};
void describe(json::Struct<CodeForm>& d) {
    d.name("PromotionCodeForm");
    d.field<&CodeForm::promotion>("promotion");
    d.field<&CodeForm::code>("code");
    d.field<&CodeForm::enabled>("enabled");
    d.field<&CodeForm::expires_at>("expires_at");
    d.field<&CodeForm::usage_limit>("usage_limit");
    d.field<&CodeForm::used>("used");
}
std::optional<CodeForm> find_code(db::Session& session, std::string_view id) {
    const auto rows = session.query(sql::find_promotion_code, id_of<promotions::CodeId>(id));
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    return CodeForm{row.get<PromotionId>("promotion_id"),
                    row.get<std::string>("code"),
                    row.get<bool>("enabled"),
                    row.get<std::optional<Timestamp>>("expires_at"),
                    row.get<std::optional<std::int64_t>>("usage_limit"),
                    row.get<std::int64_t>("used_count")};
}
Resource promotion_codes() {
    const auto save = [](Write& write, std::string_view id, const CodeForm& after) -> Result<std::string> {
        if (!promotions::set_code(write.tx, id_of<promotions::CodeId>(id), after.enabled, after.expires_at)) return nothing_here();
        return std::string(id);
    };
    const auto turn = [](std::string name, std::string label, bool enabled) {
        return each(std::move(name), std::move(label), [enabled](Write& write, const std::string& id, const json::Value&) -> Result<void> {
            const auto code = find_code(write.tx, id);
            if (!code || !promotions::set_code(write.tx, id_of<promotions::CodeId>(id), enabled, code->expires_at)) return nothing_here();
            return {};
        });
    };
    auto off = turn("switch_off", "Switch off", false);
    off.danger = true;
    off.confirm = "Nobody can use these codes any more; what was sold with them stays.";
    return std::move(Resource("promotion_codes", "Promotion codes", "Prices")
                         .from("promotions_api.admin_code", "code")
                         .column({"code", "Code", FieldType::text, {}})
                         .column({"promotion",
                                  "Promotion",
                                  FieldType::reference,
                                  {.sql = "t.promotion_id", .prefix = "promo", .resource = "promotions", .names = "t.promotion"}})
                         .column({"enabled", "Enabled", FieldType::boolean, {}})
                         .column({"used_count", "Used", FieldType::integer, {}})
                         .column({"usage_limit", "Limit", FieldType::integer, {}})
                         .column({"expires_at", "Until", FieldType::datetime, {}})
                         .filter({"promotion", "Promotion", FilterType::reference, {}, "t.promotion_id", "promo", "promotions"})
                         .filter({"enabled", "Enabled", FilterType::boolean})
                         .search("t.code ilike {q}")
                         .form_with_id<CodeForm>(find_code, save)
                         .look("promotion", {.resource = "promotions", .read_only = true})
                         .look("code", {.read_only = true})
                         .look("usage_limit", {.read_only = true})
                         .look("used", {.read_only = true})
                         .without_create()
                         .action(std::move(off))
                         .action(turn("switch_on", "Switch on", true)));
}

struct StockForm {
    std::int64_t on_hand = 0;
    std::optional<BackorderPolicy> backorder_policy;
    std::optional<std::int64_t> backorder_limit;
    std::optional<Date> expected_on;
    std::optional<std::string> sku, product, warehouse;
    std::optional<std::int64_t> held, allocated, available, owed;
};
void describe(json::Struct<StockForm>& d) {
    d.name("StockForm");
    d.field<&StockForm::sku>("sku");
    d.field<&StockForm::product>("product");
    d.field<&StockForm::warehouse>("warehouse");
    d.field<&StockForm::on_hand>("on_hand", "As counted.").min(0).max(1'000'000'000);
    d.field<&StockForm::backorder_policy>(
        "backorder_policy", "What happens when nothing is left: deny, or backorder: it is sold before it is there. Absent: as it was.");
    d.field<&StockForm::backorder_limit>("backorder_limit", "How many may be owed to buyers. Empty: any number.").min(0).max(100'000'000);
    d.field<&StockForm::expected_on>("expected_on", "When more are expected. Empty: nobody knows yet.");
    d.field<&StockForm::held>("held", "Promised to checkouts.");
    d.field<&StockForm::allocated>("allocated", "Promised to orders.");
    d.field<&StockForm::available>("available");
    d.field<&StockForm::owed>("owed", "Promised to buyers before it is there.");
}
struct StockChange {
    std::int64_t by = 0;
    std::string reason;
};
void describe(json::Struct<StockChange>& d) {
    d.name("StockChange");
    d.field<&StockChange::by>("by", "5, or -5.").min(-1'000'000).max(1'000'000);
    d.field<&StockChange::reason>("reason", "received, return, damaged, ...").not_blank().max_length(60);
}

struct StockRow {
    StockForm form;
    catalog::VariantId variant;
    WarehouseId warehouse;
};
std::optional<StockRow> load_stock(db::Session& session, std::string_view id) {
    const auto rows = session.query(sql::find_stock, id_of<StockId>(id));
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    StockRow out;
    out.variant = row.get<catalog::VariantId>("variant_id");
    out.warehouse = row.get<WarehouseId>("warehouse_id");
    out.form.sku = row.get<std::string>("sku");
    out.form.product = row.get<std::optional<std::string>>("product");
    out.form.warehouse = row.get<std::string>("warehouse");
    out.form.on_hand = row.get<std::int64_t>("on_hand");
    out.form.held = row.get<std::int64_t>("held");
    out.form.allocated = row.get<std::int64_t>("allocated");
    out.form.available = row.get<std::int64_t>("available");
    out.form.backorder_policy = json::from_name<BackorderPolicy>(row.get<std::string_view>("backorder_policy"));
    out.form.backorder_limit = row.get<std::optional<std::int64_t>>("backorder_limit");
    out.form.expected_on = row.get<std::optional<Date>>("expected_on");
    out.form.owed = row.get<std::int64_t>("owed") + row.get<std::int64_t>("pledged");
    return out;
}

Failure closed_warehouse() { return fail_field("/on_hand", "closed_warehouse", "This warehouse is closed."); }

// The terms first: what is counted then serves those who wait.
Result<void> set_backorders(inventory::Inventory& inventory, db::Tx& tx, const StockRow& row, const StockForm& after) {
    if (!after.backorder_policy) return {};
    const inventory::BackorderTerms terms{*after.backorder_policy == BackorderPolicy::backorder, after.backorder_limit, after.expected_on};
    const inventory::BackorderTerms before{row.form.backorder_policy == BackorderPolicy::backorder, row.form.backorder_limit,
                                           row.form.expected_on};
    if (terms == before) return {};
    switch (inventory.set_backorders(tx, row.warehouse, row.variant, terms)) {
        case inventory::TermsSet::below_owed:
            return fail_field("/backorder_limit", "below_owed", "More than that are owed to buyers already.");
        case inventory::TermsSet::no_row:
            return closed_warehouse();
        case inventory::TermsSet::done:
            break;
    }
    return {};
}

Failure below_promised() { return fail_field("/on_hand", "below_promised", "Less than is promised to buyers."); }

}  // namespace

void declare_selling(Registry& registry, Declared shop) {
    registry.add(Resource("price_lists", "Price lists", "Prices")
                     .from("pricing_api.admin_price_list", "pls")
                     .column({"code", "Code", FieldType::text, {.sortable = true}})
                     .column({"name", "Name", FieldType::text, {}})
                     .column({"currency", "Currency", FieldType::text, {}})
                     .column({"tax_included", "With tax", FieldType::boolean, {}})
                     .column({"priority", "Priority", FieldType::integer, {}})
                     .column({"enabled", "Enabled", FieldType::boolean, {}})
                     .filter({"currency", "Currency", FilterType::select})
                     .filter({"enabled", "Enabled", FilterType::boolean})
                     .search("t.code ilike {q} or t.name ilike {q}")
                     .form<PriceListForm>(
                         [](db::Session& session, std::string_view id) -> std::optional<PriceListForm> {
                             const auto rows = session.query(sql::find_price_list, id_of<PriceListId>(id));
                             if (rows.empty()) return std::nullopt;
                             const auto row = rows.front();
                             PriceListForm out;
                             out.code = row.get<std::string>("code");
                             out.name = row.get<std::string>("name");
                             out.currency = row.get<std::string>("currency");
                             out.tax_included = row.get<bool>("tax_included");
                             out.export_net = row.get<bool>("export_net");
                             out.enabled = row.get<bool>("enabled");
                             out.priority = row.get<std::int64_t>("priority");
                             out.channel = row.get<std::optional<std::string>>("channel");
                             out.customer_group = row.get<std::optional<std::string>>("customer_group");
                             out.company = row.get<std::optional<companies::CompanyId>>("company_id");
                             out.valid_from = row.get<std::optional<Timestamp>>("valid_from");
                             out.valid_until = row.get<std::optional<Timestamp>>("valid_until");
                             return out;
                         },
                         [&prices = shop.prices](Write& write, const std::optional<PriceListForm>& before,
                                                 const PriceListForm& after) -> Result<std::string> {
                             if (!before && prices.find_list(write.tx, after.code))
                                 return fail_field("/code", "taken", "Another list has this code.");
                             const auto currency = Currency::parse(after.currency);
                             if (!currency) return fail_field("/currency", "unknown_currency", "This currency is not known.");
                             if (after.valid_from && after.valid_until && *after.valid_from >= *after.valid_until)
                                 return fail_field("/valid_until", "window", "It ends before it begins.");
                             pricing::PriceListSpec spec;
                             spec.code = after.code;
                             spec.name = after.name;
                             spec.currency = *currency;
                             spec.tax_included = after.tax_included;
                             spec.export_net = after.export_net;
                             spec.enabled = after.enabled;
                             spec.priority = after.priority;
                             spec.channel = after.channel;
                             spec.customer_group = after.customer_group;
                             spec.company = after.company;
                             spec.valid_from = after.valid_from;
                             spec.valid_until = after.valid_until;
                             return prices.save_list(write.tx, spec, write.now).to_string();
                         })
                     .look("code", {.fixed = true})
                     .look("currency", {.fixed = true}));

    auto withdraw = each("withdraw", "Withdraw", [](Write& write, const std::string& id, const json::Value&) -> Result<void> {
        if (!pricing::remove_price(write.tx, id_of<pricing::PriceId>(id), write.now)) return nothing_here();
        return {};
    });
    withdraw.danger = true;
    withdraw.confirm = "These prices end now. Goods that have no other price are not sold any more.";
    registry.add(
        Resource("prices", "Prices", "Prices")
            .from("pricing_api.admin_price", "prc")
            .column({"sku", "SKU", FieldType::text, {.sql = "(select v.sku from catalog_api.admin_variant v where v.id = t.variant_id)"}})
            .column({"product",
                     "Product",
                     FieldType::text,
                     {.sql = "(select v.product_name from catalog_api.admin_variant v where v.id = t.variant_id)"}})
            .column({"list_name",
                     "Price list",
                     FieldType::text,
                     {.sql = "(select l.name from pricing_api.admin_price_list l where l.id = t.list_id)"}})
            .column({"amount", "Price", FieldType::money, {.currency = "t.currency"}})
            .column({"tiers", "Tiers", FieldType::integer, {}})
            .column({"valid_from", "From", FieldType::datetime, {}})
            .column({"valid_until", "Until", FieldType::datetime, {}})
            .filter({"list", "Price list", FilterType::reference, {}, "t.list_id", "pls", "price_lists"})
            .filter({"variant", "Variant", FilterType::reference, {}, "t.variant_id", "var", "variants"})
            .search("t.variant_id = any(array(select x.id from catalog.variant x where x.sku ilike {q} limit 10001))")
            .form<PriceForm>(find_price,
                             [&prices = shop.prices](Write& write, const std::optional<PriceForm>& before, const PriceForm& after) {
                                 return save_price(prices, write, before, after);
                             })
            .look("list", {.label = "Price list", .resource = "price_lists", .fixed = true})
            .look("sku", {.label = "SKU", .read_only = true})
            .look("product", {.read_only = true})
            .look("variant", {.resource = "variants", .fixed = true})
            .look("valid_from", {.fixed = true})
            .removed_by([](Write& write, std::string_view id) -> Result<void> {
                if (!pricing::remove_price(write.tx, id_of<pricing::PriceId>(id), write.now)) return nothing_here();
                return {};
            })
            .action(reprice_rows(shop.prices))
            .action(std::move(withdraw)));

    const auto find_rate = [](db::Session& session, std::string_view id) -> std::optional<TaxRateForm> {
        const auto rows = session.query(sql::find_tax_rate, id);
        if (rows.empty()) return std::nullopt;
        const auto row = rows.front();
        const auto until = row.get<std::optional<Date>>("valid_until");
        return TaxRateForm{row.get<std::string>("country"),
                           row.get<std::string>("tax_class"),
                           to_iso_date(row.get<Date>("valid_from")),
                           row.get<std::int64_t>("basis_points"),
                           *json::from_name<TaxKind>(row.get<std::string>("treatment")),
                           until ? std::optional(to_iso_date(*until)) : std::nullopt};
    };
    registry.add(
        Resource("tax_rates", "Tax rates", "Prices")
            .from("pricing_api.admin_tax_rate")
            .column({"country", "Country", FieldType::text, {}})
            .column({"tax_class", "Class", FieldType::text, {}})
            .column({"valid_from", "From", FieldType::date, {}})
            .column({"basis_points", "Basis points", FieldType::integer, {}})
            .column({"treatment", "Treatment", FieldType::text, {}})
            .column({"valid_until", "Until", FieldType::date, {}})
            .filter({"country", "Country", FilterType::select})
            .filter({"tax_class", "Class", FilterType::select})
            .form<TaxRateForm>(find_rate,
                               [&tax = shop.tax, find_rate](Write& write, const std::optional<TaxRateForm>& before,
                                                            const TaxRateForm& after) -> Result<std::string> {
                                   const auto id = after.country + ":" + after.tax_class + ":" + after.valid_from;
                                   if (!before && find_rate(write.tx, id))
                                       return fail_field("/valid_from", "taken", "There is a rate from this day on.");
                                   const auto day = parse_iso_date(after.valid_from);
                                   if (!day) return fail_field("/valid_from", "invalid", "This is no day.");
                                   if (after.treatment == TaxKind::reverse_charge || after.treatment == TaxKind::export_ ||
                                       after.treatment == TaxKind::voucher)
                                       return fail_field("/treatment", "not_one_of", "This follows from the buyer and is no rate.");
                                   std::optional<Date> until;
                                   if (after.valid_until) {
                                       until = parse_iso_date(*after.valid_until);
                                       if (!until) return fail_field("/valid_until", "invalid", "This is no day.");
                                       if (*until <= *day) return fail_field("/valid_until", "window", "It ends before it begins.");
                                       if (after.tax_class == "standard")
                                           return fail_field("/valid_until", "standard",
                                                             "The standard rate does not end: make the one that follows it.");
                                   }
                                   tax.set_rate(write.tx, {after.country, after.tax_class, *day, after.basis_points, after.treatment});
                                   pricing::end_rate(write.tx, tax, after.country, after.tax_class, *day, until);
                                   return id;
                               })
            .removed_by([&tax = shop.tax, find_rate](Write& write, std::string_view id) -> Result<void> {
                const auto rate = find_rate(write.tx, id);
                const auto day = rate ? parse_iso_date(rate->valid_from) : std::nullopt;
                if (!day) return nothing_here();
                if (!pricing::remove_rate(write.tx, tax, rate->country, rate->tax_class, *day, date_of(write.now)))
                    return fail(ErrorKind::conflict, std::string(codes::kRowInUse),
                                "Goods have been sold by this rate: it stays. Give it an end, or make the one that follows it.");
                return {};
            })
            .look("country", {.fixed = true})
            .look("tax_class", {.fixed = true})
            .look("valid_from", {.type = FieldType::date, .fixed = true})
            .look("valid_until", {.type = FieldType::date}));

    Action more_codes;
    more_codes.name = "generate_codes";
    more_codes.label = "Make codes";
    more_codes.input = &json::info_of<NewCodes>();
    more_codes.run = [&promotions = shop.promotions](Write& write, const std::vector<std::string>& ids,
                                                     const json::Value& input) -> Result<Action::Done> {
        const auto wanted = json::from_value<NewCodes>(input);
        if (!wanted) return fail(wanted.error());
        Action::Done done;
        for (const auto& id : ids) {
            const auto codes = promotions.generate_codes(write.tx, id_of<PromotionId>(id), wanted->prefix, static_cast<int>(wanted->count),
                                                         wanted->usage_limit);
            for (const auto& code : codes) done.message += (done.message.empty() ? "" : " ") + code;
            ++done.changed;
        }
        return done;
    };
    auto end = each("end", "End", [](Write& write, const std::string& id, const json::Value&) -> Result<void> {
        (void)promotions::end_promotion(write.tx, id_of<PromotionId>(id), write.now);
        return {};
    });
    end.danger = true;
    end.confirm = "These promotions apply no more from now on, also in carts that are open.";
    const auto shelve = [](std::string name, std::string label, promotions::Shelf shelf) {
        auto action =
            each(std::move(name), std::move(label), [shelf](Write& write, const std::string& id, const json::Value&) -> Result<void> {
                promotions::shelve(write.tx, id_of<PromotionId>(id), shelf, write.now);
                return {};
            });
        action.danger = shelf == promotions::Shelf::archived;
        if (action.danger) action.confirm = "Archived promotions are switched off; what was sold by them stays.";
        return action;
    };
    registry.add(Resource("promotions", "Promotions", "Prices")
                     .from("promotions_api.admin_promotion", "promo")
                     .column({"name", "Name", FieldType::text, {.sortable = true}})
                     .column({"kind", "Kind", FieldType::text, {}})
                     .column({"state",
                              "State",
                              FieldType::select,
                              {.sql = "case when t.archived then 'archived' when not t.enabled then 'off' when t.starts_at > now() then "
                                      "'scheduled' when t.ends_at <= now() "
                                      "then 'ended' else 'active' end"}})
                     .column({"automatic", "Automatic", FieldType::boolean, {}})
                     .column({"codes", "Codes", FieldType::list, {}})
                     .column({"used_count", "Used", FieldType::integer, {}})
                     .column({"starts_at", "From", FieldType::datetime, {}})
                     .column({"ends_at", "Until", FieldType::datetime, {}})
                     .filter({"enabled", "Enabled", FilterType::boolean})
                     .filter({"automatic", "Automatic", FilterType::boolean})
                     .filter({"archived", "Archived", FilterType::boolean})
                     .filter({"kind", "Kind", FilterType::select,
                              options({"percent", "fixed_amount", "free_shipping", "buy_x_get_y", "cheapest_free", "tiered_spend"})})
                     .search("t.name ilike {q} or t.id in (select c.promotion_id from promotions.code c where c.code ilike {q})")
                     .form<PromotionForm>(find_promotion,
                                          [&promotions = shop.promotions](Write& write, const std::optional<PromotionForm>& before,
                                                                          const PromotionForm& after) -> Result<std::string> {
                                              if (!before) {
                                                  const auto rows = write.tx.query(sql::promotion_by_name, after.name);
                                                  if (!rows.empty())
                                                      return fail_field("/name", "taken", "Another promotion has this name.");
                                              }
                                              if (after.starts_at && after.ends_at && *after.starts_at >= *after.ends_at)
                                                  return fail_field("/ends_at", "window", "It ends before it begins.");
                                              if (after.enabled && after.archived.value_or(false))
                                                  return fail_field("/enabled", "archived", "It is archived: take it out again first.");
                                              promotions::Promotion promotion;
                                              promotion.name = after.name;
                                              promotion.labels = after.labels;
                                              promotion.kind = after.kind;
                                              promotion.automatic = after.automatic;
                                              promotion.enabled = after.enabled;
                                              promotion.lane = after.lane;
                                              promotion.exclusive_group = after.exclusive_group.value_or("");
                                              promotion.starts_at = after.starts_at;
                                              promotion.ends_at = after.ends_at;
                                              promotion.usage_limit = after.usage_limit;
                                              promotion.customer_limit = after.customer_limit;
                                              promotion.rules = after.rules;
                                              const auto id = promotions.save(write.tx, promotion);
                                              for (const auto& code : after.codes) {
                                                  if (before && std::ranges::find(before->codes, code) != before->codes.end()) continue;
                                                  if (auto added = promotions.add_code(write.tx, id, code); !added)
                                                      return fail(added.error());
                                              }
                                              return id.to_string();
                                          })
                     .look("name", {.fixed = true})
                     .look("used", {.read_only = true})
                     .look("archived", {.read_only = true})
                     .key("name",
                          [](db::Session& session, std::string_view value) -> std::optional<std::string> {
                              const auto rows = session.query(sql::promotion_by_name, value);
                              return rows.empty() ? std::nullopt : std::optional(rows.front().get<PromotionId>("id").to_string());
                          })
                     .action(std::move(more_codes))
                     .action(std::move(end))
                     .action(shelve("archive", "Archive", promotions::Shelf::archived))
                     .action(shelve("unarchive", "Take out of the archive", promotions::Shelf::shown)));
    registry.add(promotion_codes());

    Action adjust;
    adjust.name = "adjust";
    adjust.label = "Change by";
    adjust.input = &json::info_of<StockChange>();
    adjust.run = [&inventory = shop.inventory](Write& write, const std::vector<std::string>& ids,
                                               const json::Value& input) -> Result<Action::Done> {
        const auto change = json::from_value<StockChange>(input);
        if (!change) return fail(change.error());
        Action::Done done;
        for (const auto& id : ids) {
            const auto row = load_stock(write.tx, id);
            if (!row) return nothing_here();
            if (row->form.available.value_or(0) + change->by < 0) return below_promised();
            if (!inventory.adjust_in(write.tx, row->warehouse, row->variant, change->by, change->reason)) return closed_warehouse();
            ++done.changed;
        }
        return done;
    };
    registry.add(
        Resource("stock", "Stock", "Stock")
            .from("inventory_api.admin_stock", "stk")
            .column({"sku", "SKU", FieldType::text, {}})
            .column({"product",
                     "Product",
                     FieldType::text,
                     {.sql = "(select v.product_name from catalog_api.admin_variant v where v.id = t.variant_id)"}})
            .column({"warehouse",
                     "Warehouse",
                     FieldType::text,
                     {.sql = "(select w.name from inventory_api.admin_warehouse w where w.id = t.warehouse_id)"}})
            .column({"on_hand", "On hand", FieldType::integer, {}})
            .column({"held", "Held", FieldType::integer, {}})
            .column({"allocated", "Allocated", FieldType::integer, {}})
            .column({"available", "Available", FieldType::integer, {}})
            .column({"backorder_policy", "When none is left", FieldType::text, {}})
            .column({"backorder_limit", "May be owed", FieldType::integer, {}})
            .column({"owed", "Owed", FieldType::integer, {.sql = "t.owed + t.pledged"}})
            .column({"expected_on", "Expected", FieldType::date, {}})
            .filter({"warehouse", "Warehouse", FilterType::reference, {}, "t.warehouse_id", "whs", "warehouses"})
            .filter({"variant", "Variant", FilterType::reference, {}, "t.variant_id", "var", "variants"})
            .filter({"available", "Available", FilterType::number})
            .filter({"backorder_policy", "When none is left", FilterType::select, {{"deny", "Sold out"}, {"backorder", "Backorder"}}})
            .filter({"owed", "Owed", FilterType::number})
            .search("t.variant_id in (select v.id from catalog.variant v where v.sku ilike {q})")
            .form_with_id<StockForm>(
                [](db::Session& session, std::string_view id) -> std::optional<StockForm> {
                    auto row = load_stock(session, id);
                    if (!row) return std::nullopt;
                    return std::move(row->form);
                },
                [&inventory = shop.inventory](Write& write, std::string_view id, const StockForm& after) -> Result<std::string> {
                    const auto row = load_stock(write.tx, id);
                    if (!row) return nothing_here();
                    if (auto set = set_backorders(inventory, write.tx, *row, after); !set) return std::unexpected(set.error());
                    if (after.on_hand < row->form.held.value_or(0) + row->form.allocated.value_or(0)) return below_promised();
                    if (!inventory.set_on_hand_in(write.tx, row->warehouse, row->variant, after.on_hand, "count"))
                        return closed_warehouse();
                    return std::string(id);
                })
            .locked_by([&inventory = shop.inventory](Write& write, std::string_view id) {
                // A shipment may hold the row; what it takes is seen before somebody's count is compared. A change by nothing
                // locks as a change does.
                if (const auto row = load_stock(write.tx, id))
                    (void)inventory.adjust_in(write.tx, row->warehouse, row->variant, 0, "count");
            })
            .look("sku", {.label = "SKU", .read_only = true})
            .look("product", {.read_only = true})
            .look("warehouse", {.read_only = true})
            .look("held", {.read_only = true})
            .look("allocated", {.read_only = true})
            .look("available", {.read_only = true})
            .look("owed", {.read_only = true})
            .look("backorder_policy", {.label = "When none is left"})
            .look("backorder_limit", {.label = "May be owed"})
            .look("expected_on", {.label = "Expected on", .type = FieldType::date})
            .without_create()
            .action(std::move(adjust)));
}

}  // namespace stoa::backoffice
