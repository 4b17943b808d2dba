#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "codes.hpp"
#include "reviews.hpp"
#include "sql/read.hpp"
#include "sql/write.hpp"
#include "stoa/catalog/make.hpp"
#include "stoa/catalog/rules.hpp"
#include "stoa/events/events.hpp"
#include "store/rows.hpp"

namespace stoa::catalog {
namespace {

class PostgresCatalog final : public Catalog {
public:
    db::Read<std::vector<VariantInfo>> read_variants(std::span<const VariantId> ids, std::string_view locale, Timestamp at,
                                                     Freshness /*always now*/) override {
        std::vector<VariantId> wanted(ids.begin(), ids.end());
        const auto list = db::to_param(wanted);
        return {.calls = {db::call(sql::variant_infos, wanted, locale, at), db::Call{sql::variant_info_options, {list}},
                          db::Call{sql::variant_info_categories, {list}}, db::Call{sql::variant_info_collections, {list}},
                          db::call(sql::rule_collections), db::Call{sql::variant_info_attributes, {list}},
                          db::call(sql::variant_info_product_options, wanted, at)},
                .finish = [wanted = std::move(wanted), locale = std::string(locale), at](std::span<const db::Rows> answers) {
                    return infos(wanted, locale, at, answers);
                }};
    }

    static std::vector<VariantInfo> infos(std::span<const VariantId> ids, std::string_view locale, Timestamp at,
                                          std::span<const db::Rows> answers) {
        struct ProductFacts {
            std::string brand, type;
            Timestamp published_from{};
            std::set<std::string> categories;
            std::vector<AttributeSetting> attributes, options;
        };
        std::unordered_map<Uuid, VariantInfo> found;
        std::unordered_map<Uuid, ProductFacts> products;
        for (const auto row : answers[0]) {
            VariantInfo info;
            info.id = row.get<VariantId>("id");
            info.product_id = row.get<ProductId>("product_id");
            info.sku = row.get<std::string>("sku");
            info.product_slug = row.get<std::string>("slug");
            info.product_name = row.get<std::string>("name");
            info.is_gift_card = row.get<std::string_view>("type_code") == kGiftCardType;
            info.tax_class = info.is_gift_card ? std::string(kVoucherTaxClass) : row.get<std::string>("tax_class");
            // Written before that was refused: taxed and shipped like all goods.
            if (!info.is_gift_card && info.tax_class == kVoucherTaxClass) info.tax_class = "standard";
            info.sellable = row.get<bool>("sellable");
            info.audience = store::audience_from_row(row);
            info.weight_grams = row.get<std::int64_t>("weight_grams");
            info.length_mm = row.get<std::int64_t>("length_mm");
            info.width_mm = row.get<std::int64_t>("width_mm");
            info.height_mm = row.get<std::int64_t>("height_mm");
            if (const auto image = row.get<std::optional<AssetId>>("image_id")) {
                Asset asset{.id = *image,
                            .sha256 = row.get<std::string>("sha256"),
                            .name = row.get<std::string>("image_name"),
                            .content_type = row.get<std::string>("content_type"),
                            .width = row.get<int>("width"),
                            .height = row.get<int>("height"),
                            .focal_x = row.get<int>("focal_x"),
                            .focal_y = row.get<int>("focal_y"),
                            .background = row.get<std::string>("background"),
                            .placeholder = row.get<std::string>("placeholder"),
                            .alt = store::texts_from_json(row.get<std::string_view>("alt"))};
                info.image = image_dto(asset, locale);
            }
            auto& facts = products[info.product_id.uuid()];
            facts.brand = row.get<std::string>("brand");
            facts.type = row.get<std::string>("type_code");
            facts.published_from = row.get<Timestamp>("published_from");
            found.emplace(info.id.uuid(), std::move(info));
        }
        for (const auto row : answers[1]) {
            auto& text = found.at(row.get<Uuid>("variant_id")).options_text;
            const auto labels = store::texts_from_json(row.get<std::string_view>("labels"));
            const auto label = text_in(labels, locale);
            if (!text.empty()) text += ", ";
            text += label.empty() ? row.get<std::string_view>("value_code") : label;
        }
        for (const auto row : answers[2]) {
            auto& info = found.at(row.get<Uuid>("variant_id"));
            info.categories.push_back(row.get<CategoryId>("category_id"));
            products.at(info.product_id.uuid()).categories.insert(row.get<std::string>("handle"));
        }
        for (const auto row : answers[3])
            found.at(row.get<Uuid>("variant_id")).collections.push_back(row.get<CollectionId>("collection_id"));
        for (const auto row : answers[5]) {
            AttributeSetting setting;
            setting.attribute = row.get<std::string>("code");
            if (const auto value = row.get<std::optional<std::string>>("value_code")) setting.values.push_back(*value);
            setting.number_milli = row.get<std::optional<std::int64_t>>("number_milli");
            setting.flag = row.get<std::optional<bool>>("flag");
            products.at(row.get<Uuid>("product_id")).attributes.push_back(std::move(setting));
        }
        for (const auto row : answers[6]) {
            AttributeSetting setting;
            setting.attribute = row.get<std::string>("code");
            setting.values.push_back(row.get<std::string>("value_code"));
            products.at(row.get<Uuid>("product_id")).options.push_back(std::move(setting));
        }
        std::unordered_map<Uuid, std::vector<CollectionId>> by_rule;
        for (const auto row : answers[4]) {
            const auto rule = store::rule_from_json(row.get<std::string_view>("rule"));
            for (const auto& [product, facts] : products) {
                const std::vector<std::string> handles(facts.categories.begin(), facts.categories.end());
                const RuleFacts known{handles, facts.brand, facts.type, facts.attributes, facts.options, facts.published_from, at};
                if (matches(rule, known)) by_rule[product].push_back(row.get<CollectionId>("id"));
            }
        }
        std::vector<VariantInfo> out;
        out.reserve(found.size());
        for (const auto& id : ids) {
            const auto it = found.find(id.uuid());
            if (it == found.end()) continue;
            auto info = it->second;
            if (const auto more = by_rule.find(info.product_id.uuid()); more != by_rule.end()) {
                info.collections.insert(info.collections.end(), more->second.begin(), more->second.end());
            }
            std::ranges::sort(info.categories);
            std::ranges::sort(info.collections);
            out.push_back(std::move(info));
        }
        return out;
    }

    bool has_product(db::Session& session, ProductId id) override { return !session.query(sql::product_exists, id).empty(); }

    Result<ReviewId> add_review(db::Tx& tx, const NewReview& review) override {
        const auto id = ReviewId::make();
        const auto state = first_state(review.verified, review.title, review.body);
        const auto added = tx.exec(sql::add_review, id, review.product, review.customer, review.author, review.locale, review.rating,
                                   review.title, review.body, review.verified, store::state_name(state));
        if (added == 0) {
            if (!tx.query(sql::review_exists, review.product, review.customer).empty()) {
                return fail(ErrorKind::conflict, std::string(codes::kReviewExists), "You have reviewed this product already.");
            }
            return fail(ErrorKind::not_found, std::string(codes::kProductNotFound), "There is no such product.");
        }
        events::append(tx, {"review.added", "review:" + id.uuid().to_string(),
                            fmt::format(R"({{"review_id":"{}","product_id":"{}"}})", id.to_string(), review.product.to_string())});
        return id;
    }

    std::vector<OwnReview> reviews_of(db::Session& session, const Uuid& customer, std::string_view locale) override {
        std::vector<OwnReview> out;
        for (const auto row : session.query(sql::reviews_of_customer, customer, locale)) {
            out.push_back({store::review_from_row(row), row.get<std::string>("product_slug"), row.get<std::string>("product_name")});
        }
        return out;
    }

    std::optional<Review> review(db::Session& session, ReviewId id) override {
        const auto rows = session.query(sql::review_by_id, id);
        if (rows.empty()) return std::nullopt;
        return store::review_from_row(rows.front());
    }
};

}  // namespace

std::unique_ptr<Catalog> make_catalog() { return std::make_unique<PostgresCatalog>(); }

}  // namespace stoa::catalog
