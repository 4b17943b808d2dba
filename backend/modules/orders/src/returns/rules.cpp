#include "returns/rules.hpp"

#include <algorithm>

namespace stoa::orders {
namespace {

constexpr ReturnTransition kTransitions[] = {
    {ReturnState::requested, ReturnState::approved, "order.return_approved"},
    {ReturnState::requested, ReturnState::rejected, "order.return_rejected"},
    {ReturnState::requested, ReturnState::cancelled, "order.return_cancelled"},
    {ReturnState::approved, ReturnState::cancelled, "order.return_cancelled"},
    {ReturnState::approved, ReturnState::received, "order.return_received"},
    {ReturnState::received, ReturnState::refunded, "order.return_refunded"},
    {ReturnState::received, ReturnState::closed, "order.return_closed"},
    // Its replacement was cancelled.
    {ReturnState::closed, ReturnState::received, "order.return_reopened"},
    {ReturnState::refunded, ReturnState::received, "order.return_reopened"},
};

}  // namespace

std::span<const ReturnTransition> return_transitions() { return kTransitions; }

Result<ReturnTransition> return_transition(ReturnState from, ReturnState to) {
    for (const auto& candidate : kTransitions) {
        if (candidate.from == from && candidate.to == to) return candidate;
    }
    return fail(ErrorKind::conflict, "orders.return_transition_not_allowed",
                "A return that is " + std::string(json::to_name(from)) + " cannot become " + std::string(json::to_name(to)) + ".");
}

Returnable returnable(const SoldOrder& order, std::size_t index, const ReturnTerms& terms) {
    const auto& line = order.content.lines[index];
    if (terms.is_replacement) return {0, ReturnObstacle::replacement};
    if (line.shipped == 0) return {0, ReturnObstacle::not_shipped};
    std::int64_t taken = 0, open = 0;
    for (const auto& units : terms.in_returns) {
        if (units.line != line.id) continue;
        taken = units.taken;
        open = units.open;
    }
    // Nothing comes back twice, and nothing that was refunded while the buyer keeps it.
    const auto left = std::min(line.shipped - taken, line.quantity - line.credited_quantity - open);
    if (left <= 0) return {0, ReturnObstacle::returned};
    if (std::ranges::find(terms.excluded, order.names[index].product) != terms.excluded.end()) return {0, ReturnObstacle::excluded};
    if (terms.now > terms.until) return {0, ReturnObstacle::too_late};
    return {left, ReturnObstacle::none};
}

}  // namespace stoa::orders
