#include <csignal>

#include "commands.hpp"
#include "revalidate.hpp"
#include "sentry.hpp"
#include "shop.hpp"
#include "stoa/http/server.hpp"
#include "stoa/log/log.hpp"
#include "stoa/metrics/metrics.hpp"

namespace stoa::app {
namespace {

// Blocks the signals in this thread (and those started later) and waits for one of them.
class Signals {
public:
    Signals() {
        sigemptyset(&set_);
        sigaddset(&set_, SIGTERM);
        sigaddset(&set_, SIGINT);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
        std::signal(SIGPIPE, SIG_IGN);
    }
    int wait() {
        int signal = 0;
        sigwait(&set_, &signal);
        return signal;
    }

private:
    sigset_t set_{};
};

http::ServerOptions server_options(const Config& config, std::uint16_t port) {
    http::ServerOptions options;
    options.address = config.http_address;
    options.port = port;
    options.shop = {config.shop_threads, 512};
    options.staff = {config.staff_threads, 64};
    options.outbound = {config.outbound_threads, 256};
    options.password = {config.password_threads, 64};
    options.trust_proxy = config.trust_proxy;
    options.dispatch.public_origin = config.public_url;
    options.dispatch.development = config.environment == Environment::development;
    return options;
}

}  // namespace

int run_serve(const Config& config) {
    Signals signals;
    storage::init_images("stoa");
    ShopOptions options;
    // A worker of each pool owns one connection while it works; the read model and readiness need a few more.
    options.database_connections = config.shop_threads + config.staff_threads + config.outbound_threads + config.password_threads + 4;
    Shop shop(config, options);
    if (const int version = db::schema_version(shop.database); version < db::all_migrations().back().number) {
        log::error("the database is older than this program",
                   {{"schema", version}, {"needed", db::all_migrations().back().number}, {"cure", "stoa migrate"}});
        return 1;
    }
    shop.search->load();
    shop.search->start();
    (void)shop.content->refresh();
    shop.content->start();
    const std::string environment = config.is_production()                       ? "production"
                                    : config.environment == Environment::staging ? "staging"
                                                                                 : "development";
    Sentry sentry(shop.client, shop.clock, config.sentry_dsn, environment, "stoa@1.0.0");
    auto settings = server_options(config, config.http_port);
    settings.dispatch.on_exception = [&sentry](const http::Request& request, std::string_view what) { sentry.report(request, what); };
    http::Server server(shop.routes(), settings);
    server.start();
    log::info("serving", {{"address", config.http_address}, {"port", server.port()}, {"products", shop.search->status().products}});
    const int signal = signals.wait();
    log::info("draining", {{"signal", signal}});
    server.stop();
    sentry.flush(std::chrono::seconds{2});
    shop.content->stop();
    shop.search->stop();
    log::info("stopped");
    return 0;
}

int run_worker(const Config& config) {
    Signals signals;
    storage::init_images("stoa");
    ShopOptions options;
    options.database_connections = 16;
    options.search_feed = false;
    Shop shop(config, options);
    jobs::Worker worker(shop.database, shop.redis, shop.clock, shop.job_handlers(), shop.subscriptions(), shop.schedules());
    Revalidator revalidator(shop.database, shop.client, shop.clock, config.storefront_url, config.revalidate_secret);
    http::Routes routes;
    routes.get("/healthz", "healthz").undocumented().on(http::Pool::memory).handle([](const http::Request&) {
        return http::json_text(200, R"({"status":"ok"})");
    });
    routes.get("/readyz", "readyz").undocumented().handle([&shop](const http::Request&) {
        if (!shop.database.ping()) return http::problem({ErrorKind::unavailable, "http.not_ready", "Not ready: database.", {}, {}, {}, 1});
        return http::json_text(200, R"({"status":"ready"})");
    });
    routes.get("/metrics", "metrics").undocumented().on(http::Pool::memory).handle([](const http::Request&) {
        http::Response response;
        response.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
        response.body = metrics::exposition();
        return response;
    });
    routes.freeze();
    auto server_settings = server_options(config, config.worker_port);
    server_settings.shop = {1, 16};
    server_settings.staff = server_settings.outbound = server_settings.password = {1, 4};
    http::Server server(routes, server_settings);
    server.start();
    worker.start();
    revalidator.start();
    log::info("working", {{"port", server.port()}});
    const int signal = signals.wait();
    log::info("draining", {{"signal", signal}});
    revalidator.stop();
    worker.stop();
    server.stop();
    log::info("stopped");
    return 0;
}

}  // namespace stoa::app
