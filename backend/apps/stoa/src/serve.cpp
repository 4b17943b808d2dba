#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include "commands.hpp"
#include "revalidate.hpp"
#include "sentry.hpp"
#include "shop.hpp"
#include "stoa/http/server.hpp"
#include "stoa/log/log.hpp"

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

// From the signal on, everything that ends the process has this time together. What still runs then is cut off: its transaction is
// rolled back, a lease, an idempotency key or the sweeper takes it up again.
constexpr std::chrono::seconds kDrain{10};
constexpr std::chrono::seconds kServerDrain{9};  // leaves a moment for what comes after it

class DrainLimit {
public:
    DrainLimit() = default;
    DrainLimit(const DrainLimit&) = delete;
    DrainLimit& operator=(const DrainLimit&) = delete;
    ~DrainLimit() {
        {
            const std::lock_guard lock(mutex_);
            done_ = true;
        }
        changed_.notify_all();
        if (thread_.joinable()) thread_.join();
    }
    void begin() {
        thread_ = std::thread([this] {
            std::unique_lock lock(mutex_);
            if (changed_.wait_for(lock, kDrain, [this] { return done_; })) return;
            log::warning("cut off: not everything ended in time", {{"seconds", kDrain.count()}});
            ::_exit(1);
        });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
    std::thread thread_;
};

bool refuses_schema(db::Database& database) {
    const auto problem = schema_problem(database);
    if (problem.empty()) return false;
    log::error("the database is older than this program", {{"reason", problem}});
    return true;
}

http::ServerOptions server_options(const Config& config, std::uint16_t port) {
    http::ServerOptions options;
    options.address = config.http_address;
    options.port = port;
    options.io_threads = config.io_threads;
    options.shop = {config.shop_threads, 512};
    options.staff = {config.staff_threads, 64};
    options.outbound = {config.outbound_threads, 256};
    options.password = {config.password_threads, 64};
    options.trust_proxy = config.trust_proxy;
    options.drain_timeout = kServerDrain;
    options.dispatch.public_origin = config.public_url;
    options.dispatch.development = config.environment == Environment::development;
    return options;
}

// What they would sign and seal, everybody could open.
void refuse_published_secrets(const Config& config) {
    if (!config.is_production()) return;
    if (const auto reasons = published_secrets(config); !reasons.empty()) throw ConfigError(fmt::format("{}", fmt::join(reasons, " ")));
}

}  // namespace

int run_serve(const Config& config) {
    refuse_published_secrets(config);
    Signals signals;
    DrainLimit limit;  // ends after everything below
    storage::init_images("stoa");
    ShopOptions options;
    // A worker of each pool owns one connection while it works; the read model and readiness need a few more.
    options.database_connections = config.shop_threads + config.staff_threads + config.outbound_threads + config.password_threads +
                                   http::ServerOptions{}.streams.threads + 4;
    Shop shop(config, options);
    if (refuses_schema(shop.database)) return 1;
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
    CatalogueReader reader(shop.database, *shop.search, shop.clock);
    reader.start();
    http::Server server(shop.routes(), settings);
    server.start();
    log::info("serving", {{"address", config.http_address}, {"port", server.port()}, {"products", shop.search->status().products}});
    const int signal = signals.wait();
    log::info("draining", {{"signal", signal}});
    limit.begin();
    server.stop();
    sentry.flush(std::chrono::seconds{2});
    reader.stop();
    shop.content->stop();
    shop.search->stop();
    log::info("stopped");
    return 0;
}

int run_worker(const Config& config) {
    refuse_published_secrets(config);
    Signals signals;
    DrainLimit limit;
    storage::init_images("stoa");
    ShopOptions options;
    options.database_connections = 16;
    options.search_feed = false;
    Shop shop(config, options);
    if (refuses_schema(shop.database)) return 1;
    jobs::Worker worker(shop.database, shop.redis, shop.clock, shop.job_handlers(), shop.subscriptions(), shop.schedules());
    Revalidator revalidator(shop.database, shop.client, shop.clock, config.storefront_url, config.revalidate_secret);
    http::Routes routes;
    add_worker_health_routes(routes, shop);
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
    limit.begin();
    {
        // Beside each other, since each may wait for its own slow neighbour.
        std::jthread front([&server] { server.stop(); });
        std::jthread pages([&revalidator] { revalidator.stop(); });
        worker.stop();
    }
    log::info("stopped");
    return 0;
}

}  // namespace stoa::app
