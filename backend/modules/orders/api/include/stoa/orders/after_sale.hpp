#pragma once
// What happens to an order after it was sold: refunds and returns. Each refund is worked out by a pure function first,
// which the preview shows and the confirmation writes.
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/catalog/catalog.hpp"

#include "stoa/http/idempotency.hpp"
#include "stoa/http/router.hpp"
#include "stoa/http/staff.hpp"
#include "stoa/inventory/inventory.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/ledger/ledger.hpp"
#include "stoa/orders/fulfilment.hpp"
#include "stoa/orders/orders.hpp"
#include "stoa/payments/cases.hpp"
#include "stoa/payments/credits.hpp"
#include "stoa/payments/payments.hpp"
#include "stoa/shipping/return_labels.hpp"
#include "stoa/shipping/shipments.hpp"
#include "stoa/storage/storage.hpp"

namespace stoa::orders {

// Goods that a buyer may have instead of those they return: another variant of the product, which costs the same.
struct Swap {
    catalog::VariantId instead_of, variant;
    std::string sku, options_text;
    std::int64_t available = 0;
};
// Whoever knows prices says what may be had instead of each variant, for a buyer of that currency and country.
using FindSwaps = std::function<std::vector<Swap>(db::Session&, std::span<const catalog::ProductId>, std::span<const catalog::VariantId>,
                                                  Currency, std::string_view country, std::string_view locale)>;

// Goods that staff put into a placed order, as its buyer would pay for them today. Those that are not sold to the buyer are left out.
struct OfferRequest {
    std::optional<customers::CustomerId> customer;
    Currency currency;
    std::string country, locale;
    std::vector<inventory::Wanted> goods;
};
struct Offer {
    NewLine line;
    std::string tax_reason;
    bool tax_included = true;
};
using FindOffers = std::function<std::vector<Offer>(db::Session&, const OfferRequest&)>;

// What a mail about a refund says.
struct RefundFacts {
    OrderRefundId id;
    OrderId order;
    std::string state;  // pending, done, failed
    Money amount;       // granted
    std::string return_number;
    bool moves_money = false;  // false: nothing was paid yet, so less is owed
    struct Line {
        std::string name;
        std::int64_t quantity = 1;
        Money amount;
    };
    std::vector<Line> lines;
    Money shipping, adjustment;
    struct Part {
        std::string label;  // "Visa •••• 4242"
        Money amount;
    };
    std::vector<Part> parts;
};
// What a mail about a return says.
struct ReturnFacts {
    ReturnId id;
    OrderId order;
    std::string number, answer;
    struct Line {
        std::string name;
        std::int64_t quantity = 1, received = 0;
        std::string instead;  // of an exchange
    };
    std::vector<Line> lines;
    std::string replacement_number;
};

// Store credit for an order without an account: a new gift card, whose code is kept nowhere else.
struct RefundGiftCard {
    OrderRefundId refund;  // there is one mail for each
    Header order;
    payments::IssuedGiftCard issued;
};

struct AfterSaleDependencies {
    db::Database& database;
    const Clock& clock;
    http::Idempotency& idempotency;
    ledger::Ledger& ledger;
    inventory::Inventory& inventory;
    payments::Payments& payments;
    Orders& orders;
    catalog::Catalog& catalog;
    shipping::ReturnLabels& labels;
    storage::ObjectStore& files;  // photos and labels: never served without asking who wants them
    FindSwaps swaps;
    FindOffers offers;
    Fulfilment& fulfilment;
    shipping::Shipments& shipments;
    payments::Credits& credits;
    payments::Cases& cases;
    // Mails the code to the order's address, in the transaction that issues it.
    std::function<void(db::Tx&, const RefundGiftCard&)> mail_gift_card;
};

class AfterSale {
public:
    virtual ~AfterSale() = default;
    // My Account: what can be returned, asking for it, and thinking better of it.
    virtual void add_customer_routes(http::Routes& routes, customers::Customers& customers) = 0;
    // Permissions: orders.read, orders.edit (changes and cancellations), orders.refund (with a limit for all refunds of an order together),
    // orders.returns, orders.return_policy, orders.reconcile (resolving cases; a loss needs the right and the limit of a refund).
    virtual void add_admin_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) = 0;
    // What the buyer still has to pay for an order that was sold and paid in part: after a change, or when a debit came back. Zero while
    // nothing is to be collected, nullopt when the order was not sold. With a Tx lock the order first.
    [[nodiscard]] virtual std::optional<Money> due(db::Session& session, OrderId order) = 0;
    // What is sold and neither paid nor granted back, whether or not anybody collects it: after a refund at the provider, or before the
    // payment state says it. Zero of an order that is not sold. With a Tx lock the order first.
    [[nodiscard]] virtual Money unpaid(db::Session& session, OrderId order) = 0;
    // A payment of what was due has come; the header was locked in this transaction. The payment state says what is still open.
    virtual void due_paid(db::Tx& tx, Header& order) = 0;
    // The payer's bank took money back; the header was locked in this transaction. What is left on gift cards that were bought with it
    // waits until somebody has decided.
    virtual void charged_back(db::Tx& tx, const Header& order) = 0;
    // Tells the buyer by mail where to pay it (event order.payment_requested). The header was locked in this transaction.
    virtual void request_payment(db::Tx& tx, const Header& order, const Money& due) = 0;
    // orders.refund: one refund of one payment, at the provider. orders.purge_return_photos: those that nobody sent in. orders.complete:
    // what has arrived, cannot be returned any more, and has nothing open becomes completed.
    [[nodiscard]] virtual std::vector<jobs::Handler> job_handlers() = 0;
    [[nodiscard]] virtual std::vector<jobs::Schedule> schedules() const = 0;

    [[nodiscard]] virtual std::optional<RefundFacts> refund_facts(db::Session& session, OrderRefundId id) = 0;
    [[nodiscard]] virtual std::optional<ReturnFacts> return_facts(db::Session& session, ReturnId id) = 0;
    // An exchange: nothing is due for it, so no invoice is written.
    [[nodiscard]] virtual bool is_replacement(db::Session& session, OrderId id) = 0;
};

[[nodiscard]] std::unique_ptr<AfterSale> make_after_sale(AfterSaleDependencies dependencies);

}  // namespace stoa::orders
