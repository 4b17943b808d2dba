#pragma once
// Rows to structs, by column name.
#include "http/dto.hpp"
#include "stoa/customers/customers.hpp"
#include "stoa/db/db.hpp"

namespace stoa::customers {

[[nodiscard]] CustomerInfo customer_from(const db::Row& row);
[[nodiscard]] AccountDto account_from(const db::Row& row);
[[nodiscard]] AddressDto address_from(const db::Row& row);
[[nodiscard]] SessionDto session_from(const db::Row& row);

}  // namespace stoa::customers
