// The only file that includes Boost.Beast and Boost.Asio.
//
// Threads: each I/O thread has an io_context of its own and every connection belongs to one of them for good, so a connection's
// members need no lock. A request leaves its I/O thread only while a worker has it (State::working, State::uploading); meanwhile
// the I/O thread touches nothing of it but the read-ahead buffer and `gone_`.
#include "stoa/http/server.hpp"

#include <unistd.h>

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <boost/asio.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "http/dispatch.hpp"
#include "http/outgoing.hpp"
#include "http/problem.hpp"
#include "http/text.hpp"
#include "http/uploads.hpp"
#include "http/wire.hpp"
#include "http/worker_pool.hpp"
#include "stoa/log/log.hpp"
#include "stoa/metrics/metrics.hpp"

namespace stoa::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using SteadyTime = std::chrono::steady_clock::time_point;
using std::chrono::seconds;

// ---- reading requests ---------------------------------------------------------------------------------------------------
class WireReader::Parser final : public beast::http::basic_parser<true> {
public:
    explicit Parser(WireReader& owner) : owner_(owner) {
        header_limit((std::numeric_limits<std::uint32_t>::max)());  // checked before the head is handed over
        // Bodies are read by WireReader: Beast 1.81 asserts when the last chunk of an empty chunked body arrives byte by byte.
        skip(true);
    }

    bool known_method = true;
    bool good_version = true;
    bool good_target = true;
    int hosts = 0;
    int content_lengths = 0;
    int transfer_encodings = 0;
    bool head_done = false;

protected:
    using Error = beast::error_code;
    using Text = beast::string_view;
    static std::string_view view(Text text) { return {text.data(), text.size()}; }

    void on_request_impl(beast::http::verb method, Text, Text target, int version, Error&) override {
        switch (method) {
            case beast::http::verb::get:
                owner_.request_.method = Method::get;
                break;
            case beast::http::verb::head:
                owner_.request_.method = Method::head;
                break;
            case beast::http::verb::post:
                owner_.request_.method = Method::post;
                break;
            case beast::http::verb::put:
                owner_.request_.method = Method::put;
                break;
            case beast::http::verb::patch:
                owner_.request_.method = Method::patch;
                break;
            case beast::http::verb::delete_:
                owner_.request_.method = Method::del;
                break;
            case beast::http::verb::options:
                owner_.request_.method = Method::options;
                break;
            default:
                known_method = false;
        }
        good_version = version == 10 || version == 11;
        owner_.http_1_0_ = version == 10;
        std::string_view text = view(target);
        for (const std::string_view scheme : {"http://", "https://"}) {  // absolute-form: a server has to take it
            if (text.size() > scheme.size() && same_ignoring_case(text.substr(0, scheme.size()), scheme)) {
                const std::size_t path = text.find_first_of("/?", scheme.size());
                text = path == std::string_view::npos ? "/" : text.substr(path);
                break;
            }
        }
        good_target = set_target(owner_.request_, text);
    }
    void on_response_impl(int, Text, int, Error&) override {}
    void on_field_impl(beast::http::field name, Text name_text, Text value, Error& error) override {
        if (owner_.request_.headers.size() >= 100) {
            error = beast::http::error::header_limit;
            return;
        }
        if (name == beast::http::field::host) ++hosts;
        if (name == beast::http::field::content_length) ++content_lengths;
        if (name == beast::http::field::transfer_encoding) ++transfer_encodings;
        owner_.request_.headers.emplace_back(lower(view(name_text)), std::string(view(value)));
    }
    void on_header_impl(Error&) override { head_done = true; }
    void on_body_init_impl(boost::optional<std::uint64_t> const&, Error&) override {}
    std::size_t on_body_impl(Text body, Error&) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, Text, Error&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text body, Error&) override { return body.size(); }
    void on_finish_impl(Error&) override {}

private:
    WireReader& owner_;
};

namespace {

// A line that is folded, holds a control character or ends in anything but CRLF.
bool is_clean_head(std::string_view head) {
    for (std::size_t i = 0; i < head.size(); ++i) {
        const auto c = static_cast<unsigned char>(head[i]);
        if (c == '\r') {
            if (i + 1 >= head.size() || head[i + 1] != '\n') return false;
            ++i;
            if (i + 1 < head.size() && (head[i + 1] == ' ' || head[i + 1] == '\t')) return false;
        } else if ((c < 0x20 && c != '\t') || c == 0x7F) {
            return false;
        }
    }
    return true;
}

bool is_host(std::string_view host) {
    if (host.empty() || host.size() > 255) return false;
    for (const char c : host) {
        const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          std::string_view("-._~:[]%").find(c) != std::string_view::npos;
        if (!fine) return false;
    }
    return true;
}

}  // namespace

WireReader::WireReader(Request& request, std::size_t max_header_bytes) : request_(request), max_header_bytes_(max_header_bytes) {}
WireReader::~WireReader() = default;

void WireReader::reset() {
    parser_.reset();
    searched_ = 0;
    blank_bytes_ = 0;
    body_limit_ = 0;
    body_bytes_ = 0;
    content_length_ = 0;
    part_ = BodyPart::none;
    part_bytes_ = 0;
    trailer_bytes_ = 0;
    sink_ = nullptr;
    keep_alive_ = http_1_0_ = expects_continue_ = has_body_ = false;
}

WireReader::Outcome WireReader::refuse(int status, std::string_view code, std::string_view message) {
    refusal_ = {status, code, message};
    keep_alive_ = false;
    return Outcome::refused;
}

WireReader::Outcome WireReader::bad_body() { return refuse(400, "http.bad_request", "The body is not framed correctly."); }

WireReader::Outcome WireReader::read(std::string_view input, std::size_t& consumed) {
    consumed = 0;
    if (!parser_) return read_head(input, consumed);
    while (true) {
        const std::string_view rest = input.substr(consumed);
        switch (part_) {
            case BodyPart::none:
                return Outcome::complete;
            case BodyPart::counted:
            case BodyPart::chunk_data: {
                if (rest.empty()) return Outcome::need_more;
                const std::size_t count = std::min<std::uint64_t>(part_bytes_, rest.size());
                body_bytes_ += count;
                if (body_bytes_ > body_limit_) return refuse(413, "http.body_too_large", "The body is larger than this address takes.");
                if (sink_)
                    sink_(rest.substr(0, count));
                else
                    request_.body.append(rest.substr(0, count));
                consumed += count;
                part_bytes_ -= count;
                if (part_bytes_ == 0) part_ = part_ == BodyPart::counted ? BodyPart::none : BodyPart::chunk_end;
                break;
            }
            case BodyPart::chunk_end:
                if (rest.size() < 2) return rest.empty() || rest[0] == '\r' ? Outcome::need_more : bad_body();
                if (!rest.starts_with("\r\n")) return bad_body();
                consumed += 2;
                part_ = BodyPart::chunk_head;
                break;
            case BodyPart::chunk_head:
            case BodyPart::trailers: {
                std::string_view line;
                const LineEnd end = take_line(rest, line);
                if (end == LineEnd::missing) return Outcome::need_more;
                if (end == LineEnd::bad) return bad_body();
                consumed += line.size() + 2;
                if (part_ == BodyPart::trailers) {  // read away: a trailer may not pose as a header
                    trailer_bytes_ += line.size() + 2;
                    if (trailer_bytes_ > max_header_bytes_) return bad_body();
                    if (line.empty()) part_ = BodyPart::none;
                    break;
                }
                // The size in hexadecimal; extensions behind a semicolon mean nothing to us.
                const std::string_view digits = trim_space(line.substr(0, line.find(';')));
                std::uint64_t size = 0;
                const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
                if (digits.empty() || digits.size() > 15 || error != std::errc{} || stop != digits.data() + digits.size() ||
                    digits.data() != line.data())
                    return bad_body();
                part_bytes_ = size;
                part_ = size == 0 ? BodyPart::trailers : BodyPart::chunk_data;
                break;
            }
        }
    }
}

// A line of the chunked framing, without its CRLF.
WireReader::LineEnd WireReader::take_line(std::string_view rest, std::string_view& line) {
    constexpr std::size_t kMaxLine = 1024;
    for (std::size_t i = 0; i < rest.size() && i <= kMaxLine; ++i) {
        const auto c = static_cast<unsigned char>(rest[i]);
        if (c == '\r') {
            if (i + 1 == rest.size()) return LineEnd::missing;
            if (rest[i + 1] != '\n') return LineEnd::bad;
            line = rest.substr(0, i);
            return LineEnd::found;
        }
        if ((c < 0x20 && c != '\t') || c == 0x7F) return LineEnd::bad;
    }
    return rest.size() > kMaxLine ? LineEnd::bad : LineEnd::missing;
}

WireReader::Outcome WireReader::read_head(std::string_view input, std::size_t& consumed) {
    // Empty lines before a request are to be forgiven (RFC 9112, 2.2).
    while (searched_ == 0 && input.starts_with("\r\n")) {
        input.remove_prefix(2);
        consumed += 2;
        blank_bytes_ += 2;
        if (blank_bytes_ > 8) return refuse(400, "http.bad_request", "The request is not HTTP.");
    }
    const std::size_t end = input.find("\r\n\r\n", searched_);
    if (end == std::string_view::npos) {
        if (input.size() > max_header_bytes_) return refuse(431, "http.headers_too_large", "The request line and headers are too long.");
        searched_ = input.size() > 3 ? input.size() - 3 : 0;
        return Outcome::need_more;
    }
    searched_ = 0;
    const std::string_view head = input.substr(0, end + 4);
    if (head.size() > max_header_bytes_) return refuse(431, "http.headers_too_large", "The request line and headers are too long.");
    if (!is_clean_head(head)) return refuse(400, "http.bad_request", "The request holds characters that HTTP does not allow.");
    parser_ = std::make_unique<Parser>(*this);
    beast::error_code error;
    const std::size_t used = parser_->put(asio::buffer(head.data(), head.size()), error);
    consumed += used;
    if (error == beast::http::error::header_limit) return refuse(431, "http.headers_too_large", "The request has too many headers.");
    if (error == beast::http::error::bad_version || !parser_->good_version)
        return refuse(505, "http.version_not_supported", "Speak HTTP/1.1.");
    if ((error && error != beast::http::error::need_more) || !parser_->head_done || used != head.size()) {
        return refuse(400, "http.bad_request", "The request is not HTTP.");
    }
    return check_head();
}

WireReader::Outcome WireReader::check_head() {
    if (!parser_->known_method) return refuse(501, "http.method_not_implemented", "This method is not known here.");
    if (parser_->hosts > 1 || (parser_->hosts == 0 && !http_1_0_)) return refuse(400, "http.bad_request", "Send exactly one Host header.");
    if (parser_->hosts == 1 && !is_host(request_.header("host"))) return refuse(400, "http.bad_request", "The Host header is not a host.");
    if (!parser_->good_target) return refuse(400, "http.bad_target", "The address is not acceptable.");
    if (parser_->transfer_encodings > 0) {
        if (parser_->content_lengths > 0 || parser_->transfer_encodings > 1 || http_1_0_)
            return refuse(400, "http.bad_request", "The body is framed twice.");
        if (!same_ignoring_case(request_.header("transfer-encoding"), "chunked"))
            return refuse(501, "http.transfer_coding_not_implemented", "Only chunked is known here.");
        has_body_ = true;
        part_ = BodyPart::chunk_head;
    } else if (parser_->content_lengths > 0) {
        const std::string_view length = request_.header("content-length");
        if (parser_->content_lengths > 1 || length.empty() || length.size() > 18 ||
            length.find_first_not_of("0123456789") != std::string_view::npos) {
            return refuse(400, "http.bad_request", "Content-Length is not one number.");
        }
        content_length_ = std::stoull(std::string(length));
        has_body_ = content_length_ > 0;
        if (has_body_) part_ = BodyPart::counted;
        part_bytes_ = content_length_;
    }
    if (const std::string_view expect = request_.header("expect"); !expect.empty()) {
        if (!same_ignoring_case(expect, "100-continue"))
            return refuse(417, "http.expectation_failed", "Only 100-continue can be expected.");
        expects_continue_ = has_body_ && !http_1_0_;
    }
    keep_alive_ = http_1_0_;
    bool close = false;
    bool asked = false;
    for (const auto& [name, value] : request_.headers) {
        if (name != "connection") continue;
        close = close || has_token(value, "close");
        asked = asked || has_token(value, "keep-alive");
    }
    keep_alive_ = !close && (!http_1_0_ || asked);
    return Outcome::head;
}

// ---- the front ------------------------------------------------------------------------------------------------------------
namespace {

constexpr std::size_t kUploadPiece = 64 * 1024;
constexpr std::size_t kFilePiece = 256 * 1024;
constexpr std::size_t kStreamPiece = 64 * 1024;
constexpr auto kStreamPause = seconds(1);  // what was made does not wait longer for a whole piece
constexpr auto kSweep = std::chrono::milliseconds(250);
constexpr auto kHeartbeat = seconds(15);
constexpr auto kWriteTimeout = seconds(30);
constexpr std::uint64_t kLargeBody = 1 << 20;  // bodies above it share ServerOptions::large_bodies_bytes
// What is read of a request that was refused before it had arrived: all that a proxy before us lets pass (deploy/nginx takes 25 MB),
// because one that still sends when we close answers 503 instead of what we said.
constexpr std::size_t kMostLingered = 32 * 1024 * 1024;
constexpr std::size_t kMaxEventBacklog = 256;
constexpr int kBurst = 16;  // pipelined requests answered in a row before other connections get their turn

class Connection;

struct Io {
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    asio::steady_timer timer{context};
    std::thread thread;
    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;
    std::unordered_map<std::string, std::unordered_set<Connection*>> channels;
    std::array<char, 64 * 1024> scratch{};
    std::chrono::sys_seconds date_of_text{};
    std::string date_text;

    const std::string& date() {
        const auto now = std::chrono::floor<seconds>(std::chrono::system_clock::now());
        if (now != date_of_text || date_text.empty()) {
            date_of_text = now;
            date_text = "date: " + to_http_date(now) + "\r\n";
        }
        return date_text;
    }
};

struct Front {
    Front(const Routes& r, ServerOptions o)
        : routes(r),
          options(std::move(o)),
          shop("shop", options.shop.threads, static_cast<std::size_t>(options.shop.queue)),
          staff("staff", options.staff.threads, static_cast<std::size_t>(options.staff.queue)),
          outbound("outbound", options.outbound.threads, static_cast<std::size_t>(options.outbound.queue)),
          password("password", options.password.threads, static_cast<std::size_t>(options.password.queue)),
          streams("streams", options.streams.threads, static_cast<std::size_t>(options.streams.queue)),
          helper("helper", 1, static_cast<std::size_t>(options.max_connections) + 64) {}

    WorkerPool* pool_of(Pool pool) {
        switch (pool) {
            case Pool::memory:
                return nullptr;
            case Pool::shop:
                return &shop;
            case Pool::staff:
                return &staff;
            case Pool::outbound:
                return &outbound;
            case Pool::password:
                return &password;
        }
        return nullptr;
    }
    std::array<WorkerPool*, 6> pools() { return {&shop, &staff, &outbound, &password, &streams, &helper}; }
    PrepareTools tools(bool may_block) {
        return {cache, may_block, [this](std::shared_ptr<const std::string> plain, Encoding encoding) {
                    // When the helper is too busy the document simply stays uncompressed.
                    (void)helper.try_push([this, plain = std::move(plain), encoding] { (void)cache.fill(plain, encoding); });
                }};
    }
    bool reserve(std::uint64_t bytes) {
        if (large_bodies.fetch_add(bytes) + bytes <= options.large_bodies_bytes) return true;
        large_bodies -= bytes;
        return false;
    }
    void connection_ended() {
        if (open.fetch_sub(1) == 1) {
            const std::lock_guard lock(mutex);
            all_closed.notify_all();
        }
    }

    const Routes& routes;
    const ServerOptions options;
    CompressedCache cache;
    // What connections touch when they go must outlive the contexts, and those the pools, whose tasks hold connections.
    std::atomic<int> open{0};
    std::atomic<bool> draining{false};
    std::atomic<std::uint64_t> large_bodies{0};  // bytes promised to them
    std::mutex mutex;
    std::condition_variable all_closed;
    std::uint16_t port = 0;
    std::size_t next_io = 0;
    std::deque<Io> ios;
    std::optional<tcp::acceptor> acceptor;
    std::optional<asio::steady_timer> accept_pause;
    WorkerPool shop, staff, outbound, password, streams, helper;
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(Front& front, Io& io, tcp::socket socket)
        : front_(front), io_(io), socket_(std::move(socket)), reader_(request_, front.options.max_header_bytes) {}
    ~Connection() {
        front_.large_bodies -= reserved_;
        front_.connection_ended();
    }

    void start() {
        boost::system::error_code error;
        const auto peer = socket_.remote_endpoint(error);
        if (error) return;
        socket_.non_blocking(true, error);
        socket_.set_option(tcp::no_delay(true), error);
        auto address = peer.address();
        if (address.is_v6() && address.to_v6().is_v4_mapped()) address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
        peer_ip_ = address.to_string();
        peer_is_loopback_ = address.is_loopback();
        io_.connections.emplace(this, shared_from_this());
        fresh_request();
        deadline_ = now() + front_.options.header_timeout;
        advance();
    }

    // Called every quarter of a second.
    void sweep(SteadyTime at) {
        if (state_ == State::streaming && at - last_event_ > kHeartbeat) push_event(heartbeat());
        if (deadline_ == SteadyTime{} || at < deadline_) return;
        const bool half_a_request = (state_ == State::head && unread() > 0) || state_ == State::body;
        if (!half_a_request) return close();
        refuse({408, "http.request_timeout", "The request took too long to arrive."});
        advance();
    }

    // No further requests: idle connections end now, others after their answer.
    void drain() {
        if ((state_ == State::head && unread() == 0) || state_ == State::streaming) close();
    }

    void push_event(std::shared_ptr<const std::string> text) {
        if (state_ != State::streaming) return;
        if (events_.size() >= kMaxEventBacklog) return close();  // it does not read; it will come back
        events_.push_back(std::move(text));
        if (events_.size() == 1) write_event();
    }

    void close() {
        if (state_ == State::closed) return;
        const auto self = shared_from_this();
        leave_channel();
        state_ = State::closed;
        {
            const std::lock_guard lock(piece_mutex_);
            gone_ = true;
        }
        piece_taken_.notify_all();
        boost::system::error_code ignored;
        // A reset, not an end: without chunks nothing else tells a short body from a whole one.
        if (!is_last_piece_) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
        socket_.close(ignored);
        io_.connections.erase(this);
    }

private:
    enum class State {
        head,       // waiting for a request or reading its head
        body,       // reading its body
        uploading,  // a helper writes a piece of the body to disk
        working,    // a worker has the request
        writing,
        streaming,  // Server-Sent Events
        lingering,  // we are done; the peer is not
        closed,
    };

    static SteadyTime now() { return std::chrono::steady_clock::now(); }
    static std::shared_ptr<const std::string> heartbeat() {
        static const auto text = std::make_shared<const std::string>(": \n\n");
        return text;
    }
    [[nodiscard]] std::size_t unread() const { return input_.size() - used_; }
    [[nodiscard]] std::string_view input() const { return std::string_view(input_).substr(used_); }
    void use(std::size_t count) {
        used_ += count;
        if (used_ == input_.size()) {
            input_.clear();
            used_ = 0;
            if (input_.capacity() > 4096) input_.shrink_to_fit();
        } else if (used_ > 64 * 1024) {
            input_.erase(0, used_);
            used_ = 0;
        }
    }

    void fresh_request() {
        files_.reset();
        upload_.reset();
        upload_piece_.clear();
        request_ = Request{};
        front_.large_bodies -= std::exchange(reserved_, 0);
        request_.client_gone = &gone_;
        reader_.reset();
        match_ = {};
        is_last_piece_ = true;
        piece_under_way_ = false;
        state_ = State::head;
    }

    // ---- input
    void wait_readable() {
        if (waiting_ || at_end_ || state_ == State::closed) return;
        // Back-pressure: while an answer is due no more than one head's worth of pipelined requests is read ahead.
        if ((state_ == State::working || state_ == State::writing || state_ == State::uploading) &&
            unread() > front_.options.max_header_bytes)
            return;
        waiting_ = true;
        socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](boost::system::error_code error) {
            self->waiting_ = false;
            if (error || self->state_ == State::closed) return;
            self->read_some();
        });
    }

    void read_some() {
        boost::system::error_code error;
        const std::size_t count = socket_.read_some(asio::buffer(io_.scratch), error);
        if (error == asio::error::would_block || error == asio::error::try_again) return wait_readable();
        if (error) {
            at_end_ = true;
            gone_ = true;
            if (state_ != State::working && state_ != State::writing && state_ != State::uploading) close();
            return;
        }
        if (state_ == State::streaming) return wait_readable();
        if (state_ == State::lingering) {
            lingered_ += count;
            if (lingered_ > kMostLingered) return close();
            deadline_ = std::min(now() + seconds(2), linger_deadline_);
            return wait_readable();
        }
        if (state_ == State::head && unread() == 0) deadline_ = now() + front_.options.header_timeout;
        input_.append(io_.scratch.data(), count);
        if (state_ == State::head || state_ == State::body)
            advance();
        else
            wait_readable();
    }

    void advance() {
        advancing_ = true;
        int turns = 0;
        while ((state_ == State::head || state_ == State::body) && turns < kBurst && read_request()) ++turns;
        advancing_ = false;
        if (state_ == State::closed) return;
        if (turns == kBurst && state_ == State::head && unread() > 0) {
            asio::post(io_.context, [self = shared_from_this()] {
                if (self->state_ == State::head) self->advance();
            });
            return;
        }
        wait_readable();
    }

    // False when it needs more input.
    bool read_request() {
        if (unread() == 0) return false;
        std::size_t consumed = 0;
        const auto outcome = reader_.read(input(), consumed);
        use(consumed);
        switch (outcome) {
            case WireReader::Outcome::need_more:
                if (state_ == State::body) {
                    if (consumed > 0) deadline_ = std::min(now() + seconds(10), body_deadline_);
                    return flush_upload(false);
                }
                return false;
            case WireReader::Outcome::refused:
                refuse(reader_.refusal());
                return true;
            case WireReader::Outcome::head:
                return head_arrived();
            case WireReader::Outcome::complete:
                if (upload_) return flush_upload(true);
                run();
                return true;
        }
        return false;
    }

    bool head_arrived() {
        request_.remote_ip = peer_ip_;
        take_proxy_headers();
        match_ = front_.routes.match(request_.method, raw_path(request_));
        const std::string_view type = request_.header("content-type");
        // Nothing is known about a body nobody asked for; it is read (up to a point) so that the answer arrives.
        std::uint64_t limit = match_.route ? match_.route->max_body : 64 * 1024;
        if (match_.route && match_.route->accepts_uploads) {
            if (const std::string boundary = multipart_boundary(type); !boundary.empty() && reader_.has_body()) {
                upload_ = std::make_shared<UploadWriter>(boundary, front_.options.temp_dir);
                reader_.set_body_sink([this](std::string_view text) { upload_piece_.append(text); });
            } else {
                limit = std::min<std::uint64_t>(limit, 256 * 1024);
            }
        }
        reader_.set_body_limit(limit);
        if (reader_.content_length() > limit) {
            refuse({413, "http.body_too_large", "The body is larger than this address takes."});
            return true;
        }
        // A body without a length may grow to the limit.
        const auto most = reader_.has_body() && !upload_ ? (reader_.content_length() > 0 ? reader_.content_length() : limit) : 0;
        if (most > kLargeBody) {
            if (!front_.reserve(most)) {
                metrics::count("http_large_bodies_refused_total");
                refuse({503, "http.overloaded", "Too much is going on. Please try again."});
                return true;
            }
            reserved_ = most;
        }
        state_ = State::body;
        body_deadline_ =
            now() + seconds(30) + seconds(std::max<std::uint64_t>(reader_.content_length(), limit > 1024 * 1024 ? limit : 0) / (32 * 1024));
        deadline_ = std::min(now() + seconds(10), body_deadline_);
        if (!reader_.has_body()) {
            run();
            return true;
        }
        if (reader_.expects_continue() && unread() == 0) {
            // Small and first on an idle connection: it fits the socket's buffer.
            boost::system::error_code ignored;
            static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
            (void)socket_.write_some(asio::buffer(kContinue), ignored);
        }
        return true;
    }

    void take_proxy_headers() {
        const bool trusted = peer_is_loopback_ && front_.options.trust_proxy;
        if (!trusted) {
            std::erase_if(request_.headers, [](const auto& header) {
                return header.first.starts_with("x-forwarded-") || header.first == "x-real-ip" || header.first == "x-request-id";
            });
            return;
        }
        // The proxy appends the address it saw; what stands before it came from the client.
        std::string_view forwarded = request_.header("x-forwarded-for");
        if (const std::size_t comma = forwarded.rfind(','); comma != std::string_view::npos) forwarded = forwarded.substr(comma + 1);
        forwarded = trim_space(forwarded);
        boost::system::error_code error;
        if (!forwarded.empty()) {
            const auto address = asio::ip::make_address(std::string(forwarded), error);
            if (!error) request_.remote_ip = address.to_string();
        }
        if (const std::string_view proto = request_.header("x-forwarded-proto"); proto == "https" || proto == "http")
            request_.scheme = proto;
        const std::string_view id = request_.header("x-request-id");
        if (id.size() >= 8 && id.size() <= 64 &&
            id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == std::string_view::npos) {
            request_.request_id = id;
        }
    }

    enum class Flushed { fine, malformed, not_written };
    // Hands what has collected to the helper. True when the caller may go on reading.
    bool flush_upload(bool last) {
        if (!upload_) return false;
        if (!last && upload_piece_.size() < kUploadPiece) return false;
        state_ = State::uploading;
        deadline_ = {};
        auto job = [self = shared_from_this(), piece = std::move(upload_piece_), writer = upload_, last] {
            auto went = Flushed::fine;
            try {
                if (!writer->feed(piece) || (last && !writer->complete())) went = Flushed::malformed;
            } catch (const std::exception& e) {
                log::error("upload failed", {{"cause", e.what()}});
                went = Flushed::not_written;
            }
            asio::post(self->io_.context, [self, went, last] { self->upload_flushed(went, last); });
        };
        upload_piece_ = {};
        if (!front_.helper.try_push(std::move(job))) refuse({503, "http.overloaded", "Too much is going on. Please try again."});
        return true;
    }

    void upload_flushed(Flushed went, bool last) {
        if (state_ != State::uploading) return;
        if (at_end_) return close();
        state_ = State::body;
        if (went == Flushed::malformed) {
            refuse({400, "http.malformed_multipart", "The form data is not readable."});
        } else if (went == Flushed::not_written) {
            refuse({503, "http.unavailable", "The files could not be kept. Please try again later."});
        } else if (last) {
            files_.emplace(upload_->finish(request_));
            upload_.reset();
            run();
        } else {
            deadline_ = std::min(now() + seconds(10), body_deadline_);
        }
        advance();
    }

    // ---- work
    void run() {
        state_ = State::working;
        deadline_ = {};
        keep_alive_ = reader_.keep_alive();
        WorkerPool* pool = match_.route ? front_.pool_of(match_.route->pool) : nullptr;
        request_.deadline = now() + (match_.route ? match_.route->timeout : std::chrono::milliseconds(15000));
        if (!pool) {
            Response response = dispatch_match(std::move(match_), request_, front_.options.dispatch);
            if (response.status == kHangUp) return asio::post(io_.context, [self = shared_from_this()] { self->close(); });
            if (response.file.empty() && !response.stream) return send(make_ready(std::move(response), false));
            auto job = [self = shared_from_this(), held = std::make_shared<Response>(std::move(response))] {
                self->answer(std::move(*held));
            };
            if (!front_.helper.try_push(std::move(job))) refuse_busy("helper");
            return;
        }
        if (!pool->try_push([self = shared_from_this()] { self->work(); })) refuse_busy(pool->name());
    }

    // On a worker.
    void work() {
        if (gone_) {  // nobody waits for the answer, and nothing has happened yet
            metrics::count("http_abandoned_total");
            asio::post(io_.context, [self = shared_from_this()] { self->close(); });
            return;
        }
        ensure_ids(request_);
        if (now() > request_.deadline) {
            const log::Scope scope(request_.request_id, request_.trace_id);
            return answer(finish(match_, request_, problem_with(503, "http.overloaded", "Too much is going on. Please try again.", 1),
                                 request_.deadline - match_.route->timeout));
        }
        answer(dispatch_match(std::move(match_), request_, front_.options.dispatch));
    }

    // Any thread that has the request.
    Outgoing make_ready(Response response, bool may_block) {
        try {
            return prepare(request_, std::move(response), front_.tools(may_block));
        } catch (const std::exception& e) {
            log::error("answer could not be made ready", {{"cause", e.what()}, {"request_id", request_.request_id}});
            return prepare(request_, problem_with(500, "http.internal_error", "Something went wrong on our side."), front_.tools(false));
        }
    }

    // On a worker or the helper.
    void answer(Response response) {
        if (response.status == kHangUp) {
            asio::post(io_.context, [self = shared_from_this()] { self->close(); });
            return;
        }
        if (response.stream && request_.method != Method::head) {
            const auto held = std::make_shared<Response>(std::move(response));
            if (front_.streams.try_push([self = shared_from_this(), held] { self->make_stream(std::move(*held)); })) return;
            metrics::count("http_pool_rejected_total", "pool=\"streams\"");
            response = std::move(*held);
            turn_into(response, problem_with(503, "http.overloaded", "Too much is going on. Please try again.", 5));
        }
        asio::post(io_.context, [self = shared_from_this(), out = std::make_shared<Outgoing>(make_ready(std::move(response), true))] {
            if (self->state_ == State::working) self->send(std::move(*out));
        });
    }

    void refuse_busy(const std::string& pool) {
        metrics::count("http_pool_rejected_total", "pool=\"" + pool + "\"");
        refuse_with(503, "http.overloaded", "Too much is going on. Please try again.", 1, reader_.keep_alive());
    }
    // An answer without a handler after which the connection ends, since what follows on it cannot be trusted.
    void refuse(const WireReader::Refusal& refusal) {
        refuse_with(refusal.status, refusal.code, refusal.message, refusal.status == 503 ? 1 : 0, false);
    }
    void refuse_with(int status, std::string_view code, std::string_view message, int retry_after, bool keep_alive) {
        ensure_ids(request_);
        const log::Scope scope(request_.request_id, request_.trace_id);
        keep_alive_ = keep_alive;
        // Refused before it was asked where it belongs: the access line has to know whether the path is a secret.
        if (!match_.route && !match_.path_exists && !request_.path.empty())
            match_ = front_.routes.match(request_.method, raw_path(request_));
        Response response = finish(match_, request_, problem_with(status, code, message, retry_after), now());
        send(make_ready(std::move(response), false));
    }

    // ---- output
    void send(Outgoing out) {
        out_ = std::move(out);
        sent_ = 0;
        state_ = State::writing;
        deadline_ = now() + kWriteTimeout;
        const bool stream = !out_.event_channel.empty();
        keep_alive_ = keep_alive_ && !stream && !at_end_ && !front_.draining && !(out_.is_streamed && reader_.is_http_1_0());
        if (out_.is_streamed && !reader_.is_http_1_0()) out_.head += "transfer-encoding: chunked\r\n";
        out_.head += io_.date();
        if (!keep_alive_)
            out_.head += "connection: close\r\n";
        else if (reader_.is_http_1_0())
            out_.head += "connection: keep-alive\r\n";
        out_.head += "\r\n";
        // Almost always the kernel takes everything at once.
        boost::system::error_code error;
        const std::size_t count = socket_.write_some(rest_of_answer(), error);
        if (error == asio::error::would_block || error == asio::error::try_again) return write_rest();
        if (error) return close();
        sent_ = count;
        if (sent_ < out_.head.size() + out_.content().size()) return write_rest();
        written();
    }

    [[nodiscard]] std::array<asio::const_buffer, 2> rest_of_answer() const {
        const asio::const_buffer head(out_.head.data(), out_.head.size());
        const asio::const_buffer body(out_.content().data(), out_.content().size());
        return {head + sent_, body + (sent_ > head.size() ? sent_ - head.size() : 0)};
    }

    void write_rest() {
        asio::async_write(socket_, rest_of_answer(), [self = shared_from_this()](boost::system::error_code error, std::size_t) {
            if (self->state_ != State::writing) return;
            if (error) return self->close();
            self->written();
        });
        wait_readable();
    }

    void written() {
        if (out_.remaining > 0) return next_piece();
        if (!is_last_piece_) return piece_written();
        if (!out_.event_channel.empty()) return start_stream();
        if (!keep_alive_) return linger();
        out_ = {};
        fresh_request();
        deadline_ = now() + (unread() > 0 ? front_.options.header_timeout : front_.options.idle_timeout);
        if (!advancing_) advance();
    }

    // Files that are not read at once: the helper reads a piece, this thread writes it.
    void next_piece() {
        deadline_ = now() + kWriteTimeout;
        auto job = [self = shared_from_this()] {
            Outgoing& out = self->out_;
            std::string piece(std::min<std::uint64_t>(kFilePiece, out.remaining), '\0');
            const ssize_t count = ::pread(out.file.descriptor(), piece.data(), piece.size(), static_cast<off_t>(out.offset));
            piece.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
            asio::post(self->io_.context,
                       [self, held = std::make_shared<std::string>(std::move(piece))] { self->write_piece(std::move(*held)); });
        };
        if (!front_.helper.try_push(std::move(job))) close();
    }

    void write_piece(std::string piece) {
        if (state_ != State::writing) return;
        if (piece.empty()) return close();  // the file became shorter: the length was promised, so only closing is honest
        out_.offset += piece.size();
        out_.remaining -= piece.size();
        out_.head.clear();
        out_.shared.reset();
        out_.body = std::move(piece);
        sent_ = 0;
        write_rest();
    }

    // ---- bodies that are written while they are made
    // On a worker of the pool of streams, which stays with the answer until its last piece. One piece is made while another is
    // under way; the head leaves with the first.
    void make_stream(Response response) {
        const std::string request_id = request_.request_id, trace_id = request_.trace_id;  // the request may end before we do
        const log::Scope scope(request_id, trace_id);
        const BodyStream make = std::move(response.stream);
        response.stream = [](const BodyWriter&) {};  // it still says how the answer is framed
        std::shared_ptr<Response> first = std::make_shared<Response>(std::move(response));
        std::string piece;
        auto since = now();
        const auto hand_over = [&](bool last) {
            std::shared_ptr<Outgoing> head;
            if (first) head = std::make_shared<Outgoing>(make_ready(std::move(*first), true));
            first.reset();
            {
                std::unique_lock lock(piece_mutex_);
                piece_taken_.wait(lock, [this] { return !piece_under_way_ || gone_; });
                if (gone_) throw ClientLost();
                piece_under_way_ = true;
            }
            asio::post(io_.context, [self = shared_from_this(), head, held = std::make_shared<std::string>(std::move(piece)), last] {
                self->send_piece(head.get(), std::move(*held), last);
            });
            piece.clear();
            since = now();
        };
        try {
            make([&](std::string_view text) {
                if (gone_) throw ClientLost();
                piece += text;
                if (piece.size() >= kStreamPiece || (!piece.empty() && now() - since > kStreamPause)) hand_over(false);
            });
            hand_over(true);
        } catch (const ClientLost&) {
            metrics::count("http_abandoned_total");
            break_off();
        } catch (const std::exception& e) {
            log::error("a streamed answer failed", {{"cause", e.what()}, {"has_begun", !first}});
            metrics::count("http_streams_failed_total");
            if (front_.options.dispatch.on_exception) front_.options.dispatch.on_exception(request_, e.what());
            if (!first) return break_off();
            turn_into(*first, problem_with(500, "http.internal_error", "Something went wrong on our side."));
            answer(std::move(*first));
        }
    }

    void send_piece(Outgoing* head, std::string piece, bool last) {
        if (head ? state_ != State::working : state_ != State::writing) return;
        std::string framed;
        if (reader_.is_http_1_0()) {
            framed = std::move(piece);
        } else {
            framed.reserve(piece.size() + 32);
            if (!piece.empty()) framed.append(fmt::format("{:x}\r\n", piece.size())).append(piece).append("\r\n");
            if (last) framed += "0\r\n\r\n";
        }
        is_last_piece_ = last;
        if (head) {
            head->body = std::move(framed);
            return send(std::move(*head));
        }
        out_.head.clear();
        out_.body = std::move(framed);
        sent_ = 0;
        deadline_ = now() + kWriteTimeout;
        write_rest();
    }

    void piece_written() {
        deadline_ = {};  // how long the next piece takes is up to whoever makes it
        if (at_end_) return close();
        {
            const std::lock_guard lock(piece_mutex_);
            piece_under_way_ = false;
        }
        piece_taken_.notify_all();
    }

    void break_off() {
        asio::post(io_.context, [self = shared_from_this()] { self->close(); });
    }

    void linger() {
        if (at_end_) return close();
        boost::system::error_code error;
        socket_.shutdown(tcp::socket::shutdown_send, error);
        if (error) return close();
        // Closing with unread input would reset the connection and could take the answer away from the client.
        state_ = State::lingering;
        input_.clear();
        used_ = 0;
        linger_deadline_ = now() + seconds(10);
        deadline_ = now() + seconds(2);
        wait_readable();
    }

    // ---- Server-Sent Events
    void start_stream() {
        state_ = State::streaming;
        deadline_ = {};
        last_event_ = now();
        channel_ = std::move(out_.event_channel);
        out_ = {};
        if (front_.draining || at_end_) return close();
        io_.channels[channel_].insert(this);
        wait_readable();
    }

    void write_event() {
        last_event_ = now();
        deadline_ = now() + kWriteTimeout;
        asio::async_write(socket_, asio::buffer(*events_.front()),
                          [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                              if (self->state_ != State::streaming) return;
                              if (error) return self->close();
                              self->deadline_ = {};
                              self->events_.pop_front();
                              if (!self->events_.empty()) self->write_event();
                          });
    }

    void leave_channel() {
        if (channel_.empty()) return;
        const auto found = io_.channels.find(channel_);
        if (found == io_.channels.end()) return;
        found->second.erase(this);
        if (found->second.empty()) io_.channels.erase(found);
    }

    Front& front_;
    Io& io_;
    tcp::socket socket_;
    State state_ = State::head;
    std::string peer_ip_;
    bool peer_is_loopback_ = false;
    bool waiting_ = false;    // a wait for input is under way
    bool at_end_ = false;     // the peer sends no more
    bool advancing_ = false;  // we are inside advance()
    bool keep_alive_ = false;
    std::atomic<bool> gone_{false};
    SteadyTime deadline_{};  // of the current state; zero for none
    SteadyTime body_deadline_{};
    std::string input_;
    std::size_t used_ = 0;
    SteadyTime linger_deadline_{};
    std::size_t lingered_ = 0;

    Request request_;
    WireReader reader_;
    Routes::Match match_;
    std::shared_ptr<UploadWriter> upload_;
    std::string upload_piece_;
    std::optional<TempFiles> files_;
    std::uint64_t reserved_ = 0;  // of Front::large_bodies

    Outgoing out_;
    std::size_t sent_ = 0;

    // Of a streamed body: what the worker that makes it and the I/O thread share, and whether it is written to its end.
    std::mutex piece_mutex_;
    std::condition_variable piece_taken_;
    bool piece_under_way_ = false;
    bool is_last_piece_ = true;

    std::string channel_;
    std::deque<std::shared_ptr<const std::string>> events_;
    SteadyTime last_event_{};
};

void accepted(Front& front, Io& io, tcp::socket socket) {
    if (front.open.load() >= front.options.max_connections) {
        metrics::count("http_connections_refused_total");
        static constexpr std::string_view kFull =
            "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        boost::system::error_code ignored;
        socket.non_blocking(true, ignored);
        (void)socket.write_some(asio::buffer(kFull), ignored);
        socket.shutdown(tcp::socket::shutdown_send, ignored);
        return;
    }
    ++front.open;
    auto connection = std::make_shared<Connection>(front, io, std::move(socket));
    asio::post(io.context, [connection] { connection->start(); });
}

void accept_next(Front& front) {
    Io& io = front.ios[front.next_io++ % front.ios.size()];
    front.acceptor->async_accept(io.context, [&front, &io](boost::system::error_code error, tcp::socket socket) {
        if (front.draining || error == asio::error::operation_aborted) return;
        if (error) {  // out of descriptors, most likely: let some close first
            log::warning("accept failed", {{"cause", error.message()}});
            front.accept_pause->expires_after(std::chrono::milliseconds(100));
            front.accept_pause->async_wait([&front](boost::system::error_code stopped) {
                if (!stopped && !front.draining) accept_next(front);
            });
            return;
        }
        accepted(front, io, std::move(socket));
        accept_next(front);
    });
}

void sweep(Front& front, Io& io) {
    const auto at = std::chrono::steady_clock::now();
    std::vector<std::shared_ptr<Connection>> all;  // a sweep may end connections
    all.reserve(io.connections.size());
    for (const auto& [key, connection] : io.connections) all.push_back(connection);
    for (const auto& connection : all) connection->sweep(at);
    if (&io == &front.ios.front()) {
        metrics::set("http_connections", {}, front.open.load());
        for (WorkerPool* pool : front.pools()) {
            metrics::set("http_pool_queue", "pool=\"" + pool->name() + "\"", static_cast<double>(pool->waiting()));
            metrics::set("http_pool_running", "pool=\"" + pool->name() + "\"", static_cast<double>(pool->running()));
        }
    }
    io.timer.expires_after(kSweep);
    io.timer.async_wait([&front, &io](boost::system::error_code error) {
        if (!error) sweep(front, io);
    });
}

template <class Action>
void for_each_connection(Front& front, Action action) {
    for (Io& io : front.ios) {
        asio::post(io.context, [&io, action] {
            std::vector<std::shared_ptr<Connection>> all;
            for (const auto& [key, connection] : io.connections) all.push_back(connection);
            for (const auto& connection : all) action(*connection);
        });
    }
}

}  // namespace

struct Server::Impl : Front {
    using Front::Front;
    std::mutex stop_mutex;
    bool started = false;
    bool stopped = false;
};

Server::Server(const Routes& routes, ServerOptions options) : impl_(std::make_unique<Impl>(routes, std::move(options))) {
    for (int i = 0; i < std::max(1, impl_->options.io_threads); ++i) impl_->ios.emplace_back();
}

Server::~Server() {
    stop();
    for (WorkerPool* pool : impl_->pools()) pool->join();
    // Connections that workers still held are gone now; the rest goes with the contexts.
    for (Io& io : impl_->ios) {
        io.channels.clear();
        io.connections.clear();
    }
}

void Server::start() {
    Front& front = *impl_;
    Io& first = front.ios.front();
    const tcp::endpoint endpoint(asio::ip::make_address(front.options.address), front.options.port);
    front.acceptor.emplace(first.context);
    front.accept_pause.emplace(first.context);
    front.acceptor->open(endpoint.protocol());
    front.acceptor->set_option(tcp::acceptor::reuse_address(true));
    front.acceptor->bind(endpoint);
    front.acceptor->listen(4096);
    front.port = front.acceptor->local_endpoint().port();
    for (WorkerPool* pool : front.pools()) pool->start();
    impl_->started = true;
    accept_next(front);
    for (Io& io : front.ios) {
        sweep(front, io);
        io.thread = std::thread([&io] {
            while (true) {
                try {
                    io.context.run();
                    return;
                } catch (const std::exception& e) {  // one connection's trouble must not end the others
                    log::error("exception on an I/O thread", {{"cause", e.what()}});
                }
            }
        });
    }
    log::info("listening", {{"address", front.options.address}, {"port", front.port}});
}

std::uint16_t Server::port() const { return impl_->port; }

void Server::stop() {
    const std::lock_guard stopping(impl_->stop_mutex);
    if (!impl_->started || impl_->stopped) return;
    impl_->stopped = true;
    Front& front = *impl_;
    front.draining = true;
    asio::post(front.ios.front().context, [&front] {
        boost::system::error_code ignored;
        front.acceptor->close(ignored);
        front.accept_pause->cancel();
    });
    for_each_connection(front, [](Connection& connection) { connection.drain(); });
    {
        std::unique_lock lock(front.mutex);
        if (!front.all_closed.wait_for(lock, front.options.drain_timeout, [&front] { return front.open.load() == 0; })) {
            log::warning("requests were cut off at the end of the drain", {{"connections", front.open.load()}});
        }
    }
    for (WorkerPool* pool : front.pools()) pool->stop();
    for_each_connection(front, [](Connection& connection) { connection.close(); });
    for (Io& io : front.ios) {
        asio::post(io.context, [&io] {
            io.timer.cancel();
            io.context.stop();
        });
    }
    for (Io& io : front.ios) {
        if (io.thread.joinable()) io.thread.join();
    }
}

void Server::publish(std::string_view channel, std::string_view event, std::string_view data) {
    std::string text;
    if (!event.empty()) text.append("event: ").append(event).append("\n");
    std::size_t start = 0;
    while (start <= data.size()) {
        const std::size_t end = std::min(data.find('\n', start), data.size());
        text.append("data: ").append(data.substr(start, end - start)).append("\n");
        start = end + 1;
    }
    text += "\n";
    const auto shared = std::make_shared<const std::string>(std::move(text));
    for (Io& io : impl_->ios) {
        asio::post(io.context, [&io, name = std::string(channel), shared] {
            const auto found = io.channels.find(name);
            if (found == io.channels.end()) return;
            const std::vector<Connection*> listeners(found->second.begin(), found->second.end());
            for (Connection* listener : listeners) listener->push_event(shared);
        });
    }
}

}  // namespace stoa::http
