#include "stoa/payments/payments.hpp"

namespace stoa::payments {

CardHint card_hint(const CardData& card) {
    CardHint hint;
    const std::string_view number = card.number;
    const auto starts = [&](std::string_view prefix) { return number.starts_with(prefix); };
    if (starts("4"))
        hint.brand = "Visa";
    else if (starts("34") || starts("37"))
        hint.brand = "American Express";
    else if ((number >= "51" && number < "56") || (number >= "2221" && number < "2721"))
        hint.brand = "Mastercard";
    else if (starts("6"))
        hint.brand = "Maestro";
    else
        hint.brand = "Card";
    hint.last4 = number.size() >= 4 ? number.substr(number.size() - 4) : number;
    hint.expiry_month = card.expiry_month;
    hint.expiry_year = card.expiry_year;
    return hint;
}

bool is_iban(std::string_view text) {
    std::string iban;
    for (const char c : text) {
        if (c != ' ') iban += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    const auto letter = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (iban.size() < 15 || iban.size() > 34 || !letter(iban[0]) || !letter(iban[1]) || !digit(iban[2]) || !digit(iban[3])) return false;
    // The first four characters go to the end, letters count from 10; what is left of 97 must be 1.
    int remainder = 0;
    for (std::size_t i = 0; i < iban.size(); ++i) {
        const char c = iban[(i + 4) % iban.size()];
        if (digit(c))
            remainder = (remainder * 10 + (c - '0')) % 97;
        else if (letter(c))
            remainder = (remainder * 100 + (c - 'A' + 10)) % 97;
        else
            return false;
    }
    return remainder == 1;
}

}  // namespace stoa::payments
