// The order of elements is that of the UBL 2.1 schemas; tests/documents_test.cpp holds it as a table.
#include "documents/document.hpp"
#include "documents/xml.hpp"

namespace stoa::orders {
namespace {

class Ubl {
public:
    explicit Ubl(const Document& document) : doc_(document), credit_(document.kind == DocumentKind::credit_note) {}

    std::string run() {
        const std::string root = credit_ ? "CreditNote" : "Invoice";
        xml_.open(root, {{"xmlns", "urn:oasis:names:specification:ubl:schema:xsd:" + root + "-2"},
                         {"xmlns:cac", "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"},
                         {"xmlns:cbc", "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"}});
        xml_.leaf("cbc:CustomizationID", "urn:cen.eu:en16931:2017");
        xml_.leaf("cbc:ID", doc_.number);
        xml_.leaf("cbc:IssueDate", to_iso_date(doc_.issued_on));
        if (!credit_ && doc_.due_on) xml_.leaf("cbc:DueDate", to_iso_date(*doc_.due_on));
        xml_.leaf(credit_ ? "cbc:CreditNoteTypeCode" : "cbc:InvoiceTypeCode", credit_ ? "381" : "380");
        xml_.leaf_if("cbc:Note", doc_.note);
        if (doc_.vat_accounting) xml_.leaf("cbc:Note", vat_accounting_text(*doc_.vat_accounting, doc_.currency, doc_.locale));
        xml_.leaf("cbc:DocumentCurrencyCode", doc_.currency);
        if (doc_.vat_accounting) xml_.leaf("cbc:TaxCurrencyCode", doc_.vat_accounting->currency);
        xml_.open("cac:OrderReference");
        xml_.leaf("cbc:ID", doc_.order_number);
        xml_.close();
        if (doc_.preceding) {
            xml_.open("cac:BillingReference");
            xml_.open("cac:InvoiceDocumentReference");
            xml_.leaf("cbc:ID", doc_.preceding->number);
            xml_.leaf("cbc:IssueDate", to_iso_date(doc_.preceding->issued_on));
            xml_.close();
            xml_.close();
        }
        party("cac:AccountingSupplierParty", doc_.seller);
        party("cac:AccountingCustomerParty", doc_.buyer);
        delivery();
        payment();
        for (const auto& charge : doc_.charges) {
            xml_.open("cac:AllowanceCharge");
            xml_.leaf("cbc:ChargeIndicator", "true");
            xml_.leaf_if("cbc:AllowanceChargeReasonCode", charge.reason_code);
            xml_.leaf_if("cbc:AllowanceChargeReason", charge.reason);
            amount("cbc:Amount", charge.net);
            category("cac:TaxCategory", charge.vat);
            xml_.close();
        }
        tax();
        totals();
        for (std::size_t i = 0; i < doc_.lines.size(); ++i) line(doc_.lines[i], i + 1);
        xml_.close();
        return xml_.take();
    }

private:
    void amount(std::string_view name, const Money& value) { xml_.leaf(name, value.to_decimal(), {{"currencyID", doc_.currency}}); }

    void tax_scheme(std::string_view id = "VAT") {
        xml_.open("cac:TaxScheme");
        xml_.leaf("cbc:ID", id);
        xml_.close();
    }

    void category(std::string_view element, const Vat& vat, const VatLine* reason = nullptr) {
        xml_.open(element);
        xml_.leaf("cbc:ID", code_of(vat.category));
        if (vat.category != VatCategory::not_subject) xml_.leaf("cbc:Percent", percent_text(vat.basis_points));
        if (reason) {
            xml_.leaf_if("cbc:TaxExemptionReasonCode", reason->reason_code);
            xml_.leaf_if("cbc:TaxExemptionReason", reason->reason);
        }
        tax_scheme();
        xml_.close();
    }

    void address(std::string_view element, const Place& place) {
        xml_.open(element);
        xml_.leaf_if("cbc:StreetName", place.line1);
        xml_.leaf_if("cbc:AdditionalStreetName", place.line2);
        xml_.leaf_if("cbc:CityName", place.city);
        xml_.leaf_if("cbc:PostalZone", place.postal_code);
        xml_.leaf_if("cbc:CountrySubentity", place.state);
        xml_.open("cac:Country");
        xml_.leaf("cbc:IdentificationCode", place.country);
        xml_.close();
        xml_.close();
    }

    void party(std::string_view element, const Party& party) {
        xml_.open(element);
        xml_.open("cac:Party");
        xml_.leaf_if("cbc:EndpointID", party.email, {{"schemeID", "EM"}});
        address("cac:PostalAddress", party.place);
        if (!party.vat_id.empty()) {
            xml_.open("cac:PartyTaxScheme");
            xml_.leaf("cbc:CompanyID", party.vat_id);
            tax_scheme();
            xml_.close();
        }
        if (!party.tax_number.empty()) {
            xml_.open("cac:PartyTaxScheme");
            xml_.leaf("cbc:CompanyID", party.tax_number);
            tax_scheme("FC");
            xml_.close();
        }
        xml_.open("cac:PartyLegalEntity");
        xml_.leaf("cbc:RegistrationName", party.name);
        xml_.leaf_if("cbc:CompanyID", party.registration);
        xml_.close();
        if (!party.contact_name.empty() || !party.phone.empty() || !party.email.empty()) {
            xml_.open("cac:Contact");
            xml_.leaf_if("cbc:Name", party.contact_name);
            xml_.leaf_if("cbc:Telephone", party.phone);
            xml_.leaf_if("cbc:ElectronicMail", party.email);
            xml_.close();
        }
        xml_.close();
        xml_.close();
    }

    void delivery() {
        if (!doc_.delivered_on && doc_.delivery.country.empty()) return;
        xml_.open("cac:Delivery");
        if (doc_.delivered_on) xml_.leaf("cbc:ActualDeliveryDate", to_iso_date(*doc_.delivered_on));
        if (!doc_.delivery.country.empty()) {
            xml_.open("cac:DeliveryLocation");
            address("cac:Address", doc_.delivery);
            xml_.close();
        }
        if (!doc_.delivered_to.empty()) {
            xml_.open("cac:DeliveryParty");
            xml_.open("cac:PartyName");
            xml_.leaf("cbc:Name", doc_.delivered_to);
            xml_.close();
            xml_.close();
        }
        xml_.close();
    }

    void payment() {
        xml_.open("cac:PaymentMeans");
        if (doc_.payment.text.empty())
            xml_.leaf("cbc:PaymentMeansCode", doc_.payment.means_code);
        else
            xml_.leaf("cbc:PaymentMeansCode", doc_.payment.means_code, {{"name", doc_.payment.text}});
        if (credit_ && doc_.due_on) xml_.leaf("cbc:PaymentDueDate", to_iso_date(*doc_.due_on));
        xml_.leaf("cbc:PaymentID", doc_.number);
        if (!doc_.payment.iban.empty()) {
            xml_.open("cac:PayeeFinancialAccount");
            xml_.leaf("cbc:ID", doc_.payment.iban);
            xml_.leaf_if("cbc:Name", doc_.payment.account_name);
            if (!doc_.payment.bic.empty()) {
                xml_.open("cac:FinancialInstitutionBranch");
                xml_.leaf("cbc:ID", doc_.payment.bic);
                xml_.close();
            }
            xml_.close();
        }
        xml_.close();
        if (!doc_.terms.empty()) {
            xml_.open("cac:PaymentTerms");
            xml_.leaf("cbc:Note", doc_.terms);
            xml_.close();
        }
    }

    void tax() {
        xml_.open("cac:TaxTotal");
        amount("cbc:TaxAmount", doc_.tax_total);
        for (const auto& line : doc_.vat) {
            xml_.open("cac:TaxSubtotal");
            amount("cbc:TaxableAmount", line.taxable);
            amount("cbc:TaxAmount", line.tax);
            category("cac:TaxCategory", line.vat, &line);
            xml_.close();
        }
        xml_.close();
        if (!doc_.vat_accounting) return;
        xml_.open("cac:TaxTotal");
        xml_.leaf("cbc:TaxAmount", doc_.vat_accounting->tax_total.to_decimal(), {{"currencyID", doc_.vat_accounting->currency}});
        xml_.close();
    }

    void totals() {
        xml_.open("cac:LegalMonetaryTotal");
        amount("cbc:LineExtensionAmount", doc_.line_total);
        amount("cbc:TaxExclusiveAmount", doc_.net_total);
        amount("cbc:TaxInclusiveAmount", doc_.total);
        amount("cbc:ChargeTotalAmount", doc_.charge_total);
        amount("cbc:PrepaidAmount", doc_.paid);
        amount("cbc:PayableAmount", doc_.due);
        xml_.close();
    }

    void line(const DocumentLine& line, std::size_t place) {
        xml_.open(credit_ ? "cac:CreditNoteLine" : "cac:InvoiceLine");
        xml_.leaf("cbc:ID", std::to_string(place));
        xml_.leaf(credit_ ? "cbc:CreditedQuantity" : "cbc:InvoicedQuantity", std::to_string(line.quantity), {{"unitCode", "C62"}});
        amount("cbc:LineExtensionAmount", line.net);
        if (!line.discount.is_zero()) {
            xml_.open("cac:AllowanceCharge");
            xml_.leaf("cbc:ChargeIndicator", "false");
            xml_.leaf("cbc:AllowanceChargeReasonCode", "95");
            xml_.leaf("cbc:AllowanceChargeReason", "Discount");
            amount("cbc:Amount", line.discount);
            amount("cbc:BaseAmount", line.before_discount);
            xml_.close();
        }
        xml_.open("cac:Item");
        xml_.leaf_if("cbc:Description", line.options_text);
        xml_.leaf("cbc:Name", line.name);
        if (!line.sku.empty()) {
            xml_.open("cac:SellersItemIdentification");
            xml_.leaf("cbc:ID", line.sku);
            xml_.close();
        }
        category("cac:ClassifiedTaxCategory", line.vat);
        xml_.close();
        xml_.open("cac:Price");
        xml_.leaf("cbc:PriceAmount", price_text(line), {{"currencyID", doc_.currency}});
        xml_.close();
        xml_.close();
    }

    const Document& doc_;
    const bool credit_;
    Xml xml_;
};

}  // namespace

std::string to_ubl(const Document& document) { return Ubl(document).run(); }

}  // namespace stoa::orders
