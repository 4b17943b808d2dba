#pragma once
// Thin wrappers over libsodium and OpenSSL. All functions are thread-safe; failures of the libraries throw.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::crypto {

[[nodiscard]] std::string random_bytes(std::size_t count);
// URL-safe base64 without padding of `bytes` random bytes.
[[nodiscard]] std::string random_token(std::size_t bytes = 32);
[[nodiscard]] std::string sha256(std::string_view data);                             // 32 raw bytes
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view data);  // 32 raw bytes
[[nodiscard]] std::string hmac_sha1(std::string_view key, std::string_view data);    // 20 raw bytes
[[nodiscard]] std::string hex(std::string_view raw);
[[nodiscard]] std::string base64(std::string_view raw);
[[nodiscard]] std::string base64url(std::string_view raw);  // no padding
// Empty optional semantics: returns false when `text` is not valid.
[[nodiscard]] bool base64url_decode(std::string_view text, std::string& out);
[[nodiscard]] bool base64_decode(std::string_view text, std::string& out);
// Compares in time that depends on the lengths only.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b);

// Argon2id, 2 passes, 19 MiB: about 28 ms of CPU. Call on the password pool only.
[[nodiscard]] std::string hash_password(std::string_view password);
[[nodiscard]] bool verify_password(std::string_view hash, std::string_view password);
// Same work as verify_password without an account, so that "unknown address" takes as long.
void waste_password_time(std::string_view password);

// XChaCha20-Poly1305 under a key derived from `secret` and `purpose`; output carries its nonce.
[[nodiscard]] std::string encrypt(std::string_view secret, std::string_view purpose, std::string_view plain);
// Throws std::runtime_error when the text was changed or the key is another.
[[nodiscard]] std::string decrypt(std::string_view secret, std::string_view purpose, std::string_view sealed);

// Compact signed token "payload.signature" for links; verify returns false when changed. Expiry is the caller's.
[[nodiscard]] std::string sign_token(std::string_view secret, std::string_view purpose, std::string_view payload);
[[nodiscard]] bool verify_token(std::string_view secret, std::string_view purpose, std::string_view token, std::string& payload);

}  // namespace stoa::crypto
