#include <algorithm>

#include <fmt/format.h>

#include "codes.hpp"
#include "service.hpp"
#include "sql/accounts.hpp"
#include "sql/consents.hpp"
#include "sql/sessions.hpp"
#include "stoa/crypto/crypto.hpp"
#include "store/rows.hpp"

namespace stoa::customers {
namespace {

constexpr std::string_view kCookie = "stoa_session";
constexpr std::int64_t kCookieSeconds = 30 * 24 * 3600;
// Says in the open that pages of the storefront are made for this buyer alone. Opens nothing: prices and products are the session's.
constexpr std::string_view kBuyerCookie = "stoa_buyer";

Error login_required() { return {ErrorKind::unauthenticated, std::string(codes::kLoginRequired), "Please log in.", {}, {}, {}, 0}; }
Failure wrong_credentials() {
    return fail(ErrorKind::unauthenticated, std::string(codes::kInvalidCredentials),
                "E-mail address or password is not right, or the link in our mail was not opened yet.");
}

// As sent, but harmless to store and show: visible ASCII, at most 300 characters.
std::string tidy_user_agent(std::string_view text) {
    std::string out(text.substr(0, 300));
    for (char& c : out) {
        if (c < 0x20 || c > 0x7E) c = '?';
    }
    return out;
}

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

    // Several modules ask who is here; the first answer serves the whole request. The deadline tells requests apart that live at the same
    // address.
    struct Memo {
        const http::Request* request = nullptr;
        std::string request_id, token;
        std::chrono::steady_clock::time_point deadline{};
        const Service* service = nullptr;
        std::optional<Resolved> answer;
    };
    thread_local Memo memo;
    const bool memorable = request.deadline != std::chrono::steady_clock::time_point{} && !request.request_id.empty();
    if (memorable && memo.request == &request && memo.service == this && memo.deadline == request.deadline &&
        memo.request_id == request.request_id && memo.token == *token) {
        return memo.answer;
    }

    std::optional<Resolved> answer;
    database_.read([&](db::Session& session) {
        const auto rows = session.query(sql::resolve_session, sha256_hex(*token), clock_.now());
        if (!rows.empty()) {
            const auto row = rows.front();
            answer = Resolved{customer_from(row), row.get<SessionId>("session_id"), row.get<bool>("seen")};
        }
    });
    if (memorable) memo = {&request, request.request_id, *token, request.deadline, this, answer};
    return answer;
}

std::optional<CustomerInfo> Service::current(const http::Request& request) {
    auto resolved = resolve(request);
    if (!resolved) return std::nullopt;
    return std::move(resolved->customer);
}

CustomerInfo Service::require(const http::Request& request) {
    auto resolved = resolve(request);
    if (!resolved) throw http::ProblemException(login_required());
    return std::move(resolved->customer);
}

std::string buyer_mark(const CustomerInfo& customer) {
    if (customer.groups.empty() && !customer.company) return {};
    auto groups = customer.groups;
    std::ranges::sort(groups);
    std::string text = customer.company ? customer.company->to_string() : "";
    for (const auto& group : groups) text += "|" + group;
    return sha256_hex(text).substr(0, 16);
}

void Service::set_mark(const http::Request& request, http::Response& response, std::string_view mark) const {
    if (mark.empty() && request.cookie(kBuyerCookie).value_or("").empty()) return;
    // Not HttpOnly and under its plain name: the page's script and the caches in front of the storefront read it.
    response.header("set-cookie", fmt::format("{}={}; Path=/; SameSite=Lax{}; Max-Age={}", kBuyerCookie, mark, secure() ? "; Secure" : "",
                                              mark.empty() ? 0 : kCookieSeconds));
}

void Service::refresh_cookie(const http::Request& request, http::Response& response) {
    const auto resolved = resolve(request);
    const bool moved = resolved && resolved->seen_moved;
    if (moved) response.set_cookie(kCookie, *session_token(request), kCookieSeconds, secure());
    const auto mark = resolved ? buyer_mark(resolved->customer) : std::string();
    // Groups may have changed since, or the session may be over.
    if (moved || request.cookie(kBuyerCookie).value_or("") != mark) set_mark(request, response, mark);
}

void Service::clear_cookies(const http::Request& request, http::Response& response) const {
    response.set_cookie(kCookie, "", 0, secure());
    set_mark(request, response, "");
}

LoggedIn Service::begin_session(db::Tx& tx, const http::Request& request, CustomerId id, bool newly_verified) {
    // A session never survives a change of rights: whatever token came with the request ends here.
    if (const auto old = session_token(request)) tx.exec(sql::delete_session_by_token, sha256_hex(*old));
    const auto token = crypto::random_token(32);
    tx.exec(sql::insert_session, SessionId::make(), sha256_hex(token), id, tidy_user_agent(request.header("user-agent")), clock_.now());
    auto info = find(tx, id);
    if (!info) throw http::ProblemException(login_required());
    LoggedIn out{http::Response{}, std::move(*info)};
    out.response.set_cookie(kCookie, token, kCookieSeconds, secure());
    set_mark(request, out.response, buyer_mark(out.customer));
    if (newly_verified) {
        // What was agreed to without an account waited for this proof.
        tx.exec(sql::take_guest_consents, id);
        for (const auto& hook : verified_hooks_) hook(tx, out.customer, request, out.response);
    }
    for (const auto& hook : login_hooks_) hook(tx, out.customer, request, out.response);
    return out;
}

Result<LoggedIn> Service::log_in(const http::Request& request, std::string_view email, std::string_view password) {
    limit_address(request, "login", 30, 1.0 / 10);
    const auto key = email_key(email).value_or("?");
    // Per person and place tightly, per person anywhere loosely: strangers should not be able to lock somebody out.
    limit_person(key + "|" + request.remote_ip, "login", 10, 1.0 / 60);
    limit_person(key, "login", 100, 1.0 / 20);

    std::optional<CustomerId> id;
    std::optional<std::string> hash;
    database_.read([&](db::Session& session) {
        const auto rows = session.query(sql::find_credentials, key);
        if (rows.empty()) return;
        id = rows.front().get<CustomerId>("id");
        hash = rows.front().get<std::optional<std::string>>("password_hash");
    });
    // No connection is held while the password is checked, and an unknown address takes as long as a known one. An address whose link
    // was not opened yet counts as unknown: whoever just registered it would otherwise learn whether it had an account before.
    bool right = false;
    if (hash)
        right = crypto::verify_password(*hash, password);
    else
        crypto::waste_password_time(password);
    if (!right) return wrong_credentials();
    return database_.in_tx([&](db::Tx& tx) -> Result<LoggedIn> {
        // The password may have been changed while we were checking the old one.
        if (tx.query(sql::lock_unchanged_password, *id, *hash).empty()) return wrong_credentials();
        return begin_session(tx, request, *id, false);
    });
}

http::Response Service::log_out(const http::Request& request) {
    if (const auto token = session_token(request)) {
        database_.in_tx([&](db::Tx& tx) { tx.exec(sql::delete_session_by_token, sha256_hex(*token)); });
    }
    auto response = http::no_content();
    clear_cookies(request, response);
    return response;
}

http::Response Service::log_out_everywhere(const http::Request& request) {
    const auto customer = require(request);
    database_.in_tx([&](db::Tx& tx) { tx.exec(sql::delete_sessions, customer.id); });
    auto response = http::no_content();
    clear_cookies(request, response);
    return response;
}

std::vector<SessionDto> Service::sessions(const http::Request& request) {
    const auto customer = require(request);
    std::vector<SessionDto> out;
    database_.read([&](db::Session& session) {
        out.clear();
        const auto rows = session.query(sql::list_sessions, customer.id, sha256_hex(*session_token(request)), clock_.now());
        for (const auto row : rows) out.push_back(session_from(row));
    });
    return out;
}

Result<http::Response> Service::end_session(const http::Request& request, SessionId id) {
    const auto customer = require(request);
    const auto ended = database_.in_tx([&](db::Tx& tx) -> std::optional<std::string> {
        const auto rows = tx.query(sql::delete_session, id, customer.id);
        if (rows.empty()) return std::nullopt;
        return rows.front().get<std::string>("token_hash");
    });
    if (!ended) return fail(ErrorKind::not_found, "http.not_found", "There is nothing here.");
    auto response = http::no_content();
    if (*ended == sha256_hex(*session_token(request))) clear_cookies(request, response);
    return response;
}

}  // namespace stoa::customers
