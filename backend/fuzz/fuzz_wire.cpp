// Requests as bytes on the wire. Whatever arrives: no crash, no byte lost or used twice, and the same outcome however it is cut.
#include <cstdlib>
#include <string>
#include <vector>

#include "http/wire.hpp"

namespace {

using stoa::http::Request;
using stoa::http::WireReader;

struct Seen {
    std::vector<std::string> requests;
    int refused = 0;
    bool operator==(const Seen&) const = default;
};

// Feeds the text in pieces of `piece` bytes, as the server does.
Seen feed(std::string_view text, std::size_t piece) {
    Seen seen;
    Request request;
    WireReader reader(request, 4096);
    std::string input;
    std::size_t at = 0;
    while (true) {
        std::size_t consumed = 0;
        const auto outcome = reader.read(input, consumed);
        if (consumed > input.size()) std::abort();
        input.erase(0, consumed);
        switch (outcome) {
            case WireReader::Outcome::need_more:
                if (at >= text.size()) return seen;
                input += text.substr(at, piece);
                at += piece;
                break;
            case WireReader::Outcome::refused:
                seen.refused = reader.refusal().status;
                return seen;
            case WireReader::Outcome::head:
                reader.set_body_limit(1000);
                break;
            case WireReader::Outcome::complete: {
                if (request.body.size() > 1000) std::abort();
                if (request.path.empty() || request.path.front() != '/') std::abort();
                std::string line = std::string(stoa::http::method_name(request.method)) + " " + request.target + "\n";
                for (const auto& [name, value] : request.headers) {
                    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos || name.empty()) std::abort();
                    line += name + ":" + value + "\n";
                }
                seen.requests.push_back(line + request.body);
                request = Request{};
                reader.reset();
                break;
            }
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Seen whole = feed(text, size + 1);
    const Seen pieces = feed(text, 1 + size % 7);
    // Cut differently, a refusal may come before or after a limit is noticed, but requests never differ.
    if (whole.requests != pieces.requests) std::abort();
    if ((whole.refused == 0) != (pieces.refused == 0)) std::abort();
    return 0;
}
