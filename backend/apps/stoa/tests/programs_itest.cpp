// `stoa` as operators have it: a process that is started, asked, told to end, and whose exit code says how it went.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <thread>

#include "http_socket.hpp"
#include "stoa/config/config.hpp"
#include "stoa/http/server.hpp"
#include "stoa/http_client/client.hpp"
#include "stoa/jobs/jobs.hpp"
#include "stoa/json/value.hpp"
#include "stoa/payments/payments.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::app {
namespace {

using http::test::Socket;
using namespace std::chrono_literals;
using Settings = std::map<std::string, std::string>;

class Program {
public:
    Program(std::vector<std::string> arguments, const Settings& settings, const std::string& output) : output_(output) {
        arguments.insert(arguments.begin(), STOA_PROGRAM);
        std::vector<std::string> environment;
        for (const auto& [name, value] : settings) environment.push_back(name + "=" + value);
        std::vector<char*> argv, env;
        for (auto& argument : arguments) argv.push_back(argument.data());
        for (auto& variable : environment) env.push_back(variable.data());
        argv.push_back(nullptr);
        env.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
        posix_spawn_file_actions_adddup2(&actions, 1, 2);
        const int failed = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), env.data());
        posix_spawn_file_actions_destroy(&actions);
        if (failed != 0) throw std::runtime_error("the program did not start");
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    void terminate() const { ::kill(pid_, SIGTERM); }
    // Its exit code; -1 when it was killed or does not end.
    int wait() {
        for (int i = 0; i < 3000; ++i) {
            int status = 0;
            if (::waitpid(pid_, &status, WNOHANG) == pid_) {
                pid_ = -1;
                return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
            }
            std::this_thread::sleep_for(10ms);
        }
        return -1;
    }
    [[nodiscard]] std::string output() const {
        std::ifstream in(output_);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    // The port in its log line with this message.
    std::uint16_t port(std::string_view message) {
        for (int i = 0; i < 3000; ++i) {
            std::istringstream lines(output());
            for (std::string line; std::getline(lines, line);) {
                const auto value = json::parse(line);
                if (value && value->text_or("message") == message) return static_cast<std::uint16_t>(value->int_or("port"));
            }
            int status = 0;
            if (::waitpid(pid_, &status, WNOHANG) == pid_) {
                pid_ = -1;
                break;
            }
            std::this_thread::sleep_for(10ms);
        }
        throw std::runtime_error("the program did not come up: " + output());
    }

private:
    std::string output_;
    pid_t pid_ = -1;
};

class Programs : public ::testing::Test {
protected:
    Programs() {
        directory = (std::filesystem::temp_directory_path() / ("stoa-programs-" + Uuid::v7().to_string())).string();
        std::filesystem::create_directories(directory + "/templates");
        std::ofstream(directory + "/templates/order_confirmation.en.html") << "x";
        settings = {{"STOA_DATABASE_URL", own.url()},
                    {"STOA_REDIS_URL", stoa::testing::test_redis_url()},
                    {"STOA_HTTP_PORT", "0"},
                    {"STOA_WORKER_PORT", "0"},
                    {"STOA_MEDIA_DIR", directory + "/media"},
                    {"STOA_TEMPLATES_DIR", directory + "/templates"},
                    {"STOA_STOREFRONT_URL", ""},
                    {"PATH", "/usr/bin:/bin"}};
    }
    ~Programs() override { std::filesystem::remove_all(directory); }

    std::unique_ptr<Program> run(std::vector<std::string> arguments) {
        return std::make_unique<Program>(std::move(arguments), settings, fmt::format("{}/output{}", directory, ++runs));
    }
    // Of a command that ends by itself: exit code and what it printed.
    std::pair<int, std::string> ask(std::vector<std::string> arguments) {
        const auto program = run(std::move(arguments));
        const int code = program->wait();
        return {code, program->output()};
    }
    static std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"; }
    std::int64_t count(const std::string& sql) {
        return own.database().read([&](db::Session& session) { return session.run_text(sql).front().get<std::int64_t>(0); });
    }
    std::int64_t add_job(const std::string& kind, int max_attempts = 12) {
        own.database().in_tx([&](db::Tx& tx) {
            jobs::NewJob job;
            job.kind = kind;
            job.max_attempts = max_attempts;
            jobs::enqueue(tx, job);
        });
        return count("select max(id) from jobs.job");
    }
    std::int64_t add_dead_job() {
        const auto id = add_job("test.unknown");
        own.database().in_tx([&](db::Tx& tx) {
            tx.run_text(
                fmt::format("update jobs.job set state = 'dead', attempts = 12, finished_at = now(), "
                            "last_error = 'the mail server said no' where id = {}",
                            id));
        });
        return id;
    }
    // Nobody gets at the table until it is let go.
    class Lock {
    public:
        Lock(db::Database& database, const std::string& table) {
            thread_ = std::thread([this, &database, table] {
                database.in_tx([&](db::Tx& tx) {
                    tx.run_text("lock table " + table + " in access exclusive mode");
                    held_.set_value();
                    released_.get_future().wait();
                });
            });
            held_.get_future().wait();
        }
        ~Lock() { release(); }
        void release() {
            if (!thread_.joinable()) return;
            released_.set_value();
            thread_.join();
        }

    private:
        std::promise<void> held_, released_;
        std::thread thread_;
    };
    void wait_for_lock_waiters(std::int64_t wanted) {
        for (int i = 0; i < 1000; ++i) {
            if (count("select count(*) from pg_locks where not granted and database = (select oid from pg_database where datname = "
                      "current_database())") >= wanted)
                return;
            std::this_thread::sleep_for(10ms);
        }
        FAIL() << "nothing waits for the lock";
    }
    static void wait_until_closed(std::uint16_t port) {
        for (int i = 0; i < 1000; ++i) {
            try {
                const Socket probe(port);
            } catch (const std::runtime_error&) {
                return;
            }
            std::this_thread::sleep_for(10ms);
        }
        FAIL() << "it still listens";
    }

    stoa::testing::TestDatabase own;
    std::string directory;
    Settings settings;
    int runs = 0;
};

TEST_F(Programs, serve_says_how_it_is_and_ends_when_told) {
    const auto serve = run({"serve"});
    const auto port = serve->port("serving");
    Socket socket(port);
    EXPECT_EQ(socket.ask(get("/healthz")).body, R"({"status":"ok"})");
    EXPECT_EQ(socket.ask(get("/readyz")).body, R"({"status":"ready"})");
    const auto metrics = socket.ask(get("/metrics"));
    EXPECT_EQ(metrics.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    for (const auto* line : {"# TYPE stoa_http_request_seconds histogram\n", "\nstoa_db_connections_open ", "\nstoa_search_products 0\n",
                             "\nstoa_http_requests_total{method=\"GET\",route=\"readyz\",status=\"200\"} 1\n", "\nstoa_redis_up 1\n"})
        EXPECT_NE(metrics.body.find(line), std::string::npos) << line << "\n" << metrics.body;
    const auto token = payments::hook_token(load_config([](std::string_view) { return std::nullopt; }).secret_key);
    EXPECT_EQ(socket
                  .ask(fmt::format("POST /hooks/vendo/{}?x={} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                                   "Content-Length: 3\r\n\r\na=b",
                                   token, token))
                  .status,
              200);
    serve->terminate();
    EXPECT_EQ(serve->wait(), 0) << serve->output();
    EXPECT_NE(serve->output().find(R"("path":"/hooks/vendo/{token}")"), std::string::npos);
    EXPECT_EQ(serve->output().find(token), std::string::npos) << "the log holds a secret";
}

TEST_F(Programs, serve_answers_what_it_began_before_it_ends) {
    const auto serve = run({"serve"});
    const auto port = serve->port("serving");
    Lock lock(own.database(), "platform.migration");
    Socket socket(port);
    socket.send(get("/readyz"));
    wait_for_lock_waiters(1);
    serve->terminate();
    wait_until_closed(port);
    lock.release();
    EXPECT_EQ(socket.reply().status, 200);
    EXPECT_EQ(serve->wait(), 0) << serve->output();
}

TEST_F(Programs, worker_says_how_it_is_and_finishes_the_job_it_began) {
    const auto worker = run({"worker"});
    const auto port = worker->port("working");
    Socket socket(port);
    EXPECT_EQ(socket.ask(get("/healthz")).body, R"({"status":"ok"})");
    EXPECT_EQ(socket.ask(get("/readyz")).body, R"({"status":"ready"})");
    EXPECT_NE(socket.ask(get("/metrics")).body.find("\nstoa_db_connections_open "), std::string::npos);
    EXPECT_EQ(socket.ask(get("/api/v1/cart")).status, 404);
    Lock lock(own.database(), "http.idempotency");
    const auto job = add_job("platform.purge");
    wait_for_lock_waiters(1);
    worker->terminate();
    wait_until_closed(port);
    lock.release();
    EXPECT_EQ(worker->wait(), 0) << worker->output();
    EXPECT_EQ(count(fmt::format("select count(*) from jobs.job where id = {} and state = 'done'", job)), 1) << worker->output();
}

TEST_F(Programs, worker_ends_at_its_limit_and_its_job_is_not_lost) {
    // A provider that takes the call and says nothing.
    const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(silent, reinterpret_cast<const sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(silent, 16), 0);
    ASSERT_EQ(::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size), 0);
    settings["STOA_VENDO_URL"] = fmt::format("http://127.0.0.1:{}", ntohs(address.sin_port));
    const auto worker = run({"worker"});
    (void)worker->port("working");
    const auto job = add_job("payments.reconcile");
    const int call = ::accept(silent, nullptr, nullptr);
    ASSERT_GE(call, 0);
    worker->terminate();
    EXPECT_EQ(worker->wait(), 1) << worker->output();
    EXPECT_NE(worker->output().find("cut off"), std::string::npos) << worker->output();
    EXPECT_EQ(count(fmt::format("select count(*) from jobs.job where id = {} and state = 'running' and lease_until is not null", job)), 1);
    ::close(call);
    ::close(silent);
}

TEST_F(Programs, nothing_runs_on_a_database_that_is_older) {
    own.database().in_tx(
        [](db::Tx& tx) { tx.run_text("delete from platform.migration where number = (select max(number) from platform.migration)"); });
    for (const auto* name : {"serve", "worker"}) {
        const auto [code, text] = ask({name});
        EXPECT_EQ(code, 1);
        EXPECT_NE(text.find("run stoa migrate"), std::string::npos) << text;
    }
}

TEST_F(Programs, dead_letters_are_listed_and_tried_again) {
    EXPECT_EQ(ask({"jobs"}), std::pair(0, std::string("no job was given up\n")));
    const auto first = add_dead_job();
    const auto second = add_dead_job();
    const auto third = add_dead_job();
    const auto [code, text] = ask({"jobs", "list"});
    EXPECT_EQ(code, 0);
    for (const auto id : {first, second, third}) EXPECT_NE(text.find(fmt::format("{}  ", id)), std::string::npos) << text;
    EXPECT_NE(text.find("test.unknown  12 attempts: the mail server said no\n"), std::string::npos) << text;
    EXPECT_EQ(ask({"jobs", "replay", std::to_string(second)}), std::pair(0, fmt::format("job {} will be tried again\n", second)));
    EXPECT_EQ(count(fmt::format("select count(*) from jobs.job where id = {} and state = 'ready' and attempts = 0", second)), 1);
    EXPECT_EQ(ask({"jobs", "replay", std::to_string(second)}), std::pair(1, fmt::format("no job {} was given up\n", second)));
    EXPECT_EQ(ask({"jobs", "replay", "all"}), std::pair(0, std::string("2 jobs will be tried again\n")));
    EXPECT_EQ(count("select count(*) from jobs.job where state = 'dead'"), 0);
    for (const auto& wrong : {std::vector<std::string>{"jobs", "replay"}, {"jobs", "replay", "7x"}, {"jobs", "remove", "1"}}) {
        EXPECT_EQ(ask(wrong).first, 1);
    }
}

class Doctor : public Programs {
protected:
    Doctor() {
        routes.freeze();
        providers = std::make_unique<http::Server>(routes, http::ServerOptions{});
        providers->start();
        settings["STOA_VENDO_URL"] = settings["STOA_SENDCLOUD_URL"] = fmt::format("http://127.0.0.1:{}", providers->port());
    }
    http::Routes routes;
    std::unique_ptr<http::Server> providers;
};

TEST_F(Doctor, finds_nothing_where_nothing_is) {
    const auto [code, text] = ask({"doctor"});
    EXPECT_EQ(code, 0) << text;
    EXPECT_EQ(text.find("BAD"), std::string::npos) << text;
    for (const auto* line :
         {"ok   PostgreSQL answers\n", "ok   ledger is balanced\n", "ok   stock is what is held, allocated, owed and moved\n",
          "ok   no job was given up\n", "ok   Redis answers\n", "ok   media directory is writable\n", "ok   mail templates are built\n",
          "ok   Vendo is reachable\n"})
        EXPECT_NE(text.find(line), std::string::npos) << text;
}

TEST_F(Doctor, names_what_is_wrong_and_its_cure) {
    add_dead_job();
    settings["STOA_REDIS_URL"] = "redis://127.0.0.1:1/0";
    settings["STOA_TEMPLATES_DIR"] = directory + "/nowhere";
    settings["STOA_MEDIA_DIR"] = "/proc/nowhere";
    settings["STOA_SENDCLOUD_URL"] = "http://127.0.0.1:1";
    const auto [code, text] = ask({"doctor"});
    EXPECT_EQ(code, 1);
    for (const auto* line :
         {"BAD  no job was given up: 1 or more were, the last: test.unknown: the mail server said no. See them: stoa jobs; "
          "when the cause is gone: stoa jobs replay all\n",
          "BAD  Redis answers: start it, or set STOA_REDIS_URL", "BAD  mail templates are built: npm run build",
          "BAD  media directory is writable: /proc/nowhere\n", "BAD  Sendcloud is reachable: http://127.0.0.1:1: "})
        EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
    own.database().in_tx(
        [](db::Tx& tx) { tx.run_text("delete from platform.migration where number = (select max(number) from platform.migration)"); });
    EXPECT_NE(ask({"doctor"}).second.find("; run stoa migrate\n"), std::string::npos);
    settings["STOA_DATABASE_URL"] = "postgresql://stoa@127.0.0.1:1/stoa";
    EXPECT_NE(ask({"doctor"}).second.find("BAD  PostgreSQL answers: start it, or set STOA_DATABASE_URL\n"), std::string::npos);
}

TEST_F(Doctor, refuses_production_with_what_belongs_to_the_sandbox) {
    settings["STOA_ENV"] = "production";
    const auto [code, text] = ask({"doctor"});
    EXPECT_EQ(code, 1);
    for (const auto* name : {"STOA_PUBLIC_URL", "STOA_SECRET_KEY", "STOA_VENDO_URL", "STOA_VENDO_MERCHANT_ID", "STOA_VENDO_SITE_ID",
                             "STOA_SENDCLOUD_PUBLIC_KEY", "STOA_SMTP_URL"})
        EXPECT_NE(text.find(fmt::format("BAD  production: {} ", name)), std::string::npos) << name << "\n" << text;
}

TEST_F(Doctor, lists_every_setting_without_the_secrets_defaults) {
    const auto [code, text] = ask({"doctor", "--list"});
    EXPECT_EQ(code, 0);
    for (const auto& variable : config_variables())
        EXPECT_NE(("\n" + text).find("\n" + variable.name + "="), std::string::npos) << variable.name;
    EXPECT_EQ(text.find("sandbox-api-secret"), std::string::npos);
    settings["STOA_HTTP_PORT"] = "many";
    const auto [wrong, sentence] = ask({"doctor"});
    EXPECT_EQ(wrong, 2);
    EXPECT_NE(sentence.find("stoa: the configuration is wrong: STOA_HTTP_PORT: expected a number from 0 to 65535, found 'many'"),
              std::string::npos);
}

}  // namespace
}  // namespace stoa::app
