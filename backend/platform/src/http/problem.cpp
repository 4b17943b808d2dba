#include "http/problem.hpp"

#include "http/text.hpp"
#include "stoa/log/log.hpp"

namespace stoa::http {
namespace {

Response document(int status, std::string_view code, std::string_view message, const std::vector<FieldError>& fields,
                  std::string_view details_json, int retry_after_seconds) {
    json::Writer out;
    out.begin_object();
    out.member("type", "urn:stoa:problem:" + std::string(code));
    out.member("title", reason_phrase(status));
    out.member("status", status);
    out.member("detail", message);
    out.member("code", code);
    if (const auto id = log::current_request_id(); !id.empty()) out.member("request_id", id);
    if (!fields.empty()) {
        out.key("errors");
        out.begin_array();
        for (const FieldError& field : fields) {
            out.begin_object();
            out.member("pointer", field.pointer);
            out.member("code", field.code);
            out.member("message", field.message);
            out.end_object();
        }
        out.end_array();
    }
    // Extension members; what the document says itself cannot be replaced.
    if (!details_json.empty()) {
        const auto details = json::parse(details_json);
        if (!details || !details->is_object()) throw std::logic_error("details of problem " + std::string(code) + " are not a JSON object");
        for (const auto& [name, value] : details->members()) {
            if (name == "type" || name == "title" || name == "status" || name == "detail" || name == "code" || name == "request_id" ||
                name == "errors")
                continue;
            out.key(name);
            json::write_value(out, value);
        }
    }
    out.end_object();
    Response response;
    response.status = status;
    response.body = out.take();
    response.header("content-type", "application/problem+json");
    response.header("cache-control", "no-store");
    if (retry_after_seconds > 0) response.header("retry-after", std::to_string(retry_after_seconds));
    return response;
}

}  // namespace

int status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::malformed:
            return 400;
        case ErrorKind::unauthenticated:
            return 401;
        case ErrorKind::forbidden:
            return 403;
        case ErrorKind::not_found:
            return 404;
        case ErrorKind::conflict:
            return 409;
        case ErrorKind::invalid:
            return 422;
        case ErrorKind::limited:
            return 429;
        case ErrorKind::unavailable:
            return 503;
        case ErrorKind::too_large:
            return 413;
        case ErrorKind::unsupported_type:
            return 415;
    }
    return 500;
}

Response problem(const Error& error) {
    if (!error.log.empty()) log::warning("problem", {{"code", error.code}, {"cause", error.log}});
    const int retry = error.retry_after_seconds == 0 && error.kind == ErrorKind::unavailable ? 2 : error.retry_after_seconds;
    return document(status_of(error.kind), error.code, error.message, error.fields, error.details_json, retry);
}

Response problem_with(int status, std::string_view code, std::string_view message, int retry_after_seconds) {
    return document(status, code, message, {}, {}, retry_after_seconds);
}

}  // namespace stoa::http
