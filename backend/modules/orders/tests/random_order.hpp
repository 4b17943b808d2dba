#pragma once
// Orders as the evaluator makes them, by chance: currencies with no, two and three decimals, prices with tax and without.
#include <cstdlib>
#include <map>
#include <random>

#include "edits/change_set.hpp"

namespace stoa::orders {

// Printed when a test fails; STOA_TEST_SEED runs it again.
inline std::uint32_t test_seed() {
    const char* given = std::getenv("STOA_TEST_SEED");
    return given ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
}

class Chance {
public:
    explicit Chance(std::uint32_t seed) : random_(seed) {}
    std::int64_t up_to(std::int64_t most) {  // 0 .. most
        return most <= 0 ? 0 : static_cast<std::int64_t>(random_() % (static_cast<std::uint64_t>(most) + 1));
    }
    std::int64_t between(std::int64_t least, std::int64_t most) { return least + up_to(most - least); }
    bool one_in(std::int64_t n) { return up_to(n - 1) == 0; }

private:
    std::mt19937_64 random_;
};

inline Money tax_in(const Money& shown, std::int64_t basis_points, bool included) {
    return shown.scaled(basis_points, included ? 10000 + basis_points : 10000, Rounding::half_up);
}

inline ContentLine random_line(Chance& chance, Currency currency, bool tax_included) {
    static constexpr std::int64_t kRates[] = {0, 260, 700, 810, 1000, 1900, 2100, 2550};
    const auto money = [&](std::int64_t minor) { return Money(minor, currency); };
    ContentLine line;
    line.id = OrderLineId::make();
    line.quantity = chance.one_in(5) ? chance.between(1, 250) : chance.between(1, 6);
    line.unit_price = money(chance.one_in(12) ? chance.up_to(3) : chance.between(1, 20000));
    const Money subtotal = line.unit_price.times(line.quantity);
    line.discount = money(chance.one_in(10) ? subtotal.minor() : chance.one_in(2) ? chance.up_to(subtotal.minor()) : 0);
    line.total = subtotal - line.discount;
    line.basis_points = kRates[chance.up_to(7)];
    line.treatment = "standard";
    line.tax = tax_in(line.total, line.basis_points, tax_included);
    line.net = tax_included ? line.total - line.tax : line.total;
    line.credited = Worth::zero(currency);
    return line;
}

inline OrderContent random_order(Chance& chance) {
    static constexpr const char* kCurrencies[] = {"EUR", "JPY", "CHF", "BHD"};
    const auto currency = Currency::of(kCurrencies[chance.up_to(3)]);
    const auto money = [&](std::int64_t minor) { return Money(minor, currency); };
    OrderContent out;
    out.tax_included = chance.one_in(2);
    out.subtotal = out.discount = out.tax = out.total = money(0);
    out.credited = out.shipping_credited = Worth::zero(currency);
    std::map<std::int64_t, Worth> rates;
    std::map<std::int64_t, std::int64_t> shown;
    const auto lines = chance.between(1, 4);
    for (std::int64_t i = 0; i < lines; ++i) {
        auto line = random_line(chance, currency, out.tax_included);
        rates.try_emplace(line.basis_points, Worth::zero(currency)).first->second += line.worth();
        shown[line.basis_points] += line.total.minor();
        out.subtotal += line.unit_price.times(line.quantity);
        out.discount += line.discount;
        out.tax += line.tax;
        out.lines.push_back(std::move(line));
    }
    out.shipping = money(chance.one_in(3) ? 0 : chance.up_to(1500));
    const Money less = money(chance.one_in(4) ? chance.up_to(out.shipping.minor()) : 0);
    out.discount += less;
    std::vector<std::int64_t> weights;
    for (const auto& [rate, value] : shown) weights.push_back(value);
    const auto parts = (out.shipping - less).split(weights);
    std::size_t next = 0;
    for (auto& [rate, worth] : rates) {
        const Money part = parts[next++];
        const Money tax = tax_in(part, rate, out.tax_included);
        worth += {out.tax_included ? part : part + tax, tax};
        out.tax += tax;
        out.tax_lines.push_back({rate, "standard", "", worth.net(), worth.tax});
    }
    out.total = out.subtotal + out.shipping - out.discount;
    if (!out.tax_included) out.total += out.tax;
    return out;
}

}  // namespace stoa::orders
