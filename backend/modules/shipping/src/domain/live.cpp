#include "domain/live.hpp"

#include <array>

#include <fmt/format.h>

namespace stoa::shipping {
namespace {

struct Words {
    std::string_view locale, home, signed_for, point;
};
constexpr std::array<Words, 4> kWords{{
    {"en", "Home delivery", "Home delivery with signature", "Pick-up point"},
    {"de", "Lieferung nach Hause", "Lieferung nach Hause mit Unterschrift", "Abholpunkt"},
    {"nl", "Thuisbezorging", "Thuisbezorging met handtekening", "Afhaalpunt"},
    {"fr", "Livraison à domicile", "Livraison à domicile contre signature", "Point relais"},
}};

}  // namespace

std::string live_name(bool to_point, bool signature, std::string_view carrier, std::string_view locale) {
    const Words* words = &kWords.front();
    for (const auto& candidate : kWords) {
        if (candidate.locale == locale) words = &candidate;
    }
    return fmt::format("{} ({})", to_point ? words->point : signature ? words->signed_for : words->home, carrier);
}

Money convert_price(const Money& price, std::int64_t per_million, Currency wanted) {
    // In tens of the wanted currency's minor units first, so that rounding up happens once.
    const Money tens =
        Money(price.minor(), wanted)
            .scaled(per_million * wanted.minor_per_major(), 1'000'000 * price.currency().minor_per_major() * 10, Rounding::up);
    return tens.times(10);
}

}  // namespace stoa::shipping
