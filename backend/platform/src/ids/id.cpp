#include "stoa/ids/id.hpp"

#include <chrono>
#include <random>

#include "stoa/crypto/crypto.hpp"

namespace stoa {
namespace {

__extension__ typedef unsigned __int128 UnsignedWide;

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase32 = "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford, lower case

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

int base32_value(char c) {
    const auto at = kBase32.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

// 62 random bits per id come from a generator of the thread that is seeded by the operating system. Ids are not secrets:
// whatever must not be guessed is a token from crypto::random_token.
std::uint64_t random_bits() {
    thread_local std::mt19937_64 generator = [] {
        std::random_device device;
        std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
        return std::mt19937_64(seed);
    }();
    return generator();
}

}  // namespace

bool Uuid::is_nil() const { return *this == Uuid{}; }

std::string Uuid::to_string() const {
    std::string out;
    out.reserve(36);
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        out += kHex[bytes[i] >> 4];
        out += kHex[bytes[i] & 15];
    }
    return out;
}

std::string Uuid::to_base32() const {
    // 128 bits in 26 digits of 5 bits; the first digit carries the top 3 bits.
    std::string out(26, '0');
    UnsignedWide value = 0;
    for (const auto byte : bytes) value = value << 8 | byte;
    for (int i = 25; i >= 0; --i) {
        out[static_cast<std::size_t>(i)] = kBase32[static_cast<std::size_t>(value & 31)];
        value >>= 5;
    }
    return out;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    Uuid out;
    std::size_t at = 0;
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            if (text[at++] != '-') return std::nullopt;
        }
        const int high = hex_value(text[at]);
        const int low = hex_value(text[at + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
        at += 2;
    }
    return out;
}

std::optional<Uuid> Uuid::parse_base32(std::string_view text) {
    if (text.size() != 26) return std::nullopt;
    UnsignedWide value = 0;
    for (std::size_t i = 0; i < 26; ++i) {
        const int digit = base32_value(text[i]);
        if (digit < 0 || (i == 0 && digit > 7)) return std::nullopt;
        value = value << 5 | static_cast<unsigned>(digit);
    }
    Uuid out;
    for (int i = 15; i >= 0; --i) {
        out.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(value & 255);
        value >>= 8;
    }
    return out;
}

Uuid Uuid::v7() {
    // RFC 9562 section 5.7: 48 bits of milliseconds, then 12 bits used as a counter within the millisecond (method 1 of
    // section 6.2), then 62 random bits.
    thread_local std::uint64_t last_millis = 0;
    thread_local std::uint32_t counter = 0;
    auto millis = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
    if (millis <= last_millis) {
        millis = last_millis;
        if (++counter > 0xFFF) {
            ++millis;
            counter = 0;
        }
    } else {
        counter = static_cast<std::uint32_t>(random_bits() & 0xFF);
    }
    last_millis = millis;

    Uuid out;
    for (std::size_t i = 0; i < 6; ++i) out.bytes[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
    out.bytes[6] = static_cast<std::uint8_t>(0x70 | counter >> 8);
    out.bytes[7] = static_cast<std::uint8_t>(counter & 255);
    const std::uint64_t random = random_bits();
    for (std::size_t i = 0; i < 8; ++i) out.bytes[8 + i] = static_cast<std::uint8_t>(random >> (8 * i));
    out.bytes[8] = static_cast<std::uint8_t>(0x80 | (out.bytes[8] & 0x3F));
    return out;
}

Uuid Uuid::derived(std::string_view name) {
    const std::string digest = crypto::sha256(name);
    Uuid out;
    for (std::size_t i = 0; i < 16; ++i) out.bytes[i] = static_cast<std::uint8_t>(digest[i]);
    out.bytes[6] = static_cast<std::uint8_t>(0x80 | (out.bytes[6] & 0x0F));
    out.bytes[8] = static_cast<std::uint8_t>(0x80 | (out.bytes[8] & 0x3F));
    return out;
}

}  // namespace stoa
