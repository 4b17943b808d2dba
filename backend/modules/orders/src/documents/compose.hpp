#pragma once
// Documents from what was sold. Pure: the same order gives the same document.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "documents/document.hpp"
#include "stoa/customers/customers.hpp"
#include "stoa/orders/states.hpp"

namespace stoa::orders {

struct LegalEntity {
    std::string code;
    Party party;
    std::string iban, bic, account_name;
    std::int64_t payment_days = 14;
    std::string vat_currency = "EUR";
};

// An order as it was frozen.
struct Sold {
    std::string number, locale, email, phone, vat_id;
    Currency currency;
    bool tax_included = true;
    PaymentState payment_state = PaymentState::pending;
    std::string payment_method, payment_label, delivery_name;
    Timestamp placed_at;
    std::optional<Date> arrives;
    Money total;
    std::optional<Money> paid_before;  // what the invoice that is replaced says was paid: of an order that has become dearer
    customers::AddressDto shipping_address, billing_address;
    struct Line {
        OrderLineId id;
        std::string name, options_text, sku;
        std::int64_t quantity = 1;
        Money unit, discount, total, net, tax;
        std::int64_t basis_points = 0;
        std::string treatment;
    };
    std::vector<Line> lines;
    struct Tax {
        std::int64_t basis_points = 0;
        std::string treatment, reason;
        Money net, tax;
    };
    std::vector<Tax> taxes;
    std::vector<Discount> promotions;
};

// Without a number, which is taken last. `shipped`: issued because the goods left.
// See VatAccounting. Whether it is called for: not where the currency is the same, nor where there is no VAT to account for.
[[nodiscard]] bool needs_vat_accounting(const Document& document, const LegalEntity& entity);
void account_vat(Document& document, const LegalEntity& entity, VatRate rate);

[[nodiscard]] Document invoice_of(const Sold& sold, const LegalEntity& entity, Timestamp now, bool shipped);

// How much of each of an invoice's lines and charges has been credited, as shown to the buyer; by place.
struct Credited {
    std::map<std::size_t, Money> lines, charges;
    std::map<std::size_t, std::int64_t> quantities;
    std::optional<Money> tax;  // of all credit notes together
};
struct CreditPart {
    std::size_t place = 0;
    std::int64_t quantity = 1;  // lines only
    Money amount;
};
// Net and tax of what is given back are such that, when everything is, they are those of the invoice to the cent.
[[nodiscard]] Result<Document> credit_note_of(const Document& invoice, const Credited& before, const std::vector<CreditPart>& lines,
                                              const std::vector<CreditPart>& charges, std::string_view note, Timestamp now);

}  // namespace stoa::orders
