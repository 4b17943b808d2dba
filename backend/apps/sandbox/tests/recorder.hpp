#pragma once
// The shop's side of notifications: keeps what arrives, answers what the test says, lets the test wait.
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "stoa/http_client/client.hpp"

namespace stoa::sandbox {

class Recorder final : public http_client::Client {
public:
    // Called under the lock with the number of calls so far, this one included.
    std::function<http_client::Answer(const http_client::Call&, std::size_t)> answer = [](const http_client::Call&, std::size_t) {
        return http_client::Answer{200, {}, ""};
    };

    std::expected<http_client::Answer, http_client::CallError> send(const http_client::Call& call) override {
        const std::lock_guard lock(mutex_);
        calls_.push_back(call);
        arrived_.notify_all();
        return answer(call, calls_.size());
    }
    // The calls so far, once there are at least `count`; what there is after ten seconds otherwise.
    [[nodiscard]] std::vector<http_client::Call> wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        arrived_.wait_for(lock, std::chrono::seconds{10}, [&] { return calls_.size() >= count; });
        return calls_;
    }

private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<http_client::Call> calls_;
};

}  // namespace stoa::sandbox
