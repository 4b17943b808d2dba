#pragma once
// Pure checks of what a writer is given.
#include <map>
#include <set>

#include "stoa/catalog/model.hpp"
#include "stoa/result/result.hpp"

namespace stoa::catalog {

struct KnownAttribute {
    Uuid id;
    AttributeKind kind = AttributeKind::choice;
    std::set<std::string> values;
};

[[nodiscard]] bool is_handle(std::string_view text);  // a-z 0-9 and hyphens, at most 120
[[nodiscard]] bool is_code(std::string_view text);    // a-z 0-9 and underscores, starts with a letter, at most 40
[[nodiscard]] bool is_value_code(std::string_view text);
// Texts need a name in English; the limits are those of the tables.
void check_texts(const PageTexts& texts, std::size_t longest_description, std::vector<FieldError>& errors);
// Shape only: handle, texts, SKUs, options and windows.
[[nodiscard]] std::vector<FieldError> check_product(const Product& product);
// Against the attributes of its type. `in_type` names those that the product type has.
[[nodiscard]] Result<void> check_attributes(const Product& product, const std::map<std::string, KnownAttribute>& known,
                                            const std::set<std::string>& in_type);
[[nodiscard]] Error invalid(std::string_view code, std::vector<FieldError> errors);

}  // namespace stoa::catalog
