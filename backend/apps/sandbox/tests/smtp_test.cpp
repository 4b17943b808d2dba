#include <gtest/gtest.h>

#include "smtp.hpp"
#include "stoa/mail/mail.hpp"

namespace stoa::sandbox {
namespace {

TEST(SandboxMail, reads_what_the_shop_writes) {
    Control control;
    MailServer server(control, 0);
    const auto mailer = mail::smtp_mailer("smtp://127.0.0.1:" + std::to_string(server.port()));
    mail::Message message;
    message.message_id = "<1@stoa.example>";
    message.from = "Stoa Home <shop@stoa.example>";
    message.to = "ana@example.test";
    message.subject = "Bestellung S-1 für Änne – danke";
    message.text = "Grüße\n.\n..dots\n";
    message.html = "<p>Grüße &amp; " + std::string(300, 'x') + "</p>";
    ASSERT_TRUE(mailer->send(message));
    const auto mails = server.mails();
    ASSERT_EQ(mails.size(), 1U);
    EXPECT_EQ(mails[0].subject, message.subject);
    EXPECT_EQ(mails[0].to, "ana@example.test");
    EXPECT_EQ(mails[0].html, message.html);
    EXPECT_NE(mails[0].text.find("Grüße"), std::string::npos);
    EXPECT_NE(mails[0].text.find("\n..dots"), std::string::npos);
    message.to = "bounce@example.test";
    EXPECT_FALSE(mailer->send(message));
    EXPECT_EQ(server.mails().size(), 1U);
}

}  // namespace
}  // namespace stoa::sandbox
