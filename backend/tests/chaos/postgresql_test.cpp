// PostgreSQL itself is restarted without a word and killed, in the middle of load, with processes of the real shop around it. What was
// acknowledged is on the disk (fsync), nothing happens twice, the catalogue is read on, and everything comes back by itself.
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "process.hpp"
#include "sold.hpp"
#include "stoa/log/log.hpp"

namespace stoa::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// A cluster of our own that may die. As root it belongs to the user postgres, because the server refuses to run as root.
class OwnPostgres {
public:
    OwnPostgres() : directory_(fmt::format("/tmp/stoa-chaos-pg-{}", ::getpid())) {
        for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql")) {
            const auto bin = entry.path() / "bin";
            if (std::filesystem::exists(bin / "pg_ctl") && bin.string() > bin_) bin_ = bin.string();
        }
        if (bin_.empty()) throw std::runtime_error("PostgreSQL's programs are not installed: run tools/bootstrap");
        const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
            ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::runtime_error("no free port");
        port_ = ntohs(address.sin_port);
        ::close(socket);
        std::filesystem::remove_all(directory_);
        std::filesystem::create_directories(directory_);
        if (::geteuid() == 0) {
            const auto* user = ::getpwnam("postgres");
            if (!user || ::chown(directory_.c_str(), user->pw_uid, user->pw_gid) != 0)
                throw std::runtime_error("the directory cannot be given to the user postgres");
        }
        ctl("initdb -o '--username=stoa --auth=trust --encoding=UTF8 --locale=C.UTF-8'");
        start();
    }
    OwnPostgres(const OwnPostgres&) = delete;
    OwnPostgres& operator=(const OwnPostgres&) = delete;
    ~OwnPostgres() {
        try {
            ctl("stop -m immediate");
        } catch (const std::exception&) {  // it does not run
        }
        std::filesystem::remove_all(directory_);
    }
    [[nodiscard]] std::string url() const { return fmt::format("postgresql://stoa@127.0.0.1:{}/postgres", port_); }
    void start() { ctl(fmt::format("start -w -t 60 -l {}/log -o '{}'", directory_, options())); }
    // As after a power cut: no session is ended, no checkpoint written.
    void restart_at_once() { ctl(fmt::format("restart -w -t 60 -m immediate -l {}/log -o '{}'", directory_, options())); }
    void kill() {
        std::ifstream file(directory_ + "/data/postmaster.pid");
        pid_t pid = 0;
        file >> pid;
        if (pid <= 0 || ::kill(pid, SIGKILL) != 0) throw std::runtime_error("the server cannot be killed");
    }

private:
    [[nodiscard]] std::string options() const {
        return fmt::format(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c fsync=on -c synchronous_commit=on -c full_page_writes=on "
            "-c max_connections=200 -c shared_buffers=64MB",
            port_, directory_);
    }
    void ctl(const std::string& command) const {
        const std::string as = ::geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --init-groups -- " : "";
        const auto line =
            fmt::format("cd {0} && {1}{2}/pg_ctl -D {0}/data {3} >>{0}/ctl.log 2>&1 </dev/null", directory_, as, bin_, command);
        if (std::system(line.c_str()) != 0) {  // NOLINT
            std::ifstream log(directory_ + "/ctl.log");
            throw std::runtime_error("pg_ctl " + command + ": " + std::string(std::istreambuf_iterator<char>(log), {}));
        }
    }
    std::string directory_;
    std::string bin_;
    int port_ = 0;
};

// The database of the test, cloned in that cluster instead of the one that all tests share.
std::unique_ptr<TestDatabase> database_in(const OwnPostgres& cluster) {
    const char* usual = std::getenv("STOA_TEST_DATABASE_URL");
    const std::string before = usual ? usual : "";
    ::setenv("STOA_TEST_DATABASE_URL", cluster.url().c_str(), 1);
    auto out = std::make_unique<TestDatabase>();
    if (usual)
        ::setenv("STOA_TEST_DATABASE_URL", before.c_str(), 1);
    else
        ::unsetenv("STOA_TEST_DATABASE_URL");
    return out;
}

class Postgresql : public ::testing::Test {
protected:
    static void SetUpTestSuite() { log::set_level(log::Level::error); }
    Postgresql() {
        ports[0] = std::atoi(server.output().c_str());
        if (ports[0] == 0) throw std::runtime_error("the shop did not start");
    }

    static std::vector<std::string> with_feed(std::vector<std::string> arguments) {
        arguments.emplace_back("feed");
        return arguments;
    }
    void complain(const std::string& text) {
        const std::lock_guard lock(mutex);
        if (strange.empty()) strange = text;
    }
    void shop_until_stopped(int thread) {
        for (int number = 0; !stop; ++number) {
            RemoteShopper who(ports, static_cast<std::uint64_t>(thread * 1000 + number), 600);
            const auto expect = [&](const char* step, const Answer& answer, int status) {
                if (answer.status == status) return true;
                complain(fmt::format("{}: {} {}", step, answer.status, answer.text.substr(0, 300)));
                return false;
            };
            auto answer = who.send("POST", "/api/v1/cart/lines",
                                   fmt::format(R"({{"variant_id":"{}","quantity":1}})", lamp.variant.to_string()), Uuid::v7().to_string());
            if (!expect("add", answer, 201)) return;
            if (!expect("start", who.send("POST", "/api/v1/checkout"), 200)) return;
            answer = who.send("PUT", "/api/v1/checkout/contact", fmt::format(R"({{"email":"t{}n{}@example.test"}})", thread, number));
            if (!expect("contact", answer, 200)) return;
            answer = who.send(
                "PUT", "/api/v1/checkout/address",
                R"({"shipping":{"first_name":"Ana","last_name":"Ruiz","line1":"Torstr. 1","postal_code":"10115","city":"Berlin","country":"DE"}})");
            if (!expect("address", answer, 200)) return;
            answer = who.send("PUT", "/api/v1/checkout/shipping", R"({"option_id":"own:standard"})");
            if (!expect("shipping", answer, 200)) return;
            const auto body = fmt::format(
                R"({{"expected_total":{{"amount":{},"currency":"EUR"}},"terms_accepted":true,"payment":{{"method":"card","card":{{"number":"4111111111111111","expiry_month":"05","expiry_year":"2031","cvv":"123","holder":"ANA RUIZ"}}}}}})",
                answer.body.at("totals", "total", "amount")->text());
            answer = who.send("POST", "/api/v1/checkout/complete", body, Uuid::v7().to_string());
            if (!expect("complete", answer, 200)) return;
            auto state = answer.body.text_or("status");
            const auto attempt = answer.body.text_or("attempt_id");
            // What the provider answered could not be booked: the sweeper finds it, after one, five or fifteen minutes of this clock.
            for (int i = 0; i < 2400 && state == "processing"; ++i) {
                std::this_thread::sleep_for(milliseconds{50});
                state = who.send("GET", "/api/v1/checkout/payments/" + attempt).body.text_or("status");
            }
            if (state != "completed") return complain("ended as " + state + ": " + answer.text);
            repeats += who.repeats();
            ++bought;
        }
    }
    void pass(std::chrono::microseconds by) {
        const std::lock_guard lock(mutex);
        time.advance(by);
    }
    bool wait_for(int purchases) {
        for (int i = 0; i < 1800 && bought < purchases; ++i) std::this_thread::sleep_for(milliseconds{50});
        return bought >= purchases;
    }
    // The catalogue as a visitor sees it, all the time.
    void read_until_stopped() {
        http_client::CurlClient client;
        http_client::Call call;
        call.url = fmt::format("http://127.0.0.1:{}/api/v1/catalog/listing?limit=5", ports[0].load());
        while (!stop) {
            const auto answer = client.send(call);
            if (answer && answer->status == 200 && answer->body.find("4900") != std::string::npos)
                ++reads;
            else
                complain(fmt::format("the catalogue answers {}", answer ? answer->status : 0));
            std::this_thread::sleep_for(milliseconds{5});
        }
    }
    bool listing_shows(std::string_view price) {
        http_client::CurlClient client;
        http_client::Call call;
        call.url = fmt::format("http://127.0.0.1:{}/api/v1/catalog/listing?limit=5", ports[0].load());
        for (int i = 0; i < 600; ++i) {
            if (const auto answer = client.send(call); answer && answer->body.find(price) != std::string::npos) return true;
            std::this_thread::sleep_for(milliseconds{50});
        }
        return false;
    }

    template <class Trouble>
    void under_load(Trouble trouble) {
        ASSERT_TRUE(listing_shows("4900"));
        {
            // Five times as fast: what a dead session claimed (a job) is free again when its lease has run out. It goes on until the
            // last shopper has finished.
            const std::jthread hours([this](const std::stop_token& over) {
                while (!over.stop_requested()) {
                    std::this_thread::sleep_for(milliseconds{100});
                    pass(milliseconds{500});
                }
            });
            std::vector<std::jthread> threads;
            for (int i = 0; i < 4; ++i) threads.emplace_back([this, i] { shop_until_stopped(i); });
            threads.emplace_back([this] { read_until_stopped(); });
            EXPECT_TRUE(wait_for(6)) << "nobody can buy anything: " << strange;
            trouble();
            const int after = bought;
            EXPECT_TRUE(wait_for(after + 6)) << "the shop did not come back: " << strange;
            stop = true;
        }
        EXPECT_EQ(strange, "");
        EXPECT_GT(repeats, 0) << "nobody noticed that the database was away";
        // The change feed, the relay and the worker are back too: a new price reaches the listing by itself.
        const auto prices = pricing::make_price_book();
        pass(seconds{1});
        world.shop->database.in_tx([&](db::Tx& tx) {
            pricing::PriceListSpec list;
            list.code = "eur-retail";
            list.name = "Retail";
            list.currency = Currency::of("EUR");
            const pricing::PriceEntry entry{lamp.variant, {{1, 5777}}, std::nullopt, std::nullopt};
            prices->set_prices(tx, prices->save_list(tx, list, world.clock.now()), std::span(&entry, 1), world.clock.now());
        });
        EXPECT_TRUE(listing_shows("5777")) << "the price change did not reach the catalogue";
        server.kill();
        worker.kill();
        for (int i = 0; i < 3; ++i) {
            time.advance(minutes{10});
            world.work();
        }
        expect_sold(world, bought, Mails::repeated_if_unsure);
        std::printf("%d bought, %d repeats, %d reads of the catalogue\n", bought.load(), repeats.load(), reads.load());
    }
    void expect_reads_while(const std::function<void()>& away) {
        const int before = reads;
        away();
        EXPECT_GT(reads, before) << "the catalogue was not read meanwhile";
    }

    OwnPostgres cluster;
    std::unique_ptr<TestDatabase> database = database_in(cluster);
    World world{{}, 60, database.get()};
    Time time{world};
    Goods lamp = stock_up(*world.shop, "LAMP", 4900, 1000000);
    Process server{with_feed(shop_arguments(world, time, "serve"))};
    Process worker{shop_arguments(world, time, "worker")};
    std::vector<std::atomic<int>> ports = std::vector<std::atomic<int>>(1);
    std::atomic<bool> stop{false};
    std::atomic<int> bought{0}, repeats{0}, reads{0};
    std::mutex mutex;
    std::string strange;
};

TEST_F(Postgresql, restarted_at_once_in_the_middle_of_load) {
    under_load([&] {
        for (int i = 0; i < 2; ++i) {
            expect_reads_while([&] { cluster.restart_at_once(); });
            EXPECT_TRUE(wait_for(bought + 3)) << strange;
        }
    });
}

TEST_F(Postgresql, killed_in_the_middle_of_load) {
    under_load([&] {
        expect_reads_while([&] {
            cluster.kill();
            std::this_thread::sleep_for(milliseconds{700});
        });
        // Sessions of the dead server end on their own, then the new one repairs what it finds.
        expect_reads_while([&] {
            for (int tries = 0;; ++tries) {
                try {
                    return cluster.start();
                } catch (const std::exception&) {
                    if (tries == 40) throw;
                    std::this_thread::sleep_for(milliseconds{250});
                }
            }
        });
    });
}

}  // namespace
}  // namespace stoa::testing
