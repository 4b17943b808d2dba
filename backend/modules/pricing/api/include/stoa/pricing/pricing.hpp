#pragma once
// Price lists and the price of a variant for one buyer. Deciding is pure (src/domain); loading is a separate, bulk step.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "stoa/catalog/ids.hpp"
#include "stoa/companies/buyer_context.hpp"
#include "stoa/db/db.hpp"
#include "stoa/db/read.hpp"
#include "stoa/money/money.hpp"
#include "stoa/pricing/tax.hpp"

namespace stoa::pricing {

using companies::BuyerContext;
using PriceListId = Id<"pls">;
using PriceId = Id<"prc">;

struct Tier {
    std::int64_t min_quantity = 1;
    Money unit;
};
// The price of one variant for one buyer at one time, tiers ascending (the first has min_quantity 1).
struct VariantPrice {
    catalog::VariantId variant;
    std::vector<Tier> tiers;
    std::optional<Money> regular;         // when reduced: the price of every day, of one
    std::optional<Money> lowest_30_days;  // when reduced (EU Omnibus directive, article 6a of 98/6/EC)
    bool tax_included = true;
    bool export_net = false;  // exports: the shop country's VAT is taken out of a gross price
    std::string price_list;
    bool scheduled = false;                      // a price with a window applies, not the list's base price
    std::int64_t priority = 0, specificity = 0;  // of the list
    std::vector<std::string> passed_over;        // lists that also had a price, with the reason they lost ("eur-retail: lower priority")
    std::vector<Tier> regular_tiers;             // when the price of every day falls with the quantity; empty: it is `regular` for any
    [[nodiscard]] const Money& unit(std::int64_t quantity = 1) const;
    // The price of every day at this quantity, when the reduction is below it there.
    [[nodiscard]] std::optional<Money> regular_above(std::int64_t quantity = 1) const;
    // What may be shown crossed out: the lower of that and `lowest_30_days`, and nothing unless it is above what is paid
    // (a reduction is announced from the lowest price of the 30 days before it: Court of Justice, C-330/23). Nothing when there was no
    // price in those days: nobody has been asked more.
    [[nodiscard]] std::optional<Money> crossed_out(std::int64_t quantity = 1) const;
    // Whether a buyer who may have both pays this one. Both are in one currency, of one variant and from different lists.
    [[nodiscard]] bool wins_over(const VariantPrice& other) const;
};
using Prices = std::unordered_map<catalog::VariantId, VariantPrice>;

// A list that applies now, but only to buyers of a group, a company, or both.
struct ContractList {
    PriceListId id;
    Currency currency;
    std::optional<std::string> customer_group;
    std::optional<companies::CompanyId> company;
    [[nodiscard]] bool applies_to(const std::vector<std::string>& groups, const std::optional<Uuid>& buyer_company) const;
};
// What such a list says of a variant, whatever other lists say.
struct ContractPrice {
    PriceListId list;
    VariantPrice price;
};

// Of these variants some price opens or closes within a time; `lists`: so does a whole list, and with it any variant's price.
struct PriceWindows {
    std::vector<catalog::VariantId> variants;
    bool lists = false;
};

class Pricing {
public:
    virtual ~Pricing() = default;
    // Best price per variant by the buyer's price lists: priority first, then company before group before channel before
    // everybody, then the lower price, then the list's code. Windows are judged at `buyer.at`. Variants without a price in
    // the buyer's currency are left out. Two statements in one round trip.
    [[nodiscard]] virtual db::Read<Prices> read_prices(std::span<const catalog::VariantId> variants, const BuyerContext& buyer) = 0;
    [[nodiscard]] Prices prices(db::Session& session, std::span<const catalog::VariantId> variants, const BuyerContext& buyer) {
        return db::read_one(session, read_prices(variants, buyer));
    }
    // Every variant with a price for a public buyer (no customer), for the read model: called per currency. Ordered by
    // variant; works in pages, so memory stays flat.
    virtual void for_each_public_price(db::Tx& tx, Currency currency, std::string_view channel, Timestamp at,
                                       const std::function<void(VariantPrice&&)>& each) = 0;
    // The same for buyers with prices of their own: what a buyer pays is the one among the public price and the prices of the
    // lists that apply to the buyer which wins over the others. Lists ordered by id.
    [[nodiscard]] virtual std::vector<ContractList> contract_lists(db::Session& session, std::string_view channel, Timestamp at) = 0;
    // Ordered by variant and list. `variants`: only of these; otherwise in pages, of all.
    virtual void for_each_contract_price(db::Tx& tx, Currency currency, std::string_view channel, Timestamp at,
                                         const std::optional<std::vector<catalog::VariantId>>& variants,
                                         const std::function<void(ContractPrice&&)>& each) = 0;
    // The first moment after `after` at which a scheduled price or an enabled list opens or closes. Whoever keeps prices must look
    // again then; nothing is written at that moment.
    [[nodiscard]] virtual std::optional<Timestamp> next_window(db::Session& session, Timestamp after) = 0;
    // What opened or closed after `after`, up to and including `until`.
    [[nodiscard]] virtual PriceWindows windows(db::Session& session, Timestamp after, Timestamp until) = 0;
};

// ---- writing --------------------------------------------------------------------------------------------------------
struct PriceListSpec {
    std::string code;  // unique, "eur-retail"
    std::string name;
    Currency currency;
    bool tax_included = true;
    bool export_net = false;
    bool enabled = true;
    std::int64_t priority = 0;           // the higher wins
    std::optional<std::string> channel;  // nullopt: every channel
    std::optional<std::string> customer_group;
    std::optional<companies::CompanyId> company;
    std::optional<Timestamp> valid_from, valid_until;
    bool operator==(const PriceListSpec&) const = default;
};

// One price: the list's base price without a window; a scheduled price with valid_from. A scheduled price below the base
// price is a reduction: the base is shown crossed out, and the buyer pays the lower of the two at every quantity.
struct PriceEntry {
    catalog::VariantId variant;
    std::vector<std::pair<std::int64_t, std::int64_t>> tiers;  // (min_quantity, minor units); the first is (1, ...)
    std::optional<Timestamp> valid_from, valid_until;
};

enum class Announce { changes, nothing /* the caller rebuilds the read model */ };

class PriceBook {
public:
    virtual ~PriceBook() = default;
    // Makes or changes the list with this code (its currency cannot change: throws std::invalid_argument). Emits price_list.changed
    // on stream price_list:<id> when a list that exists really changes; a new one has no prices yet. What it was until `at` is kept, for
    // the lowest price of the past is that of those who could buy by it then.
    virtual PriceListId save_list(db::Tx& tx, const PriceListSpec& spec, Timestamp at) = 0;
    [[nodiscard]] virtual std::optional<PriceListId> find_list(db::Session& session, std::string_view code) = 0;
    // What the list says of these variants: by variant, the base price first, then scheduled ones by their start.
    [[nodiscard]] virtual std::vector<PriceEntry> entries(db::Session& session, PriceListId list,
                                                          std::span<const catalog::VariantId> variants) = 0;
    // Sets many prices; entries with a window replace the scheduled price of the same start. Unchanged prices write nothing. A reduction
    // that applies and that a new base price reaches or passes below ends: it would hide the lower price of every day.
    // `since` is when the new price began to apply (now, or a past day for imports): history starts there. Emits
    // price.changed per changed variant, or price.many_changed for many; returns how many changed. Throws std::invalid_argument for bad
    // tiers or windows.
    virtual std::int64_t set_prices(db::Tx& tx, PriceListId list, std::span<const PriceEntry> entries, Timestamp since,
                                    Announce announce = Announce::changes) = 0;
    // Base prices and scheduled prices of these variants in this list; returns how many variants had one.
    virtual std::int64_t remove_prices(db::Tx& tx, PriceListId list, std::span<const catalog::VariantId> variants, Timestamp at,
                                       Announce announce = Announce::changes) = 0;
    // Scheduled prices that apply at `at` end then; base prices and those that begin later stay. Returns how many variants had one.
    virtual std::int64_t end_scheduled(db::Tx& tx, PriceListId list, std::span<const catalog::VariantId> variants, Timestamp at,
                                       Announce announce = Announce::changes) = 0;
    // Emits price.changed or price.many_changed for scheduled windows, and price_list.changed with the reason "window" for lists' own
    // windows, that opened or closed since the last call; returns how many. For a schedule of about 30 s.
    virtual std::int64_t announce_due(db::Tx& tx, Timestamp at) = 0;
};

}  // namespace stoa::pricing
