#pragma once
// Routes are declared explicitly by the composition root. The same declaration gives routing, limits, the OpenAPI 3.1
// document and the contract tests.
//
//   routes.post("/api/v1/cart/lines", "add_cart_line")
//       .summary("Add a variant to the cart").tag("cart").body<AddLineDto>().returns<CartDto>(201)
//       .fails({"cart.variant_unknown", "cart.line_limit"}).handle([this](const Request& r) { return add_line(r); });
#include <chrono>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/http/message.hpp"

namespace stoa::http {

// memory: runs on the I/O thread and may not block. The others run on a bounded pool each (503 + Retry-After when full).
enum class Pool { memory, shop, staff, outbound, password };

enum class Access { open, customer, staff, provider /* verifies its own signature */ };

using Handler = std::function<Response(const Request&)>;

struct Route {
    Method method = Method::get;
    std::string pattern;       // "/api/v1/cart/lines/{line_id}"; a last segment "{name*}" takes the rest
    std::string operation_id;  // snake_case, unique
    std::string summary_text;
    std::string description_text;
    std::vector<std::string> tags;
    Pool pool = Pool::shop;
    Access access = Access::open;
    const json::StructInfo* body_info = nullptr;
    const json::StructInfo* query_info = nullptr;
    bool query_open = false;  // parameters beyond the described ones are allowed (facet filters)
    struct Answer {
        int status;
        const json::TypeInfo* type;
        std::string content_type;
        std::string doc;
    };
    std::vector<Answer> answers;
    std::vector<std::string> codes;  // problem codes it can answer with, beyond the general ones
    bool needs_idempotency_key = false;
    bool accepts_idempotency_key = false;
    bool documented = true;        // false: left out of the OpenAPI document (hooks, health)
    bool origin_check = true;      // CSRF: Origin (or Sec-Fetch-Site) of non-GET requests
    bool accepts_uploads = false;  // multipart/form-data
    std::size_t max_body = 256 * 1024;
    std::chrono::milliseconds timeout{15000};
    Handler handler;

    Route& summary(std::string text) {
        summary_text = std::move(text);
        return *this;
    }
    Route& description(std::string text) {
        description_text = std::move(text);
        return *this;
    }
    Route& tag(std::string text) {
        tags.push_back(std::move(text));
        return *this;
    }
    Route& on(Pool value) {
        pool = value;
        return *this;
    }
    Route& requires_access(Access value) {
        access = value;
        return *this;
    }
    template <class T>
    Route& body() {
        body_info = &json::info_of<T>();
        return *this;
    }
    template <class T>
    Route& query() {
        query_info = &json::info_of<T>();
        return *this;
    }
    Route& open_query() {
        query_open = true;
        return *this;
    }
    template <class T>
    Route& returns(int status = 200, std::string doc = {}) {
        answers.push_back({status, &json::Codec<T>::type(), "application/json", std::move(doc)});
        return *this;
    }
    Route& returns_nothing(int status = 204) {
        answers.push_back({status, nullptr, {}, {}});
        return *this;
    }
    Route& returns_type(int status, std::string content_type, std::string doc = {}) {
        answers.push_back({status, nullptr, std::move(content_type), std::move(doc)});
        return *this;
    }
    Route& fails(std::initializer_list<std::string_view> list) {
        for (auto c : list) codes.emplace_back(c);
        return *this;
    }
    Route& idempotent() {
        needs_idempotency_key = true;
        return *this;
    }
    Route& idempotency_optional() {
        accepts_idempotency_key = true;
        return *this;
    }
    Route& undocumented() {
        documented = false;
        return *this;
    }
    Route& without_origin_check() {
        origin_check = false;
        return *this;
    }
    Route& uploads(std::size_t max_bytes) {
        accepts_uploads = true;
        max_body = max_bytes;
        return *this;
    }
    Route& limit_body(std::size_t max_bytes) {
        max_body = max_bytes;
        return *this;
    }
    Route& within(std::chrono::milliseconds value) {
        timeout = value;
        return *this;
    }
    Route& handle(Handler value) {
        handler = std::move(value);
        return *this;
    }
};

class Routes {
public:
    Route& add(Method method, std::string pattern, std::string operation_id);
    Route& get(std::string pattern, std::string operation_id) { return add(Method::get, std::move(pattern), std::move(operation_id)); }
    Route& post(std::string pattern, std::string operation_id) { return add(Method::post, std::move(pattern), std::move(operation_id)); }
    Route& put(std::string pattern, std::string operation_id) { return add(Method::put, std::move(pattern), std::move(operation_id)); }
    Route& patch(std::string pattern, std::string operation_id) { return add(Method::patch, std::move(pattern), std::move(operation_id)); }
    Route& del(std::string pattern, std::string operation_id) { return add(Method::del, std::move(pattern), std::move(operation_id)); }
    [[nodiscard]] const std::deque<Route>& all() const { return routes_; }

    struct Match {
        const Route* route = nullptr;
        std::vector<std::pair<std::string, std::string>> params;  // decoded
        bool path_exists = false;
        // Of an address that holds its caller's secret: what may be written about it in place of the path. Also when no route
        // takes the request, because of its method or because of what follows the secret.
        std::string_view shown_path;
        std::string allow;  // "GET, HEAD, POST" when the path exists but not with this method
    };
    // `path` as received (percent-encoded, without the query), so that %2F stays inside a segment. A fixed segment goes before a
    // parameter, a parameter before a rest. HEAD is served by the GET route.
    [[nodiscard]] Match match(Method method, std::string_view path) const;
    // Call once after the last add(): builds the tree. Throws std::logic_error for duplicates, for two patterns that differ only
    // in the names of their parameters, and for routes without a handler.
    void freeze();

private:
    struct Node;
    std::deque<Route> routes_;
    std::shared_ptr<const Node> root_;
    std::vector<std::pair<std::string, const Route*>> provider_paths_;  // what comes before the first parameter
};

struct OpenApiInfo {
    std::string title;
    std::string version;
    std::string description;
    std::string server_url;
    std::string license_name = "Proprietary";
    std::string license_id = "LicenseRef-Proprietary";  // SPDX expression
};
// The whole document, deterministic (sorted), pretty-printed.
[[nodiscard]] std::string openapi_document(const Routes& routes, const OpenApiInfo& info);

// Runs one request through matching, Origin check, limits, Idempotency-Key check, handler and problem mapping, without a
// socket: what the server does per request, and what tests call. It never throws. It writes the access line and the metrics, adds
// X-Request-Id, X-Content-Type-Options and (when the handler said nothing) "Cache-Control: private, no-store". The content of an
// answer to HEAD is left in place; the server sends its length only.
//
// Cross-site requests (any method but GET, HEAD, OPTIONS, unless the route says without_origin_check()):
//   - Sec-Fetch-Site present: must be same-origin or none.
//   - Origin present: must equal public_origin; in development any loopback origin will do as well. With an empty
//     public_origin it must equal the request's own scheme and Host.
//   - neither present, but a Cookie: refused, since a browser always sends one of the two and only cookies make such a request harmful.
//   - neither present and no Cookie (curl, providers, other servers): allowed; there is no session to abuse.
struct DispatchOptions {
    std::string public_origin;
    bool development = false;
    // Told about every exception that became a 500 (error reporting). May not throw.
    std::function<void(const Request& request, std::string_view what)> on_exception;
};
[[nodiscard]] Response dispatch(const Routes& routes, Request& request, const DispatchOptions& options);

}  // namespace stoa::http
