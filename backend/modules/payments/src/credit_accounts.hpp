#pragma once
// Whose account in the ledger the money of a payment comes from and goes back to.
#include "stoa/payments/payments.hpp"

namespace stoa::payments {

[[nodiscard]] inline std::string credit_account(Method kind, const Uuid& id) {
    return (kind == Method::gift_card ? "liability:gift-card:" : "liability:store-credit:") + id.to_string();
}
inline constexpr std::string_view kCreditSlot = "credit:";
[[nodiscard]] inline std::string credit_slot(CreditId id) { return std::string(kCreditSlot) + id.uuid().to_string(); }

// Of a payment's money: the provider, or the gift card or credit that its slot names. What the shop owes never becomes a claim.
[[nodiscard]] inline ledger::Entry source_entry(Method method, std::string_view slot, const Money& amount, const std::string& subject) {
    if (!is_credit(method)) return {std::string(ledger::account::kProviderVendo), amount, subject, std::nullopt};
    return {credit_account(method, db::parse_uuid(slot.substr(kCreditSlot.size()))), amount, subject, std::nullopt, 0};
}

}  // namespace stoa::payments
