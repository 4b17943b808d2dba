#pragma once
// Threads with a bounded queue.
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace stoa::http {

class WorkerPool {
public:
    WorkerPool(std::string name, int threads, std::size_t queue) : name_(std::move(name)), thread_count_(threads), limit_(queue) {}
    ~WorkerPool() {
        stop();
        join();
    }
    void start();
    // False when the queue is full or the pool stops.
    [[nodiscard]] bool try_push(std::function<void()> task);
    // Takes nothing more; what waits in the queue is dropped.
    void stop();
    void join();
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::size_t waiting();
    [[nodiscard]] std::size_t running();

private:
    void work();

    const std::string name_;
    const int thread_count_;
    const std::size_t limit_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<std::function<void()>> queue_;
    std::size_t running_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace stoa::http
