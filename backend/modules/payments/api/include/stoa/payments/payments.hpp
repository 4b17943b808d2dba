#pragma once
// Payment attempts, captures, refunds and the provider inbox. Payments know a payable (an id, an amount, a reference), never an order.
// The flow of one attempt is: create() in the caller's transaction → send() outside any transaction → apply() in the
// caller's transaction. apply() is idempotent under a row lock, so that return handler, postback and sweeper may race.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/config/config.hpp"
#include "stoa/db/db.hpp"
#include "stoa/http/router.hpp"
#include "stoa/http_client/client.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/ledger/ledger.hpp"
#include "stoa/money/money.hpp"
#include "stoa/redis/redis.hpp"
#include "stoa/result/result.hpp"

namespace stoa::payments {

using AttemptId = Id<"pat">;
using RefundId = Id<"rfd">;
using StoredMethodId = Id<"pm">;
using CreditId = Id<"gft">;  // a gift card, or a customer's store credit (credits.hpp)

// The last two are no provider's: credits.hpp.
enum class Method { card, stored_card, sepa, hosted, invoice, gift_card, store_credit };
inline json::EnumNames<Method> enum_names(Method) {
    static constexpr std::pair<Method, std::string_view> names[] = {{Method::card, "card"},
                                                                    {Method::stored_card, "stored_card"},
                                                                    {Method::sepa, "sepa"},
                                                                    {Method::hosted, "hosted"},
                                                                    {Method::invoice, "invoice"},
                                                                    {Method::gift_card, "gift_card"},
                                                                    {Method::store_credit, "store_credit"}};
    return names;
}
[[nodiscard]] constexpr bool is_credit(Method method) { return method == Method::gift_card || method == Method::store_credit; }

// sent: the provider may have it (also before the call: the row is written first). unknown: no answer came. tentative: accepted,
// may still bounce (SEPA). deferred: to be paid later (invoice). expired: the shopper never finished the verification.
enum class AttemptState { sent, verification_pending, paid, preauthorised, tentative, deferred, declined, failed, expired, unknown };

inline json::EnumNames<AttemptState> enum_names(AttemptState) {
    using enum AttemptState;
    static constexpr std::pair<AttemptState, std::string_view> names[] = {
        {sent, "sent"},           {verification_pending, "verification_pending"},
        {paid, "paid"},           {preauthorised, "preauthorised"},
        {tentative, "tentative"}, {deferred, "deferred"},
        {declined, "declined"},   {failed, "failed"},
        {expired, "expired"},     {unknown, "unknown"}};
    return names;
}

// Why an attempt was declined, in the shop's words (the provider's code is kept beside it).
enum class Decline {
    none,
    declined,
    insufficient_funds,
    wrong_data,
    suspected_fraud,
    authentication_failed,
    try_later,
    other_method,
    technical
};

inline json::EnumNames<Decline> enum_names(Decline) {
    using enum Decline;
    static constexpr std::pair<Decline, std::string_view> names[] = {{none, "none"},
                                                                     {declined, "declined"},
                                                                     {insufficient_funds, "insufficient_funds"},
                                                                     {wrong_data, "wrong_data"},
                                                                     {suspected_fraud, "suspected_fraud"},
                                                                     {authentication_failed, "authentication_failed"},
                                                                     {try_later, "try_later"},
                                                                     {other_method, "other_method"},
                                                                     {technical, "technical"}};
    return names;
}

struct Item {
    std::string id;
    std::string description;
    Money price;
    std::int64_t quantity = 1;
};
struct Payer {
    std::string first_name, last_name, email, locale, country, address, city, state, postal_code, phone;
};
// Card data lives in memory for the length of one call: never logged, stored or put into an event.
struct CardData {
    std::string number, expiry_month, expiry_year, cvv, holder;
};

// What may be kept of a card: enough for people to recognise it.
struct CardHint {
    std::string brand, last4, expiry_month, expiry_year;
};
[[nodiscard]] CardHint card_hint(const CardData& card);

// ISO 13616, spaces and small letters allowed: the checksum tells a mistyped number before the provider is asked.
[[nodiscard]] bool is_iban(std::string_view text);

struct NewAttempt {
    Uuid payable;           // the order
    std::string reference;  // "S-100042"; the attempt's own is "<reference>-a<n>"
    Money amount;
    Method method = Method::card;
    bool preauthorise = false;  // reserve only, capture() later; STOA_VENDO_PREAUTHORISE asks for it with every card
    bool save_method = false;   // keep the provider's token for `customer`; with method card
    std::optional<Uuid> customer;
    std::optional<StoredMethodId> stored_method;  // must belong to `customer`
    std::optional<CardHint> card;                 // with method card
    std::string slot;                             // which part of the payable: see due_slot()
    bool merchant_initiated = false;              // with method stored_card: its owner is not there, and has allowed it
};

// What became due on a payable after it was paid: the n-th time. The payment at checkout has the slot "".
inline constexpr std::string_view kDueSlot = "due:";
[[nodiscard]] inline std::string due_slot(int number) { return std::string(kDueSlot) + std::to_string(number); }

struct Attempt {
    AttemptId id;
    Uuid payable;
    int number = 1;
    std::string reference;
    Money amount;
    Method method = Method::card;
    AttemptState state = AttemptState::sent;
    bool preauthorise = false;
    Decline decline = Decline::none;
    std::string redirect_url;
    std::optional<std::int64_t> verification_id;
    std::optional<std::int64_t> transaction_id;  // the one that captures and refunds refer to
    std::string label;                           // "Visa •••• 1111"
    Timestamp created_at;
    std::optional<Uuid> customer;
    std::optional<StoredMethodId> stored_method;
    bool save_method = false;
    Money captured, refunded;
    std::string provider_code;                // of a refusal, "1306"
    std::optional<Timestamp> second_call_at;  // the second step went out and its answer is not known: it may have charged
    std::optional<Timestamp> capture_sent_at;
    std::string slot;
    bool merchant_initiated = false;
    Money written_off;  // of what came back of it, or never came, what the shop accepted as loss (cases.hpp)

    [[nodiscard]] bool is_for_due() const { return slot.starts_with(kDueSlot); }
};

// What the provider said, as values. kind is one of the states an attempt can go to.
struct Outcome {
    AttemptState kind = AttemptState::unknown;
    Decline decline = Decline::none;
    std::string redirect_url;
    std::optional<std::int64_t> verification_id;
    std::optional<std::int64_t> transaction_id;
    std::string token;  // payment_details_token
    std::string request_id;
    std::string provider_code;  // "1306"
    std::string processor_status;
    std::string auth_code;
    std::string mandate_id;
    std::string log;         // for people, without personal data
    bool untouched = false;  // the provider certainly did nothing with the call: not sent, or turned away before it was looked at
};

struct SendData {  // what send() needs beyond the attempt; not stored
    std::optional<CardData> card;
    std::string iban, account_holder;
    std::vector<Item> items;
    Payer payer;
    std::string ip_address, user_agent;
    std::string return_url;  // the shopper comes back here after a redirect
};

// What apply() did, for the caller to act upon in the same transaction.
enum class Change {
    none,
    became_paid,
    became_preauthorised,
    became_tentative,
    became_deferred,
    became_declined,
    needs_redirect,
    became_unknown,
    became_failed,
    settled,  // what was reserved or tentative has become money: the same payment goes on, it is no second one
    bounced   // a tentative debit came back
};

// What the provider's list says beyond the payment itself.
struct Finding {
    enum class Kind {
        refund_confirmed,       // a refund of ours whose answer was lost
        refund_made_elsewhere,  // in the provider's back office
        chargeback,             // the payer's bank took the money back
        charged_twice           // a second charge under the attempt's reference
    };
    Kind kind = Kind::refund_confirmed;
    Attempt attempt;
    Money amount;
    std::int64_t transaction_id = 0;
    std::optional<RefundId> refund;
};
struct Booked {
    bool case_opened = false;
    bool money_moved = false;          // the attempt's money changed
    std::optional<AttemptId> surplus;  // a charge that no order is waiting for: to be refunded
};

struct StoredMethod {
    StoredMethodId id;
    std::string brand, last4;
    std::string expiry_month, expiry_year;
    bool merchant_may_charge = false;  // its owner allows charges for what became due on an order
};

class Payments {
public:
    virtual ~Payments() = default;

    // What can be offered for this amount (stored cards are listed apart).
    [[nodiscard]] virtual std::vector<Method> methods(const Money& total, std::string_view country) const = 0;

    // ---- an attempt ----
    // Refuses with payments.attempt_open (409) while an earlier attempt of the payable could still succeed, and
    // payments.already_paid when one did; in the same slot, that is. payments.stored_method_unknown (422), payments.card_no_consent (409)
    // for a charge by the merchant that the card's owner has not allowed.
    [[nodiscard]] virtual Result<Attempt> create(db::Tx& tx, const NewAttempt& attempt) = 0;
    // Calls the provider (up to 60 s). Never throws for provider trouble: that is Outcome unknown or failed.
    [[nodiscard]] virtual Outcome send(const Attempt& attempt, const SendData& data) = 0;
    // Second step after a redirect (docs/reference/vendo.md), or a look-up when there is no verification id or an earlier second step
    // has no answer. Marks the attempt in a transaction of its own before it calls.
    [[nodiscard]] virtual Outcome resolve(const Attempt& attempt) = 0;
    // The shopper chose another payment: a card's verification that is still open is closed, as nothing is charged before our second
    // step. False when that step may be under way, or for another method: then the attempt goes on.
    [[nodiscard]] virtual bool give_up(db::Tx& tx, AttemptId attempt) = 0;
    // Records the outcome under the attempt's row lock, posts captures to the ledger (debit provider, credit receivables with
    // subject "order:<payable>"), keeps the token. What has ended stays so, except that a late success counts; repeated: Change::none.
    [[nodiscard]] virtual Change apply(db::Tx& tx, AttemptId attempt, const Outcome& outcome) = 0;

    [[nodiscard]] virtual std::optional<Attempt> find(db::Session& session, AttemptId id) = 0;
    [[nodiscard]] virtual std::optional<Attempt> find_by_reference(db::Session& session, std::string_view reference) = 0;
    [[nodiscard]] virtual std::vector<Attempt> of_payable(db::Session& session, const Uuid& payable) = 0;
    // A difference between our books and the provider's about one of its payments, that nobody has settled yet.
    [[nodiscard]] virtual bool has_open_case(db::Session& session, const Uuid& payable) = 0;
    // Methods that the provider does not accept for this payable (its code 1101).
    [[nodiscard]] virtual std::vector<Method> refused_methods(db::Session& session, const Uuid& payable) = 0;
    // Looks again at what has no end yet: unanswered calls after 1, 5, 15, 60 minutes, verifications after 5 minutes (expired after 2
    // hours), debits daily until they are money; old ones ever less often. One that fails does not keep the others waiting. How many it
    // looked at: fewer than the limit when none is left that is due.
    using OutcomeHandler = std::function<void(const Attempt&, const Outcome&)>;
    virtual int sweep(int limit, const OutcomeHandler& on_outcome) = 0;

    // ---- after the sale ----
    // Takes a reservation as a whole; the outcome goes to apply(). Safe to repeat: an earlier call without an answer is looked up.
    [[nodiscard]] virtual Outcome capture(const Attempt& attempt) = 0;
    // Logs and counts (metric stoa_payments_old_reservations) what is reserved for more than four days; after a week it lapses.
    virtual std::int64_t watch_reservations() = 0;
    // One partial refund, then only the rest (vendo.md section 9). create_refund checks that before the call and reserves the amount.
    // Nothing goes back to a gift card that was blocked: 409 payments.refund_blocked, or failed when it was blocked meanwhile.
    struct Refund {
        RefundId id;
        AttemptId attempt;
        Money amount;
        bool full = false;
        bool repeated = false;  // an earlier call's outcome is unknown
        Timestamp first_sent, last_sent;
    };
    [[nodiscard]] virtual Result<Refund> create_refund(db::Tx& tx, AttemptId attempt, Money amount, std::string_view reason) = 0;
    [[nodiscard]] virtual Outcome send_refund(const Refund& refund, const Attempt& attempt) = 0;
    virtual void apply_refund(db::Tx& tx, RefundId id, const Outcome& outcome) = 0;
    [[nodiscard]] virtual Money refunded(db::Session& session, const Uuid& payable, Currency currency) = 0;
    // What may still go back of each attempt of a payable, before anybody tries.
    struct RefundRoom {
        Attempt attempt;
        Money pending;           // of the refund that has no answer yet
        bool rest_only = false;  // a part went back: the provider takes only the rest now
        bool blocked = false;    // a gift card that was blocked: what came back to it would be lost to everybody
    };
    [[nodiscard]] virtual std::vector<RefundRoom> refund_rooms(db::Session& session, const Uuid& payable) = 0;
    // How far a refund is: sent and unknown are on their way.
    enum class RefundState { sent, unknown, done, failed };
    struct RefundProgress {
        Refund refund;
        RefundState state = RefundState::sent;
        std::string provider_code;
    };
    [[nodiscard]] virtual std::optional<RefundProgress> refund_progress(db::Session& session, RefundId id) = 0;

    // ---- stored cards ----
    [[nodiscard]] virtual std::vector<StoredMethod> stored_methods(db::Session& session, const Uuid& customer) = 0;
    virtual bool forget_method(db::Tx& tx, const Uuid& customer, StoredMethodId id) = 0;
    // False: there is no such card.
    virtual bool set_consent(db::Tx& tx, const Uuid& customer, StoredMethodId id, bool merchant_may_charge) = 0;

    // ---- provider notifications ----
    // POST /hooks/vendo/{token}: stores the body in the inbox under a unique key and enqueues job payments.inbox. The job asks the
    // provider (a postback alone proves nothing) and hands on what it says; both are called outside any transaction.
    struct Listeners {
        OutcomeHandler on_outcome;                         // must apply() the outcome
        std::function<Booked(const Finding&)> on_finding;  // must book() the finding
    };
    virtual void process_inbox(std::int64_t inbox_id, const Listeners& listeners) = 0;
    // Compares our books with the provider's list of `day` and opens a case for every difference; returns how many. Money that can be
    // put right at once is handed to the listeners.
    virtual int reconcile(Date day, const Listeners& listeners) = 0;
    // Records a finding with its case and its ledger entries; a repeated one changes nothing.
    virtual Booked book(db::Tx& tx, const Finding& finding) = 0;
};

struct Dependencies {
    db::Database& database;
    const Clock& clock;
    http_client::Client& client;
    redis::Redis& redis;  // the provider's rate limit counts all our processes
    ledger::Ledger& ledger;
    Config::Vendo vendo;
    std::string secret_key;  // encrypts tokens, names the hook's path token
    std::string public_url;
};
[[nodiscard]] std::unique_ptr<Payments> make_payments(Dependencies dependencies);
void add_payments_routes(http::Routes& routes, db::Database& database, Payments& payments, const Clock& clock,
                         const std::string& hook_token);
// The token of the postback address, derived from the secret key: "/hooks/vendo/<token>".
[[nodiscard]] std::string hook_token(std::string_view secret_key);

}  // namespace stoa::payments
