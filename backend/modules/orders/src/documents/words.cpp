#include "documents/words.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "stoa/text/writing.hpp"

namespace stoa::orders {
namespace {

using Texts = std::array<std::string_view, 4>;  // en, de, nl, fr

std::size_t index_of(std::string_view locale) { return locale == "de" ? 1 : locale == "nl" ? 2 : locale == "fr" ? 3 : 0; }

const Texts& texts_of(Word word) {
    struct Entry {
        Word word;
        Texts texts;
    };
    static constexpr Entry kEntries[] = {
        {Word::invoice, {"Invoice", "Rechnung", "Factuur", "Facture"}},
        {Word::credit_note, {"Credit note", "Gutschrift", "Creditnota", "Avoir"}},
        {Word::number, {"Number", "Nummer", "Nummer", "Numéro"}},
        {Word::date, {"Date", "Datum", "Datum", "Date"}},
        {Word::order, {"Order", "Bestellung", "Bestelling", "Commande"}},
        {Word::order_date, {"Ordered on", "Bestellt am", "Besteld op", "Commandé le"}},
        {Word::due, {"Due on", "Fällig am", "Te betalen vóór", "Échéance"}},
        {Word::delivery_date, {"Date of supply", "Lieferdatum", "Leverdatum", "Date de livraison"}},
        {Word::bill_to, {"Bill to", "Rechnung an", "Factuur aan", "Facturé à"}},
        {Word::deliver_to, {"Deliver to", "Lieferung an", "Levering aan", "Livré à"}},
        {Word::for_invoice, {"For invoice", "Zur Rechnung", "Bij factuur", "Pour la facture"}},
        {Word::article, {"Article", "Artikel", "Artikel", "Article"}},
        {Word::quantity, {"Qty", "Menge", "Aantal", "Qté"}},
        {Word::unit_price, {"Unit price", "Einzelpreis", "Prijs per stuk", "Prix unitaire"}},
        {Word::vat, {"VAT", "USt.", "Btw", "TVA"}},
        {Word::amount, {"Amount", "Betrag", "Bedrag", "Montant"}},
        {Word::discount, {"Discount", "Rabatt", "Korting", "Remise"}},
        {Word::subtotal, {"Goods", "Waren", "Goederen", "Articles"}},
        {Word::delivery, {"Delivery", "Versand", "Verzending", "Livraison"}},
        {Word::total, {"Total", "Gesamtbetrag", "Totaal", "Total"}},
        {Word::contains_vat,
         {"The total contains VAT", "Im Gesamtbetrag enthaltene Umsatzsteuer", "In het totaal begrepen btw", "TVA comprise dans le total"}},
        {Word::plus_vat, {"VAT", "Umsatzsteuer", "Btw", "TVA"}},
        {Word::net, {"Net", "Netto", "Netto", "HT"}},
        {Word::rate, {"Rate", "Satz", "Tarief", "Taux"}},
        {Word::tax, {"VAT", "USt.", "Btw", "TVA"}},
        {Word::gross, {"Gross", "Brutto", "Bruto", "TTC"}},
        {Word::paid, {"Paid", "Bezahlt", "Betaald", "Payé"}},
        {Word::to_pay, {"To pay", "Zu zahlen", "Te betalen", "À payer"}},
        {Word::credited, {"Credited", "Gutgeschrieben", "Gecrediteerd", "Crédité"}},
        {Word::paid_by, {"Payment", "Zahlung", "Betaling", "Paiement"}},
        {Word::pay_to, {"Please transfer to", "Bitte überweisen Sie an", "Maak over naar", "À virer à"}},
        {Word::reference, {"Reference", "Verwendungszweck", "Kenmerk", "Référence"}},
        {Word::page, {"Page", "Seite", "Pagina", "Page"}},
        {Word::of, {"of", "von", "van", "sur"}},
        {Word::vat_id, {"VAT ID", "USt-IdNr.", "Btw-nr.", "N° TVA"}},
        {Word::tax_number, {"Tax number", "Steuernummer", "Fiscaal nummer", "Numéro fiscal"}},
        {Word::registration, {"Registered", "Handelsregister", "KvK", "Immatriculation"}},
        {Word::prices_with_tax, {"Prices include VAT.", "Preise inkl. USt.", "Prijzen incl. btw.", "Prix TTC."}},
        {Word::carried,
         {"Continued on the next page", "Fortsetzung auf der nächsten Seite", "Vervolg op de volgende pagina", "Suite page suivante"}},
        {Word::discounts_contained,
         {"Discounts in these prices", "In den Preisen enthaltene Rabatte", "Kortingen in deze prijzen",
          "Remises comprises dans ces prix"}},
        {Word::vat_in, {"VAT in", "Umsatzsteuer in", "Btw in", "TVA en"}},
    };
    for (const auto& entry : kEntries) {
        if (entry.word == word) return entry.texts;
    }
    throw std::logic_error("orders: a document's word has no text");
}

}  // namespace

std::string_view word(Word which, std::string_view locale) { return texts_of(which)[index_of(locale)]; }

VatReason reason_of(VatCategory category, std::string_view locale) {
    struct Reason {
        VatCategory category;
        std::string_view code;
        Texts texts;
    };
    static constexpr Reason kReasons[] = {
        {VatCategory::exempt, "", {"Exempt from VAT", "Umsatzsteuerfrei", "Vrijgesteld van btw", "Exonéré de TVA"}},
        {VatCategory::reverse_charge,
         "VATEX-EU-AE",
         {"Reverse charge: VAT is due from the recipient", "Steuerschuldnerschaft des Leistungsempfängers", "Btw verlegd",
          "Autoliquidation"}},
        {VatCategory::intra_community,
         "VATEX-EU-IC",
         {"Intra-Community supply, exempt under article 138 of Directive 2006/112/EC",
          "Steuerfreie innergemeinschaftliche Lieferung, Artikel 138 der Richtlinie 2006/112/EG",
          "Intracommunautaire levering, vrijgesteld op grond van artikel 138 van Richtlijn 2006/112/EG",
          "Livraison intracommunautaire exonérée, article 138 de la directive 2006/112/CE"}},
        {VatCategory::export_outside,
         "VATEX-EU-G",
         {"Export, exempt under article 146 of Directive 2006/112/EC",
          "Steuerfreie Ausfuhrlieferung, Artikel 146 der Richtlinie 2006/112/EG",
          "Uitvoer, vrijgesteld op grond van artikel 146 van Richtlijn 2006/112/EG",
          "Exportation exonérée, article 146 de la directive 2006/112/CE"}},
        {VatCategory::not_subject,
         "VATEX-EU-O",
         {"Not subject to VAT", "Nicht steuerbar", "Niet onderworpen aan btw", "Non soumis à la TVA"}},
    };
    for (const auto& reason : kReasons) {
        if (reason.category == category) return {reason.texts[index_of(locale)], reason.code};
    }
    return {};
}

std::string terms_text(Terms terms, std::string_view method, const std::optional<Date>& due, std::string_view locale) {
    const auto index = index_of(locale);
    switch (terms) {
        case Terms::paid: {
            static constexpr Texts kTexts{"Paid: {}.", "Bezahlt: {}.", "Betaald: {}.", "Payé : {}."};
            return fmt::format(fmt::runtime(kTexts[index]), method);
        }
        case Terms::debit: {
            static constexpr Texts kTexts{"The amount is collected: {}.", "Der Betrag wird eingezogen: {}.",
                                          "Het bedrag wordt geïncasseerd: {}.", "Le montant est prélevé : {}."};
            return fmt::format(fmt::runtime(kTexts[index]), method);
        }
        case Terms::transfer: {
            static constexpr Texts kTexts{"Please pay by {}.", "Zahlbar bis {}.", "Te betalen vóór {}.", "À régler avant le {}."};
            return fmt::format(fmt::runtime(kTexts[index]), due ? text::format_date(*due, locale) : std::string());
        }
    }
    return {};
}

}  // namespace stoa::orders
