// Sendcloud's answers, whatever they are: quotes, service points, one service point.
#include <cstdlib>

#include "sendcloud/client.hpp"
#include "stoa/log/log.hpp"

namespace {

class Answering final : public stoa::http_client::Client {
public:
    std::string body;
    std::expected<stoa::http_client::Answer, stoa::http_client::CallError> send(const stoa::http_client::Call&) override {
        stoa::http_client::Answer answer;
        answer.status = 200;
        answer.body = body;
        return answer;
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    stoa::log::set_level(stoa::log::Level::error);
    Answering http;
    http.body.assign(reinterpret_cast<const char*>(data), size);
    stoa::shipping::sendcloud::Client client(http, {});
    const auto quotes = client.options({"DE", "10115", "Berlin", "Torstr. 1", ""}, 1200);
    if (quotes.value.size() > size) std::abort();
    const auto points = client.service_points("dhl", {"DE", "10115", "Berlin", "", ""});
    if (points.value.size() > size) std::abort();
    (void)client.service_point("1");
    return 0;
}
