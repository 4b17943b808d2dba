#pragma once
// Incremental reader of multipart/form-data (RFC 7578). No I/O: parts are handed to a sink as they arrive.
#include <cstddef>
#include <string>
#include <string_view>

namespace stoa::http {

struct PartHead {
    std::string name;
    std::string file_name;  // last path component only
    std::string content_type;
    bool is_file = false;
};

class PartSink {
public:
    virtual ~PartSink() = default;
    // False stops the reader.
    virtual bool begin(const PartHead& head) = 0;
    virtual bool data(std::string_view text) = 0;
    virtual bool end() = 0;
};

// "boundary" of a multipart/form-data content type; empty when there is none or it breaks RFC 2046.
[[nodiscard]] std::string multipart_boundary(std::string_view content_type);

class MultipartReader {
public:
    MultipartReader(std::string_view boundary, PartSink& sink);
    // False once the body is not acceptable or the sink said no.
    [[nodiscard]] bool feed(std::string_view text);
    // The closing boundary was seen.
    [[nodiscard]] bool complete() const { return state_ == State::done; }

private:
    enum class State { start, after_boundary, head, body, done, failed };
    bool step();
    bool read_head(std::string_view block);
    bool fail();

    std::string delimiter_;  // CRLF, two dashes, boundary
    PartSink& sink_;
    State state_ = State::start;
    std::string buffer_;
    std::size_t parts_ = 0;
};

}  // namespace stoa::http
