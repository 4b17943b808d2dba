// Applying promotions: lanes in order, inside a lane the best legal combination. Pure.
#include <algorithm>
#include <bit>
#include <cctype>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "stoa/promotions/promotions.hpp"

namespace stoa::promotions {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kWhole = 10000;  // basis points of everything
constexpr std::size_t kExactLimit = 20;

std::string text_of(Money money) { return money.to_decimal() + " " + std::string(money.currency().code()); }

std::optional<Money> in_currency(const Amounts& amounts, Currency currency) {
    const auto found = amounts.find(std::string(currency.code()));
    if (found == amounts.end()) return std::nullopt;
    return Money(found->second, currency);
}

using LineIndexes = std::vector<std::size_t>;

// Lines by the category, collection or product that some promotion names.
class LineIndex {
public:
    LineIndex(std::span<const Line> lines, std::span<const std::shared_ptr<const Promotion>> promotions) : count_(lines.size()) {
        for (const auto& promotion : promotions) {
            for (const auto* selector : {&promotion->rules.include, &promotion->rules.exclude, &promotion->rules.reward}) {
                for (const auto& id : selector->categories) by_id_.try_emplace(id.uuid());
                for (const auto& id : selector->collections) by_id_.try_emplace(id.uuid());
                for (const auto& id : selector->products) by_id_.try_emplace(id.uuid());
            }
        }
        if (by_id_.empty()) return;
        const auto note = [&](const Uuid& id, std::size_t line) {
            if (const auto found = by_id_.find(id); found != by_id_.end()) found->second.push_back(line);
        };
        for (std::size_t i = 0; i < lines.size(); ++i) {
            note(lines[i].product.uuid(), i);
            for (const auto& id : lines[i].categories) note(id.uuid(), i);
            for (const auto& id : lines[i].collections) note(id.uuid(), i);
        }
    }

    // Ascending, each line once.
    [[nodiscard]] LineIndexes named(const Selector& selector) const {
        std::vector<char> marked(count_, 0);
        const auto mark = [&](const Uuid& id) {
            for (const auto line : by_id_.at(id)) marked[line] = 1;
        };
        for (const auto& id : selector.categories) mark(id.uuid());
        for (const auto& id : selector.collections) mark(id.uuid());
        for (const auto& id : selector.products) mark(id.uuid());
        LineIndexes out;
        for (std::size_t i = 0; i < count_; ++i) {
            if (marked[i]) out.push_back(i);
        }
        return out;
    }
    [[nodiscard]] LineIndexes all() const {
        LineIndexes out(count_);
        for (std::size_t i = 0; i < count_; ++i) out[i] = i;
        return out;
    }

private:
    std::size_t count_;
    std::unordered_map<Uuid, LineIndexes> by_id_;
};

LineIndexes without(const LineIndexes& from, const LineIndexes& taken) {
    LineIndexes out;
    std::ranges::set_difference(from, taken, std::back_inserter(out));
    return out;
}

struct Candidate {
    std::size_t promotion = 0;
    std::optional<std::size_t> code;
    LineIndexes eligible;
    LineIndexes reward;  // buy_x_get_y
    Outcome outcome;     // in the lane that is being decided
};

class Evaluation {
public:
    explicit Evaluation(const Input& input) : in_(input), index_(input.lines, input.promotions) {
        remaining_.reserve(in_.lines.size());
        for (const auto& line : in_.lines) remaining_.push_back(line.amount);
        shipping_ = in_.shipping.value_or(Money::zero(in_.currency));
        applied_.line_discounts.assign(in_.lines.size(), Money::zero(in_.currency));
        applied_.shipping_discount = Money::zero(in_.currency);
        applied_.codes.resize(in_.codes.size());
        for (std::size_t i = 0; i < in_.codes.size(); ++i) applied_.codes[i].code = i;
        refused_.resize(in_.promotions.size());
    }

    Applied run() {
        auto candidates = collect();
        std::ranges::sort(candidates, [&](const Candidate& a, const Candidate& b) {
            const auto& x = *in_.promotions[a.promotion];
            const auto& y = *in_.promotions[b.promotion];
            return std::pair(x.lane, x.id) < std::pair(y.lane, y.id);
        });
        for (std::size_t begin = 0; begin < candidates.size();) {
            const auto lane = in_.promotions[candidates[begin].promotion]->lane;
            std::size_t end = begin;
            while (end < candidates.size() && in_.promotions[candidates[end].promotion]->lane == lane) ++end;
            run_lane(std::span(candidates).subspan(begin, end - begin));
            begin = end;
        }
        finish();
        return std::move(applied_);
    }

private:
    void refuse(std::size_t promotion, std::optional<std::size_t> code, Refusal refusal) {
        if (code) applied_.codes[*code].refusal = refusal;
        refused_[promotion] = std::move(refusal);
    }

    // Which promotions are in the running, and by which code.
    std::vector<Candidate> collect() {
        std::vector<Candidate> out;
        std::vector<char> seen(in_.promotions.size(), 0);
        const auto consider = [&](std::size_t promotion, std::optional<std::size_t> code) {
            Candidate candidate{promotion, code, {}, {}, {}};
            if (auto refusal = check(candidate))
                refuse(promotion, code, std::move(*refusal));
            else
                out.push_back(std::move(candidate));
        };
        for (std::size_t i = 0; i < in_.codes.size(); ++i) {
            const auto& code = in_.codes[i];
            auto& result = applied_.codes[i];
            if (!code.promotion) {
                result.refusal = Refusal{Reason::code_unknown, "This code does not exist."};
            } else if (!code.enabled || (code.expires_at && *code.expires_at <= in_.buyer.at)) {
                result.refusal = Refusal{Reason::expired, "This code is no longer valid."};
            } else if (code.usage_limit && code.used >= *code.usage_limit) {
                result.refusal = Refusal{Reason::limit_reached, "This code has been used up."};
            } else if (seen[*code.promotion]) {
                result.refusal = Refusal{Reason::not_combinable, "This offer is already in your cart."};
            } else {
                seen[*code.promotion] = 1;
                consider(*code.promotion, i);
            }
        }
        for (std::size_t i = 0; i < in_.promotions.size(); ++i) {
            if (!seen[i] && in_.promotions[i]->automatic) consider(i, std::nullopt);
        }
        return out;
    }

    // Everything that does not depend on other promotions. Fills the eligible lines.
    std::optional<Refusal> check(Candidate& candidate) const {
        const Promotion& promotion = *in_.promotions[candidate.promotion];
        const Rules& rules = promotion.rules;
        if (!promotion.enabled || (promotion.ends_at && *promotion.ends_at <= in_.buyer.at))
            return Refusal{Reason::expired, "This offer has ended."};
        if (promotion.starts_at && *promotion.starts_at > in_.buyer.at)
            return Refusal{Reason::not_started, "This offer has not started yet."};
        if (promotion.usage_limit && promotion.used >= *promotion.usage_limit)
            return Refusal{Reason::limit_reached, "This offer has been used up."};
        if (promotion.customer_limit) {
            const auto uses = in_.facts.uses.find(promotion.id);
            if (uses != in_.facts.uses.end() && uses->second >= *promotion.customer_limit) {
                return Refusal{Reason::customer_limit_reached, "You have already used this offer."};
            }
        }
        if (!rules.groups.empty() &&
            std::ranges::none_of(rules.groups, [&](const auto& group) { return std::ranges::count(in_.buyer.groups, group) > 0; })) {
            return Refusal{Reason::wrong_customer, "This offer is for another group of customers."};
        }
        if (rules.first_order && in_.facts.has_ordered) return Refusal{Reason::wrong_customer, "This offer is for a first order only."};
        const std::string currency(in_.currency.code());
        const bool needs_amount = promotion.kind == Kind::fixed_amount && !rules.off.contains(currency);
        if (needs_amount || (!rules.currencies.empty() && std::ranges::count(rules.currencies, currency) == 0)) {
            return Refusal{Reason::wrong_customer, "This offer is not available in " + currency + "."};
        }
        if (!rules.countries.empty() && std::ranges::count(rules.countries, in_.buyer.country) == 0) {
            return Refusal{Reason::wrong_customer, "This offer is not available for deliveries to " + in_.buyer.country + "."};
        }

        candidate.eligible = rules.include.empty() ? index_.all() : index_.named(rules.include);
        if (!rules.exclude.empty()) candidate.eligible = without(candidate.eligible, index_.named(rules.exclude));
        candidate.reward = rules.reward.empty()
                               ? candidate.eligible
                               : without(index_.named(rules.reward), rules.exclude.empty() ? LineIndexes{} : index_.named(rules.exclude));
        if (rules.exclude_reduced) {
            const auto drop = [&](LineIndexes& lines) { std::erase_if(lines, [&](std::size_t i) { return in_.lines[i].reduced; }); };
            drop(candidate.eligible);
            drop(candidate.reward);
        }
        if (candidate.eligible.empty()) return Refusal{Reason::not_eligible_items, "No article in your cart takes part in this offer."};

        Money spend = Money::zero(in_.currency);
        std::int64_t quantity = 0;
        for (const auto i : candidate.eligible) {
            spend += in_.lines[i].amount;
            quantity += in_.lines[i].quantity;
        }
        if (const auto minimum = in_currency(rules.minimum_spend, in_.currency); minimum && spend < *minimum) {
            return Refusal{Reason::minimum_not_met, "Add articles for " + text_of(*minimum - spend) + " more to use this offer."};
        } else if (!minimum && !rules.minimum_spend.empty()) {
            return Refusal{Reason::wrong_customer, "This offer is not available in " + currency + "."};
        }
        std::int64_t needed = rules.minimum_quantity;
        if (promotion.kind == Kind::cheapest_free) needed = std::max(needed, rules.group_size);
        if (promotion.kind == Kind::buy_x_get_y) needed = std::max(needed, rules.buy_quantity);
        if (quantity < needed) return Refusal{Reason::minimum_not_met, fmt::format("Add {} more to use this offer.", needed - quantity)};
        if (promotion.kind == Kind::buy_x_get_y && possible_applications(candidate) == 0) {
            return Refusal{Reason::minimum_not_met, "Add the article that this offer gives you."};
        }
        if (promotion.kind == Kind::tiered_spend && !reached_tier(rules, spend)) {
            std::optional<Money> lowest;
            for (const auto& tier : rules.tiers) {
                const auto from = in_currency(tier.from, in_.currency);
                if (from && (!lowest || *from < *lowest)) lowest = from;
            }
            if (!lowest) return Refusal{Reason::wrong_customer, "This offer is not available in " + currency + "."};
            return Refusal{Reason::minimum_not_met, "Add articles for " + text_of(*lowest - spend) + " more to use this offer."};
        }
        return std::nullopt;
    }

    [[nodiscard]] const SpendTier* reached_tier(const Rules& rules, Money spend) const {
        const SpendTier* best = nullptr;
        std::optional<Money> best_from;
        for (const auto& tier : rules.tiers) {
            const auto from = in_currency(tier.from, in_.currency);
            if (!from || spend < *from) continue;
            if (tier.basis_points == 0 && !in_currency(tier.off, in_.currency)) continue;
            if (!best_from || *best_from < *from) {
                best = &tier;
                best_from = from;
            }
        }
        return best;
    }

    struct Overlap {
        std::int64_t buy_only = 0, reward_only = 0, both = 0;
    };
    [[nodiscard]] Overlap overlap(const Candidate& candidate) const {
        Overlap out;
        std::size_t a = 0;
        std::size_t b = 0;
        const auto& buy = candidate.eligible;
        const auto& reward = candidate.reward;
        while (a < buy.size() || b < reward.size()) {
            if (b == reward.size() || (a < buy.size() && buy[a] < reward[b]))
                out.buy_only += in_.lines[buy[a++]].quantity;
            else if (a == buy.size() || reward[b] < buy[a])
                out.reward_only += in_.lines[reward[b++]].quantity;
            else {
                out.both += in_.lines[buy[a]].quantity;
                ++a;
                ++b;
            }
        }
        return out;
    }
    // Largest n such that n·X bought and n·Y rewarded units can be told apart.
    [[nodiscard]] std::int64_t possible_applications(const Candidate& candidate) const {
        const Rules& rules = in_.promotions[candidate.promotion]->rules;
        const auto x = rules.buy_quantity;
        const auto y = rules.get_quantity;
        const auto [buy_only, reward_only, both] = overlap(candidate);
        const auto fits = [&, buy_only = buy_only, reward_only = reward_only, both = both](std::int64_t n) {
            return std::max<std::int64_t>(0, n * x - buy_only) + std::max<std::int64_t>(0, n * y - reward_only) <= both;
        };
        std::int64_t low = 0;
        std::int64_t high = std::min((buy_only + both) / x, (reward_only + both) / y);
        while (low < high) {
            const auto middle = low + (high - low + 1) / 2;
            if (fits(middle))
                low = middle;
            else
                high = middle - 1;
        }
        return rules.max_applications ? std::min(low, *rules.max_applications) : low;
    }

    // ---- what one promotion would take off, given what earlier lanes left ------------------------------------------------
    void spread(Outcome& outcome, const LineIndexes& lines, Money total) const {
        std::vector<std::int64_t> weights;
        weights.reserve(lines.size());
        for (const auto i : lines) weights.push_back(remaining_[i].minor());
        const auto parts = total.split(weights);
        for (std::size_t k = 0; k < lines.size(); ++k) {
            if (!parts[k].is_zero()) outcome.lines.emplace_back(lines[k], parts[k]);
        }
    }
    [[nodiscard]] Money remaining_of(const LineIndexes& lines) const {
        Money sum = Money::zero(in_.currency);
        for (const auto i : lines) sum += remaining_[i];
        return sum;
    }
    // `units` of the lines, the cheapest first, reduced by `basis_points`; of lines in `shared` at most `shared_limit` units.
    void reduce_cheapest(Outcome& outcome, const LineIndexes& lines, std::int64_t units, std::int64_t basis_points,
                         const LineIndexes& shared, std::int64_t shared_limit) const {
        LineIndexes order = lines;
        std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
            const Wide x = static_cast<Wide>(remaining_[a].minor()) * in_.lines[b].quantity;
            const Wide y = static_cast<Wide>(remaining_[b].minor()) * in_.lines[a].quantity;
            return x != y ? x < y : a < b;
        });
        for (const auto i : order) {
            if (units == 0) break;
            auto take = std::min(units, in_.lines[i].quantity);
            if (std::ranges::binary_search(shared, i)) {
                take = std::min(take, shared_limit);
                shared_limit -= take;
            }
            if (take == 0) continue;
            units -= take;
            const Money off =
                std::min(remaining_[i].scaled(take * basis_points, in_.lines[i].quantity * kWhole, in_.rounding), remaining_[i]);
            if (!off.is_zero()) outcome.lines.emplace_back(i, off);
        }
        std::ranges::sort(outcome.lines, {}, [](const auto& entry) { return entry.first; });
    }

    Outcome compute(const Candidate& candidate) const {
        const Promotion& promotion = *in_.promotions[candidate.promotion];
        const Rules& rules = promotion.rules;
        Outcome outcome;
        outcome.promotion = candidate.promotion;
        outcome.code = candidate.code;
        outcome.goods_discount = Money::zero(in_.currency);
        outcome.shipping_discount = Money::zero(in_.currency);
        switch (promotion.kind) {
            case Kind::percent:
                spread(outcome, candidate.eligible, remaining_of(candidate.eligible).scaled(rules.basis_points, kWhole, in_.rounding));
                break;
            case Kind::fixed_amount:
                spread(outcome, candidate.eligible, std::min(*in_currency(rules.off, in_.currency), remaining_of(candidate.eligible)));
                break;
            case Kind::free_shipping:
                if (in_.shipping) outcome.shipping_discount = shipping_;
                break;
            case Kind::buy_x_get_y: {
                const auto n = possible_applications(candidate);
                const auto [buy_only, reward_only, both] = overlap(candidate);
                reduce_cheapest(outcome, candidate.reward, n * rules.get_quantity, rules.basis_points, candidate.eligible,
                                both - std::max<std::int64_t>(0, n * rules.buy_quantity - buy_only));
                break;
            }
            case Kind::cheapest_free: {
                std::int64_t quantity = 0;
                for (const auto i : candidate.eligible) quantity += in_.lines[i].quantity;
                auto groups = quantity / rules.group_size;
                if (rules.max_applications) groups = std::min(groups, *rules.max_applications);
                reduce_cheapest(outcome, candidate.eligible, groups * rules.free_quantity, kWhole, {}, 0);
                break;
            }
            case Kind::tiered_spend: {
                Money spend = Money::zero(in_.currency);
                for (const auto i : candidate.eligible) spend += in_.lines[i].amount;
                const SpendTier& tier = *reached_tier(rules, spend);
                const Money left = remaining_of(candidate.eligible);
                spread(outcome, candidate.eligible,
                       tier.basis_points > 0 ? left.scaled(tier.basis_points, kWhole, in_.rounding)
                                             : std::min(*in_currency(tier.off, in_.currency), left));
                break;
            }
        }
        for (const auto& [line, amount] : outcome.lines) outcome.goods_discount += amount;
        return outcome;
    }

    // ---- one lane ------------------------------------------------------------------------------------------------------------
    void run_lane(std::span<Candidate> lane) {
        std::vector<Candidate*> live;
        for (auto& candidate : lane) {
            const Promotion& promotion = *in_.promotions[candidate.promotion];
            if (!promotion.exclusive_group.empty() && used_groups_.contains(promotion.exclusive_group)) {
                refuse(candidate.promotion, candidate.code,
                       {Reason::not_combinable, "This offer cannot be combined with another one in your cart."});
                continue;
            }
            candidate.outcome = compute(candidate);
            const bool waits_for_shipping = promotion.kind == Kind::free_shipping && !in_.shipping;
            if (candidate.outcome.total().is_zero() && !waits_for_shipping) {
                refuse(candidate.promotion, candidate.code,
                       promotion.kind == Kind::free_shipping ? Refusal{Reason::not_combinable, "Delivery is free already."}
                                                             : Refusal{Reason::not_combinable, "There is nothing left to reduce."});
                continue;
            }
            live.push_back(&candidate);
        }
        for (const auto* winner : best_of(live)) take(*winner);
        for (const auto* candidate : live) {
            if (!taken_.contains(candidate->promotion)) {
                refuse(candidate->promotion, candidate->code, {Reason::not_combinable, "A better offer applies instead."});
            }
        }
    }

    void take(const Candidate& candidate) {
        const Promotion& promotion = *in_.promotions[candidate.promotion];
        taken_.insert(candidate.promotion);
        if (!promotion.exclusive_group.empty()) used_groups_.insert(promotion.exclusive_group);
        for (const auto& [line, amount] : candidate.outcome.lines) {
            remaining_[line] -= amount;
            applied_.line_discounts[line] += amount;
        }
        shipping_ -= candidate.outcome.shipping_discount;
        applied_.shipping_discount += candidate.outcome.shipping_discount;
        if (candidate.code) applied_.codes[*candidate.code].outcome = applied_.outcomes.size();
        applied_.outcomes.push_back(candidate.outcome);
    }

    // The set without conflicts that takes most off; then the larger set; then the one whose promotion ids come first.
    [[nodiscard]] std::vector<const Candidate*> best_of(const std::vector<Candidate*>& live) const {
        const std::size_t n = live.size();
        if (n == 0) return {};
        if (n == 1) return {live[0]};
        const std::size_t words = (n + 63) / 64;
        using Bits = std::vector<std::uint64_t>;
        std::unordered_map<std::size_t, Bits> on_line;
        std::unordered_map<std::string, std::vector<std::size_t>> in_group;
        std::vector<std::size_t> on_shipping;
        for (std::size_t i = 0; i < n; ++i) {
            for (const auto& [line, amount] : live[i]->outcome.lines) {
                auto& bits = on_line[line];
                if (bits.empty()) bits.assign(words, 0);
                bits[i / 64] |= std::uint64_t{1} << (i % 64);
            }
            const Promotion& promotion = *in_.promotions[live[i]->promotion];
            if (promotion.kind == Kind::free_shipping) on_shipping.push_back(i);
            if (!promotion.exclusive_group.empty()) in_group[promotion.exclusive_group].push_back(i);
        }
        std::vector<Bits> conflicts(n, Bits(words, 0));
        for (std::size_t i = 0; i < n; ++i) {
            for (const auto& [line, amount] : live[i]->outcome.lines) {
                const auto& bits = on_line[line];
                for (std::size_t w = 0; w < words; ++w) conflicts[i][w] |= bits[w];
            }
        }
        const auto all_conflict = [&](const std::vector<std::size_t>& members) {
            for (const auto a : members) {
                for (const auto b : members) conflicts[a][b / 64] |= std::uint64_t{1} << (b % 64);
            }
        };
        all_conflict(on_shipping);
        for (const auto& [group, members] : in_group) all_conflict(members);
        const auto conflict = [&](std::size_t a, std::size_t b) { return a != b && (conflicts[a][b / 64] >> (b % 64) & 1) != 0; };

        // Independent parts are decided by themselves.
        std::vector<const Candidate*> chosen;
        std::vector<char> placed(n, 0);
        for (std::size_t start = 0; start < n; ++start) {
            if (placed[start]) continue;
            std::vector<std::size_t> part{start};
            placed[start] = 1;
            for (std::size_t k = 0; k < part.size(); ++k) {
                for (std::size_t other = 0; other < n; ++other) {
                    if (!placed[other] && conflict(part[k], other)) {
                        placed[other] = 1;
                        part.push_back(other);
                    }
                }
            }
            std::ranges::sort(part);
            const auto best = part.size() <= kExactLimit ? exact(live, part, conflict) : greedy(live, part, conflict);
            for (const auto i : best) chosen.push_back(live[i]);
        }
        std::ranges::sort(chosen, {}, [&](const Candidate* c) { return in_.promotions[c->promotion]->id; });
        return chosen;
    }

    template <class Conflict>
    static std::vector<std::size_t> exact(const std::vector<Candidate*>& live, const std::vector<std::size_t>& part,
                                          const Conflict& conflict) {
        struct Best {
            std::int64_t amount = -1;
            std::size_t count = 0;
            std::vector<std::size_t> set;
        } best;
        std::vector<std::size_t> set;
        std::vector<std::int64_t> rest(part.size() + 1, 0);  // all that could still be added: the bound
        for (std::size_t i = part.size(); i-- > 0;) rest[i] = rest[i + 1] + live[part[i]]->outcome.total().minor();
        const auto search = [&](const auto& self, std::size_t at, std::int64_t amount) -> void {
            if (amount + rest[at] < best.amount) return;
            if (at == part.size()) {
                // Earlier promotions are tried first, so on a tie the set that was found first stays.
                if (amount > best.amount || (amount == best.amount && set.size() > best.count)) best = {amount, set.size(), set};
                return;
            }
            if (std::ranges::none_of(set, [&](std::size_t other) { return conflict(part[at], other); })) {
                set.push_back(part[at]);
                self(self, at + 1, amount + live[part[at]]->outcome.total().minor());
                set.pop_back();
            }
            self(self, at + 1, amount);
        };
        search(search, 0, 0);
        return best.set;
    }
    template <class Conflict>
    static std::vector<std::size_t> greedy(const std::vector<Candidate*>& live, std::vector<std::size_t> part, const Conflict& conflict) {
        std::ranges::stable_sort(
            part, [&](std::size_t a, std::size_t b) { return live[a]->outcome.total().minor() > live[b]->outcome.total().minor(); });
        std::vector<std::size_t> set;
        for (const auto i : part) {
            if (std::ranges::none_of(set, [&](std::size_t other) { return conflict(i, other); })) set.push_back(i);
        }
        return set;
    }

    void finish() {
        for (std::size_t i = 0; i < in_.promotions.size(); ++i) {
            const Promotion& promotion = *in_.promotions[i];
            if (taken_.contains(i)) continue;
            if (!refused_[i]) continue;  // by code, and none was accepted: the codes say why
            applied_.trace.push_back({promotion.name, promotion.lane,
                                      fmt::format("not applied: {}: {}", json::to_name(refused_[i]->reason), refused_[i]->message)});
        }
        for (const auto& outcome : applied_.outcomes) {
            const Promotion& promotion = *in_.promotions[outcome.promotion];
            std::string text = "applied: " + text_of(outcome.goods_discount) + " off goods";
            if (promotion.kind == Kind::free_shipping)
                text = in_.shipping ? "applied: " + text_of(outcome.shipping_discount) + " off delivery" : "applied: delivery will be free";
            applied_.trace.push_back({promotion.name, promotion.lane, std::move(text)});
        }
        for (const auto& result : applied_.codes) {
            if (!result.refusal) continue;
            const auto& code = in_.codes[result.code];
            applied_.trace.push_back(
                {code.code, 0, fmt::format("code refused: {}: {}", json::to_name(result.refusal->reason), result.refusal->message)});
        }
    }

    const Input& in_;
    LineIndex index_;
    std::vector<Money> remaining_;
    Money shipping_;
    Applied applied_;
    std::vector<std::optional<Refusal>> refused_;
    std::unordered_set<std::size_t> taken_;
    std::set<std::string> used_groups_;
};

}  // namespace

Applied apply(const Input& input) {
    Evaluation evaluation(input);
    return evaluation.run();
}

std::optional<std::string> canonical_code(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return std::nullopt;
    text = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
    if (text.size() < 3 || text.size() > 40) return std::nullopt;
    std::string out;
    for (const char c : text) {
        const auto upper = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        const bool fine = (upper >= 'A' && upper <= 'Z') || (upper >= '0' && upper <= '9') || upper == '-' || upper == '_';
        if (!fine) return std::nullopt;
        out += upper;
    }
    return out;
}

}  // namespace stoa::promotions
