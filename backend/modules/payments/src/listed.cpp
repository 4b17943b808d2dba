#include "listed.hpp"

#include <algorithm>
#include <cstdlib>

namespace stoa::payments {
namespace {

// The hosted page bills at the provider's rate of the moment; a small difference to our price is a case for people, not a lost payment.
constexpr std::int64_t kHostedTolerancePercent = 3;

}  // namespace

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
bool is_reversal(const vendo::Transaction& transaction) { return is_refund(transaction) || is_chargeback(transaction); }

bool is_for(const vendo::Transaction& transaction, const Attempt& attempt) {
    if (transaction.currency != attempt.amount.currency().code()) return false;
    const auto listed = Money::parse_decimal(transaction.amount, attempt.amount.currency());
    if (!listed) return false;
    if (attempt.method != Method::hosted || transaction.currency == "USD") return *listed == attempt.amount;
    const auto difference = listed->minor() - attempt.amount.minor();
    return std::abs(difference) * 100 <= attempt.amount.minor() * kHostedTolerancePercent;
}

std::optional<Money> unsigned_amount(const vendo::Transaction& transaction, Currency currency) {
    if (transaction.currency != currency.code()) return std::nullopt;
    std::string_view text = transaction.amount;
    if (text.starts_with('-')) text.remove_prefix(1);
    return Money::parse_decimal(text, currency);
}

std::optional<Money> listed_amount(const vendo::Transaction& transaction) {
    const auto currency = Currency::parse(transaction.currency);
    return currency ? unsigned_amount(transaction, *currency) : std::nullopt;
}

bool is_reference(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
}

bool is_open(AttemptState state) {
    return state == AttemptState::sent || state == AttemptState::unknown || state == AttemptState::verification_pending;
}
Timestamp last_call(const Attempt& attempt) { return std::max(attempt.created_at, attempt.second_call_at.value_or(attempt.created_at)); }
bool succeeded(AttemptState state) {
    return state == AttemptState::paid || state == AttemptState::preauthorised || state == AttemptState::tentative ||
           state == AttemptState::deferred;
}

}  // namespace stoa::payments
