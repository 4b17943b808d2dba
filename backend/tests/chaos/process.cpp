#include "process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>

extern char** environ;

namespace stoa::testing {

namespace {
std::atomic<std::int64_t>* map_file(const std::string& path, bool create) {
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC | (create ? O_CREAT | O_TRUNC : 0), 0600);
    if (file < 0 || (create && ::ftruncate(file, 8) != 0)) throw std::runtime_error("the shared clock cannot be opened: " + path);
    void* memory = ::mmap(nullptr, 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    if (memory == MAP_FAILED) throw std::runtime_error("the shared clock cannot be mapped");
    return static_cast<std::atomic<std::int64_t>*>(memory);
}
}  // namespace

SharedClock::SharedClock(std::string path) : path_(std::move(path)), micros_(map_file(path_, false)) {}
SharedClock::SharedClock(std::string path, Timestamp start) : path_(std::move(path)), owns_(true), micros_(map_file(path_, true)) {
    set(start);
}
SharedClock::~SharedClock() {
    ::munmap(micros_, 8);
    if (owns_) ::unlink(path_.c_str());
}
Timestamp SharedClock::now() const { return Timestamp(std::chrono::microseconds(micros_->load())); }
void SharedClock::set(Timestamp value) { micros_->store(value.time_since_epoch().count()); }

Time::Time(World& world) : world_(world), start_(world.clock.now()), shared_(fmt::format("/tmp/stoa-chaos-clock-{}", ::getpid()), start_) {}

void Time::advance(std::chrono::microseconds by) {
    world_.clock.advance(by);
    shared_.set(world_.clock.now());
    // The provider's day ends when ours does.
    world_.outside.control.seconds_ahead = std::chrono::floor<std::chrono::seconds>(world_.clock.now() - SystemClock().now()).count();
}

Process::Process(std::vector<std::string> arguments, bool wait_for_line) {
    int pipe_ends[2];
    if (::pipe2(pipe_ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 1);
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const int failed = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe_ends[1]);
    out_ = pipe_ends[0];
    if (failed != 0) throw std::runtime_error("a process of the shop did not start");
    if (!wait_for_line) return;
    char c = 0;
    while (::read(out_, &c, 1) == 1 && c != '\n') output_ += c;
}

Process& Process::operator=(Process&& other) noexcept {
    if (this == &other) return *this;
    kill();
    pid_ = std::exchange(other.pid_, -1);
    out_ = std::exchange(other.out_, -1);
    output_ = std::move(other.output_);
    return *this;
}

Process::~Process() { kill(); }

void Process::read_rest() {
    char buffer[4096];
    for (ssize_t got = 0; out_ >= 0 && (got = ::read(out_, buffer, sizeof buffer)) > 0;)
        output_.append(buffer, static_cast<std::size_t>(got));
    if (out_ >= 0) ::close(out_);
    out_ = -1;
}

void Process::kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    (void)wait();
}

bool Process::wait() {
    read_rest();
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

std::vector<std::string> shop_arguments(World& world, const Time& time, std::string mode) {
    return {STOA_CHAOS_SHOP,
            std::move(mode),
            world.database.url(),
            world.outside.url(),
            std::to_string(world.outside.mail->port()),
            world.shop->config.redis_url,
            time.path()};
}

namespace {
Outcome run(std::vector<std::string> arguments) {
    Process process(std::move(arguments), false);
    Outcome out;
    out.killed = process.wait();
    if (out.killed) return out;
    const auto& text = process.output();
    if (std::sscanf(text.c_str(), "%d %d", &out.statements, &out.status) != 2)
        throw std::runtime_error("the shop's process ended without an answer: " + text);
    if (const auto line = text.find('\n'); line != std::string::npos) {
        if (auto body = json::parse(std::string_view(text).substr(line + 1))) out.body = std::move(*body);
    }
    return out;
}
}  // namespace

Outcome request_in_process(World& world, const Time& time, const std::string& die_at, std::string method, std::string target,
                           const Shopper& who, std::string body, std::string key) {
    auto arguments = shop_arguments(world, time, "request");
    std::string jar;
    for (const auto& [name, value] : who.cookies) jar += (jar.empty() ? "" : "; ") + name + "=" + value;
    for (auto& argument : {die_at, std::move(method), std::move(target), std::move(jar), std::move(body), std::move(key)})
        arguments.push_back(argument);
    return run(std::move(arguments));
}

Outcome work_in_process(World& world, const Time& time, const std::string& die_at) {
    auto arguments = shop_arguments(world, time, "work");
    arguments.push_back(die_at);
    return run(std::move(arguments));
}

Answer RemoteShopper::send(const std::string& method, const std::string& target, const std::string& body, const std::string& key) {
    Answer last;
    for (int tries = 0; tries < patience_; ++tries) {
        repeats_ += tries > 0 ? 1 : 0;
        http_client::Call call;
        call.method = method;
        call.url = "http://127.0.0.1:" + std::to_string(ports_[random_() % ports_.size()].load()) + target;
        call.headers = {{"Content-Type", "application/json"}, {"Origin", "http://localhost:8000"}, {"Sec-Fetch-Site", "same-origin"}};
        std::string jar;
        for (const auto& [name, value] : cookies_) jar += (jar.empty() ? "" : "; ") + name + "=" + value;
        if (!jar.empty()) call.headers.emplace_back("Cookie", jar);
        if (!key.empty()) call.headers.emplace_back("Idempotency-Key", key);
        if (method != "GET") call.body = body;
        const auto answer = client_.send(call);
        last = {};
        if (!answer) {
            std::this_thread::sleep_for(std::chrono::milliseconds{30 + random_() % 100});
            continue;
        }
        last.status = answer->status;
        last.text = answer->body;
        last.headers = answer->headers;
        if (auto value = json::parse(answer->body, {16 << 20, 64})) last.body = std::move(*value);
        for (const auto& [name, value] : answer->headers) {
            if (name != "set-cookie") continue;
            const auto equals = value.find('=');
            cookies_[value.substr(0, equals)] = value.substr(equals + 1, value.find(';') - equals - 1);
        }
        const bool again = last.status == 503 || (last.status == 409 && last.body.text_or("code") == "http.idempotency_in_progress");
        if (!again) return last;
        std::this_thread::sleep_for(std::chrono::milliseconds{50 + random_() % 150});
    }
    return last;
}

bool long_run() {
    const char* given = std::getenv("STOA_CHAOS");
    return given && std::string_view(given) == "long";
}

std::uint64_t seed() {
    const char* given = std::getenv("STOA_CHAOS_SEED");
    const std::uint64_t value = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::printf("seed %llu (repeat with STOA_CHAOS_SEED)\n", static_cast<unsigned long long>(value));
    return value;
}

}  // namespace stoa::testing
