#pragma once
// Orders: placing, confirming, cancelling, reading. Every state change goes through change_state() in one place, under the
// order's row lock, with its event in the same transaction.
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/catalog/catalog.hpp"
#include "stoa/customers/customers.hpp"
#include "stoa/db/db.hpp"
#include "stoa/http/router.hpp"
#include "stoa/inventory/inventory.hpp"
#include "stoa/ledger/ledger.hpp"
#include "stoa/orders/dto.hpp"
#include "stoa/orders/ids.hpp"
#include "stoa/orders/states.hpp"
#include "stoa/payments/payments.hpp"
#include "stoa/shipping/shipments.hpp"

namespace stoa::orders {

// Whom a gift card is for.
struct GiftWish {
    std::string email, recipient, sender, message;  // without an e-mail address it goes to the buyer
    std::optional<Date> send_on;
};
[[nodiscard]] std::string to_text(const std::vector<GiftWish>& gifts);  // for fingerprints

// Delivery of an order that is nothing but gift cards: "By e-mail", "Per E-Mail", ...
inline constexpr std::string_view kByMail = "by-mail";
[[nodiscard]] std::string_view by_mail_label(std::string_view locale);

struct NewLine {
    catalog::VariantInfo variant;
    std::int64_t quantity = 1;
    Money unit_price, discount, total, net, tax;
    std::int64_t tax_basis_points = 0;
    std::string tax_treatment;
    std::vector<GiftWish> gifts{};  // of gift cards, one for each unit
};
struct NewTaxLine {
    std::int64_t basis_points = 0;
    std::string treatment, reason;
    Money net, tax;
};
struct NewDiscount {
    std::string label;
    std::optional<std::string> code;
    Money amount;
};

struct NewOrder {
    OrderId id;
    Uuid cart_id, checkout_id;
    std::optional<customers::CustomerId> customer;
    std::string owner_hash;  // hex, empty for customers
    std::string email, phone, locale, country;
    bool tax_included = true;
    Money subtotal, discount, shipping, tax, total;
    std::vector<NewLine> lines;
    std::vector<NewDiscount> discounts;
    std::vector<NewTaxLine> tax_lines;
    customers::AddressDto shipping_address, billing_address;
    ShippingMethodDto shipping_method;
    std::string payment_method;
    std::string fingerprint;  // of everything above: tells whether a pending order is still the same purchase
};

// The order's head, enough for decisions.
struct Header {
    OrderId id;
    std::string number;
    std::optional<Uuid> cart_id, checkout_id;
    std::optional<customers::CustomerId> customer;
    std::string owner_hash;
    std::string email, locale, country, fingerprint;
    State state = State::pending_payment;
    PaymentState payment_state = PaymentState::pending;
    Money total, tax;
    Timestamp placed_at;
};

class Orders {
public:
    virtual ~Orders() = default;
    // Writes the order as pending_payment with event order.placed. Throws db::UniqueViolation (orders_cart) when the cart already has a
    // living order.
    virtual Header place(db::Tx& tx, const NewOrder& order) = 0;
    [[nodiscard]] virtual std::optional<Header> lock(db::Tx& tx, OrderId id) = 0;
    [[nodiscard]] virtual std::optional<Header> lock_living_of_cart(db::Tx& tx, const Uuid& cart) = 0;
    [[nodiscard]] virtual std::optional<Header> living_of_cart(db::Session& session, const Uuid& cart) = 0;
    [[nodiscard]] virtual std::optional<Header> header(db::Session& session, OrderId id) = 0;
    struct Ordered {
        std::vector<inventory::Wanted> lines, goods;  // goods: what takes stock, all but gift cards
    };
    [[nodiscard]] virtual Ordered wanted(db::Session& session, OrderId id) = 0;

    // The header must have been locked in this transaction. Confirming posts the sale to the ledger (debit receivables, credit sales
    // and tax, subject "order:<uuid>").
    [[nodiscard]] virtual Result<void> confirm(db::Tx& tx, Header& order, PaymentState payment) = 0;
    // A pending payment becomes failed, or `payment` where money did move. The reason ("not_paid", "replaced", "sold_out", "staff")
    // stands in the event.
    [[nodiscard]] virtual Result<void> cancel(db::Tx& tx, Header& order, std::string_view reason,
                                              std::optional<PaymentState> payment = std::nullopt) = 0;
    // To processing, shipped or delivered, as its shipments say (fulfilment.hpp), or completed (after_sale.hpp). The header must have been
    // locked in this transaction.
    [[nodiscard]] virtual Result<void> advance(db::Tx& tx, Header& order, State to) = 0;
    virtual void payment_failed(db::Tx& tx, Header& order, std::string_view attempt_reference) = 0;
    virtual void set_payment_state(db::Tx& tx, Header& order, PaymentState payment) = 0;
    virtual void set_payment(db::Tx& tx, OrderId id, std::string_view method, std::string_view label) = 0;
    // The guest who placed it has logged in: it is the customer's from here on.
    virtual void take_over(db::Tx& tx, Header& order, customers::CustomerId customer) = 0;
    virtual void note(db::Tx& tx, OrderId id, std::string_view kind, std::string_view data_json = "{}") = 0;

    // Orders of guests with that (proven) address become the customer's; returns which.
    struct Claimed {
        std::string number;
        Timestamp placed_at;
    };
    virtual std::vector<Claimed> claim(db::Tx& tx, const customers::CustomerInfo& customer) = 0;
    [[nodiscard]] virtual std::vector<OrderId> stale_pending(db::Session& session, Timestamp before, int limit) = 0;
    [[nodiscard]] virtual bool has_bought(db::Session& session, customers::CustomerId customer, catalog::ProductId product) = 0;

    // Eleven statements in four round trips, whatever the number of lines and parcels.
    [[nodiscard]] virtual std::optional<OrderDto> order(db::Session& session, OrderId id, std::string_view locale) = 0;
    [[nodiscard]] virtual std::optional<OrderId> find_number(db::Session& session, std::string_view number) = 0;

    // Link for a guest: signed, names one order.
    [[nodiscard]] virtual std::string view_token(OrderId id) const = 0;
    [[nodiscard]] virtual std::optional<OrderId> read_view_token(std::string_view token) const = 0;
};

// More entries for an order's timeline (mails sent, parcels), given by other modules.
using TimelineSource = std::function<std::vector<TimelineDto>(db::Session&, OrderId, std::string_view locale)>;

struct Dependencies {
    db::Database& database;
    const Clock& clock;
    ledger::Ledger& ledger;
    std::string secret_key;
    std::vector<TimelineSource> timeline_sources;
    shipping::Shipments* shipments = nullptr;   // what shoppers see of them; none: orders show no parcels
    inventory::Inventory* inventory = nullptr;  // what their lines wait for; none: orders do not say it
};
[[nodiscard]] std::unique_ptr<Orders> make_orders(Dependencies dependencies);
void add_orders_routes(http::Routes& routes, db::Database& database, Orders& orders, customers::Customers& customers);

// In the words of the shop: "Paid", "Bezahlt", ...
[[nodiscard]] std::string_view state_label(State state, std::string_view locale);
// "card" → "Card", "Karte", ...
[[nodiscard]] std::string_view payment_method_label(std::string_view method, std::string_view locale);

}  // namespace stoa::orders
