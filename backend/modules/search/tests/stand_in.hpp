#pragma once
// OpenSearch's stand-in of the sandbox, in this process and without a socket. With STOA_TEST_OPENSEARCH_URL a real cluster takes its place
// (no faults, no records): then the conformance tests are worth running, those of opensearch_itest are not.
#include <cstdlib>

#include "opensearch.hpp"
#include "stoa/http/server.hpp"
#include "stoa/search/opensearch.hpp"
#include "stoa/testing/testing.hpp"

namespace stoa::search::testing {

class StandIn final : public http_client::Client {
public:
    StandIn() {
        cluster.add_routes(routes_);
        routes_.freeze();
    }
    ~StandIn() override {
        if (real_url_.empty()) return;
        const auto known = ask("GET", "/" + prefix_ + "-*/_alias");
        for (const auto& [index, aliases] : known.members()) (void)ask("DELETE", "/" + index);
        (void)ask("DELETE", "/_index_template/" + prefix_ + "-products");
    }
    StandIn(const StandIn&) = delete;
    StandIn& operator=(const StandIn&) = delete;

    std::expected<http_client::Answer, http_client::CallError> send(const http_client::Call& call) override {
        if (!real_url_.empty()) return real_.send(call);
        constexpr std::string_view kOrigin = "http://search.test";
        static const std::map<std::string, http::Method> kMethods{
            {"GET", http::Method::get}, {"POST", http::Method::post}, {"PUT", http::Method::put}, {"DELETE", http::Method::del}};
        auto request = stoa::testing::request(kMethods.at(call.method), call.url.substr(kOrigin.size()), call.body);
        for (const auto& [name, value] : call.headers) {
            std::erase_if(request.headers, [&](const auto& header) { return header.first == name; });
            request.headers.emplace_back(name, value);
        }
        auto response = http::dispatch(routes_, request, {"http://localhost:8003", true});
        if (response.status == http::kHangUp) return std::unexpected(http_client::CallError{http_client::Failure::broken, "hung up"});
        return http_client::Answer{response.status, response.headers, std::string(response.content())};
    }
    // Options of an engine that uses it; waiting takes no time.
    [[nodiscard]] OpenSearchOptions options() {
        OpenSearchOptions out;
        out.url = real_url_.empty() ? "http://search.test/opensearch" : real_url_;
        out.user = value_of("STOA_TEST_OPENSEARCH_USER", "sandbox");
        out.password = value_of("STOA_TEST_OPENSEARCH_PASSWORD", "sandbox-opensearch");
        if (!real_url_.empty()) {
            out.prefix = prefix_;
            return out;
        }
        out.sleep = [this](std::chrono::milliseconds pause) { pauses.push_back(pause); };
        return out;
    }
    // How many calls had this in their path.
    [[nodiscard]] std::ptrdiff_t calls(std::string_view method, std::string_view part) const {
        const auto all = control.calls();
        return std::ranges::count_if(all,
                                     [&](const auto& call) { return call.method == method && call.path.find(part) != std::string::npos; });
    }
    json::Value ask(const std::string& method, const std::string& path, std::string body = {}) {
        http_client::Call call;
        call.method = method;
        call.url = (real_url_.empty() ? "http://search.test" : real_url_) + path;
        const auto as = options();
        call.headers = {{"authorization", http_client::basic_auth(as.user, as.password)}, {"content-type", "application/json"}};
        call.body = std::move(body);
        const auto answer = send(call);
        return answer ? json::parse(answer->body, {8 << 20, 64}).value_or(json::Value()) : json::Value();
    }

    sandbox::Control control;
    sandbox::OpenSearch cluster{control, {}};
    std::vector<std::chrono::milliseconds> pauses;

private:
    static std::string value_of(const char* name, std::string otherwise) {
        const char* value = std::getenv(name);
        return value ? value : std::move(otherwise);
    }
    http::Routes routes_;
    http_client::CurlClient real_;
    const std::string real_url_ = value_of("STOA_TEST_OPENSEARCH_URL", "");
    const std::string prefix_ = "test-" + Uuid::v7().to_string();
};

}  // namespace stoa::search::testing
