#pragma once
// Sendcloud API v3 (docs/reference/sendcloud.md): labels of goods that come back.
#include "sendcloud/parcels.hpp"
#include "stoa/shipping/return_labels.hpp"

namespace stoa::shipping::sendcloud {

struct ReturnOption {
    std::string code;
    std::string carrier;
    std::int64_t contract = 0;
    std::int64_t price = 0;  // minor units, only to compare
};

struct ReturnRequest {
    const ReturnLabel& label;
    ShipTo to;
    ReturnOption option;
    std::vector<Customs> customs;  // one for each item where a form is needed, else empty
    Timestamp at;                  // invoice date of the form
};

// made: it exists. taken: the reference was used before. refused: nothing exists, `problems` say why. busy: not looked at, nothing exists.
// unknown: no usable answer; it may exist.
enum class ReturnOutcome { made, taken, refused, busy, unknown };
struct ReturnAnswer {
    ReturnOutcome outcome = ReturnOutcome::unknown;
    std::int64_t return_id = 0, parcel_id = 0;
    std::vector<ShipmentProblem> problems;
};
struct FoundReturn {
    Found found = Found::unknown;
    std::int64_t return_id = 0, parcel_id = 0;
    std::string tracking_number, tracking_url;
};

struct ReturnStep {
    std::string status_code, message;
    Timestamp at;
};

class ReturnParcels {
public:
    ReturnParcels(http_client::Client& client, Config::Sendcloud config) : client_(client), config_(std::move(config)) {}

    [[nodiscard]] ReturnAnswer announce(const ReturnRequest& request);
    // Made since `since`, at most a day before.
    [[nodiscard]] FoundReturn by_reference(std::string_view reference, Timestamp since, Timestamp now);
    [[nodiscard]] FoundReturn by_id(std::int64_t return_id);
    [[nodiscard]] Cancelled cancel(std::int64_t return_id);
    // What happened to a parcel, the earliest first; nullopt: no answer. Empty: the platform does not follow this number (yet).
    [[nodiscard]] std::optional<std::vector<ReturnStep>> track(std::string_view tracking_number);
    // The cheapest that takes it from there to there; nullopt: no answer. An empty code: nobody does.
    [[nodiscard]] std::optional<ReturnOption> cheapest(const ShipTo& from, const ShipTo& to, std::int64_t weight_grams);

private:
    http_client::Client& client_;
    Config::Sendcloud config_;
};

}  // namespace stoa::shipping::sendcloud
