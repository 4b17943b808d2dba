#include "domain/consent_texts.hpp"

#include <array>

namespace stoa::customers {
namespace {

constexpr std::array<std::pair<ConsentKind, std::string_view>, 3> kNames{{
    {ConsentKind::marketing_email, "marketing_email"},
    {ConsentKind::marketing_whatsapp, "marketing_whatsapp"},
    {ConsentKind::personalisation, "personalisation"},
}};

struct Texts {
    std::string_view locale, email, whatsapp, personalisation;
};
constexpr std::array<Texts, 4> kTexts{{
    {"en", "Send me news and offers by e-mail, now and then. I can stop this at any time.",
     "Send me news and offers by WhatsApp, now and then. I can stop this at any time.",
     "Use what I look at and buy to show me things that suit me."},
    {"de", "Senden Sie mir ab und zu Neuigkeiten und Angebote per E-Mail. Ich kann das jederzeit beenden.",
     "Senden Sie mir ab und zu Neuigkeiten und Angebote per WhatsApp. Ich kann das jederzeit beenden.",
     "Nutzen Sie, was ich ansehe und kaufe, um mir Passendes zu zeigen."},
    {"nl", "Stuur mij af en toe nieuws en aanbiedingen per e-mail. Ik kan dit altijd stoppen.",
     "Stuur mij af en toe nieuws en aanbiedingen via WhatsApp. Ik kan dit altijd stoppen.",
     "Gebruik wat ik bekijk en koop om mij te laten zien wat bij mij past."},
    {"fr", "Envoyez-moi de temps en temps des nouvelles et des offres par e-mail. Je peux arrêter à tout moment.",
     "Envoyez-moi de temps en temps des nouvelles et des offres par WhatsApp. Je peux arrêter à tout moment.",
     "Utilisez ce que je regarde et achète pour me montrer ce qui me convient."},
}};

}  // namespace

json::EnumNames<ConsentKind> enum_names(ConsentKind) { return kNames; }

std::string_view consent_text(ConsentKind kind, std::string_view locale) {
    const Texts* texts = &kTexts.front();
    for (const auto& candidate : kTexts) {
        if (candidate.locale == locale) texts = &candidate;
    }
    switch (kind) {
        case ConsentKind::marketing_email:
            return texts->email;
        case ConsentKind::marketing_whatsapp:
            return texts->whatsapp;
        case ConsentKind::personalisation:
            return texts->personalisation;
    }
    return {};
}

}  // namespace stoa::customers
