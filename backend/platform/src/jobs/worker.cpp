// A worker process: one fetcher takes due jobs, some threads run them, one housekeeper relays events, ticks schedules, keeps
// leases alive and takes over jobs of workers that died.
#include <fmt/format.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>
#include <thread>

#include "sql/events.hpp"
#include "sql/jobs.hpp"
#include "stoa/ids/id.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/log/log.hpp"
#include "stoa/metrics/metrics.hpp"

namespace stoa::jobs {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;
namespace sql = platform::sql;

constexpr std::string_view kStream = "jobs";
constexpr std::string_view kGroup = "workers";
constexpr std::string_view kJobsChannel = "stoa_jobs";
constexpr std::string_view kPurge = "platform.purge_jobs";
constexpr std::size_t kMostWakes = 32;  // more than this is found by polling anyway
constexpr std::size_t kMostError = 2000;
constexpr int kPurgeBatch = 5000;
constexpr std::chrono::milliseconds kLongestBlock = 500ms;

struct LeaseLost : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Taken {
    Job job;
    int max_attempts = 0;
    std::optional<events::Event> event;
};

// What a text column accepts: cut, without control characters and without broken UTF-8.
std::string clean_text(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size() && out.size() < kMostError;) {
        const auto c = static_cast<unsigned char>(text[i]);
        const std::size_t length = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
        bool whole = length > 0 && i + length <= text.size();
        for (std::size_t k = 1; whole && k < length; ++k) whole = (static_cast<unsigned char>(text[i + k]) & 0xC0) == 0x80;
        // Overlong forms, surrogates and what lies beyond U+10FFFF.
        if (whole && length > 2) {
            const auto second = static_cast<unsigned char>(text[i + 1]);
            if ((c == 0xE0 && second < 0xA0) || (c == 0xED && second > 0x9F) || (c == 0xF0 && second < 0x90) ||
                (c == 0xF4 && second > 0x8F))
                whole = false;
        }
        if (!whole || (length == 1 && c < 0x20 && c != '\n' && c != '\t')) {
            out += '?';
            ++i;
        } else {
            out.append(text.substr(i, length));
            i += length;
        }
    }
    return out;
}

std::string worker_name() {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
    return fmt::format("{}-{}-{}", host.data(), ::getpid(), Uuid::v7().to_base32().substr(16));
}

}  // namespace

struct Worker::Impl {
    struct Held {
        int attempt;
        std::int64_t lease;
    };

    db::Database& database;
    redis::Redis& redis;
    const Clock& clock;
    WorkerOptions options;
    std::map<std::string, Handler, std::less<>> handlers;
    std::map<std::string, events::Subscription, std::less<>> subscriptions;
    std::vector<Schedule> schedules;
    std::vector<std::string> schedule_names;
    std::vector<std::string> kinds;    // what this worker can run, and
    std::vector<std::int64_t> leases;  // for how many seconds it takes them
    std::string name = worker_name();
    events::Relay relay;
    bool schedules_written = false;

    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Taken> queue;            // taken, not begun
    std::map<std::int64_t, Held> held;  // queued and running
    bool poked = true;                  // look into PostgreSQL now
    bool stopping = false;
    int alive = 0;  // threads
    std::atomic<bool> redis_away{false};
    std::vector<std::thread> threads;

    Impl(db::Database& db, redis::Redis& r, const Clock& c, std::vector<Handler> handler_list,
         std::vector<events::Subscription> subscription_list, std::vector<Schedule> schedule_list, WorkerOptions o)
        : database(db),
          redis(r),
          clock(c),
          options(o),
          schedules(std::move(schedule_list)),
          relay(db, subscription_list, [this](std::span<const std::int64_t> ids) { announce(ids); }) {
        handler_list.push_back({std::string(kPurge), [this](const Job&) { purge(); }, 300s, {}});
        schedules.push_back({std::string(kPurge), "17 * * * *", std::string(kPurge), "{}"});
        for (auto& handler : handler_list) {
            if (static_cast<bool>(handler.run) == static_cast<bool>(handler.in_tx)) {
                throw std::invalid_argument("job handler " + handler.kind + " needs either run or in_tx");
            }
            add_kind(handler.kind, handler.lease.count());
            std::string kind = handler.kind;
            handlers.emplace(std::move(kind), std::move(handler));
        }
        for (auto& subscription : subscription_list) {
            if (static_cast<bool>(subscription.in_tx) == static_cast<bool>(subscription.outside_tx)) {
                throw std::invalid_argument("subscription " + subscription.handler + " needs either in_tx or outside_tx");
            }
            add_kind(subscription.handler, options.subscription_lease.count());
            std::string handler = subscription.handler;
            subscriptions.emplace(std::move(handler), std::move(subscription));
        }
        for (const auto& schedule : schedules) {
            if (!next_run(schedule.cron, clock.now())) {
                throw std::invalid_argument(
                    fmt::format("schedule {}: '{}' is not a cron expression that ever comes true", schedule.name, schedule.cron));
            }
            if (std::find(schedule_names.begin(), schedule_names.end(), schedule.name) != schedule_names.end()) {
                throw std::invalid_argument("two schedules are named " + schedule.name);
            }
            schedule_names.push_back(schedule.name);
        }
    }

    void add_kind(const std::string& kind, std::int64_t lease) {
        if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) throw std::invalid_argument("two job handlers are named " + kind);
        kinds.push_back(kind);
        leases.push_back(std::max<std::int64_t>(lease, 1));
    }

    // ---- taking ---------------------------------------------------------------------------------------------------------
    std::vector<Taken> take(const db::Call& call) {
        return database.in_tx([&](db::Tx& tx) {
            std::vector<Taken> out;
            std::vector<std::int64_t> positions;
            const db::Rows rows = tx.run(call);
            for (const auto& row : rows) {
                Taken taken;
                taken.job = {row.get<std::int64_t>("id"), row.get<std::string>("kind"), row.get<std::string>("payload"),
                             row.get<int>("attempts")};
                taken.max_attempts = row.get<int>("max_attempts");
                if (const auto position = row.get<std::int64_t>("event_position"); position > 0) {
                    taken.event.emplace();
                    taken.event->position = position;
                    positions.push_back(position);
                }
                out.push_back(std::move(taken));
            }
            if (!positions.empty()) {
                const db::Rows found = tx.query(sql::events_at, positions);
                for (const auto& row : found) {
                    const auto position = row.get<std::int64_t>("position");
                    for (auto& taken : out) {
                        if (!taken.event || taken.event->position != position) continue;
                        taken.event = events::Event{position,
                                                    row.get<std::string>("type"),
                                                    row.get<std::string>("stream"),
                                                    row.get<std::int64_t>("version"),
                                                    row.get<std::string>("data"),
                                                    row.get<Timestamp>("at")};
                    }
                }
            }
            // UPDATE returns rows in no order.
            std::sort(out.begin(), out.end(), [](const Taken& a, const Taken& b) { return a.job.id < b.job.id; });
            return out;
        });
    }

    std::vector<Taken> take_due(int count) { return take(db::call(sql::claim_jobs, clock.now(), kinds, leases, count, name)); }
    std::vector<Taken> take_these(const std::vector<std::int64_t>& ids) {
        return take(db::call(sql::claim_these_jobs, clock.now(), kinds, leases, ids, name));
    }

    // ---- running --------------------------------------------------------------------------------------------------------
    void complete(db::Tx& tx, const Job& job) {
        if (tx.exec(sql::complete_job, job.id, job.attempt, clock.now()) == 0) throw LeaseLost("the job was taken over by another worker");
    }

    void call_handler(const Taken& taken) {
        const Job& job = taken.job;
        // Completed first: the row stays locked until the commit, so nobody takes the job over while its effects are being
        // written, and a lost lease ends it before it does anything.
        if (taken.event) {
            const auto& subscription = subscriptions.find(job.kind)->second;
            if (subscription.in_tx) {
                database.in_tx([&](db::Tx& tx) {
                    complete(tx, job);
                    subscription.in_tx(tx, *taken.event);
                });
                return;
            }
            subscription.outside_tx(*taken.event);
        } else {
            const auto found = handlers.find(job.kind);
            if (found == handlers.end()) throw GiveUp("this name is an event handler's, but the job has no event");
            if (found->second.in_tx) {
                database.in_tx([&](db::Tx& tx) {
                    complete(tx, job);
                    found->second.in_tx(tx, job);
                });
                return;
            }
            found->second.run(job);
        }
        database.in_tx([&](db::Tx& tx) { complete(tx, job); });
    }

    void run(const Taken& taken) {
        const Job& job = taken.job;
        const log::Scope scope(fmt::format("job_{}", job.id), {});
        const auto began = Steady::now();
        std::string outcome = "done";
        try {
            try {
                call_handler(taken);
            } catch (const Postpone& postpone) {
                outcome = "postponed";
                settle(db::call(sql::postpone_job, job.id, job.attempt, clock.now() + postpone.delay));
            } catch (const LeaseLost& lost) {
                outcome = "lost";
                log::warning("a job's lease was lost", {{"kind", job.kind}, {"error", lost.what()}});
            } catch (const GiveUp& error) {
                outcome = "dead";
                log::error("a job was given up", {{"kind", job.kind}, {"attempt", job.attempt}, {"error", error.what()}});
                settle(db::call(sql::bury_job, job.id, job.attempt, clock.now(), clean_text(error.what())));
            } catch (const std::exception& error) {
                outcome = failed(taken, error.what());
            } catch (...) {
                outcome = failed(taken, "an exception that is not a std::exception");
            }
        } catch (const std::exception& error) {
            // Neither done nor failed could be written. When a COMMIT's outcome was unknown it may be done; otherwise the lease
            // runs out and the job is run again.
            outcome = "unrecorded";
            log::error("a job's outcome could not be recorded", {{"kind", job.kind}, {"error", error.what()}});
        }
        metrics::count("jobs_total", fmt::format("kind=\"{}\",outcome=\"{}\"", job.kind, outcome));
        metrics::observe("job_seconds", fmt::format("kind=\"{}\"", job.kind), std::chrono::duration<double>(Steady::now() - began).count());
    }

    // All conditional on this attempt still being the current one: after a COMMIT of unknown outcome that did happen, nothing changes.
    void settle(const db::Call& call) {
        database.in_tx([&](db::Tx& tx) { tx.run(call); });
    }

    std::string failed(const Taken& taken, std::string_view why) {
        const Job& job = taken.job;
        if (job.attempt >= taken.max_attempts) {
            log::error("a job failed for the last time", {{"kind", job.kind}, {"attempt", job.attempt}, {"error", why}});
            settle(db::call(sql::bury_job, job.id, job.attempt, clock.now(), clean_text(why)));
            return "dead";
        }
        log::warning("a job failed and will be retried", {{"kind", job.kind}, {"attempt", job.attempt}, {"error", why}});
        settle(db::call(sql::retry_job, job.id, job.attempt, clock.now() + backoff(job.attempt), clean_text(why)));
        return "failed";
    }

    [[nodiscard]] std::chrono::milliseconds backoff(int attempt) const {
        thread_local std::mt19937 random{std::random_device{}()};
        const std::int64_t most = std::chrono::milliseconds(options.max_backoff).count();
        std::int64_t delay = std::chrono::milliseconds(options.base_backoff).count();
        for (int i = 1; i < attempt && delay < most; ++i) delay *= 2;
        delay = std::min(delay, most);
        return std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(delay - delay / 2, delay)(random));
    }

    // ---- keeping house --------------------------------------------------------------------------------------------------
    void announce(std::span<const std::int64_t> ids) {
        bool told = true;
        for (std::size_t i = 0; i < ids.size() && i < kMostWakes && told; ++i) {
            told = redis.stream_add(kStream, {{"job", std::to_string(ids[i])}}, 10000);
        }
        if (!told) poke();
    }

    void poke() {
        {
            const std::lock_guard lock(mutex);
            poked = true;
        }
        changed.notify_all();
    }

    void write_schedules() {
        if (schedules_written) return;
        database.in_tx([&](db::Tx& tx) {
            std::vector<db::Call> calls;
            for (const auto& schedule : schedules) {
                calls.push_back(db::call(sql::put_schedule, schedule.name, schedule.cron, schedule.kind, schedule.payload,
                                         *next_run(schedule.cron, clock.now())));
            }
            tx.pipeline(calls);
        });
        schedules_written = true;
    }

    int tick() {
        write_schedules();
        const Timestamp now = clock.now();
        return database.in_tx([&](db::Tx& tx) {
            const db::Rows due = tx.query(sql::due_schedules, schedule_names, now);
            for (const auto& row : due) {
                const auto schedule = row.get<std::string>("name");
                // The key makes a tick one job even when two workers see it. Ticks that were missed while nothing ran are one.
                enqueue(tx, {row.get<std::string>("kind"), row.get<std::string>("payload"), std::nullopt,
                             fmt::format("schedule:{}:{}", schedule, to_rfc3339(row.get<Timestamp>("next_run_at")))});
                const auto next = next_run(row.get<std::string>("cron"), now);
                // An expression that another version wrote and this one cannot read stays due for that version.
                if (next) tx.exec(sql::advance_schedule, schedule, *next, now);
            }
            return due.size();
        });
    }

    int reclaim() {
        const db::Rows rows = database.in_tx([&](db::Tx& tx) { return tx.query(sql::reclaim_jobs, clock.now()); });
        for (const auto& row : rows) {
            log::warning(
                "a job was taken over from a worker that ended",
                {{"job", row.get<std::int64_t>("id")}, {"kind", row.get<std::string>("kind")}, {"state", row.get<std::string>("state")}});
        }
        return rows.size();
    }

    void extend_leases() {
        std::vector<std::int64_t> ids;
        std::vector<int> attempts;
        std::vector<std::int64_t> seconds;
        {
            const std::lock_guard lock(mutex);
            for (const auto& [id, entry] : held) {
                ids.push_back(id);
                attempts.push_back(entry.attempt);
                seconds.push_back(entry.lease);
            }
        }
        if (ids.empty()) return;
        database.in_tx([&](db::Tx& tx) { tx.exec(sql::extend_leases, ids, attempts, seconds, clock.now()); });
    }

    void purge() {
        const Timestamp before = clock.now() - options.keep_done;
        std::int64_t removed = 0;
        std::int64_t batch = 0;
        do {
            batch = database.in_tx([&](db::Tx& tx) { return tx.exec(sql::purge_done_jobs, before, kPurgeBatch); });
            removed += batch;
        } while (batch == kPurgeBatch);
        if (removed > 0) log::info("old jobs removed", {{"count", removed}});
    }

    // ---- threads --------------------------------------------------------------------------------------------------------
    [[nodiscard]] bool is_stopping() {
        const std::lock_guard lock(mutex);
        return stopping;
    }

    // Runs one round after the other; what it throws is logged, and it pauses, longer each time.
    template <class Round>
    void loop(std::string_view what, Round&& round) {
        auto pause = std::chrono::milliseconds(100);
        while (!is_stopping()) {
            try {
                round();
                pause = 100ms;
            } catch (const std::exception& error) {
                log::error("worker: a round failed", {{"thread", what}, {"error", error.what()}});
                std::unique_lock lock(mutex);
                changed.wait_for(lock, pause, [&] { return stopping; });
                pause = std::min<std::chrono::milliseconds>(pause * 2, 5s);
            }
        }
    }

    void spawn(std::string_view what, std::function<void()> round, std::function<void()> at_end = {}) {
        {
            const std::lock_guard lock(mutex);
            ++alive;
        }
        threads.emplace_back([this, what, round = std::move(round), at_end = std::move(at_end)] {
            loop(what, round);
            if (at_end) at_end();
            {
                const std::lock_guard lock(mutex);
                --alive;
            }
            changed.notify_all();
        });
    }

    void fetch_round(Steady::time_point& next_look) {
        int room = 0;
        bool look = false;
        {
            std::unique_lock lock(mutex);
            const auto capacity = static_cast<std::size_t>(options.threads) * 2;
            changed.wait(lock, [&] { return stopping || held.size() < capacity; });
            if (stopping) return;
            room = static_cast<int>(capacity - held.size());
            look = poked || Steady::now() >= next_look;
            poked = false;
        }
        if (look) {
            auto taken = take_due(room);
            const bool more = static_cast<int>(taken.size()) == room;
            next_look = Steady::now() + options.poll;
            queue_up(std::move(taken), more);
            return;
        }
        const auto asked = Steady::now();
        // Short, because nothing but Redis can end it: stop() waits for it.
        const auto block =
            std::clamp(std::chrono::ceil<std::chrono::milliseconds>(next_look - asked), std::chrono::milliseconds(1), kLongestBlock);
        const auto entries = redis.stream_read_group(kStream, kGroup, name, room, block);
        if (entries.empty()) {
            // Redis answers early only when it is away. Then notifications of PostgreSQL wake this thread.
            const bool away = Steady::now() - asked < block / 2;
            redis_away = away;
            if (away) {
                std::unique_lock lock(mutex);
                changed.wait_until(lock, next_look, [&] { return stopping || poked; });
            }
            return;
        }
        redis_away = false;
        std::vector<std::int64_t> ids;
        std::vector<std::string> entry_ids;
        for (const auto& entry : entries) {
            entry_ids.push_back(entry.id);
            for (const auto& [field, value] : entry.fields) {
                std::int64_t id = 0;
                if (field == "job" && std::from_chars(value.data(), value.data() + value.size(), id).ec == std::errc{}) ids.push_back(id);
            }
        }
        auto taken = take_these(ids);
        const bool more = static_cast<int>(taken.size()) == room;
        queue_up(std::move(taken), more);
        // What was not taken is in PostgreSQL still; the entry was a hint.
        redis.stream_ack(kStream, kGroup, entry_ids);
    }

    void queue_up(std::vector<Taken> taken, bool more) {
        if (taken.empty()) return;
        {
            const std::lock_guard lock(mutex);
            for (auto& item : taken) {
                const auto kind = std::find(kinds.begin(), kinds.end(), item.job.kind);
                held[item.job.id] = {item.job.attempt, leases[static_cast<std::size_t>(kind - kinds.begin())]};
                queue.push_back(std::move(item));
            }
            if (more) poked = true;
        }
        changed.notify_all();
    }

    void work_round() {
        Taken taken;
        {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return stopping || !queue.empty(); });
            if (stopping) return;
            taken = std::move(queue.front());
            queue.pop_front();
        }
        run(taken);
        {
            const std::lock_guard lock(mutex);
            held.erase(taken.job.id);
        }
        changed.notify_all();
    }

    void give_back() {
        std::deque<Taken> left;
        {
            const std::lock_guard lock(mutex);
            left.swap(queue);
        }
        try {
            for (const auto& taken : left) settle(db::call(sql::postpone_job, taken.job.id, taken.job.attempt, std::nullopt));
        } catch (const std::exception& error) {
            log::warning("jobs could not be given back; their leases run out", {{"error", error.what()}});
        }
        const std::lock_guard lock(mutex);
        for (const auto& taken : left) held.erase(taken.job.id);
    }

    void start() {
        {
            const std::lock_guard lock(mutex);
            stopping = false;
            poked = true;
        }
        write_schedules_at_start();
        for (int i = 0; i < options.threads; ++i) spawn("runner", [this] { work_round(); });
        auto next_look = std::make_shared<Steady::time_point>();
        spawn(
            "fetcher", [this, next_look] { fetch_round(*next_look); },
            [this] {
                give_back();
                redis.stream_drop_consumer(kStream, kGroup, name);
            });
        auto listener = std::make_shared<db::Listener>(
            database.url(), std::vector<std::string>{std::string(events::Relay::kChannel), std::string(kJobsChannel)});
        auto state = std::make_shared<HousekeepingState>();
        spawn("housekeeper", [this, listener, state] { housekeeping_round(*listener, *state); }, [this] { relay.resign(); });
    }

    void write_schedules_at_start() {
        try {
            write_schedules();
        } catch (const std::exception& error) {
            log::warning("schedules could not be written yet", {{"error", error.what()}});
        }
    }

    struct HousekeepingState {
        Steady::time_point next_round{};
        Steady::time_point next_leases{};
        bool backlog = false;  // the relay was cut short
    };

    void housekeeping_round(db::Listener& listener, HousekeepingState& state) {
        bool relay_now = state.backlog;
        const auto notes = listener.wait(relay_now ? 0ms : std::min<std::chrono::milliseconds>(options.poll, 250ms));
        std::vector<std::int64_t> ids;
        bool jobs_added = false;
        for (const auto& note : notes) {
            if (note.channel.empty()) {  // something may have been missed
                relay_now = true;
                jobs_added = true;
            } else if (note.channel == events::Relay::kChannel) {
                relay_now = relay_now || note.payload.empty();
            } else {
                jobs_added = true;
                std::int64_t id = 0;
                if (std::from_chars(note.payload.data(), note.payload.data() + note.payload.size(), id).ec == std::errc{})
                    ids.push_back(id);
            }
        }
        if (relay.leads() && !ids.empty()) announce(ids);
        if (jobs_added && redis_away) poke();

        const auto now = Steady::now();
        if (now >= state.next_leases) {
            extend_leases();
            state.next_leases = now + std::chrono::milliseconds(*std::min_element(leases.begin(), leases.end()) * 1000 / 4);
        }
        if (relay_now || now >= state.next_round) {
            // A long backlog must not keep the leases of running jobs from being extended.
            do state.backlog = relay.run_once() > 0;
            while (state.backlog && !is_stopping() && Steady::now() < state.next_leases);
        }
        if (now >= state.next_round) {
            tick();
            reclaim();
            state.next_round = now + std::min<std::chrono::milliseconds>(options.poll, 1s);
        }
    }

    bool stop() {
        std::unique_lock lock(mutex);
        stopping = true;
        changed.notify_all();
        const bool ended = changed.wait_for(lock, 10s, [&] { return alive == 0; });
        lock.unlock();
        if (!ended) {
            log::warning("worker: handlers are still running; their jobs will be run again when their leases have run out");
            return false;
        }
        join();
        return true;
    }

    void join() {
        for (auto& thread : threads) thread.join();
        threads.clear();
    }

    int drain() {
        constexpr int kTooMany = 200000;
        int count = 0;
        for (;;) {
            bool progress = false;
            while (relay.run_once() > 0) progress = true;
            progress = tick() > 0 || progress;
            progress = reclaim() > 0 || progress;
            for (auto& taken : take_due(1)) {
                run(taken);
                ++count;
                progress = true;
            }
            if (!progress) break;
            if (count > kTooMany) throw std::logic_error("drain: the jobs do not come to an end");
        }
        relay.resign();
        return count;
    }
};

Worker::Worker(db::Database& database, redis::Redis& redis, const Clock& clock, std::vector<Handler> handlers,
               std::vector<events::Subscription> subscriptions, std::vector<Schedule> schedules, WorkerOptions options)
    : impl_(std::make_unique<Impl>(database, redis, clock, std::move(handlers), std::move(subscriptions), std::move(schedules), options)) {}

Worker::~Worker() {
    if (!impl_->threads.empty() && !impl_->stop()) impl_->join();
}

void Worker::start() { impl_->start(); }
bool Worker::stop() { return impl_->stop(); }
int Worker::drain() { return impl_->drain(); }

}  // namespace stoa::jobs
