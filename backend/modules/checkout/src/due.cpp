// Collecting what became due on an order that was sold: by the buyer, who follows the link of a mail, or by the desk from a saved card
// whose owner allows it. The same three steps as a purchase: a transaction that writes the attempt, the provider, a transaction that
// records what came of it (settle.cpp).
#include <algorithm>

#include "http/due_dto.hpp"
#include "service.hpp"
#include "sql/checkout.hpp"

namespace stoa::checkout {
namespace {

using payments::AttemptState;

bool is_under_way(const payments::Attempt& attempt) {
    return attempt.is_for_due() && (is_open(attempt.state) || attempt.state == AttemptState::tentative);
}

Error no_order() { return {ErrorKind::not_found, "orders.not_found", "There is no such order.", {}, {}, {}, 0}; }
Failure nothing_due() { return fail(ErrorKind::conflict, "checkout.nothing_due", "Nothing is to be paid for this order."); }

struct ToSend {
    payments::Attempt attempt;
    payments::SendData send;
};

std::string staff_scope(const http::StaffActor& actor) { return "staff:" + actor.id.to_string(); }

payments::SendData payer_of(const orders::OrderDto& order, const payments::Attempt& attempt) {
    payments::SendData send;
    const auto& billing = order.billing_address;
    send.payer = {billing.first_name,         billing.last_name,   order.email, order.locale, billing.country, billing.line1, billing.city,
                  billing.state.value_or(""), billing.postal_code, ""};
    send.items.push_back({"DUE", order.number, attempt.amount, 1});
    return send;
}

}  // namespace

Result<payments::Attempt> Service::begin_due(db::Tx& tx, const DueWish& wish) {
    const auto order = deps_.orders.lock(tx, wish.order);
    const auto due = order ? deps_.after_sale.due(tx, wish.order) : std::nullopt;
    if (!due || due->is_zero()) return nothing_due();
    if (wish.expected != *due) return fail(total_changed(order->total, *due));
    int number = 1;
    for (const auto& attempt : deps_.payments.of_payable(tx, wish.order.uuid())) {
        if (!attempt.is_for_due()) continue;
        if (attempt.state == AttemptState::paid) ++number;
        if (!is_under_way(attempt)) continue;
        if (deps_.payments.give_up(tx, attempt.id)) continue;
        return fail(ErrorKind::conflict, "checkout.payment_in_progress", "A payment for this order is still being processed.");
    }
    payments::NewAttempt attempt;
    attempt.payable = wish.order.uuid();
    attempt.reference = order->number;
    attempt.amount = *due;
    attempt.method = wish.method;
    attempt.customer = wish.customer;
    attempt.stored_method = wish.stored_card;
    attempt.card = wish.card;
    attempt.save_method = wish.save_card;
    attempt.merchant_initiated = wish.merchant_initiated;
    attempt.slot = payments::due_slot(number);
    return deps_.payments.create(tx, attempt);
}

http::Response Service::show_due(const http::Request& request) {
    const auto query = http::query_as<DueQuery>(request);
    if (!query) return http::problem(query.error());
    const auto id = deps_.orders.read_view_token(query->token);
    if (!id) return http::problem(no_order());
    const auto customer = deps_.customers.current(request);
    const auto dto = deps_.database.read([&](db::Session& session) -> std::optional<DueDto> {
        const auto order = deps_.orders.header(session, *id);
        const auto due = order ? deps_.after_sale.due(session, *id) : std::nullopt;
        if (!order) return std::nullopt;
        DueDto out;
        out.order_number = order->number;
        out.total = order->total;
        out.due = due.value_or(Money::zero(order->total.currency()));
        for (const auto& attempt : deps_.payments.of_payable(session, id->uuid()))
            out.processing = out.processing || (is_under_way(attempt) && attempt.state != AttemptState::verification_pending);
        if (out.due.is_zero()) return out;
        auto offered = deps_.payments.methods(out.due, order->country);
        std::erase(offered, payments::Method::invoice);
        const bool cards = std::ranges::find(offered, payments::Method::card) != offered.end();
        if (cards && customer && order->customer == customer->id) {
            for (const auto& card : deps_.payments.stored_methods(session, customer->id.uuid()))
                out.items.push_back(
                    {payments::Method::stored_card, std::string(orders::payment_method_label("stored_card", order->locale)), std::nullopt,
                     StoredCardDto{card.id, card.brand, card.last4, card.expiry_month, card.expiry_year, card.merchant_may_charge}});
        }
        for (const auto method : offered)
            out.items.push_back(
                {method, std::string(orders::payment_method_label(json::to_name(method), order->locale)), std::nullopt, std::nullopt});
        return out;
    });
    if (!dto) return http::problem(no_order());
    return http::ok(*dto);
}

http::Response Service::pay_due(const http::Request& request) {
    const auto input = http::body_as<PayDueInput>(request);
    if (!input) return http::problem(input.error());
    const auto id = deps_.orders.read_view_token(input->token);
    if (!id) return http::problem(no_order());
    const auto visitor = deps_.carts.visitor(request);
    const std::string scope = "due:" + id->to_string();

    // Step 1.
    auto begun = deps_.idempotency.begin(request, scope, 2 * deps_.provider_timeout + std::chrono::seconds{30});
    if (auto* response = std::get_if<http::Response>(&begun)) return std::move(*response);
    auto claim = std::get<http::Idempotency::Claim>(std::move(begun));
    const std::string key(request.header("idempotency-key"));
    struct Earlier {
        orders::Header order;
        std::optional<payments::Attempt> attempt;
    };
    const auto earlier = deps_.database.read([&](db::Session& session) -> std::optional<Earlier> {
        const auto rows = session.query(sql::find_completion, scope, key);
        if (rows.empty()) return std::nullopt;
        Earlier out{*deps_.orders.header(session, *id), std::nullopt};
        if (const auto attempt = rows.front().get<std::optional<payments::AttemptId>>("attempt_id"))
            out.attempt = deps_.payments.find(session, *attempt);
        return out;
    });
    if (earlier) {
        auto response = http::ok(answer(earlier->order, earlier->attempt));
        // Final: kept, so that another request under this key is told apart from this one again.
        if (!earlier->attempt || !is_open(earlier->attempt->state))
            deps_.database.in_tx([&](db::Tx& tx) { (void)claim.store_if_ours(tx, response); });
        return response;
    }
    if (const auto refused = limit("checkout-due:" + scope, 10)) return http::problem(*refused);
    if (const auto refused = limit("checkout-complete-from:" + request.remote_ip, deps_.payments_per_address))
        return http::problem(*refused);
    if (const auto page = settle_left_page(id->uuid()); page && page->state == AttemptState::paid) {
        const auto order = deps_.database.read([&](db::Session& session) { return deps_.orders.header(session, *id); });
        const auto left = deps_.database.read([&](db::Session& session) { return deps_.after_sale.due(session, *id); });
        // Unless more has become due since: then the new amount is said below.
        if (!left || left->is_zero()) {
            auto response = http::ok(answer(*order, page));
            deps_.database.in_tx([&](db::Tx& tx) { (void)claim.store_if_ours(tx, response); });
            return response;
        }
    }

    // Step 2.
    auto prepared = deps_.database.in_tx([&](db::Tx& tx) -> Result<ToSend> {
        const auto header = deps_.orders.lock(tx, *id);
        if (!header) return fail(no_order());
        // A card is saved, and a saved one used, by its owner only.
        const bool is_theirs = visitor.customer && header->customer == visitor.customer->id;
        const auto owner = is_theirs ? visitor.customer : Customer();
        if (input->payment.method == payments::Method::invoice)
            return fail_field("/payment/method", "not_offered", "This payment method is not offered for this order.");
        if (auto checked = check_payment(input->payment, owner, input->expected_due, header->country); !checked)
            return std::unexpected(checked.error());
        DueWish wish;
        wish.order = *id;
        wish.expected = input->expected_due;
        wish.method = input->payment.method;
        if (owner) wish.customer = owner->id.uuid();
        if (wish.method == payments::Method::stored_card) wish.stored_card = input->payment.stored_card_id;
        wish.save_card = owner && input->payment.save_card.value_or(false);
        const auto card = wish.method == payments::Method::card ? input->payment.card : std::nullopt;
        if (card) wish.card = payments::card_hint({only_digits(card->number), card->expiry_month, card->expiry_year, "", ""});
        auto attempt = begin_due(tx, wish);
        if (!attempt) return std::unexpected(attempt.error());
        tx.exec(sql::insert_completion, scope, key, *id, std::optional(attempt->id.uuid()), deps_.clock.now());
        auto send = payer_of(*deps_.orders.order(tx, *id, header->locale), *attempt);
        if (card) send.card = payments::CardData{only_digits(card->number), card->expiry_month, card->expiry_year, card->cvv, card->holder};
        send.iban = input->payment.iban.value_or("");
        send.account_holder = input->payment.account_holder.value_or("");
        send.ip_address = request.remote_ip;
        send.user_agent = std::string(request.header("user-agent").substr(0, 200));
        send.return_url = deps_.public_url + "/" + header->locale + "/pay?token=" + input->token + "&attempt=" + attempt->id.to_string();
        return ToSend{std::move(*attempt), std::move(send)};
    });
    if (!prepared) return http::problem(prepared.error());
    step("due-prepared");

    // Step 3.
    const auto outcome = deps_.payments.send(prepared->attempt, prepared->send);
    step("due-answered");

    // Step 4.
    return deps_.database.in_tx([&](db::Tx& tx) {
        const auto order = settle_in(tx, prepared->attempt.id, outcome);
        auto out = http::ok(answer(order, deps_.payments.find(tx, prepared->attempt.id)));
        (void)claim.store_if_ours(tx, out);
        return out;
    });
}

http::Response Service::due_return(const http::Request& request) {
    const auto attempt_id = http::id_param<payments::AttemptId>(request, "attempt_id");
    const auto input = http::body_as<DueReturnInput>(request);
    if (!input) return http::problem(input.error());
    if (const auto refused = limit("checkout-return-from:" + request.remote_ip, 5 * deps_.payments_per_address))
        return http::problem(*refused);
    const auto id = deps_.orders.read_view_token(input->token);
    const auto look = [&] {
        return deps_.database.read([&](db::Session& session) -> std::optional<payments::Attempt> {
            auto attempt = deps_.payments.find(session, attempt_id);
            if (!attempt || !id || attempt->payable != id->uuid() || !attempt->is_for_due()) return std::nullopt;
            return attempt;
        });
    };
    auto attempt = look();
    if (!attempt) return http::problem({ErrorKind::not_found, "checkout.payment_not_found", "There is no such payment.", {}, {}, {}, 0});
    if (attempt->state == AttemptState::verification_pending || attempt->state == AttemptState::unknown) {
        settle(attempt_id, deps_.payments.resolve(*attempt));
        attempt = look();
    }
    const auto order = deps_.database.read([&](db::Session& session) { return deps_.orders.header(session, *id); });
    return http::ok(answer(*order, attempt));
}

void Service::add_due_routes(http::Routes& routes) {
    routes.get("/api/v1/order-payment", "get_order_payment")
        .summary("What is still to be paid for an order that was changed")
        .tag("checkout")
        .query<DueQuery>()
        .returns<DueDto>()
        .fails({"orders.not_found"})
        .handle([this](const http::Request& r) { return show_due(r); });
    routes.post("/api/v1/order-payment", "pay_order")
        .summary("Pay what is due on an order")
        .tag("checkout")
        .on(http::Pool::outbound)
        .within(std::chrono::seconds{75})
        .idempotent()
        .body<PayDueInput>()
        .returns<CompletionDto>()
        .fails({"orders.not_found", "checkout.nothing_due", "checkout.total_changed", "checkout.payment_in_progress",
                "checkout.too_many_payments", "payments.attempt_open", "payments.already_paid", "payments.stored_method_unknown"})
        .handle([this](const http::Request& r) { return pay_due(r); });
    routes.post("/api/v1/order-payment/{attempt_id}/return", "return_from_order_payment")
        .summary("The buyer is back from the payment page")
        .description("Asks the provider; safe to repeat.")
        .tag("checkout")
        .on(http::Pool::outbound)
        .within(std::chrono::seconds{75})
        .body<DueReturnInput>()
        .returns<CompletionDto>()
        .fails({"checkout.payment_not_found", "checkout.too_many_payments"})
        .handle([this](const http::Request& r) { return due_return(r); });
}

void Service::add_due_desk_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) {
    const auto desk_due = [this](db::Session& session, const orders::Header& order) {
        DeskDueDto out;
        out.due = deps_.after_sale.due(session, order.id).value_or(Money::zero(order.total.currency()));
        for (const auto& attempt : deps_.payments.of_payable(session, order.id.uuid()))
            out.processing = out.processing || is_under_way(attempt);
        if (order.customer) {
            for (const auto& card : deps_.payments.stored_methods(session, order.customer->uuid())) {
                if (card.merchant_may_charge)
                    out.cards.push_back({card.id, card.brand, card.last4, card.expiry_month, card.expiry_year, true});
            }
        }
        return out;
    };
    routes.get("/api/v1/admin/orders/{id}/due", "get_order_due")
        .summary("What is to be collected for an order, and from which saved cards it may be")
        .tag("admin orders")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .returns<DeskDueDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.not_found"})
        .handle([this, &gate, desk_due](const http::Request& request) {
            if (const auto actor = gate.require(request, "orders.read"); !actor) return http::problem(actor.error());
            const auto id = http::id_param<orders::OrderId>(request, "id");
            const auto dto = deps_.database.read([&](db::Session& session) -> std::optional<DeskDueDto> {
                const auto order = deps_.orders.header(session, id);
                if (!order) return std::nullopt;
                return desk_due(session, *order);
            });
            if (!dto) return http::problem(no_order());
            return http::ok(*dto);
        });
    routes.post("/api/v1/admin/orders/{id}/due/link", "send_order_payment_link")
        .summary("Mail the buyer a link to pay what is due")
        .tag("admin orders")
        .on(http::Pool::staff)
        .requires_access(http::Access::staff)
        .idempotent()
        .body<DueLinkInput>()
        .returns<DeskDueDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.not_found", "checkout.nothing_due", "checkout.total_changed"})
        .handle([this, &gate, &audit, desk_due](const http::Request& request) {
            const auto actor = gate.require(request, "orders.edit");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<orders::OrderId>(request, "id");
            const auto input = http::body_as<DueLinkInput>(request);
            if (!input) return http::problem(input.error());
            return deps_.idempotency.run(request, staff_scope(*actor), [&](db::Tx& tx) -> Result<http::Response> {
                const auto order = deps_.orders.lock(tx, id);
                if (!order) return fail(no_order());
                const auto due = deps_.after_sale.due(tx, id);
                if (!due || due->is_zero()) return nothing_due();
                if (input->expected_due != *due) return fail(total_changed(order->total, *due));
                deps_.after_sale.request_payment(tx, *order, *due);
                auto response = http::ok(desk_due(tx, *order));
                audit.record(tx, *actor, {"request_payment", "orders", id.to_string(), "", json::render(*input)});
                return response;
            });
        });
    routes.post("/api/v1/admin/orders/{id}/due/charge", "charge_order_due")
        .summary("Charge a saved card for what is due")
        .description("A card whose owner allows it. Where the bank wants to ask the buyer, nothing is charged: send the link instead.")
        .tag("admin orders")
        .on(http::Pool::outbound)
        .within(std::chrono::seconds{75})
        .requires_access(http::Access::staff)
        .idempotent()
        .body<ChargeInput>()
        .returns<ChargedDto>()
        .fails({"staff.login_required", "staff.forbidden", "orders.not_found", "checkout.nothing_due", "checkout.total_changed",
                "checkout.payment_in_progress", "payments.attempt_open", "payments.already_paid", "payments.stored_method_unknown",
                "payments.card_no_consent"})
        .handle([this, &gate, &audit, desk_due](const http::Request& request) {
            const auto actor = gate.require(request, "orders.edit");
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<orders::OrderId>(request, "id");
            const auto input = http::body_as<ChargeInput>(request);
            if (!input) return http::problem(input.error());
            auto begun = deps_.idempotency.begin(request, staff_scope(*actor), 2 * deps_.provider_timeout + std::chrono::seconds{30});
            if (auto* replay = std::get_if<http::Response>(&begun)) return std::move(*replay);
            auto& claim = std::get<http::Idempotency::Claim>(begun);
            (void)settle_left_page(id.uuid());
            // A process that died after the attempt was written leaves it to the sweeper; whoever repeats is told that it is under way.
            auto prepared = deps_.database.in_tx([&](db::Tx& tx) -> Result<ToSend> {
                const auto order = deps_.orders.lock(tx, id);
                if (!order) return fail(no_order());
                DueWish wish;
                wish.order = id;
                wish.expected = input->expected_due;
                wish.method = payments::Method::stored_card;
                if (order->customer) wish.customer = order->customer->uuid();
                wish.stored_card = input->stored_card_id;
                wish.merchant_initiated = true;
                auto attempt = begin_due(tx, wish);
                if (!attempt) return std::unexpected(attempt.error());
                auto send = payer_of(*deps_.orders.order(tx, id, order->locale), *attempt);
                send.return_url = deps_.public_url + "/" + order->locale + "/pay?token=" + deps_.orders.view_token(id) +
                                  "&attempt=" + attempt->id.to_string();
                audit.record(tx, *actor, {"charge", "orders", id.to_string(), "", json::render(*input)});
                return ToSend{std::move(*attempt), std::move(send)};
            });
            if (!prepared) return http::problem(prepared.error());
            step("charge-prepared");
            const auto outcome = deps_.payments.send(prepared->attempt, prepared->send);
            step("charge-answered");
            return deps_.database.in_tx([&](db::Tx& tx) {
                auto order = settle_in(tx, prepared->attempt.id, outcome);
                // The bank asks for somebody who is not there.
                const bool needs_buyer =
                    outcome.kind == AttemptState::verification_pending && deps_.payments.give_up(tx, prepared->attempt.id);
                const auto said = answer(order, deps_.payments.find(tx, prepared->attempt.id));
                ChargedDto dto{said.status, said.decline, desk_due(tx, order)};
                if (needs_buyer) {
                    dto.status = CompletionStatus::declined;
                    dto.decline = DeclineDto{"payments.declined_authentication",
                                             "The bank wants the buyer to confirm this payment. Send a payment link.", false};
                }
                auto out = http::ok(dto);
                (void)claim.store_if_ours(tx, out);
                return out;
            });
        });
}

void Service::add_desk_routes(http::Routes& routes, http::StaffGate& gate, http::AuditLog& audit) {
    add_due_desk_routes(routes, gate, audit);
    add_gift_card_desk_routes(routes, gate, audit);
}

}  // namespace stoa::checkout
