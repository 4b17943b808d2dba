// multipart/form-data: no crash, a bounded number of parts, and the same parts however the body is cut.
#include <cstdlib>
#include <vector>

#include "http/multipart.hpp"

namespace {

struct Parts final : stoa::http::PartSink {
    std::vector<std::string> parts;
    bool begin(const stoa::http::PartHead& head) override {
        if (head.file_name.find('/') != std::string::npos || head.file_name.find('\\') != std::string::npos) std::abort();
        parts.push_back(head.name + "|" + head.file_name + "|" + head.content_type + "|");
        if (parts.size() > 64) std::abort();
        return true;
    }
    bool data(std::string_view text) override {
        parts.back().append(text);
        return true;
    }
    bool end() override {
        parts.back() += "|end";
        return true;
    }
};

bool read(std::string_view body, std::size_t piece, Parts& parts, bool& complete) {
    stoa::http::MultipartReader reader("b", parts);
    bool fine = true;
    for (std::size_t at = 0; fine && at < body.size(); at += piece) fine = reader.feed(body.substr(at, piece));
    complete = reader.complete();
    return fine;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)stoa::http::multipart_boundary(text);
    Parts whole;
    Parts pieces;
    bool whole_complete = false;
    bool pieces_complete = false;
    const bool whole_fine = read(text, size + 1, whole, whole_complete);
    const bool pieces_fine = read(text, 1 + size % 5, pieces, pieces_complete);
    // A refusal may come with fewer parts seen when the body arrived in one piece; a good body reads the same.
    if (whole_complete != pieces_complete) std::abort();
    if (whole_complete && whole_fine && pieces_fine && whole.parts != pieces.parts) std::abort();
    return 0;
}
