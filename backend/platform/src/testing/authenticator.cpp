#include "stoa/testing/authenticator.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <stdexcept>

#include "stoa/crypto/crypto.hpp"

namespace stoa::testing {
namespace {

void must(bool fine) {
    if (!fine) throw std::runtime_error("authenticator: OpenSSL refuses");
}
const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string byte_string(std::string_view raw) {
    std::string out;
    if (raw.size() < 256)
        out = {'\x58', static_cast<char>(raw.size())};
    else
        out = {'\x59', static_cast<char>(raw.size() >> 8), static_cast<char>(raw.size() & 0xFF)};
    return out + std::string(raw);
}
std::string text_string(std::string_view text) { return static_cast<char>(0x60 + text.size()) + std::string(text); }

}  // namespace

struct Authenticator::Key {
    EVP_PKEY* pair = EVP_EC_gen("P-256");
    Key() { must(pair); }
    ~Key() { EVP_PKEY_free(pair); }
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
};

Authenticator::Authenticator(std::string party_id_, std::string origin_)
    : party_id(std::move(party_id_)), origin(std::move(origin_)), key_(std::make_unique<Key>()), id_(crypto::random_bytes(32)) {}
Authenticator::~Authenticator() = default;

std::string Authenticator::client_data(std::string_view type, std::string_view challenge) const {
    return R"({"type":")" + std::string(type) + R"(","challenge":")" + std::string(challenge) + R"(","origin":")" + origin + "\"" +
           more_client_data + "}";
}

std::string Authenticator::data(unsigned more_flags) const {
    auto out = crypto::sha256(party_id) + static_cast<char>(flags | more_flags);
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(sign_count >> shift & 0xFF);
    return out;
}

Authenticator::Made Authenticator::create(std::string_view challenge) {
    unsigned char point[65];
    std::size_t length = 0;
    must(EVP_PKEY_get_octet_string_param(key_->pair, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &length) == 1 && length == 65);
    const std::string_view xy(reinterpret_cast<const char*>(point) + 1, 64);
    // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
    const auto key = "\xA5\x01\x02\x03\x26\x20\x01\x21" + byte_string(xy.substr(0, 32)) + "\x22" + byte_string(xy.substr(32));
    const auto authenticator = data(0x40) + std::string(17, '\0') + static_cast<char>(id_.size()) + id_ + key + more_data;
    const auto object = "\xA3" + text_string("fmt") + text_string("none") + text_string("attStmt") + "\xA0" + text_string("authData") +
                        byte_string(authenticator);
    return {crypto::base64url(client_data(type_of_create, challenge)), crypto::base64url(object)};
}

Authenticator::Signed Authenticator::get(std::string_view challenge) {
    ++sign_count;
    const auto client = client_data(type_of_get, challenge);
    const auto authenticator = data(0) + more_data;
    const auto message = authenticator + crypto::sha256(client);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    unsigned char signature[128];
    std::size_t length = sizeof signature;
    const bool fine = context && EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_->pair) == 1 &&
                      EVP_DigestSign(context, signature, &length, bytes(message), message.size()) == 1;
    EVP_MD_CTX_free(context);
    must(fine);
    return {crypto::base64url(id_), crypto::base64url(client), crypto::base64url(authenticator),
            crypto::base64url({reinterpret_cast<const char*>(signature), length})};
}

}  // namespace stoa::testing
