// Loading promotions and counting their uses.
#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <unordered_map>

#include <fmt/format.h>

#include "sql/promotions.hpp"
#include "stoa/crypto/crypto.hpp"
#include "stoa/promotions/make.hpp"

namespace stoa::promotions {
namespace {

std::vector<std::string> identities(const Identity& buyer) {
    std::vector<std::string> out;
    if (buyer.customer) out.push_back("c:" + buyer.customer->uuid().to_string());
    std::string address;
    for (const char c : buyer.email) {
        if (c != ' ') address += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    if (!address.empty()) out.push_back("e:" + crypto::hex(crypto::sha256("promotions.identity:" + address)));
    return out;
}

void check(const Promotion& promotion) {
    const auto refuse = [&](std::string_view why) { throw std::invalid_argument(fmt::format("promotion {}: {}", promotion.name, why)); };
    const Rules& rules = promotion.rules;
    const auto valid_amounts = [&](const Amounts& amounts) {
        for (const auto& [currency, amount] : amounts) {
            if (!Currency::parse(currency) || amount < 0) refuse("an amount is not valid");
        }
    };
    const auto share = [&](std::int64_t basis_points) {
        if (basis_points < 1 || basis_points > 10000) refuse("a share must lie between 0.01 % and 100 %");
    };
    if (promotion.name.empty()) refuse("no name");
    if (promotion.usage_limit && *promotion.usage_limit < 1) refuse("a limit below 1");
    if (promotion.customer_limit && *promotion.customer_limit < 1) refuse("a limit below 1");
    if (rules.max_applications && *rules.max_applications < 1) refuse("a limit below 1");
    if (promotion.starts_at && promotion.ends_at && *promotion.ends_at <= *promotion.starts_at) refuse("it ends before it starts");
    if (rules.minimum_quantity < 0) refuse("a negative quantity");
    valid_amounts(rules.off);
    valid_amounts(rules.minimum_spend);
    switch (promotion.kind) {
        case Kind::percent:
            share(rules.basis_points);
            break;
        case Kind::fixed_amount:
            if (rules.off.empty()) refuse("no amount");
            break;
        case Kind::free_shipping:
            break;
        case Kind::buy_x_get_y:
            share(rules.basis_points);
            if (rules.buy_quantity < 1 || rules.get_quantity < 1) refuse("buy and get need quantities");
            break;
        case Kind::cheapest_free:
            if (rules.free_quantity < 1 || rules.group_size <= rules.free_quantity)
                refuse("a group must be larger than what is free in it");
            break;
        case Kind::tiered_spend:
            if (rules.tiers.empty()) refuse("no tiers");
            for (const auto& tier : rules.tiers) {
                valid_amounts(tier.from);
                valid_amounts(tier.off);
                if (tier.from.empty()) refuse("a tier without a threshold");
                if ((tier.basis_points > 0) == !tier.off.empty()) refuse("a tier gives either a share or an amount");
                if (tier.basis_points > 0) share(tier.basis_points);
            }
            break;
    }
}

// Fixed parts of a promotion by id and version: rules are parsed once per change, not once per request.
class Parsed {
public:
    std::shared_ptr<const Promotion> from(const db::Row& row) {
        const auto id = row.get<PromotionId>("id");
        const auto version = row.get<std::int64_t>("version");
        const auto used = row.get<std::int64_t>("used_count");
        {
            const std::scoped_lock lock(mutex_);
            if (const auto found = known_.find(id);
                found != known_.end() && found->second.version == version && found->second.promotion->used == used) {
                return found->second.promotion;
            }
        }
        auto promotion = std::make_shared<Promotion>();
        promotion->id = id;
        promotion->name = row.get<std::string>("name");
        const auto labels = json::parse(row.get<std::string_view>("labels"));
        const auto rules = json::parse_as<Rules>(row.get<std::string_view>("rules"));
        if (!labels || !rules) throw std::runtime_error(fmt::format("promotion {} cannot be read", promotion->name));
        for (const auto& [locale, text] : labels->members()) promotion->labels.emplace(locale, text.text());
        promotion->rules = *rules;
        promotion->kind = json::from_name<Kind>(row.get<std::string>("kind")).value();
        promotion->automatic = row.get<bool>("automatic");
        promotion->enabled = row.get<bool>("enabled");
        promotion->lane = row.get<std::int64_t>("lane");
        promotion->exclusive_group = row.get<std::string>("exclusive_group");
        promotion->starts_at = row.get<std::optional<Timestamp>>("starts_at");
        promotion->ends_at = row.get<std::optional<Timestamp>>("ends_at");
        promotion->usage_limit = row.get<std::optional<std::int64_t>>("usage_limit");
        promotion->customer_limit = row.get<std::optional<std::int64_t>>("customer_limit");
        promotion->used = used;
        const std::scoped_lock lock(mutex_);
        if (known_.size() > 2000) known_.clear();
        known_[id] = {version, promotion};
        return promotion;
    }

private:
    struct Entry {
        std::int64_t version = 0;
        std::shared_ptr<const Promotion> promotion;
    };
    std::mutex mutex_;
    std::unordered_map<PromotionId, Entry> known_;
};

Error over_limit(ErrorKind kind, std::string code, std::string message, const std::string& promotion) {
    Error error;
    error.kind = kind;
    error.code = std::move(code);
    error.message = std::move(message);
    error.details_json = fmt::format(R"({{"promotion":{}}})", json::quote(promotion));
    return error;
}

class PromotionService final : public Promotions {
public:
    db::Read<Loaded> read(std::span<const std::string> codes, const Identity& buyer, Timestamp at,
                          const std::optional<Uuid>& purchase) override {
        std::vector<std::string> wanted(codes.begin(), codes.end());
        db::Read<Loaded> out;
        out.calls.push_back(db::call(sql::promotions_for_cart, wanted, at, purchase));
        out.calls.push_back(db::call(sql::codes_for_cart, wanted, purchase));
        out.calls.push_back(db::call(sql::buyer_facts, identities(buyer), purchase));
        out.finish = [this, wanted = std::move(wanted)](std::span<const db::Rows> rows) {
            Loaded loaded;
            std::unordered_map<PromotionId, std::size_t> index;
            for (const auto row : rows[0]) {
                index.emplace(row.get<PromotionId>("id"), loaded.promotions.size());
                loaded.promotions.push_back(parsed_.from(row));
            }
            std::unordered_map<std::string, EnteredCode> found;
            for (const auto row : rows[1]) {
                EnteredCode code;
                code.code = row.get<std::string>("code");
                const auto promotion = index.find(row.get<PromotionId>("promotion_id"));
                if (promotion != index.end()) code.promotion = promotion->second;
                code.id = row.get<CodeId>("id");
                code.enabled = row.get<bool>("enabled");
                code.expires_at = row.get<std::optional<Timestamp>>("expires_at");
                code.usage_limit = row.get<std::optional<std::int64_t>>("usage_limit");
                code.used = row.get<std::int64_t>("used_count");
                found.emplace(code.code, code);
            }
            for (const auto& code : wanted) {
                const auto known = found.find(code);
                if (known != found.end())
                    loaded.codes.push_back(known->second);
                else
                    loaded.codes.push_back(EnteredCode{code, std::nullopt, std::nullopt, true, std::nullopt, std::nullopt, 0});
            }
            for (const auto row : rows[2]) {
                const auto used = row.get<std::int64_t>("used");
                if (const auto promotion = row.get<std::optional<PromotionId>>("promotion_id"))
                    loaded.facts.uses[*promotion] = used;
                else
                    loaded.facts.has_ordered = used > 0;
            }
            return loaded;
        };
        return out;
    }

    Result<void> redeem(db::Tx& tx, const Uuid& order, const Identity& buyer, std::span<const Use> uses, Timestamp at,
                        const std::optional<Uuid>& purchase) override {
        const auto who = identities(buyer);
        std::vector<PromotionId> promotions;
        std::vector<CodeId> codes;
        std::vector<std::optional<CodeId>> code_of;
        std::vector<std::int64_t> amounts;
        std::vector<std::string> currencies;
        for (const auto& use : uses) {
            promotions.push_back(use.promotion);
            if (use.code) codes.push_back(*use.code);
            code_of.push_back(use.code);
            amounts.push_back(use.amount.minor());
            currencies.emplace_back(use.amount.currency().code());
        }
        // Each take is conditional and looks at the redemption row, which is written last.
        const std::vector<db::Call> calls{
            db::call(sql::redemption_exists, order),       db::call(sql::promotion_limits, promotions),
            db::call(sql::limited_codes, codes),           db::call(sql::take_promotions, order, promotions),
            db::call(sql::take_codes, order, codes),       db::call(sql::take_customer_uses, order, promotions, who),
            db::call(sql::remember_buyer, order, who, at),
        };
        const auto rows = tx.pipeline(calls);
        if (!rows[0].empty()) return {};

        const auto ids_in = [](const db::Rows& found, std::string_view column) {
            std::vector<Uuid> out;
            for (const auto row : found) out.push_back(row.get<Uuid>(column));
            return out;
        };
        const auto taken = ids_in(rows[3], "id");
        const auto taken_codes = ids_in(rows[4], "id");
        const auto taken_by_buyer = ids_in(rows[5], "promotion_id");
        // For how many of the identities this is the first order.
        const auto firsts = std::ranges::count(ids_in(rows[6], "order_id"), order);
        std::unordered_map<Uuid, std::string> names;
        for (const auto row : rows[1]) {
            const auto id = row.get<Uuid>("id");
            const auto name = row.get<std::string>("name");
            names.emplace(id, name);
            if (row.get<bool>("limited") && std::ranges::count(taken, id) == 0) {
                return fail(over_limit(ErrorKind::conflict, "promotions.limit_reached", "This offer has been used up.", name));
            }
            if (row.get<bool>("limited_per_customer") &&
                (who.empty() || std::ranges::count(taken_by_buyer, id) != static_cast<std::ptrdiff_t>(who.size()))) {
                return fail(
                    over_limit(ErrorKind::conflict, "promotions.customer_limit_reached", "You have already used this offer.", name));
            }
            if (row.get<bool>("first_order") && (who.empty() || firsts != static_cast<std::ptrdiff_t>(who.size()))) {
                return fail(over_limit(ErrorKind::conflict, "promotions.wrong_customer", "This offer is for a first order only.", name));
            }
        }
        for (const auto row : rows[2]) {
            if (std::ranges::count(taken_codes, row.get<Uuid>("id")) == 0) {
                return fail(over_limit(ErrorKind::conflict, "promotions.limit_reached", "This code has been used up.",
                                       names[row.get<Uuid>("promotion_id")]));
            }
        }
        // What was taken is what a release gives back, whatever limits there are by then.
        std::vector<bool> counted, customer_counted;
        for (const auto& promotion : promotions) {
            counted.push_back(std::ranges::count(taken, promotion.uuid()) > 0);
            customer_counted.push_back(std::ranges::count(taken_by_buyer, promotion.uuid()) > 0);
        }
        (void)tx.pipeline(std::vector<db::Call>{
            db::call(sql::write_redemption, order, who, at, purchase),
            db::call(sql::write_usage, order, promotions, code_of, amounts, currencies, counted, customer_counted),
        });
        return {};
    }

    void release(db::Tx& tx, const Uuid& order) override {
        const auto found = tx.query(sql::lock_redemption, order);
        if (found.empty()) return;
        const auto who = found.front().get<std::vector<std::string>>("identities");
        // The lock comes first: an order of the same person that is being placed is then either seen, or finds the row gone.
        std::vector<std::string> first_of;
        for (const auto row : tx.query(sql::lock_buyers, order)) first_of.push_back(row.get<std::string>("identity"));
        const std::vector<db::Call> calls{
            db::call(sql::return_promotions, order),
            db::call(sql::return_codes, order),
            db::call(sql::return_customer_uses, order, who),
            db::call(sql::pass_on_buyer, order, first_of),
            db::call(sql::forget_buyer, order),
            db::call(sql::delete_redemption, order),
        };
        (void)tx.pipeline(calls);
    }

    PromotionId save(db::Tx& tx, const Promotion& promotion) override {
        check(promotion);
        const auto known = tx.query(sql::promotion_for_update, promotion.name);
        const auto id =
            tx.query(sql::save_promotion, PromotionId::derived(promotion.name), promotion.name, json::render(promotion.labels),
                     json::to_name(promotion.kind), promotion.automatic, promotion.enabled, promotion.lane, promotion.exclusive_group,
                     promotion.starts_at, promotion.ends_at, promotion.usage_limit, promotion.customer_limit, json::render(promotion.rules))
                .front()
                .get<PromotionId>("id");
        if (known.empty()) return id;
        if (promotion.usage_limit && !known.front().get<bool>("limited")) tx.exec(sql::count_uses, id);
        if (promotion.customer_limit && !known.front().get<bool>("limited_per_customer")) {
            tx.exec(sql::forget_customer_uses, id);
            tx.exec(sql::count_customer_uses, id);
        }
        return id;
    }

    Result<CodeId> add_code(db::Tx& tx, PromotionId promotion, std::string_view code, std::optional<std::int64_t> usage_limit,
                            std::optional<Timestamp> expires_at) override {
        const auto canonical = canonical_code(code);
        if (!canonical)
            return fail(ErrorKind::invalid, "promotions.code_malformed", "A code has 3 to 40 letters, digits, hyphens or underscores.");
        const auto rows = tx.query(sql::add_code, CodeId::make(), promotion, *canonical, usage_limit, expires_at);
        if (rows.empty()) return fail(ErrorKind::conflict, "promotions.code_taken", "Another promotion has this code.");
        return rows.front().get<CodeId>("id");
    }

    std::vector<std::string> generate_codes(db::Tx& tx, PromotionId promotion, std::string_view prefix, int count,
                                            std::optional<std::int64_t> usage_limit, std::optional<Timestamp> expires_at) override {
        // Without letters and digits that are easily mistaken for one another.
        constexpr std::string_view kAlphabet = "ABCDEFGHJKMNPQRSTVWXYZ23456789";
        const auto head = canonical_code(std::string(prefix) + "-XXXXXXXX");
        if (!head) throw std::invalid_argument("not a valid prefix for codes: " + std::string(prefix));
        std::vector<std::string> out;
        while (std::ssize(out) < count) {
            std::vector<CodeId> ids;
            std::vector<std::string> codes;
            for (auto left = std::min<std::ptrdiff_t>(count - std::ssize(out), 5000); left > 0; --left) {
                std::string code = head->substr(0, head->size() - 8);
                while (code.size() < head->size()) {
                    const auto byte = static_cast<unsigned char>(crypto::random_bytes(1)[0]);
                    if (byte < 256 / kAlphabet.size() * kAlphabet.size()) code += kAlphabet[byte % kAlphabet.size()];  // no bias
                }
                ids.push_back(CodeId::make());
                codes.push_back(std::move(code));
            }
            for (const auto row : tx.query(sql::add_codes, promotion, ids, codes, usage_limit, expires_at))
                out.push_back(row.get<std::string>("code"));
        }
        return out;
    }

private:
    Parsed parsed_;
};

}  // namespace

std::unique_ptr<Promotions> make_promotions() { return std::make_unique<PromotionService>(); }

}  // namespace stoa::promotions
