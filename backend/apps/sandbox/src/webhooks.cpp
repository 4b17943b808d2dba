#include "webhooks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>

#include "stoa/crypto/crypto.hpp"
#include "stoa/json/value.hpp"

namespace stoa::sandbox {
namespace {

constexpr int kRetries = 10;
constexpr std::size_t kLogged = 2000;

std::chrono::milliseconds pause_before(int retry, double factor) {
    const double minutes = std::min(5.0 * (1 << std::min(retry - 1, 10)), 60.0);
    return std::chrono::milliseconds(static_cast<std::int64_t>(minutes * 60000 * factor));
}

std::string line_of(const Delivery& delivery) {
    json::Writer out;
    out.begin_object();
    out.member("id", delivery.id);
    out.member("action", delivery.action);
    out.member("parcel", delivery.parcel);
    out.member("status", delivery.status);
    out.member("timestamp", delivery.timestamp);
    out.member("body", delivery.body);
    out.member("state", delivery.state);
    out.member("tries", delivery.tries);
    out.member("answer", delivery.answer);
    out.member("at", delivery.at);
    out.member("due", to_rfc3339(delivery.due));
    out.end_object();
    return out.take();
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

Webhooks::Webhooks(Control& control, http_client::Client* client, std::string key, std::string state_file)
    : control_(control), client_(client), key_(std::move(key)), state_file_(std::move(state_file)) {
    load();
    if (!client_) return;
    listener_ = control_.on_advance([this] {
        {
            const std::lock_guard lock(mutex_);
        }  // not between looking at the clock and waiting
        wake_.notify_all();
    });
    thread_ = std::thread([this] { deliver(); });
}

Webhooks::~Webhooks() {
    if (!client_) return;
    control_.forget(listener_);
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

Timestamp Webhooks::now() const { return SystemClock().now() + std::chrono::seconds(control_.seconds_ahead.load()); }

// ---- state on disk: one line per change, the last one of a delivery counts -----------------------------------------------------------
void Webhooks::save(const Delivery& delivery) const {
    if (!state_file_.empty()) std::ofstream(state_file_, std::ios::app) << line_of(delivery) << '\n';
}

void Webhooks::save_settings() const {
    if (state_file_.empty()) return;
    json::Writer out;
    out.begin_object();
    out.key("settings");
    out.begin_object();
    out.member("copies", copies_);
    out.member("hold", hold_);
    out.member("retry_factor", fmt::format("{}", retry_factor_));
    out.member("next_id", next_id_);
    out.end_object();
    out.end_object();
    std::ofstream(state_file_, std::ios::app) << out.text() << '\n';
}

void Webhooks::load() {
    if (state_file_.empty()) return;
    std::map<std::int64_t, Delivery> found;
    {
        std::ifstream file(state_file_);
        std::string line;
        while (std::getline(file, line)) {
            const auto value = json::parse(line);
            if (!value) continue;  // the last line of a killed process
            if (const auto* saved = value->find("settings")) {
                copies_ = static_cast<int>(saved->int_or("copies", 1));
                hold_ = saved->bool_or("hold");
                retry_factor_ = std::strtod(saved->text_or("retry_factor", "1").c_str(), nullptr);
                next_id_ = saved->int_or("next_id");
                continue;
            }
            Delivery delivery{value->int_or("id"),
                              value->text_or("action"),
                              value->int_or("parcel"),
                              static_cast<int>(value->int_or("status")),
                              value->int_or("timestamp"),
                              value->text_or("body"),
                              value->text_or("state"),
                              static_cast<int>(value->int_or("tries")),
                              static_cast<int>(value->int_or("answer")),
                              value->text_or("at"),
                              parse_timestamp(value->text_or("due")).value_or(Timestamp{})};
            found[delivery.id] = std::move(delivery);
        }
    }
    for (auto& [id, delivery] : found) {
        next_id_ = std::max(next_id_, id);
        if (delivery.state == "waiting") waiting_.push_back({id, delivery.due});
        log_.push_back(std::move(delivery));
    }
    // Only the last word about each is kept, so that the file does not grow from start to start.
    const std::string fresh = state_file_ + ".new";
    {
        std::ofstream file(fresh, std::ios::trunc);
        for (const auto& delivery : log_) file << line_of(delivery) << '\n';
    }
    std::rename(fresh.c_str(), state_file_.c_str());
    save_settings();
}

void Webhooks::set_url(std::string url) {
    const std::lock_guard lock(mutex_);
    url_ = std::move(url);
    wake_.notify_all();
}
void Webhooks::set_retry_factor(double factor) {
    const std::lock_guard lock(mutex_);
    retry_factor_ = factor;
    save_settings();
}
void Webhooks::set_copies(int copies) {
    const std::lock_guard lock(mutex_);
    copies_ = copies;
    save_settings();
}
void Webhooks::set_hold(bool hold) {
    const std::lock_guard lock(mutex_);
    hold_ = hold;
    save_settings();
}

void Webhooks::queue(Delivery& delivery, Timestamp due) {
    delivery.state = "waiting";
    delivery.due = due;
    waiting_.push_back({delivery.id, due});
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
        if (!client_ || !url_ || url_->empty())
            delivery.state = "unsent";
        else if (hold_)
            delivery.state = "held";
        else
            queue(delivery, now());
        save(delivery);
        log_.push_back(std::move(delivery));
        if (log_.size() > kLogged) log_.pop_front();
    }
    wake_.notify_one();
}

void Webhooks::release(bool newest_first) {
    const std::lock_guard lock(mutex_);
    hold_ = false;
    std::vector<Delivery*> held;
    for (auto& delivery : log_) {
        if (delivery.state == "held") held.push_back(&delivery);
    }
    if (newest_first) std::reverse(held.begin(), held.end());
    Timestamp due = now();
    for (auto* delivery : held) {
        queue(*delivery, due);
        save(*delivery);
        due += std::chrono::microseconds{1};  // in this order also after a restart
    }
    save_settings();
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

bool Webhooks::wait_until_quiet(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return idle_.wait_for(lock, limit, [&] {
        return !sending_ && std::none_of(waiting_.begin(), waiting_.end(), [&](const Waiting& waiting) { return waiting.due <= now(); });
    });
}

void Webhooks::reset() {
    const std::lock_guard lock(mutex_);
    log_.clear();
    waiting_.clear();
    copies_ = 1;
    hold_ = false;
    retry_factor_ = 1.0;
    if (!state_file_.empty()) std::ofstream(state_file_, std::ios::trunc);
    save_settings();
    idle_.notify_all();
}

void Webhooks::deliver() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto next =
            std::min_element(waiting_.begin(), waiting_.end(), [](const Waiting& a, const Waiting& b) { return a.due < b.due; });
        if (next == waiting_.end() || !url_) {
            idle_.notify_all();
            wake_.wait(lock);
            continue;
        }
        if (const auto pause = next->due - now(); pause > pause.zero()) {
            idle_.notify_all();
            wake_.wait_for(lock, pause);
            continue;
        }
        const std::int64_t id = next->id;
        waiting_.erase(next);
        Delivery* delivery = find(id);
        if (!delivery) continue;
        if (url_->empty()) {  // the address was taken away meanwhile
            delivery->state = "unsent";
            save(*delivery);
            continue;
        }
        http_client::Call call;
        call.method = "POST";
        call.url = *url_;
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
        const bool dropped = !accepted && sent->tries > kRetries;
        if (accepted || dropped)
            sent->state = accepted ? "delivered" : "dropped";
        else
            queue(*sent, now() + pause_before(sent->tries, retry_factor_));
        save(*sent);
        control_.record({sent->at, "sendcloud", "WEBHOOK", sent->action, sent->answer,
                         accepted  ? "accepted"
                         : dropped ? "dropped"
                                   : "will be tried again"});
    }
}

}  // namespace stoa::sandbox
