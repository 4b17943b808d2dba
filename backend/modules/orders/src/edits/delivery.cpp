#include "edits/delivery.hpp"

namespace stoa::orders {

Result<NewDelivery> find_delivery(shipping::Shipping& shipping, const shipping::RateRequest& parcel, const DeliveryWish& wish) {
    auto option = shipping.option(parcel, wish.option_id);
    if (!option) return std::unexpected(option.error());
    NewDelivery out{{option->id, option->name, option->carrier, std::nullopt, option->promise}, option->price};
    if (option->kind != shipping::OptionKind::service_point) return out;
    if (!wish.service_point_id) return fail_field("/delivery/service_point_id", "required", "Choose a pick-up point.");
    auto point = shipping.service_point(*wish.service_point_id, option->id, parcel.to.country);
    if (!point) return std::unexpected(point.error());
    out.method.service_point = std::move(*point);
    return out;
}

std::string platform_option(std::string_view option_id) {
    constexpr std::string_view kPlatform = "sendcloud:";
    return option_id.starts_with(kPlatform) ? std::string(option_id.substr(kPlatform.size())) : std::string();
}

}  // namespace stoa::orders
