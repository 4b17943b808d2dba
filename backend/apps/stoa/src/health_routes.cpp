#include <fmt/format.h>

#include <set>

#include "shop.hpp"
#include "stoa/log/log.hpp"
#include "stoa/metrics/metrics.hpp"

namespace stoa::app {
namespace {

http::Response alive(const http::Request&) { return http::json_text(200, R"({"status":"ok"})"); }

// Without Redis everything works, slower: that is said, and no reason to send shoppers elsewhere (docs/adr/0005).
http::Response readiness(const std::string& missing, redis::Redis& redis) {
    const bool has_redis = redis.ping();
    if (!missing.empty()) return http::problem({ErrorKind::unavailable, "http.not_ready", "Not ready: " + missing + ".", {}, {}, {}, 1});
    return http::json_text(200, has_redis ? R"({"status":"ready"})" : R"({"status":"degraded","missing":["redis"]})");
}

// What is to raise an alarm is looked at when it is asked for; the question to Redis may take a moment, so not in the memory pool.
http::Response exposition(db::Database& database, redis::Redis& redis) {
    metrics::set("redis_up", {}, redis.ping() ? 1 : 0);
    const auto stats = database.stats();
    metrics::set("db_connections_open", {}, stats.open);
    metrics::set("db_connections_idle", {}, stats.idle);
    http::Response response;
    response.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    response.body = metrics::exposition();
    return response;
}

std::string database_problem(db::Database& database) {
    if (!database.ping()) return "database";
    try {
        return schema_problem(database);
    } catch (const db::DbError&) {  // it went away between the two questions
        return "database";
    }
}

}  // namespace

http::OpenApiInfo api_info() {
    return {"Stoa", "1.0.0",
            "The shop's API. Amounts are minor units with their currency. Errors are problem documents (RFC 9457) with a stable code. "
            "Writes that create or move something take an Idempotency-Key.",
            "/"};
}

std::string schema_problem(db::Database& database) {
    // A newer schema is fine: migrations keep the older program working. Numbers are ranges of the modules, so the highest says nothing.
    if (db::schema_version(database) == 0) return "the database is empty; run stoa migrate";
    const auto applied = database.read([](db::Session& session) {
        constexpr db::Query kApplied{"app.applied_migrations", "select number from platform.migration"};
        std::set<int> out;
        for (const auto row : session.query(kApplied)) out.insert(row.get<int>("number"));
        return out;
    });
    for (const auto& migration : db::all_migrations()) {
        if (!applied.contains(migration.number)) return fmt::format("migration {} is missing; run stoa migrate", migration.number);
    }
    return {};
}

std::string Shop::not_ready() {
    if (auto problem = database_problem(database); !problem.empty()) return problem;
    if (!search->status().ready) return "read model";
    if (!content->ready()) return "content";
    return {};
}

void add_health_routes(http::Routes& routes, Shop& shop) {
    routes.get("/healthz", "healthz").summary("The process is alive").undocumented().on(http::Pool::memory).handle(alive);
    routes.get("/readyz", "readyz").summary("The process can serve").undocumented().handle([&shop](const http::Request&) {
        return readiness(shop.not_ready(), shop.redis);
    });
    routes.get("/metrics", "metrics").summary("Prometheus metrics").undocumented().handle([&shop](const http::Request&) {
        metrics::set("search_snapshot_version", {}, static_cast<double>(shop.search->status().version));
        metrics::set("search_products", {}, static_cast<double>(shop.search->status().products));
        return exposition(shop.database, shop.redis);
    });
}

void add_worker_health_routes(http::Routes& routes, Shop& shop) {
    routes.get("/healthz", "healthz").undocumented().on(http::Pool::memory).handle(alive);
    routes.get("/readyz", "readyz").undocumented().handle([&shop](const http::Request&) {
        return readiness(database_problem(shop.database), shop.redis);
    });
    routes.get("/metrics", "metrics").undocumented().handle([&shop](const http::Request&) {
        return exposition(shop.database, shop.redis);
    });
}

}  // namespace stoa::app
