// The order desk: where an order's money is, what a refund would do, and the refund.
#include <algorithm>

#include "after_sale/service.hpp"
#include "refunds/dto.hpp"
#include "refunds/limit.hpp"
#include "sql/after_sale.hpp"

namespace stoa::orders {
namespace {

constexpr std::string_view kPermission = "orders.refund";

template <class Input>
RefundRequest to_request(const Input& input, Currency currency) {
    RefundRequest out{{}, input.shipping.value_or(Money::zero(currency)), input.adjustment.value_or(Money::zero(currency))};
    for (const auto& line : input.lines) out.lines.push_back({line.line_id, line.quantity});
    return out;
}

std::optional<std::vector<Part>> to_parts(const std::optional<std::vector<RefundPartInput>>& input) {
    if (!input) return std::nullopt;
    std::vector<Part> out;
    for (const auto& part : *input) out.push_back({part.payment_id, part.amount});
    return out;
}

template <class Input>
PayBack how_of(const Input& input) {
    return input.as_store_credit.value_or(false) ? PayBack::as_store_credit : PayBack::to_payments;
}

template <class Input>
Unsent unsent_of(const Input& input) {
    return input.still_sent.value_or(false) ? Unsent::sent_all_the_same : Unsent::withheld;
}

RefundPreviewDto to_preview(const SoldOrder& order, const RefundPlan& plan, const http::StaffActor& actor) {
    RefundPreviewDto dto;
    dto.version = order.version;
    dto.total = plan.total.value;
    dto.tax = plan.total.tax;
    dto.shipping = plan.shipping.value;
    dto.adjustment = plan.adjustment.value;
    dto.settles = plan.settles;
    dto.as_credit = plan.as_credit;
    if (!plan.as_credit.is_zero() && order.credit_is_mailed()) dto.gift_card_to = order.email;
    for (const auto& line : plan.lines) dto.lines.push_back({line.line, line.quantity, line.worth.value, line.worth.tax, line.unsent});
    for (const auto& part : plan.parts) {
        const auto room =
            std::ranges::find(order.rooms, part.source, [](const payments::Payments::RefundRoom& one) { return one.attempt.id; });
        dto.parts.push_back({part.source, room->attempt.label, part.amount});
    }
    dto.within_limit = actor.within_limit(kPermission, given_out(order.position, plan)).has_value();
    return dto;
}

}  // namespace

Error refund_changed(const Money& total) {
    Error error{ErrorKind::conflict, "orders.refund_changed", "The refund would be another one than you saw.", {}, {}, {}, 0};
    json::Writer details;
    details.begin_object();
    details.member("total", total.to_decimal());
    details.end_object();
    error.details_json = details.take();
    return error;
}

OrderMoneyDto to_money_dto(db::Session& session, const SoldOrder& order) {
    const auto& position = order.position;
    const auto currency = position.currency();
    OrderMoneyDto dto;
    dto.order_id = order.id;
    dto.number = order.number;
    dto.version = order.version;
    dto.state = order.state;
    dto.payment_state = order.payment_state;
    dto.total = order.content.total;
    dto.tax = order.content.tax;
    dto.captured = position.captured();
    dto.refunded = position.refunded();
    dto.pending = position.pending();
    dto.granted = position.credited.value;
    dto.refundable = order.is_sold() && !position.uncaptured ? position.creditable().value : Money::zero(currency);
    const bool had_money = order.state != State::pending_payment;
    dto.owed = had_money ? position.owed() : Money::zero(currency);
    dto.payable = had_money ? payable_now(position) : Money::zero(currency);
    dto.due = due_of(order);
    dto.as_credit = position.as_credit;
    if (order.credit_is_mailed()) dto.gift_card_to = order.email;
    dto.written_off = position.written_off;
    dto.shipping = position.shipping.value;
    dto.shipping_left = (position.shipping - position.shipping_credited).value;
    for (std::size_t i = 0; i < order.content.lines.size(); ++i) {
        const auto& line = order.content.lines[i];
        const auto& names = order.names[i];
        dto.lines.push_back({line.id, names.sku, names.name, names.options_text, line.quantity, line.shipped, line.credited_quantity,
                             line.worth().value, (line.worth() - line.credited).value});
    }
    for (const auto& source : position.sources) {
        const auto room =
            std::ranges::find(order.rooms, source.id, [](const payments::Payments::RefundRoom& one) { return one.attempt.id; });
        dto.payments.push_back({source.id, room->attempt.method, room->attempt.label, source.captured, source.refunded, source.pending,
                                source.left(), source.rest_only});
    }
    const db::Call calls[] = {db::call(sql::refunds_of_order, order.id), db::call(sql::refund_lines_of_order, order.id),
                              db::call(sql::refund_parts_of_order, order.id)};
    const auto answers = session.pipeline(calls);
    const auto money = [&](const db::Row& row, std::string_view column) { return Money(row.get<std::int64_t>(column), currency); };
    const auto refund_of = [&](const db::Row& row) -> OrderRefundDto& {
        return *std::ranges::find(dto.refunds, row.get<OrderRefundId>("refund_id"), &OrderRefundDto::id);
    };
    for (const auto row : answers[0]) {
        OrderRefundDto refund;
        refund.id = row.get<OrderRefundId>("id");
        refund.state = row.get<std::string>("state");
        refund.reason = row.get<std::string>("reason");
        refund.staff = row.get<std::string>("staff_name");
        refund.amount = money(row, "amount");
        refund.tax = money(row, "tax");
        refund.shipping = money(row, "shipping");
        refund.adjustment = money(row, "adjustment");
        refund.as_credit = money(row, "as_credit");
        refund.gift_card_id = row.get<std::optional<payments::CreditId>>("gift_card_id");
        refund.created_at = row.get<Timestamp>("created_at");
        dto.refunds.push_back(std::move(refund));
    }
    for (const auto row : answers[1])
        refund_of(row).lines.push_back({row.get<OrderLineId>("line_id"), row.get<std::int64_t>("quantity"), money(row, "amount"),
                                        money(row, "tax"), row.get<std::int64_t>("unsent")});
    for (const auto row : answers[2])
        refund_of(row).parts.push_back({row.get<payments::AttemptId>("attempt_id"), money(row, "amount"), row.get<std::string>("state"),
                                        row.get<std::string>("provider_code")});
    return dto;
}

void Service::add_refund_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) {
    routes.get("/api/v1/admin/orders/{id}/money", "get_order_money")
        .summary("Where an order's money is, and what may go back")
        .tag("admin orders")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .returns<OrderMoneyDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.not_found"})
        .handle([this, &gate](const http::Request& request) {
            const auto actor = gate.require(request, "orders.read");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<OrderId>(request, "id");
            const auto dto = deps_.database.read([&](db::Session& session) -> std::optional<OrderMoneyDto> {
                const auto order = load_sold(session, deps_, id);
                if (!order) return std::nullopt;
                return to_money_dto(session, *order);
            });
            if (!dto) return http::problem({ErrorKind::not_found, "orders.not_found", "There is no such order.", {}, {}, {}, 0});
            return http::ok(*dto);
        });

    routes.post("/api/v1/admin/orders/{id}/refunds/preview", "preview_refund")
        .summary("What a refund would do")
        .tag("admin orders")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .body<RefundPreviewInput>()
        .returns<RefundPreviewDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.not_found", "orders.not_sold", "orders.line_unknown",
                "orders.refund_quantity", "orders.refund_shipping", "orders.refund_currency", "orders.refund_nothing",
                "orders.refund_parts", "orders.refund_in_progress", "orders.refund_no_account", "orders.payment_not_captured",
                "orders.gift_card_used", "orders.edit_labelled", "payments.refund_too_large", "payments.refund_rest_only",
                "payments.refund_blocked"})
        .handle([this, &gate](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<OrderId>(request, "id");
            const auto input = http::body_as<RefundPreviewInput>(request);
            if (!input) return http::problem(input.error());
            const auto dto = deps_.database.read([&](db::Session& session) -> Result<RefundPreviewDto> {
                const auto order = read_sold(session, id);
                if (!order) return std::unexpected(order.error());
                const auto wanted = to_request(*input, order->position.currency());
                const auto plan = refunds_.preview(session, *order, wanted, to_parts(input->parts), how_of(*input), unsent_of(*input));
                if (!plan) return std::unexpected(plan.error());
                return to_preview(*order, *plan, *actor);
            });
            if (!dto) return http::problem(dto.error());
            return http::ok(*dto);
        });

    routes.post("/api/v1/admin/orders/{id}/refunds", "refund_order")
        .summary("Refund units, delivery or an amount")
        .description(
            "Grants at once; the money goes back in the background, to the payments it came from. Units that have not left are not sent "
            "any "
            "more, unless still_sent; an order of which nothing is left is cancelled by it.")
        .tag("admin orders")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .idempotent()
        .body<RefundInput>()
        .returns<OrderMoneyDto>(201)
        .fails({"staff.login_required",   "staff.forbidden",           "staff.over_limit",          "orders.not_found",
                "orders.not_sold",        "orders.version_conflict",   "orders.refund_changed",     "orders.line_unknown",
                "orders.refund_quantity", "orders.refund_shipping",    "orders.refund_currency",    "orders.refund_nothing",
                "orders.refund_parts",    "orders.refund_in_progress", "orders.refund_no_account",  "orders.payment_not_captured",
                "orders.gift_card_used",  "orders.edit_labelled",      "payments.refund_too_large", "payments.refund_rest_only",
                "payments.refund_blocked"})
        .handle([this, &gate, &audit](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<OrderId>(request, "id");
            const auto input = http::body_as<RefundInput>(request);
            if (!input) return http::problem(input.error());
            return deps_.idempotency.run(request, scope_of(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                const auto order = lock_sold(tx, deps_, id, input->version);
                if (!order) return std::unexpected(order.error());
                const auto wanted = to_request(*input, order->position.currency());
                const auto parts = to_parts(input->parts);
                const auto plan = refunds_.preview(tx, *order, wanted, parts, how_of(*input), unsent_of(*input));
                if (!plan) return std::unexpected(plan.error());
                if (plan->total.value != input->expected_total) return fail(refund_changed(plan->total.value));
                if (auto within = actor->within_limit(kPermission, given_out(order->position, *plan)); !within)
                    return std::unexpected(within.error());
                const auto granted = refunds_.grant(tx, *order, wanted, parts, input->reason, *actor, how_of(*input), unsent_of(*input));
                if (!granted) return std::unexpected(granted.error());
                if (auto ended = end_refunded(tx, id); !ended) return std::unexpected(ended.error());
                auto kept = to_preview(*order, granted->plan, *actor);
                kept.gift_card_to.reset();  // the order knows whose it is
                audit.record(tx, *actor, {"refund", "orders", id.to_string(), "", json::render(kept)});
                return http::created(to_money_dto(tx, *load_sold(tx, deps_, id)));
            });
        });

    routes.post("/api/v1/admin/orders/{id}/refunds/pay-out", "pay_out_order")
        .summary("Pay out what is owed to the buyer")
        .description("After a change of the order, or when a provider refused an earlier refund. Also of a cancelled order.")
        .tag("admin orders")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .idempotent()
        .body<PayOutInput>()
        .returns<OrderMoneyDto>(201)
        .fails({"staff.login_required", "staff.forbidden", "staff.over_limit", "orders.not_found", "orders.not_sold",
                "orders.version_conflict", "orders.refund_changed", "orders.refund_nothing", "orders.refund_parts",
                "orders.refund_in_progress", "orders.refund_no_account", "payments.refund_too_large", "payments.refund_rest_only",
                "payments.refund_blocked"})
        .handle([this, &gate, &audit](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<OrderId>(request, "id");
            const auto input = http::body_as<PayOutInput>(request);
            if (!input) return http::problem(input.error());
            return deps_.idempotency.run(request, scope_of(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                const auto order = lock_with_money(tx, deps_, id, input->version);
                if (!order) return std::unexpected(order.error());
                const Money due = payable_now(order->position);
                if (due != input->expected_total) return fail(refund_changed(due));
                if (auto within = actor->within_limit(kPermission, due); !within) return std::unexpected(within.error());
                const auto paid = refunds_.pay_out(tx, *order, to_parts(input->parts), "owed to the buyer", *actor, how_of(*input));
                if (!paid) return std::unexpected(paid.error());
                if (!*paid) return fail(ErrorKind::invalid, "orders.refund_nothing", "Nothing is owed to the buyer.");
                const auto after = load_sold(tx, deps_, id);
                audit.record(tx, *actor, {"pay_out", "orders", id.to_string(), "", json::render(*input)});
                return http::created(to_money_dto(tx, *after));
            });
        });
}

}  // namespace stoa::orders
