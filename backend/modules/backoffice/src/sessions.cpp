#include <arpa/inet.h>

#include <algorithm>

#include <fmt/format.h>

#include "codes.hpp"
#include "domain/totp.hpp"
#include "service.hpp"
#include "sql/staff.hpp"
#include "sql/totp.hpp"
#include "stoa/crypto/crypto.hpp"

namespace stoa::backoffice {
namespace {

constexpr std::string_view kCookie = "stoa_staff";
constexpr std::int64_t kCookieSeconds = 7 * 24 * 3600;

// As sent, but harmless to store and show: visible ASCII, at most `most` characters.
std::string tidy(std::string_view text, std::size_t most) {
    std::string out(text.substr(0, most));
    for (char& c : out) {
        if (c < 0x20 || c > 0x7E) c = '?';
    }
    return out;
}

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

Failure wrong_credentials() {
    return fail(ErrorKind::unauthenticated, std::string(codes::kInvalidCredentials), "E-mail address or password is not right.");
}
Failure wrong_code() { return fail(ErrorKind::unauthenticated, std::string(codes::kInvalidCode), "This code is not right."); }

}  // namespace

std::optional<std::string> Service::session_token(const http::Request& request) const {
    const auto cookie = request.cookie(http::cookie_name(kCookie, secure()));
    // 32 random bytes in URL-safe base64; anything else was never given out.
    if (!cookie || cookie->size() != 43) return std::nullopt;
    return std::string(*cookie);
}

std::optional<Service::Resolved> Service::resolve(const http::Request& request) {
    const auto token = session_token(request);
    if (!token) return std::nullopt;
    std::optional<Resolved> out;
    database_.read([&](db::Session& session) {
        out.reset();
        const auto rows = session.query(sql::resolve_session, sha256_hex(*token), clock_.now());
        if (rows.empty()) return;
        const auto row = rows.front();
        Resolved& me = out.emplace();
        me.session = row.get<StaffSessionId>("session_id");
        me.actor.id = row.get<StaffId>("id");
        me.actor.email = row.get<std::string>("email");
        me.actor.name = row.get<std::string>("name");
        me.second_factor_due = row.get<bool>("second_factor_due");
        me.has_totp = row.get<bool>("has_totp");
        me.has_passkey = row.get<bool>("has_passkey");
        me.must_change_password = row.get<bool>("must_change_password");
        std::vector<Grant> grants;
        const auto roles = json::parse(row.get<std::string>("roles"));
        for (const auto& role : roles->items()) {
            Grant& grant = grants.emplace_back();
            for (const auto& permission : role.find("permissions")->items()) grant.permissions.push_back(permission.text());
            grant.limits = limits_from(*role.find("limits"));
        }
        auto all = merged(grants);
        me.actor.permissions = std::move(all.permissions);
        me.actor.limits = std::move(all.limits);
        me.actor.ip = tidy(request.remote_ip, 64);
        me.actor.user_agent = tidy(request.header("user-agent"), 300);
        me.actor.request_id = tidy(request.request_id, 120);
    });
    return out;
}

Result<Service::Resolved> Service::require_me(const http::Request& request) {
    auto me = resolve(request);
    if (!me || me->second_factor_due) return fail(http::staff_login_required());
    return std::move(*me);
}

Result<Service::Resolved> Service::require_settled(const http::Request& request) {
    auto me = require_me(request);
    if (me && me->must_change_password)
        return fail(ErrorKind::forbidden, std::string(codes::kPasswordChangeDue), "Please set a password of your own first.");
    return me;
}

Result<http::StaffActor> Service::require(const http::Request& request, std::string_view permission) {
    auto me = require_settled(request);
    if (!me) return fail(me.error());
    if (!permission.empty() && !me->actor.may(permission)) return fail(http::staff_forbidden(permission));
    return std::move(me->actor);
}

void Service::limit(std::string_view bucket, int capacity, double per_second) {
    const int factor = std::max(1, options_.rate_limit_factor);
    const auto allowance = redis_.take(fmt::format("staff:{}", bucket), {capacity * factor, per_second * factor});
    if (allowance.allowed) return;
    Error error;
    error.kind = ErrorKind::limited;
    error.code = codes::kRateLimited;
    error.message = "Too many attempts. Please wait a moment and try again.";
    error.retry_after_seconds = std::max(1, allowance.retry_after_seconds);
    throw http::ProblemException(std::move(error));
}

void Service::limit_address(const http::Request& request, std::string_view purpose) {
    std::string from = request.remote_ip;
    // Whoever has one IPv6 address has 2^64 of them.
    if (in6_addr address{}; ::inet_pton(AF_INET6, from.c_str(), &address) == 1)
        from = crypto::hex({reinterpret_cast<const char*>(address.s6_addr), 8});
    limit(fmt::format("{}:ip:{}", purpose, from), 30, 1.0 / 10);
}

http::Response Service::begin_session(db::Tx& tx, const http::Request& request, StaffId id, bool second_factor_due) {
    // A session never survives a change of rights: whatever token came with the request ends here.
    if (const auto old = session_token(request)) tx.exec(sql::delete_session_by_token, sha256_hex(*old));
    tx.exec(sql::delete_old_sessions, clock_.now());
    const auto token = crypto::random_token(32);
    tx.exec(sql::insert_session, StaffSessionId::make(), sha256_hex(token), id, second_factor_due, tidy(request.remote_ip, 64),
            tidy(request.header("user-agent"), 300), clock_.now());
    http::Response response;
    response.set_cookie(kCookie, token, second_factor_due ? 600 : kCookieSeconds, secure());
    return response;
}

StaffSessionDto Service::session_dto(const Resolved& me) {
    StaffSessionDto out;
    if (me.second_factor_due) {
        out.status = SignInStatus::second_factor;
        out.methods = {"totp"};
        if (me.has_passkey) out.methods->push_back("passkey");
        return out;
    }
    StaffDto& staff = out.staff.emplace();
    staff.id = me.actor.id;
    staff.name = me.actor.name;
    staff.email = me.actor.email;
    staff.permissions = me.actor.permissions;
    for (const auto& [permission, amounts] : me.actor.limits) staff.limits[permission] = amounts;
    staff.has_totp = me.has_totp;
    staff.must_change_password = me.must_change_password;
    return out;
}

Result<http::Response> Service::sign_in(const http::Request& request, std::string_view email, std::string_view password) {
    limit_address(request, "login");
    const auto key = staff_email_key(email).value_or("?");
    // Per person and place tightly, per person anywhere loosely: strangers should not be able to lock somebody out.
    const auto person = sha256_hex(key).substr(0, 32);
    limit(fmt::format("login:who:{}:{}", person, request.remote_ip), 10, 1.0 / 60);
    limit(fmt::format("login:who:{}", person), 100, 1.0 / 20);

    std::optional<StaffId> id;
    std::string hash;
    bool has_totp = false;
    database_.read([&](db::Session& session) {
        id.reset();
        const auto rows = session.query(sql::find_credentials, key);
        if (rows.empty()) return;
        id = rows.front().get<StaffId>("id");
        hash = rows.front().get<std::string>("password_hash");
        has_totp = rows.front().get<bool>("has_totp");
    });
    // No connection is held while the password is checked, and an unknown address takes as long as a known one.
    if (!id) {
        crypto::waste_password_time(password);
        return wrong_credentials();
    }
    if (!crypto::verify_password(hash, password)) return wrong_credentials();
    auto response = database_.in_tx([&](db::Tx& tx) -> Result<http::Response> {
        // The password may have been changed while we were checking the old one.
        if (tx.query(sql::lock_unchanged_password, *id, hash).empty()) return wrong_credentials();
        return begin_session(tx, request, *id, has_totp);
    });
    if (!response) return response;
    return session_answer(request, std::move(*response));
}

// The state of the session whose cookie `response` sets.
http::Response Service::session_answer(const http::Request& request, http::Response response) {
    http::Request again;
    again.remote_ip = request.remote_ip;
    const auto set = response.header_value("set-cookie");
    again.headers.emplace_back("cookie", std::string(set.substr(0, set.find(';'))));
    const auto me = resolve(again);
    if (!me) throw http::ProblemException(http::staff_login_required());
    auto answer = http::ok(session_dto(*me));
    for (auto& header : response.headers) answer.headers.push_back(std::move(header));
    return answer;
}

Result<http::Response> Service::second_factor(const http::Request& request, std::string_view code) {
    const auto me = resolve(request);
    if (!me) return fail(http::staff_login_required());
    if (!me->second_factor_due) return http::ok(session_dto(*me));
    limit(fmt::format("code:who:{}", me->actor.id.to_string()), 5, 1.0 / 60);

    auto response = database_.in_tx([&](db::Tx& tx) -> Result<http::Response> {
        const auto rows = tx.query(sql::find_totp, me->actor.id);
        if (rows.empty()) return wrong_code();
        const auto sealed = rows.front().get<std::optional<std::string>>("totp_secret");
        if (!sealed) return wrong_code();
        const auto step = match_totp(unsealed(*sealed), code, clock_.now(), rows.front().get<std::int64_t>("totp_last_step"));
        // The row decides which of two requests with one code was first.
        if (step) {
            if (tx.exec(sql::use_totp_step, me->actor.id, *step) == 0) return wrong_code();
        } else if (tx.exec(sql::use_recovery_code, me->actor.id, sha256_hex(upper(code))) == 0) {
            return wrong_code();
        }
        return begin_session(tx, request, me->actor.id, false);
    });
    if (!response) return response;
    return session_answer(request, std::move(*response));
}

Result<http::Response> Service::session(const http::Request& request) {
    const auto me = resolve(request);
    if (!me) return fail(http::staff_login_required());
    return http::ok(session_dto(*me));
}

http::Response Service::sign_out(const http::Request& request) {
    if (const auto token = session_token(request))
        database_.in_tx([&](db::Tx& tx) { tx.exec(sql::delete_session_by_token, sha256_hex(*token)); });
    auto response = http::no_content();
    response.set_cookie(kCookie, "", 0, secure());
    return response;
}

Result<StaffSessionListDto> Service::sessions(const http::Request& request) {
    const auto me = require_me(request);
    if (!me) return fail(me.error());
    // Everybody sees their own; those of all are a right.
    const std::optional<StaffId> only = me->actor.may("sessions.read") ? std::nullopt : std::optional(me->actor.id);
    StaffSessionListDto out;
    database_.read([&](db::Session& session) {
        out.sessions.clear();
        for (const auto row : session.query(sql::list_sessions, only, clock_.now())) {
            StaffSessionItemDto item;
            item.id = row.get<StaffSessionId>("id");
            item.staff_id = row.get<StaffId>("staff_id");
            item.name = row.get<std::string>("name");
            item.email = row.get<std::string>("email");
            item.ip = row.get<std::string>("ip");
            item.user_agent = row.get<std::string>("user_agent");
            item.created_at = row.get<Timestamp>("created_at");
            item.last_seen_at = row.get<Timestamp>("last_seen_at");
            item.current = item.id == me->session;
            out.sessions.push_back(std::move(item));
        }
    });
    return out;
}

Result<http::Response> Service::end_session(const http::Request& request, StaffSessionId id) {
    const auto me = require_me(request);
    if (!me) return fail(me.error());
    const std::optional<StaffId> only = me->actor.may("sessions.delete") ? std::nullopt : std::optional(me->actor.id);
    const auto ended = database_.in_tx([&](db::Tx& tx) {
        const auto rows = tx.query(sql::delete_session, id, only);
        if (rows.empty()) return false;
        record(tx, me->actor, {"end_session", "staff", rows.front().get<StaffId>("staff_id").to_string(), {}, {}});
        return true;
    });
    if (!ended) return fail(ErrorKind::not_found, "http.not_found", "There is nothing here.");
    auto response = http::no_content();
    if (id == me->session) response.set_cookie(kCookie, "", 0, secure());
    return response;
}

}  // namespace stoa::backoffice
