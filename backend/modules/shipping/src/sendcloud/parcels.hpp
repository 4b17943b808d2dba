#pragma once
// Sendcloud API v3 (docs/reference/sendcloud.md): shipments, their documents and where they are.
#include <optional>
#include <string>
#include <vector>

#include "stoa/http_client/client.hpp"
#include "stoa/json/value.hpp"
#include "stoa/shipping/shipments.hpp"

namespace stoa::shipping::sendcloud {

// What an answer says about a shipment.
struct Told {
    struct Parcel {
        std::int64_t id = 0;
        std::string status_code;
        std::string status_text;
        std::string tracking_number, tracking_url;
        std::optional<Timestamp> updated_at;
    };
    std::string id;
    std::string reference;
    std::string carrier;
    bool failed = false;  // the carrier refused it; the provider keeps its reference all the same
    std::vector<ShipmentProblem> problems;
    std::vector<Parcel> parcels;
};

// made: it exists, perhaps since an earlier call. refused: nothing exists, `problems` say why. busy: not looked at (429), nothing exists.
// unknown: no usable answer; it may exist.
enum class Outcome { made, refused, busy, unknown };
struct Announced {
    Outcome outcome = Outcome::unknown;
    Told told;
};

// nothing: the provider certainly has no such thing.
enum class Found { there, nothing, unknown };
struct LookedUp {
    Found found = Found::unknown;
    std::vector<Told> shipments;
};

enum class Cancelled { done, queued, too_late, unknown };

struct Customs {
    std::string hs_code, origin_country;
};
struct Request {
    const Shipment& shipment;
    std::string option_code;
    std::int64_t sender_address_id = 0;
    std::vector<Customs> customs;  // one for each line where a form is needed, else empty
    Timestamp at;                  // invoice date of the form
};

struct Sender {
    std::int64_t id = 0;
    std::string country;
    ShipTo address;  // where returns go
};
struct Offer {
    std::string code;
    std::int64_t price = 0;  // minor units, only to compare
    bool letter = false, multicollo = false, service_point = false;
};

class Parcels {
public:
    Parcels(http_client::Client& client, Config::Sendcloud config) : client_(client), config_(std::move(config)) {}

    [[nodiscard]] Announced announce(const Request& request);
    [[nodiscard]] LookedUp by_reference(std::string_view reference);
    [[nodiscard]] LookedUp by_ids(const std::vector<std::string>& provider_ids);  // at most 100
    [[nodiscard]] Cancelled cancel(std::string_view provider_id);
    // nullopt: not to be had right now.
    [[nodiscard]] std::optional<std::string> label(std::int64_t parcel, LabelFormat format);
    [[nodiscard]] std::optional<std::vector<Sender>> senders();
    // What goes from there to there in parcels of these weights; nullopt: no answer.
    [[nodiscard]] std::optional<std::vector<Offer>> offers(const Shipment& shipment);

private:
    http_client::Client& client_;
    Config::Sendcloud config_;
};

}  // namespace stoa::shipping::sendcloud
