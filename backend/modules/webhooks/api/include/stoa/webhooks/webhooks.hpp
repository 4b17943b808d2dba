#pragma once
// Events for others: pushed to their addresses, signed by Standard Webhooks, and to be read from any position. PostgreSQL's event log is
// the truth; a delivery is a row and a job.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/events/events.hpp"
#include "stoa/http/router.hpp"
#include "stoa/http_client/client.hpp"
#include "stoa/ids/id.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/result/result.hpp"

namespace stoa::http {
class Idempotency;
class StaffGate;
class AuditLog;
}  // namespace stoa::http

namespace stoa::webhooks {

using EndpointId = Id<"whe">;
using DeliveryId = Id<"whd">;

struct Endpoint {
    EndpointId id;
    std::string url, description;
    std::vector<std::string> types;  // "order.confirmed", "order.*", "*"
    bool enabled = true;
    std::string disabled_reason;  // "staff", "failing", "gone"
    std::optional<Timestamp> failing_since;
    Timestamp created_at;
    std::int64_t pending = 0, failed = 0;
};
struct Created {
    EndpointId id;
    std::string secret;  // "whsec_…": shown once
    std::string token;   // for GET /api/v1/events: shown once
};
struct Delivery {
    DeliveryId id;
    std::int64_t position = 0;
    std::string type, state;
    std::int64_t attempts = 0;
    std::optional<std::int64_t> status;
    std::string error;
    Timestamp created_at;
    std::optional<Timestamp> attempted_at;
};

struct Options {
    std::string secret_key;               // seals the endpoints' secrets
    bool development = false;             // http and addresses of this machine are allowed
    std::chrono::hours patience{5 * 24};  // an endpoint that has failed for so long is disabled
};

class Webhooks {
public:
    virtual ~Webhooks() = default;
    // Errors: http.invalid_fields (address, types).
    [[nodiscard]] virtual Result<Created> create(db::Tx& tx, std::string url, std::string description, std::vector<std::string> types) = 0;
    // Enabling ends a time of failure. False when there is no such endpoint.
    [[nodiscard]] virtual Result<bool> update(db::Tx& tx, const Endpoint& endpoint) = 0;
    virtual bool remove(db::Tx& tx, EndpointId id) = 0;
    [[nodiscard]] virtual std::vector<Endpoint> list(db::Session& session) = 0;
    [[nodiscard]] virtual std::optional<Endpoint> find(db::Session& session, EndpointId id) = 0;
    // The same, and the endpoint stays as it is until the transaction ends.
    [[nodiscard]] virtual std::optional<Endpoint> lock(db::Tx& tx, EndpointId id) = 0;
    // Newest first, below `before`.
    [[nodiscard]] virtual std::vector<Delivery> deliveries(db::Session& session, EndpointId id, std::optional<std::int64_t> before,
                                                           int limit) = 0;
    // Sends what happened after `position` again, at most a thousand events of the log; where to go on, nullopt at the end of the log.
    struct Replayed {
        std::int64_t queued = 0;
        std::optional<std::int64_t> next;
    };
    [[nodiscard]] virtual Replayed replay(db::Tx& tx, const Endpoint& endpoint, std::int64_t position) = 0;
    // A new signing secret: shown once. The one before signs too for a day. Nullopt when there is no such endpoint.
    [[nodiscard]] virtual std::optional<std::string> rotate(db::Tx& tx, EndpointId id) = 0;
    // A new reading token: shown once. The one before ends at once. Nullopt when there is no such endpoint.
    [[nodiscard]] virtual std::optional<std::string> renew_token(db::Tx& tx, EndpointId id) = 0;
    // Sends "webhook.ping" to the endpoint at once, disabled or not, and says what it answered. Not part of the log. Calls outside: not
    // with a transaction open. Nullopt when there is no such endpoint.
    struct Pong {
        bool taken = false;
        std::optional<std::int64_t> status;
        std::string error;
    };
    [[nodiscard]] virtual std::optional<Pong> ping(EndpointId id) = 0;
    // Which events a token may read; nullopt for an unknown one, and for that of an endpoint which staff disabled.
    [[nodiscard]] virtual std::optional<std::vector<std::string>> types_of(db::Session& session, std::string_view token) = 0;

    // What these return keeps the object alive.
    [[nodiscard]] virtual std::vector<events::Subscription> subscriptions() = 0;
    [[nodiscard]] virtual std::vector<jobs::Handler> job_handlers() = 0;
};

// Holds no state of its own. `client` connects to public addresses only, unless in development.
[[nodiscard]] std::shared_ptr<Webhooks> make_webhooks(db::Database& database, const Clock& clock,
                                                      std::shared_ptr<http_client::Client> client, Options options);
[[nodiscard]] std::vector<jobs::Schedule> schedules();

// Standard Webhooks: "v1," and base64 of HMAC-SHA256 over "id.timestamp.body". `secret` is "whsec_" and base64.
[[nodiscard]] std::string signature(std::string_view secret, std::string_view id, std::int64_t timestamp, std::string_view body);

void add_event_routes(http::Routes& routes, db::Database& database, const std::shared_ptr<Webhooks>& webhooks);
void add_webhook_desk_routes(http::Routes& routes, db::Database& database, http::Idempotency& idempotency,
                             const std::shared_ptr<Webhooks>& webhooks, http::StaffGate& gate, http::AuditLog& audit);

}  // namespace stoa::webhooks
