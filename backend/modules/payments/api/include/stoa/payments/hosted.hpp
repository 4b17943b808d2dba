#pragma once
// The provider's own page, which takes the money without us.
#include <optional>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/payments/payments.hpp"

namespace stoa::payments {

// Until when it takes the payment of an attempt: no longer than the goods are held for it. In the transaction that creates the attempt;
// without it the page lives as long as we wait for it anyway.
void limit_hosted_page(db::Tx& tx, AttemptId attempt, Timestamp until);
[[nodiscard]] std::optional<Timestamp> hosted_page_limit(db::Session& session, AttemptId attempt);

}  // namespace stoa::payments
