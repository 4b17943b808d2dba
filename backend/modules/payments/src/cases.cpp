#include "stoa/payments/cases.hpp"

#include <algorithm>
#include <stdexcept>

#include "sql/cases.hpp"

namespace stoa::payments {
namespace {

using ledger::Entry;

class PgCases final : public Cases {
public:
    explicit PgCases(CaseDependencies dependencies) : deps_(dependencies) {}

    std::optional<Case> find(db::Session& session, CaseId id) override {
        const auto found = select(session, "one", id.uuid());
        if (found.empty()) return std::nullopt;
        return found.front();
    }

    std::optional<Case> lock(db::Tx& tx, CaseId id) override {
        const auto seen = find(tx, id);
        if (!seen) return std::nullopt;
        if (seen->payment) (void)tx.query(sql::lock_attempt_of_case, seen->payment->id);
        (void)tx.query(sql::lock_case, id);
        return find(tx, id);  // as it is under the locks
    }

    std::vector<Case> list(db::Session& session, Which which, const std::optional<CaseId>& after, int limit) override {
        return select(session, which == Which::open ? "unresolved" : "resolved", std::nullopt, after, limit);
    }

    std::vector<Case> of_payable(db::Session& session, const Uuid& payable) override { return select(session, "of_payable", payable); }

    bool is_disputed(db::Session& session, const Uuid& payable) override {
        return session.query(sql::disputed, payable).front().get<bool>("is_disputed");
    }

    void resolve(db::Tx& tx, const Case& open, Resolution resolution, const Money& amount, std::string_view note,
                 const http::StaffActor& staff) override {
        const auto now = deps_.clock.now();
        switch (resolution) {
            case Resolution::accepted_as_loss:
                accept_loss(tx, open, amount);
                break;
            case Resolution::won_back:
                take_reversal_back(tx, open);
                break;
            case Resolution::was_error:
                if (open.reversal) take_reversal_back(tx, open);
                break;
            case Resolution::refunded_elsewhere: {
                const auto& payment = open.payment.value();
                tx.exec(sql::insert_outside_refund, RefundId::make(), payment.id, amount.minor(), now);
                tx.exec(sql::take_back_refunded, payment.id, -amount.minor(), now);
                post(tx, open, amount, ledger::account::kReceivables, ledger::account::kOtherWays);
                break;
            }
            case Resolution::not_paid:
                if (tx.exec(sql::never_captured, open.payment.value().id, now) == 0)
                    throw std::logic_error("payments: a payment that was refunded cannot have been missing");
                post(tx, open, amount, ledger::account::kReceivables, ledger::account::kProviderVendo);
                break;
            case Resolution::difference_booked:
                post(tx, open, amount, ledger::account::kProviderVendo, ledger::account::kPaymentLosses);
                break;
            case Resolution::booked_as_refund:  // the order's refund has its own entries
            case Resolution::settled:
                break;
        }
        if (tx.exec(sql::resolve_case, open.id, open.version, json::to_name(resolution), amount.minor(), note, staff.id, staff.name, now) ==
            0)
            throw std::logic_error("payments: a locked case has changed");
    }

    void take_back_loss(db::Tx& tx, const Uuid& payable, const Money& amount) override {
        Money open = amount;
        for (const auto row : tx.query(sql::losses_of_payable, payable)) {
            const Money part = std::min(open, Money(row.get<std::int64_t>("written_off"), amount.currency()));
            if (part.is_zero()) break;
            tx.exec(sql::write_off, row.get<AttemptId>("id"), -part.minor(), deps_.clock.now());
            open -= part;
        }
        const Money taken = amount - open;
        if (taken.is_zero()) return;
        book(tx, "loss-back:" + Uuid::v7().to_string(), "order:" + payable.to_string(), taken, ledger::account::kReceivables,
             ledger::account::kPaymentLosses);
    }

private:
    static Case case_from(const db::Row& row) {
        Case out;
        out.id = row.get<CaseId>("public_id");
        out.kind = json::from_name<CaseKind>(row.get<std::string>("kind")).value_or(CaseKind::other);
        out.reference = row.get<std::optional<std::string>>("reference").value_or("");
        out.transaction_id = row.get<std::int64_t>("transaction_id");
        out.found_at = row.get<Timestamp>("found_at");
        out.version = row.get<int>("version");
        const auto listed = row.get<std::optional<std::int64_t>>("listed");
        const auto listed_currency = row.get<std::optional<std::string>>("listed_currency");
        const auto known = listed_currency ? Currency::parse(*listed_currency) : std::nullopt;
        if (listed && known) out.listed = Money(*listed, *known);
        std::optional<Currency> currency = known;
        if (const auto id = row.get<std::optional<AttemptId>>("attempt_id")) {
            currency = row.get<Currency>("currency");
            const auto money = [&](std::string_view column) { return Money(row.get<std::int64_t>(column), *currency); };
            out.payment = Case::Payment{*id,
                                        row.get<Uuid>("payable"),
                                        json::from_name<Method>(row.get<std::string>("method")).value(),
                                        json::from_name<AttemptState>(row.get<std::string>("attempt_state")).value(),
                                        money("amount"),
                                        money("captured"),
                                        money("refunded"),
                                        row.get<bool>("refund_under_way")};
            if (const auto refund = row.get<std::optional<RefundId>>("refund_id"))
                out.reversal = Case::Reversal{*refund, money("refund_amount"), row.get<std::string>("refund_state") == "reversed"};
        }
        out.resolved_at = row.get<std::optional<Timestamp>>("resolved_at");
        if (const auto resolution = row.get<std::optional<std::string>>("resolution"))
            out.resolution = json::from_name<Resolution>(*resolution).value();
        if (out.resolution && currency) out.moved = Money(row.get<std::int64_t>("moved"), *currency);
        out.note = row.get<std::string>("note");
        out.staff = row.get<std::string>("staff_name");
        return out;
    }
    static std::vector<Case> select(db::Session& session, std::string_view which, const std::optional<Uuid>& of,
                                    const std::optional<CaseId>& after = std::nullopt, int limit = 0) {
        std::vector<Case> out;
        for (const auto row : session.query(sql::cases, which, of, after, limit)) out.push_back(case_from(row));
        return out;
    }

    // What the buyer owes because of it is written off; where our books count money that the provider does not have, the shop bears that.
    void accept_loss(db::Tx& tx, const Case& open, const Money& amount) {
        const bool owed = open.payment && (open.reversal || open.kind == CaseKind::debit_returned);
        if (owed) {
            tx.exec(sql::write_off, open.payment->id, amount.minor(), deps_.clock.now());
            post(tx, open, amount, ledger::account::kPaymentLosses, ledger::account::kReceivables);
        } else {
            post(tx, open, amount, ledger::account::kPaymentLosses, ledger::account::kProviderVendo);
        }
    }

    void take_reversal_back(db::Tx& tx, const Case& open) {
        const auto& reversal = open.reversal.value();
        const auto now = deps_.clock.now();
        if (tx.exec(sql::reverse_refund, reversal.id, now) == 0) throw std::logic_error("payments: this reversal was taken back before");
        tx.exec(sql::take_back_refunded, open.payment.value().id, reversal.amount.minor(), now);
        post(tx, open, reversal.amount, ledger::account::kProviderVendo, ledger::account::kReceivables);
    }

    void post(db::Tx& tx, const Case& open, const Money& amount, std::string_view debit, std::string_view credit) {
        const std::string subject = open.payment ? "order:" + open.payment->payable.to_string() : std::string();
        book(tx, "case:" + open.id.uuid().to_string() + ":" + std::to_string(open.version), subject, amount, debit, credit);
    }
    void book(db::Tx& tx, const std::string& reference, const std::string& subject, const Money& amount, std::string_view debit,
              std::string_view credit) {
        if (amount.is_zero()) return;
        const auto posted = deps_.ledger.post(
            tx, {reference,
                 "payment_case",
                 {{std::string(debit), amount, subject, std::nullopt}, {std::string(credit), -amount, subject, std::nullopt}}});
        if (!posted || !*posted) throw std::logic_error("payments: a case could not be posted");
    }

    CaseDependencies deps_;
};

}  // namespace

std::unique_ptr<Cases> make_cases(CaseDependencies dependencies) { return std::make_unique<PgCases>(dependencies); }

}  // namespace stoa::payments
