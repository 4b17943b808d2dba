#pragma once
#include <string>
#include <string_view>

#include "world.hpp"

namespace stoa::testing {

// What the hosted page's own form sends; where the buyer is sent then.
inline std::string pay_on_page(Outside& outside, const std::string& url, std::string_view currency) {
    http_client::Call call;
    call.url = url;
    const auto page = outside.client.send(call);
    if (!page) return {};
    const auto field = [&](const std::string& name) {
        const auto at = page->body.find("name='" + name + "' value='");
        const auto start = at + name.size() + 15;
        return page->body.substr(start, page->body.find('\'', start) - start);
    };
    const auto seal_at = page->body.find("name=seal value=") + 16;
    call.method = "POST";
    call.url = outside.url() + "/vendo/v/hosted";
    call.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    call.body =
        "ref=" + field("ref") + "&token_amount=" + field("token_amount") + "&billing_currency=" + std::string(currency) +
        "&success_url=http%3A%2F%2Flocalhost%2Fdone%3Ft%3D%7BTRANSACTION_ID%7D%26r%3D%7BREF%7D&seal=" + page->body.substr(seal_at, 64) +
        "&card=4111111111111111&answer=pay";
    const auto paid = outside.client.send(call);
    return paid && paid->status == 302 ? std::string(paid->header("location")) : std::string();
}

}  // namespace stoa::testing
