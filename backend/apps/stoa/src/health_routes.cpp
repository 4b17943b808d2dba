#include "shop.hpp"
#include "stoa/metrics/metrics.hpp"

namespace stoa::app {

http::OpenApiInfo api_info() {
    return {"Stoa", "1.0.0",
            "The shop's API. Amounts are minor units with their currency. Errors are problem documents (RFC 9457) with a stable code. "
            "Writes that create or move something take an Idempotency-Key.",
            "/"};
}

void add_health_routes(http::Routes& routes, Shop& shop) {
    routes.get("/healthz", "healthz")
        .summary("The process is alive")
        .undocumented()
        .on(http::Pool::memory)
        .handle([](const http::Request&) { return http::json_text(200, R"({"status":"ok"})"); });
    routes.get("/readyz", "readyz").summary("The process can serve").undocumented().handle([&shop](const http::Request&) {
        const auto missing = shop.not_ready();
        if (!missing.empty())
            return http::problem({ErrorKind::unavailable, "http.not_ready", "Not ready: " + missing + ".", {}, {}, {}, 1});
        return http::json_text(200, R"({"status":"ready"})");
    });
    routes.get("/metrics", "metrics")
        .summary("Prometheus metrics")
        .undocumented()
        .on(http::Pool::memory)
        .handle([&shop](const http::Request&) {
            const auto stats = shop.database.stats();
            metrics::set("db_connections_open", {}, stats.open);
            metrics::set("db_connections_idle", {}, stats.idle);
            metrics::set("search_snapshot_version", {}, static_cast<double>(shop.search->status().version));
            metrics::set("search_products", {}, static_cast<double>(shop.search->status().products));
            http::Response response;
            response.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
            response.body = metrics::exposition();
            return response;
        });
}

}  // namespace stoa::app
