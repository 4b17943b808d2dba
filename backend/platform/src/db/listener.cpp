#include <fmt/format.h>

#include <thread>

#include "db/connection.hpp"
#include "stoa/log/log.hpp"

namespace stoa::db {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

std::string quoted_identifier(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

}  // namespace

struct Listener::Impl {
    std::string url;
    std::vector<std::string> channels;
    std::unique_ptr<Connection> connection;
    bool missed = false;  // nobody listened for a while
    std::chrono::milliseconds pause{100};
    Steady::time_point next_attempt{};

    bool connect() {
        try {
            ConnectionOptions options;
            options.application_name = "stoa listener";
            auto fresh = std::make_unique<Connection>(url, options);
            std::string sql;
            for (const auto& channel : channels) sql += fmt::format("listen {};", quoted_identifier(channel));
            fresh->text(sql, "listen");
            connection = std::move(fresh);
            pause = 100ms;
            return true;
        } catch (const DbError& error) {
            if (!missed) log::warning("cannot listen to the database", {{"error", error.what()}});
            missed = true;
            next_attempt = Steady::now() + pause;
            pause = std::min<std::chrono::milliseconds>(pause * 2, 5s);
            return false;
        }
    }
};

Listener::Listener(std::string url, std::vector<std::string> channels) : impl_(std::make_unique<Impl>()) {
    impl_->url = std::move(url);
    impl_->channels = std::move(channels);
    impl_->connect();
}

Listener::~Listener() = default;

std::vector<Listener::Notification> Listener::wait(std::chrono::milliseconds timeout) {
    const auto until = Steady::now() + timeout;
    while (!impl_->connection) {
        const auto now = Steady::now();
        if (now >= impl_->next_attempt && impl_->connect()) break;
        if (Steady::now() >= until) return {};
        std::this_thread::sleep_until(std::min(until, std::max(impl_->next_attempt, Steady::now())));
        if (Steady::now() >= until) return {};
    }
    if (impl_->missed) {
        impl_->missed = false;
        return {Notification{}};
    }
    std::vector<Notification> out;
    const auto left = std::max(std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now()), 0ms);
    const bool alive = impl_->connection->wait_notifications(
        left, [&](std::string channel, std::string payload) { out.push_back({std::move(channel), std::move(payload)}); });
    if (!alive || impl_->connection->broken()) {
        impl_->connection.reset();
        impl_->missed = true;
        impl_->next_attempt = {};
    }
    return out;
}

}  // namespace stoa::db
