#pragma once
// The label with which goods come back: announced at the carrier platform by a job, kept in our storage, followed to our door. Shipping
// knows the return as an id and a number. There is one label for a return, whoever asks for it and how often.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/catalog/ids.hpp"
#include "stoa/shipping/shipments.hpp"

namespace stoa::shipping {

using ReturnLabelId = Id<"rlb">;

struct ReturnItem {
    catalog::VariantId variant;
    std::string sku, name;
    std::int64_t quantity = 1;
    std::int64_t weight_grams = 0;  // of one
    std::int64_t unit_value = 0;    // for customs
};

struct ReturnLabel {
    ReturnLabelId id;
    Uuid return_id;
    std::string return_number;
    Uuid order;
    std::string order_number;
    // announcing: asked for. failed: refused, see problems. labelled and further: as with shipments.
    ShipmentState state = ShipmentState::announcing;
    int attempt = 1;
    std::string reference;
    std::optional<Timestamp> called_at;
    ShipTo from;
    std::optional<Uuid> warehouse;  // where the goods were sent from
    std::int64_t weight_grams = 0;
    Money value;
    std::vector<ReturnItem> items;
    std::vector<ShipmentProblem> problems;
    std::string option_code;
    std::optional<std::int64_t> provider_id, parcel_id;
    std::string carrier, tracking_number, tracking_url;
    std::string file_key;  // in the store of documents; empty: not fetched yet
    std::string status_text;
    std::optional<Timestamp> status_at;
    std::optional<Timestamp> announced_at, left_at, delivered_at;
    Timestamp created_at, updated_at;
};

struct NewReturnLabel {
    Uuid return_id;
    std::string return_number;
    Uuid order;
    std::string order_number;
    ShipTo from;
    Money value;
    std::vector<ReturnItem> items;
};

struct ReturnNews {
    std::int64_t parcel_id = 0;
    int status_id = 0;
    std::string message;
    Timestamp at;
    std::string tracking_number, tracking_url;
};
enum class Heard { unknown_parcel, nothing_new, applied };

struct ReturnEvent {
    Uuid return_id;
    Timestamp at;
    int status_id = 0;
    std::string message;
};

class ReturnLabels {
public:
    virtual ~ReturnLabels() = default;
    // Asks for the label, or once more after a refusal (then from the address given now). A label that exists or is on its way stays.
    virtual ReturnLabel request(db::Tx& tx, const NewReturnLabel& label) = 0;
    // Nobody is to send anything any more. What the carrier has goes its way.
    virtual void cancel(db::Tx& tx, const Uuid& return_id) = 0;
    [[nodiscard]] virtual std::vector<ReturnLabel> of_returns(db::Session& session, const std::vector<Uuid>& returns) = 0;
    [[nodiscard]] virtual std::vector<ReturnEvent> events(db::Session& session, const std::vector<Uuid>& returns) = 0;
    [[nodiscard]] virtual std::vector<Uuid> by_tracking(db::Session& session, std::string_view tracking_number) = 0;
    // What the platform says about a parcel.
    [[nodiscard]] virtual Heard tell(db::Tx& tx, const ReturnNews& news) = 0;

    // Calls the platform, with no transaction open; throws where it has to be tried again. What the job does.
    virtual void go_on(ReturnLabelId id) = 0;
    // shipping.return_label
    [[nodiscard]] virtual std::vector<jobs::Handler> job_handlers() = 0;
};

// Events, stream "return_label:<uuid>": return_label.<state>, and return_label.ready once its file is stored.
[[nodiscard]] std::unique_ptr<ReturnLabels> make_return_labels(ShipmentDependencies dependencies);

}  // namespace stoa::shipping
