#pragma once
// Keeps what a process has read fresh: reads it again and again on a thread of its own, so that nobody who asks waits for it.
#include <chrono>
#include <functional>
#include <string>
#include <thread>

namespace stoa {

class Refresher {
public:
    Refresher() = default;  // reads nothing
    // Calls `reload` every so often until it is destroyed, which waits for a call that is under way; never when `every` is zero. What
    // `reload` throws is logged once, as `warning`, until it has worked again: what was read before goes on.
    Refresher(std::chrono::milliseconds every, std::string warning, std::function<void()> reload);
    ~Refresher() = default;
    Refresher(const Refresher&) = delete;
    Refresher& operator=(const Refresher&) = delete;
    Refresher(Refresher&&) = default;
    Refresher& operator=(Refresher&&) = default;

private:
    std::jthread thread_;
};

}  // namespace stoa
