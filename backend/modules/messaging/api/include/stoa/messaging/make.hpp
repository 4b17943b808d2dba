#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/customers/account_mailer.hpp"
#include "stoa/customers/customers.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/mail/mail.hpp"
#include "stoa/messaging/messages.hpp"
#include "stoa/storage/storage.hpp"

namespace stoa::messaging {

struct Options {
    std::string mail_from;   // "Stoa Home <shop@stoa.example>"
    std::string secret_key;  // seals secrets at rest
    std::string shop_name;   // shown in every mail
    std::string public_url;
    std::string contact_email;
    std::string postal_address;  // the legal footer, on one line
};

[[nodiscard]] std::unique_ptr<Messages> make_messages(const Clock& clock, Options options);
// The account module's way to ask for mail.
[[nodiscard]] std::unique_ptr<customers::AccountMailer> make_account_mailer(Messages& messages);
// Makes a file that is missing or damaged once more, if that can be done. With no transaction open.
using RestoreFile = std::function<void(const MailAttachment&)>;
// "messaging.send_mail". Everything must outlive the handlers. `files` holds what is attached; without it no mail may have any. A mail
// never goes without what is attached to it: it is tried again.
[[nodiscard]] std::vector<jobs::Handler> messaging_job_handlers(db::Database& database, const Clock& clock, mail::Mailer& mailer,
                                                                const mail::Templates& templates, Options options,
                                                                storage::ObjectStore* files = nullptr, RestoreFile restore = {});
// What was written to a customer belongs to the export, and is forgotten with the account.
void register_privacy(customers::Customers& customers, Messages& messages, const Clock& clock);

}  // namespace stoa::messaging
