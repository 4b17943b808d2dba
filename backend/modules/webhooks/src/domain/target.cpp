#include "domain/target.hpp"

#include <algorithm>

#include "stoa/http_client/public_client.hpp"

namespace stoa::webhooks {

std::optional<std::string> refuse_url(std::string_view url, bool development) {
    if (url.size() > 2000) return "It is too long.";
    if (std::ranges::any_of(
            url, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F || c == '\\'; }))
        return "It holds spaces or characters that belong encoded.";
    const bool secure = url.starts_with("https://");
    if (!secure && !(development && url.starts_with("http://"))) return "It has to begin with https://.";
    url.remove_prefix(secure ? 8 : 7);
    const auto authority = url.substr(0, url.find_first_of("/?#"));
    if (authority.contains('@')) return "It holds a user name.";
    if (url.contains('#')) return "It holds a fragment.";
    std::string host;
    std::string_view port;
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos) return "Its host is broken.";
        host = authority.substr(1, end - 1);
        port = authority.substr(end + 1);
    } else {
        const auto colon = authority.find(':');
        host = authority.substr(0, colon);
        if (colon != std::string_view::npos) port = authority.substr(colon);
    }
    if (host.empty()) return "It has no host.";
    if (!port.empty() && (port.size() < 2 || port.size() > 6 || port[0] != ':' ||
                          !std::ranges::all_of(port.substr(1), [](char c) { return c >= '0' && c <= '9'; })))
        return "Its port is broken.";
    if (development) return std::nullopt;
    // A name is looked up when it is connected to. What is written as digits is an address already, in any of its spellings.
    const bool literal = authority.starts_with('[') ||
                         std::ranges::all_of(host, [](char c) { return (c >= '0' && c <= '9') || c == '.'; }) || host.starts_with("0x") ||
                         host.starts_with("0X");
    if (literal && !http_client::is_public_address(host)) return "Its address is not on the public internet.";
    if (!literal && (!host.contains('.') || host.ends_with(".local") || host.ends_with(".internal") || host.ends_with(".localhost")))
        return "Its host is not on the public internet.";
    return std::nullopt;
}

std::optional<std::string> refuse_types(const std::vector<std::string>& types) {
    if (types.empty() || types.size() > 50) return "Name one to fifty.";
    for (const auto& type : types) {
        std::string_view text = type;
        if (text == "*") continue;
        if (text.ends_with(".*")) text.remove_suffix(2);
        if (text.empty() || text.size() > 100 || text.front() == '.' || text.back() == '.' || text.contains("..") ||
            !std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '.'; }))
            return "\"" + type + "\" is no event type.";
    }
    return std::nullopt;
}

}  // namespace stoa::webhooks
