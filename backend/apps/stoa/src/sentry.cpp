#include "sentry.hpp"

#include <charconv>
#include <stdexcept>

#include "stoa/crypto/crypto.hpp"
#include "stoa/json/value.hpp"
#include "stoa/log/log.hpp"

namespace stoa::app {
namespace {

constexpr std::size_t kQueue = 100;  // more at once tells nothing new

int leading_number(std::string_view text, int otherwise) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end != text.data() ? value : otherwise;
}

}  // namespace

std::optional<SentryDsn> SentryDsn::parse(std::string_view dsn) {
    const auto scheme_end = dsn.find("://");
    const auto at = dsn.find('@');
    const auto slash = dsn.rfind('/');
    if (scheme_end == std::string_view::npos || at == std::string_view::npos || slash == std::string_view::npos || slash < at ||
        slash + 1 == dsn.size())
        return std::nullopt;
    SentryDsn out;
    out.key = std::string(dsn.substr(scheme_end + 3, at - scheme_end - 3));
    if (const auto colon = out.key.find(':'); colon != std::string::npos) out.key.resize(colon);  // old form with a secret
    const auto project = dsn.substr(slash + 1);
    if (out.key.empty() || project.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    out.url = std::string(dsn.substr(0, scheme_end + 3)) + std::string(dsn.substr(at + 1, slash - at - 1)) + "/api/" +
              std::string(project) + "/envelope/";
    return out;
}

Sentry::Sentry(http_client::Client& client, const Clock& clock, std::string_view dsn, std::string environment, std::string release)
    : client_(client), clock_(clock), environment_(std::move(environment)), release_(std::move(release)) {
    if (dsn.empty()) return;
    dsn_ = SentryDsn::parse(dsn);
    if (!dsn_) throw std::invalid_argument("STOA_SENTRY_DSN is not of the form https://KEY@HOST/PROJECT");
    thread_ = std::thread([this] { run(); });
}

Sentry::~Sentry() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void Sentry::report(const http::Request& request, std::string_view what) noexcept {
    if (!dsn_) return;
    try {
        Event event;
        event.id = crypto::hex(crypto::random_bytes(16));
        json::Writer out;
        out.begin_object();
        out.member("event_id", event.id);
        out.member("timestamp", to_rfc3339(clock_.now()));
        out.member("platform", "native");
        out.member("level", "error");
        out.member("environment", environment_);
        out.member("release", release_);
        out.key("exception");
        out.begin_object();
        out.key("values");
        out.begin_array();
        out.begin_object();
        out.member("type", "exception");
        out.member("value", what.substr(0, 2000));
        out.end_object();
        out.end_array();
        out.end_object();
        out.key("request");
        out.begin_object();
        out.member("method", http::method_name(request.method));
        out.end_object();
        out.key("tags");
        out.begin_object();
        out.member("request_id", request.request_id);
        out.end_object();
        out.key("contexts");
        out.begin_object();
        out.key("trace");
        out.begin_object();
        out.member("trace_id", request.trace_id);
        out.member("span_id", event.id.substr(0, 16));
        out.end_object();
        out.end_object();
        out.end_object();
        event.body = out.take();
        const std::lock_guard lock(mutex_);
        if (queue_.size() < kQueue) queue_.push_back(std::move(event));
    } catch (...) {  // reporting an error may not make another one
        return;
    }
    wake_.notify_one();
}

void Sentry::flush(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    idle_.wait_for(lock, patience, [this] { return queue_.empty() && !sending_; });
}

void Sentry::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (queue_.empty()) return;
        const Event event = std::move(queue_.front());
        queue_.pop_front();
        const bool silent = clock_.now() < silent_until_;  // while limited, discard
        sending_ = true;
        lock.unlock();
        if (!silent) send(event);
        lock.lock();
        sending_ = false;
        if (queue_.empty()) idle_.notify_all();
    }
}

void Sentry::send(const Event& event) {
    http_client::Call call;
    call.method = "POST";
    call.url = dsn_->url;
    call.headers = {{"Content-Type", "application/x-sentry-envelope"},
                    {"X-Sentry-Auth", "Sentry sentry_version=7, sentry_client=stoa/1.0, sentry_key=" + dsn_->key}};
    call.body = "{\"event_id\":\"" + event.id + "\",\"sent_at\":\"" + to_rfc3339(clock_.now()) +
                "\"}\n{\"type\":\"event\",\"length\":" + std::to_string(event.body.size()) + "}\n" + event.body + "\n";
    call.timeout = std::chrono::seconds{5};
    const auto answer = client_.send(call);
    if (!answer) {
        log::warning("sentry: not reached", {{"reason", answer.error().message}});
        return;
    }
    const auto limits = answer->header("x-sentry-rate-limits");
    int seconds = 0;
    if (!limits.empty())
        seconds = leading_number(limits, 60);
    else if (answer->status == 429)
        seconds = leading_number(answer->header("retry-after"), 60);
    if (seconds > 0) {
        const std::lock_guard lock(mutex_);
        silent_until_ = std::max(silent_until_, clock_.now() + std::chrono::seconds(seconds));
    }
}

}  // namespace stoa::app
