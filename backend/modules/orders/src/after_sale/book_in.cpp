// The order desk: a parcel that the carrier brought back, or lost, is booked in. Its goods are to be sent once more, or were refunded.
#include "after_sale/service.hpp"
#include "http/desk_dto.hpp"

namespace stoa::orders {

void Service::add_book_in_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) {
    routes.post("/api/v1/admin/shipments/{id}/book-in", "book_in_shipment")
        .summary("A parcel came back: its goods to stock, or written off")
        .description(
            "Of a shipment that is returned, or an exception that nobody waits for any more. Its units are the order's to send again, from "
            "stock where they were written off; those that were refunded meanwhile are not. An order that was refunded whole is cancelled.")
        .tag("orders")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .idempotent()
        .body<BookInDto>()
        .returns<DeskShipmentDto>()
        .fails({"staff.login_required", "staff.forbidden", "shipping.shipment_unknown", "shipping.not_back", "shipping.booked_in",
                "orders.line_unknown", "orders.book_in_lines"})
        .handle([this, &gate, &audit](const http::Request& request) {
            const auto actor = gate.require(request, "orders.ship");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<shipping::ShipmentId>(request, "id");
            const auto body = http::body_as<BookInDto>(request);
            if (!body) return http::problem(body.error());
            std::vector<BookedIn> lines;
            for (const auto& line : body->lines) lines.push_back({line.line_id, line.restocked});
            const auto witness = [&](db::Tx& tx, const shipping::Shipment& booked) {
                audit.record(tx, *actor, {"book_in", "shipments", booked.id.to_string(), "", json::render(*body)});
            };
            return deps_.idempotency.run(request, scope_of(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                const auto booked = deps_.fulfilment.book_in(tx, id, lines, witness);
                if (!booked) return std::unexpected(booked.error());
                if (auto ended = end_refunded(tx, OrderId(booked->order)); !ended) return std::unexpected(ended.error());
                return http::ok(to_dto(*booked));
            });
        });
}

}  // namespace stoa::orders
