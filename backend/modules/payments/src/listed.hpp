#pragma once
// What a row of the provider's list means, and in which states an attempt is open or has succeeded. Pure.
#include <optional>
#include <string_view>

#include "stoa/payments/payments.hpp"
#include "vendo/gateway.hpp"

namespace stoa::payments {

// Verification rows (60) move no money.
[[nodiscard]] bool is_payment(const vendo::Transaction& transaction);
[[nodiscard]] bool is_capture(const vendo::Transaction& transaction);
[[nodiscard]] bool is_refund(const vendo::Transaction& transaction);
[[nodiscard]] bool is_chargeback(const vendo::Transaction& transaction);
// The money of an earlier payment went back, whoever did it.
[[nodiscard]] bool is_reversal(const vendo::Transaction& transaction);
// Whether a row of the list is for what the attempt asked.
[[nodiscard]] bool is_for(const vendo::Transaction& transaction, const Attempt& attempt);
// Amounts of reversals come with and without their sign.
[[nodiscard]] std::optional<Money> unsigned_amount(const vendo::Transaction& transaction, Currency currency);
// What the list says moved, in whatever currency we know.
[[nodiscard]] std::optional<Money> listed_amount(const vendo::Transaction& transaction);
// Ours look like this; whatever else is named is nobody's.
[[nodiscard]] bool is_reference(std::string_view text);

[[nodiscard]] bool is_open(AttemptState state);
[[nodiscard]] Timestamp last_call(const Attempt& attempt);
[[nodiscard]] bool succeeded(AttemptState state);

}  // namespace stoa::payments
