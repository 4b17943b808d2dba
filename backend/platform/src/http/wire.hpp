#pragma once
// The request side of HTTP/1.1 without sockets: bytes in, Request out. What the server runs on, and what the fuzzers call.
// Stricter than the grammar where parsers are known to disagree (request smuggling): no folded lines, no bare CR or LF, one Host,
// one Content-Length, "chunked" as the only transfer coding and never beside a Content-Length, no trailers taken as headers.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "stoa/http/message.hpp"

namespace stoa::http {

class WireReader {
public:
    enum class Outcome {
        need_more,
        head,      // once per request: the head is complete, limits can be set; call again for the body
        complete,  // the request is complete; reset() before the next one
        refused,   // see refusal(); the connection is to be closed
    };
    struct Refusal {
        int status;
        std::string_view code;
        std::string_view message;
    };

    WireReader(Request& request, std::size_t max_header_bytes);
    ~WireReader();
    // Consumes from the front of `input`; `consumed` says how much.
    [[nodiscard]] Outcome read(std::string_view input, std::size_t& consumed);
    void reset();

    // Set after Outcome::head. Body bytes go to `sink` when there is one, otherwise to Request::body.
    void set_body_limit(std::uint64_t bytes) { body_limit_ = bytes; }
    void set_body_sink(std::function<void(std::string_view)> sink) { sink_ = std::move(sink); }

    [[nodiscard]] const Refusal& refusal() const { return refusal_; }
    [[nodiscard]] bool keep_alive() const { return keep_alive_; }
    [[nodiscard]] bool is_http_1_0() const { return http_1_0_; }
    [[nodiscard]] bool expects_continue() const { return expects_continue_; }
    [[nodiscard]] bool has_body() const { return has_body_; }
    [[nodiscard]] std::uint64_t content_length() const { return content_length_; }  // 0 when chunked

private:
    class Parser;
    Outcome refuse(int status, std::string_view code, std::string_view message);
    Outcome read_head(std::string_view input, std::size_t& consumed);
    Outcome check_head();
    Outcome bad_body();
    enum class LineEnd { found, missing, bad };
    static LineEnd take_line(std::string_view rest, std::string_view& line);
    // What comes next of the body.
    enum class BodyPart { none, counted, chunk_head, chunk_data, chunk_end, trailers };

    Request& request_;
    const std::size_t max_header_bytes_;
    std::unique_ptr<Parser> parser_;  // while a request is being read
    std::size_t searched_ = 0;        // of the input, without finding the end of the head
    std::size_t blank_bytes_ = 0;     // of empty lines before the request
    std::uint64_t body_limit_ = 0;
    std::uint64_t body_bytes_ = 0;
    std::uint64_t content_length_ = 0;
    BodyPart part_ = BodyPart::none;
    std::uint64_t part_bytes_ = 0;  // still to come of this part
    std::size_t trailer_bytes_ = 0;
    std::function<void(std::string_view)> sink_;
    Refusal refusal_{400, "http.bad_request", ""};
    bool keep_alive_ = false;
    bool http_1_0_ = false;
    bool expects_continue_ = false;
    bool has_body_ = false;
};

}  // namespace stoa::http
