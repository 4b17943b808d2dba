#include "http/dto.hpp"
#include "service.hpp"

namespace stoa::checkout {

void Service::add_routes(http::Routes& routes) {
    using http::Pool;
    using http::Request;
    routes.post("/api/v1/checkout", "start_checkout")
        .summary("Start or resume the checkout of the cart")
        .description("Takes a hold on the goods; repeat it to renew the hold.")
        .tag("checkout")
        .returns<CheckoutDto>()
        .fails({"cart.empty", "checkout.line_unavailable", "checkout.stock_unavailable"})
        .handle([this](const Request& r) { return start(r); });
    routes.get("/api/v1/checkout", "get_checkout")
        .summary("The checkout so far")
        .tag("checkout")
        .returns<CheckoutDto>()
        .fails({"checkout.not_started"})
        .handle([this](const Request& r) { return show(r); });
    routes.put("/api/v1/checkout/contact", "set_checkout_contact")
        .summary("Who buys")
        .tag("checkout")
        .body<ContactInput>()
        .returns<CheckoutDto>()
        .fails({"checkout.not_started"})
        .handle([this](const Request& r) { return set_contact(r); });
    routes.put("/api/v1/checkout/address", "set_checkout_address")
        .summary("Where it goes")
        .tag("checkout")
        .body<AddressInput>()
        .returns<CheckoutDto>()
        .fails({"checkout.not_started"})
        .handle([this](const Request& r) { return set_address(r); });
    routes.get("/api/v1/checkout/shipping-options", "list_shipping_options")
        .summary("Deliveries for this cart and address")
        .tag("checkout")
        .on(Pool::outbound)
        .returns<OptionListDto>()
        .fails({"checkout.not_started", "checkout.address_missing"})
        .handle([this](const Request& r) { return shipping_options(r); });
    routes.get("/api/v1/checkout/service-points", "list_service_points")
        .summary("Pick-up points near the address")
        .tag("checkout")
        .on(Pool::outbound)
        .query<ServicePointQuery>()
        .returns<ServicePointListDto>()
        .fails({"checkout.not_started", "checkout.address_missing", "checkout.too_many_payments", "shipping.option_unknown",
                "shipping.unavailable"})
        .handle([this](const Request& r) { return service_points(r); });
    routes.put("/api/v1/checkout/shipping", "set_checkout_shipping")
        .summary("Choose the delivery")
        .tag("checkout")
        .on(Pool::outbound)
        .body<ShippingInput>()
        .returns<CheckoutDto>()
        .fails({"checkout.not_started", "checkout.address_missing", "checkout.shipping_option_unknown", "shipping.service_point_unknown",
                "shipping.unavailable"})
        .handle([this](const Request& r) { return set_shipping(r); });
    routes.get("/api/v1/checkout/payment-methods", "list_payment_methods")
        .summary("How this order can be paid")
        .tag("checkout")
        .returns<PaymentMethodListDto>()
        .fails({"checkout.not_started"})
        .handle([this](const Request& r) { return payment_methods(r); });
    routes.post("/api/v1/checkout/complete", "complete_checkout")
        .summary("Buy")
        .description(
            "One effect per Idempotency-Key. A declined payment leaves the order waiting: call again with a new key and another payment.")
        .tag("checkout")
        .on(Pool::outbound)
        .within(std::chrono::seconds{75})
        .body<CompleteInput>()
        .idempotent()
        .returns<CompletionDto>()
        .fails({"cart.empty", "checkout.not_started", "checkout.total_changed", "checkout.stock_unavailable", "checkout.line_unavailable",
                "checkout.contact_missing", "checkout.address_missing", "checkout.shipping_missing", "checkout.payment_in_progress",
                "checkout.already_completed", "checkout.too_many_payments", "payments.attempt_open", "payments.already_paid",
                "payments.stored_method_unknown", "promotions.limit_reached", "promotions.customer_limit_reached",
                "promotions.wrong_customer", "payments.credit_short"})
        .handle([this](const Request& r) { return complete(r); });
    routes.post("/api/v1/checkout/payments/{attempt_id}/return", "return_from_payment")
        .summary("The shopper is back from the payment page")
        .description("Asks the provider; safe to repeat.")
        .tag("checkout")
        .on(Pool::outbound)
        .within(std::chrono::seconds{75})
        .returns<CompletionDto>()
        .fails({"checkout.payment_not_found", "checkout.too_many_payments"})
        .handle([this](const Request& r) { return payment_return(r, true); });
    routes.get("/api/v1/checkout/payments/{attempt_id}", "get_payment")
        .summary("What became of a payment")
        .tag("checkout")
        .returns<CompletionDto>()
        .fails({"checkout.payment_not_found"})
        .handle([this](const Request& r) { return payment_return(r, false); });

    add_credit_routes(routes);
    add_due_routes(routes);

    routes.get("/api/v1/account/payment-methods", "list_stored_cards")
        .summary("My saved cards")
        .tag("account")
        .requires_access(http::Access::customer)
        .returns<StoredCardListDto>()
        .fails({"account.login_required"})
        .handle([this](const Request& r) {
            const auto customer = deps_.customers.require(r);
            StoredCardListDto out;
            for (const auto& card :
                 deps_.database.read([&](db::Session& session) { return deps_.payments.stored_methods(session, customer.id.uuid()); }))
                out.items.push_back({card.id, card.brand, card.last4, card.expiry_month, card.expiry_year, card.merchant_may_charge});
            return http::ok(out);
        });
    routes.put("/api/v1/account/payment-methods/{id}/consent", "set_stored_card_consent")
        .summary("Whether the shop may charge a saved card for what became due on an order")
        .tag("account")
        .requires_access(http::Access::customer)
        .body<CardConsentInput>()
        .returns<StoredCardListDto>()
        .fails({"account.login_required", "payments.stored_method_unknown"})
        .handle([this](const Request& r) {
            const auto customer = deps_.customers.require(r);
            const auto id = http::id_param<payments::StoredMethodId>(r, "id");
            const auto input = http::body_as<CardConsentInput>(r);
            if (!input) return http::problem(input.error());
            const auto cards = deps_.database.in_tx([&](db::Tx& tx) -> Result<StoredCardListDto> {
                if (!deps_.payments.set_consent(tx, customer.id.uuid(), id, input->merchant_may_charge))
                    return fail(ErrorKind::not_found, "payments.stored_method_unknown", "There is no such card.");
                StoredCardListDto out;
                for (const auto& card : deps_.payments.stored_methods(tx, customer.id.uuid()))
                    out.items.push_back({card.id, card.brand, card.last4, card.expiry_month, card.expiry_year, card.merchant_may_charge});
                return out;
            });
            if (!cards) return http::problem(cards.error());
            return http::ok(*cards);
        });
    routes.del("/api/v1/account/payment-methods/{id}", "forget_stored_card")
        .summary("Forget a saved card")
        .tag("account")
        .requires_access(http::Access::customer)
        .returns_nothing()
        .fails({"account.login_required", "payments.stored_method_unknown"})
        .handle([this](const Request& r) {
            const auto customer = deps_.customers.require(r);
            const auto id = http::id_param<payments::StoredMethodId>(r, "id");
            const bool gone = deps_.database.in_tx([&](db::Tx& tx) { return deps_.payments.forget_method(tx, customer.id.uuid(), id); });
            if (!gone)
                return http::problem({ErrorKind::not_found, "payments.stored_method_unknown", "There is no such card.", {}, {}, {}, 0});
            return http::no_content();
        });
}

}  // namespace stoa::checkout
