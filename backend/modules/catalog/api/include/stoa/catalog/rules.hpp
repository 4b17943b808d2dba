#pragma once
// Rule-based collections: a pure decision over what is known of a product. Inline, so that the read model and the store
// decide alike.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <span>

#include "stoa/catalog/model.hpp"

namespace stoa::catalog {

struct RuleFacts {
    std::span<const std::string> categories;  // handles, ancestors included
    std::string_view brand;
    std::string_view type;
    std::span<const AttributeSetting> attributes;
    // Values of the variants' options, as attribute settings of kind choice.
    std::span<const AttributeSetting> options;
    Timestamp published_from{};
    Timestamp now{};
};

// "10..50", "..50", "10.." in whole or decimal units → thousandths. False when it is not a range.
[[nodiscard]] inline bool parse_milli(std::string_view text, std::int64_t& out) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const auto dot = text.find('.');
    const auto whole = text.substr(0, dot);
    auto fraction = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
    if (whole.empty() || whole.size() > 12 || fraction.size() > 3 || (dot != std::string_view::npos && fraction.empty())) return false;
    std::int64_t value = 0;
    for (const char c : whole) {
        if (c < '0' || c > '9') return false;
        value = value * 10 + (c - '0');
    }
    for (std::size_t i = 0; i < 3; ++i) {
        const char c = i < fraction.size() ? fraction[i] : '0';
        if (c < '0' || c > '9') return false;
        value = value * 10 + (c - '0');
    }
    out = negative ? -value : value;
    return true;
}
struct MilliRange {
    std::optional<std::int64_t> min, max;
    [[nodiscard]] bool holds(std::int64_t value) const { return (!min || value >= *min) && (!max || value <= *max); }
};
[[nodiscard]] inline std::optional<MilliRange> parse_milli_range(std::string_view text) {
    const auto dots = text.find("..");
    if (dots == std::string_view::npos) return std::nullopt;
    MilliRange range;
    std::int64_t value = 0;
    if (dots > 0) {
        if (!parse_milli(text.substr(0, dots), value)) return std::nullopt;
        range.min = value;
    }
    if (dots + 2 < text.size()) {
        if (!parse_milli(text.substr(dots + 2), value)) return std::nullopt;
        range.max = value;
    }
    if (!range.min && !range.max) return std::nullopt;
    return range;
}

[[nodiscard]] inline bool matches(const Condition& condition, const RuleFacts& facts) {
    const auto wanted = [&](std::string_view value) { return std::ranges::find(condition.values, value) != condition.values.end(); };
    const std::string_view field = condition.field;
    if (field == "category") return std::ranges::any_of(facts.categories, wanted);
    if (field == "brand") return wanted(facts.brand);
    if (field == "type") return wanted(facts.type);
    if (field == "new_within_days") {
        std::int64_t days = 0;
        if (condition.values.size() != 1 || !parse_milli(condition.values[0], days)) return false;
        return facts.published_from <= facts.now && facts.now - facts.published_from <= std::chrono::hours(24 * (days / 1000));
    }
    if (!field.starts_with("attribute:")) return false;
    const auto code = field.substr(std::string_view("attribute:").size());
    for (const auto list : {facts.attributes, facts.options}) {
        for (const auto& setting : list) {
            if (setting.attribute != code) continue;
            if (std::ranges::any_of(setting.values, wanted)) return true;
            if (setting.flag && wanted(*setting.flag ? "1" : "0")) return true;
            if (setting.number_milli) {
                for (const auto& value : condition.values) {
                    const auto range = parse_milli_range(value);
                    if (range && range->holds(*setting.number_milli)) return true;
                }
            }
        }
    }
    return false;
}

// A rule without conditions holds nothing.
[[nodiscard]] inline bool matches(const Rule& rule, const RuleFacts& facts) {
    if (rule.conditions.empty()) return false;
    for (const auto& condition : rule.conditions) {
        const bool met = matches(condition, facts) != condition.negated;
        if (met == rule.any) return rule.any;
    }
    return !rule.any;
}

}  // namespace stoa::catalog
