#pragma once
// Sending mail over SMTP (libcurl) and rendering templates: Mustache files made at build time from MJML, per locale, HTML and text.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/json/value.hpp"
#include "stoa/result/result.hpp"

namespace stoa::mail {

struct Attachment { std::string file_name; std::string content_type; std::string bytes; };
struct Message {
    std::string message_id;    // stable per logical mail, so that a repeated send can be recognised
    std::string from;          // "Stoa Home <shop@...>"
    std::string to;
    std::string subject;
    std::string html;
    std::string text;
    std::vector<Attachment> attachments;
    std::vector<std::pair<std::string, std::string>> headers;
};
class Mailer {
public:
    virtual ~Mailer() = default;
    // Error kind unavailable: try again later; invalid: the server refused this mail for good.
    [[nodiscard]] virtual Result<void> send(const Message& message) = 0;
};
[[nodiscard]] std::unique_ptr<Mailer> smtp_mailer(std::string smtp_url);
[[nodiscard]] std::string to_mime(const Message& message);  // RFC 5322 text, CRLF

struct Rendered { std::string subject; std::string html; std::string text; };
// Files <name>.<locale>.{subject,html,text} below `directory`, falling back to en. `data` is the Mustache view.
class Templates {
public:
    explicit Templates(std::string directory);
    [[nodiscard]] Rendered render(std::string_view name, std::string_view locale, const json::Value& data) const;

private:
    std::string directory_;
};
// Mustache: variables (HTML-escaped, {{{raw}}}, {{&raw}}), sections, inverted sections, comments, dotted names, no partials or lambdas.
[[nodiscard]] std::string mustache(std::string_view text, const json::Value& data, bool escape_html);

}  // namespace stoa::mail
