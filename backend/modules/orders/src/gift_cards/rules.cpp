#include "gift_cards/rules.hpp"

#include <algorithm>
#include <array>

namespace stoa::orders {

json::EnumNames<GiftCardState> enum_names(GiftCardState) {
    static constexpr std::array<std::pair<GiftCardState, std::string_view>, 4> kNames{{{GiftCardState::ordered, "ordered"},
                                                                                       {GiftCardState::paid, "paid"},
                                                                                       {GiftCardState::issued, "issued"},
                                                                                       {GiftCardState::withdrawn, "withdrawn"}}};
    return kNames;
}

bool is_paid_for(State order, PaymentState payment) {
    return order != State::pending_payment && order != State::cancelled &&
           (payment == PaymentState::paid || payment == PaymentState::partially_refunded);
}

bool is_to_be_sent(const std::optional<Date>& send_on, Timestamp now) {
    return !send_on || std::chrono::sys_days(*send_on) + std::chrono::hours{7} <= now;
}

std::vector<std::size_t> in_order_of_return(std::span<const GiftCardState> states) {
    std::vector<std::size_t> out;
    for (std::size_t i = states.size(); i-- > 0;) {
        if (states[i] != GiftCardState::withdrawn) out.push_back(i);
    }
    std::ranges::stable_sort(out, {}, [&](std::size_t i) { return states[i] == GiftCardState::issued; });
    return out;
}

}  // namespace stoa::orders
