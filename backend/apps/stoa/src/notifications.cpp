// What the buyer is told, and when: mails follow order events, each at most once.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "shop.hpp"
#include "stoa/messaging/order_mail.hpp"

namespace stoa::app {
namespace {

std::vector<std::string> address_lines(const customers::AddressDto& address, std::string_view locale) {
    std::vector<std::string> lines;
    lines.push_back(address.first_name + " " + address.last_name);
    if (address.company && !address.company->empty()) lines.push_back(*address.company);
    lines.push_back(address.line1);
    if (address.line2 && !address.line2->empty()) lines.push_back(*address.line2);
    lines.push_back(address.postal_code + " " + address.city);
    lines.emplace_back(messaging::format_country(address.country, locale));
    return lines;
}

// "{w}" of the stored picture becomes a width, and the address absolute: mail programs know no origin.
std::string image_url(const std::optional<json::Raw>& image, const std::string& origin) {
    if (!image) return {};
    const auto value = json::parse(image->text);
    if (!value) return {};
    std::string source = value->text_or("src");
    if (const auto at = source.find("{w}"); at != std::string::npos) source.replace(at, 3, "160");
    return source.empty() ? source : origin + source;
}

std::string_view sold_out_reason(std::string_view locale) {
    if (locale == "de") return "Während der Zahlung wurde der letzte Artikel an jemand anderen verkauft. Das tut uns leid.";
    if (locale == "nl") return "Tijdens het betalen is het laatste artikel aan iemand anders verkocht. Het spijt ons.";
    if (locale == "fr") return "Pendant le paiement, le dernier article a été vendu à quelqu'un d'autre. Nous en sommes désolés.";
    return "While you were paying, the last article was sold to somebody else. We are sorry.";
}

// A mail with thousands of rows is neither read nor delivered; the order's page shows them all.
constexpr std::size_t kMostLines = 100;

std::string more_articles(std::int64_t count, std::string_view locale) {
    if (locale == "de") return fmt::format("und {} weitere Artikel", count);
    if (locale == "nl") return fmt::format("en nog {} artikelen", count);
    if (locale == "fr") return fmt::format("et {} autres articles", count);
    return fmt::format("and {} more articles", count);
}

// Opens the order without a login.
std::string link_of(Shop& shop, const orders::Header& header) {
    return shop.config.public_url + "/" + header.locale + "/orders/" + header.number +
           "?token=" + http_client::percent_encode(shop.orders->view_token(header.id));
}

// Written to the buyer, in their language. The mail of an `unique_key` is written once.
void queue_about_order(Shop& shop, db::Tx& tx, const orders::Header& header, std::string template_name, std::string unique_key,
                       messaging::OrderMailView view, std::vector<messaging::MailAttachment> attachments = {}) {
    messaging::MailRequest request;
    request.template_name = std::move(template_name);
    request.locale = header.locale;
    request.to = header.email;
    request.related = "order:" + header.id.uuid().to_string();
    request.unique_key = std::move(unique_key);
    request.data_json = std::move(view.data_json);
    request.secrets_json = std::move(view.secrets_json);
    request.attachments = std::move(attachments);
    (void)shop.messages->queue_mail(tx, request);
}

messaging::OrderMail mail_of(const orders::OrderDto& order, const std::string& origin, std::string link) {
    messaging::OrderMail mail;
    mail.number = order.number;
    mail.order_url = std::move(link);
    mail.placed_on = date_of(order.placed_at);
    mail.first_name = order.billing_address.first_name;
    for (const auto& line : order.lines) {
        if (mail.lines.size() < kMostLines || order.lines.size() == kMostLines + 1) {
            mail.lines.push_back({line.name, line.options_text, line.sku, line.quantity, line.total, image_url(line.image, origin)});
            continue;
        }
        if (mail.lines.size() == kMostLines) {
            const auto rest = static_cast<std::int64_t>(order.lines.size() - kMostLines);
            mail.lines.push_back({more_articles(rest, order.locale), {}, {}, 0, Money::zero(line.total.currency()), {}});
        }
        mail.lines.back().quantity += line.quantity;
        mail.lines.back().total += line.total;
    }
    mail.subtotal = order.totals.subtotal;
    for (const auto& discount : order.discounts) mail.discounts.push_back({discount.label, discount.amount});
    mail.shipping = order.totals.shipping;
    mail.total = order.totals.total;
    mail.tax_included = order.totals.tax_included;
    for (const auto& tax : order.totals.tax_lines) mail.taxes.push_back({tax.rate_label, tax.tax});
    mail.shipping_address = address_lines(order.shipping_address, order.locale);
    mail.billing_address = address_lines(order.billing_address, order.locale);
    mail.shipping_method = order.shipping.method_name;
    if (const auto& point = order.shipping.service_point)
        mail.service_point =
            point->name + ", " + point->street + " " + point->house_number.value_or("") + ", " + point->postal_code + " " + point->city;
    if (order.shipping.promise) {
        mail.promise_from = order.shipping.promise->from;
        mail.promise_to = order.shipping.promise->to;
    }
    mail.payment_label = order.payment.label;
    return mail;
}

// A shopper whose card was declined mostly goes on with another one: only the one who left is written to.
constexpr std::chrono::minutes kPaymentFailedAfter{15};
constexpr std::string_view kPaymentFailedJob = "messaging.payment_failed";

// `version`: of the event the mail is about; a repeated delivery of the event finds the mail written.
void queue_order_mail(Shop& shop, db::Tx& tx, const orders::Header& header, std::string_view event, std::int64_t version,
                      std::string template_name, std::string_view reason = {}) {
    const auto order = shop.orders->order(tx, header.id, header.locale);
    if (!order) return;
    auto mail = mail_of(*order, shop.config.public_url, link_of(shop, header));
    mail.reason = reason;
    if (template_name == "payment_failed") mail.retry_url = shop.config.public_url + "/" + header.locale + "/checkout/payment";
    queue_about_order(shop, tx, header, std::move(template_name), fmt::format("{}:{}:{}", event, header.id.uuid().to_string(), version),
                      messaging::view_of(mail, header.locale));
}

// One mail for each shipment that leaves, and one when it waits to be fetched.
void queue_shipment_mail(Shop& shop, db::Tx& tx, const events::Event& event) {
    const auto data = json::parse(event.data);
    const auto id = data ? shipping::ShipmentId::parse(data->text_or("shipment_id")) : std::nullopt;
    const auto shipment = id ? shop.shipments->find(tx, *id) : std::nullopt;
    if (!shipment) return;
    const auto header = shop.orders->header(tx, orders::OrderId(shipment->order));
    if (!header) return;
    const auto order = shop.orders->order(tx, header->id, header->locale);
    if (!order) return;
    messaging::ShipmentMail mail;
    mail.number = order->number;
    mail.order_url = link_of(shop, *header);
    mail.first_name = order->billing_address.first_name;
    mail.carrier = shipment->carrier;
    if (const auto& point = order->shipping.service_point; point && !shipment->service_point_id.empty())
        mail.service_point =
            point->name + ", " + point->street + " " + point->house_number.value_or("") + ", " + point->postal_code + " " + point->city;
    for (const auto& parcel : shipment->parcels) {
        if (!parcel.tracking_number.empty())
            mail.parcels.push_back({parcel.tracking_number, parcel.tracking_url.empty() ? mail.order_url : parcel.tracking_url});
    }
    std::map<orders::OrderLineId, std::int64_t> sent;
    for (const auto& line : shipment->lines) sent[orders::OrderLineId(line.order_line)] += line.quantity;
    for (const auto& line : order->lines) {
        const auto part = sent.find(line.id);
        if (part == sent.end() || part->second < line.quantity) mail.is_part = true;
        if (part != sent.end() && mail.lines.size() < kMostLines) mail.lines.push_back({line.name, part->second});
    }
    // Once for a shipment, also when it waits, travels on and waits again.
    queue_about_order(shop, tx, *header, event.type == "shipment.left" ? "order_shipped" : "order_ready_for_pickup",
                      event.type + ":" + shipment->id.uuid().to_string(), messaging::view_of(mail));
}

// Approved with its label, refused, received or ended: each once. `label`: with the file that is ready now. `answered`: the shop's answer
// is about this.
void queue_return_mail(Shop& shop, db::Tx& tx, orders::ReturnId id, std::string template_name, const shipping::ReturnLabel* label,
                       bool answered = true) {
    const auto facts = shop.after_sale->return_facts(tx, id);
    const auto header = facts ? shop.orders->header(tx, facts->order) : std::nullopt;
    if (!header) return;
    const auto order = shop.orders->order(tx, header->id, header->locale);
    messaging::ReturnMail mail;
    mail.number = facts->number;
    mail.order_number = header->number;
    mail.order_url = link_of(shop, *header);
    mail.first_name = order->billing_address.first_name;
    if (answered) mail.answer = facts->answer;
    for (const auto& line : facts->lines) {
        const auto quantity = template_name == "return_received" ? line.received : line.quantity;
        if (quantity > 0 && mail.lines.size() < kMostLines) mail.lines.push_back({line.name, quantity, line.instead});
    }
    std::vector<messaging::MailAttachment> attachments;
    if (label) {
        mail.has_label = true;
        mail.carrier = label->carrier;
        attachments.push_back({facts->number + ".pdf", "application/pdf", label->file_key});
    }
    // A second label, after the first was cancelled, is another mail.
    auto unique_key = template_name + ":" + id.uuid().to_string() + (label ? ":" + label->reference : std::string());
    queue_about_order(shop, tx, *header, std::move(template_name), std::move(unique_key), messaging::view_of(mail), std::move(attachments));
}

// The shop has ended one that never came; who cancels their own return knows.
void queue_return_end(Shop& shop, db::Tx& tx, const events::Event& event) {
    const auto data = json::parse(event.data);
    const auto id = data ? orders::ReturnId::parse(data->text_or("return_id")) : std::nullopt;
    if (!id || data->text_or("by") != "shop") return;
    queue_return_mail(shop, tx, *id, "return_closed", nullptr, data->bool_or("answered"));
}

// Once the whole of it is at the providers, or at once where there is nothing to send back.
void queue_refund_mail(Shop& shop, db::Tx& tx, orders::OrderRefundId id) {
    const auto facts = shop.after_sale->refund_facts(tx, id);
    if (!facts || facts->state != "done") return;
    const auto header = shop.orders->header(tx, facts->order);
    if (!header) return;
    const auto order = shop.orders->order(tx, header->id, header->locale);
    messaging::RefundMail mail;
    mail.order_number = header->number;
    mail.order_url = link_of(shop, *header);
    mail.first_name = order->billing_address.first_name;
    mail.return_number = facts->return_number;
    mail.moves_money = facts->moves_money;
    mail.shipping = facts->shipping;
    mail.adjustment = facts->adjustment;
    mail.amount = Money::zero(facts->amount.currency());
    for (const auto& line : facts->lines) {
        if (mail.lines.size() < kMostLines) mail.lines.push_back({line.name, line.quantity, line.amount});
    }
    for (const auto& part : facts->parts) {
        mail.parts.push_back({part.label, part.amount});
        mail.amount += part.amount;
    }
    // Of an order that was not paid, what is owed less.
    if (!facts->moves_money) mail.amount = facts->amount;
    if (mail.amount.is_zero()) return;
    queue_about_order(shop, tx, *header, "refund_issued", "refund_issued:" + id.uuid().to_string(),
                      messaging::view_of(mail, header->locale));
}

// A payment that came for nothing, because the order could not be placed or was paid already: once for each of its refunds.
void queue_returned_payment(Shop& shop, db::Tx& tx, const events::Event& event) {
    const auto data = json::parse(event.data);
    const auto id = data ? orders::OrderId::parse(data->text_or("order_id")) : std::nullopt;
    const auto header = id ? shop.orders->header(tx, *id) : std::nullopt;
    if (!header) return;
    messaging::RefundMail mail;
    mail.order_number = header->number;
    mail.order_url = link_of(shop, *header);
    mail.first_name = shop.orders->order(tx, header->id, header->locale)->billing_address.first_name;
    mail.moves_money = true;
    mail.amount = Money(data->int_or("amount"), Currency::of(data->text_or("currency")));
    mail.shipping = mail.adjustment = Money::zero(mail.amount.currency());
    mail.parts.push_back({data->text_or("label"), mail.amount});
    queue_about_order(shop, tx, *header, "refund_issued", "payment_returned:" + data->text_or("payment_refund_id"),
                      messaging::view_of(mail, header->locale));
}

// What became due on an order after a change, and where it is paid.
void queue_payment_request(Shop& shop, db::Tx& tx, const events::Event& event) {
    const auto data = json::parse(event.data);
    const auto id = data ? orders::OrderId::parse(data->text_or("order_id")) : std::nullopt;
    const auto header = id ? shop.orders->header(tx, *id) : std::nullopt;
    if (!header) return;
    const Money due(data->int_or("amount"), Currency::of(data->text_or("currency")));
    messaging::MailRequest mail;
    mail.template_name = "payment_due";
    mail.locale = header->locale;
    mail.to = header->email;
    mail.related = "order:" + header->id.uuid().to_string();
    mail.unique_key = event.type + ":" + header->id.uuid().to_string() + ":" + std::to_string(event.version);
    json::Writer view;
    view.begin_object();
    view.member("order_number", header->number);
    view.member("due", messaging::format_money(due, header->locale));
    view.member("total", messaging::format_money(header->total, header->locale));
    view.end_object();
    mail.data_json = view.take();
    json::Writer secrets;
    secrets.begin_object();
    secrets.member("pay_url", shop.config.public_url + "/" + header->locale +
                                  "/pay?token=" + http_client::percent_encode(shop.orders->view_token(header->id)));
    secrets.end_object();
    mail.secrets_json = secrets.take();
    (void)shop.messages->queue_mail(tx, mail);
}

}  // namespace

void send_gift_card(Shop& shop, db::Tx& tx, const payments::IssuedGiftCard& issued, std::string_view locale,
                    const orders::SoldGiftCard* bought) {
    messaging::MailRequest mail;
    mail.template_name = "gift_card";
    mail.locale = locale;
    mail.to = bought ? bought->wish.email : issued.card.email;  // the card may not keep whom it was for
    mail.related = "gift-card:" + issued.card.id.uuid().to_string();
    if (bought) mail.unique_key = "gift_card_bought:" + bought->id.to_string();
    json::Writer view;
    view.begin_object();
    view.member("amount", messaging::format_money(issued.card.balance, locale));
    if (issued.card.expires_at) view.member("expires_on", messaging::format_date(date_of(*issued.card.expires_at), locale));
    view.member("shop_url", shop.config.public_url + "/" + std::string(locale));
    view.end_object();
    mail.data_json = view.take();
    json::Writer secrets;
    secrets.begin_object();
    secrets.member("code", issued.code);
    // Between the two of them: not kept once it is mailed.
    if (bought && !bought->wish.recipient.empty()) secrets.member("recipient", bought->wish.recipient);
    if (bought && !bought->wish.sender.empty()) secrets.member("sender", bought->wish.sender);
    if (bought && !bought->wish.message.empty()) secrets.member("message", bought->wish.message);
    secrets.end_object();
    mail.secrets_json = secrets.take();
    (void)shop.messages->queue_mail(tx, mail);
}

// To whoever placed the order, in their language; a link opens it.
void send_refund_gift_card(Shop& shop, db::Tx& tx, const orders::RefundGiftCard& card) {
    const auto& order = card.order;
    json::Writer view;
    view.begin_object();
    view.member("amount", messaging::format_money(card.issued.card.balance, order.locale));
    view.member("order_number", order.number);
    view.member("shop_url", shop.config.public_url + "/" + order.locale);
    view.end_object();
    json::Writer secrets;
    secrets.begin_object();
    secrets.member("code", card.issued.code);
    secrets.member("order_url", link_of(shop, order));
    secrets.end_object();
    queue_about_order(shop, tx, order, "refund_gift_card", "refund_gift_card:" + card.refund.uuid().to_string(),
                      {view.take(), secrets.take()});
}

orders::HistorySource mail_history(Shop& shop) {
    return [&shop](db::Session& session, orders::OrderId id) {
        std::vector<orders::HistoryEntry> out;
        for (const auto& message : shop.messages->messages_for(session, "order:" + id.uuid().to_string())) {
            json::Writer data;
            data.begin_object();
            if (!message.subject.empty()) data.member("subject", message.subject);
            if (!message.to.empty()) data.member("to", message.to);
            if (!message.last_error.empty()) data.member("problem", message.last_error);
            data.end_object();
            // "invoice_mail_sent"
            out.push_back({message.sent_at.value_or(message.updated_at),
                           message.template_name + "_mail_" + std::string(json::to_name(message.state)), data.take()});
        }
        return out;
    };
}

std::vector<events::Subscription> notification_subscriptions(Shop& shop) {
    const auto on_order = [&shop](db::Tx& tx, const events::Event& event) {
        const auto data = json::parse(event.data);
        const auto id = data ? orders::OrderId::parse(data->text_or("order_id")) : std::nullopt;
        if (!id) return;
        if (event.type == "order.payment_failed") {
            // One mail for an order, however many cards are declined.
            jobs::enqueue(tx, {std::string(kPaymentFailedJob), fmt::format(R"({{"order_id":"{}"}})", id->to_string()),
                               shop.clock.now() + kPaymentFailedAfter, id->uuid().to_string()});
            return;
        }
        const auto header = shop.orders->header(tx, *id);
        if (!header) return;
        if (event.type == "order.confirmed") {
            queue_order_mail(shop, tx, *header, event.type, event.version, "order_confirmation");
            return;
        }
        const bool sold_out = data->text_or("reason") == "sold_out";
        // An abandoned or replaced order that nobody paid needs no mail, unless it is we who could not deliver.
        if (data->text_or("payment_state") == "failed" && !sold_out) return;
        queue_order_mail(shop, tx, *header, event.type, event.version, "order_cancelled", sold_out ? sold_out_reason(header->locale) : "");
    };
    const auto on_shipment = [&shop](db::Tx& tx, const events::Event& event) { queue_shipment_mail(shop, tx, event); };
    const auto on_return = [&shop](db::Tx& tx, const events::Event& event) {
        const auto data = json::parse(event.data);
        const auto id = data ? orders::ReturnId::parse(data->text_or("return_id")) : std::nullopt;
        if (!id) return;
        const auto* name = event.type == "order.return_received"   ? "return_received"
                           : event.type == "order.return_rejected" ? "return_rejected"
                                                                   : "return_approved";
        queue_return_mail(shop, tx, *id, name, nullptr);
    };
    const auto on_return_end = [&shop](db::Tx& tx, const events::Event& event) { queue_return_end(shop, tx, event); };
    const auto on_return_label = [&shop](db::Tx& tx, const events::Event& event) {
        const auto data = json::parse(event.data);
        const auto id = data ? Uuid::parse(data->text_or("return")) : std::nullopt;
        if (!id) return;
        const auto labels = shop.return_labels->of_returns(tx, {*id});
        if (labels.empty() || labels.front().file_key.empty() || labels.front().state == shipping::ShipmentState::cancelled) return;
        queue_return_mail(shop, tx, orders::ReturnId(*id), "return_approved", &labels.front());
    };
    const auto on_refund = [&shop](db::Tx& tx, const events::Event& event) {
        const auto data = json::parse(event.data);
        const auto id = data ? orders::OrderRefundId::parse(data->text_or("refund_id")) : std::nullopt;
        if (id) queue_refund_mail(shop, tx, *id);
    };
    const auto on_returned_payment = [&shop](db::Tx& tx, const events::Event& event) { queue_returned_payment(shop, tx, event); };
    // Mail about the order goes to another address: what it is about, and the link to it, is sent there once.
    const auto on_changed = [&shop](db::Tx& tx, const events::Event& event) {
        const auto data = json::parse(event.data);
        const auto id = data ? orders::OrderId::parse(data->text_or("order_id")) : std::nullopt;
        const auto* changed = data ? data->find("changed") : nullptr;
        if (!id || !changed) return;
        const bool elsewhere = std::ranges::any_of(changed->items(), [](const json::Value& part) { return part.text() == "email"; });
        const auto header = elsewhere ? shop.orders->header(tx, *id) : std::nullopt;
        if (!header || header->state == orders::State::cancelled) return;
        queue_order_mail(shop, tx, *header, event.type, event.version, "order_confirmation");
    };
    const auto on_due = [&shop](db::Tx& tx, const events::Event& event) { queue_payment_request(shop, tx, event); };
    return {
        {"messaging.payment_requests", {"order.payment_requested"}, on_due, nullptr},
        {"messaging.return_mails", {"order.return_without_label", "order.return_rejected", "order.return_received"}, on_return, nullptr},
        {"messaging.return_end_mails", {"order.return_cancelled"}, on_return_end, nullptr},
        {"messaging.return_label_mails", {"return_label.ready"}, on_return_label, nullptr},
        {"messaging.refund_mails", {"order.refund_granted", "order.refunded"}, on_refund, nullptr},
        {"messaging.returned_payments", {"order.payment_returned"}, on_returned_payment, nullptr},
        {"messaging.order_mails", {"order.confirmed", "order.payment_failed", "order.cancelled"}, on_order, nullptr},
        {"messaging.changed_orders", {"order.changed"}, on_changed, nullptr},
        {"messaging.shipment_mails", {"shipment.left", "shipment.ready_for_pickup"}, on_shipment, nullptr}};
}

std::vector<jobs::Handler> notification_job_handlers(Shop& shop) {
    jobs::Handler handler;
    handler.kind = kPaymentFailedJob;
    handler.in_tx = [&shop](db::Tx& tx, const jobs::Job& job) {
        const auto data = json::parse(job.payload);
        const auto id = data ? orders::OrderId::parse(data->text_or("order_id")) : std::nullopt;
        if (!id) throw jobs::GiveUp("messaging.payment_failed: the payload names no order");
        // Locked: a payment that is being recorded in this moment is waited for.
        const auto header = shop.orders->lock(tx, *id);
        if (!header || header->state != orders::State::pending_payment) return;
        queue_order_mail(shop, tx, *header, "order.payment_failed", 0, "payment_failed");
    };
    return {handler};
}

}  // namespace stoa::app
