#include "stoa/customers/customers.hpp"
#include "stoa/mail/mail.hpp"

namespace stoa::customers {

std::optional<std::string> email_key(std::string_view email) {
    if (!mail::is_mail_address(email)) return std::nullopt;
    std::string key(email);
    for (char& c : key) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return key;
}

}  // namespace stoa::customers
