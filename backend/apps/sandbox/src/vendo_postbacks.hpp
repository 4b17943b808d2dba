#pragma once
// Notifications on their way to the shop: sent one at a time, tried again as Vendo does, kept over a restart.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "control.hpp"
#include "stoa/clock/clock.hpp"
#include "stoa/http_client/client.hpp"

namespace stoa::sandbox {

// Thread-safe.
class VendoPostbacks {
public:
    struct Settings {
        std::string url;            // empty: nothing is queued
        double retry_factor = 1.0;  // scales the minutes between tries
        std::chrono::milliseconds first{200};
        std::string file;  // empty: forgotten with the process
    };
    VendoPostbacks(Control& control, http_client::Client& client, Settings settings);
    ~VendoPostbacks();
    // Reads what an earlier process left and begins to send; `idle` is called whenever nothing is due, every tenth of a second.
    void start(std::function<void()> idle);
    void queue(std::string body, std::string element);
    // Forgets what waits and every change of settings.
    void reset();
    void set_url(std::string url);
    void set_retry_factor(double factor);

private:
    struct Postback {
        std::string body, element;
        int tries = 0;
        Timestamp due{};
    };
    void deliver();
    [[nodiscard]] bool send(const Postback& postback, const std::string& url);
    void load();
    void save() const;  // under the lock

    Control& control_;
    http_client::Client& client_;
    const Settings defaults_;
    Settings settings_;
    std::function<void()> idle_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Postback> waiting_;
    std::optional<Postback> sending_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace stoa::sandbox
