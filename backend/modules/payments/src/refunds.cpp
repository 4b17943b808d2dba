#include <algorithm>
#include <stdexcept>

#include "credit_accounts.hpp"
#include "listed.hpp"
#include "sql/credits.hpp"
#include "sql/payments.hpp"
#include "store/attempt_rows.hpp"
#include "vendo_payments.hpp"

namespace stoa::payments {
namespace {

constexpr std::chrono::days kUsableAfterRefund{365};

}  // namespace

Result<Payments::Refund> VendoPayments::create_refund(db::Tx& tx, AttemptId id, Money amount, std::string_view reason) {
    const auto attempt = first_attempt(tx.query(sql::lock_attempt, id));
    if (!attempt || attempt->captured.is_zero())
        return fail(ErrorKind::conflict, "payments.nothing_captured", "Nothing was captured with this payment.");
    if (is_blocked(tx, *attempt))
        return fail(ErrorKind::conflict, "payments.refund_blocked", "This gift card was blocked: nothing can go back to it.");
    bool had_partial = false;
    for (const auto row : tx.query(sql::refunds_of_attempt, id)) {
        const auto state = row.get<std::string>("state");
        if (state == "sent" || state == "unknown") {
            // An earlier call has no answer yet: that one is finished before another begins.
            return Refund{row.get<RefundId>("id"),         id,   Money(row.get<std::int64_t>("amount"), amount.currency()),
                          row.get<bool>("is_full"),        true, row.get<Timestamp>("created_at"),
                          row.get<Timestamp>("updated_at")};
        }
        // Any part goes back to a gift card, as often as need be.
        if (state == "done" && !row.get<bool>("is_full") && !is_credit(attempt->method)) had_partial = true;
    }
    const Money left = attempt->captured - attempt->refunded;
    if (amount.is_zero() || amount.is_negative() || amount > left)
        return fail(ErrorKind::invalid, "payments.refund_too_large", "At most " + left.to_decimal() + " can be refunded.");
    const bool full = amount == left;
    if (had_partial && !full)
        return fail(ErrorKind::conflict, "payments.refund_rest_only",
                    "The provider allows one partial refund; now only the rest of " + left.to_decimal() + " can be refunded.");
    const auto now = deps_.clock.now();
    Refund refund{RefundId::make(), id, amount, full, false, now, now};
    tx.exec(sql::insert_refund, refund.id, id, amount.minor(), full, reason, now);
    return refund;
}

Outcome VendoPayments::send_refund(const Refund& refund, const Attempt& attempt) {
    if (is_credit(attempt.method)) {
        // Nobody outside is asked: recording it is all there is.
        Outcome out;
        out.kind = AttemptState::paid;
        return out;
    }
    if (refund.repeated) {
        const auto now = deps_.clock.now();
        const auto day = std::chrono::floor<std::chrono::days>(refund.first_sent);
        const auto listed = gateway_.reconciliation(Date(day - std::chrono::days{1}), date_of(now));
        Outcome out;
        out.kind = AttemptState::unknown;
        out.log = "the earlier refund call could not be looked up";
        if (!listed) return out;
        std::vector<std::int64_t> candidates;
        for (const auto& transaction : *listed) {
            if (is_refund(transaction) && transaction.original_id == attempt.transaction_id &&
                unsigned_amount(transaction, refund.amount.currency()) == refund.amount)
                candidates.push_back(transaction.id);
        }
        // Another refund of the same amount is not this one.
        for (const auto id : known_refunds(candidates)) std::erase(candidates, id);
        if (!candidates.empty()) {
            out.kind = AttemptState::paid;
            out.transaction_id = candidates.front();
            return out;
        }
        if (now - refund.last_sent < kCertainlyAbsent) {
            out.log = "whether the earlier call refunded is not known yet";
            return out;
        }
        const auto marked =
            deps_.database.in_tx([&](db::Tx& tx) { return tx.exec(sql::refund_sent_again, refund.id, now, refund.last_sent); });
        if (marked == 0) {
            out.log = "the refund is being sent by somebody else, or has ended";
            return out;
        }
    }
    return gateway_.refund(attempt, refund.full ? std::nullopt : std::optional(refund.amount));
}

void VendoPayments::apply_refund(db::Tx& tx, RefundId id, const Outcome& outcome) {
    const auto rows = tx.query(sql::lock_refund, id);
    if (rows.empty()) throw std::logic_error("payments: no such refund");
    const auto row = rows.front();
    const auto state = row.get<std::string>("state");
    // Money that went back counts also after another call was refused.
    if (state == "done" || (state == "failed" && outcome.kind != AttemptState::paid)) return;
    Attempt attempt;
    attempt.id = row.get<AttemptId>("attempt_id");
    attempt.payable = row.get<Uuid>("payable");
    attempt.method = json::from_name<Method>(row.get<std::string>("method")).value();
    attempt.slot = row.get<std::string>("slot");
    if (is_blocked(tx, attempt)) {
        tx.exec(sql::record_refund, id, "failed", outcome.transaction_id, outcome.request_id, "blocked", deps_.clock.now());
        return;
    }
    const std::string next = outcome.kind == AttemptState::paid ? "done" : outcome.kind == AttemptState::unknown ? "unknown" : "failed";
    tx.exec(sql::record_refund, id, next, outcome.transaction_id, outcome.request_id, outcome.provider_code, deps_.clock.now());
    if (next != "done") return;
    post_refund(tx, id, attempt, row.money("amount"));
}

Money VendoPayments::refunded(db::Session& session, const Uuid& payable, Currency currency) {
    return {session.query(sql::refunded_of_payable, payable, currency).front().get<std::int64_t>("refunded"), currency};
}

std::vector<Payments::RefundRoom> VendoPayments::refund_rooms(db::Session& session, const Uuid& payable) {
    const db::Call calls[] = {db::call(sql::attempts_of_payable, payable), db::call(sql::refund_sums, payable)};
    const auto answers = session.pipeline(calls);
    std::vector<RefundRoom> out;
    for (const auto row : answers[0]) {
        auto attempt = attempt_from(row);
        const auto zero = Money::zero(attempt.amount.currency());
        out.push_back({std::move(attempt), zero, false});
    }
    for (const auto row : answers[1]) {
        const auto room = std::ranges::find(out, row.get<AttemptId>("attempt_id"), [](const RefundRoom& one) { return one.attempt.id; });
        if (room == out.end()) continue;
        room->pending = Money(row.get<std::int64_t>("pending"), room->pending.currency());
        room->rest_only = row.get<bool>("rest_only") && !is_credit(room->attempt.method);
        room->blocked = row.get<bool>("blocked");
    }
    return out;
}

std::optional<Payments::RefundProgress> VendoPayments::refund_progress(db::Session& session, RefundId id) {
    const auto rows = session.query(sql::find_refund, id);
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    RefundProgress out;
    out.refund = {id,
                  row.get<AttemptId>("attempt_id"),
                  row.money("amount"),
                  row.get<bool>("is_full"),
                  false,
                  row.get<Timestamp>("created_at"),
                  row.get<Timestamp>("updated_at")};
    const auto state = row.get<std::string>("state");
    out.state = state == "done"      ? RefundState::done
                : state == "failed"  ? RefundState::failed
                : state == "unknown" ? RefundState::unknown
                                     : RefundState::sent;
    out.provider_code = row.get<std::string>("provider_code");
    return out;
}

bool VendoPayments::is_blocked(db::Tx& tx, const Attempt& attempt) {
    if (attempt.method != Method::gift_card) return false;
    const auto rows = tx.query(sql::lock_credit, db::parse_uuid(attempt.slot.substr(kCreditSlot.size())));
    return rows.front().get<std::optional<Timestamp>>("voided_at").has_value();
}

void VendoPayments::post_refund(db::Tx& tx, RefundId id, const Attempt& attempt, const Money& amount) {
    tx.exec(sql::add_refunded, attempt.id, amount.minor(), deps_.clock.now());
    const std::string subject = "order:" + attempt.payable.to_string();
    auto posted = deps_.ledger.post(tx, {"refund:" + id.uuid().to_string(),
                                         "refund",
                                         {{std::string(ledger::account::kReceivables), amount, subject, std::nullopt},
                                          source_entry(attempt.method, attempt.slot, -amount, subject)}});
    if (!posted) throw std::logic_error("payments: the refund could not be posted");
    // What came back to a card that has expired can be used.
    if (is_credit(attempt.method))
        tx.exec(sql::extend_credit, db::parse_uuid(attempt.slot.substr(kCreditSlot.size())), deps_.clock.now() + kUsableAfterRefund,
                deps_.clock.now());
}

}  // namespace stoa::payments
