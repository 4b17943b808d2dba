#include "store/rows.hpp"

namespace stoa::customers {

CustomerInfo customer_from(const db::Row& row) {
    return {row.get<CustomerId>("id"),
            row.get<std::optional<std::string>>("email").value_or(""),
            row.get<std::string>("first_name"),
            row.get<std::string>("last_name"),
            row.get<std::string>("locale"),
            row.get<bool>("email_verified"),
            row.get<std::vector<std::string>>("groups"),
            row.get<std::optional<Uuid>>("company_id")};
}

AccountDto account_from(const db::Row& row) {
    return {row.get<CustomerId>("id"),
            row.get<std::optional<std::string>>("email").value_or(""),
            row.get<std::string>("first_name"),
            row.get<std::string>("last_name"),
            row.get<std::optional<std::string>>("phone"),
            row.get<std::string>("locale"),
            row.get<Timestamp>("created_at"),
            row.get<bool>("email_verified")};
}

AddressDto address_from(const db::Row& row) {
    return {row.get<AddressId>("id"),
            row.get<std::string>("first_name"),
            row.get<std::string>("last_name"),
            row.get<std::optional<std::string>>("company"),
            row.get<std::string>("line1"),
            row.get<std::optional<std::string>>("line2"),
            row.get<std::string>("postal_code"),
            row.get<std::string>("city"),
            row.get<std::optional<std::string>>("state"),
            row.get<std::string>("country"),
            row.get<std::optional<std::string>>("phone"),
            row.get<bool>("is_default")};
}

SessionDto session_from(const db::Row& row) {
    return {row.get<SessionId>("id"), row.get<Timestamp>("created_at"), row.get<Timestamp>("last_seen_at"),
            row.get<std::string>("user_agent"), row.get<bool>("current")};
}

}  // namespace stoa::customers
