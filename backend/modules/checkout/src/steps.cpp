#include <algorithm>
#include <map>
#include <stdexcept>

#include "email.hpp"
#include "service.hpp"
#include "sql/checkout.hpp"

namespace stoa::checkout {
namespace {

// Whoever goes on and on without paying gives others their turn.
constexpr std::chrono::hours kLongestHold{2};

}  // namespace

Error stock_unavailable(const std::vector<inventory::Shortage>& shortages) {
    json::Writer details;
    details.begin_object();
    details.key("lines");
    details.begin_array();
    for (const auto& shortage : shortages) {
        details.begin_object();
        details.member("variant_id", shortage.variant.to_string());
        details.member("wanted", shortage.wanted);
        details.member("available", shortage.available);
        details.end_object();
    }
    details.end_array();
    details.end_object();
    return {ErrorKind::conflict,
            "checkout.stock_unavailable",
            "Some goods are no longer available in this quantity.",
            {},
            details.take(),
            {},
            0};
}

http::Response Service::start(const http::Request& request) {
    const auto visitor = deps_.carts.visitor(request);
    const auto& customer = visitor.customer;
    auto done = deps_.database.in_tx([&](db::Tx& tx) -> Result<CheckoutDto> {
        auto cart = deps_.carts.lock(tx, visitor);
        if (!cart || cart->lines.empty()) return fail(ErrorKind::conflict, "cart.empty", "The cart is empty.");
        const Timestamp now = deps_.clock.now();
        const auto cart_id = cart->id;
        const std::optional<std::string> email = customer ? std::optional(customer->email) : std::nullopt;
        // A cart has one checkout, of the same id: what is held for it is known without looking for it.
        tx.exec(sql::ensure_checkout, CheckoutId(cart_id.uuid()), cart_id, email, now);
        auto snapshot = evaluate(tx, *find_state(tx, cart_id), std::move(*cart), customer);
        if (!snapshot.view.purchasable)
            return fail(ErrorKind::conflict, "checkout.line_unavailable", "An article in the cart is no longer sold. Remove it to go on.");
        const Timestamp expires = renewed_hold(snapshot.state);
        if (is_being_paid(tx, cart_id)) {
            // The hold is for what is being paid for, which need not be what the cart holds by now.
            (void)deps_.inventory.extend(tx, snapshot.state.id.uuid(), expires);
        } else {
            const auto shortages =
                deps_.inventory.hold(tx, snapshot.state.id.uuid(), snapshot.view.wanted(), expires, inventory::Backorders::allowed);
            if (!shortages.empty()) return fail(stock_unavailable(shortages));
        }
        tx.exec(sql::set_hold, snapshot.state.id, expires, now);
        deps_.carts.remember_prices(tx, snapshot.view);
        snapshot.state.hold_expires_at = expires;
        return to_dto(snapshot, customer);
    });
    if (!done) return http::problem(done.error());
    return http::ok(*done);
}

Timestamp Service::renewed_hold(const State& state) const { return held_until(state, deps_.hold, kLongestHold); }

// From the last moment that a hold may be renewed there is still time to pay, once.
Timestamp Service::hold_for_payment(const State& state) const {
    const auto to_pay = std::max(deps_.hold, deps_.payment_hold);
    return held_until(state, to_pay, kLongestHold + to_pay);
}

Timestamp Service::held_until(const State& state, std::chrono::seconds anew, std::chrono::seconds in_one_go) const {
    const Timestamp now = deps_.clock.now();
    const bool lives = state.hold_expires_at && *state.hold_expires_at > now;
    if (!lives) return now + anew;
    return std::max(*state.hold_expires_at, std::min(now + anew, state.held_since.value_or(now) + in_one_go));
}

void Service::give_back(db::Tx& tx, const cart::CartView& cart) {
    const auto state = find_state(tx, cart.stored.id);
    const Timestamp now = deps_.clock.now();
    if (!state || !state->hold_expires_at || *state->hold_expires_at <= now || is_being_paid(tx, cart.stored.id)) return;
    // What came into the cart since is not held yet; start() does that.
    std::map<catalog::VariantId, std::int64_t> wanted;
    for (const auto& line : cart.stored.lines) wanted[line.variant] += line.quantity;
    std::vector<inventory::Wanted> kept;
    bool less = false;
    for (const auto& held : deps_.inventory.held(tx, state->id.uuid())) {
        const auto quantity = std::min(held.quantity, wanted[held.variant]);
        less = less || quantity < held.quantity;
        if (quantity > 0) kept.push_back({held.variant, quantity});
    }
    if (!less) return;
    if (kept.empty()) {
        deps_.inventory.release(tx, state->id.uuid());
        tx.exec(sql::set_hold, state->id, now, now);
    } else if (!deps_.inventory.hold(tx, state->id.uuid(), kept, *state->hold_expires_at, inventory::Backorders::allowed).empty()) {
        throw std::logic_error("checkout: a part of a hold was not to be had");
    }
}

http::Response Service::show(const http::Request& request) {
    const auto visitor = deps_.carts.visitor(request);
    const auto& customer = visitor.customer;
    const auto snapshot = read(visitor);
    if (!snapshot) return http::problem(snapshot.error());
    return http::ok(to_dto(*snapshot, customer));
}

http::Response Service::update(const http::Request& request,
                               const std::function<Result<void>(db::Tx&, State&, const cart::StoredCart&)>& change) {
    const auto visitor = deps_.carts.visitor(request);
    const auto& customer = visitor.customer;
    auto done = deps_.database.in_tx([&](db::Tx& tx) -> Result<CheckoutDto> {
        auto cart = deps_.carts.lock(tx, visitor);
        std::optional<State> state;
        if (cart) state = find_state(tx, cart->id);
        if (!state) return fail(ErrorKind::not_found, "checkout.not_started", "There is no checkout. Start one from the cart.");
        if (auto changed = change(tx, *state, *cart); !changed) return std::unexpected(changed.error());
        // Going on is a sign of life: the goods stay held.
        const Timestamp now = deps_.clock.now();
        const Timestamp expires = renewed_hold(*state);
        if (deps_.inventory.extend(tx, state->id.uuid(), expires)) tx.exec(sql::set_hold, state->id, expires, now);
        auto fresh = deps_.carts.lock(tx, cart->id);
        return to_dto(evaluate(tx, *find_state(tx, cart->id), std::move(*fresh), customer), customer);
    });
    if (!done) return http::problem(done.error());
    return http::ok(*done);
}

http::Response Service::set_contact(const http::Request& request) {
    const auto input = http::body_as<ContactInput>(request);
    if (!input) return http::problem(input.error());
    if (auto email = check_email(input->email); !email) return http::problem(email.error());
    return update(request, [&](db::Tx& tx, State& state, const cart::StoredCart&) -> Result<void> {
        tx.exec(sql::set_contact, state.id, input->email, input->phone, input->accepts_marketing.value_or(state.accepts_marketing),
                deps_.clock.now());
        return {};
    });
}

http::Response Service::set_address(const http::Request& request) {
    auto input = http::body_as<AddressInput>(request);
    if (!input) return http::problem(input.error());
    customers::tidy_address(input->shipping);
    if (input->billing) customers::tidy_address(*input->billing);
    auto errors = customers::check_address(input->shipping, "/shipping");
    if (input->billing) {
        for (auto& error : customers::check_address(*input->billing, "/billing")) errors.push_back(std::move(error));
    }
    if (!deps_.shipping.delivers_to(input->shipping.country))
        errors.push_back({"/shipping/country", "not_delivered", "We do not deliver to this country."});
    if (!errors.empty()) {
        Error error{ErrorKind::invalid, "http.invalid_fields", "Some fields are not acceptable.", std::move(errors), {}, {}, 0};
        return http::problem(error);
    }
    return update(request, [&](db::Tx& tx, State& state, const cart::StoredCart& cart) -> Result<void> {
        const auto& billing = input->billing ? *input->billing : input->shipping;
        // A place to pick it up was chosen near where it was to go.
        const auto& before = state.shipping_address;
        if (state.service_point && before &&
            (before->country != input->shipping.country || before->postal_code != input->shipping.postal_code))
            tx.exec(sql::set_option, state.id, std::optional<std::string>(), "", std::optional<std::string>(), deps_.clock.now());
        tx.exec(sql::set_address, state.id, json::render(input->shipping), json::render(billing), deps_.clock.now());
        if (cart.country != input->shipping.country) deps_.carts.set_country(tx, cart.id, input->shipping.country);
        return {};
    });
}

http::Response Service::shipping_options(const http::Request& request) {
    const auto snapshot = read(deps_.carts.visitor(request));
    if (!snapshot) return http::problem(snapshot.error());
    if (!snapshot->state.shipping_address)
        return http::problem({ErrorKind::conflict, "checkout.address_missing", "The delivery address comes first.", {}, {}, {}, 0});
    return http::ok(OptionListDto{deps_.shipping.options(rate_request(*snapshot, deps_.clock.now()))});
}

http::Response Service::service_points(const http::Request& request) {
    const auto query = http::query_as<ServicePointQuery>(request);
    if (!query) return http::problem(query.error());
    // Each postal code is a call to the carrier.
    if (const auto refused = limit("checkout-points-from:" + request.remote_ip, 5 * deps_.payments_per_address))
        return http::problem(*refused);
    const auto snapshot = read(deps_.carts.visitor(request));
    if (!snapshot) return http::problem(snapshot.error());
    if (!snapshot->state.shipping_address)
        return http::problem({ErrorKind::conflict, "checkout.address_missing", "The delivery address comes first.", {}, {}, {}, 0});
    auto near = rate_request(*snapshot, deps_.clock.now()).to;
    if (query->postal_code) {
        near.postal_code = *query->postal_code;
        near.city.clear();
        near.line1.clear();
    }
    auto points = deps_.shipping.service_points(query->option_id, near);
    if (!points) return http::problem(points.error());
    return http::ok(ServicePointListDto{std::move(*points)});
}

http::Response Service::set_shipping(const http::Request& request) {
    const auto input = http::body_as<ShippingInput>(request);
    if (!input) return http::problem(input.error());
    const auto snapshot = read(deps_.carts.visitor(request));
    if (!snapshot) return http::problem(snapshot.error());
    if (!snapshot->state.shipping_address)
        return http::problem({ErrorKind::conflict, "checkout.address_missing", "The delivery address comes first.", {}, {}, {}, 0});

    // The carrier is asked before the transaction.
    const auto rates = rate_request(*snapshot, deps_.clock.now());
    const auto option = deps_.shipping.option(rates, input->option_id);
    if (!option && option.error().kind == ErrorKind::unavailable) return http::problem(option.error());
    if (!option)
        return http::problem({ErrorKind::invalid,
                              "checkout.shipping_option_unknown",
                              "This delivery is not offered (any more).",
                              {{"/option_id", "not_offered", "Choose another delivery."}},
                              {},
                              {},
                              0});
    std::optional<shipping::ServicePointDto> point;
    if (option->kind == shipping::OptionKind::service_point) {
        if (!input->service_point_id) return http::problem(fail_field("/service_point_id", "required", "Choose a pick-up point.").error());
        auto found = deps_.shipping.service_point(*input->service_point_id, option->id, rates.to.country);
        if (!found) return http::problem(found.error());
        point = std::move(*found);
    }
    const std::string priced_for = basis(rates);
    return update(request, [&](db::Tx& tx, State& state, const cart::StoredCart&) -> Result<void> {
        const std::optional<std::string> point_json = point ? std::optional(json::render(*point)) : std::nullopt;
        tx.exec(sql::set_option, state.id, json::render(*option), priced_for, point_json, deps_.clock.now());
        return {};
    });
}

http::Response Service::payment_methods(const http::Request& request) {
    const auto visitor = deps_.carts.visitor(request);
    const auto& customer = visitor.customer;
    const auto snapshot = read(visitor);
    if (!snapshot) return http::problem(snapshot.error());
    const std::string_view locale = snapshot->view.stored.locale;
    PaymentMethodListDto out;
    const Money due = snapshot->due();
    auto offered = due.is_zero() ? std::vector<payments::Method>{} : deps_.payments.methods(due, snapshot->view.stored.country);
    if (customer) {
        const auto credits =
            deps_.database.read([&](db::Session& session) { return deps_.credits.all_of_customer(session, customer->id.uuid()); });
        for (const auto& credit : credits) {
            if (credit.balance.currency() == due.currency() && !credit.available.is_zero()) out.store_credit = credit.available;
        }
    }
    // What the provider would not take for the order that waits is not offered again.
    deps_.database.in_tx([&](db::Tx& tx) {
        const auto living = deps_.orders.lock_living_of_cart(tx, snapshot->view.stored.id.uuid());
        if (!living) return;
        for (const auto refused : deps_.payments.refused_methods(tx, living->id.uuid())) std::erase(offered, refused);
    });
    const bool cards = std::find(offered.begin(), offered.end(), payments::Method::card) != offered.end();
    if (customer && cards) {
        const auto stored =
            deps_.database.read([&](db::Session& session) { return deps_.payments.stored_methods(session, customer->id.uuid()); });
        for (const auto& card : stored) {
            out.items.push_back(
                {payments::Method::stored_card, std::string(orders::payment_method_label("stored_card", locale)), std::nullopt,
                 StoredCardDto{card.id, card.brand, card.last4, card.expiry_month, card.expiry_year, card.merchant_may_charge}});
        }
    }
    for (const auto method : offered)
        out.items.push_back({method, std::string(orders::payment_method_label(json::to_name(method), locale)), std::nullopt, std::nullopt});
    return http::ok(out);
}

}  // namespace stoa::checkout
