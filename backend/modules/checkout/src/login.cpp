#include <stdexcept>

#include "service.hpp"
#include "sql/checkout.hpp"

namespace stoa::checkout {

bool is_open(payments::AttemptState state) {
    using enum payments::AttemptState;
    return state == sent || state == unknown || state == verification_pending;
}

bool Service::is_being_paid(db::Session& session, cart::CartId cart) {
    const auto living = deps_.orders.living_of_cart(session, cart.uuid());
    if (!living || living->state != orders::State::pending_payment) return false;
    for (const auto& attempt : deps_.payments.of_payable(session, living->id.uuid())) {
        if (is_open(attempt.state)) return true;
    }
    return false;
}

void Service::record_consent(db::Tx& tx, const orders::Header& order) {
    if (!order.checkout_id || tx.query(sql::wants_marketing, *order.checkout_id).empty()) return;
    using customers::ConsentKind;
    if (!order.customer)
        deps_.customers.record_guest_consent(tx, order.email, ConsentKind::marketing_email, order.locale, "checkout");
    else if (!deps_.customers.has_consent(tx, *order.customer, ConsentKind::marketing_email))
        deps_.customers.record_consent(tx, *order.customer, ConsentKind::marketing_email, true, order.locale, "checkout");
}

void Service::on_login(db::Tx& tx, const customers::CustomerInfo& customer, const http::Request& request, http::Response& response) {
    const auto merged = deps_.carts.merge_on_login(tx, customer, request, response);
    if (!merged) return;
    auto order = deps_.orders.lock_living_of_cart(tx, merged->guest.uuid());
    // What was held for the guest lies in the customer's own cart now: it must not be sold out for them.
    if (merged->guest != merged->own && !is_being_paid(tx, merged->guest)) {
        if (const auto begun = find_state(tx, merged->guest)) deps_.inventory.release(tx, begun->id.uuid());
    }
    if (!order || order->customer) return;
    const bool is_pending = order->state == orders::State::pending_payment;
    // An order that is placed belongs to whoever reads its mails; only what is still being paid for follows the browser.
    if (!is_pending && customers::email_key(order->email) != customers::email_key(customer.email)) return;
    deps_.orders.take_over(tx, *order, customer.id);
    if (!is_pending || merged->guest == merged->own || is_being_paid(tx, merged->guest)) return;
    // Its goods lie in the customer's own cart now and will be bought from there.
    if (order->checkout_id) deps_.inventory.release(tx, *order->checkout_id);
    deps_.promotions.release(tx, order->id.uuid());
    deps_.credits.release(tx, order->id.uuid());
    if (auto cancelled = deps_.orders.cancel(tx, *order, "replaced"); !cancelled)
        throw std::logic_error("checkout: giving up an order failed: " + cancelled.error().code);
}

}  // namespace stoa::checkout
