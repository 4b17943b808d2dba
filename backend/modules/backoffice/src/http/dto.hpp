#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stoa/http/staff.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::backoffice {

using http::StaffId;
using StaffSessionId = Id<"sses">;
using SavedViewId = Id<"view">;
using PasskeyId = Id<"pky">;

struct StaffDto {
    StaffId id;
    std::string name;
    std::string email;
    std::vector<std::string> permissions;
    std::map<std::string, std::vector<Money>> limits;
    bool has_totp = false;
    bool must_change_password = false;
};
inline void describe(json::Struct<StaffDto>& d) {
    d.name("StaffMember");
    d.field<&StaffDto::id>("id");
    d.field<&StaffDto::name>("name");
    d.field<&StaffDto::email>("email");
    d.field<&StaffDto::permissions>("permissions", "\"resource.action\", \"resource.*\" or \"*\".");
    d.field<&StaffDto::limits>("limits", "By permission: up to which amount, one per currency. Not named: without an end.");
    d.field<&StaffDto::has_totp>("has_totp");
    d.field<&StaffDto::must_change_password>("must_change_password", "Nothing but PUT /me/password is open before.");
}

enum class SignInStatus { signed_in, second_factor };
inline json::EnumNames<SignInStatus> enum_names(SignInStatus) {
    static constexpr std::pair<SignInStatus, std::string_view> kNames[] = {{SignInStatus::signed_in, "signed_in"},
                                                                           {SignInStatus::second_factor, "second_factor"}};
    return kNames;
}
struct StaffSessionDto {
    SignInStatus status = SignInStatus::signed_in;
    std::optional<StaffDto> staff;
    std::optional<std::vector<std::string>> methods;
};
inline void describe(json::Struct<StaffSessionDto>& d) {
    d.name("StaffSession");
    d.field<&StaffSessionDto::status>("status");
    d.field<&StaffSessionDto::staff>("staff", "When signed in.");
    d.field<&StaffSessionDto::methods>("methods", "When a second factor is due: \"totp\", and \"passkey\" for an account that has one.");
}

struct StaffLoginDto {
    std::string email;
    std::string password;
};
inline void describe(json::Struct<StaffLoginDto>& d) {
    d.name("StaffLogin");
    d.field<&StaffLoginDto::email>("email").not_blank().max_length(254);
    d.field<&StaffLoginDto::password>("password").min_length(1).max_length(200);
}
struct StaffCodeDto {
    std::string code;
};
inline void describe(json::Struct<StaffCodeDto>& d) {
    d.name("StaffCode");
    d.field<&StaffCodeDto::code>("code", "Six digits of the app, or a recovery code.").not_blank().max_length(40);
}
struct StaffPasswordDto {
    std::string current;
    std::string password;
};
inline void describe(json::Struct<StaffPasswordDto>& d) {
    d.name("StaffPassword");
    d.field<&StaffPasswordDto::current>("current").min_length(1).max_length(200);
    d.field<&StaffPasswordDto::password>("new").min_length(1).max_length(200);
}
struct ConfirmStaffPasswordDto {
    std::string password;
};
inline void describe(json::Struct<ConfirmStaffPasswordDto>& d) {
    d.name("ConfirmStaffPassword");
    d.field<&ConfirmStaffPasswordDto::password>("password").min_length(1).max_length(200);
}

struct TotpStateDto {
    bool enabled = false;
    std::int64_t recovery_codes_left = 0;
};
inline void describe(json::Struct<TotpStateDto>& d) {
    d.name("TotpState");
    d.field<&TotpStateDto::enabled>("enabled");
    d.field<&TotpStateDto::recovery_codes_left>("recovery_codes_left");
}
struct TotpEnrolmentDto {
    std::string secret;
    std::string otpauth_uri;
};
inline void describe(json::Struct<TotpEnrolmentDto>& d) {
    d.name("TotpEnrolment");
    d.field<&TotpEnrolmentDto::secret>("secret", "Base32, to type instead of scanning.");
    d.field<&TotpEnrolmentDto::otpauth_uri>("otpauth_uri", "For the QR code.");
}
struct RecoveryCodesDto {
    std::vector<std::string> recovery_codes;
};
inline void describe(json::Struct<RecoveryCodesDto>& d) {
    d.name("RecoveryCodes");
    d.field<&RecoveryCodesDto::recovery_codes>("recovery_codes", "Shown once; each opens once.");
}

// What WebAuthn exchanges as bytes is URL-safe base64 without padding here.
struct PasskeyDto {
    PasskeyId id;
    std::string name;
    Timestamp created_at{};
    std::optional<Timestamp> last_used_at;
    bool backed_up = false;
};
inline void describe(json::Struct<PasskeyDto>& d) {
    d.name("Passkey");
    d.field<&PasskeyDto::id>("id");
    d.field<&PasskeyDto::name>("name");
    d.field<&PasskeyDto::created_at>("created_at");
    d.field<&PasskeyDto::last_used_at>("last_used_at");
    d.field<&PasskeyDto::backed_up>("backed_up", "Kept by more than one device.");
}
struct PasskeyListDto {
    std::vector<PasskeyDto> passkeys;
};
inline void describe(json::Struct<PasskeyListDto>& d) {
    d.name("PasskeyList");
    d.field<&PasskeyListDto::passkeys>("passkeys");
}
struct PasskeyCreationDto {
    std::string challenge, rp_id, rp_name, user_id, user_name, user_display_name;
    std::vector<std::int64_t> algorithms;
    std::vector<std::string> exclude_credentials;
    std::int64_t timeout_ms = 0;
};
inline void describe(json::Struct<PasskeyCreationDto>& d) {
    d.name("PasskeyCreation");
    d.field<&PasskeyCreationDto::challenge>("challenge", "Used once, within the time.");
    d.field<&PasskeyCreationDto::rp_id>("rp_id", "Empty where the shop has no name but an IP address: no browser makes passkeys there.");
    d.field<&PasskeyCreationDto::rp_name>("rp_name");
    d.field<&PasskeyCreationDto::user_id>("user_id");
    d.field<&PasskeyCreationDto::user_name>("user_name");
    d.field<&PasskeyCreationDto::user_display_name>("user_display_name");
    d.field<&PasskeyCreationDto::algorithms>("algorithms", "COSE numbers, the preferred first.");
    d.field<&PasskeyCreationDto::exclude_credentials>("exclude_credentials", "What this account has already.");
    d.field<&PasskeyCreationDto::timeout_ms>("timeout_ms");
}
struct NewPasskeyDto {
    std::string name, client_data_json, attestation_object;
};
inline void describe(json::Struct<NewPasskeyDto>& d) {
    d.name("NewPasskey");
    d.field<&NewPasskeyDto::name>("name", "For the list: \"Phone\".").not_blank().max_length(80);
    d.field<&NewPasskeyDto::client_data_json>("client_data_json").min_length(1).max_length(8000);
    d.field<&NewPasskeyDto::attestation_object>("attestation_object").min_length(1).max_length(16000);
}
struct PasskeyRequestDto {
    std::string challenge, rp_id;
    std::int64_t timeout_ms = 0;
};
inline void describe(json::Struct<PasskeyRequestDto>& d) {
    d.name("PasskeyRequest");
    d.field<&PasskeyRequestDto::challenge>("challenge", "Used once, within the time.");
    d.field<&PasskeyRequestDto::rp_id>("rp_id");
    d.field<&PasskeyRequestDto::timeout_ms>("timeout_ms");
}
struct PasskeySignInDto {
    std::string credential_id, client_data_json, authenticator_data, signature, user_handle;
};
inline void describe(json::Struct<PasskeySignInDto>& d) {
    d.name("PasskeySignIn");
    d.field<&PasskeySignInDto::credential_id>("credential_id").min_length(1).max_length(1400);
    d.field<&PasskeySignInDto::client_data_json>("client_data_json").min_length(1).max_length(8000);
    d.field<&PasskeySignInDto::authenticator_data>("authenticator_data").min_length(1).max_length(8000);
    d.field<&PasskeySignInDto::signature>("signature").min_length(1).max_length(2000);
    d.field<&PasskeySignInDto::user_handle>("user_handle").min_length(1).max_length(100);
}

struct StaffSessionItemDto {
    StaffSessionId id;
    StaffId staff_id;
    std::string name;
    std::string email;
    std::string ip;
    std::string user_agent;
    Timestamp created_at{};
    Timestamp last_seen_at{};
    bool current = false;
};
inline void describe(json::Struct<StaffSessionItemDto>& d) {
    d.name("StaffSessionItem");
    d.field<&StaffSessionItemDto::id>("id");
    d.field<&StaffSessionItemDto::staff_id>("staff_id");
    d.field<&StaffSessionItemDto::name>("name");
    d.field<&StaffSessionItemDto::email>("email");
    d.field<&StaffSessionItemDto::ip>("ip");
    d.field<&StaffSessionItemDto::user_agent>("user_agent");
    d.field<&StaffSessionItemDto::created_at>("created_at");
    d.field<&StaffSessionItemDto::last_seen_at>("last_seen_at");
    d.field<&StaffSessionItemDto::current>("current");
}
struct StaffSessionListDto {
    std::vector<StaffSessionItemDto> sessions;
};
inline void describe(json::Struct<StaffSessionListDto>& d) {
    d.name("StaffSessionList");
    d.field<&StaffSessionListDto::sessions>("sessions");
}

}  // namespace stoa::backoffice
