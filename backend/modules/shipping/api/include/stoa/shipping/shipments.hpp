#pragma once
// Shipments and their parcels: announced at the carrier platform, labelled, followed to the door. Shipping knows the order as an id and
// a number. Whatever calls the platform is three steps, as in payments: a transaction that says what is about to happen, the call with no
// transaction open, a transaction that records what came of it. A process that dies between them leaves a job that goes on.
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/config/config.hpp"
#include "stoa/db/db.hpp"
#include "stoa/http/router.hpp"
#include "stoa/http_client/client.hpp"
#include "stoa/ids/id.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/money/money.hpp"
#include "stoa/result/result.hpp"
#include "stoa/storage/storage.hpp"

namespace stoa::shipping {

using ShipmentId = Id<"shp">;
using ParcelId = Id<"pcl">;

// planned: packed on paper. announcing: the platform is being asked, or was and its answer got lost. failed: refused, see problems.
// labelled: waits for the carrier. exception: somebody has to look. cancelling: asked for, not certain yet.
enum class ShipmentState {
    planned,
    announcing,
    failed,
    labelled,
    in_transit,
    out_for_delivery,
    ready_for_pickup,
    exception,
    delivered,
    returned,
    cancelling,
    cancelled
};
inline json::EnumNames<ShipmentState> enum_names(ShipmentState) {
    using enum ShipmentState;
    static constexpr std::pair<ShipmentState, std::string_view> names[] = {{planned, "planned"},
                                                                           {announcing, "announcing"},
                                                                           {failed, "failed"},
                                                                           {labelled, "labelled"},
                                                                           {in_transit, "in_transit"},
                                                                           {out_for_delivery, "out_for_delivery"},
                                                                           {ready_for_pickup, "ready_for_pickup"},
                                                                           {exception, "exception"},
                                                                           {delivered, "delivered"},
                                                                           {returned, "returned"},
                                                                           {cancelling, "cancelling"},
                                                                           {cancelled, "cancelled"}};
    return names;
}
// 409 shipping.transition_not_allowed with a sentence that names both states.
[[nodiscard]] Result<void> transition(ShipmentState from, ShipmentState to);
[[nodiscard]] bool is_allowed(ShipmentState from, ShipmentState to);
// How far a parcel is when the platform says so (its numeric status); nullopt: it says nothing about that.
[[nodiscard]] std::optional<ShipmentState> state_of_status(int status_id);

// Where a shipment goes, in the words of a label.
struct ShipTo {
    std::string name;
    std::optional<std::string> company;
    std::string line1;
    std::optional<std::string> line2;
    std::string postal_code, city;
    std::optional<std::string> state;
    std::string country;
    std::optional<std::string> email, phone;
};
inline void describe(json::Struct<ShipTo>& d) {
    d.name("ShipTo");
    d.field<&ShipTo::name>("name").not_blank().max_length(160);
    d.field<&ShipTo::company>("company").trim().max_length(120);
    d.field<&ShipTo::line1>("line1", "Street and number.").not_blank().max_length(120);
    d.field<&ShipTo::line2>("line2").trim().max_length(120);
    d.field<&ShipTo::postal_code>("postal_code").trim().max_length(12);
    d.field<&ShipTo::city>("city").not_blank().max_length(80);
    d.field<&ShipTo::state>("state").trim().max_length(80);
    d.field<&ShipTo::country>("country").pattern("[A-Z]{2}");
    d.field<&ShipTo::email>("email").max_length(320);
    d.field<&ShipTo::phone>("phone").max_length(40);
}

// Why the platform or its carrier refused, for the clerk.
struct ShipmentProblem {
    std::string field;  // "/to_address/postal_code", or empty
    std::string code;
    std::string message;
};
inline void describe(json::Struct<ShipmentProblem>& d) {
    d.name("ShipmentProblem");
    d.field<&ShipmentProblem::field>("field", "Where in the request, as the carrier platform says it; may be empty.");
    d.field<&ShipmentProblem::code>("code");
    d.field<&ShipmentProblem::message>("message");
}

struct ShipmentLine {
    int parcel = 1;
    Uuid order_line, variant;
    std::string sku, name;
    std::int64_t quantity = 1;
    std::int64_t weight_grams = 0;  // of one
    std::int64_t unit_value = 0;    // for customs
};
struct Parcel {
    ParcelId id;
    int position = 1;
    std::int64_t weight_grams = 0;
    std::optional<std::int64_t> provider_id;
    std::string tracking_number, tracking_url;
    ShipmentState state = ShipmentState::planned;
    std::string status_text;
    std::optional<Timestamp> status_at;
};
struct Shipment {
    ShipmentId id;
    Uuid order;
    std::string order_number;
    int number = 1;
    Uuid warehouse;
    std::string from_country;
    ShipmentState state = ShipmentState::planned;
    int attempt = 0;
    std::string reference;
    std::string option_code;  // of the platform; empty: the cheapest that fits
    std::string service_point_id;
    ShipTo to;
    Money value;
    std::vector<ShipmentProblem> problems;
    std::string provider_id;
    std::string carrier;
    std::optional<Timestamp> announced_at, left_at, delivered_at, booked_in_at;
    Timestamp created_at;
    std::vector<Parcel> parcels;
    std::vector<ShipmentLine> lines;
};

// Whether these goods were booked in again: no part of what was sent any more.
[[nodiscard]] bool came_back(const Shipment& shipment, const ShipmentLine& line);

struct NewShipment {
    Uuid order;
    std::string order_number;
    Uuid warehouse;
    std::string from_country;
    std::string option_code;
    std::string service_point_id;
    ShipTo to;
    Money value;
    std::vector<ShipmentLine> lines;  // parcels numbered from 1, without gaps
};

struct TrackingEvent {
    ShipmentId shipment;
    int parcel = 1;
    Timestamp at;
    int status_id = 0;
    std::string message;
};

enum class LabelFormat { pdf, zpl };
inline json::EnumNames<LabelFormat> enum_names(LabelFormat) {
    static constexpr std::pair<LabelFormat, std::string_view> names[] = {{LabelFormat::pdf, "pdf"}, {LabelFormat::zpl, "zpl"}};
    return names;
}

// Whoever owns orders. Both run in the transaction of the change, `lock` before the shipment's row is locked: the order's lock comes first.
struct ShipmentListener {
    std::function<void(db::Tx&, const Uuid& order)> lock;
    std::function<void(db::Tx&, const Shipment& after, const Shipment& before)> changed;
};

// Writes down who asked for it: called in the transaction of the effect, or in that which begins what the platform is then asked for: a job
// may end it after a crash, and nobody else would know by then. Not called where nothing begins; perhaps from several threads at once.
using Witness = std::function<void(db::Tx&, const Shipment& begun)>;

class Shipments {
public:
    virtual ~Shipments() = default;
    // Once, before anything runs.
    virtual void listen(ShipmentListener listener) = 0;

    // The order must be locked.
    virtual Shipment create(db::Tx& tx, const NewShipment& shipment) = 0;
    [[nodiscard]] virtual std::optional<Shipment> find(db::Session& session, ShipmentId id) = 0;
    [[nodiscard]] virtual std::vector<Shipment> find(db::Session& session, std::span<const ShipmentId> ids) = 0;
    [[nodiscard]] virtual std::vector<Shipment> of_order(db::Session& session, const Uuid& order) = 0;
    [[nodiscard]] virtual std::vector<Shipment> of_orders(db::Session& session, const std::vector<Uuid>& orders) = 0;
    [[nodiscard]] virtual std::vector<TrackingEvent> events_of_order(db::Session& session, const Uuid& order) = 0;
    // With a parcel that somebody has to look at: stuck, or brought back and not booked in. The newest.
    [[nodiscard]] virtual std::vector<Uuid> orders_in_trouble(db::Session& session, int limit) = 0;
    [[nodiscard]] virtual std::vector<Uuid> orders_by_tracking(db::Session& session, std::string_view tracking_number) = 0;

    // ---- these call the platform: outbound pool or worker, no transaction open ----
    // Safe to repeat and to race: one reference, one shipment. A refusal is a shipment in state failed with its problems; when the
    // platform does not answer, shipping.unavailable, and a job goes on.
    [[nodiscard]] virtual Result<Shipment> announce(ShipmentId id, const Witness& witness = {}) = 0;
    // One result each, in the order given, at most `threads` at a time.
    [[nodiscard]] virtual std::vector<Result<Shipment>> announce(std::span<const ShipmentId> ids, int threads,
                                                                 const Witness& witness = {}) = 0;
    // At once where the platform does not know it yet; else cancelled or cancelling. shipping.cannot_cancel.
    [[nodiscard]] virtual Result<Shipment> cancel(ShipmentId id, const Witness& witness = {}) = 0;
    // From our own storage, fetched once.
    [[nodiscard]] virtual Result<std::string> label(ShipmentId id, int parcel, LabelFormat format) = 0;
    // Of all parcels of these, one after the other, as they were read just now: no statement, however many there are.
    [[nodiscard]] virtual Result<std::vector<std::string>> labels(std::span<const Shipment> shipments, LabelFormat format) = 0;
    virtual void process_inbox(std::int64_t inbox_id) = 0;
    // Asks about what was not heard of for six hours; returns how many shipments.
    virtual int poll(int limit) = 0;

    // ---- these do not ----
    // The carrier has it, although nobody scanned it.
    [[nodiscard]] virtual Result<Shipment> hand_over(db::Tx& tx, ShipmentId id, const Witness& witness = {}) = 0;
    // What came back is in the house again, or is given up: all parcels that were not delivered. 409 shipping.not_back, shipping.booked_in.
    [[nodiscard]] virtual Result<Shipment> book_in(db::Tx& tx, ShipmentId id, const Witness& witness = {}) = 0;
    // Another address, option or service point for one that was refused or not announced yet.
    struct Correction {
        std::optional<ShipTo> to;
        std::optional<std::string> option_code, service_point_id;
    };
    [[nodiscard]] virtual Result<Shipment> correct(db::Tx& tx, ShipmentId id, const Correction& correction) = 0;
    // Other goods in one that has no label: its parcels are made anew. 409 shipping.already_announced.
    [[nodiscard]] virtual Result<Shipment> repack(db::Tx& tx, ShipmentId id, const std::vector<ShipmentLine>& lines,
                                                  const Money& value) = 0;
    // cancel() for one that the platform knows nothing of, in the caller's transaction. 409 shipping.already_announced.
    [[nodiscard]] virtual Result<Shipment> cancel_unannounced(db::Tx& tx, ShipmentId id) = 0;
    virtual void put_customs(db::Tx& tx, const Uuid& variant, std::string_view hs_code, std::string_view origin_country) = 0;

    // Jobs: shipping.announce, shipping.cancel, shipping.inbox, shipping.poll, and when they run.
    [[nodiscard]] virtual std::vector<jobs::Handler> job_handlers() = 0;
    [[nodiscard]] virtual std::vector<jobs::Schedule> schedules() const = 0;
};

class ReturnLabels;
struct ShipmentDependencies {
    db::Database& database;
    const Clock& clock;
    http_client::Client& client;
    storage::ObjectStore& documents;
    Config::Sendcloud sendcloud;
    ReturnLabels* return_labels = nullptr;  // hears what the platform says about parcels that come back
};
[[nodiscard]] std::unique_ptr<Shipments> make_shipments(ShipmentDependencies dependencies);
// POST /hooks/sendcloud: signed by the platform; the fact goes into the inbox, a job acts upon it.
void add_shipment_hooks(http::Routes& routes, db::Database& database, const Clock& clock, std::string secret_key);

// Called at the numbered steps of announce() and cancel(); tests kill the process there. Null by default.
using StepHook = std::function<void(std::string_view step)>;
void set_step_hook(StepHook hook);

}  // namespace stoa::shipping
