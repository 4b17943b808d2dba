#pragma once
// Payments by the Vendo gateway and by gift cards and store credit. One class, whose parts lie beside it: an attempt and its outcome
// (payments.cpp), what became of a call (lookups.cpp), money that goes back (refunds.cpp), our books beside the provider's
// (differences.cpp).
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stoa/payments/payments.hpp"
#include "vendo/gateway.hpp"

namespace stoa::payments {

// The longest a call can take, and the same again: after this an attempt that the provider does not list was never made.
constexpr std::chrono::minutes kCertainlyAbsent{3};

// A list of the provider with the moment it was asked for: what is missing in it was missing then.
struct Listing {
    Timestamp fetched_at;
    std::optional<std::vector<vendo::Transaction>> rows;
};
// The lists of one sweep, each fetched once.
using Listings = std::map<std::pair<std::chrono::sys_days, std::chrono::sys_days>, Listing>;

class VendoPayments final : public Payments {
public:
    explicit VendoPayments(Dependencies dependencies)
        : deps_(std::move(dependencies)), gateway_(deps_.client, deps_.vendo, [this] { return may_call(); }) {}
    std::vector<Method> methods(const Money& total, std::string_view country) const override;
    Result<Attempt> create(db::Tx& tx, const NewAttempt& wanted) override;
    Outcome send(const Attempt& attempt, const SendData& data) override;
    Outcome resolve(const Attempt& attempt) override;
    bool give_up(db::Tx& tx, AttemptId id) override;
    Change apply(db::Tx& tx, AttemptId id, const Outcome& outcome) override;
    std::optional<Attempt> find(db::Session& session, AttemptId id) override;
    std::optional<Attempt> find_by_reference(db::Session& session, std::string_view reference) override;
    std::vector<Attempt> of_payable(db::Session& session, const Uuid& payable) override;
    std::vector<Method> refused_methods(db::Session& session, const Uuid& payable) override;
    int sweep(int limit, const OutcomeHandler& on_outcome) override;
    Outcome capture(const Attempt& given) override;
    std::int64_t watch_reservations() override;
    Result<Refund> create_refund(db::Tx& tx, AttemptId id, Money amount, std::string_view reason) override;
    Outcome send_refund(const Refund& refund, const Attempt& attempt) override;
    void apply_refund(db::Tx& tx, RefundId id, const Outcome& outcome) override;
    Money refunded(db::Session& session, const Uuid& payable, Currency currency) override;
    bool has_open_case(db::Session& session, const Uuid& payable) override;
    std::vector<RefundRoom> refund_rooms(db::Session& session, const Uuid& payable) override;
    std::optional<RefundProgress> refund_progress(db::Session& session, RefundId id) override;
    std::vector<StoredMethod> stored_methods(db::Session& session, const Uuid& customer) override;
    bool forget_method(db::Tx& tx, const Uuid& customer, StoredMethodId id) override;
    bool set_consent(db::Tx& tx, const Uuid& customer, StoredMethodId id, bool merchant_may_charge) override;
    void process_inbox(std::int64_t inbox_id, const Listeners& listeners) override;
    int reconcile(Date day, const Listeners& listeners) override;
    Booked book(db::Tx& tx, const Finding& finding) override;

private:
    static std::string from_hex(std::string_view text);
    // 500 calls in five minutes per address: all processes take from one bucket in Redis; without Redis each has its own.
    bool may_call();
    Outcome resolve(const Attempt& attempt, Listings& listings);
    // The call that may charge. It leaves its mark first, and nothing but a clear answer or the provider's list removes the doubt.
    Outcome second_step(const Attempt& attempt, Listings& listings);
    // A debit is money when the provider still lists it after the days it asks us to wait; until then the payer's bank may send it back.
    Outcome resolve_debit(const Attempt& attempt, Listings& listings);
    enum class Freshness { as_fetched, fetch_again };
    const Listing& list_for(const Attempt& attempt, Listings& listings, Freshness freshness);
    // What the provider's list says of the attempt: a success, failed when it certainly has no such payment, or one that is not what was
    // asked for (then with its transaction), else unknown.
    Outcome look_up(const Attempt& attempt, Listings& listings);
    std::optional<std::vector<vendo::Transaction>> list_around(Date day);
    // Attempts that the list speaks of, and those of a day.
    std::vector<Attempt> attempts_named_in(const std::vector<vendo::Transaction>& listed, Timestamp from = {}, Timestamp until = {});
    std::vector<std::int64_t> known_refunds(const std::vector<std::int64_t>& transactions);
    std::vector<std::int64_t> known_refunds(const std::vector<vendo::Transaction>& listed);
    // Money of ours that went back and is not booked yet.
    std::vector<Finding> reversals(const std::vector<vendo::Transaction>& listed, const std::vector<Attempt>& attempts);
    static Outcome debit_returned();
    static std::string returned_key(const Attempt& attempt);
    // A debit that came back before it was money, which has its case: what the list says of it is known.
    static bool is_returned_debit(db::Session& session, const Attempt& attempt);
    // 1 when the case is new.
    int open_case(db::Tx& tx, const std::string& key, std::string_view kind, const std::string& reference, std::int64_t transaction,
                  const std::optional<Money>& amount = std::nullopt);
    // Under the lock of the gift card: whoever blocks it comes before or after.
    static bool is_blocked(db::Tx& tx, const Attempt& attempt);
    void post_refund(db::Tx& tx, RefundId id, const Attempt& attempt, const Money& amount);
    void post_capture(db::Tx& tx, const Attempt& attempt);
    void keep_token(db::Tx& tx, const Attempt& attempt, const std::string& token);
    Dependencies deps_;
    vendo::Gateway gateway_;
};

}  // namespace stoa::payments
