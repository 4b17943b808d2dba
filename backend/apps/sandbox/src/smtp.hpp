#pragma once
// A mail server (RFC 5321) that keeps what it gets, to be read on a web page. Strict about the order of commands. Addresses that start
// with "bounce" are refused for good, "later" for now. Faults of the provider "smtp" count per mail.
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "control.hpp"

namespace stoa::sandbox {

struct Mail {
    std::int64_t id = 0;
    std::string from, to, subject, text, html, raw, received_at, message_id;
};

// Header and body of a MIME message as people see them.
[[nodiscard]] Mail parse_mail(std::string raw);

class MailServer {
public:
    MailServer(Control& control, std::uint16_t port);
    ~MailServer();
    [[nodiscard]] std::uint16_t port() const { return port_; }
    void add_routes(http::Routes& routes);
    void reset();
    [[nodiscard]] std::vector<Mail> mails() const;

private:
    void accept_loop();
    void talk(int socket);
    Control& control_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_{false};
    std::atomic<int> talking_{0};
    std::thread thread_;
    mutable std::mutex mutex_;
    std::deque<Mail> mails_;
    std::int64_t next_id_ = 0;
};

}  // namespace stoa::sandbox
