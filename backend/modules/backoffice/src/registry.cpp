#include "stoa/backoffice/registry.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace stoa::backoffice {

json::EnumNames<FieldType> enum_names(FieldType) {
    static constexpr std::pair<FieldType, std::string_view> kNames[] = {
        {FieldType::text, "text"},           {FieldType::longtext, "longtext"},
        {FieldType::integer, "integer"},     {FieldType::money, "money"},
        {FieldType::boolean, "bool"},        {FieldType::select, "select"},
        {FieldType::date, "date"},           {FieldType::datetime, "datetime"},
        {FieldType::reference, "reference"}, {FieldType::translations, "translations"},
        {FieldType::list, "list"},           {FieldType::json, "json"},
        {FieldType::image, "image"}};
    return kNames;
}
json::EnumNames<FilterType> enum_names(FilterType) {
    static constexpr std::pair<FilterType, std::string_view> kNames[] = {{FilterType::select, "select"},
                                                                         {FilterType::boolean, "bool"},
                                                                         {FilterType::date, "date"},
                                                                         {FilterType::number, "number"},
                                                                         {FilterType::reference, "reference"}};
    return kNames;
}

void Registry::add(Resource resource) {
    const auto& parts = resource.parts();
    const auto wrong = [&](const std::string& what) { throw std::logic_error("registry: " + parts.name + ": " + what); };
    if (find(parts.name)) wrong("declared twice");
    if (parts.source.empty()) wrong("from() is missing");
    if (parts.columns.empty()) wrong("has no column");
    std::set<std::string> names;
    for (const auto& column : parts.columns) {
        if (column.name == "id" || !names.insert(column.name).second) wrong("column " + column.name + " twice");
        if (column.type == FieldType::money && column.extras.currency.empty()) wrong("column " + column.name + " lacks its currency");
    }
    if (!parts.newest.empty()) {
        const auto name = parts.newest.starts_with('-') ? parts.newest.substr(1) : parts.newest;
        const auto column = std::ranges::find(parts.columns, name, &Column::name);
        if (column == parts.columns.end() || !column->extras.sortable) wrong("newest_by needs a sortable column, not " + name);
    }
    if (!parts.finders.empty() && parts.search.empty()) wrong("found_first_by without search");
    for (const auto& [field, look] : parts.looks) {
        // "variants.image": of the rows of an inline.
        const auto dot = field.find('.');
        const auto* whole = parts.form ? parts.form->find(field.substr(0, dot)) : nullptr;
        const auto* rows = whole && dot != std::string::npos && whole->type->item ? whole->type->item->structure : nullptr;
        if (!whole || (dot != std::string::npos && !(rows && rows->find(field.substr(dot + 1))))) wrong("the form has no field " + field);
    }
    if (parts.remove && !parts.find) wrong("what is removed must be shown: form() is missing");
    if (!parts.key.empty() && (!parts.form || !parts.form->find(parts.key))) wrong("the form has no field " + parts.key);
    static const std::set<std::string> kTaken{"read", "create", "update", "delete", "export", "import"};
    names.clear();
    for (const auto& action : parts.actions) {
        if (!action.run || kTaken.contains(action.name) || !names.insert(action.name).second) wrong("action " + action.name);
    }
    resources_.push_back(std::move(resource));
}

const Resource* Registry::find(std::string_view name) const {
    const auto found = std::ranges::find_if(resources_, [&](const Resource& resource) { return resource.name() == name; });
    return found == resources_.end() ? nullptr : &*found;
}

}  // namespace stoa::backoffice
