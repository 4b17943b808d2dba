#include "stoa/orders/states.hpp"

namespace stoa::orders {
namespace {

constexpr Transition kTransitions[] = {
    {State::pending_payment, State::confirmed, "order.confirmed"},
    {State::pending_payment, State::cancelled, "order.cancelled"},
    {State::confirmed, State::processing, "order.processing"},
    {State::confirmed, State::shipped, "order.shipped"},
    {State::confirmed, State::cancelled, "order.cancelled"},
    {State::processing, State::shipped, "order.shipped"},
    {State::processing, State::cancelled, "order.cancelled"},
    {State::shipped, State::delivered, "order.delivered"},
    // What came back is to be sent once more.
    {State::shipped, State::processing, "order.processing"},
    {State::delivered, State::completed, "order.completed"},
};

}  // namespace

std::span<const Transition> transitions() { return kTransitions; }

Result<Transition> transition(State from, State to) {
    for (const auto& candidate : kTransitions) {
        if (candidate.from == from && candidate.to == to) return candidate;
    }
    return fail(ErrorKind::conflict, "orders.transition_not_allowed",
                "An order that is " + std::string(json::to_name(from)) + " cannot become " + std::string(json::to_name(to)) + ".");
}

}  // namespace stoa::orders
