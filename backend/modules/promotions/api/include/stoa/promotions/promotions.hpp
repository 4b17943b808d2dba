#pragma once
// Promotions: what they are, the pure function that applies them, and the counters that limit their use.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stoa/catalog/ids.hpp"
#include "stoa/companies/buyer_context.hpp"
#include "stoa/db/db.hpp"
#include "stoa/db/read.hpp"
#include "stoa/json/describe.hpp"
#include "stoa/money/money.hpp"
#include "stoa/result/result.hpp"

namespace stoa::promotions {

using companies::BuyerContext;
using PromotionId = Id<"promo">;
using CodeId = Id<"code">;

enum class Kind { percent, fixed_amount, free_shipping, buy_x_get_y, cheapest_free, tiered_spend };
[[nodiscard]] json::EnumNames<Kind> enum_names(Kind);

using Amounts = std::map<std::string, std::int64_t>;  // minor units by currency code

// Goods named in any of the lists; empty means all goods.
struct Selector {
    std::vector<catalog::CategoryId> categories;  // with everything below them
    std::vector<catalog::CollectionId> collections;
    std::vector<catalog::ProductId> products;
    [[nodiscard]] bool empty() const { return categories.empty() && collections.empty() && products.empty(); }
};

struct SpendTier {
    Amounts from;                   // reached by the eligible goods' amount before promotions
    std::int64_t basis_points = 0;  // either this
    Amounts off;                    // or this
};

// What a promotion gives and asks for. Stored as one JSON document.
struct Rules {
    std::int64_t basis_points = 0;   // percent; also how much off a reward unit (10000 = free)
    Amounts off;                     // fixed_amount, spread over the eligible lines
    std::int64_t buy_quantity = 0;   // buy_x_get_y: X bought units of `include` ...
    std::int64_t get_quantity = 0;   // ... give Y of `reward` (or of `include` when that is empty); cheapest first
    std::int64_t group_size = 0;     // cheapest_free: in every n units ...
    std::int64_t free_quantity = 1;  // ... so many, the cheapest of all, are free
    std::optional<std::int64_t> max_applications;
    std::vector<SpendTier> tiers;  // tiered_spend: the highest reached counts
    Selector include;              // eligible goods
    Selector exclude;
    Selector reward;                    // buy_x_get_y
    bool exclude_reduced = false;       // goods whose price is reduced already do not count
    Amounts minimum_spend;              // of eligible goods, before promotions
    std::int64_t minimum_quantity = 0;  // of eligible goods
    std::vector<std::string> groups;    // customer groups, any of
    bool first_order = false;
    std::vector<std::string> currencies;  // any of; empty: all in which the amounts are defined
    std::vector<std::string> countries;   // destination, any of
};
void describe(json::Struct<Selector>& d);
void describe(json::Struct<SpendTier>& d);
void describe(json::Struct<Rules>& d);

struct Promotion {
    PromotionId id;
    std::string name;                           // for staff, unique
    std::map<std::string, std::string> labels;  // for shoppers, by locale; "en" is the fallback
    Kind kind = Kind::percent;
    bool automatic = false;  // otherwise only by code
    bool enabled = true;
    std::int64_t lane = 0;        // lanes apply in ascending order, each to what the earlier left
    std::string exclusive_group;  // of one non-empty group only one promotion applies to a cart
    std::optional<Timestamp> starts_at, ends_at;
    std::optional<std::int64_t> usage_limit;     // over all buyers
    std::optional<std::int64_t> customer_limit;  // per buyer
    Rules rules;
    std::int64_t used = 0;  // filled when loaded
    [[nodiscard]] const std::string& label(std::string_view locale) const;
};

// A code with what its row says; `promotion` is an index into the list of promotions given beside it.
struct EnteredCode {
    std::string code;                      // canonical: upper case
    std::optional<std::size_t> promotion;  // nullopt: no such code
    std::optional<CodeId> id;
    bool enabled = true;
    std::optional<Timestamp> expires_at;
    std::optional<std::int64_t> usage_limit;
    std::int64_t used = 0;
};

// What is known of the buyer's past: uses of each loaded promotion, and whether there was an order.
struct BuyerFacts {
    bool has_ordered = false;
    std::map<PromotionId, std::int64_t> uses;
};

// ---- the pure part ----------------------------------------------------------------------------------------------------
struct Line {
    catalog::ProductId product;
    std::span<const catalog::CategoryId> categories;
    std::span<const catalog::CollectionId> collections;
    std::int64_t quantity = 1;
    Money amount;          // unit price times quantity, as displayed
    bool reduced = false;  // costs less than every day
};

enum class Reason {
    code_unknown,
    expired,
    not_started,
    minimum_not_met,
    not_eligible_items,
    customer_limit_reached,
    limit_reached,
    not_combinable,
    wrong_customer,
};
[[nodiscard]] json::EnumNames<Reason> enum_names(Reason);
struct Refusal {
    Reason reason = Reason::code_unknown;
    std::string message;  // plain English, safe to show
};

struct Outcome {
    std::size_t promotion = 0;        // index into Input::promotions
    std::optional<std::size_t> code;  // index into Input::codes
    Money goods_discount;             // sum of `lines`
    Money shipping_discount;
    std::vector<std::pair<std::size_t, Money>> lines;  // (line, discount), discounts positive
    [[nodiscard]] Money total() const { return goods_discount + shipping_discount; }
};
struct CodeResult {
    std::size_t code = 0;                // index into Input::codes
    std::optional<std::size_t> outcome;  // index into Applied::outcomes, when it applies
    std::optional<Refusal> refusal;      // otherwise
};
struct TraceEntry {
    std::string promotion;  // its name, or the code when unknown
    std::int64_t lane = 0;
    std::string text;  // "applied: 12.00 EUR off", "not applied: minimum_not_met: ..."
};
struct Applied {
    std::vector<Outcome> outcomes;      // in the order they were applied
    std::vector<CodeResult> codes;      // one per entered code, in order
    std::vector<Money> line_discounts;  // one per line
    Money shipping_discount;
    std::vector<TraceEntry> trace;  // one entry per promotion and unknown code
};
struct Input {
    Currency currency;
    std::span<const Line> lines;
    std::optional<Money> shipping;                                 // nullopt: not known yet
    std::span<const std::shared_ptr<const Promotion>> promotions;  // automatic ones, and those of the codes
    std::span<const EnteredCode> codes;
    const BuyerContext& buyer;  // groups, country and time
    const BuyerFacts& facts;
    Rounding rounding = Rounding::half_up;
};
// Inside a lane the best legal combination wins: no line and no shipping cost is reduced twice in one lane, and of an
// exclusive group one applies; exact up to 20 competing promotions, beyond that greedy by amount. Linear in lines for each
// promotion. No discount ever exceeds what it reduces.
[[nodiscard]] Applied apply(const Input& input);

// Upper case without surrounding white space; nullopt for what can never be a code (3 to 40 of A-Z 0-9 - _).
[[nodiscard]] std::optional<std::string> canonical_code(std::string_view text);

// ---- loading and limits -------------------------------------------------------------------------------------------------
// Who uses a promotion. A guest is known by the address alone, once it was given; an account by both.
struct Identity {
    std::optional<customers::CustomerId> customer;
    std::string email;  // any case; may be empty for a guest before the address step
};

struct Loaded {
    std::vector<std::shared_ptr<const Promotion>> promotions;
    std::vector<EnteredCode> codes;  // as asked for, in order
    BuyerFacts facts;
};

struct Use {
    PromotionId promotion;
    std::optional<CodeId> code;
    Money amount;
};

class Promotions {
public:
    virtual ~Promotions() = default;
    // Automatic promotions of that moment and those behind `codes` (canonical), with the buyer's facts. Three statements.
    // What a pending order of the same `purchase` (a cart) took does not count: the buyer who pays again keeps the offer.
    [[nodiscard]] virtual db::Read<Loaded> read(std::span<const std::string> codes, const Identity& buyer, Timestamp at,
                                                const std::optional<Uuid>& purchase = std::nullopt) = 0;

    // Counts the uses of one order; call inside the transaction that creates it, also when `uses` is empty (it remembers
    // that the buyer has ordered). Every limit is taken by a conditional statement, so limits hold under concurrency. On
    // failure (409 promotions.limit_reached, promotions.customer_limit_reached, promotions.wrong_customer; details.promotion)
    // the transaction must be rolled back. Repeating it for the same order changes nothing.
    [[nodiscard]] virtual Result<void> redeem(db::Tx& tx, const Uuid& order, const Identity& buyer, std::span<const Use> uses, Timestamp at,
                                              const std::optional<Uuid>& purchase = std::nullopt) = 0;
    // Gives the uses of an order back (cancelled, payment given up). The buyer counts as new again unless another order of the
    // same person lives. Safe to repeat.
    virtual void release(db::Tx& tx, const Uuid& order) = 0;

    // Makes or replaces the promotion with this name. Throws std::invalid_argument when the rules make no sense.
    virtual PromotionId save(db::Tx& tx, const Promotion& promotion) = 0;
    // 409 promotions.code_taken when another promotion has it (codes are unique whatever their case).
    [[nodiscard]] virtual Result<CodeId> add_code(db::Tx& tx, PromotionId promotion, std::string_view code,
                                                  std::optional<std::int64_t> usage_limit = std::nullopt,
                                                  std::optional<Timestamp> expires_at = std::nullopt) = 0;
    // A batch of random codes "PREFIX-XXXXXXXX"; returns them.
    [[nodiscard]] virtual std::vector<std::string> generate_codes(db::Tx& tx, PromotionId promotion, std::string_view prefix, int count,
                                                                  std::optional<std::int64_t> usage_limit,
                                                                  std::optional<Timestamp> expires_at = std::nullopt) = 0;
};

}  // namespace stoa::promotions
