#include "stoa/crypto/crypto.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <stdexcept>

namespace stoa::crypto {
namespace {

void ensure_sodium() {
    static const bool ready = sodium_init() >= 0;
    if (!ready) throw std::runtime_error("libsodium could not be initialised");
}

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view data) {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned int length = 0;
    if (!HMAC(digest, key.data(), static_cast<int>(key.size()), bytes(data), data.size(), bytes(out), &length))
        throw std::runtime_error("HMAC failed");
    out.resize(length);
    return out;
}

std::string encode(std::string_view raw, int variant) {
    ensure_sodium();
    std::string out(sodium_base64_encoded_len(raw.size(), variant), '\0');
    sodium_bin2base64(out.data(), out.size(), bytes(raw), raw.size(), variant);
    out.pop_back();  // the terminating zero
    return out;
}

bool decode(std::string_view text, std::string& out, int variant) {
    ensure_sodium();
    out.assign(text.size() / 4 * 3 + 3, '\0');
    std::size_t length = 0;
    const char* end = nullptr;
    if (sodium_base642bin(bytes(out), out.size(), text.data(), text.size(), nullptr, &length, &end, variant) != 0 ||
        end != text.data() + text.size())
        return false;
    out.resize(length);
    // libsodium takes bytes above 127 for the last character of its alphabet; there is one way to write a text.
    return encode(out, variant) == text;
}

std::string derive_key(std::string_view secret, std::string_view purpose) {
    return hmac_sha256(secret, std::string("stoa/") + std::string(purpose));
}

// OWASP's minimum for Argon2id: 19 MiB, 2 passes.
constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemory = 19 * 1024 * 1024;

}  // namespace

std::string random_bytes(std::size_t count) {
    ensure_sodium();
    std::string out(count, '\0');
    randombytes_buf(out.data(), out.size());
    return out;
}

std::string random_token(std::size_t count) { return base64url(random_bytes(count)); }

std::string sha256(std::string_view data) {
    std::string out(32, '\0');
    unsigned int length = 0;
    if (EVP_Digest(data.data(), data.size(), bytes(out), &length, EVP_sha256(), nullptr) != 1) throw std::runtime_error("SHA-256 failed");
    return out;
}

std::string hmac_sha256(std::string_view key, std::string_view data) { return hmac(EVP_sha256(), key, data); }
std::string hmac_sha1(std::string_view key, std::string_view data) { return hmac(EVP_sha1(), key, data); }

std::string hex(std::string_view raw) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    out.reserve(raw.size() * 2);
    for (const char c : raw) {
        const auto byte = static_cast<unsigned char>(c);
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out;
}

std::string base64(std::string_view raw) { return encode(raw, sodium_base64_VARIANT_ORIGINAL); }
std::string base64url(std::string_view raw) { return encode(raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING); }
bool base64url_decode(std::string_view text, std::string& out) { return decode(text, out, sodium_base64_VARIANT_URLSAFE_NO_PADDING); }
bool base64_decode(std::string_view text, std::string& out) { return decode(text, out, sodium_base64_VARIANT_ORIGINAL); }

bool equal_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hash_password(std::string_view password) {
    ensure_sodium();
    std::string out(crypto_pwhash_STRBYTES, '\0');
    if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), kPasses, kMemory, crypto_pwhash_ALG_ARGON2ID13) != 0)
        throw std::runtime_error("not enough memory to hash a password");
    out.resize(out.find('\0'));
    return out;
}

bool verify_password(std::string_view hash, std::string_view password) {
    ensure_sodium();
    return crypto_pwhash_str_verify(std::string(hash).c_str(), password.data(), password.size()) == 0;
}

void waste_password_time(std::string_view password) {
    static const std::string hash = hash_password("a password that nobody has");
    (void)verify_password(hash, password);
}

std::string encrypt(std::string_view secret, std::string_view purpose, std::string_view plain) {
    ensure_sodium();
    const std::string key = derive_key(secret, purpose);
    std::string out = random_bytes(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
    const std::string nonce = out;
    out.resize(nonce.size() + plain.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
    unsigned long long length = 0;
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes(out) + nonce.size(), &length, bytes(plain), plain.size(), bytes(purpose),
                                               purpose.size(), nullptr, bytes(std::string_view(nonce)), bytes(std::string_view(key)));
    return out;
}

std::string decrypt(std::string_view secret, std::string_view purpose, std::string_view sealed) {
    ensure_sodium();
    const std::string key = derive_key(secret, purpose);
    constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
    constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
    if (sealed.size() < kNonce + kTag) throw std::runtime_error("sealed text is too short");
    std::string out(sealed.size() - kNonce - kTag, '\0');
    unsigned long long length = 0;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes(out), &length, nullptr, bytes(sealed) + kNonce, sealed.size() - kNonce,
                                                   bytes(purpose), purpose.size(), bytes(sealed), bytes(std::string_view(key))) != 0)
        throw std::runtime_error("sealed text was changed or made with another key");
    return out;
}

std::string sign_token(std::string_view secret, std::string_view purpose, std::string_view payload) {
    const std::string body = base64url(payload);
    return body + "." + base64url(hmac_sha256(derive_key(secret, purpose), body));
}

bool verify_token(std::string_view secret, std::string_view purpose, std::string_view token, std::string& payload) {
    const auto dot = token.rfind('.');
    if (dot == std::string_view::npos) return false;
    const auto body = token.substr(0, dot);
    std::string signature;
    if (!base64url_decode(token.substr(dot + 1), signature)) return false;
    if (!equal_constant_time(signature, hmac_sha256(derive_key(secret, purpose), body))) return false;
    return base64url_decode(body, payload);
}

}  // namespace stoa::crypto
