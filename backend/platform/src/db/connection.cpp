#include "db/connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <fmt/format.h>

#include <atomic>
#include <mutex>

#include "stoa/log/log.hpp"

namespace stoa::db {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

// The server ends a statement at statement_timeout; this much later it is taken for dead.
constexpr std::chrono::milliseconds kAnswerMargin = 5s;
constexpr std::size_t kMaxPrepared = 1000;
constexpr std::size_t kCopyChunk = 64 * 1024;

std::mutex g_hook_mutex;
std::shared_ptr<const std::function<void(std::string_view)>> g_hook;
std::atomic<bool> g_has_hook{false};
thread_local std::uint64_t t_statements = 0;

std::string trimmed(const char* text) {
    std::string out(text == nullptr ? "" : text);
    while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
    return out;
}

std::string field(const PGresult* result, int code) {
    const char* value = PQresultErrorField(result, code);
    return value == nullptr ? std::string() : std::string(value);
}

bool is_failure(ExecStatusType status) {
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR;
}

void on_notice(void*, const PGresult* result) {
    log::warning("database notice", {{"text", field(result, PG_DIAG_MESSAGE_PRIMARY)}, {"sqlstate", field(result, PG_DIAG_SQLSTATE)}});
}

// The server means that the connection, or the whole server, is going away.
bool means_unavailable(std::string_view state) {
    return state.starts_with("08") || state == "57P01" || state == "57P02" || state == "57P03" || state == "57P05" || state == "53300" ||
           state == "25P03";
}

}  // namespace

void set_fault_hook(std::function<void(std::string_view)> hook) {
    const std::lock_guard lock(g_hook_mutex);
    g_has_hook = static_cast<bool>(hook);
    g_hook = hook ? std::make_shared<const std::function<void(std::string_view)>>(std::move(hook)) : nullptr;
}

void before_statement(std::string_view name, bool counted) {
    if (counted) ++t_statements;
    if (!g_has_hook.load(std::memory_order_relaxed)) return;
    std::shared_ptr<const std::function<void(std::string_view)>> hook;
    {
        const std::lock_guard lock(g_hook_mutex);
        hook = g_hook;
    }
    if (hook) (*hook)(name);
}

std::uint64_t statements_of_this_thread() { return t_statements; }

Connection::Connection(const std::string& url, const ConnectionOptions& options) : statement_timeout_(options.statement_timeout) {
    // What stands before dbname can be overruled by the URL.
    const std::array<const char*, 8> keywords{"fallback_application_name",
                                              "keepalives_idle",
                                              "keepalives_interval",
                                              "keepalives_count",
                                              "tcp_user_timeout",
                                              "client_encoding",
                                              "dbname",
                                              nullptr};
    const std::array<const char*, 8> values{options.application_name.c_str(), "10", "5", "3", "15000", "UTF8", url.c_str(), nullptr};
    const Deadline until = Steady::now() + options.connect_timeout;
    pg_ = PQconnectStartParams(keywords.data(), values.data(), 1);
    auto give_up = [&](const std::string& why) {
        if (pg_ != nullptr) PQfinish(pg_);
        pg_ = nullptr;
        throw Unavailable("08001", "", fmt::format("cannot connect to the database: {}", why));
    };
    if (pg_ == nullptr) give_up("out of memory");
    if (PQstatus(pg_) == CONNECTION_BAD) give_up(trimmed(PQerrorMessage(pg_)));
    PQsetNoticeReceiver(pg_, on_notice, nullptr);
    PostgresPollingStatusType step = PGRES_POLLING_WRITING;
    while (step != PGRES_POLLING_OK) {
        if (!wait_socket(step == PGRES_POLLING_WRITING, until))
            give_up(fmt::format("no answer within {} ms", options.connect_timeout.count()));
        step = PQconnectPoll(pg_);
        if (step == PGRES_POLLING_FAILED) give_up(trimmed(PQerrorMessage(pg_)));
    }
    try {
        if (PQsetnonblocking(pg_, 1) != 0) give_up(trimmed(PQerrorMessage(pg_)));
        // Statements are prepared and always the same: plan them once. PostgreSQL's own choice is to plan those with joins anew at each
        // call, which took more of its time than running them (docs/reference/performance.md).
        text(fmt::format("set plan_cache_mode = 'force_generic_plan'; set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle "
                         "= 'iso_8601'; set bytea_output = 'hex';"
                         "set client_min_messages = 'warning'; set standard_conforming_strings = on; set statement_timeout = {};"
                         "set idle_in_transaction_session_timeout = {}",
                         options.statement_timeout.count(), options.idle_in_transaction_timeout.count()),
             "connect");
    } catch (...) {
        if (pg_ != nullptr) PQfinish(pg_);
        throw;
    }
}

Connection::~Connection() {
    if (pg_ != nullptr) PQfinish(pg_);
}

Connection::Deadline Connection::deadline() const {
    if (statement_timeout_ == 0ms) return Deadline::max();
    return Steady::now() + statement_timeout_ + kAnswerMargin;
}

bool Connection::wait_socket(bool for_write, Deadline until) {
    pollfd entry{PQsocket(pg_), static_cast<short>(POLLIN | (for_write ? POLLOUT : 0)), 0};
    for (;;) {
        int timeout = -1;
        if (until != Deadline::max()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now()).count();
            if (left <= 0) return false;
            timeout = static_cast<int>(std::min<std::int64_t>(left, 1'000'000));
        }
        const int ready = ::poll(&entry, 1, timeout);
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return true;  // the next libpq call reports it
    }
}

void Connection::fail_broken(std::string_view name, std::string message) {
    broken_ = true;
    throw Unavailable("08006", "", fmt::format("{}: {}", name, message.empty() ? "connection to the database was lost" : message));
}

void Connection::flush(std::string_view name, Deadline until) {
    for (;;) {
        const int left = PQflush(pg_);
        if (left == 0) return;
        if (left < 0) fail_broken(name, trimmed(PQerrorMessage(pg_)));
        if (!wait_socket(true, until)) fail_broken(name, "the database does not take data in time");
        if (PQconsumeInput(pg_) == 0) fail_broken(name, trimmed(PQerrorMessage(pg_)));
    }
}

ResultPtr Connection::next_result(std::string_view name, Deadline until) {
    while (PQisBusy(pg_) != 0) {
        if (!wait_socket(false, until)) fail_broken(name, "the database does not answer in time");
        if (PQconsumeInput(pg_) == 0) {
            // The reason may have arrived before the connection ended ("terminating connection due to administrator command").
            ResultPtr last(PQgetResult(pg_));
            broken_ = true;
            if (last && is_failure(PQresultStatus(last.get())) && !field(last.get(), PG_DIAG_SQLSTATE).empty()) return last;
            fail_broken(name, trimmed(PQerrorMessage(pg_)));
        }
        // Pipelined statements that did not fit the socket's buffer.
        if (PQflush(pg_) < 0) fail_broken(name, trimmed(PQerrorMessage(pg_)));
    }
    ResultPtr result(PQgetResult(pg_));
    if (PQstatus(pg_) == CONNECTION_BAD) {
        broken_ = true;
        if (!result) fail_broken(name, trimmed(PQerrorMessage(pg_)));
    }
    return result;
}

void Connection::throw_error(std::string_view name, const PGresult* result) {
    const std::string state = field(result, PG_DIAG_SQLSTATE);
    const std::string constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    // The DETAIL line may hold personal data ("Key (email)=(...)"), so it stays here.
    std::string text = field(result, PG_DIAG_MESSAGE_PRIMARY);
    if (text.empty()) text = trimmed(PQresultErrorMessage(result));
    const std::string message = fmt::format("{}: {} [{}]", name, text, state.empty() ? "no state" : state);
    if (PQstatus(pg_) == CONNECTION_BAD) broken_ = true;
    if (broken_ || means_unavailable(state)) {
        broken_ = true;
        throw Unavailable(state.empty() ? "08006" : state, constraint, message);
    }
    if (state == "23505") throw UniqueViolation(state, constraint, message);
    if (state == "23514") throw CheckViolation(state, constraint, message);
    if (state == "23503") throw ForeignKeyViolation(state, constraint, message);
    if (state == "40001" || state == "40P01") throw RetryableError(state, constraint, message);
    // A migration changed what a prepared statement returns, or somebody dropped it: prepare again and run the body again.
    if (state == "26000" || (state == "0A000" && field(result, PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery")) {
        prepared_.clear();
        prepared_count_ = 0;
        throw RetryableError(state, constraint, message);
    }
    throw DbError(state, constraint, message);
}

const Connection::Prepared* Connection::find_prepared(const Query& query) const {
    const auto found = prepared_.find(query.name);
    if (found == prepared_.end()) return nullptr;
    for (const Prepared& candidate : found->second) {
        if (candidate.sql == query.sql) return &candidate;
    }
    return nullptr;
}

void Connection::remember(const Query& query, Prepared prepared) {
    auto found = prepared_.find(query.name);
    if (found == prepared_.end()) found = prepared_.emplace(std::string(query.name), std::vector<Prepared>{}).first;
    found->second.push_back(std::move(prepared));
    ++prepared_count_;
}

void Connection::trim_prepared() {
    if (prepared_count_ <= kMaxPrepared) return;
    prepared_.clear();
    prepared_count_ = 0;
    text("deallocate all", "deallocate");
}

void Connection::send_call(const Query& query, const Prepared& prepared, const std::vector<Param>& params) {
    values_.clear();
    for (const Param& param : params) values_.push_back(param ? param->c_str() : nullptr);
    if (PQsendQueryPrepared(pg_, prepared.id.c_str(), static_cast<int>(params.size()), values_.data(), nullptr, nullptr, 0) == 0) {
        fail_broken(query.name, trimmed(PQerrorMessage(pg_)));
    }
}

namespace {
void check_params(const Call& call) {
    for (const Param& param : call.params) {
        // libpq would cut the text there.
        if (param && param->find('\0') != std::string::npos) {
            throw DbError("22021", "", fmt::format("{}: a parameter contains the character U+0000", call.query.name));
        }
    }
}
}  // namespace

ResultPtr Connection::run(const Call& call) {
    const Prepared* prepared = find_prepared(call.query);
    if (prepared == nullptr) {
        auto results = batch(std::span(&call, 1), nullptr);
        return std::move(results.front());
    }
    check_params(call);
    before_statement(call.query.name);
    const Deadline until = deadline();
    send_call(call.query, *prepared, call.params);
    flush(call.query.name, until);
    ResultPtr result = next_result(call.query.name, until);
    ResultPtr rest;
    if (!broken_) {
        while ((rest = next_result(call.query.name, until))) {
            if (is_failure(PQresultStatus(rest.get()))) result = std::move(rest);
        }
    }
    if (!result) fail_broken(call.query.name, {});
    if (is_failure(PQresultStatus(result.get()))) throw_error(call.query.name, result.get());
    return result;
}

void Connection::leave_pipeline() {
    if (!broken_ && PQexitPipelineMode(pg_) == 0) broken_ = true;
}

std::vector<ResultPtr> Connection::batch(std::span<const Call> calls, const char* begin) {
    std::vector<ResultPtr> out;
    if (calls.empty() && begin == nullptr) return out;
    for (const Call& call : calls) check_params(call);
    for (const Call& call : calls) before_statement(call.query.name);
    const Deadline until = deadline();
    if (PQenterPipelineMode(pg_) == 0) fail_broken("pipeline", trimmed(PQerrorMessage(pg_)));

    // What was sent, in order: what to do with each answer.
    enum class Kind { start, prepare, run };
    struct Sent {
        Kind kind;
        const Call* call;
        Prepared prepared;  // kind prepare
    };
    std::vector<Sent> sent;
    sent.reserve(calls.size() + 1);
    const auto queue = [&](int ok, std::string_view name) {
        if (ok == 0) fail_broken(name, trimmed(PQerrorMessage(pg_)));
    };
    if (begin != nullptr) {
        queue(PQsendQueryParams(pg_, begin, 0, nullptr, nullptr, nullptr, nullptr, 0), "begin");
        sent.push_back({Kind::start, nullptr, {}});
    }
    for (const Call& call : calls) {
        const Prepared* prepared = find_prepared(call.query);
        if (prepared == nullptr) {
            // The same new statement may occur twice in one batch.
            for (const Sent& earlier : sent) {
                if (earlier.kind == Kind::prepare && earlier.call->query.name == call.query.name &&
                    earlier.prepared.sql == call.query.sql) {
                    prepared = &earlier.prepared;
                }
            }
        }
        if (prepared == nullptr) {
            Prepared fresh{std::string(call.query.sql), fmt::format("s{}", ++next_prepared_)};
            queue(PQsendPrepare(pg_, fresh.id.c_str(), fresh.sql.c_str(), 0, nullptr), call.query.name);
            sent.push_back({Kind::prepare, &call, fresh});
            send_call(call.query, fresh, call.params);
        } else {
            const Prepared copy = *prepared;
            send_call(call.query, copy, call.params);
        }
        sent.push_back({Kind::run, &call, {}});
    }
    queue(PQpipelineSync(pg_), "pipeline");
    flush("pipeline", until);

    // Every statement's results up to the sync, whatever happens: then the connection is in step again.
    out.reserve(calls.size());
    ResultPtr failure;
    std::string failed_name;
    for (const Sent& item : sent) {
        const std::string_view name = item.kind == Kind::start ? std::string_view("begin") : item.call->query.name;
        const Deadline answer_by = deadline();  // statement_timeout counts for each statement
        ResultPtr result = next_result(name, answer_by);
        if (broken_) {
            if (result && is_failure(PQresultStatus(result.get())) && !failure) throw_error(name, result.get());
            if (failure) throw_error(failed_name, failure.get());
            fail_broken(name, {});
        }
        if (!result) {
            broken_ = true;
            throw std::logic_error(fmt::format("{}: the pipeline is out of step", name));
        }
        while (ResultPtr rest = next_result(name, answer_by)) result = std::move(rest);
        const ExecStatusType status = PQresultStatus(result.get());
        if (is_failure(status)) {
            if (!failure) {
                failure = std::move(result);
                failed_name = name;
            }
        } else if (status != PGRES_PIPELINE_ABORTED) {
            if (item.kind == Kind::prepare) remember(item.call->query, item.prepared);
            if (item.kind == Kind::run) out.push_back(std::move(result));
        }
    }
    for (;;) {
        ResultPtr result = next_result("pipeline", deadline());
        if (broken_) {
            if (failure) throw_error(failed_name, failure.get());
            if (result && is_failure(PQresultStatus(result.get()))) throw_error("pipeline", result.get());
            fail_broken("pipeline", {});
        }
        if (!result) continue;
        if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) break;
        // Outside a transaction the sync itself commits, and may fail (deferred constraints, serialization).
        if (is_failure(PQresultStatus(result.get())) && !failure) {
            failure = std::move(result);
            failed_name = "pipeline";
        }
    }
    leave_pipeline();
    if (failure) throw_error(failed_name, failure.get());
    return out;
}

ResultPtr Connection::text(std::string_view sql, std::string_view name) {
    before_statement(name, name == "text");
    const Deadline until = deadline();
    const std::string copy(sql);
    if (PQsendQuery(pg_, copy.c_str()) == 0) fail_broken(name, trimmed(PQerrorMessage(pg_)));
    flush(name, until);
    ResultPtr last;
    ResultPtr failure;
    bool copy_refused = false;
    while (ResultPtr result = next_result(name, deadline())) {
        const ExecStatusType status = PQresultStatus(result.get());
        if (is_failure(status)) {
            if (!failure) failure = std::move(result);
        } else if (status == PGRES_COPY_IN) {
            copy_refused = true;
            if (PQputCopyEnd(pg_, "use copy_in()") < 0) fail_broken(name, trimmed(PQerrorMessage(pg_)));
            flush(name, until);
        } else if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
            broken_ = true;
            throw std::logic_error("COPY TO STDOUT needs copy_out()");
        } else {
            last = std::move(result);
        }
        if (broken_) break;
    }
    if (copy_refused) throw std::logic_error("COPY FROM STDIN needs copy_in()");
    if (failure) throw_error(name, failure.get());
    if (broken_) fail_broken(name, {});
    return last;
}

void Connection::commit() {
    before_statement("commit", false);
    // A connection that the server ended earlier: nothing was committed, and nothing will be sent.
    if (!seems_alive()) fail_broken("commit", "the connection was lost before COMMIT was sent; the transaction was rolled back");
    const Deadline until = deadline();
    const auto unknown = [&](const std::string& why) {
        broken_ = true;
        throw CommitUnknown("08007", "", fmt::format("the outcome of COMMIT is unknown: {}", why));
    };
    if (PQsendQuery(pg_, "commit") == 0) {
        if (PQstatus(pg_) == CONNECTION_BAD) unknown(trimmed(PQerrorMessage(pg_)));
        fail_broken("commit", trimmed(PQerrorMessage(pg_)));
    }
    ResultPtr result;
    try {
        flush("commit", until);
        result = next_result("commit", until);
        if (!broken_) {
            while (ResultPtr rest = next_result("commit", until)) {
                if (is_failure(PQresultStatus(rest.get()))) result = std::move(rest);
            }
        }
    } catch (const Unavailable& lost) {
        unknown(lost.what());
    }
    if (broken_) unknown(result ? trimmed(PQresultErrorMessage(result.get())) : trimmed(PQerrorMessage(pg_)));
    if (is_failure(PQresultStatus(result.get()))) {
        // A failed COMMIT on a living connection rolled back for certain; a message about the server's end leaves it open.
        if (means_unavailable(field(result.get(), PG_DIAG_SQLSTATE))) unknown(trimmed(PQresultErrorMessage(result.get())));
        throw_error("commit", result.get());
    }
    if (std::string_view(PQcmdStatus(result.get())) != "COMMIT") {
        throw DbError("25P02", "", "commit: the transaction was rolled back because one of its statements had failed");
    }
}

std::int64_t Connection::copy_in(std::string_view statement, const std::function<bool(std::string&)>& next) {
    before_statement("copy");
    const std::string sql(statement);
    if (PQsendQuery(pg_, sql.c_str()) == 0) fail_broken("copy", trimmed(PQerrorMessage(pg_)));
    flush("copy", deadline());
    ResultPtr opened = next_result("copy", deadline());
    if (!opened) fail_broken("copy", {});
    if (PQresultStatus(opened.get()) != PGRES_COPY_IN) {
        while (!broken_ && next_result("copy", deadline())) {
        }
        if (is_failure(PQresultStatus(opened.get()))) throw_error("copy", opened.get());
        throw std::logic_error("copy_in: not a COPY ... FROM STDIN statement");
    }
    const auto put = [&](const std::string& data) {
        if (data.empty()) return;
        const Deadline until = deadline();
        for (;;) {
            const int done = PQputCopyData(pg_, data.data(), static_cast<int>(data.size()));
            if (done == 1) break;
            if (done < 0) fail_broken("copy", trimmed(PQerrorMessage(pg_)));
            if (!wait_socket(true, until)) fail_broken("copy", "the database does not take data in time");
            if (PQconsumeInput(pg_) == 0) fail_broken("copy", trimmed(PQerrorMessage(pg_)));
        }
        flush("copy", until);
    };
    std::exception_ptr stopped;
    try {
        std::string buffer;
        bool more = true;
        while (more) {
            more = next(buffer);
            if (buffer.size() >= kCopyChunk || !more) {
                put(buffer);
                buffer.clear();
            }
        }
    } catch (...) {
        stopped = std::current_exception();
    }
    if (broken_) std::rethrow_exception(stopped);
    const Deadline until = deadline();
    for (;;) {
        const int done = PQputCopyEnd(pg_, stopped ? "stopped by the sender" : nullptr);
        if (done == 1) break;
        if (done < 0) fail_broken("copy", trimmed(PQerrorMessage(pg_)));
        if (!wait_socket(true, until)) fail_broken("copy", "the database does not take data in time");
    }
    flush("copy", until);
    ResultPtr outcome;
    while (ResultPtr result = next_result("copy", until)) {
        if (!outcome || is_failure(PQresultStatus(result.get()))) outcome = std::move(result);
        if (broken_) break;
    }
    if (stopped) std::rethrow_exception(stopped);
    if (!outcome) fail_broken("copy", {});
    if (is_failure(PQresultStatus(outcome.get()))) throw_error("copy", outcome.get());
    return parse_int(PQcmdTuples(outcome.get()));
}

void Connection::copy_out(std::string_view statement, const std::function<void(std::string_view)>& row) {
    before_statement("copy");
    const std::string sql(statement);
    if (PQsendQuery(pg_, sql.c_str()) == 0) fail_broken("copy", trimmed(PQerrorMessage(pg_)));
    flush("copy", deadline());
    ResultPtr opened = next_result("copy", deadline());
    if (!opened) fail_broken("copy", {});
    if (PQresultStatus(opened.get()) != PGRES_COPY_OUT) {
        while (!broken_ && next_result("copy", deadline())) {
        }
        if (is_failure(PQresultStatus(opened.get()))) throw_error("copy", opened.get());
        broken_ = true;
        throw std::logic_error("copy_out: not a COPY ... TO STDOUT statement");
    }
    for (;;) {
        char* data = nullptr;
        const int size = PQgetCopyData(pg_, &data, 1);
        if (size > 0) {
            const std::unique_ptr<char, void (*)(char*)> owner(data, [](char* p) { PQfreemem(p); });
            std::string_view line(data, static_cast<std::size_t>(size));
            if (line.ends_with('\n')) line.remove_suffix(1);
            try {
                row(line);
            } catch (...) {
                // What the server still sends is not worth reading: give the connection up.
                broken_ = true;
                throw;
            }
            continue;
        }
        if (size == -1) break;
        if (size == -2) break;  // the result below tells why
        if (!wait_socket(false, deadline())) fail_broken("copy", "the database does not answer in time");
        if (PQconsumeInput(pg_) == 0) fail_broken("copy", trimmed(PQerrorMessage(pg_)));
    }
    ResultPtr outcome;
    while (ResultPtr result = next_result("copy", deadline())) {
        if (!outcome || is_failure(PQresultStatus(result.get()))) outcome = std::move(result);
        if (broken_) break;
    }
    if (!outcome) fail_broken("copy", {});
    if (is_failure(PQresultStatus(outcome.get()))) throw_error("copy", outcome.get());
}

bool Connection::seems_alive() {
    if (broken_ || PQstatus(pg_) != CONNECTION_OK) return false;
    for (;;) {
        char first = 0;
        const auto got = ::recv(PQsocket(pg_), &first, 1, MSG_PEEK | MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
        if (got < 0 && errno == EINTR) continue;
        // The end, an unasked error ("terminating connection ..."), or encrypted bytes nobody asked for.
        const bool harmless = got == 1 && (first == 'S' || first == 'N' || first == 'A') && PQsslInUse(pg_) == 0;
        if (!harmless || PQconsumeInput(pg_) == 0) {
            broken_ = true;
            return false;
        }
        // Notices and parameter changes are processed by looking at the state.
        (void)PQisBusy(pg_);
        if (PQtransactionStatus(pg_) == PQTRANS_UNKNOWN) {
            broken_ = true;
            return false;
        }
    }
}

bool Connection::wait_notifications(std::chrono::milliseconds timeout, const std::function<void(std::string, std::string)>& each) {
    const Deadline until = Steady::now() + timeout;
    bool any = false;
    for (;;) {
        if (PQconsumeInput(pg_) == 0 || PQstatus(pg_) != CONNECTION_OK) {
            broken_ = true;
            return any;
        }
        while (PGnotify* found = PQnotifies(pg_)) {
            const std::unique_ptr<PGnotify, void (*)(PGnotify*)> owner(found, [](PGnotify* p) { PQfreemem(p); });
            each(found->relname, found->extra);
            any = true;
        }
        if (any) return true;
        if (!wait_socket(false, until)) return true;
    }
}

}  // namespace stoa::db
