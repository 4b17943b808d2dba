#pragma once
// Gift cards that shoppers buy: issued when they are paid for, mailed to whom they are for, taken back with the money.
//
// The books: a sale is a sale until it is paid for (sales), then the shop owes the card (liability:gift-cards-sold), from its day on to
// whoever has its code (liability:gift-card:<id>). What comes back goes the way back.
#include <functional>
#include <memory>
#include <vector>

#include "stoa/jobs/jobs.hpp"
#include "stoa/orders/after_sale.hpp"
#include "stoa/orders/orders.hpp"
#include "stoa/payments/cases.hpp"
#include "stoa/payments/credits.hpp"

namespace stoa::orders {

struct SoldGiftCard {
    Uuid id;  // of the card that was bought: there is one mail for each
    Header order;
    GiftWish wish;  // its e-mail address is the buyer's when nobody else was named
    payments::IssuedGiftCard issued;
};

struct GiftCardDependencies {
    db::Database& database;
    const Clock& clock;
    ledger::Ledger& ledger;
    payments::Credits& credits;
    payments::Cases& cases;
    Orders& orders;
    AfterSale& after_sale;
    // Mails the code, which is kept nowhere else, in the transaction that issues it.
    std::function<void(db::Tx&, const SoldGiftCard&)> mail;
};

class GiftCards {
public:
    virtual ~GiftCards() = default;
    // An order was confirmed or changed, its payment changed, or a refund was granted: what is paid for by now is issued, each card once,
    // whoever says so how often. Nothing while something of the order is unpaid, whatever was refunded or charged back.
    virtual void follow(db::Tx& tx, OrderId order) = 0;
    // "orders.issue_gift_cards": those whose day has come.
    [[nodiscard]] virtual std::vector<jobs::Handler> job_handlers() = 0;
    [[nodiscard]] virtual std::vector<jobs::Schedule> schedules() const = 0;
};
[[nodiscard]] std::unique_ptr<GiftCards> make_gift_cards(GiftCardDependencies dependencies);

}  // namespace stoa::orders
