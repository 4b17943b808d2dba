#include "vendo_postbacks.hpp"

#include <algorithm>
#include <fstream>
#include <utility>

#include "stoa/json/value.hpp"

namespace stoa::sandbox {
namespace {

constexpr int kMoreTries = 10;
constexpr int kMinutes[] = {1, 5, 15, 60, 240};

Timestamp in(std::chrono::milliseconds time) { return SystemClock().now() + time; }

}  // namespace

VendoPostbacks::VendoPostbacks(Control& control, http_client::Client& client, Settings settings)
    : control_(control), client_(client), defaults_(std::move(settings)), settings_(defaults_) {}

VendoPostbacks::~VendoPostbacks() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void VendoPostbacks::start(std::function<void()> idle) {
    load();
    idle_ = std::move(idle);
    thread_ = std::thread([this] { deliver(); });
}

void VendoPostbacks::queue(std::string body, std::string element) {
    {
        const std::lock_guard lock(mutex_);
        if (settings_.url.empty()) return;
        waiting_.push_back({std::move(body), std::move(element), 0, in(settings_.first)});
        save();
    }
    wake_.notify_one();
}

void VendoPostbacks::reset() {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
    settings_ = defaults_;
    save();
}

void VendoPostbacks::set_url(std::string url) {
    const std::lock_guard lock(mutex_);
    settings_.url = std::move(url);
}

void VendoPostbacks::set_retry_factor(double factor) {
    const std::lock_guard lock(mutex_);
    settings_.retry_factor = factor;
}

void VendoPostbacks::deliver() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto now = SystemClock().now();
        const auto due = std::ranges::find_if(waiting_, [&](const Postback& postback) { return postback.due <= now; });
        if (due == waiting_.end()) {
            wake_.wait_for(lock, std::chrono::milliseconds{100});
            lock.unlock();
            idle_();
            lock.lock();
            continue;
        }
        sending_ = std::move(*due);
        waiting_.erase(due);
        const std::string url = settings_.url;
        lock.unlock();
        const bool accepted = send(*sending_, url);
        lock.lock();
        Postback postback = *std::exchange(sending_, std::nullopt);
        if (!accepted && ++postback.tries <= kMoreTries) {
            const double minutes = kMinutes[std::min(postback.tries - 1, 4)] * settings_.retry_factor;
            postback.due = in(std::chrono::milliseconds(static_cast<std::int64_t>(minutes * 60000)));
            waiting_.push_back(std::move(postback));
        }
        save();
    }
}

bool VendoPostbacks::send(const Postback& postback, const std::string& url) {
    http_client::Call call;
    call.method = "POST";
    call.url = url;
    call.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    call.body = postback.body;
    call.timeout = std::chrono::seconds{30};
    const auto answer = client_.send(call);
    std::string heard = answer ? answer->body : "";
    std::erase_if(heard, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
    const bool accepted =
        answer && answer->status == 200 && heard.find("<postbackResponse><" + postback.element + "><code>1</code>") != std::string::npos;
    control_.record({to_rfc3339(SystemClock().now()), "vendo", "POSTBACK", postback.element, answer ? answer->status : 0,
                     accepted ? "accepted" : "will be tried again"});
    return accepted;
}

void VendoPostbacks::load() {
    if (settings_.file.empty()) return;
    std::ifstream file(settings_.file);
    for (std::string line; std::getline(file, line);) {
        const auto value = json::parse(line);
        const auto due = value ? parse_timestamp(value->text_or("due")) : std::nullopt;
        if (!due) continue;  // the last line of a killed process
        waiting_.push_back({value->text_or("body"), value->text_or("element"), static_cast<int>(value->int_or("tries")), *due});
    }
}

void VendoPostbacks::save() const {
    if (settings_.file.empty()) return;
    std::ofstream file(settings_.file, std::ios::trunc);
    const auto write = [&](const Postback& postback) {
        json::Writer out;
        out.begin_object();
        out.member("body", postback.body);
        out.member("element", postback.element);
        out.member("tries", postback.tries);
        out.member("due", to_rfc3339(postback.due));
        out.end_object();
        file << out.take() << '\n';
    };
    // What is under way when the process dies is sent again.
    if (sending_) write(*sending_);
    for (const auto& postback : waiting_) write(postback);
}

}  // namespace stoa::sandbox
