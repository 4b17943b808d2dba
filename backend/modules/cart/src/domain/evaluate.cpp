// The evaluator. Reads top to bottom as a price is made: unit prices, promotions, tax of goods, delivery, totals.
#include "stoa/cart/evaluate.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace stoa::cart {
namespace {

std::string text_of(Money money) { return money.to_decimal() + " " + std::string(money.currency().code()); }

class Evaluator {
public:
    explicit Evaluator(const EvaluationInput& input) : in_(input), zero_(Money::zero(input.buyer.currency)) {}

    PricedCart run() {
        out_.currency = in_.buyer.currency;
        out_.tax_included = in_.lines.empty() || std::ranges::any_of(in_.lines, [](const auto& line) { return line.price->tax_included; });
        price_lines();
        apply_promotions();
        ship();
        tax();
        sum_up();
        return std::move(out_);
    }

private:
    const pricing::TaxRate& rate_of(std::string_view tax_class) {
        const auto found = rates_.find(tax_class);
        if (found != rates_.end()) return found->second;
        return rates_
            .emplace(std::string(tax_class),
                     decide_tax(in_.tax, {in_.buyer.country, in_.business_with_valid_vat_id}, tax_class, in_.buyer.at))
            .first->second;
    }

    // From the list's price to the displayed one.
    Money displayed(Money unit, const EvaluationLine& line, const pricing::TaxRate& rate) const {
        const Rounding mode = in_.tax.entity.rounding;
        if (!line.price->tax_included) return out_.tax_included ? pricing::tax_on_net(unit, rate.basis_points, mode).gross() : unit;
        // A gross price holds home VAT that these buyers do not owe here.
        const bool take_out = rate.treatment == pricing::Treatment::reverse_charge ||
                              (rate.treatment == pricing::Treatment::export_ && line.price->export_net);
        if (!take_out) return unit;
        const auto home = in_.tax.table.rate(in_.tax.entity.country, line.tax_class, in_.buyer.at);
        return home ? pricing::tax_from_gross(unit, home->basis_points, mode).net : unit;
    }

    void price_lines() {
        out_.lines.reserve(in_.lines.size());
        out_.subtotal = zero_;
        for (const auto& line : in_.lines) {
            PricedLine priced;
            priced.key = line.key;
            priced.quantity = line.quantity;
            priced.rate = rate_of(line.tax_class);
            priced.unit = displayed(line.price->unit(line.quantity), line, priced.rate);
            if (const auto listed = line.price->crossed_out(line.quantity)) {
                const Money regular = displayed(*listed, line, priced.rate);
                if (regular > priced.unit) priced.regular_unit = regular;
            }
            priced.subtotal = priced.unit.times(line.quantity);
            priced.discount = zero_;
            out_.subtotal += priced.subtotal;
            if (in_.explain) explain_price(line, priced);
            out_.lines.push_back(std::move(priced));
        }
        out_.trace.push_back({"price", fmt::format("{} lines, {} before promotions, {}", in_.lines.size(), text_of(out_.subtotal),
                                                   out_.tax_included ? "tax included" : "without tax")});
    }

    void explain_price(const EvaluationLine& line, const PricedLine& priced) {
        std::string text = fmt::format("{}: {} × {} = {}, list {}{}", line.name, line.quantity, text_of(priced.unit),
                                       text_of(priced.subtotal), line.price->price_list, line.price->scheduled ? ", scheduled price" : "");
        if (const Money& listed = line.price->unit(line.quantity); listed != priced.unit)
            text += fmt::format(" (list price {})", text_of(listed));
        if (priced.regular_unit) text += fmt::format(", instead of {}", text_of(*priced.regular_unit));
        for (const auto& other : line.price->passed_over) text += "; not " + other;
        out_.trace.push_back({"price", std::move(text)});
    }

    // Gift cards are money: no promotion counts them or makes them cheaper.
    void apply_promotions() {
        std::vector<promotions::Line> lines;
        std::vector<std::size_t> place;  // of each in the cart
        lines.reserve(in_.lines.size());
        for (std::size_t i = 0; i < in_.lines.size(); ++i) {
            const auto& line = in_.lines[i];
            if (out_.lines[i].is_voucher()) continue;
            place.push_back(i);
            lines.push_back({line.product, line.categories, line.collections, line.quantity, out_.lines[i].subtotal,
                             line.price->regular_above(line.quantity).has_value()});
        }
        const auto applied = promotions::apply(
            {in_.buyer.currency, lines, in_.shipping, in_.promotions, in_.codes, in_.buyer, in_.facts, in_.tax.entity.rounding});
        shipping_discount_ = applied.shipping_discount;
        for (std::size_t i = 0; i < place.size(); ++i) out_.lines[place[i]].discount = applied.line_discounts[i];
        for (auto& line : out_.lines) line.total = line.subtotal - line.discount;
        for (const auto& outcome : applied.outcomes) {
            const auto& promotion = *in_.promotions[outcome.promotion];
            for (const auto& [line, amount] : outcome.lines) out_.lines[place[line]].discounts.emplace_back(out_.promotions.size(), amount);
            AppliedPromotion entry{promotion.id, promotion.name,  promotion.label(in_.buyer.locale), {},
                                   {},           outcome.total(), outcome.shipping_discount};
            if (outcome.code) {
                entry.code = in_.codes[*outcome.code].code;
                entry.code_id = in_.codes[*outcome.code].id;
            }
            out_.promotions.push_back(std::move(entry));
        }
        for (const auto& result : applied.codes) out_.codes.push_back({in_.codes[result.code].code, result.outcome, result.refusal});
        for (const auto& entry : applied.trace)
            out_.trace.push_back({"promotion", fmt::format("{} (lane {}) {}", entry.promotion, entry.lane, entry.text)});
    }

    // Delivery bears the rates of the goods it carries, by their value.
    void ship() {
        if (!in_.shipping) return;
        PricedShipping shipping;
        shipping.price = *in_.shipping;
        shipping.discount = shipping_discount_;
        shipping.total = shipping.price - shipping.discount;
        std::map<pricing::TaxRate, std::pair<Money, Money>> value;  // after and before discounts
        Money after = zero_;
        for (const auto& line : out_.lines) {
            if (line.is_voucher()) continue;  // nothing of it is carried
            auto& [total, subtotal] = value.try_emplace(line.rate, zero_, zero_).first->second;
            total += line.total;
            subtotal += line.subtotal;
            after += line.total;
        }
        if (value.empty()) value.try_emplace(rate_of("standard"), zero_, zero_);
        std::vector<std::int64_t> weights;
        for (const auto& [rate, amounts] : value) weights.push_back(after.is_zero() ? amounts.second.minor() : amounts.first.minor());
        const auto parts = shipping.total.split(weights);
        std::size_t next = 0;
        for (const auto& [rate, amounts] : value) shipping.parts.push_back({rate, parts[next++], zero_});  // net is set with the tax
        out_.trace.push_back({"shipping", fmt::format("delivery {} less {}", text_of(shipping.price), text_of(shipping.discount))});
        out_.shipping = std::move(shipping);
    }

    struct Taxed {
        Money amount;
        Money* net;
        Money* tax;
    };  // amount as displayed, and where its parts go

    void tax() {
        std::map<pricing::TaxRate, std::vector<Taxed>> by_rate;
        for (auto& line : out_.lines) by_rate[line.rate].push_back({line.total, &line.net, &line.tax});
        if (out_.shipping) {
            for (auto& part : out_.shipping->parts) by_rate[part.rate].push_back({part.net, &part.net, &part.tax});
        }
        const bool per_document = in_.tax.entity.tax_rounding == pricing::TaxRounding::per_document;
        const auto split = [&](Money amount, const pricing::TaxRate& rate) {
            return out_.tax_included ? pricing::tax_from_gross(amount, rate.basis_points, in_.tax.entity.rounding)
                                     : pricing::tax_on_net(amount, rate.basis_points, in_.tax.entity.rounding);
        };
        for (const auto& [rate, items] : by_rate) {
            TaxLine sum{rate, zero_, zero_};
            if (per_document) {
                Money amount = zero_;
                std::vector<std::int64_t> weights;
                for (const auto& item : items) {
                    amount += item.amount;
                    weights.push_back(item.amount.minor());
                }
                const auto taxes = split(amount, rate).tax.split(weights);
                for (std::size_t i = 0; i < items.size(); ++i) set(items[i], taxes[i]);
            } else {
                for (const auto& item : items) set(item, split(item.amount, rate).tax);
            }
            for (const auto& item : items) {
                sum.net += *item.net;
                sum.tax += *item.tax;
            }
            out_.trace.push_back({"tax", fmt::format("{} {}{}: {} on {}{}{}", pricing::rate_label(rate), json::to_name(rate.treatment),
                                                     rate.country.empty() ? "" : " " + rate.country, text_of(sum.tax), text_of(sum.net),
                                                     rate.reason.empty() ? "" : "; ", rate.reason)});
            out_.tax_lines.push_back(std::move(sum));
        }
        std::ranges::stable_sort(out_.tax_lines, std::ranges::greater{}, [](const TaxLine& line) { return line.rate.basis_points; });
        if (out_.shipping) {
            out_.shipping->net = zero_;
            out_.shipping->tax = zero_;
            for (const auto& part : out_.shipping->parts) {
                out_.shipping->net += part.net;
                out_.shipping->tax += part.tax;
            }
        }
    }
    void set(const Taxed& item, Money tax) const {
        *item.tax = tax;
        *item.net = out_.tax_included ? item.amount - tax : item.amount;
    }

    void sum_up() {
        out_.discount = zero_;
        out_.goods_total = zero_;
        out_.vouchers_total = zero_;
        out_.tax = zero_;
        for (const auto& line : out_.lines) {
            out_.discount += line.discount;
            (line.is_voucher() ? out_.vouchers_total : out_.goods_total) += line.total;
        }
        for (const auto& line : out_.tax_lines) out_.tax += line.tax;
        out_.total = out_.goods_total + out_.vouchers_total;
        if (out_.shipping) {
            out_.discount += out_.shipping->discount;
            out_.total += out_.shipping->total;
        }
        if (!out_.tax_included) out_.total += out_.tax;
        out_.trace.push_back({"total", fmt::format("{} to pay, {} of it tax", text_of(out_.total), text_of(out_.tax))});
    }

    const EvaluationInput& in_;
    Money zero_;
    Money shipping_discount_;
    std::map<std::string, pricing::TaxRate, std::less<>> rates_;
    PricedCart out_;
};

}  // namespace

std::vector<promotions::Use> PricedCart::uses() const {
    std::vector<promotions::Use> out;
    for (const auto& promotion : promotions) out.push_back({promotion.id, promotion.code_id, promotion.amount});
    return out;
}

PricedCart evaluate(const EvaluationInput& input) {
    Evaluator evaluator(input);
    return evaluator.run();
}

}  // namespace stoa::cart
