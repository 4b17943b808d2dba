#include "after_sale/due.hpp"

#include "after_sale/service.hpp"
#include "stoa/events/events.hpp"

namespace stoa::orders {

Money due_of(const SoldOrder& order) {
    const auto none = Money::zero(order.position.currency());
    const bool collects = order.payment_state == PaymentState::partially_paid || order.payment_state == PaymentState::failed;
    if (!order.is_sold() || !collects) return none;
    return std::max(none, order.position.owed());
}

void request_payment(db::Tx& tx, Orders& orders, const Header& order, const Money& due) {
    json::Writer data;
    data.begin_object();
    data.member("order_id", order.id.to_string());
    data.member("number", order.number);
    data.member("amount", due.minor());
    data.member("currency", due.currency().code());
    data.end_object();
    orders.note(tx, order.id, "payment_requested", data.text());
    events::append(tx, events::NewEvent{"order.payment_requested", subject_of(order.id), data.take()});
}

void Service::request_payment(db::Tx& tx, const Header& order, const Money& due) { orders::request_payment(tx, deps_.orders, order, due); }

std::optional<Money> Service::due(db::Session& session, OrderId id) {
    const auto order = load_sold(session, deps_, id);
    if (!order || !order->is_sold()) return std::nullopt;
    return due_of(*order);
}

void Service::due_paid(db::Tx& tx, Header& header) {
    const auto order = load_sold(tx, deps_, header.id);
    const auto open = order->position.owed();
    if (open > Money::zero(open.currency())) {
        deps_.orders.set_payment_state(tx, header, PaymentState::partially_paid);
        return;
    }
    deps_.orders.set_payment_state(tx, header,
                                   order->position.gone_back().is_zero() ? PaymentState::paid : PaymentState::partially_refunded);
}

}  // namespace stoa::orders
