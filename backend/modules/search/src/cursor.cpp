#include "cursor.hpp"

#include "stoa/crypto/crypto.hpp"

namespace stoa::search {
namespace {

void put(std::string& out, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

std::uint64_t take(std::string_view& in, int bytes) {
    std::uint64_t value = 0;
    for (int i = 0; i < bytes; ++i)
        value |= static_cast<std::uint64_t>(static_cast<unsigned char>(in[static_cast<std::size_t>(i)])) << (8 * i);
    in.remove_prefix(static_cast<std::size_t>(bytes));
    return value;
}

constexpr std::size_t kFixed = 1 + 8 + 8 + 16;
constexpr std::size_t kLongestText = 600;

}  // namespace

std::uint64_t fnv1a(std::string_view text, std::uint64_t seed) {
    for (const char c : text) {
        seed ^= static_cast<unsigned char>(c);
        seed *= 1099511628211ULL;
    }
    return seed;
}

std::string encode(const Cursor& cursor) {
    std::string raw;
    raw += cursor.backwards ? '\2' : '\1';
    put(raw, cursor.fingerprint, 8);
    put(raw, static_cast<std::uint64_t>(cursor.key), 8);
    raw.append(reinterpret_cast<const char*>(cursor.id.bytes.data()), cursor.id.bytes.size());
    raw += std::string_view(cursor.text).substr(0, kLongestText);
    put(raw, fnv1a(raw), 4);
    return crypto::base64url(raw);
}

std::optional<Cursor> decode_cursor(std::string_view text) {
    std::string raw;
    if (text.size() > 2 * (kFixed + kLongestText + 4) || !crypto::base64url_decode(text, raw)) return std::nullopt;
    if (raw.size() < kFixed + 4 || raw.size() > kFixed + kLongestText + 4) return std::nullopt;
    std::string_view sum = std::string_view(raw).substr(raw.size() - 4);
    std::string_view in = std::string_view(raw).substr(0, raw.size() - 4);
    if (take(sum, 4) != (fnv1a(in) & 0xFFFFFFFF)) return std::nullopt;
    if (in[0] != '\1' && in[0] != '\2') return std::nullopt;
    Cursor out;
    out.backwards = in[0] == '\2';
    in.remove_prefix(1);
    out.fingerprint = take(in, 8);
    out.key = static_cast<std::int64_t>(take(in, 8));
    for (auto& byte : out.id.bytes) byte = static_cast<std::uint8_t>(take(in, 1));
    out.text = in;
    return out;
}

}  // namespace stoa::search
