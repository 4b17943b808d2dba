#pragma once
// Another delivery for a placed order. The carrier is asked with no transaction open, before the change is worked out.
#include "stoa/orders/orders.hpp"
#include "stoa/shipping/shipping.hpp"

namespace stoa::orders {

struct DeliveryWish {
    std::string option_id;
    std::optional<std::string> service_point_id;
};
struct NewDelivery {
    ShippingMethodDto method;
    Money price;  // as the order shows its prices
};

// As the option is offered for that parcel now. shipping.option_unknown, shipping.service_point_unknown, shipping.unavailable; 422 for a
// pick-up point that is missing.
[[nodiscard]] Result<NewDelivery> find_delivery(shipping::Shipping& shipping, const shipping::RateRequest& parcel,
                                                const DeliveryWish& wish);

// The carrier platform's code of an option; empty for the shop's own: the cheapest that fits is chosen then.
[[nodiscard]] std::string platform_option(std::string_view option_id);

}  // namespace stoa::orders
