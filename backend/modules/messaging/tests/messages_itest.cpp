#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/format.h>

#include "stoa/crypto/crypto.hpp"
#include "stoa/messaging/make.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::messaging {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class ScriptedMailer final : public mail::Mailer {
public:
    std::vector<mail::Message> sent;
    std::function<Result<void>(const mail::Message&)> answer = [](const mail::Message&) { return Result<void>{}; };
    Result<void> send(const mail::Message& message) override {
        sent.push_back(message);
        return answer(message);
    }
};

Result<void> refusal(ErrorKind kind, std::string code) {
    Error error;
    error.kind = kind;
    error.code = std::move(code);
    error.log = "550 5.1.1 no such user \xff";
    return fail(std::move(error));
}

class MessagesTest : public ::testing::Test {
protected:
    MessagesTest() : directory_(fs::temp_directory_path() / ("stoa-mail-" + crypto::random_token(8))) {
        testing::shared_database().truncate_all();
        fs::create_directories(directory_);
        write("hello.en.subject", "Hello {{first_name}}");
        write("hello.en.html", "<a href=\"{{link}}\">{{first_name}} at {{shop.name}}</a>");
        write("hello.en.text", "{{first_name}}: {{link}} {{shop.email}}");
        write("hello.de.subject", "Hallo {{first_name}}");
        write("hello.de.html", "<a href=\"{{link}}\">{{first_name}}</a>");
        write("hello.de.text", "{{first_name}}: {{link}}");
        write("broken.en.subject", "x");
        write("broken.en.html", "{{#open}}");
        write("broken.en.text", "x");
        templates_.emplace(directory_.string());
        files_ = storage::local_store((directory_ / "files").string());
        messages_ = make_messages(clock_, options_);
        worker_ = std::make_unique<jobs::Worker>(database(), redis_, clock_, handlers(), std::vector<events::Subscription>{},
                                                 std::vector<jobs::Schedule>{});
    }
    ~MessagesTest() override { fs::remove_all(directory_); }

    void write(const char* name, std::string_view text) { std::ofstream(directory_ / name, std::ios::binary) << text; }
    std::vector<jobs::Handler> handlers() {
        return messaging_job_handlers(database(), clock_, mailer_, *templates_, options_, files_.get(), [this](const MailAttachment& file) {
            if (restore_) restore_(file);
        });
    }
    static db::Database& database() { return testing::shared_database().database(); }

    std::optional<MessageId> queue(MailRequest request) {
        return database().in_tx([&](db::Tx& tx) { return messages_->queue_mail(tx, request); });
    }
    static MailRequest hello(std::string locale = "en") {
        return {"hello",
                std::move(locale),
                "ada@example.net",
                R"({"first_name":"Ada & Co"})",
                R"({"link":"https://shop.example/x?a=1&b=2"})",
                "customer:1",
                ""};
    }
    std::vector<MessageInfo> related(std::string_view what = "customer:1") {
        return database().read([&](db::Session& session) { return messages_->messages_for(session, what); });
    }
    static std::string single(std::string_view sql) {
        return database().read([&](db::Session& session) {
            const auto rows = session.run_text(sql);
            return rows.empty() || rows.front().is_null(0) ? std::string("-") : rows.front().get<std::string>(0);
        });
    }

    ManualClock clock_{testing::fixed_start()};
    redis::Redis redis_{testing::test_redis_url()};
    fs::path directory_;
    std::optional<mail::Templates> templates_;
    ScriptedMailer mailer_;
    Options options_{"Stoa Home <shop@stoa.example>",
                     "a secret key of at least 32 bytes!!",
                     "Stoa Home",
                     "https://shop.example",
                     "help@stoa.example",
                     "Somewhere 1"};
    std::unique_ptr<storage::ObjectStore> files_;
    RestoreFile restore_;
    std::unique_ptr<Messages> messages_;
    std::unique_ptr<jobs::Worker> worker_;
};

TEST_F(MessagesTest, SendsOnceAndDropsSecrets) {
    ASSERT_TRUE(queue(hello()));
    EXPECT_EQ(related().front().state, MessageState::queued);
    EXPECT_EQ(single("select count(*)::text from messaging.message where secrets like '%shop.example%'"), "0");  // sealed at rest
    EXPECT_EQ(single("select count(*)::text from jobs.job where payload::text like '%ada%'"), "0");
    worker_->drain();
    ASSERT_EQ(mailer_.sent.size(), 1U);
    const auto& mail = mailer_.sent.front();
    EXPECT_EQ(mail.from, "Stoa Home <shop@stoa.example>");
    EXPECT_EQ(mail.to, "ada@example.net");
    EXPECT_EQ(mail.subject, "Hello Ada & Co");
    EXPECT_EQ(mail.html, "<a href=\"https://shop.example/x?a=1&amp;b=2\">Ada &amp; Co at Stoa Home</a>");
    EXPECT_EQ(mail.text, "Ada & Co: https://shop.example/x?a=1&b=2 help@stoa.example");
    EXPECT_TRUE(mail.message_id.ends_with("@stoa.example>"));
    EXPECT_NO_THROW((void)mail::to_mime(mail));
    const auto info = related();
    ASSERT_EQ(info.size(), 1U);
    EXPECT_EQ(info.front().state, MessageState::sent);
    EXPECT_EQ(info.front().subject, "Hello Ada & Co");
    EXPECT_EQ(info.front().sent_at, clock_.now());
    EXPECT_EQ(info.front().attempts, 1);
    EXPECT_EQ(single("select coalesce(secrets, 'gone') from messaging.message"), "gone");
    // The same job again does nothing.
    const auto payload = single("select payload::text from jobs.job where kind = 'messaging.send_mail'");
    handlers().front().run(jobs::Job{1, "messaging.send_mail", payload, 2});
    EXPECT_EQ(mailer_.sent.size(), 1U);
}

TEST_F(MessagesTest, LocaleOfTheReaderWithEnglishBehindIt) {
    queue(hello("de"));
    queue(hello("fr"));
    worker_->drain();
    ASSERT_EQ(mailer_.sent.size(), 2U);
    std::vector<std::string> subjects{mailer_.sent[0].subject, mailer_.sent[1].subject};
    std::sort(subjects.begin(), subjects.end());
    EXPECT_EQ(subjects, (std::vector<std::string>{"Hallo Ada & Co", "Hello Ada & Co"}));
}

TEST_F(MessagesTest, NothingIsSentWhenTheCallerRollsBack) {
    try {
        database().in_tx([&](db::Tx& tx) {
            messages_->queue_mail(tx, hello());
            throw std::runtime_error("the order failed");
        });
    } catch (const std::runtime_error&) {
    }
    worker_->drain();
    EXPECT_TRUE(mailer_.sent.empty());
    EXPECT_TRUE(related().empty());
}

// A mail with a file that is stored as `bytes` says; nothing is stored without.
MailRequest with_file(MailRequest request, std::string_view bytes) {
    request.attachments.push_back({"INV-1.pdf", "application/pdf", "documents/main/inv-1", crypto::hex(crypto::sha256(bytes))});
    return request;
}

TEST_F(MessagesTest, AMailWaitsForItsFileAndNeverGoesWithoutIt) {
    ASSERT_TRUE(queue(with_file(hello(), "%PDF")));
    worker_->drain();
    EXPECT_TRUE(mailer_.sent.empty());
    EXPECT_EQ(related().front().state, MessageState::queued);
    EXPECT_NE(related().front().last_error.find("missing in the store, or damaged"), std::string::npos);
    // Half of it is not it.
    files_->put("documents/main/inv-1", "%P", "application/pdf");
    clock_.advance(2h);
    worker_->drain();
    EXPECT_TRUE(mailer_.sent.empty());
    files_->put("documents/main/inv-1", "%PDF", "application/pdf");
    clock_.advance(2h);
    worker_->drain();
    ASSERT_EQ(mailer_.sent.size(), 1U);
    ASSERT_EQ(mailer_.sent.front().attachments.size(), 1U);
    EXPECT_EQ(mailer_.sent.front().attachments.front().bytes, "%PDF");
    EXPECT_EQ(related().front().state, MessageState::sent);
    EXPECT_EQ(related().front().last_error, "");
}

TEST_F(MessagesTest, AFileThatNeverComesEndsInFailed) {
    ASSERT_TRUE(queue(with_file(hello(), "%PDF")));
    for (int i = 0; i < 40; ++i) {
        worker_->drain();
        clock_.advance(2h);
    }
    EXPECT_TRUE(mailer_.sent.empty());
    EXPECT_EQ(related().front().state, MessageState::failed);
    EXPECT_EQ(related().front().subject, "Hello Ada & Co");
}

TEST_F(MessagesTest, WhatCanBeMadeAgainIsMadeAgain) {
    int asked = 0;
    restore_ = [&](const MailAttachment& file) {
        ++asked;
        files_->put(file.key, "%PDF", file.content_type);
    };
    ASSERT_TRUE(queue(with_file(hello(), "%PDF")));
    worker_->drain();
    EXPECT_EQ(asked, 1);
    ASSERT_EQ(mailer_.sent.size(), 1U);
    EXPECT_EQ(mailer_.sent.front().attachments.front().bytes, "%PDF");
}

TEST_F(MessagesTest, AKeyIsUsedOnce) {
    auto request = hello();
    request.unique_key = "order_confirmation:1";
    EXPECT_TRUE(queue(request));
    EXPECT_FALSE(queue(request));
    worker_->drain();
    EXPECT_EQ(mailer_.sent.size(), 1U);
}

TEST_F(MessagesTest, PassingTroubleIsRetriedWithTheSameMessageId) {
    queue(hello());
    int left = 3;
    mailer_.answer = [&](const mail::Message&) {
        return left-- > 0 ? refusal(ErrorKind::unavailable, "mail.unavailable") : Result<void>{};
    };
    worker_->drain();
    EXPECT_EQ(related().front().state, MessageState::queued);
    EXPECT_EQ(single("select last_error from messaging.message"), "550 5.1.1 no such user ?");
    for (int i = 0; i < 10 && related().front().state == MessageState::queued; ++i) {
        clock_.advance(2h);
        worker_->drain();
    }
    EXPECT_EQ(related().front().state, MessageState::sent);
    EXPECT_EQ(related().front().attempts, 4);
    ASSERT_EQ(mailer_.sent.size(), 4U);
    for (const auto& mail : mailer_.sent) {
        EXPECT_EQ(mail.message_id, mailer_.sent.front().message_id);
        EXPECT_EQ(mail::to_mime(mail), mail::to_mime(mailer_.sent.front()));
    }
}

TEST_F(MessagesTest, EndlessTroubleEndsInFailedAndCanBeReplayed) {
    queue(hello());
    mailer_.answer = [](const mail::Message&) { return refusal(ErrorKind::unavailable, "mail.unavailable"); };
    for (int i = 0; i < 40; ++i) {
        worker_->drain();
        clock_.advance(2h);
    }
    EXPECT_EQ(related().front().state, MessageState::failed);
    EXPECT_EQ(mailer_.sent.size(), 12U);
    const auto dead = database().read([](db::Session& session) { return jobs::dead_letters(session, 10); });
    ASSERT_EQ(dead.size(), 1U);
    mailer_.answer = [](const mail::Message&) { return Result<void>{}; };
    database().in_tx([&](db::Tx& tx) { EXPECT_TRUE(jobs::replay(tx, dead.front().id)); });
    worker_->drain();
    EXPECT_EQ(related().front().state, MessageState::sent);
    EXPECT_NE(mailer_.sent.back().html.find("https://shop.example/x?a=1"), std::string::npos);  // the link was kept for it
}

TEST_F(MessagesTest, RefusalsAreFinal) {
    queue(hello());
    mailer_.answer = [](const mail::Message&) { return refusal(ErrorKind::invalid, "mail.recipient_refused"); };
    worker_->drain();
    clock_.advance(24h);
    worker_->drain();
    EXPECT_EQ(mailer_.sent.size(), 1U);
    EXPECT_EQ(related().front().state, MessageState::bounced);
    EXPECT_EQ(single("select coalesce(secrets, 'gone') from messaging.message"), "gone");
    EXPECT_TRUE(database().read([](db::Session& session) { return jobs::dead_letters(session, 10); }).empty());

    auto other = hello();
    other.related = "order:7";
    queue(other);
    mailer_.answer = [](const mail::Message&) { return refusal(ErrorKind::invalid, "mail.refused"); };
    worker_->drain();
    EXPECT_EQ(related("order:7").front().state, MessageState::failed);
    EXPECT_EQ(mailer_.sent.size(), 2U);
    EXPECT_EQ(database().read([](db::Session& session) { return jobs::dead_letters(session, 10); }).size(), 1U);
}

TEST_F(MessagesTest, ABrokenTemplateIsRetriedNotLost) {
    auto request = hello();
    request.template_name = "broken";
    queue(request);
    worker_->drain();
    EXPECT_TRUE(mailer_.sent.empty());
    EXPECT_EQ(related().front().state, MessageState::queued);
    write("broken.en.html", "mended");
    for (int i = 0; i < 3; ++i) {
        clock_.advance(2h);
        worker_->drain();
    }
    EXPECT_EQ(related().front().state, MessageState::sent);
}

TEST_F(MessagesTest, ASecondWorkerDoesNotSendWhatTheFirstIsSending) {
    queue(hello());
    const auto payload = single("select payload::text from jobs.job where kind = 'messaging.send_mail'");
    bool postponed = false;
    mailer_.answer = [&](const mail::Message&) {
        try {
            handlers().front().run(jobs::Job{2, "messaging.send_mail", payload, 1});
        } catch (const jobs::Postpone&) {
            postponed = true;
        }
        return Result<void>{};
    };
    worker_->drain();
    EXPECT_TRUE(postponed);
    EXPECT_EQ(mailer_.sent.size(), 1U);
    EXPECT_EQ(related().front().state, MessageState::sent);
}

TEST_F(MessagesTest, AWorkerThatDiedWhileSendingIsTakenOver) {
    queue(hello());
    // What a SIGKILL between claim and outcome leaves behind.
    database().in_tx([&](db::Tx& tx) { tx.run_text("update messaging.message set attempts = 1, sending_until = '2026-11-22T10:03:00Z'"); });
    worker_->drain();
    EXPECT_TRUE(mailer_.sent.empty());
    clock_.advance(4min);
    worker_->drain();
    ASSERT_EQ(mailer_.sent.size(), 1U);
    EXPECT_EQ(related().front().state, MessageState::sent);
}

TEST_F(MessagesTest, RequestsThatCouldNeverBeSentAreBugs) {
    for (const auto& change : std::vector<std::function<void(MailRequest&)>>{
             [](MailRequest& r) { r.to = "nobody"; }, [](MailRequest& r) { r.to = "a@b.example\r\nBcc: c@d.example"; },
             [](MailRequest& r) { r.data_json = "[]"; }, [](MailRequest& r) { r.data_json = "{"; },
             [](MailRequest& r) { r.secrets_json = "1"; }}) {
        auto request = hello();
        change(request);
        EXPECT_THROW(queue(request), std::invalid_argument);
    }
    EXPECT_EQ(single("select count(*)::text from messaging.message"), "0");
    auto broken = options_;
    broken.mail_from = "nobody";
    EXPECT_THROW((void)make_messages(clock_, broken), std::invalid_argument);
}

TEST_F(MessagesTest, AccountMailsGoTheSameWay) {
    const auto mailer = make_account_mailer(*messages_);
    database().in_tx([&](db::Tx& tx) {
        mailer->queue(tx, {"hello", "de", "ada@example.net", R"({"first_name":"Ada"})", R"({"link":"x"})", "customer:9"});
    });
    worker_->drain();
    ASSERT_EQ(mailer_.sent.size(), 1U);
    EXPECT_EQ(mailer_.sent.front().subject, "Hallo Ada");
    EXPECT_EQ(related("customer:9").size(), 1U);
}

}  // namespace
}  // namespace stoa::messaging
