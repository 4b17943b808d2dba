#include <algorithm>

#include "declarations/common.hpp"
#include "declarations/repricing.hpp"
#include "sql/forms.hpp"
#include "stoa/shipping/rate_book.hpp"

namespace stoa::backoffice {
namespace {

using catalog::AttributeKind;
using catalog::CategoryId;
using catalog::CollectionId;
using catalog::ProductId;
using catalog::ProductStatus;
using catalog::ReviewId;
using catalog::ReviewState;
using companies::CompanyId;

}  // namespace
}  // namespace stoa::backoffice

namespace stoa::catalog {
// As the forms write them.
static json::EnumNames<ProductStatus> enum_names(ProductStatus) {
    static constexpr std::pair<ProductStatus, std::string_view> kNames[] = {
        {ProductStatus::draft, "draft"}, {ProductStatus::active, "active"}, {ProductStatus::archived, "archived"}};
    return kNames;
}
static json::EnumNames<AttributeKind> enum_names(AttributeKind) {
    static constexpr std::pair<AttributeKind, std::string_view> kNames[] = {
        {AttributeKind::choice, "choice"}, {AttributeKind::number, "number"}, {AttributeKind::text, "text"}, {AttributeKind::flag, "flag"}};
    return kNames;
}
}  // namespace stoa::catalog

namespace stoa::backoffice {
namespace {

struct VariantRow {
    std::string sku;
    std::optional<std::string> barcode;
    std::map<std::string, std::string> options;
    std::int64_t weight_grams = 0, length_mm = 0, width_mm = 0, height_mm = 0;
    bool active = true;
    std::optional<catalog::VariantId> id;
    std::optional<catalog::AssetId> image;
    std::optional<Timestamp> published_from, published_until;
};
void describe(json::Struct<VariantRow>& d) {
    d.name("VariantForm");
    d.field<&VariantRow::sku>("sku").not_blank().max_length(64);
    d.field<&VariantRow::barcode>("barcode").max_length(64);
    d.field<&VariantRow::options>("options", "Value by option, such as {\"colour\": \"oak\"}.").optional();
    d.field<&VariantRow::weight_grams>("weight_grams").optional().min(0);
    d.field<&VariantRow::length_mm>("length_mm").optional().min(0);
    d.field<&VariantRow::width_mm>("width_mm").optional().min(0);
    d.field<&VariantRow::height_mm>("height_mm").optional().min(0);
    d.field<&VariantRow::active>("active").optional();
    d.field<&VariantRow::id>("id", "Made by itself.");
    d.field<&VariantRow::image>("image");
    d.field<&VariantRow::published_from>("published_from");
    d.field<&VariantRow::published_until>("published_until");
}
// What the list shows of one, on a page: its product's form changes it.
struct VariantPage {
    std::string sku;
    std::optional<std::string> barcode;
    ProductId product;
    std::int64_t weight_grams = 0;
    bool active = true;
    std::optional<std::string> hs_code, origin_country;
};
void describe(json::Struct<VariantPage>& d) {
    d.name("VariantPage");
    d.field<&VariantPage::sku>("sku");
    d.field<&VariantPage::product>("product");
    d.field<&VariantPage::barcode>("barcode");
    d.field<&VariantPage::weight_grams>("weight_grams");
    d.field<&VariantPage::active>("active");
    d.field<&VariantPage::hs_code>("hs_code", "Tariff number, for parcels that leave the customs union.").pattern("([0-9]{6,12})?");
    d.field<&VariantPage::origin_country>("origin_country", "Where the goods were made, two letters.").pattern("([A-Z]{2})?");
}
Result<std::string> save_customs(Write& write, std::string_view id, const VariantPage& after) {
    const auto given = [](const std::optional<std::string>& text) { return text && !text->empty(); };
    if (given(after.hs_code) != given(after.origin_country))
        return fail_field(given(after.hs_code) ? "/origin_country" : "/hs_code", "required",
                          "Customs want to know both, or neither is given.");
    std::optional<shipping::CustomsFacts> facts;
    if (given(after.hs_code)) facts = shipping::CustomsFacts{*after.hs_code, *after.origin_country};
    shipping::set_customs(write.tx, id_of<catalog::VariantId>(id).uuid(), facts, write.now);
    return std::string(id);
}
struct SettingRow {
    std::string attribute;
    std::vector<std::string> values;
    std::optional<std::int64_t> number_milli;
    Texts text;
    std::optional<bool> flag;
};
void describe(json::Struct<SettingRow>& d) {
    d.name("AttributeSettingForm");
    d.field<&SettingRow::attribute>("attribute", "Its code.").not_blank().max_length(40);
    d.field<&SettingRow::values>("values", "Of a choice.").optional();
    d.field<&SettingRow::number_milli>("number_milli", "Of a number, in thousandths of its unit.");
    d.field<&SettingRow::text>("text", "Of a text.").optional();
    d.field<&SettingRow::flag>("flag", "Of yes or no.");
}
struct PictureForm {
    std::string name, src;
    int width = 0, height = 0, focal_x = 500, focal_y = 500;
    Texts alt;
};
void describe(json::Struct<PictureForm>& d) {
    d.name("PictureForm");
    d.field<&PictureForm::name>("name").optional();
    d.field<&PictureForm::src>("src").optional();
    d.field<&PictureForm::width>("width").optional();
    d.field<&PictureForm::height>("height").optional();
    d.field<&PictureForm::alt>("alt", "What it shows, for those who do not see it.").optional();
    d.field<&PictureForm::focal_x>("focal_x", "What stays in sight when it is cut: from the left, in thousandths.")
        .optional()
        .min(0)
        .max(1000);
    d.field<&PictureForm::focal_y>("focal_y", "From the top, in thousandths.").optional().min(0).max(1000);
}
std::optional<catalog::Asset> load_asset(db::Session& session, std::string_view id) {
    const auto rows = session.query(sql::find_asset, id_of<catalog::AssetId>(id));
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    catalog::Asset out;
    out.id = id_of<catalog::AssetId>(id);
    out.sha256 = row.get<std::string>("sha256");
    out.name = row.get<std::string>("name");
    out.content_type = row.get<std::string>("content_type");
    out.width = row.get<int>("width");
    out.height = row.get<int>("height");
    out.focal_x = row.get<int>("focal_x");
    out.focal_y = row.get<int>("focal_y");
    out.background = row.get<std::string>("background");
    out.placeholder = row.get<std::string>("placeholder");
    const auto alt = json::parse(row.get<std::string>("alt"));
    for (const auto& [locale, text] : alt->members()) out.alt[locale] = text.text();
    return out;
}
struct TypeForm {
    std::string code;
    Texts names;
    std::vector<std::string> attributes;
};
void describe(json::Struct<TypeForm>& d) {
    d.name("ProductTypeForm");
    d.field<&TypeForm::code>("code", "Stable, not shown.").pattern("[a-z][a-z0-9_]{0,39}");
    d.field<&TypeForm::names>("names");
    d.field<&TypeForm::attributes>("attributes", "What its products tell, in this order.").optional().max_length(200);
}
struct MediaRow {
    catalog::AssetId asset;
    std::map<std::string, std::string> options;
};
void describe(json::Struct<MediaRow>& d) {
    d.name("ProductMediaForm");
    d.field<&MediaRow::asset>("asset");
    d.field<&MediaRow::options>("options", "Option values this picture shows.").optional();
}
// Who may see a product: nobody named means everybody.
struct AudienceRows {
    std::vector<std::string> groups;
    std::vector<CompanyId> companies;
};
void describe(json::Struct<AudienceRows>& d) {
    d.name("AudienceInput");
    d.field<&AudienceRows::groups>("groups", "Codes of customer groups.").optional().max_length(200);
    d.field<&AudienceRows::companies>("companies", "Ids of companies.").optional().max_length(1000);
}
catalog::Audience audience_of(const std::vector<std::string>& groups, const std::vector<CompanyId>& companies) {
    catalog::Audience out;
    out.groups = groups;
    for (const auto& company : companies) out.companies.push_back(company.uuid());
    std::ranges::sort(out.groups);
    std::ranges::sort(out.companies);
    out.groups.erase(std::ranges::unique(out.groups).begin(), out.groups.end());
    out.companies.erase(std::ranges::unique(out.companies).begin(), out.companies.end());
    return out;
}
// A group that nobody made would hide the product from everybody, by a slip of the pen.
Result<void> known_groups(customers::Groups& groups, db::Session& session, const catalog::Audience& audience, const std::string& pointer) {
    for (std::size_t i = 0; i < audience.groups.size(); ++i) {
        if (!groups.group_name(session, audience.groups[i]))
            return fail_field(pointer, "unknown", "There is no group '" + audience.groups[i] + "'.");
    }
    return {};
}

struct PartNumberForm {
    std::string number, sku;
    std::optional<std::string> customer_group;
    std::optional<CompanyId> company;
};
void describe(json::Struct<PartNumberForm>& d) {
    d.name("PartNumberForm");
    d.field<&PartNumberForm::number>("number", "As its owner writes it; case, spaces and signs make no difference.")
        .not_blank()
        .max_length(64);
    d.field<&PartNumberForm::sku>("sku", "Of the variant that it names.").not_blank().max_length(64);
    d.field<&PartNumberForm::company>("company", "Whose number it is: a company's,");
    d.field<&PartNumberForm::customer_group>("customer_group", "or that of a group of customers.").max_length(60);
}

struct ProductForm {
    std::string handle, type, tax_class = "standard";
    std::vector<std::string> audience_groups;
    std::vector<CompanyId> audience_companies;
    std::optional<std::string> brand;
    std::optional<CategoryId> category;
    std::vector<CategoryId> more_categories;
    ProductStatus status = ProductStatus::draft;
    std::optional<Timestamp> published_from, published_until;
    std::int64_t popularity = 0;
    int handling_days = 1;
    Texts name, subtitle, description, slug, seo_title, seo_description, keywords;
    std::vector<std::string> options;
    std::vector<VariantRow> variants;
    std::vector<SettingRow> attributes;
    std::vector<MediaRow> media;
};
void describe(json::Struct<ProductForm>& d) {
    d.name("ProductForm");
    d.field<&ProductForm::handle>("handle", "Names the product in imports.").pattern("[a-z0-9][a-z0-9-]{0,119}");
    d.field<&ProductForm::name>("name");
    d.field<&ProductForm::status>("status").optional();
    d.field<&ProductForm::type>("type", "Code of a product type.").not_blank().max_length(40);
    d.field<&ProductForm::brand>("brand").max_length(120);
    d.field<&ProductForm::category>("category", "The one its breadcrumbs show.");
    d.field<&ProductForm::more_categories>("more_categories").optional();
    d.field<&ProductForm::tax_class>("tax_class").optional().pattern("[a-z_]{1,30}");
    d.field<&ProductForm::published_from>("published_from");
    d.field<&ProductForm::published_until>("published_until");
    d.field<&ProductForm::popularity>("popularity").optional();
    d.field<&ProductForm::handling_days>("handling_days").optional().min(0).max(365);
    d.field<&ProductForm::subtitle>("subtitle").optional();
    d.field<&ProductForm::description>("description", "Markdown.").optional();
    d.field<&ProductForm::slug>("slug", "Made from the name where it is empty.").optional();
    d.field<&ProductForm::seo_title>("seo_title").optional();
    d.field<&ProductForm::seo_description>("seo_description").optional();
    d.field<&ProductForm::keywords>("keywords", "Words that find it and are not shown.").optional();
    d.field<&ProductForm::options>("options", "Attributes its variants differ in.").optional();
    d.field<&ProductForm::variants>("variants").optional().max_length(500);
    d.field<&ProductForm::attributes>("attributes").optional().max_length(200);
    d.field<&ProductForm::media>("media").optional().max_length(100);
    d.field<&ProductForm::audience_groups>("audience_groups",
                                           "Only customers of these groups, and of the companies, see it. None: everybody.")
        .optional()
        .max_length(200);
    d.field<&ProductForm::audience_companies>("audience_companies", "Ids of companies.").optional().max_length(1000);
}

// One text of every language from its fields, and back.
void take_apart(const catalog::PageTexts& texts, std::initializer_list<std::pair<Texts*, std::string catalog::PageText::*>> fields) {
    for (const auto& [locale, text] : texts) {
        for (const auto& [into, member] : fields) {
            if (!(text.*member).empty()) (*into)[locale] = text.*member;
        }
    }
}
Result<void> put_together(catalog::PageTexts& texts,
                          std::initializer_list<std::pair<const Texts*, std::string catalog::PageText::*>> fields) {
    for (const auto& [from, member] : fields) {
        for (const auto& [locale, value] : *from) {
            if (catalog::locale_index(locale) < 0) return fail_field("/name", "locale", locale + " is no language of this shop.");
            texts[locale].*member = value;
        }
    }
    return {};
}

std::optional<catalog::Product> load_product(catalog::Reader& reader, db::Session& session, ProductId id) {
    auto batch = reader.products(session, std::span(&id, 1));
    if (batch.products.empty()) return std::nullopt;
    return std::move(batch.products.front());
}

ProductForm form_of(const catalog::Product& product) {
    ProductForm out;
    out.handle = product.handle;
    out.type = product.type;
    out.tax_class = product.tax_class;
    if (!product.brand.empty()) out.brand = product.brand;
    out.category = product.category;
    out.more_categories = product.more_categories;
    out.status = product.status;
    out.published_from = product.published_from;
    out.published_until = product.published_until;
    out.popularity = product.popularity;
    out.handling_days = product.handling_days;
    using T = catalog::PageText;
    take_apart(product.texts, {{&out.name, &T::name},
                               {&out.subtitle, &T::subtitle},
                               {&out.description, &T::description},
                               {&out.slug, &T::slug},
                               {&out.seo_title, &T::seo_title},
                               {&out.seo_description, &T::seo_description},
                               {&out.keywords, &T::keywords}});
    out.options = product.options;
    for (const auto& v : product.variants) {
        VariantRow row;
        row.sku = v.sku;
        if (!v.barcode.empty()) row.barcode = v.barcode;
        row.options = v.options;
        row.weight_grams = v.weight_grams;
        row.length_mm = v.length_mm;
        row.width_mm = v.width_mm;
        row.height_mm = v.height_mm;
        row.active = v.active;
        row.id = v.id;
        row.image = v.image;
        row.published_from = v.published_from;
        row.published_until = v.published_until;
        out.variants.push_back(std::move(row));
    }
    for (const auto& a : product.attributes) out.attributes.push_back({a.attribute, a.values, a.number_milli, a.text, a.flag});
    for (const auto& m : product.media) out.media.push_back({m.asset, m.options});
    out.audience_groups = product.audience.groups;
    for (const auto& company : product.audience.companies) out.audience_companies.emplace_back(company);
    return out;
}

Result<catalog::Product> product_of(const ProductForm& form) {
    catalog::Product out;
    out.handle = form.handle;
    out.type = form.type;
    out.tax_class = form.tax_class;
    out.brand = form.brand.value_or("");
    out.category = form.category;
    out.more_categories = form.more_categories;
    out.status = form.status;
    out.published_from = form.published_from;
    out.published_until = form.published_until;
    out.popularity = form.popularity;
    out.handling_days = form.handling_days;
    using T = catalog::PageText;
    if (auto texts = put_together(out.texts, {{&form.name, &T::name},
                                              {&form.subtitle, &T::subtitle},
                                              {&form.description, &T::description},
                                              {&form.slug, &T::slug},
                                              {&form.seo_title, &T::seo_title},
                                              {&form.seo_description, &T::seo_description},
                                              {&form.keywords, &T::keywords}});
        !texts)
        return fail(texts.error());
    out.options = form.options;
    for (const auto& v : form.variants) {
        catalog::Variant variant;
        if (v.id) variant.id = *v.id;
        variant.sku = v.sku;
        variant.barcode = v.barcode.value_or("");
        variant.options = v.options;
        variant.weight_grams = v.weight_grams;
        variant.length_mm = v.length_mm;
        variant.width_mm = v.width_mm;
        variant.height_mm = v.height_mm;
        variant.active = v.active;
        variant.image = v.image;
        variant.published_from = v.published_from;
        variant.published_until = v.published_until;
        out.variants.push_back(std::move(variant));
    }
    for (const auto& a : form.attributes) out.attributes.push_back({a.attribute, a.values, a.number_milli, a.text, a.flag});
    for (const auto& m : form.media) out.media.push_back({m.asset, m.options});
    return out;
}

struct CategoryForm {
    std::string handle;
    Texts name, description, slug, seo_title, seo_description;
    std::optional<CategoryId> parent;
    int position = 0;
    bool published = true;
    std::optional<catalog::AssetId> image;
};
void describe(json::Struct<CategoryForm>& d) {
    d.name("CategoryForm");
    d.field<&CategoryForm::handle>("handle").pattern("[a-z0-9][a-z0-9-]{0,119}");
    d.field<&CategoryForm::name>("name");
    d.field<&CategoryForm::parent>("parent");
    d.field<&CategoryForm::position>("position").optional();
    d.field<&CategoryForm::published>("published").optional();
    d.field<&CategoryForm::description>("description", "Markdown.").optional();
    d.field<&CategoryForm::slug>("slug").optional();
    d.field<&CategoryForm::seo_title>("seo_title").optional();
    d.field<&CategoryForm::seo_description>("seo_description").optional();
    d.field<&CategoryForm::image>("image");
}

struct ConditionRow {
    std::string field;
    std::vector<std::string> values;
    bool negated = false;
};
void describe(json::Struct<ConditionRow>& d) {
    d.name("CollectionConditionForm");
    d.field<&ConditionRow::field>("field", "category, brand, type, attribute:<code> or new_within_days.").not_blank().max_length(60);
    d.field<&ConditionRow::values>("values", "Any of them.").max_length(200);
    d.field<&ConditionRow::negated>("negated").optional();
}
struct CollectionForm {
    std::string handle;
    Texts name, description, slug, seo_title, seo_description;
    int position = 0;
    bool published = true, by_rule = false, any_condition = false;
    std::vector<ConditionRow> conditions;
    std::vector<ProductId> products;
    std::optional<catalog::AssetId> image;
};
void describe(json::Struct<CollectionForm>& d) {
    d.name("CollectionForm");
    d.field<&CollectionForm::handle>("handle").pattern("[a-z0-9][a-z0-9-]{0,119}");
    d.field<&CollectionForm::name>("name");
    d.field<&CollectionForm::position>("position").optional();
    d.field<&CollectionForm::published>("published").optional();
    d.field<&CollectionForm::by_rule>("by_rule", "Holds what matches its conditions, instead of the products named.").optional();
    d.field<&CollectionForm::any_condition>("any_condition", "One condition is enough.").optional();
    d.field<&CollectionForm::conditions>("conditions").optional().max_length(50);
    d.field<&CollectionForm::products>("products", "In this order.").optional();
    d.field<&CollectionForm::description>("description", "Markdown.").optional();
    d.field<&CollectionForm::slug>("slug").optional();
    d.field<&CollectionForm::seo_title>("seo_title").optional();
    d.field<&CollectionForm::seo_description>("seo_description").optional();
    d.field<&CollectionForm::image>("image");
}

struct ValueRow {
    std::string code;
    Texts labels;
    std::optional<std::string> colour;
};
void describe(json::Struct<ValueRow>& d) {
    d.name("AttributeValueForm");
    d.field<&ValueRow::code>("code").pattern("[a-z0-9][a-z0-9_-]{0,63}");
    d.field<&ValueRow::labels>("labels");
    d.field<&ValueRow::colour>("colour", "CSS colour of the swatch.").max_length(32);
}
struct AttributeForm {
    std::string code;
    AttributeKind kind = AttributeKind::choice;
    std::optional<std::string> unit;
    Texts names;
    bool filterable = true, searchable = true, visible = true;
    int position = 0;
    std::vector<ValueRow> values;
};
void describe(json::Struct<AttributeForm>& d) {
    d.name("AttributeForm");
    d.field<&AttributeForm::code>("code").pattern("[a-z][a-z0-9_]{0,39}");
    d.field<&AttributeForm::names>("names");
    d.field<&AttributeForm::kind>("kind").optional();
    d.field<&AttributeForm::unit>("unit").max_length(16);
    d.field<&AttributeForm::filterable>("filterable").optional();
    d.field<&AttributeForm::searchable>("searchable").optional();
    d.field<&AttributeForm::visible>("visible").optional();
    d.field<&AttributeForm::position>("position").optional();
    d.field<&AttributeForm::values>("values", "Of a choice, in order.").optional().max_length(1000);
}

struct ReviewForm {
    ReviewState state = ReviewState::pending;
    std::optional<std::string> author, locale, title, body;
    std::optional<std::int64_t> rating;
    std::optional<bool> verified;
    std::optional<ProductId> product;
};
void describe(json::Struct<ReviewForm>& d) {
    d.name("ReviewForm");
    d.field<&ReviewForm::state>("state");
    d.field<&ReviewForm::rating>("rating");
    d.field<&ReviewForm::title>("title");
    d.field<&ReviewForm::body>("body").max_length(4000);
    d.field<&ReviewForm::author>("author");
    d.field<&ReviewForm::locale>("locale");
    d.field<&ReviewForm::verified>("verified", "Bought here.");
    d.field<&ReviewForm::product>("product");
}

}  // namespace

void declare_catalog(Registry& registry, Declared shop) {
    auto& writer = shop.catalog;
    auto& reader = shop.catalog_reader;
    auto* catalog = &shop.catalog_reader;
    (void)catalog;

    // ---- products
    Resource products("products", "Products", "Catalogue");
    products.from("catalog_api.admin_product", "prod")
        .column({"picture",
                 "Picture",
                 FieldType::image,
                 {.sql = "(select to_json(a.src)::text from catalog.product_media m join catalog_api.admin_asset a on a.id = m.asset_id "
                         "where m.product_id = t.id order by m.position limit 1)"}})
        .column({"name", "Name", FieldType::text, {}})
        .column({"status", "Status", FieldType::select, {}})
        .column({"available",
                 "Available",
                 FieldType::integer,
                 {.sql = "(select sum(s.available)::bigint from inventory_api.admin_stock s join catalog_api.admin_variant v on v.id = "
                         "s.variant_id where v.product_id = t.id)"}})
        .column({"variants", "Variants", FieldType::integer, {}})
        .column({"type", "Type", FieldType::text, {.sql = "t.type_code"}})
        .column({"category",
                 "Category",
                 FieldType::reference,
                 {.sql = "t.category_id",
                  .prefix = "cat",
                  .resource = "categories",
                  .names = "select c.name from catalog_api.admin_category c where c.id = t.category_id"}})
        .column({"handle", "Handle", FieldType::text, {.sortable = true}})
        .column({"brand", "Brand", FieldType::text, {}})
        .column({"updated_at", "Changed", FieldType::datetime, {}})
        .filter({"status", "Status", FilterType::select, options({"draft", "active", "archived"})})
        .filter({"type", "Type", FilterType::select, {}, "t.type_code"})
        .filter({"brand", "Brand", FilterType::select})
        .filter({"category", "Category", FilterType::reference, {}, "t.category_id", "cat", "categories"})
        .search(
            "t.id = any(array((select x.product_id from catalog.product_text x where x.name ilike {q} limit 10001) union all (select x.id "
            "from "
            "catalog.product x where x.handle ilike {q} limit 10001) union all (select x.product_id from catalog.variant x where x.sku "
            "ilike {q} "
            "limit 10001)))")
        .form<ProductForm>(
            [&reader](db::Session& session, std::string_view id) -> std::optional<ProductForm> {
                const auto product = load_product(reader, session, id_of<ProductId>(id));
                if (!product) return std::nullopt;
                return form_of(*product);
            },
            [&writer, &reader, &groups = shop.groups](Write& write, const std::optional<ProductForm>& before,
                                                      const ProductForm& after) -> Result<std::string> {
                if (!before && reader.product_by_handle(write.tx, after.handle))
                    return fail_field("/handle", "taken", "Another product has this handle.");
                const auto product = product_of(after);
                if (!product) return fail(product.error());
                const auto id = writer.upsert_product(write.tx, *product);
                if (!id) return fail(id.error());
                const auto audience = audience_of(after.audience_groups, after.audience_companies);
                const auto was = before ? audience_of(before->audience_groups, before->audience_companies) : catalog::Audience{};
                if (audience != was) {
                    if (auto known = known_groups(groups, write.tx, audience, "/audience_groups"); !known) return fail(known.error());
                    if (auto set = writer.set_audience(write.tx, *id, audience); !set) return fail(set.error());
                }
                return id->to_string();
            })
        .look("handle", {.fixed = true})
        .look("category", {.resource = "categories"})
        .look("type", {.resource = "product_types"})
        .look("media.asset", {.label = "Picture", .resource = "media"})
        .look("variants.image", {.resource = "media"})
        .look("more_categories", {.type = FieldType::list, .resource = "categories"});
    for (const auto* name : {"description"}) products.look(name, {.type = FieldType::translations, .group = "Texts"});
    for (const auto* name : {"subtitle", "keywords"}) products.look(name, {.group = "Texts"});
    for (const auto* name : {"slug", "seo_title", "seo_description"}) products.look(name, {.group = "SEO"});
    for (const auto* name : {"audience_groups", "audience_companies"}) products.look(name, {.group = "Audience"});
    for (const auto* name : {"tax_class", "published_from", "published_until", "popularity", "handling_days"})
        products.look(name, {.group = "Selling"});
    auto limit = each("limit_to", "Show only to",
                      [&writer, &groups = shop.groups](Write& write, const std::string& id, const json::Value& input) -> Result<void> {
                          const auto rows = json::from_value<AudienceRows>(input);
                          if (!rows) return fail(rows.error());
                          const auto audience = audience_of(rows->groups, rows->companies);
                          // Nobody named would open it to everybody, which is an action of its own.
                          if (audience.is_everybody()) return fail_field("/input/groups", "required", "Name a group or a company.");
                          if (auto known = known_groups(groups, write.tx, audience, "/input/groups"); !known) return known;
                          return writer.set_audience(write.tx, id_of<ProductId>(id), audience);
                      });
    limit.input = &json::info_of<AudienceRows>();
    products.action(std::move(limit));
    auto open = each("show_to_everybody", "Show to everybody", [&writer](Write& write, const std::string& id, const json::Value&) {
        return writer.set_audience(write.tx, id_of<ProductId>(id), {});
    });
    open.confirm = "Everybody sees these products and can buy them.";
    products.action(std::move(open));
    products.key("handle", [&reader](db::Session& session, std::string_view value) -> std::optional<std::string> {
        const auto id = reader.product_by_handle(session, value);
        return id ? std::optional(id->to_string()) : std::nullopt;
    });
    for (const auto& [name, label, status] :
         {std::tuple{"publish", "Put on sale", ProductStatus::active}, std::tuple{"withdraw", "Make a draft", ProductStatus::draft},
          std::tuple{"archive", "Archive", ProductStatus::archived}}) {
        auto action = each(name, label, [&writer, status = status](Write& write, const std::string& id, const json::Value&) {
            return writer.set_status(write.tx, id_of<ProductId>(id), status);
        });
        action.danger = status == ProductStatus::archived;
        if (action.danger) action.confirm = "Archived products are neither sold nor found.";
        products.action(std::move(action));
    }
    products.action(reprice_in_list(shop.prices, [](db::Session& session, const std::vector<std::string>& ids) {
        std::vector<Uuid> wanted;
        for (const auto& id : ids) wanted.push_back(id_of<ProductId>(id).uuid());
        std::vector<catalog::VariantId> out;
        for (const auto row : session.query(sql::variants_of_products, wanted)) out.push_back(row.get<catalog::VariantId>("id"));
        return out;
    }));
    registry.add(std::move(products));

    registry.add(
        Resource("variants", "Variants", "Catalogue")
            .from("catalog_api.admin_variant", "var")
            .column({"sku", "SKU", FieldType::text, {.sortable = true}})
            .column({"product",
                     "Product",
                     FieldType::reference,
                     {.sql = "t.product_id", .prefix = "prod", .resource = "products", .names = "t.product_name"}})
            .column({"barcode", "Barcode", FieldType::text, {}})
            .column({"weight_grams", "Weight (g)", FieldType::integer, {}})
            .column({"active", "Active", FieldType::boolean, {}})
            .column({"hs_code",
                     "HS code",
                     FieldType::text,
                     {.sql = "(select c.hs_code from shipping_api.admin_customs c where c.variant_id = t.id)"}})
            .column({"origin_country",
                     "Origin",
                     FieldType::text,
                     {.sql = "(select c.origin_country::text from shipping_api.admin_customs c where c.variant_id = t.id)"}})
            .filter({"product", "Product", FilterType::reference, {}, "t.product_id", "prod", "products"})
            .filter({"active", "Active", FilterType::boolean})
            .search("t.id = any(array((select x.id from catalog.variant x where x.sku ilike {q} limit 10001) union all (select x.id from "
                    "catalog.product_text y join catalog.variant x on x.product_id = y.product_id where y.name ilike {q} limit 10001)))")
            .form_with_id<VariantPage>(
                [](db::Session& session, std::string_view id) -> std::optional<VariantPage> {
                    const auto rows = session.query(sql::find_variant, id_of<catalog::VariantId>(id));
                    if (rows.empty()) return std::nullopt;
                    const auto row = rows.front();
                    VariantPage out;
                    out.sku = row.get<std::string>("sku");
                    if (auto barcode = row.get<std::string>("barcode"); !barcode.empty()) out.barcode = std::move(barcode);
                    out.product = row.get<ProductId>("product_id");
                    out.weight_grams = row.get<std::int64_t>("weight_grams");
                    out.active = row.get<bool>("active");
                    out.hs_code = row.get<std::optional<std::string>>("hs_code");
                    out.origin_country = row.get<std::optional<std::string>>("origin_country");
                    return out;
                },
                save_customs)
            .look("sku", {.label = "SKU", .fixed = true})
            .look("product", {.resource = "products", .read_only = true})
            .look("barcode", {.read_only = true})
            .look("weight_grams", {.read_only = true})
            .look("active", {.read_only = true})
            .look("hs_code", {.label = "HS code", .group = "Customs"})
            .look("origin_country", {.label = "Country of origin", .group = "Customs"})
            .without_create()
            .key("sku",
                 [](db::Session& session, std::string_view value) -> std::optional<std::string> {
                     const auto rows = session.query(sql::variant_by_sku, value);
                     return rows.empty() ? std::nullopt : std::optional(rows.front().get<catalog::VariantId>("id").to_string());
                 })
            .action(reprice_in_list(shop.prices, [](db::Session&, const std::vector<std::string>& ids) {
                std::vector<catalog::VariantId> out;
                for (const auto& id : ids) out.push_back(id_of<catalog::VariantId>(id));
                return out;
            })));

    // ---- what companies and groups of customers call variants
    auto& numbers = shop.part_numbers;
    registry.add(Resource("part_numbers", "Part numbers", "Catalogue")
                     .from("catalog_api.admin_part_number", "part")
                     .column({"number", "Part number", FieldType::text, {}})
                     .column({"company", "Company", FieldType::reference, {.sql = "t.company_id", .prefix = "com"}})
                     .column({"customer_group", "Group", FieldType::text, {}})
                     .column({"sku", "SKU", FieldType::text, {}})
                     .column({"product",
                              "Product",
                              FieldType::reference,
                              {.sql = "t.product_id", .prefix = "prod", .resource = "products", .names = "t.product_name"}})
                     .column({"updated_at", "Changed", FieldType::datetime, {}})
                     .filter({"customer_group", "Group", FilterType::select})
                     .filter({"product", "Product", FilterType::reference, {}, "t.product_id", "prod", "products"})
                     .search("t.number ilike {q} or t.sku ilike {q}")
                     .form_with_id<PartNumberForm>(
                         [&numbers](db::Session& session, std::string_view id) -> std::optional<PartNumberForm> {
                             const auto found = numbers.by_id(session, id_of<catalog::PartNumberId>(id));
                             if (!found) return std::nullopt;
                             const auto rows = session.query(sql::part_number_sku, found->id);
                             if (rows.empty()) return std::nullopt;
                             PartNumberForm out;
                             out.number = found->number;
                             out.sku = rows.front().get<std::string>("sku");
                             if (!found->group.empty()) out.customer_group = found->group;
                             if (found->company) out.company = CompanyId(*found->company);
                             return out;
                         },
                         [&numbers, &reader, &groups = shop.groups](Write& write, std::string_view id,
                                                                    const PartNumberForm& after) -> Result<std::string> {
                             catalog::PartNumber number;
                             if (!id.empty()) number.id = id_of<catalog::PartNumberId>(id);
                             number.group = after.customer_group.value_or("");
                             if (after.company) number.company = after.company->uuid();
                             number.number = after.number;
                             if (!number.group.empty() && !groups.group_name(write.tx, number.group))
                                 return fail_field("/customer_group", "unknown", "There is no such group.");
                             const auto variants = reader.variants_by_sku(write.tx, std::vector{after.sku});
                             if (variants.empty()) return fail_field("/sku", "unknown", "No variant has this SKU.");
                             number.variant = variants.begin()->second.first;
                             const auto kept = numbers.put(write.tx, number, write.now);
                             if (!kept) return fail(kept.error());
                             return kept->to_string();
                         })
                     .removed_by([&numbers](Write& write, std::string_view id) -> Result<void> {
                         if (!numbers.remove(write.tx, id_of<catalog::PartNumberId>(id))) return nothing_here();
                         return {};
                     }));

    // ---- categories
    const auto find_category = [&reader](db::Session& session, std::string_view id) -> std::optional<CategoryForm> {
        const auto found = reader.category(session, id_of<CategoryId>(id));
        if (!found) return std::nullopt;
        CategoryForm out;
        out.handle = found->handle;
        out.parent = found->parent;
        out.position = found->position;
        out.published = found->published;
        out.image = found->image;
        using T = catalog::PageText;
        take_apart(found->texts, {{&out.name, &T::name},
                                  {&out.description, &T::description},
                                  {&out.slug, &T::slug},
                                  {&out.seo_title, &T::seo_title},
                                  {&out.seo_description, &T::seo_description}});
        return out;
    };
    const auto save_category = [&writer](Write& write, const std::optional<CategoryForm>& before,
                                         const CategoryForm& after) -> Result<std::string> {
        catalog::Category category;
        if (const auto known = write.tx.query(sql::category_by_handle, after.handle); !known.empty()) {
            if (!before) return fail_field("/handle", "taken", "Another category has this handle.");
            category.id = known.front().get<CategoryId>("id");
        }
        category.handle = after.handle;
        category.parent = after.parent;
        category.position = after.position;
        category.published = after.published;
        category.image = after.image;
        using T = catalog::PageText;
        if (auto texts = put_together(category.texts, {{&after.name, &T::name},
                                                       {&after.description, &T::description},
                                                       {&after.slug, &T::slug},
                                                       {&after.seo_title, &T::seo_title},
                                                       {&after.seo_description, &T::seo_description}});
            !texts)
            return fail(texts.error());
        const auto id = writer.upsert_category(write.tx, category);
        if (!id) return fail(id.error());
        return id->to_string();
    };
    Resource categories("categories", "Categories", "Catalogue");
    categories.from("catalog_api.admin_category", "cat")
        .column({"name", "Name", FieldType::text, {}})
        // The order of the list: each category stands after the one it is in.
        .column({"path",
                 "Path",
                 FieldType::text,
                 {.sortable = true,
                  .sql = "(with recursive up (parent_id, name, depth) as (select t.parent_id, t.name, 0 union all select c.parent_id, "
                         "c.name, up.depth + 1 from up join catalog_api.admin_category c on c.id = up.parent_id where up.depth < 20) "
                         "select string_agg(up.name, ' › ' order by up.depth desc) from up)"}})
        .column({"handle", "Handle", FieldType::text, {.sortable = true}})
        .column({"parent",
                 "Parent",
                 FieldType::reference,
                 {.sql = "t.parent_id",
                  .prefix = "cat",
                  .resource = "categories",
                  .names = "select c.name from catalog_api.admin_category c where c.id = t.parent_id"}})
        .column({"position", "Position", FieldType::integer, {}})
        .column({"published", "Published", FieldType::boolean, {}})
        .filter({"published", "Published", FilterType::boolean})
        .newest_by("path")
        .filter({"parent", "Parent", FilterType::reference, {}, "t.parent_id", "cat", "categories"})
        .search("t.name ilike {q} or t.handle ilike {q}")
        .form<CategoryForm>(find_category, save_category)
        .look("handle", {.fixed = true})
        .look("parent", {.resource = "categories"})
        .look("image", {.resource = "media"})
        .look("slug", {.group = "SEO"})
        .look("seo_title", {.group = "SEO"})
        .look("seo_description", {.group = "SEO"})
        .key("handle", [](db::Session& session, std::string_view value) -> std::optional<std::string> {
            const auto rows = session.query(sql::category_by_handle, value);
            return rows.empty() ? std::nullopt : std::optional(rows.front().get<CategoryId>("id").to_string());
        });
    registry.add(std::move(categories));

    // ---- collections
    const auto find_collection = [&reader](db::Session& session, std::string_view id) -> std::optional<CollectionForm> {
        const auto found = reader.collection(session, id_of<CollectionId>(id));
        if (!found) return std::nullopt;
        CollectionForm out;
        out.handle = found->handle;
        out.position = found->position;
        out.published = found->published;
        out.image = found->image;
        out.products = found->products;
        out.by_rule = found->rule.has_value();
        if (found->rule) {
            out.any_condition = found->rule->any;
            for (const auto& c : found->rule->conditions) out.conditions.push_back({c.field, c.values, c.negated});
        }
        using T = catalog::PageText;
        take_apart(found->texts, {{&out.name, &T::name},
                                  {&out.description, &T::description},
                                  {&out.slug, &T::slug},
                                  {&out.seo_title, &T::seo_title},
                                  {&out.seo_description, &T::seo_description}});
        return out;
    };
    const auto save_collection = [&writer](Write& write, const std::optional<CollectionForm>& before,
                                           const CollectionForm& after) -> Result<std::string> {
        catalog::Collection collection;
        if (const auto known = write.tx.query(sql::collection_by_handle, after.handle); !known.empty()) {
            if (!before) return fail_field("/handle", "taken", "Another collection has this handle.");
            collection.id = known.front().get<CollectionId>("id");
        }
        collection.handle = after.handle;
        collection.position = after.position;
        collection.published = after.published;
        collection.image = after.image;
        if (after.by_rule) {
            catalog::Rule rule;
            rule.any = after.any_condition;
            for (const auto& c : after.conditions) rule.conditions.push_back({c.field, c.values, c.negated});
            collection.rule = std::move(rule);
        } else {
            collection.products = after.products;
        }
        using T = catalog::PageText;
        if (auto texts = put_together(collection.texts, {{&after.name, &T::name},
                                                         {&after.description, &T::description},
                                                         {&after.slug, &T::slug},
                                                         {&after.seo_title, &T::seo_title},
                                                         {&after.seo_description, &T::seo_description}});
            !texts)
            return fail(texts.error());
        const auto id = writer.upsert_collection(write.tx, collection);
        if (!id) return fail(id.error());
        return id->to_string();
    };
    registry.add(Resource("collections", "Collections", "Catalogue")
                     .from("catalog_api.admin_collection", "col")
                     .column({"name", "Name", FieldType::text, {}})
                     .column({"handle", "Handle", FieldType::text, {.sortable = true}})
                     .column({"by_rule", "By rule", FieldType::boolean, {}})
                     .column({"position", "Position", FieldType::integer, {}})
                     .column({"published", "Published", FieldType::boolean, {}})
                     .filter({"published", "Published", FilterType::boolean})
                     .search("t.name ilike {q} or t.handle ilike {q}")
                     .form<CollectionForm>(find_collection, save_collection)
                     .look("handle", {.fixed = true})
                     .look("image", {.resource = "media"})
                     .look("products", {.type = FieldType::list, .resource = "products", .group = "What is in it"})
                     .look("by_rule", {.group = "What is in it"})
                     .look("any_condition", {.group = "What is in it"})
                     .look("description", {.type = FieldType::translations, .group = "Texts"})
                     .look("slug", {.group = "SEO"})
                     .look("seo_title", {.group = "SEO"})
                     .look("seo_description", {.group = "SEO"}));

    // ---- attributes
    const auto find_attribute = [&reader](db::Session& session, std::string_view id) -> std::optional<AttributeForm> {
        const auto found = reader.attribute(session, id);
        if (!found) return std::nullopt;
        AttributeForm out;
        out.code = found->code;
        out.kind = found->kind;
        if (!found->unit.empty()) out.unit = found->unit;
        out.names = found->names;
        out.filterable = found->filterable;
        out.searchable = found->searchable;
        out.visible = found->visible;
        out.position = found->position;
        for (const auto& v : found->values)
            out.values.push_back({v.code, v.labels, v.colour.empty() ? std::nullopt : std::optional(v.colour)});
        return out;
    };
    registry.add(Resource("attributes", "Attributes", "Catalogue")
                     .from("catalog_api.admin_attribute")
                     .column({"name", "Name", FieldType::text, {}})
                     .column({"kind", "Kind", FieldType::text, {}})
                     .column({"unit", "Unit", FieldType::text, {}})
                     .column({"filterable", "Filterable", FieldType::boolean, {}})
                     .column({"visible", "Visible", FieldType::boolean, {}})
                     .search("t.name ilike {q} or t.id ilike {q}")
                     .form<AttributeForm>(find_attribute,
                                          [&writer, find_attribute](Write& write, const std::optional<AttributeForm>& before,
                                                                    const AttributeForm& after) -> Result<std::string> {
                                              if (!before && find_attribute(write.tx, after.code))
                                                  return fail_field("/code", "taken", "Another attribute has this code.");
                                              catalog::Attribute attribute;
                                              attribute.code = after.code;
                                              attribute.kind = after.kind;
                                              attribute.unit = after.unit.value_or("");
                                              attribute.names = after.names;
                                              attribute.filterable = after.filterable;
                                              attribute.searchable = after.searchable;
                                              attribute.visible = after.visible;
                                              attribute.position = after.position;
                                              for (const auto& v : after.values)
                                                  attribute.values.push_back({v.code, v.labels, v.colour.value_or("")});
                                              if (auto saved = writer.upsert_attribute(write.tx, attribute); !saved)
                                                  return fail(saved.error());
                                              return after.code;
                                          })
                     .look("code", {.fixed = true})
                     .look("kind", {.fixed = true}));

    // ---- pictures; POST /api/v1/admin/media adds one
    registry.add(Resource("media", "Pictures", "Catalogue")
                     .from("catalog_api.admin_asset", "ast")
                     .column({"src", "Picture", FieldType::image, {.sql = "to_json(t.src)::text"}})
                     .column({"name", "Name", FieldType::text, {}})
                     .column({"width", "Width", FieldType::integer, {}})
                     .column({"height", "Height", FieldType::integer, {}})
                     .column({"created_at", "Added", FieldType::datetime, {}})
                     .search("t.name ilike {q} or t.alt::text ilike {q}")
                     .form_with_id<PictureForm>(
                         [](db::Session& session, std::string_view id) -> std::optional<PictureForm> {
                             const auto asset = load_asset(session, id);
                             if (!asset) return std::nullopt;
                             return PictureForm{asset->name,    "/media/" + asset->sha256 + "/640/" + asset->name,
                                                asset->width,   asset->height,
                                                asset->focal_x, asset->focal_y,
                                                asset->alt};
                         },
                         [&writer](Write& write, std::string_view id, const PictureForm& after) -> Result<std::string> {
                             auto asset = load_asset(write.tx, id);
                             if (!asset) return nothing_here();
                             asset->focal_x = after.focal_x;
                             asset->focal_y = after.focal_y;
                             asset->alt = after.alt;
                             if (auto saved = writer.upsert_asset(write.tx, *asset); !saved) return fail(saved.error());
                             return std::string(id);
                         })
                     .look("name", {.read_only = true})
                     .look("src", {.label = "Picture", .type = FieldType::image, .read_only = true})
                     .look("width", {.read_only = true})
                     .look("height", {.read_only = true})
                     .without_create());

    // ---- product types
    const auto find_type = [](db::Session& session, std::string_view id) -> std::optional<TypeForm> {
        const auto rows = session.query(sql::find_product_type, id);
        if (rows.empty()) return std::nullopt;
        TypeForm out;
        out.code = id;
        const auto names = json::parse(rows.front().get<std::string>("names"));
        for (const auto& [locale, name] : names->members()) out.names[locale] = name.text();
        out.attributes = rows.front().get<std::vector<std::string>>("attributes");
        return out;
    };
    registry.add(Resource("product_types", "Product types", "Catalogue")
                     .from("catalog_api.admin_product_type")
                     .column({"name", "Name", FieldType::text, {}})
                     .column({"attribute_names",
                              "Attributes",
                              FieldType::list,
                              {.sql = "array(select a.name from unnest(t.attributes) with ordinality o (code, place) join "
                                      "catalog_api.admin_attribute a on a.id = o.code order by o.place)"}})
                     .search("t.name ilike {q} or t.id ilike {q}")
                     .form<TypeForm>(find_type,
                                     [&writer, find_type](Write& write, const std::optional<TypeForm>& before,
                                                          const TypeForm& after) -> Result<std::string> {
                                         if (!before && find_type(write.tx, after.code))
                                             return fail_field("/code", "taken", "Another type has this code.");
                                         if (auto saved = writer.upsert_type(write.tx, {after.code, after.names, after.attributes}); !saved)
                                             return fail(saved.error());
                                         return after.code;
                                     })
                     .look("code", {.fixed = true})
                     .look("attributes", {.type = FieldType::list, .resource = "attributes"}));

    // ---- reviews
    const auto find_review = [](db::Session& session, std::string_view id) -> std::optional<ReviewForm> {
        const auto rows = session.query(sql::find_review, id_of<ReviewId>(id));
        if (rows.empty()) return std::nullopt;
        const auto row = rows.front();
        ReviewForm out;
        out.state = *json::from_name<ReviewState>(row.get<std::string>("state"));
        out.rating = row.get<std::int64_t>("rating");
        out.title = row.get<std::string>("title");
        out.body = row.get<std::string>("body");
        out.author = row.get<std::string>("author");
        out.locale = row.get<std::string>("locale");
        out.verified = row.get<bool>("verified");
        out.product = row.get<ProductId>("product_id");
        return out;
    };
    Resource reviews("reviews", "Reviews", "Catalogue");
    reviews.from("catalog_api.admin_review", "rev")
        .column({"title", "Title", FieldType::text, {}})
        .column({"rating", "Stars", FieldType::integer, {}})
        .column({"product_name", "Product", FieldType::text, {}})
        .column({"author", "Author", FieldType::text, {}})
        .column({"verified", "Bought here", FieldType::boolean, {}})
        .column({"state", "State", FieldType::select, {}})
        .column({"created_at", "Written", FieldType::datetime, {}})
        .filter({"state", "State", FilterType::select, options({"pending", "approved", "rejected"})})
        .filter({"rating", "Stars", FilterType::number})
        .filter({"product", "Product", FilterType::reference, {}, "t.product_id", "prod", "products"})
        .form<ReviewForm>(find_review)
        .look("product", {.resource = "products"});
    for (const auto& [name, label, state] :
         {std::tuple{"approve", "Approve", ReviewState::approved}, std::tuple{"reject", "Reject", ReviewState::rejected}})
        reviews.action(each(name, label, [&writer, state = state](Write& write, const std::string& id, const json::Value&) {
            return writer.moderate_review(write.tx, id_of<ReviewId>(id), state);
        }));
    registry.add(std::move(reviews));
}

}  // namespace stoa::backoffice
