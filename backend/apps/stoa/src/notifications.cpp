// What the buyer is told, and when: mails follow order events, each at most once.
#include "shop.hpp"
#include "stoa/messaging/order_mail.hpp"

namespace stoa::app {
namespace {

std::vector<std::string> address_lines(const customers::AddressDto& address) {
    std::vector<std::string> lines;
    lines.push_back(address.first_name + " " + address.last_name);
    if (address.company && !address.company->empty()) lines.push_back(*address.company);
    lines.push_back(address.line1);
    if (address.line2 && !address.line2->empty()) lines.push_back(*address.line2);
    lines.push_back(address.postal_code + " " + address.city);
    lines.push_back(address.country);
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

std::string_view failed_reason(std::string_view locale) {
    if (locale == "de") return "Die Zahlung wurde nicht angenommen. Es wurde nichts abgebucht.";
    if (locale == "nl") return "De betaling is niet gelukt. Er is niets afgeschreven.";
    if (locale == "fr") return "Le paiement n'a pas été accepté. Rien n'a été débité.";
    return "The payment was not accepted. Nothing was charged.";
}

std::string_view sold_out_reason(std::string_view locale) {
    if (locale == "de") return "Während der Zahlung wurde der letzte Artikel an jemand anderen verkauft. Das tut uns leid.";
    if (locale == "nl") return "Tijdens het betalen is het laatste artikel aan iemand anders verkocht. Het spijt ons.";
    if (locale == "fr") return "Pendant le paiement, le dernier article a été vendu à quelqu'un d'autre. Nous en sommes désolés.";
    return "While you were paying, the last article was sold to somebody else. We are sorry.";
}

messaging::OrderMail mail_of(const orders::OrderDto& order, const std::string& origin, const std::string& token) {
    messaging::OrderMail mail;
    mail.number = order.number;
    mail.order_url = origin + "/" + order.locale + "/orders/" + order.number + "?token=" + http_client::percent_encode(token);
    mail.placed_on = date_of(order.placed_at);
    mail.first_name = order.billing_address.first_name;
    for (const auto& line : order.lines)
        mail.lines.push_back({line.name, line.options_text, line.sku, line.quantity, line.total, image_url(line.image, origin)});
    mail.subtotal = order.totals.subtotal;
    for (const auto& discount : order.discounts) mail.discounts.push_back({discount.label, discount.amount});
    mail.shipping = order.totals.shipping;
    mail.total = order.totals.total;
    mail.tax_included = order.totals.tax_included;
    for (const auto& tax : order.totals.tax_lines) mail.taxes.push_back({tax.rate_label, tax.tax});
    mail.shipping_address = address_lines(order.shipping_address);
    mail.billing_address = address_lines(order.billing_address);
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

}  // namespace

std::vector<events::Subscription> notification_subscriptions(Shop& shop) {
    const auto on_order = [&shop](db::Tx& tx, const events::Event& event) {
        const auto data = json::parse(event.data);
        const auto id = data ? orders::OrderId::parse(data->text_or("order_id")) : std::nullopt;
        if (!id) return;
        const auto header = shop.orders->header(tx, *id);
        if (!header) return;
        const auto order = shop.orders->order(tx, *id, header->locale);
        if (!order) return;
        auto mail = mail_of(*order, shop.config.public_url, shop.orders->view_token(*id));
        messaging::MailRequest request;
        request.locale = header->locale;
        request.to = header->email;
        request.related = "order:" + id->uuid().to_string();
        // One mail per event: a repeated delivery of the event finds it written.
        request.unique_key = event.type + ":" + id->uuid().to_string() + ":" + std::to_string(event.version);
        if (event.type == "order.confirmed") {
            request.template_name = "order_confirmation";
        } else if (event.type == "order.payment_failed") {
            // The shopper who goes on paying needs no mail about the first try.
            if (header->state != orders::State::pending_payment) return;
            request.template_name = "payment_failed";
            mail.reason = failed_reason(header->locale);
            mail.retry_url = shop.config.public_url + "/" + header->locale + "/checkout/payment";
        } else {
            const auto reason = data->text_or("reason");
            // An abandoned or replaced order that nobody paid, unless it is we who could not deliver.
            if (data->text_or("payment_state") == "failed" && reason != "sold_out") return;
            request.template_name = "order_cancelled";
            if (reason == "sold_out") mail.reason = sold_out_reason(header->locale);
        }
        auto view = messaging::view_of(mail, header->locale);
        request.data_json = std::move(view.data_json);
        request.secrets_json = std::move(view.secrets_json);
        (void)shop.messages->queue_mail(tx, request);
    };
    return {{"messaging.order_mails", {"order.confirmed", "order.payment_failed", "order.cancelled"}, on_order, nullptr}};
}

}  // namespace stoa::app
