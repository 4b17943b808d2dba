#pragma once
// Mail to people, with its delivery state. A message and its job are written in the caller's transaction; a worker renders and
// sends outside of any.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/ids/id.hpp"
#include "stoa/json/describe.hpp"

namespace stoa::messaging {

using MessageId = Id<"msg">;

// A file of the object store that goes with the mail.
struct MailAttachment {
    std::string file_name;  // "INV-100001.pdf"
    std::string content_type;
    std::string key;
    std::optional<std::string> sha256 = {};  // in hex; a file that is another one now is not sent
};
void describe(json::Struct<MailAttachment>& d);

struct MailRequest {
    std::string template_name;      // "order_confirmation": see README for what each shows
    std::string locale = "en";      // falls back to en
    std::string to;                 // mail address
    std::string data_json = "{}";   // Mustache view, kept with the message
    std::string secrets_json = "";  // members added to the view; sealed, dropped once the mail is out
    std::string related;            // "order:<uuid>", "customer:<uuid>": whose timeline shows it
    std::string unique_key;         // non-empty: at most one message with this key is ever written
    std::vector<MailAttachment> attachments{};
};

enum class MessageState { queued, sent, failed, bounced };
[[nodiscard]] json::EnumNames<MessageState> enum_names(MessageState);

struct MessageInfo {
    MessageId id;
    std::string template_name;
    std::string to;
    std::string subject;  // empty until it was rendered
    MessageState state = MessageState::queued;
    int attempts = 0;
    Timestamp created_at;
    std::optional<Timestamp> sent_at;
    Timestamp updated_at;
    std::string last_error;  // why it was not taken, for staff
};

class Messages {
public:
    virtual ~Messages() = default;
    // Throws std::invalid_argument for a request that can never be sent (no mail address, data that is no JSON object).
    // Nullopt when unique_key was used before.
    virtual std::optional<MessageId> queue_mail(db::Tx& tx, const MailRequest& request) = 0;
    // Oldest first. One statement.
    [[nodiscard]] virtual std::vector<MessageInfo> messages_for(db::Session& session, std::string_view related) = 0;
};

}  // namespace stoa::messaging
