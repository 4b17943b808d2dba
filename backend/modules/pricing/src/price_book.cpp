// Writing prices: in bulk, with history, announced by events.
#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "sql/pricing.hpp"
#include "stoa/events/events.hpp"
#include "stoa/pricing/make.hpp"
#include "store/price_rows.hpp"

namespace stoa::pricing {
namespace {

constexpr std::size_t kChunk = 5000;
constexpr std::size_t kMany = 200;
constexpr std::size_t kFew = 20, kTogether = 200;  // changed prices that have an event each; of one event otherwise

void check(const PriceEntry& entry) {
    const auto refuse = [&](std::string_view why) {
        throw std::invalid_argument(fmt::format("price of {}: {}", entry.variant.to_string(), why));
    };
    if (entry.tiers.empty()) refuse("no tiers");
    if (entry.tiers.size() > 50) refuse("more than 50 tiers");
    if (entry.tiers.front().first != 1) refuse("the first tier must start at quantity 1");
    for (std::size_t i = 0; i < entry.tiers.size(); ++i) {
        if (entry.tiers[i].second < 0) refuse("negative amount");
        if (i > 0 && entry.tiers[i].first <= entry.tiers[i - 1].first) refuse("tiers must ascend");
    }
    if (entry.valid_until && !entry.valid_from) refuse("a window needs a start");
    if (entry.valid_until && *entry.valid_until <= *entry.valid_from) refuse("the window ends before it starts");
}

// One by one, or of many together: an event each would cost more than their prices, for those who write it and for all who listen.
void announce_changes(db::Tx& tx, const std::vector<catalog::VariantId>& variants) {
    std::vector<events::NewEvent> batch;
    if (variants.size() <= kFew) {
        for (const auto& variant : variants)
            batch.push_back(
                {"price.changed", "price:" + variant.uuid().to_string(), fmt::format(R"({{"variant_id":"{}"}})", variant.to_string())});
    } else {
        for (std::size_t at = 0; at < variants.size(); at += kTogether) {
            std::string ids;
            for (auto i = at; i < std::min(at + kTogether, variants.size()); ++i)
                ids += (ids.empty() ? "\"" : ",\"") + variants[i].to_string() + "\"";
            batch.push_back({"price.many_changed", "prices:all", R"({"variant_ids":[)" + ids + "]}"});
        }
    }
    events::append(tx, batch);
}

void announce_list(db::Tx& tx, PriceListId list, std::string_view code, std::string_view reason) {
    const events::NewEvent event{"price_list.changed", "price_list:" + list.uuid().to_string(),
                                 fmt::format(R"({{"price_list_id":"{}","code":"{}","reason":"{}"}})", list.to_string(), code, reason)};
    events::append(tx, std::vector{event});
}

bool same_buyers(const PriceListSpec& a, const PriceListSpec& b) {
    return a.channel == b.channel && a.customer_group == b.customer_group && a.company == b.company;
}
bool open_at(const PriceListSpec& list, Timestamp at) {
    return list.enabled && (!list.valid_from || *list.valid_from <= at) && (!list.valid_until || *list.valid_until > at);
}
// What decides who pays by the list, and when.
bool same_terms(const PriceListSpec& a, const PriceListSpec& b) {
    return a.enabled == b.enabled && a.priority == b.priority && same_buyers(a, b) && a.valid_from == b.valid_from &&
           a.valid_until == b.valid_until;
}

class PriceBookService final : public PriceBook {
public:
    PriceListId save_list(db::Tx& tx, const PriceListSpec& spec, Timestamp at) override {
        // Of a new list: its prices say by themselves since when they apply.
        std::optional<Timestamp> terms_since, shown_since;
        const auto known = tx.query(sql::price_list_for_update, spec.code);
        if (!known.empty()) {
            const auto row = known.front();
            const auto id = row.get<PriceListId>("id");
            PriceListSpec stored;
            stored.code = spec.code;
            stored.name = row.get<std::string>("name");
            stored.currency = row.get<Currency>("currency");
            stored.tax_included = row.get<bool>("tax_included");
            stored.export_net = row.get<bool>("export_net");
            stored.enabled = row.get<bool>("enabled");
            stored.priority = row.get<std::int64_t>("priority");
            stored.channel = row.get<std::optional<std::string>>("channel");
            stored.customer_group = row.get<std::optional<std::string>>("customer_group");
            stored.company = row.get<std::optional<companies::CompanyId>>("company_id");
            stored.valid_from = row.get<std::optional<Timestamp>>("valid_from");
            stored.valid_until = row.get<std::optional<Timestamp>>("valid_until");
            if (stored == spec) return id;
            terms_since = row.get<std::optional<Timestamp>>("terms_since");
            shown_since = row.get<std::optional<Timestamp>>("shown_since");
            if (!same_terms(stored, spec)) {
                tx.exec(sql::keep_former_terms, id, at);
                terms_since = terms_since ? std::max(*terms_since, at) : at;
                if (!same_buyers(stored, spec) || !open_at(stored, at)) shown_since = at;
            }
            announce_list(tx, id, spec.code, "edited");
        }
        const auto rows = tx.query(sql::save_price_list, PriceListId::derived(spec.code), spec.code, spec.name, spec.currency,
                                   spec.tax_included, spec.export_net, spec.enabled, spec.priority, spec.channel, spec.customer_group,
                                   spec.company, spec.valid_from, spec.valid_until, terms_since, shown_since);
        if (rows.empty()) throw std::invalid_argument(fmt::format("price list {}: its currency cannot change", spec.code));
        return rows.front().get<PriceListId>("id");
    }

    std::int64_t set_prices(db::Tx& tx, PriceListId list, std::span<const PriceEntry> entries, Timestamp since,
                            Announce announce) override {
        for (const auto& entry : entries) check(entry);
        // A kept plan expects a handful of rows and compares each of thousands with the whole history.
        if (entries.size() > kMany) (void)tx.run_text("set local plan_cache_mode = 'force_custom_plan'");
        std::vector<catalog::VariantId> changed;
        write(tx, list, entries, since, false, changed);
        write(tx, list, entries, since, true, changed);
        std::ranges::sort(changed);
        changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
        if (announce == Announce::changes) announce_changes(tx, changed);
        return static_cast<std::int64_t>(changed.size());
    }

    std::int64_t remove_prices(db::Tx& tx, PriceListId list, std::span<const catalog::VariantId> variants, Timestamp at,
                               Announce announce) override {
        const auto changed = ids(tx.query(sql::remove_prices, list, std::vector(variants.begin(), variants.end()), at));
        if (announce == Announce::changes) announce_changes(tx, changed);
        return static_cast<std::int64_t>(changed.size());
    }

    std::optional<PriceListId> find_list(db::Session& session, std::string_view code) override {
        const auto rows = session.query(sql::price_list_by_code, code);
        return rows.empty() ? std::nullopt : std::optional(rows.front().get<PriceListId>("id"));
    }

    std::vector<PriceEntry> entries(db::Session& session, PriceListId list, std::span<const catalog::VariantId> variants) override {
        std::vector<PriceEntry> out;
        for (const auto row : session.query(sql::prices_in_list, list, std::vector(variants.begin(), variants.end()))) {
            PriceEntry entry;
            entry.variant = row.get<catalog::VariantId>("variant_id");
            for (const auto& tier : store::tiers_from(row.get<std::string_view>("tier_quantities"),
                                                      row.get<std::string_view>("tier_amounts"), row.get<Currency>("currency")))
                entry.tiers.emplace_back(tier.min_quantity, tier.unit.minor());
            entry.valid_from = row.get<std::optional<Timestamp>>("valid_from");
            entry.valid_until = row.get<std::optional<Timestamp>>("valid_until");
            out.push_back(std::move(entry));
        }
        return out;
    }

    std::int64_t end_scheduled(db::Tx& tx, PriceListId list, std::span<const catalog::VariantId> variants, Timestamp at,
                               Announce announce) override {
        const auto changed = ids(tx.query(sql::end_scheduled, list, std::vector(variants.begin(), variants.end()), at));
        if (announce == Announce::changes) announce_changes(tx, changed);
        return static_cast<std::int64_t>(changed.size());
    }

    std::int64_t announce_due(db::Tx& tx, Timestamp at) override {
        const auto until = tx.query(sql::announced_until, at).front().get<Timestamp>("until");
        if (until >= at) return 0;
        const auto changed = ids(tx.query(sql::windows_between, until, at));
        announce_changes(tx, changed);
        const auto lists = tx.query(sql::lists_between, until, at);
        for (const auto row : lists) announce_list(tx, row.get<PriceListId>("id"), row.get<std::string>("code"), "window");
        tx.exec(sql::set_announced, at);
        return static_cast<std::int64_t>(changed.size()) + lists.size();
    }

private:
    static std::vector<catalog::VariantId> ids(const db::Rows& rows) {
        std::vector<catalog::VariantId> out;
        out.reserve(static_cast<std::size_t>(rows.size()));
        for (const auto row : rows) out.push_back(row.get<catalog::VariantId>("variant_id"));
        return out;
    }

    static void write(db::Tx& tx, PriceListId list, std::span<const PriceEntry> entries, Timestamp since, bool scheduled,
                      std::vector<catalog::VariantId>& changed) {
        std::size_t next = 0;
        while (next < entries.size()) {
            std::vector<PriceId> price_ids;
            std::vector<catalog::VariantId> variants;
            std::vector<std::string> quantities, amounts;
            std::vector<std::optional<Timestamp>> from, until;
            for (; next < entries.size() && variants.size() < kChunk; ++next) {
                const auto& entry = entries[next];
                if (entry.valid_from.has_value() != scheduled) continue;
                price_ids.push_back(PriceId::make());
                variants.push_back(entry.variant);
                quantities.push_back(store::bigint_array(entry.tiers, false));
                amounts.push_back(store::bigint_array(entry.tiers, true));
                from.push_back(entry.valid_from);
                until.push_back(entry.valid_until);
            }
            if (variants.empty()) return;
            if (!scheduled) tx.exec(sql::end_overtaken, list, variants, amounts, since);
            const auto found =
                ids(scheduled ? tx.query(sql::set_scheduled_prices, list, price_ids, variants, quantities, amounts, from, until, since)
                              : tx.query(sql::set_base_prices, list, price_ids, variants, quantities, amounts, since));
            changed.insert(changed.end(), found.begin(), found.end());
        }
    }
};

}  // namespace

std::unique_ptr<PriceBook> make_price_book() { return std::make_unique<PriceBookService>(); }

}  // namespace stoa::pricing
