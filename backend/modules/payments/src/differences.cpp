#include <algorithm>
#include <cstdlib>
#include <exception>
#include <map>
#include <stdexcept>

#include "listed.hpp"
#include "sql/payments.hpp"
#include "stoa/log/log.hpp"
#include "store/attempt_rows.hpp"
#include "vendo_payments.hpp"

namespace stoa::payments {

bool VendoPayments::has_open_case(db::Session& session, const Uuid& payable) {
    return session.query(sql::open_case, payable).front().get<bool>("is_open");
}

void VendoPayments::process_inbox(std::int64_t inbox_id, const Listeners& listeners) {
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

int VendoPayments::reconcile(Date day, const Listeners& listeners) {
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
                opened += open_case(tx, "amount:" + attempt.reference, "amount_differs", attempt.reference, main.id, listed_amount(main));
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
                opened += open_case(tx, "chargeback:" + std::to_string(transaction.id), "chargeback", transaction.reference, transaction.id,
                                    listed_amount(transaction));
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

Booked VendoPayments::book(db::Tx& tx, const Finding& finding) {
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
            out.case_opened =
                open_case(tx, (chargeback ? "chargeback:" : "refund:") + transaction, chargeback ? "chargeback" : "refund_made_elsewhere",
                          attempt->reference, finding.transaction_id, finding.amount) > 0;
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

std::optional<std::vector<vendo::Transaction>> VendoPayments::list_around(Date day) {
    const std::chrono::sys_days start(day);
    const auto today = std::chrono::floor<std::chrono::days>(deps_.clock.now());
    return gateway_.reconciliation(Date(start - std::chrono::days{1}), Date(std::min(start + std::chrono::days{1}, today)));
}

std::vector<Attempt> VendoPayments::attempts_named_in(const std::vector<vendo::Transaction>& listed, Timestamp from, Timestamp until) {
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

std::vector<std::int64_t> VendoPayments::known_refunds(const std::vector<std::int64_t>& transactions) {
    return deps_.database.read([&](db::Session& session) {
        std::vector<std::int64_t> out;
        for (const auto row : session.query(sql::refund_transactions, transactions)) out.push_back(row.get<std::int64_t>("transaction_id"));
        return out;
    });
}

std::vector<std::int64_t> VendoPayments::known_refunds(const std::vector<vendo::Transaction>& listed) {
    std::vector<std::int64_t> ids;
    for (const auto& transaction : listed) {
        if (is_reversal(transaction)) ids.push_back(transaction.id);
    }
    return known_refunds(ids);
}

std::vector<Finding> VendoPayments::reversals(const std::vector<vendo::Transaction>& listed, const std::vector<Attempt>& attempts) {
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
        const auto attempt =
            std::ranges::find_if(attempts, [&](const Attempt& candidate) { return candidate.transaction_id == transaction.original_id; });
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

bool VendoPayments::is_returned_debit(db::Session& session, const Attempt& attempt) {
    return attempt.method == Method::sepa && attempt.state == AttemptState::declined && attempt.captured.is_zero() &&
           !session.query(sql::case_of_key, returned_key(attempt)).empty();
}

int VendoPayments::open_case(db::Tx& tx, const std::string& key, std::string_view kind, const std::string& reference,
                             std::int64_t transaction, const std::optional<Money>& amount) {
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

}  // namespace stoa::payments
