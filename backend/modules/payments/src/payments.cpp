#include <algorithm>
#include <stdexcept>

#include "listed.hpp"
#include "sql/payments.hpp"
#include "stoa/crypto/crypto.hpp"
#include "store/attempt_rows.hpp"
#include "vendo_payments.hpp"

namespace stoa::payments {
namespace {

constexpr std::string_view kTokenPurpose = "payment-token";
// An invoice is a loan: small sums only, and countries where we collect. In a currency that the gateway does not take it is the only way
// to pay, and then the country does not matter.
constexpr std::int64_t kInvoiceLimitMajor = 1000;
constexpr std::string_view kInvoiceCountries[] = {"AT", "BE", "CH", "DE", "FR", "LU", "NL"};
constexpr std::string_view kVendoCurrencies[] = {"USD", "EUR", "GBP", "JPY", "MXN", "BRL"};

}  // namespace

std::vector<Method> VendoPayments::methods(const Money& total, std::string_view country) const {
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

Result<Attempt> VendoPayments::create(db::Tx& tx, const NewAttempt& wanted) {
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

Outcome VendoPayments::send(const Attempt& attempt, const SendData& data) {
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

bool VendoPayments::give_up(db::Tx& tx, AttemptId id) { return tx.exec(sql::give_up, id, deps_.clock.now()) > 0; }

Change VendoPayments::apply(db::Tx& tx, AttemptId id, const Outcome& outcome) {
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
            (void)open_case(tx, returned_key(*attempt), "debit_returned", attempt->reference, attempt->transaction_id.value_or(0),
                            attempt->amount);
            return Change::bounced;
        }
        return Change::none;
    }
    if (!is_open(attempt->state) && !succeeded(outcome.kind)) return Change::none;  // closed without success: only a late success counts
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
    tx.exec(sql::record_outcome, id, json::to_name(state), json::to_name(outcome.decline), outcome.provider_code, outcome.processor_status,
            outcome.request_id, outcome.auth_code, outcome.mandate_id, outcome.redirect_url, outcome.verification_id,
            outcome.transaction_id, deps_.clock.now());
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

std::optional<Attempt> VendoPayments::find(db::Session& session, AttemptId id) {
    return first_attempt(session.query(sql::find_attempt, id));
}

std::optional<Attempt> VendoPayments::find_by_reference(db::Session& session, std::string_view reference) {
    return first_attempt(session.query(sql::find_by_reference, reference));
}

std::vector<Attempt> VendoPayments::of_payable(db::Session& session, const Uuid& payable) {
    std::vector<Attempt> out;
    for (const auto row : session.query(sql::attempts_of_payable, payable)) out.push_back(attempt_from(row));
    return out;
}

std::vector<Method> VendoPayments::refused_methods(db::Session& session, const Uuid& payable) {
    std::vector<Method> out;
    for (const auto row : session.query(sql::refused_methods, payable)) {
        const auto method = json::from_name<Method>(row.get<std::string>("method")).value();
        out.push_back(method == Method::stored_card ? Method::card : method);
    }
    return out;
}

std::vector<StoredMethod> VendoPayments::stored_methods(db::Session& session, const Uuid& customer) {
    std::vector<StoredMethod> out;
    for (const auto row : session.query(sql::stored_methods, customer))
        out.push_back({row.get<StoredMethodId>("id"), row.get<std::string>("brand"), row.get<std::string>("last4"),
                       row.get<std::string>("expiry_month"), row.get<std::string>("expiry_year"), row.get<bool>("merchant_may_charge")});
    return out;
}

bool VendoPayments::forget_method(db::Tx& tx, const Uuid& customer, StoredMethodId id) {
    return tx.exec(sql::remove_stored_method, id, customer, deps_.clock.now()) > 0;
}

bool VendoPayments::set_consent(db::Tx& tx, const Uuid& customer, StoredMethodId id, bool merchant_may_charge) {
    return tx.exec(sql::set_consent, id, customer, merchant_may_charge, deps_.clock.now()) > 0;
}

std::string VendoPayments::from_hex(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
    return out;
}

bool VendoPayments::may_call() {
    const int calls = deps_.vendo.calls_per_5_minutes;
    return calls == 0 || deps_.redis.take("vendo-calls", {calls, calls / 300.0}).allowed;
}

Outcome VendoPayments::debit_returned() {
    Outcome out;
    out.kind = AttemptState::declined;
    out.decline = Decline::declined;
    out.log = "the debit came back";
    return out;
}

std::string VendoPayments::returned_key(const Attempt& attempt) { return "returned:" + attempt.reference; }

void VendoPayments::post_capture(db::Tx& tx, const Attempt& attempt) {
    const std::string subject = "order:" + attempt.payable.to_string();
    auto posted = deps_.ledger.post(tx, {"capture:" + attempt.id.uuid().to_string(),
                                         "capture",
                                         {{std::string(ledger::account::kProviderVendo), attempt.amount, subject, std::nullopt},
                                          {std::string(ledger::account::kReceivables), -attempt.amount, subject, std::nullopt}}});
    if (!posted) throw std::logic_error("payments: the capture could not be posted");
}

void VendoPayments::keep_token(db::Tx& tx, const Attempt& attempt, const std::string& token) {
    const auto hint_text = tx.query(sql::card_hint, attempt.id).front().get<std::optional<std::string>>("card_hint");
    const auto hint = hint_text ? json::parse(*hint_text) : Result<json::Value>(json::Value());
    const auto sealed = crypto::encrypt(deps_.secret_key, kTokenPurpose, token);
    tx.exec(sql::insert_stored_method, StoredMethodId::make(), attempt.customer, crypto::hex(sealed),
            crypto::hex(crypto::hmac_sha256(deps_.secret_key, token)), hint->text_or("brand"), hint->text_or("last4"),
            hint->text_or("expiry_month"), hint->text_or("expiry_year"), deps_.clock.now());
}

std::unique_ptr<Payments> make_payments(Dependencies dependencies) { return std::make_unique<VendoPayments>(std::move(dependencies)); }

}  // namespace stoa::payments
