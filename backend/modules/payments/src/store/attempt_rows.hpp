#pragma once
#include <optional>

#include "stoa/db/db.hpp"
#include "stoa/payments/payments.hpp"

namespace stoa::payments {

[[nodiscard]] Attempt attempt_from(const db::Row& row);
[[nodiscard]] std::optional<Attempt> first_attempt(const db::Rows& rows);

}  // namespace stoa::payments
