#include "stoa/refresh/refresher.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <stop_token>

#include "stoa/log/log.hpp"

namespace stoa {
namespace {

void run(const std::stop_token& stop, std::chrono::milliseconds every, const std::string& warning, const std::function<void()>& reload) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    bool failing = false;
    while (!wake.wait_for(lock, stop, every, [&] { return stop.stop_requested(); })) {
        try {
            reload();
            failing = false;
        } catch (const std::exception& error) {
            if (!failing) log::warning(warning, {{"error", error.what()}});
            failing = true;
        }
    }
}

}  // namespace

Refresher::Refresher(std::chrono::milliseconds every, std::string warning, std::function<void()> reload) {
    if (every.count() <= 0) return;
    thread_ = std::jthread([every, warning = std::move(warning), reload = std::move(reload)](const std::stop_token& stop) {
        run(stop, every, warning, reload);
    });
}

}  // namespace stoa
