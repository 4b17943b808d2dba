#include <signal.h>
#include <unistd.h>

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "stoa/crypto/crypto.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kTemplateLock = 0x53746f6154657374;  // "StoaTest"
constexpr int kKeptTemplates = 4;

std::string admin_url() {
    const char* url = std::getenv("STOA_TEST_DATABASE_URL");
    if (url == nullptr || *url == '\0') {
        throw std::runtime_error(
            "STOA_TEST_DATABASE_URL must name a PostgreSQL role that may create databases: run  eval \"$(tools/testdb)\"  first");
    }
    return url;
}

// scheme://authority/NAME?parameters
std::string url_with_database(const std::string& url, const std::string& name) {
    const auto authority = url.find("://");
    if (authority == std::string::npos)
        throw std::runtime_error("STOA_TEST_DATABASE_URL must be a URL: postgresql://user@host:port/database");
    const auto question = url.find('?', authority + 3);
    const auto slash = url.find('/', authority + 3);
    const std::string parameters = question == std::string::npos ? "" : url.substr(question);
    return url.substr(0, std::min(slash, question)) + "/" + name + parameters;
}

// Field 22 of /proc/PID/stat; empty when there is no such process. Tells a process from a later one with its number.
std::string start_of_process(int pid) {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    std::string all((std::istreambuf_iterator<char>(file)), {});
    const auto close = all.rfind(')');
    if (close == std::string::npos) return {};
    std::istringstream rest(all.substr(close + 1));
    std::string field;
    for (int i = 3; i <= 22; ++i) rest >> field;
    return field;
}

std::string schema_hash() {
    std::string all;
    for (const auto& migration : db::all_migrations()) all += fmt::format("{}\n{}\n{}\n", migration.number, migration.name, migration.sql);
    return crypto::hex(crypto::sha256(all)).substr(0, 16);
}

db::PoolOptions admin_options() {
    db::PoolOptions options;
    options.max_connections = 1;
    options.statement_timeout = 0ms;
    options.application_name = "stoa test admin";
    return options;
}

std::vector<std::string> names(db::Session& session, std::string_view sql) {
    std::vector<std::string> out;
    const db::Rows rows = session.run_text(sql);
    for (const auto& row : rows) out.push_back(row.get<std::string>(0));
    return out;
}

// Called with the template lock held.
void remove_leftovers(db::Session& session) {
    // Templates whose migrations failed.
    for (const auto& name : names(session, "select datname from pg_database where datname like 'stoa\\_template\\_%\\_new'")) {
        session.run_text(fmt::format("drop database if exists {} with (force)", name));
    }
    for (const auto& name : names(session, "select datname from pg_database where datname like 'stoa\\_test\\_%'")) {
        int pid = 0;
        unsigned long long start = 0;
        if (std::sscanf(name.c_str(), "stoa_test_%d_%llu", &pid, &start) != 2) continue;
        if (start_of_process(pid) == std::to_string(start)) continue;
        session.run_text(fmt::format("drop database if exists {} with (force)", name));
    }
}

}  // namespace

struct TestDatabase::Impl {
    std::string admin;
    std::string name;
    std::string url;
    pid_t owner = ::getpid();
    std::unique_ptr<db::Database> database;
    struct Seed {
        std::string table;
        std::vector<std::string> lines;
        std::vector<std::string> counted;  // columns whose numbers a sequence gives
    };
    std::vector<Seed> seeds;  // rows that migrations put there

    [[nodiscard]] static std::vector<std::string> tables_with_rows(db::Session& session) {
        const auto all =
            names(session,
                  "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace "
                  "where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema') "
                  "and n.nspname not like 'pg\\_%' and (n.nspname, c.relname) <> ('platform', 'migration') order by 1");
        std::string sql;
        for (const auto& table : all) {
            if (!sql.empty()) sql += " union all ";
            sql += fmt::format("select '{}' where exists (select 1 from {})", table, table);
        }
        if (sql.empty()) return {};
        return names(session, sql);
    }
};

TestDatabase::TestDatabase() : impl_(std::make_unique<Impl>()) {
    static std::atomic<int> counter{0};
    impl_->admin = admin_url();
    impl_->name = fmt::format("stoa_test_{}_{}_{}", ::getpid(), start_of_process(::getpid()), ++counter);
    impl_->url = url_with_database(impl_->admin, impl_->name);
    const std::string model = "stoa_template_" + schema_hash();

    db::Database admin(impl_->admin, admin_options());
    admin.read([&](db::Session& session) {
        session.run_text(fmt::format("select pg_advisory_lock({})", kTemplateLock));
        remove_leftovers(session);
        const auto templates =
            names(session,
                  "select datname from pg_database where datname like 'stoa\\_template\\_%' and datname not like '%\\_new' order by oid");
        if (std::find(templates.begin(), templates.end(), model) == templates.end()) {
            session.run_text(fmt::format("drop database if exists {}_new with (force)", model));
            session.run_text(fmt::format("create database {}_new template template0", model));
            {
                db::Database fresh(url_with_database(impl_->admin, model + "_new"), admin_options());
                db::migrate(fresh, db::all_migrations());
            }
            // Its name says that it is complete.
            session.run_text(fmt::format("alter database {0}_new rename to {0}", model));
            for (std::size_t i = 0; i + kKeptTemplates <= templates.size(); ++i) {
                session.run_text(fmt::format("drop database if exists {} with (force)", templates[i]));
            }
        }
        session.run_text(fmt::format("create database {} template {}", impl_->name, model));
        session.run_text(fmt::format("select pg_advisory_unlock({})", kTemplateLock));
    });

    db::PoolOptions options;
    options.max_connections = 24;
    options.application_name = "stoa test";
    impl_->database = std::make_unique<db::Database>(impl_->url, options);
    impl_->database->in_tx([&](db::Tx& tx) {
        for (const auto& table : Impl::tables_with_rows(tx)) {
            Impl::Seed seed{table,
                            {},
                            names(tx, fmt::format("select quote_ident(attname) from pg_attribute where attrelid = '{}'::regclass "
                                                  "and attidentity <> ''",
                                                  table))};
            tx.copy_out(fmt::format("copy {} to stdout", table), [&](std::string_view line) { seed.lines.emplace_back(line); });
            impl_->seeds.push_back(std::move(seed));
        }
    });
}

TestDatabase::~TestDatabase() {
    // A forked child does not own the database.
    if (impl_->owner != ::getpid()) {
        impl_->database.release();  // NOLINT: its sockets are the parent's
        return;
    }
    impl_->database.reset();
    try {
        db::Database admin(impl_->admin, admin_options());
        admin.read([&](db::Session& session) { session.run_text(fmt::format("drop database if exists {} with (force)", impl_->name)); });
    } catch (const std::exception&) {
        // The next test process removes it.
    }
}

db::Database& TestDatabase::database() { return *impl_->database; }
const std::string& TestDatabase::url() const { return impl_->url; }

void TestDatabase::truncate_all() {
    impl_->database->in_tx([&](db::Tx& tx) {
        std::string list;
        for (const auto& table : Impl::tables_with_rows(tx)) list += (list.empty() ? "" : ", ") + table;
        if (!list.empty()) tx.run_text(fmt::format("truncate {} restart identity cascade", list));
        if (impl_->seeds.empty()) return;
        // What migrations put there comes back, without asking foreign keys for an order.
        tx.run_text("set local session_replication_role = replica");
        for (const auto& seed : impl_->seeds) {
            bool sent = false;
            tx.copy_in(fmt::format("copy {} from stdin", seed.table), [&](std::string& buffer) {
                if (sent) return false;
                for (const auto& line : seed.lines) buffer += line + "\n";
                sent = true;
                return true;
            });
            // New rows do not get the numbers of those.
            for (const auto& column : seed.counted)
                tx.run_text(fmt::format("select setval(pg_get_serial_sequence('{0}', '{1}'), max({1})) from {0}", seed.table, column));
        }
        tx.run_text("set local session_replication_role = origin");
    });
}

TestDatabase& shared_database() {
    static TestDatabase shared;
    return shared;
}

std::string test_redis_url() {
    const char* given = std::getenv("STOA_TEST_REDIS_URL");
    if (given == nullptr || *given == '\0') {
        throw std::runtime_error("STOA_TEST_REDIS_URL must name a Redis for tests: run  eval \"$(tools/testdb)\"  first");
    }
    std::string base = given;
    if (const auto slash = base.find('/', base.find("://") + 3); slash != std::string::npos) base.resize(slash);
    // Redis has sixteen databases; number 0 keeps who has which.
    static const int number = [&] {
        redis::Redis directory(base + "/0");
        const std::string self = fmt::format("{} {}", ::getpid(), start_of_process(::getpid()));
        for (int i = 1; i < 16; ++i) {
            const std::string key = fmt::format("test-database:{}", i);
            if (const auto holder = directory.get(key)) {
                int pid = 0;
                unsigned long long start = 0;
                const bool alive =
                    std::sscanf(holder->c_str(), "%d %llu", &pid, &start) == 2 && start_of_process(pid) == std::to_string(start);
                if (alive) continue;
                directory.erase(key);
            }
            if (directory.set_if_absent(key, self, 2h)) return i;
        }
        return ::getpid() % 15 + 1;
    }();
    return fmt::format("{}/{}", base, number);
}

http::Request request(http::Method method, std::string target, std::string body) {
    http::Request out;
    out.method = method;
    out.target = target;
    if (!http::set_target(out, target)) throw std::invalid_argument("not an acceptable request target: " + target);
    if (!body.empty()) out.headers.emplace_back("content-type", "application/json");
    out.headers.emplace_back("sec-fetch-site", "same-origin");
    out.body = std::move(body);
    out.remote_ip = "127.0.0.1";
    out.request_id = "req_test";
    out.trace_id = "00000000000000000000000000000001";
    out.deadline = std::chrono::steady_clock::now() + 30s;
    return out;
}

}  // namespace stoa::testing
