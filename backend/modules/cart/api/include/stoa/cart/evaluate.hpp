#pragma once
// The price evaluator: a pure function from lines, buyer, prices, promotions, tax rules, shipping cost and time to a priced
// cart with a trace that explains every step. Cart, checkout, quotes, previews and tests all call this one function.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "stoa/catalog/ids.hpp"
#include "stoa/companies/buyer_context.hpp"
#include "stoa/money/money.hpp"
#include "stoa/pricing/pricing.hpp"
#include "stoa/promotions/promotions.hpp"

namespace stoa::cart {

struct EvaluationLine {
    Uuid key;          // the caller's: cart line, quote line
    std::string name;  // for the trace
    catalog::VariantId variant;
    catalog::ProductId product;
    std::int64_t quantity = 1;
    std::string_view tax_class = "standard";
    std::span<const catalog::CategoryId> categories;
    std::span<const catalog::CollectionId> collections;
    const pricing::VariantPrice* price = nullptr;  // required
};

struct EvaluationInput {
    std::span<const EvaluationLine> lines;
    const companies::BuyerContext& buyer;  // its `at` is the time of every decision
    const pricing::TaxRules& tax;
    std::span<const std::shared_ptr<const promotions::Promotion>> promotions = {};
    std::span<const promotions::EnteredCode> codes = {};
    const promotions::BuyerFacts& facts;
    std::optional<Money> shipping;  // in the displayed mode; nullopt: not chosen yet
    bool business_with_valid_vat_id = false;
    bool explain = false;  // also trace every line (else only decisions of the whole cart)
};

struct PricedLine {
    Uuid key;
    std::int64_t quantity = 1;
    // In the displayed mode (with tax when PricedCart::tax_included):
    Money unit;
    std::optional<Money> regular_unit;
    Money subtotal;  // unit times quantity
    Money discount;  // >= 0
    Money total;     // subtotal - discount, >= 0
    // Of `total`:
    Money net;
    Money tax;
    pricing::TaxRate rate;
    std::vector<std::pair<std::size_t, Money>> discounts;  // (index into PricedCart::promotions, amount)

    [[nodiscard]] bool is_voucher() const { return rate.treatment == pricing::Treatment::voucher; }
};
struct PricedShipping {
    Money price;  // before discount, displayed mode
    Money discount;
    Money total;
    Money net;
    Money tax;
    // One part per tax rate of the goods, by their value; parts sum to the whole.
    struct Part {
        pricing::TaxRate rate;
        Money net;
        Money tax;
    };
    std::vector<Part> parts;
};
struct TaxLine {
    pricing::TaxRate rate;
    Money net;
    Money tax;
};
struct AppliedPromotion {
    promotions::PromotionId id;
    std::string name;   // for staff
    std::string label;  // in the buyer's locale
    std::optional<std::string> code;
    std::optional<promotions::CodeId> code_id;
    Money amount;  // goods and shipping
    Money shipping_amount;
};
struct CodeOutcome {
    std::string code;
    std::optional<std::size_t> promotion;  // index into PricedCart::promotions
    std::optional<promotions::Refusal> refusal;
};
struct TraceStep {
    std::string step;  // "price", "promotion", "shipping", "tax", "total"
    std::string text;
};

struct PricedCart {
    Currency currency;
    bool tax_included = true;
    std::vector<PricedLine> lines;  // in input order
    std::optional<PricedShipping> shipping;
    Money subtotal;        // sum of line subtotals
    Money discount;        // lines and shipping
    Money goods_total;     // goods less their discounts: what free-shipping thresholds compare
    Money vouchers_total;  // gift cards that are bought
    Money tax;
    Money total;                     // what the buyer pays
    std::vector<TaxLine> tax_lines;  // by rate and treatment; net and tax of all lines sum to total
    std::vector<AppliedPromotion> promotions;
    std::vector<CodeOutcome> codes;
    std::vector<TraceStep> trace;
    // For promotions::Promotions::redeem.
    [[nodiscard]] std::vector<promotions::Use> uses() const;
};

// One pass, no I/O. A cart with a line that has a gross price is displayed gross (net prices are grossed up at the
// destination's rate, per unit); one with net prices only is displayed net.
[[nodiscard]] PricedCart evaluate(const EvaluationInput& input);

}  // namespace stoa::cart
