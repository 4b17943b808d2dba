#pragma once
// Sendcloud API v3 (docs/reference/sendcloud.md): shipping options with quotes, and service points.
#include <optional>
#include <string>
#include <vector>

#include "stoa/shipping/shipping.hpp"

namespace stoa::shipping::sendcloud {

struct Quote {
    std::string code;  // opaque option code
    std::string name;
    std::string carrier_code, carrier_name;
    bool needs_service_point = false;
    std::string price;  // major units as written
    std::string currency;
    int lead_time_hours = 48;
};

class Client {
public:
    Client(http_client::Client& client, Config::Sendcloud config) : client_(client), config_(std::move(config)) {}

    // nullopt: no usable answer.
    [[nodiscard]] std::optional<std::vector<Quote>> options(const Destination& to, std::int64_t weight_grams);
    [[nodiscard]] std::optional<std::vector<ServicePointDto>> service_points(std::string_view carrier_code, const Destination& near);
    struct PointAnswer {
        bool reached = false;
        std::optional<ServicePointDto> point;
    };
    [[nodiscard]] PointAnswer service_point(std::string_view id);

private:
    [[nodiscard]] http_client::Call call(std::string method, std::string path) const;
    http_client::Client& client_;
    Config::Sendcloud config_;
};

}  // namespace stoa::shipping::sendcloud
