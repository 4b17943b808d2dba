#include "stoa/orders/fulfilment.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "domain/refit.hpp"
#include "domain/sources.hpp"
#include "edits/delivery.hpp"
#include "sql/desk.hpp"

namespace stoa::orders {
namespace {

using shipping::Shipment;
using shipping::ShipmentState;

// What the carriers that we use take in one parcel.
constexpr std::int64_t kParcelGrams = 23000;

struct LineFacts {
    OrderLineId id;
    catalog::VariantId variant;
    std::string sku, name;
    std::int64_t quantity = 0;  // sold, as weight and net are of
    std::int64_t to_send = 0;   // without what was refunded before it left
    std::int64_t open = 0;      // of them in no living shipment
    std::int64_t refunded = 0, unsent = 0;
    std::int64_t weight_grams = 0, net = 0;
};

bool counts(const Shipment& shipment) { return shipment.state != ShipmentState::cancelled; }

// By order.
std::map<OrderId, std::vector<LineFacts>> facts_of(db::Session& session, const std::vector<OrderId>& orders,
                                                   const std::vector<Shipment>& shipments) {
    std::map<OrderId, std::vector<LineFacts>> out;
    for (const auto row : session.query(sql::lines_to_send, orders)) {
        LineFacts line;
        line.id = row.get<OrderLineId>("id");
        line.variant = row.get<catalog::VariantId>("variant_id");
        line.sku = row.get<std::string>("sku");
        line.name = row.get<std::string>("name");
        line.quantity = row.get<std::int64_t>("quantity");
        line.refunded = row.get<std::int64_t>("refunded");
        line.unsent = row.get<std::int64_t>("unsent");
        line.to_send = line.open = line.quantity - line.unsent;
        line.weight_grams = row.get<std::int64_t>("weight_grams");
        line.net = row.get<std::int64_t>("net");
        for (const auto& shipment : shipments) {
            if (!counts(shipment)) continue;
            for (const auto& sent : shipment.lines) {
                if (sent.order_line == line.id.uuid() && !came_back(shipment, sent)) line.open -= sent.quantity;
            }
        }
        out[row.get<OrderId>("order_id")].push_back(std::move(line));
    }
    return out;
}
std::vector<LineFacts> facts_of(db::Session& session, OrderId order, const std::vector<Shipment>& shipments) {
    return std::move(facts_of(session, std::vector<OrderId>{order}, shipments)[order]);
}

// Promised to shipments that have not left, by warehouse and variant.
std::map<std::pair<inventory::WarehouseId, catalog::VariantId>, std::int64_t> reserved(const std::vector<Shipment>& shipments) {
    std::map<std::pair<inventory::WarehouseId, catalog::VariantId>, std::int64_t> out;
    for (const auto& shipment : shipments) {
        if (!counts(shipment) || shipment.left_at) continue;
        for (const auto& line : shipment.lines)
            out[{inventory::WarehouseId(shipment.warehouse), catalog::VariantId(line.variant)}] += line.quantity;
    }
    return out;
}

class PgFulfilment final : public Fulfilment {
public:
    explicit PgFulfilment(FulfilmentDependencies dependencies) : deps_(dependencies) {
        deps_.shipments.listen({[this](db::Tx& tx, const Uuid& order) { (void)deps_.orders.lock(tx, OrderId(order)); },
                                [this](db::Tx& tx, const Shipment& after, const Shipment& before) { changed(tx, after, before); }});
    }

    Result<Proposal> propose(db::Session& session, OrderId order) override {
        const auto header = deps_.orders.header(session, order);
        if (!header) return fail(ErrorKind::not_found, "orders.not_found", "There is no such order.");
        const auto shipments = deps_.shipments.of_order(session, order.uuid());
        const auto facts = facts_of(session, order, shipments);
        const auto warehouses = deps_.inventory.warehouses(session);
        const auto choice = choose(session, *header, facts, warehouses, shipments);
        const auto name_of = [&](inventory::WarehouseId id) {
            const auto found = std::ranges::find(warehouses, id, &inventory::Warehouse::id);
            return found == warehouses.end() ? std::string() : found->name;
        };
        const auto line_of = [&](OrderLineId id, std::int64_t quantity, int parcel) {
            const auto fact = std::ranges::find(facts, id, &LineFacts::id);
            return Proposal::Line{id, fact->sku, fact->name, quantity, parcel};
        };
        Proposal out;
        for (const auto& part : choice.parts) {
            Proposal::Part shown{part.warehouse, name_of(part.warehouse), part.parcels, part.cost, {}};
            for (const auto& each : part.goods) shown.lines.push_back(line_of(each.line, each.quantity, each.parcel));
            out.parts.push_back(std::move(shown));
        }
        for (const auto& each : choice.missing) out.missing.push_back(line_of(each.line, each.quantity, 0));
        for (const auto& each : choice.considered) {
            Proposal::Considered shown{{}, each.parcels, each.cost, each.missing, each.verdict};
            for (const auto id : each.warehouses) shown.warehouses.push_back(name_of(id));
            out.considered.push_back(std::move(shown));
        }
        return out;
    }

    Result<std::vector<Shipment>> plan(db::Tx& tx, OrderId id, std::span<const ShipmentWish> wishes, Unpaid unpaid) override {
        auto header = deps_.orders.lock(tx, id);
        if (!header) return fail(ErrorKind::not_found, "orders.not_found", "There is no such order.");
        if (header->state != State::confirmed && header->state != State::processing)
            return fail(ErrorKind::conflict, "orders.not_to_be_shipped",
                        "An order that is " + std::string(json::to_name(header->state)) + " is not to be shipped.");
        if (unpaid == Unpaid::held_back) {
            if (auto may = may_be_sent(header->payment_state); !may) return std::unexpected(may.error());
        }
        const auto shipments = deps_.shipments.of_order(tx, id.uuid());
        auto facts = facts_of(tx, id, shipments);
        const auto warehouses = deps_.inventory.warehouses(tx);
        std::vector<ShipmentWish> wanted(wishes.begin(), wishes.end());
        if (wanted.empty()) {
            for (const auto& part : choose(tx, *header, facts, warehouses, shipments).parts) {
                ShipmentWish wish;
                wish.warehouse = part.warehouse;
                std::map<OrderLineId, std::int64_t> sum;
                for (const auto& each : part.goods) sum[each.line] += each.quantity;
                for (const auto& [line, quantity] : sum) wish.lines.push_back({line, quantity});
                wanted.push_back(std::move(wish));
            }
        }
        if (wanted.empty()) {
            const auto order = id.uuid();
            if (!deps_.inventory.waiting(tx, std::span(&order, 1)).empty())
                return fail(ErrorKind::conflict, "orders.waiting_for_goods", "What is left of this order is not there yet.");
            return fail(ErrorKind::conflict, "orders.nothing_to_ship", "Everything of this order is in a shipment already.");
        }

        auto targets = reserved(shipments);
        for (const auto& wish : wanted) {
            if (std::ranges::find(warehouses, wish.warehouse, &inventory::Warehouse::id) == warehouses.end())
                return fail(ErrorKind::invalid, "orders.warehouse_unknown", "There is no such warehouse.");
            if (wish.lines.empty()) return fail(ErrorKind::conflict, "orders.nothing_to_ship", "A shipment needs goods.");
            for (const auto& line : wish.lines) {
                const auto fact = std::ranges::find(facts, line.line, &LineFacts::id);
                if (fact == facts.end()) return fail(ErrorKind::invalid, "orders.line_unknown", "The order has no such line.");
                if (line.quantity < 1 || line.quantity > fact->open)
                    return fail(
                        ErrorKind::conflict, "orders.too_many",
                        "Of " + fact->sku + " there are " + std::to_string(std::max<std::int64_t>(0, fact->open)) + " left to ship.");
                fact->open -= line.quantity;
                targets[{wish.warehouse, fact->variant}] += line.quantity;
            }
        }
        std::vector<inventory::Sourced> sourced;
        for (const auto& [place, quantity] : targets) sourced.push_back({place.first, place.second, quantity});
        if (!deps_.inventory.source(tx, id.uuid(), sourced))
            return fail(ErrorKind::conflict, "orders.warehouse_lacks", "The warehouse does not have that many to spare.");

        const auto to = destination(tx, id);
        std::vector<Shipment> made;
        for (const auto& wish : wanted) {
            std::vector<ToSend> goods;
            for (const auto& line : wish.lines) {
                const auto& fact = *std::ranges::find(facts, line.line, &LineFacts::id);
                goods.push_back({fact.id, fact.variant, line.quantity, fact.weight_grams});
            }
            shipping::NewShipment shipment;
            shipment.order = id.uuid();
            shipment.order_number = header->number;
            shipment.warehouse = wish.warehouse.uuid();
            shipment.from_country = std::ranges::find(warehouses, wish.warehouse, &inventory::Warehouse::id)->country;
            shipment.option_code = wish.option_code.empty() ? to.option_code : wish.option_code;
            shipment.service_point_id = to.service_point_id;
            shipment.to = to.address;
            shipment.lines = packed(goods, facts);
            shipment.value = value_of(shipment.lines, header->total.currency());
            made.push_back(deps_.shipments.create(tx, shipment));
        }
        tx.exec(sql::drop_tag, id, kGoodsArrivedTag);
        follow_shipments(tx, *header);
        return made;
    }

    ToShip to_ship(db::Session& session, const std::vector<OrderId>& orders) override {
        std::map<OrderId, PaymentState> open;
        for (const auto row : session.query(sql::orders_to_ship, orders))
            open[row.get<OrderId>("id")] = json::from_name<PaymentState>(row.get<std::string>("payment_state")).value();
        std::vector<Uuid> ids;
        for (const auto id : orders) ids.push_back(id.uuid());
        const auto facts = facts_of(session, orders, deps_.shipments.of_orders(session, ids));
        std::map<OrderId, std::int64_t> waiting;
        for (const auto& units : deps_.inventory.waiting(session, ids)) waiting[OrderId(units.order)] += units.quantity;
        ToShip out;
        for (const auto id : orders) {
            const auto state = open.find(id);
            if (state == open.end()) continue;
            if (!may_be_sent(state->second)) out.money_due.push_back(id);
            const auto lines = facts.find(id);
            if (lines == facts.end()) continue;
            std::int64_t units = 0;
            for (const auto& line : lines->second) units += std::max<std::int64_t>(0, line.open);
            // What is not there yet waits for its goods, not for somebody.
            if (units > waiting[id]) out.unplanned.push_back(id);
        }
        return out;
    }

    Result<std::vector<Shipment>> split(db::Tx& tx, shipping::ShipmentId id, std::span<const ShipmentWish::Line> lines,
                                        const std::optional<inventory::WarehouseId>& warehouse) override {
        const auto seen = deps_.shipments.find(tx, id);
        if (!seen) return fail(ErrorKind::not_found, "shipping.shipment_unknown", "There is no such shipment.");
        const OrderId order(seen->order);
        const auto header = deps_.orders.lock(tx, order);
        const auto shipment = deps_.shipments.find(tx, id);  // as it is under the lock
        if (!is_loose(*shipment))
            return fail(ErrorKind::conflict, "orders.split_labelled",
                        "Shipment " + name_of(*shipment) + " has a label or is closed: cancel the label before its goods are moved.");
        std::map<OrderLineId, std::int64_t> keeps;
        for (const auto& line : shipment->lines) keeps[OrderLineId(line.order_line)] += line.quantity;
        ShipmentWish wish{warehouse.value_or(inventory::WarehouseId(shipment->warehouse)), {}, shipment->option_code};
        for (const auto& line : lines) {
            const auto kept = keeps.find(line.line);
            const bool twice = std::ranges::find(wish.lines, line.line, &ShipmentWish::Line::line) != wish.lines.end();
            if (kept == keeps.end() || twice)
                return fail(ErrorKind::invalid, "orders.line_unknown", "Each line of this shipment can be named once.");
            if (line.quantity < 1 || line.quantity > kept->second)
                return fail(ErrorKind::conflict, "orders.too_many",
                            "The shipment holds " + std::to_string(kept->second) + " of this line.");
            kept->second -= line.quantity;
            wish.lines.push_back(line);
        }
        std::erase_if(keeps, [](const auto& each) { return each.second == 0; });
        if (wish.lines.empty() || (keeps.empty() && wish.warehouse.uuid() == shipment->warehouse))
            return fail(ErrorKind::invalid, "orders.split_nothing",
                        "Name what goes into the new shipment, and leave something or change the warehouse.");
        std::vector<LineUnits> kept;
        for (const auto& [line, units] : keeps) kept.push_back({line, units});
        auto rest = keep_only(tx, order, *shipment, kept, header->total.currency());
        if (!rest) return std::unexpected(rest.error());
        auto made = plan(tx, order, std::span(&wish, 1), Unpaid::sent_anyway);  // it was planned before
        if (!made) return made;
        // It may have been corrected by hand: the parcel goes where the first one would.
        const auto corrected = deps_.shipments.correct(tx, made->front().id, {shipment->to, std::nullopt, shipment->service_point_id});
        if (!corrected) return std::unexpected(corrected.error());
        return std::vector{*rest, *corrected};
    }

    void arrived(db::Tx& tx, OrderId id, catalog::VariantId variant, std::int64_t quantity) override {
        const auto header = deps_.orders.lock(tx, id);
        if (!header) return;
        std::string sku;
        for (const auto& fact : facts_of(tx, id, {})) {
            if (fact.variant == variant) sku = fact.sku;
        }
        json::Writer data;
        data.begin_object();
        data.member("sku", sku);
        data.member("quantity", quantity);
        data.end_object();
        deps_.orders.note(tx, id, "goods_arrived", data.text());
        // Until somebody plans its shipment, the desk finds it by this.
        if (header->state == State::confirmed || header->state == State::processing)
            tx.exec(sql::add_tags, id, std::vector{std::string(kGoodsArrivedTag)});
    }

    Result<Shipment> book_in(db::Tx& tx, shipping::ShipmentId id, std::span<const BookedIn> lines,
                             const shipping::Witness& witness) override {
        auto booked = deps_.shipments.book_in(tx, id, witness);
        if (!booked) return booked;
        const OrderId order(booked->order);
        struct Units {
            catalog::VariantId variant;
            std::int64_t back = 0, restocked = 0;
        };
        std::map<OrderLineId, Units> units;
        for (const auto& line : booked->lines) {
            if (!came_back(*booked, line)) continue;
            auto& sum = units[OrderLineId(line.order_line)];
            sum.variant = catalog::VariantId(line.variant);
            sum.back += line.quantity;
        }
        std::map<OrderLineId, bool> named;
        for (const auto& line : lines) {
            const auto back = units.find(line.line);
            if (back == units.end() || std::exchange(named[line.line], true))
                return fail(ErrorKind::invalid, "orders.line_unknown", "Each line of this shipment can be named once.");
            if (line.restocked > back->second.back)
                return fail(ErrorKind::invalid, "orders.book_in_lines",
                            "Of this line " + std::to_string(back->second.back) + " came back, and no more go to stock.");
            back->second.restocked = line.restocked;
        }
        if (named.size() != units.size())
            return fail(ErrorKind::invalid, "orders.book_in_lines", "Say of every line that came back how many go to stock.");
        std::vector<inventory::TakenBack> taken;
        std::vector<inventory::Wanted> again;  // in place of what is written off
        for (const auto& [line, sum] : units) {
            taken.push_back({sum.variant, sum.back, sum.restocked});
            if (sum.back > sum.restocked) again.push_back({sum.variant, sum.back - sum.restocked});
        }
        deps_.inventory.take_back(tx, order.uuid(), inventory::WarehouseId(booked->warehouse), taken);
        note(tx, *booked, "shipment_booked_in");
        withhold_refunded(tx, order, units);
        replace(tx, order, std::move(again));
        auto header = deps_.orders.header(tx, order);
        if (header->state == State::shipped) {
            if (auto back = deps_.orders.advance(tx, *header, State::processing); !back) return std::unexpected(back.error());
        }
        follow_shipments(tx, *header);
        return *deps_.shipments.find(tx, id);
    }

    Result<void> follow_edit(db::Tx& tx, OrderId id, bool address_changed) override {
        auto header = deps_.orders.header(tx, id);
        if (!header) throw std::logic_error("orders: following an order that does not exist");
        const auto shipments = deps_.shipments.of_order(tx, id.uuid());
        if (shipments.empty()) return {};
        std::vector<LineUnits> units;
        for (const auto& fact : facts_of(tx, id, {})) units.push_back({fact.id, fact.to_send});
        const auto changes = refit(shipments, units, address_changed);
        if (!changes) return std::unexpected(changes.error());
        for (const auto& change : *changes) {
            const auto& shipment = *std::ranges::find(shipments, change.shipment, &Shipment::id);
            if (auto kept = keep_only(tx, id, shipment, change.keeps, header->total.currency()); !kept)
                return std::unexpected(kept.error());
        }
        const auto now = deps_.shipments.of_order(tx, id.uuid());
        if (address_changed) {
            const auto to = destination(tx, id);
            for (const auto& shipment : now) {
                if (!is_loose(shipment)) continue;
                if (auto moved = deps_.shipments.correct(tx, shipment.id, {to.address, std::nullopt, std::nullopt}); !moved)
                    return std::unexpected(moved.error());
            }
        }
        std::vector<inventory::Sourced> sourced;
        for (const auto& [place, quantity] : reserved(now)) sourced.push_back({place.first, place.second, quantity});
        if (!deps_.inventory.source(tx, id.uuid(), sourced))
            return fail(ErrorKind::conflict, "orders.warehouse_lacks", "The warehouse does not have that many to spare.");
        // Cancelling a shipment may have changed the order's state.
        header = deps_.orders.header(tx, id);
        follow_shipments(tx, *header);
        return {};
    }

private:
    // Units that were refunded while they were under way are not sent a second time.
    template <class Units>
    void withhold_refunded(db::Tx& tx, OrderId order, const Units& back) {
        std::map<OrderLineId, std::int64_t> out;  // with the buyer
        for (const auto& shipment : deps_.shipments.of_order(tx, order.uuid())) {
            if (!shipment.left_at) continue;
            for (const auto& line : shipment.lines) {
                if (!came_back(shipment, line)) out[OrderLineId(line.order_line)] += line.quantity;
            }
        }
        std::vector<inventory::Wanted> free;
        std::vector<OrderLineId> lines;
        std::vector<std::int64_t> kept_units;
        for (const auto& fact : facts_of(tx, order, {})) {
            const auto units = back.find(fact.id);
            if (units == back.end()) continue;
            const auto kept = std::min(units->second.back, fact.refunded - fact.unsent - out[fact.id]);
            if (kept <= 0) continue;
            lines.push_back(fact.id);
            kept_units.push_back(kept);
            free.push_back({fact.variant, kept});
        }
        if (free.empty()) return;
        tx.exec(sql::withhold_refunded, lines, kept_units);
        deps_.inventory.unallocate(tx, order.uuid(), free);
    }
    // As far as there is something free; what is missing stays to be sent, and waits.
    void replace(db::Tx& tx, OrderId order, std::vector<inventory::Wanted> wanted) {
        // Not what nobody is to be sent any more.
        std::map<catalog::VariantId, std::int64_t> open;
        const auto shipments = deps_.shipments.of_order(tx, order.uuid());
        for (const auto& fact : facts_of(tx, order, shipments)) open[fact.variant] += fact.open;
        for (const auto& [place, quantity] : reserved(shipments)) open[place.second] += quantity;
        for (const auto& source : deps_.inventory.sources(tx, order.uuid())) open[source.variant] -= source.allocated;
        std::vector<catalog::VariantId> variants;
        for (const auto& line : wanted) variants.push_back(line.variant);
        auto available = deps_.inventory.available(tx, variants);
        std::map<catalog::VariantId, std::int64_t> sum;
        for (const auto& line : wanted) sum[line.variant] += line.quantity;
        std::vector<inventory::Wanted> more;
        for (const auto& [variant, quantity] : sum) {
            const auto units = std::min({quantity, open[variant], available[variant]});
            if (units > 0) more.push_back({variant, units});
        }
        if (more.empty()) return;
        // A hold of this alone, which becomes the order's at once.
        const auto owner = Uuid::v7();
        if (deps_.inventory.hold(tx, owner, more, deps_.clock.now() + std::chrono::minutes{1}).empty())
            (void)deps_.inventory.allocate(tx, owner, order.uuid(), more);
    }

    static std::vector<shipping::ShipmentLine> packed(const std::vector<ToSend>& goods, const std::vector<LineFacts>& facts) {
        std::vector<shipping::ShipmentLine> out;
        for (const auto& each : pack(goods, kParcelGrams)) {
            const auto& fact = *std::ranges::find(facts, each.line, &LineFacts::id);
            shipping::ShipmentLine line;
            line.parcel = each.parcel;
            line.order_line = fact.id.uuid();
            line.variant = fact.variant.uuid();
            line.sku = fact.sku;
            line.name = fact.name;
            line.quantity = each.quantity;
            line.weight_grams = fact.weight_grams;
            line.unit_value = fact.net / fact.quantity;
            out.push_back(std::move(line));
        }
        return out;
    }
    static Money value_of(const std::vector<shipping::ShipmentLine>& lines, Currency currency) {
        std::int64_t value = 0;
        for (const auto& line : lines) value += line.unit_value * line.quantity;
        return {value, currency};
    }

    // A shipment without a label keeps these goods; with none it is cancelled.
    Result<Shipment> keep_only(db::Tx& tx, OrderId order, const Shipment& shipment, const std::vector<LineUnits>& keeps,
                               Currency currency) {
        if (keeps.empty()) return deps_.shipments.cancel_unannounced(tx, shipment.id);
        const auto facts = facts_of(tx, order, {});
        std::vector<ToSend> goods;
        for (const auto& kept : keeps) {
            const auto& fact = *std::ranges::find(facts, kept.line, &LineFacts::id);
            goods.push_back({fact.id, fact.variant, kept.units, fact.weight_grams});
        }
        const auto lines = packed(goods, facts);
        return deps_.shipments.repack(tx, shipment.id, lines, value_of(lines, currency));
    }

    struct Destination {
        shipping::ShipTo address;
        std::string option_code, service_point_id;
    };

    Choice choose(db::Session& session, const Header& header, const std::vector<LineFacts>& facts,
                  const std::vector<inventory::Warehouse>& warehouses, const std::vector<Shipment>& shipments) {
        std::vector<ToSend> goods;
        for (const auto& fact : facts) {
            if (fact.open > 0) goods.push_back({fact.id, fact.variant, fact.open, fact.weight_grams});
        }
        std::vector<Place> places;
        for (const auto& warehouse : warehouses)
            places.push_back({warehouse, warehouse.country == header.country ? warehouse.parcel_cost : warehouse.parcel_cost_abroad});
        const auto taken = reserved(shipments);
        std::vector<Available> available;
        for (const auto& source : deps_.inventory.sources(session, header.id.uuid())) {
            const auto mine = taken.find({source.warehouse, source.variant});
            const auto left = source.allocated - (mine == taken.end() ? 0 : mine->second);
            available.push_back({source.warehouse, source.variant, source.free + left});
        }
        return choose_sources(goods, places, available, kParcelGrams);
    }

    static Destination destination(db::Session& session, OrderId order) {
        const auto row = session.query(sql::address_to_send, order).front();
        const auto address = json::parse_as<customers::AddressDto>(row.get<std::string>("shipping_address"));
        const auto method = json::parse_as<ShippingMethodDto>(row.get<std::string>("shipping_method"));
        if (!address || !method) throw std::logic_error("orders: a stored address or delivery no longer reads");
        Destination out;
        out.address.name = address->first_name + " " + address->last_name;
        out.address.company = address->company;
        out.address.line1 = address->line1;
        out.address.line2 = address->line2;
        out.address.postal_code = address->postal_code;
        out.address.city = address->city;
        out.address.state = address->state;
        out.address.country = address->country;
        out.address.email = row.get<std::string>("email");
        out.address.phone = address->phone ? address->phone : std::optional(row.get<std::string>("phone"));
        if (out.address.phone && out.address.phone->empty()) out.address.phone.reset();
        out.option_code = platform_option(method->option_id);
        if (method->service_point) out.service_point_id = method->service_point->id;
        return out;
    }

    void changed(db::Tx& tx, const Shipment& after, const Shipment& before) {
        const OrderId id(after.order);
        auto header = deps_.orders.header(tx, id);
        if (!header) throw std::logic_error("orders: a shipment without its order");
        if (after.state == ShipmentState::announcing && header->state != State::confirmed && header->state != State::processing)
            throw http::ProblemException({ErrorKind::conflict,
                                          "orders.not_to_be_shipped",
                                          "An order that is " + std::string(json::to_name(header->state)) + " is not to be shipped.",
                                          {},
                                          {},
                                          {},
                                          0});
        if (after.left_at && !before.left_at) {
            std::map<catalog::VariantId, std::int64_t> sum;
            for (const auto& line : after.lines) sum[catalog::VariantId(line.variant)] += line.quantity;
            std::vector<inventory::Wanted> lines;
            for (const auto& [variant, quantity] : sum) lines.push_back({variant, quantity});
            deps_.inventory.ship_from(tx, after.order, inventory::WarehouseId(after.warehouse), lines);
            note(tx, after, "shipped");
        }
        // One parcel has left a shipment that waits for another.
        if (after.state == before.state) return follow_shipments(tx, *header);
        using enum ShipmentState;
        if (after.state == delivered) note(tx, after, "delivered");
        // For staff; shoppers see the shipment itself.
        if (after.state == labelled && before.state == announcing) note(tx, after, "shipment_labelled");
        if (after.state == failed) note(tx, after, "shipment_failed");
        if (after.state == exception) note(tx, after, "shipment_exception");
        if (after.state == returned) note(tx, after, "shipment_returned");
        if (after.state == cancelled) note(tx, after, "shipment_cancelled");
        follow_shipments(tx, *header);
    }

    void note(db::Tx& tx, const Shipment& shipment, std::string_view kind) {
        json::Writer data;
        data.begin_object();
        data.member("shipment", shipment.id.to_string());
        data.member("number", shipment.number);
        if (!shipment.problems.empty()) data.member("problem", shipment.problems.front().message);
        data.end_object();
        deps_.orders.note(tx, OrderId(shipment.order), kind, data.text());
    }

    // Back by book_in() only: what was shipped stays shipped although a later label is cancelled.
    void follow_shipments(db::Tx& tx, Header& header) {
        const auto shipments = deps_.shipments.of_order(tx, header.id.uuid());
        bool any = false;
        std::map<Uuid, std::int64_t> left, arrived;
        for (const auto& shipment : shipments) {
            if (!counts(shipment)) continue;
            for (const auto& line : shipment.lines) {
                if (came_back(shipment, line)) continue;
                any = true;
                if (shipment.left_at) left[line.order_line] += line.quantity;
                // Of what came back in part, the rest has arrived.
                if (shipment.state == ShipmentState::delivered || shipment.booked_in_at) arrived[line.order_line] += line.quantity;
            }
        }
        bool all_left = any, all_arrived = any;
        for (const auto& fact : facts_of(tx, header.id, {})) {
            all_left = all_left && left[fact.id.uuid()] >= fact.to_send;
            all_arrived = all_arrived && arrived[fact.id.uuid()] >= fact.to_send;
        }
        const auto go = [&](State to) {
            if (!transition(header.state, to)) return;
            if (const auto gone = deps_.orders.advance(tx, header, to); !gone)
                throw std::logic_error("orders: an allowed change was refused: " + gone.error().code);
        };
        if (any && header.state == State::confirmed) go(State::processing);
        if (all_left && header.state == State::processing) go(State::shipped);
        if (all_arrived && header.state == State::shipped) go(State::delivered);
    }

    FulfilmentDependencies deps_;
};

}  // namespace

Result<void> may_be_sent(PaymentState payment) {
    const auto held = [](std::string_view why) { return fail(ErrorKind::conflict, "orders.money_due", std::string(why)); };
    if (payment == PaymentState::failed) return held("The payment of this order failed or was charged back.");
    if (payment == PaymentState::partially_paid) return held("More is due for this order than was paid.");
    if (payment == PaymentState::refunded) return held("What was paid for this order went back.");
    return {};
}

std::unique_ptr<Fulfilment> make_fulfilment(FulfilmentDependencies dependencies) { return std::make_unique<PgFulfilment>(dependencies); }

}  // namespace stoa::orders
