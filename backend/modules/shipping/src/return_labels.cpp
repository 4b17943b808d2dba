#include "stoa/shipping/return_labels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "domain/progress.hpp"
#include "sendcloud/returns.hpp"
#include "sendcloud/wire.hpp"
#include "sql/return_labels.hpp"
#include "sql/shipments.hpp"
#include "steps.hpp"
#include "stoa/events/events.hpp"
#include "stoa/log/log.hpp"

namespace stoa::shipping {

void describe(json::Struct<ReturnItem>& d) {
    d.name("ReturnItem");
    d.field<&ReturnItem::variant>("variant");
    d.field<&ReturnItem::sku>("sku");
    d.field<&ReturnItem::name>("name");
    d.field<&ReturnItem::quantity>("quantity");
    d.field<&ReturnItem::weight_grams>("weight_grams");
    d.field<&ReturnItem::unit_value>("unit_value");
}

namespace {

using enum ShipmentState;
using sendcloud::Cancelled;
using sendcloud::Found;
using sendcloud::FoundReturn;
using sendcloud::ReturnOutcome;

constexpr std::string_view kJob = "shipping.return_label";
// A label that was asked for and did not move for so long may be asked for by another job.
constexpr std::chrono::minutes kStuck{10};
// Of a parcel that nobody told about for so long the platform is asked, until nobody will send it any more.
constexpr std::chrono::hours kSilence{6};
constexpr std::chrono::hours kFollowed{24 * 90};
constexpr std::chrono::minutes kAskedAgain{30};
constexpr int kAskedAtOnce = 50;
// A call that was under way when the label was cancelled has reached the platform by then, or never will (three time-outs of at most two
// minutes). Before that a list without the return proves nothing.
constexpr std::chrono::minutes kCallIsOver{10};
constexpr std::chrono::seconds kCallMayArrive{30};

template <class T>
T stored(const std::string& text) {
    auto value = json::parse_as<T>(text);
    if (!value) throw std::logic_error("shipping: a stored document no longer reads: " + value.error().message);
    return std::move(*value);
}

ReturnLabel label_from(const db::Row& row) {
    ReturnLabel out;
    out.id = row.get<ReturnLabelId>("id");
    out.return_id = row.get<Uuid>("return_id");
    out.return_number = row.get<std::string>("return_number");
    out.order = row.get<Uuid>("order_id");
    out.order_number = row.get<std::string>("order_number");
    out.state = json::from_name<ShipmentState>(row.get<std::string>("state")).value();
    out.attempt = row.get<int>("attempt");
    out.reference = row.get<std::string>("reference");
    out.called_at = row.get<std::optional<Timestamp>>("called_at");
    out.from = stored<ShipTo>(row.get<std::string>("from_address"));
    out.warehouse = row.get<std::optional<Uuid>>("warehouse_id");
    out.weight_grams = row.get<std::int64_t>("weight_grams");
    out.value = row.money("value");
    out.items = stored<std::vector<ReturnItem>>(row.get<std::string>("items"));
    out.problems = stored<std::vector<ShipmentProblem>>(row.get<std::string>("problems"));
    out.option_code = row.get<std::string>("option_code");
    out.provider_id = row.get<std::optional<std::int64_t>>("provider_id");
    out.parcel_id = row.get<std::optional<std::int64_t>>("parcel_id");
    out.carrier = row.get<std::string>("carrier");
    out.tracking_number = row.get<std::string>("tracking_number");
    out.tracking_url = row.get<std::string>("tracking_url");
    out.file_key = row.get<std::string>("file_key");
    out.status_text = row.get<std::string>("status_text");
    out.status_at = row.get<std::optional<Timestamp>>("status_at");
    out.announced_at = row.get<std::optional<Timestamp>>("announced_at");
    out.left_at = row.get<std::optional<Timestamp>>("left_at");
    out.delivered_at = row.get<std::optional<Timestamp>>("delivered_at");
    out.created_at = row.get<Timestamp>("created_at");
    out.updated_at = row.get<Timestamp>("updated_at");
    return out;
}

class PgReturnLabels final : public ReturnLabels {
public:
    explicit PgReturnLabels(ShipmentDependencies dependencies)
        : deps_(std::move(dependencies)), parcels_(deps_.client, deps_.sendcloud), returns_(deps_.client, deps_.sendcloud) {}

    ReturnLabel request(db::Tx& tx, const NewReturnLabel& wanted) override {
        const auto now = deps_.clock.now();
        std::int64_t weight = 0;
        for (const auto& item : wanted.items) weight += std::max<std::int64_t>(1, item.weight_grams) * item.quantity;
        const auto id = ReturnLabelId::make();
        const bool is_new = tx.exec(sql::insert_return_label, id, wanted.return_id, wanted.return_number, wanted.order, wanted.order_number,
                                    json::render(wanted.from), std::max<std::int64_t>(1, weight), wanted.value.currency(),
                                    wanted.value.minor(), json::render(wanted.items), now) > 0;
        auto label = *lock(tx, wanted.return_id);
        if (is_new) {
            enqueue(tx, label, label.reference);
        } else if (label.state == failed || label.state == cancelled) {
            tx.exec(sql::try_return_label_again, label.id, fmt::format("{}-{}", label.return_number, label.attempt + 1),
                    json::render(wanted.from), now);
            label = *find(tx, wanted.return_id);
            enqueue(tx, label, label.reference);
        } else if ((label.state == announcing || (label.state == labelled && label.file_key.empty())) && label.updated_at < now - kStuck) {
            // Its job was given up. Whoever asks again sets it going again, once.
            tx.exec(sql::touch_return_label, label.id, now);
            enqueue(tx, label, {});
        }
        return label;
    }

    void cancel(db::Tx& tx, const Uuid& return_id) override {
        const auto label = lock(tx, return_id);
        if (!label) return;
        if (label->state == failed || (label->state == announcing && !label->called_at)) {
            set_state(tx, *label, cancelled);
        } else if (label->state == labelled || label->state == announcing) {
            set_state(tx, *label, cancelling);
            enqueue(tx, *label, "cancel:" + label->reference);
        }
    }

    std::vector<ReturnLabel> of_returns(db::Session& session, const std::vector<Uuid>& returns) override {
        std::vector<ReturnLabel> out;
        for (const auto row : session.query(sql::find_return_labels, returns)) out.push_back(label_from(row));
        return out;
    }

    std::vector<ReturnEvent> events(db::Session& session, const std::vector<Uuid>& returns) override {
        std::vector<ReturnEvent> out;
        for (const auto row : session.query(sql::return_events, returns))
            out.push_back(
                {row.get<Uuid>("return_id"), row.get<Timestamp>("at"), row.get<int>("status_id"), row.get<std::string>("message")});
        return out;
    }

    std::vector<Uuid> by_tracking(db::Session& session, std::string_view tracking_number) override {
        std::vector<Uuid> out;
        for (const auto row : session.query(sql::returns_by_tracking, tracking_number)) out.push_back(row.get<Uuid>("return_id"));
        return out;
    }

    Heard tell(db::Tx& tx, const ReturnNews& news) override {
        const auto rows = tx.query(sql::lock_return_label_of_parcel, news.parcel_id);
        if (rows.empty()) return Heard::unknown_parcel;
        const auto label = *find(tx, rows.front().get<Uuid>("return_id"));
        if (tx.exec(sql::insert_return_event, label.id, news.at, news.status_id, news.message) == 0) return Heard::nothing_new;
        if (label.status_at && news.at < *label.status_at) return Heard::applied;  // told late: part of the history only
        tx.exec(sql::set_return_status, label.id, news.status_id, news.message, news.at, news.tracking_number, news.tracking_url);
        const auto* status = status_by_id(news.status_id);
        auto next = status && status->state ? follow({label.state, label.status_at}, *status->state, news.at) : label.state;
        // News from before a cancellation do not undo it; only that it failed does.
        if (label.state == cancelling && next == labelled && news.status_id != kCancellationFailed) next = cancelling;
        if (next != label.state) set_state(tx, label, next);
        return Heard::applied;
    }

    void go_on(ReturnLabelId id) override { go_on(id, {}); }

    // For the attempt that a job was made for.
    void go_on(ReturnLabelId id, std::string_view reference) {
        const auto label = deps_.database.read([&](db::Session& session) -> std::optional<ReturnLabel> {
            const auto rows = session.query(sql::return_of_label, id);
            return rows.empty() ? std::nullopt : find(session, rows.front().get<Uuid>("return_id"));
        });
        if (!label) throw jobs::GiveUp("shipping: there is no such return label");
        // Another attempt has taken its place: what the platform made for this one all the same must not stay.
        if (!reference.empty() && reference != label->reference) return withdraw(*label, reference);
        if (label->state == announcing) return announce(*label);
        if (label->state == labelled && label->file_key.empty()) return fetch(*label);
        if (label->state == cancelling) return go_on_cancelling(*label);
        if (label->state == cancelled && label->called_at && !label->provider_id) return find_late(*label);
    }

    std::vector<jobs::Handler> job_handlers() override {
        return {{std::string(kJob),
                 [this](const jobs::Job& job) {
                     const auto payload = json::parse(job.payload);
                     const auto id = payload ? ReturnLabelId::parse(payload->text_or("label_id")) : std::nullopt;
                     if (!id) throw jobs::GiveUp("shipping.return_label: the payload names no label");
                     go_on(*id, payload->text_or("reference"));
                 },
                 std::chrono::seconds{300}},
                {"shipping.poll_returns", [this](const jobs::Job&) { poll(); }, std::chrono::seconds{300}}};
    }

private:
    // Notifications get lost. What is missing of a parcel's way is read from the platform, and applied as if it had been told.
    void poll() {
        const auto now = deps_.clock.now();
        const auto silent = deps_.database.read([&](db::Session& session) {
            std::vector<Uuid> returns;
            for (const auto row : session.query(sql::silent_returns, now - kSilence, now - kFollowed, kAskedAtOnce))
                returns.push_back(row.get<Uuid>("return_id"));
            return of_returns(session, returns);
        });
        for (const auto& label : silent) {
            const auto way = ask_for_way(label);
            deps_.database.in_tx([&](db::Tx& tx) {
                apply(tx, label, way);
                // One without an answer does not hold up the others, and has its turn again soon.
                tx.exec(sql::return_heard, label.id, way.steps ? now : now - kSilence + kAskedAgain);
            });
        }
    }

    struct Way {
        FoundReturn parcel;
        std::optional<std::vector<sendcloud::ReturnStep>> steps;  // nullopt: no answer
    };
    Way ask_for_way(const ReturnLabel& label) {
        Way out{{Found::there, *label.provider_id, *label.parcel_id, label.tracking_number, label.tracking_url}, {}};
        if (out.parcel.tracking_number.empty()) out.parcel = returns_.by_id(*label.provider_id);
        if (!out.parcel.tracking_number.empty())
            out.steps = returns_.track(out.parcel.tracking_number);
        else if (out.parcel.found == Found::there)
            out.steps.emplace();
        return out;
    }
    void apply(db::Tx& tx, const ReturnLabel& label, const Way& way) {
        if (!way.steps) return;
        // What was told carries the moment of telling, so a step is news only when it came after that.
        for (const auto& each : *way.steps) {
            const auto* status = status_by_code(each.status_code);
            if (!status || (label.status_at && each.at <= *label.status_at)) continue;
            (void)tell(tx, {*label.parcel_id, status->id, each.message, each.at, way.parcel.tracking_number, way.parcel.tracking_url});
        }
    }

    std::optional<ReturnLabel> find(db::Session& session, const Uuid& return_id) {
        auto found = of_returns(session, {return_id});
        if (found.empty()) return std::nullopt;
        return std::move(found.front());
    }

    std::optional<ReturnLabel> lock(db::Tx& tx, const Uuid& return_id) {
        if (tx.query(sql::lock_return_label, return_id).empty()) return std::nullopt;
        return find(tx, return_id);
    }

    static void enqueue(db::Tx& tx, const ReturnLabel& label, std::string unique_key) {
        jobs::NewJob job;
        job.kind = kJob;
        job.payload = fmt::format(R"({{"label_id":"{}","reference":{}}})", label.id.to_string(), json::quote(label.reference));
        job.unique_key = std::move(unique_key);
        jobs::enqueue(tx, job);
    }

    static void emit(db::Tx& tx, const ReturnLabel& label, std::string type) {
        json::Writer data;
        data.begin_object();
        data.member("label_id", label.id.to_string());
        data.member("return", label.return_id.to_string());
        data.member("return_number", label.return_number);
        data.member("order", label.order.to_string());
        data.member("order_number", label.order_number);
        data.end_object();
        events::append(tx, events::NewEvent{std::move(type), "return_label:" + label.id.uuid().to_string(), data.take()});
    }

    void set_state(db::Tx& tx, const ReturnLabel& before, ShipmentState to) {
        tx.exec(sql::set_return_label_state, before.id, json::to_name(to), deps_.clock.now(), has_left(to));
        emit(tx, before, "return_label." + std::string(json::to_name(to)));
    }

    void announce(const ReturnLabel& label) {
        if (label.called_at) {
            // An earlier call of this attempt: perhaps it arrived.
            const auto earlier = returns_.by_reference(label.reference, *label.called_at, deps_.clock.now());
            if (earlier.found == Found::unknown) throw std::runtime_error("shipping: the platform does not say which returns exist");
            if (earlier.found == Found::there) return record(label, earlier, {});
        }
        std::vector<ShipmentProblem> missing;
        auto request = prepare(label, missing);
        if (!missing.empty()) return refuse(label, missing);
        const bool begun = deps_.database.in_tx(
            [&](db::Tx& tx) { return tx.exec(sql::begin_return_call, label.id, label.attempt, deps_.clock.now()) > 0; });
        if (!begun) return;  // cancelled meanwhile
        step("return-announce-begun");
        const auto answer = returns_.announce(request);
        step("return-announce-answered");
        switch (answer.outcome) {
            case ReturnOutcome::made: {
                auto made = returns_.by_id(answer.return_id);  // for its tracking number; notifications bring it as well
                made.return_id = answer.return_id;
                made.parcel_id = answer.parcel_id;
                return record(label, made, request.option);
            }
            case ReturnOutcome::taken: {
                const auto other = returns_.by_reference(label.reference, label.created_at, deps_.clock.now());
                if (other.found == Found::there) return record(label, other, request.option);
                if (other.found == Found::unknown) throw std::runtime_error("shipping: the platform does not say which returns exist");
                return refuse(label, answer.problems);
            }
            case ReturnOutcome::refused:
                return refuse(label, answer.problems);
            case ReturnOutcome::busy:
            case ReturnOutcome::unknown:
                throw std::runtime_error("shipping: the platform does not answer about a return");
        }
    }

    // Fills `missing` where somebody has to do something first.
    sendcloud::ReturnRequest prepare(const ReturnLabel& label, std::vector<ShipmentProblem>& missing) {
        sendcloud::ReturnRequest out{label, {}, {}, {}, deps_.clock.now()};
        const auto senders = parcels_.senders();
        if (!senders) throw std::runtime_error("shipping: the platform does not answer");
        const auto known = deps_.database.read([&](db::Session& session) -> std::optional<std::int64_t> {
            if (!label.warehouse) return std::nullopt;
            const auto rows = session.query(sql::find_sender, *label.warehouse);
            if (rows.empty()) return std::nullopt;
            return rows.front().get<std::int64_t>("sender_address_id");
        });
        // Back to the warehouse that sent it, else to the shop's country, else to any.
        auto place = std::ranges::find_if(*senders, [&](const sendcloud::Sender& one) { return known && one.id == *known; });
        if (place == senders->end()) place = std::ranges::find(*senders, deps_.sendcloud.sender_country, &sendcloud::Sender::country);
        if (place == senders->end()) place = senders->begin();
        if (place == senders->end()) {
            missing.push_back({"/to_address", "no_sender", "The account has no address that returns could go to."});
            return out;
        }
        out.to = place->address;
        const auto option = returns_.cheapest(label.from, out.to, label.weight_grams);
        if (!option) throw std::runtime_error("shipping: the platform does not answer");
        if (option->code.empty())
            missing.push_back({"/ship_with", "no_option", "No carrier takes this return from the buyer's address to the warehouse."});
        out.option = *option;
        if (sendcloud::needs_customs(label.from.country, out.to.country)) {
            std::map<Uuid, sendcloud::Customs> customs;
            deps_.database.read([&](db::Session& session) {
                customs.clear();
                std::vector<Uuid> variants;
                for (const auto& item : label.items) variants.push_back(item.variant.uuid());
                for (const auto row : session.query(sql::find_customs, variants))
                    customs[row.get<Uuid>("variant_id")] = {row.get<std::string>("hs_code"), row.get<std::string>("origin_country")};
            });
            for (const auto& item : label.items) {
                const auto found = customs.find(item.variant.uuid());
                if (found == customs.end())
                    missing.push_back({"/parcel_items/" + item.sku, "customs_missing",
                                       "Customs want the tariff number and the country of origin of " + item.sku + "."});
                else
                    out.customs.push_back(found->second);
            }
        }
        return out;
    }

    void refuse(const ReturnLabel& label, const std::vector<ShipmentProblem>& problems) {
        deps_.database.in_tx([&](db::Tx& tx) {
            const auto now = lock(tx, label.return_id);
            if (!now || now->attempt != label.attempt) return;
            if (now->state == cancelling) return set_state(tx, *now, cancelled);
            if (now->state != announcing) return;
            tx.exec(sql::record_return_problems, label.id, json::render(problems), deps_.clock.now());
            set_state(tx, *now, failed);
        });
    }

    void record(const ReturnLabel& label, const FoundReturn& made, const sendcloud::ReturnOption& option) {
        const auto after = deps_.database.in_tx([&](db::Tx& tx) -> std::optional<ReturnLabel> {
            const auto now = lock(tx, label.return_id);
            if (!now || now->attempt != label.attempt) return std::nullopt;
            if (now->provider_id) return now;  // somebody else has recorded it
            tx.exec(sql::record_return_label, label.id, made.return_id, made.parcel_id, option.code, option.carrier, made.tracking_number,
                    made.tracking_url, deps_.clock.now());
            if (now->state == cancelled) {
                // Called off when nobody expected an answer any more; now there is something to cancel.
                set_state(tx, *now, cancelling);
                enqueue(tx, *now, {});
            } else if (now->state != cancelling) {
                set_state(tx, *now, labelled);
            }
            return find(tx, label.return_id);
        });
        if (!after) return give_back(made.return_id);
        step("return-announce-recorded");
        if (after->state == cancelling) return go_on_cancelling(*after);
        if (after->state == labelled && after->file_key.empty()) fetch(*after);
    }

    void fetch(const ReturnLabel& label) {
        const auto file = parcels_.label(*label.parcel_id, LabelFormat::pdf);
        if (!file) throw std::runtime_error("shipping: the platform does not hand out the label of a return");
        const auto key = fmt::format("labels/return-{}.{}.pdf", label.id.uuid().to_string(), *label.parcel_id);
        deps_.documents.put(key, *file, "application/pdf");
        step("return-label-fetched");
        deps_.database.in_tx([&](db::Tx& tx) {
            const auto now = lock(tx, label.return_id);
            // Cancelled meanwhile: nobody is to use it.
            if (!now || now->parcel_id != label.parcel_id || now->state == cancelling || now->state == cancelled) return;
            if (tx.exec(sql::record_return_file, label.id, key, deps_.clock.now()) > 0) emit(tx, label, "return_label.ready");
        });
    }

    // The platform's return; that there is none is certain only once no call can be under way.
    FoundReturn look_up(std::string_view reference, Timestamp since, Timestamp cancelled_at) {
        auto out = returns_.by_reference(reference, since, deps_.clock.now());
        if (out.found == Found::unknown) throw std::runtime_error("shipping: the platform does not say which returns exist");
        if (out.found == Found::nothing && deps_.clock.now() - cancelled_at < kCallIsOver) throw jobs::Postpone{kCallMayArrive};
        return out;
    }

    void go_on_cancelling(ReturnLabel label) {
        if (!label.provider_id) {
            const auto earlier = look_up(label.reference, label.called_at.value_or(label.created_at), label.updated_at);
            const auto known = deps_.database.in_tx([&](db::Tx& tx) -> std::optional<ReturnLabel> {
                const auto now = lock(tx, label.return_id);
                if (!now || now->attempt != label.attempt || now->state != cancelling) return std::nullopt;
                if (now->provider_id) return now;
                if (earlier.found == Found::nothing) {
                    set_state(tx, *now, cancelled);
                    return std::nullopt;
                }
                tx.exec(sql::record_return_label, label.id, earlier.return_id, earlier.parcel_id, now->option_code, now->carrier,
                        earlier.tracking_number, earlier.tracking_url, deps_.clock.now());
                return find(tx, label.return_id);
            });
            if (!known) return;
            label = *known;
        }
        struct Sent {
            ReturnLabel label;
            bool before = false;  // by an earlier call
        };
        const auto sent = deps_.database.in_tx([&](db::Tx& tx) -> std::optional<Sent> {
            auto now = lock(tx, label.return_id);
            if (!now || now->attempt != label.attempt || now->state != cancelling) return std::nullopt;
            return Sent{std::move(*now), tx.exec(sql::begin_return_cancellation, label.id, deps_.clock.now()) == 0};
        });
        if (!sent) return;
        const auto outcome = returns_.cancel(*sent->label.provider_id);
        step("return-cancel-answered");
        if (outcome == Cancelled::unknown) throw std::runtime_error("shipping: the platform does not answer about a cancellation");
        if (outcome != Cancelled::too_late) return;  // queued: a notification says when it is done
        // Too late, or cancelled already, by an earlier call of ours or by hand: its way says which.
        const auto way = ask_for_way(sent->label);
        const auto* last = way.steps && !way.steps->empty() ? status_by_code(way.steps->back().status_code) : nullptr;
        const bool under_way = sent->before || (last && last->state == cancelling);
        deps_.database.in_tx([&](db::Tx& tx) {
            (void)lock(tx, label.return_id);
            apply(tx, sent->label, way);
            const auto now = find(tx, label.return_id);
            if (now->attempt == label.attempt && now->state == cancelling && !under_way) set_state(tx, *now, labelled);
        });
    }

    // A label that was called off as never made, and whose call may have arrived after all.
    void find_late(const ReturnLabel& label) {
        const auto late = look_up(label.reference, label.called_at.value_or(label.created_at), label.updated_at);
        if (late.found == Found::there) record(label, late, {label.option_code, label.carrier, 0, 0});
    }

    // The same of an attempt that the row has forgotten.
    void withdraw(const ReturnLabel& label, std::string_view reference) {
        const auto late = look_up(reference, label.created_at, label.created_at);
        if (late.found == Found::there) give_back(late.return_id);
    }
    void give_back(std::int64_t return_id) {
        if (returns_.cancel(return_id) == Cancelled::unknown)
            throw std::runtime_error("shipping: the platform does not answer about a cancellation");
    }

    ShipmentDependencies deps_;
    sendcloud::Parcels parcels_;
    sendcloud::ReturnParcels returns_;
};

}  // namespace

std::unique_ptr<ReturnLabels> make_return_labels(ShipmentDependencies dependencies) {
    return std::make_unique<PgReturnLabels>(std::move(dependencies));
}

}  // namespace stoa::shipping
