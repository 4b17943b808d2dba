#pragma once
// Rows ↔ structs, shared by reader, writer and catalog.
#include "stoa/catalog/model.hpp"
#include "stoa/db/db.hpp"

namespace stoa::catalog::store {

[[nodiscard]] Texts texts_from_json(std::string_view json);
[[nodiscard]] std::string texts_to_json(const Texts& texts);
[[nodiscard]] Rule rule_from_json(std::string_view json);
[[nodiscard]] std::string rule_to_json(const Rule& rule);
[[nodiscard]] std::string_view kind_name(AttributeKind kind);
[[nodiscard]] AttributeKind kind_from(std::string_view name);
[[nodiscard]] std::string_view status_name(ProductStatus status);
[[nodiscard]] ProductStatus status_from(std::string_view name);
[[nodiscard]] std::string_view state_name(ReviewState state);
[[nodiscard]] ReviewState state_from(std::string_view name);

[[nodiscard]] Audience audience_from_row(const db::Row& row);
[[nodiscard]] Asset asset_from_row(const db::Row& row);
[[nodiscard]] PageText page_text_from_row(const db::Row& row);
[[nodiscard]] Review review_from_row(const db::Row& row);

}  // namespace stoa::catalog::store
