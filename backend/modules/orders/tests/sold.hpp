#pragma once
// Orders as they could have been sold: seeded chance, the shop's own rounding.
#include <random>

#include "documents/compose.hpp"

namespace stoa::orders::testing {

inline LegalEntity demo_entity() {
    LegalEntity entity;
    entity.code = "main";
    entity.party.name = "Stoa Home B.V.";
    entity.party.contact_name = "Bookkeeping";
    entity.party.email = "invoices@stoa.example";
    entity.party.phone = "+31 40 000 0000";
    entity.party.place = {"Kade 1", "", "5611 AZ", "Eindhoven", "", "DE"};
    entity.party.vat_id = "DE000000000";
    entity.party.registration = "HRB 00000";
    entity.iban = "NL91ABNA0417164300";
    entity.bic = "ABNANL2A";
    entity.account_name = "Stoa Home B.V.";
    return entity;
}

class Chance {
public:
    explicit Chance(std::uint64_t seed) : random_(seed) {}
    std::int64_t upto(std::int64_t most) { return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most + 1)); }
    std::int64_t between(std::int64_t least, std::int64_t most) { return least + upto(most - least); }
    bool one_in(std::int64_t n) { return upto(n - 1) == 0; }
    template <class T>
    const T& of(const std::vector<T>& from) {
        return from[static_cast<std::size_t>(upto(static_cast<std::int64_t>(from.size()) - 1))];
    }

private:
    std::mt19937_64 random_;
};

struct Rate {
    std::int64_t basis_points;
    std::string treatment;
    std::string reason;
    auto operator<=>(const Rate&) const = default;
};

inline Sold sold_by_chance(std::uint64_t seed, std::optional<std::int64_t> line_count = {}) {
    static const std::vector<std::string> kNames{"Oak chair",
                                                 "Lampe \"Nørd\" <3 & more",
                                                 "Stuhl Größe 2 > 1",
                                                 "Ch\xc3\xa2se d'\xc3\xa9t\xc3\xa9",
                                                 "\xe6\xa4\x85\xe5\xad\x90",
                                                 "a\x01"
                                                 "b",
                                                 "]]> <!-- &amp; -->"};
    static const std::vector<std::string> kLocales{"en", "de", "nl", "fr"};
    Chance chance(seed);
    Sold sold;
    sold.number = "S-" + std::to_string(100000 + seed);
    sold.locale = chance.of(kLocales);
    sold.email = "ana@example.test";
    sold.currency = Currency::of(chance.of(std::vector<std::string>{"EUR", "EUR", "GBP", "CHF"}));
    sold.tax_included = !chance.one_in(4);
    sold.placed_at = *parse_timestamp("2026-11-22T10:00:00Z");
    sold.delivery_name = "DHL";
    sold.shipping_address.first_name = "Ana";
    sold.shipping_address.last_name = "Ruiz & S\xc3\xb6hne";
    sold.shipping_address.line1 =
        "Torstra\xc3\x9f"
        "e 1";
    sold.shipping_address.postal_code = "10115";
    sold.shipping_address.city = "Berlin";
    sold.shipping_address.country = "DE";
    if (chance.one_in(3)) sold.shipping_address.company = "Ruiz <GmbH> & Co";

    std::vector<Rate> rates;
    switch (chance.upto(5)) {
        case 0:
            rates = {{0, "export", ""}};
            sold.shipping_address.country = "CH";
            break;
        case 1:
            rates = {{0, "reverse_charge", ""}};
            sold.shipping_address.country = "FR";
            sold.vat_id = "FR12345678901";
            break;
        case 2:
            rates = {{1900, "standard", ""}, {700, "reduced", ""}, {0, "exempt", ""}};
            break;
        case 3:
            rates = {{2550, "standard", ""}, {1000, "reduced", ""}};
            sold.shipping_address.country = "FI";
            break;
        case 4:
            rates = {{1900, "standard", ""}, {0, "zero", ""}};
            break;
        default:
            rates = {{1900, "standard", ""}};
    }
    sold.billing_address = sold.shipping_address;
    const Money zero = Money::zero(sold.currency);
    std::map<Rate, std::pair<Money, Money>> sums;
    const auto tax_of = [&](Money amount, const Rate& rate) {
        return sold.tax_included ? amount.scaled(rate.basis_points, 10000 + rate.basis_points, Rounding::half_up)
                                 : amount.scaled(rate.basis_points, 10000, Rounding::half_up);
    };
    const auto add = [&](const Rate& rate, Money net, Money tax) {
        auto& sum = sums.try_emplace(rate, zero, zero).first->second;
        sum.first += net;
        sum.second += tax;
        sold.total += net + tax;
    };
    sold.total = zero;
    const auto count = line_count.value_or(chance.one_in(20) ? chance.between(200, 900) : chance.between(1, 30));
    const auto same = chance.between(1, 5000);
    for (std::int64_t i = 0; i < count; ++i) {
        Sold::Line line;
        line.id = OrderLineId::make();
        line.name = chance.of(kNames);
        line.sku = "SKU-" + std::to_string(i);
        if (chance.one_in(2)) line.options_text = "Oak, 40 \xc3\x97 60";
        line.quantity = chance.one_in(5) ? chance.between(2, 999) : 1;
        line.unit = Money(line_count ? same : chance.between(1, 50000), sold.currency);
        const Money full = line.unit.times(line.quantity);
        line.discount = chance.one_in(3) ? Money(chance.upto(full.minor()), sold.currency) : zero;
        line.total = full - line.discount;
        const auto& rate = chance.of(rates);
        line.basis_points = rate.basis_points;
        line.treatment = rate.treatment;
        line.tax = tax_of(line.total, rate);
        line.net = sold.tax_included ? line.total - line.tax : line.total;
        add(rate, line.net, line.tax);
        sold.lines.push_back(std::move(line));
    }
    if (!chance.one_in(4)) {
        std::vector<std::int64_t> weights;
        for (const auto& [rate, sum] : sums) weights.push_back(sum.first.minor());
        const auto parts = Money(chance.between(100, 4900), sold.currency).split(weights);
        std::size_t i = 0;
        for (const auto& rate : std::vector<std::pair<Rate, std::pair<Money, Money>>>(sums.begin(), sums.end())) {
            const Money tax = tax_of(parts[i], rate.first);
            add(rate.first, sold.tax_included ? parts[i] - tax : parts[i], tax);
            ++i;
        }
    }
    for (const auto& [rate, sum] : sums) sold.taxes.push_back({rate.basis_points, rate.treatment, rate.reason, sum.first, sum.second});
    switch (chance.upto(3)) {
        case 0:
            sold.payment_method = "invoice";
            sold.payment_state = PaymentState::awaiting_invoice;
            break;
        case 1:
            sold.payment_method = "sepa";
            sold.payment_state = PaymentState::authorized;
            break;
        default:
            sold.payment_method = "card";
            sold.payment_state = PaymentState::paid;
    }
    sold.payment_label = "Visa \xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2 1111";
    return sold;
}

}  // namespace stoa::orders::testing
