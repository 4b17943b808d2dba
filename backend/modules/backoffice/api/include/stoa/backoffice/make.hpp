#pragma once
// Staff accounts, their sessions, the audit log. Everything handed in must outlive what is made.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/http/router.hpp"
#include "stoa/http/staff.hpp"
#include "stoa/redis/redis.hpp"

namespace stoa::backoffice {

using http::StaffId;

struct Options {
    std::string public_url;  // https makes cookies Secure and __Host-
    std::string secret_key;  // seals TOTP secrets
    std::string shop_name = "Stoa";
    int rate_limit_factor = 1;  // a development machine is one address for everybody
};

struct NewStaff {
    std::string email;
    std::string name;
    std::string password_hash;         // crypto::hash_password
    bool must_change_password = true;  // at the first sign-in
    std::vector<std::string> roles;    // codes
};

class Staff : public http::StaffGate, public http::AuditLog {
public:
    // An account; nullopt when the address has one already. Throws std::invalid_argument for an address that is none and for an unknown
    // role. For the command line and seeds; it is written into the audit log as the command line's.
    virtual std::optional<StaffId> add(db::Tx& tx, const NewStaff& staff) = 0;
};
[[nodiscard]] std::unique_ptr<Staff> make_staff(db::Database& database, redis::Redis& redis, const Clock& clock, Options options);

// /api/v1/admin/session, /sessions, /me, /audit. `staff` comes from make_staff.
void add_staff_routes(http::Routes& routes, Staff& staff);

// Reads the whole log, as it is at one moment, and computes its hashes again. Memory stays flat.
struct AuditCheck {
    std::int64_t rows = 0;
    std::optional<std::int64_t> first_bad;  // number of the first row that is not as it was written
    std::string reason;                     // empty: the log is whole
};
[[nodiscard]] AuditCheck check_audit(db::Database& database);

}  // namespace stoa::backoffice
