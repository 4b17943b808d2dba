#include "webhooks.hpp"

#include <algorithm>

#include "stoa/clock/clock.hpp"
#include "stoa/crypto/crypto.hpp"

namespace stoa::sandbox {
namespace {

using std::chrono::steady_clock;

constexpr int kRetries = 10;
constexpr std::size_t kLogged = 2000;

std::chrono::milliseconds pause_before(int retry, double factor) {
    const double minutes = std::min(5.0 * (1 << std::min(retry - 1, 10)), 60.0);
    return std::chrono::milliseconds(static_cast<std::int64_t>(minutes * 60000 * factor));
}

}  // namespace

std::string spaced(std::string_view json) {
    std::string out;
    bool inside = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        out += c;
        if (inside && c == '\\' && i + 1 < json.size())
            out += json[++i];
        else if (c == '"')
            inside = !inside;
        else if (!inside && (c == ',' || c == ':'))
            out += ' ';
    }
    return out;
}

Webhooks::Webhooks(Control& control, http_client::Client* client, std::string key)
    : control_(control), client_(client), key_(std::move(key)) {
    if (client_) thread_ = std::thread([this] { deliver(); });
}

Webhooks::~Webhooks() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Webhooks::set_url(std::string url) {
    const std::lock_guard lock(mutex_);
    url_ = std::move(url);
}
void Webhooks::set_retry_factor(double factor) {
    const std::lock_guard lock(mutex_);
    retry_factor_ = factor;
}
void Webhooks::set_copies(int copies) {
    const std::lock_guard lock(mutex_);
    copies_ = copies;
}
void Webhooks::set_hold(bool hold) {
    const std::lock_guard lock(mutex_);
    hold_ = hold;
}

Delivery* Webhooks::find(std::int64_t id) {
    const auto it = std::find_if(log_.begin(), log_.end(), [&](const Delivery& d) { return d.id == id; });
    return it == log_.end() ? nullptr : &*it;
}

void Webhooks::send(std::string action, std::int64_t parcel, int status, std::int64_t timestamp, std::string body) {
    const std::lock_guard lock(mutex_);
    for (int copy = 0; copy < copies_; ++copy) {
        Delivery delivery;
        delivery.id = ++next_id_;
        delivery.action = action;
        delivery.parcel = parcel;
        delivery.status = status;
        delivery.timestamp = timestamp;
        delivery.body = body;
        delivery.state = !client_ || url_.empty() ? "unsent" : hold_ ? "held" : "waiting";
        if (delivery.state == "waiting") waiting_.push_back({delivery.id, steady_clock::now()});
        log_.push_back(std::move(delivery));
        if (log_.size() > kLogged) log_.pop_front();
    }
    wake_.notify_one();
}

void Webhooks::release(bool newest_first) {
    const std::lock_guard lock(mutex_);
    hold_ = false;
    std::vector<std::int64_t> ids;
    for (auto& delivery : log_) {
        if (delivery.state != "held") continue;
        delivery.state = "waiting";
        ids.push_back(delivery.id);
    }
    if (newest_first) std::reverse(ids.begin(), ids.end());
    for (const auto id : ids) waiting_.push_back({id, steady_clock::now()});
    wake_.notify_one();
}

int Webhooks::resend(std::int64_t parcel, int times, bool newest_first) {
    std::vector<Delivery> found;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& delivery : log_) {
            const auto same = [&](const Delivery& other) { return other.body == delivery.body; };
            if (delivery.parcel == parcel && std::none_of(found.begin(), found.end(), same)) found.push_back(delivery);
        }
    }
    if (newest_first) std::reverse(found.begin(), found.end());
    for (int i = 0; i < times; ++i) {
        for (const auto& delivery : found) send(delivery.action, delivery.parcel, delivery.status, delivery.timestamp, delivery.body);
    }
    return static_cast<int>(found.size());
}

std::vector<Delivery> Webhooks::log() const {
    const std::lock_guard lock(mutex_);
    return {log_.begin(), log_.end()};
}

bool Webhooks::wait_until_idle(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return idle_.wait_for(lock, limit, [&] { return waiting_.empty() && !sending_; });
}

void Webhooks::reset() {
    const std::lock_guard lock(mutex_);
    log_.clear();
    waiting_.clear();
    copies_ = 1;
    hold_ = false;
    idle_.notify_all();
}

void Webhooks::deliver() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto next =
            std::min_element(waiting_.begin(), waiting_.end(), [](const Waiting& a, const Waiting& b) { return a.due < b.due; });
        if (next == waiting_.end()) {
            idle_.notify_all();
            wake_.wait(lock);
            continue;
        }
        if (const auto due = next->due; due > steady_clock::now()) {
            wake_.wait_until(lock, due);
            continue;
        }
        const std::int64_t id = next->id;
        waiting_.erase(next);
        const Delivery* delivery = find(id);
        if (!delivery) continue;
        http_client::Call call;
        call.method = "POST";
        call.url = url_;
        call.headers = {{"Content-Type", "application/json"},
                        {"Sendcloud-Signature", crypto::hex(crypto::hmac_sha256(key_, delivery->body))}};
        call.body = delivery->body;
        call.timeout = std::chrono::seconds{15};
        sending_ = true;
        lock.unlock();
        const auto answer = client_->send(call);
        const bool accepted = answer && answer->status == 200;
        lock.lock();
        sending_ = false;
        Delivery* sent = find(id);
        if (!sent) continue;
        sent->at = to_rfc3339(SystemClock().now());
        sent->answer = answer ? answer->status : 0;
        ++sent->tries;
        control_.record({sent->at, "sendcloud", "WEBHOOK", sent->action, sent->answer,
                         accepted                 ? "accepted"
                         : sent->tries > kRetries ? "dropped"
                                                  : "will be tried again"});
        if (accepted) {
            sent->state = "delivered";
        } else if (sent->tries > kRetries) {
            sent->state = "dropped";
        } else {
            waiting_.push_back({id, steady_clock::now() + pause_before(sent->tries, retry_factor_)});
        }
    }
}

}  // namespace stoa::sandbox
