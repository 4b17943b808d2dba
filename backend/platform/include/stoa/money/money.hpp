#pragma once
// Money is signed 64-bit minor units and a currency; no floating point anywhere. Products go through 128 bits, every
// rounding names its mode. Mixing currencies or overflowing throws (a bug, not an outcome).
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoa {

// ISO 4217 code with its exponent (JPY 0, EUR 2, BHD 3). A default-constructed Currency is "XXX".
class Currency {
public:
    constexpr Currency() = default;
    [[nodiscard]] static std::optional<Currency> parse(std::string_view code);
    [[nodiscard]] static Currency of(std::string_view code);  // throws std::invalid_argument for an unknown code
    [[nodiscard]] std::string_view code() const { return {code_.data(), 3}; }
    [[nodiscard]] int exponent() const { return exponent_; }
    [[nodiscard]] std::int64_t minor_per_major() const;
    auto operator<=>(const Currency&) const = default;

private:
    std::array<char, 3> code_{'X', 'X', 'X'};
    std::uint8_t exponent_ = 2;
};

enum class Rounding { half_up /* away from zero on a tie */, half_even, down /* towards zero */, up /* away from zero */ };

// a * b / c in 128 bits, rounded once. Throws std::overflow_error when the result does not fit, std::domain_error on c == 0.
[[nodiscard]] std::int64_t mul_div(std::int64_t a, std::int64_t b, std::int64_t c, Rounding mode);

class Money {
public:
    Money() = default;
    Money(std::int64_t minor, Currency currency) : minor_(minor), currency_(currency) {}
    [[nodiscard]] static Money zero(Currency currency) { return {0, currency}; }

    [[nodiscard]] std::int64_t minor() const { return minor_; }
    // By reference, so that currency().code() lives as long as the amount.
    [[nodiscard]] const Currency& currency() const { return currency_; }
    [[nodiscard]] bool is_zero() const { return minor_ == 0; }
    [[nodiscard]] bool is_negative() const { return minor_ < 0; }

    Money& operator+=(Money other);
    Money& operator-=(Money other);
    [[nodiscard]] friend Money operator+(Money a, Money b) { return a += b; }
    [[nodiscard]] friend Money operator-(Money a, Money b) { return a -= b; }
    [[nodiscard]] Money operator-() const;
    [[nodiscard]] Money times(std::int64_t quantity) const;
    // this * numerator / denominator
    [[nodiscard]] Money scaled(std::int64_t numerator, std::int64_t denominator, Rounding mode) const;
    // Splits so that the parts add up exactly (largest remainder; ties to the earlier part). Weights >= 0; when all are
    // zero the parts are equal.
    [[nodiscard]] std::vector<Money> split(std::span<const std::int64_t> weights) const;
    // Order within one currency; throws std::logic_error across currencies.
    [[nodiscard]] std::strong_ordering operator<=>(const Money& other) const;
    [[nodiscard]] bool operator==(const Money& other) const = default;

    // "1234.50": plain decimal text with the currency's exponent, for wires that want major units.
    [[nodiscard]] std::string to_decimal() const;
    [[nodiscard]] static std::optional<Money> parse_decimal(std::string_view text, Currency currency);

private:
    std::int64_t minor_ = 0;
    Currency currency_{};
};

}  // namespace stoa
