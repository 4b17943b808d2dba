#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit.hpp"
#include "domain/rights.hpp"
#include "http/dto.hpp"
#include "stoa/backoffice/make.hpp"

namespace stoa::backoffice {

class Service final : public Staff {
public:
    Service(db::Database& database, redis::Redis& redis, const Clock& clock, Options options);

    // ---- gate and log
    Result<http::StaffActor> require(const http::Request& request, std::string_view permission) override;
    void record(db::Tx& tx, const http::StaffActor& actor, const http::AuditEntry& entry) override;

    // ---- accounts.cpp
    std::optional<StaffId> add(db::Tx& tx, const NewStaff& staff) override;
    Result<http::Response> change_password(const http::Request& request, std::string_view current, std::string_view fresh);

    // ---- sessions.cpp
    Result<http::Response> sign_in(const http::Request& request, std::string_view email, std::string_view password);
    Result<http::Response> second_factor(const http::Request& request, std::string_view code);
    Result<http::Response> session(const http::Request& request);
    [[nodiscard]] http::Response sign_out(const http::Request& request);
    Result<StaffSessionListDto> sessions(const http::Request& request);
    Result<http::Response> end_session(const http::Request& request, StaffSessionId id);

    // ---- totp.cpp
    Result<TotpStateDto> totp_state(const http::Request& request);
    Result<TotpEnrolmentDto> enrol_totp(const http::Request& request, std::string_view password);
    Result<RecoveryCodesDto> confirm_totp(const http::Request& request, std::string_view code);
    Result<void> remove_totp(const http::Request& request, std::string_view password);

    // ---- passkeys.cpp
    Result<PasskeyListDto> passkeys(const http::Request& request);
    Result<PasskeyCreationDto> begin_passkey(const http::Request& request, std::string_view password);
    Result<PasskeyDto> add_passkey(const http::Request& request, const NewPasskeyDto& given);
    Result<void> remove_passkey(const http::Request& request, PasskeyId id, std::string_view password);
    [[nodiscard]] PasskeyRequestDto ask_for_passkey(const http::Request& request);
    Result<http::Response> sign_in_with_passkey(const http::Request& request, const PasskeySignInDto& given);

    [[nodiscard]] db::Database& database() { return database_; }
    [[nodiscard]] const Clock& clock() const { return clock_; }

private:
    struct Resolved {
        StaffSessionId session;
        http::StaffActor actor;
        bool second_factor_due = false, has_totp = false, has_passkey = false, must_change_password = false;
    };
    [[nodiscard]] bool secure() const { return options_.public_url.starts_with("https://"); }
    [[nodiscard]] std::optional<std::string> session_token(const http::Request& request) const;
    [[nodiscard]] std::optional<Resolved> resolve(const http::Request& request);
    // Signed in with every factor; a password that must be changed does not matter here.
    Result<Resolved> require_me(const http::Request& request);
    // The same, but a password that somebody else gave is not enough: with it only one's own can be set.
    Result<Resolved> require_settled(const http::Request& request);
    // Throws staff.rate_limited.
    void limit(std::string_view bucket, int capacity, double per_second);
    void limit_address(const http::Request& request, std::string_view purpose);
    [[nodiscard]] http::Response begin_session(db::Tx& tx, const http::Request& request, StaffId id, bool second_factor_due);
    [[nodiscard]] http::Response session_answer(const http::Request& request, http::Response response);
    [[nodiscard]] static StaffSessionDto session_dto(const Resolved& resolved);
    Result<void> confirm_password(const http::Request& request, const Resolved& me, std::string_view password, std::string_view pointer);
    void record(db::Tx& tx, const Resolved& me, std::string_view action, std::string_view after = {});
    [[nodiscard]] std::string unsealed(std::string_view sealed) const;
    // base64url. Of whom a new passkey will be, or of nobody: to sign in.
    [[nodiscard]] std::string new_challenge(db::Tx& tx, std::optional<StaffId> id);
    // In a transaction of its own: spent, whatever comes of it.
    [[nodiscard]] bool spend_challenge(std::string_view challenge, std::optional<StaffId> id);
    [[nodiscard]] static std::vector<PasskeyDto> passkeys_of(db::Session& session, StaffId id);

    db::Database& database_;
    redis::Redis& redis_;
    const Clock& clock_;
    Options options_;
};

[[nodiscard]] std::string sha256_hex(std::string_view text);
// Lower case, for comparing; nullopt when it is no usable mail address.
[[nodiscard]] std::optional<std::string> staff_email_key(std::string_view email);
inline constexpr std::size_t kShortestPassword = 12;
// 422 when it is too short or too simple.
[[nodiscard]] Result<void> check_staff_password(std::string_view password, std::string_view pointer);

}  // namespace stoa::backoffice
