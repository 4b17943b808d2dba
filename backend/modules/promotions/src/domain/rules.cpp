// Names and descriptions of promotion values.
#include <array>

#include "stoa/promotions/promotions.hpp"

namespace stoa::promotions {

json::EnumNames<Kind> enum_names(Kind) {
    static constexpr std::array<std::pair<Kind, std::string_view>, 6> kNames{{
        {Kind::percent, "percent"},
        {Kind::fixed_amount, "fixed_amount"},
        {Kind::free_shipping, "free_shipping"},
        {Kind::buy_x_get_y, "buy_x_get_y"},
        {Kind::cheapest_free, "cheapest_free"},
        {Kind::tiered_spend, "tiered_spend"},
    }};
    return kNames;
}

json::EnumNames<Reason> enum_names(Reason) {
    static constexpr std::array<std::pair<Reason, std::string_view>, 9> kNames{{
        {Reason::code_unknown, "code_unknown"},
        {Reason::expired, "expired"},
        {Reason::not_started, "not_started"},
        {Reason::minimum_not_met, "minimum_not_met"},
        {Reason::not_eligible_items, "not_eligible_items"},
        {Reason::customer_limit_reached, "customer_limit_reached"},
        {Reason::limit_reached, "limit_reached"},
        {Reason::not_combinable, "not_combinable"},
        {Reason::wrong_customer, "wrong_customer"},
    }};
    return kNames;
}

const std::string& Promotion::label(std::string_view locale) const {
    if (const auto found = labels.find(std::string(locale)); found != labels.end()) return found->second;
    if (const auto found = labels.find("en"); found != labels.end()) return found->second;
    return name;
}

void describe(json::Struct<Selector>& d) {
    d.name("PromotionSelector");
    d.field<&Selector::categories>("categories").optional();
    d.field<&Selector::collections>("collections").optional();
    d.field<&Selector::products>("products").optional();
}

void describe(json::Struct<SpendTier>& d) {
    d.name("PromotionSpendTier");
    d.field<&SpendTier::from>("from");
    d.field<&SpendTier::basis_points>("basis_points").optional().min(0).max(10000);
    d.field<&SpendTier::off>("off").optional();
}

void describe(json::Struct<Rules>& d) {
    d.name("PromotionRules");
    d.field<&Rules::basis_points>("basis_points").optional().min(0).max(10000);
    d.field<&Rules::off>("off").optional();
    d.field<&Rules::buy_quantity>("buy_quantity").optional().min(0).max(9999);
    d.field<&Rules::get_quantity>("get_quantity").optional().min(0).max(9999);
    d.field<&Rules::group_size>("group_size").optional().min(0).max(9999);
    d.field<&Rules::free_quantity>("free_quantity").optional().min(0).max(9999);
    d.field<&Rules::max_applications>("max_applications").min(1);
    d.field<&Rules::tiers>("tiers").optional();
    d.field<&Rules::include>("include").optional();
    d.field<&Rules::exclude>("exclude").optional();
    d.field<&Rules::reward>("reward").optional();
    d.field<&Rules::exclude_reduced>("exclude_reduced").optional();
    d.field<&Rules::minimum_spend>("minimum_spend").optional();
    d.field<&Rules::minimum_quantity>("minimum_quantity").optional().min(0);
    d.field<&Rules::groups>("groups").optional();
    d.field<&Rules::first_order>("first_order").optional();
    d.field<&Rules::currencies>("currencies").optional();
    d.field<&Rules::countries>("countries").optional();
}

}  // namespace stoa::promotions
