#include <unordered_map>

#include "sql/read.hpp"
#include "stoa/catalog/make.hpp"
#include "store/rows.hpp"

namespace stoa::catalog {
namespace {

using store::asset_from_row;
using store::page_text_from_row;

class PostgresReader final : public Reader {
public:
    Structure structure(db::Session& session) override {
        const std::vector<db::Call> calls{
            db::call(sql::all_attributes),       db::call(sql::all_attribute_values),    db::call(sql::all_types),
            db::call(sql::all_categories),       db::call(sql::all_category_texts),      db::call(sql::all_collections),
            db::call(sql::all_collection_texts), db::call(sql::all_collection_products), db::call(sql::structure_assets)};
        return built(session.pipeline(calls));
    }

    std::optional<Attribute> attribute(db::Session& session, std::string_view code) override {
        auto answers = part(session, 0, {db::call(sql::one_attribute, code), db::call(sql::one_attribute_values, code)});
        return first_of(std::move(built(answers).attributes));
    }
    std::optional<Category> category(db::Session& session, CategoryId id) override {
        auto answers = part(session, 3, {db::call(sql::one_category, id), db::call(sql::one_category_texts, id)});
        return first_of(std::move(built(answers).categories));
    }
    std::optional<Collection> collection(db::Session& session, CollectionId id) override {
        auto answers =
            part(session, 5,
                 {db::call(sql::one_collection, id), db::call(sql::one_collection_texts, id), db::call(sql::one_collection_products, id)});
        return first_of(std::move(built(answers).collections));
    }

    template <class T>
    static std::optional<T> first_of(std::vector<T>&& found) {
        return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
    }
    // The answers of a structure of which only some were asked for, from the place `first` on.
    static std::vector<db::Rows> part(db::Session& session, std::size_t first, const std::vector<db::Call>& calls) {
        std::vector<db::Rows> answers(9);
        auto found = session.pipeline(calls);
        for (std::size_t i = 0; i < found.size(); ++i) answers[first + i] = std::move(found[i]);
        return answers;
    }
    static Structure built(const std::vector<db::Rows>& answers) {
        Structure out;
        std::unordered_map<std::string, std::size_t> by_code;
        for (const auto row : answers[0]) {
            Attribute attribute;
            attribute.code = row.get<std::string>("code");
            attribute.kind = store::kind_from(row.get<std::string_view>("kind"));
            attribute.unit = row.get<std::string>("unit");
            attribute.names = store::texts_from_json(row.get<std::string_view>("names"));
            attribute.filterable = row.get<bool>("filterable");
            attribute.searchable = row.get<bool>("searchable");
            attribute.visible = row.get<bool>("visible");
            attribute.position = row.get<int>("position");
            by_code.emplace(attribute.code, out.attributes.size());
            out.attributes.push_back(std::move(attribute));
        }
        for (const auto row : answers[1]) {
            out.attributes[by_code.at(row.get<std::string>("attribute"))].values.push_back(
                {row.get<std::string>("code"), store::texts_from_json(row.get<std::string_view>("labels")),
                 row.get<std::string>("colour")});
        }
        for (const auto row : answers[2]) {
            out.types.push_back({row.get<std::string>("code"), store::texts_from_json(row.get<std::string_view>("names")),
                                 row.get<std::vector<std::string>>("attributes")});
        }
        std::unordered_map<Uuid, std::size_t> index;
        for (const auto row : answers[3]) {
            Category category;
            category.id = row.get<CategoryId>("id");
            category.handle = row.get<std::string>("handle");
            category.parent = row.get<std::optional<CategoryId>>("parent_id");
            category.position = row.get<int>("position");
            category.published = row.get<bool>("published");
            category.image = row.get<std::optional<AssetId>>("image_id");
            for (const auto& id : row.get<std::vector<std::string>>("path")) category.path.emplace_back(db::parse_uuid(id));
            category.updated_at = row.get<Timestamp>("updated_at");
            index.emplace(category.id.uuid(), out.categories.size());
            out.categories.push_back(std::move(category));
        }
        for (const auto row : answers[4]) {
            out.categories[index.at(row.get<Uuid>("id"))].texts.emplace(row.get<std::string>("locale"), page_text_from_row(row));
        }
        index.clear();
        for (const auto row : answers[5]) {
            Collection collection;
            collection.id = row.get<CollectionId>("id");
            collection.handle = row.get<std::string>("handle");
            collection.position = row.get<int>("position");
            collection.published = row.get<bool>("published");
            collection.image = row.get<std::optional<AssetId>>("image_id");
            if (const auto rule = row.get<std::optional<std::string>>("rule")) collection.rule = store::rule_from_json(*rule);
            collection.updated_at = row.get<Timestamp>("updated_at");
            index.emplace(collection.id.uuid(), out.collections.size());
            out.collections.push_back(std::move(collection));
        }
        for (const auto row : answers[6]) {
            out.collections[index.at(row.get<Uuid>("id"))].texts.emplace(row.get<std::string>("locale"), page_text_from_row(row));
        }
        for (const auto row : answers[7]) {
            auto& collection = out.collections[index.at(row.get<Uuid>("collection_id"))];
            if (!collection.rule) collection.products.push_back(row.get<ProductId>("product_id"));
        }
        for (const auto row : answers[8]) out.assets.push_back(asset_from_row(row));
        return out;
    }

    std::vector<ProductId> product_ids(db::Session& session) override {
        const auto rows = session.query(sql::product_ids);
        std::vector<ProductId> out;
        out.reserve(static_cast<std::size_t>(rows.size()));
        for (const auto row : rows) out.push_back(row.get<ProductId>(0));
        return out;
    }

    ProductBatch products(db::Session& session, std::span<const ProductId> wanted) override {
        const std::vector<ProductId> ids(wanted.begin(), wanted.end());
        const auto list = db::to_param(ids);
        std::vector<db::Call> calls;
        for (const auto& query : {sql::products, sql::product_texts, sql::product_categories, sql::product_options, sql::product_attributes,
                                  sql::product_media, sql::variants, sql::variant_options, sql::product_assets, sql::product_reviews}) {
            calls.push_back(db::Call{query, {list}});
        }
        const auto answers = session.pipeline(calls);
        ProductBatch out;
        std::unordered_map<Uuid, std::size_t> index;
        out.products.reserve(static_cast<std::size_t>(answers[0].size()));
        for (const auto row : answers[0]) {
            Product product;
            product.id = row.get<ProductId>("id");
            product.handle = row.get<std::string>("handle");
            product.type = row.get<std::string>("type_code");
            product.brand = row.get<std::string>("brand");
            product.category = row.get<std::optional<CategoryId>>("category_id");
            product.tax_class = row.get<std::string>("tax_class");
            product.status = store::status_from(row.get<std::string_view>("status"));
            product.published_from = row.get<std::optional<Timestamp>>("published_from");
            product.published_until = row.get<std::optional<Timestamp>>("published_until");
            product.popularity = row.get<std::int64_t>("popularity");
            product.handling_days = row.get<int>("handling_days");
            product.created_at = row.get<Timestamp>("created_at");
            product.updated_at = row.get<Timestamp>("updated_at");
            product.audience = store::audience_from_row(row);
            index.emplace(product.id.uuid(), out.products.size());
            out.products.push_back(std::move(product));
        }
        const auto product_of = [&](const db::Row& row, std::string_view column = "product_id") -> Product& {
            return out.products[index.at(row.get<Uuid>(column))];
        };
        for (const auto row : answers[1]) product_of(row, "id").texts.emplace(row.get<std::string>("locale"), page_text_from_row(row));
        for (const auto row : answers[2]) product_of(row).more_categories.push_back(row.get<CategoryId>("category_id"));
        for (const auto row : answers[3]) product_of(row).options.push_back(row.get<std::string>("code"));
        for (const auto row : answers[4]) {
            auto& settings = product_of(row).attributes;
            const auto code = row.get<std::string_view>("code");
            const auto value = row.get<std::optional<std::string>>("value_code");
            if (value && !settings.empty() && settings.back().attribute == code) {
                settings.back().values.push_back(*value);
                continue;
            }
            auto& setting = settings.emplace_back();
            setting.attribute = code;
            if (value) setting.values.push_back(*value);
            setting.number_milli = row.get<std::optional<std::int64_t>>("number_milli");
            if (const auto texts = row.get<std::optional<std::string>>("texts")) setting.text = store::texts_from_json(*texts);
            setting.flag = row.get<std::optional<bool>>("flag");
        }
        for (const auto row : answers[5])
            product_of(row).media.push_back({row.get<AssetId>("asset_id"), store::texts_from_json(row.get<std::string_view>("options"))});
        std::unordered_map<Uuid, std::pair<std::size_t, std::size_t>> variant_index;
        for (const auto row : answers[6]) {
            auto& product = product_of(row);
            Variant variant;
            variant.id = row.get<VariantId>("id");
            variant.sku = row.get<std::string>("sku");
            variant.barcode = row.get<std::string>("barcode");
            variant.weight_grams = row.get<std::int64_t>("weight_grams");
            variant.length_mm = row.get<std::int64_t>("length_mm");
            variant.width_mm = row.get<std::int64_t>("width_mm");
            variant.height_mm = row.get<std::int64_t>("height_mm");
            variant.image = row.get<std::optional<AssetId>>("image_id");
            variant.active = row.get<bool>("active");
            variant.published_from = row.get<std::optional<Timestamp>>("published_from");
            variant.published_until = row.get<std::optional<Timestamp>>("published_until");
            variant_index.emplace(variant.id.uuid(), std::pair(index.at(product.id.uuid()), product.variants.size()));
            product.variants.push_back(std::move(variant));
        }
        for (const auto row : answers[7]) {
            const auto [product, variant] = variant_index.at(row.get<Uuid>("variant_id"));
            out.products[product].variants[variant].options.emplace(row.get<std::string>("code"), row.get<std::string>("value_code"));
        }
        for (const auto row : answers[8]) out.assets.push_back(asset_from_row(row));
        for (const auto row : answers[9]) out.reviews.push_back(store::review_from_row(row));
        return out;
    }

    std::vector<OldSlug> old_slugs(db::Session& session) override {
        const auto rows = session.query(sql::old_slugs);
        std::vector<OldSlug> out;
        for (const auto row : rows) {
            out.push_back(
                {row.get<std::string>("kind"), row.get<std::string>("locale"), row.get<std::string>("slug"), row.get<Uuid>("entity_id")});
        }
        return out;
    }

    std::optional<ProductId> product_by_handle(db::Session& session, std::string_view handle) override {
        const auto rows = session.query(sql::product_by_handle, handle);
        if (rows.empty()) return std::nullopt;
        return rows.front().get<ProductId>(0);
    }

    std::map<std::string, std::pair<VariantId, ProductId>> variants_by_sku(db::Session& session,
                                                                           std::span<const std::string> skus) override {
        std::map<std::string, std::pair<VariantId, ProductId>> out;
        for (const auto row : session.query(sql::variants_by_sku, std::vector<std::string>(skus.begin(), skus.end()))) {
            out.emplace(row.get<std::string>("sku"), std::pair(row.get<VariantId>("id"), row.get<ProductId>("product_id")));
        }
        return out;
    }
};

}  // namespace

std::unique_ptr<Reader> make_reader() { return std::make_unique<PostgresReader>(); }

}  // namespace stoa::catalog
