#include "stoa/payments/payments.hpp"

#include <algorithm>
#include <stdexcept>

#include "sql/payments.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/log/log.hpp"
#include "vendo/gateway.hpp"

namespace stoa::payments {
namespace {

using std::chrono::minutes;

constexpr std::string_view kTokenPurpose = "payment-token";
// An invoice is a loan: small sums, countries where we collect. In a currency that the gateway does not take it is the only way to
// pay, and then no limit shuts the buyer out.
constexpr std::int64_t kInvoiceLimitMajor = 1000;
constexpr std::string_view kInvoiceCountries[] = {"AT", "BE", "CH", "DE", "FR", "LU", "NL"};
constexpr std::string_view kVendoCurrencies[] = {"USD", "EUR", "GBP", "JPY", "MXN", "BRL"};
constexpr minutes kVerificationLife{120};
// The longest a call can take, and the same again: after this an attempt that the provider does not list was never made.
constexpr minutes kCertainlyAbsent{3};

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
        case 71:
            return transaction.successful && !transaction.negative;
        default:
            return false;
    }
}
bool is_refund(const vendo::Transaction& transaction) { return transaction.type == 30 || transaction.type == 31 || transaction.type == 35; }

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
bool succeeded(AttemptState state) {
    return state == AttemptState::paid || state == AttemptState::preauthorised || state == AttemptState::tentative ||
           state == AttemptState::deferred;
}

class VendoPayments final : public Payments {
public:
    explicit VendoPayments(Dependencies dependencies) : deps_(std::move(dependencies)), gateway_(deps_.client, deps_.clock, deps_.vendo) {}

    std::vector<Method> methods(const Money& total, std::string_view country) const override {
        std::vector<Method> out;
        const auto currency = total.currency().code();
        if (std::find(std::begin(kVendoCurrencies), std::end(kVendoCurrencies), currency) != std::end(kVendoCurrencies))
            out.push_back(Method::card);
        if (currency == "EUR") out.push_back(Method::sepa);
        // The hosted page takes its amount in US dollars: only there is the total exact (vendo.md 11.2).
        if (currency == "USD") out.push_back(Method::hosted);
        const bool collects = std::find(std::begin(kInvoiceCountries), std::end(kInvoiceCountries), country) != std::end(kInvoiceCountries);
        if (out.empty() || (collects && total.minor() <= kInvoiceLimitMajor * total.currency().minor_per_major()))
            out.push_back(Method::invoice);
        return out;
    }

    Result<Attempt> create(db::Tx& tx, const NewAttempt& wanted) override {
        for (const auto& earlier : of_payable(tx, wanted.payable)) {
            if (succeeded(earlier.state)) return fail(ErrorKind::conflict, "payments.already_paid", "This has been paid already.");
            if (is_open(earlier.state)) return fail(ErrorKind::conflict, "payments.attempt_open", "A payment is still being processed.");
        }
        Attempt attempt;
        if (wanted.method == Method::stored_card) {
            const auto rows = tx.query(sql::stored_token, wanted.stored_method, wanted.customer);
            if (rows.empty()) return fail(ErrorKind::invalid, "payments.stored_method_unknown", "This card is no longer saved.");
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
        attempt.preauthorise = wanted.preauthorise;
        attempt.save_method = wanted.save_method;
        attempt.customer = wanted.customer;
        attempt.stored_method = wanted.stored_method;
        attempt.captured = attempt.refunded = Money::zero(wanted.amount.currency());
        attempt.created_at = deps_.clock.now();
        tx.exec(sql::insert_attempt, attempt.id, attempt.payable, attempt.number, attempt.reference, attempt.amount.minor(),
                attempt.amount.currency(), json::to_name(attempt.method), attempt.preauthorise, attempt.save_method, attempt.customer,
                attempt.stored_method, attempt.label, hint, attempt.created_at);
        return attempt;
    }

    Outcome send(const Attempt& attempt, const SendData& data) override {
        Outcome out;
        switch (attempt.method) {
            case Method::invoice:
                out.kind = AttemptState::deferred;
                return out;
            case Method::hosted:
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
        }
        return out;
    }

    Outcome resolve(const Attempt& attempt) override {
        if (attempt.state == AttemptState::verification_pending && attempt.verification_id) {
            auto outcome = gateway_.complete_verification(attempt);
            if (outcome.kind == AttemptState::verification_pending && deps_.clock.now() - attempt.created_at > kVerificationLife)
                outcome.kind = AttemptState::expired;
            // A second call whose answer was lost may have charged: the provider's list decides.
            if (outcome.kind == AttemptState::unknown) {
                auto listed = look_up(attempt);
                if (listed.kind == AttemptState::paid) return listed;
                outcome.kind = AttemptState::verification_pending;
                outcome.verification_id = attempt.verification_id;
                outcome.redirect_url = attempt.redirect_url;
            }
            return outcome;
        }
        auto outcome = look_up(attempt);
        const bool absent = outcome.kind == AttemptState::failed || outcome.kind == AttemptState::unknown;
        if (attempt.state == AttemptState::verification_pending && absent) {
            // Hosted page: not there yet is not a failure until its time is over.
            const bool over = outcome.kind == AttemptState::failed && deps_.clock.now() - attempt.created_at > kVerificationLife;
            outcome.kind = over ? AttemptState::expired : AttemptState::verification_pending;
            outcome.redirect_url = attempt.redirect_url;
        }
        return outcome;
    }

    Change apply(db::Tx& tx, AttemptId id, const Outcome& outcome) override {
        auto attempt = first_attempt(tx.query(sql::lock_attempt, id));
        if (!attempt) throw std::logic_error("payments: no such attempt");
        const bool money = outcome.kind == AttemptState::paid;
        if (succeeded(attempt->state)) {
            // The only way on from here is that a reservation or a tentative debit becomes money.
            if (money && attempt->state != AttemptState::paid) {
                tx.exec(sql::mark_captured, id, deps_.clock.now());
                post_capture(tx, *attempt);
                return Change::became_paid;
            }
            return Change::none;
        }
        if (!is_open(attempt->state) && !succeeded(outcome.kind))
            return Change::none;  // closed without success: only a late success counts
        if (!is_open(attempt->state) && attempt->captured == attempt->amount) return Change::none;  // late success that is known already
        if (outcome.kind == attempt->state && outcome.redirect_url == attempt->redirect_url) return Change::none;

        auto state = outcome.kind;
        if (!is_open(attempt->state)) {
            // Late success beside another living attempt: the row keeps its state, the money is recorded all the same.
            for (const auto& other : of_payable(tx, attempt->payable)) {
                if (other.id != id && (is_open(other.state) || succeeded(other.state))) state = attempt->state;
            }
        }
        tx.exec(sql::record_outcome, id, json::to_name(state), json::to_name(outcome.decline), outcome.provider_code,
                outcome.processor_status, outcome.request_id, outcome.auth_code, outcome.mandate_id, outcome.redirect_url,
                outcome.verification_id, outcome.transaction_id, deps_.clock.now());
        if (money && state != AttemptState::paid) tx.exec(sql::record_late_capture, id, deps_.clock.now());
        attempt->transaction_id = outcome.transaction_id;
        if (money) post_capture(tx, *attempt);
        if (succeeded(outcome.kind) && !outcome.token.empty() && attempt->save_method && attempt->customer)
            keep_token(tx, *attempt, outcome.token);
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
    std::vector<Attempt> due(db::Session& session, int limit) override {
        std::vector<Attempt> out;
        for (const auto row : session.query(sql::due_attempts, deps_.clock.now(), limit)) out.push_back(attempt_from(row));
        return out;
    }
    void note_checked(db::Tx& tx, AttemptId id) override { tx.exec(sql::note_checked, id, deps_.clock.now()); }

    Outcome capture(const Attempt& attempt) override {
        auto outcome = gateway_.capture(attempt);
        if (outcome.kind == AttemptState::paid && !outcome.transaction_id) outcome.transaction_id = attempt.transaction_id;
        return outcome;
    }

    Result<Refund> create_refund(db::Tx& tx, AttemptId id, Money amount, std::string_view reason) override {
        const auto attempt = first_attempt(tx.query(sql::lock_attempt, id));
        if (!attempt || attempt->captured.is_zero())
            return fail(ErrorKind::conflict, "payments.nothing_captured", "Nothing was captured with this payment.");
        bool had_partial = false;
        for (const auto row : tx.query(sql::refunds_of_attempt, id)) {
            const auto state = row.get<std::string>("state");
            if (state == "sent" || state == "unknown") {
                // An earlier call has no answer yet: that one is finished before another begins.
                return Refund{row.get<RefundId>("id"), id, Money(row.get<std::int64_t>("amount"), amount.currency()),
                              row.get<bool>("is_full"), true};
            }
            if (state == "done" && !row.get<bool>("is_full")) had_partial = true;
        }
        const Money left = attempt->captured - attempt->refunded;
        if (amount.is_zero() || amount.is_negative() || amount > left)
            return fail(ErrorKind::invalid, "payments.refund_too_large", "At most " + left.to_decimal() + " can be refunded.");
        const bool full = amount == left;
        if (had_partial && !full)
            return fail(ErrorKind::conflict, "payments.refund_rest_only",
                        "The provider allows one partial refund; now only the rest of " + left.to_decimal() + " can be refunded.");
        Refund refund{RefundId::make(), id, amount, full, false};
        tx.exec(sql::insert_refund, refund.id, id, amount.minor(), full, reason, deps_.clock.now());
        return refund;
    }

    Outcome send_refund(const Refund& refund, const Attempt& attempt) override {
        if (refund.repeated) {
            const auto today = date_of(deps_.clock.now());
            const auto listed = gateway_.reconciliation(date_of(attempt.created_at), today);
            Outcome out;
            out.kind = AttemptState::unknown;
            out.log = "the earlier refund call could not be looked up";
            if (!listed) return out;
            for (const auto& transaction : *listed) {
                const auto amount = Money::parse_decimal(
                    transaction.amount.starts_with('-') ? transaction.amount.substr(1) : transaction.amount, refund.amount.currency());
                if (is_refund(transaction) && transaction.original_id == attempt.transaction_id && amount == refund.amount) {
                    out.kind = AttemptState::paid;
                    out.transaction_id = transaction.id;
                    return out;
                }
            }
        }
        return gateway_.refund(attempt, refund.full ? std::nullopt : std::optional(refund.amount));
    }

    void apply_refund(db::Tx& tx, RefundId id, const Outcome& outcome) override {
        const auto rows = tx.query(sql::lock_refund, id);
        if (rows.empty()) throw std::logic_error("payments: no such refund");
        const auto row = rows.front();
        const auto state = row.get<std::string>("state");
        if (state == "done" || state == "failed") return;
        const std::string next = outcome.kind == AttemptState::paid ? "done" : outcome.kind == AttemptState::unknown ? "unknown" : "failed";
        tx.exec(sql::record_refund, id, next, outcome.transaction_id, outcome.request_id, outcome.provider_code, deps_.clock.now());
        if (next != "done") return;
        const Money amount = row.money("amount");
        tx.exec(sql::add_refunded, row.get<AttemptId>("attempt_id"), amount.minor(), deps_.clock.now());
        const std::string subject = "order:" + row.get<Uuid>("payable").to_string();
        auto posted = deps_.ledger.post(tx, {"refund:" + id.uuid().to_string(),
                                             "refund",
                                             {{std::string(ledger::account::kReceivables), amount, subject, std::nullopt},
                                              {std::string(ledger::account::kProviderVendo), -amount, subject, std::nullopt}}});
        if (!posted) throw std::logic_error("payments: the refund could not be posted");
    }

    Money refunded(db::Session& session, const Uuid& payable, Currency currency) override {
        return {session.query(sql::refunded_of_payable, payable, currency).front().get<std::int64_t>("refunded"), currency};
    }

    std::vector<StoredMethod> stored_methods(db::Session& session, const Uuid& customer) override {
        std::vector<StoredMethod> out;
        for (const auto row : session.query(sql::stored_methods, customer))
            out.push_back({row.get<StoredMethodId>("id"), row.get<std::string>("brand"), row.get<std::string>("last4"),
                           row.get<std::string>("expiry_month"), row.get<std::string>("expiry_year")});
        return out;
    }
    bool forget_method(db::Tx& tx, const Uuid& customer, StoredMethodId id) override {
        return tx.exec(sql::remove_stored_method, id, customer, deps_.clock.now()) > 0;
    }

    void process_inbox(std::int64_t inbox_id, const OutcomeHandler& on_outcome) override {
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
        for (const auto& [name, value] : vendo::parse_form(entry->body)) {
            if (name == "merchant_reference" || name == "transaction_reference") reference = value;
            if (name == "callback") callback = value;
        }
        std::string result = "no reference of ours";
        if (is_reference(reference)) {
            const auto attempt = deps_.database.read([&](db::Session& session) { return find_by_reference(session, reference); });
            if (attempt && !succeeded(attempt->state)) {
                // A notification proves nothing by itself: the provider is asked.
                const auto outcome = is_open(attempt->state) ? resolve(*attempt) : look_up(*attempt);
                if (outcome.kind == AttemptState::unknown) throw std::runtime_error("the provider does not answer about " + reference);
                on_outcome(*attempt, outcome);
                result = json::to_name(outcome.kind);
            } else if (attempt) {
                result = "known already";
            }
        }
        deps_.database.in_tx([&](db::Tx& tx) {
            tx.exec(sql::inbox_processed, inbox_id, deps_.clock.now(), (is_reference(callback) ? callback + ": " : "") + result);
        });
    }

    int reconcile(Date day) override {
        const auto today = date_of(deps_.clock.now());
        const std::chrono::sys_days start(day);
        const Date from(start - std::chrono::days{1});
        const Date to = std::min(std::chrono::sys_days(start + std::chrono::days{1}), std::chrono::sys_days(today));
        const auto listed = gateway_.reconciliation(from, to);
        if (!listed) throw std::runtime_error("the provider's list could not be fetched");
        struct Ours {
            Money amount;
            AttemptState state;
            std::optional<std::int64_t> transaction;
            Money captured;
        };
        std::map<std::string, Ours> ours;
        deps_.database.read([&](db::Session& session) {
            ours.clear();
            for (const auto row : session.query(sql::attempts_of_day, Timestamp(start), Timestamp(start + std::chrono::days{1})))
                ours.emplace(row.get<std::string>("reference"),
                             Ours{row.money("amount"), json::from_name<AttemptState>(row.get<std::string>("state")).value(),
                                  row.get<std::optional<std::int64_t>>("transaction_id"), row.money("captured")});
        });
        std::map<std::string, const vendo::Transaction*> theirs;
        std::vector<std::int64_t> refund_ids;
        for (const auto& transaction : *listed) {
            if (is_payment(transaction)) theirs[transaction.reference] = &transaction;
            if (is_refund(transaction)) refund_ids.push_back(transaction.id);
        }
        int found = 0;
        deps_.database.in_tx([&](db::Tx& tx) {
            found = 0;
            const auto open_case = [&](const std::string& key, std::string_view kind, const std::string& reference,
                                       std::int64_t transaction) {
                json::Writer detail;
                detail.begin_object();
                detail.member("reference", reference);
                detail.member("transaction_id", transaction);
                detail.end_object();
                found += static_cast<int>(tx.exec(sql::insert_discrepancy, key, kind, detail.text(), deps_.clock.now()));
            };
            for (const auto& [reference, own] : ours) {
                const auto it = theirs.find(reference);
                if (own.captured.minor() > 0 && it == theirs.end())
                    open_case("missing:" + reference, "payment_missing_at_provider", reference, own.transaction.value_or(0));
                if (it != theirs.end() && own.captured.is_zero() && own.state != AttemptState::preauthorised &&
                    own.state != AttemptState::tentative && !is_open(own.state))
                    open_case("unbooked:" + reference, "payment_not_booked", reference, it->second->id);
                if (it != theirs.end() && Money::parse_decimal(it->second->amount, own.amount.currency()) != own.amount)
                    open_case("amount:" + reference, "amount_differs", reference, it->second->id);
            }
            std::vector<std::int64_t> known;
            for (const auto row : tx.query(sql::refund_transactions, refund_ids)) known.push_back(row.get<std::int64_t>("transaction_id"));
            for (const auto& transaction : *listed) {
                if (is_refund(transaction) && std::find(known.begin(), known.end(), transaction.id) == known.end())
                    open_case("refund:" + std::to_string(transaction.id), "refund_made_elsewhere", transaction.reference, transaction.id);
                if (transaction.type == 20 || transaction.type == 32)
                    open_case("chargeback:" + std::to_string(transaction.id), "chargeback", transaction.reference, transaction.id);
            }
        });
        return found;
    }

private:
    static std::string from_hex(std::string_view text) {
        std::string out;
        for (std::size_t i = 0; i + 1 < text.size(); i += 2)
            out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
        return out;
    }

    // The provider's list around the day of the attempt (its day border is not certain, hence one day more on each side).
    Outcome look_up(const Attempt& attempt) {
        Outcome out;
        const Timestamp now = deps_.clock.now();
        const auto day = std::chrono::floor<std::chrono::days>(attempt.created_at);
        const auto today = std::chrono::floor<std::chrono::days>(now);
        const auto listed = gateway_.reconciliation(Date(day - std::chrono::days{1}), Date(std::min(day + std::chrono::days{1}, today)));
        if (!listed) {
            out.log = "the provider's list could not be fetched";
            return out;  // unknown
        }
        for (const auto& transaction : *listed) {
            if (transaction.reference != attempt.reference || !is_payment(transaction)) continue;
            if (Money::parse_decimal(transaction.amount, attempt.amount.currency()) != attempt.amount ||
                transaction.currency != attempt.amount.currency().code()) {
                out.log = "the provider lists another amount";
                log::error("payments: listed amount differs", {{"reference", attempt.reference}});
                return out;
            }
            out.kind = attempt.preauthorise             ? AttemptState::preauthorised
                       : attempt.method == Method::sepa ? AttemptState::tentative
                                                        : AttemptState::paid;
            out.transaction_id = transaction.id;
            return out;
        }
        if (now - attempt.created_at >= kCertainlyAbsent) {
            out.kind = AttemptState::failed;
            out.decline = Decline::technical;
            out.log = "the provider has no such payment";
        }
        return out;
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

std::unique_ptr<Payments> make_payments(Dependencies dependencies) { return std::make_unique<VendoPayments>(std::move(dependencies)); }

}  // namespace stoa::payments
