#pragma once
// For addresses that somebody outside chose (webhooks): never connects to this machine, its neighbours or anything else that is not on
// the public internet, whatever name or redirect leads there.
#include <string>

#include "stoa/http_client/client.hpp"

namespace stoa::http_client {

// Redirects are not followed; no connection is kept. An address that is refused fails as not_sent.
class PublicClient final : public Client {
public:
    [[nodiscard]] std::expected<Answer, CallError> send(const Call& call) override;

private:
    CurlClient global_;  // initialises libcurl
};

// False for private, loopback, link-local, documentation and other special networks, and for what is no address.
[[nodiscard]] bool is_public_address(const std::string& text);

}  // namespace stoa::http_client
