#include "http/text.hpp"

#include <brotli/encode.h>
#include <zlib.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>

namespace stoa::http {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// A weight of 0 to 1000, RFC 9110 section 12.4.2; 0 when it is not readable.
int weight_of(std::string_view parameters) {
    parameters = trim_space(parameters);
    if (parameters.empty()) return 1000;
    if (parameters.size() < 3 || lower_char(parameters[0]) != 'q' || parameters[1] != '=') return 0;
    parameters.remove_prefix(2);
    if (parameters[0] != '0' && parameters[0] != '1') return 0;
    int weight = (parameters[0] - '0') * 1000;
    if (parameters.size() > 1) {
        if (parameters[1] != '.' || parameters.size() > 5) return 0;
        int unit = 100;
        for (const char c : parameters.substr(2)) {
            if (c < '0' || c > '9') return 0;
            weight += (c - '0') * unit;
            unit /= 10;
        }
    }
    return weight > 1000 ? 0 : weight;
}

std::string gzip(std::string_view text) {
    z_stream stream{};
    constexpr int kGzipWindow = 15 + 16;
    if (deflateInit2(&stream, 5, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("deflateInit2 failed");
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = deflate(&stream, Z_FINISH);
    const std::size_t length = stream.total_out;
    deflateEnd(&stream);
    if (status != Z_STREAM_END) throw std::runtime_error("deflate failed");
    out.resize(length);
    return out;
}

std::string brotli(std::string_view text) {
    std::string out(BrotliEncoderMaxCompressedSize(text.size()), '\0');
    std::size_t length = out.size();
    constexpr int kQuality = 4;
    if (BrotliEncoderCompress(kQuality, 18, BROTLI_MODE_TEXT, text.size(), reinterpret_cast<const std::uint8_t*>(text.data()), &length,
                              reinterpret_cast<std::uint8_t*>(out.data())) != BROTLI_TRUE) {
        throw std::runtime_error("brotli failed");
    }
    out.resize(length);
    return out;
}

std::optional<std::uint64_t> read_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

bool percent_decode(std::string_view text, std::string& out, bool plus_is_space) {
    const std::size_t before = out.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                out.resize(before);
                return false;
            }
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += text[i] == '+' && plus_is_space ? ' ' : text[i];
        }
    }
    return true;
}

bool is_utf8(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    for (std::size_t i = 0; i < text.size();) {
        const unsigned char c = byte(i);
        if (c < 0x80) {
            ++i;
            continue;
        }
        std::size_t more = 0;
        unsigned char low = 0x80;
        unsigned char high = 0xBF;
        if (c >= 0xC2 && c <= 0xDF)
            more = 1;
        else if (c >= 0xE0 && c <= 0xEF) {
            more = 2;
            if (c == 0xE0) low = 0xA0;   // overlong
            if (c == 0xED) high = 0x9F;  // surrogates
        } else if (c >= 0xF0 && c <= 0xF4) {
            more = 3;
            if (c == 0xF0) low = 0x90;
            if (c == 0xF4) high = 0x8F;
        } else {
            return false;
        }
        if (i + more >= text.size()) return false;
        if (byte(i + 1) < low || byte(i + 1) > high) return false;
        for (std::size_t k = 2; k <= more; ++k) {
            if (byte(i + k) < 0x80 || byte(i + k) > 0xBF) return false;
        }
        i += more + 1;
    }
    return true;
}

bool has_control_characters(std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F) return true;
    }
    return false;
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower_char(a[i]) != lower_char(b[i])) return false;
    }
    return true;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = lower_char(c);
    return out;
}

std::string_view trim_space(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 402:
            return "Payment Required";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 417:
            return "Expectation Failed";
        case 421:
            return "Misdirected Request";
        case 422:
            return "Unprocessable Content";
        case 423:
            return "Locked";
        case 425:
            return "Too Early";
        case 428:
            return "Precondition Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return status < 400 ? "OK" : "Error";
    }
}

std::string media_type(std::string_view content_type) { return lower(trim_space(content_type.substr(0, content_type.find(';')))); }

bool has_token(std::string_view list, std::string_view token) {
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        if (same_ignoring_case(trim_space(list.substr(0, comma)), token)) return true;
        if (comma == std::string_view::npos) break;
        list.remove_prefix(comma + 1);
    }
    return false;
}

Encoding choose_encoding(std::string_view accept) {
    int gzip_weight = -1;
    int br_weight = -1;
    int any_weight = -1;
    while (!accept.empty()) {
        const std::size_t comma = accept.find(',');
        const std::string_view item = accept.substr(0, comma);
        const std::size_t semicolon = item.find(';');
        const std::string_view name = trim_space(item.substr(0, semicolon));
        const int weight = semicolon == std::string_view::npos ? 1000 : weight_of(item.substr(semicolon + 1));
        if (same_ignoring_case(name, "gzip") || same_ignoring_case(name, "x-gzip"))
            gzip_weight = weight;
        else if (same_ignoring_case(name, "br"))
            br_weight = weight;
        else if (name == "*")
            any_weight = weight;
        if (comma == std::string_view::npos) break;
        accept.remove_prefix(comma + 1);
    }
    if (gzip_weight < 0) gzip_weight = any_weight;
    if (br_weight < 0) br_weight = any_weight;
    if (br_weight > 0 && br_weight >= gzip_weight) return Encoding::br;
    if (gzip_weight > 0) return Encoding::gzip;
    return Encoding::identity;
}

bool is_compressible(std::string_view content_type) {
    const std::string type = media_type(content_type);
    return type.starts_with("text/") || type == "application/json" || type == "application/problem+json" ||
           type == "application/javascript" || type == "application/xml" || type == "image/svg+xml" || type == "application/ld+json" ||
           type == "application/manifest+json";
}

std::string compress(std::string_view text, Encoding encoding) {
    switch (encoding) {
        case Encoding::gzip:
            return gzip(text);
        case Encoding::br:
            return brotli(text);
        case Encoding::identity:
            break;
    }
    return std::string(text);
}

RangeOutcome choose_range(std::string_view header, std::uint64_t size, ByteRange& out) {
    header = trim_space(header);
    if (header.size() < 6 || !same_ignoring_case(header.substr(0, 6), "bytes=")) return RangeOutcome::whole;
    header = trim_space(header.substr(6));
    const std::size_t dash = header.find('-');
    if (dash == std::string_view::npos || header.find(',') != std::string_view::npos) return RangeOutcome::whole;
    const std::string_view from = trim_space(header.substr(0, dash));
    const std::string_view to = trim_space(header.substr(dash + 1));
    if (from.empty()) {  // the last n bytes
        const auto count = read_number(to);
        if (!count) return RangeOutcome::whole;
        if (*count == 0 || size == 0) return RangeOutcome::unsatisfiable;
        out.length = *count < size ? *count : size;
        out.first = size - out.length;
        return RangeOutcome::partial;
    }
    const auto first = read_number(from);
    if (!first) return RangeOutcome::whole;
    std::uint64_t last = size == 0 ? 0 : size - 1;
    if (!to.empty()) {
        const auto given = read_number(to);
        if (!given || *given < *first) return RangeOutcome::whole;
        if (*given < last) last = *given;
    }
    if (*first >= size) return RangeOutcome::unsatisfiable;
    out.first = *first;
    out.length = last - *first + 1;
    return RangeOutcome::partial;
}

}  // namespace stoa::http
