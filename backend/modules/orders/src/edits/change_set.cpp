#include "edits/change_set.hpp"

#include <algorithm>
#include <stdexcept>

namespace stoa::orders {
namespace {

constexpr std::string_view kVoucher = "voucher";
constexpr std::int64_t kMostUnits = 100000;
constexpr std::int64_t kDearestDelivery = 1'000'000'000;  // minor units: sums stay far from their end

Money tax_of(const Money& shown, std::int64_t basis_points, bool tax_included) {
    return tax_included ? shown.scaled(basis_points, 10000 + basis_points, Rounding::half_up)
                        : shown.scaled(basis_points, 10000, Rounding::half_up);
}

class Change {
public:
    Change(const OrderContent& before, const ChangeSet& changes) : before_(before), changes_(changes), out_(before) {}

    Result<OrderContent> run() {
        for (const auto& change : changes_.lines) {
            if (auto done = set_quantity(change); !done) return std::unexpected(done.error());
        }
        std::erase_if(out_.lines, [](const ContentLine& line) { return line.quantity == 0; });
        for (const auto& added : changes_.added) {
            out_.lines.push_back(added.line);
            move_tax(added.line.basis_points, added.line.treatment, added.line.worth(), added.tax_reason);
        }
        if (out_.lines.empty()) return fail(ErrorKind::conflict, "orders.edit_empty", "An order without goods is to be cancelled instead.");
        if (changes_.discount) {
            if (auto done = take_off(*changes_.discount); !done) return std::unexpected(done.error());
        }
        Money delivery_discount = before_.discount;
        for (const auto& line : before_.lines) delivery_discount -= line.discount;
        Money delivery_tax = before_.delivery().tax;
        if (changes_.shipping) {
            auto taxed = set_shipping(*changes_.shipping);
            if (!taxed) return std::unexpected(taxed.error());
            delivery_tax = *taxed;
            delivery_discount = Money::zero(out_.currency());
            out_.shipping = *changes_.shipping;
        }
        sum_up(delivery_discount, delivery_tax);
        const auto left = out_.worth() - out_.credited;
        if (left.value.is_negative() || left.tax.is_negative() || left.net().is_negative())
            return fail(ErrorKind::conflict, "orders.edit_below_refunded", "More was refunded already than the order would be worth.");
        return std::move(out_);
    }

private:
    Result<void> set_quantity(const LineChange& change) {
        const auto line = std::ranges::find(out_.lines, change.line, &ContentLine::id);
        if (line == out_.lines.end() || std::ranges::count(changes_.lines, change.line, &LineChange::line) != 1)
            return fail(ErrorKind::invalid, "orders.line_unknown", "Each line of this order can be named once.");
        const auto least = std::max(line->shipped + line->unsent, line->credited_quantity);
        if (change.quantity < least || change.quantity > kMostUnits)
            return fail(ErrorKind::invalid, "orders.edit_quantity",
                        "Of this line " + std::to_string(least) + " have been shipped or refunded and stay.");
        const auto worth_before = line->worth();
        if (change.quantity < line->quantity) {
            const SoldLine sold{line->id, line->quantity, worth_before, line->credited_quantity, line->credited};
            const auto kept = line->credited + sold.worth_of(change.quantity - line->credited_quantity);
            line->quantity = change.quantity;
            line->net = kept.net();
            line->tax = kept.tax;
            line->total = out_.tax_included ? kept.value : kept.net();
            line->discount = line->unit_price.times(line->quantity) - line->total;
        } else {
            const Money added = line->unit_price.times(change.quantity - line->quantity);
            const Money tax = tax_of(added, line->basis_points, out_.tax_included);
            line->quantity = change.quantity;
            line->total += added;
            line->tax += tax;
            line->net += out_.tax_included ? added - tax : added;
        }
        move_tax(line->basis_points, line->treatment, line->worth() - worth_before);
        return {};
    }

    Result<void> take_off(const Money& amount) {
        const auto zero = Money::zero(out_.currency());
        const auto shown_left = [&](const ContentLine& line) {
            if (line.treatment == kVoucher) return zero;  // worth what it says
            const auto left = line.worth() - line.credited;
            return out_.tax_included ? left.value : left.net();
        };
        Money most = zero;
        std::vector<std::int64_t> weights;
        for (const auto& line : out_.lines) {
            weights.push_back(shown_left(line).minor());
            most += shown_left(line);
        }
        if (amount.currency() != out_.currency() || amount.is_negative() || amount > most)
            return fail(ErrorKind::invalid, "orders.edit_amount", "At most " + most.to_decimal() + " can be taken off the goods.");
        if (amount.is_zero()) return {};
        const auto shares = amount.split(weights);
        for (std::size_t i = 0; i < out_.lines.size(); ++i) {
            auto& line = out_.lines[i];
            if (shares[i].is_zero()) continue;
            const auto worth_before = line.worth();
            const Money tax = (line.tax - line.credited.tax).scaled(shares[i].minor(), weights[i], Rounding::half_up);
            line.discount += shares[i];
            line.total -= shares[i];
            line.tax -= tax;
            line.net -= out_.tax_included ? shares[i] - tax : shares[i];
            move_tax(line.basis_points, line.treatment, line.worth() - worth_before);
        }
        return {};
    }

    // The delivery's tax: it bears the rates that it bore, and where there was none to pay, those of the goods.
    Result<Money> set_shipping(const Money& price) {
        if (price.currency() != out_.currency() || price.is_negative() || price.minor() > kDearestDelivery)
            return fail(ErrorKind::invalid, "orders.edit_amount", "The delivery has a price of zero or more in the order's currency.");
        if (!out_.shipping_credited.value.is_zero())
            return fail(ErrorKind::conflict, "orders.edit_delivery_refunded", "The delivery was refunded; its price stays.");
        std::vector<std::int64_t> weights, of_goods;
        Money tax = Money::zero(out_.currency());
        std::int64_t weighed = 0;
        for (auto& rate : out_.tax_lines) {
            Worth goods = Worth::zero(out_.currency());
            for (const auto& line : out_.lines) {
                if (is_at(rate, line.basis_points, line.treatment)) goods += line.worth();
            }
            const Worth delivery = Worth{rate.net + rate.tax, rate.tax} - goods;
            weights.push_back(std::max<std::int64_t>(0, delivery.value.minor()));
            of_goods.push_back(rate.treatment == kVoucher ? 0 : std::max<std::int64_t>(0, goods.value.minor()));
            weighed += weights.back();
            rate.net = goods.net();
            rate.tax = goods.tax;
        }
        if (out_.tax_lines.empty()) throw std::logic_error("orders: an order without a rate of tax");
        const auto parts = price.split(weighed == 0 ? of_goods : weights);
        for (std::size_t i = 0; i < out_.tax_lines.size(); ++i) {
            auto& rate = out_.tax_lines[i];
            const Money part = tax_of(parts[i], rate.basis_points, out_.tax_included);
            rate.tax += part;
            rate.net += out_.tax_included ? parts[i] - part : parts[i];
            tax += part;
        }
        return tax;
    }

    static bool is_at(const ContentTaxLine& rate, std::int64_t basis_points, std::string_view treatment) {
        return rate.basis_points == basis_points && rate.treatment == treatment;
    }

    void move_tax(std::int64_t basis_points, const std::string& treatment, const Worth& by, const std::string& reason = {}) {
        const auto rate =
            std::ranges::find_if(out_.tax_lines, [&](const ContentTaxLine& one) { return is_at(one, basis_points, treatment); });
        if (rate == out_.tax_lines.end()) {
            out_.tax_lines.push_back({basis_points, treatment, reason, by.net(), by.tax});
            return;
        }
        rate->net += by.net();
        rate->tax += by.tax;
    }

    void sum_up(const Money& delivery_discount, const Money& delivery_tax) {
        out_.subtotal = Money::zero(out_.currency());
        out_.discount = delivery_discount;
        out_.tax = delivery_tax;
        for (const auto& line : out_.lines) {
            out_.subtotal += line.unit_price.times(line.quantity);
            out_.discount += line.discount;
            out_.tax += line.tax;
        }
        out_.total = out_.subtotal + out_.shipping - out_.discount;
        if (!out_.tax_included) out_.total += out_.tax;
        std::erase_if(out_.tax_lines, [&](const ContentTaxLine& rate) {
            return rate.net.is_zero() && rate.tax.is_zero() && std::ranges::none_of(out_.lines, [&](const ContentLine& line) {
                       return is_at(rate, line.basis_points, line.treatment);
                   });
        });
    }

    const OrderContent& before_;
    const ChangeSet& changes_;
    OrderContent out_;
};

}  // namespace

Worth OrderContent::delivery() const {
    Worth out = worth();
    for (const auto& line : lines) out -= line.worth();
    return out;
}

MoneyPosition position_of(const OrderContent& content, std::vector<Source> sources, const Money& as_credit, bool uncaptured) {
    MoneyPosition out;
    out.sold = content.worth();
    out.credited = content.credited;
    for (const auto& line : content.lines)
        out.lines.push_back({line.id, line.quantity, line.worth(), line.credited_quantity, line.credited});
    out.shipping = content.delivery();
    out.shipping_credited = content.shipping_credited;
    out.sources = std::move(sources);
    out.as_credit = as_credit;
    out.written_off = Money::zero(content.currency());
    out.uncaptured = uncaptured;
    return out;
}

Result<OrderContent> apply_changes(const OrderContent& before, const ChangeSet& changes) { return Change(before, changes).run(); }

std::vector<ledger::Entry> edit_entries(const Worth& before, const Worth& after, const std::string& subject) {
    const auto difference = after - before;
    return {{std::string(ledger::account::kReceivables), difference.value, subject, std::nullopt},
            {std::string(ledger::account::kSales), -difference.net(), subject, std::nullopt},
            {std::string(ledger::account::kTax), -difference.tax, subject, std::nullopt}};
}

}  // namespace stoa::orders
