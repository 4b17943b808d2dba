#include <stdexcept>

#include <fmt/format.h>

#include "seal.hpp"
#include "sql/messages.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/log/log.hpp"
#include "stoa/messaging/make.hpp"
#include "stoa/metrics/metrics.hpp"

namespace stoa::messaging {
namespace {

// The view of a template: what the caller gave, the secrets, and what every mail of the shop shows.
json::Value view_of_mail(const std::string& data, const std::optional<std::string>& secrets, const Options& options,
                         std::string_view locale) {
    std::vector<json::Value::Member> members;
    const auto add_all = [&](const std::string& text) {
        const auto value = json::parse(text);
        if (!value || !value->is_object()) throw jobs::GiveUp("messaging: a mail's data is no JSON object");
        for (const auto& member : value->members()) members.push_back(member);
    };
    if (secrets) add_all(unseal(options.secret_key, *secrets));
    add_all(data);
    members.emplace_back("locale", json::Value::string(std::string(locale)));
    members.emplace_back("shop", json::Value::object({{"name", json::Value::string(options.shop_name)},
                                                      {"url", json::Value::string(options.public_url)},
                                                      {"email", json::Value::string(options.contact_email)},
                                                      {"address", json::Value::string(options.postal_address)}}));
    return json::Value::object(std::move(members));
}

class Sender {
public:
    Sender(db::Database& database, const Clock& clock, mail::Mailer& mailer, const mail::Templates& templates, Options options,
           storage::ObjectStore* files, RestoreFile restore)
        : database_(database),
          clock_(clock),
          mailer_(mailer),
          templates_(templates),
          options_(std::move(options)),
          files_(files),
          restore_(std::move(restore)) {}

    void run(const jobs::Job& job) {
        const auto payload = json::parse(job.payload);
        const auto id = payload ? Uuid::parse(payload->text_or("message_id")) : std::nullopt;
        if (!id) throw jobs::GiveUp("messaging.send_mail: the payload names no message");

        std::optional<mail::Message> message;
        std::string template_name, locale, data;
        std::optional<std::string> secrets, attachments;
        // The claim keeps a second worker away while this one talks to the mail server; it ends by itself if we die.
        database_.in_tx([&](db::Tx& tx) {
            message.reset();
            const auto claimed = tx.query(sql::claim_message, *id, clock_.now());
            if (claimed.empty()) return;
            const auto row = claimed.front();
            template_name = row.get<std::string>("template");
            locale = row.get<std::string>("locale");
            data = row.get<std::string>("data");
            secrets = row.get<std::optional<std::string>>("secrets");
            attachments = row.get<std::optional<std::string>>("attachments");
            message.emplace();
            message->message_id = row.get<std::string>("message_id");
            message->to = row.get<std::string>("recipient");
            message->date = row.get<Timestamp>("created_at");
        });
        if (!message) {
            if (is_being_sent(*id)) throw jobs::Postpone{std::chrono::seconds(60)};
            return;  // sent before, bounced, or gone
        }

        Result<void> sent;
        try {
            const auto rendered = templates_.render(template_name, locale, view_of_mail(data, secrets, options_, locale));
            message->subject = rendered.subject;
            message->html = rendered.html;
            message->text = rendered.text;
            message->from = options_.mail_from;
            if (attachments) attach(*message, *attachments);
            message->headers = {
                {"Auto-Submitted", "auto-generated"}, {"X-Auto-Response-Suppress", "All"}, {"X-Shop-Msg", MessageId(*id).to_string()}};
            sent = mailer_.send(*message);
        } catch (const std::exception& error) {
            later(*id, job, message->subject, error.what());
            throw;
        }
        metrics::count("mails_total", fmt::format("template=\"{}\",outcome=\"{}\"", template_name, sent ? "sent" : sent.error().code));
        if (sent) {
            database_.in_tx([&](db::Tx& tx) { tx.exec(sql::mark_sent, *id, clock_.now(), message->subject); });
            return;
        }
        if (sent.error().kind != ErrorKind::invalid) {
            later(*id, job, message->subject, sent.error().log);
            throw std::runtime_error("mail not taken: " + sent.error().log);
        }
        const bool bounced = sent.error().code == "mail.recipient_refused";
        refuse(*id, bounced ? "bounced" : "failed", message->subject, sent.error().log);
        log::warning("mail refused",
                     {{"message_id", MessageId(*id).to_string()}, {"template", template_name}, {"code", sent.error().code}});
        // A mailbox that does not exist is an outcome; any other refusal is for a person to look at.
        if (!bounced) throw jobs::GiveUp("mail refused: " + sent.error().log);
    }

private:
    void attach(mail::Message& message, const std::string& attachments) const {
        const auto list = json::parse_as<std::vector<MailAttachment>>(attachments);
        if (!list) throw std::logic_error("messaging: the attachments of a mail do not read: " + list.error().message);
        for (const auto& file : *list) {
            auto bytes = read(file);
            if (!bytes && restore_) {
                restore_(file);
                bytes = read(file);
            }
            if (!bytes) throw std::runtime_error("an attachment is missing in the store, or damaged: " + file.key);
            message.attachments.push_back({file.file_name, file.content_type, std::move(*bytes)});
        }
    }

    [[nodiscard]] std::optional<std::string> read(const MailAttachment& file) const {
        auto bytes = files_ ? files_->get(file.key) : std::nullopt;
        if (bytes && file.sha256 && crypto::hex(crypto::sha256(*bytes)) != *file.sha256) return std::nullopt;
        return bytes;
    }

    bool is_being_sent(const Uuid& id) {
        return database_.read([&](db::Session& session) {
            const auto rows = session.query(sql::find_state, id);
            if (rows.empty()) return false;
            const auto state = rows.front().get<std::string>("state");
            const auto until = rows.front().get<std::optional<Timestamp>>("sending_until");
            return (state == "queued" || state == "failed") && until && *until > clock_.now();
        });
    }

    void refuse(const Uuid& id, std::string_view state, const std::string& subject, std::string_view why) {
        database_.in_tx([&](db::Tx& tx) { tx.exec(sql::mark_refused, id, clock_.now(), state, subject, tidy(why)); });
    }

    void later(const Uuid& id, const jobs::Job& job, const std::string& subject, std::string_view why) {
        if (job.attempt >= kMailAttempts) {
            refuse(id, "failed", subject, why);
            return;
        }
        database_.in_tx([&](db::Tx& tx) { tx.exec(sql::mark_later, id, clock_.now(), tidy(why)); });
    }

    // A server's reply may hold anything.
    static std::string tidy(std::string_view text) {
        std::string out(text.substr(0, 1000));
        for (char& c : out) {
            if (c < 0x20 || c > 0x7E) c = '?';
        }
        return out;
    }

    db::Database& database_;
    const Clock& clock_;
    mail::Mailer& mailer_;
    const mail::Templates& templates_;
    Options options_;
    storage::ObjectStore* files_;
    RestoreFile restore_;
};

}  // namespace

std::vector<jobs::Handler> messaging_job_handlers(db::Database& database, const Clock& clock, mail::Mailer& mailer,
                                                  const mail::Templates& templates, Options options, storage::ObjectStore* files,
                                                  RestoreFile restore) {
    auto sender = std::make_shared<Sender>(database, clock, mailer, templates, std::move(options), files, std::move(restore));
    return {
        {.kind = "messaging.send_mail", .run = [sender](const jobs::Job& job) { sender->run(job); }, .lease = std::chrono::seconds(180)}};
}

}  // namespace stoa::messaging
