// stoa-sandbox --port N --smtp-port N [--state DIR]: the outside services of a development machine.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "index.hpp"
#include "opensearch.hpp"
#include "sendcloud.hpp"
#include "smtp.hpp"
#include "stoa/config/config.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/http/server.hpp"
#include "stoa/log/log.hpp"
#include "vendo.hpp"

int main(int argc, char** argv) {
    using namespace stoa;
    std::uint16_t port = 8003;
    std::uint16_t smtp_port = 8004;
    std::string state;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view name = argv[i];
        if (name == "--port")
            port = static_cast<std::uint16_t>(std::atoi(argv[i + 1]));
        else if (name == "--smtp-port")
            smtp_port = static_cast<std::uint16_t>(std::atoi(argv[i + 1]));
        else if (name == "--state")
            state = argv[i + 1];
        else {
            std::fprintf(stderr, "usage: stoa-sandbox [--port N] [--smtp-port N] [--state DIR]\n");
            return 2;
        }
    }
    try {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGINT);
        pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        std::signal(SIGPIPE, SIG_IGN);

        // The shop's own settings say which credentials are right and where its postbacks go.
        const auto config = load_config();
        const auto getenv = process_environment();
        if (!state.empty()) std::filesystem::create_directories(state);
        sandbox::Control control(state.empty() ? "" : state + "/clock");
        http_client::CurlClient client;
        sandbox::VendoOptions vendo_options;
        vendo_options.merchant_id = config.vendo.merchant_id;
        vendo_options.site_id = config.vendo.site_id;
        vendo_options.api_secret = config.vendo.api_secret;
        vendo_options.shared_secret = config.vendo.shared_secret;
        vendo_options.usd_rates = config.vendo.usd_rates;
        const std::string public_url = getenv("SANDBOX_PUBLIC_URL").value_or("http://localhost:" + std::to_string(port));
        vendo_options.own_url = public_url + "/vendo";
        // Entered in Vendo's back office for a real account; the last segment is the shop's secret address (docs/reference/vendo.md).
        const std::string token = crypto::base64url(crypto::hmac_sha256(config.secret_key, "stoa/vendo-hook")).substr(0, 32);
        vendo_options.postback_url =
            getenv("SANDBOX_POSTBACK_URL")
                .value_or("http://" + config.http_address + ":" + std::to_string(config.http_port) + "/hooks/vendo/" + token);
        if (getenv("SANDBOX_POSTBACKS").value_or("1") == "0") vendo_options.postback_url.clear();
        if (!state.empty()) vendo_options.state_file = state + "/vendo.jsonl";
        sandbox::SendcloudOptions sendcloud_options;
        sendcloud_options.public_key = config.sendcloud.public_key;
        sendcloud_options.secret_key = config.sendcloud.secret_key;
        sendcloud_options.own_url = "http://127.0.0.1:" + std::to_string(port) + "/sendcloud";
        sendcloud_options.public_url = public_url + "/sendcloud";
        sendcloud_options.webhook_url =
            getenv("SANDBOX_WEBHOOK_URL")
                .value_or("http://" + config.http_address + ":" + std::to_string(config.http_port) + "/hooks/sendcloud");
        if (!state.empty()) sendcloud_options.state_file = state + "/sendcloud.jsonl";
        sandbox::Vendo vendo(control, client, vendo_options);
        sandbox::Sendcloud sendcloud(control, sendcloud_options, &client);
        sandbox::MailServer mail(control, smtp_port);
        sandbox::OpenSearchOptions opensearch_options;
        opensearch_options.user = config.opensearch.user;
        opensearch_options.password = config.opensearch.password;
        sandbox::OpenSearch opensearch(control, opensearch_options);

        http::Routes routes;
        routes.get("/healthz", "healthz").on(http::Pool::memory).handle([](const http::Request&) {
            return http::json_text(200, R"({"status":"ok"})");
        });
        // So many bytes with nothing behind them: what the server itself can do, for tools/bench/catalogue.
        routes.get("/bytes/{count}", "bytes").on(http::Pool::memory).handle([](const http::Request& request) {
            constexpr std::size_t kMost = 1 << 20;
            auto response = http::json_text(200, {});
            const auto count = std::strtoul(std::string(request.param("count")).c_str(), nullptr, 10);
            response.shared_body = std::make_shared<const std::string>(std::min<std::size_t>(count, kMost), '0');
            return response;
        });
        sandbox::add_index(routes, control, mail);
        sandbox::add_control_routes(routes, control, [&] {
            vendo.reset();
            sendcloud.reset();
            mail.reset();
            opensearch.reset();
        });
        vendo.add_routes(routes);
        sendcloud.add_routes(routes);
        mail.add_routes(routes);
        opensearch.add_routes(routes);
        routes.freeze();
        http::ServerOptions options;
        options.port = port;
        options.shop = {8, 512};
        options.outbound = {64, 512};
        options.dispatch.public_origin = "http://localhost:" + std::to_string(port);
        options.dispatch.development = true;
        http::Server server(routes, options);
        server.start();
        log::info("sandbox", {{"port", server.port()}, {"smtp_port", mail.port()}});
        int signal = 0;
        sigwait(&signals, &signal);
        server.stop();
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "stoa-sandbox: %s\n", error.what());
        return 1;
    }
}
