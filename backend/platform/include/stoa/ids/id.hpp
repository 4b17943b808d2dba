#pragma once
// UUIDv7 (RFC 9562) ids, a distinct type per entity. Inside the database: uuid. Outside: "<prefix>_" and 26 lower-case
// Crockford base32 characters.
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace stoa {

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    auto operator<=>(const Uuid&) const = default;
    [[nodiscard]] bool is_nil() const;
    [[nodiscard]] std::string to_string() const;  // 8-4-4-4-12, lower case
    [[nodiscard]] std::string to_base32() const;  // 26 characters
    [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);
    [[nodiscard]] static std::optional<Uuid> parse_base32(std::string_view text);
    // Time-ordered and strictly increasing within one thread. Thread-safe.
    [[nodiscard]] static Uuid v7();
    // Same input, same id (for seeds and imports): RFC 9562 version 8 from SHA-256 of `name`.
    [[nodiscard]] static Uuid derived(std::string_view name);
};

template <std::size_t N>
struct IdPrefix {
    std::array<char, N> text{};
    consteval IdPrefix(const char (&literal)[N]) {  // NOLINT: implicit on purpose
        for (std::size_t i = 0; i < N; ++i) text[i] = literal[i];
    }
    [[nodiscard]] constexpr std::string_view view() const { return {text.data(), N - 1}; }
};

// using CartId = Id<"cart">;
template <IdPrefix Prefix>
class Id {
public:
    Id() = default;
    explicit Id(Uuid value) : value_(value) {}

    [[nodiscard]] static Id make() { return Id(Uuid::v7()); }
    [[nodiscard]] static Id derived(std::string_view name) {
        return Id(Uuid::derived(std::string(Prefix.view()) + ":" + std::string(name)));
    }
    [[nodiscard]] static constexpr std::string_view prefix() { return Prefix.view(); }
    // Reads the outside form only.
    [[nodiscard]] static std::optional<Id> parse(std::string_view text) {
        if (text.size() != prefix().size() + 27 || !text.starts_with(prefix()) || text[prefix().size()] != '_') return std::nullopt;
        auto uuid = Uuid::parse_base32(text.substr(prefix().size() + 1));
        if (!uuid) return std::nullopt;
        return Id(*uuid);
    }
    [[nodiscard]] std::string to_string() const { return std::string(prefix()) + "_" + value_.to_base32(); }
    [[nodiscard]] const Uuid& uuid() const { return value_; }
    [[nodiscard]] bool is_nil() const { return value_.is_nil(); }
    auto operator<=>(const Id&) const = default;

private:
    Uuid value_{};
};

}  // namespace stoa

template <>
struct std::hash<stoa::Uuid> {
    std::size_t operator()(const stoa::Uuid& value) const noexcept {
        std::uint64_t high = 0;
        std::uint64_t low = 0;
        for (std::size_t i = 0; i < 8; ++i) {
            high = high << 8 | value.bytes[i];
            low = low << 8 | value.bytes[i + 8];
        }
        return std::hash<std::uint64_t>{}(high ^ (low * 0x9E3779B97F4A7C15ULL));
    }
};

template <stoa::IdPrefix Prefix>
struct std::hash<stoa::Id<Prefix>> {
    std::size_t operator()(const stoa::Id<Prefix>& value) const noexcept { return std::hash<stoa::Uuid>{}(value.uuid()); }
};
