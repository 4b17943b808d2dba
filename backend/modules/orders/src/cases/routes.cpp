// The order desk: payments that differ between our books and the provider's. A case is seen, decided in one of the ways that fit it, and
// booked; its order is completed only then.
#include <algorithm>
#include <map>
#include <span>

#include "after_sale/service.hpp"
#include "cases/dto.hpp"
#include "gift_cards/gift_cards.hpp"
#include "sql/after_sale.hpp"
#include "sql/cases.hpp"

namespace stoa::orders {
namespace {

using payments::Case;
using payments::Cases;
using payments::Resolution;

constexpr std::string_view kPermission = "orders.reconcile";
constexpr std::string_view kRefunds = "orders.refund";

Failure not_found() { return fail(ErrorKind::not_found, "orders.case_not_found", "There is no such case."); }

std::optional<CaseOrder> facts_of(db::Session& session, const AfterSaleDependencies& deps, const std::optional<SoldOrder>& order) {
    if (!order) return std::nullopt;
    // The money for gift cards that stay is not granted: their lines are refunded first, which takes them back.
    const auto cards = can_take_back_gift_cards(session, deps, *order, std::span<const RefundLine>());
    const auto creditable = order->position.creditable().value - cards.value();
    return CaseOrder{order->is_sold(), order->position.uncaptured, due_now(order->position),
                     std::max(creditable, Money::zero(creditable.currency()))};
}

std::optional<SoldOrder> order_of(db::Session& session, const AfterSaleDependencies& deps, const Case& found) {
    if (!found.payment) return std::nullopt;
    return load_sold(session, deps, OrderId(found.payment->payable));
}

Result<void> may_give_away(const CaseChoice& choice, const std::optional<SoldOrder>& order, const http::StaffActor& actor) {
    const Money amount = given_away(choice);
    if (amount.is_zero()) return {};
    const Money before = order ? order->content.credited.value + order->position.written_off : Money::zero(amount.currency());
    return actor.within_limit(kRefunds, before + amount);
}

PaymentCaseDto to_dto(const Case& found, const std::map<Uuid, std::string>& numbers) {
    PaymentCaseDto dto;
    dto.id = found.id;
    dto.version = found.version;
    dto.state = found.resolved_at ? CaseState::resolved : CaseState::open;
    dto.kind = found.kind;
    dto.found_at = found.found_at;
    dto.reference = found.reference;
    if (found.transaction_id != 0) dto.transaction_id = std::to_string(found.transaction_id);
    if (found.payment) {
        // Payments know no orders: there is one when it has a number.
        if (const auto number = numbers.find(found.payment->payable); number != numbers.end()) {
            dto.order_id = OrderId(found.payment->payable);
            dto.order_number = number->second;
        }
        dto.amount = found.payment->amount;
    }
    if (found.listed) dto.amount = found.listed;
    if (found.reversal) dto.amount = found.reversal->amount;
    dto.resolution = found.resolution;
    dto.moved = found.moved;
    dto.resolved_at = found.resolved_at;
    dto.note = found.note;
    dto.staff = found.staff;
    return dto;
}

std::map<Uuid, std::string> numbers_of(db::Session& session, std::span<const Case> cases) {
    std::vector<Uuid> ids;
    for (const auto& found : cases) {
        if (found.payment) ids.push_back(found.payment->payable);
    }
    std::map<Uuid, std::string> out;
    if (ids.empty()) return out;
    for (const auto row : session.query(sql::numbers_of_orders, ids)) out.emplace(row.get<Uuid>("id"), row.get<std::string>("number"));
    return out;
}

PaymentCaseDetailDto to_detail(db::Session& session, const AfterSaleDependencies& deps, const Case& found,
                               const std::optional<SoldOrder>& order, const http::StaffActor& actor) {
    PaymentCaseDetailDto dto;
    dto.payment_case = to_dto(found, numbers_of(session, {&found, 1}));
    if (order) dto.owed = order->position.owed();
    for (const auto& choice : case_choices(found, facts_of(session, deps, order)))
        dto.choices.push_back({choice.resolution, choice.amount, may_give_away(choice, order, actor).has_value()});
    return dto;
}

std::string facts(const Case& found, const CaseChoice& choice) {
    json::Writer data;
    data.begin_object();
    data.member("case", found.id.to_string());
    data.member("kind", json::to_name(found.kind));
    data.member("resolution", json::to_name(choice.resolution));
    if (choice.amount) {
        data.member("amount", choice.amount->minor());
        data.member("currency", choice.amount->currency().code());
    }
    data.end_object();
    return data.take();
}

}  // namespace

// The case and its order are locked, and the choice is one of theirs.
Result<void> Service::resolve_case(db::Tx& tx, const Case& open, const CaseChoice& choice, std::string_view note,
                                   const http::StaffActor& staff) {
    auto order = order_of(tx, deps_, open);
    if (choice.resolution == Resolution::booked_as_refund) {
        // The buyer keeps what went back already: granted, and nothing moves a second time.
        const RefundRequest request{{}, Money::zero(order->position.currency()), *choice.amount};
        if (auto granted = refunds_.grant(tx, *order, request, std::nullopt, note, staff); !granted)
            return std::unexpected(granted.error());
    }
    deps_.cases.resolve(tx, open, choice.resolution, choice.amount.value_or(Money()), note, staff);
    if (!order) return {};
    order = order_of(tx, deps_, open);
    auto header = deps_.orders.lock(tx, order->id);
    drop_losses(tx, deps_, order->id, order->position);
    order->position.written_off = order->position.lost();
    const bool missed = choice.resolution == Resolution::not_paid && order->is_sold();
    deps_.orders.set_payment_state(tx, *header, missed ? PaymentState::failed : payment_state_of(order->position, header->payment_state));
    if (missed) suspend_gift_cards(tx, deps_, order->id, Suspended::yes);
    const bool is_paid_for =
        choice.resolution == Resolution::won_back || choice.resolution == Resolution::was_error || choice.resolution == Resolution::settled;
    if (is_paid_for && !deps_.cases.is_disputed(tx, order->id.uuid())) suspend_gift_cards(tx, deps_, order->id, Suspended::no);
    deps_.orders.note(tx, order->id, "case_resolved", facts(open, choice));
    tx.exec(sql::touch_order, order->id, deps_.clock.now());
    return {};
}

void Service::charged_back(db::Tx& tx, const Header& order) { suspend_gift_cards(tx, deps_, order.id, Suspended::yes); }

void Service::add_case_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) {
    const auto staff = [](http::Route& route) -> http::Route& {
        return route.tag("admin payment cases")
            .on(http::Pool::staff)
            .requires_access(http::Access::staff)
            .fails({"staff.login_required", "staff.forbidden"});
    };
    staff(routes.get("/api/v1/admin/payment-cases", "list_payment_cases"))
        .summary("Payments that differ from the provider's books")
        .description("The comparison of every night opens one for each difference, chargeback and refund made elsewhere.")
        .query<PaymentCaseQuery>()
        .returns<PaymentCaseListDto>()
        .handle([this, &gate](const http::Request& request) {
            if (const auto actor = gate.require(request, "orders.read"); !actor) return http::problem(actor.error());
            const auto query = http::query_as<PaymentCaseQuery>(request);
            if (!query) return http::problem(query.error());
            return http::ok(deps_.database.read([&](db::Session& session) {
                auto found = deps_.cases.list(session, query->state == CaseState::open ? Cases::Which::open : Cases::Which::resolved,
                                              query->cursor, static_cast<int>(query->limit) + 1);
                PaymentCaseListDto out;
                if (std::ssize(found) > query->limit) {
                    found.resize(static_cast<std::size_t>(query->limit));
                    out.next_cursor = found.back().id;
                }
                const auto numbers = numbers_of(session, found);
                for (const auto& one : found) out.items.push_back(to_dto(one, numbers));
                return out;
            }));
        });

    staff(routes.get("/api/v1/admin/orders/{id}/payment-cases", "list_order_payment_cases"))
        .summary("Cases about the payments of an order")
        .returns<PaymentCaseListDto>()
        .fails({"orders.not_found"})
        .handle([this, &gate](const http::Request& request) {
            if (const auto actor = gate.require(request, "orders.read"); !actor) return http::problem(actor.error());
            const auto id = http::id_param<OrderId>(request, "id");
            const auto list = deps_.database.read([&](db::Session& session) -> Result<PaymentCaseListDto> {
                const auto order = deps_.orders.header(session, id);
                if (!order) return fail(ErrorKind::not_found, "orders.not_found", "There is no such order.");
                PaymentCaseListDto out;
                for (const auto& one : deps_.cases.of_payable(session, id.uuid()))
                    out.items.push_back(to_dto(one, {{id.uuid(), order->number}}));
                return out;
            });
            if (!list) return http::problem(list.error());
            return http::ok(*list);
        });

    staff(routes.get("/api/v1/admin/payment-cases/{id}", "get_payment_case"))
        .summary("A case, and the ways in which it can be resolved")
        .returns<PaymentCaseDetailDto>()
        .fails({"orders.case_not_found"})
        .handle([this, &gate](const http::Request& request) {
            const auto actor = gate.require(request, "orders.read");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<payments::CaseId>(request, "id");
            const auto dto = deps_.database.read([&](db::Session& session) -> Result<PaymentCaseDetailDto> {
                const auto found = deps_.cases.find(session, id);
                if (!found) return not_found();
                return to_detail(session, deps_, *found, order_of(session, deps_, *found), *actor);
            });
            if (!dto) return http::problem(dto.error());
            return http::ok(*dto);
        });

    staff(routes.post("/api/v1/admin/payment-cases/{id}/resolve", "resolve_payment_case"))
        .summary("Resolve a case")
        .description(
            "In one of its choices, with the amount that was shown. A chargeback that was accepted as loss can still be won back. What the "
            "shop bears or gives away needs the right to refund, and counts towards its limit.")
        .idempotent()
        .body<ResolveCaseInput>()
        .returns<PaymentCaseDetailDto>()
        .fails({"staff.over_limit", "orders.case_not_found", "orders.case_version_conflict", "orders.case_changed",
                "orders.case_way_closed", "orders.payment_not_captured", "payments.refund_too_large"})
        .handle([this, &gate, &audit](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<payments::CaseId>(request, "id");
            const auto input = http::body_as<ResolveCaseInput>(request);
            if (!input) return http::problem(input.error());
            return deps_.idempotency.run(request, scope_of(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                const auto seen = deps_.cases.find(tx, id);
                if (!seen) return not_found();
                // The locks in their order: the order, its payment, the case.
                if (seen->payment) (void)deps_.orders.lock(tx, OrderId(seen->payment->payable));
                const auto open = deps_.cases.lock(tx, id);
                if (open->version != input->version)
                    return fail(ErrorKind::conflict, "orders.case_version_conflict",
                                "Somebody has decided about this case since you looked at it. Look again.");
                const auto order = order_of(tx, deps_, *open);
                const auto choices = case_choices(*open, facts_of(tx, deps_, order));
                const auto choice = std::ranges::find(choices, input->resolution, &CaseChoice::resolution);
                if (choice == choices.end())
                    return fail(ErrorKind::conflict, "orders.case_way_closed", "This case cannot be resolved in that way now.");
                if (choice->amount != input->expected_amount)
                    return fail(ErrorKind::conflict, "orders.case_changed", "It would book another amount by now. Look again.");
                if (auto within = may_give_away(*choice, order, *actor); !within) return std::unexpected(within.error());
                const auto before = json::render(to_dto(*open, {}));
                if (auto done = resolve_case(tx, *open, *choice, input->note, *actor); !done) return std::unexpected(done.error());
                const auto after = deps_.cases.find(tx, id);
                const auto dto = to_detail(tx, deps_, *after, order_of(tx, deps_, *after), *actor);
                audit.record(tx, *actor, {"resolve", "payment_cases", id.to_string(), before, json::render(dto.payment_case)});
                return http::ok(dto);
            });
        });
}

}  // namespace stoa::orders
