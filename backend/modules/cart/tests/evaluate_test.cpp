#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <random>
#include <sstream>

#include "stoa/cart/evaluate.hpp"
#include "support.hpp"

namespace stoa::cart {
namespace {

// Printed when a test fails; STOA_TEST_SEED runs it again.
std::uint64_t test_seed() {
    const char* given = std::getenv("STOA_TEST_SEED");
    return given ? std::stoull(given) : std::random_device{}();
}

const Timestamp kNow = parse_timestamp("2026-11-22T10:00:00Z").value();

// A cart that owns what the input points to.
struct Sample {
    std::string name;
    companies::BuyerContext buyer;
    pricing::TaxRules tax{shipped_tax_table(), {}};
    std::vector<std::string> names, classes;
    std::deque<pricing::VariantPrice> prices;
    std::vector<std::vector<catalog::CategoryId>> categories;
    std::vector<std::int64_t> quantities;
    std::vector<std::shared_ptr<const promotions::Promotion>> promotions;
    std::vector<promotions::EnteredCode> codes;
    promotions::BuyerFacts facts;
    std::optional<Money> shipping;
    bool business = false;
    std::vector<std::vector<std::string>> expectations;

    void add_line(std::string line, std::int64_t quantity, pricing::VariantPrice price, std::string tax_class) {
        names.push_back(std::move(line));
        quantities.push_back(quantity);
        prices.push_back(std::move(price));
        classes.push_back(std::move(tax_class));
        categories.emplace_back();
    }
    PricedCart evaluate(bool explain = false) const {
        std::vector<EvaluationLine> lines;
        for (std::size_t i = 0; i < prices.size(); ++i) {
            lines.push_back({Uuid::derived(names[i]),
                             names[i],
                             prices[i].variant,
                             catalog::ProductId(prices[i].variant.uuid()),
                             quantities[i],
                             classes[i],
                             categories[i],
                             {},
                             &prices[i]});
        }
        return cart::evaluate({lines, buyer, tax, promotions, codes, facts, shipping, business, explain});
    }
};

std::shared_ptr<promotions::Promotion> automatic(std::string name, promotions::Kind kind, std::int64_t lane = 0) {
    auto out = std::make_shared<promotions::Promotion>();
    out->id = promotions::PromotionId::derived(name);
    out->name = std::move(name);
    out->kind = kind;
    out->automatic = true;
    out->lane = lane;
    return out;
}

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream stream(text);
    for (std::string word; stream >> word;) out.push_back(word);
    return out;
}

std::deque<Sample> read_cases(const std::string& file) {
    std::ifstream stream(std::string(STOA_SOURCE_DIR) + "/backend/modules/cart/tests/cases/" + file);
    std::deque<Sample> out;
    for (std::string text; std::getline(stream, text);) {
        const auto words = words_of(text);
        if (words.empty() || words[0][0] == '#') continue;
        if (words[0] == "case") {
            out.emplace_back();
            out.back().name = text.substr(5);
            out.back().buyer.at = kNow;
            continue;
        }
        Sample& sample = out.back();
        const auto has = [&](std::string_view word) { return std::ranges::count(words, word) > 0; };
        const auto value = [&](std::string_view key) -> std::optional<std::string> {
            for (const auto& word : words) {
                if (word.starts_with(std::string(key) + "=")) return word.substr(key.size() + 1);
            }
            return std::nullopt;
        };
        const Currency currency = sample.buyer.currency;
        if (words[0] == "shop") {
            sample.tax.entity.country = words.at(1);
            if (has("per_document")) sample.tax.entity.tax_rounding = pricing::TaxRounding::per_document;
            if (has("half_even")) sample.tax.entity.rounding = Rounding::half_even;
        } else if (words[0] == "buyer") {
            sample.buyer.currency = Currency::of(words.at(1));
            sample.buyer.country = words.at(2);
            sample.business = has("business");
        } else if (words[0] == "line") {
            pricing::VariantPrice price;
            price.variant = catalog::VariantId::derived(words.at(1));
            price.tiers = {{1, Money(std::stoll(words.at(3)), currency)}};
            price.tax_included = !has("net");
            price.export_net = has("export_net");
            if (const auto regular = value("regular")) price.regular = price.lowest_30_days = Money(std::stoll(*regular), currency);
            sample.add_line(words[1], std::stoll(words.at(2)), std::move(price), value("class").value_or("standard"));
        } else if (words[0] == "shipping") {
            sample.shipping = Money(std::stoll(words.at(1)), currency);
        } else if (words[0] == "off") {
            auto promotion = automatic("off", promotions::Kind::fixed_amount);
            promotion->rules.off = {{std::string(currency.code()), std::stoll(words.at(1))}};
            sample.promotions.push_back(promotion);
        } else if (words[0] == "percent") {
            auto promotion = automatic("percent", promotions::Kind::percent);
            promotion->rules.basis_points = std::stoll(words.at(1));
            sample.promotions.push_back(promotion);
        } else if (words[0] == "free_delivery") {
            sample.promotions.push_back(automatic("delivery", promotions::Kind::free_shipping, 1));
        } else if (words[0] == "expect") {
            sample.expectations.emplace_back(words.begin() + 1, words.end());
        } else {
            throw std::runtime_error(text);
        }
    }
    return out;
}

TEST(Evaluate, GoldenCases) {
    const auto cases = read_cases("golden.txt");
    ASSERT_GE(cases.size(), 20U);
    for (const auto& sample : cases) {
        SCOPED_TRACE(sample.name);
        const auto cart = sample.evaluate();
        std::size_t tax_lines = 0;
        for (const auto& words : sample.expectations) {
            std::map<std::string, std::string> got;
            std::size_t first = 1;
            if (words[0] == "line") {
                const auto index = static_cast<std::size_t>(std::ranges::find(sample.names, words.at(1)) - sample.names.begin());
                const auto& line = cart.lines.at(index);
                got = {{"unit", std::to_string(line.unit.minor())},
                       {"discount", std::to_string(line.discount.minor())},
                       {"total", std::to_string(line.total.minor())},
                       {"net", std::to_string(line.net.minor())},
                       {"tax", std::to_string(line.tax.minor())}};
                first = 2;
            } else if (words[0] == "shipping") {
                ASSERT_TRUE(cart.shipping);
                got = {{"total", std::to_string(cart.shipping->total.minor())},
                       {"net", std::to_string(cart.shipping->net.minor())},
                       {"tax", std::to_string(cart.shipping->tax.minor())}};
            } else if (words[0] == "totals") {
                got = {{"subtotal", std::to_string(cart.subtotal.minor())},
                       {"discount", std::to_string(cart.discount.minor())},
                       {"tax", std::to_string(cart.tax.minor())},
                       {"total", std::to_string(cart.total.minor())},
                       {"mode", cart.tax_included ? "gross" : "net"}};
            } else if (words[0] == "tax") {
                ++tax_lines;
                const auto found = std::ranges::find_if(cart.tax_lines, [&](const TaxLine& line) {
                    return pricing::rate_label(line.rate) == words.at(1) + " %" && json::to_name(line.rate.treatment) == words.at(2);
                });
                ASSERT_NE(found, cart.tax_lines.end()) << words[1];
                got = {{"net", std::to_string(found->net.minor())}, {"tax", std::to_string(found->tax.minor())}};
                first = 3;
            }
            for (std::size_t i = first; i < words.size(); ++i) {
                const auto equals = words[i].find('=');
                EXPECT_EQ(got[words[i].substr(0, equals)], words[i].substr(equals + 1)) << words[0] << " " << words[1] << ": " << words[i];
            }
        }
        EXPECT_EQ(cart.tax_lines.size(), tax_lines);
    }
}

// The identities that must hold for every cart.
void check_identities(const PricedCart& cart) {
    const Money zero = Money::zero(cart.currency);
    Money subtotal = zero, goods_discount = zero, net = zero, tax = zero, tax_lines = zero, promotions = zero, shipping = zero,
          shipping_discount = zero;
    for (const auto& line : cart.lines) {
        ASSERT_EQ(line.subtotal, line.unit.times(line.quantity));
        ASSERT_GE(line.discount, zero);
        ASSERT_GE(line.total, zero);
        ASSERT_EQ(line.subtotal - line.discount, line.total);
        ASSERT_EQ(cart.tax_included ? line.net + line.tax : line.net, line.total);
        ASSERT_GE(line.tax, zero);
        Money parts = zero;
        for (const auto& [promotion, amount] : line.discounts) {
            ASSERT_GT(amount, zero);
            ASSERT_LT(promotion, cart.promotions.size());
            parts += amount;
        }
        ASSERT_EQ(parts, line.discount);
        subtotal += line.subtotal;
        goods_discount += line.discount;
        net += line.net;
        tax += line.tax;
    }
    if (cart.shipping) {
        ASSERT_GE(cart.shipping->total, zero);
        ASSERT_EQ(cart.shipping->price - cart.shipping->discount, cart.shipping->total);
        Money part_net = zero, part_tax = zero;
        for (const auto& part : cart.shipping->parts) {
            part_net += part.net;
            part_tax += part.tax;
        }
        ASSERT_EQ(part_net, cart.shipping->net);
        ASSERT_EQ(part_tax, cart.shipping->tax);
        ASSERT_EQ(cart.tax_included ? part_net + part_tax : part_net, cart.shipping->total);
        net += cart.shipping->net;
        tax += cart.shipping->tax;
        shipping = cart.shipping->price;
        shipping_discount = cart.shipping->discount;
    }
    for (const auto& line : cart.tax_lines) tax_lines += line.net + line.tax;
    for (const auto& promotion : cart.promotions) promotions += promotion.amount;
    ASSERT_EQ(cart.subtotal, subtotal);
    ASSERT_EQ(cart.discount, goods_discount + shipping_discount);
    ASSERT_EQ(cart.discount, promotions);
    ASSERT_EQ(cart.goods_total + cart.vouchers_total, subtotal - goods_discount);
    ASSERT_EQ(cart.tax, tax);
    ASSERT_EQ(cart.total, net + tax);
    ASSERT_EQ(cart.total, tax_lines);
    ASSERT_EQ(cart.total, cart.subtotal + shipping - cart.discount + (cart.tax_included ? zero : cart.tax))
        << "lines + shipping + tax - discounts";
    ASSERT_GE(cart.total, zero);
}

TEST(Evaluate, TenThousandRandomCartsAddUp) {
    const auto seed = test_seed();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto pick = [&](std::int64_t low, std::int64_t high) { return std::uniform_int_distribution<std::int64_t>(low, high)(random); };
    const auto one_of = [&](const auto& list) { return list[static_cast<std::size_t>(pick(0, std::ssize(list) - 1))]; };
    const std::vector<std::string> currencies{"EUR", "JPY", "CHF", "BHD"}, countries{"DE", "DK", "FI", "LU", "IE", "CH", "NO", "GB", "FR"},
        shops{"DE", "DE", "GB", "CH"}, classes{"standard", "standard", "reduced", "book", "food", "voucher"};
    const std::vector<catalog::CategoryId> categories{catalog::CategoryId::derived("a"), catalog::CategoryId::derived("b")};
    for (int round = 0; round < 10000; ++round) {
        Sample sample;
        sample.buyer.currency = Currency::of(one_of(currencies));
        sample.buyer.country = one_of(countries);
        sample.buyer.at = kNow;
        sample.tax.entity.country = one_of(shops);
        sample.tax.entity.tax_rounding = pick(0, 1) ? pricing::TaxRounding::per_line : pricing::TaxRounding::per_document;
        sample.tax.entity.rounding = pick(0, 1) ? Rounding::half_up : Rounding::half_even;
        sample.business = pick(0, 4) == 0;
        const Currency currency = sample.buyer.currency;
        const std::string code(currency.code());
        const auto mode = pick(0, 2);  // gross, net, both
        for (auto lines = pick(0, 8); lines > 0; --lines) {
            pricing::VariantPrice price;
            price.variant = catalog::VariantId::make();
            const auto unit = pick(0, 3) == 0 ? pick(0, 9) : pick(0, 200000);
            price.tiers = {{1, Money(unit, currency)}};
            if (pick(0, 1)) price.tiers.push_back({pick(2, 20), Money(unit * 9 / 10, currency)});
            if (pick(0, 3) == 0) price.regular = price.lowest_30_days = Money(unit + pick(0, 5000), currency);
            price.tax_included = mode == 0 || (mode == 2 && pick(0, 1));
            price.export_net = pick(0, 1);
            sample.add_line("l" + std::to_string(lines), pick(1, 30), std::move(price), one_of(classes));
            for (const auto& category : categories) {
                if (pick(0, 1)) sample.categories.back().push_back(category);
            }
        }
        if (pick(0, 2)) sample.shipping = Money(pick(0, 2000), currency);
        for (auto count = pick(0, 5); count > 0; --count) {
            auto promotion = automatic("p" + std::to_string(count), static_cast<promotions::Kind>(pick(0, 5)), pick(0, 2));
            auto& rules = promotion->rules;
            rules.basis_points = pick(1, 10000);
            rules.off = {{code, pick(1, 50000)}};
            rules.buy_quantity = pick(1, 3);
            rules.get_quantity = pick(1, 2);
            rules.group_size = pick(2, 4);
            rules.tiers = {{{{code, pick(0, 10000)}}, pick(1, 10000), {}}, {{{code, pick(10000, 90000)}}, 0, {{code, pick(1, 20000)}}}};
            if (pick(0, 1)) rules.include.categories = {one_of(categories)};
            sample.promotions.push_back(promotion);
        }
        check_identities(sample.evaluate());
        if (HasFatalFailure()) FAIL() << "round " << round;
    }
}

TEST(Evaluate, TraceExplainsEveryStep) {
    Sample sample;
    sample.buyer.currency = Currency::of("EUR");
    sample.buyer.country = "FR";
    sample.buyer.at = kNow;
    pricing::VariantPrice price;
    price.variant = catalog::VariantId::derived("chair");
    price.tiers = {{1, Money(10000, sample.buyer.currency)}};
    price.regular = price.lowest_30_days = Money(12000, sample.buyer.currency);
    price.price_list = "trade";
    price.passed_over = {"retail: lower priority"};
    sample.add_line("Oak chair", 2, price, "standard");
    sample.shipping = Money(490, sample.buyer.currency);
    auto ten = automatic("Ten off", promotions::Kind::percent);
    ten->rules.basis_points = 1000;
    auto big = automatic("Big spender", promotions::Kind::percent);
    big->rules.basis_points = 5000;
    big->rules.minimum_spend = {{"EUR", 100000}};
    sample.promotions = {ten, big};
    sample.codes = {{.code = "NOPE"}};
    const auto cart = sample.evaluate(true);
    std::string all;
    for (const auto& step : cart.trace) all += step.step + ": " + step.text + "\n";
    for (const auto* part :
         {"Oak chair: 2 × 100.00 EUR = 200.00 EUR, list trade, instead of 120.00 EUR; not retail: lower priority",
          "Ten off (lane 0) applied: 20.00 EUR off goods",
          "Big spender (lane 0) not applied: minimum_not_met: Add articles for 800.00 EUR more", "NOPE (lane 0) code refused: code_unknown",
          "delivery 4.90 EUR less 0.00 EUR", "20 % standard FR", "Distance sale", "184.90 EUR to pay"}) {
        EXPECT_NE(all.find(part), std::string::npos) << part << "\nin\n" << all;
    }
}

TEST(Evaluate, WhatIsCrossedOutIsTheBasePriceOfThatQuantity) {
    const auto priced = [](std::int64_t quantity, std::optional<std::int64_t> lowest = 10000) {
        Sample sample;
        sample.buyer.currency = Currency::of("EUR");
        sample.buyer.at = kNow;
        const auto eur = [](std::int64_t minor) { return Money(minor, Currency::of("EUR")); };
        pricing::VariantPrice price;
        price.variant = catalog::VariantId::derived("chair");
        price.tiers = {{1, eur(8000)}, {10, eur(7500)}};
        price.regular = eur(10000);
        price.regular_tiers = {{1, eur(10000)}, {10, eur(7500)}};
        if (lowest) price.lowest_30_days = eur(*lowest);
        price.price_list = "web";
        sample.add_line("Chair", quantity, price, "standard");
        auto ten = automatic("Ten off", promotions::Kind::percent);
        ten->rules.basis_points = 1000;
        ten->rules.exclude_reduced = true;
        sample.promotions = {ten};
        const auto cart = sample.evaluate();
        return std::pair(cart.lines[0].regular_unit ? cart.lines[0].regular_unit->minor() : 0, cart.lines[0].discount.minor());
    };
    EXPECT_EQ(priced(1), std::pair(std::int64_t{10000}, std::int64_t{0}));
    EXPECT_EQ(priced(10), std::pair(std::int64_t{0}, std::int64_t{7500})) << "ten have always cost 75 each: nothing is reduced";
    EXPECT_EQ(priced(1, 9000), std::pair(std::int64_t{9000}, std::int64_t{0}));
    EXPECT_EQ(priced(1, 7900), std::pair(std::int64_t{0}, std::int64_t{0})) << "reduced, but not to be announced";
    EXPECT_EQ(priced(1, std::nullopt), std::pair(std::int64_t{0}, std::int64_t{0})) << "a price that nobody was asked";
}

TEST(Evaluate, TierPricesFollowTheQuantity) {
    Sample sample;
    sample.buyer.currency = Currency::of("EUR");
    sample.buyer.at = kNow;
    pricing::VariantPrice price;
    price.variant = catalog::VariantId::derived("screw");
    price.tiers = {{1, Money(100, sample.buyer.currency)}, {10, Money(90, sample.buyer.currency)}};
    sample.add_line("nine", 9, price, "standard");
    sample.add_line("ten", 10, price, "standard");
    const auto cart = sample.evaluate();
    EXPECT_EQ(cart.lines[0].subtotal.minor(), 900);
    EXPECT_EQ(cart.lines[1].subtotal.minor(), 900);
}

// How long it takes is recorded, not asserted.
TEST(Evaluate, FiveThousandLinesWithManyPromotions) {
    Sample sample;
    sample.buyer.currency = Currency::of("EUR");
    sample.buyer.at = kNow;
    std::vector<catalog::CategoryId> categories;
    for (int i = 0; i < 50; ++i) categories.push_back(catalog::CategoryId::make());
    for (int i = 0; i < 5000; ++i) {
        pricing::VariantPrice price;
        price.variant = catalog::VariantId::make();
        price.tiers = {{1, Money(100 + i, sample.buyer.currency)}};
        sample.add_line("l" + std::to_string(i), 1 + i % 7, std::move(price), "standard");
        sample.categories.back() = {categories[static_cast<std::size_t>(i % 50)]};
    }
    for (int i = 0; i < 200; ++i) {
        auto promotion =
            automatic("p" + std::to_string(i), i % 3 == 0 ? promotions::Kind::cheapest_free : promotions::Kind::percent, i % 4);
        promotion->rules.basis_points = 100 + i;
        promotion->rules.group_size = 3;
        promotion->rules.include.categories = {categories[static_cast<std::size_t>(i % 50)]};
        sample.promotions.push_back(promotion);
    }
    const auto start = std::chrono::steady_clock::now();
    const auto cart = sample.evaluate();
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
    RecordProperty("milliseconds", static_cast<int>(took.count()));
    check_identities(cart);
    EXPECT_EQ(cart.lines.size(), 5000U);
    EXPECT_GT(cart.promotions.size(), 50U);
}

}  // namespace
}  // namespace stoa::cart
