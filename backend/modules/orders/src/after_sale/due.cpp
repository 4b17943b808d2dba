#include "after_sale/due.hpp"

#include <stdexcept>

#include "after_sale/service.hpp"
#include "gift_cards/gift_cards.hpp"
#include "stoa/events/events.hpp"

namespace stoa::orders {

Money due_of(const SoldOrder& order) {
    const auto none = Money::zero(order.position.currency());
    const bool collects = order.payment_state == PaymentState::partially_paid || order.payment_state == PaymentState::failed;
    if (!order.is_sold() || !collects) return none;
    return due_now(order.position);
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

namespace {
// What the shop accepted as loss is not paid for by that.
Money without_money(const MoneyPosition& position) { return due_now(position) + position.lost(); }
}  // namespace

Money Service::unpaid(db::Session& session, OrderId id) {
    const auto order = load_sold(session, deps_, id);
    if (!order) throw std::logic_error("orders: what is unpaid of an order that does not exist");
    return order->is_sold() ? without_money(order->position) : Money::zero(order->position.currency());
}

void Service::due_paid(db::Tx& tx, Header& header) {
    const auto order = load_sold(tx, deps_, header.id);
    const bool is_left = !due_now(order->position).is_zero();
    // What was never paid for, as it seemed, or went back, is paid for now.
    if (without_money(order->position).is_zero() && !deps_.cases.is_disputed(tx, header.id.uuid()))
        suspend_gift_cards(tx, deps_, header.id, Suspended::no);
    deps_.orders.set_payment_state(tx, header,
                                   is_left ? PaymentState::partially_paid : payment_state_of(order->position, header.payment_state));
}

}  // namespace stoa::orders
