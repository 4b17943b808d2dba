#pragma once
// Reads tests/cases/*.txt (cases/README.md says how they are written).
#include <algorithm>
#include <deque>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "stoa/promotions/promotions.hpp"

namespace stoa::promotions {

inline const Timestamp kCaseTime = parse_timestamp("2026-11-22T10:00:00Z").value();

struct Case {
    std::string file, name;
    Currency currency = Currency::of("EUR");
    std::vector<std::string> line_names;
    std::vector<Line> lines;
    std::deque<std::vector<catalog::CategoryId>> categories;
    std::optional<Money> shipping;
    BuyerContext buyer;
    BuyerFacts facts;
    std::vector<std::shared_ptr<const Promotion>> promotions;
    std::vector<EnteredCode> codes;
    std::vector<std::vector<std::string>> expectations;

    [[nodiscard]] Applied apply() const { return promotions::apply({currency, lines, shipping, promotions, codes, buyer, facts}); }
    [[nodiscard]] std::size_t line(const std::string& wanted) const {
        const auto found = std::ranges::find(line_names, wanted);
        if (found == line_names.end()) throw std::runtime_error(file + ": " + name + ": no line " + wanted);
        return static_cast<std::size_t>(found - line_names.begin());
    }
    [[nodiscard]] std::size_t promotion(const std::string& wanted) const {
        for (std::size_t i = 0; i < promotions.size(); ++i) {
            if (promotions[i]->name == wanted) return i;
        }
        throw std::runtime_error(file + ": " + name + ": no promotion " + wanted);
    }
};

inline std::vector<std::string> words_of(const std::string& text, char separator = ' ') {
    std::vector<std::string> out;
    std::istringstream stream(text);
    for (std::string word; std::getline(stream, word, separator);) {
        if (!word.empty()) out.push_back(word);
    }
    return out;
}

inline Amounts amounts_of(const std::string& text) {  // EUR:500
    const auto parts = words_of(text, ':');
    return {{parts.at(0), std::stoll(parts.at(1))}};
}

inline std::shared_ptr<Promotion> promotion_of(const std::vector<std::string>& words, Case& out) {
    auto promotion = std::make_shared<Promotion>();
    promotion->id = PromotionId::derived(words.at(1));
    promotion->name = words.at(1);
    promotion->kind = json::from_name<Kind>(words.at(2)).value();
    Rules& rules = promotion->rules;
    const auto day = [](const std::string& value) { return kCaseTime + std::chrono::days(std::stoll(value)); };
    for (std::size_t i = 3; i < words.size(); ++i) {
        const auto equals = words[i].find('=');
        const std::string key = words[i].substr(0, equals);
        const std::string value = equals == std::string::npos ? "" : words[i].substr(equals + 1);
        if (key == "auto")
            promotion->automatic = true;
        else if (key == "bp")
            rules.basis_points = std::stoll(value);
        else if (key == "off")
            rules.off = amounts_of(value);
        else if (key == "buy")
            rules.buy_quantity = std::stoll(value);
        else if (key == "get")
            rules.get_quantity = std::stoll(value);
        else if (key == "group")
            rules.group_size = std::stoll(value);
        else if (key == "free")
            rules.free_quantity = std::stoll(value);
        else if (key == "max")
            rules.max_applications = std::stoll(value);
        else if (key == "include")
            rules.include.categories = {catalog::CategoryId::derived(value)};
        else if (key == "exclude")
            rules.exclude.categories = {catalog::CategoryId::derived(value)};
        else if (key == "reward")
            rules.reward.categories = {catalog::CategoryId::derived(value)};
        else if (key == "min")
            rules.minimum_spend = amounts_of(value);
        else if (key == "minqty")
            rules.minimum_quantity = std::stoll(value);
        else if (key == "groups")
            rules.groups = words_of(value, ',');
        else if (key == "first")
            rules.first_order = true;
        else if (key == "countries")
            rules.countries = words_of(value, ',');
        else if (key == "currencies")
            rules.currencies = words_of(value, ',');
        else if (key == "noreduced")
            rules.exclude_reduced = true;
        else if (key == "lane")
            promotion->lane = std::stoll(value);
        else if (key == "exclusive")
            promotion->exclusive_group = value;
        else if (key == "from")
            promotion->starts_at = day(value);
        else if (key == "until")
            promotion->ends_at = day(value);
        else if (key == "limit")
            promotion->usage_limit = std::stoll(value);
        else if (key == "used")
            promotion->used = std::stoll(value);
        else if (key == "climit")
            promotion->customer_limit = std::stoll(value);
        else if (key == "cused")
            out.facts.uses[promotion->id] = std::stoll(value);
        else if (key == "tier") {
            const auto parts = words_of(value, ':');
            SpendTier tier{{{"EUR", std::stoll(parts.at(0))}}, 0, {}};
            if (parts.at(1).ends_with("bp"))
                tier.basis_points = std::stoll(parts[1]);
            else
                tier.off = {{"EUR", std::stoll(parts[1])}};
            rules.tiers.push_back(tier);
        } else
            throw std::runtime_error(out.file + ": " + out.name + ": unknown key " + key);
    }
    return promotion;
}

// A deque: lines point into their case, which must not move.
inline std::deque<Case> read_cases(const std::string& file) {
    std::ifstream stream(std::string(STOA_SOURCE_DIR) + "/backend/modules/promotions/tests/cases/" + file);
    if (!stream) throw std::runtime_error("no such file: " + file);
    std::deque<Case> cases;
    std::vector<std::pair<std::size_t, std::string>> entered;
    for (std::string text; std::getline(stream, text);) {
        if (text.empty() || text[0] == '#') continue;
        const auto words = words_of(text);
        if (words[0] == "case") {
            cases.emplace_back();
            cases.back().file = file;
            cases.back().name = text.substr(5);
            cases.back().buyer.at = kCaseTime;
            continue;
        }
        Case& out = cases.back();
        if (words[0] == "currency")
            out.currency = Currency::of(words.at(1));
        else if (words[0] == "line") {
            out.line_names.push_back(words.at(1));
            out.categories.push_back({catalog::CategoryId::derived(words.at(2))});
            out.lines.push_back({catalog::ProductId::derived(words.at(1)),
                                 out.categories.back(),
                                 {},
                                 std::stoll(words.at(3)),
                                 Money(std::stoll(words.at(4)), out.currency),
                                 words.size() > 5 && words[5] == "reduced"});
        } else if (words[0] == "shipping")
            out.shipping = Money(std::stoll(words.at(1)), out.currency);
        else if (words[0] == "buyer") {
            for (std::size_t i = 1; i < words.size(); ++i) {
                if (words[i] == "ordered")
                    out.facts.has_ordered = true;
                else if (words[i].starts_with("group="))
                    out.buyer.groups.push_back(words[i].substr(6));
                else if (words[i].starts_with("country="))
                    out.buyer.country = words[i].substr(8);
                else
                    throw std::runtime_error(out.file + ": " + out.name + ": " + words[i]);
            }
        } else if (words[0] == "promo")
            out.promotions.push_back(promotion_of(words, out));
        else if (words[0] == "code")
            entered.emplace_back(cases.size() - 1, words.at(1));
        else if (words[0] == "expect")
            out.expectations.emplace_back(words.begin() + 1, words.end());
        else
            throw std::runtime_error(file + ": " + text);
    }
    for (const auto& [index, text] : entered) {
        Case& out = cases[index];
        EnteredCode code;
        code.code = canonical_code(text).value();
        for (std::size_t i = 0; i < out.promotions.size(); ++i) {
            if (canonical_code(out.promotions[i]->name + std::string(out.promotions[i]->name.size() < 3 ? "__" : "")) == code.code)
                code.promotion = i;
        }
        out.codes.push_back(code);
    }
    return cases;
}

}  // namespace stoa::promotions
