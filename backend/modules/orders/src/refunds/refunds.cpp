#include "refunds/refunds.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "domain/refit.hpp"
#include "gift_cards/gift_cards.hpp"
#include "sql/after_sale.hpp"
#include "stoa/events/events.hpp"
#include "stoa/mail/mail.hpp"

namespace stoa::orders {
namespace {

using RefundState = payments::Payments::RefundState;

std::string facts(const SoldOrder& order, OrderRefundId refund, const Money& amount) {
    json::Writer data;
    data.begin_object();
    data.member("order_id", order.id.to_string());
    data.member("number", order.number);
    data.member("refund_id", refund.to_string());
    data.member("amount", amount.minor());
    data.member("currency", amount.currency().code());
    data.end_object();
    return data.take();
}

OrderRefundPartId part_of(const jobs::Job& job) {
    const auto payload = json::parse(job.payload);
    const auto id = payload ? OrderRefundPartId::parse(payload->text_or("part_id")) : std::nullopt;
    if (!id) throw jobs::GiveUp("orders.refund: the payload names no part");
    return *id;
}

struct StoredPart {
    OrderId order;
    OrderRefundId refund;
    payments::AttemptId attempt;
    payments::RefundId payment_refund;
    std::int64_t amount = 0;
    std::string state;
    std::optional<Timestamp> sent_at;
};
std::optional<StoredPart> find_part(db::Session& session, OrderRefundPartId id) {
    const auto rows = session.query(sql::find_refund_part, id);
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    return StoredPart{row.get<OrderId>("order_id"),
                      row.get<OrderRefundId>("refund_id"),
                      row.get<payments::AttemptId>("attempt_id"),
                      row.get<payments::RefundId>("payment_refund_id"),
                      row.get<std::int64_t>("amount"),
                      row.get<std::string>("state"),
                      row.get<std::optional<Timestamp>>("sent_at")};
}

Result<void> credit_reaches_buyer(const SoldOrder& order, const Money& as_credit) {
    if (as_credit.is_zero() || !order.credit_is_mailed() || mail::is_mail_address(order.email)) return {};
    return fail(ErrorKind::conflict, "orders.refund_no_account",
                "Store credit needs a customer's account or an e-mail address; this order has neither.");
}

// What has nothing to do with the moment: the same for who looks and who grants.
Result<void> may_be_granted(const SoldOrder& order, const RefundPlan& plan, const Money& staying_cards) {
    if (auto reaches = credit_reaches_buyer(order, plan.as_credit); !reaches) return reaches;
    // Also where nothing moves: what was not paid, or went back already, must not be given up for a card that stays.
    return spare_gift_cards(order, staying_cards, plan.total.value);
}

}  // namespace

Result<RefundPlan> Refunds::preview(db::Session& session, const SoldOrder& order, const RefundRequest& request,
                                    const std::optional<std::vector<Part>>& chosen, PayBack how, Unsent unsent) const {
    auto plan = plan_refund(order.position, request, chosen, how);
    if (!plan) return plan;
    const auto staying = can_take_back_gift_cards(session, deps_, order, request.lines);
    if (!staying) return std::unexpected(staying.error());
    if (auto may = may_be_granted(order, *plan, *staying); !may) return std::unexpected(may.error());
    if (unsent == Unsent::withheld) {
        if (auto marked = mark_unsent(session, order, *plan); !marked) return std::unexpected(marked.error());
    }
    return plan;
}

Result<Granted> Refunds::grant(db::Tx& tx, const SoldOrder& order, const RefundRequest& request,
                               const std::optional<std::vector<Part>>& chosen, std::string_view reason, const http::StaffActor& staff,
                               PayBack how, Unsent unsent) {
    auto plan = plan_refund(order.position, request, chosen, how);
    if (!plan) return std::unexpected(plan.error());
    const auto staying = take_back_gift_cards(tx, deps_, order, request.lines);
    if (!staying) return std::unexpected(staying.error());
    if (auto may = may_be_granted(order, *plan, *staying); !may) return std::unexpected(may.error());
    if (unsent == Unsent::withheld) {
        if (auto marked = mark_unsent(tx, order, *plan); !marked) return std::unexpected(marked.error());
    }
    auto id = write(tx, order, *plan, reason, staff);
    if (!id) return std::unexpected(id.error());
    if (auto kept = withhold(tx, order, *plan); !kept) return std::unexpected(kept.error());
    return Granted{*id, std::move(*plan)};
}

Result<void> Refunds::mark_unsent(db::Session& session, const SoldOrder& order, RefundPlan& plan) const {
    std::vector<RefundedUnits> refunded;
    for (const auto& part : plan.lines) {
        const auto line = std::ranges::find(order.content.lines, part.line, &ContentLine::id);
        if (line->treatment == kVoucher) continue;
        refunded.push_back({part.line, part.quantity, line->shipped, line->quantity - line->unsent});
    }
    if (refunded.empty()) return {};
    const auto kept = withheld(deps_.shipments.of_order(session, order.id.uuid()), refunded);
    if (!kept) return std::unexpected(kept.error());
    for (const auto& line : *kept) std::ranges::find(plan.lines, line.line, &RefundPlan::Line::line)->unsent = line.units;
    return {};
}

Result<void> Refunds::withhold(db::Tx& tx, const SoldOrder& order, const RefundPlan& plan) {
    std::vector<inventory::Wanted> free;
    for (const auto& part : plan.lines) {
        if (part.unsent == 0) continue;
        const auto line = std::ranges::find(order.content.lines, part.line, &ContentLine::id);
        free.push_back({catalog::VariantId(line->variant), part.unsent});
    }
    if (free.empty()) return {};
    deps_.inventory.unallocate(tx, order.id.uuid(), free);
    return deps_.fulfilment.follow_edit(tx, order.id, false);
}

Result<std::optional<OrderRefundId>> Refunds::pay_out(db::Tx& tx, const SoldOrder& order, const std::optional<std::vector<Part>>& chosen,
                                                      std::string_view reason, const http::StaffActor& staff, PayBack how) {
    const Money due = payable_now(order.position);
    if (due.is_zero()) return std::optional<OrderRefundId>{};
    RefundPlan plan;
    plan.shipping = plan.adjustment = plan.total = Worth::zero(order.position.currency());
    plan.as_credit = Money::zero(order.position.currency());
    if (how == PayBack::as_store_credit) {
        plan.as_credit = due;
    } else if (chosen) {
        if (auto fits = check_parts(order.position.sources, *chosen, due); !fits) return std::unexpected(fits.error());
        plan.parts = *chosen;
    } else {
        const auto now = how == PayBack::as_far_as_possible ? std::min(due, reachable(order.position)) : due;
        if (now.is_zero()) return std::optional<OrderRefundId>{};
        auto parts = spread(order.position.sources, now);
        if (!parts) return std::unexpected(parts.error());
        plan.parts = std::move(*parts);
    }
    auto id = write(tx, order, plan, reason, staff);
    if (!id) return std::unexpected(id.error());
    return std::optional(*id);
}

Result<OrderRefundId> Refunds::write(db::Tx& tx, const SoldOrder& order, const RefundPlan& plan, std::string_view reason,
                                     const http::StaffActor& staff) {
    if (auto reaches = credit_reaches_buyer(order, plan.as_credit); !reaches) return std::unexpected(reaches.error());
    const auto now = deps_.clock.now();
    const auto id = OrderRefundId::make();
    tx.exec(sql::insert_order_refund, id, order.id, plan.parts.empty() ? "done" : "pending", plan.total.value.minor(),
            plan.total.tax.minor(), plan.shipping.value.minor(), plan.shipping.tax.minor(), plan.adjustment.value.minor(),
            plan.adjustment.tax.minor(), reason, staff.id, staff.name, plan.as_credit.minor(), now);
    std::vector<Uuid> lines;
    std::vector<std::int64_t> quantities, amounts, taxes, unsent;
    for (const auto& line : plan.lines) {
        lines.push_back(line.line.uuid());
        quantities.push_back(line.quantity);
        amounts.push_back(line.worth.value.minor());
        taxes.push_back(line.worth.tax.minor());
        unsent.push_back(line.unsent);
    }
    if (!lines.empty()) tx.exec(sql::insert_refund_lines, id, lines, quantities, amounts, taxes, unsent);
    for (const auto& part : plan.parts) {
        auto reserved = deps_.payments.create_refund(tx, part.source, part.amount, reason);
        if (!reserved) return std::unexpected(reserved.error());
        if (reserved->repeated)  // of somebody else: a job of checkout, which takes no order lock
            return fail(ErrorKind::conflict, "orders.refund_in_progress", "An earlier refund of this payment is still on its way.");
        const auto part_id = OrderRefundPartId::make();
        tx.exec(sql::insert_refund_part, part_id, id, static_cast<int>(&part - plan.parts.data()), part.source, reserved->id,
                part.amount.minor(), now);
        jobs::NewJob job;
        job.kind = "orders.refund";
        job.payload = fmt::format(R"({{"part_id":"{}"}})", part_id.to_string());
        job.unique_key = "orders.refund:" + part_id.to_string();
        jobs::enqueue(tx, job);
    }
    if (!plan.total.value.is_zero()) {
        auto posted =
            deps_.ledger.post(tx, {"credit:" + id.uuid().to_string(), "refund_granted", credit_entries(plan.total, subject_of(order.id))});
        if (!posted) return std::unexpected(posted.error());
        deps_.orders.note(tx, order.id, "refund_granted", facts(order, id, plan.total.value));
    }
    if (auto given = give_credit(tx, order, id, plan.as_credit); !given) return std::unexpected(given.error());
    tx.exec(sql::touch_order, order.id, now);
    settle_state(tx, order, plan);
    if (!plan.total.value.is_zero())
        events::append(tx, events::NewEvent{"order.refund_granted", subject_of(order.id), facts(order, id, plan.total.value)});
    return id;
}

Result<void> Refunds::give_credit(db::Tx& tx, const SoldOrder& order, OrderRefundId id, const Money& amount) {
    if (amount.is_zero()) return {};
    const auto subject = subject_of(order.id);
    if (order.credit_is_mailed()) {
        // What was owed to somebody does not expire.
        const payments::NewGiftCard wanted{amount, std::nullopt, order.email, "refund of order " + order.number};
        const RefundGiftCard card{id, *deps_.orders.header(tx, order.id),
                                  deps_.credits.issue_sold(tx, wanted, ledger::account::kReceivables, subject)};
        tx.exec(sql::set_refund_gift_card, id, card.issued.card.id);
        deps_.mail_gift_card(tx, card);
        deps_.orders.note(tx, order.id, "refunded_as_gift_card", facts(order, id, amount));
        return {};
    }
    const auto credit = deps_.credits.of_customer(tx, order.customer->uuid(), amount.currency());
    auto put = deps_.credits.put(tx, credit.id, amount, ledger::account::kReceivables, "credit-out:" + id.uuid().to_string(), subject);
    if (!put) return std::unexpected(put.error());
    deps_.orders.note(tx, order.id, "refunded_as_credit", facts(order, id, amount));
    return {};
}

// What needs no provider has its effect on the payment state at once; money that is sent has it when it has arrived.
void Refunds::settle_state(db::Tx& tx, const SoldOrder& order, const RefundPlan& plan) {
    auto header = deps_.orders.lock(tx, order.id);
    auto after = order.position;
    after.credited += plan.total;
    after.as_credit += plan.as_credit;
    for (const auto& part : plan.parts) std::ranges::find(after.sources, part.source, &Source::id)->pending += part.amount;
    drop_losses(tx, deps_, order.id, after);
    deps_.orders.set_payment_state(tx, *header, payment_state_of(after, header->payment_state));
}

jobs::Handler Refunds::job_handler() {
    return {"orders.refund", [this](const jobs::Job& job) { run(job); }, std::chrono::seconds{180}};
}

void Refunds::run(const jobs::Job& job) {
    const auto id = part_of(job);
    struct Work {
        StoredPart part;
        payments::Payments::RefundProgress progress;
        std::optional<payments::Attempt> attempt;
    };
    const auto work = deps_.database.read([&](db::Session& session) -> std::optional<Work> {
        auto part = find_part(session, id);
        if (!part) return std::nullopt;
        auto progress = deps_.payments.refund_progress(session, part->payment_refund);
        auto attempt = deps_.payments.find(session, part->attempt);
        return Work{std::move(*part), std::move(*progress), std::move(attempt)};
    });
    if (!work) throw jobs::GiveUp("orders.refund: there is no such part");
    if (work->part.state != "sent") return;
    const bool is_open = work->progress.state == RefundState::sent || work->progress.state == RefundState::unknown;
    if (!is_open) {
        // The provider's list told it first.
        deps_.database.in_tx([&](db::Tx& tx) { settle(tx, id); });
        return;
    }
    auto refund = work->progress.refund;
    if (work->part.sent_at) {
        refund.repeated = true;
        refund.last_sent = std::max(refund.last_sent, *work->part.sent_at);
    }
    deps_.database.in_tx([&](db::Tx& tx) { tx.exec(sql::begin_refund_part, id, std::optional(deps_.clock.now())); });
    const auto outcome = deps_.payments.send_refund(refund, *work->attempt);
    if (outcome.untouched) {
        // Certainly nothing happened: another time.
        deps_.database.in_tx([&](db::Tx& tx) { tx.exec(sql::begin_refund_part, id, work->part.sent_at); });
        throw std::runtime_error("the provider was not reached: " + outcome.log);
    }
    deps_.database.in_tx([&](db::Tx& tx) {
        (void)deps_.orders.lock(tx, work->part.order);
        deps_.payments.apply_refund(tx, work->part.payment_refund, outcome);
        settle(tx, id);
    });
    if (outcome.kind == payments::AttemptState::unknown) throw std::runtime_error("the refund has no answer yet: " + outcome.log);
}

void Refunds::settle(db::Tx& tx, OrderRefundPartId id) {
    const auto part = find_part(tx, id);
    auto header = deps_.orders.lock(tx, part->order);
    const auto progress = deps_.payments.refund_progress(tx, part->payment_refund);
    const bool done = progress->state == RefundState::done;
    if (!done && progress->state != RefundState::failed) return;
    const auto now = deps_.clock.now();
    if (tx.exec(sql::settle_refund_part, id, done ? "done" : "failed", progress->provider_code, now) == 0) return;
    (void)tx.query(sql::settle_refund, part->refund, now);
    const auto order = load_sold(tx, deps_, part->order);
    const Money amount(part->amount, order->position.currency());
    deps_.orders.note(tx, order->id, done ? "refunded" : "refund_failed", facts(*order, part->refund, amount));
    // Also of one that was refused: what it was to bring is set off against what is due.
    deps_.orders.set_payment_state(tx, *header, payment_state_of(order->position, header->payment_state));
    events::append(
        tx, events::NewEvent{done ? "order.refunded" : "order.refund_failed", subject_of(order->id), facts(*order, part->refund, amount)});
}

}  // namespace stoa::orders
