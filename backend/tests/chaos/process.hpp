#pragma once
// Shops in processes of their own, to be killed.
#include <sys/types.h>

#include <atomic>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "steps.hpp"
#include "world.hpp"

namespace stoa::testing {

// Time that several processes share: a number in a file that all of them map. Stands still until it is moved.
class SharedClock final : public Clock {
public:
    explicit SharedClock(std::string path);          // opens
    SharedClock(std::string path, Timestamp start);  // makes; the file goes with the object
    ~SharedClock() override;
    SharedClock(const SharedClock&) = delete;
    SharedClock& operator=(const SharedClock&) = delete;
    [[nodiscard]] Timestamp now() const override;
    void set(Timestamp value);
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
    bool owns_ = false;
    std::atomic<std::int64_t>* micros_ = nullptr;
};

// The world's time, that of its processes and that of the sandbox move together.
class Time {
public:
    explicit Time(World& world);
    void advance(std::chrono::microseconds by);
    [[nodiscard]] const std::string& path() const { return shared_.path(); }

private:
    World& world_;
    Timestamp start_;
    SharedClock shared_;
};

class Process {
public:
    Process() = default;
    Process(std::vector<std::string> arguments, bool wait_for_line = true);
    ~Process();
    Process(Process&& other) noexcept { *this = std::move(other); }
    Process& operator=(Process&& other) noexcept;
    void kill();  // SIGKILL, and waits
    // Waits for its end. True when it was killed by SIGKILL.
    bool wait();
    [[nodiscard]] const std::string& output() const { return output_; }  // first line while it runs, everything after wait()

private:
    void read_rest();
    pid_t pid_ = -1;
    int out_ = -1;
    std::string output_;
};

// Arguments of the shop's program for this world.
[[nodiscard]] std::vector<std::string> shop_arguments(World& world, const Time& time, std::string mode);

// One request in a process that dies at a point of it: "step:3-after-provider", "statement:7" (from the request's first one on), or "none".
struct Outcome {
    bool killed = false;
    int statements = 0;
    int status = 0;
    json::Value body;
};
[[nodiscard]] Outcome request_in_process(World& world, const Time& time, const std::string& die_at, std::string method, std::string target,
                                         const Shopper& who, std::string body, std::string key);
// Everything that is due in the background, likewise.
[[nodiscard]] Outcome work_in_process(World& world, const Time& time, const std::string& die_at);

// A browser that talks to whichever server lives, and asks again when one died under it or says that it cannot answer now.
class RemoteShopper {
public:
    RemoteShopper(std::vector<std::atomic<int>>& ports, std::uint64_t seed, int patience = 60)
        : ports_(ports), random_(seed), patience_(patience) {}
    Answer send(const std::string& method, const std::string& target, const std::string& body = "{}", const std::string& key = {});
    // How often it was not answered, or told to wait.
    [[nodiscard]] int repeats() const { return repeats_; }

private:
    std::vector<std::atomic<int>>& ports_;
    std::mt19937_64 random_;
    int patience_;
    int repeats_ = 0;
    http_client::CurlClient client_;
    std::map<std::string, std::string> cookies_;
};

// STOA_CHAOS=long
[[nodiscard]] bool long_run();
// Of STOA_CHAOS_SEED, or new; printed.
[[nodiscard]] std::uint64_t seed();

}  // namespace stoa::testing
