#pragma once
// Every problem code this module answers with. staff.login_required, staff.forbidden and staff.over_limit are the platform's.
#include <string_view>

namespace stoa::backoffice::codes {

inline constexpr std::string_view kInvalidCredentials = "staff.invalid_credentials";
inline constexpr std::string_view kInvalidCode = "staff.invalid_code";
inline constexpr std::string_view kRateLimited = "staff.rate_limited";
inline constexpr std::string_view kPasswordChangeDue = "staff.password_change_due";
inline constexpr std::string_view kWeakPassword = "staff.weak_password";
inline constexpr std::string_view kTotpOn = "staff.totp_on";
inline constexpr std::string_view kTotpOff = "staff.totp_off";
inline constexpr std::string_view kPasskeyRefused = "staff.passkey_refused";
inline constexpr std::string_view kPasskeyTaken = "staff.passkey_taken";
inline constexpr std::string_view kPasskeyLimit = "staff.passkey_limit";
inline constexpr std::string_view kEmailTaken = "staff.email_taken";
inline constexpr std::string_view kLastAdministrator = "staff.last_administrator";
inline constexpr std::string_view kMoreThanYouHave = "staff.more_than_you_have";
inline constexpr std::string_view kRoleInUse = "staff.role_in_use";
inline constexpr std::string_view kViewLimit = "staff.view_limit";
inline constexpr std::string_view kStale = "admin.stale";
inline constexpr std::string_view kPreviewChanged = "admin.preview_changed";
inline constexpr std::string_view kVersionMissing = "admin.version_missing";
inline constexpr std::string_view kNotAllowedHere = "admin.not_allowed_here";
inline constexpr std::string_view kExists = "admin.exists";
inline constexpr std::string_view kRowInUse = "admin.row_in_use";
inline constexpr std::string_view kImportFailed = "admin.import_failed";
inline constexpr std::string_view kCsvUnreadable = "admin.csv_unreadable";

}  // namespace stoa::backoffice::codes
