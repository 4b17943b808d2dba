#include <algorithm>

#include "declarations/common.hpp"
#include "sql/forms.hpp"
#include "stoa/content/redirects.hpp"

namespace stoa::search {
static json::EnumNames<RuleKind> enum_names(RuleKind) {
    static constexpr std::pair<RuleKind, std::string_view> kNames[] = {
        {RuleKind::pin, "pin"}, {RuleKind::boost, "boost"}, {RuleKind::bury, "bury"}, {RuleKind::redirect, "redirect"}};
    return kNames;
}
}  // namespace stoa::search

namespace stoa::backoffice {
namespace {

using content::PageKind;
using search::RuleKind;
using SynonymId = Id<"syn">;
using RuleId = Id<"rule">;

struct PageForm {
    std::string code;
    PageKind kind = PageKind::page;
    bool published = true;
    std::optional<Timestamp> published_from, published_until;
    int position = 0;
    Texts title, slug, body, seo_title, seo_description;
};
void describe(json::Struct<PageForm>& d) {
    d.name("PageForm");
    d.field<&PageForm::code>("code", "Stable, not shown.").pattern("[a-z0-9][a-z0-9-]{0,79}");
    d.field<&PageForm::title>("title");
    d.field<&PageForm::slug>("slug");
    d.field<&PageForm::kind>("kind").optional();
    d.field<&PageForm::published>("published", "Without this it is a draft, which only the back office shows.").optional();
    d.field<&PageForm::published_from>("published_from", "Empty: at once.");
    d.field<&PageForm::published_until>("published_until", "Empty: for good.");
    d.field<&PageForm::position>("position").optional();
    d.field<&PageForm::body>("body", "Markdown.").optional();
    d.field<&PageForm::seo_title>("seo_title").optional();
    d.field<&PageForm::seo_description>("seo_description").optional();
}

std::optional<PageForm> find_page(db::Session& session, std::string_view id) {
    const auto rows = session.query(sql::find_page, id);
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    PageForm out;
    out.code = id;
    out.kind = *json::from_name<PageKind>(row.get<std::string>("kind"));
    out.published = row.get<bool>("published");
    out.published_from = row.get<std::optional<Timestamp>>("published_from");
    out.published_until = row.get<std::optional<Timestamp>>("published_until");
    out.position = row.get<int>("position");
    const auto texts = json::parse(row.get<std::string>("texts"));
    for (const auto& [locale, text] : texts->members()) {
        for (const auto& [into, member] : {std::pair<Texts*, const char*>{&out.title, "title"},
                                           {&out.slug, "slug"},
                                           {&out.body, "body"},
                                           {&out.seo_title, "seo_title"},
                                           {&out.seo_description, "seo_description"}}) {
            if (auto value = text.text_or(member); !value.empty()) (*into)[locale] = std::move(value);
        }
    }
    return out;
}

struct RedirectForm {
    std::string locale, slug, page;
};
void describe(json::Struct<RedirectForm>& d) {
    d.name("RedirectForm");
    d.field<&RedirectForm::locale>("locale").pattern("en|de|nl|fr");
    d.field<&RedirectForm::slug>("slug", "The address that leads to the page.").pattern("[a-z0-9][a-z0-9-]{0,119}");
    d.field<&RedirectForm::page>("page", "Its code.").pattern("[a-z0-9][a-z0-9-]{0,79}");
}

// An id is "de.kontakt".
std::optional<RedirectForm> find_redirect(db::Session& session, std::string_view id) {
    const auto dot = id.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto rows = session.query(sql::find_redirect, id.substr(0, dot), id.substr(dot + 1));
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    return RedirectForm{row.get<std::string>("locale"), row.get<std::string>("slug"), row.get<std::string>("code")};
}

struct SynonymForm {
    std::string locale;
    std::vector<std::string> words;
};
void describe(json::Struct<SynonymForm>& d) {
    d.name("SynonymForm");
    d.field<&SynonymForm::locale>("locale").pattern("[a-z]{2}");
    d.field<&SynonymForm::words>("words", "Whoever writes one finds the others too.").min_length(2).max_length(20);
}

struct RuleForm {
    RuleKind kind = RuleKind::pin;
    std::optional<std::string> locale, query;
    std::optional<catalog::CategoryId> category;
    std::vector<catalog::ProductId> products;
    std::int64_t per_cent = 100;
    std::optional<std::string> target;
    int position = 0;
    bool active = true;
    std::optional<Timestamp> valid_from, valid_until;
};
void describe(json::Struct<RuleForm>& d) {
    d.name("SearchRuleForm");
    d.field<&RuleForm::kind>("kind");
    d.field<&RuleForm::query>("query", "The whole query. Either this or a category.").max_length(100);
    d.field<&RuleForm::category>("category", "Its own list.");
    d.field<&RuleForm::locale>("locale", "Empty: every language.").pattern("[a-z]{2}");
    d.field<&RuleForm::products>("products", "Pinned in this order.").optional();
    d.field<&RuleForm::per_cent>("per_cent", "Of a boost: 100 doubles the score.").optional().min(0).max(1000);
    d.field<&RuleForm::target>("target", "Of a redirect: a path of this shop.").max_length(500);
    d.field<&RuleForm::position>("position", "Earlier rules win.").optional();
    d.field<&RuleForm::active>("active").optional();
    d.field<&RuleForm::valid_from>("valid_from");
    d.field<&RuleForm::valid_until>("valid_until");
}

}  // namespace

void declare_words(Registry& registry, Declared shop) {
    registry.add(Resource("pages", "Pages", "Content")
                     .from("content_api.admin_page")
                     .column({"title", "Title", FieldType::text, {}})
                     .column({"kind", "Kind", FieldType::text, {}})
                     .column({"published", "Published", FieldType::boolean, {}})
                     .column({"published_from", "From", FieldType::datetime, {}})
                     .column({"published_until", "Until", FieldType::datetime, {}})
                     .column({"updated_at", "Changed", FieldType::datetime, {}})
                     .filter({"kind", "Kind", FilterType::select, options({"page", "story"})})
                     .filter({"published", "Published", FilterType::boolean})
                     .search("t.title ilike {q} or t.id ilike {q}")
                     .form<PageForm>(find_page,
                                     [&writer = shop.content](Write& write, const std::optional<PageForm>& before,
                                                              const PageForm& after) -> Result<std::string> {
                                         if (!before && find_page(write.tx, after.code))
                                             return fail_field("/code", "taken", "Another page has this code.");
                                         content::Page page;
                                         page.code = after.code;
                                         page.kind = after.kind;
                                         page.published = after.published;
                                         page.published_from = after.published_from;
                                         page.published_until = after.published_until;
                                         page.position = after.position;
                                         using T = content::PageText;
                                         for (const auto& [from, member] :
                                              {std::pair<const Texts*, std::string T::*>{&after.title, &T::title},
                                               {&after.slug, &T::slug},
                                               {&after.body, &T::body},
                                               {&after.seo_title, &T::seo_title},
                                               {&after.seo_description, &T::seo_description}}) {
                                             for (const auto& [locale, value] : *from) page.texts[locale].*member = value;
                                         }
                                         if (auto saved = writer.upsert_page(write.tx, page); !saved) return fail(saved.error());
                                         return after.code;
                                     })
                     .look("code", {.fixed = true})
                     .look("seo_title", {.group = "SEO"})
                     .look("seo_description", {.group = "SEO"})
                     .key("code",
                          [](db::Session& session, std::string_view value) -> std::optional<std::string> {
                              return find_page(session, value) ? std::optional(std::string(value)) : std::nullopt;
                          })
                     .removed_by([&writer = shop.content](Write& write, std::string_view id) -> Result<void> {
                         writer.remove_page(write.tx, id);
                         return {};
                     }));

    registry.add(Resource("redirects", "Redirects of pages", "Content")
                     .from("content_api.admin_redirect")
                     .column({"slug", "Address", FieldType::text, {}})
                     .column({"locale", "Language", FieldType::text, {}})
                     .column({"page", "Leads to", FieldType::text, {.sql = "t.code"}})
                     .column({"created_at", "Since", FieldType::datetime, {}})
                     .filter({"locale", "Language", FilterType::select, options({"en", "de", "nl", "fr"})})
                     .search("t.slug ilike {q} or t.code ilike {q}")
                     .form<RedirectForm>(
                         find_redirect,
                         [](Write& write, const std::optional<RedirectForm>& before, const RedirectForm& after) -> Result<std::string> {
                             const auto id = after.locale + "." + after.slug;
                             if (!before && find_redirect(write.tx, id))
                                 return fail_field("/slug", "taken", "This address leads somewhere already.");
                             if (auto saved = content::put_redirect(write.tx, {after.locale, after.slug, after.page}); !saved)
                                 return fail(saved.error());
                             return id;
                         })
                     .look("locale", {.fixed = true})
                     .look("slug", {.fixed = true})
                     .removed_by([](Write& write, std::string_view id) -> Result<void> {
                         const auto dot = id.find('.');
                         content::remove_redirect(write.tx, id.substr(0, dot), id.substr(dot + 1));
                         return {};
                     }));

    const auto save_synonyms = [&merchandiser = shop.merchandiser](Write& write, SynonymId id,
                                                                   const SynonymForm& form) -> Result<std::string> {
        if (auto saved = merchandiser.put(write.tx, search::Synonyms{id.uuid(), form.locale, form.words}); !saved)
            return fail(saved.error());
        return id.to_string();
    };
    registry.add(Resource("synonyms", "Synonyms", "Search")
                     .from("search_api.admin_synonym", "syn")
                     .column({"words", "Words", FieldType::list, {}})
                     .column({"locale", "Language", FieldType::text, {}})
                     .filter({"locale", "Language", FilterType::select, options({"en", "de", "nl", "fr"})})
                     .search("array_to_string(t.words, ' ') ilike {q}")
                     .form_with_id<SynonymForm>(
                         [](db::Session& session, std::string_view id) -> std::optional<SynonymForm> {
                             const auto rows = session.query(sql::find_synonym, id_of<SynonymId>(id));
                             if (rows.empty()) return std::nullopt;
                             return SynonymForm{rows.front().get<std::string>("locale"),
                                                rows.front().get<std::vector<std::string>>("words")};
                         },
                         [save_synonyms](Write& write, std::string_view id, const SynonymForm& after) -> Result<std::string> {
                             return save_synonyms(write, id.empty() ? SynonymId::make() : id_of<SynonymId>(id), after);
                         })
                     .removed_by([&merchandiser = shop.merchandiser](Write& write, std::string_view id) -> Result<void> {
                         merchandiser.remove_synonyms(write.tx, id_of<SynonymId>(id).uuid());
                         return {};
                     }));

    registry.add(
        Resource("search_rules", "Search rules and redirects", "Search")
            .from("search_api.admin_rule", "rule")
            .column({"query", "Query", FieldType::text, {}})
            .column({"kind", "Kind", FieldType::select, {}})
            .column({"category", "Category", FieldType::reference, {.sql = "t.category_id", .prefix = "cat", .resource = "categories"}})
            .column({"locale", "Language", FieldType::text, {}})
            .column({"target", "Leads to", FieldType::text, {}})
            .column({"active", "Active", FieldType::boolean, {}})
            .filter({"kind", "Kind", FilterType::select, options({"pin", "boost", "bury", "redirect"})})
            .filter({"active", "Active", FilterType::boolean})
            .search("t.query ilike {q} or t.target ilike {q}")
            .form_with_id<RuleForm>(
                [](db::Session& session, std::string_view id) -> std::optional<RuleForm> {
                    const auto rows = session.query(sql::find_rule, id_of<RuleId>(id));
                    if (rows.empty()) return std::nullopt;
                    const auto row = rows.front();
                    RuleForm out;
                    out.kind = *json::from_name<RuleKind>(row.get<std::string>("kind"));
                    out.locale = row.get<std::optional<std::string>>("locale");
                    out.query = row.get<std::optional<std::string>>("query");
                    out.category = row.get<std::optional<catalog::CategoryId>>("category_id");
                    out.per_cent = row.get<std::int64_t>("per_cent");
                    out.target = row.get<std::optional<std::string>>("target");
                    out.position = row.get<int>("position");
                    out.active = row.get<bool>("active");
                    out.valid_from = row.get<std::optional<Timestamp>>("valid_from");
                    out.valid_until = row.get<std::optional<Timestamp>>("valid_until");
                    for (const auto& product : row.get<std::vector<std::string>>("products"))
                        out.products.emplace_back(db::parse_uuid(product));
                    return out;
                },
                [&merchandiser = shop.merchandiser](Write& write, std::string_view id, const RuleForm& after) -> Result<std::string> {
                    const auto rule_id = id.empty() ? RuleId::make() : id_of<RuleId>(id);
                    search::Rule rule;
                    rule.id = rule_id.uuid();
                    rule.kind = after.kind;
                    rule.locale = after.locale;
                    rule.query = after.query;
                    rule.category = after.category;
                    rule.products = after.products;
                    rule.per_cent = after.per_cent;
                    rule.target = after.target.value_or("");
                    rule.position = after.position;
                    rule.active = after.active;
                    rule.valid_from = after.valid_from;
                    rule.valid_until = after.valid_until;
                    if (auto saved = merchandiser.put(write.tx, rule); !saved) return fail(saved.error());
                    return rule_id.to_string();
                })
            .look("category", {.resource = "categories"})
            .look("products", {.type = FieldType::list, .resource = "products"})
            .removed_by([&merchandiser = shop.merchandiser](Write& write, std::string_view id) -> Result<void> {
                merchandiser.remove_rule(write.tx, id_of<RuleId>(id).uuid());
                return {};
            }));
}

}  // namespace stoa::backoffice
