#include <stdexcept>

#include "service.hpp"
#include "sql/checkout.hpp"

namespace stoa::checkout {
namespace {

template <class T>
std::optional<T> stored(const db::Row& row, std::string_view column) {
    const auto text = row.get<std::optional<std::string>>(column);
    if (!text) return std::nullopt;
    auto value = json::parse_as<T>(*text);
    if (!value) throw std::logic_error("checkout: a stored document no longer reads");
    return std::move(*value);
}

StepHook& hook() {
    static StepHook value;
    return value;
}

}  // namespace

void set_step_hook(StepHook value) { hook() = std::move(value); }
void step(std::string_view name) {
    if (hook()) hook()(name);
}

std::optional<State> Service::find_state(db::Session& session, cart::CartId cart) {
    const auto rows = session.query(sql::find_checkout, cart);
    if (rows.empty()) return std::nullopt;
    const auto row = rows.front();
    State state;
    state.id = row.get<CheckoutId>("id");
    state.cart = cart;
    state.email = row.get<std::optional<std::string>>("email");
    state.phone = row.get<std::optional<std::string>>("phone");
    state.accepts_marketing = row.get<bool>("accepts_marketing");
    state.shipping_address = stored<customers::AddressDto>(row, "shipping_address");
    state.billing_address = stored<customers::AddressDto>(row, "billing_address");
    state.option = stored<shipping::OptionDto>(row, "shipping_option");
    state.option_basis = row.get<std::string>("option_basis");
    state.service_point = stored<shipping::ServicePointDto>(row, "service_point");
    state.hold_expires_at = row.get<std::optional<Timestamp>>("hold_expires_at");
    state.held_since = row.get<std::optional<Timestamp>>("held_since");
    for (const auto& id : row.get<std::vector<std::string>>("credit_ids")) state.credits.emplace_back(db::parse_uuid(id));
    return state;
}

shipping::RateRequest Service::rate_request(const Snapshot& snapshot, Timestamp at) {
    shipping::RateRequest request;
    if (const auto& address = snapshot.state.shipping_address) {
        request.to = {address->country, address->postal_code, address->city, address->line1, address->state.value_or("")};
    } else {
        request.to.country = snapshot.view.stored.country;
    }
    for (const auto& line : snapshot.view.stored.lines) {
        const auto it = snapshot.view.variants.find(line.variant);
        if (it == snapshot.view.variants.end()) continue;
        const auto& variant = it->second;
        if (variant.is_gift_card) continue;  // mailed
        request.items.push_back({line.quantity, variant.weight_grams, variant.length_mm, variant.width_mm, variant.height_mm,
                                 Money::zero(snapshot.view.priced.currency)});
    }
    request.goods_total = snapshot.view.priced.goods_total;
    request.locale = snapshot.view.stored.locale;
    request.at = at;
    if (const auto later = snapshot.view.to_come()) request.waits_for = shipping::GoodsToCome{later->on};
    return request;
}

std::string Service::basis(const shipping::RateRequest& request) {
    std::int64_t weight = 0;
    std::int64_t pieces = 0;
    for (const auto& item : request.items) {
        weight += item.weight_grams * item.quantity;
        pieces += item.quantity;
    }
    return request.to.country + "|" + request.to.postal_code + "|" + request.goods_total.to_decimal() +
           std::string(request.goods_total.currency().code()) + "|" + std::to_string(weight) + "|" + std::to_string(pieces);
}

Snapshot Service::evaluate(db::Session& session, State state, cart::StoredCart cart, const Customer& customer, Purpose purpose) {
    // The goods are taxed where they go, whatever country the cart page shows.
    if (state.shipping_address) cart.country = state.shipping_address->country;
    std::optional<std::string> stale;
    if (state.option && state.option->price.currency() != cart.currency) {
        stale = state.option->id;
        state.option.reset();
    }
    cart::ViewOptions options;
    options.email = state.email.value_or("");
    if (purpose == Purpose::show) options.goods = decltype(options.goods)::recent;
    if (state.option) options.shipping = state.option->price;
    Snapshot snapshot{std::move(state), deps_.carts.view(session, std::move(cart), customer, options), stale, {}};
    if (!snapshot.view.needs_delivery()) {
        // Gift cards only: what was chosen for goods that have left the cart is not asked for again.
        const bool priced_with_it = snapshot.state.option.has_value();
        snapshot.state.option.reset();
        snapshot.state.service_point.reset();
        snapshot.stale_option.reset();
        options.shipping.reset();
        if (priced_with_it) snapshot.view = deps_.carts.view(session, std::move(snapshot.view.stored), customer, options);
    } else if (snapshot.state.option && basis(rate_request(snapshot, deps_.clock.now())) != snapshot.state.option_basis) {
        snapshot.stale_option = snapshot.state.option->id;
        snapshot.state.option.reset();
        options.shipping.reset();
        snapshot.view = deps_.carts.view(session, std::move(snapshot.view.stored), customer, options);
    }
    snapshot.credits = credits_of(session, snapshot.state, snapshot.view.priced, customer);
    return snapshot;
}

CheckoutDto Service::to_dto(const Snapshot& snapshot, const Customer& customer) const {
    const auto& state = snapshot.state;
    CheckoutDto dto;
    dto.id = state.id;
    dto.cart = snapshot.view.dto;
    if (state.email) dto.contact = ContactDto{*state.email, state.phone, state.accepts_marketing};
    dto.shipping_address = state.shipping_address;
    dto.billing_address = state.billing_address;
    if (state.option)
        dto.shipping = ChosenShippingDto{state.option->id,    state.option->name,  state.option->carrier,
                                         state.option->price, state.service_point, state.option->promise};
    dto.totals = snapshot.view.dto.totals;
    for (const auto& [credit, amount] : snapshot.credits)
        dto.credits.push_back({credit.id, credit.kind, credit.hint, credit.available, amount, credit.expires_at});
    dto.due = snapshot.due();
    if (state.hold_expires_at && *state.hold_expires_at > deps_.clock.now()) dto.hold_expires_at = state.hold_expires_at;
    dto.steps = {state.email.has_value(), state.shipping_address.has_value(), state.option.has_value() || !snapshot.view.needs_delivery()};
    dto.guest = !customer;
    return dto;
}

Result<Snapshot> Service::read(const cart::Visitor& visitor) {
    return deps_.database.read([&](db::Session& session) -> Result<Snapshot> {
        auto cart = deps_.carts.find(session, visitor);
        std::optional<State> state;
        if (cart) state = find_state(session, cart->id);
        if (!state) return fail(ErrorKind::not_found, "checkout.not_started", "There is no checkout. Start one from the cart.");
        return evaluate(session, std::move(*state), std::move(*cart), visitor.customer);
    });
}

}  // namespace stoa::checkout
