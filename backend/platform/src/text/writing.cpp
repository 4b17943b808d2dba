#include "stoa/text/writing.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

namespace stoa::text {
namespace {

constexpr std::string_view kNoBreak = "\u00a0";        // between amount and symbol
constexpr std::string_view kNarrowNoBreak = "\u202f";  // groups of three in French

struct Words {
    std::string_view locale;
    std::string_view decimal, group;
    std::array<std::string_view, 7> days;  // Sunday first
    std::array<std::string_view, 12> short_months;
    std::array<std::string_view, 12> months;
};
constexpr std::array<Words, 4> kWords{{
    {"en",
     ".",
     ",",
     {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
     {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
     {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}},
    {"de",
     ",",
     ".",
     {"So.", "Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa."},
     {"Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."},
     {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}},
    {"nl",
     ",",
     ".",
     {"zo", "ma", "di", "wo", "do", "vr", "za"},
     {"jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"},
     {"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"}},
    {"fr",
     ",",
     kNarrowNoBreak,
     {"dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."},
     {"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
     {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}},
}};

const Words& words_of(std::string_view locale) {
    for (const auto& words : kWords) {
        if (words.locale == locale) return words;
    }
    return kWords.front();
}

std::string_view symbol_of(std::string_view currency) {
    if (currency == "EUR") return "€";
    if (currency == "GBP") return "£";
    if (currency == "JPY") return "¥";
    if (currency == "USD") return "$";
    return currency;
}

}  // namespace

std::string format_money(Money amount, std::string_view locale) {
    const auto& words = words_of(locale);
    auto plain = amount.to_decimal();
    const bool negative = plain.starts_with('-');
    if (negative) plain.erase(0, 1);
    const auto dot = plain.find('.');
    std::string number = plain.substr(0, dot);
    for (auto at = static_cast<std::ptrdiff_t>(number.size()) - 3; at > 0; at -= 3)
        number.insert(static_cast<std::size_t>(at), words.group);
    if (dot != std::string::npos) number += std::string(words.decimal) + plain.substr(dot + 1);
    const auto symbol = symbol_of(amount.currency().code());
    const std::string sign = negative ? "−" : "";
    if (words.locale == "en")
        return sign + std::string(symbol) + (symbol.size() == 3 && symbol[0] >= 'A' && symbol[0] <= 'Z' ? std::string(kNoBreak) : "") +
               number;
    if (words.locale == "nl") return fmt::format("{}{}{}{}", symbol, kNoBreak, sign, number);
    return fmt::format("{}{}{}{}", sign, number, kNoBreak, symbol);
}

std::string format_day(Date day, std::string_view locale) {
    const auto& words = words_of(locale);
    const auto name = words.days[std::chrono::weekday(std::chrono::sys_days(day)).c_encoding()];
    const auto month = words.short_months[static_cast<unsigned>(day.month()) - 1];
    const auto number = static_cast<unsigned>(day.day());
    if (words.locale == "de") return fmt::format("{}, {}. {}", name, number, month);
    if (words.locale == "fr" && number == 1) return fmt::format("{} 1er {}", name, month);
    return fmt::format("{} {} {}", name, number, month);
}

std::string format_date(Date day, std::string_view locale) {
    const auto& words = words_of(locale);
    const auto month = words.months[static_cast<unsigned>(day.month()) - 1];
    const auto number = static_cast<unsigned>(day.day());
    const auto year = static_cast<int>(day.year());
    if (words.locale == "de") return fmt::format("{}. {} {}", number, month, year);
    if (words.locale == "fr" && number == 1) return fmt::format("1er {} {}", month, year);
    return fmt::format("{} {} {}", number, month, year);
}

std::string_view format_country(std::string_view code, std::string_view locale) {
    struct Country {
        std::string_view code;
        std::array<std::string_view, 4> names;  // en, de, nl, fr
    };
    static constexpr Country kCountries[] = {
        {"AT", {"Austria", "Österreich", "Oostenrijk", "Autriche"}},
        {"BE", {"Belgium", "Belgien", "België", "Belgique"}},
        {"BG", {"Bulgaria", "Bulgarien", "Bulgarije", "Bulgarie"}},
        {"CH", {"Switzerland", "Schweiz", "Zwitserland", "Suisse"}},
        {"CY", {"Cyprus", "Zypern", "Cyprus", "Chypre"}},
        {"CZ", {"Czechia", "Tschechien", "Tsjechië", "Tchéquie"}},
        {"DE", {"Germany", "Deutschland", "Duitsland", "Allemagne"}},
        {"DK", {"Denmark", "Dänemark", "Denemarken", "Danemark"}},
        {"EE", {"Estonia", "Estland", "Estland", "Estonie"}},
        {"ES", {"Spain", "Spanien", "Spanje", "Espagne"}},
        {"FI", {"Finland", "Finnland", "Finland", "Finlande"}},
        {"FR", {"France", "Frankreich", "Frankrijk", "France"}},
        {"GB", {"United Kingdom", "Vereinigtes Königreich", "Verenigd Koninkrijk", "Royaume-Uni"}},
        {"GR", {"Greece", "Griechenland", "Griekenland", "Grèce"}},
        {"HR", {"Croatia", "Kroatien", "Kroatië", "Croatie"}},
        {"HU", {"Hungary", "Ungarn", "Hongarije", "Hongrie"}},
        {"IE", {"Ireland", "Irland", "Ierland", "Irlande"}},
        {"IT", {"Italy", "Italien", "Italië", "Italie"}},
        {"LT", {"Lithuania", "Litauen", "Litouwen", "Lituanie"}},
        {"LU", {"Luxembourg", "Luxemburg", "Luxemburg", "Luxembourg"}},
        {"LV", {"Latvia", "Lettland", "Letland", "Lettonie"}},
        {"MT", {"Malta", "Malta", "Malta", "Malte"}},
        {"NL", {"Netherlands", "Niederlande", "Nederland", "Pays-Bas"}},
        {"NO", {"Norway", "Norwegen", "Noorwegen", "Norvège"}},
        {"PL", {"Poland", "Polen", "Polen", "Pologne"}},
        {"PT", {"Portugal", "Portugal", "Portugal", "Portugal"}},
        {"RO", {"Romania", "Rumänien", "Roemenië", "Roumanie"}},
        {"SE", {"Sweden", "Schweden", "Zweden", "Suède"}},
        {"SI", {"Slovenia", "Slowenien", "Slovenië", "Slovénie"}},
        {"SK", {"Slovakia", "Slowakei", "Slowakije", "Slovaquie"}},
    };
    const auto found = std::ranges::find(kCountries, code, &Country::code);
    if (found == std::end(kCountries)) return code;
    return found->names[locale == "de" ? 1 : locale == "nl" ? 2 : locale == "fr" ? 3 : 0];
}

}  // namespace stoa::text
