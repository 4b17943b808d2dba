#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "stoa/mail/mail.hpp"

namespace stoa::mail {
namespace {

// A mail server of one connection at a time; the local part of the recipient decides what it answers.
class MailServer {
public:
    MailServer() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(::listen(socket_, 8), 0);
        socklen_t length = sizeof address;
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~MailServer() {
        ::shutdown(socket_, SHUT_RDWR);
        ::close(socket_);
        thread_.join();
    }
    std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }
    std::string last_mail() {
        const std::lock_guard lock(mutex_);
        return mail_;
    }
    std::string greeting = "220 mx.example ESMTP\r\n";

private:
    static void say(int peer, std::string_view text) {
        EXPECT_EQ(::send(peer, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    }

    void serve() {
        while (true) {
            const int peer = ::accept(socket_, nullptr, nullptr);
            if (peer < 0) return;
            talk(peer);
            ::close(peer);
        }
    }

    void talk(int peer) {
        say(peer, greeting);
        if (greeting.starts_with("5") || greeting.starts_with("4")) return;
        std::string buffer;
        std::string recipient;
        const auto line = [&]() -> std::optional<std::string> {
            while (buffer.find("\r\n") == std::string::npos) {
                char chunk[4096];
                const auto got = ::recv(peer, chunk, sizeof chunk, 0);
                if (got <= 0) return std::nullopt;
                buffer.append(chunk, static_cast<std::size_t>(got));
            }
            const auto end = buffer.find("\r\n");
            auto out = buffer.substr(0, end);
            buffer.erase(0, end + 2);
            return out;
        };
        while (const auto command = line()) {
            if (command->starts_with("EHLO"))
                say(peer, "250-mx.example\r\n250 ENHANCEDSTATUSCODES\r\n");
            else if (command->starts_with("MAIL"))
                say(peer, "250 2.1.0 ok\r\n");
            else if (command->starts_with("RCPT")) {
                recipient = command->substr(9, command->find('@') - 9);
                if (recipient == "unknown")
                    say(peer, "550 5.1.1 no such user\r\n");
                else if (recipient == "policy")
                    say(peer, "554 5.7.1 rejected\r\n");
                else if (recipient == "full")
                    say(peer, "552 5.2.2 mailbox full\r\n");
                else if (recipient == "grey")
                    say(peer, "451 4.7.1 come back later\r\n");
                else
                    say(peer, "250 2.1.5 ok\r\n");
            } else if (*command == "DATA") {
                say(peer, "354 go\r\n");
                std::string mail;
                while (const auto text = line()) {
                    if (*text == ".") break;
                    mail += (text->starts_with("..") ? text->substr(1) : *text) + "\r\n";
                }
                {
                    const std::lock_guard lock(mutex_);
                    mail_ = mail;
                }
                if (recipient == "drop") return;
                say(peer, recipient == "big"    ? "552 5.3.4 too big\r\n"
                          : recipient == "busy" ? "452 4.3.1 no room\r\n"
                                                : "250 2.0.0 queued\r\n");
            } else {
                say(peer, "221 bye\r\n");
                if (*command == "QUIT") return;
            }
        }
    }

    int socket_;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    std::string mail_;
    std::thread thread_;
};

Message mail_to(std::string local) {
    Message message;
    message.message_id = "<1@shop.example>";
    message.from = "Stoa <shop@shop.example>";
    message.to = local + "@example.net";
    message.subject = "Hello";
    message.text = "one\n.two\n..three\n";
    message.date = Timestamp{};
    return message;
}

TEST(Smtp, DeliversExactlyTheMimeText) {
    MailServer server;
    const auto sent = smtp_mailer(server.url())->send(mail_to("ok"));
    ASSERT_TRUE(sent) << sent.error().log;
    EXPECT_EQ(server.last_mail(), to_mime(mail_to("ok")));
}

TEST(Smtp, TellsRefusalsFromPassingTrouble) {
    MailServer server;
    const auto mailer = smtp_mailer(server.url());
    const auto expect = [&](const char* local, ErrorKind kind, std::string_view code) {
        const auto sent = mailer->send(mail_to(local));
        ASSERT_FALSE(sent) << local;
        EXPECT_EQ(sent.error().kind, kind) << local << ' ' << sent.error().log;
        EXPECT_EQ(sent.error().code, code) << local << ' ' << sent.error().log;
    };
    expect("unknown", ErrorKind::invalid, "mail.recipient_refused");
    expect("policy", ErrorKind::invalid, "mail.refused");
    expect("big", ErrorKind::invalid, "mail.refused");
    expect("full", ErrorKind::unavailable, "mail.unavailable");
    expect("grey", ErrorKind::unavailable, "mail.unavailable");
    expect("busy", ErrorKind::unavailable, "mail.unavailable");
    expect("drop", ErrorKind::unavailable, "mail.unavailable");
}

TEST(Smtp, ServerThatTurnsEveryoneAwayIsNotAboutThisMail) {
    MailServer server;
    server.greeting = "554 no service today\r\n";
    const auto sent = smtp_mailer(server.url())->send(mail_to("ok"));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().kind, ErrorKind::unavailable) << sent.error().log;
}

TEST(Smtp, NobodyListens) {
    std::string url;
    {
        const MailServer server;
        url = server.url();
    }
    const auto sent = smtp_mailer(url)->send(mail_to("ok"));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().kind, ErrorKind::unavailable);
}

TEST(Smtp, MalformedMailIsRefusedBeforeAnyConnection) {
    const auto mailer = smtp_mailer("smtp://127.0.0.1:1");
    auto message = mail_to("ok");
    message.subject = "x\r\nBcc: y@example.net";
    const auto sent = mailer->send(message);
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, "mail.malformed");
    message = mail_to("ok");
    message.to = "a@b.example>\r\nRCPT TO:<c@d.example";
    EXPECT_EQ(mailer->send(message).error().code, "mail.malformed");
}

TEST(Smtp, AnotherMachineWithoutTlsGetsNoMail) {
    // 0.0.0.0 reaches this machine but is not named as it: STARTTLS is required and this server has none.
    MailServer server;
    auto url = server.url();
    url.replace(url.find("127.0.0.1"), 9, "0.0.0.0");
    const auto sent = smtp_mailer(url)->send(mail_to("ok"));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(server.last_mail(), "");
}

}  // namespace
}  // namespace stoa::mail
