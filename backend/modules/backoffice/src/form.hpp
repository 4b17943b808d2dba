#pragma once
// A described struct as a form: what its fields are called, and of which type.
#include <string>
#include <vector>

#include "stoa/backoffice/registry.hpp"

namespace stoa::backoffice {

struct FormField {
    std::string name, label, help, group, resource;
    FieldType type = FieldType::text;
    bool required = false, read_only = false, fixed = false;
    std::vector<Option> options;
    std::optional<std::int64_t> min, max, max_length;
    const json::StructInfo* rows = nullptr;  // an inline: a list of these
};
[[nodiscard]] std::vector<FormField> form_fields(const json::StructInfo& form, const std::map<std::string, FieldLook>& looks = {});
// "tax_class" → "Tax class".
[[nodiscard]] std::string label_of(std::string_view name);

// A cell of a file as the field's JSON; nullopt: nothing is said. "|" separates the items of lists, money is "19.99 EUR".
[[nodiscard]] Result<std::optional<json::Value>> value_of_cell(const FormField& field, std::string_view cell);

}  // namespace stoa::backoffice
