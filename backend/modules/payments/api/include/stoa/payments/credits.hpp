#pragma once
// Gift cards and store credit: what the shop owes somebody, to be paid with. A balance is nothing but its entries in the ledger, on a
// liability account whose ceiling is zero: it cannot be spent twice, whoever tries.
//
// Paying with one beside a card is: hold() in the transaction that writes the order, spend() in the one that confirms it. A hold is judged
// by its time when it is read, as holds of stock are; spent, it is a payment of the order like any other, and refunds go back to it.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/http/staff.hpp"
#include "stoa/ledger/ledger.hpp"
#include "stoa/money/money.hpp"
#include "stoa/payments/payments.hpp"
#include "stoa/result/result.hpp"

namespace stoa::payments {

struct Credit {
    CreditId id;
    Method kind = Method::gift_card;   // or store_credit
    std::string hint;                  // of a gift card's code, the last four characters
    std::optional<Uuid> customer;      // whose store credit
    Money issued, balance, available;  // available: what no other order has on hold
    std::string email, note, staff;
    std::optional<Timestamp> expires_at;
    bool voided = false;
    bool suspended = false;  // what was paid for it was charged back, and nobody has decided yet
    Timestamp created_at;

    [[nodiscard]] bool is_usable(Timestamp now) const { return !voided && !suspended && (!expires_at || *expires_at > now); }
    // Nothing was spent of it, nothing is on hold, and it was not written off.
    [[nodiscard]] bool is_untouched() const { return !voided && balance == issued && available == balance; }
};
struct CreditShare {
    CreditId id;
    Money amount;
};
struct NewGiftCard {
    Money amount;
    std::optional<Timestamp> expires_at;
    std::string email, note;
};
struct IssuedGiftCard {
    Credit card;
    std::string code;  // kept nowhere: shown or mailed now
};

class Credits {
public:
    virtual ~Credits() = default;
    // The value is an expense of the shop: nobody paid for it.
    [[nodiscard]] virtual IssuedGiftCard issue(db::Tx& tx, const NewGiftCard& card, const http::StaffActor& staff) = 0;
    // Somebody bought it: the value comes from `account`.
    [[nodiscard]] virtual IssuedGiftCard issue_sold(db::Tx& tx, const NewGiftCard& card, std::string_view account,
                                                    std::string_view subject) = 0;
    // What was paid for it goes back: its value goes to `account`, and nobody pays with it any more. False, and nothing changed, when
    // something of it was spent, an order is being paid with it, or it was blocked.
    [[nodiscard]] virtual bool take_back(db::Tx& tx, CreditId id, std::string_view account, std::string_view subject) = 0;
    // Spaces, dashes and small letters do not matter. Nullopt for a code that never was one: no more than that is told apart.
    [[nodiscard]] virtual std::optional<Credit> by_code(db::Session& session, std::string_view code) = 0;
    // In the order given; unknown ones are left out. What `owner` has on hold counts as available.
    [[nodiscard]] virtual std::vector<Credit> find(db::Session& session, const std::vector<CreditId>& ids,
                                                   const std::optional<Uuid>& owner = std::nullopt) = 0;
    // A customer's store credit, made at its first use.
    [[nodiscard]] virtual Credit of_customer(db::Tx& tx, const Uuid& customer, Currency currency) = 0;
    // What there is of it, in each currency.
    [[nodiscard]] virtual std::vector<Credit> all_of_customer(db::Session& session, const Uuid& customer) = 0;
    // Newest first, after (at, id); `wanted`: the last four characters of a code, or an e-mail address.
    [[nodiscard]] virtual std::vector<Credit> newest(db::Session& session, const std::optional<std::pair<Timestamp, Uuid>>& after,
                                                     int limit, const std::optional<std::string>& wanted) = 0;
    // What moved, newest first: positive where the holder gained.
    [[nodiscard]] virtual std::vector<ledger::Ledger::Movement> history(db::Session& session, const Credit& credit, int limit) = 0;
    // Adds to the balance against `account`. False when `reference` was posted before.
    [[nodiscard]] virtual Result<bool> put(db::Tx& tx, CreditId id, const Money& amount, std::string_view account,
                                           std::string_view reference, std::string_view subject) = 0;
    // Lost or stolen: what is on it is written off, and nobody pays with it any more. 404 payments.credit_unknown, 409
    // payments.credit_voided, payments.credit_held while an order is being paid with it.
    [[nodiscard]] virtual Result<Credit> void_card(db::Tx& tx, CreditId id) = 0;

    // Nobody pays with these until that is taken back; what is on them stays. How many it changed.
    virtual std::int64_t suspend(db::Tx& tx, const std::vector<CreditId>& ids, bool suspended) = 0;

    // All of them or none, in the place of what `owner` had on hold. 409 payments.credit_short when one has too little or may not be used.
    [[nodiscard]] virtual Result<void> hold(db::Tx& tx, const Uuid& owner, std::span<const CreditShare> shares, Timestamp expires_at) = 0;
    virtual void release(db::Tx& tx, const Uuid& owner) = 0;
    // The sum of what `owner` has on hold in its currency, expired or not; 409 payments.credit_short when it cannot be spent any more.
    // Locks it, so that it stays so until the commit.
    [[nodiscard]] virtual Result<Money> check(db::Tx& tx, const Uuid& owner, Currency currency) = 0;
    // After check(): what is on hold becomes payments of the owner, an order whose row is locked and whose sale is posted.
    struct Spent {
        Method kind = Method::gift_card;
        std::string text;  // "•••• 7KQM", to recognise the card by
    };
    virtual std::vector<Spent> spend(db::Tx& tx, const Uuid& owner, std::string_view reference) = 0;
    // Holds that nobody waits for any more.
    virtual void sweep(db::Tx& tx) = 0;
};

struct CreditDependencies {
    const Clock& clock;
    ledger::Ledger& ledger;
    std::string secret_key;
};
[[nodiscard]] std::unique_ptr<Credits> make_credits(CreditDependencies dependencies);

}  // namespace stoa::payments
