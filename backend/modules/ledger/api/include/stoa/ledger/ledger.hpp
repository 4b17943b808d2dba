#pragma once
// Double-entry accounts. Every money move is one posting whose entries add up to zero; PostgreSQL refuses anything else.
// Sign: debit positive, credit negative. Assets (cash at the provider) grow by debits, revenue and liabilities by credits.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/money/money.hpp"
#include "stoa/result/result.hpp"

namespace stoa::ledger {

using AccountId = Id<"acc">;
using PostingId = Id<"pst">;

// The chart of accounts. One row per code and currency is made on first use.
namespace account {
inline constexpr std::string_view kProviderVendo = "asset:provider:vendo";  // captured at Vendo, not yet paid out
inline constexpr std::string_view kReceivables = "asset:receivables";       // orders owed by customers
inline constexpr std::string_view kSales = "revenue:sales";                 // net goods and shipping
inline constexpr std::string_view kTax = "liability:tax";                   // VAT owed
inline constexpr std::string_view kRefundsDue = "liability:refunds-due";
inline constexpr std::string_view kGoodwill = "expense:goodwill";  // given away: gift cards and store credit that nobody paid for
inline constexpr std::string_view kGiftCardsSold = "liability:gift-cards-sold";  // paid for, and not issued before their day
inline constexpr std::string_view kPaymentLosses =
    "expense:payment-losses";                                       // chargebacks and the like that the shop bears; gains below zero
inline constexpr std::string_view kOtherWays = "asset:other-ways";  // given back by bank transfer or cash, not by the provider
}  // namespace account

struct Entry {
    std::string account;
    Money amount;         // debit > 0, credit < 0; zero entries are left out
    std::string subject;  // "order:<uuid>" or ""
    // For an account that is made now: its balance may never go below this.
    std::optional<std::int64_t> floor;
    // Likewise never above this: 0 for what the shop owes, whose balance is negative.
    std::optional<std::int64_t> ceiling = std::nullopt;
};

struct Posting {
    std::string reference;  // unique: the same reference is posted once, ever
    std::string kind;       // "sale", "capture", "refund"
    std::vector<Entry> entries;
};

class Ledger {
public:
    virtual ~Ledger() = default;
    // Returns false when `reference` was posted before (nothing changes). Throws std::logic_error for an unbalanced posting before
    // SQL sees it. Fails with ledger.floor when an account would pass its floor or ceiling.
    virtual Result<bool> post(db::Tx& tx, const Posting& posting) = 0;
    [[nodiscard]] virtual Money balance(db::Session& session, std::string_view account, Currency currency) = 0;
    struct Balance {
        std::string account;
        Money amount;
    };
    // Of the accounts that exist among these, in each currency.
    [[nodiscard]] virtual std::vector<Balance> balances(db::Session& session, const std::vector<std::string>& accounts) = 0;
    struct Movement {
        std::string reference, kind;
        Timestamp at;
        Money amount;
        std::string subject;
    };
    // Newest first.
    [[nodiscard]] virtual std::vector<Movement> history(db::Session& session, std::string_view account, int limit) = 0;
    // Balances of one document over all accounts.
    [[nodiscard]] virtual std::vector<Balance> subject(db::Session& session, std::string_view subject) = 0;
    // Unbalanced postings and accounts whose balance differs from their entries; both 0 in a sound ledger.
    struct Audit {
        std::int64_t unbalanced = 0;
        std::int64_t drifted = 0;
        std::int64_t total = 0;
    };
    [[nodiscard]] virtual Audit audit(db::Session& session) = 0;
};

[[nodiscard]] std::unique_ptr<Ledger> make_ledger(const Clock& clock);

}  // namespace stoa::ledger
