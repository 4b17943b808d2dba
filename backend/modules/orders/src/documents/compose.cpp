#include "documents/compose.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "documents/words.hpp"

namespace stoa::orders {
namespace {

Vat vat_of(std::string_view treatment, std::int64_t basis_points, bool other_country) {
    if (treatment == "export") return {VatCategory::export_outside, 0};
    if (treatment == "exempt") return {VatCategory::exempt, 0};
    // Goods that go to a business in another member state are an intra-Community supply; inside one country the tax is only turned over.
    if (treatment == "reverse_charge") return {other_country ? VatCategory::intra_community : VatCategory::reverse_charge, 0};
    if (basis_points == 0) return {VatCategory::zero, 0};
    return {VatCategory::standard, basis_points};
}

// One line of text: what a stored document and XML cannot hold is left out.
std::string tidy(std::string text) {
    std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    return text;
}

Place place_of(const customers::AddressDto& address) {
    return {address.line1, address.line2.value_or(""), address.postal_code, address.city, address.state.value_or(""), address.country};
}

std::string person(const customers::AddressDto& address) { return address.first_name + " " + address.last_name; }

Money without_tax(Money gross, std::int64_t basis_points) {
    return gross - gross.scaled(basis_points, 10000 + basis_points, Rounding::half_up);
}

// UNCL 4461
std::string_view means_of(std::string_view method) {
    if (method == "card" || method == "stored_card") return "48";
    if (method == "sepa") return "59";
    if (method == "hosted") return "68";
    if (method == "invoice") return "58";
    return "1";
}

// A shop rounds by line. Where hundreds of equal roundings have carried a rate's tax a whole unit away from its taxable amount, the
// document's sum decides, and the difference is spread over the lines. What is paid does not change.
void keep_near(Document& document) {
    for (const auto& sum : std::vector<VatLine>(document.vat)) {
        const auto exact = sum.taxable.scaled(sum.vat.basis_points, 10000, Rounding::half_up);
        const auto off = sum.tax.minor() - exact.minor();
        if (off < sum.tax.currency().minor_per_major() && -off < sum.tax.currency().minor_per_major()) continue;
        const Money gross = sum.taxable + sum.tax;
        const Money change = gross.scaled(sum.vat.basis_points, 10000 + sum.vat.basis_points, Rounding::half_up) - sum.tax;
        std::vector<std::int64_t> weights;
        std::vector<DocumentLine*> lines;
        for (auto& line : document.lines) {
            if (line.vat != sum.vat) continue;
            lines.push_back(&line);
            weights.push_back(line.net.minor());
        }
        const auto parts = change.split(weights);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            lines[i]->tax += parts[i];
            lines[i]->net -= parts[i];
        }
    }
}

}  // namespace

bool needs_vat_accounting(const Document& document, const LegalEntity& entity) {
    return document.currency != entity.vat_currency && !document.tax_total.is_zero();
}

void account_vat(Document& document, const LegalEntity& entity, VatRate rate) {
    const auto tax = in_vat_currency(document.tax_total, Currency::of(entity.vat_currency), rate.rate);
    document.vat_accounting = VatAccounting{entity.vat_currency, tax, std::move(rate)};
}

Document invoice_of(const Sold& sold, const LegalEntity& entity, Timestamp now, bool shipped) {
    Document document;
    document.kind = DocumentKind::invoice;
    document.issued_on = date_of(now);
    document.delivered_on = shipped ? document.issued_on : sold.arrives.value_or(document.issued_on);
    document.locale = sold.locale;
    document.currency = std::string(sold.currency.code());
    document.order_number = sold.number;
    document.ordered_on = date_of(sold.placed_at);
    document.shown_with_tax = sold.tax_included;
    document.seller = entity.party;
    document.promotions = sold.promotions;
    for (auto& promotion : document.promotions) promotion.label = tidy(promotion.label);

    const auto& bill = sold.billing_address;
    const bool company = bill.company && !bill.company->empty();
    document.buyer.name = company ? *bill.company : person(bill);
    if (company) document.buyer.contact_name = person(bill);
    document.buyer.email = sold.email;
    document.buyer.phone = sold.phone;
    document.buyer.place = place_of(bill);
    document.buyer.vat_id = sold.vat_id;
    const auto& ship = sold.shipping_address;
    document.delivered_to = ship.company && !ship.company->empty() ? *ship.company : person(ship);
    document.delivery = place_of(ship);

    const Money zero = Money::zero(sold.currency);
    const bool other_country = ship.country != entity.party.place.country;
    std::map<Vat, std::pair<Money, Money>> delivery;  // net and tax that no line accounts for
    for (const auto& tax : sold.taxes) {
        auto& rest = delivery.try_emplace(vat_of(tax.treatment, tax.basis_points, other_country), zero, zero).first->second;
        rest.first += tax.net;
        rest.second += tax.tax;
    }
    std::vector<Money> discounts;  // without tax
    for (const auto& line : sold.lines) {
        DocumentLine out;
        out.order_line = line.id.to_string();
        out.name = tidy(line.name);
        out.options_text = tidy(line.options_text);
        out.sku = tidy(line.sku);
        out.quantity = line.quantity;
        out.shown_unit = line.unit;
        out.shown_discount = line.discount;
        out.shown_total = line.total;
        out.vat = vat_of(line.treatment, line.basis_points, other_country);
        out.net = line.net;
        out.tax = line.tax;
        Money before = line.unit.times(line.quantity);
        if (sold.tax_included) before = without_tax(before, line.basis_points);
        discounts.push_back(line.discount.is_zero() || before < line.net ? zero : before - line.net);
        auto& rest = delivery.try_emplace(out.vat, zero, zero).first->second;
        rest.first -= line.net;
        rest.second -= line.tax;
        document.lines.push_back(std::move(out));
    }
    const std::string delivery_reason =
        std::string(word(Word::delivery, sold.locale)) + (sold.delivery_name.empty() ? "" : ": " + tidy(sold.delivery_name));
    for (const auto& [vat, rest] : delivery) {
        const auto& [net, tax] = rest;
        if (net.is_zero() && tax.is_zero()) continue;
        document.charges.push_back({delivery_reason, "FC", sold.tax_included ? net + tax : net, net, tax, vat});
    }

    const bool in_part = sold.payment_state == PaymentState::partially_paid;
    const bool paid = sold.payment_state == PaymentState::paid || sold.payment_state == PaymentState::partially_refunded ||
                      sold.payment_state == PaymentState::refunded || sold.total.is_zero();
    document.payment.means_code = means_of(sold.payment_method);
    document.payment.text = sold.payment_label;
    document.paid = paid ? sold.total : in_part ? std::min(sold.total, sold.paid_before.value_or(zero)) : zero;
    if (paid) {
        document.terms = terms_text(Terms::paid, sold.payment_label, {}, sold.locale);
    } else if (in_part) {
        document.due_on = Date(std::chrono::sys_days(document.issued_on) + std::chrono::days(entity.payment_days));
        document.terms = terms_text(Terms::transfer, sold.payment_label, document.due_on, sold.locale);
    } else if (sold.payment_method == "invoice") {
        document.payment.iban = entity.iban;
        document.payment.bic = entity.bic;
        document.payment.account_name = entity.account_name;
        document.due_on = Date(std::chrono::sys_days(document.issued_on) + std::chrono::days(entity.payment_days));
        document.terms = terms_text(Terms::transfer, sold.payment_label, document.due_on, sold.locale);
    } else {
        document.due_on = document.issued_on;
        document.terms = terms_text(Terms::debit, sold.payment_label, {}, sold.locale);
    }

    add_up(document);
    keep_near(document);
    for (std::size_t i = 0; i < document.lines.size(); ++i) {
        auto& line = document.lines[i];
        line.discount = discounts[i];
        line.before_discount = line.net + line.discount;
        set_price(line);
    }
    for (auto& line : document.vat) {
        const auto reason = reason_of(line.vat.category, sold.locale);
        line.reason = reason.text;
        line.reason_code = reason.code;
    }
    add_up(document);
    return document;
}

Result<Document> credit_note_of(const Document& invoice, const Credited& before, const std::vector<CreditPart>& lines,
                                const std::vector<CreditPart>& charges, std::string_view note, Timestamp now) {
    const Money zero = Money::zero(invoice.total.currency());
    const auto too_much = [&](std::string_view what) {
        return fail(ErrorKind::invalid, "orders.credit_exceeds_invoice",
                    fmt::format("More would be credited than invoice {} has: {}.", invoice.number, what));
    };
    // Of an amount that the whole belongs to, what belongs to the part from `from` to `to`.
    const auto slice = [](Money whole, Money shown, Money from, Money to) {
        if (shown.is_zero()) return whole - whole;
        return whole.scaled(to.minor(), shown.minor(), Rounding::half_up) - whole.scaled(from.minor(), shown.minor(), Rounding::half_up);
    };
    const auto tax_slice = [&](Money tax, Money net_part, Money shown, Money from, Money to) {
        return invoice.shown_with_tax ? (to - from) - net_part : slice(tax, shown, from, to);
    };

    Document document = invoice;
    document.kind = DocumentKind::credit_note;
    document.number.clear();
    document.issued_on = date_of(now);
    document.due_on.reset();
    document.preceding = Preceding{invoice.number, invoice.issued_on};
    document.note = note;
    document.terms.clear();
    document.promotions.clear();
    document.lines.clear();
    document.charges.clear();
    document.payment.iban.clear();
    document.payment.bic.clear();
    document.payment.account_name.clear();
    // Money goes back the way it came; where it came by transfer the buyer's account is not known here.
    if (document.payment.means_code == "58") document.payment.means_code = "1";

    const auto value_or_zero = [&](const std::map<std::size_t, Money>& of, std::size_t place) {
        const auto found = of.find(place);
        return found == of.end() ? zero : found->second;
    };
    for (const auto& part : lines) {
        if (part.place >= invoice.lines.size()) return too_much("no such line");
        const auto& line = invoice.lines[part.place];
        const Money from = value_or_zero(before.lines, part.place);
        const Money to = from + part.amount;
        const auto returned = before.quantities.find(part.place);
        if (part.amount.is_negative() || to > line.shown_total) return too_much(line.name);
        if (part.quantity < 1 || part.quantity + (returned == before.quantities.end() ? 0 : returned->second) > line.quantity)
            return too_much(line.name);
        DocumentLine out = line;
        out.quantity = part.quantity;
        out.net = slice(line.net, line.shown_total, from, to);
        out.tax = tax_slice(line.tax, out.net, line.shown_total, from, to);
        out.discount = zero;
        out.before_discount = out.net;
        out.shown_total = part.amount;
        const Money full = line.shown_unit.times(part.quantity);
        out.shown_discount = full > part.amount ? full - part.amount : zero;
        set_price(out);
        document.lines.push_back(std::move(out));
    }
    for (const auto& part : charges) {
        if (part.place >= invoice.charges.size()) return too_much("no such charge");
        const auto& charge = invoice.charges[part.place];
        const Money from = value_or_zero(before.charges, part.place);
        const Money to = from + part.amount;
        if (part.amount.is_negative() || to > charge.shown) return too_much(charge.reason);
        if (part.amount.is_zero()) continue;
        DocumentCharge out = charge;
        out.shown = part.amount;
        out.net = slice(charge.net, charge.shown, from, to);
        out.tax = tax_slice(charge.tax, out.net, charge.shown, from, to);
        document.charges.push_back(std::move(out));
    }
    // EN 16931 knows no document without a line: delivery alone is given back as one.
    if (document.lines.empty()) {
        for (const auto& charge : document.charges) {
            DocumentLine out;
            out.name = charge.reason;
            out.shown_unit = out.shown_total = charge.shown;
            out.shown_discount = out.discount = zero;
            out.net = out.before_discount = charge.net;
            out.tax = charge.tax;
            out.vat = charge.vat;
            set_price(out);
            document.lines.push_back(std::move(out));
        }
        document.charges.clear();
    }
    document.paid = zero;
    add_up(document);
    document.paid = document.total;
    add_up(document);
    // At the invoice's rate, and as the difference of two sums: all of it credited comes out even.
    if (auto& vat = document.vat_accounting) {
        const Money from = before.tax.value_or(zero);
        const auto converted = [&](const Money& tax) { return in_vat_currency(tax, vat->tax_total.currency(), vat->rate.rate); };
        vat->tax_total = converted(from + document.tax_total) - converted(from);
    }
    return document;
}

}  // namespace stoa::orders
