#include <algorithm>
#include <stdexcept>

#include "listed.hpp"
#include "sql/payments.hpp"
#include "stoa/log/log.hpp"
#include "stoa/metrics/metrics.hpp"
#include "store/attempt_rows.hpp"
#include "vendo_payments.hpp"

namespace stoa::payments {
namespace {

using vendo::kVerificationLife;
// The provider asks to wait two to three days before a debit is believed.
constexpr std::chrono::days kDebitSettles{3};
constexpr std::chrono::days kOldReservation{4};

}  // namespace

Outcome VendoPayments::resolve(const Attempt& attempt) {
    Listings listings;
    return resolve(attempt, listings);
}

int VendoPayments::sweep(int limit, const OutcomeHandler& on_outcome) {
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

Outcome VendoPayments::capture(const Attempt& given) {
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

std::int64_t VendoPayments::watch_reservations() {
    const auto [number, reference] = deps_.database.read([&](db::Session& session) {
        const auto row = session.query(sql::old_reservations, deps_.clock.now() - kOldReservation).front();
        return std::pair(row.get<std::int64_t>("number"), row.get<std::string>("reference"));
    });
    metrics::set("payments_old_reservations", {}, static_cast<double>(number));
    if (number > 0) log::error("payments: reservations are about to lapse", {{"reservations", number}, {"first_reference", reference}});
    return number;
}

Outcome VendoPayments::resolve(const Attempt& attempt, Listings& listings) {
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

Outcome VendoPayments::second_step(const Attempt& attempt, Listings& listings) {
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

Outcome VendoPayments::resolve_debit(const Attempt& attempt, Listings& listings) {
    auto outcome = look_up(attempt, listings);
    if (outcome.kind == AttemptState::failed) outcome.kind = AttemptState::tentative;
    return outcome;
}

const Listing& VendoPayments::list_for(const Attempt& attempt, Listings& listings, Freshness freshness) {
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

Outcome VendoPayments::look_up(const Attempt& attempt, Listings& listings) {
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

}  // namespace stoa::payments
