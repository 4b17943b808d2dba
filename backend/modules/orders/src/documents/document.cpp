#include "documents/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>

namespace stoa::orders {

json::EnumNames<DocumentKind> enum_names(DocumentKind) {
    static constexpr std::array<std::pair<DocumentKind, std::string_view>, 2> kNames{
        {{DocumentKind::invoice, "invoice"}, {DocumentKind::credit_note, "credit_note"}}};
    return kNames;
}
json::EnumNames<DocumentFormat> enum_names(DocumentFormat) {
    static constexpr std::array<std::pair<DocumentFormat, std::string_view>, 3> kNames{
        {{DocumentFormat::pdf, "pdf"}, {DocumentFormat::ubl, "ubl"}, {DocumentFormat::cii, "cii"}}};
    return kNames;
}
json::EnumNames<VatCategory> enum_names(VatCategory) {
    static constexpr std::array<std::pair<VatCategory, std::string_view>, 7> kNames{{{VatCategory::standard, "S"},
                                                                                     {VatCategory::zero, "Z"},
                                                                                     {VatCategory::exempt, "E"},
                                                                                     {VatCategory::reverse_charge, "AE"},
                                                                                     {VatCategory::intra_community, "K"},
                                                                                     {VatCategory::export_outside, "G"},
                                                                                     {VatCategory::not_subject, "O"}}};
    return kNames;
}

void describe(json::Struct<Vat>& d) {
    d.name("Vat");
    d.field<&Vat::category>("category");
    d.field<&Vat::basis_points>("basis_points");
}
void describe(json::Struct<Place>& d) {
    d.name("Place");
    d.field<&Place::line1>("line1");
    d.field<&Place::line2>("line2");
    d.field<&Place::postal_code>("postal_code");
    d.field<&Place::city>("city");
    d.field<&Place::state>("state");
    d.field<&Place::country>("country");
}
void describe(json::Struct<Party>& d) {
    d.name("Party");
    d.field<&Party::name>("name");
    d.field<&Party::contact_name>("contact_name");
    d.field<&Party::phone>("phone");
    d.field<&Party::email>("email");
    d.field<&Party::place>("place");
    d.field<&Party::vat_id>("vat_id");
    d.field<&Party::tax_number>("tax_number");
    d.field<&Party::registration>("registration");
}
void describe(json::Struct<Payment>& d) {
    d.name("DocumentPayment");
    d.field<&Payment::means_code>("means_code");
    d.field<&Payment::text>("text");
    d.field<&Payment::iban>("iban");
    d.field<&Payment::bic>("bic");
    d.field<&Payment::account_name>("account_name");
}
void describe(json::Struct<DocumentLine>& d) {
    d.name("DocumentLine");
    d.field<&DocumentLine::order_line>("order_line");
    d.field<&DocumentLine::name>("name");
    d.field<&DocumentLine::options_text>("options_text");
    d.field<&DocumentLine::sku>("sku");
    d.field<&DocumentLine::quantity>("quantity");
    d.field<&DocumentLine::shown_unit>("shown_unit");
    d.field<&DocumentLine::shown_discount>("shown_discount");
    d.field<&DocumentLine::shown_total>("shown_total");
    d.field<&DocumentLine::price_digits>("price_digits");
    d.field<&DocumentLine::price_decimals>("price_decimals");
    d.field<&DocumentLine::before_discount>("before_discount");
    d.field<&DocumentLine::discount>("discount");
    d.field<&DocumentLine::net>("net");
    d.field<&DocumentLine::tax>("tax");
    d.field<&DocumentLine::vat>("vat");
}
void describe(json::Struct<DocumentCharge>& d) {
    d.name("DocumentCharge");
    d.field<&DocumentCharge::reason>("reason");
    d.field<&DocumentCharge::reason_code>("reason_code");
    d.field<&DocumentCharge::shown>("shown");
    d.field<&DocumentCharge::net>("net");
    d.field<&DocumentCharge::tax>("tax");
    d.field<&DocumentCharge::vat>("vat");
}
void describe(json::Struct<VatLine>& d) {
    d.name("VatLine");
    d.field<&VatLine::vat>("vat");
    d.field<&VatLine::taxable>("taxable");
    d.field<&VatLine::tax>("tax");
    d.field<&VatLine::reason>("reason");
    d.field<&VatLine::reason_code>("reason_code");
}
void describe(json::Struct<Preceding>& d) {
    d.name("PrecedingDocument");
    d.field<&Preceding::number>("number");
    d.field<&Preceding::issued_on>("issued_on");
}
void describe(json::Struct<Discount>& d) {
    d.name("DocumentDiscount");
    d.field<&Discount::label>("label");
    d.field<&Discount::amount>("amount");
}
void describe(json::Struct<Document>& d) {
    d.name("StoredDocument");
    d.field<&Document::kind>("kind");
    d.field<&Document::number>("number");
    d.field<&Document::issued_on>("issued_on");
    d.field<&Document::due_on>("due_on");
    d.field<&Document::delivered_on>("delivered_on");
    d.field<&Document::locale>("locale");
    d.field<&Document::currency>("currency");
    d.field<&Document::order_number>("order_number");
    d.field<&Document::ordered_on>("ordered_on");
    d.field<&Document::terms>("terms");
    d.field<&Document::note>("note");
    d.field<&Document::preceding>("preceding");
    d.field<&Document::seller>("seller");
    d.field<&Document::buyer>("buyer");
    d.field<&Document::delivered_to>("delivered_to");
    d.field<&Document::delivery>("delivery");
    d.field<&Document::payment>("payment");
    d.field<&Document::lines>("lines");
    d.field<&Document::charges>("charges");
    d.field<&Document::vat>("vat");
    d.field<&Document::promotions>("promotions");
    d.field<&Document::shown_with_tax>("shown_with_tax");
    d.field<&Document::vat_accounting>("vat_accounting");
    d.field<&Document::line_total>("line_total");
    d.field<&Document::charge_total>("charge_total");
    d.field<&Document::net_total>("net_total");
    d.field<&Document::tax_total>("tax_total");
    d.field<&Document::total>("total");
    d.field<&Document::paid>("paid");
    d.field<&Document::due>("due");
}

std::string to_json(const Document& document) { return json::render(document); }

Document document_from_json(const std::string& text) {
    // Thousands of lines are more than what a request may hold.
    const auto value = json::parse(text, {.max_bytes = 64 << 20, .max_depth = 32});
    if (!value) throw std::logic_error("orders: a stored document is no JSON: " + value.error().message);
    auto document = json::from_value<Document>(*value);
    if (!document) {
        const auto& error = document.error();
        throw std::logic_error("orders: a stored document no longer reads: " +
                               (error.fields.empty() ? error.message : error.fields.front().pointer));
    }
    return std::move(*document);
}

std::string percent_text(std::int64_t basis_points) {
    std::string text = fmt::format("{}.{:02}", basis_points / 100, basis_points % 100);
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
    return text;
}

std::string price_text(const DocumentLine& line) {
    std::string digits = std::to_string(line.price_digits);
    const auto decimals = static_cast<std::size_t>(line.price_decimals);
    if (decimals == 0) return digits;
    if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
    digits.insert(digits.size() - decimals, 1, '.');
    return digits;
}

void set_price(DocumentLine& line) {
    constexpr int kMostDecimals = 12;
    const int exponent = line.before_discount.currency().exponent();
    std::int64_t scale = 1;
    for (int decimals = exponent; decimals <= kMostDecimals; ++decimals, scale *= 10) {
        line.price_decimals = decimals;
        line.price_digits = mul_div(line.before_discount.minor(), scale, line.quantity, Rounding::half_up);
        if (mul_div(line.price_digits, line.quantity, scale, Rounding::half_up) == line.before_discount.minor()) return;
    }
}

void add_up(Document& document) {
    const Currency currency = Currency::of(document.currency);
    const Money zero = Money::zero(currency);
    std::map<Vat, VatLine> by_vat;
    std::map<Vat, std::pair<std::string, std::string>> reasons;
    for (auto& line : document.vat) reasons[line.vat] = {line.reason, line.reason_code};
    const auto add = [&](const Vat& vat, Money net, Money tax) {
        auto& line = by_vat.try_emplace(vat, VatLine{vat, zero, zero, {}, {}}).first->second;
        line.taxable += net;
        line.tax += tax;
    };
    document.line_total = document.charge_total = zero;
    for (const auto& line : document.lines) {
        document.line_total += line.net;
        add(line.vat, line.net, line.tax);
    }
    for (const auto& charge : document.charges) {
        document.charge_total += charge.net;
        add(charge.vat, charge.net, charge.tax);
    }
    document.vat.clear();
    document.tax_total = zero;
    for (auto& [vat, line] : by_vat) {
        if (const auto found = reasons.find(vat); found != reasons.end())
            std::tie(line.reason, line.reason_code) = std::tie(found->second.first, found->second.second);
        document.tax_total += line.tax;
        document.vat.push_back(std::move(line));
    }
    // The highest rate first, as in the shop.
    std::ranges::stable_sort(document.vat, std::ranges::greater{}, [](const VatLine& line) { return line.vat.basis_points; });
    document.net_total = document.line_total + document.charge_total;
    document.total = document.net_total + document.tax_total;
    document.due = document.total - document.paid;
}

}  // namespace stoa::orders
