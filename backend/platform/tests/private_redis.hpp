#pragma once
// A Redis of one test's own, so that it can be stopped, started and emptied without disturbing others.
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "stoa/redis/redis.hpp"

namespace stoa::testing {

inline int free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    // The sockets API wants sockaddr*.
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||          // NOLINT
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {  // NOLINT
        throw std::runtime_error("no free port");
    }
    ::close(fd);
    return ntohs(address.sin_port);
}

class PrivateRedis {
public:
    PrivateRedis() : port_(free_port()) { start(); }
    ~PrivateRedis() { stop(); }
    PrivateRedis(const PrivateRedis&) = delete;
    PrivateRedis& operator=(const PrivateRedis&) = delete;

    void start() {
        const std::string port = std::to_string(port_);
        pid_ = ::fork();
        if (pid_ == 0) {
            const int null = ::open("/dev/null", O_RDWR);
            ::dup2(null, 1);
            ::dup2(null, 2);
            ::execlp("redis-server", "redis-server", "--port", port.c_str(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                     "--dir", "/tmp", static_cast<char*>(nullptr));
            ::_exit(127);
        }
        for (int i = 0; i < 500; ++i) {
            redis::Redis probe(url());
            if (probe.ping()) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        throw std::runtime_error("redis-server did not start");
    }
    void stop() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    // Stands still: connections stay open and nothing answers.
    void freeze() const { ::kill(pid_, SIGSTOP); }
    void thaw() const { ::kill(pid_, SIGCONT); }
    [[nodiscard]] std::string url() const { return fmt::format("redis://127.0.0.1:{}/0", port_); }
    void flush_all() const {
        const std::string command = fmt::format("redis-cli -p {} flushall >/dev/null", port_);
        if (std::system(command.c_str()) != 0) throw std::runtime_error("redis-cli failed");  // NOLINT
    }

private:
    int port_;
    pid_t pid_ = -1;
};

}  // namespace stoa::testing
