#pragma once
// Customer groups from the side of the group, for those who look after them; what a customer belongs to is Customers::set_groups.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/customers/ids.hpp"
#include "stoa/db/db.hpp"
#include "stoa/result/result.hpp"

namespace stoa::customers {

class Customers;

class Groups {
public:
    virtual ~Groups() = default;
    // The group with this code, as staff call it. account.invalid_group.
    virtual Result<void> save_group(db::Tx& tx, std::string_view code, std::string_view name) = 0;
    [[nodiscard]] virtual std::optional<std::string> group_name(db::Session& session, std::string_view code) = 0;
    // Into the group or out of it, whatever else they belong to; returns how many memberships changed. The group must exist.
    virtual std::int64_t add_members(db::Tx& tx, std::string_view group, const std::vector<CustomerId>& customers) = 0;
    virtual std::int64_t remove_members(db::Tx& tx, std::string_view group, const std::vector<CustomerId>& customers) = 0;
};
// Those of make_customers.
[[nodiscard]] Groups& groups_of(Customers& customers);

}  // namespace stoa::customers
