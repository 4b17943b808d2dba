#include "check.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "codes.hpp"
#include "stoa/text/text.hpp"

namespace stoa::catalog {
namespace {

bool all_of(std::string_view text, std::string_view extra) {
    return std::ranges::all_of(
        text, [&](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || extra.find(c) != std::string_view::npos; });
}

std::size_t characters(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t position = 0; position < text.size(); ++count) (void)text::next_code_point(text, position);
    return count;
}

void at_most(std::string_view text, std::size_t limit, std::string pointer, std::vector<FieldError>& errors) {
    if (characters(text) > limit) errors.push_back({std::move(pointer), "too_long", fmt::format("At most {} characters.", limit)});
}

}  // namespace

bool is_handle(std::string_view text) { return !text.empty() && text.size() <= 120 && text.front() != '-' && all_of(text, "-"); }
bool is_code(std::string_view text) {
    return !text.empty() && text.size() <= 40 && text.front() >= 'a' && text.front() <= 'z' && all_of(text, "_");
}
bool is_value_code(std::string_view text) {
    return !text.empty() && text.size() <= 64 && text.front() != '-' && text.front() != '_' && all_of(text, "-_");
}

Error invalid(std::string_view code, std::vector<FieldError> errors) {
    Error error;
    error.kind = ErrorKind::invalid;
    error.code = code;
    error.message = errors.empty() ? "Some fields are not acceptable." : errors.front().pointer + ": " + errors.front().message;
    error.fields = std::move(errors);
    return error;
}

void check_texts(const PageTexts& texts, std::size_t longest_description, std::vector<FieldError>& errors) {
    if (!texts.contains(std::string(kLocales[0])))
        errors.push_back({"/texts/en/name", "required", "A name in English is needed: other languages fall back to it."});
    for (const auto& [locale, text] : texts) {
        const std::string at = "/texts/" + locale;
        if (locale_index(locale) < 0) errors.push_back({at, "unknown_locale", "Languages are en, de, nl and fr."});
        if (text.name.find_first_not_of(' ') == std::string::npos) errors.push_back({at + "/name", "blank", "A name is needed."});
        at_most(text.name, 200, at + "/name", errors);
        at_most(text.subtitle, 300, at + "/subtitle", errors);
        at_most(text.description, longest_description, at + "/description", errors);
        at_most(text.seo_title, 200, at + "/seo_title", errors);
        at_most(text.seo_description, 500, at + "/seo_description", errors);
        at_most(text.keywords, 1000, at + "/keywords", errors);
        if (!text.slug.empty() && !is_handle(text.slug))
            errors.push_back({at + "/slug", "invalid_slug", "Use a to z, 0 to 9 and hyphens, at most 120."});
    }
}

std::vector<FieldError> check_product(const Product& product) {
    std::vector<FieldError> errors;
    if (!is_handle(product.handle)) errors.push_back({"/handle", "invalid_handle", "Use a to z, 0 to 9 and hyphens, at most 120."});
    check_texts(product.texts, 50000, errors);
    at_most(product.brand, 120, "/brand", errors);
    const auto is_class = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    if (product.tax_class.empty() || product.tax_class.size() > 30 || !std::ranges::all_of(product.tax_class, is_class))
        errors.push_back({"/tax_class", "invalid_tax_class", "Use a to z and underscores, at most 30."});
    // Without tax, stock and parcel, and a code is sent: only the type says all of that.
    if (product.tax_class == kVoucherTaxClass && product.type != kGiftCardType)
        errors.push_back({"/tax_class", "only_gift_cards", "Only products of the type gift_card are vouchers."});
    if (product.handling_days < 0 || product.handling_days > 365) errors.push_back({"/handling_days", "out_of_range", "0 to 365 days."});
    if (product.published_from && product.published_until && *product.published_from >= *product.published_until) {
        errors.push_back({"/published_until", "out_of_range", "It must be after the start."});
    }
    if (product.variants.empty()) errors.push_back({"/variants", "required", "A product has at least one variant."});
    if (product.variants.size() > 500) errors.push_back({"/variants", "too_many", "At most 500 variants."});
    std::set<std::string_view> skus;
    std::set<std::string> combinations;
    for (std::size_t i = 0; i < product.variants.size(); ++i) {
        const auto& variant = product.variants[i];
        const std::string at = fmt::format("/variants/{}", i);
        const bool printable = std::ranges::all_of(variant.sku, [](char c) { return c > 0x20 && c < 0x7F; });
        if (variant.sku.empty() || variant.sku.size() > 64 || !printable)
            errors.push_back({at + "/sku", "invalid_sku", "1 to 64 visible ASCII characters without spaces."});
        if (!skus.insert(variant.sku).second) errors.push_back({at + "/sku", "duplicate", "This SKU is listed twice."});
        if (variant.weight_grams < 0 || variant.length_mm < 0 || variant.width_mm < 0 || variant.height_mm < 0) {
            errors.push_back({at, "out_of_range", "Weight and measures cannot be negative."});
        }
        at_most(variant.barcode, 64, at + "/barcode", errors);
        std::string combination;
        for (const auto& option : product.options) {
            const auto found = variant.options.find(option);
            if (found == variant.options.end())
                errors.push_back({at + "/options/" + option, "required", "Every variant needs a value for each option."});
            else
                combination += option + "=" + found->second + "\n";
        }
        for (const auto& [option, value] : variant.options) {
            if (std::ranges::find(product.options, option) == product.options.end())
                errors.push_back({at + "/options/" + option, "unknown", "The product does not list this option."});
        }
        if (variant.active && !combinations.insert(combination).second)
            errors.push_back({at + "/options", "duplicate", "Another variant has the same options."});
    }
    return errors;
}

Result<void> check_attributes(const Product& product, const std::map<std::string, KnownAttribute>& known,
                              const std::set<std::string>& in_type) {
    const auto find = [&](const std::string& code) -> const KnownAttribute* {
        const auto found = known.find(code);
        return found == known.end() || !in_type.contains(code) ? nullptr : &found->second;
    };
    for (std::size_t i = 0; i < product.options.size(); ++i) {
        const auto* attribute = find(product.options[i]);
        const auto at = fmt::format("/options/{}", i);
        if (!attribute)
            return fail(
                invalid(codes::kAttributeUnknown, {{at, "unknown", "The product type has no attribute '" + product.options[i] + "'."}}));
        if (attribute->kind != AttributeKind::choice)
            return fail(invalid(codes::kInvalidProduct, {{at, "wrong_kind", "Options need an attribute with fixed values."}}));
    }
    for (std::size_t i = 0; i < product.variants.size(); ++i) {
        for (const auto& [option, value] : product.variants[i].options) {
            const auto* attribute = find(option);
            if (!attribute || !attribute->values.contains(value)) {
                return fail(invalid(codes::kAttributeValueUnknown, {{fmt::format("/variants/{}/options/{}", i, option), "unknown",
                                                                     "'" + value + "' is not a value of '" + option + "'."}}));
            }
        }
    }
    std::set<std::string> seen;
    for (std::size_t i = 0; i < product.attributes.size(); ++i) {
        const auto& setting = product.attributes[i];
        const auto at = fmt::format("/attributes/{}", i);
        const auto* attribute = find(setting.attribute);
        if (!attribute)
            return fail(
                invalid(codes::kAttributeUnknown, {{at, "unknown", "The product type has no attribute '" + setting.attribute + "'."}}));
        if (!seen.insert(setting.attribute).second)
            return fail(invalid(codes::kInvalidProduct, {{at, "duplicate", "The attribute is listed twice."}}));
        bool fits = false;
        switch (attribute->kind) {
            case AttributeKind::choice:
                fits = !setting.values.empty() && !setting.number_milli && setting.text.empty() && !setting.flag;
                break;
            case AttributeKind::number:
                fits = setting.values.empty() && setting.number_milli && setting.text.empty() && !setting.flag;
                break;
            case AttributeKind::text:
                fits = setting.values.empty() && !setting.number_milli && !setting.text.empty() && !setting.flag;
                break;
            case AttributeKind::flag:
                fits = setting.values.empty() && !setting.number_milli && setting.text.empty() && setting.flag;
                break;
        }
        if (!fits)
            return fail(
                invalid(codes::kInvalidProduct, {{at, "wrong_kind", "The value does not fit the kind of '" + setting.attribute + "'."}}));
        std::set<std::string> values;
        for (const auto& value : setting.values) {
            if (!attribute->values.contains(value))
                return fail(invalid(codes::kAttributeValueUnknown,
                                    {{at, "unknown", "'" + value + "' is not a value of '" + setting.attribute + "'."}}));
            if (!values.insert(value).second) return fail(invalid(codes::kInvalidProduct, {{at, "duplicate", "A value is listed twice."}}));
        }
    }
    return {};
}

}  // namespace stoa::catalog
