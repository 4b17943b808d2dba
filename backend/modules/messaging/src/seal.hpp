#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

#include "stoa/crypto/crypto.hpp"

namespace stoa::messaging {

// Twelve attempts with doubling pauses reach over more than a day.
inline constexpr int kMailAttempts = 12;

inline std::string seal(std::string_view secret_key, std::string_view text) {
    return crypto::base64(crypto::encrypt(secret_key, "messaging.secrets", text));
}
// Throws when the key is another or the text was changed.
inline std::string unseal(std::string_view secret_key, std::string_view sealed) {
    std::string raw;
    if (!crypto::base64_decode(sealed, raw)) throw std::runtime_error("messaging: sealed data is damaged");
    return crypto::decrypt(secret_key, "messaging.secrets", raw);
}

}  // namespace stoa::messaging
