// My Account's returns, and the desk where they are decided, received and refunded.
#include <algorithm>
#include <charconv>

#include "after_sale/service.hpp"
#include "refunds/dto.hpp"
#include "sql/returns.hpp"

namespace stoa::orders {
namespace {

constexpr std::string_view kPermission = "orders.returns";
constexpr int kPage = 50;

struct ReturnLineInput {
    OrderLineId line_id;
    std::int64_t quantity = 1;
    ReturnReason reason = ReturnReason::other;
    std::string comment;
};
void describe(json::Struct<ReturnLineInput>& d) {
    d.name("ReturnLineInput");
    d.field<&ReturnLineInput::line_id>("line_id");
    d.field<&ReturnLineInput::quantity>("quantity").min(1).max(100000);
    d.field<&ReturnLineInput::reason>("reason");
    d.field<&ReturnLineInput::comment>("comment").max_length(500).optional();
}
struct ReturnInput {
    std::string comment;
    std::vector<ReturnLineInput> lines;
};
void describe(json::Struct<ReturnInput>& d) {
    d.name("ReturnInput");
    d.field<&ReturnInput::comment>("comment").max_length(1000).optional();
    d.field<&ReturnInput::lines>("lines").min_length(1).max_length(200);
}
struct ReturnAnswerInput {
    std::string answer;
};
void describe(json::Struct<ReturnAnswerInput>& d) {
    d.name("ReturnAnswerInput");
    d.field<&ReturnAnswerInput::answer>("answer", "The buyer reads it.").max_length(1000).optional();
}
struct ReceivedLineInput {
    OrderLineId line_id;
    std::int64_t received = 0, restocked = 0;
    ReturnCondition condition = ReturnCondition::as_new;
};
void describe(json::Struct<ReceivedLineInput>& d) {
    d.name("ReceivedLineInput");
    d.field<&ReceivedLineInput::line_id>("line_id");
    d.field<&ReceivedLineInput::received>("received", "Units that came back.").min(0).max(100000);
    d.field<&ReceivedLineInput::restocked>("restocked", "Of them sold again; the others are written off.").min(0).max(100000);
    d.field<&ReceivedLineInput::condition>("condition");
}
struct ReceiptInput {
    std::vector<ReceivedLineInput> lines;
};
void describe(json::Struct<ReceiptInput>& d) {
    d.name("ReturnReceiptInput");
    d.field<&ReceiptInput::lines>("lines").min_length(1).max_length(200);
}
struct ReturnRefundInput {
    std::optional<Money> expected_total;
    std::optional<Money> shipping, deduction;
};
void describe(json::Struct<ReturnRefundInput>& d) {
    d.name("ReturnRefundInput");
    d.field<&ReturnRefundInput::expected_total>("expected_total",
                                                "What the same request without it answered: it is the preview, and changes nothing.");
    d.field<&ReturnRefundInput::shipping>("shipping", "Of the delivery, on top of the received units.");
    d.field<&ReturnRefundInput::deduction>("deduction", "Off what the units cost: for their condition.");
}
struct PolicyExclusion {
    catalog::ProductId product_id;
    std::string reason;
};
void describe(json::Struct<PolicyExclusion>& d) {
    d.name("ReturnExclusion");
    d.field<&PolicyExclusion::product_id>("product_id");
    d.field<&PolicyExclusion::reason>("reason").not_blank().max_length(200);
}
struct PolicyDto {
    std::int64_t days = 30;
    std::vector<PolicyExclusion> excluded;
};
void describe(json::Struct<PolicyDto>& d) {
    d.name("ReturnPolicy");
    d.field<&PolicyDto::days>("days", "After the delivery.").min(14).max(365);
    d.field<&PolicyDto::excluded>("excluded", "Goods that do not come back.").max_length(1000);
}

struct ReturnLineDto {
    OrderLineId line_id;
    std::string sku, name, options_text, comment;
    std::int64_t quantity = 1, received = 0, restocked = 0;
    ReturnReason reason = ReturnReason::other;
    std::optional<ReturnCondition> condition;
};
void describe(json::Struct<ReturnLineDto>& d) {
    d.name("ReturnLine");
    d.field<&ReturnLineDto::line_id>("line_id");
    d.field<&ReturnLineDto::sku>("sku");
    d.field<&ReturnLineDto::name>("name");
    d.field<&ReturnLineDto::options_text>("options_text");
    d.field<&ReturnLineDto::quantity>("quantity");
    d.field<&ReturnLineDto::reason>("reason");
    d.field<&ReturnLineDto::comment>("comment");
    d.field<&ReturnLineDto::received>("received");
    d.field<&ReturnLineDto::restocked>("restocked");
    d.field<&ReturnLineDto::condition>("condition");
}
struct ReturnDto {
    ReturnId id;
    std::string number, order_number, comment, answer;
    OrderId order_id;
    ReturnState state = ReturnState::requested;
    Timestamp requested_at;
    std::optional<Timestamp> decided_at, received_at;
    std::optional<Money> refunded;
    std::vector<ReturnLineDto> lines;
};
void describe(json::Struct<ReturnDto>& d) {
    d.name("Return");
    d.field<&ReturnDto::id>("id");
    d.field<&ReturnDto::number>("number");
    d.field<&ReturnDto::order_id>("order_id");
    d.field<&ReturnDto::order_number>("order_number");
    d.field<&ReturnDto::state>("state");
    d.field<&ReturnDto::comment>("comment", "Of the buyer.");
    d.field<&ReturnDto::answer>("answer", "Of the shop.");
    d.field<&ReturnDto::requested_at>("requested_at");
    d.field<&ReturnDto::decided_at>("decided_at");
    d.field<&ReturnDto::received_at>("received_at");
    d.field<&ReturnDto::refunded>("refunded");
    d.field<&ReturnDto::lines>("lines");
}
struct ReturnableLineDto {
    OrderLineId line_id;
    std::string sku, name, options_text;
    std::int64_t quantity = 0;
    ReturnObstacle obstacle = ReturnObstacle::none;
};
void describe(json::Struct<ReturnableLineDto>& d) {
    d.name("ReturnableLine");
    d.field<&ReturnableLineDto::line_id>("line_id");
    d.field<&ReturnableLineDto::sku>("sku");
    d.field<&ReturnableLineDto::name>("name");
    d.field<&ReturnableLineDto::options_text>("options_text");
    d.field<&ReturnableLineDto::quantity>("quantity", "Units that can be returned now.");
    d.field<&ReturnableLineDto::obstacle>("obstacle", "Why none can.");
}
struct OrderReturnsDto {
    std::string order_number;
    Timestamp until;
    std::vector<ReturnableLineDto> returnable;
    std::vector<ReturnDto> returns;
};
void describe(json::Struct<OrderReturnsDto>& d) {
    d.name("OrderReturns");
    d.field<&OrderReturnsDto::order_number>("order_number");
    d.field<&OrderReturnsDto::until>("until", "The last moment to ask for a return.");
    d.field<&OrderReturnsDto::returnable>("returnable");
    d.field<&OrderReturnsDto::returns>("returns");
}
struct ReturnRefundDto {
    bool done = false;
    Money total, tax;
    ReturnDto back;
};
void describe(json::Struct<ReturnRefundDto>& d) {
    d.name("ReturnRefund");
    d.field<&ReturnRefundDto::done>("done", "False: this is what would be refunded.");
    d.field<&ReturnRefundDto::total>("total");
    d.field<&ReturnRefundDto::tax>("tax");
    d.field<&ReturnRefundDto::back>("return");
}
struct ReturnListQuery {
    std::optional<ReturnState> state;
    std::optional<std::string> cursor;
};
void describe(json::Struct<ReturnListQuery>& d) {
    d.name("ReturnListQuery");
    d.field<&ReturnListQuery::state>("state");
    d.field<&ReturnListQuery::cursor>("cursor", "next_cursor of the page before.").max_length(120);
}
struct ReturnSummaryDto {
    ReturnId id;
    std::string number, order_number, email;
    OrderId order_id;
    ReturnState state = ReturnState::requested;
    Timestamp requested_at;
    std::int64_t units = 0;
};
void describe(json::Struct<ReturnSummaryDto>& d) {
    d.name("ReturnSummary");
    d.field<&ReturnSummaryDto::id>("id");
    d.field<&ReturnSummaryDto::number>("number");
    d.field<&ReturnSummaryDto::order_id>("order_id");
    d.field<&ReturnSummaryDto::order_number>("order_number");
    d.field<&ReturnSummaryDto::email>("email");
    d.field<&ReturnSummaryDto::state>("state");
    d.field<&ReturnSummaryDto::requested_at>("requested_at");
    d.field<&ReturnSummaryDto::units>("units");
}
struct ReturnListDto {
    std::vector<ReturnSummaryDto> items;
    std::optional<std::string> next_cursor;
};
void describe(json::Struct<ReturnListDto>& d) {
    d.name("ReturnList");
    d.field<&ReturnListDto::items>("items");
    d.field<&ReturnListDto::next_cursor>("next_cursor");
}

struct Cursor {
    Timestamp at;
    ReturnId id;
};
std::string to_text(const Cursor& cursor) { return std::to_string(cursor.at.time_since_epoch().count()) + "." + cursor.id.to_string(); }
Result<Cursor> read_cursor(std::string_view text) {
    const auto dot = text.find('.');
    std::int64_t micros = 0;
    if (dot != std::string_view::npos) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + dot, micros);
        const auto id = ReturnId::parse(text.substr(dot + 1));
        // Within what a timestamptz can hold: years 2000 to 2100.
        if (error == std::errc{} && end == text.data() + dot && id && micros > 946684800000000 && micros < 4102444800000000)
            return Cursor{Timestamp(std::chrono::microseconds(micros)), *id};
    }
    return fail_field("?cursor", "invalid_cursor", "This cursor is not one of ours.");
}

ReturnDto to_dto(const StoredReturn& back) {
    ReturnDto dto;
    dto.id = back.id;
    dto.number = back.number;
    dto.order_number = back.order_number;
    dto.order_id = back.order;
    dto.state = back.state;
    dto.comment = back.comment;
    dto.answer = back.answer;
    dto.requested_at = back.requested_at;
    dto.decided_at = back.decided_at;
    dto.received_at = back.received_at;
    dto.refunded = back.refunded;
    for (const auto& line : back.lines)
        dto.lines.push_back({line.line, line.sku, line.name, line.options_text, line.comment, line.quantity, line.received, line.restocked,
                             line.reason, line.condition});
    return dto;
}

Failure not_mine() { return fail(ErrorKind::not_found, "orders.not_found", "There is no such order."); }

}  // namespace

void Service::add_customer_routes(http::Routes& routes, customers::Customers& customers) {
    routes.get("/api/v1/account/orders/{number}/returns", "get_order_returns")
        .summary("What of my order can be returned, and its returns")
        .tag("account")
        .requires_access(http::Access::customer)
        .returns<OrderReturnsDto>()
        .fails({"account.login_required", "orders.not_found"})
        .handle([this, &customers](const http::Request& request) {
            const auto customer = customers.require(request);
            const auto dto = deps_.database.read([&](db::Session& session) -> Result<OrderReturnsDto> {
                const auto id = deps_.orders.find_number(session, request.param("number"));
                const auto order = id ? load_sold(session, deps_, *id) : std::nullopt;
                if (!order || order->customer != customer.id) return not_mine();
                const auto terms = returns_.terms(session, *id);
                OrderReturnsDto out;
                out.order_number = order->number;
                out.until = terms.until;
                for (std::size_t i = 0; i < order->names.size(); ++i) {
                    const auto most = returnable(*order, i, terms);
                    const auto& names = order->names[i];
                    out.returnable.push_back({names.id, names.sku, names.name, names.options_text, most.quantity, most.obstacle});
                }
                for (const auto& back : returns_.of_order(session, *id)) out.returns.push_back(to_dto(back));
                return out;
            });
            if (!dto) return http::problem(dto.error());
            return http::ok(*dto);
        });

    routes.post("/api/v1/account/orders/{number}/returns", "request_return")
        .summary("Ask to return goods")
        .tag("account")
        .requires_access(http::Access::customer)
        .idempotent()
        .body<ReturnInput>()
        .returns<ReturnDto>(201)
        .fails({"account.login_required", "orders.not_found", "orders.not_sold", "orders.line_unknown", "orders.return_quantity"})
        .handle([this, &customers](const http::Request& request) {
            const auto customer = customers.require(request);
            const auto input = http::body_as<ReturnInput>(request);
            if (!input) return http::problem(input.error());
            return deps_.idempotency.run(request, "customer:" + customer.id.to_string(), [&](db::Tx& tx) -> Result<http::Response> {
                const auto id = deps_.orders.find_number(tx, request.param("number"));
                if (!id) return not_mine();
                const auto order = lock_sold(tx, deps_, *id);
                if (order ? order->customer != customer.id : order.error().code == "orders.not_found") return not_mine();
                if (!order) {
                    const auto header = deps_.orders.header(tx, *id);
                    return header->customer == customer.id ? std::unexpected(order.error()) : not_mine();
                }
                std::vector<NewReturnLine> lines;
                for (const auto& line : input->lines) lines.push_back({line.line_id, line.quantity, line.reason, line.comment});
                const auto back = returns_.request(tx, *order, lines, input->comment);
                if (!back) return std::unexpected(back.error());
                return http::created(to_dto(*back));
            });
        });

    routes.post("/api/v1/account/returns/{id}/cancel", "cancel_return")
        .summary("Keep the goods after all")
        .tag("account")
        .requires_access(http::Access::customer)
        .returns<ReturnDto>()
        .fails({"account.login_required", "orders.return_not_found", "orders.return_transition_not_allowed"})
        .handle([this, &customers](const http::Request& request) {
            const auto customer = customers.require(request);
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto back = deps_.database.in_tx([&](db::Tx& tx) -> Result<StoredReturn> {
                const auto found = returns_.find(tx, id);
                const auto header = found ? deps_.orders.header(tx, found->order) : std::nullopt;
                if (!header || header->customer != customer.id) return return_not_found();
                return returns_.move(tx, id, ReturnState::cancelled, "");
            });
            if (!back) return http::problem(back.error());
            return http::ok(to_dto(*back));
        });
}

void Service::add_return_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) {
    routes.get("/api/v1/admin/returns", "list_returns")
        .summary("Returns, newest first")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .query<ReturnListQuery>()
        .returns<ReturnListDto>()
        .fails({"staff.login_required", "staff.forbidden"})
        .handle([this, &gate](const http::Request& request) {
            const auto actor = gate.require(request, "orders.read");
            if (!actor) return http::problem(actor.error());
            const auto query = http::query_as<ReturnListQuery>(request);
            if (!query) return http::problem(query.error());
            std::optional<Timestamp> at;
            std::optional<ReturnId> after;
            if (query->cursor) {
                const auto cursor = read_cursor(*query->cursor);
                if (!cursor) return http::problem(cursor.error());
                at = cursor->at;
                after = cursor->id;
            }
            std::optional<std::string> state;
            if (query->state) state = json::to_name(*query->state);
            const auto list = deps_.database.read([&](db::Session& session) {
                ReturnListDto out;
                const auto rows = session.query(sql::list_returns, state, at, after, kPage + 1);
                for (int i = 0; i < std::min(rows.size(), kPage); ++i) {
                    const auto row = rows[i];
                    ReturnSummaryDto summary;
                    summary.id = row.get<ReturnId>("id");
                    summary.number = row.get<std::string>("number");
                    summary.order_id = row.get<OrderId>("order_id");
                    summary.order_number = row.get<std::string>("order_number");
                    summary.email = row.get<std::string>("email");
                    summary.state = json::from_name<ReturnState>(row.get<std::string>("state")).value();
                    summary.requested_at = row.get<Timestamp>("requested_at");
                    summary.units = row.get<std::int64_t>("units");
                    out.items.push_back(std::move(summary));
                }
                if (rows.size() > kPage) out.next_cursor = to_text({out.items.back().requested_at, out.items.back().id});
                return out;
            });
            return http::ok(list);
        });

    routes.get("/api/v1/admin/returns/{id}", "get_return")
        .summary("A return")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .returns<ReturnDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.return_not_found"})
        .handle([this, &gate](const http::Request& request) {
            const auto actor = gate.require(request, "orders.read");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto back = deps_.database.read([&](db::Session& session) { return returns_.find(session, id); });
            if (!back) return http::problem(return_not_found().error());
            return http::ok(to_dto(*back));
        });

    struct Step {
        std::string_view path, operation, summary;
        ReturnState to;
    };
    static constexpr Step kSteps[] = {
        {"/api/v1/admin/returns/{id}/approve", "approve_return", "Let the goods come back", ReturnState::approved},
        {"/api/v1/admin/returns/{id}/reject", "reject_return", "Refuse the return", ReturnState::rejected},
        {"/api/v1/admin/returns/{id}/close", "close_return", "End a received return without a refund", ReturnState::closed}};
    for (const auto& step : kSteps) {
        routes.post(std::string(step.path), std::string(step.operation))
            .summary(std::string(step.summary))
            .tag("admin returns")
            .on(http::Pool::staff)
            .requires_access(http::Access::staff)
            .body<ReturnAnswerInput>()
            .returns<ReturnDto>()
            .fails({"staff.login_required", "staff.forbidden", "orders.return_not_found", "orders.return_transition_not_allowed"})
            .handle([this, &gate, &audit, &step](const http::Request& request) {
                const auto actor = gate.require(request, kPermission);
                if (!actor) return http::problem(actor.error());
                const auto id = http::id_param<ReturnId>(request, "id");
                const auto input = http::body_as<ReturnAnswerInput>(request);
                if (!input) return http::problem(input.error());
                const auto back = deps_.database.in_tx([&](db::Tx& tx) -> Result<StoredReturn> {
                    auto moved = returns_.move(tx, id, step.to, input->answer);
                    if (moved)
                        audit.record(tx, *actor,
                                     {std::string(json::to_name(step.to)), "returns", id.to_string(), "", json::render(to_dto(*moved))});
                    return moved;
                });
                if (!back) return http::problem(back.error());
                return http::ok(to_dto(*back));
            });
    }

    routes.post("/api/v1/admin/returns/{id}/receive", "receive_return")
        .summary("Goods came back: to stock, or written off")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .idempotent()
        .body<ReceiptInput>()
        .returns<ReturnDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.return_not_found", "orders.return_transition_not_allowed",
                "orders.line_unknown", "orders.return_receipt"})
        .handle([this, &gate, &audit](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto input = http::body_as<ReceiptInput>(request);
            if (!input) return http::problem(input.error());
            return deps_.idempotency.run(request, scope_of(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                std::vector<ReceivedLine> lines;
                for (const auto& line : input->lines) lines.push_back({line.line_id, line.received, line.condition, line.restocked});
                const auto back = returns_.receive(tx, id, lines);
                if (!back) return std::unexpected(back.error());
                audit.record(tx, *actor, {"receive", "returns", id.to_string(), "", json::render(to_dto(*back))});
                return http::ok(to_dto(*back));
            });
        });

    routes.post("/api/v1/admin/returns/{id}/refund", "refund_return")
        .summary("Refund what came back")
        .description("Without expected_total it only says what would be refunded.")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .idempotent()
        .body<ReturnRefundInput>()
        .returns<ReturnRefundDto>()
        .fails({"staff.login_required", "staff.forbidden", "staff.over_limit", "orders.return_not_found",
                "orders.return_transition_not_allowed", "orders.not_sold", "orders.refund_changed", "orders.refund_quantity",
                "orders.refund_shipping", "orders.refund_currency", "orders.refund_nothing", "orders.refund_in_progress",
                "orders.payment_not_captured", "payments.refund_too_large", "payments.refund_rest_only"})
        .handle([this, &gate, &audit](const http::Request& request) {
            const auto actor = gate.require(request, "orders.refund");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto input = http::body_as<ReturnRefundInput>(request);
            if (!input) return http::problem(input.error());
            return deps_.idempotency.run(request, scope_of(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                auto back = returns_.find(tx, id);
                if (!back) return return_not_found();
                const auto order = lock_sold(tx, deps_, back->order);
                if (!order) return std::unexpected(order.error());
                back = returns_.find(tx, id);  // as it is under the order's lock
                if (const auto allowed = return_transition(back->state, ReturnState::refunded); !allowed)
                    return std::unexpected(allowed.error());
                const auto none = Money::zero(order->position.currency());
                if (input->deduction && input->deduction->is_negative())
                    return fail_field("/deduction/amount", "out_of_range", "A deduction is zero or more.");
                const auto wanted = Returns::refund_of(*back, input->shipping.value_or(none), input->deduction.value_or(none));
                const auto plan = plan_refund(order->position, wanted);
                if (!plan) return std::unexpected(plan.error());
                if (!input->expected_total) return http::ok(ReturnRefundDto{false, plan->total.value, plan->total.tax, to_dto(*back)});
                if (plan->total.value != *input->expected_total) return fail(refund_changed(plan->total.value));
                if (auto within = actor->within_limit("orders.refund", order->content.credited.value + plan->total.value); !within)
                    return std::unexpected(within.error());
                const auto refunded = returns_.refund(tx, *back, *order, wanted, std::nullopt, *actor);
                if (!refunded) return std::unexpected(refunded.error());
                const ReturnRefundDto dto{true, plan->total.value, plan->total.tax, to_dto(*refunded)};
                audit.record(tx, *actor, {"refund", "returns", id.to_string(), "", json::render(dto)});
                return http::ok(dto);
            });
        });

    const auto read_policy = [](db::Session& session) {
        PolicyDto out;
        for (const auto row : session.query(sql::read_return_policy)) {
            out.days = row.get<int>("days");
            if (const auto product = row.get<std::optional<catalog::ProductId>>("product_id"))
                out.excluded.push_back({*product, row.get<std::optional<std::string>>("reason").value_or("")});
        }
        return out;
    };
    routes.get("/api/v1/admin/return-policy", "get_return_policy")
        .summary("How long goods may come back, and which may not")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .returns<PolicyDto>()
        .fails({"staff.login_required", "staff.forbidden"})
        .handle([this, &gate, read_policy](const http::Request& request) {
            const auto actor = gate.require(request, "orders.read");
            if (!actor) return http::problem(actor.error());
            return http::ok(deps_.database.read([&](db::Session& session) { return read_policy(session); }));
        });
    routes.put("/api/v1/admin/return-policy", "set_return_policy")
        .summary("Change how long goods may come back, and which may not")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .body<PolicyDto>()
        .returns<PolicyDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.product_unknown"})
        .handle([this, &gate, &audit, read_policy](const http::Request& request) {
            const auto actor = gate.require(request, "orders.return_policy");
            if (!actor) return http::problem(actor.error());
            const auto input = http::body_as<PolicyDto>(request);
            if (!input) return http::problem(input.error());
            std::vector<Uuid> products;
            std::vector<std::string> reasons;
            for (const auto& excluded : input->excluded) {
                if (std::ranges::find(products, excluded.product_id.uuid()) != products.end())
                    return http::problem(
                        {ErrorKind::invalid, "orders.product_unknown", "Each product that exists can be named once.", {}, {}, {}, 0});
                products.push_back(excluded.product_id.uuid());
                reasons.push_back(excluded.reason);
            }
            try {
                return http::ok(deps_.database.in_tx([&](db::Tx& tx) {
                    const auto before = read_policy(tx);
                    tx.exec(sql::set_return_days, static_cast<int>(input->days));
                    tx.exec(sql::keep_return_exclusions, products);
                    tx.exec(sql::exclude_from_returns, products, reasons);
                    const auto after = read_policy(tx);
                    audit.record(tx, *actor, {"update", "return_policy", "1", json::render(before), json::render(after)});
                    return after;
                }));
            } catch (const db::ForeignKeyViolation&) {
                return http::problem(
                    {ErrorKind::invalid, "orders.product_unknown", "Each product that exists can be named once.", {}, {}, {}, 0});
            }
        });
}

}  // namespace stoa::orders
