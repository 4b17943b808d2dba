#pragma once
// Requests and responses as handlers see them. Handlers are ordinary blocking functions; they never see sockets.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stoa/json/describe.hpp"
#include "stoa/result/result.hpp"

namespace stoa::http {

enum class Method { get, head, post, put, patch, del, options };
[[nodiscard]] std::string_view method_name(Method method);

// A part of a multipart body, streamed to a temporary file that is removed with the request.
struct Upload {
    std::string field;
    std::string file_name;
    std::string content_type;
    std::string path;
    std::uint64_t size = 0;
};

struct Request {
    Method method = Method::get;
    std::string target;                                            // as received
    std::string path;                                              // percent-decoded, without query
    std::vector<std::pair<std::string, std::string>> query;        // decoded, in order
    std::vector<std::pair<std::string, std::string>> path_params;  // decoded
    std::vector<std::pair<std::string, std::string>> headers;      // names in lower case
    std::string body;
    std::vector<Upload> uploads;                            // files of a multipart body
    std::vector<std::pair<std::string, std::string>> form;  // its other fields, in order
    std::string remote_ip;                                  // after the trusted proxy
    std::string scheme = "http";
    std::string request_id;  // "req_..."; X-Request-Id of a trusted proxy is kept
    std::string trace_id;    // from traceparent, or new
    std::chrono::steady_clock::time_point deadline{};
    const std::atomic<bool>* client_gone = nullptr;  // set when the connection was closed

    // Empty when absent. `name` in lower case.
    [[nodiscard]] std::string_view header(std::string_view name) const;
    [[nodiscard]] std::string_view param(std::string_view name) const;  // path
    [[nodiscard]] std::optional<std::string_view> query_value(std::string_view name) const;
    [[nodiscard]] std::optional<std::string_view> cookie(std::string_view name) const;
};

// Fills target, path and query. False when the target is not acceptable: broken percent-encoding, text that is not UTF-8,
// control characters, "." or ".." as a segment, too many parameters.
[[nodiscard]] bool set_target(Request& request, std::string_view target);

// Writes a body piece by piece. `write` waits while the client is behind, so that memory stays bounded, and throws ClientLost when
// nobody reads any more. Returning ends the body; throwing breaks the connection off, so that what arrived does not look whole.
// Runs on a thread of its own pool after the handler has returned, with the request gone.
using BodyWriter = std::function<void(std::string_view)>;
using BodyStream = std::function<void(const BodyWriter& write)>;
struct ClientLost : std::runtime_error {
    ClientLost() : std::runtime_error("the client has gone") {}
};

struct Response {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::shared_ptr<const std::string> shared_body;  // used instead of body when set (cached documents)
    std::string file;                                // used instead of body when set: sent with range support
    BodyStream stream;                               // used instead of body when set: not for HEAD, and never compressed here
    // Server-Sent Events: when set the connection stays open and this subscription is attached to `channel`.
    std::string event_channel;

    // Adds a header. Throws std::logic_error when the text could break out of its line.
    Response& header(std::string_view name, std::string_view value);
    [[nodiscard]] std::string_view header_value(std::string_view name) const;  // first of that name (any case), or empty
    // Path=/, HttpOnly, SameSite=Lax; Secure and the __Host- prefix when `secure`. max_age 0 deletes, -1 session.
    Response& set_cookie(std::string_view name, std::string_view value, std::int64_t max_age_seconds, bool secure);
    [[nodiscard]] std::string_view content() const { return shared_body ? std::string_view(*shared_body) : std::string_view(body); }
};

[[nodiscard]] std::string_view cookie_name(std::string_view name,
                                           bool secure);  // "__Host-" + name when secure (static storage for known names)

[[nodiscard]] Response json_text(int status, std::string body);
template <class T>
[[nodiscard]] Response ok(const T& dto) {
    return json_text(200, json::render(dto));
}
template <class T>
[[nodiscard]] Response created(const T& dto) {
    return json_text(201, json::render(dto));
}
template <class T>
[[nodiscard]] Response accepted(const T& dto) {
    return json_text(202, json::render(dto));
}
[[nodiscard]] Response no_content();
// application/problem+json with the id of the current request (log::Scope). Status from error.kind.
[[nodiscard]] Response problem(const Error& error);
[[nodiscard]] int status_of(ErrorKind kind);

// Thrown by helpers such as require_customer(); mapped to a problem in one place.
struct ProblemException : std::runtime_error {
    explicit ProblemException(Error e) : std::runtime_error(e.code), error(std::move(e)) {}
    Error error;
};

// Sets Cache-Control "public, max-age=<seconds>, stale-while-revalidate=60" and a strong ETag from the content; answers 304
// when If-None-Match matches. An ETag the response already has is kept (documents that are hashed once). The front appends
// "-gzip" or "-br" to the tag of a compressed answer; both forms match here.
[[nodiscard]] Response cacheable(const Request& request, Response response, int max_age_seconds);

[[nodiscard]] Result<json::Value> parse_body(const Request& request);
// Body → DTO with field-level messages (checks Content-Type).
template <class T>
[[nodiscard]] Result<T> body_as(const Request& request) {
    auto value = parse_body(request);
    if (!value) return std::unexpected(value.error());
    return json::from_value<T>(*value);
}
[[nodiscard]] std::optional<Error> parse_query(const Request& request, const json::StructInfo& info, void* out);
// Query → DTO: every query parameter is offered as a string; integers and booleans ("1","0","true","false") are converted
// by the field's type, vectors split at commas (and joined over repetitions), an empty value counts as absent except for
// texts. A repeated single value is refused. Unknown parameters are refused unless T has a member
// `std::map<std::string,std::string> rest` described with the name "*".
template <class T>
[[nodiscard]] Result<T> query_as(const Request& request) {
    T out{};
    if (auto error = parse_query(request, json::info_of<T>(), &out)) return std::unexpected(*error);
    return out;
}

// Path id; 404 when it is not of that form.
template <class T>
[[nodiscard]] T id_param(const Request& request, std::string_view name) {
    auto id = T::parse(request.param(name));
    if (!id) throw ProblemException({ErrorKind::not_found, "http.not_found", "There is nothing here.", {}, {}, {}, 0});
    return *id;
}

}  // namespace stoa::http
