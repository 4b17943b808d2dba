// The shop as a process that may die at any moment.
//   chaos_shop request DATABASE OUTSIDE SMTP REDIS CLOCK DIE_AT METHOD TARGET COOKIES BODY KEY
//   chaos_shop work    DATABASE OUTSIDE SMTP REDIS CLOCK DIE_AT
//   chaos_shop serve   DATABASE OUTSIDE SMTP REDIS CLOCK [feed]   prints its port; with "feed" its catalogue follows changes
//   chaos_shop worker  DATABASE OUTSIDE SMTP REDIS CLOCK          prints "working"
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <thread>

#include "process.hpp"
#include "stoa/log/log.hpp"

namespace stoa::testing {
namespace {

constexpr std::string_view kOrigin = "http://localhost:8000";

std::atomic<int> g_statements{0};

[[noreturn]] void die() {
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
}

void arm(const std::string& die_at) {
    if (die_at.starts_with("step:")) {
        const std::string name = die_at.substr(5);
        checkout::set_step_hook([name](std::string_view step) {
            if (step == name) die();
        });
    }
    const int number = die_at.starts_with("statement:") ? std::stoi(die_at.substr(10)) : 0;
    db::set_fault_hook([number](std::string_view) {
        if (++g_statements == number) die();
    });
}

// The tests may be gone before us.
[[noreturn]] void until_orphaned() {
    const auto parent = ::getppid();
    while (::getppid() == parent) std::this_thread::sleep_for(std::chrono::milliseconds{200});
    ::_exit(0);
}

int run(const std::vector<std::string>& arguments) {
    const std::string& mode = arguments.at(1);
    log::set_level(log::Level::error);
    const SharedClock clock(arguments.at(6));
    app::ShopOptions options;
    options.clock = &clock;
    options.search_feed = mode == "serve" && arguments.size() > 7 && arguments[7] == "feed";
    options.database_connections = 24;
    app::Shop shop(shop_config(arguments.at(2), arguments.at(3), static_cast<std::uint16_t>(std::stoi(arguments.at(4))), arguments.at(5)),
                   options);
    if (mode == "request") {
        const auto& routes = shop.routes();
        static const std::map<std::string, http::Method, std::less<>> kMethods{
            {"GET", http::Method::get}, {"POST", http::Method::post}, {"PUT", http::Method::put}};
        auto request = testing::request(kMethods.at(arguments.at(8)), arguments.at(9), arguments.at(11));
        request.headers.emplace_back("cookie", arguments.at(10));
        request.headers.emplace_back("origin", std::string(kOrigin));
        if (!arguments.at(12).empty()) request.headers.emplace_back("idempotency-key", arguments.at(12));
        request.remote_ip = "203.0.113.9";
        arm(arguments.at(7));
        const auto response = http::dispatch(routes, request, {std::string(kOrigin), true, {}});
        std::printf("%d %d\n%s", g_statements.load(), response.status, std::string(response.content()).c_str());
        return 0;
    }
    if (mode == "work") {
        arm(arguments.at(7));
        jobs::Worker worker(shop.database, shop.redis, shop.clock, shop.job_handlers(), shop.subscriptions(), shop.schedules());
        (void)worker.drain();
        std::printf("%d 200\n", g_statements.load());
        return 0;
    }
    if (mode == "serve") {
        http::ServerOptions server_options;
        server_options.shop = {6, 4096};
        server_options.outbound = {12, 4096};
        server_options.dispatch.public_origin = kOrigin;
        server_options.dispatch.development = true;
        if (options.search_feed) {
            shop.search->load();
            shop.search->start();
            (void)shop.content->refresh();
            shop.content->start();
        }
        http::Server server(shop.routes(), server_options);
        server.start();
        std::printf("%d\n", static_cast<int>(server.port()));
        std::fflush(stdout);
        until_orphaned();
    }
    if (mode == "worker") {
        jobs::WorkerOptions worker_options;
        worker_options.poll = std::chrono::milliseconds{200};
        jobs::Worker worker(shop.database, shop.redis, shop.clock, shop.job_handlers(), shop.subscriptions(), shop.schedules(),
                            worker_options);
        worker.start();
        std::printf("working\n");
        std::fflush(stdout);
        until_orphaned();
    }
    return 2;
}

}  // namespace
}  // namespace stoa::testing

int main(int count, char** values) {
    try {
        std::signal(SIGPIPE, SIG_IGN);
        return stoa::testing::run({values, values + count});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "chaos_shop: %s\n", error.what());
        return 1;
    }
}
