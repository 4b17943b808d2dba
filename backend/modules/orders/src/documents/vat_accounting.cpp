#include "documents/vat_accounting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "documents/words.hpp"
#include "stoa/text/writing.hpp"

namespace stoa::orders {
namespace {

constexpr std::size_t kMostDigits = 6, kMostDecimals = 8;

struct Decimal {
    std::int64_t digits = 0, scale = 1;  // digits / scale
};
std::optional<Decimal> parse(std::string_view text) {
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    const auto rest = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
    const auto is_digits = [](std::string_view part) { return std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; }); };
    if (whole.empty() || whole.size() > kMostDigits || rest.size() > kMostDecimals || !is_digits(whole) || !is_digits(rest) ||
        (point != std::string_view::npos && rest.empty()))
        return std::nullopt;
    Decimal out;
    for (const char c : whole) out.digits = out.digits * 10 + (c - '0');
    for (const char c : rest) {
        out.digits = out.digits * 10 + (c - '0');
        out.scale *= 10;
    }
    if (out.digits == 0) return std::nullopt;
    return out;
}

}  // namespace

void describe(json::Struct<VatRate>& d) {
    d.name("DocumentVatRate");
    d.field<&VatRate::rate>("rate");
    d.field<&VatRate::of>("of");
    d.field<&VatRate::source>("source");
}
void describe(json::Struct<VatAccounting>& d) {
    d.name("DocumentVatAccounting");
    d.field<&VatAccounting::currency>("currency");
    d.field<&VatAccounting::tax_total>("tax_total");
    d.field<&VatAccounting::rate>("rate");
}

bool is_vat_rate(std::string_view rate) { return parse(rate).has_value(); }

Money in_vat_currency(const Money& tax, Currency currency, std::string_view rate) {
    const auto decimal = parse(rate);
    if (!decimal) throw std::invalid_argument("orders: VAT is converted with a rate that is none");
    return {mul_div(tax.minor(), decimal->scale * currency.minor_per_major(), decimal->digits * tax.currency().minor_per_major(),
                    Rounding::half_up),
            currency};
}

std::string vat_accounting_text(const VatAccounting& vat, std::string_view currency, std::string_view locale) {
    std::string rate = vat.rate.rate;
    if (locale == "de" || locale == "nl" || locale == "fr") std::ranges::replace(rate, '.', ',');
    return fmt::format("{} {}{}: {} (1 {} = {} {}, {}, {})", word(Word::vat_in, locale), vat.currency, locale == "fr" ? " " : "",
                       text::format_money(vat.tax_total, locale), vat.currency, rate, currency, text::format_date(vat.rate.of, locale),
                       vat.rate.source);
}

}  // namespace stoa::orders
