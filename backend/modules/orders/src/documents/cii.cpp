// The order of elements is that of the CII D16B schemas; tests/documents_test.cpp holds it as a table.
#include "documents/document.hpp"
#include "documents/xml.hpp"

namespace stoa::orders {
namespace {

std::string compact(Date day) {
    std::string text = to_iso_date(day);
    std::erase(text, '-');
    return text;
}

class Cii {
public:
    explicit Cii(const Document& document) : doc_(document) {}

    std::string run() {
        xml_.open("rsm:CrossIndustryInvoice",
                  {{"xmlns:rsm", "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"},
                   {"xmlns:qdt", "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"},
                   {"xmlns:ram", "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"},
                   {"xmlns:udt", "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"}});
        xml_.open("rsm:ExchangedDocumentContext");
        xml_.open("ram:GuidelineSpecifiedDocumentContextParameter");
        xml_.leaf("ram:ID", "urn:cen.eu:en16931:2017");
        xml_.close();
        xml_.close();
        xml_.open("rsm:ExchangedDocument");
        xml_.leaf("ram:ID", doc_.number);
        xml_.leaf("ram:TypeCode", doc_.kind == DocumentKind::credit_note ? "381" : "380");
        day("ram:IssueDateTime", doc_.issued_on);
        note(doc_.note);
        if (doc_.vat_accounting) note(vat_accounting_text(*doc_.vat_accounting, doc_.currency, doc_.locale));
        xml_.close();
        xml_.open("rsm:SupplyChainTradeTransaction");
        for (std::size_t i = 0; i < doc_.lines.size(); ++i) line(doc_.lines[i], i + 1);
        xml_.open("ram:ApplicableHeaderTradeAgreement");
        party("ram:SellerTradeParty", doc_.seller);
        party("ram:BuyerTradeParty", doc_.buyer);
        xml_.open("ram:BuyerOrderReferencedDocument");
        xml_.leaf("ram:IssuerAssignedID", doc_.order_number);
        xml_.close();
        xml_.close();
        delivery();
        settlement();
        xml_.close();
        xml_.close();
        return xml_.take();
    }

private:
    void note(const std::string& text) {
        if (text.empty()) return;
        xml_.open("ram:IncludedNote");
        xml_.leaf("ram:Content", text);
        xml_.close();
    }

    void day(std::string_view element, Date value) {
        xml_.open(element);
        xml_.leaf("udt:DateTimeString", compact(value), {{"format", "102"}});
        xml_.close();
    }

    void address(const Place& place) {
        xml_.open("ram:PostalTradeAddress");
        xml_.leaf_if("ram:PostcodeCode", place.postal_code);
        xml_.leaf_if("ram:LineOne", place.line1);
        xml_.leaf_if("ram:LineTwo", place.line2);
        xml_.leaf_if("ram:CityName", place.city);
        xml_.leaf("ram:CountryID", place.country);
        xml_.leaf_if("ram:CountrySubDivisionName", place.state);
        xml_.close();
    }

    void party(std::string_view element, const Party& party) {
        xml_.open(element);
        xml_.leaf("ram:Name", party.name);
        if (!party.registration.empty()) {
            xml_.open("ram:SpecifiedLegalOrganization");
            xml_.leaf("ram:ID", party.registration);
            xml_.close();
        }
        if (!party.contact_name.empty() || !party.phone.empty() || !party.email.empty()) {
            xml_.open("ram:DefinedTradeContact");
            xml_.leaf_if("ram:PersonName", party.contact_name);
            if (!party.phone.empty()) {
                xml_.open("ram:TelephoneUniversalCommunication");
                xml_.leaf("ram:CompleteNumber", party.phone);
                xml_.close();
            }
            if (!party.email.empty()) {
                xml_.open("ram:EmailURIUniversalCommunication");
                xml_.leaf("ram:URIID", party.email);
                xml_.close();
            }
            xml_.close();
        }
        address(party.place);
        if (!party.email.empty()) {
            xml_.open("ram:URIUniversalCommunication");
            xml_.leaf("ram:URIID", party.email, {{"schemeID", "EM"}});
            xml_.close();
        }
        registration(party.vat_id, "VA");
        registration(party.tax_number, "FC");
        xml_.close();
    }

    void registration(const std::string& number, std::string_view scheme) {
        if (number.empty()) return;
        xml_.open("ram:SpecifiedTaxRegistration");
        xml_.leaf("ram:ID", number, {{"schemeID", scheme}});
        xml_.close();
    }

    void delivery() {
        xml_.open("ram:ApplicableHeaderTradeDelivery");
        if (!doc_.delivery.country.empty()) {
            xml_.open("ram:ShipToTradeParty");
            xml_.leaf_if("ram:Name", doc_.delivered_to);
            address(doc_.delivery);
            xml_.close();
        }
        if (doc_.delivered_on) {
            xml_.open("ram:ActualDeliverySupplyChainEvent");
            day("ram:OccurrenceDateTime", *doc_.delivered_on);
            xml_.close();
        }
        xml_.close();
    }

    void rate(const Vat& vat) {
        if (vat.category != VatCategory::not_subject) xml_.leaf("ram:RateApplicablePercent", percent_text(vat.basis_points));
    }

    void settlement() {
        xml_.open("ram:ApplicableHeaderTradeSettlement");
        xml_.leaf("ram:PaymentReference", doc_.number);
        if (doc_.vat_accounting) xml_.leaf("ram:TaxCurrencyCode", doc_.vat_accounting->currency);
        xml_.leaf("ram:InvoiceCurrencyCode", doc_.currency);
        xml_.open("ram:SpecifiedTradeSettlementPaymentMeans");
        xml_.leaf("ram:TypeCode", doc_.payment.means_code);
        xml_.leaf_if("ram:Information", doc_.payment.text);
        if (!doc_.payment.iban.empty()) {
            xml_.open("ram:PayeePartyCreditorFinancialAccount");
            xml_.leaf("ram:IBANID", doc_.payment.iban);
            xml_.leaf_if("ram:AccountName", doc_.payment.account_name);
            xml_.close();
            if (!doc_.payment.bic.empty()) {
                xml_.open("ram:PayeeSpecifiedCreditorFinancialInstitution");
                xml_.leaf("ram:BICID", doc_.payment.bic);
                xml_.close();
            }
        }
        xml_.close();
        for (const auto& line : doc_.vat) {
            xml_.open("ram:ApplicableTradeTax");
            xml_.leaf("ram:CalculatedAmount", line.tax.to_decimal());
            xml_.leaf("ram:TypeCode", "VAT");
            xml_.leaf_if("ram:ExemptionReason", line.reason);
            xml_.leaf("ram:BasisAmount", line.taxable.to_decimal());
            xml_.leaf("ram:CategoryCode", code_of(line.vat.category));
            xml_.leaf_if("ram:ExemptionReasonCode", line.reason_code);
            rate(line.vat);
            xml_.close();
        }
        for (const auto& charge : doc_.charges) {
            xml_.open("ram:SpecifiedTradeAllowanceCharge");
            xml_.open("ram:ChargeIndicator");
            xml_.leaf("udt:Indicator", "true");
            xml_.close();
            xml_.leaf("ram:ActualAmount", charge.net.to_decimal());
            xml_.leaf_if("ram:ReasonCode", charge.reason_code);
            xml_.leaf_if("ram:Reason", charge.reason);
            xml_.open("ram:CategoryTradeTax");
            xml_.leaf("ram:TypeCode", "VAT");
            xml_.leaf("ram:CategoryCode", code_of(charge.vat.category));
            rate(charge.vat);
            xml_.close();
            xml_.close();
        }
        if (!doc_.terms.empty() || doc_.due_on) {
            xml_.open("ram:SpecifiedTradePaymentTerms");
            xml_.leaf_if("ram:Description", doc_.terms);
            if (doc_.due_on) day("ram:DueDateDateTime", *doc_.due_on);
            xml_.close();
        }
        xml_.open("ram:SpecifiedTradeSettlementHeaderMonetarySummation");
        xml_.leaf("ram:LineTotalAmount", doc_.line_total.to_decimal());
        xml_.leaf("ram:ChargeTotalAmount", doc_.charge_total.to_decimal());
        xml_.leaf("ram:AllowanceTotalAmount", Money::zero(doc_.total.currency()).to_decimal());
        xml_.leaf("ram:TaxBasisTotalAmount", doc_.net_total.to_decimal());
        xml_.leaf("ram:TaxTotalAmount", doc_.tax_total.to_decimal(), {{"currencyID", doc_.currency}});
        if (const auto& vat = doc_.vat_accounting)
            xml_.leaf("ram:TaxTotalAmount", vat->tax_total.to_decimal(), {{"currencyID", vat->currency}});
        xml_.leaf("ram:GrandTotalAmount", doc_.total.to_decimal());
        xml_.leaf("ram:TotalPrepaidAmount", doc_.paid.to_decimal());
        xml_.leaf("ram:DuePayableAmount", doc_.due.to_decimal());
        xml_.close();
        if (doc_.preceding) {
            xml_.open("ram:InvoiceReferencedDocument");
            xml_.leaf("ram:IssuerAssignedID", doc_.preceding->number);
            xml_.open("ram:FormattedIssueDateTime");
            xml_.leaf("qdt:DateTimeString", compact(doc_.preceding->issued_on), {{"format", "102"}});
            xml_.close();
            xml_.close();
        }
        xml_.close();
    }

    void line(const DocumentLine& line, std::size_t place) {
        xml_.open("ram:IncludedSupplyChainTradeLineItem");
        xml_.open("ram:AssociatedDocumentLineDocument");
        xml_.leaf("ram:LineID", std::to_string(place));
        xml_.close();
        xml_.open("ram:SpecifiedTradeProduct");
        xml_.leaf_if("ram:SellerAssignedID", line.sku);
        xml_.leaf("ram:Name", line.name);
        xml_.leaf_if("ram:Description", line.options_text);
        xml_.close();
        xml_.open("ram:SpecifiedLineTradeAgreement");
        xml_.open("ram:NetPriceProductTradePrice");
        xml_.leaf("ram:ChargeAmount", price_text(line));
        xml_.close();
        xml_.close();
        xml_.open("ram:SpecifiedLineTradeDelivery");
        xml_.leaf("ram:BilledQuantity", std::to_string(line.quantity), {{"unitCode", "C62"}});
        xml_.close();
        xml_.open("ram:SpecifiedLineTradeSettlement");
        xml_.open("ram:ApplicableTradeTax");
        xml_.leaf("ram:TypeCode", "VAT");
        xml_.leaf("ram:CategoryCode", code_of(line.vat.category));
        rate(line.vat);
        xml_.close();
        if (!line.discount.is_zero()) {
            xml_.open("ram:SpecifiedTradeAllowanceCharge");
            xml_.open("ram:ChargeIndicator");
            xml_.leaf("udt:Indicator", "false");
            xml_.close();
            xml_.leaf("ram:BasisAmount", line.before_discount.to_decimal());
            xml_.leaf("ram:ActualAmount", line.discount.to_decimal());
            xml_.leaf("ram:ReasonCode", "95");
            xml_.leaf("ram:Reason", "Discount");
            xml_.close();
        }
        xml_.open("ram:SpecifiedTradeSettlementLineMonetarySummation");
        xml_.leaf("ram:LineTotalAmount", line.net.to_decimal());
        xml_.close();
        xml_.close();
        xml_.close();
    }

    const Document& doc_;
    Xml xml_;
};

}  // namespace

std::string to_cii(const Document& document) { return Cii(document).run(); }

}  // namespace stoa::orders
