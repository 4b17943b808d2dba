#pragma once
// OpenSearch's stand-in of the sandbox, in this process and without a socket.
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
    std::expected<http_client::Answer, http_client::CallError> send(const http_client::Call& call) override {
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
        out.url = "http://search.test/opensearch";
        out.user = "sandbox";
        out.password = "sandbox-opensearch";
        out.sleep = [this](std::chrono::milliseconds pause) { pauses.push_back(pause); };
        return out;
    }
    // How many calls had this in their path.
    [[nodiscard]] std::ptrdiff_t calls(std::string_view method, std::string_view part) const {
        const auto all = control.calls();
        return std::ranges::count_if(all, [&](const auto& call) { return call.method == method && call.path.find(part) != std::string::npos; });
    }
    json::Value ask(const std::string& method, const std::string& path, std::string body = {}) {
        http_client::Call call;
        call.method = method;
        call.url = "http://search.test" + path;
        call.headers = {{"authorization", http_client::basic_auth("sandbox", "sandbox-opensearch")}, {"content-type", "application/json"}};
        call.body = std::move(body);
        return json::parse(send(call)->body, {8 << 20, 64}).value_or(json::Value());
    }

    sandbox::Control control;
    sandbox::OpenSearch cluster{control, {}};
    std::vector<std::chrono::milliseconds> pauses;

private:
    http::Routes routes_;
};

}  // namespace stoa::search::testing
