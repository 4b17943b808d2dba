// The order desk: changing a placed order.
#include <algorithm>

#include "after_sale/service.hpp"
#include "refunds/dto.hpp"
#include "refunds/limit.hpp"

namespace stoa::orders {
namespace {

constexpr std::string_view kPermission = "orders.edit";

struct EditLineInput {
    OrderLineId line_id;
    std::int64_t quantity = 0;
};
void describe(json::Struct<EditLineInput>& d) {
    d.name("OrderEditLine");
    d.field<&EditLineInput::line_id>("line_id");
    d.field<&EditLineInput::quantity>("quantity", "0: the line goes.").min(0).max(100000);
}
struct EditInput {
    std::optional<Money> expected_total;
    std::int64_t version = 0;
    std::vector<EditLineInput> lines;
    std::optional<Money> shipping, discount;
    std::optional<customers::AddressDto> shipping_address;
    std::string reason;
    std::optional<bool> request_payment;
};
void describe(json::Struct<EditInput>& d) {
    d.name("OrderEditInput");
    d.field<&EditInput::expected_total>("expected_total", "The order's new total, as the preview said. The preview needs none.");
    d.field<&EditInput::version>("version", "Of the order, as it was looked at.").min(1);
    d.field<&EditInput::lines>("lines").max_length(1000).optional();
    d.field<&EditInput::shipping>("shipping", "What the buyer pays for the delivery.");
    d.field<&EditInput::discount>("discount", "Off the goods, on top of what there is.");
    d.field<&EditInput::shipping_address>("shipping_address", "In the same country: another one has other taxes.");
    d.field<&EditInput::reason>("reason").max_length(500).optional();
    d.field<&EditInput::request_payment>("request_payment", "Whether the buyer is sent a link to pay what is due afterwards.");
}
struct EditedLineDto {
    OrderLineId line_id;
    std::int64_t quantity = 0;
    Money total;
};
void describe(json::Struct<EditedLineDto>& d) {
    d.name("OrderEditPreviewLine");
    d.field<&EditedLineDto::line_id>("line_id");
    d.field<&EditedLineDto::quantity>("quantity");
    d.field<&EditedLineDto::total>("total", "After discounts, tax included.");
}
struct StockChangeDto {
    OrderLineId line_id;
    std::string sku;
    std::int64_t units = 0, short_by = 0;
};
void describe(json::Struct<StockChangeDto>& d) {
    d.name("OrderEditStock");
    d.field<&StockChangeDto::line_id>("line_id");
    d.field<&StockChangeDto::sku>("sku");
    d.field<&StockChangeDto::units>("units", "Taken from stock; negative: free again.");
    d.field<&StockChangeDto::short_by>("short_by", "Of them not there: the change would be refused.");
}
struct EditedShipmentDto {
    shipping::ShipmentId shipment_id;
    std::int64_t number = 0;
    bool cancelled = false;
};
void describe(json::Struct<EditedShipmentDto>& d) {
    d.name("OrderEditShipment");
    d.field<&EditedShipmentDto::shipment_id>("shipment_id");
    d.field<&EditedShipmentDto::number>("number");
    d.field<&EditedShipmentDto::cancelled>("cancelled", "Nothing would be left in it; otherwise it is packed anew with less.");
}
struct EditPreviewDto {
    std::int64_t version = 0;
    Money total, tax, shipping, discount, difference, due, payable;
    std::vector<EditedLineDto> lines;
    std::vector<StockChangeDto> stock;
    std::vector<PlannedPartDto> parts;
    std::optional<std::string> waits;
    std::vector<EditedShipmentDto> shipments;
};
void describe(json::Struct<EditPreviewDto>& d) {
    d.name("OrderEditPreview");
    d.field<&EditPreviewDto::version>("version");
    d.field<&EditPreviewDto::total>("total");
    d.field<&EditPreviewDto::tax>("tax");
    d.field<&EditPreviewDto::shipping>("shipping", "The delivery, tax included.");
    d.field<&EditPreviewDto::discount>("discount");
    d.field<&EditPreviewDto::difference>("difference", "To the total before.");
    d.field<&EditPreviewDto::due>("due", "What the buyer still has to pay.");
    d.field<&EditPreviewDto::payable>("payable", "What goes back to the buyer.");
    d.field<&EditPreviewDto::lines>("lines");
    d.field<&EditPreviewDto::stock>("stock");
    d.field<&EditPreviewDto::parts>("parts");
    d.field<&EditPreviewDto::waits>("waits", "Why nothing goes back now, though it is owed: the code of the refusal.");
    d.field<&EditPreviewDto::shipments>("shipments", "Planned shipments that give goods back.");
}

ChangeSet to_changes(const EditInput& input) {
    ChangeSet out;
    for (const auto& line : input.lines) out.lines.push_back({line.line_id, line.quantity});
    out.shipping = input.shipping;
    out.discount = input.discount;
    return out;
}

Result<void> check_address(const SoldOrder& order, const EditInput& input) {
    if (!input.shipping_address || input.shipping_address->country == order.country) return {};
    return fail(ErrorKind::conflict, "orders.edit_country", "Another country has other taxes: cancel this order, and place another.");
}

EditPreviewDto to_preview(const SoldOrder& order, const EditPlan& plan) {
    EditPreviewDto dto;
    dto.version = order.version;
    dto.total = plan.after.total;
    dto.tax = plan.after.tax;
    dto.shipping = plan.after.delivery().value;
    dto.discount = plan.after.discount;
    dto.difference = plan.after.total - order.content.total;
    dto.due = plan.due;
    dto.payable = plan.payable;
    for (const auto& line : plan.after.lines) dto.lines.push_back({line.id, line.quantity, line.worth().value});
    for (const auto& change : plan.stock)
        dto.stock.push_back(
            {change.line, std::ranges::find(order.names, change.line, &SoldOrder::LineNames::id)->sku, change.units, change.short_by});
    for (const auto& part : plan.parts) {
        const auto room =
            std::ranges::find(order.rooms, part.source, [](const payments::Payments::RefundRoom& one) { return one.attempt.id; });
        dto.parts.push_back({part.source, room->attempt.label, part.amount});
    }
    if (!plan.waits.empty()) dto.waits = plan.waits;
    for (const auto& change : plan.shipments) dto.shipments.push_back({change.shipment, change.number, change.keeps.empty()});
    return dto;
}

}  // namespace

void Service::add_edit_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) {
    routes.post("/api/v1/admin/orders/{id}/edits/preview", "preview_order_edit")
        .summary("What a change of a placed order would do")
        .description("Units taken away take their share of the discount along; units added cost what the line's units cost.")
        .tag("admin orders")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .body<EditInput>()
        .returns<EditPreviewDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.not_found", "orders.not_sold", "orders.version_conflict",
                "orders.line_unknown", "orders.edit_too_late", "orders.edit_nothing", "orders.edit_quantity", "orders.gift_card_line",
                "orders.edit_amount", "orders.edit_empty", "orders.edit_replacement", "orders.edit_country",
                "orders.edit_delivery_refunded", "orders.edit_below_refunded", "orders.edit_labelled", "orders.payment_not_captured"})
        .handle([this, &gate](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<OrderId>(request, "id");
            const auto input = http::body_as<EditInput>(request);
            if (!input) return http::problem(input.error());
            const auto dto = deps_.database.read([&](db::Session& session) -> Result<EditPreviewDto> {
                const auto order = read_sold(session, id);
                if (!order) return std::unexpected(order.error());
                if (order->version != input->version) return version_conflict();
                if (auto fits = check_address(*order, *input); !fits) return std::unexpected(fits.error());
                const auto plan = edits_.plan(session, *order, to_changes(*input), input->shipping_address.has_value());
                if (!plan) return std::unexpected(plan.error());
                return to_preview(*order, *plan);
            });
            if (!dto) return http::problem(dto.error());
            return http::ok(*dto);
        });

    routes.post("/api/v1/admin/orders/{id}/edits", "edit_order")
        .summary("Change a placed order")
        .description(
            "Stock, totals, books and what goes back to the buyer change together, or nothing does. What goes back needs the right to "
            "refund it.")
        .tag("admin orders")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .idempotent()
        .body<EditInput>()
        .returns<OrderMoneyDto>(201)
        .fails({"staff.login_required",
                "staff.forbidden",
                "staff.over_limit",
                "orders.not_found",
                "orders.not_sold",
                "orders.version_conflict",
                "orders.edit_changed",
                "orders.line_unknown",
                "orders.edit_too_late",
                "orders.edit_nothing",
                "orders.edit_quantity",
                "orders.gift_card_line",
                "orders.edit_amount",
                "orders.edit_empty",
                "orders.edit_replacement",
                "orders.edit_country",
                "orders.edit_stock",
                "orders.edit_delivery_refunded",
                "orders.edit_below_refunded",
                "orders.edit_labelled",
                "orders.warehouse_lacks",
                "orders.payment_not_captured",
                "orders.refund_in_progress"})
        .handle([this, &gate, &audit](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<OrderId>(request, "id");
            const auto input = http::body_as<EditInput>(request);
            if (!input) return http::problem(input.error());
            return deps_.idempotency.run(request, scope_of(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                const auto order = lock_sold(tx, deps_, id, input->version);
                if (!order) return std::unexpected(order.error());
                if (auto fits = check_address(*order, *input); !fits) return std::unexpected(fits.error());
                const auto changes = to_changes(*input);
                const auto plan = edits_.plan(tx, *order, changes, input->shipping_address.has_value());
                if (!plan) return std::unexpected(plan.error());
                if (plan->after.total != input->expected_total)
                    return fail(ErrorKind::conflict, "orders.edit_changed",
                                "The order's total would be " + plan->after.total.to_decimal() + ", not what you saw.");
                if (!plan->parts.empty()) {
                    const auto none = Money::zero(order->position.currency());
                    const auto within = actor->within_limit("orders.refund", given_out(order->position, none, plan->payable));
                    if (!within) return std::unexpected(within.error());
                }
                const auto done =
                    edits_.confirm(tx, *order, *plan, changes, input->shipping_address, json::render(*input), input->reason,
                                   input->request_payment.value_or(false) ? AskForPayment::by_mail : AskForPayment::no, *actor);
                if (!done) return std::unexpected(done.error());
                const auto after = load_sold(tx, deps_, id);
                audit.record(tx, *actor, {"change", "orders", id.to_string(), "", json::render(to_preview(*order, *plan))});
                return http::created(to_money_dto(tx, *after));
            });
        });
}

}  // namespace stoa::orders
