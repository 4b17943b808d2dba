#pragma once
// Notifications to the shop as Sendcloud sends them: signed over the raw bytes, tried again with growing pauses, every try logged. A test
// can hold them back, send them twice or in the wrong order. Pauses are of the simulated clock. With a file, what waits, what is held
// and the settings survive a restart.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "control.hpp"
#include "stoa/clock/clock.hpp"
#include "stoa/http_client/client.hpp"

namespace stoa::sandbox {

struct Delivery {
    std::int64_t id = 0;
    std::string action;
    std::int64_t parcel = 0;
    int status = 0;              // of the parcel
    std::int64_t timestamp = 0;  // in the body, milliseconds
    std::string body;
    std::string state;  // waiting · held · delivered · dropped · unsent (no address is set)
    int tries = 0;
    int answer = 0;   // HTTP status of the last try, 0 for none
    std::string at;   // of the last try
    Timestamp due{};  // of the next try, on the simulated clock
};

// Adds the spaces that the provider's own serialiser writes after ',' and ':'.
[[nodiscard]] std::string spaced(std::string_view json);

class Webhooks {
public:
    // Without a client nothing is sent.
    Webhooks(Control& control, http_client::Client* client, std::string key, std::string state_file = {});
    ~Webhooks();

    void set_url(std::string url);         // empty: none; nothing is delivered before the first call
    void set_retry_factor(double factor);  // scales the pauses between tries
    void set_copies(int copies);           // how often each notification is sent
    void set_hold(bool hold);              // true: kept back until release()
    void release(bool newest_first);
    void send(std::string action, std::int64_t parcel, int status, std::int64_t timestamp, std::string body);
    // Again what was sent about this parcel, byte for byte. Returns how many were found.
    int resend(std::int64_t parcel, int times, bool newest_first);
    [[nodiscard]] std::vector<Delivery> log() const;
    // True when nothing waits any more.
    [[nodiscard]] bool wait_until_idle(std::chrono::milliseconds limit);
    // True when nothing is being sent or due; what is to be tried later may still wait.
    [[nodiscard]] bool wait_until_quiet(std::chrono::milliseconds limit);
    void reset();

private:
    struct Waiting {
        std::int64_t id;
        Timestamp due;
    };
    void deliver();
    Delivery* find(std::int64_t id);
    void queue(Delivery& delivery, Timestamp due);
    [[nodiscard]] Timestamp now() const;
    void save(const Delivery& delivery) const;
    void save_settings() const;
    void load();

    Control& control_;
    http_client::Client* client_;
    const std::string key_;
    const std::string state_file_;
    mutable std::mutex mutex_;
    std::condition_variable wake_, idle_;
    std::optional<std::string> url_;
    double retry_factor_ = 1.0;
    int copies_ = 1;
    bool hold_ = false;
    bool stopping_ = false;
    bool sending_ = false;
    std::deque<Delivery> log_;
    std::deque<Waiting> waiting_;
    std::int64_t next_id_ = 0;
    int listener_ = 0;
    std::thread thread_;
};

}  // namespace stoa::sandbox
