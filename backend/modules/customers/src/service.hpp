#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/dto.hpp"
#include "stoa/customers/groups.hpp"
#include "stoa/customers/make.hpp"
#include "stoa/jobs/jobs.hpp"

namespace stoa::customers {

// What a person types to register; parsed and trimmed, the password still in the clear.
struct Registration {
    std::string email;
    std::string password;
    std::string first_name;
    std::string last_name;
    std::string locale;
    bool accepts_marketing = false;
};

// A response that logged somebody in, with who it was.
struct LoggedIn {
    http::Response response;
    CustomerInfo customer;
};

class Service final : public Customers, public Groups {
public:
    Service(db::Database& database, redis::Redis& redis, const Clock& clock, AccountMailer& mailer, Options options);

    // ---- what other modules see (service.cpp, sessions.cpp)
    std::optional<CustomerInfo> current(const http::Request& request) override;
    CustomerInfo require(const http::Request& request) override;
    std::optional<CustomerInfo> find(db::Session& session, CustomerId id) override;
    std::optional<CustomerInfo> find_by_email(db::Session& session, std::string_view email) override;
    std::vector<AddressDto> addresses(db::Session& session, CustomerId id) override;
    std::vector<Uuid> wishlist(db::Session& session, CustomerId id) override;
    void record_consent(db::Tx& tx, CustomerId id, ConsentKind kind, bool granted, std::string_view locale,
                        std::string_view source) override;
    void record_guest_consent(db::Tx& tx, std::string_view email, ConsentKind kind, std::string_view locale,
                              std::string_view source) override;
    bool has_consent(db::Session& session, CustomerId id, ConsentKind kind) override;
    CustomerId create(db::Tx& tx, const NewCustomer& customer) override;
    void set_groups(db::Tx& tx, CustomerId id, const std::vector<std::string>& groups) override;
    void set_company(db::Tx& tx, CustomerId id, const std::optional<Uuid>& company) override;
    Result<void> save_group(db::Tx& tx, std::string_view code, std::string_view name) override;
    std::optional<std::string> group_name(db::Session& session, std::string_view code) override;
    std::int64_t add_members(db::Tx& tx, std::string_view group, const std::vector<CustomerId>& customers) override;
    std::int64_t remove_members(db::Tx& tx, std::string_view group, const std::vector<CustomerId>& customers) override;
    void on_login(LoginHook hook) override { login_hooks_.push_back(std::move(hook)); }
    void on_verified(LoginHook hook) override { verified_hooks_.push_back(std::move(hook)); }
    void set_product_gate(ProductGate gate) override { product_gate_ = std::move(gate); }
    void set_visible_gate(VisibleGate gate) { visible_gate_ = std::move(gate); }
    void add_exporter(std::string member, Exporter exporter) override { exporters_.emplace_back(std::move(member), std::move(exporter)); }
    void add_eraser(Eraser eraser) override { erasers_.push_back(std::move(eraser)); }

    // ---- sessions.cpp
    Result<LoggedIn> log_in(const http::Request& request, std::string_view email, std::string_view password);
    [[nodiscard]] http::Response log_out(const http::Request& request);
    [[nodiscard]] http::Response log_out_everywhere(const http::Request& request);
    [[nodiscard]] std::vector<SessionDto> sessions(const http::Request& request);
    Result<http::Response> end_session(const http::Request& request, SessionId id);
    // Renews the cookie's lifetime when this request moved last_seen_at, and puts the buyer's mark right.
    void refresh_cookie(const http::Request& request, http::Response& response);

    // ---- registration.cpp: the request and what its job does with it
    Result<void> register_account(const http::Request& request, const Registration& registration);
    Result<void> resend_verification(const http::Request& request, std::string_view email);
    Result<LoggedIn> verify(const http::Request& request, std::string_view token);
    void handle_intake(db::Tx& tx, const jobs::Job& job);
    void clean_up(db::Tx& tx);

    // ---- passwords.cpp
    Result<void> forgot_password(const http::Request& request, std::string_view email);
    Result<LoggedIn> reset_password(const http::Request& request, std::string_view token, std::string_view password);
    Result<void> change_password(const http::Request& request, std::string_view current, std::string_view fresh);

    // ---- profile.cpp
    [[nodiscard]] AccountDto account(const http::Request& request);
    Result<AccountDto> update_account(const http::Request& request, const AccountPatchDto& patch);
    Result<AddressDto> add_address(const http::Request& request, AddressDto address);
    Result<AddressDto> replace_address(const http::Request& request, AddressId id, AddressDto address);
    Result<void> remove_address(const http::Request& request, AddressId id);
    [[nodiscard]] std::vector<ConsentDto> consents(const http::Request& request);
    [[nodiscard]] std::vector<ConsentDto> set_consent(const http::Request& request, ConsentKind kind, bool granted);
    Result<void> add_to_wishlist(const http::Request& request, const Uuid& product);
    void remove_from_wishlist(const http::Request& request, const Uuid& product);

    // ---- privacy.cpp
    [[nodiscard]] std::string export_everything(const http::Request& request);
    Result<http::Response> erase(const http::Request& request, std::string_view password);

    [[nodiscard]] db::Database& database() { return database_; }

private:
    struct Resolved {
        CustomerInfo customer;
        SessionId session;
        bool seen_moved = false;
    };
    [[nodiscard]] bool secure() const { return options_.public_url.starts_with("https://"); }
    void set_mark(const http::Request& request, http::Response& response, std::string_view mark) const;
    void clear_cookies(const http::Request& request, http::Response& response) const;
    [[nodiscard]] std::optional<std::string> session_token(const http::Request& request) const;
    [[nodiscard]] std::optional<Resolved> resolve(const http::Request& request);
    // Throws account.rate_limited. `bucket` is hashed where it names a person.
    void limit(std::string_view bucket, int capacity, double per_second);
    [[nodiscard]] redis::Redis::Allowance allows(std::string_view bucket, int capacity, double per_second);
    [[nodiscard]] static std::string network_of(const http::Request& request);
    [[nodiscard]] static std::string person_bucket(std::string_view key, std::string_view purpose);
    // False: this address was written to often enough. Throws when whoever asks asked too often.
    [[nodiscard]] bool may_mail(const http::Request& request, std::string_view email_key, std::string_view kind);
    void limit_address(const http::Request& request, std::string_view purpose, int capacity, double per_second);
    void limit_person(std::string_view email_key, std::string_view purpose, int capacity, double per_second);
    // Ends the session the request came with, begins a new one, runs the hooks. In the caller's transaction.
    [[nodiscard]] LoggedIn begin_session(db::Tx& tx, const http::Request& request, CustomerId id, bool newly_verified);
    void note_intake(std::string_view kind, std::string_view email, const Registration* registration, std::string_view password_hash);
    void mail_token(db::Tx& tx, CustomerId id, std::string_view to, std::string_view first_name, std::string_view locale,
                    std::string_view purpose, const std::string& token);
    // A link that sets a password and proves the address.
    void mail_reset(db::Tx& tx, CustomerId id, std::string_view to, std::string_view first_name, std::string_view locale);
    void mail_plain(db::Tx& tx, CustomerId id, std::string_view to, std::string_view first_name, std::string_view locale,
                    std::string_view template_name, std::string_view link_path);
    [[nodiscard]] Result<std::string> confirm_password(const CustomerInfo& customer, std::string_view password, std::string_view pointer);

    db::Database& database_;
    redis::Redis& redis_;
    const Clock& clock_;
    AccountMailer& mailer_;
    Options options_;
    std::vector<LoginHook> login_hooks_;
    ProductGate product_gate_;
    VisibleGate visible_gate_;
    std::vector<LoginHook> verified_hooks_;
    std::vector<std::pair<std::string, Exporter>> exporters_;
    std::vector<Eraser> erasers_;
};

[[nodiscard]] std::string sha256_hex(std::string_view text);
// Differs between buyers whose groups or company differ; empty for those who see what everybody sees.
[[nodiscard]] std::string buyer_mark(const CustomerInfo& customer);
void append_event(db::Tx& tx, std::string_view type, CustomerId id, std::string_view locale = {});

}  // namespace stoa::customers
