// Invoices and credit notes follow the order's events; their mail follows their files.
#include <fmt/format.h>

#include "shop.hpp"
#include "stoa/messaging/order_mail.hpp"

namespace stoa::app {
namespace {

constexpr std::string_view kIssueWaiting = "orders.issue_waiting_documents";

}  // namespace

void send_document(Shop& shop, db::Tx& tx, const orders::DocumentInfo& document, const std::optional<std::string>& to,
                   std::string unique_key) {
    const auto header = shop.orders->header(tx, document.order);
    const auto file = shop.invoices->file(tx, document.id, orders::DocumentFormat::pdf);
    if (!header || !file) return;
    messaging::MailRequest mail;
    mail.template_name = document.kind == orders::DocumentKind::invoice ? "invoice" : "credit_note";
    mail.locale = header->locale;
    mail.to = to.value_or(header->email);
    mail.related = "order:" + header->id.uuid().to_string();
    mail.unique_key = std::move(unique_key);
    mail.attachments.push_back({file->file_name, file->content_type, file->key, file->sha256});
    json::Writer data;
    data.begin_object();
    data.member("number", document.number);
    data.member("order_number", header->number);
    data.member("total", messaging::format_money(document.total, header->locale));
    data.end_object();
    mail.data_json = data.take();
    // Opens the order: for its buyer only.
    if (!to) {
        json::Writer secrets;
        secrets.begin_object();
        secrets.member("order_url", shop.config.public_url + "/" + header->locale + "/orders/" + header->number +
                                        "?token=" + http_client::percent_encode(shop.orders->view_token(header->id)));
        secrets.end_object();
        mail.secrets_json = secrets.take();
    }
    (void)shop.messages->queue_mail(tx, mail);
}

std::vector<events::Subscription> document_subscriptions(Shop& shop) {
    const auto follow = [&shop](db::Tx& tx, const events::Event& event) {
        const auto data = json::parse(event.data);
        const auto id = data ? orders::OrderId::parse(data->text_or("order_id")) : std::nullopt;
        // What replaces goods of a return was invoiced with them.
        if (id && !shop.after_sale->is_replacement(tx, *id)) shop.invoices->follow(tx, *id, event.type);
    };
    const auto credit = [&shop](db::Tx& tx, const events::Event& event) {
        const auto data = json::parse(event.data);
        const auto id = data ? orders::OrderRefundId::parse(data->text_or("refund_id")) : std::nullopt;
        if (id) shop.invoices->credit_refund(tx, *id);
    };
    return {{"orders.documents", {"order.confirmed", "order.shipped", "order.changed", "order.cancelled"}, follow, nullptr},
            {"orders.credit_notes", {"order.refund_granted"}, credit, nullptr}};
}

std::vector<jobs::Handler> document_job_handlers(Shop& shop) {
    jobs::Handler handler;
    handler.kind = orders::kRenderDocumentJob;
    handler.run = [&shop](const jobs::Job& job) {
        const auto data = json::parse(job.payload);
        const auto id = data ? orders::DocumentId::parse(data->text_or("document_id")) : std::nullopt;
        if (!id) throw jobs::GiveUp("orders.render_document: the payload names no document");
        try {
            shop.invoices->render(*id, [&](db::Tx& tx, const orders::DocumentInfo& document) {
                send_document(shop, tx, document, std::nullopt, "document:" + document.id.to_string());
            });
        } catch (const std::exception& problem) {
            if (job.attempt == jobs::NewJob{}.max_attempts)
                shop.database.in_tx([&](db::Tx& tx) { shop.invoices->note_failure(tx, *id, problem.what()); });
            throw;
        }
    };
    jobs::Handler waiting;
    waiting.kind = kIssueWaiting;
    waiting.run = [&shop](const jobs::Job&) { shop.invoices->issue_waiting(); };
    waiting.lease = std::chrono::seconds{600};
    return {handler, waiting};
}

std::vector<jobs::Schedule> document_schedules() {
    return {{std::string(kIssueWaiting), "*/10 * * * *", std::string(kIssueWaiting), "{}"}};
}

}  // namespace stoa::app
