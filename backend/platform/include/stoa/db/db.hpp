#pragma once
// PostgreSQL over libpq. A Tx rolls back in its destructor; commit is explicit inside in_tx and its outcome is awaited.
// Statements are prepared once per connection (by name). Parameters and results travel as text: cast every parameter in
// the SQL (`$1::uuid`). One Connection belongs to one thread at a time; Database is a thread-safe pool.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "stoa/clock/clock.hpp"
#include "stoa/ids/id.hpp"
#include "stoa/money/money.hpp"

namespace stoa::db {

// Made by embed_sql from sql/queries/*.sql; `name` is "module.query".
struct Query {
    std::string_view name;
    std::string_view sql;
};

// ---- errors (exceptions: breakage, or what a caller translates by name) --------------------------------------------
struct DbError : std::runtime_error {
    DbError(std::string sqlstate_, std::string constraint_, const std::string& message)
        : std::runtime_error(message), sqlstate(std::move(sqlstate_)), constraint(std::move(constraint_)) {}
    std::string sqlstate;
    std::string constraint;
};
struct UniqueViolation : DbError {
    using DbError::DbError;
};  // 23505
struct CheckViolation : DbError {
    using DbError::DbError;
};  // 23514
struct ForeignKeyViolation : DbError {
    using DbError::DbError;
};  // 23503
struct RetryableError : DbError {
    using DbError::DbError;
};  // 40001, 40P01
struct Unavailable : DbError {
    using DbError::DbError;
};  // no connection, 57P01, 08xxx, pool exhausted
struct CommitUnknown : Unavailable {
    using Unavailable::Unavailable;
};  // connection lost while COMMIT was under way

// ---- parameters ------------------------------------------------------------------------------------------------------
// One text parameter; nullopt is NULL.
using Param = std::optional<std::string>;

inline Param to_param(std::nullopt_t) { return std::nullopt; }
inline Param to_param(std::string value) { return Param(std::move(value)); }
inline Param to_param(std::string_view value) { return Param(std::string(value)); }
inline Param to_param(const char* value) { return Param(std::string(value)); }
inline Param to_param(bool value) { return Param(value ? "t" : "f"); }
template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
Param to_param(T value) {
    return Param(std::to_string(value));
}
inline Param to_param(const Uuid& value) { return Param(value.to_string()); }
template <IdPrefix Prefix>
Param to_param(const Id<Prefix>& value) {
    return Param(value.uuid().to_string());
}
inline Param to_param(Timestamp value) { return Param(to_rfc3339(value)); }
inline Param to_param(Date value) { return Param(to_iso_date(value)); }
inline Param to_param(Currency value) { return Param(std::string(value.code())); }
template <class T>
Param to_param(const std::optional<T>& value) {
    return value ? to_param(*value) : Param(std::nullopt);
}
[[nodiscard]] std::string array_literal(std::span<const Param> items);  // '{"a",NULL}' with escapes
// Lists travel as one array parameter: `= any($1::uuid[])`.
template <class T>
Param to_param(const std::vector<T>& values) {
    std::vector<Param> items;
    items.reserve(values.size());
    for (const auto& value : values) items.push_back(to_param(value));
    return Param(array_literal(items));
}

// ---- rows ------------------------------------------------------------------------------------------------------------
class Rows;
struct ResultBlock;  // one answer of the server

// Keeps the answer it belongs to alive, so `const Row row = tx.query(...).front();` is fine.
class Row {
public:
    // By column name; T is optional<U> exactly where the column is nullable. Throws std::logic_error for a missing column
    // or a NULL in a non-optional.
    template <class T>
    [[nodiscard]] T get(std::string_view column) const {
        return Convert<T>::from(*this, index_of(column));
    }
    template <class T>
    [[nodiscard]] T get(int column) const {
        return Convert<T>::from(*this, column);
    }
    // amount bigint + currency char(3)
    [[nodiscard]] Money money(std::string_view amount_column, std::string_view currency_column = "currency") const;
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::string_view text(int column) const;  // valid while a Row or the Rows live
    [[nodiscard]] int index_of(std::string_view column) const;

private:
    friend class Rows;
    template <class T, class = void>
    struct Convert;
    Row(std::shared_ptr<const ResultBlock> result, int index) : result_(std::move(result)), index_(index) {}
    std::shared_ptr<const ResultBlock> result_;
    int index_;
};

class Rows {
public:
    Rows();
    Rows(Rows&&) noexcept;
    Rows& operator=(Rows&&) noexcept;
    ~Rows();
    [[nodiscard]] int size() const;
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] Row operator[](int index) const { return Row(result_, index); }
    [[nodiscard]] Row front() const { return Row(result_, 0); }
    // Rows changed by INSERT/UPDATE/DELETE (with or without RETURNING).
    [[nodiscard]] std::int64_t affected() const;

    class Iterator {
    public:
        Iterator(const Rows* rows, int index) : rows_(rows), index_(index) {}
        Row operator*() const { return (*rows_)[index_]; }
        Iterator& operator++() {
            ++index_;
            return *this;
        }
        bool operator!=(const Iterator& other) const { return index_ != other.index_; }

    private:
        const Rows* rows_;
        int index_;
    };
    [[nodiscard]] Iterator begin() const { return {this, 0}; }
    [[nodiscard]] Iterator end() const { return {this, size()}; }

private:
    friend class Session;
    std::shared_ptr<const ResultBlock> result_;
};

[[nodiscard]] Uuid parse_uuid(std::string_view text);
[[nodiscard]] std::int64_t parse_int(std::string_view text);
[[nodiscard]] Timestamp parse_db_timestamp(std::string_view text);
[[nodiscard]] Date parse_db_date(std::string_view text);
[[nodiscard]] std::vector<Param> parse_array(std::string_view literal);

template <class T, class>
struct Row::Convert {
    static T from(const Row& row, int column);
};
template <class T>
struct Row::Convert<std::optional<T>, void> {
    static std::optional<T> from(const Row& row, int column) {
        if (row.is_null(column)) return std::nullopt;
        return Convert<T>::from(row, column);
    }
};
[[noreturn]] void throw_null_column(const Row& row, int column);
template <class T, class U>
T Row::Convert<T, U>::from(const Row& row, int column) {
    if (row.is_null(column)) throw_null_column(row, column);
    const std::string_view text = row.text(column);
    if constexpr (std::is_same_v<T, std::string>)
        return std::string(text);
    else if constexpr (std::is_same_v<T, std::string_view>)
        return text;
    else if constexpr (std::is_same_v<T, bool>)
        return text == "t";
    else if constexpr (std::is_integral_v<T>)
        return static_cast<T>(parse_int(text));
    else if constexpr (std::is_same_v<T, Uuid>)
        return parse_uuid(text);
    else if constexpr (std::is_same_v<T, Timestamp>)
        return parse_db_timestamp(text);
    else if constexpr (std::is_same_v<T, Date>)
        return parse_db_date(text);
    else if constexpr (std::is_same_v<T, Currency>)
        return Currency::of(text);
    else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
        T out;
        for (auto& item : parse_array(text)) out.push_back(item.value_or(""));
        return out;
    } else
        return T(parse_uuid(text));  // Id<...>
}

// ---- statements -------------------------------------------------------------------------------------------------------
struct Call {
    Query query;
    std::vector<Param> params;
};
template <class... Args>
[[nodiscard]] Call call(const Query& query, const Args&... args) {
    return Call{query, {to_param(args)...}};
}

// What both a transaction and an autocommit read offer.
class Session {
public:
    virtual ~Session() = default;
    template <class... Args>
    Rows query(const Query& query, const Args&... args) {
        return run(call(query, args...));
    }
    template <class... Args>
    std::int64_t exec(const Query& query, const Args&... args) {
        return run(call(query, args...)).affected();
    }
    virtual Rows run(const Call& call) = 0;
    // All statements in one round trip (libpq pipeline mode). When one fails the whole transaction is aborted and its
    // error thrown.
    virtual std::vector<Rows> pipeline(std::span<const Call> calls) = 0;
    // SQL text without parameters; several statements allowed. For migrations, tests and imports.
    virtual Rows run_text(std::string_view sql) = 0;

protected:
    static Rows make_rows(void* pg_result);
};

class Tx : public Session {
public:
    // COPY ... FROM STDIN (text format): `next` appends lines to its buffer and returns false when it is done.
    virtual std::int64_t copy_in(std::string_view copy_statement, const std::function<bool(std::string&)>& next) = 0;
    // COPY ... TO STDOUT (text format): called per row, without the line end.
    virtual void copy_out(std::string_view copy_statement, const std::function<void(std::string_view)>& row) = 0;
    // Runs after the commit succeeded; never when it did not.
    virtual void after_commit(std::function<void()> action) = 0;
};
// Escapes one value for COPY text format.
void append_copy_value(std::string& line, const Param& value);
// "a\tb\n"
[[nodiscard]] std::string copy_line(std::span<const Param> values);

enum class Isolation { read_committed, repeatable_read, serializable };

struct PoolOptions {
    int max_connections = 16;
    std::chrono::milliseconds acquire_timeout{5000};
    std::chrono::milliseconds connect_timeout{3000};
    std::chrono::milliseconds statement_timeout{10000};  // 0: none
    std::chrono::milliseconds idle_in_transaction_timeout{60000};
    std::string application_name = "stoa";
};

class Database {
public:
    Database(std::string url, PoolOptions options = {});
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // Runs body in a transaction and commits. Serialization failures and deadlocks re-run the body (at most 5 times, with
    // jitter), and up to three times when the connection broke before COMMIT was sent, so it may not have effects outside the transaction.
    // When the body throws, or returns a Result without a value, the transaction is rolled back. When it swallowed the error of
    // a statement, that error is thrown at the end: PostgreSQL would not commit. `CommitUnknown` is thrown when it cannot be
    // known whether COMMIT happened. A thread that already holds a connection needs a second one here: do not nest.
    template <class Body>
    auto in_tx(Body&& body, Isolation isolation = Isolation::read_committed) -> std::invoke_result_t<Body, Tx&> {
        using Out = std::invoke_result_t<Body, Tx&>;
        if constexpr (std::is_void_v<Out>) {
            run_tx(
                [&](Tx& tx) {
                    body(tx);
                    return true;
                },
                isolation);
        } else {
            std::optional<Out> out;
            run_tx(
                [&](Tx& tx) {
                    out.emplace(body(tx));
                    if constexpr (requires {
                                      out->has_value();
                                      out->error();
                                  })
                        return out->has_value();
                    else
                        return true;
                },
                isolation);
            return std::move(*out);
        }
    }
    // Autocommit reads; a broken connection is replaced and the body run once more, so it may only read.
    template <class Body>
    auto read(Body&& body) -> std::invoke_result_t<Body, Session&> {
        using Out = std::invoke_result_t<Body, Session&>;
        if constexpr (std::is_void_v<Out>) {
            run_read([&](Session& session) { body(session); });
        } else {
            std::optional<Out> out;
            run_read([&](Session& session) { out.emplace(body(session)); });
            return std::move(*out);
        }
    }
    // A long-lived session-level advisory lock on a connection of its own (leader election). Null when another holds it.
    class AdvisoryLock;
    [[nodiscard]] std::unique_ptr<AdvisoryLock> try_lock(std::int64_t key);

    [[nodiscard]] bool ping() noexcept;
    // Statements this thread has sent since start (BEGIN and COMMIT not among them), for tests that count them.
    [[nodiscard]] static std::uint64_t statements_on_this_thread();
    [[nodiscard]] const std::string& url() const;

    struct Stats {
        int open = 0;
        int idle = 0;
        std::uint64_t waits = 0;
    };
    [[nodiscard]] Stats stats() const;

private:
    void run_tx(const std::function<bool(Tx&)>& body, Isolation isolation);
    void run_read(const std::function<void(Session&)>& body);
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

class Database::AdvisoryLock {
public:
    virtual ~AdvisoryLock() = default;
    [[nodiscard]] virtual bool still_held() = 0;
};

// LISTEN on a connection of its own; reconnects by itself.
class Listener {
public:
    Listener(std::string url, std::vector<std::string> channels);
    ~Listener();
    // Waits at most `timeout`; the payloads that arrived ("channel", "payload"). After a reconnect it returns one entry with
    // an empty channel: the caller must look for what it may have missed.
    struct Notification {
        std::string channel;
        std::string payload;
    };
    [[nodiscard]] std::vector<Notification> wait(std::chrono::milliseconds timeout);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// ---- migrations -------------------------------------------------------------------------------------------------------
struct Migration {
    int number;
    std::string_view name;
    std::string_view sql;
    bool transactional;  // false: file starts with "-- no transaction" (create index concurrently)
};
// All migrations of all modules in order; generated by the build and linked by apps and tests.
[[nodiscard]] std::span<const Migration> all_migrations();
// Forward only, under an advisory lock, checksums compared (a changed file that was already applied throws).
// Returns how many were applied.
int migrate(Database& database, std::span<const Migration> migrations);
// Highest applied number, 0 for an empty database.
[[nodiscard]] int schema_version(Database& database);

// Fault injection for tests: called before each statement ("commit" before COMMIT, "copy", "text"); may throw or kill. Null by
// default.
void set_fault_hook(std::function<void(std::string_view query_name)> hook);

}  // namespace stoa::db
