#pragma once
// The HTTP front: Boost.Beast in one translation unit (src/http/server.cpp). Limits on header and body size, time,
// connections, pipelining and queue lengths; keep-alive; gzip and br of dynamic bodies by Accept-Encoding (larger than 1 KB);
// multipart uploads streamed to disk; ranges for files; streamed bodies; Server-Sent Events; graceful drain.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "stoa/http/router.hpp"

namespace stoa::http {

struct PoolSize {
    int threads;
    int queue;
};

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // 0: any free port
    int io_threads = 1;
    PoolSize shop{8, 512}, staff{2, 64}, outbound{16, 128}, password{1, 64};
    PoolSize streams{2, 8};  // answers that are written while they are made; each keeps a thread until its end
    int max_connections = 10000;
    std::size_t max_header_bytes = 16 * 1024;
    std::chrono::seconds header_timeout{10};
    std::chrono::seconds idle_timeout{60};
    std::chrono::seconds drain_timeout{10};
    // Together, for bodies of more than 1 MB that are held in memory; a request beyond it is answered with 503.
    std::uint64_t large_bodies_bytes = 256 << 20;
    std::string temp_dir = "/tmp";
    bool trust_proxy = true;  // X-Forwarded-For/Proto and X-Request-Id from loopback peers
    DispatchOptions dispatch;
};

// A handler that answers with this status (nginx's convention) gets its connection closed without an answer.
inline constexpr int kHangUp = 444;

class Server {
public:
    Server(const Routes& routes, ServerOptions options);
    ~Server();
    void start();  // returns once it listens
    [[nodiscard]] std::uint16_t port() const;
    // Stops accepting, lets requests in flight finish (at most drain_timeout), then closes. Returns in that time also when a
    // handler still runs; the destructor waits for it. Safe to call twice.
    void stop();
    // Sends one Server-Sent Event to everyone attached to `channel`. Thread-safe.
    void publish(std::string_view channel, std::string_view event, std::string_view data);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace stoa::http
