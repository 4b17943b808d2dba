#include "stoa/money/money.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace stoa {
namespace {

struct Known {
    std::string_view code;
    int exponent;
};
// ISO 4217:2015 with its exponents; the currencies a European shop meets and those that test the exponents 0 and 3.
constexpr Known kKnown[] = {
    {"AED", 2}, {"AUD", 2}, {"BGN", 2}, {"BHD", 3}, {"BRL", 2}, {"CAD", 2}, {"CHF", 2}, {"CLP", 0}, {"CNY", 2}, {"CZK", 2},
    {"DKK", 2}, {"EUR", 2}, {"GBP", 2}, {"HKD", 2}, {"HUF", 2}, {"ILS", 2}, {"INR", 2}, {"ISK", 0}, {"JOD", 3}, {"JPY", 0},
    {"KRW", 0}, {"KWD", 3}, {"MXN", 2}, {"NOK", 2}, {"NZD", 2}, {"OMR", 3}, {"PLN", 2}, {"RON", 2}, {"SAR", 2}, {"SEK", 2},
    {"SGD", 2}, {"TND", 3}, {"TRY", 2}, {"UAH", 2}, {"USD", 2}, {"VND", 0}, {"ZAR", 2},
};

__extension__ typedef __int128 Wide;

std::int64_t narrow(Wide value) {
    if (value > std::numeric_limits<std::int64_t>::max() || value < std::numeric_limits<std::int64_t>::min())
        throw std::overflow_error("money: amount does not fit into 64 bits");
    return static_cast<std::int64_t>(value);
}

void same(Currency a, Currency b) {
    if (a != b) throw std::logic_error("money: " + std::string(a.code()) + " and " + std::string(b.code()) + " cannot be combined");
}

Wide divide(Wide numerator, Wide denominator, Rounding mode) {
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    const bool negative = numerator < 0;
    const Wide magnitude = negative ? -numerator : numerator;
    Wide quotient = magnitude / denominator;
    const Wide remainder = magnitude % denominator;
    const Wide twice = remainder * 2;
    bool up = false;
    switch (mode) {
        case Rounding::down:
            break;
        case Rounding::up:
            up = remainder != 0;
            break;
        case Rounding::half_up:
            up = twice >= denominator;
            break;
        case Rounding::half_even:
            up = twice > denominator || (twice == denominator && (quotient & 1) != 0);
            break;
    }
    if (up) ++quotient;
    return negative ? -quotient : quotient;
}

}  // namespace

std::optional<Currency> Currency::parse(std::string_view code) {
    for (const auto& known : kKnown) {
        if (known.code == code) {
            Currency out;
            std::copy(code.begin(), code.end(), out.code_.begin());
            out.exponent_ = static_cast<std::uint8_t>(known.exponent);
            return out;
        }
    }
    return std::nullopt;
}

Currency Currency::of(std::string_view code) {
    if (auto found = parse(code)) return *found;
    throw std::invalid_argument("unknown currency '" + std::string(code) + "'");
}

std::int64_t Currency::minor_per_major() const {
    std::int64_t out = 1;
    for (int i = 0; i < exponent_; ++i) out *= 10;
    return out;
}

std::int64_t mul_div(std::int64_t a, std::int64_t b, std::int64_t c, Rounding mode) {
    if (c == 0) throw std::domain_error("money: division by zero");
    return narrow(divide(static_cast<Wide>(a) * b, c, mode));
}

Money& Money::operator+=(Money other) {
    same(currency_, other.currency_);
    minor_ = narrow(static_cast<Wide>(minor_) + other.minor_);
    return *this;
}

Money& Money::operator-=(Money other) {
    same(currency_, other.currency_);
    minor_ = narrow(static_cast<Wide>(minor_) - other.minor_);
    return *this;
}

Money Money::operator-() const { return {narrow(-static_cast<Wide>(minor_)), currency_}; }

Money Money::times(std::int64_t quantity) const { return {narrow(static_cast<Wide>(minor_) * quantity), currency_}; }

Money Money::scaled(std::int64_t numerator, std::int64_t denominator, Rounding mode) const {
    return {mul_div(minor_, numerator, denominator, mode), currency_};
}

std::vector<Money> Money::split(std::span<const std::int64_t> weights) const {
    std::vector<Money> parts;
    if (weights.empty()) {
        if (minor_ != 0) throw std::invalid_argument("money: cannot split an amount into no parts");
        return parts;
    }
    Wide total = 0;
    for (const auto weight : weights) {
        if (weight < 0) throw std::invalid_argument("money: negative weight");
        total += weight;
    }
    const bool equal = total == 0;
    if (equal) total = static_cast<Wide>(weights.size());

    const bool negative = minor_ < 0;
    const Wide amount = negative ? -static_cast<Wide>(minor_) : static_cast<Wide>(minor_);
    // amount * weight can exceed 128 bits only when both are near 2^63 and there are many parts; the product of two
    // 63-bit numbers fits.
    std::vector<Wide> shares(weights.size());
    std::vector<Wide> remainders(weights.size());
    Wide given = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const Wide product = amount * (equal ? 1 : weights[i]);
        shares[i] = product / total;
        remainders[i] = product % total;
        given += shares[i];
    }
    std::vector<std::size_t> order(weights.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
    auto left = static_cast<std::size_t>(amount - given);
    for (std::size_t i = 0; i < left; ++i) ++shares[order[i]];
    parts.reserve(weights.size());
    for (const auto share : shares) parts.emplace_back(narrow(negative ? -share : share), currency_);
    return parts;
}

std::strong_ordering Money::operator<=>(const Money& other) const {
    same(currency_, other.currency_);
    return minor_ <=> other.minor_;
}

std::string Money::to_decimal() const {
    const bool negative = minor_ < 0;
    const auto magnitude = negative ? -static_cast<Wide>(minor_) : static_cast<Wide>(minor_);
    std::string digits = std::to_string(static_cast<std::uint64_t>(magnitude));
    const auto exponent = static_cast<std::size_t>(currency_.exponent());
    if (exponent > 0) {
        if (digits.size() <= exponent) digits.insert(0, exponent + 1 - digits.size(), '0');
        digits.insert(digits.size() - exponent, 1, '.');
    }
    return negative ? "-" + digits : digits;
}

std::optional<Money> Money::parse_decimal(std::string_view text, Currency currency) {
    bool negative = false;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    Wide value = 0;
    int decimals = -1;
    bool any = false;
    for (const char c : text) {
        if (c == '.') {
            if (decimals >= 0) return std::nullopt;
            decimals = 0;
            continue;
        }
        if (c < '0' || c > '9') return std::nullopt;
        any = true;
        if (decimals >= currency.exponent()) {
            if (c != '0') return std::nullopt;  // finer than the currency
            continue;
        }
        value = value * 10 + (c - '0');
        if (decimals >= 0) ++decimals;
        if (value > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    }
    if (!any) return std::nullopt;
    for (int i = std::max(decimals, 0); i < currency.exponent(); ++i) value *= 10;
    if (value > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    return Money(static_cast<std::int64_t>(negative ? -value : value), currency);
}

}  // namespace stoa
