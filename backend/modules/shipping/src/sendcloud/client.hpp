#pragma once
// Sendcloud API v3 (docs/reference/sendcloud.md): shipping options with quotes, and service points.
#include <optional>
#include <string>
#include <vector>

#include "stoa/json/value.hpp"
#include "stoa/shipping/shipping.hpp"

namespace stoa::shipping::sendcloud {

struct Quote {
    std::string code;  // opaque option code
    std::string name;
    std::string carrier_code, carrier_name;
    bool needs_service_point = false;
    bool signature = false;
    std::string price;  // major units as written
    std::string currency;
    int lead_time_hours = 48;
};

class Client {
public:
    Client(http_client::Client& client, Config::Sendcloud config) : client_(client), config_(std::move(config)) {}

    // What came back. A refusal is about this one request (an unknown postal code); only a provider that is down or busy is to be left
    // alone for a while.
    enum class Reach { answered, refused, down };
    template <class T>
    struct Answer {
        Reach reach = Reach::down;
        T value{};
    };
    [[nodiscard]] Answer<std::vector<Quote>> options(const Destination& to, std::int64_t weight_grams);
    [[nodiscard]] Answer<std::vector<ServicePointDto>> service_points(std::string_view carrier_code, const Destination& near);
    [[nodiscard]] Answer<ServicePointDto> service_point(std::string_view id);

private:
    // The body of a 200, as JSON.
    [[nodiscard]] Answer<json::Value> ask(const http_client::Call& call, std::string_view what);
    [[nodiscard]] http_client::Call call(std::string method, std::string path) const;
    http_client::Client& client_;
    Config::Sendcloud config_;
};

}  // namespace stoa::shipping::sendcloud
