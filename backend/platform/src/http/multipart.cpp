#include "http/multipart.hpp"

#include <algorithm>

#include "http/text.hpp"

namespace stoa::http {
namespace {

constexpr std::size_t kMaxParts = 64;
constexpr std::size_t kMaxHead = 4096;

// The value of `name` in "form-data; name=\"a\"; filename=\"b\""; false when it is absent.
bool parameter(std::string_view header, std::string_view name, std::string& out) {
    std::size_t at = header.find(';');
    while (at != std::string_view::npos && at < header.size()) {
        ++at;
        while (at < header.size() && (header[at] == ' ' || header[at] == '\t')) ++at;
        const std::size_t equals = header.find('=', at);
        if (equals == std::string_view::npos) return false;
        const bool wanted = same_ignoring_case(trim_space(header.substr(at, equals - at)), name);
        std::string value;
        at = equals + 1;
        if (at < header.size() && header[at] == '"') {
            ++at;
            bool closed = false;
            while (at < header.size()) {
                const char c = header[at++];
                if (c == '"') {
                    closed = true;
                    break;
                }
                // Browsers escape a quote as %22 or \"; a backslash before anything else belongs to a name of old Windows browsers.
                if (c == '\\' && at < header.size() && header[at] == '"')
                    value += header[at++];
                else
                    value += c;
            }
            if (!closed) return false;
        } else {
            const std::size_t end = std::min(header.find(';', at), header.size());
            value = std::string(trim_space(header.substr(at, end - at)));
            at = end;
        }
        if (wanted) {
            out = std::move(value);
            return true;
        }
        at = header.find(';', at);
    }
    return false;
}

}  // namespace

std::string multipart_boundary(std::string_view content_type) {
    if (media_type(content_type) != "multipart/form-data") return {};
    std::string boundary;
    if (!parameter(content_type, "boundary", boundary) || boundary.empty() || boundary.size() > 70 || boundary.back() == ' ') return {};
    for (const char c : boundary) {
        const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
        if (!fine) return {};
    }
    return boundary;
}

MultipartReader::MultipartReader(std::string_view boundary, PartSink& sink) : delimiter_("\r\n--" + std::string(boundary)), sink_(sink) {
    buffer_ = "\r\n";  // so that a boundary at the very start is found like any other
}

bool MultipartReader::fail() {
    state_ = State::failed;
    return false;
}

bool MultipartReader::feed(std::string_view text) {
    if (state_ == State::failed) return false;
    if (state_ == State::done) return true;  // the epilogue is ignored
    buffer_.append(text);
    while (step()) {
    }
    return state_ != State::failed;
}

// One step; false when it needs more text, is done or has failed.
bool MultipartReader::step() {
    switch (state_) {
        case State::start: {
            const std::size_t at = buffer_.find(delimiter_);
            if (at == std::string::npos) {
                if (buffer_.size() > kMaxHead) return fail();  // a preamble that long is no form
                return false;
            }
            buffer_.erase(0, at + delimiter_.size());
            state_ = State::after_boundary;
            return true;
        }
        case State::after_boundary: {
            if (buffer_.size() < 2) return false;
            if (buffer_.starts_with("--")) {
                state_ = State::done;
                buffer_.clear();
                return false;
            }
            const std::size_t end = buffer_.find_first_not_of(" \t");
            if (end == std::string::npos) return buffer_.size() > kMaxHead ? fail() : false;
            if (buffer_.size() < end + 2) return false;
            if (buffer_.compare(end, 2, "\r\n") != 0 || ++parts_ > kMaxParts) return fail();
            buffer_.erase(0, end);  // the line end stays: it makes a head without headers look like one with
            state_ = State::head;
            return true;
        }
        case State::head: {
            const std::size_t end = buffer_.find("\r\n\r\n");
            if (end == std::string::npos || end > kMaxHead) return buffer_.size() > kMaxHead ? fail() : false;
            const std::string block = buffer_.substr(2, end < 2 ? 0 : end - 2);
            buffer_.erase(0, end + 4);
            if (!read_head(block)) return fail();
            state_ = State::body;
            return true;
        }
        case State::body: {
            const std::size_t at = buffer_.find(delimiter_);
            if (at != std::string::npos) {
                if (at > 0 && !sink_.data(std::string_view(buffer_).substr(0, at))) return fail();
                buffer_.erase(0, at + delimiter_.size());
                if (!sink_.end()) return fail();
                state_ = State::after_boundary;
                return true;
            }
            if (buffer_.size() >= delimiter_.size()) {  // keep what could be the start of a delimiter
                const std::size_t length = buffer_.size() - delimiter_.size() + 1;
                if (!sink_.data(std::string_view(buffer_).substr(0, length))) return fail();
                buffer_.erase(0, length);
            }
            return false;
        }
        case State::done:
        case State::failed:
            return false;
    }
    return false;
}

bool MultipartReader::read_head(std::string_view block) {
    PartHead head;
    bool named = false;
    while (!block.empty()) {
        const std::size_t end = std::min(block.find("\r\n"), block.size());
        const std::string_view line = block.substr(0, end);
        block.remove_prefix(std::min(end + 2, block.size()));
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) return false;
        const std::string_view name = trim_space(line.substr(0, colon));
        const std::string_view value = trim_space(line.substr(colon + 1));
        if (same_ignoring_case(name, "content-disposition")) {
            if (media_type(value) != "form-data" || !parameter(value, "name", head.name)) return false;
            named = true;
            head.is_file = parameter(value, "filename", head.file_name);
            if (const std::size_t slash = head.file_name.find_last_of("/\\"); slash != std::string::npos)
                head.file_name.erase(0, slash + 1);
        } else if (same_ignoring_case(name, "content-type")) {
            head.content_type = std::string(value);
        }
    }
    for (const std::string* text : {&head.name, &head.file_name, &head.content_type}) {
        if (!is_utf8(*text) || has_control_characters(*text) || text->size() > 512) return false;
    }
    return named && sink_.begin(head);
}

}  // namespace stoa::http
