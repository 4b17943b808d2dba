#pragma once
// How this module asks for mail. Implemented by messaging, which may see customers; wired in apps/stoa.
#include <string>

#include "stoa/db/db.hpp"

namespace stoa::customers {

struct AccountMail {
    std::string template_name;  // "verify_email"
    std::string locale;
    std::string to;
    std::string data_json;     // shown in the mail, kept with the message
    std::string secrets_json;  // shown in the mail (links that log in), kept sealed and only until it was sent
    std::string related;       // "customer:<uuid>"
};
class AccountMailer {
public:
    virtual ~AccountMailer() = default;
    // In the caller's transaction: the mail exists exactly when the rest does.
    virtual void queue(db::Tx& tx, const AccountMail& mail) = 0;
};

}  // namespace stoa::customers
