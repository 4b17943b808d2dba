#pragma once
// Differences between our books and the provider's that people look at: each is resolved once, in a way that fits it, with its entries in
// the ledger. Which ways are open depends also on the order, so orders asks (orders/src/cases); this carries them out.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/http/staff.hpp"
#include "stoa/payments/payments.hpp"

namespace stoa::payments {

using CaseId = Id<"pcs">;

enum class CaseKind {
    chargeback,
    refund_made_elsewhere,
    charged_twice,
    payment_not_booked,
    payment_missing_at_provider,
    amount_differs,
    debit_returned,
    other
};
inline json::EnumNames<CaseKind> enum_names(CaseKind) {
    using enum CaseKind;
    static constexpr std::pair<CaseKind, std::string_view> names[] = {{chargeback, "chargeback"},
                                                                      {refund_made_elsewhere, "refund_made_elsewhere"},
                                                                      {charged_twice, "charged_twice"},
                                                                      {payment_not_booked, "payment_not_booked"},
                                                                      {payment_missing_at_provider, "payment_missing_at_provider"},
                                                                      {amount_differs, "amount_differs"},
                                                                      {debit_returned, "debit_returned"},
                                                                      {other, "other"}};
    return names;
}

// accepted_as_loss: the shop bears it. booked_as_refund: the buyer keeps the money, as a refund. refunded_elsewhere: given back by bank
// transfer or the like. won_back: the bank gave a chargeback back. not_paid: the provider never had the payment. difference_booked: it got
// more or less than asked. settled: nothing is open any more. was_error: the provider's list was wrong, or it is explained.
enum class Resolution { accepted_as_loss, booked_as_refund, refunded_elsewhere, won_back, not_paid, difference_booked, settled, was_error };
inline json::EnumNames<Resolution> enum_names(Resolution) {
    using enum Resolution;
    static constexpr std::pair<Resolution, std::string_view> names[] = {{accepted_as_loss, "accepted_as_loss"},
                                                                        {booked_as_refund, "booked_as_refund"},
                                                                        {refunded_elsewhere, "refunded_elsewhere"},
                                                                        {won_back, "won_back"},
                                                                        {not_paid, "not_paid"},
                                                                        {difference_booked, "difference_booked"},
                                                                        {settled, "settled"},
                                                                        {was_error, "was_error"}};
    return names;
}

struct Case {
    CaseId id;
    CaseKind kind = CaseKind::other;
    std::string reference;
    std::int64_t transaction_id = 0;
    Timestamp found_at;
    int version = 1;
    std::optional<Money> listed;  // by the provider: what went back, or what was paid

    struct Payment {  // of ours, that it is about
        AttemptId id;
        Uuid payable;
        Method method = Method::card;
        AttemptState state = AttemptState::sent;
        Money amount, captured, refunded;
        bool refund_under_way = false;
        [[nodiscard]] Money left() const { return captured - refunded; }
    };
    std::optional<Payment> payment;
    struct Reversal {  // money that went back, as it was booked
        RefundId id;
        Money amount;
        bool reversed = false;
    };
    std::optional<Reversal> reversal;

    std::optional<Timestamp> resolved_at;
    std::optional<Resolution> resolution;
    std::optional<Money> moved;  // what resolving it booked
    std::string note, staff;
};

class Cases {
public:
    virtual ~Cases() = default;
    [[nodiscard]] virtual std::optional<Case> find(db::Session& session, CaseId id) = 0;
    // With its row and its payment's. Lock the order first.
    [[nodiscard]] virtual std::optional<Case> lock(db::Tx& tx, CaseId id) = 0;
    enum class Which { open, resolved };
    // Newest first, after that one.
    [[nodiscard]] virtual std::vector<Case> list(db::Session& session, Which which, const std::optional<CaseId>& after, int limit) = 0;
    [[nodiscard]] virtual std::vector<Case> of_payable(db::Session& session, const Uuid& payable) = 0;
    // A chargeback that nobody has decided about yet.
    [[nodiscard]] virtual bool is_disputed(db::Session& session, const Uuid& payable) = 0;

    // The case is from lock() in this transaction, and whoever calls has found that this way is open and what it moves. Books it.
    virtual void resolve(db::Tx& tx, const Case& open, Resolution resolution, const Money& amount, std::string_view note,
                         const http::StaffActor& staff) = 0;
    // Of what was accepted as loss that much is owed no more, because the order is worth less or was paid after all.
    virtual void take_back_loss(db::Tx& tx, const Uuid& payable, const Money& amount) = 0;
};

struct CaseDependencies {
    const Clock& clock;
    ledger::Ledger& ledger;
};
[[nodiscard]] std::unique_ptr<Cases> make_cases(CaseDependencies dependencies);

}  // namespace stoa::payments
