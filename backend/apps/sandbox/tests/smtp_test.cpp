#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "index.hpp"
#include "smtp.hpp"
#include "stoa/mail/mail.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::sandbox {
namespace {

using http::Method;

class SandboxMail : public ::testing::Test {
protected:
    void SetUp() override {
        add_control_routes(routes_, control_, [this] { server_.reset(); });
        server_.add_routes(routes_);
        add_index(routes_, control_, server_);
        routes_.freeze();
    }
    static mail::Message message(std::string to = "ana@example.test", std::string subject = "Your order") {
        mail::Message out;
        out.message_id = "<1@stoa.example>";
        out.from = "Stoa Home <shop@stoa.example>";
        out.to = std::move(to);
        out.subject = std::move(subject);
        out.text = "Thank you.\n";
        return out;
    }
    // "" when it was taken, else the error's code.
    std::string send(const mail::Message& message) {
        const auto sent = mailer_->send(message);
        return sent ? "" : sent.error().code;
    }
    http::Response ask(Method method, std::string target, std::string body = {}) {
        auto request = testing::request(method, std::move(target), std::move(body));
        return http::dispatch(routes_, request, {"http://localhost:8003", true});
    }
    void fail_next(std::string kind, std::string more = "") {
        EXPECT_EQ(ask(Method::post, "/__sandbox/fail-next", R"({"provider":"smtp","kind":")" + kind + "\"" + more + "}").status, 204);
    }

    Control control_;
    MailServer server_{control_, 0};
    http::Routes routes_;
    std::unique_ptr<mail::Mailer> mailer_ = mail::smtp_mailer("smtp://127.0.0.1:" + std::to_string(server_.port()));
};

TEST_F(SandboxMail, reads_what_the_shop_writes) {
    auto mail = message("ana@example.test", "Bestellung S-1 für Änne – danke");
    mail.text = "Grüße\n.\n..dots\n";
    mail.html = "<p>Grüße &amp; " + std::string(300, 'x') + "</p>";
    ASSERT_EQ(send(mail), "");
    const auto mails = server_.mails();
    ASSERT_EQ(mails.size(), 1U);
    EXPECT_EQ(mails[0].subject, mail.subject);
    EXPECT_EQ(mails[0].to, "ana@example.test");
    EXPECT_EQ(mails[0].html, mail.html);
    EXPECT_NE(mails[0].text.find("Grüße"), std::string::npos);
    EXPECT_NE(mails[0].text.find("\n..dots"), std::string::npos);
}

TEST_F(SandboxMail, refuses_for_good_and_for_now) {
    EXPECT_EQ(send(message("bounce@example.test")), "mail.recipient_refused");
    EXPECT_EQ(send(message("later.today@example.test")), "mail.unavailable");
    EXPECT_TRUE(server_.mails().empty());
    EXPECT_EQ(send(message()), "");
    EXPECT_EQ(server_.mails().size(), 1U);
}

TEST_F(SandboxMail, every_fault_happens_once) {
    const struct {
        const char* kind;
        bool kept;
    } rows[] = {{"down", false}, {"error_before", false}, {"error_after", true}, {"drop", true}, {"garbage", true}};
    std::size_t expected = 0;
    for (const auto& row : rows) {
        SCOPED_TRACE(row.kind);
        fail_next(row.kind);
        EXPECT_EQ(send(message()), "mail.unavailable");
        expected += row.kept;
        EXPECT_EQ(server_.mails().size(), expected);
        EXPECT_TRUE(control_.faults().empty());
        EXPECT_EQ(send(message()), "");
        EXPECT_EQ(server_.mails().size(), ++expected);
    }
    fail_next("slow", R"(,"delay_ms":20)");
    EXPECT_EQ(send(message()), "");
    fail_next("error_before", R"(,"count":2)");
    EXPECT_EQ(send(message()), "mail.unavailable");
    EXPECT_EQ(send(message()), "mail.unavailable");
    EXPECT_EQ(send(message()), "");
    EXPECT_NE(ask(Method::get, "/__sandbox/calls").body.find("\"provider\":\"smtp\""), std::string::npos);
}

// Two mails on one connection: a fault is for the first of them.
TEST_F(SandboxMail, a_fault_is_for_one_mail_of_a_connection) {
    fail_next("error_before");
    const int wire = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(server_.port());
    ASSERT_EQ(::connect(wire, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    const std::string one =
        "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nFrom: a@b.example\r\nMessage-ID: <1@b>\r\n\r\nHi\r\n.\r\n";
    const std::string text = "DATA\r\nEHLO test\r\nDATA\r\n" + one + one + "QUIT\r\n";
    ASSERT_EQ(::send(wire, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    std::string heard, codes;
    char chunk[4096];
    for (ssize_t count = 0; (count = ::recv(wire, chunk, sizeof chunk, 0)) > 0;) heard.append(chunk, static_cast<std::size_t>(count));
    ::close(wire);
    for (std::size_t at = 0; at < heard.size(); at = heard.find("\r\n", at) + 2) codes += heard.substr(at, 4) + "|";
    EXPECT_EQ(codes, "220 |503 |250-|250-|250 |503 |250 |250 |354 |451 |250 |250 |354 |250 |221 |");
    EXPECT_EQ(server_.mails().size(), 1U);
}

TEST_F(SandboxMail, shows_the_inbox) {
    EXPECT_NE(ask(Method::get, "/mail").body.find("No mail yet."), std::string::npos);
    auto mail = message("ana@example.test", "Order <S-1> & more");
    mail.html = "<h1>Thank you</h1><script>alert(1)</script>";
    ASSERT_EQ(send(mail), "");
    ASSERT_EQ(send(message("ben@example.test", "Second")), "");
    const auto list = ask(Method::get, "/mail");
    EXPECT_EQ(list.status, 200);
    EXPECT_NE(list.body.find("Order &lt;S-1&gt; &amp; more"), std::string::npos);
    EXPECT_LT(list.body.find("Second"), list.body.find("Order &lt;S-1"));  // newest first
    const auto one = ask(Method::get, "/mail/1");
    EXPECT_NE(one.body.find("<h1>Order &lt;S-1&gt; &amp; more</h1>"), std::string::npos);
    EXPECT_NE(one.body.find("src='/mail/1/html'"), std::string::npos);
    EXPECT_EQ(one.body.find("<script>alert"), std::string::npos);
    const auto html = ask(Method::get, "/mail/1/html");
    EXPECT_NE(html.body.find("<h1>Thank you</h1>"), std::string::npos);
    // Scripts of a mail do not run, also when it is opened by itself.
    EXPECT_TRUE(html.header_value("content-security-policy").starts_with("sandbox "));
    EXPECT_EQ(html.header_value("content-security-policy").find("allow-scripts"), std::string_view::npos);
    EXPECT_NE(ask(Method::get, "/mail/2/html").body.find("<pre"), std::string::npos);
    for (const auto* path : {"/mail/3", "/mail/x", "/mail/3/html"}) EXPECT_EQ(ask(Method::get, path).status, 404) << path;
    EXPECT_NE(ask(Method::get, "/").body.find("2 mails that the shop has sent."), std::string::npos);
}

TEST_F(SandboxMail, forgets_on_request) {
    ASSERT_EQ(send(message()), "");
    EXPECT_NE(ask(Method::get, "/__sandbox/mails").body.find("\"to\":\"ana@example.test\""), std::string::npos);
    EXPECT_EQ(ask(Method::del, "/__sandbox/mails").status, 204);
    EXPECT_TRUE(server_.mails().empty());
    ASSERT_EQ(send(message()), "");
    EXPECT_EQ(ask(Method::post, "/mail/empty").status, 303);
    EXPECT_TRUE(server_.mails().empty());
    ASSERT_EQ(send(message()), "");
    EXPECT_EQ(ask(Method::post, "/__sandbox/reset").status, 204);
    EXPECT_TRUE(server_.mails().empty());
}

}  // namespace
}  // namespace stoa::sandbox
