#include "refunds/money_position.hpp"

#include <algorithm>

namespace stoa::orders {
namespace {

// The first `units` of `of` equal parts, the larger ones first: what Money::split() gives, without making all of them.
Money first_parts(const Money& whole, std::int64_t units, std::int64_t of) {
    const std::int64_t each = whole.minor() / of;
    const std::int64_t larger = whole.minor() % of;
    return {each * units + std::min(units, larger), whole.currency()};
}

Money at_most(const Money& a, const Money& b) { return a < b ? a : b; }

}  // namespace

Worth& Worth::operator+=(const Worth& other) {
    value += other.value;
    tax += other.tax;
    return *this;
}
Worth& Worth::operator-=(const Worth& other) {
    value -= other.value;
    tax -= other.tax;
    return *this;
}

Worth SoldLine::worth_of(std::int64_t units) const {
    const auto rest = left();
    if (units == 0) return Worth::zero(sold.value.currency());
    return {first_parts(rest.value, units, left_quantity()), first_parts(rest.tax, units, left_quantity())};
}

Money MoneyPosition::captured() const {
    Money out = Money::zero(currency());
    for (const auto& source : sources) out += source.captured;
    return out;
}
Money MoneyPosition::refunded() const {
    Money out = Money::zero(currency());
    for (const auto& source : sources) out += source.refunded;
    return out;
}
Money MoneyPosition::pending() const {
    Money out = Money::zero(currency());
    for (const auto& source : sources) out += source.pending;
    return out;
}

Money MoneyPosition::lost() const {
    const auto none = Money::zero(currency());
    if (written_off.is_zero()) return none;
    return std::max(none, at_most(written_off, worth_less_money() + pending()));
}

void order_for_return(std::vector<Source>& sources) { std::ranges::stable_partition(sources, &Source::is_credit); }

Money payable_now(const MoneyPosition& position) {
    const Money due = -position.owed() - position.pending();
    return due.is_negative() ? Money::zero(position.currency()) : due;
}

Money reachable(const MoneyPosition& position) {
    Money out = Money::zero(position.currency());
    for (const auto& source : position.sources) out += source.left();
    return out;
}

Money due_now(const MoneyPosition& position) { return std::max(Money::zero(position.currency()), position.owed() + position.pending()); }

PaymentState payment_state_of(const MoneyPosition& position, PaymentState now) {
    using enum PaymentState;
    const bool came_in = !position.captured().is_zero();
    const bool is_lost = !position.lost().is_zero();
    if (!came_in && position.as_credit.is_zero() && !is_lost) return now;
    const bool collects = now == partially_paid || now == failed || now == awaiting_invoice || now == authorized || now == pending;
    if (collects && !due_now(position).is_zero()) return now;
    // A debit that came back and is a loss went back as well, though it never was money here.
    if (position.gone_back().is_zero() && !(is_lost && !came_in)) return position.uncaptured ? now : paid;
    return position.gone_back() < position.captured() ? partially_refunded : refunded;
}

PaymentState payment_state_after_change(const MoneyPosition& position, PaymentState now) {
    using enum PaymentState;
    const bool was_settled = now == paid || now == partially_refunded || now == refunded;
    if (was_settled && !position.captured().is_zero() && !due_now(position).is_zero()) return partially_paid;
    return payment_state_of(position, now);
}

Result<std::vector<Part>> spread(std::span<const Source> sources, const Money& amount) {
    if (amount.is_zero()) return std::vector<Part>{};
    Money free = Money::zero(amount.currency());   // any part of it can go back
    Money fixed = Money::zero(amount.currency());  // all of a source or nothing
    Money waiting = Money::zero(amount.currency());
    std::vector<const Source*> rests;
    for (const auto& source : sources) {
        if (source.busy()) {
            waiting += source.left();
        } else if (source.rest_only) {
            fixed += source.left();
            if (!source.left().is_zero()) rests.push_back(&source);
        } else {
            free += source.left();
        }
    }
    if (amount > free + fixed + waiting && std::ranges::any_of(sources, &Source::blocked))
        return fail(ErrorKind::conflict, "payments.refund_blocked",
                    "A gift card that this was paid with is blocked: at most " + (free + fixed + waiting).to_decimal() +
                        " can go back to payments. Make it store credit instead.");
    if (amount > free + fixed + waiting)
        return fail(ErrorKind::invalid, "payments.refund_too_large",
                    "At most " + (free + fixed + waiting).to_decimal() + " can be refunded.");
    // An order has a handful of payments. The more and the earlier rests are used, the better: the largest number in which the first
    // one is the highest bit.
    constexpr std::size_t kMostRests = 12;
    const std::size_t count = std::min(rests.size(), kMostRests);
    for (std::size_t chosen = std::size_t{1} << count; chosen-- > 0;) {
        Money whole = Money::zero(amount.currency());
        const auto is_chosen = [&](const Source& source) {
            for (std::size_t i = 0; i < count; ++i) {
                if (rests[i] == &source) return ((chosen >> (count - 1 - i)) & 1U) != 0;
            }
            return false;
        };
        for (const auto* source : rests) {
            if (is_chosen(*source)) whole += source->left();
        }
        if (whole > amount || amount - whole > free) continue;
        std::vector<Part> parts;
        Money open = amount - whole;
        for (const auto& source : sources) {
            if (source.busy() || source.left().is_zero()) continue;
            Money part = Money::zero(amount.currency());
            if (source.rest_only) {
                if (is_chosen(source)) part = source.left();
            } else {
                part = at_most(open, source.left());
                open -= part;
            }
            if (!part.is_zero()) parts.push_back({source.id, part});
        }
        return parts;
    }
    if (!waiting.is_zero())
        return fail(ErrorKind::conflict, "orders.refund_in_progress", "An earlier refund of this order is still on its way.");
    return fail(ErrorKind::conflict, "payments.refund_rest_only",
                "The provider allows one partial refund; now only the rest of " + fixed.to_decimal() + " can be refunded.");
}

Result<void> check_parts(std::span<const Source> sources, std::span<const Part> parts, const Money& amount) {
    Money sum = Money::zero(amount.currency());
    std::vector<payments::AttemptId> seen;
    for (const auto& part : parts) {
        const auto source = std::ranges::find(sources, part.source, &Source::id);
        if (source == sources.end() || std::ranges::find(seen, part.source) != seen.end() || part.amount.currency() != amount.currency() ||
            part.amount.is_zero() || part.amount.is_negative())
            return fail(ErrorKind::invalid, "orders.refund_parts", "Each payment of this order can be named once, with an amount.");
        seen.push_back(part.source);
        if (source->blocked)
            return fail(ErrorKind::conflict, "payments.refund_blocked", "This gift card was blocked: nothing can go back to it.");
        if (source->busy())
            return fail(ErrorKind::conflict, "orders.refund_in_progress", "An earlier refund of this payment is still on its way.");
        if (part.amount > source->left())
            return fail(ErrorKind::invalid, "payments.refund_too_large", "At most " + source->left().to_decimal() + " can be refunded.");
        if (source->rest_only && part.amount != source->left())
            return fail(
                ErrorKind::conflict, "payments.refund_rest_only",
                "The provider allows one partial refund; now only the rest of " + source->left().to_decimal() + " can be refunded.");
        sum += part.amount;
    }
    if (sum != amount) return fail(ErrorKind::invalid, "orders.refund_parts", "The parts must add up to " + amount.to_decimal() + ".");
    return {};
}

Result<RefundPlan> plan_refund(const MoneyPosition& position, const RefundRequest& request, const std::optional<std::vector<Part>>& chosen,
                               PayBack how) {
    const auto currency = position.currency();
    const auto is_foreign = [&](const Money& money) { return money.currency() != currency; };
    if (is_foreign(request.shipping) || is_foreign(request.adjustment))
        return fail(ErrorKind::invalid, "orders.refund_currency", "A refund is in the order's currency.");
    if (position.uncaptured)
        return fail(ErrorKind::conflict, "orders.payment_not_captured",
                    "The payment is only reserved: capture it, or wait until it is money.");
    RefundPlan plan;
    plan.as_credit = Money::zero(currency);
    plan.shipping = plan.adjustment = plan.total = Worth::zero(currency);
    for (const auto& wanted : request.lines) {
        const auto line = std::ranges::find(position.lines, wanted.line, &SoldLine::id);
        const bool again = std::ranges::find(plan.lines, wanted.line, &RefundPlan::Line::line) != plan.lines.end();
        if (line == position.lines.end() || again)
            return fail(ErrorKind::invalid, "orders.line_unknown", "Each line of this order can be named once.");
        if (wanted.quantity <= 0 || wanted.quantity > line->left_quantity())
            return fail(ErrorKind::invalid, "orders.refund_quantity",
                        "Of this line " + std::to_string(line->left_quantity()) + " can be refunded.");
        plan.lines.push_back({wanted.line, wanted.quantity, line->worth_of(wanted.quantity)});
        plan.total += plan.lines.back().worth;
    }
    const auto delivery = position.shipping - position.shipping_credited;
    if (request.shipping.is_negative() || request.shipping > delivery.value)
        return fail(ErrorKind::invalid, "orders.refund_shipping",
                    "Of the delivery at most " + delivery.value.to_decimal() + " can be refunded.");
    if (!request.shipping.is_zero()) {
        plan.shipping = {request.shipping, delivery.tax.scaled(request.shipping.minor(), delivery.value.minor(), Rounding::half_up)};
        plan.total += plan.shipping;
    }
    const auto left = position.creditable();
    if (request.adjustment > left.value)
        return fail(ErrorKind::invalid, "payments.refund_too_large", "At most " + left.value.to_decimal() + " can be refunded.");
    plan.adjustment.value = request.adjustment;
    if (const auto before = plan.total; request.adjustment.is_negative() && !before.value.is_zero()) {
        plan.adjustment.tax = before.tax.scaled(request.adjustment.minor(), before.value.minor(), Rounding::half_up);
    } else if (const auto rest = left - before; !request.adjustment.is_zero() && rest.value > Money::zero(currency)) {
        plan.adjustment.tax = rest.tax.scaled(request.adjustment.minor(), rest.value.minor(), Rounding::half_up);
    }
    plan.total += plan.adjustment;
    if (plan.total.value.is_zero() || plan.total.value.is_negative())
        return fail(ErrorKind::invalid, "orders.refund_nothing", "There is nothing to refund with this.");
    if (plan.total.value > left.value)
        return fail(ErrorKind::invalid, "payments.refund_too_large", "At most " + left.value.to_decimal() + " can be refunded.");
    // Neither tax nor net may exceed what is left of it: with the last coin both come out even.
    const Money least = std::max(Money::zero(currency), plan.total.value - left.net());
    const Money most = at_most(left.tax, plan.total.value);
    const Money tax = std::clamp(plan.total.tax, least, most);
    plan.adjustment.tax += tax - plan.total.tax;
    plan.total.tax = tax;

    MoneyPosition after = position;
    after.credited += plan.total;
    const Money due = payable_now(after);
    plan.settles = std::max(Money::zero(currency), plan.total.value - due);
    if (how == PayBack::as_store_credit) {
        if (chosen && !chosen->empty())
            return fail(ErrorKind::invalid, "orders.refund_parts", "A refund goes to payments or becomes store credit, not both.");
        plan.as_credit = due;
        return plan;
    }
    if (chosen) {
        if (auto fits = check_parts(position.sources, *chosen, due); !fits) return std::unexpected(fits.error());
        plan.parts = *chosen;
        return plan;
    }
    auto parts = spread(position.sources, how == PayBack::as_far_as_possible ? at_most(due, reachable(position)) : due);
    if (!parts) return std::unexpected(parts.error());
    plan.parts = std::move(*parts);
    return plan;
}

std::vector<ledger::Entry> credit_entries(const Worth& credited, const std::string& subject) {
    return {{std::string(ledger::account::kSales), credited.net(), subject, std::nullopt},
            {std::string(ledger::account::kTax), credited.tax, subject, std::nullopt},
            {std::string(ledger::account::kReceivables), -credited.value, subject, std::nullopt}};
}

}  // namespace stoa::orders
