#include "sentry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stoa/testing/testing.hpp"

namespace stoa::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(SentryReports, a_dsn_names_the_envelope_address) {
    EXPECT_EQ(SentryDsn::parse("https://abc@o42.ingest.de.sentry.io/4501234")->url,
              "https://o42.ingest.de.sentry.io/api/4501234/envelope/");
    EXPECT_EQ(SentryDsn::parse("https://abc:old@sentry.example:9000/prefix/sub/17")->url,
              "https://sentry.example:9000/prefix/sub/api/17/envelope/");
    EXPECT_EQ(SentryDsn::parse("https://abc:old@sentry.example:9000/prefix/sub/17")->key, "abc");
    for (const auto* bad :
         {"", "abc", "https://o42.sentry.io/1", "https://@o42.sentry.io/1", "https://abc@o42.sentry.io/", "https://abc@o42.sentry.io/x"})
        EXPECT_FALSE(SentryDsn::parse(bad)) << bad;
}

TEST(SentryReports, an_exception_is_sent_without_what_the_shopper_sent) {
    testing::ScriptedClient client;
    client.answer = [](const http_client::Call&) { return http_client::Answer{200, {}, "{}"}; };
    ManualClock clock(testing::fixed_start());
    Sentry sentry(client, clock, "https://abc@sentry.example/7", "staging", "stoa@1");
    auto request = testing::request(http::Method::post, "/api/v1/account/login?email=ana@example.test", R"({"password":"secret"})");
    sentry.report(request, "broken invariant");
    sentry.flush(std::chrono::seconds{5});
    ASSERT_EQ(client.calls.size(), 1U);
    EXPECT_THAT(client.calls[0].body, HasSubstr("broken invariant"));
    EXPECT_THAT(client.calls[0].body, HasSubstr("\"environment\":\"staging\""));
    EXPECT_THAT(client.calls[0].body, Not(HasSubstr("ana@example.test")));
    EXPECT_THAT(client.calls[0].body, Not(HasSubstr("secret")));
}

TEST(SentryReports, a_limit_is_obeyed_and_ends) {
    testing::ScriptedClient client;
    client.answer = [](const http_client::Call&) { return http_client::Answer{429, {{"retry-after", "30"}}, ""}; };
    ManualClock clock(testing::fixed_start());
    Sentry sentry(client, clock, "https://abc@sentry.example/7", "staging", "stoa@1");
    const auto request = testing::request(http::Method::get, "/");
    const auto report = [&] {
        sentry.report(request, "x");
        sentry.flush(std::chrono::seconds{5});
    };
    report();
    report();
    EXPECT_EQ(client.calls.size(), 1U);
    clock.advance(std::chrono::seconds{31});
    report();
    EXPECT_EQ(client.calls.size(), 2U);
    EXPECT_THROW(Sentry(client, clock, "nonsense", "staging", "stoa@1"), std::invalid_argument);
    Sentry silent(client, clock, "", "staging", "stoa@1");
    silent.report(request, "x");
    silent.flush(std::chrono::milliseconds{10});
    EXPECT_EQ(client.calls.size(), 2U);
}

}  // namespace
}  // namespace stoa::app
