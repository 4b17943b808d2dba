#pragma once
// An invoice or a credit note as EN 16931 describes it: who, what, how much, under which VAT. Values only; BT numbers are the standard's
// business terms. The document is kept as JSON in its row; XML and PDF are made from it and from nothing else.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "documents/vat_accounting.hpp"
#include "stoa/clock/clock.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/money/money.hpp"
#include "stoa/orders/documents.hpp"

namespace stoa::orders {

// UNCL 5305, as far as EN 16931 allows it and a shop of goods can need it.
enum class VatCategory { standard, zero, exempt, reverse_charge, intra_community, export_outside, not_subject };
[[nodiscard]] json::EnumNames<VatCategory> enum_names(VatCategory);  // "S", "Z", "E", "AE", "K", "G", "O"
[[nodiscard]] inline std::string_view code_of(VatCategory category) { return json::to_name(category); }

struct Vat {
    VatCategory category = VatCategory::standard;
    std::int64_t basis_points = 0;
    auto operator<=>(const Vat&) const = default;
};
void describe(json::Struct<Vat>& d);
// "19", "25.5"
[[nodiscard]] std::string percent_text(std::int64_t basis_points);

struct Place {
    std::string line1, line2, postal_code, city, state, country;
    bool operator==(const Place&) const = default;
};
void describe(json::Struct<Place>& d);

struct Party {
    std::string name;  // BT-27, BT-44: of the company, or of the person
    std::string contact_name, phone, email;
    Place place;
    std::string vat_id;        // BT-31, BT-48
    std::string tax_number;    // BT-32
    std::string registration;  // BT-30, BT-47
};
void describe(json::Struct<Party>& d);

struct Payment {
    std::string means_code;  // BT-81, UNCL 4461
    std::string text;        // BT-82
    std::string iban, bic, account_name;
};
void describe(json::Struct<Payment>& d);

struct DocumentLine {
    std::string order_line;  // "oli_…"; empty for an amount that belongs to no line of the order
    std::string name, options_text, sku;
    std::int64_t quantity = 1;
    // What the buyer saw in the shop: with VAT where the shop's prices include it.
    Money shown_unit, shown_discount, shown_total;
    // BT-136: the net price of one unit, with as many decimals as make quantity × price round to `before_discount`.
    std::int64_t price_digits = 0;
    std::int64_t price_decimals = 2;
    Money before_discount;  // quantity × price
    Money discount;         // BT-136
    Money net;              // BT-131
    Money tax;              // not part of the standard; what this line adds to its rate's tax
    Vat vat;
};
void describe(json::Struct<DocumentLine>& d);

// A charge on the whole document (BG-21): delivery, per rate.
struct DocumentCharge {
    std::string reason, reason_code;
    Money shown, net, tax;
    Vat vat;
};
void describe(json::Struct<DocumentCharge>& d);

struct VatLine {  // BG-23
    Vat vat;
    Money taxable, tax;
    std::string reason, reason_code;  // BT-120, BT-121: why there is no VAT
};
void describe(json::Struct<VatLine>& d);

struct Preceding {  // BG-3
    std::string number;
    Date issued_on{};
};
void describe(json::Struct<Preceding>& d);

struct Discount {
    std::string label;
    Money amount;
};
void describe(json::Struct<Discount>& d);

struct Document {
    DocumentKind kind = DocumentKind::invoice;
    std::string number;                // BT-1
    Date issued_on{};                  // BT-2
    std::optional<Date> due_on;        // BT-9
    std::optional<Date> delivered_on;  // BT-72
    std::string locale, currency;
    std::string order_number;  // BT-13
    Date ordered_on{};
    std::string terms;  // BT-20
    std::string note;   // BT-22
    std::optional<Preceding> preceding;
    Party seller, buyer;
    std::string delivered_to;  // BT-70
    Place delivery;            // BG-15
    Payment payment;
    std::vector<DocumentLine> lines;
    std::vector<DocumentCharge> charges;
    std::vector<VatLine> vat;
    std::vector<Discount> promotions;  // what the discounts of the lines were for
    bool shown_with_tax = true;
    std::optional<VatAccounting> vat_accounting;  // BT-6, BT-111
    // BT-106, 108, 109, 110, 112, 113, 115
    Money line_total, charge_total, net_total, tax_total, total, paid, due;
};
void describe(json::Struct<Document>& d);

[[nodiscard]] std::string to_json(const Document& document);
[[nodiscard]] Document document_from_json(const std::string& text);

// BT-136 as text.
[[nodiscard]] std::string price_text(const DocumentLine& line);
// Sets price_digits and price_decimals from quantity and before_discount.
void set_price(DocumentLine& line);
// VAT lines and totals from lines, charges and `paid`. `reasons` are kept for the categories that need one.
void add_up(Document& document);

}  // namespace stoa::orders
