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

// A list of objects; `members` writes those of one item.
template <class Item, class Members>
void list(json::Writer& out, std::string_view name, const std::vector<Item>& items, Members members) {
    out.key(name);
    out.begin_array();
    for (const auto& item : items) {
        out.begin_object();
        members(item);
        out.end_object();
    }
    out.end_array();
}

// Each with its label.
template <class Item>
void amounts(json::Writer& out, std::string_view name, const std::vector<Item>& items, std::string_view locale, bool negative = false) {
    list(out, name, items, [&](const Item& item) {
        out.member("label", item.label);
        out.member("amount", format_money(negative ? -item.amount : item.amount, locale));
    });
}

// The view with the address that opens the order as its secret.
OrderMailView with_link(json::Writer& out, const std::string& order_url) {
    json::Writer secrets;
    secrets.begin_object();
    secrets.member("order_url", order_url);
    secrets.end_object();
    return {out.take(), secrets.take()};
}

}  // namespace

OrderMailView view_of(const OrderMail& mail, std::string_view locale) {
    json::Writer out;
    out.begin_object();
    out.member("number", mail.number);
    out.member("first_name", mail.first_name);
    out.member("placed_on", format_date(mail.placed_on, locale));
    list(out, "lines", mail.lines, [&](const auto& line) {
        out.member("name", line.name);
        out.member("options_text", line.options_text);
        out.member("sku", line.sku);
        out.member("quantity", line.quantity);
        out.member("total", format_money(line.total, locale));
        out.member("image_url", line.image_url);
    });
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
    amounts(out, "taxes", mail.taxes, locale);
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
    list(out, "parcels", mail.parcels, [&](const auto& parcel) {
        out.member("tracking_number", parcel.tracking_number);
        out.member("tracking_url", parcel.tracking_url);
    });
    list(out, "lines", mail.lines, [&](const auto& line) {
        out.member("name", line.name);
        out.member("quantity", line.quantity);
    });
    out.end_object();
    return with_link(out, mail.order_url);
}

OrderMailView view_of(const ReturnMail& mail) {
    json::Writer out;
    out.begin_object();
    out.member("number", mail.number);
    out.member("order_number", mail.order_number);
    out.member("first_name", mail.first_name);
    out.member("answer", mail.answer);
    list(out, "lines", mail.lines, [&](const auto& line) {
        out.member("name", line.name);
        out.member("quantity", line.quantity);
        out.member("instead", line.instead);
    });
    out.member("has_label", mail.has_label);
    out.member("carrier", mail.carrier);
    out.end_object();
    return with_link(out, mail.order_url);
}

OrderMailView view_of(const RefundMail& mail, std::string_view locale) {
    json::Writer out;
    out.begin_object();
    out.member("order_number", mail.order_number);
    out.member("first_name", mail.first_name);
    out.member("return_number", mail.return_number);
    out.member("amount", format_money(mail.amount, locale));
    list(out, "lines", mail.lines, [&](const auto& line) {
        out.member("name", line.name);
        out.member("quantity", line.quantity);
        out.member("total", format_money(line.amount, locale));
    });
    if (!mail.shipping.is_zero()) out.member("shipping", format_money(mail.shipping, locale));
    if (!mail.adjustment.is_zero()) out.member("adjustment", format_money(mail.adjustment, locale));
    amounts(out, "parts", mail.parts, locale);
    out.member("moves_money", mail.moves_money);
    out.end_object();
    return with_link(out, mail.order_url);
}

}  // namespace stoa::messaging
