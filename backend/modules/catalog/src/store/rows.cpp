#include "store/rows.hpp"

#include <algorithm>
#include <stdexcept>

#include "stoa/json/value.hpp"

namespace stoa::catalog::store {
namespace {

json::Value parse_stored(std::string_view text) {
    auto value = json::parse(text);
    if (!value) throw std::logic_error("catalog: stored JSON is not readable: " + value.error().message);
    return std::move(*value);
}

}  // namespace

Texts texts_from_json(std::string_view text) {
    Texts out;
    const auto stored = parse_stored(text);
    for (const auto& [key, value] : stored.members()) {
        if (value.is_string()) out.emplace(key, value.text());
    }
    return out;
}

std::string texts_to_json(const Texts& texts) {
    json::Writer out;
    out.begin_object();
    for (const auto& [locale, text] : texts) {
        out.key(locale);
        out.string(text);
    }
    out.end_object();
    return out.take();
}

Rule rule_from_json(std::string_view text) {
    const auto value = parse_stored(text);
    Rule rule;
    rule.any = value.bool_or("any");
    if (const auto* conditions = value.find("conditions")) {
        for (const auto& item : conditions->items()) {
            Condition condition;
            condition.field = item.text_or("field");
            condition.negated = item.bool_or("not");
            if (const auto* values = item.find("values")) {
                for (const auto& entry : values->items()) condition.values.push_back(entry.text());
            }
            rule.conditions.push_back(std::move(condition));
        }
    }
    return rule;
}

std::string rule_to_json(const Rule& rule) {
    json::Writer out;
    out.begin_object();
    out.member("any", rule.any);
    out.key("conditions");
    out.begin_array();
    for (const auto& condition : rule.conditions) {
        out.begin_object();
        out.member("field", condition.field);
        out.member("not", condition.negated);
        out.key("values");
        out.begin_array();
        for (const auto& value : condition.values) out.string(value);
        out.end_array();
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return out.take();
}

std::string_view kind_name(AttributeKind kind) {
    switch (kind) {
        case AttributeKind::choice:
            return "enum";
        case AttributeKind::number:
            return "number";
        case AttributeKind::text:
            return "text";
        case AttributeKind::flag:
            return "bool";
    }
    return "enum";
}

AttributeKind kind_from(std::string_view name) {
    if (name == "number") return AttributeKind::number;
    if (name == "text") return AttributeKind::text;
    if (name == "bool") return AttributeKind::flag;
    return AttributeKind::choice;
}

std::string_view status_name(ProductStatus status) {
    switch (status) {
        case ProductStatus::draft:
            return "draft";
        case ProductStatus::active:
            return "active";
        case ProductStatus::archived:
            return "archived";
    }
    return "draft";
}

ProductStatus status_from(std::string_view name) {
    if (name == "active") return ProductStatus::active;
    if (name == "archived") return ProductStatus::archived;
    return ProductStatus::draft;
}

std::string_view state_name(ReviewState state) {
    switch (state) {
        case ReviewState::pending:
            return "pending";
        case ReviewState::approved:
            return "approved";
        case ReviewState::rejected:
            return "rejected";
    }
    return "pending";
}

ReviewState state_from(std::string_view name) {
    if (name == "approved") return ReviewState::approved;
    if (name == "rejected") return ReviewState::rejected;
    return ReviewState::pending;
}

Audience audience_from_row(const db::Row& row) {
    Audience out;
    out.groups = row.get<std::vector<std::string>>("audience_groups");
    for (const auto& id : row.get<std::vector<std::string>>("audience_companies")) out.companies.push_back(db::parse_uuid(id));
    std::ranges::sort(out.groups);
    std::ranges::sort(out.companies);
    return out;
}

Asset asset_from_row(const db::Row& row) {
    return Asset{.id = row.get<AssetId>("id"),
                 .sha256 = row.get<std::string>("sha256"),
                 .name = row.get<std::string>("name"),
                 .content_type = row.get<std::string>("content_type"),
                 .width = row.get<int>("width"),
                 .height = row.get<int>("height"),
                 .focal_x = row.get<int>("focal_x"),
                 .focal_y = row.get<int>("focal_y"),
                 .background = row.get<std::string>("background"),
                 .placeholder = row.get<std::string>("placeholder"),
                 .alt = texts_from_json(row.get<std::string_view>("alt"))};
}

PageText page_text_from_row(const db::Row& row) {
    return PageText{.name = row.get<std::string>("name"),
                    .subtitle = row.get<std::string>("subtitle"),
                    .description = row.get<std::string>("description"),
                    .slug = row.get<std::string>("slug"),
                    .seo_title = row.get<std::string>("seo_title"),
                    .seo_description = row.get<std::string>("seo_description"),
                    .keywords = row.get<std::string>("keywords")};
}

Review review_from_row(const db::Row& row) {
    return Review{.id = row.get<ReviewId>("id"),
                  .product = row.get<ProductId>("product_id"),
                  .customer = row.get<std::optional<Uuid>>("customer_id"),
                  .author = row.get<std::string>("author"),
                  .locale = row.get<std::string>("locale"),
                  .rating = row.get<std::int64_t>("rating"),
                  .title = row.get<std::string>("title"),
                  .body = row.get<std::string>("body"),
                  .verified = row.get<bool>("verified"),
                  .state = state_from(row.get<std::string_view>("state")),
                  .created_at = row.get<Timestamp>("created_at")};
}

}  // namespace stoa::catalog::store
