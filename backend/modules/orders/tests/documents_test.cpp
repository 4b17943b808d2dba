// Invoices and credit notes as values: arithmetic, the rules of EN 16931, and both XML syntaxes read back with libxml2.
#include <gtest/gtest.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include <fmt/format.h>

#include <fstream>

#include "documents/rules.hpp"
#include "documents/xml.hpp"
#include "sold.hpp"

namespace stoa::orders {
namespace {

using testing::Chance;
using testing::demo_entity;
using testing::sold_by_chance;

const Timestamp kNow = *parse_timestamp("2026-11-23T09:00:00Z");

Document numbered(Document document, const std::string& number) {
    document.number = number;
    return document;
}
// What is not in euros also says its VAT in euros.
Document accounted(Document document) {
    if (needs_vat_accounting(document, demo_entity()))
        account_vat(document, demo_entity(), {document.currency == "GBP" ? "0.8612" : "0.93", date_of(kNow), "ECB"});
    return document;
}
Document invoice_of_sold(const Sold& sold, std::uint64_t seed) {
    return accounted(numbered(invoice_of(sold, demo_entity(), kNow, false), fmt::format("INV-{}", 100000 + seed)));
}
Document invoice_by_chance(std::uint64_t seed) { return invoice_of_sold(sold_by_chance(seed), seed); }

Document plain();  // one rate, two lines, delivery, paid by card

// ---- XML, as another program reads it ----------------------------------------------------------------------------------
struct Node {
    std::string name, text;
    std::map<std::string, std::string> attributes;
    std::vector<Node> children;
    [[nodiscard]] const Node* find(std::string_view path) const {
        const auto slash = path.find('/');
        const auto head = path.substr(0, slash);
        for (const auto& child : children) {
            if (child.name == head) return slash == std::string_view::npos ? &child : child.find(path.substr(slash + 1));
        }
        return nullptr;
    }
    [[nodiscard]] std::string at(std::string_view path) const {
        const auto* node = find(path);
        return node ? node->text : "";
    }
    [[nodiscard]] std::vector<const Node*> all(std::string_view wanted) const {
        std::vector<const Node*> out;
        for (const auto& child : children) {
            if (child.name == wanted) out.push_back(&child);
        }
        return out;
    }
};

Node node_of(const xmlNode* from) {
    const auto text_of = [](const xmlChar* text) { return std::string(reinterpret_cast<const char*>(text)); };
    Node node;
    node.name = text_of(from->name);
    for (const auto* attribute = from->properties; attribute; attribute = attribute->next)
        node.attributes[text_of(attribute->name)] = attribute->children ? text_of(attribute->children->content) : "";
    for (const auto* child = from->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE) node.children.push_back(node_of(child));
        if (child->type == XML_TEXT_NODE) node.text += text_of(child->content);
    }
    if (!node.children.empty()) node.text.clear();
    return node;
}

Node read_xml(const std::string& text) {
    xmlDoc* document = xmlReadMemory(text.data(), static_cast<int>(text.size()), "x.xml", nullptr, XML_PARSE_NONET | XML_PARSE_NOERROR);
    if (!document) throw std::runtime_error("not well-formed");
    Node root = node_of(xmlDocGetRootElement(document));
    xmlFreeDoc(document);
    return root;
}

// Children of each element in the order of the published schemas, as far as we write them. "+": at least once.
using Order = std::map<std::string, std::vector<std::string>>;
const Order& ubl_order() {
    static const Order order{
        {"Invoice",
         {"CustomizationID+",
          "ProfileID",
          "ID+",
          "IssueDate+",
          "DueDate",
          "InvoiceTypeCode+",
          "Note",
          "DocumentCurrencyCode+",
          "TaxCurrencyCode",
          "OrderReference",
          "BillingReference",
          "AccountingSupplierParty+",
          "AccountingCustomerParty+",
          "Delivery",
          "PaymentMeans",
          "PaymentTerms",
          "AllowanceCharge",
          "TaxTotal+",
          "LegalMonetaryTotal+",
          "InvoiceLine+"}},
        {"CreditNote",
         {"CustomizationID+", "ProfileID", "ID+", "IssueDate+", "CreditNoteTypeCode+", "Note", "DocumentCurrencyCode+", "TaxCurrencyCode",
          "OrderReference", "BillingReference+", "AccountingSupplierParty+", "AccountingCustomerParty+", "Delivery", "PaymentMeans",
          "PaymentTerms", "AllowanceCharge", "TaxTotal+", "LegalMonetaryTotal+", "CreditNoteLine+"}},
        {"OrderReference", {"ID+"}},
        {"BillingReference", {"InvoiceDocumentReference+"}},
        {"InvoiceDocumentReference", {"ID+", "IssueDate"}},
        {"AccountingSupplierParty", {"Party+"}},
        {"AccountingCustomerParty", {"Party+"}},
        {"Party", {"EndpointID", "PartyIdentification", "PartyName", "PostalAddress+", "PartyTaxScheme", "PartyLegalEntity+", "Contact"}},
        {"PostalAddress", {"StreetName", "AdditionalStreetName", "CityName", "PostalZone", "CountrySubentity", "Country+"}},
        {"Address", {"StreetName", "AdditionalStreetName", "CityName", "PostalZone", "CountrySubentity", "Country+"}},
        {"Country", {"IdentificationCode+"}},
        {"PartyTaxScheme", {"CompanyID+", "TaxScheme+"}},
        {"TaxScheme", {"ID+"}},
        {"PartyLegalEntity", {"RegistrationName+", "CompanyID"}},
        {"Contact", {"Name", "Telephone", "ElectronicMail"}},
        {"Delivery", {"ActualDeliveryDate", "DeliveryLocation", "DeliveryParty"}},
        {"DeliveryLocation", {"Address+"}},
        {"DeliveryParty", {"PartyName+"}},
        {"PartyName", {"Name+"}},
        {"PaymentMeans", {"PaymentMeansCode+", "PaymentDueDate", "PaymentID", "PayeeFinancialAccount"}},
        {"PayeeFinancialAccount", {"ID+", "Name", "FinancialInstitutionBranch"}},
        {"FinancialInstitutionBranch", {"ID+"}},
        {"PaymentTerms", {"Note+"}},
        {"AllowanceCharge",
         {"ChargeIndicator+", "AllowanceChargeReasonCode", "AllowanceChargeReason", "Amount+", "BaseAmount", "TaxCategory"}},
        {"TaxCategory", {"ID+", "Percent", "TaxExemptionReasonCode", "TaxExemptionReason", "TaxScheme+"}},
        {"ClassifiedTaxCategory", {"ID+", "Percent", "TaxScheme+"}},
        {"TaxTotal", {"TaxAmount+", "TaxSubtotal"}},
        {"TaxSubtotal", {"TaxableAmount+", "TaxAmount+", "TaxCategory+"}},
        {"LegalMonetaryTotal",
         {"LineExtensionAmount+", "TaxExclusiveAmount+", "TaxInclusiveAmount+", "AllowanceTotalAmount", "ChargeTotalAmount",
          "PrepaidAmount", "PayableRoundingAmount", "PayableAmount+"}},
        {"InvoiceLine", {"ID+", "InvoicedQuantity+", "LineExtensionAmount+", "AllowanceCharge", "Item+", "Price+"}},
        {"CreditNoteLine", {"ID+", "CreditedQuantity+", "LineExtensionAmount+", "AllowanceCharge", "Item+", "Price+"}},
        {"Item", {"Description", "Name+", "SellersItemIdentification", "ClassifiedTaxCategory+"}},
        {"SellersItemIdentification", {"ID+"}},
        {"Price", {"PriceAmount+"}},
    };
    return order;
}
const Order& cii_order() {
    static const Order order{
        {"CrossIndustryInvoice", {"ExchangedDocumentContext+", "ExchangedDocument+", "SupplyChainTradeTransaction+"}},
        {"ExchangedDocumentContext", {"GuidelineSpecifiedDocumentContextParameter+"}},
        {"GuidelineSpecifiedDocumentContextParameter", {"ID+"}},
        {"ExchangedDocument", {"ID+", "TypeCode+", "IssueDateTime+", "IncludedNote"}},
        {"IssueDateTime", {"DateTimeString+"}},
        {"IncludedNote", {"Content+"}},
        {"SupplyChainTradeTransaction",
         {"IncludedSupplyChainTradeLineItem+", "ApplicableHeaderTradeAgreement+", "ApplicableHeaderTradeDelivery+",
          "ApplicableHeaderTradeSettlement+"}},
        {"IncludedSupplyChainTradeLineItem",
         {"AssociatedDocumentLineDocument+", "SpecifiedTradeProduct+", "SpecifiedLineTradeAgreement+", "SpecifiedLineTradeDelivery+",
          "SpecifiedLineTradeSettlement+"}},
        {"AssociatedDocumentLineDocument", {"LineID+"}},
        {"SpecifiedTradeProduct", {"SellerAssignedID", "Name+", "Description"}},
        {"SpecifiedLineTradeAgreement", {"NetPriceProductTradePrice+"}},
        {"NetPriceProductTradePrice", {"ChargeAmount+"}},
        {"SpecifiedLineTradeDelivery", {"BilledQuantity+"}},
        {"SpecifiedLineTradeSettlement",
         {"ApplicableTradeTax+", "SpecifiedTradeAllowanceCharge", "SpecifiedTradeSettlementLineMonetarySummation+"}},
        {"SpecifiedTradeSettlementLineMonetarySummation", {"LineTotalAmount+"}},
        {"ApplicableTradeTax",
         {"CalculatedAmount", "TypeCode+", "ExemptionReason", "BasisAmount", "CategoryCode+", "ExemptionReasonCode",
          "RateApplicablePercent"}},
        {"SpecifiedTradeAllowanceCharge",
         {"ChargeIndicator+", "CalculationPercent", "BasisAmount", "ActualAmount+", "ReasonCode", "Reason", "CategoryTradeTax"}},
        {"ChargeIndicator", {"Indicator+"}},
        {"CategoryTradeTax", {"TypeCode+", "CategoryCode+", "RateApplicablePercent"}},
        {"ApplicableHeaderTradeAgreement", {"SellerTradeParty+", "BuyerTradeParty+", "BuyerOrderReferencedDocument"}},
        {"SellerTradeParty",
         {"Name+", "SpecifiedLegalOrganization", "DefinedTradeContact", "PostalTradeAddress+", "URIUniversalCommunication",
          "SpecifiedTaxRegistration"}},
        {"BuyerTradeParty",
         {"Name+", "SpecifiedLegalOrganization", "DefinedTradeContact", "PostalTradeAddress+", "URIUniversalCommunication",
          "SpecifiedTaxRegistration"}},
        {"SpecifiedLegalOrganization", {"ID+"}},
        {"DefinedTradeContact", {"PersonName", "TelephoneUniversalCommunication", "EmailURIUniversalCommunication"}},
        {"TelephoneUniversalCommunication", {"CompleteNumber+"}},
        {"EmailURIUniversalCommunication", {"URIID+"}},
        {"URIUniversalCommunication", {"URIID+"}},
        {"SpecifiedTaxRegistration", {"ID+"}},
        {"PostalTradeAddress", {"PostcodeCode", "LineOne", "LineTwo", "CityName", "CountryID+", "CountrySubDivisionName"}},
        {"BuyerOrderReferencedDocument", {"IssuerAssignedID+"}},
        {"ApplicableHeaderTradeDelivery", {"ShipToTradeParty", "ActualDeliverySupplyChainEvent"}},
        {"ShipToTradeParty", {"Name", "PostalTradeAddress+"}},
        {"ActualDeliverySupplyChainEvent", {"OccurrenceDateTime+"}},
        {"OccurrenceDateTime", {"DateTimeString+"}},
        {"ApplicableHeaderTradeSettlement",
         {"PaymentReference", "TaxCurrencyCode", "InvoiceCurrencyCode+", "SpecifiedTradeSettlementPaymentMeans", "ApplicableTradeTax+",
          "SpecifiedTradeAllowanceCharge", "SpecifiedTradePaymentTerms", "SpecifiedTradeSettlementHeaderMonetarySummation+",
          "InvoiceReferencedDocument"}},
        {"SpecifiedTradeSettlementPaymentMeans",
         {"TypeCode+", "Information", "PayeePartyCreditorFinancialAccount", "PayeeSpecifiedCreditorFinancialInstitution"}},
        {"PayeePartyCreditorFinancialAccount", {"IBANID+", "AccountName"}},
        {"PayeeSpecifiedCreditorFinancialInstitution", {"BICID+"}},
        {"SpecifiedTradePaymentTerms", {"Description", "DueDateDateTime"}},
        {"DueDateDateTime", {"DateTimeString+"}},
        {"SpecifiedTradeSettlementHeaderMonetarySummation",
         {"LineTotalAmount+", "ChargeTotalAmount", "AllowanceTotalAmount", "TaxBasisTotalAmount+", "TaxTotalAmount", "RoundingAmount",
          "GrandTotalAmount+", "TotalPrepaidAmount", "DuePayableAmount+"}},
        {"InvoiceReferencedDocument", {"IssuerAssignedID+", "FormattedIssueDateTime"}},
        {"FormattedIssueDateTime", {"DateTimeString+"}},
    };
    return order;
}

void structure(const Order& order, const Node& node, std::vector<std::string>& found) {
    if (node.children.empty()) {
        if (order.contains(node.name)) found.push_back(node.name + " is empty");
        if (node.text.empty()) found.push_back(node.name + " has no text");
        return;
    }
    const auto rule = order.find(node.name);
    if (rule == order.end()) {
        found.push_back(node.name + " is not expected to have children");
        return;
    }
    std::size_t at = 0;
    std::set<std::string> seen;
    for (const auto& child : node.children) {
        seen.insert(child.name);
        std::size_t place = 0;
        while (place < rule->second.size() && rule->second[place] != child.name && rule->second[place] != child.name + "+") ++place;
        if (place == rule->second.size())
            found.push_back(child.name + " is not known in " + node.name);
        else if (place < at)
            found.push_back(child.name + " comes too late in " + node.name);
        else
            at = place;
        structure(order, child, found);
    }
    for (const auto& wanted : rule->second) {
        if (wanted.ends_with('+') && !seen.contains(wanted.substr(0, wanted.size() - 1)))
            found.push_back(wanted.substr(0, wanted.size() - 1) + " is missing in " + node.name);
    }
}

std::vector<std::string> structure(const Order& order, const Node& root) {
    std::vector<std::string> found;
    structure(order, root, found);
    return found;
}

// The sums of EN 16931, from the text of the XML alone.
void expect_ubl_adds_up(const Node& root, Currency currency) {
    const auto money = [&](const Node& node, std::string_view path) {
        const auto value = Money::parse_decimal(node.at(path), currency);
        EXPECT_TRUE(value) << path << " " << node.at(path);
        return value.value_or(Money::zero(currency));
    };
    const Money zero = Money::zero(currency);
    Money lines = zero, charges = zero, taxable = zero, tax = zero;
    std::map<std::string, Money> by_rate;
    const auto rate_of = [](const Node& category) { return category.at("ID") + " " + category.at("Percent"); };
    const auto name = root.name == "Invoice" ? "InvoiceLine" : "CreditNoteLine";
    for (const auto* line : root.all(name)) {
        const Money net = money(*line, "LineExtensionAmount");
        lines += net;
        by_rate.try_emplace(rate_of(*line->find("Item/ClassifiedTaxCategory")), zero).first->second += net;
    }
    for (const auto* charge : root.all("AllowanceCharge")) {
        EXPECT_EQ(charge->at("ChargeIndicator"), "true");
        charges += money(*charge, "Amount");
        by_rate.try_emplace(rate_of(*charge->find("TaxCategory")), zero).first->second += money(*charge, "Amount");
    }
    for (const auto* sub : root.find("TaxTotal")->all("TaxSubtotal")) {
        taxable += money(*sub, "TaxableAmount");
        tax += money(*sub, "TaxAmount");
        const auto rate = rate_of(*sub->find("TaxCategory"));
        ASSERT_TRUE(by_rate.contains(rate)) << rate;
        EXPECT_EQ(by_rate.at(rate), money(*sub, "TaxableAmount")) << rate;
        by_rate.erase(rate);
    }
    EXPECT_TRUE(by_rate.empty());
    const auto& totals = *root.find("LegalMonetaryTotal");
    EXPECT_EQ(money(totals, "LineExtensionAmount"), lines);
    EXPECT_EQ(money(totals, "ChargeTotalAmount"), charges);
    EXPECT_EQ(money(totals, "TaxExclusiveAmount"), lines + charges);
    EXPECT_EQ(money(totals, "TaxExclusiveAmount"), taxable);
    EXPECT_EQ(money(*root.find("TaxTotal"), "TaxAmount"), tax);
    EXPECT_EQ(money(totals, "TaxInclusiveAmount"), lines + charges + tax);
    EXPECT_EQ(money(totals, "PayableAmount"), lines + charges + tax - money(totals, "PrepaidAmount"));
}

// BT-6 and BT-111, and no more of them than there are.
void expect_vat_in_both_currencies(const Document& document, const Node& ubl, const Node& cii) {
    const auto& settlement = *cii.find("SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement");
    const auto totals = settlement.find("SpecifiedTradeSettlementHeaderMonetarySummation")->all("TaxTotalAmount");
    const auto taxes = ubl.all("TaxTotal");
    EXPECT_FALSE(taxes.at(0)->all("TaxSubtotal").empty());
    if (!document.vat_accounting) {
        EXPECT_EQ(taxes.size(), 1U);
        EXPECT_EQ(totals.size(), 1U);
        EXPECT_EQ(ubl.at("TaxCurrencyCode") + settlement.at("TaxCurrencyCode"), "");
        return;
    }
    ASSERT_EQ(taxes.size(), 2U);
    ASSERT_EQ(totals.size(), 2U);
    EXPECT_EQ(ubl.at("TaxCurrencyCode"), "EUR");
    EXPECT_EQ(settlement.at("TaxCurrencyCode"), "EUR");
    EXPECT_TRUE(taxes[1]->all("TaxSubtotal").empty());
    const auto amount = document.vat_accounting->tax_total.to_decimal();
    EXPECT_EQ(taxes[1]->at("TaxAmount"), amount);
    EXPECT_EQ(taxes[1]->find("TaxAmount")->attributes.at("currencyID"), "EUR");
    EXPECT_EQ(totals[1]->text, amount);
    EXPECT_EQ(totals[1]->attributes.at("currencyID"), "EUR");
    const auto note = ubl.all("Note").back()->text;
    EXPECT_NE(note.find(document.locale == "en" ? "(1 EUR = 0." : "(1 EUR = 0,"), std::string::npos) << note;
    EXPECT_NE(note.find("ECB"), std::string::npos) << note;
    EXPECT_EQ(cii.find("ExchangedDocument")->all("IncludedNote").back()->at("Content"), note);
}

void expect_good(const Document& document) {
    EXPECT_EQ(to_text(check(document)), "");
    const auto ubl = read_xml(to_ubl(document));
    EXPECT_EQ(structure(ubl_order(), ubl), std::vector<std::string>{});
    expect_ubl_adds_up(ubl, Currency::of(document.currency));
    const auto cii = read_xml(to_cii(document));
    EXPECT_EQ(structure(cii_order(), cii), std::vector<std::string>{});
    const auto* sums =
        cii.find("SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement/SpecifiedTradeSettlementHeaderMonetarySummation");
    ASSERT_TRUE(sums);
    EXPECT_EQ(sums->at("GrandTotalAmount"), ubl.at("LegalMonetaryTotal/TaxInclusiveAmount"));
    EXPECT_EQ(sums->at("TaxBasisTotalAmount"), ubl.at("LegalMonetaryTotal/TaxExclusiveAmount"));
    EXPECT_EQ(sums->at("TaxTotalAmount"), ubl.at("TaxTotal/TaxAmount"));
    EXPECT_EQ(sums->at("DuePayableAmount"), ubl.at("LegalMonetaryTotal/PayableAmount"));
    expect_vat_in_both_currencies(document, ubl, cii);
    EXPECT_EQ(document_from_json(to_json(document)).total, document.total);
    EXPECT_EQ(to_ubl(document_from_json(to_json(document))), to_ubl(document));
}

TEST(Documents, two_hundred_varied_invoices_and_their_credit_notes_keep_the_rules_in_both_syntaxes) {
    std::set<VatCategory> categories;
    int converted = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE(seed);
        const auto sold = sold_by_chance(seed);
        const auto invoice = invoice_of_sold(sold, seed);
        if (invoice.vat_accounting) ++converted;
        EXPECT_EQ(invoice.total, sold.total) << "the invoice is for what was sold";
        for (const auto& line : invoice.vat) categories.insert(line.vat.category);
        expect_good(invoice);
        std::vector<CreditPart> lines, charges;
        for (std::size_t i = 0; i < invoice.lines.size(); ++i)
            lines.push_back({i, invoice.lines[i].quantity, invoice.lines[i].shown_total});
        for (std::size_t i = 0; i < invoice.charges.size(); ++i) charges.push_back({i, 1, invoice.charges[i].shown});
        auto credit = credit_note_of(invoice, {}, lines, charges, "", kNow);
        ASSERT_TRUE(credit);
        credit->number = fmt::format("CN-{}", 100000 + seed);
        expect_good(*credit);
        EXPECT_EQ(credit->total, invoice.total);
        EXPECT_EQ(credit->tax_total, invoice.tax_total);
        EXPECT_EQ(credit->vat_accounting.has_value(), invoice.vat_accounting.has_value());
        if (invoice.vat_accounting) {
            EXPECT_EQ(credit->vat_accounting->tax_total, invoice.vat_accounting->tax_total);
        }
    }
    EXPECT_GT(converted, 20);
    EXPECT_EQ(categories.size(), 5U) << "S, Z, E, K and G came up";
}

TEST(Documents, parts_that_are_credited_one_by_one_add_up_to_the_invoice) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        const auto invoice = invoice_by_chance(seed);
        Chance chance(seed);
        Credited before;
        const Money zero = Money::zero(invoice.total.currency());
        Money total = zero, tax = zero, in_euros = Money::zero(Currency::of("EUR"));
        std::map<Vat, Money> taxable;
        for (bool more = true; more;) {
            more = false;
            std::vector<CreditPart> lines, charges;
            for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
                const auto& line = invoice.lines[i];
                auto& done = before.lines.try_emplace(i, zero).first->second;
                auto& quantity = before.quantities[i];
                if (quantity == line.quantity) continue;
                const auto take = chance.between(1, line.quantity - quantity);
                const Money rest = line.shown_total - done;
                const Money amount = take + quantity == line.quantity ? rest : Money(chance.upto(rest.minor()), rest.currency());
                lines.push_back({i, take, amount});
            }
            for (std::size_t i = 0; i < invoice.charges.size(); ++i) {
                const Money rest = invoice.charges[i].shown - before.charges.try_emplace(i, zero).first->second;
                if (!rest.is_zero()) charges.push_back({i, 1, lines.empty() ? rest : Money(chance.upto(rest.minor()), rest.currency())});
            }
            if (lines.empty() && charges.empty()) break;
            more = true;
            auto credit = credit_note_of(invoice, before, lines, charges, "Returned", kNow);
            ASSERT_TRUE(credit) << credit.error().message;
            credit->number = "CN-1";
            if (!credit->lines.empty()) {
                EXPECT_EQ(to_text(check(*credit)), "");
            }
            for (const auto& part : lines) {
                before.lines[part.place] += part.amount;
                before.quantities[part.place] += part.quantity;
            }
            for (const auto& part : charges) before.charges[part.place] += part.amount;
            total += credit->total;
            tax += credit->tax_total;
            before.tax = tax;
            if (credit->vat_accounting) in_euros += credit->vat_accounting->tax_total;
            for (const auto& line : credit->vat) taxable.try_emplace(line.vat, zero).first->second += line.taxable;
        }
        EXPECT_EQ(total, invoice.total);
        EXPECT_EQ(tax, invoice.tax_total);
        if (invoice.vat_accounting) {
            EXPECT_EQ(in_euros, invoice.vat_accounting->tax_total) << "to the cent, however it was taken apart";
        }
        for (const auto& line : invoice.vat) {
            EXPECT_EQ(taxable[line.vat], line.taxable);
        }
        EXPECT_FALSE(credit_note_of(invoice, before, {{0, 1, Money(1, zero.currency())}}, {}, "", kNow));
    }
}

TEST(Documents, thousands_of_equal_roundings_do_not_carry_the_tax_away) {
    int needed = 0;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE(seed);
        const auto sold = sold_by_chance(seed, 3000);
        const auto invoice = numbered(invoice_of(sold, demo_entity(), kNow, false), "INV-1");
        EXPECT_EQ(to_text(check(invoice)), "");
        EXPECT_EQ(invoice.total, sold.total);
        Money tax = Money::zero(sold.currency);
        for (const auto& line : sold.taxes) tax += line.tax;
        if (tax != invoice.tax_total) ++needed;
    }
    EXPECT_GT(needed, 0);
}

TEST(Documents, vat_is_said_in_the_currency_in_which_it_is_accounted_for) {
    const auto convert = [](std::int64_t tax, const char* from, const char* to, const char* rate) {
        return in_vat_currency(Money(tax, Currency::of(from)), Currency::of(to), rate).to_decimal();
    };
    EXPECT_EQ(convert(3800, "GBP", "EUR", "0.8612"), "44.12");  // 44.1245
    EXPECT_EQ(convert(1, "GBP", "EUR", "0.5"), "0.02");
    EXPECT_EQ(convert(1, "GBP", "EUR", "2"), "0.01") << "half a cent goes up";
    EXPECT_EQ(convert(1000, "JPY", "EUR", "163.45"), "6.12");
    EXPECT_EQ(convert(100, "EUR", "JPY", "0.00611808"), "163");
    EXPECT_EQ(convert(900'000'000'000'00, "EUR", "HUF", "0.00248756"), "361800318384280.18");
    for (const auto* wrong : {"", "0", "0.0", "-1", "1,5", "1.", ".5", "1.123456789", "1234567", "1e3", " 1"})
        EXPECT_FALSE(is_vat_rate(wrong)) << wrong;

    auto entity = demo_entity();
    auto document = plain();
    EXPECT_FALSE(needs_vat_accounting(document, entity));
    entity.vat_currency = "GBP";
    EXPECT_TRUE(needs_vat_accounting(document, entity));
    document.tax_total = Money::zero(document.tax_total.currency());
    EXPECT_FALSE(needs_vat_accounting(document, entity)) << "there is nothing to account for";
    const VatAccounting vat{"GBP", Money(4412, Currency::of("GBP")), {"0.8612", date_of(kNow), "ECB"}};
    EXPECT_EQ(vat_accounting_text(vat, "EUR", "en"), "VAT in GBP: £44.12 (1 GBP = 0.8612 EUR, 23 November 2026, ECB)");
    EXPECT_EQ(vat_accounting_text(vat, "EUR", "de"), "Umsatzsteuer in GBP: 44,12\u00a0£ (1 GBP = 0,8612 EUR, 23. November 2026, ECB)");
}

TEST(Documents, what_was_stored_before_reads_without_it) {
    auto text = to_json(plain());
    const std::string member = R"("vat_accounting":null,)";
    if (const auto at = text.find(member); at != std::string::npos) text.erase(at, member.size());
    EXPECT_EQ(text.find("vat_accounting"), std::string::npos);
    EXPECT_FALSE(document_from_json(text).vat_accounting);
}

TEST(Documents, the_price_of_a_unit_has_the_decimals_it_needs) {
    DocumentLine line;
    line.quantity = 3;
    line.before_discount = Money(1000, Currency::of("EUR"));
    set_price(line);
    EXPECT_EQ(price_text(line), "3.333");
    line.quantity = 7;
    line.before_discount = Money(5, Currency::of("EUR"));
    set_price(line);
    EXPECT_EQ(price_text(line), "0.007");
    line.quantity = 2;
    line.before_discount = Money(1999, Currency::of("EUR"));
    set_price(line);
    EXPECT_EQ(price_text(line), "9.995");
    line.quantity = 4;
    line.before_discount = Money(4000, Currency::of("JPY"));
    set_price(line);
    EXPECT_EQ(price_text(line), "1000");
}

TEST(Documents, categories_follow_treatment_and_destination) {
    Sold sold = sold_by_chance(7, 1);
    const auto category = [&](std::string treatment, std::int64_t rate, std::string country) {
        sold.lines[0].treatment = sold.taxes[0].treatment = std::move(treatment);
        sold.lines[0].basis_points = sold.taxes[0].basis_points = rate;
        sold.shipping_address.country = std::move(country);
        const auto invoice = invoice_of(sold, demo_entity(), kNow, false);
        return std::string(code_of(invoice.lines[0].vat.category)) + " " + invoice.vat[0].reason_code;
    };
    EXPECT_EQ(category("standard", 1900, "DE"), "S ");
    EXPECT_EQ(category("reduced", 700, "DE"), "S ");
    EXPECT_EQ(category("zero", 0, "DE"), "Z ");
    EXPECT_EQ(category("export", 0, "CH"), "G VATEX-EU-G");
    EXPECT_EQ(category("reverse_charge", 0, "FR"), "K VATEX-EU-IC");
    EXPECT_EQ(category("reverse_charge", 0, "DE"), "AE VATEX-EU-AE");
    EXPECT_EQ(category("exempt", 0, "DE"), "E ");
}

// Each rule is seen to fail.
struct Breach {
    std::string rule;
    std::function<void(Document&)> harm;
};
const Money kCent(1, Currency::of("EUR"));
// At 1.1612, 38.00 euros of VAT are 32.72 pounds.
VatAccounting in_pounds(const Money& tax, std::string currency, std::string source = "HMRC") {
    return {std::move(currency), tax, {"1.1612", date_of(kNow), std::move(source)}};
}
const std::vector<Breach>& breaches() {
    static const std::vector<Breach> list{
        {"BR-02", [](Document& d) { d.number.clear(); }},
        {"BR-03", [](Document& d) { d.issued_on = Date(); }},
        {"BR-05", [](Document& d) { d.currency = "QQQ"; }},
        {"BR-06", [](Document& d) { d.seller.name = " "; }},
        {"BR-07", [](Document& d) { d.buyer.name.clear(); }},
        {"BR-08",
         [](Document& d) {
             d.seller.place.line1.clear();
             d.seller.place.city.clear();
         }},
        {"BR-09", [](Document& d) { d.seller.place.country.clear(); }},
        {"BR-10",
         [](Document& d) {
             d.buyer.place.line1.clear();
             d.buyer.place.city.clear();
         }},
        {"BR-11", [](Document& d) { d.buyer.place.country.clear(); }},
        {"BR-CL-14", [](Document& d) { d.buyer.place.country = "ZZ"; }},
        {"BR-16", [](Document& d) { d.lines.clear(); }},
        {"BR-22", [](Document& d) { d.lines[0].quantity = 0; }},
        {"BR-24", [](Document& d) { d.lines[0].discount += kCent; }},
        {"BR-25", [](Document& d) { d.lines[0].name = ""; }},
        {"BR-26", [](Document& d) { d.lines[0].price_digits += 1; }},
        {"BR-27", [](Document& d) { d.lines[0].price_digits = -1; }},
        {"BR-36", [](Document& d) { d.charges[0].net = -kCent; }},
        {"BR-38",
         [](Document& d) {
             d.charges[0].reason.clear();
             d.charges[0].reason_code.clear();
         }},
        {"BR-41", [](Document& d) { d.lines[0].discount = -kCent; }},
        {"BR-49", [](Document& d) { d.payment.means_code.clear(); }},
        {"BR-CL-16", [](Document& d) { d.payment.means_code = "999"; }},
        {"BR-50",
         [](Document& d) {
             d.payment.means_code = "58";
             d.payment.iban.clear();
         }},
        {"BR-61",
         [](Document& d) {
             d.payment.means_code = "30";
             d.payment.iban.clear();
         }},
        {"BR-55", [](Document& d) { d.kind = DocumentKind::credit_note; }},
        {"BR-57", [](Document& d) { d.delivery.country.clear(); }},
        {"BR-CO-09", [](Document& d) { d.seller.vat_id = "123456789"; }},
        {"BR-CO-10", [](Document& d) { d.line_total += kCent; }},
        {"BR-CO-12", [](Document& d) { d.charge_total += kCent; }},
        {"BR-CO-13", [](Document& d) { d.net_total += kCent; }},
        {"BR-CO-14", [](Document& d) { d.tax_total += kCent; }},
        {"BR-CO-15", [](Document& d) { d.total += kCent; }},
        {"BR-CO-16", [](Document& d) { d.due += kCent; }},
        {"BR-CO-17", [](Document& d) { d.vat[0].tax += kCent.times(100); }},
        {"BR-CO-18", [](Document& d) { d.vat.clear(); }},
        {"BR-CO-25",
         [](Document& d) {
             d.due = kCent;
             d.due_on.reset();
             d.terms.clear();
         }},
        {"BR-CO-26",
         [](Document& d) {
             d.seller.vat_id.clear();
             d.seller.registration.clear();
         }},
        {"BR-53", [](Document& d) { d.vat_accounting = in_pounds(Money(3271, Currency::of("GBP")), "GBP"); }},
        {"BR-53", [](Document& d) { d.vat_accounting = in_pounds(Money(3272, Currency::of("EUR")), "GBP"); }},
        {"BR-53", [](Document& d) { d.vat_accounting = in_pounds(d.tax_total, "EUR"); }},
        {"BR-53", [](Document& d) { d.vat_accounting = in_pounds(Money(3272, Currency::of("GBP")), "GBP", ""); }},
        {"BR-CL-05", [](Document& d) { d.vat_accounting = in_pounds(Money(3272, Currency::of("GBP")), "QQQ"); }},
        {"BR-DEC-15", [](Document& d) { d.vat_accounting = in_pounds(Money(32725, Currency::of("BHD")), "BHD"); }},
        {"BR-CL-22", [](Document& d) { d.vat[0].reason_code = "BECAUSE"; }},
        {"BR-S-01", [](Document& d) { d.vat.push_back(d.vat[0]); }},
        {"BR-S-02", [](Document& d) { d.seller.vat_id.clear(); }},
        {"BR-S-05", [](Document& d) { d.lines[0].vat.basis_points = 0; }},
        {"BR-S-07", [](Document& d) { d.charges[0].vat.basis_points = 0; }},
        {"BR-S-08", [](Document& d) { d.vat[0].taxable += kCent; }},
        {"BR-S-09", [](Document& d) { d.vat[0].vat.basis_points = 0; }},
        {"BR-S-10", [](Document& d) { d.vat[0].reason = "Because"; }},
    };
    return list;
}
void become(Document& document, VatCategory category) {
    for (auto& line : document.lines) line.vat = {category, 0}, line.tax = Money::zero(line.tax.currency());
    for (auto& charge : document.charges) charge.vat = {category, 0}, charge.tax = Money::zero(charge.tax.currency());
    document.vat = {{{category, 0}, {}, {}, "A reason", ""}};
    document.buyer.vat_id = "FR12345678901";
    if (category == VatCategory::zero) document.vat[0].reason.clear();
    if (category == VatCategory::not_subject) {
        document.buyer.vat_id.clear();
        document.seller.vat_id.clear();
    }
    document.paid = Money::zero(document.total.currency());
    add_up(document);
}
const std::vector<std::pair<VatCategory, Breach>>& category_breaches() {
    using enum VatCategory;
    static const std::vector<std::pair<VatCategory, Breach>> list = [] {
        std::vector<std::pair<VatCategory, Breach>> out;
        for (const auto& [category, name] : std::vector<std::pair<VatCategory, std::string>>{
                 {zero, "Z"}, {exempt, "E"}, {reverse_charge, "AE"}, {intra_community, "IC"}, {export_outside, "G"}, {not_subject, "O"}}) {
            const auto rule = [name = name](const char* number) { return "BR-" + name + "-" + number; };
            out.push_back({category, {rule("01"), [](Document& d) { d.vat.push_back(d.vat[0]); }}});
            out.push_back({category, {rule("05"), [](Document& d) { d.lines[0].vat.basis_points = 100; }}});
            out.push_back({category, {rule("07"), [](Document& d) { d.charges[0].vat.basis_points = 100; }}});
            out.push_back({category, {rule("08"), [](Document& d) { d.vat[0].taxable += kCent; }}});
            out.push_back({category, {rule("09"), [](Document& d) { d.vat[0].tax = kCent; }}});
            out.push_back({category, {rule("10"), [](Document& d) { d.vat[0].reason = d.vat[0].reason.empty() ? "x" : ""; }}});
        }
        const auto no_seller = [](Document& d) { d.seller.vat_id.clear(); };
        const auto no_buyer = [](Document& d) { d.buyer.vat_id.clear(); };
        out.push_back({zero, {"BR-Z-02", no_seller}});
        out.push_back({exempt, {"BR-E-02", no_seller}});
        out.push_back({reverse_charge, {"BR-AE-02", no_seller}});
        out.push_back({reverse_charge, {"BR-AE-02", no_buyer}});
        out.push_back({intra_community, {"BR-IC-02", no_seller}});
        out.push_back({intra_community, {"BR-IC-02", no_buyer}});
        out.push_back({intra_community, {"BR-IC-11", [](Document& d) { d.delivered_on.reset(); }}});
        out.push_back({intra_community, {"BR-IC-12", [](Document& d) { d.delivery = {}; }}});
        out.push_back({export_outside, {"BR-G-02", no_seller}});
        out.push_back({not_subject, {"BR-O-02", [](Document& d) { d.seller.vat_id = "DE000000000"; }}});
        out.push_back({not_subject, {"BR-O-11", [](Document& d) { d.vat.push_back({{standard, 1900}, kCent, kCent, "", ""}); }}});
        out.push_back({not_subject, {"BR-O-12", [](Document& d) { d.lines[0].vat = {standard, 1900}; }}});
        out.push_back({not_subject, {"BR-O-14", [](Document& d) { d.charges[0].vat = {standard, 1900}; }}});
        return out;
    }();
    return list;
}

Document plain() {
    Sold sold = sold_by_chance(3, 2);
    sold.tax_included = true;
    sold.currency = Currency::of("EUR");
    sold.payment_method = "card";
    sold.payment_state = PaymentState::paid;
    sold.shipping_address.country = sold.billing_address.country = "DE";
    sold.taxes = {{1900, "standard", "", Money(20000, sold.currency), Money(3800, sold.currency)}};
    for (auto& line : sold.lines) {
        line.basis_points = 1900;
        line.treatment = "standard";
        line.quantity = 2;
        line.unit = Money(5355, sold.currency);
        line.discount = Money(0, sold.currency);
        line.total = Money(10710, sold.currency);
        line.net = Money(9000, sold.currency);
        line.tax = Money(1710, sold.currency);
    }
    sold.total = Money(23800, sold.currency);
    return numbered(invoice_of(sold, demo_entity(), kNow, false), "INV-1");
}

TEST(Documents, every_rule_is_broken_by_what_breaks_it) {
    ASSERT_EQ(to_text(check(plain())), "");
    ASSERT_EQ(plain().charges.size(), 1U);
    auto accounted_for = plain();
    accounted_for.vat_accounting = in_pounds(Money(3272, Currency::of("GBP")), "GBP");
    ASSERT_EQ(to_text(check(accounted_for)), "");
    const auto breaks = [](const Document& document, std::string_view rule) {
        const auto found = check(document);
        return std::ranges::any_of(found, [&](const Violation& violation) { return violation.rule == rule; });
    };
    for (const auto& breach : breaches()) {
        auto document = plain();
        breach.harm(document);
        EXPECT_TRUE(breaks(document, breach.rule)) << breach.rule << ", found: " << to_text(check(document));
    }
    for (const auto& [category, breach] : category_breaches()) {
        auto document = plain();
        become(document, category);
        // A rate of "O" has no seller's VAT id; its registration stands for it.
        EXPECT_EQ(to_text(check(document)), "") << code_of(category);
        breach.harm(document);
        EXPECT_TRUE(breaks(document, breach.rule)) << breach.rule << ", found: " << to_text(check(document));
    }
    auto dinar = plain();
    dinar.total = Money(23800, Currency::of("BHD"));
    dinar.net_total = Money(20000, Currency::of("BHD"));
    dinar.tax_total = Money(3800, Currency::of("BHD"));
    EXPECT_TRUE(breaks(dinar, "BR-DEC-14"));
}

TEST(Documents, text_of_others_stays_text) {
    auto document = plain();
    document.buyer.name = "<b>&\"'</b>\x02\xef\xbf\xbf\r\n]]>";
    const auto root = read_xml(to_ubl(document));
    EXPECT_EQ(root.at("AccountingCustomerParty/Party/PartyLegalEntity/RegistrationName"), "<b>&\"'</b>\r\n]]>");
    const auto cii = read_xml(to_cii(document));
    EXPECT_EQ(cii.at("SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement/BuyerTradeParty/Name"), "<b>&\"'</b>\r\n]]>");
}

TEST(Documents, the_test_of_structure_sees_what_is_wrong) {
    auto root = read_xml(to_ubl(plain()));
    std::swap(root.children[1], root.children[2]);
    EXPECT_FALSE(structure(ubl_order(), root).empty());
    root = read_xml(to_ubl(plain()));
    std::erase_if(root.children, [](const Node& child) { return child.name == "TaxTotal"; });
    EXPECT_EQ(structure(ubl_order(), root), std::vector<std::string>{"TaxTotal is missing in Invoice"});
}

}  // namespace
}  // namespace stoa::orders
