#pragma once
// Carts as checkout, quotes and accounts use them. Every function that changes a cart takes the transaction; lock() first.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "stoa/cart/dto.hpp"
#include "stoa/cart/evaluate.hpp"
#include "stoa/cart/ids.hpp"
#include "stoa/cart/totals.hpp"
#include "stoa/customers/customers.hpp"
#include "stoa/db/db.hpp"
#include "stoa/http/message.hpp"
#include "stoa/inventory/inventory.hpp"

namespace stoa::cart {

struct StoredLine {
    LineId id;
    catalog::VariantId variant;
    std::int64_t quantity = 1;
    std::optional<std::int64_t> wanted;  // more was asked for than there was (merge at login); shown until the line is touched
    std::optional<Money> shown_unit;     // the unit price last shown
    std::vector<GiftDto> gifts;          // of gift cards, one for each unit
};
// Of a line of gift cards, one for each unit.
[[nodiscard]] std::vector<GiftDto> gifts_of(const StoredLine& line);
// A cart as stored: rows, not decisions.
struct StoredCart {
    CartId id;
    std::int64_t version = 0;
    bool is_open = true;
    std::optional<customers::CustomerId> customer;
    Currency currency;
    std::string locale = "en";
    std::string country = "DE";
    std::vector<StoredLine> lines;   // in the order they were added
    std::vector<std::string> codes;  // canonical, in the order they were entered
};

struct ViewOptions {
    std::optional<Money> shipping;  // chosen delivery; nullopt: not chosen
    std::string email;              // known address, for limits per customer
    bool business_with_valid_vat_id = false;
    bool explain = false;
    catalog::Freshness goods = catalog::Freshness::now;  // recent: for what is only shown
};

// Everything known of a cart at one moment. `priced.lines` holds the purchasable lines only, in the order of the cart.
struct CartView {
    StoredCart stored;
    companies::BuyerContext buyer;
    std::map<catalog::VariantId, catalog::VariantInfo> variants;
    std::map<catalog::VariantId, inventory::Supply> supply;
    PricedCart priced;
    CartDto dto;
    bool purchasable = false;  // it has lines and none of them is unavailable
    // What takes stock: all but gift cards.
    [[nodiscard]] std::vector<inventory::Wanted> wanted() const;
    [[nodiscard]] bool is_gift_card(catalog::VariantId variant) const;
    [[nodiscard]] bool needs_delivery() const;  // anything but gift cards
    // What of it is not there yet.
    struct ToCome {
        std::int64_t units = 0;
        std::optional<Date> on;  // the last of it; without a day somewhere nobody knows
    };
    [[nodiscard]] std::optional<ToCome> to_come() const;
};

[[nodiscard]] TotalsDto to_totals(const PricedCart& priced);

// Who asks: the customer when logged in, else the bearer of a guest cookie.
struct Visitor {
    std::optional<customers::CustomerInfo> customer;
    std::string guest_token;                                        // as in the cookie; empty without one
    std::string default_currency, default_locale, default_country;  // for a cart that is yet to be made
};

struct Changed {
    CartView view;
    std::string guest_token;  // non-empty: give the guest this cookie (again)
};

class Carts {
public:
    virtual ~Carts() = default;
    // From the cookies; at most the one statement of customers.current(). ?currency, ?locale and ?country, where they are valid,
    // become the defaults of a cart that is yet to be made.
    [[nodiscard]] virtual Visitor visitor(const http::Request& request) = 0;

    // ---- reading ------------------------------------------------------------------------------------------------------
    // The visitor's open cart. Three statements in one round trip.
    [[nodiscard]] virtual std::optional<StoredCart> find(db::Session& session, const Visitor& visitor) = 0;
    // Whatever its state (a checkout shows its cart also after the order was placed).
    [[nodiscard]] virtual std::optional<StoredCart> load(db::Session& session, CartId id) = 0;
    // Same as find and load, and the cart's row stays locked until the transaction ends; lines are read after the lock was granted.
    [[nodiscard]] virtual std::optional<StoredCart> lock(db::Tx& tx, const Visitor& visitor) = 0;
    [[nodiscard]] virtual std::optional<StoredCart> lock(db::Tx& tx, CartId id) = 0;
    // Loads what is needed and evaluates; changes nothing. A fixed number of statements.
    [[nodiscard]] virtual CartView view(db::Session& session, StoredCart cart, const std::optional<customers::CustomerInfo>& customer,
                                        const ViewOptions& options = {}) = 0;
    // What GET /cart shows a visitor without a cart.
    [[nodiscard]] virtual CartView empty_view(const Visitor& visitor) = 0;
    // For GET /session: sum of quantities, 0 without a cart. One statement.
    [[nodiscard]] virtual std::int64_t item_count(db::Session& session, const Visitor& visitor) = 0;

    // ---- the shopper's changes ------------------------------------------------------------------------------------------
    // `expected_version` refuses with 409 cart.version_conflict when the cart has changed meanwhile.
    [[nodiscard]] virtual Result<Changed> create(db::Tx& tx, const Visitor& visitor) = 0;
    // `gift`: whom each of these gift cards is for; nothing else may have one.
    [[nodiscard]] virtual Result<Changed> add_line(db::Tx& tx, const Visitor& visitor, catalog::VariantId variant, std::int64_t quantity,
                                                   const std::optional<GiftDto>& gift = std::nullopt) = 0;
    // `gifts`: as many as there are units then; those that stay as they were are not judged again.
    struct LineChange {
        std::optional<std::int64_t> quantity;
        std::optional<std::vector<GiftDto>> gifts = std::nullopt;
    };
    [[nodiscard]] virtual Result<Changed> change_line(db::Tx& tx, const Visitor& visitor, LineId line, const LineChange& change,
                                                      std::optional<std::int64_t> expected_version) = 0;
    [[nodiscard]] virtual Result<Changed> set_quantity(db::Tx& tx, const Visitor& visitor, LineId line, std::int64_t quantity,
                                                       std::optional<std::int64_t> expected_version) = 0;
    [[nodiscard]] virtual Result<Changed> add_code(db::Tx& tx, const Visitor& visitor, std::string_view code) = 0;
    [[nodiscard]] virtual Result<Changed> remove_code(db::Tx& tx, const Visitor& visitor, std::string_view code) = 0;
    struct Context {
        std::optional<std::string> currency, locale, country;
    };
    [[nodiscard]] virtual Result<Changed> set_context(db::Tx& tx, const Visitor& visitor, const Context& context,
                                                      std::optional<std::int64_t> expected_version) = 0;

    // ---- checkout and login; lock() first ---------------------------------------------------------------------------------
    // The destination decides tax; checkout sets it when the address is known.
    virtual void set_country(db::Tx& tx, CartId cart, std::string_view country) = 0;
    // The shopper has seen these unit prices (checkout start): no price_changed after this.
    virtual void remember_prices(db::Tx& tx, const CartView& view) = 0;
    // The first lock of whoever settles an order: the cart, and the one that it was joined into at login.
    virtual void lock_for_order(db::Tx& tx, CartId cart) = 0;
    // The cart became an order: the next add starts a new cart. Lines beyond `bought` go on in a cart of their own. False when it was
    // not open any more; what is bought then leaves the cart that it was joined into.
    virtual bool mark_ordered(db::Tx& tx, CartId cart, const Uuid& order, std::span<const inventory::Wanted> bought) = 0;
    // The order came to nothing before it was confirmed: the cart is open again, unless its customer has begun another one.
    virtual bool reopen(db::Tx& tx, CartId cart) = 0;
    // For customers.on_login: the guest cart becomes, or joins, the customer's. Quantities add; what exceeds stock is kept in mind
    // and shown as an issue of the line. Returns what became of the guest's cart: `guest` is now, or lies in, `own`; nullopt when there
    // was none. A cart that was ordered already stays as it is and is named all the same.
    struct Merged {
        CartId guest, own;
    };
    virtual std::optional<Merged> merge_on_login(db::Tx& tx, const customers::CustomerInfo& customer, const http::Request& request,
                                                 http::Response& response) = 0;
    // Removes carts of guests whose time is over; returns how many.
    virtual std::int64_t sweep(db::Tx& tx, Timestamp now, int limit) = 0;
};

}  // namespace stoa::cart
