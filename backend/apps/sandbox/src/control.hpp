#pragma once
// What a test can do to the outside world: make a provider slow, wrong or down, and see what was asked of it.
#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stoa/http/router.hpp"
#include "stoa/text/text.hpp"

namespace stoa::sandbox {

// One planned misbehaviour of a provider ("vendo", "sendcloud", "smtp", "opensearch").
struct Fault {
    std::string provider;
    // down: refuse with 503 before anything happens · error_before: HTTP 500, nothing done · error_after: HTTP 500, but done ·
    // slow: answer after delay_ms · garbage: done, answer is no JSON · drop: done, the connection is closed without an answer.
    // SMTP answers 421 and 451 instead of 503 and 500. OpenSearch only: too_many: 429, nothing done · partial: every second document of a
    // bulk request is refused with 429.
    std::string kind;
    int count = 1;  // how often; -1: until reset
    int delay_ms = 0;
    std::string path;  // only calls whose path contains this
};

struct CallRecord {
    std::string at, provider, method, path;
    int status = 0;
    std::string note;  // without secrets and card data
};

class Control {
public:
    // With a file the simulated clock survives a restart.
    explicit Control(std::string clock_file = {});
    // Takes one use of the first fault that fits.
    [[nodiscard]] std::optional<Fault> next_fault(std::string_view provider, std::string_view path);
    void add_fault(Fault fault);
    void record(CallRecord record);
    [[nodiscard]] std::vector<CallRecord> calls() const;
    [[nodiscard]] std::vector<Fault> faults() const;
    void reset();
    // What was to go wrong and what was recorded; the clock stays.
    void forget_faults();
    // Moves the simulated clock and tells everyone who asked; returns when they have acted.
    void advance(std::int64_t hours);
    // `listener` is called until it is forgotten; forget() returns when it runs no more.
    int on_advance(std::function<void()> listener);
    void forget(int listener);
    std::atomic<std::int64_t> seconds_ahead{0};  // simulated clock

private:
    mutable std::mutex mutex_;
    std::vector<Fault> faults_;
    std::deque<CallRecord> calls_;
    std::mutex listeners_mutex_;  // held while listeners run
    std::vector<std::pair<int, std::function<void()>>> listeners_;
    int next_listener_ = 0;
    std::string clock_file_;
};

// Wraps a provider's handler with faults and the record of calls.
[[nodiscard]] http::Handler with_faults(Control& control, std::string provider, http::Handler handler);
void add_control_routes(http::Routes& routes, Control& control, std::function<void()> on_reset);
using text::escape_html;

}  // namespace stoa::sandbox
