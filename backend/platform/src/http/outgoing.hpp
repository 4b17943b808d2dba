#pragma once
// A response made ready for the wire: encoding chosen, file opened, range cut, head written.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/compressed_cache.hpp"
#include "stoa/http/message.hpp"

namespace stoa::http {

class OpenFile {
public:
    OpenFile() = default;
    explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
    OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    OpenFile& operator=(OpenFile&& other) noexcept;
    ~OpenFile();
    [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
    [[nodiscard]] int descriptor() const { return descriptor_; }

private:
    int descriptor_ = -1;
};

struct Outgoing {
    int status = 200;
    std::string head;  // status line and headers, without Date, Connection and the empty line
    std::string body;
    std::shared_ptr<const std::string> shared;
    OpenFile file;  // its bytes from `offset` follow the body, `remaining` of them
    std::uint64_t offset = 0;
    std::uint64_t remaining = 0;
    std::string event_channel;
    bool is_streamed = false;  // the server frames the body, piece by piece
    bool close = false;
    [[nodiscard]] std::string_view content() const { return shared ? std::string_view(*shared) : std::string_view(body); }
};

struct PrepareTools {
    CompressedCache& cache;
    bool may_block;  // false on the I/O thread: nothing is compressed and no file is opened there
    // Compress this document soon, elsewhere.
    std::function<void(std::shared_ptr<const std::string>, Encoding)> compress_later;
};
// The answer has become a problem; what the front has added to every answer stays.
void turn_into(Response& response, Response problem);
// Precondition: response.file is empty unless may_block.
[[nodiscard]] Outgoing prepare(const Request& request, Response response, const PrepareTools& tools);

}  // namespace stoa::http
