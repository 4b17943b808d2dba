// Design 4.2, from top to bottom. Step 1: the idempotency row. Step 2: one transaction that locks, re-prices, compares, holds, writes the
// order and the payment attempt. Step 3: the provider, outside any transaction. Step 4: one transaction that records the outcome
// (settle.cpp). A crash between 2 and 4 is finished by the sweeper (jobs.cpp).
#include "email.hpp"
#include "service.hpp"
#include "sql/checkout.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/payments/hosted.hpp"

namespace stoa::checkout {

Error total_changed(const Money& total, const Money& due) {
    json::Writer details;
    details.begin_object();
    details.key("total");
    json::write_as(details, total);
    details.key("due");
    json::write_as(details, due);
    details.end_object();
    return {ErrorKind::conflict, "checkout.total_changed", "The total has changed. Please look at it again.", {}, details.take(), {}, 0};
}

std::string only_digits(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c >= '0' && c <= '9') out += c;
    }
    return out;
}

namespace {

bool luhn(std::string_view digits) {
    int sum = 0;
    bool twice = false;
    for (auto it = digits.rbegin(); it != digits.rend(); ++it) {
        int d = *it - '0';
        if (twice && (d *= 2) > 9) d -= 9;
        sum += d;
        twice = !twice;
    }
    return sum % 10 == 0;
}

}  // namespace

std::string Service::owner_hash_of(const cart::Visitor& visitor) {
    return visitor.guest_token.empty() ? std::string() : crypto::hex(crypto::sha256(visitor.guest_token));
}

std::optional<Error> Service::limit(const std::string& bucket, int calls) const {
    if (calls == 0) return std::nullopt;
    const auto allowance = deps_.redis.take(bucket, {calls, calls / 600.0});
    if (allowance.allowed) return std::nullopt;
    return Error{
        ErrorKind::limited,           "checkout.too_many_payments", "Too many tries in a short time. Please wait a little.", {}, {}, {},
        allowance.retry_after_seconds};
}

std::string Service::scope_of(const cart::Visitor& visitor) {
    if (visitor.customer) return visitor.customer->id.to_string();
    return "guest:" + owner_hash_of(visitor);
}

Result<void> Service::check_payment(const PaymentInput& input, const Customer& customer, const Money& total,
                                    std::string_view country) const {
    if (total.is_zero()) return {};
    const auto offered = deps_.payments.methods(total, country);
    const auto wanted = input.method == payments::Method::stored_card ? payments::Method::card : input.method;
    bool found = false;
    for (const auto method : offered) found = found || method == wanted;
    if (!found) return fail_field("/payment/method", "not_offered", "This payment method is not offered for this order.");
    switch (input.method) {
        case payments::Method::card: {
            if (!input.card) return fail_field("/payment/card", "required", "The card's data are missing.");
            const auto digits = only_digits(input.card->number);
            if (digits.size() < 12 || digits.size() > 19 || !luhn(digits))
                return fail_field("/payment/card/number", "wrong_format", "This is not a valid card number.");
            const auto today = date_of(deps_.clock.now());
            const int year = std::stoi(input.card->expiry_year);
            const unsigned month = static_cast<unsigned>(std::stoi(input.card->expiry_month));
            if (year < static_cast<int>(today.year()) ||
                (year == static_cast<int>(today.year()) && month < static_cast<unsigned>(today.month())))
                return fail_field("/payment/card/expiry_year", "expired", "This card has expired.");
            break;
        }
        case payments::Method::stored_card:
            if (!customer || !input.stored_card_id)
                return fail_field("/payment/stored_card_id", "required", "Choose one of your saved cards.");
            break;
        case payments::Method::sepa:
            if (!input.account_holder || input.account_holder->empty())
                return fail_field("/payment/account_holder", "required", "Who owns the account?");
            if (input.iban && !input.iban->empty() && !payments::is_iban(*input.iban))
                return fail_field("/payment/iban", "wrong_format", "This is not a valid IBAN.");
            break;
        case payments::Method::hosted:
        case payments::Method::invoice:
        case payments::Method::gift_card:
        case payments::Method::store_credit:
            break;
    }
    return {};
}

orders::NewOrder Service::to_order(const Snapshot& snapshot, const Customer& customer, std::string_view owner_hash,
                                   std::string_view method) const {
    const auto& view = snapshot.view;
    const auto& priced = view.priced;
    const auto& state = snapshot.state;
    orders::NewOrder order;
    order.id = orders::OrderId::make();
    order.cart_id = view.stored.id.uuid();
    order.checkout_id = state.id.uuid();
    if (customer)
        order.customer = customer->id;
    else
        order.owner_hash = owner_hash;
    order.email = *state.email;
    order.phone = state.phone.value_or(state.shipping_address->phone.value_or(""));
    order.locale = view.stored.locale;
    order.country = view.stored.country;
    order.tax_included = priced.tax_included;
    order.subtotal = priced.subtotal;
    order.discount = priced.discount;
    order.shipping = priced.shipping ? priced.shipping->price : Money::zero(priced.currency);
    order.tax = priced.tax;
    order.total = priced.total;
    std::map<Uuid, catalog::VariantId> variant_of;
    std::map<Uuid, const cart::StoredLine*> stored;
    for (const auto& line : view.stored.lines) {
        variant_of[line.id.uuid()] = line.variant;
        stored[line.id.uuid()] = &line;
    }
    for (const auto& line : priced.lines) {
        orders::NewLine out;
        out.variant = view.variants.at(variant_of.at(line.key));
        out.quantity = line.quantity;
        out.unit_price = line.unit;
        out.discount = line.discount;
        out.total = line.total;
        out.net = line.net;
        out.tax = line.tax;
        out.tax_basis_points = line.rate.basis_points;
        out.tax_treatment = json::to_name(line.rate.treatment);
        if (out.variant.is_gift_card) {
            for (const auto& gift : cart::gifts_of(*stored.at(line.key)))
                out.gifts.push_back({gift.recipient_email.value_or(""), gift.recipient_name.value_or(""), gift.sender_name.value_or(""),
                                     gift.message.value_or(""), gift.send_on});
        }
        order.lines.push_back(std::move(out));
    }
    for (const auto& promotion : priced.promotions) order.discounts.push_back({promotion.label, promotion.code, promotion.amount});
    for (const auto& line : priced.tax_lines)
        order.tax_lines.push_back(
            {line.rate.basis_points, std::string(json::to_name(line.rate.treatment)), line.rate.reason, line.net, line.tax});
    order.shipping_address = *state.shipping_address;
    order.billing_address = state.billing_address.value_or(*state.shipping_address);
    if (state.option)
        order.shipping_method = {state.option->id, state.option->name, state.option->carrier, state.service_point, state.option->promise};
    else
        order.shipping_method = {std::string(orders::kByMail), std::string(orders::by_mail_label(order.locale)), {}, {}, {}};
    order.payment_method = method;

    // What makes it the same purchase: who, what, for how much, to where. Not how it is paid.
    std::string text = order.email + "\n" + order.phone + "\n" + order.locale + "\n" + json::render(order.shipping_address) +
                       json::render(order.billing_address) + order.shipping_method.option_id +
                       (state.service_point ? state.service_point->id : "") + "\n" + order.total.to_decimal() +
                       std::string(priced.currency.code());
    for (const auto& line : order.lines)
        text += "\n" + line.variant.id.to_string() + " " + std::to_string(line.quantity) + " " + line.total.to_decimal() + " " +
                line.net.to_decimal() + " " + line.tax.to_decimal() + orders::to_text(line.gifts);
    for (const auto& discount : order.discounts) text += "\n" + discount.code.value_or("") + " " + discount.amount.to_decimal();
    order.fingerprint = crypto::hex(crypto::sha256(text));
    return order;
}

Result<Service::Prepared> Service::prepare(db::Tx& tx, const http::Request& request, const cart::Visitor& visitor,
                                           const CompleteInput& input, const std::optional<PricedOption>& repriced, std::string_view scope,
                                           std::string_view key) {
    const Timestamp now = deps_.clock.now();
    const auto& customer = visitor.customer;
    // Lock the cart. Whoever comes second finds the order.
    auto cart = deps_.carts.lock(tx, visitor);
    std::optional<State> state;
    if (cart) state = find_state(tx, cart->id);
    if (!state) return fail(ErrorKind::not_found, "checkout.not_started", "There is no checkout. Start one from the cart.");
    if (cart->lines.empty()) return fail(ErrorKind::conflict, "cart.empty", "The cart is empty.");
    auto living = deps_.orders.lock_living_of_cart(tx, cart->id.uuid());

    // Re-price.
    if (repriced && state->option && repriced->option.id == state->option->id) {
        state->option = repriced->option;
        state->option_basis = repriced->basis;
    }
    const auto snapshot = evaluate(tx, std::move(*state), std::move(*cart), customer, Purpose::order);
    const auto& view = snapshot.view;
    // One that was taken before it was looked at so closely is entered again.
    if (!snapshot.state.email || !check_email(*snapshot.state.email))
        return fail(ErrorKind::conflict, "checkout.contact_missing", "An e-mail address is needed.");
    if (!snapshot.state.shipping_address) return fail(ErrorKind::conflict, "checkout.address_missing", "The delivery address comes first.");
    if (!snapshot.state.option && view.needs_delivery())
        return fail(ErrorKind::conflict, "checkout.shipping_missing", "Choose a delivery.");
    if (!view.purchasable)
        return fail(ErrorKind::conflict, "checkout.line_unavailable", "An article in the cart is no longer sold. Remove it to go on.");
    // Compare with what the shopper saw.
    const Money total = view.priced.total;
    const Money due = snapshot.due();  // beside gift cards and store credit
    if (input.expected_total != total || input.expected_due.value_or(total) != due) return fail(total_changed(total, due));
    if (auto checked = check_payment(input.payment, customer, due, view.stored.country); !checked) return std::unexpected(checked.error());

    // Hold the stock until the payment must have come.
    const Timestamp expires = hold_for_payment(snapshot.state);
    const auto shortages = deps_.inventory.hold(tx, snapshot.state.id.uuid(), view.wanted(), expires, inventory::Backorders::allowed);
    if (!shortages.empty()) return fail(stock_unavailable(shortages));
    tx.exec(sql::set_hold, snapshot.state.id, expires, now);

    // Create the order, or go on with the pending one when it is still the same purchase.
    const auto method = total.is_zero() ? std::string_view("none")
                        : due.is_zero() ? json::to_name(snapshot.credits.front().credit.kind)
                                        : json::to_name(input.payment.method);
    auto wanted = to_order(snapshot, customer, owner_hash_of(visitor), method);
    Prepared prepared;
    if (living) {
        if (living->state != orders::State::pending_payment)
            return fail(ErrorKind::conflict, "checkout.already_completed", "This order was placed already.");
        for (const auto& attempt : deps_.payments.of_payable(tx, living->id.uuid())) {
            if (!is_open(attempt.state)) continue;
            if (deps_.payments.give_up(tx, attempt.id)) continue;
            return fail(ErrorKind::conflict, "checkout.payment_in_progress", "A payment for this order is still being processed.");
        }
        const bool by_card = input.payment.method == payments::Method::stored_card;
        for (const auto refused : deps_.payments.refused_methods(tx, living->id.uuid())) {
            if (refused == (by_card ? payments::Method::card : input.payment.method))
                return fail_field("/payment/method", "not_offered", "This payment method is not offered for this order.");
        }
        if (living->fingerprint != wanted.fingerprint) {
            deps_.promotions.release(tx, living->id.uuid());
            deps_.credits.release(tx, living->id.uuid());
            if (auto cancelled = deps_.orders.cancel(tx, *living, "replaced"); !cancelled) return std::unexpected(cancelled.error());
            living.reset();
        }
    }
    if (living) {
        prepared.order = *living;
        deps_.orders.set_payment(tx, living->id, method, "");
    } else {
        prepared.order = deps_.orders.place(tx, wanted);
    }
    const promotions::Identity identity{customer ? std::optional(customer->id) : std::nullopt, *snapshot.state.email};
    if (auto redeemed = deps_.promotions.redeem(tx, prepared.order.id.uuid(), identity, view.priced.uses(), now, wanted.cart_id); !redeemed)
        return std::unexpected(redeemed.error());

    // Gift cards and store credit are held as long as the goods are.
    std::vector<payments::CreditShare> shares;
    for (const auto& each : snapshot.credits) {
        if (!each.amount.is_zero()) shares.push_back({each.credit.id, each.amount});
    }
    if (!shares.empty() || living) {
        if (auto held = deps_.credits.hold(tx, prepared.order.id.uuid(), shares, expires); !held) return std::unexpected(held.error());
    }

    // Write the attempt before the provider hears of it; or confirm at once when nothing is left to pay.
    if (due.is_zero()) {
        if (auto confirmed = confirm(tx, prepared.order, orders::PaymentState::paid, due, method, ""); !confirmed)
            return std::unexpected(confirmed.error());
    } else {
        payments::NewAttempt attempt;
        attempt.payable = prepared.order.id.uuid();
        attempt.reference = prepared.order.number;
        attempt.amount = due;
        attempt.method = input.payment.method;
        attempt.save_method = customer && input.payment.save_card.value_or(false);
        if (customer) attempt.customer = customer->id.uuid();
        if (input.payment.method == payments::Method::stored_card) attempt.stored_method = input.payment.stored_card_id;
        if (input.payment.method == payments::Method::card)
            attempt.card = payments::card_hint(
                {only_digits(input.payment.card->number), input.payment.card->expiry_month, input.payment.card->expiry_year, "", ""});
        auto created = deps_.payments.create(tx, attempt);
        if (!created) return std::unexpected(created.error());
        if (created->method == payments::Method::hosted) payments::limit_hosted_page(tx, created->id, expires);
        prepared.attempt = std::move(*created);
    }
    const std::optional<Uuid> attempt_uuid = prepared.attempt ? std::optional(prepared.attempt->id.uuid()) : std::nullopt;
    tx.exec(sql::insert_completion, scope, key, prepared.order.id, attempt_uuid, now);

    auto& send = prepared.send;
    if (prepared.attempt && input.payment.method == payments::Method::card) {
        const auto& card = *input.payment.card;
        send.card = payments::CardData{only_digits(card.number), card.expiry_month, card.expiry_year, card.cvv, card.holder};
    }
    send.iban = input.payment.iban.value_or("");
    send.account_holder = input.payment.account_holder.value_or("");
    for (const auto& line : wanted.lines)
        send.items.push_back({line.variant.sku, line.variant.product_name, line.unit_price, line.quantity});
    if (!wanted.shipping.is_zero()) send.items.push_back({"SHIPPING", wanted.shipping_method.method_name, wanted.shipping, 1});
    const auto& billing = wanted.billing_address;
    send.payer = {billing.first_name, billing.last_name,          wanted.email,        wanted.locale, billing.country, billing.line1,
                  billing.city,       billing.state.value_or(""), billing.postal_code, wanted.phone};
    send.ip_address = request.remote_ip;
    send.user_agent = std::string(request.header("user-agent").substr(0, 200));
    if (prepared.attempt)
        send.return_url = deps_.public_url + "/" + wanted.locale + "/checkout/return?attempt=" + prepared.attempt->id.to_string();
    return prepared;
}

http::Response Service::complete(const http::Request& request) {
    const auto visitor = deps_.carts.visitor(request);
    const auto input = http::body_as<CompleteInput>(request);
    if (!input) return http::problem(input.error());
    if (!input->terms_accepted) return http::problem(fail_field("/terms_accepted", "required", "Please accept the terms.").error());
    const std::string scope = scope_of(visitor);

    // Step 1.
    // The key is ours until the slowest provider has answered.
    auto begun = deps_.idempotency.begin(request, scope, 2 * deps_.provider_timeout + std::chrono::seconds{30});
    if (auto* response = std::get_if<http::Response>(&begun)) return std::move(*response);
    auto claim = std::get<http::Idempotency::Claim>(std::move(begun));
    step("1-claimed");

    // This key was here before and the process died: answer with what became of it.
    const std::string key(request.header("idempotency-key"));
    struct Earlier {
        orders::Header order;
        std::optional<payments::Attempt> attempt;
    };
    const auto earlier = deps_.database.read([&](db::Session& session) -> std::optional<Earlier> {
        const auto rows = session.query(sql::find_completion, scope, key);
        if (rows.empty()) return std::nullopt;
        Earlier out;
        out.order = *deps_.orders.header(session, rows.front().get<orders::OrderId>("order_id"));
        if (const auto id = rows.front().get<std::optional<payments::AttemptId>>("attempt_id"))
            out.attempt = deps_.payments.find(session, *id);
        return out;
    });
    if (earlier) {
        auto response = http::ok(answer(earlier->order, earlier->attempt));
        // Final: kept, so that another request under this key is told apart from this one again.
        if (!earlier->attempt || !is_open(earlier->attempt->state))
            deps_.database.in_tx([&](db::Tx& tx) { (void)claim.store_if_ours(tx, response); });
        return response;
    }

    // Card testing: ten payments in ten minutes are plenty for a shopper, and who makes a new cart for each card has one address.
    // Repeats of one that is known do not count.
    if (const auto refused = limit("checkout-complete:" + scope, 10)) return http::problem(*refused);
    if (const auto refused = limit("checkout-complete-from:" + request.remote_ip, deps_.payments_per_address))
        return http::problem(*refused);

    // What the carrier says is asked before the transaction.
    const auto before = read(visitor);
    const auto look_at_page = [&]() -> std::optional<Earlier> {
        const auto living =
            deps_.database.read([&](db::Session& session) { return deps_.orders.living_of_cart(session, before->state.cart.uuid()); });
        if (!living || living->state != orders::State::pending_payment) return std::nullopt;
        auto page = settle_left_page(living->id.uuid());
        if (!page) return std::nullopt;
        auto now = deps_.database.read([&](db::Session& session) { return *deps_.orders.header(session, living->id); });
        if (now.state == orders::State::pending_payment) return std::nullopt;
        return Earlier{std::move(now), std::move(page)};
    };
    if (!before) return http::problem(before.error());
    if (const auto paid = look_at_page()) {
        auto response = http::ok(answer(paid->order, paid->attempt));
        deps_.database.in_tx([&](db::Tx& tx) { (void)claim.store_if_ours(tx, response); });
        return response;
    }
    std::optional<PricedOption> repriced;
    const auto chosen = before->state.option ? std::optional(before->state.option->id) : before->stale_option;
    if (chosen) {
        const auto rates = rate_request(*before, deps_.clock.now());
        auto option = deps_.shipping.option(rates, *chosen);
        // A carrier platform that does not answer stops nobody: what was priced for this very parcel still holds.
        const bool keep = !option && option.error().kind == ErrorKind::unavailable && before->state.option;
        if (option)
            repriced = PricedOption{std::move(*option), basis(rates)};
        else if (!keep)
            return http::problem(
                {ErrorKind::conflict, "checkout.shipping_missing", "The chosen delivery is no longer offered.", {}, {}, {}, 0});
    }

    // Step 2.
    std::optional<http::Response> at_once;
    auto prepared = deps_.database.in_tx([&](db::Tx& tx) -> Result<Prepared> {
        at_once.reset();
        auto result = prepare(tx, request, visitor, *input, repriced, scope, key);
        step("2-prepared");
        if (result && !result->attempt) {
            at_once = http::ok(answer(result->order, std::nullopt));
            claim.store(tx, *at_once);
        }
        return result;
    });
    if (!prepared) return http::problem(prepared.error());
    if (at_once) return std::move(*at_once);
    step("3-before-provider");

    // Step 3.
    const auto outcome = deps_.payments.send(*prepared->attempt, prepared->send);
    step("3-after-provider");

    // Step 4.
    auto response = deps_.database.in_tx([&](db::Tx& tx) {
        const auto order = settle_in(tx, prepared->attempt->id, outcome);
        const auto attempt = deps_.payments.find(tx, prepared->attempt->id);
        auto out = http::ok(answer(order, attempt));
        // Whoever holds the key by now, what the provider said is recorded.
        (void)claim.store_if_ours(tx, out);
        step("4-settled");
        return out;
    });
    step("4-committed");
    return response;
}

}  // namespace stoa::checkout
