// The pool, transactions, reads, and the advisory lock.
#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>
#include <thread>

#include "db/connection.hpp"
#include "db/rows.hpp"
#include "stoa/log/log.hpp"

namespace stoa::db {
namespace {

using namespace std::chrono_literals;
constexpr int kMaxRuns = 5;
constexpr int kMaxLosses = 3;

// How many pooled connections this thread holds, over all pools: to explain a wait that can never end.
thread_local int t_held = 0;

std::chrono::microseconds retry_pause(int runs) {
    thread_local std::minstd_rand random{std::random_device{}()};
    const std::int64_t most = 4000LL << runs;
    return std::chrono::microseconds(std::uniform_int_distribution<std::int64_t>(most / 4, most)(random));
}

const char* begin_text(Isolation isolation) {
    switch (isolation) {
        case Isolation::read_committed:
            return "begin";
        case Isolation::repeatable_read:
            return "begin isolation level repeatable read";
        case Isolation::serializable:
            return "begin isolation level serializable";
    }
    return "begin";
}

}  // namespace

Rows Session::make_rows(void* pg_result) {
    Rows rows;
    rows.result_ = std::make_shared<const ResultBlock>(ResultPtr(static_cast<PGresult*>(pg_result)));
    return rows;
}

struct Database::Impl {
    std::string url;
    PoolOptions options;
    mutable std::mutex mutex;
    std::condition_variable freed;
    std::vector<std::unique_ptr<Connection>> idle;  // most recently used last
    int open = 0;                                   // idle, lent out, and being connected
    int waiting = 0;
    std::uint64_t waits = 0;

    [[nodiscard]] ConnectionOptions connection_options() const {
        return {options.connect_timeout, options.statement_timeout, options.idle_in_transaction_timeout, options.application_name};
    }

    std::unique_ptr<Connection> acquire() {
        const auto until = std::chrono::steady_clock::now() + options.acquire_timeout;
        std::unique_lock lock(mutex);
        bool counted = false;
        for (;;) {
            while (!idle.empty()) {
                auto connection = std::move(idle.back());
                idle.pop_back();
                if (connection->seems_alive()) return connection;
                --open;
            }
            if (open < options.max_connections) {
                ++open;
                lock.unlock();
                try {
                    return std::make_unique<Connection>(url, connection_options());
                } catch (...) {
                    give_up_slot();
                    throw;
                }
            }
            if (!counted) {
                ++waits;
                counted = true;
            }
            ++waiting;
            const auto status = freed.wait_until(lock, until);
            --waiting;
            if (status == std::cv_status::timeout && idle.empty() && open >= options.max_connections) {
                std::string message = fmt::format("no database connection became free within {} ms; all {} are in use",
                                                  options.acquire_timeout.count(), options.max_connections);
                if (t_held > 0) message += fmt::format("; this thread itself holds {}: a nested in_tx() or read()", t_held);
                throw Unavailable("53300", "", message);
            }
        }
    }

    void give_up_slot() {
        {
            const std::lock_guard lock(mutex);
            --open;
        }
        freed.notify_one();
    }

    void release(std::unique_ptr<Connection> connection) noexcept {
        if (connection->broken() || connection->transaction_status() != PQTRANS_IDLE) {
            connection.reset();
            give_up_slot();
            return;
        }
        try {
            connection->trim_prepared();
            {
                const std::lock_guard lock(mutex);
                idle.push_back(std::move(connection));
            }
            freed.notify_one();
        } catch (...) {
            connection.reset();
            give_up_slot();
        }
    }
};

namespace {

// A connection on loan.
template <class Pool>
class Lease {
public:
    explicit Lease(Pool& pool) : pool_(pool), connection_(pool.acquire()) { ++t_held; }
    ~Lease() { end(); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Connection& operator*() { return *connection_; }
    void end() noexcept {
        if (!connection_) return;
        --t_held;
        pool_.release(std::move(connection_));
    }

private:
    Pool& pool_;
    std::unique_ptr<Connection> connection_;
};

class ReadSession final : public Session {
public:
    explicit ReadSession(Connection& connection) : connection_(connection) {}
    Rows run(const Call& call) override { return make_rows(connection_.run(call).release()); }
    std::vector<Rows> pipeline(std::span<const Call> calls) override {
        std::vector<Rows> out;
        out.reserve(calls.size());
        for (auto& result : connection_.batch(calls, nullptr)) out.push_back(make_rows(result.release()));
        return out;
    }
    Rows run_text(std::string_view sql) override { return make_rows(connection_.text(sql).release()); }

private:
    Connection& connection_;
};

// BEGIN travels with the first statement, so it costs no round trip of its own.
class PooledTx final : public Tx {
public:
    PooledTx(Connection& connection, Isolation isolation) : connection_(connection), begin_(begin_text(isolation)) {}
    ~PooledTx() override { roll_back(); }

    Rows run(const Call& call) override {
        return guarded([&] {
            if (!begun_) {
                auto results = connection_.batch(std::span(&call, 1), begin_);
                begun_ = true;
                return make_rows(results.front().release());
            }
            return make_rows(connection_.run(call).release());
        });
    }
    std::vector<Rows> pipeline(std::span<const Call> calls) override {
        return guarded([&] {
            std::vector<Rows> out;
            if (calls.empty()) return out;
            out.reserve(calls.size());
            auto results = connection_.batch(calls, begun_ ? nullptr : begin_);
            begun_ = true;
            for (auto& result : results) out.push_back(make_rows(result.release()));
            return out;
        });
    }
    Rows run_text(std::string_view sql) override {
        return guarded([&] {
            ensure_begun();
            return make_rows(connection_.text(sql).release());
        });
    }
    std::int64_t copy_in(std::string_view statement, const std::function<bool(std::string&)>& next) override {
        return guarded([&] {
            ensure_begun();
            return connection_.copy_in(statement, next);
        });
    }
    void copy_out(std::string_view statement, const std::function<void(std::string_view)>& row) override {
        guarded([&] {
            ensure_begun();
            connection_.copy_out(statement, row);
            return 0;
        });
    }
    void after_commit(std::function<void()> action) override { actions_.push_back(std::move(action)); }

    void commit() {
        if (first_error_) std::rethrow_exception(first_error_);
        if (!begun_) return;  // nothing was done
        connection_.commit();
        begun_ = false;
    }
    void roll_back() noexcept {
        if (connection_.broken() || connection_.transaction_status() == PQTRANS_IDLE) return;
        try {
            connection_.text("rollback", "rollback");
        } catch (...) {
            // The lease sees that the connection is not idle and closes it, which rolls back as well.
        }
        begun_ = false;
    }
    [[nodiscard]] std::vector<std::function<void()>> take_actions() { return std::move(actions_); }

private:
    template <class Body>
    auto guarded(Body&& body) -> std::invoke_result_t<Body> {
        try {
            return body();
        } catch (...) {
            // Only what made PostgreSQL refuse the rest of the transaction; a fault before anything was sent did not.
            if (!first_error_ && (connection_.broken() || connection_.transaction_status() == PQTRANS_INERROR)) {
                first_error_ = std::current_exception();
            }
            throw;
        }
    }
    void ensure_begun() {
        if (begun_) return;
        connection_.batch({}, begin_);
        begun_ = true;
    }

    Connection& connection_;
    const char* begin_;
    bool begun_ = false;
    std::exception_ptr first_error_;
    std::vector<std::function<void()>> actions_;
};

void run_actions(const std::vector<std::function<void()>>& actions) {
    for (const auto& action : actions) {
        try {
            action();
        } catch (const std::exception& error) {
            log::error("an action after a commit failed", {{"error", error.what()}});
        }
    }
}

}  // namespace

Database::Database(std::string url, PoolOptions options) : impl_(std::make_unique<Impl>()) {
    impl_->url = std::move(url);
    impl_->options = std::move(options);
}

Database::~Database() = default;

void Database::run_tx(const std::function<bool(Tx&)>& body, Isolation isolation) {
    int lost = 0;
    for (int runs = 1;; ++runs) {
        std::vector<std::function<void()>> actions;
        bool again = false;
        {
            Lease<Impl> lease(*impl_);
            PooledTx tx(*lease, isolation);
            try {
                if (!body(tx)) return;
                tx.commit();
                actions = tx.take_actions();
            } catch (const RetryableError&) {
                if (runs >= kMaxRuns) throw;
                again = true;
            } catch (const CommitUnknown&) {
                throw;
            } catch (const Unavailable& error) {
                // COMMIT was not sent, so the transaction is gone for certain. A server that goes down ends its connections one by
                // one: the next one of the pool may still look alive.
                if (++lost > kMaxLosses || !(*lease).broken()) throw;
                log::warning("a transaction is run again on a new connection", {{"error", error.what()}});
                again = true;
            }
        }
        if (!again) {
            run_actions(actions);
            return;
        }
        std::this_thread::sleep_for(retry_pause(runs));
    }
}

void Database::run_read(const std::function<void(Session&)>& body) {
    for (int runs = 1;; ++runs) {
        Lease<Impl> lease(*impl_);
        ReadSession session(*lease);
        try {
            body(session);
            return;
        } catch (const RetryableError&) {
            if (runs >= kMaxRuns) throw;
        } catch (const Unavailable& error) {
            if (runs > 1 || !(*lease).broken()) throw;
            log::warning("a read is run again on a new connection", {{"error", error.what()}});
        }
    }
}

bool Database::ping() noexcept {
    try {
        read([](Session& session) { session.run_text("select 1"); });
        return true;
    } catch (...) {
        return false;
    }
}

std::uint64_t Database::statements_on_this_thread() { return statements_of_this_thread(); }

const std::string& Database::url() const { return impl_->url; }

Database::Stats Database::stats() const {
    const std::lock_guard lock(impl_->mutex);
    return {impl_->open, static_cast<int>(impl_->idle.size()), impl_->waits};
}

namespace {
class HeldLock final : public Database::AdvisoryLock {
public:
    explicit HeldLock(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
    bool still_held() override { return connection_->seems_alive(); }

private:
    std::unique_ptr<Connection> connection_;
};
}  // namespace

std::unique_ptr<Database::AdvisoryLock> Database::try_lock(std::int64_t key) {
    auto options = impl_->connection_options();
    options.application_name += " lock";
    auto connection = std::make_unique<Connection>(impl_->url, options);
    const Call call{{"platform.try_advisory_lock", "select pg_try_advisory_lock($1::bigint)::int"}, {std::to_string(key)}};
    const ResultPtr result = connection->run(call);
    if (std::string_view(PQgetvalue(result.get(), 0, 0)) != "1") return nullptr;
    return std::make_unique<HeldLock>(std::move(connection));
}

}  // namespace stoa::db
