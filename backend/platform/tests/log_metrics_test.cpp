// What operators read: log lines and the metrics page.
#include <gtest/gtest.h>

#include <thread>

#include "captured_log.hpp"
#include "stoa/clock/clock.hpp"
#include "stoa/http/router.hpp"
#include "stoa/log/log.hpp"
#include "stoa/metrics/metrics.hpp"

namespace stoa {
namespace {

using testing::CapturedLog;

class Log : public ::testing::Test {
protected:
    Log() { log::set_level(log::Level::info); }
    ~Log() override { log::set_level(log::Level::info); }
};

TEST_F(Log, a_line_is_one_json_object_with_time_level_and_message) {
    CapturedLog log;
    log::info("order placed", {{"lines", 3}, {"seconds", 0.25}, {"paid", true}, {"state", "open"}});
    const auto lines = log.lines();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(parse_timestamp(lines[0].text_or("time"))) << lines[0].text_or("time");
    EXPECT_EQ(lines[0].text_or("level"), "info");
    EXPECT_EQ(lines[0].text_or("message"), "order placed");
    EXPECT_EQ(lines[0].int_or("lines"), 3);
    EXPECT_EQ(lines[0].find("seconds")->text(), "0.25");
    EXPECT_EQ(json::to_text(*lines[0].find("paid")), "true");
    EXPECT_EQ(lines[0].text_or("state"), "open");
    EXPECT_EQ(lines[0].find("request_id"), nullptr);
}

TEST_F(Log, whatever_a_text_holds_it_stays_in_its_line) {
    CapturedLog log;
    const std::string text = std::string("a\nb\r\"c\"\\\t") + '\0' + "\x1b[31m\xff\xe2\x80\xa8</script>";
    log::warning(text, {{"cause", text}});
    const auto lines = log.lines();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(lines[0].text_or("cause").starts_with("a\nb\r\"c\"\\\t"));
    // Cut in the middle of a character, as the access line cuts a long path
    log::info("cut", {{"path", std::string_view("/caf\xc3\xa9").substr(0, 5)}});
    EXPECT_EQ(log.lines().back().text_or("path"), "/caf\xef\xbf\xbd");
}

TEST_F(Log, levels_below_the_wanted_one_are_not_written) {
    for (const auto* level : {"debug", "info", "warning", "error"}) {
        CapturedLog log;
        log::set_level(level);
        log::debug("debug");
        log::info("info");
        log::warning("warning");
        log::error("error");
        const auto lines = log.lines();
        ASSERT_FALSE(lines.empty());
        EXPECT_EQ(lines.front().text_or("message"), level);
        EXPECT_EQ(lines.back().text_or("message"), "error");
    }
}

TEST_F(Log, a_scope_gives_its_lines_the_ids_and_ends) {
    CapturedLog log;
    {
        const log::Scope outer("req_a", "0123");
        EXPECT_EQ(log::current_request_id(), "req_a");
        {
            const log::Scope inner("req_b", "");
            log::info("inner");
        }
        log::info("outer");
        std::jthread([] { log::info("another thread"); }).join();
    }
    log::info("after");
    const auto lines = log.lines();
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[0].text_or("request_id"), "req_b");
    EXPECT_EQ(lines[0].find("trace_id"), nullptr);
    EXPECT_EQ(lines[1].text_or("request_id"), "req_a");
    EXPECT_EQ(lines[1].text_or("trace_id"), "0123");
    EXPECT_EQ(lines[2].find("request_id"), nullptr);
    EXPECT_EQ(lines[3].find("request_id"), nullptr);
}

TEST_F(Log, lines_of_many_threads_do_not_mix) {
    CapturedLog log;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 8; ++thread) {
            threads.emplace_back([thread] {
                for (int i = 0; i < 200; ++i) log::info(std::string(200, static_cast<char>('a' + thread)), {{"i", i}});
            });
        }
    }
    EXPECT_EQ(log.lines().size(), 1600U);
}

class AccessLine : public Log {
protected:
    AccessLine() {
        routes.get("/orders/{id}", "get_order").handle([](const http::Request&) { return http::json_text(200, "{}"); });
        routes.post("/hooks/pay/{token}", "receive_payment")
            .requires_access(http::Access::provider)
            .without_origin_check()
            .handle([](const http::Request&) -> http::Response { throw std::runtime_error("broken"); });
        routes.freeze();
    }
    std::vector<json::Value> ask(http::Method method, std::string_view target) {
        CapturedLog log;
        http::Request request;
        request.method = method;
        EXPECT_TRUE(http::set_target(request, target));
        request.request_id = "req_given";
        request.headers = {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}};
        (void)http::dispatch(routes, request, {});
        EXPECT_EQ(log.text().find("s3cret"), std::string::npos) << log.text();
        return log.lines();
    }
    http::Routes routes;
};

TEST_F(AccessLine, says_what_was_asked_and_answered_but_not_the_query) {
    const auto lines = ask(http::Method::get, "/orders/7?token=s3cret");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].text_or("message"), "request");
    EXPECT_EQ(lines[0].text_or("request_id"), "req_given");
    EXPECT_EQ(lines[0].text_or("trace_id"), "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(lines[0].text_or("method"), "GET");
    EXPECT_EQ(lines[0].text_or("path"), "/orders/7");
    EXPECT_EQ(lines[0].text_or("route"), "get_order");
    EXPECT_EQ(lines[0].int_or("status"), 200);
    EXPECT_EQ(lines[0].int_or("bytes"), 2);
}

TEST_F(AccessLine, never_shows_the_secret_in_a_providers_address) {
    const auto lines = ask(http::Method::post, "/hooks/pay/s3cret");
    ASSERT_EQ(lines.size(), 2U);  // the exception, the access line
    EXPECT_EQ(lines[1].text_or("path"), "/hooks/pay/{token}");
    // Asked in a way that no route takes, the address is still the provider's.
    for (const auto* target : {"/hooks/pay/s3cret", "/hooks/pay/s3cret/", "/%68ooks/pay/s3cret", "/%68ooks/pay/s3cret/more"}) {
        const auto other = ask(http::Method::get, target);
        ASSERT_EQ(other.size(), 1U) << target;
        EXPECT_EQ(other[0].text_or("path"), "/hooks/pay/{token}") << target;
    }
}

std::string line_of(const std::string& page, const std::string& start) {
    const auto at = ("\n" + page).find("\n" + start);
    return at == std::string::npos ? "" : page.substr(at, page.find('\n', at) - at);
}

TEST(Metrics, counters_and_gauges_are_told_as_they_are) {
    metrics::count("test_things_total");
    metrics::count("test_things_total", R"(kind="a")", 4);
    metrics::count("test_things_total", R"(kind="a")");
    metrics::set("test_level", {}, 2.5);
    metrics::set("test_level", {}, -1);
    const auto page = metrics::exposition();
    EXPECT_EQ(line_of(page, "# TYPE stoa_test_things_total"), "# TYPE stoa_test_things_total counter");
    EXPECT_EQ(line_of(page, "stoa_test_things_total "), "stoa_test_things_total 1");
    EXPECT_EQ(line_of(page, "stoa_test_things_total{"), R"(stoa_test_things_total{kind="a"} 5)");
    EXPECT_EQ(line_of(page, "# TYPE stoa_test_level"), "# TYPE stoa_test_level gauge");
    EXPECT_EQ(line_of(page, "stoa_test_level "), "stoa_test_level -1");
    EXPECT_THROW(metrics::set("test_things_total", {}, 1), std::logic_error);
}

TEST(Metrics, buckets_hold_their_upper_bound_and_everything_below) {
    for (const double seconds : {0.001, 0.0011, 0.2, 60.0, 61.0}) metrics::observe("test_wait_seconds", R"(route="x")", seconds);
    const auto page = metrics::exposition();
    const auto bucket = [&](const std::string& bound) {
        return line_of(page, R"(stoa_test_wait_seconds_bucket{route="x",le=")" + bound + "\"}");
    };
    const std::string start = R"(stoa_test_wait_seconds_bucket{route="x",le=")";
    EXPECT_EQ(bucket("0.001"), start + "0.001\"} 1");
    EXPECT_EQ(bucket("0.0025"), start + "0.0025\"} 2");
    EXPECT_EQ(bucket("0.1"), start + "0.1\"} 2");
    EXPECT_EQ(bucket("0.25"), start + "0.25\"} 3");
    EXPECT_EQ(bucket("60"), start + "60\"} 4");
    EXPECT_EQ(bucket("+Inf"), start + "+Inf\"} 5");
    EXPECT_EQ(line_of(page, R"(stoa_test_wait_seconds_count)"), R"(stoa_test_wait_seconds_count{route="x"} 5)");
    const auto sum = line_of(page, R"(stoa_test_wait_seconds_sum)");
    EXPECT_NEAR(std::stod(sum.substr(sum.rfind(' ') + 1)), 121.2021, 1e-6);
}

TEST(Metrics, many_threads_lose_nothing) {
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 8; ++thread) {
            threads.emplace_back([thread] {
                for (int i = 0; i < 5000; ++i) {
                    metrics::count("test_many_total", "thread=\"" + std::to_string(thread % 2) + "\"");
                    metrics::observe("test_many_seconds", {}, 0.01);
                    if (i % 500 == 0) (void)metrics::exposition();
                }
            });
        }
    }
    const auto page = metrics::exposition();
    EXPECT_EQ(line_of(page, R"(stoa_test_many_total{thread="0"})"), R"(stoa_test_many_total{thread="0"} 20000)");
    EXPECT_EQ(line_of(page, R"(stoa_test_many_total{thread="1"})"), R"(stoa_test_many_total{thread="1"} 20000)");
    EXPECT_EQ(line_of(page, "stoa_test_many_seconds_count"), "stoa_test_many_seconds_count 40000");
}

TEST(Metrics, labels_without_bound_end_in_one_cell) {
    for (int i = 0; i < 6000; ++i) metrics::count("test_unbounded_total", "id=\"" + std::to_string(i) + "\"");
    const auto page = metrics::exposition();
    EXPECT_EQ(line_of(page, R"(stoa_test_unbounded_total{overflow)"), R"(stoa_test_unbounded_total{overflow="true"} 1000)");
}

}  // namespace
}  // namespace stoa
