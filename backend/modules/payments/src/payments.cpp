#include "stoa/payments/payments.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <ranges>
#include <stdexcept>

#include "credit_accounts.hpp"
#include "sql/credits.hpp"
#include "sql/payments.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/log/log.hpp"
#include "stoa/metrics/metrics.hpp"
#include "stoa/payments/retention.hpp"
#include "vendo/gateway.hpp"

namespace stoa::payments {
namespace {

using std::chrono::minutes;

constexpr std::string_view kTokenPurpose = "payment-token";
// An invoice is a loan: small sums only, and countries where we collect. In a currency that the gateway does not take it is the only way
// to pay, and then the country does not matter.
constexpr std::int64_t kInvoiceLimitMajor = 1000;
constexpr std::string_view kInvoiceCountries[] = {"AT", "BE", "CH", "DE", "FR", "LU", "NL"};
constexpr std::string_view kVendoCurrencies[] = {"USD", "EUR", "GBP", "JPY", "MXN", "BRL"};
using vendo::kVerificationLife;
// The longest a call can take, and the same again: after this an attempt that the provider does not list was never made.
constexpr minutes kCertainlyAbsent{3};
// The provider asks to wait two to three days before a debit is believed.
constexpr std::chrono::days kDebitSettles{3};
constexpr std::chrono::days kOldReservation{4};
constexpr std::chrono::days kUsableAfterRefund{365};
// The hosted page bills at the provider's rate of the moment; a small difference to our price is a case for people, not a lost payment.
constexpr std::int64_t kHostedTolerancePercent = 3;

// Verification rows (60) move no money.
bool is_payment(const vendo::Transaction& transaction) {
    switch (transaction.type) {
        case 1:
        case 2:
        case 3:
        case 11:
        case 12:
        case 13:
        case 14:
            return transaction.successful && !transaction.negative;
        default:
            return false;
    }
}
bool is_capture(const vendo::Transaction& transaction) { return transaction.type == 71 && transaction.successful; }
bool is_refund(const vendo::Transaction& transaction) {
    return (transaction.type == 30 || transaction.type == 31 || transaction.type == 35) && transaction.successful;
}
bool is_chargeback(const vendo::Transaction& transaction) { return transaction.type == 20 || transaction.type == 32; }
// The money of an earlier payment went back, whoever did it.
bool is_reversal(const vendo::Transaction& transaction) { return is_refund(transaction) || is_chargeback(transaction); }

// Whether a row of the list is for what the attempt asked.
bool is_for(const vendo::Transaction& transaction, const Attempt& attempt) {
    if (transaction.currency != attempt.amount.currency().code()) return false;
    const auto listed = Money::parse_decimal(transaction.amount, attempt.amount.currency());
    if (!listed) return false;
    if (attempt.method != Method::hosted || transaction.currency == "USD") return *listed == attempt.amount;
    const auto difference = listed->minor() - attempt.amount.minor();
    return std::abs(difference) * 100 <= attempt.amount.minor() * kHostedTolerancePercent;
}

// Amounts of reversals come with and without their sign.
std::optional<Money> unsigned_amount(const vendo::Transaction& transaction, Currency currency) {
    if (transaction.currency != currency.code()) return std::nullopt;
    std::string_view text = transaction.amount;
    if (text.starts_with('-')) text.remove_prefix(1);
    return Money::parse_decimal(text, currency);
}

// What the list says moved, in whatever currency we know.
std::optional<Money> listed_amount(const vendo::Transaction& transaction) {
    const auto currency = Currency::parse(transaction.currency);
    return currency ? unsigned_amount(transaction, *currency) : std::nullopt;
}

// A list of the provider with the moment it was asked for: what is missing in it was missing then.
struct Listing {
    Timestamp fetched_at;
    std::optional<std::vector<vendo::Transaction>> rows;
};
// The lists of one sweep, each fetched once.
using Listings = std::map<std::pair<std::chrono::sys_days, std::chrono::sys_days>, Listing>;

Attempt attempt_from(const db::Row& row) {
    Attempt attempt;
    attempt.id = row.get<AttemptId>("id");
    attempt.payable = row.get<Uuid>("payable");
    attempt.number = row.get<int>("number");
    attempt.reference = row.get<std::string>("reference");
    attempt.amount = row.money("amount");
    attempt.method = json::from_name<Method>(row.get<std::string>("method")).value();
    attempt.state = json::from_name<AttemptState>(row.get<std::string>("state")).value();
    attempt.preauthorise = row.get<bool>("preauthorise");
    attempt.save_method = row.get<bool>("save_method");
    attempt.customer = row.get<std::optional<Uuid>>("customer_id");
    attempt.stored_method = row.get<std::optional<StoredMethodId>>("stored_method_id");
    attempt.label = row.get<std::string>("label");
    attempt.decline = json::from_name<Decline>(row.get<std::string>("decline")).value_or(Decline::technical);
    attempt.redirect_url = row.get<std::string>("redirect_url");
    attempt.verification_id = row.get<std::optional<std::int64_t>>("verification_id");
    attempt.transaction_id = row.get<std::optional<std::int64_t>>("transaction_id");
    attempt.captured = row.money("captured");
    attempt.refunded = row.money("refunded");
    attempt.created_at = row.get<Timestamp>("created_at");
    attempt.provider_code = row.get<std::string>("provider_code");
    attempt.second_call_at = row.get<std::optional<Timestamp>>("second_call_at");
    attempt.capture_sent_at = row.get<std::optional<Timestamp>>("capture_sent_at");
    attempt.slot = row.get<std::string>("slot");
    attempt.merchant_initiated = row.get<bool>("merchant_initiated");
    attempt.written_off = row.money("written_off");
    return attempt;
}

std::optional<Attempt> first_attempt(const db::Rows& rows) {
    if (rows.empty()) return std::nullopt;
    return attempt_from(rows.front());
}

// Ours look like this; whatever else is named is nobody's.
bool is_reference(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
}

// The same form in printable ASCII, whatever bytes came.
std::string plain_form(std::string_view body) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : body) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7F) {
            out += c;
        } else {
            out += '%';
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        }
    }
    return out;
}

bool is_open(AttemptState state) {
    return state == AttemptState::sent || state == AttemptState::unknown || state == AttemptState::verification_pending;
}
Timestamp last_call(const Attempt& attempt) { return std::max(attempt.created_at, attempt.second_call_at.value_or(attempt.created_at)); }
bool succeeded(AttemptState state) {
    return state == AttemptState::paid || state == AttemptState::preauthorised || state == AttemptState::tentative ||
           state == AttemptState::deferred;
}

class VendoPayments final : public Payments {
public:
    explicit VendoPayments(Dependencies dependencies)
        : deps_(std::move(dependencies)), gateway_(deps_.client, deps_.vendo, [this] { return may_call(); }) {}

    std::vector<Method> methods(const Money& total, std::string_view country) const override {
        std::vector<Method> out;
        const auto currency = total.currency().code();
        if (std::find(std::begin(kVendoCurrencies), std::end(kVendoCurrencies), currency) != std::end(kVendoCurrencies))
            out.push_back(Method::card);
        if (currency == "EUR") out.push_back(Method::sepa);
        if (vendo::in_dollars(total, deps_.vendo.usd_rates)) out.push_back(Method::hosted);
        const bool collects = std::find(std::begin(kInvoiceCountries), std::end(kInvoiceCountries), country) != std::end(kInvoiceCountries);
        if ((out.empty() || collects) && total.minor() <= kInvoiceLimitMajor * total.currency().minor_per_major())
            out.push_back(Method::invoice);
        return out;
    }

    Result<Attempt> create(db::Tx& tx, const NewAttempt& wanted) override {
        for (const auto& earlier : of_payable(tx, wanted.payable)) {
            if (earlier.slot != wanted.slot) continue;
            if (succeeded(earlier.state)) return fail(ErrorKind::conflict, "payments.already_paid", "This has been paid already.");
            if (is_open(earlier.state)) return fail(ErrorKind::conflict, "payments.attempt_open", "A payment is still being processed.");
        }
        Attempt attempt;
        if (wanted.method == Method::stored_card) {
            const auto rows = tx.query(sql::stored_token, wanted.stored_method, wanted.customer);
            if (rows.empty()) return fail(ErrorKind::invalid, "payments.stored_method_unknown", "This card is no longer saved.");
            if (wanted.merchant_initiated && !rows.front().get<bool>("merchant_may_charge"))
                return fail(ErrorKind::conflict, "payments.card_no_consent", "The customer has not allowed to charge this card for that.");
            attempt.label = rows.front().get<std::string>("brand") + " •••• " + rows.front().get<std::string>("last4");
        }
        std::optional<std::string> hint;
        if (wanted.card) {
            attempt.label = wanted.card->brand + " •••• " + wanted.card->last4;
            json::Writer out;
            out.begin_object();
            out.member("brand", wanted.card->brand);
            out.member("last4", wanted.card->last4);
            out.member("expiry_month", wanted.card->expiry_month);
            out.member("expiry_year", wanted.card->expiry_year);
            out.end_object();
            hint = out.take();
        }
        attempt.id = AttemptId::make();
        attempt.payable = wanted.payable;
        attempt.number = tx.query(sql::next_number, wanted.payable).front().get<int>("number");
        attempt.reference = wanted.reference + "-a" + std::to_string(attempt.number);
        attempt.amount = wanted.amount;
        attempt.method = wanted.method;
        const bool by_card = wanted.method == Method::card || wanted.method == Method::stored_card;
        // What became due later belongs to an order that is sold: it is money at once.
        attempt.preauthorise = wanted.preauthorise || (by_card && deps_.vendo.preauthorise && wanted.slot.empty());
        attempt.slot = wanted.slot;
        attempt.merchant_initiated = wanted.merchant_initiated;
        // Only of a card do we know what people recognise it by.
        attempt.save_method = wanted.save_method && wanted.method == Method::card;
        attempt.customer = wanted.customer;
        attempt.stored_method = wanted.stored_method;
        attempt.captured = attempt.refunded = attempt.written_off = Money::zero(wanted.amount.currency());
        attempt.created_at = deps_.clock.now();
        tx.exec(sql::insert_attempt, attempt.id, attempt.payable, attempt.number, attempt.reference, attempt.amount.minor(),
                attempt.amount.currency(), json::to_name(attempt.method), attempt.preauthorise, attempt.save_method, attempt.customer,
                attempt.stored_method, attempt.label, hint, attempt.slot, attempt.merchant_initiated, attempt.created_at);
        return attempt;
    }

    Outcome send(const Attempt& attempt, const SendData& data) override {
        Outcome out;
        switch (attempt.method) {
            case Method::invoice:
                out.kind = AttemptState::deferred;
                return out;
            case Method::hosted:
                if (!vendo::in_dollars(attempt.amount, deps_.vendo.usd_rates)) {
                    out.kind = AttemptState::failed;
                    out.decline = Decline::other_method;
                    out.log = "no dollar rate is set for this currency";
                    return out;
                }
                out.kind = AttemptState::verification_pending;
                out.redirect_url = gateway_.hosted_url(attempt, data);
                return out;
            case Method::stored_card: {
                std::string token;
                const auto sealed = deps_.database.read([&](db::Session& session) -> std::string {
                    const auto rows = session.query(sql::stored_token, attempt.stored_method, attempt.customer);
                    return rows.empty() ? "" : rows.front().get<std::string>("token");
                });
                if (!sealed.empty()) token = crypto::decrypt(deps_.secret_key, kTokenPurpose, from_hex(sealed));
                if (token.empty()) {
                    out.kind = AttemptState::failed;
                    out.decline = Decline::other_method;
                    out.log = "the stored card was removed meanwhile";
                    return out;
                }
                return gateway_.pay(attempt, data, token);
            }
            case Method::card:
            case Method::sepa:
                return gateway_.pay(attempt, data, "");
            case Method::gift_card:
            case Method::store_credit:
                throw std::logic_error("payments: gift cards and store credit are spent, not sent");
        }
        return out;
    }

    Outcome resolve(const Attempt& attempt) override {
        Listings listings;
        return resolve(attempt, listings);
    }

    bool give_up(db::Tx& tx, AttemptId id) override { return tx.exec(sql::give_up, id, deps_.clock.now()) > 0; }

    Change apply(db::Tx& tx, AttemptId id, const Outcome& outcome) override {
        auto attempt = first_attempt(tx.query(sql::lock_attempt, id));
        if (!attempt) throw std::logic_error("payments: no such attempt");
        const bool money = outcome.kind == AttemptState::paid;
        if (succeeded(attempt->state)) {
            // The only ways on from here are that a reservation or a tentative debit becomes money, or that the debit comes back.
            if (money && attempt->state != AttemptState::paid) {
                tx.exec(sql::mark_captured, id, deps_.clock.now(), outcome.request_id, outcome.transaction_id);
                post_capture(tx, *attempt);
                return Change::settled;
            }
            if (attempt->state == AttemptState::tentative && outcome.kind == AttemptState::declined) {
                tx.exec(sql::mark_bounced, id, deps_.clock.now());
                (void)open_case(tx, returned_key(*attempt), "debit_returned", attempt->reference,
                                attempt->transaction_id.value_or(0), attempt->amount);
                return Change::bounced;
            }
            return Change::none;
        }
        if (!is_open(attempt->state) && !succeeded(outcome.kind))
            return Change::none;  // closed without success: only a late success counts
        if (!is_open(attempt->state) && attempt->captured == attempt->amount) return Change::none;  // late success that is known already
        if (outcome.kind == attempt->state && outcome.redirect_url == attempt->redirect_url) return Change::none;

        auto state = outcome.kind;
        bool surplus = false;
        if (!is_open(attempt->state)) {
            // Late success beside another living attempt: the row keeps its state, the money is recorded all the same.
            for (const auto& other : of_payable(tx, attempt->payable)) {
                if (other.id != id && other.slot == attempt->slot && (is_open(other.state) || succeeded(other.state))) surplus = true;
            }
        }
        if (surplus) {
            if (outcome.kind == AttemptState::preauthorised) return Change::none;  // lapses by itself
            state = attempt->state;
        }
        // A debit that nobody waits for any more counts as money at once, so that it can be sent back.
        const bool captured = money || (surplus && outcome.kind == AttemptState::tentative);
        tx.exec(sql::record_outcome, id, json::to_name(state), json::to_name(outcome.decline), outcome.provider_code,
                outcome.processor_status, outcome.request_id, outcome.auth_code, outcome.mandate_id, outcome.redirect_url,
                outcome.verification_id, outcome.transaction_id, deps_.clock.now());
        if (captured && state != AttemptState::paid) tx.exec(sql::record_late_capture, id, deps_.clock.now());
        attempt->transaction_id = outcome.transaction_id;
        if (captured) post_capture(tx, *attempt);
        if (succeeded(outcome.kind) && !outcome.token.empty() && attempt->save_method && attempt->customer)
            keep_token(tx, *attempt, outcome.token);
        if (captured) return Change::became_paid;
        switch (outcome.kind) {
            case AttemptState::paid:
                return Change::became_paid;
            case AttemptState::preauthorised:
                return Change::became_preauthorised;
            case AttemptState::tentative:
                return Change::became_tentative;
            case AttemptState::deferred:
                return Change::became_deferred;
            case AttemptState::declined:
                return Change::became_declined;
            case AttemptState::failed:
            case AttemptState::expired:
                return Change::became_failed;
            case AttemptState::verification_pending:
                return Change::needs_redirect;
            case AttemptState::unknown:
                return Change::became_unknown;
            case AttemptState::sent:
                return Change::none;
        }
        return Change::none;
    }

    std::optional<Attempt> find(db::Session& session, AttemptId id) override { return first_attempt(session.query(sql::find_attempt, id)); }
    std::optional<Attempt> find_by_reference(db::Session& session, std::string_view reference) override {
        return first_attempt(session.query(sql::find_by_reference, reference));
    }
    std::vector<Attempt> of_payable(db::Session& session, const Uuid& payable) override {
        std::vector<Attempt> out;
        for (const auto row : session.query(sql::attempts_of_payable, payable)) out.push_back(attempt_from(row));
        return out;
    }
    std::vector<Method> refused_methods(db::Session& session, const Uuid& payable) override {
        std::vector<Method> out;
        for (const auto row : session.query(sql::refused_methods, payable)) {
            const auto method = json::from_name<Method>(row.get<std::string>("method")).value();
            out.push_back(method == Method::stored_card ? Method::card : method);
        }
        return out;
    }

    int sweep(int limit, const OutcomeHandler& on_outcome) override {
        auto due = deps_.database.in_tx([&](db::Tx& tx) {
            std::vector<Attempt> out;
            for (const auto row : tx.query(sql::claim_due_attempts, deps_.clock.now(), limit)) out.push_back(attempt_from(row));
            return out;
        });
        std::ranges::sort(due, {}, &Attempt::created_at);
        Listings listings;
        for (const auto& attempt : due) {
            try {
                on_outcome(attempt, resolve(attempt, listings));
            } catch (const std::exception& problem) {
                log::error("payments: an attempt could not be looked at", {{"reference", attempt.reference}, {"reason", problem.what()}});
            }
        }
        return static_cast<int>(due.size());
    }

    Outcome capture(const Attempt& given) override {
        const auto found = deps_.database.read([&](db::Session& session) { return find(session, given.id); });
        if (!found) throw std::logic_error("payments: no such attempt");
        const auto& attempt = *found;
        Outcome out;
        if (attempt.state == AttemptState::paid) {
            out.kind = AttemptState::paid;
            return out;
        }
        if (attempt.state != AttemptState::preauthorised || !attempt.transaction_id) {
            out.kind = AttemptState::failed;
            out.decline = Decline::technical;
            out.log = "this is no reservation";
            return out;
        }
        Listings listings;
        const auto earlier = attempt.capture_sent_at;
        if (earlier) {
            const auto listed = look_up(attempt, listings);
            if (listed.kind == AttemptState::paid) return listed;
            if (listed.kind == AttemptState::unknown || deps_.clock.now() - *earlier < kCertainlyAbsent) {
                out.log = "whether the earlier call captured is not known yet";
                return out;  // unknown
            }
        }
        const auto sent_at = deps_.clock.now();
        if (deps_.database.in_tx([&](db::Tx& tx) { return tx.exec(sql::begin_capture, attempt.id, sent_at, earlier); }) == 0) {
            out.log = "another capture is under way";
            return out;
        }
        out = gateway_.capture(attempt);
        if (out.untouched) {
            deps_.database.in_tx([&](db::Tx& tx) { tx.exec(sql::take_back_capture, attempt.id, sent_at, earlier); });
        } else if (out.kind != AttemptState::paid) {
            (void)list_for(attempt, listings, Freshness::fetch_again);
            const auto listed = look_up(attempt, listings);
            if (listed.kind == AttemptState::paid) return listed;
        }
        return out;
    }

    std::int64_t watch_reservations() override {
        const auto [number, reference] = deps_.database.read([&](db::Session& session) {
            const auto row = session.query(sql::old_reservations, deps_.clock.now() - kOldReservation).front();
            return std::pair(row.get<std::int64_t>("number"), row.get<std::string>("reference"));
        });
        metrics::set("payments_old_reservations", {}, static_cast<double>(number));
        if (number > 0) log::error("payments: reservations are about to lapse", {{"reservations", number}, {"first_reference", reference}});
        return number;
    }

    Result<Refund> create_refund(db::Tx& tx, AttemptId id, Money amount, std::string_view reason) override {
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

    Outcome send_refund(const Refund& refund, const Attempt& attempt) override {
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

    void apply_refund(db::Tx& tx, RefundId id, const Outcome& outcome) override {
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

    Money refunded(db::Session& session, const Uuid& payable, Currency currency) override {
        return {session.query(sql::refunded_of_payable, payable, currency).front().get<std::int64_t>("refunded"), currency};
    }

    bool has_open_case(db::Session& session, const Uuid& payable) override {
        return session.query(sql::open_case, payable).front().get<bool>("is_open");
    }

    std::vector<RefundRoom> refund_rooms(db::Session& session, const Uuid& payable) override {
        const db::Call calls[] = {db::call(sql::attempts_of_payable, payable), db::call(sql::refund_sums, payable)};
        const auto answers = session.pipeline(calls);
        std::vector<RefundRoom> out;
        for (const auto row : answers[0]) {
            auto attempt = attempt_from(row);
            const auto zero = Money::zero(attempt.amount.currency());
            out.push_back({std::move(attempt), zero, false});
        }
        for (const auto row : answers[1]) {
            const auto room =
                std::ranges::find(out, row.get<AttemptId>("attempt_id"), [](const RefundRoom& one) { return one.attempt.id; });
            if (room == out.end()) continue;
            room->pending = Money(row.get<std::int64_t>("pending"), room->pending.currency());
            room->rest_only = row.get<bool>("rest_only") && !is_credit(room->attempt.method);
            room->blocked = row.get<bool>("blocked");
        }
        return out;
    }

    std::optional<RefundProgress> refund_progress(db::Session& session, RefundId id) override {
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

    std::vector<StoredMethod> stored_methods(db::Session& session, const Uuid& customer) override {
        std::vector<StoredMethod> out;
        for (const auto row : session.query(sql::stored_methods, customer))
            out.push_back({row.get<StoredMethodId>("id"), row.get<std::string>("brand"), row.get<std::string>("last4"),
                           row.get<std::string>("expiry_month"), row.get<std::string>("expiry_year"),
                           row.get<bool>("merchant_may_charge")});
        return out;
    }
    bool forget_method(db::Tx& tx, const Uuid& customer, StoredMethodId id) override {
        return tx.exec(sql::remove_stored_method, id, customer, deps_.clock.now()) > 0;
    }

    bool set_consent(db::Tx& tx, const Uuid& customer, StoredMethodId id, bool merchant_may_charge) override {
        return tx.exec(sql::set_consent, id, customer, merchant_may_charge, deps_.clock.now()) > 0;
    }

    void process_inbox(std::int64_t inbox_id, const Listeners& listeners) override {
        struct Entry {
            std::string body;
            bool processed = false;
        };
        const auto entry = deps_.database.read([&](db::Session& session) -> std::optional<Entry> {
            const auto rows = session.query(sql::find_inbox, inbox_id);
            if (rows.empty()) return std::nullopt;
            return Entry{rows.front().get<std::string>("body"), rows.front().get<std::optional<Timestamp>>("processed_at").has_value()};
        });
        if (!entry || entry->processed) return;
        std::string reference;
        std::string callback;
        std::string is_test;
        int type = 0;
        for (const auto& [name, value] : vendo::parse_form(entry->body)) {
            if (name == "merchant_reference" || name == "transaction_reference") reference = value;
            if (name == "callback") callback = value;
            if (name == "is_test") is_test = value;
            if (name == "transaction_type" && value.size() < 4) type = std::atoi(value.c_str());
        }
        std::string result = "no reference of ours";
        if (!is_test.empty() && (is_test == "1") != deps_.vendo.test) {
            result = "of the other mode (test or live)";
        } else if (is_reference(reference)) {
            const auto attempt = deps_.database.read([&](db::Session& session) { return find_by_reference(session, reference); });
            vendo::Transaction told;
            told.type = type;
            // A notification proves nothing by itself: the provider is asked.
            if (attempt && attempt->captured.minor() > 0 && is_reversal(told)) {
                const auto listed = list_around(date_of(deps_.clock.now()));
                if (!listed) throw std::runtime_error("the provider does not answer about " + reference);
                const auto findings = reversals(*listed, attempts_named_in(*listed));
                for (const auto& finding : findings) (void)listeners.on_finding(finding);
                result = "looked for refunds and chargebacks";
            } else if (attempt && attempt->state != AttemptState::paid && attempt->state != AttemptState::deferred) {
                Listings listings;
                const auto outcome = is_open(attempt->state) || attempt->state == AttemptState::tentative ? resolve(*attempt, listings)
                                                                                                          : look_up(*attempt, listings);
                if (outcome.kind == AttemptState::unknown) throw std::runtime_error("the provider does not answer about " + reference);
                listeners.on_outcome(*attempt, outcome);
                result = json::to_name(outcome.kind);
            } else if (attempt) {
                result = "known already";
            }
        }
        deps_.database.in_tx([&](db::Tx& tx) {
            tx.exec(sql::inbox_processed, inbox_id, deps_.clock.now(), (is_reference(callback) ? callback + ": " : "") + result);
        });
    }

    int reconcile(Date day, const Listeners& listeners) override {
        const std::chrono::sys_days start(day);
        const auto listed = list_around(day);
        if (!listed) throw std::runtime_error("the provider's list could not be fetched");
        const auto attempts = attempts_named_in(*listed, Timestamp(start), Timestamp(start + std::chrono::days{1}));
        std::multimap<std::string, const vendo::Transaction*> charges;
        for (const auto& transaction : *listed) {
            if (is_payment(transaction) || is_capture(transaction)) charges.emplace(transaction.reference, &transaction);
        }
        std::vector<std::pair<const Attempt*, Outcome>> late;
        auto findings = reversals(*listed, attempts);
        int found = deps_.database.in_tx([&](db::Tx& tx) {
            int opened = 0;
            late.clear();
            std::erase_if(findings, [](const Finding& finding) { return finding.kind == Finding::Kind::charged_twice; });
            for (const auto& attempt : attempts) {
                if (attempt.state == AttemptState::tentative) {
                    // Came back before it was believed: whoever hears of it first opens the one case.
                    const bool returned = std::ranges::any_of(*listed, [&](const vendo::Transaction& transaction) {
                        return is_reversal(transaction) && attempt.transaction_id && transaction.original_id == *attempt.transaction_id;
                    });
                    if (returned) late.emplace_back(&attempt, debit_returned());
                    continue;
                }
                if (is_returned_debit(tx, attempt)) continue;  // it never was money, and did not become any
                const auto moment = attempt.capture_sent_at.value_or(attempt.created_at);
                // A reservation is no charge; its capture is.
                std::vector<const vendo::Transaction*> rows;
                const auto [first, last] = charges.equal_range(attempt.reference);
                for (auto it = first; it != last; ++it) {
                    if (is_capture(*it->second) == attempt.preauthorise) rows.push_back(it->second);
                }
                if (rows.empty()) {
                    const bool of_this_day = moment >= Timestamp(start) && moment < Timestamp(start + std::chrono::days{1});
                    const bool known = attempt.transaction_id && std::ranges::any_of(*listed, [&](const vendo::Transaction& transaction) {
                                           return transaction.id == *attempt.transaction_id;
                                       });
                    if (attempt.captured.minor() > 0 && of_this_day && (attempt.preauthorise || !known))
                        opened += open_case(tx, "missing:" + attempt.reference, "payment_missing_at_provider", attempt.reference,
                                            attempt.transaction_id.value_or(0));
                    continue;
                }
                const auto ours = std::ranges::find_if(
                    rows, [&](const vendo::Transaction* row) { return attempt.transaction_id && row->id == *attempt.transaction_id; });
                const auto& main = ours == rows.end() ? *rows.front() : **ours;
                if (main.currency != attempt.amount.currency().code() ||
                    Money::parse_decimal(main.amount, attempt.amount.currency()) != attempt.amount)
                    opened +=
                        open_case(tx, "amount:" + attempt.reference, "amount_differs", attempt.reference, main.id, listed_amount(main));
                if (attempt.captured.is_zero() && is_for(main, attempt) && !is_open(attempt.state)) {
                    // Money without an order that counts on it: booked now, and sent back if nobody waits for it.
                    if (attempt.state != AttemptState::preauthorised)
                        opened += open_case(tx, "unbooked:" + attempt.reference, "payment_not_booked", attempt.reference, main.id,
                                            listed_amount(main));
                    Outcome outcome;
                    outcome.kind = AttemptState::paid;
                    outcome.transaction_id = main.id;
                    late.emplace_back(&attempt, outcome);
                }
                for (const auto* row : rows) {
                    if (row == &main || attempt.preauthorise || is_open(attempt.state)) continue;
                    const auto amount = Money::parse_decimal(row->amount, attempt.amount.currency());
                    const bool known = std::ranges::any_of(attempts, [&](const Attempt& other) { return other.transaction_id == row->id; });
                    if (!amount || row->currency != attempt.amount.currency().code() || known) continue;
                    findings.push_back({Finding::Kind::charged_twice, attempt, *amount, row->id, std::nullopt});
                }
            }
            const auto named = [&](std::int64_t transaction) {
                return std::ranges::any_of(attempts, [&](const Attempt& attempt) { return attempt.transaction_id == transaction; });
            };
            const auto known = known_refunds(*listed);
            for (const auto& transaction : *listed) {
                if (!is_reversal(transaction) || named(transaction.original_id) || std::ranges::find(known, transaction.id) != known.end())
                    continue;
                // Of no payment that we know: nothing to book, but people should see it.
                if (is_chargeback(transaction))
                    opened += open_case(tx, "chargeback:" + std::to_string(transaction.id), "chargeback", transaction.reference,
                                        transaction.id, listed_amount(transaction));
                else
                    opened += open_case(tx, "refund:" + std::to_string(transaction.id), "refund_made_elsewhere", transaction.reference,
                                        transaction.id, listed_amount(transaction));
            }
            return opened;
        });
        // One that cannot be booked does not keep the others waiting.
        std::exception_ptr first_problem;
        const auto attempt_to = [&](const std::string& reference, const auto& act) {
            try {
                act();
            } catch (const std::exception& problem) {
                log::error("payments: a difference could not be booked", {{"reference", reference}, {"reason", problem.what()}});
                if (!first_problem) first_problem = std::current_exception();
            }
        };
        for (const auto& [attempt, outcome] : late) attempt_to(attempt->reference, [&] { listeners.on_outcome(*attempt, outcome); });
        for (const auto& finding : findings)
            attempt_to(finding.attempt.reference, [&] { found += listeners.on_finding(finding).case_opened ? 1 : 0; });
        if (first_problem) std::rethrow_exception(first_problem);
        return found;
    }

    Booked book(db::Tx& tx, const Finding& finding) override {
        const auto attempt = first_attempt(tx.query(sql::lock_attempt, finding.attempt.id));
        if (!attempt) throw std::logic_error("payments: no such attempt");
        Booked out;
        const std::string transaction = std::to_string(finding.transaction_id);
        switch (finding.kind) {
            case Finding::Kind::refund_confirmed: {
                Outcome outcome;
                outcome.kind = AttemptState::paid;
                outcome.transaction_id = finding.transaction_id;
                apply_refund(tx, finding.refund.value(), outcome);
                out.money_moved = true;
                break;
            }
            case Finding::Kind::refund_made_elsewhere:
            case Finding::Kind::chargeback: {
                if (is_returned_debit(tx, *attempt)) break;
                const bool chargeback = finding.kind == Finding::Kind::chargeback;
                out.case_opened = open_case(tx, (chargeback ? "chargeback:" : "refund:") + transaction,
                                            chargeback ? "chargeback" : "refund_made_elsewhere", attempt->reference, finding.transaction_id,
                                            finding.amount) > 0;
                const Money left = attempt->captured - attempt->refunded;
                if (finding.amount > left || finding.amount.is_zero()) break;  // not ours to explain: the case stays
                const auto id = RefundId::make();
                if (tx.exec(sql::insert_foreign_refund, id, attempt->id, finding.amount.minor(), finding.amount == left,
                            chargeback ? "chargeback" : "made elsewhere", finding.transaction_id, deps_.clock.now()) == 0)
                    break;
                post_refund(tx, id, *attempt, finding.amount);
                out.money_moved = true;
                break;
            }
            case Finding::Kind::charged_twice: {
                out.case_opened =
                    open_case(tx, "twice:" + transaction, "charged_twice", attempt->reference, finding.transaction_id, finding.amount) > 0;
                Attempt surplus = *attempt;
                surplus.id = AttemptId::make();
                surplus.amount = finding.amount;
                const int number = tx.query(sql::next_number, attempt->payable).front().get<int>("number");
                if (tx.exec(sql::insert_found_attempt, surplus.id, surplus.payable, number, attempt->reference + "-x" + transaction,
                            surplus.amount.minor(), surplus.amount.currency(), json::to_name(surplus.method), surplus.label,
                            finding.transaction_id, deps_.clock.now()) == 0)
                    break;
                post_capture(tx, surplus);
                out.money_moved = true;
                out.surplus = surplus.id;
                break;
            }
        }
        return out;
    }

private:
    static std::string from_hex(std::string_view text) {
        std::string out;
        for (std::size_t i = 0; i + 1 < text.size(); i += 2)
            out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
        return out;
    }

    // 500 calls in five minutes per address: all processes take from one bucket in Redis; without Redis each has its own.
    bool may_call() {
        const int calls = deps_.vendo.calls_per_5_minutes;
        return calls == 0 || deps_.redis.take("vendo-calls", {calls, calls / 300.0}).allowed;
    }

    Outcome resolve(const Attempt& attempt, Listings& listings) {
        if (attempt.state == AttemptState::tentative) return resolve_debit(attempt, listings);
        if (attempt.state == AttemptState::verification_pending && attempt.verification_id) return second_step(attempt, listings);
        auto outcome = look_up(attempt, listings);
        const bool absent = !outcome.transaction_id && (outcome.kind == AttemptState::failed || outcome.kind == AttemptState::unknown);
        if (attempt.state == AttemptState::verification_pending && absent) {
            // Hosted page: not there yet is not a failure until its time is over.
            const bool over = outcome.kind == AttemptState::failed && deps_.clock.now() - attempt.created_at > kVerificationLife;
            outcome.kind = over ? AttemptState::expired : AttemptState::verification_pending;
            outcome.redirect_url = attempt.redirect_url;
        }
        return outcome;
    }

    // The call that may charge. It leaves its mark first, and nothing but a clear answer or the provider's list removes the doubt.
    Outcome second_step(const Attempt& attempt, Listings& listings) {
        Outcome waiting;
        waiting.kind = AttemptState::verification_pending;
        waiting.verification_id = attempt.verification_id;
        waiting.redirect_url = attempt.redirect_url;
        const auto now = deps_.clock.now();
        const bool over = now - attempt.created_at > kVerificationLife;
        const auto earlier = attempt.second_call_at;
        if (earlier) {
            auto listed = look_up(attempt, listings);
            if (succeeded(listed.kind) || listed.transaction_id) return listed;
            if (listed.kind != AttemptState::failed) return waiting;  // it may still be under way
        }
        const auto marked = deps_.database.in_tx([&](db::Tx& tx) { return tx.exec(sql::begin_second_call, attempt.id, now, earlier); });
        if (marked == 0) return waiting;  // somebody else is at it, or it was closed meanwhile
        auto outcome = gateway_.complete_verification(attempt);
        const auto take_back = [&](const std::optional<Timestamp>& mark) {
            deps_.database.in_tx([&](db::Tx& tx) { tx.exec(sql::take_back_second_call, attempt.id, now, mark); });
        };
        if (succeeded(outcome.kind)) return outcome;
        if (outcome.untouched) {
            take_back(earlier);
            if (over) waiting.kind = AttemptState::expired;
            return waiting;
        }
        if (outcome.kind == AttemptState::verification_pending) {
            take_back(std::nullopt);  // not verified yet: certainly not charged
            if (over) outcome.kind = AttemptState::expired;
            return outcome;
        }
        if (outcome.kind == AttemptState::declined && !earlier) return outcome;
        // A call whose answer was lost may have charged, and one that is refused as "done already" says so in its way.
        Attempt called = attempt;
        called.second_call_at = now;
        if (list_for(called, listings, Freshness::fetch_again).rows) {
            auto listed = look_up(called, listings);
            if (succeeded(listed.kind) || listed.transaction_id) return listed;
            if (outcome.kind == AttemptState::declined) return outcome;
            if (outcome.kind == AttemptState::failed && (!earlier || over)) return outcome;
        }
        return waiting;
    }

    // A debit is money when the provider still lists it after the days it asks us to wait; until then the payer's bank may send it back.
    Outcome resolve_debit(const Attempt& attempt, Listings& listings) {
        auto outcome = look_up(attempt, listings);
        if (outcome.kind == AttemptState::failed) outcome.kind = AttemptState::tentative;
        return outcome;
    }

    enum class Freshness { as_fetched, fetch_again };
    const Listing& list_for(const Attempt& attempt, Listings& listings, Freshness freshness) {
        const auto today = std::chrono::floor<std::chrono::days>(deps_.clock.now());
        const auto day = std::chrono::floor<std::chrono::days>(attempt.created_at);
        // The provider's day border is not certain, hence one day more on each side. A debit may come back and a reservation may be
        // captured on any day since.
        const bool long_running = attempt.state == AttemptState::tentative || attempt.state == AttemptState::preauthorised;
        const auto called = std::chrono::floor<std::chrono::days>(last_call(attempt));
        const auto last = long_running ? today : std::min(called + std::chrono::days{1}, today);
        auto& listing = listings[{day - std::chrono::days{1}, last}];
        if (listing.fetched_at == Timestamp{} || freshness == Freshness::fetch_again) {
            listing.fetched_at = deps_.clock.now();
            listing.rows = gateway_.reconciliation(Date(day - std::chrono::days{1}), Date(last));
        }
        return listing;
    }

    // What the provider's list says of the attempt: a success, failed when it certainly has no such payment, or one that is not what was
    // asked for (then with its transaction), else unknown.
    Outcome look_up(const Attempt& attempt, Listings& listings) {
        Outcome out;
        const auto& listing = list_for(attempt, listings, Freshness::as_fetched);
        if (!listing.rows) {
            out.log = "the provider's list could not be fetched";
            return out;  // unknown
        }
        const vendo::Transaction* payment = nullptr;
        for (const auto& transaction : *listing.rows) {
            if (attempt.preauthorise && is_capture(transaction) &&
                (transaction.reference == attempt.reference || transaction.original_id == attempt.transaction_id)) {
                out.kind = AttemptState::paid;
                out.transaction_id = transaction.id;
                return out;
            }
            if (transaction.reference == attempt.reference && is_payment(transaction) && !payment) payment = &transaction;
        }
        if (payment) {
            if (!is_for(*payment, attempt)) {
                // Not what was asked for, and it will not become that: the comparison of the day opens a case for people.
                out.kind = AttemptState::failed;
                out.decline = Decline::other_method;
                out.transaction_id = payment->id;
                out.log = "the provider lists another amount";
                log::error("payments: listed amount differs", {{"reference", attempt.reference}});
                return out;
            }
            out.transaction_id = payment->id;
            out.kind = AttemptState::paid;
            if (attempt.preauthorise) out.kind = AttemptState::preauthorised;
            if (attempt.method == Method::sepa) {
                const bool returned = std::ranges::any_of(*listing.rows, [&](const vendo::Transaction& transaction) {
                    return is_reversal(transaction) && transaction.original_id == payment->id;
                });
                if (returned) {
                    const auto transaction = out.transaction_id;
                    out = debit_returned();
                    out.transaction_id = transaction;
                } else if (listing.fetched_at - attempt.created_at < kDebitSettles) {
                    out.kind = AttemptState::tentative;
                }
            }
            return out;
        }
        if (listing.fetched_at - last_call(attempt) >= kCertainlyAbsent) {
            out.kind = AttemptState::failed;
            out.decline = Decline::technical;
            out.log = "the provider has no such payment";
        }
        return out;
    }

    std::optional<std::vector<vendo::Transaction>> list_around(Date day) {
        const std::chrono::sys_days start(day);
        const auto today = std::chrono::floor<std::chrono::days>(deps_.clock.now());
        return gateway_.reconciliation(Date(start - std::chrono::days{1}), Date(std::min(start + std::chrono::days{1}, today)));
    }

    // Attempts that the list speaks of, and those of a day.
    std::vector<Attempt> attempts_named_in(const std::vector<vendo::Transaction>& listed, Timestamp from = {}, Timestamp until = {}) {
        std::vector<std::string> references;
        std::vector<std::int64_t> transactions;
        for (const auto& transaction : listed) {
            if (is_reference(transaction.reference)) references.push_back(transaction.reference);
            transactions.push_back(transaction.id);
            if (transaction.original_id != 0) transactions.push_back(transaction.original_id);
        }
        return deps_.database.read([&](db::Session& session) {
            std::vector<Attempt> out;
            for (const auto row : session.query(sql::attempts_to_compare, from, until, references, transactions))
                out.push_back(attempt_from(row));
            return out;
        });
    }

    std::vector<std::int64_t> known_refunds(const std::vector<std::int64_t>& transactions) {
        return deps_.database.read([&](db::Session& session) {
            std::vector<std::int64_t> out;
            for (const auto row : session.query(sql::refund_transactions, transactions))
                out.push_back(row.get<std::int64_t>("transaction_id"));
            return out;
        });
    }
    std::vector<std::int64_t> known_refunds(const std::vector<vendo::Transaction>& listed) {
        std::vector<std::int64_t> ids;
        for (const auto& transaction : listed) {
            if (is_reversal(transaction)) ids.push_back(transaction.id);
        }
        return known_refunds(ids);
    }

    // Money of ours that went back and is not booked yet.
    std::vector<Finding> reversals(const std::vector<vendo::Transaction>& listed, const std::vector<Attempt>& attempts) {
        std::vector<Uuid> ids;
        for (const auto& attempt : attempts) ids.push_back(attempt.id.uuid());
        struct Open {
            RefundId id;
            AttemptId attempt;
            std::int64_t amount;
        };
        auto open = deps_.database.read([&](db::Session& session) {
            std::vector<Open> out;
            for (const auto row : session.query(sql::open_refunds, ids))
                out.push_back({row.get<RefundId>("id"), row.get<AttemptId>("attempt_id"), row.get<std::int64_t>("amount")});
            return out;
        });
        const auto known = known_refunds(listed);
        std::vector<Finding> out;
        for (const auto& transaction : listed) {
            if (!is_reversal(transaction) || std::ranges::find(known, transaction.id) != known.end()) continue;
            const auto attempt = std::ranges::find_if(
                attempts, [&](const Attempt& candidate) { return candidate.transaction_id == transaction.original_id; });
            if (attempt == attempts.end() || attempt->state == AttemptState::tentative) continue;
            Finding finding;
            finding.attempt = *attempt;
            finding.transaction_id = transaction.id;
            finding.amount = unsigned_amount(transaction, attempt->amount.currency()).value_or(Money::zero(attempt->amount.currency()));
            finding.kind = is_chargeback(transaction) ? Finding::Kind::chargeback : Finding::Kind::refund_made_elsewhere;
            const auto ours = std::ranges::find_if(open, [&](const Open& refund) {
                return refund.attempt == attempt->id && refund.amount == finding.amount.minor() && is_refund(transaction);
            });
            if (ours != open.end()) {
                finding.kind = Finding::Kind::refund_confirmed;
                finding.refund = ours->id;
                open.erase(ours);
            }
            out.push_back(std::move(finding));
        }
        return out;
    }

    static Outcome debit_returned() {
        Outcome out;
        out.kind = AttemptState::declined;
        out.decline = Decline::declined;
        out.log = "the debit came back";
        return out;
    }
    static std::string returned_key(const Attempt& attempt) { return "returned:" + attempt.reference; }
    // A debit that came back before it was money, which has its case: what the list says of it is known.
    static bool is_returned_debit(db::Session& session, const Attempt& attempt) {
        return attempt.method == Method::sepa && attempt.state == AttemptState::declined && attempt.captured.is_zero() &&
               !session.query(sql::case_of_key, returned_key(attempt)).empty();
    }

    // 1 when the case is new.
    int open_case(db::Tx& tx, const std::string& key, std::string_view kind, const std::string& reference, std::int64_t transaction,
                  const std::optional<Money>& amount = std::nullopt) {
        json::Writer detail;
        detail.begin_object();
        detail.member("reference", reference);
        detail.member("transaction_id", transaction);
        if (amount) {
            detail.member("amount", amount->minor());
            detail.member("currency", amount->currency().code());
        }
        detail.end_object();
        return static_cast<int>(tx.exec(sql::insert_discrepancy, key, kind, detail.text(), deps_.clock.now()));
    }

    // Under the lock of the gift card: whoever blocks it comes before or after.
    static bool is_blocked(db::Tx& tx, const Attempt& attempt) {
        if (attempt.method != Method::gift_card) return false;
        const auto rows = tx.query(sql::lock_credit, db::parse_uuid(attempt.slot.substr(kCreditSlot.size())));
        return rows.front().get<std::optional<Timestamp>>("voided_at").has_value();
    }

    void post_refund(db::Tx& tx, RefundId id, const Attempt& attempt, const Money& amount) {
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

    void post_capture(db::Tx& tx, const Attempt& attempt) {
        const std::string subject = "order:" + attempt.payable.to_string();
        auto posted = deps_.ledger.post(tx, {"capture:" + attempt.id.uuid().to_string(),
                                             "capture",
                                             {{std::string(ledger::account::kProviderVendo), attempt.amount, subject, std::nullopt},
                                              {std::string(ledger::account::kReceivables), -attempt.amount, subject, std::nullopt}}});
        if (!posted) throw std::logic_error("payments: the capture could not be posted");
    }

    void keep_token(db::Tx& tx, const Attempt& attempt, const std::string& token) {
        const auto hint_text = tx.query(sql::card_hint, attempt.id).front().get<std::optional<std::string>>("card_hint");
        const auto hint = hint_text ? json::parse(*hint_text) : Result<json::Value>(json::Value());
        const auto sealed = crypto::encrypt(deps_.secret_key, kTokenPurpose, token);
        tx.exec(sql::insert_stored_method, StoredMethodId::make(), attempt.customer, crypto::hex(sealed),
                crypto::hex(crypto::hmac_sha256(deps_.secret_key, token)), hint->text_or("brand"), hint->text_or("last4"),
                hint->text_or("expiry_month"), hint->text_or("expiry_year"), deps_.clock.now());
    }

    Dependencies deps_;
    vendo::Gateway gateway_;
};

}  // namespace

CardHint card_hint(const CardData& card) {
    CardHint hint;
    const std::string_view number = card.number;
    const auto starts = [&](std::string_view prefix) { return number.starts_with(prefix); };
    if (starts("4"))
        hint.brand = "Visa";
    else if (starts("34") || starts("37"))
        hint.brand = "American Express";
    else if ((number >= "51" && number < "56") || (number >= "2221" && number < "2721"))
        hint.brand = "Mastercard";
    else if (starts("6"))
        hint.brand = "Maestro";
    else
        hint.brand = "Card";
    hint.last4 = number.size() >= 4 ? number.substr(number.size() - 4) : number;
    hint.expiry_month = card.expiry_month;
    hint.expiry_year = card.expiry_year;
    return hint;
}

bool is_iban(std::string_view text) {
    std::string iban;
    for (const char c : text) {
        if (c != ' ') iban += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    const auto letter = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (iban.size() < 15 || iban.size() > 34 || !letter(iban[0]) || !letter(iban[1]) || !digit(iban[2]) || !digit(iban[3])) return false;
    // The first four characters go to the end, letters count from 10; what is left of 97 must be 1.
    int remainder = 0;
    for (std::size_t i = 0; i < iban.size(); ++i) {
        const char c = iban[(i + 4) % iban.size()];
        if (digit(c))
            remainder = (remainder * 10 + (c - '0')) % 97;
        else if (letter(c))
            remainder = (remainder * 100 + (c - 'A' + 10)) % 97;
        else
            return false;
    }
    return remainder == 1;
}

std::string hook_token(std::string_view secret_key) {
    return crypto::base64url(crypto::hmac_sha256(secret_key, "stoa/vendo-hook")).substr(0, 32);
}

void add_payments_routes(http::Routes& routes, db::Database& database, Payments&, const Clock& clock, const std::string& token) {
    routes.post("/hooks/vendo/{token}", "receive_vendo_postback")
        .summary("Vendo's postbacks")
        .undocumented()
        .without_origin_check()
        .requires_access(http::Access::provider)
        .handle([&database, &clock, token](const http::Request& request) {
            if (!crypto::equal_constant_time(request.param("token"), token))
                return http::problem({ErrorKind::not_found, "http.not_found", "There is nothing here.", {}, {}, {}, 0});
            std::string callback = "transaction";
            for (const auto& [name, value] : vendo::parse_form(request.body)) {
                if (name == "callback") callback = value;
            }
            // The element's name is theirs to choose, but only letters go into our XML.
            const bool plain =
                !callback.empty() && callback.size() < 40 &&
                std::all_of(callback.begin(), callback.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
            if (!plain) callback = "transaction";
            // The fact and the job to act upon it are one transaction; a repeated notification finds its row.
            database.in_tx([&](db::Tx& tx) {
                const auto rows = tx.query(sql::insert_inbox, "vendo", crypto::hex(crypto::sha256(request.body)), callback,
                                           plain_form(request.body), request.remote_ip, clock.now());
                if (rows.empty()) return;
                jobs::NewJob job;
                job.kind = "payments.inbox";
                job.payload = "{\"inbox_id\":" + std::to_string(rows.front().get<std::int64_t>("id")) + "}";
                jobs::enqueue(tx, job);
            });
            http::Response response;
            response.header("content-type", "text/xml; charset=utf-8");
            response.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<postbackResponse><" + callback + "><code>1</code></" + callback +
                            "></postbackResponse>\n";
            return response;
        });
}

std::int64_t forget_notifications(db::Tx& tx, Timestamp before, int limit) { return tx.exec(sql::purge_inbox, before, limit); }

std::unique_ptr<Payments> make_payments(Dependencies dependencies) { return std::make_unique<VendoPayments>(std::move(dependencies)); }

}  // namespace stoa::payments
