#include <algorithm>

#include "service.hpp"
#include "stoa/jobs/jobs.hpp"

namespace stoa::checkout {
namespace {

using payments::AttemptState;
using payments::Change;

struct Words {
    payments::Decline decline;
    std::string_view code;
    std::string_view message;
};
constexpr Words kDeclines[] = {
    {payments::Decline::declined, "payments.declined_by_bank", "Your bank declined the payment. Try again or choose another method."},
    {payments::Decline::insufficient_funds, "payments.declined_funds", "The account does not have enough funds."},
    {payments::Decline::wrong_data, "payments.declined_data", "The payment data were not accepted. Please check them."},
    {payments::Decline::suspected_fraud, "payments.declined_security",
     "This payment was refused for security reasons. Choose another method."},
    {payments::Decline::authentication_failed, "payments.declined_authentication", "The confirmation at your bank did not succeed."},
    {payments::Decline::try_later, "payments.declined_try_later", "The payment could not be made right now. Please wait a minute."},
    {payments::Decline::other_method, "payments.declined_other_method", "Please choose another payment method."},
    {payments::Decline::technical, "payments.declined_technical", "The payment could not be made. Nothing was charged."},
};

void enqueue_refund(db::Tx& tx, payments::AttemptId attempt, std::string_view reason) {
    json::Writer payload;
    payload.begin_object();
    payload.member("attempt_id", attempt.to_string());
    payload.member("reason", reason);
    payload.end_object();
    jobs::NewJob job;
    job.kind = "checkout.refund";
    job.payload = payload.take();
    job.unique_key = "checkout.refund:" + attempt.to_string();
    jobs::enqueue(tx, job);
}

std::string attempt_json(std::string_view reference, std::string_view code) {
    json::Writer data;
    data.begin_object();
    data.member("attempt", reference);
    data.member("code", code);
    data.end_object();
    return data.take();
}

}  // namespace

Result<void> Service::confirm(db::Tx& tx, orders::Header& order, orders::PaymentState payment, const Money& paid, std::string_view method,
                              std::string_view label) {
    // A payment of the whole that was made before a gift card was added costs the card nothing.
    if (paid == order.total) deps_.credits.release(tx, order.id.uuid());
    // Nothing else is written before it is certain that everything can be.
    const auto held = deps_.credits.check(tx, order.id.uuid(), order.total.currency());
    if (!held) return std::unexpected(held.error());
    // Each payment was for what the credit of its time left open, which need not be what is on hold now.
    if (paid + *held != order.total)
        return fail(ErrorKind::conflict, "payments.credit_short", "A gift card or store credit was used in the meantime.");
    const auto [wanted, goods] = deps_.orders.wanted(tx, order.id);
    const Uuid owner = *order.checkout_id;
    if (!goods.empty() && !deps_.inventory.allocate(tx, owner, order.id.uuid(), goods)) {
        // The hold ran out while the shopper paid: take the goods again if they are still there.
        const auto shortages = deps_.inventory.hold(tx, owner, goods, deps_.clock.now() + deps_.hold, inventory::Backorders::allowed);
        if (!shortages.empty() || !deps_.inventory.allocate(tx, owner, order.id.uuid(), goods))
            return fail(ErrorKind::conflict, "checkout.stock_unavailable", "The goods were sold while the payment was under way.");
    }
    if (auto confirmed = deps_.orders.confirm(tx, order, payment); !confirmed) return confirmed;
    // The sale is posted: what was on hold pays its part of it.
    std::string shown(label);
    const auto spent = held->is_zero() ? std::vector<payments::Credits::Spent>() : deps_.credits.spend(tx, order.id.uuid(), order.number);
    for (const auto& [kind, text] : spent) {
        if (!shown.empty()) shown += ", ";
        shown += orders::payment_method_label(json::to_name(kind), order.locale);
        if (!text.empty()) shown += " " + text;
    }
    deps_.orders.set_payment(tx, order.id, method, shown);
    if (order.cart_id) (void)deps_.carts.mark_ordered(tx, cart::CartId(*order.cart_id), order.id.uuid(), wanted);
    record_consent(tx, order);
    return {};
}

orders::Header Service::settle_in(db::Tx& tx, payments::AttemptId attempt_id, const payments::Outcome& outcome) {
    const auto before = deps_.payments.find(tx, attempt_id);
    if (!before) throw std::logic_error("checkout: settling an attempt that does not exist");
    // The locks in their one order (service.hpp): the cart, its order, the attempt.
    if (const auto placed = deps_.orders.header(tx, orders::OrderId(before->payable)); placed && placed->cart_id)
        deps_.carts.lock_for_order(tx, cart::CartId(*placed->cart_id));
    auto order = deps_.orders.lock(tx, orders::OrderId(before->payable));
    if (!order) throw std::logic_error("checkout: an attempt without its order");
    if (before->is_for_due()) {
        settle_due(tx, *order, *before, outcome);
        return *order;
    }
    const Change change = deps_.payments.apply(tx, attempt_id, outcome);

    const auto succeed = [&](orders::PaymentState payment) {
        const bool money_moved = payment == orders::PaymentState::paid;
        if (order->state != orders::State::pending_payment) {
            // Late or second success: the money goes back, the order stays what it is.
            if (money_moved) enqueue_refund(tx, attempt_id, order->state == orders::State::cancelled ? "order cancelled" : "paid twice");
            deps_.orders.note(tx, order->id, "late_payment", "{}");
            return;
        }
        const auto attempt = deps_.payments.find(tx, attempt_id);
        if (money_moved && attempt->state != AttemptState::paid) {
            // Late, and another is being charged: that one decides.
            enqueue_refund(tx, attempt_id, "paid twice");
            deps_.orders.note(tx, order->id, "late_payment", "{}");
            return;
        }
        if (auto confirmed = confirm(tx, *order, payment, attempt->amount, json::to_name(attempt->method), attempt->label); !confirmed) {
            const bool short_of_credit = confirmed.error().code == "payments.credit_short";
            if (confirmed.error().code != "checkout.stock_unavailable" && !short_of_credit)
                throw std::logic_error("checkout: confirming failed: " + confirmed.error().code);
            deps_.inventory.release(tx, *order->checkout_id);
            deps_.promotions.release(tx, order->id.uuid());
            deps_.credits.release(tx, order->id.uuid());
            (void)deps_.orders.cancel(tx, *order, short_of_credit ? "credit_spent" : "sold_out",
                                      money_moved ? std::optional(orders::PaymentState::paid) : std::nullopt);
            if (money_moved) enqueue_refund(tx, attempt_id, short_of_credit ? "credit spent while paying" : "sold out while paying");
        }
    };
    switch (change) {
        case Change::became_paid:
            succeed(orders::PaymentState::paid);
            break;
        case Change::became_preauthorised:
        case Change::became_tentative:
            succeed(orders::PaymentState::authorized);
            break;
        case Change::became_deferred:
            succeed(orders::PaymentState::awaiting_invoice);
            break;
        case Change::settled:
            // The order counted on this payment already.
            if (order->state == orders::State::cancelled) {
                enqueue_refund(tx, attempt_id, "order cancelled");
                deps_.orders.note(tx, order->id, "late_payment", "{}");
            } else {
                deps_.orders.set_payment_state(tx, *order, orders::PaymentState::paid);
                deps_.orders.note(tx, order->id, "payment_paid", "{}");
            }
            break;
        case Change::bounced:
            if (order->state == orders::State::cancelled) break;
            // Whether the goods have left and who asks for the money is for people to decide: the case is open.
            deps_.orders.set_payment_state(tx, *order, orders::PaymentState::failed);
            deps_.orders.note(tx, order->id, "payment_failed", attempt_json(before->reference, outcome.provider_code));
            break;
        case Change::became_declined:
        case Change::became_failed:
            if (order->state == orders::State::pending_payment) deps_.orders.payment_failed(tx, *order, before->reference);
            if (outcome.decline == payments::Decline::suspected_fraud)
                deps_.orders.note(tx, order->id, "payment_suspected", attempt_json(before->reference, outcome.provider_code));
            break;
        case Change::needs_redirect:
        case Change::became_unknown:
        case Change::none:
            break;
    }
    return *order;
}

void Service::settle_due(db::Tx& tx, orders::Header& order, const payments::Attempt& before, const payments::Outcome& outcome) {
    const auto due = deps_.after_sale.due(tx, order.id);
    const Change change = deps_.payments.apply(tx, before.id, outcome);
    switch (change) {
        case Change::became_paid:
        case Change::settled: {
            const auto attempt = deps_.payments.find(tx, before.id);
            // Too late, beside another payment of the same, or more than is due by now: it goes back as a whole.
            if (!due || attempt->amount > *due || attempt->state != AttemptState::paid) {
                enqueue_refund(tx, before.id, order.state == orders::State::cancelled ? "order cancelled" : "not due any more");
                deps_.orders.note(tx, order.id, "late_payment", "{}");
                break;
            }
            deps_.after_sale.due_paid(tx, order);
            deps_.orders.note(tx, order.id, "payment_paid", attempt_json(before.reference, ""));
            break;
        }
        case Change::became_preauthorised:
        case Change::became_tentative:
            deps_.orders.note(tx, order.id, "payment_authorized", attempt_json(before.reference, ""));
            break;
        case Change::bounced:
        case Change::became_declined:
        case Change::became_failed:
            deps_.orders.note(tx, order.id, "payment_failed", attempt_json(before.reference, outcome.provider_code));
            if (outcome.decline == payments::Decline::suspected_fraud)
                deps_.orders.note(tx, order.id, "payment_suspected", attempt_json(before.reference, outcome.provider_code));
            break;
        case Change::became_deferred:
        case Change::needs_redirect:
        case Change::became_unknown:
        case Change::none:
            break;
    }
}

void Service::settle(payments::AttemptId attempt, const payments::Outcome& outcome) {
    deps_.database.in_tx([&](db::Tx& tx) {
        (void)settle_in(tx, attempt, outcome);
        step("4-settled");
    });
}

std::optional<payments::Attempt> Service::settle_left_page(const Uuid& payable) {
    const auto page = deps_.database.read([&](db::Session& session) -> std::optional<payments::Attempt> {
        auto attempts = deps_.payments.of_payable(session, payable);
        const auto open = std::ranges::find_if(attempts, [](const payments::Attempt& attempt) {
            return attempt.method == payments::Method::hosted && attempt.state == AttemptState::verification_pending;
        });
        return open == attempts.end() ? std::nullopt : std::optional(std::move(*open));
    });
    if (!page) return std::nullopt;
    settle(page->id, deps_.payments.resolve(*page));
    return deps_.database.read([&](db::Session& session) { return deps_.payments.find(session, page->id); });
}

void Service::after_refund(db::Tx& tx, orders::Header& order, orders::PaymentState nothing_left) {
    Money kept = Money::zero(order.total.currency());
    Money captured = kept;
    for (const auto& attempt : deps_.payments.of_payable(tx, order.id.uuid())) {
        if (attempt.state != AttemptState::paid) continue;  // the order never counted on it
        captured += attempt.captured;
        kept += attempt.captured - attempt.refunded;
    }
    // What was paid beside it and went back leaves the order as it was.
    if (captured.is_zero() || kept == captured || kept >= order.total) return;
    using enum orders::PaymentState;
    const bool is_open = !deps_.after_sale.unpaid(tx, order.id).is_zero();
    // What is still to be collected stays so.
    if (!kept.is_zero() && (order.payment_state == partially_paid || (order.payment_state == failed && is_open))) return;
    // The bank took back what other payments (a gift card, store credit) do not cover: that is to be collected, not refunded.
    const bool is_taken = nothing_left == failed && is_open;
    deps_.orders.set_payment_state(tx, order, kept.is_zero() || is_taken ? nothing_left : partially_refunded);
}

payments::Booked Service::book(const payments::Finding& finding) {
    return deps_.database.in_tx([&](db::Tx& tx) {
        auto order = deps_.orders.lock(tx, orders::OrderId(finding.attempt.payable));
        const auto booked = deps_.payments.book(tx, finding);
        if (booked.surplus) enqueue_refund(tx, *booked.surplus, "charged twice");
        if (!order || (!booked.money_moved && !booked.case_opened)) return booked;
        using Kind = payments::Finding::Kind;
        const bool chargeback = finding.kind == Kind::chargeback;
        deps_.orders.note(tx, order->id,
                          chargeback                            ? "chargeback"
                          : finding.kind == Kind::charged_twice ? "late_payment"
                                                                : "refunded",
                          attempt_json(finding.attempt.reference, std::to_string(finding.transaction_id)));
        if (chargeback) deps_.after_sale.charged_back(tx, *order);
        // A chargeback can be contested, and whether the goods come back is for people to settle: the case is open.
        if (booked.money_moved) after_refund(tx, *order, chargeback ? orders::PaymentState::failed : orders::PaymentState::refunded);
        return booked;
    });
}

payments::Payments::Listeners Service::listeners() {
    return {[this](const payments::Attempt& attempt, const payments::Outcome& outcome) { settle(attempt.id, outcome); },
            [this](const payments::Finding& finding) { return book(finding); }};
}

int Service::reconcile(Date day) { return deps_.payments.reconcile(day, listeners()); }

CompletionDto Service::answer(const orders::Header& order, const std::optional<payments::Attempt>& attempt) const {
    CompletionDto dto;
    dto.order_number = order.number;
    dto.order_token = deps_.orders.view_token(order.id);
    if (attempt) dto.attempt_id = attempt->id;
    const bool for_due = attempt && attempt->is_for_due();
    const bool done = for_due ? attempt->state == AttemptState::paid || attempt->state == AttemptState::tentative
                              : order.state != orders::State::pending_payment && order.state != orders::State::cancelled;
    if (done) {
        dto.status = CompletionStatus::completed;
        return dto;
    }
    const bool waits = for_due || order.state == orders::State::pending_payment;
    if (attempt && waits && attempt->state == AttemptState::verification_pending && attempt->second_call_at) {
        dto.status = CompletionStatus::processing;  // the charge is under way
        return dto;
    }
    if (attempt && waits && attempt->state == AttemptState::verification_pending) {
        dto.status = CompletionStatus::redirect;
        dto.redirect_url = attempt->redirect_url;
        return dto;
    }
    if (attempt && waits && (attempt->state == AttemptState::sent || attempt->state == AttemptState::unknown)) {
        dto.status = CompletionStatus::processing;
        return dto;
    }
    dto.status = CompletionStatus::declined;
    dto.decline = DeclineDto{"payments.declined_by_bank", "The payment did not succeed.", true};
    if (order.state == orders::State::cancelled) {
        dto.decline = DeclineDto{"checkout.order_cancelled", "The order was cancelled. Anything that was charged is paid back.", true};
    } else if (attempt) {
        for (const auto& words : kDeclines) {
            if (words.decline == attempt->decline) dto.decline = DeclineDto{std::string(words.code), std::string(words.message), true};
        }
    }
    return dto;
}

http::Response Service::payment_return(const http::Request& request, bool ask_provider) {
    const auto id = http::id_param<payments::AttemptId>(request, "attempt_id");
    if (ask_provider) {
        if (const auto refused = limit("checkout-return-from:" + request.remote_ip, 5 * deps_.payments_per_address))
            return http::problem(*refused);
    }
    const auto visitor = deps_.carts.visitor(request);
    const auto& customer = visitor.customer;
    struct Found {
        orders::Header order;
        payments::Attempt attempt;
    };
    const auto look = [&]() -> std::optional<Found> {
        return deps_.database.read([&](db::Session& session) -> std::optional<Found> {
            auto attempt = deps_.payments.find(session, id);
            if (!attempt) return std::nullopt;
            auto order = deps_.orders.header(session, orders::OrderId(attempt->payable));
            if (!order) return std::nullopt;
            const bool mine = (customer && order->customer == customer->id) ||
                              (!order->owner_hash.empty() && order->owner_hash == owner_hash_of(visitor));
            if (!mine) return std::nullopt;
            return Found{std::move(*order), std::move(*attempt)};
        });
    };
    auto found = look();
    if (!found) return http::problem({ErrorKind::not_found, "checkout.payment_not_found", "There is no such payment.", {}, {}, {}, 0});
    if (ask_provider && (found->attempt.state == AttemptState::verification_pending || found->attempt.state == AttemptState::unknown)) {
        const auto outcome = deps_.payments.resolve(found->attempt);
        settle(id, outcome);
        found = look();
    }
    return http::ok(answer(found->order, found->attempt));
}

}  // namespace stoa::checkout
