#include "domain/words.hpp"

#include <array>

#include "stoa/orders/orders.hpp"

namespace stoa::orders {
namespace {

struct Words {
    std::string_view key;
    std::array<std::string_view, 4> texts;  // en, de, nl, fr
};

std::size_t index_of(std::string_view locale) {
    if (locale == "de") return 1;
    if (locale == "nl") return 2;
    if (locale == "fr") return 3;
    return 0;
}

std::string_view look_up(std::span<const Words> words, std::string_view key, std::string_view locale) {
    for (const auto& word : words) {
        if (word.key == key) return word.texts[index_of(locale)];
    }
    return {};
}

constexpr Words kStates[] = {
    {"pending_payment", {"Waiting for payment", "Zahlung ausstehend", "Wacht op betaling", "En attente de paiement"}},
    {"confirmed", {"Confirmed", "Bestätigt", "Bevestigd", "Confirmée"}},
    {"processing", {"Being packed", "Wird verpackt", "Wordt ingepakt", "En préparation"}},
    {"shipped", {"On its way", "Unterwegs", "Onderweg", "Expédiée"}},
    {"delivered", {"Delivered", "Zugestellt", "Bezorgd", "Livrée"}},
    {"completed", {"Completed", "Abgeschlossen", "Afgerond", "Terminée"}},
    {"cancelled", {"Cancelled", "Storniert", "Geannuleerd", "Annulée"}},
};

constexpr Words kTimeline[] = {
    {"placed", {"Order placed", "Bestellung aufgegeben", "Bestelling geplaatst", "Commande passée"}},
    {"payment_paid", {"Payment received", "Zahlung eingegangen", "Betaling ontvangen", "Paiement reçu"}},
    {"payment_authorized", {"Payment reserved", "Zahlung vorgemerkt", "Betaling gereserveerd", "Paiement autorisé"}},
    {"payment_awaiting_invoice", {"To be paid by invoice", "Zahlung auf Rechnung", "Te betalen op factuur", "À payer sur facture"}},
    {"payment_failed",
     {"A payment was declined", "Eine Zahlung wurde abgelehnt", "Een betaling werd geweigerd", "Un paiement a été refusé"}},
    {"confirmed", {"Order confirmed", "Bestellung bestätigt", "Bestelling bevestigd", "Commande confirmée"}},
    {"cancelled", {"Order cancelled", "Bestellung storniert", "Bestelling geannuleerd", "Commande annulée"}},
    {"shipped", {"Handed to the carrier", "An den Paketdienst übergeben", "Overgedragen aan de vervoerder", "Remise au transporteur"}},
    {"delivered", {"Delivered", "Zugestellt", "Bezorgd", "Livrée"}},
    {"completed", {"Order completed", "Bestellung abgeschlossen", "Bestelling afgerond", "Commande terminée"}},
    {"goods_arrived",
     {"Goods that you waited for are here", "Erwartete Ware ist eingetroffen", "Artikelen waarop u wachtte zijn binnen",
      "Des articles attendus sont arrivés"}},
    {"refunded", {"Money refunded", "Betrag erstattet", "Bedrag terugbetaald", "Montant remboursé"}},
    {"refunded_as_credit",
     {"Refunded as store credit", "Als Guthaben erstattet", "Terugbetaald als tegoed", "Remboursé sous forme d'avoir"}},
    {"refunded_as_gift_card",
     {"Refunded as a gift card", "Als Geschenkkarte erstattet", "Terugbetaald als cadeaukaart", "Remboursé sous forme de carte cadeau"}},
    {"payment_requested",
     {"Payment of the difference requested", "Zahlung der Differenz angefragt", "Betaling van het verschil gevraagd",
      "Paiement de la différence demandé"}},
    {"refund_granted", {"Refund granted", "Erstattung veranlasst", "Terugbetaling toegekend", "Remboursement accordé"}},
    {"return_requested", {"Return requested", "Rücksendung angefragt", "Retour aangevraagd", "Retour demandé"}},
    {"return_approved", {"Return approved", "Rücksendung genehmigt", "Retour goedgekeurd", "Retour accepté"}},
    {"return_rejected", {"Return refused", "Rücksendung abgelehnt", "Retour geweigerd", "Retour refusé"}},
    {"return_cancelled", {"Return cancelled", "Rücksendung storniert", "Retour geannuleerd", "Retour annulé"}},
    {"return_received", {"Returned goods received", "Rücksendung eingegangen", "Retour ontvangen", "Retour reçu"}},
    {"return_exchanged", {"Replacement arranged", "Umtausch veranlasst", "Omruiling in gang gezet", "Échange lancé"}},
    {"gift_card_issued", {"Gift card sent", "Geschenkkarte verschickt", "Cadeaukaart verzonden", "Carte cadeau envoyée"}},
    {"gift_card_taken_back", {"Gift card taken back", "Geschenkkarte zurückgenommen", "Cadeaukaart teruggenomen", "Carte cadeau reprise"}},
    {"changed", {"Order changed", "Bestellung geändert", "Bestelling gewijzigd", "Commande modifiée"}},
    {"claimed", {"Added to your account", "Ihrem Konto zugeordnet", "Aan uw account toegevoegd", "Ajoutée à votre compte"}},
};

constexpr std::array<std::string_view, 4> kByMailTexts{"By e-mail", "Per E-Mail", "Per e-mail", "Par e-mail"};
constexpr std::array<std::string_view, 4> kDiscount{"Discount", "Nachlass", "Korting", "Remise"};

constexpr Words kMethods[] = {
    {"card", {"Card", "Karte", "Kaart", "Carte"}},
    {"stored_card", {"Saved card", "Gespeicherte Karte", "Bewaarde kaart", "Carte enregistrée"}},
    {"sepa", {"SEPA direct debit", "SEPA-Lastschrift", "SEPA-incasso", "Prélèvement SEPA"}},
    {"hosted", {"Vendo payment page", "Vendo-Bezahlseite", "Vendo-betaalpagina", "Page de paiement Vendo"}},
    {"invoice",
     {"Invoice, pay on delivery", "Rechnung, zahlbar bei Lieferung", "Factuur, betalen na levering", "Facture, paiement à la livraison"}},
    {"gift_card", {"Gift card", "Geschenkkarte", "Cadeaukaart", "Carte cadeau"}},
    {"store_credit", {"Store credit", "Guthaben", "Tegoed", "Avoir"}},
    {"none", {"Nothing to pay", "Nichts zu zahlen", "Niets te betalen", "Rien à payer"}},
};

constexpr Words kShipments[] = {
    {"planned", {"Being packed", "Wird verpackt", "Wordt ingepakt", "En préparation"}},
    {"announcing", {"Being packed", "Wird verpackt", "Wordt ingepakt", "En préparation"}},
    {"failed", {"Being packed", "Wird verpackt", "Wordt ingepakt", "En préparation"}},
    {"labelled",
     {"Ready for the carrier", "Bereit zur Abholung durch den Paketdienst", "Klaar voor de vervoerder", "Prêt pour le transporteur"}},
    {"in_transit", {"On its way", "Unterwegs", "Onderweg", "En route"}},
    {"out_for_delivery", {"Out for delivery", "In Zustellung", "Wordt vandaag bezorgd", "En cours de livraison"}},
    {"ready_for_pickup", {"Ready for pick-up", "Abholbereit", "Ligt klaar om af te halen", "Prêt à être retiré"}},
    {"exception", {"Held up", "Verzögert", "Vertraagd", "Retardé"}},
    {"delivered", {"Delivered", "Zugestellt", "Bezorgd", "Livré"}},
    {"returned", {"Returned to us", "An uns zurückgeschickt", "Naar ons teruggestuurd", "Retourné à l'expéditeur"}},
    {"cancelling", {"Being cancelled", "Wird storniert", "Wordt geannuleerd", "En cours d'annulation"}},
    {"cancelled", {"Cancelled", "Storniert", "Geannuleerd", "Annulé"}},
};

}  // namespace

std::string_view shipment_label(shipping::ShipmentState state, std::string_view locale) {
    return look_up(kShipments, json::to_name(state), locale);
}
std::string_view state_label(State state, std::string_view locale) { return look_up(kStates, json::to_name(state), locale); }
std::string_view by_mail_label(std::string_view locale) { return kByMailTexts[index_of(locale)]; }
std::string_view discount_label(std::string_view locale) { return kDiscount[index_of(locale)]; }
std::string_view timeline_text(std::string_view kind, std::string_view locale) { return look_up(kTimeline, kind, locale); }
std::string_view payment_method_label(std::string_view method, std::string_view locale) { return look_up(kMethods, method, locale); }

}  // namespace stoa::orders
