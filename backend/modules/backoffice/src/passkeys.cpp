#include <fmt/format.h>

#include "codes.hpp"
#include "domain/webauthn.hpp"
#include "service.hpp"
#include "sql/passkeys.hpp"
#include "sql/registry.hpp"
#include "sql/staff.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/log/log.hpp"

namespace stoa::backoffice {
namespace {

constexpr std::int64_t kTimeout = 5 * 60 * 1000;  // as long as the statements let a challenge live
constexpr int kMostPasskeys = 20;

Failure refused() {
    return fail(ErrorKind::unauthenticated, std::string(codes::kPasskeyRefused), "This passkey does not open the back office.");
}

std::optional<std::string> decoded(std::string_view text) {
    std::string raw;
    if (!crypto::base64url_decode(text, raw)) return std::nullopt;
    return raw;
}

std::string from_hex(std::string_view hex) {
    const auto nibble = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
    std::string out;
    out.reserve(hex.size() / 2);
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) out += static_cast<char>(nibble(hex[i]) << 4 | nibble(hex[i + 1]));
    return out;
}

// Names the account to the authenticator, and tells a person nothing.
std::string user_handle(StaffId id) { return crypto::sha256("staff:" + id.uuid().to_string()); }

}  // namespace

std::string Service::new_challenge(db::Tx& tx, std::optional<StaffId> id) {
    const auto challenge = crypto::random_bytes(32);
    tx.exec(sql::delete_old_passkey_challenges, clock_.now());
    tx.exec(sql::insert_passkey_challenge, sha256_hex(challenge), id, clock_.now());
    return crypto::base64url(challenge);
}

bool Service::spend_challenge(std::string_view challenge, std::optional<StaffId> id) {
    return database_.in_tx([&](db::Tx& tx) { return tx.exec(sql::use_passkey_challenge, sha256_hex(challenge), id, clock_.now()) > 0; });
}

std::vector<PasskeyDto> Service::passkeys_of(db::Session& session, StaffId id) {
    std::vector<PasskeyDto> out;
    for (const auto row : session.query(sql::list_passkeys, id)) {
        PasskeyDto& key = out.emplace_back();
        key.id = row.get<PasskeyId>("id");
        key.name = row.get<std::string>("name");
        key.created_at = row.get<Timestamp>("created_at");
        key.last_used_at = row.get<std::optional<Timestamp>>("last_used_at");
        key.backed_up = row.get<bool>("backed_up");
    }
    return out;
}

Result<PasskeyListDto> Service::passkeys(const http::Request& request) {
    const auto me = require_me(request);
    if (!me) return fail(me.error());
    return database_.read([&](db::Session& session) { return PasskeyListDto{passkeys_of(session, me->actor.id)}; });
}

Result<PasskeyCreationDto> Service::begin_passkey(const http::Request& request, std::string_view password) {
    const auto me = require_settled(request);
    if (!me) return fail(me.error());
    if (auto right = confirm_password(request, *me, password, "/password"); !right) return fail(right.error());
    const auto party = webauthn::party_of(options_.public_url);
    PasskeyCreationDto out;
    out.rp_id = party.id;
    out.rp_name = options_.shop_name;
    out.user_id = crypto::base64url(user_handle(me->actor.id));
    out.user_name = me->actor.email;
    out.user_display_name = me->actor.name;
    out.algorithms = {webauthn::kEs256, webauthn::kEdDsa, webauthn::kRs256};
    out.timeout_ms = kTimeout;
    database_.in_tx([&](db::Tx& tx) {
        out.exclude_credentials.clear();
        for (const auto row : tx.query(sql::list_passkeys, me->actor.id))
            out.exclude_credentials.push_back(crypto::base64url(from_hex(row.get<std::string>("credential_id"))));
        out.challenge = new_challenge(tx, me->actor.id);
    });
    return out;
}

Result<PasskeyDto> Service::add_passkey(const http::Request& request, const NewPasskeyDto& given) {
    const auto me = require_settled(request);
    if (!me) return fail(me.error());
    const auto party = webauthn::party_of(options_.public_url);
    const auto client_data = decoded(given.client_data_json), object = decoded(given.attestation_object);
    if (!client_data || !object) return fail_field("/client_data_json", std::string(codes::kPasskeyRefused), "This is no passkey.");
    const auto challenge = webauthn::challenge_of(*client_data, webauthn::Ceremony::create, party.origin);
    const auto credential = challenge ? webauthn::read_registration(*object, *client_data, party.id) : std::nullopt;
    if (!challenge || !spend_challenge(*challenge, me->actor.id) || !credential)
        return fail_field("/attestation_object", std::string(codes::kPasskeyRefused), "This passkey cannot be used here. Begin again.");
    return database_.in_tx([&](db::Tx& tx) -> Result<PasskeyDto> {
        tx.query(sql::lock_row, "passkeys:" + me->actor.id.to_string());
        if (tx.query(sql::list_passkeys, me->actor.id).size() >= kMostPasskeys)
            return fail(ErrorKind::conflict, std::string(codes::kPasskeyLimit),
                        "You have as many passkeys as an account can. Remove one first.");
        PasskeyDto out;
        out.id = PasskeyId::make();
        out.name = given.name;
        out.created_at = clock_.now();
        out.backed_up = credential->backed_up;
        if (tx.exec(sql::insert_passkey, out.id, me->actor.id, crypto::hex(credential->id), crypto::hex(credential->public_key),
                    credential->algorithm, static_cast<std::int64_t>(credential->sign_count), credential->may_be_backed_up,
                    credential->backed_up, out.name, clock_.now()) == 0)
            return fail(ErrorKind::conflict, std::string(codes::kPasskeyTaken), "This passkey is in use already.");
        json::Writer after;
        after.begin_object();
        after.member("passkey", out.name);
        after.end_object();
        record(tx, *me, "add_passkey", after.take());
        return out;
    });
}

Result<void> Service::remove_passkey(const http::Request& request, PasskeyId id, std::string_view password) {
    const auto me = require_settled(request);
    if (!me) return fail(me.error());
    if (auto right = confirm_password(request, *me, password, "/password"); !right) return fail(right.error());
    return database_.in_tx([&](db::Tx& tx) -> Result<void> {
        const auto rows = tx.query(sql::delete_passkey, id, me->actor.id);
        if (rows.empty()) return fail(ErrorKind::not_found, "http.not_found", "There is nothing here.");
        json::Writer before;
        before.begin_object();
        before.member("passkey", rows.front().get<std::string>("name"));
        before.end_object();
        record(tx, me->actor, {"remove_passkey", "staff", me->actor.id.to_string(), before.take(), {}});
        return {};
    });
}

PasskeyRequestDto Service::ask_for_passkey(const http::Request& request) {
    limit_address(request, "passkey");
    PasskeyRequestDto out;
    out.rp_id = webauthn::party_of(options_.public_url).id;
    out.timeout_ms = kTimeout;
    out.challenge = database_.in_tx([&](db::Tx& tx) { return new_challenge(tx, std::nullopt); });
    return out;
}

// Something one has, opened by something one is or knows: both factors at once.
Result<http::Response> Service::sign_in_with_passkey(const http::Request& request, const PasskeySignInDto& given) {
    limit_address(request, "passkey");
    const auto party = webauthn::party_of(options_.public_url);
    const auto credential = decoded(given.credential_id), client_data = decoded(given.client_data_json),
               data = decoded(given.authenticator_data), signature = decoded(given.signature), handle = decoded(given.user_handle);
    if (!credential || !client_data || !data || !signature || !handle) return refused();
    const auto challenge = webauthn::challenge_of(*client_data, webauthn::Ceremony::get, party.origin);
    if (!challenge || !spend_challenge(*challenge, std::nullopt)) return refused();
    auto response = database_.in_tx([&](db::Tx& tx) -> Result<http::Response> {
        const auto rows = tx.query(sql::find_passkey, crypto::hex(*credential));
        if (rows.empty()) return refused();
        const auto row = rows.front();
        const auto id = row.get<PasskeyId>("id");
        const auto owner = row.get<StaffId>("staff_id");
        if (!crypto::equal_constant_time(*handle, user_handle(owner))) return refused();
        const auto use = webauthn::read_assertion(*data, *client_data, *signature, party.id, from_hex(row.get<std::string>("public_key")),
                                                  static_cast<int>(row.get<std::int64_t>("algorithm")), row.get<bool>("may_be_backed_up"));
        if (!use) return refused();
        // A count that does not go up comes from a copy of the key.
        if (tx.exec(sql::use_passkey, id, static_cast<std::int64_t>(use->sign_count), use->backed_up, clock_.now()) == 0) {
            log::warning("a passkey's count went back: there may be a copy of it",
                         {{"passkey", id.to_string()}, {"staff", owner.to_string()}});
            return refused();
        }
        return begin_session(tx, request, owner, false);
    });
    if (!response) return response;
    return session_answer(request, std::move(*response));
}

}  // namespace stoa::backoffice
