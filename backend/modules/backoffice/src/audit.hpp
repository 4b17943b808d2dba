#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/backoffice/make.hpp"

namespace stoa::backoffice {

struct AuditRow {
    std::int64_t number = 0;
    Timestamp at{};
    std::optional<StaffId> staff;  // nullopt: the command line
    std::string staff_name, action, resource, object_id;
    std::optional<std::string> before, after;
    std::string ip, user_agent, request_id;
    std::string hash;  // hex
};
[[nodiscard]] AuditRow audit_row(const db::Row& row);
// Over the previous row's hash and everything of this row but its own hash; hex.
[[nodiscard]] std::string audit_hash(std::string_view previous, const AuditRow& row);
// Appends; number and hash are filled in. Takes the chain's lock until the commit.
void append_audit(db::Tx& tx, AuditRow row);
// Newest first, at most 200.
[[nodiscard]] std::vector<AuditRow> audit_of(db::Session& session, std::string_view resource, std::string_view id);

}  // namespace stoa::backoffice
