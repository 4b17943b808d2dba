#pragma once
// Unexpected exceptions to Sentry: envelopes over HTTP from one thread of its own, a short queue, rate limits obeyed. Nothing of a request
// but its route, method and ids is sent. An empty DSN makes it silent.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "stoa/clock/clock.hpp"
#include "stoa/http/message.hpp"
#include "stoa/http_client/client.hpp"

namespace stoa::app {

struct SentryDsn {
    std::string url;  // ".../envelope/"
    std::string key;
    [[nodiscard]] static std::optional<SentryDsn> parse(std::string_view dsn);
};

class Sentry {
public:
    // Throws std::invalid_argument for a DSN that is not empty and cannot be read.
    Sentry(http_client::Client& client, const Clock& clock, std::string_view dsn, std::string environment, std::string release);
    ~Sentry();
    // Thread-safe, never blocks, never throws.
    void report(const http::Request& request, std::string_view what) noexcept;
    // Sends what is queued, at most `patience`; for shutdown and tests.
    void flush(std::chrono::milliseconds patience);

private:
    struct Event {
        std::string id, body;
    };
    void run();
    void send(const Event& event);
    http_client::Client& client_;
    const Clock& clock_;
    std::optional<SentryDsn> dsn_;
    std::string environment_, release_;
    std::mutex mutex_;
    std::condition_variable wake_, idle_;
    std::deque<Event> queue_;
    bool sending_ = false;
    bool stopping_ = false;
    Timestamp silent_until_{};
    std::thread thread_;
};

}  // namespace stoa::app
