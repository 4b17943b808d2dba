#pragma once
// States of an order are data: which change is allowed, and what is said when it is not.
#include <span>
#include <string_view>

#include "stoa/json/describe.hpp"
#include "stoa/result/result.hpp"

namespace stoa::orders {

enum class State { pending_payment, confirmed, processing, shipped, delivered, completed, cancelled };
// partially_paid: the order was changed after it was paid, and more is due.
enum class PaymentState { pending, authorized, paid, partially_paid, partially_refunded, refunded, failed, awaiting_invoice };

inline json::EnumNames<State> enum_names(State) {
    using enum State;
    static constexpr std::pair<State, std::string_view> names[] = {{pending_payment, "pending_payment"},
                                                                   {confirmed, "confirmed"},
                                                                   {processing, "processing"},
                                                                   {shipped, "shipped"},
                                                                   {delivered, "delivered"},
                                                                   {completed, "completed"},
                                                                   {cancelled, "cancelled"}};
    return names;
}
inline json::EnumNames<PaymentState> enum_names(PaymentState) {
    using enum PaymentState;
    static constexpr std::pair<PaymentState, std::string_view> names[] = {{pending, "pending"},
                                                                          {authorized, "authorized"},
                                                                          {paid, "paid"},
                                                                          {partially_paid, "partially_paid"},
                                                                          {partially_refunded, "partially_refunded"},
                                                                          {refunded, "refunded"},
                                                                          {failed, "failed"},
                                                                          {awaiting_invoice, "awaiting_invoice"}};
    return names;
}

struct Transition {
    State from;
    State to;
    std::string_view event;  // "order.confirmed"
};
[[nodiscard]] std::span<const Transition> transitions();
// 409 orders.transition_not_allowed with a sentence that names both states.
[[nodiscard]] Result<Transition> transition(State from, State to);

}  // namespace stoa::orders
