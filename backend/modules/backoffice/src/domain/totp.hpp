#pragma once
// Time-based one-time passwords (RFC 6238): SHA-1, six digits, steps of 30 seconds, as every authenticator app expects them.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stoa/clock/clock.hpp"

namespace stoa::backoffice {

[[nodiscard]] std::string base32(std::string_view raw);  // RFC 4648, upper case, no padding
[[nodiscard]] std::int64_t totp_step(Timestamp at);
// HOTP (RFC 4226) of the step.
[[nodiscard]] std::string totp_code(std::string_view secret, std::int64_t step, int digits = 6);
// The step whose code this is: now, the one before or the one after, and later than `last_step`. nullopt: none of them.
[[nodiscard]] std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code, Timestamp at, std::int64_t last_step);
[[nodiscard]] std::string otpauth_uri(std::string_view issuer, std::string_view account, std::string_view secret);

}  // namespace stoa::backoffice
