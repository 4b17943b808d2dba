#include "codes.hpp"
#include "domain/password.hpp"
#include "service.hpp"
#include "sql/accounts.hpp"
#include "sql/sessions.hpp"
#include "stoa/crypto/crypto.hpp"

namespace stoa::customers {
namespace {

Failure bad_token() {
    return fail(ErrorKind::invalid, std::string(codes::kTokenInvalid), "This link is not valid any more. Please ask for a new one.");
}

Failure wrong_password(std::string_view pointer) {
    Error error;
    error.kind = ErrorKind::invalid;
    error.code = codes::kInvalidCredentials;
    error.message = "The password is not right.";
    error.fields.push_back({std::string(pointer), "wrong_password", "The password is not right."});
    return fail(std::move(error));
}

}  // namespace

Result<LoggedIn> Service::reset_password(const http::Request& request, std::string_view token, std::string_view password) {
    limit_address(request, "token", 30, 1.0 / 10);
    std::optional<std::string> email;
    database_.read([&](db::Session& session) {
        const auto rows = session.query(sql::peek_token, sha256_hex(token), "reset_password", clock_.now());
        email = rows.empty() ? std::nullopt : rows.front().get<std::optional<std::string>>("email");
    });
    if (!email) return bad_token();
    // A weak password does not cost the link.
    if (auto weak = check_password(password, *email, "/password")) return fail(std::move(*weak));
    const auto hash = crypto::hash_password(password);
    return database_.in_tx([&](db::Tx& tx) -> Result<LoggedIn> {
        const auto now = clock_.now();
        const auto used = tx.query(sql::use_token, sha256_hex(token), "reset_password", now);
        if (used.empty()) return bad_token();
        const auto id = used.front().get<CustomerId>("customer_id");
        const auto before = tx.query(sql::lock_customer, id);
        if (before.empty()) return bad_token();
        const bool newly = !before.front().get<bool>("email_verified");
        tx.exec(sql::reset_password, id, hash, now);
        tx.exec(sql::delete_sessions, id);
        tx.exec(sql::void_tokens, id, now);
        auto logged_in = begin_session(tx, request, id, newly);
        const auto& customer = logged_in.customer;
        mail_plain(tx, id, customer.email, customer.first_name, customer.locale, "password_changed", "login");
        append_event(tx, "customer.password_changed", id, customer.locale);
        if (newly) append_event(tx, "customer.verified", id, customer.locale);
        return logged_in;
    });
}

Result<std::string> Service::confirm_password(const CustomerInfo& customer, std::string_view password, std::string_view pointer) {
    limit_person(customer.id.to_string(), "confirm", 10, 1.0 / 60);
    std::optional<std::string> hash;
    database_.read([&](db::Session& session) {
        const auto rows = session.query(sql::find_password, customer.id);
        hash = rows.empty() ? std::nullopt : rows.front().get<std::optional<std::string>>("password_hash");
    });
    if (!hash || !crypto::verify_password(*hash, password)) return wrong_password(pointer);
    return *hash;
}

Result<void> Service::change_password(const http::Request& request, std::string_view current, std::string_view fresh) {
    const auto customer = require(request);
    if (auto weak = check_password(fresh, customer.email, "/new")) return fail(std::move(*weak));
    const auto old_hash = confirm_password(customer, current, "/current");
    if (!old_hash) return fail(old_hash.error());
    const auto new_hash = crypto::hash_password(fresh);
    return database_.in_tx([&](db::Tx& tx) -> Result<void> {
        const auto now = clock_.now();
        if (tx.exec(sql::change_password, customer.id, *old_hash, new_hash, now) == 0) return wrong_password("/current");
        tx.exec(sql::delete_other_sessions, customer.id, sha256_hex(*session_token(request)));
        tx.exec(sql::void_tokens, customer.id, now);
        mail_plain(tx, customer.id, customer.email, customer.first_name, customer.locale, "password_changed", "login");
        append_event(tx, "customer.password_changed", customer.id, customer.locale);
        return {};
    });
}

}  // namespace stoa::customers
