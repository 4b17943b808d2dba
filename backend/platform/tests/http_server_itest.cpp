// The HTTP front over real sockets, byte for byte.
#include "stoa/http/server.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "captured_log.hpp"
#include "http_socket.hpp"
#include "stoa/http_client/client.hpp"

namespace stoa::http {
namespace {

using test::Reply;
using test::Socket;
using namespace std::chrono_literals;

// Lets a test hold handlers until it opens the gate.
class Gate {
public:
    void wait() {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
    }
    void await_waiting(int count) {
        std::unique_lock lock(mutex_);
        ASSERT_TRUE(changed_.wait_for(lock, 10s, [&] { return waiting_ >= count; }));
    }
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int waiting_ = 0;
    bool open_ = false;
};

class HttpServer : public ::testing::Test {
protected:
    HttpServer() {
        big_ = std::make_shared<const std::string>(std::string(9000, 'b') + "end");
        file_ = std::filesystem::temp_directory_path() / ("stoa-http-test-" + std::to_string(::getpid()));
        std::ofstream out(file_, std::ios::binary);
        for (int i = 0; i < 200000; ++i) out << "line " << i << '\n';
        out.close();
        std::ifstream in(file_, std::ios::binary);
        file_text_.assign(std::istreambuf_iterator<char>(in), {});

        routes_.get("/hello", "hello").on(Pool::memory).handle([](const Request&) { return json_text(200, "\"hello\""); });
        routes_.get("/work", "work").handle([](const Request&) { return json_text(200, "\"worked\""); });
        routes_.get("/big", "big").on(Pool::memory).handle([this](const Request& r) {
            Response response;
            response.header("content-type", "application/json");
            response.shared_body = big_;
            return cacheable(r, std::move(response), 60);
        });
        routes_.get("/big-work", "big_work").handle([this](const Request& r) { return cacheable(r, json_text(200, *big_), 60); });
        routes_.get("/file", "file").handle([this](const Request&) {
            Response response;
            response.header("content-type", "text/plain").header("etag", "\"file-1\"");
            response.file = file_;
            return response;
        });
        routes_.get("/memory-file", "memory_file").on(Pool::memory).handle([this](const Request&) {
            Response response;
            response.file = file_;
            return response;
        });
        routes_.get("/missing-file", "missing_file").handle([](const Request&) {
            Response response;
            response.file = "/nonexistent/file";
            return response;
        });
        routes_.get("/stream", "stream").handle([this](const Request& r) {
            Response response;
            response.header("content-type", "text/csv");
            response.stream = [this, breaks = r.query_value("breaks").has_value(),
                               early = r.query_value("early").has_value()](const BodyWriter& write) {
                if (early) throw std::runtime_error("nothing to stream");
                for (std::size_t at = 0; at < file_text_.size(); at += 1000) {
                    if (breaks && at > file_text_.size() / 2) throw std::runtime_error("broken");
                    write(std::string_view(file_text_).substr(at, 1000));
                    streamed_ = at;
                }
            };
            return response;
        });
        routes_.get("/stream-held", "stream_held").handle([this](const Request&) {
            Response response;
            response.stream = [this](const BodyWriter& write) {
                write(std::string(100'000, 'x'));
                gate_.wait();
                write("end");
            };
            return response;
        });
        routes_.post("/echo", "echo").limit_body(1000).handle([](const Request& r) {
            Response response;
            response.header("content-type", "text/plain").header("x-ip", r.remote_ip).header("x-scheme", r.scheme);
            response.body = r.body;
            return response;
        });
        routes_.post("/large", "large").limit_body(5'000'000).handle([](const Request& r) {
            return json_text(200, std::to_string(r.body.size()));
        });
        routes_.post("/slow", "slow").handle([this](const Request& r) {
            gate_.wait();
            if (r.client_gone->load()) saw_gone_ = true;
            ++slow_done_;
            return no_content();
        });
        routes_.post("/upload", "upload").on(Pool::staff).uploads(20'000'000).handle([this](const Request& r) {
            std::string text;
            for (const auto& [name, value] : r.form) text += name + "=" + value + ";";
            for (const Upload& upload : r.uploads) {
                text += upload.field + ":" + upload.file_name + ":" + std::to_string(upload.size) + ":" +
                        std::to_string(std::filesystem::file_size(upload.path)) + ";";
                uploaded_.push_back(upload.path);
            }
            return json_text(200, json::quote(text));
        });
        routes_.get("/events", "events").on(Pool::memory).handle([](const Request&) {
            Response response;
            response.event_channel = "orders";
            response.body = ": welcome\n\n";
            return response;
        });
        routes_.get("/hang-up", "hang_up").handle([](const Request&) { return json_text(kHangUp, ""); });
        routes_.get("/memory-hang-up", "memory_hang_up").on(Pool::memory).handle([](const Request&) { return json_text(kHangUp, ""); });
        routes_.post("/hooks/{token}", "hook")
            .requires_access(Access::provider)
            .without_origin_check()
            .limit_body(10)
            .handle([](const Request&) { return no_content(); });
        routes_.freeze();
        options_.header_timeout = 1s;
        options_.idle_timeout = 2s;
        options_.drain_timeout = 5s;
        options_.max_header_bytes = 4096;
        options_.shop = {2, 2};
    }
    ~HttpServer() override {
        gate_.open();
        server_.reset();
        std::filesystem::remove(file_);
    }
    void start() {
        server_ = std::make_unique<Server>(routes_, options_);
        server_->start();
    }
    [[nodiscard]] std::uint16_t port() const { return server_->port(); }
    static std::string get(const std::string& path, const std::string& more = {}) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + more + "\r\n";
    }

    Routes routes_;
    ServerOptions options_;
    std::unique_ptr<Server> server_;
    std::shared_ptr<const std::string> big_;
    std::string file_;
    std::string file_text_;
    Gate gate_;
    std::atomic<int> slow_done_{0};
    std::atomic<bool> saw_gone_{false};
    std::atomic<std::size_t> streamed_{0};
    std::vector<std::string> uploaded_;
};

TEST_F(HttpServer, KeepsTheConnectionAndAnswersBothKindsOfRoute) {
    start();
    Socket socket(port());
    for (int i = 0; i < 3; ++i) {
        const Reply memory = socket.ask(get("/hello"));
        EXPECT_EQ(memory.status, 200);
        EXPECT_EQ(memory.body, "\"hello\"");
        EXPECT_EQ(memory.header("connection"), "");
        EXPECT_FALSE(memory.header("date").empty());
        EXPECT_EQ(socket.ask(get("/work")).body, "\"worked\"");
    }
    EXPECT_EQ(socket.ask(get("/hello", "Connection: close\r\n")).header("connection"), "close");
    EXPECT_EQ(socket.read_to_end(), "");
}

TEST_F(HttpServer, Http10ClosesUnlessAsked) {
    start();
    Socket once(port());
    EXPECT_EQ(once.ask("GET /hello HTTP/1.0\r\n\r\n").status, 200);
    EXPECT_EQ(once.read_to_end(), "");
    Socket kept(port());
    EXPECT_EQ(kept.ask("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").header("connection"), "keep-alive");
    EXPECT_EQ(kept.ask("GET /hello HTTP/1.0\r\n\r\n").status, 200);
}

TEST_F(HttpServer, PipelinedRequestsAreAnsweredInOrder) {
    start();
    Socket socket(port());
    std::string all;
    for (int i = 0; i < 40; ++i)
        all += i % 3 == 0   ? get("/work")
               : i % 3 == 1 ? get("/hello")
                            : "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n" + std::to_string(1000 + i);
    socket.send(all);
    for (int i = 0; i < 40; ++i) {
        const Reply reply = socket.reply();
        EXPECT_EQ(reply.status, 200) << i;
        EXPECT_EQ(reply.body, i % 3 == 0 ? "\"worked\"" : i % 3 == 1 ? "\"hello\"" : std::to_string(1000 + i));
    }
}

TEST_F(HttpServer, ReadAheadIsBoundedWhileAnAnswerIsDue) {
    start();
    Socket socket(port());
    socket.send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    gate_.await_waiting(1);
    // Far more than the buffer and the kernel's queues together take; the rest waits in this thread.
    std::thread writer([&] {
        for (int i = 0; i < 200; ++i) socket.send(get("/hello"));
    });
    std::this_thread::sleep_for(100ms);
    gate_.open();
    EXPECT_EQ(socket.reply().status, 204);
    for (int i = 0; i < 200; ++i) ASSERT_EQ(socket.reply().status, 200) << i;
    writer.join();
}

TEST_F(HttpServer, RequestsArriveByteByByte) {
    start();
    Socket socket(port());
    const std::string text =
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: x\r\n\r\n";
    for (const char c : text) socket.send(std::string(1, c));
    EXPECT_EQ(socket.reply().body, "hello!");
    for (const char c : std::string("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")) {
        socket.send(std::string(1, c));
        std::this_thread::sleep_for(2ms);  // so that each byte is read alone
    }
    EXPECT_EQ(socket.reply().status, 200);
    EXPECT_EQ(socket.ask(get("/hello")).status, 200);
}

TEST_F(HttpServer, HangingUpSendsNothing) {
    start();
    for (const auto* path : {"/hang-up", "/memory-hang-up"}) {
        Socket socket(port());
        EXPECT_EQ(socket.ask(get("/hello")).status, 200);
        socket.send(get(path) + get("/hello"));
        EXPECT_EQ(socket.read_to_end(), "") << path;
        // The others do not notice.
        EXPECT_EQ(Socket(port()).ask(get("/hello")).status, 200);
    }
}

TEST_F(HttpServer, SecretOfAProvidersAddressIsNotLoggedWhateverIsWrongWithTheRequest) {
    start();
    stoa::testing::CapturedLog log;
    const auto post = [](const std::string& more) { return "POST /hooks/s3cret HTTP/1.1\r\nHost: x\r\n" + more; };
    for (const auto& [text, status] : {std::pair<std::string, int>{post("Content-Length: 2\r\n\r\nab"), 204},
                                       {post("Content-Length: 20\r\n\r\n"), 413},
                                       {post("Content-Length: 2\r\nContent-Length: 3\r\n\r\nab"), 400},
                                       {post("Transfer-Encoding: gzip\r\n\r\n"), 501},
                                       {post("X: " + std::string(5000, 'x') + "\r\n\r\n"), 431},
                                       {"POST /hooks/s3cret/%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400},
                                       {"BREW /hooks/s3cret HTTP/1.1\r\nHost: x\r\n\r\n", 501},
                                       {get("/hooks/s3cret"), 405}}) {
        EXPECT_EQ(Socket(port()).ask(text).status, status) << text.substr(0, 100);
    }
    EXPECT_EQ(log.text().find("s3cret"), std::string::npos) << log.text();
    EXPECT_EQ(log.lines().size(), 8U);
}

TEST_F(HttpServer, StatusOfTheFront) {
    start();
    Socket socket(port());
    EXPECT_EQ(socket.ask(get("/nothing")).status, 404);
    const Reply method = socket.ask("DELETE /echo HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(method.status, 405);
    EXPECT_EQ(method.header("allow"), "POST");
    EXPECT_EQ(method.header("content-type"), "application/problem+json");
    EXPECT_FALSE(method.header("x-request-id").empty());
    EXPECT_EQ(socket.ask("OPTIONS /echo HTTP/1.1\r\nHost: x\r\n\r\n", true).status, 204);
    EXPECT_EQ(socket.ask("POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc").status, 404) << "its body is read away";
    EXPECT_EQ(socket.ask(get("/hello")).status, 200);
    EXPECT_EQ(socket.ask("GET http://elsewhere.example/hello?x=1 HTTP/1.1\r\nHost: x\r\n\r\n").status, 200) << "absolute-form";
    EXPECT_EQ(socket.ask("\r\n\r\n" + get("/hello")).status, 200) << "empty lines before a request";
}

TEST_F(HttpServer, HeadSendsTheLengthOnly) {
    start();
    Socket socket(port());
    const Reply head = socket.ask("HEAD /big HTTP/1.1\r\nHost: x\r\n\r\n", true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("content-length"), std::to_string(big_->size()));
    const Reply file = socket.ask("HEAD /file HTTP/1.1\r\nHost: x\r\n\r\n", true);
    EXPECT_EQ(file.header("content-length"), std::to_string(file_text_.size()));
    EXPECT_EQ(socket.ask(get("/hello")).body, "\"hello\"") << "no body was left on the wire";
    const Reply events = socket.ask("HEAD /events HTTP/1.1\r\nHost: x\r\n\r\n", true);
    EXPECT_EQ(events.status, 200);
    EXPECT_EQ(socket.ask(get("/hello")).status, 200);
}

TEST_F(HttpServer, RefusesWhatParsersDisagreeAbout) {
    start();
    const std::string host = "Host: x\r\n";
    const std::pair<std::string, int> cases[] = {
        {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: 3, 3\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: +3\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: 0x3\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Content-Length:\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Content-Length : 3\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
        {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 501},
        {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
        {"POST /echo HTTP/1.1\r\n" + host +
             "Transfer-Encoding: \x0b"
             "chunked\r\n\r\n0\r\n\r\n",
         400},
        {"POST /echo HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "X: a\r\n Content-Length: 3\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "X: a\nContent-Length: 3\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "X: a\rContent-Length: 3\r\n\r\nabc", 400},
        {"POST /echo HTTP/1.1\r\n" + host + std::string("X: a\0b\r\n\r\n", 10), 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcXX0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n -3\r\nabc\r\n0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n3;a\rb\r\nabc\r\n0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\nT: a\nb\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n3;" + std::string(9000, 'x'), 400},
        {"GET /hello HTTP/1.1\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\nHost: x/y\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\nHost:\r\n\r\n", 400},
        {"GET  /hello HTTP/1.1\r\n" + host + "\r\n", 400},
        {"GET /hello HTTP/1.1\r\n" + host + "No colon\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\n" + host + ": empty\r\n\r\n", 400},
        {"GET hello HTTP/1.1\r\n" + host + "\r\n", 400},
        {"GET /a/../hello HTTP/1.1\r\n" + host + "\r\n", 400},
        {"GET /%2e%2e/hello HTTP/1.1\r\n" + host + "\r\n", 400},
        {"GET /hello%00 HTTP/1.1\r\n" + host + "\r\n", 400},
        {"GET /hello HTTP/2.0\r\n" + host + "\r\n", 505},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"BREW /hello HTTP/1.1\r\n" + host + "\r\n", 501},
        {"CONNECT x:443 HTTP/1.1\r\n" + host + "\r\n", 501},
        {"GET /hello HTTP/1.1\r\n" + host + "Expect: tea\r\n\r\n", 417},
        {"\x16\x03\x01\x02\x01\r\n\r\n", 400},
    };
    for (const auto& [text, status] : cases) {
        Socket socket(port());
        const Reply reply = socket.ask(text + get("/hello"));
        EXPECT_EQ(reply.status, status) << text;
        EXPECT_EQ(reply.header("connection"), "close") << text;
        EXPECT_EQ(socket.read_to_end(), "") << "nothing after a refusal may be taken for a request: " << text;
    }
}

TEST_F(HttpServer, EmptyLinesDoNotKeepAConnectionOpen) {
    start();
    Socket socket(port());
    socket.send("\r\n");
    for (int i = 0; i < 4; ++i) {
        std::this_thread::sleep_for(20ms);  // so that they arrive one by one
        socket.send("\r\n");
    }
    EXPECT_EQ(socket.reply().status, 400);
}

TEST_F(HttpServer, TrailersAreNoHeaders) {
    start();
    Socket socket(port());
    const Reply reply =
        socket.ask("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("x-ip"), "127.0.0.1");
}

TEST_F(HttpServer, LimitsOnHeadAndBody) {
    start();
    Socket long_head(port());
    EXPECT_EQ(long_head.ask(get("/hello", "X: " + std::string(8000, 'x') + "\r\n")).status, 431);
    Socket endless(port());
    endless.send("GET /" + std::string(100000, 'x'));
    EXPECT_EQ(endless.reply().status, 431);
    Socket many(port());
    std::string headers;
    for (int i = 0; i < 120; ++i) headers += "X: y\r\n";
    EXPECT_EQ(many.ask(get("/hello", headers)).status, 431);
    Socket body(port());
    EXPECT_EQ(body.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'a')).body.size(), 1000U);
    const Reply announced = body.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
    EXPECT_EQ(announced.status, 413);
    EXPECT_EQ(announced.header("connection"), "close");
    Socket chunked(port());
    EXPECT_EQ(
        chunked
            .ask("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'a') + "\r\n0\r\n\r\n")
            .status,
        413);
    Socket huge(port());
    // As much as the proxy lets pass: it answers 503 for us when the connection is reset while it sends.
    huge.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 26000000\r\n\r\n" + std::string(26000000, 'a'));
    EXPECT_EQ(huge.reply().status, 413) << "the answer arrives although the client was still sending";
}

TEST_F(HttpServer, ExpectContinue) {
    start();
    Socket socket(port());
    socket.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(socket.ask("abc").body, "abc");
    socket.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(socket.reply().status, 413) << "not invited to send what would be refused";
}

TEST_F(HttpServer, SlowClientsAreSentAway) {
    start();
    Socket half(port());
    half.send("GET /hello HTTP/1.1\r\nHost");
    const Reply late = half.reply();
    EXPECT_EQ(late.status, 408);
    EXPECT_EQ(half.read_to_end(), "");
    Socket silent(port());
    EXPECT_EQ(silent.read_to_end(), "") << "nothing was asked, nothing is answered";
    Socket drip(port());
    for (int i = 0; i < 8; ++i) {  // each byte in time, the head as a whole not
        drip.send(i == 0 ? "GET /hello HTTP/1.1\r\nX: " : "x");
        std::this_thread::sleep_for(200ms);
    }
    EXPECT_EQ(drip.reply().status, 408);
    Socket idle(port());
    EXPECT_EQ(idle.ask(get("/hello")).status, 200);
    EXPECT_EQ(idle.read_to_end(), "") << "closed after the idle time";
}

TEST_F(HttpServer, FullPoolAnswersAtOnce) {
    start();
    const std::string slow = "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    std::deque<Socket> busy;
    for (int i = 0; i < 2; ++i) busy.emplace_back(port()).send(slow);
    gate_.await_waiting(2);
    for (int i = 0; i < 2; ++i) busy.emplace_back(port()).send(slow);  // the queue
    Reply full;
    for (int attempt = 0; attempt < 200; ++attempt) {  // until both have arrived in the queue
        Socket probe(port());
        probe.send(slow);
        if (!probe.is_silent_for(50ms)) {
            full = probe.reply();
            EXPECT_EQ(probe.ask(get("/hello")).status, 200) << "the connection lives on, and memory routes answer";
            break;
        }
    }
    EXPECT_EQ(full.status, 503);
    EXPECT_EQ(full.header("retry-after"), "1");
    gate_.open();
    for (Socket& socket : busy) EXPECT_EQ(socket.reply().status, 204);
}

TEST_F(HttpServer, WorkOfClientsThatLeftIsNotStarted) {
    start();
    const std::string slow = "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    std::deque<Socket> busy;
    for (int i = 0; i < 2; ++i) busy.emplace_back(port()).send(slow);
    gate_.await_waiting(2);
    {
        Socket impatient(port());
        impatient.send(slow);
        EXPECT_TRUE(impatient.is_silent_for(200ms));
    }
    busy.pop_front();  // this one leaves while its handler runs
    std::this_thread::sleep_for(200ms);
    gate_.open();
    EXPECT_EQ(busy.front().reply().status, 204);
    Socket after(port());
    EXPECT_EQ(after.ask(slow).status, 204) << "the queue is empty again";
    EXPECT_EQ(slow_done_, 3) << "two that ran and the last one; the impatient one never";
    EXPECT_TRUE(saw_gone_);
}

TEST_F(HttpServer, Compression) {
    start();
    Socket socket(port());
    const Reply plain = socket.ask(get("/big-work"));
    EXPECT_EQ(plain.header("vary"), "Accept-Encoding");
    EXPECT_EQ(plain.header("content-encoding"), "");
    const Reply gzip = socket.ask(get("/big-work", "Accept-Encoding: gzip\r\n"));
    EXPECT_EQ(gzip.header("content-encoding"), "gzip");
    EXPECT_LT(gzip.body.size(), 200U);
    EXPECT_EQ(gzip.body.substr(0, 2), "\x1f\x8b");
    const std::string tag = gzip.header("etag");
    EXPECT_TRUE(tag.ends_with("-gzip\"")) << tag;
    EXPECT_EQ(socket.ask(get("/big-work", "If-None-Match: " + tag + "\r\n"), true).status, 304);
    EXPECT_EQ(socket.ask(get("/big-work", "Accept-Encoding: gzip, br\r\n")).header("content-encoding"), "br");
    EXPECT_EQ(socket.ask(get("/work", "Accept-Encoding: gzip\r\n")).header("content-encoding"), "") << "too small to gain";
    // A memory route: plain at first, compressed as soon as a helper has done it.
    Reply memory = socket.ask(get("/big", "Accept-Encoding: gzip\r\n"));
    EXPECT_EQ(memory.header("content-encoding"), "");
    EXPECT_EQ(memory.body, *big_);
    for (int i = 0; i < 200 && memory.header("content-encoding").empty(); ++i) {
        std::this_thread::sleep_for(10ms);
        memory = socket.ask(get("/big", "Accept-Encoding: gzip\r\n"));
    }
    EXPECT_EQ(memory.header("content-encoding"), "gzip");
    EXPECT_EQ(memory.body, gzip.body);
}

// What a chunked body holds; nullopt when it does not end.
std::optional<std::string> unchunked(std::string_view text) {
    std::string out;
    while (true) {
        const std::size_t line = text.find("\r\n");
        if (line == std::string_view::npos) return std::nullopt;
        const std::size_t size = std::stoul(std::string(text.substr(0, line)), nullptr, 16);
        text.remove_prefix(line + 2);
        if (text.size() < size + 2) return std::nullopt;
        out += text.substr(0, size);
        if (size == 0) return out;
        text.remove_prefix(size + 2);
    }
}

TEST_F(HttpServer, AStreamIsWrittenWhileItIsMade) {
    start();
    Socket socket(port());
    for (int i = 0; i < 2; ++i) {  // the connection is kept
        const Reply head = socket.ask(get("/stream"), true);
        EXPECT_EQ(head.status, 200);
        EXPECT_EQ(head.header("transfer-encoding"), "chunked");
        EXPECT_EQ(head.header("content-length"), "");
        EXPECT_TRUE(unchunked(socket.read_until("\r\n0\r\n\r\n")) == file_text_);
    }
    EXPECT_EQ(socket.ask("HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n", true).header("transfer-encoding"), "");
    EXPECT_EQ(socket.ask(get("/work")).body, "\"worked\"");
    // The first rows are there while the last are not made yet.
    Socket held(port());
    held.send(get("/stream-held"));
    (void)held.read_until("xxxx");
    gate_.open();
    (void)held.read_until("end\r\n0\r\n\r\n");
    Socket old(port());
    EXPECT_EQ(old.ask("GET /stream HTTP/1.0\r\n\r\n", true).header("transfer-encoding"), "");
    EXPECT_TRUE(old.read_to_end() == file_text_);
}

TEST_F(HttpServer, AStreamThatFailsDoesNotLookWhole) {
    start();
    Socket socket(port());
    EXPECT_EQ(socket.ask(get("/stream?early=1")).status, 500);
    EXPECT_EQ(socket.ask(get("/stream?breaks=1"), true).status, 200);
    EXPECT_FALSE(unchunked(socket.read_to_end()));
    EXPECT_TRUE(socket.was_reset());
    Socket old(port());
    old.send("GET /stream?breaks=1 HTTP/1.0\r\n\r\n");
    EXPECT_LT(old.read_to_end().size(), file_text_.size());
    EXPECT_TRUE(old.was_reset());
}

TEST_F(HttpServer, AStreamWaitsForItsReaderAndEndsWithIt) {
    file_text_ += std::string(64 << 20, 'y');  // more than the sockets of both sides take
    options_.streams = {1, 1};
    start();
    {
        Socket socket(port());
        socket.send(get("/stream"));
        (void)socket.read_until("line 9");
        std::size_t before = 0;
        for (int looks = 0; looks < 100; ++looks) {  // until it stands still
            before = streamed_;
            std::this_thread::sleep_for(300ms);
            if (streamed_ == before) break;
        }
        EXPECT_LT(streamed_, file_text_.size() - 5000);
        // One more may wait; the next is sent away.
        Socket one(port()), two(port());
        one.send(get("/stream?early=1"));
        two.send(get("/stream?early=1"));
        while (one.is_silent_for(10ms) && two.is_silent_for(10ms)) {
        }
        EXPECT_EQ((one.is_silent_for(0ms) ? two : one).reply().status, 503);
    }
    // The thread is free again, as soon as it has seen that nobody reads.
    int status = 0;
    for (int tries = 0; tries < 500 && (status == 0 || status == 503); ++tries) {
        Socket socket(port());
        status = socket.ask(get("/stream?early=1")).status;
        if (status == 503) std::this_thread::sleep_for(10ms);
    }
    EXPECT_EQ(status, 500);
}

TEST_F(HttpServer, FilesAndRanges) {
    start();
    Socket socket(port());
    const Reply whole = socket.ask(get("/file"));
    EXPECT_EQ(whole.status, 200);
    EXPECT_EQ(whole.body, file_text_);
    EXPECT_EQ(whole.header("accept-ranges"), "bytes");
    EXPECT_EQ(socket.ask(get("/memory-file")).body, file_text_);
    const Reply part = socket.ask(get("/file", "Range: bytes=5-14\r\n"));
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, file_text_.substr(5, 10));
    EXPECT_EQ(part.header("content-range"), "bytes 5-14/" + std::to_string(file_text_.size()));
    const Reply large = socket.ask(get("/file", "Range: bytes=100-1500000\r\n"));
    EXPECT_EQ(large.body, file_text_.substr(100, 1499901));
    EXPECT_EQ(socket.ask(get("/file", "Range: bytes=-7\r\n")).body, file_text_.substr(file_text_.size() - 7));
    const Reply beyond = socket.ask(get("/file", "Range: bytes=99999999-\r\n"));
    EXPECT_EQ(beyond.status, 416);
    EXPECT_FALSE(beyond.header("x-request-id").empty());
    EXPECT_EQ(beyond.header("content-range"), "bytes */" + std::to_string(file_text_.size()));
    EXPECT_EQ(socket.ask(get("/file", "Range: bytes=0-1\r\nIf-Range: \"file-1\"\r\n")).status, 206);
    EXPECT_EQ(socket.ask(get("/file", "Range: bytes=0-1\r\nIf-Range: \"file-0\"\r\n")).status, 200);
    EXPECT_EQ(socket.ask(get("/file", "If-None-Match: \"file-1\"\r\n"), true).status, 304);
    EXPECT_EQ(socket.ask(get("/file", "If-Modified-Since: " + whole.header("last-modified") + "\r\n"), true).status, 304);
    EXPECT_EQ(socket.ask(get("/missing-file")).status, 404);
    EXPECT_EQ(socket.ask(get("/hello")).status, 200);
}

TEST_F(HttpServer, UploadsAreStreamedToDiskAndRemoved) {
    start();
    Socket socket(port());
    const std::string data(3'000'000, 'd');
    const std::string form =
        "--B\r\nContent-Disposition: form-data; name=\"alt\"\r\n\r\nA chair\r\n--B\r\nContent-Disposition: form-data; name=\"image\"; "
        "filename=\"chair.jpg\"\r\n\r\n" +
        data + "\r\n--B--\r\n";
    const std::string head = "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=B\r\n";
    for (int i = 0; i < 2; ++i) {
        const Reply reply = socket.ask(head + "Content-Length: " + std::to_string(form.size()) + "\r\n\r\n" + form);
        EXPECT_EQ(reply.status, 200);
        EXPECT_EQ(reply.body, "\"alt=A chair;image:chair.jpg:3000000:3000000;\"");
    }
    EXPECT_EQ(socket.ask(get("/hello")).status, 200);
    ASSERT_EQ(uploaded_.size(), 2U);
    for (const std::string& path : uploaded_) EXPECT_FALSE(std::filesystem::exists(path)) << path;
    const std::string cut = form.substr(0, form.size() - 10);
    const Reply broken = socket.ask(head + "Content-Length: " + std::to_string(cut.size()) + "\r\n\r\n" + cut);
    EXPECT_EQ(broken.status, 400);
    EXPECT_NE(broken.body.find("http.malformed_multipart"), std::string::npos);
    {
        Socket leaves(port());
        leaves.send(head + "Content-Length: 10000000\r\n\r\n" + form.substr(0, 500000));
    }
    server_.reset();
    for (const auto& entry : std::filesystem::directory_iterator(options_.temp_dir))
        EXPECT_FALSE(entry.path().filename().string().starts_with("stoa-upload-")) << entry.path();
}

TEST_F(HttpServer, FilesThatCannotBeKeptAreNotTheClientsFault) {
    options_.temp_dir = "/nonexistent";
    start();
    const std::string form = "--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a.jpg\"\r\n\r\nx\r\n--B--\r\n";
    const Reply reply =
        Socket(port()).ask("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: " +
                           std::to_string(form.size()) + "\r\n\r\n" + form);
    EXPECT_EQ(reply.status, 503);
    EXPECT_NE(reply.body.find("http.unavailable"), std::string::npos);
}

TEST_F(HttpServer, LargeBodiesShareWhatMemoryTheyMayHave) {
    options_.large_bodies_bytes = 3'000'000;
    start();
    const auto head = [](std::size_t size) {
        return "POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
    };
    const std::string body(2'000'000, 'b');
    Socket first(port());
    first.send(head(body.size()) + body.substr(0, 10));
    ASSERT_TRUE(first.is_silent_for(200ms));
    {
        Socket second(port());
        second.send(head(body.size()));
        const Reply refused = second.reply();
        EXPECT_EQ(refused.status, 503);
        EXPECT_EQ(refused.header("retry-after"), "1");
        EXPECT_EQ(Socket(port()).ask(head(5) + "small").body, "5") << "small ones need no share";
        Socket chunked(port());
        chunked.send("POST /large HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        EXPECT_EQ(chunked.reply().status, 503) << "it may grow to the limit of the address";
    }
    first.send(body.substr(10));
    EXPECT_EQ(first.reply().body, "2000000");
    // The share is free again, also after one that went away in the middle.
    {
        Socket leaves(port());
        leaves.send(head(body.size()) + "b");
        EXPECT_TRUE(leaves.is_silent_for(100ms));
    }
    for (int i = 0; i < 3; ++i) EXPECT_EQ(first.ask(head(body.size()) + body).status, 200);
}

TEST_F(HttpServer, EventsReachEveryListener) {
    options_.io_threads = 2;
    start();
    std::deque<Socket> listeners;
    for (int i = 0; i < 4; ++i) {
        Socket& socket = listeners.emplace_back(port());
        socket.send(get("/events"));
        const std::string head = socket.read_until("\r\n\r\n");
        EXPECT_NE(head.find("content-type: text/event-stream"), std::string::npos);
        EXPECT_EQ(head.find("content-length"), std::string::npos);
        EXPECT_EQ(socket.read_until("\n\n"), ": welcome\n\n");
    }
    server_->publish("orders", "placed", "{\"n\":1}\nsecond line");
    server_->publish("others", "placed", "not for us");
    server_->publish("orders", "", "2");
    for (Socket& socket : listeners) {
        EXPECT_EQ(socket.read_until("\n\n"), "event: placed\ndata: {\"n\":1}\ndata: second line\n\n");
        EXPECT_EQ(socket.read_until("\n\n"), "data: 2\n\n");
    }
    listeners.pop_back();
    server_->publish("orders", "", "3");
    EXPECT_EQ(listeners.front().read_until("\n\n"), "data: 3\n\n");
    server_->stop();
    EXPECT_EQ(listeners.front().read_to_end(), "");
}

TEST_F(HttpServer, DrainFinishesWhatRunsAndTakesNothingNew) {
    start();
    Socket working(port());
    Socket idle(port());
    EXPECT_EQ(idle.ask(get("/hello")).status, 200);
    working.send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    gate_.await_waiting(1);
    const std::uint16_t old_port = port();
    std::thread stopper([this] { server_->stop(); });
    EXPECT_EQ(idle.read_to_end(), "");
    EXPECT_THROW(Socket{old_port}, std::runtime_error);
    gate_.open();
    const Reply reply = working.reply();
    EXPECT_EQ(reply.status, 204);
    EXPECT_EQ(reply.header("connection"), "close");
    EXPECT_EQ(working.read_to_end(), "");
    stopper.join();
    server_->stop();
    EXPECT_EQ(slow_done_, 1);
}

TEST_F(HttpServer, DrainEndsAtItsLimit) {
    options_.drain_timeout = 1s;
    start();
    Socket working(port());
    working.send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    gate_.await_waiting(1);
    server_->stop();
    EXPECT_EQ(slow_done_, 0) << "it did not wait for the handler";
    EXPECT_EQ(working.read_to_end(), "");
    gate_.open();
    server_.reset();
    EXPECT_EQ(slow_done_, 1);
}

TEST_F(HttpServer, ProxyHeadersCountOnlyFromLoopbackAndOnlyTheLastAddress) {
    start();
    const std::string request =
        "POST /echo HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 6.6.6.6, 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Request-Id: "
        "abcdefgh-1\r\nContent-Length: 0\r\n\r\n";
    Socket trusted(port());
    const Reply yes = trusted.ask(request);
    EXPECT_EQ(yes.header("x-ip"), "203.0.113.9");
    EXPECT_EQ(yes.header("x-scheme"), "https");
    EXPECT_EQ(yes.header("x-request-id"), "abcdefgh-1");
    const Reply odd = trusted.ask(
        "POST /echo HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: not an address\r\nX-Request-Id: bad id!\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(odd.header("x-ip"), "127.0.0.1");
    EXPECT_TRUE(odd.header("x-request-id").starts_with("req_"));
    options_.trust_proxy = false;
    start();
    Socket distrusted(port());
    const Reply no = distrusted.ask(request);
    EXPECT_EQ(no.header("x-ip"), "127.0.0.1");
    EXPECT_EQ(no.header("x-scheme"), "http");
    EXPECT_TRUE(no.header("x-request-id").starts_with("req_"));
}

TEST_F(HttpServer, ConnectionLimit) {
    options_.max_connections = 3;
    start();
    std::deque<Socket> open;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(open.emplace_back(port()).ask(get("/hello")).status, 200);
    Socket late(port());
    EXPECT_EQ(late.reply().status, 503);
    open.pop_back();
    for (int i = 0; i < 100; ++i) {  // until the server has seen it
        Socket next(port());
        next.send(get("/hello"));
        if (next.reply().status == 200) return;
        std::this_thread::sleep_for(20ms);
    }
    FAIL() << "no place became free";
}

TEST_F(HttpServer, ManyClientsAtOnce) {
    options_.io_threads = 2;
    options_.shop = {4, 512};
    start();
    std::vector<std::thread> clients;
    std::atomic<int> good{0};
    for (int c = 0; c < 8; ++c) {
        clients.emplace_back([&, c] {
            for (int i = 0; i < 20; ++i) {
                Socket socket(port());
                for (int k = 0; k < 5; ++k) {
                    const std::string path = (c + k) % 4 == 0   ? "/work"
                                             : (c + k) % 4 == 1 ? "/hello"
                                             : (c + k) % 4 == 2 ? "/big"
                                                                : "/big-work";
                    if (socket.ask(get(path, "Accept-Encoding: br\r\n")).status == 200) ++good;
                }
            }
        });
    }
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(good, 800);
}

// ---- the outbound client against the same front
TEST_F(HttpServer, ClientSendsAndReads) {
    start();
    http_client::CurlClient client;
    const std::string base = "http://127.0.0.1:" + std::to_string(port());
    http_client::Call call;
    call.method = "POST";
    call.url = base + "/echo";
    call.headers = {{"Content-Type", "text/plain"}};
    call.body = std::string("a\0b", 3);
    const auto echoed = client.send(call);
    ASSERT_TRUE(echoed) << echoed.error().message;
    EXPECT_EQ(echoed->status, 200);
    EXPECT_EQ(echoed->body, call.body);
    EXPECT_EQ(echoed->header("content-type"), "text/plain");

    http_client::Call read;
    read.url = base + "/big-work";
    const auto big = client.send(read);
    ASSERT_TRUE(big);
    EXPECT_EQ(big->body, *big_) << "compressed on the way, plain here";
    read.method = "HEAD";
    EXPECT_EQ(client.send(read)->body, "");
    read.method = "DELETE";
    EXPECT_EQ(client.send(read)->status, 405);
}

TEST_F(HttpServer, ClientKnowsWhatCertainlyWasNotSent) {
    start();
    http_client::CurlClient client;
    http_client::Call call;
    call.url = "http://127.0.0.1:1/";
    EXPECT_EQ(client.send(call).error().failure, http_client::Failure::not_sent);
    call.url = "http://no-such-host.invalid/";
    EXPECT_EQ(client.send(call).error().failure, http_client::Failure::not_sent);
    call.url = "file:///etc/passwd";
    EXPECT_EQ(client.send(call).error().failure, http_client::Failure::not_sent);
    call.url = "http://127.0.0.1:" + std::to_string(port()) + "/hello";
    call.headers = {{"X", "a\r\nHost: evil"}};
    EXPECT_EQ(client.send(call).error().failure, http_client::Failure::not_sent);
    call.headers.clear();
    call.url = "http://127.0.0.1:" + std::to_string(port()) + "/slow";
    call.method = "POST";
    call.timeout = 300ms;
    EXPECT_EQ(client.send(call).error().failure, http_client::Failure::timeout);
    call.method = "GET";
    call.url = "http://127.0.0.1:" + std::to_string(port()) + "/file";
    call.timeout = 5000ms;
    call.max_answer_bytes = 1000;
    EXPECT_EQ(client.send(call).error().failure, http_client::Failure::too_large);
    call.max_answer_bytes = 100'000'000;
    EXPECT_EQ(client.send(call)->body, file_text_) << "the handle is clean after failures";
}

TEST(HttpClient, Encodings) {
    EXPECT_EQ(http_client::percent_encode("a b/\xC3\xA4~-._"), "a%20b%2F%C3%A4~-._");
    EXPECT_EQ(http_client::basic_auth("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

}  // namespace
}  // namespace stoa::http
