#include "http/outgoing.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "http/problem.hpp"
#include "stoa/clock/clock.hpp"
#include "stoa/log/log.hpp"

namespace stoa::http {
namespace {

constexpr std::size_t kWorthCompressing = 1024;
constexpr std::uint64_t kReadAtOnce = 512 * 1024;  // files up to this are read where they are prepared

void replace_header(Response& response, std::string_view name, const std::string& value) {
    for (auto& [key, text] : response.headers) {
        if (same_ignoring_case(key, name)) {
            text = value;
            return;
        }
    }
    response.header(name, value);
}

void add_vary(Response& response) {
    const std::string vary(response.header_value("vary"));
    if (has_token(vary, "accept-encoding") || vary == "*") return;
    replace_header(response, "vary", vary.empty() ? "Accept-Encoding" : vary + ", Accept-Encoding");
}

void encode(const Request& request, Response& response, const PrepareTools& tools) {
    const bool bare = response.status == 204 || response.status == 206 || response.status == 304;
    if (bare || response.content().size() < kWorthCompressing || !response.header_value("content-encoding").empty()) return;
    if (!is_compressible(response.header_value("content-type"))) return;
    add_vary(response);
    if (request.method == Method::head) return;
    const Encoding encoding = choose_encoding(request.header("accept-encoding"));
    if (encoding == Encoding::identity) return;
    if (response.shared_body) {
        bool claim = false;
        auto form = tools.cache.find(response.shared_body, encoding, claim);
        if (!form && tools.may_block)
            form = tools.cache.fill(response.shared_body, encoding);
        else if (claim)
            tools.compress_later(response.shared_body, encoding);
        if (!form) return;
        response.shared_body = std::move(form);
    } else {
        if (!tools.may_block) return;
        response.body = compress(response.body, encoding);
    }
    response.header("content-encoding", encoding == Encoding::br ? "br" : "gzip");
    // Another representation needs another strong tag; cacheable() knows both.
    std::string tag(response.header_value("etag"));
    if (tag.size() > 2 && tag.back() == '"') {
        tag.insert(tag.size() - 1, encoding == Encoding::br ? "-br" : "-gzip");
        replace_header(response, "etag", tag);
    }
}

bool names_tag(std::string_view list, std::string_view tag) { return !tag.empty() && (trim_space(list) == "*" || has_token(list, tag)); }

// Opens the file of a response; cuts the range; may turn the answer into 304, 404 or 416.
void open_file(const Request& request, Response& response, Outgoing& out, std::uint64_t& length) {
    OpenFile file(::open(response.file.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat facts{};
    if (!file.is_open() || ::fstat(file.descriptor(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
        const int status = response.status;
        turn_into(response, problem_with(404, "http.not_found", "There is nothing here."));
        log::warning("file of an answer is missing", {{"status", status}});
        length = response.body.size();
        return;
    }
    const auto size = static_cast<std::uint64_t>(facts.st_size);
    const Timestamp changed = std::chrono::sys_seconds(std::chrono::seconds(facts.st_mtime));
    if (response.header_value("last-modified").empty()) response.header("last-modified", to_http_date(changed));
    response.header("accept-ranges", "bytes");
    const std::string_view tag = response.header_value("etag");
    const std::string_view modified = response.header_value("last-modified");
    const std::string_view if_none_match = request.header("if-none-match");
    const std::string_view if_modified = request.header("if-modified-since");
    length = 0;
    if (response.status == 200 &&
        (!if_none_match.empty() ? names_tag(if_none_match, tag) : !if_modified.empty() && if_modified == modified)) {
        response.status = 304;
        return;
    }
    ByteRange range{0, size};
    const std::string_view wanted = request.header("range");
    const std::string_view if_range = request.header("if-range");
    const bool range_counts = if_range.empty() || (!tag.empty() && if_range == tag) || if_range == modified;
    if (response.status == 200 && !wanted.empty() && range_counts && (request.method == Method::get)) {
        switch (choose_range(wanted, size, range)) {
            case RangeOutcome::whole:
                range = {0, size};
                break;
            case RangeOutcome::partial:
                response.status = 206;
                response.header("content-range", fmt::format("bytes {}-{}/{}", range.first, range.first + range.length - 1, size));
                break;
            case RangeOutcome::unsatisfiable:
                turn_into(response, problem_with(416, "http.range_not_satisfiable", "The file is shorter than that."));
                response.header("content-range", fmt::format("bytes */{}", size));
                length = response.body.size();
                return;
        }
    }
    length = range.length;
    out.offset = range.first;
    out.remaining = range.length;
    if (request.method == Method::head) {
        out.remaining = 0;
    } else if (range.length <= kReadAtOnce) {
        response.body.resize(range.length);
        std::size_t done = 0;
        while (done < range.length) {
            const ssize_t n =
                ::pread(file.descriptor(), response.body.data() + done, range.length - done, static_cast<off_t>(range.first + done));
            if (n <= 0) throw std::runtime_error("reading the file of an answer failed");
            done += static_cast<std::size_t>(n);
        }
        out.remaining = 0;
    } else {
        out.file = std::move(file);
    }
}

// Written by the server alone.
bool is_framing(std::string_view name) {
    return same_ignoring_case(name, "content-length") || same_ignoring_case(name, "transfer-encoding") ||
           same_ignoring_case(name, "connection") || same_ignoring_case(name, "date") || same_ignoring_case(name, "keep-alive");
}

}  // namespace

void turn_into(Response& response, Response problem) {
    for (const std::string_view name : {"x-request-id", "x-content-type-options"}) {
        if (const std::string_view value = response.header_value(name); !value.empty()) problem.header(name, value);
    }
    response = std::move(problem);
}

OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
    if (this != &other) {
        if (descriptor_ >= 0) ::close(descriptor_);
        descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
}

OpenFile::~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Outgoing prepare(const Request& request, Response response, const PrepareTools& tools) {
    Outgoing out;
    std::uint64_t length = 0;
    const bool is_stream = !response.event_channel.empty() && request.method != Method::head;
    if (!response.file.empty()) {
        open_file(request, response, out, length);
    } else {
        if (!is_stream && !response.stream) encode(request, response, tools);
        length = response.content().size();
    }
    out.status = response.status;
    out.head.reserve(512);
    out.head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ").append(reason_phrase(response.status)).append("\r\n");
    for (const auto& [name, value] : response.headers) {
        if (is_framing(name)) continue;
        out.head.append(name).append(": ").append(value).append("\r\n");
    }
    if (is_stream) {
        out.head += "content-type: text/event-stream\r\nx-accel-buffering: no\r\n";
        out.event_channel = std::move(response.event_channel);
        out.body = std::move(response.body);
        return out;
    }
    if (response.stream) {
        out.is_streamed = request.method != Method::head;
        return out;
    }
    const bool bare = response.status == 204 || response.status == 304;
    if (!bare) out.head.append("content-length: ").append(std::to_string(length)).append("\r\n");
    if (bare || request.method == Method::head) {
        out.file = OpenFile();
        out.remaining = 0;
        return out;
    }
    out.body = std::move(response.body);
    out.shared = std::move(response.shared_body);
    return out;
}

}  // namespace stoa::http
