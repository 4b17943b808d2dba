#include "http/worker_pool.hpp"

#include "stoa/log/log.hpp"

namespace stoa::http {

void WorkerPool::start() {
    for (int i = 0; i < thread_count_; ++i) threads_.emplace_back([this] { work(); });
}

bool WorkerPool::try_push(std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || queue_.size() >= limit_) return false;
        queue_.push_back(std::move(task));
    }
    ready_.notify_one();
    return true;
}

void WorkerPool::stop() {
    std::deque<std::function<void()>> dropped;  // destroyed outside the lock
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        dropped.swap(queue_);
    }
    ready_.notify_all();
}

void WorkerPool::join() {
    for (std::thread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

std::size_t WorkerPool::waiting() {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

std::size_t WorkerPool::running() {
    const std::lock_guard lock(mutex_);
    return running_;
}

void WorkerPool::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (queue_.empty()) return;
        std::function<void()> task = std::move(queue_.front());
        queue_.pop_front();
        ++running_;
        lock.unlock();
        try {
            task();
        } catch (const std::exception& e) {
            log::error("a task of a worker pool failed", {{"pool", name_}, {"cause", e.what()}});
        }
        task = nullptr;
        lock.lock();
        --running_;
    }
}

}  // namespace stoa::http
