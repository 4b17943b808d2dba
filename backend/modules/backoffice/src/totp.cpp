#include "domain/totp.hpp"

#include "codes.hpp"
#include "service.hpp"
#include "sql/totp.hpp"
#include "stoa/crypto/crypto.hpp"

namespace stoa::backoffice {
namespace {

constexpr std::string_view kPurpose = "staff.totp";
constexpr int kRecoveryCodes = 10;

// Ten characters of base32 in two halves: 50 bits.
std::string recovery_code() {
    const auto text = base32(crypto::random_bytes(7)).substr(0, 10);
    return text.substr(0, 5) + "-" + text.substr(5);
}

}  // namespace

std::string Service::unsealed(std::string_view sealed) const {
    std::string raw;
    if (!crypto::base64_decode(sealed, raw)) throw std::runtime_error("backoffice: a stored secret is not readable");
    return crypto::decrypt(options_.secret_key, kPurpose, raw);
}

Result<TotpStateDto> Service::totp_state(const http::Request& request) {
    const auto me = require_me(request);
    if (!me) return fail(me.error());
    TotpStateDto out;
    out.enabled = me->has_totp;
    out.recovery_codes_left = database_.read(
        [&](db::Session& session) { return session.query(sql::count_recovery_codes, me->actor.id).front().get<std::int64_t>("count"); });
    return out;
}

Result<TotpEnrolmentDto> Service::enrol_totp(const http::Request& request, std::string_view password) {
    const auto me = require_settled(request);
    if (!me) return fail(me.error());
    if (me->has_totp) return fail(ErrorKind::conflict, std::string(codes::kTotpOn), "The second factor is on already.");
    if (auto right = confirm_password(request, *me, password, "/password"); !right) return fail(right.error());
    const auto secret = crypto::random_bytes(20);
    const auto sealed = crypto::base64(crypto::encrypt(options_.secret_key, kPurpose, secret));
    database_.in_tx([&](db::Tx& tx) { tx.exec(sql::set_totp_waiting, me->actor.id, sealed); });
    return TotpEnrolmentDto{base32(secret), otpauth_uri(options_.shop_name, me->actor.email, secret)};
}

Result<RecoveryCodesDto> Service::confirm_totp(const http::Request& request, std::string_view code) {
    const auto me = require_settled(request);
    if (!me) return fail(me.error());
    limit("code:who:" + me->actor.id.to_string(), 5, 1.0 / 60);
    return database_.in_tx([&](db::Tx& tx) -> Result<RecoveryCodesDto> {
        const auto rows = tx.query(sql::find_totp, me->actor.id);
        const auto waiting = rows.empty() ? std::nullopt : rows.front().get<std::optional<std::string>>("totp_waiting");
        if (!waiting) return fail(ErrorKind::conflict, std::string(codes::kTotpOff), "There is no second factor to confirm. Begin again.");
        const auto step = match_totp(unsealed(*waiting), code, clock_.now(), 0);
        if (!step || tx.exec(sql::confirm_totp, me->actor.id, *waiting, *step, clock_.now()) == 0)
            return fail_field("/code", std::string(codes::kInvalidCode), "This code is not right.");
        RecoveryCodesDto out;
        std::vector<std::string> hashes;
        for (int i = 0; i < kRecoveryCodes; ++i) {
            out.recovery_codes.push_back(recovery_code());
            hashes.push_back(sha256_hex(out.recovery_codes.back()));
        }
        tx.exec(sql::delete_recovery_codes, me->actor.id);
        tx.exec(sql::insert_recovery_codes, me->actor.id, hashes);
        record(tx, *me, "enable_totp");
        return out;
    });
}

Result<void> Service::remove_totp(const http::Request& request, std::string_view password) {
    const auto me = require_settled(request);
    if (!me) return fail(me.error());
    if (!me->has_totp) return fail(ErrorKind::conflict, std::string(codes::kTotpOff), "There is no second factor.");
    if (auto right = confirm_password(request, *me, password, "/password"); !right) return fail(right.error());
    database_.in_tx([&](db::Tx& tx) {
        tx.exec(sql::clear_totp, me->actor.id, clock_.now());
        tx.exec(sql::delete_recovery_codes, me->actor.id);
        record(tx, *me, "disable_totp");
    });
    return {};
}

}  // namespace stoa::backoffice
