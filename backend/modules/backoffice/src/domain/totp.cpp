#include "domain/totp.hpp"

#include <fmt/format.h>

#include "stoa/crypto/crypto.hpp"

namespace stoa::backoffice {
namespace {

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const unsigned char c : text) {
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~')
            out += static_cast<char>(c);
        else
            out += fmt::format("%{:02X}", c);
    }
    return out;
}

}  // namespace

std::string base32(std::string_view raw) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    unsigned buffer = 0;
    int bits = 0;
    for (const unsigned char c : raw) {
        buffer = (buffer << 8 | c) & 0xFFFF;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            out += kAlphabet[buffer >> bits & 31];
        }
    }
    if (bits > 0) out += kAlphabet[buffer << (5 - bits) & 31];
    return out;
}

std::int64_t totp_step(Timestamp at) { return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count() / 30; }

std::string totp_code(std::string_view secret, std::int64_t step, int digits) {
    std::string counter(8, '\0');
    for (int i = 7; i >= 0; --i, step >>= 8) counter[static_cast<std::size_t>(i)] = static_cast<char>(step & 0xFF);
    const auto mac = crypto::hmac_sha1(secret, counter);
    const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(mac[at])); };
    const std::size_t offset = byte(19) & 0xF;
    const std::uint32_t number = (byte(offset) & 0x7F) << 24 | byte(offset + 1) << 16 | byte(offset + 2) << 8 | byte(offset + 3);
    std::uint32_t modulus = 1;
    for (int i = 0; i < digits; ++i) modulus *= 10;
    return fmt::format("{:0{}}", number % modulus, digits);
}

std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code, Timestamp at, std::int64_t last_step) {
    std::optional<std::int64_t> found;
    for (const std::int64_t drift : {0, -1, 1}) {
        const auto step = totp_step(at) + drift;
        const bool same = crypto::equal_constant_time(totp_code(secret, step), code);
        if (same && step > last_step && !found) found = step;
    }
    return found;
}

std::string otpauth_uri(std::string_view issuer, std::string_view account, std::string_view secret) {
    return fmt::format("otpauth://totp/{}:{}?secret={}&issuer={}&algorithm=SHA1&digits=6&period=30", percent_encoded(issuer),
                       percent_encoded(account), base32(secret), percent_encoded(issuer));
}

}  // namespace stoa::backoffice
