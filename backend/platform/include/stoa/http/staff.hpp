#pragma once
// Who of the staff asks, what they may do, and the record of what they did. Accounts, roles and the log belong to the module
// backoffice; every other module's admin routes see these interfaces only.
//
//   auto actor = gate.require(request, "orders.refund");
//   if (!actor) return http::problem(actor.error());                      // 401 staff.login_required, 403 staff.forbidden
//   if (auto within = actor->within_limit("orders.refund", amount); !within) return http::problem(within.error());
//   ... database.in_tx([&](db::Tx& tx) { ...; audit.record(tx, *actor, {"refund", "orders", id.to_string(), before, after}); });
//
// A route of this kind says .on(Pool::staff).requires_access(Access::staff) and names the codes it answers with.
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/http/message.hpp"
#include "stoa/ids/id.hpp"
#include "stoa/money/money.hpp"
#include "stoa/result/result.hpp"

namespace stoa::db {
class Tx;
}

namespace stoa::http {

using StaffId = Id<"stf">;

struct StaffActor {
    StaffId id;
    std::string name;
    std::string email;
    // "resource.action" ("orders.refund"), "orders.*" for all of a resource, "*" for everything. Sorted, without twins.
    std::vector<std::string> permissions;
    // Permissions that end at an amount, one per currency. A permission that is not named here has no end.
    std::map<std::string, std::vector<Money>, std::less<>> limits;
    // From where: for the audit log.
    std::string ip;
    std::string user_agent;
    std::string request_id;

    [[nodiscard]] bool may(std::string_view permission) const;
    // 403 staff.forbidden without the permission; 403 staff.over_limit when it ends below `amount`, or names no amount in its currency.
    // The sign of `amount` does not matter. The caller adds up what belongs together (all refunds of one order, say).
    [[nodiscard]] Result<void> within_limit(std::string_view permission, const Money& amount) const;
};

// What a gate answers with.
[[nodiscard]] Error staff_login_required();
[[nodiscard]] Error staff_forbidden(std::string_view permission);

class StaffGate {
public:
    virtual ~StaffGate() = default;
    // From the staff cookie; a customer's session is nothing here. 401 staff.login_required without a session that has passed every
    // factor, 403 staff.forbidden without `permission`. An empty permission: any staff. One statement, none without a cookie.
    // Blocks: not for memory routes.
    [[nodiscard]] virtual Result<StaffActor> require(const Request& request, std::string_view permission) = 0;
};

struct AuditEntry {
    std::string action;       // "create", "update", "delete", or the action's own word: "refund"
    std::string resource;     // "orders"
    std::string id;           // as outside: "ord_…"
    std::string before_json;  // what changed, as it was; empty: nothing was there
    std::string after_json;   // as it is now; empty: nothing is there
};

class AuditLog {
public:
    virtual ~AuditLog() = default;
    // Appends in the caller's transaction, so that the entry exists exactly when the change does. Every staff write calls it. Entries
    // are a chain: it takes a lock that lasts until the commit, so call it last. Neither JSON may hold a secret.
    virtual void record(db::Tx& tx, const StaffActor& actor, const AuditEntry& entry) = 0;
};

}  // namespace stoa::http
