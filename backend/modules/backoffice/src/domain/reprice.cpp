#include "domain/reprice.hpp"

namespace stoa::backoffice {
namespace {
constexpr std::int64_t kWhole = 10000;
constexpr std::int64_t kMost = 10 * kWhole;  // ten times as much on top
}  // namespace

std::optional<std::int64_t> percent_of(std::string_view text) {
    const bool minus = text.starts_with('-');
    if (minus || text.starts_with('+')) text.remove_prefix(1);
    const auto point = text.find_first_of(".,");
    const auto whole = text.substr(0, point);
    const auto parts = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
    if (whole.empty() || whole.size() > 4 || parts.size() > 2 || (point != std::string_view::npos && parts.empty())) return std::nullopt;
    std::int64_t value = 0;
    for (const auto digits : {whole, parts}) {
        for (const char c : digits) {
            if (c < '0' || c > '9') return std::nullopt;
            value = value * 10 + (c - '0');
        }
    }
    for (auto missing = parts.size(); missing < 2; ++missing) value *= 10;
    if (minus ? value > kWhole : value > kMost) return std::nullopt;
    return minus ? -value : value;
}

Result<pricing::PriceEntry> reprice(const pricing::StoredPrice& price, const Repricing& repricing) {
    if (repricing.by_basis_points.has_value() == repricing.to.has_value())
        return fail_field("/input/percent", "one_of", "Give a percentage or an amount, one of the two.");
    auto entry = price.entry;
    if (!repricing.to) {
        for (auto& [quantity, amount] : entry.tiers)
            amount = Money(amount, price.currency).scaled(kWhole + *repricing.by_basis_points, kWhole, Rounding::half_up).minor();
        return entry;
    }
    if (repricing.to->currency() != price.currency)
        return fail_field("/input/amount", "currency", "The list is in " + std::string(price.currency.code()) + ".");
    if (repricing.to->is_negative()) return fail_field("/input/amount", "negative", "A price is not below nothing.");
    if (entry.tiers.size() > 1)
        return fail_field("/input/amount", "tiers", "One of these prices falls with the quantity: change it by percent, or by itself.");
    entry.tiers.front().second = repricing.to->minor();
    return entry;
}

}  // namespace stoa::backoffice
