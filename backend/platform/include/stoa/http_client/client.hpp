#pragma once
// Outbound HTTP and SMTP over libcurl. Blocking; call it from the outbound pool or a worker, never inside a transaction.
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stoa/result/result.hpp"

namespace stoa::http_client {

struct Call {
    std::string method = "GET";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::chrono::milliseconds connect_timeout{5000};
    std::chrono::milliseconds timeout{30000};
    bool follow_redirects = false;
    std::size_t max_answer_bytes = 16 * 1024 * 1024;
};

struct Answer {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

// Why no answer came. `not_sent`: the request certainly did not reach the other side (DNS, refused, TLS); everything else
// leaves the outcome unknown.
enum class Failure { not_sent, timeout, broken, too_large };
struct CallError {
    Failure failure;
    std::string message;
};

class Client {
public:
    virtual ~Client() = default;
    [[nodiscard]] virtual std::expected<Answer, CallError> send(const Call& call) = 0;
};
// Keeps connections alive per thread; thread-safe. Proxy environment variables are ignored.
class CurlClient final : public Client {
public:
    CurlClient();
    ~CurlClient() override;
    [[nodiscard]] std::expected<Answer, CallError> send(const Call& call) override;
};

[[nodiscard]] std::string percent_encode(std::string_view text);                         // RFC 3986 unreserved kept
[[nodiscard]] std::string basic_auth(std::string_view user, std::string_view password);  // "Basic ..."

}  // namespace stoa::http_client
