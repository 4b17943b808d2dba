#pragma once
// Small pure helpers of the HTTP layer.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::http {

// False for a broken escape. Appends nothing then.
[[nodiscard]] bool percent_decode(std::string_view text, std::string& out, bool plus_is_space);
[[nodiscard]] bool is_utf8(std::string_view text);
// Control characters other than tab and line ends.
[[nodiscard]] bool has_control_characters(std::string_view text);
[[nodiscard]] bool same_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] std::string_view trim_space(std::string_view text);
[[nodiscard]] std::string_view reason_phrase(int status);
// "application/json" of "Application/JSON; charset=utf-8".
[[nodiscard]] std::string media_type(std::string_view content_type);
// Whether a comma-separated header value names `token` (any case).
[[nodiscard]] bool has_token(std::string_view list, std::string_view token);

enum class Encoding { identity, gzip, br };
// What Accept-Encoding allows, br before gzip when both are equally welcome.
[[nodiscard]] Encoding choose_encoding(std::string_view accept_encoding);
[[nodiscard]] bool is_compressible(std::string_view content_type);
[[nodiscard]] std::string compress(std::string_view text, Encoding encoding);

struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t length = 0;
};
enum class RangeOutcome { whole, partial, unsatisfiable };
// One range of "bytes="; several ranges, other units and broken syntax answer with the whole.
[[nodiscard]] RangeOutcome choose_range(std::string_view header, std::uint64_t size, ByteRange& out);

}  // namespace stoa::http
