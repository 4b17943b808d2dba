#pragma once
// What may come back, and which step follows which. Pure.
#include <span>

#include "after_sale/sold_order.hpp"

namespace stoa::orders {

enum class ReturnState { requested, approved, rejected, cancelled, received, refunded, closed };
enum class ReturnReason { changed_mind, damaged, defective, wrong_item, not_as_described, late, other };
enum class ReturnCondition { as_new, opened, used, damaged };

inline json::EnumNames<ReturnState> enum_names(ReturnState) {
    using enum ReturnState;
    static constexpr std::pair<ReturnState, std::string_view> names[] = {
        {requested, "requested"}, {approved, "approved"}, {rejected, "rejected"}, {cancelled, "cancelled"},
        {received, "received"},   {refunded, "refunded"}, {closed, "closed"}};
    return names;
}
inline json::EnumNames<ReturnReason> enum_names(ReturnReason) {
    using enum ReturnReason;
    static constexpr std::pair<ReturnReason, std::string_view> names[] = {
        {changed_mind, "changed_mind"},         {damaged, "damaged"}, {defective, "defective"}, {wrong_item, "wrong_item"},
        {not_as_described, "not_as_described"}, {late, "late"},       {other, "other"}};
    return names;
}
inline json::EnumNames<ReturnCondition> enum_names(ReturnCondition) {
    using enum ReturnCondition;
    static constexpr std::pair<ReturnCondition, std::string_view> names[] = {
        {as_new, "as_new"}, {opened, "opened"}, {used, "used"}, {damaged, "damaged"}};
    return names;
}

struct ReturnTransition {
    ReturnState from, to;
    std::string_view event;  // and, behind "order.", the timeline's kind
};
[[nodiscard]] std::span<const ReturnTransition> return_transitions();
// 409 orders.return_transition_not_allowed with a sentence that names both states.
[[nodiscard]] Result<ReturnTransition> return_transition(ReturnState from, ReturnState to);

// What keeps a line from coming back.
// replacement: goods of an exchange. What they cost stands in the order before.
enum class ReturnObstacle { none, not_shipped, too_late, excluded, returned, replacement };
inline json::EnumNames<ReturnObstacle> enum_names(ReturnObstacle) {
    using enum ReturnObstacle;
    static constexpr std::pair<ReturnObstacle, std::string_view> names[] = {{none, "none"},         {not_shipped, "not_shipped"},
                                                                            {too_late, "too_late"}, {excluded, "excluded"},
                                                                            {returned, "returned"}, {replacement, "replacement"}};
    return names;
}
struct ReturnTerms {
    Timestamp until;
    Timestamp now;
    int days = 0;
    std::vector<catalog::ProductId> excluded;
    std::vector<std::string> excluded_reasons;  // of each, in the shop's words
    struct Units {
        OrderLineId line;
        std::int64_t taken = 0;  // in returns that are not over, and those that came back
        std::int64_t open = 0;   // of them not refunded yet
    };
    std::vector<Units> in_returns;
    bool is_replacement = false;
};
struct Returnable {
    std::int64_t quantity = 0;
    ReturnObstacle obstacle = ReturnObstacle::none;  // none where quantity is positive
};
[[nodiscard]] Returnable returnable(const SoldOrder& order, std::size_t line, const ReturnTerms& terms);

}  // namespace stoa::orders
