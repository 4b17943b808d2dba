#include "stoa/shipping/shipments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "domain/progress.hpp"
#include "sendcloud/parcels.hpp"
#include "sendcloud/wire.hpp"
#include "sql/shipments.hpp"
#include "steps.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/events/events.hpp"
#include "stoa/log/log.hpp"
#include "stoa/shipping/by_hand.hpp"
#include "stoa/shipping/rate_book.hpp"
#include "stoa/shipping/return_labels.hpp"

namespace stoa::shipping {
namespace {

using enum ShipmentState;
using sendcloud::Announced;
using sendcloud::Cancelled;
using sendcloud::Found;
using sendcloud::Told;

constexpr std::chrono::hours kSilence{6};
// A notification may overtake the record of the call that made its parcel.
constexpr std::chrono::minutes kUnknownParcelWaits{15};
constexpr std::chrono::hours kKeepInbox{24 * 90};

StepHook& hook() {
    static StepHook value;
    return value;
}
Error unknown_shipment() { return {ErrorKind::not_found, "shipping.shipment_unknown", "There is no such shipment.", {}, {}, {}, 0}; }

Failure unavailable(std::string message) {
    Error error{ErrorKind::unavailable, "shipping.unavailable", std::move(message), {}, {}, {}, 30};
    return Failure(std::move(error));
}

template <class T>
T stored(const std::string& text) {
    auto value = json::parse_as<T>(text);
    if (!value) throw std::logic_error("shipping: a stored document no longer reads: " + value.error().message);
    return std::move(*value);
}

Failure no_label() { return fail(ErrorKind::conflict, "shipping.no_label", "There is no label yet: the shipment is not announced."); }

std::string label_key(ParcelId parcel, LabelFormat format) {
    return "labels/" + parcel.uuid().to_string() + "." + std::string(json::to_name(format));
}

std::vector<Shipment> assemble(const db::Rows& heads, const db::Rows& parcels, const db::Rows& lines) {
    std::vector<Shipment> out;
    std::map<Uuid, std::size_t> at;
    for (const auto row : heads) {
        Shipment shipment;
        shipment.id = row.get<ShipmentId>("id");
        shipment.order = row.get<Uuid>("order_id");
        shipment.order_number = row.get<std::string>("order_number");
        shipment.number = row.get<int>("number");
        shipment.warehouse = row.get<Uuid>("warehouse_id");
        shipment.from_country = row.get<std::string>("from_country");
        shipment.state = json::from_name<ShipmentState>(row.get<std::string>("state")).value();
        shipment.attempt = row.get<int>("attempt");
        shipment.reference = row.get<std::optional<std::string>>("reference").value_or("");
        shipment.option_code = row.get<std::string>("option_code");
        shipment.service_point_id = row.get<std::string>("service_point_id");
        shipment.to = stored<ShipTo>(row.get<std::string>("to_address"));
        shipment.value = row.money("value");
        shipment.problems = stored<std::vector<ShipmentProblem>>(row.get<std::string>("problems"));
        shipment.provider_id = row.get<std::optional<std::string>>("provider_id").value_or("");
        shipment.carrier = row.get<std::string>("carrier");
        shipment.announced_at = row.get<std::optional<Timestamp>>("announced_at");
        shipment.left_at = row.get<std::optional<Timestamp>>("left_at");
        shipment.delivered_at = row.get<std::optional<Timestamp>>("delivered_at");
        shipment.booked_in_at = row.get<std::optional<Timestamp>>("booked_in_at");
        shipment.created_at = row.get<Timestamp>("created_at");
        at.emplace(shipment.id.uuid(), out.size());
        out.push_back(std::move(shipment));
    }
    for (const auto row : parcels) {
        Parcel parcel;
        parcel.id = row.get<ParcelId>("id");
        parcel.position = row.get<int>("position");
        parcel.weight_grams = row.get<std::int64_t>("weight_grams");
        parcel.provider_id = row.get<std::optional<std::int64_t>>("provider_id");
        parcel.tracking_number = row.get<std::string>("tracking_number");
        parcel.tracking_url = row.get<std::string>("tracking_url");
        parcel.state = json::from_name<ShipmentState>(row.get<std::string>("state")).value();
        parcel.status_text = row.get<std::string>("status_text");
        parcel.status_at = row.get<std::optional<Timestamp>>("status_at");
        out[at.at(row.get<Uuid>("shipment_id"))].parcels.push_back(std::move(parcel));
    }
    for (const auto row : lines) {
        ShipmentLine line;
        line.parcel = row.get<int>("parcel");
        line.order_line = row.get<Uuid>("order_line_id");
        line.variant = row.get<Uuid>("variant_id");
        line.sku = row.get<std::string>("sku");
        line.name = row.get<std::string>("name");
        line.quantity = row.get<std::int64_t>("quantity");
        line.weight_grams = row.get<std::int64_t>("weight_grams");
        line.unit_value = row.get<std::int64_t>("unit_value");
        out[at.at(row.get<Uuid>("shipment_id"))].lines.push_back(std::move(line));
    }
    return out;
}

class PgShipments final : public Shipments, public ByHand {
public:
    explicit PgShipments(ShipmentDependencies dependencies) : deps_(std::move(dependencies)), platform_(deps_.client, deps_.sendcloud) {}

    void listen(ShipmentListener listener) override { listener_ = std::move(listener); }

    Shipment create(db::Tx& tx, const NewShipment& wanted) override {
        const auto now = deps_.clock.now();
        const auto id = ShipmentId::make();
        tx.exec(sql::insert_shipment, id, wanted.order, wanted.order_number, wanted.warehouse, wanted.from_country, wanted.option_code,
                wanted.service_point_id, json::render(wanted.to), wanted.value.currency(), wanted.value.minor(), now);
        write_lines(tx, id, wanted.lines);
        auto made = *find(tx, id);
        emit(tx, made, "shipment.planned");
        return made;
    }

    std::optional<Shipment> find(db::Session& session, ShipmentId id) override {
        auto found = find(session, std::span(&id, 1));
        if (found.empty()) return std::nullopt;
        return std::move(found.front());
    }

    std::vector<Shipment> find(db::Session& session, std::span<const ShipmentId> ids) override {
        const std::vector<ShipmentId> list(ids.begin(), ids.end());
        const db::Call calls[] = {db::call(sql::find_shipments, list), db::call(sql::find_parcels, list), db::call(sql::find_lines, list)};
        const auto answers = session.pipeline(calls);
        return assemble(answers[0], answers[1], answers[2]);
    }

    std::vector<Shipment> of_order(db::Session& session, const Uuid& order) override { return of_orders(session, {order}); }

    std::vector<Shipment> of_orders(db::Session& session, const std::vector<Uuid>& orders) override {
        const db::Call calls[] = {db::call(sql::shipments_of_orders, orders), db::call(sql::parcels_of_orders, orders),
                                  db::call(sql::lines_of_orders, orders)};
        const auto answers = session.pipeline(calls);
        return assemble(answers[0], answers[1], answers[2]);
    }

    std::vector<TrackingEvent> events_of_order(db::Session& session, const Uuid& order) override {
        std::vector<TrackingEvent> out;
        for (const auto row : session.query(sql::events_of_order, order))
            out.push_back({row.get<ShipmentId>("shipment_id"), row.get<int>("position"), row.get<Timestamp>("at"),
                           row.get<int>("status_id"), row.get<std::string>("message")});
        return out;
    }

    std::vector<Uuid> orders_in_trouble(db::Session& session, int limit) override {
        std::vector<Uuid> out;
        for (const auto row : session.query(sql::orders_in_trouble, limit)) out.push_back(row.get<Uuid>("order_id"));
        return out;
    }

    std::vector<Uuid> orders_by_tracking(db::Session& session, std::string_view tracking_number) override {
        std::vector<Uuid> out;
        for (const auto row : session.query(sql::orders_by_tracking, tracking_number)) out.push_back(row.get<Uuid>("order_id"));
        return out;
    }

    // ---- announce ----

    Result<Shipment> announce(ShipmentId id, const Witness& witness) override {
        auto begun = deps_.database.in_tx([&](db::Tx& tx) -> Result<Shipment> {
            auto shipment = lock(tx, id);
            if (!shipment) return fail(unknown_shipment());
            // What is announced already, or being announced, goes on where it is.
            if (shipment->state == announcing || is_announced(shipment->state)) return std::move(*shipment);
            if (auto allowed = transition(shipment->state, announcing); !allowed) return std::unexpected(allowed.error());
            const int attempt = shipment->attempt + 1;
            std::string reference = fmt::format("{}-s{}", shipment->order_number, shipment->number);
            if (attempt > 1) reference += fmt::format("-{}", attempt);
            tx.exec(sql::begin_attempt, id, reference, deps_.clock.now());
            tx.exec(sql::forget_parcels, id);
            jobs::NewJob job;
            job.kind = "shipping.announce";
            job.payload = fmt::format(R"({{"shipment_id":"{}","attempt":{}}})", id.to_string(), attempt);
            job.unique_key = reference;
            // By then the call that follows here has had its time.
            job.run_at = deps_.clock.now() + std::chrono::seconds(deps_.sendcloud.timeout_seconds * 8 + 30);
            jobs::enqueue(tx, job);
            auto after = *find(tx, id);
            changed(tx, after, *shipment);
            if (witness) witness(tx, after);
            return after;
        });
        if (!begun) return begun;
        step("announce-begun");
        if (begun->state != announcing) return begun;
        return go_on(*begun);
    }

    std::vector<Result<Shipment>> announce(std::span<const ShipmentId> ids, int threads, const Witness& witness) override {
        std::vector<std::optional<Result<Shipment>>> results(ids.size());
        std::atomic<std::size_t> next{0};
        const auto work = [&] {
            for (std::size_t i = next++; i < ids.size(); i = next++) {
                try {
                    results[i] = announce(ids[i], witness);
                } catch (const http::ProblemException& refused) {
                    results[i] = std::unexpected(refused.error);
                } catch (const std::exception& trouble) {
                    // The others go on; the job of this one does, too.
                    log::error("shipping: announcing failed", {{"shipment", ids[i].to_string()}, {"reason", std::string(trouble.what())}});
                    results[i] = unavailable("The shipment could not be announced right now.");
                }
            }
        };
        {
            std::vector<std::jthread> pool;
            for (int i = 1; i < threads && i < static_cast<int>(ids.size()); ++i) pool.emplace_back(work);
            work();
        }
        std::vector<Result<Shipment>> out;
        for (auto& result : results) out.push_back(std::move(*result));
        return out;
    }

    Result<Shipment> cancel(ShipmentId id, const Witness& witness) override {
        auto begun = deps_.database.in_tx([&](db::Tx& tx) -> Result<Shipment> {
            auto shipment = lock(tx, id);
            if (!shipment) return fail(unknown_shipment());
            if (shipment->state == cancelled || shipment->state == cancelling) return std::move(*shipment);
            // Its goods are out of the stock, wherever it is stuck.
            if (shipment->left_at) return fail(ErrorKind::conflict, "shipping.cannot_cancel", "This shipment has left the warehouse.");
            const auto to = shipment->provider_id.empty() || shipment->state == failed ? cancelled : cancelling;
            if (!is_allowed(shipment->state, to))
                return fail(ErrorKind::conflict, "shipping.cannot_cancel",
                            "A shipment that is " + std::string(json::to_name(shipment->state)) + " can no longer be cancelled.");
            if (to == cancelling) {
                jobs::NewJob job;
                job.kind = "shipping.cancel";
                job.payload = fmt::format(R"({{"shipment_id":"{}"}})", id.to_string());
                job.run_at = deps_.clock.now() + std::chrono::seconds(deps_.sendcloud.timeout_seconds * 3 + 30);
                jobs::enqueue(tx, job);
            }
            auto after = set_state(tx, *shipment, to);
            if (witness) witness(tx, after);
            return after;
        });
        if (!begun) return begun;
        step("cancel-begun");
        if (begun->state != cancelling) return begun;
        return go_on_cancelling(*begun);
    }

    Result<std::string> label(ShipmentId id, int position, LabelFormat format) override {
        const auto shipment = deps_.database.read([&](db::Session& session) { return find(session, id); });
        if (!shipment) return fail(unknown_shipment());
        if (position < 1 || position > static_cast<int>(shipment->parcels.size()))
            return fail(ErrorKind::not_found, "shipping.parcel_unknown", "The shipment has no such parcel.");
        const auto& parcel = shipment->parcels[static_cast<std::size_t>(position) - 1];
        if (!is_announced(shipment->state) || !parcel.provider_id) return no_label();
        return fetch_label(parcel, format);
    }

    Result<std::vector<std::string>> labels(std::span<const Shipment> shipments, LabelFormat format) override {
        std::vector<std::string> out;
        for (const auto& shipment : shipments) {
            for (const auto& parcel : shipment.parcels) {
                if (!is_announced(shipment.state) || !parcel.provider_id) return no_label();
                auto file = fetch_label(parcel, format);
                if (!file) return std::unexpected(file.error());
                out.push_back(std::move(*file));
            }
        }
        return out;
    }

    Result<Shipment> hand_over(db::Tx& tx, ShipmentId id, const Witness& witness) override {
        auto shipment = lock(tx, id);
        if (!shipment) return fail(unknown_shipment());
        if (has_left(shipment->state)) return std::move(*shipment);
        if (auto allowed = transition(shipment->state, in_transit); !allowed) return std::unexpected(allowed.error());
        tx.exec(sql::set_parcel_states, id, json::to_name(in_transit));
        auto after = set_state(tx, *shipment, in_transit);
        if (witness) witness(tx, after);
        return after;
    }

    Result<Shipment> send_by_hand(db::Tx& tx, ShipmentId id, const Handed& how, const Witness& witness) override {
        auto shipment = lock(tx, id);
        if (!shipment) return fail(unknown_shipment());
        if (shipment->state != planned && shipment->state != failed) return already_announced();
        if (how.tracking_numbers.size() > shipment->parcels.size())
            return fail_field("/tracking_numbers", "too_many",
                              "There are " + std::to_string(shipment->parcels.size()) + " parcels, and one number for each.");
        std::vector<int> positions;
        for (std::size_t i = 0; i < how.tracking_numbers.size(); ++i) positions.push_back(shipment->parcels[i].position);
        tx.exec(sql::track_by_hand, id, positions, how.tracking_numbers, how.tracking_url);
        tx.exec(sql::carried_by_hand, id, how.carrier);
        tx.exec(sql::set_parcel_states, id, json::to_name(in_transit));
        auto after = set_state(tx, *shipment, in_transit);
        if (witness) witness(tx, after);
        return after;
    }

    Result<Shipment> end_by_hand(db::Tx& tx, ShipmentId id, ShipmentState end, const Witness& witness) override {
        auto shipment = lock(tx, id);
        if (!shipment) return fail(unknown_shipment());
        if (!shipment->provider_id.empty())
            return fail(ErrorKind::conflict, "shipping.followed", "The carrier's own news say where this shipment is.");
        if (shipment->state == end) return std::move(*shipment);
        if (auto allowed = transition(shipment->state, end); !allowed) return std::unexpected(allowed.error());
        tx.exec(sql::set_parcel_states, id, json::to_name(end));
        auto after = set_state(tx, *shipment, end);
        if (witness) witness(tx, after);
        return after;
    }

    Result<Shipment> book_in(db::Tx& tx, ShipmentId id, const Witness& witness) override {
        auto shipment = lock(tx, id);
        if (!shipment) return fail(unknown_shipment());
        if (shipment->booked_in_at) return fail(ErrorKind::conflict, "shipping.booked_in", "These goods were booked in before.");
        if (!shipment->left_at || (shipment->state != returned && shipment->state != exception))
            return fail(ErrorKind::conflict, "shipping.not_back",
                        "A shipment that is " + std::string(json::to_name(shipment->state)) + " has not come back.");
        for (const auto& parcel : shipment->parcels) {
            if (parcel.state != returned && parcel.state != exception && parcel.state != delivered && parcel.state != cancelled)
                return fail(ErrorKind::conflict, "shipping.not_back",
                            "Parcel " + std::to_string(parcel.position) + " is still on its way: wait until it is certain where it is.");
        }
        tx.exec(sql::return_parcels, id);
        tx.exec(sql::book_in, id, deps_.clock.now());
        auto after = shipment->state == returned ? *find(tx, id) : set_state(tx, *find(tx, id), returned);
        if (witness) witness(tx, after);
        return after;
    }

    Result<Shipment> correct(db::Tx& tx, ShipmentId id, const Correction& correction) override {
        auto shipment = lock(tx, id);
        if (!shipment) return fail(unknown_shipment());
        if (shipment->state != planned && shipment->state != failed)
            return fail(ErrorKind::conflict, "shipping.already_announced",
                        "The label is made. Cancel the shipment before its address is changed.");
        tx.exec(sql::correct_shipment, id, json::render(correction.to.value_or(shipment->to)),
                correction.option_code.value_or(shipment->option_code), correction.service_point_id.value_or(shipment->service_point_id),
                deps_.clock.now());
        return *find(tx, id);
    }

    Result<Shipment> repack(db::Tx& tx, ShipmentId id, const std::vector<ShipmentLine>& lines, const Money& value) override {
        auto shipment = lock(tx, id);
        if (!shipment) return fail(unknown_shipment());
        if (shipment->state != planned && shipment->state != failed) return already_announced();
        if (lines.empty()) throw std::logic_error("shipping: a shipment without goods is to be cancelled");
        tx.exec(sql::drop_lines, id);
        tx.exec(sql::drop_parcels, id);
        write_lines(tx, id, lines);
        tx.exec(sql::set_value, id, value.minor(), deps_.clock.now());
        auto after = *find(tx, id);
        emit(tx, after, "shipment.planned");
        return after;
    }

    Result<Shipment> cancel_unannounced(db::Tx& tx, ShipmentId id) override {
        auto shipment = lock(tx, id);
        if (!shipment) return fail(unknown_shipment());
        if (shipment->state == cancelled) return std::move(*shipment);
        if (shipment->state != planned && shipment->state != failed) return already_announced();
        return set_state(tx, *shipment, cancelled);
    }

    void put_customs(db::Tx& tx, const Uuid& variant, std::string_view hs_code, std::string_view origin_country) override {
        set_customs(tx, variant, CustomsFacts{std::string(hs_code), std::string(origin_country)}, deps_.clock.now());
    }

    // ---- news ----

    void process_inbox(std::int64_t inbox_id) override {
        deps_.database.in_tx([&](db::Tx& tx) {
            const auto rows = tx.query(sql::find_inbox, inbox_id);
            if (rows.empty() || rows.front().get<std::optional<Timestamp>>("processed_at")) return;
            const auto done = [&](std::string_view outcome) { tx.exec(sql::inbox_processed, inbox_id, deps_.clock.now(), outcome); };
            const auto body = json::parse(rows.front().get<std::string>("body"), {1 << 20, 32});
            if (!body || body->text_or("action") != "parcel_status_changed") return done("ignored");
            const auto* parcel = body->find("parcel");
            const auto* status = parcel ? parcel->find("status") : nullptr;
            const auto millis = body->int_or("timestamp");
            if (!status || millis <= 0 || millis > 4102444800000) return done("unreadable");
            const auto known = tx.query(sql::parcel_by_provider, parcel->int_or("id"));
            if (known.empty()) {
                // Goods that come back are told about like those that leave.
                const auto heard = deps_.return_labels ? deps_.return_labels->tell(
                                                             tx, {parcel->int_or("id"), static_cast<int>(status->int_or("id")),
                                                                  status->text_or("message"), Timestamp(std::chrono::milliseconds(millis)),
                                                                  parcel->text_or("tracking_number"), parcel->text_or("tracking_url")})
                                                       : Heard::unknown_parcel;
                if (heard != Heard::unknown_parcel) return done(heard == Heard::applied ? "applied" : "nothing new");
                // Made elsewhere with the same account, or by a call of ours that is not recorded yet.
                if (deps_.clock.now() - rows.front().get<Timestamp>("received_at") < kUnknownParcelWaits)
                    throw jobs::Postpone{std::chrono::seconds{60}};
                return done("unknown parcel");
            }
            const News news{known.front().get<int>("position"), static_cast<int>(status->int_or("id")), status->text_or("message"),
                            Timestamp(std::chrono::milliseconds(millis))};
            const auto id = known.front().get<ShipmentId>("shipment_id");
            done(tell(tx, id, std::span(&news, 1)) ? "applied" : "nothing new");
        });
    }

    int poll(int limit) override {
        struct Asked {
            ShipmentId id;
            std::string provider_id;
        };
        std::vector<Asked> silent;
        deps_.database.read([&](db::Session& session) {
            silent.clear();
            for (const auto row : session.query(sql::silent_shipments, deps_.clock.now() - kSilence, std::min(limit, 100)))
                silent.push_back({row.get<ShipmentId>("id"), row.get<std::string>("provider_id")});
        });
        if (silent.empty()) return 0;
        std::vector<std::string> provider_ids;
        for (const auto& each : silent) provider_ids.push_back(each.provider_id);
        const auto answer = platform_.by_ids(provider_ids);
        if (answer.found == Found::unknown) throw std::runtime_error("shipping: the platform does not say where parcels are");
        for (const auto& asked : silent) {
            const auto told = std::ranges::find(answer.shipments, asked.provider_id, &Told::id);
            deps_.database.in_tx([&](db::Tx& tx) {
                if (told != answer.shipments.end()) (void)tell(tx, asked.id, news_of(*told));
                tx.exec(sql::heard, std::vector<ShipmentId>{asked.id}, deps_.clock.now());
            });
        }
        deps_.database.in_tx([&](db::Tx& tx) { tx.exec(sql::purge_inbox, deps_.clock.now() - kKeepInbox); });
        return static_cast<int>(silent.size());
    }

    std::vector<jobs::Handler> job_handlers() override {
        const auto shipment_of = [](const jobs::Job& job) {
            const auto payload = json::parse(job.payload);
            const auto id = payload ? ShipmentId::parse(payload->text_or("shipment_id")) : std::nullopt;
            if (!id) throw jobs::GiveUp("shipping: the payload names no shipment");
            return *id;
        };
        return {
            {"shipping.announce",
             [this, shipment_of](const jobs::Job& job) {
                 const auto id = shipment_of(job);
                 const auto attempt = json::parse(job.payload)->int_or("attempt");
                 const auto shipment = deps_.database.read([&](db::Session& session) { return find(session, id); });
                 if (!shipment || shipment->state != announcing || shipment->attempt != attempt) return;
                 if (const auto after = go_on(*shipment); !after) throw std::runtime_error("shipping: " + after.error().message);
             },
             std::chrono::seconds{300}},
            {"shipping.cancel",
             [this, shipment_of](const jobs::Job& job) {
                 const auto id = shipment_of(job);
                 const auto shipment = deps_.database.read([&](db::Session& session) { return find(session, id); });
                 if (!shipment || shipment->state != cancelling) return;
                 const auto after = go_on_cancelling(*shipment);
                 if (!after && after.error().kind == ErrorKind::unavailable) throw std::runtime_error("shipping: " + after.error().message);
             },
             std::chrono::seconds{120}},
            {"shipping.inbox",
             [this](const jobs::Job& job) {
                 const auto payload = json::parse(job.payload);
                 const auto inbox = payload ? payload->int_or("inbox_id") : 0;
                 if (inbox == 0) throw jobs::GiveUp("shipping.inbox: the payload names no row");
                 process_inbox(inbox);
             },
             std::chrono::seconds{60}},
            {"shipping.poll", [this](const jobs::Job&) { (void)poll(100); }, std::chrono::seconds{120}},
        };
    }

    std::vector<jobs::Schedule> schedules() const override { return {{"shipping.poll", "*/10 * * * *", "shipping.poll", "{}"}}; }

private:
    struct News {
        int parcel = 1;
        int status_id = 0;
        std::string message;
        Timestamp at;
    };

    static void write_lines(db::Tx& tx, ShipmentId id, const std::vector<ShipmentLine>& lines) {
        std::map<int, std::int64_t> weights;
        std::vector<int> line_parcels;
        std::vector<Uuid> order_lines, variants;
        std::vector<std::string> skus, names;
        std::vector<std::int64_t> quantities, line_weights, values;
        for (const auto& line : lines) {
            weights[line.parcel] += std::max<std::int64_t>(1, line.weight_grams) * line.quantity;
            line_parcels.push_back(line.parcel);
            order_lines.push_back(line.order_line);
            variants.push_back(line.variant);
            skus.push_back(line.sku);
            names.push_back(line.name);
            quantities.push_back(line.quantity);
            line_weights.push_back(line.weight_grams);
            values.push_back(line.unit_value);
        }
        std::vector<Uuid> parcel_ids;
        std::vector<int> positions;
        std::vector<std::int64_t> parcel_weights;
        for (const auto& [position, weight] : weights) {
            parcel_ids.push_back(ParcelId::make().uuid());
            positions.push_back(position);
            parcel_weights.push_back(weight);
        }
        const db::Call writes[] = {
            db::call(sql::insert_parcels, id, parcel_ids, positions, parcel_weights),
            db::call(sql::insert_lines, id, line_parcels, order_lines, variants, skus, names, quantities, line_weights, values)};
        (void)tx.pipeline(writes);
    }

    static Failure already_announced() {
        return fail(ErrorKind::conflict, "shipping.already_announced", "The label is made. Cancel it before the shipment is changed.");
    }

    static bool is_announced(ShipmentState state) {
        return state != planned && state != announcing && state != failed && state != cancelled;
    }

    // The order's lock first, then the shipment's.
    std::optional<Shipment> lock(db::Tx& tx, ShipmentId id) {
        const auto rows = tx.query(sql::order_of_shipment, id);
        if (rows.empty()) return std::nullopt;
        if (listener_.lock) listener_.lock(tx, rows.front().get<Uuid>("order_id"));
        (void)tx.query(sql::lock_shipment, id);
        return find(tx, id);
    }

    // A shipment has left with the first of its parcels, whatever became of another.
    static bool has_parcel_left(const Shipment& shipment) {
        return std::ranges::any_of(shipment.parcels, [](const auto& parcel) { return has_left(parcel.state); });
    }

    Shipment set_state(db::Tx& tx, const Shipment& before, ShipmentState to) {
        tx.exec(sql::set_state, before.id, json::to_name(to), deps_.clock.now(), has_left(to) || has_parcel_left(before));
        auto after = *find(tx, before.id);
        changed(tx, after, before);
        return after;
    }

    void changed(db::Tx& tx, const Shipment& after, const Shipment& before) {
        const bool leaves = after.left_at && !before.left_at;
        if (after.state == before.state && !leaves) return;
        if (listener_.changed) listener_.changed(tx, after, before);
        if (after.state != before.state) emit(tx, after, "shipment." + std::string(json::to_name(after.state)));
        if (leaves) emit(tx, after, "shipment.left");
    }

    static void emit(db::Tx& tx, const Shipment& shipment, std::string type) {
        json::Writer data;
        data.begin_object();
        data.member("shipment_id", shipment.id.to_string());
        data.member("order", shipment.order.to_string());
        data.member("order_number", shipment.order_number);
        data.member("number", shipment.number);
        data.member("state", json::to_name(shipment.state));
        data.end_object();
        events::append(tx, events::NewEvent{std::move(type), "shipment:" + shipment.id.uuid().to_string(), data.take()});
    }

    // From a shipment in state announcing to what came of it. Whether an earlier call reached the platform is asked first: this may be
    // the job that goes on after a crash, or a second clerk.
    Result<Shipment> go_on(const Shipment& shipment) {
        auto earlier = platform_.by_reference(shipment.reference);
        if (earlier.found == Found::there) return record(shipment, {sendcloud::Outcome::made, std::move(earlier.shipments.front())}, {});
        if (earlier.found == Found::unknown)
            return unavailable("The carrier platform does not answer. The shipment is announced as soon as it does.");
        sendcloud::Request request{shipment, shipment.option_code, 0, {}, deps_.clock.now()};
        if (auto ready = prepare(request); !ready) {
            if (ready.error().kind == ErrorKind::unavailable) return std::unexpected(ready.error());
            Announced refused{sendcloud::Outcome::refused, {}};
            for (const auto& field : ready.error().fields) refused.told.problems.push_back({field.pointer, field.code, field.message});
            return record(shipment, std::move(refused), request.option_code);
        }
        step("announce-before-call");
        auto answer = platform_.announce(request);
        step("announce-answered");
        if (answer.outcome == sendcloud::Outcome::unknown) {
            // The answer is lost, the shipment perhaps made.
            auto looked = platform_.by_reference(shipment.reference);
            if (looked.found == Found::there) answer = {sendcloud::Outcome::made, std::move(looked.shipments.front())};
        }
        if (answer.outcome == sendcloud::Outcome::unknown || answer.outcome == sendcloud::Outcome::busy)
            return unavailable("The carrier platform does not answer. The shipment is announced as soon as it does.");
        return record(shipment, std::move(answer), request.option_code);
    }

    // What the call needs beyond the shipment. Fails with fields where the clerk has to do something first.
    Result<void> prepare(sendcloud::Request& request) {
        const auto& shipment = request.shipment;
        const auto sender = sender_of(shipment);
        if (!sender) return std::unexpected(sender.error());
        request.sender_address_id = *sender;
        Error missing{ErrorKind::invalid, "shipping.not_ready", "The shipment cannot be announced yet.", {}, {}, {}, 0};
        if (request.option_code.empty()) {
            const auto offers = platform_.offers(shipment);
            if (!offers) return unavailable("The carrier platform does not answer.");
            // The cheapest that fits; a letter, which nobody can track, only where there is nothing else.
            const sendcloud::Offer* best = nullptr;
            for (const auto& offer : *offers) {
                if (offer.service_point != !shipment.service_point_id.empty()) continue;
                if (shipment.parcels.size() > 1 && !offer.multicollo) continue;
                if (!best || std::pair(offer.letter, offer.price) < std::pair(best->letter, best->price)) best = &offer;
            }
            if (best)
                request.option_code = best->code;
            else
                missing.fields.push_back({"/ship_with", "no_option", "No carrier takes these parcels to this address. Choose an option."});
        }
        if (sendcloud::needs_customs(shipment.from_country, shipment.to.country)) {
            std::map<Uuid, sendcloud::Customs> known;
            deps_.database.read([&](db::Session& session) {
                known.clear();
                std::vector<Uuid> variants;
                for (const auto& line : shipment.lines) variants.push_back(line.variant);
                for (const auto row : session.query(sql::find_customs, variants))
                    known[row.get<Uuid>("variant_id")] = {row.get<std::string>("hs_code"), row.get<std::string>("origin_country")};
            });
            for (const auto& line : shipment.lines) {
                const auto found = known.find(line.variant);
                if (found == known.end())
                    missing.fields.push_back({"/parcel_items/" + line.sku, "customs_missing",
                                              "Customs want the tariff number and the country of origin of " + line.sku + "."});
                else
                    request.customs.push_back(found->second);
            }
        }
        if (!missing.fields.empty()) return Failure(std::move(missing));
        return {};
    }

    Result<std::int64_t> sender_of(const Shipment& shipment) {
        const auto known = deps_.database.read([&](db::Session& session) -> std::optional<std::int64_t> {
            const auto rows = session.query(sql::find_sender, shipment.warehouse);
            if (rows.empty()) return std::nullopt;
            return rows.front().get<std::int64_t>("sender_address_id");
        });
        if (known) return *known;
        const auto senders = platform_.senders();
        if (!senders) return unavailable("The carrier platform does not answer.");
        const auto match = std::ranges::find(*senders, shipment.from_country, &sendcloud::Sender::country);
        if (match == senders->end()) {
            Error error{ErrorKind::invalid, "shipping.not_ready", "The shipment cannot be announced yet.", {}, {}, {}, 0};
            error.fields.push_back({"/from_address", "no_sender", "The account has no sender address in the warehouse's country."});
            return Failure(std::move(error));
        }
        deps_.database.in_tx([&](db::Tx& tx) { tx.exec(sql::keep_sender, shipment.warehouse, match->id); });
        return match->id;
    }

    Result<Shipment> record(const Shipment& shipment, Announced answer, const std::string& option_code) {
        const bool made = answer.outcome == sendcloud::Outcome::made && !answer.told.failed;
        auto recorded = deps_.database.in_tx([&](db::Tx& tx) -> Result<Shipment> {
            auto now = lock(tx, shipment.id);
            // Somebody else has recorded it.
            if (!now || now->state != announcing || now->attempt != shipment.attempt) {
                if (!now) return fail(unknown_shipment());
                return std::move(*now);
            }
            const auto provider_id = answer.told.id.empty() ? std::nullopt : std::optional(answer.told.id);
            if (!made) {
                tx.exec(sql::record_failed, shipment.id, provider_id, json::render(answer.told.problems), deps_.clock.now());
                return set_state(tx, *now, failed);
            }
            tx.exec(sql::record_announced, shipment.id, provider_id, answer.told.carrier,
                    option_code.empty() ? now->option_code : option_code, deps_.clock.now());
            int position = 0;
            for (const auto& parcel : answer.told.parcels)
                tx.exec(sql::record_parcel, shipment.id, ++position, parcel.id, parcel.tracking_number, parcel.tracking_url,
                        json::to_name(labelled));
            auto after = set_state(tx, *now, labelled);
            // It may be further already when the answer was looked up later.
            (void)tell(tx, shipment.id, news_of(answer.told));
            return *find(tx, shipment.id);
        });
        step("announce-recorded");
        if (recorded && recorded->state == labelled) {
            for (const auto& parcel : recorded->parcels)
                (void)fetch_label(parcel, LabelFormat::pdf);  // what fails is fetched when asked for
            step("announce-label");
        }
        return recorded;
    }

    Result<std::string> fetch_label(const Parcel& parcel, LabelFormat format) {
        const auto key = label_key(parcel.id, format) + "." + std::to_string(*parcel.provider_id);
        if (auto kept = deps_.documents.get(key)) return std::move(*kept);
        auto file = platform_.label(*parcel.provider_id, format);
        if (!file) return unavailable("The carrier platform does not hand out the label right now.");
        deps_.documents.put(key, *file, format == LabelFormat::pdf ? "application/pdf" : "application/zpl");
        return std::move(*file);
    }

    Result<Shipment> go_on_cancelling(const Shipment& shipment) {
        const auto outcome = platform_.cancel(shipment.provider_id);
        step("cancel-answered");
        if (outcome == Cancelled::unknown) return unavailable("The carrier platform does not answer. The cancellation goes on.");
        // Too late, or an earlier call of ours has done it: the platform says which.
        const auto told = outcome == Cancelled::too_late ? platform_.by_ids({shipment.provider_id}) : sendcloud::LookedUp{};
        if (outcome == Cancelled::too_late && told.found == Found::unknown)
            return unavailable("The carrier platform does not answer. The cancellation goes on.");
        return deps_.database.in_tx([&](db::Tx& tx) -> Result<Shipment> {
            auto now = lock(tx, shipment.id);
            if (!now) return fail(unknown_shipment());
            if (outcome == Cancelled::done && (now->state == cancelling || now->state == labelled)) {
                tx.exec(sql::set_parcel_states, shipment.id, json::to_name(cancelled));
                return set_state(tx, *now, cancelled);
            }
            if (now->state != cancelling || outcome == Cancelled::queued) return std::move(*now);
            for (const auto& each : told.shipments) (void)tell(tx, shipment.id, news_of(each));
            now = find(tx, shipment.id);
            if (now->state != cancelling) return std::move(*now);
            tx.exec(sql::set_parcel_states, shipment.id, json::to_name(labelled));
            return set_state(tx, *now, labelled);
        });
    }

    static std::vector<News> news_of(const Told& told) {
        std::vector<News> out;
        int position = 0;
        for (const auto& parcel : told.parcels) {
            ++position;
            const auto* status = status_by_code(parcel.status_code);
            if (status && parcel.updated_at) out.push_back({position, status->id, parcel.status_text, *parcel.updated_at});
        }
        return out;
    }

    // Applies what is said about parcels of one shipment; false when nothing of it was new.
    bool tell(db::Tx& tx, ShipmentId id, std::span<const News> news) {
        auto shipment = lock(tx, id);
        if (!shipment) return false;
        bool is_new = false, refused = false;
        for (const auto& each : news) {
            if (each.parcel < 1 || each.parcel > static_cast<int>(shipment->parcels.size())) continue;
            auto& parcel = shipment->parcels[static_cast<std::size_t>(each.parcel) - 1];
            if (tx.exec(sql::insert_tracking_event, parcel.id, each.at, each.status_id, each.message) == 0) continue;
            is_new = true;
            if (parcel.status_at && each.at < *parcel.status_at) continue;  // told late: part of the history only
            const auto* status = status_by_id(each.status_id);
            const auto next = status && status->state ? follow({parcel.state, parcel.status_at}, *status->state, each.at) : parcel.state;
            parcel.state = next;
            parcel.status_at = each.at;
            refused = refused || each.status_id == kCancellationFailed;
            tx.exec(sql::set_parcel_status, parcel.id, json::to_name(next), each.status_id, each.message, each.at);
        }
        tx.exec(sql::heard, std::vector<ShipmentId>{id}, deps_.clock.now());
        std::vector<ShipmentState> states;
        for (const auto& parcel : shipment->parcels) states.push_back(parcel.state);
        auto next = combine(states);
        // News from before a cancellation do not undo it; only that it failed does.
        if (shipment->state == cancelling && next == labelled && !refused) next = cancelling;
        if (next != shipment->state && is_allowed(shipment->state, next))
            (void)set_state(tx, *shipment, next);
        else if (!shipment->left_at && has_parcel_left(*shipment))
            (void)set_state(tx, *shipment, shipment->state);
        return is_new;
    }

    ShipmentDependencies deps_;
    sendcloud::Parcels platform_;
    ShipmentListener listener_;
};

}  // namespace

bool came_back(const Shipment& shipment, const ShipmentLine& line) {
    if (!shipment.booked_in_at) return false;
    const auto parcel = std::ranges::find(shipment.parcels, line.parcel, &Parcel::position);
    return parcel == shipment.parcels.end() || parcel->state != ShipmentState::delivered;
}

void set_step_hook(StepHook value) { hook() = std::move(value); }
void step(std::string_view name) {
    if (hook()) hook()(name);
}

ByHand& by_hand(Shipments& shipments) { return dynamic_cast<ByHand&>(shipments); }

std::unique_ptr<Shipments> make_shipments(ShipmentDependencies dependencies) {
    return std::make_unique<PgShipments>(std::move(dependencies));
}

void add_shipment_hooks(http::Routes& routes, db::Database& database, const Clock& clock, std::string secret_key) {
    routes.post("/hooks/sendcloud", "receive_sendcloud_event")
        .summary("Sendcloud's notifications")
        .undocumented()
        .without_origin_check()
        .requires_access(http::Access::provider)
        .handle([&database, &clock, secret_key = std::move(secret_key)](const http::Request& request) {
            // Over the bytes as they came, before anything reads them.
            const auto expected = crypto::hex(crypto::hmac_sha256(secret_key, request.body));
            if (!crypto::equal_constant_time(request.header("sendcloud-signature"), expected))
                return http::problem({ErrorKind::forbidden, "shipping.signature_wrong", "The signature is not right.", {}, {}, {}, 0});
            const auto body = json::parse(request.body, {1 << 20, 32});
            const auto action = body ? body->text_or("action") : std::string();
            std::string key = crypto::hex(crypto::sha256(request.body));
            if (const auto* parcel = body ? body->find("parcel") : nullptr; parcel && action == "parcel_status_changed") {
                const auto* status = parcel->find("status");
                key = fmt::format("{}:{}:{}", parcel->int_or("id"), status ? status->int_or("id") : 0, body->int_or("timestamp"));
            }
            database.in_tx([&](db::Tx& tx) {
                const auto rows = tx.query(sql::insert_inbox, key, action.substr(0, 60), request.body, clock.now());
                if (rows.empty()) return;
                jobs::NewJob job;
                job.kind = "shipping.inbox";
                job.payload = "{\"inbox_id\":" + std::to_string(rows.front().get<std::int64_t>("id")) + "}";
                jobs::enqueue(tx, job);
            });
            return http::json_text(200, "{}");
        });
}

}  // namespace stoa::shipping
