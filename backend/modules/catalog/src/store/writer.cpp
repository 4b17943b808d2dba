#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "check.hpp"
#include "codes.hpp"
#include "sql/read.hpp"
#include "sql/write.hpp"
#include "stoa/catalog/make.hpp"
#include "stoa/events/events.hpp"
#include "stoa/text/text.hpp"
#include "store/rows.hpp"

namespace stoa::catalog {
namespace {

constexpr std::string_view kProduct = "product";
constexpr std::string_view kCategory = "category";
constexpr std::string_view kCollection = "collection";

void changed(db::Tx& tx, std::string_view kind, std::string_view id_member, const Uuid& id, const std::string& outside) {
    events::append(tx, {fmt::format("{}.changed", kind), fmt::format("{}:{}", kind, id.to_string()),
                        fmt::format(R"({{"{}":"{}"}})", id_member, outside)});
}

// Columns of a page's texts, ready to travel as arrays.
struct TextColumns {
    std::vector<std::string> locales, names, subtitles, descriptions, seo_titles, seo_descriptions, keywords;
    explicit TextColumns(const PageTexts& texts) {
        for (const auto& [locale, text] : texts) {
            locales.push_back(locale);
            names.push_back(text.name);
            subtitles.push_back(text.subtitle);
            descriptions.push_back(text.description);
            seo_titles.push_back(text.seo_title);
            seo_descriptions.push_back(text.seo_description);
            keywords.push_back(text.keywords);
        }
    }
};

// The language whose slug stands in for a missing one.
constexpr std::string_view kFallback = kLocales[0];

struct Slugs {
    std::vector<std::string> locales, slugs;
};

// The name with the distinguisher behind it, which is never what is cut off.
std::string distinct_slug(const std::string& name, std::string_view distinguisher, std::string_view locale) {
    constexpr std::size_t kLongest = 120;  // of a handle
    const auto tail = text::slugify(distinguisher, locale);
    auto head = text::slugify(name, locale);
    if (head.size() + 1 + tail.size() > kLongest) head.resize(kLongest - 1 - tail.size());
    while (!head.empty() && head.back() == '-') head.pop_back();
    return head.empty() ? tail : head + "-" + tail;
}

// The slugs to store: those given, else made from the name, with `distinguisher` behind when that one is taken. Taken is also what another
// one answers to in a language that it has no text in, and what another one has in a language that this one has no text in: there the
// English slug is shown, and would lead to the other.
Result<Slugs> choose_slugs(db::Tx& tx, std::string_view kind, const Uuid& entity, const PageTexts& texts, std::string_view distinguisher) {
    Slugs wanted;  // every candidate, to ask once
    for (const auto& [locale, text] : texts) {
        const auto first = text.slug.empty() ? text::slugify(text.name, locale) : text.slug;
        wanted.locales.push_back(locale);
        wanted.slugs.push_back(first);
        if (!text.slug.empty()) continue;
        wanted.locales.push_back(locale);
        wanted.slugs.push_back(distinct_slug(text.name, distinguisher, locale));
    }
    const std::vector<std::string> all_locales(kLocales.begin(), kLocales.end());
    std::set<std::pair<std::string, std::string>> taken, borrowed, own;
    for (const auto row : tx.query(sql::current_slugs, kind, all_locales, wanted.slugs)) {
        const auto locale = row.get<std::string>("locale");
        const auto slug = row.get<std::string>("slug");
        if (row.get<Uuid>("entity_id") == entity) {
            own.emplace(locale, slug);
            continue;
        }
        taken.emplace(locale, slug);
        if (locale != kFallback) {
            if (!texts.contains(locale)) borrowed.emplace(kFallback, slug);
            continue;
        }
        const auto written = row.get<std::vector<std::string>>("locales");
        for (const auto& other : all_locales) {
            if (std::ranges::find(written, other) == written.end()) borrowed.emplace(other, slug);
        }
    }
    // What was there before this was looked at stays: its address is known.
    std::ranges::set_difference(borrowed, own, std::inserter(taken, taken.end()));
    Slugs out;
    std::size_t next = 0;
    for (const auto& [locale, text] : texts) {
        std::size_t chosen = next++;
        if (text.slug.empty()) {
            if (taken.contains({locale, wanted.slugs[chosen]})) chosen = next;
            ++next;
        }
        if (taken.contains({locale, wanted.slugs[chosen]})) {
            return fail(invalid(codes::kSlugTaken, {{"/texts/" + locale + "/slug", "taken",
                                                     "'" + wanted.slugs[chosen] + "' is the address of something else."}}));
        }
        out.locales.push_back(locale);
        out.slugs.push_back(wanted.slugs[chosen]);
    }
    return out;
}

class PostgresWriter final : public Writer {
public:
    Result<void> upsert_attribute(db::Tx& tx, const Attribute& attribute) override {
        std::vector<FieldError> errors;
        if (!is_code(attribute.code))
            errors.push_back({"/code", "invalid_code", "Use a to z, 0 to 9 and underscores, at most 40, starting with a letter."});
        if (text_in(attribute.names, "en").empty()) errors.push_back({"/names/en", "required", "A name is needed."});
        if (attribute.kind != AttributeKind::choice && !attribute.values.empty())
            errors.push_back({"/values", "wrong_kind", "Only attributes of kind enum have values."});
        std::vector<std::string> value_codes, labels, colours;
        for (std::size_t i = 0; i < attribute.values.size(); ++i) {
            const auto& value = attribute.values[i];
            if (!is_value_code(value.code))
                errors.push_back(
                    {fmt::format("/values/{}/code", i), "invalid_code", "Use a to z, 0 to 9, hyphens and underscores, at most 64."});
            if (std::ranges::find(value_codes, value.code) != value_codes.end())
                errors.push_back({fmt::format("/values/{}/code", i), "duplicate", "This value is listed twice."});
            value_codes.push_back(value.code);
            labels.push_back(store::texts_to_json(value.labels));
            colours.push_back(value.colour);
        }
        if (!errors.empty()) return fail(invalid(codes::kInvalidAttribute, std::move(errors)));

        Uuid id = Uuid::derived("attribute:" + attribute.code);
        if (const auto rows = tx.query(sql::attribute_for_update, attribute.code); !rows.empty()) {
            id = rows.front().get<Uuid>("id");
            if (rows.front().get<std::string_view>("kind") != store::kind_name(attribute.kind)) {
                return fail(ErrorKind::conflict, std::string(codes::kAttributeKindFixed), "The kind of an attribute cannot change.");
            }
        }
        tx.exec(sql::upsert_attribute, id, attribute.code, store::kind_name(attribute.kind), attribute.unit,
                store::texts_to_json(attribute.names), attribute.filterable, attribute.searchable, attribute.visible, attribute.position);
        try {
            tx.exec(sql::remove_attribute_values, id, value_codes);
        } catch (const db::ForeignKeyViolation&) {
            return fail(ErrorKind::conflict, std::string(codes::kAttributeValueInUse), "Products still use a value that is to be removed.");
        }
        tx.exec(sql::upsert_attribute_values, id, value_codes, labels, colours);
        changed(tx, "category", "attribute_id", id, attribute.code);
        return {};
    }

    Result<void> upsert_type(db::Tx& tx, const ProductType& type) override {
        if (!is_code(type.code))
            return fail(invalid(codes::kInvalidAttribute, {{"/code", "invalid_code", "Use a to z, 0 to 9 and underscores, at most 40."}}));
        const auto known = attributes(tx, type.attributes);
        std::vector<Uuid> ids;
        for (const auto& code : type.attributes) {
            const auto found = known.find(code);
            if (found == known.end())
                return fail(invalid(codes::kAttributeUnknown, {{"/attributes", "unknown", "There is no attribute '" + code + "'."}}));
            if (std::ranges::find(ids, found->second.id) == ids.end()) ids.push_back(found->second.id);
        }
        tx.exec(sql::upsert_type, type.code, store::texts_to_json(type.names));
        tx.exec(sql::replace_type_attributes, type.code, ids);
        return {};
    }

    Result<AssetId> upsert_asset(db::Tx& tx, const Asset& asset) override {
        const AssetId id = asset.id.is_nil() ? AssetId::make() : asset.id;
        const auto rows = tx.query(sql::upsert_asset, id, asset.sha256, asset.name, asset.content_type, asset.width, asset.height,
                                   asset.focal_x, asset.focal_y, asset.background, asset.placeholder, store::texts_to_json(asset.alt));
        const auto stored = rows.front().get<AssetId>("id");
        if (rows.front().get<bool>("is_changed")) announce_asset(tx, stored);
        return stored;
    }

    Result<CategoryId> upsert_category(db::Tx& tx, const Category& category) override {
        std::vector<FieldError> errors;
        if (!is_handle(category.handle)) errors.push_back({"/handle", "invalid_handle", "Use a to z, 0 to 9 and hyphens, at most 120."});
        check_texts(category.texts, 20000, errors);
        if (!errors.empty()) return fail(invalid(codes::kInvalidCategory, std::move(errors)));

        CategoryId id = category.id.is_nil() ? CategoryId::make() : category.id;
        if (const auto rows = tx.query(sql::category_by_handle, category.handle); !rows.empty()) id = rows.front().get<CategoryId>("id");
        std::vector<std::string> path;
        if (category.parent) {
            const auto rows = tx.query(sql::category_path, *category.parent);
            if (rows.empty()) return fail(invalid(codes::kCategoryUnknown, {{"/parent", "unknown", "There is no such category."}}));
            path = rows.front().get<std::vector<std::string>>("path");
            if (std::ranges::find(path, id.uuid().to_string()) != path.end()) {
                return fail(invalid(codes::kCategoryCycle, {{"/parent", "cycle", "A category cannot be below itself."}}));
            }
        }
        path.push_back(id.uuid().to_string());
        auto slugs = choose_slugs(tx, kCategory, id.uuid(), category.texts, category.handle);
        if (!slugs) return fail(slugs.error());
        const TextColumns texts(category.texts);
        const std::vector<db::Call> calls{db::call(sql::upsert_category, id, category.handle, category.parent, path, category.position,
                                                   category.published, category.image),
                                          db::call(sql::rebuild_paths, id, path),
                                          db::call(sql::replace_category_texts, id, texts.locales, texts.names, texts.descriptions,
                                                   texts.seo_titles, texts.seo_descriptions),
                                          db::call(sql::retire_slugs, kCategory, id, slugs->locales, slugs->slugs),
                                          db::call(sql::put_slugs, kCategory, id, slugs->locales, slugs->slugs)};
        const auto answers = tx.pipeline(calls);
        if (answers.back().size() != static_cast<int>(slugs->slugs.size())) return slug_race();
        changed(tx, "category", "category_id", id.uuid(), id.to_string());
        return id;
    }

    Result<CollectionId> upsert_collection(db::Tx& tx, const Collection& collection) override {
        std::vector<FieldError> errors;
        if (!is_handle(collection.handle)) errors.push_back({"/handle", "invalid_handle", "Use a to z, 0 to 9 and hyphens, at most 120."});
        check_texts(collection.texts, 20000, errors);
        if (collection.rule) {
            for (std::size_t i = 0; i < collection.rule->conditions.size(); ++i) {
                const auto& field = collection.rule->conditions[i].field;
                if (field != "category" && field != "brand" && field != "type" && field != "new_within_days" &&
                    !field.starts_with("attribute:")) {
                    errors.push_back({fmt::format("/rule/conditions/{}/field", i), "unknown",
                                      "Use category, brand, type, new_within_days or attribute:<code>."});
                }
            }
        }
        if (!errors.empty()) return fail(invalid(codes::kInvalidCollection, std::move(errors)));
        CollectionId id = collection.id.is_nil() ? CollectionId::make() : collection.id;
        if (const auto rows = tx.query(sql::collection_by_handle, collection.handle); !rows.empty())
            id = rows.front().get<CollectionId>("id");
        auto slugs = choose_slugs(tx, kCollection, id.uuid(), collection.texts, collection.handle);
        if (!slugs) return fail(slugs.error());
        const TextColumns texts(collection.texts);
        std::vector<ProductId> products;
        if (!collection.rule) {
            for (const auto& product : collection.products) {
                if (std::ranges::find(products, product) == products.end()) products.push_back(product);
            }
        }
        const std::optional<std::string> rule = collection.rule ? std::optional(store::rule_to_json(*collection.rule)) : std::nullopt;
        const std::vector<db::Call> calls{
            db::call(sql::upsert_collection, id, collection.handle, collection.position, collection.published, collection.image, rule),
            db::call(sql::replace_collection_texts, id, texts.locales, texts.names, texts.descriptions, texts.seo_titles,
                     texts.seo_descriptions),
            db::call(sql::remove_collection_products, id),
            db::call(sql::add_collection_products, id, products),
            db::call(sql::retire_slugs, kCollection, id, slugs->locales, slugs->slugs),
            db::call(sql::put_slugs, kCollection, id, slugs->locales, slugs->slugs)};
        const auto answers = tx.pipeline(calls);
        if (answers.back().size() != static_cast<int>(slugs->slugs.size())) return slug_race();
        changed(tx, "category", "collection_id", id.uuid(), id.to_string());
        return id;
    }

    bool set_membership(db::Tx& tx, CollectionId collection, ProductId product, bool listed) override {
        if (tx.exec(listed ? sql::list_in_collection : sql::take_out_of_collection, collection, product) == 0) return false;
        changed(tx, "product", "product_id", product.uuid(), product.to_string());
        return true;
    }

    Result<ProductId> upsert_product(db::Tx& tx, const Product& product) override {
        if (auto errors = check_product(product); !errors.empty()) return fail(invalid(codes::kInvalidProduct, std::move(errors)));

        std::vector<std::string> skus, attribute_codes;
        for (const auto& variant : product.variants) skus.push_back(variant.sku);
        for (const auto& option : product.options) attribute_codes.push_back(option);
        for (const auto& setting : product.attributes) attribute_codes.push_back(setting.attribute);
        const std::vector<db::Call> questions{db::call(sql::product_by_handle, product.handle),
                                              db::call(sql::attributes_by_code, attribute_codes),
                                              db::call(sql::type_attributes, product.type), db::call(sql::type_exists, product.type),
                                              db::call(sql::skus_elsewhere, skus, product.handle)};
        const auto facts = tx.pipeline(questions);
        if (facts[3].empty())
            return fail(invalid(codes::kInvalidProduct, {{"/type", "unknown", "There is no product type '" + product.type + "'."}}));
        if (!facts[4].empty()) return sku_taken(facts[4].front().get<std::string>("sku"));
        ProductId id = product.id.is_nil() ? ProductId::make() : product.id;
        if (!facts[0].empty()) id = facts[0].front().get<ProductId>("id");
        const auto known = known_from(facts[1]);
        std::set<std::string> in_type;
        for (const auto row : facts[2]) in_type.insert(row.get<std::string>("code"));
        if (auto fine = check_attributes(product, known, in_type); !fine) return fail(fine.error());
        auto slugs = choose_slugs(tx, kProduct, id.uuid(), product.texts, product.variants.front().sku);
        if (!slugs) return fail(slugs.error());

        const TextColumns texts(product.texts);
        std::vector<Uuid> options;
        for (const auto& option : product.options) options.push_back(known.at(option).id);
        std::vector<Uuid> attribute_ids;
        std::vector<std::optional<std::string>> values, attribute_texts;
        std::vector<std::optional<std::int64_t>> numbers;
        std::vector<std::optional<bool>> flags;
        const auto add = [&](const Uuid& attribute, std::optional<std::string> value, std::optional<std::int64_t> number,
                             std::optional<std::string> text, std::optional<bool> flag) {
            attribute_ids.push_back(attribute);
            values.push_back(std::move(value));
            numbers.push_back(number);
            attribute_texts.push_back(std::move(text));
            flags.push_back(flag);
        };
        for (const auto& setting : product.attributes) {
            const auto& attribute = known.at(setting.attribute).id;
            for (const auto& value : setting.values) add(attribute, value, {}, {}, {});
            if (setting.number_milli) add(attribute, {}, setting.number_milli, {}, {});
            if (!setting.text.empty()) add(attribute, {}, {}, store::texts_to_json(setting.text), {});
            if (setting.flag) add(attribute, {}, {}, {}, setting.flag);
        }
        std::vector<AssetId> media;
        std::vector<std::string> media_options;
        for (const auto& item : product.media) {
            media.push_back(item.asset);
            media_options.push_back(store::texts_to_json(item.options));
        }
        std::vector<VariantId> variant_ids;
        std::vector<std::string> barcodes, option_skus, option_values;
        std::vector<std::int64_t> weights, lengths, widths, heights;
        std::vector<std::optional<AssetId>> images;
        std::vector<bool> active;
        std::vector<std::optional<Timestamp>> from, until;
        std::vector<Uuid> option_attributes;
        for (const auto& variant : product.variants) {
            variant_ids.push_back(variant.id.is_nil() ? VariantId::make() : variant.id);
            barcodes.push_back(variant.barcode);
            weights.push_back(variant.weight_grams);
            lengths.push_back(variant.length_mm);
            widths.push_back(variant.width_mm);
            heights.push_back(variant.height_mm);
            images.push_back(variant.image);
            active.push_back(variant.active);
            from.push_back(variant.published_from);
            until.push_back(variant.published_until);
            for (const auto& [option, value] : variant.options) {
                option_skus.push_back(variant.sku);
                option_attributes.push_back(known.at(option).id);
                option_values.push_back(value);
            }
        }
        std::vector<db::Param> active_items;
        for (const bool value : active) active_items.push_back(db::to_param(value));

        constexpr std::size_t kUpsertVariants = 9;
        const std::vector<db::Call> calls{db::call(sql::upsert_product, id, product.handle, product.type, product.brand, product.category,
                                                   product.tax_class, store::status_name(product.status), product.published_from,
                                                   product.published_until, product.popularity, product.handling_days),
                                          db::call(sql::replace_product_texts, id, texts.locales, texts.names, texts.subtitles,
                                                   texts.descriptions, texts.seo_titles, texts.seo_descriptions, texts.keywords),
                                          db::call(sql::replace_product_categories, id, product.more_categories),
                                          db::call(sql::replace_product_options, id, options),
                                          db::call(sql::remove_product_attributes, id),
                                          db::call(sql::add_product_attributes, id, attribute_ids, values, numbers, attribute_texts, flags),
                                          db::call(sql::remove_product_media, id),
                                          db::call(sql::add_product_media, id, media, media_options),
                                          db::call(sql::deactivate_variants, id, skus),
                                          db::call(sql::upsert_variants, id, variant_ids, skus, barcodes, weights, lengths, widths, heights,
                                                   images, db::array_literal(active_items), from, until),
                                          db::call(sql::remove_variant_options, id),
                                          db::call(sql::add_variant_options, id, option_skus, option_attributes, option_values),
                                          db::call(sql::retire_slugs, kProduct, id, slugs->locales, slugs->slugs),
                                          db::call(sql::put_slugs, kProduct, id, slugs->locales, slugs->slugs)};
        const auto answers = tx.pipeline(calls);
        // Another product has taken one of them since the facts were read: its variant stayed as it was.
        std::set<std::string> missing(skus.begin(), skus.end());
        for (const auto row : answers[kUpsertVariants]) missing.erase(row.get<std::string>("sku"));
        if (!missing.empty()) return sku_taken(*missing.begin());
        if (answers.back().size() != static_cast<int>(slugs->slugs.size())) return slug_race();
        changed(tx, "product", "product_id", id.uuid(), id.to_string());
        return id;
    }

    Result<void> set_status(db::Tx& tx, ProductId product, ProductStatus status) override {
        if (tx.exec(sql::set_product_status, product, store::status_name(status)) == 0) {
            return fail(ErrorKind::not_found, std::string(codes::kProductNotFound), "There is no such product.");
        }
        changed(tx, "product", "product_id", product.uuid(), product.to_string());
        return {};
    }

    Result<void> set_audience(db::Tx& tx, ProductId product, const Audience& audience) override {
        const auto is_named = [](const std::string& group) { return !group.empty() && group.size() <= 60; };
        if (!std::ranges::all_of(audience.groups, is_named))
            return fail(invalid(codes::kInvalidProduct, {{"/audience/groups", "invalid", "A group's code has 1 to 60 characters."}}));
        // Locks the product: two writers of one audience come one after the other.
        if (tx.exec(sql::touch_product, product) == 0)
            return fail(ErrorKind::not_found, std::string(codes::kProductNotFound), "There is no such product.");
        tx.exec(sql::clear_audience, product);
        if (!audience.is_everybody()) tx.exec(sql::put_audience, product, audience.groups, audience.companies);
        changed(tx, "product", "product_id", product.uuid(), product.to_string());
        return {};
    }

    Result<void> moderate_review(db::Tx& tx, ReviewId review, ReviewState state) override {
        const auto rows = tx.query(sql::moderate_review, review, store::state_name(state));
        if (rows.empty()) {
            if (tx.query(sql::review_by_id, review).empty())
                return fail(ErrorKind::not_found, std::string(codes::kReviewNotFound), "There is no such review.");
            return {};
        }
        announce_review(tx, "review.moderated", review, rows.front().get<ProductId>("product_id"));
        return {};
    }

    Result<void> put_review(db::Tx& tx, const Review& review) override {
        if (review.rating < 1 || review.rating > 5 || review.title.empty() || review.body.empty() || review.author.empty()) {
            return fail(invalid(codes::kInvalidReview, {{"", "incomplete", "A review has an author, a title, a text and 1 to 5 stars."}}));
        }
        const ReviewId id = review.id.is_nil() ? ReviewId::make() : review.id;
        tx.exec(sql::put_review, id, review.product, review.customer, review.author, review.locale, review.rating, review.title,
                review.body, review.verified, store::state_name(review.state), review.created_at);
        announce_review(tx, "review.added", id, review.product);
        return {};
    }

    void announce_bulk_change(db::Tx& tx) override { events::append(tx, {"category.changed", "category:all", R"({"bulk":true})"}); }

private:
    static void announce_review(db::Tx& tx, std::string type, ReviewId review, ProductId product) {
        events::append(tx, {std::move(type), "review:" + review.uuid().to_string(),
                            fmt::format(R"({{"review_id":"{}","product_id":"{}"}})", review.to_string(), product.to_string())});
    }
    // Whatever shows the picture shows its text and its focal point.
    static void announce_asset(db::Tx& tx, AssetId asset) {
        for (const auto row : tx.query(sql::asset_products, asset)) {
            const auto id = row.get<ProductId>("product_id");
            changed(tx, "product", "product_id", id.uuid(), id.to_string());
        }
        for (const auto row : tx.query(sql::asset_pages, asset)) {
            const auto id = row.get<Uuid>("id");
            changed(tx, "category", row.get<std::string>("member"), id,
                    row.get<std::string>("kind") == kCategory ? CategoryId(id).to_string() : CollectionId(id).to_string());
        }
    }
    static Failure sku_taken(const std::string& sku) {
        return fail(invalid(codes::kSkuTaken, {{"/variants", "taken", "'" + sku + "' belongs to another product."}}));
    }
    // Another writer took the address between the question and the insert.
    static Failure slug_race() { return fail(ErrorKind::conflict, std::string(codes::kSlugTaken), "The address was taken a moment ago."); }

    static std::map<std::string, KnownAttribute> known_from(const db::Rows& rows) {
        std::map<std::string, KnownAttribute> out;
        for (const auto row : rows) {
            KnownAttribute attribute;
            attribute.id = row.get<Uuid>("id");
            attribute.kind = store::kind_from(row.get<std::string_view>("kind"));
            for (auto& value : row.get<std::vector<std::string>>("values")) attribute.values.insert(std::move(value));
            out.emplace(row.get<std::string>("code"), std::move(attribute));
        }
        return out;
    }
    static std::map<std::string, KnownAttribute> attributes(db::Tx& tx, const std::vector<std::string>& list) {
        return known_from(tx.query(sql::attributes_by_code, list));
    }
};

}  // namespace

std::unique_ptr<Writer> make_writer() { return std::make_unique<PostgresWriter>(); }

}  // namespace stoa::catalog
