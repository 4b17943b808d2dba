#pragma once
// A TCP proxy in front of PostgreSQL that can lose the answer to a COMMIT: the server commits, the client never hears of it.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace stoa::testing {

class CuttingProxy {
public:
    // `url` names a server on this machine; url() is the same database through the proxy.
    explicit CuttingProxy(const std::string& url) {
        const auto colon = url.find("127.0.0.1:");
        if (colon == std::string::npos) throw std::invalid_argument("the proxy needs a server on 127.0.0.1");
        const auto digits = colon + 10;
        const auto end = url.find_first_not_of("0123456789", digits);
        target_ = std::stoi(url.substr(digits, end - digits));
        listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address = local(0);
        socklen_t size = sizeof address;
        if (::bind(listener_, generic(address), size) != 0 || ::listen(listener_, 16) != 0 ||
            ::getsockname(listener_, generic(address), &size) != 0) {
            throw std::runtime_error("the proxy cannot listen");
        }
        url_ = url.substr(0, digits) + std::to_string(ntohs(address.sin_port)) + url.substr(end);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    ~CuttingProxy() {
        stopping_ = true;
        acceptor_.join();
        ::close(listener_);
        for (auto& thread : pumps_) thread.join();
    }
    CuttingProxy(const CuttingProxy&) = delete;
    CuttingProxy& operator=(const CuttingProxy&) = delete;

    [[nodiscard]] const std::string& url() const { return url_; }
    // The next COMMIT reaches the server; its answer does not come back.
    void lose_next_commit_answer() { armed_ = true; }
    [[nodiscard]] int cuts() const { return cuts_; }

private:
    static sockaddr_in local(int port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        return address;
    }
    static sockaddr* generic(sockaddr_in& address) { return reinterpret_cast<sockaddr*>(&address); }  // NOLINT: the sockets API
    static bool send_all(int fd, std::string_view data) {
        while (!data.empty()) {
            const auto sent = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            data.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void accept_all() {
        while (!stopping_) {
            pollfd entry{listener_, POLLIN, 0};
            if (::poll(&entry, 1, 20) <= 0) continue;
            const int client = ::accept(listener_, nullptr, nullptr);
            const int server = ::socket(AF_INET, SOCK_STREAM, 0);
            sockaddr_in address = local(target_);
            if (::connect(server, generic(address), sizeof address) != 0) {
                ::close(client);
                ::close(server);
                continue;
            }
            pumps_.emplace_back([this, client, server] {
                pump(client, server);
                ::close(client);
                ::close(server);
            });
        }
    }
    void pump(int client, int server) {
        std::array<char, 16384> buffer{};
        bool cut = false;
        while (!stopping_) {
            std::array<pollfd, 2> entries{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
            if (::poll(entries.data(), entries.size(), 20) <= 0) continue;
            if (entries[0].revents != 0) {
                const auto got = ::recv(client, buffer.data(), buffer.size(), 0);
                if (got <= 0) return;
                const std::string_view data(buffer.data(), static_cast<std::size_t>(got));
                if (data.find("commit") != std::string_view::npos && armed_.exchange(false)) cut = true;
                if (!send_all(server, data)) return;
            }
            if (entries[1].revents != 0) {
                const auto got = ::recv(server, buffer.data(), buffer.size(), 0);
                if (got <= 0) return;
                if (cut) {
                    ++cuts_;
                    return;  // the server has answered, so it has committed
                }
                if (!send_all(client, {buffer.data(), static_cast<std::size_t>(got)})) return;
            }
        }
    }

    int target_ = 0;
    int listener_ = -1;
    std::string url_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> armed_{false};
    std::atomic<int> cuts_{0};
    std::list<std::thread> pumps_;
    std::thread acceptor_;
};

}  // namespace stoa::testing
