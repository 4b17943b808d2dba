#pragma once
// From a paid order to the parcel at the door: what goes in which shipment, from where, and what the order becomes by it. The order's
// state follows its shipments: processing with the first, shipped when everything has left, delivered when everything has arrived.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "stoa/db/db.hpp"
#include "stoa/http/idempotency.hpp"
#include "stoa/http/router.hpp"
#include "stoa/http/staff.hpp"
#include "stoa/inventory/inventory.hpp"
#include "stoa/money/money.hpp"
#include "stoa/orders/ids.hpp"
#include "stoa/orders/orders.hpp"
#include "stoa/payments/payments.hpp"
#include "stoa/shipping/shipments.hpp"

namespace stoa::orders {

// What is to go in one shipment.
struct ShipmentWish {
    struct Line {
        OrderLineId line;
        std::int64_t quantity = 1;
    };
    inventory::WarehouseId warehouse;
    std::vector<Line> lines;
    std::string option_code;  // of the carrier platform; empty: what the buyer chose, or the cheapest that fits
};

// How the goods that are not in a shipment yet would be sent, and why so.
struct Proposal {
    struct Line {
        OrderLineId line;
        std::string sku, name;
        std::int64_t quantity = 1;
        int parcel = 1;
    };
    struct Part {
        inventory::WarehouseId warehouse;
        std::string warehouse_name;
        int parcels = 0;
        std::int64_t cost = 0;
        std::vector<Line> lines;
    };
    struct Considered {
        std::vector<std::string> warehouses;
        int parcels = 0;
        std::int64_t cost = 0, missing = 0;
        std::string verdict;
    };
    std::vector<Part> parts;
    std::vector<Line> missing;  // to follow later
    std::vector<Considered> considered;
};

// What to do with an order that owes money, or whose money went back: held_back, unless somebody has said otherwise.
enum class Unpaid { held_back, sent_anyway };
// 409 orders.money_due with the reason: its payment failed or was charged back, a change made more due, or all of it was refunded.
[[nodiscard]] Result<void> may_be_sent(PaymentState payment);

// On orders whose goods came in, until a shipment is planned for them.
inline constexpr std::string_view kGoodsArrivedTag = "goods arrived";

struct BookedIn {
    OrderLineId line;
    std::int64_t restocked = 0;  // the others are written off
};

class Fulfilment {
public:
    virtual ~Fulfilment() = default;
    // A parcel came back, or never will: its goods are in the house again, and to be sent once more unless they were refunded meanwhile.
    // What is written off is taken from the stock anew, as far as there is some. Locks the order; names every line that came back.
    // shipping.not_back, shipping.booked_in, orders.line_unknown, orders.book_in_lines.
    [[nodiscard]] virtual Result<shipping::Shipment> book_in(db::Tx& tx, shipping::ShipmentId shipment, std::span<const BookedIn> lines,
                                                             const shipping::Witness& witness) = 0;
    [[nodiscard]] virtual Result<Proposal> propose(db::Session& session, OrderId order) = 0;
    // Locks the order. Without wishes: as propose() says. All or none: orders.not_to_be_shipped, orders.nothing_to_ship,
    // orders.waiting_for_goods, orders.money_due, orders.line_unknown, orders.too_many, orders.warehouse_lacks. What waits for goods stays.
    [[nodiscard]] virtual Result<std::vector<shipping::Shipment>> plan(db::Tx& tx, OrderId order, std::span<const ShipmentWish> wishes,
                                                                       Unpaid unpaid = Unpaid::held_back) = 0;
    // Of these the ones with goods that wait for a shipment, in the order given, and those that are held back.
    struct ToShip {
        std::vector<OrderId> unplanned, money_due;
    };
    [[nodiscard]] virtual ToShip to_ship(db::Session& session, const std::vector<OrderId>& orders) = 0;
    // Units that it waited for are there and the order's: its history says so. Locks the order.
    virtual void arrived(db::Tx& tx, OrderId order, catalog::VariantId variant, std::int64_t quantity) = 0;
    // Moves goods of a shipment without a label to a new one, from the same warehouse or from another. Locks the order; answers with both.
    // orders.split_labelled, orders.split_nothing, orders.line_unknown, orders.too_many, orders.warehouse_unknown, orders.warehouse_lacks.
    [[nodiscard]] virtual Result<std::vector<shipping::Shipment>> split(db::Tx& tx, shipping::ShipmentId shipment,
                                                                        std::span<const ShipmentWish::Line> lines,
                                                                        const std::optional<inventory::WarehouseId>& warehouse) = 0;
    // After the order changed, which the caller has locked and written: shipments without a label give back what the order no longer has,
    // and take over its address; its stock is where its shipments are; its state follows. Callers have asked refit() before.
    // orders.edit_labelled, orders.warehouse_lacks.
    [[nodiscard]] virtual Result<void> follow_edit(db::Tx& tx, OrderId order, bool address_changed) = 0;
};

struct FulfilmentDependencies {
    db::Database& database;
    const Clock& clock;
    Orders& orders;
    inventory::Inventory& inventory;
    shipping::Shipments& shipments;
};
// Becomes the listener of `shipments`.
[[nodiscard]] std::unique_ptr<Fulfilment> make_fulfilment(FulfilmentDependencies dependencies);

// What another module knows of an order's history: a mail, and how far it is.
struct HistoryEntry {
    Timestamp at;
    std::string kind;
    std::string data_json = "{}";
};
using HistorySource = std::function<std::vector<HistoryEntry>(db::Session&, OrderId)>;

struct DeskDependencies {
    db::Database& database;
    const Clock& clock;
    http::Idempotency& idempotency;
    Orders& orders;
    Fulfilment& fulfilment;
    shipping::Shipments& shipments;
    inventory::Inventory& inventory;
    payments::Payments& payments;
    http::StaffGate& gate;
    http::AuditLog& audit;
    Currency currency;  // of the warehouses' costs
    HistorySource mails = {};
};
// The order desk: /api/v1/admin/orders, /shipments, /picking-list.
void add_desk_routes(http::Routes& routes, DeskDependencies dependencies);

}  // namespace stoa::orders
