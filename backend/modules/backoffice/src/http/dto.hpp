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
    d.field<&StaffSessionDto::methods>("methods", "When a second factor is due: \"totp\".");
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
