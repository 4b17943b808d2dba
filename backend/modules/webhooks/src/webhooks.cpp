#include "stoa/webhooks/webhooks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "domain/target.hpp"
#include "sql/webhooks.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/jobs/batch.hpp"
#include "stoa/log/log.hpp"
#include "stoa/metrics/metrics.hpp"

namespace stoa::webhooks {
namespace {

constexpr std::string_view kSealPurpose = "webhooks.secret";
constexpr std::string_view kDeliverJob = "webhooks.deliver";
constexpr std::string_view kDriveJob = "webhooks.drive";
constexpr std::string_view kPurgeJob = "webhooks.purge";
// With pauses that double up to an hour: about a day.
constexpr int kAttempts = 30;
constexpr int kReplayed = 1000;
// What waited for an endpoint goes out by so many every few seconds: refunds and mails stand in the same queue.
constexpr int kReleased = 200;
constexpr std::chrono::seconds kReleasePause{5};
// Of the deliveries that wait, each gets its attempts over about a day; with a dozen or more one of them is tried every five minutes.
constexpr std::int64_t kMostCounted = 12;
constexpr std::chrono::seconds kLongestPause{3600};
// A driver that was not heard of for so long is dead.
constexpr std::chrono::hours kDriven{2};
constexpr std::chrono::hours kKept{30 * 24};
// For so long the secret before signs too, so that the other side can change over.
constexpr std::chrono::hours kOverlap{24};

Endpoint endpoint_from(const db::Row& row) {
    Endpoint out;
    out.id = row.get<EndpointId>("id");
    out.url = row.get<std::string>("url");
    out.description = row.get<std::string>("description");
    out.types = row.get<std::vector<std::string>>("types");
    out.enabled = row.get<bool>("enabled");
    out.disabled_reason = row.get<std::string>("disabled_reason");
    out.failing_since = row.get<std::optional<Timestamp>>("failing_since");
    out.created_at = row.get<Timestamp>("created_at");
    out.pending = row.get<std::int64_t>("pending");
    out.failed = row.get<std::int64_t>("failed");
    return out;
}

// What another's server says may hold anything.
std::string tidy(std::string_view text) {
    std::string out(text.substr(0, 500));
    for (char& c : out) {
        if (c < 0x20 || c > 0x7E) c = '?';
    }
    return out;
}

std::string body_of(const events::Event& event) {
    json::Writer out;
    out.begin_object();
    out.member("type", event.type);
    out.member("timestamp", to_rfc3339(event.at));
    out.member("position", event.position);
    out.key("data");
    out.raw(event.data);
    out.end_object();
    return out.take();
}

class PgWebhooks final : public Webhooks, public std::enable_shared_from_this<PgWebhooks> {
public:
    PgWebhooks(db::Database& database, const Clock& clock, std::shared_ptr<http_client::Client> client, Options options)
        : database_(database), clock_(clock), client_(std::move(client)), options_(std::move(options)) {}

    Result<Created> create(db::Tx& tx, std::string url, std::string description, std::vector<std::string> types) override {
        if (auto good = check(url, types); !good) return std::unexpected(good.error());
        Created out;
        out.id = EndpointId::make();
        out.secret = new_secret();
        out.token = new_token();
        tx.exec(sql::insert_endpoint, out.id, url, description, types, sealed(out.secret), crypto::hex(crypto::sha256(out.token)),
                clock_.now());
        return out;
    }

    Result<bool> update(db::Tx& tx, const Endpoint& endpoint) override {
        if (auto good = check(endpoint.url, endpoint.types); !good) return std::unexpected(good.error());
        return tx.exec(sql::update_endpoint, endpoint.id, endpoint.url, endpoint.description, endpoint.types, endpoint.enabled,
                       clock_.now()) > 0;
    }

    bool remove(db::Tx& tx, EndpointId id) override { return tx.exec(sql::delete_endpoint, id) > 0; }

    std::vector<Endpoint> list(db::Session& session) override {
        std::vector<Endpoint> out;
        for (const auto row : session.query(sql::list_endpoints)) out.push_back(endpoint_from(row));
        return out;
    }

    std::optional<Endpoint> lock(db::Tx& tx, EndpointId id) override {
        if (tx.query(sql::lock_endpoint, id).empty()) return std::nullopt;
        return find(tx, id);
    }

    std::optional<Endpoint> find(db::Session& session, EndpointId id) override {
        const auto rows = session.query(sql::find_endpoint, id);
        if (rows.empty()) return std::nullopt;
        return endpoint_from(rows.front());
    }

    std::vector<Delivery> deliveries(db::Session& session, EndpointId id, std::optional<std::int64_t> before, int limit) override {
        std::vector<Delivery> out;
        for (const auto row : session.query(sql::list_deliveries, id, before, limit))
            out.push_back({row.get<DeliveryId>("id"), row.get<std::int64_t>("position"), row.get<std::string>("type"),
                           row.get<std::string>("state"), row.get<std::int64_t>("attempts"), row.get<std::optional<std::int64_t>>("status"),
                           row.get<std::string>("error"), row.get<Timestamp>("created_at"),
                           row.get<std::optional<Timestamp>>("attempted_at")});
        return out;
    }

    Replayed replay(db::Tx& tx, const Endpoint& endpoint, std::int64_t position) override {
        const auto events = events::read_after(tx, position, kReplayed);
        Replayed out;
        if (static_cast<int>(events.size()) == kReplayed) out.next = events.back().position;
        Fan fan;
        for (const auto& event : events) {
            if (events::matches(endpoint.types, event.type)) fan.add(endpoint.id, event);
        }
        out.queued = queue(tx, sql::replay_deliveries, fan);
        return out;
    }

    std::optional<std::string> rotate(db::Tx& tx, EndpointId id) override {
        const auto secret = new_secret();
        if (tx.exec(sql::rotate_secret, id, sealed(secret), clock_.now() + kOverlap, clock_.now()) == 0) return std::nullopt;
        return secret;
    }

    std::optional<Pong> ping(EndpointId id) override {
        Outgoing out;
        const bool found = database_.read([&](db::Session& session) {
            const auto rows = session.query(sql::endpoint_to_ping, id);
            if (rows.empty()) return false;
            out = addressed(rows.front());
            return true;
        });
        if (!found) return std::nullopt;
        json::Writer body;
        body.begin_object();
        body.member("type", "webhook.ping");
        body.member("timestamp", to_rfc3339(clock_.now()));
        body.key("data");
        body.begin_object();
        body.member("endpoint_id", id.to_string());
        body.end_object();
        body.end_object();
        out.call.body = body.take();
        out.call.timeout = std::chrono::seconds(8);  // somebody waits
        const auto answer = send(std::move(out), "ping_" + Uuid::v7().to_base32());
        Pong pong;
        if (answer) pong.status = answer->status;
        pong.taken = answer && answer->status >= 200 && answer->status < 300;
        pong.error = pong.taken ? "" : answer ? tidy(answer->body) : tidy(answer.error().message);
        return pong;
    }

    std::optional<std::string> renew_token(db::Tx& tx, EndpointId id) override {
        auto token = new_token();
        if (tx.exec(sql::renew_token, id, crypto::hex(crypto::sha256(token)), clock_.now()) == 0) return std::nullopt;
        return token;
    }

    std::optional<std::vector<std::string>> types_of(db::Session& session, std::string_view token) override {
        const auto rows = session.query(sql::types_of_token, crypto::hex(crypto::sha256(token)));
        if (rows.empty()) return std::nullopt;
        return rows.front().get<std::vector<std::string>>("types");
    }

    std::vector<events::Subscription> subscriptions() override {
        return {{"webhooks.fan_out",
                 {"*"},
                 [self = shared_from_this()](db::Tx& tx, const events::Event& event) { self->fan_out(tx, event); },
                 nullptr,
                 [](db::Session& session) {
                     std::vector<std::string> types;
                     const auto endpoints = session.query(sql::enabled_endpoints);
                     for (const auto row : endpoints) {
                         for (auto& type : row.get<std::vector<std::string>>("types")) types.push_back(std::move(type));
                     }
                     return types;
                 }}};
    }

    std::vector<jobs::Handler> job_handlers() override {
        jobs::Handler deliver, drive, purge;
        deliver.kind = kDeliverJob;
        deliver.run = [self = shared_from_this()](const jobs::Job& job) { self->deliver(job); };
        drive.kind = kDriveJob;
        drive.run = [self = shared_from_this()](const jobs::Job& job) { self->drive(job); };
        purge.kind = kPurgeJob;
        purge.run = [self = shared_from_this()](const jobs::Job&) {
            while (self->database_.in_tx([&](db::Tx& tx) { return tx.exec(sql::purge_deliveries, self->clock_.now() - kKept); }) > 0) {
            }
        };
        return {deliver, drive, purge};
    }

private:
    struct Fan {
        std::vector<Uuid> ids, endpoints;
        std::vector<std::int64_t> positions;
        std::vector<std::string> types;
        void add(EndpointId endpoint, const events::Event& event) {
            ids.push_back(DeliveryId::make().uuid());
            endpoints.push_back(endpoint.uuid());
            positions.push_back(event.position);
            types.push_back(event.type);
        }
    };

    Result<void> check(const std::string& url, const std::vector<std::string>& types) const {
        if (const auto why = refuse_url(url, options_.development)) return fail_field("/url", "not_allowed", *why);
        if (const auto why = refuse_types(types)) return fail_field("/types", "unknown_type", *why);
        return {};
    }

    // `rows` are deliveries that nobody works at.
    static std::int64_t enqueue(db::Tx& tx, const db::Rows& rows) {
        std::vector<std::string> payloads;
        for (const auto row : rows) payloads.push_back(fmt::format(R"({{"delivery_id":"{}"}})", row.get<DeliveryId>("id").to_string()));
        if (!payloads.empty()) jobs::enqueue_each(tx, kDeliverJob, payloads, kAttempts);
        return static_cast<std::int64_t>(payloads.size());
    }

    std::int64_t queue(db::Tx& tx, const db::Query& query, const Fan& fan) {
        if (fan.ids.empty()) return 0;
        return enqueue(tx, tx.query(query, fan.ids, fan.endpoints, fan.positions, fan.types, clock_.now()));
    }

    void fan_out(db::Tx& tx, const events::Event& event) {
        Fan fan, failing;
        for (const auto row : tx.query(sql::enabled_endpoints)) {
            if (!events::matches(row.get<std::vector<std::string>>("types"), event.type)) continue;
            (row.get<bool>("failing") ? failing : fan).add(row.get<EndpointId>("id"), event);
        }
        if (!failing.ids.empty()) {
            // Locked, so that their drivers see what is parked before they end.
            std::vector<Uuid> driven;
            for (const auto row : tx.query(sql::hold_driven, failing.endpoints, clock_.now())) driven.push_back(row.get<Uuid>("id"));
            Fan parked;
            for (std::size_t i = 0; i < failing.ids.size(); ++i) {
                const EndpointId endpoint(failing.endpoints[i]);
                (std::ranges::find(driven, failing.endpoints[i]) != driven.end() ? parked : fan).add(endpoint, event);
            }
            if (!parked.ids.empty())
                tx.exec(sql::insert_parked, parked.ids, parked.endpoints, parked.positions, parked.types, clock_.now());
        }
        (void)queue(tx, sql::insert_deliveries, fan);
    }

    static std::string new_token() { return "whk_" + crypto::random_token(32); }
    static std::string new_secret() { return "whsec_" + crypto::base64(crypto::random_bytes(32)); }
    std::string sealed(std::string_view secret) const { return crypto::base64(crypto::encrypt(options_.secret_key, kSealPurpose, secret)); }
    std::string unsealed(std::string_view text) const {
        std::string raw;
        if (!crypto::base64_decode(text, raw)) throw jobs::GiveUp("webhooks: a sealed secret is damaged");
        return crypto::decrypt(options_.secret_key, kSealPurpose, raw);
    }

    struct Outgoing {
        http_client::Call call;
        std::vector<std::string> secrets;
    };
    // To the address of a row, signed by its secret, and by the one before while that still counts.
    Outgoing addressed(const db::Row& row) const {
        Outgoing out;
        out.call.url = row.get<std::string>("url");
        out.secrets.push_back(unsealed(row.get<std::string>("secret")));
        const auto old = row.get<std::optional<std::string>>("previous_secret");
        const auto until = row.get<std::optional<Timestamp>>("previous_until");
        if (old && until && *until > clock_.now()) out.secrets.push_back(unsealed(*old));
        return out;
    }
    std::expected<http_client::Answer, http_client::CallError> send(Outgoing out, const std::string& id) const {
        const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch()).count();
        std::string signatures;
        for (const auto& secret : out.secrets) signatures += (signatures.empty() ? "" : " ") + signature(secret, id, now, out.call.body);
        out.call.method = "POST";
        out.call.max_answer_bytes = 64 * 1024;
        out.call.headers = {{"webhook-id", id},
                            {"webhook-timestamp", std::to_string(now)},
                            {"webhook-signature", signatures},
                            {"content-type", "application/json"},
                            {"user-agent", "Stoa-Webhooks/1"}};
        return client_->send(out.call);
    }

    struct Attempt {
        DeliveryId delivery;
        EndpointId endpoint;
        Outgoing out;
        std::string event_id;
    };
    // What a delivery sends; nullopt when the log has its event no more.
    std::optional<Attempt> attempt_of(db::Session& session, const db::Row& row) const {
        const auto position = row.get<std::int64_t>("position");
        const auto events = events::read_after(session, position - 1, 1);
        if (events.empty() || events.front().position != position) return std::nullopt;
        Attempt attempt;
        attempt.delivery = row.get<DeliveryId>("id");
        attempt.endpoint = row.get<EndpointId>("endpoint_id");
        attempt.out = addressed(row);
        attempt.out.call.body = body_of(events.front());
        attempt.out.call.timeout = std::chrono::seconds(15);
        attempt.event_id = fmt::format("evt_{}", position);
        return attempt;
    }

    struct Outcome {
        bool taken = false, last = false;
        std::string error;
    };
    Outcome send_and_record(Attempt attempt, bool last_one, bool driving) {
        const auto answer = send(std::move(attempt.out), attempt.event_id);
        const auto endpoint = attempt.endpoint;
        const bool taken = answer && answer->status >= 200 && answer->status < 300;
        const bool gone = answer && answer->status == 410;
        const bool last = gone || last_one;
        const std::optional<std::int64_t> status = answer ? std::optional<std::int64_t>(answer->status) : std::nullopt;
        const std::string error = taken ? "" : answer ? tidy(answer->body) : tidy(answer.error().message);
        metrics::count("webhook_attempts_total", fmt::format("outcome=\"{}\"", taken ? "delivered" : answer ? "refused" : "unreachable"));
        database_.in_tx([&](db::Tx& tx) {
            tx.exec(sql::record_attempt, attempt.delivery, taken ? "delivered" : last ? "failed" : "pending", status, error, clock_.now());
            if (taken) {
                // The driver may sleep for an hour; another takes its place and sends what is parked.
                if (tx.exec(sql::endpoint_works, endpoint) > 0 && !driving) become_driver(tx, sql::replace_driver, endpoint);
                return;
            }
            tx.exec(sql::endpoint_fails, endpoint, clock_.now());
            const char* reason = gone ? "gone" : "failing";
            if (tx.exec(sql::disable_endpoint, endpoint, reason, clock_.now(), clock_.now() - options_.patience) == 0) return;
            // The notice: an event, which other endpoints may be subscribed to, and a line for the alarms.
            json::Writer data;
            data.begin_object();
            data.member("endpoint_id", endpoint.to_string());
            data.member("reason", reason);
            data.end_object();
            events::append(tx, events::NewEvent{"webhook.disabled", "webhook:" + endpoint.uuid().to_string(), data.take()});
            tx.after_commit([endpoint, reason] {
                log::error("a webhook endpoint was disabled", {{"endpoint", endpoint.to_string()}, {"reason", reason}});
            });
        });
        return {taken, last, status ? "status " + std::to_string(*status) : error};
    }

    void become_driver(db::Tx& tx, const db::Query& query, EndpointId endpoint) {
        const auto driver = Uuid::v7();
        if (tx.exec(query, endpoint, driver, clock_.now() + kDriven, clock_.now()) == 0) return;
        jobs::enqueue(tx, {std::string(kDriveJob),
                           fmt::format(R"({{"endpoint_id":"{}","driver":"{}"}})", endpoint.to_string(), driver.to_string()),
                           std::nullopt,
                           {},
                           kAttempts});
    }

    void deliver(const jobs::Job& job) {
        const auto payload = json::parse(job.payload);
        const auto id = payload ? DeliveryId::parse(payload->text_or("delivery_id")) : std::nullopt;
        if (!id) throw jobs::GiveUp("webhooks.deliver: the payload names no delivery");
        std::optional<Attempt> attempt;
        std::int64_t tried = 0;
        bool failing = false;
        database_.read([&](db::Session& session) {
            const auto rows = session.query(sql::delivery_to_send, *id);
            // Gone with its endpoint, done by another job, or held while the endpoint is disabled: a replay brings it back.
            if (rows.empty() || rows.front().get<std::string>("state") != "pending" || !rows.front().get<bool>("enabled")) return;
            failing = rows.front().get<bool>("failing");
            tried = rows.front().get<std::int64_t>("attempts");
            attempt = attempt_of(session, rows.front());
        });
        if (!attempt) return;
        if (failing) {
            // Its turn comes with the endpoint's driver. A job each would fill the queue of the worker, which has refunds and mails to do.
            const bool parked = database_.in_tx([&](db::Tx& tx) {
                if (tx.query(sql::lock_failing, attempt->endpoint).empty()) return false;
                tx.exec(sql::park_delivery, *id);
                become_driver(tx, sql::claim_driver, attempt->endpoint);
                return true;
            });
            if (parked) return;
        }
        const auto outcome = send_and_record(std::move(*attempt), job.attempt >= kAttempts || tried + 1 >= kAttempts, false);
        if (!outcome.taken && !outcome.last) throw std::runtime_error("webhook not taken: " + outcome.error);
    }

    // While an endpoint fails: tries one of its parked deliveries after the other, with pauses. When it works again: sends them all.
    void drive(const jobs::Job& job) {
        const auto payload = json::parse(job.payload);
        const auto endpoint = payload ? EndpointId::parse(payload->text_or("endpoint_id")) : std::nullopt;
        const auto driver = payload ? Uuid::parse(payload->text_or("driver")) : std::nullopt;
        if (!endpoint || !driver) throw jobs::GiveUp("webhooks.drive: the payload names no endpoint");
        // An address that lets everybody wait must not take all threads of the worker.
        std::unique_lock slow(failing_, std::defer_lock);
        std::optional<Attempt> attempt;
        std::int64_t tried = 0, waiting = 0;
        std::optional<std::chrono::seconds> pause;
        Timestamp since{};
        database_.in_tx([&](db::Tx& tx) {
            attempt.reset();
            pause.reset();
            const auto rows = tx.query(sql::lock_driven, *endpoint, *driver);
            if (rows.empty()) return;  // removed, or another drives it
            if (!rows.front().get<bool>("enabled")) {
                tx.exec(sql::end_driver, *endpoint);
                return;
            }
            const auto failing_since = rows.front().get<std::optional<Timestamp>>("failing_since");
            if (!failing_since) {
                if (enqueue(tx, tx.query(sql::release_parked, *endpoint, kReleased)) < kReleased)
                    tx.exec(sql::end_driver, *endpoint);
                else
                    pause = kReleasePause;
            } else if (const auto next = tx.query(sql::next_parked, *endpoint, kMostCounted); next.empty()) {
                tx.exec(sql::end_driver, *endpoint);
            } else if (!slow.owns_lock() && !slow.try_lock()) {
                pause = std::chrono::seconds{60};
            } else {
                since = *failing_since;
                tried = next.front().get<std::int64_t>("attempts");
                waiting = next.front().get<std::int64_t>("waiting");
                attempt = attempt_of(tx, next.front());
                if (!attempt) {
                    tx.exec(sql::record_attempt, next.front().get<DeliveryId>("id"), "failed", std::optional<std::int64_t>{},
                            "The event is not in the log any more.", clock_.now());
                    pause = std::chrono::seconds{0};
                }
            }
            if (pause || attempt) tx.exec(sql::drive_on, *endpoint, clock_.now() + kDriven);
        });
        if (attempt) {
            const auto outcome = send_and_record(std::move(*attempt), tried + 1 >= kAttempts, true);
            const auto failed_for = std::chrono::ceil<std::chrono::seconds>(clock_.now() - since);
            pause = outcome.taken ? std::chrono::seconds{0} : std::clamp(failed_for, std::chrono::seconds{2}, kLongestPause / waiting);
        }
        if (pause) throw jobs::Postpone{*pause};
    }

    db::Database& database_;
    const Clock& clock_;
    std::shared_ptr<http_client::Client> client_;
    Options options_;
    std::mutex failing_;  // held while one of the failing endpoints is called
};

}  // namespace

std::string signature(std::string_view secret, std::string_view id, std::int64_t timestamp, std::string_view body) {
    std::string key;
    if (!secret.starts_with("whsec_") || !crypto::base64_decode(secret.substr(6), key)) throw std::invalid_argument("webhooks: no secret");
    return "v1," + crypto::base64(crypto::hmac_sha256(key, fmt::format("{}.{}.{}", id, timestamp, body)));
}

std::vector<jobs::Schedule> schedules() { return {{"webhooks.purge", "41 3 * * *", std::string(kPurgeJob), "{}"}}; }

std::shared_ptr<Webhooks> make_webhooks(db::Database& database, const Clock& clock, std::shared_ptr<http_client::Client> client,
                                        Options options) {
    return std::make_shared<PgWebhooks>(database, clock, std::move(client), std::move(options));
}

}  // namespace stoa::webhooks
