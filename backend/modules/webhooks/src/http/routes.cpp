#include "codes.hpp"
#include "stoa/http/idempotency.hpp"
#include "stoa/http/staff.hpp"
#include "stoa/webhooks/webhooks.hpp"

namespace stoa::webhooks {
namespace {

constexpr int kPage = 100;
constexpr int kMaxPage = 500;
constexpr std::string_view kPermission = "webhooks.update";

struct EventsQuery {
    std::int64_t after = 0;
    std::int64_t limit = kPage;
};
void describe(json::Struct<EventsQuery>& d) {
    d.name("EventsQuery");
    d.field<&EventsQuery::after>("after", "The position of the last event that is known; 0 for the first.").min(0).optional();
    d.field<&EventsQuery::limit>("limit", "Events of the log that are looked at.").min(1).max(kMaxPage).optional();
}
struct EventDto {
    std::int64_t position = 0;
    std::string id, type;
    Timestamp timestamp;
    json::Raw data;
};
void describe(json::Struct<EventDto>& d) {
    d.name("Event");
    d.field<&EventDto::position>("position");
    d.field<&EventDto::id>("id", "The webhook-id it is pushed with.");
    d.field<&EventDto::type>("type");
    d.field<&EventDto::timestamp>("timestamp");
    d.field<&EventDto::data>("data", "Ids and facts: docs/reference/events.md.");
}
struct EventListDto {
    std::vector<EventDto> items;
    std::int64_t after = 0;
    bool more = false;
};
void describe(json::Struct<EventListDto>& d) {
    d.name("EventList");
    d.field<&EventListDto::items>("items", "In the order of their positions; only types that the token is for.");
    d.field<&EventListDto::after>("after", "Ask with this the next time.");
    d.field<&EventListDto::more>("more");
}

struct EndpointDto {
    EndpointId id;
    std::string url, description;
    std::vector<std::string> types;
    bool enabled = true;
    std::string disabled_reason;
    std::optional<Timestamp> failing_since;
    Timestamp created_at;
    std::int64_t pending = 0, failed = 0;
};
void describe(json::Struct<EndpointDto>& d) {
    d.name("WebhookEndpoint");
    d.field<&EndpointDto::id>("id");
    d.field<&EndpointDto::url>("url");
    d.field<&EndpointDto::description>("description");
    d.field<&EndpointDto::types>("types");
    d.field<&EndpointDto::enabled>("enabled");
    d.field<&EndpointDto::disabled_reason>("disabled_reason", "staff, failing (for days) or gone (it answered 410); empty when enabled.");
    d.field<&EndpointDto::failing_since>("failing_since");
    d.field<&EndpointDto::created_at>("created_at");
    d.field<&EndpointDto::pending>("pending");
    d.field<&EndpointDto::failed>("failed");
}
struct EndpointListDto {
    std::vector<EndpointDto> items;
};
void describe(json::Struct<EndpointListDto>& d) {
    d.name("WebhookEndpointList");
    d.field<&EndpointListDto::items>("items");
}
struct NewEndpointDto {
    std::string url, description;
    std::vector<std::string> types;
};
void describe(json::Struct<NewEndpointDto>& d) {
    d.name("NewWebhookEndpoint");
    d.field<&NewEndpointDto::url>("url").max_length(2000);
    d.field<&NewEndpointDto::description>("description").trim().max_length(200).optional();
    d.field<&NewEndpointDto::types>("types", "Such as order.confirmed, order.* or *.").min_length(1).max_length(50);
}
struct CreatedDto {
    EndpointId id;
    std::string secret, token;
};
void describe(json::Struct<CreatedDto>& d) {
    d.name("CreatedWebhookEndpoint");
    d.field<&CreatedDto::id>("id");
    d.field<&CreatedDto::secret>("secret", "Verifies webhook-signature. Shown this once.");
    d.field<&CreatedDto::token>("token", "Bearer token for GET /api/v1/events. Shown this once.");
}
struct ChangeDto {
    std::optional<std::string> url, description;
    std::optional<std::vector<std::string>> types;
    std::optional<bool> enabled;
};
void describe(json::Struct<ChangeDto>& d) {
    d.name("ChangeWebhookEndpoint");
    d.field<&ChangeDto::url>("url").max_length(2000);
    d.field<&ChangeDto::description>("description").trim().max_length(200);
    d.field<&ChangeDto::types>("types").min_length(1).max_length(50);
    d.field<&ChangeDto::enabled>("enabled");
}
struct DeliveriesQuery {
    std::optional<std::int64_t> before;
    std::int64_t limit = kPage;
};
void describe(json::Struct<DeliveriesQuery>& d) {
    d.name("WebhookDeliveriesQuery");
    d.field<&DeliveriesQuery::before>("before", "The position that the page before ended with.").min(1);
    d.field<&DeliveriesQuery::limit>("limit").min(1).max(kMaxPage).optional();
}
struct DeliveryDto {
    DeliveryId id;
    std::int64_t position = 0;
    std::string type, state;
    std::int64_t attempts = 0;
    std::optional<std::int64_t> status;
    std::string error;
    Timestamp created_at;
    std::optional<Timestamp> attempted_at;
};
void describe(json::Struct<DeliveryDto>& d) {
    d.name("WebhookDelivery");
    d.field<&DeliveryDto::id>("id");
    d.field<&DeliveryDto::position>("position");
    d.field<&DeliveryDto::type>("type");
    d.field<&DeliveryDto::state>("state");
    d.field<&DeliveryDto::attempts>("attempts");
    d.field<&DeliveryDto::status>("status", "What the last attempt was answered with; absent when nobody answered.");
    d.field<&DeliveryDto::error>("error");
    d.field<&DeliveryDto::created_at>("created_at");
    d.field<&DeliveryDto::attempted_at>("attempted_at");
}
struct DeliveryListDto {
    std::vector<DeliveryDto> items;
};
void describe(json::Struct<DeliveryListDto>& d) {
    d.name("WebhookDeliveryList");
    d.field<&DeliveryListDto::items>("items", "Newest first.");
}
struct ReplayDto {
    std::int64_t after = 0;
};
void describe(json::Struct<ReplayDto>& d) {
    d.name("ReplayWebhooks");
    d.field<&ReplayDto::after>("after", "Everything after this position is sent again.").min(0);
}
struct ReplayedDto {
    std::int64_t queued = 0;
    std::optional<std::int64_t> next;
};
void describe(json::Struct<ReplayedDto>& d) {
    d.name("ReplayedWebhooks");
    d.field<&ReplayedDto::queued>("queued");
    d.field<&ReplayedDto::next>("next", "Go on after this one; absent at the end of the log.");
}

struct RotatedDto {
    std::string secret;
};
void describe(json::Struct<RotatedDto>& d) {
    d.name("RotatedWebhookSecret");
    d.field<&RotatedDto::secret>("secret", "Signs from now on; for a day the one before signs too. Shown this once.");
}
struct RenewedDto {
    std::string token;
};
void describe(json::Struct<RenewedDto>& d) {
    d.name("RenewedWebhookToken");
    d.field<&RenewedDto::token>("token", "Bearer token for GET /api/v1/events; the one before reads nothing any more. Shown this once.");
}
struct PongDto {
    bool taken = false;
    std::optional<std::int64_t> status;
    std::string error;
};
void describe(json::Struct<PongDto>& d) {
    d.name("WebhookPong");
    d.field<&PongDto::taken>("taken", "It answered with 2xx.");
    d.field<&PongDto::status>("status", "Absent when nobody answered.");
    d.field<&PongDto::error>("error", "What it answered otherwise, or why it was not reached.");
}

EndpointDto dto_of(const Endpoint& e) {
    return {e.id, e.url, e.description, e.types, e.enabled, e.disabled_reason, e.failing_since, e.created_at, e.pending, e.failed};
}
Error not_found() { return {ErrorKind::not_found, std::string(codes::kNotFound), "There is no such endpoint.", {}, {}, {}, 0}; }

// What the log may hold of an endpoint: no secret.
std::string audited(const Endpoint& endpoint) { return json::render(dto_of(endpoint)); }

std::string_view bearer(const http::Request& request) {
    const auto header = request.header("authorization");
    return header.starts_with("Bearer ") && header.size() < 200 ? header.substr(7) : std::string_view{};
}

}  // namespace

void add_event_routes(http::Routes& routes, db::Database& database, const std::shared_ptr<Webhooks>& webhooks) {
    routes.get("/api/v1/events", "list_events")
        .summary("What happened, from a position on")
        .description(
            "For other systems that catch up. `Authorization: Bearer` with the token of a webhook endpoint; it reads the types that the "
            "endpoint is for.")
        .tag("events")
        .query<EventsQuery>()
        .returns<EventListDto>()
        .fails({codes::kTokenRequired})
        .handle([&, webhooks](const http::Request& request) {
            const auto token = bearer(request);
            const auto unknown = [] {
                return http::problem(Error{
                    ErrorKind::unauthenticated, std::string(codes::kTokenRequired), "The token of an endpoint is needed.", {}, {}, {}, 0});
            };
            if (token.empty()) return unknown();
            const auto query = http::query_as<EventsQuery>(request);
            if (!query) return http::problem(query.error());
            const auto list = database.read([&](db::Session& session) -> std::optional<EventListDto> {
                const auto types = webhooks->types_of(session, token);
                if (!types) return std::nullopt;
                EventListDto out;
                out.after = query->after;
                const auto events = events::read_after(session, query->after, static_cast<int>(query->limit));
                out.more = static_cast<std::int64_t>(events.size()) == query->limit;
                if (!events.empty()) out.after = events.back().position;
                for (const auto& event : events) {
                    if (events::matches(*types, event.type))
                        out.items.push_back(
                            {event.position, "evt_" + std::to_string(event.position), event.type, event.at, json::Raw{event.data}});
                }
                return out;
            });
            if (!list) return unknown();
            return http::ok(*list);
        });
}

void add_webhook_desk_routes(http::Routes& routes, db::Database& database, http::Idempotency& idempotency,
                             const std::shared_ptr<Webhooks>& webhooks, http::StaffGate& gate, http::AuditLog& audit) {
    const auto desk = [](http::Route& route) -> http::Route& {
        return route.tag("admin webhooks").on(http::Pool::staff).requires_access(http::Access::staff);
    };
    desk(routes.get("/api/v1/admin/webhooks", "admin_list_webhooks"))
        .summary("Endpoints that are told about events")
        .returns<EndpointListDto>()
        .fails({"staff.login_required", "staff.forbidden"})
        .handle([&, webhooks](const http::Request& request) {
            if (const auto actor = gate.require(request, "webhooks.read"); !actor) return http::problem(actor.error());
            EndpointListDto out;
            for (const auto& endpoint : database.read([&](db::Session& session) { return webhooks->list(session); }))
                out.items.push_back(dto_of(endpoint));
            return http::ok(out);
        });

    desk(routes.post("/api/v1/admin/webhooks", "admin_create_webhook"))
        .summary("Tell an address about events")
        .description("Takes no Idempotency-Key: the answer holds secrets, which are not kept.")
        .body<NewEndpointDto>()
        .returns<CreatedDto>(201)
        .fails({"staff.login_required", "staff.forbidden"})
        .handle([&, webhooks](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto input = http::body_as<NewEndpointDto>(request);
            if (!input) return http::problem(input.error());
            const auto created = database.in_tx([&](db::Tx& tx) -> Result<Created> {
                auto made = webhooks->create(tx, input->url, input->description, input->types);
                if (made)
                    audit.record(tx, *actor, {"create", "webhooks", made->id.to_string(), "", audited(*webhooks->find(tx, made->id))});
                return made;
            });
            if (!created) return http::problem(created.error());
            return http::created(CreatedDto{created->id, created->secret, created->token});
        });

    desk(routes.patch("/api/v1/admin/webhooks/{webhook_id}", "admin_change_webhook"))
        .summary("Change, disable or enable an endpoint")
        .body<ChangeDto>()
        .returns<EndpointDto>()
        .fails({codes::kNotFound, "staff.login_required", "staff.forbidden"})
        .handle([&, webhooks](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto input = http::body_as<ChangeDto>(request);
            if (!input) return http::problem(input.error());
            const auto id = http::id_param<EndpointId>(request, "webhook_id");
            const auto changed = database.in_tx([&](db::Tx& tx) -> Result<Endpoint> {
                const auto before = webhooks->lock(tx, id);
                if (!before) return std::unexpected(not_found());
                Endpoint wanted = *before;
                if (input->url) wanted.url = *input->url;
                if (input->description) wanted.description = *input->description;
                if (input->types) wanted.types = *input->types;
                if (input->enabled) wanted.enabled = *input->enabled;
                const auto done = webhooks->update(tx, wanted);
                if (!done) return std::unexpected(done.error());
                const auto after = *webhooks->find(tx, id);
                audit.record(tx, *actor, {"update", "webhooks", id.to_string(), audited(*before), audited(after)});
                return after;
            });
            if (!changed) return http::problem(changed.error());
            return http::ok(dto_of(*changed));
        });

    desk(routes.del("/api/v1/admin/webhooks/{webhook_id}", "admin_remove_webhook"))
        .summary("Forget an endpoint with its deliveries")
        .returns_nothing()
        .fails({codes::kNotFound, "staff.login_required", "staff.forbidden"})
        .handle([&, webhooks](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<EndpointId>(request, "webhook_id");
            const bool removed = database.in_tx([&](db::Tx& tx) {
                const auto before = webhooks->find(tx, id);
                if (!before || !webhooks->remove(tx, id)) return false;
                audit.record(tx, *actor, {"delete", "webhooks", id.to_string(), audited(*before), ""});
                return true;
            });
            if (!removed) return http::problem(not_found());
            return http::no_content();
        });

    desk(routes.get("/api/v1/admin/webhooks/{webhook_id}/deliveries", "admin_list_webhook_deliveries"))
        .summary("What was sent to an endpoint, and what became of it")
        .query<DeliveriesQuery>()
        .returns<DeliveryListDto>()
        .fails({codes::kNotFound, "staff.login_required", "staff.forbidden"})
        .handle([&, webhooks](const http::Request& request) {
            if (const auto actor = gate.require(request, "webhooks.read"); !actor) return http::problem(actor.error());
            const auto query = http::query_as<DeliveriesQuery>(request);
            if (!query) return http::problem(query.error());
            const auto id = http::id_param<EndpointId>(request, "webhook_id");
            const auto list = database.read([&](db::Session& session) -> std::optional<DeliveryListDto> {
                if (!webhooks->find(session, id)) return std::nullopt;
                DeliveryListDto out;
                for (auto& d : webhooks->deliveries(session, id, query->before, static_cast<int>(query->limit)))
                    out.items.push_back({d.id, d.position, d.type, d.state, d.attempts, d.status, d.error, d.created_at, d.attempted_at});
                return out;
            });
            if (!list) return http::problem(not_found());
            return http::ok(*list);
        });

    desk(routes.post("/api/v1/admin/webhooks/{webhook_id}/replay", "admin_replay_webhooks"))
        .summary("Send events again, from a position on")
        .body<ReplayDto>()
        .returns<ReplayedDto>(202)
        .fails({codes::kNotFound, "staff.login_required", "staff.forbidden"})
        .idempotent()
        .handle([&, webhooks](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto input = http::body_as<ReplayDto>(request);
            if (!input) return http::problem(input.error());
            const auto id = http::id_param<EndpointId>(request, "webhook_id");
            return idempotency.run(request, "staff:" + actor->id.to_string(), [&](db::Tx& tx) -> Result<http::Response> {
                const auto endpoint = webhooks->find(tx, id);
                if (!endpoint) return std::unexpected(not_found());
                const auto replayed = webhooks->replay(tx, *endpoint, input->after);
                audit.record(tx, *actor, {"replay", "webhooks", id.to_string(), "", json::render(*input)});
                return http::accepted(ReplayedDto{replayed.queued, replayed.next});
            });
        });

    desk(routes.post("/api/v1/admin/webhooks/{webhook_id}/secret", "admin_rotate_webhook_secret"))
        .summary("Give an endpoint a new signing secret")
        .description("Takes no Idempotency-Key: the answer holds the secret, which is not kept.")
        .returns<RotatedDto>()
        .fails({codes::kNotFound, "staff.login_required", "staff.forbidden"})
        .handle([&, webhooks](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<EndpointId>(request, "webhook_id");
            const auto secret = database.in_tx([&](db::Tx& tx) {
                auto fresh = webhooks->rotate(tx, id);
                if (fresh) audit.record(tx, *actor, {"rotate_secret", "webhooks", id.to_string(), "", ""});
                return fresh;
            });
            if (!secret) return http::problem(not_found());
            return http::ok(RotatedDto{*secret});
        });

    desk(routes.post("/api/v1/admin/webhooks/{webhook_id}/token", "admin_renew_webhook_token"))
        .summary("Give an endpoint a new reading token")
        .description("The one before ends at once. Takes no Idempotency-Key: the answer holds the token, which is not kept.")
        .returns<RenewedDto>()
        .fails({codes::kNotFound, "staff.login_required", "staff.forbidden"})
        .handle([&, webhooks](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto id = http::id_param<EndpointId>(request, "webhook_id");
            const auto token = database.in_tx([&](db::Tx& tx) {
                auto fresh = webhooks->renew_token(tx, id);
                if (fresh) audit.record(tx, *actor, {"renew_token", "webhooks", id.to_string(), "", ""});
                return fresh;
            });
            if (!token) return http::problem(not_found());
            return http::ok(RenewedDto{*token});
        });

    desk(routes.post("/api/v1/admin/webhooks/{webhook_id}/ping", "admin_ping_webhook"))
        .on(http::Pool::outbound)
        .summary("Send an endpoint a test, and see what it answers")
        .returns<PongDto>()
        .fails({codes::kNotFound, "staff.login_required", "staff.forbidden"})
        .handle([&, webhooks](const http::Request& request) {
            const auto actor = gate.require(request, kPermission);
            if (!actor) return http::problem(actor.error());
            const auto pong = webhooks->ping(http::id_param<EndpointId>(request, "webhook_id"));
            if (!pong) return http::problem(not_found());
            return http::ok(PongDto{pong->taken, pong->status, pong->error});
        });
}

}  // namespace stoa::webhooks
