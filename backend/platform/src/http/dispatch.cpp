#include "http/dispatch.hpp"

#include <typeinfo>

#include "http/problem.hpp"
#include "http/text.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/db/db.hpp"
#include "stoa/ids/id.hpp"
#include "stoa/log/log.hpp"
#include "stoa/metrics/metrics.hpp"

namespace stoa::http {
namespace {

bool is_safe(Method method) { return method == Method::get || method == Method::head || method == Method::options; }

bool is_loopback_origin(std::string_view origin) {
    for (const std::string_view start : {"http://localhost", "http://127.0.0.1", "http://[::1]"}) {
        if (!origin.starts_with(start)) continue;
        const std::string_view rest = origin.substr(start.size());
        if (rest.empty()) return true;
        if (rest.size() < 2 || rest.size() > 6 || rest.front() != ':') return false;
        return rest.find_first_not_of("0123456789", 1) == std::string_view::npos;
    }
    return false;
}

bool comes_from_our_pages(const Request& request, const DispatchOptions& options) {
    const std::string_view site = request.header("sec-fetch-site");
    const std::string_view origin = request.header("origin");
    if (!site.empty() && site != "same-origin" && site != "none") return false;
    if (!origin.empty()) {
        if (!options.public_origin.empty()) {
            if (same_ignoring_case(origin, options.public_origin)) return true;
        } else if (same_ignoring_case(origin, request.scheme + "://" + std::string(request.header("host")))) {
            return true;
        }
        return options.development && is_loopback_origin(origin);
    }
    return !site.empty() || request.header("cookie").empty();
}

bool is_idempotency_key(std::string_view key) {
    if (key.size() < 8 || key.size() > 128) return false;
    for (const char c : key) {
        if (c < 0x21 || c > 0x7E) return false;
    }
    return true;
}

Response answer(const Routes::Match& match, const Request& request, const DispatchOptions& options) {
    if (!match.route) {
        if (!match.path_exists) return problem_with(404, "http.not_found", "There is nothing here.");
        if (request.method == Method::options) return no_content().header("allow", match.allow + ", OPTIONS");
        Response response =
            problem_with(405, "http.method_not_allowed", "This address does not take " + std::string(method_name(request.method)) + ".");
        response.header("allow", match.allow);
        return response;
    }
    const Route& route = *match.route;
    if (route.origin_check && !is_safe(request.method) && !comes_from_our_pages(request, options)) {
        return problem_with(403, "http.origin_not_allowed", "Requests that change something must come from the shop's own pages.");
    }
    if (request.body.size() > route.max_body)
        return problem_with(413, "http.body_too_large", "The body is larger than this address takes.");
    if (const std::string_view key = request.header("idempotency-key");
        route.needs_idempotency_key || (route.accepts_idempotency_key && !key.empty())) {
        if (key.empty()) return problem_with(400, "http.idempotency_key_missing", "Send an Idempotency-Key header.");
        if (!is_idempotency_key(key))
            return problem_with(400, "http.idempotency_key_invalid", "Idempotency-Key takes 8 to 128 visible ASCII characters.");
    }
    return route.handler(request);
}

Response guarded(const Routes::Match& match, const Request& request, const DispatchOptions& options) {
    try {
        return answer(match, request, options);
    } catch (const ProblemException& e) {
        return problem(e.error);
    } catch (const db::Unavailable& e) {
        log::error("database unavailable", {{"cause", e.what()}, {"sqlstate", e.sqlstate}});
        return problem_with(503, "http.unavailable", "The shop cannot answer right now. Please try again.", 2);
    } catch (const std::exception& e) {
        log::error("request failed",
                   {{"cause", e.what()}, {"type", typeid(e).name()}, {"route", match.route ? match.route->operation_id : "-"}});
        if (options.on_exception) options.on_exception(request, e.what());
    } catch (...) {
        log::error("request failed", {{"cause", "an exception that is no std::exception"}});
        if (options.on_exception) options.on_exception(request, "unknown exception");
    }
    return problem_with(500, "http.internal_error", "Something went wrong on our side.");
}

}  // namespace

std::string_view raw_path(const Request& request) {
    const std::string_view target = request.target.empty() ? std::string_view(request.path) : std::string_view(request.target);
    return target.substr(0, target.find('?'));
}

void ensure_ids(Request& request) {
    if (request.request_id.empty()) request.request_id = "req_" + Uuid::v7().to_base32();
    if (request.trace_id.empty()) {
        // traceparent: version-traceid-parent-flags (W3C Trace Context); an unknown version is read like version 00.
        const std::string_view parent = request.header("traceparent");
        if (parent.size() >= 55 && parent[2] == '-' && parent[35] == '-' && parent.find_first_not_of("0123456789abcdef", 3) == 35 &&
            parent.substr(3, 32).find_first_not_of('0') != std::string_view::npos && !parent.starts_with("ff")) {
            request.trace_id = std::string(parent.substr(3, 32));
        } else {
            const Uuid id = Uuid::v7();
            request.trace_id = crypto::hex(std::string_view(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()));
        }
    }
}

Response finish(const Routes::Match& match, const Request& request, Response response, std::chrono::steady_clock::time_point start) {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (response.header_value("cache-control").empty()) response.header("cache-control", "private, no-store");
    response.header("x-content-type-options", "nosniff");
    response.header("x-request-id", request.request_id);
    const std::string_view operation = match.route ? std::string_view(match.route->operation_id) : std::string_view("-");

    thread_local std::string labels;
    labels.assign("method=\"").append(method_name(request.method)).append("\",route=\"").append(operation).append("\"");
    metrics::observe("http_request_seconds", labels, seconds);
    labels.append(",status=\"").append(std::to_string(response.status)).append("\"");
    metrics::count("http_requests_total", labels);

    const auto level = response.status >= 500 ? log::Level::warning : log::Level::info;
    log::write(level, "request",
               {{"method", method_name(request.method)},
                {"path", match.shown_path.empty() ? std::string_view(request.path).substr(0, 300) : match.shown_path},
                {"route", operation},
                {"status", response.status},
                {"ms", seconds * 1000},
                {"bytes", response.content().size()}});
    return response;
}

Response dispatch_match(Routes::Match match, Request& request, const DispatchOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    ensure_ids(request);
    const log::Scope scope(request.request_id, request.trace_id);
    request.path_params = std::move(match.params);
    if (request.deadline == std::chrono::steady_clock::time_point{}) {
        request.deadline = start + (match.route ? match.route->timeout : std::chrono::milliseconds(15000));
    }
    return finish(match, request, guarded(match, request, options), start);
}

Response dispatch(const Routes& routes, Request& request, const DispatchOptions& options) {
    return dispatch_match(routes.match(request.method, raw_path(request)), request, options);
}

}  // namespace stoa::http
