#pragma once
// Checkout composes the purchase (design 4.2). complete() reads top to bottom like the business process; settle() is step 4 and is
// shared by the answer of the provider, the shopper's return, the provider's notification and the sweeper.
#include <memory>
#include <string>
#include <vector>

#include "stoa/cart/carts.hpp"
#include "stoa/customers/customers.hpp"
#include "stoa/db/db.hpp"
#include "stoa/http/idempotency.hpp"
#include "stoa/http/router.hpp"
#include "stoa/inventory/inventory.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/orders/after_sale.hpp"
#include "stoa/orders/orders.hpp"
#include "stoa/payments/credits.hpp"
#include "stoa/payments/payments.hpp"
#include "stoa/promotions/promotions.hpp"
#include "stoa/redis/redis.hpp"
#include "stoa/shipping/shipping.hpp"

namespace stoa::checkout {

struct Dependencies {
    db::Database& database;
    const Clock& clock;
    redis::Redis& redis;
    http::Idempotency& idempotency;
    customers::Customers& customers;
    cart::Carts& carts;
    inventory::Inventory& inventory;
    promotions::Promotions& promotions;
    shipping::Shipping& shipping;
    payments::Payments& payments;
    payments::Credits& credits;
    orders::Orders& orders;
    orders::AfterSale& after_sale;
    std::string public_url;
    bool secure_cookies = false;
    std::chrono::minutes hold{15};
    std::chrono::minutes payment_hold{30};  // from "pay" on
    std::chrono::seconds provider_timeout{60};
    // In ten minutes, from one network address; 0: no limit. Looking at a payment and at pick-up points: five times that.
    int payments_per_address = 60;
    // Mails a gift card's code, which is kept nowhere else.
    std::function<void(db::Tx&, const payments::IssuedGiftCard&, std::string_view locale)> mail_gift_card;
};

// Called at the numbered steps of complete() and settle(); chaos tests kill the process there. Null by default.
using StepHook = std::function<void(std::string_view step)>;
void set_step_hook(StepHook hook);

class Checkout {
public:
    virtual ~Checkout() = default;
    virtual void add_routes(http::Routes& routes) = 0;
    // Collecting what is due on an order, and gift cards. Permissions: orders.read, orders.edit, gift_cards.read, gift_cards.issue (with a
    // limit for each), gift_cards.block.
    virtual void add_desk_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) = 0;
    // Step 4. Safe to repeat and to race.
    virtual void settle(payments::AttemptId attempt, const payments::Outcome& outcome) = 0;
    // For customers.on_login: the guest's cart becomes, or joins, the customer's, and so does the order that is being paid for.
    virtual void on_login(db::Tx& tx, const customers::CustomerInfo& customer, const http::Request& request, http::Response& response) = 0;
    // For carts: goods left the cart. What is held for them is free again, unless it is being paid for.
    virtual void give_back(db::Tx& tx, const cart::CartView& cart) = 0;
    // Compares a day with the provider's list, books what can be put right, opens cases for the rest; returns how many cases are new.
    virtual int reconcile(Date day) = 0;
    // Jobs: payments.inbox, checkout.sweep_payments, checkout.watch_reservations, checkout.cancel_stale, checkout.refund,
    // checkout.capture, inventory.sweep, and when they run.
    [[nodiscard]] virtual std::vector<jobs::Handler> job_handlers() = 0;
    [[nodiscard]] virtual std::vector<jobs::Schedule> schedules() const = 0;
};

[[nodiscard]] std::unique_ptr<Checkout> make_checkout(Dependencies dependencies);

}  // namespace stoa::checkout
