// The desk where returns are decided, received, exchanged and refunded.
#include <algorithm>

#include "refunds/dto.hpp"
#include "refunds/limit.hpp"
#include "returns/dto.hpp"
#include "sql/returns.hpp"
#include "stoa/http/cursor.hpp"

namespace stoa::orders {
namespace {

constexpr std::string_view kPermission = "orders.returns";
constexpr int kPage = 50;

struct ReturnAnswerInput {
    std::string answer;
};
void describe(json::Struct<ReturnAnswerInput>& d) {
    d.name("ReturnAnswerInput");
    d.field<&ReturnAnswerInput::answer>("answer", "The buyer reads it.").max_length(1000).optional();
}
struct ReturnApprovalInput {
    std::string answer;
    bool label = false;
};
void describe(json::Struct<ReturnApprovalInput>& d) {
    d.name("ReturnApprovalInput");
    d.field<&ReturnApprovalInput::answer>("answer", "The buyer reads it.").max_length(1000).optional();
    d.field<&ReturnApprovalInput::label>("label", "With the carrier's label, which goes with the mail.").optional();
}
struct ReturnLabelInput {
    std::optional<shipping::ShipTo> from;
    bool none = false;
};
void describe(json::Struct<ReturnLabelInput>& d) {
    d.name("ReturnLabelInput");
    d.field<&ReturnLabelInput::from>("from", "Another address of the sender than the order's, after a refusal.");
    d.field<&ReturnLabelInput::none>("none", "Go on without one: the buyer sends it as they like.").optional();
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
    std::optional<inventory::WarehouseId> warehouse_id;
    std::vector<ReceivedLineInput> lines;
};
void describe(json::Struct<ReceiptInput>& d) {
    d.name("ReturnReceiptInput");
    d.field<&ReceiptInput::warehouse_id>("warehouse_id", "Where it came, and is booked. Without it: for each line the one that sent it.");
    d.field<&ReceiptInput::lines>("lines").min_length(1).max_length(200);
}
struct StaffReturnLineInput {
    OrderLineId line_id;
    std::int64_t quantity = 1;
    ReturnReason reason = ReturnReason::other;
    std::string comment;
};
void describe(json::Struct<StaffReturnLineInput>& d) {
    d.name("StaffReturnLine");
    d.field<&StaffReturnLineInput::line_id>("line_id");
    d.field<&StaffReturnLineInput::quantity>("quantity").min(1).max(100000);
    d.field<&StaffReturnLineInput::reason>("reason");
    d.field<&StaffReturnLineInput::comment>("comment").max_length(500).optional();
}
struct StaffReturnInput {
    std::vector<StaffReturnLineInput> lines;
    std::string comment;
    bool override_rules = false;
};
void describe(json::Struct<StaffReturnInput>& d) {
    d.name("StaffReturnInput");
    d.field<&StaffReturnInput::lines>("lines").min_length(1).max_length(200);
    d.field<&StaffReturnInput::comment>("comment", "What the buyer said. They see it.").max_length(1000).optional();
    d.field<&StaffReturnInput::override_rules>("override", "Also when the time for returns is over, and of goods that are not returned.")
        .optional();
}
struct ReturnRefundInput {
    std::optional<Money> expected_total;
    std::optional<Money> shipping, deduction;
    std::optional<bool> as_store_credit;
};
void describe(json::Struct<ReturnRefundInput>& d) {
    d.name("ReturnRefundInput");
    d.field<&ReturnRefundInput::expected_total>("expected_total",
                                                "What the same request without it answered: it is the preview, and changes nothing.");
    d.field<&ReturnRefundInput::shipping>("shipping", "Of the delivery, on top of the received units.");
    d.field<&ReturnRefundInput::deduction>("deduction", "Off what the units cost: for their condition.");
    d.field<&ReturnRefundInput::as_store_credit>("as_store_credit", kAsStoreCredit);
}
struct ReturnRefundDto {
    bool done = false;
    Money total, tax, as_credit;
    std::optional<std::string> gift_card_to;
    ReturnDto back;
};
void describe(json::Struct<ReturnRefundDto>& d) {
    d.name("ReturnRefund");
    d.field<&ReturnRefundDto::done>("done", "False: this is what would be refunded.");
    d.field<&ReturnRefundDto::total>("total");
    d.field<&ReturnRefundDto::tax>("tax");
    d.field<&ReturnRefundDto::as_credit>("as_credit", "What becomes store credit instead of money.");
    d.field<&ReturnRefundDto::gift_card_to>("gift_card_to", kGiftCardTo);
    d.field<&ReturnRefundDto::back>("return");
}
struct ReturnListQuery {
    std::optional<ReturnState> state;
    std::optional<std::string> q, cursor;
};
void describe(json::Struct<ReturnListQuery>& d) {
    d.name("ReturnListQuery");
    d.field<&ReturnListQuery::state>("state");
    d.field<&ReturnListQuery::q>("q", "The beginning of a return's or order's number or of an e-mail address, or a tracking number.")
        .trim()
        .max_length(120);
    d.field<&ReturnListQuery::cursor>("cursor", "next_cursor of the page before.").max_length(120);
}
struct ReturnSummaryDto {
    ReturnId id;
    std::string number, order_number, email;
    OrderId order_id;
    ReturnState state = ReturnState::requested;
    Timestamp requested_at;
    std::int64_t units = 0, photos = 0;
    bool has_exchange = false;
    std::optional<shipping::ShipmentState> label;
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
    d.field<&ReturnSummaryDto::photos>("photos");
    d.field<&ReturnSummaryDto::has_exchange>("has_exchange", "Its buyer would rather have other goods.");
    d.field<&ReturnSummaryDto::label>("label", "How far its label is.");
}
struct ReturnCountDto {
    ReturnState state = ReturnState::requested;
    std::int64_t count = 0;
};
void describe(json::Struct<ReturnCountDto>& d) {
    d.name("ReturnCount");
    d.field<&ReturnCountDto::state>("state");
    d.field<&ReturnCountDto::count>("count");
}
struct ReturnListDto {
    std::vector<ReturnSummaryDto> items;
    std::vector<ReturnCountDto> waiting;
    std::optional<std::string> next_cursor;
};
void describe(json::Struct<ReturnListDto>& d) {
    d.name("ReturnList");
    d.field<&ReturnListDto::items>("items");
    d.field<&ReturnListDto::waiting>("waiting", "How many there are of those that somebody has to do something about.");
    d.field<&ReturnListDto::next_cursor>("next_cursor");
}

using Cursor = http::TimeCursor<ReturnId>;

}  // namespace

void Service::add_return_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) {
    const auto to_desk = [this](db::Session& session, const StoredReturn& back) {
        auto dto = to_dto(back, labels_of(session, {back}), Reader::staff);
        if (back.state != ReturnState::requested && back.state != ReturnState::approved) return dto;
        const auto homes = returns_.homes(session, back);
        for (std::size_t i = 0; i < homes.size(); ++i) dto.lines[i].warehouse_id = homes[i];
        return dto;
    };
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
                const auto cursor = Cursor::parse(*query->cursor);
                if (!cursor) return http::problem(cursor.error());
                at = cursor->at;
                after = cursor->id;
            }
            std::optional<std::string> state;
            if (query->state) state = json::to_name(*query->state);
            const auto list = deps_.database.read([&](db::Session& session) {
                ReturnListDto out;
                std::optional<std::string> q = query->q && !query->q->empty() ? query->q : std::nullopt;
                const auto by_tracking = q ? deps_.labels.by_tracking(session, *q) : std::vector<Uuid>{};
                const auto rows = session.query(sql::list_returns, state, at, after, kPage + 1, q, by_tracking);
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
                    summary.photos = row.get<std::int64_t>("photos");
                    summary.has_exchange = row.get<bool>("has_exchange");
                    out.items.push_back(std::move(summary));
                }
                std::vector<Uuid> ids;
                for (const auto& item : out.items) ids.push_back(item.id.uuid());
                for (const auto& label : deps_.labels.of_returns(session, ids))
                    std::ranges::find(out.items, ReturnId(label.return_id), &ReturnSummaryDto::id)->label = label.state;
                for (const auto row : session.query(sql::count_returns))
                    out.waiting.push_back(
                        {json::from_name<ReturnState>(row.get<std::string>("state")).value(), row.get<std::int64_t>("count")});
                if (rows.size() > kPage) out.next_cursor = Cursor{out.items.back().requested_at, out.items.back().id}.to_text();
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
        .handle([this, &gate, to_desk](const http::Request& request) {
            const auto actor = gate.require(request, "orders.read");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto back = deps_.database.read([&](db::Session& session) -> std::optional<ReturnDto> {
                const auto found = returns_.find(session, id);
                return found ? std::optional(to_desk(session, *found)) : std::nullopt;
            });
            if (!back) return http::problem(return_not_found().error());
            return http::ok(*back);
        });

    routes.get("/api/v1/admin/returns/{id}/photos/{photo_id}", "admin_get_return_photo")
        .summary("A photo of a return")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .returns_type(200, "image/jpeg")
        .fails({"staff.login_required", "staff.forbidden", "orders.return_photo_not_found"})
        .handle([this, &gate](const http::Request& request) {
            const auto actor = gate.require(request, "orders.read");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto photo = http::id_param<ReturnPhotoId>(request, "photo_id");
            const auto key = deps_.database.read([&](db::Session& session) { return returns_.photo(session, id, photo); });
            if (!key) return http::problem(no_photo().error());
            return private_file(deps_.files, *key, "image/jpeg", "inline");
        });

    routes.get("/api/v1/admin/returns/{id}/label", "admin_get_return_label")
        .summary("The label of a return, as PDF")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .returns_type(200, "application/pdf")
        .fails({"staff.login_required", "staff.forbidden", "orders.return_label_missing"})
        .handle([this, &gate](const http::Request& request) {
            const auto actor = gate.require(request, "orders.read");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto labels = deps_.database.read([&](db::Session& session) { return deps_.labels.of_returns(session, {id.uuid()}); });
            if (labels.empty() || labels.front().file_key.empty()) return http::problem(no_label().error());
            return private_file(deps_.files, labels.front().file_key, "application/pdf",
                                "attachment; filename=\"" + labels.front().return_number + ".pdf\"");
        });

    routes.post("/api/v1/admin/orders/{id}/returns", "open_return")
        .summary("Open a return for a buyer who called, or sent the goods without asking")
        .description("As if the buyer had asked: it waits to be approved. With `override` the return policy does not stand in its way.")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .idempotent()
        .body<StaffReturnInput>()
        .returns<ReturnDto>(201)
        .fails({"staff.login_required", "staff.forbidden", "orders.not_found", "orders.not_sold", "orders.line_unknown",
                "orders.return_quantity"})
        .handle([this, &gate, &audit, to_desk](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<OrderId>(request, "id");
            const auto input = http::body_as<StaffReturnInput>(request);
            if (!input) return http::problem(input.error());
            std::vector<NewReturnLine> lines;
            for (const auto& line : input->lines) lines.push_back({line.line_id, line.quantity, line.reason, line.comment, std::nullopt});
            return deps_.idempotency.run(request, scope_of(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                const auto order = lock_sold(tx, deps_, id);
                if (!order) return std::unexpected(order.error());
                const auto back = returns_.request(tx, *order, lines, input->comment, {},
                                                   input->override_rules ? ReturnRules::overridden : ReturnRules::kept);
                if (!back) return std::unexpected(back.error());
                const auto dto = to_desk(tx, *back);
                audit.record(tx, *actor,
                             {input->override_rules ? "open_anyway" : "open", "returns", back->id.to_string(), "", json::render(dto)});
                return http::created(dto);
            });
        });

    routes.post("/api/v1/admin/returns/{id}/label", "make_return_label")
        .summary("Make the label of an approved return, or go on without one")
        .description("It is made by a job. Asked for twice it is made once; after a refusal it is tried again.")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .body<ReturnLabelInput>()
        .returns<ReturnDto>(202)
        .fails({"staff.login_required", "staff.forbidden", "orders.return_not_found", "orders.return_label_not_due"})
        .handle([this, &gate, &audit, to_desk](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto input = http::body_as<ReturnLabelInput>(request);
            if (!input) return http::problem(input.error());
            const auto dto = deps_.database.in_tx([&](db::Tx& tx) -> Result<ReturnDto> {
                const auto back = input->none ? returns_.without_label(tx, id) : returns_.ask_for_label(tx, id, input->from);
                if (!back) return std::unexpected(back.error());
                auto made = to_desk(tx, *back);
                audit.record(tx, *actor, {input->none ? "no_label" : "label", "returns", id.to_string(), "", json::render(made)});
                return made;
            });
            if (!dto) return http::problem(dto.error());
            return http::accepted(*dto);
        });

    routes.post("/api/v1/admin/returns/{id}/approve", "approve_return")
        .summary("Let the goods come back")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .body<ReturnApprovalInput>()
        .returns<ReturnDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.return_not_found", "orders.return_transition_not_allowed"})
        .handle([this, &gate, &audit, to_desk](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto input = http::body_as<ReturnApprovalInput>(request);
            if (!input) return http::problem(input.error());
            const auto dto = deps_.database.in_tx([&](db::Tx& tx) -> Result<ReturnDto> {
                auto back = returns_.move(tx, id, ReturnState::approved, input->answer);
                // The mail goes with the label, or at once where there is none.
                if (back) back = input->label ? returns_.ask_for_label(tx, id, std::nullopt) : returns_.without_label(tx, id);
                if (!back) return std::unexpected(back.error());
                auto made = to_desk(tx, *back);
                audit.record(tx, *actor, {"approved", "returns", id.to_string(), "", json::render(made)});
                return made;
            });
            if (!dto) return http::problem(dto.error());
            return http::ok(*dto);
        });

    routes.post("/api/v1/admin/returns/{id}/exchange", "exchange_return")
        .summary("Send what the buyer would rather have")
        .description("The received units whose buyer asked for another variant are replaced by an order over nothing, from stock.")
        .tag("admin returns")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .idempotent()
        .returns<ReturnDto>()
        .fails(
            {"staff.login_required", "staff.forbidden", "orders.return_not_found", "orders.exchange_nothing", "orders.exchange_sold_out"})
        .handle([this, &gate, &audit, to_desk](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            return deps_.idempotency.run(request, scope_of(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                const auto back = returns_.exchange(tx, id);
                if (!back) return std::unexpected(back.error());
                const auto dto = to_desk(tx, *back);
                audit.record(tx, *actor, {"exchange", "returns", id.to_string(), "", json::render(dto)});
                return http::ok(dto);
            });
        });

    struct Step {
        std::string_view path, operation, summary;
        ReturnState to;
    };
    static constexpr Step kSteps[] = {{"/api/v1/admin/returns/{id}/reject", "reject_return", "Refuse the return", ReturnState::rejected},
                                      {"/api/v1/admin/returns/{id}/close", "close_return",
                                       "End a return that was received, or never came, without a refund", ReturnState::closed}};
    for (const auto& step : kSteps) {
        routes.post(std::string(step.path), std::string(step.operation))
            .summary(std::string(step.summary))
            .tag("admin returns")
            .on(http::Pool::staff)
            .requires_access(http::Access::staff)
            .body<ReturnAnswerInput>()
            .returns<ReturnDto>()
            .fails({"staff.login_required", "staff.forbidden", "orders.return_not_found", "orders.return_transition_not_allowed"})
            .handle([this, &gate, &audit, &step, to_desk](const http::Request& request) {
                const auto actor = gate.require(request, kPermission);
                if (!actor) return http::problem(actor.error());
                const auto id = http::id_param<ReturnId>(request, "id");
                const auto input = http::body_as<ReturnAnswerInput>(request);
                if (!input) return http::problem(input.error());
                const auto dto = deps_.database.in_tx([&](db::Tx& tx) -> Result<ReturnDto> {
                    const auto moved = step.to == ReturnState::closed ? returns_.close(tx, id, input->answer)
                                                                      : returns_.move(tx, id, step.to, input->answer);
                    if (!moved) return std::unexpected(moved.error());
                    auto made = to_desk(tx, *moved);
                    audit.record(tx, *actor, {std::string(json::to_name(moved->state)), "returns", id.to_string(), "", json::render(made)});
                    return made;
                });
                if (!dto) return http::problem(dto.error());
                return http::ok(*dto);
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
                "orders.line_unknown", "orders.return_receipt", "orders.warehouse_unknown"})
        .handle([this, &gate, &audit, to_desk](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<ReturnId>(request, "id");
            const auto input = http::body_as<ReceiptInput>(request);
            if (!input) return http::problem(input.error());
            return deps_.idempotency.run(request, scope_of(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                std::vector<ReceivedLine> lines;
                for (const auto& line : input->lines) lines.push_back({line.line_id, line.received, line.condition, line.restocked});
                const auto back = returns_.receive(tx, id, lines, input->warehouse_id);
                if (!back) return std::unexpected(back.error());
                const auto dto = to_desk(tx, *back);
                audit.record(tx, *actor, {"receive", "returns", id.to_string(), "", json::render(dto)});
                return http::ok(dto);
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
                "orders.refund_no_account", "orders.payment_not_captured", "payments.refund_too_large", "payments.refund_rest_only",
                "payments.refund_blocked"})
        .handle([this, &gate, &audit, to_desk](const http::Request& request) {
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
                const auto how = input->as_store_credit.value_or(false) ? PayBack::as_store_credit : PayBack::to_payments;
                const auto plan = refunds_.preview(tx, *order, wanted, std::nullopt, how, Unsent::sent_all_the_same);
                if (!plan) return std::unexpected(plan.error());
                ReturnRefundDto dto{false, plan->total.value, plan->total.tax, plan->as_credit, {}, {}};
                if (!plan->as_credit.is_zero() && order->credit_is_mailed()) dto.gift_card_to = order->email;
                if (!input->expected_total) {
                    dto.back = to_desk(tx, *back);
                    return http::ok(dto);
                }
                if (plan->total.value != *input->expected_total) return fail(refund_changed(plan->total.value));
                if (auto within = actor->within_limit("orders.refund", given_out(order->position, *plan)); !within)
                    return std::unexpected(within.error());
                const auto refunded = returns_.refund(tx, *back, *order, wanted, how, *actor);
                if (!refunded) return std::unexpected(refunded.error());
                dto.done = true;
                dto.back = to_desk(tx, *refunded);
                auto kept = dto;
                kept.gift_card_to.reset();  // the order knows whose it is
                audit.record(tx, *actor, {"refund", "returns", id.to_string(), "", json::render(kept)});
                return http::ok(dto);
            });
        });

    add_return_policy_routes(routes, gate, audit);
}

}  // namespace stoa::orders
