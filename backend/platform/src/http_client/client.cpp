#include "stoa/http_client/client.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <mutex>
#include <stdexcept>

#include "stoa/crypto/crypto.hpp"
#include "stoa/http_client/public_client.hpp"

namespace stoa::http_client {
namespace {

struct EasyDeleter {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Received {
    Answer answer;
    std::size_t limit = 0;
    bool too_large = false;
};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
    auto& received = *static_cast<Received*>(user);
    const std::size_t bytes = size * count;
    if (received.answer.body.size() + bytes > received.limit) {
        received.too_large = true;
        return 0;
    }
    received.answer.body.append(data, bytes);
    return bytes;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
    auto& received = *static_cast<Received*>(user);
    const std::size_t bytes = size * count;
    std::string_view line(data, bytes);
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
    if (line.starts_with("HTTP/")) {  // a new answer after a redirect or a 100
        received.answer.headers.clear();
        received.answer.body.clear();
        return bytes;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || received.answer.headers.size() >= 200) return bytes;
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    received.answer.headers.emplace_back(lower(line.substr(0, colon)), std::string(value));
    return bytes;
}

CURL* handle_of_this_thread() {
    thread_local std::unique_ptr<CURL, EasyDeleter> handle;
    if (handle)
        curl_easy_reset(handle.get());  // keeps its connections
    else
        handle.reset(curl_easy_init());
    if (!handle) throw std::runtime_error("curl_easy_init failed");
    return handle.get();
}

template <class T>
void set(CURL* handle, CURLoption option, T value) {
    if (const CURLcode code = curl_easy_setopt(handle, option, value); code != CURLE_OK) {
        throw std::runtime_error(std::string("curl option: ") + curl_easy_strerror(code));
    }
}

Failure failure_of(CURL* handle, CURLcode code, bool too_large) {
    if (too_large) return Failure::too_large;
    switch (code) {
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_URL_MALFORMAT:
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_CONNECT:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
            return Failure::not_sent;
        default:
            break;
    }
    if (code != CURLE_OPERATION_TIMEDOUT) return Failure::broken;
    // Zero until everything that comes before the request (resolving, connecting, TLS) is done.
    curl_off_t before_request = 0;
    curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &before_request);
    return before_request == 0 ? Failure::not_sent : Failure::timeout;
}

// Asked with the very address that is about to be connected to, so that no second look-up can name another.
curl_socket_t open_public(void*, curlsocktype, curl_sockaddr* address) {
    char text[INET6_ADDRSTRLEN] = {};
    const void* bytes = address->family == AF_INET ? static_cast<const void*>(&reinterpret_cast<sockaddr_in*>(&address->addr)->sin_addr)
                        : address->family == AF_INET6
                            ? static_cast<const void*>(&reinterpret_cast<sockaddr_in6*>(&address->addr)->sin6_addr)
                            : nullptr;
    if (!bytes || !inet_ntop(address->family, bytes, text, sizeof text) || !is_public_address(text)) return CURL_SOCKET_BAD;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool is_header_safe(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos; }

}  // namespace

std::string_view Answer::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (key == name) return value;
    }
    return {};
}

CurlClient::CurlClient() {
    static std::once_flag once;
    std::call_once(once, [] {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::runtime_error("curl_global_init failed");
    });
}

CurlClient::~CurlClient() = default;

namespace {

enum class Reach { anywhere, public_only };

std::expected<Answer, CallError> perform(const Call& call, Reach reach) {
    CURL* handle = handle_of_this_thread();
    Received received;
    received.limit = call.max_answer_bytes;
    std::string error_text(CURL_ERROR_SIZE, '\0');

    std::unique_ptr<curl_slist, ListDeleter> headers;
    const auto add = [&](const std::string& line) {
        curl_slist* longer = curl_slist_append(headers.get(), line.c_str());
        if (!longer) throw std::bad_alloc();
        (void)headers.release();
        headers.reset(longer);
    };
    for (const auto& [name, value] : call.headers) {
        if (!is_header_safe(name) || !is_header_safe(value))
            return std::unexpected(CallError{Failure::not_sent, "header " + name + " holds a line end"});
        add(value.empty() ? name + ";" : name + ": " + value);
    }
    add("Expect:");  // no pause before a large body

    const bool is_read = call.method == "GET" || call.method == "HEAD";
    set(handle, CURLOPT_URL, call.url.c_str());
    set(handle, CURLOPT_PROXY, "");  // the environment has no say
    set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    set(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_FOLLOWLOCATION, call.follow_redirects ? 1L : 0L);
    set(handle, CURLOPT_MAXREDIRS, 5L);
    set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(call.connect_timeout.count()));
    set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(call.timeout.count()));
    set(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    set(handle, CURLOPT_ACCEPT_ENCODING, "");
    set(handle, CURLOPT_HTTPHEADER, headers.get());
    set(handle, CURLOPT_ERRORBUFFER, error_text.data());
    set(handle, CURLOPT_HEADERFUNCTION, &on_header);
    set(handle, CURLOPT_HEADERDATA, static_cast<void*>(&received));
    set(handle, CURLOPT_WRITEFUNCTION, &on_body);
    set(handle, CURLOPT_WRITEDATA, static_cast<void*>(&received));
    if (call.method == "HEAD") {
        set(handle, CURLOPT_NOBODY, 1L);
    } else if (call.method != "GET" || !call.body.empty()) {
        set(handle, CURLOPT_POST, 1L);
        set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
        set(handle, CURLOPT_POSTFIELDS, call.body.data());
        set(handle, CURLOPT_CUSTOMREQUEST, call.method.c_str());
    }
    // On a kept connection that turns out to be dead libcurl sends a request a second time by itself, although the other side may have
    // acted on the first. Requests that change something therefore always get a connection of their own.
    if (!is_read || reach == Reach::public_only) set(handle, CURLOPT_FRESH_CONNECT, 1L);
    if (reach == Reach::public_only) {
        set(handle, CURLOPT_OPENSOCKETFUNCTION, &open_public);
        set(handle, CURLOPT_FORBID_REUSE, 1L);
    }

    const CURLcode code = curl_easy_perform(handle);
    if (code != CURLE_OK) {
        const std::string text = error_text.c_str();
        CallError error{failure_of(handle, code, received.too_large), text.empty() ? curl_easy_strerror(code) : text};
        // Nothing of this call may stay behind in the handle: its buffers end here.
        curl_easy_reset(handle);
        return std::unexpected(std::move(error));
    }
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    received.answer.status = static_cast<int>(status);
    curl_easy_reset(handle);
    return std::move(received.answer);
}

}  // namespace

std::expected<Answer, CallError> CurlClient::send(const Call& call) { return perform(call, Reach::anywhere); }

std::expected<Answer, CallError> PublicClient::send(const Call& call) {
    Call once = call;
    once.follow_redirects = false;
    return perform(once, Reach::public_only);
}

bool is_public_address(const std::string& text) {
    in_addr four{};
    if (inet_pton(AF_INET, text.c_str(), &four) == 1) {
        const std::uint32_t address = ntohl(four.s_addr);
        struct Block {
            std::uint32_t network;
            int bits;
        };
        // IANA's special-purpose registry: this network, private, carrier's, loopback, link-local, protocol, documentation, 6to4 relay,
        // benchmarks, multicast, reserved.
        static constexpr Block kBlocks[] = {{0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},  {0xA9FE0000, 16},
                                            {0xAC100000, 12}, {0xC0000000, 24}, {0xC0000200, 24}, {0xC0586300, 24}, {0xC0A80000, 16},
                                            {0xC6120000, 15}, {0xC6336400, 24}, {0xCB007100, 24}, {0xE0000000, 4},  {0xF0000000, 4}};
        for (const auto& block : kBlocks) {
            if ((address ^ block.network) >> (32 - block.bits) == 0) return false;
        }
        return true;
    }
    in6_addr six{};
    if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return false;
    const auto* byte = six.s6_addr;
    if (byte[0] >> 5 != 1) return false;  // only 2000::/3 is given out: no loopback, no mapped IPv4, no private, no multicast
    if (byte[0] == 0x20 && byte[1] == 0x01 && (byte[2] == 0x0D && byte[3] == 0xB8)) return false;  // documentation
    if (byte[0] == 0x20 && byte[1] == 0x01 && byte[2] <= 0x01) return false;                       // Teredo and protocols
    return !(byte[0] == 0x20 && byte[1] == 0x02);                                                  // 6to4 holds an IPv4 address
}

std::string percent_encode(std::string_view text) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool unreserved =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += kHex[byte >> 4U];
            out += kHex[byte & 15U];
        }
    }
    return out;
}

std::string basic_auth(std::string_view user, std::string_view password) {
    return "Basic " + crypto::base64(std::string(user) + ":" + std::string(password));
}

}  // namespace stoa::http_client
