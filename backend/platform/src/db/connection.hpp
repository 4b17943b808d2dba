#pragma once
// One PostgreSQL connection. Everything is sent without blocking and awaited with a deadline, so a server that stopped
// answering (frozen host, cut network) becomes an exception instead of a hanging thread. Not thread-safe.
#include <libpq-fe.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "stoa/db/db.hpp"

namespace stoa::db {

struct ResultDeleter {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ResultDeleter>;

struct ConnectionOptions {
    std::chrono::milliseconds connect_timeout{3000};
    std::chrono::milliseconds statement_timeout{10000};  // 0: none, and no deadline on this side either
    std::chrono::milliseconds idle_in_transaction_timeout{60000};
    std::string application_name = "stoa";
};

class Connection {
public:
    Connection(const std::string& url, const ConnectionOptions& options);  // connects; throws Unavailable
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // One prepared statement.
    ResultPtr run(const Call& call);
    // All in one round trip. `begin` (may be null) is a statement without parameters and without result, sent first.
    std::vector<ResultPtr> batch(std::span<const Call> calls, const char* begin);
    // Simple protocol: several statements, the last one's result.
    ResultPtr text(std::string_view sql, std::string_view name = "text");
    // COMMIT, its outcome awaited. Throws CommitUnknown when the connection was lost after it was sent, and DbError 25P02
    // when the server rolled back instead.
    void commit();

    std::int64_t copy_in(std::string_view statement, const std::function<bool(std::string&)>& next);
    void copy_out(std::string_view statement, const std::function<void(std::string_view)>& row);

    // Nothing was sent by the server that means its end, and the socket is open. Costs one system call.
    [[nodiscard]] bool seems_alive();
    [[nodiscard]] bool broken() const { return broken_; }
    [[nodiscard]] PGTransactionStatusType transaction_status() const { return PQtransactionStatus(pg_); }
    // Forgets prepared statements when there are too many (texts made from fragments). Call between transactions.
    void trim_prepared();
    // Waits for notifications at most `timeout`; false when the connection broke.
    bool wait_notifications(std::chrono::milliseconds timeout, const std::function<void(std::string, std::string)>& each);

private:
    using Deadline = std::chrono::steady_clock::time_point;
    struct Prepared {
        std::string sql;
        std::string id;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    [[nodiscard]] Deadline deadline() const;
    // Waits for the socket; false at the deadline.
    bool wait_socket(bool for_write, Deadline until);
    // Sends what is buffered (while reading what arrives).
    void flush(std::string_view name, Deadline until);
    // Next result, null at the end of one statement's results.
    ResultPtr next_result(std::string_view name, Deadline until);
    [[noreturn]] void fail_broken(std::string_view name, std::string message);
    [[nodiscard]] const Prepared* find_prepared(const Query& query) const;
    void send_call(const Query& query, const Prepared& prepared, const std::vector<Param>& params);
    void remember(const Query& query, Prepared prepared);
    [[noreturn]] void throw_error(std::string_view name, const PGresult* result);
    void leave_pipeline();

    PGconn* pg_ = nullptr;
    std::chrono::milliseconds statement_timeout_;
    bool broken_ = false;
    std::uint64_t next_prepared_ = 0;
    std::size_t prepared_count_ = 0;
    std::unordered_map<std::string, std::vector<Prepared>, Hash, std::equal_to<>> prepared_;
    std::vector<const char*> values_;  // reused
};

// Calls the fault hook and counts the statement for this thread (not BEGIN, COMMIT, ROLLBACK and what a new connection needs).
void before_statement(std::string_view name, bool counted = true);
[[nodiscard]] std::uint64_t statements_of_this_thread();

}  // namespace stoa::db
