#pragma once
// Keyset cursors: the sort key and id of the row at the edge of a page, not an offset, so that pages stay right while the
// catalogue changes. Opaque outside; a check sum and the fingerprint of the request refuse what was made up or belongs elsewhere.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stoa/ids/id.hpp"

namespace stoa::search {

struct Cursor {
    bool backwards = false;
    std::uint64_t fingerprint = 0;  // of everything in the request but the cursor and the limit
    std::int64_t key = 0;
    std::string text;  // key of sorts by name
    Uuid id;
    bool operator==(const Cursor&) const = default;
};

[[nodiscard]] std::string encode(const Cursor& cursor);
[[nodiscard]] std::optional<Cursor> decode_cursor(std::string_view text);
[[nodiscard]] std::uint64_t fnv1a(std::string_view text, std::uint64_t seed = 14695981039346656037ULL);

}  // namespace stoa::search
