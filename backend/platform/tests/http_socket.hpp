#pragma once
// A raw client for tests of the HTTP front: it sends exactly the bytes it is told to.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace stoa::http::test {

struct Reply {
    int status = 0;
    std::string head;
    std::map<std::string, std::string> headers;  // lower case
    std::string body;
    [[nodiscard]] std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? "" : found->second;
    }
};

class Socket {
public:
    explicit Socket(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
        if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            ::close(descriptor_);
            throw std::runtime_error("connect failed");
        }
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() { ::close(descriptor_); }

    // What could not be sent because the server has closed is left out.
    void send(std::string_view text) {
        while (!text.empty()) {
            const ssize_t n = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
            if (n <= 0) return;
            text.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    // Reads at least one more byte; false at the end of the stream. Throws after ten seconds of silence.
    bool fill() {
        pollfd waiting{descriptor_, POLLIN, 0};
        if (::poll(&waiting, 1, 10000) <= 0) throw std::runtime_error("the server stayed silent; so far: " + buffer_);
        char text[65536];
        const ssize_t n = ::recv(descriptor_, text, sizeof text, 0);
        if (n < 0 && errno == ECONNRESET) was_reset_ = true;
        if (n <= 0) return false;
        buffer_.append(text, static_cast<std::size_t>(n));
        return true;
    }
    // The end of the stream was no orderly one.
    [[nodiscard]] bool was_reset() const { return was_reset_; }
    bool is_silent_for(std::chrono::milliseconds time) {
        pollfd waiting{descriptor_, POLLIN, 0};
        return buffer_.empty() && ::poll(&waiting, 1, static_cast<int>(time.count())) == 0;
    }
    std::string read_until(std::string_view mark) {
        while (buffer_.find(mark) == std::string::npos) {
            if (!fill()) throw std::runtime_error("the stream ended; so far: " + buffer_);
        }
        const std::size_t end = buffer_.find(mark) + mark.size();
        std::string text = buffer_.substr(0, end);
        buffer_.erase(0, end);
        return text;
    }
    std::string read_to_end() {
        while (fill()) {
        }
        return std::exchange(buffer_, {});
    }
    Reply reply(bool head_only = false) {
        Reply out;
        out.head = read_until("\r\n\r\n");
        out.status = std::stoi(out.head.substr(9, 3));
        std::size_t at = out.head.find("\r\n") + 2;
        while (at + 2 < out.head.size()) {
            const std::size_t end = out.head.find("\r\n", at);
            const std::string line = out.head.substr(at, end - at);
            const std::size_t colon = line.find(": ");
            std::string name = line.substr(0, colon);
            for (char& c : name) c = static_cast<char>(std::tolower(c));
            out.headers[name] = line.substr(colon + 2);
            at = end + 2;
        }
        const std::string length = out.header("content-length");
        if (head_only || length.empty()) return out;
        const auto wanted = static_cast<std::size_t>(std::stoul(length));
        while (buffer_.size() < wanted) {
            if (!fill()) throw std::runtime_error("the body ended early");
        }
        out.body = buffer_.substr(0, wanted);
        buffer_.erase(0, wanted);
        return out;
    }
    Reply ask(std::string_view text, bool head_only = false) {
        send(text);
        return reply(head_only);
    }

private:
    int descriptor_;
    bool was_reset_ = false;
    std::string buffer_;
};

}  // namespace stoa::http::test
