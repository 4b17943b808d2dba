#pragma once
// Sending mail over SMTP (libcurl) and rendering templates: Mustache files made at build time from MJML, per locale, HTML and text.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/json/value.hpp"
#include "stoa/result/result.hpp"

namespace stoa::mail {

struct Attachment {
    std::string file_name;
    std::string content_type;
    std::string bytes;
};
struct Message {
    std::string message_id;  // "<...@...>", stable per logical mail, so that a repeated send can be recognised
    std::string from;        // "Stoa Home <shop@...>"
    std::string to;
    std::string subject;
    std::string html;  // may be empty: then the mail is plain text
    std::string text;
    std::vector<Attachment> attachments;
    std::vector<std::pair<std::string, std::string>> headers;
    std::optional<Timestamp> date;  // absent: now
};

struct Address {
    std::string name;
    std::string email;
};
// "a@b.example" or "Name <a@b.example>", the name also in double quotes. Only ASCII addresses (international domains as
// A-labels); nullopt for anything that could not stand in an SMTP command or a header.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);
[[nodiscard]] bool is_mail_address(std::string_view email);

// Thread-safe.
class Mailer {
public:
    virtual ~Mailer() = default;
    // Error kind unavailable ("mail.unavailable"): try again later, the outcome may be unknown. Error kind invalid: refused for
    // good; "mail.recipient_refused" when the mailbox itself does not exist, "mail.refused" for policy or content,
    // "mail.malformed" when it could not be put into MIME.
    [[nodiscard]] virtual Result<void> send(const Message& message) = 0;
};
// smtp://[user:password@]host[:port] with STARTTLS (required unless the host is this machine), or smtps://.
[[nodiscard]] std::unique_ptr<Mailer> smtp_mailer(std::string smtp_url);

// RFC 5322 text, CRLF. The same message gives the same bytes. Throws std::invalid_argument when an address or a header
// value carries a line break, NUL or is otherwise unusable.
[[nodiscard]] std::string to_mime(const Message& message);

struct Rendered {
    std::string subject;
    std::string html;
    std::string text;
};
// Files <name>.<locale>.{subject,html,text} below `directory`, falling back to en. `data` is the Mustache view.
class Templates {
public:
    explicit Templates(std::string directory);
    // Throws std::runtime_error when the template does not exist in any language.
    [[nodiscard]] Rendered render(std::string_view name, std::string_view locale, const json::Value& data) const;
    [[nodiscard]] bool exists(std::string_view name, std::string_view locale) const;

private:
    std::string directory_;
};
// Mustache: variables (HTML-escaped, {{{raw}}}, {{&raw}}), sections, inverted sections, comments, dotted names, no partials,
// lambdas or delimiter changes. False, null, an empty list and an empty string are falsy. Throws std::invalid_argument for a broken
// template.
[[nodiscard]] std::string mustache(std::string_view text, const json::Value& data, bool escape_html);

}  // namespace stoa::mail
