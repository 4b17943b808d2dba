#include "stoa/http/message.hpp"

#include <algorithm>
#include <mutex>
#include <set>
#include <stdexcept>

#include "http/text.hpp"
#include "stoa/crypto/crypto.hpp"

namespace stoa::http {
namespace {

constexpr std::size_t kMaxParameters = 200;

bool add_parameters(std::string_view text, std::vector<std::pair<std::string, std::string>>& out) {
    while (!text.empty()) {
        const std::size_t amp = text.find('&');
        const std::string_view item = text.substr(0, amp);
        if (!item.empty()) {
            const std::size_t equals = item.find('=');
            std::pair<std::string, std::string> pair;
            if (!percent_decode(item.substr(0, equals), pair.first, true)) return false;
            if (equals != std::string_view::npos && !percent_decode(item.substr(equals + 1), pair.second, true)) return false;
            if (!is_utf8(pair.first) || !is_utf8(pair.second)) return false;
            if (has_control_characters(pair.first) || has_control_characters(pair.second)) return false;
            if (out.size() == kMaxParameters) return false;
            out.push_back(std::move(pair));
        }
        if (amp == std::string_view::npos) break;
        text.remove_prefix(amp + 1);
    }
    return true;
}

bool has_dot_segment(std::string_view path) {
    while (true) {
        const std::size_t slash = path.find('/');
        const std::string_view segment = path.substr(0, slash);
        if (segment == "." || segment == "..") return true;
        if (slash == std::string_view::npos) return false;
        path.remove_prefix(slash + 1);
    }
}

std::string_view first_of(const std::vector<std::pair<std::string, std::string>>& pairs, std::string_view name) {
    for (const auto& [key, value] : pairs) {
        if (key == name) return value;
    }
    return {};
}

// The tag without the suffix the front adds when it compresses.
std::string_view plain_tag(std::string_view tag) {
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag.size() < 2 || tag.front() != '"' || tag.back() != '"') return {};
    tag = tag.substr(1, tag.size() - 2);
    for (const std::string_view suffix : {"-gzip", "-br"}) {
        if (tag.ends_with(suffix)) {
            tag.remove_suffix(suffix.size());
            break;
        }
    }
    return tag;
}

// The tag of the list that stands for the same content, "*" included; empty when there is none.
std::string_view matching_tag(std::string_view list, std::string_view own) {
    const std::string_view wanted = plain_tag(own);
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        const std::string_view item = trim_space(list.substr(0, comma));
        if (item == "*") return own;
        if (!wanted.empty() && plain_tag(item) == wanted) return item;
        if (comma == std::string_view::npos) break;
        list.remove_prefix(comma + 1);
    }
    return {};
}

}  // namespace

std::string_view method_name(Method method) {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::head:
            return "HEAD";
        case Method::post:
            return "POST";
        case Method::put:
            return "PUT";
        case Method::patch:
            return "PATCH";
        case Method::del:
            return "DELETE";
        case Method::options:
            return "OPTIONS";
    }
    return "GET";
}

std::string_view Request::header(std::string_view name) const { return first_of(headers, name); }
std::string_view Request::param(std::string_view name) const { return first_of(path_params, name); }

std::optional<std::string_view> Request::query_value(std::string_view name) const {
    for (const auto& [key, value] : query) {
        if (key == name) return value;
    }
    return std::nullopt;
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (key != "cookie") continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const std::size_t semicolon = rest.find(';');
            const std::string_view pair = trim_space(rest.substr(0, semicolon));
            const std::size_t equals = pair.find('=');
            if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
                std::string_view text = pair.substr(equals + 1);
                if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
                return text;
            }
            if (semicolon == std::string_view::npos) break;
            rest.remove_prefix(semicolon + 1);
        }
    }
    return std::nullopt;
}

bool set_target(Request& request, std::string_view target) {
    request.target = std::string(target);
    request.path.clear();
    request.query.clear();
    for (const char c : target) {
        if (c <= 0x20 || c >= 0x7F || c == '#') return false;  // also bytes above 127, which are negative or large
    }
    const std::size_t mark = target.find('?');
    const std::string_view path = target.substr(0, mark);
    if (!path.starts_with('/')) return false;
    if (!percent_decode(path, request.path, false) || !is_utf8(request.path)) return false;
    for (const char c : request.path) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
    }
    if (has_dot_segment(request.path)) return false;
    return mark == std::string_view::npos || add_parameters(target.substr(mark + 1), request.query);
}

Response& Response::header(std::string_view name, std::string_view value) {
    for (const char c : name) {
        const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!fine) throw std::logic_error("response header with a name that is not a token");
    }
    for (const char c : value) {
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F)
            throw std::logic_error("response header " + std::string(name) + " holds a control character");
    }
    headers.emplace_back(std::string(name), std::string(value));
    return *this;
}

std::string_view Response::header_value(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (same_ignoring_case(key, name)) return value;
    }
    return {};
}

Response& Response::set_cookie(std::string_view name, std::string_view value, std::int64_t max_age_seconds, bool secure) {
    for (const char c : value) {
        if (c <= 0x20 || c >= 0x7F || c == ';' || c == ',' || c == '"' || c == '\\') throw std::logic_error("cookie value needs encoding");
    }
    std::string text = secure ? "__Host-" : "";
    text.append(name).append("=").append(value).append("; Path=/; HttpOnly; SameSite=Lax");
    if (secure) text += "; Secure";
    if (max_age_seconds >= 0) text += "; Max-Age=" + std::to_string(max_age_seconds);
    return header("set-cookie", text);
}

std::string_view cookie_name(std::string_view name, bool secure) {
    if (!secure) return name;
    // Few names, each made once and kept: the view must outlive the call.
    static std::mutex mutex;
    static std::set<std::string, std::less<>> names;
    const std::lock_guard lock(mutex);
    return *names.insert("__Host-" + std::string(name)).first;
}

Response json_text(int status, std::string body) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    response.header("content-type", "application/json");
    return response;
}

Response no_content() {
    Response response;
    response.status = 204;
    return response;
}

Response cacheable(const Request& request, Response response, int max_age_seconds) {
    if (response.status != 200) return response;
    response.header("cache-control", "public, max-age=" + std::to_string(max_age_seconds) + ", stale-while-revalidate=60");
    std::string tag(response.header_value("etag"));
    if (tag.empty()) {
        tag = '"' + crypto::base64url(crypto::sha256(response.content())).substr(0, 22) + '"';
        response.header("etag", tag);
    }
    const std::string_view matched = matching_tag(request.header("if-none-match"), tag);
    if (matched.empty()) return response;
    Response unchanged;
    unchanged.status = 304;
    for (const auto& [name, value] : response.headers) {
        if (same_ignoring_case(name, "cache-control") || same_ignoring_case(name, "vary")) unchanged.header(name, value);
    }
    unchanged.header("etag", matched);
    return unchanged;
}

Result<json::Value> parse_body(const Request& request) {
    const std::string type = media_type(request.header("content-type"));
    if (type != "application/json") {
        return fail(ErrorKind::unsupported_type, "http.unsupported_media_type", "Send the body as application/json.");
    }
    json::ReadLimits limits;
    limits.max_bytes = std::max(limits.max_bytes, request.body.size());  // the route's own limit was checked before
    return json::parse(request.body, limits);
}

}  // namespace stoa::http
