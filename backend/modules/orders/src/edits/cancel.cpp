// The order desk: cancelling a whole order. Labels are cancelled at the carrier platform first, with no transaction open; then stock, what
// was paid, books and state change together. A process that dies between leaves an order without labels, which can be cancelled again.
#include <algorithm>

#include "after_sale/service.hpp"
#include "domain/refit.hpp"
#include "gift_cards/gift_cards.hpp"
#include "refunds/dto.hpp"
#include "refunds/limit.hpp"

namespace stoa::orders {
namespace {

using shipping::Shipment;
using shipping::ShipmentState;

struct CancelInput {
    std::int64_t version = 0;
    std::string reason;
};
void describe(json::Struct<CancelInput>& d) {
    d.name("OrderCancelInput");
    d.field<&CancelInput::version>("version", "Of the order, as it was looked at.").min(1);
    d.field<&CancelInput::reason>("reason").not_blank().max_length(500);
}

// All of it was booked in again.
bool is_back(const Shipment& shipment) {
    return std::ranges::all_of(shipment.lines, [&](const auto& line) { return came_back(shipment, line); });
}

Failure too_late(std::string_view what) {
    return fail(ErrorKind::conflict, "orders.cancel_too_late", std::string(what) + " What comes back is a return.");
}

// Everything that was not granted back yet: units, delivery, and what goodwill or deductions have shifted.
RefundRequest all_of(const MoneyPosition& position) {
    RefundRequest out{{}, (position.shipping - position.shipping_credited).value, Money::zero(position.currency())};
    Money sum = out.shipping;
    for (const auto& line : position.lines) {
        if (line.left_quantity() > 0) out.lines.push_back({line.id, line.left_quantity()});
        if (line.left_quantity() > 0) sum += line.left().value;
    }
    out.adjustment = position.creditable().value - sum;
    return out;
}

// Beside a payment that is only reserved: what is money already (a gift card, store credit), with nothing sold any more.
SoldOrder without_sale(const SoldOrder& order) {
    auto out = order;
    out.position.sold = out.position.credited;
    return out;
}

// What cancelling sends back, within what the clerk may refund of one order.
Result<void> may_give_back(const SoldOrder& order, const http::StaffActor& staff) {
    if (order.position.uncaptured) {
        const auto payable = payable_now(without_sale(order).position);
        return payable.is_zero() ? Result<void>{} : staff.within_limit("orders.refund", given_out(order.position, payable, payable));
    }
    if (order.position.creditable().value.is_zero()) return {};
    const auto plan = plan_refund(order.position, all_of(order.position), std::nullopt, PayBack::as_far_as_possible);
    if (!plan) return std::unexpected(plan.error());
    if (plan->parts.empty()) return {};
    return staff.within_limit("orders.refund", given_out(order.position, *plan));
}

}  // namespace

// Nothing of the order may leave any more. Safe to repeat: what was cancelled stays so.
Result<void> Service::cancel_shipments(OrderId id, const shipping::Witness& witness) {
    const auto shipments = deps_.database.read([&](db::Session& session) { return deps_.shipments.of_order(session, id.uuid()); });
    for (const auto& shipment : shipments) {
        if (shipment.left_at && !is_back(shipment)) return too_late("Parcel " + name_of(shipment) + " has left.");
    }
    for (const auto& shipment : shipments) {
        if (shipment.state == ShipmentState::cancelled || shipment.left_at) continue;
        const auto after = deps_.shipments.cancel(shipment.id, witness);
        if (!after && after.error().code == "shipping.cannot_cancel") {
            if (shipment.state != ShipmentState::announcing) return too_late("Parcel " + name_of(shipment) + " can no longer be stopped.");
            return fail(ErrorKind::conflict, "orders.cancel_waits", "A label is being made for this order. Try again in a minute.");
        }
        if (!after) return std::unexpected(after.error());
        if (after->state == ShipmentState::cancelling)
            return fail(ErrorKind::conflict, "orders.cancel_waits",
                        "The carrier has not confirmed yet that " + name_of(shipment) + " is stopped. Try again in a minute.");
        if (after->state != ShipmentState::cancelled) return too_late("The carrier has taken parcel " + name_of(shipment) + ".");
    }
    return {};
}

Result<void> Service::cancel_order(db::Tx& tx, OrderId id, std::string_view reason, const http::StaffActor& staff) {
    const auto order = lock_sold(tx, deps_, id);
    if (!order) return std::unexpected(order.error());
    if (order->state != State::confirmed && order->state != State::processing) return too_late("The goods have left.");
    for (const auto& shipment : deps_.shipments.of_order(tx, id.uuid())) {
        if (shipment.state != ShipmentState::cancelled && !is_back(shipment))
            return fail(ErrorKind::conflict, "orders.cancel_waits", "Somebody has just planned a shipment. Look at the order again.");
    }
    if (auto within = may_give_back(*order, staff); !within) return within;
    if (auto back = take_back_gift_cards(tx, deps_, *order); !back) return std::unexpected(back.error());
    if (order->position.uncaptured) {
        // What is only reserved lapses, and goes back by itself should it become money after all.
        if (auto paid = refunds_.pay_out(tx, without_sale(*order), std::nullopt, reason, staff, PayBack::as_far_as_possible); !paid)
            return std::unexpected(paid.error());
    } else if (!order->position.creditable().value.is_zero()) {
        if (auto granted = refunds_.grant(tx, *order, all_of(order->position), std::nullopt, reason, staff, PayBack::as_far_as_possible);
            !granted)
            return std::unexpected(granted.error());
    }
    deps_.inventory.deallocate(tx, id.uuid());
    auto header = deps_.orders.lock(tx, id);
    if (auto done = deps_.orders.cancel(tx, *header, "staff"); !done) return done;
    return returns_.replacement_cancelled(tx, id);
}

Result<void> Service::end_refunded(db::Tx& tx, OrderId id) {
    const auto order = load_sold(tx, deps_, id);
    if (order->state != State::confirmed && order->state != State::processing) return {};
    if (!order->position.creditable().value.is_zero()) return {};
    const auto is_over = [](const ContentLine& line) {
        return line.treatment == kVoucher ? line.credited_quantity == line.quantity : line.unsent == line.quantity;
    };
    if (!std::ranges::all_of(order->content.lines, is_over)) return {};
    auto header = deps_.orders.lock(tx, id);
    return deps_.orders.cancel(tx, *header, "refunded");
}

void Service::add_cancel_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) {
    routes.post("/api/v1/admin/orders/{id}/cancel", "cancel_order")
        .summary("Cancel an order that has not left")
        .description(
            "Its labels are cancelled at the carrier platform first. Then its goods are free again and what was paid goes back. Refused "
            "once "
            "a parcel has left.")
        .tag("admin orders")
        .on(http::Pool::outbound)
        .within(std::chrono::minutes{2})
        .requires_access(http::Access::staff)
        .idempotent()
        .body<CancelInput>()
        .returns<OrderMoneyDto>()
        .fails({"staff.login_required", "staff.forbidden", "staff.over_limit", "orders.not_found", "orders.not_sold",
                "orders.version_conflict", "orders.cancel_too_late", "orders.cancel_waits", "orders.gift_card_used",
                "orders.refund_in_progress", "payments.refund_rest_only", "shipping.unavailable"})
        .handle([this, &gate, &audit](const http::Request& request) {
            const auto actor = gate.require(request, "orders.edit");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<OrderId>(request, "id");
            const auto input = http::body_as<CancelInput>(request);
            if (!input) return http::problem(input.error());
            auto begun = deps_.idempotency.begin(request, scope_of(*actor), std::chrono::seconds{180});
            if (auto* replay = std::get_if<http::Response>(&begun)) return std::move(*replay);
            auto& claim = std::get<http::Idempotency::Claim>(begun);
            // What the clerk looked at; the shipments that are cancelled here change the order's version.
            const auto seen = deps_.database.read([&](db::Session& session) -> Result<void> {
                const auto order = read_sold(session, id);
                if (!order) return std::unexpected(order.error());
                if (order->version != input->version) return version_conflict();
                if (order->state != State::confirmed && order->state != State::processing) return too_late("The goods have left.");
                // Before any label is stopped. It is asked again under the locks.
                if (auto back = can_take_back_gift_cards(session, deps_, *order); !back) return std::unexpected(back.error());
                return may_give_back(*order, *actor);
            });
            if (!seen) return http::problem(seen.error());
            // A process that dies behind this has cancelled labels, which belong to somebody.
            const auto witness = [&](db::Tx& tx, const Shipment& stopped) {
                audit.record(tx, *actor, {"cancel", "shipments", stopped.id.to_string(), "", json::render(*input)});
            };
            if (auto stopped = cancel_shipments(id, witness); !stopped) return http::problem(stopped.error());
            const auto answer = deps_.database.in_tx([&](db::Tx& tx) -> Result<http::Response> {
                if (auto done = cancel_order(tx, id, input->reason, *actor); !done) return std::unexpected(done.error());
                auto response = http::ok(to_money_dto(tx, *load_sold(tx, deps_, id)));
                (void)claim.store_if_ours(tx, response);
                audit.record(tx, *actor, {"cancel", "orders", id.to_string(), "", json::render(*input)});
                return response;
            });
            if (!answer) return http::problem(answer.error());
            return *answer;
        });
}

}  // namespace stoa::orders
