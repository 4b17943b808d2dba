#include "service.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include <fmt/format.h>

#include "codes.hpp"
#include "domain/consent_texts.hpp"
#include "sql/accounts.hpp"
#include "sql/addresses.hpp"
#include "sql/consents.hpp"
#include "sql/wishlist.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/events/events.hpp"
#include "store/rows.hpp"

namespace stoa::customers {

std::string sha256_hex(std::string_view text) { return crypto::hex(crypto::sha256(text)); }

void append_event(db::Tx& tx, std::string_view type, CustomerId id, std::string_view locale) {
    json::Writer data;
    data.begin_object();
    data.member("customer_id", id.to_string());
    if (!locale.empty()) data.member("locale", locale);
    data.end_object();
    events::append(tx, {std::string(type), "customer:" + id.uuid().to_string(), data.take()});
}

Service::Service(db::Database& database, redis::Redis& redis, const Clock& clock, AccountMailer& mailer, Options options)
    : database_(database), redis_(redis), clock_(clock), mailer_(mailer), options_(std::move(options)) {
    while (options_.public_url.ends_with('/')) options_.public_url.pop_back();
}

std::optional<CustomerInfo> Service::find(db::Session& session, CustomerId id) {
    const auto rows = session.query(sql::find_customer, id);
    if (rows.empty()) return std::nullopt;
    return customer_from(rows.front());
}

std::optional<CustomerInfo> Service::find_by_email(db::Session& session, std::string_view email) {
    const auto key = email_key(email);
    if (!key) return std::nullopt;
    const auto rows = session.query(sql::find_customer_by_email, *key);
    if (rows.empty()) return std::nullopt;
    return customer_from(rows.front());
}

std::vector<AddressDto> Service::addresses(db::Session& session, CustomerId id) {
    std::vector<AddressDto> out;
    const auto rows = session.query(sql::list_addresses, id);
    for (const auto row : rows) out.push_back(address_from(row));
    return out;
}

std::vector<Uuid> Service::wishlist(db::Session& session, CustomerId id) {
    std::vector<Uuid> out;
    const auto rows = session.query(sql::list_wishlist, id);
    for (const auto row : rows) out.push_back(row.get<Uuid>("product_id"));
    return out;
}

void Service::record_consent(db::Tx& tx, CustomerId id, ConsentKind kind, bool granted, std::string_view locale, std::string_view source) {
    tx.exec(sql::insert_consent, id, json::to_name(kind), granted, kConsentTextVersion, consent_text(kind, locale), source, clock_.now());
}

void Service::record_guest_consent(db::Tx& tx, std::string_view email, ConsentKind kind, std::string_view locale, std::string_view source) {
    const auto key = email_key(email);
    if (!key) return;
    tx.exec(sql::insert_guest_consent, *key, json::to_name(kind), kConsentTextVersion, consent_text(kind, locale), source, clock_.now());
}

bool Service::has_consent(db::Session& session, CustomerId id, ConsentKind kind) {
    const auto rows = session.query(sql::current_consents, id);
    for (const auto row : rows) {
        if (row.get<std::string>("kind") == json::to_name(kind)) return row.get<bool>("granted");
    }
    return false;
}

CustomerId Service::create(db::Tx& tx, const NewCustomer& customer) {
    std::optional<std::string> email, key, hash, source;
    if (!customer.email.empty()) {
        key = email_key(customer.email);
        if (!key) throw std::invalid_argument("customers: not a mail address: create()");
        email = customer.email;
    }
    if (!customer.password_hash.empty()) hash = customer.password_hash;
    if (!customer.source_ref.empty()) source = customer.source_ref;
    auto id = customer.id.value_or(CustomerId::make());
    const auto made = tx.exec(sql::insert_verified, id, email, key, hash, customer.first_name, customer.last_name, customer.phone,
                              customer.locale, source, clock_.now());
    if (made == 0) {
        const auto known = tx.query(sql::find_id_by_email_or_source, key, source);
        // Neither address nor number is known: then the id itself was.
        if (!known.empty()) id = known.front().get<CustomerId>("id");
    } else if (email) {
        append_event(tx, "customer.registered", id, customer.locale);
    }
    if (!customer.groups.empty()) set_groups(tx, id, customer.groups);
    return id;
}

void Service::set_groups(db::Tx& tx, CustomerId id, const std::vector<std::string>& groups) {
    for (const auto& group : groups) tx.exec(sql::ensure_group, group, group);
    tx.exec(sql::clear_groups, id, groups);
    tx.exec(sql::add_groups, id, groups);
}

Groups& groups_of(Customers& customers) { return dynamic_cast<Service&>(customers); }

void set_visible_gate(Customers& customers, VisibleGate gate) { dynamic_cast<Service&>(customers).set_visible_gate(std::move(gate)); }

Result<void> Service::save_group(db::Tx& tx, std::string_view code, std::string_view name) {
    Error error;
    error.code = codes::kInvalidGroup;
    error.message = "The group cannot be kept.";
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
    if (code.empty() || code.size() > 40 || !std::ranges::all_of(code, fits))
        error.fields.push_back({"/code", "invalid_code", "Use a to z, 0 to 9, hyphens and underscores, at most 40."});
    if (name.find_first_not_of(' ') == std::string_view::npos || name.size() > 120)
        error.fields.push_back({"/name", "invalid", "A group needs a name of at most 120 characters."});
    if (!error.fields.empty()) return fail(std::move(error));
    tx.exec(sql::save_group, code, name);
    return {};
}

std::optional<std::string> Service::group_name(db::Session& session, std::string_view code) {
    const auto rows = session.query(sql::group_name, code);
    if (rows.empty()) return std::nullopt;
    return rows.front().get<std::string>("name");
}

std::int64_t Service::add_members(db::Tx& tx, std::string_view group, const std::vector<CustomerId>& customers) {
    return tx.exec(sql::add_members, group, customers);
}

std::int64_t Service::remove_members(db::Tx& tx, std::string_view group, const std::vector<CustomerId>& customers) {
    return tx.exec(sql::remove_members, group, customers);
}

void Service::set_company(db::Tx& tx, CustomerId id, const std::optional<Uuid>& company) {
    tx.exec(sql::set_company, id, company, clock_.now());
}

redis::Redis::Allowance Service::allows(std::string_view bucket, int capacity, double per_second) {
    const int factor = std::max(1, options_.rate_limit_factor);
    return redis_.take(fmt::format("customers:{}", bucket), {capacity * factor, per_second * factor});
}

void Service::limit(std::string_view bucket, int capacity, double per_second) {
    const auto allowance = allows(bucket, capacity, per_second);
    if (allowance.allowed) return;
    Error error;
    error.kind = ErrorKind::limited;
    error.code = codes::kRateLimited;
    error.message = "Too many attempts. Please wait a moment and try again.";
    error.retry_after_seconds = std::max(1, allowance.retry_after_seconds);
    throw http::ProblemException(std::move(error));
}

std::string Service::network_of(const http::Request& request) {
    std::string from = request.remote_ip;
    // Whoever has one IPv6 address has 2^64 of them.
    if (in6_addr address{}; ::inet_pton(AF_INET6, from.c_str(), &address) == 1) {
        from = crypto::hex({reinterpret_cast<const char*>(address.s6_addr), 8});
    }
    return from;
}

std::string Service::person_bucket(std::string_view key, std::string_view purpose) {
    return fmt::format("{}:who:{}", purpose, sha256_hex(key).substr(0, 32));
}

void Service::limit_address(const http::Request& request, std::string_view purpose, int capacity, double per_second) {
    limit(fmt::format("{}:ip:{}", purpose, network_of(request)), capacity, per_second);
}

void Service::limit_person(std::string_view key, std::string_view purpose, int capacity, double per_second) {
    limit(person_bucket(key, purpose), capacity, per_second);
}

std::unique_ptr<Customers> make_customers(db::Database& database, redis::Redis& redis, const Clock& clock, AccountMailer& mailer,
                                          Options options) {
    return std::make_unique<Service>(database, redis, clock, mailer, std::move(options));
}

std::vector<jobs::Handler> customers_job_handlers(Customers& customers) {
    auto& service = dynamic_cast<Service&>(customers);
    jobs::Handler intake{.kind = "customers.intake", .run = {}};
    intake.in_tx = [&service](db::Tx& tx, const jobs::Job& job) { service.handle_intake(tx, job); };
    jobs::Handler cleanup{.kind = "customers.clean_up", .run = {}};
    cleanup.in_tx = [&service](db::Tx& tx, const jobs::Job&) { service.clean_up(tx); };
    return {std::move(intake), std::move(cleanup)};
}

std::vector<jobs::Schedule> customers_schedules() { return {{"customers.clean_up", "17 3 * * *", "customers.clean_up", "{}"}}; }

}  // namespace stoa::customers
