#include <algorithm>

#include "codes.hpp"
#include "service.hpp"
#include "sql/staff.hpp"
#include "stoa/crypto/crypto.hpp"

namespace stoa::backoffice {

std::string sha256_hex(std::string_view text) { return crypto::hex(crypto::sha256(text)); }

std::optional<std::string> staff_email_key(std::string_view email) {
    const auto at = email.find('@');
    if (email.size() < 3 || email.size() > 254 || at == 0 || at == std::string_view::npos || at + 1 == email.size() ||
        email.find('@', at + 1) != std::string_view::npos)
        return std::nullopt;
    std::string key(email);
    for (char& c : key) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= ' ' || byte >= 0x7F) return std::nullopt;
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return key;
}

Result<void> check_staff_password(std::string_view password, std::string_view pointer) {
    std::string different(password);
    std::ranges::sort(different);
    const auto [rest, end] = std::ranges::unique(different);
    const auto distinct = rest - different.begin();
    if (password.size() >= kShortestPassword && distinct >= 5) return {};
    Error error;
    error.kind = ErrorKind::invalid;
    error.code = codes::kWeakPassword;
    error.message = "A password has at least 12 characters, not all the same few.";
    error.fields.push_back({std::string(pointer), std::string(codes::kWeakPassword), error.message});
    return fail(std::move(error));
}

Service::Service(db::Database& database, redis::Redis& redis, const Clock& clock, Options options)
    : database_(database), redis_(redis), clock_(clock), options_(std::move(options)) {}

void Service::record(db::Tx& tx, const http::StaffActor& actor, const http::AuditEntry& entry) {
    AuditRow row;
    row.at = clock_.now();
    if (!actor.id.is_nil()) row.staff = actor.id;
    row.staff_name = actor.name;
    row.action = entry.action;
    row.resource = entry.resource;
    row.object_id = entry.id;
    if (!entry.before_json.empty()) row.before = entry.before_json;
    if (!entry.after_json.empty()) row.after = entry.after_json;
    row.ip = actor.ip;
    row.user_agent = actor.user_agent;
    row.request_id = actor.request_id;
    append_audit(tx, std::move(row));
}

void Service::record(db::Tx& tx, const Resolved& me, std::string_view action, std::string_view after) {
    record(tx, me.actor, {std::string(action), "staff", me.actor.id.to_string(), {}, std::string(after)});
}

std::optional<StaffId> Service::add(db::Tx& tx, const NewStaff& staff) {
    const auto key = staff_email_key(staff.email);
    if (!key) throw std::invalid_argument("staff: " + staff.email + " is no mail address");
    if (staff.name.empty() || staff.name.size() > 120) throw std::invalid_argument("staff: a name of up to 120 characters is needed");
    if (tx.query(sql::known_roles, staff.roles).size() != static_cast<int>(staff.roles.size()))
        throw std::invalid_argument("staff: there is no such role");
    const auto id = StaffId::make();
    if (tx.exec(sql::insert_staff, id, staff.email, *key, staff.name, staff.password_hash, staff.must_change_password, clock_.now()) == 0)
        return std::nullopt;
    tx.exec(sql::add_staff_roles, id, staff.roles);
    json::Writer after;
    after.begin_object();
    after.member("email", staff.email);
    after.member("name", staff.name);
    after.key("roles");
    json::Codec<std::vector<std::string>>::write(staff.roles, after);
    after.end_object();
    http::StaffActor console;
    console.name = "command line";
    record(tx, console, {"create", "staff", id.to_string(), {}, after.take()});
    return id;
}

Result<void> Service::confirm_password(const http::Request& request, const Resolved& me, std::string_view password,
                                       std::string_view pointer) {
    limit_address(request, "confirm");
    limit("confirm:who:" + me.actor.id.to_string(), 10, 1.0 / 60);
    const auto hash = database_.read(
        [&](db::Session& session) { return session.query(sql::find_staff, me.actor.id).front().get<std::string>("password_hash"); });
    if (crypto::verify_password(hash, password)) return {};
    Error error;
    error.kind = ErrorKind::invalid;
    error.code = codes::kInvalidCredentials;
    error.message = "The password is not right.";
    error.fields.push_back({std::string(pointer), std::string(codes::kInvalidCredentials), error.message});
    return fail(std::move(error));
}

Result<http::Response> Service::change_password(const http::Request& request, std::string_view current, std::string_view fresh) {
    const auto me = require_me(request);
    if (!me) return fail(me.error());
    if (auto strong = check_staff_password(fresh, "/new"); !strong) return fail(strong.error());
    if (auto right = confirm_password(request, *me, current, "/current"); !right) return fail(right.error());
    // Whoever made the account knows that one.
    if (me->must_change_password && fresh == current)
        return fail_field("/new", "same_password", "Choose another password than the one you were given.");
    const auto hash = crypto::hash_password(fresh);
    database_.in_tx([&](db::Tx& tx) {
        tx.exec(sql::set_password, me->actor.id, hash, false, clock_.now());
        tx.exec(sql::delete_sessions_of, me->actor.id, me->session);
        record(tx, *me, "change_password");
    });
    return http::no_content();
}

std::unique_ptr<Staff> make_staff(db::Database& database, redis::Redis& redis, const Clock& clock, Options options) {
    return std::make_unique<Service>(database, redis, clock, std::move(options));
}

}  // namespace stoa::backoffice
