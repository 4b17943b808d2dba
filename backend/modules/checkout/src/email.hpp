#pragma once
#include <string_view>

#include "stoa/mail/mail.hpp"
#include "stoa/result/result.hpp"

namespace stoa::checkout {

// That mail can be sent there. 422 with a field error at /email.
[[nodiscard]] inline Result<void> check_email(std::string_view email) {
    if (mail::is_mail_address(email)) return {};
    return fail_field("/email", "email_invalid", "This does not look like an e-mail address.");
}

}  // namespace stoa::checkout
