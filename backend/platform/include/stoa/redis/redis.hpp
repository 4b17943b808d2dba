#pragma once
// Redis holds only what may be lost. Every key starts with "stoa:v1:" (added here) and every write has a lifetime.
// All calls are thread-safe (a small pool), bounded by a short timeout, and report an outage as an empty or false
// outcome instead of an exception: callers must work, slower, without Redis.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::redis {

struct StreamEntry {
    std::string id;
    std::vector<std::pair<std::string, std::string>> fields;
};

class Redis {
public:
    explicit Redis(std::string url, std::chrono::milliseconds timeout = std::chrono::milliseconds{250});
    ~Redis();
    Redis(const Redis&) = delete;
    Redis& operator=(const Redis&) = delete;

    [[nodiscard]] bool ping() noexcept;
    [[nodiscard]] std::optional<std::string> get(std::string_view key);
    bool set(std::string_view key, std::string_view value, std::chrono::seconds ttl);
    bool set_if_absent(std::string_view key, std::string_view value, std::chrono::seconds ttl);
    bool erase(std::string_view key);
    bool publish(std::string_view channel, std::string_view message);

    // Streams, for waking workers up. add() trims to about max_length.
    bool stream_add(std::string_view stream, const std::vector<std::pair<std::string, std::string>>& fields,
                    std::int64_t max_length = 100000);
    bool ensure_group(std::string_view stream, std::string_view group);
    // New entries. Blocks up to `block`; an empty answer also when Redis is away (then it returns at once: the caller paces
    // itself). Makes the group again when Redis was emptied.
    [[nodiscard]] std::vector<StreamEntry> stream_read_group(std::string_view stream, std::string_view group, std::string_view consumer,
                                                             int count, std::chrono::milliseconds block);
    bool stream_ack(std::string_view stream, std::string_view group, const std::vector<std::string>& ids);
    // Forgets a consumer that will not come back, with what it had not acknowledged.
    bool stream_drop_consumer(std::string_view stream, std::string_view group, std::string_view consumer);

    // Token bucket in one script call: true = allowed. When Redis is away an in-process bucket of the same size decides.
    struct Limit {
        int capacity;
        double per_second;
    };
    struct Allowance {
        bool allowed = true;
        int retry_after_seconds = 0;
    };
    [[nodiscard]] Allowance take(std::string_view bucket, Limit limit, int cost = 1);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace stoa::redis
