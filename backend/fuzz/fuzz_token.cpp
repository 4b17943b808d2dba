// Signed tokens: what was not signed here is never taken for genuine, and what was signed always is.
#include <cstdlib>
#include <string>

#include "stoa/crypto/crypto.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static const std::string genuine = stoa::crypto::sign_token("key", "link", "payload");
    std::string payload;
    // Only the one token that this key ever signed may pass.
    if (stoa::crypto::verify_token("key", "link", text, payload) && text != genuine) std::abort();
    const std::string token = stoa::crypto::sign_token("other", "link", text);
    if (!stoa::crypto::verify_token("other", "link", token, payload) || payload != text) std::abort();
    if (stoa::crypto::verify_token("other", "reset", token, payload)) std::abort();
    std::string raw;
    if (stoa::crypto::base64url_decode(text, raw) && stoa::crypto::base64url(raw) != text) std::abort();
    if (stoa::crypto::base64_decode(text, raw) && stoa::crypto::base64(raw) != text) std::abort();
    try {
        (void)stoa::crypto::decrypt("key", "card", text);
        std::abort();  // nobody sealed it
    } catch (const std::runtime_error&) {
    }
    return 0;
}
