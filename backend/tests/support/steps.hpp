#pragma once
// Small acts around the shop that several kinds of test need.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

#include "world.hpp"

namespace stoa::testing {

// One inline command ("FLUSHDB") to the Redis behind a URL "redis://127.0.0.1:6379/3"; the first line of its answer, empty when nobody
// answers.
inline std::string redis_command(const std::string& url, std::string_view command) {
    const auto authority = url.find("://") + 3;
    const auto slash = url.find('/', authority);
    const auto colon = url.find(':', authority);
    const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1, slash - colon - 1)));
    const std::string number = slash == std::string::npos ? "0" : url.substr(slash + 1);
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer;
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        const std::string text = "SELECT " + number + "\r\n" + std::string(command) + "\r\n";
        if (::send(socket, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size())) {
            char buffer[512];
            // "+OK" of SELECT first
            for (ssize_t got = 0;
                 answer.find("\r\n", answer.find("\r\n") + 2) == std::string::npos && (got = ::recv(socket, buffer, sizeof buffer, 0)) > 0;)
                answer.append(buffer, static_cast<std::size_t>(got));
        }
    }
    ::close(socket);
    const auto first = answer.find("\r\n");
    return first == std::string::npos ? std::string() : answer.substr(first + 2, answer.find("\r\n", first + 2) - first - 2);
}

// The shopper at the bank's page presses a button: "accept" or "reject".
inline bool answer_verification(Outside& outside, const std::string& redirect_url, std::string_view answer) {
    http_client::Call call;
    call.method = "POST";
    call.url = outside.url() + "/vendo/v/verification";
    call.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    call.body = redirect_url.substr(redirect_url.find('?') + 1) + "&answer=" + std::string(answer);
    const auto done = outside.client.send(call);
    return done && done->status == 302;
}

// Who sells; with it the shop issues invoices.
inline orders::LegalEntityRow legal_entity() {
    orders::LegalEntityRow entity;
    entity.name = "Stoa Home B.V.";
    entity.email = "invoices@stoa.example";
    entity.line1 = "Kade 1";
    entity.postal_code = "5611 AZ";
    entity.city = "Eindhoven";
    entity.country = "DE";
    entity.vat_id = "DE000000000";
    entity.iban = "NL91ABNA0417164300";
    return entity;
}

// What Vendo sends to the hook when a payment succeeded, in the order and number that the test chooses.
inline std::string postback(std::string_view reference, std::int64_t transaction, std::string_view extra = {}) {
    return "callback=transaction&transaction_id=" + std::to_string(transaction) +
           "&transaction_type=3&merchant_reference=" + http_client::percent_encode(reference) + "&is_test=1" + std::string(extra);
}

}  // namespace stoa::testing
