#include <fmt/format.h>

#include "codes.hpp"
#include "domain/password.hpp"
#include "service.hpp"
#include "sql/accounts.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/http_client/client.hpp"

namespace stoa::customers {
namespace {

constexpr auto kVerifyLife = std::chrono::hours(24);
constexpr auto kResetLife = std::chrono::hours(2);

Failure bad_email() { return fail_field("/email", "email_invalid", "This does not look like an e-mail address."); }
Failure bad_token() {
    return fail(ErrorKind::invalid, std::string(codes::kTokenInvalid), "This link is not valid any more. Please ask for a new one.");
}

}  // namespace

void Service::note_intake(std::string_view kind, std::string_view email, const Registration* registration, std::string_view password_hash) {
    const auto id = Uuid::v7();
    std::optional<std::string> hash, first_name, last_name;
    std::optional<bool> accepts;
    std::string locale = "en";
    if (registration) {
        hash = std::string(password_hash);
        first_name = registration->first_name;
        last_name = registration->last_name;
        accepts = registration->accepts_marketing;
        locale = registration->locale;
    }
    database_.in_tx([&](db::Tx& tx) {
        tx.exec(sql::insert_intake, id, kind, email, hash, first_name, last_name, locale, accepts, clock_.now());
        // The job carries an id only: names and hashes live in this module's table until it ran, and no longer.
        jobs::enqueue(tx, {"customers.intake", fmt::format("{{\"id\":\"{}\"}}", id.to_string()), std::nullopt, {}, 12});
    });
}

// Whoever asks too often from one place is told so. Asked from many places, the mail is left out in silence: a refusal would let
// strangers keep somebody from a link, and the links of the last minutes are in the mailbox already. So each kind counts by itself.
bool Service::may_mail(const http::Request& request, std::string_view email_key, std::string_view kind) {
    limit_person(fmt::format("{}|{}", email_key, network_of(request)), "mail", 5, 1.0 / 300);
    return allows(person_bucket(email_key, fmt::format("mail-{}", kind)), 20, 1.0 / 120).allowed;
}

// Known or unknown, the request does the same work: one password hash, one row, one job.
Result<void> Service::register_account(const http::Request& request, const Registration& registration) {
    const auto key = email_key(registration.email);
    if (!key) return bad_email();
    for (const auto& [pointer, name] :
         {std::pair<const char*, const std::string&>{"/first_name", registration.first_name}, {"/last_name", registration.last_name}}) {
        // Names stand in mails; a link in one would make our mail somebody else's advertisement.
        if (name.find("://") != std::string::npos || name.find_first_of("<>\r\n\t") != std::string::npos) {
            return fail_field(pointer, "name_invalid", "Please enter your name only.");
        }
    }
    if (auto weak = check_password(registration.password, *key, "/password")) return fail(std::move(*weak));
    limit_address(request, "register", 20, 1.0 / 30);
    if (!may_mail(request, *key, "register")) return {};
    note_intake("register", registration.email, &registration, crypto::hash_password(registration.password));
    return {};
}

Result<void> Service::resend_verification(const http::Request& request, std::string_view email) {
    const auto key = email_key(email);
    if (!key) return bad_email();
    limit_address(request, "register", 20, 1.0 / 30);
    if (!may_mail(request, *key, "resend")) return {};
    note_intake("resend", email, nullptr, {});
    return {};
}

Result<void> Service::forgot_password(const http::Request& request, std::string_view email) {
    const auto key = email_key(email);
    if (!key) return bad_email();
    limit_address(request, "forgot", 20, 1.0 / 30);
    if (!may_mail(request, *key, "forgot")) return {};
    note_intake("forgot", email, nullptr, {});
    return {};
}

void Service::mail_token(db::Tx& tx, CustomerId id, std::string_view to, std::string_view first_name, std::string_view locale,
                         std::string_view purpose, const std::string& token) {
    const bool verify = purpose == "verify_email";
    json::Writer data;
    data.begin_object();
    data.member("first_name", first_name);
    data.end_object();
    json::Writer secrets;
    secrets.begin_object();
    secrets.member("link", fmt::format("{}/{}/account/{}?token={}", options_.public_url, locale, verify ? "verify" : "reset",
                                       http_client::percent_encode(token)));
    secrets.end_object();
    mailer_.queue(tx, {verify ? "verify_email" : "password_reset", std::string(locale), std::string(to), data.take(), secrets.take(),
                       "customer:" + id.uuid().to_string()});
}

void Service::mail_reset(db::Tx& tx, CustomerId id, std::string_view to, std::string_view first_name, std::string_view locale) {
    const auto token = crypto::random_token(32);
    const auto now = clock_.now();
    tx.exec(sql::insert_token, sha256_hex(token), id, "reset_password", std::nullopt, std::nullopt, std::nullopt, std::nullopt,
            std::nullopt, now, now + kResetLife);
    mail_token(tx, id, to, first_name, locale, "reset_password", token);
}

void Service::mail_plain(db::Tx& tx, CustomerId id, std::string_view to, std::string_view first_name, std::string_view locale,
                         std::string_view template_name, std::string_view link_path) {
    json::Writer data;
    data.begin_object();
    data.member("first_name", first_name);
    data.member("link", fmt::format("{}/{}/{}", options_.public_url, locale, link_path));
    data.end_object();
    mailer_.queue(tx,
                  {std::string(template_name), std::string(locale), std::string(to), data.take(), {}, "customer:" + id.uuid().to_string()});
}

void Service::handle_intake(db::Tx& tx, const jobs::Job& job) {
    const auto payload = json::parse(job.payload);
    const auto intake_id = payload ? Uuid::parse(payload->text_or("id")) : std::nullopt;
    if (!intake_id) throw jobs::GiveUp("customers.intake: the payload names no intake");
    const auto taken = tx.query(sql::take_intake, *intake_id);
    if (taken.empty()) return;  // handled before
    const auto request = taken.front();
    const auto kind = request.get<std::string>("kind");
    const auto email = request.get<std::string>("email");
    const auto key = email_key(email).value_or("?");
    const auto now = clock_.now();

    if (kind == "register") {
        const auto id = CustomerId::make();
        const auto first_name = request.get<std::string>("first_name");
        const auto last_name = request.get<std::string>("last_name");
        const auto locale = request.get<std::string>("locale");
        if (tx.exec(sql::insert_unverified, id, email, key, first_name, last_name, locale, now) == 1)
            append_event(tx, "customer.registered", id, locale);
        const auto known = tx.query(sql::lock_by_email, key);
        if (known.empty()) throw std::runtime_error("customers.intake: the account disappeared");
        const auto customer = known.front();
        const auto customer_id = customer.get<CustomerId>("id");
        const auto to = customer.get<std::string>("email");
        if (customer.get<bool>("email_verified")) {
            mail_plain(tx, customer_id, to, customer.get<std::string>("first_name"), customer.get<std::string>("locale"),
                       "already_registered", "login");
            return;
        }
        const auto token = crypto::random_token(32);
        tx.exec(sql::insert_token, sha256_hex(token), customer_id, "verify_email", request.get<std::string>("password_hash"), first_name,
                last_name, locale, request.get<std::optional<bool>>("accepts_marketing"), now, now + kVerifyLife);
        // The row also says that this registration waits, where its link is not sent.
        if (tx.query(sql::waiting_registrations, customer_id).size() > 1)
            mail_reset(tx, customer_id, to, customer.get<std::string>("first_name"), locale);
        else
            mail_token(tx, customer_id, to, first_name, locale, "verify_email", token);
        return;
    }

    const auto known = tx.query(sql::lock_by_email, key);
    if (known.empty()) return;
    const auto customer = known.front();
    const auto customer_id = customer.get<CustomerId>("id");
    const auto to = customer.get<std::string>("email");
    if (kind == "resend") {
        if (customer.get<bool>("email_verified")) return;
        const auto waiting = tx.query(sql::waiting_registrations, customer_id);
        if (waiting.empty()) return;
        if (waiting.size() > 1) {
            mail_reset(tx, customer_id, to, customer.get<std::string>("first_name"), customer.get<std::string>("locale"));
            return;
        }
        const auto asked = waiting.front();
        const auto token = crypto::random_token(32);
        const auto locale = asked.get<std::optional<std::string>>("locale").value_or(customer.get<std::string>("locale"));
        const auto first_name = asked.get<std::optional<std::string>>("first_name");
        tx.exec(sql::insert_token, sha256_hex(token), customer_id, "verify_email", asked.get<std::string>("password_hash"), first_name,
                asked.get<std::optional<std::string>>("last_name"), locale, asked.get<std::optional<bool>>("accepts_marketing"), now,
                now + kVerifyLife);
        mail_token(tx, customer_id, to, first_name.value_or(""), locale, "verify_email", token);
        return;
    }
    const auto locale = customer.get<std::string>("locale");
    mail_reset(tx, customer_id, to, customer.get<std::string>("first_name"), locale);
    append_event(tx, "customer.password_reset_requested", customer_id, locale);
}

Result<LoggedIn> Service::verify(const http::Request& request, std::string_view token) {
    limit_address(request, "token", 30, 1.0 / 10);
    // An empty answer commits: the mail that a refusal sends has to leave.
    auto logged_in = database_.in_tx([&](db::Tx& tx) -> std::optional<LoggedIn> {
        const auto now = clock_.now();
        const auto hash = sha256_hex(token);
        const auto peeked = tx.query(sql::peek_token, hash, "verify_email", now);
        if (peeked.empty()) return std::nullopt;
        const auto account = peeked.front();
        const auto id = account.get<CustomerId>("id");
        // The row that a registration locks as well: from here on none is added.
        if (tx.query(sql::lock_customer, id).empty()) return std::nullopt;
        // This link was sent before there was a second registration, and whose it is cannot be known.
        if (tx.query(sql::waiting_registrations, id).size() > 1) {
            mail_reset(tx, id, account.get<std::string>("email"), account.get<std::string>("first_name"),
                       account.get<std::string>("locale"));
            return std::nullopt;
        }
        const auto used = tx.query(sql::use_token, hash, "verify_email", now);
        if (used.empty()) return std::nullopt;
        const auto asked = used.front();
        const auto locale = asked.get<std::optional<std::string>>("locale");
        const bool newly =
            tx.exec(sql::confirm_registration, id, now, asked.get<std::string>("password_hash"),
                    asked.get<std::optional<std::string>>("first_name"), asked.get<std::optional<std::string>>("last_name"), locale) == 1;
        tx.exec(sql::void_tokens, id, now);
        if (newly && asked.get<std::optional<bool>>("accepts_marketing").value_or(false)) {
            record_consent(tx, id, ConsentKind::marketing_email, true, locale.value_or("en"), "registration");
        }
        auto begun = begin_session(tx, request, id, newly);
        if (newly) append_event(tx, "customer.verified", id, begun.customer.locale);
        return begun;
    });
    if (!logged_in) return bad_token();
    return *std::move(logged_in);
}

void Service::clean_up(db::Tx& tx) {
    const auto now = clock_.now();
    tx.exec(sql::delete_stale_sessions, now);
    tx.exec(sql::delete_stale_tokens, now);
    tx.exec(sql::delete_stale_unverified, now);
    tx.exec(sql::delete_stale_intake, now);
}

}  // namespace stoa::customers
