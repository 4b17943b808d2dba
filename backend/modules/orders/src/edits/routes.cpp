// The order desk: changing a placed order.
#include <algorithm>

#include "after_sale/service.hpp"
#include "refunds/dto.hpp"
#include "refunds/limit.hpp"
#include "stoa/orders/edits.hpp"

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
struct NewArticleInput {
    catalog::VariantId variant_id;
    std::int64_t quantity = 1;
};
void describe(json::Struct<NewArticleInput>& d) {
    d.name("OrderEditArticle");
    d.field<&NewArticleInput::variant_id>("variant_id");
    d.field<&NewArticleInput::quantity>("quantity").min(1).max(100000);
}
struct DeliveryInput {
    std::string option_id;
    std::optional<std::string> service_point_id;
};
void describe(json::Struct<DeliveryInput>& d) {
    d.name("OrderEditDelivery");
    d.field<&DeliveryInput::option_id>("option_id", "One of the order's delivery options.").min_length(1).max_length(200);
    d.field<&DeliveryInput::service_point_id>("service_point_id", "Where the option needs one.").min_length(1).max_length(40);
}
struct EditInput {
    std::optional<Money> expected_total;
    std::int64_t version = 0;
    std::vector<EditLineInput> lines;
    std::vector<NewArticleInput> articles;
    std::optional<Money> shipping, discount;
    std::optional<customers::AddressDto> shipping_address, billing_address;
    std::optional<std::string> email;
    std::optional<DeliveryInput> delivery;
    std::string reason;
    std::optional<bool> request_payment;
};
void describe(json::Struct<EditInput>& d) {
    d.name("OrderEditInput");
    d.field<&EditInput::expected_total>("expected_total", "The order's new total, as the preview said. The preview needs none.");
    d.field<&EditInput::version>("version", "Of the order, as it was looked at.").min(1);
    d.field<&EditInput::lines>("lines").max_length(1000).optional();
    d.field<&EditInput::articles>("articles", "Put into the order, at the price that its buyer has today, without promotions.")
        .max_length(100)
        .optional();
    d.field<&EditInput::shipping>("shipping", "What the buyer pays for the delivery. Of another delivery: in place of its price.");
    d.field<&EditInput::discount>("discount", "Off the goods, on top of what there is.");
    d.field<&EditInput::shipping_address>("shipping_address", "In the same country: another one has other taxes.");
    d.field<&EditInput::billing_address>(
        "billing_address", "An invoice that was issued to another one is credited and issued anew. Also after the goods left.");
    d.field<&EditInput::email>("email",
                               "Where mail about the order goes from now on, beginning with its confirmation. Also after the goods left.")
        .trim()
        .max_length(320);
    d.field<&EditInput::delivery>("delivery", "Another delivery, at the price that it is offered for now.");
    d.field<&EditInput::reason>("reason").max_length(500).optional();
    d.field<&EditInput::request_payment>("request_payment", "Whether the buyer is sent a link to pay what is due afterwards.");
}
struct EditedLineDto {
    OrderLineId line_id;
    std::string sku, name;
    std::int64_t quantity = 0;
    Money unit_price, total;
    bool added = false;
};
void describe(json::Struct<EditedLineDto>& d) {
    d.name("OrderEditPreviewLine");
    d.field<&EditedLineDto::line_id>("line_id", "Of an added line another one in each preview.");
    d.field<&EditedLineDto::sku>("sku");
    d.field<&EditedLineDto::name>("name");
    d.field<&EditedLineDto::quantity>("quantity");
    d.field<&EditedLineDto::unit_price>("unit_price", "With tax or without, as the order shows its prices.");
    d.field<&EditedLineDto::total>("total", "After discounts, tax included.");
    d.field<&EditedLineDto::added>("added", "It was not in the order.");
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
    std::optional<ShippingMethodDto> delivery;
    std::optional<std::string> invoice;
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
    d.field<&EditPreviewDto::delivery>("delivery", "The other delivery, where one was asked for.");
    d.field<&EditPreviewDto::invoice>("invoice", "Number of the invoice that is credited and issued anew.");
}
struct OptionsQuery {
    std::optional<std::string> postal_code;
};
void describe(json::Struct<OptionsQuery>& d) {
    d.name("OrderDeliveryOptionsQuery");
    d.field<&OptionsQuery::postal_code>("postal_code", "Instead of the order's own, in the same country.")
        .trim()
        .min_length(1)
        .max_length(16);
}
struct OptionsDto {
    std::vector<shipping::OptionDto> items;
};
void describe(json::Struct<OptionsDto>& d) {
    d.name("OrderDeliveryOptions");
    d.field<&OptionsDto::items>("items");
}
struct PointsQuery {
    std::string option_id;
    std::optional<std::string> postal_code;
};
void describe(json::Struct<PointsQuery>& d) {
    d.name("OrderServicePointsQuery");
    d.field<&PointsQuery::option_id>("option_id").min_length(1).max_length(200);
    d.field<&PointsQuery::postal_code>("postal_code", "Instead of the order's own, in the same country.")
        .trim()
        .min_length(1)
        .max_length(16);
}
struct PointsDto {
    std::vector<shipping::ServicePointDto> items;
};
void describe(json::Struct<PointsDto>& d) {
    d.name("OrderServicePoints");
    d.field<&PointsDto::items>("items");
}

// What is wrong with the input by itself, each at its field; addresses are brought into their country's writing.
Result<void> check(EditInput& input) {
    Error refused{ErrorKind::invalid, "http.invalid_fields", "Some fields are not acceptable.", {}, {}, {}, 0};
    const auto check_address = [&](std::optional<customers::AddressDto>& address, std::string_view at) {
        if (!address) return;
        customers::tidy_address(*address);
        for (auto& error : customers::check_address(*address, at)) refused.fields.push_back(std::move(error));
    };
    check_address(input.shipping_address, "/shipping_address");
    check_address(input.billing_address, "/billing_address");
    if (input.email && !customers::email_key(*input.email)) refused.fields.push_back({"/email", "invalid", "This is no e-mail address."});
    if (!refused.fields.empty()) return fail(std::move(refused));
    return {};
}

EditWish to_wish(const EditInput& input) {
    EditWish out;
    for (const auto& line : input.lines) out.changes.lines.push_back({line.line_id, line.quantity});
    out.changes.shipping = input.shipping;
    out.changes.discount = input.discount;
    for (const auto& article : input.articles) out.articles.push_back({article.variant_id, article.quantity});
    out.shipping_address = input.shipping_address;
    out.billing_address = input.billing_address;
    out.email = input.email;
    return out;
}

Result<void> check_country(const SoldOrder& order, const EditInput& input) {
    if (!input.shipping_address || input.shipping_address->country == order.country) return {};
    return fail(ErrorKind::conflict, "orders.edit_country", "Another country has other taxes: cancel this order, and place another.");
}

EditPreviewDto to_preview(const SoldOrder& order, const EditPlan& plan, const EditWish& wish) {
    EditPreviewDto dto;
    dto.version = order.version;
    dto.total = plan.after.total;
    dto.tax = plan.after.tax;
    dto.shipping = plan.after.delivery().value;
    dto.discount = plan.after.discount;
    dto.difference = plan.after.total - order.content.total;
    dto.due = plan.due;
    dto.payable = plan.payable;
    const auto& lines = plan.after.lines;
    const auto first_added = lines.size() - plan.added.size();
    const auto names_of = [&](OrderLineId id) -> std::pair<std::string, std::string> {
        if (const auto old = std::ranges::find(order.names, id, &SoldOrder::LineNames::id); old != order.names.end())
            return {old->sku, old->name};
        const auto at = static_cast<std::size_t>(std::ranges::find(lines, id, &ContentLine::id) - lines.begin());
        const auto& article = plan.added[at - first_added].variant;
        return {article.sku, article.product_name};
    };
    for (std::size_t i = 0; i < lines.size(); ++i) {
        auto [sku, name] = names_of(lines[i].id);
        dto.lines.push_back({lines[i].id, std::move(sku), std::move(name), lines[i].quantity, lines[i].unit_price, lines[i].worth().value,
                             i >= first_added});
    }
    for (const auto& change : plan.stock) dto.stock.push_back({change.line, names_of(change.line).first, change.units, change.short_by});
    for (const auto& part : plan.parts) {
        const auto room =
            std::ranges::find(order.rooms, part.source, [](const payments::Payments::RefundRoom& one) { return one.attempt.id; });
        dto.parts.push_back({part.source, room->attempt.label, part.amount});
    }
    if (!plan.waits.empty()) dto.waits = plan.waits;
    for (const auto& change : plan.shipments) dto.shipments.push_back({change.shipment, change.number, change.keeps.empty()});
    if (wish.delivery) dto.delivery = wish.delivery->method;
    if (!plan.invoice.empty()) dto.invoice = plan.invoice;
    return dto;
}

// What a preview refuses; a change also refuses what has moved on meanwhile.
http::Route& refusals(http::Route& route) {
    return route.fails({"staff.login_required",
                        "staff.forbidden",
                        "orders.not_found",
                        "orders.not_sold",
                        "orders.version_conflict",
                        "orders.line_unknown",
                        "orders.article_twice",
                        "orders.article_unavailable",
                        "orders.edit_too_late",
                        "orders.edit_nothing",
                        "orders.edit_quantity",
                        "orders.edit_no_delivery",
                        "orders.gift_card_line",
                        "orders.edit_amount",
                        "orders.edit_empty",
                        "orders.edit_replacement",
                        "orders.edit_country",
                        "orders.edit_delivery_refunded",
                        "orders.edit_below_refunded",
                        "orders.edit_labelled",
                        "orders.payment_not_captured",
                        "shipping.option_unknown",
                        "shipping.service_point_unknown",
                        "shipping.unavailable"});
}

// What the carrier offers for the order as it was looked at; asked before anything is locked.
Result<std::optional<NewDelivery>> ask_for_delivery(const AfterSaleDependencies& deps, shipping::Shipping& shipping, const Edits& edits,
                                                    OrderId id, const EditInput& input, const EditWish& wish) {
    if (!input.delivery) return std::nullopt;
    const auto parcel = deps.database.read([&](db::Session& session) -> Result<shipping::RateRequest> {
        const auto order = load_sold(session, deps, id);
        if (!order) return fail(ErrorKind::not_found, "orders.not_found", "There is no such order.");
        if (order->version != input.version) return version_conflict();
        if (auto fits = check_country(*order, input); !fits) return std::unexpected(fits.error());
        return edits.parcel(session, *order, wish);
    });
    if (!parcel) return std::unexpected(parcel.error());
    auto found = find_delivery(shipping, *parcel, {input.delivery->option_id, input.delivery->service_point_id});
    if (!found) return std::unexpected(found.error());
    return std::optional(std::move(*found));
}

// What would be sent of the order as it is, perhaps elsewhere in its country.
Result<shipping::RateRequest> parcel_of(const AfterSaleDependencies& deps, const Edits& edits, OrderId id,
                                        const std::optional<std::string>& postal_code) {
    auto parcel = deps.database.read([&](db::Session& session) -> Result<shipping::RateRequest> {
        const auto order = load_sold(session, deps, id);
        if (!order) return fail(ErrorKind::not_found, "orders.not_found", "There is no such order.");
        if (!order->is_sold()) return not_sold();
        return edits.parcel(session, *order, {});
    });
    if (parcel && postal_code) {
        parcel->to.postal_code = *postal_code;
        parcel->to.city.clear();
        parcel->to.line1.clear();
    }
    return parcel;
}

}  // namespace

void Service::add_edit_routes(http::Routes& routes, shipping::Shipping& shipping, http::StaffGate& gate, http::AuditLog& audit) {
    const auto staff = [](http::Route& route) -> http::Route& {
        return route.tag("admin orders").on(http::Pool::outbound).requires_access(http::Access::staff);
    };
    staff(routes.get("/api/v1/admin/orders/{id}/delivery-options", "list_order_delivery_options"))
        .summary("How the goods of an order could be sent, and what the buyer would pay")
        .query<OptionsQuery>()
        .returns<OptionsDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.not_found", "orders.not_sold"})
        .handle([this, &shipping, &gate](const http::Request& request) {
            if (const auto actor = gate.require(request, "orders.read"); !actor) return http::problem(actor.error());
            const auto query = http::query_as<OptionsQuery>(request);
            if (!query) return http::problem(query.error());
            const auto parcel = parcel_of(deps_, edits_, http::id_param<OrderId>(request, "id"), query->postal_code);
            if (!parcel) return http::problem(parcel.error());
            return http::ok(OptionsDto{parcel->items.empty() ? std::vector<shipping::OptionDto>{} : shipping.options(*parcel)});
        });
    staff(routes.get("/api/v1/admin/orders/{id}/service-points", "list_order_service_points"))
        .summary("Pick-up points of a delivery, near an order's address")
        .query<PointsQuery>()
        .returns<PointsDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.not_found", "orders.not_sold", "shipping.option_unknown",
                "shipping.unavailable"})
        .handle([this, &shipping, &gate](const http::Request& request) {
            if (const auto actor = gate.require(request, "orders.read"); !actor) return http::problem(actor.error());
            const auto query = http::query_as<PointsQuery>(request);
            if (!query) return http::problem(query.error());
            const auto parcel = parcel_of(deps_, edits_, http::id_param<OrderId>(request, "id"), query->postal_code);
            if (!parcel) return http::problem(parcel.error());
            auto points = shipping.service_points(query->option_id, parcel->to);
            if (!points) return http::problem(points.error());
            return http::ok(PointsDto{std::move(*points)});
        });

    refusals(staff(routes.post("/api/v1/admin/orders/{id}/edits/preview", "preview_order_edit")))
        .summary("What a change of a placed order would do")
        .description(
            "Units taken away take their share of the discount along; units added cost what the line's units cost; articles added cost "
            "what the buyer pays for them today.")
        .body<EditInput>()
        .returns<EditPreviewDto>()
        .handle([this, &shipping, &gate](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<OrderId>(request, "id");
            auto input = http::body_as<EditInput>(request);
            if (!input) return http::problem(input.error());
            if (auto sound = check(*input); !sound) return http::problem(sound.error());
            auto wish = to_wish(*input);
            auto delivery = ask_for_delivery(deps_, shipping, edits_, id, *input, wish);
            if (!delivery) return http::problem(delivery.error());
            wish.delivery = std::move(*delivery);
            const auto dto = deps_.database.read([&](db::Session& session) -> Result<EditPreviewDto> {
                const auto order = read_sold(session, id);
                if (!order) return std::unexpected(order.error());
                if (order->version != input->version) return version_conflict();
                if (auto fits = check_country(*order, *input); !fits) return std::unexpected(fits.error());
                const auto plan = edits_.plan(session, *order, wish);
                if (!plan) return std::unexpected(plan.error());
                return to_preview(*order, *plan, wish);
            });
            if (!dto) return http::problem(dto.error());
            return http::ok(*dto);
        });

    refusals(staff(routes.post("/api/v1/admin/orders/{id}/edits", "edit_order")))
        .summary("Change a placed order")
        .description(
            "Stock, totals, books and what goes back to the buyer change together, or nothing does. What goes back needs the right to "
            "refund it.")
        .idempotent()
        .body<EditInput>()
        .returns<OrderMoneyDto>(201)
        .fails({"staff.over_limit", "orders.edit_changed", "orders.edit_stock", "orders.warehouse_lacks", "orders.refund_in_progress"})
        .handle([this, &shipping, &gate, &audit](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<OrderId>(request, "id");
            auto input = http::body_as<EditInput>(request);
            if (!input) return http::problem(input.error());
            if (auto sound = check(*input); !sound) return http::problem(sound.error());
            // Refused within, so that a repeated request is told what came of the first.
            const auto delivery = ask_for_delivery(deps_, shipping, edits_, id, *input, to_wish(*input));
            return deps_.idempotency.run(request, scope_of(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                const auto order = lock_sold(tx, deps_, id, input->version);
                if (!order) return std::unexpected(order.error());
                if (auto fits = check_country(*order, *input); !fits) return std::unexpected(fits.error());
                if (!delivery) return std::unexpected(delivery.error());
                auto wish = to_wish(*input);
                wish.delivery = *delivery;
                const auto plan = edits_.plan(tx, *order, wish);
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
                    edits_.confirm(tx, *order, *plan, wish, json::render(*input), input->reason,
                                   input->request_payment.value_or(false) ? AskForPayment::by_mail : AskForPayment::no, *actor);
                if (!done) return std::unexpected(done.error());
                const auto after = load_sold(tx, deps_, id);
                audit.record(tx, *actor, {"change", "orders", id.to_string(), "", json::render(to_preview(*order, *plan, wish))});
                return http::created(to_money_dto(tx, *after));
            });
        });
}

void add_edit_routes(http::Routes& routes, AfterSale& after_sale, shipping::Shipping& shipping, http::StaffGate& gate,
                     http::AuditLog& audit) {
    dynamic_cast<Service&>(after_sale).add_edit_routes(routes, shipping, gate, audit);
}

}  // namespace stoa::orders
