#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/format.h>

#include "seal.hpp"
#include "sql/messages.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/mail/mail.hpp"
#include "stoa/messaging/make.hpp"

namespace stoa::messaging {
namespace {

constexpr std::array<std::pair<MessageState, std::string_view>, 4> kStates{{
    {MessageState::queued, "queued"},
    {MessageState::sent, "sent"},
    {MessageState::failed, "failed"},
    {MessageState::bounced, "bounced"},
}};

MessageInfo info_from(const db::Row& row) {
    return {row.get<MessageId>("id"),
            row.get<std::string>("template"),
            row.get<std::string>("recipient"),
            row.get<std::string>("subject"),
            json::from_name<MessageState>(row.get<std::string>("state")).value_or(MessageState::failed),
            row.get<int>("attempts"),
            row.get<Timestamp>("created_at"),
            row.get<std::optional<Timestamp>>("sent_at"),
            row.get<Timestamp>("updated_at"),
            row.get<std::string>("last_error")};
}

bool is_object(const std::string& text) {
    const auto value = json::parse(text);
    return value && value->is_object();
}

class Service final : public Messages {
public:
    Service(const Clock& clock, Options options) : clock_(clock), options_(std::move(options)) {
        const auto from = mail::parse_address(options_.mail_from);
        if (!from) throw std::invalid_argument("messaging: the sender's address is not usable");
        domain_ = from->email.substr(from->email.rfind('@') + 1);
    }

    std::optional<MessageId> queue_mail(db::Tx& tx, const MailRequest& request) override {
        if (!mail::is_mail_address(request.to)) throw std::invalid_argument("messaging: the recipient is no mail address");
        if (!is_object(request.data_json)) throw std::invalid_argument("messaging: the data of a mail is a JSON object");
        std::optional<std::string> secrets, unique_key;
        if (!request.secrets_json.empty()) {
            if (!is_object(request.secrets_json)) throw std::invalid_argument("messaging: the secrets of a mail are a JSON object");
            secrets = seal(options_.secret_key, request.secrets_json);
        }
        if (!request.unique_key.empty()) unique_key = request.unique_key;
        const auto id = MessageId::make();
        // Fixed here, so that every attempt carries the same one and receivers can tell a repetition.
        const auto message_id = fmt::format("<{}.{}@{}>", id.uuid().to_base32(), crypto::random_token(9), domain_);
        const std::optional<std::string> attachments =
            request.attachments.empty() ? std::nullopt : std::optional(json::render(request.attachments));
        const auto made = tx.exec(sql::insert_message, id, request.template_name, request.locale, request.to, request.data_json, secrets,
                                  request.related, unique_key, message_id, clock_.now(), attachments);
        if (made == 0) return std::nullopt;
        jobs::enqueue(
            tx, {"messaging.send_mail", fmt::format("{{\"message_id\":\"{}\"}}", id.uuid().to_string()), std::nullopt, {}, kMailAttempts});
        return id;
    }

    std::vector<MessageInfo> messages_for(db::Session& session, std::string_view related) override {
        std::vector<MessageInfo> out;
        const auto rows = session.query(sql::list_related, related);
        for (const auto row : rows) out.push_back(info_from(row));
        return out;
    }

private:
    const Clock& clock_;
    Options options_;
    std::string domain_;
};

class MailForAccounts final : public customers::AccountMailer {
public:
    explicit MailForAccounts(Messages& messages) : messages_(messages) {}
    void queue(db::Tx& tx, const customers::AccountMail& mail) override {
        messages_.queue_mail(tx, {mail.template_name, mail.locale, mail.to, mail.data_json, mail.secrets_json, mail.related, {}, {}});
    }

private:
    Messages& messages_;
};

}  // namespace

json::EnumNames<MessageState> enum_names(MessageState) { return kStates; }

void describe(json::Struct<MailAttachment>& d) {
    d.name("MailAttachment");
    d.field<&MailAttachment::file_name>("file_name");
    d.field<&MailAttachment::content_type>("content_type");
    d.field<&MailAttachment::key>("key");
    d.field<&MailAttachment::sha256>("sha256");
}

std::unique_ptr<Messages> make_messages(const Clock& clock, Options options) {
    return std::make_unique<Service>(clock, std::move(options));
}

std::unique_ptr<customers::AccountMailer> make_account_mailer(Messages& messages) { return std::make_unique<MailForAccounts>(messages); }

void register_privacy(customers::Customers& customers, Messages&, const Clock& clock) {
    customers.add_exporter("messages", [](db::Session& session, const customers::CustomerInfo& customer) {
        json::Writer out;
        out.begin_array();
        const auto rows = session.query(sql::list_for_recipient, customer.email);
        for (const auto row : rows) {
            const auto info = info_from(row);
            out.begin_object();
            out.member("template", info.template_name);
            out.member("to", info.to);
            out.member("subject", info.subject);
            out.member("state", json::to_name(info.state));
            out.member("created_at", to_rfc3339(info.created_at));
            if (info.sent_at) out.member("sent_at", to_rfc3339(*info.sent_at));
            out.end_object();
        }
        out.end_array();
        return out.take();
    });
    customers.add_eraser(
        [&clock](db::Tx& tx, const customers::CustomerInfo& customer) { tx.exec(sql::forget_recipient, customer.email, clock.now()); });
}

}  // namespace stoa::messaging
