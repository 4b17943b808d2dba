#pragma once
// VAT in the currency in which the seller accounts for it, where that is not the document's (BT-6, BT-111). Pure.
#include <optional>
#include <string>

#include "stoa/clock/clock.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/money/money.hpp"

namespace stoa::orders {

struct VatRate {
    std::string rate;  // one unit of the VAT currency in units of the document's: "0.8612"
    Date of{};
    std::string source;  // "ECB"
};

struct VatAccounting {
    std::string currency;  // BT-6
    Money tax_total;       // BT-111
    VatRate rate;
};
void describe(json::Struct<VatRate>& d);
void describe(json::Struct<VatAccounting>& d);

// Whether it can be converted with: a positive decimal of at most six digits and eight decimals.
[[nodiscard]] bool is_vat_rate(std::string_view rate);
// Half up. Precondition: is_vat_rate.
[[nodiscard]] Money in_vat_currency(const Money& tax, Currency currency, std::string_view rate);
// "VAT in EUR: €12.34 (1 EUR = 0.8612 GBP on 27 November 2026, ECB)"
[[nodiscard]] std::string vat_accounting_text(const VatAccounting& vat, std::string_view currency, std::string_view locale);

}  // namespace stoa::orders
