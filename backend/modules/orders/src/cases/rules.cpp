#include "cases/rules.hpp"

#include <algorithm>

#include "stoa/payments/dispute.hpp"

namespace stoa::orders {
namespace {

using payments::Case;
using payments::CaseKind;
using payments::gone_twice;
using payments::Resolution;

bool has_ended(const Case& found) {
    // A bank may decide a dispute months after the shop has given it up.
    const bool may_be_won = found.kind == CaseKind::chargeback && found.resolution == Resolution::accepted_as_loss && found.reversal &&
                            !found.reversal->reversed;
    return found.resolved_at && !may_be_won;
}

// Money went back and is booked: the buyer owes it, unless the order was worth less by then.
void of_reversal(const Case& found, const std::optional<CaseOrder>& order, std::vector<CaseChoice>& out) {
    const auto& back = *found.reversal;
    const Money none = Money::zero(back.amount.currency());
    const Money beyond = gone_twice(found).value_or(none);
    const Money owed = order ? std::min(back.amount, order->due) : none;
    if (!(owed + beyond).is_zero()) {
        out.push_back({Resolution::accepted_as_loss, owed + beyond});
        const Money grant = order ? std::min(owed, order->creditable) : none;
        if (order && order->is_sold && !order->uncaptured && !grant.is_zero()) out.push_back({Resolution::booked_as_refund, grant});
    } else {
        out.push_back({Resolution::settled, std::nullopt});
    }
    if (!back.reversed) out.push_back({found.kind == CaseKind::chargeback ? Resolution::won_back : Resolution::was_error, back.amount});
}

// Money went back that our books do not count as ours: of no payment that we know, or more than was left of it.
void of_unbooked(const Case& found, std::vector<CaseChoice>& out) {
    if (found.listed && !found.listed->is_zero()) out.push_back({Resolution::accepted_as_loss, *found.listed});
    out.push_back({Resolution::was_error, std::nullopt});
}

// A payment that no order waits for goes back by itself. If the provider refuses that, people give it back in another way.
void of_surplus(const Case& found, std::vector<CaseChoice>& out) {
    if (!found.payment || found.payment->captured.is_zero()) {
        out.push_back({Resolution::was_error, std::nullopt});
        return;
    }
    const auto& payment = *found.payment;
    const bool is_kept = found.kind == CaseKind::payment_not_booked && payment.state == payments::AttemptState::paid;
    if (payment.left().is_zero() || is_kept) out.push_back({Resolution::settled, std::nullopt});
    if (!payment.left().is_zero()) out.push_back({Resolution::refunded_elsewhere, payment.left()});
}

void of_missing(const Case& found, std::vector<CaseChoice>& out) {
    out.push_back({Resolution::was_error, std::nullopt});
    if (!found.payment || found.payment->left().is_zero()) return;
    const auto& payment = *found.payment;
    if (payment.refunded.is_zero()) out.push_back({Resolution::not_paid, payment.captured});
    out.push_back({Resolution::accepted_as_loss, payment.left()});
}

void of_difference(const Case& found, std::vector<CaseChoice>& out) {
    out.push_back({Resolution::was_error, std::nullopt});
    const bool is_known =
        found.payment && found.listed && found.listed->currency() == found.payment->amount.currency() && !found.payment->captured.is_zero();
    if (is_known && *found.listed != found.payment->amount)
        out.push_back({Resolution::difference_booked, *found.listed - found.payment->amount});
    else
        out.push_back({Resolution::settled, std::nullopt});
}

void of_debit(const Case& found, const std::optional<CaseOrder>& order, std::vector<CaseChoice>& out) {
    if (found.payment && order && !order->due.is_zero())
        out.push_back({Resolution::accepted_as_loss, std::min(found.payment->amount, order->due)});
    else
        out.push_back({Resolution::settled, std::nullopt});
}

}  // namespace

std::vector<CaseChoice> case_choices(const Case& found, const std::optional<CaseOrder>& order) {
    std::vector<CaseChoice> out;
    if (has_ended(found)) return out;
    if (found.resolved_at) {
        const Money& back = found.reversal->amount;
        return {{Resolution::won_back, back + gone_twice(found).value_or(Money::zero(back.currency()))}};
    }
    if (found.payment && found.payment->refund_under_way) return out;
    switch (found.kind) {
        case CaseKind::chargeback:
        case CaseKind::refund_made_elsewhere:
            if (found.reversal)
                of_reversal(found, order, out);
            else
                of_unbooked(found, out);
            break;
        case CaseKind::charged_twice:
        case CaseKind::payment_not_booked:
            of_surplus(found, out);
            break;
        case CaseKind::payment_missing_at_provider:
            of_missing(found, out);
            break;
        case CaseKind::amount_differs:
            of_difference(found, out);
            break;
        case CaseKind::debit_returned:
            of_debit(found, order, out);
            break;
        case CaseKind::other:
            out = {{Resolution::settled, std::nullopt}, {Resolution::was_error, std::nullopt}};
            break;
    }
    return out;
}

Money given_away(const CaseChoice& choice) {
    const Money amount = choice.amount.value_or(Money());
    switch (choice.resolution) {
        case Resolution::accepted_as_loss:
        case Resolution::booked_as_refund:
        case Resolution::refunded_elsewhere:
            return amount;
        case Resolution::difference_booked:
            return amount.is_negative() ? -amount : Money::zero(amount.currency());
        case Resolution::won_back:
        case Resolution::not_paid:
        case Resolution::settled:
        case Resolution::was_error:
            break;
    }
    return Money::zero(amount.currency());
}

}  // namespace stoa::orders
