#pragma once
// What a document says, in the buyer's language (en is the fallback).
#include <string>
#include <string_view>

#include "documents/document.hpp"

namespace stoa::orders {

enum class Word {
    invoice,
    credit_note,
    number,
    date,
    order,
    order_date,
    due,
    delivery_date,
    bill_to,
    deliver_to,
    for_invoice,
    article,
    quantity,
    unit_price,
    vat,
    amount,
    discount,
    subtotal,
    delivery,
    total,
    contains_vat,
    plus_vat,
    net,
    rate,
    tax,
    gross,
    paid,
    to_pay,
    credited,
    paid_by,
    pay_to,
    reference,
    page,
    of,
    vat_id,
    tax_number,
    registration,
    prices_with_tax,
    carried,
    discounts_contained,
    vat_in
};
[[nodiscard]] std::string_view word(Word word, std::string_view locale);

// Why a category has no VAT: text of BT-120 and VATEX code of BT-121.
struct VatReason {
    std::string_view text, code;
};
[[nodiscard]] VatReason reason_of(VatCategory category, std::string_view locale);

enum class Terms { paid, debit, transfer };
[[nodiscard]] std::string terms_text(Terms terms, std::string_view method, const std::optional<Date>& due, std::string_view locale);

}  // namespace stoa::orders
