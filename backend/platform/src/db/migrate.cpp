#include <fmt/format.h>

#include <thread>

#include "db/connection.hpp"
#include "db/split.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/log/log.hpp"

namespace stoa::db {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMigrationLock = 0x53746f614d696701;  // "StoaMig" 1

std::int64_t cell_int(const ResultPtr& result, int row, int column) { return parse_int(PQgetvalue(result.get(), row, column)); }

// One migrator at a time. The lock is asked for again and again instead of waited for inside a statement: a waiting
// statement holds a snapshot, and CREATE INDEX CONCURRENTLY of the other migrator would wait for that.
void wait_for_lock(Connection& connection) {
    const Call call{{"platform.try_migration_lock", "select pg_try_advisory_lock($1::bigint)::int"}, {std::to_string(kMigrationLock)}};
    const auto until = std::chrono::steady_clock::now() + 10min;
    while (cell_int(connection.run(call), 0, 0) != 1) {
        if (std::chrono::steady_clock::now() > until)
            throw std::runtime_error("another migration has been running for ten minutes; giving up");
        std::this_thread::sleep_for(100ms);
    }
}

void record(Connection& connection, const Migration& migration, const std::string& checksum) {
    connection.run(
        {{"platform.record_migration", "insert into platform.migration (number, name, checksum) values ($1::int, $2::text, $3::text)"},
         {std::to_string(migration.number), std::string(migration.name), checksum}});
}

void apply(Connection& connection, const Migration& migration, const std::string& checksum) {
    const auto label = fmt::format("migration {} ({})", migration.number, migration.name);
    if (migration.transactional) {
        try {
            connection.text("begin", "begin");
            connection.text(migration.sql, label);
            record(connection, migration, checksum);
            connection.text("commit", "commit");
        } catch (const std::exception& error) {
            if (!connection.broken() && connection.transaction_status() != PQTRANS_IDLE) connection.text("rollback", "rollback");
            throw std::runtime_error(fmt::format("{} failed and was rolled back; nothing of it remains: {}", label, error.what()));
        }
        return;
    }
    const auto statements = split_statements(migration.sql);
    for (std::size_t i = 0; i < statements.size(); ++i) {
        try {
            connection.text(statements[i], label);
        } catch (const std::exception& error) {
            throw std::runtime_error(
                fmt::format("{} failed in statement {} of {}; the ones before it took effect, and an index that was being built "
                            "concurrently may be left "
                            "INVALID and must be dropped. Its statements must be repeatable (if not exists); run migrate again after the "
                            "cause is gone: {}",
                            label, i + 1, statements.size(), error.what()));
        }
    }
    record(connection, migration, checksum);
}

}  // namespace

// Splits at semicolons outside of quotes, dollar quotes and comments.
std::vector<std::string> split_statements(std::string_view sql) {
    std::vector<std::string> out;
    std::string current;
    bool has_code = false;
    const auto end_statement = [&] {
        if (has_code) out.push_back(current);
        current.clear();
        has_code = false;
    };
    std::size_t at = 0;
    const auto copy_to = [&](std::size_t end) {
        end = std::min(end, sql.size());
        current.append(sql.substr(at, end - at));
        at = end;
    };
    const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
    while (at < sql.size()) {
        const char c = sql[at];
        if (sql.substr(at, 2) == "--") {
            copy_to(std::min(sql.find('\n', at), sql.size()));
        } else if (sql.substr(at, 2) == "/*") {
            int depth = 0;
            std::size_t end = at;
            do {
                if (sql.substr(end, 2) == "/*") {
                    ++depth;
                    end += 2;
                } else if (sql.substr(end, 2) == "*/") {
                    --depth;
                    end += 2;
                } else {
                    ++end;
                }
            } while (depth > 0 && end < sql.size());
            copy_to(end);
        } else if (c == '\'' || c == '"') {
            has_code = true;
            const bool escapes = c == '\'' && at > 0 && (sql[at - 1] == 'e' || sql[at - 1] == 'E') && (at < 2 || !is_word(sql[at - 2]));
            std::size_t end = at + 1;
            for (; end < sql.size(); ++end) {
                if (escapes && sql[end] == '\\')
                    ++end;
                else if (sql[end] == c) {
                    if (end + 1 < sql.size() && sql[end + 1] == c)
                        ++end;
                    else
                        break;
                }
            }
            copy_to(end + 1);
        } else if (c == '$' && (at == 0 || !is_word(sql[at - 1]))) {
            std::size_t tag_end = at + 1;
            while (tag_end < sql.size() && is_word(sql[tag_end])) ++tag_end;
            const bool is_tag = tag_end < sql.size() && sql[tag_end] == '$' && !(sql[at + 1] >= '0' && sql[at + 1] <= '9');
            has_code = true;
            if (is_tag) {
                const std::string_view tag = sql.substr(at, tag_end - at + 1);
                const std::size_t close = sql.find(tag, tag_end + 1);
                copy_to(close == std::string_view::npos ? sql.size() : close + tag.size());
            } else {
                copy_to(at + 1);
            }
        } else if (c == ';') {
            ++at;
            end_statement();
        } else {
            if (c != ' ' && c != '\n' && c != '\t' && c != '\r') has_code = true;
            copy_to(at + 1);
        }
    }
    end_statement();
    return out;
}

int migrate(Database& database, std::span<const Migration> migrations) {
    ConnectionOptions options;
    options.statement_timeout = 0ms;
    options.idle_in_transaction_timeout = 0ms;
    options.application_name = "stoa migrate";
    Connection connection(database.url(), options);
    wait_for_lock(connection);
    // A migration that waits for a busy table makes everything behind it wait: rather fail and be repeated.
    connection.text("set lock_timeout = '15s'", "migrate");
    connection.text(
        "create schema if not exists platform;"
        "create table if not exists platform.migration ("
        " number int primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())",
        "migrate");
    const ResultPtr rows = connection.text("select number, checksum, name from platform.migration order by number", "migrate");
    std::unordered_map<int, std::pair<std::string, std::string>> done;
    for (int i = 0; i < PQntuples(rows.get()); ++i) {
        done.emplace(static_cast<int>(cell_int(rows, i, 0)), std::pair(PQgetvalue(rows.get(), i, 1), PQgetvalue(rows.get(), i, 2)));
    }

    // Everything is checked before anything is changed.
    std::vector<std::pair<const Migration*, std::string>> wanted;
    for (const Migration& migration : migrations) {
        std::string checksum = crypto::hex(crypto::sha256(migration.sql));
        const auto found = done.find(migration.number);
        if (found == done.end()) {
            wanted.emplace_back(&migration, std::move(checksum));
        } else if (found->second.first != checksum) {
            throw std::runtime_error(
                fmt::format("migration {} ({}) was changed after it had been applied to this database as {}. Applied migrations are never "
                            "edited: restore the "
                            "file and add a new migration.",
                            migration.number, migration.name, found->second.second));
        }
    }
    std::sort(wanted.begin(), wanted.end(), [](const auto& a, const auto& b) { return a.first->number < b.first->number; });
    for (const auto& [migration, checksum] : wanted) {
        apply(connection, *migration, checksum);
        log::info("migration applied", {{"number", migration->number}, {"name", migration->name}});
    }
    return static_cast<int>(wanted.size());
}

int schema_version(Database& database) {
    return database.read([](Session& session) {
        constexpr Query kExists{"platform.migration_table", "select (to_regclass('platform.migration') is not null)::int as there"};
        if (session.query(kExists).front().get<int>("there") == 0) return 0;
        constexpr Query kHighest{"platform.schema_version", "select coalesce(max(number), 0) as number from platform.migration"};
        return session.query(kHighest).front().get<int>("number");
    });
}

}  // namespace stoa::db
