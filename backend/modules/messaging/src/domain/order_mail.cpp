#include "stoa/messaging/order_mail.hpp"

#include "stoa/json/value.hpp"

namespace stoa::messaging {
namespace {

void texts(json::Writer& out, std::string_view name, const std::vector<std::string>& lines) {
    out.key(name);
    out.begin_array();
    for (const auto& line : lines) {
        if (!line.empty()) out.string(line);
    }
    out.end_array();
}

void amounts(json::Writer& out, std::string_view name, const std::vector<OrderMail::Amount>& list, std::string_view locale, bool negative) {
    out.key(name);
    out.begin_array();
    for (const auto& item : list) {
        out.begin_object();
        out.member("label", item.label);
        out.member("amount", format_money(negative ? -item.amount : item.amount, locale));
        out.end_object();
    }
    out.end_array();
}

}  // namespace

OrderMailView view_of(const OrderMail& mail, std::string_view locale) {
    json::Writer out;
    out.begin_object();
    out.member("number", mail.number);
    out.member("first_name", mail.first_name);
    out.member("placed_on", format_date(mail.placed_on, locale));
    out.key("lines");
    out.begin_array();
    for (const auto& line : mail.lines) {
        out.begin_object();
        out.member("name", line.name);
        out.member("options_text", line.options_text);
        out.member("sku", line.sku);
        out.member("quantity", line.quantity);
        out.member("total", format_money(line.total, locale));
        out.member("image_url", line.image_url);
        out.end_object();
    }
    out.end_array();
    out.member("subtotal", format_money(mail.subtotal, locale));
    amounts(out, "discounts", mail.discounts, locale, true);
    if (mail.shipping) {
        // One of the two is shown: the amount, or the word for "free".
        if (mail.shipping->is_zero())
            out.member("shipping_free", true);
        else
            out.member("shipping", format_money(*mail.shipping, locale));
    }
    out.member("total", format_money(mail.total, locale));
    out.member("tax_included", mail.tax_included);
    amounts(out, "taxes", mail.taxes, locale, false);
    texts(out, "shipping_address", mail.shipping_address);
    texts(out, "billing_address", mail.billing_address);
    out.member("shipping_method", mail.shipping_method);
    out.member("service_point", mail.service_point);
    if (mail.promise_from && mail.promise_to) {
        out.key("promise");
        out.begin_object();
        out.member("from", format_day(*mail.promise_from, locale));
        if (*mail.promise_from != *mail.promise_to) out.member("to", format_day(*mail.promise_to, locale));
        out.end_object();
    }
    out.member("payment_label", mail.payment_label);
    out.member("reason", mail.reason);
    out.end_object();

    json::Writer secrets;
    secrets.begin_object();
    secrets.member("order_url", mail.order_url);
    secrets.member("retry_url", mail.retry_url);
    secrets.end_object();
    return {out.take(), secrets.take()};
}

OrderMailView view_of(const ShipmentMail& mail) {
    json::Writer out;
    out.begin_object();
    out.member("number", mail.number);
    out.member("first_name", mail.first_name);
    out.member("carrier", mail.carrier);
    out.member("service_point", mail.service_point);
    out.member("is_part", mail.is_part);
    out.key("parcels");
    out.begin_array();
    for (const auto& parcel : mail.parcels) {
        out.begin_object();
        out.member("tracking_number", parcel.tracking_number);
        out.member("tracking_url", parcel.tracking_url);
        out.end_object();
    }
    out.end_array();
    out.key("lines");
    out.begin_array();
    for (const auto& line : mail.lines) {
        out.begin_object();
        out.member("name", line.name);
        out.member("quantity", line.quantity);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    json::Writer secrets;
    secrets.begin_object();
    secrets.member("order_url", mail.order_url);
    secrets.end_object();
    return {out.take(), secrets.take()};
}

OrderMailView view_of(const ReturnMail& mail) {
    json::Writer out;
    out.begin_object();
    out.member("number", mail.number);
    out.member("order_number", mail.order_number);
    out.member("first_name", mail.first_name);
    out.member("answer", mail.answer);
    out.key("lines");
    out.begin_array();
    for (const auto& line : mail.lines) {
        out.begin_object();
        out.member("name", line.name);
        out.member("quantity", line.quantity);
        out.member("instead", line.instead);
        out.end_object();
    }
    out.end_array();
    out.member("has_label", mail.has_label);
    out.member("carrier", mail.carrier);
    out.end_object();
    json::Writer secrets;
    secrets.begin_object();
    secrets.member("order_url", mail.order_url);
    secrets.end_object();
    return {out.take(), secrets.take()};
}

OrderMailView view_of(const RefundMail& mail, std::string_view locale) {
    json::Writer out;
    out.begin_object();
    out.member("order_number", mail.order_number);
    out.member("first_name", mail.first_name);
    out.member("return_number", mail.return_number);
    out.member("amount", format_money(mail.amount, locale));
    out.key("lines");
    out.begin_array();
    for (const auto& line : mail.lines) {
        out.begin_object();
        out.member("name", line.name);
        out.member("quantity", line.quantity);
        out.member("total", format_money(line.amount, locale));
        out.end_object();
    }
    out.end_array();
    if (!mail.shipping.is_zero()) out.member("shipping", format_money(mail.shipping, locale));
    if (!mail.adjustment.is_zero()) out.member("adjustment", format_money(mail.adjustment, locale));
    out.key("parts");
    out.begin_array();
    for (const auto& part : mail.parts) {
        out.begin_object();
        out.member("label", part.label);
        out.member("amount", format_money(part.amount, locale));
        out.end_object();
    }
    out.end_array();
    out.member("moves_money", mail.moves_money);
    out.end_object();
    json::Writer secrets;
    secrets.begin_object();
    secrets.member("order_url", mail.order_url);
    secrets.end_object();
    return {out.take(), secrets.take()};
}

}  // namespace stoa::messaging
