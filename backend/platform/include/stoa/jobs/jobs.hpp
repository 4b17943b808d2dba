#pragma once
// Background work. PostgreSQL rows are the truth; Redis Streams wake workers up. A job is leased with a heartbeat, retried with
// exponential backoff and jitter, and given up into the dead-letter list after max_attempts (can be replayed).
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/db/db.hpp"
#include "stoa/events/events.hpp"
#include "stoa/redis/redis.hpp"

namespace stoa::jobs {

struct NewJob {
    std::string kind;
    std::string payload = "{}";       // JSON
    std::optional<Timestamp> run_at;  // nullopt: at once
    // Non-empty: a second job of this kind with this key is not added, also after the first is done (done jobs are kept a week).
    std::string unique_key;
    int max_attempts = 12;
};
// In the caller's transaction; false when unique_key already existed.
bool enqueue(db::Tx& tx, const NewJob& job);

struct Job {
    std::int64_t id = 0;
    std::string kind;
    std::string payload;
    int attempt = 1;
};
// Thrown by a handler (also of an event) to say that a retry is pointless; goes to the dead letters at once.
struct GiveUp : std::runtime_error {
    using std::runtime_error::runtime_error;
};
// Thrown by a handler; not a failure: run again after `delay` without counting an attempt.
struct Postpone {
    std::chrono::seconds delay;
};

struct Handler {
    std::string kind;
    std::function<void(const Job&)> run;  // either this: must be repeatable; throws to be retried
    std::chrono::seconds lease{120};      // how long after its worker's death the job is taken over
    // Or this: commits together with the job's completion, so its database effects happen exactly once. No provider calls.
    std::function<void(db::Tx&, const Job&)> in_tx{};
};

// "*/5 * * * *" in UTC (minute hour day-of-month month day-of-week; lists, ranges, steps) or "@every 30s".
struct Schedule {
    std::string name;
    std::string cron;
    std::string kind;
    std::string payload = "{}";
};
// The first run strictly after `after`; nullopt for an expression that cannot be read or never comes true.
[[nodiscard]] std::optional<Timestamp> next_run(std::string_view cron, Timestamp after);

struct WorkerOptions {
    int threads = 4;
    std::chrono::milliseconds poll{1000};  // how often PostgreSQL is asked when Redis stays silent
    std::chrono::seconds base_backoff{2};  // doubles with each attempt, up to max_backoff, less up to half of it by chance
    std::chrono::seconds max_backoff{3600};
    std::chrono::seconds subscription_lease{60};
    std::chrono::hours keep_done{7 * 24};
};

// Any number of processes may run one; each has its own name. Kinds that none of its handlers names are left to others.
class Worker {
public:
    Worker(db::Database& database, redis::Redis& redis, const Clock& clock, std::vector<Handler> handlers,
           std::vector<events::Subscription> subscriptions, std::vector<Schedule> schedules, WorkerOptions options = {});
    ~Worker();
    void start();
    // Finishes what is running, at most 10 s, and gives back what was taken but not begun. False when handlers are still
    // running: their jobs will be run again, and the destructor waits for them.
    bool stop();
    // For tests: relays, schedules and runs everything that is due, in this thread, until nothing is left.
    int drain();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

struct DeadJob {
    std::int64_t id;
    std::string kind;
    std::string payload;
    int attempts;
    std::string last_error;
    Timestamp died_at;
};
[[nodiscard]] std::vector<DeadJob> dead_letters(db::Session& session, int limit);
// Back among the waiting, with all its attempts. False when there is no such dead job.
bool replay(db::Tx& tx, std::int64_t job_id);
// The same for up to `limit` of those that died before a moment; how many. One that dies again at once is not met a second time.
std::int64_t replay_dead(db::Tx& tx, Timestamp before, int limit);

}  // namespace stoa::jobs
